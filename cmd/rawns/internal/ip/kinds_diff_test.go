//go:build !tiny

package ip

import (
	"strings"
	"testing"

	"rawns/cmd/rawns/internal/difftest"
	"rawns/ns/nstest"
)

// kindCases are lines about a kind that the running kernel may lack.
type kindCases struct {
	kind  string
	lines []string
}

// likeStockKinds runs the lines of each kind that the kernel has, and shows
// behind each what became of it, as text and as JSON.
func likeStockKinds(t *testing.T, kinds []kindCases) {
	for _, k := range kinds {
		t.Run(k.kind, func(t *testing.T) {
			nstest.NeedKind(t, k.kind)
			cs := lines(k.lines...)
			for i := range cs {
				cs[i].Line += "; c=$?; for d in d0 d1; do ip -d link show $d; ip -d -j -p link show $d; done 2>&1; exit $c"
			}
			likeStock(t, cs)
		})
	}
}

// bareudp, rmnet and amt are in no kernel at hand: of them there are only the
// golden requests.
func TestKindsLikeStock(t *testing.T) {
	likeStockKinds(t, []kindCases{
		{"vlan", []string{
			"ip link add d0 link v0 type vlan id 5",
			"ip link add link v0 name d0 type vlan id 5 protocol 802.1ad reorder_hdr off gvrp on mvrp on loose_binding on bridge_binding on",
			"ip link add d0 link v0 type vlan id 7 ingress-qos-map 0:1 1:2 7:0 egress-qos-map 3:4 5:6; ip -o -d link show d0",
			"ip link add d0 link v0 type vlan id 7; ip link set d0 type vlan egress-qos-map 1:2 reorder_hdr off gvrp on; ip link show type vlan; ip -br -d link show type vlan",
			"ip link add d0 link v0 type vlan id 7; ip link set d0 type vlan id 8",
			"ip link add d0 link v0 type vlan id 7; ip link add d1 link v0 type vlan id 7",
			"ip link add d0 link v0 type vlan id 4096", "ip link add d0 link v0 type vlan", "ip link add d0 type vlan id 5", "ip link add d0 link v0 type vlan protocol 0x9100 id 5",
			"ip link add d0 link v0 type vlan id 7; ip link del d0 type vlan",
		}},
		{"vxlan", []string{
			"ip link add d0 type vxlan id 42 dstport 4789",
			"ip link add d0 type vxlan id 42",
			"ip link add d0 type vxlan id 42 dstport 0 group 239.1.1.1 dev v0 ttl 5 tos 0x10",
			"ip link add d0 type vxlan id 42 dstport 4789 remote 10.0.0.2 local 10.0.0.1 ttl inherit tos inherit df set",
			"ip link add d0 type vxlan remote 2001:db8::2 local 2001:db8::1 id 16777215 dstport 65535 hoplimit auto dsfield 8 df inherit flowlabel 0xfffff",
			"ip link add d0 type vxlan group ff05::100 dev v0 id 1 dstport 8472 df unset label 7",
			"ip link add d0 type vxlan id 1 dstport 4789 srcport 1000 2000 nolearning proxy rsc l2miss l3miss",
			"ip link add d0 type vxlan id 1 dstport 4789 ageing none maxaddress 100 noudpcsum udp6zerocsumtx udp6zerocsumrx remcsumtx remcsumrx",
			"ip link add d0 type vxlan id 1 dstport 4789 gbp", "ip link add d0 type vxlan id 1 gpe",
			"ip link add d0 type vxlan external dstport 4789", "ip link add d0 type vxlan dstport 4789 external vnifilter",
			"ip link add d0 type vxlan id 3 dstport 4789; ip link set d0 type vxlan ageing 5 nolearning ttl 7",
			"ip link add d0 type vxlan id 3 dstport 4789; ip link set d0 type vxlan remote 10.0.0.9 dev v1",
			"ip link add d0 type vxlan id 3 dstport 4789; ip link set d0 type vxlan id 4",
			"ip link add d0 type vxlan id 3 dstport 4789; ip link add d1 type vxlan id 3 dstport 4789",
			"ip -6 link add d0 type vxlan id 3 dstport 4789",
			"ip link add d0 type vxlan id 1 dstport 4789 srcport 2000 1000", "ip link add d0 type vxlan id 1 dstport 4789 local 1.2.3.4 remote any",
		}},
		{"macvlan", []string{
			"ip link add d0 link v0 type macvlan", "ip link add d0 link v0 type macvlan mode private; ip link add d1 link v0 type macvlan mode bridge bcqueuelen 2000",
			"ip link add d0 link v0 type macvlan mode vepa; ip link set d0 type macvlan mode bridge", "ip link add d0 link v0 type macvlan mode passthru nopromisc",
			"ip link add d0 link v0 type macvlan mode source flag nodst; ip link set d0 type macvlan macaddr add 02:00:00:00:00:01; ip link set d0 type macvlan macaddr add 02:00:00:00:00:02; ip link set d0 type macvlan macaddr del 02:00:00:00:00:01",
			"ip link add d0 link v0 type macvlan mode source macaddr set 02:00:00:00:00:01 02:00:00:00:00:02; ip link set d0 type macvlan macaddr flush",
			"ip link add d0 link v0 type macvlan mode source macaddr set 02:00:00:00:00:01 02:00:00:00:00:02; ip -c -d link show d0; ip -o -d link show d0",
			"ip link add d0 type macvlan", "ip link add d0 link v0 type macvlan mode bridge macaddr flush",
		}},
		{"macvtap", []string{"ip link add d0 link v0 type macvtap mode bridge", "ip link add d0 link v0 type macvtap mode passthru"}},
		{"ipvlan", []string{"ip link add d0 link v0 type ipvlan", "ip link add d0 link v0 type ipvlan mode l2 private; ip link set d0 type ipvlan mode l3 bridge", "ip link add d0 link v0 type ipvlan mode l3s vepa"}},
		{"ipvtap", []string{"ip link add d0 link v0 type ipvtap mode l2 bridge"}},
		{"ifb", []string{"ip link add d0 type ifb"}},
		{"bond", []string{
			"ip link add d0 type bond", "ip link add d0 type bond mode active-backup miimon 100; ip link set v0 master d0; ip link set v1 master d0; ip link set d0 type bond active_slave v1 primary v0; ip -d link show v0; ip -d -j link show v1; ip link set d0 type bond clear_active_slave",
			"ip link add d0 type bond mode 802.3ad lacp_rate fast lacp_active off ad_select count ad_user_port_key 5 ad_actor_sys_prio 7 ad_actor_system 02:00:00:00:00:08; ip link set v0 master d0; ip -d link show v0; ip -d -j link show v0; ip link set v0 type bond_slave queue_id 5 prio 3; ip -d link show v0",
			"ip link add d0 type bond mode 1 arp_interval 100 arp_ip_target 10.0.0.1,10.0.0.2 ns_ip6_target 2001:db8::1 arp_validate all arp_all_targets any; ip link set d0 type bond arp_ip_target",
			"ip link add d0 type bond mode balance-tlb tlb_dynamic_lb 0 xmit_hash_policy vlan+srcmac; ip link set d0 type bond resend_igmp 3 num_grat_arp 4 all_slaves_active 1 min_links 2 lp_interval 5",
			"ip link add d0 type bond mode 0 packets_per_slave 4 updelay 5",
		}},
		{"vrf", []string{"ip link add d0 type vrf table 10; ip link set v0 master d0; ip -d link show v0; ip -d -j link show v0; ip link show vrf d0", "ip link add d0 type vrf", "ip link add d0 type vrf table 0"}},
		{"dummy", []string{"ip link add d0 type dummy"}},
		{"nlmon", []string{"ip link add d0 type nlmon"}},
		{"vcan", []string{"ip link add d0 type vcan"}},
		{"vxcan", []string{"ip link add d0 type vxcan peer name d1"}},
		{"geneve", []string{
			"ip link add d0 type geneve id 42 remote 10.0.0.2", "ip link add d0 type geneve vni 16777215 remote 2001:db8::2 ttl 5 tos 0x10 df set flowlabel 0xfffff dstport 6081",
			"ip link add d0 type geneve id 1 remote 10.0.0.2 ttl inherit tos inherit df inherit label 7 noudpcsum", "ip link add d0 type geneve external dstport 1 udp6zerocsumrx innerprotoinherit",
			"ip link add d0 type geneve id 3 remote 10.0.0.2; ip link set d0 type geneve id 3 ttl 7 remote 10.0.0.9",
		}},
		{"hsr", []string{"ip link add d0 type hsr slave1 v0 slave2 v1 supervision 45 version 1", "ip link add d0 type hsr slave1 v0 slave2 v1 proto 1", "ip link add d0 type hsr slave1 v0"}},
		{"xfrm", []string{"ip link add d0 type xfrm dev v0 if_id 0x1f", "ip link add d0 type xfrm if_id 7; ip link set d0 type xfrm if_id 8", "ip link add d0 type xfrm external", "ip link add d0 type xfrm"}},
		{"batadv", []string{"ip link add d0 type batadv", "ip link add d0 type batadv ra BATMAN_V", "ip link add d0 type batadv ra FOO"}},
		{"ipoib", []string{"ip link add d0 link v0 type ipoib pkey 0x8003 mode connected umcast 1"}},
		{"gtp", []string{"ip link add d0 type gtp role sgsn", "ip link add d0 type gtp role ggsn hsize 131071 restart_count 255"}},
		{"macsec", []string{
			"ip link add d0 link v0 type macsec", "ip link add d0 link v0 type macsec sci 0102030405060708 encrypt on", "ip link add d0 link v0 type macsec port 11 cipher gcm-aes-256 icvlen 16 validate check",
			"ip link add d0 link v0 type macsec address 02:00:00:00:00:01 port 11 send_sci off end_station on replay on window 5 encodingsa 2",
			"ip link add d0 link v0 type macsec; ip link set d0 type macsec encrypt on protect off", "ip link add d0 link v0 type macsec cipher gcm-aes-xpn-128", "ip link add d0 link v0 type macsec offload phy",
		}},
		{"wireguard", []string{"ip link add d0 type wireguard"}},
		{"team", []string{"ip link add d0 type team; ip link set v0 master d0; ip -d link show v0"}},
	})
}

