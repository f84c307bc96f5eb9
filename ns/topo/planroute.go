package topo

import (
	"bytes"
	"encoding/binary"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
)

// putRoute appends the message that makes a route, or the one that deletes it.
// dev is the index of its link, 0 for none.
func putRoute(b *nl.Builder, r *Route, dev int32, del bool) {
	typ, _ := routeTypes.Value(r.Type)
	h := rtnl.RtMsg{Family: family(r.Dst.IP), DstLen: r.Dst.Bits, Protocol: unix.RTPROT_BOOT, Type: uint8(typ)}
	if typ == unix.RTN_UNICAST && r.Via == nil {
		h.Scope = unix.RT_SCOPE_LINK // as iproute2 has it, for IPv6 too
	}
	table := r.table()
	if table < 256 {
		h.Table = uint8(table)
	}
	if r.OnLink {
		h.Flags = unix.RTNH_F_ONLINK
	}
	if del {
		rtnl.DelRoute(b, h)
	} else {
		rtnl.NewRoute(b, unix.NLM_F_CREATE|unix.NLM_F_EXCL, h)
	}
	if r.Dst.Bits > 0 {
		b.IP(rtnl.RTA_DST, r.Dst.IP)
	}
	switch {
	case len(r.Via) == 0:
	case len(r.Via) == len(r.Dst.IP):
		b.IP(rtnl.RTA_GATEWAY, r.Via)
	default: // struct rtvia: the family in host order, the address
		v := binary.NativeEndian.AppendUint16(nil, uint16(family(r.Via)))
		b.Blob(rtnl.RTA_VIA, append(v, r.Via...))
	}
	if dev != 0 {
		b.U32(rtnl.RTA_OIF, uint32(dev))
	}
	if r.Src != nil {
		b.IP(rtnl.RTA_PREFSRC, r.Src)
	}
	if r.Metric != 0 {
		b.U32(rtnl.RTA_PRIORITY, r.Metric)
	}
	if table > 255 {
		b.U32(rtnl.RTA_TABLE, table)
	}
	if r.MTU != 0 && !del {
		m := b.Nest(rtnl.RTA_METRICS)
		b.U32(rtnl.RTAX_MTU, r.MTU)
		b.End(m)
	}
}

func (r *Route) table() uint32 {
	if r.Table == 0 {
		return unix.RT_TABLE_MAIN
	}
	return r.Table
}

// metric6 is IP6_RT_PRIO_USER: what the kernel gives an IPv6 route that asks
// for none.
const metric6 = 1024

// Is tells whether a route of the kernel is the one described. What is not
// described (the link, a source, a metric) may be anything.
func (r *Route) Is(have *RouteState) bool {
	typ, _ := routeTypes.Value(r.Type)
	switch {
	case have.Family != family(r.Dst.IP), uint64(have.Type) != uint64(typ), have.Table != r.table(),
		have.Dst.Bits != r.Dst.Bits, r.Dst.Bits > 0 && !bytes.Equal(have.Dst.IP, r.Dst.IP),
		!bytes.Equal(have.Via, r.Via), // nil and empty are alike
		r.Dev != "" && (have.Dev == nil || have.Dev.Name != r.Dev),
		r.Src != nil && !bytes.Equal(have.Src, r.Src):
		return false
	}
	metric := r.Metric
	if metric == 0 && len(r.Dst.IP) == 16 {
		metric = metric6
	}
	mtu, _ := have.Attrs.Nest(rtnl.RTA_METRICS).U32(rtnl.RTAX_MTU)
	return have.Metric == metric && (r.MTU == 0 || mtu == r.MTU)
}

// routeThere tells whether a route is there, and stays: it goes with a link
// that is made anew.
func (p *planner) routeThere(r *Route) bool {
	sp := p.have[r.NS]
	if sp == nil {
		return false
	}
	for _, have := range sp.Routes {
		if r.Is(have) && (have.Dev == nil || p.links[End{r.NS, have.Dev.Name}] == nil || p.index[End{r.NS, have.Dev.Name}] == have.Dev.Index) {
			return true
		}
	}
	return false
}
