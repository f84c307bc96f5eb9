package topo

// Probe is one thing to try, for a topology that is up: an echo from one end of
// a link to another, or a connection to a service.
type Probe struct {
	From, To End // ends of links; of a service that nobody is next to, From has no Name
	// Of both the addresses, of one family. FromIP is nil where the kernel may
	// choose.
	FromIP, ToIP []byte
	Service      *Service // the service to connect to; nil for an echo
	Pos          Pos      // of what is tried
}

// maxPartners bounds how many ends of a network are looked at for one that is
// next to a given one.
const maxPartners = 4096

// Probes returns what to try: for each end of a link that has an address, an echo
// to one that it reaches without a router, for each family that both have: the
// other end of its veth, or the bridge behind that, or another port of the bridge;
// and a connection to each service that has a port, from a namespace that is next
// to it. Ends that are left down, or have no neighbour with an address in the
// same network, are not tried; the number is of those of them that have an address.
// What was tried from one side is not tried from the other.
func (s *Spec) Probes() ([]Probe, int) {
	n := s.nets()
	untried := 0
	seen := map[uint64]bool{} // of both links and the family
	targets := map[int]bool{}
	try := func(i int) {
		l := &s.Links[i]
		found, has := false, false
		for _, size := range [...]int{4, 16} {
			j, from, to := n.next(i, size)
			has = has || from != nil
			if j < 0 {
				continue
			}
			found = true
			if p := uint64(min(i, j))<<33 | uint64(max(i, j))<<1 | uint64(size>>4); !seen[p] {
				seen[p] = true
				targets[j] = true
				n.add(l.End, s.Links[j].End, from, to, nil, l.Pos)
			}
		}
		if has && !found && !targets[i] {
			untried++
		}
	}
	// Bridges come last: most are where the others' echoes go.
	for _, bridges := range [...]bool{false, true} {
		for i := range s.Links {
			if (s.Links[i].Kind == "bridge") == bridges && !(bridges && targets[i]) {
				try(i)
			}
		}
	}
	for i := range s.Services {
		if v := &s.Services[i]; v.Port != 0 {
			n.toService(v)
		}
	}
	return n.list, untried
}

//go:noinline
func (n *nets) add(from, to End, fromIP, toIP []byte, v *Service, pos Pos) {
	n.list = append(n.list, Probe{from, to, fromIP, toIP, v, pos})
}

// nets are the networks of a Spec: which ends of links hear each other.
type nets struct {
	s       *Spec
	index   map[End]int
	members [][]int // of each network, by its root: its links with addresses
	roots   []int   // union-find over links
	list    []Probe
}

func (s *Spec) nets() *nets {
	n := &nets{s: s, index: make(map[End]int, len(s.Links)), roots: make([]int, len(s.Links)), members: make([][]int, len(s.Links))}
	for i := range s.Links {
		n.index[s.Links[i].End] = i
		n.roots[i] = i
	}
	vnis := map[string]int{}
	for i := range s.Links {
		l := &s.Links[i]
		if l.Down {
			continue
		}
		switch l.Kind {
		case "veth":
			n.join(i, l.Peer)
		case "macvlan":
			n.join(i, l.Lower)
		case "vxlan":
			id := optionValue(l.Options, "id")
			if k, ok := vnis[id]; ok {
				n.roots[n.root(i)] = n.root(k)
			} else {
				vnis[id] = i
			}
		}
		if l.Master != "" {
			n.join(i, End{l.NS, l.Master})
		}
	}
	for i := range s.Links {
		if l := &s.Links[i]; len(l.Addrs) > 0 && !l.Down && l.Name != "lo" {
			r := n.root(i)
			n.members[r] = append(n.members[r], i)
		}
	}
	return n
}

//go:noinline
func (n *nets) root(i int) int {
	for n.roots[i] != i {
		n.roots[i] = n.roots[n.roots[i]]
		i = n.roots[i]
	}
	return i
}

// join puts a link and another one into one network, if that one is described,
// and up.
func (n *nets) join(i int, e End) {
	if k, ok := n.index[e]; ok && !n.s.Links[k].Down {
		n.roots[n.root(i)] = n.root(k)
	}
}

