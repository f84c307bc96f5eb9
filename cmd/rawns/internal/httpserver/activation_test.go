package httpserver

import (
	"bytes"
	"context"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func init() { helpers["activated"] = activated }

// activated does for the applet what systemd does: the descriptors are there, and
// the variables say whose they are.
func activated() {
	if os.Getenv("LISTEN_PID") == "" {
		os.Setenv("LISTEN_PID", strconv.Itoa(os.Getpid()))
	}
	execHTTPD()
}

// socketFile makes a socket as os/exec passes it on.
func socketFile(t *testing.T, domain, kind int, sa unix.Sockaddr, listen bool) *os.File {
	t.Helper()
	fd, err := unix.Socket(domain, kind|unix.SOCK_CLOEXEC, 0)
	if err == nil && sa != nil {
		err = unix.Bind(fd, sa)
	}
	if err == nil && listen {
		err = unix.Listen(fd, 16)
	}
	if err != nil {
		t.Fatal(err)
	}
	f := os.NewFile(uintptr(fd), "socket")
	t.Cleanup(func() { f.Close() })
	return f
}

func portOf(t *testing.T, f *os.File) string {
	t.Helper()
	sa, err := unix.Getsockname(int(f.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	if a, ok := sa.(*unix.SockaddrInet6); ok {
		return "[::1]:" + strconv.Itoa(a.Port)
	}
	return "127.0.0.1:" + strconv.Itoa(sa.(*unix.SockaddrInet4).Port)
}

func TestHTTPDActivated(t *testing.T) {
	dir := t.TempDir()
	v4 := socketFile(t, unix.AF_INET, unix.SOCK_STREAM, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}, true)
	v6 := socketFile(t, unix.AF_INET6, unix.SOCK_STREAM, &unix.SockaddrInet6{Addr: [16]byte{15: 1}}, true)
	file := socketFile(t, unix.AF_UNIX, unix.SOCK_STREAM, &unix.SockaddrUnix{Name: dir + "/passed"}, true)
	for _, args := range [][]string{nil, {"--listen", "unix:" + dir + "/own"}, {"--loops", "3"}} {
		var stderr strings.Builder
		cmd := exec.Command(os.Args[0], args...)
		cmd.ExtraFiles = []*os.File{v4, v6, file}
		cmd.Env = append(os.Environ(), helperEnv+"=activated", "LISTEN_FDS=3", "LISTEN_FDNAMES=a:b")
		cmd.Stderr = &stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		defer cmd.Process.Kill()
		const request, want = "GET / HTTP/1.0\r\n\r\n", "\r\n\r\nHello from rawns.\n"
		for _, f := range []*os.File{v4, v6} {
			if got := ask(t, portOf(t, f), request); !strings.HasSuffix(got, want) {
				t.Errorf("%q: %q", args, got)
			}
		}
		if got := askUnix(t, dir+"/passed", request); !strings.HasSuffix(got, want) {
			t.Errorf("%q: %q", args, got)
		}
		if len(args) == 2 && args[0] == "--listen" {
			if got := askUnix(t, dir+"/own", request); !strings.HasSuffix(got, want) {
				t.Errorf("%q: %q", args, got)
			}
		}
		for fd := 3; fd < 6; fd++ {
			b, err := os.ReadFile("/proc/" + strconv.Itoa(cmd.Process.Pid) + "/fdinfo/" + strconv.Itoa(fd))
			if err != nil {
				t.Fatal(err)
			}
			_, rest, _ := bytes.Cut(b, []byte("flags:"))
			flags, err := strconv.ParseUint(string(bytes.Fields(rest)[0]), 8, 32)
			if err != nil || flags&unix.O_CLOEXEC == 0 || flags&unix.O_NONBLOCK == 0 {
				t.Errorf("descriptor %d: flags %#o, %v", fd, flags, err)
			}
		}
		cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil || stderr.Len() > 0 {
			t.Errorf("%q: %v, %q", args, err, stderr.String())
		}
	}
	// They are the manager's, and go on to listen.
	if _, err := os.Lstat(dir + "/passed"); err != nil {
		t.Error(err)
	}
	c, err := net.DialTimeout("tcp", portOf(t, v4), 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
}

// What is no listening socket is not taken for one.
func TestHTTPDActivatedWrongly(t *testing.T) {
	v4 := &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}
	null, err := os.Open("/dev/null")
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	good := socketFile(t, unix.AF_INET, unix.SOCK_STREAM, v4, true)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	const not = "take over descriptor 3: not a socket of TCP or the unix family that listens for streams\n"
	for _, c := range []struct {
		f              *os.File
		fds, names     string
		stderr, suffix string
	}{
		{null, "1", "", "rawns httpd: socket 3 of LISTEN_FDS: ", not},
		{socketFile(t, unix.AF_INET, unix.SOCK_STREAM, v4, false), "1", "web", `rawns httpd: socket 3 "web" of LISTEN_FDS: `, not},
		{socketFile(t, unix.AF_INET, unix.SOCK_DGRAM, v4, false), "1", "a\x1bb", `rawns httpd: socket 3 "a\x1bb" of LISTEN_FDS: `, not},
		{socketFile(t, unix.AF_UNIX, unix.SOCK_SEQPACKET, &unix.SockaddrUnix{}, true), "1", "", "rawns httpd: socket 3 of LISTEN_FDS: ", not},
		{socketFile(t, unix.AF_NETLINK, unix.SOCK_RAW, nil, false), "1", "", "rawns httpd: socket 3 of LISTEN_FDS: ", not},
		{good, "200", "a:b", `rawns httpd: socket `, " of LISTEN_FDS: take over descriptor "},
		{good, "x", "", `rawns httpd: LISTEN_FDS is no number of sockets: "x"`, ""},
		{good, "-1", "", `rawns httpd: LISTEN_FDS is no number of sockets: "-1"`, ""},
		{good, "", "", `rawns httpd: LISTEN_FDS is no number of sockets: ""`, ""},
	} {
		cmd := exec.CommandContext(ctx, os.Args[0])
		cmd.ExtraFiles = []*os.File{c.f}
		cmd.Env = append(os.Environ(), helperEnv+"=activated", "LISTEN_FDS="+c.fds, "LISTEN_FDNAMES="+c.names)
		out, _ := cmd.CombinedOutput()
		if code := cmd.ProcessState.ExitCode(); code != 1 || !strings.HasPrefix(string(out), c.stderr) || !strings.Contains(string(out), c.suffix) || bytes.Count(out, []byte{'\n'}) != 1 {
			t.Errorf("%+v: exit code %d, %q", c, code, out)
		}
	}
}

// Variables that are meant for another process count for nothing; and nobody
// after us sees them.
func TestPassedOnToAnother(t *testing.T) {
	for _, pid := range []string{"", "1", "x", strconv.Itoa(os.Getpid()) + " "} {
		t.Setenv("LISTEN_PID", pid)
		t.Setenv("LISTEN_FDS", "9")
		if l, err := passedOn(); l != nil || err != nil {
			t.Errorf("%q: %v, %v", pid, l, err)
		}
		for _, v := range []string{"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"} {
			if s, there := os.LookupEnv(v); there {
				t.Errorf("%s is %q", v, s)
			}
		}
	}
}
