package rtnl

import "rawns/nl"

// Attributes of an AMT tunnel inside IFLA_INFO_DATA, linux/amt.h.
const (
	IFLA_AMT_MODE         nl.AttrU32  = 1
	IFLA_AMT_RELAY_PORT   nl.AttrBE16 = 2
	IFLA_AMT_GATEWAY_PORT nl.AttrBE16 = 3
	IFLA_AMT_LINK         nl.AttrU32  = 4
	IFLA_AMT_LOCAL_IP     nl.AttrIP   = 5
	IFLA_AMT_REMOTE_IP    nl.AttrIP   = 6
	IFLA_AMT_DISCOVERY_IP nl.AttrIP   = 7
	IFLA_AMT_MAX_TUNNELS  nl.AttrU32  = 8
)

// AMTAttrs is the table of them.
var AMTAttrs = nl.Schema{Name: "amt", Fields: []nl.Field{
	{Type: uint16(IFLA_AMT_MODE), Name: "IFLA_AMT_MODE", Kind: nl.KindU32, Names: &AMTModes},
	{Type: uint16(IFLA_AMT_RELAY_PORT), Name: "IFLA_AMT_RELAY_PORT", Kind: nl.KindBE16},
	{Type: uint16(IFLA_AMT_GATEWAY_PORT), Name: "IFLA_AMT_GATEWAY_PORT", Kind: nl.KindBE16},
	{Type: uint16(IFLA_AMT_LINK), Name: "IFLA_AMT_LINK", Kind: nl.KindIndex},
	{Type: uint16(IFLA_AMT_LOCAL_IP), Name: "IFLA_AMT_LOCAL_IP", Kind: nl.KindIP},
	{Type: uint16(IFLA_AMT_REMOTE_IP), Name: "IFLA_AMT_REMOTE_IP", Kind: nl.KindIP},
	{Type: uint16(IFLA_AMT_DISCOVERY_IP), Name: "IFLA_AMT_DISCOVERY_IP", Kind: nl.KindIP},
	{Type: uint16(IFLA_AMT_MAX_TUNNELS), Name: "IFLA_AMT_MAX_TUNNELS", Kind: nl.KindU32},
}}

// AMTModes are AMT_MODE_, linux/amt.h.
var AMTModes = nl.Names{List: []nl.Name{
	{Value: 0, Name: "gateway"}, {Value: 1, Name: "relay"},
}}
