package rtnl

import "rawns/nl"

// Attributes of a bare UDP tunnel inside IFLA_INFO_DATA, linux/if_link.h.
const (
	IFLA_BAREUDP_PORT            nl.AttrBE16 = 1
	IFLA_BAREUDP_ETHERTYPE       nl.AttrBE16 = 2
	IFLA_BAREUDP_SRCPORT_MIN     nl.AttrU16  = 3
	IFLA_BAREUDP_MULTIPROTO_MODE nl.AttrFlag = 4
)

// BareUDPAttrs is the table of them.
var BareUDPAttrs = nl.Schema{Name: "bareudp", Fields: []nl.Field{
	{Type: uint16(IFLA_BAREUDP_PORT), Name: "IFLA_BAREUDP_PORT", Kind: nl.KindBE16},
	{Type: uint16(IFLA_BAREUDP_ETHERTYPE), Name: "IFLA_BAREUDP_ETHERTYPE", Kind: nl.KindBE16, Names: &EtherTypes},
	{Type: uint16(IFLA_BAREUDP_SRCPORT_MIN), Name: "IFLA_BAREUDP_SRCPORT_MIN", Kind: nl.KindU16},
	{Type: uint16(IFLA_BAREUDP_MULTIPROTO_MODE), Name: "IFLA_BAREUDP_MULTIPROTO_MODE", Kind: nl.KindFlag},
}}
