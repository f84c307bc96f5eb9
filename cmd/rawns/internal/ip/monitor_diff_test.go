//go:build !tiny

package ip

import (
	"testing"

	"rawns/cmd/rawns/internal/difftest"
	"rawns/ns/nstest"
)

// monitored makes a case of an "ip monitor" that runs while lines change things.
// The lines are run by the stock tools.
func monitored(options, lines string) difftest.Case {
	return difftest.Case{Line: `ip ` + options + ` >/run/o 2>/run/e & m=$!
# It listens when it has a port of its own beside the kernel's.
for i in $(seq 200); do grep -q " $m " /proc/net/netlink && break; awk '$4 != "00000000" && $2 == 0 && $3 > 0' /proc/net/netlink | grep -q . && break; sleep 0.02; done
sleep 0.1
PATH=$stock
` + lines + `
/sbin/ip link add stop type bridge; sleep 0.1; /sbin/ip link del stop
for i in $(seq 100); do grep -q 'Deleted.*stop' /run/o && break; sleep 0.02; done
kill $m; wait $m 2>/dev/null
sed 's/^.*stop.*//' /run/o | sed 's/^Timestamp: .*usec/Timestamp/; s/^\[20[-0-9T:.]*\]/[TIME]/' | grep -v '^\[TIME\] *$' | grep -v 'ether MAC\|link/ether .* brd'; cat /run/e >&2`}
}

// monitorScene leaves IPv6 out, which speaks when it likes.
const monitorScene = `
echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6
ip netns add blue
ip netns add red
ip netns set red 7
ip link add v0 index 11 address 02:00:00:00:00:11 type veth peer name v1 index 12 address 02:00:00:00:00:12
ip link add br0 index 10 address 02:00:00:00:00:10 type bridge
ip link set v1 up
`

const monitorChanges = `ip addr add 10.9.0.1/24 dev v0
ip link set v0 up
sleep 0.2
ip route add 10.10.0.0/16 via 10.9.0.2
ip route add blackhole 10.11.0.0/16
ip neigh add 10.9.0.7 lladdr 02:00:00:00:00:07 dev v0
ip neigh del 10.9.0.7 dev v0
ip neigh add 10.9.0.8 lladdr 02:00:00:00:00:08 dev v1
ip rule add from 10.1.0.0/16 table 100 pref 500
ip rule del pref 500
ip nexthop add id 5 dev v0
ip nexthop add id 6 group 5
ip nexthop del id 5
ip route del 10.10.0.0/16
ip addr del 10.9.0.1/24 dev v0
ip netns set blue 9
sleep 0.2
ip link set v0 mtu 1400 alias 'some words'
sleep 0.2
echo 1 >/proc/sys/net/ipv4/conf/v0/forwarding
ip link set v0 master br0
sleep 0.1
ip link property add dev v0 altname other
ip link set v0 nomaster
sleep 0.2
ip link set v0 down
sleep 0.2
ip -n red link add z type bridge
ip link add n type bridge
sleep 0.2
ip link del n`

func TestMonitorLikeStock(t *testing.T) {
	nstest.Need(t, "awk", "sed", "grep")
	var cs []difftest.Case
	for _, o := range []string{
		"monitor all", "-ts -4 monitor label link nexthop rule nsid", "-6 -o monitor all", "-d monitor link", "-c=always -j monitor address route netconf", "-t -N monitor neigh link", "monitor dev v1", "monitor all-nsid label link",
	} {
		cs = append(cs, monitored(o, monitorChanges))
	}
	renamed := monitored("monitor all", "ip link set v0 name w0; sleep 0.2; ip addr add 10.9.0.1/24 dev w0")
	renamed.Words = "calls a link by the name that it has now, where the original goes on with the old one"
	cs = append(cs, renamed)
	s := difftest.Suite{Name: "ip", Setup: monitorScene, State: "ip -br link"}
	s.Run(t, append(cs, lines(
		"ip monitor foo", "ip monitor help", "ip monitor link foo", "ip monitor dev nosuch", "ip monitor dev", "ip monitor file", "ip monitor file /run/nosuch", "ip monitor file /dev/null", "timeout 0.5 ip monitor al", "ip monitor label help",
		"ip monitor link file /dev/null label", "head -c 100 /dev/zero >/run/f; ip monitor file /run/f", "head -c 3 /dev/zero >/run/f; ip monitor file /run/f",
	)...))
}

// savedMessages are files as rtmon writes them.
const savedMessages = `
m() { printf "$@" >>/run/f; }
echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6
ip link add v0 index 11 address 02:00:00:00:00:11 type veth peer name v1 index 12 address 02:00:00:00:00:12
rtmon file /run/f link route address & p=$!
sleep 0.3
ip addr add 10.9.0.1/24 dev v0
ip link set v0 up
ip link set v1 up
sleep 0.3
ip route add 10.10.0.0/16 via 10.9.0.2
sleep 0.1
ip link del v0
sleep 0.2
kill $p
wait $p || true
# A prefix that a router announced, on lo, of 64 bits, valid for 300 and preferred for 200 seconds.
m '\074\0\0\0\064\0\0\0\0\0\0\0\0\0\0\0\012\0\0\0\001\0\0\0\003\100\003\0'
m '\024\0\001\0\375\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0'
m '\014\0\002\0\310\0\0\0\054\001\0\0'
m '\020\0\0\0\377\0\002\0\0\0\0\0\0\0\0\0'
`

func TestMonitorFileLikeStock(t *testing.T) {
	s := difftest.Suite{Name: "ip", Tools: []string{"rtmon"}, Setup: savedMessages, State: "true"}
	var cs []difftest.Case
	for _, o := range []string{"monitor file /run/f", "monitor file /run/f label", "-t monitor all file /run/f", "-d monitor file /run/f dev lo", "-4 monitor file /run/f", "-j monitor file /run/f", "-o monitor file /run/f"} {
		cs = append(cs, difftest.Case{Line: "ip " + o + " | sed 's/^Timestamp: .*/Timestamp/'"})
	}
	cs = append(cs, difftest.Case{Line: "head -c $(($(stat -c %s /run/f) - 7)) /run/f >/run/g; ip monitor file /run/g | sed 's/^Timestamp: .*/Timestamp/'"})
	s.Run(t, cs)
}
