package ip

import (
	"testing"

	"rawns/cmd/rawns/internal/difftest"
)

// bridged is what the differential tests of bridge find: a bridge with two
// ports, each the end of a veth pair, and a vxlan link.
const bridged = `
echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6
ip link add br0 index 10 address 02:00:00:00:00:10 type bridge
ip link add v0 index 11 address 02:00:00:00:00:11 type veth peer name v1 index 12 address 02:00:00:00:00:12
ip link add w0 index 14 address 02:00:00:00:00:14 type veth peer name w1 index 15 address 02:00:00:00:00:15
ip link add vx index 13 address 02:00:00:00:00:13 type vxlan id 7 dstport 4789
ip link set v0 master br0
ip link set w0 master br0
`

// bridgeState is what the stock tools say of it afterwards.
const bridgeState = `PATH=/sbin:$PATH; bridge -j fdb; bridge -d -j link; bridge -d -j mdb; bridge -j vni; ip -d -j link; ip -j nexthop`

// bridges runs lines with our bridge and with the stock one.
func bridges(t *testing.T, setup string, cases []difftest.Case) {
	s := difftest.Suite{Name: "bridge", Setup: bridged + setup, State: bridgeState}
	s.Run(t, cases)
}

func TestBridgeGlobalsLikeStock(t *testing.T) {
	bridges(t, "printf 'fdb add 02:00:00:00:00:99 dev v0 master\\nfdb add 02:00:00:00:00:99 dev v0 master\\nfdb add 02:00:00:00:00:98 dev v0 master\\n' >/run/b; "+
		"printf 'fdb show dev v0\\nfdb add x\\n\\n# nothing\\nfdb foo\\nfdb add 02:00:00:00:00:97 dev v0 master' >/run/c; ip netns add blue; ip -n blue link add bb index 7 address 02:00:00:00:00:77 type bridge", lines(
		"bridge", "bridge help", "bridge h", "bridge foo", "bridge -x", "bridge -h", "bridge --help", "bridge -he", "bridge -a", "bridge -br fdb", "bridge -N fdb", "bridge -iec fdb", "bridge -ts fdb",
		"bridge -- fdb", "bridge --", "bridge -c=never fdb", "bridge -c=foo fdb", "bridge -c fdb", "bridge -color=always fdb", "bridge -com fdb", "bridge -t fdb", "bridge -o fdb", "bridge -o -d link",
		"bridge -f foo fdb", "bridge -f", "bridge -f help", "bridge -f inet fdb", "bridge -family inet6 fdb", "bridge -f link fdb", "bridge -4 fdb", "bridge -6 fdb",
		"bridge -n nosuch fdb", "bridge -n blue fdb", "bridge -net blue -j fdb", "bridge -n blue link set dev v0 cost 3",
		"bridge -b", "bridge -b nosuch", "bridge -b /run/b", "bridge -force -b /run/b", "bridge -b - </run/b", "bridge -b /run/c", "bridge -force -b /run/c", "bridge -fo -ba /run/c",
		"bridge -j -p fdb show dev v0", "bridge -s -s -d -d -j fdb show dev v0", "bridge fdb foo", "bridge link foo", "bridge f help", "bridge l h", "bridge link help", "bridge fdb help", "bridge fd sh", "bridge li ls",
	))
}

// forwarding makes entries of many kinds. A port must be up for those that age.
const forwarding = `
for d in br0 v1 v0 w1 w0; do ip link set $d up; done
bridge fdb add 02:00:00:00:01:01 dev v0 master
bridge fdb add 02:00:00:00:01:02 dev v0 master static
bridge fdb add 02:00:00:00:01:03 dev v0 master dynamic
bridge fdb add 02:00:00:00:01:04 dev w0 master static sticky
bridge fdb add 02:00:00:00:01:05 dev w0 master dynamic extern_learn
bridge fdb add 02:00:00:00:01:06 dev w0 self
bridge fdb add 02:00:00:00:01:07 dev br0 self
bridge fdb add 02:00:00:00:02:01 dev vx dst 10.0.0.1
bridge fdb append 02:00:00:00:02:01 dev vx dst 10.0.0.2 port 4790 vni 9 via v1
bridge fdb add 02:00:00:00:02:02 dev vx dst 10.0.0.3 router use
bridge fdb add 02:00:00:00:02:03 dev vx dst 10.0.0.4 extern_learn dynamic
`

