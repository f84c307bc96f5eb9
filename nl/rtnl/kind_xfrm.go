package rtnl

import "rawns/nl"

// Attributes of an XFRM interface inside IFLA_INFO_DATA, linux/if_link.h.
const (
	IFLA_XFRM_LINK             nl.AttrU32  = 1
	IFLA_XFRM_IF_ID            nl.AttrU32  = 2
	IFLA_XFRM_COLLECT_METADATA nl.AttrFlag = 3
)

// XFRMAttrs is the table of them.
var XFRMAttrs = nl.Schema{Name: "xfrm", Fields: []nl.Field{
	{Type: uint16(IFLA_XFRM_LINK), Name: "IFLA_XFRM_LINK", Kind: nl.KindIndex},
	{Type: uint16(IFLA_XFRM_IF_ID), Name: "IFLA_XFRM_IF_ID", Kind: nl.KindU32},
	{Type: uint16(IFLA_XFRM_COLLECT_METADATA), Name: "IFLA_XFRM_COLLECT_METADATA", Kind: nl.KindFlag},
}}
