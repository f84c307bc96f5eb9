//go:build !tiny

package ip

import (
	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
)

// ip6tnl carries IPv4 or IPv6 in IPv6.
var ip6tnlOptions = table{rows: []option{
	{name: "mode", exact: true, val: valFunc, arg: "{ ip6ip6 | ipip6 | any }", says: &saying{wrong: "Cannot guess tunnel mode."}, parse: iptnlMode, about: helps("what the tunnel carries")},
	{name: "remote", exact: true, val: valFunc, attr: tnlRemote, arg: "ADDR", parse: tnlAddr, about: helps("the address of the other end")},
	{name: "local", exact: true, val: valFunc, attr: tnlLocal, arg: "ADDR", parse: tnlAddr, about: helps("the address of this end")},
	{name: "dev", val: valFunc, arg: "DEVICE", parse: tnlDev, about: helps("the link that packets leave by")},
	{name: "ttl", exact: true, val: valFunc, arg: "{ 0..255 | inherit }", says: &saying{wrong: "invalid HLIM\n"}, parse: tnlHops, about: helps("the TTL of packets; inherit is that of what is inside")},
	{name: "hoplimit", exact: true, val: valFunc, arg: "{ 0..255 | inherit }", says: &saying{wrong: "invalid HLIM\n"}, parse: tnlHops, about: helps("the same")},
	{name: "hlim", exact: true, val: valFunc, arg: "{ 0..255 | inherit }", says: &saying{wrong: "invalid HLIM\n"}, parse: tnlHops, about: helps("the same")},
	{name: "encaplimit", exact: true, val: valFunc, arg: "{ 0..255 | none }", says: &saying{wrong: "invalid ELIM"}, parse: ip6EncapLimit, about: helps("how many tunnels there may be inside")},
	{name: "tos", exact: true, val: valFunc, arg: "{ TCLASS | inherit }", says: &saying{wrong: "invalid TClass"}, parse: ip6TClass, about: helps("the type of service of packets")},
	{name: "tclass", exact: true, val: valFunc, arg: "{ TCLASS | inherit }", says: &saying{wrong: "invalid TClass"}, parse: ip6TClass, about: helps("the same")},
	{name: "tc", exact: true, val: valFunc, arg: "{ TCLASS | inherit }", says: &saying{wrong: "invalid TClass"}, parse: ip6TClass, about: helps("the same")},
	{name: "dsfield", val: valFunc, arg: "{ TCLASS | inherit }", says: &saying{wrong: "invalid TClass"}, parse: ip6TClass, about: helps("the same")},
	{name: "flowlabel", exact: true, val: valFunc, arg: "{ FLOWLABEL | inherit }", says: &saying{wrong: "invalid Flowlabel"}, parse: ip6FlowLabel, about: helps("the flow label of packets, in hex")},
	{name: "fl", exact: true, val: valFunc, arg: "{ FLOWLABEL | inherit }", says: &saying{wrong: "invalid Flowlabel"}, parse: ip6FlowLabel, about: helps("the same")},
	{name: "dscp", exact: true, val: valFunc, arg: "inherit", says: &saying{wrong: "not inherit"}, parse: ip6DSCP, about: helps("give what is inside the DSCP of the packet")},
	{name: "fwmark", exact: true, val: valFunc, arg: "{ MARK | inherit }", says: &saying{wrong: "invalid fwmark\n"}, parse: ip6Fwmark, about: helps("look up the route of packets with this mark")},
	{name: "allow-localremote", exact: true, val: valFunc, attr: tnlFlags<<8 | ip6AllowLocalRemote, parse: tnlBit, about: helps("the other end may be an address of this host")},
	{name: "noallow-localremote", exact: true, val: valFunc, attr: tnlFlags<<8 | ip6AllowLocalRemote | tnlClear, parse: tnlBit, about: helps("it may not")},
}}

// Bits of IP6_TNL_F_, linux/ip6_tunnel.h.
const (
	ip6IgnEncapLimit    = 1 << 0
	ip6OrigTClass       = 1 << 1
	ip6OrigFlowLabel    = 1 << 2
	ip6MIP6Dev          = 1 << 3
	ip6RcvDSCPCopy      = 1 << 4
	ip6OrigFwmark       = 1 << 5
	ip6AllowLocalRemote = 1 << 6
)

// Defaults of iproute2, and parts of the flow information.
const (
	ip6Hops              = 64
	ip6EncapLimitDefault = 4
	ip6TClassMask        = 0x0ff00000
	ip6LabelMask         = 0x000fffff
)

// ip6TClass reads a traffic class, in hex.
func ip6TClass(a *args, st state, o *option) { ip6Flow(a, st, o, ip6TClassMask, 20, ip6OrigTClass) }

// ip6FlowLabel reads a flow label, in hex.
func ip6FlowLabel(a *args, st state, o *option) { ip6Flow(a, st, o, ip6LabelMask, 0, ip6OrigFlowLabel) }

