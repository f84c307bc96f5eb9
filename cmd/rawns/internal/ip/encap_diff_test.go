//go:build !tiny

package ip

import (
	"testing"

	"rawns/cmd/rawns/internal/difftest"
)

// encapGolden are the lines of testdata/encap.golden. What the running kernel
// lacks is sent all the same, and refused.
var encapGolden = []string{
	"ip route add 10.9.0.0/16 encap mpls 100 via 10.0.0.2",
	"ip route add 10.9.0.0/16 encap mpls 100/0x20/16 ttl 5 dev v0",
	"ip route add 10.9.0.0/16 encap ip id 5 dst 1.2.3.4 src 1.2.3.5 ttl 7 tos 0x10 key csum seq dev v0",
	"ip route add 10.9.0.0/16 encap ip6 id 18446744073709551615 dst fd00::5 src fd00::6 hoplimit 7 tc 0x10 key csum seq dev v0",
	"ip route add fd09::/64 encap seg6 mode encap segs fd00::5,fd00::6 dev v0",
	"ip route add fd09::/64 encap seg6 mode inline segs fd00::5 hmac 0x1234 dev v0",
	"ip route add fd09::/64 encap seg6 mode encap dev v0",
	"ip route add fd09::/64 encap seg6 mode l2encap.red segs fd00::5 dev v0",
	"ip route add fd09::/64 encap seg6local action End dev v0",
	"ip route add fd09::/64 encap seg6local action End.X nh6 fd00::2 flavors psp,usp count dev v0",
	"ip route add fd09::/64 encap seg6local action End flavors NEXT-CSID lblen 32 nflen 16 dev v0",
	"ip route add fd09::/64 encap seg6local action End.DX4 nh4 10.0.0.2 iif v0 oif v1 table 100 vrftable 7 dev v0",
	"ip route add fd09::/64 encap seg6local action End.B6 srh segs fd00::5,fd00::6 dev v0",
	"ip route add fd09::/64 encap seg6local action End.B6.Encaps srh segs fd00::5,fd00::6 hmac 7 dev v0",
	"ip route add fd09::/64 encap rpl segs fd00::5,fd00::6 dev v0",
	"ip route add fd09::/64 encap ioam6 trace prealloc type 0x800000 ns 1 size 12 dev v0",
	"ip route add fd09::/64 encap ioam6 freq 2/5 mode encap tundst fd00::7 trace prealloc size 244 ns 65535 type 0xfff002 dev v0",
	"ip route add fd09::/64 encap ila 1:2:abcd:4 dev v0",
	"ip route add fd09::/64 encap ila 1:2:3:4 csum-mode adj-transport ident-type use-format hook-type input dev v0",
	"ip route add 10.9.0.0/16 dev v0 encap xfrm if_id 5",
	"ip route add 10.9.0.0/16 dev v0 encap xfrm if_id 5 link_dev v1",
	"ip route add 10.9.0.0/16 encap bpf headroom 5 dev v0",
	"ip route add 10.9.0.0/16 nexthop encap ip id 5 dst 1.2.3.4 via 10.0.0.2 dev v0 nexthop via 10.0.0.3 dev v1 encap mpls 7/8 weight 5",
	"ip -M route add 100 via inet 10.0.0.2 dev v0",
	"ip -f mpls route add 100 as 200/300 via inet6 fd00::2 dev v0",
	"ip -M route add 100 as to 200 via link 02:00:00:00:00:99 dev v0 proto static",
	"ip -M route add 100 dev lo",
	"ip -M route add 100 nexthop as 200 via inet 10.0.0.2 dev v0 nexthop as 300 via inet 10.0.0.3 dev v1",
	"ip -M route add 100 ttl-propagate disabled as 7 via inet 10.0.0.2 dev v0",
	"ip -M route del 100",
	"ip -M route",
	"ip -M route show dev v0",
	"ip -M route get 100",
	"ip route add 10.9.0.0/16 via link 02:00:00:00:00:99 dev v0",
}

