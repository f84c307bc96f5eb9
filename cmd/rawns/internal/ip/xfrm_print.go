//go:build !tiny

package ip

import (
	"encoding/binary"
	"time"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl"
	"rawns/nl/xfrm"
)

// An xfrmPrinter writes states and policies; there is no JSON of them.
type xfrmPrinter struct {
	o      *cli.Out
	r      *runner
	stats  bool
	noKeys bool
	eol    string
}

func (r *runner) xfrmPrinter(noKeys bool) *xfrmPrinter {
	p := &xfrmPrinter{o: r.out, r: r, stats: r.g.stats > 0, noKeys: noKeys, eol: "\n"}
	if r.g.oneline {
		p.eol = `\`
	}
	return p
}

// end ends an entry.
func (p *xfrmPrinter) end() {
	if p.eol != "\n" {
		p.o.NL()
	}
	p.o.S()
}

// address writes one of a family.
func (p *xfrmPrinter) address(before string, a xfrm.Address, family uint16) *cli.Out {
	n := addrBits(uint8(family)) / 8
	p.o.S(before)
	p.o.B = appendAddr(p.o.B, uint8(family), a[:n])
	return p.o
}

// id writes what names a state, how it is used, and who asks for it.
func (p *xfrmPrinter) id(before, indent string, src xfrm.Address, d *xfrm.ID, mode uint8, reqid uint32, family uint16, spi bool) {
	o := p.address(before+"src ", src, family)
	p.address(" dst ", d.Dst, family).S(p.eol, indent, "\tproto ", xfrmProtoName(d.Proto), " ")
	if p.stats || spi || d.SPI != 0 {
		o.S("spi 0x").X(uint64(d.SPI), 8)
		if p.stats {
			o.C('(').U(uint64(d.SPI)).C(')')
		}
		o.C(' ')
	}
	o.S("reqid ").U(uint64(reqid))
	if p.stats {
		o.S("(0x").X(uint64(reqid), 8).C(')')
	}
	o.S(" mode ")
	name := itoa(int32(mode))
	for i := range xfrmModes {
		if xfrmModes[i].num == mode {
			name = xfrmModes[i].name
		}
	}
	o.S(name, p.eol)
}

// flags writes the names of bits, and what is left of them.
func (p *xfrmPrinter) flags(before string, fs []xfrmFlag, v uint32) {
	p.o.S(before)
	for i := range fs {
		if v&fs[i].bit == 0 {
			continue
		}
		p.o.S(fs[i].name)
		if v &^= fs[i].bit; v != 0 {
			p.o.C(' ')
		}
	}
	if v != 0 {
		p.o.X(uint64(v), 1)
	}
}

// mask8 writes the bits of a byte.
func (p *xfrmPrinter) mask8(v uint8) {
	p.o.S(" (0x")
	for i := 7; i >= 0; i-- {
		p.o.C('0' + v>>i&1)
	}
	p.o.C(')')
}

// xfrmTime writes seconds since 1970 in local time.
func xfrmTime(sec uint64) string {
	if sec == 0 {
		return "-"
	}
	return dateTime(time.Unix(int64(sec), 0))
}

func (p *xfrmPrinter) limit(before string, v uint64, after string) {
	p.o.S(before)
	if v == xfrm.Inf {
		p.o.S("(INF)")
	} else {
		p.o.U(v)
	}
	p.o.S(after)
}

func (p *xfrmPrinter) lifetime(l *xfrm.Limits, u *xfrm.Usage) {
	o := p.o
	o.S("\tlifetime config:", p.eol)
	p.limit("\t  limit: soft ", l.SoftBytes, "(bytes),")
	p.limit(" hard ", l.HardBytes, "(bytes)"+p.eol)
	p.limit("\t  limit: soft ", l.SoftPackets, "(packets),")
	p.limit(" hard ", l.HardPackets, "(packets)"+p.eol)
	o.S("\t  expire add: soft ").U(l.SoftAdd).S("(sec), hard ").U(l.HardAdd).S("(sec)", p.eol)
	o.S("\t  expire use: soft ").U(l.SoftUse).S("(sec), hard ").U(l.HardUse).S("(sec)", p.eol)
	o.S("\tlifetime current:", p.eol, "\t  ").U(u.Bytes).S("(bytes), ").U(u.Packets).S("(packets)", p.eol)
	o.S("\t  add ", xfrmTime(u.Added), " use ", xfrmTime(u.Used), p.eol)
}

// selector writes which packets are meant.
func (p *xfrmPrinter) selector(before string, s *xfrm.Selector, family uint16) {
	if s.Family != unix.AF_UNSPEC {
		family = s.Family
	}
	o := p.address(before+"src ", s.Src, family).C('/').U(uint64(s.SrcLen))
	p.address(" dst ", s.Dst, family).C('/').U(uint64(s.DstLen)).C(' ')
	if s.Proto != 0 {
		o.S("proto ").Safe(xfrmUpperName(s.Proto)).C(' ')
	}
	number := func(name string, mask, v uint16) {
		if mask != 0 {
			o.S(name, " ").U(uint64(v)).C(' ')
		}
	}
	switch s.Proto {
	case unix.IPPROTO_ICMP, unix.IPPROTO_ICMPV6:
		number("type", s.SPortMask, s.SPort)
		number("code", s.DPortMask, s.DPort)
	case unix.IPPROTO_GRE:
		if s.SPortMask|s.DPortMask != 0 {
			o.S("key ").U(uint64(s.SPort)<<16 + uint64(s.DPort)).C(' ')
		}
	case unix.IPPROTO_MH:
		number("type", s.SPortMask, s.SPort)
		if s.DPortMask != 0 && p.stats {
			// As it lies in memory, not as a number.
			raw := binary.NativeEndian.Uint16([]byte{byte(s.DPort >> 8), byte(s.DPort)})
			o.S("(dport) 0x").X(uint64(raw), 4).C(' ')
		}
	default:
		number("sport", s.SPortMask, s.SPort)
		number("dport", s.DPortMask, s.DPort)
	}
	if s.Index > 0 {
		o.S("dev ").Safe(p.r.name(s.Index)).C(' ')
	}
	if p.stats {
		o.S("uid ").U(uint64(s.User))
	}
	o.S(p.eol)
}

// algo writes an algorithm: struct xfrm_algo, or one of those that begin like
// it and have a length before their key.
func (p *xfrmPrinter) algo(name string, b []byte, extra bool) {
	o := p.o
	o.S("\t", name, " ")
	key := 68
	if extra {
		key += 4
	}
	if len(b) < key {
		o.S("(ERROR truncated)", p.eol)
		return
	}
	u := func(off int) uint32 { return binary.NativeEndian.Uint32(b[off:]) }
	o.Safe(cstring(b[:64])).C(' ')
	bits := u(64)
	switch n := uint64(bits / 8); {
	case uint64(len(b)-key) < n:
		o.S("(ERROR truncated)")
	case p.noKeys:
		o.S("<<Keys hidden>>")
	case n > 0:
		o.S("0x")
		for _, c := range b[key : key+int(n)] {
			o.X(uint64(c), 2)
		}
		if p.stats {
			o.S(" (").U(uint64(bits)).S(" bits)")
		}
	}
	if extra {
		o.C(' ').U(uint64(u(68)))
	}
	o.S(p.eol)
}

// cstring returns what stands before the first NUL.
func cstring(b []byte) string {
	for i, c := range b {
		if c == 0 {
			return string(b[:i])
		}
	}
	return string(b)
}

// attrs writes what states and policies have in attributes.
func (p *xfrmPrinter) attrs(as nl.Attrs, family uint16) {
	o := p.o
	u := func(b []byte, i int) uint32 { return binary.NativeEndian.Uint32(b[4*i:]) }
	blob := func(a nl.AttrBytes, n int) []byte {
		if b, _ := as.Blob(a); len(b) >= n {
			return b
		}
		return nil
	}
	mark := blob(xfrm.XFRMA_MARK, 8)
	out, hasOut := as.U32(xfrm.XFRMA_SET_MARK)
	if mark != nil {
		o.S("\tmark ", hexNumber(u(mark, 0)), "/", hexNumber(u(mark, 1)), " ")
	} else if hasOut {
		o.S("\t")
	}
	if hasOut {
		o.S("output-mark 0x").X(uint64(out), 1)
		if mask, ok := as.U32(xfrm.XFRMA_SET_MARK_MASK); ok {
			o.S("/0x").X(uint64(mask), 1)
		}
	}
	if mark != nil || hasOut {
		o.S(p.eol)
	}
	trunc, hasTrunc := as.Blob(xfrm.XFRMA_ALG_AUTH_TRUNC)
	if b, ok := as.Blob(xfrm.XFRMA_ALG_AUTH); ok && !hasTrunc {
		p.algo("auth", b, false)
	}
	if hasTrunc {
		p.algo("auth-trunc", trunc, true)
	}
	if b, ok := as.Blob(xfrm.XFRMA_ALG_AEAD); ok {
		p.algo("aead", b, true)
	}
	if b, ok := as.Blob(xfrm.XFRMA_ALG_CRYPT); ok {
		p.algo("enc", b, false)
	}
	if b, ok := as.Blob(xfrm.XFRMA_ALG_COMP); ok {
		p.algo("comp", b, false)
	}
	if b := blob(xfrm.XFRMA_ENCAP, 24); b != nil {
		o.S("\tencap type ")
		switch t := binary.NativeEndian.Uint16(b); t {
		case 1, 2, 7:
			o.S(encapName(t))
		default:
			o.U(uint64(t))
		}
		o.S(" sport ").U(uint64(binary.BigEndian.Uint16(b[2:]))).S(" dport ").U(uint64(binary.BigEndian.Uint16(b[4:])))
		p.address(" addr ", xfrm.Address(b[8:24]), family).S(p.eol)
	}
	if b, ok := as.Blob(xfrm.XFRMA_TMPL); ok {
		p.tmpls(b)
	}
	if b := blob(xfrm.XFRMA_COADDR, 16); b != nil {
		p.address("\tcoa ", xfrm.Address(b[:16]), family).S(p.eol)
	}
	if t, ok := as.U64(xfrm.XFRMA_LASTUSED); ok {
		o.S("\tlastused ", xfrmTime(t), p.eol)
	}
	if b := blob(xfrm.XFRMA_REPLAY_VAL, 12); b != nil {
		o.S("\tanti-replay context: seq 0x").X(uint64(u(b, 1)), 1).S(", oseq 0x").X(uint64(u(b, 0)), 1).S(", bitmap 0x").X(uint64(u(b, 2)), 8).S(p.eol)
	}
	if b := blob(xfrm.XFRMA_REPLAY_ESN_VAL, 24); b != nil {
		o.S("\tanti-replay esn context:", p.eol, "\t seq-hi 0x").X(uint64(u(b, 4)), 1).S(", seq 0x").X(uint64(u(b, 2)), 1)
		o.S(", oseq-hi 0x").X(uint64(u(b, 3)), 1).S(", oseq 0x").X(uint64(u(b, 1)), 1).S(p.eol)
		o.S("\t replay_window ").U(uint64(u(b, 5))).S(", bitmap-length ").U(uint64(u(b, 0))).S(p.eol)
		n := min(int(u(b, 0)), (len(b)-24)/4)
		for i := range n {
			if i%8 == 0 {
				o.S("\t ")
			}
			o.X(uint64(u(b, 6+i)), 8).C(' ')
			if i%8 == 7 || i == n-1 {
				o.S(p.eol)
			}
		}
	}
	if b := blob(xfrm.XFRMA_OFFLOAD_DEV, 5); b != nil {
		dir := "out"
		if b[4]&2 != 0 {
			dir = "in"
		}
		o.S("\tcrypto offload parameters: dev ").Safe(p.r.name(int32(u(b, 0)))).S(" dir ", dir, p.eol)
	}
	if id, ok := as.U32(xfrm.XFRMA_IF_ID); ok {
		o.S("\tif_id ", hexNumber(id), p.eol)
	}
	if n, ok := as.U32(xfrm.XFRMA_TFCPAD); ok {
		o.S("\ttfcpad ").U(uint64(n)).S(p.eol)
	}
}

// hexNumber writes a number as printf's "%#x" does.
func hexNumber(v uint32) string {
	if v == 0 {
		return "0"
	}
	o := &cli.Out{}
	o.Raw("0x").X(uint64(v), 1)
	return string(o.B)
}

// xfrmEncaps are the types of encapsulation, UDP_ENCAP_, linux/udp.h.
var xfrmEncaps = [...]struct {
	name string
	num  uint16
}{{"espinudp-nonike", 1}, {"espinudp", 2}, {"espintcp", 7}}

func encapName(num uint16) string {
	for i := range xfrmEncaps {
		if xfrmEncaps[i].num == num {
			return xfrmEncaps[i].name
		}
	}
	return ""
}

var shares = [...]string{"any", "session", "user", "unique"}

func shareName(v uint8) string {
	if int(v) < len(shares) {
		return shares[v]
	}
	return itoa(int32(v))
}

func (p *xfrmPrinter) tmpls(b []byte) {
	o := p.o
	ts := xfrm.ParseTmpls(b)
	if len(ts) == 0 {
		o.S("\t(ERROR \"tmpl\" truncated)", p.eol)
	}
	for i := range ts {
		t := &ts[i]
		p.id("\ttmpl ", "\t", t.Src, &t.ID, t.Mode, t.ReqID, t.Family, false)
		if p.stats || t.Optional != 0 {
			o.S("\t\t")
			switch {
			case t.Optional == 1:
				o.S("level use ")
			case t.Optional != 0:
				o.S("level ").U(uint64(t.Optional)).C(' ')
			case p.stats:
				o.S("level required ")
			}
			if p.stats {
				o.S("share ", shareName(t.Share), " ")
			}
			o.S(p.eol)
		}
		if p.stats {
			o.S("\t\tenc-mask ").X(uint64(t.Encs), 8).S(" auth-mask ").X(uint64(t.Auths), 8).S(" comp-mask ").X(uint64(t.Comps), 8).S(p.eol)
		}
	}
}

// context writes XFRMA_SEC_CTX.
func (p *xfrmPrinter) context(as nl.Attrs) {
	b, ok := as.Blob(xfrm.XFRMA_SEC_CTX)
	if !ok {
		return
	}
	p.o.S("\tsecurity context ")
	if len(b) < 8 {
		p.o.S("(ERROR truncated)", p.eol)
		return
	}
	p.o.Safe(cstring(b[8:])).S(" ", p.eol)
}

// state writes a state.
func (p *xfrmPrinter) state(s *xfrm.State) {
	o := p.o
	p.id("", "", s.Src, &s.ID, s.Mode, s.ReqID, s.Family, isIPsec(s.Proto))
	o.S("\treplay-window ").U(uint64(s.ReplayWindow)).C(' ')
	if p.stats {
		m := len(o.B)
		o.Raw("seq 0x")
		n := itoa32(s.Seq)
		for len(o.B) < m+6+8-len(n) {
			o.C('0')
		}
		o.Raw(n).C(' ')
	}
	if p.stats || s.Flags != 0 {
		p.flags("flag ", xfrmStateFlags[:], uint32(s.Flags))
	}
	if extra, ok := s.Attrs.U32(xfrm.XFRMA_SA_EXTRA_FLAGS); ok && p.stats {
		p.flags("extra_flag ", xfrmExtraFlags[:], extra)
	}
	if p.stats {
		p.mask8(s.Flags)
	}
	o.S(p.eol)
	p.attrs(s.Attrs, s.Family)
	if s.Sel != (xfrm.Selector{}) {
		p.selector("\tsel ", &s.Sel, s.Family)
	}
	if p.stats {
		p.lifetime(&s.Limits, &s.Usage)
		o.S("\tstats:", p.eol, "\t  replay-window ").U(uint64(s.StatWindow)).S(" replay ").U(uint64(s.Replayed)).S(" failed ").U(uint64(s.Failed)).S(p.eol)
	}
	p.context(s.Attrs)
	p.end()
}

// policy writes a policy.
func (p *xfrmPrinter) policy(q *xfrm.Policy, family uint8) {
	o := p.o
	p.selector("", &q.Sel, uint16(family))
	p.context(q.Attrs)
	dir := q.Dir
	if dir >= xfrm.DirMax {
		dir -= xfrm.DirMax
		o.S("\tsocket ")
	} else {
		o.S("\tdir ")
	}
	name := itoa(int32(dir))
	if int(dir) < len(xfrmDirs) {
		name = xfrmDirs[dir]
	}
	o.S(name, " ")
	switch {
	case q.Action == xfrm.Block:
		o.S("action block ")
	case q.Action != xfrm.Allow:
		o.S("action ").U(uint64(q.Action)).C(' ')
	case p.stats:
		o.S("action allow ")
	}
	if p.stats {
		o.S("index ").U(uint64(q.Index)).C(' ')
	}
	o.S("priority ").U(uint64(q.Priority)).C(' ')
	if b, _ := q.Attrs.Blob(xfrm.XFRMA_POLICY_TYPE); len(b) > 0 {
		o.S("ptype ", ptypeName(b[0]), " ")
	}
	if p.stats {
		o.S("share ", shareName(q.Share), " ")
	}
	if p.stats || q.Flags != 0 {
		p.flags("flag ", xfrmPolicyFlags[:], uint32(q.Flags))
	}
	if p.stats {
		p.mask8(q.Flags)
	}
	o.S(p.eol)
	if p.stats {
		p.lifetime(&q.Limits, &q.Usage)
	}
	p.attrs(q.Attrs, q.Sel.Family)
	p.end()
}
