package httpraw

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// A Client fetches pages over plain HTTP/1. The zero Client is ready to use.
// It keeps nothing between calls, unless KeepAlive says so; a Client that does
// must not be copied, nor used by several goroutines at once.
type Client struct {
	// Timeout bounds a whole Do; 0 means not at all. ConnectTimeout bounds
	// its part up to the connection; 0 means five minutes, as curl has it.
	Timeout, ConnectTimeout time.Duration
	// MaxHeader bounds an answer's header, in bytes, interim ones included;
	// 0 means 300 KiB, as curl has it.
	MaxHeader int
	// HTTP09 takes an answer that does not begin with HTTP/ for a body.
	HTTP09 bool
	// KeepAlive keeps the connection behind an answer that allows it, for the
	// next request to the same host and port. Close ends it.
	KeepAlive bool
	// Unix is the path of a unix socket to connect to, whatever the URL's host;
	// Trace gets the zero Addr for it.
	Unix string
	// Resolve, if there, is asked for a host's addresses first. Where it
	// returns none the name is looked up. Their ports do not count.
	Resolve func(host string, port uint16) []Addr
	// Trace is told what happens on the way.
	Trace Trace

	kept link
}

// A link is a connection that may be used again. The zero link is none.
type link struct {
	fd   int
	open bool
	host string // whom it is for
	port uint16
	unix string
	to   Addr // whom it leads to
	from Addr
}

// Close ends the connection that KeepAlive kept.
//
//go:noinline
func (c *Client) Close() {
	if c.kept.open {
		unix.Close(c.kept.fd)
	}
	c.kept = link{}
}

// A Trace is told about the steps of a Do. Any function may be nil. Slices are
// valid during the call only.
type Trace struct {
	Trying    func(to Addr)                            // a connection is attempted
	Failed    func(to Addr, err error, immediate bool) // it failed, perhaps without a packet sent
	Connected func(to Addr)                            // it succeeded
	Reused    func(to Addr)                            // the kept one serves again
	Dead      func()                                   // the kept one has ended meanwhile
	Sent      func(request []byte)                     // the request's header is out
	Body      func(n int)                              // n bytes of its body are
	Line      func(line []byte)                        // a header line with its end; the blank one too
	Head      func(r *Response) error                  // the header is whole; an error ends Do with it
	Data      func(n int)                              // n bytes of the body came, chunk sizes included
	Idle      func()                                   // nothing happened for a second
}

// ErrHeaderLine is a header line with a line end or NUL inside, or without a colon.
var ErrHeaderLine = errors.New("not a header line")

// ErrMethod is a method with other characters than a token's.
var ErrMethod = errors.New("not a method")

const (
	connectTimeout = 5 * time.Minute
	maxHeader      = 300 << 10
)

// Get fetches url and writes the body to w.
func (c *Client) Get(url string, w io.Writer) (Response, error) {
	u, err := ParseURL(url)
	if err != nil {
		return Response{}, err
	}
	return c.Do("GET", u, nil, w)
}

// Do sends one request without a body, and writes the answer's body to w as
// it comes. header holds further lines, "Name: value"; a Host among them
// takes the place of the URL's. The Response is of use when at least its
// header came, also with an error. Errors are *Error, or what Trace.Head
// returned.
func (c *Client) Do(method string, u *URL, header []string, w io.Writer) (Response, error) {
	call := Call{Method: method, URL: u, Header: header}
	err := c.Call(&call, w)
	return call.Response, err
}

// A Call is a request, and afterwards what is known about its answer.
type Call struct {
	Method string
	URL    *URL
	Header []string // as Do has it
	Data   []byte   // the body; nil: none. A Content-Length is added where Header has none
	NoBody bool     // the answer's body is left where it is, as that of HEAD

	Response                  // of use when its header came
	Location string           // where a redirect leads, as the server wrote it: for URL.Follow
	Type     string           // Content-Type, as the server wrote it
	Head     int              // bytes of the answer's header, interim ones included
	Fields   int              // its lines, without the first
	Asked    int              // bytes of the request, without its body
	Sent     int64            // bytes of its body
	Got      int64            // bytes of the answer's body
	Dials    int              // connections made for it
	Kept     bool             // the connection is kept
	Remote   Addr             // whom it led to
	Local    Addr             // and from where
	Times    [5]time.Duration // since Call began, see Resolved
}

