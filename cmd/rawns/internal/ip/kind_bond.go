package ip

import (
	"strings"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl"
	"rawns/nl/rtnl"
)

var bondOptions = table{name: "bond", wrong: "invalid %", code: exitMissing, attrs: &rtnl.BondAttrs, rows: []option{
	{name: "mode", val: valWordNum, attr: uint16(rtnl.IFLA_BOND_MODE), arg: "{ balance-rr | active-backup | balance-xor | broadcast | 802.3ad | balance-tlb | balance-alb }", about: helps("how packets are spread over the ports")},
	{name: "active_slave", val: valLink, attr: uint16(rtnl.IFLA_BOND_ACTIVE_SLAVE), arg: "SLAVE_DEV", about: helps("the port in use")},
	{name: "clear_active_slave", val: valFunc, parse: bondNoActive, about: helps("choose it anew")},
	{name: "miimon", val: valU32, attr: uint16(rtnl.IFLA_BOND_MIIMON), arg: "MIIMON", about: helps("between looks at the carriers, in ms; 0 is never")},
	{name: "updelay", val: valU32, attr: uint16(rtnl.IFLA_BOND_UPDELAY), arg: "UPDELAY", about: helps("until a port that is up again is used, in ms")},
	{name: "downdelay", val: valU32, attr: uint16(rtnl.IFLA_BOND_DOWNDELAY), arg: "DOWNDELAY", about: helps("until one that is down is not, in ms")},
	{name: "peer_notify_delay", val: valU32, attr: uint16(rtnl.IFLA_BOND_PEER_NOTIF_DELAY), arg: "DELAY", about: helps("between announcements of a change, in ms")},
	{name: "use_carrier", val: valU8, attr: uint16(rtnl.IFLA_BOND_USE_CARRIER), arg: "USE_CARRIER", about: helps("0: ask by ioctl")},
	{name: "arp_interval", val: valU32, attr: uint16(rtnl.IFLA_BOND_ARP_INTERVAL), arg: "ARP_INTERVAL", about: helps("between ARP requests that watch the ports, in ms")},
	{name: "arp_ip_target", val: valFunc, attr: uint16(rtnl.IFLA_BOND_ARP_IP_TARGET), arg: "[ ARP_IP_TARGET,... ]", parse: bondTargets, about: helps("whom they ask for, up to 16")},
	{name: "ns_ip6_target", exact: true, val: valFunc, attr: uint16(rtnl.IFLA_BOND_NS_IP6_TARGET), arg: "[ NS_IP6_TARGET,... ]", parse: bondTargets, about: helps("the same with IPv6")},
	{name: "arp_validate", val: valWordNum, attr: uint16(rtnl.IFLA_BOND_ARP_VALIDATE), arg: "{ none | active | backup | all | filter | filter_active | filter_backup }", about: helps("which answers count")},
	{name: "arp_all_targets", val: valWordNum, attr: uint16(rtnl.IFLA_BOND_ARP_ALL_TARGETS), arg: "{ any | all }", about: helps("a port is up if any answers, or all")},
	{name: "primary", val: valLink, attr: uint16(rtnl.IFLA_BOND_PRIMARY), arg: "SLAVE_DEV", about: helps("the port to prefer")},
	{name: "primary_reselect", val: valWordNum, attr: uint16(rtnl.IFLA_BOND_PRIMARY_RESELECT), arg: "{ always | better | failure }", about: helps("when to go back to it")},
	{name: "fail_over_mac", val: valWordNum, attr: uint16(rtnl.IFLA_BOND_FAIL_OVER_MAC), arg: "{ none | active | follow }", about: helps("whose address it has when the port changes")},
	{name: "xmit_hash_policy", val: valWordNum, attr: uint16(rtnl.IFLA_BOND_XMIT_HASH_POLICY), arg: "{ layer2 | layer2+3 | layer3+4 | encap2+3 | encap3+4 | vlan+srcmac }", about: helps("what chooses the port of a packet")},
	{name: "resend_igmp", val: valU32, attr: uint16(rtnl.IFLA_BOND_RESEND_IGMP), arg: "RESEND_IGMP", about: helps("reports after a change")},
	{name: "num_grat_arp", val: valU8, attr: uint16(rtnl.IFLA_BOND_NUM_PEER_NOTIF), arg: "NUM_GRAT_ARP", says: &saying{wrong: "invalid num_grat_arp|num_unsol_na"}, about: helps("announcements after a change")},
	{name: "num_unsol_na", val: valU8, attr: uint16(rtnl.IFLA_BOND_NUM_PEER_NOTIF), arg: "NUM_UNSOL_NA", says: &saying{wrong: "invalid num_grat_arp|num_unsol_na"}, about: helps("the same")},
	{name: "all_slaves_active", val: valU8, attr: uint16(rtnl.IFLA_BOND_ALL_SLAVES_ACTIVE), arg: "ALL_SLAVES_ACTIVE", about: helps("1: take what comes to ports not in use")},
	{name: "min_links", val: valU32, attr: uint16(rtnl.IFLA_BOND_MIN_LINKS), arg: "MIN_LINKS", about: helps("ports that must be up, for it to be")},
	{name: "lp_interval", val: valU32, attr: uint16(rtnl.IFLA_BOND_LP_INTERVAL), arg: "LP_INTERVAL", about: helps("between learning packets, in s")},
	{name: "packets_per_slave", val: valU32, attr: uint16(rtnl.IFLA_BOND_PACKETS_PER_SLAVE), arg: "PACKETS_PER_SLAVE", about: helps("packets before the next port's turn")},
	{name: "lacp_rate", val: valWordNum, attr: uint16(rtnl.IFLA_BOND_AD_LACP_RATE), arg: "{ slow | fast }", about: helps("how often the other side is asked to speak")},
	{name: "lacp_active", exact: true, val: valWordNum, attr: uint16(rtnl.IFLA_BOND_AD_LACP_ACTIVE), arg: "{ off | on }", about: helps("speak first")},
	{name: "ad_select", val: valWordNum, attr: uint16(rtnl.IFLA_BOND_AD_SELECT), arg: "{ stable | bandwidth | count }", about: helps("when another aggregate is chosen")},
	{name: "ad_user_port_key", val: valU16, attr: uint16(rtnl.IFLA_BOND_AD_USER_PORT_KEY), arg: "PORTKEY", about: helps("the upper bits of port keys")},
	{name: "ad_actor_sys_prio", val: valU16, attr: uint16(rtnl.IFLA_BOND_AD_ACTOR_SYS_PRIO), arg: "SYSPRIO", about: helps("priority of this side")},
	{name: "ad_actor_system", val: valMAC, attr: uint16(rtnl.IFLA_BOND_AD_ACTOR_SYSTEM), arg: "LLADDR", about: helps("its address")},
	{name: "tlb_dynamic_lb", val: valU8, attr: uint16(rtnl.IFLA_BOND_TLB_DYNAMIC_LB), arg: "TLB_DYNAMIC_LB", about: helps("1: move flows as loads change")},
	{name: "arp_missed_max", exact: true, val: valU8, attr: uint16(rtnl.IFLA_BOND_MISSED_MAX), arg: "MISSED_MAX", about: helps("requests without an answer until a port is down")},
	// Of later iproute2:
	{name: "coupled_control", exact: true, val: valWordNum, attr: uint16(rtnl.IFLA_BOND_COUPLED_CONTROL), arg: "{ off | on }", about: helps("collect and distribute at once")},
}}

