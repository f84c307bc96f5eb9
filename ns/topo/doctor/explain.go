package doctor

import (
	"bytes"

	"golang.org/x/sys/unix"

	"rawns/nl/rtnl"
	"rawns/ns/topo"
)

// explainRoute finds out why the kernel has no route for a packet, or refuses
// to take it.
func (w *walker) explainRoute(at *place, p *packet, q *Query, err error) *Fault {
	sp := at.space
	e := errnoOf(err)
	if f := w.unruly(at, p); f != nil {
		return f
	}
	if at.in != nil && e == unix.EXDEV {
		return w.rpFilter(at, p)
	}
	if at.in != nil && e == unix.EHOSTUNREACH && len(p.dst) == 4 {
		// The kernel says the same where nothing is forwarded.
		if f := w.forward4(at); f != nil {
			return f
		}
	}
	if e == unix.EADDRNOTAVAIL && len(p.dst) == 16 {
		return newFault(NoAddress, sp, nil,
			"has no IPv6 address that may be used",
			"the kernel has nothing to send from")
	}
	if f := w.culprit(at, p, q); f != nil {
		return f
	}
	// A bad source address is EINVAL, and, for a packet that would be passed on,
	// one that rp_filter drops is, too.
	if at.in != nil && e == unix.EINVAL && len(p.dst) == 4 {
		if f := w.martian(at, p); f != nil {
			return f
		}
		if w.isOn(sp, "net/ipv4/conf/all/rp_filter") || w.isOn(sp, "net/ipv4/conf/"+at.in.Name+"/rp_filter") {
			return w.rpFilter(at, p)
		}
	}
	switch e {
	case unix.ENETUNREACH, unix.EHOSTUNREACH, unix.ESRCH:
		return w.noRoute(at, p)
	case unix.EINVAL, unix.EACCES:
		return newFault(BadRoute, sp, at.in,
			say(nil, "does not send to %: %", &p.dst, e.Error()),
			"a route or rule says so: ip route get, ip rule")
	}
	return newFault(Failed, sp, nil,
		say(nil, "the route to % could not be looked up: %", &p.dst, err.Error()),
		"the kernel, or the right to ask it, is missing")
}

// rpFilter: a packet came in where the way back to its source would not go out.
func (w *walker) rpFilter(at *place, p *packet) *Fault {
	sp, key, v := at.space, "", ""
	for _, name := range []string{"all", at.in.Name} {
		k := "net/ipv4/conf/" + name + "/rp_filter"
		if x, _ := w.probe.Sysctl(sp, k); x > v || key == "" {
			key, v = k, x
		}
	}
	f := newFault(RPFilter, sp, at.in,
		say(nil, "drops what comes from % by % (rp_filter %)", &p.src, at.in, v),
		"").with(setting(sp, key, "2"))
	a, err := w.routeTo(sp, &p.src)
	if dev := linkByIndex(sp, a.Dev); err == nil && dev != nil {
		f.setWhy("the way back to that address goes by " + dev.Name + "; with rp_filter 1 it has to be the link that the packet came by")
		return f
	}
	f.setWhy("there is no way back to that address, and rp_filter wants one")
	if v == "2" {
		f.with(setting(sp, key, "0"))
	}
	// Loose mode asks for a route by any link: find out how there would be one.
	if r := w.noRoute(&place{space: sp}, &packet{src: p.dst, dst: p.src}); len(r.Mend) > 0 {
		r.Why += " (and rp_filter " + v + " drops what comes from where no way back leads)"
		return r
	}
	return f
}

// martian: the source address is one that cannot come from outside.
func (w *walker) martian(at *place, p *packet) *Fault {
	sp := at.space
	for _, l := range sp.Links {
		if a := claims(l, &p.src); a != nil {
			if f := w.rather(sp, p.first, p.src); f != nil {
				return f
			}
			return newFault(DupAddress, sp, l,
				say(nil, "has the address % too", &p.src),
				"a packet that comes from outside with an address of one's own is dropped (a martian)").with(delAddr(l, a))
		}
	}
	if f := w.localRoute(sp, p.src); f != nil {
		f.setWhy("a packet that comes from outside with an address of one's own is dropped (a martian)")
		return f
	}
	if loopbackIP(p.src) || loopbackIP(p.dst) {
		key := "net/ipv4/conf/" + at.in.Name + "/route_localnet"
		return newFault(Martian, sp, at.in,
			say(nil, "a packet with an address of lo comes from outside (%)", &p.src),
			"such packets are dropped unless route_localnet is on").with(setting(sp, key, "1"))
	}
	return nil
}

