package ip

import (
	"encoding/binary"
	"strconv"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl"
	"rawns/nl/rtnl"
)

// routeCommands is the object route.
var routeCommands = commands{name: "ip route", none: parseRouteList, where: routeWhere, rows: []command{
	{name: "add", usage: "[ to ] [ TYPE ] PREFIX [ OPTIONS ] [ nexthop NEXTHOP ]...", opts: []*table{&routeTable}, parse: parseRouteModify, typ: unix.RTM_NEWROUTE, flags: unix.NLM_F_CREATE | unix.NLM_F_EXCL, about: helps("make a route")},
	{name: "change", usage: "[ to ] [ TYPE ] PREFIX [ OPTIONS ] [ nexthop NEXTHOP ]...", opts: []*table{&routeTable}, parse: parseRouteModify, typ: unix.RTM_NEWROUTE, flags: unix.NLM_F_REPLACE, about: helps("change one in place")},
	{name: "chg", exact: true, quiet: true, parse: parseRouteModify, typ: unix.RTM_NEWROUTE, flags: unix.NLM_F_REPLACE},
	{name: "replace", usage: "[ to ] [ TYPE ] PREFIX [ OPTIONS ] [ nexthop NEXTHOP ]...", opts: []*table{&routeTable}, parse: parseRouteModify, typ: unix.RTM_NEWROUTE, flags: unix.NLM_F_CREATE | unix.NLM_F_REPLACE, about: helps("change it, or make it")},
	{name: "prepend", usage: "[ to ] [ TYPE ] PREFIX [ OPTIONS ] [ nexthop NEXTHOP ]...", opts: []*table{&routeTable}, parse: parseRouteModify, typ: unix.RTM_NEWROUTE, flags: unix.NLM_F_CREATE, about: helps("make another one, before the others")},
	{name: "append", usage: "[ to ] [ TYPE ] PREFIX [ OPTIONS ] [ nexthop NEXTHOP ]...", opts: []*table{&routeTable}, parse: parseRouteModify, typ: unix.RTM_NEWROUTE, flags: unix.NLM_F_CREATE | unix.NLM_F_APPEND, about: helps("make another one to the same destination, behind the others")},
	{name: "test", quiet: true, parse: parseRouteModify, typ: unix.RTM_NEWROUTE, flags: unix.NLM_F_EXCL},
	{name: "delete", usage: "[ to ] [ TYPE ] PREFIX [ OPTIONS ] [ nexthop NEXTHOP ]...", opts: []*table{&routeTable}, parse: parseRouteModify, typ: unix.RTM_DELROUTE, about: helps("remove a route")},
	{name: "list", usage: routeSelector, parse: parseRouteList, about: helps("list routes")},
	{name: "show", usage: routeSelector, parse: parseRouteList, about: helps("the same")},
	{name: "lst", quiet: true, parse: parseRouteList},
	{name: "get", usage: "ADDRESS [ from ADDRESS ] [ iif DEVICE ] [ oif DEVICE ] [ tos TOS ] [ mark NUMBER ] [ vrf NAME ] [ uid NUMBER ] [ ipproto PROTOCOL ] [ sport NUMBER ] [ dport NUMBER ] [ fibmatch ] [ connected ]", parse: parseRouteGet, about: helps("ask which way a packet would go")},
	{name: "flush", usage: routeSelector, parse: parseRouteFlush, about: helps("remove all that are selected")},
	{name: "save", usage: routeSelector + " > FILE", parse: parseRouteSave, about: helps("write routes to a file, for restore")},
	{name: "restore", usage: "< FILE", parse: parseRouteRestore, about: helps("add what is in such a file")},
	{name: "showdump", usage: "< FILE", parse: parseRouteShowdump, about: helps("show what is in such a file")},
}}

