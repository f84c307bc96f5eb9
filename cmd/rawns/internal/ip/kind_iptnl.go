//go:build !tiny

package ip

import (
	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
)

// ipip and sit carry IPv4, MPLS, and, for sit, IPv6 in IPv4.
var (
	iptnlOptions = table{rows: []option{
		{name: "mode", exact: true, val: valFunc, arg: "{ ip6ip | ipip | mplsip | any }", says: &saying{wrong: "Cannot guess tunnel mode."}, parse: iptnlMode, about: helps("what the tunnel carries")},
		{name: "remote", exact: true, val: valFunc, attr: tnlRemote, arg: "{ ADDR | any }", parse: tnlAddr, about: helps("the address of the other end")},
		{name: "local", exact: true, val: valFunc, attr: tnlLocal, arg: "{ ADDR | any }", parse: tnlAddr, about: helps("the address of this end")},
		{name: "dev", val: valFunc, arg: "DEVICE", parse: tnlDev, about: helps("the link that packets leave by")},
		{name: "ttl", exact: true, val: valFunc, arg: "{ 1..255 | inherit }", says: &saying{wrong: "invalid TTL\n"}, parse: tnlHops, about: helps("the TTL of packets; inherit is that of what is inside")},
		{name: "hoplimit", exact: true, val: valFunc, arg: "{ 1..255 | inherit }", says: &saying{wrong: "invalid TTL\n"}, parse: tnlHops, about: helps("the same")},
		{name: "hlim", exact: true, val: valFunc, arg: "{ 1..255 | inherit }", says: &saying{wrong: "invalid TTL\n"}, parse: tnlHops, about: helps("the same")},
		{name: "tos", exact: true, val: valFunc, arg: "{ TOS | inherit }", says: &saying{wrong: "bad TOS value"}, parse: tnlTOSByte, about: helps("the type of service of packets")},
		{name: "tclass", exact: true, val: valFunc, arg: "{ TOS | inherit }", says: &saying{wrong: "bad TOS value"}, parse: tnlTOSByte, about: helps("the same")},
		{name: "tc", exact: true, val: valFunc, arg: "{ TOS | inherit }", says: &saying{wrong: "bad TOS value"}, parse: tnlTOSByte, about: helps("the same")},
		{name: "dsfield", val: valFunc, arg: "{ TOS | inherit }", says: &saying{wrong: "bad TOS value"}, parse: tnlTOSByte, about: helps("the same")},
		{name: "nopmtudisc", exact: true, val: valFunc, attr: tnlPMTUDisc << 8, parse: tnlConst, about: helps("let packets be fragmented on their way")},
		{name: "pmtudisc", exact: true, val: valFunc, attr: tnlPMTUDisc<<8 | 1, parse: tnlConst, about: helps("find out the MTU of the path")},
		{name: "6rd-prefix", exact: true, val: valFunc, attr: tnl6rdPrefix, arg: "PREFIX", parse: iptnl6rd, about: helps("the prefix of 6rd, RFC 5969")},
		{name: "6rd-relay_prefix", exact: true, val: valFunc, attr: tnl6rdRelay, arg: "PREFIX", parse: iptnl6rd, about: helps("the prefix of its relays")},
		{name: "6rd-reset", exact: true, val: valFunc, parse: iptnl6rdReset, about: helps("be one of 6to4 again")},
		{name: "fwmark", exact: true, val: valFunc, attr: tnlFwmark, arg: "MARK", says: &saying{wrong: "invalid fwmark\n"}, parse: tnlNumber32, about: helps("look up the route of packets with this mark")},
	}}
	sitOptions = table{rows: []option{
		{name: "isatap", exact: true, val: valFunc, attr: tnlFlags<<8 | sitISATAP, parse: tnlBit, about: helps("addresses as in ISATAP, RFC 5214")},
	}}
	sitTables = []*table{&encapOptions, &sitOptions}
)

const sitISATAP = 1 << 0 // SIT_ISATAP, linux/if_tunnel.h

// tunnelModes are the words for what a tunnel carries, of either family, the
// one that is shown first.
var tunnelModes = [...]struct {
	name   string
	family uint8
	proto  uint8
}{
	{"ip6ip", unix.AF_INET, unix.IPPROTO_IPV6},
	{"ipv6/ipv4", unix.AF_INET, unix.IPPROTO_IPV6},
	{"ipip", unix.AF_INET, unix.IPPROTO_IPIP},
	{"ipv4/ipv4", unix.AF_INET, unix.IPPROTO_IPIP},
	{"ip4ip4", unix.AF_INET, unix.IPPROTO_IPIP},
	{"mplsip", unix.AF_INET, unix.IPPROTO_MPLS},
	{"mpls/ipv4", unix.AF_INET, unix.IPPROTO_MPLS},
	{"any", unix.AF_INET, 0},
	{"any/ipv4", unix.AF_INET, 0},
	{"ip6ip6", unix.AF_INET6, unix.IPPROTO_IPV6},
	{"ipv6/ipv6", unix.AF_INET6, unix.IPPROTO_IPV6},
	{"ipip6", unix.AF_INET6, unix.IPPROTO_IPIP},
	{"ip/ipv6", unix.AF_INET6, unix.IPPROTO_IPIP},
	{"ipv4/ipv6", unix.AF_INET6, unix.IPPROTO_IPIP},
	{"ip4ip6", unix.AF_INET6, unix.IPPROTO_IPIP},
	{"any", unix.AF_INET6, 0},
	{"any/ipv6", unix.AF_INET6, 0},
}

