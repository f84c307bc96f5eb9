//go:build !tiny

package ip

import (
	"encoding/binary"
	"strconv"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
)

// An encapField is one attribute of an encap as it is shown. Tables of them are
// in the order of the output.
type encapField struct {
	attr uint16
	key  string // in JSON
	text string // before the value
	show func(p *printer, r *runner, f *encapField, v nl.Attr)
}

// encap writes what becomes of packets: RTA_ENCAP, NHA_ENCAP.
func (p *printer) encap(r *runner, kind, a nl.Attr) {
	if !a.Present() || !kind.Present() {
		return
	}
	n, _ := kind.U16()
	name := rtnl.EncapTypes.Name(uint32(n))
	if name == "" {
		name = "unknown"
	}
	p.Str("encap", " encap ", name, " ")
	if int(n) < len(encapFields) {
		p.encapFields(r, encapFields[n], a.Attrs())
	}
}

func (p *printer) encapFields(r *runner, fs []encapField, as nl.Attrs) {
	var at [16]nl.Attr
	as.Index(at[:])
	for i := range fs {
		if f := &fs[i]; at[f.attr].Present() {
			f.show(p, r, f, at[f.attr])
		}
	}
}

var encapFields = [...][]encapField{
	rtnl.LWTUNNEL_ENCAP_MPLS: {
		{uint16(rtnl.MPLS_IPTUNNEL_DST), "dst", " ", encapShowLabels},
		{uint16(rtnl.MPLS_IPTUNNEL_TTL), "ttl", "ttl ", encapShowUint},
	},
	rtnl.LWTUNNEL_ENCAP_IP: {
		{uint16(rtnl.LWTUNNEL_IP_ID), "id", "id ", encapShowID},
		{uint16(rtnl.LWTUNNEL_IP_SRC), "src", "src ", encapShowAddr},
		{uint16(rtnl.LWTUNNEL_IP_DST), "dst", "dst ", encapShowAddr},
		{uint16(rtnl.LWTUNNEL_IP_TTL), "ttl", "ttl ", encapShowUint},
		{uint16(rtnl.LWTUNNEL_IP_TOS), "tos", "tos ", encapShowUint},
		{uint16(rtnl.LWTUNNEL_IP_FLAGS), "", "", encapShowFlags},
		{uint16(rtnl.LWTUNNEL_IP_OPTS), "", "", encapShowOpts},
	},
	rtnl.LWTUNNEL_ENCAP_ILA: {
		{uint16(rtnl.ILA_ATTR_LOCATOR), "locator", " ", encapShowLocator},
		{uint16(rtnl.ILA_ATTR_CSUM_MODE), "csum_mode", " csum-mode ", encapShowILA},
		{uint16(rtnl.ILA_ATTR_IDENT_TYPE), "ident_type", " ident-type ", encapShowILA},
		{uint16(rtnl.ILA_ATTR_HOOK_TYPE), "hook_type", " hook-type ", encapShowILA},
	},
	rtnl.LWTUNNEL_ENCAP_IP6: {
		{uint16(rtnl.LWTUNNEL_IP6_ID), "id", "id ", encapShowID},
		{uint16(rtnl.LWTUNNEL_IP6_SRC), "src", "src ", encapShowAddr},
		{uint16(rtnl.LWTUNNEL_IP6_DST), "dst", "dst ", encapShowAddr},
		{uint16(rtnl.LWTUNNEL_IP6_HOPLIMIT), "hoplimit", "hoplimit ", encapShowUint},
		{uint16(rtnl.LWTUNNEL_IP6_TC), "tc", "tc ", encapShowUint},
		{uint16(rtnl.LWTUNNEL_IP6_FLAGS), "", "", encapShowFlags},
		{uint16(rtnl.LWTUNNEL_IP6_OPTS), "", "", encapShowOpts},
	},
	rtnl.LWTUNNEL_ENCAP_SEG6: {
		{uint16(rtnl.SEG6_IPTUNNEL_SRH), "", "", encapShowSeg6},
	},
	rtnl.LWTUNNEL_ENCAP_BPF: {
		{uint16(rtnl.LWT_BPF_IN), "in", "in ", encapShowProgram},
		{uint16(rtnl.LWT_BPF_OUT), "out", "out ", encapShowProgram},
		{uint16(rtnl.LWT_BPF_XMIT), "xmit", "xmit ", encapShowProgram},
		{uint16(rtnl.LWT_BPF_XMIT_HEADROOM), "headroom", " ", encapShowUint},
	},
	rtnl.LWTUNNEL_ENCAP_SEG6_LOCAL: {
		{uint16(rtnl.SEG6_LOCAL_ACTION), "action", "action ", encapShowAction},
		{uint16(rtnl.SEG6_LOCAL_SRH), "srh", "", encapShowSRH},
		{uint16(rtnl.SEG6_LOCAL_TABLE), "table", "table ", encapShowTable},
		{uint16(rtnl.SEG6_LOCAL_VRFTABLE), "vrftable", "vrftable ", encapShowTable},
		{uint16(rtnl.SEG6_LOCAL_NH4), "nh4", "nh4 ", encapShowNexthop},
		{uint16(rtnl.SEG6_LOCAL_NH6), "nh6", "nh6 ", encapShowNexthop},
		{uint16(rtnl.SEG6_LOCAL_IIF), "iif", "iif ", encapShowDevice},
		{uint16(rtnl.SEG6_LOCAL_OIF), "oif", "oif ", encapShowDevice},
		{uint16(rtnl.SEG6_LOCAL_BPF), "endpoint", "endpoint ", encapShowProgram},
		{uint16(rtnl.SEG6_LOCAL_COUNTERS), "stats64", "", encapShowCounters},
		{uint16(rtnl.SEG6_LOCAL_FLAVORS), "flavors", "flavors ", encapShowFlavors},
	},
	rtnl.LWTUNNEL_ENCAP_RPL: {
		{uint16(rtnl.RPL_IPTUNNEL_SRH), "", "", encapShowRPL},
	},
	rtnl.LWTUNNEL_ENCAP_IOAM6: {
		{uint16(rtnl.IOAM6_IPTUNNEL_FREQ_K), "freqk", "freq ", encapShowBare},
		{uint16(rtnl.IOAM6_IPTUNNEL_FREQ_N), "freqn", "/", encapShowUint},
		{uint16(rtnl.IOAM6_IPTUNNEL_MODE), "mode", "mode ", encapShowMode},
		{uint16(rtnl.IOAM6_IPTUNNEL_DST), "tundst", "tundst ", encapShowAddr},
		{uint16(rtnl.IOAM6_IPTUNNEL_TRACE), "", "", encapShowTrace},
	},
	rtnl.LWTUNNEL_ENCAP_XFRM: {
		{uint16(rtnl.LWT_XFRM_IF_ID), "if_id", "if_id ", encapShowUint},
		{uint16(rtnl.LWT_XFRM_LINK), "link_dev", "link_dev ", encapShowDevice},
	},
}

