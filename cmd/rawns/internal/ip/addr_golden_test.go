//go:build !tiny

package ip

import (
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/difftest"
	"rawns/nl"
	"rawns/nl/rtnl"
	"rawns/ns/nstest"
)

// Lines whose requests testdata/addr.golden and testdata/route.golden hold, as
// the stock tool sends them in the scene.
var (
	addrGolden = []string{
		"ip addr add 10.1.1.2/16 dev v0",
		"ip addr add 10.1/16 brd + dev v0 label v0:1",
		"ip addr add 10.1.1.2/16 brd - dev v0",
		"ip addr add 10.1.1.2/16 broadcast 10.1.255.254 scope link dev v0",
		"ip addr add 127.0.0.2/8 dev v0",
		"ip addr add 10.9.9.1 peer 10.9.9.2/24 brd + dev v0 valid_lft 100 preferred_lft 50 metric 7",
		"ip addr add dev v0 metric 7 anycast 10.1.1.9 local 10.1.1.2/24",
		"ip addr add fd00::1/64 dev v0",
		"ip addr add fd00::1/64 dev v0 nodad home",
		"ip addr add fd00::1/64 dev v0 nodad noprefixroute mngtmpaddr",
		"ip addr add 239.1.1.1/24 dev v0 autojoin",
		"ip addr change 10.1.1.2/24 dev v0 preferred_lft 0",
		"ip addr replace fd00::1/64 dev v1 preferred_lft 20 valid_lft forever",
		"ip addr del 10.1.1.2/24 dev v0",
		"ip addr del fd00::1/64 dev v0",
		"ip addr del 10.1.1.2/24 brd + label v0:1 dev v0",
		"ip -4 addr add default dev v0",
		"ip addr show",
		"ip addr show dev v0",
		"ip -4 addr show",
		"ip -6 addr show dev v0",
		"ip -s addr show",
		"ip addr show master br0",
		"ip addr show nomaster type veth up",
	}
	routeGolden = []string{
		"ip route add default via 10.0.0.2",
		"ip route add default via 10.0.0.2 dev v0 onlink",
		"ip -4 route add default dev v0 metric 5",
		"ip -6 route add default via fd00::2 dev v0",
		"ip route add 10.1/16 dev v0 proto static src 10.0.0.1 scope link",
		"ip route add fd01::/64 via fd00::2 metric 5 pref high expires 100",
		"ip route add 10.1.0.0/16 mtu lock 1400 advmss 1300 rtt 100ms rttvar 20 rto_min 200 hoplimit 5 features ecn congctl reno table 1000 dev v0",
		"ip route add 10.1.0.0/16 dev v0 table 100 tos 0x10 realms 3/5",
		"ip route add 10.1.0.0/16 via inet6 fd00::2 dev v0",
		"ip route add 10.1.0.0/16 nexthop via 10.0.0.2 dev v0 weight 3 nexthop via 10.0.0.3 dev v1 onlink nexthop dev br0 realms 4",
		"ip route add fd01::/64 mtu 1400 nexthop via fd00::2 nexthop via fd00::3 dev v1",
		"ip route add fd05::/64 from fd00::/64 via fd00::2",
		"ip route add 10.1.0.0/16 nhid 5",
		"ip route add blackhole 10.1.0.0/16",
		"ip route add unreachable fd01::/64",
		"ip route add local 10.1.0.1 dev v0",
		"ip route add broadcast 10.1.255.255 dev v0",
		"ip route add multicast 224.0.0.0/4 dev v0",
		"ip route append 10.1.0.0/16 via 10.0.0.2",
		"ip route prepend 10.1.0.0/16 via 10.0.0.2",
		"ip route replace 10.1.0.0/16 via 10.0.0.2",
		"ip route change 10.1.0.0/16 via 10.0.0.2",
		"ip route test 10.1.0.0/16 via 10.0.0.2",
		"ip route del default",
		"ip route del 10.1.0.0/16 via 10.0.0.2 dev v0 proto static",
		"ip route del local 10.1.0.1",
		"ip route show",
		"ip -6 route show",
		"ip route show table all",
		"ip route show table 1000 dev v0 proto static",
		"ip -6 route show cache",
		"ip route get 10.9.9.7",
		"ip route get 10.9.9.7 from 10.9.9.1 mark 3 oif v0 tos 0x10",
		"ip route get fd00::7 fibmatch iif v0",
		"ip route get 10.9.9.7 uid 5 ipproto tcp sport 5 dport 80",
	}
)

