//go:build !tiny

package ip

import (
	"rawns/nl/rtnl"
)

var rmnetOptions = table{name: "rmnet", wrong: "% is invalid", attrs: &rtnl.RmnetAttrs, rows: []option{
	{name: "mux_id", val: valU16, attr: uint16(rtnl.IFLA_RMNET_MUX_ID), arg: "MUXID", about: helps("the number of the channel, 1 to 254")},
	// Of later iproute2; the attributes are bits, RMNET_FLAGS_ in linux/if_link.h.
	{name: "ingress-deaggregation", exact: true, val: valFunc, attr: 1 << 0, arg: "{ on | off }", parse: optBit, about: helps("take packets that come several at once")},
	{name: "ingress-commands", exact: true, val: valFunc, attr: 1 << 1, arg: "{ on | off }", parse: optBit, about: helps("obey commands of the other side")},
	{name: "ingress-mapv4-checksum", exact: true, val: valFunc, attr: 1 << 2, arg: "{ on | off }", parse: optBit, about: helps("checksums of version 4 are checked")},
	{name: "egress-mapv4-checksum", exact: true, val: valFunc, attr: 1 << 3, arg: "{ on | off }", parse: optBit, about: helps("and sent")},
	{name: "ingress-mapv5-checksum", exact: true, val: valFunc, attr: 1 << 4, arg: "{ on | off }", parse: optBit, about: helps("checksums of version 5 are checked")},
	{name: "egress-mapv5-checksum", exact: true, val: valFunc, attr: 1 << 5, arg: "{ on | off }", parse: optBit, about: helps("and sent")},
}}

var rmnetFields = []field{
	{uint16(rtnl.IFLA_RMNET_MUX_ID), "mux_id", "mux_id ", showUint},
}
