package ip

import (
	"encoding/binary"
	"strings"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl"
)

// A prefix is an address as a command line names it: with the length of its
// network, or without.
type prefix struct {
	family uint8    // AF_INET, AF_INET6; AF_UNSPEC for a "default" that may still become either
	n      int      // bytes of b that a request carries: 4, 16, or 0 for "any"
	bits   int      // of the network; all of the address where the words name none
	given  bool     // the words say how many
	b      [16]byte // network byte order
	other  []byte   // an address of another family, instead of b
}

// addr returns the address's bytes.
//
//go:noinline
func (p *prefix) addr() []byte {
	if p.other != nil {
		return p.other
	}
	return p.b[:p.n]
}

// addrBits returns how many bits an address of a family has.
func addrBits(family uint8) int {
	switch family {
	case unix.AF_INET:
		return 32
	case unix.AF_INET6:
		return 128
	case unix.AF_MPLS:
		return labelBits
	}
	return 0
}

// parseAddr reads an address of a family, or of either: dotted decimal, whose
// missing parts are zero (10.1 is 10.1.0.0) and whose parts may be octal or
// hex; IPv6; "default", "any" and "all", which are the zero address.
func parseAddr(s string, family uint8) (p prefix, ok bool) {
	switch {
	case family == unix.AF_MPLS:
		p.other, ok = parseLabels(s)
		p.family, p.n, p.bits = family, len(p.other), labelBits
		return p, ok
	case family == unix.AF_PACKET:
		return p, false
	case s == "default":
		p.family, p.n, p.given = family, addrBits(family)/8, true
		return p, true
	case s == "any", s == "all":
		p.family = family
		return p, true
	case family != unix.AF_UNSPEC && family != unix.AF_INET && family != unix.AF_INET6:
		return p, false
	}
	for i := range len(s) {
		if s[i] == ':' {
			p.b, ok = cli.ParseIPv6(s)
			p.family, p.n, p.bits = unix.AF_INET6, 16, 128
			return p, ok && family != unix.AF_INET
		}
	}
	p.family, p.n, p.bits = unix.AF_INET, 4, 32
	return p, parseIPv4(s, p.b[:4]) && family != unix.AF_INET6
}

// parseIPv4 reads up to four numbers with dots between them into dst.
func parseIPv4(s string, dst []byte) bool {
	for i := range dst {
		end := 0
		for end < len(s) && s[end] != '.' {
			end++
		}
		v, ok := parseUint(s[:end], 8)
		if !ok {
			return false
		}
		dst[i] = byte(v)
		if end == len(s) {
			return true
		}
		s = s[end+1:]
	}
	return false
}

const labelBits = 20

// parseLabels reads an MPLS label stack, RFC 3032: numbers with slashes between
// them, as many as iproute2 takes. Bit 8 marks the last.
func parseLabels(s string) (b []byte, ok bool) {
	for range 64 {
		part, rest, more := strings.Cut(s, "/")
		v, neg, ok := parseNumber(part)
		if !ok || neg || v >= 1<<labelBits {
			return nil, false
		}
		v <<= 12
		if !more {
			v |= 0x100
		}
		b = binary.BigEndian.AppendUint32(b, uint32(v))
		if !more {
			return b, true
		}
		s = rest
	}
	return nil, false
}

// parsePrefix is parseAddr for an address that a length may follow: a number,
// or a mask such as 255.255.0.0.
func parsePrefix(s string, family uint8) (p prefix, ok bool) {
	for i := range len(s) {
		if s[i] != '/' {
			continue
		}
		if p, ok = parseAddr(s[:i], family); !ok || p.bits == 0 {
			return p, false // "default" has a length already
		}
		n, ok := parseMask(s[i+1:])
		if !ok || n > uint64(p.bits) {
			return p, false
		}
		p.bits, p.given = int(n), true
		return p, true
	}
	return parseAddr(s, family)
}

func parseMask(s string) (bits uint64, ok bool) {
	if bits, ok = parseUint(s, 32); ok {
		return bits, true
	}
	var m [4]byte
	if !parseIPv4(s, m[:]) {
		return 0, false
	}
	host := ^(uint32(m[0])<<24 | uint32(m[1])<<16 | uint32(m[2])<<8 | uint32(m[3]))
	for host&1 != 0 {
		host >>= 1
		bits++
	}
	return 32 - bits, host == 0
}

// familyName is what the -family option calls a family.
func familyName(family uint8) string {
	switch family {
	case unix.AF_INET:
		return "inet"
	case unix.AF_INET6:
		return "inet6"
	case unix.AF_PACKET:
		return "link"
	case unix.AF_MPLS:
		return "mpls"
	case unix.AF_BRIDGE:
		return "bridge"
	}
	return "???"
}

func wantedFamily(family uint8) string {
	if family == unix.AF_UNSPEC {
		return "any valid"
	}
	return familyName(family)
}

// prefix takes the next word as a prefix of a family, or of either.
func (a *args) prefix(family uint8) prefix {
	w := a.next()
	if a.err != nil {
		return prefix{}
	}
	if family == unix.AF_PACKET {
		a.exitf(`Error: "`, w, `" may be inet prefix, but it is not allowed in this context.`)
		return prefix{}
	}
	p, ok := parsePrefix(w, family)
	if !ok {
		a.exitf("Error: "+wantedFamily(family)+` prefix is expected rather than "`, w, `".`)
	}
	return p
}

// addr takes the next word as an address of a family, or of either.
func (a *args) addr(family uint8) prefix {
	w := a.next()
	if a.err != nil {
		return prefix{}
	}
	p, ok := parseAddr(w, family)
	if !ok {
		a.exitf("Error: "+wantedFamily(family)+` address is expected rather than "`, w, `".`)
	}
	return p
}

// covers tells whether the first bits of an address are p's: all of them if
// bits is more than there are.
func (p *prefix) covers(addr []byte, bits int) bool {
	own := p.b[:]
	if p.other != nil {
		own = p.other
	}
	for i := 0; bits > 0; i, bits = i+1, bits-8 {
		var have byte
		if i < len(addr) {
			have = addr[i]
		}
		if i >= len(own) {
			return true
		}
		diff := have ^ own[i]
		if bits < 8 {
			diff >>= 8 - bits
		}
		if diff != 0 {
			return false
		}
	}
	return true
}

// putIP appends an address attribute.
//
//go:noinline
func (q *request) putIP(at nl.AttrIP, p *prefix) { q.b.IP(at, p.addr()) }

// patch overwrites one byte of the request's fixed header, off bytes behind
// nlmsghdr: what only the last word decides.
func (q *request) patch(off int, v byte) {
	if p, err := q.b.Bytes(); err == nil {
		p[nl.HeaderLen+off] = v
	}
}

// setFlags sets NLM_F_ bits of the request.
func (q *request) setFlags(bits uint16) {
	if p, err := q.b.Bytes(); err == nil {
		binary.NativeEndian.PutUint16(p[6:], nl.Message(p).Flags()|bits)
	}
}

// A warning is a step that says something on stderr.
type warning string

func (w warning) run(r *runner) error {
	r.errs.S(string(w)).NL()
	if r.errs == cli.Stderr {
		r.errs.Flush()
	}
	return nil
}

// familyColor is the colour of a family's addresses.
func familyColor(family uint8) color {
	switch family {
	case unix.AF_INET:
		return colInet
	case unix.AF_INET6:
		return colInet6
	}
	return colNone
}