const routeSelector = "[ [ root | match | exact ] PREFIX ] [ from PREFIX ] [ table TABLE | vrf NAME ] [ proto PROTOCOL ] [ scope SCOPE ] [ type TYPE ] [ via ADDR ] [ src PREFIX ] [ dev DEVICE ] [ iif DEVICE ] [ tos TOS ] [ metric NUMBER ] [ realms REALMS ] [ cache ]"

func parseRouteList(a *args) (*plan, error)  { return parseRouteShow(a, false) }
func parseRouteFlush(a *args) (*plan, error) { return parseRouteShow(a, true) }

// routeWhere says what the words of the usage text stand for.
func routeWhere(o *cli.Out) {
	o.S(`
NEXTHOP := [ via [ FAMILY ] ADDR ] [ dev DEVICE ] [ weight NUMBER ] [ onlink ]
           [ realms REALMS ] [ as [ to ] ADDR ] [ encap ENCAPTYPE ENCAPHDR ]
TYPE := { unicast | local | broadcast | multicast | anycast | throw |
          unreachable | prohibit | blackhole | nat }
TABLE := { local | main | default | all | NUMBER }
PROTOCOL := { kernel | boot | static | NUMBER }
SCOPE := { host | link | global | NUMBER }
FAMILY := { inet | inet6 | mpls | bridge | link }
TIME := NUMBER[ s | ms ]`)
	encapWhere(o)
}

// routeState is an "ip route add" and the like while its words are read.
type routeState struct {
	request
	h       rtnl.RtMsg // put into the request when all words are read
	del     bool
	metrics nl.Builder // a message that is never sent: what RTA_METRICS will hold
	lock    uint32     // RTAX_LOCK
	dev     string
	hasDev  bool
	gateway bool
	nhid    bool
	nexthop bool // the word was "nexthop": the rest is a list of them
	dst     bool
	scoped  bool
	typed   bool
	words   []string // all of them
	vrfs    []int    // where among them names of VRFs are
	tabled  bool
}

