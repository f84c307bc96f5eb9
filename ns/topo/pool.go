package topo

import (
	"strconv"

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

func (x *expander) pool(c *clause, i int) (Pos, *fault) {
	l := c.l
	name, text := c.args[0].at(i, c.n, &x.buf), c.args[1].at(i, c.n, &x.buf)
	if name == "" || !plainWord(name) || indexAny(name, "/:") {
		return l.args[0].Pos, wants(quote(name)+" is no name for a pool", "a word without '/' and ':'")
	}
	if _, ok := nl.ParseIP(name); ok {
		return l.args[0].Pos, wants(quote(name)+" is no name for a pool", "a word that is no address")
	}
	if x.pools[name] != nil {
		return l.args[0].Pos, wrong("two pools are called " + quote(name))
	}
	p, ok := ParsePrefix(text)
	if !ok {
		return l.args[1].Pos, wants(quote(text)+" is no network", "one with its length: 10.0.0.0/16")
	}
	if net := p.Network(); !net.Equal(p) {
		f := wants(quote(text)+" has bits behind its length", "")
		f.meant = net.String() + " from " + string(nl.AppendIP(nil, p.IP))
		return l.args[1].Pos, f
	}
	first := append([]byte(nil), p.IP...)
	if p.hosts() > 2 {
		first[len(first)-1]++ // the network's own address is no host's
	}
	for _, o := range c.opts {
		s := o.vals[0].at(i, c.n, &x.buf)
		ip, ok := nl.ParseIP(s)
		if !ok {
			return o.option.vals[0].Pos, wants(quote(s)+" is no address", "one of "+text)
		}
		if !p.Contains(ip) {
			return o.option.vals[0].Pos, wants(s+" is not in "+text, "one of its addresses")
		}
		first = ip
	}
	if x.scratch {
		return Pos{}, nil
	}
	if x.pools == nil {
		x.pools = map[string]*pool{}
	}
	x.pools[name] = &pool{net: p, next: first}
	return Pos{}, nil
}

func indexAny(s, chars string) bool {
	for i := range len(s) {
		for j := range len(chars) {
			if s[i] == chars[j] {
				return true
			}
		}
	}
	return false
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
			if !fs.add(d.pos, wants("no pool is called "+quote(d.pool), "ADDRESS/LENGTH, or a pool's name").at(n)) {
				return
			}
			continue
		}
		ip, ok := p.draw(x.given)
		if !ok {
			fs.add(d.pos, wrong("the pool "+quote(d.pool)+" ("+p.net.String()+") has no address left, after "+strconv.Itoa(p.n)))
			return
		}
		x.spec.Links[d.link].Addrs[d.addr] = Prefix{ip, p.net.Bits}
	}
}
