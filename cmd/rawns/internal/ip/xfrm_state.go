//go:build !tiny

package ip

import (
	"encoding/binary"
	"errors"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl"
	"rawns/nl/xfrm"
)

// xfrmStateCommands is the object state of xfrm: security associations.
var xfrmStateCommands = commands{name: "ip xfrm state", none: parseXfrmStates, where: xfrmStateWhere, rows: []command{
	{name: "add", usage: "ID [ ALGO ]... [ OPTIONS ]", opts: []*table{&xfrmStateTable}, parse: parseXfrmState, typ: xfrm.MsgNewSA, about: helps("make a state")},
	{name: "update", usage: "ID [ ALGO ]... [ OPTIONS ]", parse: parseXfrmState, typ: xfrm.MsgUpdSA, about: helps("change one")},
	{name: "allocspi", usage: "ID [ mode MODE ] [ mark MARK [ mask MASK ] ] [ reqid REQID ] [ seq SEQ ] [ min SPI max SPI ]", parse: parseXfrmAllocSPI, about: helps("let the kernel choose the SPI")},
	{name: "delete", usage: "ID [ mark MARK [ mask MASK ] ]", parse: parseXfrmOneState, typ: xfrm.MsgDelSA, about: helps("remove one")},
	{name: "deleteall", usage: "[ ID ] [ mode MODE ] [ reqid REQID ] [ flag FLAG-LIST ]", parse: parseXfrmStatesGone, about: helps("remove all that are selected")},
	{name: "delall", quiet: true, parse: parseXfrmStatesGone},
	{name: "list", usage: "[ nokeys ] [ ID ] [ mode MODE ] [ reqid REQID ] [ flag FLAG-LIST ]", parse: parseXfrmStates, about: helps("list states")},
	{name: "show", quiet: true, parse: parseXfrmStates},
	{name: "lst", quiet: true, parse: parseXfrmStates},
	{name: "get", usage: "ID [ mark MARK [ mask MASK ] ]", parse: parseXfrmOneState, typ: xfrm.MsgGetSA, about: helps("show one")},
	{name: "flush", usage: "[ proto XFRM-PROTO ]", parse: parseXfrmStateFlush, about: helps("remove all")},
	{name: "count", parse: parseXfrmStateCount, about: helps("show how many there are")},
}}

var xfrmStateFlags = [...]xfrmFlag{
	{"noecn", xfrm.StateNoECN}, {"decap-dscp", xfrm.StateDecapDSCP}, {"nopmtudisc", xfrm.StateNoPMTUDisc}, {"wildrecv", xfrm.StateWildRecv},
	{"icmp", xfrm.StateICMP}, {"af-unspec", xfrm.StateAFUnspec}, {"align4", xfrm.StateAlign4}, {"esn", xfrm.StateESN},
}

// xfrmExtraFlags are the XFRM_SA_XFLAG_ bits.
var xfrmExtraFlags = [...]xfrmFlag{{"dont-encap-dscp", 1}, {"oseq-may-wrap", 2}}