// routeTable holds the keywords of a change; the destination, with or without
// "to" before it, is no row.
var routeTable = table{name: "route", wrong: "\"%\" value is invalid\n", rows: []option{
	{name: "src", exact: true, val: valFunc, arg: "ADDR", attr: uint16(rtnl.RTA_PREFSRC), parse: routeAddr, about: helps("the address to send from")},
	{name: "as", exact: true, val: valFunc, arg: "[ to ] ADDR", attr: uint16(rtnl.RTA_NEWDST), parse: routeAs, about: helps("the address, or label, to put in place of the destination")},
	{name: "via", exact: true, val: valFunc, arg: "[ FAMILY ] ADDR", parse: routeVia, about: helps("the next router")},
	{name: "from", exact: true, val: valFunc, arg: "PREFIX", parse: routeFrom, about: helps("only packets from there")},
	{name: "tos", exact: true, val: valFunc, arg: "TOS", parse: routeTos, about: helps("only packets of this type of service")},
	{name: "dsfield", val: valFunc, arg: "TOS", parse: routeTos, about: helps("the same")},
	{name: "expires", exact: true, val: valU32, attr: uint16(rtnl.RTA_EXPIRES), arg: "SECONDS", about: helps("seconds until it goes")},
	{name: "metric", val: valU32, attr: uint16(rtnl.RTA_PRIORITY), arg: "NUMBER", about: helps("smaller ones are preferred")},
	{name: "priority", val: valU32, attr: uint16(rtnl.RTA_PRIORITY), arg: "NUMBER", says: &saying{wrong: badMetric}, about: helps("the same")},
	{name: "preference", exact: true, val: valU32, attr: uint16(rtnl.RTA_PRIORITY), arg: "NUMBER", says: &saying{wrong: badMetric}, about: helps("the same")},
	{name: "scope", exact: true, val: valFunc, arg: "SCOPE", says: &saying{wrong: "invalid \"scope\" value\n"}, parse: routeScope, about: helps("how far the destination is")},
	{name: "mtu", exact: true, val: valFunc, arg: "[ lock ] NUMBER", attr: uint16(rtnl.RTAX_MTU), parse: routeMetric, about: helps("bytes in the largest packet; lock: do not discover a smaller one")},
	{name: "hoplimit", exact: true, val: valFunc, arg: "[ lock ] NUMBER", attr: uint16(rtnl.RTAX_HOPLIMIT), parse: routeMetric, about: helps("the hops that packets may make")},
	{name: "advmss", exact: true, val: valFunc, arg: "[ lock ] NUMBER", says: &saying{wrong: "\"mss\" value is invalid\n"}, attr: uint16(rtnl.RTAX_ADVMSS), parse: routeMetric, about: helps("the segment size to advertise to TCP peers")},
	{name: "reordering", val: valFunc, arg: "[ lock ] NUMBER", attr: uint16(rtnl.RTAX_REORDERING), parse: routeMetric, about: helps("how much reordering TCP expects")},
	{name: "rtt", exact: true, val: valFunc, arg: "[ lock ] TIME", attr: uint16(rtnl.RTAX_RTT), parse: routeTime, about: helps("the first guess of the round-trip time")},
	{name: "rto_min", exact: true, val: valFunc, arg: "TIME", attr: uint16(rtnl.RTAX_RTO_MIN), parse: routeTime, about: helps("the least time until TCP sends again")},
	{name: "window", val: valFunc, arg: "[ lock ] NUMBER", attr: uint16(rtnl.RTAX_WINDOW), parse: routeMetric, about: helps("the largest window to advertise")},
	{name: "cwnd", val: valFunc, arg: "[ lock ] NUMBER", attr: uint16(rtnl.RTAX_CWND), parse: routeMetric, about: helps("the largest congestion window")},
	{name: "initcwnd", val: valFunc, arg: "[ lock ] NUMBER", attr: uint16(rtnl.RTAX_INITCWND), parse: routeMetric, about: helps("the first congestion window, in segments")},
	{name: "initrwnd", val: valFunc, arg: "[ lock ] NUMBER", attr: uint16(rtnl.RTAX_INITRWND), parse: routeMetric, about: helps("the first window to advertise, in segments")},
	{name: "features", val: valFunc, arg: "ecn", says: &saying{wrong: "\"features\" value not valid\n"}, parse: routeFeatures, about: helps("ecn: use explicit congestion notification")},
	{name: "quickack", val: valFunc, arg: "{ 0 | 1 }", attr: uint16(rtnl.RTAX_QUICKACK), parse: routeSwitch, about: helps("acknowledge at once")},
	{name: "congctl", val: valFunc, arg: "[ lock ] NAME", parse: routeCongctl, about: helps("the congestion control to use")},
	{name: "rttvar", val: valFunc, arg: "[ lock ] TIME", attr: uint16(rtnl.RTAX_RTTVAR), parse: routeTime, about: helps("the first guess of its variation")},
	{name: "ssthresh", val: valFunc, arg: "[ lock ] NUMBER", attr: uint16(rtnl.RTAX_SSTHRESH), parse: routeMetric, about: helps("the slow-start threshold")},
	{name: "realms", val: valFunc, arg: "[ FROM/ ]TO", says: &saying{wrong: "\"realm\" value is invalid\n"}, parse: routeRealms, about: helps("realms for accounting")},
	{name: "onlink", exact: true, val: valFunc, parse: routeOnlink, about: helps("the router is reachable, whatever the addresses say")},
	{name: "nexthop", exact: true, val: valFunc, arg: "NEXTHOP...", parse: routeNexthop, about: helps("one of several ways")},
	{name: "nhid", exact: true, val: valFunc, arg: "ID", says: &saying{wrong: "\"id\" value is invalid\n"}, parse: routeNhid, about: helps("a nexthop object (\"ip nexthop\")")},
	{name: "protocol", val: valFunc, arg: "PROTOCOL", parse: routeProto, about: helps("who made it")},
	{name: "table", val: valFunc, arg: "TABLE", parse: routeTableID, about: helps("the table that it goes to")},
	{name: "vrf", val: valFunc, arg: "NAME", parse: routeVRF, about: helps("the table of a VRF")},
	{name: "dev", exact: true, val: valFunc, arg: "DEVICE", parse: routeDev, about: helps("the link to send by")},
	{name: "oif", exact: true, val: valFunc, arg: "DEVICE", parse: routeDev, about: helps("the same")},
	{name: "pref", val: valFunc, arg: "{ low | medium | high }", parse: routePref, about: helps("the preference of an IPv6 router")},
	{name: "encap", exact: true, val: valFunc, arg: "ENCAPTYPE ENCAPHDR", parse: routeEncap, about: helps("what to wrap packets in")},
	{name: "ttl-propagate", exact: true, val: valFunc, arg: "{ enabled | disabled }", parse: routeTTLPropagate, about: helps("copy the TTL into MPLS")},
	{name: "fastopen_no_cookie", val: valFunc, arg: "{ 0 | 1 }", attr: uint16(rtnl.RTAX_FASTOPEN_NO_COOKIE), parse: routeSwitch, about: helps("TCP Fast Open without a cookie")},
}}

