//go:build !tiny

package ip

import (
	"testing"

	"rawns/cmd/rawns/internal/difftest"
)

// reachable gives the scene's links networks that a gateway can be in.
const reachable = "ip link set lo up; for d in v0 v1 br0; do ip link set $d addrgenmode none up; done; " +
	"ip addr add 10.0.0.1/24 dev v0; ip addr add 10.7.0.1/16 dev v1; ip addr add fd00::1/64 dev v0 nodad; ip addr add fd07::1/64 dev v1 nodad; "

// routed adds routes of many kinds.
const routed = reachable + `
ip route add default via 10.0.0.2
ip route add default via 10.7.0.2 metric 100 proto dhcp src 10.7.0.1
ip route add 10.1.0.0/16 via 10.0.0.2 proto static
ip route add 10.1.2.0/24 via 10.0.0.3 metric 20
ip route add 10.1.2.3 dev v0 scope host
ip route add 10.2.0.0/16 dev v0 scope link src 10.0.0.1 realms 3/5 tos 0x10
ip route add 10.3.0.0/16 nexthop via 10.0.0.2 weight 3 nexthop via 10.7.0.3 nexthop via 10.44.0.1 dev br0 onlink
ip route add 10.4.0.0/16 dev v0 mtu lock 1400 advmss 1300 rtt 1.5s rttvar 20ms rto_min 300ms window 7 cwnd lock 5 initcwnd 9 initrwnd 10 ssthresh 8 reordering 4 hoplimit 64 quickack 1 features ecn congctl reno fastopen_no_cookie 1
ip route add 10.5.0.0/16 via inet6 fd00::2 dev v0
ip route add blackhole 10.6.0.0/16
ip route add unreachable 10.8.0.0/16 metric 7
ip route add prohibit 10.9.0.0/16 proto bird
ip route add throw 10.10.0.0/16
ip route add multicast 224.0.0.0/4 dev v0
ip route add anycast 10.11.0.1 dev v0
ip route add broadcast 10.11.255.255 dev v0
ip route add local 10.12.0.1 dev v0
ip route add 10.13.0.0/16 dev br0
ip route add 10.14.0.0/16 dev v0 table 100
ip route add 10.15.0.0/16 dev v1 table 100000 proto 77
ip route add 10.16.0.0/16 via 10.99.0.1 dev v0 onlink
ip route add default via fd00::2
ip route add fd01::/64 via fd00::2 metric 5 pref high
ip route add fd02::/64 dev v0 proto static mtu 1400 pref low
ip route add fd03::/64 nexthop via fd00::2 nexthop via fd07::3 weight 2
ip route add unreachable fd04::/64
ip route add fd05::/64 from fd00::/64 via fd00::2
ip route add fd06::1 dev v0 table 100
ip route add local fd08::1 dev v0
`

