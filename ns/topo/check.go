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
	c := checker{s, map[string]bool{"": true}, make(map[End]*Link, len(s.Links))}
	for i := range s.Namespaces {
		n := &s.Namespaces[i]
		if err := ns.CheckName(n.Name); err != nil {
			return bad(n.Pos, n.Name, "not a name for a namespace: "+err.(*ns.NameError).Why, "")
		}
		if c.spaces[n.Name] {
			return bad(n.Pos, n.Name, "two namespaces of one name", "")
		}
		c.spaces[n.Name] = true
	}
	for i := range s.Links {
		if err := c.name(&s.Links[i]); err != nil {
			return err
		}
	}
	for i := range s.Links {
		if err := c.link(&s.Links[i]); err != nil {
			return err
		}
	}
	for i := range s.Routes {
		if err := c.route(&s.Routes[i]); err != nil {
			return err
		}
	}
	for i := range s.Sysctls {
		k := &s.Sysctls[i]
		if !c.spaces[k.NS] {
			return c.noSpace(k.Pos, k.Key, k.NS, "netns")
		}
		if why := checkSysctl(k.Key); why != "" {
			return bad(k.Pos, k.Key, why, "")
		}
	}
	for i := range s.Services {
		v := &s.Services[i]
		if len(v.Argv) == 0 {
			return bad(v.Pos, v.NS, "a service without a command", "")
		}
		if !c.spaces[v.NS] {
			return c.noSpace(v.Pos, v.Argv[0], v.NS, "")
		}
	}
	return nil
}

// bad returns a SpecError; behind the fault stands a word in quotes if there is
// one.
//
//go:noinline
func bad(pos Pos, object, fault, word string) error {
	if word != "" {
		fault += ": " + strconv.Quote(word)
	}
	return &SpecError{Pos: pos, Object: object, Fault: fault}
}

//go:noinline
func (l *Link) bad(fault, word string) error { return bad(l.Pos, l.End.String(), fault, word) }

//go:noinline
func (r *Route) bad(fault, word string) error { return bad(r.Pos, r.Dst.String(), fault, word) }

type checker struct {
	s      *Spec
	spaces map[string]bool
	links  map[End]*Link
}

// name checks what of a link does not rest on others, and takes its name down.
func (c *checker) name(l *Link) error {
	switch {
	case !rtnl.ValidIfName(l.Name):
		return l.bad("not a name for a link: 1 to 15 bytes without '/', ':' and blanks", "")
	case !c.spaces[l.NS]:
		return c.noSpace(l.Pos, l.End.String(), l.NS, "")
	case c.links[l.End] != nil:
		return l.bad("two links of one name in a namespace", "")
	}
	c.links[l.End] = l
	for _, a := range l.Addrs {
		if !a.valid() {
			return l.bad("not an address with a prefix length", a.String())
		}
	}
	return nil
}

// valid tells an address of a family, with a length that it can have.
func (p Prefix) valid() bool {
	n := len(p.IP)
	return (n == 4 || n == 16) && int(p.Bits) <= 8*n
}

func (c *checker) link(l *Link) error {
	k := kindOf(l.Kind)
	if k == nil {
		return l.bad("no kind of link that can be made here", l.Kind)
	}
	var b nl.Builder
	b.Message(unix.RTM_NEWLINK, 0)
	fault := appendOptions(&b, k.rows, l.Options)
	if fault == "" {
		fault = appendOptions(&b, portOptions, l.Port)
	}
	master := End{l.NS, l.Master}
	switch {
	case fault != "":
		return l.bad(fault, "")
	case l.Master == "":
		if len(l.Port) > 0 {
			return l.bad("has a bridge port's options and no master", "")
		}
	default:
		if m := c.links[master]; m == nil || m.Kind != "bridge" && m.Kind != "" {
			return c.noLink(l.Pos, l.End.String(), "port of a bridge that is not described", master, "master", "bridge")
		}
	}
	if _, ok := rtnl.AddrGenModes.Value(l.AddrGen); l.AddrGen != "" && !ok {
		return l.bad("no addrgenmode", l.AddrGen)
	}
	none := l.Lower == End{}
	switch {
	case l.Kind == "veth":
		if p := c.links[l.Peer]; p == nil || p.Kind != "veth" || p.Peer != l.End || p == l {
			return l.bad("a veth whose other end is not described", l.Peer.String())
		}
	case k.lower == "" && !none:
		return l.bad("a link of this kind is on top of no other", "")
	case k.needsLower && none:
		return l.bad("it needs the link that it is on top of ("+k.lower+" LINK)", "")
	}
	if below := c.links[l.Lower]; l.Kind == "macvlan" && below != nil {
		if m := c.links[End{below.NS, below.Master}]; m != nil && m.Kind == "bridge" { // EBUSY: either is the receiver of all frames, of which a link has one
			return l.bad("the link below it is the port of a bridge, which can have no macvlan; the bridge can", m.End.String())
		}
	}
	// A link below may be the host's own, which no topology describes.
	if l.Lower.NS != "" && c.links[l.Lower] == nil && l.Lower.Name != "lo" {
		return c.noLink(l.Pos, l.End.String(), "on top of a link that is not described", l.Lower, k.lower, "")
	}
	return nil
}

func (c *checker) route(r *Route) error {
	_, ok := routeTypes.Value(r.Type)
	n := len(r.Dst.IP)
	dev := End{r.NS, r.Dev}
	switch {
	case !ok:
		return r.bad("no type of route", r.Type)
	case !r.Dst.valid():
		return r.bad("not a network with a prefix length", "")
	case r.Src != nil && len(r.Src) != n || r.Via != nil && len(r.Via) != 4 && len(r.Via) != 16:
		return r.bad("addresses of two families", "")
	case !c.spaces[r.NS]:
		return c.noSpace(r.Pos, r.Dst.String(), r.NS, "netns")
	case r.Type == "unicast" && r.Via == nil && r.Dev == "":
		return r.bad("a route needs a gateway (via ADDRESS) or a link (dev LINK)", "")
	case r.NS != "" && r.Dev != "" && r.Dev != "lo" && c.links[dev] == nil:
		return c.noLink(r.Pos, r.Dst.String(), "by a link that is not described", dev, "dev", "")
	}
	return nil
}

// noSpace is an error about a namespace that is not described.
//
//go:noinline
func (c *checker) noSpace(pos Pos, object, name, word string) error {
	n := nearTo(name)
	for i := range c.s.Namespaces {
		n.try(c.s.Namespaces[i].Name)
	}
	return &SpecError{pos, object, "in a namespace that is not described: " + strconv.Quote(name), word, n.best}
}

// noLink is an error about a link that is not described. Another of its
// namespace, and of a kind unless that is "", was probably meant.
//
//go:noinline
func (c *checker) noLink(pos Pos, object, fault string, e End, word, kind string) error {
	n := nearTo(e.Name)
	for i := range c.s.Links {
		if l := &c.s.Links[i]; l.NS == e.NS && (kind == "" || l.Kind == kind) {
			n.try(l.Name)
		}
	}
	meant := ""
	if n.best != "" {
		meant = n.best
		if word != "master" {
			meant = End{e.NS, n.best}.String()
		}
	}
	return &SpecError{pos, object, fault + ": " + strconv.Quote(e.String()), word, meant}
}
