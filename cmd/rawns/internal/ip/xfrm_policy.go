//go:build !tiny

package ip

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl"
	"rawns/nl/xfrm"
)

// xfrmPolicyCommands is the object policy of xfrm.
var xfrmPolicyCommands = commands{name: "ip xfrm policy", none: parseXfrmPolicies, where: xfrmPolicyWhere, rows: []command{
	{name: "add", usage: "SELECTOR dir DIR [ OPTIONS ] [ tmpl TMPL ]...", opts: []*table{&xfrmPolicyTable}, parse: parseXfrmPolicy, typ: xfrm.MsgNewPolicy, about: helps("make a policy")},
	{name: "update", usage: "SELECTOR dir DIR [ OPTIONS ] [ tmpl TMPL ]...", parse: parseXfrmPolicy, typ: xfrm.MsgUpdPolicy, about: helps("change one, or make it")},
	{name: "delete", usage: xfrmOnePolicyUsage, parse: parseXfrmOnePolicy, typ: xfrm.MsgDelPolicy, about: helps("remove one")},
	{name: "deleteall", usage: xfrmPoliciesUsage, parse: parseXfrmPoliciesGone, about: helps("remove all that are selected")},
	{name: "delall", quiet: true, parse: parseXfrmPoliciesGone},
	{name: "list", usage: xfrmPoliciesUsage, parse: parseXfrmPolicies, about: helps("list policies")},
	{name: "show", quiet: true, parse: parseXfrmPolicies},
	{name: "lst", quiet: true, parse: parseXfrmPolicies},
	{name: "get", usage: xfrmOnePolicyUsage, parse: parseXfrmOnePolicy, typ: xfrm.MsgGetPolicy, about: helps("show one")},
	{name: "flush", usage: "[ ptype PTYPE ]", parse: parseXfrmPolicyFlush, about: helps("remove all")},
	{name: "count", parse: parseXfrmPolicyCount, about: helps("show how many there are")},
	{name: "set", usage: "[ hthresh4 LBITS RBITS ] [ hthresh6 LBITS RBITS ]", parse: parseXfrmThresholds, about: helps("from which lengths on prefixes are hashed")},
	{name: "setdefault", usage: "DIR DEFAULT [ DIR DEFAULT ]...", parse: parseXfrmSetDefault, about: helps("what happens without a policy")},
	{name: "getdefault", parse: parseXfrmGetDefault, about: helps("show it")},
}}

const (
	xfrmOnePolicyUsage = "{ SELECTOR | index INDEX } dir DIR [ ctx CTX ] [ mark MARK [ mask MASK ] ] [ ptype PTYPE ] [ if_id IF_ID ]"
	xfrmPoliciesUsage  = "[ nosock ] [ SELECTOR ] [ dir DIR ] [ index INDEX ] [ ptype PTYPE ] [ action ACTION ] [ priority PRIORITY ] [ flag FLAG-LIST ]"
)

// xfrmDirs are the directions by their numbers.
var xfrmDirs = [...]string{xfrm.DirIn: "in", xfrm.DirOut: "out", xfrm.DirFwd: "fwd"}

var xfrmPolicyFlags = [...]xfrmFlag{{"localok", xfrm.PolicyLocalOK}, {"icmp", xfrm.PolicyICMP}}

// oneOf takes one of some words and returns its place.
func (a *args) oneOf(wrong string, words ...string) uint8 {
	w := a.next()
	for i, name := range words {
		if name == w {
			return uint8(i)
		}
	}
	if a.err == nil {
		a.wrong(w, wrong)
	}
	return 0
}

func (a *args) xfrmDir() uint8    { return a.oneOf("DIR value is invalid", xfrmDirs[:]...) }
func (a *args) xfrmPtype() uint8  { return a.oneOf("PTYPE value is invalid", "main", "sub") }
func (a *args) xfrmAction() uint8 { return a.oneOf("ACTION value is invalid\n", "allow", "block") }

func ptypeName(v uint8) string {
	switch v {
	case 0:
		return "main"
	case 1:
		return "sub"
	}
	return itoa(int32(v))
}

