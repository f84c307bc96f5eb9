package doctor

import (
	"encoding/binary"
	"slices"

	"golang.org/x/sys/unix"

	"rawns/nl/rtnl"
	"rawns/ns/topo"
)

// Hook is where in the kernel's way of a packet a filter looks at it; the
// numbers are NF_INET_ of linux/netfilter.h.
type Hook uint8

const (
	hookPre Hook = iota
	hookIn
	hookForward
	hookOut
	hookPost
	hookIngress
)

var hookNames = [...]string{"prerouting", "input", "forward", "output", "postrouting", "ingress"}

// Families of tables, NFPROTO_ in linux/netfilter.h.
const (
	familyInet   = 1
	familyIPv4   = 2
	familyARP    = 3
	familyNetdev = 5
	familyBridge = 7
	familyIPv6   = 10
)

// Table is a table of nftables or iptables.
type Table struct {
	Family uint8
	Name   string
	Tool   string // nft, iptables, ip6tables
	Chains []*Chain
}

// Chain is a chain of rules.
type Chain struct {
	Name string
	Base bool // packets enter it at Hook
	Hook Hook
	Prio int32
	Drop bool     // the policy
	Devs []string // at Hook ingress: the links
	Rule []*FilterRule

	Accept []string // the command that sets the policy to accept
}

// Verdict is what a rule says.
type Verdict uint8

// The verdicts.
const (
	Next   Verdict = iota // it does not match, or says nothing
	Accept                //
	Drop                  // or reject
	Return
	Jump
	Goto
	SNAT // the source address becomes To; nil: that of the link by which the packet leaves
	DNAT // the destination address becomes To
)

// Outcome is what a rule does with a packet.
type Outcome struct {
	Verdict Verdict
	Chain   string // of Jump and Goto
	To      []byte
	Unsure  bool // it looks at something that is not modelled: perhaps it does not match
}

// FilterRule is a rule.
type FilterRule struct {
	Eval func(*Headers) *Outcome // never nil
	Text string                  // how a person finds it: "rule 3", "handle 7"
	Del  []string                // the command that removes it
}

// Headers are what a rule can look at.
type Headers struct {
	IP      []byte // the packet from its IP (ARP) header on
	L4      int    // offset of what is behind that header
	Proto   uint8
	Family  uint8 // NFPROTO_IPV4, ...
	Hook    Hook
	In, Out string // names of links, "" for none
	InIdx   int32
	OutIdx  int32
	Size    int  // bytes
	Reply   bool // conntrack: established; else new
}

// filtered is the fault of a filter that drops a packet; nil if none does. What
// might do so is remembered as a suspect.
func (w *walker) filtered(p *packet, at place, hook Hook, in, out *topo.LinkState) *Fault {
	h := w.headers(p)
	if out != nil && h.Size > int(out.MTU) {
		h = w.headers(&packet{src: p.src, dst: p.dst, size: int(out.MTU), udp: p.udp, reply: p.reply})
	}
	return w.judge(h, p, at.space, hook, in, out, func(t *Table, c *Chain) bool {
		return t.Family == familyInet && c.Hook != hookIngress || t.Family == h.Family
	})
}

// filteredDev is filtered for the chains of one link, where frames come in.
func (w *walker) filteredDev(p *packet, l *topo.LinkState) *Fault {
	h := w.headers(p)
	return w.judge(h, p, l.Space, hookIngress, l, nil, func(t *Table, c *Chain) bool {
		return (t.Family == familyNetdev || t.Family == familyInet) && c.Hook == hookIngress && slices.Contains(c.Devs, l.Name)
	})
}

// filteredARP is filtered for ARP, by which a namespace asks or answers.
func (w *walker) filteredARP(l *topo.LinkState, send bool, nh, src []byte, mac []byte) *Fault {
	h := &Headers{Family: familyARP, IP: make([]byte, 28), L4: 28}
	copy(h.IP, []byte{0, 1, 8, 0, 6, 4, 0, 1})
	copy(h.IP[8:], mac)
	copy(h.IP[14:], src)
	copy(h.IP[24:], nh)
	// NF_ARP_IN, NF_ARP_OUT
	if send {
		return w.judge(h, nil, l.Space, 1, nil, l, func(t *Table, _ *Chain) bool { return t.Family == familyARP })
	}
	return w.judge(h, nil, l.Space, 0, l, nil, func(t *Table, _ *Chain) bool { return t.Family == familyARP })
}

