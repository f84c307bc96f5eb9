package ip

import (
	"encoding/binary"
	"errors"
	"os"
	"slices"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl"
	"rawns/nl/rtnl"
)

// monitorCommands is the object monitor: each word that may follow it is a row,
// and several may. The words for objects add up.
var monitorCommands = commands{name: "ip monitor", none: parseMonitor, wrong: monitorWord, rows: []command{
	{name: "file", usage: "FILE", parse: parseMonitor, about: helps("show what a file holds, written by rtmon")},
	{name: "label", usage: "[ WORD ]...", parse: parseMonitor, about: helps("say of each announcement what it is of")},
	{name: "link", usage: "[ WORD ]...", parse: parseMonitor, about: helps("links")},
	{name: "address", usage: "[ WORD ]...", parse: parseMonitor, about: helps("addresses of links")},
	{name: "route", usage: "[ WORD ]...", parse: parseMonitor, about: helps("routes")},
	{name: "mroute", usage: "[ WORD ]...", parse: parseMonitor, about: helps("multicast routes")},
	{name: "prefix", usage: "[ WORD ]...", parse: parseMonitor, about: helps("prefixes that routers announce")},
	{name: "neigh", usage: "[ WORD ]...", parse: parseMonitor, about: helps("neighbours")},
	{name: "netconf", usage: "[ WORD ]...", parse: parseMonitor, about: helps("settings of protocols")},
	{name: "rule", usage: "[ WORD ]...", parse: parseMonitor, about: helps("rules")},
	{name: "nsid", usage: "[ WORD ]...", parse: parseMonitor, about: helps("numbers of namespaces")},
	{name: "nexthop", usage: "[ WORD ]...", parse: parseMonitor, about: helps("next hops")},
	{name: "stats", exact: true, usage: "[ WORD ]...", parse: parseMonitor, about: helps("counters that hardware keeps")},
	{name: "all", exact: true, usage: "[ WORD ]...", parse: parseMonitor, about: helps("all objects, with labels")},
	{name: "all-nsid", usage: "[ WORD ]...", parse: parseMonitor, about: helps("of every namespace that has a number here")},
	{name: "help", parse: parseHelp},
	{name: "dev", exact: true, usage: "DEVICE", parse: parseMonitor, about: helps("of one link alone")},
}}

func monitorWord(a *args, w string) {
	a.failf(exitUsage, `Argument "`, w, `" is unknown, try "ip monitor help".`)
}

// monitorGroups are the groups of each word, and the family without which one is
// left out if another family is asked for.
var monitorGroups = [...]struct {
	word   string
	group  int
	family uint8
}{
	{"link", unix.RTNLGRP_LINK, 0},
	{"address", unix.RTNLGRP_IPV4_IFADDR, unix.AF_INET}, {"address", unix.RTNLGRP_IPV6_IFADDR, unix.AF_INET6},
	{"route", unix.RTNLGRP_IPV4_ROUTE, unix.AF_INET}, {"route", unix.RTNLGRP_IPV6_ROUTE, unix.AF_INET6}, {"route", unix.RTNLGRP_MPLS_ROUTE, unix.AF_MPLS},
	{"mroute", unix.RTNLGRP_IPV4_MROUTE, unix.AF_INET}, {"mroute", unix.RTNLGRP_IPV6_MROUTE, unix.AF_INET6},
	{"prefix", unix.RTNLGRP_IPV6_PREFIX, unix.AF_INET6},
	{"neigh", unix.RTNLGRP_NEIGH, 0},
	{"netconf", unix.RTNLGRP_IPV4_NETCONF, unix.AF_INET}, {"netconf", unix.RTNLGRP_IPV6_NETCONF, unix.AF_INET6}, {"netconf", unix.RTNLGRP_MPLS_NETCONF, unix.AF_MPLS},
	{"rule", unix.RTNLGRP_IPV4_RULE, unix.AF_INET}, {"rule", unix.RTNLGRP_IPV6_RULE, unix.AF_INET6},
	{"nsid", unix.RTNLGRP_NSID, 0},
	{"nexthop", unix.RTNLGRP_NEXTHOP, 0},
	{"stats", unix.RTNLGRP_STATS, 0},
}

// monitor is the step that shows what the kernel announces, or a file of its
// messages.
type monitor struct {
	file     string
	hasFile  bool
	words    []string // the objects; none is all of them
	labels   bool
	allNSIDs bool
	dev      string
	hasDev   bool
}

func parseMonitor(a *args) (*plan, error) {
	s := &monitor{}
	for r := a.cmd; r != nil; {
		switch r.name {
		case "file":
			s.file, s.hasFile = a.next(), true
		case "label", "all":
			s.labels = true
		case "all-nsid":
			s.allNSIDs = true
		case "dev":
			s.dev, s.hasDev = a.next(), true
		case "help":
			a.fail(a.usage())
		default:
			s.words = append(s.words, r.name)
		}
		r = nil
		if a.more() {
			w := a.next()
			if r = a.obj.find(w); r == nil {
				monitorWord(a, w)
			}
		}
	}
	return &plan{[]step{s}}, a.err
}

