//go:build !tiny

package ip

import (
	"encoding/binary"
	"strings"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
)

// The kinds of encap whose packets get an IPv6 extension header: seg6,
// seg6local, rpl and ioam6.

var encapSeg6 = table{name: "seg6", again: true, wrong: badEncap, rows: []option{
	{name: "mode", exact: true, val: valFunc, once: true, arg: "{ encap | encap.red | inline | l2encap | l2encap.red }", parse: seg6Mode, about: helps("put a header around packets, or insert it")},
	{name: "segs", exact: true, val: valFunc, once: true, arg: "ADDRESS[,ADDRESS]...", parse: seg6Segs, about: helps("the way, in order")},
	{name: "hmac", exact: true, val: valFunc, once: true, arg: "KEYID", parse: seg6HMAC, about: helps("the key to sign with")},
}}

// SEG6_IPTUN_MODE_, linux/seg6_iptunnel.h.
const seg6Inline = 0

var seg6Modes = nl.Names{List: []nl.Name{
	{Value: seg6Inline, Name: "inline"}, {Value: 1, Name: "encap"}, {Value: 2, Name: "l2encap"}, {Value: 3, Name: "encap.red"}, {Value: 4, Name: "l2encap.red"},
}}

func seg6Mode(a *args, st state, o *option) {
	w := a.next()
	v, ok := seg6Modes.Value(w)
	if !ok && a.err == nil {
		a.bad(o, w)
	}
	st.(*encapState).mode = int32(v)
}

func seg6Segs(a *args, st state, _ *option) {
	s := st.(*encapState)
	w := a.next()
	if s.mode < 0 && a.err == nil {
		a.wrong(w, "\"segs\" provided before \"mode\"\n")
	}
	s.segs = w
}

// seg6HMAC reads the number of a key; what is no number is none, as in
// iproute2.
func seg6HMAC(a *args, st state, _ *option) {
	if v, ok := parseUint(a.next(), 32); ok {
		st.(*encapState).hmac = uint32(v)
	}
}

func (a *args) encapSeg6(s *encapState) {
	s.options(a)
	h := a.segmentHeader(s.segs, s.hmac, s.mode != seg6Inline)
	e := binary.NativeEndian.AppendUint32(nil, uint32(s.mode)) // struct seg6_iptunnel_encap
	s.b.Blob(rtnl.SEG6_IPTUNNEL_SRH, append(e, h...))
}

// struct ipv6_sr_hdr, linux/seg6.h: eight bytes, then the segments, the last
// one first; behind them there may be an HMAC, struct sr6_tlv_hmac.
const (
	srhLen     = 8
	srhHdrLen  = 1 // offsets: the length in units of eight bytes, the first not counted
	srhType    = 2
	srhLeft    = 3 // segments
	srhFirst   = 4 // the largest index among the segments
	srhFlags   = 5
	srhHasHMAC = 1 << 3
	hmacLen    = 40
	hmacKeyID  = 4
)

// segmentHeader makes the header of a list of segments. One that is inserted
// into a packet, rather than put around it, has room for the packet's own
// destination behind them.
func (a *args) segmentHeader(segs string, hmac uint32, around bool) []byte {
	n := strings.Count(segs, ",") + 1
	last := n - 1
	if !around {
		n, last = n+1, n
	}
	size := srhLen + 16*n
	if hmac != 0 {
		size += hmacLen
	}
	h := make([]byte, size)
	h[srhHdrLen], h[srhType], h[srhLeft], h[srhFirst] = uint8(size/8-1), 4, uint8(last), uint8(last)
	a.segments(segs, h[srhLen:], last)
	if hmac != 0 {
		h[srhFlags] = srhHasHMAC
		tlv := h[size-hmacLen:]
		tlv[0], tlv[1] = 5, hmacLen-2
		binary.BigEndian.PutUint32(tlv[hmacKeyID:], hmac)
	}
	return h
}

// segments reads addresses with commas between them into dst, from index i
// downwards.
func (a *args) segments(segs string, dst []byte, i int) {
	for seg := range strings.SplitSeq(segs, ",") {
		if seg == "" || a.err != nil {
			continue
		}
		p, ok := parseAddr(seg, unix.AF_INET6)
		if !ok {
			a.failf(exitMissing, `Error: inet6 address is expected rather than "`, seg, `".`)
			return
		}
		copy(dst[16*i:], p.b[:])
		i--
	}
}