// xfrmPolicyTable holds the keywords of a policy, selector and templates
// aside.
var xfrmPolicyTable = table{name: "xfrm policy", rows: []option{
	{name: "dir", exact: true, val: valFunc, arg: "DIR", parse: func(a *args, st state, _ *option) {
		s := st.(*xfrmPolicy)
		if s.hasDir {
			a.twice("dir", "dir")
		}
		s.info.Dir, s.hasDir = a.xfrmDir(), true
	}, about: helps("packets that come in, go out, or go through")},
	{name: "ctx", exact: true, val: valFunc, arg: "CTX", parse: func(a *args, st state, _ *option) {
		s := st.(*xfrmPolicy)
		if s.hasContext {
			a.twice("ctx", "ctx")
		}
		s.context, s.hasContext = a.next(), true
	}, about: helps("the security context")},
	{name: "mark", exact: true, val: valFunc, arg: "MARK [ mask MASK ]", parse: func(a *args, st state, _ *option) { st.(*xfrmPolicy).mark = a.mark() }, about: helps("only packets with this mark")},
	{name: "index", exact: true, val: valFunc, arg: "INDEX", parse: func(a *args, st state, _ *option) {
		st.(*xfrmPolicy).info.Index = a.uint32("INDEX value is invalid")
	}, about: helps("its number")},
	{name: "ptype", exact: true, val: valFunc, arg: "PTYPE", parse: func(a *args, st state, _ *option) { st.(*xfrmPolicy).ptypeWord(a) }, about: helps("main, or sub before it")},
	{name: "action", exact: true, val: valFunc, arg: "ACTION", parse: func(a *args, st state, _ *option) { st.(*xfrmPolicy).info.Action = a.xfrmAction() }, about: helps("let packets through, or not")},
	{name: "priority", exact: true, val: valFunc, arg: "PRIORITY", parse: func(a *args, st state, _ *option) {
		st.(*xfrmPolicy).info.Priority = a.uint32("PRIORITY value is invalid")
	}, about: helps("the lowest goes first")},
	{name: "flag", exact: true, val: valFunc, arg: "FLAG-LIST", parse: func(a *args, st state, _ *option) {
		st.(*xfrmPolicy).info.Flags |= uint8(a.xfrmFlags(xfrmPolicyFlags[:], 8, "FLAG value is invalid"))
	}, about: helps("switches")},
	{name: "limit", exact: true, val: valFunc, arg: "LIMIT", parse: func(a *args, st state, _ *option) { a.limit(&st.(*xfrmPolicy).info.Limits) }, about: helps("when it ends")},
	{name: "tmpl", exact: true, val: valFunc, arg: "TMPL", parse: xfrmTmpl, about: helps("the state that it asks for")},
	{name: "if_id", exact: true, val: valFunc, arg: "IF_ID", parse: func(a *args, st state, _ *option) {
		s := st.(*xfrmPolicy)
		s.ifID, s.hasIfID = a.uint32("IF_ID value is invalid"), true
	}, about: helps("of which xfrm interface it is")},
}}

// xfrmPolicy is an "ip xfrm policy add" and the like while its words are read.
type xfrmPolicy struct {
	xfrmRequest
	xfrmWords
	info                     xfrm.PolicyInfo
	sel                      xfrmSel
	hasSel, hasDir, hasIndex bool
	mark                     [2]uint32
	ptype                    uint8
	hasPtype                 bool
	context                  string
	hasContext               bool
	ifID                     uint32
	hasIfID                  bool
	tmpls                    []byte
}

func (s *xfrmPolicy) ptypeWord(a *args) {
	if s.hasPtype {
		a.twice("ptype", "ptype")
	}
	s.ptype, s.hasPtype = a.xfrmPtype(), true
}

