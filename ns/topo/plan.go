package topo

import (
	"strings"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
)

// A Step is one thing to do: a namespace to make, a request to send, or a
// service to start.
type Step struct {
	Command string // what a person would type for it

	Netns   string      // a namespace to make, or ""
	Request *nl.Builder // one message to send in namespace NS, or nil
	NS      string
	Service *Service // a program to start, or nil

	Makes   Made   // the link that Request makes; the zero Made if none
	netnsAt int    // offset of IFLA_NET_NS_FD's value in Request, to be filled with a descriptor of
	netnsOf string // this namespace; 0 if there is none
}

// Made tells a link that a plan makes: its index was chosen by the plan.
type Made struct {
	End
	Index int32
}

// FirstIndex is where the plan starts to number links in namespaces that it
// makes. Below it the kernel may have put tunnels of its own (sit0, gre0, ...).
const FirstIndex = 100

// Plan returns the steps that make the topology. hostIndex is the first of the
// indexes, all free, for links in the namespace "".
func (s *Spec) Plan(hostIndex int32) ([]Step, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	p := planner{next: map[string]int32{"": hostIndex}, index: map[End]int32{}, links: map[End]*Link{}}
	for _, n := range s.Namespaces {
		p.next[n.Name] = FirstIndex
		p.steps = append(p.steps, Step{Command: "ip netns add " + n.Name, Netns: n.Name})
	}
	for i := range s.Links {
		p.links[s.Links[i].End] = &s.Links[i]
	}
	for i := range s.Links {
		if l := &s.Links[i]; l.Kind == "bridge" {
			p.bridge(l)
		}
	}
	for i := range s.Links {
		if l := &s.Links[i]; l.Kind == "veth" && p.index[l.End] == 0 {
			p.veth(l, p.links[l.Peer])
		}
	}
	for i := range s.Links {
		if l := &s.Links[i]; l.Kind == "veth" {
			p.addrs(l)
			// The kernel refuses to bring a peer up in the message that makes it
			// (ENOTCONN).
			if !p.first[l.End] {
				p.up(l)
			}
		}
	}
	for i := range s.Links {
		if l := &s.Links[i]; l.Kind == "bridge" {
			p.addrs(l)
			p.up(l)
		}
	}
	for i := range s.Services {
		v := &s.Services[i]
		p.steps = append(p.steps, Step{Command: inside(v.NS) + strings.Join(v.Argv, " ") + " &", NS: v.NS, Service: v})
	}
	return p.steps, p.err
}

type planner struct {
	steps []Step
	next  map[string]int32
	index map[End]int32
	links map[End]*Link
	first map[End]bool // the ends of veths that were made up
	err   error
}

// ip is how a command line for a namespace begins.
func ip(space string) string {
	if space == "" {
		return "ip "
	}
	return "ip -n " + space + " "
}

func inside(space string) string {
	if space == "" {
		return ""
	}
	return "ip netns exec " + space + " "
}

// number chooses the index of a link.
func (p *planner) number(e End) Made {
	n := p.next[e.NS]
	p.next[e.NS]++
	p.index[e] = n
	return Made{e, n}
}

func (p *planner) add(s Step) {
	if _, err := s.Request.Bytes(); err != nil && p.err == nil {
		p.err = err
	}
	p.steps = append(p.steps, s)
}

func (p *planner) bridge(br *Link) {
	b := new(nl.Builder)
	l := p.number(br.End)
	rtnl.NewLink(b, unix.NLM_F_CREATE|unix.NLM_F_EXCL, rtnl.IfInfomsg{Index: l.Index})
	b.Str(rtnl.IFLA_IFNAME, br.Name)
	info := b.Nest(rtnl.IFLA_LINKINFO)
	b.StrN(rtnl.IFLA_INFO_KIND, "bridge")
	b.End(info)
	p.add(Step{Command: ip(br.NS) + "link add " + br.Name + " type bridge", Request: b, NS: br.NS, Makes: l})
}

// veth makes both ends in one message: the near end up and enslaved, the peer
// in its own namespace.
func (p *planner) veth(a, z *Link) {
	b := new(nl.Builder)
	l := p.number(a.End)
	s := Step{Command: ip(a.NS) + "link add " + a.Name + " up", Request: b, NS: a.NS, Makes: l}
	rtnl.NewLink(b, unix.NLM_F_CREATE|unix.NLM_F_EXCL, rtnl.IfInfomsg{Index: l.Index, Flags: unix.IFF_UP, Change: unix.IFF_UP})
	b.Str(rtnl.IFLA_IFNAME, a.Name)
	s.Command += p.master(b, a)
	info := b.Nest(rtnl.IFLA_LINKINFO)
	b.StrN(rtnl.IFLA_INFO_KIND, "veth")
	data := b.Nest(rtnl.IFLA_INFO_DATA)
	peer := rtnl.VethPeer(b, rtnl.IfInfomsg{Index: p.number(z.End).Index})
	b.Str(rtnl.IFLA_IFNAME, z.Name)
	s.Command += " type veth peer name " + z.Name
	s.Command += p.master(b, z)
	if z.NS != a.NS {
		b.U32(rtnl.IFLA_NET_NS_FD, 0)
		s.netnsAt, s.netnsOf = b.Size()-4, z.NS
		s.Command += " netns " + z.NS
		if z.NS == "" {
			s.Command += "$$" // the shell's own process id stands for its namespace
		}
	}
	b.End(peer)
	b.End(data)
	b.End(info)
	if p.first == nil {
		p.first = map[End]bool{}
	}
	p.first[a.End] = true
	p.add(s)
}

func (p *planner) master(b *nl.Builder, l *Link) string {
	if l.Master == "" {
		return ""
	}
	b.U32(rtnl.IFLA_MASTER, uint32(p.index[End{l.NS, l.Master}]))
	return " master " + l.Master
}

func (p *planner) addrs(l *Link) {
	for _, a := range l.Addrs {
		b := new(nl.Builder)
		h := rtnl.IfAddrmsg{Family: unix.AF_INET, PrefixLen: a.Bits, Index: p.index[l.End]}
		brd := ""
		if len(a.IP) == 16 {
			h.Family = unix.AF_INET6
		}
		rtnl.NewAddr(b, unix.NLM_F_CREATE|unix.NLM_F_EXCL, h)
		b.IP(rtnl.IFA_LOCAL, a.IP)
		b.IP(rtnl.IFA_ADDRESS, a.IP)
		if len(a.IP) == 4 && a.Bits < 31 {
			b.IP(rtnl.IFA_BROADCAST, broadcast(a))
			brd = " brd +"
		}
		p.add(Step{Command: ip(l.NS) + "addr add " + a.String() + brd + " dev " + l.Name, Request: b, NS: l.NS})
	}
}

// broadcast returns the network's last address, as ifconfig would set it.
func broadcast(a Prefix) []byte {
	out := append([]byte(nil), a.IP...)
	for bit := int(a.Bits); bit < 32; bit++ {
		out[bit/8] |= 0x80 >> (bit % 8)
	}
	return out
}

func (p *planner) up(l *Link) {
	b := new(nl.Builder)
	rtnl.NewLink(b, 0, rtnl.IfInfomsg{Index: p.index[l.End], Flags: unix.IFF_UP, Change: unix.IFF_UP})
	p.add(Step{Command: ip(l.NS) + "link set " + l.Name + " up", Request: b, NS: l.NS})
}
