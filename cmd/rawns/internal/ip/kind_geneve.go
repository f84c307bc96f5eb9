//go:build !tiny

package ip

import (
	"golang.org/x/sys/unix"

	"rawns/nl/rtnl"
)

var geneveOptions = table{name: "geneve", attrs: &rtnl.GeneveAttrs, unique: true, rows: []option{
	{name: "id", val: valFunc, attr: uint16(rtnl.IFLA_GENEVE_ID), arg: "VNI", says: &saying{wrong: "invalid id"}, parse: optVNI, about: helps("the number of the virtual network")},
	{name: "vni", val: valFunc, attr: uint16(rtnl.IFLA_GENEVE_ID), arg: "VNI", says: &saying{wrong: "invalid id"}, parse: optVNI, alias: true, about: helps("the same")},
	{name: "remote", val: valFunc, attr: uint16(rtnl.IFLA_GENEVE_REMOTE), arg: "ADDR", says: &saying{wrong: "invalid remote address"}, parse: geneveRemote, about: helps("the other end")},
	{name: "ttl", val: valFunc, attr: uint16(rtnl.IFLA_GENEVE_TTL), arg: "{ 1..255 | auto | inherit }", parse: geneveTTL, about: helps("of the outer packets")},
	{name: "hoplimit", val: valFunc, attr: uint16(rtnl.IFLA_GENEVE_TTL), arg: "{ 1..255 | auto | inherit }", parse: geneveTTL, alias: true, about: helps("the same")},
	{name: "tos", val: valFunc, attr: uint16(rtnl.IFLA_GENEVE_TOS), arg: "{ NUMBER | inherit }", says: &saying{wrong: "bad TOS value"}, parse: optTOS, about: helps("of the outer packets")},
	{name: "dsfield", val: valFunc, attr: uint16(rtnl.IFLA_GENEVE_TOS), arg: "{ NUMBER | inherit }", says: &saying{wrong: "bad TOS value"}, parse: optTOS, alias: true, about: helps("the same")},
	{name: "df", val: valWord, attr: uint16(rtnl.IFLA_GENEVE_DF), arg: "{ unset | set | inherit }", says: &saying{wrong: "DF must be 'unset', 'set' or 'inherit'"}, about: helps("whether the outer packets may be fragmented")},
	{name: "flowlabel", val: valFunc, attr: uint16(rtnl.IFLA_GENEVE_LABEL), arg: "LABEL", says: &saying{wrong: "invalid flowlabel"}, parse: optLabel, about: helps("of the outer IPv6 packets")},
	{name: "label", val: valFunc, attr: uint16(rtnl.IFLA_GENEVE_LABEL), arg: "LABEL", says: &saying{wrong: "invalid flowlabel"}, parse: optLabel, alias: true, about: helps("the same")},
	{name: "dstport", val: valFunc, attr: uint16(rtnl.IFLA_GENEVE_PORT), arg: "PORT", says: &saying{wrong: "dstport"}, parse: optPort, about: helps("the other end's UDP port")},
	{name: "external", val: valNone, attr: uint16(rtnl.IFLA_GENEVE_COLLECT_METADATA), about: helps("routes say where each packet goes")},
	{name: "noexternal", val: valFunc, attr: uint16(rtnl.IFLA_GENEVE_COLLECT_METADATA), parse: optNothing},
	{name: "udpcsum", val: valYes, attr: uint16(rtnl.IFLA_GENEVE_UDP_CSUM), about: helps("fill in checksums over IPv4")},
	{name: "noudpcsum", val: valNo, attr: uint16(rtnl.IFLA_GENEVE_UDP_CSUM)},
	{name: "udp6zerocsumtx", val: valYes, attr: uint16(rtnl.IFLA_GENEVE_UDP_ZERO_CSUM6_TX), about: helps("leave them out over IPv6")},
	{name: "noudp6zerocsumtx", val: valNo, attr: uint16(rtnl.IFLA_GENEVE_UDP_ZERO_CSUM6_TX)},
	{name: "udp6zerocsumrx", val: valYes, attr: uint16(rtnl.IFLA_GENEVE_UDP_ZERO_CSUM6_RX), about: helps("take IPv6 packets without one")},
	{name: "noudp6zerocsumrx", val: valNo, attr: uint16(rtnl.IFLA_GENEVE_UDP_ZERO_CSUM6_RX)},
	{name: "innerprotoinherit", exact: true, val: valNone, attr: uint16(rtnl.IFLA_GENEVE_INNER_PROTO_INHERIT), about: helps("carry IP packets without Ethernet headers")},
}}

