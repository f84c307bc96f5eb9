package rtnl

import "rawns/nl"

// Attributes of a bridge inside IFLA_INFO_DATA, linux/if_link.h. Times are in
// USER_HZ, hundredths of a second.
const (
	IFLA_BR_FORWARD_DELAY              nl.AttrU32   = 1
	IFLA_BR_HELLO_TIME                 nl.AttrU32   = 2
	IFLA_BR_MAX_AGE                    nl.AttrU32   = 3
	IFLA_BR_AGEING_TIME                nl.AttrU32   = 4
	IFLA_BR_STP_STATE                  nl.AttrU32   = 5
	IFLA_BR_PRIORITY                   nl.AttrU16   = 6
	IFLA_BR_VLAN_FILTERING             nl.AttrU8    = 7
	IFLA_BR_VLAN_PROTOCOL              nl.AttrBE16  = 8
	IFLA_BR_GROUP_FWD_MASK             nl.AttrU16   = 9
	IFLA_BR_ROOT_ID                    nl.AttrBytes = 10
	IFLA_BR_BRIDGE_ID                  nl.AttrBytes = 11
	IFLA_BR_ROOT_PORT                  nl.AttrU16   = 12
	IFLA_BR_ROOT_PATH_COST             nl.AttrU32   = 13
	IFLA_BR_TOPOLOGY_CHANGE            nl.AttrU8    = 14
	IFLA_BR_TOPOLOGY_CHANGE_DETECTED   nl.AttrU8    = 15
	IFLA_BR_HELLO_TIMER                nl.AttrU64   = 16
	IFLA_BR_TCN_TIMER                  nl.AttrU64   = 17
	IFLA_BR_TOPOLOGY_CHANGE_TIMER      nl.AttrU64   = 18
	IFLA_BR_GC_TIMER                   nl.AttrU64   = 19
	IFLA_BR_GROUP_ADDR                 nl.AttrMAC   = 20
	IFLA_BR_FDB_FLUSH                  nl.AttrFlag  = 21
	IFLA_BR_MCAST_ROUTER               nl.AttrU8    = 22
	IFLA_BR_MCAST_SNOOPING             nl.AttrU8    = 23
	IFLA_BR_MCAST_QUERY_USE_IFADDR     nl.AttrU8    = 24
	IFLA_BR_MCAST_QUERIER              nl.AttrU8    = 25
	IFLA_BR_MCAST_HASH_ELASTICITY      nl.AttrU32   = 26
	IFLA_BR_MCAST_HASH_MAX             nl.AttrU32   = 27
	IFLA_BR_MCAST_LAST_MEMBER_CNT      nl.AttrU32   = 28
	IFLA_BR_MCAST_STARTUP_QUERY_CNT    nl.AttrU32   = 29
	IFLA_BR_MCAST_LAST_MEMBER_INTVL    nl.AttrU64   = 30
	IFLA_BR_MCAST_MEMBERSHIP_INTVL     nl.AttrU64   = 31
	IFLA_BR_MCAST_QUERIER_INTVL        nl.AttrU64   = 32
	IFLA_BR_MCAST_QUERY_INTVL          nl.AttrU64   = 33
	IFLA_BR_MCAST_QUERY_RESPONSE_INTVL nl.AttrU64   = 34
	IFLA_BR_MCAST_STARTUP_QUERY_INTVL  nl.AttrU64   = 35
	IFLA_BR_NF_CALL_IPTABLES           nl.AttrU8    = 36
	IFLA_BR_NF_CALL_IP6TABLES          nl.AttrU8    = 37
	IFLA_BR_NF_CALL_ARPTABLES          nl.AttrU8    = 38
	IFLA_BR_VLAN_DEFAULT_PVID          nl.AttrU16   = 39
	IFLA_BR_VLAN_STATS_ENABLED         nl.AttrU8    = 41
	IFLA_BR_MCAST_STATS_ENABLED        nl.AttrU8    = 42
	IFLA_BR_MCAST_IGMP_VERSION         nl.AttrU8    = 43
	IFLA_BR_MCAST_MLD_VERSION          nl.AttrU8    = 44
	IFLA_BR_VLAN_STATS_PER_PORT        nl.AttrU8    = 45
	IFLA_BR_MULTI_BOOLOPT              nl.AttrBytes = 46
	IFLA_BR_MCAST_QUERIER_STATE        nl.AttrNest  = 47
	IFLA_BR_FDB_N_LEARNED              nl.AttrU32   = 48
	IFLA_BR_FDB_MAX_LEARNED            nl.AttrU32   = 49
)