// localRoute is the fault of a route of type local that makes an address one of
// a namespace's own that is on none of its links; nil if there is none such.
func (w *walker) localRoute(sp *topo.SpaceState, ip []byte) *Fault {
	a, err := w.ask(sp, &Query{Family: familyOf(&ip), Dst: ip, Match: true})
	dev := linkByIndex(sp, a.Dev)
	if err != nil || a.Type != unix.RTN_LOCAL || a.Net.IP == nil || dev == nil || w.has(sp, ip) {
		return nil
	}
	table := "local"
	if a.Table < unix.RT_TABLE_DEFAULT { // table main may stand for both
		table = itoa(int(a.Table))
	}
	net := prefixText(a.Net)
	return newFault(BadRoute, sp, dev,
		say(nil, "takes % for an address of its own, by the route local %", &ip, net),
		"").with(command(sp, "ip % route del local % dev % table %", familyWord(ip), net, dev, table))
}

// culprit follows the routing rules as the kernel does, and returns the fault of
// the rule or the route that keeps the packet from being sent; nil if there is
// none such.
func (w *walker) culprit(at *place, p *packet, q *Query) *Fault {
	sp := at.space
	rules := w.probe.Rules(sp, familyOf(&p.dst))
	src := p.src
	if src == nil {
		src = make([]byte, len(p.dst))
	}
	other := false // a rule could not be judged
	main := false
	for i := 0; i < len(rules); i++ {
		r := &rules[i]
		if r.Other {
			other = true
			continue
		}
		if r.Proto != 0 && r.Proto != q.Proto || !r.matches(at, q.Out, src, p.dst) {
			continue
		}
		if r.Action == rtnl.FR_ACT_GOTO {
			for j := i + 1; j < len(rules); j++ {
				if rules[j].Pref >= r.Goto {
					i = j - 1
					break
				}
			}
			continue
		}
		if r.Action == rtnl.FR_ACT_BLACKHOLE || r.Action == rtnl.FR_ACT_UNREACHABLE || r.Action == rtnl.FR_ACT_PROHIBIT {
			word := "blackhole"
			switch r.Action {
			case rtnl.FR_ACT_UNREACHABLE:
				word = "unreachable"
			case rtnl.FR_ACT_PROHIBIT:
				word = "prohibit"
			}
			return newFault(BadRule, sp, nil,
				say(nil, "the routing rule % says % for the packet to %", &r.Pref, word, &p.dst),
				"rules come before routes").with(command(sp, "ip % rule del pref %", familyWord(p.dst), &r.Pref))
		}
		if r.Action != rtnl.FR_ACT_TO_TBL {
			continue
		}
		main = main || r.Table == unix.RT_TABLE_MAIN
		rt := w.longest(sp, r.Table, p.dst)
		if rt == nil || int32(rt.Dst.Bits) <= r.Suppress {
			continue
		}
		words := ""
		switch rt.Type {
		case unix.RTN_BLACKHOLE:
			words = "blackhole"
		case unix.RTN_UNREACHABLE:
			words = "unreachable"
		case unix.RTN_PROHIBIT:
			words = "prohibit"
		case unix.RTN_THROW:
			continue
		}
		if words == "" {
			return w.deadRoute(rt, p)
		}
		f := newFault(BadRoute, sp, nil,
			say(nil, "has the route % %", words, route{&rt.Dst}),
			say(nil, "it keeps packets to % from being sent", &p.dst))
		if rt.Table != unix.RT_TABLE_MAIN {
			f.What += say(nil, " in table %", &rt.Table)
		}
		del := routeCommand(sp, &p.dst, "del")
		del.add("% %", words, route{&rt.Dst})
		return f.with(del.ofTable(rt))
	}
	if rt := w.longest(sp, unix.RT_TABLE_MAIN, p.dst); !main && !other && rt != nil && rt.Type == unix.RTN_UNICAST {
		return newFault(BadRule, sp, nil,
			say(nil, "no routing rule leads to table main, where the route to % is", &p.dst),
			"routes in a table that no rule names are not looked at").with(command(sp, "ip % rule add pref 32766 lookup main", familyWord(p.dst)))
	}
	return nil
}

