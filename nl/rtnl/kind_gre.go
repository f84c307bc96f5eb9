package rtnl

import "rawns/nl"

// Attributes of a gre, gretap, erspan, ip6gre, ip6gretap or ip6erspan inside
// IFLA_INFO_DATA, linux/if_tunnel.h.
const (
	IFLA_GRE_LINK             nl.AttrU32  = 1
	IFLA_GRE_IFLAGS           nl.AttrBE16 = 2
	IFLA_GRE_OFLAGS           nl.AttrBE16 = 3
	IFLA_GRE_IKEY             nl.AttrBE32 = 4
	IFLA_GRE_OKEY             nl.AttrBE32 = 5
	IFLA_GRE_LOCAL            nl.AttrIP   = 6
	IFLA_GRE_REMOTE           nl.AttrIP   = 7
	IFLA_GRE_TTL              nl.AttrU8   = 8
	IFLA_GRE_TOS              nl.AttrU8   = 9
	IFLA_GRE_PMTUDISC         nl.AttrU8   = 10
	IFLA_GRE_ENCAP_LIMIT      nl.AttrU8   = 11
	IFLA_GRE_FLOWINFO         nl.AttrBE32 = 12
	IFLA_GRE_FLAGS            nl.AttrU32  = 13
	IFLA_GRE_ENCAP_TYPE       nl.AttrU16  = 14
	IFLA_GRE_ENCAP_FLAGS      nl.AttrU16  = 15
	IFLA_GRE_ENCAP_SPORT      nl.AttrBE16 = 16
	IFLA_GRE_ENCAP_DPORT      nl.AttrBE16 = 17
	IFLA_GRE_COLLECT_METADATA nl.AttrFlag = 18
	IFLA_GRE_IGNORE_DF        nl.AttrU8   = 19
	IFLA_GRE_FWMARK           nl.AttrU32  = 20
	IFLA_GRE_ERSPAN_INDEX     nl.AttrU32  = 21
	IFLA_GRE_ERSPAN_VER       nl.AttrU8   = 22
	IFLA_GRE_ERSPAN_DIR       nl.AttrU8   = 23
	IFLA_GRE_ERSPAN_HWID      nl.AttrU16  = 24
)

// GREAttrs is the table of them.
var GREAttrs = nl.Schema{Name: "gre", Fields: []nl.Field{
	{Type: uint16(IFLA_GRE_LINK), Name: "IFLA_GRE_LINK", Kind: nl.KindIndex},
	{Type: uint16(IFLA_GRE_IFLAGS), Name: "IFLA_GRE_IFLAGS", Kind: nl.KindBE16, Names: &GREFlags},
	{Type: uint16(IFLA_GRE_OFLAGS), Name: "IFLA_GRE_OFLAGS", Kind: nl.KindBE16, Names: &GREFlags},
	{Type: uint16(IFLA_GRE_IKEY), Name: "IFLA_GRE_IKEY", Kind: nl.KindBE32},
	{Type: uint16(IFLA_GRE_OKEY), Name: "IFLA_GRE_OKEY", Kind: nl.KindBE32},
	{Type: uint16(IFLA_GRE_LOCAL), Name: "IFLA_GRE_LOCAL", Kind: nl.KindIP},
	{Type: uint16(IFLA_GRE_REMOTE), Name: "IFLA_GRE_REMOTE", Kind: nl.KindIP},
	{Type: uint16(IFLA_GRE_TTL), Name: "IFLA_GRE_TTL", Kind: nl.KindU8},
	{Type: uint16(IFLA_GRE_TOS), Name: "IFLA_GRE_TOS", Kind: nl.KindU8},
	{Type: uint16(IFLA_GRE_PMTUDISC), Name: "IFLA_GRE_PMTUDISC", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_GRE_ENCAP_LIMIT), Name: "IFLA_GRE_ENCAP_LIMIT", Kind: nl.KindU8},
	{Type: uint16(IFLA_GRE_FLOWINFO), Name: "IFLA_GRE_FLOWINFO", Kind: nl.KindBE32, Unit: nl.UnitHex},
	{Type: uint16(IFLA_GRE_FLAGS), Name: "IFLA_GRE_FLAGS", Kind: nl.KindU32, Unit: nl.UnitHex},
	{Type: uint16(IFLA_GRE_ENCAP_TYPE), Name: "IFLA_GRE_ENCAP_TYPE", Kind: nl.KindU16, Names: &TunnelEncaps},
	{Type: uint16(IFLA_GRE_ENCAP_FLAGS), Name: "IFLA_GRE_ENCAP_FLAGS", Kind: nl.KindU16, Names: &TunnelEncapFlags},
	{Type: uint16(IFLA_GRE_ENCAP_SPORT), Name: "IFLA_GRE_ENCAP_SPORT", Kind: nl.KindBE16},
	{Type: uint16(IFLA_GRE_ENCAP_DPORT), Name: "IFLA_GRE_ENCAP_DPORT", Kind: nl.KindBE16},
	{Type: uint16(IFLA_GRE_COLLECT_METADATA), Name: "IFLA_GRE_COLLECT_METADATA", Kind: nl.KindFlag},
	{Type: uint16(IFLA_GRE_IGNORE_DF), Name: "IFLA_GRE_IGNORE_DF", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_GRE_FWMARK), Name: "IFLA_GRE_FWMARK", Kind: nl.KindU32, Unit: nl.UnitHex},
	{Type: uint16(IFLA_GRE_ERSPAN_INDEX), Name: "IFLA_GRE_ERSPAN_INDEX", Kind: nl.KindU32},
	{Type: uint16(IFLA_GRE_ERSPAN_VER), Name: "IFLA_GRE_ERSPAN_VER", Kind: nl.KindU8},
	{Type: uint16(IFLA_GRE_ERSPAN_DIR), Name: "IFLA_GRE_ERSPAN_DIR", Kind: nl.KindU8},
	{Type: uint16(IFLA_GRE_ERSPAN_HWID), Name: "IFLA_GRE_ERSPAN_HWID", Kind: nl.KindU16},
}}
