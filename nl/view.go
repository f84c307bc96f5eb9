package nl

import (
	"encoding/binary"
	"iter"
	"strconv"
)

// A LengthError says that a length field in received bytes cannot be true.
type LengthError struct {
	What   string // "message" or "attribute"
	Offset int    // of its header, in bytes from the start of what was checked
	Claim  int    // the length that it claims
	Have   int    // the bytes that there are
}

func (e *LengthError) Error() string {
	return "netlink: the " + e.What + " at offset " + strconv.Itoa(e.Offset) + " claims " + strconv.Itoa(e.Claim) +
		" bytes, there are " + strconv.Itoa(e.Have)
}

// Check walks the messages of a received datagram. Behind it, Messages yields
// every one of them whole. A *LengthError says where a length lies.
func Check(p []byte) error {
	for off := 0; off < len(p); {
		rest := len(p) - off
		if rest < HeaderLen {
			return &LengthError{"message", off, HeaderLen, rest}
		}
		n := binary.NativeEndian.Uint32(p[off:])
		if n < HeaderLen || uint64(n) > uint64(rest) {
			return &LengthError{"message", off, int(n), rest}
		}
		off += align(int(n))
	}
	return nil
}

// Messages yields the messages of a datagram, in order; it stops where a
// length lies. They are views: valid as long as p is.
func Messages(p []byte) iter.Seq[Message] {
	return func(yield func(Message) bool) {
		for len(p) >= HeaderLen {
			n := binary.NativeEndian.Uint32(p)
			if n < HeaderLen || uint64(n) > uint64(len(p)) || !yield(Message(p[:n:n])) {
				return
			}
			p = p[min(align(int(n)), len(p)):]
		}
	}
}

// A Message is one whole message, its header included, as Messages cuts it:
// at least HeaderLen bytes. It is a view of somebody's buffer.
type Message []byte

// Type returns nlmsg_type: RTM_NEWLINK, ...
func (m Message) Type() uint16 { return binary.NativeEndian.Uint16(m[4:]) }

// Flags returns nlmsg_flags, whose meaning depends on the type.
func (m Message) Flags() uint16 { return binary.NativeEndian.Uint16(m[6:]) }

// Seq returns nlmsg_seq.
func (m Message) Seq() uint32 { return binary.NativeEndian.Uint32(m[8:]) }

// Pid returns nlmsg_pid: a socket's port id, 0 for the kernel's.
func (m Message) Pid() uint32 { return binary.NativeEndian.Uint32(m[12:]) }

// Payload returns what follows the header.
func (m Message) Payload() []byte { return m[HeaderLen:] }

// Attrs returns the attributes behind a fixed header of n bytes; none if the
// message is too short for it.
func (m Message) Attrs(n int) Attrs {
	off := HeaderLen + align(n)
	if off > len(m) {
		return nil
	}
	return Attrs(m[off:])
}

// Attrs are attributes one behind the other: a message's, or a nest's.
type Attrs []byte

// Check walks one level and reports the first length that lies as a
// *LengthError. Without it nothing breaks: the iterator stops there.
func (as Attrs) Check() error {
	for off := 0; off < len(as); {
		rest := len(as) - off
		if rest < AttrHeaderLen {
			return &LengthError{"attribute", off, AttrHeaderLen, rest}
		}
		n := int(binary.NativeEndian.Uint16(as[off:]))
		if n < AttrHeaderLen || n > rest {
			return &LengthError{"attribute", off, n, rest}
		}
		off += align(n)
	}
	return nil
}

// All yields the attributes in order.
func (as Attrs) All() iter.Seq[Attr] {
	return func(yield func(Attr) bool) {
		p := as
		for len(p) >= AttrHeaderLen {
			n := int(binary.NativeEndian.Uint16(p))
			if n < AttrHeaderLen || n > len(p) ||
				!yield(Attr{binary.NativeEndian.Uint16(p[2:]), p[AttrHeaderLen:n:n]}) {
				return
			}
			p = p[min(align(n), len(p)):]
		}
	}
}

// Index sorts the attributes by type: dst[t] becomes the last one of type t,
// as in the kernel's nla_parse; types that dst is too short for are left out.
// One pass then serves any number of look-ups. dst is cleared first.
func (as Attrs) Index(dst []Attr) {
	clear(dst)
	p := as
	for len(p) >= AttrHeaderLen {
		n := int(binary.NativeEndian.Uint16(p))
		if n < AttrHeaderLen || n > len(p) {
			return
		}
		raw := binary.NativeEndian.Uint16(p[2:])
		if t := int(raw & nlaTypeMask); t < len(dst) {
			dst[t] = Attr{raw, p[AttrHeaderLen:n:n]}
		}
		p = p[min(align(n), len(p)):]
	}
}

// CheckIndex is Check and Index in one walk, for long lists.
func (as Attrs) CheckIndex(dst []Attr) error {
	clear(dst)
	for off := 0; off < len(as); {
		rest := len(as) - off
		if rest < AttrHeaderLen {
			return &LengthError{"attribute", off, AttrHeaderLen, rest}
		}
		n := int(binary.NativeEndian.Uint16(as[off:]))
		if n < AttrHeaderLen || n > rest {
			return &LengthError{"attribute", off, n, rest}
		}
		raw := binary.NativeEndian.Uint16(as[off+2:])
		if t := int(raw & nlaTypeMask); t < len(dst) {
			dst[t] = Attr{raw, as[off+AttrHeaderLen : off+n : off+n]}
		}
		off += align(n)
	}
	return nil
}

