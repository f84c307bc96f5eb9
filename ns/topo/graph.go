package topo

import (
	"strconv"
	"strings"
)

// Picture is what is drawn of a topology: boxes for namespaces, in them links,
// between these wires. It comes from a [Spec] or from a [State]; the renderers
// (Text, SVG, Mermaid, Dot, JSON) know nothing else. All its texts are as they
// were given: the renderers escape them, each for its own language.
type Picture struct {
	Title string
	Live  bool // it shows what the kernel has, not what a file wants
	Boxes []*PictureBox
	Wires []*PictureWire
}

// PictureBox is a namespace, or several alike that Fold made one of.
type PictureBox struct {
	Name  string
	Host  bool           // it is the one where the program runs, and has no name
	Links []*PictureLink // bridges and their ports too, in the order of the file or the kernel
	Notes []string       // what else is to be known: services, routes, why it could not be looked into
	Count int            // how many namespaces it stands for: 1, more after Fold
	Last  string         // the last one's name, if it stands for several
}

// PictureLink is a link.
type PictureLink struct {
	Box    *PictureBox
	Name   string
	Last   string // the last one's name, where the box stands for several, or the link does
	Kind   string // "" for lo and devices
	Status Status
	Addrs  []string     // with prefix lengths
	Notes  []string     // kind and its number, an unusual MTU, a port's state
	Master *PictureLink // the bridge whose port it is; nil for none
	Count  int          // how many links it stands for
	ports  int          // how many have it as master
	wires  int          // how many end at it
}

// PictureWire joins two links: the ends of a veth, or a link (A) and the one
// below it (B).
type PictureWire struct {
	A, B   *PictureLink
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
func (s Status) String() string { return statusWords[s] }

// Picture draws what a topology is to be. That a veth whose other end is left
// down has no carrier is known without a kernel, and drawn.
func (s *Spec) Picture() *Picture {
	p := &Picture{Title: s.Name}
	boxes := make(map[string]*PictureBox, len(s.Namespaces)+1)
	box := func(name string) *PictureBox {
		b := boxes[name]
		if b == nil {
			b = &PictureBox{Name: name, Host: name == "", Count: 1}
			boxes[name] = b
			p.Boxes = append(p.Boxes, b)
		}
		return b
	}
	box("")
	for i := range s.Namespaces {
		box(s.Namespaces[i].Name)
	}
	links := make(map[End]*PictureLink, len(s.Links))
	down := make(map[End]bool)
	for i := range s.Links {
		l := &s.Links[i]
		if l.Down && l.Kind != "" { // one that is there already is left as it is
			down[l.End] = true
		}
		if l.Kind == "" && l.Name == "lo" && len(l.Addrs) == 0 || links[l.End] != nil {
			continue
		}
		d := &PictureLink{Box: box(l.NS), Name: l.Name, Kind: l.Kind, Count: 1}
		for _, a := range l.Addrs {
			d.Addrs = append(d.Addrs, a.String())
		}
		d.Notes = specNotes(l)
		d.Box.Links = append(d.Box.Links, d)
		links[l.End] = d
	}
	below := func(e End) *PictureLink {
		if e.Name == "" {
			return nil
		}
		d := links[e]
		if d == nil { // the host's own, which no file describes
			d = &PictureLink{Box: box(e.NS), Name: e.Name, Count: 1}
			d.Box.Links = append(d.Box.Links, d)
			links[e] = d
		}
		return d
	}
	for i := range s.Links {
		l := &s.Links[i]
		d := links[l.End]
		if d == nil {
			continue
		}
		switch {
		case down[l.End]:
			d.Status = StatusDown
		case l.Kind == "veth" && down[l.Peer]:
			d.Status = StatusNoCarrier
		}
		if l.Master != "" {
			d.Master = links[End{l.NS, l.Master}]
		}
		if peer := links[l.Peer]; l.Kind == "veth" && peer != nil && peer != d && peer.wires == 0 && d.wires == 0 {
			p.wire(d, peer, false)
		}
		if b := below(l.Lower); b != nil && b != d {
			p.wire(d, b, true)
		}
	}
	for i := range s.Services {
		v := &s.Services[i]
		text := strings.Join(v.Argv, " ")
		if v.Port != 0 {
			text += " :" + strconv.Itoa(int(v.Port))
		}
		b := box(v.NS)
		b.Notes = append(b.Notes, text)
	}
	for i := range s.Routes {
		b := box(s.Routes[i].NS)
		b.Notes = append(b.Notes, s.Routes[i].note())
	}
	for i := range s.Sysctls {
		c := &s.Sysctls[i]
		if forwards := strings.HasSuffix(strings.ReplaceAll(c.Key, "/", "."), "net.ipv4.ip_forward") && c.Value == "1"; forwards {
			b := box(c.NS)
			b.Notes = append(b.Notes, "forwards IPv4")
		}
	}
	p.finish()
	return p
}

// note is the route as a person writes it.
func (r *Route) note() string {
	text := r.Dst.String()
	if r.Dst.Bits == 0 {
		text = "default"
	}
	if r.Type != "unicast" && r.Type != "" {
		text = r.Type + " " + text
	}
	switch {
	case r.Via != nil:
		text += " via " + (Prefix{IP: r.Via}).host()
	case r.Dev != "":
		text += " dev " + r.Dev
	}
	return text
}

// host is the prefix's address without the length.
func (p Prefix) host() string {
	s := p.String()
	return s[:strings.IndexByte(s, '/')]
}

func specNotes(l *Link) []string {
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
func (p *Picture) wire(a, b *PictureLink, lower bool) {
	p.Wires = append(p.Wires, &PictureWire{A: a, B: b, Lower: lower})
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
func (l *PictureLink) bar() bool { return l.Kind == "bridge" || l.ports > 0 }
