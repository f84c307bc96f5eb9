package topo

import (
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"rawns/ns"
	"rawns/ns/nstest"
)

// full is a Spec with something of everything.
func full() *Spec {
	v4 := func(a, b, c, d, bits byte) Prefix { return Prefix{[]byte{a, b, c, d}, bits} }
	v6 := func(last, bits byte) Prefix {
		return Prefix{[]byte{0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last}, bits}
	}
	veth := func(a, z End) (Link, Link) {
		return Link{End: a, Kind: "veth", Peer: z}, Link{End: z, Kind: "veth", Peer: a}
	}
	a, az := veth(End{"", "va"}, End{"red", "eth0"})
	a.Master, a.Port, a.Alias = "br", []Option{{"cost", "7"}, {"isolated", "on"}}, "to red's eth0"
	az.MTU, az.MAC, az.Addrs = 1400, []byte{2, 0, 0, 0, 0, 9}, []Prefix{v4(10, 9, 0, 2, 24), v6(2, 64)}
	c, cz := veth(End{"red", "c0"}, End{"my lab", "c1"})
	c.AddrGen, c.Addrs = "none", []Prefix{v4(10, 8, 0, 1, 31)}
	cz.Addrs, cz.Queue = []Prefix{v4(10, 8, 0, 0, 31)}, 77
	d, dz := veth(End{"my lab", "d0"}, End{"", "vd"})
	d.Down, dz.Down = true, true
	return &Spec{
		Name:       "full",
		Namespaces: []Namespace{{Name: "red"}, {Name: "my lab"}},
		Links: []Link{
			{End: End{"", "br"}, Kind: "bridge", MTU: 1300, Options: []Option{{"ageing_time", "1000"}, {"stp_state", "1"}},
				Addrs: []Prefix{v4(10, 9, 0, 1, 24), v6(1, 64)}},
			{End: End{"red", "br1"}, Kind: "bridge", MAC: []byte{2, 0, 0, 0, 0, 7}},
			{End: End{"red", "lo"}, Down: false},
			a, az, c, cz, d, dz,
			{End: End{"", "vx"}, Kind: "vxlan", Options: []Option{{"id", "42"}, {"dstport", "4789"}, {"remote", "10.9.0.9"}}, Master: "br"},
			{End: End{"", "vy"}, Kind: "vxlan", Lower: End{"", "br"}, Options: []Option{{"id", "43"}, {"dstport", "4789"}, {"group", "ff05::1"}}},
			{End: End{"my lab", "mv0"}, Kind: "macvlan", Lower: End{"", "br"}, Options: []Option{{"mode", "bridge"}}, Addrs: []Prefix{v4(10, 9, 0, 77, 24)}},
			{End: End{"my lab", "mv1"}, Kind: "macvlan", Lower: End{"my lab", "c1"}, Options: []Option{{"mode", "private"}}},
		},
		Routes: []Route{
			{NS: "red", Type: "unicast", Dst: v4(0, 0, 0, 0, 0), Via: []byte{10, 9, 0, 1}, Metric: 50},
			{NS: "red", Type: "unicast", Dst: v6(0, 0), Via: v6(1, 0).IP, Dev: "eth0"},
			{NS: "red", Type: "blackhole", Dst: v4(192, 168, 0, 0, 16), Table: 1000},
			{NS: "red", Type: "unicast", Dst: v4(172, 16, 0, 0, 12), Dev: "c0", Src: []byte{10, 8, 0, 1}, MTU: 1280},
			{NS: "my lab", Type: "unicast", Dst: v4(10, 99, 0, 0, 16), Via: []byte{10, 77, 0, 1}, Dev: "c1", OnLink: true},
			{NS: "", Type: "unreachable", Dst: v4(10, 98, 0, 0, 16)},
		},
		Sysctls: []Sysctl{
			{NS: "red", Key: "net.ipv4.ip_forward", Value: "1"},
			{NS: "red", Key: "net.ipv4.conf.eth0.rp_filter", Value: "2"},
			{NS: "my lab", Key: "net/ipv6/conf/c1/disable_ipv6", Value: "1"},
			{NS: "my lab", Key: "net.ipv4.tcp_rmem", Value: "4096 8192 16384"},
		},
	}
}

func commands(p *Plan) string {
	var b strings.Builder
	for i := range p.Steps {
		b.WriteString(p.Steps[i].Command() + "\n")
	}
	return b.String()
}

