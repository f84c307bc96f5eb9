//go:build !tiny

package ip

import (
	"rawns/nl/rtnl"
)

var wwanOptions = table{name: "wwan", attrs: &rtnl.WWANAttrs, rows: []option{
	{name: "linkid", val: valU32, attr: uint16(rtnl.IFLA_WWAN_LINK_ID), arg: "LINKID", says: &saying{wrong: "%"}, about: helps("the number of the channel")},
}}

var wwanFields = []field{
	{uint16(rtnl.IFLA_WWAN_LINK_ID), "linkid", "linkid ", showUint},
}
