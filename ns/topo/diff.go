package topo

import (
	"bytes"
	"errors"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
	"rawns/ns"
)

// DiffKind is what a Difference is.
type DiffKind uint8

const (
	Missing   DiffKind = iota + 1 // described, and not there
	Different                     // there, but otherwise
	Extra                         // there, and not described
)

func (k DiffKind) String() string {
	return [...]string{"", "missing", "different", "extra"}[k&3]
}

// Object is what a Difference is about.
type Object uint8

const (
	ObjNetns Object = iota + 1
	ObjLink
	ObjAddr
	ObjRoute
	ObjSysctl
)

func (o Object) String() string {
	return [...]string{"", "netns", "link", "addr", "route", "sysctl", "", ""}[o&7]
}

// Difference is one thing that is otherwise in the kernel than in a Spec. Its
// strings may hold any byte: escape them before a terminal sees them.
type Difference struct {
	Kind   DiffKind
	Object Object
	Index  int    // in the Spec's Namespaces, Links, Routes or Sysctls; of an address: its link's; -1 where the Spec has none
	Sub    int    // of an address: in the link's Addrs
	NS     string // the namespace
	Name   string // of the link; a route's destination; a setting's key; "" for a namespace
	What   string // of Different: what of it, in the file's words: mtu, master, up, peer, stp_state, via
	Want   string // "" for none; of an address: itself
	Have   string // "" for none; of an extra address or route: itself
	Pos    Pos    // the Spec's
	// Implied: it is missing because what it is in, or on, is missing: a person
	// does not need the line.
	Implied bool
}

// String is the difference as one line.
func (d *Difference) String() string {
	name := d.NS
	switch {
	case d.Object == ObjNetns:
	case d.Object == ObjLink || d.Object == ObjAddr:
		name = End{d.NS, d.Name}.String()
	case d.NS != "":
		name = d.Name + " in " + d.NS
	default:
		name = d.Name
	}
	s := d.Kind.String() + " " + d.Object.String() + " " + name
	switch {
	case d.Object == ObjAddr && d.Kind == Missing:
		return s + " " + d.Want
	case d.Object == ObjAddr && d.Kind == Extra:
		return s + " " + d.Have
	case d.Object == ObjAddr:
		return s + " " + d.Want + ": it is " + d.Have
	case d.Kind == Different && d.What == "":
		return s + ": is " + orWord(d.Have, "none") + ", not " + orWord(d.Want, "none")
	case d.Kind == Different:
		return s + ": " + d.What + " is " + orWord(d.Have, "none") + ", not " + orWord(d.Want, "none")
	case d.Have != "":
		return s + " " + d.Have
	}
	return s
}

// Look returns what Observe has to look at for Diff.
func (s *Spec) Look() ObserveOptions {
	o := ObserveOptions{Names: []string{}, Addrs: true, Routes: true}
	for i := range s.Namespaces {
		o.Names = append(o.Names, s.Namespaces[i].Name)
	}
	seen := map[string]bool{}
	for i := range s.Sysctls {
		if k := s.Sysctls[i].Key; !seen[k] {
			seen[k] = true
			o.Sysctls = append(o.Sysctls, k)
		}
	}
	return o
}

