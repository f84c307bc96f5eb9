package main

import (
	"encoding"

	"github.com/jsimonetti/rtnetlink/v2"
	"github.com/jsimonetti/rtnetlink/v2/driver"
	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// jsimonettiBytes does what the package's Conn.Execute does before it sends.
func jsimonettiBytes(typ uint16, m encoding.BinaryMarshaler) []byte {
	data, err := m.MarshalBinary()
	if err != nil {
		panic(err)
	}
	return mdlayherBytes(typ, data)
}

// mdlayherBytes does what mdlayher/netlink's Conn.Send does before it sends.
func mdlayherBytes(typ uint16, data []byte) []byte {
	nm := netlink.Message{Header: netlink.Header{Length: uint32(unix.SizeofNlMsghdr + len(data)), Type: netlink.HeaderType(typ), Sequence: 1,
		Flags: netlink.Request | netlink.Acknowledge | netlink.Create | netlink.Excl}, Data: data}
	b, err := nm.MarshalBinary()
	if err != nil {
		panic(err)
	}
	return b
}

var jsimonetti = peer{
	name: "jsimonetti/rtnetlink",
	encode: map[string]func() []byte{
		"a veth with its peer": func() []byte {
			return jsimonettiBytes(unix.RTM_NEWLINK, &rtnetlink.LinkMessage{Attributes: &rtnetlink.LinkAttributes{Name: "v0", MTU: 1400,
				Info: &rtnetlink.LinkInfo{Kind: "veth", Data: &driver.Veth{PeerInfo: &rtnetlink.LinkMessage{Attributes: &rtnetlink.LinkAttributes{Name: "p0", MTU: 1400}}}}}})
		},
		"a bridge": func() []byte {
			return jsimonettiBytes(unix.RTM_NEWLINK, &rtnetlink.LinkMessage{Flags: unix.IFF_UP, Change: unix.IFF_UP,
				Attributes: &rtnetlink.LinkAttributes{Name: "br0", Info: &rtnetlink.LinkInfo{Kind: "bridge"}}})
		},
		"an address": func() []byte {
			return jsimonettiBytes(unix.RTM_NEWADDR, &rtnetlink.AddressMessage{Family: unix.AF_INET, PrefixLength: 16, Index: dev,
				Attributes: &rtnetlink.AddressAttributes{Address: local, Local: local, Broadcast: brd}})
		},
		"a route": func() []byte {
			return jsimonettiBytes(unix.RTM_NEWROUTE, &rtnetlink.RouteMessage{Family: unix.AF_INET, DstLength: 16, Table: unix.RT_TABLE_MAIN, Protocol: unix.RTPROT_BOOT, Type: unix.RTN_UNICAST,
				Attributes: rtnetlink.RouteAttributes{Dst: dst, Gateway: gateway, OutIface: dev, Priority: 100}})
		},
	},
	link: func(m []byte) (out link, err error) {
		var nm netlink.Message
		if err := nm.UnmarshalBinary(m); err != nil {
			return out, err
		}
		var l rtnetlink.LinkMessage
		if err := l.UnmarshalBinary(nm.Data); err != nil {
			return out, err
		}
		a := l.Attributes
		out.index, out.flags, out.name, out.mtu, out.operstate = int(l.Index), l.Flags, textOf(a.Name), int(a.MTU), uint8(a.OperationalState)
		out.altnames = len(a.AltNames)
		copy(out.addr[:], a.Address)
		if a.Master != nil {
			out.master = int(*a.Master)
		}
		if a.Alias != nil {
			out.alias = textOf(*a.Alias)
		}
		if a.Info != nil {
			out.kind = textOf(a.Info.Kind)
		}
		if a.TxQueueLen != nil {
			out.txqlen = int(*a.TxQueueLen)
		}
		if a.NetDevGroup != nil {
			out.group = *a.NetDevGroup
		}
		if s := a.Stats64; s != nil {
			out.rxPackets, out.txPackets, out.rxBts, out.txBts, out.multicast = s.RXPackets, s.TXPackets, s.RXBytes, s.TXBytes, s.Multicast
		}
		return out, nil
	},
	route: func(m []byte) (out route, err error) {
		var nm netlink.Message
		if err := nm.UnmarshalBinary(m); err != nil {
			return out, err
		}
		var r rtnetlink.RouteMessage
		if err := r.UnmarshalBinary(nm.Data); err != nil {
			return out, err
		}
		a := &r.Attributes
		out.family, out.dstLen, out.protocol, out.scope = int(r.Family), int(r.DstLength), int(r.Protocol), int(r.Scope)
		copy(out.dst[:], a.Dst.To4())
		copy(out.gateway[:], a.Gateway.To4())
		copy(out.source[:], a.Src.To4())
		out.oif, out.table, out.priority = int(a.OutIface), int(a.Table), int(a.Priority)
		if a.Metrics != nil {
			out.mtu, out.advmss = int(a.Metrics.MTU), int(a.Metrics.AdvMSS)
		}
		return out, nil
	},
}
