package httpraw

import (
	"strconv"
	"sync"

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
// Several loops may print to it: entries do not get into each other.
type Printer struct {
	// Lost, if it is not nil, is called with the number of entries that
	// could not be printed: with nil when output goes on after it was
	// blocked, with the error when a write failed, as on a full disk. It must
	// not print to this Printer.
	Lost func(entries uint64, err error)

	mu      sync.Mutex
	path    string // of the file that OpenPrinter opened
	fd      int
	owned   bool  // fd was opened here
	guarded bool  // fd may block: ask poll before each write
	waiter  *loop // whose epoll waits for room
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
	switch kind := st.Mode & unix.S_IFMT; {
	case kind == unix.S_IFIFO, kind == unix.S_IFCHR && isTerminal(fd):
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

func isTerminal(fd int) bool {
	_, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	return err == nil
}

// OpenPrinter prints to the end of a file, which is made where there is none,
// and closed by Close.
func OpenPrinter(path string) (*Printer, error) {
	// A named pipe that nobody reads must not hold up the caller.
	const flags = unix.O_WRONLY | unix.O_APPEND | unix.O_CREAT | unix.O_NONBLOCK | unix.O_NOCTTY | unix.O_CLOEXEC
	fd, err := unix.Open(path, flags, 0o640)
	if err != nil {
		return nil, &Error{Kind: Refused, Op: "open", Host: path, Err: err}
	}
	p := NewPrinter(fd)
	if p.owned {
		unix.Close(fd)
	}
	p.owned, p.path = true, path
	return p, nil
}

// Reopen opens the file of OpenPrinter by its name once more, which may be
// another one now: programs that keep logs short rename the file, and then
// call for this. Each entry is in one of the two, whole. Where the file cannot
// be opened, printing goes on to the one that is open. On anything else than a
// regular file it does nothing. It may be called from any goroutine, while a
// server runs.
func (p *Printer) Reopen() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var st unix.Stat_t
	if p.path == "" || unix.Fstat(p.fd, &st) != nil || st.Mode&unix.S_IFMT != unix.S_IFREG {
		return nil
	}
	q, err := OpenPrinter(p.path)
	if err != nil {
		return err
	}
	if len(p.buf) > 0 {
		p.write() // to a file: it does not say EAGAIN
	}
	unix.Close(p.fd)
	p.fd, p.owned, p.guarded = q.fd, q.owned, q.guarded
	return nil
}

// Close gives back what NewPrinter or OpenPrinter opened. What has not been
// written is lost.
func (p *Printer) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.owned {
		unix.Close(p.fd)
	}
	p.fd, p.owned, p.path, p.buf = -1, false, "", nil
}

// Print takes one entry, whole or not at all.
func (p *Printer) Print(prefix string, entry []byte, suffix string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.buf)+len(prefix)+len(entry)+len(suffix) > printMax {
		p.lost++
		return
	}
	p.buf = append(append(append(p.buf, prefix...), entry...), suffix...)
	p.n++
}

// flush writes what there is, as far as it goes without waiting. What is left
// goes out when epoll says that there is room. Unless the loop is idle, it is
// worth a call only when much has come together.
func (p *Printer) flush(l *loop, idle bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.buf) == 0 || p.waiter != nil || len(p.buf) < pipeBuf && !idle {
		return
	}
	err := p.write()
	switch {
	case err == unix.EAGAIN:
		if l.watch(p.fd, p, 0, unix.EPOLLOUT) == nil {
			p.waiter = l
		} // else the next round tries again
	case err == unix.EPIPE:
		// Nobody will ever read again. A program whose output is not
		// wanted ends; others do so by SIGPIPE.
		l.fail(&Error{Kind: Broken, Op: "print", Err: err})
	}
}

// ready goes on after output was blocked.
func (p *Printer) ready(l *loop) {
	p.forget(l)
	p.flush(l, true)
}

// forget ends l's wait for room.
func (p *Printer) forget(l *loop) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.waiter == l {
		l.watch(p.fd, p, unix.EPOLLOUT, 0)
		p.waiter = nil
	}
}

// leave is flush at the end of Serve: the last one waits a little, but not for
// ever.
func (p *Printer) leave(l *loop, last bool) {
	p.forget(l)
	p.mu.Lock()
	defer p.mu.Unlock()
	for last && len(p.buf) > 0 && p.write() == unix.EAGAIN && pollOne(p.fd, unix.POLLOUT, leaveTime) {
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
