package route

import (
	"testing"

	"rawns/cmd/rawns/internal/difftest"
	"rawns/ns/nstest"
)

func TestMain(m *testing.M) {
	difftest.Helper(Run)
	nstest.Main(m)
}

// etc are a host's files of names; no name server answers.
const etc = `
mount --bind /dev/null /etc/resolv.conf
mount -t tmpfs etc /mnt
printf '127.0.0.1 localhost\n::1 ip6-localhost\n10.1.1.9 nine nein\n10.1.1.8 a-rather-long-host-name.example.com\n2001:db8::9 nine6\n2001:db8:1:: net6\n10.3.0.0 hostnet\n10.13.1.1 hst\n' >/mnt/hosts
printf 'default 0.0.0.0\nloopback 127.0.0.0\nbignet 10.9.0.0\nshort 10.14\nhalf 10.128.0.0\nhostnet 10.1.1.9\n' >/mnt/networks
mount --bind /mnt/hosts /etc/hosts
mount --bind /mnt/networks /etc/networks
`

const links = etc + `
ip -batch - <<.
link set lo up
link add v0 index 101 address 02:00:00:00:00:01 type veth peer name v1 index 102 address 02:00:00:00:00:02
link set v0 addrgenmode none up
link set v1 addrgenmode none up
addr add 10.1.1.1/24 dev v0
addr add 10.1.1.2/24 dev v0 label v0:1
addr add 10.1.2.1/24 dev v1 label v1:7
addr add 2001:db8::1/64 dev v0
.
`

// busy has routes of all kinds.
const busy = `
ip -batch - <<.
link add a-name-of-15-by index 103 address 02:00:00:00:00:03 type bridge
link set a-name-of-15-by addrgenmode none up
route add default via 10.1.1.254
route add 0.0.0.0/1 via 10.1.1.9
route add 0.0.0.0/32 via 10.1.1.9
route add 10.9.0.0/16 via 10.1.1.9 metric 5 advmss 1000 window 2000 rtt 30
route add unreachable 10.10.0.0/16
route add blackhole 10.11.0.0/16
route add prohibit 10.12.0.0/16 metric 9
route add unreachable 10.12.0.1
route add throw 10.12.1.0/24
route add 10.13.1.1 dev v0
route add 10.14.0.0/16 nexthop via 10.1.1.8 nexthop via 10.1.2.8
route add multicast 224.1.0.0/16 dev v0
route add broadcast 10.15.0.255 dev v0 table main scope link
route add 10.15.0.0/16 dev v0 table 77
route add 10.16.0.0/16 via inet6 fe80::1 dev v0
route add 10.17.0.0/16 via inet6 ::1:2:3 dev v0 onlink
route add 10.53.0.0/16 dev v0 metric 4000000000
route add 10.60.0.0/16 dev a-name-of-15-by
route add 10.61.0.0/16 dev v0 tos 0x10
route add 10.61.0.0/16 dev v0 metric 5
route add 10.61.0.0/17 dev v0 metric 5
route add 10.62.0.0/24 dev v0 mtu 500 advmss 300 window 100000 rtt 12345s
route add 10.3.0.0/16 dev v0
route add 10.128.0.0/9 dev v0
route add 10.77.0.0/16 via 10.1.1.8
nexthop add id 1 via 10.1.1.9 dev v0
nexthop add id 2 blackhole
nexthop add id 3 via 10.1.1.8 dev v0
nexthop add id 4 group 1/3
route add 10.50.0.0/16 nhid 1
route add 10.51.0.0/16 nhid 2
route add 10.52.0.0/16 nhid 4
route add 2001:db8:1::/48 via 2001:db8::9
route add 2001:db8:2::/48 dev v0 metric 7
route add unreachable 2001:db8:3::/48
route add 2001:db8:4::/48 nexthop via 2001:db8::7 nexthop via 2001:db8::8
route add 2001:db8:5::/48 dev v0 expires 1000
route add blackhole 2001:db8:6::/48
route add 2001:db8:7::/48 dev v0 table 50
route add local 2001:db8:9::1 dev v0
.
`

// settled takes out what the kernel does in its own time with its own routes of
// IPv6: their order, and how often they are referred to.
const settled = ` | sed -E 's/ [0-9]+ +0 ([a-z])/ N 0 \1/' | sort`

