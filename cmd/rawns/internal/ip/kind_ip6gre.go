//go:build !tiny

package ip

import (
	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
)

var ip6greOptions = table{rows: []option{
	{name: "remote", val: valFunc, attr: tnlRemote, arg: "ADDR", parse: tnlAddr, about: helps("the address of the other end")},
	{name: "local", val: valFunc, attr: tnlLocal, arg: "ADDR", parse: tnlAddr, about: helps("the address of this end")},
	{name: "dev", val: valFunc, arg: "DEVICE", parse: tnlDev, about: helps("the link that packets leave by")},
	{name: "ttl", val: valFunc, arg: "{ 0..255 | inherit }", says: &saying{wrong: "invalid HLIM\n"}, parse: tnlHops, about: helps("the TTL of packets; inherit is that of what is inside")},
	{name: "hoplimit", val: valFunc, arg: "{ 0..255 | inherit }", says: &saying{wrong: "invalid HLIM\n"}, parse: tnlHops, about: helps("the same")},
	{name: "hlim", val: valFunc, arg: "{ 0..255 | inherit }", says: &saying{wrong: "invalid HLIM\n"}, parse: tnlHops, about: helps("the same")},
	{name: "tos", val: valFunc, arg: "{ TCLASS | inherit }", says: &saying{wrong: "invalid TClass"}, parse: ip6TClass, about: helps("the type of service of packets")},
	{name: "tclass", val: valFunc, arg: "{ TCLASS | inherit }", says: &saying{wrong: "invalid TClass"}, parse: ip6TClass, about: helps("the same")},
	{name: "dsfield", val: valFunc, arg: "{ TCLASS | inherit }", says: &saying{wrong: "invalid TClass"}, parse: ip6TClass, about: helps("the same")},
	{name: "flowlabel", exact: true, val: valFunc, arg: "{ FLOWLABEL | inherit }", says: &saying{wrong: "invalid Flowlabel"}, parse: ip6FlowLabel, about: helps("the flow label of packets, in hex")},
	{name: "fl", exact: true, val: valFunc, arg: "{ FLOWLABEL | inherit }", says: &saying{wrong: "invalid Flowlabel"}, parse: ip6FlowLabel, about: helps("the same")},
	{name: "dscp", exact: true, val: valFunc, arg: "inherit", says: &saying{wrong: "not inherit"}, parse: ip6DSCP, about: helps("give what is inside the DSCP of the packet")},
	{name: "fwmark", exact: true, val: valFunc, arg: "{ MARK | inherit }", says: &saying{wrong: "invalid fwmark\n"}, parse: ip6Fwmark, about: helps("look up the route of packets with this mark")},
	{name: "allow-localremote", exact: true, val: valFunc, attr: tnlFlags<<8 | ip6AllowLocalRemote, parse: tnlBit, about: helps("the other end may be an address of this host")},
	{name: "noallow-localremote", exact: true, val: valFunc, attr: tnlFlags<<8 | ip6AllowLocalRemote | tnlClear, parse: tnlBit, about: helps("it may not")},
	{name: "encaplimit", exact: true, val: valFunc, arg: "{ 0..255 | none }", says: &saying{wrong: "invalid ELIM"}, parse: ip6EncapLimit, about: helps("how many tunnels there may be inside")},
}}

var ip6greParams = []tunnelParam{
	{tnlMetadata, nl.KindFlag, tnlNotZero, uint16(rtnl.IFLA_GRE_COLLECT_METADATA), 0},
	{tnlIKey, nl.KindBE32, tnlAlways, uint16(rtnl.IFLA_GRE_IKEY), 0},
	{tnlOKey, nl.KindBE32, tnlAlways, uint16(rtnl.IFLA_GRE_OKEY), 0},
	{tnlIFlags, nl.KindBE16, tnlAlways, uint16(rtnl.IFLA_GRE_IFLAGS), 0},
	{tnlOFlags, nl.KindBE16, tnlAlways, uint16(rtnl.IFLA_GRE_OFLAGS), 0},
	{tnlLocal, nl.KindIP, tnlNotZero, uint16(rtnl.IFLA_GRE_LOCAL), 0},
	{tnlRemote, nl.KindIP, tnlNotZero, uint16(rtnl.IFLA_GRE_REMOTE), 0},
	{tnlLink, nl.KindU32, tnlNotZero, uint16(rtnl.IFLA_GRE_LINK), 0},
	{tnlTTL, nl.KindU8, tnlAlways, uint16(rtnl.IFLA_GRE_TTL), ip6Hops},
	{tnlEncapLimit, nl.KindU8, tnlAlways, uint16(rtnl.IFLA_GRE_ENCAP_LIMIT), ip6EncapLimitDefault},
	{tnlFlowinfo, nl.KindBE32, tnlAlways, uint16(rtnl.IFLA_GRE_FLOWINFO), 0},
	{tnlFlags, nl.KindU32, tnlAlways, uint16(rtnl.IFLA_GRE_FLAGS), 0},
	{tnlFwmark, nl.KindU32, tnlAlways, uint16(rtnl.IFLA_GRE_FWMARK), 0},
	{tnlErspanVer, nl.KindU8, tnlErspan, uint16(rtnl.IFLA_GRE_ERSPAN_VER), 1},
	{tnlErspanIndex, nl.KindU32, tnlErspan1, uint16(rtnl.IFLA_GRE_ERSPAN_INDEX), 0},
	{tnlErspanDir, nl.KindU8, tnlErspan2, uint16(rtnl.IFLA_GRE_ERSPAN_DIR), 0},
	{tnlErspanHwid, nl.KindU16, tnlErspan2, uint16(rtnl.IFLA_GRE_ERSPAN_HWID), 0},
	{tnlEncapType, nl.KindU16, tnlAlways, uint16(rtnl.IFLA_GRE_ENCAP_TYPE), 0},
	{tnlEncapFlags, nl.KindU16, tnlAlways, uint16(rtnl.IFLA_GRE_ENCAP_FLAGS), encapCsum6},
	{tnlEncapSport, nl.KindBE16, tnlAlways, uint16(rtnl.IFLA_GRE_ENCAP_SPORT), 0},
	{tnlEncapDport, nl.KindBE16, tnlAlways, uint16(rtnl.IFLA_GRE_ENCAP_DPORT), 0},
}

// ip6greTunnel is that of all three kinds: stock iproute2 sends the version of
// ERSPAN for each, and takes its options.
var ip6greTunnel = tunnel{family: unix.AF_INET6, params: ip6greParams, erspan: true}

func showIP6GRE(l *linkPrinter, data nl.Attrs) {
	t := l.tunnel(&ip6greTunnel, data)
	t.external()
	t.ends()
	t.ip6()
	t.gre()
	t.flagIf(tnlFlags, ip6AllowLocalRemote, "ip6_tnl_f_allow_local_remote", "allow-localremote ")
	t.fwmark()
	t.erspan()
	t.encap()
}
