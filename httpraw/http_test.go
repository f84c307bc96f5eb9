package httpraw

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"rawns/ns/nstest"
)

// site is the handler of these tests: what it answers says what it was asked.
type site struct {
	page []byte
	file int
}

// open makes no allocation, which opening by name does.
func (s *site) open() (int, error) { return unix.FcntlInt(uintptr(s.file), unix.F_DUPFD_CLOEXEC, 0) }

// withFile gives s a file that holds its page.
func (s *site) withFile(t *testing.T) *site {
	t.Helper()
	f, err := os.Create(t.TempDir() + "/f")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	if _, err := f.Write(s.page); err != nil {
		t.Fatal(err)
	}
	s.file = int(f.Fd())
	return s
}

func (s *site) Serve(a *Answer, r *Request) {
	a.Type = "text/plain"
	switch string(r.Path()) {
	case "/big":
		a.Write(s.page)
		return
	case "/file", "/small":
		fd, err := s.open()
		if err != nil {
			a.Refuse(404, "")
			return
		}
		size := int64(len(s.page)) - 7
		if string(r.Path()) == "/small" {
			size = 1000
		}
		a.WriteString("file: ")
		a.File(fd, 7, size)
		return
	case "/short": // more than there is
		fd, _ := s.open()
		a.File(fd, int64(len(s.page))-10, map[bool]int64{true: 20, false: 1 << 20}[string(r.Get("x")) == "small"])
		return
	case "/none":
		a.Code = 204
		return
	case "/last":
		a.Close = true
	case "/field":
		a.FieldBytes("X-Echo", r.Get("x"))
		a.Field("X-Evil", "a\r\nSet-Cookie: b\x00")
	case "/broken":
		a.Code = 7
		return
	}
	a.Write(r.Method)
	a.WriteString(" ")
	a.Write(r.Target)
	a.WriteString(" ")
	a.Write(r.Body)
}

// talkTo sends and reads to the end of the connection, without the dates.
func talkTo(t testing.TB, addr, request string) string {
	t.Helper()
	c := dialTCP(t, addr)
	defer c.Close()
	go io.WriteString(c, request)
	b, err := io.ReadAll(c)
	if err != nil {
		t.Fatalf("%.100q: %v, after %.100q", request, err, b)
	}
	return undated(b)
}

var dateLine = regexp.MustCompile(`Date: (Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d GMT\r\n`)

func undated(b []byte) string { return string(dateLine.ReplaceAll(b, nil)) }

// ok is the answer that site gives to most.
func ok(body string, lines ...string) string {
	return "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n" + strings.Join(append(lines, ""), "\r\n") + "\r\n" + body
}

func refusal(code int, why string) string {
	body := fmt.Sprintf("%d %s", code, Reason(code))
	if why != "" {
		body += ": " + why
	}
	body += "\n"
	return fmt.Sprintf("HTTP/1.1 %d %s\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s", code, Reason(code), len(body), body)
}

const last = "Connection: close"

