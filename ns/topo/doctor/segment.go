package doctor

import (
	"golang.org/x/sys/unix"

	"rawns/nl/rtnl"
	"rawns/ns/topo"
)

// A frame's way through links is the cheapest path in a graph of stages. A
// frame leaves by a link (out, leaving), arrives at one (in, arrived), goes
// through a bridge whose port that is (bridged), or is taken by the link's own
// network stack (taken).
type stage uint8

const (
	out     stage = iota // to leave by the link
	leaving              // the link is up and has carrier
	in                   // arrives at the link
	arrived              // the link is up
	bridged              // inside a bridge; the link is the port by which it came, or the bridge's own
	taken                // the network stack of the link's namespace has it
)

type node struct {
	l     *topo.LinkState
	stage stage
	br    *topo.LinkState // bridged: the bridge
	vlan  uint16          // the frame's tag, or the VLAN inside a bridge; 0 for none
}

// Costs. A fault costs more than any way without one, a port that would have
// to be made more than any number of faults that one would have patience for.
const (
	step     = 1
	dear     = 1 << 16 // an edge that loses the frame
	made     = 1 << 24 // an edge that is not there
	unlikely = 1 << 23 // added where it is improbable that it should be
)

// frame is what travels.
type frame struct {
	broadcast bool   // it is for all (ARP); v6: for a multicast group (neighbour discovery)
	v6        bool   //
	src, dst  []byte // MACs; dst counts if it is no broadcast
	size      int    // bytes of the packet in it, IP header included
	taught    bool   // the bridges on the way have learnt where dst is
}

// visit is what the search knows of a node.
type visit struct {
	n     node
	cost  int
	from  *visit
	fault *Fault // of the edge that led here
	hops  []Hop  // of a tunnel that led here
	done  bool
}

// search is a search for a link that takes a frame.
type search struct {
	w       *walker
	f       frame
	start   *topo.LinkState
	all     map[node]*visit
	heap    []*visit
	taken   []*visit // stacks that get the frame, nearest first, as far as no fault is in between
	best    *visit   // the cheapest that was wanted; nil for none
	outside *topo.LinkState
	unseen  *topo.LinkState // a link that leads to where we cannot look
	now     *visit
}

// search finds the cheapest way of a frame that leaves by a link to a link that
// is wanted: want returns what it would cost to be content with one, negative
// for never. All links that get the frame without a fault are found.
func (w *walker) search(start *topo.LinkState, f frame, want func(*topo.LinkState) int) *search {
	s := &search{w: w, f: f, start: start, all: map[node]*visit{}}
	s.reach(node{l: start, stage: out}, 0, nil)
	bestCost := 0
	for len(s.heap) > 0 {
		v := s.pop()
		if v.done {
			continue
		}
		if s.best != nil && v.cost >= bestCost && v.cost >= dear {
			break
		}
		v.done = true
		if v.n.stage == taken && v.n.l != start {
			if v.cost < dear {
				s.taken = append(s.taken, v)
			}
			if more := want(v.n.l); more >= 0 && (s.best == nil || v.cost+more < bestCost) {
				s.best, bestCost = v, v.cost+more
			}
		}
		s.now = v
		s.edges(v.n)
	}
	if s.best != nil {
		s.best = &visit{n: s.best.n, cost: bestCost, from: s.best.from, fault: s.best.fault, hops: s.best.hops}
	}
	return s
}

// flood is search for a frame for all, about an address of n bytes.
//
//go:noinline
func (w *walker) flood(start *topo.LinkState, n int, want func(*topo.LinkState) int) *search {
	return w.search(start, frame{broadcast: true, v6: n == 16, src: start.MAC}, want)
}

// path is the way to a visit, from the start.
func (v *visit) path() (out []*visit) {
	for ; v != nil; v = v.from {
		out = append(out, v)
	}
	for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
		out[i], out[j] = out[j], out[i]
	}
	return out
}

// firstFault is the first on the way, nil if there is none.
func (v *visit) firstFault() *Fault {
	for _, p := range v.path() {
		if p.fault != nil {
			return p.fault
		}
	}
	return nil
}

