package httpraw

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// printing returns a server that prints each request to w, and how it ended.
func printing(t *testing.T, w *os.File) (s *Server, addr string, lost *uint64, ended chan error) {
	out := NewPrinter(int(w.Fd()))
	lost = new(uint64)
	out.Lost = func(n uint64, _ error) { *lost += n }
	s = &Server{Out: out, Raw: Article{Seen: func(b []byte) { out.Print("<", b, ">") }}}
	l, addr := listen(t, "127.0.0.1:0", 0)
	ended = make(chan error, 1)
	go func() {
		err := s.Serve(l)
		out.Close()
		ended <- err
	}()
	return s, addr, lost, ended
}

// Nobody reads what the server prints: it serves on. When somebody reads
// again, whole entries come, and those that are missing are counted.
func TestBlockedOutput(t *testing.T) {
	for _, kind := range []string{"pipe", "socket"} {
		t.Run(kind, func(t *testing.T) {
			r, w := pair(t, kind)
			s, addr, lost, ended := printing(t, w)
			const requests = 800
			request := "GET /" + strings.Repeat("a", 4000) + " HTTP/1.0\r\n\r\n"
			for range requests {
				c := dialTCP(t, addr)
				send(t, c, request)
				if b, err := io.ReadAll(c); string(b) != Page || err != nil {
					t.Fatalf("%q, %v", b, err)
				}
				c.Close()
			}
			read := make(chan []byte)
			go func() {
				b, _ := io.ReadAll(r)
				read <- b
			}()
			get(t, addr)
			s.Shutdown()
			if err := <-ended; err != nil {
				t.Error(err)
			}
			if flags, err := unix.FcntlInt(w.Fd(), unix.F_GETFL, 0); err != nil || flags&unix.O_NONBLOCK != 0 {
				t.Errorf("flags %#x, %v: whoever shares the output would get EAGAIN", flags, err)
			}
			w.Close()
			b := <-read
			n := bytes.Count(b, []byte("<"+request+">"))
			rest := len(b) - n*len("<"+request+">")
			if rest != 0 && rest != len("<GET / HTTP/1.0\r\n\r\n>") {
				t.Errorf("%d bytes of no entry", rest)
			}
			if rest != 0 {
				n++
			}
			if *lost == 0 || n+int(*lost) != requests+1 {
				t.Errorf("%d entries printed and %d lost of %d", n, *lost, requests+1)
			}
		})
	}
}

// pair returns both ends, whose Fd is blocking, of a pipe or a socket pair.
func pair(t *testing.T, kind string) (r, w *os.File) {
	var fd [2]int
	var err error
	if kind == "pipe" {
		err = unix.Pipe2(fd[:], unix.O_CLOEXEC)
	} else {
		fd, err = unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	r, w = os.NewFile(uintptr(fd[0]), "r"), os.NewFile(uintptr(fd[1]), "w")
	t.Cleanup(func() { r.Close(); w.Close() })
	return r, w
}

// Nobody will ever read: the server ends and says why.
func TestClosedOutput(t *testing.T) {
	for _, kind := range []string{"pipe", "socket"} {
		r, w := pair(t, kind)
		_, addr, _, ended := printing(t, w)
		r.Close()
		get(t, addr)
		if err := <-ended; !errors.Is(err, unix.EPIPE) {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

// A full disk costs what is printed, not the server.
func TestFullOutput(t *testing.T) {
	w, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip(err)
	}
	defer w.Close()
	s, addr, lost, ended := printing(t, w)
	for range 5 {
		get(t, addr)
	}
	s.Shutdown()
	if err := <-ended; err != nil || *lost != 5 {
		t.Errorf("%v, %d entries lost of 5", err, *lost)
	}
}

// A file gets everything, behind what is in it.
func TestFileOutput(t *testing.T) {
	w, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	w.WriteString("before\n")
	s, addr, lost, ended := printing(t, w)
	for range 5 {
		get(t, addr)
	}
	s.Shutdown()
	if err := <-ended; err != nil || *lost != 0 {
		t.Errorf("%v, %d entries lost", err, *lost)
	}
	b, err := os.ReadFile(w.Name())
	if want := "before\n" + strings.Repeat("<GET / HTTP/1.0\r\n\r\n>", 5); string(b) != want || err != nil {
		t.Errorf("%q, %v, want %q", b, err, want)
	}
}
