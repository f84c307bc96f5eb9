package httpraw

import (
	"time"

	"golang.org/x/sys/unix"
)

// A source is something that owns a file descriptor which epoll watches: a
// listener, a connection, the wake-up call, the printer.
//
// ready is called when epoll has something to tell about the descriptor. A
// source takes that as a hint and not as a fact: it tries its next system
// call and believes the answer. So it does not matter if an event is stale,
// because an earlier one of the same batch closed the descriptor and a new
// connection got its number: the newcomer's read says EAGAIN, and no more
// happens.
type source interface {
	ready(l *loop)
}

// A loop is one running Serve: an epoll instance, all that it watches, and
// the connections. One goroutine owns it, so that nothing in it is locked.
//
// epoll is used level-triggered, its default: as long as a descriptor is
// ready, every epoll_wait says so again. Whoever stops early (a bounded burst
// of accepts, one read) loses nothing. Edge-triggered epoll tells each change
// once and forces every handler to go on until EAGAIN, where one busy client
// holds up the rest.
type loop struct {
	srv       *Server
	raw       Raw // where there is no Handler
	ep        int
	wake      int      // an eventfd
	sources   []source // by file descriptor; the kernel keeps these small
	events    [128]unix.EpollEvent
	listeners []*Listener
	// clock is the time since the loop began, by a clock that nobody can set. A
	// time.Time here would bring the formatting of times into the binary, as
	// connections, which have the loop, are used as an interface.
	clock func() time.Duration
	wall  func() int64  // seconds since 1970, by the clock on the wall
	at    time.Duration // what it said in this round; 0: not looked at yet
	err   error         // why the loop ended, where it was not asked to
	done  bool
	still bool // the server's Idle was called, and nothing has happened since

	peers bool                // somebody wants to know who the clients are
	peer  []Addr              // then, by file descriptor
	from  unix.RawSockaddrAny // where accept4 puts one
	line  []byte              // of the log

	in      []byte // one read goes here; what must be kept is copied away
	out     []byte // the handler's answer is built here
	open    int    // connections
	held    int    // bytes that are kept for them
	maxHeld int
	web     web   // with a Handler: what it works in
	free    *conn // closed ones, for the next client; linked by next
	queues  [waits]queue

	resumeAt time.Duration // when paused listeners go on; 0: they are not paused
	stopAt   time.Duration // when a graceful end stops waiting; 0: not ending
}

// now is the time since the loop began, by a clock that nobody can set; it is
// looked at once a round.
func (l *loop) now() time.Duration {
	if l.at == 0 {
		l.at = l.clock()
	}
	return l.at
}

// run handles events until the loop is done, or is ending and has no client left.
func (l *loop) run() {
	for !l.done && (l.stopAt == 0 || l.open > 0) {
		l.round()
	}
}

// round waits for events and handles them.
func (l *loop) round() {
	l.at = 0
	n, err := l.await(l.timeout())
	l.at, l.web.dated = 0, false
	if err == unix.EINTR {
		return
	}
	if err != nil {
		l.fail(&Error{Kind: Broken, Op: "epoll_wait", Err: err})
		return
	}
	if n > 0 {
		l.still = false
	}
	for i := range l.events[:n] {
		// An event's source may have gone by an event before it.
		if s := l.sources[l.events[i].Fd]; s != nil {
			s.ready(l)
		}
	}
	l.expire()
	l.print(n == 0)
}

// print writes what there is to be printed, if that is much, or there is nothing
// else to do.
func (l *loop) print(idle bool) {
	if l.srv.Out != nil {
		l.srv.Out.flush(l, idle)
	}
}

// patience is for how many ms the loop waits without telling Go's scheduler: as
// long as that lets a goroutine run before it is another's turn. It must not be
// much shorter either, as a timer that ends before the kernel's next tick has to
// be set, which costs more than all that is saved.
const patience = 10

// stillness is after how many ms without anything to do the server's Idle is called.
const stillness = 1000