// reach notes that a node can be reached over the node that is looked at.
func (s *search) reach(n node, cost int, fault *Fault) *visit {
	if s.now != nil {
		cost += s.now.cost
	}
	v := s.all[n]
	if v != nil && (v.done || v.cost <= cost) {
		return nil
	}
	v = &visit{n: n, cost: cost, from: s.now, fault: fault}
	s.all[n] = v
	s.push(v)
	return v
}

// edge leads on without a fault, or with one.
func (s *search) edge(n node, fault *Fault) *visit {
	if fault == nil {
		return s.reach(n, step, nil)
	}
	return s.reach(n, step+dear, fault)
}

func (s *search) push(v *visit) {
	s.heap = append(s.heap, v)
	for i := len(s.heap) - 1; i > 0; {
		p := (i - 1) / 2
		if s.heap[p].cost <= s.heap[i].cost {
			break
		}
		s.heap[p], s.heap[i] = s.heap[i], s.heap[p]
		i = p
	}
}

func (s *search) pop() *visit {
	top := s.heap[0]
	n := len(s.heap) - 1
	s.heap[0] = s.heap[n]
	s.heap = s.heap[:n]
	for i := 0; ; {
		c := 2*i + 1
		if c >= n {
			break
		}
		if c+1 < n && s.heap[c+1].cost < s.heap[c].cost {
			c++
		}
		if s.heap[i].cost <= s.heap[c].cost {
			break
		}
		s.heap[c], s.heap[i] = s.heap[i], s.heap[c]
		i = c
	}
	return top
}

// edges notes where a frame goes from a node.
func (s *search) edges(n node) {
	l := n.l
	switch n.stage {
	case out:
		f := (*Fault)(nil)
		if l.Flags&unix.IFF_UP == 0 {
			f = linkDown(l)
		} else {
			f = s.w.carrierFault(l)
		}
		s.edge(node{l: l, stage: leaving, vlan: n.vlan}, f)
	case leaving:
		s.leave(n)
	case in:
		f := (*Fault)(nil)
		if l.Flags&unix.IFF_UP == 0 {
			f = linkDown(l)
		}
		s.edge(node{l: l, stage: arrived, vlan: n.vlan}, f)
	case arrived:
		s.arrive(n)
	case bridged:
		s.cross(n)
	}
}

// leave is what a kind of link does with a frame that is sent by it.
func (s *search) leave(n node) {
	l := n.l
	switch l.Kind {
	case "veth", "netkit":
		if l.Peer == nil {
			s.unseen = l
			break
		}
		s.edge(node{l: l.Peer, stage: in, vlan: n.vlan}, s.tooLarge(l.Peer))
	case "bridge":
		vlan, f := s.w.ingressVLAN(l, l, n.vlan)
		s.edge(node{l: l, stage: bridged, br: l, vlan: vlan}, f)
	case "macvlan", "macvtap":
		s.macvlan(n)
	case "vlan":
		if l.Lower != nil {
			id, _ := info(l).U16(rtnl.IFLA_VLAN_ID)
			s.edge(node{l: l.Lower, stage: out, vlan: id}, nil)
		} else {
			s.unseen = l
		}
	case "ipvlan", "ipvtap":
		if l.Lower == nil {
			s.unseen = l
			break
		}
		s.edge(node{l: l.Lower, stage: out, vlan: n.vlan}, nil)
		for _, c := range s.w.children[l.Lower] {
			if c != l && c.Kind == l.Kind {
				s.edge(node{l: c, stage: in, vlan: n.vlan}, nil)
			}
		}
	case "bond", "team":
		for _, p := range s.w.ports[l] {
			s.edge(node{l: p, stage: out, vlan: n.vlan}, nil)
		}
	case "dummy", "ifb":
		// It swallows what it gets.
	default:
		if isTunnel(l.Kind) {
			s.tunnel(n)
		} else if l.Flags&unix.IFF_LOOPBACK == 0 && s.outside == nil {
			s.outside = l
		}
	}
	for _, c := range s.w.children[l] {
		if c.Kind == "macvlan" || c.Kind == "macvtap" {
			s.edge(node{l: c, stage: in}, faultAt(MacvlanMode, c,
				c.Name+" is a macvlan on top of "+l.Name,
				"a macvlan and the link below it do not hear each other; put a macvlan there, too"))
		}
	}
}

