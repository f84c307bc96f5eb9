package ip

import (
	"cmp"
	"encoding/binary"
	"strconv"
	"strings"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl"
	"rawns/nl/rtnl"
)

// A field is one attribute of a link kind as it is shown. Tables of them are
// in the order of the output.
type field struct {
	attr uint16
	key  string // in JSON; "" is text alone
	text string // before the value
	show func(l *linkPrinter, f *field, v nl.Attr)
}

// fields shows what is there of a table's attributes.
func (l *linkPrinter) fields(fs []field, data nl.Attrs) {
	var as [64]nl.Attr
	data.Index(as[:])
	for i := range fs {
		f := &fs[i]
		if int(f.attr) >= len(as) || !as[f.attr].Present() || f.key == "" && l.json && f.text != "" {
			continue
		}
		f.show(l, f, as[f.attr])
	}
}

// number returns an unsigned integer of whichever size.
func number(v nl.Attr) (uint64, bool) {
	switch len(v.Bytes()) {
	case 1:
		n, ok := v.U8()
		return uint64(n), ok
	case 2:
		n, ok := v.U16()
		return uint64(n), ok
	case 4:
		n, ok := v.U32()
		return uint64(n), ok
	}
	return v.U64()
}

// word returns the word that the kernel's tables have for the value of a
// field, or "".
func (l *linkPrinter) word(f *field, v nl.Attr) string {
	n, ok := number(v)
	if row := l.attrs.Field(f.attr); ok && row != nil {
		return row.Names.Name(uint32(n))
	}
	return ""
}

// showWord writes a number as its word, showUpperWord too, but for what is
// said of a number without one.
func showWord(l *linkPrinter, f *field, v nl.Attr) {
	l.Str(f.key, f.text, cmp.Or(l.word(f, v), "unknown"), " ")
}

func showUpperWord(l *linkPrinter, f *field, v nl.Attr) {
	l.Str(f.key, f.text, cmp.Or(l.word(f, v), "UNKNOWN"), " ")
}

// showYes writes a keyword if its value is not zero, showThere if there is any.
func showYes(l *linkPrinter, f *field, v nl.Attr) {
	if n, ok := number(v); ok && n != 0 {
		l.Flag(f.key, f.text)
	}
}

func showThere(l *linkPrinter, f *field, _ nl.Attr) { l.Flag(f.key, f.text) }

// showNo writes a keyword, with "no" before it if its value is zero.
func showNo(l *linkPrinter, f *field, v nl.Attr) {
	n, ok := number(v)
	switch {
	case !ok:
	case l.json:
		l.JBool(f.key, n != 0)
	case n == 0:
		l.T("no", f.text)
	default:
		l.T(f.text)
	}
}

// showSome writes a number that is not zero.
func showSome(l *linkPrinter, f *field, v nl.Attr) {
	if n, ok := number(v); ok && n != 0 {
		l.Uint(f.key, f.text, n, " ")
	}
}

// showInt writes the number as a signed int of C.
func showInt(l *linkPrinter, f *field, v nl.Attr) {
	if n, ok := number(v); ok {
		l.Int(f.key, f.text, int64(int32(n)), " ")
	}
}

func showBE16(l *linkPrinter, f *field, v nl.Attr) {
	if n, ok := v.BE16(); ok {
		l.Uint(f.key, f.text, uint64(n), " ")
	}
}

// showSomeIP writes an address that is not zero; showIP any.
func showSomeIP(l *linkPrinter, f *field, v nl.Attr) {
	if !isZero(v.Bytes()) {
		showIP(l, f, v)
	}
}

func showIP(l *linkPrinter, f *field, v nl.Attr) {
	if n := len(v.Bytes()); n == 4 || n == 16 {
		l.Str(f.key, f.text, string(cli.AppendIP(nil, v.Bytes())), " ")
	}
}

func isZero(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}

