package doctor

import (
	"golang.org/x/sys/unix"

	"rawns/ns/topo"
)

// cross brings a packet over one link's network to the neighbour that has the
// address nh, and returns the link by which it comes in there; nil if that is
// where we cannot look.
func (w *walker) cross(at *place, dev *topo.LinkState, nh []byte, p *packet) (*topo.LinkState, *Fault) {
	sp := at.space
	if dev.Flags&unix.IFF_LOOPBACK != 0 {
		f := newFault(BadRoute, sp, dev, say(nil, "the route to % goes by lo", &p.dst), "what is sent by lo never leaves the namespace")
		if rt := w.routeBy(sp, p.dst, dev); rt != nil {
			f.with(w.delRoute(sp, rt))
		}
		return nil, f
	}
	if len(nh) == 16 && dev.MTU < 1280 {
		return nil, lowMTU(dev)
	}
	want := w.expected(nh, p)
	s := w.flood(dev, len(nh), func(x *topo.LinkState) int {
		return w.answers(sp, x, nh)
	})
	entry := w.neighbour(dev, nh)

	// Who answers?
	var first *visit
	for _, v := range s.taken {
		if w.answers(sp, v.n.l, nh) < 0 || w.holder(v.n.l, nh) == nil {
			continue
		}
		if want != nil && v.n.l.Space != want {
			return nil, w.twice(v.n.l, want, nh)
		}
		if first != nil && first.n.l.Space != v.n.l.Space {
			return nil, w.twice(v.n.l, first.n.l.Space, nh)
		}
		if first == nil {
			first = v
		}
	}
	if s.best == nil || s.best.cost >= made {
		if outside := s.outside; outside != nil && (want == nil || s.best == nil && len(w.holders(&nh)) == 0 || outside.Kind != "" && outside.Kind != "tun") {
			w.pathHops(s, nil)
			w.hop(outside.Space, outside, "leaves by a "+deviceName(outside)+": what is behind it cannot be seen from here", nil)
			return nil, nil
		}
		if s.unseen != nil && s.best == nil {
			l := s.unseen
			return nil, faultAt(Unseen, l,
				"leads to a namespace that cannot be seen from here",
				"its other end is in a namespace without a name, or one that we may not look into: rawns ls --all")
		}
		return nil, w.explainNobody(at, dev, nh, p, s)
	}
	if f := s.best.firstFault(); f != nil {
		// Somebody who would answer is there, behind a fault.
		if entry != nil && f.Kind == PortFlood {
			f = nil // it need not be asked for
		}
		if f != nil {
			w.pathHops(s, f)
			return nil, f
		}
	}
	x := s.best.n.l
	holder := w.holder(x, nh)
	if holder != nil && holder.Flags&unix.IFF_LOOPBACK != 0 {
		if a := addrOf(holder, &nh); a != nil && a.Bits < 32 {
			return nil, w.onLoopback(holder, x, a)
		}
	}
	if holder != nil && holder != x && holder.Flags&unix.IFF_UP == 0 && len(nh) == 4 {
		f := linkDown(holder)
		f.sayWhy(nil, "% is an address of it, and the addresses of a link that is down count for nothing", &nh)
		return nil, f
	}
	if holder != nil {
		if f := w.addressState(holder, claims(holder, &nh)); f != nil {
			return nil, f
		}
	}
	if f := w.allOnes(sp, nh); f != nil {
		w.pathHops(s, nil)
		return nil, f
	}
	mac, f := w.resolve(at, dev, x, nh, p, entry)
	if f != nil {
		w.pathHops(s, nil)
		return nil, f
	}
	// Two of one MAC in one network.
	for _, v := range s.taken {
		y := v.n.l
		if y != x && same(&y.MAC, &x.MAC) && len(x.MAC) == 6 && y.Space != x.Space && !sameLower(x, y) {
			return nil, w.twins(x, y)
		}
	}
	if same(&dev.MAC, &x.MAC) && len(x.MAC) == 6 && !sameLower(x, dev) {
		return nil, w.twins(x, dev)
	}
	// The frame itself.
	u := w.search(dev, frame{v6: len(nh) == 16, src: dev.MAC, dst: mac, size: p.size}, func(y *topo.LinkState) int {
		if y == x {
			return 0
		}
		return -1
	})
	if u.best == nil {
		return nil, newFault(Failed, sp, dev,
			"no way was found to "+x.Name+" any more",
			"something changed meanwhile: try again")
	}
	f = u.best.firstFault()
	w.pathHops(u, f)
	if f != nil {
		return nil, f
	}
	if f := w.filteredOnPath(u, p); f != nil {
		return nil, f
	}
	return x, nil
}

