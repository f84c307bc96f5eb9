package topo

import (
	"errors"
	"slices"
	"strconv"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
	"rawns/ns"
)

// Plan is what Spec.Plan found must be done, in order. It is read by all that
// work with it and changed by none.
type Plan struct {
	Spec  *Spec
	Steps []Step // by phase; nothing depends on a later one

	// Keep is how many things of the Spec are there already, as they should be:
	// namespaces, links, addresses, routes, settings, services.
	Keep int
}

// Phase is a stretch of a plan. The first six are gone through for one
// namespace after the other, with all links that lead to it from those before:
// a veth whose one end is up while the other is down yet costs an RCU grace
// period as soon as the kernel looks at it, so both come up close together.
type Phase uint8

// The phases, in their order.
const (
	PhaseSpaces  Phase = iota // a namespace, and settings that are to be there before a link is
	PhaseBridges              // what is in the way goes; bridges, down
	PhaseLinks                // veths, ...: with masters, peers born in their namespace
	PhaseInside               // settings of links, addresses, links up
	PhaseStacked              // links on top of others, from the bottom up
	PhaseRoutes

	PhaseBridgesUp  // bridges' addresses, and up: only now, as a bridge floods each port's chatter to all others
	PhaseTop        // links on top of bridges, from the bottom up
	PhaseLastRoutes // routes of namespaces with one of these
	PhaseServices
)

// Op is what a step does.
type Op uint8

// The things that a step can do.
const (
	OpNetns   Op = iota // make a namespace
	OpDelLink           // delete a link that is in the way: half of a veth whose other half is gone
	OpAddLink
	OpSetLink // change a link: bring it up, make it a port, ...
	OpAddAddr
	OpAddRoute
	OpSysctl
	OpService
)

// Step is one thing to do. Link, Addr, ... point into the Spec, and are nil
// where the step is about something else.
type Step struct {
	Phase   Phase
	Op      Op
	NS      string     // where it is done: the namespace that the Request is sent in; of OpNetns, the one to make
	Request nl.Message // one whole message, sequence number 0
	Undo    nl.Message // what takes it back; nil if that goes with the namespace or link that holds it

	Link    *Link
	Addr    *Prefix
	Route   *Route
	Sysctl  *Sysctl
	Service *Service

	Makes     Made // the link that Request makes; the zero Made if none
	MakesPeer Made // the other end, if that is a veth

	netnsAt int32  // offset in Request of IFLA_NET_NS_FD's value, to be filled with a descriptor of
	netnsOf string // this namespace; 0 if there is none
	peer    *Link  // the other end of a veth that Request makes
	set     set    // what an OpSetLink sets; of an OpAddLink setUp, setQueues
	unit    int32  // the namespace's turn, in the first phases
	at, end int32  // where Request stands in the planner's buffer, and
	uat     int32  // where Undo begins in its own; -1 for none
	uend    int32
}

// set says what an OpSetLink sets, for its command line.
type set uint16

const (
	setUp set = 1 << iota
	setDown
	setMTU
	setMAC
	setQueue
	setAlias
	setMaster
	setAddrGen
	setOptions // the kind's
	setPort    // the bridge port's
	setQueues  // one queue, of an OpAddLink
	setNoDAD   // of an OpAddAddr: the address is not looked for elsewhere first
)

// Made tells a link that a plan makes: its index was chosen by the plan.
type Made struct {
	End
	Index int32
}

// FirstIndex is where the plan starts to number links in namespaces that it
// makes. Below it the kernel may have put tunnels of its own (sit0, gre0, ...).
const FirstIndex = 100

// maxIndex is the last index that a plan chooses. Somebody may have asked for
// the very last one; below it is room.
const maxIndex = 1 << 30

// nextIndex is where links are numbered that are made beside others: at a
// hundred, at least fifty above the last. The kernel numbers its own by ones,
// so what somebody makes by hand after a crash is not taken for ours.
func nextIndex(sp *SpaceState) int32 {
	last := int32(0)
	if sp != nil {
		for _, l := range sp.Links {
			if l.Index < maxIndex {
				last = max(last, l.Index)
			}
		}
	}
	return max(FirstIndex, ((last+50)/100+1)*100)
}

