package topo

import (
	"bytes"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
	"rawns/ns"
)

// What is behind a namespace's numbers for others (IFLA_LINK_NETNSID). The kernel
// tells a namespace's number for one that is at hand as a descriptor, which for n
// namespaces would be n*n questions. But from a namespace that has a number for
// every other it tells in one list what all numbers of another one are in its
// own (RTM_GETNSID with NETNSA_TARGET_NSID, Linux 4.20). So one is made for that
// purpose, without a name, gives out numbers, asks once for each, and goes.

// resolve finds the namespaces behind the numbers that links refer to, and were
// not found while they were read.
func (ob *observer) resolve() {
	var todo []*SpaceState
	for _, sp := range ob.state.Spaces {
		if sp.wants() {
			todo = append(todo, sp)
		}
	}
	if len(todo) == 0 || len(ob.state.Spaces) < 2 && !ob.o.Nameless {
		return
	}
	if len(ob.state.Spaces) > 1 {
		ob.resolveAmong(todo)
	}
	if ob.o.Nameless {
		ob.lookThrough(todo)
	}
}

// resolveAmong finds them among those that were looked into.
func (ob *observer) resolveAmong(todo []*SpaceState) {
	// Where it may not be done, the numbers stay unknown.
	hub, err := ns.NewAnonymous()
	if err != nil {
		return
	}
	defer hub.Close()
	c, err := hub.Dial()
	if err != nil {
		return
	}
	defer c.Close()
	spaces := ob.state.Spaces
	index := make(map[*SpaceState]int32, len(spaces))
	const chunk = 64 // descriptors at a time
	for at := 0; at < len(spaces); at += chunk {
		var b nl.Builder
		var open []*ns.NS
		for i := at; i < min(at+chunk, len(spaces)); i++ {
			sp := spaces[i]
			if sp.Err != nil {
				continue
			}
			n, err := ob.open(sp)
			if err != nil || n == nil {
				continue
			}
			open = append(open, n)
			index[sp] = int32(i)
			rtnl.NewNSID(&b)
			b.U32(rtnl.NETNSA_FD, uint32(n.Fd()))
			b.S32(rtnl.NETNSA_NSID, int32(i))
		}
		if b.Len() > 0 {
			c.Batch(&b, nil) // one that was refused has no number below
		}
		for _, n := range open {
			n.Close()
		}
	}
	var buf []byte
	for _, sp := range todo {
		i, ok := index[sp]
		if !ok {
			continue
		}
		buf = numbers(c, i, buf, func(id, hub int32) {
			if _, ok := sp.NSIDs[id]; ok && hub >= 0 && int(hub) < len(spaces) {
				sp.NSIDs[id] = spaces[hub]
			}
		})
	}
}

// open opens a namespace again.
func (ob *observer) open(sp *SpaceState) (*ns.NS, error) {
	if sp == ob.state.Spaces[0] {
		return ns.Current()
	}
	return sp.open()
}

// numbers calls each with the numbers that a namespace has for others, and what
// these are in the one where c is, which knows the namespace as target.
func numbers(c *nl.Conn, target int32, buf []byte, each func(there, here int32)) []byte {
	var b nl.Builder
	rtnl.GetNSID(&b)
	b.S32(rtnl.NETNSA_TARGET_NSID, target)
	buf, err := c.List(&b, buf[:0])
	if err != nil && err != nl.ErrDumpInterrupted {
		return buf
	}
	for m := range nl.Messages(buf) {
		as, err := rtnl.ParseNSID(m)
		if err != nil {
			continue
		}
		there, ok1 := as.S32(rtnl.NETNSA_NSID)
		here, ok2 := as.S32(rtnl.NETNSA_CURRENT_NSID)
		if ok1 && ok2 && there >= 0 {
			each(there, here)
		}
	}
	return buf
}

// lookThrough looks into the namespaces that only a number leads to: held by a
// process that we do not see, or by a descriptor on its way through a socket.
func (ob *observer) lookThrough(todo []*SpaceState) {
	var hidden []*SpaceState
	for _, sp := range todo {
		if !sp.wants() || sp.Err != nil {
			continue
		}
		n, err := ob.open(sp)
		if err != nil || n == nil {
			continue
		}
		c, err := n.Dial()
		n.Close()
		if err != nil {
			continue
		}
		r := reader{o: &ob.o, conn: c}
		for id := int32(0); ; id++ {
			if id = sp.nextUnknown(id); id < 0 {
				break
			}
			h := &SpaceState{Through: sp, ThroughID: id}
			if !r.readThrough(h) {
				continue
			}
			// Two may look into the same one.
			same := false
			for _, known := range hidden {
				if same = h.sameLinks(known); same {
					h = known
					break
				}
			}
			sp.NSIDs[id] = h
			if !same {
				hidden = append(hidden, h)
			}
			numbers(c, id, nil, func(there, here int32) {
				if other, ok := h.NSIDs[there]; ok && other == nil && here >= 0 {
					h.NSIDs[there] = sp.NSIDs[here]
				}
			})
			// It has no number for itself, but h has one for it.
			h.guess(sp)
		}
		ob.note(&r)
		c.Close()
	}
	ob.state.Spaces = append(ob.state.Spaces, hidden...)
}

// nextUnknown returns the lowest number from id on that stands for nothing yet;
// -1 if there is none.
func (sp *SpaceState) nextUnknown(id int32) int32 {
	low := int32(-1)
	for n, other := range sp.NSIDs {
		if other == nil && n >= id && (low < 0 || n < low) {
			low = n
		}
	}
	return low
}

// readThrough reads links and addresses of a namespace from the one where r.conn
// is, which has a number for it.
func (r *reader) readThrough(h *SpaceState) bool {
	rtnl.GetLink(&r.b, rtnl.IfInfomsg{})
	r.b.U32(rtnl.IFLA_EXT_MASK, rtnl.ExtSkipStats)
	r.b.S32(rtnl.IFLA_TARGET_NETNSID, h.ThroughID)
	list, err := r.list()
	if err != nil {
		return false
	}
	h.addLinks(list)
	if r.o.Addrs {
		rtnl.GetAddr(&r.b, unix.AF_UNSPEC, 0)
		r.b.S32(rtnl.IFA_TARGET_NETNSID, h.ThroughID)
		if list, err = r.list(); err == nil {
			h.addAddrs(list)
		}
	}
	return true
}

// sameLinks tells whether two looks were into the same namespace: it has the same
// links, by index, name and hardware address, to other ones.
func (sp *SpaceState) sameLinks(other *SpaceState) bool {
	if len(sp.Links) != len(other.Links) {
		return false
	}
	for i, l := range sp.Links {
		k := other.Links[i]
		if l.Index != k.Index || l.Name != k.Name || l.LinkIndex != k.LinkIndex || l.LinkNSID != k.LinkNSID || !bytes.Equal(l.MAC, k.MAC) {
			return false
		}
	}
	return true
}

// guess finds h's number for sp, which sees h under a number: a link in h and one
// in sp refer to each other. The kernel lists sp's own number without saying that
// it is sp's.
func (h *SpaceState) guess(sp *SpaceState) {
	for _, l := range sp.Links {
		if l.LinkNSID < 0 || sp.NSIDs[l.LinkNSID] != h || !paired(l.Kind) {
			continue
		}
		if k := h.byIndex[l.LinkIndex]; k != nil && k.LinkIndex == l.Index && k.LinkNSID >= 0 && h.NSIDs[k.LinkNSID] == nil {
			h.NSIDs[k.LinkNSID] = sp
		}
	}
}