func encapShowUint(p *printer, _ *runner, f *encapField, v nl.Attr) {
	if n, ok := number(v); ok {
		p.Uint(f.key, f.text, n, " ")
	}
}

// encapShowBare is encapShowUint for a number that something follows at once.
func encapShowBare(p *printer, _ *runner, f *encapField, v nl.Attr) {
	if n, ok := number(v); ok {
		p.Uint(f.key, f.text, n, "")
	}
}

func encapShowLabels(p *printer, _ *runner, f *encapField, v nl.Attr) {
	p.prefixText(f.key, f.text, unix.AF_MPLS, v.Bytes(), noLen, " ")
}

// addrFamily is the family of an address of so many bytes.
func addrFamily(b []byte) uint8 {
	if len(b) == 4 {
		return unix.AF_INET
	}
	return unix.AF_INET6
}

// encapShowAddr colours what is before the address, too, as iproute2 does.
func encapShowAddr(p *printer, _ *runner, f *encapField, v nl.Attr) {
	family := addrFamily(v.Bytes())
	p.in(familyColor(family)).prefixText(f.key, f.text, family, v.Bytes(), noLen, " ")
}

func encapShowNexthop(p *printer, _ *runner, f *encapField, v nl.Attr) {
	p.prefixText(f.key, f.text, addrFamily(v.Bytes()), v.Bytes(), noLen, " ")
}

