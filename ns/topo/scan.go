package topo

import (
	"strings"

	"rawns/nl"
)

// scanner parts a text into words.
type scanner struct {
	text string
	at   int // the next byte
	line int
	bol  int // where the line begins

	words   []Word // of the statement, which may be of several lines
	comment string
	pos     Pos // of the first word, or of the comment
}

// readText reads the line-based form.
func readText(f *File, fs *faults) {
	s := &scanner{text: f.text, line: 1}
	if strings.HasPrefix(s.text, "\ufeff") {
		s.at, s.bol = 3, 3 // a byte order mark, as editors elsewhere put it there
	}
	total := 0
	for s.at < len(s.text) {
		bad := s.statement()
		if total += len(s.words); total > maxWords || len(f.lines) > maxLines {
			fs.add(tooLong().in(s.pos))
			return
		}
		l := line{pos: s.pos, comment: s.comment}
		if bad == nil && len(s.words) > 0 {
			l.pos = s.words[0].Pos
			bad = l.parse(s.words)
		}
		if bad == nil {
			f.add(l)
		} else if !fs.add(bad) {
			return
		}
	}
}

func (s *scanner) here() Pos { return Pos{s.line, s.at - s.bol + 1} }

func (s *scanner) newline() {
	s.at++
	s.line++
	s.bol = s.at
}

// skipLine goes behind the end of the line, after a fault in it.
func (s *scanner) skipLine() {
	for s.at < len(s.text) && s.text[s.at] != '\n' {
		s.at++
	}
	if s.at < len(s.text) {
		s.newline()
	}
}

// eol tells whether a line ends at an offset, and how many bytes that takes.
func (s *scanner) eol(at int) (int, bool) {
	switch {
	case at >= len(s.text):
		return 0, true
	case s.text[at] == '\n':
		return 1, true
	case s.text[at] == '\r' && at+1 < len(s.text) && s.text[at+1] == '\n':
		return 2, true
	}
	return 0, false
}

// statement scans to the end of the statement. After a fault it is at the next
// line.
func (s *scanner) statement() *fault {
	s.words, s.comment = nil, ""
	s.pos = s.here()
	for {
		n, end := s.eol(s.at)
		if end {
			if n > 0 {
				s.at += n - 1
				s.newline()
			}
			return nil
		}
		switch c := s.text[s.at]; c {
		case ' ', '\t':
			s.at++
		case '\\':
			n, end := s.eol(s.at + 1)
			if !end {
				return s.bad(wants(`a \ inside a line`, `it at the line's end, or inside "quotes" as \\`))
			}
			s.at += n
			if n > 0 {
				s.newline()
			} else {
				s.at++
			}
		case '#':
			if len(s.words) == 0 {
				s.pos = s.here()
			}
			if bad := s.scanComment(); bad != nil {
				return s.bad(bad)
			}
		default:
			pos := s.here()
			text, bad := s.word()
			if bad == nil && len(s.words) == maxWords {
				bad = tooLong()
			}
			if bad != nil {
				return s.bad(bad)
			}
			s.words = append(s.words, Word{pos, text})
		}
	}
}

// bad is a fault at the scanner's place, which goes to the next line.
func (s *scanner) bad(f *fault) *fault {
	f.in(s.here())
	s.skipLine()
	return f
}

func (s *scanner) scanComment() *fault {
	start := s.at
	for {
		if _, end := s.eol(s.at); end {
			break
		}
		n := s.printable()
		if n == 0 && s.text[s.at] != '\t' {
			return wrong("a byte in a comment that is no text: " + hexByte(s.text[s.at]))
		}
		s.at += max(n, 1)
	}
	s.comment = strings.TrimRight(s.text[start:s.at], " \t")
	return nil
}

//go:noinline
func hexByte(c byte) string { return `\x` + string([]byte{hexDigits[c>>4], hexDigits[c&15]}) }

const hexDigits = "0123456789abcdef"

// printable returns the length of the character at the scanner, 0 if it is none
// that may stand in a file as it is.
func (s *scanner) printable() int { return printable(s.text[s.at:]) }

