package httpraw

import (
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"rawns/ns/file"
)

const (
	// DefaultAddr is where the article's server listens.
	DefaultAddr = "0.0.0.0:8080"
	// DefaultBacklog is listen(2)'s argument; the kernel lowers it to
	// net.core.somaxconn. The article has 5, which a hundred clients at once
	// overflow: the kernel then drops some, which try again after a second,
	// and goes over to SYN cookies, with which some never get their page.
	DefaultBacklog = 1024
	// deferBacklog is from which backlog on connections are deferred (tune).
	deferBacklog = 128

	// acceptBurst bounds how many clients are taken from one listener
	// before the other descriptors have their turn.
	acceptBurst = 64
	// pauseTime is how long nobody is accepted after the system had no
	// descriptor or memory for it and nothing could be shed.
	pauseTime = 100 * time.Millisecond
)

// A Listener is a socket on which clients arrive.
type Listener struct {
	fd      int
	watched uint32
	lone    uint // how many times in a row one client was there, and no second
	backlog int  // of a TCP listener that Listen opened; 0: of any other
	shared  bool // others have descriptors of the same socket

	path     string // of a unix socket's file, and which file it is
	dev, ino uint64
}

// Listen opens a TCP listener. addr is "ADDR:PORT", with an IPv6 ADDR in
// brackets; without ADDR it is 0.0.0.0, and with port 0 the kernel chooses
// one (see Addr). backlog is listen(2)'s; 0 means DefaultBacklog. From 128 on
// the kernel is also asked to hold each connection back until its request is
// there, which halves what a request costs. Its price is paid by clients that
// connect and keep silent: they are seen after about a second, and one that is
// younger when the listener is closed is forgotten without a word. It finds
// out when it sends something, which a reset answers. Where clients wait for
// the server to speak, or must hear at once that it is gone, choose a backlog
// below 128. A client that finishes sending without having sent anything is
// not silent: it is handed over, and answered, at once.
//
// The socket belongs to the network namespace of the calling thread, for
// ever. To listen in another namespace call Listen inside ns.Do; one Serve
// takes listeners of many namespaces.
func Listen(addr string, backlog int) (*Listener, error) {
	a, err := ParseAddr(addr)
	if err != nil {
		return nil, &Error{Kind: Refused, Op: "listen", Host: addr, Err: err}
	}
	if backlog <= 0 {
		backlog = DefaultBacklog
	}
	return openTCP(addr, a, backlog, false)
}

// openTCP listens on a, which addr is the text of.
func openTCP(addr string, a Addr, backlog int, shared bool) (*Listener, error) {
	fd, err := unix.Socket(a.family(), unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, &Error{Kind: Refused, Op: "socket", Host: addr, Err: err}
	}
	// A server that is started again must not wait until the connections of
	// the one before it have left TIME_WAIT.
	err = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1)
	if err == nil && shared {
		err = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEPORT, 1)
	}
	if err == nil {
		err = unix.Bind(fd, a.sockaddr())
	}
	if err == nil {
		err = unix.Listen(fd, backlog)
	}
	if err != nil {
		unix.Close(fd)
		return nil, &Error{Kind: Refused, Op: "listen", Host: addr, Err: err}
	}
	tune(fd, backlog)
	return &Listener{fd: fd, backlog: backlog}, nil
}

// Share returns one more Listener at the same place, for another Serve.
//
// Of what Listen opened it is a socket of its own, and the kernel divides the
// clients evenly between the two, once and for all (SO_REUSEPORT): those of a
// loop that is held up wait, though the other may be idle. It must be called
// in the network namespace where n was opened. No other program gets at the
// address by this, as it would if Listen itself had set the option.
//
// Of any other listener it is the same socket, and whoever is free takes the
// next client.
func (n *Listener) Share() (*Listener, error) {
	if n.backlog == 0 {
		fd, err := unix.FcntlInt(uintptr(n.fd), unix.F_DUPFD_CLOEXEC, 3)
		if err != nil {
			return nil, &Error{Kind: Refused, Op: "share a listening socket", Err: err}
		}
		n.shared = true
		return &Listener{fd: fd, shared: true}, nil
	}
	// The kernel asks for the option on each socket that is there when one
	// more is bound, and does not mind that this one got it late.
	err := unix.SetsockoptInt(n.fd, unix.SOL_SOCKET, unix.SO_REUSEPORT, 1)
	if err != nil {
		return nil, &Error{Kind: Refused, Op: "share", Host: n.Addr().String(), Err: err}
	}
	return openTCP(n.Addr().String(), n.Addr(), n.backlog, true)
}

// NewListener takes over a listening stream socket of TCP or of the unix family
// that was opened elsewhere, by systemd for example. The caller must not use or
// close fd any more.
func NewListener(fd int) (*Listener, error) {
	unix.CloseOnExec(fd)
	var is [3]int
	var err error
	for i, option := range [...]int{unix.SO_DOMAIN, unix.SO_TYPE, unix.SO_ACCEPTCONN} {
		if is[i], err = unix.GetsockoptInt(fd, unix.SOL_SOCKET, option); err != nil {
			break
		}
	}
	inet := is[0] == unix.AF_INET || is[0] == unix.AF_INET6
	if err == unix.ENOTSOCK || err == nil && (!inet && is[0] != unix.AF_UNIX || is[1] != unix.SOCK_STREAM || is[2] == 0) {
		err = errNotListening
	}
	if err == nil {
		err = unix.SetNonblock(fd, true)
	}
	if err != nil {
		return nil, &Error{Kind: Refused, Op: "take over", Host: "descriptor " + strconv.Itoa(fd), Err: err}
	}
	if inet {
		unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1) // as tune does
	}
	return &Listener{fd: fd}, nil
}