// groups are those to listen to. Without words a kernel that lacks the newest of
// them is no failure.
func (s *monitor) groups(family uint8) (gs []int) {
	for _, g := range monitorGroups {
		if (family == unix.AF_UNSPEC || g.family == 0 || g.family == family) && (len(s.words) == 0 || slices.Contains(s.words, g.word)) {
			gs = append(gs, g.group)
		}
	}
	return gs
}

func (s *monitor) run(r *runner) error {
	v := &monitorPrinter{linkPrinter: linkPrinter{printer: r.g.printer(r.out), r: r, g: r.g, family: unix.AF_UNSPEC, noQueue: true}, s: s}
	v.json = false // never JSON, as iproute2
	v.routes.family = r.g.family
	if s.hasDev {
		d, err := r.device(s.dev)
		if err != nil {
			return err
		}
		if d.index == 0 {
			return failf(exitUsage, `Error: argument "`, s.dev, "\" is wrong: Device does not exist\n")
		}
		v.index, v.routes.oif, v.routes.oifIndex = d.index, s.dev, d.index
	}
	if s.hasFile {
		return v.showFile(s.file)
	}
	groups := s.groups(r.g.family)
	m, err := r.listen(s.allNSIDs, groups)
	if isErrno(err, unix.EINVAL) && len(s.words) == 0 { // before Linux 6.1 there is no RTNLGRP_STATS
		m, err = r.listen(s.allNSIDs, slices.DeleteFunc(groups, func(g int) bool { return g == unix.RTNLGRP_STATS }))
	}
	if err != nil {
		return err
	}
	defer m.Close()
	m.Idle = r.out.Flush
	if err := r.rememberAll(); err != nil {
		return err
	}
	for {
		e, err := m.Next()
		var cut *nl.TruncatedError
		switch {
		case err == nil:
			v.nsid = e.NSID
			if err := v.announced(e.Message); err != nil {
				return err
			}
		case r.out.Flush() != nil:
			return nil // nobody reads on
		case err == nl.ErrOverrun, errors.As(err, &cut):
			r.errs.S("netlink receive error ", cli.Strerror(unix.ENOBUFS), " (", itoa(int32(unix.ENOBUFS)), ")\n").Flush()
		default:
			return err
		}
	}
}

// A monitorPrinter writes announcements as the lists of their objects do.
type monitorPrinter struct {
	linkPrinter
	s      *monitor
	index  int32 // the interface that is meant; 0: all
	nsid   int32 // where the message comes from; -1: here
	routes routeFilter
	route  routeView
	neigh  neighView
	rule   ruleView
}

// showFile shows the messages that a file holds.
func (p *monitorPrinter) showFile(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return failf(exitUsage, "Cannot fopen: "+cli.Strerror(cli.Errno(err)))
	}
	defer f.Close()
	p.nsid = -1
	s := &dumpfile{bad: exitMissing}
	for at := 0; ; {
		m, err := s.read(f, at)
		if err != nil || m == nil {
			return err
		}
		at += len(m)
		if err := p.announced(m); err != nil {
			return err
		}
	}
}

// begin begins an announcement: when it came, from where, and what it is of. As
// in iproute2 that is said of what "dev" leaves out, too.
func (p *monitorPrinter) begin(label string) {
	if p.g.stamp {
		p.stamp(p.g.shortTS)
	}
	switch {
	case !p.s.allNSIDs:
	case p.nsid < 0:
		p.T("[nsid current]")
	default:
		p.T("[nsid ", itoa(p.nsid), "]")
	}
	if p.s.labels {
		p.T(label)
	}
}

// meant tells whether announcements of an interface are to be shown.
func (p *monitorPrinter) meant(index int32) bool { return p.index == 0 || p.index == index }

