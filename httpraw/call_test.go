package httpraw

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestFollow(t *testing.T) {
	for _, c := range []struct{ from, location, to string }{
		{"http://h/a/b?q", "c", "http://h/a/c"},
		{"http://h/a/b?q", "/c", "http://h/c"},
		{"http://h/a/b?q", "?r", "http://h/a/b?r"},
		{"http://h/a/b?q", "#f", "http://h/a/b?q"},
		{"http://h/a/b?q", "", "http://h/a/b?q"},
		{"http://h/a/b/", "../../../c", "http://h/c"},
		{"http://h/a/b/", ".", "http://h/a/b/"},
		{"http://h:8080/a", "//i/c", "http://i/c"},
		{"http://h:8080/a", "c?u=http://x/", "http://h:8080/c?u=http://x/"},
		{"http://h:8080/a", "HTTP://i:81/c#f", "http://i:81/c"},
		{"http://h/a", "x y?a b", "http://h/x%20y?a+b"},
		{"http://h/a", "\xc3\xa9", "http://h/%c3%a9"},
		{"http://h/a", "mailto:x", "http://h/mailto:x"},
		{"http://[fd00::1]:81/a", "c", "http://[fd00::1]:81/c"},
		{"http://h/a", "ftp://i/c", ""},
		{"http://h/a", "https://i/c", ""},
		{"http://h/a", "//", ""},
		{"http://h/a", "http://u@i/", ""},
		{"http://h/a", "a\rb", ""},
		{"http://h/a", "a\x1bb", ""},
		{"http://h/a", "a\tb", ""},
		{"http://h/a", "http://i:65536/", ""},
	} {
		u, err := ParseURL(c.from)
		if err != nil {
			t.Fatal(err)
		}
		to, err := u.Follow(c.location)
		switch {
		case err != nil && c.to != "":
			t.Errorf("%s, %q: %v", c.from, c.location, err)
		case err == nil && to.String() != c.to:
			t.Errorf("%s, %q: %s, want %q", c.from, c.location, to, c.to)
		}
	}
	zoned := &URL{Host: "fe80::1%lo", Port: 80, Target: "/", Header: "[fe80::1]"}
	if to, err := zoned.Follow("x"); err != nil || to.Host != zoned.Host || to.Header != zoned.Header || to.Target != "/x" {
		t.Errorf("a zone: %+v, %v", to, err)
	}
}

// What Follow returns is a URL that ParseURL reads as the same, and that a
// request can hold.
func FuzzFollow(f *testing.F) {
	f.Add("http://h/a", "../b?c d#e")
	f.Add("http://[::1]:8080/", "//x:1")
	f.Fuzz(func(t *testing.T, from, location string) {
		u, err := ParseURL(from)
		if err != nil || strings.Contains(u.Host, "%") {
			return
		}
		to, err := u.Follow(location)
		if err != nil {
			return
		}
		for _, c := range []byte(to.String()) {
			if c <= ' ' || c >= 0x7f {
				t.Fatalf("%q", to.String())
			}
		}
		if again, err := ParseURL(to.String()); err != nil || *again != *to {
			t.Fatalf("%+v, then %+v, %v", to, again, err)
		}
	})
}

// calls serves connections with answer, which is told how many requests the
// connection had before; "" ends it. It counts connections.
func calls(t *testing.T, network, where string, answer func(n int, q *http.Request, body string) string) (addr string, conns *atomic.Int32) {
	t.Helper()
	l, err := net.Listen(network, where)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	conns = new(atomic.Int32)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			conns.Add(1)
			c.SetDeadline(deadline())
			in := bufio.NewReader(c)
			for n := 0; ; n++ {
				q, err := http.ReadRequest(in)
				if err != nil {
					break
				}
				body, _ := io.ReadAll(q.Body)
				text := answer(n, q, string(body))
				if text == "" {
					break
				}
				io.WriteString(c, text)
			}
			c.Close()
		}
	}()
	return l.Addr().String(), conns
}

func page200(text string) string {
	return "HTTP/1.1 200 OK\r\nContent-Length: " + strconv.Itoa(len(text)) + "\r\n\r\n" + text
}

func TestKeepAlive(t *testing.T) {
	addr, conns := calls(t, "tcp", "127.0.0.1:0", func(n int, q *http.Request, body string) string {
		switch q.URL.Path {
		case "/chunks":
			return "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nT: y\r\n\r\n"
		case "/close":
			return "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx"
		case "/old":
			return "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx"
		case "/more":
			return page200("x") + "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwrong"
		case "/once":
			if n > 0 {
				return ""
			}
		}
		return page200("x")
	})
	var reused, dead int
	c := Client{KeepAlive: true, Timeout: 20 * time.Second}
	c.Trace.Reused = func(Addr) { reused++ }
	c.Trace.Dead = func() { dead++ }
	defer c.Close()
	for i, want := range []struct {
		method, path  string
		conns, reused int
	}{
		{"GET", "/", 1, 0}, {"GET", "/", 1, 1}, {"HEAD", "/", 1, 2}, {"GET", "/chunks", 1, 3}, {"GET", "/chunks", 1, 4},
		{"GET", "/close", 1, 5}, {"GET", "/", 2, 5}, {"GET", "/old", 2, 6}, {"GET", "/more", 3, 6}, {"GET", "/", 4, 6},
		{"GET", "/once", 5, 7}, // swallowed, and asked anew
	} {
		u, err := ParseURL("http://" + addr + want.path)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		call := Call{Method: want.method, URL: u}
		if want.method == "HEAD" { // whose answer here wrongly has a body
			call.Method = "GET"
		}
		if err := c.Call(&call, &b); err != nil || b.String() != "x" || int(conns.Load()) != want.conns || reused != want.reused || call.Got != 1 {
			t.Fatalf("%d %s: %v, %q, %d connections, %d times again, want %+v", i, want.path, err, b.String(), conns.Load(), reused, want)
		}
		if call.Remote.String() != addr || call.Local.Port == 0 || call.Code != 200 || call.Times[Total] < call.Times[First] || call.Times[First] < call.Times[Connected] || call.Times[Connected] <= 0 {
			t.Errorf("%s: %+v", want.path, call)
		}
	}
	if dead != 1 {
		t.Errorf("%d connections found dead", dead)
	}
	// The same with a body is an error: it may have been done.
	u, _ := ParseURL("http://" + addr + "/once")
	if err := c.Call(&Call{Method: "POST", URL: u, Data: []byte("pay")}, io.Discard); kind(err) != Empty {
		t.Error(err)
	}
}

