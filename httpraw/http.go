package httpraw

import (
	"bytes"
	"slices"

	"golang.org/x/sys/unix"
)

const (
	// DefaultMaxHead is how long the head of a request to a Handler may be.
	DefaultMaxHead = 8 << 10
	// DefaultMaxBody is how long its body may be.
	DefaultMaxBody = 1 << 20

	// readRoom is how much more than what is kept one read may bring.
	readRoom = 16 << 10
	// outMax is from which size on the answers to pipelined requests are
	// sent before the next is looked at: it bounds what is kept for a client
	// that does not read.
	outMax = 64 << 10
	// fileTurn is how much of a file goes out before others have their turn.
	fileTurn = 1 << 20
	// fileRead is up to which size a file is read and sent with its head in
	// one call; sendfile saves the copying of larger ones.
	fileRead = 16 << 10
	// slowMany is from how many clients on that wait for room in their sockets
	// the next ones get less of it, slowRoom: on a fast link one takes a
	// megabyte, of which the kernel has not too many for all of TCP (tcp_mem).
	slowMany = 256
	slowRoom = 64 << 10
	// bodyStep is how much of a body buys a client more time.
	bodyStep = 4 << 10
)

const goOn = "HTTP/1.1 100 Continue\r\n\r\n"

// A web is what a loop works in to serve a Handler: one of each, since it
// serves one request at a time.
type web struct {
	request Request
	last    []byte  // the head of the last request, if it is not long
	known   Request // what is in it, if it has come twice
	none    Request
	answer  Answer
	entry   Entry
	maxHead int
	maxBody int64
	date    [len(okLine) + len("Date: \r\n") + 29]byte // how most answers begin
	second  int64                                      // which date is of
	dated   bool                                       // the clock was looked at in this round
}

// limits takes over those of the Server, and returns how large the buffer is
// into which the loop reads.
func (l *loop) limits() int {
	w := &l.web
	if w.maxHead = l.srv.MaxRequest; w.maxHead <= 0 {
		w.maxHead = DefaultMaxHead
	}
	switch w.maxBody = l.srv.MaxBody; {
	case w.maxBody == 0:
		w.maxBody = DefaultMaxBody
	case w.maxBody < 0:
		w.maxBody = 0
	}
	size := w.maxHead + readRoom
	if l.srv.KeepBody {
		size += int(w.maxBody)
	}
	return size
}

// A talk is where a connection with a Handler is in its conversation. What is
// kept in conn.in is, one behind the other: the head of the request whose body
// is being received, what is kept of that body, and what has not been looked at.
type talk struct {
	head int  // how long the head is; 0: none is there yet
	kept int  // how much of the body is kept
	body Body // the machine that reads it
	mark int64

	file int // an answer's file, where size, what is left of it, is not 0
	off  int64
	size int64
	low  bool // its socket has slowRoom
}

func (t *talk) close() {
	if t.size > 0 {
		unix.Close(t.file)
		t.size = 0
	}
}

// hear makes one read, and goes on with what it brings.
func (c *conn) hear(l *loop) {
	had := copy(l.in, c.in)
	n, e := read(c.fd, l.in[had:])
	if e == unix.EAGAIN {
		l.wait(c, c.pause(had))
		return
	}
	// At the end of the stream all whole requests are answered, and the rest
	// of one cannot be.
	if e != 0 || n == 0 {
		l.drop(c)
		return
	}
	in := l.in[:had+n]
	// A head is made of lines, so without the end of one there is no news.
	if had > 0 && c.web.head == 0 && len(in) < l.web.maxHead && bytes.IndexByte(in[had:], '\n') < 0 {
		c.in = append(c.in, in[had:]...)
		l.wait(c, reading)
		return
	}
	c.speak(l, in)
}

// pause is the state in which c waits for more, with had bytes of a request there.
func (c *conn) pause(had int) state {
	switch {
	case c.web.head > 0:
		return receiving
	case had > 0 || c.state == reading && !c.renew: // also before the first request
		return reading
	}
	return idle
}

// speak answers the requests in in, several with one write if they are there.
// It returns when more must come, or the socket has no room, or c is gone.
func (c *conn) speak(l *loop, in []byte) {
	for more := true; ; {
		out := l.out[:0]
		c.then = speaking
		for more && c.then == speaking && c.web.size == 0 && len(out) < outMax {
			out, in, more = c.request(l, out, in)
		}
		l.out = out
		if cap(out) > 4*outMax {
			l.out = nil // a rare one: do not hold its memory
		}
		if !c.push(l, out, false) {
			if c.queued { // else it is gone
				c.in = append(c.in[:0], in...)
			}
			return
		}
		if c.then != speaking {
			c.sent(l)
			return
		}
		if !more {
			break
		}
	}
	c.in = append(c.in[:0], in...)
	if len(in) == 0 && cap(c.in) > keepBuffer {
		c.in = nil
	}
	if cap(c.buf) > keepBuffer {
		c.buf = nil
	}
	l.wait(c, c.pause(len(in)))
}

// parse is request.Parse, which looks at the bytes of a head and at nothing else. Most
// requests have the same as the one before them, of the same client or another: from the
// third on what they say is known.
func (w *web) parse(b []byte) Status {
	r := &w.request
	if n := len(w.last); n == 0 || len(b) < n || string(b[:n]) != string(w.last) {
		st := r.Parse(b, Strict)
		if st == Complete && r.Size <= keepBuffer {
			w.last, w.known.Size = append(w.last[:0], b[:r.Size]...), 0
		}
		return st
	}
	if w.known.Size == 0 {
		w.known.Parse(w.last, Strict)
	}
	*r = w.known
	return Complete
}