// await is epoll_wait. Telling the scheduler (unix.EpollWait) costs little in
// itself, but when all of a program sleeps its monitor goes to sleep too, and is
// woken by the first who wakes up: a busy server with one client would wake
// two threads for each request. So the first wait is made raw, and the scheduler
// is told only when nothing comes for a while. Meanwhile this loop keeps its
// processor, like any goroutine that computes.
func (l *loop) await(ms int) (int, error) {
	if ms >= 0 && ms <= patience {
		return epollWait(l.ep, l.events[:], ms)
	}
	n, err := epollWait(l.ep, l.events[:], patience)
	switch {
	case n > 0:
		return n, nil
	case err == unix.EINTR:
		// Mostly the monitor, which finds that this takes long: no reason to begin
		// anew. What is due comes a little late.
	case err != nil:
		return 0, err
	case ms > 0:
		ms -= patience
	}
	if l.print(true); l.done { // nobody reads it any more
		return 0, nil
	}
	if l.srv.Idle != nil && !l.still && (ms < 0 || ms > stillness) {
		if n, err = unix.EpollWait(l.ep, l.events[:], stillness); n != 0 || err != nil {
			return n, err
		}
		if ms > 0 {
			ms -= stillness
		}
		l.still = true
		l.srv.Idle()
	}
	return unix.EpollWait(l.ep, l.events[:], ms)
}

// fail ends the loop with an error.
func (l *loop) fail(err error) {
	if l.err == nil {
		l.err = err
	}
	l.done = true
}

// watch changes what epoll reports about fd from was to events; 0 means that
// it is not watched.
func (l *loop) watch(fd int, s source, was, events uint32) error {
	l.own(fd, s)
	op := unix.EPOLL_CTL_MOD
	switch {
	case was == events:
		return nil
	case was == 0:
		op = unix.EPOLL_CTL_ADD
	case events == 0:
		op = unix.EPOLL_CTL_DEL
	}
	return unix.EpollCtl(l.ep, op, fd, &unix.EpollEvent{Events: events, Fd: int32(fd)})
}

// own notes whose descriptor fd is; nil when it is closed.
func (l *loop) own(fd int, s source) {
	for len(l.sources) <= fd {
		l.sources = append(l.sources, nil)
	}
	l.sources[fd] = s
}

// timeout is epoll_wait's: the milliseconds until the first thing is due, -1
// where nothing is. No clock is read when nobody waits.
func (l *loop) timeout() int {
	due := l.resumeAt
	sooner := func(t time.Duration) {
		if t != 0 && (due == 0 || t < due) {
			due = t
		}
	}
	sooner(l.stopAt)
	for i := range l.queues {
		if c := l.queues[i].first; c != nil {
			sooner(c.deadline)
		}
	}
	if due == 0 {
		return -1
	}
	left := due - l.now()
	if left <= 0 {
		return 0
	}
	// Round up, so that it is over when we wake up; an hour is enough sleep.
	return int(min(left, time.Hour)/time.Millisecond) + 1
}

// expire does what is due.
func (l *loop) expire() {
	if l.timeout() != 0 {
		return
	}
	now := l.now()
	for i := range l.queues {
		for c := l.queues[i].first; c != nil && c.deadline != 0 && c.deadline <= now; c = l.queues[i].first {
			// What it waits for may be there, behind the events of this
			// round: all clocks have run out when a process goes on that
			// was stopped for a while.
			if pollOne(c.fd, int16(events[i]), 0) {
				c.ready(l)
			} else {
				l.cut(c)
			}
		}
	}
	if l.resumeAt != 0 && l.resumeAt <= now {
		l.resumeAt = 0
		for _, n := range l.listeners {
			n.listen(l, unix.EPOLLIN)
		}
	}
	if l.stopAt != 0 && l.stopAt <= now {
		l.done = true
	}
}

// A waker lets other goroutines end the loop: an eventfd, a counter in the
// kernel that is readable once somebody has added to it.
type waker struct{ fd int }

func (w waker) ready(l *loop) {
	var count [8]byte
	read(w.fd, count[:])
	l.stop()
}

// stop does what Close or Shutdown asked for.
func (l *loop) stop() {
	if l.srv.ending.Load() == endNow {
		l.done = true
		return
	}
	if l.stopAt != 0 {
		return
	}
	l.stopAt = l.now() + drainTime
	// Whoever waits in a listener's queue came before the end, but those of
	// a flood come for ever: as many as may wait, then nobody new.
	for _, n := range l.listeners {
		for i := 0; i < DefaultBacklog/acceptBurst && n.take(l); i++ {
			n.lone = 0
		}
		n.drop(l)
	}
	l.resumeAt = 0
	// Clients that have not asked for anything get nothing. Between two
	// requests the next may have come already.
	for _, s := range [...]state{idle, reading} {
		for c := l.queues[s].first; c != nil; c = l.queues[s].first {
			if s == reading {
				l.drop(c)
			} else {
				c.read(l) // which does not put it there again
			}
		}
	}
}
