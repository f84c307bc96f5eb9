//go:build !tiny

package ip

import (
	"errors"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl"
	"rawns/nl/rtnl"
)

// mdbCommands is the object mdb. "replace", "get" and "flush" are younger than
// iproute2 6.1.
var mdbCommands = commands{name: "bridge mdb", none: parseMDBShow, rows: []command{
	{name: "add", usage: "dev DEV port PORT grp GROUP [ OPTIONS ]", opts: []*table{&mdbOptions}, parse: parseMDBModify, typ: unix.RTM_NEWMDB, flags: unix.NLM_F_CREATE | unix.NLM_F_EXCL, about: helps("let a port be a member of a group")},
	{name: "replace", exact: true, usage: "dev DEV port PORT grp GROUP [ OPTIONS ]", opts: []*table{&mdbOptions}, parse: parseMDBModify, typ: unix.RTM_NEWMDB, flags: unix.NLM_F_CREATE | unix.NLM_F_REPLACE, about: helps("the same, or change it")},
	{name: "delete", usage: "dev DEV port PORT grp GROUP [ OPTIONS ]", opts: []*table{&mdbOptions}, parse: parseMDBModify, typ: unix.RTM_DELMDB, about: helps("no longer let it")},
	{name: "show", usage: "[ dev DEV ] [ vid VID ]", parse: parseMDBShow, about: helps("list members; with -d routers, with -s timers")},
	{name: "lst", quiet: true, parse: parseMDBShow},
	{name: "list", quiet: true, parse: parseMDBShow},
	{name: "get", exact: true, usage: "dev DEV grp GROUP [ src SOURCE ] [ vid VID ]", opts: []*table{&mdbGetOptions}, parse: parseMDBGet, about: helps("ask for the ports of one group")},
	{name: "flush", exact: true, usage: "dev DEV [ SELECTOR ]...", opts: []*table{&mdbSelectors}, parse: parseMDBFlush, about: helps("take all members of a bridge's groups away, or some")},
}}

// mdbState is an "mdb add" and the like while its words are read.
type mdbState struct {
	request
	dev, port, grp, src string
	hasDev, hasPort     bool
	hasGrp, hasSrc      bool
	entry               rtnl.MDBEntry
	mode                uint8 // filter_mode: 1 more than its number
	proto               uint8
	hasProto            bool
	stateMask           uint8 // of flush: the bits of the state that select
	sources             [][]byte
}

// mdbOptions; from filter_mode on they are younger than iproute2 6.1.
var mdbOptions = table{name: "mdb", rows: []option{
	{name: "dev", exact: true, val: valFunc, arg: "DEV", parse: mdbDev, about: helps("the bridge")},
	{name: "grp", exact: true, val: valFunc, arg: "GROUP", parse: mdbGrp, about: helps("the group: IPv4, IPv6, or a MAC")},
	{name: "port", exact: true, val: valFunc, arg: "PORT", parse: mdbPort, about: helps("the port, or the bridge itself")},
	{name: "permanent", exact: true, val: valFunc, parse: mdbPermanent, about: helps("the entry stays")},
	{name: "temp", exact: true, val: valFunc, parse: mdbTemp, about: helps("the entry ages, as without a word")},
	{name: "vid", exact: true, val: valFunc, arg: "VID", parse: mdbVID, about: helps("the VLAN")},
	{name: "src", exact: true, val: valFunc, arg: "SOURCE", parse: mdbSrc, about: helps("the sender that is listened to")},
	{name: "filter_mode", exact: true, val: valFunc, arg: "{ include | exclude }", parse: mdbMode, about: helps("whether the sources are those that are wanted or not")},
	{name: "source_list", exact: true, val: valFunc, arg: "SOURCE[,SOURCE]...", parse: mdbSources, about: helps("senders, with commas between them")},
	{name: "proto", exact: true, val: valFunc, arg: "PROTOCOL", parse: mdbProto, about: helps("who made the entry")},
}}

func mdbDev(a *args, st state, _ *option) {
	s := st.(*mdbState)
	s.dev, s.hasDev = a.next(), true
}

func mdbGrp(a *args, st state, _ *option) {
	s := st.(*mdbState)
	s.grp, s.hasGrp = a.next(), true
}

func mdbPort(a *args, st state, _ *option) {
	s := st.(*mdbState)
	s.port, s.hasPort = a.next(), true
}

func mdbPermanent(a *args, st state, _ *option) {
	if a.cmd.typ == unix.RTM_NEWMDB {
		st.(*mdbState).entry.State = rtnl.MDBPermanent
	}
}

