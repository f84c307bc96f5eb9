package cli

import (
	"unicode/utf8"

	"golang.org/x/sys/unix"
)

const hexdigits = "0123456789abcdef"

// AppendSafe appends s with every byte that could steer a terminal written as
// \n, \t, \r or \xNN: C0 and C1 controls, DEL, and bytes that are not UTF-8.
// A backslash stays as it is: this is for reading, not for parsing back.
func AppendSafe(dst []byte, s string) []byte {
	for i := 0; i < len(s); {
		plain := i // nearly all strings are, to their ends
		for i < len(s) && s[i] >= 0x20 && s[i] < 0x7f {
			i++
		}
		if dst = append(dst, s[plain:i]...); i == len(s) {
			break
		}
		c := s[i]
		if c >= 0x80 {
			if r, n := utf8.DecodeRuneInString(s[i:]); r != utf8.RuneError && r >= 0xa0 && !bidi(r) {
				dst = append(dst, s[i:i+n]...)
				i += n
				continue
			}
		}
		switch c {
		case '\n':
			dst = append(dst, `\n`...)
		case '\t':
			dst = append(dst, `\t`...)
		case '\r':
			dst = append(dst, `\r`...)
		default:
			dst = append(dst, '\\', 'x', hexdigits[c>>4], hexdigits[c&15])
		}
		i++
	}
	return dst
}

// bidi tells the characters that reorder or hide a line's text.
func bidi(r rune) bool {
	return r >= 0x200b && r <= 0x200f || r >= 0x2028 && r <= 0x202e || r >= 0x2060 && r <= 0x2069 || r == 0xfeff
}

// Safe is AppendSafe as a string.
func Safe(s string) string { return string(AppendSafe(nil, s)) }

// IsTerminal tells whether fd is a terminal.
func IsTerminal(fd int) bool {
	_, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	return err == nil
}