// Diff compares a topology with what there is: what Observe returned for
// s.Look(), or for more. The Spec's things come first, in its order, then what is
// there beyond them: links, addresses and routes in the topology's own
// namespaces, and addresses and ports of its links in the one where Observe ran.
// What the kernel makes by itself (lo, link-local addresses, routes to networks
// that addresses are in, what routers advertise) is nothing extra. A file under a
// namespace's name that no namespace is mounted on counts as nothing.
//
// The error is that of a namespace that is there and could not be looked into: a
// failed look is not an absence.
func Diff(s *Spec, st *State) ([]Difference, error) {
	d := differ{s: s, st: st, links: make(map[End]*Link, len(s.Links)), spaces: map[string]*SpaceState{"": st.Space("")}}
	for i := range s.Namespaces {
		n := &s.Namespaces[i]
		sp := st.Space(n.Name)
		if sp != nil && sp.Err != nil {
			if !errors.Is(sp.Err, ns.ErrNotNetns) {
				return nil, sp.Err
			}
			sp = nil
		}
		if sp == nil {
			d.about(ObjNetns, i, n.Name, "", n.Pos)
			d.told(Missing, "", "", false)
			continue
		}
		d.spaces[n.Name] = sp
	}
	for i := range s.Links {
		d.links[s.Links[i].End] = &s.Links[i]
	}
	for i := range s.Links {
		d.link(i)
	}
	d.routes()
	for i := range s.Sysctls {
		d.sysctl(i)
	}
	d.extraLinks()
	for i := range s.Links {
		d.extraAddrs(i)
	}
	d.extraRoutes()
	return d.out, nil
}

type differ struct {
	s      *Spec
	st     *State
	out    []Difference
	links  map[End]*Link
	spaces map[string]*SpaceState
	taken  map[*RouteState]bool // routes that the Spec describes
	base   Difference           // what is being compared
}

//go:noinline
func (d *differ) add(x *Difference) { d.out = append(d.out, *x) }

// have returns what the kernel has of a described link, or nil.
func (d *differ) have(e End) *LinkState {
	if sp := d.spaces[e.NS]; sp != nil {
		return sp.Link(e.Name)
	}
	return nil
}

func (d *differ) link(i int) {
	l := &d.s.Links[i]
	d.about(ObjLink, i, l.NS, l.Name, l.Pos)
	h := d.have(l.End)
	if h == nil {
		d.told(Missing, "", "", d.spaces[l.NS] == nil)
		for k := range l.Addrs {
			d.addr(k, l.Addrs[k], Missing, "", true)
		}
		return
	}
	info := h.Attrs.Nest(rtnl.IFLA_LINKINFO)
	k := kindOf(l.Kind)
	if l.Kind != "" && l.Kind != h.Kind {
		d.differs("the kind", l.Kind, orWord(h.Kind, "device"))
		k = nil // its options mean nothing there
	}
	if k != nil {
		d.options(k.rows, l.Options, info.Nest(rtnl.IFLA_INFO_DATA))
		if l.Kind == "veth" && !d.perhaps(h, l.Peer) {
			d.differs("peer", l.Peer.String(), d.far(h, h.Peer))
		}
		if k.lower != "" && (l.Lower != (End{}) || h.Lower != nil) {
			want := ""
			if l.Lower != (End{}) {
				want = d.lowest(l).String()
			}
			d.differs(k.lower, want, d.far(h, h.Lower))
		}
	}
	if l.Kind != "" || l.Master != "" {
		master := ""
		if h.Master != nil {
			master = h.Master.Name
		}
		d.differs("master", l.Master, master)
	}
	if len(l.Port) > 0 && h.Master != nil {
		d.options(portOptions, l.Port, info.Nest(rtnl.IFLA_INFO_SLAVE_DATA))
	}
	if l.MAC != nil && !bytes.Equal(l.MAC, h.MAC) {
		d.differs("address", macText(l.MAC), macText(h.MAC))
	}
	d.number("mtu", l.MTU, h.MTU)
	queue, _ := h.Attrs.U32(rtnl.IFLA_TXQLEN)
	d.number("txqueuelen", l.Queue, queue)
	if l.AddrGen != "" {
		d.differs("addrgenmode", l.AddrGen, h.addrGen())
	}
	if l.Alias != "" {
		alias, _ := h.Attrs.Str(rtnl.IFLA_IFALIAS)
		d.differs("alias", l.Alias, string(alias))
	}
	// A link that was there already, and is not to be brought up, is left as it is.
	if up := h.Flags&unix.IFF_UP != 0; up == l.Down && (l.Kind != "" || !l.Down) {
		words := [2]string{"up", "down"}
		if l.Down {
			words = [2]string{"down", "up"}
		}
		d.differs("it", words[0], words[1])
	}
	for k := range l.Addrs {
		kind, have := Missing, ""
		for j := range h.Addrs {
			if a := &h.Addrs[j]; a.Equal(l.Addrs[k]) {
				kind = 0
				if a.Flags&unix.IFA_F_DADFAILED != 0 {
					kind, have = Different, "not in use: another machine on the network has it (dadfailed)"
				}
			}
		}
		if kind != 0 {
			d.addr(k, l.Addrs[k], kind, have, false)
		}
	}
}

