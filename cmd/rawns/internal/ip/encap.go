//go:build !tiny

package ip

import (
	"encoding/binary"
	"strings"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl"
	"rawns/nl/rtnl"
)

// "encap KIND ..." of routes and next hops: light-weight tunnels. How they are
// shown is in encap_print.go.

// An encapKind is what follows the word for a kind, and how the usage text
// writes it.
type encapKind struct {
	typ   uint16 // LWTUNNEL_ENCAP_
	usage string // with table's keywords behind it, if there is one
	table *table
	parse func(a *args, s *encapState)
}

// encapKinds is in the order of the numbers; rtnl.EncapTypes has the words.
var encapKinds = [...]encapKind{
	{rtnl.LWTUNNEL_ENCAP_MPLS, "LABEL[/LABEL]...", &encapMPLS, (*args).encapMPLS},
	{rtnl.LWTUNNEL_ENCAP_IP, "", &encapIP, (*args).encapIP},
	{rtnl.LWTUNNEL_ENCAP_ILA, "LOCATOR", &encapILA, (*args).encapILA},
	{rtnl.LWTUNNEL_ENCAP_IP6, "", &encapIP6, (*args).encapIP},
	{rtnl.LWTUNNEL_ENCAP_SEG6, "", &encapSeg6, (*args).encapSeg6},
	{rtnl.LWTUNNEL_ENCAP_BPF, "", &encapBPF, (*args).encapBPF},
	{rtnl.LWTUNNEL_ENCAP_SEG6_LOCAL, "", &encapSeg6Local, (*args).encapSeg6Local},
	{rtnl.LWTUNNEL_ENCAP_RPL, "", &encapRPL, (*args).encapRPL},
	{rtnl.LWTUNNEL_ENCAP_IOAM6, "[ freq K/N ] [ mode { inline | encap | auto } ] [ tundst ADDRESS ] trace prealloc type TYPE ns ID size BYTES", nil, (*args).encapIOAM6},
	{rtnl.LWTUNNEL_ENCAP_XFRM, "", &encapXFRM, (*args).encapXFRM},
}

// encapWhere says what the words of the usage text stand for.
func encapWhere(o *cli.Out) {
	o.S("\nENCAPTYPE := {")
	for i := range encapKinds {
		sep := " | "
		if i == 0 {
			sep = " "
		}
		o.S(sep, encapKinds[i].name())
	}
	o.S(" }\nENCAPHDR := of the type's own:")
	for i := range encapKinds {
		k := &encapKinds[i]
		o.S("\n  ", k.name())
		if k.usage != "" {
			o.C(' ').S(k.usage)
		}
		if k.table != nil {
			k.table.appendUsage(o, "\n        ")
		}
	}
	o.S("\nACTION := {")
	for i, n := range seg6Actions.List {
		sep := " | "
		switch {
		case i == 0:
			sep = " "
		case i%8 == 0:
			sep = " |\n            "
		}
		o.S(sep, n.Name)
	}
	o.S(" }")
}

func (k *encapKind) name() string { return rtnl.EncapTypes.Name(uint32(k.typ)) }

// encapState is an encap while its words are read.
type encapState struct {
	*request
	kind *encapKind
	used seen
	// What only the last word decides.
	flags  uint16 // of a tunnel
	mode   int32  // of seg6, -1 for none yet
	segs   string
	hmac   uint32
	action uint32 // of seg6local
	srh    bool
	opts   bool
	hasID  bool
	room   bool // for a header
}

func (s *encapState) req() *request { return s.request }

// encap reads what follows the word "encap" and appends it: a nest, and behind
// it its kind.
func (a *args) encap(q *request, nest nl.AttrNestF, kind nl.AttrU16) {
	w := a.next()
	v, ok := rtnl.EncapTypes.Value(w)
	switch {
	case a.err != nil:
		return
	case w == "help":
		o := &cli.Out{}
		o.S("Usage: ip route ... encap ENCAPTYPE ENCAPHDR")
		encapWhere(o)
		a.fail(&failure{code: exitUsage, text: string(o.B)})
		return
	case !ok:
		a.wrong(w, "\"encap type\" value is invalid\n")
		return
	case !a.more():
		a.next()
		return
	case len(a.w) == 1:
		a.failf(exitUsage, `Error: unexpected end of line after "encap"`)
		return
	}
	s := &encapState{request: q, kind: &encapKinds[v-1], mode: -1}
	m := q.b.NestF(nest)
	s.kind.parse(a, s)
	q.b.End(m)
	q.b.U16(kind, uint16(v))
}

