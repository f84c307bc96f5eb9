package httpraw

import (
	"time"

	"golang.org/x/sys/unix"
)

// A state is what a connection waits for; each has one handler, which makes
// one system call and decides what comes next.
//
//	accept4 ──> reading ──> writing ──> lingering ──> closed
//	               │           │            ▲           ▲
//	               └───────────┴── whole ───┴───────────┘
//
// With a Handler a connection goes round: from reading through writing to idle,
// and back to reading; a long body is received between them.
//
// The usual connection goes through without waiting anywhere: its request is
// there when it is accepted, the answer fits the send buffer, and the request
// was all that the client had to say. Such a one is never shown to epoll.
type state uint8

const (
	reading   state = iota // for the request, or the rest of it
	writing                // for room in the socket's send buffer
	lingering              // answered: for the client to stop sending
	idle                   // answered: for the next request (http.go)
	receiving              // for more of a request's body (http.go)
	waits                  // how many states can wait
)

func (s state) String() string {
	return [...]string{"reading", "writing", "lingering", "idle", "receiving"}[s]
}

// events is what epoll is asked for in each state.
var events = [waits]uint32{
	reading: unix.EPOLLIN, writing: unix.EPOLLOUT, lingering: unix.EPOLLIN,
	idle: unix.EPOLLIN, receiving: unix.EPOLLIN,
}

// A turn is what comes when all of an answer is out.
type turn uint8

const (
	closing  turn = iota
	linger        // the client may still be sending: listen to it for a while
	speaking      // go on with what has come, or wait for the next request (http.go)
)

const (
	// A client that goes on sending after its answer is listened to for
	// this long and this much. Both bound what it can hold.
	lingerTime  = 2 * time.Second
	lingerBytes = 1 << 20
	// A graceful end waits this long for answers under way.
	drainTime = 2 * time.Second
	// Buffers up to this size stay with a closed connection for the next
	// client; a larger one is rare, and goes back to the heap.
	keepBuffer = 512
)

// A conn is one client. Closed ones are used again.
type conn struct {
	fd       int
	state    state
	then     turn          // what comes when the answer is out
	renew    bool          // the time limit of the state begins anew
	watched  uint32        // what epoll was asked for; 0: it does not know fd
	left     int           // lingering: bytes that it may still send
	in       []byte        // reading: what came before, not yet a whole request
	web      talk          // with a Handler: what is under way
	out      []byte        // writing: the part of the answer that is left
	buf      []byte        // writing: what out is a part of, kept for the next client
	deadline time.Duration // 0: none
	held     int           // bytes of in and buf that loop.held counts
	queued   bool
	prev     *conn // in its state's queue
	next     *conn // in its state's queue, or in the free list
}

func (c *conn) ready(l *loop) {
	switch c.state {
	case reading, idle, receiving:
		c.read(l)
	case writing:
		if c.push(l, c.out, true) {
			c.sent(l)
		}
	case lingering:
		c.drain(l)
	}
}

// read makes one read, and shows the handler all that has come so far.
func (c *conn) read(l *loop) {
	if l.srv.Handler != nil {
		c.hear(l)
		return
	}
	had := copy(l.in, c.in)
	n, e := read(c.fd, l.in[had:])
	if e == unix.EAGAIN {
		l.wait(c, reading)
		return
	}
	if e != 0 { // reset: nobody is there to be answered
		l.drop(c)
		return
	}
	in := l.in[:had+n]
	eof, full := n == 0, len(in) == len(l.in)
	out, next := l.raw.Serve(l.out[:0], in, eof || full)
	l.out = out
	if next == More {
		if eof || full {
			l.drop(c)
			return
		}
		c.in = append(c.in, in[had:]...)
		l.wait(c, reading)
		return
	}
	c.then = closing
	if !eof && (full || next == Linger) {
		c.then = linger
	}
	if c.push(l, out, false) {
		c.sent(l)
	}
}

// push sends p, or as much of it as the socket takes, then the file's part of
// the answer, and tells whether all is out. If not, c waits in writing, or is
// gone. p is c's own if it was kept from an earlier push, else the loop's.
func (c *conn) push(l *loop, p []byte, own bool) bool {
	for len(p) > 0 {
		n, e := 0, unix.Errno(0)
		// With a Handler the end follows at once, if it does; with Raw the socket
		// is corked.
		if c.web.size > 0 || c.then != speaking && l.srv.Handler != nil {
			n, e = writeMore(c.fd, p)
		} else {
			n, e = write(c.fd, p)
		}
		if e == unix.EAGAIN {
			if !own { // the next client needs it
				c.buf = append(c.buf[:0], p...)
				p = c.buf
			}
			c.out = p
			l.wait(c, writing)
			return false
		}
		if e != 0 {
			l.drop(c)
			return false
		}
		p = p[n:]
	}
	c.out = nil
	return c.web.size == 0 || c.pushFile(l)
}

