package httpraw

import (
	"strconv"
	"strings"
)

// A URL is what a request needs to know of one.
type URL struct {
	Host   string // a name, or an address without brackets, with its %zone
	Port   uint16 // 80 where the URL has none
	Target string // path and query, as they are sent
	Header string // the Host header's value
}

// ParseURL reads an http URL: "http://host:port/path?query#fragment", of which
// all but the host may be missing. As curl does, it leaves the fragment away,
// resolves "." and ".." in the path, and encodes bytes above ASCII. A user
// name in it is refused, because it would not be used.
func ParseURL(s string) (*URL, error) {
	bad := &Error{Kind: BadURL, Host: s}
	for i := range len(s) {
		if s[i] <= ' ' || s[i] == 0x7f {
			return nil, bad
		}
	}
	rest := s
	if scheme, after, ok := strings.Cut(s, "://"); ok && isScheme(scheme) {
		if !strings.EqualFold(scheme, "http") {
			return nil, &Error{Kind: BadScheme, Host: scheme}
		}
		rest = after
	}
	authority, target := rest, ""
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		authority, target = rest[:i], rest[i:]
	}
	u := &URL{Port: 80}
	if !u.authority(authority) {
		return nil, bad
	}
	target, _, _ = strings.Cut(target, "#")
	path, query, asked := strings.Cut(target, "?")
	u.Target = encode(cleanPath(path))
	if asked {
		u.Target += "?" + encode(query)
	}
	return u, nil
}

// String is the URL, without what came behind a '#'.
func (u *URL) String() string { return "http://" + u.Header + u.Target }

// Follow returns the URL that a Location leads to from u (RFC 3986, 5.2):
// another one, or a path, or a part of one. As curl does it takes spaces, which
// servers leave in there, for %20, or + in a query. What ParseURL refuses is
// an error here too.
func (u *URL) Follow(location string) (*URL, error) {
	b := make([]byte, 0, len(location))
	asked := false
	for i := range len(location) {
		switch c := location[i]; {
		case c == ' ' && asked:
			b = append(b, '+')
		case c == ' ':
			b = append(b, "%20"...)
		default:
			asked = asked || c == '?'
			b = append(b, c)
		}
	}
	to := string(b)
	if scheme, _, ok := strings.Cut(to, ":"); ok && isScheme(scheme) && strings.HasPrefix(to[len(scheme):], "://") {
		return ParseURL(to)
	}
	zone := strings.IndexByte(u.Host, '%')
	base := u.Header
	if zone >= 0 { // which the Host header does not tell
		base = strings.Replace(base, "]", "%25"+u.Host[zone+1:]+"]", 1)
	}
	path, _, _ := strings.Cut(u.Target, "?")
	switch {
	case strings.HasPrefix(to, "//"):
		return ParseURL("http:" + to)
	case to == "" || to[0] == '#':
		to = u.Target
	case to[0] == '?':
		to = path + to
	case to[0] != '/':
		to = path[:strings.LastIndexByte(path, '/')+1] + to
	}
	return ParseURL("http://" + base + to)
}

//go:noinline
func isScheme(s string) bool {
	for i := range len(s) {
		c := s[i] | 0x20
		if (c < 'a' || c > 'z') && (i == 0 || (s[i] < '0' || s[i] > '9') && s[i] != '+' && s[i] != '-' && s[i] != '.') {
			return false
		}
	}
	return s != ""
}

// authority reads "host", "host:80" and "[fe80::1%25eth0]:80".
func (u *URL) authority(s string) bool {
	var port string
	var ported bool
	if strings.HasPrefix(s, "[") {
		inside, after, ok := strings.Cut(s[1:], "]")
		if !ok {
			return false
		}
		// In a URL the '%' before a zone is itself encoded, as %25; the
		// plain one that people write is understood too.
		ip, zone, zoned := strings.Cut(inside, "%")
		zone = strings.TrimPrefix(zone, "25")
		if _, _, ok := parseIPv6(ip); !ok || zoned && zone == "" {
			return false
		}
		u.Host, u.Header = ip, "["+ip+"]"
		if zoned {
			u.Host += "%" + zone
		}
		if after != "" && after[0] != ':' {
			return false
		}
		port, ported = strings.TrimPrefix(after, ":"), after != ""
	} else {
		u.Host, port, ported = strings.Cut(s, ":")
		if !isHost(u.Host) {
			return false
		}
		u.Header = u.Host
	}
	if ported && port != "" {
		p, ok := parsePort(strings.TrimLeft(port[:len(port)-1], "0") + port[len(port)-1:])
		if !ok {
			return false
		}
		if u.Port = p; p != 80 {
			u.Header += ":" + strconv.Itoa(int(p))
		}
	}
	return true
}

// isHost tells what may be looked up: letters, digits, '-', '_' and '.'.
// Internationalized names are written in their ASCII form (xn--...).
func isHost(s string) bool {
	for i := range len(s) {
		c := s[i]
		if (c|0x20 < 'a' || c|0x20 > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' && c != '.' {
			return false
		}
	}
	return s != "" && len(s) <= 254 && s[0] != '.'
}

// cleanPath takes "." and ".." out of a path (RFC 3986, 5.2.4).
func cleanPath(path string) string {
	if path == "" {
		return "/"
	}
	var out []string
	parts := strings.Split(path[1:], "/")
	for i, p := range parts {
		last := i == len(parts)-1
		switch p {
		case ".", "..":
			if p == ".." && len(out) > 0 {
				out = out[:len(out)-1]
			}
			if last {
				out = append(out, "")
			}
		default:
			out = append(out, p)
		}
	}
	return "/" + strings.Join(out, "/")
}

// encode writes bytes above ASCII as %xx, in small letters as curl does.
//
//go:noinline
func encode(s string) string {
	const hex = "0123456789abcdef"
	var b []byte
	for i := range len(s) {
		if c := s[i]; c < 0x80 {
			b = append(b, c)
		} else {
			b = append(b, '%', hex[c>>4], hex[c&15])
		}
	}
	return string(b)
}