// arrive is what happens to a frame that came in by a link that is up.
func (s *search) arrive(n node) {
	l := n.l
	m := l.Master
	switch {
	case m != nil && m.Kind == "bridge":
		vlan, f := s.w.ingressVLAN(m, l, n.vlan)
		if g := s.ingress(m, l); g != nil {
			f = g
		}
		s.edge(node{l: l, stage: bridged, br: m, vlan: vlan}, f)
	case m != nil && (m.Kind == "bond" || m.Kind == "team"):
		s.edge(node{l: m, stage: in, vlan: n.vlan}, nil)
		return
	default:
		s.accept(n)
	}
	if l.Kind == "bridge" || l.Flags&unix.IFF_LOOPBACK != 0 {
		return
	}
	// What if it were a port of a bridge here?
	for _, br := range l.Space.Links {
		if br.Kind == "bridge" && br != m {
			cost := made
			if len(l.Addrs) > 0 && !onlyLinkLocal(l) {
				cost += unlikely
			}
			s.reach(node{l: l, stage: bridged, br: br}, cost, notAPort(br, l))
		}
	}
}

// accept hands a frame to the stack of a link, and to the links on top of it.
func (s *search) accept(n node) {
	l := n.l
	for _, c := range s.w.children[l] {
		switch {
		case c.Kind == "vlan":
			if id, _ := info(c).U16(rtnl.IFLA_VLAN_ID); id == n.vlan && id != 0 {
				s.edge(node{l: c, stage: in}, nil)
			}
		case n.vlan == 0:
			s.edge(node{l: c, stage: in}, nil)
		}
	}
	for _, c := range s.w.children[l] {
		id, _ := info(c).U16(rtnl.IFLA_VLAN_ID)
		if c.Kind != "vlan" || n.vlan == 0 || id == n.vlan {
			continue
		}
		s.edge(node{l: c, stage: in}, faultAt(VLANFilter, c,
			say(nil, "is of VLAN %, and frames arrive with the tag of %", &id, &n.vlan),
			"a VLAN link takes the frames of its own VLAN only").with(remakeVLAN(c, n.vlan)...))
	}
	if n.vlan != 0 {
		f := faultAt(VLANFilter, l,
			say(nil, "frames arrive with the tag of VLAN %", &n.vlan),
			"no VLAN link on "+l.Name+" takes them")
		if p := l.Peer; p != nil && p.Master != nil {
			f.with(command(p.Space, "bridge vlan add dev % vid % pvid untagged", p, &n.vlan))
		}
		s.reach(node{l: l, stage: taken}, step+2*dear, f) // a VLAN link that is there is likelier
		return
	}
	s.edge(node{l: l, stage: taken}, nil)
}

// remakeVLAN are the commands that make a VLAN link anew with another id, which
// cannot be changed.
func remakeVLAN(l *topo.LinkState, id uint16) []*Command {
	if l.Lower == nil || l.Lower.Space != l.Space {
		return nil
	}
	return anew(l, command(l.Space, "ip link add link % name % type vlan id %", l.Lower, l, &id))
}

// macvlan is what a macvlan does with a frame that is sent by it.
func (s *search) macvlan(n node) {
	l := n.l
	if l.Lower == nil {
		s.unseen = l
		return
	}
	below := s.w.deadLink(l.Lower) // also what goes to one beside it goes by it
	for _, c := range s.w.children[l.Lower] {
		if c == l || c.Kind != "macvlan" && c.Kind != "macvtap" {
			continue
		}
		f := below
		for _, x := range []*topo.LinkState{l, c} {
			if m := macvlanMode(x); f == nil && m != macvlanBridge {
				f = faultAt(MacvlanMode, x,
					x.Name+" is a macvlan in mode "+modeName(m),
					"only macvlans in mode bridge hear others on the same link").with(setLink(x, "type macvlan mode bridge"))
				if m == macvlanPassthru {
					f.Mend = nil // it cannot be changed
				}
			}
		}
		s.edge(node{l: c, stage: in}, f)
	}
	s.edge(node{l: l.Lower, stage: out, vlan: n.vlan}, nil)
	s.edge(node{l: l.Lower, stage: taken}, faultAt(MacvlanMode, l,
		l.Name+" is a macvlan on top of "+l.Lower.Name,
		"a macvlan and the link below it do not hear each other; put a macvlan there, too"))
}

