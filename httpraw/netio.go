package httpraw

import (
	"errors"
	"time"

	"golang.org/x/sys/unix"
)

// The client's side of a socket: also non-blocking, but with one socket only
// there is no loop; poll(2) waits for it and for the clock.

// errDeadline says that the time was up.
var errDeadline = errors.New("timed out")

// A limit is how long to wait, and what to do meanwhile.
type limit struct {
	deadline time.Time // zero: none
	idle     func()    // Trace.Idle
}

// await waits until fd is ready for events.
func await(fd int, events int16, l limit) error {
	for again := false; ; again = true {
		most := time.Hour
		if l.idle != nil {
			most = time.Second
		}
		if !l.deadline.IsZero() {
			left := time.Until(l.deadline)
			if left <= 0 {
				return errDeadline
			}
			// Rounded up, so that it is over when poll says so.
			most = min(most, left+time.Millisecond)
		}
		if again && l.idle != nil {
			l.idle()
		}
		fds := [1]unix.PollFd{{Fd: int32(fd), Events: events}}
		n, err := unix.Poll(fds[:], int(most/time.Millisecond))
		if n > 0 {
			return nil
		}
		if err != nil && err != unix.EINTR {
			return err
		}
	}
}

// dial opens a TCP connection. immediate says of an error that the kernel knew
// it without asking the network.
func dial(to Addr, l limit) (fd int, immediate bool, err error) {
	fd, err = open(to, unix.SOCK_STREAM)
	if err == nil {
		return fd, false, nil
	}
	if err != unix.EINPROGRESS {
		return -1, true, err
	}
	if err = await(fd, unix.POLLOUT, l); err == nil {
		var e int
		if e, err = unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ERROR); err == nil && e != 0 {
			err = unix.Errno(e)
		}
	}
	if err != nil {
		unix.Close(fd)
		return -1, false, err
	}
	return fd, false, nil
}

// open makes a non-blocking socket and starts to connect it. With EINPROGRESS
// the socket stays open; with any other error there is none.
func open(to Addr, kind int) (int, error) {
	fd, err := unix.Socket(to.family(), kind|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	for {
		err = unix.Connect(fd, to.sockaddr())
		if err != unix.EINTR {
			break
		}
	}
	if err != nil && err != unix.EINPROGRESS {
		unix.Close(fd)
		return -1, err
	}
	return fd, err
}

func (x *exchange) close() {
	if x.fd >= 0 {
		unix.Close(x.fd)
		x.fd = -1
	}
}

// readSome reads what there is, at least a byte; 0 is the end of the stream.
func readSome(fd int, p []byte, l limit) (int, error) {
	for {
		n, err := unix.Read(fd, p)
		switch err {
		case nil:
			return n, nil
		case unix.EINTR:
		case unix.EAGAIN:
			if err := await(fd, unix.POLLIN, l); err != nil {
				return 0, err
			}
		default:
			return 0, err
		}
	}
}

func writeAll(fd int, p []byte, l limit) error {
	for len(p) > 0 {
		n, err := unix.Write(fd, p)
		switch err {
		case nil:
			p = p[n:]
		case unix.EINTR:
		case unix.EAGAIN:
			if err := await(fd, unix.POLLOUT, l); err != nil {
				return err
			}
		default:
			return err
		}
	}
	return nil
}
