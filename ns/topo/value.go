package topo

import (
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
)

// This file has what each keyword's value does to a Link or a Route.

// parseEnd reads NS:LINK, or LINK for the host's. A namespace's name may have
// ':' in it, a link's may not.
func parseEnd(s string) (e End, bad *fault) {
	if i := strings.LastIndexByte(s, ':'); i >= 0 {
		if e.NS, bad = parseNS(s[:i]); bad != nil {
			return e, bad
		}
		s = s[i+1:]
	}
	e.Name = s
	return e, checkLinkName(s)
}

func checkLinkName(s string) *fault {
	switch {
	case rtnl.ValidIfName(s):
		return nil
	case len(s) > rtnl.IfNameMax:
		return wrong(quote(s) + " has " + strconv.Itoa(len(s)) + " bytes; a link's name has " + strconv.Itoa(rtnl.IfNameMax) + " at most")
	}
	return no(s, " is no name for a link", "1 to 15 bytes without '/', ':' and blanks")
}

func (x *expander) link() *fault {
	l, s := x.l, x.spec
	kind := l.stmt.kind
	at := len(s.Links)
	if bad := x.end(&x.args[0], l.args[0].Pos, x.opts); bad != nil {
		return bad
	}
	a := &s.Links[at]
	k := kindOf(kind)
	group := hasOption(a.Options, "group")
	none := a.Lower == End{}
	var bad *fault
	switch {
	case k.needsLower && none:
		bad = wants("a "+kind+" without the link below it", quote(k.lower+" END"))
	case k.needsID && !hasOption(a.Options, "id"):
		bad = wants("a "+kind+" without a number", `"id N"`)
	case group && (none || hasOption(a.Options, "remote")):
		bad = wants("a "+kind+" with a multicast group", `"dev LINK" with it, and no "remote"`)
	}
	if bad != nil {
		return bad.in(l.args[0].Pos)
	}
	if l.peer == nil {
		return nil
	}
	if bad := x.end(&x.peer, l.peer.Pos, x.peers); bad != nil {
		return bad
	}
	a = &s.Links[at]
	z := &s.Links[at+1]
	if z.End == a.End {
		return no(z.End.String(), " is both ends of the veth", "two names, or two namespaces").in(l.peer.Pos)
	}
	a.Peer, z.Peer = z.End, a.End
	return nil
}

func hasOption(opts []Option, name string) bool {
	for i := range opts {
		if opts[i].Name == name {
			return true
		}
	}
	return false
}

// end appends a link, or an end of a veth, to the Spec's.
func (x *expander) end(name *ranged, pos Pos, opts []rangedOption) *fault {
	e, bad := parseEnd(x.word(name))
	if bad != nil {
		return bad.in(pos)
	}
	kind := x.l.stmt.kind
	x.spec.Links = append(x.spec.Links, Link{Pos: pos, End: e, Kind: kind})
	l := &x.spec.Links[len(x.spec.Links)-1]
	up := false
	for k := range opts {
		o := &opts[k]
		switch o.value {
		case vUp:
			up = true
		case vDown:
			l.Down = true
			if kind == "" {
				return wants(`"down" for a link that is there already`, `"up", or neither: then it stays as it is`).in(o.pos)
			}
		}
		for v := range o.words {
			if bad := x.value(l, o.option, x.word(&o.words[v]), o.vals[v].Pos); bad != nil {
				return bad.in(o.vals[v].Pos)
			}
		}
	}
	if kind == "" {
		l.Down = !up
	}
	if len(l.Port) > 0 && l.Master == "" {
		for k := range opts {
			if opts[k].value == vPort {
				return no(opts[k].name, " is a bridge port's, and the link is none", `"master BRIDGE"`).in(opts[k].pos)
			}
		}
	}
	return nil
}