func TestBridgeFDBLikeStock(t *testing.T) {
	bridges(t, "", lines(
		"bridge fdb add 02:00:00:00:00:99 dev v0 master", "bridge fdb add 02:00:00:00:00:99 dev v0", "bridge fdb add to 02:00:00:00:00:99 dev v0 self master", "bridge f a 2:0:0:0:0:99 dev v0 mas",
		"bridge fdb add 02:00:00:00:00:99 dev v0 master local", "bridge fdb add 02:00:00:00:00:99 dev v0 master permanent", "bridge fdb add 02:00:00:00:00:99 dev v0 master static", "bridge fdb add 02:00:00:00:00:99 dev v0 master temp",
		"bridge fdb add 02:00:00:00:00:99 dev v0 master dynamic", "bridge fdb add 02:00:00:00:00:99 dev v0 master dyn sticky", "bridge fdb add 02:00:00:00:00:99 dev v0 master static sticky", "bridge fdb add 02:00:00:00:00:99 dev v0 master local static dynamic",
		"bridge fdb add 02:00:00:00:00:99 dev v0 master use", "bridge fdb add 02:00:00:00:00:99 dev v0 master dynamic use", "bridge fdb add 02:00:00:00:00:99 dev v0 master extern_learn", "bridge fdb add 02:00:00:00:00:99 dev v0 master ext dynamic", "bridge fdb add 02:00:00:00:00:99 dev v0 master router",
		"bridge fdb add 02:00:00:00:00:99 dev v0 master vlan 5", "bridge fdb add 02:00:00:00:00:99 dev v0 master vlan 0", "bridge fdb add 02:00:00:00:00:99 dev v0 master vlan x", "bridge fdb add 02:00:00:00:00:99 dev v0 master vlan -3", "bridge fdb add 02:00:00:00:00:99 dev v0 master vlan 4096", "bridge fdb add 02:00:00:00:00:99 dev v0 master vlan 70000",
		"bridge fdb add 02:00:00:00:00:99 dev br0 self", "bridge fdb add 02:00:00:00:00:99 dev br0 master", "bridge fdb add 02:00:00:00:00:99 dev v1 master", "bridge fdb add 02:00:00:00:00:99 dev v1 self", "bridge fdb add 01:00:5e:00:00:99 dev v1 self", "bridge fdb add 33:33:00:00:00:99 dev v1",
		"bridge fdb append 02:00:00:00:00:99 dev v0 master", "bridge fdb app 02:00:00:00:00:99 dev v0 self", "bridge fdb replace 02:00:00:00:00:99 dev v0 master static; bridge fdb replace 02:00:00:00:00:99 dev w0 master static", "bridge fdb r 02:00:00:00:00:99 dev v0 mas",
		"bridge fdb add 02:00:00:00:00:99 dev v0 master; bridge fdb add 02:00:00:00:00:99 dev v0 master", "bridge fdb add 02:00:00:00:00:99 dev v0 master; bridge fdb del 02:00:00:00:00:99 dev v0 master; bridge fdb del 02:00:00:00:00:99 dev v0 master", "bridge fdb d 02:00:00:00:00:99 dev v0",
		"bridge fdb add 02:00:00:00:00:99 dev v0 master; bridge fdb delete 02:00:00:00:00:99 dev w0 master",
		// vxlan
		"bridge fdb add 02:00:00:00:00:99 dev vx dst 10.0.0.1", "bridge fdb add 02:00:00:00:00:99 dev vx dst fd00::1", "bridge fdb add 02:00:00:00:00:99 dev vx dst 10.1 port 5000 vni 70 via v1", "bridge fdb add 02:00:00:00:00:99 dev vx dst 10.0.0.1 port syslog", "bridge fdb add 02:00:00:00:00:99 dev vx dst 10.0.0.1 port nosuchport",
		"bridge fdb add 02:00:00:00:00:99 dev vx dst 10.0.0.1 port 0x1000 vni 0x10", "bridge fdb add 02:00:00:00:00:99 dev vx dst 10.0.0.1 port 65536", "bridge fdb add 02:00:00:00:00:99 dev vx dst 10.0.0.1 port ''", "bridge fdb add 02:00:00:00:00:99 dev vx dst 10.0.0.1 vni 16777216", "bridge fdb add 02:00:00:00:00:99 dev vx dst 10.0.0.1 vni x",
		"bridge fdb add 02:00:00:00:00:99 dev vx dst 10.0.0.1 vni ''", "bridge fdb add 02:00:00:00:00:99 dev vx dst 10.0.0.1 vni -1", "bridge fdb add 02:00:00:00:00:99 dev vx dst 10.0.0.1 src_vni 5", "bridge fdb add 02:00:00:00:00:99 dev vx dst 10.0.0.1 src_vni 99999999", "bridge fdb add 02:00:00:00:00:99 dev vx dst foo", "bridge fdb add 02:00:00:00:00:99 dev vx dst 10.0.0.1 dst 10.0.0.2",
		"bridge -6 fdb add 02:00:00:00:00:99 dev vx dst 10.0.0.1", "bridge -4 fdb add 02:00:00:00:00:99 dev vx dst 10.0.0.1", "bridge fdb add 02:00:00:00:00:99 dev vx via nosuch dst 10.0.0.1", "bridge fdb add 02:00:00:00:00:99 dev vx", "bridge fdb add 02:00:00:00:00:99 dev vx dst any", "bridge fdb add 00:00:00:00:00:00 dev vx dst 10.0.0.1; bridge fdb append 00:00:00:00:00:00 dev vx dst 10.0.0.2",
		"bridge fdb append 02:00:00:00:00:99 dev vx dst 10.0.0.2; bridge fdb append 02:00:00:00:00:99 dev vx dst 10.0.0.3; bridge fdb del 02:00:00:00:00:99 dev vx dst 10.0.0.2", "bridge fdb add 02:00:00:00:00:99 dev vx dst 10.0.0.2 use router sticky",
		"bridge fdb add 02:00:00:00:00:99 dev vx nhid 5", "bridge fdb add 02:00:00:00:00:99 dev vx nhid x", "bridge fdb add 02:00:00:00:00:99 dev vx nhid 5 dst 10.0.0.1", "bridge fdb add 02:00:00:00:00:99 dev vx nhid 5 vni 4", "bridge fdb add 02:00:00:00:00:99 dev vx nhid 0 vni 4",
		"ip nexthop add id 1 via 10.0.0.1 fdb; ip nexthop add id 5 group 1 fdb; bridge fdb add 02:00:00:00:00:99 dev vx nhid 5; bridge fdb show dev vx; bridge -j fdb get 02:00:00:00:00:99 dev vx self",
		// errors
		"bridge fdb add", "bridge fdb add dev", "bridge fdb add dev v0", "bridge fdb add 02:00:00:00:00:99", "bridge fdb add 02:00:00:00:00:99 dev nosuch master", "bridge fdb add x dev nosuch", "bridge fdb add 02:00:00:00:00:99 02:00:00:00:00:98 dev v0", "bridge fdb add to dev v0", "bridge fdb add 02:00:00:00:00:99 to", "bridge fdb add help", "bridge fdb add h", "bridge fdb add to help",
		"bridge fdb add 02:00:00:00:00 dev v0 master", "bridge fdb add 02:00:00:00:00:99:88 dev v0 master", "bridge fdb add 02:00:00:00:00:199 dev v0 master", "bridge fdb add '02: 0:0x0:+0:-0:99' dev v0 master", "bridge fdb add 02:00:00:00:00:zz dev v0 master", "bridge fdb add 02-00-00-00-00-99 dev v0", "bridge fdb add 02:00:00:00:00:9g dev v0 master", "bridge fdb add '' dev v0",
		"bridge fdb add 02:00:00:00:00:99 dev v0 master vlan 1 vlan 2", "bridge fdb add 01:00:5e:00:00:99 dev v0 master", "bridge fdb add 00:00:00:00:00:00 dev v0 master", "bridge fdb add 02:00:00:00:00:99 dev lo", "bridge fdb add 02:00:00:00:00:99 dev if11 master", "bridge fdb add 02:00:00:00:00:99 dev v0 master dst", "bridge fdb add 02:00:00:00:00:99 dev v0 vni",
	))
}

