package ip

import (
	"iter"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
)

// An addrFilter is what a list of addresses, or a flush, is restricted to.
type addrFilter struct {
	linkFilter
	family      uint8
	net         prefix // counts if it has a family
	scope       uint8
	byScope     bool
	flags, mask uint32 // IFA_F_ bits, and which of them count
	label       string // a pattern
	hasLabel    bool

	index int32 // of the device, when run; 0 for all
}

// addrShow is the step that lists addresses, or flushes them.
type addrShow struct {
	f     addrFilter
	flush bool
}

// parseAddrShow reads what follows "ip address show" or "ip address flush".
func parseAddrShow(a *args, flush bool) (*plan, error) {
	if flush && !a.more() {
		return nil, failf(exitMissing, "Flush requires arguments.")
	}
	if flush && a.g.family == unix.AF_PACKET {
		return nil, failf(exitMissing, "Cannot flush link addresses.")
	}
	s := &addrShow{flush: flush}
	s.f.family = a.g.family
	for a.more() {
		s.f.word(a)
	}
	return &plan{[]step{s}}, a.err
}

// word reads one restriction, or the device.
func (f *addrFilter) word(a *args) {
	if f.parse(a) || f.flag(a) {
		return
	}
	switch w := a.next(); w {
	case "to":
		f.net = a.prefix(f.family)
		if f.family == unix.AF_UNSPEC {
			f.family = f.net.family
		}
	case "scope":
		f.scope = uint8(a.word(&scopeNames, "invalid \"scope\"\n", &f.byScope))
	case "label":
		f.label, f.hasLabel = a.next(), true
	default:
		if w == "dev" {
			w = a.next()
		} else if matches(w, "help") {
			a.fail(a.usage())
		}
		if f.hasDev && a.err == nil {
			a.garbage("dev", w)
		}
		f.dev, f.hasDev = w, true
	}
}

// flag reads the name of a flag, with a '-' before it for its absence.
func (f *addrFilter) flag(a *args) bool {
	w := a.peek()
	on := true
	if w != "" && w[0] == '-' {
		on, w = false, w[1:]
	}
	switch w {
	case "dynamic":
		on, w = !on, "permanent"
	case "primary":
		on, w = !on, "secondary"
	}
	fl := findAddrFlag(w)
	if fl == nil {
		return false
	}
	a.next()
	f.mask |= fl.bit
	f.flags &^= fl.bit
	if on {
		f.flags |= fl.bit
	}
	return true
}

// resolve looks up what the filter names.
func (f *addrFilter) resolve(r *runner) error {
	if err := f.linkFilter.resolve(r); err != nil || !f.hasDev {
		return err
	}
	d, err := r.device(f.dev)
	if err != nil {
		return err
	}
	if d.index == 0 {
		return failf(exitMissing, `Device "`, f.dev, `" does not exist.`)
	}
	f.index = d.index
	return nil
}

// passes tells whether an address is one of those that are asked for, the link
// that it belongs to aside. name is that of the link.
func (f *addrFilter) passes(a *rtnl.Addr, name string) bool {
	switch {
	case f.index != 0 && a.Index != f.index,
		f.family != unix.AF_UNSPEC && a.Family != f.family,
		f.byScope && a.Scope != f.scope,
		f.mask != 0 && (a.Flags()^f.flags)&f.mask != 0:
		return false
	}
	if f.hasLabel {
		label := name
		if s, ok := a.Attrs.Str(rtnl.IFA_LABEL); ok {
			label = string(s)
		}
		if !glob(f.label, label) {
			return false
		}
	}
	if f.net.family == unix.AF_UNSPEC || f.net.bits == 0 {
		return true
	}
	local, ok := a.Attrs.IP(rtnl.IFA_LOCAL)
	if !ok {
		local, _ = a.Attrs.IP(rtnl.IFA_ADDRESS)
	}
	return len(local) == f.net.n && f.net.covers(local, f.net.bits)
}