// wrapped adds routes with encaps that the running kernel knows.
const wrapped = reachable + `
set +e
ip route add 10.20.0.0/16 encap ip id 5 dst 1.2.3.4 via 10.0.0.2
ip route add 10.21.0.0/16 encap ip id 18446744073709551615 dst 1.2.3.4 src 1.2.3.5 ttl 7 tos 0x10 key csum seq dev v0
ip route add 10.22.0.0/16 encap ip6 id 5 dst fd00::5 src fd00::6 hoplimit 7 tc 0x10 key csum seq dev v0
ip route add 10.23.0.0/16 nexthop encap ip id 5 dst 1.2.3.4 via 10.0.0.2 nexthop via 10.7.0.3 encap ip id 6 weight 5
ip route add fd20::/64 encap seg6 mode encap segs fd00::5,fd00::6 dev v0
ip route add fd21::/64 encap seg6 mode inline segs fd00::5,fd00::7 hmac 0xabcd dev v0
ip route add fd22::/64 encap seg6 mode l2encap.red segs fd00::5 dev v0
ip route add fd23::/64 encap seg6local action End count dev v0
ip route add fd24::/64 encap seg6local action End.X nh6 fd00::2 dev v0
ip route add fd25::/64 encap seg6local action End.DX4 nh4 10.0.0.2 dev v0
ip route add fd26::/64 encap seg6local action End.DX2 oif v1 dev v0
ip route add fd27::/64 encap seg6local action End.T table 100 dev v0
ip route add fd28::/64 encap seg6local action End.B6.Encaps srh segs fd00::5,fd00::6 dev v0
ip route add fd29::/64 encap seg6local action End.DT6 table main dev v0
ip route add fd2a::/64 encap seg6local action End flavors psp dev v0
ip route add fd2b::/64 encap seg6local action End flavors next-csid lblen 32 nflen 16 dev v0
ip route add fd2c::/64 encap ip6 id 5 dst fd00::5 dev v0
ip nexthop add id 30 encap ip id 5 dst 1.2.3.4 via 10.0.0.2 dev v0
true
`

func TestEncapShowLikeStock(t *testing.T) {
	var all []string
	for _, o := range []string{"", "-j", "-d", "-o", "-s", "-s -h", "-s -j", "-c", "-N", "-j -p"} {
		all = append(all, "ip "+o+" route", "ip "+o+" -6 route", "ip "+o+" nexthop")
	}
	shows(t, wrapped, append(all, "ip route get 10.20.0.1", "ip -j route get 10.21.0.1", "ip route get fd20::1", "ip route get fd20::1 fibmatch", "ip -d route get 10.23.0.1 fibmatch"))
}