var conversations = []struct{ in, want string }{
	{"GET /a HTTP/1.0||", ok("GET /a ", last)},
	{"GET /a HTTP/1.0|Connection: keep-alive||GET /b HTTP/1.0||", ok("GET /a ", "Connection: keep-alive") + ok("GET /b ", last)},
	{"GET /a HTTP/1.1|Host: a|Connection: close||", ok("GET /a ", last)},
	{"GET /a HTTP/1.1|Host: a||GET /b HTTP/1.1|Host: a|Connection: close||", ok("GET /a ") + ok("GET /b ", last)},
	{"GET /last HTTP/1.1|Host: a||GET /b HTTP/1.1|Host: a||", ok("GET /last ", last)},
	{"HEAD /a HTTP/1.1|Host: a||GET /b HTTP/1.0||", strings.TrimSuffix(ok("HEAD /a "), "HEAD /a ") + ok("GET /b ", last)},
	{"GET /none HTTP/1.1|Host: a||GET /b HTTP/1.0||", "HTTP/1.1 204 No Content\r\nContent-Type: text/plain\r\n\r\n" + ok("GET /b ", last)},
	{"GET /field HTTP/1.0|X: y||", ok("GET /field ", last, "X-Echo: y", "X-Evil: a  Set-Cookie: b ")},
	{"GET /broken HTTP/1.0||", refusal(500, "")},
	{"POST /a HTTP/1.1|Host: a|Content-Length: 5||helloGET /b HTTP/1.0||", ok("POST /a hello") + ok("GET /b ", last)},
	{"POST /a HTTP/1.1|Host: a|Content-Length: 0||GET /b HTTP/1.0||", ok("POST /a ") + ok("GET /b ", last)},
	{"~5;x|hello|3| yo|0|T: 1||GET /b HTTP/1.0||", ok("POST / hello yo") + ok("GET /b ", last)},
	{"|GET /a HTTP/1.1|Host: a||" + "|GET /b HTTP/1.0||", ok("GET /a ") + ok("GET /b ", last)},
	// Nothing is answered behind what is no request.
	{"GET / HTTP/1.1||GET /b HTTP/1.0||", refusal(400, "malformed or missing Host")},
	{"GET / HTTP/1.1|Host: a||rubbish|", ok("GET / ") + refusal(400, "malformed target")},
	{"~0x5|hello|0||GET /b HTTP/1.0||", refusal(400, "malformed body")},
	{"POST / HTTP/1.1|Host: a|Transfer-Encoding: chunked|Content-Length: 5||0||GET /b HTTP/1.0||", refusal(400, "Transfer-Encoding that contradicts the rest")},
	{"POST / HTTP/1.1|Host: a|Transfer-Encoding: gzip||", refusal(501, "unsupported Transfer-Encoding")},
	{"GET / HTTP/3.0||", refusal(505, "unsupported version")},
	{"GET / HTTP/1.1|Host: a|Expect: x||", refusal(417, "unsupported Expect")},
	{"\x16\x03\x01", refusal(400, "malformed method")},
	// Limits: heads of 400 bytes, bodies of 50.
	{"GET /" + strings.Repeat("a", 400), refusal(431, "")},
	{"GET / HTTP/1.0|X: " + strings.Repeat("a", 400) + "||", refusal(431, "")},
	{"GET / HTTP/1.0|" + strings.Repeat("X: y|", 60) + "||", ok("GET / ", last)},
	{"POST / HTTP/1.0|Content-Length: 50||" + strings.Repeat("x", 50), ok("POST / "+strings.Repeat("x", 50), last)},
	{"POST / HTTP/1.0|Content-Length: 51||" + strings.Repeat("x", 51), refusal(413, "")},
	{"~32|" + strings.Repeat("x", 50) + "|0||GET / HTTP/1.0||", ok("POST / "+strings.Repeat("x", 50)) + ok("GET / ", last)},
	{"~32|" + strings.Repeat("x", 50) + "|1|x|0||", refusal(413, "")},
	{"POST / HTTP/1.1|Host: a|Expect: 100-continue|Content-Length: 51||", refusal(413, "")},
}

func small(h Handler) *Server {
	return &Server{Handler: h, MaxRequest: 400, MaxBody: 50, KeepBody: true}
}

func TestConversations(t *testing.T) {
	addr := serve(t, small(new(site)))
	for _, c := range conversations {
		if got := talkTo(t, addr, string(text(c.in))); got != c.want {
			t.Errorf("%.100q:\n%q, want\n%q", c.in, got, c.want)
		}
	}
}

// Wherever a conversation is cut, the answers are the same; by hand, so that
// each part is a read of its own.
func TestConversationsSplit(t *testing.T) {
	l, to := step(t, small(new(site)), undeferred)
	buf := make([]byte, 64<<10)
	for _, c := range conversations {
		in := text(c.in)
		for i := 1; i < len(in); i++ {
			fd := rawClient(to)
			unix.Write(fd, in[:i])
			l.round()
			unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
			unix.Write(fd, in[i:])
			unix.Shutdown(fd, unix.SHUT_WR)
			for l.open > 0 {
				l.round()
			}
			got := ""
			for {
				n, err := unix.Read(fd, buf)
				if n <= 0 || err != nil {
					break
				}
				got += string(buf[:n])
			}
			unix.Close(fd)
			if got = undated([]byte(got)); got != c.want {
				t.Fatalf("%.100q, cut at %d:\n%q, want\n%q", c.in, i, got, c.want)
			}
		}
	}
}

