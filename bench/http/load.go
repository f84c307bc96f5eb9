package main

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A load is what clients do with a server: each always has a request under way, or
// Depth of them, until so many have been answered.
type load struct {
	Name     string `json:"name"`
	Clients  int    `json:"clients"`
	Requests int    `json:"requests"`
	Keep     bool   `json:"keep"`  // connections are kept; else each request has one of its own
	Depth    int    `json:"depth"` // requests that are sent together on a kept connection
	File     bool   `json:"file"`  // 1 MiB, else the page
	Idle     bool   `json:"idle"`  // memory is measured, when all is answered and the connections are open
	Mixed    bool   `json:"mixed"` // each request differs from the one before it
	Spin     int64  `json:"spin"`  // ns that the generator wastes before each request
}

// heavy tells whether a load moves so many bytes that it is done as seldom as possible.
func (l load) heavy() bool { return l.File && l.Clients >= 10000 }

const (
	page     = "<html><h1>Welcome to my http server!</h1><html>\n"
	fileName = "file"
	fileSize = 1 << 20
)

// fileBytes is the file: text of which no two lines are alike.
func fileBytes() []byte {
	var b []byte
	for i := 0; len(b) < fileSize; i++ {
		b = fmt.Appendf(b, "line %d of a file that has nothing to say\n", i)
	}
	return b[:fileSize]
}

func (l load) body() int {
	if l.File {
		return fileSize
	}
	return len(page)
}

func (l load) path() string {
	if l.File {
		return "/" + fileName
	}
	return "/"
}

// curl is what it calls itself, up to the last number.
var curl = []byte("User-Agent: curl/7.88.")

// request is curl's, with what ends a connection that is not kept.
func (l load) request() []byte {
	end := ""
	if !l.Keep {
		end = "Connection: close\r\n"
	}
	one := "GET " + l.path() + " HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n" + string(curl) + "1\r\nAccept: */*\r\n" + end + "\r\n"
	return bytes.Repeat([]byte(one), max(l.Depth, 1))
}

// A generator is the clients of one load: one thread, one epoll, no allocation for a
// request. It must do less for a request than the fastest server does:
//
//   - a connection is used as soon as connect returns, which over lo is after the
//     whole handshake, so that nothing waits for it to become writable;
//   - epoll tells with the answer whether the end has come too, so that one read is
//     enough for both;
//   - the bytes of a file are thrown away where they are (MSG_TRUNC), and not copied.
//
// Each answer must have the status 200, the length of the page or file, and then, where
// the connection is not kept, the end. What is in it was looked at before (check).
type generator struct {
	load
	to      unix.RawSockaddrInet4
	start   time.Time
	ask     []byte
	ep      int
	clients []client
	events  [512]unix.EpollEvent
	in      []byte

	issued, answered, goal int
	opening                bool
	times                  []uint32 // of answers, ns
	err                    error
}

// A client has one connection.
type client struct {
	fd     int
	since  int64  // when it asked
	open   int    // answers that it waits for
	left   int    // bytes of a body that are still to come; with inBody
	inBody bool   // else a head is
	head   []byte // what came of a head that is not yet whole
}

func newGenerator(l load, port int) (*generator, error) {
	ep, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, err
	}
	g := &generator{load: l, start: time.Now(), ask: l.request(), ep: ep, clients: make([]client, l.Clients), in: make([]byte, 64<<10)}
	g.to = unix.RawSockaddrInet4{Family: unix.AF_INET, Port: uint16(port>>8 | port&255<<8), Addr: [4]byte{127, 0, 0, 1}}
	for i := range g.clients {
		g.clients[i].fd = -1
	}
	return g, nil
}

// close ends all connections.
func (g *generator) close() {
	for i := range g.clients {
		if g.clients[i].fd >= 0 {
			unix.Close(g.clients[i].fd)
		}
	}
	unix.Close(g.ep)
}

// patience is how long nothing may come from a server.
const patience = 10 * time.Second

var errSilent = errors.New("the server is silent")