// goldenFiles are the files of testdata whose requests requestsOf makes.
var goldenFiles = []struct {
	file  string
	lines []string
}{{"addr.golden", addrGolden}, {"route.golden", routeGolden}, {"rule.golden", ruleGolden}, {"nexthop.golden", nexthopGolden}, {"encap.golden", encapGolden}}

// requestsOf parses a line and returns its requests as they would be sent in
// the scene: those of its last step, as a warning may come first.
func requestsOf(t testing.TB, line string) nl.Message {
	t.Helper()
	p, g, err := parse(difftest.Words(line))
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	var b nl.Builder
	switch s := p.steps[len(p.steps)-1].(type) {
	case *addrShow:
		s.f.index, s.f.masterIndex = int32(sceneIndexes[s.f.dev]), int32(sceneIndexes[s.f.master])
		s.f.linkRequest(&b, g)
		rtnl.GetAddr(&b, s.f.family, s.f.index)
	case *routeShow:
		s.f.oifIndex = int32(sceneIndexes[s.f.oif])
		s.f.request(&b)
	case *nexthopShow:
		s.index, s.masterIndex = int32(sceneIndexes[s.dev]), int32(sceneIndexes[s.master])
		s.request(&b)
	case *ruleShow:
		s.request(&b)
	case interface{ req() *request }:
		q := s.req()
		for _, f := range q.fix {
			index, ok := sceneIndexes[f.name]
			if !ok || f.kind != fixDev {
				t.Fatalf("%s: no device %q in the scene", line, f.name)
			}
			q.b.PutU32(f.at, index)
		}
		b = q.b
	default:
		t.Fatalf("%s: a %T", line, s)
	}
	m, err := b.Bytes()
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	return m
}

// askStatistics makes a request for a list of links ask for their counters, as
// the stock tool's does: ours asks for them only when they are shown.
func askStatistics(m nl.Message) {
	l, err := rtnl.ParseLink(m[:min(len(m), int(binary.NativeEndian.Uint32(m)))])
	if err != nil || l.Index != 0 {
		return
	}
	for a := range l.Attrs.All() {
		if a.Type() == uint16(rtnl.IFLA_EXT_MASK) {
			a.Bytes()[0] &^= rtnl.ExtSkipStats
		}
	}
}

func TestGoldenRequests(t *testing.T) {
	skipOnBigEndian(t)
	for _, f := range goldenFiles {
		for _, g := range readGolden(t, f.file) {
			got := requestsOf(t, g.line)
			askStatistics(got)
			if string(got) != string(g.msg) {
				t.Errorf("%s\ngot  %x\nwant %x", g.line, got, g.msg)
			}
		}
	}
}

// The tables know every attribute that the stock tool sends.
func TestGoldenAttributesAreNamed(t *testing.T) {
	skipOnBigEndian(t)
	for _, f := range goldenFiles {
		for _, g := range readGolden(t, f.file) {
			for m := range nl.Messages(g.msg) {
				mt := rtnl.TypeOf(m.Type())
				as := m.Attrs(mt.Header.Size)
				if err := as.Check(); err != nil {
					t.Errorf("%s: %v", g.line, err)
				}
				for a := range as.All() {
					if mt.Attrs.Field(a.Type()) == nil {
						t.Errorf("%s: %s: nothing known of attribute %d", g.line, mt.Name, a.Type())
					}
				}
			}
		}
	}
}

