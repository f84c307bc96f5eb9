package ip

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
)

var vxlanOptions = table{name: "vxlan", attrs: &rtnl.VXLANAttrs, unique: true, rows: []option{
	{name: "id", val: valFunc, attr: uint16(rtnl.IFLA_VXLAN_ID), arg: "VNI", says: &saying{wrong: "invalid id"}, parse: optVNI, about: helps("the number of the virtual network")},
	{name: "vni", val: valFunc, attr: uint16(rtnl.IFLA_VXLAN_ID), arg: "VNI", says: &saying{wrong: "invalid id"}, parse: optVNI, alias: true, about: helps("the same")},
	{name: "group", val: valFunc, arg: "IP_ADDRESS", says: &saying{wrong: "invalid group address"}, parse: vxlanAddr, about: helps("the multicast group of all ends")},
	{name: "remote", val: valFunc, arg: "IP_ADDRESS", says: &saying{wrong: "invalid remote address"}, parse: vxlanAddr, about: helps("the other end, where addresses are not known")},
	{name: "local", val: valFunc, arg: "ADDR", says: &saying{wrong: "invalid local address"}, parse: vxlanAddr, about: helps("this end")},
	{name: "dev", val: valLink, attr: uint16(rtnl.IFLA_VXLAN_LINK), arg: "PHYS_DEV", about: helps("the link that packets leave by")},
	{name: "ttl", val: valFunc, attr: uint16(rtnl.IFLA_VXLAN_TTL), arg: "{ 1..255 | auto | inherit }", parse: vxlanTTL, about: helps("of the outer packets")},
	{name: "hoplimit", val: valFunc, attr: uint16(rtnl.IFLA_VXLAN_TTL), arg: "{ 1..255 | auto | inherit }", parse: vxlanTTL, alias: true, about: helps("the same")},
	{name: "tos", val: valFunc, attr: uint16(rtnl.IFLA_VXLAN_TOS), arg: "{ NUMBER | inherit }", says: &saying{wrong: "bad TOS value"}, parse: optTOS, about: helps("of the outer packets")},
	{name: "dsfield", val: valFunc, attr: uint16(rtnl.IFLA_VXLAN_TOS), arg: "{ NUMBER | inherit }", says: &saying{wrong: "bad TOS value"}, parse: optTOS, alias: true, about: helps("the same")},
	{name: "df", val: valWord, attr: uint16(rtnl.IFLA_VXLAN_DF), arg: "{ unset | set | inherit }", says: &saying{wrong: "DF must be 'unset', 'set' or 'inherit'"}, about: helps("whether the outer packets may be fragmented")},
	{name: "flowlabel", val: valFunc, attr: uint16(rtnl.IFLA_VXLAN_LABEL), arg: "LABEL", says: &saying{wrong: "invalid flowlabel"}, parse: optLabel, about: helps("of the outer IPv6 packets")},
	{name: "label", val: valFunc, attr: uint16(rtnl.IFLA_VXLAN_LABEL), arg: "LABEL", says: &saying{wrong: "invalid flowlabel"}, parse: optLabel, alias: true, about: helps("the same")},
	{name: "ageing", val: valU32, attr: uint16(rtnl.IFLA_VXLAN_AGEING), arg: "{ SECONDS | none }", says: &saying{wrong: "ageing timer", must: "none"}, about: helps("how long a learnt address is kept")},
	{name: "maxaddress", val: valU32, attr: uint16(rtnl.IFLA_VXLAN_LIMIT), arg: "{ NUMBER | unlimited }", says: &saying{wrong: "max addresses", must: "unlimited"}, about: helps("the most addresses")},
	{name: "srcport", val: valFunc, attr: uint16(rtnl.IFLA_VXLAN_PORT_RANGE), arg: "MIN MAX", parse: vxlanPortRange, about: helps("the ports that it sends from")},
	{name: "port", val: valFunc, attr: uint16(rtnl.IFLA_VXLAN_PORT_RANGE), arg: "MIN MAX", parse: vxlanPortRange, alias: true, about: helps("the same")},
	{name: "dstport", val: valFunc, attr: uint16(rtnl.IFLA_VXLAN_PORT), arg: "PORT", says: &saying{wrong: "dst port"}, parse: optPort, about: helps("the UDP port of all ends; 0 is 8472")},
	{name: "nolearning", val: valNo, attr: uint16(rtnl.IFLA_VXLAN_LEARNING), about: helps("do not learn addresses")},
	{name: "learning", val: valYes, attr: uint16(rtnl.IFLA_VXLAN_LEARNING), about: helps("learn where addresses are")},
	{name: "noproxy", val: valNo, attr: uint16(rtnl.IFLA_VXLAN_PROXY)},
	{name: "proxy", val: valYes, attr: uint16(rtnl.IFLA_VXLAN_PROXY), about: helps("answer for neighbours that are known")},
	{name: "norsc", val: valNo, attr: uint16(rtnl.IFLA_VXLAN_RSC)},
	{name: "rsc", val: valYes, attr: uint16(rtnl.IFLA_VXLAN_RSC), about: helps("route to neighbours that are known")},
	{name: "nol2miss", val: valNo, attr: uint16(rtnl.IFLA_VXLAN_L2MISS)},
	{name: "l2miss", val: valYes, attr: uint16(rtnl.IFLA_VXLAN_L2MISS), about: helps("tell of addresses that are not known")},
	{name: "nol3miss", val: valNo, attr: uint16(rtnl.IFLA_VXLAN_L3MISS)},
	{name: "l3miss", val: valYes, attr: uint16(rtnl.IFLA_VXLAN_L3MISS), about: helps("tell of IP addresses that are not known")},
	{name: "udpcsum", val: valYes, attr: uint16(rtnl.IFLA_VXLAN_UDP_CSUM), about: helps("fill in checksums over IPv4")},
	{name: "noudpcsum", val: valNo, attr: uint16(rtnl.IFLA_VXLAN_UDP_CSUM)},
	{name: "udp6zerocsumtx", val: valYes, attr: uint16(rtnl.IFLA_VXLAN_UDP_ZERO_CSUM6_TX), about: helps("leave them out over IPv6")},
	{name: "noudp6zerocsumtx", val: valNo, attr: uint16(rtnl.IFLA_VXLAN_UDP_ZERO_CSUM6_TX)},
	{name: "udp6zerocsumrx", val: valYes, attr: uint16(rtnl.IFLA_VXLAN_UDP_ZERO_CSUM6_RX), about: helps("take IPv6 packets without one")},
	{name: "noudp6zerocsumrx", val: valNo, attr: uint16(rtnl.IFLA_VXLAN_UDP_ZERO_CSUM6_RX)},
	{name: "remcsumtx", val: valYes, attr: uint16(rtnl.IFLA_VXLAN_REMCSUM_TX), about: helps("leave checksums to the other end")},
	{name: "noremcsumtx", val: valNo, attr: uint16(rtnl.IFLA_VXLAN_REMCSUM_TX)},
	{name: "remcsumrx", val: valYes, attr: uint16(rtnl.IFLA_VXLAN_REMCSUM_RX), about: helps("make those that were left")},
	{name: "noremcsumrx", val: valNo, attr: uint16(rtnl.IFLA_VXLAN_REMCSUM_RX)},
	{name: "external", val: valFunc, attr: uint16(rtnl.IFLA_VXLAN_COLLECT_METADATA), parse: vxlanExternal, about: helps("routes say where each packet goes")},
	{name: "noexternal", val: valNo, attr: uint16(rtnl.IFLA_VXLAN_COLLECT_METADATA)},
	{name: "gbp", val: valNone, attr: uint16(rtnl.IFLA_VXLAN_GBP), about: helps("carry the packet's mark, Group Policy")},
	{name: "gpe", val: valNone, attr: uint16(rtnl.IFLA_VXLAN_GPE), about: helps("Generic Protocol Extension: carry IP packets")},
	{name: "vnifilter", exact: true, val: valYes, attr: uint16(rtnl.IFLA_VXLAN_VNIFILTER), about: helps("take only the networks that bridge vni names")},
	{name: "novnifilter", exact: true, val: valNo, attr: uint16(rtnl.IFLA_VXLAN_VNIFILTER)},
	// Of later iproute2:
	{name: "localbypass", exact: true, val: valYes, attr: uint16(rtnl.IFLA_VXLAN_LOCALBYPASS), about: helps("deliver to an end on this host without a packet")},
	{name: "nolocalbypass", exact: true, val: valNo, attr: uint16(rtnl.IFLA_VXLAN_LOCALBYPASS)},
}}

