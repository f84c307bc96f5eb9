package picture

import (
	"strconv"
	"strings"

	"rawns/nl"
	"rawns/ns/topo"
)

// Picture is what is drawn of a topology: boxes for namespaces, in them links,
// between these wires. All its texts are as they were given: the renderers escape
// them, each for its own language.
type Picture struct {
	Title string
	Live  bool // it shows what the kernel has, not what a file wants
	Boxes []*Box
	Wires []*Wire
}

// Box is a namespace, or several alike that Fold made one of.
type Box struct {
	Name  string
	Host  bool     // it is the one where the program runs, and has no name
	Links []*Link  // bridges and their ports too, in the order of the file or the kernel
	Notes []string // what else is to be known: services, routes, why it could not be looked into
	Count int      // how many namespaces it stands for: 1, more after Fold
	Last  string   // the last one's name, if it stands for several
}

// Link is a link.
type Link struct {
	Box    *Box
	Name   string
	Last   string // the last one's name, where the box stands for several, or the link does
	Kind   string // "" for lo and devices
	Status Status
	Addrs  []string // with prefix lengths
	Notes  []string // kind and its number, an unusual MTU, a port's state
	Master *Link    // the bridge whose port it is; nil for none
	Count  int      // how many links it stands for
	ports  int      // how many have it as master
	wires  int      // how many end at it
}

// Wire joins two links: the ends of a veth, or a link (A) and the one
// below it (B).
type Wire struct {
	A, B   *Link
	Lower  bool // B is below A: a vlan, a macvlan, a vxlan
	Status Status
}

// Status is how a link is: what is best comes first.
type Status uint8

const (
	StatusUp        Status = iota
	StatusBlocked          // up, but its bridge does not forward there
	StatusNoCarrier        // up, but nothing answers at the other end
	StatusDown
	StatusMissing // a file describes it, the kernel has none
	statuses      = iota
)

var statusWords = [statuses]string{"up", "blocked", "no carrier", "down", "missing"}

// String is the status in words: "no carrier".
//
//go:noinline
func (s Status) String() string { return statusWords[s] }

// Of draws what a topology is to be. That a veth whose other end is left down has
// no carrier is known without a kernel, and drawn.
func Of(s *topo.Spec) *Picture {
	m := &maker{p: &Picture{Title: s.Name}, links: make(map[topo.End]*Link, len(s.Links)), boxes: make(map[string]*Box, len(s.Namespaces)+1)}
	m.box("")
	for i := range s.Namespaces {
		m.box(s.Namespaces[i].Name)
	}
	for i := range s.Links {
		l := &s.Links[i]
		if l.Kind == "" && l.Name == "lo" && len(l.Addrs) == 0 || m.links[l.End] != nil {
			continue
		}
		d := m.link(l.End)
		d.Kind, d.Notes = l.Kind, specNotes(l)
		if l.Down && l.Kind != "" { // one that is there already is left as it is
			d.Status = StatusDown
		}
		for _, a := range l.Addrs {
			d.Addrs = append(d.Addrs, a.String())
		}
	}
	for i := range s.Links {
		l := &s.Links[i]
		d := m.links[l.End]
		if d == nil {
			continue
		}
		d.Master = m.links[topo.End{NS: l.NS, Name: l.Master}]
		if peer := m.links[l.Peer]; l.Kind == "veth" && peer != nil && peer != d {
			if peer.Status == StatusDown && d.Status == StatusUp {
				d.Status = StatusNoCarrier
			}
			if peer.wires == 0 && d.wires == 0 {
				m.p.wire(d, peer, false)
			}
		}
		if l.Lower.Name != "" && l.Lower != l.End {
			below := m.links[l.Lower]
			if below == nil { // the host's own, which no file describes
				below = m.link(l.Lower)
			}
			m.p.wire(d, below, true)
		}
	}
	for i := range s.Services {
		v := &s.Services[i]
		text := strings.Join(v.Argv, " ")
		if v.Port != 0 {
			text += " :" + itoa(int(v.Port))
		}
		m.note(v.NS, text)
	}
	for i := range s.Routes {
		m.note(s.Routes[i].NS, routeNote(&s.Routes[i]))
	}
	for i := range s.Sysctls {
		c := &s.Sysctls[i]
		if key := strings.ReplaceAll(c.Key, "/", "."); key == "net.ipv4.ip_forward" && c.Value == "1" {
			m.note(c.NS, "forwards IPv4")
		}
	}
	m.p.finish()
	return m.p
}

