package httpraw

import (
	"bytes"
	"io"
	"net"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"rawns/ns"
	"rawns/ns/nstest"
)

func serverMain(backlog string) int {
	n, _ := strconv.Atoi(backlog)
	l, err := Listen("127.0.0.1:0", n)
	if err != nil {
		os.Stderr.WriteString(err.Error() + "\n")
		return 1
	}
	os.Stderr.WriteString(l.Addr().String() + "\n")
	s := new(Server)
	if os.Getenv("HTTPRAW_TEST_HANDLER") != "" {
		s.Handler = new(site)
	}
	s.IdleTimeout, _ = time.ParseDuration(os.Getenv("HTTPRAW_TEST_IDLE"))
	go func() { // until whoever started this closes its end
		io.Copy(io.Discard, os.Stdin)
		s.Shutdown()
	}()
	if s.Serve(l) != nil {
		return 1
	}
	return 0
}

func dialTCP(t testing.TB, addr string) *net.TCPConn {
	t.Helper()
	c, err := net.DialTimeout("tcp", addr, 30*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(deadline())
	return c.(*net.TCPConn)
}

func send(t testing.TB, c net.Conn, s string) {
	t.Helper()
	if _, err := io.WriteString(c, s); err != nil {
		t.Fatal(err)
	}
}

// get makes one simple request and insists on the page.
func get(t testing.TB, addr string) {
	t.Helper()
	c := dialTCP(t, addr)
	defer c.Close()
	send(t, c, "GET / HTTP/1.0\r\n\r\n")
	if b, err := io.ReadAll(c); err != nil || string(b) != Page {
		t.Fatalf("%q, %v", b, err)
	}
}

// reset closes c so that the other side gets a reset.
func reset(c *net.TCPConn) {
	c.SetLinger(0)
	c.Close()
}

const whole = "GET / HTTP/1.1\r\nHost: 10.1.1.2:8080\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\n\r\n"

// The C program and the Go one get the same from the same clients. What they
// send back and what they print must be the same.
func TestSameAsTheArticle(t *testing.T) {
	printed, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer printed.Close()
	out := NewPrinter(int(w.Fd()))
	l, ours := listen(t, "127.0.0.1:0", 0)
	s := &Server{Out: out, Raw: Article{Seen: func(b []byte) {
		b, _, _ = bytes.Cut(b, []byte{0})
		out.Print(" ", b, " ")
	}}}
	ended := make(chan error)
	go func() {
		ended <- s.Serve(l)
		out.Close()
		w.Close()
	}()
	theirs, stop := startC(t)

	for _, c := range []struct {
		name   string
		pieces []string // sent with an answer, or a pause, between
		finish bool     // the client says that it has finished
		lossy  bool     // the original may lose the page to its own reset
	}{
		{name: "whole", pieces: []string{whole}},
		{name: "bare line feeds", pieces: []string{"GET / HTTP/1.0\n\n"}},
		{name: "not HTTP", pieces: []string{"hello\n"}},
		{name: "half of it, and finished", pieces: []string{"GET / HT"}, finish: true},
		{name: "one byte, and finished", pieces: []string{"G"}, finish: true},
		{name: "nothing, and finished", finish: true},
		{name: "NUL inside", pieces: []string{"GET /\x00abc HTTP/1.0\r\n\r\n"}, finish: true},
		{name: "NUL first", pieces: []string{"\x00GET / HTTP/1.0\r\n\r\n"}, finish: true},
		{name: "controls", pieces: []string{"\x1b[2J\r\x07\x7f\xff\xfe\n"}, finish: true},
		{name: "percent", pieces: []string{"%s%n%d\n"}, finish: true},
		{name: "4895 bytes", pieces: []string{strings.Repeat("a", 4895)}, finish: true},
		{name: "4896 bytes", pieces: []string{strings.Repeat("b", 4896)}, lossy: true},
		{name: "5000 bytes", pieces: []string{strings.Repeat("c", 5000)}, lossy: true},
		{name: "20000 bytes", pieces: []string{strings.Repeat("d", 20000)}, lossy: true},
		{name: "split", pieces: []string{"GET / HT", "TP/1.0\r\n\r\n"}, lossy: true},
	} {
		for _, addr := range []string{theirs, ours} {
			conn := dialTCP(t, addr)
			for i, p := range c.pieces {
				if i > 0 { // the first piece has been read: it was answered
					conn.Read(make([]byte, 1))
				}
				conn.Write([]byte(p)) // the original may have closed
			}
			if c.finish {
				conn.CloseWrite()
			}
			got, err := io.ReadAll(conn)
			if len(c.pieces) > 1 {
				got = append([]byte("H"), got...)
			}
			conn.Close()
			if c.lossy && addr == theirs {
				if !strings.HasPrefix(Page, string(got)) {
					t.Errorf("%s: the C server answers %q", c.name, got)
				}
				continue
			}
			if string(got) != Page || err != nil {
				t.Errorf("%s: %s answers %q, %v", c.name, addr, got, err)
			}
		}
	}
	// A reset before the first byte is nobody's request.
	for _, addr := range []string{theirs, ours} {
		reset(dialTCP(t, addr))
		get(t, addr)
	}

	s.Shutdown()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	got, err := io.ReadAll(printed)
	if err != nil {
		t.Fatal(err)
	}
	if want := stop(); string(got) != want {
		t.Errorf("printed\n%q, the C server\n%q", got, want)
	}
}

// A client that is still sending when it is answered gets its page.
func TestLingering(t *testing.T) {
	addr := serve(t, &Server{})
	for range 20 {
		c := dialTCP(t, addr)
		send(t, c, strings.Repeat("x", 300<<10))
		b, err := io.ReadAll(c)
		if string(b) != Page || err != nil {
			t.Fatalf("%q, %v", b, err)
		}
		c.Close()
	}
}

func TestTools(t *testing.T) {
	nstest.Need(t, "curl", "wget", "ab")
	for _, backlog := range []int{0, undeferred} { // deferred and not
		l, addr := listen(t, "127.0.0.1:0", backlog)
		seen := 0
		s := &Server{Raw: Article{Seen: func([]byte) { seen++ }}}
		ended := make(chan error)
		go func() { ended <- s.Serve(l) }()
		const body = "<html><h1>Welcome to my http server!</h1><html>\n"
		for _, argv := range [][]string{{"curl", "-sS", "-m", "30", addr}, {"wget", "-q", "-T", "30", "-t", "1", "-O", "-", addr}} {
			out, err := exec.Command(argv[0], argv[1:]...).Output()
			if string(out) != body || err != nil {
				t.Errorf("%v: %q, %v", argv, out, err)
			}
		}
		const requests = 20000
		out, err := exec.Command("ab", "-q", "-s", "60", "-c", "100", "-n", strconv.Itoa(requests), "http://"+addr+"/").CombinedOutput()
		if err != nil {
			t.Errorf("ab: %v\n%s", err, out)
		}
		for _, want := range []string{
			`Complete requests: +20000\n`, `Failed requests: +0\n`,
			`HTML transferred: +` + strconv.Itoa(requests*len(body)) + ` bytes\n`,
		} {
			if !regexp.MustCompile(want).Match(out) {
				t.Errorf("ab does not say %q:\n%s", want, out)
			}
		}
		if bytes.Contains(out, []byte("Non-2xx")) {
			t.Errorf("ab:\n%s", out)
		}
		s.Shutdown()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if seen < requests+2 {
			t.Errorf("%d requests seen", seen)
		}
	}
}

// 100 clients that say nothing do not keep the next one waiting, and get their
// page when they speak.
func TestSilentClients(t *testing.T) {
	for _, backlog := range []int{0, undeferred} {
		l, addr := listen(t, "127.0.0.1:0", backlog)
		start(t, &Server{}, l)
		var silent []*net.TCPConn
		for range 100 {
			silent = append(silent, dialTCP(t, addr))
		}
		for range 10 {
			get(t, addr)
		}
		for _, c := range silent {
			send(t, c, whole)
			if b, err := io.ReadAll(c); string(b) != Page || err != nil {
				t.Fatalf("%q, %v", b, err)
			}
		}
	}
}

// echo answers a whole request with its target, and waits for a partial one.
type echo struct{}

func (echo) Serve(dst, in []byte, _ bool) ([]byte, Next) {
	var r Request
	switch r.Parse(in, Strict) {
	case Incomplete:
		return dst, More
	case Bad:
		return append(dst, "HTTP/1.0 400 Bad Request\r\n\r\n"...), Linger
	}
	return append(append(dst, "HTTP/1.0 200 OK\r\n\r\n"...), r.Target...), Close
}

// A request that is split at any byte is answered like a whole one.
func TestSplitRequest(t *testing.T) {
	addr := serve(t, &Server{Raw: echo{}})
	const request = "GET /abc HTTP/1.1\r\nHost: x\r\n\r\n"
	for i := 1; i < len(request); i++ {
		c := dialTCP(t, addr)
		c.SetNoDelay(true)
		send(t, c, request[:i])
		get400(t, addr) // the loop has been round, so it has seen the first part
		send(t, c, request[i:])
		if b, err := io.ReadAll(c); !bytes.HasSuffix(b, []byte("\r\n\r\n/abc")) || err != nil {
			t.Errorf("split at %d: %q, %v", i, b, err)
		}
	}
	// Too long, or finished too early: no answer.
	c := dialTCP(t, addr)
	send(t, c, "GET /"+strings.Repeat("a", 2*MaxRead))
	if b, _ := io.ReadAll(c); len(b) != 0 {
		t.Errorf("too long: %q", b)
	}
	c = dialTCP(t, addr)
	send(t, c, "GET /")
	c.CloseWrite()
	if b, err := io.ReadAll(c); len(b) != 0 || err != nil {
		t.Errorf("too short: %q, %v", b, err)
	}
}

func get400(t *testing.T, addr string) {
	t.Helper()
	c := dialTCP(t, addr)
	defer c.Close()
	send(t, c, "?\r\n")
	if b, err := io.ReadAll(c); !bytes.Contains(b, []byte(" 400 ")) || err != nil {
		t.Fatalf("%q, %v", b, err)
	}
}

// big answers with many megabytes.
type big struct{ page []byte }

func (h big) Serve(dst, in []byte, _ bool) ([]byte, Next) {
	if bytes.HasPrefix(in, []byte("small")) {
		return append(dst, "small"...), Close
	}
	return append(dst, h.page...), Close
}

func bigPage() big {
	page := make([]byte, 16<<20)
	for i := range page {
		page[i] = byte(i * 7 >> 3)
	}
	return big{page}
}

// An answer that does not fit the send buffer goes out in parts, and holds up
// nobody; also when the server is asked to end meanwhile.
func TestPartialWrites(t *testing.T) {
	h := bigPage()
	s := &Server{Raw: h}
	addr := serve(t, s)
	slow := dialTCP(t, addr)
	send(t, slow, "big\n")
	one := make([]byte, 1)
	if _, err := slow.Read(one); err != nil { // being answered
		t.Fatal(err)
	}
	for range 10 {
		c := dialTCP(t, addr)
		send(t, c, "small\n")
		if b, err := io.ReadAll(c); string(b) != "small" || err != nil {
			t.Fatalf("%q, %v", b, err)
		}
	}
	s.Shutdown()
	b, err := io.ReadAll(slow)
	if b = append(one, b...); !bytes.Equal(b, h.page) || err != nil {
		t.Errorf("%d bytes of %d, %v", len(b), len(h.page), err)
	}
	if c, err := net.Dial("tcp", addr); err == nil {
		c.Close()
		t.Error("a server that is ending takes clients")
	}
}

// Neither those who send slowly nor those who do not read stay for ever.
func TestTimeouts(t *testing.T) {
	h := bigPage()
	addr := serve(t, &Server{Raw: echo{}, ReadTimeout: 30 * time.Millisecond})
	c := dialTCP(t, addr)
	for i := 0; ; i++ {
		if _, err := c.Write([]byte("G")); err != nil {
			break // closed, though something came all the time
		}
		if i == 5000 {
			t.Fatal("one byte a millisecond holds a connection")
		}
		time.Sleep(time.Millisecond)
	}
	addr = serve(t, &Server{Raw: h, WriteTimeout: 30 * time.Millisecond})
	c = dialTCP(t, addr)
	send(t, c, "big\n")
	time.Sleep(300 * time.Millisecond)
	if b, _ := io.ReadAll(c); len(b) == 0 || len(b) == len(h.page) {
		t.Errorf("a client that did not read got %d bytes of %d", len(b), len(h.page))
	}
}

// A client that the kernel holds back hears nothing of the listener's end, but
// of a reset as soon as it speaks; one that finishes is not held back.
func TestHeldBack(t *testing.T) {
	l, to := step(t, new(Server), DefaultBacklog)
	b := make([]byte, 1000)
	done, silent := rawClient(to), rawClient(to)
	defer unix.Close(done)
	defer unix.Close(silent)
	unix.Shutdown(done, unix.SHUT_WR)
	l.round()
	if n, err := unix.Read(done, b); string(b[:max(n, 0)]) != Page || err != nil {
		t.Errorf("a client that sends nothing and says so: %q, %v", b[:max(n, 0)], err)
	}
	l.listeners[0].drop(l)
	_, err := unix.Write(silent, []byte("x")) // fails if the test was so slow that it was handed over
	if n, e := unix.Read(silent, b); err == nil && (n != -1 || e != unix.ECONNRESET) {
		t.Errorf("a silent client that speaks after the end: %d, %v", n, e)
	}
}

// MaxConns is kept by closing who has been silent for longest.
func TestMaxConns(t *testing.T) {
	l, addr := listen(t, "127.0.0.1:0", undeferred)
	start(t, &Server{MaxConns: 3}, l)
	var silent []*net.TCPConn
	for range 3 {
		silent = append(silent, dialTCP(t, addr))
	}
	get(t, addr) // the fourth
	if b, err := io.ReadAll(silent[0]); len(b) != 0 || err != nil {
		t.Errorf("the longest silent client: %q, %v", b, err)
	}
	send(t, silent[2], whole)
	if b, err := io.ReadAll(silent[2]); string(b) != Page || err != nil {
		t.Errorf("another: %q, %v", b, err)
	}
}

// step runs a server's loop in the test's own hands.
func step(t *testing.T, s *Server, backlog int) (*loop, *unix.SockaddrInet4) {
	t.Helper()
	n, _ := listen(t, "127.0.0.1:0", backlog)
	l, err := s.begin([]*Listener{n})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.end(l)
		n.Close()
	})
	return l, n.Addr().sockaddr().(*unix.SockaddrInet4)
}