// ip6Flow reads a part of the flow information, or that it is inherited.
func ip6Flow(a *args, st state, o *option, mask uint32, shift int, inherit uint32) {
	w, t := a.next(), st.(*linkState).tunnel
	if w == "inherit" {
		t.set(tnlFlowinfo, mask, 0)
		t.set(tnlFlags, inherit, inherit)
		return
	}
	v, neg, ok := parseNumberBase(w, 16)
	if a.err == nil && (!ok || neg && v != 0 || v > uint64(mask>>shift)) {
		a.bad(o, w)
	}
	t.set(tnlFlowinfo, mask, uint32(v)<<shift)
	t.set(tnlFlags, inherit, 0)
}

func ip6DSCP(a *args, st state, o *option) {
	if w := a.next(); w != "inherit" && a.err == nil {
		a.bad(o, w)
	}
	st.(*linkState).tunnel.set(tnlFlags, ip6RcvDSCPCopy, ip6RcvDSCPCopy)
}

func ip6Fwmark(a *args, st state, o *option) {
	w, t := a.next(), st.(*linkState).tunnel
	v, ok := parseUint(w, 32)
	inherit := uint32(0)
	if w == "inherit" {
		v, ok, inherit = 0, true, ip6OrigFwmark
	}
	if !ok && a.err == nil {
		a.bad(o, w)
	}
	t.set(tnlFwmark, ^uint32(0), uint32(v))
	t.set(tnlFlags, ip6OrigFwmark, inherit)
}

func ip6EncapLimit(a *args, st state, o *option) {
	w, t := a.next(), st.(*linkState).tunnel
	if w == "none" {
		t.set(tnlFlags, ip6IgnEncapLimit, ip6IgnEncapLimit)
		return
	}
	v, ok := parseUint(w, 8)
	if !ok && a.err == nil {
		a.bad(o, w)
	}
	t.set(tnlEncapLimit, ^uint32(0), uint32(v))
	t.set(tnlFlags, ip6IgnEncapLimit, 0)
}

var ip6tnlParams = []tunnelParam{
	{tnlProto, nl.KindU8, tnlAlways, uint16(rtnl.IFLA_IPTUN_PROTO), 0},
	{tnlMetadata, nl.KindFlag, tnlNotZero, uint16(rtnl.IFLA_IPTUN_COLLECT_METADATA), 0},
	{tnlLocal, nl.KindIP, tnlNotZero, uint16(rtnl.IFLA_IPTUN_LOCAL), 0},
	{tnlRemote, nl.KindIP, tnlNotZero, uint16(rtnl.IFLA_IPTUN_REMOTE), 0},
	{tnlTTL, nl.KindU8, tnlAlways, uint16(rtnl.IFLA_IPTUN_TTL), ip6Hops},
	{tnlEncapLimit, nl.KindU8, tnlAlways, uint16(rtnl.IFLA_IPTUN_ENCAP_LIMIT), ip6EncapLimitDefault},
	{tnlFlowinfo, nl.KindBE32, tnlAlways, uint16(rtnl.IFLA_IPTUN_FLOWINFO), 0},
	{tnlFlags, nl.KindU32, tnlAlways, uint16(rtnl.IFLA_IPTUN_FLAGS), 0},
	{tnlLink, nl.KindU32, tnlAlways, uint16(rtnl.IFLA_IPTUN_LINK), 0},
	{tnlFwmark, nl.KindU32, tnlAlways, uint16(rtnl.IFLA_IPTUN_FWMARK), 0},
	{tnlEncapType, nl.KindU16, tnlAlways, uint16(rtnl.IFLA_IPTUN_ENCAP_TYPE), 0},
	{tnlEncapFlags, nl.KindU16, tnlAlways, uint16(rtnl.IFLA_IPTUN_ENCAP_FLAGS), encapCsum6},
	{tnlEncapSport, nl.KindBE16, tnlAlways, uint16(rtnl.IFLA_IPTUN_ENCAP_SPORT), 0},
	{tnlEncapDport, nl.KindBE16, tnlAlways, uint16(rtnl.IFLA_IPTUN_ENCAP_DPORT), 0},
}

var ip6tnlTunnel = tunnel{family: unix.AF_INET6, params: ip6tnlParams}

func showIP6Tnl(l *linkPrinter, data nl.Attrs) {
	t := l.tunnel(&ip6tnlTunnel, data)
	t.external()
	t.mode()
	t.ends()
	t.ip6()
	t.flagIf(tnlFlags, ip6MIP6Dev, "ip6_tnl_f_mip6_dev", "mip6 ")
	t.flagIf(tnlFlags, ip6AllowLocalRemote, "ip6_tnl_f_allow_local_remote", "allow-localremote ")
	t.fwmark()
	t.encap()
}
