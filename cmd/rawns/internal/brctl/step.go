package brctl

import (
	"strings"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
)

// A step is one part of what a command line means; it holds all that the words
// said. run.go and show*.go carry it out and return an exit code: once one is
// not 0, no further step is taken.
type step interface {
	run(r *runner) int
}

// Where the numbers go that names stand for, once they are looked up.
const (
	indexAt  = nl.HeaderLen + 4                     // ifi_index
	masterAt = nl.HeaderLen + 16 + nl.AttrHeaderLen // IFLA_MASTER, the first attribute behind ifinfomsg
)

// addBridge makes a bridge. Its message is complete.
type addBridge struct {
	b    nl.Builder
	name string
}

func newAddBridge(name string) *addBridge {
	s := &addBridge{name: name}
	rtnl.NewLink(&s.b, unix.NLM_F_CREATE|unix.NLM_F_EXCL, rtnl.IfInfomsg{})
	sent := shortName(name)
	if sent == "" {
		// The kernel takes an empty IFLA_IFNAME for none, and makes a name up.
		// This one it refuses as it refuses the empty one in an ioctl.
		sent = "."
	}
	s.b.Str(rtnl.IFLA_IFNAME, sent)
	info := s.b.Nest(rtnl.IFLA_LINKINFO)
	s.b.StrN(rtnl.IFLA_INFO_KIND, "bridge")
	s.b.End(info)
	return s
}

// delBridge deletes a bridge that is down, by index.
type delBridge struct {
	b    nl.Builder
	name string
}

func newDelBridge(name string) *delBridge {
	s := &delBridge{name: name}
	rtnl.DelLink(&s.b, 0)
	return s
}

// addPort makes a link without a master a port of a bridge.
type addPort struct {
	b            nl.Builder
	bridge, port string
}

func newAddPort(bridge, port string) *addPort {
	s := &addPort{bridge: bridge, port: port}
	setMaster(&s.b)
	return s
}

// delPort takes a port from its bridge.
type delPort struct {
	b            nl.Builder
	bridge, port string
}

func newDelPort(bridge, port string) *delPort {
	s := &delPort{bridge: bridge, port: port}
	setMaster(&s.b)
	return s
}

func setMaster(b *nl.Builder) {
	rtnl.NewLink(b, 0, rtnl.IfInfomsg{})
	b.U32(rtnl.IFLA_MASTER, 0)
}

// setBridge changes one number of a bridge.
type setBridge struct {
	b      nl.Builder
	bridge string
	failed string // words before the reason
	// A time that the attribute's 32 bits do not hold goes through setTime
	// instead of the message; 0 stands for none.
	wide uint64
	code uintptr // BRCTL_SET_..., which time it is
}

// newSetBridge appends the request; put appends the attribute.
func newSetBridge(bridge, failed string, put func(b *nl.Builder)) *setBridge {
	s := &setBridge{bridge: bridge, failed: failed}
	rtnl.NewLink(&s.b, 0, rtnl.IfInfomsg{})
	info := s.b.Nest(rtnl.IFLA_LINKINFO)
	s.b.StrN(rtnl.IFLA_INFO_KIND, "bridge")
	data := s.b.Nest(rtnl.IFLA_INFO_DATA)
	put(&s.b)
	s.b.End(data)
	s.b.End(info)
	return s
}

// setPort changes one number of a port.
type setPort struct {
	b            nl.Builder
	bridge, port string
	failed       string // words before the reason
	// The original looks for both names first, and says which is missing.
	lookFirst bool
	// Of hairpin there is no ioctl: the second try fails with EOPNOTSUPP.
	noIoctl bool
}

func newSetPort(bridge, port, failed string, put func(b *nl.Builder)) *setPort {
	s := &setPort{bridge: bridge, port: port, failed: failed}
	rtnl.NewLink(&s.b, 0, rtnl.IfInfomsg{})
	info := s.b.Nest(rtnl.IFLA_LINKINFO)
	s.b.StrN(rtnl.IFLA_INFO_SLAVE_KIND, "bridge")
	data := s.b.Nest(rtnl.IFLA_INFO_SLAVE_DATA)
	put(&s.b)
	s.b.End(data)
	s.b.End(info)
	return s
}

// show lists bridges: all, if none is named.
type show struct{ names []string }

// showMACs lists a bridge's forwarding entries.
type showMACs struct{ bridge string }

// showSTP prints all that there is to say about a bridge and its ports.
type showSTP struct{ bridge string }

// shortName is the name, or "", which no device has, if it is too long for one.
// The original cuts it, and so may make, or delete, another bridge than meant.
func shortName(name string) string {
	if len(name) > rtnl.IfNameMax {
		return ""
	}
	return name
}

// ioctlName is the device that most ioctls take a name for: what follows a ':'
// was an alias's label once, and is cut off.
func ioctlName(name string) string {
	name, _, _ = strings.Cut(shortName(name), ":")
	return name
}
