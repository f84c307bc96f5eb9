package doctor

import (
	"rawns/nl/rtnl"
	"rawns/ns/topo"
)

// confirm sends a real ping, and holds the verdict against it: what a walk says
// is a model's word, what the ping does is the kernel's.
func (w *walker) confirm() {
	r := w.r
	if r.From.Space == nil || r.From.Space.Err != nil {
		return
	}
	var src []byte
	if r.From.Fixed || r.From.Link != nil {
		src = r.From.IP
	}
	dev := w.outOf(&r.From, r.To.IP)
	if dev == nil && linkLocal(&r.To.IP) {
		dev = r.From.Link
	}
	r.Echo = w.probe.Echo(r.From.Space, src, r.To.IP, dev, 0)
	switch {
	case r.Echo == EchoAnswered && r.Fault != nil && w.size != smallPacket:
		// Found with a large packet; a small ping says nothing about that.
	case r.Echo == EchoAnswered && r.Fault != nil:
		switch r.Fault.Kind {
		case MTU, DupAddress, DupMAC:
			return // the small ping says nothing about these, or was lucky
		}
		r.Unsettled = true
		r.Notes = append(r.Notes, say(w.st, "%: %. A ping is answered all the same", r.Fault.Space, r.Fault.What))
		for i := range r.Hops {
			if r.Hops[i].Fault == r.Fault {
				r.Hops[i].Fault = nil
			}
		}
		r.Fault = nil
	case r.Echo == EchoAnswered && r.Size > smallPacket:
		if w.probe.Echo(r.From.Space, src, r.To.IP, dev, r.Size) == EchoLost {
			if w.suspected() {
				return
			}
			r.Fault = newFault(MTU, r.From.Space, nil,
				say(nil, "packets of % bytes are lost, and small ones are not", &r.Size),
				"something on the way takes less than its mtu says, or drops fragments")
			r.Hops = append(r.Hops, Hop{Way: Ping, Space: r.From.Space, What: r.Fault.What, Fault: r.Fault})
		}
	case r.Echo == EchoLost && r.Fault == nil:
		w.lost(src, dev)
	}
}

// suspected takes the first filter that may have dropped the packet for the one
// that did, if there is one.
func (w *walker) suspected() bool {
	if len(w.suspects) == 0 {
		return false
	}
	f := w.suspects[0]
	f.Why += ". Not all of its conditions are understood here, but the ping is not answered"
	w.r.Fault = f
	w.r.Hops = append(w.r.Hops, Hop{Way: Ping, Space: f.Space, Link: f.Link, What: f.What, Fault: f})
	return true
}

// lost: the walk found nothing, and the ping is not answered. Where was it seen
// last?
func (w *walker) lost(src []byte, dev *topo.LinkState) {
	r := w.r
	if w.suspected() {
		return
	}
	// The links of the walk, each once, in order.
	var at []*topo.LinkState
	var ways []Way
	last := (*topo.LinkState)(nil)
	for _, h := range r.Hops {
		if h.Depth != 0 || h.Link == nil || h.Link == last {
			continue
		}
		last = h.Link
		at, ways = append(at, h.Link), append(ways, h.Way)
	}
	f := newFault(Filtered, r.From.Space, nil,
		"a ping is not answered, though nothing seems to be in its way",
		"something drops it that cannot be read: a filter, a traffic control or an XDP program, perhaps")
	if r.Outside {
		f.setWhat("a ping is not answered; what can be seen of its way is in order")
		f.setWhy("it is lost outside, or whoever has the address does not answer")
		f.Kind = Unseen
	}
	if len(at) > 0 {
		seen := w.probe.Trace(r.From.Space, src, r.To.IP, dev, at)
		// It may get through by now: neighbours take a moment to be found.
		if n := len(seen); !r.Outside && n > 0 && seen[n-1].Reply {
			if r.Echo = w.probe.Echo(r.From.Space, src, r.To.IP, dev, 0); r.Echo == EchoAnswered {
				return
			}
		}
		for i := range at {
			if i >= len(seen) {
				break
			}
			got := seen[i].Request
			if ways[i] == Back {
				got = seen[i].Reply
			}
			if got {
				f.Space, f.Link = at[i].Space, at[i]
				continue
			}
			what := "the request"
			if ways[i] == Back {
				what = "the reply"
			}
			if g := w.trafficControl(f.Link, at[i]); g != nil {
				f.What, f.Why, f.Space, f.Link, f.Mend = g.What, g.Why, g.Space, g.Link, g.Mend
				break
			}
			if !r.Outside {
				f.sayWhat(w.st, "% does not get to % in %", what, at[i], at[i].Space)
				if f.Link != nil {
					f.sayWhat(w.st, "% is seen here, and not at % in %", what, at[i], at[i].Space)
				} else {
					f.Space = at[i].Space
				}
			}
			break
		}
	}
	r.Fault = f
	r.Hops = append(r.Hops, Hop{Way: Ping, Space: f.Space, Link: f.Link, What: f.What, Fault: f})
}

// trafficControl looks for what may drop a packet that was seen at one link (nil:
// at none) and not at the next: programs, filters and queues, which are not read,
// only seen to be there.
func (w *walker) trafficControl(from, to *topo.LinkState) *Fault {
	for _, l := range []*topo.LinkState{from, to} {
		if l == nil {
			continue
		}
		if v, _ := l.Attrs.Nest(rtnl.IFLA_XDP).U8(rtnl.IFLA_XDP_ATTACHED); v != 0 {
			return faultAt(Filtered, l, "has an XDP program, and the ping gets no further", "such a program may drop what it likes").with(command(l.Space, "ip link set dev % xdp off", l))
		}
		for _, kind := range w.probe.Qdiscs(l) {
			switch kind {
			case "noqueue", "pfifo_fast", "fq_codel", "fq", "mq", "pfifo", "bfifo", "noop":
				continue
			}
			where := "root"
			if kind == "ingress" || kind == "clsact" {
				where = kind
			}
			return faultAt(Filtered, l, "has traffic control ("+kind+"), and the ping gets no further", "its filters or its queue may drop packets, or send them elsewhere").with(command(l.Space, "tc qdisc del dev % %", l, where))
		}
	}
	return nil
}
