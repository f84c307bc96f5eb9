package doctor

import (
	"encoding/binary"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
	"rawns/ns"
	"rawns/ns/file"
	"rawns/ns/topo"
)

// Live is the Probe that asks the running kernel. It serves one goroutine, and
// owns handles of the namespaces that it was asked about until Close.
type Live struct {
	// Wait is how long Echo and Trace wait for each of their few requests; 0
	// stands for a third of a second.
	Wait time.Duration

	spaces map[*topo.SpaceState]*inside
}

// inside is what Live has open of a namespace.
type inside struct {
	n      *ns.NS
	c      *nl.Conn
	err    error
	vlans  map[int32][]VLAN
	tables []*Table
	read   bool // tables is filled
}

// Close closes the handles.
func (p *Live) Close() {
	for _, i := range p.spaces {
		if i.c != nil {
			i.c.Close()
		}
		if i.n != nil {
			i.n.Close()
		}
	}
	p.spaces = nil
}

var errNoPath error = nl.Const("nothing leads into this namespace")

// Handle opens a namespace; the handle stays p's.
func (p *Live) Handle(sp *topo.SpaceState) (*ns.NS, error) {
	i := p.inside(sp)
	return i.n, i.err
}

func (p *Live) inside(sp *topo.SpaceState) *inside {
	if i := p.spaces[sp]; i != nil {
		return i
	}
	if p.spaces == nil {
		p.spaces = map[*topo.SpaceState]*inside{}
	}
	i := &inside{}
	p.spaces[sp] = i
	if sp.Path == "" {
		i.err = errNoPath
		return i
	}
	if i.n, i.err = ns.OpenPath(sp.Path); i.err == nil {
		i.c, i.err = i.n.Dial()
	}
	return i
}

// Route implements Probe.
func (p *Live) Route(sp *topo.SpaceState, q Query) (a Answer, err error) {
	i := p.inside(sp)
	if i.err != nil {
		return a, i.err
	}
	h := rtnl.RtMsg{Family: q.Family, DstLen: uint8(8 * len(q.Dst))}
	if q.Family == unix.AF_INET { // IPv6 tells the table always, and refuses the flag
		h.Flags = unix.RTM_F_LOOKUP_TABLE
	}
	if q.Match {
		h.Flags |= unix.RTM_F_FIB_MATCH
	}
	if q.Src != nil {
		h.SrcLen = uint8(8 * len(q.Src))
	}
	var b nl.Builder
	rtnl.GetRoute(&b, h)
	b.IP(rtnl.RTA_DST, q.Dst)
	if q.Src != nil {
		b.IP(rtnl.RTA_SRC, q.Src)
	}
	if q.In != nil {
		b.U32(rtnl.RTA_IIF, uint32(q.In.Index))
	}
	if q.Out != nil {
		b.U32(rtnl.RTA_OIF, uint32(q.Out.Index))
	}
	if q.Proto == unix.IPPROTO_ICMP || q.Proto == unix.IPPROTO_ICMPV6 || q.Proto == unix.IPPROTO_UDP {
		b.U8(rtnl.RTA_IP_PROTO, q.Proto)
	}
	err = i.c.Do(&b, func(m nl.Message) {
		r, err := rtnl.ParseRoute(m)
		if err != nil {
			return
		}
		a = Answer{Type: r.Type, Table: r.Table(), Flags: r.Flags}
		if q.Match {
			ip, _ := r.Attrs.IP(rtnl.RTA_DST)
			a.Net = topo.Prefix{IP: clone(ip), Bits: r.DstLen}
		}
		dev, _ := r.Attrs.U32(rtnl.RTA_OIF)
		a.Dev = int32(dev)
		if g, ok := r.Attrs.IP(rtnl.RTA_GATEWAY); ok {
			a.Via = clone(g)
		}
		if v, ok := r.Attrs.Blob(rtnl.RTA_VIA); ok && len(v) > 2 { // struct rtvia: the family, then the address
			a.Via = clone(v[2:])
		}
		if s, ok := r.Attrs.IP(rtnl.RTA_PREFSRC); ok {
			a.Src = clone(s)
		}
		metrics := r.Attrs.Nest(rtnl.RTA_METRICS)
		a.MTU, _ = metrics.U32(rtnl.RTAX_MTU)
		a.Hops, _ = metrics.U32(rtnl.RTAX_HOPLIMIT)
	})
	return a, err
}

// Rules implements Probe.
func (p *Live) Rules(sp *topo.SpaceState, family uint8) (out []Rule) {
	i := p.inside(sp)
	if i.err != nil {
		return nil
	}
	var b nl.Builder
	rtnl.GetRule(&b, family)
	list, _ := i.c.List(&b, nil)
	for m := range nl.Messages(list) {
		r, err := rtnl.ParseRule(m)
		if err != nil {
			continue
		}
		out = append(out, ruleOf(r))
	}
	return out
}