// deadRoute is the fault of a route that is there and not used.
func (w *walker) deadRoute(rt *topo.RouteState, p *packet) *Fault {
	if rt.Dev == nil || rt.Flags&(unix.RTNH_F_DEAD|unix.RTNH_F_LINKDOWN) == 0 {
		return nil
	}
	if f := w.deadLink(rt.Dev); f != nil {
		return f
	}
	return nil
}

func (r *Rule) matches(at *place, out *topo.LinkState, src, dst []byte) bool {
	ok := !r.Mark
	if r.Src.IP != nil && !within(&r.Src, &src) || r.Dst.IP != nil && !within(&r.Dst, &dst) {
		ok = false
	}
	if r.In != "" && (at.in == nil && r.In != "lo" || at.in != nil && at.in.Name != r.In) {
		ok = false
	}
	if r.Out != "" && (out == nil || out.Name != r.Out) {
		ok = false
	}
	return ok != r.Invert
}

// longest is the route of a table with the longest prefix around an address.
func (w *walker) longest(sp *topo.SpaceState, table uint32, dst []byte) (best *topo.RouteState) {
	for _, r := range sp.Routes {
		if r.Table != table || r.Family != familyOf(&dst) || !within(&r.Dst, &dst) {
			continue
		}
		if best == nil || r.Dst.Bits > best.Dst.Bits || r.Dst.Bits == best.Dst.Bits && r.Metric < best.Metric {
			best = r
		}
	}
	return best
}

//go:noinline
func familyWord(ip []byte) string {
	if len(ip) == 4 {
		return "-4"
	}
	return "-6"
}

//go:noinline
func prefixText(p topo.Prefix) string {
	if p.Bits == 0 {
		return "default"
	}
	return p.String()
}

// noRoute says why there is no route, and how there would be one.
func (w *walker) noRoute(at *place, p *packet) *Fault {
	sp, dst := at.space, p.dst
	f := newFault(NoRoute, sp, nil,
		say(nil, "has no route to %", &dst),
		"the packet cannot be sent")
	if p.reply {
		f.setWhy("it got the request, and cannot send the reply")
	}
	// A link whose own network it would be.
	for _, l := range sp.Links {
		for i := range l.Addrs {
			a := &l.Addrs[i]
			if l.Flags&unix.IFF_LOOPBACK != 0 || !within(&a.Prefix, &dst) || int(a.Bits) == 8*len(a.IP) {
				continue
			}
			if d := w.deadLink(l); d != nil {
				d.Why += say(nil, "; so there is no route to %", &dst)
				return d
			}
			if t := w.addressState(l, a); t != nil {
				return t
			}
			return networkRoute(l, a, dst)
		}
	}
	// The holder, or a router, behind one of its links.
	best := w.behind(sp, nil, dst)
	if best != nil && best.best.cost < made {
		return w.onLink(sp, best, p, f)
	}
	if g := w.gateway(sp, nil, dst); g != nil {
		if d := g.v.firstFault(); d != nil {
			return d
		}
		if a := w.noWayTo(g, sp); a != nil {
			return a
		}
		f.Link = g.dev
		return f.with(w.routeVia(sp, dst, g))
	}
	if h := w.strange(sp, dst, p); h != nil {
		return h
	}
	if best != nil { // over a port that would have to be made
		return w.onLink(sp, best, p, f)
	}
	return w.unlinked(sp, dst, f)
}

// behind finds the holder of an address on the network of one of a namespace's
// links (of only, if that is not nil), at the price of the fewest faults.
func (w *walker) behind(sp *topo.SpaceState, only *topo.LinkState, dst []byte) *search {
	var best *search
	for _, l := range sp.Links {
		if only != nil && l != only || l.Flags&unix.IFF_LOOPBACK != 0 || l.Master != nil {
			continue
		}
		s := w.flood(l, len(dst), func(x *topo.LinkState) int {
			if x.Space == sp {
				return -1
			}
			if h := w.holder(x, dst); h != nil {
				return 0
			}
			if w.wanted(x, dst) {
				return 2 * dear
			}
			return -1
		})
		if s.best != nil && (best == nil || s.best.cost < best.best.cost) {
			best = s
		}
	}
	return best
}

