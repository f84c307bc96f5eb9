package topo

import (
	"encoding/binary"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
	"rawns/ns"
	"rawns/ns/file"
)

// Settings that Export compares. Of "all" some go over to all links at once.
var (
	exportInet  = []string{"forwarding", "rp_filter", "proxy_arp", "accept_local", "arp_ignore", "arp_announce", "route_localnet"}
	exportInet6 = []string{"disable_ipv6", "forwarding", "accept_ra", "autoconf", "proxy_ndp"}
)

// handedOn tells the settings of "all" that go over to every link.
func handedOn(key string) bool { return key == "forwarding" || key == "disable_ipv6" }

// exportFamilies are the two places of such settings.
var exportFamilies = [...]struct {
	dir    string // net.ipv4.conf
	keys   *[]string
	attr   uint16 // inside IFLA_AF_SPEC
	conf   nl.AttrBytes
	layout *nl.Layout
}{
	{"net.ipv4.conf.", &exportInet, unix.AF_INET, rtnl.IFLA_INET_CONF, &rtnl.InetConf},
	{"net.ipv6.conf.", &exportInet6, unix.AF_INET6, rtnl.IFLA_INET6_CONF, &rtnl.Inet6Conf},
}

// ExportLook returns what Observe has to look at for Export. Which settings there
// are it reads from /proc/sys/net.
func ExportLook() ObserveOptions {
	o := ObserveOptions{Addrs: true, Routes: true, MACs: true}
	for i := range exportFamilies {
		f := &exportFamilies[i]
		for _, k := range *f.keys {
			o.Sysctls = append(o.Sysctls, concat(f.dir, "all.", k), concat(f.dir, "default.", k))
		}
	}
	// Then those of the namespace as a whole that can be written.
	for _, dir := range [...]string{"net.ipv4.", "net.ipv6."} {
		path := strings.TrimSuffix(sysctlPath(dir), "/")
		list, err := file.Names(path)
		if err != nil {
			continue // no IPv6
		}
		slices.Sort(list)
		for _, f := range list {
			if st, err := file.Lstat(path + "/" + f); err != nil || st.Mode&unix.S_IFMT != unix.S_IFREG || st.Mode&0o600 != 0o600 || strings.IndexByte(f, '.') >= 0 {
				continue
			}
			switch f {
			case "ip_forward": // is net.ipv4.conf.all.forwarding
			case "tcp_fastopen_key": // a secret
			default:
				o.Sysctls = append(o.Sysctls, dir+f)
			}
		}
	}
	return o
}

// Fresh returns what is in a namespace that was made a moment ago: what Export
// need not say.
func Fresh(o ObserveOptions) (*SpaceState, error) {
	n, err := ns.NewAnonymous()
	if err != nil {
		return nil, err
	}
	defer n.Close()
	sp := &SpaceState{}
	err = n.Do(func() error {
		r := reader{o: &o, conn: &nl.Conn{}}
		defer r.conn.Close()
		if err := r.conn.Redial(unix.NETLINK_ROUTE); err != nil {
			return err
		}
		return r.read(sp)
	})
	return sp, err
}

