package rtnl

import "rawns/nl"

// Attributes of a GENEVE tunnel inside IFLA_INFO_DATA, linux/if_link.h.
const (
	IFLA_GENEVE_ID                  nl.AttrU32   = 1
	IFLA_GENEVE_REMOTE              nl.AttrIP    = 2
	IFLA_GENEVE_TTL                 nl.AttrU8    = 3
	IFLA_GENEVE_TOS                 nl.AttrU8    = 4
	IFLA_GENEVE_PORT                nl.AttrBE16  = 5
	IFLA_GENEVE_COLLECT_METADATA    nl.AttrFlag  = 6
	IFLA_GENEVE_REMOTE6             nl.AttrIP    = 7
	IFLA_GENEVE_UDP_CSUM            nl.AttrU8    = 8
	IFLA_GENEVE_UDP_ZERO_CSUM6_TX   nl.AttrU8    = 9
	IFLA_GENEVE_UDP_ZERO_CSUM6_RX   nl.AttrU8    = 10
	IFLA_GENEVE_LABEL               nl.AttrBE32  = 11
	IFLA_GENEVE_TTL_INHERIT         nl.AttrU8    = 12
	IFLA_GENEVE_DF                  nl.AttrU8    = 13
	IFLA_GENEVE_INNER_PROTO_INHERIT nl.AttrFlag  = 14
	IFLA_GENEVE_PORT_RANGE          nl.AttrBytes = 15
)

// GeneveAttrs is the table of them.
var GeneveAttrs = nl.Schema{Name: "geneve", Fields: []nl.Field{
	{Type: uint16(IFLA_GENEVE_ID), Name: "IFLA_GENEVE_ID", Kind: nl.KindU32},
	{Type: uint16(IFLA_GENEVE_REMOTE), Name: "IFLA_GENEVE_REMOTE", Kind: nl.KindIP},
	{Type: uint16(IFLA_GENEVE_TTL), Name: "IFLA_GENEVE_TTL", Kind: nl.KindU8},
	{Type: uint16(IFLA_GENEVE_TOS), Name: "IFLA_GENEVE_TOS", Kind: nl.KindU8},
	{Type: uint16(IFLA_GENEVE_PORT), Name: "IFLA_GENEVE_PORT", Kind: nl.KindBE16},
	{Type: uint16(IFLA_GENEVE_COLLECT_METADATA), Name: "IFLA_GENEVE_COLLECT_METADATA", Kind: nl.KindFlag},
	{Type: uint16(IFLA_GENEVE_REMOTE6), Name: "IFLA_GENEVE_REMOTE6", Kind: nl.KindIP},
	{Type: uint16(IFLA_GENEVE_UDP_CSUM), Name: "IFLA_GENEVE_UDP_CSUM", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_GENEVE_UDP_ZERO_CSUM6_TX), Name: "IFLA_GENEVE_UDP_ZERO_CSUM6_TX", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_GENEVE_UDP_ZERO_CSUM6_RX), Name: "IFLA_GENEVE_UDP_ZERO_CSUM6_RX", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_GENEVE_LABEL), Name: "IFLA_GENEVE_LABEL", Kind: nl.KindBE32, Unit: nl.UnitHex},
	{Type: uint16(IFLA_GENEVE_TTL_INHERIT), Name: "IFLA_GENEVE_TTL_INHERIT", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_GENEVE_DF), Name: "IFLA_GENEVE_DF", Kind: nl.KindU8, Names: &TunnelDFs},
	{Type: uint16(IFLA_GENEVE_INNER_PROTO_INHERIT), Name: "IFLA_GENEVE_INNER_PROTO_INHERIT", Kind: nl.KindFlag},
	{Type: uint16(IFLA_GENEVE_PORT_RANGE), Name: "IFLA_GENEVE_PORT_RANGE", Kind: nl.KindStruct, Layout: &GenevePortRange},
}}

// GenevePortRange is struct ifla_geneve_port_range.
var GenevePortRange = nl.Layout{Name: "ifla_geneve_port_range", Size: 4, Members: []nl.Member{
	{Name: "low", Off: 0, Kind: nl.KindBE16},
	{Name: "high", Off: 2, Kind: nl.KindBE16},
}}