// options reads the keywords of the kind, up to the first word that is none.
func (s *encapState) options(a *args) {
	for a.option(s.kind.table, s, &s.used) {
	}
}

func encapAddr4(a *args, st state, o *option) { encapAddr(a, st, o, unix.AF_INET) }
func encapAddr6(a *args, st state, o *option) { encapAddr(a, st, o, unix.AF_INET6) }

func encapAddr(a *args, st state, o *option, family uint8) {
	p := a.addr(family)
	st.req().putIP(nl.AttrIP(o.attr), &p)
}

// A label stack.

var encapMPLS = table{name: "mpls", wrong: badEncap, again: true, rows: []option{
	{name: "ttl", exact: true, once: true, val: valU8, attr: uint16(rtnl.MPLS_IPTUNNEL_TTL), arg: "NUMBER", about: helps("of the label; otherwise that of the packet")},
}}

const badEncap = "\"%\" value is invalid\n"

func (a *args) encapMPLS(s *encapState) {
	p := a.addr(unix.AF_MPLS)
	s.b.Blob(rtnl.MPLS_IPTUNNEL_DST, p.addr())
	s.options(a)
}

// Tunnels over IP.

var encapIP = table{name: "ip", wrong: badEncap, again: true, rows: []option{
	{name: "id", exact: true, once: true, val: valFunc, attr: uint16(rtnl.LWTUNNEL_IP_ID), arg: "NUMBER", parse: encapID, about: helps("the key, or the network, of the tunnel")},
	{name: "dst", exact: true, once: true, val: valFunc, attr: uint16(rtnl.LWTUNNEL_IP_DST), arg: "ADDRESS", parse: encapAddr4, about: helps("the other end")},
	{name: "src", exact: true, once: true, val: valFunc, attr: uint16(rtnl.LWTUNNEL_IP_SRC), arg: "ADDRESS", parse: encapAddr4, about: helps("this end")},
	{name: "tos", exact: true, once: true, val: valFunc, attr: uint16(rtnl.LWTUNNEL_IP_TOS), arg: "TOS", parse: encapTos, about: helps("of the outer packet")},
	{name: "ttl", exact: true, once: true, val: valU8, attr: uint16(rtnl.LWTUNNEL_IP_TTL), arg: "NUMBER", about: helps("of the outer packet")},
	{name: "geneve_opts", exact: true, val: valFunc, attr: uint16(rtnl.LWTUNNEL_IP_OPTS_GENEVE), arg: "CLASS:TYPE:DATA,...", parse: encapOpts, about: helps("options of geneve")},
	{name: "vxlan_opts", exact: true, val: valFunc, attr: uint16(rtnl.LWTUNNEL_IP_OPTS_VXLAN), arg: "GBP", parse: encapOpts, about: helps("a group policy for VXLAN")},
	{name: "erspan_opts", exact: true, val: valFunc, attr: uint16(rtnl.LWTUNNEL_IP_OPTS_ERSPAN), arg: "VERSION:INDEX:DIR:HWID", parse: encapOpts, about: helps("what ERSPAN sends")},
	{name: "key", exact: true, once: true, val: valFunc, attr: tunnelKey, parse: encapFlag, about: helps("send the key")},
	{name: "csum", exact: true, once: true, val: valFunc, attr: tunnelCsum, parse: encapFlag, about: helps("send a checksum")},
	{name: "seq", exact: true, once: true, val: valFunc, attr: tunnelSeq, parse: encapFlag, about: helps("send a sequence number")},
}}