// xfrmTmpl reads which state a policy asks for.
func xfrmTmpl(a *args, st state, _ *option) {
	const most = 16 // iproute2's buffer has 1024 bytes
	s := st.(*xfrmPolicy)
	if len(s.tmpls) >= most*xfrm.TmplLen {
		a.failf(exitMissing, "Too many tmpls: buffer overflow")
		return
	}
	t := xfrm.Tmpl{Family: uint16(s.family), Auths: 1<<32 - 1, Encs: 1<<32 - 1, Comps: 1<<32 - 1}
	if !a.need() {
		return
	}
	hasID := false
words:
	for a.more() {
		switch {
		case a.take("mode"):
			t.Mode = a.xfrmMode()
		case a.take("reqid"):
			t.ReqID = a.uint32("REQID value is invalid")
		case a.take("level"):
			t.Optional = a.oneOf("LEVEL value is invalid\n", "required", "use")
		case hasID:
			break words
		default:
			hasID = true
			s.family = unix.AF_UNSPEC
			d := s.id(a, false)
			t.ID, t.Src = d.ID, d.src.b
			if f := d.family(); f != 0 {
				t.Family = uint16(f)
			}
			s.family = uint8(t.Family)
		}
	}
	s.tmpls = append(s.tmpls, make([]byte, xfrm.TmplLen)...)
	t.Put(s.tmpls[len(s.tmpls)-xfrm.TmplLen:])
}

// oneSel reads the selector, which there is one of.
func (s *xfrmPolicy) oneSel(a *args) {
	s.hasSel = true
	s.sel = s.selector(a)
	if s.family == unix.AF_UNSPEC {
		s.family = uint8(s.sel.Family)
	}
}

func beginXfrmPolicy(a *args) *xfrmPolicy {
	s := &xfrmPolicy{}
	s.family = a.g.family
	return s
}

// parseXfrmPolicy reads add and update.
func parseXfrmPolicy(a *args) (*plan, error) {
	s := beginXfrmPolicy(a)
	s.info.Limits = xfrm.NoLimits
	xfrm.SetPolicy(&s.b, a.cmd.typ, &s.info)
	for a.more() {
		switch {
		case a.option(&xfrmPolicyTable, s, nil):
		case s.hasSel:
			a.twice("unknown", a.peek())
		default:
			s.oneSel(a)
		}
	}
	s.needDir(a)
	if s.hasPtype {
		s.putPtype()
	}
	if len(s.tmpls) > 0 {
		s.b.Blob(xfrm.XFRMA_TMPL, s.tmpls)
	}
	if s.mark[1] != 0 {
		s.b.Blob(xfrm.XFRMA_MARK, words32(s.mark[0], s.mark[1]))
	}
	s.more()
	if a.err != nil {
		return nil, a.err
	}
	p, err := s.b.Bytes()
	if err != nil {
		return nil, err
	}
	s.info.Sel = s.selFamily(a)
	s.info.Put(p[nl.HeaderLen:])
	s.sel.fixDev(&s.request, nl.HeaderLen+selIndexOff)
	return &plan{[]step{&s.xfrmRequest}}, nil
}

func (s *xfrmPolicy) needDir(a *args) {
	if a.err == nil && !s.hasDir {
		a.failf(exitMissing, "Not enough information: DIR is required.")
	}
}

func (s *xfrmPolicy) putPtype() {
	s.b.Blob(xfrm.XFRMA_POLICY_TYPE, []byte{s.ptype, 0, 0, 0, 0, 0})
}

// more appends what comes last.
func (s *xfrmPolicy) more() {
	if s.hasContext {
		putContext(&s.request, s.context)
	}
	if s.hasIfID {
		s.b.U32(xfrm.XFRMA_IF_ID, s.ifID)
	}
}

// selFamily is the selector, whose family is IPv4 if nothing says otherwise.
func (s *xfrmPolicy) selFamily(a *args) xfrm.Selector {
	sel := s.sel.Selector
	if sel.Family == unix.AF_UNSPEC {
		sel.Family = uint16(a.g.family)
	}
	if sel.Family == unix.AF_UNSPEC {
		sel.Family = unix.AF_INET
	}
	return sel
}

