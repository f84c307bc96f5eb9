package ip

import (
	"rawns/nl/rtnl"
)

var vrfOptions = table{name: "vrf", attrs: &rtnl.VRFAttrs, rows: []option{
	{name: "table", val: valFunc, attr: uint16(rtnl.IFLA_VRF_TABLE), arg: "TABLEID", says: &saying{wrong: "invalid table ID\n"}, parse: vrfTable, about: helps("the routing table of its ports")},
}}

func vrfTable(a *args, st state, o *option) {
	w := a.next()
	v, ok := tableNames.value(w)
	if a.err == nil && !ok {
		a.bad(o, w)
	}
	st.req().b.U32(rtnl.IFLA_VRF_TABLE, v)
}

var vrfFields = []field{
	{uint16(rtnl.IFLA_VRF_TABLE), "table", "table ", showUint},
}

var vrfPortFields = []field{
	{uint16(rtnl.IFLA_VRF_PORT_TABLE), "table", "table ", showUint},
}