var encapSeg6Local = table{name: "seg6local", again: true, wrong: badEncap, rows: []option{
	{name: "action", exact: true, val: valFunc, once: true, attr: uint16(rtnl.SEG6_LOCAL_ACTION), arg: "ACTION", parse: seg6Action, about: helps("what to do with packets for this segment")},
	{name: "table", exact: true, val: valFunc, once: true, attr: uint16(rtnl.SEG6_LOCAL_TABLE), arg: "TABLE", says: &saying{wrong: "invalid table id\n"}, parse: seg6Table, about: helps("the table to look in")},
	{name: "vrftable", exact: true, val: valFunc, once: true, attr: uint16(rtnl.SEG6_LOCAL_VRFTABLE), arg: "TABLE", says: &saying{wrong: "invalid vrf table id\n"}, parse: seg6Table, about: helps("the table of a VRF to look in")},
	{name: "nh4", exact: true, val: valFunc, once: true, attr: uint16(rtnl.SEG6_LOCAL_NH4), arg: "ADDRESS", parse: encapAddr4, about: helps("the next router")},
	{name: "nh6", exact: true, val: valFunc, once: true, attr: uint16(rtnl.SEG6_LOCAL_NH6), arg: "ADDRESS", parse: encapAddr6, about: helps("the next router")},
	{name: "iif", exact: true, val: valFunc, once: true, attr: uint16(rtnl.SEG6_LOCAL_IIF), arg: "DEVICE", parse: encapDevice, about: helps("the link that packets come in by")},
	{name: "oif", exact: true, val: valFunc, once: true, attr: uint16(rtnl.SEG6_LOCAL_OIF), arg: "DEVICE", parse: encapDevice, about: helps("the link to send by")},
	{name: "count", exact: true, val: valFunc, once: true, attr: uint16(rtnl.SEG6_LOCAL_COUNTERS), parse: seg6Count, about: helps("count packets")},
	{name: "flavors", exact: true, val: valFunc, once: true, attr: uint16(rtnl.SEG6_LOCAL_FLAVORS), arg: "{ psp | usp | usd | next-csid [ lblen BITS ] [ nflen BITS ] },...", parse: seg6Flavors, about: helps("variants of the action")},
	{name: "srh", exact: true, val: valFunc, once: true, attr: uint16(rtnl.SEG6_LOCAL_SRH), arg: "segs ADDRESS[,ADDRESS]... [ hmac KEYID ]", parse: seg6SRH, about: helps("the header to add")},
	{name: "endpoint", exact: true, val: valFunc, once: true, attr: uint16(rtnl.SEG6_LOCAL_BPF), arg: "BPF", parse: encapProgram, about: helps("a program")},
}}

// SEG6_LOCAL_ACTION_, linux/seg6_local.h.
const seg6EndB6Encap = 10

var seg6Actions = nl.Names{List: []nl.Name{
	{Value: 1, Name: "End"}, {Value: 2, Name: "End.X"}, {Value: 3, Name: "End.T"}, {Value: 4, Name: "End.DX2"}, {Value: 5, Name: "End.DX6"}, {Value: 6, Name: "End.DX4"},
	{Value: 7, Name: "End.DT6"}, {Value: 8, Name: "End.DT4"}, {Value: 9, Name: "End.B6"}, {Value: seg6EndB6Encap, Name: "End.B6.Encaps"}, {Value: 11, Name: "End.BM"}, {Value: 12, Name: "End.S"},
	{Value: 13, Name: "End.AS"}, {Value: 14, Name: "End.AM"}, {Value: 15, Name: "End.BPF"}, {Value: 16, Name: "End.DT46"},
}}

// SEG6_LOCAL_FLV_OP_, as bits.
const seg6NextCSID = 1 << 4

var seg6FlavorNames = nl.Names{Flags: true, List: []nl.Name{{Value: 1 << 1, Name: "psp"}, {Value: 1 << 2, Name: "usp"}, {Value: 1 << 3, Name: "usd"}, {Value: seg6NextCSID, Name: "next-csid"}}}

func seg6Action(a *args, st state, o *option) {
	s := st.(*encapState)
	w := a.next()
	v, ok := seg6Actions.Value(w)
	if !ok && a.err == nil {
		a.bad(o, w)
	}
	s.action = v
	s.b.U32(rtnl.SEG6_LOCAL_ACTION, v)
}

func seg6Table(a *args, st state, o *option) {
	st.req().b.U32(nl.AttrU32(o.attr), a.named(&tableNames, o))
}

