package explain

import (
	"golang.org/x/sys/unix"
)

// A Span is some bytes of a message and what they are.
type Span struct {
	Offset int // of the first byte, from the start of the input
	Length int // bytes, at least 1
	Depth  int // 0 for nlmsghdr; what an attribute holds is one deeper than its header
	// Name is as the kernel's headers spell it: "nlmsg_len", "IFLA_MTU". An
	// attribute's header has the attribute's name, and so has what it holds, if
	// that is one value. Padding has none.
	Name  string
	Kind  Kind
	Value string // in words; text that came from outside is quoted and escaped
	Why   string // why a program sends it, if there is something to say
}

// A Kind is what a span is. Its String is what JSON says.
type Kind uint8

const (
	Raw       Kind = iota // bytes of no known meaning
	Attribute             // the header of an attribute, nlattr
	Padding               // up to the next multiple of four, or between members of a structure
	Flag
	U8
	U16
	U32
	U64
	S8
	S16
	S32
	S64
	BE16
	BE32
	BE64
	String
	Bytes
	IP
	MAC
	Labels
	Index    // of an interface
	Unused   // a number that is reserved
	Errno    // 0 or a negative errno
	Broken   // lengths that cannot be true: nothing behind can be read
	CutShort // of a message whose end is missing
)

var kindNames = [...]string{"raw", "attribute", "padding", "flag", "u8", "u16", "u32", "u64", "s8", "s16", "s32", "s64", "be16", "be32", "be64",
	"string", "bytes", "ip", "mac", "labels", "index", "unused", "errno", "broken", "cut"}

// String returns the word for a kind.
func (k Kind) String() string { return kindNames[k] }

// Options say what the bytes alone do not. The zero value is a message of
// rtnetlink in the host's byte order.
type Options struct {
	Protocol int   // NETLINK_ROUTE, ...
	Order    Order // of integers

	// Request is what an acknowledgement answers, if it is known: the
	// attribute that its extended ack points at is then named.
	Request []byte
	// IfName returns the name of an interface, or "". It may be nil.
	IfName func(index int32) string
	// Why: spans shall have their Why.
	Why bool
}

// An Order is a byte order.
type Order uint8

const (
	Host Order = iota
	Little
	Big
)

// Protocol returns the name of a netlink protocol: "NETLINK_ROUTE"; "" if it
// has none here. linux/netlink.h.
func Protocol(n int) string {
	if n < 0 || n >= len(protocols) {
		return ""
	}
	return protocols[n]
}

var protocols = [...]string{
	unix.NETLINK_ROUTE: "NETLINK_ROUTE", unix.NETLINK_UNUSED: "NETLINK_UNUSED", unix.NETLINK_USERSOCK: "NETLINK_USERSOCK", unix.NETLINK_FIREWALL: "NETLINK_FIREWALL",
	unix.NETLINK_SOCK_DIAG: "NETLINK_SOCK_DIAG", unix.NETLINK_NFLOG: "NETLINK_NFLOG", unix.NETLINK_XFRM: "NETLINK_XFRM", unix.NETLINK_SELINUX: "NETLINK_SELINUX",
	unix.NETLINK_ISCSI: "NETLINK_ISCSI", unix.NETLINK_AUDIT: "NETLINK_AUDIT", unix.NETLINK_FIB_LOOKUP: "NETLINK_FIB_LOOKUP", unix.NETLINK_CONNECTOR: "NETLINK_CONNECTOR",
	unix.NETLINK_NETFILTER: "NETLINK_NETFILTER", unix.NETLINK_IP6_FW: "NETLINK_IP6_FW", unix.NETLINK_DNRTMSG: "NETLINK_DNRTMSG", unix.NETLINK_KOBJECT_UEVENT: "NETLINK_KOBJECT_UEVENT",
	unix.NETLINK_GENERIC: "NETLINK_GENERIC", unix.NETLINK_SCSITRANSPORT: "NETLINK_SCSITRANSPORT", unix.NETLINK_ECRYPTFS: "NETLINK_ECRYPTFS", unix.NETLINK_RDMA: "NETLINK_RDMA",
	unix.NETLINK_CRYPTO: "NETLINK_CRYPTO", unix.NETLINK_SMC: "NETLINK_SMC",
}

// Spans returns all of Each's spans.
func Spans(p []byte, o Options) []Span {
	var out []Span
	Each(p, o, func(s *Span) bool {
		out = append(out, *s)
		return true
	})
	return out
}

// Each calls yield with the spans of p, one or more messages one behind the
// other, in order; it ends when yield returns false. The Span is yield's
// during the call only; its strings may be kept.
func Each(p []byte, o Options, yield func(*Span) bool) {
	w := newWalker(p, o, yield)
	w.messages(0, len(p), 0)
}