// run makes so many requests. Connections that are kept stay for the next run.
func (g *generator) run(requests int) error {
	g.issued, g.answered, g.goal = 0, 0, requests
	g.times = slices.Grow(g.times[:0], requests)
	// All get one request before any gets a second, or the first ones would have done
	// all of a small load before the last ones have a connection.
	g.opening = true
	for i := range g.clients {
		if g.issued >= g.goal || g.err != nil {
			break
		}
		// While many begin, others must be heard, as the server answers them already.
		if i%256 == 255 {
			if _, err := g.round(0); err != nil {
				return err
			}
		}
		g.begin(i)
	}
	g.opening = false
	for i := range g.clients {
		if g.issued < g.goal && g.clients[i].open == 0 && g.err == nil {
			g.begin(i)
		}
	}
	for last := g.now(); g.answered < g.goal && g.err == nil; {
		n, err := g.round(1000)
		if err != nil {
			return err
		}
		if n > 0 {
			last = g.now()
		} else if g.now()-last > int64(patience) {
			return fmt.Errorf("%w: %d of %d requests were answered", errSilent, g.answered, g.goal)
		}
	}
	return g.err
}

// connect makes all connections and sends nothing.
func (g *generator) connect() error {
	for i := range g.clients {
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			return err
		}
		g.clients[i].fd = fd
		if _, _, e := unix.RawSyscall(unix.SYS_CONNECT, uintptr(fd), uintptr(unsafe.Pointer(&g.to)), unsafe.Sizeof(g.to)); e != 0 {
			return fmt.Errorf("connect: %w", e)
		}
	}
	return nil
}

// round waits for answers, at most so many milliseconds, and returns how many clients
// heard something.
func (g *generator) round(ms int) (int, error) {
	// Raw: nothing else is to run here, and Go's scheduler need not know.
	n, _, e := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(g.ep), uintptr(unsafe.Pointer(&g.events)), uintptr(len(g.events)), uintptr(ms), 0, 0)
	if e == unix.EINTR {
		return 0, nil
	}
	if e != 0 {
		return 0, fmt.Errorf("epoll_wait: %w", e)
	}
	for i := range g.events[:n] {
		g.hear(int(g.events[i].Fd), g.events[i].Events)
	}
	return int(n), nil
}

// begin lets a client send its next request, on a connection that is new if there is none.
func (g *generator) begin(i int) {
	c := &g.clients[i]
	c.since = g.now()
	if g.Spin > 0 {
		for g.now()-c.since < g.Spin {
		}
		c.since = g.now()
	}
	fresh := c.fd < 0
	if fresh {
		fd, _, e := unix.RawSyscall(unix.SYS_SOCKET, unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
		if e != 0 {
			g.lost(i, "socket: "+e.Error())
			return
		}
		c.fd = int(fd)
		_, _, e = unix.RawSyscall(unix.SYS_CONNECT, fd, uintptr(unsafe.Pointer(&g.to)), unsafe.Sizeof(g.to))
		if e != 0 && e != unix.EINPROGRESS {
			g.lost(i, "connect: "+e.Error())
			return
		}
	}
	c.open = max(g.Depth, 1)
	g.issued += c.open
	e := g.send(c.fd)
	events := uint32(unix.EPOLLIN | unix.EPOLLRDHUP)
	if e == unix.EAGAIN { // the handshake was dropped, and comes again
		events = unix.EPOLLOUT
	} else if e != 0 {
		g.lost(i, "send: "+e.Error())
		return
	}
	if fresh {
		g.watch(i, unix.EPOLL_CTL_ADD, events)
	}
}

func (g *generator) send(fd int) unix.Errno {
	if g.Mixed {
		g.ask[bytes.Index(g.ask, curl)+len(curl)] = '0' + byte(g.issued%10)
	}
	n, _, e := unix.RawSyscall6(unix.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(&g.ask[0])), uintptr(len(g.ask)), unix.MSG_NOSIGNAL, 0, 0)
	if e == 0 && int(n) != len(g.ask) {
		return unix.ENOBUFS
	}
	return e
}

func (g *generator) watch(i, op int, events uint32) {
	e := unix.EpollEvent{Events: events, Fd: int32(i)}
	if _, _, err := unix.RawSyscall6(unix.SYS_EPOLL_CTL, uintptr(g.ep), uintptr(op), uintptr(g.clients[i].fd), uintptr(unsafe.Pointer(&e)), 0, 0); err != 0 {
		g.lost(i, "epoll_ctl: "+err.Error())
	}
}

// lost ends the run: one wrong answer is one too many.
func (g *generator) lost(i int, why string) {
	if g.err == nil {
		g.err = fmt.Errorf("client %d, after %d answers: %s", i, g.answered, why)
	}
}

