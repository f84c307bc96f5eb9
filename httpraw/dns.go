package httpraw

import (
	"encoding/binary"
	"strings"
)

// DNS messages (RFC 1035, section 4), all numbers big-endian:
//
//	 0  id                      a question:  name, type, class
//	 2  QR Opcode AA TC RD      a record:    name, type, class, ttl (4 bytes),
//	 3  RA Z RCODE                           length of data, data
//	 4  questions
//	 6  answers                 a name: labels, each with its length before
//	 8  authorities             it, up to an empty one; a length of 0xc0 and
//	10  additional              above begins an offset into the message

const (
	dnsHeader = 12

	flagQR     = 0x80 // byte 2: an answer
	flagOpcode = 0x78 // byte 2: 0 for a question
	flagTC     = 0x02 // byte 2: cut short
	flagRD     = 0x01 // byte 2: ask others if you must
	maskRcode  = 0x0f // byte 3

	typeA     = 1
	typeCNAME = 5
	typePTR   = 12
	typeAAAA  = 28
	classIN   = 1

	rcodeOK       = 0
	rcodeNXDomain = 3
)

// appendQuery appends a question for a name without its final dot.
func appendQuery(b []byte, id [2]byte, name string, kind uint16) ([]byte, bool) {
	b = append(b, id[0], id[1], flagRD, 0, 0, 1, 0, 0, 0, 0, 0, 0)
	if !isHost(name) || len(name) > 253 {
		return nil, false
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > 63 {
			return nil, false
		}
		b = append(append(b, byte(len(label))), label...)
	}
	b = append(b, 0)
	b = binary.BigEndian.AppendUint16(b, kind)
	return binary.BigEndian.AppendUint16(b, classIN), true
}

// answers tells whether reply answers the question q: same id, and the
// question repeated, in whatever case.
func answers(reply, q []byte) bool {
	if len(reply) < len(q) || reply[0] != q[0] || reply[1] != q[1] {
		return false
	}
	if reply[2]&flagQR == 0 || reply[2]&flagOpcode != 0 || reply[4] != 0 || reply[5] != 1 {
		return false
	}
	end := len(q) - 4 // of the name; its lengths are below 'A'
	return strings.EqualFold(string(reply[dnsHeader:end]), string(q[dnsHeader:end])) &&
		string(reply[end:len(q)]) == string(q[end:])
}

// parseReply takes the addresses of one type out of a reply whose question
// ends at offset off, following aliases, and the name at their end; for
// typePTR, the name that the question was for.
func parseReply(msg []byte, off int, kind uint16) (addrs []Addr, proper string, err error) {
	switch msg[3] & maskRcode {
	case rcodeOK:
	case rcodeNXDomain:
		return nil, "", ErrNoName
	default:
		return nil, "", ErrNameServer
	}
	want, _, ok := dnsName(msg, dnsHeader)
	if !ok {
		return nil, "", ErrNameServer
	}
	for range binary.BigEndian.Uint16(msg[6:]) {
		var name string
		if name, off, ok = dnsName(msg, off); !ok || len(msg)-off < 10 {
			return nil, "", ErrNameServer
		}
		rtype, class := binary.BigEndian.Uint16(msg[off:]), binary.BigEndian.Uint16(msg[off+2:])
		size := int(binary.BigEndian.Uint16(msg[off+8:]))
		off += 10
		if size > len(msg)-off {
			return nil, "", ErrNameServer
		}
		data := msg[off : off+size]
		// Aliases come before what they stand for, so one pass will do.
		switch {
		case class != classIN || !strings.EqualFold(name, want):
		case rtype == typeCNAME:
			if want, _, ok = dnsName(msg, off); !ok {
				return nil, "", ErrNameServer
			}
		case rtype == kind && kind == typeA && size == 4:
			a := Addr{Is4: true, set: true}
			copy(a.IP[:], data)
			addrs = append(addrs, a)
		case rtype == kind && kind == typeAAAA && size == 16:
			addrs = append(addrs, Addr{IP: [16]byte(data), set: true})
		case rtype == kind && kind == typePTR:
			if name, _, ok = dnsName(msg, off); !ok {
				return nil, "", ErrNameServer
			}
			return nil, strings.TrimSuffix(name, "."), nil
		}
		off += size
	}
	if len(addrs) == 0 {
		return nil, "", ErrNoAddress
	}
	return addrs, strings.TrimSuffix(want, "."), nil
}

// dnsName reads the name at off, with a dot behind each label, and returns the offset behind it. Each jump must go back, before the last
// one's target, so there is no way round in circles.
func dnsName(msg []byte, off int) (name string, end int, ok bool) {
	var b []byte
	end = -1
	for bound := off; ; {
		if off >= len(msg) {
			return "", 0, false
		}
		n := int(msg[off])
		switch {
		case n == 0:
			if end < 0 {
				end = off + 1
			}
			return string(b), end, true
		case n >= 0xc0:
			if off+1 >= len(msg) {
				return "", 0, false
			}
			to := n&0x3f<<8 | int(msg[off+1])
			if end < 0 {
				end = off + 2
			}
			if to >= bound || to < dnsHeader {
				return "", 0, false
			}
			off, bound = to, to
		case n > 63 || off+1+n > len(msg) || len(b)+n+1 > 254:
			return "", 0, false
		default:
			b = append(append(b, msg[off+1:off+1+n]...), '.')
			off += 1 + n
		}
	}
}
