package rtnl

import "rawns/nl"

// Attributes of a bond inside IFLA_INFO_DATA, linux/if_link.h.
const (
	IFLA_BOND_MODE              nl.AttrU8   = 1
	IFLA_BOND_ACTIVE_SLAVE      nl.AttrU32  = 2
	IFLA_BOND_MIIMON            nl.AttrU32  = 3
	IFLA_BOND_UPDELAY           nl.AttrU32  = 4
	IFLA_BOND_DOWNDELAY         nl.AttrU32  = 5
	IFLA_BOND_USE_CARRIER       nl.AttrU8   = 6
	IFLA_BOND_ARP_INTERVAL      nl.AttrU32  = 7
	IFLA_BOND_ARP_IP_TARGET     nl.AttrNest = 8
	IFLA_BOND_ARP_VALIDATE      nl.AttrU32  = 9
	IFLA_BOND_ARP_ALL_TARGETS   nl.AttrU32  = 10
	IFLA_BOND_PRIMARY           nl.AttrU32  = 11
	IFLA_BOND_PRIMARY_RESELECT  nl.AttrU8   = 12
	IFLA_BOND_FAIL_OVER_MAC     nl.AttrU8   = 13
	IFLA_BOND_XMIT_HASH_POLICY  nl.AttrU8   = 14
	IFLA_BOND_RESEND_IGMP       nl.AttrU32  = 15
	IFLA_BOND_NUM_PEER_NOTIF    nl.AttrU8   = 16
	IFLA_BOND_ALL_SLAVES_ACTIVE nl.AttrU8   = 17
	IFLA_BOND_MIN_LINKS         nl.AttrU32  = 18
	IFLA_BOND_LP_INTERVAL       nl.AttrU32  = 19
	IFLA_BOND_PACKETS_PER_SLAVE nl.AttrU32  = 20
	IFLA_BOND_AD_LACP_RATE      nl.AttrU8   = 21
	IFLA_BOND_AD_SELECT         nl.AttrU8   = 22
	IFLA_BOND_AD_INFO           nl.AttrNest = 23
	IFLA_BOND_AD_ACTOR_SYS_PRIO nl.AttrU16  = 24
	IFLA_BOND_AD_USER_PORT_KEY  nl.AttrU16  = 25
	IFLA_BOND_AD_ACTOR_SYSTEM   nl.AttrMAC  = 26
	IFLA_BOND_TLB_DYNAMIC_LB    nl.AttrU8   = 27
	IFLA_BOND_PEER_NOTIF_DELAY  nl.AttrU32  = 28
	IFLA_BOND_AD_LACP_ACTIVE    nl.AttrU8   = 29
	IFLA_BOND_MISSED_MAX        nl.AttrU8   = 30
	IFLA_BOND_NS_IP6_TARGET     nl.AttrNest = 31
	IFLA_BOND_COUPLED_CONTROL   nl.AttrU8   = 32
)