// filteredOnPath is the fault of a filter of one of the links on a packet's way.
func (w *walker) filteredOnPath(s *search, p *packet) *Fault {
	path := s.best.path()
	for i, v := range path {
		l := v.n.l
		if v.n.stage == arrived {
			if f := w.filteredDev(p, l); f != nil {
				return f
			}
		}
		if v.n.stage != bridged || i+1 >= len(path) {
			continue
		}
		br, in, out := v.n.br, l, path[i+1].n.l
		if in == br {
			in = nil
		}
		if out == br {
			out = nil
		}
		if f := w.filteredBridge(p, br, in, out); f != nil {
			return f
		}
	}
	return nil
}

// onLoopback: an address with a network is on lo, and should be on another link.
func (w *walker) onLoopback(lo, x *topo.LinkState, a *topo.AddrState) *Fault {
	return faultAt(NoAddress, x,
		say(nil, "does not have %: it is on lo", &a.Prefix),
		"the network of an address of lo leads nowhere else").with(delAddr(lo, a), addAddr(x, a.Prefix))
}

// allOnes: an address of a namespace is in a network that is too small, and the
// last one of it, to which it broadcasts, is that of somebody's.
func (w *walker) allOnes(sp *topo.SpaceState, ip []byte) *Fault {
	for _, l := range sp.Links {
		for i := range l.Addrs {
			a := &l.Addrs[i]
			if len(ip) != 4 || !within(&a.Prefix, &ip) || !isBroadcast(topo.Prefix{IP: ip, Bits: a.Bits}) {
				continue
			}
			for _, h := range w.holders(&ip) {
				e := addrOf(h, &ip)
				if h.Space == sp || e.Bits >= a.Bits || !within(&e.Prefix, &a.IP) {
					continue
				}
				f := newFault(BadPrefix, sp, l,
					say(w.st, "% ends with %, its network's broadcast address, which is that of % in %", &a.Prefix, &ip, h, h.Space),
					say(nil, "what is for it is sent to all, and answered by none; there the network is %", network{&e.Prefix})).with(addAddr(l, topo.Prefix{IP: a.IP, Bits: e.Bits}), delAddr(l, a))
				if w.neighbour(l, ip) != nil { // it would stay as it is
					f.Mend = append(f.Mend, command(sp, "ip neigh del % dev %", &ip, l))
				}
				return f
			}
		}
	}
	return nil
}

// expected is the namespace that ought to have an address: where the walk goes
// to; nil if anybody may have it.
func (w *walker) expected(nh []byte, p *packet) *topo.SpaceState {
	if w.depth > 0 || !same(&nh, &p.dst) || w.dnat || p.reply && len(w.nats) > 0 {
		return nil
	}
	if p.reply {
		return w.r.From.Space
	}
	return w.r.To.Space
}

// neighbour is the entry of the neighbour table that settles where a packet
// goes without asking: nil if there is none.
func (w *walker) neighbour(dev *topo.LinkState, nh []byte) *topo.NeighState {
	for _, n := range dev.Space.Neighs {
		if dev.Flags&unix.IFF_NOARP != 0 && n.State&unix.NUD_NOARP != 0 && same(&n.MAC, &dev.MAC) {
			continue // made by the kernel, as it asks for none there
		}
		if n.Dev == dev && n.Family != unix.AF_BRIDGE && same(&n.IP, &nh) && len(n.MAC) > 0 && n.Flags&unix.NTF_PROXY == 0 {
			const valid = unix.NUD_PERMANENT | unix.NUD_NOARP | unix.NUD_REACHABLE | unix.NUD_PROBE | unix.NUD_STALE | unix.NUD_DELAY
			if n.State&valid != 0 {
				return n
			}
		}
	}
	return nil
}

