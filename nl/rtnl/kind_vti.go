package rtnl

import "rawns/nl"

// Attributes of a vti or vti6 inside IFLA_INFO_DATA, linux/if_tunnel.h.
const (
	IFLA_VTI_LINK   nl.AttrU32  = 1
	IFLA_VTI_IKEY   nl.AttrBE32 = 2
	IFLA_VTI_OKEY   nl.AttrBE32 = 3
	IFLA_VTI_LOCAL  nl.AttrIP   = 4
	IFLA_VTI_REMOTE nl.AttrIP   = 5
	IFLA_VTI_FWMARK nl.AttrU32  = 6
)

// VTIAttrs is the table of them.
var VTIAttrs = nl.Schema{Name: "vti", Fields: []nl.Field{
	{Type: uint16(IFLA_VTI_LINK), Name: "IFLA_VTI_LINK", Kind: nl.KindIndex},
	{Type: uint16(IFLA_VTI_IKEY), Name: "IFLA_VTI_IKEY", Kind: nl.KindBE32},
	{Type: uint16(IFLA_VTI_OKEY), Name: "IFLA_VTI_OKEY", Kind: nl.KindBE32},
	{Type: uint16(IFLA_VTI_LOCAL), Name: "IFLA_VTI_LOCAL", Kind: nl.KindIP},
	{Type: uint16(IFLA_VTI_REMOTE), Name: "IFLA_VTI_REMOTE", Kind: nl.KindIP},
	{Type: uint16(IFLA_VTI_FWMARK), Name: "IFLA_VTI_FWMARK", Kind: nl.KindU32, Unit: nl.UnitHex},
}}