func TestRouteChangeLikeStock(t *testing.T) {
	changes(t, reachable, lines(
		"ip route add default via 10.0.0.2",
		"ip r a default via 10.0.0.2",
		"ip route add default via 10.0.0.2 dev v0",
		"ip route add default dev v0",
		"ip route add 0.0.0.0/0 via 10.0.0.2",
		"ip route add 0/0 via 10.0.0.2",
		"ip route add to default via 10.0.0.2",
		"ip route add unicast default via 10.0.0.2",
		"ip -4 route add default via 10.0.0.2",
		"ip -6 route add default via fd00::2",
		"ip route add default via fd00::2",
		"ip -6 route add default dev v0",
		"ip route add default via fd00::2 dev v0 metric 5",
		"ip route add ::/0 via fd00::2",
		"ip route add all via 10.0.0.2",
		"ip route add any via 10.0.0.2",
		"ip -4 route add all via 10.0.0.2",
		"ip -n blue route add default dev lo",
		"ip route add 10.1/16 via 10.0.0.2",
		"ip route add 10.1.0.0/255.255.0.0 via 10.0.0.2",
		"ip route add 10.1.2.3 via 10.0.0.2",
		"ip route add fd01::/64 via fd00::2",
		"ip route add fd01::5 dev v0",
		"ip route add fd01::5/64 dev v0",
		"ip route add 10.1.2.3/16 via 10.0.0.2",
		"ip route add 10.1.0.0/16 dev a-rather-long-alternative-name",
		"ip route add 10.1.0.0/16 oif v0",
		"ip route add 10.1.0.0/16 dev if11",
		"ip route add 10.1.0.0/16 src 10.0.0.1 dev v0",
		"ip route add 10.1.0.0/16 via 10.0.0.2 src 10.7.0.1 metric 9",
		"ip route add 10.1.0.0/16 m 9 dev v0",
		"ip route add 10.1.0.0/16 prio 9 dev v0",
		"ip route add 10.1.0.0/16 preference 9 dev v0",
		"ip route add 10.1.0.0/16 dev v0 proto static",
		"ip route add 10.1.0.0/16 dev v0 protocol 77",
		"ip route add 10.1.0.0/16 dev v0 proto ra scope global",
		"ip route add 10.1.0.0/16 dev v0 scope link",
		"ip route add 10.1.0.0/16 dev v0 scope 77",
		"ip route add 10.1.0.0/16 via 10.0.0.2 scope link",
		"ip route add 10.1.0.0/16 dev v0 table 100",
		"ip route add 10.1.0.0/16 dev v0 table main",
		"ip route add 10.1.0.0/16 dev v0 table local",
		"ip route add 10.1.0.0/16 dev v0 table 0x1000",
		"ip route add 10.1.0.0/16 dev v0 ta 4294967295",
		"ip route add fd01::/64 dev v0 table 1000",
		"ip route add 10.1.0.0/16 dev v0 tos 0x10",
		"ip route add 10.1.0.0/16 dev v0 tos CS1",
		"ip route add 10.1.0.0/16 dev v0 dsfield 4",
		"ip route add 10.1.0.0/16 dev v0 realms 3",
		"ip route add 10.1.0.0/16 dev v0 realm 3/5",
		"ip route add 10.1.0.0/16 dev v0 realms 65539",
		"ip route add 10.1.0.0/16 dev v0 realms 4/",
		"ip route add 10.1.0.0/16 via 10.99.0.1 dev v0 onlink",
		"ip route add 10.1.0.0/16 via 10.99.0.1 dev v0",
		"ip route add 10.1.0.0/16 via inet6 fd00::2 dev v0",
		"ip route add 10.1.0.0/16 via inet 10.0.0.2",
		"ip route add fd01::/64 via inet 10.0.0.2 dev v0",
		"ip route add 10.1.0.0/16 dev v0 mtu 1400",
		"ip route add 10.1.0.0/16 dev v0 mtu lock 1400",
		"ip route add 10.1.0.0/16 dev v0 mtu lock 1400 advmss 1300 rtt 100 rttvar 20 rto_min 200 window lock 7 cwnd 5",
		"ip route add 10.1.0.0/16 dev v0 rtt 100ms rttvar 0.02s rto_min 1s",
		"ip route add 10.1.0.0/16 dev v0 rtt 1.2345s",
		"ip route add 10.1.0.0/16 dev v0 rtt lock 2SECS rttvar lock 2msec",
		"ip route add 10.1.0.0/16 dev v0 initcwnd 9 initrwnd 10 ssthresh 8 reordering 4 hoplimit 64 quickack 1 features ecn congctl reno fastopen_no_cookie 1",
		"ip route add 10.1.0.0/16 dev v0 congctl lock cubic hoplimit lock 3",
		"ip route add 10.1.0.0/16 dev v0 congctl nosuch",
		"ip route add fd01::/64 dev v0 mtu 1400 hoplimit 64 expires 100",
		"ip route add fd01::/64 dev v0 pref high",
		"ip route add fd01::/64 dev v0 pref low",
		"ip route add fd01::/64 dev v0 pref 3",
		"ip route add fd05::/64 from fd00::/64 via fd00::2",
		"ip route add 10.1.0.0/16 from 10.0.0.0/24 dev v0",
		"ip route add 10.1.0.0/16 dev v0 as 10.2.0.0",
		"ip route add blackhole 10.1.0.0/16",
		"ip route add bl 10.1.0.0/16",
		"ip route add unreachable 10.1.0.0/16 metric 4294967295",
		"ip route add prohibit 10.1.0.0/16",
		"ip route add throw 10.1.0.0/16",
		"ip route add unreachable default",
		"ip route add blackhole fd01::/64",
		"ip route add prohibit fd01::/64",
		"ip route add throw fd01::/64 table 100",
		"ip route add local 10.1.0.1 dev v0",
		"ip route add local 10.1.0.0/16 dev lo table 100",
		"ip route add broadcast 10.1.255.255 dev v0",
		"ip route add brd 10.1.255.255 dev v0",
		"ip route add multicast 239.0.0.0/8 dev v0",
		"ip route add anycast 10.1.0.1 dev v0",
		"ip route add nat 10.1.0.0/16 dev v0",
		"ip route add xresolve 10.1.0.0/16 dev v0",
		"ip route add local fd01::1 dev v0",
		"ip route add 10.1.0.0/16 nexthop via 10.0.0.2 nexthop via 10.7.0.2",
		"ip route add 10.1.0.0/16 nexthop via 10.0.0.2 weight 3 nexthop via 10.7.0.2 dev v1 weight 256",
		"ip route add 10.1.0.0/16 nexthop dev v0 nexthop dev v1 weight 2",
		"ip route add 10.1.0.0/16 nexthop via 10.99.0.1 dev v0 onlink nexthop via 10.7.0.2",
		"ip route add 10.1.0.0/16 mtu 1400 metric 5 nexthop via 10.0.0.2 realms 3/4",
		"ip route add 10.1.0.0/16 nexthop via inet6 fd00::2 dev v0 nexthop via 10.7.0.2",
		"ip route add fd01::/64 nexthop via fd00::2 nexthop via fd07::2 weight 4",
		"ip route add default nexthop via fd00::2 nexthop via fd07::2",
		"ip route add default scope global nexthop via 10.0.0.2 nexthop via 10.7.0.2",
		"ip nexthop add id 5 via 10.0.0.2 dev v0 2>/dev/null || /sbin/ip nexthop add id 5 via 10.0.0.2 dev v0; ip route add 10.1.0.0/16 nhid 5; ip route",
		"ip route add 10.1.0.0/16 nhid 0x5",
		"ip route add 10.1.0.0/16 dev v0 ttl-propagate enabled",
		"ip -echo route add 10.1.0.0/16 dev v0",
		"ip -echo route add fd01::/64 dev v0",
	))
}

