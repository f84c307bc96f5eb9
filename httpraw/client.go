package httpraw

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"time"
)

// A Client fetches pages over plain HTTP/1. The zero Client is ready to use.
// It keeps nothing between calls; a connection serves one request.
type Client struct {
	// Timeout bounds a whole Do; 0 means not at all. ConnectTimeout bounds
	// its part up to the connection; 0 means five minutes, as curl has it.
	Timeout, ConnectTimeout time.Duration
	// MaxHeader bounds an answer's header, in bytes, interim ones included;
	// 0 means 300 KiB, as curl has it.
	MaxHeader int
	// HTTP09 takes an answer that does not begin with HTTP/ for a body.
	HTTP09 bool
	// Trace is told what happens on the way.
	Trace Trace
}

// A Trace is told about the steps of a Do. Any function may be nil. Slices are
// valid during the call only.
type Trace struct {
	Trying    func(to Addr)                            // a connection is attempted
	Failed    func(to Addr, err error, immediate bool) // it failed, perhaps without a packet sent
	Connected func(to Addr)                            // it succeeded
	Sent      func(request []byte)                     // the request is out
	Line      func(line []byte)                        // a header line with its end; the blank one too
	Head      func(r *Response) error                  // the header is whole; an error ends Do with it
	Data      func(n int)                              // n bytes of the body came, chunk sizes included
	Idle      func()                                   // nothing happened for a second
}

// ErrHeaderLine is a header line with a line end or NUL inside, or without a colon.
var ErrHeaderLine = errors.New("not a header line")

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
	x := &exchange{c: c, u: u, fd: -1, start: time.Now(), body: w, head: method == "HEAD", want: -1}
	x.limit.idle = c.Trace.Idle
	defer x.close()
	if c.Timeout > 0 {
		x.limit.deadline = x.start.Add(c.Timeout)
	}
	request, err := appendRequest(nil, method, u, header)
	if err != nil {
		return x.resp, x.fail(NoSend, "", err)
	}
	if err := x.connect(); err != nil {
		return x.resp, err
	}
	if err := x.send(request); err != nil {
		return x.resp, err
	}
	return x.resp, x.receive()
}

// appendRequest appends a request's bytes, the Host first as curl has it.
func appendRequest(b []byte, method string, u *URL, header []string) ([]byte, error) {
	host := "Host: " + u.Header
	for _, h := range header {
		name, _, ok := strings.Cut(h, ":")
		if !ok || !isToken([]byte(name)) || strings.ContainsAny(h, "\r\n\x00") {
			return nil, ErrHeaderLine
		}
		if strings.EqualFold(name, "host") {
			host = h
		}
	}
	b = append(b, method+" "+u.Target+" HTTP/1.1\r\n"+host+"\r\n"...)
	for _, h := range header {
		if name, _, _ := strings.Cut(h, ":"); !strings.EqualFold(name, "host") {
			b = append(b, h+"\r\n"...)
		}
	}
	return append(b, "\r\n"...), nil
}

// An exchange is one request and its answer.
type exchange struct {
	c     *Client
	u     *URL
	fd    int
	start time.Time
	limit limit
	head  bool // HEAD: there is no body, whatever the header says
	body  io.Writer
	resp  Response
	got   int64 // bytes of the body written
	want  int64 // bytes of it announced; -1: the server did not say
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
	addrs, err := lookupWeb(x.u.Host, limit{deadline, x.limit.idle})
	if err != nil {
		return x.fail(NoHost, "resolve", err)
	}
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

func (x *exchange) send(request []byte) error {
	if err := writeAll(x.fd, request, x.limit); err != nil {
		return x.fail(NoSend, "", err)
	}
	if f := x.c.Trace.Sent; f != nil {
		f(request)
	}
	return nil
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

// lines tells Trace.Line the lines of a whole header.
func (x *exchange) lines(head []byte) {
	f := x.c.Trace.Line
	for f != nil && len(head) > 0 {
		i := bytes.IndexByte(head, '\n') + 1
		f(head[:i])
		head = head[i:]
	}
}

// receiveBody takes the body, whose beginning came behind the header.
func (x *exchange) receiveBody(p, buf []byte) error {
	chunks := chunked{}
	switch {
	case x.head, x.resp.Code == 204, x.resp.Code == 304:
		return nil
	case x.resp.Chunked:
	case x.resp.Length == 0:
		return nil
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
		if st == Complete {
			return true, nil
		}
		p = p[n:]
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