// xfrmStateTable holds the keywords of a state, ID and algorithms aside.
var xfrmStateTable = table{name: "xfrm state", rows: []option{
	{name: "mode", exact: true, val: valFunc, arg: "MODE", parse: func(a *args, st state, _ *option) { st.(*xfrmState).info.Mode = a.xfrmMode() }, about: helps("what of a packet is protected")},
	{name: "mark", exact: true, val: valFunc, arg: "MARK [ mask MASK ]", parse: func(a *args, st state, _ *option) { st.(*xfrmState).mark = a.mark() }, about: helps("only packets with this mark")},
	{name: "reqid", exact: true, val: valFunc, arg: "REQID", parse: func(a *args, st state, _ *option) {
		st.(*xfrmState).info.ReqID = a.uint32("REQID value is invalid")
	}, about: helps("by which policies ask for it")},
	{name: "seq", exact: true, val: valFunc, arg: "SEQ", parse: func(a *args, st state, _ *option) { st.(*xfrmState).info.Seq = a.xfrmSeq() }, about: helps("the number of the request that it answers")},
	{name: "replay-window", exact: true, val: valFunc, arg: "SIZE", parse: xfrmReplay, about: helps("how late a packet may come")},
	{name: "replay-seq", exact: true, val: valFunc, arg: "SEQ", parse: xfrmReplay, about: helps("the last number received")},
	{name: "replay-seq-hi", exact: true, val: valFunc, arg: "SEQ", parse: xfrmReplay, about: helps("its upper half, with esn")},
	{name: "replay-oseq", exact: true, val: valFunc, arg: "SEQ", parse: xfrmReplay, about: helps("the last number sent")},
	{name: "replay-oseq-hi", exact: true, val: valFunc, arg: "SEQ", parse: xfrmReplay, about: helps("its upper half, with esn")},
	{name: "flag", exact: true, val: valFunc, arg: "FLAG-LIST", parse: func(a *args, st state, _ *option) {
		st.(*xfrmState).info.Flags |= uint8(a.xfrmFlags(xfrmStateFlags[:], 8, "FLAG value is invalid"))
	}, about: helps("switches")},
	{name: "extra-flag", exact: true, val: valFunc, arg: "EXTRA-FLAG-LIST", parse: func(a *args, st state, _ *option) {
		st.(*xfrmState).extra |= a.xfrmFlags(xfrmExtraFlags[:], 32, `"EXTRA-FLAG" is invalid`)
	}, about: helps("more of them")},
	{name: "sel", exact: true, val: valFunc, arg: "SELECTOR", parse: xfrmStateSel, about: helps("only packets like these")},
	{name: "limit", exact: true, val: valFunc, arg: "LIMIT", parse: func(a *args, st state, _ *option) { a.limit(&st.(*xfrmState).info.Limits) }, about: helps("when it ends")},
	{name: "encap", exact: true, val: valFunc, arg: "ENCAP SPORT DPORT OADDR", parse: xfrmEncap, about: helps("put packets into UDP or TCP")},
	{name: "coa", exact: true, val: valFunc, arg: "ADDR", parse: xfrmCareOf, about: helps("the care-of address")},
	{name: "ctx", exact: true, val: valFunc, arg: "CTX", parse: xfrmStateContext, about: helps("the security context")},
	{name: "offload", exact: true, val: valFunc, arg: "[ dev DEV ] dir DIR", parse: xfrmOffload, about: helps("let the device do the work")},
	{name: "output-mark", exact: true, val: valFunc, arg: "OUTPUT-MARK [ mask MASK ]", parse: xfrmOutputMark, about: helps("the mark of packets that come out")},
	{name: "if_id", exact: true, val: valFunc, arg: "IF_ID", parse: func(a *args, st state, _ *option) {
		s := st.(*xfrmState)
		s.ifID, s.hasIfID = a.uint32(`value after "if_id" is invalid`), true
	}, about: helps("of which xfrm interface it is")},
	{name: "tfcpad", exact: true, val: valFunc, arg: "LENGTH", parse: func(a *args, st state, _ *option) {
		st.(*xfrmState).tfcpad = a.uint32(`value after "tfcpad" is invalid`)
	}, about: helps("pad packets to this length")},
}}

// xfrmState is an "ip xfrm state add" and the like while its words are read.
type xfrmState struct {
	xfrmRequest
	xfrmWords
	info    xfrm.SAInfo
	sel     xfrmSel
	mark    [2]uint32
	hasID   bool
	extra   uint32
	ifID    uint32
	hasIfID bool
	tfcpad  uint32
	out     [2]uint32
	// window, seq, seq-hi, oseq, oseq-hi
	replay [5]uint32
	// Which kinds of algorithms there are, and whether a care-of address.
	aead, enc, auth, comp, careOf, context bool
	offload                                bool
	offDev                                 string
	offDir                                 uint8
}

func (a *args) xfrmSeq() uint32 {
	n := a.uint32("SEQ value is invalid")
	return binary.NativeEndian.Uint32([]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})
}