// Several requests in one read are answered in one write, and one that is
// alone costs a read and a write.
func TestKeepAliveSystemCalls(t *testing.T) {
	nstest.Need(t, "strace")
	log := t.TempDir() + "/strace"
	cmd := exec.Command("strace", "-f", "-qq", "-e", "signal=none", "-e", "trace=accept4,read,write,sendto,sendfile,close,shutdown,epoll_ctl,setsockopt", "-o", log, os.Args[0])
	cmd.Env = append(os.Environ(), serverEnv+"=1024", "HTTPRAW_TEST_HANDLER=1")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	addr := readyLine(t, cmd)
	c := dialTCP(t, addr)
	r := bufio.NewReader(c)
	const requests, pipelined = 50, 8
	expect := func(n int) {
		for range n {
			resp, err := http.ReadResponse(r, nil)
			if err != nil {
				t.Fatal(err)
			}
			io.Copy(io.Discard, resp.Body)
		}
	}
	for range requests {
		send(t, c, "GET /one HTTP/1.1\r\nHost: a\r\n\r\n")
		expect(1)
	}
	send(t, c, strings.Repeat("GET /many HTTP/1.1\r\nHost: a\r\n\r\n", pipelined))
	expect(pipelined)
	c.Close()
	stdin.Close()
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	b, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	_, trace, found := strings.Cut(string(b), addr)
	if !found {
		t.Fatalf("%s", b)
	}
	for pattern, want := range map[string]int{
		`accept4.* = [0-9]+\n`:                          1,
		`"GET /one .* = 30\n`:                           requests,
		`"GET /many .* = ` + strconv.Itoa(pipelined*31): 1,
		`"HTTP/1.1 200 OK`:                              requests + 1,
		`read.*EAGAIN`:                                  0,
		`shutdown\(`:                                    0,
		`send`:                                          0,
		`epoll_ctl\(`:                                   3, // the listener, the eventfd, the connection once
	} {
		if n := len(regexp.MustCompile(pattern).FindAllString(trace, -1)); n != want {
			t.Errorf("%d times %s, want %d:\n%s", n, pattern, want, trace[:min(len(trace), 3000)])
		}
	}
}

func TestHandlerAllocatesNothing(t *testing.T) {
	h := (&site{page: make([]byte, 30000)}).withFile(t)
	for _, in := range []string{
		"GET / HTTP/1.1|Host: a|User-Agent: x|Accept: */*||",
		"GET / HTTP/1.1|Host: a||GET / HTTP/1.1|Host: a||GET / HTTP/1.1|Host: a||",
		"~5|hello|0||",
		"HEAD /field HTTP/1.1|Host: a|X: y||",
		"GET /small HTTP/1.1|Host: a||",
		"GET /file HTTP/1.1|Host: a||",
	} {
		l, to := step(t, &Server{Handler: h, KeepBody: true, IdleTimeout: time.Minute, ReadTimeout: time.Minute}, undeferred)
		fd := rawClient(to)
		unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
		b, buf := text(in), make([]byte, 128<<10)
		if n := testing.AllocsPerRun(100, func() { // once more before it counts: the connection is opened
			unix.Write(fd, b[:20])
			l.round()
			unix.Write(fd, b[20:])
			l.round()
			unix.Read(fd, buf)
		}); n != 0 {
			t.Errorf("%q: %v allocations", in, n)
		}
		unix.Close(fd)
		for l.open > 0 {
			l.round()
		}
		// Nor does a connection, when there was one before.
		if n := testing.AllocsPerRun(100, func() {
			fd := rawClient(to)
			unix.Write(fd, b)
			l.round()
			unix.Close(fd)
			for l.open > 0 {
				l.round()
			}
		}); n != 0 {
			t.Errorf("%q: %v allocations a connection", in, n)
		}
	}
}

