package httpraw

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"rawns/ns/nstest"
)

// The kernel has no descriptor or memory for a client, again and again: each
// time costs a handful of system calls and then a tenth of a second's rest, and
// when there is one again the client is served.
func TestNoRoomForClients(t *testing.T) {
	nstest.Need(t, "strace")
	for _, errno := range []string{"EMFILE", "ENFILE", "ENOBUFS", "ENOMEM"} {
		t.Run(errno, func(t *testing.T) {
			t.Parallel()
			const times = 4
			log := t.TempDir() + "/strace"
			cmd := exec.Command("strace", "-f", "-qq", "-e", "signal=none", "-e", "trace=accept4,epoll_ctl,epoll_wait,epoll_pwait,close", "-e",
				"inject=accept4:error="+errno+":when=1.."+strconv.Itoa(times), "-o", log, os.Args[0])
			cmd.Env = append(os.Environ(), serverEnv+"=1024")
			stdin, err := cmd.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			get(t, readyLine(t, cmd))
			stdin.Close()
			if err := cmd.Wait(); err != nil {
				t.Error(err)
			}
			b, err := os.ReadFile(log)
			if err != nil {
				t.Fatal(err)
			}
			trace := string(b)
			trace = trace[strings.Index(trace, "INJECTED"):]
			trace = trace[:strings.LastIndex(trace, "INJECTED")]
			// From one failure to the next: epoll_ctl, epoll_wait until the rest
			// is over, in two parts and perhaps one more for a signal of Go's,
			// epoll_ctl, epoll_wait that tells, accept4.
			for call, most := range map[string]int{"epoll_ctl": 2, "accept4": 1, "epoll_p?wait": 6, "close": 0} {
				n := len(regexp.MustCompile(`(?m)^\d+ +`+call+`\(`).FindAllString(trace, -1))
				if n > most*(times-1) {
					t.Errorf("%d %s in %d failures:\n%s", n, call, times, trace)
				}
			}
			if n := strings.Count(trace, errno); n < times-1 {
				t.Errorf("%d failures:\n%s", n, trace)
			}
		})
	}
}

// Where closing one connection makes no room, because somebody else takes it,
// not all of them are closed.
func TestShedsOne(t *testing.T) {
	l, to := step(t, &Server{Handler: new(site)}, undeferred)
	var fd [4]int
	for i := range fd {
		if i == 3 {
			var was unix.Rlimit
			unix.Getrlimit(unix.RLIMIT_NOFILE, &was)
			defer unix.Setrlimit(unix.RLIMIT_NOFILE, &was)
			fd[i] = rawClient(to)
			unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: 4, Max: was.Max})
		} else {
			fd[i] = rawClient(to)
		}
		defer unix.Close(fd[i])
		l.round()
	}
	if l.open != 2 || l.resumeAt == 0 {
		t.Errorf("%d of 3 connections are left; rest until %v", l.open, l.resumeAt)
	}
}

// reset4 closes a client so that the server gets a reset.
func reset4(fd int) {
	unix.SetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1})
	unix.Close(fd)
}

// silence fails if epoll has anything to say: a loop would spin.
func silence(t *testing.T, l *loop, when string) {
	t.Helper()
	var ev [8]unix.EpollEvent
	if n, _ := unix.EpollWait(l.ep, ev[:], 0); n != 0 {
		s := "a listener or the like"
		if c, ok := l.sources[ev[0].Fd].(*conn); ok {
			s = fmt.Sprintf("a connection that is %v", c.state)
		}
		t.Errorf("%s: epoll goes on about %s, events %#x", when, s, ev[0].Events)
	}
}