// holder is the link that has the address for which x answers: x itself, or,
// with IPv4, any other of its namespace.
func (w *walker) holder(x *topo.LinkState, nh []byte) *topo.LinkState {
	if addrOf(x, &nh) != nil {
		return x
	}
	if len(nh) == 4 {
		for _, l := range x.Space.Links {
			if claims(l, &nh) != nil {
				return l
			}
		}
	}
	return nil
}

// answers tells whether a link would answer who asks for an address, and what
// it costs to take it for the one that is meant; negative for never.
func (w *walker) answers(from *topo.SpaceState, x *topo.LinkState, nh []byte) int {
	if x.Space == from {
		return -1
	}
	switch h := w.holder(x, nh); {
	case h == nil:
		if w.proxies(x, nh) {
			return 2 * step
		}
		return -1
	case h == x:
		return 0
	case h.Flags&unix.IFF_UP == 0:
		return dear
	}
	return step
}

// proxies tells whether a link answers for addresses that its namespace has a
// route to by another link (proxy_arp).
func (w *walker) proxies(x *topo.LinkState, nh []byte) bool {
	if len(nh) != 4 {
		return false
	}
	if !w.isOn(x.Space, "net/ipv4/conf/all/proxy_arp") && !w.isOn(x.Space, "net/ipv4/conf/"+x.Name+"/proxy_arp") {
		return false
	}
	a, err := w.routeTo(x.Space, &nh)
	return err == nil && a.Type == unix.RTN_UNICAST && a.Dev != x.Index
}

func (w *walker) isOn(sp *topo.SpaceState, key string) bool {
	v, ok := w.probe.Sysctl(sp, key)
	return ok && v != "0" && v != ""
}

// resolve finds the MAC to which a packet for nh is sent, as x answers it.
func (w *walker) resolve(at *place, dev, x *topo.LinkState, nh []byte, p *packet, entry *topo.NeighState) ([]byte, *Fault) {
	if len(dev.MAC) == 0 || dev.Flags&unix.IFF_POINTOPOINT != 0 {
		return x.MAC, nil
	}
	if entry != nil {
		if same(&entry.MAC, &x.MAC) || dev.Kind == "ipvlan" || x.Kind == "ipvlan" {
			return x.MAC, nil
		}
		f := newFault(Neighbour, at.space, dev,
			say(nil, "sends what is for % to %, and % is %", &nh, macString(entry.MAC), x, macString(x.MAC)),
			"an entry of the neighbour table says so").with(command(at.space, "ip neigh del % dev %", &nh, dev))
		if entry.State&unix.NUD_PERMANENT != 0 {
			f.setWhy("a permanent entry of the neighbour table says so, and nobody is asked")
		}
		for _, sp := range w.spaces {
			for _, l := range sp.Links {
				if same(&l.MAC, &entry.MAC) {
					f.Why += say(w.st, " (it is the address of % in %)", l, sp)
					return nil, f
				}
			}
		}
		return nil, f
	}
	if dev.Flags&unix.IFF_NOARP != 0 {
		return nil, newFault(NoARP, at.space, dev,
			"asks for no neighbours (NOARP)",
			"frames go to its own address, which nobody else takes").with(setLink(dev, "arp on"))
	}
	if len(nh) == 16 {
		return x.MAC, nil
	}
	if x.Flags&unix.IFF_NOARP != 0 {
		return nil, faultAt(NoARP, x,
			"answers no ARP (NOARP)",
			say(nil, "who asks for % gets no answer", &nh)).with(setLink(x, "arp on"))
	}
	if f := w.filteredARP(dev, true, nh, p.src, dev.MAC); f != nil {
		return nil, f
	}
	if f := w.filteredARP(x, false, nh, p.src, dev.MAC); f != nil {
		return nil, f
	}
	if f := w.arpSettings(x, nh, p.src); f != nil {
		return nil, f
	}
	// ARP is answered only if a packet with these addresses would be taken.
	if w.holder(x, nh) != nil && p.src != nil {
		to := place{x.Space, x}
		if _, err := w.ask(x.Space, &Query{Family: unix.AF_INET, Dst: nh, Src: p.src, In: x}); err != nil {
			q := &packet{src: p.src, dst: nh, size: p.size, reply: p.reply, udp: p.udp}
			if f := w.explainRoute(&to, q, &Query{Family: unix.AF_INET, Dst: nh, Src: p.src, In: x}, err); f != nil {
				return nil, f
			}
		}
	}
	return x.MAC, nil
}

