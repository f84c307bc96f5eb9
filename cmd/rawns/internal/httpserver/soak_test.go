package httpserver

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
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// A soak is a server under mixed load, and what is known of it.
type soak struct {
	dir      string
	tcp      string
	unix     string
	files    map[string]string
	end      time.Time
	good     atomic.Int64 // requests with "?g" behind their path that were answered rightly
	bad, cut atomic.Int64
}

// A client of one kind says what is wrong, or "".
var soakClients = []struct {
	name string
	run  func(s *soak, r *rand.Rand) error
}{
	{"keep-alive", func(s *soak, r *rand.Rand) error { return s.converse(r, 1+r.IntN(60), 1, "tcp") }},
	{"new connections", func(s *soak, r *rand.Rand) error { return s.converse(r, 1, 1, "tcp") }},
	{"pipelining", func(s *soak, r *rand.Rand) error { return s.converse(r, 40, 1+r.IntN(20), "tcp") }},
	{"unix socket", func(s *soak, r *rand.Rand) error { return s.converse(r, 10, 2, "unix") }},
	{"refused", (*soak).refused},
	{"aborted", (*soak).aborted},
	{"slow", (*soak).slow},
	{"too slow", (*soak).tooSlow},
}

// wanted is a request, and what its answer is.
type wanted struct {
	head, body string
	code       int
}

func (s *soak) ask(r *rand.Rand) wanted {
	names := []string{"/a.txt", "/a.txt", "/index.html", "/large.bin", "/empty.css"}
	name := names[r.IntN(len(names))]
	text := s.files[name]
	req := func(method, path, fields string) string {
		return method + " " + path + "?g HTTP/1.1\r\nHost: a\r\nUser-Agent: soak\r\n" + fields + "\r\n"
	}
	switch r.IntN(10) {
	case 0:
		return wanted{req("GET", "/none", ""), "404 Not Found\n", 404}
	case 1:
		return wanted{req("GET", name, "If-Modified-Since: "+time.Unix(784111777, 0).UTC().Format(http.TimeFormat)+"\r\n"), "", 304}
	case 2:
		if len(text) > 0 {
			from := r.IntN(len(text))
			to := from + r.IntN(len(text)-from)
			return wanted{req("GET", name, fmt.Sprintf("Range: bytes=%d-%d\r\n", from, to)), text[from : to+1], 206}
		}
	case 3:
		return wanted{req("GET", "/a.txt", "Accept-Encoding: gzip\r\n"), s.files["/a.txt.gz"], 200}
	case 4:
		return wanted{req("GET", "/list/", ""), s.files["/list/"], 200}
	case 5:
		n := r.IntN(30000)
		return wanted{req("POST", "/a.txt", "Content-Length: "+strconv.Itoa(n)+"\r\n") + strings.Repeat("x", n), "405 Method Not Allowed\n", 405}
	case 6:
		return wanted{req("POST", "/a.txt", "Transfer-Encoding: chunked\r\n") + "5\r\nhello\r\n3;x=y\r\n yo\r\n0\r\nT: 1\r\n\r\n", "405 Method Not Allowed\n", 405}
	}
	return wanted{req("GET", name, ""), text, 200}
}

func (s *soak) dial(network string) (net.Conn, error) {
	addr := s.tcp
	if network == "unix" {
		addr = s.unix
	}
	c, err := net.Dial(network, addr)
	if err == nil {
		c.SetDeadline(time.Now().Add(30 * time.Second))
	}
	return c, err
}