// Modes of a macvlan, MACVLAN_MODE_ in linux/if_link.h.
const (
	macvlanBridge   = 4
	macvlanPassthru = 8
)

func macvlanMode(l *topo.LinkState) uint32 {
	m, _ := info(l).U32(rtnl.IFLA_MACVLAN_MODE)
	return m
}

func modeName(m uint32) string {
	for _, v := range rtnl.MACVLANModes.List {
		if uint32(v.Value) == m {
			return v.Name
		}
	}
	return itoa(int(m))
}

// tooLarge is the fault of a frame that is larger than a veth's end, or a
// bridge's port, lets pass: the kernel allows for the Ethernet header and a VLAN
// tag (is_skb_forwardable).
func (s *search) tooLarge(l *topo.LinkState) *Fault {
	if s.f.broadcast || s.f.size <= int(l.MTU)+4 {
		return nil
	}
	return faultAt(MTU, l,
		say(nil, "mtu %: packets of % bytes are dropped", &l.MTU, &s.f.size),
		"the sender's links let them pass, and between links of one network nobody cuts packets or complains").with(setLink(l, "mtu %", &s.f.size))
}

// linkDown is the fault of a link that is not up.
//
//go:noinline
func linkDown(l *topo.LinkState) *Fault {
	f := faultAt(LinkDown, l,
		"is down",
		"a link that is not up sends nothing and takes nothing").with(setLink(l, "up"))
	switch {
	case l.Kind == "bridge":
		f.setWhy("a bridge that is not up passes no frames between its ports")
	case l.Kind == "veth" && l.Master != nil:
		f.setWhy("a port that is not up gives the bridge nothing, and gets nothing; the other end of the veth has no carrier")
	case l.Kind == "veth":
		f.setWhy("it takes nothing, and the other end of the veth has no carrier")
	}
	return f
}

// carrierFault is the fault of a link that is up without carrier, if that comes
// from the link itself: a veth whose other end is down is judged at that end, a
// link on top of another one at that.
func (w *walker) carrierFault(l *topo.LinkState) *Fault {
	if v, _ := l.Attrs.U8(rtnl.IFLA_PROTO_DOWN); v != 0 {
		return faultAt(NoCarrier, l,
			"its protocol is held down (protodown on)",
			"the kernel keeps its carrier off").with(setLink(l, "protodown off"))
	}
	if l.Carrier {
		return nil
	}
	switch l.Kind {
	case "veth", "netkit":
		if l.Peer == nil || l.Peer.Flags&unix.IFF_UP == 0 {
			return nil
		}
	case "bridge":
		return nil // from its ports
	case "macvlan", "macvtap", "vlan", "ipvlan", "ipvtap":
		if l.Lower == nil || l.Lower.Flags&unix.IFF_UP == 0 || !l.Lower.Carrier {
			return nil
		}
	case "bond", "team":
		return nil
	case "tun":
		return faultAt(NoCarrier, l,
			"has no carrier",
			"the program that had opened it is gone, or never was")
	}
	f := faultAt(NoCarrier, l,
		"has no carrier",
		"nothing is sent by a link without carrier")
	if l.Kind != "" {
		f.with(setLink(l, "carrier on"))
	}
	return f
}

// info is a link's IFLA_INFO_DATA.
//
//go:noinline
func info(l *topo.LinkState) attrs {
	return attrs{l.Attrs.Nest(rtnl.IFLA_LINKINFO).Nest(rtnl.IFLA_INFO_DATA)}
}

// port is a link's IFLA_INFO_SLAVE_DATA: what its bridge says of it.
//
//go:noinline
func port(l *topo.LinkState) attrs {
	return attrs{l.Attrs.Nest(rtnl.IFLA_LINKINFO).Nest(rtnl.IFLA_INFO_SLAVE_DATA)}
}

func onlyLinkLocal(l *topo.LinkState) bool {
	for i := range l.Addrs {
		if !linkLocal(&l.Addrs[i].IP) {
			return false
		}
	}
	return true
}
