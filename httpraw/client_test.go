package httpraw

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"rawns/ns/nstest"
)

// script serves each connection by reading a request and sending reply.
func script(t testing.TB, reply string, end func(*net.TCPConn)) (url string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			c.SetDeadline(deadline())
			b := make([]byte, 4096)
			n, _ := c.Read(b)
			io.WriteString(c, strings.ReplaceAll(reply, "REQUEST", string(b[:n])))
			end(c.(*net.TCPConn))
		}
	}()
	return "http://" + l.Addr().String() + "/"
}

func closeConn(c *net.TCPConn) { c.Close() }

// fine is kind's word for no error.
const fine Kind = 255

func kind(err error) Kind {
	var e *Error
	if !errors.As(err, &e) {
		return fine
	}
	return e.Kind
}

func TestReplies(t *testing.T) {
	const chunks = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	for _, c := range []struct {
		reply, body string
		kind        Kind
	}{
		{Page, Page[strings.Index(Page, "\n\n")+2:], fine},
		{"HTTP/1.0 200 OK\r\n\r\nuntil the end", "until the end", fine},
		{"HTTP/1.0 200 OK\r\n\r\n", "", fine},
		{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello", fine},
		{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello and more", "hello", fine},
		{"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nmore", "", fine},
		{"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello", "hello", Partial},
		{chunks + "5\r\nhello\r\n3;x\r\n, w\r\n0\r\nT: 1\r\n\r\n", "hello, w", fine},
		{chunks + "5\r\nhel", "hel", Partial},
		{chunks + "zz\r\n", "", BadChunk},
		{chunks + "5\r\nhelloX", "hello", BadChunk},
		{"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n", "ab", fine},
		{"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab", "ab", fine},
		{"HTTP/1.1 100 Continue\r\n\r\n", "", NoRecv},
		{"HTTP/1.1 204 None\r\nContent-Length: 5\r\n\r\nhello", "", fine},
		{"HTTP/1.1 304 Same\r\nContent-Length: 5\r\n\r\nhello", "", fine},
		{"HTTP/1.1 404 No\r\nContent-Length: 5\r\n\r\nhello", "hello", fine},
		{"", "", Empty},
		{"H", "", Empty},
		{"HTTP/1.1 200 OK\r\nContent-Le", "", NoRecv},
		{"hello\n", "", NotHTTP},
		{"HTTP/3 200\r\n", "", BadVersion},
		{"HTTP/1.1 200 OK\r\nbad\r\n\r\n", "", BadHead},
		{"HTTP/1.1 200 OK\r\nTransfer-Encoding: br\r\n\r\n", "", BadCoding},
		{"HTTP/1.1 200 OK\r\nX: " + strings.Repeat("a", maxHeader), "", BigHead},
		{strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", maxHeader/25+1), "", BigHead},
	} {
		// The reset that follows from unread bytes may overtake what was
		// sent: let the client close first where it does so.
		url := script(t, c.reply, func(conn *net.TCPConn) {
			conn.CloseWrite()
			io.Copy(io.Discard, conn)
			conn.Close()
		})
		var body strings.Builder
		_, err := (&Client{Timeout: 30 * time.Second}).Get(url, &body)
		if body.String() != c.body || kind(err) != c.kind {
			t.Errorf("%.60q: %q, %v (%v), want %q, %v", c.reply, body.String(), err, kind(err), c.body, c.kind)
		}
	}
}

func TestHTTP09(t *testing.T) {
	for _, reply := range []string{"hello\nworld", "H", "<html>"} {
		var body strings.Builder
		_, err := (&Client{HTTP09: true}).Get(script(t, reply, closeConn), &body)
		if body.String() != reply || err != nil {
			t.Errorf("%q: %q, %v", reply, body.String(), err)
		}
	}
}

func TestHead(t *testing.T) {
	url := script(t, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", closeConn)
	u, err := ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	var body strings.Builder
	r, err := new(Client).Do("HEAD", u, nil, &body)
	if err != nil || body.Len() != 0 || r.Code != 200 || r.Length != 5 {
		t.Errorf("%+v, %q, %v", r, body.String(), err)
	}
}

func TestRequestBytes(t *testing.T) {
	for _, c := range []struct {
		path   string
		header []string
		want   string
	}{
		{"a?b", nil, "GET /a?b HTTP/1.1\r\nHost: HOST\r\n\r\n"},
		{"", []string{"User-Agent: x", "Accept: */*"}, "GET / HTTP/1.1\r\nHost: HOST\r\nUser-Agent: x\r\nAccept: */*\r\n\r\n"},
		{"", []string{"A: 1", "host: other", "B:2"}, "GET / HTTP/1.1\r\nhost: other\r\nA: 1\r\nB:2\r\n\r\n"},
	} {
		url := script(t, "HTTP/1.0 200 OK\r\n\r\nREQUEST", closeConn)
		u, err := ParseURL(url + c.path)
		if err != nil {
			t.Fatal(err)
		}
		var body strings.Builder
		if _, err := new(Client).Do("GET", u, c.header, &body); err != nil {
			t.Error(err)
		}
		if want := strings.Replace(c.want, "HOST", u.Header, 1); body.String() != want {
			t.Errorf("%q, want %q", body.String(), want)
		}
	}
	u := &URL{Host: "127.0.0.1", Port: 1, Target: "/", Header: "x"}
	for _, h := range []string{"A: b\r\nEvil: 1", "A: b\nc", "no colon", ": x", "a b: c", "A: \x00"} {
		if _, err := new(Client).Do("GET", u, []string{h}, io.Discard); !errors.Is(err, ErrHeaderLine) {
			t.Errorf("%q: %v", h, err)
		}
	}
}

type failing struct{ after int }

func (f *failing) Write(p []byte) (int, error) {
	if f.after -= len(p); f.after < 0 {
		return 0, unix.ENOSPC
	}
	return len(p), nil
}

func TestFailures(t *testing.T) {
	none, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	refused := "http://" + none.Addr().String()
	none.Close()
	stuck := make(chan bool)
	defer close(stuck)
	wait := func(c *net.TCPConn) { <-stuck; c.Close() }
	full := func() string { // a listener whose queue is full swallows connections
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { unix.Close(fd) })
		unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}})
		unix.Listen(fd, 0)
		sa, _ := unix.Getsockname(fd)
		addr := addrOf(sa).String()
		for range 4 {
			c, err := net.DialTimeout("tcp", addr, 50*time.Millisecond)
			if err == nil {
				t.Cleanup(func() { c.Close() })
			}
		}
		return "http://" + addr
	}()
	const ms = time.Millisecond
	for _, c := range []struct {
		name, url string
		client    Client
		w         io.Writer
		kind      Kind
		op        string
		err       error
	}{
		{"refused", refused, Client{}, io.Discard, NoConn, "connect", unix.ECONNREFUSED},
		{"reset", script(t, "", reset), Client{}, io.Discard, NoRecv, "", unix.ECONNRESET},
		{"reset inside the body", script(t, "HTTP/1.0 200 OK\r\n\r\nhello", func(c *net.TCPConn) {
			time.Sleep(20 * ms) // or the reset overtakes it
			reset(c)
		}), Client{}, io.Discard, NoRecv, "", unix.ECONNRESET},
		{"no answer", script(t, "", wait), Client{Timeout: 50 * ms}, io.Discard, TimedOut, "transfer", errDeadline},
		{"half an answer", script(t, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx", wait), Client{Timeout: 50 * ms}, io.Discard, TimedOut, "transfer", errDeadline},
		{"no connection", full, Client{ConnectTimeout: 50 * ms}, io.Discard, TimedOut, "connect", errDeadline},
		{"no connection in all", full, Client{Timeout: 50 * ms}, io.Discard, TimedOut, "connect", errDeadline},
		{"full disk", script(t, "HTTP/1.0 200 OK\r\n\r\nhello", closeConn), Client{}, &failing{3}, NoSink, "", unix.ENOSPC},
		{"not a URL", "http://a b", Client{}, io.Discard, BadURL, "", nil},
		{"other protocol", "https://a", Client{}, io.Discard, BadScheme, "", nil},
		{"no such zone", "http://[fe80::1%25nosuchif]/", Client{}, io.Discard, NoHost, "resolve", ErrBadName},
	} {
		_, err := c.client.Get(c.url, c.w)
		var e *Error
		if !errors.As(err, &e) || e.Kind != c.kind || e.Op != c.op || e.Err != c.err {
			t.Errorf("%s: %#v, want kind %v, %q, %v", c.name, err, c.kind, c.op, c.err)
		} else if e.Error() == "" || strings.Contains(e.Error(), "no cause given") {
			t.Errorf("%s: %q", c.name, e.Error())
		}
	}
}

// Many shapes of answers, as a server writes them that is not ours.
func TestNetHTTP(t *testing.T) {
	page := bytes.Repeat([]byte("0123456789abcdef"), 100000)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/length":
			w.Header().Set("Content-Length", strconv.Itoa(len(page)))
			w.Write(page)
		case "/chunks":
			for i := 0; i < len(page); i += 99999 {
				w.Write(page[i:min(i+99999, len(page))])
				w.(http.Flusher).Flush()
			}
		case "/hints":
			w.WriteHeader(103)
			w.Write(page)
		}
	}))
	defer srv.Close()
	before := fds(t)
	for _, path := range []string{"/length", "/chunks", "/hints"} {
		var body bytes.Buffer
		r, err := new(Client).Get(srv.URL+path, &body)
		if err != nil || r.Code != 200 || !bytes.Equal(body.Bytes(), page) {
			t.Errorf("%s: %+v, %d bytes, %v", path, r, body.Len(), err)
		}
	}
	srv.CloseClientConnections()
	for end := deadline(); fds(t) > before && time.Now().Before(end); time.Sleep(time.Millisecond) {
	}
	if n := fds(t); n > before {
		t.Errorf("%d descriptors, %d before", n, before)
	}
}