// about begins with something else: what the next differences are about.
//
//go:noinline
func (d *differ) about(o Object, index int, space, name string, pos Pos) {
	d.base = Difference{Object: o, Index: index, NS: space, Name: name, Pos: pos}
}

// told adds a difference of what d.base is about.
//
//go:noinline
func (d *differ) told(kind DiffKind, want, have string, implied bool) {
	x := d.base
	x.Kind, x.Want, x.Have, x.Implied = kind, want, have, implied
	d.add(&x)
}

// differs adds one, if there is one, of what d.base is about.
//
//go:noinline
func (d *differ) differs(what, want, have string) {
	if want != have {
		d.base.What = what
		d.told(Different, want, have, false)
		d.base.What = ""
	}
}

// number is differs for what the Spec may leave to the kernel.
//
//go:noinline
func (d *differ) number(what string, want, have uint32) {
	if want != 0 && want != have {
		d.differs(what, itoa(int(want)), itoa(int(have)))
	}
}

// addr adds one of an address of the link that d.base is about.
//
//go:noinline
func (d *differ) addr(k int, want Prefix, kind DiffKind, have string, implied bool) {
	d.base.Object, d.base.Sub = ObjAddr, k
	d.told(kind, want.String(), have, implied)
	d.base.Object, d.base.Sub = ObjLink, 0
}

//go:noinline
func orWord(s, empty string) string {
	if s == "" {
		return empty
	}
	return s
}

// perhaps tells whether a veth's other end, where Observe could not find out
// whose it is, may be the one that it should be: both have the other's index. A
// failed look is no difference.
func (d *differ) perhaps(h *LinkState, want End) bool {
	p := d.have(want)
	return h.Peer == nil && p != nil && p.Peer == nil && p.Kind == h.Kind && p.LinkIndex == h.Index && h.LinkIndex == p.Index
}

// lowest is the link below. A macvlan on a macvlan is put on what that one is on
// (macvlan_common_newlink, drivers/net/macvlan.c).
func (d *differ) lowest(l *Link) End {
	e := l.Lower
	for range len(d.links) {
		below := d.links[e]
		if l.Kind != "macvlan" || below == nil || below.Kind != "macvlan" {
			break
		}
		e = below.Lower
	}
	return e
}

// far is the link at the other end, or below, as the file calls it.
func (d *differ) far(h, far *LinkState) string {
	if far == nil {
		if h.LinkIndex == 0 {
			return ""
		}
		return "in a namespace of another name"
	}
	// By the name that the topology has for the namespace, if it has one.
	for _, name := range append([]string{far.Space.Name}, far.Space.Aliases...) {
		if d.spaces[name] == far.Space {
			return End{name, far.Name}.String()
		}
	}
	return End{far.Space.Label(), far.Name}.String()
}

// addrGen is the link's addrgenmode in words; "" if it has no IPv6.
func (l *LinkState) addrGen() string {
	m, ok := l.Attrs.Nest(rtnl.IFLA_AF_SPEC).Nest(nl.AttrNest(unix.AF_INET6)).U8(rtnl.IFLA_INET6_ADDR_GEN_MODE)
	if !ok {
		return ""
	}
	return orWord(rtnl.AddrGenModes.Name(uint32(m)), itoa(int(m)))
}

