package nl

import (
	"encoding/binary"
	"errors"
	"strconv"
	"strings"
)

// A Builder encodes messages by appending. Its zero value is ready; Reset
// keeps the buffer, so that a Builder in use for a while no longer allocates.
//
//	var b nl.Builder
//	rtnl.NewLink(&b, unix.NLM_F_CREATE|unix.NLM_F_EXCL, rtnl.IfInfomsg{})
//	b.Str(rtnl.IFLA_IFNAME, "br0")
//	info := b.Nest(rtnl.IFLA_LINKINFO)
//	b.StrN(rtnl.IFLA_INFO_KIND, "bridge")
//	b.End(info)
//	err := conn.Do(&b, nil)
//
// Errors stick: the first one is returned by Bytes, and by whatever sends the
// Builder, and nothing is sent then. A Builder serves one goroutine.
type Builder struct {
	buf   []byte
	msg   int // offset of the message being built; len(buf) before the first
	n     int
	open  int // nests not yet ended: so many of nest
	nests [maxNests]int
	err   error
}

// maxNests is how deep nests may be in each other; the kernel knows of none
// deeper than ten.
const maxNests = 16

// A Mark is where a nest begins; End wants it back.
type Mark int

// What a Builder may refuse; an [AttrTooLongError] is the other one.
var (
	ErrNoMessage = errors.New("netlink: an attribute or header without a message to hold it")
	ErrOpenNest  = errors.New("netlink: nests do not pair: each Nest wants its End, the innermost first")
	ErrNUL       = errors.New("netlink: a string attribute holds a NUL byte")
)

// AttrTooLongError: nla_len has 16 bits, so that an attribute, nests with all
// that they hold included, has at most 65531 bytes of payload. A message may
// be longer than that.
type AttrTooLongError struct {
	Type uint16
	Len  int // the payload's bytes
}

func (e *AttrTooLongError) Error() string {
	return "netlink: attribute " + strconv.Itoa(int(e.Type)) + " would hold " + strconv.Itoa(e.Len) +
		" bytes; its 16-bit length allows 65531"
}

// Reset empties the Builder and forgets its error; the buffer is kept, so
// bytes returned earlier are overwritten by what follows.
func (b *Builder) Reset() {
	b.buf = b.buf[:0]
	b.msg, b.n, b.open, b.err = 0, 0, 0, nil
}

// Message begins a message of a type (RTM_NEWLINK, ...) with NLM_F_ flags.
// Sequence number and port id stay 0: the Conn fills in the former when it
// sends. The message before it is complete.
func (b *Builder) Message(typ, flags uint16) { b.Begin(typ, flags, 0) }

// Begin begins a message as Message does, and returns the n bytes of its fixed header
// for the caller to fill, all of them, before it appends anything else: they hold
// whatever the buffer held.
func (b *Builder) Begin(typ, flags uint16, n int) []byte {
	b.finish()
	l := len(b.buf)
	end := l + HeaderLen + align(n)
	if end > cap(b.buf) {
		b.enlarge(end - l)
	}
	b.msg = l
	b.n++
	b.buf = b.buf[:end]
	p := b.buf[l:]
	binary.NativeEndian.PutUint32(p[len(p)-4:], 0) // padding; without a fixed header, the port id
	h := (*[HeaderLen]byte)(p)
	binary.NativeEndian.PutUint32(h[0:], 0)
	binary.NativeEndian.PutUint16(h[4:], typ)
	binary.NativeEndian.PutUint16(h[6:], flags)
	binary.NativeEndian.PutUint64(h[8:], 0)
	return p[HeaderLen : HeaderLen+n : HeaderLen+n]
}

// Append appends a copy of a message that is complete.
func (b *Builder) Append(m Message) {
	b.Message(m.Type(), m.Flags())
	copy(b.Extend(len(m)-HeaderLen), m.Payload())
}

// Extend appends n bytes, zeroed and padded to the alignment, and returns
// them for the caller to fill before it appends anything else: the fixed
// header behind nlmsghdr, or one inside a nest.
func (b *Builder) Extend(n int) []byte {
	if b.n == 0 {
		b.fail(ErrNoMessage)
		return make([]byte, n)
	}
	p := b.grow(align(n))
	clear(p)
	return p[:n:n]
}

// Len returns the number of messages begun so far.
func (b *Builder) Len() int { return b.n }

// Size returns the number of bytes appended so far: the offset at which what
// is appended next will stand.
func (b *Builder) Size() int { return len(b.buf) }

// Bytes completes the last message and returns all of them, or the first
// error. The slice is the Builder's own buffer: valid until it is appended to
// or Reset.
func (b *Builder) Bytes() ([]byte, error) {
	b.finish()
	if b.err != nil {
		return nil, b.err
	}
	return b.buf[:len(b.buf):len(b.buf)], nil
}

