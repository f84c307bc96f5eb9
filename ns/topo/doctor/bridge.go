package doctor

import (
	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
	"rawns/ns/topo"
)

// attrs are attributes of a link with shorter ways to ask for switches.
type attrs struct{ nl.Attrs }

// on tells whether a one-byte switch is there and on.
//
//go:noinline
func (a attrs) on(t nl.AttrU8) bool { v, _ := a.U8(t); return v != 0 }

// off tells whether it is there and off.
//
//go:noinline
func (a attrs) off(t nl.AttrU8) bool { v, ok := a.U8(t); return ok && v == 0 }

// Port states, BR_STATE_ in linux/if_bridge.h.
const (
	stateDisabled = iota
	stateListening
	stateLearning
	stateForwarding
	stateBlocking
)

// notAPort is the fault of a link that should be a port of a bridge.
func notAPort(br, l *topo.LinkState) *Fault {
	f := newFault(NotAPort, br.Space, l,
		"is no port of "+br.Name,
		"what comes in by it ends there, and "+br.Name+" sends nothing by it").with(setLink(l, "master %", br))
	if l.Master != nil {
		f.What += ", but of " + l.Master.Name
		f.setWhy("frames do not pass from one bridge to another")
	}
	return f
}

// ingress is the fault of a frame that came in by a port.
func (s *search) ingress(br, p *topo.LinkState) *Fault {
	if br.Flags&unix.IFF_UP == 0 {
		return linkDown(br)
	}
	if f := s.portState(br, p); f != nil {
		return f
	}
	a := port(p)
	if a.on(rtnl.IFLA_BRPORT_LOCKED) && !s.w.knownStatic(br, p, s.f.src) {
		return faultAt(PortLocked, p,
			"is a locked port of "+br.Name,
			"a locked port lets in only what comes from addresses in the forwarding table").with(command(p.Space, "bridge link set dev % locked off", p))
	}
	return nil
}

// knownStatic tells whether a bridge has an entry for a MAC at a port.
func (w *walker) knownStatic(br, p *topo.LinkState, mac []byte) bool {
	for _, e := range w.fdb[p] {
		if same(&e.MAC, &mac) {
			return true
		}
	}
	return false
}

// portState is the fault of a port that does not forward, though it could.
func (s *search) portState(br, p *topo.LinkState) *Fault {
	state, ok := port(p).U8(rtnl.IFLA_BRPORT_STATE)
	if !ok || state == stateForwarding || p.Flags&unix.IFF_UP == 0 || !p.Carrier {
		return nil // what comes from the link is judged there
	}
	f := faultAt(PortState, p,
		"",
		"a bridge passes frames of ports in state forwarding only")
	stp, _ := info(br).U32(rtnl.IFLA_BR_STP_STATE)
	switch state {
	case stateDisabled:
		f.setWhat("is a port in state disabled")
	case stateListening, stateLearning:
		f.setWhat("is a port in state " + []string{"", "listening", "learning"}[state])
		f.setWhy("spanning tree lets a new port wait, twice the forward_delay as a rule, before it passes frames")
	case stateBlocking:
		f.setWhat("is a port in state blocking")
		if stp == 1 {
			f.setWhy("spanning tree has taken it out, because there is another way (a loop), or it hears nothing from the root")
		}
	default:
		f.sayWhat(nil, "is a port in state %", &state)
	}
	// The kernel's own spanning tree lets nobody set a state.
	if stp == 1 {
		f.with(setLink(br, "type bridge stp_state 0"))
		if state != stateBlocking || len(s.w.ports[br]) > 0 {
			f.Mend = append(f.Mend, command(p.Space, "bridge link set dev % state 3", p))
		}
	} else {
		f.with(command(p.Space, "bridge link set dev % state 3", p))
	}
	return f
}