// options compares options with the attributes that the kernel has.
func (d *differ) options(rows *[]optionRow, opts []Option, have nl.Attrs) {
	var b nl.Builder
	for _, o := range opts {
		row := findOption(rows, o.Name)
		if row == nil {
			continue // Check refuses it
		}
		b.Reset()
		b.Message(unix.RTM_NEWLINK, 0)
		if row.append(&b, o.Value) != "" {
			continue
		}
		p, err := b.Bytes()
		if err != nil {
			continue
		}
		for want := range nl.Message(p).Attrs(0).All() {
			got, _ := have.Get(want.Type())
			if bytes.Equal(got.Bytes(), want.Bytes()) {
				continue
			}
			g := row.text(got)
			if row.centiseconds() && closeTo(row.text(want), g) {
				continue
			}
			d.differs(o.Name, o.Value, orWord(g, "unknown"))
		}
	}
}

// centiseconds tells the options that the kernel keeps in ticks of its own, so
// that they may come back one hundredth of a second off.
func (r *optionRow) centiseconds() bool {
	switch r.name {
	case "ageing_time", "forward_delay", "hello_time", "max_age":
		return true
	}
	return false
}

func closeTo(a, b string) bool {
	x, err1 := strconv.ParseInt(a, 10, 64)
	y, err2 := strconv.ParseInt(b, 10, 64)
	return err1 == nil && err2 == nil && x-y <= 1 && y-x <= 1
}

// text is an attribute's value in iproute2's words, so that append understands
// it; "" if it is not there.
func (r *optionRow) text(a nl.Attr) string {
	f := r.schema.Field(r.typ)
	if f.Kind == nl.KindIP {
		return string(nl.AppendIP(nil, a.Bytes()))
	}
	v := uint32(0)
	ok := false
	switch f.Kind {
	case nl.KindU8:
		var n uint8
		n, ok = a.U8()
		v = uint32(n)
	case nl.KindU16:
		var n uint16
		n, ok = a.U16()
		v = uint32(n)
	case nl.KindBE16:
		var n uint16
		n, ok = a.BE16()
		v = uint32(n)
	default:
		v, ok = a.U32()
	}
	if !ok {
		return ""
	}
	// Of bridges iproute2 takes numbers only.
	if w := f.Names.Name(v); w != "" && r.schema != &rtnl.BridgeAttrs {
		return w
	}
	return strconv.FormatUint(uint64(v), 10)
}

func (d *differ) routes() {
	d.taken = map[*RouteState]bool{}
	for i := range d.s.Routes {
		r := &d.s.Routes[i]
		d.about(ObjRoute, i, r.NS, r.words(), r.Pos)
		sp := d.spaces[r.NS]
		if sp == nil {
			d.told(Missing, "", "", true)
			continue
		}
		// The one that has all of it, or else the first to the same network.
		var best *RouteState
		start, few := len(d.out), 0
		for _, h := range sp.Routes {
			if d.taken[h] || !r.same(h) {
				continue
			}
			at := len(d.out)
			d.route(r, h)
			if n := len(d.out) - at; best == nil || n < few {
				best, few = h, n
				copy(d.out[start:], d.out[at:])
			}
			d.out = d.out[:start+few]
			if few == 0 {
				break
			}
		}
		if best == nil {
			l := d.links[End{r.NS, r.Dev}]
			d.told(Missing, "", "", l != nil && d.have(l.End) == nil)
			continue
		}
		d.taken[best] = true
	}
}

// words names a route: its destination, as a file spells it.
func (r *Route) words() string {
	s := "default"
	if r.Dst.Bits > 0 {
		s = r.Dst.String()
	} else if len(r.Dst.IP) == 16 {
		s = "::/0"
	}
	if r.Type != "unicast" && r.Type != "" {
		s = r.Type + " " + s
	}
	if r.Table != 0 {
		s += " table " + itoa(int(r.Table))
	}
	return s
}