func mdbTemp(*args, state, *option) {} // what it is anyway

func mdbVID(a *args, st state, _ *option) { st.(*mdbState).entry.VID = uint16(atoi(a.next())) }

func mdbSrc(a *args, st state, _ *option) {
	s := st.(*mdbState)
	s.src, s.hasSrc = a.next(), true
}

func mdbMode(a *args, st state, _ *option) {
	s := st.(*mdbState)
	switch w := a.next(); {
	case w == "include":
		s.mode = 1 + rtnl.MulticastInclude
	case w == "exclude":
		s.mode = 1 + rtnl.MulticastExclude
	case a.err == nil:
		a.failed(`Invalid filter mode "`, w, `"`)
	}
}

func mdbSources(a *args, st state, _ *option) {
	s := st.(*mdbState)
	for w, rest, more := "", a.next(), true; more && a.err == nil; {
		w, rest, more = strings.Cut(rest, ",")
		ip, ok := cli.ParseIP(w)
		if !ok {
			a.failed(`Invalid source list entry "`, w, `"`)
		}
		s.sources = append(s.sources, ip)
	}
}

func mdbProto(a *args, st state, _ *option) {
	s := st.(*mdbState)
	w := a.next()
	v, ok := protoNames.value(w)
	if !ok && a.err == nil {
		a.failed(`Invalid protocol value "`, w, `"`)
	}
	s.proto, s.hasProto = uint8(v), true
}

// parseMDBModify reads add, replace and delete.
func parseMDBModify(a *args) (*plan, error) {
	s := &mdbState{}
	for a.more() {
		if !a.option(&mdbOptions, s, nil) && matches(a.next(), "help") {
			a.fail(a.usage())
		}
	}
	if a.err == nil && (!s.hasDev || !s.hasPort || !s.hasGrp) {
		a.failed("Device, group address and port name are required arguments.")
	}
	if a.cmd.typ == unix.RTM_NEWMDB {
		rtnl.NewMDB(&s.b, a.cmd.flags, rtnl.PortMsg{Family: unix.AF_BRIDGE})
	} else {
		rtnl.DelMDB(&s.b, rtnl.PortMsg{Family: unix.AF_BRIDGE})
	}
	s.devAt(ifiIndex, s.dev, a.noDev(s.dev))
	var late *failure
	if word, err := s.group(); err != nil {
		late = a.tool.failf(`Invalid address "`, word, `"`)
		if s := err.Error(); s != "" {
			late.text = s + "\n" + late.text
		}
	}
	s.b.Blob(rtnl.MDBA_SET_ENTRY, rtnl.AppendMDBEntry(nil, &s.entry))
	fix := s.devAt(s.b.Size()-28, s.port, a.noDev(s.port)) // br_mdb_entry begins with it
	if s.hasSrc || s.mode != 0 || s.hasProto || s.sources != nil {
		n := s.b.NestF(rtnl.MDBA_SET_ENTRY_ATTRS)
		if s.hasSrc {
			ip, ok := cli.ParseIP(s.src)
			if !ok && late == nil {
				late = a.tool.failf(`Invalid source address "`, s.src, `"`)
			}
			s.b.IP(rtnl.MDBE_ATTR_SOURCE, ip)
		}
		if s.mode != 0 {
			s.b.U8(rtnl.MDBE_ATTR_GROUP_MODE, s.mode-1)
		}
		if s.sources != nil {
			list := s.b.NestF(rtnl.MDBE_ATTR_SRC_LIST)
			for _, ip := range s.sources {
				e := s.b.NestF(rtnl.MDBE_SRC_LIST_ENTRY)
				s.b.IP(rtnl.MDBE_SRCATTR_ADDRESS, ip)
				s.b.End(e)
			}
			s.b.End(list)
		}
		if s.hasProto {
			s.b.U8(rtnl.MDBE_ATTR_RTPROT, s.proto)
		}
		s.b.End(n)
	}
	if late != nil {
		fix.check = func(*runner, device) error { return late }
	}
	return &plan{[]step{&s.request}}, a.err
}

