package doctor

import (
	"rawns/ns/topo"
)

// Probe asks the kernel for what State does not hold. Its answers must be of
// the time of the State.
type Probe interface {
	// Route looks a route up in a namespace, as the kernel would for a packet.
	// The error is an errno for a packet that it would not send.
	Route(sp *topo.SpaceState, q Query) (Answer, error)
	// Rules are the routing rules of a family, by rising preference.
	Rules(sp *topo.SpaceState, family uint8) []Rule
	// Sysctl reads a setting of a namespace by its path below /proc/sys; ok is
	// false if there is none of that name.
	Sysctl(sp *topo.SpaceState, path string) (value string, ok bool)
	// VLANs are those of a port of a bridge, or of the bridge itself.
	VLANs(l *topo.LinkState) []VLAN
	// Qdiscs are the kinds of a link's queueing disciplines: of its root, and
	// "ingress" or "clsact", where filters may be.
	Qdiscs(l *topo.LinkState) []string
	// Tables are what nftables and iptables have in a namespace.
	Tables(sp *topo.SpaceState) []*Table
	// Echo sends an ICMP echo request of size bytes, IP header included (0: a
	// small one), and waits for the reply; src and dev may be nil.
	Echo(sp *topo.SpaceState, src, dst []byte, dev *topo.LinkState, size int) Echo
	// Trace sends such a request and tells at which links the request and the
	// reply were seen, of those that are asked for.
	Trace(sp *topo.SpaceState, src, dst []byte, dev *topo.LinkState, at []*topo.LinkState) []Seen
}

// Seen is what Trace saw at a link.
type Seen struct{ Request, Reply bool }

// Query is what a route is looked up for.
type Query struct {
	Family   uint8
	Dst, Src []byte          // Src nil: the kernel's choice
	In       *topo.LinkState // the link on which the packet comes in; nil for one of this namespace's own
	Out      *topo.LinkState // the link by which it must leave; nil for any
	Proto    uint8           // IPPROTO_, which rules may look at; 0 for none
	Match    bool            // fill in Answer.Net
}

// Answer is a route for a packet.
type Answer struct {
	Type  uint8  // RTN_
	Dev   int32  // index of the link by which it leaves
	Via   []byte // the gateway, of either family; nil for none
	Src   []byte // the source address that the kernel would choose; nil for none
	Table uint32
	Net   topo.Prefix // Query.Match: what the route leads to
	MTU   uint32      // of the route; 0 for none
	Hops  uint32      // the route's own hop limit; 0 for none
	Flags uint32      // RTNH_F_
}

// Rule is a routing rule.
type Rule struct {
	Pref     uint32
	Src, Dst topo.Prefix // no IP: all
	In, Out  string      // names of links; "": all
	Action   uint8       // FR_ACT_
	Table    uint32
	Goto     uint32
	Suppress int32 // prefixes of at most this length are passed over; -1 for none
	Mark     bool  // it is for packets with a mark, which ours have none of
	Proto    uint8 // IPPROTO_; 0 for all
	Other    bool  // it looks at something that is not modelled
	Invert   bool  // FIB_RULE_INVERT
}

// VLAN is a VLAN of a bridge port.
type VLAN struct {
	ID       uint16
	PVID     bool // what comes in without a tag belongs to it
	Untagged bool // its tag is taken off on the way out
}
