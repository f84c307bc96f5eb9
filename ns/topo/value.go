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
	return wants(quote(s)+" is no name for a link", "1 to 15 bytes without '/', ':' and blanks")
}

func (x *expander) link(c *clause, i int) (Pos, *fault) {
	l := c.l
	kind := l.stmt.kind
	a, pos, bad := x.end(c, i, c.args[0], l.args[0], c.opts, kind)
	if bad != nil {
		return pos, bad
	}
	k := kindOf(kind)
	if k.needsLower && a.Lower == (End{}) {
		return l.args[0].Pos, wants("a "+kind+" without the link below it", quote(k.lower+" END"))
	}
	if k.needsID && !hasOption(a.Options, "id") {
		return l.args[0].Pos, wants("a "+kind+" without a number", `"id N"`)
	}
	if hasOption(a.Options, "group") && (hasOption(a.Options, "remote") || a.Lower == (End{})) {
		return l.args[0].Pos, wants("a "+kind+" with a multicast group", `"dev LINK" with it, and no "remote"`)
	}
	if l.peer == nil {
		x.spec.Links = append(x.spec.Links, a)
		return Pos{}, nil
	}
	x.spec.Links = append(x.spec.Links, a)
	z, pos, bad := x.end(c, i, c.peer, *l.peer, c.peers, kind)
	if bad != nil {
		return pos, bad
	}
	if z.End == a.End {
		return l.peer.Pos, wants(quote(z.End.String())+" is both ends of the veth", "two names, or two namespaces")
	}
	z.Peer = a.End
	x.spec.Links[len(x.spec.Links)-1].Peer = z.End
	x.spec.Links = append(x.spec.Links, z)
	return Pos{}, nil
}

func hasOption(opts []Option, name string) bool {
	for _, o := range opts {
		if o.Name == name {
			return true
		}
	}
	return false
}

// end reads a link, or an end of a veth; it will be the next of the Spec's.
func (x *expander) end(c *clause, i int, name ranged, at Word, opts []rangedOption, kind string) (l Link, pos Pos, bad *fault) {
	l.Pos, l.Kind = at.Pos, kind
	if l.End, bad = parseEnd(name.at(i, c.n, &x.buf)); bad != nil {
		return l, at.Pos, bad
	}
	up := false
	for k := range opts {
		o := &opts[k]
		if o.value.flag() {
			up = up || o.value == vUp
			l.Down = l.Down || o.value == vDown
			if l.Down && kind == "" {
				return l, o.pos, wants(`"down" for a link that is there already`, `"up", or neither: then it stays as it is`)
			}
			continue
		}
		for v := range o.vals {
			s := o.vals[v].at(i, c.n, &x.buf)
			if bad := x.value(&l, o.option, s, o.option.vals[v].Pos); bad != nil {
				return l, o.option.vals[v].Pos, bad
			}
		}
	}
	if kind == "" {
		l.Down = !up
	}
	if len(l.Port) > 0 && l.Master == "" {
		for k := range opts {
			if opts[k].value == vPort {
				return l, opts[k].pos, wants(quote(opts[k].name)+" is a bridge port's, and the link is none", `"master BRIDGE"`)
			}
		}
	}
	return l, Pos{}, nil
}

