package httpraw

import (
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// An Entry is what a log can say of one answer. It is valid during the call of
// Server.Seen only.
type Entry struct {
	Request *Request // what was read of it: of one that was refused perhaps nothing
	Code    int      // of the answer
	Size    int64    // bytes of the answer's body, whether or not all get there
	fd      int
}

// Peer is the client's address, which a system call asks for; the zero Addr
// for a unix socket.
func (e *Entry) Peer() Addr {
	sa, err := unix.Getpeername(e.fd)
	if err != nil {
		return Addr{}
	}
	return addrOf(sa)
}

// AppendCommon appends a line in the common log format, in UTC:
//
//	10.1.1.3 - - [06/Nov/1994:08:49:37 +0000] "GET / HTTP/1.1" 200 18
//
// There is nothing in it that a client could steer a terminal, or a reader of
// the log, by: quotes and backslashes of a target are written as \x22 and \x5c,
// and other bytes than printable ones do not get into a Request.
func (e *Entry) AppendCommon(dst []byte, seconds int64) []byte {
	host := e.Peer().Host()
	if host == "" {
		host = "-"
	}
	dst = append(append(dst, host...), " - - ["...)
	t := time.Unix(seconds, 0).UTC()
	var d [29]byte // "Sun, 06 Nov 1994 08:49:37 GMT"
	AppendDate(d[:0], seconds)
	dst = append(append(append(dst, d[5:7]...), '/'), d[8:11]...)
	dst = strconv.AppendInt(append(dst, '/'), int64(t.Year()), 10)
	dst = append(append(append(dst, ':'), d[17:25]...), ` +0000] "`...)
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
	if l.srv.Seen == nil {
		return
	}
	w := &l.web
	a := &w.answer
	w.entry = Entry{Request: r, Code: a.Code, Size: int64(len(a.body)) + a.size, fd: c.fd}
	if a.bodyless(r) {
		w.entry.Size = 0
	}
	l.srv.Seen(&w.entry)
}
