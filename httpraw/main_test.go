package httpraw

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"rawns/ns/nstest"
)

// serverEnv makes the test binary a server on a port of the kernel's choice,
// with the backlog that the variable holds.
const serverEnv = "HTTPRAW_TEST_SERVER"

func TestMain(m *testing.M) {
	if os.Getenv(serverEnv) != "" {
		os.Exit(serverMain(os.Getenv(serverEnv)))
	}
	nstest.Main(m)
}

// undeferred is a backlog with which silent clients are accepted at once.
const undeferred = deferBacklog - 1

// start serves s on loopback addresses until the test ends.
func start(t testing.TB, s *Server, listeners ...*Listener) {
	t.Helper()
	ended := make(chan error)
	go func() { ended <- s.Serve(listeners...) }()
	t.Cleanup(func() {
		s.Shutdown()
		if err := <-ended; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
}

func listen(t testing.TB, addr string, backlog int) (*Listener, string) {
	t.Helper()
	l, err := Listen(addr, backlog)
	if err != nil {
		t.Fatal(err)
	}
	return l, l.Addr().String()
}

// serve serves s on a port of the kernel's choice, and returns the address.
func serve(t testing.TB, s *Server) string {
	t.Helper()
	l, addr := listen(t, "127.0.0.1:0", 0)
	start(t, s, l)
	return addr
}

var cServer struct {
	sync.Once
	path string
	err  error
}

// startC runs the C program and returns its address, and a function that ends
// it and returns what it printed.
func startC(t *testing.T) (addr string, stop func() string) {
	t.Helper()
	nstest.Need(t, "gcc")
	cServer.Do(func() {
		dir, err := os.MkdirTemp("", "httpraw")
		if err != nil {
			cServer.err = err
			return
		}
		cServer.path = filepath.Join(dir, "http_server")
		out, err := exec.Command("gcc", "-O2", "-Wall", "-Wextra", "-Werror", "-pthread", "-o", cServer.path, "../bench/c/http_server.c").CombinedOutput()
		if err != nil {
			t.Errorf("gcc: %v\n%s", err, out)
		}
		cServer.err = err
	})
	if cServer.err != nil {
		t.Fatal(cServer.err)
	}
	var stdout strings.Builder
	cmd := exec.Command(cServer.path, "-u", "0")
	cmd.Stdout = &stdout
	port := readyLine(t, cmd)
	var once sync.Once
	stop = func() string {
		once.Do(func() {
			cmd.Process.Kill()
			cmd.Wait()
		})
		return stdout.String()
	}
	t.Cleanup(func() { stop() })
	return "127.0.0.1:" + port, stop
}

// readyLine starts cmd and returns the first line of its standard error.
func readyLine(t *testing.T, cmd *exec.Cmd) string {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	cmd.Stderr = w
	err = cmd.Start()
	w.Close()
	if err != nil {
		t.Fatal(err)
	}
	r.SetReadDeadline(time.Now().Add(30 * time.Second))
	var line []byte
	for b := make([]byte, 1); ; line = append(line, b[0]) {
		if n, err := r.Read(b); n == 0 {
			cmd.Process.Kill()
			cmd.Wait()
			t.Fatalf("%s said %q on standard error, then %v", cmd.Path, line, err)
		}
		if b[0] == '\n' {
			return string(line)
		}
	}
}

// fds counts this process's open descriptors.
func fds(t testing.TB) int {
	t.Helper()
	d, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(d)
}

// deadline is when a test gives up. Nothing is asserted about time.
func deadline() time.Time { return time.Now().Add(30 * time.Second) }
