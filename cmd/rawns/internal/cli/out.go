package cli

import (
	"os"
	"strconv"
)

// flushAt bounds how much an Out holds back: long listings stream.
const flushAt = 64 << 10

// Out is a buffered writer with append-style methods that return the Out
// itself, so that a line is one chain: o.S("mtu ").U(1500).NL().
// It serves one goroutine. The first write error is kept; later output is
// dropped.
//
// Its methods are not inlined: each would bring append's growth along, some 80
// bytes at every one of a thousand calls.
type Out struct {
	B   []byte // what has not been written yet; printers may append to it directly
	f   *os.File
	err error
	all bool // nothing is written, B keeps it
}

// Stdout and Stderr are the process's own. Flush Stdout before writing to
// Stderr where their order matters on a terminal: Fail does.
var (
	Stdout = &Out{f: os.Stdout, B: first[:0]}
	Stderr = &Out{f: os.Stderr}
)

// first is where short output waits: a buffer that grows from nothing would touch
// a fresh page of each size on its way, which a short command notices.
var first [4 << 10]byte

// NewBuffer returns an Out that keeps all in B, whatever is flushed.
func NewBuffer() *Out { return &Out{all: true} }

// NewOut returns an Out that writes to f.
func NewOut(f *os.File) *Out { return &Out{f: f} }

// S appends strings as they stand.
//
//go:noinline
func (o *Out) S(ss ...string) *Out {
	b := o.B
	for _, s := range ss {
		b = append(b, s...)
	}
	o.B = b
	return o.spill()
}

// Safe appends a string that came from outside, control bytes escaped.
//
//go:noinline
func (o *Out) Safe(s string) *Out {
	o.B = AppendSafe(o.B, s)
	return o.spill()
}

// C appends one byte.
//
//go:noinline
func (o *Out) C(c byte) *Out { o.B = append(o.B, c); return o }

// NL ends a line.
//
//go:noinline
func (o *Out) NL() *Out { o.B = append(o.B, '\n'); return o.spill() }

// D appends a signed integer in decimal.
//
//go:noinline
func (o *Out) D(v int64) *Out { o.B = strconv.AppendInt(o.B, v, 10); return o }

// U appends an unsigned integer in decimal.
//
//go:noinline
func (o *Out) U(v uint64) *Out { o.B = strconv.AppendUint(o.B, v, 10); return o }

// X appends an unsigned integer in lower-case hex without a prefix, at least
// width digits wide, filled with zeros.
//
//go:noinline
func (o *Out) X(v uint64, width int) *Out {
	var t [16]byte
	s := strconv.AppendUint(t[:0], v, 16)
	for i := len(s); i < width; i++ {
		o.B = append(o.B, '0')
	}
	o.B = append(o.B, s...)
	return o
}

// F appends a float with prec digits after the point, as printf's %.*f.
//
//go:noinline
func (o *Out) F(v float64, prec int) *Out {
	o.B = strconv.AppendFloat(o.B, v, 'f', prec, 64)
	return o
}

// PadTo appends blanks until at least n bytes stand behind mark, an earlier
// len(o.B): printf's "%-*s". It must be used before the line is spilled, so
// between mark and PadTo append to o.B or use C, D, U, X, F and Raw only.
//
//go:noinline
func (o *Out) PadTo(mark, n int) *Out {
	for len(o.B)-mark < n {
		o.B = append(o.B, ' ')
	}
	return o
}

// Raw appends a string without spilling; see PadTo.
//
//go:noinline
func (o *Out) Raw(s string) *Out { o.B = append(o.B, s...); return o }

// Left appends s and fills with blanks to width n: printf's "%-*s".
//
//go:noinline
func (o *Out) Left(s string, n int) *Out {
	m := len(o.B)
	return o.Raw(s).PadTo(m, n)
}

// Right appends s behind enough blanks to make n: printf's "%*s".
//
//go:noinline
func (o *Out) Right(s string, n int) *Out {
	for i := len(s); i < n; i++ {
		o.B = append(o.B, ' ')
	}
	o.B = append(o.B, s...)
	return o
}

func (o *Out) spill() *Out {
	if len(o.B) >= flushAt {
		o.Flush()
	}
	return o
}

// Flush writes what is held back. The error is the first that any write met.
// A closed pipe on stdout ends the process by SIGPIPE, as it ends the stock
// tools: os.File sees to that.
func (o *Out) Flush() error {
	if o.all {
		return nil
	}
	if len(o.B) > 0 && o.err == nil {
		_, o.err = o.f.Write(o.B)
	}
	o.B = o.B[:0]
	return o.err
}