func xfrmReplay(a *args, st state, o *option) {
	s := st.(*xfrmState)
	for i, name := range [...]string{"replay-window", "replay-seq", "replay-seq-hi", "replay-oseq", "replay-oseq-hi"} {
		if name == o.name {
			s.replay[i] = a.uint32(`value after "` + name + `" is invalid`)
		}
	}
}

func xfrmStateSel(a *args, st state, _ *option) {
	s := st.(*xfrmState)
	if !a.need() {
		return
	}
	s.family = unix.AF_UNSPEC
	s.sel = s.selector(a)
	s.family = uint8(s.sel.Family)
}

func xfrmEncap(a *args, st state, _ *option) {
	var b [24]byte
	w := a.next()
	ok := false
	for i := range xfrmEncaps {
		if e := &xfrmEncaps[i]; e.name == w {
			binary.NativeEndian.PutUint16(b[:], e.num)
			ok = true
		}
	}
	if !ok && a.err == nil {
		a.wrong(w, "ENCAP-TYPE value is invalid")
	}
	binary.BigEndian.PutUint16(b[2:], a.port(`SPORT value after "encap" is invalid`))
	binary.BigEndian.PutUint16(b[4:], a.port(`DPORT value after "encap" is invalid`))
	p := a.addr(unix.AF_UNSPEC)
	copy(b[8:], p.b[:])
	st.req().b.Blob(xfrm.XFRMA_ENCAP, b[:])
}

func xfrmCareOf(a *args, st state, o *option) {
	s := st.(*xfrmState)
	if s.careOf {
		a.twice("coa", "coa")
	}
	s.careOf = true
	p := s.address(a, o.name)
	s.b.Blob(xfrm.XFRMA_COADDR, p.b[:])
}

func xfrmStateContext(a *args, st state, _ *option) {
	s := st.(*xfrmState)
	if s.context {
		a.twice("ctx", "ctx")
	}
	s.context = true
	putContext(&s.request, a.next())
}

func xfrmOffload(a *args, st state, _ *option) {
	s := st.(*xfrmState)
	s.offload = true
	if a.take("dev") {
		s.offDev = a.next()
	}
	if !a.take("dir") {
		if w := a.next(); a.err == nil {
			a.wrong(w, `value after "offload dir" is invalid`)
		}
		return
	}
	switch w := a.next(); {
	case w == "in":
		s.offDir = 2 // XFRM_OFFLOAD_INBOUND
	case w != "out" && a.err == nil:
		a.wrong(w, "DIR value is invalid")
	}
}

func xfrmOutputMark(a *args, st state, _ *option) {
	s := st.(*xfrmState)
	s.out[0] = a.uint32(`value after "output-mark" is invalid`)
	if a.take("mask") {
		s.out[1] = a.uint32("mask value is invalid\n")
	}
}

// xfrmKey reads a key: hex behind 0x, or its characters.
func (a *args) xfrmKey(w string) []byte {
	const most = 512 // XFRM_ALGO_KEY_BUF_SIZE of iproute2
	if len(w) <= 2 || w[:2] != "0x" {
		if len(w) > most {
			a.wrong(w, "ALGO-KEYMAT value makes buffer overflow\n")
		}
		return []byte(w)
	}
	h := w[2:]
	if len(h)%2 != 0 {
		h = "0" + h
	}
	if len(h)/2 > most {
		a.wrong(w, "ALGO-KEYMAT value makes buffer overflow\n")
		return nil
	}
	b, ok := unhexString(h)
	if !ok {
		a.wrong(w, "ALGO-KEYMAT value is invalid")
	}
	return b
}