// ingressVLAN is the VLAN to which a bridge counts a frame that comes in by a
// port (or by the bridge itself) with a tag, or without one (0). A bridge that
// does not filter leaves the tag as it is.
func (w *walker) ingressVLAN(br, p *topo.LinkState, tag uint16) (uint16, *Fault) {
	if !info(br).on(rtnl.IFLA_BR_VLAN_FILTERING) {
		return tag, nil
	}
	list := w.probe.VLANs(p)
	if tag == 0 {
		for _, v := range list {
			if v.PVID {
				return v.ID, nil
			}
		}
		id := "1"
		if d, ok := info(br).U16(rtnl.IFLA_BR_VLAN_DEFAULT_PVID); ok && d != 0 {
			id = itoa(int(d))
		}
		return 0, faultAt(VLANFilter, p,
			"has no VLAN for frames without a tag (no PVID)",
			br.Name+" filters VLANs and drops what belongs to none").with(vlanAdd(br, p, id, true))
	}
	for _, v := range list {
		if v.ID == tag {
			return tag, nil
		}
	}
	return tag, faultAt(VLANFilter, p,
		say(nil, "is not in VLAN %", &tag),
		br.Name+" filters VLANs and drops what a port is not in").with(vlanAdd(br, p, itoa(int(tag)), false))
}

func vlanAdd(br, p *topo.LinkState, id string, untagged bool) *Command {
	c := command(p.Space, "bridge vlan add dev % vid %", p, id)
	if untagged {
		c.add("pvid untagged")
	}
	if p == br {
		c.add("self")
	}
	return c
}

// cross is what a bridge does with a frame that is inside.
func (s *search) cross(n node) {
	br, from := n.br, n.l
	filtering := info(br).on(rtnl.IFLA_BR_VLAN_FILTERING)
	if from != br {
		// To the bridge's own stack.
		f := (*Fault)(nil)
		if br.Flags&unix.IFF_UP == 0 {
			f = linkDown(br)
		}
		tag, g := s.egressVLAN(br, from, br, n.vlan, filtering)
		if f == nil {
			f = g
		}
		s.edge(node{l: br, stage: arrived, vlan: tag}, f)
	}
	for _, q := range s.w.ports[br] {
		if q == from && !port(q).on(rtnl.IFLA_BRPORT_MODE) {
			continue
		}
		tag, f := s.egressVLAN(br, from, q, n.vlan, filtering)
		if g := s.egress(br, from, q, n.vlan); g != nil {
			f = g
		}
		s.edge(node{l: q, stage: out, vlan: tag}, f)
	}
	// What if another link here were a port?
	for _, q := range br.Space.Links {
		if q.Master == br || q == br || q == from || q.Kind == "bridge" || q.Flags&unix.IFF_LOOPBACK != 0 {
			continue
		}
		cost := made
		if len(q.Addrs) > 0 && !onlyLinkLocal(q) {
			cost += unlikely
		}
		s.reach(node{l: q, stage: out}, cost, notAPort(br, q))
	}
}

// egressVLAN is the tag with which a frame leaves by a port, and the fault of
// one that may not.
func (s *search) egressVLAN(br, from, q *topo.LinkState, vlan uint16, filtering bool) (uint16, *Fault) {
	if !filtering || vlan == 0 {
		return vlan, nil
	}
	for _, v := range s.w.probe.VLANs(q) {
		if v.ID == vlan && v.Untagged {
			return 0, nil
		}
		if v.ID == vlan {
			return vlan, nil
		}
	}
	// Without its tag, if it came in without one; with it, if a link is there that
	// takes that.
	untagged := false
	for _, v := range s.w.probe.VLANs(from) {
		untagged = untagged || v.ID == vlan && v.PVID
	}
	tag := vlan
	if untagged {
		tag = 0
	}
	if q.Peer != nil {
		for _, c := range s.w.children[q.Peer] {
			if id, _ := info(c).U16(rtnl.IFLA_VLAN_ID); c.Kind == "vlan" && id == vlan {
				tag, untagged = vlan, false
			}
		}
	}
	return tag, faultAt(VLANFilter, q,
		say(nil, "is not in VLAN %", &vlan),
		br.Name+" filters VLANs: what belongs to this one does not leave by a port that is not in it").with(vlanAdd(br, q, itoa(int(vlan)), untagged))
}