// Whatever a client does with its end and then leaves it at, the loop sleeps.
func TestQuietLoop(t *testing.T) {
	h := &site{page: make([]byte, 8<<20)}
	for _, c := range []struct {
		name string
		in   string
		then func(fd int)
	}{
		{"silent", "", nil},
		{"half a request", "GET / HT", nil},
		{"idle", "GET / HTTP/1.1|Host: a||", nil},
		{"does not read", "GET /big HTTP/1.1|Host: a||", nil},
		{"does not read, and sends on", "GET /big HTTP/1.1|Host: a||GET /a HTTP/1.1|Host: a||GET /", nil},
		{"does not read, and has finished", "GET /big HTTP/1.1|Host: a||", func(fd int) { unix.Shutdown(fd, unix.SHUT_WR) }},
		{"does not read, and has finished in a request", "GET /big HTTP/1.1|Host: a||GET /", func(fd int) { unix.Shutdown(fd, unix.SHUT_WR) }},
		{"in a body", "POST / HTTP/1.1|Host: a|Content-Length: 9||hello", nil},
		{"was refused, and says no more", "?|", nil},
		{"was refused, does not read, and has finished in a request", "GET /big HTTP/1.1|Host: a||?|", func(fd int) { unix.Shutdown(fd, unix.SHUT_WR) }},
	} {
		l, to := step(t, &Server{Handler: h, KeepBody: true}, undeferred)
		fd := rawClient(to)
		unix.Write(fd, text(c.in))
		for range 5 {
			l.stopless()
		}
		if c.then != nil {
			c.then(fd)
		}
		for range 5 {
			l.stopless()
		}
		if l.open != 1 {
			t.Errorf("%s: %d open", c.name, l.open)
		}
		silence(t, l, c.name)
		// And a reset ends it, whatever it waits for.
		reset4(fd)
		for range 3 {
			l.stopless()
		}
		if l.open != 0 {
			t.Errorf("%s: open after a reset", c.name)
		}
		silence(t, l, c.name+", then reset")
	}
}

// A client that has said that it sends no more gets all that it asked for,
// though much of that is still to be read.
func TestHalfClosed(t *testing.T) {
	h := (&site{page: bigPage().page}).withFile(t)
	addr := serve(t, &Server{Handler: h, KeepBody: true, MaxBody: 8 << 20})
	body := strings.Repeat("x", 4<<20)
	c := dialTCP(t, addr)
	go func() {
		io.WriteString(c, "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: "+strconv.Itoa(len(body))+"\r\n\r\n"+body+
			strings.Repeat("GET /file HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n", 3))
		c.CloseWrite()
	}()
	b, err := io.ReadAll(c)
	want := ok("POST /a "+body) + strings.Repeat(ok("file: "+string(h.page[7:]))+ok("GET /b "), 3)
	if got := undated(b); got != want || err != nil {
		t.Errorf("%d bytes, want %d; %v", len(got), len(want), err)
	}
}

// narrowClient is a client into which the kernel puts as little as it can.
func narrowClient(t *testing.T, to unix.Sockaddr) int {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, 1)
	unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
	if err := unix.Connect(fd, to); err != nil {
		t.Fatal(err)
	}
	return fd
}

// slowClients is how many slow clients the tests have; HTTPRAW_SLOW has more.
func slowClients(t *testing.T) int {
	if n, err := strconv.Atoi(os.Getenv("HTTPRAW_SLOW")); err == nil {
		return n
	}
	return 1000
}

