package doctor

import (
	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
	"rawns/ns"
	"rawns/ns/topo"
)

// tunnelEnd is what a link that packs frames into packets says of itself.
type tunnelEnd struct {
	id     uint32 // a vxlan's or geneve's id; gre: the key of what it sends
	takes  uint32 // the id of what it takes: gre may have another key for that
	port   uint16
	remote []byte // nil for none; a multicast group, perhaps
	local  []byte
	home   *topo.SpaceState // where its packets are sent and taken: the namespace where it was made
}

// isTunnel tells whether links of a kind are tunnels over IP.
func isTunnel(kind string) bool {
	switch kind {
	case "vxlan", "geneve", "gre", "gretap", "ip6gre", "ip6gretap", "ipip", "sit", "ip6tnl":
		return true
	}
	return false
}

// ofGroup tells whether a tunnel knows its peers by an id alone, not by their
// addresses.
func ofGroup(kind string) bool { return kind == "vxlan" || kind == "geneve" }

func (w *walker) tunnelOf(l *topo.LinkState) (t *tunnelEnd) {
	t = &tunnelEnd{}
	a := info(l)
	addr := func(types ...nl.AttrIP) []byte {
		for _, typ := range types {
			ip, _ := a.IP(typ)
			for _, b := range ip {
				if b != 0 {
					return ip
				}
			}
		}
		return nil
	}
	switch l.Kind {
	case "vxlan":
		t.id, _ = a.U32(rtnl.IFLA_VXLAN_ID)
		t.port, _ = a.BE16(rtnl.IFLA_VXLAN_PORT)
		t.remote, t.local = addr(rtnl.IFLA_VXLAN_GROUP, rtnl.IFLA_VXLAN_GROUP6), addr(rtnl.IFLA_VXLAN_LOCAL, rtnl.IFLA_VXLAN_LOCAL6)
		t.takes = t.id
	case "geneve":
		t.id, _ = a.U32(rtnl.IFLA_GENEVE_ID)
		t.port, _ = a.BE16(rtnl.IFLA_GENEVE_PORT)
		t.remote = addr(rtnl.IFLA_GENEVE_REMOTE, rtnl.IFLA_GENEVE_REMOTE6)
		t.takes = t.id
	case "gre", "gretap", "ip6gre", "ip6gretap":
		t.id, _ = a.BE32(rtnl.IFLA_GRE_OKEY)
		t.takes, _ = a.BE32(rtnl.IFLA_GRE_IKEY)
		t.remote, t.local = addr(rtnl.IFLA_GRE_REMOTE), addr(rtnl.IFLA_GRE_LOCAL)
	default:
		t.remote, t.local = addr(rtnl.IFLA_IPTUN_REMOTE), addr(rtnl.IFLA_IPTUN_LOCAL)
	}
	t.home = l.Space
	if l.LinkNSID != ns.NoID {
		if sp := l.Space.NSIDs[l.LinkNSID]; sp != nil {
			t.home = sp
		} else if l.Lower != nil {
			t.home = l.Lower.Space
		}
	}
	return t
}

// remotesOf are the addresses to which a vxlan sends a frame: those of its
// forwarding table for the MAC, or for all; the entry is nil for the link's own
// remote.
func (s *search) remotesOf(l *topo.LinkState, t *tunnelEnd) (to [][]byte, entry *topo.NeighState) {
	zero := make([]byte, 6)
	var all [][]byte
	for _, e := range s.w.fdb[l] {
		if len(e.IP) == 0 || e.Flags&unix.NTF_SELF == 0 {
			continue
		}
		switch {
		case !s.f.broadcast && same(&e.MAC, &s.f.dst):
			return [][]byte{e.IP}, e
		case same(&e.MAC, &zero):
			all = append(all, e.IP)
		}
	}
	// A vxlan's remote is the entry for all in its forwarding table, and without
	// that of no use.
	if all == nil && t.remote != nil && (l.Kind != "vxlan" || len(l.Space.Neighs) == 0) {
		all = [][]byte{t.remote}
	}
	return all, nil
}

