package rtnl

import "rawns/nl"

// Attributes of an IPoIB link inside IFLA_INFO_DATA, linux/if_link.h.
const (
	IFLA_IPOIB_PKEY   nl.AttrU16 = 1
	IFLA_IPOIB_MODE   nl.AttrU16 = 2
	IFLA_IPOIB_UMCAST nl.AttrU16 = 3
)

// IPoIBAttrs is the table of them.
var IPoIBAttrs = nl.Schema{Name: "ipoib", Fields: []nl.Field{
	{Type: uint16(IFLA_IPOIB_PKEY), Name: "IFLA_IPOIB_PKEY", Kind: nl.KindU16},
	{Type: uint16(IFLA_IPOIB_MODE), Name: "IFLA_IPOIB_MODE", Kind: nl.KindU16, Names: &IPoIBModes},
	{Type: uint16(IFLA_IPOIB_UMCAST), Name: "IFLA_IPOIB_UMCAST", Kind: nl.KindU16},
}}

// IPoIBModes are IPOIB_MODE_, linux/if_link.h.
var IPoIBModes = nl.Names{List: []nl.Name{
	{Value: 0, Name: "datagram"}, {Value: 1, Name: "connected"},
}}
