package rtnl

import "rawns/nl"

// Attributes of a VXLAN inside IFLA_INFO_DATA, linux/if_link.h.
const (
	IFLA_VXLAN_ID                nl.AttrU32   = 1
	IFLA_VXLAN_GROUP             nl.AttrIP    = 2
	IFLA_VXLAN_LINK              nl.AttrU32   = 3
	IFLA_VXLAN_LOCAL             nl.AttrIP    = 4
	IFLA_VXLAN_TTL               nl.AttrU8    = 5
	IFLA_VXLAN_TOS               nl.AttrU8    = 6
	IFLA_VXLAN_LEARNING          nl.AttrU8    = 7
	IFLA_VXLAN_AGEING            nl.AttrU32   = 8
	IFLA_VXLAN_LIMIT             nl.AttrU32   = 9
	IFLA_VXLAN_PORT_RANGE        nl.AttrBytes = 10
	IFLA_VXLAN_PROXY             nl.AttrU8    = 11
	IFLA_VXLAN_RSC               nl.AttrU8    = 12
	IFLA_VXLAN_L2MISS            nl.AttrU8    = 13
	IFLA_VXLAN_L3MISS            nl.AttrU8    = 14
	IFLA_VXLAN_PORT              nl.AttrBE16  = 15
	IFLA_VXLAN_GROUP6            nl.AttrIP    = 16
	IFLA_VXLAN_LOCAL6            nl.AttrIP    = 17
	IFLA_VXLAN_UDP_CSUM          nl.AttrU8    = 18
	IFLA_VXLAN_UDP_ZERO_CSUM6_TX nl.AttrU8    = 19
	IFLA_VXLAN_UDP_ZERO_CSUM6_RX nl.AttrU8    = 20
	IFLA_VXLAN_REMCSUM_TX        nl.AttrU8    = 21
	IFLA_VXLAN_REMCSUM_RX        nl.AttrU8    = 22
	IFLA_VXLAN_GBP               nl.AttrFlag  = 23
	IFLA_VXLAN_REMCSUM_NOPARTIAL nl.AttrFlag  = 24
	IFLA_VXLAN_COLLECT_METADATA  nl.AttrU8    = 25
	IFLA_VXLAN_LABEL             nl.AttrBE32  = 26
	IFLA_VXLAN_GPE               nl.AttrFlag  = 27
	IFLA_VXLAN_TTL_INHERIT       nl.AttrFlag  = 28
	IFLA_VXLAN_DF                nl.AttrU8    = 29
	IFLA_VXLAN_VNIFILTER         nl.AttrU8    = 30
	IFLA_VXLAN_LOCALBYPASS       nl.AttrU8    = 31
	IFLA_VXLAN_LABEL_POLICY      nl.AttrU32   = 32
	IFLA_VXLAN_RESERVED_BITS     nl.AttrBytes = 33
	IFLA_VXLAN_MC_ROUTE          nl.AttrU8    = 34
)