var encapIP6 = table{name: "ip6", wrong: badEncap, again: true, rows: []option{
	{name: "id", exact: true, once: true, val: valFunc, attr: uint16(rtnl.LWTUNNEL_IP6_ID), arg: "NUMBER", parse: encapID, about: helps("the key, or the network, of the tunnel")},
	{name: "dst", exact: true, once: true, val: valFunc, attr: uint16(rtnl.LWTUNNEL_IP6_DST), arg: "ADDRESS", parse: encapAddr6, about: helps("the other end")},
	{name: "src", exact: true, once: true, val: valFunc, attr: uint16(rtnl.LWTUNNEL_IP6_SRC), arg: "ADDRESS", parse: encapAddr6, about: helps("this end")},
	{name: "tc", exact: true, once: true, val: valFunc, attr: uint16(rtnl.LWTUNNEL_IP6_TC), arg: "TC", parse: encapTos, about: helps("traffic class of the outer packet")},
	{name: "hoplimit", exact: true, once: true, val: valU8, attr: uint16(rtnl.LWTUNNEL_IP6_HOPLIMIT), arg: "NUMBER", about: helps("of the outer packet")},
	{name: "geneve_opts", exact: true, val: valFunc, attr: uint16(rtnl.LWTUNNEL_IP_OPTS_GENEVE), arg: "CLASS:TYPE:DATA,...", parse: encapOpts, about: helps("options of geneve")},
	{name: "vxlan_opts", exact: true, val: valFunc, attr: uint16(rtnl.LWTUNNEL_IP_OPTS_VXLAN), arg: "GBP", parse: encapOpts, about: helps("a group policy for VXLAN")},
	{name: "erspan_opts", exact: true, val: valFunc, attr: uint16(rtnl.LWTUNNEL_IP_OPTS_ERSPAN), arg: "VERSION:INDEX:DIR:HWID", parse: encapOpts, about: helps("what ERSPAN sends")},
	{name: "key", exact: true, once: true, val: valFunc, attr: tunnelKey, parse: encapFlag, about: helps("send the key")},
	{name: "csum", exact: true, once: true, val: valFunc, attr: tunnelCsum, parse: encapFlag, about: helps("send a checksum")},
	{name: "seq", exact: true, once: true, val: valFunc, attr: tunnelSeq, parse: encapFlag, about: helps("send a sequence number")},
}}

// TUNNEL_ bits of LWTUNNEL_IP_FLAGS, linux/if_tunnel.h.
const (
	tunnelCsum = 0x01
	tunnelKey  = 0x04
	tunnelSeq  = 0x08
)

func (a *args) encapIP(s *encapState) {
	s.options(a)
	if s.flags != 0 {
		s.b.BE16(rtnl.LWTUNNEL_IP_FLAGS, s.flags)
	}
}

func encapID(a *args, st state, o *option) {
	st.req().b.Blob(nl.AttrBytes(o.attr), binary.BigEndian.AppendUint64(nil, a.uint64("\"id\" value is invalid\n")))
}

func encapTos(a *args, st state, o *option) {
	w := a.next()
	v, ok := tosNames.value(w)
	if !ok && a.err == nil {
		a.bad(o, w)
	}
	st.req().b.U8(nl.AttrU8(o.attr), uint8(v))
}

func encapFlag(_ *args, st state, o *option) { st.(*encapState).flags |= o.attr }

// encapOpts reads the options of a tunnel's own.
func encapOpts(a *args, st state, o *option) {
	s := st.(*encapState)
	if s.opts {
		a.garbage("opts", o.name)
		return
	}
	s.opts = true
	w := a.next()
	if a.err != nil {
		return
	}
	n := s.b.NestF(nl.AttrNestF(rtnl.LWTUNNEL_IP_OPTS))
	ok, cut := true, w
	switch nl.AttrNestF(o.attr) {
	case rtnl.LWTUNNEL_IP_OPTS_GENEVE:
		for one := range strings.SplitSeq(w, ",") {
			ok = ok && s.tunnelOpt(one, o.attr, geneveParts[:])
		}
	case rtnl.LWTUNNEL_IP_OPTS_VXLAN:
		ok = s.tunnelOpt(w, o.attr, vxlanParts[:])
	default:
		ok = s.tunnelOpt(w, o.attr, erspanParts[:])
	}
	s.b.End(n)
	if !ok {
		if i := strings.IndexAny(cut, ",:"); i >= 0 && nl.AttrNestF(o.attr) != rtnl.LWTUNNEL_IP_OPTS_VXLAN {
			cut = cut[:i] // iproute2 has cut it there
		}
		a.bad(o, cut)
		if f, ok := a.err.(*failure); ok && tooMany(w, o) {
			f.text = "Unknown \"geneve_opts\" type\n" + f.text
		}
	}
}

