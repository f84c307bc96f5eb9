package rtnl

import "rawns/nl"

// Attributes of a vxcan inside IFLA_INFO_DATA, linux/can/vxcan.h.
const (
	VXCAN_INFO_PEER nl.AttrNest = 1
)

// VXCANAttrs is the table of them.
var VXCANAttrs = nl.Schema{Name: "vxcan", Fields: []nl.Field{
	{Type: uint16(VXCAN_INFO_PEER), Name: "VXCAN_INFO_PEER", Kind: nl.KindMessage},
}}