// Get returns the first attribute of a type. (The kernel sends none twice but
// in lists, where All is the way; of duplicates in a request it takes the last,
// as Index does.)
func (as Attrs) Get(typ uint16) (Attr, bool) {
	for a := range as.All() {
		if a.Type() == typ {
			return a, true
		}
	}
	return Attr{}, false
}

// U8 returns the value of a, if it is there and has one byte.
func (as Attrs) U8(a AttrU8) (uint8, bool) { v, _ := as.Get(uint16(a)); return v.U8() }

// U16 returns the value of a, if it is there and has two bytes.
func (as Attrs) U16(a AttrU16) (uint16, bool) { v, _ := as.Get(uint16(a)); return v.U16() }

// U32 returns the value of a, if it is there and has four bytes.
func (as Attrs) U32(a AttrU32) (uint32, bool) { v, _ := as.Get(uint16(a)); return v.U32() }

// U64 returns the value of a, if it is there and has eight bytes.
func (as Attrs) U64(a AttrU64) (uint64, bool) { v, _ := as.Get(uint16(a)); return v.U64() }

// S32 returns the value of a, if it is there and has four bytes.
func (as Attrs) S32(a AttrS32) (int32, bool) {
	v, _ := as.Get(uint16(a))
	n, ok := v.U32()
	return int32(n), ok
}

// BE16 returns the value of a, if it is there and has two bytes.
func (as Attrs) BE16(a AttrBE16) (uint16, bool) { v, _ := as.Get(uint16(a)); return v.BE16() }

// BE32 returns the value of a, if it is there and has four bytes.
func (as Attrs) BE32(a AttrBE32) (uint32, bool) { v, _ := as.Get(uint16(a)); return v.BE32() }

// Flag tells whether a is there.
func (as Attrs) Flag(a AttrFlag) bool { _, ok := as.Get(uint16(a)); return ok }

// Str returns the text of a up to its NUL, as a view.
func (as Attrs) Str(a AttrStr) ([]byte, bool) { v, ok := as.Get(uint16(a)); return v.Str(), ok }

// StrN is Str for the kind of text that is sent without a NUL.
func (as Attrs) StrN(a AttrStrN) ([]byte, bool) { v, ok := as.Get(uint16(a)); return v.Str(), ok }

// Blob returns the bytes of a, as a view.
func (as Attrs) Blob(a AttrBytes) ([]byte, bool) { v, ok := as.Get(uint16(a)); return v.Bytes(), ok }

// IP returns an address: 4 or 16 bytes in network order, as a view.
func (as Attrs) IP(a AttrIP) ([]byte, bool) {
	v, _ := as.Get(uint16(a))
	return v.p, len(v.p) == 4 || len(v.p) == 16
}

// MAC returns a link-layer address, as a view.
func (as Attrs) MAC(a AttrMAC) ([]byte, bool) { v, ok := as.Get(uint16(a)); return v.p, ok }

// Nest returns what a nest holds; no attributes if it is not there.
func (as Attrs) Nest(a AttrNest) Attrs { v, _ := as.Get(uint16(a)); return v.Attrs() }

// NestF is Nest for the kind that is sent with NLA_F_NESTED.
func (as Attrs) NestF(a AttrNestF) Attrs { v, _ := as.Get(uint16(a)); return v.Attrs() }

// An Attr is one attribute: a view of its payload. The zero Attr stands for
// one that is not there: all its accessors say so.
type Attr struct {
	raw uint16
	p   []byte
}

// Type returns nla_type without its flag bits.
func (a Attr) Type() uint16 { return a.raw & nlaTypeMask }

// Nested and NetByteOrder return nla_type's flag bits. Most nests that the
// kernel sends do not carry the first.
func (a Attr) Nested() bool { return a.raw&nlaNested != 0 }

// NetByteOrder tells whether NLA_F_NET_BYTEORDER is set.
func (a Attr) NetByteOrder() bool { return a.raw&nlaNetOrder != 0 }

// Present tells whether the attribute was there at all, if only as a flag
// without a payload.
func (a Attr) Present() bool { return a.p != nil }

// Bytes returns the payload as a view.
func (a Attr) Bytes() []byte { return a.p }

// U8 returns the value if the payload has one byte.
func (a Attr) U8() (uint8, bool) {
	if len(a.p) != 1 {
		return 0, false
	}
	return a.p[0], true
}

// U16 returns the value in host order if the payload has two bytes.
func (a Attr) U16() (uint16, bool) {
	if len(a.p) != 2 {
		return 0, false
	}
	return binary.NativeEndian.Uint16(a.p), true
}

// U32 returns the value in host order if the payload has four bytes.
func (a Attr) U32() (uint32, bool) {
	if len(a.p) != 4 {
		return 0, false
	}
	return binary.NativeEndian.Uint32(a.p), true
}

// U64 returns the value in host order if the payload has eight bytes.
func (a Attr) U64() (uint64, bool) {
	if len(a.p) != 8 {
		return 0, false
	}
	return binary.NativeEndian.Uint64(a.p), true
}

// BE16 returns the value in network order if the payload has two bytes.
func (a Attr) BE16() (uint16, bool) {
	if len(a.p) != 2 {
		return 0, false
	}
	return binary.BigEndian.Uint16(a.p), true
}

// BE32 returns the value in network order if the payload has four bytes.
func (a Attr) BE32() (uint32, bool) {
	if len(a.p) != 4 {
		return 0, false
	}
	return binary.BigEndian.Uint32(a.p), true
}

// Str returns the payload up to the first NUL, as a view. It comes from
// outside: escape it before a terminal sees it.
func (a Attr) Str() []byte {
	for i, c := range a.p {
		if c == 0 {
			return a.p[:i]
		}
	}
	return a.p
}

// Attrs returns the payload as attributes.
func (a Attr) Attrs() Attrs { return Attrs(a.p) }
