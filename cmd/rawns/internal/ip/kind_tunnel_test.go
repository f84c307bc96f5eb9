//go:build !tiny

package ip

import (
	"encoding/binary"
	"os"
	"strings"
	"testing"

	"rawns/cmd/rawns/internal/difftest"
	"rawns/nl"
	"rawns/nl/rtnl"
	"rawns/ns/nstest"
)

// tunnelLines make tunnels. Their requests are the stock tool's whether or not
// the kernel knows the kinds.
var tunnelLines = []string{
	"ip link add t0 type gre",
	"ip link add t0 type gre remote 10.0.0.1 local 10.0.0.2 ttl 5",
	"ip link add t0 type gre remote any local any dev v0 key 5 seq csum",
	"ip link add t0 type gre rem 10.0.0.1 l 10.1 d v0 k 1.2.3.4 s c t 7 h 8 hl 9",
	"ip link add t0 type gre ikey 0x10 okey 020 iseq ocsum",
	"ip link add t0 type gre key 7 seq csum nokey noseq nocsum",
	"ip link add t0 type gre key 7 seq csum noikey nooseq noicsum",
	"ip link add t0 type gre key 7 seq csum nookey noiseq noocsum oseq icsum",
	"ip link add t0 type gre ttl inherit tos inherit nopmtudisc ignore-df fwmark 0x42",
	"ip link add t0 type gre tos 10 tclass 0x20 dsfield 1f noignore-df pmtudisc",
	"ip link add t0 type gre remote 224.0.0.1 local 10.0.0.2",
	"ip link add t0 type gre remote 224.0.0.1 local 10.0.0.2 ikey 5",
	"ip link add t0 type gre encap fou encap-sport auto encap-dport 5555 encap-csum encap-udp6-csum encap-remcsum",
	"ip link add t0 type gre encap gue encap-sport 7 encap-dport 0x10 encap-csum noencap-csum noencap-udp6-csum noencap-remcsum",
	"ip link add t0 type gre encap gue noencap", "ip link add t0 type gre encap none",
	"ip link add t0 type gre external",
	"ip link add t0 type gre remote 10.0.0.1 external",
	"ip link add t0 up mtu 1300 type gretap remote 10.0.0.1 local 10.0.0.2",
	"ip link replace t0 type gretap key 1",
	"ip link add t0 type erspan seq key 5 local 10.0.0.1 remote 10.0.0.2",
	"ip link add t0 type erspan erspan_ver 1 erspan 123", "ip link add t0 type erspan erspan_ver 0 erspan 123",
	"ip link add t0 type erspan erspan_ver 2 erspan_dir egress erspan_hwid 17", "ip link add t0 type erspan erspan_ver 2 erspan_dir i",
	"ip link add t0 type erspan external",

	"ip link add t0 type ip6gre",
	"ip link add t0 type ip6gre remote fd00::1 local fd00::2 dev v0 hoplimit 7 key 5",
	"ip link add t0 type ip6gre ttl inherit tclass 20 flowlabel 12345 dscp inherit fwmark 9 encaplimit 7 allow-localremote",
	"ip link add t0 type ip6gre tclass inherit fl inherit fwmark inherit encaplimit none noallow-localremote",
	"ip link add t0 type ip6gre tclass inherit tos 0x1f flowlabel inherit fl fffff fwmark inherit fwmark 0 encaplimit none encaplimit 0",
	"ip link add t0 type ip6gre remote any local ::", "ip link add t0 type ip6gre seq ocsum okey 1.1.1.1 nookey",
	"ip link add t0 type ip6gretap remote fd00::1 encap fou encap-dport 9 noencap-udp6-csum",
	"ip link add t0 type ip6gretap external", "ip link add t0 type ip6gretap erspan_ver 0",
	"ip link add t0 type ip6erspan remote fd00::1 erspan 5 seq", "ip link add t0 type ip6erspan erspan_ver 2 erspan_hwid 0x1f erspan_dir ingress",

	"ip link add t0 type ipip remote 10.0.0.1",
	"ip link add t0 type ipip remote 10.0.0.1 local 10.0.0.2 ttl 64 tos 0x10 dev v0 fwmark 7",
	"ip link add t0 type ipip mode any", "ip link add t0 type ipip mode mplsip tos inherit", "ip link add t0 type ipip mode ip4ip4 ttl inherit nopmtudisc",
	"ip link add t0 type ipip external", "ip link add t0 type ipip mode ipip external",
	"ip link add t0 type ipip encap gue encap-sport 5 encap-dport 6 encap-csum encap-remcsum",
	"ip link add t0 type sit remote 10.0.0.1", "ip link add t0 type sit isatap local 10.0.0.1 mode ip6ip", "ip link add t0 type sit mode ipv6/ipv4 tc 4",
	"ip link add t0 type sit 6rd-prefix 2003:8::/32 6rd-relay_prefix 10.0.0.0/8", "ip link add t0 type sit 6rd-prefix 2003::/16",
	"ip link add t0 type sit 6rd-relay_prefix any", "ip link add t0 type sit 6rd-prefix any", "ip link add t0 type sit 6rd-prefix default",
	"ip link add t0 type sit mode any/ipv4 encap fou encap-dport 5", "ip link add t0 type sit external",

	"ip link add t0 type ip6tnl remote fd00::1 local fd00::2 dev v0",
	"ip link add t0 type ip6tnl mode ip6ip6 hoplimit 3 encaplimit 9 tclass 11 flowlabel 22 dscp inherit fwmark 5 allow-localremote",
	"ip link add t0 type ip6tnl mode ipip6 ttl inherit encaplimit none tc inherit fl inherit fwmark inherit noallow-localremote",
	"ip link add t0 type ip6tnl mode any tos 7", "ip link add t0 type ip6tnl mode ip/ipv6 d v0 ds 5", "ip link add t0 type ip6tnl external",
	"ip link add t0 type ip6tnl encap fou encap-sport 2 encap-dport 3 encap-csum noencap-udp6-csum",

	"ip link add t0 type vti", "ip link add t0 type vti key 5 local 10.0.0.1 remote 10.0.0.2 dev v0", "ip link add t0 type vti ikey 1.2.3.4 o 7 fwmark 0x10", "ip link add t0 type vti remote any key 0",
	"ip link add t0 type vti6 key 5 local fd00::1 remote fd00::2 dev v0", "ip link add t0 type vti6 i 9 okey 1.2.3.4 fwmark 1", "ip link add t0 type vti6 remote any",
}

