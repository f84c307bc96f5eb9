package ip

import (
	"encoding/binary"

	"rawns/nl"
	"rawns/nl/rtnl"
)

var bridgeOptions = table{name: "bridge", wrong: "invalid %", rows: []option{
	{name: "forward_delay", val: valU32, attr: uint16(rtnl.IFLA_BR_FORWARD_DELAY), arg: "FORWARD_DELAY", about: helps("time in each of the states before forwarding, in 1/100 s")},
	{name: "hello_time", val: valU32, attr: uint16(rtnl.IFLA_BR_HELLO_TIME), arg: "HELLO_TIME", about: helps("time between hellos of the root, in 1/100 s")},
	{name: "max_age", val: valU32, attr: uint16(rtnl.IFLA_BR_MAX_AGE), arg: "MAX_AGE", about: helps("until what a hello said is forgotten, in 1/100 s")},
	{name: "ageing_time", val: valU32, attr: uint16(rtnl.IFLA_BR_AGEING_TIME), arg: "AGEING_TIME", about: helps("until a learnt address is forgotten, in 1/100 s")},
	{name: "stp_state", val: valU32, attr: uint16(rtnl.IFLA_BR_STP_STATE), arg: "STP_STATE", about: helps("1: run the spanning tree protocol")},
	{name: "priority", val: valU16, attr: uint16(rtnl.IFLA_BR_PRIORITY), arg: "PRIORITY", about: helps("the bridge with the least becomes the root")},
	{name: "vlan_filtering", val: valU8, attr: uint16(rtnl.IFLA_BR_VLAN_FILTERING), arg: "VLAN_FILTERING", about: helps("1: ports are members of VLANs")},
	{name: "vlan_protocol", val: valFunc, attr: uint16(rtnl.IFLA_BR_VLAN_PROTOCOL), arg: "{ 802.1Q | 802.1ad }", parse: optProto, about: helps("the protocol of the tags")},
	{name: "group_fwd_mask", val: valU16, attr: uint16(rtnl.IFLA_BR_GROUP_FWD_MASK), arg: "MASK", about: helps("groups 01:80:c2:00:00:0X that are forwarded all the same")},
	{name: "group_address", val: valMAC, attr: uint16(rtnl.IFLA_BR_GROUP_ADDR), arg: "ADDRESS", about: helps("the address of the spanning tree protocol")},
	{name: "no_linklocal_learn", exact: true, val: valFunc, attr: boolNoLLLearn, arg: "NO_LINKLOCAL_LEARN", parse: bridgeBool, about: helps("1: learn nothing from link-local packets")},
	{name: "fdb_flush", val: valNone, attr: uint16(rtnl.IFLA_BR_FDB_FLUSH), about: helps("forget all learnt addresses")},
	{name: "vlan_default_pvid", val: valU16, attr: uint16(rtnl.IFLA_BR_VLAN_DEFAULT_PVID), arg: "VLAN_DEFAULT_PVID", about: helps("the VLAN that new ports are in; 0 is none")},
	{name: "vlan_stats_enabled", val: valU8, attr: uint16(rtnl.IFLA_BR_VLAN_STATS_ENABLED), arg: "VLAN_STATS_ENABLED", about: helps("1: count per VLAN")},
	{name: "vlan_stats_per_port", val: valU8, attr: uint16(rtnl.IFLA_BR_VLAN_STATS_PER_PORT), arg: "VLAN_STATS_PER_PORT", about: helps("1: count per VLAN and port")},
	{name: "mcast_router", val: valU8, attr: uint16(rtnl.IFLA_BR_MCAST_ROUTER), arg: "MULTICAST_ROUTER", about: helps("0: none behind it, 1: when one is heard, 2: always")},
	{name: "mcast_snooping", val: valU8, attr: uint16(rtnl.IFLA_BR_MCAST_SNOOPING), arg: "MULTICAST_SNOOPING", about: helps("1: learn who is in a group")},
	{name: "mcast_vlan_snooping", exact: true, val: valFunc, attr: boolMcastVLANSnooping, arg: "MULTICAST_VLAN_SNOOPING", parse: bridgeBool, about: helps("1: learn it per VLAN")},
	{name: "mcast_query_use_ifaddr", val: valU8, attr: uint16(rtnl.IFLA_BR_MCAST_QUERY_USE_IFADDR), arg: "MCAST_QUERY_USE_IFADDR", about: helps("1: query from the bridge's own IP address")},
	{name: "mcast_querier", val: valU8, attr: uint16(rtnl.IFLA_BR_MCAST_QUERIER), arg: "MULTICAST_QUERIER", about: helps("1: send queries")},
	{name: "mcast_hash_elasticity", val: valU32, attr: uint16(rtnl.IFLA_BR_MCAST_HASH_ELASTICITY), arg: "HASH_ELASTICITY", about: helps("ignored since Linux 5.0")},
	{name: "mcast_hash_max", val: valU32, attr: uint16(rtnl.IFLA_BR_MCAST_HASH_MAX), arg: "HASH_MAX", about: helps("the most groups")},
	{name: "mcast_last_member_count", val: valU32, attr: uint16(rtnl.IFLA_BR_MCAST_LAST_MEMBER_CNT), arg: "LAST_MEMBER_COUNT", about: helps("queries when a member leaves")},
	{name: "mcast_startup_query_count", val: valU32, attr: uint16(rtnl.IFLA_BR_MCAST_STARTUP_QUERY_CNT), arg: "STARTUP_QUERY_COUNT", about: helps("queries at the start")},
	{name: "mcast_last_member_interval", val: valU64, attr: uint16(rtnl.IFLA_BR_MCAST_LAST_MEMBER_INTVL), arg: "LAST_MEMBER_INTERVAL", about: helps("between those, in 1/100 s")},
	{name: "mcast_membership_interval", val: valU64, attr: uint16(rtnl.IFLA_BR_MCAST_MEMBERSHIP_INTVL), arg: "MEMBERSHIP_INTERVAL", about: helps("until a member is forgotten, in 1/100 s")},
	{name: "mcast_querier_interval", val: valU64, attr: uint16(rtnl.IFLA_BR_MCAST_QUERIER_INTVL), arg: "QUERIER_INTERVAL", about: helps("until another querier is forgotten, in 1/100 s")},
	{name: "mcast_query_interval", val: valU64, attr: uint16(rtnl.IFLA_BR_MCAST_QUERY_INTVL), arg: "QUERY_INTERVAL", about: helps("between queries, in 1/100 s")},
	{name: "mcast_query_response_interval", val: valU64, attr: uint16(rtnl.IFLA_BR_MCAST_QUERY_RESPONSE_INTVL), arg: "QUERY_RESPONSE_INTERVAL", about: helps("for answers, in 1/100 s")},
	{name: "mcast_startup_query_interval", val: valU64, attr: uint16(rtnl.IFLA_BR_MCAST_STARTUP_QUERY_INTVL), arg: "STARTUP_QUERY_INTERVAL", about: helps("between the first queries, in 1/100 s")},
	{name: "mcast_stats_enabled", val: valU8, attr: uint16(rtnl.IFLA_BR_MCAST_STATS_ENABLED), arg: "MCAST_STATS_ENABLED", about: helps("1: count")},
	{name: "mcast_igmp_version", val: valU8, attr: uint16(rtnl.IFLA_BR_MCAST_IGMP_VERSION), arg: "IGMP_VERSION", about: helps("2 or 3")},
	{name: "mcast_mld_version", val: valU8, attr: uint16(rtnl.IFLA_BR_MCAST_MLD_VERSION), arg: "MLD_VERSION", about: helps("1 or 2")},
	{name: "nf_call_iptables", val: valU8, attr: uint16(rtnl.IFLA_BR_NF_CALL_IPTABLES), arg: "NF_CALL_IPTABLES", about: helps("1: iptables sees the packets")},
	{name: "nf_call_ip6tables", val: valU8, attr: uint16(rtnl.IFLA_BR_NF_CALL_IP6TABLES), arg: "NF_CALL_IP6TABLES", about: helps("1: ip6tables sees them")},
	{name: "nf_call_arptables", val: valU8, attr: uint16(rtnl.IFLA_BR_NF_CALL_ARPTABLES), arg: "NF_CALL_ARPTABLES", about: helps("1: arptables sees them")},
}}

