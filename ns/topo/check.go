package topo

import (
	"strconv"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
	"rawns/ns"
)

// SpecError is a fault in a Spec.
type SpecError struct {
	Pos    Pos    // where in the file; the zero Pos if the Spec came from none
	Object string // what it is about, as it was given: escape it before a terminal sees it
	Fault  string
	Word   string // whose value it is, as files have it: "master", "dev", ...; "" for the object itself
	Meant  string // what was probably meant, or ""
}

func (e *SpecError) Error() string {
	s := strconv.Quote(e.Object) + ": " + e.Fault
	if e.Meant != "" {
		s += "; did you mean " + strconv.Quote(e.Meant) + "?"
	}
	return s
}

// Check finds what the kernel would refuse half-way, or take for something
// else: names, references to what is not described, values of options. Plan
// does so first of all. An error is a *SpecError.
func (s *Spec) Check() error {
	spaces := map[string]bool{"": true}
	for i := range s.Namespaces {
		n := &s.Namespaces[i]
		if err := ns.CheckName(n.Name); err != nil {
			return &SpecError{Pos: n.Pos, Object: n.Name, Fault: "not a name for a namespace: " + err.(*ns.NameError).Why}
		}
		if spaces[n.Name] {
			return &SpecError{Pos: n.Pos, Object: n.Name, Fault: "two namespaces of one name"}
		}
		spaces[n.Name] = true
	}
	links := make(map[End]*Link, len(s.Links))
	for i := range s.Links {
		l := &s.Links[i]
		bad := func(fault string) error { return &SpecError{Pos: l.Pos, Object: l.End.String(), Fault: fault} }
		switch {
		case !rtnl.ValidIfName(l.Name):
			return bad("not a name for a link: 1 to 15 bytes without '/', ':' and blanks")
		case !spaces[l.NS]:
			return s.noSpace(l.Pos, l.End.String(), l.NS, "")
		case links[l.End] != nil:
			return bad("two links of one name in a namespace")
		}
		links[l.End] = l
		for _, a := range l.Addrs {
			if len(a.IP) != 4 && len(a.IP) != 16 || int(a.Bits) > 8*len(a.IP) {
				return bad("not an address with a prefix length: " + strconv.Quote(a.String()))
			}
		}
	}
	for i := range s.Links {
		l := &s.Links[i]
		bad := func(fault string) error { return &SpecError{Pos: l.Pos, Object: l.End.String(), Fault: fault} }
		k := kindOf(l.Kind)
		if k == nil {
			return bad("no kind of link that can be made here: " + strconv.Quote(l.Kind))
		}
		var b nl.Builder
		b.Message(unix.RTM_NEWLINK, 0)
		if err := appendOptions(&b, k.rows, l.Options); err != "" {
			return bad(err)
		}
		if err := appendOptions(&b, portOptions, l.Port); err != "" {
			return bad(err)
		}
		if l.Master != "" {
			if m := links[End{l.NS, l.Master}]; m == nil || m.Kind != "bridge" && m.Kind != "" {
				e := &SpecError{Pos: l.Pos, Object: l.End.String(), Word: "master", Fault: "port of a bridge that is not described: " + strconv.Quote(End{l.NS, l.Master}.String())}
				near := nearTo(l.Master)
				for i := range s.Links {
					if o := &s.Links[i]; o.Kind == "bridge" && o.NS == l.NS {
						near.try(o.Name)
					}
				}
				e.Meant = near.best
				return e
			}
		} else if len(l.Port) > 0 {
			return bad("has a bridge port's options and no master")
		}
		if l.AddrGen != "" {
			if _, ok := rtnl.AddrGenModes.Value(l.AddrGen); !ok {
				return bad("no addrgenmode: " + strconv.Quote(l.AddrGen))
			}
		}
		switch {
		case l.Kind == "veth":
			if p := links[l.Peer]; p == nil || p.Kind != "veth" || p.Peer != l.End || p == l {
				return bad("a veth whose other end is not described: " + strconv.Quote(l.Peer.String()))
			}
		case k.lower == "" && l.Lower != (End{}):
			return bad("a " + l.Kind + " is on top of no other link")
		case k.needsLower && l.Lower == (End{}):
			return bad("a " + l.Kind + " needs the link that it is on top of (" + k.lower + " LINK)")
		}
		// A link below may be the host's own, which no topology describes.
		if l.Lower.NS != "" && links[l.Lower] == nil && l.Lower.Name != "lo" {
			return &SpecError{l.Pos, l.End.String(), "on top of a link that is not described: " + strconv.Quote(l.Lower.String()), k.lower, s.nearLink(l.Lower)}
		}
	}
	for i := range s.Routes {
		r := &s.Routes[i]
		bad := func(fault string) error { return &SpecError{Pos: r.Pos, Object: r.Dst.String(), Fault: fault} }
		if _, ok := routeTypes.Value(r.Type); !ok {
			return bad("no type of route: " + strconv.Quote(r.Type))
		}
		n := len(r.Dst.IP)
		if n != 4 && n != 16 || int(r.Dst.Bits) > 8*n {
			return bad("not a network with a prefix length")
		}
		if r.Src != nil && len(r.Src) != n || r.Via != nil && len(r.Via) != 4 && len(r.Via) != 16 {
			return bad("addresses of two families")
		}
		if !spaces[r.NS] {
			return s.noSpace(r.Pos, r.Dst.String(), r.NS, "netns")
		}
		if r.Type == "unicast" && r.Via == nil && r.Dev == "" {
			return bad("a route needs a gateway (via ADDRESS) or a link (dev LINK)")
		}
		if r.NS != "" && r.Dev != "" && r.Dev != "lo" && links[End{r.NS, r.Dev}] == nil {
			return &SpecError{r.Pos, r.Dst.String(), "by a link that is not described: " + strconv.Quote(End{r.NS, r.Dev}.String()), "dev", s.nearLink(End{r.NS, r.Dev})}
		}
	}
	for i := range s.Sysctls {
		c := &s.Sysctls[i]
		if !spaces[c.NS] {
			return s.noSpace(c.Pos, c.Key, c.NS, "netns")
		}
		if why := checkSysctl(c.Key); why != "" {
			return &SpecError{Pos: c.Pos, Object: c.Key, Fault: why}
		}
	}
	for i := range s.Services {
		v := &s.Services[i]
		if len(v.Argv) == 0 {
			return &SpecError{Pos: v.Pos, Object: v.NS, Fault: "a service without a command"}
		}
		if !spaces[v.NS] {
			return s.noSpace(v.Pos, v.Argv[0], v.NS, "")
		}
	}
	return nil
}

// noSpace is an error about a namespace that is not described.
func (s *Spec) noSpace(pos Pos, object, name, word string) error {
	n := nearTo(name)
	for i := range s.Namespaces {
		n.try(s.Namespaces[i].Name)
	}
	return &SpecError{pos, object, "in a namespace that is not described: " + strconv.Quote(name), word, n.best}
}

// nearLink returns the name of a link of the same namespace that was probably
// meant.
func (s *Spec) nearLink(e End) string {
	n := nearTo(e.Name)
	for i := range s.Links {
		if s.Links[i].NS == e.NS {
			n.try(s.Links[i].Name)
		}
	}
	if n.best == "" {
		return ""
	}
	return End{e.NS, n.best}.String()
}