func TestEncapErrorsLikeStock(t *testing.T) {
	r := "ip route add 10.9.0.0/16 dev v0 encap "
	r6 := "ip route add fd09::/64 dev v0 encap "
	shows(t, reachable, []string{
		r[:len(r)-1], r + "foo", r + "foo bar", r + "mpls", r + "mpls 100", r + "mpls x ttl 5", r + "mpls 1048576 ttl 5", r + "mpls 1/2/x ttl 5", r + "mpls 100 ttl x", r + "mpls 100 ttl 256", r + "mpls 100 ttl 5 ttl 6", r + "mpls 100 ttl", r + "mpls 100 foo", r + "mpls 1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17 ttl 5",
		r + "ip", r + "ip id", r + "ip id x", r + "ip id x y", r + "ip id 18446744073709551616 key", r + "ip id 5 id 6", r + "ip dst x key", r + "ip dst fd00::1 key", r + "ip src x key", r + "ip src 1.2.3.4 src 1.2.3.4", r + "ip tos x key", r + "ip tos 10 tos 20", r + "ip ttl x key", r + "ip ttl 256 key", r + "ip key key", r + "ip csum csum", r + "ip id 5 foo",
		r + "ip6 dst 10.0.0.1 key", r + "ip6 src x key", r + "ip6 tc x key", r + "ip6 hoplimit 256 key", r + "ip6 hoplimit 5 hoplimit 6", r + "ip6 ttl 5", r + "ip foo bar", r6 + "seg6 segs fd00::5 mode encap", r6 + "seg6 mode foo segs fd00::5", r6 + "seg6 mode encap mode encap", r6 + "seg6 mode encap segs x", r6 + "seg6 mode encap segs fd00::5,x",
		r6 + "seg6 mode encap segs 10.0.0.1", r6 + "seg6 mode encap segs fd00::5 segs fd00::6", r6 + "seg6 mode encap hmac x segs fd00::5", r6 + "seg6 mode encap segs", r6 + "seg6local action foo oif v0", r6 + "seg6local action End action End", r6 + "seg6local table x action End.T", r6 + "seg6local vrftable x action End", r6 + "seg6local nh4 x action End",
		r6 + "seg6local nh6 10.0.0.1 action End", r6 + "seg6local iif nosuch action End", r6 + "seg6local oif nosuch action End", r6 + "seg6local action End flavors foo", r6 + "seg6local action End flavors psp,psp", r6 + "seg6local action End flavors ''", r6 + "seg6local action End srh foo bar", r6 + "seg6local nh4 10.0.0.1 table 5", r6 + "seg6local count count",
		r6 + "seg6local action End flavors next-csid lblen x", r6 + "seg6local action End flavors next-csid nflen 256", r6 + "seg6local action End.X foo", r6 + "rpl segs x metric 5", r6 + "rpl segs fd00::5 segs fd00::6", r6 + "rpl foo bar", r6 + "ioam6 foo bar", r6 + "ioam6 trace foo", r6 + "ioam6 freq 5 trace", r6 + "ioam6 freq 5/2 trace prealloc", r6 + "ioam6 freq 0/2 trace",
		r6 + "ioam6 freq 1/0 trace", r6 + "ioam6 freq 1/2/3 trace", r6 + "ioam6 freq 1234567890/12345 trace", r6 + "ioam6 mode foo trace", r6 + "ioam6 mode encap trace prealloc", r6 + "ioam6 tundst fd00::1 trace", r6 + "ioam6 mode auto tundst x trace prealloc", r6 + "ioam6 trace prealloc", r6 + "ioam6 trace prealloc type 5", r6 + "ioam6 trace prealloc type 5 ns 1", r6 + "ioam6 trace prealloc ns 1 size 4",
		r6 + "ioam6 trace prealloc type 0 ns 1 size 4", r6 + "ioam6 trace prealloc type 5 type 6", r6 + "ioam6 trace prealloc ns 65536 size 4", r6 + "ioam6 trace prealloc ns 1 ns 2", r6 + "ioam6 trace prealloc size 5", r6 + "ioam6 trace prealloc size 248", r6 + "ioam6 trace prealloc size 4 size 4", r6 + "ila x csum-mode no-action", r6 + "ila 1:2:3:4:5 csum-mode no-action", r6 + "ila 1:2:3:4 csum-mode foo",
		r6 + "ila 1:2:3:10000 csum-mode no-action", r6 + "ila 1:2:3:4 ident-type foo", r6 + "ila 1:2:3:4 hook-type foo", r6 + "ila 1:2:3:4 foo", r + "xfrm if_id x", r + "xfrm if_id 0", r + "xfrm if_id 5 if_id 6", r + "xfrm if_id 5 link_dev nosuch", r + "xfrm if_id", r + "bpf headroom x", r + "bpf headroom 0", r + "bpf headroom 5", r + "bpf headroom",
		"ip route add 10.9.0.0/16 nexthop encap foo bar", "ip route add 10.9.0.0/16 nexthop encap", "ip route add 10.9.0.0/16 nexthop encap ip id x dev v0",
		"ip -M route add x dev v0", "ip -M route add 1048576 dev v0", "ip -M route add default dev v0", "ip -M route add 100 via 10.0.0.2 dev v0", "ip -M route add 100 as x dev v0", "ip -M route add 100", "ip -M route", "ip -j -M route", "ip -M route show table all", "ip -M route get 100", "ip -M route get x", "ip -M route flush dev v0", "ip route add 10.9.0.0/16 via link x dev v0", "ip route add 10.9.0.0/16 via mpls 5 dev v0", "ip route add 10.9.0.0/16 via bridge 5 dev v0",
	})
	changes(t, reachable, []difftest.Case{
		{Line: "ip route add 10.9.0.0/16 dev v0 encap help"},
		{Line: "ip route add 10.9.0.0/16 dev v0 encap help 5"},
		{Line: "ip route add 10.9.0.0/16 dev v0 encap xfrm link_dev v0"},
		{Line: "ip route add 10.9.0.0/16 dev v0 encap xfrm help foo"},
		{Line: "ip route add 10.9.0.0/16 dev v0 encap bpf help foo"},
		{Line: "ip route add 10.9.0.0/16 dev v0 encap bpf in obj foo section bar", Words: "no programs are loaded"},
	})
}