// BridgeAttrs is the table of them.
var BridgeAttrs = nl.Schema{Name: "bridge", Fields: []nl.Field{
	{Type: uint16(IFLA_BR_FORWARD_DELAY), Name: "IFLA_BR_FORWARD_DELAY", Kind: nl.KindU32, Unit: nl.UnitUserHZ},
	{Type: uint16(IFLA_BR_HELLO_TIME), Name: "IFLA_BR_HELLO_TIME", Kind: nl.KindU32, Unit: nl.UnitUserHZ},
	{Type: uint16(IFLA_BR_MAX_AGE), Name: "IFLA_BR_MAX_AGE", Kind: nl.KindU32, Unit: nl.UnitUserHZ},
	{Type: uint16(IFLA_BR_AGEING_TIME), Name: "IFLA_BR_AGEING_TIME", Kind: nl.KindU32, Unit: nl.UnitUserHZ},
	{Type: uint16(IFLA_BR_STP_STATE), Name: "IFLA_BR_STP_STATE", Kind: nl.KindU32, Names: &STPStates},
	{Type: uint16(IFLA_BR_PRIORITY), Name: "IFLA_BR_PRIORITY", Kind: nl.KindU16},
	{Type: uint16(IFLA_BR_VLAN_FILTERING), Name: "IFLA_BR_VLAN_FILTERING", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_BR_VLAN_PROTOCOL), Name: "IFLA_BR_VLAN_PROTOCOL", Kind: nl.KindBE16, Names: &EtherTypes},
	{Type: uint16(IFLA_BR_GROUP_FWD_MASK), Name: "IFLA_BR_GROUP_FWD_MASK", Kind: nl.KindU16, Unit: nl.UnitHex},
	{Type: uint16(IFLA_BR_ROOT_ID), Name: "IFLA_BR_ROOT_ID", Kind: nl.KindStruct, Layout: &BridgeID},
	{Type: uint16(IFLA_BR_BRIDGE_ID), Name: "IFLA_BR_BRIDGE_ID", Kind: nl.KindStruct, Layout: &BridgeID},
	{Type: uint16(IFLA_BR_ROOT_PORT), Name: "IFLA_BR_ROOT_PORT", Kind: nl.KindU16},
	{Type: uint16(IFLA_BR_ROOT_PATH_COST), Name: "IFLA_BR_ROOT_PATH_COST", Kind: nl.KindU32},
	{Type: uint16(IFLA_BR_TOPOLOGY_CHANGE), Name: "IFLA_BR_TOPOLOGY_CHANGE", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_BR_TOPOLOGY_CHANGE_DETECTED), Name: "IFLA_BR_TOPOLOGY_CHANGE_DETECTED", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_BR_HELLO_TIMER), Name: "IFLA_BR_HELLO_TIMER", Kind: nl.KindU64, Unit: nl.UnitUserHZ},
	{Type: uint16(IFLA_BR_TCN_TIMER), Name: "IFLA_BR_TCN_TIMER", Kind: nl.KindU64, Unit: nl.UnitUserHZ},
	{Type: uint16(IFLA_BR_TOPOLOGY_CHANGE_TIMER), Name: "IFLA_BR_TOPOLOGY_CHANGE_TIMER", Kind: nl.KindU64, Unit: nl.UnitUserHZ},
	{Type: uint16(IFLA_BR_GC_TIMER), Name: "IFLA_BR_GC_TIMER", Kind: nl.KindU64, Unit: nl.UnitUserHZ},
	{Type: uint16(IFLA_BR_GROUP_ADDR), Name: "IFLA_BR_GROUP_ADDR", Kind: nl.KindMAC},
	{Type: uint16(IFLA_BR_FDB_FLUSH), Name: "IFLA_BR_FDB_FLUSH", Kind: nl.KindFlag},
	{Type: uint16(IFLA_BR_MCAST_ROUTER), Name: "IFLA_BR_MCAST_ROUTER", Kind: nl.KindU8, Names: &MulticastRouters},
	{Type: uint16(IFLA_BR_MCAST_SNOOPING), Name: "IFLA_BR_MCAST_SNOOPING", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_BR_MCAST_QUERY_USE_IFADDR), Name: "IFLA_BR_MCAST_QUERY_USE_IFADDR", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_BR_MCAST_QUERIER), Name: "IFLA_BR_MCAST_QUERIER", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_BR_MCAST_HASH_ELASTICITY), Name: "IFLA_BR_MCAST_HASH_ELASTICITY", Kind: nl.KindU32},
	{Type: uint16(IFLA_BR_MCAST_HASH_MAX), Name: "IFLA_BR_MCAST_HASH_MAX", Kind: nl.KindU32},
	{Type: uint16(IFLA_BR_MCAST_LAST_MEMBER_CNT), Name: "IFLA_BR_MCAST_LAST_MEMBER_CNT", Kind: nl.KindU32},
	{Type: uint16(IFLA_BR_MCAST_STARTUP_QUERY_CNT), Name: "IFLA_BR_MCAST_STARTUP_QUERY_CNT", Kind: nl.KindU32},
	{Type: uint16(IFLA_BR_MCAST_LAST_MEMBER_INTVL), Name: "IFLA_BR_MCAST_LAST_MEMBER_INTVL", Kind: nl.KindU64, Unit: nl.UnitUserHZ},
	{Type: uint16(IFLA_BR_MCAST_MEMBERSHIP_INTVL), Name: "IFLA_BR_MCAST_MEMBERSHIP_INTVL", Kind: nl.KindU64, Unit: nl.UnitUserHZ},
	{Type: uint16(IFLA_BR_MCAST_QUERIER_INTVL), Name: "IFLA_BR_MCAST_QUERIER_INTVL", Kind: nl.KindU64, Unit: nl.UnitUserHZ},
	{Type: uint16(IFLA_BR_MCAST_QUERY_INTVL), Name: "IFLA_BR_MCAST_QUERY_INTVL", Kind: nl.KindU64, Unit: nl.UnitUserHZ},
	{Type: uint16(IFLA_BR_MCAST_QUERY_RESPONSE_INTVL), Name: "IFLA_BR_MCAST_QUERY_RESPONSE_INTVL", Kind: nl.KindU64, Unit: nl.UnitUserHZ},
	{Type: uint16(IFLA_BR_MCAST_STARTUP_QUERY_INTVL), Name: "IFLA_BR_MCAST_STARTUP_QUERY_INTVL", Kind: nl.KindU64, Unit: nl.UnitUserHZ},
	{Type: uint16(IFLA_BR_NF_CALL_IPTABLES), Name: "IFLA_BR_NF_CALL_IPTABLES", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_BR_NF_CALL_IP6TABLES), Name: "IFLA_BR_NF_CALL_IP6TABLES", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_BR_NF_CALL_ARPTABLES), Name: "IFLA_BR_NF_CALL_ARPTABLES", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_BR_VLAN_DEFAULT_PVID), Name: "IFLA_BR_VLAN_DEFAULT_PVID", Kind: nl.KindU16},
	{Type: 40, Name: "IFLA_BR_PAD", Kind: nl.KindUnused},
	{Type: uint16(IFLA_BR_VLAN_STATS_ENABLED), Name: "IFLA_BR_VLAN_STATS_ENABLED", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_BR_MCAST_STATS_ENABLED), Name: "IFLA_BR_MCAST_STATS_ENABLED", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_BR_MCAST_IGMP_VERSION), Name: "IFLA_BR_MCAST_IGMP_VERSION", Kind: nl.KindU8},
	{Type: uint16(IFLA_BR_MCAST_MLD_VERSION), Name: "IFLA_BR_MCAST_MLD_VERSION", Kind: nl.KindU8},
	{Type: uint16(IFLA_BR_VLAN_STATS_PER_PORT), Name: "IFLA_BR_VLAN_STATS_PER_PORT", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_BR_MULTI_BOOLOPT), Name: "IFLA_BR_MULTI_BOOLOPT", Kind: nl.KindStruct, Layout: &BoolOptMulti},
	{Type: uint16(IFLA_BR_MCAST_QUERIER_STATE), Name: "IFLA_BR_MCAST_QUERIER_STATE", Kind: nl.KindNest, Sub: &QuerierStateAttrs},
	{Type: uint16(IFLA_BR_FDB_N_LEARNED), Name: "IFLA_BR_FDB_N_LEARNED", Kind: nl.KindU32},
	{Type: uint16(IFLA_BR_FDB_MAX_LEARNED), Name: "IFLA_BR_FDB_MAX_LEARNED", Kind: nl.KindU32},
}}

// BridgeID is struct ifla_bridge_id.
var BridgeID = nl.Layout{Name: "ifla_bridge_id", Size: 8, Members: []nl.Member{
	{Name: "prio", Off: 0, Kind: nl.KindU16},
	{Name: "addr", Off: 2, Kind: nl.KindMAC, Size: 6},
}}

// BoolOptMulti is struct br_boolopt_multi.
var BoolOptMulti = nl.Layout{Name: "br_boolopt_multi", Size: 8, Members: []nl.Member{
	{Name: "optval", Off: 0, Kind: nl.KindU32, Names: &BoolOpts},
	{Name: "optmask", Off: 4, Kind: nl.KindU32, Names: &BoolOpts},
}}
