package httpraw

import (
	"encoding/binary"
	"slices"
	"unicode/utf8"

	"golang.org/x/sys/unix"
)

// listMax bounds the names of a folder that are listed, in bytes: a loop has
// other clients, and a client that does not read has the page kept for it. It
// is a few thousand names, and a few milliseconds.
const listMax = 64 << 10

// list answers with the names in the folder that a is about, which is open as
// fd, and closes it.
func list(a *Answer, fd int) {
	names, all, err := readFolder(fd)
	unix.Close(fd)
	if err != nil {
		a.Refuse(503, "")
		return
	}
	path := a.place.path[:len(a.place.path)-1]
	a.Type = "text/html; charset=utf-8"
	a.Field("X-Content-Type-Options", "nosniff")
	a.Field("Content-Security-Policy", "default-src 'none'")
	b := append(a.body, `<!DOCTYPE html>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>/`...)
	b = append(appendHTML(b, string(path)), "</title>\n<h1>/"...)
	b = append(appendHTML(b, string(path)), "</h1>\n<pre>\n"...)
	if len(path) > 0 {
		b = append(b, "<a href=\"../\">../</a>\n"...)
	}
	for _, name := range names {
		b = append(b, `<a href="`...)
		for i := range len(name) {
			c := name[i]
			if c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '-' || c == '.' || c == '_' || c == '~' || c == '/' {
				b = append(b, c)
			} else {
				b = append(b, '%', "0123456789ABCDEF"[c>>4], "0123456789ABCDEF"[c&15])
			}
		}
		b = append(appendHTML(append(b, `">`...), name), "</a>\n"...)
	}
	b = append(b, "</pre>\n"...)
	if !all {
		b = append(b, "<p>There are more; this list is full.</p>\n"...)
	}
	a.body = b
}

// readFolder returns the names in a folder that can be asked for, sorted, those
// of folders with a slash behind them; and whether that is all of them.
func readFolder(fd int) (names []string, all bool, err error) {
	buf := make([]byte, 32<<10)
	for size := 0; ; {
		n, err := unix.Getdents(fd, buf)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return nil, false, err
		}
		if n <= 0 {
			slices.Sort(names)
			return names, true, nil
		}
		// struct linux_dirent64 { u64 ino; s64 off; u16 reclen; u8 type; char name[]; }
		for p := buf[:n]; len(p) > 19; {
			next := int(binary.NativeEndian.Uint16(p[16:]))
			if next < 20 || next > len(p) {
				break
			}
			name := p[19:next]
			for i, c := range name {
				if c == 0 {
					name = name[:i]
					break
				}
			}
			kind := p[18]
			p = p[next:]
			if !listed(name, kind) {
				continue
			}
			if size += len(name); size > listMax {
				slices.Sort(names)
				return names, false, nil
			}
			if kind == unix.DT_DIR {
				name = append(name[:len(name):len(name)], '/')
			}
			names = append(names, string(name))
		}
	}
}

// listed tells whether a name is one that Files would serve. Where a symbolic
// link leads is looked at only when it is asked for.
func listed(name []byte, kind byte) bool {
	switch kind {
	case unix.DT_DIR, unix.DT_REG, unix.DT_LNK, unix.DT_UNKNOWN:
	default:
		return false
	}
	for _, c := range name {
		if c < ' ' || c == 0x7f {
			return false
		}
	}
	return checkName(name) == 0
}

// appendHTML appends text so that nothing in it is markup, and nothing steers a
// terminal or turns the direction of writing.
func appendHTML(dst []byte, s string) []byte {
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == '&':
			dst = append(dst, "&amp;"...)
		case r == '<':
			dst = append(dst, "&lt;"...)
		case r == '>':
			dst = append(dst, "&gt;"...)
		case r == '"':
			dst = append(dst, "&quot;"...)
		case r == utf8.RuneError, r < ' ', r >= 0x7f && r < 0xa0, r == 0x61c, r >= 0x200b && r <= 0x200f, r >= 0x2028 && r <= 0x202e,
			r >= 0x2060 && r <= 0x206f, r == 0xfeff:
			dst = append(dst, "\ufffd"...)
		default:
			dst = append(dst, s[i:i+n]...)
		}
		i += n
	}
	return dst
}