var geneveLast = []uint16{uint16(rtnl.IFLA_GENEVE_ID), uint16(rtnl.IFLA_GENEVE_REMOTE), uint16(rtnl.IFLA_GENEVE_REMOTE6), uint16(rtnl.IFLA_GENEVE_LABEL),
	uint16(rtnl.IFLA_GENEVE_TTL), uint16(rtnl.IFLA_GENEVE_TOS), uint16(rtnl.IFLA_GENEVE_PORT), uint16(rtnl.IFLA_GENEVE_COLLECT_METADATA),
	uint16(rtnl.IFLA_GENEVE_INNER_PROTO_INHERIT), uint16(rtnl.IFLA_GENEVE_UDP_CSUM), uint16(rtnl.IFLA_GENEVE_UDP_ZERO_CSUM6_TX), uint16(rtnl.IFLA_GENEVE_UDP_ZERO_CSUM6_RX)}

// optNothing is the parser of a keyword that says what is so anyway.
func optNothing(*args, state, *option) {}

func geneveRemote(a *args, st state, o *option) {
	w := a.peek()
	p := a.addr(unix.AF_UNSPEC)
	if a.err != nil {
		return
	}
	at := rtnl.IFLA_GENEVE_REMOTE
	switch {
	case p.family == unix.AF_UNSPEC, isMulticast(p.addr()):
		a.bad(o, w)
	case p.family == unix.AF_INET6:
		at = rtnl.IFLA_GENEVE_REMOTE6
	}
	st.req().b.IP(at, p.addr())
}

func geneveTTL(a *args, st state, _ *option) {
	b := &st.req().b
	v, inherit := a.ttl()
	if inherit {
		b.U8(rtnl.IFLA_GENEVE_TTL_INHERIT, 1)
	}
	b.U8(rtnl.IFLA_GENEVE_TTL, v)
}

func finishGeneve(a *args, s *linkState, used *seen) {
	external := s.get(uint16(rtnl.IFLA_GENEVE_COLLECT_METADATA)).Present()
	hasID := used.has(int(rtnl.IFLA_GENEVE_ID))
	switch {
	case external && hasID:
		a.failf(exitMissing, "geneve: both 'external' and vni cannot be specified")
	case !external && !hasID:
		a.failf(exitMissing, "geneve: missing virtual network identifier")
	case !external && !a.changes() && !used.has(int(rtnl.IFLA_GENEVE_REMOTE)):
		a.failf(exitMissing, "geneve: remote link partner not specified")
	}
	if !hasID {
		s.b.U32(rtnl.IFLA_GENEVE_ID, 0)
	}
	if a.changes() {
		return
	}
	if !used.has(int(rtnl.IFLA_GENEVE_LABEL)) {
		s.b.BE32(rtnl.IFLA_GENEVE_LABEL, 0)
	}
	if !used.has(int(rtnl.IFLA_GENEVE_TTL)) {
		s.b.U8(rtnl.IFLA_GENEVE_TTL, 0)
	}
	if !used.has(int(rtnl.IFLA_GENEVE_TOS)) {
		s.b.U8(rtnl.IFLA_GENEVE_TOS, 0)
	}
}

var geneveFields = []field{
	{uint16(rtnl.IFLA_GENEVE_COLLECT_METADATA), "external", "external ", showThere},
	{uint16(rtnl.IFLA_GENEVE_ID), "id", "id ", showUint},
	{uint16(rtnl.IFLA_GENEVE_REMOTE), "remote", "remote ", showSomeIP},
	{uint16(rtnl.IFLA_GENEVE_REMOTE6), "remote6", "remote ", showSomeIP},
	{uint16(rtnl.IFLA_GENEVE_TTL_INHERIT), "ttl", "ttl ", showTTLInherit},
	{uint16(rtnl.IFLA_GENEVE_TTL), "ttl", "ttl ", showTTL},
	{uint16(rtnl.IFLA_GENEVE_TOS), "tos", "tos ", showTOS},
	{uint16(rtnl.IFLA_GENEVE_DF), "df", "df ", showDF},
	{uint16(rtnl.IFLA_GENEVE_LABEL), "label", "flowlabel ", showLabel},
	{uint16(rtnl.IFLA_GENEVE_PORT), "port", "dstport ", showBE16},
	{uint16(rtnl.IFLA_GENEVE_UDP_CSUM), "udp_csum", "udpcsum ", showNo},
	{uint16(rtnl.IFLA_GENEVE_UDP_ZERO_CSUM6_TX), "udp_zero_csum6_tx", "udp6zerocsumtx ", showNo},
	{uint16(rtnl.IFLA_GENEVE_UDP_ZERO_CSUM6_RX), "udp_zero_csum6_rx", "udp6zerocsumrx ", showNo},
	{uint16(rtnl.IFLA_GENEVE_INNER_PROTO_INHERIT), "inner_proto_inherit", "innerprotoinherit ", showThere},
}