// filteredBridge is filtered for a packet inside a bridge: by tables of family
// bridge, and, where the bridge hands its packets to iptables, by those.
func (w *walker) filteredBridge(p *packet, br, in, out *topo.LinkState) *Fault {
	h := w.headers(p)
	hook := hookForward
	switch {
	case in == nil:
		hook = hookOut
	case out == nil:
		hook = hookIn
	}
	if f := w.judge(h, p, br.Space, hook, in, out, func(t *Table, _ *Chain) bool { return t.Family == familyBridge }); f != nil {
		return f
	}
	key, own := "net/bridge/bridge-nf-call-iptables", rtnl.IFLA_BR_NF_CALL_IPTABLES
	if len(p.dst) == 16 {
		key, own = "net/bridge/bridge-nf-call-ip6tables", rtnl.IFLA_BR_NF_CALL_IP6TABLES
	}
	if hook != hookForward || !w.isOn(br.Space, key) && !info(br).on(own) {
		return nil
	}
	for _, k := range []Hook{hookPre, hookForward, hookPost} {
		f := w.judge(h, p, br.Space, k, br, br, func(t *Table, c *Chain) bool {
			return t.Family == h.Family || t.Family == familyInet && c.Hook != hookIngress
		})
		if f == nil {
			continue
		}
		f.Why += say(nil, "; the bridge % hands what it passes on to these tables, too (%)", br, key)
		if w.isOn(br.Space, key) && !info(br).on(own) {
			f.with(setting(br.Space, key, "0"))
		} else {
			word := "nf_call_iptables"
			if len(p.dst) == 16 {
				word = "nf_call_ip6tables"
			}
			f.with(setLink(br, "type bridge % 0", word))
		}
		return f
	}
	return nil
}

func (w *walker) headers(p *packet) *Headers {
	h := &Headers{Reply: p.reply, Size: min(p.size, 0xffff), Proto: unix.IPPROTO_ICMP, Family: familyIPv4, L4: 20}
	if len(p.dst) == 16 {
		h.Family, h.L4, h.Proto = familyIPv6, 40, unix.IPPROTO_ICMPV6
	}
	if p.udp {
		h.Proto = unix.IPPROTO_UDP
	}
	b := make([]byte, h.L4+8)
	src := p.src
	if len(src) != len(p.dst) {
		src = make([]byte, len(p.dst))
	}
	if h.Family == familyIPv4 {
		b[0] = 0x45
		binary.BigEndian.PutUint16(b[2:], uint16(h.Size))
		b[6] = 0x40 // do not fragment
		b[8], b[9] = 64, h.Proto
		copy(b[12:], src)
		copy(b[16:], p.dst)
	} else {
		b[0] = 0x60
		binary.BigEndian.PutUint16(b[4:], uint16(max(h.Size-40, 0)))
		b[6], b[7] = h.Proto, 64
		copy(b[8:], src)
		copy(b[24:], p.dst)
	}
	if !p.udp {
		types := [2]byte{8, 0}
		if h.Family == familyIPv6 {
			types = [2]byte{128, 129}
		}
		b[h.L4] = types[0]
		if p.reply {
			b[h.L4] = types[1]
		}
	} else {
		binary.BigEndian.PutUint16(b[h.L4+2:], 4789)
	}
	h.IP = b
	return h
}