func TestAgainstNginxAndC(t *testing.T) {
	nstest.Need(t, "nginx")
	dir := t.TempDir()
	page := strings.Repeat("a page of nginx\n", 10000)
	// user root: as the root of a user namespace it may give its folders to nobody else.
	conf := `user root; daemon off; master_process off; pid ` + dir + `/pid; error_log stderr;
events { worker_connections 64; }
http { access_log off; client_body_temp_path ` + dir + `; proxy_temp_path ` + dir + `; fastcgi_temp_path ` + dir + `;
uwsgi_temp_path ` + dir + `; scgi_temp_path ` + dir + `;
server { listen 127.0.0.1:8080; listen [::1]:8080; root ` + dir + `; } }`
	for name, text := range map[string]string{"conf": conf, "index.html": page} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	nstest.Sandbox(t) // the port is the sandbox's own
	cmd := exec.Command("nginx", "-c", dir+"/conf", "-p", dir, "-e", "stderr")
	var said strings.Builder
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		cmd.Process.Signal(unix.SIGTERM)
		cmd.Wait()
	}()
	for _, url := range []string{"http://127.0.0.1:8080", "http://[::1]:8080/index.html", "localhost:8080/x/../index.html"} {
		var body strings.Builder
		var r Response
		var err error
		for end := deadline(); ; time.Sleep(time.Millisecond) {
			body.Reset()
			if r, err = new(Client).Get(url, &body); kind(err) != NoConn || time.Now().After(end) {
				break // it is up
			}
		}
		if body.String() != page || r.Code != 200 || err != nil {
			t.Errorf("%s: %+v, %d bytes, %v\n%s", url, r, body.Len(), err, said.String())
		}
	}
	addr, _ := startC(t)
	var body strings.Builder
	if _, err := new(Client).Get(addr, &body); err != nil || !strings.HasSuffix(Page, "\n\n"+body.String()) || body.Len() == 0 {
		t.Errorf("the C server: %q, %v", body.String(), err)
	}
}

