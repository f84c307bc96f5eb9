//go:build !tiny

package ip

import (
	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
)

// GRE_ flags, linux/if_tunnel.h, in network byte order. Their low bits are free.
const (
	greSeq  = 0x1000
	greKey  = 0x2000
	greCsum = 0x8000
)

// gre, gretap and erspan carry any protocol, Ethernet, or mirrored Ethernet, in IPv4.
var (
	// The first rows are for all kinds of GRE, in IPv6, too.
	greKeyOptions = table{rows: []option{
		{name: "key", val: valFunc, attr: tnlIn | tnlOut, arg: "KEY", parse: tnlKey, about: helps("mark packets with a key, and take those with it alone")},
		{name: "nokey", val: valFunc, attr: tnlIn | tnlOut | tnlNot, parse: tnlKey, about: helps("no keys")},
		{name: "ikey", val: valFunc, attr: tnlIn, arg: "KEY", parse: tnlKey, about: helps("the key of what comes in")},
		{name: "noikey", val: valFunc, attr: tnlIn | tnlNot, parse: tnlKey, about: helps("no such key")},
		{name: "okey", val: valFunc, attr: tnlOut, arg: "KEY", parse: tnlKey, about: helps("the key of what goes out")},
		{name: "nookey", val: valFunc, attr: tnlOut | tnlNot, parse: tnlKey, about: helps("no such key")},
		{name: "seq", val: valFunc, attr: greSeq | tnlIn | tnlOut, parse: greFlag, about: helps("number packets, and drop those out of order")},
		{name: "noseq", val: valFunc, attr: greSeq | tnlIn | tnlOut | tnlNot, parse: greFlag, about: helps("neither")},
		{name: "iseq", val: valFunc, attr: greSeq | tnlIn, parse: greFlag, about: helps("drop packets out of order")},
		{name: "noiseq", val: valFunc, attr: greSeq | tnlIn | tnlNot, parse: greFlag, about: helps("take them")},
		{name: "oseq", val: valFunc, attr: greSeq | tnlOut, parse: greFlag, about: helps("number packets")},
		{name: "nooseq", val: valFunc, attr: greSeq | tnlOut | tnlNot, parse: greFlag, about: helps("do not")},
		{name: "csum", val: valFunc, attr: greCsum | tnlIn | tnlOut, parse: greFlag, about: helps("write checksums, and want them")},
		{name: "nocsum", val: valFunc, attr: greCsum | tnlIn | tnlOut | tnlNot, parse: greFlag, about: helps("neither")},
		{name: "icsum", val: valFunc, attr: greCsum | tnlIn, parse: greFlag, about: helps("want checksums")},
		{name: "noicsum", val: valFunc, attr: greCsum | tnlIn | tnlNot, parse: greFlag, about: helps("do not")},
		{name: "ocsum", val: valFunc, attr: greCsum | tnlOut, parse: greFlag, about: helps("write checksums")},
		{name: "noocsum", val: valFunc, attr: greCsum | tnlOut | tnlNot, parse: greFlag, about: helps("do not")},
	}}
	greOptions = table{rows: []option{
		{name: "nopmtudisc", val: valFunc, attr: tnlPMTUDisc << 8, parse: tnlConst, about: helps("let packets be fragmented on their way")},
		{name: "pmtudisc", val: valFunc, attr: tnlPMTUDisc<<8 | 1, parse: tnlConst, about: helps("find out the MTU of the path")},
		{name: "remote", val: valFunc, attr: tnlRemote, arg: "{ ADDR | any }", parse: tnlAddr, about: helps("the address of the other end")},
		{name: "local", val: valFunc, attr: tnlLocal, arg: "{ ADDR | any }", parse: tnlAddr, about: helps("the address of this end")},
		{name: "dev", val: valFunc, arg: "DEVICE", parse: tnlDev, about: helps("the link that packets leave by")},
		{name: "ttl", val: valFunc, arg: "{ 1..255 | inherit }", says: &saying{wrong: "invalid TTL\n"}, parse: tnlHops, about: helps("the TTL of packets; inherit is that of what is inside")},
		{name: "hoplimit", val: valFunc, arg: "{ 1..255 | inherit }", says: &saying{wrong: "invalid TTL\n"}, parse: tnlHops, about: helps("the same")},
		{name: "hlim", val: valFunc, arg: "{ 1..255 | inherit }", says: &saying{wrong: "invalid TTL\n"}, parse: tnlHops, about: helps("the same")},
		{name: "tos", val: valFunc, arg: "{ TOS | inherit }", says: &saying{wrong: "bad TOS value"}, parse: tnlTOSByte, about: helps("the type of service of packets")},
		{name: "tclass", val: valFunc, arg: "{ TOS | inherit }", says: &saying{wrong: "bad TOS value"}, parse: tnlTOSByte, about: helps("the same")},
		{name: "dsfield", val: valFunc, arg: "{ TOS | inherit }", says: &saying{wrong: "bad TOS value"}, parse: tnlTOSByte, about: helps("the same")},
		{name: "ignore-df", exact: true, val: valFunc, attr: tnlIgnoreDF<<8 | 1, parse: tnlConst, about: helps("fragment even what forbids it")},
		{name: "noignore-df", exact: true, val: valFunc, attr: tnlIgnoreDF << 8, parse: tnlConst, about: helps("do not")},
		{name: "fwmark", exact: true, val: valFunc, attr: tnlFwmark, arg: "MARK", says: &saying{wrong: "invalid fwmark\n"}, parse: tnlNumber32, about: helps("look up the route of packets with this mark")},
	}}
	erspanOptions = table{rows: []option{
		{name: "erspan", exact: true, val: valFunc, arg: "IDX", says: &saying{wrong: "invalid erspan index\n"}, parse: erspanIndex, about: helps("the index of the session, for version 1")},
		{name: "erspan_ver", exact: true, val: valFunc, arg: "{ 0 | 1 | 2 }", says: &saying{wrong: "invalid erspan version\n"}, parse: erspanVersion, about: helps("the version of ERSPAN")},
		{name: "erspan_dir", exact: true, val: valFunc, arg: "{ ingress | egress }", parse: erspanDirection, about: helps("which direction is mirrored, for version 2")},
		{name: "erspan_hwid", exact: true, val: valFunc, attr: tnlErspanHwid, arg: "HWID", says: &saying{wrong: "invalid erspan hwid\n"}, parse: tnlPort, about: helps("the number of the engine, for version 2")},
	}}
	greTables    = []*table{&greOptions, &encapOptions}
	erspanTables = []*table{&greOptions, &encapOptions, &erspanOptions}
	ip6greTables = []*table{&ip6greOptions, &encapOptions, &erspanOptions}
)