// Export describes what there is: what Observe returned for ExportLook, or for
// more. These are the named namespaces, with their links, addresses, routes and
// some settings, and of the calling thread's the links that a topology can make,
// their addresses, and the routes by them. What is as in a fresh namespace, or
// as the kernel chooses it, is left out. Applied where nothing of it is, the Spec
// makes the same again. left says what no Spec can describe, a sentence each, with
// names quoted as by strconv.Quote.
func Export(st *State, fresh *SpaceState) (s *Spec, left []string) {
	e := exporter{s: &Spec{}, fresh: fresh, links: map[*LinkState]End{}}
	for key := range fresh.Sysctls {
		if strings.Count(key, ".") == 2 {
			e.whole = append(e.whole, key)
		}
	}
	slices.Sort(e.whole)
	for i, sp := range st.Spaces {
		switch {
		case i > 0 && sp.Name == "":
			continue
		case sp.Err != nil:
			e.leave("namespace ", quoted(sp.Name), ": ", sp.Err.Error())
			continue
		case i > 0:
			e.s.Namespaces = append(e.s.Namespaces, Namespace{Name: sp.Name})
		}
		e.spaces = append(e.spaces, sp)
		for _, a := range sp.Aliases {
			e.leave("the name ", quoted(a), ": another one of the namespace ", e.space(sp))
		}
	}
	// First which links there will be, then what each refers to.
	for _, sp := range e.spaces {
		for _, l := range sp.Links {
			if e.makes(l) {
				e.links[l] = End{sp.Name, l.Name}
			}
		}
	}
	e.prune()
	for _, sp := range e.spaces {
		for _, bridges := range [...]bool{true, false} {
			for _, l := range sp.Links {
				if (l.Kind == "bridge") == bridges {
					e.link(l)
				}
			}
		}
		e.settings(sp)
		e.routes(sp)
	}
	// A gateway is reached by another route: those without one come first.
	e.s.Routes = append(e.s.Routes, e.late...)
	return e.s, e.left
}

type exporter struct {
	s      *Spec
	fresh  *SpaceState
	spaces []*SpaceState
	links  map[*LinkState]End // those that the Spec makes
	done   map[*LinkState]bool
	late   []Route  // by a gateway
	whole  []string // settings of a namespace as a whole
	left   []string
}

//go:noinline
func (e *exporter) leave(what ...string) { e.left = append(e.left, concat(what...)) }

// concat is a + b + ..., which takes more code at each place.
//
//go:noinline
func concat(parts ...string) string { return strings.Join(parts, "") }

// space is a namespace in a sentence.
func (e *exporter) space(sp *SpaceState) string {
	if sp == e.spaces0() {
		return "of this process"
	}
	return quoted(sp.Name)
}

func (e *exporter) spaces0() *SpaceState {
	if len(e.spaces) == 0 {
		return nil
	}
	return e.spaces[0]
}

// name is a link in a sentence.
//
//go:noinline
func (e *exporter) name(l *LinkState) string {
	return quoted(End{l.Space.Name, l.Name}.String())
}

// itoa is strconv.Itoa, which would be inlined.
//
//go:noinline
func itoa(n int) string { return strconv.Itoa(n) }

//go:noinline
func quoted(s string) string { return strconv.Quote(s) }

// makes tells whether a link is one that a topology can make, by its kind.
func (e *exporter) makes(l *LinkState) bool {
	if kernelLink(l.Name) {
		return false
	}
	if l.Kind != "" && kindOf(l.Kind) != nil && rtnl.ValidIfName(l.Name) {
		return true
	}
	what := "a device"
	if l.Kind != "" {
		what = "a link of kind " + quoted(l.Kind)
	}
	if l.Space != e.spaces0() {
		e.leave(e.name(l), ": ", what)
	}
	return false
}

// prune takes out the links whose other end, or whose link below, no Spec has;
// and those on top of these in turn.
func (e *exporter) prune() {
	for again := true; again; {
		again = false
		for _, sp := range e.spaces {
			for _, l := range sp.Links {
				if _, ok := e.links[l]; !ok {
					continue
				}
				why := ""
				_, peer := e.links[l.Peer]
				_, lower := e.links[l.Lower]
				switch {
				case l.Kind == "veth" && !peer:
					why = "its other end is in a namespace without a name"
				case l.Kind == "veth" || lower:
				case l.Lower == nil && l.LinkIndex != 0:
					why = "it is on top of a link in a namespace without a name"
				case l.Lower == nil && kindOf(l.Kind).needsLower:
					why = "it is on top of a link that is not known"
				case l.Lower != nil && (l.Lower.Space != e.spaces0() || l.Lower.Kind != ""):
					why = "it is on top of " + e.name(l.Lower) + ", which is left out"
				}
				if why != "" {
					e.leave(e.name(l), ": ", why)
					delete(e.links, l)
					again = true
				}
			}
		}
	}
}