// value takes over a keyword's value.
func (x *expander) value(l *Link, o *option, s string, pos Pos) (bad *fault) {
	switch o.value {
	case vAddr:
		return x.addr(l, s, pos)
	case vMaster:
		if strings.IndexByte(s, ':') >= 0 {
			return no(s, " is no name of a bridge", "one in the link's own namespace, by its name alone")
		}
		l.Master = s
		return checkLinkName(s)
	case vMTU:
		l.MTU, bad = positive(s, "bytes")
	case vQueue:
		l.Queue, bad = positive(s, "packets")
	case vMAC:
		mac, ok := nl.ParseMAC(s)
		if !ok || len(mac) != 6 {
			return no(s, " is no MAC address", "six bytes: 02:00:00:00:00:01")
		}
		if mac[0]&1 != 0 || string(mac) == "\x00\x00\x00\x00\x00\x00" {
			return no(s, " can be no link's address", "one that is not all zeros, and whose first byte is even: 02:00:00:00:00:01")
		}
		l.MAC = mac
	case vAddrGen:
		if _, ok := rtnl.AddrGenModes.Value(s); !ok {
			return nearTo(s).oneOf(" is no addrgenmode", words(&rtnl.AddrGenModes))
		}
		l.AddrGen = s
	case vAlias:
		if len(s) > maxAlias {
			return wrong("an alias of " + strconv.Itoa(len(s)) + " bytes; the kernel keeps " + strconv.Itoa(maxAlias) + " at most")
		}
		l.Alias = s
	case vLower:
		if l.Lower, bad = parseEnd(s); bad != nil {
			return bad
		}
		if o.name == "dev" && strings.IndexByte(s, ':') < 0 {
			l.Lower.NS = l.NS
		}
	case vOption, vPort:
		var b nl.Builder
		b.Message(unix.RTM_NEWLINK, 0)
		if want := o.row.append(&b, s); want != "" {
			return wants(quote(s)+" does not do for "+o.name, want)
		}
		opts := &l.Options
		if o.value == vPort {
			opts = &l.Port
		}
		*opts = append(*opts, Option{o.name, s})
	}
	return bad
}

// maxAlias is IFALIASZ-1, linux/if_link.h.
const maxAlias = 255

func positive(s, unit string) (uint32, *fault) {
	n, err := strconv.ParseUint(s, 0, 32)
	if err != nil || n == 0 {
		return 0, wants(quote(s)+" is no number of "+unit, "1 to 4294967295")
	}
	return uint32(n), nil
}

func anyNumber(s string) (uint32, *fault) {
	n, err := strconv.ParseUint(s, 0, 32)
	if err != nil {
		return 0, no(s, " is no number", "0 to 4294967295")
	}
	return uint32(n), nil
}

// ParsePrefix reads ADDRESS/LENGTH.
func ParsePrefix(s string) (p Prefix, ok bool) {
	a, bits, _ := strings.Cut(s, "/")
	if p.IP, ok = nl.ParseIP(a); !ok {
		return p, false
	}
	n, err := strconv.ParseUint(bits, 10, 8)
	p.Bits = uint8(n)
	return p, err == nil && int(n) <= 8*len(p.IP)
}

func (x *expander) addr(l *Link, s string, pos Pos) *fault {
	if strings.IndexByte(s, '/') < 0 {
		if _, ok := nl.ParseIP(s); ok {
			return no(s, " is without the length of its network", s+"/24, for instance")
		}
		x.drawn = append(x.drawn, drawn{len(x.spec.Links) - 1, len(l.Addrs), s, pos})
		l.Addrs = append(l.Addrs, Prefix{})
		return nil
	}
	p, ok := ParsePrefix(s)
	if !ok {
		return no(s, " is no address", "one with the length of its network, as 10.1.1.2/16 or fd00::2/64, or a pool's name")
	}
	if x.twice(l, p) {
		return wrong("the address " + s + " stands twice")
	}
	if x.given == nil {
		x.given = map[string]bool{}
	}
	x.given[string(p.IP)] = true
	l.Addrs = append(l.Addrs, p)
	return nil
}

// twice tells whether a link has an address already. Of links with many, a map
// knows.
func (x *expander) twice(l *Link, p Prefix) bool {
	const many = 16
	if len(l.Addrs) < many {
		for _, have := range l.Addrs {
			if have.Equal(p) {
				return true
			}
		}
		return false
	}
	if n := len(x.spec.Links); x.manyOf != n {
		x.manyOf, x.many = n, make(map[string]bool, 2*many)
		for _, have := range l.Addrs {
			x.many[have.String()] = true
		}
	}
	key := p.String()
	have := x.many[key]
	x.many[key] = true
	return have
}

