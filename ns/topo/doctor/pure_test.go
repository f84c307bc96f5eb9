package doctor

import (
	"bytes"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
	"rawns/ns"
	"rawns/ns/topo"
)

// fake is a Probe without a kernel: routes are the links' own networks, and what
// stands in its members.
type fake struct {
	vlans  map[string][]VLAN // by NS:LINK
	sysctl map[string]string // by NS:PATH
	tables map[string][]*Table
	echo   Echo
}

func (p *fake) Route(sp *topo.SpaceState, q Query) (Answer, error) {
	for _, l := range sp.Links {
		for i := range l.Addrs {
			if bytes.Equal(l.Addrs[i].IP, q.Dst) {
				return Answer{Type: unix.RTN_LOCAL, Dev: sp.Links[0].Index, Src: q.Dst}, nil
			}
		}
	}
	for _, l := range sp.Links {
		for i := range l.Addrs {
			if l.Addrs[i].Contains(q.Dst) {
				return Answer{Type: unix.RTN_UNICAST, Dev: l.Index, Src: l.Addrs[i].IP}, nil
			}
		}
	}
	return Answer{}, unix.ENETUNREACH
}

func (p *fake) Rules(*topo.SpaceState, uint8) []Rule {
	return []Rule{{Pref: 0, Action: rtnl.FR_ACT_TO_TBL, Table: 255, Suppress: -1}, {Pref: 32766, Action: rtnl.FR_ACT_TO_TBL, Table: 254, Suppress: -1}}
}

func (p *fake) Sysctl(sp *topo.SpaceState, path string) (string, bool) {
	v, ok := p.sysctl[sp.Name+":"+path]
	return v, ok
}
func (p *fake) VLANs(l *topo.LinkState) []VLAN                                   { return p.vlans[l.Space.Name+":"+l.Name] }
func (p *fake) Qdiscs(*topo.LinkState) []string                                  { return nil }
func (p *fake) Tables(sp *topo.SpaceState) []*Table                              { return p.tables[sp.Name] }
func (p *fake) Echo(*topo.SpaceState, []byte, []byte, *topo.LinkState, int) Echo { return p.echo }
func (p *fake) Trace(*topo.SpaceState, []byte, []byte, *topo.LinkState, []*topo.LinkState) []Seen {
	return nil
}

// builder puts States together.
type builder struct {
	st   *topo.State
	last int32
}

func (b *builder) space(name string) *topo.SpaceState {
	sp := &topo.SpaceState{Name: name, Path: "/run/netns/" + name}
	b.st.Spaces = append(b.st.Spaces, sp)
	b.link(sp, "lo", "").Flags |= unix.IFF_LOOPBACK
	return sp
}

func (b *builder) link(sp *topo.SpaceState, name, kind string, attrs ...func(*nl.Builder)) *topo.LinkState {
	b.last++
	l := &topo.LinkState{Space: sp, Index: b.last, Name: name, Kind: kind, Flags: unix.IFF_UP, Carrier: true, MTU: 1500,
		MAC: []byte{2, 0, 0, 0, byte(b.last >> 8), byte(b.last)}, LinkNSID: ns.NoID}
	var m nl.Builder
	rtnl.NewLink(&m, 0, rtnl.IfInfomsg{})
	info := m.Nest(rtnl.IFLA_LINKINFO)
	m.StrN(rtnl.IFLA_INFO_KIND, kind)
	for _, a := range attrs {
		a(&m)
	}
	m.End(info)
	p, err := m.Bytes()
	if err != nil {
		panic(err)
	}
	got, err := rtnl.ParseLink(nl.Message(p))
	if err != nil {
		panic(err)
	}
	l.Attrs = got.Attrs
	sp.Links = append(sp.Links, l)
	return l
}

func filtering(m *nl.Builder) {
	d := m.Nest(rtnl.IFLA_INFO_DATA)
	m.U8(rtnl.IFLA_BR_VLAN_FILTERING, 1)
	m.End(d)
}

func forwardingPort(m *nl.Builder) {
	m.StrN(rtnl.IFLA_INFO_SLAVE_KIND, "bridge")
	d := m.Nest(rtnl.IFLA_INFO_SLAVE_DATA)
	m.U8(rtnl.IFLA_BRPORT_STATE, stateForwarding)
	m.End(d)
}

