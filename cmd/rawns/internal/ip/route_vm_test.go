//go:build !tiny

package ip

import (
	"os"
	"testing"

	"rawns/cmd/rawns/internal/difftest"
	"rawns/ns/nstest"
)

// Tests that want a kernel with modules: .ci/vm runs them.

const inVRF = reachable + `
set +e
ip link add red index 20 type vrf table 1000
ip link add blue2 index 21 type vrf table 100
ip link set red up; ip link set blue2 up; ip link set v1 master red
ip addr add 10.5.0.1/24 dev v1
`

func TestRouteInVRFLikeStock(t *testing.T) {
	nstest.NeedKind(t, "vrf")
	s := difftest.Suite{Name: "ip", Setup: scene + inVRF, State: "PATH=/sbin:$PATH; ip -d route show table all; ip -d nexthop; ip rule"}
	s.Run(t, lines(
		"ip route add 10.30.0.0/16 dev v1 vrf red",
		"ip route add vrf red 10.31.0.0/16 via 10.5.0.2 metric 5",
		"ip route add 10.32.0.0/16 vr red via 10.5.0.2; ip route del 10.32.0.0/16 vrf red; ip route del 10.32.0.0/16 vrf red",
		"ip route add 10.32.0.0/16 dev v1 vrf blue2",
		"ip route add unreachable default vrf red metric 4278198272",
		"ip route replace 10.32.0.0/16 nexthop via 10.5.0.2 nexthop via 10.5.0.3 vrf red",
		"ip route add 10.32.0.0/16 vrf red nexthop via 10.5.0.2 nexthop via 10.5.0.3",
		"ip -6 route add fd30::/64 dev v1 vrf red; ip -6 route show vrf red",
		"ip -echo route add 10.30.0.0/16 dev v1 vrf red",
		"ip route add 10.30.0.0/16 dev v1 vrf v0",
		"ip route add 10.30.0.0/16 dev v0 vrf default",
		"ip route add 10.30.0.0/16 dev v1 vrf red; ip route show vrf red; ip -j route show vrf red; ip -d route list vrf red; ip route show vrf red type local; ip route show type local vrf red; ip route show vrf red table 254; ip route show table 5 vrf red",
		"ip route show vrf blue2; ip route show vrf v0; ip route show vrf nosuch; ip route show vrf default; ip route show vrf red dev v1; ip route save vrf red | wc -c",
		"ip route flush vrf red; ip route show vrf red",
		"ip route get 10.5.0.7 vrf red; ip -j route get 10.5.0.7 vrf red; ip route get vrf red 10.5.0.7 from 10.5.0.1; ip route get 10.5.0.7 vrf red oif v1; ip route get 10.5.0.7 vrf v0; ip route get 10.99.0.1 vrf blue2; ip route get 10.5.0.7 vrf red connected",
		"ip rule add l3mdev pref 900; ip rule; ip -j rule show l3mdev; ip rule del l3mdev",
		"ip nexthop add id 9 dev v1; ip nexthop list vrf red; ip nexthop list master red; ip nexthop list vrf v0; ip nexthop bucket list vrf red; ip nexthop flush vrf red",
		"ip -N route show vrf red; ip route show table all type unicast",
	))
}

const labelled = reachable + `
set +e
ip link set v1 up
sysctl -qw net.mpls.platform_labels=2000 net.mpls.conf.v0.input=1
ip -M route add 100 via inet 10.0.0.2 dev v0
ip -f mpls route add 101 as 200/300 via inet6 fd00::2 dev v0
ip -M route add 102 as to 200 via link 02:00:00:00:00:99 dev v0 proto static
ip -M route add 103 dev lo
ip -M route add 104 nexthop as 200 via inet 10.0.0.2 dev v0 nexthop as 300 via inet 10.7.0.3 dev v1
ip -M route add 105 ttl-propagate disabled as 7 via inet 10.0.0.2 dev v0
ip route add 10.20.0.0/16 encap mpls 100/200 via 10.0.0.2
ip route add 10.21.0.0/16 encap mpls 100 ttl 5 dev v0
ip route add 10.22.0.0/16 nexthop encap mpls 7 via 10.0.0.2 nexthop encap mpls 8/9 via 10.7.0.2 dev v1
ip route add fd20::/64 encap rpl segs fd00::5,fd00::6 dev v0
ip route add fd21::/64 encap ioam6 trace prealloc type 0x800000 ns 1 size 12 dev v0
ip route add fd22::/64 encap ioam6 freq 2/5 mode encap tundst fd00::7 trace prealloc type 0x800000 ns 1 size 12 dev v0
ip route add fd24::1 encap ila 1:2:abcd:4 csum-mode adj-transport ident-type luid hook-type input dev v0
ip route add 10.23.0.0/16 encap xfrm if_id 5 link_dev v0
ip route add 10.24.0.0/16 dev v0 encap xfrm if_id 5
ip route add fd27::/64 encap seg6local action End flavors psp,usp,usd dev v0
ip nexthop add id 5 encap mpls 100 via 10.0.0.2 dev v0
true
`