func TestPlanFull(t *testing.T) {
	p, err := full().Plan(nil)
	if err != nil {
		t.Fatal(err)
	}
	const want = `ip netns add red
ip netns exec red sysctl -qw net.ipv4.ip_forward=1
ip link add name br type bridge ageing_time 1000 stp_state 1
ip -n red link add br1 address 02:00:00:00:00:07 type bridge
ip link add va up master br type veth peer name eth0 mtu 1400 address 02:00:00:00:00:09 netns red
ip link add vx up master br type vxlan id 42 dstport 4789 remote 10.9.0.9
ip -n red link set lo up
ip link set va alias 'to red'\''s eth0'
ip link set va type bridge_slave cost 7 isolated on
ip netns exec red sysctl -qw net.ipv4.conf.eth0.rp_filter=2
ip -n red addr add 10.9.0.2/24 brd + dev eth0
ip -n red addr add fd00::2/64 dev eth0
ip -n red link set eth0 up
ip netns add 'my lab'
ip netns exec 'my lab' sysctl -qw 'net.ipv4.tcp_rmem=4096 8192 16384'
ip -n red link add c0 type veth peer name c1 txqueuelen 77 netns 'my lab'
ip -n 'my lab' link add d0 type veth peer name vd netns $$
ip -n red link set c0 addrgenmode none
ip -n red addr add 10.8.0.1/31 dev c0
ip -n red link set c0 up
ip netns exec 'my lab' sysctl -qw net/ipv6/conf/c1/disable_ipv6=1
ip -n 'my lab' addr add 10.8.0.0/31 dev c1
ip -n 'my lab' link set c1 up
ip -n 'my lab' link add link c1 name mv1 type macvlan mode private
ip -n 'my lab' link set mv1 up
ip link set dev br mtu 1300
ip addr add 10.9.0.1/24 brd + dev br
ip addr add fd00::1/64 dev br
ip link set dev br up
ip -n red link set br1 up
ip link add vy type vxlan id 43 dstport 4789 group ff05::1 dev br
ip link set vy up
ip link add link br name mv0 netns 'my lab' type macvlan mode bridge
ip -n 'my lab' addr add 10.9.0.77/24 brd + dev mv0
ip -n 'my lab' link set mv0 up
ip -n red route add default via 10.9.0.1 metric 50
ip -6 -n red route add default via fd00::1 dev eth0
ip -n red route add blackhole 192.168.0.0/16 table 1000
ip -n red route add 172.16.0.0/12 dev c0 src 10.8.0.1 mtu 1280
ip -n 'my lab' route add 10.99.0.0/16 via 10.77.0.1 dev c1 onlink
ip route add unreachable 10.98.0.0/16
`
	if got := commands(p); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// shape is what the stock tool says of a namespace, without what no two runs
// have in common: indexes, MAC addresses that the kernel drew, timers.
func shape(t *testing.T, n *ns.NS) string {
	t.Helper()
	var out strings.Builder
	for _, args := range []string{"-d addr", "-4 route show table all", "-6 route show table all"} {
		text := nstest.Run(t, n, append([]string{"ip", "-j"}, strings.Fields(args)...)...)
		var list []map[string]any
		if err := json.Unmarshal([]byte(text), &list); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		slices.SortStableFunc(list, func(a, b map[string]any) int {
			return strings.Compare(fmt.Sprint(a["ifname"]), fmt.Sprint(b["ifname"]))
		})
		for _, m := range list {
			tidy(m)
			if m["type"] == "multicast" || strings.HasPrefix(fmt.Sprint(m["dst"]), "fe80:") {
				continue
			}
			b, _ := json.MarshalIndent(m, "", " ")
			out.Write(b)
			out.WriteByte('\n')
		}
	}
	return out.String()
}

func tidy(m map[string]any) {
	for k, v := range m {
		switch k {
		case "ifindex", "link_index", "link_netnsid", "link_netns", "gc_timer", "hello_timer", "tcn_timer", "topology_change_timer",
			"bridge_id", "root_id", "designated_bridge", "designated_root", "hold_timer", "message_age_timer", "forward_delay_timer",
			"valid_life_time", "preferred_life_time", "tentative", "flags", "operstate", "state", "root_port", "topology_change", "topology_change_detected",
			"root_path_cost", "designated_cost", "no", "id", "designated_port", "port_no", "port_id", "link":
			if k != "id" || m["remote"] == nil && m["port"] == nil {
				delete(m, k)
			}
		case "address":
			if a := fmt.Sprint(v); !strings.HasPrefix(a, "02:00:00:00:00:") {
				delete(m, k)
			}
		}
		switch v := v.(type) {
		case map[string]any:
			tidy(v)
		case []any:
			for _, e := range v {
				if e, ok := e.(map[string]any); ok {
					tidy(e)
				}
			}
			if k == "addr_info" { // addresses that the kernel made of MACs
				m[k] = slices.DeleteFunc(v, func(e any) bool { return strings.HasPrefix(fmt.Sprint(e.(map[string]any)["local"]), "fe80:") })
			}
		}
	}
}

// The commands that a plan names, typed to the stock tools, make what Apply
// makes.
func TestPlanIsWhatItSays(t *testing.T) {
	nstest.Sandbox(t)
	nstest.Need(t, "ip", "sysctl")
	s := full()
	p, err := s.Plan(nil)
	if err != nil {
		t.Fatal(err)
	}
	made := func(make func() error) (out []string) {
		t.Helper()
		host := nstest.New(t)
		if err := host.Do(make); err != nil {
			t.Fatal(err)
		}
		out = append(out, shape(t, host))
		for _, n := range s.Namespaces {
			sp, err := ns.Open(n.Name)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, shape(t, sp))
			sp.Close()
			ns.Delete(n.Name)
		}
		return out
	}
	ours := made(func() error {
		r, err := Apply(p, Options{})
		if err == nil {
			r.Close()
		}
		return err
	})
	theirs := made(func() error {
		out, err := exec.Command("/bin/sh", "-ec", commands(p)).CombinedOutput()
		if err != nil {
			err = errors.New(err.Error() + "\n" + string(out))
		}
		return err
	})
	for i := range ours {
		if ours[i] != theirs[i] {
			a, b := strings.Split(ours[i], "\n"), strings.Split(theirs[i], "\n")
			for n := range min(len(a), len(b)) {
				if a[n] != b[n] {
					t.Errorf("namespace %d, line %d: ours %s, theirs %s", i, n, a[n], b[n])
					break
				}
			}
			t.Logf("namespace %d: ours\n%s\ntheirs\n%s", i, ours[i], theirs[i])
		}
	}
}
