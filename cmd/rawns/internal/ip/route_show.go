package ip

import (
	"errors"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl"
	"rawns/nl/rtnl"
)

// A routeFilter is what a list of routes, or a flush, is restricted to.
type routeFilter struct {
	family    uint8  // that the options name, or AF_UNSPEC
	table     uint32 // 0: all
	cloned    bool
	proto     uint8
	byProto   bool
	scope     uint8
	byScope   bool
	kind      uint8 // rtm_type
	byKind    bool
	tos       uint8
	byTos     bool
	metric    uint32
	byMetric  bool
	mark      uint32
	byMark    bool
	realm     uint32
	realmMask uint32
	iif, oif  string
	vrf       string
	byVRF     bool // the table is the VRF's
	noLocal   bool // no routes to own and broadcast addresses
	iifIndex  int32
	oifIndex  int32
	// Each counts if it has a family, or a length that was given.
	rootDst, matchDst, rootSrc, matchSrc, via, src prefix
}

// routeShow is the step that lists routes, or flushes them.
type routeShow struct {
	f     routeFilter
	flush bool
}

// parseRouteShow reads what follows "ip route show" or "ip route flush".
func parseRouteShow(a *args, flush bool) (*plan, error) {
	if flush && !a.more() {
		return nil, failf(exitMissing, `"ip route flush" requires arguments.`)
	}
	s := &routeShow{flush: flush}
	s.f.family, s.f.table = a.g.family, unix.RT_TABLE_MAIN
	for a.more() {
		s.f.word(a)
	}
	return &plan{[]step{s}}, a.err
}

// word reads one restriction.
func (f *routeFilter) word(a *args) {
	w := a.peek()
	next := func(also ...string) bool {
		for _, k := range also {
			if w == k {
				a.next()
				return true
			}
		}
		return false
	}
	short := func(k string) bool {
		if !matches(w, k) {
			return false
		}
		a.next()
		return true
	}
	switch {
	case short("table"):
		f.tableWord(a)
	case short("vrf"):
		f.vrf, f.byVRF, f.noLocal, f.byKind = a.next(), true, true, false
	case short("cached"), short("cloned"):
		f.cloned = true
	case next("tos"), short("dsfield"):
		f.tos, f.byTos = uint8(a.word(&tosNames, "TOS value is invalid\n", nil)), true
	case short("protocol"):
		f.proto = uint8(a.word(&protoNames, "invalid \"protocol\"\n", &f.byProto))
	case short("scope"):
		f.scope = uint8(a.word(&scopeNames, "invalid \"scope\"\n", &f.byScope))
	case short("type"):
		t, ok := routeType(a.peek())
		if w = a.next(); !ok && a.err == nil {
			a.wrong(w, "node type value is invalid\n")
		}
		f.kind, f.byKind, f.noLocal = t, true, false
	case next("dev", "oif"):
		f.oif = a.device()
	case next("iif"):
		f.iif = a.device()
	case next("mark"):
		f.mark, f.byMark = a.uint32("invalid mark value"), true
	case short("metric"), short("priority"), next("preference"):
		f.metric, f.byMetric = a.uint32(badMetric), true
	case next("via"):
		f.via = a.prefix(a.viaFamily(f.family))
	case next("src"):
		f.src = a.prefix(f.family)
	case short("realms"):
		f.realmsWord(a)
	case short("from"):
		f.where(a, &f.rootSrc, &f.matchSrc)
	default:
		short("to")
		f.where(a, &f.rootDst, &f.matchDst)
	}
}

// where reads "root PREFIX", "match PREFIX" or "[exact] PREFIX".
func (f *routeFilter) where(a *args, root, match *prefix) {
	switch w := a.peek(); {
	case matches(w, "root"):
		a.next()
		*root = a.prefix(f.family)
	case matches(w, "match"):
		a.next()
		*match = a.prefix(f.family)
	default:
		if matches(w, "exact") {
			a.next()
		}
		*match = a.prefix(f.family)
		*root = *match
	}
}

