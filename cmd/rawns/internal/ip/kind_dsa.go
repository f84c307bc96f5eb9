//go:build !tiny

package ip

import (
	"rawns/nl/rtnl"
)

var dsaOptions = table{name: "dsa", attrs: &rtnl.DSAAttrs, rows: []option{
	{name: "conduit", exact: true, val: valDev, attr: uint16(rtnl.IFLA_DSA_CONDUIT), arg: "DEVICE", about: helps("the interface that its packets reach the switch by")},
}}

var dsaFields = []field{
	{uint16(rtnl.IFLA_DSA_CONDUIT), "conduit", "conduit ", showDev},
}
