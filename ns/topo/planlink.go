package topo

import (
	"bytes"
	"slices"
	"strconv"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
)

// fewVeths is how many veths a topology has at most that get the kernel's choice
// of queues: one for each processor, of which one is used. Switching the others
// off costs an RCU grace period at each end, a third of what a veth costs.
const fewVeths = 8

// oneQueue asks for a link, or an end of a veth, with one queue.
func oneQueue(b *nl.Builder) {
	b.U32(rtnl.IFLA_NUM_TX_QUEUES, 1)
	b.U32(rtnl.IFLA_NUM_RX_QUEUES, 1)
}

// number chooses the index of a link, which must also be free in the namespace
// that the request is sent in: the kernel looks there whether it is taken.
func (p *planner) number(e End, from string) Made {
	n := max(p.next[e.NS], p.next[from])
	p.next[e.NS] = n + 1
	if from != e.NS {
		p.next[from] = max(p.next[from], n+1)
	}
	p.index[e] = n
	return Made{e, n}
}

// add plans the message that makes a link; of a veth, both ends: the near one
// up and enslaved, the peer in its own namespace. (A peer that is moved there
// later costs forty times as much.)
func (p *planner) add(phase Phase, l *Link) {
	k := kindOf(l.Kind)
	from := l.NS
	if k.lower == "link" {
		from = l.Lower.NS // where IFLA_LINK counts
	}
	st := p.begin(Step{Phase: phase, Op: OpAddLink, NS: from, Link: l, unit: p.unit(l)})
	b := &p.b
	h := rtnl.IfInfomsg{}
	st.Makes = p.number(l.End, from)
	h.Index = st.Makes.Index
	up := p.upAtBirth(l)
	if up {
		st.set = setUp
		h.Flags, h.Change = unix.IFF_UP, unix.IFF_UP
	}
	if l.Kind == "veth" && p.veths > 2*fewVeths {
		st.set |= setQueues
	}
	rtnl.NewLink(b, unix.NLM_F_CREATE|unix.NLM_F_EXCL, h)
	if k.lower == "link" {
		b.U32(rtnl.IFLA_LINK, uint32(p.lower(l)))
	}
	p.birth(st, l, from)
	info := b.Nest(rtnl.IFLA_LINKINFO)
	b.StrN(rtnl.IFLA_INFO_KIND, l.Kind)
	lower := k.lower == "dev" && l.Lower != (End{})
	if len(l.Options) > 0 || lower || l.Kind == "veth" {
		data := b.Nest(rtnl.IFLA_INFO_DATA)
		appendOptions(b, k.rows, l.Options)
		if lower {
			b.U32(rtnl.IFLA_VXLAN_LINK, uint32(p.lower(l)))
		}
		if l.Kind == "veth" {
			z := p.links[l.Peer]
			st.peer = z
			st.MakesPeer = p.number(z.End, z.NS)
			// The kernel refuses to bring a peer up in the message that makes it
			// (ENOTCONN).
			peer := rtnl.VethPeer(b, rtnl.IfInfomsg{Index: st.MakesPeer.Index})
			p.birth(st, z, from)
			b.End(peer)
			p.made[z] = false
			p.unslaved[z] = z.Master != ""
		}
		b.End(data)
	}
	b.End(info)
	p.end(st)
	p.made[l] = up
}

// upAtBirth tells whether the message that makes the link also brings it up.
// Bridges, and what is on top of others, wait for these; and what is to be set
// before a link makes an IPv6 address by itself can only be set on one that is
// there.
func (p *planner) upAtBirth(l *Link) bool {
	return !l.Down && l.AddrGen == "" && l.Kind != "bridge" && l.Lower == (End{}) && p.settings[l.End] == nil
}