// wanted tells whether an address should be on a link: it was asked for in its
// namespace, which does not have it.
func (w *walker) wanted(x *topo.LinkState, dst []byte) bool {
	for _, p := range []*Point{&w.r.To, &w.r.From} {
		if p.Space == x.Space && same(&p.IP, &dst) && p.Fixed {
			return p.Link == nil || p.Link == x
		}
	}
	return false
}

// onLink says what keeps a namespace from sending to a holder on the network of
// one of its links.
func (w *walker) onLink(sp *topo.SpaceState, s *search, p *packet, f *Fault) *Fault {
	dst, l, x := p.dst, s.start, s.best.n.l
	if d := s.best.firstFault(); d != nil {
		return d
	}
	h := w.holder(x, dst)
	if h == nil { // it should be there
		if len(dst) == 16 {
			if d := w.noIPv6(x); d != nil {
				return d
			}
		}
		m := faultAt(NoAddress, x, say(nil, "has no address %", &dst), "nobody answers for it")
		if at, mend := w.placeFor(x.Space, dst, l); mend != nil {
			m.Link, m.Mend = at, mend
		} else if bits := w.bitsOf(dst); bits != 0 {
			m.with(addAddr(x, topo.Prefix{IP: dst, Bits: bits}))
		}
		return m
	}
	e := addrOf(h, &dst)
	f.Link = l
	if p.src != nil && !linkLocal(&p.src) {
		// It has an address, whose network is too small.
		if a := addrOf(l, &p.src); a != nil && within(&e.Prefix, &p.src) && !within(&a.Prefix, &dst) {
			f.Kind = BadPrefix
			f.sayWhat(nil, "% does not reach to %, which has the network %", &a.Prefix, &dst, network{&e.Prefix})
			return f.with(w.widen(l, a, e.Bits))
		}
	}
	for i := range l.Addrs {
		if a := &l.Addrs[i]; len(a.IP) == len(dst) && !linkLocal(&a.IP) && within(&e.Prefix, &a.IP) && !within(&a.Prefix, &dst) {
			f.Kind = BadPrefix
			f.sayWhat(nil, "% does not reach to %, which has the network %", &a.Prefix, &dst, network{&e.Prefix})
			return f.with(w.widen(l, a, e.Bits))
		}
	}
	if globalAddr(l, len(dst)) != nil { // an address that stands alone
		f.What += ", which is behind " + l.Name
		return f.with(command(sp, "ip % route add % dev %", familyWord(dst), hostText(&dst), l))
	}
	return w.noAddress(l, dst)
}

// bitsOf is the length of the network of an address that nobody has, as routes
// to it have it; 64 for IPv6 without one, else 0.
func (w *walker) bitsOf(a []byte) (bits uint8) {
	if len(a) == 16 {
		bits = 64
	}
	for _, sp := range w.spaces {
		for _, r := range sp.Routes {
			if within(&r.Dst, &a) && r.Dst.Bits > bits && int(r.Dst.Bits) < 8*len(a) {
				bits = r.Dst.Bits
			}
		}
	}
	return bits
}

// widen is the command that makes an address's network larger.
func (w *walker) widen(l *topo.LinkState, a *topo.AddrState, bits uint8) *Command {
	if len(a.IP) == 16 { // an IPv6 address is there once
		n := topo.Prefix{IP: a.IP, Bits: bits}
		return command(l.Space, "ip -6 route add % dev %", network{&n}, l)
	}
	return addAddr(l, topo.Prefix{IP: a.IP, Bits: bits})
}

//go:noinline
func addAddr(l *topo.LinkState, p topo.Prefix) *Command {
	if len(p.IP) == 16 {
		return command(l.Space, "ip addr add % dev % nodad", &p, l)
	}
	return command(l.Space, "ip addr add % brd + dev %", &p, l)
}