// linkRequest makes the request for the links: all of them, or one.
func (f *addrFilter) linkRequest(b *nl.Builder, g *globals) {
	mask := uint32(rtnl.ExtVF)
	if g.stats == 0 {
		mask |= rtnl.ExtSkipStats
	}
	if f.index != 0 {
		rtnl.GetLink(b, rtnl.IfInfomsg{Family: f.family, Index: f.index})
		b.U32(rtnl.IFLA_EXT_MASK, mask)
		return
	}
	rtnl.GetLink(b, rtnl.IfInfomsg{Family: g.family})
	switch g.family {
	case unix.AF_UNSPEC, unix.AF_PACKET, unix.AF_BRIDGE:
		b.U32(rtnl.IFLA_EXT_MASK, mask)
		f.linkFilter.request(b)
	}
}

// eachLink calls show with every link that may be meant.
func (f *addrFilter) eachLink(r *runner, show func(rtnl.Link) error) error {
	var b nl.Builder
	f.linkRequest(&b, r.g)
	one := func(m nl.Message) error {
		l, err := rtnl.ParseLink(m)
		if err != nil {
			return notMine(err)
		}
		return show(l)
	}
	if f.index == 0 {
		return r.dump(&b, r.remember, one)
	}
	q := &request{b: b}
	var bad error
	err := r.do(q, func(m nl.Message) {
		if bad == nil {
			bad = one(m)
		}
	})
	if err == nil {
		err = bad
	}
	return err
}

// An addrList holds the addresses of a dump, found by their links' indexes.
type addrList struct {
	buf []byte
	at  map[int32][]int // where in buf the messages of each link begin
}

// of yields the messages of a link's addresses.
func (l *addrList) of(index int32) iter.Seq[nl.Message] {
	return func(yield func(nl.Message) bool) {
		for _, at := range l.at[index] {
			for m := range nl.Messages(l.buf[at:]) {
				if !yield(m) {
					return
				}
				break
			}
		}
	}
}

func (f *addrFilter) list(r *runner) (l addrList, err error) {
	c, err := r.main()
	if err != nil {
		return l, err
	}
	var b nl.Builder
	rtnl.GetAddr(&b, f.family, f.index)
	l.buf, err = c.List(&b, nil)
	l.at = map[int32][]int{}
	at := 0
	for m := range nl.Messages(l.buf) {
		if a, err := rtnl.ParseAddr(m); err == nil && m.Type() == unix.RTM_NEWADDR {
			l.at[a.Index] = append(l.at[a.Index], at)
		}
		at += (len(m) + 3) &^ 3
	}
	return l, err
}

// run lists: links and addresses are dumped once each.
func (s *addrShow) run(r *runner) error {
	f := &s.f
	if err := f.resolve(r); err != nil {
		return err
	}
	if s.flush {
		return s.runFlush(r)
	}
	var addrs addrList
	var changed error // the addresses did while they were read
	if f.family != unix.AF_PACKET {
		addrs, changed = f.list(r)
		if changed != nil && changed != nl.ErrDumpInterrupted {
			return changed
		}
	}
	v := addrPrinter{linkPrinter{printer: r.g.printer(r.out), r: r, g: r.g, family: f.family}, f}
	v.open()
	err := f.eachLink(r, func(l rtnl.Link) error {
		v.entry(l, &addrs)
		return nil
	})
	v.close()
	if err == nil {
		err = changed
	}
	return err
}

// An addrPrinter writes links with their addresses.
type addrPrinter struct {
	linkPrinter
	f *addrFilter
}

