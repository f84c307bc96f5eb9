package doctor

import (
	"golang.org/x/sys/unix"

	"rawns/ns/topo"
)

// explainNobody says why nobody on the network of dev answers for nh: s is the
// search that found that out.
func (w *walker) explainNobody(at *place, dev *topo.LinkState, nh []byte, p *packet, s *search) *Fault {
	sp := at.space
	gateway := !same(&nh, &p.dst)
	if t := w.target(nh); t != nil && len(w.holders(&nh)) == 0 {
		if f := w.movedAway(t, nh); f != nil && bare(t) {
			return f
		}
	}
	if d := w.deadLink(dev); d != nil {
		return d
	}
	// A router would know the way, and the network is believed to be larger
	// than it is, or another gateway is meant.
	g := w.gateway(sp, dev, p.dst)
	if g == nil && gateway {
		g = w.gateway(sp, nil, p.dst)
	}
	if g != nil && g.v.firstFault() == nil {
		if gateway {
			f := newFault(NoGateway, sp, dev,
				say(nil, "the gateway % is nobody's on this network", &nh),
				say(w.st, "who is asked for it does not answer; % knows a way, at %", g.x.Space, &g.ip))
			f.with(w.replaceRoute(sp, p.dst, nh, g))
			if rt := w.routeBy(sp, p.dst, dev); same(&g.ip, &p.dst) && rt != nil && same(&rt.Via, &nh) { // no gateway is needed
				f.with(w.delRoute(sp, rt))
			}
			return f
		}
		if len(w.holders(&nh)) > 0 && g.x.Space != w.r.To.Space {
			f := newFault(BadPrefix, sp, dev,
				say(w.st, "takes % for a neighbour, and it is behind %", &nh, g.x.Space),
				"who is asked for it on this network does not answer")
			if s.best != nil && s.best.cost < made+unlikely {
				f = nil // a port is missing, more likely
			}
			if rt := w.longest(sp, unix.RT_TABLE_MAIN, nh); f != nil && rt != nil && rt.Via == nil && rt.Protocol != unix.RTPROT_KERNEL {
				f.Kind = BadRoute
				f.sayWhat(w.st, "has a route to % without a gateway, and it is behind %", route{&rt.Dst}, g.x.Space)
				return f.with(command(sp, "ip % route replace % via % dev %", familyWord(nh), route{&rt.Dst}, &g.ip, g.dev).ofTable(rt))
			}
			if f != nil {
				return f.with(command(sp, "ip % route add % via % dev %", familyWord(nh), w.narrow(nh, dev), &g.ip, g.dev))
			}
		}
	}
	if best := w.behind(sp, nil, nh); !gateway && dev.Flags&unix.IFF_POINTOPOINT == 0 && best != nil && best.start != dev && best.best.cost < dear && w.neighbours(best.start, best.best.n.l, nh) {
		f := newFault(BadRoute, sp, dev, say(nil, "sends what is for % by %, and that is behind %", &nh, dev, best.start),
			"who is asked for it behind "+dev.Name+" does not answer")
		if rt := w.routeBy(sp, nh, dev); rt != nil && rt.Protocol != unix.RTPROT_KERNEL {
			f.with(w.delRoute(sp, rt))
		} else {
			f.with(command(sp, "ip % route add % dev %", familyWord(nh), hostText(&nh), best.start))
		}
		return f
	}
	if s.best != nil {
		// A port is missing. A fault in front of that comes first.
		f := s.best.firstFault()
		w.pathHops(s, f)
		return f
	}
	if gateway {
		return w.missingGateway(at, dev, nh, p)
	}
	return w.missingHolder(at, dev, nh, p)
}

// neighbours tells whether a link has an address in the network of nh, as that is
// seen behind it at x: it is no port of the wrong bridge, then.
func (w *walker) neighbours(l, x *topo.LinkState, nh []byte) bool {
	h := w.holder(x, nh)
	if h == nil || addrOf(h, &nh) == nil {
		return false
	}
	for i := range l.Addrs {
		if within(&addrOf(h, &nh).Prefix, &l.Addrs[i].IP) {
			return true
		}
	}
	return false
}

// narrow is the network in which nh is really, as its holder sees it, if that
// is smaller than what dev believes.
func (w *walker) narrow(nh []byte, dev *topo.LinkState) string {
	if holders := w.holders(&nh); len(holders) > 0 {
		e := addrOf(holders[0], &nh)
		for i := range dev.Addrs {
			if within(&dev.Addrs[i].Prefix, &nh) && dev.Addrs[i].Bits >= e.Bits {
				return hostText(&nh)
			}
		}
		return e.Network().String()
	}
	return hostText(&nh)
}

