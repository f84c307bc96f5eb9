package ping

import (
	"encoding/binary"
	"strconv"
	"time"
)

// ICMP types (RFC 792, RFC 4443; linux/icmp.h, linux/icmpv6.h).
const (
	icmpEchoReply     = 0
	icmpUnreachable   = 3
	icmpSourceQuench  = 4
	icmpRedirect      = 5
	icmpEcho          = 8
	icmpTimeExceeded  = 11
	icmpParameter     = 12
	icmpTimestamp     = 13
	icmpTimestampRep  = 14
	icmpInfo          = 15
	icmpInfoRep       = 16
	icmpMask          = 17
	icmpMaskRep       = 18
	icmp6Unreachable  = 1
	icmp6TooBig       = 2
	icmp6TimeExceeded = 3
	icmp6Parameter    = 4
	icmp6Echo         = 128
	icmp6EchoReply    = 129
	icmp6MLDQuery     = 130
	icmp6MLDReport    = 131
	icmp6MLDDone      = 132
)

const (
	icmpHeader = 8  // type, code, checksum, identifier, sequence number
	ip4Header  = 20 // without options
	ip6Header  = 40

	// The sender's clock stands in front of the data as the C library's
	// struct timeval, two longs in the machine's byte order, so that either
	// ping understands the other's packets in a capture.
	clockSize = 2 * strconv.IntSize / 8
)

// echo is the fixed part of an echo request or reply.
//
//	 0      1      2             4             6             8
//	+------+------+-------------+-------------+-------------+----
//	| type | code |  checksum   | identifier  |  sequence   | data
//	+------+------+-------------+-------------+-------------+----
type echo []byte

// parseEcho returns nil for what is too short to be one.
func parseEcho(p []byte) echo {
	if len(p) < icmpHeader {
		return nil
	}
	return p
}

func (e echo) typ() byte     { return e[0] }
func (e echo) code() byte    { return e[1] }
func (e echo) ident() uint16 { return binary.BigEndian.Uint16(e[4:]) }
func (e echo) seq() uint16   { return binary.BigEndian.Uint16(e[6:]) }
func (e echo) data() []byte  { return e[icmpHeader:] }

// info is the word that errors carry where an echo has identifier and
// sequence number: a gateway, a pointer, a path MTU.
func (e echo) info() uint32 { return binary.BigEndian.Uint32(e[4:]) }

// setHeader writes the header with a checksum of 0.
func (e echo) setHeader(typ byte, ident, seq uint16) {
	e[0], e[1], e[2], e[3] = typ, 0, 0, 0
	binary.BigEndian.PutUint16(e[4:], ident)
	binary.BigEndian.PutUint16(e[6:], seq)
}

// sum adds up 16-bit words in network byte order onto acc; an odd last byte
// counts as a word's first (RFC 1071). acc cannot overflow: 2^48 words fit.
func sum(acc uint64, p []byte) uint64 {
	for len(p) >= 2 {
		acc += uint64(p[0])<<8 | uint64(p[1])
		p = p[2:]
	}
	if len(p) == 1 {
		acc += uint64(p[0]) << 8
	}
	return acc
}

// fold is the checksum for what sum added up; 0 says that the packet, its own
// checksum included, is intact.
func fold(acc uint64) uint16 {
	for acc>>16 != 0 {
		acc = acc>>16 + acc&0xffff
	}
	return ^uint16(acc)
}

// putClock writes the time of day into p, clockSize bytes.
func putClock(p []byte, t time.Time) {
	putLong(p, t.Unix())
	putLong(p[clockSize/2:], int64(t.Nanosecond()/1000))
}

func putLong(p []byte, v int64) {
	if clockSize == 8 {
		binary.NativeEndian.PutUint32(p, uint32(v))
	} else {
		binary.NativeEndian.PutUint64(p, uint64(v))
	}
}

// clock is a time of day in seconds and microseconds. On 32-bit machines the
// seconds hold the low 32 bits only; differences are right all the same.
type clock struct{ sec, usec int64 }

func clockOf(t time.Time) clock { return clock{t.Unix(), int64(t.Nanosecond() / 1000)} }

// parseClock reads what putClock wrote, and SCM_TIMESTAMP; p must hold
// clockSize bytes.
func parseClock(p []byte) clock {
	if clockSize == 8 {
		return clock{int64(int32(binary.NativeEndian.Uint32(p))), int64(int32(binary.NativeEndian.Uint32(p[4:])))}
	}
	return clock{int64(binary.NativeEndian.Uint64(p)), int64(binary.NativeEndian.Uint64(p[8:]))}
}

// since returns c-d in microseconds. A packet may claim any d: the result is
// then bounded, so that the statistics can be computed with it.
func (c clock) since(d clock) int64 {
	sec := c.sec - d.sec
	if clockSize == 8 {
		sec = int64(int32(sec))
	}
	const years, hours = 1 << 36, 1 << 36 // in seconds, in microseconds
	return max(-years, min(sec, years))*1e6 + max(-hours, min(c.usec-d.usec, hours))
}

// ip4 is an IPv4 header with its options, and what follows.
type ip4 []byte

// parseIP4 returns nil unless the header is whole and at least min bytes
// follow it.
func parseIP4(p []byte, min int) ip4 {
	if len(p) < ip4Header {
		return nil
	}
	h := ip4(p)
	if n := h.length(); n < ip4Header || len(p) < n+min {
		return nil
	}
	return h
}

func (h ip4) length() int     { return int(h[0]&15) * 4 }
func (h ip4) ttl() int        { return int(h[8]) }
func (h ip4) dst() [4]byte    { return [4]byte(h[16:20]) }
func (h ip4) options() []byte { return h[ip4Header:h.length()] }
func (h ip4) payload() []byte { return h[h.length():] }

// quoted finds the echo request that an ICMP error of IPv4 quotes, and where
// it was sent; nil if the error quotes something else.
func quoted(e echo) (dst [4]byte, request echo) {
	h := parseIP4(e.data(), icmpHeader)
	if h == nil {
		return dst, nil
	}
	request = echo(h.payload())
	if request.typ() != icmpEcho {
		return dst, nil
	}
	return h.dst(), request
}

// queuedError is what the kernel says on a socket's error queue: struct
// sock_extended_err and, behind it, the sockaddr of whoever sent the ICMP
// error (linux/errqueue.h, ip(7)).
type queuedError struct {
	errno     uint32
	origin    byte // SO_EE_ORIGIN_
	typ, code byte // of the ICMP error
	info      uint32
	offender  []byte // 4 or 16 bytes; nil if unknown
	zone      uint32
}

func parseQueuedError(p []byte) (e queuedError, ok bool) {
	const size = 16 // of struct sock_extended_err
	if len(p) < size {
		return e, false
	}
	e = queuedError{errno: binary.NativeEndian.Uint32(p), origin: p[4], typ: p[5], code: p[6], info: binary.NativeEndian.Uint32(p[8:])}
	e.offender, e.zone = parseSockaddr(p[size:])
	return e, true
}