// egress is the fault of a frame that came in by from (the bridge: its own) and
// is to leave by a port.
func (s *search) egress(br, from, q *topo.LinkState, vlan uint16) *Fault {
	if br.Flags&unix.IFF_UP == 0 {
		return linkDown(br)
	}
	if f := s.portState(br, q); f != nil {
		return f
	}
	a := port(q)
	if from != br && a.on(rtnl.IFLA_BRPORT_ISOLATED) && port(from).on(rtnl.IFLA_BRPORT_ISOLATED) {
		return faultAt(PortIsolated, q,
			say(nil, "% and % are isolated ports of %", q, from, br),
			"a bridge passes nothing from one isolated port to another").with(command(q.Space, "bridge link set dev % isolated off", q))
	}
	if f := s.tooLarge(q); f != nil {
		return f
	}
	if s.f.broadcast {
		what := ""
		switch {
		case s.f.taught:
		case s.f.v6 && a.off(rtnl.IFLA_BRPORT_MCAST_FLOOD):
			what = "mcast_flood"
		case !s.f.v6 && a.off(rtnl.IFLA_BRPORT_BCAST_FLOOD):
			what = "bcast_flood"
		}
		if what == "" {
			return nil
		}
		return faultAt(PortFlood, q,
			"is a port with "+what+" off",
			"the question who has the address is sent to all, and does not leave by such a port").with(command(q.Space, "bridge link set dev % % on", q, what))
	}
	// A unicast goes where the forwarding table says, else everywhere.
	if e, at := s.w.lookup(br, s.f.dst, vlan); e != nil {
		if at == q {
			return nil
		}
		f := newFault(FDB, br.Space, at,
			say(nil, "% sends frames for % by %, not by %", br, macString(s.f.dst), at, q),
			"an entry of its forwarding table says so")
		if at == br || e.State&unix.NUD_PERMANENT != 0 {
			f.setWhat(br.Name + " takes frames for " + macString(s.f.dst) + " itself")
			f.setWhy("a permanent entry of its forwarding table, at " + at.Name + ", says that the address is its own")
		}
		whose := "master"
		if e.Dev == br {
			whose = "self"
		}
		del := command(br.Space, "bridge fdb del % dev % %", macString(s.f.dst), e.Dev, whose)
		if e.VLAN != 0 {
			del.add("vlan %", &e.VLAN)
		}
		return f.with(del)
	}
	if a.off(rtnl.IFLA_BRPORT_UNICAST_FLOOD) && a.off(rtnl.IFLA_BRPORT_LEARNING) {
		return faultAt(PortFlood, q,
			"is a port with flood off and learning off",
			"the bridge never learns what is behind it, and does not try").with(command(q.Space, "bridge link set dev % learning on", q))
	}
	return nil
}

// lookup finds what a bridge's forwarding table says of a MAC, and the port by
// which it would leave: the bridge itself if it is one of its own addresses.
// Entries of the MACs that the bridge and its ports have themselves are left
// out, unless they say something else than that.
func (w *walker) lookup(br *topo.LinkState, mac []byte, vlan uint16) (*topo.NeighState, *topo.LinkState) {
	if info(br).off(rtnl.IFLA_BR_VLAN_FILTERING) {
		vlan = 0
	}
	find := func(l *topo.LinkState) *topo.NeighState {
		for _, e := range w.fdb[l] {
			if !same(&e.MAC, &mac) || e.VLAN != vlan || e.Flags&unix.NTF_SELF != 0 && l != br {
				continue
			}
			return e
		}
		return nil
	}
	if e := find(br); e != nil {
		return e, br
	}
	for _, p := range w.ports[br] {
		if e := find(p); e != nil {
			return e, p
		}
	}
	return nil, nil
}
