package main

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
)

var builder nl.Builder

// What links and routes are sorted into; like the Builder, it is used again.
var (
	linkAttrs  [64]nl.Attr
	routeAttrs [32]nl.Attr
)

// encoded completes what is in the builder.
func encoded() []byte {
	p, err := builder.Bytes()
	if err != nil {
		panic(err)
	}
	return p
}

const create = unix.NLM_F_CREATE | unix.NLM_F_EXCL

var rawns = peer{
	name: "rawns",
	encode: map[string]func() []byte{
		"a veth with its peer": func() []byte {
			b := &builder
			b.Reset()
			rtnl.NewLink(b, create, rtnl.IfInfomsg{})
			b.Str(rtnl.IFLA_IFNAME, "v0")
			b.U32(rtnl.IFLA_MTU, 1400)
			info := b.Nest(rtnl.IFLA_LINKINFO)
			b.StrN(rtnl.IFLA_INFO_KIND, "veth")
			data := b.Nest(rtnl.IFLA_INFO_DATA)
			peer := rtnl.VethPeer(b, rtnl.IfInfomsg{})
			b.Str(rtnl.IFLA_IFNAME, "p0")
			b.U32(rtnl.IFLA_MTU, 1400)
			b.End(peer)
			b.End(data)
			b.End(info)
			return encoded()
		},
		"a bridge": func() []byte {
			b := &builder
			b.Reset()
			rtnl.NewLink(b, create, rtnl.IfInfomsg{Flags: unix.IFF_UP, Change: unix.IFF_UP})
			b.Str(rtnl.IFLA_IFNAME, "br0")
			info := b.Nest(rtnl.IFLA_LINKINFO)
			b.StrN(rtnl.IFLA_INFO_KIND, "bridge")
			b.End(info)
			return encoded()
		},
		"an address": func() []byte {
			b := &builder
			b.Reset()
			rtnl.NewAddr(b, create, rtnl.IfAddrmsg{Family: unix.AF_INET, PrefixLen: 16, Index: dev})
			b.IP(rtnl.IFA_LOCAL, local)
			b.IP(rtnl.IFA_ADDRESS, local)
			b.IP(rtnl.IFA_BROADCAST, brd)
			return encoded()
		},
		"a route": func() []byte {
			b := &builder
			b.Reset()
			rtnl.NewRoute(b, create, rtnl.RtMsg{Family: unix.AF_INET, DstLen: 16, Table: unix.RT_TABLE_MAIN, Protocol: unix.RTPROT_BOOT, Type: unix.RTN_UNICAST})
			b.IP(rtnl.RTA_DST, dst)
			b.IP(rtnl.RTA_GATEWAY, gateway)
			b.U32(rtnl.RTA_OIF, dev)
			b.U32(rtnl.RTA_PRIORITY, 100)
			return encoded()
		},
	},
	link: func(m []byte) (out link, err error) {
		at := &linkAttrs
		l, err := rtnl.ParseLinkIndex(m, at[:])
		if err != nil {
			return out, err
		}
		out.index, out.flags = int(l.Index), l.Flags
		out.name = textOf(at[rtnl.IFLA_IFNAME].Str())
		out.alias = textOf(at[rtnl.IFLA_IFALIAS].Str())
		info := at[rtnl.IFLA_LINKINFO].Attrs()
		if kind, ok := info.StrN(rtnl.IFLA_INFO_KIND); ok {
			out.kind = textOf(kind)
		}
		u32 := func(a nl.AttrU32) int { v, _ := at[a].U32(); return int(v) }
		out.mtu, out.txqlen, out.group, out.master = u32(rtnl.IFLA_MTU), u32(rtnl.IFLA_TXQLEN), uint32(u32(rtnl.IFLA_GROUP)), u32(rtnl.IFLA_MASTER)
		out.operstate, _ = at[rtnl.IFLA_OPERSTATE].U8()
		copy(out.addr[:], at[rtnl.IFLA_ADDRESS].Bytes())
		for range at[rtnl.IFLA_PROP_LIST].Attrs().All() {
			out.altnames++
		}
		if s := at[rtnl.IFLA_STATS64].Bytes(); len(s) >= 72 { // struct rtnl_link_stats64
			u64 := binary.NativeEndian.Uint64
			out.rxPackets, out.txPackets, out.rxBts, out.txBts, out.multicast = u64(s), u64(s[8:]), u64(s[16:]), u64(s[24:]), u64(s[64:])
		}
		return out, nil
	},
	route: func(m []byte) (out route, err error) {
		at := &routeAttrs
		r, err := rtnl.ParseRouteIndex(m, at[:])
		if err != nil {
			return out, err
		}
		out.family, out.dstLen, out.protocol, out.scope = int(r.Family), int(r.DstLen), int(r.Protocol), int(r.Scope)
		copy(out.dst[:], at[rtnl.RTA_DST].Bytes())
		copy(out.gateway[:], at[rtnl.RTA_GATEWAY].Bytes())
		copy(out.source[:], at[rtnl.RTA_PREFSRC].Bytes())
		u32 := func(a nl.AttrU32) int { v, _ := at[a].U32(); return int(v) }
		out.oif, out.table, out.priority = u32(rtnl.RTA_OIF), u32(rtnl.RTA_TABLE), u32(rtnl.RTA_PRIORITY)
		for a := range at[rtnl.RTA_METRICS].Attrs().All() {
			switch v, _ := a.U32(); a.Type() {
			case unix.RTAX_MTU:
				out.mtu = int(v)
			case unix.RTAX_ADVMSS:
				out.advmss = int(v)
			}
		}
		return out, nil
	},
}