// tunnel is what a vxlan or geneve does with a frame that is sent by it: it is
// packed into a packet, which is walked with in turn.
func (s *search) tunnel(n node) {
	w, l := s.w, n.l
	if w.depth >= 3 {
		return
	}
	// Whatever is looked for below is around this frame: tunnels through
	// themselves must end.
	w.depth++
	defer func() { w.depth-- }()
	t := w.tunnelOf(l)
	remotes, entry := s.remotesOf(l, t)
	good := false
	for _, remote := range remotes {
		good = s.tunnelTo(l, t, remote, entry) || good
	}
	if good {
		return
	}
	// What if it had the right remote, or the other end the right id?
	for _, o := range w.tunnels {
		if o == l || o.Kind != l.Kind {
			continue
		}
		u := w.tunnelOf(o)
		if u.home == t.home {
			continue
		}
		a := w.underlay(u, o, t.home)
		if a == nil {
			continue
		}
		f := faultAt(Tunnel, l,
			"",
			"")
		switch {
		case u.takes != t.id || u.port != t.port || !ofGroup(o.Kind) && u.remote == nil:
			continue // that is found from where the remote is right
		case entry != nil:
			f.Kind = FDB
			f.sayWhat(nil, "sends frames for % to %, where no % takes them", macString(s.f.dst), &remotes[0], l.Kind)
			f.setWhy("an entry of its forwarding table says so")
			f.with(command(l.Space, "bridge fdb del % dev % dst % self", macString(s.f.dst), l, &remotes[0]))
		case len(remotes) == 0:
			f.setWhat("has no remote")
			f.sayWhy(w.st, "it does not know where to send frames; % has the same id", u.home)
			f.with(command(l.Space, "bridge fdb append 00:00:00:00:00:00 dev % dst % self", l, &a))
		default:
			f.sayWhat(nil, "has the remote %", &remotes[0])
			f.sayWhy(w.st, "no % of id % is there; % has one, at %", l.Kind, &t.id, u.home, &a)
			f.with(w.setRemote(l, t, a))
			if l.Kind == "vxlan" && len(a) == 16 {
				f.with(command(l.Space, "bridge fdb append 00:00:00:00:00:00 dev % dst % self", l, &a))
			}
		}
		s.reach(node{l: o, stage: in}, step+2*dear, f)
	}
}