// same tells whether the kernel's route is what the Spec's would collide with:
// the same table, destination and metric.
func (r *Route) same(h *RouteState) bool {
	table := r.Table
	if table == 0 {
		table = unix.RT_TABLE_MAIN
	}
	metric := r.Metric
	if metric == 0 && len(r.Dst.IP) == 16 {
		metric = 1024 // IP6_RT_PRIO_USER, net/ipv6.h
	}
	return h.Table == table && h.Metric == metric && h.Dst.Equal(r.Dst)
}

// route adds how a route differs.
func (d *differ) route(r *Route, h *RouteState) {
	if r.Type != "" {
		d.differs("the type", r.Type, h.typeWord())
	}
	d.differs("via", ipText(r.Via), ipText(h.Via))
	if r.Dev != "" && (r.Type == "unicast" || r.Type == "") {
		dev := ""
		if h.Dev != nil {
			dev = h.Dev.Name
		}
		d.differs("dev", r.Dev, dev)
	}
	if r.Src != nil {
		d.differs("src", ipText(r.Src), ipText(h.Src))
	}
	d.number("mtu", r.MTU, h.mtu())
	if r.OnLink && h.Flags&unix.RTNH_F_ONLINK == 0 {
		d.differs("onlink", "on", "off")
	}
}

// typeWord is the route's type, as files have it; a number for those that they
// have not.
//
//go:noinline
func (h *RouteState) typeWord() string {
	return orWord(routeTypes.Name(uint32(h.Type)), itoa(int(h.Type)))
}

//go:noinline
func macText(p []byte) string { return string(nl.AppendMAC(nil, p)) }

//go:noinline
func ipText(p []byte) string { return string(nl.AppendIP(nil, p)) }

// mtu is the route's own MTU, 0 for none.
func (h *RouteState) mtu() uint32 {
	n, _ := h.Attrs.Nest(rtnl.RTA_METRICS).U32(rtnl.RTAX_MTU)
	return n
}

func (d *differ) sysctl(i int) {
	c := &d.s.Sysctls[i]
	d.about(ObjSysctl, i, c.NS, c.Key, c.Pos)
	sp := d.spaces[c.NS]
	if sp == nil {
		d.told(Missing, c.Value, "", true)
		return
	}
	v, ok := sp.Sysctls[c.Key]
	switch {
	case !ok:
		d.told(Missing, c.Value, "", false)
	case !sameValue(v, c.Value):
		d.told(Different, c.Value, v, false)
	}
}

// kernelLinks are those that the kernel puts into every namespace, where their
// modules are.
var kernelLinks = [...]string{"lo", "tunl0", "gre0", "gretap0", "erspan0", "ip_vti0", "ip6_vti0", "sit0", "ip6tnl0", "ip6gre0"}

func kernelLink(name string) bool {
	for _, k := range kernelLinks {
		if k == name {
			return true
		}
	}
	return false
}

// extra adds what the Spec does not have.
//
//go:noinline
func (d *differ) extra(o Object, index int, space, name, have string, pos Pos) {
	d.about(o, index, space, name, pos)
	d.base.Sub = -1
	d.told(Extra, "", have, false)
}

// extraLinks finds links in the topology's namespaces, and ports of its bridges
// in the host's, that it does not describe.
func (d *differ) extraLinks() {
	host := d.spaces[""]
	if host != nil {
		for _, h := range host.Links {
			if h.Master != nil && d.links[End{"", h.Name}] == nil && d.links[End{"", h.Master.Name}] != nil {
				d.extra(ObjLink, -1, "", h.Name, "a port of "+h.Master.Name, Pos{})
			}
		}
	}
	for i := range d.s.Namespaces {
		name := d.s.Namespaces[i].Name
		sp := d.spaces[name]
		if sp == nil || sp == host {
			continue
		}
		for _, h := range sp.Links {
			if d.links[End{name, h.Name}] == nil && !kernelLink(h.Name) {
				d.extra(ObjLink, -1, name, h.Name, "", Pos{})
			}
		}
	}
}