// link adds a link; a veth with its other end behind it.
func (e *exporter) link(l *LinkState) {
	if e.done == nil {
		e.done = map[*LinkState]bool{}
	}
	if e.done[l] {
		return
	}
	e.done[l] = true
	if l.Flags&unix.IFF_LOOPBACK != 0 {
		x := Link{End: End{l.Space.Name, l.Name}, Down: l.Flags&unix.IFF_UP == 0 || l.Space == e.spaces0(), Addrs: e.addrs(l)}
		if !x.Down || len(x.Addrs) > 0 {
			e.s.Links = append(e.s.Links, x)
		}
		return
	}
	end, ok := e.links[l]
	if !ok {
		if _, port := e.links[l.Master]; port {
			e.leave("that ", e.name(l), " is a port of ", quoted(l.Master.Name), ": the port is left out")
		}
		return
	}
	info := l.Attrs.Nest(rtnl.IFLA_LINKINFO)
	x := Link{End: end, Kind: l.Kind, Down: l.Flags&unix.IFF_UP == 0}
	x.Options = exportOptions(l.Kind, kindOf(l.Kind).rows, info.Nest(rtnl.IFLA_INFO_DATA), len(l.MAC) == 6)
	if l.Peer != nil && l.Kind == "veth" {
		x.Peer = e.links[l.Peer]
	}
	if l.Lower != nil {
		x.Lower = End{l.Lower.Space.Name, l.Lower.Name}
	}
	if m := l.Master; m != nil {
		if _, ok := e.links[m]; ok && m.Kind == "bridge" {
			x.Master = m.Name
			x.Port = exportOptions("port", portOptions, info.Nest(rtnl.IFLA_INFO_SLAVE_DATA), l.Kind == "veth")
		} else {
			e.leave("that ", e.name(l), " is a port of ", quoted(m.Name), ": that is no bridge")
		}
	}
	if l.MACFrom == MACSet {
		x.MAC = l.MAC
	}
	if l.MTU != usualMTU(l) {
		x.MTU = l.MTU
	}
	if q, ok := l.Attrs.U32(rtnl.IFLA_TXQLEN); ok && q != 1000 && q != 0 { // DEFAULT_TX_QUEUE_LEN
		x.Queue = q
	}
	if g := l.addrGen(); g != "" && g != "eui64" {
		x.AddrGen = g
	}
	alias, _ := l.Attrs.Str(rtnl.IFLA_IFALIAS)
	x.Alias = string(alias)
	x.Addrs = e.addrs(l)
	e.s.Links = append(e.s.Links, x)
	if l.Kind == "veth" {
		e.link(l.Peer)
	}
}

// usualMTU is what the kernel gives a link that nobody chose one for; 0 where
// that is not known.
func usualMTU(l *LinkState) uint32 {
	switch {
	case l.Kind == "veth" || l.Kind == "dummy":
		return 1500
	case (l.Kind == "macvlan" || l.Kind == "vlan") && l.Lower != nil:
		return l.Lower.MTU
	case l.Kind == "bridge":
		// That of the port with the smallest, until somebody sets one.
		least := uint32(0)
		for _, p := range l.Space.Links {
			if p.Master == l && (least == 0 || p.MTU < least) {
				least = p.MTU
			}
		}
		if least == 0 {
			return 1500
		}
		return least
	}
	return 0
}

// addrs are the addresses of a link that it does not have by itself.
func (e *exporter) addrs(l *LinkState) (out []Prefix) {
	for i := range l.Addrs {
		a := &l.Addrs[i]
		switch {
		case a.own(l):
		case a.Peer != nil:
			e.leave("the address ", a.String(), " of ", e.name(l), ": it has another one at its far end")
		default:
			out = append(out, a.Prefix)
		}
	}
	// The kernel puts each new one of IPv6 in front of the others.
	if at := slices.IndexFunc(out, func(p Prefix) bool { return len(p.IP) == 16 }); at >= 0 {
		slices.Reverse(out[at:])
	}
	return out
}