// The body is asked for when it is wanted, and not when it is there.
func TestContinue(t *testing.T) {
	addr := serve(t, small(new(site)))
	c := dialTCP(t, addr)
	send(t, c, "PUT /a HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
	b := make([]byte, len(goOn))
	if _, err := io.ReadFull(c, b); string(b) != goOn || err != nil {
		t.Fatalf("%q, %v", b, err)
	}
	send(t, c, "hello"+"PUT /b HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello")
	got, err := io.ReadAll(c)
	if want := ok("PUT /a hello") + ok("PUT /b hello", last); undated(got) != want || err != nil {
		t.Errorf("%q, want %q, %v", got, want, err)
	}
}

// Bodies that nobody wants cost no memory, however long.
func TestDrained(t *testing.T) {
	l, to := step(t, &Server{Handler: new(site), MaxBody: 1 << 30}, undeferred)
	fd := rawClient(to)
	defer unix.Close(fd)
	unix.Write(fd, []byte("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 16777216\r\n\r\n"))
	l.round()
	part := make([]byte, 64<<10)
	for range 256 {
		unix.Write(fd, part)
		for range 5 {
			l.stopless()
		}
		for _, s := range l.sources {
			if c, ok := s.(*conn); ok && (cap(c.in) > keepBuffer || cap(c.buf) > keepBuffer) {
				t.Fatalf("%d and %d bytes are kept", cap(c.in), cap(c.buf))
			}
		}
	}
	b := make([]byte, 1000)
	for range 300 {
		if l.queues[idle].first != nil {
			break
		}
		l.stopless()
	}
	n, err := unix.Read(fd, b)
	if got := undated(b[:max(n, 0)]); got != ok("POST /a ") || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if len(l.in) > DefaultMaxHead+readRoom {
		t.Errorf("the buffer has %d bytes", len(l.in))
	}
}

// A client that asks and does not read is not read either, and what is kept
// for it is bounded.
func TestPipeliningWithoutReading(t *testing.T) {
	h := &site{page: make([]byte, 40000)}
	l, to := step(t, &Server{Handler: h}, undeferred)
	fd := rawClient(to)
	defer unix.Close(fd)
	unix.SetNonblock(fd, true)
	request := []byte("GET /big HTTP/1.1\r\nHost: a\r\n\r\n")
	sent := 0
	for quiet := 0; quiet < 5; { // until there is no room anywhere
		n, err := unix.Write(fd, bytes.Repeat(request, 1000))
		if sent += max(n, 0); err != nil {
			quiet++
		}
		l.stopless()
	}
	c := l.queues[writing].first
	if c == nil || cap(c.buf) > 2*(outMax+len(h.page)) || cap(c.in) > 2*len(l.in) {
		t.Fatalf("not waiting for room, or too much is kept: %+v", c)
	}
	// When it reads, it gets everything.
	got, buf := 0, make([]byte, 1<<20)
	left := append([]byte(nil), request[sent%len(request):]...)
	for want := -1; want != got; {
		for {
			n, err := unix.Read(fd, buf)
			if n <= 0 || err != nil {
				break
			}
			got += n
		}
		if len(left) > 0 {
			n, _ := unix.Write(fd, left)
			left = left[max(n, 0):]
		}
		l.stopless()
		if l.queues[idle].first != nil && len(left) == 0 {
			one := undated([]byte("HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Type: text/plain\r\nContent-Length: 40000\r\n\r\n"))
			want = (sent + len(request) - 1) / len(request) * (len(one) + len("Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n") + len(h.page))
		}
	}
}

// stopless is a round that does not wait: the eventfd ends it, and not the loop.
func (l *loop) stopless() {
	w := l.wake
	unix.Write(w, []byte{7: 1})
	l.own(w, quiet{w})
	l.round()
}

type quiet struct{ fd int }

func (q quiet) ready(*loop) { read(q.fd, make([]byte, 8)) }

// Files go out whole, in turns, also to those who read slowly, and a client
// that wants its next answer gets it after the file.
func TestFiles(t *testing.T) {
	h := (&site{page: bigPage().page}).withFile(t)
	before := fds(t)
	s := &Server{Handler: h}
	addr := serve(t, s)
	file := string(h.page[7:])
	want := ok("file: "+file) + ok("file: "+file[:1000]) + strings.TrimSuffix(ok("file: "+file), "file: "+file) + ok("GET /b ", last)
	pipelined := "GET /file HTTP/1.1|Host: a||GET /small HTTP/1.1|Host: a||HEAD /file HTTP/1.1|Host: a||GET /b HTTP/1.0||"
	if got := talkTo(t, addr, string(text(pipelined))); got != want {
		t.Errorf("%d bytes, want %d", len(got), len(want))
	}
	slow := dialTCP(t, addr)
	send(t, slow, string(text(pipelined)))
	one := make([]byte, 1)
	io.ReadFull(slow, one)
	for range 5 { // others are served meanwhile
		if got := talkTo(t, addr, "GET /x HTTP/1.0\r\n\r\n"); got != ok("GET /x ", last) {
			t.Errorf("%q", got)
		}
	}
	rest, err := io.ReadAll(slow)
	if got := undated(append(one, rest...)); got != want || err != nil {
		t.Errorf("%d bytes, want %d, %v", len(got), len(want), err)
	}
	for _, x := range []string{"small", "large"} { // the promised length does not come: the end does
		got := talkTo(t, addr, string(text("GET /short HTTP/1.1|Host: a|X: "+x+"||")))
		if _, body, _ := strings.Cut(got, "\r\n\r\n"); body != string(h.page[len(h.page)-10:]) {
			t.Errorf("%s: %q", x, body)
		}
	}
	// Clients that go in the middle leave no file open.
	for i := range 20 {
		c := dialTCP(t, addr)
		send(t, c, "GET /file HTTP/1.1\r\nHost: a\r\n\r\n")
		if i%2 > 0 {
			c.Read(one)
		}
		reset(c)
	}
	if got := talkTo(t, addr, "GET /x HTTP/1.0\r\n\r\n"); got != ok("GET /x ", last) {
		t.Errorf("%q", got)
	}
	slow.Close()
	s.Shutdown()
	for end := deadline(); fds(t) > before; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d descriptors, %d before", fds(t), before)
		}
	}
}