// noAddress is the fault of a link by which a packet to dst would be sent, and
// which has no address for that.
func (w *walker) noAddress(l *topo.LinkState, dst []byte) *Fault {
	sp := l.Space
	fam := "IPv4"
	if len(dst) == 16 {
		fam = "IPv6"
		if f := w.noIPv6(l); f != nil {
			return f
		}
	}
	f := newFault(NoAddress, sp, l,
		say(nil, "has no % address in a network with %", fam, &dst),
		"without one the kernel has nothing to send from, and no route")
	if l.Flags&unix.IFF_UP == 0 {
		return linkDown(l)
	}
	for i := range l.Addrs {
		if s := hostScope(l, &l.Addrs[i], dst); s != nil {
			return s
		}
	}
	for _, h := range w.holders(&dst) {
		if h.Space == sp {
			continue
		}
		// The one that was asked for, if it fits.
		for _, p := range []*Point{&w.r.From, &w.r.To} {
			if p.Space == sp && p.Fixed && within(&addrOf(h, &dst).Prefix, &p.IP) && len(w.holders(&p.IP)) == 0 {
				f.sayWhat(nil, "has no address %", &p.IP)
				return f.with(addAddr(l, topo.Prefix{IP: p.IP, Bits: addrOf(h, &dst).Bits}))
			}
		}
		if free := w.free(addrOf(h, &dst).Prefix); free != nil {
			f.with(addAddr(l, topo.Prefix{IP: free, Bits: addrOf(h, &dst).Bits}))
			break
		}
	}
	return f
}

// noIPv6 is why a link has no IPv6 at all; nil if it could have.
func (w *walker) noIPv6(l *topo.LinkState) *Fault {
	sp := l.Space
	if l.MTU < 1280 {
		return lowMTU(l)
	}
	for _, key := range []string{"net/ipv6/conf/all/disable_ipv6", "net/ipv6/conf/" + l.Name + "/disable_ipv6"} {
		v, ok := w.probe.Sysctl(sp, key)
		if !ok || v == "0" || key[len(key)-16:] == "all/disable_ipv6" && w.isOff(sp, "net/ipv6/conf/"+l.Name+"/disable_ipv6") {
			continue
		}
		return newFault(V6Disabled, sp, l,
			key+" is "+v,
			"the link has no IPv6 addresses then, and takes no IPv6").with(setting(sp, key, "0"))
	}
	return nil
}

func (w *walker) isOff(sp *topo.SpaceState, key string) bool {
	v, ok := w.probe.Sysctl(sp, key)
	return ok && v == "0"
}

// free is an address of a network that nobody has, nil if there is none among
// the first few hundred behind p's.
func (w *walker) free(p topo.Prefix) []byte {
	a := clone(p.IP)
	for range 500 {
		for i := len(a) - 1; i >= 0; i-- {
			if a[i]++; a[i] != 0 {
				break
			}
		}
		last := a[len(a)-1]
		if !within(&p, &a) {
			a = p.Network().IP // once around
			continue
		}
		if last == 0 || last == 255 || bytes.Equal(a, p.Network().IP) || len(w.holders(&a)) > 0 {
			continue
		}
		if next := (topo.Prefix{IP: a, Bits: p.Bits}); len(a) == 4 && isBroadcast(next) {
			continue
		}
		return a
	}
	return nil
}

func isBroadcast(p topo.Prefix) bool {
	for i := int(p.Bits); i < 32; i++ {
		if p.IP[i/8]&(0x80>>(i%8)) == 0 {
			return false
		}
	}
	return p.Bits < 31
}

// placeFor is the link of a namespace where an address should be, and the
// command that puts it there: the link that hears from (nil: anybody who has an
// address in one network with it), with that one's prefix length.
func (w *walker) placeFor(sp *topo.SpaceState, a []byte, from *topo.LinkState) (*topo.LinkState, []*Command) {
	var link *topo.LinkState
	var bits uint8
	cost := 0
	for _, l := range sp.Links {
		if l.Flags&unix.IFF_LOOPBACK != 0 || l.Master != nil {
			continue
		}
		var len1 uint8
		s := w.flood(l, len(a), func(x *topo.LinkState) int {
			if from != nil && x != from || x.Space == sp {
				return -1
			}
			for i := range x.Addrs {
				if within(&x.Addrs[i].Prefix, &a) {
					len1 = x.Addrs[i].Bits
					return 0
				}
			}
			return -1
		})
		if s.best != nil && (link == nil || s.best.cost < cost) {
			link, bits, cost = l, len1, s.best.cost
		}
	}
	if link == nil || cost >= made {
		return nil, nil
	}
	return link, []*Command{addAddr(link, topo.Prefix{IP: a, Bits: bits})}
}