// What Call.Times holds: when the name was resolved, when the connection stood,
// when the request went out, when the answer's first byte came, when all ended.
const (
	Resolved = iota
	Connected
	Ready
	First
	Total
)

// Call does a Call. Errors are as Do's. A request without a body that a kept
// connection swallows, since the server is closing it, is made anew.
func (c *Client) Call(call *Call, w io.Writer) error {
	x := &exchange{c: c, u: call.URL, call: call, fd: -1, start: time.Now(), body: w, head: call.Method == "HEAD" || call.NoBody, want: -1}
	x.limit.idle = c.Trace.Idle
	if c.Timeout > 0 {
		x.limit.deadline = x.start.Add(c.Timeout)
	}
	request, err := appendRequest(nil, call)
	if err != nil {
		return x.fail(NoSend, "", err)
	}
	err = x.try(request)
	if err != nil && x.reused && x.silent && call.Data == nil && !x.late() {
		if x.c.Trace.Dead != nil {
			x.c.Trace.Dead()
		}
		err = x.try(request)
	}
	call.Got, call.Response = x.got, x.resp
	x.mark(Total)
	return err
}

func (x *exchange) late() bool {
	return !x.limit.deadline.IsZero() && !time.Now().Before(x.limit.deadline)
}

// mark notes the time of a step.
//
//go:noinline
func (x *exchange) mark(i int) { x.call.Times[i] = time.Since(x.start) }

// try does the exchange over a connection that is kept, or over a new one.
func (x *exchange) try(request []byte) error {
	defer x.close()
	x.silent = true
	if err := x.connect(); err != nil {
		return err
	}
	if err := x.send(request); err != nil {
		return err
	}
	err := x.receive()
	if err == nil && x.c.KeepAlive && x.clean && !x.cut && !x.resp.Close && x.resp.Minor > 0 {
		x.c.kept = link{x.fd, true, x.u.Host, x.u.Port, x.c.Unix, x.call.Remote, x.call.Local}
		x.fd, x.call.Kept = -1, true
	}
	return err
}

// again takes the kept connection if it leads to the right place and is alive:
// one that has something to read has ended, or says what nobody asked.
func (x *exchange) again() bool {
	k := x.c.kept
	x.reused = false
	if !k.open {
		return false
	}
	if k.host != x.u.Host || k.port != x.u.Port || k.unix != x.c.Unix {
		x.c.Close()
		return false
	}
	fds := [1]unix.PollFd{{Fd: int32(k.fd), Events: unix.POLLIN}}
	if n, err := unix.Poll(fds[:], 0); n != 0 || err != nil {
		x.c.Close()
		if x.c.Trace.Dead != nil {
			x.c.Trace.Dead()
		}
		return false
	}
	x.c.kept = link{}
	x.fd, x.reused = k.fd, true
	x.call.Remote, x.call.Local = k.to, k.from
	if x.c.Trace.Reused != nil {
		x.c.Trace.Reused(k.to)
	}
	return true
}

// appendRequest appends a request's bytes, the Host first as curl has it.
func appendRequest(b []byte, call *Call) ([]byte, error) {
	host, sized := "Host: "+call.URL.Header, false
	for _, h := range call.Header {
		name, _, ok := strings.Cut(h, ":")
		if !ok || !isToken([]byte(name)) || strings.ContainsAny(h, "\r\n\x00") {
			return nil, ErrHeaderLine
		}
		if strings.EqualFold(name, "host") {
			host = h
		}
		sized = sized || strings.EqualFold(name, "content-length")
	}
	if !isToken([]byte(call.Method)) {
		return nil, ErrMethod
	}
	b = append(b, call.Method+" "+call.URL.Target+" HTTP/1.1\r\n"+host+"\r\n"...)
	for _, h := range call.Header {
		if name, _, _ := strings.Cut(h, ":"); !strings.EqualFold(name, "host") {
			b = append(b, h+"\r\n"...)
		}
	}
	if call.Data != nil && !sized {
		b = append(b, "Content-Length: "+strconv.Itoa(len(call.Data))+"\r\n"...)
	}
	return append(b, "\r\n"...), nil
}

