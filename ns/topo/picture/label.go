package picture

import "unicode/utf8"

// visible is a text that came from outside, for a picture: control characters,
// such as reorder text, bytes that are no UTF-8 and what XML forbids become \n,
// \xNN. A backslash stays as it is: this is for reading.
func visible(s string) string {
	clean := true
	for i := 0; i < len(s) && clean; i++ {
		clean = s[i] >= 0x20 && s[i] < 0x7f
	}
	if clean {
		return s
	}
	var out []byte
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r >= 0x20 && r < 0x7f || r >= 0xa0 && (r != utf8.RuneError || n == 3) && !steers(r) {
			out = append(out, s[i:i+n]...)
			i += n
			continue
		}
		switch c := s[i]; c {
		case '\n':
			out = append(out, `\n`...)
		case '\t':
			out = append(out, `\t`...)
		case '\r':
			out = append(out, `\r`...)
		default:
			out = append(out, '\\', 'x', hexDigits[c>>4], hexDigits[c&15])
		}
		i++
	}
	return string(out)
}

const hexDigits = "0123456789abcdef"

// steers tells the characters that reorder or hide text, and those that no XML
// may hold.
func steers(r rune) bool {
	return r >= 0x200b && r <= 0x200f || r >= 0x2028 && r <= 0x202e || r >= 0x2060 && r <= 0x2069 ||
		r == 0x61c || r == 0xfeff || r&0xfffe == 0xfffe
}

// runeCells is how many columns a character takes on a terminal, near enough:
// two for East Asian wide ones and pictographs, none for marks that combine.
func runeCells(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case r < 0x370, r >= 0x483 && r <= 0x489, r >= 0x591 && r <= 0x5bd, r >= 0x64b && r <= 0x65f,
		r >= 0x1ab0 && r <= 0x1aff, r >= 0x1dc0 && r <= 0x1dff, r >= 0x20d0 && r <= 0x20ff, r >= 0xfe00 && r <= 0xfe0f, r >= 0xfe20 && r <= 0xfe2f:
		return 0
	case r >= 0x1100 && r <= 0x115f, r >= 0x2e80 && r <= 0xa4cf, r >= 0xac00 && r <= 0xd7a3, r >= 0xf900 && r <= 0xfaff,
		r >= 0xfe30 && r <= 0xfe6f, r >= 0xff00 && r <= 0xff60, r >= 0xffe0 && r <= 0xffe6, r >= 0x1f300 && r <= 0x1faff, r >= 0x20000 && r <= 0x3fffd:
		return 2
	}
	return 1
}

// cells is how many columns a text takes.
//
//go:noinline
func cells(s string) int {
	n := 0
	for _, r := range s {
		n += runeCells(r)
	}
	return n
}

// shorten leaves out the middle of a text of more than n columns; gap stands
// for it. Names mostly differ at their ends.
func shorten(s string, n int, gap string) string {
	if cells(s) <= n {
		return s
	}
	n -= cells(gap)
	head := (n + 1) / 2
	i, w := 0, 0
	for j, r := range s {
		if w += runeCells(r); w > head {
			i = j
			break
		}
	}
	k, w := len(s), 0
	for k > i {
		r, size := utf8.DecodeLastRuneInString(s[:k])
		if w += runeCells(r); w > n-head {
			break
		}
		k -= size
	}
	return s[:i] + gap + s[k:]
}

// title is how a box is called.
func (b *Box) title() string {
	switch {
	case b.Host:
		return "host"
	case b.Count > 1:
		return visible(b.Name) + " … " + visible(b.Last)
	}
	return visible(b.Name)
}

// title is how a link is called inside its box.
func (l *Link) title() string {
	if l.Last != "" && l.Last != l.Name {
		return visible(l.Name) + " … " + visible(l.Last)
	}
	return visible(l.Name)
}
