//go:build !tiny

package ip

import (
	"rawns/nl/rtnl"
)

var batadvOptions = table{name: "batadv", attrs: &rtnl.BatadvAttrs, rows: []option{
	{name: "ra", val: valStr, attr: uint16(rtnl.IFLA_BATADV_ALGO_NAME), arg: "{ BATMAN_IV | BATMAN_V }", about: helps("the routing algorithm")},
}}
