package httpraw

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// Page is the article's answer to every request: a status line, no header
// line, bare line feeds.
const Page = "HTTP/1.0 200 ok\n\n<html><h1>Welcome to my http server!</h1><html>\n"

// DefaultMaxHeld is Server.MaxHeld's: 64 MiB.
const DefaultMaxHeld = 64 << 20

// MaxRead is how many bytes of a request the article's server reads.
const MaxRead = 4895

// Next is what a Raw handler wants done with a connection.
type Next uint8

const (
	More   Next = iota // nothing to answer yet: wait for more of the request
	Close              // send the answer and close: the request was all there
	Linger             // send the answer and close when the client has finished sending
)

// A Raw handler turns what a client has sent into what it gets, byte for byte,
// and then the connection ends. (A Handler answers requests of HTTP.)
//
// Serve is shown all that has come so far on one connection, at most
// Server.MaxRequest bytes, and appends its answer to dst. last says that it
// will not be shown more: the client has finished sending, or in is as long
// as it may get; with More the connection is then closed without an answer.
// in and dst are valid during the call only. Serve runs on the loop, where
// all clients wait for it: it must not block.
type Raw interface {
	Serve(dst, in []byte, last bool) ([]byte, Next)
}

// Article is the article's server as a Raw handler: one read, whatever it
// brought, and one page.
type Article struct {
	// Seen, if it is not nil, gets the bytes of each read as they came,
	// before the answer is sent: none, where the client sent none. They are
	// the client's, so anything may be in them; they are valid during the
	// call only.
	Seen func(request []byte)
}

// Serve answers with Page. Where the read did not bring exactly one whole
// request, the rest may be on its way, and the client gets the time to send it.
func (a Article) Serve(dst, in []byte, _ bool) ([]byte, Next) {
	if a.Seen != nil {
		a.Seen(in)
	}
	dst = append(dst, Page...)
	var r Request
	if r.Parse(in, BareLF) == Complete && !r.Chunked && int64(len(in)-r.Size) == r.Length {
		return dst, Close
	}
	return dst, Linger
}

// A Server answers HTTP clients. Its fields are set before Serve, and not
// changed any more. Where several goroutines call Serve, its functions and its
// handler are called by each of them.
type Server struct {
	// Handler answers requests of HTTP/1.0 and HTTP/1.1, any number of them
	// on a connection.
	Handler Handler
	// Seen, if it is not nil, is called with each answer to a request, before
	// it is sent: to log it, for one.
	Seen func(e *Entry)
	// Raw has each connection for itself where there is no Handler; nil:
	// Article{}.
	Raw Raw

	// Out, if it is not nil, is where the handler may print. It is flushed when
	// the loop has nothing else to do, or there is much. Serve does not close it.
	Out *Printer
	// Log prints to Out a line for each answer to a request, as
	// Entry.AppendCommon makes it.
	Log bool

	// Idle, if it is not nil, is called when a loop had nothing to do for a second,
	// and not again before it has had: to give memory back, for one.
	Idle func()

	// MaxRequest is how many bytes of a request a Raw handler is shown at
	// most; 0 means MaxRead. With a Handler it is the limit of a request's
	// head, above which the answer is 431; 0 means DefaultMaxHead.
	MaxRequest int
	// MaxBody is how long the body of a request to a Handler may be, without
	// what chunks add; above, the answer is 413. 0 means DefaultMaxBody, and
	// -1 that requests may have none.
	MaxBody int64
	// KeepBody gives a Handler the bodies, which take up to MaxBody of memory
	// for each connection then. Without it they are read and thrown away.
	KeepBody bool
	// MaxConns is how many connections of one Serve may be open at the same
	// time; 0 means as many as the process may have files. One more takes the
	// place of the one that has been silent for longest.
	MaxConns int
	// MaxHeld is how many bytes may be kept, in all of one Serve, for clients
	// that send their requests or read their answers slowly. Above, those that
	// have waited for longest are dropped. 0 means DefaultMaxHeld.
	MaxHeld int
	// ReadTimeout is how long a client may take to send its request's head,
	// and then each 4 KiB of the body; WriteTimeout how long it may leave an
	// answer untouched, and IdleTimeout how long it may be silent between two
	// requests. Then it is dropped. 0 means no limit.
	ReadTimeout, WriteTimeout, IdleTimeout time.Duration

	mu     sync.Mutex // guards loops: Serve against Close
	loops  []*loop    // that run
	ending atomic.Int32
}