// maker puts a Spec's picture together.
type maker struct {
	p     *Picture
	boxes map[string]*Box
	links map[topo.End]*Link
}

// box returns a namespace's box, made if it is not there.
//
//go:noinline
func (m *maker) box(name string) *Box {
	b := m.boxes[name]
	if b == nil {
		b = &Box{Name: name, Host: name == "", Count: 1}
		m.boxes[name] = b
		m.p.Boxes = append(m.p.Boxes, b)
	}
	return b
}

// link makes a link.
func (m *maker) link(e topo.End) *Link {
	l := &Link{Box: m.box(e.NS), Name: e.Name, Count: 1}
	l.Box.Links = append(l.Box.Links, l)
	m.links[e] = l
	return l
}

//go:noinline
func (m *maker) note(space, text string) {
	b := m.box(space)
	b.Notes = append(b.Notes, text)
}

// routeNote is the route as a person writes it.
func routeNote(r *topo.Route) string {
	text := r.Dst.String()
	if r.Dst.Bits == 0 {
		text = "default"
	}
	if r.Type != "unicast" && r.Type != "" {
		text = r.Type + " " + text
	}
	switch {
	case r.Via != nil:
		text += " via " + string(nl.AppendIP(nil, r.Via))
	case r.Dev != "":
		text += " dev " + r.Dev
	}
	return text
}

func specNotes(l *topo.Link) []string {
	var notes []string
	if l.Kind != "veth" && l.Kind != "bridge" && l.Kind != "" {
		text := l.Kind
		for _, o := range l.Options {
			if o.Name == "id" || o.Name == "mode" {
				text += " " + o.Value
			}
		}
		notes = append(notes, text)
	}
	if l.MTU != 0 && l.MTU != usualMTU(l.Kind) {
		notes = append(notes, mtuNote(l.MTU))
	}
	for _, o := range l.Port {
		if o.Name == "isolated" && (o.Value == "on" || o.Value == "1") {
			notes = append(notes, "isolated")
		}
	}
	return notes
}

func mtuNote(mtu uint32) string { return "mtu " + strconv.FormatUint(uint64(mtu), 10) }

// usualMTU is the MTU in bytes that a link of a kind has if nobody says otherwise.
func usualMTU(kind string) uint32 {
	if kind == "vxlan" {
		return 1450
	}
	return 1500
}

// wire joins two links.
//
//go:noinline
func (p *Picture) wire(a, b *Link, lower bool) {
	p.Wires = append(p.Wires, &Wire{A: a, B: b, Lower: lower})
	if lower && a.Box == b.Box && len(a.Notes) > 0 {
		a.Notes[0] += " on " + b.Name
	}
	a.wires++
	b.wires++
}

// finish counts what hangs on what, gives the wires their status, and drops the
// host's box if nothing is in it.
func (p *Picture) finish() {
	for _, b := range p.Boxes {
		for _, l := range b.Links {
			if l.Master != nil {
				l.Master.ports++
			}
		}
	}
	for _, w := range p.Wires {
		w.Status = max(w.A.Status, w.B.Status)
	}
	if len(p.Boxes) > 1 && p.Boxes[0].Host && len(p.Boxes[0].Links) == 0 && len(p.Boxes[0].Notes) == 0 {
		p.Boxes = p.Boxes[1:]
	}
}

// bar tells whether a link is drawn as a bar with ports.
func (l *Link) bar() bool { return l.Kind == "bridge" || l.ports > 0 }