func heap() int {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// Slow senders cost what they have sent, and little more, and slow readers what
// they have not read; others are served meanwhile.
func TestSlowClientsMemory(t *testing.T) {
	many := slowClients(t)
	h := &site{page: make([]byte, 20000)}
	for _, c := range []struct {
		name   string
		pieces []string
		each   int // bytes of memory for one
	}{
		// A head of 400 bytes, bit by bit. Buffers grow by doubling.
		{"senders", slices.Repeat([]string{"GET/xxxx"}, 50), 320 + 2*400},
		// Answers of 20,000 bytes, of which the socket takes a few thousand.
		{"readers", []string{"GET /big HTTP/1.1\r\nHost: a\r\n\r\n"}, 320 + 512 + 20000 + 4096 + 512},
	} {
		l, addr := listen(t, "127.0.0.1:0", undeferred)
		to := l.Addr().sockaddr()
		unix.Listen(l.fd, 4096)                                      // enough, and still not deferred
		unix.SetsockoptInt(l.fd, unix.SOL_SOCKET, unix.SO_SNDBUF, 1) // the smallest
		s := &Server{Handler: h}
		start(t, s, l)
		talkTo(t, addr, "GET /x HTTP/1.0\r\n\r\n")
		var clients []int
		before := heap()
		for range many {
			clients = append(clients, narrowClient(t, to))
		}
		for i, p := range c.pieces {
			for _, fd := range clients {
				if _, err := unix.Write(fd, []byte(p)); err != nil {
					t.Fatal(err)
				}
			}
			if i%10 == 0 {
				if got := talkTo(t, addr, "GET /x HTTP/1.0\r\n\r\n"); got != ok("GET /x ", last) {
					t.Errorf("another client: %q", got)
				}
			}
		}
		talkTo(t, addr, "GET /x HTTP/1.0\r\n\r\n") // the loop has come round
		if grown := (heap() - before) / many; grown > c.each {
			t.Errorf("%s: %d bytes each, want at most %d", c.name, grown, c.each)
		} else {
			t.Logf("%d %s: %d bytes each", many, c.name, grown)
		}
		for _, fd := range clients {
			unix.Close(fd)
		}
	}
}

// What is kept for slow clients is bounded in all: those that wait longest go.
func TestMaxHeld(t *testing.T) {
	h := &site{page: make([]byte, 50000)}
	l, to := step(t, &Server{Handler: h, MaxHeld: 300000, MaxRequest: 64 << 10, Seen: func(*Entry) {}}, undeferred)
	unix.SetsockoptInt(l.listeners[0].fd, unix.SOL_SOCKET, unix.SO_SNDBUF, 1)
	for _, in := range []string{"GET /big HTTP/1.1|Host: a||", "GET /" + strings.Repeat("a", 40000)} {
		var clients []int
		for range 20 {
			fd := narrowClient(t, to)
			clients = append(clients, fd)
			unix.Write(fd, text(in))
			for range 8 {
				l.stopless()
			}
			if l.held > 300000 {
				t.Fatalf("%d bytes are kept", l.held)
			}
		}
		if l.open < 3 || l.open > 7 {
			t.Errorf("%d are open", l.open)
		}
		// The last ones are there.
		for i, fd := range clients {
			sa, _ := unix.Getsockname(fd)
			there := false
			for _, s := range l.sources {
				if c, ok := s.(*conn); ok && l.peer[c.fd] == addrOf(sa) {
					there = true
				}
			}
			if there != (i >= len(clients)-l.open) {
				t.Errorf("client %d of %d, %d of which are open: open %v", i, len(clients), l.open, there)
			}
		}
		for _, fd := range clients {
			reset4(fd)
		}
		for range 30 {
			l.stopless()
		}
		if l.open != 0 || l.held != 0 {
			t.Errorf("%d bytes are kept for nobody, %d are open", l.held, l.open)
		}
	}
	// One alone may have more.
	fd := narrowClient(t, to)
	defer unix.Close(fd)
	h.page = make([]byte, 1<<20)
	unix.Write(fd, text("GET /big HTTP/1.1|Host: a||"))
	for range 8 {
		l.stopless()
	}
	if l.open != 1 || l.held < 500000 {
		t.Errorf("%d open, %d bytes kept", l.open, l.held)
	}
}

// A file of a GiB for a client that reads slowly takes no memory and no turn
// from others.
func TestLargeFileSlowly(t *testing.T) {
	dir := t.TempDir()
	create(t, dir+"/small", "small", 1)
	create(t, dir+"/large", "", 1)
	if err := os.Truncate(dir+"/large", 1<<30); err != nil {
		t.Fatal(err)
	}
	addr := serve(t, &Server{Handler: openFiles(t, dir)})
	c := dialTCP(t, addr)
	before := heap()
	send(t, c, "GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
	buf := make([]byte, 4096)
	head := ""
	for i := range 500 {
		n, err := c.Read(buf)
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			head = string(buf[:n])
		}
		if i%50 == 0 {
			if got := talkTo(t, addr, "GET /small HTTP/1.0\r\n\r\n"); !strings.HasSuffix(got, "\r\n\r\nsmall") {
				t.Fatalf("another client: %q", got)
			}
		}
	}
	if !strings.Contains(head, "\r\nContent-Length: 1073741824\r\n") {
		t.Errorf("%q", head)
	}
	if grown := heap() - before; grown > 1<<20 {
		t.Errorf("%d bytes more", grown)
	}
}

// The clock on the wall may be set to anything: limits of time do not notice,
// and answers have the time that it shows.
func TestWallClock(t *testing.T) {
	l, to := step(t, &Server{Handler: new(site), IdleTimeout: time.Minute, ReadTimeout: time.Minute}, undeferred)
	wall := int64(784111777)
	l.wall = func() int64 { return wall }
	idle, half := rawClient(to), rawClient(to)
	defer unix.Close(idle)
	defer unix.Close(half)
	unix.Write(half, []byte("GET / HT"))
	for range 3 {
		l.stopless()
	}
	b := make([]byte, 1000)
	for _, at := range []int64{0, 784111777, 784111777 - 1<<29, 4102444800, 0} {
		wall = at
		unix.Write(idle, text("GET / HTTP/1.1|Host: a||"))
		for range 3 {
			l.stopless()
		}
		n, _, _ := unix.Recvfrom(idle, b, unix.MSG_DONTWAIT)
		if want := "\r\nDate: " + string(AppendDate(nil, at)) + "\r\n"; !strings.Contains(string(b[:max(n, 0)]), want) || l.open != 2 {
			t.Errorf("at %d: %q, %d open", at, b[:max(n, 0)], l.open)
		}
	}
}

// A process that was stopped, or a machine that slept, finds all limits of time
// over at once. Whoever has spoken or read meanwhile is served all the same,
// and only the silent are gone.
func TestStoppedForAWhile(t *testing.T) {
	h := &site{page: make([]byte, 16<<20)}
	l, to := step(t, &Server{Handler: h, IdleTimeout: time.Minute, ReadTimeout: time.Minute, WriteTimeout: time.Minute}, undeferred)
	many := 2 * len(l.events) // more than a round of epoll tells
	var clients []int
	b := make([]byte, 4<<20)
	for range many + 3 {
		fd := rawClient(to)
		defer unix.Close(fd)
		clients = append(clients, fd)
		unix.Write(fd, text("GET / HTTP/1.1|Host: a||"))
		l.stopless()
		unix.Read(fd, b)
	}
	half, reader := clients[many+1], clients[many+2]
	unix.SetsockoptInt(half, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
	unix.Write(half, text("GET / HT"))
	unix.Write(reader, text("GET /big HTTP/1.1|Host: a||"))
	for range 4 {
		l.stopless()
	}
	late := time.Duration(0)
	clock := l.clock
	l.clock = func() time.Duration { return clock() + late }
	for _, fd := range clients[:many] {
		unix.Write(fd, text("GET / HTTP/1.1|Host: a||"))
	}
	unix.Write(half, text("TP/1.1|Host: a||"))
	unix.SetNonblock(reader, true)
	for n := 1; n > 0; {
		n, _ = unix.Read(reader, b)
	}
	if l.queues[writing].first == nil {
		t.Fatal("nobody waits for room")
	}
	late = time.Hour
	for range 8 {
		l.stopless()
	}
	if l.open != many+2 {
		t.Errorf("%d are open, want %d", l.open, many+2)
	}
	for i, fd := range clients {
		n, _, err := unix.Recvfrom(fd, b, unix.MSG_DONTWAIT)
		if silent := i == many; silent != (n == 0 && err == nil) {
			t.Fatalf("client %d: %d bytes, %v", i, n, err)
		}
	}
}

// The same by a signal, to a process.
func TestSuspended(t *testing.T) {
	t.Parallel()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), serverEnv+"=64", "HTTPRAW_TEST_HANDLER=1", "HTTPRAW_TEST_IDLE=1s")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	addr := readyLine(t, cmd)
	defer cmd.Wait()
	defer stdin.Close()
	c := dialTCP(t, addr)
	buf := make([]byte, 1000)
	ask := func() {
		t.Helper()
		send(t, c, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
		if n, err := c.Read(buf); !strings.HasPrefix(string(buf[:n]), "HTTP/1.1 200 ") {
			t.Fatalf("%q, %v", buf[:n], err)
		}
	}
	ask()
	cmd.Process.Signal(unix.SIGSTOP)
	for end := deadline(); ; time.Sleep(time.Millisecond) {
		b, _ := os.ReadFile("/proc/" + strconv.Itoa(cmd.Process.Pid) + "/stat")
		if strings.Contains(string(b), ") T ") {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("not stopped: %s", b)
		}
	}
	time.AfterFunc(1300*time.Millisecond, func() { cmd.Process.Signal(unix.SIGCONT) })
	ask() // sent while it was stopped, for longer than it may be idle
	if _, err := c.Read(buf); err != io.EOF {
		t.Errorf("idle for longer than it may be: %v", err)
	}
}

// A client that does not take its answer in time is cut off by a reset: after a
// close the kernel would keep what is left for minutes.
func TestCutByReset(t *testing.T) {
	h := &site{page: make([]byte, 16<<20)}
	addr := serve(t, &Server{Handler: h, WriteTimeout: 30 * time.Millisecond})
	c := dialTCP(t, addr)
	send(t, c, "GET /big HTTP/1.1\r\nHost: a\r\n\r\n")
	raw, err := c.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	raw.Control(func(fd uintptr) { // until the reset is there, however long the server takes
		for end := deadline(); time.Now().Before(end); {
			if n, _ := unix.Poll([]unix.PollFd{{Fd: int32(fd)}}, 100); n > 0 {
				break
			}
		}
	})
	if n, err := io.Copy(io.Discard, c); !errors.Is(err, unix.ECONNRESET) {
		t.Errorf("%d bytes, then %v", n, err)
	}
}

// Many that wait for room get less of it from the kernel.
func TestManyReadersKernelMemory(t *testing.T) {
	h := (&site{page: make([]byte, 4<<20)}).withFile(t)
	l, to := step(t, &Server{Handler: h}, undeferred)
	unix.Listen(l.listeners[0].fd, 4096)
	const more = 10
	for range slowMany + more {
		fd := narrowClient(t, to)
		defer unix.Close(fd)
		unix.Write(fd, text("GET /file HTTP/1.1|Host: a||"))
		l.stopless()
	}
	for range 4 {
		l.stopless()
	}
	if n := l.queues[writing].n; n != slowMany+more {
		t.Fatalf("%d wait", n)
	}
	i := 0
	for c := l.queues[writing].first; c != nil; c = c.next {
		low, err := unix.GetsockoptInt(c.fd, unix.IPPROTO_TCP, unix.TCP_NOTSENT_LOWAT)
		kept, err2 := unix.IoctlGetInt(c.fd, unix.TIOCOUTQ)
		if err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		if c.web.low != (low == slowRoom) {
			t.Errorf("client %d: low %v, %d", i, c.web.low, low)
		}
		if c.web.low && kept <= 4*slowRoom { // else it had much already
			i++
		}
	}
	if i != more {
		t.Errorf("%d have less with the kernel, want %d", i, more)
	}
}

// Of a file that ends the connection only full packets leave; one with which the
// connection goes on must not wait for more.
func TestFileInFullPackets(t *testing.T) {
	h := (&site{page: make([]byte, 4<<20)}).withFile(t)
	l, to := step(t, &Server{Handler: h}, undeferred)
	for _, last := range []bool{false, true} {
		fd := narrowClient(t, to)
		defer unix.Close(fd)
		ask := "GET /file HTTP/1.1|Host: a|"
		if last {
			ask += "Connection: close|"
		}
		unix.Write(fd, text(ask+"|"))
		for range 4 {
			l.stopless()
		}
		c := l.queues[writing].last
		if c == nil {
			t.Fatal("nobody waits")
		}
		corked, err := unix.GetsockoptInt(c.fd, unix.IPPROTO_TCP, unix.TCP_CORK)
		if err != nil || (corked != 0) != last {
			t.Errorf("last %v: corked %d, %v", last, corked, err)
		}
	}
}

// Whoever had sent a request before the end gets its answer, though it was not
// even accepted.
func TestShutdownServesTheQueue(t *testing.T) {
	s := &Server{Handler: new(site)}
	l, to := step(t, s, DefaultBacklog)
	var clients []int
	for range 3*acceptBurst + 5 {
		fd := rawClient(to)
		defer unix.Close(fd)
		clients = append(clients, fd)
		unix.Write(fd, text("GET /a HTTP/1.1|Host: a||"))
	}
	l.listeners[0].lone = 5 // they used to come one by one
	s.Shutdown()
	l.run()
	b := make([]byte, 1000)
	for i, fd := range clients {
		n, _, err := unix.Recvfrom(fd, b, unix.MSG_DONTWAIT)
		// The first were served before the loop heard of the end.
		if got := undated(b[:max(n, 0)]); got != ok("GET /a ", last) && got != ok("GET /a ") {
			t.Fatalf("client %d of %d: %q, %v", i, len(clients), got, err)
		}
	}
}