func TestRouteReplaceDeleteLikeStock(t *testing.T) {
	changes(t, routed, lines(
		"ip route append 10.1.0.0/16 via 10.0.0.9",
		"ip route prepend 10.1.0.0/16 via 10.0.0.9",
		"ip route replace 10.1.0.0/16 via 10.0.0.9",
		"ip route replace 10.77.0.0/16 via 10.0.0.9",
		"ip route replace default via 10.0.0.9",
		"ip route change 10.1.0.0/16 via 10.0.0.9",
		"ip route chg default via 10.0.0.9 dev v0",
		"ip route change 10.77.0.0/16 via 10.0.0.9",
		"ip route test 10.1.0.0/16 via 10.0.0.2 proto static",
		"ip route test 10.77.0.0/16 via 10.0.0.9",
		"ip route append fd01::/64 via fd00::9 metric 5",
		"ip route replace fd01::/64 via fd00::9 metric 5",
		"ip route change fd99::/64 via fd00::9",
		"ip route add default via 10.0.0.2",
		"ip route add 10.6.0.0/16 dev v0",
		"ip route del default",
		"ip r d default",
		"ip route delete default via 10.0.0.2",
		"ip route del default via 10.0.0.9",
		"ip route del default metric 100",
		"ip route del default dev v1",
		"ip -6 route del default",
		"ip route del default via fd00::2",
		"ip route del 10.1.0.0/16",
		"ip route del 10.1/16",
		"ip -echo route del 10.1/16",
		"ip route del 10.1.0.0/24",
		"ip route del 10.1.0.0/16 proto static",
		"ip route del 10.1.0.0/16 proto boot",
		"ip route del 10.2.0.0/16 tos 0x10",
		"ip route del 10.2.0.0/16",
		"ip route del 10.3.0.0/16",
		"ip route del 10.3.0.0/16 nexthop via 10.0.0.2 weight 3 nexthop via 10.7.0.3 nexthop via 10.44.0.1 dev br0 onlink",
		"ip route del 10.4.0.0/16 mtu 1400",
		"ip route del 10.5.0.0/16 via inet6 fd00::2",
		"ip route del blackhole 10.6.0.0/16",
		"ip route del 10.6.0.0/16",
		"ip route del unreachable 10.6.0.0/16",
		"ip route del 10.14.0.0/16",
		"ip route del 10.14.0.0/16 table 100",
		"ip route del 10.15.0.0/16 table 100000",
		"ip route del local 10.12.0.1",
		"ip route del 10.12.0.1 table local",
		"ip route del broadcast 10.11.255.255 dev v0",
		"ip route del fd01::/64",
		"ip route del fd03::/64",
		"ip route del fd03::/64 nexthop via fd00::2",
		"ip route del 10.99.0.0/16",
		"ip route del fd99::/64",
		"ip route del 10.1.0.0/16 dev nosuch",
		"ip route del",

		"ip route flush 10.1.0.0/16",
		"ip route flush root 10.1.0.0/16",
		"ip route flush match 10.1.2.3",
		"ip route flush exact 10.1.0.0/16",
		"ip route flush dev v0",
		"ip route flush dev v1 table all",
		"ip route flush table 100",
		"ip route flush table main",
		"ip route flush proto static",
		"ip route flush scope link",
		"ip route flush type blackhole",
		"ip route flush via 10.0.0.2",
		"ip -6 route flush dev v0",
		"ip -6 route flush table main",
		"ip -6 route flush root fd00::/8",
		"ip -6 route flush type unreachable",
		"ip route flush cache",
		"ip -s route flush cache",
		"ip -6 route flush cache",
		"ip route flush",
		"ip route flush table 777",
		"ip -6 route flush table 777",
		"ip route flush dev nosuch",
		"ip route flush 10.0.0.300",
		"ip -s route flush 10.1.0.0/16",
		"ip -s -s route flush root 10.0.0.0/8",
		"ip -s -s -j route flush root 10.0.0.0/8",
		"ip -s -s -o route flush root 10.0.0.0/8",
		"ip -s -6 route flush dev v0",
		"ip -s route flush 10.77.0.0/16",
		"ip -s route flush table 100",
	))
}

