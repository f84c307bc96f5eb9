package doctor

import (
	"bytes"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/ns/topo"
)

// PointError is an end that does not exist.
type PointError struct {
	Text string // as it was given: escape it before a terminal sees it
	Why  string
}

func (e *PointError) Error() string { return strconv.Quote(e.Text) + ": " + e.Why }

// findEnds works out what FROM and TO mean.
func findEnds(st *topo.State, r *Report, from, to string) error {
	var err error
	if err = findPoint(st, from, false, &r.From); err != nil {
		return err
	}
	if err = findPoint(st, to, true, &r.To); err != nil {
		return err
	}
	if p := &r.To; p.Space == nil {
		// Any other namespace may have the same address and nothing to do with this.
		for _, spaces := range [][]*topo.SpaceState{connected(st, r.From.Space), st.Spaces} {
			if h := holdersOf(spaces, &p.IP); len(h) > 0 {
				p.Space, p.Link = h[0].Space, h[0]
				break
			}
		}
	}
	if r.From.IP != nil && r.To.IP != nil && len(r.From.IP) != len(r.To.IP) {
		return &PointError{to, "an IPv4 and an IPv6 address cannot talk to each other"}
	}
	a, b := &r.From, &r.To
	if loopbackIP(b.IP) && !strings.Contains(to, ":") {
		b.Space = a.Space
	}
	if b.IP == nil {
		b.choose(a)
	}
	if b.IP == nil { // that is the fault: Diagnose says so
		return nil
	}
	if loopbackIP(b.IP) && b.Space != a.Space {
		return &PointError{to, "lo's own addresses can be asked from their own namespace only"}
	}
	r.Family = familyOf(&b.IP)
	if a.Link != nil && a.IP == nil {
		a.IP = firstAddr(a.Link, len(b.IP), b.IP)
	}
	return nil
}

// spaceOf finds a namespace by its name, or, as reports call one without a name, by
// its file.
func spaceOf(st *topo.State, s string) *topo.SpaceState {
	if sp := st.Space(s); sp != nil {
		return sp
	}
	for _, sp := range st.Spaces[1:] {
		if s != "" && sp.Path == s {
			return sp
		}
	}
	return nil
}

// findPoint reads NS, NS:, NS:LINK, NS:ADDRESS, LINK, ADDRESS or ".".
func findPoint(st *topo.State, s string, to bool, p *Point) error {
	if len(st.Spaces) == 0 {
		return &PointError{s, "no namespace was looked at"}
	}
	host := st.Spaces[0]
	bad := func(why string) error { return &PointError{s, why} }
	name, rest, hasColon := strings.Cut(s, ":")
	// a:fd00::1 is an IPv6 address, and one in a namespace a, which is what is
	// meant if there is such a namespace. [a:fd00::1] is never that.
	if ip, dev, ok := address(s); ok && !(hasColon && st.Space(name) != nil && isAddress(rest)) {
		p.IP, p.Fixed = ip, true
		if !to || dev != "" {
			p.Space = host
		}
		if dev != "" {
			if p.Link = host.Link(dev); p.Link == nil {
				return bad("no link " + strconv.Quote(dev) + " here")
			}
		}
		return nil // findEnds looks for TO's holder
	}
	if hasColon {
		sp := spaceOf(st, name)
		if name == "." {
			sp = host
		}
		if sp == nil || sp != host && name == "" {
			return bad("no namespace " + strconv.Quote(name) + "; rawns ls lists them")
		}
		if sp.Err != nil {
			return bad("its namespace cannot be looked into: " + sp.Err.Error())
		}
		p.Space = sp
		if rest == "" {
			return nil
		}
		if ip, dev, ok := address(rest); ok {
			p.IP, p.Fixed = ip, true
			if dev != "" {
				if p.Link = sp.Link(dev); p.Link == nil {
					return bad("no link " + strconv.Quote(dev) + " in that namespace")
				}
			}
			return nil
		}
		if p.Link = sp.Link(rest); p.Link == nil {
			return bad("no link of that name in the namespace, and no address")
		}
		return nil
	}
	if s == "." || s == "" {
		p.Space = host
		return nil
	}
	if sp := spaceOf(st, s); sp != nil {
		if sp.Err != nil {
			return bad("it cannot be looked into: " + sp.Err.Error())
		}
		p.Space = sp
		return nil
	}
	if l := host.Link(s); l != nil {
		p.Space, p.Link = host, l
		return nil
	}
	return bad("no namespace, no link and no address of that name")
}

// address reads an address, with the link behind a '%' that fe80:: ones need.
func address(s string) (ip []byte, dev string, ok bool) {
	if strings.HasPrefix(s, "[") && strings.HasSuffix(s, "]") {
		s = s[1 : len(s)-1]
	}
	s, dev, _ = strings.Cut(s, "%")
	ip, ok = nl.ParseIP(s)
	return ip, dev, ok
}

func isAddress(s string) bool { _, _, ok := address(s); return ok }

