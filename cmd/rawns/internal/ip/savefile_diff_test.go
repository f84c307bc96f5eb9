//go:build !tiny

package ip

import (
	"testing"

	"rawns/cmd/rawns/internal/difftest"
)

// What one tool saves the other restores.
func TestRouteSaveLikeStock(t *testing.T) {
	changes(t, routed, []difftest.Case{
		{Line: "ip route save >/run/a; /sbin/ip route save >/run/b; cmp -n 4 /run/a /run/b && stat -c %s /run/a /run/b; /sbin/ip route flush table main; /sbin/ip route restore </run/a; echo $?"},
		{Line: "/sbin/ip route save >/run/b; /sbin/ip route flush table main; ip route restore </run/b; echo $?; ip route"},
		{Line: "ip route save table all >/run/a; ip route flush table 100; ip route flush dev v0; ip route restore </run/a; echo $?"},
		{Line: "ip -6 route save table all >/run/a; ip -6 route flush dev v0; ip -6 route restore </run/a; echo $?"},
		{Line: "ip -6 route save >/run/a; stat -c %s /run/a"},
		{Line: "ip route save dev v0 proto static >/run/a; stat -c %s /run/a; ip route showdump </run/a"},
		{Line: "ip route save root 10.1.0.0/16 >/run/a; stat -c %s /run/a; ip -d route showdump </run/a; ip -j route showdump foo </run/a; ip -o route showdump </run/a"},
		{Line: "ip route save table all >/run/a; ip route showdump </run/a"},
		{Line: "ip -6 route save table all >/run/a; ip route showdump </run/a"},
		{Line: "ip route restore </dev/null"},
		{Line: "ip route showdump </dev/null"},
		{Line: "echo abcdefgh | ip route restore"},
		{Line: "echo ab | ip route showdump"},
		{Line: "ip route save >/run/a; head -c 30 /run/a | ip route showdump"},
		{Line: "ip route save >/run/a; head -c 100 /run/a >/run/b; ip route restore </run/b"},
		{Line: "ip rule save >/run/a; ip route restore </run/a"},
		{Line: "ip route save table 777 >/run/a; echo $?; stat -c %s /run/a"},
		{Line: "ip route save foo >/run/a", Words: "nothing is written where stock writes the number that such a file begins with"},
		{Line: "ip route save dev nosuch >/run/a", Words: "nothing is written where stock writes the number that such a file begins with"},
		{Line: "ip route save | ip route restore", Words: "code: stock cannot read a pipe more than once"},
	})
}

func TestAddrSaveLikeStock(t *testing.T) {
	const addrs = reachable + "ip addr add 10.0.0.7 peer 10.0.0.8 dev v0 label v0:1; ip addr add 10.9.0.1/24 brd + dev v1 valid_lft 100 preferred_lft 50; "
	changes(t, addrs, []difftest.Case{
		{Line: "ip addr save >/run/a; /sbin/ip addr save >/run/b; cmp -n 4 /run/a /run/b && stat -c %s /run/a /run/b; /sbin/ip addr flush dev v0; /sbin/ip addr restore </run/a; echo $?"},
		{Line: "/sbin/ip addr save >/run/b; /sbin/ip addr flush dev v0; ip addr flush dev v1; ip addr restore </run/b; echo $?"},
		{Line: "ip addr save dev v0 >/run/a; stat -c %s /run/a; ip addr showdump </run/a; ip -j addr showdump </run/a; ip -d -o addr showdump </run/a; ip -j -p addr showdump foo </run/a"},
		{Line: "ip -6 addr save >/run/a; ip addr showdump </run/a"},
		{Line: "ip -4 addr save >/run/a; ip -c addr showdump </run/a; ip -br addr showdump </run/a"},
		{Line: "ip addr save | ip addr restore; echo $?"},
		{Line: "ip addr restore </dev/null"},
		{Line: "ip addr showdump </dev/null"},
		{Line: "ip -j addr showdump </dev/null"},
		{Line: "echo abcdefgh | ip addr restore"},
		{Line: "ip addr save >/run/a; head -c 30 /run/a | ip addr showdump"},
		{Line: "ip addr save >/run/a; head -c 30 /run/a | ip -j addr showdump"},
		{Line: "ip addr save nosuch >/run/a; echo $?; stat -c %s /run/a"},
		{Line: "ip addr save dev v0 dev v1 >/run/a; echo $?; stat -c %s /run/a"},
	})
}

func TestRouteGetMoreLikeStock(t *testing.T) {
	shows(t, routed, []string{
		"ip route get 10.0.0.7 connected", "ip -j route get 10.0.0.7 connected", "ip route get connected 10.1.9.9", "ip -6 route get fd00::7 conn", "ip route get 10.0.0.7 from 10.0.0.1 connected", "ip route get 127.0.0.1 connected", "ip route get 10.0.0.7 oif v0 connected", "ip route get 10.6.0.1 connected",
		"ip route get 10.0.0.7 vrf v0", "ip route get 10.0.0.7 vrf nosuch", "ip route get 10.0.0.7 vrf", "ip route show vrf v0", "ip route show vrf nosuch", "ip route show vrf", "ip route show vrf default", "ip route show vrf ''", "ip route add 10.99.0.0/16 dev v0 vrf v0", "ip route add 10.99.0.0/16 dev v0 vrf nosuch",
		"ip route add 10.99.0.0/16 dev v0 vrf", "ip route add 10.99.0.0/16 dev v0 vrf ''", "ip route del 10.99.0.0/16 vrf nosuch", "ip route flush vrf nosuch",
	})
	changes(t, reachable, lines(
		"ip route add 10.99.0.0/16 dev v0 vrf default",
		"ip route add vrf default 10.99.0.0/16 dev v0 table 7 metric 5",
		"ip route add vr default 10.99.0.0/16 dev v0 vrf default foo",
	))
}

// -r writes names for addresses.
func TestResolveLikeStock(t *testing.T) {
	const named = routed + `
printf '10.0.0.1 me.example me\n10.0.0.2\tgw.example\n10.12.0.1 local.example\nfd00::2 gw6.example\n10.1.2.3 host.example\nfd00::1 me6.example\n127.0.0.1 localhost\n::1 localhost\n' >/run/hosts
mount --bind /run/hosts /etc/hosts
printf 'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n' >/run/resolv.conf
mount --bind /run/resolv.conf /etc/resolv.conf
ip rule add from 10.1.2.3 table 5
ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:99 dev v0
ip nexthop add id 4 via 10.0.0.2 dev v0
`
	var all []string
	for _, o := range []string{"-r", "-r -j", "-res -c", "-r -6", "-r -N -d"} {
		for _, w := range []string{"route", "route show table local", "addr show dev v0", "rule", "neigh", "nexthop", "route get 10.1.9.9", "route show default", "route show via 10.0.0.2"} {
			all = append(all, "ip "+o+" "+w)
		}
	}
	shows(t, named, all)
}
