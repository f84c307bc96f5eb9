package main

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"rawns/nl"
)

func BenchmarkCodec(b *testing.B) {
	for _, w := range works() {
		for _, p := range peers {
			if f := w.by(p); f != nil {
				b.Run(strings.ReplaceAll(w.name, " ", "_")+"/"+p.name, f)
			}
		}
	}
}

// TestSameRequests holds what all peers encode against what rawns does: the same type, the same flags,
// the same fixed header, the same attributes. The order of attributes, NLA_F_NESTED, and the NUL behind
// a kind, which the kernel takes with and without, may differ.
func TestSameRequests(t *testing.T) {
	for _, r := range requests {
		want := tree(t, rawns.encode[r]())
		for _, p := range peers[1:] {
			if got := tree(t, p.encode[r]()); got != want {
				t.Errorf("%s: %s encodes\n%s\nand not\n%s", r, p.name, got, want)
			}
		}
	}
}

// tree writes a request as text, a sorted line for each attribute.
func tree(t *testing.T, p []byte) string {
	if err := nl.Check(p); err != nil {
		t.Fatalf("%v in %x", err, p)
	}
	m := nl.Message(p)
	header := map[uint16]int{unix.RTM_NEWLINK: unix.SizeofIfInfomsg, unix.RTM_NEWADDR: unix.SizeofIfAddrmsg, unix.RTM_NEWROUTE: unix.SizeofRtMsg}[m.Type()]
	lines := branch(fmt.Sprint(m.Type()), m.Attrs(header))
	slices.Sort(lines)
	return fmt.Sprintf("type %d flags %#x header %x\n%s", m.Type(), m.Flags(), m.Payload()[:header], strings.Join(lines, "\n"))
}

func branch(path string, as nl.Attrs) (lines []string) {
	for a := range as.All() {
		p := fmt.Sprintf("%s/%d", path, a.Type())
		v := a.Bytes()
		switch p {
		case "16/18", "16/18/2": // IFLA_LINKINFO, IFLA_INFO_DATA
			lines = append(lines, branch(p, a.Attrs())...)
			continue
		case "16/18/2/1": // VETH_INFO_PEER: an ifinfomsg, and attributes
			lines = append(lines, fmt.Sprintf("%s %x", p, v[:unix.SizeofIfInfomsg]))
			lines = append(lines, branch(p, nl.Attrs(v[unix.SizeofIfInfomsg:]))...)
			continue
		case "16/18/1": // IFLA_INFO_KIND
			v = bytes.TrimSuffix(v, []byte{0})
		case "20/0", "20/8": // jsimonetti/rtnetlink always sends IFA_UNSPEC and IFA_FLAGS, which say nothing
			if len(bytes.Trim(v, "\x00")) == 0 {
				continue
			}
		}
		lines = append(lines, fmt.Sprintf("%s %x", p, v))
	}
	return lines
}

// TestSameFields holds what all peers read against what rawns does, and that against what ip said
// when the messages were recorded.
func TestSameFields(t *testing.T) {
	wantLink := link{index: 3, master: 4, flags: unix.IFF_BROADCAST | unix.IFF_MULTICAST | unix.IFF_UP | unix.IFF_LOWER_UP | unix.IFF_RUNNING,
		name: textOf("v0"), alias: textOf("to the attic"), kind: textOf("veth"), mtu: 1400, txqlen: 500, group: 7, operstate: 6,
		addr: [6]byte{0x0e, 0xf8, 0x4b, 0x53, 0x72, 0xfc}, altnames: 2}
	wantRoute := route{family: unix.AF_INET, dstLen: 16, dst: [4]byte(dst), gateway: [4]byte(gateway), source: [4]byte(local), oif: 4, table: unix.RT_TABLE_MAIN, priority: 100,
		protocol: unix.RTPROT_BOOT, scope: unix.RT_SCOPE_UNIVERSE, mtu: 1300, advmss: 1200}
	for _, p := range peers {
		l, err := p.link(message(linkHex))
		if p.name == "rawns" {
			if l.txPackets == 0 || l.rxBts == 0 || l.txBts == 0 {
				t.Errorf("no counters in %+v", l)
			}
			wantLink.rxPackets, wantLink.rxBts, wantLink.txPackets, wantLink.txBts, wantLink.multicast = l.rxPackets, l.rxBts, l.txPackets, l.txBts, l.multicast
		}
		if err != nil || l != wantLink {
			t.Errorf("%s: %v\n%+v\n%+v", p.name, err, l, wantLink)
		}
		r, err := p.route(message(routeHex))
		if err != nil || r != wantRoute {
			t.Errorf("%s: %v\n%+v\n%+v", p.name, err, r, wantRoute)
		}
	}
}

func TestNothingAllocated(t *testing.T) {
	linkBytes, routeBytes := message(linkHex), message(routeHex)
	n := testing.AllocsPerRun(100, func() {
		for _, encode := range rawns.encode {
			encode()
		}
		rawns.link(linkBytes)
		rawns.route(routeBytes)
	})
	if n != 0 {
		t.Errorf("rawns allocates %v times", n)
	}
}