func TestGoldenTunnelRequests(t *testing.T) {
	skipOnBigEndian(t)
	for _, g := range readGolden(t, "tunnel.golden") {
		if got := requestOf(t, g.line); string(got) != string(g.msg) {
			t.Errorf("%s\ngot  %x\nwant %x", g.line, got, g.msg)
		}
		if err := nl.Check(g.msg); err != nil {
			t.Fatalf("%s: %v", g.line, err)
		}
		attrs := nl.Message(g.msg).Attrs(ifmSize)
		info := attrs.Nest(rtnl.IFLA_LINKINFO)
		data := info.Nest(rtnl.IFLA_INFO_DATA)
		kind, _ := info.StrN(rtnl.IFLA_INFO_KIND)
		table := rtnl.LinkInfoAttrs.Field(uint16(rtnl.IFLA_INFO_DATA)).Case(kind)
		for a := range data.All() {
			if f := table.Field(a.Type()); f == nil || f.Kind == nl.KindUnused {
				t.Errorf("%s: nothing known of attribute %d", g.line, a.Type())
			}
		}
	}
}

func TestGoldenTunnelsFromStock(t *testing.T) {
	skipOnBigEndian(t)
	nstest.Need(t, "ip", "strace")
	goldenFromStock(t, "tunnel.golden", tunnelLines, captureStock)
}

// goldenFromStock captures the requests for lines and compares them with those
// in a file of testdata, in their order, or, with -update, writes that.
func goldenFromStock(t *testing.T, file string, lines []string, capture func(*testing.T, string) nl.Message) {
	t.Helper()
	var gs []golden
	for _, line := range lines {
		m := capture(t, line)
		if m == nil {
			t.Errorf("%s: the stock tool sends nothing", line)
			continue
		}
		gs = append(gs, golden{line, m})
	}
	if *update {
		writeGolden(t, file, gs)
	}
	want := readGolden(t, file)
	if len(gs) != len(want) {
		t.Fatalf("captured %d requests, %s has %d: run with -update", len(gs), file, len(want))
	}
	for i, g := range gs {
		if w := want[i]; w.line != g.line || string(w.msg) != string(g.msg) {
			t.Errorf("%s\nstock   %x\n%s\ngolden  %x", g.line, g.msg, w.line, w.msg)
		}
	}
}