// router is a neighbour that has a way to an address.
type router struct {
	dev *topo.LinkState // the link of the namespace that looks for it
	x   *topo.LinkState // the router's
	ip  []byte          // its address there
	v   *visit
}

// gateway finds a router to an address on the networks of a namespace's links
// (of only, if that is not nil).
func (w *walker) gateway(sp *topo.SpaceState, only *topo.LinkState, dst []byte) *router {
	var best *router
	for _, l := range sp.Links {
		if only != nil && l != only || l.Flags&unix.IFF_LOOPBACK != 0 || l.Master != nil {
			continue
		}
		var at []byte
		s := w.flood(l, len(dst), func(x *topo.LinkState) int {
			if x.Space == sp {
				return -1
			}
			a := w.shared(l, x, len(dst))
			if a == nil {
				return -1
			}
			r, err := w.routeTo(x.Space, &dst)
			if err != nil || r.Type != unix.RTN_UNICAST && r.Type != unix.RTN_LOCAL || r.Type == unix.RTN_UNICAST && r.Dev == x.Index {
				return -1
			}
			at = a
			return 0
		})
		if s.best == nil || s.best.cost >= made {
			continue
		}
		if at = w.shared(l, s.best.n.l, len(dst)); at != nil && (best == nil || s.best.cost < best.v.cost) {
			best = &router{l, s.best.n.l, at, s.best}
		}
	}
	return best
}

// noWayTo is why a namespace cannot send to a router on a network of its own: the
// network's route is missing.
func (w *walker) noWayTo(g *router, sp *topo.SpaceState) *Fault {
	r, err := w.routeTo(sp, &g.ip)
	if err == nil && r.Dev == g.dev.Index && r.Via == nil {
		for i := range g.dev.Addrs {
			if f := hostScope(g.dev, &g.dev.Addrs[i], g.ip); f != nil {
				return f
			}
		}
		return nil
	}
	for i := range g.dev.Addrs {
		if a := &g.dev.Addrs[i]; within(&a.Prefix, &g.ip) {
			return networkRoute(g.dev, a, g.ip)
		}
	}
	return nil
}

// networkRoute: the route to the network of an address is missing.
func networkRoute(l *topo.LinkState, a *topo.AddrState, dst []byte) *Fault {
	f := faultAt(NoRoute, l,
		say(nil, "has no route to %, the network of its own address %", network{&a.Prefix}, &a.IP),
		say(nil, "the packet cannot be sent to %", &dst))
	f.with(command(l.Space, "ip route add % dev % src %", network{&a.Prefix}, l, &a.IP))
	if len(a.IP) == 16 {
		f.with(command(l.Space, "ip -6 route add % dev %", network{&a.Prefix}, l))
	}
	return f
}

// hostScope: an address in one network with dst has a scope that keeps the kernel
// from sending from it.
func hostScope(l *topo.LinkState, a *topo.AddrState, dst []byte) *Fault {
	if !within(&a.Prefix, &dst) || len(a.IP) != 4 || a.Scope < unix.RT_SCOPE_LINK {
		return nil
	}
	add := addAddr(l, a.Prefix)
	add.add("scope global")
	return faultAt(NoAddress, l,
		say(nil, "has % for itself only: its scope is not global", &a.Prefix),
		"the kernel does not send from such an address to others").with(delAddr(l, a), add)
}