// vxlanLast are sent when all words are read.
var vxlanLast = []uint16{uint16(rtnl.IFLA_VXLAN_ID), uint16(rtnl.IFLA_VXLAN_LOCAL), uint16(rtnl.IFLA_VXLAN_LOCAL6),
	uint16(rtnl.IFLA_VXLAN_GROUP), uint16(rtnl.IFLA_VXLAN_GROUP6), uint16(rtnl.IFLA_VXLAN_LEARNING), uint16(rtnl.IFLA_VXLAN_PORT)}

// vxlanAddr reads one of the tunnel's ends: local, remote, or, with the
// attribute of the latter, a multicast group.
func vxlanAddr(a *args, st state, o *option) {
	s := st.(*linkState)
	at, at6 := rtnl.IFLA_VXLAN_GROUP, rtnl.IFLA_VXLAN_GROUP6
	other, other6 := rtnl.IFLA_VXLAN_LOCAL, rtnl.IFLA_VXLAN_LOCAL6
	if o.name == "local" {
		at, at6, other, other6 = other, other6, at, at6
	}
	have := s.get(uint16(at))
	if !have.Present() {
		have = s.get(uint16(at6))
	}
	if o.name != "local" && have.Present() && isMulticast(have.Bytes()) != (o.name == "group") {
		a.failf(exitMissing, "vxlan: both group and remote cannot be specified")
		return
	}
	if have.Present() {
		a.garbage(o.name, a.next())
		return
	}
	family := uint8(unix.AF_UNSPEC)
	if s.get(uint16(other)).Present() {
		family = unix.AF_INET
	} else if s.get(uint16(other6)).Present() {
		family = unix.AF_INET6
	}
	w := a.peek()
	p := a.addr(family)
	if a.err != nil {
		return
	}
	if p.family == unix.AF_UNSPEC || isMulticast(p.addr()) != (o.name == "group") {
		a.bad(o, w)
	}
	if p.family != unix.AF_INET {
		at = at6
	}
	s.b.IP(at, p.addr())
}

