package rtnl

import "rawns/nl"

// Attributes of a macvlan or macvtap inside IFLA_INFO_DATA, linux/if_link.h.
const (
	IFLA_MACVLAN_MODE              nl.AttrU32  = 1
	IFLA_MACVLAN_FLAGS             nl.AttrU16  = 2
	IFLA_MACVLAN_MACADDR_MODE      nl.AttrU32  = 3
	IFLA_MACVLAN_MACADDR           nl.AttrMAC  = 4
	IFLA_MACVLAN_MACADDR_DATA      nl.AttrNest = 5
	IFLA_MACVLAN_MACADDR_COUNT     nl.AttrU32  = 6
	IFLA_MACVLAN_BC_QUEUE_LEN      nl.AttrU32  = 7
	IFLA_MACVLAN_BC_QUEUE_LEN_USED nl.AttrU32  = 8
	IFLA_MACVLAN_BC_CUTOFF         nl.AttrS32  = 9
)

// MACVLANAttrs is the table of them.
var MACVLANAttrs = nl.Schema{Name: "macvlan", Fields: []nl.Field{
	{Type: uint16(IFLA_MACVLAN_MODE), Name: "IFLA_MACVLAN_MODE", Kind: nl.KindU32, Names: &MACVLANModes},
	{Type: uint16(IFLA_MACVLAN_FLAGS), Name: "IFLA_MACVLAN_FLAGS", Kind: nl.KindU16, Names: &MACVLANFlags},
	{Type: uint16(IFLA_MACVLAN_MACADDR_MODE), Name: "IFLA_MACVLAN_MACADDR_MODE", Kind: nl.KindU32, Names: &MACVLANAddrModes},
	{Type: uint16(IFLA_MACVLAN_MACADDR), Name: "IFLA_MACVLAN_MACADDR", Kind: nl.KindMAC},
	{Type: uint16(IFLA_MACVLAN_MACADDR_DATA), Name: "IFLA_MACVLAN_MACADDR_DATA", Kind: nl.KindNest, Sub: &MACVLANAddrAttrs},
	{Type: uint16(IFLA_MACVLAN_MACADDR_COUNT), Name: "IFLA_MACVLAN_MACADDR_COUNT", Kind: nl.KindU32},
	{Type: uint16(IFLA_MACVLAN_BC_QUEUE_LEN), Name: "IFLA_MACVLAN_BC_QUEUE_LEN", Kind: nl.KindU32},
	{Type: uint16(IFLA_MACVLAN_BC_QUEUE_LEN_USED), Name: "IFLA_MACVLAN_BC_QUEUE_LEN_USED", Kind: nl.KindU32},
	{Type: uint16(IFLA_MACVLAN_BC_CUTOFF), Name: "IFLA_MACVLAN_BC_CUTOFF", Kind: nl.KindS32},
}}

// MACVLANAddrAttrs is what IFLA_MACVLAN_MACADDR_DATA holds.
var MACVLANAddrAttrs = nl.Schema{Name: "macvlan-addr", Fields: []nl.Field{
	{Type: uint16(IFLA_MACVLAN_MACADDR), Name: "IFLA_MACVLAN_MACADDR", Kind: nl.KindMAC},
}}

// MACVLANModes are MACVLAN_MODE_, linux/if_link.h.
var MACVLANModes = nl.Names{List: []nl.Name{
	{Value: 1, Name: "private"}, {Value: 2, Name: "vepa"}, {Value: 4, Name: "bridge"}, {Value: 8, Name: "passthru"}, {Value: 16, Name: "source"},
}}

// MACVLANFlags are the MACVLAN_FLAG_ bits, linux/if_link.h.
var MACVLANFlags = nl.Names{Flags: true, List: []nl.Name{
	{Value: 1, Name: "nopromisc"}, {Value: 2, Name: "nodst"},
}}

// MACVLANAddrModes are MACVLAN_MACADDR_, linux/if_link.h.
var MACVLANAddrModes = nl.Names{List: []nl.Name{
	{Value: 0, Name: "add"}, {Value: 1, Name: "del"}, {Value: 2, Name: "flush"}, {Value: 3, Name: "set"},
}}