// tooMany tells whether an option has more parts than there are: that is said
// before, in the same words for all kinds.
func tooMany(w string, o *option) bool {
	most := len(geneveParts)
	switch nl.AttrNestF(o.attr) {
	case rtnl.LWTUNNEL_IP_OPTS_VXLAN:
		return false
	case rtnl.LWTUNNEL_IP_OPTS_ERSPAN:
		most, w = len(erspanParts), strings.ReplaceAll(w, ",", "")
	}
	for one := range strings.SplitSeq(w, ",") {
		if strings.Count(one, ":") >= most {
			return true
		}
	}
	return false
}

// The parts of such options, between colons: what their numbers are sent as.
// The place is the attribute's number.
var (
	geneveParts = [...]nl.Kind{nl.KindBE16, nl.KindU8, nl.KindBytes}
	vxlanParts  = [...]nl.Kind{nl.KindU32}
	erspanParts = [...]nl.Kind{nl.KindU8, nl.KindBE32, nl.KindU8, nl.KindU8}
)

// tunnelOpt reads one option: parts that may be empty.
func (s *encapState) tunnelOpt(w string, attr uint16, kinds []nl.Kind) (ok bool) {
	n := s.b.NestF(nl.AttrNestF(attr))
	defer s.b.End(n)
	parts := []string{w}
	if len(kinds) > 1 {
		parts = strings.Split(w, ":")
	}
	if len(parts) > len(kinds) {
		return false
	}
	for i, part := range parts {
		if part == "" && len(kinds) > 1 {
			continue
		}
		at := uint16(i + 1)
		bits := 32
		switch kinds[i] {
		case nl.KindU8:
			bits = 8
		case nl.KindBE16:
			bits = 16
		case nl.KindBytes:
			b, ok := parseHex(part)
			if !ok {
				return false
			}
			s.b.Blob(nl.AttrBytes(at), b)
			continue
		}
		v, ok := parseUint(part, bits)
		if !ok {
			return false
		}
		switch kinds[i] {
		case nl.KindU8:
			s.b.U8(nl.AttrU8(at), uint8(v))
		case nl.KindBE16:
			s.b.BE16(nl.AttrBE16(at), uint16(v))
		case nl.KindBE32:
			s.b.BE32(nl.AttrBE32(at), uint32(v))
		default:
			s.b.U32(nl.AttrU32(at), uint32(v))
		}
	}
	return true
}

// parseHex reads pairs of hex digits; a last digit alone is not looked at.
func parseHex(s string) (b []byte, ok bool) {
	for ; len(s) >= 2; s = s[2:] {
		hi, lo := hexValue(s[0]), hexValue(s[1])
		if hi < 0 || lo < 0 {
			return nil, false
		}
		b = append(b, byte(hi<<4|lo))
	}
	return b, true
}

func hexValue(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}

// Identifier-locator addressing.

var encapILA = table{name: "ila", wrong: badEncap, rows: []option{
	{name: "csum-mode", exact: true, val: valFunc, attr: uint16(rtnl.ILA_ATTR_CSUM_MODE), arg: "{ adj-transport | neutral-map | neutral-map-auto | no-action }", parse: encapILAMode, about: helps("how checksums stay right")},
	{name: "ident-type", exact: true, val: valFunc, attr: uint16(rtnl.ILA_ATTR_IDENT_TYPE), arg: "{ luid | use-format }", parse: encapILAMode, about: helps("what the identifier is")},
	{name: "hook-type", exact: true, val: valFunc, attr: uint16(rtnl.ILA_ATTR_HOOK_TYPE), arg: "{ input | output }", parse: encapILAMode, about: helps("when it is done")},
}}

// Words of ILA_ATTR_, linux/ila.h.
var (
	ilaCsumModes = nl.Names{List: []nl.Name{{Value: 0, Name: "adj-transport"}, {Value: 1, Name: "neutral-map"}, {Value: 2, Name: "no-action"}, {Value: 3, Name: "neutral-map-auto"}}}
	ilaTypes     = nl.Names{List: []nl.Name{{Value: 0, Name: "iid"}, {Value: 1, Name: "luid"}, {Value: 2, Name: "virt-v4"}, {Value: 3, Name: "virt-uni-v6"},
		{Value: 4, Name: "virt-multi-v6"}, {Value: 5, Name: "nonlocal-addr"}, {Value: 32, Name: "use-format"}}}
	ilaHooks = nl.Names{List: []nl.Name{{Value: 0, Name: "output"}, {Value: 1, Name: "input"}}}
)