// An exchange is one request and its answer.
type exchange struct {
	c     *Client
	u     *URL
	call  *Call
	fd    int
	start time.Time
	limit limit
	head  bool // HEAD: there is no body, whatever the header says
	body  io.Writer
	resp  Response
	got   int64 // bytes of the body written
	want  int64 // bytes of it announced; -1: the server did not say

	reused bool // the connection served before
	silent bool // and nothing came over it yet
	cut    bool // not all of the request's body went out
	clean  bool // the answer's end was where it should be, and nothing came behind it
}

func (x *exchange) fail(k Kind, op string, err error) error {
	if err == errDeadline {
		k = TimedOut
		if op == "" {
			op = "transfer"
		}
	}
	return &Error{Kind: k, Op: op, Host: x.u.Host, Port: x.u.Port, Elapsed: time.Since(x.start), Got: x.got, Want: x.want, Err: err}
}

// connect tries the host's addresses one after the other.
func (x *exchange) connect() error {
	most := x.c.ConnectTimeout
	if most <= 0 {
		most = connectTimeout
	}
	deadline := x.start.Add(most)
	if end := x.limit.deadline; !end.IsZero() && end.Before(deadline) {
		deadline = end
	}
	if x.again() {
		x.mark(Resolved)
		x.mark(Connected)
		return nil
	}
	if x.c.Unix != "" {
		return x.connectUnix(limit{deadline, x.limit.idle})
	}
	var addrs []Addr
	var err error
	if f := x.c.Resolve; f != nil {
		addrs = f(x.u.Host, x.u.Port)
	}
	if len(addrs) == 0 {
		if addrs, err = lookupWeb(x.u.Host, limit{deadline, x.limit.idle}); err != nil {
			return x.fail(NoHost, "resolve", err)
		}
	}
	x.mark(Resolved)
	t := &x.c.Trace
	for i, a := range addrs {
		a.Port = x.u.Port
		// One address that swallows packets must not eat the others' time.
		share := time.Until(deadline) / time.Duration(len(addrs)-i)
		if t.Trying != nil {
			t.Trying(a)
		}
		var immediate bool
		if x.fd, immediate, err = dial(a, limit{time.Now().Add(share), x.limit.idle}); err == nil {
			x.connected(a)
			if t.Connected != nil {
				t.Connected(a)
			}
			return nil
		}
		if t.Failed != nil {
			t.Failed(a, err, immediate)
		}
	}
	return x.fail(NoConn, "connect", err)
}

// connected notes a new connection.
func (x *exchange) connected(to Addr) {
	x.mark(Connected)
	x.call.Dials++
	x.call.Remote = to
	if sa, err := unix.Getsockname(x.fd); err == nil {
		x.call.Local = addrOf(sa)
	}
}

// connectUnix connects to Client.Unix. A name that begins with '@' stands for
// one without a file (unix(7), abstract).
func (x *exchange) connectUnix(l limit) error {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return x.fail(NoConn, "connect", err)
	}
	x.fd = fd
	x.mark(Resolved)
	t := &x.c.Trace
	if t.Trying != nil {
		t.Trying(Addr{})
	}
	for {
		// Such a socket is connected at once; without room among those who
		// wait to be accepted it is EAGAIN.
		err = unix.Connect(fd, &unix.SockaddrUnix{Name: x.c.Unix})
		if err == nil {
			break
		}
		if err == unix.EAGAIN {
			if !l.deadline.IsZero() && !time.Now().Before(l.deadline) {
				err = errDeadline
			} else {
				unix.Poll(nil, 10)
				continue
			}
		}
		if err != unix.EINTR {
			if t.Failed != nil {
				t.Failed(Addr{}, err, true)
			}
			return x.fail(NoConn, "connect", err)
		}
	}
	x.connected(Addr{})
	if t.Connected != nil {
		t.Connected(Addr{})
	}
	return nil
}