// entry writes a link and those of its addresses that pass, unless none does
// and links without are not wanted either.
func (p *addrPrinter) entry(l rtnl.Link, addrs *addrList) {
	f := p.f
	name := l.Name()
	if f.family != unix.AF_PACKET && !p.wanted(l.Index, name, addrs) {
		return
	}
	p.Obj("")
	defer p.EndObj()
	bare := p.g.oneline && !p.g.brief && f.family != unix.AF_PACKET // no line for the link
	ok := f.match(&l)
	if !ok && !bare {
		return
	}
	printed := !bare && !f.hasLabel
	if printed {
		l = p.withQueue(l)
		p.print(&l)
	}
	if f.family != unix.AF_PACKET {
		p.Arr("addr_info", "")
		for m := range addrs.of(l.Index) {
			a, err := rtnl.ParseAddr(m)
			if err != nil || !ok || f.family != unix.AF_UNSPEC && a.Family != f.family {
				continue
			}
			p.Obj("") // empty for one that does not pass, as in iproute2
			if f.passes(&a, name) {
				p.addr(&a, name, p.g.oneline, p.g.brief)
			}
			p.EndObj()
			p.o.S() // write what there is of it: JSON alone does not
		}
		p.EndArr("")
		if p.g.brief {
			p.T("\n")
		}
	}
	if printed && !p.g.brief && p.g.stats > 0 {
		p.statistics()
		p.End()
	}
}

// wanted tells whether a link is listed: one of its addresses passes, or it has
// none and no family is asked for.
func (p *addrPrinter) wanted(index int32, name string, addrs *addrList) bool {
	if len(addrs.at[index]) == 0 {
		return p.f.family == unix.AF_UNSPEC
	}
	for m := range addrs.of(index) {
		if a, err := rtnl.ParseAddr(m); err == nil && p.f.passes(&a, name) {
			return true
		}
	}
	return false
}

// withQueue adds IFLA_TXQLEN to a link from IPv6's own list, which leaves it
// out.
func (p *addrPrinter) withQueue(l rtnl.Link) rtnl.Link {
	if _, ok := l.Attrs.U32(rtnl.IFLA_TXQLEN); ok || p.f.family != unix.AF_INET6 || p.g.brief {
		return l
	}
	c, err := p.r.aside()
	if err != nil {
		return l
	}
	qlen, ok := uint32(0), false
	rtnl.LinkByIndex(c, l.Index, lookMask, func(full rtnl.Link) { qlen, ok = full.Attrs.U32(rtnl.IFLA_TXQLEN) })
	if !ok {
		return l
	}
	var b nl.Builder
	b.Message(unix.RTM_NEWLINK, 0)
	copy(b.Extend(len(l.Attrs)), l.Attrs)
	b.U32(rtnl.IFLA_TXQLEN, qlen)
	if m, err := b.Bytes(); err == nil {
		l.Attrs = nl.Attrs(m[nl.HeaderLen:])
	}
	return l
}

// glob tells whether s matches a shell pattern: '*', '?', '[a-z]', '[!a-z]'
// and '\', as fnmatch(3) without flags.
func glob(pattern, s string) bool {
	star, from := -1, 0 // behind the last '*', and where in s it has been tried up to
	i, j := 0, 0
	for j < len(s) || i < len(pattern) {
		if i < len(pattern) {
			if pattern[i] == '*' {
				i++
				star, from = i, j
				continue
			}
			if j < len(s) {
				if n, ok := globByte(pattern[i:], s[j]); ok {
					i, j = i+n, j+1
					continue
				}
			}
		}
		// Let the last '*' take one byte more.
		if star < 0 || from >= len(s) {
			return false
		}
		from++
		i, j = star, from
	}
	return true
}

// globByte matches c against what a pattern begins with, other than '*', and
// returns how long that is.
func globByte(pattern string, c byte) (n int, ok bool) {
	switch {
	case pattern[0] == '?':
		return 1, true
	case pattern[0] == '\\' && len(pattern) > 1:
		return 2, pattern[1] == c
	case pattern[0] != '[':
		return 1, pattern[0] == c
	}
	i, not, in := 1, false, false
	if i < len(pattern) && (pattern[i] == '!' || pattern[i] == '^') {
		i, not = i+1, true
	}
	for first := true; i < len(pattern); first = false {
		lo := pattern[i]
		if lo == ']' && !first {
			return i + 1, in != not
		}
		hi := lo
		if i+2 < len(pattern) && pattern[i+1] == '-' && pattern[i+2] != ']' {
			hi = pattern[i+2]
			i += 2
		}
		in = in || lo <= c && c <= hi
		i++
	}
	return 1, c == '[' // it is never closed: a plain byte
}