func (f *routeFilter) tableWord(a *args) {
	w := a.next()
	if a.err != nil {
		return
	}
	f.byVRF = false
	if id, ok := tableNames.value(w); ok {
		f.table = id
		return
	}
	switch w {
	case "all":
		f.table = 0
	case "cache":
		f.cloned = true
	case "help":
		a.fail(a.usage())
	default:
		a.wrong(w, "table id value is invalid\n")
	}
}

// realmsWord reads realms of which one may be left open: "TO" and "/TO" leave
// the first open, "FROM/" the second.
func (f *routeFilter) realmsWord(a *args) {
	w := a.next()
	v, ok := parseRealms(w)
	if !ok && a.err == nil {
		a.wrong(w, "invalid realms\n")
	}
	if a.err != nil {
		return
	}
	f.realm, f.realmMask = v, 1<<32-1
	slash := -1
	for i := range len(w) {
		if w[i] == '/' {
			slash = i
		}
	}
	if v&0xffff == 0 && slash == len(w)-1 {
		f.realmMask &^= 0xffff
	}
	if v>>16 == 0 && slash <= 0 {
		f.realmMask &^= 0xffff0000
	}
}

// word takes a word for a number; by, if it is not nil, is set unless the word
// is "all".
func (a *args) word(n *namedNumbers, wrong string, by *bool) uint32 {
	w := a.next()
	v, ok := n.value(w)
	if a.err != nil || by != nil && w == "all" {
		if by != nil {
			*by = false
		}
		return 0
	}
	if !ok {
		a.wrong(w, wrong)
	}
	if by != nil {
		*by = true
	}
	return v
}

// uint32 takes a number.
func (a *args) uint32(wrong string) uint32 {
	w := a.next()
	v, ok := parseUint(w, 32)
	if !ok && a.err == nil {
		a.wrong(w, wrong)
	}
	return uint32(v)
}

// device takes the name of an interface, which may not be empty.
func (a *args) device() string {
	w := a.next()
	if w == "" && a.err == nil {
		a.fail(noDevice(w))
	}
	return w
}

// dumpFamily is the family to ask for: one table belongs to one family.
func (f *routeFilter) dumpFamily() uint8 {
	if f.family == unix.AF_UNSPEC && f.table != 0 {
		return unix.AF_INET
	}
	return f.family
}

// resolve looks the interfaces up.
func (f *routeFilter) resolve(r *runner) error {
	for _, d := range [...]struct {
		name  string
		index *int32
	}{{f.iif, &f.iifIndex}, {f.oif, &f.oifIndex}} {
		if d.name == "" {
			continue
		}
		v, err := r.device(d.name)
		if err != nil {
			return err
		}
		if v.index == 0 {
			return noDevice(d.name)
		}
		*d.index = v.index
	}
	if f.byVRF {
		id, err := r.vrfTable(f.vrf)
		if err != nil {
			return err
		}
		f.table = id
	}
	return nil
}

// request makes the dump request: the kernel leaves out what it can.
func (f *routeFilter) request(b *nl.Builder) {
	h := rtnl.RtMsg{Family: f.dumpFamily()}
	if f.byProto {
		h.Protocol = f.proto
	}
	if f.cloned {
		h.Flags |= unix.RTM_F_CLONED
	}
	rtnl.GetRoute(b, h)
	if f.table != 0 {
		b.U32(rtnl.RTA_TABLE, f.table)
	}
	if f.oif != "" {
		b.U32(rtnl.RTA_OIF, uint32(f.oifIndex))
	}
}

