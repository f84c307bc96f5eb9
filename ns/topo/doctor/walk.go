package doctor

import (
	"bytes"
	"errors"
	"strconv"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
	"rawns/ns/topo"
)

// walker is one diagnosis.
type walker struct {
	st     *topo.State
	spaces []*topo.SpaceState // those that the ends are connected with
	probe  Probe
	r      *Report

	way     Way
	depth   int // of tunnels
	quiet   int // >0: hops are not written down
	size    int // bytes of the packet that is sent, IP header included
	largest int // bytes of what was left of it where the links are smallest

	src []byte // of the request as it left, once it is known

	children map[*topo.LinkState][]*topo.LinkState // macvlans and vlans on top of a link
	ports    map[*topo.LinkState][]*topo.LinkState // of a bridge or bond
	tunnels  []*topo.LinkState                     // all vxlans and geneves
	fdb      map[*topo.LinkState][]*topo.NeighState
	unders   map[underKey]*underWalk

	nats     []nat    // changes of the request's source
	dnat     bool     // its destination was changed
	suspects []*Fault // filters that may drop it
}

// packet is what is walked with.
type packet struct {
	src, dst []byte
	size     int              // bytes, IP header included
	ttl      int              // how many more namespaces it may come to
	first    *topo.SpaceState // where it was sent
	firstDev *topo.LinkState  // and by which link
	udp      bool             // a tunnel's; else an ICMP echo
	reply    bool
}

// place is where a packet is: in a namespace, having come in by a link, or
// being its own.
type place struct {
	space *topo.SpaceState
	in    *topo.LinkState
}

// arrival is where a packet is delivered, and its addresses then.
type arrival struct {
	place
	src, dst []byte
}

// undoNAT gives a reply, back where its request's source was changed, the old
// address as its destination.
func (w *walker) undoNAT(at *place, p *packet) {
	for i := len(w.nats) - 1; i >= 0 && p.reply; i-- {
		if n := &w.nats[i]; n.sp == at.space && same(&n.to, &p.dst) {
			w.hop(at.space, at.in, say(nil, "rewrites the destination back to %", &n.from), nil)
			p.dst = n.from
			w.nats = w.nats[:i]
			return
		}
	}
}

// index prepares what is looked for often.
func (w *walker) index() {
	w.children = map[*topo.LinkState][]*topo.LinkState{}
	w.spaces = connected(w.st, w.r.From.Space, w.r.To.Space)
	w.unders = map[underKey]*underWalk{}
	w.ports = map[*topo.LinkState][]*topo.LinkState{}
	w.fdb = map[*topo.LinkState][]*topo.NeighState{}
	for _, sp := range w.spaces {
		for _, l := range sp.Links {
			if l.Master != nil {
				w.ports[l.Master] = append(w.ports[l.Master], l)
			}
			switch l.Kind {
			case "macvlan", "macvtap", "vlan", "ipvlan", "ipvtap":
				if l.Lower != nil {
					w.children[l.Lower] = append(w.children[l.Lower], l)
				}
			default:
				if isTunnel(l.Kind) {
					w.tunnels = append(w.tunnels, l)
				}
			}
		}
		for _, n := range sp.Neighs {
			if n.Family == unix.AF_BRIDGE && n.Dev != nil {
				w.fdb[n.Dev] = append(w.fdb[n.Dev], n)
			}
		}
	}
}

//go:noinline
func (w *walker) hop(sp *topo.SpaceState, l *topo.LinkState, what string, f *Fault) {
	if w.quiet == 0 {
		w.r.Hops = append(w.r.Hops, Hop{w.way, w.depth, sp, l, what, f})
	}
}

// fail writes a fault down as a hop, and returns it.
func (w *walker) fail(f *Fault) *Fault {
	w.hop(f.Space, f.Link, f.What, f)
	return f
}