// replaceRoute is the command that gives the route to dst another gateway.
func (w *walker) replaceRoute(sp *topo.SpaceState, dst, nh []byte, g *router) *Command {
	var rt *topo.RouteState
	for _, r := range sp.Routes {
		if r.Family == familyOf(&dst) && within(&r.Dst, &dst) && same(&r.Via, &nh) && (rt == nil || r.Dst.Bits > rt.Dst.Bits) {
			rt = r
		}
	}
	to := hostText(&dst)
	if rt != nil {
		to = prefixText(rt.Dst)
	}
	c := routeCommand(sp, &dst, "replace")
	c.add("% via % dev %", to, &g.ip, g.dev)
	if rt != nil {
		c.ofTable(rt)
	}
	return c
}

// missingGateway: nobody has a gateway's address, and nobody else knows a way.
func (w *walker) missingGateway(at *place, dev *topo.LinkState, nh []byte, p *packet) *Fault {
	f := newFault(NoGateway, at.space, dev,
		say(nil, "the gateway % is nobody's on this network", &nh),
		"who is asked for it does not answer")
	var bits uint8
	for i := range dev.Addrs {
		if within(&dev.Addrs[i].Prefix, &nh) {
			bits = dev.Addrs[i].Bits
		}
	}
	// A namespace on this network that has other links, or knows the way, and
	// has no address here, has lost it.
	s := w.flood(dev, len(nh), func(x *topo.LinkState) int {
		if x.Space == at.space || w.shared(dev, x, len(nh)) != nil {
			return -1
		}
		if r, err := w.routeTo(x.Space, &p.dst); err == nil &&
			(r.Type == unix.RTN_LOCAL || r.Type == unix.RTN_UNICAST && r.Dev != x.Index) {
			return 0
		}
		return -1
	})
	if s.best == nil || s.best.cost >= made || bits == 0 {
		if h := w.holders(&nh); len(h) > 0 {
			f.Why += say(w.st, "; % has it on %, where % does not lead", h[0].Space, h[0], dev)
		}
		return f
	}
	if d := s.best.firstFault(); d != nil {
		return d
	}
	x := s.best.n.l
	if len(nh) == 16 {
		if d := w.noIPv6(x); d != nil {
			return d
		}
	}
	f.Kind, f.Space, f.Link = NoAddress, x.Space, x
	f.sayWhat(nil, "has no address %", &nh)
	f.sayWhy(w.st, "% takes it for its gateway; nobody answers for that address", at.space)
	return f.with(addAddr(x, topo.Prefix{IP: nh, Bits: bits}))
}