func greFlag(_ *args, st state, o *option) {
	st.(*linkState).tunnel.setGRE(uint32(o.attr&0xf000), o.attr)
}

const maxErspanIndex = 1<<20 - 1

func erspanIndex(a *args, st state, o *option) {
	w := a.next()
	v, ok := parseUint(w, 32)
	switch {
	case a.err != nil:
	case !ok:
		a.bad(o, w)
	case v == 0 || v > maxErspanIndex:
		a.wrong(w, "erspan index must be > 0 and <= 20-bit\n")
	}
	st.(*linkState).tunnel.set(tnlErspanIndex, ^uint32(0), uint32(v))
}

func erspanVersion(a *args, st state, o *option) {
	w := a.next()
	v, ok := parseUint(w, 8)
	switch {
	case a.err != nil:
	case !ok:
		a.bad(o, w)
	case v > 2:
		a.wrong(w, "erspan version must be 0/1/2\n")
	}
	st.(*linkState).tunnel.set(tnlErspanVer, ^uint32(0), uint32(v))
}

func erspanDirection(a *args, st state, _ *option) {
	w, v := a.next(), uint32(0)
	switch {
	case matches(w, "ingress"):
	case matches(w, "egress"):
		v = 1
	case a.err == nil:
		a.wrong(w, "Invalid erspan direction.")
	}
	st.(*linkState).tunnel.set(tnlErspanDir, ^uint32(0), v)
}