// algorithm reads one, if the next word is the name of a kind.
func (s *xfrmState) algorithm(a *args) bool {
	var at nl.AttrBytes
	kind := a.peek()
	dup := false
	extra := "" // what else it has: a number
	switch kind {
	case "aead":
		at, dup, extra = xfrm.XFRMA_ALG_AEAD, s.enc || s.auth || s.aead, "ALGO-ICV-LEN"
		s.aead = true
	case "enc":
		at, dup = xfrm.XFRMA_ALG_CRYPT, s.enc || s.aead
		s.enc = true
	case "auth":
		at, dup = xfrm.XFRMA_ALG_AUTH, s.auth || s.aead
		s.auth = true
	case "auth-trunc":
		at, dup, extra = xfrm.XFRMA_ALG_AUTH_TRUNC, s.auth || s.aead, "ALGO-TRUNC-LEN"
		s.auth = true
	case "comp":
		at, dup = xfrm.XFRMA_ALG_COMP, s.comp
		s.comp = true
	default:
		return false
	}
	a.next()
	if dup {
		a.twice("ALGO-TYPE", kind)
		return true
	}
	var b [64]byte
	copy(b[:], a.part("ALGO-NAME"))
	key := ""
	if kind != "comp" {
		key = a.part("ALGO-KEYMAT")
	}
	more := uint32(0)
	if extra != "" {
		w := a.part(extra)
		n, ok := parseUint(w, 32)
		if !ok && a.err == nil {
			a.wrong(w, extra+" value is invalid")
		}
		more = uint32(n)
	}
	k := a.xfrmKey(key)
	out := append(b[:], words32(uint32(8*len(k)))...)
	if extra != "" {
		out = append(out, words32(more)...)
	}
	s.b.Blob(at, append(out, k...))
	return true
}

// part takes a word that must be there.
func (a *args) part(name string) string {
	if a.err == nil && !a.more() {
		a.missing(name)
	}
	return a.next()
}

// oneID reads the ID, which there is one of.
func (s *xfrmState) oneID(a *args) {
	if s.hasID {
		a.wrong(a.peek(), "unknown")
		return
	}
	s.hasID = true
	d := s.id(a, false)
	s.info.ID, s.info.Src = d.ID, d.src.b
	if f := d.family(); f != 0 {
		s.info.Family = uint16(f)
	}
	if s.family == unix.AF_UNSPEC {
		s.family = uint8(s.info.Family)
	}
}

// begin makes the state of a command; its header is filled in at the end.
func beginXfrmState(a *args) *xfrmState {
	s := &xfrmState{info: xfrm.SAInfo{Family: uint16(a.g.family)}}
	s.family = a.g.family
	return s
}

func needID(a *args, has bool) {
	if a.err == nil && !has {
		a.failf(exitMissing, "Not enough information: ID is required")
	}
}

// parseXfrmState reads add and update.
func parseXfrmState(a *args) (*plan, error) {
	s := beginXfrmState(a)
	s.info.Limits = xfrm.NoLimits
	xfrm.SetSA(&s.b, a.cmd.typ, &s.info)
	for a.more() {
		if !a.option(&xfrmStateTable, s, nil) && !s.algorithm(a) {
			s.oneID(a)
		}
	}
	if a.err == nil {
		s.finish(a)
	}
	if a.err != nil {
		return nil, a.err
	}
	p, err := s.b.Bytes()
	if err != nil {
		return nil, err
	}
	s.info.Put(p[nl.HeaderLen:])
	s.sel.fixDev(&s.request, nl.HeaderLen+selIndexOff)
	return &plan{[]step{&s.xfrmRequest}}, nil
}

