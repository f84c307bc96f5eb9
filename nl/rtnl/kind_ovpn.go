package rtnl

import "rawns/nl"

// Attributes of an OpenVPN link inside IFLA_INFO_DATA, linux/if_link.h.
const (
	IFLA_OVPN_MODE nl.AttrU8 = 1
)

// OVPNAttrs is the table of them.
var OVPNAttrs = nl.Schema{Name: "ovpn", Fields: []nl.Field{
	{Type: uint16(IFLA_OVPN_MODE), Name: "IFLA_OVPN_MODE", Kind: nl.KindU8, Names: &OVPNModes},
}}

// OVPNModes are OVPN_MODE_, linux/if_link.h.
var OVPNModes = nl.Names{List: []nl.Name{
	{Value: 0, Name: "p2p"}, {Value: 1, Name: "mp"},
}}