// lists show the busy tables.
var lists = []string{
	"route", "route -n", "route -N", "route -e", "route -en", "route -ee", "route -een", "route -eee", "route -eeee", "route -v", "route -nv", "route -F", "route --fib -n",
	"route -C", "route -Ce", "route -Cee", "route -Ceee", "route -FC", "route -CFn", "route --cache", "route -4", "route -4n", "route -A inet", "route --inet -n", "route --ip", "route -A ip", "route -4 -4",
	"route --numeric --extend", "route --protocol inet", "route -nA inet",
	"route -6" + settled, "route -6n" + settled, "route -6 -e" + settled, "route -6nee" + settled, "route -A inet6" + settled, "route -A inet6 -n" + settled, "route --inet6 -n" + settled, "route -6 -C" + settled, "route -6 -FC" + settled, "route -nN6" + settled, "route -4 -6" + settled, "route -A inet,inet6 -n" + settled, "route --protocol=inet6 -n" + settled,
}

// others are no lists and no changes.
var others = []string{
	"route -A ax25 2>/dev/null", "route -A x25", "route -A econet", "route -A ec", "route -A ash", "route -A unix", "route --unix", "route -A bluetooth", "route -A unspec", "route -A nosuch", "route -A inet,nosuch", "route -A ''", "route -A ,inet",
	"route -x >/dev/null", "route --nosuch >/dev/null", "route -A >/dev/null", "route --protocol >/dev/null", "route --ver >/dev/null", "route --help=3 >/dev/null", "route -nfoo >/dev/null",
	"route -h 2>&1 >/dev/null", "route --help 2>/dev/null | head -1 | cut -c1-12", "route -? >/dev/null", "route -V | head -1", "route --version >/dev/null", "route -h -6 | cut -c1-18 | head -1", "route -4 -h | cut -c1-18 | head -1", "route -h --inet >/dev/null",
	"route foo", "route -n foo", "route help", "route -- -n", "route -4 help",
	"route add | cut -c1-18 | head -1", "route del >/dev/null", "route -6 add", "route -6 del", "route add -net", "route add -host", "route del -net",
	"route flush", "route -6 flush", "route -C flush", "route -C add 10.2.3.4", "route -C del default", "route -A unix add x", "route -A ax25 add x", "route -A ash flush", "route -A inet,inet6 add default v0", "route -4 -6 -h",
}

