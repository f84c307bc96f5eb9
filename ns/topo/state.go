package topo

import (
	"slices"
	"strconv"

	"rawns/nl"
)

// State is what the kernel has: namespaces, and in each its links, addresses
// and routes, as Observe found them. Its parts refer to each other; they are
// not changed once Observe has returned.
type State struct {
	Spaces   []*SpaceState  // the first is the one where Observe ran, by the name ""
	Services []ServiceState // those of a topology, if Record.Mark was asked
	Unseen   int            // processes that could not be asked which namespaces they hold, if Observe was to

	byName map[string]*SpaceState // made by Observe; states put together by hand do without
}

// ServiceState is a service that runs.
type ServiceState struct {
	NS  string // the namespace's name, "" for the host's
	Key string // of which one: Service.Key
	PID int
}

// SpaceState is a network namespace.
type SpaceState struct {
	Name    string   // in /run/netns; "" for the calling thread's, and for one without a name
	Aliases []string // the other names in /run/netns that it has
	Path    string   // a file by which it can be opened; "" if none is known
	ID      ID       // what tells it from all others
	Holders []Holder // who keeps it alive, if Observe was asked for that
	Links   []*LinkState
	Routes  []*RouteState // of all tables but local
	Neighs  []*NeighState
	Sysctls map[string]string     // the settings that Observe was asked for, by the name that was given; without those that the namespace does not have
	NSIDs   map[int32]*SpaceState // the numbers that it has for others, as far as links refer to them; a nil entry is one that was not found
	Foreign bool                  // not made by the topology that is worked on: for Plan it is not there
	Err     error                 // why it could not be looked into: the lists are empty then

	// Through is set for a namespace that no file leads to: it was looked into
	// through the number ThroughID that another one has for it. It has no ID,
	// neither routes nor neighbours are known, and its links speak of others by
	// the other one's numbers: NSIDs is Through's.
	Through   *SpaceState
	ThroughID int32

	byIndex map[int32]*LinkState
	byName  map[string]*LinkState // only where there are many
	fd      int                   // while Observe works on one that a socket led to: its descriptor
	paths   []string              // where it may be opened, if it has no name and Path is not settled yet
}

// Label is how a namespace is called where it has no name: net:[INODE], or, if
// nothing is known of it but another one's number for it, nsid N of NAME. A name
// may hold any byte: escape it before a terminal sees it.
func (sp *SpaceState) Label() string {
	switch {
	case sp.Name != "":
		return sp.Name
	case sp.Through != nil:
		return "nsid " + itoa(int(sp.ThroughID)) + " of " + sp.Through.Label()
	}
	return "net:[" + strconv.FormatUint(sp.ID.Inode, 10) + "]"
}

// Holder is what keeps a namespace alive: a process that is in it, a descriptor,
// or a mount.
type Holder struct {
	PID     int    // 0 for a mount
	Command string // of the process, as it was given: escape it before a terminal sees it
	Thread  int    // the thread that is in it, where the process's first one is not; else 0
	FD      int    // the descriptor that refers to it; -1 if the process is in it
	Socket  bool   // the descriptor is a socket that was opened there
	Path    string // where it is mounted, if PID is 0: in another mount namespace, by way of /proc/PID/root
}

// LinkState is a link.
type LinkState struct {
	Space     *SpaceState
	Index     int32
	Name      string
	Kind      string // IFLA_INFO_KIND: veth, bridge, ...; "" for lo and devices
	Type      uint16 // ARPHRD_, linux/if_arp.h
	Flags     uint32 // IFF_, linux/if.h
	Oper      uint8  // IF_OPER_, linux/if.h
	Carrier   bool   // IFLA_CARRIER
	MTU       uint32 // bytes
	MAC       []byte
	Group     uint32
	Master    *LinkState  // in the same namespace; nil for none
	Lower     *LinkState  // IFLA_LINK of a link that is no veth, wherever it is; nil for none, or if it was not seen
	Peer      *LinkState  // the other end of a veth, wherever it is; nil if there is none, or if it was not seen
	MACFrom   uint8       // NET_ADDR_, linux/netdevice.h: how it came by its MAC, if Observe was asked; MACUnknown
	LinkIndex int32       // IFLA_LINK as the kernel has it, 0 for none
	LinkNSID  int32       // IFLA_LINK_NETNSID: where LinkIndex counts; ns.NoID for the same namespace
	Foreign   bool        // not made by the topology that is worked on: Plan does not take it for one that it describes
	Addrs     []AddrState // in the kernel's order
	Attrs     nl.Attrs    // all attributes of the link, for what has no member here
}