// changed returns the options that a line changes of a tunnel which another
// line made, as they are sent.
func changed(t *testing.T, made, change string) []byte {
	t.Helper()
	p, _, err := ipTool.parse(difftest.Words("ip link set v0 " + change))
	if err != nil {
		t.Fatalf("%s: %v", change, err)
	}
	if p.steps[0].(*request).late == nil {
		t.Fatalf("%s: does not ask for the tunnel", change)
	}
	a := &args{g: &globals{}, w: difftest.Words(change)[1:]}
	s := &linkState{request: &request{}}
	s.b.Message(0, 0)
	k := findKind(a.next())
	parseTunnel(a, s, k)
	if f := s.tunnel.put(s.request, optionsOf(requestOf(t, "ip link add t0 "+made))); f != nil {
		t.Fatalf("%s: %v", change, f)
	}
	m, err := s.b.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range s.fix {
		binary.NativeEndian.PutUint32(m[f.at:], sceneIndexes[f.name])
	}
	return m[nl.HeaderLen:]
}

func optionsOf(m nl.Message) nl.Attrs {
	return m.Attrs(ifmSize).Nest(rtnl.IFLA_LINKINFO).Nest(rtnl.IFLA_INFO_DATA)
}

// What the stock tool sends for a change when the kernel's answer is the tunnel
// that another line asks for.
func TestGoldenTunnelChanges(t *testing.T) {
	skipOnBigEndian(t)
	for _, g := range readGolden(t, "tunnel-set.golden") {
		line, made, _ := strings.Cut(g.line, " # made: ")
		if got := changed(t, made, strings.TrimPrefix(line, "ip link set t0 ")); string(got) != string(g.msg) {
			t.Errorf("%s\ngot  %x\nwant %x", g.line, got, []byte(g.msg))
		}
	}
}

// A change keeps what it does not speak of: what it sends for a tunnel as
// another line makes it is what a line with the options of both would send.
func TestTunnelChangeKeepsTheRest(t *testing.T) {
	skipOnBigEndian(t)
	for _, c := range []struct{ made, change, both string }{
		{"type gre remote 10.0.0.1 dev v0 ignore-df", "type gre remote any", "type gre dev v0 ignore-df"},
		{"type gre dev v0", "type gre dev v1", "type gre dev v1"},
		{"type gre encap fou encap-sport 1000 encap-dport 2000 encap-csum", "type gre tos inherit", "type gre encap fou encap-sport 1000 encap-dport 2000 encap-csum tos inherit"},
		{"type ip6tnl encap gue encap-sport 1000 encap-dport 2000", "type ip6tnl hoplimit 3", "type ip6tnl encap gue encap-sport 1000 encap-dport 2000 hoplimit 3"},
		{"type sit encap gue encap-sport 1000", "type sit noencap", "type sit encap-sport 1000"},
		{"type sit 6rd-prefix 2003:8::/32 6rd-relay_prefix 10.0.0.0/8", "type sit 6rd-reset", "type sit 6rd-prefix 2002::/16"},
		{"type vti6 key 5 remote fd00::1 dev v0", "type vti6 local fd00::2", "type vti6 key 5 remote fd00::1 dev v0 local fd00::2"},
	} {
		want := []byte(optionsOf(requestOf(t, "ip link add t0 "+c.both)))
		if got := changed(t, c.made, c.change); string(got) != string(want) {
			t.Errorf("%s, then %s\ngot  %x\nwant %x", c.made, c.change, got, want)
		}
	}
}