// request walks the request, and returns where it arrives: nil if that is
// where we cannot look.
func (w *walker) request() (*arrival, *Fault) {
	from, to := &w.r.From, &w.r.To
	var src []byte
	if from.Fixed || from.Link != nil {
		if from.IP == nil {
			f := w.noAddress(from.Link, to.IP)
			return nil, w.fail(f)
		}
		if f := w.checkSource(from.Space, from.IP); f != nil {
			return nil, w.fail(f)
		}
		src = from.IP
	}
	p := &packet{src: src, dst: to.IP, size: w.size}
	end, f := w.send(from.Space, p, w.outOf(from, to.IP))
	if from.IP == nil {
		from.IP = w.src
	}
	if f != nil || end == nil {
		return nil, f
	}
	if to.Space != nil && end.space != to.Space && !w.dnat {
		return nil, w.fail(w.foreignAddress(end.space, to.Space, p.dst))
	}
	return &arrival{*end, p.src, p.dst}, nil
}

// outOf is the link by which a packet for a link-local address must leave.
func (w *walker) outOf(from *Point, dst []byte) *topo.LinkState {
	if from.Link != nil && inVRF(from.Link) {
		return from.Link.Master
	}
	if !linkLocal(&dst) {
		return nil
	}
	if from.Link != nil {
		return from.Link
	}
	// The one behind which the holder is.
	for _, l := range from.Space.Links {
		if l.Flags&unix.IFF_LOOPBACK != 0 || l.Master != nil {
			continue
		}
		if addrOf(l, &dst) != nil {
			return nil
		}
		s := w.search(l, frame{broadcast: true, v6: true}, func(x *topo.LinkState) int {
			if addrOf(x, &dst) != nil {
				return 0
			}
			return -1
		})
		if s.best != nil && s.best.cost < dear {
			return l
		}
	}
	return nil
}

// reply walks the reply of the namespace that got the request.
func (w *walker) reply(end *arrival) *Fault {
	sp := end.space
	key := "net/ipv4/icmp_echo_ignore_all"
	if len(w.r.To.IP) == 16 {
		key = "net/ipv6/icmp/echo_ignore_all"
	}
	if v, ok := w.probe.Sysctl(sp, key); ok && v != "0" {
		return w.fail(newFault(EchoIgnored, sp, nil,
			key+" is "+v,
			"the namespace gets the request and is told to answer none").with(setting(sp, key, "0")))
	}
	w.hop(sp, nil, say(nil, "answers %", &end.src), nil)
	p := &packet{src: end.dst, dst: end.src, size: w.size, reply: true}
	if linkLocal(&p.src) && end.in == nil {
		end.in = w.r.To.Link
	}
	var out *topo.LinkState
	if linkLocal(&p.dst) {
		out = end.in
	} else if end.in != nil && inVRF(end.in) {
		out = end.in.Master
	}
	back, f := w.send(sp, p, out)
	if f != nil {
		return f
	}
	if back == nil {
		return w.fail(newFault(BadRoute, sp, nil,
			say(nil, "the reply to % leaves for where we cannot look", &p.dst),
			say(w.st, "it should come back to %", w.r.From.Space)))
	}
	if back.space != w.r.From.Space {
		return w.fail(w.foreignAddress(back.space, w.r.From.Space, p.dst))
	}
	return nil
}

// foreignAddress: a packet for the namespace want is taken by another one.
func (w *walker) foreignAddress(sp, want *topo.SpaceState, ip []byte) *Fault {
	f := newFault(DupAddress, sp, nil,
		say(nil, "has the address % too", &ip),
		say(w.st, "it takes the packets that are meant for %", want))
	if g := w.rather(sp, want, ip); g != nil {
		return g
	}
	for _, l := range sp.Links {
		if a := claims(l, &ip); a != nil {
			f.Link = l
			if !same(&a.IP, &ip) {
				f.sayWhat(nil, "has %: all of the network of an address of lo is the namespace's own, % too", &a.Prefix, &ip)
			}
			f.with(delAddr(l, a))
			break
		}
	}
	if f.Link == nil {
		if g := w.localRoute(sp, ip); g != nil {
			g.Kind, g.Why = f.Kind, f.Why
			return g
		}
	}
	holds := false
	for _, l := range want.Links {
		holds = holds || addrOf(l, &ip) != nil
	}
	if !holds && f.Link != nil && addrOf(f.Link, &ip) != nil {
		f.Kind = NoAddress
		f.sayWhat(w.st, "has the address %, and % does not", &ip, want)
	}
	return f
}

