package rtnl

import "rawns/nl"

// Attributes of a GTP tunnel inside IFLA_INFO_DATA, linux/if_link.h.
const (
	IFLA_GTP_FD0            nl.AttrU32 = 1
	IFLA_GTP_FD1            nl.AttrU32 = 2
	IFLA_GTP_PDP_HASHSIZE   nl.AttrU32 = 3
	IFLA_GTP_ROLE           nl.AttrU32 = 4
	IFLA_GTP_CREATE_SOCKETS nl.AttrU8  = 5
	IFLA_GTP_RESTART_COUNT  nl.AttrU8  = 6
	IFLA_GTP_LOCAL          nl.AttrIP  = 7
	IFLA_GTP_LOCAL6         nl.AttrIP  = 8
)

// GTPAttrs is the table of them.
var GTPAttrs = nl.Schema{Name: "gtp", Fields: []nl.Field{
	{Type: uint16(IFLA_GTP_FD0), Name: "IFLA_GTP_FD0", Kind: nl.KindU32},
	{Type: uint16(IFLA_GTP_FD1), Name: "IFLA_GTP_FD1", Kind: nl.KindU32},
	{Type: uint16(IFLA_GTP_PDP_HASHSIZE), Name: "IFLA_GTP_PDP_HASHSIZE", Kind: nl.KindU32},
	{Type: uint16(IFLA_GTP_ROLE), Name: "IFLA_GTP_ROLE", Kind: nl.KindU32, Names: &GTPRoles},
	{Type: uint16(IFLA_GTP_CREATE_SOCKETS), Name: "IFLA_GTP_CREATE_SOCKETS", Kind: nl.KindU8},
	{Type: uint16(IFLA_GTP_RESTART_COUNT), Name: "IFLA_GTP_RESTART_COUNT", Kind: nl.KindU8},
	{Type: uint16(IFLA_GTP_LOCAL), Name: "IFLA_GTP_LOCAL", Kind: nl.KindIP},
	{Type: uint16(IFLA_GTP_LOCAL6), Name: "IFLA_GTP_LOCAL6", Kind: nl.KindIP},
}}

// GTPRoles are GTP_ROLE_, linux/if_link.h.
var GTPRoles = nl.Names{List: []nl.Name{
	{Value: 0, Name: "ggsn"}, {Value: 1, Name: "sgsn"},
}}
