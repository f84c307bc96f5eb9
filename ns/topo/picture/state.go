package picture

import (
	"errors"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
	"rawns/ns/topo"
)

// OfState draws what the kernel has. Of lo, of addresses that the kernel makes
// itself, and of routes that follow from addresses nothing is drawn.
func OfState(st *topo.State) *Picture {
	p := &Picture{Title: "what runs now", Live: true}
	links := map[*topo.LinkState]*Link{}
	for i, sp := range st.Spaces {
		b := &Box{Name: sp.Label(), Host: i == 0, Count: 1}
		if i == 0 {
			b.Name = ""
		}
		p.Boxes = append(p.Boxes, b)
		if sp.Name == "" && i != 0 && len(sp.Holders) > 0 {
			b.Notes = append(b.Notes, holderNote(&sp.Holders[0]))
		}
		if sp.Err != nil {
			why := sp.Err.Error()
			if e := syscall.Errno(0); errors.As(sp.Err, &e) {
				why = e.Error()
			}
			b.Notes = append(b.Notes, "cannot be looked into: "+why)
		}
		for _, l := range sp.Links {
			d := &Link{Box: b, Name: l.Name, Kind: l.Kind, Count: 1, Status: statusOf(l)}
			for _, a := range l.Addrs {
				if !ownAddr(&a, l) {
					d.Addrs = append(d.Addrs, a.Prefix.String())
				}
			}
			if l.Flags&unix.IFF_LOOPBACK != 0 && len(d.Addrs) == 0 {
				continue
			}
			d.Notes = stateNotes(l)
			b.Links = append(b.Links, d)
			links[l] = d
		}
		for _, r := range sp.Routes {
			if r.Dst.Bits == 0 && r.Table == unix.RT_TABLE_MAIN && r.Via != nil && r.Protocol != unix.RTPROT_RA {
				b.Notes = append(b.Notes, "default via "+string(nl.AppendIP(nil, r.Via)))
			}
		}
	}
	for _, sp := range st.Spaces {
		for _, l := range sp.Links {
			d := links[l]
			if d == nil {
				continue
			}
			if l.Master != nil {
				d.Master = links[l.Master]
			}
			if peer := links[l.Peer]; peer != nil && peer != d && peer.wires == 0 && d.wires == 0 {
				p.wire(d, peer, false)
			}
			if below := links[l.Lower]; below != nil && below != d {
				p.wire(d, below, true)
			}
			if l.Kind == "veth" && l.Peer == nil {
				d.Notes = append(d.Notes, "its other end was not seen")
			}
		}
	}
	p.finish()
	return p
}

// holderNote tells who keeps a namespace alive.
func holderNote(h *topo.Holder) string {
	switch {
	case h.PID == 0:
		return "mounted on " + h.Path
	case h.Command == "":
		return "held by pid " + itoa(h.PID)
	}
	return "held by pid " + itoa(h.PID) + ": " + h.Command
}

// ownAddr tells whether the kernel gave the link that address by itself.
func ownAddr(a *topo.AddrState, l *topo.LinkState) bool {
	if l.Flags&unix.IFF_LOOPBACK != 0 {
		return a.Scope == unix.RT_SCOPE_HOST && (len(a.IP) == 16 || a.IP[0] == 127)
	}
	return len(a.IP) == 16 && a.IP[0] == 0xfe && a.IP[1]&0xc0 == 0x80
}

// statusOf is how a link is.
func statusOf(l *topo.LinkState) Status {
	switch {
	case l.Flags&unix.IFF_UP == 0:
		return StatusDown
	case !l.Carrier:
		return StatusNoCarrier
	}
	if s, ok := portState(l); ok && s != portForwarding {
		return StatusBlocked
	}
	return StatusUp
}

const portForwarding = 3 // BR_STATE_FORWARDING, linux/if_bridge.h

// portState is a bridge port's state, BR_STATE_ of linux/if_bridge.h.
func portState(l *topo.LinkState) (uint8, bool) {
	info := l.Attrs.Nest(rtnl.IFLA_LINKINFO)
	if kind, _ := info.StrN(rtnl.IFLA_INFO_SLAVE_KIND); string(kind) != "bridge" {
		return 0, false
	}
	return info.Nest(rtnl.IFLA_INFO_SLAVE_DATA).U8(rtnl.IFLA_BRPORT_STATE)
}

func stateNotes(l *topo.LinkState) []string {
	var notes []string
	info := l.Attrs.Nest(rtnl.IFLA_LINKINFO)
	data := info.Nest(rtnl.IFLA_INFO_DATA)
	switch l.Kind {
	case "", "veth", "bridge":
	case "vxlan":
		notes = append(notes, numbered("vxlan", data, rtnl.IFLA_VXLAN_ID))
	case "vlan":
		text := "vlan"
		if id, ok := data.U16(rtnl.IFLA_VLAN_ID); ok {
			text += " " + itoa(int(id))
		}
		notes = append(notes, text)
	case "macvlan", "macvtap":
		text := l.Kind
		if mode, ok := data.U32(rtnl.IFLA_MACVLAN_MODE); ok {
			text += " " + rtnl.MACVLANModes.Name(mode)
		}
		notes = append(notes, text)
	default:
		notes = append(notes, l.Kind)
	}
	if l.MTU != usualMTU(l.Kind) && l.Flags&unix.IFF_LOOPBACK == 0 && l.MTU != 0 {
		notes = append(notes, mtuNote(l.MTU))
	}
	if s, ok := portState(l); ok {
		if s != portForwarding && statusOf(l) == StatusBlocked {
			notes = append(notes, rtnl.BridgePortStates.Name(uint32(s)))
		}
		if on, _ := info.Nest(rtnl.IFLA_INFO_SLAVE_DATA).U8(rtnl.IFLA_BRPORT_ISOLATED); on != 0 {
			notes = append(notes, "isolated")
		}
	}
	return notes
}

func numbered(kind string, data nl.Attrs, id nl.AttrU32) string {
	if n, ok := data.U32(id); ok {
		return kind + " " + strconv.FormatUint(uint64(n), 10)
	}
	return kind
}

// Mark colours a file's picture by what the kernel has: each link gets the
// status of the one of its name, and is missing if there is none.
func (p *Picture) Mark(st *topo.State) {
	p.Live = true
	for _, b := range p.Boxes {
		sp := st.Space(b.Name)
		byName := map[string]*topo.LinkState{}
		if sp == nil {
			b.Notes = append(b.Notes, "the namespace is missing")
		} else {
			for _, l := range sp.Links {
				byName[l.Name] = l
			}
		}
		for _, d := range b.Links {
			if l := byName[d.Name]; l != nil {
				d.Status = statusOf(l)
			} else {
				d.Status = StatusMissing
			}
		}
	}
	for _, w := range p.Wires {
		w.Status = max(w.A.Status, w.B.Status)
	}
}