// send walks a packet that a namespace sends. It returns where it is delivered,
// nil for where we cannot look. p.src is filled in.
func (w *walker) send(sp *topo.SpaceState, p *packet, out *topo.LinkState) (*place, *Fault) {
	at := place{space: sp}
	seen := map[place]bool{}
	for {
		if seen[at] {
			return nil, w.fail(w.loop(&at, p, seen))
		}
		seen[at] = true
		if at.in != nil {
			out = nil
			if linkLocal(&p.dst) {
				out = at.in
			}
			if f := w.filtered(p, at, hookPre, at.in, nil); f != nil {
				return nil, w.fail(f)
			}
			w.undoNAT(&at, p)
		}
		a, f := w.route(&at, p, out)
		if f != nil {
			return nil, w.fail(f)
		}
		if a.Type == unix.RTN_LOCAL || a.Type == unix.RTN_ANYCAST {
			if f := w.deliver(&at, p); f != nil {
				return nil, w.fail(f)
			}
			return &at, nil
		}
		dev := linkByIndex(at.space, a.Dev)
		if dev == nil {
			return nil, w.fail(newFault(Failed, at.space, nil,
				say(nil, "the route to % names a link that is not there any more", &p.dst),
				"something changed while it was looked at: try again"))
		}
		if f := w.unruly(&at, p); f != nil {
			return nil, w.fail(f)
		}
		w.hop(at.space, dev, w.routeText(p, a, dev), nil)
		hook := hookOut
		if at.in == nil {
			p.ttl = w.hopLimit(at.space, dev, p, a)
			p.first, p.firstDev = at.space, dev
		} else {
			if p.ttl <= 1 {
				return nil, w.fail(w.tooFar(&at, p))
			}
			p.ttl--
			if f := w.forwards(&at, dev, p); f != nil {
				return nil, w.fail(f)
			}
			hook = hookForward
		}
		if f := w.filtered(p, at, hook, at.in, dev); f != nil {
			return nil, w.fail(f)
		}
		if f := w.filtered(p, at, hookPost, nil, dev); f != nil {
			return nil, w.fail(f)
		}
		if m := int(dev.MTU); p.size > m {
			p.size = m
		}
		if m := int(a.MTU); m != 0 && p.size > m {
			p.size = m
		}
		if w.depth == 0 {
			w.largest = p.size
		}
		nh := a.Via
		if nh == nil {
			nh = p.dst
		}
		to, f := w.cross(&at, dev, nh, p)
		if f != nil {
			return nil, w.fail(f)
		}
		if to == nil {
			return nil, nil
		}
		at = place{to.Space, to}
	}
}

// hopLimit is how far a packet may go that a namespace sends.
func (w *walker) hopLimit(sp *topo.SpaceState, dev *topo.LinkState, p *packet, a *Answer) int {
	v := ""
	switch {
	case a.Hops != 0:
		return int(a.Hops)
	case len(p.dst) == 4:
		v, _ = w.probe.Sysctl(sp, "net/ipv4/ip_default_ttl")
	default:
		v, _ = w.probe.Sysctl(sp, "net/ipv6/conf/"+dev.Name+"/hop_limit")
	}
	n, err := strconv.Atoi(v)
	if err != nil || n <= 0 {
		return 64
	}
	return n
}

// tooFar: a packet may not go on, because it has come too far.
func (w *walker) tooFar(at *place, p *packet) *Fault {
	key := "net/ipv4/ip_default_ttl"
	if len(p.dst) == 16 {
		key = "net/ipv6/conf/" + p.firstDev.Name + "/hop_limit"
	}
	f := newFault(HopLimit, at.space, at.in,
		"drops the packet, whose time to live is over",
		say(w.st, "% sends packets that may not go further", p.first))
	if v, ok := w.probe.Sysctl(p.first, key); ok && len(v) < 2 {
		f.Why += ": " + key + " is " + v
		f.with(setting(p.first, key, "64"))
	}
	return f
}

