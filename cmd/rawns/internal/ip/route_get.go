package ip

import (
	"strconv"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
)

// routeGet is the step that asks which way a packet would go.
type routeGet struct {
	request
	h        rtnl.RtMsg
	iif, oif string
	hasIif   bool
	hasOif   bool
	mark     uint32
	dst      bool
	vrf      bool // oif is to be one
	from     bool
	// connected: ask a second time, as a socket that has been connected would.
	connected bool
	warnings  []step
}

// parseRouteGet reads what follows "ip route get".
func parseRouteGet(a *args) (*plan, error) {
	s := &routeGet{h: rtnl.RtMsg{Family: a.g.family}}
	rtnl.GetRoute(&s.b, rtnl.RtMsg{})
	for a.more() {
		s.word(a)
	}
	if a.err == nil && !s.dst {
		a.failf(exitMissing, "need at least a destination address")
	}
	if a.err != nil {
		a.err = withWarnings(a.err, s.warnings)
		return nil, a.err
	}
	if s.hasIif {
		s.dev(rtnl.RTA_IIF, s.iif, nil)
	}
	if s.hasOif {
		f := s.dev(rtnl.RTA_OIF, s.oif, nil)
		if s.vrf {
			f.missing = noSuchVRF(s.oif)
			f.check = func(r *runner, d device) error {
				if !r.isVRF(d.index) {
					return noSuchVRF(s.oif)
				}
				return nil
			}
		}
	}
	if s.mark != 0 {
		s.b.U32(rtnl.RTA_MARK, s.mark)
	}
	s.is(unix.AF_INET)
	if s.h.Family == unix.AF_INET {
		s.h.Flags |= unix.RTM_F_LOOKUP_TABLE // without it the table is not told
	}
	s.patchRoute(&s.h)
	return &plan{append(s.warnings, s)}, s.b.Err()
}

func (s *routeGet) is(family uint8) {
	if s.h.Family == unix.AF_UNSPEC {
		s.h.Family = family
	}
}

// word reads one keyword, or the destination.
func (s *routeGet) word(a *args) {
	w := a.peek()
	is := func(ok bool) bool {
		if ok {
			a.next()
		}
		return ok
	}
	switch {
	case is(w == "tos" || matches(w, "dsfield")):
		s.h.Tos = uint8(a.word(&tosNames, "TOS value is invalid\n", nil))
	case is(matches(w, "from")):
		if matches(a.peek(), "help") {
			a.fail(a.usage())
			return
		}
		p := a.prefix(s.h.Family)
		s.is(p.family)
		if p.n > 0 {
			s.putIP(rtnl.RTA_SRC, &p)
		}
		s.h.SrcLen, s.from = uint8(p.bits), true
	case is(matches(w, "iif")):
		s.iif, s.hasIif = a.next(), true
	case is(matches(w, "mark")):
		s.mark = a.uint32("invalid mark value")
	case is(matches(w, "oif") || w == "dev"):
		s.oif, s.hasOif, s.vrf = a.next(), true, false
	case is(matches(w, "notify")):
		s.h.Flags |= unix.RTM_F_NOTIFY
	case is(matches(w, "connected")):
		s.connected = true
	case is(matches(w, "vrf")):
		s.oif, s.hasOif, s.vrf = a.next(), true, true
	case is(matches(w, "uid")):
		s.b.U32(rtnl.RTA_UID, a.uint32("invalid UID\n"))
	case is(matches(w, "fibmatch")):
		s.h.Flags |= unix.RTM_F_FIB_MATCH
	case is(w == "as"):
		a.take("to")
		p := a.addr(s.h.Family)
		s.is(p.family)
		s.putIP(nl.AttrIP(rtnl.RTA_NEWDST), &p)
	case is(matches(w, "sport")):
		s.b.BE16(rtnl.RTA_SPORT, a.port("invalid sport\n"))
	case is(matches(w, "dport")):
		s.b.BE16(rtnl.RTA_DPORT, a.port("invalid dport\n"))
	case is(matches(w, "ipproto")):
		s.b.U8(rtnl.RTA_IP_PROTO, a.ipProto())
	default:
		s.to(a)
	}
}

// port takes the number of a port.
func (a *args) port(wrong string) uint16 {
	w := a.next()
	v, ok := parseUint(w, 16)
	if !ok && a.err == nil {
		a.wrong(w, wrong)
	}
	return uint16(v)
}

// to reads the destination.
func (s *routeGet) to(a *args) {
	if a.take("to") && !a.more() {
		a.next()
		return
	}
	if matches(a.peek(), "help") {
		a.fail(a.usage())
		return
	}
	p := a.prefix(s.h.Family)
	if a.err != nil {
		return
	}
	s.is(p.family)
	if p.n > 0 {
		s.putIP(rtnl.RTA_DST, &p)
	}
	s.h.DstLen = uint8(p.bits)
	if host := addrBits(s.h.Family); host != 0 && p.bits != host {
		n := strconv.Itoa(host)
		s.warnings = append(s.warnings, warning("Warning: /"+strconv.Itoa(p.bits)+
			" as prefix is invalid, only /"+n+" (or none) is supported."))
		s.h.DstLen = uint8(host)
	}
	s.dst = true
}

func (s *routeGet) run(r *runner) error {
	if err := s.resolve(r); err != nil {
		return err
	}
	p := r.g.printer(r.out)
	v, err := s.ask(r, p)
	if err != nil || !s.connected || s.from {
		return err
	}
	if !v.at[rtnl.RTA_PREFSRC].Present() && !v.at[rtnl.RTA_SRC].Present() {
		return failf(exitMissing, "Failed to connect the route")
	}
	p.json = false // as in iproute2
	_, err = s.ask(r, p)
	return err
}

// ask sends the request and shows the answer.
func (s *routeGet) ask(r *runner, p *printer) (*routeView, error) {
	var answer nl.Message
	err := r.do(&s.request, func(m nl.Message) {
		if answer == nil {
			answer = append(nl.Message(nil), m...)
		}
	})
	if err != nil {
		return nil, err
	}
	v := &routeView{}
	if err := v.parse(answer); err != nil {
		return nil, err
	}
	p.open()
	p.route(r, answer, v, &routeFilter{})
	p.close()
	return v, nil
}