func vxlanTTL(a *args, st state, _ *option) {
	b := &st.req().b
	if v, inherit := a.ttl(); inherit {
		b.Flag(rtnl.IFLA_VXLAN_TTL_INHERIT)
	} else {
		b.U8(rtnl.IFLA_VXLAN_TTL, v)
	}
}

func isMulticast(ip []byte) bool {
	return len(ip) == 4 && ip[0]>>4 == 0xe || len(ip) == 16 && ip[0] == 0xff
}

func vxlanPortRange(a *args, st state, _ *option) {
	var r [4]byte
	for i, why := range [...]string{"min port", "max port"} {
		w := a.next()
		v, ok := parseUint(w, 16)
		if a.err == nil && !ok {
			a.wrong(w, why)
		}
		binary.BigEndian.PutUint16(r[2*i:], uint16(v))
	}
	if !isZero(r[:]) {
		st.req().b.Blob(rtnl.IFLA_VXLAN_PORT_RANGE, r[:])
	}
}

// vxlanExternal also switches learning off, unless the word for that follows.
func vxlanExternal(a *args, st state, _ *option) {
	s := st.(*linkState)
	if !a.changes() || s.get(uint16(rtnl.IFLA_VXLAN_LEARNING)).Present() {
		s.b.U8(rtnl.IFLA_VXLAN_LEARNING, 0)
	}
	s.b.U8(rtnl.IFLA_VXLAN_COLLECT_METADATA, 1)
}

func finishVXLAN(a *args, s *linkState, used *seen) {
	yes := func(at nl.AttrU8) bool { v, _ := s.get(uint16(at)).U8(); return v != 0 }
	hasID := used.has(int(rtnl.IFLA_VXLAN_ID))
	group := s.get(uint16(rtnl.IFLA_VXLAN_GROUP))
	if !group.Present() {
		group = s.get(uint16(rtnl.IFLA_VXLAN_GROUP6))
	}
	external := yes(rtnl.IFLA_VXLAN_COLLECT_METADATA)
	why := ""
	switch {
	case !external && yes(rtnl.IFLA_VXLAN_VNIFILTER):
		why = "vxlan: vnifilter is valid only when 'external' is set"
	case external && hasID:
		why = "vxlan: both 'external' and vni cannot be specified"
	case !external && !hasID && !a.changes():
		why = "vxlan: missing virtual network identifier"
	case isMulticast(group.Bytes()) && !used.has(int(rtnl.IFLA_VXLAN_LINK)):
		why = "vxlan: 'group' requires 'dev' to be specified"
	}
	if why != "" {
		s.refuse(a, failf(exitMissing, why))
	}
	if !used.has(int(rtnl.IFLA_VXLAN_PORT)) {
		if used.has(int(rtnl.IFLA_VXLAN_GPE)) {
			s.b.BE16(rtnl.IFLA_VXLAN_PORT, 4790)
		} else if !a.changes() {
			s.warn = "vxlan: destination port not specified\nWill use Linux kernel default (non-standard value)\n" +
				"Use 'dstport 4789' to get the IANA assigned value\nUse 'dstport 0' to get default and quiet this message"
		}
	}
	if !group.Present() && !s.get(uint16(rtnl.IFLA_VXLAN_LOCAL)).Present() && !s.get(uint16(rtnl.IFLA_VXLAN_LOCAL6)).Present() {
		switch a.g.family {
		case unix.AF_INET:
			s.b.IP(rtnl.IFLA_VXLAN_GROUP, make([]byte, 4))
		case unix.AF_INET6:
			s.b.IP(rtnl.IFLA_VXLAN_GROUP6, make([]byte, 16))
		}
	}
	if !a.changes() && !s.get(uint16(rtnl.IFLA_VXLAN_LEARNING)).Present() {
		s.b.U8(rtnl.IFLA_VXLAN_LEARNING, 1)
	}
}