// missingHolder: nobody on dev's network has the destination.
func (w *walker) missingHolder(at *place, dev *topo.LinkState, nh []byte, p *packet) *Fault {
	f := newFault(NoAddress, at.space, dev,
		say(nil, "% is nobody's on this network", &nh),
		"who is asked for it does not answer")
	if h := w.holders(&nh); len(h) > 0 && len(nh) == 16 {
		// IPv6 answers for the addresses of the link that is asked, not for others.
		o := w.flood(dev, 16, func(x *topo.LinkState) int {
			if x.Space == h[0].Space {
				return 0
			}
			return -1
		})
		if o.best != nil && o.best.cost < made {
			if d := o.best.firstFault(); d != nil {
				return d
			}
			f := w.onLoopback(h[0], o.best.n.l, addrOf(h[0], &nh))
			f.sayWhat(nil, "does not have %: it is on %", &nh, h[0])
			f.setWhy("IPv6 answers only for addresses of the link that is asked")
			return f
		}
	}
	if h := w.holders(&nh); len(h) > 0 {
		if d := w.deadLink(h[0]); d != nil {
			return d
		}
		f.Kind, f.Link, f.Space = NoLink, h[0], h[0].Space
		f.sayWhat(w.st, "% is on a link where % in % does not lead", &nh, dev, at.space)
		f.setWhy("no link, bridge or tunnel joins the two")
		if a, b := dev.Peer, h[0].Peer; a != nil && b != nil && a != b && a.Space == b.Space && a.Master == nil && b.Master == nil {
			f.Kind, f.Space, f.Link = NotAPort, a.Space, a
			f.setWhat(a.Name + " and " + b.Name + " are ports of no bridge")
			f.sayWhy(nil, "they are the other ends of % and %, and what comes in by one does not go out by the other", dev, h[0])
			name := freeName(a.Space, "br")
			f.with(command(a.Space, "ip link add name % up type bridge", name),
				setLink(a, "master % up", name), setLink(b, "master % up", name))
			return f
		}
		f.Mend = w.connect(h[0].Space, nh)
		return f
	}
	target := w.target(nh)
	if target == nil {
		return f
	}
	// Which of its links hears dev?
	s := w.flood(dev, len(nh), func(x *topo.LinkState) int {
		if x.Space != target {
			return -1
		}
		if p := w.r.To; p.Space == target && p.Link != nil && p.Link != x {
			return step
		}
		return 0
	})
	f.Space, f.Link = target, nil
	f.sayWhat(nil, "has no address %", &nh)
	f.setWhy("nobody answers for it")
	moved := w.movedAway(target, nh)
	if s.best == nil || s.best.cost >= made && moved != nil {
		if moved != nil {
			return moved
		}
		f.Kind = NoLink
		f.setWhat("has no link but lo")
		if !bare(target) {
			f.setWhat("has no link that leads to " + dev.Name)
		}
		f.setWhy("nothing can reach it")
		if f.Mend = w.connectTo(target, s.nearBridge()); f.Mend == nil {
			f.Mend = w.connect(target, nh)
		}
		return f
	}
	if d := s.best.firstFault(); d != nil {
		w.pathHops(s, d)
		return d
	}
	x := s.best.n.l
	if len(nh) == 16 {
		if d := w.noIPv6(x); d != nil {
			return d
		}
	}
	var bits uint8
	for i := range dev.Addrs {
		if within(&dev.Addrs[i].Prefix, &nh) {
			bits = dev.Addrs[i].Bits
		}
	}
	f.Link = x
	if bits != 0 {
		f.with(addAddr(x, topo.Prefix{IP: nh, Bits: bits}))
	}
	return f
}

// target is the namespace for which an address was asked for.
func (w *walker) target(a []byte) *topo.SpaceState {
	for _, p := range []*Point{&w.r.To, &w.r.From} {
		if p.Space != nil && same(&p.IP, &a) {
			return p.Space
		}
	}
	return nil
}

// movedAway finds a veth end that looks as if it had been taken out of a
// namespace: it is somewhere else, down and without an address, as a link is
// after it was moved, and its other end leads to where a's network is.
func (w *walker) movedAway(sp *topo.SpaceState, a []byte) *Fault {
	var best, other *topo.LinkState
	others := 0
	for _, o := range w.spaces {
		if o == sp {
			continue
		}
		for _, l := range o.Links {
			if l.Kind != "veth" || l.Flags&unix.IFF_UP != 0 || len(l.Addrs) > 0 || l.Peer == nil || l.Master != nil || l.Peer.Space == o {
				continue
			}
			m := l.Peer
			if m.Master != nil {
				m = m.Master
			}
			here := w.covers(m, a)
			if m != l.Peer {
				for _, p := range w.ports[m] {
					here = here || p.Peer != nil && w.covers(p.Peer, a)
				}
			}
			if here && best == nil {
				best = l
			}
			other = l
			others++
		}
	}
	if best == nil && others == 1 && bare(sp) {
		best = other // the only one that is astray
	}
	if best == nil {
		return nil
	}
	f := faultAt(NoPeer, best,
		say(w.st, "is in %, down and without an address, and not in %", best.Space, sp),
		say(nil, "nothing else leads to where % should be: it was moved", &a))
	return f.with(w.moveTo(best, sp))
}

// moveTo is the command that moves a link to another namespace.
func (w *walker) moveTo(l *topo.LinkState, to *topo.SpaceState) *Command {
	name := to.Name
	switch {
	case to == w.st.Spaces[0]:
		name = Here
	case name == "":
		name = to.Path
	}
	return setLink(l, "netns %", name)
}