// Bits of struct br_boolopt_multi, BR_BOOLOPT_ in linux/if_bridge.h.
const (
	boolNoLLLearn         = 1 << 0
	boolMcastVLANSnooping = 1 << 1
)

func bridgeBool(a *args, st state, o *option) {
	s, w := st.(*linkState), a.next()
	v, ok := parseUint(w, 8)
	if a.err == nil && !ok {
		a.bad(o, w)
	}
	s.setBit(uint32(o.attr), v != 0)
}

// bridgeFields is in the order of iproute2's output, which is not the
// options'.
var bridgeFields = []field{
	{uint16(rtnl.IFLA_BR_FORWARD_DELAY), "forward_delay", "forward_delay ", showUint},
	{uint16(rtnl.IFLA_BR_HELLO_TIME), "hello_time", "hello_time ", showUint},
	{uint16(rtnl.IFLA_BR_MAX_AGE), "max_age", "max_age ", showUint},
	{uint16(rtnl.IFLA_BR_AGEING_TIME), "ageing_time", "ageing_time ", showUint},
	{uint16(rtnl.IFLA_BR_STP_STATE), "stp_state", "stp_state ", showUint},
	{uint16(rtnl.IFLA_BR_PRIORITY), "priority", "priority ", showUint},
	{uint16(rtnl.IFLA_BR_VLAN_FILTERING), "vlan_filtering", "vlan_filtering ", showUint},
	{uint16(rtnl.IFLA_BR_VLAN_PROTOCOL), "vlan_protocol", "vlan_protocol ", showProto},
	{uint16(rtnl.IFLA_BR_BRIDGE_ID), "bridge_id", "bridge_id ", showBridgeID},
	{uint16(rtnl.IFLA_BR_ROOT_ID), "root_id", "designated_root ", showBridgeID},
	{uint16(rtnl.IFLA_BR_ROOT_PORT), "root_port", "root_port ", showUint},
	{uint16(rtnl.IFLA_BR_ROOT_PATH_COST), "root_path_cost", "root_path_cost ", showUint},
	{uint16(rtnl.IFLA_BR_TOPOLOGY_CHANGE), "topology_change", "topology_change ", showUint},
	{uint16(rtnl.IFLA_BR_TOPOLOGY_CHANGE_DETECTED), "topology_change_detected", "topology_change_detected ", showUint},
	{uint16(rtnl.IFLA_BR_HELLO_TIMER), "hello_timer", "hello_timer ", showTimer},
	{uint16(rtnl.IFLA_BR_TCN_TIMER), "tcn_timer", "tcn_timer ", showTimer},
	{uint16(rtnl.IFLA_BR_TOPOLOGY_CHANGE_TIMER), "topology_change_timer", "topology_change_timer ", showTimer},
	{uint16(rtnl.IFLA_BR_GC_TIMER), "gc_timer", "gc_timer ", showTimer},
	{uint16(rtnl.IFLA_BR_VLAN_DEFAULT_PVID), "vlan_default_pvid", "vlan_default_pvid ", showUint},
	{uint16(rtnl.IFLA_BR_VLAN_STATS_ENABLED), "vlan_stats_enabled", "vlan_stats_enabled ", showUint},
	{uint16(rtnl.IFLA_BR_VLAN_STATS_PER_PORT), "vlan_stats_per_port", "vlan_stats_per_port ", showUint},
	{uint16(rtnl.IFLA_BR_GROUP_FWD_MASK), "group_fwd_mask", "group_fwd_mask ", showHex},
	{uint16(rtnl.IFLA_BR_GROUP_ADDR), "group_addr", "group_address ", showMAC},
	{uint16(rtnl.IFLA_BR_MCAST_SNOOPING), "mcast_snooping", "mcast_snooping ", showUint},
	{uint16(rtnl.IFLA_BR_MULTI_BOOLOPT), "", "", showBridgeBools},
	{uint16(rtnl.IFLA_BR_MCAST_ROUTER), "mcast_router", "mcast_router ", showUint},
	{uint16(rtnl.IFLA_BR_MCAST_QUERY_USE_IFADDR), "mcast_query_use_ifaddr", "mcast_query_use_ifaddr ", showUint},
	{uint16(rtnl.IFLA_BR_MCAST_QUERIER), "mcast_querier", "mcast_querier ", showUint},
	{uint16(rtnl.IFLA_BR_MCAST_HASH_ELASTICITY), "mcast_hash_elasticity", "mcast_hash_elasticity ", showUint},
	{uint16(rtnl.IFLA_BR_MCAST_HASH_MAX), "mcast_hash_max", "mcast_hash_max ", showUint},
	{uint16(rtnl.IFLA_BR_MCAST_LAST_MEMBER_CNT), "mcast_last_member_cnt", "mcast_last_member_count ", showUint},
	{uint16(rtnl.IFLA_BR_MCAST_STARTUP_QUERY_CNT), "mcast_startup_query_cnt", "mcast_startup_query_count ", showUint},
	{uint16(rtnl.IFLA_BR_MCAST_LAST_MEMBER_INTVL), "mcast_last_member_intvl", "mcast_last_member_interval ", showUint},
	{uint16(rtnl.IFLA_BR_MCAST_MEMBERSHIP_INTVL), "mcast_membership_intvl", "mcast_membership_interval ", showUint},
	{uint16(rtnl.IFLA_BR_MCAST_QUERIER_INTVL), "mcast_querier_intvl", "mcast_querier_interval ", showUint},
	{uint16(rtnl.IFLA_BR_MCAST_QUERY_INTVL), "mcast_query_intvl", "mcast_query_interval ", showUint},
	{uint16(rtnl.IFLA_BR_MCAST_QUERY_RESPONSE_INTVL), "mcast_query_response_intvl", "mcast_query_response_interval ", showUint},
	{uint16(rtnl.IFLA_BR_MCAST_STARTUP_QUERY_INTVL), "mcast_startup_query_intvl", "mcast_startup_query_interval ", showUint},
	{uint16(rtnl.IFLA_BR_MCAST_STATS_ENABLED), "mcast_stats_enabled", "mcast_stats_enabled ", showUint},
	{uint16(rtnl.IFLA_BR_MCAST_IGMP_VERSION), "mcast_igmp_version", "mcast_igmp_version ", showUint},
	{uint16(rtnl.IFLA_BR_MCAST_MLD_VERSION), "mcast_mld_version", "mcast_mld_version ", showUint},
	{uint16(rtnl.IFLA_BR_NF_CALL_IPTABLES), "nf_call_iptables", "nf_call_iptables ", showUint},
	{uint16(rtnl.IFLA_BR_NF_CALL_IP6TABLES), "nf_call_ip6tables", "nf_call_ip6tables ", showUint},
	{uint16(rtnl.IFLA_BR_NF_CALL_ARPTABLES), "nf_call_arptables", "nf_call_arptables ", showUint},
}

// showBridgeBools writes the boolean options that the kernel knows.
func showBridgeBools(l *linkPrinter, _ *field, v nl.Attr) {
	b := v.Bytes()
	if len(b) < 8 {
		return
	}
	value, mask := binary.NativeEndian.Uint32(b), binary.NativeEndian.Uint32(b[4:])
	if mask&boolNoLLLearn != 0 {
		l.Uint("no_linklocal_learn", "no_linklocal_learn ", uint64(bit(value&boolNoLLLearn != 0)), " ")
	}
	if mask&boolMcastVLANSnooping != 0 {
		l.Uint("mcast_vlan_snooping", "mcast_vlan_snooping ", uint64(bit(value&boolMcastVLANSnooping != 0)), " ")
	}
}