func vlanID(id uint16) func(*nl.Builder) {
	return func(m *nl.Builder) {
		d := m.Nest(rtnl.IFLA_INFO_DATA)
		m.U16(rtnl.IFLA_VLAN_ID, id)
		m.End(d)
	}
}

// star is two namespaces on a bridge that filters VLANs.
func star() (b *builder, a, c *topo.SpaceState) {
	b = &builder{st: &topo.State{}}
	host := b.space("")
	br := b.link(host, "br0", "bridge", filtering)
	join := func(name, ip string) *topo.SpaceState {
		sp := b.space(name)
		port, end := b.link(host, "v"+name, "veth", forwardingPort), b.link(sp, "eth0", "veth")
		port.Master, port.Peer, end.Peer = br, end, port
		addr, _ := nl.ParseIP(ip)
		end.Addrs = []topo.AddrState{{Prefix: topo.Prefix{IP: addr, Bits: 24}}}
		return sp
	}
	return b, join("a", "10.0.0.1"), join("c", "10.0.0.2")
}

func in1() []VLAN { return []VLAN{{ID: 1, PVID: true, Untagged: true}} }

func diagnose(t *testing.T, b *builder, p *fake, from, to string) *Report {
	t.Helper()
	r, err := Diagnose(b.st, p, from, to)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestVLANFilter: what a bridge's filter does with frames of two ports, and the
// command that makes it let them through.
func TestVLANFilter(t *testing.T) {
	for _, c := range []struct {
		name   string
		va, vc []VLAN
		mend   string // "" where all is well
	}{
		{"one VLAN", in1(), in1(), ""},
		{"the other port is in another", in1(), []VLAN{{ID: 7, PVID: true, Untagged: true}}, "bridge vlan add dev vc vid 1 pvid untagged"},
		{"no PVID", []VLAN{{ID: 1, Untagged: true}}, in1(), "bridge vlan add dev va vid 1 pvid untagged"},
		{"in none", nil, in1(), "bridge vlan add dev va vid 1 pvid untagged"},
		{"leaves with its tag", in1(), []VLAN{{ID: 1, PVID: true}}, "bridge vlan add dev vc vid 1 pvid untagged"},
		{"no way back", in1(), []VLAN{{ID: 1, Untagged: true}}, "bridge vlan add dev vc vid 1 pvid untagged"},
		{"one VLAN of several", []VLAN{{ID: 5}, {ID: 7, PVID: true, Untagged: true}}, []VLAN{{ID: 7, PVID: true, Untagged: true}, {ID: 9}}, ""},
	} {
		b, _, _ := star()
		echo := EchoLost
		if c.mend == "" {
			echo = EchoAnswered
		}
		r := diagnose(t, b, &fake{vlans: map[string][]VLAN{":va": c.va, ":vc": c.vc}, echo: echo}, "a", "c")
		if c.mend == "" {
			if !r.Healthy() {
				t.Errorf("%s: %s", c.name, r.Fault.What)
			}
			continue
		}
		if r.Fault == nil || r.Fault.Kind != VLANFilter || r.Fault.Line(b.st) != c.mend {
			t.Errorf("%s: want %s; got %+v", c.name, c.mend, r.Fault)
		}
	}
}

// TestVLANLinks: VLAN links in both namespaces, over ports that carry their
// tag; then with another id at one end.
func TestVLANLinks(t *testing.T) {
	for _, c := range []struct {
		id   uint16
		kind Kind
	}{{7, ""}, {8, VLANFilter}} {
		b, a, d := star()
		for i, sp := range []*topo.SpaceState{a, d} {
			eth := sp.Link("eth0")
			eth.Addrs = nil
			id := uint16(7)
			if i == 1 {
				id = c.id
			}
			v := b.link(sp, "v7", "vlan", vlanID(id))
			v.Lower, v.MAC = eth, eth.MAC
			addr, _ := nl.ParseIP([]string{"10.7.0.1", "10.7.0.2"}[i])
			v.Addrs = []topo.AddrState{{Prefix: topo.Prefix{IP: addr, Bits: 24}}}
		}
		tagged := []VLAN{{ID: 1, PVID: true, Untagged: true}, {ID: 7}, {ID: 8}}
		p := &fake{vlans: map[string][]VLAN{":va": tagged, ":vc": tagged}, echo: EchoLost}
		if c.kind == "" {
			p.echo = EchoAnswered
		}
		r := diagnose(t, b, p, "a", "c")
		if c.kind != "" && !strings.Contains(r.Fault.Line(b.st), "link del dev v7 && ip -n c link add link eth0 name v7 type vlan id 7 &&") {
			t.Errorf("mends by %s", r.Fault.Line(b.st))
		}
		if c.kind == "" != r.Healthy() || !r.Healthy() && r.Fault.Kind != c.kind {
			t.Errorf("id %d: %+v", c.id, r.Fault)
		}
	}
}

// TestFilterTable: rules that cannot be judged are suspects only if the ping
// is lost.
func TestFilterTable(t *testing.T) {
	unsure := &FilterRule{Text: "rule 1", Del: []string{"nft", "x"}, Eval: func(*Headers) *Outcome { return &Outcome{Verdict: Drop, Unsure: true} }}
	table := &Table{Family: familyInet, Name: "f", Tool: "nft", Chains: []*Chain{{Name: "in", Base: true, Hook: hookIn, Rule: []*FilterRule{unsure}}}}
	for _, echo := range []Echo{EchoAnswered, EchoLost} {
		b, _, _ := star()
		r := diagnose(t, b, &fake{vlans: map[string][]VLAN{":va": in1(), ":vc": in1()}, echo: echo, tables: map[string][]*Table{"c": {table}}}, "a", "c")
		if r.Healthy() != (echo == EchoAnswered) || !r.Healthy() && r.Fault.Kind != Firewall {
			t.Errorf("echo %d: %+v", echo, r.Fault)
		}
	}
}

// TestPoints: what FROM and TO may be.
func TestPoints(t *testing.T) {
	b, _, _ := star()
	b.st.Spaces[0].Link("br0").Addrs = []topo.AddrState{{Prefix: topo.Prefix{IP: []byte{10, 0, 0, 9}, Bits: 24}}}
	six, _ := nl.ParseIP("fd00::1")
	eth := b.st.Space("c").Link("eth0")
	eth.Addrs = append(eth.Addrs, topo.AddrState{Prefix: topo.Prefix{IP: six, Bits: 64}})
	b.space("odd name")
	for _, c := range []struct{ from, to, want string }{
		{"a", "c", "a>c 10.0.0.2"}, {".", "a:", ".>a 10.0.0.1"}, {"a:eth0", ".", "a eth0 10.0.0.1>. 10.0.0.9"},
		{"br0", "10.0.0.2", ". br0 10.0.0.9>c 10.0.0.2"}, {"a:10.0.0.1", "c:eth0", "a 10.0.0.1>c 10.0.0.2"},
		{"a", "8.8.8.8", "a>? 8.8.8.8"}, {"a", "c:fd00::1", "a>c fd00::1"}, {"a", "fd00::1", "a>c fd00::1"},
		{"a", "[c:fd00::1]", "a>? c:fd00::1"}, {"a", "a:127.0.0.1", "a>a 127.0.0.1"},
		{"nowhere", "c", "error"}, {"a:eth9", "c", "error"}, {"a", "c:lo", "a>c no address"}, {"a", "odd name", "a>odd name no address"},
		{"a", "nowhere:10.0.0.1", "error"}, {"a:10.0.0.1", "c:fd00::1", "error"}, {"a", "c:127.0.0.1", "error"}, {"a", "c:eth0%x", "error"},
		{"a", "c:10.0.0.2%eth7", "error"}, {"", "", ".>. 10.0.0.9"}, {"/run/netns/a:eth0", "/run/netns/c", "a eth0 10.0.0.1>c 10.0.0.2"},
	} {
		r := &Report{}
		got := "error"
		if err := findEnds(b.st, r, c.from, c.to); err == nil {
			f := SpaceName(b.st, r.From.Space)
			if r.From.Link != nil {
				f += " " + r.From.Link.Name
			}
			if r.From.IP != nil {
				f += " " + ipString(r.From.IP)
			}
			got = f + ">" + SpaceName(b.st, r.To.Space) + " " + ipString(r.To.IP)
		} else if _, ok := err.(*PointError); !ok {
			t.Errorf("%s %s: %T", c.from, c.to, err)
		}
		if strings.ReplaceAll(c.want, "c:fd00::1", "c:fd00::1") != got {
			t.Errorf("%q %q: %s, want %s", c.from, c.to, got, c.want)
		}
	}
}

// TestOthers: a namespace that no link joins to the ends has no part in it,
// whatever addresses it has.
func TestOthers(t *testing.T) {
	b, _, _ := star()
	z := b.space("z")
	d := b.link(z, "d0", "dummy")
	for _, a := range [][]byte{{10, 0, 0, 1}, {10, 0, 0, 2}, {10, 0, 0, 3}} {
		d.Addrs = append(d.Addrs, topo.AddrState{Prefix: topo.Prefix{IP: a, Bits: 24}})
	}
	last := len(b.st.Spaces) - 1
	b.st.Spaces[1], b.st.Spaces[last] = b.st.Spaces[last], b.st.Spaces[1] // in front of the others
	p := &fake{vlans: map[string][]VLAN{":va": in1(), ":vc": in1()}, echo: EchoAnswered}
	for _, to := range []string{"c", "10.0.0.2"} {
		if r := diagnose(t, b, p, "a", to); !r.Healthy() || SpaceName(b.st, r.To.Space) != "c" {
			t.Errorf("%s: in %s, %+v", to, SpaceName(b.st, r.To.Space), r.Fault)
		}
	}
	p.echo = EchoLost
	if r := diagnose(t, b, p, "a", "c:10.0.0.3"); r.Healthy() || r.Fault.Kind != NoAddress || r.Fault.Line(b.st) != "ip -n c addr add 10.0.0.3/24 brd + dev eth0" {
		t.Errorf("%+v", r.Fault)
	}
}

// TestLine: commands are words that a shell takes apart again.
func TestLine(t *testing.T) {
	st := &topo.State{Spaces: []*topo.SpaceState{{Path: "/proc/self/ns/net"}, {Name: "my ns"}, {Path: "/proc/7/ns/net"}, {Name: "x\x1b"}}}
	for _, c := range []struct {
		c    *Command
		want string
	}{
		{linkSet(st.Spaces[0], "eth0", "up"), "ip link set eth0 up"},
		{linkSet(st.Spaces[0], "master", "up"), "ip link set dev master up"},
		{linkSet(st.Spaces[1], "it's0", "up"), `ip -n 'my ns' link set 'it'\''s0' up`},
		{linkSet(st.Spaces[2], "eth0", "netns %", Here), "nsenter --net=/proc/7/ns/net ip link set eth0 netns $$"},
		{linkSet(st.Spaces[3], "$$", "up"), `ip -n $'x\x1b' link set dev '$$' up`},
		{command(st.Spaces[1], "bridge fdb del %", ""), "bridge -n 'my ns' fdb del ''"},
		{setting(st.Spaces[0], "net/ipv4/conf/eth0.7/rp_filter", "0"), "sysctl -w net.ipv4.conf.eth0/7.rp_filter=0"},
		{setting(st.Spaces[1], "net/ipv4/ip_forward", "1"), "ip netns exec 'my ns' sysctl -w net.ipv4.ip_forward=1"},
	} {
		if got := c.c.Line(st); got != c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
}

// TestHostileTables: blobs of iptables with lengths that lie do no harm.
func TestHostileTables(t *testing.T) {
	for _, l := range []*layout{&layout4, &layout6} {
		blob := make([]byte, 3*l.entry)
		info := make([]byte, 84)
		for i := range info {
			info[i] = 0xff
		}
		for v := range 65536 {
			blob[l.target], blob[l.target+1] = byte(v), byte(v>>8)
			blob[l.next], blob[l.next+1] = byte(v), byte(v>>8)
			blob[l.entry], blob[l.entry+1] = byte(v), byte(v>>8)
			if v%3 == 0 {
				blob[l.target], blob[l.target+1] = byte(l.entry), 0
				copy(blob[l.entry+2:], "ERROR")
			}
			table := l.table("filter", info, blob)
			for _, c := range table.Chains {
				for _, r := range c.Rule {
					r.Eval(&Headers{IP: make([]byte, 48), L4: 20})
				}
			}
		}
	}
}