// next returns a link whose address of a family is in the network of link i's,
// and can be heard from there, and the two addresses; -1 if there is none. from is
// nil if link i itself has none.
func (n *nets) next(i, size int) (best int, from, to []byte) {
	l := &n.s.Links[i]
	best = -1
	if l.Down || l.Name == "lo" {
		return best, nil, nil
	}
	rank := 0
	consider := func(j int) {
		m := &n.s.Links[j]
		// One in the same namespace would be reached by lo.
		if j == i || m.NS == l.NS || m.Down || !n.hear(l, m) {
			return
		}
		r := 1
		switch {
		case l.Kind == "veth" && l.Peer == m.End:
			r = 3
		case m.Kind == "bridge":
			r = 2
		}
		if r <= rank {
			return
		}
		for _, a := range l.Addrs {
			if len(a.IP) != size || linkLocal(a.IP) {
				continue
			}
			for _, b := range m.Addrs {
				// Both ways: the answer wants to come back.
				if a.Contains(b.IP) && b.Contains(a.IP) && string(a.IP) != string(b.IP) {
					best, from, to, rank = j, a.IP, b.IP, r
					return
				}
			}
		}
	}
	for _, a := range l.Addrs {
		if len(a.IP) == size && !linkLocal(a.IP) {
			from = a.IP
			break
		}
	}
	if from == nil {
		return best, nil, nil
	}
	if l.Kind == "veth" {
		if p, ok := n.index[l.Peer]; ok {
			consider(p)
			// The bridge that the other end is a port of, without a search.
			if b, ok := n.index[End{l.Peer.NS, n.s.Links[p].Master}]; ok && n.s.Links[p].Master != "" {
				consider(b)
			}
		}
	}
	if rank < 2 {
		for k, j := range n.members[n.root(i)] {
			if k == maxPartners || rank >= 2 {
				break
			}
			consider(j)
		}
	}
	return best, from, to
}

// hear tells whether two ends of one network are not kept apart: isolated ports
// of a bridge are, and a macvlan and what is below it.
func (n *nets) hear(a, b *Link) bool {
	switch {
	case onTop(a, b.End), onTop(b, a.End), b.Kind == "macvlan" && onTop(a, b.Lower) && !bridging(a, b):
		return false
	}
	return !(n.isolated(a) && n.isolated(b))
}

// onTop tells whether a link is a macvlan on another one.
//
//go:noinline
func onTop(l *Link, below End) bool { return l.Kind == "macvlan" && l.Lower == below }

// bridging tells whether both of two macvlans are in the mode in which those of
// one link hear each other.
func bridging(a, b *Link) bool {
	return optionValue(a.Options, "mode") == "bridge" && optionValue(b.Options, "mode") == "bridge"
}

// optionValue returns the value of an option, "" if it is not given.
//
//go:noinline
func optionValue(opts []Option, name string) string {
	for i := range opts {
		if opts[i].Name == name {
			return opts[i].Value
		}
	}
	return ""
}

// isolated tells whether an end, or the other one of its veth, is an isolated
// port.
func (n *nets) isolated(l *Link) bool {
	if !isolatedPort(l) && l.Kind == "veth" {
		p, ok := n.index[l.Peer]
		return ok && isolatedPort(&n.s.Links[p])
	}
	return isolatedPort(l)
}

//go:noinline
func isolatedPort(l *Link) bool {
	v := optionValue(l.Port, "isolated")
	return v != "" && v != "off" && v != "0"
}

func linkLocal(ip []byte) bool { return len(ip) == 16 && ip[0] == 0xfe && ip[1]&0xc0 == 0x80 }

// toService adds how to try a service: from a namespace that is next to its
// own, or else from inside.
func (n *nets) toService(v *Service) {
	own, ip := End{NS: v.NS}, []byte{127, 0, 0, 1}
	inside := false
	for i := range n.s.Links {
		l := &n.s.Links[i]
		if l.NS != v.NS || l.Down || l.Name == "lo" || len(l.Addrs) == 0 {
			continue
		}
		if !inside {
			inside = true
			own, ip = l.End, l.Addrs[0].IP
		}
		for _, size := range [...]int{4, 16} {
			if j, from, to := n.next(i, size); j >= 0 {
				n.add(n.s.Links[j].End, l.End, to, from, v, v.Pos)
				return
			}
		}
	}
	n.add(End{NS: v.NS}, own, nil, ip, v, v.Pos)
}