func iptnlMode(a *args, st state, o *option) {
	w, t := a.next(), st.(*linkState).tunnel
	for i := range tunnelModes {
		m := &tunnelModes[i]
		if m.name == w && m.family == t.kind.tunnel.family && (m.family == unix.AF_INET6 || m.proto != unix.IPPROTO_IPV6 || t.kind.tunnel == &sitTunnel) {
			t.set(tnlProto, ^uint32(0), uint32(m.proto))
			return
		}
	}
	if a.err == nil {
		a.bad(o, w)
	}
}

// iptnl6rd reads the prefix of 6rd, RFC 5969, or that of the relays.
func iptnl6rd(a *args, st state, o *option) {
	family, length := uint8(unix.AF_INET6), tnl6rdPrefixLen
	if o.attr == tnl6rdRelay {
		family, length = unix.AF_INET, tnl6rdRelayLen
	}
	p := a.prefix(family)
	b := p.addr()
	if o.attr == tnl6rdRelay {
		b = p.b[:4] // "any" is zeros here
	}
	w := st.(*linkState).tunnel
	w.said[o.attr] = tunnelValue{said: true, prefix: b}
	w.set(length, ^uint32(0), uint32(p.bits))
}

// iptnl6rdReset makes the tunnel one of 6to4 again.
func iptnl6rdReset(_ *args, st state, _ *option) {
	w := st.(*linkState).tunnel
	w.said[tnl6rdPrefix] = tunnelValue{said: true, prefix: []byte{0: 0x20, 1: 0x02, 15: 0}}
	w.set(tnl6rdPrefixLen, ^uint32(0), 16)
	w.said[tnl6rdRelay] = tunnelValue{said: true}
}

var (
	// sit's, and ipip's, which has no flags and no words for 6rd.
	sitParams = []tunnelParam{
		{tnlProto, nl.KindU8, tnlAlways, uint16(rtnl.IFLA_IPTUN_PROTO), 0},
		{tnlMetadata, nl.KindFlag, tnlNotZero, uint16(rtnl.IFLA_IPTUN_COLLECT_METADATA), 0},
		{tnlLocal, nl.KindIP, tnlNotZero, uint16(rtnl.IFLA_IPTUN_LOCAL), 0},
		{tnlRemote, nl.KindIP, tnlNotZero, uint16(rtnl.IFLA_IPTUN_REMOTE), 0},
		{tnlPMTUDisc, nl.KindU8, tnlAlways, uint16(rtnl.IFLA_IPTUN_PMTUDISC), 1},
		{tnlTOS, nl.KindU8, tnlAlways, uint16(rtnl.IFLA_IPTUN_TOS), 0},
		{tnlTTL, nl.KindU8, tnlAlways, uint16(rtnl.IFLA_IPTUN_TTL), 0},
		{tnlLink, nl.KindU32, tnlAlways, uint16(rtnl.IFLA_IPTUN_LINK), 0},
		{tnlFwmark, nl.KindU32, tnlAlways, uint16(rtnl.IFLA_IPTUN_FWMARK), 0},
		{tnlEncapType, nl.KindU16, tnlAlways, uint16(rtnl.IFLA_IPTUN_ENCAP_TYPE), 0},
		{tnlEncapFlags, nl.KindU16, tnlAlways, uint16(rtnl.IFLA_IPTUN_ENCAP_FLAGS), 0},
		{tnlEncapSport, nl.KindBE16, tnlAlways, uint16(rtnl.IFLA_IPTUN_ENCAP_SPORT), 0},
		{tnlEncapDport, nl.KindBE16, tnlAlways, uint16(rtnl.IFLA_IPTUN_ENCAP_DPORT), 0},
		{tnlFlags, nl.KindU16, tnlSit, uint16(rtnl.IFLA_IPTUN_FLAGS), 0},
		{tnl6rdPrefix, nl.KindIP, tnlIfPrefix, uint16(rtnl.IFLA_IPTUN_6RD_PREFIX), 0},
		{tnl6rdPrefixLen, nl.KindU16, tnlIfPrefix, uint16(rtnl.IFLA_IPTUN_6RD_PREFIXLEN), 0},
		{tnl6rdRelay, nl.KindIP, tnlIfRelay, uint16(rtnl.IFLA_IPTUN_6RD_RELAY_PREFIX), 0},
		{tnl6rdRelayLen, nl.KindU16, tnlIfRelay, uint16(rtnl.IFLA_IPTUN_6RD_RELAY_PREFIXLEN), 0},
	}
	ipipTunnel = tunnel{family: unix.AF_INET, params: sitParams}
	sitTunnel  = tunnel{family: unix.AF_INET, params: sitParams}
)

func showIPTnl(l *linkPrinter, data nl.Attrs) {
	t := l.tunnel(&sitTunnel, data)
	t.external()
	t.mode()
	t.ends()
	t.ttl()
	t.tos()
	n, _ := t.num(tnlPMTUDisc)
	t.bool("pmtudisc", n != 0, "pmtudisc ", "nopmtudisc ")
	t.flagIf(tnlFlags, sitISATAP, "isatap", "isatap ")
	t.sixRD()
	t.fwmark()
	t.encap()
}

// sixRD writes the prefixes of 6rd.
func (t *tunnelPrinter) sixRD() {
	bits, _ := t.num(tnl6rdPrefixLen)
	prefix, relay := t.at(tnl6rdPrefix).Bytes(), t.at(tnl6rdRelay).Bytes()
	if bits == 0 || len(prefix) != 16 {
		return
	}
	t.Str("prefix", "6rd-prefix ", addrText(prefix), "")
	t.Uint("prefixlen", "/", uint64(bits), " ")
	if relayBits, _ := t.num(tnl6rdRelayLen); len(relay) == 4 && !zero(relay) {
		t.Str("relay_prefix", "6rd-relay_prefix ", addrText(relay), "")
		t.Uint("relay_prefixlen", "/", uint64(relayBits), " ")
	}
}