// usual are the values that the kernel gives to options that nobody chose, where
// that is not 0 or off.
var usual = [...]struct{ kind, name, value string }{
	{"bridge", "ageing_time", "30000"}, {"bridge", "forward_delay", "1500"}, {"bridge", "hello_time", "200"}, {"bridge", "max_age", "2000"},
	{"bridge", "mcast_snooping", "1"}, {"bridge", "priority", "32768"}, {"bridge", "vlan_default_pvid", "1"},
	{"macvlan", "mode", "vepa"},
	{"vlan", "protocol", "802.1Q"},
	{"vxlan", "ageing", "300"}, {"vxlan", "dstport", "8472"}, {"vxlan", "learning", "on"}, {"vxlan", "udpcsum", "on"},
	{"port", "flood", "on"}, {"port", "learning", "on"}, {"port", "priority", "32"},
}

// exportOptions are the options whose values are not the usual ones. fast is for
// ports: they are of a link of 10 Gb/s, whose cost is 2 and not 100.
func exportOptions(kind string, rows *[]optionRow, have nl.Attrs, fast bool) (out []Option) {
	if rows == nil {
		return nil
	}
	for i := range *rows {
		row := &(*rows)[i]
		a, ok := have.Get(row.typ)
		if !ok && row.typ6 != 0 {
			a, ok = have.Get(row.typ6)
		}
		v := row.text(a)
		if !ok || v == "" {
			continue
		}
		if row.name == "group" || row.name == "remote" { // one attribute, of two names
			ip := a.Bytes()
			multicast := len(ip) == 4 && ip[0]>>4 == 0xe || len(ip) == 16 && ip[0] == 0xff
			if multicast != (row.name == "group") {
				continue
			}
		}
		if v == usualValue(kind, row.name, fast) && row.name != "id" {
			continue
		}
		out = append(out, Option{row.name, v})
	}
	return out
}

func usualValue(kind, name string, fast bool) string {
	for i := range usual {
		if u := &usual[i]; u.kind == kind && u.name == name {
			return u.value
		}
	}
	switch {
	case kind == "port" && name == "cost" && fast:
		return "2"
	case kind == "port" && name == "cost":
		return "100"
	case kind == "port":
		return "off"
	}
	return "0"
}

// settings adds those that differ from a fresh namespace's, and those of links
// that differ from what links to come will have.
func (e *exporter) settings(sp *SpaceState) {
	if sp == e.spaces0() {
		// The host's own are not the topology's, but for being a router.
		for _, key := range [...]string{"net.ipv4.conf.all.forwarding", "net.ipv6.conf.all.forwarding"} {
			if v := sp.Sysctls[key]; v != "" && v != "0" && len(e.links) > 0 {
				e.setting(sp, key, v)
			}
		}
		return
	}
	links := e.inOrder(sp)
	for i := range exportFamilies {
		f := &exportFamilies[i]
		for _, k := range *f.keys {
			allKey, defKey := concat(f.dir, "all.", k), concat(f.dir, "default.", k)
			all, ok1 := sp.Sysctls[allKey]
			def, ok2 := sp.Sysctls[defKey]
			if !ok1 || !ok2 {
				continue
			}
			freshAll, freshDef := e.fresh.Sysctls[allKey], e.fresh.Sysctls[defKey]
			if all != freshAll {
				e.setting(sp, allKey, all)
				if handedOn(k) {
					freshDef = all
				}
			}
			if def != freshDef {
				e.setting(sp, defKey, def)
			}
			for _, l := range links {
				v, ok := l.conf(i, k)
				// A link that is made before the default was set has the
				// fresh one: only where both are its value need nothing
				// be said. But without an address its IPv4 settings follow
				// the default (devinet_copy_dflt_conf, net/ipv4/devinet.c).
				follows := i == 0 && !l.inet()
				if _, made := e.links[l]; ok && (made || l.Flags&unix.IFF_LOOPBACK != 0) && (v != def || v != freshDef && !follows) {
					e.setting(sp, concat(f.dir, sysctlName(l.Name), ".", k), v)
				}
			}
		}
	}
	for _, key := range e.whole {
		v, ok1 := sp.Sysctls[key]
		fresh, ok2 := e.fresh.Sysctls[key]
		if ok1 && ok2 && !sameValue(v, fresh) {
			e.setting(sp, key, strings.Join(strings.Fields(v), " "))
		}
	}
}

