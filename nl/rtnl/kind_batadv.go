package rtnl

import "rawns/nl"

// Attributes of a B.A.T.M.A.N. mesh inside IFLA_INFO_DATA, linux/batman_adv.h.
const (
	IFLA_BATADV_ALGO_NAME nl.AttrStr = 1
)

// BatadvAttrs is the table of them.
var BatadvAttrs = nl.Schema{Name: "batadv", Fields: []nl.Field{
	{Type: uint16(IFLA_BATADV_ALGO_NAME), Name: "IFLA_BATADV_ALGO_NAME", Kind: nl.KindStr},
}}
