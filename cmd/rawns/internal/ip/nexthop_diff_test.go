//go:build !tiny

package ip

import (
	"testing"

	"rawns/cmd/rawns/internal/difftest"
)

// nexthopGolden are the lines of testdata/nexthop.golden.
var nexthopGolden = []string{
	"ip nexthop add id 1 via 10.0.0.2 dev v0",
	"ip nexthop add id 1 via fd00::2 dev v0 onlink protocol static",
	"ip nexthop add id 1 blackhole",
	"ip nexthop add id 1 via 10.0.0.2 fdb",
	"ip nexthop add id 1 encap ip id 5 dst 1.2.3.4 via 10.0.0.2 dev v0",
	"ip nexthop add id 9 group 1,3/2/3,256",
	"ip nexthop add id 9 group 1/2 fdb",
	"ip nexthop add id 9 group 1/2 type mpath",
	"ip nexthop add id 9 group 1/2 type resilient buckets 8 idle_timer 10 unbalanced_timer 20 protocol 4",
	"ip nexthop replace id 1 via inet6 fd00::3 dev v1",
	"ip nexthop del id 1",
	"ip nexthop get id 1",
	"ip nexthop",
	"ip -6 nexthop list dev v0 groups fdb",
	"ip nexthop list master br0 protocol 4",
	"ip nexthop bucket",
	"ip nexthop bucket list id 9 nhid 1 dev v0",
	"ip nexthop bucket get id 9 index 3",
}

// hopped adds next hops of many kinds.
const hopped = reachable + `
ip nexthop add id 1 via 10.0.0.2 dev v0
ip nexthop add id 2 via 10.7.0.2 dev v1 protocol static
ip nexthop add id 3 via fd00::2 dev v0
ip nexthop add id 4 blackhole
ip nexthop add id 5 dev v0
ip nexthop add id 6 via 10.99.0.2 dev v0 onlink
ip nexthop add id 7 via 10.0.0.5 fdb
ip nexthop add id 8 via 10.0.0.6 fdb protocol 77
ip nexthop add id 20 group 1/2
ip nexthop add id 21 group 1,5/2,256 protocol static
ip nexthop add id 22 group 1/2 type resilient buckets 4 idle_timer 10 unbalanced_timer 20
ip nexthop add id 23 group 7/8 fdb
ip route add 10.20.0.0/16 nhid 20
ip route add 10.22.0.0/16 nhid 22
ip route add 10.4.0.0/16 nhid 4
ip route add fd20::/64 nhid 3
`

// hops runs lines that change next hops.
func hops(t *testing.T, setup string, cases []difftest.Case) {
	s := difftest.Suite{Name: "ip", Setup: scene + setup, State: "PATH=/sbin:$PATH; ip -d -j nexthop; ip -d -j nexthop bucket; ip -d route; ip -6 -d route"}
	s.Run(t, cases)
}