// parseXfrmOnePolicy reads get and delete.
func parseXfrmOnePolicy(a *args) (*plan, error) {
	s := beginXfrmPolicy(a)
	var id xfrm.PolicyID
	xfrm.OnePolicy(&s.b, a.cmd.typ, &id)
	for a.more() {
		switch {
		case a.take("dir"):
			if s.hasDir {
				a.twice("dir", "dir")
			}
			id.Dir, s.hasDir = a.xfrmDir(), true
		case a.take("ctx"):
			if s.hasContext {
				a.twice("ctx", "ctx")
			}
			s.context, s.hasContext = a.next(), true
		case a.take("mark"):
			s.mark = a.mark()
		case a.take("index"):
			if s.hasIndex {
				a.twice("index", "index")
			}
			id.Index, s.hasIndex = a.uint32("INDEX value is invalid"), true
		case a.take("ptype"):
			s.ptypeWord(a)
		case a.take("if_id"):
			s.ifID, s.hasIfID = a.uint32("IF_ID value is invalid"), true
		case s.hasSel:
			a.wrong(a.peek(), "unknown")
		default:
			s.oneSel(a)
		}
	}
	s.needDir(a)
	switch {
	case a.err != nil:
	case !s.hasSel && !s.hasIndex:
		a.failf(exitMissing, "Not enough information: either SELECTOR or INDEX is required.")
	case s.hasSel && s.hasIndex:
		a.garbage("SELECTOR", "INDEX")
	}
	if s.hasPtype {
		s.putPtype()
	}
	if s.mark[0]&s.mark[1] != 0 {
		s.b.Blob(xfrm.XFRMA_MARK, words32(s.mark[0], s.mark[1]))
	}
	s.more()
	p, err := s.b.Bytes()
	if err != nil || a.err != nil {
		return nil, a.err
	}
	id.Sel = s.sel.Selector
	if id.Sel.Family == unix.AF_UNSPEC {
		id.Sel.Family = unix.AF_INET
	}
	id.Put(p[nl.HeaderLen:])
	s.sel.fixDev(&s.request, nl.HeaderLen+selIndexOff)
	if a.cmd.typ == xfrm.MsgGetPolicy {
		family := s.family
		s.xfrmRequest.show = func(r *runner, m nl.Message) error {
			q, err := xfrm.ParsePolicy(m)
			if err == nil {
				r.xfrmPrinter(false).policy(&q, family)
			}
			return err
		}
	} else {
		s.setFlags(unix.NLM_F_ACK)
	}
	return &plan{[]step{&s.xfrmRequest}}, nil
}

// An xfrmPolicies is the step that lists policies, or deletes those listed.
type xfrmPolicies struct {
	gone, noSock                                                        bool
	family                                                              uint8
	want                                                                xfrm.PolicyInfo
	sel                                                                 xfrmSel
	ptype                                                               uint8
	index                                                               int32 // of the selector's interface, when run
	hasSel, hasDir, hasIndex, hasPtype, hasAction, hasPriority, byFlags bool
}

func parseXfrmPolicies(a *args) (*plan, error)     { return parseXfrmPolicyList(a, false) }
func parseXfrmPoliciesGone(a *args) (*plan, error) { return parseXfrmPolicyList(a, true) }

func parseXfrmPolicyList(a *args, gone bool) (*plan, error) {
	s := &xfrmPolicies{gone: gone, family: a.g.family}
	x := xfrmWords{a.g.family}
	w := &s.want
	for a.more() {
		switch {
		case a.take("dir"):
			w.Dir, s.hasDir = a.xfrmDir(), true
		case a.take("index"):
			w.Index, s.hasIndex = a.uint32("INDEX value is invalid"), true
		case a.take("ptype"):
			s.ptype, s.hasPtype = a.xfrmPtype(), true
		case a.take("action"):
			w.Action, s.hasAction = a.xfrmAction(), true
		case a.take("priority"):
			w.Priority, s.hasPriority = a.uint32("PRIORITY value is invalid"), true
		case a.take("flag"):
			w.Flags |= uint8(a.xfrmFlags(xfrmPolicyFlags[:], 8, "FLAG value is invalid"))
			s.byFlags = true
		case a.take("nosock"):
			s.noSock = true
		case s.hasSel:
			a.wrong(a.peek(), "unknown")
		default:
			s.hasSel = true
			s.sel = x.selector(a)
			if s.family == unix.AF_UNSPEC {
				s.family = uint8(s.sel.Family)
			}
		}
	}
	return &plan{[]step{s}}, a.err
}

