package rtnl

import "rawns/nl"

// A link kind is one file, kind_NAME.go, and one row in one or both of these:
// what IFLA_INFO_DATA holds for an IFLA_INFO_KIND, and IFLA_INFO_SLAVE_DATA
// for an IFLA_INFO_SLAVE_KIND.

var kindCases = [...]nl.Case{
	{Name: "bridge", Sub: &BridgeAttrs},
	{Name: "veth", Sub: &VethAttrs},
}

var slaveCases = [...]nl.Case{
	{Name: "bridge", Sub: &BridgePortAttrs},
}