// Plan returns the steps that make what is missing in have, which is not
// changed; for nil, all of it. It reads nothing but s and have: the same two
// give the same plan. What is there but has another value is set; what is there
// and not described stays. The error is a *SpecError.
func (s *Spec) Plan(have *State) (*Plan, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	p := planner{
		spec: s, have: map[string]*SpaceState{}, found: map[End]*LinkState{}, links: make(map[End]*Link, len(s.Links)),
		index: make(map[End]int32, len(s.Links)), next: make(map[string]int32, len(s.Namespaces)+1),
		sources: map[string]bool{}, running: map[string]bool{}, late: map[string]bool{}, turn: map[string]int32{}, last: map[string]int32{}, settings: map[End][]*Sysctl{},
		plan: Plan{Spec: s, Steps: make([]Step, 0, len(s.Namespaces)+3*len(s.Links))},
	}
	if have != nil {
		for i, sp := range have.Spaces {
			if (sp.Name != "" || i == 0) && p.have[sp.Name] == nil && !sp.Foreign {
				if sp.Err != nil {
					if !errors.Is(sp.Err, ns.ErrNotNetns) { // a file without a namespace on it is none
						p.fault(Pos{}, sp.Name, "cannot be looked into: "+sp.Err.Error())
					}
					continue
				}
				p.have[sp.Name] = sp
				for _, l := range sp.Links {
					p.found[End{sp.Name, l.Name}] = l
				}
			}
		}
		for _, v := range have.Services {
			p.running[v.NS+"\x00"+v.Key] = true
		}
	}
	for i := range s.Links {
		l := &s.Links[i]
		p.links[l.End] = l
		if l.Kind == "veth" {
			p.veths++
		}
	}
	for i := range s.Namespaces {
		p.turn[s.Namespaces[i].Name] = int32(i) // the host's is the first one's
	}
	for i := range s.Links {
		l := &s.Links[i]
		p.last[l.NS] = max(p.last[l.NS], p.unit(l))
		if p.waits(l) {
			p.late[l.NS] = true
		}
	}
	for i := range s.Routes {
		if r := &s.Routes[i]; len(r.Src) == 16 {
			p.sources[r.NS+"\x00"+string(r.Src)] = true
		}
	}
	p.spaces()
	p.make()
	p.finish()
	p.routes()
	p.run()
	return p.done()
}

type planner struct {
	spec     *Spec
	have     map[string]*SpaceState // the namespaces that are there, and ours
	found    map[End]*LinkState     // all links in them
	sources  map[string]bool        // IPv6 addresses that routes name as their source: namespace, NUL, address
	running  map[string]bool        // services: namespace, NUL, Key
	links    map[End]*Link
	index    map[End]int32
	next     map[string]int32
	made     map[*Link]bool    // made by this plan; true if it was made up
	unslaved map[*Link]bool    // born as a peer, to be made a port by a message of its own
	late     map[string]bool   // namespaces whose routes wait for bridges
	turn     map[string]int32  // of the namespaces: Step.unit
	last     map[string]int32  // the turn in which the last of a namespace's links is made
	veths    int               // ends of veths that are described
	settings map[End][]*Sysctl // those of a link that must be set
	plan     Plan
	b        nl.Builder // all requests
	u        nl.Builder // all that take them back
	err      error
}

// there returns the link as it is now, or nil.
func (p *planner) there(e End) *LinkState {
	l := p.found[e]
	if l != nil && l.Foreign && p.links[e] != nil && p.links[e].Kind != "" {
		return nil
	}
	return l
}

// fault notes the first thing that cannot be planned.
func (p *planner) fault(pos Pos, object, what string) {
	if p.err == nil {
		p.err = &SpecError{Pos: pos, Object: object, Fault: what}
	}
}

// begin starts a step whose message is appended to p.b next; end ends it.
func (p *planner) begin(s Step) *Step {
	s.at, s.uat = int32(p.b.Size()), -1
	p.plan.Steps = append(p.plan.Steps, s)
	return &p.plan.Steps[len(p.plan.Steps)-1]
}

func (p *planner) end(s *Step) {
	p.b.Bytes() // writes the message's length
	s.end = int32(p.b.Size())
}

// undo begins the message that takes a step back.
func (p *planner) undo(s *Step) *nl.Builder {
	s.uat = int32(p.u.Size())
	return &p.u
}

func (p *planner) undone(s *Step) {
	p.u.Bytes()
	s.uend = int32(p.u.Size())
}

// done hands out the plan: the messages are cut from the buffers, which grow
// no more.
func (p *planner) done() (*Plan, error) {
	b, err := p.b.Bytes()
	if err == nil && p.err == nil {
		_, p.err = p.u.Bytes()
	}
	if err != nil && p.err == nil {
		p.err = err
	}
	if p.err != nil {
		return nil, p.err
	}
	u, _ := p.u.Bytes()
	for i := range p.plan.Steps {
		s := &p.plan.Steps[i]
		if s.end > s.at {
			s.Request = nl.Message(b[s.at:s.end:s.end])
		}
		if s.uat >= 0 {
			s.Undo = nl.Message(u[s.uat:s.uend:s.uend])
		}
	}
	p.plan.Steps = p.sorted()
	return &p.plan, nil
}