// hear reads what came for a client.
func (g *generator) hear(i int, events uint32) {
	c := &g.clients[i]
	if c.fd < 0 || g.err != nil {
		return
	}
	if events&unix.EPOLLOUT != 0 && events&(unix.EPOLLERR|unix.EPOLLHUP) == 0 { // connected at last
		if e := g.send(c.fd); e != 0 {
			g.lost(i, "send: "+e.Error())
			return
		}
		g.watch(i, unix.EPOLL_CTL_MOD, unix.EPOLLIN|unix.EPOLLRDHUP)
		return
	}
	for range 8 { // then others have their turn
		buf, flags := len(g.in), uintptr(0)
		if c.inBody && c.left > len(g.in) {
			buf, flags = c.left, unix.MSG_TRUNC
		}
		n, _, e := unix.RawSyscall6(unix.SYS_RECVFROM, uintptr(c.fd), uintptr(unsafe.Pointer(&g.in[0])), uintptr(buf), flags, 0, 0)
		if e == unix.EAGAIN {
			return
		}
		if e != 0 {
			g.lost(i, "recv: "+e.Error())
			return
		}
		if n == 0 {
			g.end(i)
			return
		}
		var p []byte
		if flags == 0 {
			p = g.in[:n]
		} else {
			c.left -= int(n)
		}
		if why := g.take(i, p); why != "" {
			g.lost(i, why)
			return
		}
		// All has been read that was there when epoll spoke; with the end in sight,
		// nothing else comes.
		if short := int(n) < buf; short && events&unix.EPOLLRDHUP != 0 && c.inBody && c.left == 0 {
			g.end(i)
			return
		} else if short {
			return
		}
	}
}

// take looks at bytes of answers; it returns what is wrong with them.
func (g *generator) take(i int, p []byte) string {
	c := &g.clients[i]
	for {
		if c.inBody {
			n := min(c.left, len(p))
			c.left -= n
			p = p[n:]
			if c.left > 0 {
				return ""
			}
			if !g.Keep { // it is answered when the end comes
				if len(p) > 0 {
					return "an answer that is too long"
				}
				return ""
			}
			c.inBody = false
			if c.open == 0 {
				return "an answer to nothing"
			}
			if c.open == 1 && len(p) > 0 {
				return "an answer that is too long"
			}
			if g.done(i, 1, false); len(p) == 0 {
				return ""
			}
		}
		whole := p
		if len(c.head) > 0 {
			c.head = append(c.head, p...)
			whole = c.head
		}
		n, ok := headEnd(whole)
		if !ok {
			if len(c.head) == 0 {
				c.head = append(c.head, p...)
			}
			if len(c.head) > 8<<10 {
				return "a head without an end"
			}
			return ""
		}
		if len(whole) < 12 || string(whole[:7]) != "HTTP/1." || string(whole[9:12]) != "200" {
			return "status: " + strconv.Quote(string(whole[:min(len(whole), 12)]))
		}
		p = whole[n:]
		c.head = c.head[:0]
		c.inBody, c.left = true, g.body()
	}
}

var blankLine = []byte("\r\n\r\n")

// headEnd returns the length of a head. The article's server ends lines by a line
// feed alone.
func headEnd(p []byte) (int, bool) {
	if n := bytes.Index(p, blankLine); n >= 0 {
		return n + 4, true
	}
	if len(p) > 17 && string(p[:17]) == "HTTP/1.0 200 ok\n\n" {
		return 17, true
	}
	return 0, false
}

// end is the end of a connection, which must come after an answer.
func (g *generator) end(i int) {
	c := &g.clients[i]
	switch {
	case !c.inBody:
		g.lost(i, "no answer")
	case c.left > 0:
		g.lost(i, "an answer that is too short")
	default:
		g.done(i, 1, true)
	}
}

// done is what follows answers: the client's next request.
func (g *generator) done(i, answers int, over bool) {
	c := &g.clients[i]
	t := g.now() - c.since
	for range answers {
		g.times = append(g.times, uint32(min(t, 1<<32-1)))
	}
	g.answered += answers
	c.open -= answers
	if over {
		unix.RawSyscall(unix.SYS_CLOSE, uintptr(c.fd), 0, 0)
		c.fd, c.inBody, c.open = -1, false, 0
		c.head = c.head[:0]
	}
	if c.open == 0 && g.issued < g.goal && !g.opening && g.err == nil {
		g.begin(i)
	}
}

// now is the time, in ns, since the generator was made.
func (g *generator) now() int64 { return int64(time.Since(g.start)) }
