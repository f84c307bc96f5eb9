package topo

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"rawns/nl"
)

// textWidth is how long Text lets a line become before it is continued.
const textWidth = 100

// Text writes the file in its line-based form, each statement in one way: words
// parted by one blank, quotes where they are needed, a keyword's further values
// beside the first, long statements continued. Text of what Parse makes of it is
// the same text.
func (f *File) Text() []byte {
	var b []byte
	for i := range f.lines {
		b = f.lines[i].appendText(b)
	}
	return b
}

// textLine writes a statement in parts that are not torn apart: a keyword and
// its value.
type textLine struct {
	b    []byte
	from int // where the line of text begins
	part int // where the part begins
}

// begin begins a part.
func (t *textLine) begin() { t.part = len(t.b) }

// end ends a part: it goes on the next line if it is too much for this one.
func (t *textLine) end() {
	if t.part == t.from {
		return
	}
	if len(t.b)-t.from+1 <= textWidth {
		t.b = append(t.b, 0)
		copy(t.b[t.part+1:], t.b[t.part:])
		t.b[t.part] = ' '
		return
	}
	const next = " \\\n    "
	t.b = append(t.b, next...)
	copy(t.b[t.part+len(next):], t.b[t.part:])
	copy(t.b[t.part:], next)
	t.from = t.part + len(" \\\n")
}

func (l *line) appendText(b []byte) []byte {
	t := textLine{b: b, from: len(b)}
	if l.stmt != nil {
		t.begin()
		t.b = append(t.b, l.stmt.name...)
		if l.stmt.form != formNetns {
			t.b = appendWord(append(t.b, ' '), l.args[0].Text)
			t.end()
			for _, w := range l.args[1:] {
				t.word(w)
			}
		} else {
			t.end()
			for _, w := range l.args {
				t.word(w)
			}
		}
		t.options(l.opts)
		if l.peer != nil {
			t.begin()
			t.b = appendWord(append(t.b, "peer "...), l.peer.Text)
			t.end()
			t.options(l.peers)
		}
	}
	if l.comment != "" {
		if l.stmt != nil {
			t.b = append(t.b, "  "...)
		}
		t.b = append(t.b, l.comment...)
	}
	return append(t.b, '\n')
}

func (t *textLine) word(w Word) {
	t.begin()
	t.b = appendWord(t.b, w.Text)
	t.end()
}

func (t *textLine) options(opts []option) {
	for i := range opts {
		o := &opts[i]
		if len(o.vals) == 0 {
			t.begin()
			t.b = append(t.b, o.name...)
			t.end()
		}
		for _, w := range o.vals {
			t.begin()
			t.b = appendWord(append(append(t.b, o.name...), ' '), w.Text)
			t.end()
		}
	}
}

// appendWord appends a word: the texts between its ranges in quotes where they
// need them.
func appendWord(b []byte, word string) []byte {
	if word == "" {
		return append(b, `""`...)
	}
	start := len(b)
	r := rangesOf(Word{Text: word})
	if r.rs == nil {
		return appendQuoted(b, r.text, true)
	}
	for i, lit := range r.lits {
		b = appendQuoted(b, lit, len(b) == start)
		if i < len(r.rs) {
			b = append(b, r.rs[i].text...)
		}
	}
	return b
}

// appendQuoted appends a text, in quotes if it needs them.
func appendQuoted(b []byte, s string, first bool) []byte {
	bare := !first || s == "" || s[0] != '#'
	for i := 0; i < len(s) && bare; {
		n := printable(s[i:])
		c := s[i]
		bare = n > 0 && c != ' ' && c != '"' && c != '\\' && c != '{' && c != '}'
		i += n
	}
	if bare {
		return append(b, s...)
	}
	b = append(b, '"')
	for i := 0; i < len(s); {
		n := printable(s[i:])
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c == '\n':
			b = append(b, `\n`...)
		case c == '\t':
			b = append(b, `\t`...)
		case n == 0:
			b = append(b, hexByte(c)...)
		default:
			b = append(b, s[i:i+n]...)
		}
		i += max(n, 1)
	}
	return append(b, '"')
}