var vxlanFields = []field{
	{uint16(rtnl.IFLA_VXLAN_COLLECT_METADATA), "external", "external ", showYes},
	{uint16(rtnl.IFLA_VXLAN_VNIFILTER), "vnifilter", "vnifilter", showYes}, // no blank, as in iproute2
	{uint16(rtnl.IFLA_VXLAN_ID), "id", "id ", showUint},
	{uint16(rtnl.IFLA_VXLAN_GROUP), "", "", showVXLANEnd},
	{uint16(rtnl.IFLA_VXLAN_GROUP6), "6", "", showVXLANEnd},
	{uint16(rtnl.IFLA_VXLAN_LOCAL), "local", "local ", showSomeIP},
	{uint16(rtnl.IFLA_VXLAN_LOCAL6), "local6", "local ", showSomeIP},
	{uint16(rtnl.IFLA_VXLAN_LINK), "link", "dev ", showSomeDev},
	{uint16(rtnl.IFLA_VXLAN_PORT_RANGE), "port_range", "srcport ", showPortRange},
	{uint16(rtnl.IFLA_VXLAN_PORT), "port", "dstport ", showBE16},
	{uint16(rtnl.IFLA_VXLAN_LEARNING), "learning", "nolearning ", showOnlyNo},
	{uint16(rtnl.IFLA_VXLAN_PROXY), "proxy", "proxy ", showYes},
	{uint16(rtnl.IFLA_VXLAN_RSC), "rsc", "rsc ", showYes},
	{uint16(rtnl.IFLA_VXLAN_L2MISS), "l2miss", "l2miss ", showYes},
	{uint16(rtnl.IFLA_VXLAN_L3MISS), "l3miss", "l3miss ", showYes},
	{uint16(rtnl.IFLA_VXLAN_TOS), "tos", "tos ", showTOS},
	{uint16(rtnl.IFLA_VXLAN_TTL_INHERIT), "ttl", "ttl ", showTTLInherit},
	{uint16(rtnl.IFLA_VXLAN_TTL), "ttl", "ttl ", showTTL},
	{uint16(rtnl.IFLA_VXLAN_DF), "df", "df ", showDF},
	{uint16(rtnl.IFLA_VXLAN_LABEL), "label", "flowlabel ", showLabel},
	{uint16(rtnl.IFLA_VXLAN_AGEING), "ageing", "ageing ", showAgeing},
	{uint16(rtnl.IFLA_VXLAN_LIMIT), "limit", "maxaddr ", showSome},
	{uint16(rtnl.IFLA_VXLAN_UDP_CSUM), "udp_csum", "udpcsum ", showNo},
	{uint16(rtnl.IFLA_VXLAN_UDP_ZERO_CSUM6_TX), "udp_zero_csum6_tx", "udp6zerocsumtx ", showNo},
	{uint16(rtnl.IFLA_VXLAN_UDP_ZERO_CSUM6_RX), "udp_zero_csum6_rx", "udp6zerocsumrx ", showNo},
	{uint16(rtnl.IFLA_VXLAN_REMCSUM_TX), "remcsum_tx", "remcsumtx ", showYes},
	{uint16(rtnl.IFLA_VXLAN_REMCSUM_RX), "remcsum_rx", "remcsumrx ", showYes},
	{uint16(rtnl.IFLA_VXLAN_GBP), "gbp", "gbp ", showThere},
	{uint16(rtnl.IFLA_VXLAN_GPE), "gpe", "gpe ", showThere},
	{uint16(rtnl.IFLA_VXLAN_LOCALBYPASS), "localbypass", "nolocalbypass ", showNotOn},
}

// showVXLANEnd writes the remote end, or the group of many.
func showVXLANEnd(l *linkPrinter, f *field, v nl.Attr) {
	name := "remote"
	if isMulticast(v.Bytes()) {
		name = "group"
	}
	showSomeIP(l, &field{key: name + f.key, text: name + " "}, v)
}

func showPortRange(l *linkPrinter, f *field, v nl.Attr) {
	if r := v.Bytes(); len(r) >= 4 {
		l.Obj(f.key)
		l.Uint("low", f.text, uint64(binary.BigEndian.Uint16(r)), " ")
		l.Uint("high", "", uint64(binary.BigEndian.Uint16(r[2:])), " ")
		l.EndObj()
	}
}

func showAgeing(l *linkPrinter, f *field, v nl.Attr) {
	if n, ok := v.U32(); ok && n == 0 && !l.json {
		l.T("ageing none ")
	} else {
		showUint(l, f, v)
	}
}
