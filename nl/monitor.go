package nl

import (
	"sync"

	"golang.org/x/sys/unix"
)

// Monitor listens to what the kernel announces to multicast groups
// (RTNLGRP_LINK, ...). It has a socket of its own, so that announcements and
// the answers of a Conn cannot be mistaken for each other. One goroutine
// receives; any may Close.
type Monitor struct {
	// Heard, if it is not nil, is called with every datagram, of one or more
	// announcements, that comes from the kernel, before Next returns them: as
	// much as the buffer holds, valid during the call only. nsid is as in Event.
	Heard func(p []byte, nsid int32)

	// Idle, if it is not nil, is called by Next when there is nothing, before it waits:
	// the time to write out what is held back. Its error is what Next returns.
	Idle func() error

	s    *socket
	wake int // eventfd: Close tells Next to return
	buf  []byte
	rest []byte // messages of the last datagram that were not handed out yet

	protocol int
	groups   []int
	allNSIDs bool

	mu     sync.Mutex
	closed bool
	inside sync.WaitGroup // Next
}

// An Event is one announcement.
type Event struct {
	Message       // valid until the next call of Next
	NSID    int32 // the namespace it happened in, as an id of the Monitor's own; -1 is the own one
}

// Listen opens a Monitor in the calling thread's network namespace (see Dial)
// for groups, numbered as RTNLGRP_ and not as the old bit masks RTMGRP_. With
// allNSIDs it also hears of every namespace that has an id in its own
// (NETLINK_LISTEN_ALL_NSID, CAP_NET_BROADCAST needed).
func Listen(protocol int, allNSIDs bool, groups ...int) (*Monitor, error) {
	s, err := newSocket(protocol)
	if err != nil {
		return nil, err
	}
	m := &Monitor{s: s, wake: -1, buf: make([]byte, recvSize), protocol: protocol, groups: groups, allNSIDs: allNSIDs}
	s.setopt(unix.SOL_SOCKET, unix.SO_RCVBUF, 1<<20) // as much as rmem_max allows
	s.setopt(unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, 1<<20)
	// Unlike a Conn a Monitor must be bound: broadcasts leave out the port id
	// of whoever caused them, and an unbound socket's is the kernel's, 0.
	err = sysError("bind", unix.Bind(s.fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}))
	if allNSIDs && err == nil {
		err = s.setopt(unix.SOL_NETLINK, unix.NETLINK_LISTEN_ALL_NSID, 1)
	}
	for _, g := range groups {
		if err == nil {
			err = s.setopt(unix.SOL_NETLINK, unix.NETLINK_ADD_MEMBERSHIP, g)
		}
	}
	if err == nil {
		m.wake, err = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
		err = sysError("eventfd", err)
	}
	if err != nil {
		s.close()
		return nil, err
	}
	if OnListen != nil {
		OnListen(m)
	}
	return m, nil
}

// ListensTo returns what Listen was told.
func (m *Monitor) ListensTo() (protocol int, allNSIDs bool, groups []int) {
	return m.protocol, m.allNSIDs, m.groups
}

// Next waits for the next announcement. ErrOverrun says that some were lost:
// what one knows must be listed anew. So does *TruncatedError; *ForeignError is
// a message that does not come from the kernel. After all three Next may be
// called on. ErrClosed comes after Close.
func (m *Monitor) Next() (Event, error) {
	m.mu.Lock()
	if m.closed {
		m.mu.Unlock()
		return Event{}, ErrClosed
	}
	m.inside.Add(1)
	m.mu.Unlock()
	defer m.inside.Done()
	for {
		for msg := range Messages(m.rest) {
			m.rest = m.rest[min(align(len(msg)), len(m.rest)):]
			return Event{msg, m.s.nsid}, nil
		}
		m.rest = nil
		if err := m.fill(); err != nil {
			return Event{}, err
		}
	}
}

// fill receives one datagram. It asks for it first, and waits only if there is none:
// where many come, waiting would be half of the system calls.
func (m *Monitor) fill() error {
	n, from, err := m.s.recv(m.buf, false)
	for err == errNothing {
		err = nil
		if m.Idle != nil {
			err = m.Idle()
		}
		if err == nil {
			err = m.wait()
		}
		if err == nil {
			n, from, err = m.s.recv(m.buf, false)
		}
	}
	if err != nil {
		return err
	}
	if from != 0 {
		return &ForeignError{from}
	}
	if m.Heard != nil {
		m.Heard(m.buf[:min(n, len(m.buf))], m.s.nsid)
	}
	if have := len(m.buf); n > have {
		m.buf = make([]byte, max(align(n), 2*have))
		return &TruncatedError{have, n}
	}
	if err := Check(m.buf[:n]); err != nil {
		return err
	}
	m.rest = m.buf[:n]
	return nil
}

// wait returns when there is something to be received, or with ErrClosed.
func (m *Monitor) wait() error {
	fds := [2]unix.PollFd{{Fd: int32(m.s.fd), Events: unix.POLLIN}, {Fd: int32(m.wake), Events: unix.POLLIN}}
	for {
		_, err := unix.Poll(fds[:], -1)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return sysError("poll", err)
		}
		break
	}
	if fds[1].Revents != 0 {
		return ErrClosed
	}
	return nil
}

// Close ends a Next that waits, and closes the socket.
func (m *Monitor) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return ErrClosed
	}
	m.closed = true
	one := [8]byte{0: 1, 7: 1} // not zero in either byte order
	unix.Write(m.wake, one[:])
	m.inside.Wait()
	unix.Close(m.wake)
	return m.s.close()
}
