package explain

import (
	"encoding/binary"
	"errors"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl"
	"rawns/nl/explain"
	"rawns/nl/rtnl"
	"rawns/ns"
)

const monitorUsage = `Usage: rawns monitor [ OPTIONS ] [ WORD... ]
Says what changes in the kernel's network, as it is announced, until it is
interrupted. WORD is one of link, addr, route, neigh, rule, nsid, nexthop, mdb,
vlan, netconf, prefix; without one all are meant.
OPTIONS:
  --full             each message byte by byte
  --all-namespaces   also of every namespace that has an id in this one; as root
  --json             a message a line, as rawns explain --json has them
  --pcap FILE        keep the messages, for Wireshark or rawns explain --file
  --color, --no-color
`

// watched are the groups of each word.
var watched = [...]struct {
	word  string
	group int
}{
	{"link", unix.RTNLGRP_LINK}, {"addr", unix.RTNLGRP_IPV4_IFADDR}, {"addr", unix.RTNLGRP_IPV6_IFADDR},
	{"route", unix.RTNLGRP_IPV4_ROUTE}, {"route", unix.RTNLGRP_IPV6_ROUTE}, {"route", unix.RTNLGRP_MPLS_ROUTE}, {"neigh", unix.RTNLGRP_NEIGH},
	{"rule", unix.RTNLGRP_IPV4_RULE}, {"rule", unix.RTNLGRP_IPV6_RULE}, {"nsid", unix.RTNLGRP_NSID}, {"nexthop", unix.RTNLGRP_NEXTHOP},
	{"mdb", unix.RTNLGRP_MDB}, {"vlan", unix.RTNLGRP_BRVLAN}, {"netconf", unix.RTNLGRP_IPV4_NETCONF}, {"netconf", unix.RTNLGRP_IPV6_NETCONF},
	{"prefix", unix.RTNLGRP_IPV6_PREFIX},
}

// Monitor is the applet monitor.
func Monitor(args []string) int {
	w := &watcher{tool: newTool()}
	w.lines = true
	all := false
	file := ""
	var groups []int
	for args = args[1:]; len(args) > 0; args = args[1:] {
		word, value, has := strings.Cut(args[0], "=")
		switch word {
		case "-h", "--help":
			w.out.S(monitorUsage)
			return 0
		case "--full":
			w.full = true
		case "--all-namespaces":
			all = true
		case "--json":
			w.json = true
		case "--color":
			w.color = true
		case "--no-color":
			w.color = false
		case "--pcap":
			if !has {
				if len(args) < 2 {
					return cli.Fail(2, "rawns monitor", "a value is missing behind --pcap")
				}
				args = args[1:]
				value = args[0]
			}
			file = value
		default:
			n := len(groups)
			for i := range watched {
				if watched[i].word == word {
					groups = append(groups, watched[i].group)
				}
			}
			if len(groups) == n {
				return cli.Fail(2, "rawns monitor", `no word is "`, word, `"; see "rawns monitor --help"`)
			}
		}
	}
	if len(groups) == 0 {
		for i := range watched {
			groups = append(groups, watched[i].group)
		}
	}
	if file != "" {
		f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
		if err == nil {
			_, err = f.Write(explain.AppendPcap(nil))
		}
		if err != nil {
			return cli.Fail(1, "rawns monitor", file, ": ", cli.Strerror(cli.Errno(err)))
		}
		w.pcap = f
	}
	if all && !slices.Contains(groups, unix.RTNLGRP_NSID) {
		groups = append(groups, unix.RTNLGRP_NSID) // a number may be another's later
		w.noIDs = true
	}
	m, err := nl.Listen(unix.NETLINK_ROUTE, all, groups...)
	if err != nil {
		hint := ""
		if all && errors.Is(err, unix.EPERM) {
			hint = ": --all-namespaces needs CAP_NET_BROADCAST"
		}
		return cli.Fail(1, "rawns monitor", cli.Strerror(cli.Errno(err)), hint)
	}
	defer m.Close()
	w.look()
	return w.watch(m)
}

// A watcher tells what a Monitor hears.
type watcher struct {
	*tool
	full  bool
	pcap  *os.File
	noIDs bool // what is told of their numbers is not shown

	links map[place]string // names of interfaces
	names map[int32]string // of namespaces; nil: they must be looked up anew
}