// finish appends what follows from all the words together, and says which of
// them do not go together.
func (s *xfrmState) finish(a *args) {
	const maxWindow = 4096 // XFRMA_REPLAY_ESN_MAX
	window, seq, seqHi, oseq, oseqHi := s.replay[0], s.replay[1], s.replay[2], s.replay[3], s.replay[4]
	esn := s.info.Flags&xfrm.StateESN != 0
	if s.offload {
		// The index is put in when the request is run.
		b := append(words32(0), s.offDir, 0, 0, 0)
		s.b.Blob(xfrm.XFRMA_OFFLOAD_DEV, b)
		if s.offDev != "" {
			s.devAt(s.b.Size()-len(b), s.offDev, failf(exitUsage, `Error: argument "`, s.offDev, `" is wrong: value after "offload dev" is invalid`))
		}
	}
	switch {
	case esn && window == 0:
		a.failf(exitUsage, "Error: esn flag set without replay-window.")
	case window > maxWindow:
		a.failf(exitUsage, "Error: replay-window ("+itoa32(window)+") > XFRMA_REPLAY_ESN_MAX ("+itoa32(maxWindow)+").")
	case esn || window > 32:
		s.b.Blob(xfrm.XFRMA_REPLAY_ESN_VAL, words32((window+31)/32, oseq, seq, oseqHi, seqHi, window))
	default:
		if seq|oseq != 0 {
			s.b.Blob(xfrm.XFRMA_REPLAY_VAL, words32(oseq, seq, 0))
		}
		s.info.ReplayWindow = uint8(window)
	}
	if s.extra != 0 {
		s.b.U32(xfrm.XFRMA_SA_EXTRA_FLAGS, s.extra)
	}
	needID(a, s.hasID)
	if s.mark[1] != 0 {
		s.b.Blob(xfrm.XFRMA_MARK, words32(s.mark[0], s.mark[1]))
	}
	s.check(a)
	if s.hasIfID {
		s.b.U32(xfrm.XFRMA_IF_ID, s.ifID)
	}
	if s.tfcpad != 0 {
		s.b.U32(xfrm.XFRMA_TFCPAD, s.tfcpad)
	}
	if s.out[0] != 0 {
		s.b.U32(xfrm.XFRMA_SET_MARK, s.out[0])
		if s.out[1] != 0 {
			s.b.U32(xfrm.XFRMA_SET_MARK_MASK, s.out[1])
		}
	}
	if s.info.Family == unix.AF_UNSPEC {
		s.info.Family = unix.AF_INET
	}
	s.info.Sel = s.sel.Selector
}

// check tells whether mode, algorithms and protocol fit.
func (s *xfrmState) check(a *args) {
	proto, mode := s.info.Proto, s.info.Mode
	with := ` with XFRM-PROTO value "` + xfrmProtoName(proto) + `"`
	bad := func(is bool, text string) {
		if is {
			a.failf(exitMissing, text+with)
		}
	}
	if isIPsec(proto) {
		bad(mode != xfrm.ModeTransport && mode != xfrm.ModeTunnel && !(mode == xfrm.ModeBeet && proto == unix.IPPROTO_ESP), "MODE value is invalid")
		switch proto {
		case unix.IPPROTO_ESP:
			bad(s.comp, `ALGO-TYPE value "comp" is invalid`)
			bad(!s.enc && !s.aead, `ALGO-TYPE value "enc" or "aead" is required`)
		case unix.IPPROTO_AH:
			bad(s.enc || s.aead || s.comp, `ALGO-TYPE values "enc", "aead", and "comp" are invalid`)
			bad(!s.auth, `ALGO-TYPE value "auth" or "auth-trunc" is required`)
		case unix.IPPROTO_COMP:
			bad(s.enc || s.auth || s.aead, `ALGO-TYPE values "enc", "auth", "auth-trunc", and "aead" are invalid`)
			bad(!s.comp, `ALGO-TYPE value "comp" is required`)
		}
	} else {
		bad(s.enc || s.auth || s.aead || s.comp, "ALGO is invalid")
	}
	if isMobile(proto) {
		bad(mode == xfrm.ModeTransport, `"mode" is required`)
		bad(mode != xfrm.ModeRouteOptimization && mode != xfrm.ModeInTrigger, "MODE value is invalid")
		bad(!s.careOf, `"coa" is required`)
	} else {
		bad(s.careOf, `"coa" is invalid`)
	}
}

