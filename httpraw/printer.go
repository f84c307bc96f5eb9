package httpraw

import (
	"strconv"

	"golang.org/x/sys/unix"
)

const (
	// printMax is how much a Printer holds back for a slow reader.
	printMax = 1 << 20
	// pipeBuf is what a pipe takes whole when poll says that it takes
	// anything (PIPE_BUF, pipe(7)).
	pipeBuf = 4096
	// leaveTime is how long the end of Serve waits for a slow reader, in
	// milliseconds.
	leaveTime = 1000
)

// A Printer writes what a server prints, and never lets it wait: if nobody
// reads the other end of a pipe, or a terminal is stopped with Ctrl-S, what
// is printed is held back, up to one MiB; above that whole entries are lost,
// counted, and told about when there is room again. Serving a client always
// comes before printing about it.
//
// It serves one goroutine: before Serve the caller's, then the loop's.
type Printer struct {
	// Lost, if it is not nil, is called with the number of entries that
	// could not be printed: with nil when output goes on after it was
	// blocked, with the error when a write failed, as on a full disk.
	Lost func(entries uint64, err error)

	fd      int
	owned   bool // fd was opened here
	guarded bool // fd may block: ask poll before each write
	watched uint32
	buf     []byte
	n       uint64 // entries in buf
	lost    uint64
}

// NewPrinter prints to fd, which stays the caller's and open.
//
// A pipe or terminal is opened once more through /proc, because O_NONBLOCK
// belongs to the open file and not to the descriptor: set on fd itself, it
// would also be set for the shell and every other program that shares the
// terminal.
func NewPrinter(fd int) *Printer {
	p := &Printer{fd: fd}
	var st unix.Stat_t
	if unix.Fstat(fd, &st) != nil {
		return p
	}
	_, notTerminal := unix.IoctlGetTermios(fd, unix.TCGETS)
	switch kind := st.Mode & unix.S_IFMT; {
	case kind == unix.S_IFIFO, kind == unix.S_IFCHR && notTerminal == nil:
		const flags = unix.O_WRONLY | unix.O_NONBLOCK | unix.O_NOCTTY | unix.O_CLOEXEC
		again, err := unix.Open("/proc/self/fd/"+strconv.Itoa(fd), flags, 0)
		if err == nil {
			p.fd, p.owned = again, true
		} else {
			p.guarded = true
		}
	case kind == unix.S_IFSOCK:
		p.guarded = true
	}
	return p
}

// Close gives back what NewPrinter opened. What has not been written is lost.
func (p *Printer) Close() {
	if p.owned {
		unix.Close(p.fd)
	}
	*p = Printer{fd: -1}
}

// Print takes one entry, whole or not at all.
func (p *Printer) Print(prefix string, entry []byte, suffix string) {
	if len(p.buf)+len(prefix)+len(entry)+len(suffix) > printMax {
		p.lost++
		return
	}
	p.buf = append(append(append(p.buf, prefix...), entry...), suffix...)
	p.n++
}

// flush writes what there is, as far as it goes without waiting. What is left
// goes out when epoll says that there is room.
func (p *Printer) flush(l *loop) {
	if len(p.buf) == 0 || p.watched != 0 {
		return
	}
	err := p.write()
	switch {
	case err == unix.EAGAIN:
		if l.watch(p.fd, p, p.watched, unix.EPOLLOUT) == nil {
			p.watched = unix.EPOLLOUT
		} // else the next round tries again
	case err == unix.EPIPE:
		// Nobody will ever read again. A program whose output is not
		// wanted ends; others do so by SIGPIPE.
		l.fail(&Error{Kind: Broken, Op: "print", Err: err})
	}
}

// ready goes on after output was blocked.
func (p *Printer) ready(l *loop) {
	l.watch(p.fd, p, p.watched, 0)
	p.watched = 0
	p.flush(l)
}

// leave is flush at the end of Serve: it waits a little, but not for ever.
func (p *Printer) leave(l *loop) {
	if p.watched != 0 {
		l.watch(p.fd, p, p.watched, 0)
		p.watched = 0
	}
	for len(p.buf) > 0 && p.write() == unix.EAGAIN && pollOne(p.fd, unix.POLLOUT, leaveTime) {
	}
}

// write writes until all is out or an error stops it: EAGAIN means later, and
// after EPIPE there is no later. After any other what there was is lost.
func (p *Printer) write() error {
	out := p.buf
	for len(out) > 0 {
		chunk := out
		if p.guarded {
			if !pollOne(p.fd, unix.POLLOUT, 0) {
				p.keep(out)
				return unix.EAGAIN
			}
			chunk = chunk[:min(len(chunk), pipeBuf)]
		}
		n, err := unix.Write(p.fd, chunk)
		switch {
		case err == unix.EINTR:
			continue
		case err == unix.EAGAIN:
			p.keep(out)
			return err
		case err != nil:
			p.lost += p.n
			p.keep(nil)
			p.tell(err)
			return err
		}
		out = out[n:]
	}
	p.keep(nil)
	p.tell(nil)
	return nil
}

// keep moves what is left to the front. After a flood the memory goes back.
func (p *Printer) keep(left []byte) {
	p.buf = append(p.buf[:0], left...)
	if len(left) == 0 {
		p.n = 0
		if cap(p.buf) > 64<<10 {
			p.buf = nil
		}
	}
}

func (p *Printer) tell(err error) {
	if p.lost > 0 && p.Lost != nil {
		p.Lost(p.lost, err)
	}
	p.lost = 0
}

// pollOne waits up to ms milliseconds for fd to be ready for events, or broken.
func pollOne(fd int, events int16, ms int) bool {
	for {
		fds := [1]unix.PollFd{{Fd: int32(fd), Events: events}}
		n, err := unix.Poll(fds[:], ms)
		if err != unix.EINTR {
			return err == nil && n > 0
		}
	}
}