// Each limit of time ends what it is for: the silence between requests, a head
// and a body that come slowly, an answer that is not taken.
func TestHandlerTimeouts(t *testing.T) {
	const short = 30 * time.Millisecond
	h := &site{page: bigPage().page}
	for _, c := range []struct {
		name string
		s    *Server
		in   string
		drip bool
	}{
		{"idle", &Server{IdleTimeout: short}, "GET / HTTP/1.1|Host: a||", false},
		{"head", &Server{ReadTimeout: short}, "GET / HTTP/1.1|Host: a||GET /", true},
		{"first head", &Server{ReadTimeout: short}, "GET /", true},
		{"body", &Server{ReadTimeout: short}, "POST / HTTP/1.1|Host: a|Content-Length: 100000||", true},
		{"answer", &Server{WriteTimeout: short}, "GET /big HTTP/1.1|Host: a||", false},
	} {
		c.s.Handler = h
		l, addr := listen(t, "127.0.0.1:0", undeferred)
		start(t, c.s, l)
		conn := dialTCP(t, addr)
		send(t, conn, string(text(c.in)))
		if c.name == "answer" {
			// It must be dropped without being read; then less than all is there.
			time.Sleep(10 * short)
		}
		if c.drip {
			for i := 0; ; i++ {
				if _, err := conn.Write([]byte("a")); err != nil {
					break
				}
				if i == 4000 { // a second more than bodyStep of bytes takes none
					t.Fatalf("%s: one byte a millisecond holds a connection", c.name)
				}
				time.Sleep(time.Millisecond)
			}
		}
		if b, _ := io.ReadAll(conn); len(b) >= len(h.page) {
			t.Errorf("%s: got %d bytes", c.name, len(b))
		}
	}
}

