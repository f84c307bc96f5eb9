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

	Makes   Link   // the link that Request makes; the zero Link if none
	netnsAt int    // offset of IFLA_NET_NS_FD's value in Request, to be filled with a descriptor of
	netnsOf string // this namespace; 0 if there is none
}

// Link tells a link that a plan makes: its index was chosen by the plan.
type Link struct {
	NS    string
	Name  string
	Index int32
}

// FirstIndex is where the plan starts to number links in namespaces that it
// makes. Below it the kernel may have put tunnels of its own (sit0, gre0, ...).
const FirstIndex = 100

// Plan returns the steps that make the topology. hostIndex is the first of the
// indexes, all free, for links in the namespace "".
func (s *Spec) Plan(hostIndex int32) ([]Step, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	p := planner{next: map[string]int32{"": hostIndex}, index: map[[2]string]int32{}}
	for _, n := range s.Namespaces {
		p.next[n] = FirstIndex
		p.steps = append(p.steps, Step{Command: "ip netns add " + n, Netns: n})
	}
	for i := range s.Bridges {
		p.bridge(&s.Bridges[i])
	}
	for i := range s.Veths {
		p.veth(&s.Veths[i])
	}
	for i := range s.Veths {
		for _, e := range [2]*End{&s.Veths[i].A, &s.Veths[i].B} {
			p.addrs(e.NS, e.Name, e.Addrs)
		}
		// The kernel refuses to bring a peer up in the message that makes it
		// (ENOTCONN).
		p.up(s.Veths[i].B.NS, s.Veths[i].B.Name)
	}
	for i := range s.Bridges {
		b := &s.Bridges[i]
		p.addrs(b.NS, b.Name, b.Addrs)
		p.up(b.NS, b.Name)
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
	index map[[2]string]int32
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
func (p *planner) number(space, name string) int32 {
	n := p.next[space]
	p.next[space]++
	p.index[[2]string{space, name}] = n
	return n
}

func (p *planner) add(s Step) {
	if _, err := s.Request.Bytes(); err != nil && p.err == nil {
		p.err = err
	}
	p.steps = append(p.steps, s)
}

func (p *planner) bridge(br *Bridge) {
	b := new(nl.Builder)
	l := Link{br.NS, br.Name, p.number(br.NS, br.Name)}
	rtnl.NewLink(b, unix.NLM_F_CREATE|unix.NLM_F_EXCL, rtnl.IfInfomsg{Index: l.Index})
	b.Str(rtnl.IFLA_IFNAME, br.Name)
	info := b.Nest(rtnl.IFLA_LINKINFO)
	b.StrN(rtnl.IFLA_INFO_KIND, "bridge")
	b.End(info)
	p.add(Step{Command: ip(br.NS) + "link add " + br.Name + " type bridge", Request: b, NS: br.NS, Makes: l})
}

// veth makes both ends in one message: the near end up and enslaved, the peer
// in its own namespace.
func (p *planner) veth(v *Veth) {
	b := new(nl.Builder)
	l := Link{v.A.NS, v.A.Name, p.number(v.A.NS, v.A.Name)}
	s := Step{Command: ip(v.A.NS) + "link add " + v.A.Name + " up", Request: b, NS: v.A.NS, Makes: l}
	rtnl.NewLink(b, unix.NLM_F_CREATE|unix.NLM_F_EXCL, rtnl.IfInfomsg{Index: l.Index, Flags: unix.IFF_UP, Change: unix.IFF_UP})
	b.Str(rtnl.IFLA_IFNAME, v.A.Name)
	s.Command += p.master(b, &v.A)
	info := b.Nest(rtnl.IFLA_LINKINFO)
	b.StrN(rtnl.IFLA_INFO_KIND, "veth")
	data := b.Nest(rtnl.IFLA_INFO_DATA)
	peer := rtnl.VethPeer(b, rtnl.IfInfomsg{Index: p.number(v.B.NS, v.B.Name)})
	b.Str(rtnl.IFLA_IFNAME, v.B.Name)
	s.Command += " type veth peer name " + v.B.Name
	s.Command += p.master(b, &v.B)
	if v.B.NS != v.A.NS {
		b.U32(rtnl.IFLA_NET_NS_FD, 0)
		s.netnsAt, s.netnsOf = b.Size()-4, v.B.NS
		s.Command += " netns " + v.B.NS
		if v.B.NS == "" {
			s.Command += "$$" // the shell's own process id stands for its namespace
		}
	}
	b.End(peer)
	b.End(data)
	b.End(info)
	p.add(s)
}

func (p *planner) master(b *nl.Builder, e *End) string {
	if e.Master == "" {
		return ""
	}
	b.U32(rtnl.IFLA_MASTER, uint32(p.index[[2]string{e.NS, e.Master}]))
	return " master " + e.Master
}

func (p *planner) addrs(space, name string, addrs []Prefix) {
	for _, a := range addrs {
		b := new(nl.Builder)
		h := rtnl.IfAddrmsg{Family: unix.AF_INET, PrefixLen: a.Bits, Index: p.index[[2]string{space, name}]}
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
		p.add(Step{Command: ip(space) + "addr add " + a.Text + brd + " dev " + name, Request: b, NS: space})
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

func (p *planner) up(space, name string) {
	b := new(nl.Builder)
	rtnl.NewLink(b, 0, rtnl.IfInfomsg{Index: p.index[[2]string{space, name}], Flags: unix.IFF_UP, Change: unix.IFF_UP})
	p.add(Step{Command: ip(space) + "link set " + name + " up", Request: b, NS: space})
}