// extraAddrs finds addresses of a described link that the Spec does not have.
func (d *differ) extraAddrs(i int) {
	l := &d.s.Links[i]
	h := d.have(l.End)
	if h == nil || l.Kind == "" && l.NS == "" {
		return // one of the host's own has what the host gave it
	}
	for j := range h.Addrs {
		a := &h.Addrs[j]
		if a.own(h) {
			continue
		}
		known := false
		for _, want := range l.Addrs {
			known = known || want.Equal(a.Prefix)
		}
		if !known {
			d.extra(ObjAddr, i, l.NS, l.Name, a.String(), l.Pos)
		}
	}
}

// own tells the addresses that a link has by itself: link-local ones, lo's, and
// what a router advertised.
func (a *AddrState) own(l *LinkState) bool {
	switch {
	case a.Flags&unix.IFA_F_PERMANENT == 0:
		return true
	case len(a.IP) == 16 && a.IP[0] == 0xfe && a.IP[1]&0xc0 == 0x80 && a.Bits == 64:
		return a.linkLocal(l)
	case l.Flags&unix.IFF_LOOPBACK != 0:
		return len(a.IP) == 4 && a.IP[0] == 127 || len(a.IP) == 16 && a.Bits == 128 && bytes.Equal(a.IP[:15], make([]byte, 15)) && a.IP[15] == 1
	}
	return false
}

// linkLocal tells whether a link-local address is the one that the kernel made.
// Before Linux 5.18 it does not say so (IFAPROT_KERNEL_LL).
func (a *AddrState) linkLocal(l *LinkState) bool {
	switch {
	case a.Protocol == 3:
		return true
	case l.addrGen() == "none":
		return false
	case l.addrGen() != "eui64" || len(l.MAC) != 6:
		return true
	}
	m := l.MAC
	return bytes.Equal(a.IP[8:], []byte{m[0] ^ 2, m[1], m[2], 0xff, 0xfe, m[3], m[4], m[5]})
}

// own tells the routes that are there by themselves, or by a router's
// advertisement.
func (h *RouteState) own() bool {
	switch h.Protocol {
	case unix.RTPROT_KERNEL, unix.RTPROT_REDIRECT, unix.RTPROT_RA:
		return true
	}
	return h.Flags&unix.RTM_F_CLONED != 0
}

func (d *differ) extraRoutes() {
	for i := range d.s.Namespaces {
		name := d.s.Namespaces[i].Name
		sp := d.spaces[name]
		if sp == nil || sp == d.spaces[""] {
			continue
		}
		for _, h := range sp.Routes {
			if d.taken[h] || h.own() {
				continue
			}
			r := h.route(name)
			d.extra(ObjRoute, -1, name, r.words(), r.rest(), Pos{})
		}
	}
}

// route is the route as a Spec would have it, as far as one can.
func (h *RouteState) route(space string) (r Route) {
	r.NS, r.Type = space, h.typeWord()
	r.Dst, r.Src, r.MTU = h.Dst.Network(), h.Src, h.mtu()
	if h.Table != unix.RT_TABLE_MAIN {
		r.Table = h.Table
	}
	if h.Metric != 0 && (h.Family != unix.AF_INET6 || h.Metric != 1024) {
		r.Metric = h.Metric
	}
	if r.Type == "unicast" {
		r.Via = h.Via
		if h.Dev != nil {
			r.Dev = h.Dev.Name
		}
	}
	r.OnLink = h.Flags&unix.RTNH_F_ONLINK != 0
	return r
}

// rest is what a route has besides its destination, as a file spells it.
func (r *Route) rest() string {
	var w []string
	if r.Via != nil {
		w = append(w, "via "+string(nl.AppendIP(nil, r.Via)))
	}
	if r.Dev != "" {
		w = append(w, "dev "+r.Dev)
	}
	return strings.Join(w, " ")
}