// arpSettings is the fault of a link that is told not to answer.
func (w *walker) arpSettings(x *topo.LinkState, nh, asker []byte) *Fault {
	sp := x.Space
	here := addrOf(x, &nh)
	for _, key := range []string{"net/ipv4/conf/all/arp_ignore", "net/ipv4/conf/" + x.Name + "/arp_ignore"} {
		v, _ := w.probe.Sysctl(sp, key)
		why := ""
		switch v {
		case "1":
			if here == nil {
				why = say(nil, "it answers only for addresses of the link that is asked, and % is another one's", &nh)
			}
		case "2":
			if here == nil || asker != nil && !within(&here.Prefix, &asker) {
				why = "it answers only who is in the same network"
			}
		case "3":
			if here == nil || here.Scope == unix.RT_SCOPE_HOST {
				why = "it answers for no addresses of scope host"
			}
		case "8":
			why = "it answers for none of its addresses"
		}
		if why != "" {
			return newFault(ARPSettings, sp, x,
				key+" is "+v,
				why).with(setting(sp, key, "0"))
		}
	}
	for _, key := range []string{"net/ipv4/conf/all/arp_filter", "net/ipv4/conf/" + x.Name + "/arp_filter"} {
		if !w.isOn(sp, key) || asker == nil {
			continue
		}
		a, err := w.ask(sp, &Query{Family: unix.AF_INET, Dst: asker, Src: nh})
		if err != nil || a.Dev != x.Index {
			return newFault(ARPSettings, sp, x,
				key+" is 1",
				say(nil, "it answers only who is behind the link that is asked, and the route to % goes elsewhere", &asker)).with(setting(sp, key, "0"))
		}
	}
	return nil
}

// twice: two namespaces of one network have an address.
func (w *walker) twice(l *topo.LinkState, want *topo.SpaceState, nh []byte) *Fault {
	if f := w.rather(l.Space, want, nh); f != nil {
		return f
	}
	h := w.holder(l, nh)
	a := claims(h, &nh)
	f := newFault(DupAddress, l.Space, h,
		say(nil, "has the address % too", &nh),
		say(w.st, "% has it as well: who answers first, or last, gets the packets", want)).with(delAddr(h, a))
	if !same(&a.IP, &nh) {
		f.sayWhat(nil, "has %: all of the network of an address of lo is the namespace's own, % too", &a.Prefix, &nh)
	}
	return f
}

// rather: of two namespaces with one address, others send to sp by it as their
// gateway, and not to other, which is the one that should lose it; nil if it is
// not like that, or the address was asked for.
func (w *walker) rather(sp, other *topo.SpaceState, ip []byte) *Fault {
	for _, p := range []*Point{&w.r.From, &w.r.To} {
		if p.Fixed && same(&p.IP, &ip) {
			return nil
		}
	}
	if other == nil || !w.isGateway(sp, ip) || w.isGateway(other, ip) {
		return nil
	}
	for _, l := range other.Links {
		if a := addrOf(l, &ip); a != nil {
			return newFault(DupAddress, other, l, say(nil, "has the address % too", &ip),
				say(w.st, "% has it as well, and is a gateway by it", sp)).with(delAddr(l, a))
		}
	}
	return nil
}