func (s *xfrmPolicies) passes(q *xfrm.Policy) bool {
	ptype := uint8(0)
	if b, _ := q.Attrs.Blob(xfrm.XFRMA_POLICY_TYPE); len(b) > 0 {
		ptype = b[0]
	}
	w, f := &s.want, &s.sel
	switch {
	case s.family != unix.AF_UNSPEC && q.Sel.Family != uint16(s.family),
		s.hasDir && q.Dir != w.Dir,
		s.noSock && q.Dir >= xfrm.DirMax,
		s.hasPtype && ptype != s.ptype,
		!f.src.covers(q.Sel.Src[:], f.src.bits), !f.dst.covers(q.Sel.Dst[:], f.dst.bits),
		f.hasDev && q.Sel.Index != s.index,
		f.hasProto && q.Sel.Proto != f.Proto,
		f.hasSPort && q.Sel.SPort != f.SPort, f.hasDPort && q.Sel.DPort != f.DPort,
		s.hasIndex && q.Index != w.Index,
		s.hasAction && q.Action != w.Action,
		s.hasPriority && q.Priority != w.Priority,
		s.byFlags && q.Flags&w.Flags == 0:
		return false
	}
	return true
}

func (s *xfrmPolicies) run(r *runner) error {
	if f := &s.sel; f.hasDev && f.dev != "none" {
		d, err := r.device(f.dev)
		if err == nil && d.index == 0 {
			err = failf(exitUsage, `Error: argument "`, f.dev, `" is wrong: DEV value is invalid`)
		}
		if err != nil {
			return err
		}
		s.index = d.index
	}
	p := r.xfrmPrinter(false)
	return xfrmList(r, s.gone, ": ", xfrm.ListPolicies, func(m nl.Message, del *nl.Builder) error {
		q, err := xfrm.ParsePolicy(m)
		switch {
		case err == xfrm.ErrType:
		case err != nil:
			return err
		case !s.passes(&q):
		case s.gone:
			xfrm.OnePolicy(del, xfrm.MsgDelPolicy, &xfrm.PolicyID{Sel: q.Sel, Dir: q.Dir, Index: q.Index})
			if mark, ok := q.Attrs.Blob(xfrm.XFRMA_MARK); ok {
				del.Blob(xfrm.XFRMA_MARK, mark)
			}
			if id, ok := q.Attrs.U32(xfrm.XFRMA_IF_ID); ok {
				del.U32(xfrm.XFRMA_IF_ID, id)
			}
		default:
			p.policy(&q, s.family)
		}
		return nil
	})
}

// parseXfrmPolicyFlush reads flush: all policies, or those of a type.
func parseXfrmPolicyFlush(a *args) (*plan, error) {
	s := beginXfrmPolicy(a)
	xfrm.FlushPolicies(&s.b)
	for a.more() {
		if !a.take("ptype") {
			a.wrong(a.peek(), "unknown")
			break
		}
		s.ptypeWord(a)
	}
	if s.hasPtype {
		s.putPtype()
	}
	s.say = "Flush policy"
	return &plan{[]step{&s.xfrmRequest}}, a.err
}

func parseXfrmPolicyCount(a *args) (*plan, error) {
	a.w = nil // whatever follows is let pass, as in iproute2
	s := &xfrmRequest{}
	xfrm.Count(&s.b, xfrm.MsgGetSPDInfo)
	s.show = showXfrmPolicyCount
	return &plan{[]step{s}}, nil
}

func showXfrmPolicyCount(r *runner, m nl.Message) error {
	as, err := xfrm.ParseCount(m)
	if err != nil {
		return err
	}
	o := r.out
	o.S("\t SPD")
	if b, _ := as.Blob(xfrm.XFRMA_SPD_INFO); len(b) >= 24 {
		u := func(i int) uint64 { return uint64(binary.NativeEndian.Uint32(b[4*i:])) }
		o.S(" IN  ").U(u(0)).S(" OUT ").U(u(1)).S(" FWD ").U(u(2))
		if r.g.stats > 0 {
			o.S(" (Sock: IN ").U(u(3)).S(" OUT ").U(u(4)).S(" FWD ").U(u(5)).C(')')
		}
		o.S(r.xfrmPrinter(false).eol)
	}
	if r.g.stats > 1 {
		eol := r.xfrmPrinter(false).eol
		if b, _ := as.Blob(xfrm.XFRMA_SPD_HINFO); len(b) >= 8 {
			o.S("\t SPD buckets: count ").U(uint64(binary.NativeEndian.Uint32(b))).S(" Max ").U(uint64(binary.NativeEndian.Uint32(b[4:]))).S(eol)
		}
		for _, t := range [...]struct {
			at   nl.AttrBytes
			name string
		}{{xfrm.XFRMA_SPD_IPV4_HTHRESH, "IPv4"}, {xfrm.XFRMA_SPD_IPV6_HTHRESH, "IPv6"}} {
			if b, _ := as.Blob(t.at); len(b) >= 2 {
				o.S("\t SPD ", t.name, " thresholds: local ").U(uint64(b[0])).S(" remote ").U(uint64(b[1])).S(eol)
			}
		}
	}
	r.xfrmPrinter(false).end()
	return nil
}