// request takes one request, or a part of one, from the front of in: it appends
// the answer to out, and returns what is left of in. more says that there may
// be another request in that.
func (c *conn) request(l *loop, out, in []byte) (_, rest []byte, more bool) {
	r, t, w := &l.web.request, &c.web, &l.web
	fresh := t.head == 0
	if fresh {
		// What is behind the limit is not looked at, so that the answer does
		// not depend on how much has come.
		st := w.parse(in[:min(len(in), w.maxHead)])
		switch {
		case st == Bad:
			return c.refuse(l, out, r.Fault.Code(), r.Fault.String())
		case st == Incomplete && len(in) >= w.maxHead:
			return c.refuse(l, out, 431, "")
		case st == Incomplete:
			return out, in, false
		case r.Length > w.maxBody:
			return c.refuse(l, out, 413, "")
		}
		if r.Length == 0 && !r.Chunked {
			rest = in[r.Size:]
			return c.answer(l, out, rest), rest, len(rest) > 0
		}
		t.head, t.kept, t.mark = r.Size, 0, bodyStep
		t.body.Begin(r)
	}
	at := t.head + t.kept
	for rest = in[at:]; ; {
		data, n, st := t.body.Next(rest)
		rest = rest[n:]
		if l.srv.KeepBody { // what chunks add goes out from between
			at += copy(in[at:], data)
			t.kept += len(data)
		}
		switch {
		case st == Bad:
			return c.refuse(l, out, 400, BadBody.String())
		case t.body.Got > w.maxBody:
			return c.refuse(l, out, 413, "")
		case st == Incomplete && len(rest) == 0:
			if fresh && r.Expect && len(in) == r.Size {
				out = append(out, goOn...)
			}
			if t.body.Got >= t.mark {
				t.mark, c.renew = t.body.Got+bodyStep, true
			}
			return out, in[:at], false
		case st == Complete:
			if !fresh {
				w.parse(in[:t.head])
			}
			if l.srv.KeepBody {
				r.Body = in[t.head:at]
			}
			return c.answer(l, out, rest), rest, len(rest) > 0
		}
	}
}

// answer lets the handler answer a request, and appends that to out.
func (c *conn) answer(l *loop, out, rest []byte) []byte {
	r, a := &l.web.request, &l.web.answer
	a.Reset()
	l.srv.Handler.Serve(a, r)
	if a.Code < 200 || a.Code > 999 {
		a.Refuse(500, "")
	}
	c.renew = true // whatever comes next has a time limit of its own
	c.web.head = 0
	keep := r.Keep && !a.Close && l.stopAt == 0
	if !keep {
		// A client that said that this was its last request sends no more.
		// Any other may be sending already.
		c.then = closing
		if r.Keep || len(rest) > 0 {
			c.then = linger
		}
	}
	c.tell(l, r)
	out = a.append(out, r, keep, l.date())
	if cap(a.body) > 4*outMax {
		a.body = nil
	}
	if a.size == 0 {
		return out
	}
	t := &c.web
	t.file, t.off, t.size = a.file, a.off, a.size
	a.size = 0
	if t.size > fileRead && c.then != speaking {
		// The kernel takes a file in pieces that are no multiple of what a packet
		// takes, and without delay sends what is left over of each.
		cork(c.fd)
	}
	if t.size <= fileRead {
		from := len(out)
		out = slices.Grow(out, int(t.size))[:from+int(t.size)]
		n, err := unix.Pread(t.file, out[from:], t.off)
		n = max(n, 0)
		if t.close(); err != nil || from+n < len(out) {
			out = out[:from+n]
			c.then = closing // too short: only the end of the connection can tell
		}
	}
	return out
}

// pushFile sends more of a file, and tells whether all is out, like push.
func (c *conn) pushFile(l *loop) bool {
	t := &c.web
	if !t.low && t.size > slowRoom && l.queues[writing].n >= slowMany {
		keepLow(c.fd, slowRoom)
		t.low = true
	}
	for turn := int64(fileTurn); turn > 0; {
		n, err := unix.Sendfile(c.fd, t.file, &t.off, int(min(t.size, turn)))
		switch {
		case err == unix.EINTR:
			continue
		case err == unix.EAGAIN:
			l.wait(c, writing)
			return false
		case err != nil || n <= 0: // or it has become shorter
			l.drop(c)
			return false
		}
		turn -= int64(n)
		if t.size -= int64(n); t.size == 0 {
			unix.Close(t.file)
			return true
		}
	}
	l.wait(c, writing) // for its next turn
	return false
}

// refuse answers what is no request, or too much of one, and ends the
// connection: where the next request would begin nobody knows.
func (c *conn) refuse(l *loop, out []byte, code int, why string) (_, rest []byte, more bool) {
	w := &l.web
	r := &w.request
	if c.web.head > 0 { // the last one parsed is perhaps another client's
		r = &w.none
	}
	w.answer.Refuse(code, why)
	c.tell(l, r)
	out = w.answer.append(out, r, false, l.date())
	c.web.head = 0
	c.then = linger
	return out, nil, false
}

// okLine is the status line of most answers.
const okLine = "HTTP/1.1 200 OK\r\n"

// date is okLine and the line of the current date.
func (l *loop) date() []byte {
	w := &l.web
	if !w.dated {
		w.dated = true
		if now := l.wall(); now != w.second || w.date[0] == 0 {
			w.second = now
			line := AppendDate(append(w.date[:0], okLine+"Date: "...), now)
			copy(w.date[len(line):], "\r\n")
		}
	}
	return w.date[:]
}