// unruly: a packet is for a namespace itself, and no rule leads to the routes
// that say so.
func (w *walker) unruly(at *place, p *packet) *Fault {
	sp := at.space
	var held *topo.LinkState
	for _, l := range sp.Links {
		if a := addrOf(l, &p.dst); a != nil && l.Flags&unix.IFF_UP != 0 && a.Flags&(unix.IFA_F_TENTATIVE|unix.IFA_F_DADFAILED) == 0 && !inVRF(l) {
			held = l
		}
	}
	if held == nil {
		return nil
	}
	if a, err := w.routeTo(sp, &p.dst); err == nil && a.Type == unix.RTN_LOCAL {
		return nil // something else is the matter
	}
	const local = 255
	leads := false
	for _, r := range w.probe.Rules(sp, familyOf(&p.dst)) {
		leads = leads || r.Table == local && r.Action == rtnl.FR_ACT_TO_TBL
	}
	if !leads {
		return newFault(BadRule, sp, nil, "no routing rule leads to table local, where the routes to its own addresses are",
			say(nil, "the packet for % is not taken for one of its own", &p.dst)).with(command(sp, "ip % rule add pref 0 lookup local", familyWord(p.dst)))
	}
	w.r.Unsettled = true // the kernel adds an IPv6 address's route a moment after the address
	a := addrOf(held, &p.dst)
	return newFault(BadRoute, sp, held, say(nil, "has the address %, and no route of type local to it", &p.dst),
		"the packet is not taken for one of its own").with(delAddr(held, a), addAddr(held, a.Prefix))
}

// inVRF tells whether a link belongs to a VRF: its routes are in a table of
// their own.
func inVRF(l *topo.LinkState) bool { return l.Master != nil && l.Master.Kind == "vrf" }

// routeText says by which route a packet goes.
func (w *walker) routeText(p *packet, a *Answer, dev *topo.LinkState) string {
	s := say(nil, "to %", &p.dst)
	if a.Via != nil {
		s += say(nil, " via %", &a.Via)
	}
	s += " by " + dev.Name
	if p.src != nil {
		s += say(nil, ", from %", &p.src)
	}
	return s
}

// deliver looks at what happens to a packet that is for the namespace where it
// is.
func (w *walker) deliver(at *place, p *packet) *Fault {
	in := at.in
	if in == nil {
		lo := at.space.Link("lo")
		if lo == nil || lo.Flags&unix.IFF_UP == 0 {
			return newFault(LoDown, at.space, lo,
				"lo is down",
				"what a namespace sends to an address of its own goes by lo, which is down in a new namespace").with(linkSet(at.space, "lo", "up"))
		}
		if f := w.filtered(p, *at, hookOut, nil, lo); f != nil {
			return f
		}
		if f := w.filtered(p, *at, hookPost, nil, lo); f != nil {
			return f
		}
		if f := w.filtered(p, *at, hookPre, lo, nil); f != nil {
			return f
		}
		in = lo
		if w.depth == 0 {
			w.largest = min(w.size, int(lo.MTU))
		}
		w.hop(at.space, lo, say(nil, "% is an address of this namespace: by lo, which is up", &p.dst), nil)
	} else {
		w.hop(at.space, at.in, say(nil, "% has arrived", &p.dst), nil)
	}
	if f := w.checkAddress(at.space, p.dst); f != nil {
		return f
	}
	return w.filtered(p, *at, hookIn, in, nil)
}