var (
	greParams = []tunnelParam{
		{tnlMetadata, nl.KindFlag, tnlNotZero, uint16(rtnl.IFLA_GRE_COLLECT_METADATA), 0},
		{tnlIKey, nl.KindBE32, tnlAlways, uint16(rtnl.IFLA_GRE_IKEY), 0},
		{tnlOKey, nl.KindBE32, tnlAlways, uint16(rtnl.IFLA_GRE_OKEY), 0},
		{tnlIFlags, nl.KindBE16, tnlAlways, uint16(rtnl.IFLA_GRE_IFLAGS), 0},
		{tnlOFlags, nl.KindBE16, tnlAlways, uint16(rtnl.IFLA_GRE_OFLAGS), 0},
		{tnlLocal, nl.KindIP, tnlNotZero, uint16(rtnl.IFLA_GRE_LOCAL), 0},
		{tnlRemote, nl.KindIP, tnlNotZero, uint16(rtnl.IFLA_GRE_REMOTE), 0},
		{tnlPMTUDisc, nl.KindU8, tnlAlways, uint16(rtnl.IFLA_GRE_PMTUDISC), 1},
		{tnlIgnoreDF, nl.KindU8, tnlSaid, uint16(rtnl.IFLA_GRE_IGNORE_DF), 0},
		{tnlTOS, nl.KindU8, tnlAlways, uint16(rtnl.IFLA_GRE_TOS), 0},
		{tnlLink, nl.KindU32, tnlNotZero, uint16(rtnl.IFLA_GRE_LINK), 0},
		{tnlTTL, nl.KindU8, tnlAlways, uint16(rtnl.IFLA_GRE_TTL), 0},
		{tnlFwmark, nl.KindU32, tnlAlways, uint16(rtnl.IFLA_GRE_FWMARK), 0},
		{tnlErspanVer, nl.KindU8, tnlErspan, uint16(rtnl.IFLA_GRE_ERSPAN_VER), 1},
		{tnlErspanIndex, nl.KindU32, tnlErspan1, uint16(rtnl.IFLA_GRE_ERSPAN_INDEX), 0},
		{tnlErspanDir, nl.KindU8, tnlErspan2, uint16(rtnl.IFLA_GRE_ERSPAN_DIR), 0},
		{tnlErspanHwid, nl.KindU16, tnlErspan2, uint16(rtnl.IFLA_GRE_ERSPAN_HWID), 0},
		{tnlEncapType, nl.KindU16, tnlAlways, uint16(rtnl.IFLA_GRE_ENCAP_TYPE), 0},
		{tnlEncapFlags, nl.KindU16, tnlAlways, uint16(rtnl.IFLA_GRE_ENCAP_FLAGS), 0},
		{tnlEncapSport, nl.KindBE16, tnlAlways, uint16(rtnl.IFLA_GRE_ENCAP_SPORT), 0},
		{tnlEncapDport, nl.KindBE16, tnlAlways, uint16(rtnl.IFLA_GRE_ENCAP_DPORT), 0},
	}
	greTunnel    = tunnel{family: unix.AF_INET, params: greParams}
	erspanTunnel = tunnel{family: unix.AF_INET, params: greParams, erspan: true}
)

func showGRE(l *linkPrinter, data nl.Attrs) {
	t := l.tunnel(&greTunnel, data)
	t.external()
	t.ends()
	t.ttl()
	t.tos()
	if n, ok := t.num(tnlPMTUDisc); ok {
		t.bool("pmtudisc", n != 0, "", "nopmtudisc ")
	}
	t.flagIf(tnlIgnoreDF, ^uint32(0), "ignore_df", "ignore-df ")
	t.gre()
	t.fwmark()
	t.erspan()
	t.encap()
}