// fetch gives an answer to the client in pieces of n bytes: a SEQPACKET socket
// keeps them apart, as no TCP connection would for certain.
func fetch(t *testing.T, answer []byte, n int, old bool) (body string, r Response, err error) {
	fd, e := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if e != nil {
		t.Fatal(e)
	}
	defer unix.Close(fd[0])
	go func() {
		for len(answer) > 0 {
			piece := answer[:min(n, len(answer))]
			answer = answer[len(piece):]
			if _, err := unix.Write(fd[1], piece); err != nil {
				break
			}
		}
		unix.Close(fd[1])
	}()
	var w strings.Builder
	x := &exchange{c: &Client{HTTP09: old}, u: &URL{}, call: &Call{}, fd: fd[0], start: time.Now(), body: &w, want: -1}
	err = x.receive()
	return w.String(), x.resp, err
}

func FuzzAnswer(f *testing.F) {
	for _, s := range []string{
		Page, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
		"HTTP/1.1 100 C\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x\r\nhello\r\n0\r\nT: 1\r\n\r\n",
		"HTTP/1.1 204 N\n\nx", "hello",
	} {
		f.Add([]byte(s), uint8(1), false)
	}
	f.Fuzz(func(t *testing.T, answer []byte, n uint8, old bool) {
		answer = answer[:min(len(answer), 32<<10)]
		want, wantR, wantErr := fetch(t, answer, 32<<10, old)
		got, r, err := fetch(t, answer, max(int(n), 1), old)
		if got != want || kind(err) != kind(wantErr) || kind(err) == fine && r != wantR {
			t.Fatalf("%q: %q %+v %v, in pieces of %d %q %+v %v", answer, want, wantR, wantErr, n, got, r, err)
		}
	})
}