// birth appends the attributes that the kernel heeds when it makes a link
// (rtnl_create_link, net/core/rtnetlink.c, and IFLA_MASTER).
func (p *planner) birth(st *Step, l *Link, from string) {
	b := &p.b
	b.Str(rtnl.IFLA_IFNAME, l.Name)
	if l.mtuAtBirth() {
		b.U32(rtnl.IFLA_MTU, l.MTU)
	}
	if l.MAC != nil {
		b.MAC(rtnl.IFLA_ADDRESS, l.MAC)
	}
	if l.Queue != 0 {
		b.U32(rtnl.IFLA_TXQLEN, l.Queue)
	}
	if st.set&setQueues != 0 {
		oneQueue(b)
	}
	if l.Master != "" && l != st.peer { // of a peer it is not heeded
		b.U32(rtnl.IFLA_MASTER, uint32(p.index[End{l.NS, l.Master}]))
	}
	if l.NS != from {
		b.U32(rtnl.IFLA_NET_NS_FD, 0)
		st.netnsAt, st.netnsOf = int32(b.Size()-4)-st.at, l.NS
	}
}

// mtuAtBirth: a bridge takes the least of its ports' MTUs, until it is told
// another one; being born with it does not count.
func (l *Link) mtuAtBirth() bool { return l.MTU != 0 && l.Kind != "bridge" }

// lower returns the index of the link below.
func (p *planner) lower(l *Link) int32 {
	i := p.indexOf(l.Lower)
	if i == 0 {
		p.fault(l.Pos, l.End.String(), "the link below is not here: "+strconv.Quote(l.Lower.String()))
	}
	return i
}

// change plans what must be set on a link: what it could not be born with, and
// on one that was there, all that differs.
func (p *planner) change(phase Phase, l *Link) {
	_, made := p.made[l]
	have := p.there(l.End)
	if made {
		have = nil
	}
	var what set
	if made {
		if l.Alias != "" {
			what |= setAlias
		}
		if l.AddrGen != "" {
			what |= setAddrGen
		}
		if l.MTU != 0 && !l.mtuAtBirth() {
			what |= setMTU
		}
		if p.unslaved[l] {
			what |= setMaster
		}
		if len(l.Port) > 0 {
			what |= setPort
		}
	} else {
		what = l.differs(have, p)
		if what == 0 && l.Kind != "" {
			p.plan.Keep++
		}
	}
	if w := what &^ (setPort | setOptions); w != 0 {
		p.set(phase, l, have, w)
	}
	if what&setOptions != 0 {
		p.set(phase, l, have, setOptions)
	}
	if what&setPort != 0 {
		p.set(phase, l, have, setPort)
	}
}

// set plans one message that changes a link. A link that was there is given
// back what it had, should a later step fail.
func (p *planner) set(phase Phase, l *Link, have *LinkState, what set) {
	st := p.begin(Step{Phase: phase, Op: OpSetLink, NS: l.NS, Link: l, set: what, unit: p.unit(l)})
	h := rtnl.IfInfomsg{Index: p.index[l.End]}
	if what&setUp != 0 {
		h.Flags, h.Change = unix.IFF_UP, unix.IFF_UP
	}
	if what&setDown != 0 {
		h.Change = unix.IFF_UP
	}
	rtnl.NewLink(&p.b, 0, h)
	p.putSet(&p.b, l, what)
	p.end(st)
	if have == nil {
		return
	}
	if h.Change != 0 {
		h.Flags ^= unix.IFF_UP
	}
	u := p.undo(st)
	rtnl.NewLink(u, 0, h)
	putWas(u, have, what)
	p.undone(st)
}