// is makes the family that of an address, if it is open yet.
func (s *routeState) is(family uint8) {
	if s.h.Family == unix.AF_UNSPEC {
		s.h.Family = family
	}
}

func routeAddr(a *args, st state, o *option) {
	s := st.(*routeState)
	p := a.addr(s.h.Family)
	s.is(p.family)
	s.putIP(nl.AttrIP(o.attr), &p)
}

func routeAs(a *args, st state, o *option) {
	a.take("to")
	routeAddr(a, st, o)
}

func routeVia(a *args, st state, _ *option) {
	s := st.(*routeState)
	if s.gateway {
		a.wrong("via", "use nexthop syntax to specify multiple via\n")
		return
	}
	s.gateway = true
	s.via(a, &s.h.Family)
}

// via reads "[inet|inet6] ADDRESS". An address of another family than the
// route's goes into RTA_VIA, which names its family.
func (q *request) via(a *args, family *uint8) {
	want := a.viaFamily(*family)
	var p prefix
	if want == unix.AF_PACKET {
		p = a.linkAddr()
	} else {
		p = a.addr(want)
	}
	if *family == unix.AF_UNSPEC {
		*family = p.family
	}
	if p.family == *family {
		q.putIP(rtnl.RTA_GATEWAY, &p)
		return
	}
	q.b.Blob(rtnl.RTA_VIA, append(binary.NativeEndian.AppendUint16(nil, uint16(p.family)), p.addr()...))
}

// linkAddr takes the next word as a link-layer address.
func (a *args) linkAddr() prefix {
	w := a.next()
	if a.err != nil {
		return prefix{}
	}
	m := a.lladdr(w)
	if f, ok := a.err.(*failure); ok {
		f.text += "\nError: link address is expected rather than \"" + cli.Safe(w) + "\"."
	}
	return prefix{family: unix.AF_PACKET, n: len(m), other: m}
}

// viaFamily takes the name of a family, if there is one.
func (a *args) viaFamily(family uint8) uint8 {
	switch w := a.peek(); w {
	case "inet":
		family = unix.AF_INET
	case "inet6":
		family = unix.AF_INET6
	case "link":
		family = unix.AF_PACKET
	case "mpls":
		family = unix.AF_MPLS
	case "bridge":
		family = unix.AF_BRIDGE
	default:
		return family
	}
	a.next()
	return family
}

func routeFrom(a *args, st state, _ *option) {
	s := st.(*routeState)
	p := a.prefix(s.h.Family)
	s.is(p.family)
	if p.n > 0 {
		s.putIP(rtnl.RTA_SRC, &p)
	}
	s.h.SrcLen = uint8(p.bits)
}

// named takes a word for a number.
func (a *args) named(n *namedNumbers, o *option) uint32 {
	w := a.next()
	v, ok := n.value(w)
	if !ok && a.err == nil {
		a.bad(o, w)
	}
	return v
}

