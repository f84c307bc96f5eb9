package topo

import (
	"strconv"
	"strings"
)

// maxStatements is how many statements a file may stand for once its ranges are
// worked out, each name of "netns" counting for one.
const maxStatements = 1000000

// maxExpanded is how many bytes of words that may take.
const maxExpanded = 256 << 20

// rangeOf is what stands in braces: numbers, letters, or a list.
type rangeOf struct {
	n     int // how many values
	from  int
	step  int
	width int // of numbers, filled with zeros
	char  bool
	list  []string
	text  string // with its braces
}

const rangeForms = `{1..9}, {01..99}, {0..90..10}, {a..e} or {red,green}`

// parseRange reads what stands between braces.
func parseRange(s string) (r rangeOf, bad *fault) {
	a, rest, dots := strings.Cut(s, "..")
	if !dots {
		list := strings.Split(s, ",")
		for _, w := range list {
			if !plainWord(w) {
				return r, noRange(s)
			}
		}
		if len(list) < 2 || len(list) > maxStatements {
			return r, noRange(s)
		}
		r.n, r.list = len(list), list
		return r, nil
	}
	z, by, stepped := strings.Cut(rest, "..")
	var to int
	if len(a) == 1 && len(z) == 1 && letter(a[0]) && letter(z[0]) {
		r.char, r.from, to = true, int(a[0]), int(z[0])
	} else {
		var ok1, ok2 bool
		if r.from, ok1 = rangeNumber(a); !ok1 {
			return r, noRange(s)
		}
		if to, ok2 = rangeNumber(z); !ok2 {
			return r, noRange(s)
		}
		if len(a) > 1 && a[0] == '0' || len(z) > 1 && z[0] == '0' {
			r.width = max(len(a), len(z))
		}
	}
	r.step = 1
	if stepped {
		var ok bool
		if r.step, ok = rangeNumber(by); !ok || r.step == 0 {
			return r, noRange(s)
		}
	}
	span := to - r.from
	if span < 0 {
		span, r.step = -span, -r.step
	}
	r.n = span/max(r.step, -r.step) + 1
	if r.n > maxStatements {
		return r, wrong("{" + s + "} has " + strconv.Itoa(r.n) + " values, more than " + strconv.Itoa(maxStatements))
	}
	return r, nil
}

// noRange says what a range looks like.
//
//go:noinline
func noRange(s string) *fault {
	if len(s) > 80 {
		s = s[:77] + "..."
	}
	return wants("{"+s+"} is no range", rangeForms)
}

// plainWord tells what may stand in a list: nothing that would read otherwise outside
// of it.
func plainWord(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c <= ' ' || c >= 0x7f || c == '"' || c == '\\' || c == '{' || c == '}' {
			return false
		}
	}
	return true
}

func letter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

func rangeNumber(s string) (int, bool) {
	if s == "" || len(s) > 9 || s[0] < '0' || s[0] > '9' {
		return 0, false
	}
	n, err := strconv.ParseUint(s, 10, 31)
	return int(n), err == nil
}

// append appends a value, counted from 0.
func (r *rangeOf) append(b []byte, i int) []byte {
	switch {
	case r.list != nil:
		return addS(b, r.list[i])
	case r.char:
		return append(b, byte(r.from+i*r.step))
	}
	s := strconv.Itoa(r.from + i*r.step)
	for n := len(s); n < r.width; n++ {
		b = addC(b, '0')
	}
	return addS(b, s)
}

// ranged is a word whose ranges are known.
type ranged struct {
	pieces []piece
	text   string // behind the last range; all of a word that has none
}

// piece is a range, and the text before it.
type piece struct {
	rangeOf
	before string
}

// rangesOf takes a word apart. Its braces were checked when it was read.
func rangesOf(s string) (r ranged) {
	if strings.IndexByte(s, '{') < 0 && strings.IndexByte(s, '}') < 0 {
		return ranged{text: s}
	}
	var lit []byte
	for i := 0; i < len(s); i++ {
		c := s[i]
		double := i+1 < len(s) && s[i+1] == c
		if c != '{' && c != '}' || double {
			lit = addC(lit, c)
			if double && (c == '{' || c == '}') {
				i++
			}
			continue
		}
		inside, _, _ := strings.Cut(s[i+1:], "}")
		p := piece{before: string(lit)}
		p.rangeOf, _ = parseRange(inside)
		p.text = "{" + inside + "}"
		r.pieces = append(r.pieces, p)
		lit = nil
		i += len(inside) + 1
	}
	r.text = string(lit)
	return r
}

// count returns how many lines a word by itself stands for.
func (r *ranged) count() (n int, bad *fault) {
	n = 1
	for i := range r.pieces {
		n = max(n, r.pieces[i].n)
	}
	for i := range r.pieces {
		if m := r.pieces[i].n; n%m != 0 {
			return n, uneven(m, n)
		}
	}
	return n, nil
}

// size is how many bytes the word has at most in one of its lines.
func (r *ranged) size() int {
	n := len(r.text)
	for i := range r.pieces {
		p := &r.pieces[i]
		long := 10
		for _, s := range p.list {
			long = max(long, len(s))
		}
		n += len(p.before) + long
	}
	return n
}

// uneven says that ranges do not go together.
func uneven(a, b int) *fault {
	return wants("a range of "+strconv.Itoa(a)+" beside one of "+strconv.Itoa(b)+" on the line",
		"ranges of one length, or a shorter one whose length divides the longest's")
}

// at returns the word's text in one of n lines.
func (r *ranged) at(i, n int, buf *[]byte) string {
	if r.pieces == nil {
		return r.text
	}
	b := (*buf)[:0]
	for k := range r.pieces {
		p := &r.pieces[k]
		b = p.append(addS(b, p.before), i/(n/p.n))
	}
	b = addS(b, r.text)
	*buf = b
	return string(b)
}

// checkBraces says what is wrong with the braces of a word that JSON holds.
func checkBraces(s string) *fault {
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c != '{' && c != '}':
		case i+1 < len(s) && s[i+1] == c:
			i++
		case c == '}':
			return wants("a } without its {", "}} for a brace that is meant")
		default:
			end := strings.IndexByte(s[i:], '}')
			if end < 0 {
				return wants("a { without its }", "a range as "+rangeForms+", or {{ for a brace that is meant")
			}
			if _, bad := parseRange(s[i+1 : i+end]); bad != nil {
				return bad
			}
			i += end
		}
	}
	return nil
}
