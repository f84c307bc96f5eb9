package brctl

import (
	"encoding/binary"
	"testing"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl"
	"rawns/nl/rtnl"
)

func TestAddable(t *testing.T) {
	for _, c := range []struct {
		d    device
		want error
	}{
		{device{flags: unix.IFF_LOOPBACK}, nil}, // without a master the kernel judges
		{device{master: 1, ethernet: true}, unix.EBUSY},
		{device{master: 1, ethernet: true, isBridge: true}, unix.ELOOP},
		{device{master: 1, isBridge: true}, unix.EINVAL},
		{device{master: 1, ethernet: true, flags: unix.IFF_LOOPBACK}, unix.EINVAL},
	} {
		if got := addable(&c.d); got != c.want {
			t.Errorf("%+v: %v, want %v", c.d, got, c.want)
		}
	}
}

func TestDesignatedCost(t *testing.T) {
	self, other := id{1}, id{2}
	for _, c := range []struct {
		what string
		p    port
		b    bridgeInfo
		want uint32
	}{
		{"small", port{bridge: self, designatedCost: 4}, bridgeInfo{id: self, rootCost: 4}, 4},
		{"designated", port{bridge: self, designatedCost: 0x1170}, bridgeInfo{id: self, rootCost: 0x11170}, 0x11170},
		{"root port", port{number: 3, bridge: other, cost: 100, designatedCost: 0x1170}, bridgeInfo{id: self, rootPort: 3, rootCost: 0x11170 + 100}, 0x11170},
		{"blocked", port{number: 4, bridge: other, designatedCost: 0x1170}, bridgeInfo{id: self, rootPort: 3, rootCost: 0x11170}, 0x1170},
		{"changing", port{bridge: self, designatedCost: 7}, bridgeInfo{id: self, rootCost: 0x10008}, 7},
	} {
		if got := designatedCost(&c.p, &c.b); got != c.want {
			t.Errorf("%s: %#x, want %#x", c.what, got, c.want)
		}
	}
}

// entry is a forwarding entry as the kernel tells it.
func entry(state uint16, master uint32, addr []byte, age uint32) nl.Message {
	var b nl.Builder
	b.Message(unix.RTM_NEWNEIGH, 0)
	p := b.Extend(12)
	p[0] = unix.AF_BRIDGE
	binary.NativeEndian.PutUint32(p[4:], 9)
	binary.NativeEndian.PutUint16(p[8:], state)
	b.MAC(rtnl.NDA_LLADDR, addr)
	if master != 0 {
		b.U32(rtnl.NDA_MASTER, master)
	}
	var ci [16]byte
	binary.NativeEndian.PutUint32(ci[4:], 1111) // used
	binary.NativeEndian.PutUint32(ci[8:], age)
	b.Blob(rtnl.NDA_CACHEINFO, ci[:])
	m, _ := b.Bytes()
	return nl.Message(m)
}

func TestParseMAC(t *testing.T) {
	addr := []byte{0, 0, 0x5e, 0, 0x53, 1}
	for _, c := range []struct {
		what string
		m    nl.Message
		ok   bool
		want mac
	}{
		{"learnt", entry(unix.NUD_REACHABLE, 5, addr, 1234), true, mac{addr: [6]byte(addr), age: 1234}},
		{"static", entry(unix.NUD_NOARP, 5, addr, 1234), true, mac{addr: [6]byte(addr)}},
		{"local", entry(unix.NUD_PERMANENT, 5, addr, 1234), true, mac{addr: [6]byte(addr), local: true}},
		{"expired", entry(unix.NUD_STALE, 5, addr, 1234), false, mac{}},
		{"another bridge's", entry(unix.NUD_REACHABLE, 6, addr, 1234), false, mac{}},
		{"the device's own", entry(unix.NUD_PERMANENT, 0, addr, 0), false, mac{}},
		{"short", entry(unix.NUD_REACHABLE, 5, addr[:5], 1234), false, mac{}},
	} {
		n, err := rtnl.ParseNeigh(c.m)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := parseMAC(n, 5); ok != c.ok || ok && got != c.want {
			t.Errorf("%s: %+v, %v", c.what, got, ok)
		}
	}
}

// Whatever a link's attributes hold, it is read, and printed without control
// characters but tabs and new lines.
func FuzzDevice(f *testing.F) {
	var b nl.Builder
	rtnl.NewLink(&b, 0, rtnl.IfInfomsg{Index: 3})
	b.Str(rtnl.IFLA_IFNAME, "br\x1b0")
	info := b.Nest(rtnl.IFLA_LINKINFO)
	b.StrN(rtnl.IFLA_INFO_KIND, "bridge")
	data := b.Nest(rtnl.IFLA_INFO_DATA)
	b.Blob(rtnl.IFLA_BR_BRIDGE_ID, []byte{0x80, 0, 1, 2, 3, 4, 5, 6})
	b.U32(rtnl.IFLA_BR_MAX_AGE, 2000)
	b.End(data)
	b.StrN(rtnl.IFLA_INFO_SLAVE_KIND, "bridge")
	b.End(info)
	data = b.NestF(rtnl.IFLA_PROTINFO)
	b.U8(rtnl.IFLA_BRPORT_STATE, 200)
	b.U16(rtnl.IFLA_BRPORT_NO, 7)
	b.End(data)
	p, err := b.Bytes()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(p[nl.HeaderLen+16:])
	f.Fuzz(func(t *testing.T, attrs []byte) {
		l := rtnl.Link{Attrs: nl.Attrs(attrs)}
		d := parseDevice(l)
		p, _ := parsePort(l)
		var o cli.Out
		printBridge(&o, d.name, &d.bridge)
		printPort(&o, &p, &d.bridge)
		for _, c := range o.B {
			if c < ' ' && c != '\t' && c != '\n' || c == 0x7f {
				t.Fatalf("%q", o.B)
			}
		}
	})
}
