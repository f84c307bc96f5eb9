package nl

import (
	"encoding/binary"
	"errors"
	"iter"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// transport carries datagrams to and from a netlink peer. The one in use is
// socket; tests put a kernel that misbehaves in its place.
type transport interface {
	send(p []byte) error
	// recv returns the datagram's full length, which is more than len(p) if
	// it was cut, and the sender's port id. Without wait it returns errNothing
	// where there is no datagram yet.
	recv(p []byte, wait bool) (n int, from uint32, err error)
	close() error
}

// Conn is a netlink socket in the network namespace where it was dialled. It
// owns the socket until Close. It serves one goroutine at a time.
type Conn struct {
	// Warn, if it is not nil, is called with what the kernel has to say beside
	// an ack of success: Text and Cookie; Errno is 0.
	Warn func(*Error)

	// Observer, if it is not nil, is told of every datagram.
	Observer Observer

	t    transport
	seq  uint32
	open uint32 // sequence number of the dump whose end has not been read; 0 if none
	buf  []byte // receive buffer
	busy atomic.Bool
	st   Stats

	protocol int
}

// Stats counts a Conn's traffic since Dial.
type Stats struct {
	Sent     int // messages sent
	Received int // messages received, acks included
	Calls    int // system calls: socket, setsockopt, sendmsg, recvmsg, close
}

// recvSize is what a dump fills per recvmsg at most: the kernel grows its
// datagrams up to 32 KiB, less what it needs itself, when the reader offers as
// much (netlink_dump). What Go allocates as a large object begins just below.
const recvSize = 32<<10 - 64

// Dial opens a socket of a netlink protocol (unix.NETLINK_ROUTE) in the
// calling thread's network namespace; ns.NS.Dial opens one elsewhere. It asks
// for extended and capped acks and for strict checking of dump requests where
// the kernel knows them. It connects the socket to the kernel, which also binds
// it: the kernel picks a port id.
func Dial(protocol int) (*Conn, error) {
	c := &Conn{}
	if err := c.dial(protocol); err != nil {
		return nil, err
	}
	return c, nil
}

func (c *Conn) dial(protocol int) error {
	s, err := newSocket(protocol)
	c.st.Calls++
	if err != nil {
		return err
	}
	c.start(s, protocol)
	return nil
}

// start readies the socket for what the Conn does with it.
func (c *Conn) start(s *socket, protocol int) {
	for _, o := range [...]int{unix.NETLINK_EXT_ACK, unix.NETLINK_CAP_ACK, unix.NETLINK_GET_STRICT_CHK} {
		s.setopt(unix.SOL_NETLINK, o, 1) // kernels before 4.12, 4.3, 4.20 refuse; nothing depends on it
		c.st.Calls++
	}
	// Room for the acks of a batch and for a dump's datagrams. rmem_max caps it.
	s.setopt(unix.SOL_SOCKET, unix.SO_RCVBUF, 1<<20)
	s.connect()
	c.st.Calls += 2
	c.t, c.protocol = s, protocol
	if OnDial != nil {
		OnDial(c)
	}
}

// Redial closes the socket and dials anew, in the namespace where the calling
// thread is now: for who visits many namespaces, one after the other. The
// buffers and the counters stay. After an error the Conn is closed.
func (c *Conn) Redial(protocol int) error {
	s, _ := c.t.(*socket)
	if err := c.Close(); err != nil && err != ErrClosed {
		return err
	}
	c.open = 0
	err := c.dial(protocol)
	if err == nil && s != nil && s.raw {
		c.Alone()
	}
	return err
}

// Adopt is Redial without dialling: fd is a raw netlink socket of that protocol, just
// opened, in whatever namespace. It is the Conn's from then on, also after an error.
func (c *Conn) Adopt(fd, protocol int) error {
	if err := c.Close(); err != nil && err != ErrClosed {
		unix.Close(fd)
		return err
	}
	c.open = 0
	c.st.Calls++ // that opened it
	c.start(&socket{fd: fd}, protocol)
	return nil
}

// NetnsCookie returns the number of the namespace that the socket is in:
// SO_NETNS_COOKIE, ENOPROTOOPT before Linux 5.14.
func (c *Conn) NetnsCookie() (uint64, error) {
	s, ok := c.t.(*socket)
	if !ok {
		return 0, ErrClosed
	}
	c.st.Calls++
	n, err := unix.GetsockoptUint64(s.fd, unix.SOL_SOCKET, unix.SO_NETNS_COOKIE)
	return n, sysError("getsockopt", err)
}

// Close closes the socket. Inside a call, or the loop of a Dump, it is ErrBusy.
func (c *Conn) Close() error {
	if !c.busy.CompareAndSwap(false, true) {
		return ErrBusy
	}
	defer c.leave()
	if c.t == nil {
		return ErrClosed
	}
	err := c.t.close()
	c.st.Calls++
	c.t = nil
	return err
}

// Alone tells the Conn that the process has nothing else to do while the kernel
// works on a request, as a command that runs and ends. Its calls then do not pass
// through Go's scheduler, which, whenever the kernel takes longer than some
// microseconds, would hand the processor on to another thread and later wait to
// get it back: twice the time for many short requests. Other goroutines stand
// still meanwhile, so a server must not ask for it.
func (c *Conn) Alone() {
	if s, ok := c.t.(*socket); ok {
		s.raw = true
	}
}

// Stats returns the counters.
func (c *Conn) Stats() Stats { return c.st }

func (c *Conn) enter() error {
	if !c.busy.CompareAndSwap(false, true) {
		return ErrBusy
	}
	if c.t == nil {
		c.busy.Store(false)
		return ErrClosed
	}
	if c.buf == nil {
		c.buf = make([]byte, recvSize)
	}
	if err := c.drain(); err != nil {
		c.busy.Store(false)
		return err
	}
	return nil
}

// drain reads the rest of a dump that broke off: by an error, or a panic in the
// loop around it. Until its end is read the kernel answers the next one with
// EBUSY. The end may have been lost with a datagram that was cut; while a dump
// goes on there is always a datagram, so none means that it is over.
func (c *Conn) drain() error {
	for c.open != 0 {
		n, from, err := c.t.recv(c.buf, false)
		c.st.Calls++
		switch {
		case err == errNothing:
			c.open = 0
			continue
		case err == ErrOverrun:
			continue
		case err != nil:
			return err
		case n == 0:
			return ErrUnexpected
		case from != 0:
			continue
		}
		c.received(n)
		for m := range Messages(c.buf[:min(n, len(c.buf))]) {
			if m.Type() == unix.NLMSG_DONE && m.Seq() == c.open {
				c.open = 0
			}
		}
	}
	return nil
}

func (c *Conn) leave() { c.busy.Store(false) }

// Do sends one message, adding NLM_F_REQUEST and NLM_F_ACK, and waits for its
// ack. Messages that come before the ack (the answer to a GET, an echo) go to
// reply, which may be nil; they are valid during the call only. The kernel's
// refusal is an *Error.
func (c *Conn) Do(b *Builder, reply func(Message)) error {
	p, err := b.Bytes()
	if err != nil {
		return err
	}
	if b.Len() != 1 {
		return ErrOneMessage
	}
	if err := c.enter(); err != nil {
		return err
	}
	defer c.leave()
	c.stamp(Message(p), unix.NLM_F_REQUEST|unix.NLM_F_ACK)
	if err := c.send(p, 1); err != nil {
		return err
	}
	var fail error
	err = c.each(func(m Message) (bool, error) {
		if m.Seq() != c.seq {
			return true, nil
		}
		switch m.Type() {
		case unix.NLMSG_ERROR:
			fail = c.ack(m, Message(p), 0)
			return false, nil
		case unix.NLMSG_DONE:
			// The flags asked for a dump, which has no other ack.
			fail = parseDone(m, Message(p))
			return false, nil
		case unix.NLMSG_NOOP:
		default:
			if reply != nil {
				reply(m)
			}
		}
		return true, nil
	})
	if err != nil {
		return err
	}
	return fail
}

// Batch sends all messages of b in as few datagrams as their acks allow and
// calls each, which may be nil, with every message's number and result, in
// order. A batch is not a transaction: the kernel goes on behind a message
// that fails. The first failure is returned. Answers of messages that ask for
// something are dropped.
func (c *Conn) Batch(b *Builder, each func(i int, err error)) error {
	p, err := b.Bytes()
	if err != nil {
		return err
	}
	if err := c.enter(); err != nil {
		return err
	}
	defer c.leave()
	var first error
	for done := 0; len(p) > 0; {
		// A window of messages whose acks surely fit the receive buffer:
		// an overrun would lose some.
		n, count := 0, 0
		for n < len(p) && count < maxBatchAcks {
			m := Message(p[n:])
			l := align(int(binary.NativeEndian.Uint32(m)))
			if count > 0 && n+l > maxBatchSend {
				break
			}
			c.stamp(m, unix.NLM_F_REQUEST|unix.NLM_F_ACK)
			n, count = n+l, count+1
		}
		window := p[:n]
		p = p[n:]
		if err := c.send(window, count); err != nil {
			return err
		}
		seq, acked := c.seq-uint32(count)+1, 0
		req := window
		err := c.each(func(m Message) (bool, error) {
			if m.Type() != unix.NLMSG_ERROR && m.Type() != unix.NLMSG_DONE || m.Seq() != seq+uint32(acked) {
				return true, nil
			}
			l := int(binary.NativeEndian.Uint32(req))
			var err error
			if m.Type() == unix.NLMSG_DONE {
				err = parseDone(m, Message(req[:l]))
			} else {
				err = c.ack(m, Message(req[:l]), done+acked)
			}
			req = req[align(l):]
			if each != nil {
				each(done+acked, err)
			}
			if first == nil {
				first = err
			}
			acked++
			return acked < count, nil
		})
		if err != nil {
			return err
		}
		done += count
	}
	return first
}

// Dump sends one message, adding NLM_F_REQUEST and NLM_F_DUMP, and yields the
// messages of the answer: views, valid until the next one. An error comes
// last, with an empty message: the kernel's refusal (*Error), *TruncatedError,
// or, after everything was yielded, ErrDumpInterrupted. Leaving the loop early
// is allowed; the rest of the dump is read and thrown away then.
func (c *Conn) Dump(b *Builder) iter.Seq2[Message, error] {
	return func(yield func(Message, error) bool) {
		more, err := c.dump(b, func(m Message) bool { return yield(m, nil) })
		if err != nil && more {
			yield(nil, err)
		}
	}
}

// dump returns whether the caller still wants to hear.
func (c *Conn) dump(b *Builder, yield func(Message) bool) (more bool, err error) {
	p, err := b.Bytes()
	if err != nil {
		return true, err
	}
	if b.Len() != 1 {
		return true, ErrOneMessage
	}
	if err := c.enter(); err != nil {
		return true, err
	}
	defer c.leave()
	flags := Message(p).Flags()
	c.stamp(Message(p), unix.NLM_F_REQUEST|unix.NLM_F_DUMP)
	err = c.send(p, 1)
	binary.NativeEndian.PutUint16(p[6:], flags) // the same Builder may go to Do next
	if err != nil {
		return true, err
	}
	c.open = c.seq
	more = true
	var interrupted bool
	var fail error
	err = c.each(func(m Message) (bool, error) {
		if m.Seq() != c.seq {
			return true, nil
		}
		if m.Flags()&unix.NLM_F_DUMP_INTR != 0 && m.Type() != unix.NLMSG_ERROR {
			interrupted = true
		}
		switch m.Type() {
		case unix.NLMSG_DONE:
			fail = parseDone(m, Message(p))
			c.open = 0
			return false, nil
		case unix.NLMSG_ERROR:
			// Either the refusal, or the ack of a request that asked for one.
			if fail = c.ack(m, Message(p), 0); fail != nil {
				c.open = 0
			}
			return fail == nil, nil
		case unix.NLMSG_NOOP:
		default:
			if more {
				more = yield(m)
			}
		}
		return true, nil
	})
	if err == nil {
		err = fail
	}
	if err == nil && interrupted {
		err = ErrDumpInterrupted
	}
	return more, err
}

// repeatTries bounds how often Repeat asks for a dump that keeps changing.
const repeatTries = 8

// Repeat is Dump for callers that can begin anew: restart is called before each
// try, and each with every message; its error ends the dump and is returned. A
// dump that was interrupted or truncated is asked for again; if it is still
// interrupted after some tries, the last one stands, and ErrDumpInterrupted is
// returned.
func (c *Conn) Repeat(b *Builder, restart func(), each func(Message) error) error {
	for try := 1; ; try++ {
		restart()
		var bad error
		_, err := c.dump(b, func(m Message) bool {
			bad = each(m)
			return bad == nil
		})
		if bad != nil {
			return bad
		}
		var cut *TruncatedError
		if try < repeatTries && (err == ErrDumpInterrupted || errors.As(err, &cut)) {
			continue
		}
		return err
	}
}

// List is Repeat for lists that fit in memory: it returns the whole answer, one
// message behind the other, for Messages to walk. buf, which may be nil, is
// appended to.
func (c *Conn) List(b *Builder, buf []byte) ([]byte, error) {
	start := len(buf)
	err := c.Repeat(b, func() { buf = buf[:start] }, func(m Message) error {
		buf = append(buf, m...)
		for len(buf)&3 != 0 {
			buf = append(buf, 0)
		}
		return nil
	})
	return buf, err
}

// ack reads an NLMSG_ERROR, and hands on what came with an ack of success.
func (c *Conn) ack(m, req Message, index int) error {
	e, err := parseAck(m, req, index)
	switch {
	case err != nil:
		return err
	case e == nil:
		return nil
	case e.Errno == 0:
		if c.Warn != nil {
			c.Warn(e)
		}
		return nil
	}
	return e
}

func (c *Conn) stamp(m Message, flags uint16) {
	c.seq++
	binary.NativeEndian.PutUint16(m[6:], m.Flags()|flags)
	binary.NativeEndian.PutUint32(m[8:], c.seq)
}

func (c *Conn) send(p []byte, count int) error {
	c.st.Calls++
	c.st.Sent += count
	c.sending(p)
	return c.t.send(p)
}

// each receives datagrams and hands on their messages until f says stop or
// fails.
func (c *Conn) each(f func(Message) (more bool, err error)) error {
	for {
		n, from, err := c.t.recv(c.buf, true)
		c.st.Calls++
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrUnexpected
		}
		if from != 0 {
			return &ForeignError{from}
		}
		c.received(n)
		if have := len(c.buf); n > have {
			c.buf = make([]byte, max(align(n), 2*have))
			return &TruncatedError{have, n}
		}
		p := c.buf[:n]
		if err := Check(p); err != nil {
			return err
		}
		for m := range Messages(p) {
			c.st.Received++
			more, err := f(m)
			if err != nil {
				return err
			}
			if !more {
				return nil
			}
		}
	}
}