// strange: a router is near, and the namespace has no address in one network with
// it.
func (w *walker) strange(sp *topo.SpaceState, dst []byte, p *packet) *Fault {
	for _, l := range sp.Links {
		if l.Flags&unix.IFF_LOOPBACK != 0 || l.Master != nil {
			continue
		}
		s := w.flood(l, len(dst), func(x *topo.LinkState) int {
			if x.Space == sp || globalAddr(x, len(dst)) == nil {
				return -1
			}
			r, err := w.routeTo(x.Space, &dst)
			if err != nil || r.Type != unix.RTN_UNICAST && r.Type != unix.RTN_LOCAL || r.Type == unix.RTN_UNICAST && r.Dev == x.Index {
				return -1
			}
			return 0
		})
		if s.best == nil || s.best.cost >= made {
			continue
		}
		if d := s.best.firstFault(); d != nil {
			return d
		}
		near := globalAddr(s.best.n.l, len(dst))
		for i := range l.Addrs {
			if a := &l.Addrs[i]; len(a.IP) == len(dst) && !linkLocal(&a.IP) && within(&near.Prefix, &a.IP) {
				return newFault(BadPrefix, sp, l,
					say(nil, "% does not reach to %, which has the network %", &a.Prefix, &near.IP, network{&near.Prefix}),
					say(nil, "so there is no route to %", &dst)).with(w.widen(l, a, near.Bits))
			}
		}
		for _, lo := range sp.Links {
			for i := range lo.Addrs {
				if a := &lo.Addrs[i]; lo.Flags&unix.IFF_LOOPBACK != 0 && within(&near.Prefix, &a.IP) {
					return w.onLoopback(lo, l, &topo.AddrState{Prefix: topo.Prefix{IP: a.IP, Bits: a.Bits}})
				}
			}
		}
		return w.noAddress(l, near.IP)
	}
	return nil
}

// globalAddr is an address of a link that counts beyond it; nil for none.
func globalAddr(l *topo.LinkState, n int) *topo.AddrState {
	for i := range l.Addrs {
		if a := &l.Addrs[i]; len(a.IP) == n && !linkLocal(&a.IP) {
			return a
		}
	}
	return nil
}

// shared is an address of x by which l can reach it: each is in the other's
// network.
func (w *walker) shared(l, x *topo.LinkState, n int) []byte {
	for i := range x.Addrs {
		a := &x.Addrs[i]
		if len(a.IP) != n {
			continue
		}
		for j := range l.Addrs {
			b := &l.Addrs[j]
			if len(b.IP) == n && !linkLocal(&b.IP) && within(&b.Prefix, &a.IP) && within(&a.Prefix, &b.IP) {
				return a.IP
			}
		}
	}
	return nil
}

// routeVia is the command that adds a route by a router: the default route if
// there is none, else one to the network where dst is.
func (w *walker) routeVia(sp *topo.SpaceState, dst []byte, g *router) *Command {
	to := "default"
	if w.longest(sp, unix.RT_TABLE_MAIN, dst) != nil || w.hasDefault(sp, dst) {
		to = w.networkOf(dst)
	}
	c := routeCommand(sp, &dst, "add")
	c.add("% via % dev %", to, &g.ip, g.dev)
	return c
}

func (w *walker) hasDefault(sp *topo.SpaceState, dst []byte) bool {
	for _, r := range sp.Routes {
		if r.Dst.Bits == 0 && r.Family == familyOf(&dst) && r.Table == unix.RT_TABLE_MAIN {
			return true
		}
	}
	return false
}

// networkOf is the network where an address is, as its holder has it.
func (w *walker) networkOf(dst []byte) string {
	for _, h := range w.holders(&dst) {
		return addrOf(h, &dst).Network().String()
	}
	return hostText(&dst)
}

