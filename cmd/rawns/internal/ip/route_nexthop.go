package ip

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
)

// struct rtnexthop, linux/rtnetlink.h: the header of each element of
// RTA_MULTIPATH. Attributes of the route's own kind follow it.
const (
	rtnhLen   = 8 // sizeof
	rtnhFlags = 2 // offsets: u8, u8, int; rtnh_len is a u16 at 0
	rtnhHops  = 3 // the weight less one
	rtnhIndex = 4
)

// nexthops reads "NEXTHOP [nexthop NEXTHOP]..." behind the first "nexthop".
func (s *routeState) nexthops(a *args) {
	list := s.b.Nest(nl.AttrNest(rtnl.RTA_MULTIPATH))
	for {
		if !a.more() {
			a.failf(exitUsage, `Error: unexpected end of line after "nexthop"`)
			return
		}
		s.oneNexthop(a)
		if a.err != nil {
			return
		}
		if !a.more() {
			break
		}
		if !a.take("nexthop") {
			a.failf(exitUsage, `Error: "nexthop" or end of line is expected instead of "`, a.peek(), `"`)
			return
		}
	}
	s.b.End(list)
}

// oneNexthop reads the words of one, up to the first that is none of them.
func (s *routeState) oneNexthop(a *args) {
	at := s.b.Size()
	s.b.Extend(rtnhLen)
	var flags, hops uint8
words:
	for a.more() {
		w := a.peek()
		switch {
		case w == "via":
			a.next()
			s.via(a, &s.h.Family)
		case w == "dev":
			a.next()
			w = a.next()
			missing := noDevice(w)
			missing.text += "\nError: cannot parse nexthop"
			missing.code = exitUsage
			s.devAt(at+rtnhIndex, w, missing)
		case w == "weight":
			a.next()
			w = a.next()
			v, ok := parseUint(w, 32)
			if (!ok || v == 0 || v > 256) && a.err == nil {
				a.wrong(w, "\"weight\" is invalid\n")
			}
			hops = uint8(v - 1)
		case w == "onlink":
			a.next()
			flags |= unix.RTNH_F_ONLINK
		case matches(w, "realms"):
			a.next()
			w = a.next()
			v, ok := parseRealms(w)
			if !ok && a.err == nil {
				a.wrong(w, "\"realm\" value is invalid\n")
			}
			s.b.U32(rtnl.RTA_FLOW, v)
		case w == "encap":
			a.next()
			a.encap(&s.request, rtnl.RTA_ENCAP, rtnl.RTA_ENCAP_TYPE)
		case w == "as":
			a.next()
			a.take("to")
			p := a.addr(s.h.Family)
			s.putIP(nl.AttrIP(rtnl.RTA_NEWDST), &p)
		default:
			break words
		}
	}
	var h [4]byte // rtnh_len, rtnh_flags, rtnh_hops
	binary.NativeEndian.PutUint16(h[:], uint16(s.b.Size()-at))
	h[rtnhFlags], h[rtnhHops] = flags, hops
	s.b.PutU32(at, binary.NativeEndian.Uint32(h[:]))
}