// rawClient connects a blocking socket.
func rawClient(to *unix.SockaddrInet4) int {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		panic(err)
	}
	if err := unix.Connect(fd, to); err != nil {
		panic(err)
	}
	return fd
}

// With no descriptor left a silent client makes room; where there is none, the
// loop looks away for a while instead of spinning, and comes back.
func TestOutOfDescriptors(t *testing.T) {
	l, to := step(t, new(Server), undeferred)
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
	limit := func(more int) { // from now on so many descriptors can be made
		next, err := unix.Dup(clients[0])
		if err != nil {
			t.Fatal(err)
		}
		unix.Close(next)
		if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: uint64(next + more), Max: was.Max}); err != nil {
			t.Fatal(err)
		}
	}
	limit(0)
	l.round()
	paused := l.resumeAt
	if l.open != 0 || paused == 0 || l.listeners[0].watched != 0 {
		t.Fatalf("nothing to shed: %d open, pause until %v, listener watched for %#x", l.open, paused, l.listeners[0].watched)
	}
	unix.Setrlimit(unix.RLIMIT_NOFILE, &was)
	limit(1)
	for l.resumeAt == paused || l.open == 0 {
		l.round()
	}
	if l.open != 1 {
		t.Fatalf("%d open, with room for one", l.open)
	}
	l.round() // the second takes the first's place
	l.round() // and the third the second's
	if l.open != 1 || l.done {
		t.Fatalf("%d open, with room for one; done: %v, %v", l.open, l.done, l.err)
	}
	unix.Setrlimit(unix.RLIMIT_NOFILE, &was)
	b := make([]byte, 200)
	for i, fd := range clients {
		unix.Write(fd, []byte("GET / HTTP/1.0\r\n\r\n"))
		if i == 2 {
			l.round()
		}
		n, _ := unix.Read(fd, b)
		if want := map[bool]string{true: Page}[i == 2]; string(b[:max(n, 0)]) != want {
			t.Errorf("client %d: %q, want %q", i, b[:max(n, 0)], want)
		}
	}
}

