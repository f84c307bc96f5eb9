package httpraw

import (
	"strconv"
	"unsafe"

	"golang.org/x/sys/unix"
)

// An Entry is what a log can say of one answer. It is valid during the call of
// Server.Seen only.
type Entry struct {
	Request *Request // what was read of it: of one that was refused perhaps nothing
	Code    int      // of the answer
	Size    int64    // bytes of the answer's body, whether or not all get there
	Peer    Addr     // the client's address; the zero Addr for a unix socket
}

// accept takes a client from a listener, and keeps its address if anybody
// wants it.
func (l *loop) accept(listener int) (int, unix.Errno) {
	if !l.peers {
		return accept(listener, nil)
	}
	fd, e := accept(listener, &l.from)
	if e == 0 {
		for len(l.peer) <= fd {
			l.peer = append(l.peer, Addr{})
		}
		l.peer[fd] = rawAddr(&l.from)
	}
	return fd, e
}

// rawAddr is an address as the kernel writes it. That of an IPv4 client which
// came by a socket of IPv6 is an IPv4 address all the same.
func rawAddr(sa *unix.RawSockaddrAny) (a Addr) {
	switch sa.Addr.Family {
	case unix.AF_INET:
		sa := (*unix.RawSockaddrInet4)(unsafe.Pointer(sa))
		copy(a.IP[:], sa.Addr[:])
		a.Is4, a.Port = true, bigEndian(sa.Port)
	case unix.AF_INET6:
		sa := (*unix.RawSockaddrInet6)(unsafe.Pointer(sa))
		a.IP, a.Zone, a.Port = sa.Addr, sa.Scope_id, bigEndian(sa.Port)
		if string(a.IP[:12]) == "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff" {
			a.Is4, a.IP = true, [16]byte{}
			copy(a.IP[:], sa.Addr[12:])
		}
	default:
		return a
	}
	a.set = true
	return a
}

// bigEndian reads a port, whose bytes are in the network's order in memory.
func bigEndian(port uint16) uint16 {
	p := (*[2]byte)(unsafe.Pointer(&port))
	return uint16(p[0])<<8 | uint16(p[1])
}

// AppendCommon appends a line in the common log format, in UTC:
//
//	10.1.1.3 - - [06/Nov/1994:08:49:37 +0000] "GET / HTTP/1.1" 200 18
//
// There is nothing in it that a client could steer a terminal, or a reader of
// the log, by: quotes and backslashes of a target are written as \x22 and \x5c,
// and other bytes than printable ones do not get into a Request.
func (e *Entry) AppendCommon(dst []byte, seconds int64) []byte {
	var d [29]byte
	return e.appendCommon(dst, AppendDate(d[:0], seconds))
}

// appendCommon is AppendCommon with a date as HTTP writes it:
// "Sun, 06 Nov 1994 08:49:37 GMT".
func (e *Entry) appendCommon(dst, d []byte) []byte {
	if !e.Peer.set {
		dst = append(dst, '-')
	}
	dst = append(e.Peer.appendHost(dst), " - - ["...)
	dst = append(append(append(dst, d[5:7]...), '/'), d[8:11]...)
	dst = append(append(append(dst, '/'), d[12:16]...), ':')
	dst = append(append(dst, d[17:25]...), ` +0000] "`...)
	if r := e.Request; len(r.Method) == 0 {
		dst = append(dst, '-')
	} else {
		dst = append(append(dst, r.Method...), ' ')
		for _, c := range r.Target {
			if c == '"' || c == '\\' || c <= ' ' || c >= 0x7f {
				dst = append(dst, '\\', 'x', "0123456789abcdef"[c>>4], "0123456789abcdef"[c&15])
			} else {
				dst = append(dst, c)
			}
		}
		dst = append(append(dst, " HTTP/1."...), byte('0'+r.Minor))
	}
	dst = strconv.AppendInt(append(dst, `" `...), int64(e.Code), 10)
	return append(strconv.AppendInt(append(dst, ' '), e.Size, 10), '\n')
}

// tell reports the answer that is about to go out.
func (c *conn) tell(l *loop, r *Request) {
	if !l.peers {
		return
	}
	w := &l.web
	a := &w.answer
	w.entry = Entry{Request: r, Code: a.Code, Size: int64(len(a.body)) + a.size, Peer: l.peer[c.fd]}
	if a.bodyless(r) {
		w.entry.Size = 0
	}
	if l.srv.Seen != nil {
		l.srv.Seen(&w.entry)
	}
	if l.srv.Log && l.srv.Out != nil {
		l.line = w.entry.appendCommon(l.line[:0], l.date()[len(okLine)+len("Date: "):])
		l.srv.Out.Print("", l.line, "")
	}
}