// inOrder returns a namespace's links as the file has them, lo first: their order in the
// kernel is not that of those that the file will make.
func (e *exporter) inOrder(sp *SpaceState) (links []*LinkState) {
	for _, l := range sp.Links {
		if l.Flags&unix.IFF_LOOPBACK != 0 {
			links = append(links, l)
		}
	}
	for i := range e.s.Links {
		if x := &e.s.Links[i]; x.NS == sp.Name {
			if l := sp.Link(x.Name); l != nil && l.Flags&unix.IFF_LOOPBACK == 0 {
				links = append(links, l)
			}
		}
	}
	return links
}

// inet tells whether a link has an IPv4 address.
func (l *LinkState) inet() bool {
	for i := range l.Addrs {
		if len(l.Addrs[i].IP) == 4 {
			return true
		}
	}
	return false
}

// sysctlName is a link's name inside a key whose words '.' parts: its own dots
// are written '/', as sysctl(8) has it.
func sysctlName(name string) string {
	b := []byte(name)
	for i, c := range b {
		if c == '.' {
			b[i] = '/'
		}
	}
	return string(b)
}

//go:noinline
func (e *exporter) setting(sp *SpaceState, key, value string) {
	if key == "net.ipv4.conf.all.forwarding" {
		key = "net.ipv4.ip_forward" // the same, by the name that everyone knows
	}
	e.s.Sysctls = append(e.s.Sysctls, Sysctl{NS: sp.Name, Key: key, Value: value})
}

// conf is a link's own setting, as IFLA_AF_SPEC has it.
func (l *LinkState) conf(family int, key string) (string, bool) {
	f := &exportFamilies[family]
	p, ok := l.Attrs.Nest(rtnl.IFLA_AF_SPEC).Nest(nl.AttrNest(f.attr)).Blob(f.conf)
	if !ok {
		return "", false
	}
	for i := range f.layout.Members {
		if m := &f.layout.Members[i]; m.Name == key && m.Off+4 <= len(p) {
			return itoa(int(int32(binary.NativeEndian.Uint32(p[m.Off:])))), true
		}
	}
	return "", false
}

//go:noinline
func addRoute(to *[]Route, r *Route) { *to = append(*to, *r) }

// routes adds those that somebody set; of the calling thread's namespace only
// those by links that the Spec makes.
func (e *exporter) routes(sp *SpaceState) {
	for _, h := range sp.Routes {
		if h.own() {
			continue
		}
		_, made := e.links[h.Dev]
		ours := made || h.Dev != nil && h.Dev.Flags&unix.IFF_LOOPBACK != 0
		if sp == e.spaces0() && (!ours || h.Type != unix.RTN_UNICAST) {
			continue
		}
		r := h.route(sp.Name)
		why := ""
		_, hops := h.Attrs.Get(uint16(rtnl.RTA_MULTIPATH))
		_, hop := h.Attrs.Get(uint16(rtnl.RTA_NH_ID))
		_, encap := h.Attrs.Get(uint16(rtnl.RTA_ENCAP))
		switch {
		case hops:
			why = "it has several gateways"
		case hop:
			why = "it is by a nexthop object"
		case encap:
			why = "it encapsulates"
		case routeTypes.Name(uint32(h.Type)) == "":
			why = "it is of another type"
		case h.Type == unix.RTN_UNICAST && !ours:
			why = "it is by a link that is left out"
		}
		if why != "" {
			e.leave("the route ", quoted(r.words()), " in the namespace ", e.space(sp), ": ", why)
			continue
		}
		if r.Via != nil {
			addRoute(&e.late, &r)
		} else {
			addRoute(&e.s.Routes, &r)
		}
	}
}
