package rtnl

import "rawns/nl"

// Attributes of a netkit inside IFLA_INFO_DATA, linux/if_link.h.
const (
	IFLA_NETKIT_PEER_INFO   nl.AttrNest = 1
	IFLA_NETKIT_PRIMARY     nl.AttrU8   = 2
	IFLA_NETKIT_POLICY      nl.AttrU32  = 3
	IFLA_NETKIT_PEER_POLICY nl.AttrU32  = 4
	IFLA_NETKIT_MODE        nl.AttrU32  = 5
	IFLA_NETKIT_SCRUB       nl.AttrU32  = 6
	IFLA_NETKIT_PEER_SCRUB  nl.AttrU32  = 7
	IFLA_NETKIT_HEADROOM    nl.AttrU16  = 8
	IFLA_NETKIT_TAILROOM    nl.AttrU16  = 9
)

// NetkitAttrs is the table of them.
var NetkitAttrs = nl.Schema{Name: "netkit", Fields: []nl.Field{
	{Type: uint16(IFLA_NETKIT_PEER_INFO), Name: "IFLA_NETKIT_PEER_INFO", Kind: nl.KindMessage},
	{Type: uint16(IFLA_NETKIT_PRIMARY), Name: "IFLA_NETKIT_PRIMARY", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_NETKIT_POLICY), Name: "IFLA_NETKIT_POLICY", Kind: nl.KindU32, Names: &NetkitPolicies},
	{Type: uint16(IFLA_NETKIT_PEER_POLICY), Name: "IFLA_NETKIT_PEER_POLICY", Kind: nl.KindU32, Names: &NetkitPolicies},
	{Type: uint16(IFLA_NETKIT_MODE), Name: "IFLA_NETKIT_MODE", Kind: nl.KindU32, Names: &NetkitModes},
	{Type: uint16(IFLA_NETKIT_SCRUB), Name: "IFLA_NETKIT_SCRUB", Kind: nl.KindU32, Names: &NetkitScrubs},
	{Type: uint16(IFLA_NETKIT_PEER_SCRUB), Name: "IFLA_NETKIT_PEER_SCRUB", Kind: nl.KindU32, Names: &NetkitScrubs},
	{Type: uint16(IFLA_NETKIT_HEADROOM), Name: "IFLA_NETKIT_HEADROOM", Kind: nl.KindU16, Unit: nl.UnitBytes},
	{Type: uint16(IFLA_NETKIT_TAILROOM), Name: "IFLA_NETKIT_TAILROOM", Kind: nl.KindU16, Unit: nl.UnitBytes},
}}

// NetkitModes are NETKIT_L2 and NETKIT_L3, linux/if_link.h.
var NetkitModes = nl.Names{List: []nl.Name{
	{Value: 0, Name: "l2"}, {Value: 1, Name: "l3"},
}}

// NetkitPolicies are NETKIT_PASS and NETKIT_DROP, linux/if_link.h.
var NetkitPolicies = nl.Names{List: []nl.Name{
	{Value: 0, Name: "forward"}, {Value: 2, Name: "blackhole"},
}}

// NetkitScrubs are NETKIT_SCRUB_, linux/if_link.h.
var NetkitScrubs = nl.Names{List: []nl.Name{
	{Value: 0, Name: "none"}, {Value: 1, Name: "default"},
}}
