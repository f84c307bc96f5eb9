package rtnl

import "rawns/nl"

// Attributes of a VRF inside IFLA_INFO_DATA, linux/if_link.h.
const (
	IFLA_VRF_TABLE nl.AttrU32 = 1
)

// VRFAttrs is the table of them.
var VRFAttrs = nl.Schema{Name: "vrf", Fields: []nl.Field{
	{Type: uint16(IFLA_VRF_TABLE), Name: "IFLA_VRF_TABLE", Kind: nl.KindU32, Names: &Tables},
}}

// Attributes of a VRF's port inside IFLA_INFO_SLAVE_DATA, linux/if_link.h.
const (
	IFLA_VRF_PORT_TABLE nl.AttrU32 = 1
)

// VRFPortAttrs is the table of them.
var VRFPortAttrs = nl.Schema{Name: "vrf_slave", Fields: []nl.Field{
	{Type: uint16(IFLA_VRF_PORT_TABLE), Name: "IFLA_VRF_PORT_TABLE", Kind: nl.KindU32, Names: &Tables},
}}