func encapShowID(p *printer, _ *runner, f *encapField, v nl.Attr) {
	if b := v.Bytes(); len(b) == 8 {
		p.Uint(f.key, f.text, binary.BigEndian.Uint64(b), " ")
	}
}

func encapShowDevice(p *printer, r *runner, f *encapField, v nl.Attr) {
	if n, ok := v.U32(); ok {
		p.Str(f.key, f.text, r.name(int32(n)), " ")
	}
}

func encapShowTable(p *printer, _ *runner, f *encapField, v nl.Attr) {
	if n, ok := v.U32(); ok {
		p.Str(f.key, f.text, tableNames.name(n, p.num), " ")
	}
}

func encapShowFlags(p *printer, _ *runner, _ *encapField, v nl.Attr) {
	n, _ := v.BE16()
	for _, f := range [...]struct {
		bit  uint16
		name string
	}{{tunnelKey, "key"}, {tunnelCsum, "csum"}, {tunnelSeq, "seq"}} {
		if n&f.bit != 0 {
			p.Flag(f.name, f.name+" ")
		}
	}
}

// encapShowOpts writes the options of a tunnel's own.
func encapShowOpts(p *printer, _ *runner, _ *encapField, v nl.Attr) {
	var at [4]nl.Attr
	v.Attrs().Index(at[:])
	begin := func(name string) {
		p.NL()
		p.T("\t", name, " ")
		p.Arr(name, "")
	}
	switch {
	case at[rtnl.LWTUNNEL_IP_OPTS_GENEVE].Present():
		begin("geneve_opts")
		p.geneveOpts(at[rtnl.LWTUNNEL_IP_OPTS_GENEVE].Attrs())
	case at[rtnl.LWTUNNEL_IP_OPTS_VXLAN].Present():
		begin("vxlan_opts")
		gbp, _ := at[rtnl.LWTUNNEL_IP_OPTS_VXLAN].Attrs().U32(rtnl.LWTUNNEL_IP_OPT_VXLAN_GBP)
		p.Obj("")
		p.Uint("gbp", "", uint64(gbp), " ")
		p.EndObj()
	case at[rtnl.LWTUNNEL_IP_OPTS_ERSPAN].Present():
		begin("erspan_opts")
		as := at[rtnl.LWTUNNEL_IP_OPTS_ERSPAN].Attrs()
		ver, _ := as.U8(rtnl.LWTUNNEL_IP_OPT_ERSPAN_VER)
		var index uint32
		var dir, hwid uint8
		if ver == 1 {
			a, _ := as.Get(uint16(rtnl.LWTUNNEL_IP_OPT_ERSPAN_INDEX))
			index, _ = a.BE32()
		} else {
			dir, _ = as.U8(rtnl.LWTUNNEL_IP_OPT_ERSPAN_DIR)
			hwid, _ = as.U8(rtnl.LWTUNNEL_IP_OPT_ERSPAN_HWID)
		}
		p.Obj("")
		p.Uint("ver", "", uint64(ver), "")
		p.Uint("index", ":", uint64(index), "")
		p.Uint("dir", ":", uint64(dir), "")
		p.Uint("hwid", ":", uint64(hwid), " ")
		p.EndObj()
	default:
		return
	}
	p.EndArr("")
}