// number takes a number up to max.
func (a *args) number(o *option, max uint64) uint32 {
	w := a.next()
	v, ok := parseUint(w, 32)
	if (!ok || v > max) && a.err == nil {
		a.bad(o, w)
	}
	return uint32(v)
}

func routeTos(a *args, st state, o *option) {
	w := a.next()
	v, ok := tosNames.value(w)
	if !ok && a.err == nil {
		a.wrong(w, "\"tos\" value is invalid\n")
	}
	st.(*routeState).h.Tos = uint8(v)
}

func routeScope(a *args, st state, o *option) {
	s := st.(*routeState)
	s.h.Scope, s.scoped = uint8(a.named(&scopeNames, o)), true
}

func routeProto(a *args, st state, o *option) {
	st.(*routeState).h.Protocol = uint8(a.named(&protoNames, o))
}

func routeTableID(a *args, st state, o *option) {
	s := st.(*routeState)
	s.tabled = true
	id := a.named(&tableNames, o)
	if id < 256 {
		s.h.Table = uint8(id)
		return
	}
	s.h.Table = unix.RT_TABLE_UNSPEC
	s.b.U32(rtnl.RTA_TABLE, id)
}

func routeRealms(a *args, st state, o *option) {
	w := a.next()
	v, ok := parseRealms(w)
	if !ok && a.err == nil {
		a.bad(o, w)
	}
	st.req().b.U32(rtnl.RTA_FLOW, v)
}

// parseRealms reads "TO", "FROM/TO" or "FROM/": two numbers of 16 bits; or a
// plain number that is both.
func parseRealms(w string) (uint32, bool) {
	to, from := w, uint32(0)
	ok := true
	for i := range len(w) {
		if w[i] == '/' {
			from, ok = realmNames.value(w[:i])
			to = w[i+1:]
			break
		}
	}
	if ok && to == "" {
		return from << 16, true
	}
	if v, isRealm := realmNames.value(to); ok && isRealm {
		return from<<16 | v, true
	}
	v, ok := parseUint(w, 32)
	return uint32(v), ok
}

func routeOnlink(_ *args, st state, _ *option) { st.(*routeState).h.Flags |= unix.RTNH_F_ONLINK }

func routeNexthop(_ *args, st state, _ *option) { st.(*routeState).nexthop = true }

func routeNhid(a *args, st state, o *option) {
	s := st.(*routeState)
	id := a.number(o, 1<<32-1)
	s.nhid = id != 0
	s.b.U32(rtnl.RTA_NH_ID, id)
}

func routeDev(a *args, st state, _ *option) {
	s := st.(*routeState)
	s.dev, s.hasDev = a.next(), true
}

// routeVRF reads the name of a VRF: that of its table is looked up when the
// request is run.
func routeVRF(a *args, st state, _ *option) {
	s := st.(*routeState)
	s.tabled = true
	a.next()
	s.vrfs = append(s.vrfs, len(s.words)-len(a.w)-1)
}

// A routeInVRF is the step of a line with "vrf NAME" in it: that becomes "table
// ID", and then it is a line like any other.
type routeInVRF struct {
	args args
	at   []int // where in the words the names are
}

func (s *routeInVRF) run(r *runner) error {
	a := s.args
	a.w = append([]string(nil), a.w...)
	for _, i := range s.at {
		id, err := r.vrfTable(a.w[i])
		if err != nil {
			return err
		}
		a.w[i-1], a.w[i] = "table", strconv.FormatUint(uint64(id), 10)
	}
	p, err := parseRouteModify(&a)
	if err != nil {
		return err
	}
	return p.run(r)
}

