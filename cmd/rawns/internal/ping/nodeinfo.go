//go:build !tiny

package ping

import (
	"encoding/binary"

	"strings"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
)

// Node information queries, RFC 4620: instead of an echo a host is asked for its
// name or its addresses. The kernel answers none: some hosts run a program that
// does.
//
//	 0     1      2         4       6       8        10                16
//	+-----+------+---------+-------+-------+--------+-----------------+---------
//	| 139 | what | checksum| qtype | flags | number | the rest of the | subject
//	| 140 | code |         |       |       |        | nonce           | answer
//	+-----+------+---------+-------+-------+--------+-----------------+---------
const (
	niQuery  = 139
	niReply  = 140
	niHeader = 16

	qtypeName = 2
	qtypeIPv6 = 3
	qtypeIPv4 = 4

	// What the subject is.
	subjectIPv6 = 0
	subjectName = 1
	subjectIPv4 = 2

	niTruncated = 1 // a flag of either kind of addresses
)

// nodeInfo is what -N asks for.
type nodeInfo struct {
	qtype uint16 // 0: only a subject was given, and echoes are sent
	flags uint16

	what    byte // subjectIPv6, ...
	subject []byte

	secret [6]byte // that only who has seen a query can know
}

// niWords are the words of -N but "help".
var niWords = [...]struct {
	name    string
	qtype   uint16 // 0 for a subject
	flag    uint16
	what    byte
	notFull bool // the subject's name is never taken for a full one
}{
	{"name", qtypeName, 0, 0, false},
	{"fqdn", qtypeName, 0, 0, false},
	{"ipv6", qtypeIPv6, 0, 0, false},
	{"ipv6-all", qtypeIPv6, 2, 0, false},
	{"ipv6-compatible", qtypeIPv6, 4, 0, false},
	{"ipv6-global", qtypeIPv6, 32, 0, false},
	{"ipv6-linklocal", qtypeIPv6, 8, 0, false},
	{"ipv6-sitelocal", qtypeIPv6, 16, 0, false},
	{"ipv4", qtypeIPv4, 0, 0, false},
	{"ipv4-all", qtypeIPv4, 2, 0, false},
	{"subject-ipv6", 0, 0, subjectIPv6, false},
	{"subject-ipv4", 0, 0, subjectIPv4, false},
	{"subject-name", 0, 0, subjectName, false},
	{"subject-fqdn", 0, 0, subjectName, true}, // as in iputils
}

// set takes one word of -N. warn prints what is wrong with a subject.
func (n *nodeInfo) set(v string, warn func(...string)) error {
	if v == "help" {
		niHelp(cli.Stdout)
		return &failure{code: 0}
	}
	name, arg, hasArg := strings.Cut(v, "=")
	for i := range niWords {
		w := &niWords[i]
		switch {
		case w.name != name || hasArg != (w.qtype == 0):
			continue
		case w.qtype != 0:
			if n.qtype != 0 && n.qtype != w.qtype {
				cli.Stdout.S("Qtype conflict\n")
				return niWrong()
			}
			n.qtype, n.flags = w.qtype, n.flags|w.flag
			return nil
		case n.subject != nil && n.what != w.what:
			cli.Stdout.S("Subject type conflict\n")
			return niWrong()
		case w.what == subjectName:
			s, ok := niName(arg, w.notFull)
			if !ok {
				return fail(1, "inappropriate subject name: ", strings.ToLower(arg))
			}
			n.what, n.subject = subjectName, s
			return nil
		}
		family := unix.AF_INET6
		if w.what == subjectIPv4 {
			family = unix.AF_INET
		}
		t, err := resolve(arg, family)
		if err != nil {
			warn(err.Error())
			return niWrong()
		}
		n.what, n.subject = w.what, append([]byte(nil), t[0].bytes()...)
		return nil
	}
	return niWrong()
}

// niWrong prints the help, on stderr.
func niWrong() error {
	cli.Stdout.Flush()
	niHelp(cli.Stderr)
	cli.Stderr.Flush()
	return &failure{code: 2}
}

func niHelp(o *cli.Out) {
	o.S("ping -6 -N <nodeinfo opt>\nHelp:\n  help\nQuery:\n")
	subject := false
	for i := range niWords {
		w := &niWords[i]
		if w.name == "fqdn" { // nor does iputils show it
			continue
		}
		if w.qtype == 0 && !subject {
			o.S("Subject:\n")
			subject = true
		}
		o.S("  ", w.name)
		switch {
		case w.qtype != 0:
		case w.what == subjectName:
			o.S("=name")
		default:
			o.S("=addr")
		}
		o.NL()
	}
}

