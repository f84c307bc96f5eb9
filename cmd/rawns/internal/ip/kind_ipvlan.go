package ip

import (
	"rawns/nl"
	"rawns/nl/rtnl"
)

var ipvlanOptions = table{name: "ipvlan", attrs: &rtnl.IPVLANAttrs, rows: []option{
	{name: "mode", val: valWord, attr: uint16(rtnl.IFLA_IPVLAN_MODE), arg: "{ l3 | l3s | l2 }", says: &saying{must: `either "l2", "l3" or "l3s"`}, about: helps("l2: as switches do, l3: as routers do, l3s: the same through netfilter")},
	{name: "private", val: valFunc, attr: 1, parse: ipvlanFlag, about: helps("links on the same one do not see each other")},
	{name: "vepa", val: valFunc, attr: 2, parse: ipvlanFlag, about: helps("they do by way of a switch")},
	{name: "bridge", val: valFunc, parse: ipvlanFlag, about: helps("they do")},
}}

// ipvlanFlag reads one of the three words for how links of one parent see each
// other. A second one is not known as an option.
func ipvlanFlag(a *args, st state, o *option) {
	s := st.(*linkState)
	if s.boolMask != 0 {
		k := s.k
		a.fail(&failure{code: exitMissing, text: k.name + `: unknown option "` + o.name + "\"?\n" + k.usage()})
	}
	s.boolMask, s.boolValue = 1, uint32(o.attr)
}

func finishIPVLAN(_ *args, s *linkState, _ *seen) {
	s.b.U16(rtnl.IFLA_IPVLAN_FLAGS, uint16(s.boolValue))
}

var ipvlanFields = []field{
	{uint16(rtnl.IFLA_IPVLAN_MODE), "mode", " mode ", showWord},
	{uint16(rtnl.IFLA_IPVLAN_FLAGS), "", "", showIPVLANFlags},
}

func showIPVLANFlags(l *linkPrinter, _ *field, v nl.Attr) {
	n, ok := v.U16()
	switch {
	case !ok:
	case n&1 != 0:
		l.Flag("private", "private ")
	case n&2 != 0:
		l.Flag("vepa", "vepa ")
	default:
		l.Flag("bridge", "bridge ")
	}
}
