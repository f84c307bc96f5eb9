package ip

import (
	"encoding/binary"
	"strings"

	"rawns/nl"
	"rawns/nl/rtnl"
)

// Bits of struct ifla_vlan_flags, VLAN_FLAG_ in linux/if_vlan.h.
const (
	vlanReorderHdr    = 1 << 0
	vlanGVRP          = 1 << 1
	vlanLooseBinding  = 1 << 2
	vlanMVRP          = 1 << 3
	vlanBridgeBinding = 1 << 4
)

var vlanOptions = table{name: "vlan", wrong: "% is invalid", attrs: &rtnl.VLANAttrs, rows: []option{
	{name: "protocol", val: valFunc, attr: uint16(rtnl.IFLA_VLAN_PROTOCOL), arg: "{ 802.1Q | 802.1ad }", parse: optProto, about: helps("of its tags")},
	{name: "id", val: valU16, attr: uint16(rtnl.IFLA_VLAN_ID), arg: "VLANID", about: helps("the number of the VLAN, 0 to 4094")},
	{name: "reorder_hdr", val: valFunc, attr: vlanReorderHdr, arg: "{ on | off }", parse: optBit, about: helps("take the tag off what is received")},
	{name: "gvrp", val: valFunc, attr: vlanGVRP, arg: "{ on | off }", parse: optBit, about: helps("tell switches of the VLAN, by GVRP")},
	{name: "mvrp", val: valFunc, attr: vlanMVRP, arg: "{ on | off }", parse: optBit, about: helps("the same by MVRP")},
	{name: "loose_binding", val: valFunc, attr: vlanLooseBinding, arg: "{ on | off }", parse: optBit, about: helps("be up whatever the link below does")},
	{name: "bridge_binding", val: valFunc, attr: vlanBridgeBinding, arg: "{ on | off }", parse: optBit, about: helps("be up while a port of the bridge below is, that is in the VLAN")},
	{name: "ingress-qos-map", val: valFunc, attr: uint16(rtnl.IFLA_VLAN_INGRESS_QOS), arg: "FROM:TO...", parse: vlanQoSMap, about: helps("priorities of tags, and those of packets that come of them")},
	{name: "egress-qos-map", val: valFunc, attr: uint16(rtnl.IFLA_VLAN_EGRESS_QOS), arg: "FROM:TO...", parse: vlanQoSMap, about: helps("priorities of packets, and those of their tags")},
}}

// vlanQoSMap reads pairs of priorities, FROM:TO, as many as follow.
func vlanQoSMap(a *args, st state, o *option) {
	b := &st.req().b
	if !a.more() {
		a.next()
	}
	n := b.Nest(nl.AttrNest(o.attr))
	for a.more() {
		from, to, pair := strings.Cut(a.peek(), ":")
		if !pair {
			break
		}
		a.next()
		f, ok := parseUint(from, 32)
		t, ok2 := parseUint(to, 32)
		if !ok || !ok2 {
			a.wrong(from, "invalid "+o.name)
		}
		var m [8]byte
		binary.NativeEndian.PutUint32(m[:], uint32(f))
		binary.NativeEndian.PutUint32(m[4:], uint32(t))
		b.Blob(rtnl.IFLA_VLAN_QOS_MAPPING, m[:])
	}
	b.End(n)
}

var vlanFields = [...]field{
	{uint16(rtnl.IFLA_VLAN_PROTOCOL), "protocol", "protocol ", showProto},
	{uint16(rtnl.IFLA_VLAN_ID), "id", "id ", showUint},
	{uint16(rtnl.IFLA_VLAN_FLAGS), "flags", "", showFlags},
	{uint16(rtnl.IFLA_VLAN_INGRESS_QOS), "ingress_qos", "ingress-qos-map", showQoSMap},
	{uint16(rtnl.IFLA_VLAN_EGRESS_QOS), "egress_qos", "egress-qos-map", showQoSMap},
}

func showVLAN(l *linkPrinter, data nl.Attrs) {
	if _, ok := data.U16(rtnl.IFLA_VLAN_ID); !ok {
		return
	}
	if _, ok := data.BE16(rtnl.IFLA_VLAN_PROTOCOL); !ok { // of kernels before 3.10
		l.Str("protocol", "protocol ", "802.1q", " ")
	}
	l.fields(vlanFields[:], data)
}

func showQoSMap(l *linkPrinter, f *field, v nl.Attr) {
	l.Arr(f.key, "")
	l.NL()
	l.T("      ", f.text, " { ")
	for a := range v.Attrs().All() {
		if m := a.Bytes(); len(m) >= 8 {
			l.Obj("")
			l.Uint("from", "", uint64(binary.NativeEndian.Uint32(m)), ":")
			l.Uint("to", "", uint64(binary.NativeEndian.Uint32(m[4:])), " ")
			l.EndObj()
		}
	}
	l.EndArr("} ")
}
