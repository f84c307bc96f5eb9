package rtnl

import "rawns/nl"

// Attributes of a bridge port inside IFLA_INFO_SLAVE_DATA, and inside
// IFLA_PROTINFO of AF_BRIDGE messages, linux/if_link.h. The one-byte switches
// are u8, 0 or 1, although the kernel's own specification calls them flags.
const (
	IFLA_BRPORT_STATE                 nl.AttrU8    = 1
	IFLA_BRPORT_PRIORITY              nl.AttrU16   = 2
	IFLA_BRPORT_COST                  nl.AttrU32   = 3
	IFLA_BRPORT_MODE                  nl.AttrU8    = 4
	IFLA_BRPORT_GUARD                 nl.AttrU8    = 5
	IFLA_BRPORT_PROTECT               nl.AttrU8    = 6
	IFLA_BRPORT_FAST_LEAVE            nl.AttrU8    = 7
	IFLA_BRPORT_LEARNING              nl.AttrU8    = 8
	IFLA_BRPORT_UNICAST_FLOOD         nl.AttrU8    = 9
	IFLA_BRPORT_PROXYARP              nl.AttrU8    = 10
	IFLA_BRPORT_LEARNING_SYNC         nl.AttrU8    = 11
	IFLA_BRPORT_PROXYARP_WIFI         nl.AttrU8    = 12
	IFLA_BRPORT_ROOT_ID               nl.AttrBytes = 13
	IFLA_BRPORT_BRIDGE_ID             nl.AttrBytes = 14
	IFLA_BRPORT_DESIGNATED_PORT       nl.AttrU16   = 15
	IFLA_BRPORT_DESIGNATED_COST       nl.AttrU16   = 16
	IFLA_BRPORT_ID                    nl.AttrU16   = 17
	IFLA_BRPORT_NO                    nl.AttrU16   = 18
	IFLA_BRPORT_TOPOLOGY_CHANGE_ACK   nl.AttrU8    = 19
	IFLA_BRPORT_CONFIG_PENDING        nl.AttrU8    = 20
	IFLA_BRPORT_MESSAGE_AGE_TIMER     nl.AttrU64   = 21
	IFLA_BRPORT_FORWARD_DELAY_TIMER   nl.AttrU64   = 22
	IFLA_BRPORT_HOLD_TIMER            nl.AttrU64   = 23
	IFLA_BRPORT_FLUSH                 nl.AttrFlag  = 24
	IFLA_BRPORT_MULTICAST_ROUTER      nl.AttrU8    = 25
	IFLA_BRPORT_MCAST_FLOOD           nl.AttrU8    = 27
	IFLA_BRPORT_MCAST_TO_UCAST        nl.AttrU8    = 28
	IFLA_BRPORT_VLAN_TUNNEL           nl.AttrU8    = 29
	IFLA_BRPORT_BCAST_FLOOD           nl.AttrU8    = 30
	IFLA_BRPORT_GROUP_FWD_MASK        nl.AttrU16   = 31
	IFLA_BRPORT_NEIGH_SUPPRESS        nl.AttrU8    = 32
	IFLA_BRPORT_ISOLATED              nl.AttrU8    = 33
	IFLA_BRPORT_BACKUP_PORT           nl.AttrU32   = 34
	IFLA_BRPORT_MRP_RING_OPEN         nl.AttrU8    = 35
	IFLA_BRPORT_MRP_IN_OPEN           nl.AttrU8    = 36
	IFLA_BRPORT_MCAST_EHT_HOSTS_LIMIT nl.AttrU32   = 37
	IFLA_BRPORT_MCAST_EHT_HOSTS_CNT   nl.AttrU32   = 38
	IFLA_BRPORT_LOCKED                nl.AttrU8    = 39
	IFLA_BRPORT_MAB                   nl.AttrU8    = 40
	IFLA_BRPORT_MCAST_N_GROUPS        nl.AttrU32   = 41
	IFLA_BRPORT_MCAST_MAX_GROUPS      nl.AttrU32   = 42
	IFLA_BRPORT_NEIGH_VLAN_SUPPRESS   nl.AttrU8    = 43
	IFLA_BRPORT_BACKUP_NHID           nl.AttrU32   = 44
)