// geneveOpts writes options that stand one behind the other in one nest: each
// begins with its class and ends with its data.
func (p *printer) geneveOpts(as nl.Attrs) {
	var class uint16
	var typ uint8
	n := 0
	for a := range as.All() {
		switch a.Type() {
		case uint16(rtnl.LWTUNNEL_IP_OPT_GENEVE_CLASS):
			class, _ = a.BE16()
		case uint16(rtnl.LWTUNNEL_IP_OPT_GENEVE_TYPE):
			typ, _ = a.U8()
		case uint16(rtnl.LWTUNNEL_IP_OPT_GENEVE_DATA):
			if n++; n > 1 {
				p.T(",")
			}
			p.Obj("")
			p.Uint("class", "", uint64(class), "")
			p.Uint("type", ":", uint64(typ), "")
			p.Str("data", ":", string(appendHex(nil, a.Bytes())), "")
			p.EndObj()
		}
	}
	p.T(" ")
}

// appendHex appends bytes as pairs of hex digits.
func appendHex(dst, b []byte) []byte {
	for _, c := range b {
		dst = append(dst, hexdigits[c>>4], hexdigits[c&15])
	}
	return dst
}

func encapShowLocator(p *printer, _ *runner, f *encapField, v nl.Attr) {
	b := v.Bytes()
	if len(b) != 8 {
		return
	}
	var s []byte
	for i := 0; i < 8; i += 2 {
		if i > 0 {
			s = append(s, ':')
		}
		s = strconv.AppendUint(s, uint64(binary.BigEndian.Uint16(b[i:])), 16)
	}
	p.Str(f.key, f.text, string(s), " ")
}

func encapShowILA(p *printer, _ *runner, f *encapField, v nl.Attr) {
	n, _ := v.U8()
	p.named(f, ilaNames(f.attr), uint32(n), "unknown")
}

// named writes the word for a number.
func (p *printer) named(f *encapField, ns *nl.Names, n uint32, unknown string) {
	s := ns.Name(n)
	if s == "" {
		s = unknown
	}
	p.Str(f.key, f.text, s, " ")
}

func encapShowAction(p *printer, _ *runner, f *encapField, v nl.Attr) {
	n, _ := v.U32()
	unknown := "<unknown>"
	if n > 16 {
		unknown = "<invalid>"
	}
	p.named(f, &seg6Actions, n, unknown)
}

func encapShowMode(p *printer, _ *runner, f *encapField, v nl.Attr) {
	n, _ := v.U8()
	p.named(f, &ioam6Modes, uint32(n), "<unknown>")
}

func encapShowProgram(p *printer, _ *runner, f *encapField, v nl.Attr) {
	name, ok := v.Attrs().Str(rtnl.LWT_BPF_PROG_NAME)
	switch {
	case ok:
		p.Str(f.key, f.text, string(name), " ")
	case p.json:
		p.JStr(f.key, "<unknown>")
	default:
		p.T(f.text)
	}
}

// encapShowSeg6 writes struct seg6_iptunnel_encap.
func encapShowSeg6(p *printer, _ *runner, _ *encapField, v nl.Attr) {
	b := v.Bytes()
	if len(b) < 4 {
		return
	}
	p.named(&encapField{key: "mode", text: "mode "}, &seg6Modes, binary.NativeEndian.Uint32(b), "<unknown>")
	p.segmentHeader(b[4:])
}

func encapShowSRH(p *printer, _ *runner, f *encapField, v nl.Attr) {
	p.Obj(f.key)
	p.segmentHeader(v.Bytes())
	p.EndObj()
}

// segmentHeader writes struct ipv6_sr_hdr.
func (p *printer) segmentHeader(h []byte) {
	if len(h) < srhLen {
		return
	}
	p.segments(h[srhLen:], int(h[srhFirst])+1)
	if at := (int(h[srhHdrLen])+1)*8 - hmacLen; h[srhFlags]&srhHasHMAC != 0 && at >= 0 && len(h) >= at+hmacKeyID+4 {
		id := uint64(binary.BigEndian.Uint32(h[at+hmacKeyID:]))
		if p.json {
			p.Hex("hmac", "", id, "")
			return
		}
		p.T("hmac ")
		p.o.B = appendUpperHex(p.o.B, id)
		p.o.C(' ')
	}
}