func (x *expander) route() *fault {
	l := x.l
	x.spec.Routes = append(x.spec.Routes, Route{Pos: l.pos, Type: "unicast"})
	r := &x.spec.Routes[len(x.spec.Routes)-1]
	k := len(x.args) - 1
	if k == 1 {
		r.Type = x.word(&x.args[0])
	}
	dpos := l.args[k].Pos
	dst := x.word(&x.args[k])
	if dst != "default" {
		var bad *fault
		if r.Dst, bad = parseDst(dst); bad != nil {
			return bad.in(dpos)
		}
	}
	end := false // the gateway is a link's address, that will be found later
	for k := range x.opts {
		o := &x.opts[k]
		if o.value == vOnLink {
			r.OnLink = true
			continue
		}
		pos := o.vals[0].Pos
		e, bad := r.value(o.value, x.word(&o.words[0]))
		if bad != nil {
			return bad.in(pos)
		}
		if e != (End{}) {
			end = true
			x.toVia = append(x.toVia, toVia{len(x.spec.Routes) - 1, e, pos})
		}
	}
	way := r.Via != nil || end || r.Dev != ""
	switch {
	case r.Type != "unicast" && (way || r.OnLink):
		return wants("a route that drops packets, with a gateway or a link", "neither").in(l.pos)
	case r.Type == "unicast" && !way:
		return wants("a route without a way", `"via ADDR", "dev LINK", or both`).in(dpos)
	}
	if dst == "default" {
		n := len(r.Via)
		if n == 0 {
			n = len(r.Src)
		}
		if n == 0 && !end {
			n = 4
		}
		r.Dst.IP = make([]byte, n) // of no length yet if that is the gateway's to say
	}
	if n := len(r.Dst.IP); n > 0 && (r.Src != nil && len(r.Src) != n || r.Via != nil && len(r.Via) != n && n == 16) {
		return wants("a route for addresses of two families", "all IPv4, or all IPv6").in(dpos)
	}
	return nil
}

// parseDst reads a route's network; a single address is one too.
func parseDst(s string) (Prefix, *fault) {
	text := s
	if ip, ok := nl.ParseIP(s); ok {
		text += "/" + strconv.Itoa(8*len(ip))
	}
	p, ok := ParsePrefix(text)
	if !ok {
		return p, no(s, " is no network", "one with its length, as 10.2.0.0/16, or default").at(routeNear(s))
	}
	if net := p.Network(); !net.Equal(p) {
		f := no(s, " has bits behind its length", "")
		f.meant = net.String()
		return p, f
	}
	return p, nil
}

// value takes over a keyword's value. A gateway that is no address is returned
// as the link that it names.
func (r *Route) value(v value, s string) (e End, bad *fault) {
	ok := true
	switch v {
	case vVia:
		if r.Via, ok = nl.ParseIP(s); !ok {
			r.Via = nil
			if strings.IndexByte(s, '/') >= 0 {
				return e, no(s, " is no gateway", "an address without a length, or a link that has one")
			}
			return parseEnd(s)
		}
	case vDev:
		r.Dev, bad = s, checkLinkName(s)
	case vSrc:
		if r.Src, ok = nl.ParseIP(s); !ok {
			bad = no(s, " is no address", "one without a length: 10.1.1.2")
		}
	case vMetric:
		r.Metric, bad = anyNumber(s)
	case vTable:
		r.Table, bad = positive(s, "a table")
	case vRouteMTU:
		r.MTU, bad = positive(s, "bytes")
	case vNetns:
		r.NS, bad = parseNS(s)
	}
	return e, bad
}

func routeNear(s string) *near {
	n := nearTo(s)
	n.try("default")
	return n
}

// toVia is a route whose gateway is a link's address.
type toVia struct {
	route int
	end   End
	pos   Pos
}

// vias finds the gateways that are named by their links.
func (x *expander) vias(fs *faults) {
	if x.toVia == nil {
		return
	}
	links := make(map[End]*Link, len(x.spec.Links))
	for i := range x.spec.Links {
		links[x.spec.Links[i].End] = &x.spec.Links[i]
	}
	for _, v := range x.toVia {
		r := &x.spec.Routes[v.route]
		l := links[v.end]
		if l == nil {
			n := nearTo(v.end.String())
			for e := range links {
				n.try(e.String())
			}
			if !fs.add(no(v.end.String(), " is neither an address nor a link of this file", "a gateway").at(n).in(v.pos)) {
				return
			}
			continue
		}
		n := len(r.Dst.IP)
		for _, a := range l.Addrs {
			if n == 0 || len(a.IP) == n {
				r.Via = a.IP
				if r.Dst.IP == nil || n == 0 {
					r.Dst.IP = make([]byte, len(a.IP))
				}
				break
			}
		}
		if r.Via == nil && !fs.add(no(v.end.String(), " has no address of the route's family", "a gateway").in(v.pos)) {
			return
		}
	}
}

// Network returns the prefix with all bits behind its length zero.
func (p Prefix) Network() Prefix {
	ip := append([]byte(nil), p.IP...)
	for i := range ip {
		switch rest := int(p.Bits) - 8*i; {
		case rest <= 0:
			ip[i] = 0
		case rest < 8:
			ip[i] &= 0xff << (8 - rest)
		}
	}
	return Prefix{ip, p.Bits}
}
