package nettools

import (
	"strconv"
	"strings"
	"time"

	"rawns/cmd/rawns/internal/cli"
	"rawns/httpraw"
	"rawns/ns/file"
)

// The texts of the C library's resolver (herror(3)), which scripts match.
const (
	UnknownHost   = "Unknown host"
	LookupFailure = "Host name lookup failure"
	NoResolver    = "Resolver Error 0 (no error)"
	noAddress     = "No address associated with name"
)

// Files are where names may stand; tests put their own in place.
type Files struct{ Hosts, Networks string }

// Etc are the host's.
var Etc = Files{"/etc/hosts", "/etc/networks"}

// hostMax is how much of a name the original looks at.
const hostMax = 127

// Lookup reads an IPv4 address or finds the one of a name. If there is none,
// trouble is what to say, without an end of line.
func (f Files) Lookup(s string) (a [4]byte, trouble string) {
	a, _, trouble = f.Resolve(s, false)
	return a, trouble
}

// Resolve is Lookup for those who want to know whether the name is one of a
// network, and may prefer that it is not: "default" always is.
func (f Files) Resolve(s string, host bool) (a [4]byte, isNet bool, trouble string) {
	s = s[:min(len(s), hostMax)]
	if s == "default" {
		return a, true, ""
	}
	if a, ok := ParseAton(s); ok {
		return a, false, ""
	}
	if s == "" {
		return a, false, "Unknown server error"
	}
	if !host {
		if a, ok := find(f.Networks, s, 1, 0, padNetwork); ok {
			return a, true, ""
		}
	}
	if a, ok := find(f.Hosts, s, 0, 1, func(s string) string { return s }); ok {
		return a, false, ""
	}
	trouble = Missing(s)
	if trouble == LookupFailure {
		if a, trouble = byDNS(s); trouble == "" {
			return a, false, ""
		}
	}
	if host {
		if a, ok := find(f.Networks, s, 1, 0, padNetwork); ok {
			return a, true, ""
		}
		// The original's herror(3) then speaks of the look-up of a network.
		trouble = UnknownHost
	}
	return a, false, s + ": " + trouble
}

// byDNS asks the name servers.
func byDNS(name string) (a [4]byte, trouble string) {
	addrs, _, err := httpraw.Lookup(name, time.Time{})
	switch err {
	case nil:
	case httpraw.ErrNoName, httpraw.ErrBadName:
		return a, UnknownHost
	case httpraw.ErrNoAddress:
		return a, noAddress
	default:
		return a, LookupFailure
	}
	for i := range addrs {
		if addrs[i].Is4 {
			return [4]byte(addrs[i].IP[:4]), ""
		}
	}
	return a, noAddress
}

// Missing tells a name that no server would be asked for from one that the
// original would have asked for.
func Missing(s string) string {
	if s[0] == '-' || strings.Trim(s, "0123456789.") == "" {
		return UnknownHost
	}
	for label := range strings.SplitSeq(strings.TrimSuffix(s, "."), ".") {
		if label == "" || len(label) > 63 {
			return UnknownHost
		}
	}
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c|0x20 >= 'a' && c|0x20 <= 'z', c >= '0' && c <= '9', c == '-', c == '_', c == '.':
		default:
			return UnknownHost
		}
	}
	return LookupFailure
}

// find looks for a name in a file like hosts(5) or networks(5): the address is
// in one column, names are from another on, with the address between them or
// not.
func find(path, name string, addrAt, nameAt int, fix func(string) string) (a [4]byte, ok bool) {
	text, err := file.Read(path)
	if err != nil {
		return a, false
	}
	for line := range strings.Lines(string(text)) {
		line, _, _ = strings.Cut(line, "#")
		words := strings.Fields(line)
		for i := nameAt; i < len(words); i++ {
			if i == addrAt || !strings.EqualFold(words[i], name) {
				continue
			}
			if a, ok := cli.ParseIPv4(fix(words[addrAt])); ok {
				return a, true
			}
			break // an IPv6 address: the name may have another line
		}
	}
	return a, false
}

// padNetwork completes the short form of networks(5): 127 is 127.0.0.0.
func padNetwork(s string) string {
	for strings.Count(s, ".") < 3 {
		s += ".0"
	}
	return s
}

// ParseAton reads what inet_aton(3) reads: one to four numbers, decimal, octal
// or hexadecimal, of which the last fills up the rest; what stands behind
// white space is ignored.
func ParseAton(s string) (a [4]byte, ok bool) {
	if i := strings.IndexAny(s, " \t\n\v\f\r"); i > 0 {
		s = s[:i]
	}
	var v uint64
	parts := strings.Split(s, ".")
	if len(parts) > 4 {
		return a, false
	}
	for i, p := range parts {
		n, ok := ParseC(p)
		if !ok {
			return a, false
		}
		bits := 8
		if i == len(parts)-1 {
			bits = 8 * (4 - i)
		}
		if n >= 1<<bits {
			return a, false
		}
		v = v<<bits | n
	}
	return [4]byte{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)}, true
}

// ParseC reads a number as C spells it: 10, 012 or 0xa.
func ParseC(s string) (uint64, bool) {
	base := 10
	if len(s) > 1 && s[0] == '0' {
		s, base = s[1:], 8
		if s[0]|0x20 == 'x' {
			s, base = s[1:], 16
		}
	}
	n, err := strconv.ParseUint(s, base, 64)
	return n, err == nil
}

// Mask returns the netmask of a prefix length from 0 to 32.
func Mask(prefixLen int) (m [4]byte) {
	for i := range prefixLen {
		m[i/8] |= 0x80 >> (i % 8)
	}
	return m
}
