package rtnl

import "rawns/nl"

// Attributes of a TUN or TAP link inside IFLA_INFO_DATA, linux/if_link.h.
const (
	IFLA_TUN_OWNER               nl.AttrU32 = 1
	IFLA_TUN_GROUP               nl.AttrU32 = 2
	IFLA_TUN_TYPE                nl.AttrU8  = 3
	IFLA_TUN_PI                  nl.AttrU8  = 4
	IFLA_TUN_VNET_HDR            nl.AttrU8  = 5
	IFLA_TUN_PERSIST             nl.AttrU8  = 6
	IFLA_TUN_MULTI_QUEUE         nl.AttrU8  = 7
	IFLA_TUN_NUM_QUEUES          nl.AttrU32 = 8
	IFLA_TUN_NUM_DISABLED_QUEUES nl.AttrU32 = 9
)

// TunAttrs is the table of them.
var TunAttrs = nl.Schema{Name: "tun", Fields: []nl.Field{
	{Type: uint16(IFLA_TUN_OWNER), Name: "IFLA_TUN_OWNER", Kind: nl.KindU32},
	{Type: uint16(IFLA_TUN_GROUP), Name: "IFLA_TUN_GROUP", Kind: nl.KindU32},
	{Type: uint16(IFLA_TUN_TYPE), Name: "IFLA_TUN_TYPE", Kind: nl.KindU8, Names: &TunTypes},
	{Type: uint16(IFLA_TUN_PI), Name: "IFLA_TUN_PI", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_TUN_VNET_HDR), Name: "IFLA_TUN_VNET_HDR", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_TUN_PERSIST), Name: "IFLA_TUN_PERSIST", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_TUN_MULTI_QUEUE), Name: "IFLA_TUN_MULTI_QUEUE", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_TUN_NUM_QUEUES), Name: "IFLA_TUN_NUM_QUEUES", Kind: nl.KindU32},
	{Type: uint16(IFLA_TUN_NUM_DISABLED_QUEUES), Name: "IFLA_TUN_NUM_DISABLED_QUEUES", Kind: nl.KindU32},
}}

// TunTypes are IFF_TUN and IFF_TAP, linux/if_tun.h.
var TunTypes = nl.Names{List: []nl.Name{
	{Value: 1, Name: "tun"}, {Value: 2, Name: "tap"},
}}