// group puts the group's address into the entry: IPv4, IPv6, or a MAC. word is
// what iproute2 complains of, and err what it says before.
func (s *mdbState) group() (word string, err error) {
	if ip, ok := cli.ParseIP(s.grp); ok {
		copy(s.entry.Addr[:], ip)
		s.entry.Proto = unix.ETH_P_IP
		if len(ip) == 16 {
			s.entry.Proto = unix.ETH_P_IPV6
		}
		return "", nil
	}
	word = s.grp
	a := &args{}
	if _, ok := parseAddr(word, unix.AF_INET); ok {
		return word, failf(exitUsage, "")
	}
	m := a.lladdr(word)
	word, _, _ = strings.Cut(word, ":")
	if copy(s.entry.Addr[:], m); len(m) != 6 && a.err == nil {
		a.failf(exitUsage, "")
	}
	return word, a.err
}

// mdbGetOptions: what a single group is asked for by.
var mdbGetOptions = table{name: "mdb", rows: []option{
	{name: "dev", exact: true, val: valFunc, arg: "DEV", parse: mdbDev, about: helps("the bridge")},
	{name: "grp", exact: true, val: valFunc, arg: "GROUP", parse: mdbGrp, about: helps("the group: IPv4, IPv6, or a MAC")},
	{name: "vid", exact: true, val: valFunc, arg: "VID", parse: mdbVID, about: helps("the VLAN")},
	{name: "src", exact: true, val: valFunc, arg: "SOURCE", parse: mdbSrc, about: helps("the sender that is listened to")},
}}

// mdbGet is the step that shows one group.
type mdbGet struct{ request }

// parseMDBGet reads get.
func parseMDBGet(a *args) (*plan, error) {
	s := &mdbState{}
	for a.more() {
		if !a.option(&mdbGetOptions, s, nil) && a.next() == "help" {
			a.fail(a.usage())
		}
	}
	if a.err == nil && (!s.hasDev || !s.hasGrp) {
		a.failed("Device and group address are required arguments.")
	}
	q := &mdbGet{}
	rtnl.GetMDB(&q.b, rtnl.PortMsg{Family: unix.AF_BRIDGE})
	fix := q.devAt(ifiIndex, s.dev, a.noDev(s.dev))
	var late *failure
	if word, err := s.group(); err != nil {
		late = a.tool.failf(`Invalid address "`, word, `"`)
	}
	q.b.Blob(rtnl.MDBA_SET_ENTRY, rtnl.AppendMDBEntry(nil, &s.entry))
	if s.hasSrc {
		ip, ok := cli.ParseIP(s.src)
		if !ok && late == nil {
			late = a.tool.failf(`Invalid source address "`, s.src, `"`)
		}
		n := q.b.NestF(rtnl.MDBA_SET_ENTRY_ATTRS)
		q.b.IP(rtnl.MDBE_ATTR_SOURCE, ip)
		q.b.End(n)
	}
	if late != nil {
		fix.check = func(*runner, device) error { return late }
	}
	return &plan{[]step{q}}, a.err
}

func (q *mdbGet) run(r *runner) error {
	if err := q.resolve(r); err != nil {
		return err
	}
	p := r.bridgePrinter()
	var bad error
	err := r.do(&q.request, func(m nl.Message) {
		p.open()
		bad = p.mdb(m, true, false)
		p.close()
	})
	var k *nl.Error
	if errors.As(err, &k) {
		return r.refused(k, 254, "")
	}
	if err == nil {
		err = bad
	}
	return err
}

// mdbSelectors select what flush takes away.
var mdbSelectors = table{name: "mdb", called: "SELECTOR", rows: []option{
	{name: "dev", exact: true, val: valFunc, arg: "DEV", parse: mdbDev, about: helps("the bridge")},
	{name: "port", exact: true, val: valFunc, arg: "PORT", parse: mdbPort, about: helps("members of one port")},
	{name: "vid", exact: true, val: valFunc, arg: "VID", parse: mdbVID, about: helps("members in one VLAN")},
	{name: "proto", exact: true, val: valFunc, arg: "PROTOCOL", parse: mdbProto, about: helps("what one protocol made")},
	{name: "permanent", exact: true, val: valFunc, attr: rtnl.MDBPermanent, parse: mdbStays, about: helps("members that stay")},
	{name: "nopermanent", exact: true, val: valFunc, parse: mdbStays, about: helps("members that age")},
}}

// mdbStays reads whether the members that are taken away stay or age.
func mdbStays(_ *args, st state, o *option) {
	s := st.(*mdbState)
	s.entry.State, s.stateMask = uint8(o.attr), rtnl.MDBPermanent
}