// needMPLS skips unless the kernel routes labels (modprobe mpls_router
// mpls_iptunnel ila).
func needMPLS(t *testing.T) {
	if _, err := os.Stat("/proc/sys/net/mpls"); err != nil {
		t.Skip("this kernel has no MPLS: ", err)
	}
}

func TestMPLSLikeStock(t *testing.T) {
	needMPLS(t)
	var all []string
	for _, o := range []string{"", "-j", "-d", "-o", "-s", "-c", "-N", "-j -p", "-r"} {
		for _, w := range []string{"route", "-6 route", "nexthop", "-M route", "-M route show dev v0", "-M route show table all", "-M route get 100", "-M route get 103 fibmatch", "-M route show 100", "-M route show root 0", "-M route show via inet 10.0.0.2", "-M route show proto static", "route show 10.20.0.0/16"} {
			all = append(all, "ip "+o+" "+w)
		}
	}
	shows(t, labelled, append(all, "ip -M route add 5 dev v0", "ip -M route add 5000 dev v0", "ip -M route add 100 dev v0", "ip -M route del 777", "ip -M route get 777", "ip -M route add 106 as 8/9/10 via inet 10.0.0.2 dev v0", "ip -M route replace 106 via inet 10.0.0.9 dev v0", "ip -M route del 106", "ip -M route flush dev v0", "ip -M route", "ip -M route save | wc -c"))
}

// The running kernel may panic when it is asked for these: a hand must say that
// this one may.
func TestTunnelOptionsLikeStock(t *testing.T) {
	if os.Getenv("RAWNS_MAY_PANIC") == "" {
		t.Skip("only in a virtual machine (RAWNS_MAY_PANIC): some kernels panic at the options of tunnels in routes")
	}
	r := "ip route add 10.50.0.0/16 dev v0 encap ip "
	var all []string
	for _, o := range []string{"vxlan_opts 7 id 5", "erspan_opts 2:3:1:4 id 5", "erspan_opts 1:3:1:4 id 5", "geneve_opts 1:2:01020304 key", "geneve_opts 1:2:01020304,3:4:0405060708090a0b id 5", "geneve_opts 1:2: id 5", "geneve_opts 1:2:3:4 id 5", "geneve_opts x id 5", "geneve_opts 1:300:00 id 5", "geneve_opts 1:2:xx,3 id 5",
		"vxlan_opts x id 5", "erspan_opts 300 id 5", "erspan_opts 1:2:3:4:5 id 5", "vxlan_opts 5 vxlan_opts 6", "geneve_opts", "geneve_opts '' id 5", "erspan_opts 1 id 5", "geneve_opts 1:2:010203 id 5"} {
		all = append(all, r+o, "ip route show 10.50.0.0/16", "ip -j route show 10.50.0.0/16", "ip -o route show 10.50.0.0/16", "ip route del 10.50.0.0/16")
	}
	r = "ip route add fd50::/64 dev v0 encap ip6 "
	for _, o := range []string{"geneve_opts 1:2:01020304 id 5", "vxlan_opts 7 id 5", "erspan_opts 2:3:1:4 id 5"} {
		all = append(all, r+o, "ip -6 route show fd50::/64", "ip -6 -j route show fd50::/64", "ip route del fd50::/64")
	}
	shows(t, reachable, all)
}

// Requests with such options, as the stock tool sent them in a virtual machine;
// what stands between attributes is zero.
func TestTunnelOptionRequests(t *testing.T) {
	skipOnBigEndian(t)
	for _, g := range readGolden(t, "encap_opts.golden") {
		if got := requestsOf(t, g.line); string(got) != string(g.msg) {
			t.Errorf("%s\ngot  %x\nwant %x", g.line, got, g.msg)
		}
	}
}