// showBits writes the words of the set bits in angle brackets, which in JSON
// are an array; bits without one come last, in hex.
func (l *linkPrinter) showBits(key string, bits uint32, words *nl.Names) {
	l.Arr(key, "<")
	for i := range words.List {
		w := &words.List[i]
		if bits&w.Value != 0 {
			bits &^= w.Value
			sep := ""
			if bits != 0 {
				sep = ","
			}
			l.Str("", "", w.Name, sep)
		}
	}
	if bits != 0 {
		l.Str("", "", strconv.FormatUint(uint64(bits), 16), "")
	}
	l.EndArr("> ")
}

// showFlags writes the first number of a structure, whose bits have words.
func showFlags(l *linkPrinter, f *field, v nl.Attr) {
	if row := l.attrs.Field(f.attr); row != nil && row.Layout != nil && len(v.Bytes()) >= row.Layout.Size {
		l.showBits(f.key, binary.NativeEndian.Uint32(v.Bytes()), row.Layout.Members[0].Names)
	}
}

func showUint(l *linkPrinter, f *field, v nl.Attr) {
	if n, ok := number(v); ok {
		l.Uint(f.key, f.text, n, " ")
	}
}

func showHex(l *linkPrinter, f *field, v nl.Attr) {
	if n, ok := number(v); ok {
		l.Hex(f.key, f.text, n, " ")
	}
}

func showOnOff(l *linkPrinter, f *field, v nl.Attr) {
	if n, ok := number(v); ok {
		l.OnOff(f.key, f.text, n != 0, " ")
	}
}

func showMAC(l *linkPrinter, f *field, v nl.Attr) {
	l.Str(f.key, f.text, string(cli.AppendMAC(nil, v.Bytes())), " ")
}

func showDev(l *linkPrinter, f *field, v nl.Attr) {
	if n, ok := v.U32(); ok {
		l.Str(f.key, f.text, l.r.name(int32(n)), " ")
	}
}

// showTimer writes hundredths of a second as seconds.
func showTimer(l *linkPrinter, f *field, v nl.Attr) {
	n, ok := number(v)
	if !ok {
		return
	}
	s := strconv.FormatUint(n/100, 10)
	frac := string([]byte{'.', byte('0' + n%100/10), byte('0' + n%10)})
	if l.json {
		l.JNumber(f.key, s+frac)
		return
	}
	l.o.S(f.text).Right(s, 4).S(frac, " ")
}

// showBridgeID writes a priority and a MAC whose bytes have no leading zeros,
// as ether_ntoa(3) writes it.
func showBridgeID(l *linkPrinter, f *field, v nl.Attr) {
	b := v.Bytes()
	if len(b) < 8 {
		return
	}
	s := append([]byte(nil), hexdigits[b[0]>>4], hexdigits[b[0]&15], hexdigits[b[1]>>4], hexdigits[b[1]&15])
	for i, c := range b[2:8] {
		if i == 0 {
			s = append(s, '.')
		} else {
			s = append(s, ':')
		}
		s = strconv.AppendUint(s, uint64(c), 16)
	}
	l.Str(f.key, f.text, string(s), " ")
}

// parseProto reads the name, in any case, or the number of an Ethernet protocol.
func parseProto(s string) (uint16, bool) {
	for i := range rtnl.EtherTypes.List {
		if p := &rtnl.EtherTypes.List[i]; strings.EqualFold(p.Name, s) {
			return uint16(p.Value), true
		}
	}
	n, ok := parseUint(s, 16)
	return uint16(n), ok
}

// optProto reads an Ethernet protocol into an attribute.
func optProto(a *args, st state, o *option) {
	w := a.next()
	v, ok := parseProto(w)
	if a.err == nil && !ok {
		a.bad(o, w)
	}
	st.req().b.BE16(nl.AttrBE16(o.attr), v)
}

func showProto(l *linkPrinter, f *field, v nl.Attr) {
	if n, ok := v.BE16(); ok {
		l.Str(f.key, f.text, protoName(n, l.num), " ")
	}
}

// protoName returns the name of an Ethernet protocol, or its number.
func protoName(n uint16, numeric bool) string {
	if s := rtnl.EtherTypes.Name(uint32(n)); s != "" && !numeric {
		return s
	}
	return "[" + strconv.Itoa(int(n)) + "]"
}