// converse asks n things on one connection, several at a time.
func (s *soak) converse(r *rand.Rand, n, atOnce int, network string) error {
	c, err := s.dial(network)
	if err != nil {
		return err
	}
	defer c.Close()
	br := bufio.NewReader(c)
	for ; n > 0; n -= atOnce {
		asks := make([]wanted, min(n, atOnce))
		var all strings.Builder
		for i := range asks {
			asks[i] = s.ask(r)
			all.WriteString(asks[i].head)
		}
		sent := make(chan error, 1)
		go func() { _, err := io.WriteString(c, all.String()); sent <- err }()
		for _, a := range asks {
			resp, err := http.ReadResponse(br, nil)
			if err != nil {
				return fmt.Errorf("%.80q: %w", a.head, err)
			}
			b, err := io.ReadAll(resp.Body)
			if resp.StatusCode != a.code || string(b) != a.body || err != nil {
				return fmt.Errorf("%.80q: %d with %d bytes, want %d with %d; %v", a.head, resp.StatusCode, len(b), a.code, len(a.body), err)
			}
			s.good.Add(1)
		}
		if err := <-sent; err != nil {
			return err
		}
	}
	return nil
}

func (s *soak) refused(r *rand.Rand) error {
	cases := []struct{ in, code string }{
		{"\x16\x03\x01\x02\x00\x01\x00", "400"}, {"GET / HTTP/1.1\r\n\r\n", "400"}, {"GET / HTTP/7.0\r\n\r\n", "505"}, {"GET /\x00 HTTP/1.0\r\n\r\n", "400"},
		{"GET /../x HTTP/1.0\r\n\r\n", "400"}, {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /secret HTTP/1.1\r\n\r\n", "400"},
		{"GET / HTTP/1.0\r\nX: " + strings.Repeat("y", 20000) + "\r\n\r\n", "431"}, {"POST / HTTP/1.0\r\nContent-Length: 99999999\r\n\r\n", "413"},
		{"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n", "400"},
	}
	k := cases[r.IntN(len(cases))]
	c, err := s.dial("tcp")
	if err != nil {
		return err
	}
	defer c.Close()
	io.WriteString(c, k.in)
	b, err := io.ReadAll(c)
	if !strings.HasPrefix(string(b), "HTTP/1.1 "+k.code+" ") || bytes.Count(b, []byte("HTTP/1.1")) != 1 || err != nil {
		return fmt.Errorf("%.80q: %.200q, %v", k.in, b, err)
	}
	s.bad.Add(1)
	return nil
}

func (s *soak) aborted(r *rand.Rand) error {
	c, err := s.dial("tcp")
	if err != nil {
		return err
	}
	in := []string{"", "G", "GET / HTTP/1.1\r\nHo", "GET /large.bin HTTP/1.1\r\nHost: a\r\n\r\n", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nxxx",
		strings.Repeat("GET /large.bin HTTP/1.1\r\nHost: a\r\n\r\n", 10)}
	io.WriteString(c, in[r.IntN(len(in))])
	if r.IntN(2) > 0 {
		time.Sleep(time.Duration(r.IntN(3)) * time.Millisecond)
	}
	switch r.IntN(3) {
	case 0:
		c.(*net.TCPConn).SetLinger(0)
	case 1:
		c.(*net.TCPConn).CloseWrite()
		c.SetDeadline(time.Now().Add(time.Millisecond))
		c.Read(make([]byte, 100))
	}
	s.cut.Add(1)
	return c.Close()
}

// soakLimit is the server's --read-timeout, in seconds.
const soakLimit = 3

// slow sends and reads in bits, fast enough for the limits; if the machine is
// so busy that it was not, it may have been dropped.
func (s *soak) slow(r *rand.Rand) error {
	c, err := s.dial("tcp")
	if err != nil {
		return err
	}
	defer c.Close()
	const head = "GET /large.bin?g HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
	begin := time.Now()
	for i := 0; i < len(head); i += 7 {
		io.WriteString(c, head[i:min(i+7, len(head))])
		time.Sleep(time.Duration(r.IntN(10)) * time.Millisecond)
	}
	late := time.Since(begin) > (soakLimit-1)*time.Second
	var got []byte
	for buf := make([]byte, 100000); ; time.Sleep(time.Duration(r.IntN(3)) * time.Millisecond) {
		n, err := c.Read(buf)
		got = append(got, buf[:n]...)
		if err == io.EOF {
			break
		} else if err != nil && !late {
			return err
		} else if err != nil {
			break
		}
	}
	if late && len(got) == 0 {
		return nil
	}
	if _, body, _ := bytes.Cut(got, []byte("\r\n\r\n")); string(body) != s.files["/large.bin"] {
		return fmt.Errorf("a slow reader: %d bytes of %d", len(body), len(s.files["/large.bin"]))
	}
	s.good.Add(1)
	return nil
}

// tooSlow is dropped without a word.
func (s *soak) tooSlow(r *rand.Rand) error {
	c, err := s.dial("tcp")
	if err != nil {
		return err
	}
	defer c.Close()
	io.WriteString(c, "GET / HTTP/1.1\r\n")
	b, err := io.ReadAll(c)
	if len(b) != 0 || err != nil {
		return fmt.Errorf("half a request: %q, %v", b, err)
	}
	return nil
}

// process is what a process takes: kilobytes, sockets and files, threads.
func process(t *testing.T, pid int) (rss, fds, threads int) {
	t.Helper()
	dir := "/proc/" + strconv.Itoa(pid)
	status, err := os.ReadFile(dir + "/status")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		fmt.Sscanf(line, "VmRSS: %d kB", &rss)
		fmt.Sscanf(line, "Threads: %d", &threads)
	}
	d, err := os.ReadDir(dir + "/fd")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range d { // not what its loops open as they begin
		if to, err := os.Readlink(dir + "/fd/" + e.Name()); err == nil && !strings.HasPrefix(to, "anon_inode:") {
			fds++
		}
	}
	return rss, fds, threads
}

