package ip

import (
	"errors"
	"os"
	"slices"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl"
	"rawns/nl/rtnl"
)

// bridgeMonitorCommands is the object monitor: each word that may follow it is a
// row, and typ its multicast group.
var bridgeMonitorCommands = commands{name: "bridge monitor", none: parseBridgeMonitor, wrong: bridgeMonitorWord, rows: []command{
	{name: "file", usage: "FILE", parse: parseBridgeMonitor, about: helps("show what a file holds of such messages")},
	{name: "link", usage: "[ OBJECT ]...", parse: parseBridgeMonitor, typ: unix.RTNLGRP_LINK, about: helps("ports")},
	{name: "fdb", usage: "[ OBJECT ]...", parse: parseBridgeMonitor, typ: unix.RTNLGRP_NEIGH, about: helps("forwarding tables")},
	{name: "mdb", usage: "[ OBJECT ]...", parse: parseBridgeMonitor, typ: unix.RTNLGRP_MDB, about: helps("multicast groups")},
	{name: "vlan", usage: "[ OBJECT ]...", parse: parseBridgeMonitor, typ: unix.RTNLGRP_BRVLAN, about: helps("VLANs")},
	{name: "vni", exact: true, usage: "[ OBJECT ]...", parse: parseBridgeMonitor, typ: unix.RTNLGRP_TUNNEL, about: helps("network identifiers")},
	{name: "all", exact: true, parse: parseBridgeMonitor, about: helps("all of them, and say of each what it is")},
}}

func bridgeMonitorWord(a *args, w string) {
	a.failf(exitUsage, `Argument "`, w, `" is unknown, try "bridge monitor help".`)
}

// bridgeMonitor is the step that shows what the kernel announces, or a file of
// its messages.
type bridgeMonitor struct {
	file    string
	hasFile bool
	groups  []int
	banner  bool // each begins with what it is of
}

// parseBridgeMonitor reads the words. Those for objects add up, but each takes
// back what "all" said of the older ones.
func parseBridgeMonitor(a *args) (*plan, error) {
	s := &bridgeMonitor{}
	old := []int{unix.RTNLGRP_LINK, unix.RTNLGRP_NEIGH, unix.RTNLGRP_MDB}
	all := true
	for r := a.cmd; r != nil; {
		switch {
		case r.name == "file":
			s.file, s.hasFile = a.next(), true
		case r.name == "all":
			all, s.banner = true, true
			s.groups = append(s.groups, unix.RTNLGRP_BRVLAN, unix.RTNLGRP_TUNNEL)
		default:
			all = false
			s.groups = append(s.groups, int(r.typ))
		}
		r = nil
		if a.more() {
			w := a.next()
			if r = a.obj.find(w); r == nil && matches(w, "help") {
				a.fail(a.usage())
			} else if r == nil {
				bridgeMonitorWord(a, w)
			}
		}
	}
	if all {
		s.groups = append(s.groups, old...)
	}
	slices.Sort(s.groups)
	s.groups = slices.Compact(s.groups)
	return &plan{[]step{s}}, a.err
}

func (s *bridgeMonitor) run(r *runner) error {
	p := r.bridgePrinter()
	p.json, p.monitor, p.banners = false, true, s.banner // never JSON
	if s.hasFile {
		return p.show(s.file)
	}
	m, err := r.listen(false, s.groups)
	if err != nil {
		return err
	}
	defer m.Close()
	m.Idle = r.out.Flush
	if err := r.rememberAll(); err != nil { // looked up once, as in iproute2
		return err
	}
	for {
		e, err := m.Next()
		var cut *nl.TruncatedError
		switch {
		case err == nil:
			if err := p.announced(e.Message); err != nil {
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

// listen opens a socket for announcements, where main's is.
func (r *runner) listen(allNSIDs bool, groups []int) (m *nl.Monitor, err error) {
	defer cli.Settle() // what comes may take days
	open := func() error {
		m, err = nl.Listen(unix.NETLINK_ROUTE, allNSIDs, groups...)
		return err
	}
	if r.g.netns == "" {
		err = open()
		return m, err
	}
	n, err := r.openNetns(r.g.netns)
	if err != nil {
		return nil, err
	}
	defer n.Close()
	err = n.Do(open)
	return m, err
}

// show shows the messages that a file holds.
func (p *bridgePrinter) show(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return failf(exitUsage, "Cannot fopen: "+cli.Strerror(cli.Errno(err)))
	}
	defer f.Close()
	s := &dumpfile{bad: exitUsage}
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

// announced shows a message, if it is of a kind that bridge knows.
func (p *bridgePrinter) announced(m nl.Message) error {
	switch m.Type() {
	case unix.RTM_NEWLINK, unix.RTM_DELLINK:
		l, err := rtnl.ParseLink(m)
		if err == nil {
			p.port(&l, m.Type())
		}
		return err
	case unix.RTM_NEWNEIGH, unix.RTM_DELNEIGH:
		return p.fdb(m)
	case unix.RTM_NEWMDB, unix.RTM_DELMDB:
		return p.mdb(m, true, true)
	case unix.RTM_NEWVLAN, unix.RTM_DELVLAN:
		v := &vlanPrinter{bridgePrinter: p, open: -1}
		return v.db(m, false)
	case unix.RTM_NEWTUNNEL, unix.RTM_DELTUNNEL:
		return p.vnis(m)
	case nlmsgTstamp:
		p.saved(m)
	}
	return nil
}

// banner begins an announcement: when it came, and what it is of.
func (p *bridgePrinter) banner(what string) {
	if !p.monitor {
		return
	}
	if p.g.stamp {
		p.stamp(false)
	}
	if p.banners {
		p.T(what)
	}
}
