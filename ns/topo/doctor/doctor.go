// Package doctor says why a ping is not answered. It walks the way of a packet
// through namespaces as the kernel would carry it, there and back, and names
// the first thing on it that loses the packet, why, and the command that mends
// it.
//
//	State (topo.Observe) + Probe (what only the kernel can be asked) --Diagnose--> Report
//
// There are two levels. On the network's level ([walker.walk]) a packet goes
// from namespace to namespace: a route is looked up, by the kernel itself; the
// neighbour that it names is looked for; the namespace that has it takes the
// packet or passes it on. On the link's level ([segment]) a frame goes from
// link to link: a graph whose edges are what veths, bridges, macvlans, vxlans
// do with a frame. An edge that loses it is not left out but made dear: the
// cheapest way to the wanted link is the one with the fewest faults, and the
// first of them is what is named. A port that is missing is an edge too, the
// dearest.
//
// What is judged is a small packet; if that gets through, the largest is sent
// after it.
package doctor

import (
	"rawns/ns/topo"
)

// Kind is a class of fault.
type Kind string

// The classes. A word of them is never taken back: scripts may go by it.
const (
	LinkDown     Kind = "link-down"     // a link is not up
	NoCarrier    Kind = "no-carrier"    // a link is up and has no carrier, or its protocol is held down
	LoDown       Kind = "lo-down"       // lo is not up, and the packet is for the namespace itself
	NoPeer       Kind = "no-peer"       // a veth leads to a namespace where it is of no use
	NoLink       Kind = "no-link"       // no link leads there
	NotAPort     Kind = "not-a-port"    // a link is no port of the bridge, or of another one
	PortState    Kind = "port-state"    // a bridge port does not forward
	PortIsolated Kind = "port-isolated" // two isolated ports
	PortLocked   Kind = "port-locked"   // a port that lets only known addresses in
	PortFlood    Kind = "port-flood"    // a port gets nothing that is flooded
	VLANFilter   Kind = "vlan"          // a bridge's VLAN filter, or a tag that nobody takes
	FDB          Kind = "fdb"           // a bridge's or a vxlan's forwarding entry
	MacvlanMode  Kind = "macvlan-mode"  // a macvlan's mode
	Tunnel       Kind = "tunnel"        // a vxlan or geneve: id, port, remote
	NoAddress    Kind = "no-address"    // the address is missing where it should be
	BadPrefix    Kind = "prefix-length" // an address's network is too small or too large
	Tentative    Kind = "tentative"     // duplicate address detection has not finished
	DADFailed    Kind = "dad-failed"    // it has found another holder
	DupAddress   Kind = "duplicate-address"
	DupMAC       Kind = "duplicate-mac"
	V6Disabled   Kind = "ipv6-disabled"
	NoRoute      Kind = "no-route"
	BadRoute     Kind = "bad-route"    // blackhole, unreachable, prohibit, or by the wrong link
	BadRule      Kind = "bad-rule"     // a routing rule
	NoGateway    Kind = "no-gateway"   // nobody has the gateway's address
	Loop         Kind = "loop"         // the packet goes in circles
	Neighbour    Kind = "neighbour"    // a wrong entry of the neighbour table
	NoARP        Kind = "noarp"        // a link that asks for no neighbours
	ARPSettings  Kind = "arp-settings" // arp_ignore, arp_filter
	Forwarding   Kind = "forwarding"   // the namespace does not pass packets on
	RPFilter     Kind = "rp-filter"    // the way back would be another one
	Martian      Kind = "martian"      // the source address is one that cannot come from outside
	EchoIgnored  Kind = "echo-ignored" // icmp_echo_ignore_all
	HopLimit     Kind = "hop-limit"    // the packet may not go that far
	Firewall     Kind = "firewall"     // nftables, iptables
	MTU          Kind = "mtu"          // large packets are lost
	Filtered     Kind = "filtered"     // lost where nothing in the state says why
	Unseen       Kind = "unseen"       // it leads to where we cannot look
	Failed       Kind = "failed"       // a namespace could not be looked into
)

// Command is a command that mends something, to be run in a namespace.
type Command struct {
	Space *topo.SpaceState // nil: the one where Observe ran
	Argv  []string         // as one would type it in Space: ip link set lo up

	// Of a setting: the file below /proc/sys, and the value. Argv says the same
	// by sysctl(8).
	Sysctl, Value string
}

// Fault is what loses the packet.
type Fault struct {
	Kind  Kind
	Space *topo.SpaceState // where; nil if it is nowhere in particular
	Link  *topo.LinkState  // which link; nil for none
	What  string           // what is wrong. Names in it are as they were found: escape it before a terminal sees it
	Why   string           // why that kills the packet
	Mend  []*Command       // what mends it, in this order; none if nobody can say
}