// seg6Count asks for counters, which begin at zero.
func seg6Count(_ *args, st state, _ *option) {
	b := &st.req().b
	n := b.NestF(rtnl.SEG6_LOCAL_COUNTERS)
	b.U64(rtnl.SEG6_LOCAL_CNT_PACKETS, 0)
	b.U64(rtnl.SEG6_LOCAL_CNT_BYTES, 0)
	b.U64(rtnl.SEG6_LOCAL_CNT_ERRORS, 0)
	b.End(n)
}

func seg6Flavors(a *args, st state, _ *option) {
	b := &st.req().b
	w := a.next()
	mask, ok := uint32(0), w != ""
	for f := range strings.SplitSeq(w, ",") {
		v, known := seg6FlavorNames.Value(strings.ToLower(f))
		if f == "" {
			continue
		}
		ok = ok && known && mask&v == 0
		mask |= v
	}
	if !ok {
		if a.err == nil {
			a.wrong(w, "invalid \"flavors\" attribute\n")
		}
		return
	}
	n := b.NestF(rtnl.SEG6_LOCAL_FLAVORS)
	b.U32(rtnl.SEG6_LOCAL_FLV_OPERATION, mask)
	if mask&seg6NextCSID != 0 {
		bits := func(keyword, what string, at nl.AttrU8) {
			if !a.take(keyword) {
				return
			}
			w := a.next()
			v, ok := parseUint(w, 8)
			if !ok && a.err == nil {
				a.wrong(w, what)
			}
			b.U8(at, uint8(v))
		}
		bits("lblen", "\"locator-block length\" value is invalid\n", rtnl.SEG6_LOCAL_FLV_LCBLOCK_BITS)
		bits("nflen", "\"locator-node function length\" value is invalid\n", rtnl.SEG6_LOCAL_FLV_LCNODE_FN_BITS)
	}
	b.End(n)
}

func seg6SRH(a *args, st state, o *option) {
	s := st.(*encapState)
	if w := a.next(); w != "segs" && a.err == nil {
		a.wrong(w, "missing \"segs\" attribute for srh\n")
	}
	s.srh, s.segs = true, a.next()
	if a.take("hmac") {
		seg6HMAC(a, st, o)
	}
}

func (a *args) encapSeg6Local(s *encapState) {
	s.options(a)
	if s.action == 0 && a.err == nil {
		a.failf(exitUsage, "Missing action type")
	}
	if s.srh {
		s.b.Blob(rtnl.SEG6_LOCAL_SRH, a.segmentHeader(s.segs, s.hmac, s.action == seg6EndB6Encap))
	}
}

var encapRPL = table{name: "rpl", again: true, rows: []option{
	{name: "segs", exact: true, val: valFunc, once: true, arg: "ADDRESS[,ADDRESS]...", parse: rplSegs, about: helps("the way, in order")},
}}

func rplSegs(a *args, st state, _ *option) { st.(*encapState).segs = a.next() }

// encapRPL makes struct ipv6_rpl_sr_hdr, linux/rpl.h, which begins as
// ipv6_sr_hdr does.
func (a *args) encapRPL(s *encapState) {
	s.options(a)
	n := strings.Count(s.segs, ",") + 1
	h := make([]byte, srhLen+16*n)
	h[srhHdrLen], h[srhType], h[srhLeft] = uint8(len(h)/8-1), 3, uint8(n)
	a.segments(s.segs, h[srhLen:], n-1)
	s.b.Blob(rtnl.RPL_IPTUNNEL_SRH, h)
}

// IOAM6_IPTUNNEL_MODE_, linux/ioam6_iptunnel.h.
const ioam6Inline = 1

var ioam6Modes = nl.Names{List: []nl.Name{{Value: ioam6Inline, Name: "inline"}, {Value: 2, Name: "encap"}, {Value: 3, Name: "auto"}}}

const (
	ioam6MaxFreq = 1000000 // IOAM6_IPTUNNEL_FREQ_MAX
	ioam6MaxData = 244     // IOAM6_TRACE_DATA_SIZE_MAX, linux/ioam6.h
)

