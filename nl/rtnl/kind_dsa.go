package rtnl

import "rawns/nl"

// Attributes of a port of a switch inside IFLA_INFO_DATA, linux/if_link.h.
const (
	IFLA_DSA_CONDUIT nl.AttrU32 = 1
)

// DSAAttrs is the table of them.
var DSAAttrs = nl.Schema{Name: "dsa", Fields: []nl.Field{
	{Type: uint16(IFLA_DSA_CONDUIT), Name: "IFLA_DSA_CONDUIT", Kind: nl.KindIndex},
}}