// What is wrong with options of kinds is said in the stock tool's words; the
// kernel is hardly asked.
func TestKindErrorsLikeStock(t *testing.T) {
	likeStock(t, together([]string{
		"ip link add d0 type vxlan dstport 4789 id 3 local any", "ip link add d0 type vxlan dstport 4789 id 3 remote default", "ip link add d0 type vxlan dstport 4789 id 3 group 1.2.3.4", "ip link add d0 type vxlan dstport 4789 id 3 remote 239.1.1.1",
		"ip link add d0 type vxlan dstport 4789 id 3 remote 1.2.3.4 group 239.1.1.1", "ip link add d0 type vxlan dstport 4789 id 3 group 239.1.1.1 remote 1.2.3.4", "ip link add d0 type vxlan dstport 4789 id 3 group 239.1.1.1",
		"ip link add d0 type vxlan dstport 4789 id 3 remote 1.2.3.4 remote 1.2.3.4", "ip link add d0 type vxlan dstport 4789 id 3 id 4", "ip link add d0 type vxlan dstport 4789 vni 3 vni 4", "ip link add d0 type vxlan proxy nopro", "ip link add d0 type vxlan ttl 1 hop 2", "ip link add d0 type vxlan label 1 flowlabel 2",
		"ip link add d0 type vxlan dstport 4789 id 3 dev nosuch", "ip link add d0 type vxlan local 1::2 remote 1.2.3.4", "ip link add d0 type vxlan local foo", "ip link add d0 type vxlan group ff05::1 local 1.2.3.4",
		"ip link add d0 type vxlan df foo", "ip link add d0 type vxlan ttl 256", "ip link add d0 type vxlan ttl foo", "ip link add d0 type vxlan tos fooo", "ip link add d0 type vxlan ageing foo", "ip link add d0 type vxlan maxaddress foo", "ip link add d0 type vxlan id 16777216", "ip link add d0 type vxlan id x", "ip link add d0 type vxlan flowlabel 0x100000",
		"ip link add d0 type vxlan srcport 1", "ip link add d0 type vxlan srcport x 1", "ip link add d0 type vxlan srcport 1 65536", "ip link add d0 type vxlan dstport x", "ip link add d0 type vxlan", "ip link add d0 type vxlan dstport 1", "ip link add d0 type vxlan external id 5 dstport 1", "ip link add d0 type vxlan vnifilter id 5 dstport 1", "ip link add d0 type vxlan foo", "ip link add d0 type vxlan id", "ip link del v0 type vxlan ttl 5",
		"ip link add d0 link v0 type vlan id", "ip link add d0 link v0 type vlan id x", "ip link add d0 link v0 type vlan id 65536", "ip link add d0 link v0 type vlan protocol foo", "ip link add d0 link v0 type vlan ingress-qos-map", "ip link add d0 link v0 type vlan ingress-qos-map 1:2 x:3", "ip link add d0 link v0 type vlan egress-qos-map 1:2:3", "ip link add d0 link v0 type vlan egress-qos-map 1 2", "ip link add d0 link v0 type vlan gvrp foo", "ip link add d0 link v0 type vlan foo",
		"ip link add d0 type bond active_slave nosuch", "ip link add d0 type bond primary nosuch", "ip link add d0 type bond arp_ip_target foo", "ip link add d0 type bond ns_ip6_target 1.2.3.4", "ip link add d0 type bond ns_ip6_target any", "ip link add d0 type bond mode foo", "ip link add d0 type bond mode 7", "ip link add d0 type bond mode -1", "ip link add d0 type bond mode 0x1", "ip link add d0 type bond miimon x", "ip link add d0 type bond num_unsol_na 256", "ip link add d0 type bond ad_actor_sys_prio 65536", "ip link add d0 type bond arp_validate x", "ip link add d0 type bond foo", "ip link add d0 type bond mode",
		"ip link set v0 type bond_slave queue_id x", "ip link set v0 type bond_slave prio x", "ip link set v0 type bond_slave foo", "ip link set v0 type bond_slave queue_id 1",
		"ip link add d0 link v0 type macvlan mode foo", "ip link add d0 link v0 type macvlan flag foo", "ip link add d0 link v0 type macvlan bcqueuelen foo", "ip link add d0 link v0 type macvlan flag nopromisc mode vepa", "ip link add d0 link v0 type macvlan nopromisc", "ip link add d0 link v0 type macvlan foo", "ip link add d0 link v0 type macvlan macaddr", "ip link add d0 link v0 type macvlan macaddr add", "ip link add d0 link v0 type macvtap foo",
		"ip link add d0 link v0 type ipvlan private vepa", "ip link add d0 link v0 type ipvlan mode foo", "ip link add d0 link v0 type ipvlan foo", "ip link add d0 link v0 type ipvtap foo",
		"ip link add d0 type vrf table foo", "ip link add d0 type vrf foo", "ip link add d0 type vrf table", "ip link add d0 type vxcan foo",
		"ip link add d0 type geneve", "ip link add d0 type geneve id 3", "ip link add d0 type geneve remote 1.2.3.4", "ip link add d0 type geneve external id 3",
		"ip link add d0 type geneve id 3 remote 239.1.1.1", "ip link add d0 type geneve id 3 remote any", "ip link add d0 type geneve id 3 remote foo", "ip link add d0 type geneve id 3 vni 4",
		"ip link add d0 type geneve external noexternal", "ip link add d0 type geneve udpcsum noudpcsum", "ip link add d0 type geneve innerprotoinherit innerprotoinherit", "ip link add d0 type geneve df foo",
		"ip link add d0 type geneve dstport x", "ip link add d0 type geneve ttl 256", "ip link add d0 type geneve tos xyz", "ip link add d0 type geneve label 0x100000",
		"ip link add d0 type geneve foo", "ip link set v0 type geneve ttl 5", "ip link add d0 type bareudp", "ip link add d0 type bareudp dstport 1",
		"ip link add d0 type bareudp dstport x", "ip link add d0 type bareudp ethertype foo", "ip link add d0 type bareudp srcportmin x", "ip link add d0 type bareudp dstport 1 dstport 2",
		"ip link add d0 type bareudp multiproto nomultiproto", "ip link add d0 type bareudp foo", "ip link add d0 type hsr slave1 nosuch", "ip link add d0 type hsr supervision 256",
		"ip link add d0 type hsr version x", "ip link add d0 type hsr proto x", "ip link add d0 type hsr foo", "ip link add d0 type hsr slave1",
		"ip link add d0 type xfrm if_id x", "ip link add d0 type xfrm dev nosuch", "ip link add d0 type xfrm external if_id 5", "ip link add d0 type xfrm external dev v0",
		"ip link add d0 type xfrm foo", "ip link add d0 type xfrm help", "ip link add d0 type batadv ra", "ip link add d0 type batadv foo",
		"ip link add d0 type ipoib pkey x", "ip link add d0 type ipoib umcast x", "ip link add d0 type ipoib mode x", "ip link add d0 type ipoib foo",
		"ip link add d0 type rmnet mux_id x", "ip link add d0 type rmnet foo", "ip link add d0 type gtp hsize 5", "ip link add d0 type gtp role foo",
		"ip link add d0 type gtp role sgsn hsize x", "ip link add d0 type gtp role sgsn hsize 131072", "ip link add d0 type gtp role sgsn restart_count 256", "ip link add d0 type gtp role sgsn role ggsn",
		"ip link add d0 type amt mode foo", "ip link add d0 type amt relay_port x", "ip link add d0 type amt gateway_port 65536", "ip link add d0 type amt max_tunnels x",
		"ip link add d0 type amt dev nosuch", "ip link add d0 type amt local x", "ip link add d0 type amt local 1.2.3.4 local 1.2.3.4", "ip link add d0 type amt discovery any discovery any",
		"ip link add d0 type amt local any local any", "ip link add d0 type amt discovery 1::2 local 1.2.3.4", "ip link add d0 type amt foo", "ip link add d0 type amt relay_po 5",
		"ip link add d0 type dsa conduit nosuch", "ip link add d0 type dsa foo", "ip link add d0 type dsa cond v0", "ip link add d0 type wwan linkid x",
		"ip link add d0 type wwan foo", "ip link add d0 type macsec foo", "ip link add d0 type macsec sci x", "ip link add d0 type macsec sci",
		"ip link add d0 type macsec port 0", "ip link add d0 type macsec port x", "ip link add d0 type macsec address x", "ip link add d0 type macsec address 02:00:00:00:00:01 sci 5",
		"ip link add d0 type macsec port 5 address 02:00:00:00:00:01", "ip link add d0 type macsec cipher foo", "ip link add d0 type macsec cipher default cipher default", "ip link add d0 type macsec icvlen x",
		"ip link add d0 type macsec icvlen 7", "ip link add d0 type macsec icvlen 17", "ip link add d0 type macsec icvlen 8 icvlen 9", "ip link add d0 type macsec encrypt foo",
		"ip link add d0 type macsec encrypt o", "ip link add d0 type macsec send_sci foo", "ip link add d0 type macsec validate foo", "ip link add d0 type macsec validate str",
		"ip link add d0 type macsec offload foo", "ip link add d0 type macsec encodingsa 4", "ip link add d0 type macsec encodingsa 1 encodingsa 2", "ip link add d0 type macsec window x",
		"ip link add d0 type macsec window 5", "ip link add d0 type macsec replay on", "ip link add d0 type macsec send_sci on scb on", "ip link add d0 type macsec end_station on scb on",
		"ip link add d0 type macsec sci 5 port 6", "ip link add d0 type macsec encrypt on encrypt off", "ip link add d0 type macsec offload o", "ip link add d0 type macsec offload ph",
		"ip link set v0 type can bitrate x", "ip link set v0 type can sample-point x", "ip link set v0 type can sample-point", "ip link set v0 type can loopback foo",
		"ip link set v0 type can tdc-mode foo", "ip link set v0 type can restart-ms x", "ip link set v0 type can termination 65536", "ip link set v0 type can foo",
		"ip link set v0 type can tdcv x", "ip link set v0 type can help", "ip link set v0 type can rest 5", "ip link add d0 type can bitrate 5",
		"ip link help dummy", "ip link help ifb", "ip link help nlmon", "ip link help team", "ip link help vcan", "ip link help vxcan", "ip link help team_slave",
	}))
	likeStock(t, []difftest.Case{
		{Line: "ip link add d0 link v0 type macvlan macaddr foo", Words: "usage is made from the tables"},
		{Line: "ip link add d0 link v0 type macvlan macaddr add foo", Words: "the stock tool says nothing"},
		{Line: "ip link add d0 link v0 type macvlan macaddr add 02:00", Words: "the stock tool says nothing"},
		{Line: "ip link add d0 link v0 type macvlan macaddr set 1:2", Words: "the stock tool cuts the word in what it says"},
		{Line: "ip link set v0 type vrf_slave foo", Words: "code: the stock tool forgets about foo"},
	})
}