// TestGoldenFilesFromStock captures the requests anew and compares them
// with those in testdata; with -update it replaces them.
func TestGoldenFilesFromStock(t *testing.T) {
	skipOnBigEndian(t)
	nstest.Need(t, "ip", "strace")
	for _, f := range goldenFiles {
		file := f.file
		var gs []golden
		for _, line := range f.lines {
			gs = append(gs, golden{line, captureRequests(t, line)})
		}
		if *update {
			writeGolden(t, file, gs)
		}
		have := readGolden(t, file)
		if !slices.EqualFunc(gs, have, func(a, b golden) bool { return a.line == b.line && string(a.msg) == string(b.msg) }) {
			t.Errorf("%s is not what the stock tool sends: run with -update and look at the difference", file)
		}
	}
}

// captureRequests returns what the stock tool sends for a line, look-ups of
// names and numbers of links aside. Flags that belong to dumps, and sequence
// numbers, are cleared.
func captureRequests(t *testing.T, line string) (all nl.Message) {
	t.Helper()
	script := "mount -t tmpfs run /run\n" + scene + "\nexec strace -qq -e trace=sendmsg,sendto -e write=all -e signal=none " + line
	r := nstest.Exec(t, nstest.New(t), "sh", "-c", script)
	for call := range strings.SplitSeq(strings.ReplaceAll(r.Stderr, "sendto(", "sendmsg("), "sendmsg(") {
		var p []byte
		for row := range strings.Lines(call) {
			if dump, ok := strings.CutPrefix(row, " | "); ok && len(dump) > 56 {
				b, err := hex.DecodeString(strings.ReplaceAll(dump[6:56], " ", ""))
				if err != nil {
					t.Fatalf("%s: %q: %v", line, row, err)
				}
				p = append(p, b...)
			}
		}
		for m := range nl.Messages(p) {
			if !isLookUp(m, line) {
				flags := m.Flags()
				if flags&unix.NLM_F_DUMP == unix.NLM_F_DUMP {
					flags &^= unix.NLM_F_DUMP
				}
				binary.NativeEndian.PutUint16(m[6:], flags)
				binary.NativeEndian.PutUint32(m[8:], 0)
				if mt := rtnl.TypeOf(m.Type()); mt != nil && !isXfrm(line) {
					zeroPadding(m[nl.HeaderLen+mt.Header.Size:])
				}
				all = append(all, m...)
			}
			break // behind it stands what the tool's buffer held
		}
	}
	if len(all) == 0 {
		t.Fatalf("%s: sent nothing: %s", line, r.Stderr)
	}
	return all
}

// zeroPadding clears what stands between attributes: the stock tool builds
// encaps in memory that held something else.
func zeroPadding(as []byte) {
	for len(as) >= nl.AttrHeaderLen {
		n, typ := int(binary.NativeEndian.Uint16(as)), binary.NativeEndian.Uint16(as[2:])
		if n < nl.AttrHeaderLen || n > len(as) {
			return
		}
		end := min((n+3)&^3, len(as))
		clear(as[n:end])
		switch p := as[nl.AttrHeaderLen:n]; {
		case typ&0x8000 != 0:
			zeroPadding(p)
		case typ == uint16(rtnl.RTA_MULTIPATH):
			for len(p) >= rtnhLen {
				n := min(int(binary.NativeEndian.Uint16(p)), len(p))
				zeroPadding(p[rtnhLen:n])
				p = p[n:]
			}
		}
		as = as[end:]
	}
}

// isLookUp tells a question about a link from the request for the links to
// list: that one is a dump, or asks by number for the device of the line.
func isLookUp(m nl.Message, line string) bool {
	if isXfrm(line) { // XFRM_MSG_GETSA has the same number
		return m.Type() == unix.RTM_GETLINK && strings.Contains(string(m), "v0\x00")
	}
	if m.Type() == unix.RTM_GETLINK && !strings.Contains(line, " addr ") {
		l, err := rtnl.ParseLink(m) // what the others ask of links is for their names, but for "ip token"
		return err != nil || l.Family != unix.AF_INET6
	}
	if m.Type() != unix.RTM_GETLINK || m.Flags()&unix.NLM_F_DUMP == unix.NLM_F_DUMP {
		return false
	}
	l, err := rtnl.ParseLink(m)
	return err != nil || l.Name() != "" || !strings.Contains(line, "addr show dev") || l.Index != int32(sceneIndexes["v0"])
}