// route looks up the route of a packet; a fault is why it is not sent on.
func (w *walker) route(at *place, p *packet, out *topo.LinkState) (*Answer, *Fault) {
	q := &Query{Family: familyOf(&p.dst), Dst: p.dst, Src: p.src, In: at.in, Out: out}
	if at.in == nil && out == nil && p.src != nil && !p.reply && !p.udp && !w.r.From.Fixed && w.r.From.Link == nil {
		q.Src = nil
	}
	switch {
	case p.udp:
		q.Proto = unix.IPPROTO_UDP
	case len(p.dst) == 4:
		q.Proto = unix.IPPROTO_ICMP
	default:
		q.Proto = unix.IPPROTO_ICMPV6
	}
	a, err := w.ask(at.space, q)
	if err != nil {
		return a, w.explainRoute(at, p, q, err)
	}
	switch a.Type {
	case unix.RTN_BLACKHOLE:
		return a, w.explainRoute(at, p, q, unix.EINVAL)
	case unix.RTN_PROHIBIT:
		return a, w.explainRoute(at, p, q, unix.EACCES)
	case unix.RTN_UNREACHABLE:
		return a, w.explainRoute(at, p, q, unix.EHOSTUNREACH)
	case unix.RTN_BROADCAST, unix.RTN_MULTICAST:
		if f := w.allOnes(at.space, p.dst); f != nil {
			return a, f
		}
		f := newFault(BadRoute, at.space, nil,
			say(nil, "% is no address of one host, but for all of a network", &p.dst),
			"echo requests to such an address are not answered")
		return a, f
	}
	if at.in == nil && p.src == nil {
		p.src = a.Src
		if a.Type == unix.RTN_LOCAL && p.src == nil {
			p.src = p.dst
		}
		if p.src == nil {
			dev := linkByIndex(at.space, a.Dev)
			if dev == nil {
				return a, newFault(NoAddress, at.space, nil,
					"has no address to send from",
					"nobody could answer")
			}
			nh := p.dst
			if a.Via != nil && len(a.Via) == len(p.dst) {
				nh = a.Via
			}
			return a, w.noAddress(dev, nh)
		}
		if f := w.checkSource(at.space, p.src); f != nil {
			return a, f
		}
		if linkLocal(&p.src) && !linkLocal(&p.dst) && a.Via != nil {
			if f := w.strange(at.space, p.dst, p); f != nil {
				f.sayWhy(nil, "it would send from %, which counts on one link only: routers do not forward what comes from there", &p.src)
				return a, f
			}
		}
	}
	if at.in == nil && !p.reply && !p.udp {
		w.src = p.src
	}
	return a, nil
}

// ask looks a route up. The answer is never nil.
//
//go:noinline
func (w *walker) ask(sp *topo.SpaceState, q *Query) (*Answer, error) {
	a, err := w.probe.Route(sp, *q)
	return &a, err
}

// routeTo looks up the route to an address.
//
//go:noinline
func (w *walker) routeTo(sp *topo.SpaceState, ip *[]byte) (*Answer, error) {
	return w.ask(sp, &Query{Family: familyOf(ip), Dst: *ip})
}

// checkSource looks at the address that a namespace sends from.
func (w *walker) checkSource(sp *topo.SpaceState, src []byte) *Fault {
	if loopbackIP(src) {
		return nil
	}
	found := false
	for _, l := range sp.Links {
		found = found || addrOf(l, &src) != nil
	}
	if !found {
		if a, err := w.routeTo(sp, &src); err == nil && a.Type == unix.RTN_LOCAL {
			return nil
		}
		f := newFault(NoAddress, sp, nil,
			say(nil, "has no address %", &src),
			"a packet must not be sent from an address that the namespace does not have")
		f.Link, f.Mend = w.placeFor(sp, src, nil)
		return f
	}
	return w.checkAddress(sp, src)
}

// checkAddress looks at the state of an address that a namespace has.
func (w *walker) checkAddress(sp *topo.SpaceState, a []byte) *Fault {
	for _, l := range sp.Links {
		e := addrOf(l, &a)
		if e == nil {
			continue
		}
		return w.addressState(l, e)
	}
	return nil
}

// addressState is the fault of an IPv6 address that may not be used.
func (w *walker) addressState(l *topo.LinkState, e *topo.AddrState) *Fault {
	again := []*Command{
		delAddr(l, e),
		command(l.Space, "ip addr add % dev % nodad", &e.Prefix, l),
	}
	switch {
	case e.Flags&unix.IFA_F_DADFAILED != 0:
		f := faultAt(DADFailed, l,
			say(nil, "% is given up: duplicate address detection has failed", &e.IP),
			"another holder of the address answered when it was set up; the kernel keeps it unused since").with(again...)
		for _, o := range w.holders(&e.IP) {
			if o.Space != l.Space && addrOf(o, &e.IP).Flags&unix.IFA_F_DADFAILED == 0 {
				f.sayWhy(w.st, "% has the address on % and answered when it was set up; the kernel keeps it unused since", o.Space, o)
				f.Mend = append([]*Command{delAddr(o, addrOf(o, &e.IP))}, again...)
				break
			}
		}
		return f
	case e.Flags&unix.IFA_F_TENTATIVE != 0 && e.Flags&unix.IFA_F_OPTIMISTIC == 0:
		f := faultAt(Tentative, l,
			say(nil, "% is tentative", &e.IP),
			"the kernel asks whether another has the address, and does not use it meanwhile (a second, as a rule)").with(again...)
		if c := w.deadLink(l); c != nil {
			return c
		}
		return f
	}
	return nil
}