// newFault makes a Fault. It and other small functions here are called from a
// hundred places and not inlined, which would cost a third of the package's size.
//
//go:noinline
func newFault(kind Kind, sp *topo.SpaceState, l *topo.LinkState, what, why string) *Fault {
	return &Fault{kind, sp, l, what, why, nil}
}

// with sets the commands that mend a fault.
//
//go:noinline
func (f *Fault) with(c ...*Command) *Fault {
	f.Mend = append([]*Command(nil), c...)
	return f
}

// faultAt is newFault in the namespace of the link.
//
//go:noinline
func faultAt(kind Kind, l *topo.LinkState, what, why string) *Fault {
	return newFault(kind, l.Space, l, what, why)
}

//go:noinline
func (f *Fault) sayWhat(st *topo.State, format string, args ...any) {
	f.What = say(st, format, args...)
}

//go:noinline
func (f *Fault) sayWhy(st *topo.State, format string, args ...any) { f.Why = say(st, format, args...) }

//go:noinline
func (f *Fault) setWhat(s string) { f.What = s }

//go:noinline
func (f *Fault) setWhy(s string) { f.Why = s }

// Way is a direction.
type Way string

// The ways of a packet.
const (
	There Way = "there" // the request
	Back  Way = "back"  // the reply
	Ping  Way = "ping"  // not the walk: a real ping
)

// Hop is one thing that was looked at.
type Hop struct {
	Way   Way
	Depth int              // of tunnels around this one
	Space *topo.SpaceState // nil if it is nowhere in particular
	Link  *topo.LinkState  // nil for none
	What  string           // what was found. Escape it before a terminal sees it
	Fault *Fault           // nil: fine
}

// Report is what came out.
type Report struct {
	From, To Point
	Family   uint8 // AF_INET or AF_INET6; 0 if it could not be told
	Hops     []Hop
	Fault    *Fault // the first; nil if there is none
	Size     int    // bytes of the largest packet that gets through in one piece; 0 if that was not reached

	// Outside: the packet leaves for where we cannot look, and so far all is
	// well.
	Outside bool
	// Unsettled: the walk found a fault, and the ping was answered. Something
	// has only just changed, perhaps: look again.
	Unsettled bool
	// Echo is what the real ping did.
	Echo Echo
	// Notes are things that lose nothing now, and are worth knowing.
	Notes []string
}

// Healthy tells whether nothing was found.
func (r *Report) Healthy() bool { return r.Fault == nil }

// Point is an end of the way.
type Point struct {
	Space *topo.SpaceState // nil if nobody knows where it is
	Link  *topo.LinkState  // the one that was named, or has the address; or nil
	IP    []byte           // 4 or 16 bytes; nil until it is known
	Fixed bool             // the address was asked for, not chosen by the kernel
}

// Echo is a real ping's outcome.
type Echo int

// The outcomes.
const (
	EchoNotSent  Echo = iota // it was not tried
	EchoAnswered             // the reply came
	EchoLost                 // none came
)

// Diagnose walks from one end to the other and back. Its only errors are of
// ends that do not exist (*PointError).
func Diagnose(st *topo.State, p Probe, from, to string) (*Report, error) {
	r := &Report{}
	var err error
	if err = findEnds(st, r, from, to); err != nil {
		return nil, err
	}
	w := &walker{st: st, probe: p, r: r}
	w.index()
	w.diagnose()
	return r, nil
}

// diagnose is Diagnose behind the ends: a small packet, a large one, a real one.
func (w *walker) diagnose() {
	r := w.r
	if r.To.IP == nil {
		r.Fault = w.fail(w.noTarget())
		return
	}
	w.size = smallPacket
	w.roundTrip()
	small := r.Hops
	if r.Fault == nil && !r.Outside {
		r.Hops = nil
		w.size = 1 << 20
		w.roundTrip()
		if r.Fault == nil {
			r.Size = w.largest
			r.Hops = small
		}
	}
	w.confirm()
}

// smallPacket is what ping sends by default, IPv4's header included, in bytes.
const smallPacket = 84

// roundTrip walks there and back, and fills in the report.
func (w *walker) roundTrip() {
	r := w.r
	w.way, w.largest = There, 0
	w.nats, w.dnat, w.suspects = nil, false, nil
	end, f := w.request()
	if f == nil && end == nil {
		r.Outside = true
		return
	}
	if f == nil {
		w.way = Back
		f = w.reply(end)
	}
	if f != nil {
		w.astray(f)
	}
	r.Fault = f
}