func appendUpperHex(dst []byte, v uint64) []byte {
	at := len(dst)
	dst = strconv.AppendUint(dst, v, 16)
	for i := at; i < len(dst); i++ {
		if dst[i] >= 'a' {
			dst[i] -= 'a' - 'A'
		}
	}
	return dst
}

// segments writes n segments, the last of the header first.
func (p *printer) segments(b []byte, n int) {
	p.Arr("segs", "segs "+strconv.Itoa(n)+" [ ")
	for i := n - 1; i >= 0; i-- {
		if len(b) >= 16*(i+1) {
			p.in(colInet6).prefixText("", "", unix.AF_INET6, b[16*i:16*i+16], noLen, " ")
		}
	}
	p.EndArr("] ")
}

// encapShowRPL writes struct ipv6_rpl_sr_hdr.
func encapShowRPL(p *printer, _ *runner, _ *encapField, v nl.Attr) {
	if h := v.Bytes(); len(h) >= srhLen {
		p.segments(h[srhLen:], int(h[srhLeft]))
	}
}

func encapShowCounters(p *printer, r *runner, f *encapField, v nl.Attr) {
	if r.g.stats == 0 {
		return
	}
	l := linkPrinter{printer: p, g: r.g}
	p.Obj(f.key)
	for _, c := range [...]struct {
		attr nl.AttrU64
		name string
	}{{rtnl.SEG6_LOCAL_CNT_PACKETS, "packets"}, {rtnl.SEG6_LOCAL_CNT_BYTES, "bytes"}, {rtnl.SEG6_LOCAL_CNT_ERRORS, "errors"}} {
		n, _ := v.Attrs().U64(c.attr)
		p.JUint(c.name, n)
		if !p.json {
			p.T(c.name, " ")
			l.count(1, n)
		}
	}
	p.EndObj()
}

func encapShowFlavors(p *printer, r *runner, f *encapField, v nl.Attr) {
	as := v.Attrs()
	if mask, ok := as.U32(rtnl.SEG6_LOCAL_FLV_OPERATION); ok {
		p.Arr(f.key, f.text)
		before := ""
		for _, n := range seg6FlavorNames.List {
			if mask&n.Value != 0 {
				p.Str("", before, n.Name, "")
				before = ","
			}
		}
		p.EndArr(" ")
	}
	for _, c := range [...]struct {
		attr nl.AttrU8
		name string
	}{{rtnl.SEG6_LOCAL_FLV_LCBLOCK_BITS, "lblen"}, {rtnl.SEG6_LOCAL_FLV_LCNODE_FN_BITS, "nflen"}} {
		if n, ok := as.U8(c.attr); ok {
			p.Uint(c.name, c.name+" ", uint64(n), " ")
		}
	}
}

// encapShowTrace writes struct ioam6_trace_hdr.
func encapShowTrace(p *printer, _ *runner, _ *encapField, v nl.Attr) {
	b := v.Bytes()
	if len(b) < 8 {
		return
	}
	p.null("trace", "trace ")
	p.null("prealloc", "prealloc ")
	typ := uint64(binary.BigEndian.Uint32(b[4:]) >> 8)
	hex := strconv.FormatUint(typ, 16)
	p.JStr("type", hex)
	if !p.json {
		p.T("type ")
		width := 6
		if typ != 0 {
			p.T("0x")
		} else {
			width = 8
		}
		for i := len(hex); i < width; i++ {
			p.T("0")
		}
		p.T(hex, " ")
	}
	p.Uint("ns", "ns ", uint64(binary.BigEndian.Uint16(b)), " ")
	p.Uint("size", "size ", uint64(b[3]&0x7f)*4, " ")
}