// isGateway tells whether others have routes by an address of a namespace that
// has a way to where these lead, or to an end of this walk.
func (w *walker) isGateway(sp *topo.SpaceState, ip []byte) bool {
	for _, o := range w.spaces {
		for _, rt := range o.Routes {
			if o == sp || !same(&rt.Via, &ip) {
				continue
			}
			for _, to := range [][]byte{w.r.To.IP, w.r.From.IP, rt.Dst.IP} {
				if !within(&rt.Dst, &to) {
					continue
				}
				a, err := w.routeTo(sp, &to)
				if l := linkByIndex(sp, a.Dev); err == nil && l != nil && l.Flags&unix.IFF_LOOPBACK == 0 && addrOf(l, &ip) == nil {
					return true
				}
			}
		}
	}
	return false
}

// twins: two links of one network have one MAC. The second gets another one:
// the first's with the last bits changed, marked as local.
func (w *walker) twins(x, y *topo.LinkState) *Fault {
	mac := clone(y.MAC)
	mac[0] = mac[0]&^1 | 2
	for try := byte(1); try != 0; try++ {
		mac[len(mac)-1] = y.MAC[len(mac)-1] + try
		free := true
		for _, sp := range w.spaces {
			for _, l := range sp.Links {
				free = free && !same(&l.MAC, &mac)
			}
		}
		if free {
			break
		}
	}
	return faultAt(DupMAC, y,
		say(w.st, "has the MAC %, and so has % in %", macString(y.MAC), x, x.Space),
		"a bridge cannot tell them apart: what is for one goes to the other, or back where it came from").with(setLink(y, "address %", macString(mac)))
}

// sameLower tells whether links share a MAC because one is on top of the other.
func sameLower(x, y *topo.LinkState) bool {
	for _, a := range []*topo.LinkState{x, x.Lower} {
		for _, b := range []*topo.LinkState{y, y.Lower} {
			if a != nil && a == b {
				return true
			}
		}
	}
	return false
}

// lowMTU: IPv6 wants packets of 1280 bytes everywhere.
func lowMTU(l *topo.LinkState) *Fault {
	return faultAt(MTU, l,
		say(nil, "mtu % is less than 1280", &l.MTU),
		"the kernel uses no IPv6 on such a link").with(setLink(l, "mtu 1500"))
}

func deviceName(l *topo.LinkState) string {
	switch l.Kind {
	case "":
		return "device"
	case "tun":
		return "tun device, which a program reads from"
	}
	return "link of kind " + l.Kind
}

// pathHops writes down the links on the way to what a search has found, up to
// a fault.
func (w *walker) pathHops(s *search, f *Fault) {
	if s.best == nil {
		return
	}
	for _, v := range s.best.path() {
		w.r.Hops = append(w.r.Hops, v.hops...)
		if f != nil && v.fault == f {
			return
		}
		l := v.n.l
		switch v.n.stage {
		case leaving:
			switch {
			case l.Kind == "bridge":
				w.hop(l.Space, l, "bridge, up", nil)
			case l.Master != nil && l.Master.Kind == "bridge":
				w.hop(l.Space, l, "port of "+l.Master.Name+", forwards, up, carrier", nil)
			default:
				w.hop(l.Space, l, describe(l)+"up, carrier", nil)
			}
		case arrived:
			switch {
			case l.Kind == "bridge" && l.Master == nil:
				w.hop(l.Space, l, "bridge, up", nil)
			case l.Master != nil && l.Master.Kind == "bridge":
				w.hop(l.Space, l, "up, port of "+l.Master.Name+", forwards", nil)
			default:
				w.hop(l.Space, l, describe(l)+"up", nil)
			}
		}
	}
}

func describe(l *topo.LinkState) string {
	switch {
	case l.Kind == "veth" && l.Peer != nil, l.Kind == "":
		return ""
	}
	return l.Kind + ", "
}