// The end lets answers under way come to theirs, says to clients that it is
// the last, and leaves no idle one waiting.
func TestHandlerShutdown(t *testing.T) {
	h := &site{page: bigPage().page}
	s := &Server{Handler: h}
	addr := serve(t, s)
	silent, slow := dialTCP(t, addr), dialTCP(t, addr)
	for _, c := range []*net.TCPConn{silent, slow} {
		send(t, c, "GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
		want := len(ok("GET /a ")) + len("Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n")
		if _, err := io.ReadFull(c, make([]byte, want)); err != nil {
			t.Fatal(err)
		}
	}
	send(t, slow, string(text("GET /big HTTP/1.1|Host: a||GET /b HTTP/1.1|Host: a||")))
	one := make([]byte, 1)
	io.ReadFull(slow, one)
	s.Shutdown()
	if b, err := io.ReadAll(silent); len(b) != 0 || err != nil {
		t.Errorf("an idle client: %q, %v", b, err)
	}
	b, err := io.ReadAll(slow)
	if got, want := undated(append(one, b...)), ok(string(h.page))+ok("GET /b ", last); got != want || err != nil {
		t.Errorf("%d bytes, want %d; %v; %.300q", len(got), len(want), err, got[max(0, len(got)-300):])
	}
}

// An idle connection makes room for a new one when no more may be open.
func TestHandlerMaxConns(t *testing.T) {
	l, addr := listen(t, "127.0.0.1:0", undeferred)
	start(t, &Server{Handler: new(site), MaxConns: 2}, l)
	half, kept := dialTCP(t, addr), dialTCP(t, addr)
	send(t, half, "GET /half HTTP/1.1\r\n")
	send(t, kept, "GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
	r := bufio.NewReader(kept)
	if resp, err := http.ReadResponse(r, nil); err != nil || resp.StatusCode != 200 {
		t.Fatal(err)
	} else {
		io.Copy(io.Discard, resp.Body)
	}
	if got := talkTo(t, addr, "GET /b HTTP/1.0\r\n\r\n"); got != ok("GET /b ", last) {
		t.Errorf("the third: %q", got)
	}
	if b, err := io.ReadAll(r); len(b) != 0 || err != nil {
		t.Errorf("the idle one: %q, %v", b, err)
	}
	send(t, half, "Host: a\r\nConnection: close\r\n\r\n")
	if b, err := io.ReadAll(half); undated(b) != ok("GET /half ", last) || err != nil {
		t.Errorf("the one in its request: %q, %v", b, err)
	}
}

// What a connection costs while it is idle, beside the kernel's own; its
// buffers are gone then.
func TestIdleConnection(t *testing.T) {
	if n := unsafe.Sizeof(conn{}); n > 320 {
		t.Errorf("%d bytes", n)
	}
	l, to := step(t, &Server{Handler: &site{page: make([]byte, 100000)}, KeepBody: true}, undeferred)
	fd := rawClient(to)
	defer unix.Close(fd)
	unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
	b := text("POST /big HTTP/1.1|Host: a|Content-Length: 3000||" + strings.Repeat("x", 3000))
	for _, part := range [][]byte{b[:20], b[20:1000], b[1000:]} {
		unix.Write(fd, part)
		l.stopless()
	}
	buf := make([]byte, 1<<20)
	unix.SetNonblock(fd, true)
	for end := deadline(); l.queues[idle].first == nil; l.stopless() {
		unix.Read(fd, buf)
		if time.Now().After(end) {
			t.Fatal("not idle")
		}
	}
	if c := l.queues[idle].first; cap(c.in) > keepBuffer || cap(c.buf) > keepBuffer {
		t.Errorf("%d and %d bytes are kept", cap(c.in), cap(c.buf))
	}
}

// With no descriptor left the idle make room, and a file that cannot be opened
// is 503, not an end.
func TestHandlerOutOfDescriptors(t *testing.T) {
	f, err := OpenFiles(folder(t))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	l, to := step(t, &Server{Handler: f}, undeferred)
	clients := []int{rawClient(to), rawClient(to), rawClient(to)}
	defer func() {
		for _, fd := range clients {
			unix.Close(fd)
		}
	}()
	var was unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &was); err != nil {
		t.Fatal(err)
	}
	defer unix.Setrlimit(unix.RLIMIT_NOFILE, &was)
	ask := func(fd int) string {
		unix.Write(fd, text("GET /a.txt HTTP/1.1|Host: a||"))
		l.stopless()
		l.stopless()
		b := make([]byte, 2000)
		n, _, _ := unix.Recvfrom(fd, b, unix.MSG_DONTWAIT)
		return string(b[:max(n, 0)])
	}
	next, err := unix.Dup(clients[0])
	if err != nil {
		t.Fatal(err)
	}
	unix.Close(next)
	// Room for one connection, and none for a file.
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: uint64(next + 1), Max: was.Max}); err != nil {
		t.Fatal(err)
	}
	for range 6 {
		l.stopless()
	}
	if l.open != 1 || l.done {
		t.Fatalf("%d open, done %v, %v", l.open, l.done, l.err)
	}
	if got := ask(clients[2]); !strings.HasPrefix(got, "HTTP/1.1 503 ") {
		t.Errorf("without a descriptor for the file: %q", got)
	}
	unix.Setrlimit(unix.RLIMIT_NOFILE, &was)
	if got := ask(clients[2]); !strings.HasPrefix(got, "HTTP/1.1 200 ") || !strings.HasSuffix(got, "0123456789") {
		t.Errorf("with one again: %q", got)
	}
}