func TestNexthopChangeLikeStock(t *testing.T) {
	hops(t, reachable, lines(
		"ip nexthop add id 1 via 10.0.0.2 dev v0",
		"ip nex a id 1 via 10.0.0.2 dev v0; ip nex a id 1 blackhole",
		"ip nexthop add via 10.0.0.2 dev v0",
		"ip nexthop add id 0x10 dev v0",
		"ip nexthop add id 1 dev v0 via 10.0.0.2 onlink protocol static",
		"ip nexthop add id 1 via inet 10.0.0.2 dev if11 proto 77",
		"ip nexthop add id 1 via fd00::2 dev a-rather-long-alternative-name",
		"ip -6 nexthop add id 1 dev v0",
		"ip -6 nexthop add id 1 blackhole",
		"ip nexthop add id 1 via 10.99.0.2 dev v0",
		"ip nexthop add id 1 via 10.99.0.2 dev v0 onlink",
		"ip nexthop add id 1 via 10.0.0.2",
		"ip nexthop add id 1 dev lo",
		"ip nexthop add id 1 via 10.0.0.2 fdb; ip nexthop add id 2 group 1 fdb; ip nexthop",
		"ip nexthop add id 1 fdb",
		"ip nexthop add id 1 encap ip id 5 dst 1.2.3.4 via 10.0.0.2 dev v0; ip nexthop; ip -j nexthop; ip route add 10.1.0.0/16 nhid 1; ip route; ip -d route; ip -d -j route",
		"ip nexthop add id 1 encap mpls 100 via 10.0.0.2 dev v0",
		"ip nexthop add id 1 encap seg6 mode encap segs fd00::5,fd00::6 via fd00::2 dev v0; ip nexthop",
		"ip -echo nexthop add id 1 via 10.0.0.2 dev v0",
		"ip -echo -d nexthop add id 1 via 10.0.0.2 dev v0",
		"ip nexthop help",
		"ip nexthop h",
		"ip nexthop add help",
		"ip nexthop get",
		"ip nexthop get foo",
		"ip nexthop list help",
		"ip nexthop bucket help",
		"ip nexthop bucket get",
		"ip nexthop bucket get id 1",
		"ip nexthop bucket get index 1",
		"ip nexthop bucket list h",
	))
	hops(t, hopped, lines(
		"ip nexthop add id 30 group 1/2/3",
		"ip nexthop add id 30 group 1,256",
		"ip nexthop add id 30 group 20/1",
		"ip nexthop add id 30 group 1/2 type mpath; ip -j nexthop get id 30",
		"ip nexthop add id 30 group 1/2 type resilient",
		"ip nexthop add id 30 group 1/2 type resilient buckets 2; ip nexthop; ip -j nexthop get id 30",
		"ip nexthop add id 30 group 1/2 type resilient buckets 2 protocol static",
		"ip nexthop add id 30 group 1/2 type resilient idle_timer 0x10 buckets 2 unbalanced_timer 0",
		"ip nexthop add id 30 type mpath group 1/2",
		"ip nexthop add id 30 type resilient buckets 4 group 1/2",
		"ip nexthop replace id 1 via 10.0.0.9 dev v0; ip nexthop get id 1",
		"ip nexthop r id 99 via 10.0.0.9 dev v0",
		"ip nexthop replace id 20 group 2",
		"ip nexthop replace id 22 group 1 type resilient",
		"ip nexthop del id 1",
		"ip nexthop d id 20",
		"ip nexthop delete id 99",
		"ip nexthop del",
		"ip nexthop del id 3 via fd00::2",
		"ip -echo nexthop del id 3",
		"ip nexthop flush; ip nexthop; ip nexthop flush",
		"ip nexthop f dev v0",
		"ip nexthop flush dev v1",
		"ip nexthop flush groups",
		"ip nexthop flush fdb",
		"ip nexthop flush protocol 4",
		"ip nexthop flush proto 99",
		"ip nexthop flush id 1",
		"ip nexthop flush id 99",
		"ip nexthop flush id 1 foo",
		"ip nexthop flush master br0",
		"ip -6 nexthop flush; ip nexthop",
		"ip -j nexthop flush groups",
		"ip -n blue nexthop add id 1 blackhole; ip -n blue nexthop; ip -n blue nexthop flush",
		"ip -0 nexthop flush",
	))
	hops(t, hopped, []difftest.Case{{Line: "ip -echo -j nexthop del id 3", Words: "stock's object in an object has no key"}})
}

