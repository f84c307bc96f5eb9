//go:build !tiny

package topo

import (
	"strings"
	"unicode/utf8"

	"rawns/nl"
)

// jsonKind is what a value is.
type jsonKind uint8

const (
	jsonString jsonKind = iota
	jsonNumber
	jsonTrue
	jsonOther // false, null
	jsonList
	jsonObjectKind
)

var jsonKinds = [...]string{"a string", "a number", "true", "false or null", "a list", "an object"}

// jsonValue is a value, and where it stands.
type jsonValue struct {
	kind    jsonKind
	pos     Pos
	text    string
	list    []jsonValue
	members []jsonMember
}

type jsonMember struct {
	key string
	pos Pos
	jsonValue
}

// maxDepth is how deep values may stand in each other: a file has four.
const maxDepth = 6

// maxMembers is how many members an object may have, more than any statement.
const maxMembers = 64

// jsonReader reads JSON, and no more of it than a file needs: no numbers but
// whole ones. The first fault ends it.
type jsonReader struct {
	text   string
	at     int
	line   int
	bol    int
	values int // of a line, so far
	bad    *fault
}

func (r *jsonReader) here() Pos { return Pos{r.line, r.at - r.bol + 1} }

// fail notes a fault, at the reader's place if it has none, and returns false.
//
//go:noinline
func (r *jsonReader) fail(f *fault) bool {
	if r.bad == nil {
		r.bad = f.in(r.here())
	}
	return false
}

// peek skips blanks and returns the next byte, 0 at the end.
func (r *jsonReader) peek() byte {
	for ; r.at < len(r.text); r.at++ {
		switch r.text[r.at] {
		case ' ', '\t', '\r':
		case '\n':
			r.line++
			r.bol = r.at + 1
		default:
			return r.text[r.at]
		}
	}
	return 0
}

// want takes a byte that must be next.
func (r *jsonReader) want(c byte, what string) bool {
	if r.peek() != c || r.at == len(r.text) {
		return r.fail(wants(r.found(), what))
	}
	r.at++
	return true
}

func (r *jsonReader) found() string {
	if r.at >= len(r.text) {
		return "the file ends here"
	}
	if n := printable(r.text[r.at:]); n > 0 {
		return quote(r.text[r.at:r.at+n]) + " stands here"
	}
	return "a byte that is no text: " + hexByte(r.text[r.at])
}

// each reads what stands between brackets, whose first one is next.
func (r *jsonReader) each(open, end byte, item func() bool) bool {
	if !r.want(open, quote(string(rune(open)))) {
		return false
	}
	if r.peek() == end {
		r.at++
		return true
	}
	for {
		if !item() {
			return false
		}
		switch r.peek() {
		case ',':
			r.at++
		case end:
			r.at++
			return true
		default:
			return r.fail(wants(r.found(), `"," or `+quote(string(rune(end)))))
		}
	}
}

// object reads an object, calling member for each with the reader at its value.
func (r *jsonReader) object(member func(key string, pos Pos) bool) bool {
	return r.each('{', '}', func() bool {
		r.peek()
		pos := r.here()
		key, ok := r.string("a name in quotes")
		return ok && r.want(':', `":"`) && member(key, pos)
	})
}

// value reads any value.
func (r *jsonReader) value(depth int) (v jsonValue, ok bool) {
	c := r.peek()
	v.pos = r.here()
	if r.values++; r.values > maxStatements {
		return v, r.fail(tooLong())
	}
	if depth > maxDepth {
		return v, r.fail(wants("values too deep in each other", "what a statement has"))
	}
	switch {
	case c == '"':
		v.text, ok = r.string("")
	case c == '{':
		v.kind = jsonObjectKind
		ok = r.object(func(key string, pos Pos) bool {
			for i := range v.members {
				if v.members[i].key == key {
					return r.fail(twice(key).in(pos))
				}
			}
			if len(v.members) == maxMembers {
				return r.fail(wrong("more members than any statement has"))
			}
			m, ok := r.value(depth + 1)
			v.members = append(v.members, jsonMember{key, pos, m})
			return ok
		})
	case c == '[':
		v.kind = jsonList
		ok = r.each('[', ']', func() bool {
			e, ok := r.value(depth + 1)
			v.list = append(v.list, e)
			return ok
		})
	case c >= '0' && c <= '9' || c == '-':
		v.kind = jsonNumber
		from := r.at
		for r.at < len(r.text) && r.text[r.at] >= '0' && r.text[r.at] <= '9' {
			r.at++
		}
		v.text = r.text[from:min(r.at, from+20)]
		if !isInteger(v.text) || r.at < len(r.text) && (r.text[r.at] == '.' || r.text[r.at]|0x20 == 'e') {
			r.at = from
			return v, r.fail(wants("a number of another kind", "a whole one, not negative, of ten digits at most, without zeros before it"))
		}
		ok = true
	default:
		for _, w := range [...]string{"true", "false", "null"} {
			if strings.HasPrefix(r.text[r.at:], w) {
				v.kind, v.text, ok = jsonOther, w, true
				if w == "true" {
					v.kind = jsonTrue
				}
				r.at += len(w)
				break
			}
		}
		if !ok {
			r.fail(wants(r.found(), "a value"))
		}
	}
	return v, ok
}

