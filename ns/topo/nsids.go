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
	h := ob.newHub()
	defer h.close()
	for _, sp := range todo {
		h.ask(sp)
	}
	if ob.o.Nameless {
		ob.lookThrough(todo, h)
	}
}

// hub is the namespace that has a number for every other: its place in spaces.
// Where it cannot be made, the numbers stay unknown.
type hub struct {
	n      *ns.NS
	c      *nl.Conn
	spaces []*SpaceState
	index  map[*SpaceState]int32
	buf    []byte
}

func (ob *observer) newHub() *hub {
	h := &hub{spaces: ob.state.Spaces, index: make(map[*SpaceState]int32, len(ob.state.Spaces))}
	var err error
	if h.n, err = ns.NewAnonymous(); err != nil {
		return h
	}
	if h.c, err = h.n.Dial(); err != nil {
		return h
	}
	var b nl.Builder
	var open []*ns.NS
	number := func() {
		if b.Len() > 0 {
			h.c.Batch(&b, nil) // one that was refused is not in the lists below
		}
		b.Reset()
		for _, n := range open {
			n.Close()
		}
		open = open[:0]
	}
	for i, sp := range h.spaces {
		if sp.Err != nil {
			continue
		}
		const most = 64 // descriptors at a time; fewer, if there are no more
		if len(open) == most {
			number()
		}
		n, err := ob.open(sp)
		if err != nil && len(open) > 0 {
			number()
			n, err = ob.open(sp)
		}
		if err != nil || n == nil {
			continue
		}
		open = append(open, n)
		h.index[sp] = int32(i)
		rtnl.NewNSID(&b)
		b.U32(rtnl.NETNSA_FD, uint32(n.Fd()))
		b.S32(rtnl.NETNSA_NSID, int32(i))
	}
	number()
	return h
}

func (h *hub) close() {
	if h.c != nil {
		h.c.Close()
	}
	if h.n != nil {
		h.n.Close()
	}
}

// ask fills in what sp's numbers stand for, as far as it was looked into.
func (h *hub) ask(sp *SpaceState) {
	i, ok := h.index[sp]
	if !ok || h.c == nil {
		return
	}
	var b nl.Builder
	rtnl.GetNSID(&b)
	b.S32(rtnl.NETNSA_TARGET_NSID, i)
	var err error
	if h.buf, err = h.c.List(&b, h.buf[:0]); err != nil && err != nl.ErrDumpInterrupted {
		return
	}
	each(h.buf, func(m nl.Message) {
		as, err := rtnl.ParseNSID(m)
		if err != nil {
			return
		}
		id, ok1 := as.S32(rtnl.NETNSA_NSID)
		at, ok2 := as.S32(rtnl.NETNSA_CURRENT_NSID)
		if _, wanted := sp.NSIDs[id]; wanted && ok1 && ok2 && at >= 0 && int(at) < len(h.spaces) {
			sp.NSIDs[id] = h.spaces[at]
		}
	})
}

// open opens a namespace again.
func (ob *observer) open(sp *SpaceState) (*ns.NS, error) {
	if sp == ob.state.Spaces[0] {
		return ns.Current()
	}
	return sp.open()
}

// lookThrough looks into the namespaces that only a number leads to: held by a
// process that we do not see, or by a descriptor on its way through a socket.
func (ob *observer) lookThrough(todo []*SpaceState, h *hub) {
	var hidden []*SpaceState
	for _, sp := range todo {
		if !sp.wants() {
			continue
		}
		n, err := ob.open(sp)
		if err != nil || n == nil {
			continue
		}
		c, err := n.Dial()
		if err == nil {
			r := reader{o: &ob.o, conn: c}
			tried := map[int32]bool{}
			for {
				id := sp.nextUnknown(tried)
				if id < 0 {
					break
				}
				tried[id] = true
				x := &SpaceState{Through: sp, ThroughID: id}
				if !r.readThrough(x) {
					continue
				}
				// Two may look into the same one.
				if known := x.among(hidden); known != nil {
					sp.NSIDs[id] = known
					continue
				}
				hidden = append(hidden, x)
				sp.NSIDs[id] = x
				// The kernel has just given sp numbers for what x's links lead to.
				more := false
				for id := range x.NSIDs {
					if _, ok := sp.NSIDs[id]; !ok {
						sp.NSIDs[id], more = nil, true
					}
				}
				x.NSIDs = sp.NSIDs
				if more {
					if own, err := n.ID(c); err == nil && own >= 0 {
						sp.NSIDs[own] = sp
					}
					h.ask(sp)
				}
			}
			ob.note(&r)
			c.Close()
		}
		n.Close()
	}
	ob.state.Spaces = append(ob.state.Spaces, hidden...)
}

// nextUnknown returns the lowest number that stands for nothing yet and was not
// tried; -1 if there is none.
func (sp *SpaceState) nextUnknown(tried map[int32]bool) int32 {
	low := int32(-1)
	for n, other := range sp.NSIDs {
		if other == nil && !tried[n] && (low < 0 || n < low) {
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

// among returns the one of a list that x is, or nil.
func (x *SpaceState) among(list []*SpaceState) *SpaceState {
	for _, known := range list {
		if x.sameLinks(known) {
			return known
		}
	}
	return nil
}

// sameLinks tells whether two looks were into the same namespace: it has the same
// links, by index, name and hardware address, to other ones.
func (sp *SpaceState) sameLinks(other *SpaceState) bool {
	if len(sp.Links) != len(other.Links) {
		return false
	}
	for i, l := range sp.Links {
		k := other.Links[i]
		if l.Index != k.Index || l.Name != k.Name || l.LinkIndex != k.LinkIndex || !bytes.Equal(l.MAC, k.MAC) {
			return false
		}
	}
	return true
}
