package rtnl

import "rawns/nl"

// Attributes of a VLAN inside IFLA_INFO_DATA, linux/if_link.h.
const (
	IFLA_VLAN_ID          nl.AttrU16   = 1
	IFLA_VLAN_FLAGS       nl.AttrBytes = 2
	IFLA_VLAN_EGRESS_QOS  nl.AttrNest  = 3
	IFLA_VLAN_INGRESS_QOS nl.AttrNest  = 4
	IFLA_VLAN_PROTOCOL    nl.AttrBE16  = 5
)

// VLANAttrs is the table of them.
var VLANAttrs = nl.Schema{Name: "vlan", Fields: []nl.Field{
	{Type: uint16(IFLA_VLAN_ID), Name: "IFLA_VLAN_ID", Kind: nl.KindU16},
	{Type: uint16(IFLA_VLAN_FLAGS), Name: "IFLA_VLAN_FLAGS", Kind: nl.KindStruct, Layout: &VLANFlagsMask},
	{Type: uint16(IFLA_VLAN_EGRESS_QOS), Name: "IFLA_VLAN_EGRESS_QOS", Kind: nl.KindNest, Sub: &VLANQoSAttrs},
	{Type: uint16(IFLA_VLAN_INGRESS_QOS), Name: "IFLA_VLAN_INGRESS_QOS", Kind: nl.KindNest, Sub: &VLANQoSAttrs},
	{Type: uint16(IFLA_VLAN_PROTOCOL), Name: "IFLA_VLAN_PROTOCOL", Kind: nl.KindBE16, Names: &EtherTypes},
}}

// Attributes inside IFLA_VLAN_EGRESS_QOS and IFLA_VLAN_INGRESS_QOS.
const (
	IFLA_VLAN_QOS_MAPPING nl.AttrBytes = 1
)

// VLANQoSAttrs is the table of them.
var VLANQoSAttrs = nl.Schema{Name: "vlan-qos", Fields: []nl.Field{
	{Type: uint16(IFLA_VLAN_QOS_MAPPING), Name: "IFLA_VLAN_QOS_MAPPING", Kind: nl.KindStruct, Layout: &VLANQoSMapping},
}}

// VLANFlagsMask is struct ifla_vlan_flags.
var VLANFlagsMask = nl.Layout{Name: "ifla_vlan_flags", Size: 8, Members: []nl.Member{
	{Name: "flags", Off: 0, Kind: nl.KindU32, Names: &VLANFlags},
	{Name: "mask", Off: 4, Kind: nl.KindU32, Names: &VLANFlags},
}}

// VLANQoSMapping is struct ifla_vlan_qos_mapping.
var VLANQoSMapping = nl.Layout{Name: "ifla_vlan_qos_mapping", Size: 8, Members: []nl.Member{
	{Name: "from", Off: 0, Kind: nl.KindU32},
	{Name: "to", Off: 4, Kind: nl.KindU32},
}}

// VLANFlags are the VLAN_FLAG_ bits, linux/if_vlan.h, in the order in which
// iproute2 prints them.
var VLANFlags = nl.Names{Flags: true, List: []nl.Name{
	{Value: 1, Name: "REORDER_HDR"}, {Value: 2, Name: "GVRP"}, {Value: 8, Name: "MVRP"}, {Value: 4, Name: "LOOSE_BINDING"},
	{Value: 16, Name: "BRIDGE_BINDING"},
}}