func (p *planner) putSet(b *nl.Builder, l *Link, what set) {
	if what&setMTU != 0 {
		b.U32(rtnl.IFLA_MTU, l.MTU)
	}
	if what&setMAC != 0 {
		b.MAC(rtnl.IFLA_ADDRESS, l.MAC)
	}
	if what&setQueue != 0 {
		b.U32(rtnl.IFLA_TXQLEN, l.Queue)
	}
	if what&setAlias != 0 {
		b.Str(rtnl.IFLA_IFALIAS, l.Alias)
	}
	if what&setMaster != 0 {
		b.U32(rtnl.IFLA_MASTER, uint32(p.index[End{l.NS, l.Master}])) // 0: none
	}
	if what&setAddrGen != 0 {
		mode, _ := rtnl.AddrGenModes.Value(l.AddrGen)
		putAddrGen(b, uint8(mode))
	}
	if what&setOptions != 0 {
		info := b.Nest(rtnl.IFLA_LINKINFO)
		b.StrN(rtnl.IFLA_INFO_KIND, l.Kind)
		data := b.Nest(rtnl.IFLA_INFO_DATA)
		appendOptions(b, kindOf(l.Kind).rows, l.Options)
		b.End(data)
		b.End(info)
	}
	if what&setPort != 0 {
		info := b.Nest(rtnl.IFLA_LINKINFO)
		b.StrN(rtnl.IFLA_INFO_SLAVE_KIND, "bridge")
		data := b.Nest(rtnl.IFLA_INFO_SLAVE_DATA)
		appendOptions(b, portOptions, l.Port)
		b.End(data)
		b.End(info)
	}
}

func putAddrGen(b *nl.Builder, mode uint8) {
	af := b.Nest(rtnl.IFLA_AF_SPEC)
	inet6 := b.Nest(rtnl.IFLA_AF_INET6)
	b.U8(rtnl.IFLA_INET6_ADDR_GEN_MODE, mode)
	b.End(inet6)
	b.End(af)
}

// putWas appends what a link has now, for all that a message sets. Options of
// its kind, and of a port, are not given back: the links that have any are ours.
func putWas(b *nl.Builder, have *LinkState, what set) {
	if what&setMTU != 0 {
		b.U32(rtnl.IFLA_MTU, have.MTU)
	}
	if what&setMAC != 0 {
		b.MAC(rtnl.IFLA_ADDRESS, have.MAC)
	}
	if what&setQueue != 0 {
		n, _ := have.Attrs.U32(rtnl.IFLA_TXQLEN)
		b.U32(rtnl.IFLA_TXQLEN, n)
	}
	if what&setAlias != 0 {
		s, _ := have.Attrs.Str(rtnl.IFLA_IFALIAS)
		b.Str(rtnl.IFLA_IFALIAS, string(s))
	}
	if what&setMaster != 0 {
		n := int32(0)
		if have.Master != nil {
			n = have.Master.Index
		}
		b.U32(rtnl.IFLA_MASTER, uint32(n))
	}
	if what&setAddrGen != 0 {
		mode, _ := addrGenOf(have)
		putAddrGen(b, mode)
	}
}

func addrGenOf(have *LinkState) (mode uint8, ok bool) {
	return have.Attrs.Nest(rtnl.IFLA_AF_SPEC).Nest(rtnl.IFLA_AF_INET6).U8(rtnl.IFLA_INET6_ADDR_GEN_MODE)
}

// differs says what of a link that is there is not as described. Whether it is
// up is up's matter.
func (l *Link) differs(have *LinkState, p *planner) (what set) {
	if have == nil {
		// lo of a namespace that is yet to be made.
		if l.MTU != 0 {
			what |= setMTU
		}
		if l.Queue != 0 {
			what |= setQueue
		}
		if l.Alias != "" {
			what |= setAlias
		}
		return what
	}
	if l.MTU != 0 && l.MTU != have.MTU {
		what |= setMTU
	}
	if l.MAC != nil && !bytes.Equal(l.MAC, have.MAC) {
		what |= setMAC
	}
	if n, ok := have.Attrs.U32(rtnl.IFLA_TXQLEN); l.Queue != 0 && (!ok || n != l.Queue) {
		what |= setQueue
	}
	if s, _ := have.Attrs.Str(rtnl.IFLA_IFALIAS); l.Alias != "" && string(s) != l.Alias {
		what |= setAlias
	}
	if l.AddrGen != "" {
		want, _ := rtnl.AddrGenModes.Value(l.AddrGen)
		if mode, ok := addrGenOf(have); !ok || uint64(mode) != uint64(want) {
			what |= setAddrGen
		}
	}
	if l.Master != "" && (have.Master == nil || have.Master.Index != p.index[End{l.NS, l.Master}]) {
		what |= setMaster
	}
	if len(l.Options) > 0 && !sameOptions(kindOf(l.Kind).rows, l.Options, infoData(have, l.Kind)) {
		what |= setOptions
	}
	if len(l.Port) > 0 && (what&setMaster != 0 ||
		!sameOptions(portOptions, l.Port, have.Attrs.Nest(rtnl.IFLA_LINKINFO).Nest(rtnl.IFLA_INFO_SLAVE_DATA))) {
		what |= setPort
	}
	return what
}