// A connection that said something unasked is not used.
func TestPoisonedConnection(t *testing.T) {
	said := make(chan bool)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			http.ReadRequest(bufio.NewReader(conn))
			io.WriteString(conn, page200("right"))
			<-said
			io.WriteString(conn, page200("wrong"))
			said <- true
			defer conn.Close()
		}
	}()
	c := Client{KeepAlive: true, Timeout: 20 * time.Second}
	defer c.Close()
	for range 3 {
		var b strings.Builder
		if _, err := c.Get("http://"+l.Addr().String(), &b); err != nil || b.String() != "right" {
			t.Fatalf("%q, %v", b.String(), err)
		}
		said <- true
		<-said
	}
}

func TestCallBody(t *testing.T) {
	addr, _ := calls(t, "tcp", "127.0.0.1:0", func(n int, q *http.Request, body string) string {
		if int64(len(body)) != q.ContentLength {
			return "HTTP/1.1 400 Bad\r\nContent-Length: 0\r\n\r\n"
		}
		return page200(q.Method + body)
	})
	c := Client{KeepAlive: true, Timeout: 20 * time.Second}
	defer c.Close()
	u, _ := ParseURL("http://" + addr + "/")
	for _, size := range []int{0, 1, together - 1, together, together + 1, 3 << 20} {
		data := bytes.Repeat([]byte("x"), size)
		var b strings.Builder
		call := Call{Method: "PUT", URL: u, Data: data}
		if err := c.Call(&call, &b); err != nil || b.String() != "PUT"+string(data) || call.Sent != int64(size) || !call.Kept {
			t.Errorf("%d bytes: %v, %d back, %+v", size, err, b.Len(), call.Sent)
		}
	}
	if err := c.Call(&Call{Method: "A B", URL: u}, io.Discard); !errors.Is(err, ErrMethod) {
		t.Error(err)
	}
}

// A server that refuses a large body says why, and closes or waits.
func TestRefusedBody(t *testing.T) {
	for _, wait := range []bool{false, true} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan bool)
		go func() {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			io.ReadFull(conn, make([]byte, 1000))
			io.WriteString(conn, "HTTP/1.1 413 Large\r\nContent-Length: 2\r\n\r\nno")
			if !wait {
				conn.(*net.TCPConn).CloseWrite()
			}
			<-done
			conn.Close()
		}()
		u, _ := ParseURL("http://" + l.Addr().String())
		c := Client{KeepAlive: true, Timeout: 20 * time.Second}
		var b strings.Builder
		call := Call{Method: "POST", URL: u, Data: make([]byte, 32<<20)}
		if err := c.Call(&call, &b); err != nil || call.Code != 413 || b.String() != "no" || call.Kept || call.Sent >= 32<<20 {
			t.Errorf("waits %v: %v, %d %q, kept %v, sent %d", wait, err, call.Code, b.String(), call.Kept, call.Sent)
		}
		close(done)
		l.Close()
	}
}

func TestUnixSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	_, conns := calls(t, "unix", path, func(n int, q *http.Request, body string) string { return page200(q.Host + strconv.Itoa(n)) })
	c := Client{KeepAlive: true, Unix: path, Timeout: 20 * time.Second}
	defer c.Close()
	var b strings.Builder
	for range 2 {
		if _, err := c.Get("http://nosuch.invalid/", &b); err != nil {
			t.Fatal(err)
		}
	}
	if b.String() != "nosuch.invalid0nosuch.invalid1" || conns.Load() != 1 {
		t.Errorf("%q, %d connections", b.String(), conns.Load())
	}
	for _, p := range []string{"/nosuch/socket", strings.Repeat("x", 200)} {
		c := Client{Unix: p}
		if _, err := c.Get("http://x/", io.Discard); kind(err) != NoConn || !errors.Is(err, unix.ENOENT) && !errors.Is(err, unix.EINVAL) {
			t.Errorf("%.20s: %v", p, err)
		}
	}
}

func TestResolveHook(t *testing.T) {
	addr, _ := calls(t, "tcp", "127.0.0.1:0", func(n int, q *http.Request, body string) string { return page200(q.Host) })
	to, err := ParseAddr(addr)
	if err != nil {
		t.Fatal(err)
	}
	asked := ""
	c := Client{Resolve: func(host string, port uint16) []Addr {
		asked = host + " " + strconv.Itoa(int(port))
		return []Addr{{IP: to.IP, Is4: true, set: true}}
	}}
	var b strings.Builder
	port := strconv.Itoa(int(to.Port))
	if _, err := c.Get("http://nosuch.invalid:"+port, &b); err != nil || b.String() != "nosuch.invalid:"+port || asked != "nosuch.invalid "+port {
		t.Errorf("%v, %q, asked %q", err, b.String(), asked)
	}
}