// changes add and delete; ";" separates lines that build on each other.
var changes = []string{
	// networks and hosts
	"route add -net 10.20.0.0 netmask 255.255.0.0 dev v0", "route add -net 10.21.0.0/16 v0", "route add -net 10.21.0.0/16 dev v0", "route add -host 10.23.0.1 dev v0", "route add 10.23.0.2 dev v0", "route add 10.23.0.2 v0", "route add 10.24.0.0 dev v0",
	"route add -net 10.25.0.0 dev v0", "route add -net 10.25.1.1 dev v0", "route add -net 10.26.0.1/16 dev v0", "route add -net 10.26.0.0/x dev v0", "route add -net 10.26.0.0/0x10 dev v0", "route add -net 10.26.0.0/020 dev v0", "route add -net '10.26.0.0/ 16' dev v0", "route add -net 10.26.0.0/ v0", "route add -net 10.26.0.0/0 v0",
	"route add -net 10.27.0.0 netmask 255.0.255.0 dev v0", "route add -net 10.27.0.0 netmask 0.0.0.255 dev v0", "route add -net 10.27.0.0 netmask 0.0.0.0 dev v0", "route add -net 10.27.0.0/16 netmask 255.255.0.0 dev v0", "route add -net 10.27.0.0 netmask 255.255.0.0 netmask 255.255.0.0 dev v0",
	"route add -host 10.27.0.0/16 dev v0", "route add -host 10.27.0.0/32 dev v0", "route add 10.27.0.0/32 dev v0", "route add 10.27.0.0/16 dev v0", "route add -host 10.27.0.0 netmask 255.255.0.0 dev v0", "route add -host 10.27.0.0 netmask 255.255.255.255 dev v0",
	"route add -net 10.44 netmask 255.255.0.0 dev v0", "route add -host 0x0a2d0001 dev v0", "route add 1.2.3.4.5 v0", "route add '' v0", "route add -net 0.0.0.0 netmask 0.0.0.0 dev v0", "route add -net 0.0.0.0/0 dev v0", "route add 0.0.0.0 v0",
	"route add -net 224.0.0.0 netmask 240.0.0.0 dev v0", "route add -net 224.0.0.0/4 v0", "route add 255.255.255.255 v0", "route add -net 127.0.0.0 netmask 255.0.0.0 metric 1024 dev lo",
	// names
	"route add nosuch dev v0", "route add -net nosuch dev v0", "route add -host nosuch v0", "route add bignet dev v0", "route add -net bignet netmask 255.255.0.0 dev v0", "route add -host bignet dev v0", "route add nine dev v0", "route add -host nine dev v0", "route add -net short netmask 255.255.0.0 v0", "route add hostnet v0", "route add -host hostnet v0", "route add loopback lo",
	"route add -net 10.46.0.0 netmask nosuch dev v0", "route add -net 10.46.0.0 netmask bignet dev v0",
	// gateways
	"route add default gw 10.1.1.254", "route add default gw 10.1.1.254 v0", "route add default gw 10.1.1.254 dev v0 metric 10", "route add default gw 10.1.1.254; route add default gw 10.1.1.254", "route add default gw 10.1.1.254; route add default gw 10.1.1.253; route", "route add default v0", "route add -net default gw 10.1.1.9 metric 77", "route add -net default netmask 0.0.0.0 gw 10.1.1.9", "route add -host default gw 10.1.1.9",
	"route add default gw nine", "route add default gw nosuch", "route add default gw bignet", "route add default gw default", "route add default gw hostnet", "route add default gw 10.1.1.1", "route add default gw 10.1.2.1", "route add default gw 10.1.1.1 v0", "route add default gw 10.1.1.1 v1", "route add default gw 10.99.1.1", "route add default v0; route add 10.98.1.1 gw 10.99.1.1",
	"route add -net 10.22.0.0/16 gw 10.1.1.9", "route add -net 10.22.0.0/16 gateway 10.1.1.9 device v0", "route add -net 10.22.0.0/16 gw 10.1.1.9 dev v1", "route add -net 10.22.0.0/16 gw", "route add -net 10.22.0.0/16 gw 10.1.1.9 gw 10.1.1.9", "route add -net 10.22.0.0 netmask 255.255.0.0 gw 10.1.1.9 v0", "route add -net 10.22.0.0 gw 10.1.1.9 netmask 255.255.0.0",
	"route add -net 10.40.0.0/16 gw 0.0.0.0 dev v0", "route add -net 10.40.0.0/16 gw 0.0.0.0", "route add -net 10.41.0.0/16 gw 255.255.255.255", "route add -net 10.41.0.0/16 gw 224.0.0.1 dev v0", "route add -net 10.41.0.0/16 gw 127.0.0.1", "route add -net 10.41.0.0/16 gw 0.0.0.1 v0", "route add -net 10.42.0.0/16 gw 10.1.1.1 dev v0", "route add -net 10.43.0.0/16 gw 10.1.1.255 dev v0", "route add 10.43.0.1 gw 10.43.0.1 v0",
	// the rest of the words
	"route add -net 10.30.0.0/16 reject", "route add -net 10.31.0.0/16 reject dev nosuch", "route add -net 10.31.0.0/16 reject v0", "route add -host 10.32.0.1 reject", "route add -net 10.31.0.0 netmask 255.255.0.0 metric 1024 reject", "route add -net 10.31.0.0/16 gw 10.1.1.9 reject", "route add default reject", "route add -net 10.30.0.0/16 reject mss 1000",
	"route add -net 10.33.0.0/16 mss 1000 window 4096 irtt 250 dev v0", "route add -net 10.34.0.0/16 mss 10 dev v0", "route add -net 10.34.0.0/16 mss 64 dev v0", "route add -net 10.34.0.0/16 mss 65536 dev v0", "route add -net 10.34.0.0/16 mss 65537 dev v0", "route add -net 10.34.0.0/16 mss x dev v0", "route add -net 10.34.0.0/16 mtu 500 v0", "route add -net 10.34.0.0/16 mss",
	"route add -net 10.34.0.0/16 window 100 dev v0", "route add -net 10.34.0.0/16 window 128 dev v0", "route add -net 10.34.0.0/16 window", "route add -net 10.34.0.0/16 irtt 70000 dev v0", "route add -net 10.34.0.0/16 irtt 0 dev v0", "route add -net 10.34.0.0/16 irtt", "route add -net 10.34.0.0/16 mss 500 v0; route -ee",
	"route add -net 10.35.0.0/16 metric x dev v0", "route add -net 10.35.0.0/16 metric 5x dev v0", "route add -net 10.35.0.0/16 metric 0 dev v0", "route add -net 10.35.0.0/16 metric 32766 dev v0", "route add -net 10.35.0.0/16 metric", "route add -net 10.35.0.0/16 metric 5 metric 6 v0", "route add -net 10.36.0.0/16 metric -1 dev v0 >/dev/null",
	"route add -net 10.37.0.0/16 mod dyn reinstate dev v0", "route add -net 10.38.0.0/16 dev nosuch", "route add -net 10.38.0.0/16 nosuch", "route add -net 10.38.0.0/16", "route add -net 10.38.0.0/16 v0 v1", "route add -net 10.38.0.0/16 dev v0 dev v0", "route add -net 10.38.0.0/16 dev v0 v1", "route add -net 10.38.0.0/16 dev", "route add -net 10.38.0.0/16 foo bar", "route add -net 10.38.0.0/16 v0 metric 5",
	"route add -net 10.39.0.0/16 dev v0:1", "route add -net 10.39.0.0/16 v1:7", "route add -net 10.39.0.0/16 v0:9", "route add -net 10.39.0.0/16 v9:1", "route add default gw 10.1.1.9 v0:1",
	"route -n add -net 10.47.0.0/16 dev v0", "route add -n -net 10.48.0.0/16 dev v0", "route -v add -net 10.49.0.0/16 dev v0", "route -F add -net 10.50.0.0/16 dev v0", "route -FC add default v0", "route add -- -net 10.51.0.0/16 v0", "route -A inet add default v0", "route --inet add default v0", "route -4 add default v0", "route add -net 10.51.0.0/16 -foo >/dev/null",
	// deleting
	"route add -net 10.20.0.0/16 v0; route del -net 10.20.0.0/16", "route add -net 10.20.0.0/16 v0; route delete -net 10.20.0.0 netmask 255.255.0.0", "route add -net 10.20.0.0/16 v0; route del -net 10.20.0.0/16 dev v1", "route add -net 10.20.0.0/16 v0; route del -net 10.20.0.0/16 v0", "route add -net 10.20.0.0/16 v0; route del -net 10.20.0.0", "route add -net 10.20.0.0/16 v0; route del 10.20.0.0",
	"route add 10.23.0.1 v0; route del 10.23.0.1", "route add 10.23.0.1 v0; route del -host 10.23.0.1 v0", "route del 10.23.0.1", "route del -net 10.1.1.0/24", "route del -net 10.1.1.0/24 v0", "route del nosuch", "route del -net 10.20.0.0/16 dev nosuch", "route del default",
	"route add default gw 10.1.1.9; route add default gw 10.1.1.8 metric 5; route del default", "route add default gw 10.1.1.9; route add default gw 10.1.1.8 metric 5; route del default metric 5", "route add default gw 10.1.1.9; route add default gw 10.1.1.8; route del default gw 10.1.1.9", "route add default gw 10.1.1.9; route del default gw 10.1.1.7", "route add default gw 10.1.1.9; route del default gw 0.0.0.0", "route add default gw 10.1.1.1; route del default gw 10.1.1.1", "route add default gw nine; route del default gw nine v0", "route add default gw 10.1.1.9; route del default gw 10.1.1.9 mss 500 metric 0", "route add default gw 10.1.1.9; route del -net 0.0.0.0 netmask 0.0.0.0",
	"route add -net 10.30.0.0/16 reject; route del -net 10.30.0.0/16", "route add -net 10.30.0.0/16 reject; route del -net 10.30.0.0/16 reject", "route add -net 10.30.0.0/16 v0; route del -net 10.30.0.0/16 reject", "route add -net 10.39.0.0/16 v0:1; route del -net 10.39.0.0/16 v0:1", "route add -net 10.39.0.0/16 v0; route del -net 10.39.0.0/16 v0:1", "route add -net 10.35.0.0/16 metric 6 v0; route del -net 10.35.0.0/16 metric 5",
	"/sbin/ip route add 10.14.0.0/16 nexthop via 10.1.1.8 nexthop via 10.1.2.8; route del -net 10.14.0.0/16 gw 10.1.1.8", "/sbin/ip route add 10.14.0.0/16 nexthop via 10.1.1.8 nexthop via 10.1.2.8; route del -net 10.14.0.0/16", "/sbin/ip route add 10.14.0.0/16 proto static dev v0; route del -net 10.14.0.0/16",

	// IPv6
	"route -6 add 2001:db8:20::/48 dev v0", "route -6 add 2001:db8:20::/48 v0", "route -A inet6 add 2001:db8:21::/48 gw 2001:db8::7", "route --inet6 add 2001:db8:21::/48 gateway 2001:db8::7 device v0", "route -6 add 2001:db8:21::/48 gw 2001:db8::7; route -6 add 2001:db8:21::/48 gw 2001:db8::7 dev v0", "route -6 add 2001:db8:21::/48 gw 2001:db8::7; route -6 add 2001:db8:21::/48 gw 2001:db8::8",
	"route -6 add 2001:db8:22::/48 gw 2001:db8::7 metric 5", "route -6 add 2001:db8:22::/48 gw 2001:db8::7 metric 0", "route -6 add 2001:db8:22::/48 v0 metric 70000", "route -6 add 2001:db8:22::/48 metric 70000 v0", "route -6 add 2001:db8:22::/48 metric x", "route -6 add 2001:db8:22::/48 metric",
	"route -6 add 2001:db8:23::1 dev v0", "route -6 add 2001:db8:23::1/128 dev v0", "route -6 add 2001:db8:23::1 gw 2001:db8::7", "route -6 add 2001:db8:23::1 gw 2001:db8::7 v0", "route -6 add 2001:db8:23::/129 dev v0", "route -6 add 2001:db8:23::/-1 dev v0", "route -6 add 2001:db8:23::/x dev v0", "route -6 add 2001:db8:23::/0 dev v0", "route -6 add 2001:db8:24::1/48 dev v0", "route -6 add 2001:db8:23::/ dev v0",
	"route -6 add default gw 2001:db8::7", "route -6 add default v0", "route -6 add default gw 2001:db8::7 dev v0 metric 9", "route -6 add default", "route -6 add ::/0 gw 2001:db8::7", "route -6 add default gw 2001:db8::7; route -6 add ::/0 gw 2001:db8::7", "route -6 add default gw fe80::1", "route -6 add default gw fe80::1 v0", "route -6 add default gw ::", "route -6 add default gw :: v0",
	"route -6 add nosuch dev v0", "route -6 add nine6 dev v0", "route -6 add net6/48 v0", "route -6 add 10.1.1.5 dev v0", "route -6 add '' v0", "route -6 add -net 2001:db8:31::/48 dev v0", "route -6 add -host 2001:db8:31::1 dev v0",
	"route -6 add 2001:db8:26::/48 dev nosuch", "route -6 add 2001:db8:26::/48", "route -6 add 2001:db8:26::/48 gw", "route -6 add 2001:db8:26::/48 gw x", "route -6 add 2001:db8:26::/48 gw nine6", "route -6 add 2001:db8:26::/48 gw 2001:db8::7 gw 2001:db8::7", "route -6 add 2001:db8:27::/48 gw 2001:db8:99::1", "route -6 add 2001:db8:28::/48 gw 2001:db8::1", "route -6 add 2001:db8:29::/48 reject", "route -6 add 2001:db8:29::/48 v0 v1", "route -6 add 2001:db8:29::/48 v0 metric 4", "route -6 add 2001:db8:29::/48 dev v0 dev v1", "route -6 add 2001:db8:29::/48 dev", "route -6 add 2001:db8:29::/48 v0:1", "route -6 add ff05::/16 v0", "route -6 -C add 2001:db8:20::/48 dev v0", "route -6 -n add 2001:db8:20::/48 dev v0", "route -6 add fe80::/10 v0", "route -6 add ::ffff:1.2.3.4 v0",
	"route -6 add 2001:db8:20::/48 v0; route -6 del 2001:db8:20::/48", "route -6 add 2001:db8:20::/48 v0; route -6 del 2001:db8:20::/48 v0", "route -6 add 2001:db8:20::/48 v0; route -6 del 2001:db8:20::/48 v1", "route -6 add 2001:db8:20::/48 v0; route -6 delete 2001:db8:20::/48 metric 1", "route -6 add 2001:db8:20::/48 v0; route -6 del 2001:db8:20::/48 metric 2", "route -6 add 2001:db8:20::/48 v0; route -6 del 2001:db8:20::/48 gw 2001:db8::7", "route -6 add 2001:db8:20::/48 gw 2001:db8::7; route -6 del 2001:db8:20::/48 gw 2001:db8::7", "route -6 add 2001:db8:20::/48 gw 2001:db8::7; route -6 del 2001:db8:20::/48 gw 2001:db8::8", "route -6 add 2001:db8:23::1 v0; route -6 del 2001:db8:23::1", "route -6 add default v0; route -6 del default", "route -6 add default gw 2001:db8::7; route -6 del ::/0", "route -6 del default", "route -6 del nosuch", "route -6 del 2001:db8::/64", "route -6 del 2001:db8::/64 metric 256", "route -6 del 2001:db8::/64 metric 0", "route -6 del 2001:db8::/64 dev nosuch",
	"/sbin/ip -6 route add 2001:db8:4::/48 metric 1 nexthop via 2001:db8::7 nexthop via 2001:db8::8; route -6 del 2001:db8:4::/48", "/sbin/ip -6 route add 2001:db8:4::/48 metric 1 nexthop via 2001:db8::7 nexthop via 2001:db8::8; route -6 del 2001:db8:4::/48 gw 2001:db8::8", "/sbin/ip -6 route add 2001:db8:4::/48 nexthop via 2001:db8::7 nexthop via 2001:db8::8; route -6 del 2001:db8:4::/48 metric 0 v0", "/sbin/ip -6 route add unreachable 2001:db8:4::/48 metric 1; route -6 del 2001:db8:4::/48",
}