// passes tells whether a route is one of those that are asked for.
func (f *routeFilter) passes(v *routeView) bool {
	switch {
	case f.family != unix.AF_UNSPEC && v.Family != f.family,
		f.cloned != (v.Flags&unix.RTM_F_CLONED != 0),
		f.table != 0 && v.table != f.table,
		// Kernels with a single IPv6 table keep its local routes there.
		v.Family == unix.AF_INET6 && f.table == unix.RT_TABLE_MAIN && v.Type == unix.RTN_LOCAL,
		f.byProto && v.Protocol != f.proto,
		f.byScope && v.Scope != f.scope,
		f.byKind && v.Type != f.kind,
		f.noLocal && (v.Type == unix.RTN_LOCAL || v.Type == unix.RTN_BROADCAST),
		f.byTos && v.Tos != f.tos:
		return false
	}
	u32 := func(a nl.Attr) uint32 { n, _ := a.U32(); return n }
	switch {
	case f.realmMask != 0 && (u32(v.at[rtnl.RTA_FLOW])^f.realm)&f.realmMask != 0,
		f.iif != "" && u32(v.at[rtnl.RTA_IIF]) != uint32(f.iifIndex),
		f.oif != "" && u32(v.at[rtnl.RTA_OIF]) != uint32(f.oifIndex),
		f.byMark && u32(v.at[rtnl.RTA_MARK]) != f.mark,
		f.byMetric && u32(v.at[rtnl.RTA_PRIORITY]) != f.metric:
		return false
	}
	dst, src := v.at[rtnl.RTA_DST].Bytes(), v.at[rtnl.RTA_SRC].Bytes()
	return f.rootDst.within(v.Family, dst, v.DstLen) && f.matchDst.around(v.Family, dst, v.DstLen) &&
		f.rootSrc.within(v.Family, src, v.SrcLen) && f.matchSrc.around(v.Family, src, v.SrcLen) &&
		f.passesVia(v) && (f.src.family == 0 ||
		f.src.family == v.Family && f.src.covers(v.at[rtnl.RTA_PREFSRC].Bytes(), f.src.bits))
}

func (f *routeFilter) passesVia(v *routeView) bool {
	if f.via.family == unix.AF_UNSPEC {
		return true
	}
	family, gw := v.Family, v.at[rtnl.RTA_GATEWAY].Bytes()
	if f, addr, ok := splitVia(v.at[rtnl.RTA_VIA].Bytes()); ok {
		family, gw = f, addr
	}
	return family == f.via.family && f.via.covers(gw, f.via.bits)
}

func (p *prefix) counts() bool { return p.family != unix.AF_UNSPEC || p.given }

// within tells whether a network lies in p, or is p; always if p does not
// count.
func (p *prefix) within(family uint8, addr []byte, bits uint8) bool {
	return !p.counts() || (p.family == unix.AF_UNSPEC || p.family == family) &&
		p.bits <= int(bits) && p.covers(addr, p.bits)
}

// around tells whether p lies in a network, or is it; always if p does not
// count.
func (p *prefix) around(family uint8, addr []byte, bits uint8) bool {
	return !p.counts() || (p.family == unix.AF_UNSPEC || p.family == family) &&
		p.bits >= int(bits) && p.covers(addr, int(bits))
}

func (s *routeShow) run(r *runner) error {
	if err := s.f.resolve(r); err != nil {
		return err
	}
	if s.flush {
		return s.runFlush(r)
	}
	var b nl.Builder
	s.f.request(&b)
	p := r.g.printer(r.out)
	p.open()
	var v routeView
	err := r.dump(&b, nil, func(m nl.Message) error {
		if err := v.parse(m); err != nil {
			return notMine(err)
		}
		if s.f.passes(&v) {
			p.route(r, m, &v, &s.f)
		}
		return nil
	})
	p.close()
	return s.dumpError(r, err, "Dump terminated")
}

// notMine lets messages of other kinds pass in a list; what lies about its
// lengths ends it.
func notMine(err error) error {
	if err == rtnl.ErrType {
		return nil
	}
	return err
}

// dumpError words what ended a dump. A main table that is not there yet is empty;
// in a batch any is, as iproute2 does not have the kernel look for one there.
func (s *routeShow) dumpError(r *runner, err error, after string) error {
	var k *nl.Error
	if !errors.As(err, &k) {
		return err
	}
	if k.Errno == unix.ENOENT && (s.f.table == unix.RT_TABLE_MAIN || r.inBatch) {
		return nil
	}
	return refusalAnd(k, exitKernel, after)
}

// refusalAnd is the kernel's refusal in its own words, and a line behind it.
func refusalAnd(k *nl.Error, code int, after string) *failure {
	o := &cli.Out{}
	printRefusal(o, k)
	return &failure{code: code, text: string(o.B) + after}
}