// File writes the Spec as a file: one statement for each object, without ranges
// or pools. Its Spec is s. The error is a FileErrors: of something that no file
// can say.
func (s *Spec) File() (*File, error) {
	t := textLine{}
	open := ""
	word := func(parts ...string) {
		t.begin()
		for i, p := range parts {
			if i > 0 {
				t.b = append(t.b, ' ')
			}
			t.b = appendQuotedWord(t.b, p)
		}
		t.end()
	}
	statement := func(parts ...string) {
		if open != "" {
			t.b = append(t.b, '\n')
		}
		open = parts[0]
		t.from = len(t.b)
		word(parts...)
	}
	name := func(space string) string {
		if space == "" {
			return "."
		}
		return space
	}
	num := func(key string, n uint32) {
		if n != 0 {
			word(key, strconv.FormatUint(uint64(n), 10))
		}
	}
	if s.Name != "" {
		statement("topology", s.Name)
	}
	for i := range s.Namespaces {
		if open != "netns" {
			statement("netns")
		}
		word(s.Namespaces[i].Name)
	}
	index := make(map[End]int, len(s.Links))
	for i := range s.Links {
		index[s.Links[i].End] = i
	}
	link := func(l *Link) {
		for _, o := range l.Options {
			word(o.Name, o.Value)
		}
		if l.Lower != (End{}) {
			k := kindOf(l.Kind)
			lower := l.Lower.String()
			switch {
			case k.lower != "dev":
			case l.Lower.NS == l.NS:
				lower = l.Lower.Name
			case l.Lower.NS == "":
				lower = ".:" + lower
			}
			word(k.lower, lower)
		}
		if l.Master != "" {
			word("master", l.Master)
			for _, o := range l.Port {
				word(o.Name, o.Value)
			}
		}
		if l.MAC != nil {
			word("address", string(nl.AppendMAC(nil, l.MAC)))
		}
		num("mtu", l.MTU)
		num("txqueuelen", l.Queue)
		if l.AddrGen != "" {
			word("addrgenmode", l.AddrGen)
		}
		if l.Alias != "" {
			word("alias", l.Alias)
		}
		for _, a := range l.Addrs {
			word("addr", a.String())
		}
		switch {
		case l.Kind == "" && !l.Down:
			word("up")
		case l.Kind != "" && l.Down:
			word("down")
		}
	}
	for i := range s.Links {
		l := &s.Links[i]
		st := "link"
		if l.Kind != "" {
			st = l.Kind
		}
		if l.Kind == "veth" {
			k, ok := index[l.Peer]
			if ok && k < i && s.Links[k].Peer == l.End {
				continue // it stands with its other end
			}
			statement(st, l.End.String())
			link(l)
			word("peer", l.Peer.String())
			if ok {
				link(&s.Links[k])
			}
			continue
		}
		statement(st, l.End.String())
		link(l)
	}
	for i := range s.Routes {
		r := &s.Routes[i]
		dst := r.Dst.String()
		if r.Dst.Bits == 0 && len(r.Dst.IP) == 4 && len(r.Via) != 16 {
			dst = "default"
		}
		if r.Type != "unicast" {
			statement("route", r.Type, dst)
		} else {
			statement("route", dst)
		}
		if r.Via != nil {
			word("via", string(nl.AppendIP(nil, r.Via)))
		}
		if r.Dev != "" {
			word("dev", r.Dev)
		}
		if r.Src != nil {
			word("src", string(nl.AppendIP(nil, r.Src)))
		}
		num("metric", r.Metric)
		num("table", r.Table)
		num("mtu", r.MTU)
		if r.OnLink {
			word("onlink")
		}
		if r.NS != "" {
			word("netns", r.NS)
		}
	}
	for i := range s.Sysctls {
		c := &s.Sysctls[i]
		statement("sysctl", c.Key+"="+c.Value)
		if c.NS != "" {
			word("netns", c.NS)
		}
	}
	for i := range s.Services {
		v := &s.Services[i]
		n := name(v.NS)
		if v.Port != 0 || strings.IndexByte(n, ':') >= 0 {
			n += ":" + strconv.Itoa(int(v.Port))
		}
		statement("service", n)
		for _, a := range v.Argv {
			word(a)
		}
	}
	if open != "" {
		t.b = append(t.b, '\n')
	}
	return Parse(s.Name, t.b)
}

// appendQuotedWord appends a word that has no ranges.
func appendQuotedWord(b []byte, s string) []byte {
	if s == "" {
		return append(b, `""`...)
	}
	return appendQuoted(b, s, true)
}

// printable returns how many bytes the first character takes, if it is one that
// can be shown: no control character, none that reorders or hides text, and
// nothing that is not UTF-8. 0 if it cannot.
func printable(p string) int {
	if c := p[0]; c < utf8.RuneSelf {
		if c >= ' ' && c < 0x7f {
			return 1
		}
		return 0
	}
	r, n := utf8.DecodeRuneInString(p)
	if r == utf8.RuneError && n == 1 || r < 0xa0 || r >= 0x200b && r <= 0x200f || r >= 0x2028 && r <= 0x202e ||
		r >= 0x2060 && r <= 0x2069 || r == 0xfeff {
		return 0
	}
	return n
}