// together is up to which size a body goes out with its header.
const together = 64 << 10

func (x *exchange) send(request []byte) error {
	x.mark(Ready)
	head, data := len(request), x.call.Data
	if len(data) <= together {
		request = append(request, data...)
		data = nil
	}
	n, err := x.sendPart(request)
	if err == nil && n == len(request) && data != nil {
		n, err = x.sendPart(data)
		n += head
	}
	x.call.Asked, x.call.Sent = min(n, head), int64(max(n-head, 0))
	if err != nil {
		return x.fail(NoSend, "", err)
	}
	if f := x.c.Trace.Sent; f != nil {
		f(request[:head])
	}
	if f := x.c.Trace.Body; f != nil && x.call.Sent > 0 {
		f(int(x.call.Sent))
	}
	return nil
}

// sendPart sends p. It stops where the server has answered and takes no more:
// that answer, perhaps why it refuses the body, is what counts then.
func (x *exchange) sendPart(p []byte) (n int, err error) {
	for n < len(p) && err == nil {
		var m int
		m, err = unix.Write(x.fd, p[n:])
		switch err {
		case nil:
			n += m
		case unix.EINTR:
			err = nil
		case unix.EAGAIN:
			if err = await(x.fd, unix.POLLOUT|unix.POLLIN, x.limit); err != nil {
				return n, err
			}
			fds := [1]unix.PollFd{{Fd: int32(x.fd), Events: unix.POLLOUT | unix.POLLIN}}
			unix.Poll(fds[:], 0)
			if fds[0].Revents&unix.POLLOUT == 0 && fds[0].Revents&unix.POLLIN != 0 {
				x.cut = true
				return n, nil
			}
		case unix.EPIPE, unix.ECONNRESET:
			if n > 0 || len(x.call.Data) > together && !x.reused {
				x.cut = true
				return n, nil
			}
		}
	}
	return n, err
}

// receive reads the answer: the header, interim ones before it, the body.
func (x *exchange) receive() error {
	most := x.c.MaxHeader
	if most <= 0 {
		most = maxHeader
	}
	buf := make([]byte, 32<<10)
	var head []byte // what has come of the header
	interim := 0    // bytes of headers that were not the last
	for {
		n, err := readSome(x.fd, buf, x.limit)
		if err != nil {
			return x.fail(NoRecv, "", err)
		}
		if n == 0 {
			return x.ended(head, interim)
		}
		if x.silent {
			x.silent = false
			x.mark(First)
		}
		from := max(len(head)-3, 0)
		first := bytes.IndexByte(head, '\n') < 0
		head = append(head, buf[:n]...)
		// Parsing begins anew each time, so do it when there is news only:
		// the first line, or the blank one.
		for first || blankLine(head[from:]) {
			st, bad := x.resp.Parse(head)
			if bad != nil && bad.Kind == NotHTTP && x.c.HTTP09 && interim == 0 {
				x.resp = Response{Length: -1, Close: true}
				return x.receiveBody(head, buf)
			}
			if bad != nil {
				return x.fail(bad.Kind, bad.Op, bad.Err)
			}
			if st == Incomplete {
				break
			}
			x.lines(head[:x.resp.Size])
			if x.resp.Code/100 != 1 || x.resp.Code == 101 {
				x.call.Response = x.resp
				if f := x.c.Trace.Head; f != nil {
					if err := f(&x.resp); err != nil {
						return err
					}
				}
				return x.receiveBody(head[x.resp.Size:], buf)
			}
			interim += x.resp.Size
			head = append(head[:0], head[x.resp.Size:]...)
			from, first = 0, true
			if len(head) == 0 {
				break
			}
		}
		if interim+len(head) > most {
			x.got = int64(interim + len(head))
			return x.fail(BigHead, "", nil)
		}
	}
}