// BridgePortAttrs is the table of them.
var BridgePortAttrs = nl.Schema{Name: "bridge_slave", Fields: []nl.Field{
	{Type: uint16(IFLA_BRPORT_STATE), Name: "IFLA_BRPORT_STATE", Kind: nl.KindU8, Names: &BridgePortStates},
	{Type: uint16(IFLA_BRPORT_PRIORITY), Name: "IFLA_BRPORT_PRIORITY", Kind: nl.KindU16},
	{Type: uint16(IFLA_BRPORT_COST), Name: "IFLA_BRPORT_COST", Kind: nl.KindU32},
	{Type: uint16(IFLA_BRPORT_MODE), Name: "IFLA_BRPORT_MODE", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_BRPORT_GUARD), Name: "IFLA_BRPORT_GUARD", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_BRPORT_PROTECT), Name: "IFLA_BRPORT_PROTECT", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_BRPORT_FAST_LEAVE), Name: "IFLA_BRPORT_FAST_LEAVE", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_BRPORT_LEARNING), Name: "IFLA_BRPORT_LEARNING", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_BRPORT_UNICAST_FLOOD), Name: "IFLA_BRPORT_UNICAST_FLOOD", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_BRPORT_PROXYARP), Name: "IFLA_BRPORT_PROXYARP", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_BRPORT_LEARNING_SYNC), Name: "IFLA_BRPORT_LEARNING_SYNC", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_BRPORT_PROXYARP_WIFI), Name: "IFLA_BRPORT_PROXYARP_WIFI", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_BRPORT_ROOT_ID), Name: "IFLA_BRPORT_ROOT_ID", Kind: nl.KindStruct, Layout: &BridgeID},
	{Type: uint16(IFLA_BRPORT_BRIDGE_ID), Name: "IFLA_BRPORT_BRIDGE_ID", Kind: nl.KindStruct, Layout: &BridgeID},
	{Type: uint16(IFLA_BRPORT_DESIGNATED_PORT), Name: "IFLA_BRPORT_DESIGNATED_PORT", Kind: nl.KindU16},
	{Type: uint16(IFLA_BRPORT_DESIGNATED_COST), Name: "IFLA_BRPORT_DESIGNATED_COST", Kind: nl.KindU16},
	{Type: uint16(IFLA_BRPORT_ID), Name: "IFLA_BRPORT_ID", Kind: nl.KindU16, Unit: nl.UnitHex},
	{Type: uint16(IFLA_BRPORT_NO), Name: "IFLA_BRPORT_NO", Kind: nl.KindU16},
	{Type: uint16(IFLA_BRPORT_TOPOLOGY_CHANGE_ACK), Name: "IFLA_BRPORT_TOPOLOGY_CHANGE_ACK", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_BRPORT_CONFIG_PENDING), Name: "IFLA_BRPORT_CONFIG_PENDING", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_BRPORT_MESSAGE_AGE_TIMER), Name: "IFLA_BRPORT_MESSAGE_AGE_TIMER", Kind: nl.KindU64, Unit: nl.UnitUserHZ},
	{Type: uint16(IFLA_BRPORT_FORWARD_DELAY_TIMER), Name: "IFLA_BRPORT_FORWARD_DELAY_TIMER", Kind: nl.KindU64, Unit: nl.UnitUserHZ},
	{Type: uint16(IFLA_BRPORT_HOLD_TIMER), Name: "IFLA_BRPORT_HOLD_TIMER", Kind: nl.KindU64, Unit: nl.UnitUserHZ},
	{Type: uint16(IFLA_BRPORT_FLUSH), Name: "IFLA_BRPORT_FLUSH", Kind: nl.KindFlag},
	{Type: uint16(IFLA_BRPORT_MULTICAST_ROUTER), Name: "IFLA_BRPORT_MULTICAST_ROUTER", Kind: nl.KindU8, Names: &MulticastRouters},
	{Type: 26, Name: "IFLA_BRPORT_PAD", Kind: nl.KindUnused},
	{Type: uint16(IFLA_BRPORT_MCAST_FLOOD), Name: "IFLA_BRPORT_MCAST_FLOOD", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_BRPORT_MCAST_TO_UCAST), Name: "IFLA_BRPORT_MCAST_TO_UCAST", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_BRPORT_VLAN_TUNNEL), Name: "IFLA_BRPORT_VLAN_TUNNEL", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_BRPORT_BCAST_FLOOD), Name: "IFLA_BRPORT_BCAST_FLOOD", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_BRPORT_GROUP_FWD_MASK), Name: "IFLA_BRPORT_GROUP_FWD_MASK", Kind: nl.KindU16, Unit: nl.UnitHex},
	{Type: uint16(IFLA_BRPORT_NEIGH_SUPPRESS), Name: "IFLA_BRPORT_NEIGH_SUPPRESS", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_BRPORT_ISOLATED), Name: "IFLA_BRPORT_ISOLATED", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_BRPORT_BACKUP_PORT), Name: "IFLA_BRPORT_BACKUP_PORT", Kind: nl.KindIndex},
	{Type: uint16(IFLA_BRPORT_MRP_RING_OPEN), Name: "IFLA_BRPORT_MRP_RING_OPEN", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_BRPORT_MRP_IN_OPEN), Name: "IFLA_BRPORT_MRP_IN_OPEN", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_BRPORT_MCAST_EHT_HOSTS_LIMIT), Name: "IFLA_BRPORT_MCAST_EHT_HOSTS_LIMIT", Kind: nl.KindU32},
	{Type: uint16(IFLA_BRPORT_MCAST_EHT_HOSTS_CNT), Name: "IFLA_BRPORT_MCAST_EHT_HOSTS_CNT", Kind: nl.KindU32},
	{Type: uint16(IFLA_BRPORT_LOCKED), Name: "IFLA_BRPORT_LOCKED", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_BRPORT_MAB), Name: "IFLA_BRPORT_MAB", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_BRPORT_MCAST_N_GROUPS), Name: "IFLA_BRPORT_MCAST_N_GROUPS", Kind: nl.KindU32},
	{Type: uint16(IFLA_BRPORT_MCAST_MAX_GROUPS), Name: "IFLA_BRPORT_MCAST_MAX_GROUPS", Kind: nl.KindU32},
	{Type: uint16(IFLA_BRPORT_NEIGH_VLAN_SUPPRESS), Name: "IFLA_BRPORT_NEIGH_VLAN_SUPPRESS", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_BRPORT_BACKUP_NHID), Name: "IFLA_BRPORT_BACKUP_NHID", Kind: nl.KindU32},
}}
