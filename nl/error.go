package nl

import (
	"encoding/binary"
	"errors"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// Error is the kernel's refusal of one request: the errno of its NLMSG_ERROR
// (or of the NLMSG_DONE that ended a dump), and what its extended ack adds.
// errors.Is(err, unix.EEXIST) sees the errno.
type Error struct {
	Errno syscall.Errno // as this architecture numbers it
	Type  uint16        // nlmsg_type of the request
	Index int           // which message of a batch, from 0

	Text   string  // the kernel's own words (NLMSGERR_ATTR_MSG), unescaped; "" if it has none
	Offset int     // of the attribute it objects to, in bytes from the request's nlmsghdr; 0 if it names none
	Policy *Policy // what it wants of that attribute (NLMSGERR_ATTR_POLICY), or nil

	HasMissing  bool   // an attribute is missing: MissingType, in the nest at MissingNest
	MissingType uint32 // NLMSGERR_ATTR_MISS_TYPE
	MissingNest int    // NLMSGERR_ATTR_MISS_NEST: offset of that nest; 0 is the message itself

	Cookie  []byte  // NLMSGERR_ATTR_COOKIE, or nil
	Request Message // a copy of the request, for Offset to point into
}

// Error is one line: errno, the kernel's words, and the offset. rtnl.AttrPath
// names the attribute.
func (e *Error) Error() string {
	s := "netlink: " + e.Errno.Error()
	if e.Text != "" {
		s += ": " + strconv.Quote(e.Text)
	}
	if e.Offset != 0 {
		s += " at offset " + strconv.Itoa(e.Offset)
	}
	return s
}

// Unwrap returns the errno.
func (e *Error) Unwrap() error { return e.Errno }

// Policy is what the kernel wants of an attribute: NLMSGERR_ATTR_POLICY, the
// NL_POLICY_TYPE_ATTR_ attributes of linux/netlink.h. A Has field says whether
// the kernel gave the numbers beside it.
type Policy struct {
	Type                 uint32 // NL_ATTR_TYPE_U32, ...
	HasRange             bool
	Min, Max             uint64 // for signed types the bits of an int64
	HasMinLen, HasMaxLen bool
	MinLen, MaxLen       uint32
	HasMask              bool
	Mask                 uint64 // bits that may be set
}

// Const is an error that is its text and nothing else. A variable of it is data, where
// one of errors.New may be made anew at each start of a program.
type Const string

func (c Const) Error() string { return string(c) }

// Errors of a conversation, beside the kernel's refusals.
var (
	// ErrDumpInterrupted: what was listed changed meanwhile (NLM_F_DUMP_INTR),
	// so the list may lack or repeat entries. It comes after the last of them.
	ErrDumpInterrupted = errors.New("netlink: the list changed while it was read")
	// ErrOverrun: the kernel had more to say than the receive buffer holds
	// (ENOBUFS); something was lost.
	ErrOverrun = errors.New("netlink: the receive buffer overran: messages were lost")
	// ErrBusy: the Conn is in the middle of another conversation. It serves
	// one goroutine, and nothing may be sent while a dump is being walked.
	ErrBusy = errors.New("netlink: the connection is in use")
	// ErrOneMessage: Do and Dump send one message, and the Builder holds none
	// or several.
	ErrOneMessage = errors.New("netlink: exactly one message is wanted")
	// ErrClosed: the Conn or Monitor was closed.
	ErrClosed = errors.New("netlink: the connection is closed")
	// ErrUnexpected: the kernel ended the conversation without the ack or
	// the NLMSG_DONE that belongs to it.
	ErrUnexpected = errors.New("netlink: the reply ended too early")

	errNothing = errors.New("netlink: there is no datagram yet")
)

// TruncatedError: a datagram was longer than the receive buffer, and its end
// is lost (MSG_TRUNC). The buffer has been enlarged: the same request will
// now succeed.
type TruncatedError struct{ Have, Need int } // bytes

func (e *TruncatedError) Error() string {
	return "netlink: a reply of " + strconv.Itoa(e.Need) + " bytes was cut to " + strconv.Itoa(e.Have) + "; ask again"
}

// ForeignError: a datagram that does not come from the kernel (port id 0) but
// from another process. It was dropped.
type ForeignError struct{ Pid uint32 } // the sender's port id

func (e *ForeignError) Error() string {
	return "netlink: a message from port " + strconv.FormatUint(uint64(e.Pid), 10) + " and not from the kernel was dropped"
}

// SysError is a system call that failed.
type SysError struct {
	Call string // "socket", "sendto", ...
	Err  syscall.Errno
}

func (e *SysError) Error() string { return "netlink: " + e.Call + ": " + e.Err.Error() }

// Unwrap returns the errno.
func (e *SysError) Unwrap() error { return e.Err }

// parseAck reads an NLMSG_ERROR. It returns nil for an ack (error 0) with
// nothing beside it. There are three shapes, linux/netlink.h at struct nlmsgerr:
//
//	error, nlmsghdr of the request                        NLM_F_CAPPED
//	error, the whole request                              (not capped)
//	either of the two, then attributes                    NLM_F_ACK_TLVS
func parseAck(m Message, req Message, index int) (*Error, error) {
	p := m.Payload()
	if len(p) < 4 {
		return nil, &LengthError{"message", 0, HeaderLen + 4, len(m)}
	}
	code := int32(binary.NativeEndian.Uint32(p))
	if code == 0 && m.Flags()&unix.NLM_F_ACK_TLVS == 0 {
		return nil, nil
	}
	e := newError(code, req, index)
	if m.Flags()&unix.NLM_F_ACK_TLVS != 0 {
		skip := 4 + HeaderLen
		if m.Flags()&unix.NLM_F_CAPPED == 0 && len(p) >= skip {
			// The echoed header's length says where the request ends.
			n := binary.NativeEndian.Uint32(p[4:])
			if n >= HeaderLen && uint64(n) <= uint64(len(p)-4) {
				skip = 4 + align(int(n))
			}
		}
		if skip <= len(p) {
			e.extend(Attrs(p[skip:]))
		}
	}
	return e, nil
}

// parseDone reads the NLMSG_DONE of a dump: an errno, 0 as a rule, and the
// extended ack behind it.
func parseDone(m Message, req Message) error {
	p := m.Payload()
	if len(p) < 4 {
		return nil // before Linux 2.6 there was none
	}
	code := int32(binary.NativeEndian.Uint32(p))
	if code >= 0 {
		return nil
	}
	e := newError(code, req, 0)
	if m.Flags()&unix.NLM_F_ACK_TLVS != 0 {
		e.extend(Attrs(p[4:]))
	}
	return e
}

func newError(code int32, req Message, index int) *Error {
	if code < 0 {
		code = -code
	}
	e := &Error{Errno: syscall.Errno(code), Index: index, Request: append(Message(nil), req...)}
	if len(req) >= HeaderLen {
		e.Type = req.Type()
	}
	return e
}

func (e *Error) extend(as Attrs) {
	for a := range as.All() {
		switch a.Type() {
		case unix.NLMSGERR_ATTR_MSG:
			e.Text = string(a.Str())
		case unix.NLMSGERR_ATTR_OFFS:
			if v, ok := a.U32(); ok && uint64(v) < uint64(len(e.Request)) {
				e.Offset = int(v)
			}
		case unix.NLMSGERR_ATTR_COOKIE:
			e.Cookie = append([]byte(nil), a.Bytes()...)
		case nlmsgerrPolicy:
			e.Policy = parsePolicy(a.Attrs())
		case nlmsgerrMissType:
			if v, ok := a.U32(); ok {
				e.MissingType, e.HasMissing = v, true
			}
		case nlmsgerrMissNest:
			if v, ok := a.U32(); ok && uint64(v) < uint64(len(e.Request)) {
				e.MissingNest = int(v)
			}
		}
	}
}

// Newer than the constants of x/sys: enum nlmsgerr_attrs, linux/netlink.h.
const (
	nlmsgerrPolicy   = 4
	nlmsgerrMissType = 5
	nlmsgerrMissNest = 6
)

func parsePolicy(as Attrs) *Policy {
	p := &Policy{}
	for a := range as.All() {
		u32, _ := a.U32()
		u64, _ := a.U64()
		switch a.Type() {
		case unix.NL_POLICY_TYPE_ATTR_TYPE:
			p.Type = u32
		case unix.NL_POLICY_TYPE_ATTR_MIN_VALUE_S, unix.NL_POLICY_TYPE_ATTR_MIN_VALUE_U:
			p.Min, p.HasRange = u64, true
		case unix.NL_POLICY_TYPE_ATTR_MAX_VALUE_S, unix.NL_POLICY_TYPE_ATTR_MAX_VALUE_U:
			p.Max, p.HasRange = u64, true
		case unix.NL_POLICY_TYPE_ATTR_MIN_LENGTH:
			p.MinLen, p.HasMinLen = u32, true
		case unix.NL_POLICY_TYPE_ATTR_MAX_LENGTH:
			p.MaxLen, p.HasMaxLen = u32, true
		case unix.NL_POLICY_TYPE_ATTR_BITFIELD32_MASK:
			p.Mask, p.HasMask = uint64(u32), true
		case unix.NL_POLICY_TYPE_ATTR_MASK:
			p.Mask, p.HasMask = u64, true
		}
	}
	return p
}

// policyTypes is enum netlink_attribute_type, linux/netlink.h.
var policyTypes = [...]string{"invalid", "a flag", "a u8", "a u16", "a u32", "a u64", "an s8", "an s16", "an s32", "an s64",
	"bytes", "a string", "a NUL-terminated string", "a nest", "an array of nests", "a bitfield32", "a sint", "a uint"}

// fullRange tells whether the range is all that the type can hold, which the
// kernel says of attributes without a limit.
func (p *Policy) fullRange() bool {
	switch {
	case p.Type >= unix.NL_ATTR_TYPE_U8 && p.Type <= unix.NL_ATTR_TYPE_U64:
		bits := 8 << (p.Type - unix.NL_ATTR_TYPE_U8)
		return p.Min == 0 && p.Max == ^uint64(0)>>(64-bits)
	case p.Type >= unix.NL_ATTR_TYPE_S8 && p.Type <= unix.NL_ATTR_TYPE_S64:
		bits := 8 << (p.Type - unix.NL_ATTR_TYPE_S8)
		return int64(p.Min) == -1<<(bits-1) && int64(p.Max) == 1<<(bits-1)-1
	}
	return false
}

// String says in words what the kernel wants: "a u32 from 68 to 65535".
func (p *Policy) String() string {
	s := "type " + strconv.FormatUint(uint64(p.Type), 10)
	if int64(p.Type) < int64(len(policyTypes)) {
		s = policyTypes[p.Type]
	}
	signed := p.Type >= unix.NL_ATTR_TYPE_S8 && p.Type <= unix.NL_ATTR_TYPE_S64
	if p.HasRange && !p.fullRange() {
		if signed {
			s += " from " + strconv.FormatInt(int64(p.Min), 10) + " to " + strconv.FormatInt(int64(p.Max), 10)
		} else {
			s += " from " + strconv.FormatUint(p.Min, 10) + " to " + strconv.FormatUint(p.Max, 10)
		}
	}
	if p.HasMinLen {
		s += " of at least " + strconv.FormatUint(uint64(p.MinLen), 10) + " bytes"
	}
	if p.HasMaxLen {
		s += " of at most " + strconv.FormatUint(uint64(p.MaxLen), 10) + " bytes"
	}
	if p.HasMask {
		s += " within the bits 0x" + strconv.FormatUint(p.Mask, 16)
	}
	return s
}
