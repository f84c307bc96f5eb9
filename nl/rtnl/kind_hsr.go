package rtnl

import "rawns/nl"

// Attributes of an HSR or PRP link inside IFLA_INFO_DATA, linux/if_link.h.
const (
	IFLA_HSR_SLAVE1           nl.AttrU32 = 1
	IFLA_HSR_SLAVE2           nl.AttrU32 = 2
	IFLA_HSR_MULTICAST_SPEC   nl.AttrU8  = 3
	IFLA_HSR_SUPERVISION_ADDR nl.AttrMAC = 4
	IFLA_HSR_SEQ_NR           nl.AttrU16 = 5
	IFLA_HSR_VERSION          nl.AttrU8  = 6
	IFLA_HSR_PROTOCOL         nl.AttrU8  = 7
	IFLA_HSR_INTERLINK        nl.AttrU32 = 8
)

// HSRAttrs is the table of them.
var HSRAttrs = nl.Schema{Name: "hsr", Fields: []nl.Field{
	{Type: uint16(IFLA_HSR_SLAVE1), Name: "IFLA_HSR_SLAVE1", Kind: nl.KindIndex},
	{Type: uint16(IFLA_HSR_SLAVE2), Name: "IFLA_HSR_SLAVE2", Kind: nl.KindIndex},
	{Type: uint16(IFLA_HSR_MULTICAST_SPEC), Name: "IFLA_HSR_MULTICAST_SPEC", Kind: nl.KindU8},
	{Type: uint16(IFLA_HSR_SUPERVISION_ADDR), Name: "IFLA_HSR_SUPERVISION_ADDR", Kind: nl.KindMAC},
	{Type: uint16(IFLA_HSR_SEQ_NR), Name: "IFLA_HSR_SEQ_NR", Kind: nl.KindU16},
	{Type: uint16(IFLA_HSR_VERSION), Name: "IFLA_HSR_VERSION", Kind: nl.KindU8},
	{Type: uint16(IFLA_HSR_PROTOCOL), Name: "IFLA_HSR_PROTOCOL", Kind: nl.KindU8, Names: &HSRProtocols},
	{Type: uint16(IFLA_HSR_INTERLINK), Name: "IFLA_HSR_INTERLINK", Kind: nl.KindIndex},
}}
