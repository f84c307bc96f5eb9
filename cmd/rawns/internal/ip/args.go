package ip

import (
	"strconv"

	"rawns/cmd/rawns/internal/cli"
)

// Exit codes, as iproute2's.
const (
	exitMissing = 1   // what was named does not exist; a command that cannot be
	exitKernel  = 2   // the kernel refused
	exitUsage   = 255 // the words make no command
)

// A failure ends a command: what is said on stderr, and the exit code. Its
// words from outside are escaped already.
type failure struct {
	code int
	text string    // without the last new line; "" says nothing
	hint string    // our own advice, on a line of its own; may be ""
	help *commands // whose usage text is said, made when it is
	// stdout is said there, as it stands: usage texts that iproute2 does not
	// take for errors.
	stdout string
	// Of a batch: ends says that iproute2 exits at once, goesOn that it does
	// not, where the code alone tells otherwise (endsBatch).
	ends, goesOn bool
}

func (f *failure) Error() string { return f.text }

func failf(code int, parts ...string) *failure {
	f := &failure{code: code}
	for i, p := range parts {
		if i%2 == 1 {
			p = cli.Safe(p)
		}
		f.text += p
	}
	return f
}

// args is a cursor over the words of a command. Its first error sticks: from
// then on there are no more words, so that loops end, and err is read once.
type args struct {
	w    []string
	err  error
	g    *globals
	tool *tool
	obj  *commands // of the object being read
	cmd  *command  // the row of it
	t    *table    // of the option being read
	mem  *memory   // of a batch; nil for a single command
}

// more tells whether a word is left.
//
//go:noinline
func (a *args) more() bool { return a.err == nil && len(a.w) > 0 }

// peek returns the next word, "" at the end.
//
//go:noinline
func (a *args) peek() string {
	if !a.more() {
		return ""
	}
	return a.w[0]
}

// next takes the next word. At the end the command is incomplete.
func (a *args) next() string {
	if a.err != nil {
		return ""
	}
	if len(a.w) == 0 {
		a.fail(failf(exitUsage, `Command line is not complete. Try option "help"`))
		return ""
	}
	s := a.w[0]
	a.w = a.w[1:]
	return s
}

// fail makes err the error, if it is the first.
func (a *args) fail(err error) {
	if a.err == nil {
		a.err = err
	}
}

// failf fails with text whose every second part comes from outside.
func (a *args) failf(code int, parts ...string) { a.fail(failf(code, parts...)) }

// exitf is failf for what iproute2 exits at, with code 1: it ends a batch, too.
func (a *args) exitf(parts ...string) {
	f := failf(exitMissing, parts...)
	f.ends = true
	a.fail(f)
}

// wrong says that a value is of no use: why is as iproute2 words it.
func (a *args) wrong(value, why string) {
	a.failf(exitUsage, `Error: argument "`, value, `" is wrong: `+why)
}

// twice says that keyword was given a second time, with value.
func (a *args) twice(keyword, value string) {
	a.failf(exitUsage, `Error: duplicate "`+keyword+`": "`, value, `" is the second value.`)
}

// garbage says that value is a second keyword (a second device), or nothing
// that is known.
func (a *args) garbage(keyword, value string) {
	a.failf(exitUsage, `Error: either "`+keyword+`" is duplicate, or "`, value, `" is a garbage.`)
}

// take takes the next word if it is exactly s.
//
//go:noinline
func (a *args) take(s string) bool {
	if a.peek() != s || !a.more() {
		return false
	}
	a.w = a.w[1:]
	return true
}

// need tells whether a word is left; if not, the command is incomplete.
func (a *args) need() bool {
	if !a.more() {
		a.next()
	}
	return a.err == nil
}

// matches tells whether word is s or a beginning of it.
//
//go:noinline
func matches(word, s string) bool {
	return word != "" && len(word) <= len(s) && s[:len(word)] == word
}

// parseNumber reads an integer as strtoul(3) with base 0 does: decimal, 0x hex,
// 0 octal, an optional sign, leading white space.
func parseNumber(s string) (v uint64, neg, ok bool) { return parseNumberBase(s, 0) }

// parseNumberBase is parseNumber for a base of 10 or 16; 0 guesses.
func parseNumberBase(s string, base int) (v uint64, neg, ok bool) {
	for s != "" && (s[0] == ' ' || s[0] >= '\t' && s[0] <= '\r') {
		s = s[1:]
	}
	if s != "" && (s[0] == '-' || s[0] == '+') {
		neg = s[0] == '-'
		s = s[1:]
	}
	hex := len(s) > 2 && s[0] == '0' && s[1]|0x20 == 'x'
	switch {
	case hex && (base == 0 || base == 16):
		base, s = 16, s[2:]
	case base == 0 && len(s) > 1 && s[0] == '0':
		base = 8
	case base == 0:
		base = 10
	}
	for i := 0; i < len(s); i++ {
		if s[i] == '_' || s[i] == '+' || s[i] == '-' {
			return 0, false, false
		}
	}
	v, err := strconv.ParseUint(s, base, 64)
	return v, neg, err == nil
}

// parseUint reads an unsigned integer of some bits.
func parseUint(s string, bits int) (uint64, bool) {
	v, neg, ok := parseNumber(s)
	return v, ok && !(neg && v != 0) && (bits == 64 || v < 1<<bits)
}

// parseInt reads an int32.
func parseInt(s string) (int32, bool) {
	v, neg, ok := parseNumber(s)
	if !ok || v > 1<<31 || v == 1<<31 && !neg {
		return 0, false
	}
	if neg {
		return int32(-int64(v)), true
	}
	return int32(v), true
}