// word scans a word, of which parts may be in quotes.
func (s *scanner) word() (string, *fault) {
	start := s.at
	for s.at < len(s.text) { // most have nothing special in them
		c := s.text[s.at]
		if c <= ' ' || c >= 0x7f || c == '"' || c == '{' || c == '}' || c == '\\' || c == '#' {
			break
		}
		s.at++
	}
	if s.at-start > maxWord {
		s.at = start
		return "", wrong("a word of more than 64 KiB")
	}
	if s.wordEnds() {
		return s.text[start:s.at], nil
	}
	b := []byte(s.text[start:s.at])
	for !s.wordEnds() {
		var bad *fault
		switch c := s.text[s.at]; c {
		case '"':
			b, bad = s.quoted(b)
		case '{':
			end := strings.IndexByte(s.text[s.at:min(len(s.text), s.at+maxWord)], '}')
			if end < 0 || strings.IndexByte(s.text[s.at:s.at+end], '\n') >= 0 {
				return "", wants("a { without its }", `a range as {1..9} or {a,b,c}, or the word in "quotes"`)
			}
			inside := s.text[s.at+1 : s.at+end]
			if _, bad := parseRange(inside); bad != nil {
				return "", bad
			}
			b = addC(addS(addC(b, '{'), inside), '}')
			s.at += end + 1
		case '}':
			return "", wants("a } without its {", `a range as {1..9} or {a,b,c}, or the word in "quotes"`)
		default:
			n := s.printable()
			if n == 0 {
				return "", wants("a byte that is no text: "+hexByte(c), `the word in "quotes", the byte as `+hexByte(c))
			}
			b = addS(b, s.text[s.at:s.at+n])
			s.at += n
		}
		if bad != nil {
			return "", bad
		}
		if len(b) > maxWord {
			return "", wrong("a word of more than 64 KiB")
		}
	}
	return string(b), nil
}

// wordEnds tells whether a blank, or the line's end, is next. A \ before the
// line's end is no part of a word either; nor is any other.
func (s *scanner) wordEnds() bool {
	if _, end := s.eol(s.at); end {
		return true
	}
	c := s.text[s.at]
	return c == ' ' || c == '\t' || c == '\\'
}

// quoted appends what stands in quotes.
func (s *scanner) quoted(b []byte) ([]byte, *fault) {
	open := s.at
	s.at++
	for {
		if _, end := s.eol(s.at); end {
			s.at = open
			return nil, wants("a quote that is not closed on its line", `a " at the end of the word`)
		}
		c := s.text[s.at]
		switch c {
		case '"':
			s.at++
			return b, nil
		case '\\':
			n := 2
			rest := s.text[s.at:min(len(s.text), s.at+4)]
			switch {
			case len(rest) > 1 && (rest[1] == '"' || rest[1] == '\\'):
				c = rest[1]
			case len(rest) > 1 && rest[1] == 'n':
				c = '\n'
			case len(rest) > 1 && rest[1] == 't':
				c = '\t'
			case len(rest) == 4 && rest[1] == 'x' && nl.Unhex(rest[2]) >= 0 && nl.Unhex(rest[3]) >= 0:
				c, n = byte(nl.Unhex(rest[2])<<4|nl.Unhex(rest[3])), 4
			default:
				return nil, wants(`a \ in quotes that stands for nothing`, `\" \\ \n \t or \xNN`)
			}
			if c == 0 {
				return nil, wrong("a NUL: no name and no argument can have one")
			}
			s.at += n
			b = appendLiteral(b, c)
		default:
			n := s.printable()
			if n == 0 && c != '\t' {
				return nil, wants("a byte that is no text: "+hexByte(c), "it as "+hexByte(c))
			}
			if n <= 1 {
				b = appendLiteral(b, c)
				s.at++
				break
			}
			b = addS(b, s.text[s.at:s.at+n])
			s.at += n
		}
		if len(b) > maxWord {
			return b, nil
		}
	}
}

// appendLiteral appends a byte that is to stand for itself.
func appendLiteral(b []byte, c byte) []byte {
	if c == '{' || c == '}' {
		b = addC(b, c)
	}
	return addC(b, c)
}