func TestTunnelErrorsLikeStock(t *testing.T) {
	cases := lines(
		"ip link set v0 type gre ttl 5", "ip link set br0 type gre ttl 5", "ip link set br0 type ip6tnl hoplimit 5", "ip link set v0 type vti key 5", "ip link set v0 type sit ttl 5",
		"ip link add t0 type gre key x", "ip link add t0 type gre ikey -1", "ip link add t0 type vti okey 4294967296", "ip link add t0 type gre key 1.2.x", "ip link add t0 type vti6 key 1.2.3.4.5", "ip link add t0 type gre key",
		"ip link add t0 type gre remote x", "ip link add t0 type gre remote fd00::1", "ip link add t0 type gre local", "ip link add t0 type ip6gre remote 10.0.0.1", "ip link add t0 type vti6 local x", "ip link add t0 type ip6tnl remote 1.2.3.4", "ip link add t0 type ipip local ::",
		"ip link add t0 type gre tos x", "ip link add t0 type gre tos 100", "ip link add t0 type ipip tos 0x", "ip link add t0 type gre ttl 256", "ip link add t0 type sit ttl x", "ip link add t0 type ip6gre hoplimit 256", "ip link add t0 type ip6tnl ttl -1",
		"ip link add t0 type gre dev nosuch", "ip link add t0 type ip6tnl dev nosuch", "ip link add t0 type sit dev nosuch", "ip link add t0 type vti dev nosuch", "ip link add t0 type gre dev",
		"ip link add t0 type gre fwmark x", "ip link add t0 type ip6gre fwmark x", "ip link add t0 type vti fwmark inherit",
		"ip link add t0 type gre encap x", "ip link add t0 type gre encap-sport x", "ip link add t0 type gre encap-dport auto", "ip link add t0 type sit encap-sport 65536", "ip link add t0 type ip6tnl encap",
		"ip link add t0 type erspan erspan 0", "ip link add t0 type erspan erspan 0x100000", "ip link add t0 type erspan erspan x", "ip link add t0 type erspan erspan_ver 3", "ip link add t0 type erspan erspan_ver x", "ip link add t0 type erspan erspan_dir x", "ip link add t0 type erspan erspan_hwid 65536", "ip link add t0 type ip6gre erspan_ver 3",
		"ip link add t0 type sit mode x", "ip link add t0 type ipip mode ip6ip", "ip link add t0 type ip6tnl mode ipip", "ip link add t0 type sit 6rd-prefix x", "ip link add t0 type sit 6rd-relay_prefix fd00::/8", "ip link add t0 type sit 6rd-prefix 2002::/129",
		"ip link add t0 type ip6gre tclass 100", "ip link add t0 type ip6tnl tclass x", "ip link add t0 type ip6gre flowlabel 100000", "ip link add t0 type ip6tnl flowlabel x", "ip link add t0 type ip6gre dscp x", "ip link add t0 type ip6tnl dscp 5", "ip link add t0 type ip6gre encaplimit x", "ip link add t0 type ip6gre encaplimit 256",
		"ip link add t0 type gre remote 224.0.0.1", "ip link add t0 type sit ttl 5 nopmtudisc", "ip link add t0 type ipip nopmtudisc ttl 5",
		"ip link set v0 type gre key x", "ip link set nosuch type gre ttl 5",
	)
	for _, kind := range []string{"gre", "gretap", "erspan", "ip6gre", "ip6gretap", "ip6erspan", "ipip", "sit", "ip6tnl", "vti", "vti6"} {
		for _, line := range []string{"ip link add t0 type " + kind + " foo", "ip link add t0 type " + kind + " help", "ip link help " + kind} {
			cases = append(cases, lines(line)...)
			cases[len(cases)-1].Words = "usage is made from the tables"
		}
	}
	for i := range cases {
		switch c := &cases[i]; c.Line {
		case "ip link set v0 type gre key x":
			c.Words = "code: the words are read before the kernel is asked"
		}
	}
	likeStock(t, cases)
}

// Every keyword of the stock usage is in ours.
func TestTunnelUsageNamesAll(t *testing.T) {
	for i := 0; kindAt(i) != nil; i++ {
		k := kindAt(i)
		if k.tunnel == nil {
			continue
		}
		u := k.usage()
		for _, w := range []string{"Usage: ... " + k.name, "remote", "local", "dev", "fwmark", "key"} {
			if !strings.Contains(u, w) && !(w == "key" && (k.name == "ipip" || k.name == "sit" || k.name == "ip6tnl")) {
				t.Errorf("the usage of %s does not name %q", k.name, w)
			}
		}
	}
}

