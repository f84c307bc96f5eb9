package httpraw

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// loops serves s by one loop for each of the listeners; what they ended with
// comes when all have.
func loops(s *Server, listeners ...*Listener) (ended chan error) {
	all := make(chan error)
	ended = make(chan error, 1)
	for _, n := range listeners {
		go func() { all <- s.Serve(n) }()
	}
	go func() {
		var errs []error
		for range listeners {
			errs = append(errs, <-all)
		}
		ended <- errors.Join(errs...)
	}()
	return ended
}

func share(t *testing.T, n *Listener) *Listener {
	t.Helper()
	m, err := n.Share()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// Whatever kind a listener is of, both loops get clients, log into one file
// without tearing lines, and end together.
func TestLoops(t *testing.T) {
	for _, kind := range []string{"tcp", "unix", "adopted"} {
		t.Run(kind, func(t *testing.T) {
			network, addr := "tcp", ""
			var first *Listener
			var err error
			switch kind {
			case "tcp":
				first, addr = listen(t, "127.0.0.1:0", 0)
			case "unix":
				network, addr = "unix", t.TempDir()+"/s"
				first, err = ListenUnix(addr, 0)
			case "adopted":
				var fd int
				first, addr = listen(t, "127.0.0.1:0", 0)
				if fd, err = unix.Dup(first.fd); err == nil {
					first.Close()
					first, err = NewListener(fd)
				}
			}
			if err != nil {
				t.Fatal(err)
			}
			path := t.TempDir() + "/log"
			log, err := OpenPrinter(path)
			if err != nil {
				t.Fatal(err)
			}
			var mu sync.Mutex
			threads := map[int]int{} // each loop has one of its own
			s := &Server{Out: log, Log: true, Seen: func(*Entry) {
				mu.Lock()
				threads[unix.Gettid()]++
				mu.Unlock()
			}, Handler: HandlerFunc(func(a *Answer, r *Request) { a.WriteString("hello") })}
			ended := loops(s, first, share(t, first))
			clients := 0
			for both := false; !both; { // who gets a client is the kernel's choice
				var wg sync.WaitGroup
				for i := range 8 {
					wg.Go(func() {
						c, err := net.Dial(network, addr)
						if err != nil {
							t.Error(err)
							return
						}
						defer c.Close()
						c.SetDeadline(deadline())
						fmt.Fprintf(c, "GET /%d HTTP/1.0\r\n\r\n", i)
						if b, err := io.ReadAll(c); !bytes.HasSuffix(b, []byte("\r\n\r\nhello")) || err != nil {
							t.Errorf("%q, %v", b, err)
						}
					})
				}
				wg.Wait()
				if clients += 8; t.Failed() || clients > 20000 {
					t.Fatalf("%d clients, none of the other loop", clients)
				}
				mu.Lock()
				both = len(threads) == 2
				mu.Unlock()
			}
			s.Shutdown()
			if err := <-ended; err != nil {
				t.Error(err)
			}
			log.Close()
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			from := map[bool]string{true: "-", false: "127\\.0\\.0\\.1"}[kind == "unix"]
			line := regexp.MustCompile(`(?m)^` + from + ` - - \[\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d \+0000\] "GET /[0-7] HTTP/1.0" 200 5$`)
			if n := len(line.FindAll(b, -1)); n != clients || bytes.Count(b, []byte("\n")) != clients {
				t.Errorf("%d whole lines of %d answers in\n%.500s", n, clients, b)
			}
			if c, err := net.Dial(network, addr); err == nil {
				c.Close()
				t.Error("somebody listens after the end")
			}
		})
	}
}

// A shared address is shared by those who were meant only.
func TestShare(t *testing.T) {
	n, addr := listen(t, "127.0.0.1:0", 0)
	m := share(t, n)
	defer n.Close()
	defer m.Close()
	if x, err := Listen(addr, 0); !errors.Is(err, unix.EADDRINUSE) {
		x.Close()
		t.Errorf("another one listens there too: %v", err)
	}
	if n.Addr() != m.Addr() {
		t.Errorf("%v and %v", n.Addr(), m.Addr())
	}
	path := t.TempDir() + "/s"
	u, err := ListenUnix(path, 0)
	if err != nil {
		t.Fatal(err)
	}
	v := share(t, u)
	v.Close()
	if _, err := os.Lstat(path); err != nil {
		t.Error("the socket's file went with the second of its listeners")
	}
	u.Close()
	if _, err := u.Share(); !errors.Is(err, unix.EBADF) {
		t.Errorf("a closed listener: %v", err)
	}
}

// If one loop fails, so do all.
func TestLoopsFail(t *testing.T) {
	n, addr := listen(t, "127.0.0.1:0", 0)
	m := share(t, n)
	r, w := pair(t, "pipe")
	out := NewPrinter(int(w.Fd()))
	defer out.Close()
	s := &Server{Out: out, Raw: Article{Seen: func(b []byte) { out.Print("", b, "") }}}
	ended := loops(s, n, m)
	r.Close()
	get(t, addr)
	if err := <-ended; !errors.Is(err, unix.EPIPE) {
		t.Error(err)
	}
}

// Logs are renamed while lines go into them: each is in one of them, once.
func TestReopen(t *testing.T) {
	dir := t.TempDir()
	log, err := OpenPrinter(dir + "/log")
	if err != nil {
		t.Fatal(err)
	}
	n, addr := listen(t, "127.0.0.1:0", 0)
	s := &Server{Out: log, Log: true, Handler: new(site)}
	ended := loops(s, n, share(t, n))
	stop, rotated := make(chan bool), make(chan int)
	go func() {
		i := 0
		for end := false; !end || i < 3; i++ {
			os.Rename(dir+"/log", fmt.Sprintf("%s/log.%d", dir, i))
			if err := log.Reopen(); err != nil {
				t.Error(err)
			}
			select {
			case end = <-stop:
			case <-time.After(time.Millisecond):
			}
		}
		rotated <- i
	}()
	const clients, each = 4, 500
	var wg sync.WaitGroup
	for i := range clients {
		wg.Go(func() {
			var b strings.Builder
			for j := range each {
				fmt.Fprintf(&b, "GET /%d-%d HTTP/1.1\r\nHost: a\r\nConnection: %s\r\n\r\n", i, j, map[bool]string{true: "close", false: "x"}[j == each-1])
				if j%20 == 19 && j < each-1 {
					b.WriteString("\x00")
				}
			}
			c := dialTCP(t, addr)
			defer c.Close()
			go func() {
				for _, part := range strings.Split(b.String(), "\x00") {
					io.WriteString(c, part)
					time.Sleep(time.Millisecond)
				}
			}()
			io.Copy(io.Discard, c)
		})
	}
	wg.Wait()
	stop <- true
	last := <-rotated
	s.Shutdown()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	log.Close()
	seen := map[string]int{}
	for i := range last + 1 {
		name := fmt.Sprintf("%s/log.%d", dir, i)
		if i == last {
			name = dir + "/log"
		}
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(b)) {
			m := regexp.MustCompile(`^127\.0\.0\.1 - - \[.{26}\] "GET /(\d+-\d+) HTTP/1.1" 200 \d+\n$`).FindStringSubmatch(line)
			if m == nil {
				t.Fatalf("%s: %q", name, line)
			}
			seen[m[1]]++
		}
	}
	for i := range clients {
		for j := range each {
			if k := fmt.Sprint(i, "-", j); seen[k] != 1 {
				t.Fatalf("%s was logged %d times", k, seen[k])
			}
		}
	}
	if last < 3 {
		t.Errorf("%d rotations", last)
	}
}

