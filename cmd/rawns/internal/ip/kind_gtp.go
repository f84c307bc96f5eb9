//go:build !tiny

package ip

import (
	"rawns/nl/rtnl"
)

var gtpOptions = table{name: "gtp", attrs: &rtnl.GTPAttrs, unique: true, rows: []option{
	{name: "role", exact: true, val: valWord, attr: uint16(rtnl.IFLA_GTP_ROLE), arg: "{ sgsn | ggsn }", says: &saying{wrong: "invalid role, use sgsn or ggsn"}, about: helps("which end of the tunnel it is")},
	{name: "hsize", exact: true, val: valFunc, attr: uint16(rtnl.IFLA_GTP_PDP_HASHSIZE), arg: "HSIZE", says: &saying{wrong: "invalid PDP hash size"}, parse: gtpHSize, about: helps("the size of the table of contexts, 1 to 131071")},
	{name: "restart_count", exact: true, val: valFunc, attr: uint16(rtnl.IFLA_GTP_RESTART_COUNT), arg: "RESTART_COUNT", says: &saying{wrong: "invalid restart_count"}, parse: gtpRestartCount, about: helps("what its echo replies say")},
}}

const maxGTPHash = 1<<17 - 1

func gtpHSize(a *args, st state, o *option) {
	w := a.next()
	v, ok := parseUint(w, 32)
	if a.err == nil && !ok {
		a.bad(o, w)
	} else if v > maxGTPHash {
		a.wrong(w, "PDP hash size too big")
	}
	st.req().b.U32(rtnl.IFLA_GTP_PDP_HASHSIZE, uint32(v))
}

func gtpRestartCount(a *args, st state, o *option) {
	w := a.next()
	v, neg, ok := parseNumberBase(w, 10)
	if a.err == nil && (!ok || neg && v != 0 || v > 255) {
		a.bad(o, w)
	}
	st.req().b.U8(rtnl.IFLA_GTP_RESTART_COUNT, uint8(v))
}

// parseGTP first lets the kernel make the sockets.
func parseGTP(a *args, s *linkState, k *kind) {
	s.b.U8(rtnl.IFLA_GTP_CREATE_SOCKETS, 1)
	parseKind(a, s, k)
}

func finishGTP(a *args, s *linkState, used *seen) {
	if !used.has(int(rtnl.IFLA_GTP_ROLE)) {
		a.failf(exitMissing, "gtp: role of the gtp device was not specified")
	}
	if !used.has(int(rtnl.IFLA_GTP_PDP_HASHSIZE)) {
		s.b.U32(rtnl.IFLA_GTP_PDP_HASHSIZE, 1024)
	}
}

var gtpFields = []field{
	{uint16(rtnl.IFLA_GTP_ROLE), "role", "role ", showWord},
	{uint16(rtnl.IFLA_GTP_PDP_HASHSIZE), "hsize", "hsize ", showUint},
	{uint16(rtnl.IFLA_GTP_RESTART_COUNT), "restart_count", "restart_count ", showUint},
}