// tunnelChanges are what is changed of a tunnel of each kind in turn, each
// change of the tunnel that its lines of tunnelLines make.
var tunnelChanges = map[string][]string{
	"gre":       {"ttl 9 key 77", "nokey noseq nocsum", "remote 10.9.9.9 tos inherit", "dev v1"},
	"gretap":    {"remote 10.9.9.9", "noignore-df ttl 3 ignore-df"},
	"erspan":    {"erspan_ver 1 erspan 44", "key 9"},
	"ip6gre":    {"tclass 55 flowlabel 66", "remote fd00::9 encaplimit 6", "okey 5 seq"},
	"ip6gretap": {"hoplimit 44 dscp inherit", "local fd00::4 fwmark 9"},
	"ip6erspan": {"erspan_ver 1 erspan 44", "tclass inherit"},
	"ipip":      {"remote 10.9.9.9", "tos inherit fwmark 6", "mode any"},
	"sit":       {"remote 10.9.9.9 6rd-prefix 2004::/24", "ttl 3", "isatap"},
	"ip6tnl":    {"remote fd00::9 mode any", "tclass inherit encaplimit none", "hoplimit 9 fl 5"},
	"vti":       {"remote 10.9.9.9 key 4", "fwmark 7"},
	"vti6":      {"remote fd00::9 key 4", "fwmark 7"},
}

// Tunnels of each kind that the kernel has: made, shown, and changed.
func TestTunnelsLikeStock(t *testing.T) {
	for kind, changes := range tunnelChanges {
		t.Run(kind, func(t *testing.T) {
			nstest.NeedKind(t, kind)
			var cases []difftest.Case
			n := 0
			for _, line := range tunnelLines {
				if !strings.Contains(line+" ", " type "+kind+" ") {
					continue
				}
				line += "; ip -d link show t0; ip -d -j link show t0"
				if !strings.Contains(line, " encap ") { // see TestTunnelChangeKeepsEncapsulation
					line += "; ip link set t0 type " + kind + " " + changes[n%len(changes)] + "; ip -d -o link show t0"
				}
				cases = append(cases, difftest.Case{Line: line})
				n++
			}
			s := difftest.Suite{Name: "ip", Setup: scene, State: "/sbin/ip -d -j link show t0"}
			s.Run(t, cases)
		})
	}
}

// A change keeps the UDP that packets are put into. The stock tool swaps the
// bytes of the ports, or, of an ip6tnl, forgets all of it.
func TestTunnelChangeKeepsEncapsulation(t *testing.T) {
	nstest.Sandbox(t)
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"gre", "gretap", "ip6gre", "ip6gretap", "ipip", "sit", "ip6tnl"} {
		t.Run(kind, func(t *testing.T) {
			nstest.NeedKind(t, kind)
			ends := "remote 10.0.0.1 local 10.0.0.2"
			if strings.HasPrefix(kind, "ip6") {
				ends = "remote fd00::1 local fd00::2"
			}
			const show = "/sbin/ip -d -j link show t0 | grep -o '\"encap\":[^}]*}'; "
			script := "ln -s $1 /run/ip; export RAWNS_TEST_APPLET=1; /run/ip link add t0 type " + kind + " " + ends + " encap fou encap-sport 1000 encap-dport 2000 encap-csum encap-remcsum || exit 9; " +
				show + "/run/ip link set t0 type " + kind + " ttl 7 || exit 8; " + show
			n := nstest.New(t)
			r := nstest.Exec(t, n, "sh", "-c", "mount -t tmpfs run /run; "+script, "test", exe)
			if r.Code == 9 {
				t.Skipf("this kernel has no fou, or its module is not loaded: %s", r.Stderr)
			}
			before, after, _ := strings.Cut(r.Stdout, "\n")
			if r.Code != 0 || before+"\n" != after || !strings.Contains(after, `"sport":1000,"dport":2000,"csum":true`) {
				t.Errorf("code %d, %s\nbefore %s\nafter  %s", r.Code, r.Stderr, before, after)
			}
		})
	}
}

