package ping

import (
	"encoding/binary"
	"strconv"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
)

// conn is an ICMP socket. fd is -1 if it could not be opened.
type conn struct {
	fd  int
	typ int // SOCK_DGRAM or SOCK_RAW; 0: not tried
}

func (c *conn) raw() bool { return c.typ == unix.SOCK_RAW }

func (c *conn) typeName() string {
	switch c.typ {
	case unix.SOCK_DGRAM:
		return "SOCK_DGRAM"
	case unix.SOCK_RAW:
		return "SOCK_RAW"
	}
	return "0"
}

// open opens a datagram socket, or a raw one if that is forced or datagrams
// are not to be had. Unless the socket is required, failing is no error.
func (c *conn) open(o *options, family, protocol int, forced, required bool) error {
	var err error
	raw := forced
	c.fd, c.typ = -1, unix.SOCK_RAW
	if !raw {
		c.fd, err = unix.Socket(family, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, protocol)
		switch {
		case err == nil:
			c.typ = unix.SOCK_DGRAM
		// EACCES: the group is outside net.ipv4.ping_group_range. The others:
		// kernels and containers without ICMP datagram sockets. A kernel
		// without IPv6 says EAFNOSUPPORT to either type.
		case err == unix.EACCES, err == unix.EPROTONOSUPPORT, err == unix.EAFNOSUPPORT && family == unix.AF_INET:
			raw = true
		default:
			c.typ = unix.SOCK_DGRAM
		}
	}
	if raw {
		c.fd, err = unix.Socket(family, unix.SOCK_RAW|unix.SOCK_CLOEXEC, protocol)
	}
	if err == nil {
		return nil
	}
	c.fd = -1
	if required || o.verbose {
		o.warn("socktype: ", c.typeName())
		o.warnErrno("socket", err)
	}
	if !required {
		return nil
	}
	if c.raw() && unix.Geteuid() != 0 {
		o.warn("=> missing cap_net_raw+p capability or setuid?")
	}
	if err == unix.EPERM || err == unix.EACCES {
		cli.Stderr.S("Hint: give the program the capability: setcap cap_net_raw+ep FILE")
		if !forced {
			gid := strconv.Itoa(unix.Getegid())
			cli.Stderr.S(";\n      or let your group use ping sockets: sysctl -w net.ipv4.ping_group_range='", gid, " ", gid, "'")
		}
		cli.Stderr.NL().Flush()
	}
	return &failure{code: 2}
}

func (c *conn) setInt(level, option, value int) error {
	return unix.SetsockoptInt(c.fd, level, option, value)
}

// bindToDevice needs no capability since Linux 5.7 while the socket is not
// bound to another device.
func bindToDevice(fd int, device string) error {
	return setsockopt(fd, unix.SOL_SOCKET, unix.SO_BINDTODEVICE, append([]byte(device), 0))
}

// setBuffers sizes the socket's buffers; packet is an estimate of the memory
// that one packet takes in the kernel.
func (c *conn) setBuffers(o *options, packet int) {
	send := o.sndbuf
	if send == 0 {
		send = packet
	}
	c.setInt(unix.SOL_SOCKET, unix.SO_SNDBUF, send) // a bad size is corrected, not refused
	want := min(packet*o.preload, 1<<30)
	c.setInt(unix.SOL_SOCKET, unix.SO_RCVBUF, max(want, 65536))
	if got, err := unix.GetsockoptInt(c.fd, unix.SOL_SOCKET, unix.SO_RCVBUF); err == nil && got < want {
		o.warn("WARNING: probably, rcvbuf is not enough to hold preload")
	}
}

// setMark tags what fd sends (socket(7), SO_MARK); an ordinary user may not.
func setMark(o *options, fd int) {
	if o.mark < 0 {
		return
	}
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_MARK, int(o.mark)); err != nil {
		o.warnErrno("WARNING: failed to set mark: "+strconv.FormatInt(o.mark, 10), err)
	}
}

// received is what control messages say about a packet.
type received struct {
	at      clock
	hasTime bool
	hops    int    // TTL or hop limit; -1: unknown
	options []byte // IP_RETOPTS
}

// parseControls reads the control messages of a packet that was received.
// Foreign and short ones are skipped, and a lying length ends the list.
func parseControls(p []byte) received {
	r := received{hops: -1}
	for len(p) >= unix.CmsgLen(0) {
		h, data, rest, err := unix.ParseOneSocketControlMessage(p)
		if err != nil {
			break
		}
		p = rest
		switch {
		case h.Level == unix.SOL_SOCKET && h.Type == unix.SO_TIMESTAMP && len(data) >= clockSize:
			r.at, r.hasTime = parseClock(data), true
		case h.Level == unix.SOL_IP && h.Type == unix.IP_TTL && len(data) >= 4,
			h.Level == unix.SOL_IPV6 && (h.Type == unix.IPV6_HOPLIMIT || h.Type == unix.IPV6_2292HOPLIMIT) && len(data) >= 4:
			r.hops = int(int32(binary.NativeEndian.Uint32(data)))
		case h.Level == unix.SOL_IP && h.Type == unix.IP_RETOPTS:
			r.options = data
		}
	}
	return r
}

// findQueuedError reads the control messages of a packet from the error queue.
func findQueuedError(p []byte) (e queuedError, ok bool) {
	for len(p) >= unix.CmsgLen(0) {
		h, data, rest, err := unix.ParseOneSocketControlMessage(p)
		if err != nil {
			break
		}
		p = rest
		if h.Level == unix.SOL_IP && h.Type == unix.IP_RECVERR || h.Level == unix.SOL_IPV6 && h.Type == unix.IPV6_RECVERR {
			return parseQueuedError(data)
		}
	}
	return e, false
}