func ruleOf(r rtnl.Rule) Rule {
	o := Rule{Action: r.Action, Table: r.Table(), Suppress: -1, Invert: r.FibRuleHdr.Flags&unix.FIB_RULE_INVERT != 0}
	o.Pref, _ = r.Attrs.U32(rtnl.FRA_PRIORITY)
	if a, ok := r.Attrs.IP(rtnl.FRA_SRC); ok {
		o.Src = topo.Prefix{IP: clone(a), Bits: r.SrcLen}
	}
	if a, ok := r.Attrs.IP(rtnl.FRA_DST); ok {
		o.Dst = topo.Prefix{IP: clone(a), Bits: r.DstLen}
	}
	in, _ := r.Attrs.Str(rtnl.FRA_IIFNAME)
	out, _ := r.Attrs.Str(rtnl.FRA_OIFNAME)
	o.In, o.Out = string(in), string(out)
	o.Goto, _ = r.Attrs.U32(rtnl.FRA_GOTO)
	if v, ok := r.Attrs.U32(rtnl.FRA_SUPPRESS_PREFIXLEN); ok {
		o.Suppress = int32(v)
	}
	if v, _ := r.Attrs.U32(rtnl.FRA_FWMARK); v != 0 {
		o.Mark = true
	}
	if v, _ := r.Attrs.U8(rtnl.FRA_L3MDEV); v != 0 {
		o.Other = true
	}
	o.Proto, _ = r.Attrs.U8(rtnl.FRA_IP_PROTO)
	for a := range r.Attrs.All() {
		switch a.Type() {
		case uint16(rtnl.FRA_SPORT_RANGE), uint16(rtnl.FRA_DPORT_RANGE), uint16(rtnl.FRA_UID_RANGE):
			o.Other = true
		}
	}
	return o
}

// Sysctl implements Probe.
func (p *Live) Sysctl(sp *topo.SpaceState, path string) (value string, ok bool) {
	i := p.inside(sp)
	if i.err != nil || strings.Contains(path, "..") {
		return "", false
	}
	i.n.Do(func() error {
		v, err := file.Read("/proc/sys/" + path)
		value, ok = strings.TrimSpace(string(v)), err == nil
		return nil
	})
	return value, ok
}

// VLANs implements Probe.
func (p *Live) VLANs(l *topo.LinkState) []VLAN {
	i := p.inside(l.Space)
	if i.err != nil {
		return nil
	}
	if i.vlans == nil {
		i.vlans = map[int32][]VLAN{}
		var b nl.Builder
		rtnl.GetLink(&b, rtnl.IfInfomsg{Family: unix.AF_BRIDGE})
		b.U32(rtnl.IFLA_EXT_MASK, rtnl.ExtBridgeVLAN|rtnl.ExtSkipStats)
		list, _ := i.c.List(&b, nil)
		for m := range nl.Messages(list) {
			k, err := rtnl.ParseLink(m)
			if err != nil {
				continue
			}
			for a := range k.Attrs.Nest(rtnl.IFLA_AF_SPEC).All() {
				if v := a.Bytes(); a.Type() == bridgeVLANInfo && len(v) >= 4 {
					flags, id := native16(v), native16(v[2:])
					i.vlans[k.Index] = append(i.vlans[k.Index], VLAN{ID: id, PVID: flags&2 != 0, Untagged: flags&4 != 0})
				}
			}
		}
	}
	return i.vlans[l.Index]
}

// bridgeVLANInfo is IFLA_BRIDGE_VLAN_INFO, linux/if_bridge.h: flags, then the VLAN.
const bridgeVLANInfo = 2

// Qdiscs implements Probe.
func (p *Live) Qdiscs(l *topo.LinkState) (kinds []string) {
	i := p.inside(l.Space)
	if i.err != nil {
		return nil
	}
	var b nl.Builder
	b.Message(unix.RTM_GETQDISC, unix.NLM_F_REQUEST)
	b.Extend(tcmsgLen)
	list, _ := i.c.List(&b, nil)
	for m := range nl.Messages(list) {
		h := m.Payload()
		if len(h) < tcmsgLen || int32(binary.NativeEndian.Uint32(h[4:])) != l.Index {
			continue
		}
		kind, _ := nl.Attrs(h[tcmsgLen:]).Get(tcaKind)
		kinds = append(kinds, string(kind.Str()))
	}
	return kinds
}

// struct tcmsg and TCA_KIND, linux/rtnetlink.h: the family, three bytes of padding,
// the link's index, handle, parent, info.
const (
	tcmsgLen = 20
	tcaKind  = 1
)

// Tables implements Probe.
func (p *Live) Tables(sp *topo.SpaceState) []*Table {
	i := p.inside(sp)
	if i.err == nil && !i.read {
		i.read = true
		i.tables = readTables(i.n)
	}
	return i.tables
}
