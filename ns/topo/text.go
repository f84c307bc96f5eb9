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
	b       []byte
	from    int  // where the line of text begins
	literal bool // the words have no ranges: braces are braces
}

// part writes words that stay on one line: the next one, if they are too much
// for this.
//
//go:noinline
func (t *textLine) part(words ...string) {
	const next = " \\\n    "
	start := len(t.b)
	t.b = addS(t.b, next)
	for i, w := range words {
		if i > 0 {
			t.b = addC(t.b, ' ')
		}
		if t.literal {
			t.b = appendQuoted(t.b, w, true)
		} else {
			t.b = appendWord(t.b, w)
		}
	}
	n := len(t.b) - start - len(next)
	lead := "" // before the part
	switch {
	case start == t.from:
	case start-t.from+1+n <= textWidth:
		lead = " "
	default:
		lead = next
		t.from = start + len(" \\\n")
	}
	copy(t.b[start:], lead)
	copy(t.b[start+len(lead):], t.b[start+len(next):])
	t.b = t.b[:start+len(lead)+n]
}

func (l *line) appendText(b []byte) []byte {
	t := &textLine{b: b, from: len(b)}
	if l.stmt != nil {
		args := l.args
		if l.stmt.form == formNetns {
			t.part(l.stmt.name)
		} else {
			t.part(l.stmt.name, args[0].Text)
			args = args[1:]
		}
		for _, w := range args {
			t.part(w.Text)
		}
		t.options(l.opts)
		if l.peer != nil {
			t.part(peerWord.name, l.peer.Text)
			t.options(l.peers)
		}
		if l.comment != "" {
			t.b = addS(t.b, "  ")
		}
	}
	return append(addS(t.b, l.comment), '\n')
}

func (t *textLine) options(opts []*option) {
	for _, o := range opts {
		if len(o.vals) == 0 {
			t.part(o.name)
		}
		for _, w := range o.vals {
			t.part(o.name, w.Text)
		}
	}
}

// appendWord appends a word: the texts between its ranges in quotes where they
// need them.
func appendWord(b []byte, word string) []byte {
	start := len(b)
	r := rangesOf(word)
	for i := range r.pieces {
		p := &r.pieces[i]
		if p.before != "" {
			b = appendQuoted(b, p.before, len(b) == start)
		}
		b = addS(b, p.text)
	}
	if r.text != "" || len(b) == start {
		b = appendQuoted(b, r.text, len(b) == start)
	}
	return b
}

// appendQuoted appends a text, in quotes if it needs them.
func appendQuoted(b []byte, s string, first bool) []byte {
	bare := s != "" && (!first || s[0] != '#')
	for i := 0; i < len(s) && bare; {
		n := printable(s[i:])
		c := s[i]
		bare = n > 0 && c != ' ' && c != '"' && c != '\\' && c != '{' && c != '}'
		i += n
	}
	if bare {
		return addS(b, s)
	}
	b = addC(b, '"')
	for i := 0; i < len(s); {
		n := printable(s[i:])
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b = addC(addC(b, '\\'), c)
		case c == '\n':
			b = addS(b, `\n`)
		case c == '\t':
			b = addS(b, `\t`)
		case n == 0:
			b = addS(b, hexByte(c))
		default:
			b = addS(b, s[i:i+n])
		}
		i += max(n, 1)
	}
	return addC(b, '"')
}

// File writes the Spec as a file: one statement for each object, without ranges
// or pools. Its Spec is s. The error is a FileErrors: of something that no file
// can say.
func (s *Spec) File() (*File, error) {
	t := &textLine{literal: true}
	if s.Name != "" {
		t.part("topology", s.Name)
		t.end()
	}
	for i := range s.Namespaces {
		name := s.Namespaces[i].Name
		if i == 0 || notNext(name) {
			if i > 0 {
				t.end()
			}
			t.part("netns")
		}
		t.part(name)
	}
	if len(s.Namespaces) > 0 {
		t.end()
	}
	index := make(map[End]int, len(s.Links))
	for i := range s.Links {
		index[s.Links[i].End] = i
	}
	for i := range s.Links {
		l := &s.Links[i]
		peer, ok := index[l.Peer]
		switch {
		case l.Kind == "veth" && ok && peer < i && s.Links[peer].Peer == l.End:
			continue // it stands with its other end
		case l.Kind == "":
			t.part("link", l.End.String())
		default:
			t.part(l.Kind, l.End.String())
		}
		t.link(l)
		if l.Kind == "veth" {
			t.part(peerWord.name, l.Peer.String())
			if ok {
				t.link(&s.Links[peer])
			}
		}
		t.end()
	}
	for i := range s.Routes {
		t.route(&s.Routes[i])
		t.end()
	}
	for i := range s.Sysctls {
		c := &s.Sysctls[i]
		t.part("sysctl", c.Key+"="+c.Value)
		t.pair("netns", c.NS)
		t.end()
	}
	for i := range s.Services {
		v := &s.Services[i]
		t.part("service", v.place())
		for _, a := range v.Argv {
			t.part(a)
		}
		t.end()
	}
	return Parse(s.Name, t.b)
}

// place is NS[:PORT]. A namespace's name may have ':' in it.
func (v *Service) place() string {
	n := v.NS
	if n == "" {
		n = "."
	}
	if v.Port != 0 || strings.IndexByte(n, ':') >= 0 {
		n += ":" + strconv.Itoa(int(v.Port))
	}
	return n
}

// end ends a statement.
func (t *textLine) end() {
	t.b = addC(t.b, '\n')
	t.from = len(t.b)
}

// pair writes a keyword and its value, if it has one.
//
//go:noinline
func (t *textLine) pair(key, value string) {
	if value != "" {
		t.part(key, value)
	}
}

//go:noinline
func (t *textLine) number(key string, n uint32) {
	if n != 0 {
		t.part(key, strconv.FormatUint(uint64(n), 10))
	}
}

//go:noinline
func (t *textLine) ip(key string, ip []byte) {
	if ip != nil {
		t.part(key, string(nl.AppendIP(nil, ip)))
	}
}

func (t *textLine) pairs(opts []Option) {
	for i := range opts {
		t.part(opts[i].Name, opts[i].Value)
	}
}

// link writes the words of a link behind its name.
func (t *textLine) link(l *Link) {
	t.pairs(l.Options)
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
		t.part(k.lower, lower)
	}
	t.pair("master", l.Master)
	t.pairs(l.Port)
	if l.MAC != nil {
		t.part("address", string(nl.AppendMAC(nil, l.MAC)))
	}
	t.number("mtu", l.MTU)
	t.number("txqueuelen", l.Queue)
	t.pair("addrgenmode", l.AddrGen)
	t.pair("alias", l.Alias)
	for i := range l.Addrs {
		t.part("addr", l.Addrs[i].String())
	}
	if l.Down != (l.Kind == "") {
		if l.Down {
			t.part("down")
		} else {
			t.part("up")
		}
	}
}

func (t *textLine) route(r *Route) {
	dst := r.Dst.String()
	if r.Dst.Bits == 0 && len(r.Dst.IP) == 4 && len(r.Via) != 16 {
		dst = "default"
	}
	if r.Type != "unicast" {
		t.part("route", r.Type, dst)
	} else {
		t.part("route", dst)
	}
	t.ip("via", r.Via)
	t.pair("dev", r.Dev)
	t.ip("src", r.Src)
	t.number("metric", r.Metric)
	t.number("table", r.Table)
	t.number("mtu", r.MTU)
	if r.OnLink {
		t.part("onlink")
	}
	t.pair("netns", r.NS)
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