// sorted returns the steps by turn and phase, those of one phase in the order
// in which they were planned. Counted and not compared: there may be many.
func (p *planner) sorted() []Step {
	turns := max(1, len(p.spec.Namespaces))
	const phases = int(PhaseRoutes) + 1
	place := func(s *Step) int {
		if s.Phase > PhaseRoutes {
			return turns*phases + int(s.Phase)
		}
		return int(s.unit)*phases + int(s.Phase)
	}
	at := make([]int, turns*phases+int(PhaseServices)+2)
	for i := range p.plan.Steps {
		at[place(&p.plan.Steps[i])+1]++
	}
	for i := 1; i < len(at); i++ {
		at[i] += at[i-1]
	}
	out := make([]Step, len(p.plan.Steps))
	for i := range p.plan.Steps {
		s := &p.plan.Steps[i]
		n := place(s)
		out[at[n]] = *s
		at[n]++
	}
	return out
}

// unit returns the turn of a link: when the last of the namespaces that it has
// to do with is there.
func (p *planner) unit(l *Link) int32 {
	u := p.turn[l.NS]
	if l.Kind == "veth" {
		u = max(u, p.turn[l.Peer.NS])
	}
	for n := 0; l != nil && l.Lower != (End{}) && n <= maxStack; n++ {
		u = max(u, p.turn[l.Lower.NS])
		if l = p.links[l.Lower]; l != nil && l.Kind == "veth" {
			u = max(u, p.turn[l.Peer.NS])
		}
	}
	return u
}

// waits tells whether a link is up only when bridges are: is one, or on top of
// one.
func (p *planner) waits(l *Link) bool {
	for n := 0; l != nil && n <= maxStack; n++ {
		if l.Kind == "bridge" {
			return true
		}
		if l.Lower == (End{}) {
			return false
		}
		l = p.links[l.Lower]
	}
	return false
}

// spaces plans the namespaces, and the settings that do not need a link.
func (p *planner) spaces() {
	first := map[string][]*Sysctl{}
	for i := range p.spec.Sysctls {
		c := &p.spec.Sysctls[i]
		if p.has(c) {
			p.plan.Keep++
			continue
		}
		if name := sysctlLink(c.Key); name != "" {
			p.settings[End{c.NS, name}] = append(p.settings[End{c.NS, name}], c)
		} else {
			first[c.NS] = append(first[c.NS], c)
		}
	}
	p.next[""] = nextIndex(p.have[""])
	early := func(space string) {
		for _, c := range first[space] {
			p.begin(Step{Phase: PhaseSpaces, Op: OpSysctl, NS: space, Sysctl: c, unit: p.turn[space]})
		}
	}
	early("")
	for i := range p.spec.Namespaces {
		n := &p.spec.Namespaces[i]
		sp := p.have[n.Name]
		p.next[n.Name] = nextIndex(sp)
		if sp == nil {
			p.begin(Step{Phase: PhaseSpaces, Op: OpNetns, NS: n.Name, unit: int32(i)})
		} else {
			p.plan.Keep++
		}
		early(n.Name)
	}
}

// has tells whether a setting has its value already.
func (p *planner) has(c *Sysctl) bool {
	sp := p.have[c.NS]
	if sp == nil {
		return false
	}
	now, ok := sp.Sysctls[c.Key]
	return ok && sameValue(now, c.Value)
}

// make plans the links: in the way, bridges, others. Those on top of others
// follow in finish.
func (p *planner) make() {
	s := p.spec
	p.made = make(map[*Link]bool, len(s.Links))
	p.unslaved = map[*Link]bool{}
	for i := range s.Links {
		l := &s.Links[i]
		have := p.there(l.End)
		switch {
		case l.Kind == "" && have == nil && l.Name == "lo":
			p.index[l.End] = 1 // in every namespace
		case l.Kind == "" && have == nil:
			p.fault(l.Pos, l.End.String(), "there is no such link here; say of what kind it is to make it")
		case have == nil:
		case l.Kind != "" && l.Kind != have.Kind: // the kernel will say that the name is taken
		case l.Kind == "veth" && p.there(l.Peer) == nil:
			// Its other end is in a namespace that lost its name, or was moved.
			st := p.begin(Step{Phase: PhaseBridges, Op: OpDelLink, NS: l.NS, Link: l, unit: p.unit(l)})
			rtnl.DelLink(&p.b, have.Index)
			p.end(st)
		default:
			p.index[l.End] = have.Index
		}
	}
	for i := range s.Links {
		if l := &s.Links[i]; l.Kind == "bridge" && p.index[l.End] == 0 {
			p.add(PhaseBridges, l)
		}
	}
	for i := range s.Links {
		l := &s.Links[i]
		if l.Kind != "" && l.Lower == (End{}) && p.index[l.End] == 0 {
			if l.Kind == "veth" && l.Master == "" && p.links[l.Peer].Master != "" {
				l = p.links[l.Peer] // which gets its master in the message that makes it
			}
			p.add(PhaseLinks, l)
		}
	}
}