// tunnelTo walks to one remote, and tells whether there is somebody who takes
// such frames.
func (s *search) tunnelTo(l *topo.LinkState, t *tunnelEnd, remote []byte, entry *topo.NeighState) (good bool) {
	w := s.w
	if remote[0]&0xf0 == 0xe0 && len(remote) == 4 || remote[0] == 0xff && len(remote) == 16 {
		return s.group(l, t, remote)
	}
	if t.local != nil && w.checkSource(t.home, t.local) != nil {
		s.badLocal(l, t, remote)
		return true
	}
	size := smallPacket
	if s.f.size > 0 { // what is put around it: Ethernet's, IP's, UDP's and its own header
		size = s.f.size + 50
		if len(remote) == 16 {
			size += 20
		}
	}
	end, hops, fault := w.under(t, remote, size)
	var home *topo.SpaceState
	if end != nil {
		home = end.space
	} else if h := w.holders(&remote); len(h) > 0 {
		home = h[0].Space
	}
	if home == t.home { // it keeps its packets for itself
		home = nil
		for _, h := range w.holders(&remote) {
			if h.Space != t.home {
				home = h.Space
			}
		}
		if home != nil {
			fault = w.foreignAddress(t.home, home, remote)
		}
	}
	if home == nil {
		if fault == nil {
			s.outside = l // somewhere where we cannot look
			return false
		}
		// Nobody has the address. Who sends to ours, with the same id, has lost it.
		for _, o := range w.tunnels {
			u := w.tunnelOf(o)
			if o == l || o.Kind != l.Kind || u.id != t.id || u.port != t.port || u.remote == nil || u.home == t.home || w.underlay(u, o, t.home) != nil {
				continue
			}
			for _, h := range w.holders(&u.remote) {
				if h.Space == t.home {
					f := newFault(NoAddress, u.home, nil,
						say(nil, "has no address %", &remote),
						say(w.st, "% in % sends to it", l, l.Space))
					if f.Link, f.Mend = w.placeFor(u.home, remote, nil); f.Link != nil && f.Link.Flags&unix.IFF_UP == 0 {
						f = linkDown(f.Link)
					}
					s.edge(node{l: o, stage: in}, f)
					good = true
				}
			}
		}
		return good
	}
	for _, o := range w.tunnels {
		if o == l || o.Kind != l.Kind {
			continue
		}
		u := w.tunnelOf(o)
		if u.home != home || u.takes != t.id || u.port != t.port || !ofGroup(o.Kind) && u.remote == nil {
			continue
		}
		if fault == nil && !ofGroup(o.Kind) && !w.has(t.home, u.remote) {
			fault = faultAt(Tunnel, o, say(nil, "has the remote %, where % is not", &u.remote, l),
				"it takes packets of its remote only").with(w.setRemote(o, u, w.underlay(t, l, u.home)))
		}
		v := s.edge(node{l: o, stage: in}, fault)
		if v != nil {
			v.hops = hops
		}
		good = true
	}
	if good {
		return true
	}
	for _, o := range w.tunnels {
		u := w.tunnelOf(o)
		if o == l || o.Kind != l.Kind || u.home != home {
			continue
		}
		f := faultAt(Tunnel, o,
			"",
			"")
		if !ofGroup(o.Kind) {
			if u.remote == nil {
				continue // one that each namespace has, and nobody uses
			}
			f.sayWhat(w.st, "takes packets with the key %, and % in % sends them with %", &u.takes, l, l.Space, &t.id)
			f.setWhy("such packets are dropped")
			key := func(way string, id uint32) string {
				if id == 0 {
					return "no" + way + "key"
				}
				return say(nil, "%key %", way, &id)
			}
			f.with(setLink(o, "type "+o.Kind+" "+key("i", t.id)+" "+key("o", t.takes)))
			if v := s.reach(node{l: o, stage: in}, step+dear, f); v != nil {
				v.hops = hops
			}
			continue
		}
		if u.id != t.id {
			f.sayWhat(w.st, "has id %, and % in % has %", &u.id, l, l.Space, &t.id)
			f.setWhy("frames of one id are not taken by a " + l.Kind + " of another")
		} else {
			f.sayWhat(w.st, "takes packets on port %, and % in % sends to %", &u.port, l, l.Space, &t.port)
			f.setWhy("nothing listens there")
		}
		// Which of the two is wrong? The one with whom nobody agrees.
		if x, y := w.fellows(l), w.fellows(o); x < y {
			f.Space, f.Link = l.Space, l
			f.Mend = w.remake(l, u)
			if u.id != t.id {
				f.sayWhat(w.st, "has id %, and % in % has %", &t.id, o, o.Space, &u.id)
			}
		} else {
			f.Mend = w.remake(o, t)
		}
		if v := s.reach(node{l: o, stage: in}, step+dear, f); v != nil {
			v.hops = hops
		}
	}
	return false
}

// badLocal: a tunnel's packets would be sent from an address that its namespace
// does not have.
func (s *search) badLocal(l *topo.LinkState, t *tunnelEnd, remote []byte) {
	w := s.w
	f := faultAt(Tunnel, l, say(w.st, "sends from % (local), which % does not have", &t.local, t.home),
		"the kernel sends nothing from an address that is not there")
	if a, err := w.routeTo(t.home, &remote); err == nil && a.Src != nil {
		f.with(setLink(l, "type % local %", l.Kind, &a.Src))
		if l.Kind == "vxlan" {
			f.with(setLink(l, "type vxlan id % local %", &t.id, &a.Src))
		} else if t.remote != nil {
			f.with(setLink(l, "type % remote % local %", l.Kind, &t.remote, &a.Src))
		}
	}
	for _, o := range w.tunnels {
		if u := w.tunnelOf(o); o != l && o.Kind == l.Kind && u.id == t.id && u.port == t.port {
			s.edge(node{l: o, stage: in}, f)
		}
	}
}

// setRemote is the command that gives a tunnel another remote.
func (w *walker) setRemote(l *topo.LinkState, t *tunnelEnd, a []byte) *Command {
	switch {
	case ofGroup(l.Kind):
		return setLink(l, "type % id % remote %", l.Kind, &t.id, &a)
	case t.local == nil:
		return setLink(l, "type % remote %", l.Kind, &a)
	}
	return setLink(l, "type % remote % local %", l.Kind, &a, &t.local)
}

// has tells whether a namespace has an address.
func (w *walker) has(sp *topo.SpaceState, a []byte) bool {
	for _, l := range sp.Links {
		if addrOf(l, &a) != nil {
			return true
		}
	}
	return false
}