// No client costs an allocation, whichever way it takes through the states.
func TestNoAllocations(t *testing.T) {
	buf := make([]byte, 4096)
	finish := func(l *loop, fd int) {
		for {
			n, err := unix.Read(fd, buf)
			if n <= 0 || err != nil {
				break
			}
		}
		unix.Close(fd)
	}
	part, rest := []byte("GET /abc HTTP/1.1\r\n"), []byte("Host: x\r\n\r\n")
	all := []byte(whole)
	for _, c := range []struct {
		name    string
		h       Raw
		backlog int
		client  func(l *loop, to *unix.SockaddrInet4)
	}{
		{"whole", Article{}, 0, func(l *loop, to *unix.SockaddrInet4) {
			fd := rawClient(to)
			unix.Write(fd, all)
			l.round()
			finish(l, fd)
		}},
		{"late", Article{}, undeferred, func(l *loop, to *unix.SockaddrInet4) {
			fd := rawClient(to)
			l.round()
			unix.Write(fd, all)
			l.round()
			finish(l, fd)
		}},
		{"split", echo{}, undeferred, func(l *loop, to *unix.SockaddrInet4) {
			fd := rawClient(to)
			unix.Write(fd, part)
			l.round()
			unix.Write(fd, rest)
			l.round()
			finish(l, fd)
		}},
		{"lingering", Article{}, undeferred, func(l *loop, to *unix.SockaddrInet4) {
			fd := rawClient(to)
			unix.Write(fd, part)
			l.round()
			unix.Shutdown(fd, unix.SHUT_WR)
			l.round()
			finish(l, fd)
		}},
	} {
		l, to := step(t, &Server{Raw: c.h}, c.backlog)
		if n := testing.AllocsPerRun(300, func() { c.client(l, to) }); n != 0 {
			t.Errorf("%s: %v allocations a connection", c.name, n)
		}
		if l.open != 0 {
			t.Errorf("%s: %d connections are left", c.name, l.open)
		}
	}
}