// vrfTable returns the routing table of a VRF. That of "default", if there is
// no such device, is the main one.
func (r *runner) vrfTable(name string) (id uint32, err error) {
	c, err := r.aside()
	if err != nil {
		return 0, err
	}
	err = unix.ENODEV
	if canExist(name) {
		err = rtnl.LinkByName(c, name, lookMask, func(l rtnl.Link) {
			if string(l.Kind()) == "vrf" {
				id, _ = l.Attrs.Nest(rtnl.IFLA_LINKINFO).Nest(rtnl.IFLA_INFO_DATA).U32(rtnl.IFLA_VRF_TABLE)
			}
		})
	}
	if isErrno(err, unix.ENODEV) && name == "default" {
		return unix.RT_TABLE_MAIN, nil
	}
	if id == 0 {
		return 0, noSuchVRF(name)
	}
	return id, nil
}

func routeEncap(a *args, st state, _ *option) { a.encap(st.req(), rtnl.RTA_ENCAP, rtnl.RTA_ENCAP_TYPE) }

func routePref(a *args, st state, o *option) {
	w := a.next()
	v, ok := rtnl.RoutePrefs.Value(w)
	if !ok {
		n, isNumber := parseUint(w, 8)
		v, ok = uint32(n), isNumber
	}
	if !ok && a.err == nil {
		a.bad(o, w)
	}
	st.req().b.U8(rtnl.RTA_PREF, uint8(v))
}

func routeTTLPropagate(a *args, st state, o *option) {
	w := a.next()
	if !matches(w, "enabled") && !matches(w, "disabled") && a.err == nil {
		a.bad(o, w)
	}
	st.req().b.U8(rtnl.RTA_TTL_PROPAGATE, bit(matches(w, "enabled")))
}

// parseRouteModify reads add, change, replace, append, prepend, test and
// delete.
func parseRouteModify(a *args) (*plan, error) {
	cmd, flags := a.cmd.typ, a.cmd.flags
	line := *a
	s := a.mem.routeState()
	s.del, s.words = cmd == unix.RTM_DELROUTE, a.w
	s.h = rtnl.RtMsg{Family: a.g.family, Table: unix.RT_TABLE_MAIN, Scope: unix.RT_SCOPE_NOWHERE}
	if !s.del {
		s.h.Protocol, s.h.Scope, s.h.Type = unix.RTPROT_BOOT, unix.RT_SCOPE_UNIVERSE, unix.RTN_UNICAST
		rtnl.NewRoute(&s.b, flags, rtnl.RtMsg{})
	} else {
		rtnl.DelRoute(&s.b, rtnl.RtMsg{})
	}
	s.metrics.Message(0, 0)
	for a.more() && !s.nexthop {
		if !a.option(&routeTable, s, nil) {
			s.to(a)
		}
	}
	if a.err == nil && !s.dst {
		a.fail(a.usage())
	}
	if a.err != nil {
		return nil, a.err
	}
	s.finish(a)
	if len(s.vrfs) > 0 {
		return &plan{[]step{&routeInVRF{line, s.vrfs}}}, a.err
	}
	q := hinted{&s.request, routeHint}
	if a.g.echo {
		s.setFlags(unix.NLM_F_ECHO)
		return &plan{[]step{&echo{q, (*printer).routeReply}}}, a.err
	}
	return &plan{[]step{q}}, a.err
}

// to reads "[to] [TYPE] PREFIX".
func (s *routeState) to(a *args) {
	if a.take("to") && !a.more() {
		a.next()
		return
	}
	if w := a.peek(); w == "" || w[0] < '0' || w[0] > '9' {
		if t, ok := routeType(w); ok {
			a.next()
			s.h.Type, s.typed = t, true
			if !a.more() {
				a.next()
				return
			}
		}
	}
	w := a.peek()
	switch {
	case matches(w, "help"):
		a.fail(a.usage())
		return
	case s.dst:
		a.garbage("to", w)
		return
	}
	p := a.prefix(s.h.Family)
	s.is(p.family)
	s.h.DstLen = uint8(p.bits)
	s.dst = true
	if p.n > 0 {
		s.putIP(rtnl.RTA_DST, &p)
	}
}