// encapIOAM6 reads words whose order is fixed.
func (a *args) encapIOAM6(s *encapState) {
	k, n := uint32(1), uint32(1)
	if a.take("freq") {
		k, n = a.ioam6Freq()
	}
	mode := uint32(ioam6Inline)
	if a.take("mode") {
		w := a.next()
		v, ok := ioam6Modes.Value(w)
		if !ok && a.err == nil {
			a.wrong(w, "Invalid mode")
		}
		mode = v
	}
	var dst prefix
	switch {
	case a.take("tundst"):
		if mode == ioam6Inline {
			a.wrong("tundst", "Inline mode does not need tundst")
		}
		dst = a.addr(unix.AF_INET6)
	case mode != ioam6Inline:
		a.required("tundst")
	}
	for _, w := range [...]string{"trace", "prealloc"} {
		if !a.take(w) {
			if !a.more() {
				a.next()
			}
			a.required(w)
		}
	}
	typ, ns, size := a.ioam6Trace()
	s.b.U32(rtnl.IOAM6_IPTUNNEL_FREQ_K, k)
	s.b.U32(rtnl.IOAM6_IPTUNNEL_FREQ_N, n)
	s.b.U8(rtnl.IOAM6_IPTUNNEL_MODE, uint8(mode))
	if mode != ioam6Inline {
		s.putIP(rtnl.IOAM6_IPTUNNEL_DST, &dst)
	}
	var t [8]byte // struct ioam6_trace_hdr
	binary.BigEndian.PutUint16(t[:], ns)
	t[3] = ioam6Remlen(uint8(size / 4))
	binary.BigEndian.PutUint32(t[4:], typ<<8)
	s.b.Blob(rtnl.IOAM6_IPTUNNEL_TRACE, t[:])
}

// required says that a keyword is missing.
func (a *args) required(keyword string) {
	a.failf(exitUsage, `Error: argument "`+keyword+`" is required`)
}

// ioam6Remlen is the byte with the seven bits remlen of ioam6_trace_hdr: they
// are the low ones, whatever the byte order.
func ioam6Remlen(v uint8) uint8 { return v & 0x7f }

// ioam6Freq reads "K/N".
func (a *args) ioam6Freq() (k, n uint32) {
	w := a.next()
	if a.err != nil {
		return
	}
	if len(w) > 15 {
		a.wrong(w, "Invalid frequency (too long)")
		return
	}
	first, second, slash := strings.Cut(w, "/")
	v, neg, ok := parseNumberBase(first, 10)
	u, neg2, ok2 := parseNumberBase(second, 10)
	switch {
	case !slash || !ok || !ok2 || neg && v != 0 || neg2 && u != 0 || v>>32 != 0 || u>>32 != 0:
		a.wrong(w, "Invalid frequency (malformed)")
	case v < 1 || v > ioam6MaxFreq:
		a.wrong(w, "Out of bound \"k\" frequency")
	case u < 1 || u > ioam6MaxFreq:
		a.wrong(w, "Out of bound \"n\" frequency")
	case v > u:
		a.wrong(w, "Frequency with k > n is forbidden")
	}
	return uint32(v), uint32(u)
}

// ioam6Trace reads "type TYPE ns ID size BYTES", in any order.
func (a *args) ioam6Trace() (typ uint32, ns, size uint16) {
	hasNS := false
words:
	for a.more() {
		switch a.peek() {
		case "type":
			a.next()
			w := a.next()
			v, ok := parseUint(w, 32)
			switch {
			case a.err != nil:
			case typ != 0:
				a.garbage("type", w)
			case !ok || v == 0:
				a.wrong(w, "Invalid trace type")
			}
			typ = uint32(v)
		case "ns":
			a.next()
			w := a.next()
			v, ok := parseUint(w, 16)
			switch {
			case a.err != nil:
			case hasNS:
				a.garbage("ns", w)
			case !ok:
				a.wrong(w, "Invalid namespace ID")
			}
			ns, hasNS = uint16(v), true
		case "size":
			a.next()
			w := a.next()
			v, ok := parseUint(w, 16)
			switch {
			case a.err != nil:
			case size != 0:
				a.garbage("size", w)
			case !ok || v == 0:
				a.wrong(w, "Invalid trace size")
			case v%4 != 0:
				a.wrong(w, "Trace size must be a 4-octet multiple")
			case v > ioam6MaxData:
				a.wrong(w, "Trace size is too big")
			}
			size = uint16(v)
		default:
			break words
		}
	}
	switch {
	case a.err != nil:
	case typ == 0:
		a.required("type")
	case !hasNS:
		a.required("ns")
	case size == 0:
		a.required("size")
	}
	return typ, ns, size
}