// announced shows a message.
func (p *monitorPrinter) announced(m nl.Message) error {
	r := p.r
	switch m.Type() {
	case unix.RTM_NEWLINK, unix.RTM_DELLINK:
		l, err := rtnl.ParseLink(m)
		if err != nil {
			return err
		}
		gone := m.Type() == unix.RTM_DELLINK
		if gone {
			r.devs.remove(l.Index)
		} else {
			r.devs.add(deviceOf(l))
		}
		p.begin("[LINK]")
		if p.meant(l.Index) {
			if gone {
				p.T("Deleted ")
			}
			p.print(&l)
		}
	case unix.RTM_NEWADDR, unix.RTM_DELADDR:
		a, err := rtnl.ParseAddr(m)
		p.begin("[ADDR]")
		if err == nil && p.meant(a.Index) {
			if m.Type() == unix.RTM_DELADDR {
				p.T("Deleted ")
			}
			p.addr(&a, r.name(a.Index), true, p.g.brief)
		}
		return err
	case unix.RTM_NEWROUTE, unix.RTM_DELROUTE:
		return p.routeOrMroute(m)
	case unix.RTM_NEWNEIGH, unix.RTM_DELNEIGH, unix.RTM_GETNEIGH:
		err := p.neigh.parse(m)
		if err != nil || p.g.family != unix.AF_UNSPEC && p.g.family != p.neigh.Family {
			return err
		}
		p.begin("[NEIGH]")
		if p.meant(p.neigh.Index) {
			p.printer.neigh(r, m, &p.neigh, p.index == 0)
		}
	case unix.RTM_NEWRULE, unix.RTM_DELRULE:
		err := p.rule.parse(m)
		if err == nil {
			p.begin("[RULE]")
			p.printer.rule(r, m, &p.rule)
		}
		return err
	case unix.RTM_NEWNEXTHOP, unix.RTM_DELNEXTHOP:
		v, err := rtnl.ParseNexthop(m)
		if err == nil {
			p.begin("[NEXTHOP]")
			p.nexthopLine(r, m, &v)
		}
		return err
	case unix.RTM_NEWNEXTHOPBUCKET, unix.RTM_DELNEXTHOPBUCKET:
		p.begin("[NEXTHOPBUCKET]")
		return p.bucket(m)
	case unix.RTM_NEWNETCONF, unix.RTM_DELNETCONF:
		v, err := rtnl.ParseNetconf(m)
		if err != nil {
			return err
		}
		p.begin("[NETCONF]")
		if index, _ := v.Attrs.S32(rtnl.NETCONFA_IFINDEX); p.meant(index) {
			p.netconf(r, m, &v, index)
		}
	case unix.RTM_NEWADDRLABEL, unix.RTM_DELADDRLABEL:
		v, err := rtnl.ParseAddrLabel(m)
		if err == nil {
			p.begin("[ADDRLABEL]")
			p.addrlabel(r, m, &v)
		}
		return err
	case unix.RTM_NEWPREFIX:
		p.prefix(m)
	case unix.RTM_NEWNSID, unix.RTM_DELNSID:
		p.begin("[NSID]")
		if m.Type() == unix.RTM_DELNSID {
			p.T("Deleted ")
		}
		names, _ := r.netnsByID() // without them the number alone
		return showNSID(p.printer, m, names)
	case unix.RTM_NEWSTATS:
		p.begin("[STATS]")
		s := &statsShow{}
		for i := range s.enabled {
			s.enabled[i] = true
		}
		return s.message(&p.linkPrinter, m)
	case nlmsgTstamp:
		p.saved(m)
	case unix.NLMSG_ERROR, unix.NLMSG_NOOP, unix.NLMSG_DONE:
	default:
		unknownMessage(r, m)
	}
	return nil
}

// unknownMessage says on stderr what cannot be shown.
func unknownMessage(r *runner, m nl.Message) {
	o := r.errs
	both := func(k string, v uint64) { o.S(k, "=0x").X(v, 8).S("(").U(v).S(")") }
	both("Unknown message: type", uint64(m.Type()))
	both(" flags", uint64(m.Flags()))
	both(" len", uint64(len(m)))
	o.NL()
	if o == cli.Stderr {
		o.Flush()
	}
}

func (p *monitorPrinter) routeOrMroute(m nl.Message) error {
	v := &p.route
	if err := v.parse(m); err != nil {
		return err
	}
	switch {
	case v.Flags&unix.RTM_F_CLONED != 0:
	case v.Family == familyIPMR, v.Family == familyIP6MR:
		in, _ := v.at[rtnl.RTA_IIF].U32()
		p.begin("[MROUTE]")
		if v.Type == unix.RTN_MULTICAST && p.meant(int32(in)) {
			p.mroute(p.r, m, v, false)
		}
	default:
		p.begin("[ROUTE]")
		if p.routes.passes(v) {
			p.printer.route(p.r, m, v, &p.routes)
		}
	}
	return nil
}

// prefix writes a prefix that a router has announced: struct prefixmsg,
// linux/rtnetlink.h.
//
//	__u8 family, pad; __u16 pad; __s32 ifindex; __u8 type, len, flags, pad;
func (p *monitorPrinter) prefix(m nl.Message) {
	const size, address, cacheinfo = 12, 1, 2 // PREFIX_
	const information = 3                     // ND_OPT_PREFIX_INFORMATION, the one type that there is
	b := m.Payload()
	if p.g.family != unix.AF_UNSPEC && p.g.family != unix.AF_INET6 || len(b) < size || b[0] != unix.AF_INET6 || b[8] != information {
		return
	}
	at := m.Attrs(size)
	p.begin("[PREFIX]")
	p.T("prefix ")
	if a, ok := at.IP(address); ok {
		p.in(familyColor(b[0])).addrText("", b[0], a, "")
		p.T("/", itoa(int32(b[9]))) // no blank, as in iproute2
	}
	p.T("dev ")
	p.in(colIfname).Str("", "", p.r.name(int32(binary.NativeEndian.Uint32(b[4:]))), " ")
	if b[10]&1 != 0 {
		p.T("onlink ")
	}
	if b[10]&2 != 0 {
		p.T("autoconf ")
	}
	if c, ok := at.Blob(cacheinfo); ok && len(c) >= 8 {
		p.Uint("", "valid ", uint64(binary.NativeEndian.Uint32(c[4:])), " ")
		p.Uint("", "preferred ", uint64(binary.NativeEndian.Uint32(c)), " ")
	}
	p.End()
}