// How a link came by its MAC: LinkState.MACFrom.
const (
	MACRandom  = 1 // NET_ADDR_RANDOM: the kernel threw dice
	MACSet     = 3 // NET_ADDR_SET: somebody chose it
	MACUnknown = 255
)

// AddrState is an address of a link.
type AddrState struct {
	Prefix
	Peer      []byte // the other end's address, where there is one
	Flags     uint32 // IFA_F_, linux/if_addr.h
	Scope     uint8  // RT_SCOPE_
	Protocol  uint8  // IFAPROT_, linux/if_addr.h: who made it; 0 if the kernel does not say
	Valid     uint32 // seconds; rtnl.Forever
	Preferred uint32 // seconds; rtnl.Forever
}

// RouteState is a route.
type RouteState struct {
	Family   uint8
	Type     uint8 // RTN_
	Protocol uint8 // RTPROT_
	Scope    uint8 // RT_SCOPE_
	Flags    uint32
	Table    uint32
	Dst      Prefix // Bits 0 for the default route; the IP has the family's length
	Via      []byte // nil for none
	Dev      *LinkState
	Src      []byte   // nil for none
	Metric   uint32   // 0 for none
	Attrs    nl.Attrs // all attributes of the route
}

// NeighState is an entry of the neighbour table (ARP, NDP), or of a bridge's
// forwarding table if Family is AF_BRIDGE.
type NeighState struct {
	Family uint8
	Dev    *LinkState
	IP     []byte // nil in a forwarding table, but for a vxlan's remote
	MAC    []byte
	State  uint16 // NUD_
	Flags  uint8  // NTF_
	VLAN   uint16 // of a forwarding table's entry; 0 for none
}

// Space returns the namespace of a name, or nil. "" is the one where Observe ran.
//
//go:noinline
func (s *State) Space(name string) *SpaceState {
	if name == "" {
		if len(s.Spaces) == 0 {
			return nil
		}
		return s.Spaces[0]
	}
	if s.byName != nil {
		return s.byName[name]
	}
	for _, sp := range s.Spaces {
		if sp.Name == name || slices.Contains(sp.Aliases, name) {
			return sp
		}
	}
	return nil
}

// LinkAt returns the link of an index, or nil.
//
//go:noinline
func (sp *SpaceState) LinkAt(index int32) *LinkState {
	if sp.byIndex != nil {
		return sp.byIndex[index]
	}
	for _, l := range sp.Links {
		if l.Index == index {
			return l
		}
	}
	return nil
}

// Link returns the link of a name, or nil.
//
//go:noinline
func (sp *SpaceState) Link(name string) *LinkState {
	if sp.byName != nil {
		return sp.byName[name]
	}
	for _, l := range sp.Links {
		if l.Name == name {
			return l
		}
	}
	return nil
}

// manyLinks is from how many on a namespace's links are sorted by name.
const manyLinks = 16

// sortIn makes the look-ups by name fast.
func (s *State) sortIn() {
	s.byName = make(map[string]*SpaceState, len(s.Spaces))
	for _, sp := range s.Spaces {
		for _, name := range append(sp.Aliases, sp.Name) {
			if name != "" {
				s.byName[name] = sp
			}
		}
		if len(sp.Links) >= manyLinks {
			sp.byName = make(map[string]*LinkState, len(sp.Links))
			for _, l := range sp.Links {
				sp.byName[l.Name] = l
			}
		}
	}
}