func TestBridgeFDBShowLikeStock(t *testing.T) {
	var ls []string
	for _, opts := range []string{"", "-j ", "-s ", "-s -j ", "-d ", "-j -p ", "-c ", "-o "} {
		for _, l := range []string{"", " show", " show br br0", " show brport v0", " show dev vx", " show dev br0", " show br br0 brport w0"} {
			ls = append(ls, "bridge "+opts+"fdb"+l)
		}
	}
	ls = append(ls, "bridge fdb show dynamic", "bridge fdb show br br0 dynamic", "bridge fdb show state permanent", "bridge fdb show state static", "bridge fdb show state temp", "bridge fdb show state stale", "bridge fdb show state reachable", "bridge fdb show state dyn", "bridge fdb show state all", "bridge fdb show state 0x80", "bridge fdb show state x", "bridge fdb show state",
		"bridge fdb show vlan 5", "bridge fdb show vlan x", "bridge fdb show vlan 0 vlan 1", "bridge fdb show vlan 3 vlan 4", "bridge fdb show foo", "bridge fdb show foo help", "bridge fdb show h", "bridge fdb show br", "bridge fdb show br nosuch", "bridge fdb show dev nosuch", "bridge fdb show dev", "bridge fdb show br v0", "bridge fdb show dev lo", "bridge fdb show state static state permanent", "bridge fdb lst", "bridge fdb list dev v0", "bridge fdb l dev v0", "bridge fdb s dev v0",
		"bridge fdb get 02:00:00:00:01:01 dev v0", "bridge fdb get 02:00:00:00:01:01 br br0", "bridge fdb get to 02:00:00:00:01:01 brport v0", "bridge fdb get 02:00:00:00:01:01 dev w0", "bridge -j fdb get 02:00:00:00:01:05 br br0", "bridge -s -j -p fdb get 02:00:00:00:01:04 br br0", "bridge fdb get 02:00:00:00:01:06 dev w0 self", "bridge fdb get 02:00:00:00:01:06 dev w0 master", "bridge fdb get 02:00:00:00:01:07 dev br0 self", "bridge fdb get 02:00:00:00:02:01 dev vx", "bridge fdb get 02:00:00:00:02:01 dev vx self", "bridge fdb get 02:00:00:00:02:02 dev vx vni 7", "bridge fdb g 02:00:00:00:02:02 dev vx vni x",
		"bridge fdb get 02:00:00:00:01:01 br br0 dynamic", "bridge fdb get 02:00:00:00:01:03 br br0 dynamic", "bridge fdb get 02:00:00:00:01:01 br br0 vlan 5", "bridge fdb get 02:00:00:00:01:01 br br0 vlan 5 vlan 6", "bridge fdb get 02:00:00:00:01:01 br nosuch", "bridge fdb get 02:00:00:00:01:01 dev nosuch", "bridge fdb get x dev v0", "bridge fdb get dev v0", "bridge fdb get 02:00:00:00:01:01", "bridge fdb get", "bridge fdb get help", "bridge fdb get 02:00:00:00:01:01 02:00:00:00:01:02 br br0", "bridge fdb get 02:00:00:00:01:99 br br0", "bridge fdb get 02:00:00:00:01:01 br v0", "bridge fdb get 02:00:00:00:01:01 dev v1",
	)
	bridgeShows(t, forwarding, ls)
}

