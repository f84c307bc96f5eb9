package topo

import (
	"errors"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/ns"
	"rawns/ns/nstest"
)

func pfx(t *testing.T, s string) Prefix {
	t.Helper()
	p, ok := parsePrefix(s)
	if !ok {
		t.Fatal(s)
	}
	return p
}

// diffText is what Diff says, without what follows from something else.
func diffText(t *testing.T, s *Spec) string {
	t.Helper()
	list, err := Diff(s, observe(t, s.Look()))
	if err != nil {
		return err.Error()
	}
	var out []string
	for i := range list {
		if !list[i].Implied {
			out = append(out, list[i].String())
		}
	}
	return strings.Join(out, "\n")
}

func TestDiff(t *testing.T) {
	nstest.Sandbox(t)
	p := func(s string) Prefix { return pfx(t, s) }
	s := &Spec{
		Namespaces: []Namespace{{Name: "blue"}, {Name: "a b"}},
		Links: []Link{
			{End: End{"", "br0"}, Kind: "bridge", Options: []Option{{"stp_state", "1"}, {"forward_delay", "333"}, {"priority", "0x1000"}}, Addrs: []Prefix{p("10.0.0.254/24"), p("fd00::254/64")}},
			{End: End{"", "v1"}, Kind: "veth", Peer: End{"blue", "eth0"}, Master: "br0", Port: []Option{{"isolated", "on"}}, MTU: 1400},
			{End: End{"blue", "eth0"}, Kind: "veth", Peer: End{"", "v1"}, MAC: []byte{2, 0, 0, 0, 0, 1}, Addrs: []Prefix{p("10.0.0.1/24")}, Alias: "up link", AddrGen: "none", Queue: 77},
			{End: End{"blue", "m"}, Kind: "macvlan", Lower: End{"blue", "eth0"}, Options: []Option{{"mode", "bridge"}}, Down: true},
			{End: End{"blue", "lo"}, Addrs: []Prefix{p("10.255.0.1/32")}},
		},
		Routes: []Route{
			{NS: "blue", Type: "unicast", Dst: p("0.0.0.0/0"), Via: p("10.0.0.254/32").IP},
			{NS: "blue", Type: "unicast", Dst: p("10.7.0.0/16"), Via: p("10.0.0.7/32").IP, Dev: "eth0", Metric: 5, MTU: 1300},
			{NS: "blue", Type: "blackhole", Dst: p("10.8.0.0/16"), Table: 77},
			{NS: "blue", Type: "blackhole", Dst: p("fd08::/16")},
		},
		Sysctls: []Sysctl{{NS: "blue", Key: "net.ipv4.ip_forward", Value: "1"}, {NS: "blue", Key: "net.ipv4.ip_local_port_range", Value: "2000 3001"}},
	}
	if err := s.Check(); err != nil {
		t.Fatal(err)
	}
	if got, want := diffText(t, s), "missing netns blue\nmissing netns a b\nmissing link br0\nmissing link v1"; got != want {
		t.Errorf("nothing there: got\n%s\nwant\n%s", got, want)
	}
	nstest.Run(t, nil, "ip", "netns", "add", "a b")
	run(t, `ip netns add blue
		ip link add name br0 type bridge stp_state 1 forward_delay 333 priority 4096
		ip addr add 10.0.0.254/24 dev br0
		ip addr add fd00::254/64 dev br0 nodad
		ip link set br0 up
		ip link add v1 mtu 1400 up master br0 type veth peer name eth0 address 2:0:0:0:0:1 txqueuelen 77 netns blue
		ip link set v1 type bridge_slave isolated on
		ip -n blue link set eth0 addrgenmode none
		ip -n blue addr add 10.0.0.1/24 dev eth0
		ip -n blue link add link eth0 name m type macvlan mode bridge
		ip -n blue link set eth0 up
		ip -n blue link set lo up
		ip -n blue addr add 10.255.0.1/32 dev lo
		ip -n blue route add default via 10.0.0.254
		ip -n blue route add 10.7.0.0/16 via 10.0.0.7 metric 5 mtu 1300
		ip -n blue route add blackhole 10.8.0.0/16 table 77
		ip -n blue route add blackhole fd08::/16
		ip netns exec blue sysctl -qw net.ipv4.ip_forward=1`)
	nstest.Run(t, nil, "ip", "netns", "exec", "blue", "sysctl", "-qw", "net.ipv4.ip_local_port_range=2000 3001")
	nstest.Run(t, nil, "ip", "-n", "blue", "link", "set", "eth0", "alias", "up link")
	if got := diffText(t, s); got != "" {
		t.Errorf("all there: got\n%s", got)
	}
	for _, c := range []struct{ do, undo, want string }{
		{"ip link set br0 type bridge stp_state 0", "ip link set br0 type bridge stp_state 1", "different link br0: stp_state is 0, not 1"},
		{"ip link set v1 type bridge_slave isolated off", "ip link set v1 type bridge_slave isolated on", "different link v1: isolated is off, not on"},
		{"ip link set v1 nomaster", "ip link set v1 master br0; ip link set v1 type bridge_slave isolated on", "different link v1: master is none, not br0"},
		{"ip link set v1 down", "ip link set v1 up", "different link v1: it is down, not up"},
		{"ip link set v1 mtu 1300", "ip link set v1 mtu 1400", "different link v1: mtu is 1300, not 1400"},
		{"ip -n blue link set dev m up", "ip -n blue link set dev m down", "different link blue:m: it is up, not down"},
		{"ip -n blue link set eth0 address 2:0:0:0:0:2", "ip -n blue link set eth0 address 2:0:0:0:0:1", "different link blue:eth0: address is 02:00:00:00:00:02, not 02:00:00:00:00:01"},
		{"ip -n blue link set eth0 alias x", "", "different link blue:eth0: alias is x, not up link"},
		{"ip -n blue link set eth0 addrgenmode eui64 txqueuelen 5", "ip -n blue link set eth0 addrgenmode none txqueuelen 77",
			"different link blue:eth0: txqueuelen is 5, not 77\ndifferent link blue:eth0: addrgenmode is eui64, not none"},
		{"ip -n blue link set dev m type macvlan mode private", "ip -n blue link set dev m type macvlan mode bridge", "different link blue:m: mode is private, not bridge"},
		{"ip addr del fd00::254/64 dev br0", "ip addr add fd00::254/64 dev br0 nodad", "missing addr br0 fd00::254/64"},
		{"ip addr add 10.3.0.1/24 dev br0", "ip addr del 10.3.0.1/24 dev br0", "extra addr br0 10.3.0.1/24"},
		{"ip -n blue addr add 10.0.0.1/16 dev eth0", "ip -n blue addr del 10.0.0.1/16 dev eth0", "extra addr blue:eth0 10.0.0.1/16"},
		{"ip -n blue addr add 10.255.0.2/32 dev lo", "ip -n blue addr del 10.255.0.2/32 dev lo", "extra addr blue:lo 10.255.0.2/32"},
		{"ip -n blue route change 10.7.0.0/16 via 10.0.0.8 metric 5 mtu 1200", "ip -n blue route change 10.7.0.0/16 via 10.0.0.7 metric 5 mtu 1300",
			"different route 10.7.0.0/16 in blue: via is 10.0.0.8, not 10.0.0.7\ndifferent route 10.7.0.0/16 in blue: mtu is 1200, not 1300"},
		{"ip -n blue route del default", "ip -n blue route add default via 10.0.0.254", "missing route default in blue"},
		{"ip -n blue route replace unreachable 10.8.0.0/16 table 77", "ip -n blue route replace blackhole 10.8.0.0/16 table 77",
			"different route blackhole 10.8.0.0/16 table 77 in blue: the type is unreachable, not blackhole"},
		{"ip -n blue route add 10.9.0.0/16 via 10.0.0.7 table 9", "ip -n blue route del 10.9.0.0/16 table 9", "extra route 10.9.0.0/16 table 9 in blue via 10.0.0.7 dev eth0"},
		{"ip link add v2 type veth peer name v3", "", ""},
		{"ip link set v2 master br0", "ip link set v2 nomaster", "extra link v2 a port of br0"},
		{"ip link set v3 netns blue", "ip link del v2", "extra link blue:v3"},
		{"ip netns exec blue sysctl -qw net.ipv4.ip_forward=0", "ip netns exec blue sysctl -qw net.ipv4.ip_forward=1", "different sysctl net.ipv4.ip_forward in blue: is 0, not 1"},
	} {
		run(t, c.do)
		if got := diffText(t, s); got != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", c.do, got, c.want)
		}
		run(t, strings.ReplaceAll(c.undo, ";", "\n"))
		if strings.HasSuffix(c.do, "alias x") {
			nstest.Run(t, nil, "ip", "-n", "blue", "link", "set", "eth0", "alias", "up link")
		}
	}
	if got := diffText(t, s); got != "" {
		t.Errorf("all mended: got\n%s", got)
	}
	// Another kind of link under the name, and a peer elsewhere.
	run(t, `ip -n blue link del dev m
		ip -n blue link add name m type bridge
		ip link del v1
		ip link add v1 up master br0 mtu 1400 type veth peer name v9`)
	want := `different link v1: peer is v9, not blue:eth0
different link v1: isolated is off, not on
missing link blue:eth0
different link blue:m: the kind is bridge, not macvlan
missing route default in blue`
	if got := diffText(t, s); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	run(t, "ip link del v1\nip link del br0\nip netns del blue")
	nstest.Run(t, nil, "ip", "netns", "del", "a b")
	// A failed look is no absence.
	st := &State{Spaces: []*SpaceState{{}, {Name: "blue", Err: unix.EPERM}}}
	if list, err := Diff(s, st); list != nil || !errors.Is(err, unix.EPERM) {
		t.Error(list, err)
	}
	st.Spaces[1].Err = &ns.Error{Err: ns.ErrNotNetns}
	if list, err := Diff(s, st); len(list) == 0 || err != nil {
		t.Error(list, err)
	}
}

func parsePrefix(s string) (p Prefix, ok bool) {
	addr, bits, _ := strings.Cut(s, "/")
	p.IP, ok = nl.ParseIP(addr)
	n, err := strconv.Atoi(bits)
	p.Bits = uint8(n)
	return p, ok && err == nil
}
