package rtnl

import "rawns/nl"

// Attributes of an rmnet link inside IFLA_INFO_DATA, linux/if_link.h.
const (
	IFLA_RMNET_MUX_ID nl.AttrU16   = 1
	IFLA_RMNET_FLAGS  nl.AttrBytes = 2
)

// RmnetAttrs is the table of them.
var RmnetAttrs = nl.Schema{Name: "rmnet", Fields: []nl.Field{
	{Type: uint16(IFLA_RMNET_MUX_ID), Name: "IFLA_RMNET_MUX_ID", Kind: nl.KindU16},
	{Type: uint16(IFLA_RMNET_FLAGS), Name: "IFLA_RMNET_FLAGS", Kind: nl.KindStruct, Layout: &RmnetFlagsMask},
}}

// RmnetFlagsMask is struct ifla_rmnet_flags.
var RmnetFlagsMask = nl.Layout{Name: "ifla_rmnet_flags", Size: 8, Members: []nl.Member{
	{Name: "flags", Off: 0, Kind: nl.KindU32, Names: &RmnetFlags},
	{Name: "mask", Off: 4, Kind: nl.KindU32, Names: &RmnetFlags},
}}

// RmnetFlags are the RMNET_FLAGS_ bits, linux/if_link.h.
var RmnetFlags = nl.Names{Flags: true, List: []nl.Name{
	{Value: 1, Name: "INGRESS_DEAGGREGATION"}, {Value: 2, Name: "INGRESS_MAP_COMMANDS"}, {Value: 4, Name: "INGRESS_MAP_CKSUMV4"},
	{Value: 8, Name: "EGRESS_MAP_CKSUMV4"}, {Value: 16, Name: "INGRESS_MAP_CKSUMV5"}, {Value: 32, Name: "EGRESS_MAP_CKSUMV5"},
}}