// parseXfrmAllocSPI reads allocspi: the kernel is to choose the number.
func parseXfrmAllocSPI(a *args) (*plan, error) {
	s := beginXfrmState(a)
	least, most := uint32(0x100), uint32(0x0fffffff)
	hasMin, hasMax := false, false
	xfrm.AllocSPI(&s.b, &s.info, 0, 0)
	for a.more() {
		switch {
		case a.take("mode"):
			s.info.Mode = a.xfrmMode()
		case a.take("mark"):
			s.mark = a.mark()
		case a.take("reqid"):
			s.info.ReqID = a.uint32("REQID value is invalid")
		case a.take("seq"):
			s.info.Seq = a.xfrmSeq()
		case a.take("min"):
			if hasMin {
				a.twice("min", "min")
			}
			least, hasMin = a.uint32(`value after "min" is invalid`), true
		case a.take("max"):
			if hasMax {
				a.twice("max", "max")
			}
			most, hasMax = a.uint32(`value after "max" is invalid`), true
		default:
			if s.oneID(a); s.info.SPI != 0 {
				a.failf(exitMissing, `"spi" is invalid`)
			}
		}
	}
	needID(a, s.hasID)
	switch {
	case a.err != nil:
	case hasMin && !hasMax:
		a.failf(exitMissing, `"max" is missing`)
	case hasMax && !hasMin:
		a.failf(exitMissing, `"min" is missing`)
	case least > most:
		a.failf(exitMissing, `value after "min" is larger than value after "max"`)
	case !hasMin && s.info.Proto == unix.IPPROTO_COMP:
		most = 0xffff
	}
	if s.mark[0]&s.mark[1] != 0 {
		s.b.Blob(xfrm.XFRMA_MARK, words32(s.mark[0], s.mark[1]))
	}
	if s.info.Family == unix.AF_UNSPEC {
		s.info.Family = unix.AF_INET
	}
	p, err := s.b.Bytes()
	if err != nil {
		return nil, err
	}
	s.info.Put(p[nl.HeaderLen:])
	copy(p[nl.HeaderLen+xfrm.SAInfoLen:], words32(least, most))
	s.xfrmRequest.show = showXfrmState
	return &plan{[]step{&s.xfrmRequest}}, a.err
}

func showXfrmState(r *runner, m nl.Message) error {
	s, err := xfrm.ParseState(m)
	if err == nil {
		r.xfrmPrinter(false).state(&s)
	}
	return err
}

// parseXfrmOneState reads get and delete.
func parseXfrmOneState(a *args) (*plan, error) {
	s := beginXfrmState(a)
	var id xfrm.SAID
	xfrm.OneSA(&s.b, a.cmd.typ, &id)
	for a.more() {
		if a.take("mark") {
			s.mark = a.mark()
			continue
		}
		// Each address must be of the family of -4 or -6 alone, as in iproute2.
		s.family = a.g.family
		if s.oneID(a); a.err == nil {
			s.b.Blob(xfrm.XFRMA_SRCADDR, s.info.Src[:])
		}
	}
	if s.mark[0]&s.mark[1] != 0 {
		s.b.Blob(xfrm.XFRMA_MARK, words32(s.mark[0], s.mark[1]))
	}
	id.ID, id.Family = s.info.ID, s.info.Family
	if id.Family == unix.AF_UNSPEC {
		id.Family = unix.AF_INET
	}
	p, err := s.b.Bytes()
	if err != nil {
		return nil, err
	}
	id.Put(p[nl.HeaderLen:])
	if a.cmd.typ == xfrm.MsgGetSA {
		s.xfrmRequest.show = showXfrmState
	} else {
		s.setFlags(unix.NLM_F_ACK)
	}
	return &plan{[]step{&s.xfrmRequest}}, a.err
}

// An xfrmStates is the step that lists states, or deletes those listed.
type xfrmStates struct {
	gone                       bool
	noKeys                     bool
	family                     uint8
	id                         xfrmIDWords
	hasID                      bool
	mode                       uint8
	reqid                      uint32
	flags                      uint8
	hasMode, hasReqID, byFlags bool
}

func parseXfrmStates(a *args) (*plan, error)     { return parseXfrmStateList(a, false) }
func parseXfrmStatesGone(a *args) (*plan, error) { return parseXfrmStateList(a, true) }

