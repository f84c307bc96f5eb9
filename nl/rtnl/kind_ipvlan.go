package rtnl

import "rawns/nl"

// Attributes of an ipvlan or ipvtap inside IFLA_INFO_DATA, linux/if_link.h.
const (
	IFLA_IPVLAN_MODE  nl.AttrU16 = 1
	IFLA_IPVLAN_FLAGS nl.AttrU16 = 2
)

// IPVLANAttrs is the table of them.
var IPVLANAttrs = nl.Schema{Name: "ipvlan", Fields: []nl.Field{
	{Type: uint16(IFLA_IPVLAN_MODE), Name: "IFLA_IPVLAN_MODE", Kind: nl.KindU16, Names: &IPVLANModes},
	{Type: uint16(IFLA_IPVLAN_FLAGS), Name: "IFLA_IPVLAN_FLAGS", Kind: nl.KindU16, Names: &IPVLANFlags},
}}

// IPVLANModes are IPVLAN_MODE_, linux/if_link.h.
var IPVLANModes = nl.Names{List: []nl.Name{
	{Value: 0, Name: "l2"}, {Value: 1, Name: "l3"}, {Value: 2, Name: "l3s"},
}}

// IPVLANFlags are the IPVLAN_F_ bits, linux/if_link.h.
var IPVLANFlags = nl.Names{Flags: true, List: []nl.Name{
	{Value: 1, Name: "private"}, {Value: 2, Name: "vepa"},
}}
