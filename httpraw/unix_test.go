package httpraw

import (
	"io"
	"net"
	"os"
	"strings"
	"testing"
)

// A unix socket serves like any other, replaces what is dead, and nothing
// else, and takes its file away with it.
func TestListenUnix(t *testing.T) {
	path := t.TempDir() + "/s"
	ask := func(path string) string {
		c, err := net.Dial("unix", path)
		if err != nil {
			return err.Error()
		}
		defer c.Close()
		io.WriteString(c, "GET /a HTTP/1.0\r\n\r\n")
		b, _ := io.ReadAll(c)
		return undated(b)
	}
	dead, err := net.ListenUnix("unix", &net.UnixAddr{Name: path})
	if err != nil {
		t.Fatal(err)
	}
	dead.SetUnlinkOnClose(false)
	if _, err := ListenUnix(path, 0); err == nil || !strings.Contains(err.Error(), "EADDRINUSE") {
		t.Errorf("a socket in use is taken: %v", err)
	}
	dead.Close()
	for _, p := range []string{path, "@" + path} {
		l, err := ListenUnix(p, 0)
		if err != nil {
			t.Fatal(err)
		}
		s := &Server{Handler: new(site)}
		ended := make(chan error)
		go func() { ended <- s.Serve(l) }()
		if got := ask(p); got != ok("GET /a ", last) {
			t.Errorf("%s: %q", p, got)
		}
		s.Shutdown()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	if _, err := os.Lstat(path); !os.IsNotExist(err) {
		t.Errorf("the socket's file is left: %v", err)
	}
	// A file that is none of ours stays, before and after.
	if err := os.WriteFile(path, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ListenUnix(path, 0); err == nil {
		t.Error("a file is taken for a socket")
	}
	os.Remove(path)
	l, err := ListenUnix(path, 0)
	if err != nil {
		t.Fatal(err)
	}
	os.Remove(path)
	os.WriteFile(path, []byte("precious"), 0o600)
	l.Close()
	if b, _ := os.ReadFile(path); string(b) != "precious" {
		t.Errorf("%q", b)
	}
	for _, bad := range []string{"", "@", "/nonexistent/s", "/" + strings.Repeat("x", 200)} {
		if _, err := ListenUnix(bad, 0); err == nil || !strings.Contains(err.Error(), "unix:"+bad) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