// How a server ends.
const (
	endNot int32 = iota
	endDrained
	endNow
)

// Serve serves the listeners' clients from the calling goroutine until
// Shutdown or Close is called from another, or from a handler, and returns
// nil then. It takes the listeners over: they are closed when it returns, and
// so is every connection.
//
// The listeners may be of any address and may have been opened in different
// network namespaces: a socket stays in the one where it was made.
//
// Each Serve is one loop, which keeps one CPU busy at most. For more, several
// goroutines call it at the same time, each with listeners of its own
// (Listener.Share). They end together: all by one Shutdown or Close, and if
// one of them fails, the others too. A Server that has ended serves no more:
// then Serve returns at once.
func (s *Server) Serve(listeners ...*Listener) error {
	defer func() {
		for _, n := range listeners {
			n.Close()
		}
	}()
	// A loop that wanders from thread to thread finds its data in another
	// CPU's cache, and its wake-up waits for two threads.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	l, err := s.begin(listeners)
	if err != nil {
		return err
	}
	l.run()
	s.end(l)
	return l.err
}

func (s *Server) begin(listeners []*Listener) (*loop, error) {
	size := s.MaxRequest
	if size <= 0 {
		size = MaxRead
	}
	start := time.Now()
	clock := func() time.Duration { return time.Since(start) }
	wall := func() int64 { return time.Now().Unix() }
	l := &loop{srv: s, wall: wall, maxHeld: s.MaxHeld, raw: s.Raw, clock: clock, listeners: listeners, peers: s.Seen != nil || s.Log}
	if l.maxHeld <= 0 {
		l.maxHeld = DefaultMaxHeld
	}
	if s.Raw == nil {
		l.raw = Article{}
	}
	if s.Handler != nil {
		size = l.limits()
	}
	l.in, l.out = make([]byte, size), make([]byte, 0, 256)
	l.queues[reading].limit = s.ReadTimeout
	l.queues[receiving].limit = s.ReadTimeout
	l.queues[idle].limit = s.IdleTimeout
	l.queues[writing].limit = s.WriteTimeout
	l.queues[lingering].limit = lingerTime

	wake, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		return nil, &Error{Kind: Broken, Op: "eventfd", Err: err}
	}
	l.ep, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		unix.Close(wake)
		return nil, &Error{Kind: Broken, Op: "epoll_create1", Err: err}
	}
	l.wake = wake
	if err = l.watch(wake, waker{wake}, 0, unix.EPOLLIN); err == nil {
		for _, n := range listeners {
			if s.Handler == nil {
				n.cork()
			}
			if err = n.listen(l, unix.EPOLLIN); err != nil {
				break
			}
		}
	}
	if err != nil {
		unix.Close(wake)
		unix.Close(l.ep)
		return nil, &Error{Kind: Broken, Op: "epoll_ctl", Err: err}
	}
	s.mu.Lock()
	s.loops = append(s.loops, l)
	s.mu.Unlock()
	if s.ending.Load() != endNot { // asked to end before it began
		l.stop()
	}
	return l, nil
}

func (s *Server) end(l *loop) {
	for _, src := range l.sources {
		if c, ok := src.(*conn); ok {
			l.cut(c)
		}
	}
	if l.err != nil {
		s.Close()
	}
	s.mu.Lock()
	i := slices.Index(s.loops, l)
	s.loops = slices.Delete(s.loops, i, i+1)
	last := len(s.loops) == 0
	s.mu.Unlock()
	if s.Out != nil {
		s.Out.leave(l, last)
	}
	unix.Close(l.wake)
	unix.Close(l.ep)
}

// Shutdown ends every Serve gracefully: no new clients, silent ones are closed,
// and answers under way get two seconds to be taken. It does not wait for that.
// It may be called at any time, from any goroutine, also before Serve. (Listen
// says which silent clients do not hear of the end.)
func (s *Server) Shutdown() { s.stop(endDrained) }

// Close ends Serve at once, and cuts off the answers under way. It may be
// called like Shutdown, also after it.
func (s *Server) Close() { s.stop(endNow) }

func (s *Server) stop(how int32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ending.Store(max(how, s.ending.Load()))
	for _, l := range s.loops {
		unix.Write(l.wake, []byte{7: 1}) // any number but 0, in either byte order
	}
}