// parseMDBFlush reads flush.
func parseMDBFlush(a *args) (*plan, error) {
	s := &mdbState{}
	for a.more() {
		if !a.option(&mdbSelectors, s, nil) && a.next() == "help" {
			a.fail(a.usage())
		}
	}
	if a.err == nil && !s.hasDev {
		a.failed("Device is a required argument.")
	}
	rtnl.FlushMDB(&s.b, rtnl.PortMsg{Family: unix.AF_BRIDGE})
	s.devAt(ifiIndex, s.dev, a.noDev(s.dev))
	s.b.Blob(rtnl.MDBA_SET_ENTRY, rtnl.AppendMDBEntry(nil, &s.entry))
	if s.hasPort {
		s.devAt(s.b.Size()-28, s.port, a.noDev(s.port)) // br_mdb_entry begins with it
	}
	if s.hasProto || s.stateMask != 0 {
		n := s.b.NestF(rtnl.MDBA_SET_ENTRY_ATTRS)
		if s.hasProto {
			s.b.U8(rtnl.MDBE_ATTR_RTPROT, s.proto)
		}
		if s.stateMask != 0 {
			s.b.U8(rtnl.MDBE_ATTR_STATE_MASK, s.stateMask)
		}
		s.b.End(n)
	}
	return &plan{[]step{&s.request}}, a.err
}

// mdbShow is the step that lists groups and router ports.
type mdbShow struct {
	dev     string
	hasDev  bool
	missing *failure
	vid     uint32
}

// parseMDBShow reads show. Words that it does not know it skips, as iproute2
// does.
func parseMDBShow(a *args) (*plan, error) {
	p, err := parseVLANs(a, vlansOfPorts)
	s := p.steps[0].(*vlanShow)
	p.steps[0] = &mdbShow{s.dev, s.hasDev, s.missing, s.vid}
	return p, err
}

func (s *mdbShow) run(r *runner) (err error) {
	p := r.bridgePrinter()
	p.vlan = s.vid
	if p.index, err = r.find(s.dev, s.hasDev, s.missing); err != nil {
		return err
	}
	var b nl.Builder
	rtnl.GetMDB(&b, rtnl.PortMsg{Family: unix.AF_BRIDGE})
	p.open()
	p.Obj("")
	p.Arr("mdb", "")
	err = p.list(&b, func(m nl.Message) error { return p.mdb(m, true, false) })
	if err != nil {
		return err
	}
	p.EndArr("")
	p.Obj("router")
	err = p.list(&b, func(m nl.Message) error { return p.mdb(m, false, true) })
	if err != nil {
		return err
	}
	p.EndObj()
	p.EndObj()
	p.close()
	return nil
}

// mdb writes the groups of one message, the router ports, or both.
func (p *bridgePrinter) mdb(m nl.Message, groups, routers bool) error {
	h, err := rtnl.ParsePort(m, unix.RTM_NEWMDB)
	if err != nil || p.index != 0 && p.index != h.Index {
		return err
	}
	if p.monitor {
		p.banner("[MDB]")
		if m.Type() == unix.RTM_DELMDB {
			p.Flag("deleted", "Deleted ")
		}
	}
	if groups {
		for g := range h.Attrs.Nest(rtnl.MDBA_MDB).All() {
			for a := range g.Attrs().All() {
				if e, as, ok := rtnl.ParseMDBEntry(a.Bytes()); ok {
					p.group(h.Index, &e, as)
				}
			}
		}
	}
	if r, ok := h.Attrs.Get(uint16(rtnl.MDBA_ROUTER)); ok && routers {
		p.routers(h.Index, r.Attrs(), m.Type() == unix.RTM_GETMDB)
	}
	return nil
}

// mdbFlags are in the order in which they are listed.
var mdbFlags = [...]struct {
	bit  uint8
	name string
}{{rtnl.MDBOffload, "offload"}, {rtnl.MDBFastLeave, "fast_leave"}, {rtnl.MDBStarExcl, "added_by_star_ex"}, {rtnl.MDBBlocked, "blocked"}}