// With room in the queue a request costs four system calls and is never shown
// to epoll.
func TestSystemCalls(t *testing.T) {
	nstest.Need(t, "strace")
	log := t.TempDir() + "/strace"
	cmd := exec.Command("strace", "-f", "-qq", "-e", "signal=none", "-e", "trace=accept4,read,write,close,shutdown,epoll_ctl", "-o", log, os.Args[0])
	cmd.Env = append(os.Environ(), serverEnv+"=1024")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	addr := readyLine(t, cmd)
	const requests = 50
	for range requests {
		get(t, addr)
	}
	stdin.Close()
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	b, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	_, trace, ok := strings.Cut(string(b), addr) // from where the server says that it is ready
	if !ok {
		t.Fatalf("%s", b)
	}
	for pattern, want := range map[string]int{
		// strace may split a call in two lines, at its end or its result.
		`accept4.* = [0-9]+\n`: requests,
		`"GET / .* = 18\n`:     requests,
		`"HTTP/1.0 200 ok`:     requests,
		`close\([0-9]`:         requests + 3, // at the end the listener, the eventfd, epoll
		`epoll_ctl\(`:          2,            // the listener and the eventfd
		`shutdown\(`:           0,
		`read.*EAGAIN`:         0,
	} {
		if n := len(regexp.MustCompile(pattern).FindAllString(trace, -1)); n != want {
			t.Errorf("%d times %s, want %d:\n%s", n, pattern, want, trace[:min(len(trace), 2000)])
		}
	}
}