// value takes over a keyword's value.
func (x *expander) value(l *Link, o *option, s string, pos Pos) (bad *fault) {
	switch o.value {
	case vAddr:
		return x.addr(l, s, pos)
	case vMaster:
		if strings.IndexByte(s, ':') >= 0 {
			return wants(quote(s)+" is no name of a bridge", "one in the link's own namespace, by its name alone")
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
			return wants(quote(s)+" is no MAC address", "six bytes: 02:00:00:00:00:01")
		}
		if mac[0]&1 != 0 || string(mac) == "\x00\x00\x00\x00\x00\x00" {
			return wants(quote(s)+" can be no link's address", "one that is not all zeros, and whose first byte is even: 02:00:00:00:00:01")
		}
		l.MAC = mac
	case vAddrGen:
		if _, ok := rtnl.AddrGenModes.Value(s); !ok {
			n := nearTo(s)
			for _, w := range words(&rtnl.AddrGenModes) {
				n.try(w)
			}
			return wants(quote(s)+" is no addrgenmode", "one of "+strings.Join(words(&rtnl.AddrGenModes), ", ")).at(n)
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
		if o.value == vPort {
			l.Port = append(l.Port, Option{o.name, s})
		} else {
			l.Options = append(l.Options, Option{o.name, s})
		}
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
		return 0, wants(quote(s)+" is no number", "0 to 4294967295")
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
			return wants(quote(s)+" is without the length of its network", s+"/24, for instance")
		}
		x.drawn = append(x.drawn, drawn{len(x.spec.Links), len(l.Addrs), s, pos})
		l.Addrs = append(l.Addrs, Prefix{})
		return nil
	}
	p, ok := ParsePrefix(s)
	if !ok {
		return wants(quote(s)+" is no address", "one with the length of its network, as 10.1.1.2/16 or fd00::2/64, or a pool's name")
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
	if n := len(x.spec.Links) + 1; x.manyOf != n {
		x.manyOf, x.many = n, make(map[string]bool, 2*many)
		for _, have := range l.Addrs {
			x.many[string(have.IP)+string(rune(have.Bits))] = true
		}
	}
	key := string(p.IP) + string(rune(p.Bits))
	have := x.many[key]
	x.many[key] = true
	return have
}

func (x *expander) route(c *clause, i int) (Pos, *fault) {
	l := c.l
	r := Route{Pos: l.pos, Type: "unicast"}
	arg := func(k int) string { return c.args[k].at(i, c.n, &x.buf) }
	k := len(c.args) - 1
	if k == 1 {
		r.Type = arg(0)
	}
	dst, dpos := arg(k), l.args[k].Pos
	if dst != "default" {
		s := dst
		if ip, ok := nl.ParseIP(s); ok { // one address
			s += "/" + strconv.Itoa(8*len(ip))
		}
		p, ok := ParsePrefix(s)
		if !ok {
			return dpos, wants(quote(dst)+" is no network", "one with its length, as 10.2.0.0/16, or default").at(routeNear(dst))
		}
		if net := p.Network(); !net.Equal(p) {
			f := wrong(quote(dst) + " has bits behind its length")
			f.meant = net.String()
			return dpos, f
		}
		r.Dst = p
	}
	var via *option
	var end End
	for k := range c.opts {
		o := &c.opts[k]
		if o.value == vOnLink {
			r.OnLink = true
			continue
		}
		s, vpos := o.vals[0].at(i, c.n, &x.buf), o.option.vals[0].Pos
		var bad *fault
		switch o.value {
		case vVia:
			var ok bool
			if r.Via, ok = nl.ParseIP(s); !ok {
				r.Via = nil
				if strings.IndexByte(s, '/') >= 0 {
					bad = wants(quote(s)+" is no gateway", "an address without a length, or a link that has one")
				} else {
					end, bad = parseEnd(s)
				}
				via = o.option
			}
		case vDev:
			r.Dev, bad = s, checkLinkName(s)
		case vSrc:
			var ok bool
			if r.Src, ok = nl.ParseIP(s); !ok {
				bad = wants(quote(s)+" is no address", "one without a length: 10.1.1.2")
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
		if bad != nil {
			return vpos, bad
		}
	}
	if r.Type != "unicast" && (r.Via != nil || via != nil || r.Dev != "" || r.OnLink) {
		return l.pos, wants("a route that drops packets, with a gateway or a link", "neither")
	}
	if dst == "default" {
		n := len(r.Via)
		if n == 0 {
			n = len(r.Src)
		}
		if n == 0 && via == nil {
			n = 4
		}
		r.Dst = Prefix{IP: make([]byte, n)} // of no length yet if that is the gateway's to say
	}
	if r.Type == "unicast" && r.Via == nil && via == nil && r.Dev == "" {
		return dpos, wants("a route without a way", `"via ADDR", "dev LINK", or both`)
	}
	if n := len(r.Dst.IP); n > 0 && (r.Src != nil && len(r.Src) != n || r.Via != nil && len(r.Via) != n && n == 16) {
		return dpos, wants("a route for addresses of two families", "all IPv4, or all IPv6")
	}
	if via != nil {
		x.toVia = append(x.toVia, toVia{len(x.spec.Routes), end, via.vals[0].Pos})
	}
	x.spec.Routes = append(x.spec.Routes, r)
	return Pos{}, nil
}

func routeNear(s string) *near {
	n := nearTo(s)
	n.try("default")
	for _, w := range words(&routeTypes) {
		n.try(w)
	}
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
			if !fs.add(v.pos, wants(quote(v.end.String())+" is neither an address nor a link of this file", "a gateway").at(n)) {
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
		if r.Via == nil && !fs.add(v.pos, wants(quote(v.end.String())+" has no address of the route's family", "a gateway")) {
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