// routeTypes are the words for rtm_type that may be shortened, in the order in
// which a beginning is looked up.
var routeTypes = [...]nl.Name{
	{Value: unix.RTN_BROADCAST, Name: "broadcast"}, {Value: unix.RTN_ANYCAST, Name: "anycast"},
	{Value: unix.RTN_MULTICAST, Name: "multicast"}, {Value: unix.RTN_PROHIBIT, Name: "prohibit"},
	{Value: unix.RTN_UNREACHABLE, Name: "unreachable"}, {Value: unix.RTN_BLACKHOLE, Name: "blackhole"},
	{Value: unix.RTN_XRESOLVE, Name: "xresolve"}, {Value: unix.RTN_UNICAST, Name: "unicast"},
}

func routeType(w string) (uint8, bool) {
	switch w {
	case "local":
		return unix.RTN_LOCAL, true
	case "nat":
		return unix.RTN_NAT, true
	case "brd":
		return unix.RTN_BROADCAST, true
	case "throw":
		return unix.RTN_THROW, true
	}
	for _, t := range routeTypes {
		if matches(w, t.Name) {
			return uint8(t.Value), true
		}
	}
	v, ok := parseUint(w, 8)
	return uint8(v), ok
}

// finish adds what follows from all the words together, in iproute2's order.
func (s *routeState) finish(a *args) {
	if s.hasDev {
		s.request.dev(rtnl.RTA_OIF, s.dev, nil)
	}
	if s.metrics.Size() > nl.HeaderLen {
		if s.lock != 0 {
			s.metrics.U32(rtnl.RTAX_LOCK, s.lock)
		}
		p, err := s.metrics.Bytes()
		if err != nil {
			a.fail(err)
			return
		}
		m := s.b.Nest(rtnl.RTA_METRICS)
		copy(s.b.Extend(len(p)-nl.HeaderLen), p[nl.HeaderLen:])
		s.b.End(m)
	}
	if s.nexthop {
		s.nexthops(a)
	}
	s.is(unix.AF_INET)
	h := &s.h
	if h.Family == unix.AF_MPLS && !s.typed {
		h.Type = unix.RTN_UNICAST
	}
	if !s.tabled {
		switch h.Type {
		case unix.RTN_LOCAL, unix.RTN_BROADCAST, unix.RTN_NAT, unix.RTN_ANYCAST:
			h.Table = unix.RT_TABLE_LOCAL
		}
	}
	if !s.scoped {
		s.h.Scope = s.defaultScope()
	}
	s.patchRoute(&s.h)
	a.fail(s.b.Err())
}

// defaultScope is that of a route whose words name none.
func (s *routeState) defaultScope() uint8 {
	if s.h.Family == unix.AF_INET6 || s.h.Family == unix.AF_MPLS {
		return unix.RT_SCOPE_UNIVERSE
	}
	switch s.h.Type {
	case unix.RTN_LOCAL, unix.RTN_NAT:
		return unix.RT_SCOPE_HOST
	case unix.RTN_BROADCAST, unix.RTN_MULTICAST, unix.RTN_ANYCAST:
		return unix.RT_SCOPE_LINK
	case unix.RTN_UNICAST, unix.RTN_UNSPEC:
		switch {
		case s.del:
			return unix.RT_SCOPE_NOWHERE
		case !s.gateway && !s.nexthop && !s.nhid:
			return unix.RT_SCOPE_LINK
		}
	}
	return s.h.Scope
}

// patchRoute puts the fixed header into a route request.
func (q *request) patchRoute(h *rtnl.RtMsg) {
	for i, v := range [...]uint8{h.Family, h.DstLen, h.SrcLen, h.Tos, h.Table, h.Protocol, h.Scope, h.Type} {
		q.patch(i, v)
	}
	q.b.PutU32(nl.HeaderLen+8, h.Flags)
}

func noSuchVRF(name string) *failure {
	return failf(exitUsage, `Error: argument "`, name, "\" is wrong: Invalid VRF\n")
}