// Usage texts are made from the tables, and hold every keyword of the stock
// tool's; where they are said, and the exit code, are the stock tool's.
func TestKindUsage(t *testing.T) {
	nstest.Need(t, "ip")
	var ls []string
	n := nstest.New(t)
	for i := 0; kindAt(i) != nil; i++ {
		k := kindAt(i)
		if k.opts == nil {
			continue
		}
		stock := nstest.Exec(t, n, "ip", "link", "help", k.name)
		if !strings.Contains(stock.Stdout, "Usage: ... ") && !strings.Contains(stock.Stdout, "type "+k.name) {
			continue // not one of its kinds
		}
		ours := k.usage()
		for _, w := range strings.FieldsFunc(stock.Stdout, func(r rune) bool { return strings.ContainsRune(" \t\n[]{}|()", r) }) {
			if strings.ToLower(w) == w && w != ":=" && k.opts.find(w) >= 0 && !strings.Contains(ours, w) {
				t.Errorf("%s: %q is not in our usage text", k.name, w)
			}
		}
		ls = append(ls, "ip link add d0 type "+k.name+" help", "ip link help "+k.name, "ip link help "+k.name+" 2>&1 >/dev/null")
	}
	if len(ls) < 60 {
		t.Errorf("only %d lines", len(ls))
	}
	likeStock(t, together(ls))
}