// different are on purpose.
var different = []difftest.Case{
	{Line: "route add -net 10.26.0.0/33 dev v0", Words: "the original shifts by 33, and calls what comes of it a netmask that does not match"},
	{Line: "route add -net 10.26.0.0/99 dev v0", Words: "code: the original shifts by 99"},
	{Line: "route add -net 10.23.0.1/32 v0", Words: "code: the original shifts by 32, and has no netmask then"},
	{Line: "route -6 add nine dev v0", Words: "the original asks DNS for a name that /etc/hosts has for IPv4 only"},
	{Line: "route -A x25 -h", Words: "code: what cannot be there has no help"},
	{Line: "route -A ddp", Words: "the original's error goes into the details of a file"},
	{Line: "route -A rose", Words: "as above"}, {Line: "route -A netrom", Words: "as above"}, {Line: "route -A ipx", Words: "as above"},
}

func suite(setup, state string) difftest.Suite {
	return difftest.Suite{Name: "route", Setup: links + setup, State: state}
}

func cases(lines ...string) (cs []difftest.Case) {
	for _, l := range lines {
		cs = append(cs, difftest.Case{Line: l})
	}
	return cs
}

func TestListsLikeStock(t *testing.T) {
	s := suite(busy, "true")
	s.Run(t, cases(lists...))
}