// A log that cannot be opened again goes on as it was, and one that is no
// regular file is left alone.
func TestReopenFails(t *testing.T) {
	dir := t.TempDir()
	os.Mkdir(dir+"/d", 0o755)
	log, err := OpenPrinter(dir + "/d/log")
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	os.Rename(dir+"/d", dir+"/e")
	log.Print("", []byte("one"), "\n")
	if err := log.Reopen(); !errors.Is(err, unix.ENOENT) {
		t.Error(err)
	}
	log.Print("", []byte("two"), "\n")
	os.Mkdir(dir+"/d", 0o755)
	if err := log.Reopen(); err != nil {
		t.Error(err)
	}
	if b, _ := os.ReadFile(dir + "/e/log"); string(b) != "one\ntwo\n" {
		t.Errorf("%q", b)
	}
	unix.Mkfifo(dir+"/fifo", 0o600)
	if _, err := OpenPrinter(dir + "/fifo"); !errors.Is(err, unix.ENXIO) {
		t.Errorf("a pipe that nobody reads: %v", err)
	}
	r, err := os.OpenFile(dir+"/fifo", os.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	p, err := OpenPrinter(dir + "/fifo")
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	os.Remove(dir + "/fifo")
	if err := p.Reopen(); err != nil {
		t.Error(err)
	}
	p.Print("", []byte("x"), "")
	p.write()
	if b := make([]byte, 2); func() bool { n, _ := r.Read(b); return n != 1 }() {
		t.Error("nothing comes through the pipe any more")
	}
}

// Clients are known by what accept4 said.
func TestPeers(t *testing.T) {
	var l []*Listener
	var addrs []string
	for _, a := range []string{"127.0.0.1:0", "[::1]:0", "[::]:0"} {
		n, addr := listen(t, a, undeferred)
		l, addrs = append(l, n), append(addrs, addr)
	}
	path := t.TempDir() + "/s"
	u, err := ListenUnix(path, 0)
	if err != nil {
		t.Fatal(err)
	}
	peers := make(chan Addr, 1)
	start(t, &Server{Handler: new(site), Seen: func(e *Entry) { peers <- e.Peer }}, append(l, u)...)
	addrs[2] = "127.0.0.1" + addrs[2][strings.LastIndexByte(addrs[2], ':'):] // by IPv4 to a socket of IPv6
	for _, addr := range append(addrs, path) {
		network := "tcp"
		if addr == path {
			network = "unix"
		}
		c, err := net.Dial(network, addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		for range 2 {
			send(t, c, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
			want := c.LocalAddr().String()
			if network == "unix" {
				want = (Addr{}).String()
			}
			if got := (<-peers).String(); got != want {
				t.Errorf("%s: %s is seen as %s", addr, want, got)
			}
		}
	}
}

// Logging allocates nothing.
func TestLogAllocatesNothing(t *testing.T) {
	log, err := OpenPrinter(t.TempDir() + "/log")
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	l, to := step(t, &Server{Handler: new(site), Out: log, Log: true}, undeferred)
	fd := rawClient(to)
	defer unix.Close(fd)
	b, buf := text("GET /\" HTTP/1.1|Host: a||GET / HTTP/1.1|Host: a||"), make([]byte, 4096)
	if n := testing.AllocsPerRun(200, func() {
		unix.Write(fd, b)
		l.round()
		unix.Read(fd, buf)
		c := rawClient(to)
		unix.Write(c, b)
		l.round()
		unix.Read(c, buf)
		unix.Close(c)
		for l.open > 1 {
			l.round()
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// Idle is called once in each time in which there is nothing to do.
func TestServerIdle(t *testing.T) {
	t.Parallel()
	calls, asked := make(chan bool, 8), false
	addr := serve(t, &Server{Handler: HandlerFunc(func(a *Answer, r *Request) { asked = true }), Idle: func() {
		calls <- asked
		asked = false
	}})
	if <-calls {
		t.Error("called with something to do")
	}
	for range 2 {
		talkTo(t, addr, "GET / HTTP/1.0\r\n\r\n")
		if !<-calls {
			t.Error("called twice")
		}
	}
}