func TestHandlerTools(t *testing.T) {
	nstest.Need(t, "curl", "wget", "ab")
	h := &site{page: bigPage().page}
	addr := serve(t, &Server{Handler: h, KeepBody: true})
	upload := t.TempDir() + "/f"
	body := strings.Repeat("0123456789", 20000)
	if err := os.WriteFile(upload, []byte(body), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		argv []string
		want string
	}{
		{[]string{"curl", "-sS", "-m", "30", addr + "/a", addr + "/b"}, "GET /a GET /b "},
		{[]string{"curl", "-sS", "-m", "30", "-0", addr + "/a"}, "GET /a "},
		{[]string{"curl", "-sS", "-m", "30", "-T", upload, addr + "/a"}, "PUT /a " + body},
		{[]string{"curl", "-sS", "-m", "30", "-T", "-", addr + "/a"}, "PUT /a hello"},
		{[]string{"curl", "-sS", "-m", "30", "-H", "Expect: 100-continue", "--data-binary", "@" + upload, addr + "/a"}, "POST /a " + body},
		{[]string{"wget", "-q", "-T", "30", "-t", "1", "-O", "-", addr + "/a", addr + "/b"}, "GET /a GET /b "},
	} {
		cmd := exec.Command(c.argv[0], c.argv[1:]...)
		cmd.Stdin = strings.NewReader("hello")
		if out, err := cmd.Output(); string(out) != c.want || err != nil {
			t.Errorf("%v: %.100q, %v", c.argv, out, err)
		}
	}
	for _, keep := range []string{"-q", "-k"} {
		out, err := exec.Command("ab", "-q", keep, "-s", "60", "-c", "50", "-n", "5000", "http://"+addr+"/").CombinedOutput()
		if err != nil || !regexp.MustCompile(`Complete requests: +5000\nFailed requests: +0\n`).Match(out) || bytes.Contains(out, []byte("Non-2xx")) {
			t.Errorf("ab %s: %v\n%s", keep, err, out)
		}
	}
}

// No setting of the sockets may hold an answer back that another may follow.
func TestSocketOptions(t *testing.T) {
	for _, s := range []*Server{{Handler: new(site)}, {}} {
		l, _ := step(t, s, 0)
		n := l.listeners[0]
		cork, err := unix.GetsockoptInt(n.fd, unix.IPPROTO_TCP, unix.TCP_CORK)
		nodelay, err2 := unix.GetsockoptInt(n.fd, unix.IPPROTO_TCP, unix.TCP_NODELAY)
		if (cork != 0) != (s.Handler == nil) || nodelay == 0 || err != nil || err2 != nil {
			t.Errorf("handler %v: corked %d, no delay %d", s.Handler, cork, nodelay)
		}
	}
	early, _ := listen(t, "127.0.0.1:0", 0) // and nobody is accepted before Serve with another
	if cork, _ := unix.GetsockoptInt(early.fd, unix.IPPROTO_TCP, unix.TCP_CORK); cork != 0 {
		t.Error("corked by Listen")
	}
	early.Close()
}