func bondNoActive(_ *args, st state, _ *option) { st.req().b.U32(rtnl.IFLA_BOND_ACTIVE_SLAVE, 0) }

const maxTargets = 16 // BOND_MAX_ARP_TARGETS, BOND_MAX_NS_TARGETS

// bondTargets reads addresses with commas between them, or, at the end of the
// line, none: the list is emptied.
func bondTargets(a *args, st state, o *option) {
	b := &st.req().b
	n := b.Nest(nl.AttrNest(o.attr))
	if a.more() {
		i := uint16(0)
		for _, w := range strings.Split(a.next(), ",") {
			if w == "" || i == maxTargets {
				continue
			}
			one := args{w: []string{w}, g: a.g}
			if o.attr == uint16(rtnl.IFLA_BOND_NS_IP6_TARGET) {
				p := one.addr(unix.AF_INET6)
				b.IP(nl.AttrIP(i), p.b[:])
			} else {
				p := one.addr4()
				b.IP(nl.AttrIP(i), p[:])
			}
			if one.err != nil {
				a.fail(one.err)
				break
			}
			i++
		}
	}
	b.End(n)
}

// addr4 reads an IPv4 address, in the words that iproute2 has for it alone.
func (a *args) addr4() (b [4]byte) {
	w := a.next()
	p, ok := parseAddr(w, unix.AF_INET)
	if a.err == nil && !ok {
		a.failf(exitMissing, `Error: an IP address is expected rather than "`, w, `"`)
	}
	copy(b[:], p.b[:])
	return b
}