func TestTrace(t *testing.T) {
	var said []string
	say := func(s string) { said = append(said, s) }
	c := Client{Trace: Trace{
		Trying:    func(a Addr) { say("trying " + a.Host()) },
		Failed:    func(a Addr, err error, _ bool) { say("failed " + a.Host() + " " + unix.ErrnoName(err.(unix.Errno))) },
		Connected: func(a Addr) { say("connected " + a.Host()) },
		Sent:      func(b []byte) { say("sent " + string(b[:5])) },
		Line:      func(b []byte) { say("line " + string(b)) },
		Head:      func(r *Response) error { say("head " + strconv.Itoa(r.Code)); return nil },
		Data:      func(n int) { say("data " + strconv.Itoa(n)) },
	}}
	// It listens on IPv6 only; localhost is tried by IPv4 first.
	l, err := net.Listen("tcp6", "[::1]:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		if c, err := l.Accept(); err == nil {
			c.Read(make([]byte, 100))
			io.WriteString(c, "HTTP/1.0 200 ok\nA: b\n\nhello")
			c.Close()
		}
	}()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	if _, err := c.Get("localhost:"+port, io.Discard); err != nil {
		t.Fatal(err)
	}
	want := "trying 127.0.0.1|failed 127.0.0.1 ECONNREFUSED|trying ::1|connected ::1|sent GET /|" +
		"line HTTP/1.0 200 ok\n|line A: b\n|line \n|head 200|data 5"
	if got := strings.Join(said, "|"); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	stop := errors.New("stop")
	c = Client{Trace: Trace{Head: func(*Response) error { return stop }}}
	var body strings.Builder
	if _, err := c.Get(script(t, Page, closeConn), &body); err != stop || body.Len() != 0 {
		t.Errorf("%v, %q", err, body.String())
	}
}

// While nothing comes, Idle is called; what it takes is part of the Timeout.
func TestIdle(t *testing.T) {
	done := make(chan bool)
	defer close(done)
	url := script(t, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx", func(*net.TCPConn) { <-done })
	idle := 0
	c := Client{Timeout: 1500 * time.Millisecond, Trace: Trace{Idle: func() { idle++ }}}
	if _, err := c.Get(url, io.Discard); kind(err) != TimedOut || idle == 0 {
		t.Errorf("%v, idle %d times", err, idle)
	}
}