func TestNexthopErrorsLikeStock(t *testing.T) {
	shows(t, hopped, []string{
		"ip nexthop foo", "ip nexthop ''", "ip nexthop change id 1 blackhole", "ip nexthop add", "ip nexthop add foo", "ip nexthop add ''", "ip nexthop add id", "ip nexthop add id x", "ip nexthop add id -1", "ip nexthop add id 4294967296", "ip nexthop add id 30 dev nosuch", "ip nexthop add id 30 dev ''",
		"ip nexthop add id 30 dev", "ip nexthop add id 30 via", "ip nexthop add id 30 via x", "ip nexthop add id 30 via inet6 10.0.0.2", "ip nexthop add id 30 dev v0 via fd00::2", "ip -6 nexthop add id 30 via 10.0.0.2", "ip nexthop add id 30 via 10.0.0.2 via inet6 fd00::2", "ip nexthop add id 30 group",
		"ip nexthop add id 30 group ''", "ip nexthop add id 30 group x", "ip nexthop add id 30 group 1/x", "ip nexthop add id 30 group 1/", "ip nexthop add id 30 group 1,", "ip nexthop add id 30 group 1,0", "ip nexthop add id 30 group 1,257/2", "ip nexthop add id 30 group 1,2/x", "ip nexthop add id 30 group 99",
		"ip nexthop add id 30 type", "ip nexthop add id 30 type foo", "ip nexthop add id 30 type resilient buckets x", "ip nexthop add id 30 type resilient buckets 65536", "ip nexthop add id 30 type resilient buckets", "ip nexthop add id 30 type resilient idle_timer x", "ip nexthop add id 30 type resilient idle_timer 42949672",
		"ip nexthop add id 30 type resilient unbalanced_timer 42949673", "ip nexthop add id 30 group 1/2 type resilient buckets 0", "ip nexthop add id 30 protocol x", "ip nexthop add id 30 protocol 256", "ip nexthop add id 30 encap", "ip nexthop add id 30 encap mpls", "ip nexthop add id 30 encap mpls 5", "ip nexthop add id 30 encap foo bar",
		"ip nexthop add id 1 blackhole", "ip nexthop add id 30 blackhole dev v0", "ip nexthop add id 30 group 1 via 10.0.0.2 dev v0", "ip nexthop list foo", "ip nexthop list dev nosuch", "ip nexthop list dev", "ip nexthop list master nosuch", "ip nexthop list vrf v0", "ip nexthop list vrf nosuch", "ip nexthop list protocol static",
		"ip nexthop list protocol", "ip nexthop list id", "ip nexthop list id x", "ip nexthop list id 99", "ip nexthop get id", "ip nexthop get id x", "ip nexthop get id 99", "ip nexthop flush foo", "ip nexthop flush dev nosuch", "ip nexthop flush id x", "ip nexthop bucket foo", "ip nexthop bucket list foo", "ip nexthop bucket list dev nosuch",
		"ip nexthop bucket list id x", "ip nexthop bucket list nhid x", "ip nexthop bucket get id 1 index 0", "ip nexthop bucket get id 22 index 9", "ip nexthop bucket get id 22 index x", "ip nexthop bucket get id 22 index 65536", "ip nexthop bucket get id x index 1", "ip -0 nexthop", "ip -0 nexthop bucket", "ip -M nexthop",
		"ip route add 10.30.0.0/16 nhid 99", "ip route add 10.30.0.0/16 nhid 3",
	})
}

func TestNexthopShowLikeStock(t *testing.T) {
	filters := []string{
		"", "list", "show", "lst", "ls", "sh", "l", "s", "list dev v0", "list d v1", "list groups", "list g", "list fdb", "list f", "list master br0", "list id 1", "list id 20", "list id 22", "list id 1 foo", "list protocol 4", "list p 77", "list dev v0 protocol 4", "get id 1", "get id 4", "g id 21", "get id 23",
		"bucket", "bucket list", "bucket show", "bucket lst", "bucket l", "b s", "bucket list id 22", "bucket list nhid 1", "bucket list dev v0", "bucket list id 22 nhid 2", "bucket get id 22 index 1", "bucket g index 3 id 22",
	}
	var all []string
	for _, f := range filters {
		all = append(all, "ip nexthop "+f, "ip -j nexthop "+f, "ip -d nexthop "+f)
	}
	for _, o := range []string{"-4", "-6", "-o", "-j -p", "-d -j -p", "-N", "-N -d", "-c", "-s", "-n blue", "-n blue -j", "-6 -j", "-br"} {
		all = append(all, "ip "+o+" nexthop", "ip "+o+" nexthop bucket")
	}
	for _, o := range []string{"", "-d", "-d -j", "-d -o", "-6 -d", "-d -N", "-d -c", "-d -j -p"} {
		all = append(all, "ip "+o+" route")
	}
	shows(t, hopped, all)
}