// BondAttrs is the table of them.
var BondAttrs = nl.Schema{Name: "bond", Fields: []nl.Field{
	{Type: uint16(IFLA_BOND_MODE), Name: "IFLA_BOND_MODE", Kind: nl.KindU8, Names: &BondModes},
	{Type: uint16(IFLA_BOND_ACTIVE_SLAVE), Name: "IFLA_BOND_ACTIVE_SLAVE", Kind: nl.KindIndex},
	{Type: uint16(IFLA_BOND_MIIMON), Name: "IFLA_BOND_MIIMON", Kind: nl.KindU32, Unit: nl.UnitMilliseconds},
	{Type: uint16(IFLA_BOND_UPDELAY), Name: "IFLA_BOND_UPDELAY", Kind: nl.KindU32, Unit: nl.UnitMilliseconds},
	{Type: uint16(IFLA_BOND_DOWNDELAY), Name: "IFLA_BOND_DOWNDELAY", Kind: nl.KindU32, Unit: nl.UnitMilliseconds},
	{Type: uint16(IFLA_BOND_USE_CARRIER), Name: "IFLA_BOND_USE_CARRIER", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_BOND_ARP_INTERVAL), Name: "IFLA_BOND_ARP_INTERVAL", Kind: nl.KindU32, Unit: nl.UnitMilliseconds},
	{Type: uint16(IFLA_BOND_ARP_IP_TARGET), Name: "IFLA_BOND_ARP_IP_TARGET", Kind: nl.KindArray, Elem: nl.KindIP},
	{Type: uint16(IFLA_BOND_ARP_VALIDATE), Name: "IFLA_BOND_ARP_VALIDATE", Kind: nl.KindU32, Names: &BondARPValidates},
	{Type: uint16(IFLA_BOND_ARP_ALL_TARGETS), Name: "IFLA_BOND_ARP_ALL_TARGETS", Kind: nl.KindU32, Names: &BondARPAllTargets},
	{Type: uint16(IFLA_BOND_PRIMARY), Name: "IFLA_BOND_PRIMARY", Kind: nl.KindIndex},
	{Type: uint16(IFLA_BOND_PRIMARY_RESELECT), Name: "IFLA_BOND_PRIMARY_RESELECT", Kind: nl.KindU8, Names: &BondPrimaryReselects},
	{Type: uint16(IFLA_BOND_FAIL_OVER_MAC), Name: "IFLA_BOND_FAIL_OVER_MAC", Kind: nl.KindU8, Names: &BondFailOverMACs},
	{Type: uint16(IFLA_BOND_XMIT_HASH_POLICY), Name: "IFLA_BOND_XMIT_HASH_POLICY", Kind: nl.KindU8, Names: &BondXmitHashPolicies},
	{Type: uint16(IFLA_BOND_RESEND_IGMP), Name: "IFLA_BOND_RESEND_IGMP", Kind: nl.KindU32},
	{Type: uint16(IFLA_BOND_NUM_PEER_NOTIF), Name: "IFLA_BOND_NUM_PEER_NOTIF", Kind: nl.KindU8},
	{Type: uint16(IFLA_BOND_ALL_SLAVES_ACTIVE), Name: "IFLA_BOND_ALL_SLAVES_ACTIVE", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_BOND_MIN_LINKS), Name: "IFLA_BOND_MIN_LINKS", Kind: nl.KindU32},
	{Type: uint16(IFLA_BOND_LP_INTERVAL), Name: "IFLA_BOND_LP_INTERVAL", Kind: nl.KindU32, Unit: nl.UnitSeconds},
	{Type: uint16(IFLA_BOND_PACKETS_PER_SLAVE), Name: "IFLA_BOND_PACKETS_PER_SLAVE", Kind: nl.KindU32},
	{Type: uint16(IFLA_BOND_AD_LACP_RATE), Name: "IFLA_BOND_AD_LACP_RATE", Kind: nl.KindU8, Names: &BondLACPRates},
	{Type: uint16(IFLA_BOND_AD_SELECT), Name: "IFLA_BOND_AD_SELECT", Kind: nl.KindU8, Names: &BondADSelects},
	{Type: uint16(IFLA_BOND_AD_INFO), Name: "IFLA_BOND_AD_INFO", Kind: nl.KindNest, Sub: &BondADInfoAttrs},
	{Type: uint16(IFLA_BOND_AD_ACTOR_SYS_PRIO), Name: "IFLA_BOND_AD_ACTOR_SYS_PRIO", Kind: nl.KindU16},
	{Type: uint16(IFLA_BOND_AD_USER_PORT_KEY), Name: "IFLA_BOND_AD_USER_PORT_KEY", Kind: nl.KindU16},
	{Type: uint16(IFLA_BOND_AD_ACTOR_SYSTEM), Name: "IFLA_BOND_AD_ACTOR_SYSTEM", Kind: nl.KindMAC},
	{Type: uint16(IFLA_BOND_TLB_DYNAMIC_LB), Name: "IFLA_BOND_TLB_DYNAMIC_LB", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_BOND_PEER_NOTIF_DELAY), Name: "IFLA_BOND_PEER_NOTIF_DELAY", Kind: nl.KindU32, Unit: nl.UnitMilliseconds},
	{Type: uint16(IFLA_BOND_AD_LACP_ACTIVE), Name: "IFLA_BOND_AD_LACP_ACTIVE", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_BOND_MISSED_MAX), Name: "IFLA_BOND_MISSED_MAX", Kind: nl.KindU8},
	{Type: uint16(IFLA_BOND_NS_IP6_TARGET), Name: "IFLA_BOND_NS_IP6_TARGET", Kind: nl.KindArray, Elem: nl.KindIP},
	{Type: uint16(IFLA_BOND_COUPLED_CONTROL), Name: "IFLA_BOND_COUPLED_CONTROL", Kind: nl.KindU8, Names: &OffOn},
}}