// Resets at every moment.
func TestResets(t *testing.T) {
	h := bigPage()
	addr := serve(t, &Server{Raw: h})
	for i := range 200 {
		c := dialTCP(t, addr)
		if i%4 > 0 {
			send(t, c, "big\n")
		}
		if i%4 > 1 {
			c.Read(make([]byte, 1))
		}
		if i%4 > 2 {
			send(t, c, "more")
		}
		reset(c)
	}
	c := dialTCP(t, addr)
	send(t, c, "small\n")
	if b, err := io.ReadAll(c); string(b) != "small" || err != nil {
		t.Errorf("%q, %v", b, err)
	}
}

// Whatever clients were doing, the end leaves no descriptor and no goroutine.
func TestEndLeavesNothing(t *testing.T) {
	before, goroutines := fds(t), runtime.NumGoroutine()
	for _, how := range []func(*Server){(*Server).Shutdown, (*Server).Close} {
		s := &Server{Raw: bigPage()}
		l, addr := listen(t, "127.0.0.1:0", undeferred)
		ended := make(chan error)
		go func() { ended <- s.Serve(l) }()
		silent, reading, half := dialTCP(t, addr), dialTCP(t, addr), dialTCP(t, addr)
		send(t, reading, "big\n")
		reading.Read(make([]byte, 1))
		half.CloseWrite()
		how(s)
		go how(s) // once more does no harm
		if b, err := io.ReadAll(silent); len(b) != 0 || err != nil {
			t.Errorf("a silent client: %q, %v", b, err)
		}
		reset(reading)
		reset(half)
		silent.Close()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	for end := deadline(); ; runtime.Gosched() { // the second how may still run
		if runtime.NumGoroutine() <= goroutines {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("%d goroutines, %d before", runtime.NumGoroutine(), goroutines)
		}
	}
	if n := fds(t); n != before {
		t.Errorf("%d descriptors, %d before", n, before)
	}
}

func TestEndBeforeBegin(t *testing.T) {
	for _, how := range []func(*Server){(*Server).Shutdown, (*Server).Close} {
		var s Server
		how(&s)
		l, _ := listen(t, "127.0.0.1:0", 0)
		if err := s.Serve(l); err != nil {
			t.Error(err)
		}
		l, addr := listen(t, "127.0.0.1:0", 0) // it stays ended
		if err := s.Serve(l); err != nil {
			t.Error(err)
		}
		if c, err := net.Dial("tcp", addr); err == nil {
			c.Close()
			t.Error("a listener is open after Serve")
		}
	}
}

func TestManyListeners(t *testing.T) {
	a, addr4 := listen(t, "127.0.0.1:0", 0)
	b, addr6 := listen(t, "[::1]:0", 0)
	c, _ := listen(t, ":0", 200)
	start(t, &Server{}, a, b, c)
	get(t, addr4)
	get(t, addr6)
	get(t, "127.0.0.1:"+strconv.Itoa(int(c.Addr().Port)))
}

// One loop serves two namespaces that do not see each other.
func TestNamespaces(t *testing.T) {
	var listeners []*Listener
	spaces := []*ns.NS{nstest.New(t), nstest.New(t)}
	for _, n := range spaces {
		nstest.Up(t, n, "lo")
		if err := n.Do(func() error {
			l, err := Listen("127.0.0.1:8080", 0)
			listeners = append(listeners, l)
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	start(t, &Server{}, listeners...)
	for _, n := range spaces {
		var page bytes.Buffer
		if err := n.Do(func() error {
			_, err := new(Client).Get("http://127.0.0.1:8080/", &page)
			return err
		}); err != nil || !strings.HasSuffix(Page, "\n\n"+page.String()) {
			t.Errorf("%q, %v", page.String(), err)
		}
	}
}

func TestListenErrors(t *testing.T) {
	l, addr := listen(t, "127.0.0.1:0", 0)
	defer l.Close()
	for in, want := range map[string]string{
		addr:             "listen " + addr + ": address already in use (EADDRINUSE); another program listens there",
		"192.0.2.7:8080": "listen 192.0.2.7:8080: cannot assign requested address (EADDRNOTAVAIL); no interface of this network namespace",
		"nonsense":       "listen nonsense: not an address and a port",
		"1.2.3.4:99999":  "listen 1.2.3.4:99999: not an address and a port",
		"":               "listen : not an address and a port",
	} {
		got, err := Listen(in, 0)
		if err == nil {
			got.Close()
			t.Errorf("Listen(%q) succeeds", in)
		} else if !strings.HasPrefix(err.Error(), want) {
			t.Errorf("Listen(%q): %v, want %s...", in, err, want)
		}
	}
}

func TestNewListener(t *testing.T) {
	nl, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer nl.Close()
	f, err := nl.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD, 3)
	f.Close()
	if err != nil {
		t.Fatal(err)
	}
	l, err := NewListener(fd)
	if err != nil {
		t.Fatal(err)
	}
	if flags, _ := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); flags&unix.FD_CLOEXEC == 0 {
		t.Error("an adopted socket is not closed on exec")
	}
	start(t, &Server{}, l)
	get(t, nl.Addr().String())

	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	if _, err := NewListener(int(r.Fd())); err == nil {
		t.Error("a pipe is taken for a listener")
	}
}