// flushLimit bounds a flush of routes that come back.
const flushLimit = 30 * time.Second

// runFlush deletes what is listed until nothing is listed.
func (s *routeShow) runFlush(r *runner) error {
	if s.f.cloned && s.f.family != unix.AF_INET6 {
		if err := flushRouteCache(r); err != nil {
			return err
		}
		if r.g.stats > 0 {
			r.out.S("*** IPv4 routing cache is flushed.\n")
		}
		if s.f.dumpFamily() == unix.AF_INET {
			return nil
		}
	}
	start := time.Now()
	for round := 0; ; round++ {
		n, err := s.flushRound(r)
		if err != nil {
			return err
		}
		if n == 0 {
			flushDone(r, round)
			return nil
		}
		if time.Since(start) > flushLimit {
			secs := int64(time.Since(start) / time.Second)
			r.out.S("\n*** Flush not completed after ").D(secs).S(" seconds, ").D(int64(n)).S(" entries remain ***\n")
			return &failure{code: exitMissing}
		}
		if r.g.stats > 0 {
			flushRoundDone(r, round+1, n, "entries")
		}
	}
}

// flushRoundDone and flushDone say, with -s, how a flush goes.
func flushRoundDone(r *runner, round, n int, what string) {
	r.out.S("\n*** Round ").D(int64(round)).S(", deleting ").D(int64(n)).S(" ", what, " ***\n")
}

func flushDone(r *runner, rounds int) {
	if r.g.stats == 0 {
		return
	}
	if rounds == 0 {
		r.out.S("Nothing to flush.\n")
		return
	}
	r.out.S("*** Flush is complete after ", strconv.Itoa(rounds), " round")
	if rounds > 1 {
		r.out.C('s')
	}
	r.out.S(" ***\n")
}

// flushRound deletes what is listed, once, and returns how much that was.
func (s *routeShow) flushRound(r *runner) (n int, err error) {
	var b nl.Builder
	s.f.request(&b)
	p := r.g.printer(r.out)
	p.json = false
	var del nl.Builder
	var v routeView
	err = r.dump(&b, nil, func(m nl.Message) error {
		if err := v.parse(m); err != nil {
			return notMine(err)
		}
		if m.Type() != unix.RTM_NEWROUTE || !s.f.passes(&v) || noRoute(&v) {
			return nil
		}
		appendDelete(&del, m, unix.RTM_DELROUTE)
		if r.g.stats > 1 {
			p.route(r, m, &v, &s.f)
		}
		return nil
	})
	if err = s.dumpError(r, err, "Flush terminated"); err != nil && err != nl.ErrDumpInterrupted {
		return 0, err
	}
	return del.Len(), sendFlush(r, &del, exitKernel, 0)
}

// noRoute tells the IPv6 route that says that there is none: it cannot be
// deleted.
func noRoute(v *routeView) bool {
	metric, ok := v.at[rtnl.RTA_PRIORITY].U32()
	return ok && metric == 1<<32-1 && v.Family == unix.AF_INET6 && v.DstLen == 0 && v.Type == unix.RTN_UNREACHABLE
}

// appendDelete appends a message that deletes what m describes.
func appendDelete(del *nl.Builder, m nl.Message, typ uint16) {
	del.Message(typ, unix.NLM_F_REQUEST)
	copy(del.Extend(len(m.Payload())), m.Payload())
}

// sendFlush sends deletions. The first one that is refused, other than by
// ignore, is the failure.
func sendFlush(r *runner, del *nl.Builder, code int, ignore unix.Errno) error {
	if del.Len() == 0 {
		return nil
	}
	c, err := r.main()
	if err != nil {
		return err
	}
	var first error
	err = c.Batch(del, func(_ int, err error) {
		if first == nil && err != nil && !isErrno(err, ignore) {
			first = err
		}
	})
	var k *nl.Error
	if errors.As(first, &k) {
		return failf(code, "Failed to send flush request: "+cli.Strerror(k.Errno))
	}
	if errors.As(err, &k) {
		return nil // one that is to be ignored
	}
	return err
}