// niName is a name as DNS writes it, in lower case and without a zone. Behind
// one that is not full stands another empty label.
func niName(s string, notFull bool) (b []byte, ok bool) {
	s, _, _ = strings.Cut(strings.ToLower(s), "%")
	full := !notFull && strings.Contains(s, ".")
	s = strings.TrimSuffix(s, ".")
	if len(s) > 253 {
		return nil, false
	}
	if s != "" {
		for label := range strings.SplitSeq(s, ".") {
			if label == "" || len(label) > 63 {
				return nil, false
			}
			b = append(append(b, byte(len(label))), label...)
		}
	}
	b = append(b, 0)
	if !full {
		b = append(b, 0)
	}
	return b, true
}

// begin makes the query that a session sends: about dst, if nothing else is
// asked for.
func (n *nodeInfo) begin(dst []byte) ([]byte, error) {
	if _, err := unix.Getrandom(n.secret[:], 0); err != nil {
		return nil, failErrno("getrandom", err)
	}
	if n.subject == nil {
		n.what, n.subject = subjectIPv6, dst
	}
	q := make([]byte, niHeader, niHeader+len(n.subject))
	q[0], q[1] = niQuery, n.what
	binary.BigEndian.PutUint16(q[4:], n.qtype)
	binary.BigEndian.PutUint16(q[6:], n.flags)
	copy(q[10:], n.secret[:])
	return append(q, n.subject...), nil
}

// sequence returns the number of the query that a reply answers.
func (n *nodeInfo) sequence(p []byte) (seq uint16, ok bool) {
	if len(p) < niHeader || p[0] != niReply || [6]byte(p[10:]) != n.secret {
		return 0, false
	}
	return binary.BigEndian.Uint16(p[8:]), true
}

// niPrint writes what a reply says; it is not believed to be whole.
func niPrint(o *cli.Out, p []byte) {
	qtype, flags := binary.BigEndian.Uint16(p[4:]), binary.BigEndian.Uint16(p[6:])
	data := p[niHeader:]
	switch code := p[1]; {
	case code == 1:
		o.S(" refused")
	case code == 2:
		o.S(" unknown")
	case code != 0:
		o.S(" unknown code(").X(uint64(code), 2).C(')')
	case qtype == qtypeName:
		niNames(o, data)
	case qtype == qtypeIPv6:
		niAddresses(o, data, 16, flags)
	case qtype == qtypeIPv4:
		niAddresses(o, data, 4, flags)
	default:
		o.S(" unknown qtype(0x").X(uint64(qtype), 2).C(')')
	}
	o.S("; seq=").U(uint64(binary.BigEndian.Uint16(p[8:]))).C(';')
}

// niNames writes names: 4 bytes of a time to live, and then names as DNS writes
// them; one that another empty label follows is not full.
func niNames(o *cli.Out, data []byte) {
	if len(data) < 4 {
		o.S(" parse error (too short)")
		return
	}
	for off := 4; off < len(data); {
		if off > 4 {
			o.C(',')
		}
		name, end, ok := niExpand(data, off)
		if !ok {
			o.S(" parse error (truncated)")
			return
		}
		o.C(' ').S(name)
		if end < len(data) && data[end] == 0 {
			end++
		} else {
			o.C('.')
		}
		off = end
	}
}

// niExpand reads a name, as dn_expand(3) writes it. Each jump must go back,
// before where reading began, so there is no way round in circles.
func niExpand(p []byte, off int) (name string, end int, ok bool) {
	var b []byte
	end = -1
	for bound := off; off < len(p); {
		n := int(p[off])
		switch {
		case n == 0:
			if end < 0 {
				end = off + 1
			}
			return string(b), end, true
		case n >= 0xc0:
			if off+1 >= len(p) {
				return "", 0, false
			}
			if end < 0 {
				end = off + 2
			}
			off = n&0x3f<<8 | int(p[off+1])
			if off >= bound {
				return "", 0, false
			}
			bound = off
		case n > 63 || off+1+n > len(p) || len(b) > 1000:
			return "", 0, false
		default:
			if len(b) > 0 {
				b = append(b, '.')
			}
			for _, c := range p[off+1 : off+1+n] {
				switch {
				case strings.IndexByte(`.;\()@$"`, c) >= 0:
					b = append(b, '\\', c)
				case c <= ' ' || c >= 0x7f:
					b = append(b, '\\', '0'+c/100, '0'+c/10%10, '0'+c%10)
				default:
					b = append(b, c)
				}
			}
			off += 1 + n
		}
	}
	return "", 0, false
}

// niAddresses writes addresses of size bytes, 4 bytes of a time to live before
// each.
func niAddresses(o *cli.Out, data []byte, size int, flags uint16) {
	for first := true; len(data) > 0; first = false {
		if !first {
			o.C(',')
		}
		if len(data) < 4+size {
			o.S(" parse error (truncated)")
			break
		}
		o.C(' ')
		o.B = cli.AppendIP(o.B, data[4:4+size])
		data = data[4+size:]
	}
	if flags&niTruncated != 0 {
		o.S(" (truncated)")
	}
}