// Err returns the first error, if any.
func (b *Builder) Err() error { return b.err }

func (b *Builder) finish() {
	if b.n == 0 {
		return
	}
	if b.open != 0 {
		b.fail(ErrOpenNest)
		b.open = 0
	}
	binary.NativeEndian.PutUint32(b.buf[b.msg:], uint32(len(b.buf)-b.msg))
}

func (b *Builder) fail(err error) {
	if b.err == nil {
		b.err = err
	}
}

// grow appends n bytes, whatever they hold.
func (b *Builder) grow(n int) []byte {
	l := len(b.buf)
	if cap(b.buf)-l < n {
		b.enlarge(n)
	}
	b.buf = b.buf[:l+n]
	return b.buf[l:]
}

// enlarge makes room for n bytes more. It is rare: no part of those who call it.
//
//go:noinline
func (b *Builder) enlarge(n int) {
	l := len(b.buf)
	c := max(2*cap(b.buf), l+n, 512) // 512 holds nearly every request: one allocation
	nb := make([]byte, l, c)
	copy(nb, b.buf)
	b.buf = nb
}

// attr appends an attribute's header and n bytes of payload, which the caller must fill, all
// of them; but those behind the last multiple of four, with the padding, are zero. Nearly always
// there is room, and that way is short.
func (b *Builder) attr(typ uint16, n int) []byte {
	l := len(b.buf)
	end := l + AttrHeaderLen + align(n)
	if b.n == 0 || n > maxAttrLen-AttrHeaderLen || end > cap(b.buf) {
		return b.unusual(typ, n)
	}
	b.buf = b.buf[:end]
	p := b.buf[l:]
	binary.NativeEndian.PutUint32(p[len(p)-4:], 0) // without a payload, the header's own four bytes
	h := (*[AttrHeaderLen]byte)(p)
	binary.NativeEndian.PutUint16(h[0:], uint16(AttrHeaderLen+n))
	binary.NativeEndian.PutUint16(h[2:], typ)
	return p[AttrHeaderLen : AttrHeaderLen+n : AttrHeaderLen+n]
}

// unusual is attr where there is no room yet, or where it refuses: then it returns n bytes
// that are not sent.
func (b *Builder) unusual(typ uint16, n int) []byte {
	switch {
	case b.n == 0:
		b.fail(ErrNoMessage)
	case n > maxAttrLen-AttrHeaderLen:
		b.fail(&AttrTooLongError{typ & nlaTypeMask, n})
	default:
		b.enlarge(AttrHeaderLen + align(n))
		return b.attr(typ, n)
	}
	return make([]byte, n)
}

// Flag appends an attribute without a payload.
func (b *Builder) Flag(a AttrFlag) { b.attr(uint16(a), 0) }

// U8 appends one byte.
func (b *Builder) U8(a AttrU8, v uint8) { b.attr(uint16(a), 1)[0] = v }

// U16 appends two bytes in host order.
func (b *Builder) U16(a AttrU16, v uint16) {
	binary.NativeEndian.PutUint16(b.attr(uint16(a), 2), v)
}

// U32 appends four bytes in host order.
func (b *Builder) U32(a AttrU32, v uint32) { b.u32(uint16(a), v) }

func (b *Builder) u32(typ uint16, v uint32) {
	if p := b.word(typ); p != nil {
		binary.NativeEndian.PutUint32(p[4:], v)
		return
	}
	binary.NativeEndian.PutUint32(b.attr(typ, 4), v)
}

// word is the attr of most attributes, which hold one word: with nothing to reckon. Its payload is
// behind the header's four bytes. Where there is no room it returns nil.
func (b *Builder) word(typ uint16) *[8]byte {
	l := len(b.buf)
	if b.n == 0 || l+8 > cap(b.buf) {
		return nil
	}
	b.buf = b.buf[:l+8]
	p := (*[8]byte)(b.buf[l:])
	binary.NativeEndian.PutUint16(p[0:], 8)
	binary.NativeEndian.PutUint16(p[2:], typ)
	return p
}

// U64 appends eight bytes in host order; they start at a multiple of four,
// which the kernel allows for.
func (b *Builder) U64(a AttrU64, v uint64) {
	binary.NativeEndian.PutUint64(b.attr(uint16(a), 8), v)
}

// S32 appends four bytes in host order.
func (b *Builder) S32(a AttrS32, v int32) {
	b.u32(uint16(a), uint32(v))
}

// BE16 appends two bytes in network order.
func (b *Builder) BE16(a AttrBE16, v uint16) {
	binary.BigEndian.PutUint16(b.attr(uint16(a), 2), v)
}

// BE32 appends four bytes in network order.
func (b *Builder) BE32(a AttrBE32, v uint32) {
	binary.BigEndian.PutUint32(b.attr(uint16(a), 4), v)
}

// Str appends text and its NUL.
func (b *Builder) Str(a AttrStr, s string) { b.str(uint16(a), s, 1) }