func parseXfrmStateList(a *args, gone bool) (*plan, error) {
	s := &xfrmStates{gone: gone, family: a.g.family}
	x := xfrmWords{a.g.family}
	for a.more() {
		switch {
		case a.take("nokeys"):
			s.noKeys = true
		case a.take("mode"):
			s.mode, s.hasMode = a.xfrmMode(), true
		case a.take("reqid"):
			s.reqid, s.hasReqID = a.uint32("REQID value is invalid"), true
		case a.take("flag"):
			s.flags |= uint8(a.xfrmFlags(xfrmStateFlags[:], 8, "FLAG value is invalid"))
			s.byFlags = true
		case s.hasID:
			a.wrong(a.peek(), "unknown")
		default:
			s.hasID = true
			s.id = x.id(a, true)
			if f := s.id.family(); f != 0 {
				s.family = f
			}
		}
	}
	return &plan{[]step{s}}, a.err
}

// request makes the dump request. The kernel filters by the addresses and
// the protocol.
func (s *xfrmStates) request(b *nl.Builder) {
	xfrm.ListSAs(b)
	if s.gone {
		return
	}
	if s.id.Proto != 0 {
		b.U8(xfrm.XFRMA_PROTO, s.id.Proto)
	}
	f := make([]byte, 0, 36) // struct xfrm_address_filter
	f = append(append(f, s.id.src.b[:]...), s.id.dst.b[:]...)
	f = append(append(f, words16(uint16(s.family))...), uint8(s.id.src.bits), uint8(s.id.dst.bits))
	b.Blob(xfrm.XFRMA_ADDRESS_FILTER, f)
}

func (s *xfrmStates) passes(v *xfrm.State) bool {
	return (s.family == unix.AF_UNSPEC || v.Family == uint16(s.family)) && s.id.src.covers(v.Src[:], s.id.src.bits) && s.id.dst.covers(v.Dst[:], s.id.dst.bits) &&
		(!s.id.hasProto || v.Proto == s.id.Proto) && (!s.id.hasSPI || v.SPI == s.id.SPI) &&
		(!s.hasMode || v.Mode == s.mode) && (!s.hasReqID || v.ReqID == s.reqid) && (!s.byFlags || v.Flags&s.flags != 0)
}

func (s *xfrmStates) run(r *runner) error {
	p := r.xfrmPrinter(s.noKeys)
	return xfrmList(r, s.gone, "\n: ", s.request, func(m nl.Message, del *nl.Builder) error {
		v, err := xfrm.ParseState(m)
		switch {
		case err == xfrm.ErrType:
		case err != nil:
			return err
		case !s.passes(&v):
		case s.gone:
			xfrm.OneSA(del, xfrm.MsgDelSA, &xfrm.SAID{ID: v.ID, Family: v.Family})
			del.Blob(xfrm.XFRMA_SRCADDR, v.Src[:])
			if mark, ok := v.Attrs.Blob(xfrm.XFRMA_MARK); ok {
				del.Blob(xfrm.XFRMA_MARK, mark)
			}
		default:
			p.state(&v)
		}
		return nil
	})
}

// xfrmList asks for a list and hands its messages to each, which shows them or
// appends what deletes them to del; in that case until there are none.
//
// sep is what iproute2 has in front of why a deletion was refused.
func xfrmList(r *runner, gone bool, sep string, request func(*nl.Builder), each func(m nl.Message, del *nl.Builder) error) error {
	c, err := r.xfrmConn()
	if err != nil {
		return err
	}
	say := func(ss ...string) {
		if gone && r.g.stats > 1 {
			r.out.Flush()
			o := &cli.Out{}
			o.S(ss...)
			warning(string(o.B)).run(r)
		}
	}
	after := "Dump terminated"
	if gone {
		after = "Delete-all terminated"
	}
	for round := int32(0); ; round++ {
		say("Delete-all round = ", itoa(round))
		var b, del nl.Builder
		request(&b)
		list, err := c.List(&b, nil)
		for m := range nl.Messages(list) {
			if err := each(m, &del); err != nil {
				return err
			}
		}
		var k *nl.Error
		switch {
		case errors.As(err, &k):
			return refusalAnd(k, exitMissing, after)
		case err != nil || !gone:
			return err
		case del.Len() == 0:
			say("Delete-all completed")
			return nil
		}
		n := del.Len()
		if err := c.Batch(&del, nil); errors.As(err, &k) {
			return failf(exitMissing, "Failed to send delete-all request"+sep+cli.Strerror(k.Errno))
		} else if err != nil {
			return err
		}
		say("Delete-all nlmsg count = ", itoa(int32(n)))
	}
}