// A place is an interface in a namespace, by their numbers.
type place struct{ nsid, index int32 }

// maxLinks bounds how many names of interfaces are kept.
const maxLinks = 1 << 16

// look learns the names of the interfaces that are here.
func (w *watcher) look() {
	c, err := nl.Dial(unix.NETLINK_ROUTE)
	if err != nil {
		return // it goes without names
	}
	defer c.Close()
	var b nl.Builder
	rtnl.GetLink(&b, rtnl.IfInfomsg{})
	b.U32(rtnl.IFLA_EXT_MASK, rtnl.ExtSkipStats)
	c.Repeat(&b, func() {}, func(m nl.Message) error {
		w.learn(m, -1)
		return nil
	})
}

// learn keeps what a message tells of names.
func (w *watcher) learn(m nl.Message, nsid int32) {
	switch m.Type() {
	case unix.RTM_NEWNSID, unix.RTM_DELNSID:
		w.names = nil
	case unix.RTM_NEWLINK:
		if w.links == nil {
			w.links = map[place]string{}
		}
		if l, err := rtnl.ParseLink(m); err == nil && l.Name() != "" && len(w.links) < maxLinks {
			w.links[place{nsid, l.Index}] = l.Name()
		}
	case unix.RTM_DELLINK:
		if p := m.Payload(); len(p) >= 8 && p[0] == unix.AF_UNSPEC {
			delete(w.links, place{nsid, int32(binary.NativeEndian.Uint32(p[4:]))})
		}
	}
}

// namespace says which namespace has a number here.
func (w *watcher) namespace(nsid int32) string {
	if w.names == nil {
		w.names = map[int32]string{}
		if c, err := nl.Dial(unix.NETLINK_ROUTE); err == nil {
			list, _ := ns.List()
			for _, name := range list {
				if n, err := ns.Open(name); err == nil {
					if id, err := n.ID(c); err == nil && id != ns.NoID {
						w.names[id] = name
					}
					n.Close()
				}
			}
			c.Close()
		}
	}
	s := "id " + strconv.Itoa(int(nsid))
	if name := w.names[nsid]; name != "" {
		return cli.Safe(name) + " (" + s + ")"
	}
	return "the namespace of " + s
}

// watch goes on until the Monitor is closed.
func (w *watcher) watch(m *nl.Monitor) int {
	for {
		e, err := m.Next()
		var cut *nl.TruncatedError
		var foreign *nl.ForeignError
		switch {
		case err == nil:
			if err := w.event(e); err != nil {
				return cli.Fail(1, "rawns monitor", cli.Strerror(cli.Errno(err)))
			}
		case errors.Is(err, nl.ErrClosed):
			return 0
		case errors.Is(err, nl.ErrOverrun), errors.As(err, &cut):
			w.out.Flush()
			cli.Stderr.S("rawns monitor: some announcements were lost: more came than the buffer holds\n").Flush()
		case errors.As(err, &foreign):
		default:
			return cli.Fail(1, "rawns monitor", err.Error())
		}
	}
}

func (w *watcher) event(e nl.Event) error {
	now := time.Now().UnixNano()
	if w.pcap != nil {
		if _, err := w.pcap.Write(explain.AppendPacket(nil, now, unix.NETLINK_ROUTE, false, e.Message)); err != nil {
			return err
		}
	}
	defer w.learn(e.Message, e.NSID)
	if w.noIDs && (e.Type() == unix.RTM_NEWNSID || e.Type() == unix.RTM_DELNSID) {
		return nil
	}
	where := ""
	if e.NSID >= 0 {
		where = ", in " + w.namespace(e.NSID)
	}
	o := explain.Options{IfName: func(i int32) string { return w.links[place{e.NSID, i}] }}
	switch {
	case w.json:
		w.note(timeOf(now) + where)
		w.message(e.Message, o)
	case w.full:
		w.note(timeOf(now) + where)
		w.message(e.Message, o)
	default:
		a := explain.Describe(e.Message, o)
		w.out.S(timeOf(now), "  ", a.Type, ": ", a.Title, where, ": ", explain.Summary(e.Message, o)).NL()
	}
	return w.out.Flush()
}