// parseXfrmThresholds reads set: from which lengths of prefixes on policies are
// kept in hash tables.
func parseXfrmThresholds(a *args) (*plan, error) {
	s := &xfrmRequest{}
	xfrm.Count(&s.b, xfrm.MsgNewSPDInfo)
	s.setFlags(unix.NLM_F_ACK)
	has4, has6 := false, false
	for a.more() {
		w := a.peek()
		at, bits, has := xfrm.XFRMA_SPD_IPV4_HTHRESH, uint64(32), &has4
		switch {
		case a.take("hthresh4"):
		case a.take("hthresh6"):
			at, bits, has = xfrm.XFRMA_SPD_IPV6_HTHRESH, 128, &has6
		default:
			a.wrong(w, "unknown")
			return nil, a.err
		}
		if *has {
			a.twice(w, w)
		}
		*has = true
		var b [2]byte
		for i, side := range [...]string{"LBITS", "RBITS"} {
			v := a.next()
			n, ok := parseUint(v, 8)
			if (!ok || n > bits) && a.err == nil {
				a.wrong(v, w+" "+side+" value is invalid")
			}
			b[i] = byte(n)
		}
		s.b.Blob(at, b[:])
	}
	return &plan{[]step{s}}, a.err
}

// parseXfrmSetDefault reads setdefault.
func parseXfrmSetDefault(a *args) (*plan, error) {
	s := &xfrmRequest{}
	var v [3]uint8 // in, fwd, out
	for a.more() {
		dir := a.next()
		i := 0
		switch dir {
		case "in":
		case "fwd":
			i = 1
		case "out":
			i = 2
		default:
			a.wrong(dir, "unknown direction")
			return nil, a.err
		}
		v[i] = a.oneOf(dir+" policy value is invalid", "", "block", "accept")
	}
	xfrm.Defaults(&s.b, xfrm.MsgSetDefault, v[0], v[1], v[2])
	s.setFlags(unix.NLM_F_ACK)
	return &plan{[]step{s}}, a.err
}

func parseXfrmGetDefault(a *args) (*plan, error) {
	a.w = nil // whatever follows is let pass, as in iproute2
	s := &xfrmRequest{}
	xfrm.Defaults(&s.b, xfrm.MsgGetDefault, 0, 0, 0)
	s.show = func(r *runner, m nl.Message) error {
		in, fwd, out, err := xfrm.ParseDefaults(m)
		if err != nil {
			return err
		}
		r.out.S("Default policies:\n in:  ", defaultName(in), "\n fwd: ", defaultName(fwd), "\n out: ", defaultName(out), "\n")
		return nil
	}
	return &plan{[]step{s}}, nil
}

func defaultName(v uint8) string {
	if v == xfrm.DefaultBlock {
		return "block"
	}
	return "accept"
}

// xfrmPolicyWhere says what the words of policies mean.
func xfrmPolicyWhere(o *cli.Out) {
	o.S(`
DIR := in | out | fwd
PTYPE := main | sub
ACTION := allow | block
DEFAULT := block | accept`)
	xfrmFlagUsage(o, "FLAG", xfrmPolicyFlags[:])
	o.S(xfrmWhere, `
TMPL := ID [ mode MODE ] [ reqid REQID ] [ level LEVEL ]
ID := [ src ADDR ] [ dst ADDR ] [ proto XFRM-PROTO ] [ spi SPI ]
XFRM-PROTO := esp | ah | comp | route2 | hao
MODE := transport | tunnel | beet | ro | in_trigger
LEVEL := required | use`)
}
