// Package nl speaks netlink: it encodes requests, walks replies, and carries
// both over a socket. It knows nothing of links or addresses; package
// rawns/nl/rtnl brings that vocabulary.
//
// # A message
//
// A message is a header, a fixed structure that depends on the type, and
// attributes; an attribute may hold attributes in turn (a nest). Integers are
// in the host's byte order unless an attribute says otherwise; every part
// starts at a multiple of four. netlink(7), linux/netlink.h:
//
//	 0               4       6       8              12              16
//	+---------------+-------+-------+---------------+---------------+
//	| nlmsg_len     | type  | flags | nlmsg_seq     | nlmsg_pid     |  nlmsghdr
//	+---------------+-------+-------+---------------+---------------+
//	| fixed header: ifinfomsg, ifaddrmsg, rtmsg, ...                |
//	+-------+-------+-----------------------+-------+---------------+
//	|nla_len|nla_typ| payload               | pad   | next nlattr...
//	+-------+-------+-----------------------+-------+
//
// nla_len counts its own four bytes but not the pad; a nest's counts its
// children with their pads. A batch is several messages one behind the other
// in a single datagram: the kernel carries them out in order and acknowledges
// each, and goes on after one that failed.
//
// # The package's rules
//
//   - Append, never build trees. A [Builder] is one buffer; a nest is a
//     remembered offset whose length is patched by [Builder.End]. An attribute
//     constant carries its payload's kind as its Go type ([AttrU32],
//     [AttrStr], ...), so a wrong pairing does not compile.
//   - Validate once. A received datagram is cut into [Message]s by [Check];
//     [Attrs.Check] walks one level of attributes. Behind these, iterators and
//     accessors have no error branch: an accessor is (value, ok), and what is
//     odd stays readable as raw bytes. Nothing here panics on received bytes.
//   - A [Conn] belongs for life to the network namespace of the thread that
//     dialled it, and to one goroutine at a time: a second gets [ErrBusy].
//   - [Conn.Do] and [Conn.Batch] always ask for the kernel's acknowledgement
//     and always consume it; what it refuses comes back as an [*Error], with
//     the extended ack's text and position.
//
// Encoding, and walking a received message, allocate nothing once the buffers
// have grown.
package nl