// StrN appends text without a NUL.
func (b *Builder) StrN(a AttrStrN, s string) { b.str(uint16(a), s, 0) }

// str writes a text of up to eight bytes, as most names and kinds are, by two stores that may overlap: calls
// of IndexByte and copy take longer than all the rest.
func (b *Builder) str(typ uint16, s string, nul int) {
	n := len(s)
	l := len(b.buf)
	end := l + AttrHeaderLen + align(n+nul)
	if n == 0 || n > 8 || b.n == 0 || end > cap(b.buf) {
		if strings.IndexByte(s, 0) >= 0 {
			b.fail(ErrNUL)
		}
		copy(b.attr(typ, n+nul), s) // the NUL is there: see attr
		return
	}
	b.buf = b.buf[:end]
	p := b.buf[l:end:end]
	binary.NativeEndian.PutUint32(p[len(p)-4:], 0)
	binary.NativeEndian.PutUint16(p[0:], uint16(AttrHeaderLen+n+nul))
	binary.NativeEndian.PutUint16(p[2:], typ)
	p = p[AttrHeaderLen:]
	if n >= 4 {
		x, y := four(s), four(s[n-4:])
		binary.LittleEndian.PutUint32(p, x)
		binary.LittleEndian.PutUint32(p[n-4:], y)
		if ((x-0x01010101)&^x|(y-0x01010101)&^y)&0x80808080 == 0 { // no byte is zero
			return
		}
	} else {
		x, y, z := s[0], s[n>>1], s[n-1]
		p[0], p[n>>1], p[n-1] = x, y, z
		if x != 0 && y != 0 && z != 0 {
			return
		}
	}
	b.fail(ErrNUL)
}

// four is the first four bytes of a text.
func four(s string) uint32 {
	_ = s[3]
	return uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24
}

// Blob appends a copy of v: opaque bytes, or a C structure.
func (b *Builder) Blob(a AttrBytes, v []byte) { copy(b.attr(uint16(a), len(v)), v) }

// IP appends an address of 4 or 16 bytes in network order
// (netip.Addr.AsSlice).
func (b *Builder) IP(a AttrIP, v []byte) {
	if len(v) == 4 {
		if p := b.word(uint16(a)); p != nil {
			*(*[4]byte)(p[4:]) = [4]byte(v)
			return
		}
	}
	copy(b.attr(uint16(a), len(v)), v)
}

// MAC appends a link-layer address.
func (b *Builder) MAC(a AttrMAC, v []byte) { copy(b.attr(uint16(a), len(v)), v) }

// Nest begins a nest; what is appended until End(mark) is inside it.
func (b *Builder) Nest(a AttrNest) Mark { return b.nest(uint16(a)) }

// NestF begins a nest whose type carries NLA_F_NESTED.
func (b *Builder) NestF(a AttrNestF) Mark { return b.nest(uint16(a) | nlaNested) }

func (b *Builder) nest(typ uint16) Mark {
	at := len(b.buf)
	if b.n == 0 || at+AttrHeaderLen > cap(b.buf) {
		b.unusual(typ, 0)
	} else {
		b.buf = b.buf[:at+AttrHeaderLen]
		binary.NativeEndian.PutUint16(b.buf[at+2:], typ) // the length comes with End
	}
	if b.open == maxNests {
		b.fail(ErrOpenNest)
		return Mark(at)
	}
	b.nests[b.open] = at
	b.open++
	return Mark(at)
}

// End ends the nest that began at m, the innermost open one.
func (b *Builder) End(m Mark) {
	at := int(m)
	if b.open == 0 || b.nests[b.open-1] != at || at > len(b.buf)-AttrHeaderLen {
		b.fail(ErrOpenNest)
		return
	}
	b.open--
	n := len(b.buf) - at
	if n > maxAttrLen {
		b.fail(&AttrTooLongError{binary.NativeEndian.Uint16(b.buf[at+2:]) & nlaTypeMask, n - AttrHeaderLen})
		return
	}
	binary.NativeEndian.PutUint16(b.buf[at:], uint16(n))
}

// Reopen opens a nest again that has ended, and behind which nothing stands:
// what is appended until End(mark) is inside it. The outermost comes first.
func (b *Builder) Reopen(m Mark) {
	at := int(m)
	if b.open == maxNests || at > len(b.buf)-AttrHeaderLen {
		b.fail(ErrOpenNest)
		return
	}
	b.nests[b.open] = at
	b.open++
}

// PutU32 overwrites four bytes at an offset that Size gave earlier, in host
// order: for a number known only later, such as an index that a name stands
// for. An offset outside of what was appended is ignored.
func (b *Builder) PutU32(at int, v uint32) {
	if at >= HeaderLen && at <= len(b.buf)-4 {
		binary.NativeEndian.PutUint32(b.buf[at:], v)
	}
}