// blankLine tells whether a header may end in b.
func blankLine(b []byte) bool {
	return bytes.Contains(b, []byte("\n\n")) || bytes.Contains(b, []byte("\n\r\n"))
}

// ended is for a stream that ended before the header did.
func (x *exchange) ended(head []byte, interim int) error {
	if interim == 0 && bytes.IndexByte(head, '\n') < 0 {
		if x.c.HTTP09 && len(head) > 0 {
			return x.receiveBody(head, nil)
		}
		return x.fail(Empty, "", nil)
	}
	if _, bad := x.resp.Parse(head); bad != nil && len(head) > 0 {
		return x.fail(bad.Kind, bad.Op, bad.Err)
	}
	return x.fail(NoRecv, "", ErrTruncated)
}

// lines tells Trace.Line the lines of a whole header, and notes what a Call
// tells of them: of several Locations the first, as curl does.
func (x *exchange) lines(head []byte) {
	call := x.call
	call.Head += len(head)
	call.Fields, call.Location, call.Type = -1, "", ""
	for len(head) > 0 {
		i := bytes.IndexByte(head, '\n') + 1
		line := head[:i]
		if f := x.c.Trace.Line; f != nil {
			f(line)
		}
		head = head[i:]
		if line[0] != '\r' && line[0] != '\n' {
			call.Fields++
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		switch value := strings.TrimSpace(string(value)); {
		case bytes.EqualFold(name, []byte("location")) && call.Location == "":
			call.Location = value
		case bytes.EqualFold(name, []byte("content-type")):
			call.Type = value
		}
	}
}

// receiveBody takes the body, whose beginning came behind the header.
func (x *exchange) receiveBody(p, buf []byte) error {
	chunks := chunked{}
	switch {
	case x.head, x.resp.Code == 204, x.resp.Code == 304, x.resp.Length == 0 && !x.resp.Chunked:
		x.clean = len(p) == 0 && !x.call.NoBody
		return nil
	case x.resp.Chunked:
	case x.resp.Length > 0:
		x.want = x.resp.Length
	}
	for {
		if len(p) > 0 && x.c.Trace.Data != nil {
			x.c.Trace.Data(len(p))
		}
		done, err := x.take(p, &chunks)
		if done || err != nil {
			return err
		}
		if buf == nil { // the stream has ended already
			return nil
		}
		n, err := readSome(x.fd, buf, x.limit)
		if err != nil {
			return x.fail(NoRecv, "", err)
		}
		if n == 0 {
			if x.resp.Chunked || x.want >= 0 {
				return x.fail(Partial, "", ErrTruncated)
			}
			return nil // the end of the stream is the end of the body
		}
		p = buf[:n]
	}
}

// take writes what p holds of the body, and tells whether that was its end.
func (x *exchange) take(p []byte, chunks *chunked) (done bool, err error) {
	if !x.resp.Chunked {
		if x.want >= 0 && int64(len(p)) >= x.want-x.got {
			x.clean = int64(len(p)) == x.want-x.got
			p, done = p[:x.want-x.got], true // more is not ours
		}
		return done, x.write(p)
	}
	for len(p) > 0 {
		data, n, st, bad := chunks.next(p)
		if err := x.write(data); err != nil {
			return false, err
		}
		if st == Bad {
			return false, x.fail(BadChunk, "", bad)
		}
		p = p[n:]
		if st == Complete {
			x.clean = len(p) == 0
			return true, nil
		}
	}
	return false, nil
}

func (x *exchange) write(p []byte) error {
	if len(p) == 0 {
		return nil
	}
	n, err := x.body.Write(p)
	x.got += int64(n)
	if err != nil {
		return x.fail(NoSink, "", err)
	}
	return nil
}
