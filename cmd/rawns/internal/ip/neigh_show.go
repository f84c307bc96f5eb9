package ip

import (
	"errors"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
)

// A neighFilter is what a list of neighbours, or a flush, is restricted to.
type neighFilter struct {
	family   uint8
	dev      string
	hasDev   bool
	state    uint32 // NUD_ bits of which one must be there; nudNone for none
	byState  bool   // the words name them
	net      prefix // counts if it has bits
	master   string
	vrf      bool
	masters  masterFilter
	proxy    bool
	unused   bool
	protocol uint8 // 0: all

	index, masterIndex int32 // when run
}

// A masterFilter says which links' neighbours are meant.
type masterFilter uint8

const (
	anyMaster masterFilter = iota
	oneMaster
	noMaster
)

// nudNone stands for the absence of all states.
const nudNone = 0x100

// neighShow is the step that lists neighbours, or flushes them.
type neighShow struct {
	f     neighFilter
	flush bool
}

func parseNeighShow(a *args) (*plan, error)  { return parseNeighs(a, false) }
func parseNeighFlush(a *args) (*plan, error) { return parseNeighs(a, true) }

func parseNeighs(a *args, flush bool) (*plan, error) {
	if flush && !a.more() {
		return nil, failf(exitMissing, "Flush requires arguments.")
	}
	s := &neighShow{flush: flush}
	s.f.family = a.g.family
	s.f.state = 0xff &^ unix.NUD_NOARP
	if flush {
		s.f.state = ^uint32(unix.NUD_PERMANENT | unix.NUD_NOARP)
	}
	for a.more() {
		s.word(a)
	}
	return &plan{[]step{s}}, a.err
}

// word reads one restriction.
func (s *neighShow) word(a *args) {
	f := &s.f
	switch w := a.peek(); {
	case a.take("dev"):
		if w = a.next(); f.hasDev && a.err == nil {
			a.twice("dev", w)
		}
		f.dev, f.hasDev = w, true
	case a.take("master"), a.take("vrf"):
		f.master, f.vrf, f.masters = a.next(), w == "vrf", oneMaster
	case a.take("nomaster"):
		f.masters = noMaster
	case a.take("unused"):
		f.unused = true
	case a.take("nud"):
		s.nud(a)
	case a.take("proxy"):
		f.proxy = true
	case matches(w, "protocol"):
		a.next()
		var by bool // "all" is allowed
		f.protocol = uint8(a.word(&protoNames, "invalid \"protocol\"\n", &by))
	default:
		switch a.take("to"); {
		case !a.need():
			return
		case matches(a.peek(), "help"):
			a.fail(a.usage())
			return
		}
		f.net = a.prefix(f.family)
		if f.family == unix.AF_UNSPEC {
			f.family = f.net.family
		}
	}
}

// nud reads a state; more than one add up.
func (s *neighShow) nud(a *args) {
	w := a.next()
	v, ok := nudState(w)
	switch {
	case w == "all":
		v = ^uint32(0)
		if s.flush {
			v &^= unix.NUD_NOARP
		}
	case !ok && a.err == nil:
		a.wrong(w, "nud state is bad")
	case v == 0:
		v = nudNone
	}
	if !s.f.byState {
		s.f.state, s.f.byState = 0, true
	}
	s.f.state |= v
}

// resolve looks up what the filter names.
func (f *neighFilter) resolve(r *runner) error {
	if f.masters == oneMaster {
		d, err := r.device(f.master)
		switch {
		case err != nil:
			return err
		case f.vrf && (d.index == 0 || !r.isVRF(d.index)):
			return notVRF(f.master)
		case d.index == 0:
			return failf(exitUsage, `Error: argument "`, f.master, "\" is wrong: Device does not exist\n")
		}
		f.masterIndex = d.index
	}
	if !f.hasDev {
		return nil
	}
	d, err := r.device(f.dev)
	if err == nil && d.index == 0 {
		return noDevice(f.dev)
	}
	f.index = d.index
	return err
}