func ilaNames(attr uint16) *nl.Names {
	switch nl.AttrU8(attr) {
	case rtnl.ILA_ATTR_CSUM_MODE:
		return &ilaCsumModes
	case rtnl.ILA_ATTR_IDENT_TYPE:
		return &ilaTypes
	}
	return &ilaHooks
}

func encapILAMode(a *args, st state, o *option) {
	w := a.next()
	v, ok := ilaNames(o.attr).Value(w)
	if !ok && a.err == nil {
		a.bad(o, w)
	}
	st.req().b.U8(nl.AttrU8(o.attr), uint8(v))
}

func (a *args) encapILA(s *encapState) {
	w := a.next()
	l, ok := parseLocator(w)
	if !ok && a.err == nil {
		a.failf(exitMissing, "Bad locator: ", w)
	}
	s.b.Blob(rtnl.ILA_ATTR_LOCATOR, l[:])
	s.options(a)
}

// parseLocator reads up to four numbers of 16 bits in hex, with colons between
// them.
func parseLocator(w string) (l [8]byte, ok bool) {
	for i := 0; i < 4; i++ {
		part, rest, more := strings.Cut(w, ":")
		v, neg, ok := parseNumberBase(part, 16)
		if !ok || neg || v > 0xffff || i == 3 && more {
			return l, false
		}
		binary.BigEndian.PutUint16(l[2*i:], uint16(v))
		if !more {
			break
		}
		w = rest
	}
	return l, true
}

// IPsec.

var encapXFRM = table{name: "xfrm", wrong: badEncap, again: true, rows: []option{
	{name: "if_id", exact: true, once: true, val: valFunc, attr: uint16(rtnl.LWT_XFRM_IF_ID), arg: "NUMBER", parse: encapIfID, about: helps("the number that policies and states name")},
	{name: "link_dev", exact: true, once: true, val: valFunc, attr: uint16(rtnl.LWT_XFRM_LINK), arg: "DEVICE", parse: encapDevice, about: helps("the link below")},
}}

func encapIfID(a *args, st state, o *option) {
	w := a.next()
	v, ok := parseUint(w, 32)
	if (!ok || v == 0) && a.err == nil {
		a.bad(o, w)
	}
	s := st.(*encapState)
	s.b.U32(nl.AttrU32(o.attr), uint32(v))
	s.hasID = true
}

// encapDevice reads the name of an interface that must be there.
func encapDevice(a *args, st state, o *option) {
	w := a.next()
	missing := noDevice(w)
	missing.code = exitUsage
	st.req().dev(nl.AttrU32(o.attr), w, missing)
}

func (a *args) encapXFRM(s *encapState) {
	s.options(a)
	if !s.hasID || a.peek() == "help" {
		a.failf(exitUsage, "Usage: ip route ... encap xfrm if_id IF_ID [ link_dev LINK ]")
	}
}

// Programs of the kernel's own machine. None is loaded here.

var encapBPF = table{name: "bpf", rows: []option{
	{name: "in", exact: true, val: valFunc, arg: "BPF", parse: encapProgram, about: helps("a program for packets that come in")},
	{name: "out", exact: true, val: valFunc, arg: "BPF", parse: encapProgram, about: helps("a program for packets that go out")},
	{name: "xmit", exact: true, val: valFunc, arg: "BPF", parse: encapProgram, about: helps("a program for packets about to be sent")},
	{name: "headroom", exact: true, val: valFunc, arg: "BYTES", parse: encapHeadroom, about: helps("room for headers that it adds")},
}}

func encapProgram(a *args, _ state, _ *option) {
	a.next()
	a.failf(exitUsage, "Failed to parse eBPF program: loading one is not implemented")
}

func encapHeadroom(a *args, st state, _ *option) {
	s := st.(*encapState)
	w := a.next()
	v, ok := parseUint(w, 32)
	if (!ok || v == 0) && a.err == nil {
		a.wrong(w, "headroom is invalid\n")
	}
	if !s.room {
		s.b.U32(rtnl.LWT_BPF_XMIT_HEADROOM, uint32(v))
	}
	s.room = true
}

func (a *args) encapBPF(s *encapState) {
	s.options(a)
	if a.peek() == "help" {
		a.failf(exitUsage, "Usage: ip route ... encap bpf [ in BPF ] [ out BPF ] [ xmit BPF ] [...]\nBPF := obj FILE [ section NAME ] [ verbose ]")
	}
}
