package main

import (
	"net"
	_ "unsafe" // for go:linkname

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"
)

// The functions of RouteAdd and RouteList that do not use the socket. They are not
// exported; the codec of no other function can be had without one.
//
//go:linkname vishvanandaRoute github.com/vishvananda/netlink.deserializeRoute
func vishvanandaRoute(m []byte) (netlink.Route, error)

//go:linkname vishvanandaRouteRequest github.com/vishvananda/netlink.(*Handle).prepareRouteReq
func vishvanandaRouteRequest(h *netlink.Handle, route *netlink.Route, req *nl.NetlinkRequest, msg *nl.RtMsg) error

const vishvanandaCreate = unix.NLM_F_CREATE | unix.NLM_F_EXCL | unix.NLM_F_ACK

// vishvanandaLink does what the package's linkModify does with a link's name, flags,
// MTU and kind, up to Execute; veth adds what it does for the peer.
func vishvanandaLink(base *netlink.LinkAttrs, kind string, veth *netlink.Veth) []byte {
	req := nl.NewNetlinkRequest(unix.RTM_NEWLINK, vishvanandaCreate)
	msg := nl.NewIfInfomsg(unix.AF_UNSPEC)
	if base.Flags&net.FlagUp != 0 {
		msg.Change = unix.IFF_UP
		msg.Flags = unix.IFF_UP
	}
	req.AddData(msg)
	req.AddData(nl.NewRtAttr(unix.IFLA_IFNAME, nl.ZeroTerminated(base.Name)))
	if base.MTU > 0 {
		req.AddData(nl.NewRtAttr(unix.IFLA_MTU, nl.Uint32Attr(uint32(base.MTU))))
	}
	info := nl.NewRtAttr(unix.IFLA_LINKINFO, nil)
	info.AddRtAttr(nl.IFLA_INFO_KIND, nl.NonZeroTerminated(kind))
	if veth != nil {
		data := info.AddRtAttr(nl.IFLA_INFO_DATA, nil)
		peer := data.AddRtAttr(nl.VETH_INFO_PEER, nil)
		nl.NewIfInfomsgChild(peer, unix.AF_UNSPEC)
		peer.AddRtAttr(unix.IFLA_IFNAME, nl.ZeroTerminated(veth.PeerName))
		if base.MTU > 0 {
			peer.AddRtAttr(unix.IFLA_MTU, nl.Uint32Attr(uint32(base.MTU)))
		}
	}
	req.AddData(info)
	return req.Serialize()
}

var vishvananda = peer{
	name: "vishvananda/netlink",
	encode: map[string]func() []byte{
		"a veth with its peer": func() []byte {
			v := &netlink.Veth{LinkAttrs: netlink.LinkAttrs{Name: "v0", MTU: 1400, TxQLen: -1}, PeerName: "p0", PeerTxQLen: -1}
			return vishvanandaLink(v.Attrs(), v.Type(), v)
		},
		"a bridge": func() []byte {
			b := &netlink.Bridge{LinkAttrs: netlink.LinkAttrs{Name: "br0", Flags: net.FlagUp, TxQLen: -1}}
			return vishvanandaLink(b.Attrs(), b.Type(), nil)
		},
		"an address": func() []byte { // as its addrHandle
			addr := &netlink.Addr{IPNet: &net.IPNet{IP: local, Mask: net.CIDRMask(16, 32)}, LinkIndex: dev}
			req := nl.NewNetlinkRequest(unix.RTM_NEWADDR, vishvanandaCreate)
			family := nl.GetIPFamily(addr.IP)
			msg := nl.NewIfAddrmsg(family)
			msg.Scope, msg.Index = uint8(addr.Scope), uint32(addr.LinkIndex)
			prefixlen, masklen := addr.Mask.Size()
			msg.Prefixlen = uint8(prefixlen)
			req.AddData(msg)
			data := addr.IP.To4()
			req.AddData(nl.NewRtAttr(unix.IFA_LOCAL, data))
			req.AddData(nl.NewRtAttr(unix.IFA_ADDRESS, data))
			broadcast := make(net.IP, masklen/8)
			for i := range data {
				broadcast[i] = data[i] | ^addr.Mask[i]
			}
			req.AddData(nl.NewRtAttr(unix.IFA_BROADCAST, broadcast))
			return req.Serialize()
		},
		"a route": func() []byte {
			r := &netlink.Route{Dst: &net.IPNet{IP: dst, Mask: net.CIDRMask(16, 32)}, Gw: gateway, LinkIndex: dev, Priority: 100}
			req := nl.NewNetlinkRequest(unix.RTM_NEWROUTE, vishvanandaCreate)
			if err := vishvanandaRouteRequest(&netlink.Handle{}, r, req, nl.NewRtMsg()); err != nil {
				panic(err)
			}
			return req.Serialize()
		},
	},
	link: func(m []byte) (out link, err error) {
		l, err := netlink.LinkDeserialize(nil, m[unix.SizeofNlMsghdr:])
		if err != nil {
			return out, err
		}
		a := l.Attrs()
		out.index, out.master, out.flags = a.Index, a.MasterIndex, a.RawFlags
		out.name, out.alias, out.kind = textOf(a.Name), textOf(a.Alias), textOf(l.Type())
		out.mtu, out.txqlen, out.group, out.operstate = a.MTU, a.TxQLen, a.Group, uint8(a.OperState)
		copy(out.addr[:], a.HardwareAddr)
		out.altnames = len(a.AltNames)
		if s := a.Statistics; s != nil {
			out.rxPackets, out.txPackets, out.rxBts, out.txBts, out.multicast = s.RxPackets, s.TxPackets, s.RxBytes, s.TxBytes, s.Multicast
		}
		return out, nil
	},
	route: func(m []byte) (out route, err error) {
		r, err := vishvanandaRoute(m[unix.SizeofNlMsghdr:])
		if err != nil {
			return out, err
		}
		out.family, out.protocol, out.scope = r.Family, int(r.Protocol), int(r.Scope)
		out.dstLen, _ = r.Dst.Mask.Size()
		copy(out.dst[:], r.Dst.IP.To4())
		copy(out.gateway[:], r.Gw.To4())
		copy(out.source[:], r.Src.To4())
		out.oif, out.table, out.priority, out.mtu, out.advmss = r.LinkIndex, r.Table, r.Priority, r.MTU, r.AdvMSS
		return out, nil
	},
}