// sent goes on when all of an answer is out.
func (c *conn) sent(l *loop) {
	switch c.then {
	case closing:
		l.drop(c)
		return
	case speaking:
		c.speak(l, l.in[:copy(l.in, c.in)])
		return
	}
	// close(2) with unread bytes in the socket, or with some that come
	// later, makes the kernel send a reset, which can overtake the answer
	// and take it from the client. So say that this was all, and let the
	// client finish.
	if unix.Shutdown(c.fd, unix.SHUT_WR) != nil {
		l.drop(c)
		return
	}
	c.left = lingerBytes
	c.drain(l)
}

// drain throws away what the client still sends.
func (c *conn) drain(l *loop) {
	n, e := read(c.fd, l.in)
	c.left -= n
	if e != 0 && e != unix.EAGAIN || e == 0 && n == 0 || c.left <= 0 {
		l.drop(c)
		return
	}
	l.wait(c, lingering)
}

// begin serves a client that was just accepted.
func (l *loop) begin(fd int) {
	c := l.free
	if c == nil {
		c = new(conn)
	} else {
		l.free = c.next
		c.next = nil
	}
	c.fd = fd
	l.own(fd, c)
	l.open++
	c.read(l)
}

// wait parks c in state s until epoll or the clock calls.
func (l *loop) wait(c *conn, s state) {
	if s == idle && l.stopAt != 0 { // nobody waits for another request now
		l.drop(c)
		return
	}
	if c.queued {
		// More of a request does not buy more time, or one byte a
		// second would hold a connection for ever; taking some of the
		// answer does, because a large one may take long on a slow line.
		if c.state == s && s != writing && !c.renew {
			l.hold(c)
			return
		}
		l.queues[c.state].remove(c)
	}
	c.state, c.renew = s, false
	l.queues[s].add(c, l)
	l.hold(c)
	if err := l.watch(c.fd, c, c.watched, events[s]); err != nil {
		l.drop(c) // no memory for the watch, or above its limit
		return
	}
	c.watched = events[s]
}

// hold counts what is kept for c. Where all that is kept becomes too much, those
// go that wait for the same and have waited for longer.
func (l *loop) hold(c *conn) {
	n := cap(c.in) + cap(c.buf)
	l.held += n - c.held
	c.held = n
	for q := &l.queues[c.state]; l.held > l.maxHeld && q.first != c; {
		l.cut(q.first)
	}
}

// cut drops a client before its time. If it has not taken its answer, the kernel
// would go on for minutes to offer the rest of it, which may be megabytes: a reset
// ends that.
func (l *loop) cut(c *conn) {
	if c.queued && c.state == writing {
		abort(c.fd)
	}
	l.drop(c)
}

// drop closes c, and keeps it for another client. Closing takes the
// descriptor out of epoll as well.
func (l *loop) drop(c *conn) {
	if c.queued {
		l.queues[c.state].remove(c)
	}
	c.web.close()
	closeSocket(c.fd)
	l.own(c.fd, nil)
	l.open--
	l.held -= c.held
	in, buf := c.in[:0], c.buf[:0]
	if cap(in) > keepBuffer {
		in = nil
	}
	if cap(buf) > keepBuffer {
		buf = nil
	}
	*c = conn{in: in, buf: buf, next: l.free}
	l.free = c
}

// shed closes the connection that can best be spared, to make room for a new
// one: first those that have their answer, then the one that has kept silent
// for longest, then the one that has not read for longest.
func (l *loop) shed() bool {
	for _, s := range [...]state{lingering, idle, reading, receiving, writing} {
		if c := l.queues[s].first; c != nil {
			l.cut(c)
			return true
		}
	}
	return false
}

// A queue holds the connections in one state, the longest waiting first. All
// of a queue have the same limit, so it is in the order of their deadlines too
// and no heap of timers is needed.
type queue struct {
	first, last *conn
	n           int
	limit       time.Duration // 0: for ever
}

func (q *queue) add(c *conn, l *loop) {
	c.deadline = 0
	if q.limit > 0 {
		c.deadline = l.now() + q.limit
	}
	c.queued = true
	q.n++
	c.prev, c.next = q.last, nil
	if q.last == nil {
		q.first = c
	} else {
		q.last.next = c
	}
	q.last = c
}

func (q *queue) remove(c *conn) {
	q.n--
	if c.prev == nil {
		q.first = c.next
	} else {
		c.prev.next = c.next
	}
	if c.next == nil {
		q.last = c.prev
	} else {
		c.next.prev = c.prev
	}
	c.prev, c.next, c.queued = nil, nil, false
}