// All kinds in one namespace, with those that the kernel makes itself (gre0,
// sit0 ...), in every kind of list; and what the kernel refuses.
func TestTunnelListsLikeStock(t *testing.T) {
	const setup = `
ip link add a0 type gre remote 10.0.0.1 local 10.0.0.2 ttl 5 key 7 seq
ip link add a1 type gretap remote 10.0.0.1 local 10.0.0.2 dev v0
ip link add a2 type ip6gre remote fd00::1 local fd00::2 fwmark 7
ip link add a3 type ip6gretap remote fd00::1 local fd00::2
ip link add a4 type ipip remote 10.0.0.1 local 10.0.0.2 tos inherit
ip link add a5 type sit remote 10.0.0.1 local 10.0.0.2 6rd-prefix 2003::/16
ip link add a6 type ip6tnl remote fd00::1 local fd00::2 mode any
ip link add a7 type vti remote 10.0.0.1 local 10.0.0.2 key 5
ip link add a8 type vti6 remote fd00::1 local fd00::2 ikey 5 fwmark 9
ip link add a9 type erspan remote 10.0.0.1 local 10.0.0.2 key 5 seq erspan_ver 2 erspan_dir egress erspan_hwid 9
ip addr add 10.9.0.1/24 dev a0; ip addr add fd09::1/64 dev a2; ip link set a4 up
`
	for kind := range tunnelChanges {
		nstest.NeedKind(t, kind)
	}
	cases := lines("ip link", "ip -d link", "ip -d -j link", "ip -d -j -p link show a5", "ip addr", "ip -d addr", "ip -j -d addr", "ip -br link", "ip -br addr", "ip -s -s -d link", "ip -o -d link", "ip -c -d link show a0", "ip -N -d link",
		"ip link show type gre", "ip -d link show type sit", "ip -d link show type ip6tnl", "ip addr show type vti6", "ip link show type gretap up",
		"ip link add b0 type gre remote 10.0.0.1 local 10.0.0.2 key 7", "ip link add b0 type gre remote 10.0.0.1 local 10.0.0.2 key 8", "ip link add a0 type gre remote 10.0.0.9", "ip link add b0 type sit remote 10.0.0.1 local 10.0.0.2", "ip link add b0 type gre", "ip link add b0 type ip6tnl remote fd00::1 local fd00::2",
		"ip link set a0 type sit ttl 5", "ip link set a4 type gre ttl 5", "ip link set a0 type gretap ttl 5", "ip link set a0 type ip6gre hoplimit 5", "ip link set a1 type gre ttl 5", "ip link set v0 type sit ttl 5", "ip link set a7 type vti6 key 5", "ip link set nosuch type gre ttl 5",
		"ip link set a0 type gre remote 10.0.0.7 local 10.0.0.8; ip link set a0 type gre ttl 9 up", "ip link change a4 type ipip ttl inherit tos 4", "ip link set a0 mtu 1300 type gre key 9", "ip link set a2 up type ip6gre flowlabel 5 tclass 7", "ip link set a0 type gre dev nosuch",
		"ip link set a8 type vti6 remote fd00::9", "ip link set a5 type sit remote any", "ip link set a6 type ip6tnl dev v1", "ip link set a9 type erspan erspan_ver 1 erspan 5", "ip link set a9 type erspan erspan_ver 0",
		"ip link del a0 type gre", "ip link del a0 type gre ttl 5", "ip link del gre0", "ip link del a5", "ip link set a0 name b0 type gre ttl 7",
		"ip link add b0 type erspan remote 10.0.0.1 local 10.0.0.3", "ip link add b0 type erspan erspan_ver 2 external", "ip link add b0 type gre remote 10.0.0.3 seq csum ignore-df nopmtudisc ttl 5", "ip link add b0 type gre external", "ip link add b0 type ip6tnl external; ip link add b1 type ip6tnl external",
		"ip link add b0 type vti6 local fd00::7 dev v0", "ip link add b0 link v0 type gre remote 10.0.0.3", "ip link add b0 numtxqueues 4 txqueuelen 5 type gretap remote 10.0.0.3", "ip link add b0 address 02:00:00:00:00:77 type gretap remote 10.0.0.3", "ip link add b0 netns blue type sit remote 10.0.0.3",
		"ip -n blue link add b0 type gre remote 10.0.0.3; ip -n blue link set b0 type gre ttl 7", "ip link set a0 netns blue; ip -n blue -d link show a0",
	)
	s := difftest.Suite{Name: "ip", Setup: scene + setup, State: "/sbin/ip -d -j link; /sbin/ip -n blue -d -j link"}
	s.Run(t, cases)
}