// VXLANAttrs is the table of them.
var VXLANAttrs = nl.Schema{Name: "vxlan", Fields: []nl.Field{
	{Type: uint16(IFLA_VXLAN_ID), Name: "IFLA_VXLAN_ID", Kind: nl.KindU32},
	{Type: uint16(IFLA_VXLAN_GROUP), Name: "IFLA_VXLAN_GROUP", Kind: nl.KindIP},
	{Type: uint16(IFLA_VXLAN_LINK), Name: "IFLA_VXLAN_LINK", Kind: nl.KindIndex},
	{Type: uint16(IFLA_VXLAN_LOCAL), Name: "IFLA_VXLAN_LOCAL", Kind: nl.KindIP},
	{Type: uint16(IFLA_VXLAN_TTL), Name: "IFLA_VXLAN_TTL", Kind: nl.KindU8},
	{Type: uint16(IFLA_VXLAN_TOS), Name: "IFLA_VXLAN_TOS", Kind: nl.KindU8},
	{Type: uint16(IFLA_VXLAN_LEARNING), Name: "IFLA_VXLAN_LEARNING", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_VXLAN_AGEING), Name: "IFLA_VXLAN_AGEING", Kind: nl.KindU32, Unit: nl.UnitSeconds},
	{Type: uint16(IFLA_VXLAN_LIMIT), Name: "IFLA_VXLAN_LIMIT", Kind: nl.KindU32},
	{Type: uint16(IFLA_VXLAN_PORT_RANGE), Name: "IFLA_VXLAN_PORT_RANGE", Kind: nl.KindStruct, Layout: &VXLANPortRange},
	{Type: uint16(IFLA_VXLAN_PROXY), Name: "IFLA_VXLAN_PROXY", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_VXLAN_RSC), Name: "IFLA_VXLAN_RSC", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_VXLAN_L2MISS), Name: "IFLA_VXLAN_L2MISS", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_VXLAN_L3MISS), Name: "IFLA_VXLAN_L3MISS", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_VXLAN_PORT), Name: "IFLA_VXLAN_PORT", Kind: nl.KindBE16},
	{Type: uint16(IFLA_VXLAN_GROUP6), Name: "IFLA_VXLAN_GROUP6", Kind: nl.KindIP},
	{Type: uint16(IFLA_VXLAN_LOCAL6), Name: "IFLA_VXLAN_LOCAL6", Kind: nl.KindIP},
	{Type: uint16(IFLA_VXLAN_UDP_CSUM), Name: "IFLA_VXLAN_UDP_CSUM", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_VXLAN_UDP_ZERO_CSUM6_TX), Name: "IFLA_VXLAN_UDP_ZERO_CSUM6_TX", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_VXLAN_UDP_ZERO_CSUM6_RX), Name: "IFLA_VXLAN_UDP_ZERO_CSUM6_RX", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_VXLAN_REMCSUM_TX), Name: "IFLA_VXLAN_REMCSUM_TX", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_VXLAN_REMCSUM_RX), Name: "IFLA_VXLAN_REMCSUM_RX", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_VXLAN_GBP), Name: "IFLA_VXLAN_GBP", Kind: nl.KindFlag},
	{Type: uint16(IFLA_VXLAN_REMCSUM_NOPARTIAL), Name: "IFLA_VXLAN_REMCSUM_NOPARTIAL", Kind: nl.KindFlag},
	{Type: uint16(IFLA_VXLAN_COLLECT_METADATA), Name: "IFLA_VXLAN_COLLECT_METADATA", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_VXLAN_LABEL), Name: "IFLA_VXLAN_LABEL", Kind: nl.KindBE32, Unit: nl.UnitHex},
	{Type: uint16(IFLA_VXLAN_GPE), Name: "IFLA_VXLAN_GPE", Kind: nl.KindFlag},
	{Type: uint16(IFLA_VXLAN_TTL_INHERIT), Name: "IFLA_VXLAN_TTL_INHERIT", Kind: nl.KindFlag},
	{Type: uint16(IFLA_VXLAN_DF), Name: "IFLA_VXLAN_DF", Kind: nl.KindU8, Names: &TunnelDFs},
	{Type: uint16(IFLA_VXLAN_VNIFILTER), Name: "IFLA_VXLAN_VNIFILTER", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_VXLAN_LOCALBYPASS), Name: "IFLA_VXLAN_LOCALBYPASS", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_VXLAN_LABEL_POLICY), Name: "IFLA_VXLAN_LABEL_POLICY", Kind: nl.KindU32},
	{Type: uint16(IFLA_VXLAN_RESERVED_BITS), Name: "IFLA_VXLAN_RESERVED_BITS", Kind: nl.KindBytes},
	{Type: uint16(IFLA_VXLAN_MC_ROUTE), Name: "IFLA_VXLAN_MC_ROUTE", Kind: nl.KindU8, Names: &OffOn},
}}

// VXLANPortRange is struct ifla_vxlan_port_range.
var VXLANPortRange = nl.Layout{Name: "ifla_vxlan_port_range", Size: 4, Members: []nl.Member{
	{Name: "low", Off: 0, Kind: nl.KindBE16},
	{Name: "high", Off: 2, Kind: nl.KindBE16},
}}

// TunnelDFs are VXLAN_DF_ and GENEVE_DF_, linux/if_link.h.
var TunnelDFs = nl.Names{List: []nl.Name{
	{Value: 0, Name: "unset"}, {Value: 1, Name: "set"}, {Value: 2, Name: "inherit"},
}}
