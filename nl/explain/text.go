package explain

import (
	"encoding/binary"
	"strconv"

	"rawns/nl"
)

// TextOptions say how a message is written for people.
type TextOptions struct {
	Options
	Color bool // by the escape sequences of terminals
	// Brief leaves out what becomes of the message: the kernel's functions and
	// the replies.
	Brief bool
	// Prefix stands before each message's first line.
	Prefix string
}

const (
	dim   = "\x1b[2m"
	bold  = "\x1b[1m"
	cyan  = "\x1b[36m"
	green = "\x1b[32m"
	plain = "\x1b[0m"
)

// AppendText appends the messages of p, each with what it is about, a line for
// every field, and what becomes of it. Offsets count from the message's own
// start, as the kernel's do.
func AppendText(dst, p []byte, o TextOptions) []byte {
	for len(p) > 0 {
		one := p[:Size(p, o.Options)]
		p = p[len(one):]
		t := text1{TextOptions: &o, dst: dst, p: one}
		t.message()
		dst = t.dst
		if len(p) > 0 {
			dst = append(dst, '\n')
		}
	}
	return dst
}

// Size returns the bytes of the first message of p with its padding; all, if it
// has no size that can be.
func Size(p []byte, o Options) int {
	if len(p) < nl.HeaderLen {
		return len(p)
	}
	n := binary.LittleEndian.Uint32(p)
	if o.Order == Big || o.Order == Host && hostBig() {
		n = binary.BigEndian.Uint32(p)
	}
	if n < nl.HeaderLen || int64(n) > int64(len(p)) {
		return len(p)
	}
	return min(align(int(n)), len(p))
}

// A text1 writes one message.
type text1 struct {
	*TextOptions
	dst []byte
	p   []byte

	// The line that waits for what may belong to it: the value behind an
	// attribute's header, and padding.
	open bool
	line Span
	cuts [2]int // where groups of bytes of it end
	pad  int
}

//go:noinline
func (t *text1) s(ss ...string) *text1 {
	for _, s := range ss {
		t.dst = append(t.dst, s...)
	}
	return t
}

//go:noinline
func (t *text1) color(code string) {
	if t.Color {
		t.s(code)
	}
}

func (t *text1) message() {
	a := Describe(t.p, t.Options)
	t.color(bold)
	t.s(t.Prefix, a.Type, ": ", a.Title)
	t.color(plain)
	t.s(", ")
	t.dst = strconv.AppendInt(t.dst, int64(len(t.p)), 10)
	t.s(" bytes\n")
	Each(t.p, t.Options, func(s *Span) bool {
		t.span(s)
		return true
	})
	t.flush()
	if t.Brief {
		return
	}
	if len(a.Kernel) > 0 {
		t.s("  the kernel: ")
		for i, f := range a.Kernel {
			if i > 0 {
				t.s(" > ")
			}
			t.s(f)
		}
		t.s("\n")
	}
	for i, r := range a.Replies {
		if i == 0 {
			t.s("  comes back: ")
		} else {
			t.s("              ")
		}
		t.s(r, "\n")
	}
}

// span adds a span to the line that waits, or begins another.
func (t *text1) span(s *Span) {
	if t.open {
		l := &t.line
		switch {
		case l.Kind == Attribute && s.Depth == l.Depth+1 && s.Name == l.Name && s.Kind != Attribute:
			t.cuts[0] = l.Length
			l.Kind, l.Length, l.Value = s.Kind, l.Length+s.Length, s.Value
			return
		case s.Kind == Padding && s.Name == "" && l.Kind != Attribute && t.pad == 0 && s.Length < 4:
			t.cuts[1] = l.Length
			t.pad = s.Length
			l.Length += s.Length
			return
		}
	}
	t.flush()
	t.open, t.line, t.pad, t.cuts = true, *s, 0, [2]int{}
	if s.Name == "" && s.Kind == Padding {
		t.line.Name = "pad"
	}
}

// perLine bytes are written beside a field's name; the rest of a long one below.
const perLine = 8

const hexWidth = 21

func (t *text1) flush() {
	if !t.open {
		return
	}
	t.open = false
	l := &t.line
	n := 0
	for at := 0; at < l.Length; at += n {
		n = min(perLine, l.Length-at)
		if at > 0 {
			n = min(perLine, l.Length-at)
		}
		t.color(dim)
		t.right(l.Offset+at, 6)
		t.color(plain)
		t.s("  ")
		t.color(cyan)
		used := t.hex(l.Offset+at, l.Offset+at+n, l)
		t.color(plain)
		if at == 0 {
			t.spaces(hexWidth - used)
			t.spaces(2 * l.Depth)
			t.color(bold)
			t.s(l.Name)
			t.color(plain)
			if l.Value != "" {
				t.spaces(max(16-len(l.Name), 0))
				t.s("  ", l.Value)
			}
			if t.pad > 0 {
				t.s(", then ")
				t.dst = strconv.AppendInt(t.dst, int64(t.pad), 10)
				t.s(plural(t.pad, " byte"), " of padding")
			}
		}
		t.s("\n")
	}
	if l.Why != "" {
		t.spaces(8 + hexWidth + 2*l.Depth)
		t.color(green)
		t.s("# ", l.Why)
		t.color(plain)
		t.s("\n")
	}
}

//go:noinline
func (t *text1) spaces(n int) {
	for ; n > 0; n-- {
		t.dst = append(t.dst, ' ')
	}
}

func (t *text1) right(v, width int) {
	n := 1
	for x := v; x >= 10; x /= 10 {
		n++
	}
	t.spaces(width - n)
	t.dst = strconv.AppendInt(t.dst, int64(v), 10)
}

// hex writes bytes in groups: an attribute's length and type, its value in
// fours, its padding. It returns the columns used.
func (t *text1) hex(at, end int, l *Span) int {
	const digits = "0123456789abcdef"
	used := 0
	for i := at; i < end; i++ {
		off := i - l.Offset
		cut := off%4 == 0
		if t.cuts[0] > 0 || l.Kind == Attribute {
			cut = cut || off == 2
		}
		if i > at && (cut || off == t.cuts[1] && t.pad > 0) {
			t.dst = append(t.dst, ' ')
			used++
		}
		t.dst = append(t.dst, digits[t.p[i]>>4], digits[t.p[i]&15])
		used += 2
	}
	return used
}