// request makes the dump request: the kernel leaves out what it can.
func (f *neighFilter) request(b *nl.Builder) {
	h := rtnl.NdMsg{Family: f.family}
	if f.proxy {
		h.Flags = unix.NTF_PROXY
	}
	rtnl.GetNeigh(b, h)
	if f.index != 0 {
		b.U32(rtnl.NDA_IFINDEX, uint32(f.index))
	}
	switch f.masters {
	case oneMaster:
		b.U32(rtnl.NDA_MASTER, uint32(f.masterIndex))
	case noMaster:
		b.U32(rtnl.NDA_MASTER, 1<<32-1)
	}
}

// passes tells whether a neighbour is one of those that are asked for.
func (f *neighFilter) passes(v *neighView) bool {
	switch {
	case f.family != unix.AF_UNSPEC && v.Family != f.family,
		f.index != 0 && v.Index != f.index,
		f.state&uint32(v.State) == 0 && v.Flags&(unix.NTF_PROXY|unix.NTF_EXT_LEARNED) == 0 && (v.State != 0 || f.state&nudNone == 0):
		return false
	}
	if dst := v.at[rtnl.NDA_DST]; dst.Present() && f.net.family != unix.AF_UNSPEC && f.net.bits > 0 {
		if b := dst.Bytes(); len(b) != f.net.n || !f.net.covers(b, f.net.bits) {
			return false
		}
	}
	if proto, _ := v.at[rtnl.NDA_PROTOCOL].U8(); f.protocol != 0 && proto != f.protocol {
		return false
	}
	if t, ok := v.Times(); ok && f.unused && t.RefCount != 0 {
		return false
	}
	return true
}

// dump calls each with what is asked for. after is what is said behind a
// refusal.
func (f *neighFilter) dump(r *runner, after string, each func(m nl.Message, v *neighView)) error {
	var b nl.Builder
	f.request(&b)
	var v neighView
	warned := false
	err := r.dump(&b, nil, func(m nl.Message) error {
		if err := v.parse(m); err != nil {
			return notMine(err)
		}
		if f.masters != anyMaster && m.Flags()&unix.NLM_F_DUMP_FILTERED == 0 && !warned {
			warned = true
			if err := warning("\nWARNING: Kernel does not support filtering by master device\n").run(r); err != nil {
				return err
			}
		}
		if f.passes(&v) {
			each(m, &v)
		}
		return nil
	})
	var k *nl.Error
	if errors.As(err, &k) {
		return refusalAnd(k, exitMissing, after)
	}
	return err
}

func (s *neighShow) run(r *runner) error {
	if err := s.f.resolve(r); err != nil {
		return err
	}
	if s.flush {
		return s.runFlush(r)
	}
	p := r.g.printer(r.out)
	p.open()
	err := s.f.dump(r, "Dump terminated", func(m nl.Message, v *neighView) { p.neigh(r, m, v, s.f.index == 0) })
	p.close()
	return err
}

// neighRounds bounds a flush of neighbours that come back.
const neighRounds = 10

// runFlush deletes what is listed until nothing is listed.
func (s *neighShow) runFlush(r *runner) error {
	p := r.g.printer(r.out)
	p.json = false
	for round := 0; round < neighRounds; round++ {
		var del nl.Builder
		err := s.f.dump(r, "Flush terminated", func(m nl.Message, v *neighView) {
			if m.Type() != unix.RTM_NEWNEIGH {
				return
			}
			appendDelete(&del, m, unix.RTM_DELNEIGH)
			if r.g.stats > 1 {
				p.neigh(r, m, v, s.f.index == 0)
			}
		})
		if err != nil && err != nl.ErrDumpInterrupted {
			return err
		}
		if del.Len() == 0 {
			flushDone(r, round)
			return nil
		}
		if err := sendFlush(r, &del, exitMissing, 0); err != nil {
			return err
		}
		if r.g.stats > 0 {
			flushRoundDone(r, round+1, del.Len(), "entries")
		}
	}
	r.out.S("*** Flush not complete bailing out after ").D(neighRounds).S(" rounds\n")
	return &failure{code: exitMissing}
}

