package ip

import (
	"rawns/nl/rtnl"
)

var xfrmOptions = table{name: "xfrm", attrs: &rtnl.XFRMAttrs, rows: []option{
	{name: "dev", val: valLink, attr: uint16(rtnl.IFLA_XFRM_LINK), arg: "PHYS_DEV", about: "the link that packets leave by"},
	{name: "if_id", val: valU32, attr: uint16(rtnl.IFLA_XFRM_IF_ID), arg: "IF-ID", wrong: "if_id value is invalid", about: "the number that policies and states have for it"},
	{name: "external", val: valNone, attr: uint16(rtnl.IFLA_XFRM_COLLECT_METADATA), about: "routes say the number for each packet"},
}}

var xfrmLast = [...]uint16{uint16(rtnl.IFLA_XFRM_IF_ID), uint16(rtnl.IFLA_XFRM_LINK), uint16(rtnl.IFLA_XFRM_COLLECT_METADATA)}

func finishXFRM(a *args, s *linkState, _ *seen) {
	has := func(at uint16) bool { return s.get(at).Present() }
	if has(uint16(rtnl.IFLA_XFRM_COLLECT_METADATA)) && (has(uint16(rtnl.IFLA_XFRM_LINK)) || has(uint16(rtnl.IFLA_XFRM_IF_ID))) {
		a.failf(exitMissing, "xfrmi: both 'external' and if_id/link cannot be specified")
	}
}

var xfrmFields = [...]field{
	{uint16(rtnl.IFLA_XFRM_COLLECT_METADATA), "external", "external ", showThere},
	{uint16(rtnl.IFLA_XFRM_IF_ID), "if_id", "if_id ", showHex},
}
