package topo

import (
	"strconv"
	"strings"

	"rawns/nl"
)

// pool is a network whose addresses are drawn in their order.
type pool struct {
	net  Prefix
	next []byte // the next address; nil: there is none any more
	n    int    // how many were drawn
}

// drawn is an address that is to come from a pool.
type drawn struct {
	link, addr int // where in the Spec
	pool       string
	pos        Pos
}

func (x *expander) pool() *fault {
	l := x.l
	name, text := x.word(&x.args[0]), x.word(&x.args[1])
	_, ip := nl.ParseIP(name)
	var bad *fault
	switch {
	case name == "" || ip || !plainWord(name) || strings.ContainsAny(name, "/:"):
		bad = no(name, " is no name for a pool", "a word without '/' and ':', that is no address")
	case x.pools[name] != nil:
		bad = wrong("two pools are called " + quote(name))
	}
	if bad != nil {
		return bad.in(l.args[0].Pos)
	}
	p, ok := ParsePrefix(text)
	if !ok {
		return no(text, " is no network", "one with its length: 10.0.0.0/16").in(l.args[1].Pos)
	}
	net := p.Network()
	if !net.Equal(p) {
		f := no(text, " has bits behind its length", "")
		f.meant = net.String() + " from " + string(nl.AppendIP(nil, p.IP))
		return f.in(l.args[1].Pos)
	}
	first := net.IP
	if p.hosts() > 2 {
		first[len(first)-1]++ // the network's own address is no host's
	}
	for i := range x.opts {
		s := x.word(&x.opts[i].words[0])
		ip, ok := nl.ParseIP(s)
		if !ok || !p.Contains(ip) {
			return no(s, " is no address in "+text, "one of its addresses").in(x.opts[i].vals[0].Pos)
		}
		first = ip
	}
	if x.scratch {
		return nil
	}
	if x.pools == nil {
		x.pools = map[string]*pool{}
	}
	x.pools[name] = &pool{net: p, next: first}
	return nil
}

// hosts returns how many addresses a network has, 3 for any number above 2.
func (p Prefix) hosts() int { return min(3, 1<<min(2, 8*len(p.IP)-int(p.Bits))) }

// draw takes the next address, false if there is none. In IPv4 the last one of
// a network is for broadcasts.
func (p *pool) draw(given map[string]bool) ([]byte, bool) {
	for p.next != nil {
		ip := p.next
		p.next = append([]byte(nil), ip...)
		i := len(p.next) - 1
		for ; i >= 0; i-- {
			if p.next[i]++; p.next[i] != 0 {
				break
			}
		}
		if i < 0 || !p.net.Contains(p.next) {
			p.next = nil
			if len(ip) == 4 && p.net.hosts() > 2 {
				return nil, false
			}
		}
		if !given[string(ip)] {
			p.n++
			return ip, true
		}
	}
	return nil, false
}

// draw fills in the addresses that come from pools: none that the file gives
// to somebody by itself.
func (x *expander) draw(fs *faults) {
	for _, d := range x.drawn {
		p := x.pools[d.pool]
		if p == nil {
			n := nearTo(d.pool)
			for name := range x.pools {
				n.try(name)
			}
			if !fs.add(wants("no pool is called "+quote(d.pool), "ADDRESS/LENGTH, or a pool's name").at(n).in(d.pos)) {
				return
			}
			continue
		}
		ip, ok := p.draw(x.given)
		if !ok {
			fs.add(wrong("the pool " + quote(d.pool) + " (" + p.net.String() + ") has no address left, after " + strconv.Itoa(p.n)).in(d.pos))
			return
		}
		x.spec.Links[d.link].Addrs[d.addr] = Prefix{ip, p.net.Bits}
	}
}