func TestBridgeFDBFlushLikeStock(t *testing.T) {
	bridges(t, forwarding, lines(
		"bridge fdb flush dev br0", "bridge fdb flush dev br0 master", "bridge fdb flush dev br0 self", "bridge fdb flush dev v0 master", "bridge fdb flush dev v0", "bridge fdb flush dev br0 brport v0", "bridge fdb flush dev br0 brport nosuch", "bridge fdb flush dev nosuch", "bridge fdb flush", "bridge fdb flush dev", "bridge fdb flush help", "bridge fdb flush dev br0 foo", "bridge fdb flu dev br0",
		"bridge fdb flush dev br0 permanent", "bridge fdb flush dev br0 nopermanent", "bridge fdb flush dev br0 static", "bridge fdb flush dev br0 nostatic", "bridge fdb flush dev br0 dynamic", "bridge fdb flush dev br0 nodynamic", "bridge fdb flush dev br0 static nopermanent", "bridge fdb flush dev br0 permanent dynamic",
		"bridge fdb flush dev br0 added_by_user", "bridge fdb flush dev br0 noadded_by_user", "bridge fdb flush dev br0 extern_learn", "bridge fdb flush dev br0 noextern_learn", "bridge fdb flush dev br0 sticky", "bridge fdb flush dev br0 nosticky", "bridge fdb flush dev br0 offloaded", "bridge fdb flush dev br0 nooffloaded",
		"bridge fdb flush dev br0 vlan 5", "bridge fdb flush dev br0 vlan 0", "bridge fdb flush dev br0 vlan 4096", "bridge fdb flush dev br0 vlan 1 vlan 2", "bridge fdb flush dev br0 brport v0 brport w0", "bridge fdb flush dev br0 brport v1", "bridge fdb flush dev vx", "bridge fdb flush dev vx extern_learn", "bridge fdb flush dev vx noextern_learn",
	))
}