// parseXfrmStateFlush reads flush: all states, or those of a protocol.
func parseXfrmStateFlush(a *args) (*plan, error) {
	s := &xfrmRequest{}
	has := false
	proto := uint8(0)
	for a.more() {
		if !a.take("proto") {
			a.wrong(a.peek(), "unknown")
			break
		}
		if has {
			a.twice("proto", "proto")
		}
		proto, has = a.xfrmProto(), true
	}
	xfrm.FlushSAs(&s.b, proto)
	s.say = `Flush state with XFRM-PROTO value "` + xfrmProtoName(proto) + `"`
	return &plan{[]step{s}}, a.err
}

func parseXfrmStateCount(a *args) (*plan, error) {
	a.w = nil // whatever follows is let pass, as in iproute2
	s := &xfrmRequest{}
	xfrm.Count(&s.b, xfrm.MsgGetSADInfo)
	s.show = func(r *runner, m nl.Message) error {
		as, err := xfrm.ParseCount(m)
		if err != nil {
			return err
		}
		r.out.S("\t SAD")
		n, _ := as.U32(xfrm.XFRMA_SAD_CNT)
		r.out.S(" count ").U(uint64(n))
		if b, _ := as.Blob(xfrm.XFRMA_SAD_HINFO); len(b) >= 8 && r.g.stats > 0 {
			r.out.S(" (buckets count ").U(uint64(binary.NativeEndian.Uint32(b))).S(" Max ").U(uint64(binary.NativeEndian.Uint32(b[4:]))).C(')')
		}
		r.out.NL()
		return nil
	}
	return &plan{[]step{s}}, nil
}

// xfrmStateWhere says what the words of states mean.
func xfrmStateWhere(o *cli.Out) {
	o.S(`
ID := [ src ADDR ] [ dst ADDR ] [ proto XFRM-PROTO ] [ spi SPI ]
XFRM-PROTO := esp | ah | comp | route2 | hao
ALGO := { enc | auth } ALGO-NAME ALGO-KEYMAT |
        auth-trunc ALGO-NAME ALGO-KEYMAT ALGO-TRUNC-LEN |
        aead ALGO-NAME ALGO-KEYMAT ALGO-ICV-LEN |
        comp ALGO-NAME
MODE := transport | tunnel | beet | ro | in_trigger`)
	xfrmFlagUsage(o, "FLAG", xfrmStateFlags[:])
	xfrmFlagUsage(o, "EXTRA-FLAG", xfrmExtraFlags[:])
	o.S(xfrmWhere, `
ENCAP := espinudp | espinudp-nonike | espintcp
DIR := in | out`)
}

func xfrmFlagUsage(o *cli.Out, name string, fs []xfrmFlag) {
	o.S("\n", name, "-LIST := [ ", name, "-LIST ] ", name, "\n", name, " :=")
	for i := range fs {
		if i > 0 {
			o.S(" |")
		}
		o.S(" ", fs[i].name)
	}
}

const xfrmWhere = `
SELECTOR := [ src ADDR[/PLEN] ] [ dst ADDR[/PLEN] ] [ dev DEV ] [ UPSPEC ]
UPSPEC := proto { { tcp | udp | sctp | dccp } [ sport PORT ] [ dport PORT ] |
                  { icmp | ipv6-icmp | mobility-header } [ type NUMBER ] [ code NUMBER ] |
                  gre [ key { DOTTED-QUAD | NUMBER } ] | PROTO }
LIMIT := { time-soft | time-hard | time-use-soft | time-use-hard } SECONDS |
         { byte-soft | byte-hard } SIZE | { packet-soft | packet-hard } COUNT`
