package httpraw_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"rawns/httpraw"
	"rawns/ns"
)

// The article's server and a client, in one program.
func Example() {
	l, err := httpraw.Listen("127.0.0.1:0", 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	srv := new(httpraw.Server)
	ended := make(chan error)
	url := "http://" + l.Addr().String() + "/"
	go func() { ended <- srv.Serve(l) }()

	var c httpraw.Client
	if _, err := c.Get(url, os.Stdout); err != nil {
		fmt.Println(err)
	}
	srv.Shutdown()
	fmt.Println(<-ended)
	// Output:
	// <html><h1>Welcome to my http server!</h1><html>
	// <nil>
}

// hello answers each request with its path.
type hello struct{}

func (hello) Serve(a *httpraw.Answer, r *httpraw.Request) {
	if string(r.Method) != "GET" {
		a.Refuse(405, "only GET is served here")
		return
	}
	a.Type = "text/plain; charset=utf-8"
	a.WriteString("Hello ")
	a.Write(r.Path())
	a.WriteString("\n")
}

// A server with a handler of its own, and limits for slow clients.
func ExampleHandler() {
	l, err := httpraw.Listen("[::1]:0", 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	srv := &httpraw.Server{
		Handler:      hello{},
		MaxRequest:   16 << 10, // of a head
		MaxConns:     1000,
		ReadTimeout:  10 * time.Second,
		WriteTimeout: 10 * time.Second,
		IdleTimeout:  time.Minute,
	}
	defer srv.Shutdown()
	url := l.Addr().String() + "/world"
	go srv.Serve(l)

	c := httpraw.Client{Timeout: 10 * time.Second}
	if _, err := c.Get(url, os.Stdout); err != nil {
		fmt.Println(err)
	}
	// Output: Hello /world
}

// A handler that wants bodies sees each whole, however it was sent.
func ExampleServer_keepBody() {
	l, err := httpraw.Listen("127.0.0.1:0", 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	srv := &httpraw.Server{
		KeepBody: true,
		MaxBody:  1000,
		Handler: httpraw.HandlerFunc(func(a *httpraw.Answer, r *httpraw.Request) {
			a.Write(bytes.ToUpper(r.Body))
			a.Field("Cache-Control", "no-store")
			a.Close = true
		}),
	}
	defer srv.Shutdown()
	addr := l.Addr().String()
	go srv.Serve(l)

	c, err := net.Dial("tcp", addr)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	io.WriteString(c, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n")
	answer, err := io.ReadAll(c)
	_, body, _ := bytes.Cut(answer, []byte("\r\n\r\n"))
	fmt.Printf("%s %v\n", body, err)
	// Output: HELLO WORLD <nil>
}

// bye is a Raw handler: what it gives is all that is sent.
type bye struct{}

func (bye) Serve(dst, in []byte, last bool) ([]byte, httpraw.Next) {
	var r httpraw.Request
	switch r.Parse(in, httpraw.Strict) {
	case httpraw.Incomplete:
		return dst, httpraw.More
	case httpraw.Bad:
		return append(dst, "HTTP/1.0 400 Bad Request\r\n\r\n"...), httpraw.Linger
	}
	dst = append(dst, "HTTP/1.0 200 OK\r\n\r\nBye "...)
	dst = append(dst, r.Target...)
	return append(dst, '\n'), httpraw.Close
}

// A server that has each connection, and each byte, for itself.
func ExampleRaw() {
	l, err := httpraw.Listen("[::1]:0", 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	srv := &httpraw.Server{Raw: bye{}, ReadTimeout: 10 * time.Second}
	defer srv.Shutdown()
	url := l.Addr().String() + "/world"
	go srv.Serve(l)

	c := httpraw.Client{Timeout: 10 * time.Second}
	if _, err := c.Get(url, os.Stdout); err != nil {
		fmt.Println(err)
	}
	// Output: Bye /world
}

// One loop serves two network namespaces: a socket stays in the one where it
// was opened, whoever uses it.
func ExampleServer_Serve() {
	var listeners []*httpraw.Listener
	for _, name := range []string{"blue", "green"} {
		space, err := ns.Open(name)
		if err != nil {
			fmt.Println(err)
			return
		}
		err = space.Do(func() error {
			l, err := httpraw.Listen("0.0.0.0:8080", 0)
			if err == nil {
				listeners = append(listeners, l)
			}
			return err
		})
		space.Close()
		if err != nil {
			fmt.Println(err)
			return
		}
	}
	fmt.Println(new(httpraw.Server).Serve(listeners...))
}

// What a server prints never makes it wait.
func ExampleNewPrinter() {
	out := httpraw.NewPrinter(1)
	defer out.Close()
	out.Lost = func(n uint64, err error) { fmt.Fprintln(os.Stderr, n, "requests not printed:", err) }
	l, err := httpraw.Listen(httpraw.DefaultAddr, 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	srv := &httpraw.Server{Out: out, Raw: httpraw.Article{
		Seen: func(request []byte) { out.Print("request: ", request, "\n") },
	}}
	fmt.Println(srv.Serve(l))
}

func ExampleRequest_Parse() {
	var r httpraw.Request
	for _, in := range []string{"GET / HT", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET / HTTP/1.1\nHost: a\n\n"} {
		fmt.Println(r.Parse([]byte(in), httpraw.Strict), r.Parse([]byte(in), httpraw.BareLF))
	}
	// Output:
	// incomplete incomplete
	// complete complete
	// bad complete
}

func ExampleClient_Do() {
	u, err := httpraw.ParseURL("http://10.1.1.2:8080/index.html")
	if err != nil {
		fmt.Println(err)
		return
	}
	c := httpraw.Client{Timeout: 3 * time.Second}
	var page bytes.Buffer
	r, err := c.Do("GET", u, []string{"User-Agent: example", "Accept: */*"}, &page)
	fmt.Println(r.Code, page.Len(), err)
}

// Two loops, each on a thread and with a socket of its own, among which the
// kernel divides the clients; one Shutdown ends both.
func ExampleListener_Share() {
	const loops = 2
	l, err := httpraw.Listen("127.0.0.1:0", 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	listeners := []*httpraw.Listener{l}
	for len(listeners) < loops {
		more, err := l.Share()
		if err != nil {
			fmt.Println(err)
			return
		}
		listeners = append(listeners, more)
	}
	srv := &httpraw.Server{Handler: hello{}, MaxConns: 1000 / loops}
	url := l.Addr().String() + "/both"
	ended := make(chan error)
	for _, l := range listeners {
		go func() { ended <- srv.Serve(l) }()
	}

	c := httpraw.Client{Timeout: 10 * time.Second}
	if _, err := c.Get(url, os.Stdout); err != nil {
		fmt.Println(err)
	}
	srv.Shutdown()
	fmt.Println(<-ended, <-ended)
	// Output:
	// Hello /both
	// <nil> <nil>
}

// A folder is served, with lists of what is in it, and a log that
// programs which keep logs short may rename: they say so by SIGHUP, and
// Reopen follows.
func ExampleFiles() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	os.Mkdir(dir+"/pub", 0o755)
	os.WriteFile(dir+"/pub/a.txt", []byte("A file.\n"), 0o644)

	files, err := httpraw.OpenFiles(dir + "/pub")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer files.Close()
	files.List = true
	log, err := httpraw.OpenPrinter(dir + "/log")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer log.Close()
	l, err := httpraw.Listen("127.0.0.1:0", 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	srv := &httpraw.Server{Handler: files, Out: log, Log: true}
	url := l.Addr().String()
	ended := make(chan error)
	go func() { ended <- srv.Serve(l) }()

	c := httpraw.Client{Timeout: 10 * time.Second}
	if _, err := c.Get(url+"/a.txt", os.Stdout); err != nil {
		fmt.Println(err)
	}
	srv.Shutdown()
	fmt.Println(<-ended)
	line, _ := os.ReadFile(dir + "/log")
	fmt.Print(string(line[:len("127.0.0.1 - - ")]), string(line[bytes.IndexByte(line, '"'):]))
	// Output:
	// A file.
	// <nil>
	// 127.0.0.1 - - "GET /a.txt HTTP/1.1" 200 8
}