// stacked returns the links that are on top of others, the lowest first.
func (p *planner) stacked() []*Link {
	var out []*Link
	depth := map[*Link]int{}
	for i := range p.spec.Links {
		l := &p.spec.Links[i]
		if l.Lower == (End{}) {
			continue
		}
		n := 0
		for at := l; at != nil && at.Lower != (End{}); at = p.links[at.Lower] {
			if n++; n > maxStack {
				p.fault(l.Pos, l.End.String(), "on top of too many links, or of itself")
				return nil
			}
		}
		depth[l] = n
		out = append(out, l)
	}
	slices.SortStableFunc(out, func(a, b *Link) int { return depth[a] - depth[b] })
	return out
}

// maxStack is how many links may be on top of each other: the kernel's
// MAX_NEST_DEV is 8.
const maxStack = 8

// finish plans what there is to do on links once all are there.
func (p *planner) finish() {
	each := func(phase Phase, l *Link) {
		for _, c := range p.settings[l.End] { // before it has addresses, and is up
			p.begin(Step{Phase: phase, Op: OpSysctl, NS: l.NS, Sysctl: c, unit: p.unit(l)})
		}
		p.change(phase, l)
		p.addrs(phase, l)
		p.up(phase, l)
	}
	for i := range p.spec.Links {
		switch l := &p.spec.Links[i]; {
		case l.Kind == "bridge":
			each(PhaseBridgesUp, l)
		case l.Lower == (End{}):
			each(PhaseInside, l)
		}
	}
	for _, l := range p.stacked() {
		phase := PhaseStacked
		if p.waits(l) {
			phase = PhaseTop
		}
		if p.index[l.End] == 0 {
			p.add(phase, l)
		}
		each(phase, l)
	}
	for i := range p.spec.Sysctls {
		c := &p.spec.Sysctls[i]
		if name := sysctlLink(c.Key); name != "" && p.links[End{c.NS, name}] == nil && !p.has(c) {
			p.begin(Step{Phase: PhaseInside, Op: OpSysctl, NS: c.NS, Sysctl: c, unit: p.turn[c.NS]})
		}
	}
}

// routes plans the routes, in the file's order: one may lead to another's
// gateway.
func (p *planner) routes() {
	for i := range p.spec.Routes {
		r := &p.spec.Routes[i]
		if p.routeThere(r) {
			p.plan.Keep++
			continue
		}
		phase := PhaseRoutes
		if p.late[r.NS] {
			phase = PhaseLastRoutes
		}
		dev := int32(0)
		if r.Dev != "" {
			if dev = p.indexOf(End{r.NS, r.Dev}); dev == 0 {
				p.fault(r.Pos, r.Dst.String(), "by a link that is not here: "+strconv.Quote(r.Dev))
			}
		}
		st := p.begin(Step{Phase: phase, Op: OpAddRoute, NS: r.NS, Route: r, unit: max(p.turn[r.NS], p.last[r.NS])})
		putRoute(&p.b, r, dev, false)
		p.end(st)
		if p.have[r.NS] != nil || r.NS == "" {
			putRoute(p.undo(st), r, dev, true)
			p.undone(st)
		}
	}
}

// indexOf returns the index of a link, described or not; 0 if there is none.
func (p *planner) indexOf(e End) int32 {
	if i := p.index[e]; i != 0 {
		return i
	}
	if e.Name == "lo" {
		return 1
	}
	if l := p.there(e); l != nil && p.links[e] == nil {
		return l.Index
	}
	return 0
}

// run plans the services that do not run yet.
func (p *planner) run() {
	for i := range p.spec.Services {
		v := &p.spec.Services[i]
		if p.running[v.NS+"\x00"+v.Key()] {
			p.plan.Keep++
			continue
		}
		p.begin(Step{Phase: PhaseServices, Op: OpService, NS: v.NS, Service: v})
	}
}

// family returns the address family of an address.
func family(ip []byte) uint8 {
	if len(ip) == 16 {
		return unix.AF_INET6
	}
	return unix.AF_INET
}