func TestBridgeLinkLikeStock(t *testing.T) {
	ls := []string{"bridge link set dev v0", "bridge link set dev v0 cost 9", "bridge link set dev v0 cost 0", "bridge link set dev v0 cost x", "bridge link set dev v0 cost -1", "bridge link set dev v0 cost 99999999999", "bridge link change dev v0 priority 5", "bridge l s dev v0 priority -5", "bridge link set dev v0 priority 64", "bridge link set dev v0 priority 70000",
		"bridge link set dev v0 mcast_router 2", "bridge link set dev v0 mcast_router 7", "bridge link set dev v0 mcast_router -1", "bridge link set dev v0 mcast_router 200", "bridge link set dev v0 state 2", "bridge link set dev v0 state forwarding", "bridge link set dev v0 state disabled", "bridge link set dev v0 state BLOCKING", "bridge link set dev v0 state 9", "bridge link set dev v0 state -1", "bridge link set dev v0 state ''", "bridge link set dev v0 state foo", "bridge link set dev v0 state 3x", "bridge link set dev v0 state",
		"bridge link set dev v0 learning off cost 7 guard on state 1 priority 3 isolated on", "bridge link set dev v0 learning off learning on", "bridge link set dev v0 backup_port w0", "bridge link set dev v0 backup_port nosuch", "bridge link set dev v0 backup_port w0; bridge link set dev v0 nobackup_port", "bridge link set dev v0 nobackup_port backup_port w0", "bridge link set dev v0 backup_port w0 nobackup_port",
		"bridge link set dev v0 hwmode vepa", "bridge link set dev v0 hwmode veb", "bridge link set dev v0 hwmode x", "bridge link set dev v0 self", "bridge link set dev v0 self cost 5", "bridge link set dev v0 master cost 5", "bridge link set dev v0 self master cost 5",
		"bridge link set dev v1 cost 5", "bridge link set dev br0 cost 5", "bridge link set dev nosuch cost 5", "bridge link set dev if11 cost 5", "bridge link set cost 5", "bridge link set", "bridge link set dev", "bridge link set v0", "bridge link set help", "bridge link set dev v0 foo", "bridge link set dev v0 cost", "bridge link set dev lo cost 5",
		"bridge link set dev v0 learning_sync on"}
	for _, o := range []string{"guard", "hairpin", "fastleave", "root_block", "learning", "flood", "mcast_flood", "bcast_flood", "mcast_to_unicast", "neigh_suppress", "vlan_tunnel", "isolated", "locked"} {
		ls = append(ls, "bridge link set dev v0 "+o+" on; bridge link set dev w0 "+o+" off; bridge -d link show dev v0", "bridge link set dev v0 "+o+" 1")
	}
	bridges(t, "", lines(ls...))
	later := "stock 6.1 does not know it"
	bridges(t, "", []difftest.Case{{Line: "bridge link set dev v0 mab x", Words: "code: " + later}, {Line: "bridge link set dev v0 mcast_max_groups x", Words: later}})
}

func TestBridgeLinkShowLikeStock(t *testing.T) {
	var ls []string
	for _, opts := range []string{"", "-j ", "-d ", "-d -j ", "-d -o ", "-j -p -d ", "-c ", "-s "} {
		for _, l := range []string{"", " show", " show dev v0", " show dev w0"} {
			ls = append(ls, "bridge "+opts+"link"+l)
		}
	}
	ls = append(ls, "bridge link show dev v1", "bridge link show dev br0", "bridge link show dev nosuch", "bridge link show dev v0 dev w0", "bridge link show dev", "bridge link show foo", "bridge link show help", "bridge link lst", "bridge link list", "bridge -n nosuch link")
	bridgeShows(t, "bridge link set dev v0 backup_port w0 cost 7 hairpin on mcast_router 2; ip link set v0 up; ip link set w1 up; ip link set w0 up; ip link set vx master br0; ", ls)
}

// bridgeShows is shows for bridge.
func bridgeShows(t *testing.T, setup string, ls []string) {
	s := difftest.Suite{Name: "bridge", Setup: bridged + setup, State: "true"}
	s.Run(t, together(ls))
}