func TestRouteErrorsLikeStock(t *testing.T) {
	shows(t, reachable, []string{
		"ip route add 10.0.0.300/24 via 10.0.0.2", "ip route add 10.1.0.0/33 via 10.0.0.2", "ip route add ::1/129 dev v0", "ip route add '' dev v0", "ip route add / dev v0",
		"ip route add 10.1.0.0/16 via 10.0.0.300", "ip route add 10.1.0.0/16 via ''", "ip route add 10.1.0.0/16 via", "ip route add 10.1.0.0/16 via inet6", "ip route add 10.1.0.0/16 via fd00::2",
		"ip route add fd01::/64 via 10.0.0.2", "ip -6 route add 10.1.0.0/16 dev v0", "ip -4 route add fd01::/64 dev v0", "ip -0 route add 10.1.0.0/16 dev v0", "ip -B route add 10.1.0.0/16 dev v0",
		"ip route add 10.1.0.0/16", "ip route add 10.1.0.0/16 dev", "ip route add 10.1.0.0/16 dev nosuch", "ip route add 10.1.0.0/16 dev ''", "ip route add 10.1.0.0/16 dev br0/x",
		"ip route add 10.1.0.0/16 via 10.9.9.9", "ip route add fd01::/64 via fd99::1", "ip route add 10.1.0.0/16 via 10.0.0.2 dev v1",
		"ip route add 10.1.0.0/16 dev v0 metric -1", "ip route add 10.1.0.0/16 dev v0 metric x", "ip route add 10.1.0.0/16 dev v0 metric ''", "ip route add 10.1.0.0/16 dev v0 priority 99999999999", "ip route add 10.1.0.0/16 dev v0 metric",
		"ip route add 10.1.0.0/16 dev v0 table x", "ip route add 10.1.0.0/16 dev v0 table -1", "ip route add 10.1.0.0/16 dev v0 table 4294967296", "ip route add 10.1.0.0/16 dev v0 table all", "ip route add 10.1.0.0/16 dev v0 table",
		"ip route add 10.1.0.0/16 dev v0 proto x", "ip route add 10.1.0.0/16 dev v0 proto 256", "ip route add 10.1.0.0/16 dev v0 scope x", "ip route add 10.1.0.0/16 dev v0 scope 256",
		"ip route add 10.1.0.0/16 dev v0 tos x", "ip route add 10.1.0.0/16 dev v0 tos 100", "ip route add 10.1.0.0/16 dev v0 tos 3",
		"ip route add 10.1.0.0/16 dev v0 mtu x", "ip route add 10.1.0.0/16 dev v0 mtu lock", "ip route add 10.1.0.0/16 dev v0 advmss x", "ip route add 10.1.0.0/16 dev v0 hoplimit 256", "ip route add 10.1.0.0/16 dev v0 window x",
		"ip route add 10.1.0.0/16 dev v0 features foo", "ip route add 10.1.0.0/16 dev v0 features", "ip route add 10.1.0.0/16 dev v0 quickack 2", "ip route add 10.1.0.0/16 dev v0 quickack x", "ip route add 10.1.0.0/16 dev v0 fastopen_no_cookie 2",
		"ip route add 10.1.0.0/16 dev v0 rtt 1x", "ip route add 10.1.0.0/16 dev v0 rtt x", "ip route add 10.1.0.0/16 dev v0 rtt s", "ip route add 10.1.0.0/16 dev v0 rtt ''", "ip route add 10.1.0.0/16 dev v0 rto_min .", "ip route add 10.1.0.0/16 dev v0 rttvar 1.x",
		"ip route add 10.1.0.0/16 dev v0 realms a/b", "ip route add 10.1.0.0/16 dev v0 realms 1/2/3", "ip route add 10.1.0.0/16 dev v0 realms x", "ip route add 10.1.0.0/16 dev v0 realms 300/1",
		"ip route add 10.1.0.0/16 dev v0 pref foo", "ip route add 10.1.0.0/16 dev v0 pref 256", "ip route add 10.1.0.0/16 dev v0 expires x", "ip route add 10.1.0.0/16 nhid x", "ip route add 10.1.0.0/16 nhid 99",
		"ip route add 10.1.0.0/16 via 10.0.0.2 via 10.0.0.3", "ip route add 10.1.0.0/16 10.2.0.0/16 dev v0", "ip route add 10.1.0.0/16 garbage dev v0", "ip route add to", "ip route add unicast", "ip route add to unicast",
		"ip route add 10.1.0.0/16 src 10.99.0.1 dev v0", "ip route add 10.1.0.0/16 src fd00::1 dev v0", "ip route add 10.1.0.0/16 src x dev v0", "ip route add 10.1.0.0/16 src", "ip route add 10.1.0.0/16 from x dev v0",
		"ip route add 10.1.0.0/16 nexthop", "ip route add 10.1.0.0/16 nexthop via 10.0.0.2 weight 0", "ip route add 10.1.0.0/16 nexthop via 10.0.0.2 weight 257", "ip route add 10.1.0.0/16 nexthop via 10.0.0.2 weight x",
		"ip route add 10.1.0.0/16 nexthop via 10.0.0.2 foo", "ip route add 10.1.0.0/16 nexthop via 10.0.0.2 mtu 1400", "ip route add 10.1.0.0/16 nexthop dev nosuch", "ip route add 10.1.0.0/16 nexthop via", "ip route add 10.1.0.0/16 nexthop via x",
		"ip route add 10.1.0.0/16 nexthop via 10.0.0.2 realms x", "ip route add 10.1.0.0/16 nexthop via 10.99.0.2", "ip route add 10.1.0.0/16 dev v0 ttl-propagate x", "ip route add blackhole 10.1.0.0/16 dev v0", "ip route add blackhole 10.1.0.0/16 via 10.0.0.2",
		"ip route foo", "ip route ''", "ip route get", "ip route get x", "ip route get 10.0.0.300", "ip route get ''", "ip route get 10.0.0.7 oif nosuch", "ip route get 10.0.0.7 iif nosuch", "ip route get 10.0.0.7 mark x", "ip route get 10.0.0.7 uid x",
		"ip route get 10.0.0.7 tos x", "ip route get 10.0.0.7 sport x", "ip route get 10.0.0.7 dport 65536", "ip route get 10.0.0.7 ipproto x", "ip route get 10.0.0.7 from x", "ip route get 10.0.0.7 from", "ip route get 10.99.0.1", "ip route get fd99::1",
		"ip route get 10.0.0.7 ipproto 200", "ip route get 10.0.0.7 iif v0", "ip route get 10.0.0.7 from 10.99.0.1",
		"ip route show table foo", "ip route show table 777", "ip -6 route show table 777", "ip route show dev nosuch", "ip route show dev ''", "ip route show iif nosuch", "ip route show proto foo", "ip route show scope foo",
		"ip route show type foo", "ip route show tos foo", "ip route show metric foo", "ip route show mark x", "ip route show 10.0.0.0/40", "ip route show root x", "ip route show root", "ip route show match 10.0.0.300", "ip route show via x", "ip route show src x",
		"ip route show realms x", "ip route show from x", "ip route show to", "ip route show exact", "ip route show help", "ip route show foo",
		"ip -6 route show 10.0.0.0/8", "ip -4 route show fd00::/8", "ip route show via inet6 10.0.0.2",
	})
}

