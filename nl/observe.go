package nl

// An Observer is told of every datagram that a Conn carries. It may be called by
// several goroutines if it watches several Conns.
type Observer interface {
	// Sending is called before a datagram goes to the kernel: one or more
	// requests, complete with their sequence numbers.
	Sending(c *Conn, p []byte)
	// Received is called with what the kernel sent, before the Conn looks at it:
	// whole, but for what a buffer that was too small has cut off. p is valid
	// during the call only.
	Received(c *Conn, p []byte)
}

// OnDial, if it is not nil, is called with every Conn whose socket Dial or
// Redial has opened, before they return: a program that watches itself sets
// Conn.Observer there, whoever it is that dials. Set it before anything dials.
var OnDial func(c *Conn)

// OnListen is OnDial for Monitors: a program sets Monitor.Heard there.
var OnListen func(m *Monitor)

// Pretend returns a Conn that has no socket: answer is called with every
// datagram that would go to the kernel, and what it hands to reply, a datagram a
// call, is what the Conn receives. An answer that lacks the ack is
// ErrUnexpected.
func Pretend(protocol int, answer func(request []byte, reply func(p []byte))) *Conn {
	return &Conn{t: &pretence{answer: answer}, protocol: protocol}
}

// pretence is the transport of Pretend.
type pretence struct {
	answer func(request []byte, reply func(p []byte))
	queue  [][]byte
}

func (t *pretence) send(p []byte) error {
	t.answer(p, func(d []byte) { t.queue = append(t.queue, append([]byte(nil), d...)) })
	return nil
}

func (t *pretence) recv(p []byte, wait bool) (int, uint32, error) {
	if len(t.queue) == 0 {
		if wait {
			return 0, 0, ErrUnexpected
		}
		return 0, 0, errNothing
	}
	d := t.queue[0]
	t.queue = t.queue[1:]
	copy(p, d)
	return len(d), 0, nil
}

func (t *pretence) close() error { return nil }

// Protocol returns the netlink protocol that the Conn speaks: NETLINK_ROUTE, ...
func (c *Conn) Protocol() int { return c.protocol }

func (c *Conn) sending(p []byte) {
	if c.Observer != nil {
		c.Observer.Sending(c, p)
	}
}

func (c *Conn) received(n int) {
	if c.Observer != nil {
		c.Observer.Received(c, c.buf[:min(n, len(c.buf))])
	}
}