// choose picks an address of a TO that was given without one: of the family of
// from, in from's network if there is one.
func (p *Point) choose(from *Point) {
	links := p.Space.Links
	if p.Link != nil {
		links = []*topo.LinkState{p.Link}
	}
	var second, third []byte
	for _, l := range links {
		if l.Flags&unix.IFF_LOOPBACK != 0 && p.Link == nil {
			continue
		}
		for i := range l.Addrs {
			a := &l.Addrs[i]
			switch {
			case from.IP != nil && len(from.IP) != len(a.IP), linkLocal(&a.IP):
			case shares(from, a.Prefix):
				p.IP, p.Link = a.IP, l
				return
			case len(a.IP) == 4 && second == nil:
				second = a.IP
			case third == nil:
				third = a.IP
			}
		}
	}
	if p.IP = second; p.IP == nil {
		p.IP = third
	}
}

// shares tells whether a point has an address in the network of a.
func shares(p *Point, a topo.Prefix) bool {
	if p.IP != nil {
		return within(&a, &p.IP)
	}
	for _, l := range p.Space.Links {
		if p.Link != nil && l != p.Link || l.Flags&unix.IFF_LOOPBACK != 0 {
			continue
		}
		for i := range l.Addrs {
			if within(&a, &l.Addrs[i].IP) {
				return true
			}
		}
	}
	return false
}

// firstAddr returns an address of a link with n bytes: of those in one network
// with to the first, else the first, that is link-local only if to is.
func firstAddr(l *topo.LinkState, n int, to []byte) (first []byte) {
	for i := range l.Addrs {
		a := &l.Addrs[i]
		if len(a.IP) != n || linkLocal(&a.IP) != linkLocal(&to) {
			continue
		}
		if within(&a.Prefix, &to) {
			return a.IP
		}
		if first == nil {
			first = a.IP
		}
	}
	return first
}

// holdersOf returns the links of some namespaces that have an address.
func holdersOf(spaces []*topo.SpaceState, ip *[]byte) (out []*topo.LinkState) {
	for _, sp := range spaces {
		for _, l := range sp.Links {
			if addrOf(l, ip) != nil {
				out = append(out, l)
			}
		}
	}
	return out
}

//go:noinline
func (w *walker) holders(ip *[]byte) []*topo.LinkState { return holdersOf(w.spaces, ip) }

// addrOf returns a link's entry of an address, or nil.
//
//go:noinline
func addrOf(l *topo.LinkState, ip *[]byte) *topo.AddrState {
	for i := range l.Addrs {
		if bytes.Equal(l.Addrs[i].IP, *ip) {
			return &l.Addrs[i]
		}
	}
	return nil
}

// claims returns the entry by which a link makes an address one of its
// namespace's own, or nil: the address itself, or, with IPv4, the whole network
// of an address of lo.
//
//go:noinline
func claims(l *topo.LinkState, ip *[]byte) *topo.AddrState {
	if a := addrOf(l, ip); a != nil {
		return a
	}
	if l.Flags&unix.IFF_LOOPBACK != 0 && l.Flags&unix.IFF_UP != 0 && len(*ip) == 4 {
		for i := range l.Addrs {
			if within(&l.Addrs[i].Prefix, ip) {
				return &l.Addrs[i]
			}
		}
	}
	return nil
}

func familyOf(ip *[]byte) uint8 {
	if len(*ip) == 4 {
		return unix.AF_INET
	}
	return unix.AF_INET6
}

//go:noinline
func linkLocal(p *[]byte) bool {
	ip := *p
	return len(ip) == 16 && ip[0] == 0xfe && ip[1]&0xc0 == 0x80
}

func loopbackIP(ip []byte) bool {
	return len(ip) == 4 && ip[0] == 127 || len(ip) == 16 && bytes.Equal(ip, []byte{15: 1})
}

// SpaceName is a namespace as the command line spells it: "." for the host's.
// It is not escaped.
//
//go:noinline
func SpaceName(st *topo.State, sp *topo.SpaceState) string {
	switch {
	case sp == nil:
		return "?"
	case sp == st.Spaces[0]:
		return "."
	case sp.Name != "":
		return sp.Name
	case sp.Path != "":
		return sp.Path
	}
	return "net:[" + strconv.FormatUint(sp.ID.Inode, 10) + "]"
}

// connected returns the namespaces that links join to some others, these
// included, in State's order. The rest of a host, with the same addresses
// perhaps, has no part in what happens between them.
func connected(st *topo.State, roots ...*topo.SpaceState) (out []*topo.SpaceState) {
	joined := map[*topo.SpaceState][]*topo.SpaceState{}
	join := func(a, b *topo.SpaceState) {
		if b != nil && a != b {
			joined[a] = append(joined[a], b)
			joined[b] = append(joined[b], a)
		}
	}
	for _, sp := range st.Spaces {
		for _, l := range sp.Links {
			if l.Peer != nil {
				join(sp, l.Peer.Space)
			}
			if l.Lower != nil {
				join(sp, l.Lower.Space)
			}
			join(sp, sp.NSIDs[l.LinkNSID])
		}
	}
	in := map[*topo.SpaceState]bool{}
	for len(roots) > 0 {
		sp := roots[0]
		roots = roots[1:]
		if sp != nil && !in[sp] {
			in[sp] = true
			roots = append(roots, joined[sp]...)
		}
	}
	for _, sp := range st.Spaces {
		if in[sp] {
			out = append(out, sp)
		}
	}
	return out
}