// unlinked: nothing leads from a namespace to where an address is.
func (w *walker) unlinked(sp *topo.SpaceState, dst []byte, f *Fault) *Fault {
	var down *topo.LinkState
	links := 0
	for _, l := range sp.Links {
		if l.Flags&unix.IFF_LOOPBACK != 0 {
			continue
		}
		links++
		if l.Flags&unix.IFF_UP == 0 && down == nil && l.Master == nil {
			down = l
		}
	}
	if links == 0 {
		f.Kind, f.What, f.Why = NoLink, "has no link but lo", "nothing leads out of the namespace"
		if g := w.movedAway(sp, dst); g != nil {
			return g
		}
		f.Mend = w.connect(sp, dst)
		return f
	}
	if len(dst) == 16 {
		for _, l := range sp.Links {
			if l.Flags&unix.IFF_LOOPBACK == 0 && l.Master == nil {
				if d := w.noIPv6(l); d != nil {
					return d
				}
			}
		}
	}
	if down != nil {
		d := linkDown(down)
		d.Why += say(nil, "; no other link leads to %", &dst)
		return d
	}
	if g := w.movedAway(sp, dst); g != nil {
		return g
	}
	if h := w.holders(&dst); len(h) > 0 {
		f.sayWhy(w.st, "it is in %, where no link of this namespace leads", h[0].Space)
		f.Mend = w.connect(sp, dst)
	} else if t := w.r.To.Space; t != nil && bare(t) && t != sp {
		f.Kind, f.Space, f.What, f.Why = NoLink, t, "has no link but lo", "nothing can reach it"
		if g := w.movedAway(t, dst); g != nil {
			return g
		}
	} else if t := w.r.To.Space; t != nil && same(&dst, &w.r.To.IP) && w.r.To.Fixed {
		f.Kind, f.Space, f.What = NoAddress, t, say(nil, "has no address %", &dst)
		f.setWhy("nobody has it")
		for _, l := range t.Links {
			if len(dst) == 16 && l.Flags&unix.IFF_LOOPBACK == 0 && l.Master == nil {
				if d := w.noIPv6(l); d != nil {
					return d
				}
			}
		}
		if f.Link, f.Mend = w.placeFor(t, dst, nil); f.Mend == nil {
			f.Why += ", and no network that is known here holds it"
		}
	}
	return f
}

// bare tells whether a namespace has no link but lo.
func bare(sp *topo.SpaceState) bool {
	for _, l := range sp.Links {
		if l.Flags&unix.IFF_LOOPBACK == 0 {
			return false
		}
	}
	return true
}

// loop says which route of the namespaces that a packet went through in circles
// is wrong: where the destination's network is a link's own, and the packet is
// sent elsewhere.
func (w *walker) loop(at *place, p *packet, seen map[place]bool) *Fault {
	for _, sp := range w.spaces {
		here := false
		for v := range seen {
			here = here || v.space == sp
		}
		if !here {
			continue
		}
		for _, l := range sp.Links {
			for i := range l.Addrs {
				a := &l.Addrs[i]
				if l.Flags&unix.IFF_LOOPBACK != 0 || int(a.Bits) == 8*len(a.IP) || !within(&a.Prefix, &p.dst) {
					continue
				}
				if d := w.deadLink(l); d != nil {
					return d
				}
				rt := w.longest(sp, unix.RT_TABLE_MAIN, p.dst)
				if rt != nil && rt.Via != nil && rt.Dst.Bits > a.Bits {
					return newFault(BadRoute, sp, rt.Dev, say(nil, "sends what is for % to %, and that comes back here", &p.dst, &rt.Via),
						say(nil, "the address is in the network of %; a route to % comes before that", l, route{&rt.Dst})).with(w.delRoute(sp, rt))
				}
				return networkRoute(l, a, p.dst)
			}
		}
	}
	return newFault(Loop, at.space, at.in, say(nil, "the packet for % was here before", &p.dst),
		"routes send it in circles until its time to live is over")
}

// delRoute is the command that removes a route.
func (w *walker) delRoute(sp *topo.SpaceState, rt *topo.RouteState) *Command {
	c := command(sp, "ip % route del %", familyWord(rt.Dst.IP), route{&rt.Dst})
	if rt.Via != nil {
		c.add("via %", &rt.Via)
	}
	if rt.Dev != nil {
		c.add("dev %", rt.Dev)
	}
	return c.ofTable(rt)
}

// routeBy is the route of a namespace by which a packet goes out by dev; nil if
// that is none that State holds.
func (w *walker) routeBy(sp *topo.SpaceState, dst []byte, dev *topo.LinkState) (best *topo.RouteState) {
	for _, r := range sp.Routes {
		if r.Family == familyOf(&dst) && r.Dev == dev && within(&r.Dst, &dst) && (best == nil || r.Dst.Bits > best.Dst.Bits) {
			best = r
		}
	}
	return best
}