func TestRouteHostileLikeStock(t *testing.T) {
	const ours = "control bytes are escaped"
	changes(t, reachable, []difftest.Case{
		{Line: `ip route add "$(printf '\033[31m')" dev v0`, Words: ours},
		{Line: `ip route add 10.1.0.0/16 dev "$(printf '\033[31m')"`, Words: ours},
		{Line: `ip route add 10.1.0.0/16 dev v0 congctl "$(printf '\033[31m')"`},
		{Line: `ip route add 10.1.0.0/16 dev v0 table "$(printf 'a\nb')"`, Words: ours},
		{Line: `ip link set v1 down; ip link set v1 name "$(printf 'x\033[1m')"; ip link set "$(printf 'x\033[1m')" up; ip route add 10.1.0.0/16 dev "$(printf 'x\033[1m')"; ip route`, Words: ours},
		{Line: "ip -echo -j route add 10.1.0.0/16 via 10.0.0.2 table 100", Words: "stock's object in an object has no key"},
		{Line: "ip route add 10.1.0.0/16 dev nosuch encap ip id 3"},
		{Line: "ip route add 10.1.0.0/16 vrf nosuch dev nosuch"},
	})
}

func TestRouteShowLikeStock(t *testing.T) {
	filters := []string{
		"", "show", "list", "lst", "sh", "show dev v0", "show dev v1", "show oif v0", "show dev br0 scope link", "show dev a-rather-long-alternative-name", "show iif v0",
		"show table main", "show table local", "show table all", "show table 100", "show table 100000", "show table 0", "show table default", "show table unspec", "show table cache", "show cache", "show cached", "show cloned",
		"show proto static", "show proto kernel", "show proto 77", "show proto all", "show proto boot", "show proto bird table all",
		"show scope link", "show scope global", "show scope host", "show scope all", "show scope 0", "show scope link dev v0 proto kernel",
		"show type unicast", "show type blackhole", "show type local table all", "show type local table local", "show type multicast", "show type 6", "show type unr",
		"show via 10.0.0.2", "show via 10.0.0.0/24", "show via inet6 fd00::2", "show via fd00::2", "show via default", "show src 10.0.0.1", "show src 10.0.0.0/8", "show src 10.7.0.1",
		"show tos 0x10", "show tos 10", "show dsfield CS1", "show metric 20", "show metric 0", "show priority 100", "show mark 0", "show realms 3/5", "show realms 3/", "show realms /5", "show realms 5", "show realms 0",
		"show root 10.0.0.0/8", "show root 10.1.0.0/16", "show root default", "show match 10.1.2.3", "show match 10.1.0.0/16", "show match default", "show match 0/0", "show exact 10.1.0.0/16", "show 10.1.0.0/16", "show to 10.1.0.0/16", "show to root 10.1.0.0/16",
		"show to match 10.1.2.3", "show default", "show 0/0", "show exact default", "show all", "show any", "show 10.1.2.3", "show 10.1/16", "show from 10.0.0.0/8", "show from root default", "show from match 10.0.0.1", "show from exact default",
		"show fd01::/64", "show root fd00::/8", "show match fd01::5", "show root fd00::/8 table all", "show default table all", "show 10.0.0.1 table local", "show dev v0 table all", "show dev lo table all", "show table all proto kernel scope host",
	}
	var all []string
	for _, f := range filters {
		all = append(all, "ip route "+f, "ip -6 route "+f)
		if f != "show table default" { // where there is no table stock's JSON has no end
			all = append(all, "ip -j route "+f)
		}
	}
	for _, opt := range []string{"-4", "-6", "-d", "-o", "-j -p", "-d -j -p", "-N", "-N -j", "-c", "-6 -j", "-6 -d", "-6 -o", "-6 -j -p", "-6 -c", "-6 -N", "-d -j", "-s", "-s -j", "-0", "-B", "-f inet", "-f inet6", "-n blue", "-br", "-d -o"} {
		all = append(all, "ip "+opt+" route", "ip "+opt+" route show table all type unicast", "ip "+opt+" route show table local 10.0.0.0/8", "ip "+opt+" route show dev v0")
	}
	shows(t, routed, all)

	get := []string{
		"10.0.0.7", "to 10.0.0.7", "10.0.0.1", "10.0.0.255", "127.0.0.1", "10.1.9.9", "10.6.0.1", "10.8.0.1", "10.9.0.1", "10.10.0.1", "10.5.0.1", "224.0.0.5", "8.8.8.8", "default", "any", "10.0.0.7/24", "10.0.0.7/32",
		"10.0.0.7 from 10.0.0.1", "10.0.0.7 from 10.0.0.1 oif v0", "10.0.0.7 oif v0", "10.0.0.7 dev v1", "10.0.0.7 mark 3", "10.0.0.7 mark 300", "10.0.0.7 uid 5", "10.0.0.7 tos 0x10", "10.0.0.7 fibmatch", "8.8.8.8 fibmatch", "10.4.0.1 fibmatch",
		"10.4.0.1", "10.0.0.7 ipproto tcp sport 5 dport 80", "10.0.0.7 ipproto udp", "10.0.0.7 ipproto 6", "10.0.0.7 ipproto icmp", "10.2.0.1 tos 10", "10.7.0.9 from 10.0.0.9 iif v0", "10.0.0.7 notify",
		"fd00::7", "fd00::1", "::1", "fd01::5", "fd04::1", "fd02::9", "2001:db8::1", "fd00::7 from fd00::1", "fd00::7 oif v0", "fd00::7/64", "fd00::7 fibmatch", "2001:db8::1 fibmatch", "fd00::7 mark 3", "ff02::1 oif v0",
	}
	all = nil
	for _, g := range get {
		all = append(all, "ip route get "+g, "ip -j route get "+g, "ip -d route get "+g)
	}
	all = append(all, "ip -4 route get fd00::7", "ip -6 route get 10.0.0.7", "ip -6 route get default", "ip -6 route get fd00::7", "ip -o route get 10.0.0.7", "ip -j -p route get 10.0.0.1", "ip -c route get 10.0.0.7", "ip -N route get 10.0.0.7")
	shows(t, routed, all)

	// States of links and of whole tables.
	changes(t, routed, lines(
		"ip link set v1 down; ip route; ip -j route; ip -6 route",
		"ip link set v0 down; ip route show table all; ip route get 10.0.0.7",
		"ip route flush table main; ip route; ip -j route; ip route show table main; ip -6 route",
		"ip link set lo down; ip route show table all",
		"ip -n blue route; ip -n blue -j route; ip -n blue -6 route; ip -n blue route show table local; ip -n blue route show table all; ip -n blue route get 1.1.1.1",
	))
}
