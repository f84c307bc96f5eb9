package ip

import (
	"strconv"
	"unicode/utf8"

	"rawns/cmd/rawns/internal/cli"
)

// A printer writes what is listed, as text or as JSON, from the same calls.
// A call gives the JSON key and the value, and the text before and behind it:
//
//	p.Str("ifname", "", name, ": ")      eth0:        "ifname":"eth0"
//
// An empty key is text alone; the methods whose names begin with J write JSON
// alone. Inside an array keys are left out. JSON is laid out and escaped as
// iproute2 does both. Text from outside has control characters escaped.
type printer struct {
	o      *cli.Out
	json   bool
	pretty bool
	color  bool
	bold   bool   // colours are
	num    bool   // numbers for names: -N
	hosts  *hosts // names for addresses, with -r; or nil
	eol    string // what ends a line of text: "\n", or "\\" with -o
	next   color  // of the next value
	depth  int    // of JSON
	sep    bool   // a comma is due
}

// JSON tells whether JSON is written.
func (p *printer) JSON() bool { return p.json }

// T writes text alone.
func (p *printer) T(ss ...string) {
	if !p.json {
		p.o.S(ss...)
	}
}

// NL ends a line of text: with -o, by a backslash.
//
//go:noinline
func (p *printer) NL() { p.T(p.eol) }

// End ends an entry: a new line, also with -o.
//
//go:noinline
func (p *printer) End() { p.T("\n") }

func (p *printer) comma() {
	if p.sep {
		p.o.C(',')
	}
	p.sep = true
}

func (p *printer) line() {
	if p.pretty {
		p.o.C('\n')
		for range p.depth {
			p.o.S("    ")
		}
	}
}

// key writes a member's name, or, for an array's element, nothing.
func (p *printer) key(k string) {
	p.comma()
	if k == "" {
		return
	}
	p.line()
	p.o.B = appendJSON(p.o.B, k)
	p.o.C(':')
	if p.pretty {
		p.o.C(' ')
	}
}

func (p *printer) begin(k string, c byte) {
	p.key(k)
	p.o.C(c)
	p.depth++
	p.sep = false
}

func (p *printer) end(c byte) {
	p.depth--
	if p.sep {
		p.line()
	}
	p.o.C(c).S() // which writes what there is, if it is much
	p.sep = true
}

// Obj begins an object, EndObj ends it.
//
//go:noinline
func (p *printer) Obj(k string) {
	if p.json {
		p.begin(k, '{')
	}
}

// EndObj ends an object.
//
//go:noinline
func (p *printer) EndObj() {
	if p.json {
		p.end('}')
	}
}

// Arr begins an array: text before it, and JSON.
func (p *printer) Arr(k, text string) {
	if !p.json {
		p.o.S(text)
		return
	}
	p.begin(k, '[')
	if p.pretty {
		p.o.C(' ')
	}
}

// EndArr ends an array: JSON, or text behind it.
func (p *printer) EndArr(text string) {
	if !p.json {
		p.o.S(text)
		return
	}
	if p.pretty && p.sep {
		p.o.C(' ')
	}
	p.sep = false
	p.end(']')
}

// Str writes text.
func (p *printer) Str(k, before, v, after string) {
	if p.json {
		p.JStr(k, v)
		return
	}
	p.colorOn()
	p.o.S(before).Safe(v)
	p.o.S(after)
	p.colorOff()
}

// JStr writes text in JSON alone.
func (p *printer) JStr(k, v string) {
	if p.json {
		p.key(k)
		p.o.B = appendJSON(p.o.B, v)
	}
}

// Int writes a number.
func (p *printer) Int(k, before string, v int64, after string) {
	if p.json {
		p.JInt(k, v)
		return
	}
	p.colorOn()
	p.o.S(before).D(v).S(after)
	p.colorOff()
}

// JInt writes a number in JSON alone.
func (p *printer) JInt(k string, v int64) {
	if p.json {
		p.key(k)
		p.o.D(v)
	}
}

// Uint writes a number without a sign.
func (p *printer) Uint(k, before string, v uint64, after string) {
	if p.json {
		p.JUint(k, v)
		return
	}
	p.colorOn()
	p.o.S(before).U(v).S(after)
	p.colorOff()
}

// JUint writes a number without a sign in JSON alone.
func (p *printer) JUint(k string, v uint64) {
	if p.json {
		p.key(k)
		p.o.U(v)
	}
}

// Hex writes a number in hex, "0x1f", as printf's "%#x" does: 0 is "0". In
// JSON it is text.
func (p *printer) Hex(k, before string, v uint64, after string) {
	var t [18]byte
	h := t[:0]
	if v != 0 {
		h = append(h, "0x"...)
	}
	p.Str(k, before, string(strconv.AppendUint(h, v, 16)), after)
}

// OnOff writes true or false in JSON, "on" or "off" in text.
func (p *printer) OnOff(k, before string, v bool, after string) {
	if p.json {
		p.JBool(k, v)
		return
	}
	s := "off"
	if v {
		s = "on"
	}
	p.o.S(before, s, after)
}

// Flag writes true in JSON, text otherwise.
func (p *printer) Flag(k, text string) {
	if p.json {
		p.JBool(k, true)
		return
	}
	p.o.S(text)
}

// JBool writes true or false in JSON alone.
func (p *printer) JBool(k string, v bool) {
	if p.json {
		p.key(k)
		if v {
			p.o.S("true")
		} else {
			p.o.S("false")
		}
	}
}

// JNull writes null in JSON alone.
func (p *printer) JNull(k string) {
	if p.json {
		p.key(k)
		p.o.S("null")
	}
}

// JNumber writes a number that is text already in JSON alone.
func (p *printer) JNumber(k, v string) {
	if p.json {
		p.key(k)
		p.o.S(v)
	}
}

// open begins the JSON document, close ends it: a list of everything shown.
//
//go:noinline
func (p *printer) open() {
	if p.json {
		p.Arr("", "")
	}
}

func (p *printer) close() {
	if p.json {
		p.EndArr("")
		p.o.C('\n')
	}
}

// appendJSON appends s as a JSON string, escaped as iproute2 escapes. What it
// would pass through to a terminal, controls and bytes that are not UTF-8, is
// written as \u00NN.
func appendJSON(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for i := 0; i < len(s); i++ {
		plain := i // nearly all strings are, to their ends
		for i < len(s) && s[i] >= ' ' && s[i] < 0x7f && s[i] != '"' && s[i] != '\\' {
			i++
		}
		dst = append(dst, s[plain:i]...)
		if i == len(s) {
			break
		}
		switch c := s[i]; {
		case c == '\t':
			dst = append(dst, `\t`...)
		case c == '\n':
			dst = append(dst, `\n`...)
		case c == '\r':
			dst = append(dst, `\r`...)
		case c == '\f':
			dst = append(dst, `\f`...)
		case c == '\b':
			dst = append(dst, `\b`...)
		case c == '\\':
			dst = append(dst, `\\`...)
		case c == '"':
			dst = append(dst, `\"`...)
		default:
			if r, n := utf8.DecodeRuneInString(s[i:]); n > 1 && r >= 0xa0 {
				dst = append(dst, s[i:i+n]...)
				i += n - 1
				continue
			}
			dst = append(dst, `\u00`...)
			dst = append(dst, hexdigits[c>>4], hexdigits[c&15])
		}
	}
	return append(dst, '"')
}

const hexdigits = "0123456789abcdef"
