//go:build !tiny

package ip

import (
	"rawns/nl"
	"rawns/nl/rtnl"
)

var xfrmOptions = table{name: "xfrm", attrs: &rtnl.XFRMAttrs, rows: []option{
	{name: "dev", val: valLink, attr: uint16(rtnl.IFLA_XFRM_LINK), arg: "PHYS_DEV", about: helps("the link that packets leave by")},
	{name: "if_id", val: valFunc, attr: uint16(rtnl.IFLA_XFRM_IF_ID), arg: "IF-ID", says: &saying{wrong: "if_id value is invalid"}, parse: xfrmID, about: helps("the number that policies and states have for it")},
	{name: "external", exact: true, val: valNone, attr: uint16(rtnl.IFLA_XFRM_COLLECT_METADATA), about: helps("routes say the number for each packet")},
}}

var xfrmLast = []uint16{uint16(rtnl.IFLA_XFRM_IF_ID), uint16(rtnl.IFLA_XFRM_LINK), uint16(rtnl.IFLA_XFRM_COLLECT_METADATA)}

func xfrmID(a *args, st state, o *option) {
	w := a.next()
	v, ok := parseUint(w, 32)
	if a.err == nil && (!ok || v == 0) {
		a.bad(o, w)
	}
	st.req().b.U32(rtnl.IFLA_XFRM_IF_ID, uint32(v))
}

func finishXFRM(a *args, s *linkState, _ *seen) {
	external := s.get(uint16(rtnl.IFLA_XFRM_COLLECT_METADATA)).Present()
	id := s.get(uint16(rtnl.IFLA_XFRM_IF_ID)).Present()
	switch {
	case external && (id || s.get(uint16(rtnl.IFLA_XFRM_LINK)).Present()):
		s.refuse(a, failf(exitMissing, "xfrmi: both 'external' and if_id/link cannot be specified"))
	case !external && !id:
		s.refuse(a, failf(exitUsage, `Error: argument "IF_ID" is required`))
	}
}

// showXFRM writes the number, unless routes say it.
func showXFRM(l *linkPrinter, data nl.Attrs) {
	if data.Flag(rtnl.IFLA_XFRM_COLLECT_METADATA) {
		l.Flag("external", "external ")
	} else if v, ok := data.Get(uint16(rtnl.IFLA_XFRM_IF_ID)); ok {
		showHex(l, &field{key: "if_id", text: "if_id "}, v)
	}
}
