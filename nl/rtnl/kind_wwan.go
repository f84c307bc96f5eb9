package rtnl

import "rawns/nl"

// Attributes of a WWAN link inside IFLA_INFO_DATA, linux/wwan.h.
const (
	IFLA_WWAN_LINK_ID nl.AttrU32 = 1
)

// WWANAttrs is the table of them.
var WWANAttrs = nl.Schema{Name: "wwan", Fields: []nl.Field{
	{Type: uint16(IFLA_WWAN_LINK_ID), Name: "IFLA_WWAN_LINK_ID", Kind: nl.KindU32},
}}