// Attributes inside IFLA_BOND_AD_INFO.
const (
	IFLA_BOND_AD_INFO_AGGREGATOR  nl.AttrU16 = 1
	IFLA_BOND_AD_INFO_NUM_PORTS   nl.AttrU16 = 2
	IFLA_BOND_AD_INFO_ACTOR_KEY   nl.AttrU16 = 3
	IFLA_BOND_AD_INFO_PARTNER_KEY nl.AttrU16 = 4
	IFLA_BOND_AD_INFO_PARTNER_MAC nl.AttrMAC = 5
)

// BondADInfoAttrs is the table of them.
var BondADInfoAttrs = nl.Schema{Name: "bond-ad-info", Fields: []nl.Field{
	{Type: uint16(IFLA_BOND_AD_INFO_AGGREGATOR), Name: "IFLA_BOND_AD_INFO_AGGREGATOR", Kind: nl.KindU16},
	{Type: uint16(IFLA_BOND_AD_INFO_NUM_PORTS), Name: "IFLA_BOND_AD_INFO_NUM_PORTS", Kind: nl.KindU16},
	{Type: uint16(IFLA_BOND_AD_INFO_ACTOR_KEY), Name: "IFLA_BOND_AD_INFO_ACTOR_KEY", Kind: nl.KindU16},
	{Type: uint16(IFLA_BOND_AD_INFO_PARTNER_KEY), Name: "IFLA_BOND_AD_INFO_PARTNER_KEY", Kind: nl.KindU16},
	{Type: uint16(IFLA_BOND_AD_INFO_PARTNER_MAC), Name: "IFLA_BOND_AD_INFO_PARTNER_MAC", Kind: nl.KindMAC},
}}

// Words of a bond's options, as iproute2 and sysfs spell them.

// BondModes are BOND_MODE_, linux/if_bonding.h.
var BondModes = nl.Names{List: []nl.Name{
	{Value: 0, Name: "balance-rr"}, {Value: 1, Name: "active-backup"}, {Value: 2, Name: "balance-xor"}, {Value: 3, Name: "broadcast"},
	{Value: 4, Name: "802.3ad"}, {Value: 5, Name: "balance-tlb"}, {Value: 6, Name: "balance-alb"},
}}

// BondARPValidates are BOND_ARP_VALIDATE_ and BOND_ARP_FILTER_, include/net/bonding.h.
var BondARPValidates = nl.Names{List: []nl.Name{
	{Value: 0, Name: "none"}, {Value: 1, Name: "active"}, {Value: 2, Name: "backup"}, {Value: 3, Name: "all"}, {Value: 4, Name: "filter"},
	{Value: 5, Name: "filter_active"}, {Value: 6, Name: "filter_backup"},
}}

// BondARPAllTargets are BOND_ARP_TARGETS_, include/net/bonding.h.
var BondARPAllTargets = nl.Names{List: []nl.Name{
	{Value: 0, Name: "any"}, {Value: 1, Name: "all"},
}}

// BondPrimaryReselects are BOND_PRI_RESELECT_, include/net/bonding.h.
var BondPrimaryReselects = nl.Names{List: []nl.Name{
	{Value: 0, Name: "always"}, {Value: 1, Name: "better"}, {Value: 2, Name: "failure"},
}}

// BondFailOverMACs are BOND_FOM_, include/net/bonding.h.
var BondFailOverMACs = nl.Names{List: []nl.Name{
	{Value: 0, Name: "none"}, {Value: 1, Name: "active"}, {Value: 2, Name: "follow"},
}}

// BondXmitHashPolicies are BOND_XMIT_POLICY_, linux/if_bonding.h.
var BondXmitHashPolicies = nl.Names{List: []nl.Name{
	{Value: 0, Name: "layer2"}, {Value: 1, Name: "layer3+4"}, {Value: 2, Name: "layer2+3"}, {Value: 3, Name: "encap2+3"}, {Value: 4, Name: "encap3+4"},
	{Value: 5, Name: "vlan+srcmac"},
}}

// BondLACPRates are AD_LACP_, include/net/bond_3ad.h.
var BondLACPRates = nl.Names{List: []nl.Name{
	{Value: 0, Name: "slow"}, {Value: 1, Name: "fast"},
}}

// BondADSelects are BOND_AD_, include/net/bond_3ad.h.
var BondADSelects = nl.Names{List: []nl.Name{
	{Value: 0, Name: "stable"}, {Value: 1, Name: "bandwidth"}, {Value: 2, Name: "count"},
}}