// fellows counts the links of a kind that have the same id and port.
func (w *walker) fellows(l *topo.LinkState) (n int) {
	t := w.tunnelOf(l)
	for _, o := range w.tunnels {
		if u := w.tunnelOf(o); o.Kind == l.Kind && u.id == t.id && u.port == t.port {
			n++
		}
	}
	return n
}

// remake are the commands that make a tunnel's link anew with another's id and
// port: these cannot be changed.
func (w *walker) remake(l *topo.LinkState, want *tunnelEnd) []*Command {
	t := w.tunnelOf(l)
	if t.home != l.Space {
		return nil
	}
	add := command(l.Space, "ip link add name %", l)
	if len(l.MAC) > 0 {
		add.add("address %", macString(l.MAC))
	}
	add.add("mtu %", &l.MTU)
	if l.Master != nil {
		add.add("master %", l.Master)
	}
	add.add("type % id %", l.Kind, &want.id)
	if t.remote != nil {
		add.add("remote %", &t.remote)
	}
	if t.local != nil {
		add.add("local %", &t.local)
	}
	add.add("dstport %", &want.port)
	if l.Kind == "vxlan" && l.Lower != nil {
		add.add("dev %", l.Lower)
	}
	return anew(l, add)
}

// anew are the commands that remove a link, add it again, and give it its
// addresses.
func anew(l *topo.LinkState, add *Command) []*Command {
	out := []*Command{command(l.Space, "ip link del dev %", l), add}
	for i := range l.Addrs {
		if !linkLocal(&l.Addrs[i].IP) {
			out = append(out, addAddr(l, l.Addrs[i].Prefix))
		}
	}
	return append(out, setLink(l, "up"))
}

// under walks a tunnel's packet to a remote.
func (w *walker) under(t *tunnelEnd, remote []byte, size int) (*place, []Hop, *Fault) {
	key := underKey{t.home, string(remote), size, w.depth, w.way}
	if u, ok := w.unders[key]; ok {
		return u.end, u.hops, u.f
	}
	saved := w.r.Hops
	w.r.Hops = nil
	p := &packet{src: t.local, dst: remote, size: size, udp: true}
	end, f := w.send(t.home, p, nil)
	u := &underWalk{end, w.r.Hops, f}
	w.r.Hops = saved
	w.unders[key] = u
	return u.end, u.hops, u.f
}

// A walk below a tunnel is asked for by many searches.
type underKey struct {
	home   *topo.SpaceState
	remote string
	size   int
	depth  int
	way    Way
}

type underWalk struct {
	end  *place
	hops []Hop
	f    *Fault
}

// group reaches the members of a multicast group: links of the same kind whose
// lower links hear each other.
func (s *search) group(l *topo.LinkState, t *tunnelEnd, group []byte) (good bool) {
	if l.Lower == nil {
		return false
	}
	for _, o := range s.w.tunnels {
		u := s.w.tunnelOf(o)
		if o == l || o.Kind != l.Kind || u.id != t.id || u.port != t.port || !same(&u.remote, &group) || o.Lower == nil {
			continue
		}
		under := s.w.flood(l.Lower, len(group), func(x *topo.LinkState) int {
			if x == o.Lower {
				return 0
			}
			return -1
		})
		if under.best != nil {
			good = true
			s.edge(node{l: o, stage: in}, under.best.firstFault())
		}
	}
	return good
}

// underlay is an address at which a tunnel's end can be reached from a
// namespace: its local one, or one in a network of from.
func (w *walker) underlay(t *tunnelEnd, l *topo.LinkState, from *topo.SpaceState) []byte {
	if t.local != nil {
		return t.local
	}
	var any []byte
	for _, o := range t.home.Links {
		if o == l || o.Flags&unix.IFF_LOOPBACK != 0 || isTunnel(o.Kind) {
			continue
		}
		for i := range o.Addrs {
			a := &o.Addrs[i]
			if linkLocal(&a.IP) {
				continue
			}
			if any == nil {
				any = a.IP
			}
			for _, f := range from.Links {
				for j := range f.Addrs {
					if within(&a.Prefix, &f.Addrs[j].IP) {
						return a.IP
					}
				}
			}
		}
	}
	return any
}