// string reads a string.
func (r *jsonReader) string(what string) (string, bool) {
	if !r.want('"', what) {
		return "", false
	}
	from := r.at
	for r.at < len(r.text) { // most have nothing special in them
		if c := r.text[r.at]; c == '"' {
			r.at++
			return r.text[from : r.at-1], true
		} else if c < ' ' || c == '\\' || c >= 0x7f {
			break
		}
		if r.at++; r.at-from > maxWord {
			return "", r.fail(wrong("a string of more than 64 KiB"))
		}
	}
	b := []byte(r.text[from:r.at])
	for {
		if r.at >= len(r.text) || r.text[r.at] == '\n' {
			return "", r.fail(wants("a string that is not closed on its line", `a "`))
		}
		if len(b) > maxWord {
			return "", r.fail(wrong("a string of more than 64 KiB"))
		}
		switch c := r.text[r.at]; {
		case c == '"':
			r.at++
			return string(b), true
		case c == '\\':
			var ok bool
			if b, ok = r.escape(b); !ok {
				return "", false
			}
		default:
			n := printable(r.text[r.at:])
			if n == 0 {
				return "", r.fail(wants(r.found(), `it as \uNNNN, one that is no UTF-8 as \udcNN`))
			}
			b = addS(b, r.text[r.at:r.at+n])
			r.at += n
		}
	}
}

const jsonEscapes = `\" \\ \/ \b \f \n \r \t \uNNNN`

// escape appends what an escape stands for.
func (r *jsonReader) escape(b []byte) ([]byte, bool) {
	if r.at+1 < len(r.text) {
		if i := strings.IndexByte(`"\/bfnrt`, r.text[r.at+1]); i >= 0 {
			r.at += 2
			return addC(b, "\"\\/\b\f\n\r\t"[i]), true
		}
	}
	c, ok := r.unicode(r.at)
	if !ok {
		return b, r.fail(wants(`a \ that stands for nothing`, "one of "+jsonEscapes))
	}
	switch {
	case c == 0:
		return b, r.fail(wrong("a NUL: no name and no argument can have one"))
	case c >= 0xdc80 && c <= 0xdcff: // a byte that is no UTF-8
		r.at += 6
		return append(b, byte(c)), true
	case c >= 0xd800 && c <= 0xdbff:
		low, ok := r.unicode(r.at + 6)
		if !ok || low < 0xdc00 || low > 0xdfff {
			return b, r.fail(wants("half a character", "the other half behind it"))
		}
		r.at += 12
		return utf8.AppendRune(b, (c-0xd800)<<10+(low-0xdc00)+0x10000), true
	case c >= 0xdc00 && c <= 0xdfff:
		return b, r.fail(wants("half a character", "the other half before it"))
	}
	r.at += 6
	return utf8.AppendRune(b, c), true
}

// unicode reads \uNNNN.
func (r *jsonReader) unicode(at int) (c rune, ok bool) {
	if at+6 > len(r.text) || r.text[at] != '\\' || r.text[at+1] != 'u' {
		return 0, false
	}
	for _, d := range []byte(r.text[at+2 : at+6]) {
		n := nl.Unhex(d)
		if n < 0 {
			return 0, false
		}
		c = c<<4 | rune(n)
	}
	return c, true
}