func TestOthersLikeStock(t *testing.T) {
	s := suite("", "ip route; ip -6 route")
	s.Run(t, append(cases(others...), different[3:]...))
}

func TestChangesLikeStock(t *testing.T) {
	s := suite("", "ip -4 -d route show table all; ip -d -6 route")
	s.Run(t, append(cases(changes...), different[0]))
}

// Who may not is told so before all else.
func TestUnprivileged(t *testing.T) {
	s := suite("", "ip route; ip -6 route")
	s.Tools = []string{"setpriv"}
	const as = "setpriv --inh-caps=-all --bounding-set=-all "
	var lines []string
	for _, l := range []string{
		"route add default gw 10.1.1.9", "route add default gw 10.99.1.1", "route add default dev nosuch", "route add -net 10.1.1.0/16 v0", "route add -net 10.25.0.0 v0", "route add default gw 0.0.0.0", "route add 10.1.1.5 v0:9",
		"route del default", "route del -net 10.1.1.0/24", "route del -net 10.1.1.0/24 nosuch",
		"route -6 add 2001:db8:1::/48 v0", "route -6 add 2001:db8:1::/48 nosuch", "route -6 add 2001:db8:1::/48 gw fe80::1", "route -6 del default", "route -6 del 2001:db8::/64 metric 0", "route -n",
	} {
		lines = append(lines, as+l)
	}
	s.Run(t, cases(lines...))
}

// Prefixes of 32 bits are those of hosts, and longer ones change nothing.
func TestLongPrefix(t *testing.T) {
	s := suite("", "true")
	s.Run(t, different[1:3])
}