// tune makes the kernel do less for each client. The settings pass from the
// listener to what it accepts, and are a matter of speed only, so errors are
// not told.
func tune(fd, backlog int) {
	// An answer must leave at once, also while one before it is not
	// acknowledged, or a delayed acknowledgement holds it up for 40 ms.
	unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)

	// Deferred, a connection stays with the kernel until its first bytes are
	// there, so that accept4 is followed by a read that succeeds: no EAGAIN,
	// no epoll_ctl, no second epoll_wait. A silent client is handed over
	// after a second all the same, for the idle limits to see.
	//
	// Until then it stands in the queue of half-open connections, which is
	// as long as the backlog. If the silent fill it the kernel goes over to
	// SYN cookies; where it has none, they block the others. So defer only
	// where there is room and a way out. (The file is the network
	// namespace's of the calling thread, as the socket is.)
	//
	// Nor does the kernel tell those in it when the listener goes. Taking
	// the option back first would not help: they are handed over only when
	// the kernel's timer, one second, repeats its SYN-ACK, and every end of
	// a server would have to wait for that.
	if backlog < deferBacklog {
		return
	}
	cookies, err := file.Read("/proc/sys/net/ipv4/tcp_syncookies")
	if err == nil && len(cookies) > 0 && cookies[0] != '0' {
		unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_DEFER_ACCEPT, 1)
	}
}

// cork is for answers that end with their connection: the last bytes wait for
// the end of the stream, which close or shutdown announces a moment later, and
// both leave in one packet instead of two. Where another answer may follow it
// would cost 200 ms, also those who connect before Serve begins: so Listen
// must not do it.
func (n *Listener) cork() { unix.SetsockoptInt(n.fd, unix.IPPROTO_TCP, unix.TCP_CORK, 1) }

// Addr is where the listener is reached, with the port that the kernel chose
// where Listen was given 0; the zero Addr for a socket that is not IP.
func (n *Listener) Addr() Addr {
	sa, err := unix.Getsockname(n.fd)
	if err != nil {
		return Addr{}
	}
	return addrOf(sa)
}

// Close closes a listener that no Serve has taken over; once more does nothing.
func (n *Listener) Close() {
	if n.fd >= 0 {
		n.unlink()
		unix.Close(n.fd)
		n.fd = -1
	}
}

// listen starts or, with 0, pauses the loop's interest in new clients.
func (n *Listener) listen(l *loop, events uint32) error {
	if n.fd < 0 {
		return unix.EBADF
	}
	if n.shared && events != 0 {
		events |= unix.EPOLLEXCLUSIVE // not all loops are woken for each client
	}
	err := l.watch(n.fd, n, n.watched, events)
	if err == nil {
		n.watched = events
	}
	return err
}

// drop closes the listener and takes it out of the loop.
func (n *Listener) drop(l *loop) {
	if n.fd >= 0 {
		l.own(n.fd, nil)
		n.Close()
	}
}

func (n *Listener) ready(l *loop) { n.take(l) }

// take takes the clients that wait, up to a bound, and serves each at once. It
// tells whether there may be more of them.
//
// For the first of a burst epoll has just said that somebody waits. For a later
// one only another round of epoll tells, and nobody may be closed for a client
// that does not exist: accept4 says EMFILE before it looks.
func (n *Listener) take(l *loop) (more bool) {
	// Where clients come one by one, the look for a second is as good as always
	// in vain: a call of five. Now and then it is done, to know when that changes.
	most := acceptBurst
	if n.lone >= 4 && n.lone%16 != 0 {
		most = 1
	}
	taken := uint(0)
	defer func() {
		if n.lone++; taken != 1 {
			n.lone = 0
		}
	}()
	made := false // room, and nobody has taken it yet
	for i := range most {
		if most := l.srv.MaxConns; most > 0 && l.open >= most && (i > 0 || !l.shed()) {
			return false
		}
		fd, e := l.accept(n.fd)
		switch e {
		case 0:
			made = false
			taken++
			l.begin(fd)
		case unix.EAGAIN:
			return false
		case unix.EMFILE, unix.ENFILE, unix.ENOBUFS, unix.ENOMEM:
			if i > 0 && !made {
				return false
			}
			// If another program takes the room that one connection
			// made, so it would that of all others.
			if made || !l.shed() {
				l.pause()
				return false
			}
			made = true
		case unix.EBADF, unix.EINVAL, unix.ENOTSOCK, unix.EFAULT:
			l.fail(&Error{Kind: Broken, Op: "accept", Err: e})
			return false
		default:
			// accept4 also passes on what befell this one connection
			// while it waited (accept(2)): the next may be better.
		}
	}
	return true
}

// pause looks away from the listeners for a while: there is no room for a
// client, and nothing of ours to close. They stay ready, which level-triggered
// epoll would go on to say.
func (l *loop) pause() {
	for _, n := range l.listeners {
		if n.fd >= 0 {
			n.listen(l, 0)
		}
	}
	l.resumeAt = l.now() + pauseTime
}