func TestAppendCommon(t *testing.T) {
	for want, e := range map[string]Entry{
		`- - - [06/Nov/1994:08:49:37 +0000] "GET /\x22\x5c\x1b\xc3 HTTP/1.1" 200 7` + "\n": {Request: &Request{Method: []byte("GET"), Target: []byte("/\"\\\x1b\xc3"), Minor: 1}, Code: 200, Size: 7},
		`- - - [06/Nov/1994:08:49:37 +0000] "-" 400 0` + "\n":                              {Request: new(Request), Code: 400},
	} {
		if got := string(e.AppendCommon(nil, 784111777)); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestAppendDate(t *testing.T) {
	for _, s := range []int64{0, 784111777, 951782400, 1 << 31, 253402300799} {
		if got, want := string(AppendDate(nil, s)), time.Unix(s, 0).UTC().Format(http.TimeFormat); got != want {
			t.Errorf("%d: %s, want %s", s, got, want)
		}
	}
	for s := int64(-62135596800); s <= 253402300799; s += 86399 * 97 { // the years 1 to 9999
		if got, want := string(AppendDate(nil, s)), time.Unix(s, 0).UTC().Format(http.TimeFormat); got != want {
			t.Fatalf("%d: %s, want %s", s, got, want)
		}
	}
}

// FuzzConversation: whatever a client sends, it is answered the same however it
// is cut, and what is not a request ends the connection.
func FuzzConversation(f *testing.F) {
	for _, c := range conversations {
		f.Add(text(c.in), uint8(7))
	}
	f.Fuzz(func(t *testing.T, b []byte, step uint8) {
		var want string
		for i, n := range []int{len(b) + 1, 1, int(step)%16 + 2} {
			s := small(new(site))
			l := &loop{srv: s, wall: func() int64 { return 784111777 }}
			l.limits()
			c := &conn{then: speaking}
			var out, in []byte
			for rest := b; len(rest) > 0 && c.then == speaking; {
				k := min(n, len(rest))
				in, rest = append(bytes.Clone(in), rest[:k]...), rest[k:]
				for more := true; more && c.then == speaking; {
					out, in, more = c.request(l, out, in)
				}
				if len(in) > 400+50+n {
					t.Fatalf("%q, %d at a time: %d bytes are kept", b, n, len(in))
				}
			}
			got := strings.ReplaceAll(string(out), goOn, "") // whether that is said depends on what is there
			if i == 0 {
				want = got
			} else if got != want {
				t.Fatalf("%q\nwhole: %q\n%d at a time: %q", b, want, n, got)
			}
		}
		if strings.Contains(want, "HTTP/1.1 400 ") && !strings.Contains(want, "Connection: close\r\n") {
			t.Fatalf("%q: %q", b, want)
		}
	})
}

// What is refused is answered once, and nothing behind it is a request, however
// it is cut.
func TestBadEndsTheConversation(t *testing.T) {
	n := 0
	for _, c := range strictCases {
		if c.want != Bad {
			continue
		}
		n++
		b := append(text(c.in), text("GET /smuggled HTTP/1.1|Host: a||")...)
		for _, step := range []int{len(b), 1, 7} {
			l := &loop{srv: &Server{Handler: new(site), KeepBody: true}, wall: func() int64 { return 784111777 }}
			l.limits()
			c0 := &conn{then: speaking}
			var out, in []byte
			for rest := b; len(rest) > 0 && c0.then == speaking; {
				k := min(step, len(rest))
				in, rest = append(bytes.Clone(in), rest[:k]...), rest[k:]
				for more := true; more && c0.then == speaking; {
					out, in, more = c0.request(l, out, in)
				}
			}
			got := strings.ReplaceAll(undated(out), goOn, "")
			if want := refusal(c.fault.Code(), c.fault.String()); got != want || c0.then == speaking {
				t.Fatalf("%q, %d at a time:\n%q, want\n%q", c.in, step, got, want)
			}
		}
	}
	if n < 120 {
		t.Errorf("%d cases", n)
	}
}

// What is known of the last request is what Parse would find in the next one,
// whatever comes between and behind.
func TestKnownRequests(t *testing.T) {
	heads := []string{
		"GET / HTTP/1.1|Host: a||", "GET / HTTP/1.1|Host: b||", "GET / HTTP/1.1|Host: a|Range: bytes=1-||", "GET / HTTP/1.0||", "POST / HTTP/1.1|Host: a|Content-Length: 3||",
		"GET / HTTP/1.1|Host: a", "GET / HTTP/1.1|Host: a|X|", "", "POST / HTTP/1.1|Host: a|Expect: 100-continue|Transfer-Encoding: chunked||",
		"GET /" + strings.Repeat("x", keepBuffer) + " HTTP/1.1|Host: a||", "GET / HTTP/1.1|Host: a|Connection: close||",
	}
	r := rand.New(rand.NewPCG(1, 2))
	var w web
	known := 0
	var last []byte
	for range 20000 {
		head := text(heads[r.IntN(len(heads))])
		if r.IntN(2) == 0 && last != nil {
			head = last
		}
		last = bytes.Clone(head)
		head = append(head[:len(head):len(head)], text(heads[r.IntN(len(heads))])...)
		if head = head[:r.IntN(len(head)+1)]; r.IntN(4) > 0 {
			head = append(last[:len(last):len(last)], "abc"...)
		}
		w.request.Body = []byte("of the one before")
		var want Request
		st := want.Parse(head, Strict)
		if got := w.parse(head); got != st || !reflect.DeepEqual(w.request, want) {
			t.Fatalf("%q after %q: %v %+v, want %v %+v", head, w.last, got, w.request, st, want)
		}
		if w.known.Size > 0 {
			known++
		}
		clear(head) // the buffer is another's now
	}
	if known < 1000 || len(w.last) > keepBuffer {
		t.Errorf("known %d times, %d bytes", known, len(w.last))
	}
}