// Under mixed load no good request is answered wrongly, each is logged once
// while the log is renamed again and again, and the server does not grow.
// SOAK=SECONDS makes it longer than a test has time for (make soak), and
// RAWNS_BINARY says whose httpd it is.
func TestSoak(t *testing.T) {
	length := 3 * time.Second
	if n, err := strconv.Atoi(os.Getenv("SOAK")); err == nil {
		length = time.Duration(n) * time.Second
	}
	s := &soak{dir: t.TempDir(), files: map[string]string{}}
	root := s.dir + "/root"
	os.MkdirAll(root+"/list", 0o755)
	large := make([]byte, 300000)
	for i := range large {
		large[i] = byte(i * 31 >> 4)
	}
	for name, text := range map[string]string{"/a.txt": "0123456789", "/a.txt.gz": "not really", "/index.html": strings.Repeat("<p>hello\n", 700), "/large.bin": string(large), "/empty.css": "", "/list/x": ""} {
		s.files[name] = text
		if err := os.WriteFile(root+name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		os.Chtimes(root+name, time.Time{}, time.Unix(784111777, 0))
	}
	s.unix = s.dir + "/s"
	args := []string{"--listen", "127.0.0.1:0", "--listen", "unix:" + s.unix, "--root", root, "--list", "--loops", "2", "--log", s.dir + "/log",
		"--read-timeout", strconv.Itoa(soakLimit), "--idle-timeout", "20", "--write-timeout", "20"}
	var cmd *exec.Cmd
	if b := os.Getenv("RAWNS_BINARY"); b != "" {
		cmd = exec.Command(b, append([]string{"httpd"}, args...)...)
	} else {
		cmd = exec.Command(os.Args[0], args...)
		cmd.Env = append(os.Environ(), helperEnv+"=httpd")
	}
	var ports map[string]string
	cmd, ports = startHTTPD(t, 1, cmd)
	s.tcp = "127.0.0.1:" + ports["127.0.0.1"]
	s.files["/list/"] = func() string {
		_, body, _ := strings.Cut(ask(t, s.tcp, "GET /list/ HTTP/1.0\r\n\r\n"), "\r\n\r\n")
		return body
	}()
	if !strings.Contains(s.files["/list/"], `<a href="x">x</a>`) {
		t.Fatalf("%q", s.files["/list/"])
	}
	_, fds0, _ := process(t, cmd.Process.Pid)

	begin := time.Now()
	s.end = begin.Add(length)
	var wg sync.WaitGroup
	for i := range 3 * len(soakClients) {
		wg.Go(func() {
			kind := soakClients[i%len(soakClients)]
			for r := rand.New(rand.NewPCG(1, uint64(i))); time.Now().Before(s.end) && !t.Failed(); {
				if err := kind.run(s, r); err != nil {
					if _, dead := os.ReadFile("/proc/" + strconv.Itoa(cmd.Process.Pid) + "/environ"); dead != nil {
						t.Errorf("the server is gone: %v", dead)
					}
					t.Errorf("%s: %v", kind.name, err)
				}
			}
		})
	}
	// Meanwhile: rename the log, and look at what the server takes.
	logged, lines := 0, 0
	count := func(name string) {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Error(err)
		}
		logged += bytes.Count(b, []byte("?g HTTP/1."))
		for line := range bytes.Lines(b) {
			lines++
			if !bytes.HasSuffix(line, []byte("\n")) || bytes.Count(line, []byte(` - - [`)) != 1 || bytes.Count(line, []byte(`"`)) != 2 {
				t.Errorf("a torn line: %q", line)
			}
		}
		os.Remove(name)
	}
	type sample struct{ rss, threads int }
	var warm, late sample
	samples := 0
	for rotated := begin; time.Now().Before(s.end); time.Sleep(50 * time.Millisecond) {
		rss, _, threads := process(t, cmd.Process.Pid)
		half := &warm
		if time.Since(begin) > length/2 {
			half = &late
		}
		half.rss, half.threads = max(half.rss, rss), max(half.threads, threads)
		samples++
		if time.Since(rotated) > 300*time.Millisecond {
			os.Rename(s.dir+"/log", s.dir+"/log.1")
			cmd.Process.Signal(syscall.SIGHUP)
			for limit := time.Now().Add(30 * time.Second); ; time.Sleep(time.Millisecond) {
				if _, err := os.Lstat(s.dir + "/log"); err == nil {
					break
				}
				if time.Now().After(limit) {
					t.Fatal("SIGHUP makes no new log")
				}
			}
			count(s.dir + "/log.1")
			rotated = time.Now()
		}
	}
	wg.Wait()
	fds := 0
	for limit := time.Now().Add(30 * time.Second); time.Now().Before(limit); time.Sleep(10 * time.Millisecond) {
		if _, fds, _ = process(t, cmd.Process.Pid); fds <= fds0 {
			break
		}
	}
	if fds > fds0 {
		t.Errorf("%d sockets and files when all clients are gone, %d before", fds, fds0)
	}
	if late.threads > warm.threads+1 {
		t.Errorf("%d threads, and later %d", warm.threads, late.threads)
	}
	if slack := warm.rss/10 + 1024; late.rss > warm.rss+slack {
		t.Errorf("%d kB in the first half, %d in the second", warm.rss, late.rss)
	}
	cmd.Process.Signal(syscall.SIGTERM)
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	count(s.dir + "/log")
	if int64(logged) != s.good.Load() {
		t.Errorf("%d of %d good answers are in the log", logged, s.good.Load())
	}
	t.Logf("%v: %d good requests, %d refused, %d cut off, %d lines logged; %d and %d kB, %d and %d threads, %d sockets and files; %d samples",
		length, s.good.Load(), s.bad.Load(), s.cut.Load(), lines, warm.rss, late.rss, warm.threads, late.threads, fds, samples)
	if s.good.Load() == 0 || s.bad.Load() == 0 || s.cut.Load() == 0 {
		t.Error("not all kinds of clients came to anything")
	}
}