// astray makes of a link that is down one that is in the wrong namespace, if it
// is all that is in there, and a bridge elsewhere has the network of its other
// end.
func (w *walker) astray(f *Fault) {
	l := f.Link
	if f.Kind != LinkDown || l.Kind != "veth" || len(l.Addrs) > 0 || l.Master != nil || l.Peer == nil || l.Peer.Space == l.Space {
		return
	}
	for _, o := range l.Space.Links {
		if o != l && o.Flags&unix.IFF_LOOPBACK == 0 {
			return
		}
	}
	for _, sp := range w.spaces {
		for _, br := range sp.Links {
			if br.Kind != "bridge" || sp == l.Space || sp == l.Peer.Space {
				continue
			}
			for i := range l.Peer.Addrs {
				a := l.Peer.Addrs[i].IP
				here := w.covers(br, a)
				for _, p := range w.ports[br] {
					here = here || p.Peer != nil && w.covers(p.Peer, a)
				}
				if !here {
					continue
				}
				*f = Fault{Kind: NoPeer, Space: l.Space, Link: l, What: say(w.st, "is in %, down and without an address or a master", l.Space),
					Why:  say(w.st, "its other end is % in %, in the network of the bridge %: it was moved, as it seems", l.Peer, l.Peer.Space, br),
					Mend: []*Command{w.moveTo(l, sp)}}
				if n := len(w.r.Hops); n > 0 && w.r.Hops[n-1].Fault == f {
					w.r.Hops[n-1].What = f.What
				}
				return
			}
		}
	}
}

// connect are the commands that join a namespace to the network of an address,
// of which its own holder may be the other end.
func (w *walker) connect(sp *topo.SpaceState, a []byte) []*Command {
	for _, o := range w.spaces {
		for _, l := range o.Links {
			if o == sp || l.Kind != "bridge" {
				continue
			}
			here := w.covers(l, a)
			for _, p := range w.ports[l] {
				here = here || p.Peer != nil && w.covers(p.Peer, a)
			}
			if here {
				return w.connectTo(sp, l)
			}
		}
	}
	return nil
}

// covers tells whether a link has an address whose network holds a.
func (w *walker) covers(l *topo.LinkState, a []byte) bool {
	for i := range l.Addrs {
		if within(&l.Addrs[i].Prefix, &a) && !linkLocal(&a) {
			return true
		}
	}
	return false
}

// nearBridge is the nearest bridge that a search came through without a fault;
// nil for none.
func (s *search) nearBridge() *topo.LinkState {
	var best *visit
	for _, v := range s.all {
		if v.n.stage == bridged && v.cost < dear && (best == nil || v.cost < best.cost) {
			best = v
		}
	}
	if best == nil {
		return nil
	}
	return best.n.br
}

// connectTo are the commands that make a veth between a namespace and a bridge.
func (w *walker) connectTo(sp *topo.SpaceState, dev *topo.LinkState) []*Command {
	if dev == nil {
		return nil
	}
	target := sp.Name
	if target == "" {
		return nil
	}
	host, eth := freeName(dev.Space, "veth"), freeName(sp, "eth")
	return []*Command{
		command(dev.Space, "ip link add % up master % type veth peer name % netns %", host, dev, eth, target),
		linkSet(sp, eth, "up"),
	}
}

// freeName is a link's name that a namespace does not have: the stem and a
// number.
func freeName(sp *topo.SpaceState, stem string) string {
	for i := 0; ; i++ {
		if n := say(nil, "%%", stem, &i); sp.Link(n) == nil {
			return n
		}
	}
}

// noTarget: the namespace, or link, that is to be asked has no address. It gets one
// of the network that one of its links leads to, rather that of the asker's.
func (w *walker) noTarget() *Fault {
	to, from := &w.r.To, &w.r.From
	sp := to.Space
	if sp == from.Space {
		return newFault(NoAddress, sp, to.Link, "has no address", "there is nothing to be asked")
	}
	n := 4
	if len(from.IP) == 16 {
		n = 16
	}
	var best *search
	cost := 0
	for _, l := range sp.Links {
		if to.Link != nil && l != to.Link || l.Flags&unix.IFF_LOOPBACK != 0 || l.Master != nil {
			continue
		}
		s := w.flood(l, n, func(x *topo.LinkState) int {
			switch {
			case x.Space == sp || globalAddr(x, n) == nil:
				return -1
			case x.Space != from.Space:
				return dear
			}
			return 0
		})
		if s.best != nil && s.best.cost < made && (best == nil || s.best.cost < cost) {
			best, cost = s, s.best.cost
		}
	}
	if best == nil {
		f := newFault(NoAddress, sp, to.Link, "has no address", "there is nothing to be asked")
		if bare(sp) {
			f.Kind, f.What, f.Why = NoLink, "has no link but lo", "nothing can reach it"
			for _, l := range from.Space.Links {
				for i := range l.Addrs {
					if g := w.movedAway(sp, l.Addrs[i].IP); g != nil && l.Flags&unix.IFF_LOOPBACK == 0 {
						return g
					}
				}
			}
		}
		return f
	}
	if d := best.best.firstFault(); d != nil {
		return d
	}
	return w.noAddress(best.start, globalAddr(best.best.n.l, n).IP)
}
