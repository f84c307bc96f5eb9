//go:build !tiny

package ip

import (
	"rawns/nl"
	"rawns/nl/rtnl"
)

// netkit came with Linux 6.7, and with later iproute2 than the one that is
// followed otherwise.
var netkitOptions = table{name: "netkit", attrs: &rtnl.NetkitAttrs, rows: []option{
	{name: "mode", exact: true, val: valWord, attr: uint16(rtnl.IFLA_NETKIT_MODE), once: true, arg: "{ l3 | l2 }", says: &saying{must: `either "l3" or "l2"`}, about: helps("l2: with Ethernet headers")},
	{name: "forward", exact: true, val: valFunc, attr: uint16(rtnl.IFLA_NETKIT_POLICY), parse: netkitPolicy, about: helps("pass packets on that no program has judged")},
	{name: "blackhole", exact: true, val: valFunc, attr: uint16(rtnl.IFLA_NETKIT_POLICY), parse: netkitPolicy, about: helps("drop them")},
	{name: "scrub", exact: true, val: valFunc, attr: uint16(rtnl.IFLA_NETKIT_SCRUB), arg: "{ default | none }", parse: netkitScrub, about: helps("what is forgotten of packets on their way")},
	{name: "headroom", exact: true, val: valU16, attr: uint16(rtnl.IFLA_NETKIT_HEADROOM), arg: "BYTES", says: &saying{wrong: "invalid headroom"}, about: helps("bytes kept free before packets")},
	{name: "tailroom", exact: true, val: valU16, attr: uint16(rtnl.IFLA_NETKIT_TAILROOM), arg: "BYTES", says: &saying{wrong: "invalid tailroom"}, about: helps("and behind them")},
	{name: "peer", exact: true, val: valFunc, once: true, arg: "[ forward | blackhole | scrub SCRUB ]... [ OPTIONS ]", parse: netkitPeer, about: helps("what follows is about the other end")},
}}

// netkitPolicy and netkitScrub speak of the other end behind "peer".
func netkitPolicy(_ *args, st state, o *option) {
	v, _ := rtnl.NetkitPolicies.Value(o.name)
	at := rtnl.IFLA_NETKIT_POLICY
	if st.(*linkState).boolMask != 0 {
		at = rtnl.IFLA_NETKIT_PEER_POLICY
	}
	st.req().b.U32(at, v)
}

func netkitScrub(a *args, st state, o *option) {
	w := a.next()
	v, ok := rtnl.NetkitScrubs.Value(w)
	if a.err == nil && !ok {
		a.failf(exitMissing, `Error: argument of "scrub" must be either "default" or "none"`)
	}
	at := rtnl.IFLA_NETKIT_SCRUB
	if st.(*linkState).boolMask != 0 {
		at = rtnl.IFLA_NETKIT_PEER_SCRUB
	}
	st.req().b.U32(at, v)
}

// netkitPeer reads up to the end: options of netkit, and then those of any
// link.
func netkitPeer(a *args, st state, o *option) {
	s := st.(*linkState)
	s.boolMask = 1
	t := a.t
	var used seen
	for a.more() {
		if i := t.find(a.peek()); i < 0 {
			s.parsePeer(a, rtnl.IFLA_NETKIT_PEER_INFO)
			return
		}
		a.option(t, s, &used)
	}
}

var netkitFields = []field{
	{uint16(rtnl.IFLA_NETKIT_MODE), "mode", "mode ", showUpperWord},
	{uint16(rtnl.IFLA_NETKIT_PRIMARY), "type", "type ", showNetkitEnd},
	{uint16(rtnl.IFLA_NETKIT_POLICY), "policy", "policy ", showUpperWord},
	{uint16(rtnl.IFLA_NETKIT_PEER_POLICY), "peer_policy", "peer policy ", showUpperWord},
	{uint16(rtnl.IFLA_NETKIT_SCRUB), "scrub", "scrub ", showUpperWord},
	{uint16(rtnl.IFLA_NETKIT_PEER_SCRUB), "peer_scrub", "peer scrub ", showUpperWord},
	{uint16(rtnl.IFLA_NETKIT_HEADROOM), "headroom", "headroom ", showUint},
	{uint16(rtnl.IFLA_NETKIT_TAILROOM), "tailroom", "tailroom ", showUint},
}

func showNetkitEnd(l *linkPrinter, f *field, v nl.Attr) {
	s := "peer"
	if n, _ := number(v); n != 0 {
		s = "primary"
	}
	l.Str(f.key, f.text, s, " ")
}