// deadLink is why a link carries nothing, as seen from itself; nil if it does.
func (w *walker) deadLink(l *topo.LinkState) *Fault {
	switch {
	case l.Flags&unix.IFF_UP == 0:
		return linkDown(l)
	case l.Kind == "veth" && l.Peer != nil && l.Peer.Flags&unix.IFF_UP == 0:
		return linkDown(l.Peer)
	}
	return w.carrierFault(l)
}

// forwards looks at whether a namespace passes a packet on.
func (w *walker) forwards(at *place, dev *topo.LinkState, p *packet) *Fault {
	sp := at.space
	if len(p.dst) == 16 {
		all := "net/ipv6/conf/all/forwarding"
		if v, ok := w.probe.Sysctl(sp, all); ok && v == "0" {
			if v, ok := w.probe.Sysctl(sp, "net/ipv6/conf/"+at.in.Name+"/force_forwarding"); ok && v == "1" {
				return nil
			}
			return newFault(Forwarding, sp, at.in,
				"does not forward IPv6",
				"the packet is for another namespace, and "+all+" is 0").with(setting(sp, all, "1"))
		}
		if linkLocal(&p.src) {
			return newFault(Martian, sp, at.in,
				say(nil, "the packet comes from the link-local address %", &p.src),
				"such addresses count on one link only, and routers do not forward what comes from them")
		}
		w.hop(sp, at.in, "forwards IPv6", nil)
		return nil
	}
	if f := w.forward4(at); f != nil {
		return f
	}
	w.hop(sp, at.in, "forwards IPv4", nil)
	return nil
}

// forward4 is the fault of a namespace that does not forward what comes in by
// a link; nil if it does.
func (w *walker) forward4(at *place) *Fault {
	sp := at.space
	key := "net/ipv4/conf/" + at.in.Name + "/forwarding"
	v, ok := w.probe.Sysctl(sp, key)
	if !ok || v != "0" {
		return nil
	}
	mend := "net/ipv4/ip_forward"
	if all, ok := w.probe.Sysctl(sp, mend); ok && all != "0" {
		mend = key
	}
	return newFault(Forwarding, sp, at.in,
		"does not forward IPv4",
		"the packet is for another namespace, and "+key+" is 0").with(setting(sp, mend, "1"))
}

// errnoOf returns the errno of an error.
func errnoOf(err error) unix.Errno {
	var e unix.Errno
	errors.As(err, &e)
	return e
}

//go:noinline
func linkByIndex(sp *topo.SpaceState, index int32) *topo.LinkState {
	for _, l := range sp.Links {
		if l.Index == index {
			return l
		}
	}
	return nil
}

// ipString is an address as text.
//
//go:noinline
func ipString(a []byte) string {
	if a == nil {
		return "no address"
	}
	return string(nl.AppendIP(nil, a))
}

// hostText is an address as the network of it alone.
//
//go:noinline
func hostText(ip *[]byte) string {
	return topo.Prefix{IP: *ip, Bits: uint8(8 * len(*ip))}.String()
}

//go:noinline
func macString(a []byte) string { return string(nl.AppendMAC(nil, a)) }

//go:noinline
func itoa(n int) string { return strconv.Itoa(n) }

//go:noinline
func clone(b []byte) []byte { return append([]byte(nil), b...) }

//go:noinline
func same(a, b *[]byte) bool { return bytes.Equal(*a, *b) }

// within tells whether an address is in a prefix's network.
//
//go:noinline
func within(p *topo.Prefix, ip *[]byte) bool { return p.Contains(*ip) }