func infoData(have *LinkState, kind string) nl.Attrs {
	if have.Kind != kind {
		return nil
	}
	return have.Attrs.Nest(rtnl.IFLA_LINKINFO).Nest(rtnl.IFLA_INFO_DATA)
}

// sameOptions tells whether a link's attributes say what the options ask for.
func sameOptions(rows *[]optionRow, opts []Option, have nl.Attrs) bool {
	var b nl.Builder
	b.Message(unix.RTM_NEWLINK, 0)
	appendOptions(&b, rows, opts)
	p, err := b.Bytes()
	if err != nil {
		return false
	}
	for want := range nl.Attrs(p[nl.HeaderLen:]).All() {
		same := false
		for got := range have.All() {
			if got.Type() == want.Type() {
				same = bytes.Equal(got.Bytes(), want.Bytes())
			}
		}
		if !same {
			return false
		}
	}
	return true
}

// addrs plans the addresses that a link lacks.
func (p *planner) addrs(phase Phase, l *Link) {
	_, made := p.made[l]
	have := p.there(l.End)
	for i := range l.Addrs {
		a := &l.Addrs[i]
		if !made && have != nil && slices.ContainsFunc(have.Addrs, func(s AddrState) bool { return s.Prefix.Equal(*a) }) {
			p.plan.Keep++
			continue
		}
		index := p.index[l.End]
		st := p.begin(Step{Phase: phase, Op: OpAddAddr, NS: l.NS, Link: l, Addr: a, unit: p.unit(l)})
		h := rtnl.IfAddrmsg{Family: family(a.IP), PrefixLen: a.Bits, Index: index}
		if len(a.IP) == 4 && a.IP[0] == 127 {
			h.Scope = unix.RT_SCOPE_HOST // as iproute2 has it
		}
		// The kernel refuses a route whose source is a tentative address.
		if p.sources[l.NS+"\x00"+string(a.IP)] {
			h.Flags, st.set = unix.IFA_F_NODAD, setNoDAD
		}
		rtnl.NewAddr(&p.b, unix.NLM_F_CREATE|unix.NLM_F_EXCL, h)
		p.b.IP(rtnl.IFA_LOCAL, a.IP)
		p.b.IP(rtnl.IFA_ADDRESS, a.IP)
		if a.hasBroadcast() {
			p.b.IP(rtnl.IFA_BROADCAST, broadcast(*a))
		}
		p.end(st)
		if !made {
			u := p.undo(st)
			rtnl.DelAddr(u, h)
			u.IP(rtnl.IFA_LOCAL, a.IP)
			p.undone(st)
		}
	}
}

func (p Prefix) hasBroadcast() bool { return len(p.IP) == 4 && p.Bits < 31 }

// broadcast returns the network's last address, as ifconfig would set it.
func broadcast(a Prefix) []byte {
	out := append([]byte(nil), a.IP...)
	for bit := int(a.Bits); bit < 32; bit++ {
		out[bit/8] |= 0x80 >> (bit % 8)
	}
	return out
}

// up plans that a link is brought up, or down if it is described so.
func (p *planner) up(phase Phase, l *Link) {
	up, made := p.made[l]
	have := p.there(l.End)
	if !made && have != nil {
		up = have.Flags&unix.IFF_UP != 0
	}
	switch {
	case l.Down && up && l.Kind != "" && !made:
		p.set(phase, l, have, setDown)
	case !l.Down && !up:
		if made {
			have = nil
		}
		p.set(phase, l, have, setUp)
	}
}