// ndaCount is how many NDA_ numbers are known, 0 included.
const ndaCount = int(rtnl.NDA_NDM_FLAGS_MASK) + 1

// A neighView is a received neighbour with its attributes sorted.
type neighView struct {
	rtnl.Neigh
	at [ndaCount]nl.Attr
}

func (v *neighView) parse(m nl.Message) (err error) {
	v.Neigh, err = rtnl.ParseNeigh(m)
	v.Attrs.Index(v.at[:])
	return err
}

// neighFlags are the flags that are shown, in the order of the output.
var neighFlags = [...]struct {
	bit  uint8
	name string
}{
	{unix.NTF_ROUTER, "router"}, {unix.NTF_PROXY, "proxy"}, {unix.NTF_EXT_LEARNED, "extern_learn"}, {unix.NTF_OFFLOADED, "offload"},
}

// neigh writes a neighbour; withDev says where it is, too.
func (p *printer) neigh(r *runner, m nl.Message, v *neighView, withDev bool) {
	p.Obj("")
	switch m.Type() {
	case unix.RTM_DELNEIGH:
		p.Flag("deleted", "Deleted ")
	case unix.RTM_GETNEIGH:
		p.null("miss", "miss ")
	}
	if a := v.at[rtnl.NDA_DST]; a.Present() {
		p.in(familyColor(v.Family)).addrText("dst", v.Family, a.Bytes(), " ")
	}
	if withDev && v.Index != 0 {
		p.T("dev ")
		p.in(colIfname).Str("dev", "", r.name(v.Index), " ")
	}
	if a := v.at[rtnl.NDA_LLADDR]; a.Present() {
		p.T("lladdr ")
		p.in(colMAC).lladdr("lladdr", a.Bytes(), r.byIndex(v.Index).typ, " ")
	}
	for i := range neighFlags {
		if f := &neighFlags[i]; v.NdMsg.Flags&f.bit != 0 {
			p.null(f.name, f.name+" ")
		}
	}
	if ext, _ := v.at[rtnl.NDA_FLAGS_EXT].U32(); ext&1 != 0 {
		p.null("managed", "managed ")
	}
	if r.g.stats > 0 {
		p.neighStats(v)
	}
	if v.State != 0 {
		p.neighStates(v.State)
	}
	if n, _ := v.at[rtnl.NDA_PROTOCOL].U8(); n != 0 {
		p.Str("protocol", "proto ", protoNames.name(uint32(n), p.num), " ")
	}
	p.End()
	p.EndObj()
	p.o.S() // write what there is of it: JSON alone does not
}

func (p *printer) neighStats(v *neighView) {
	const hz = 100 // of the times that the kernel tells
	if t, ok := v.Times(); ok {
		if t.RefCount != 0 {
			p.Uint("refcnt", " ref ", uint64(t.RefCount), "")
		}
		p.Uint("used", " used ", uint64(t.Used/hz), "")
		p.Uint("confirmed", "/", uint64(t.Confirmed/hz), "")
		p.Uint("updated", "/", uint64(t.Updated/hz), "")
	}
	if n, ok := v.at[rtnl.NDA_PROBES].U32(); ok {
		p.Uint("probes", "probes ", uint64(n), " ")
	}
}

func (p *printer) neighStates(state uint16) {
	p.Arr("state", "")
	for _, n := range rtnl.NeighStates.List {
		if uint32(state)&n.Value != 0 {
			p.Str("", "", n.Name, " ")
		}
	}
	p.EndArr("")
}