// group writes one port of a group.
func (p *bridgePrinter) group(index int32, e *rtnl.MDBEntry, as nl.Attrs) {
	if p.vlan != 0 && p.vlan != uint32(e.VID) {
		return
	}
	p.Obj("")
	p.JInt("index", int64(index))
	p.in(colIfname).Str("dev", "dev ", p.r.name(index), "")
	p.Str("port", " port ", p.r.name(e.Port), "")
	n, c := 16, colInet6
	switch e.Proto {
	case 0:
		n, c = 6, colNone
	case unix.ETH_P_IP:
		n, c = 4, colInet
	}
	addr := func(b []byte) string { return string(cli.AppendIP(nil, b)) }
	if n == 6 {
		p.Str("grp", " grp ", string(cli.AppendMAC(nil, e.Addr[:n])), "")
	} else {
		p.in(c).Str("grp", " grp ", addr(e.Addr[:n]), "")
	}
	if src, ok := as.IP(rtnl.MDBA_MDB_EATTR_SOURCE); ok {
		p.in(c).Str("src", " src ", addr(src), "")
	}
	state := "temp"
	if e.State&rtnl.MDBPermanent != 0 {
		state = "permanent"
	}
	p.Str("state", " ", state, "")
	if p.g.details > 0 {
		if v, ok := as.U8(rtnl.MDBA_MDB_EATTR_GROUP_MODE); ok {
			mode := "exclude"
			if v == rtnl.MulticastInclude {
				mode = "include"
			}
			p.Str("filter_mode", " filter_mode ", mode, "")
		}
		if list, ok := as.Get(uint16(rtnl.MDBA_MDB_EATTR_SRC_LIST)); ok {
			p.Arr("source_list", " source_list")
			sep := " "
			for s := range list.Attrs().All() {
				ip, ok := s.Attrs().IP(rtnl.MDBA_MDB_SRCATTR_ADDRESS)
				timer, timed := s.Attrs().U32(rtnl.MDBA_MDB_SRCATTR_TIMER)
				if !ok || !timed {
					continue
				}
				p.Obj("")
				p.T(sep)
				p.in(c).Str("address", "", addr(ip), "")
				p.Str("timer", "/", ticks(timer, 0), "")
				p.EndObj()
				sep = ","
			}
			p.EndArr("")
		}
		if v, ok := as.U8(rtnl.MDBA_MDB_EATTR_RTPROT); ok {
			p.Str("protocol", " proto ", protoNames.name(uint32(v), p.num), " ")
		}
	}
	p.Arr("flags", "")
	for i := range mdbFlags {
		if e.Flags&mdbFlags[i].bit != 0 {
			p.Str("", " ", mdbFlags[i].name, "")
		}
	}
	p.EndArr("")
	if e.VID != 0 {
		p.Uint("vid", " vid ", uint64(e.VID), "")
	}
	if v, ok := as.U32(rtnl.MDBA_MDB_EATTR_TIMER); ok && p.g.stats > 0 {
		p.Str("timer", " ", ticks(v, 4), "")
	}
	p.NL()
	p.EndObj()
}

// ticks writes hundredths of a second as seconds, these at least so wide.
func ticks(v uint32, width int) string {
	o := &cli.Out{}
	o.Right(strconv.Itoa(int(v/100)), width)
	o.B = append(o.B, '.', byte('0'+v%100/10), byte('0'+v%10))
	return string(o.B)
}

// routers writes the ports behind which multicast routers are: those of a list,
// or the one that is announced.
func (p *bridgePrinter) routers(index int32, as nl.Attrs, list bool) {
	br := p.r.name(index)
	if list && p.g.details == 0 {
		return
	}
	p.Arr(br, "")
	if list && p.g.stats == 0 {
		p.T("router ports on ", cli.Safe(br), ": ")
	}
	for a := range as.All() {
		port, more, ok := rtnl.ParseRouterPort(a.Bytes())
		if !ok {
			continue
		}
		name := p.r.name(port)
		p.Obj("")
		switch {
		case !list:
			p.Str("port", "router port dev ", name, "")
			p.T(" master ", cli.Safe(br), "\n")
		case p.g.stats > 0:
			p.T("router ports on ", cli.Safe(br), ": ")
			p.Str("port", "", name, "")
			p.routerPortStats(more)
			p.T("\n")
		default:
			p.Str("port", "", name, " ")
		}
		p.EndObj()
		if !list {
			break
		}
	}
	if list && p.g.stats == 0 {
		p.NL()
	}
	p.EndArr("")
}

func (p *bridgePrinter) routerPortStats(as nl.Attrs) {
	if v, ok := as.U32(rtnl.MDBA_ROUTER_PATTR_TIMER); ok {
		p.Str("timer", " ", ticks(v, 4), "")
	}
	if v, ok := as.U8(rtnl.MDBA_ROUTER_PATTR_TYPE); ok {
		s := "permanent"
		if v == rtnl.RouterTempQuery || v == rtnl.RouterTemp {
			s = "temp"
		}
		p.Str("type", " ", s, "")
	}
}