var bondFields = []field{
	{uint16(rtnl.IFLA_BOND_MODE), "mode", "mode ", showUpperWord},
	{uint16(rtnl.IFLA_BOND_ACTIVE_SLAVE), "active_slave", "active_slave ", showSomeDev},
	{uint16(rtnl.IFLA_BOND_MIIMON), "miimon", "miimon ", showUint},
	{uint16(rtnl.IFLA_BOND_UPDELAY), "updelay", "updelay ", showUint},
	{uint16(rtnl.IFLA_BOND_DOWNDELAY), "downdelay", "downdelay ", showUint},
	{uint16(rtnl.IFLA_BOND_PEER_NOTIF_DELAY), "peer_notify_delay", "peer_notify_delay ", showUint},
	{uint16(rtnl.IFLA_BOND_USE_CARRIER), "use_carrier", "use_carrier ", showUint},
	{uint16(rtnl.IFLA_BOND_ARP_INTERVAL), "arp_interval", "arp_interval ", showUint},
	{uint16(rtnl.IFLA_BOND_MISSED_MAX), "arp_missed_max", "arp_missed_max ", showUint},
	{uint16(rtnl.IFLA_BOND_ARP_IP_TARGET), "arp_ip_target", "arp_ip_target ", showTargets},
	{uint16(rtnl.IFLA_BOND_NS_IP6_TARGET), "ns_ip6_target", "ns_ip6_target ", showTargets},
	{uint16(rtnl.IFLA_BOND_ARP_VALIDATE), "arp_validate", "arp_validate ", showARPValidate},
	{uint16(rtnl.IFLA_BOND_ARP_ALL_TARGETS), "arp_all_targets", "arp_all_targets ", showUpperWord},
	{uint16(rtnl.IFLA_BOND_PRIMARY), "primary", "primary ", showSomeDev},
	{uint16(rtnl.IFLA_BOND_PRIMARY_RESELECT), "primary_reselect", "primary_reselect ", showUpperWord},
	{uint16(rtnl.IFLA_BOND_FAIL_OVER_MAC), "fail_over_mac", "fail_over_mac ", showUpperWord},
	{uint16(rtnl.IFLA_BOND_XMIT_HASH_POLICY), "xmit_hash_policy", "xmit_hash_policy ", showUpperWord},
	{uint16(rtnl.IFLA_BOND_RESEND_IGMP), "resend_igmp", "resend_igmp ", showUint},
	{uint16(rtnl.IFLA_BOND_NUM_PEER_NOTIF), "num_peer_notif", "num_grat_arp ", showUint},
	{uint16(rtnl.IFLA_BOND_ALL_SLAVES_ACTIVE), "all_slaves_active", "all_slaves_active ", showUint},
	{uint16(rtnl.IFLA_BOND_MIN_LINKS), "min_links", "min_links ", showUint},
	{uint16(rtnl.IFLA_BOND_LP_INTERVAL), "lp_interval", "lp_interval ", showUint},
	{uint16(rtnl.IFLA_BOND_PACKETS_PER_SLAVE), "packets_per_slave", "packets_per_slave ", showUint},
	{uint16(rtnl.IFLA_BOND_AD_LACP_ACTIVE), "ad_lacp_active", "lacp_active ", showUpperWord},
	{uint16(rtnl.IFLA_BOND_AD_LACP_RATE), "ad_lacp_rate", "lacp_rate ", showUpperWord},
	{uint16(rtnl.IFLA_BOND_AD_SELECT), "ad_select", "ad_select ", showUpperWord},
	{uint16(rtnl.IFLA_BOND_AD_INFO), "ad_info", "", showBondADInfo},
	{uint16(rtnl.IFLA_BOND_AD_ACTOR_SYS_PRIO), "ad_actor_sys_prio", "ad_actor_sys_prio ", showUint},
	{uint16(rtnl.IFLA_BOND_AD_USER_PORT_KEY), "ad_user_port_key", "ad_user_port_key ", showUint},
	{uint16(rtnl.IFLA_BOND_AD_ACTOR_SYSTEM), "ad_actor_system", "ad_actor_system ", showMAC},
	{uint16(rtnl.IFLA_BOND_TLB_DYNAMIC_LB), "tlb_dynamic_lb", "tlb_dynamic_lb ", showUint},
}

var bondADInfoFields = [...]field{
	{uint16(rtnl.IFLA_BOND_AD_INFO_AGGREGATOR), "aggregator", "ad_aggregator ", showUint},
	{uint16(rtnl.IFLA_BOND_AD_INFO_NUM_PORTS), "num_ports", "ad_num_ports ", showUint},
	{uint16(rtnl.IFLA_BOND_AD_INFO_ACTOR_KEY), "actor_key", "ad_actor_key ", showUint},
	{uint16(rtnl.IFLA_BOND_AD_INFO_PARTNER_KEY), "partner_key", "ad_partner_key ", showUint},
	{uint16(rtnl.IFLA_BOND_AD_INFO_PARTNER_MAC), "partner_mac", "ad_partner_mac ", showMAC},
}

func showBondADInfo(l *linkPrinter, f *field, v nl.Attr) {
	l.Obj(f.key)
	l.fields(bondADInfoFields[:], v.Attrs())
	l.EndObj()
}

// showTargets writes addresses with commas between them.
func showTargets(l *linkPrinter, f *field, v nl.Attr) {
	before := f.text
	for a := range v.Attrs().All() {
		if n := len(a.Bytes()); n != 4 && n != 16 {
			continue
		}
		if before != "," {
			l.Arr(f.key, "")
		}
		l.Str("", before, string(cli.AppendIP(nil, a.Bytes())), "")
		before = ","
	}
	if before == "," {
		l.EndArr(" ")
	}
}

func showARPValidate(l *linkPrinter, f *field, v nl.Attr) {
	if n, ok := v.U32(); ok && n == 0 && l.json {
		l.JNull(f.key)
	} else {
		showUpperWord(l, f, v)
	}
}