// judge runs a packet through the base chains of a hook, in the order of their
// priorities. The packet's addresses are changed if a rule says so.
func (w *walker) judge(h *Headers, p *packet, sp *topo.SpaceState, hook Hook, in, out *topo.LinkState, fits func(*Table, *Chain) bool) *Fault {
	h.Hook = hook
	if in != nil {
		h.In, h.InIdx = in.Name, in.Index
	}
	if out != nil {
		h.Out, h.OutIdx = out.Name, out.Index
	}
	type base struct {
		t *Table
		c *Chain
	}
	var list []base
	for _, t := range w.probe.Tables(sp) {
		for _, c := range t.Chains {
			if !c.Base || c.Hook != hook || !fits(t, c) {
				continue
			}
			i := len(list)
			list = append(list, base{})
			for ; i > 0 && list[i-1].c.Prio > c.Prio; i-- {
				list[i] = list[i-1]
			}
			list[i] = base{t, c}
		}
	}
	link := in
	if link == nil {
		link = out
	}
	for _, b := range list {
		o, rule, unsure := b.t.run(b.c, h, 0)
		switch o.Verdict {
		case SNAT:
			if p != nil && !p.reply && out != nil {
				to := o.To
				if to == nil {
					to = firstAddr(out, len(p.dst), p.dst)
				}
				if to != nil {
					w.nats = append(w.nats, nat{sp, p.src, to})
					w.hop(sp, out, say(nil, "rewrites the source to %", &to), nil)
					p.src = to
				}
			}
			continue
		case DNAT:
			if p != nil && !p.reply && o.To != nil && !same(&o.To, &p.dst) {
				w.hop(sp, link, say(nil, "rewrites the destination to %", &o.To), nil)
				p.dst, w.dnat = o.To, true
			}
			continue
		case Drop:
		default:
			continue
		}
		f := newFault(Firewall, sp, link,
			"",
			"")
		where := say(nil, "%, table %, chain %", b.t.Tool, b.t.Name, b.c.Name)
		if rule != nil {
			f.sayWhat(nil, "a rule drops it (%, %)", where, rule.Text)
			f.setWhy("a filter that sees it on " + hookName(h.Family, hook) + " says so")
			f.Mend = []*Command{{Space: sp, Argv: rule.Del}}
		} else {
			f.setWhat("the policy drops it (" + where + ")")
			f.setWhy("no rule of the chain, which sees it on " + hookName(h.Family, hook) + ", accepts it")
			f.Mend = []*Command{{Space: sp, Argv: b.c.Accept}}
		}
		if unsure {
			w.suspects = append(w.suspects, f)
			continue
		}
		return f
	}
	return nil
}

func hookName(family uint8, h Hook) string {
	if family == familyARP {
		return [...]string{"input", "output", "forward"}[h%3]
	}
	return hookNames[h]
}

// nat is a change of a request's source, to be undone for the reply.
type nat struct {
	sp       *topo.SpaceState
	from, to []byte
}

// run runs a packet through a chain, and says which rule decided: nil for the
// policy. unsure: some rule in between could not be judged.
func (t *Table) run(c *Chain, h *Headers, depth int) (o *Outcome, rule *FilterRule, unsure bool) {
	if depth > 16 {
		return &Outcome{Verdict: Accept}, nil, true
	}
	for _, r := range c.Rule {
		o := r.Eval(h)
		if o.Verdict == Next {
			continue
		}
		if o.Unsure {
			unsure = true
			if o.Verdict != Drop {
				continue
			}
			return o, r, true
		}
		switch o.Verdict {
		case Jump, Goto:
			sub := t.chain(o.Chain)
			if sub == nil {
				unsure = true
				continue
			}
			p, q, u := t.run(sub, h, depth+1)
			unsure = unsure || u
			if p.Verdict != Next {
				return p, q, unsure
			}
			if o.Verdict == Goto {
				return t.end(c)
			}
		case Return:
			return t.end(c)
		default:
			return o, r, unsure
		}
	}
	o, rule, _ = t.end(c)
	return o, rule, unsure
}

func (t *Table) end(c *Chain) (*Outcome, *FilterRule, bool) {
	switch {
	case !c.Base:
		return &Outcome{}, nil, false
	case c.Drop:
		return &Outcome{Verdict: Drop}, nil, false
	}
	return &Outcome{Verdict: Accept}, nil, false
}

func (t *Table) chain(name string) *Chain {
	for _, c := range t.Chains {
		if c.Name == name {
			return c
		}
	}
	return nil
}
