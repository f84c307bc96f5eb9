// Package explain says what every byte of a netlink message is: its offset and
// length, the name that the kernel's headers give it, its value in words. It
// reads bytes alone, from a Builder, a Conn or a file, in either byte order,
// and never needs a socket.
//
// A message becomes a row of [Span], each of which is some bytes. Spans tile:
// every byte of the input belongs to exactly one, in order, whatever the input
// is; what cannot be what it claims to be is a span of its own that says so.
// Depth tells what lies within what:
//
//	offset length depth  name
//	     0      4     0  nlmsg_len
//	     4      2     0  nlmsg_type
//	   ...
//	    16      1     1  ifi_family
//	   ...
//	    32      4     1  IFLA_LINKINFO      the header of an attribute,
//	    36      4     2  IFLA_INFO_KIND
//	    40      4     3  IFLA_INFO_KIND     and what it holds
//
// What is known of names, kinds and units comes from the tables of package
// rtnl, what the kernel does with a message from the ones in kernel.go.
package explain
