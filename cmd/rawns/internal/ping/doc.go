// Package ping is the applet ping: iputils' ping 20221126 in grammar, output
// and exit codes, for IPv4 and IPv6.
//
// How one run goes, and where each part lives:
//
//	Run            ping.go      the order of things; which address is tried
//	options        options.go   the command line, as getopt(3) reads it
//	resolve, hosts resolve.go   names to addresses and back
//	conn           conn.go      the ICMP socket: datagram first, raw otherwise
//	inet4, inet6   inet4.go ... what differs between the families
//	session        session.go   the loop: send what is due, wait, receive
//	counters       stats.go     which replies came, how long they took, the summary
//	echo, quoted   icmp.go      bytes to values and back; pure functions
//	...            icmptext.go  the words for ICMP errors and IP options
//	nodeInfo       nodeinfo.go  what -N asks for instead of echoes
//
// The kernel gives datagram ICMP sockets (icmp(7), net.ipv4.ping_group_range)
// an identifier of their own and delivers only the replies that carry it. A
// raw socket hears every ICMP message of the machine: replies are matched by
// identifier, and once a foreign one was seen a socket filter keeps the others
// out. Either way ICMP errors come through the socket's error queue
// (IP_RECVERR, ip(7)): the kernel has then checked that they quote a packet of
// this socket.
//
// Different on purpose from iputils: a negative -i is an error and not a flood; capabilities are kept, so that -F, and hops on the command
// line, work with raw sockets; -C works with -I ADDRESS; DNS is asked for the
// addresses of names, but the names of addresses come from /etc/hosts alone; a
// hint follows when no socket may be opened.
//
// Exit codes: 0 a reply came; 1 none came, or fewer than -c asks for before
// -w was over, or a number on the command line is bad; 2 any other error.
package ping
