package httpserver

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/httpraw"
	"rawns/ns/nstest"
)

// helperEnv makes the test binary the applet; with the value "ignore" it
// ignores SIGINT, as a shell without job control has it for "http_server &".
const helperEnv = "RAWNS_TEST_APPLET"

// helpers are other things to be.
var helpers = map[string]func(){"httpd": execHTTPD}

func TestMain(m *testing.M) {
	if how := os.Getenv(helperEnv); how != "" {
		if how == "ignore" {
			signal.Ignore(syscall.SIGINT)
		}
		if run := helpers[how]; run != nil {
			run()
		}
		code := Run(append([]string{"http_server"}, os.Args[1:]...))
		cli.Stdout.Flush()
		os.Exit(code)
	}
	nstest.Main(m)
}

// start runs the applet on a port of the kernel's choice, with its standard
// output at stdout, and returns its address.
func start(t *testing.T, how string, stdout *os.File) (cmd *exec.Cmd, addr string) {
	t.Helper()
	cmd = exec.Command(os.Args[0], "127.0.0.1:0")
	cmd.Env = append(os.Environ(), helperEnv+"="+how)
	cmd.Stdout = stdout
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	line, err := bufio.NewReader(stderr).ReadString('\n')
	addr, ok := strings.CutPrefix(strings.TrimSpace(line), "http_server: listening on ")
	if !ok {
		t.Fatalf("%q, %v", line, err)
	}
	return cmd, addr
}

// ask sends a request, all that the client has to say, and returns the answer.
func ask(t *testing.T, addr, request string) string {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(30 * time.Second))
	io.WriteString(c, request)
	c.(*net.TCPConn).CloseWrite()
	b, err := io.ReadAll(c)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

var requests = []string{
	"GET / HTTP/1.1\r\nHost: 10.1.1.2:8080\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\n\r\n",
	"GET /\x00hidden HTTP/1.0\r\n\r\n", "", "\x1b[31mred\x1b[0m\n", "100%s\n", strings.Repeat("x", 4895),
}

// What the applet prints is what the C program prints.
func TestStdoutLikeC(t *testing.T) {
	nstest.Need(t, "gcc")
	dir := t.TempDir()
	c := filepath.Join(dir, "c")
	if out, err := exec.Command("gcc", "-O2", "-pthread", "-o", c, "../../../../bench/c/http_server.c").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var printed [2][]byte
	for i := range printed {
		stdout, err := os.Create(filepath.Join(dir, strconv.Itoa(i)))
		if err != nil {
			t.Fatal(err)
		}
		defer stdout.Close()
		var cmd *exec.Cmd
		var addr string
		if i == 0 {
			cmd, addr = start(t, "1", stdout)
		} else {
			cmd = exec.Command(c, "-u", "0")
			cmd.Stdout = stdout
			stderr, err := cmd.StderrPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			line, _ := bufio.NewReader(stderr).ReadString('\n')
			addr = "127.0.0.1:" + strings.TrimSpace(line)
		}
		for _, r := range requests {
			if got := ask(t, addr, r); got != httpraw.Page {
				t.Errorf("%.40q: %q", r, got)
			}
		}
		cmd.Process.Signal(syscall.SIGTERM)
		cmd.Wait()
		if printed[i], err = os.ReadFile(stdout.Name()); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(printed[0], printed[1]) || len(printed[0]) < 4895 {
		t.Errorf("printed\n%q\nthe C program\n%q", printed[0], printed[1])
	}
}

// Either signal ends it cleanly, unless it was ignored from the start.
func TestSignals(t *testing.T) {
	for _, c := range []struct {
		how  string
		send []syscall.Signal
	}{
		{"1", []syscall.Signal{syscall.SIGINT}},
		{"1", []syscall.Signal{syscall.SIGTERM}},
		{"ignore", []syscall.Signal{syscall.SIGTERM}},
	} {
		cmd, addr := start(t, c.how, nil)
		silent, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer silent.Close()
		if c.how == "ignore" {
			cmd.Process.Signal(syscall.SIGINT)
		}
		if got := ask(t, addr, requests[0]); c.how == "ignore" && got != httpraw.Page {
			t.Errorf("%q", got)
		}
		for _, s := range c.send {
			cmd.Process.Signal(s)
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("%v %v: %v", c.how, c.send, err)
		}
		if conn, err := net.Dial("tcp", addr); err == nil {
			conn.Close()
			t.Error("it still listens")
		}
	}
}

// The whole command line of the article, on its port.
func TestDefaults(t *testing.T) {
	nstest.Sandbox(t) // the port is the sandbox's own
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), helperEnv+"=1")
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var page strings.Builder
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if _, err := new(httpraw.Client).Get("127.0.0.1:8080", &page); err == nil {
			break
		}
	}
	if !strings.HasSuffix(httpraw.Page, page.String()) || page.Len() == 0 {
		t.Errorf("%q", page.String())
	}
	// Another one says what is in its way.
	other := exec.Command(os.Args[0])
	other.Env = cmd.Env
	out, err := other.CombinedOutput()
	if want := "http_server: listen 0.0.0.0:8080: address already in use (EADDRINUSE); another program listens there"; err == nil || !strings.HasPrefix(string(out), want) {
		t.Errorf("%q, %v, want %q...", out, err, want)
	}
	cmd.Process.Signal(syscall.SIGTERM)
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	if want := " GET / HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n "; stdout.String() != want || stderr.Len() != 0 {
		t.Errorf("stdout %q, want %q; stderr %q", stdout.String(), want, stderr.String())
	}
}

func TestArguments(t *testing.T) {
	for _, c := range []struct {
		args   string
		code   int
		stdout string
		stderr string
	}{
		{"-h", 0, usage, ""},
		{"--help", 0, usage, ""},
		{"-x", 2, "", `http_server: "-x" is not an option; "http_server -h" lists them` + "\n"},
		{"-b", 2, "", "http_server: -b takes a number from 1 on\n"},
		{"-b 0", 2, "", "http_server: -b takes a number from 1 on\n"},
		{"-b x", 2, "", "http_server: -b takes a number from 1 on\n"},
		{"80 81", 2, "", `http_server: nothing may follow "80", the address to listen on, but "81" does` + "\n"},
		{"65536", 2, "", `http_server: "65536": not an address and a port (10.1.1.2:8080, [fd00::1]:8080, :8080)` + "\n"},
		{"\x1b[31m:1", 2, "", `http_server: "\x1b[31m:1": not an address and a port (10.1.1.2:8080, [fd00::1]:8080, :8080)` + "\n"},
		{"192.0.2.9:1", 1, "", "http_server: listen 192.0.2.9:1: cannot assign requested address (EADDRNOTAVAIL); no interface of this network namespace has that address\n"},
	} {
		var stdout, stderr strings.Builder
		cmd := exec.Command(os.Args[0], strings.Fields(c.args)...)
		cmd.Env = append(os.Environ(), helperEnv+"=1")
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		cmd.Run()
		if code := cmd.ProcessState.ExitCode(); code != c.code || stdout.String() != c.stdout || stderr.String() != c.stderr {
			t.Errorf("%q: exit code %d, %q, %q", c.args, code, stdout.String(), stderr.String())
		}
	}
}

// On a terminal lines are lines, and nothing steers it.
func TestTerminal(t *testing.T) {
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skip(err)
	}
	defer master.Close()
	unlock := 0
	if err := unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, unlock); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	terminal, err := os.OpenFile("/dev/pts/"+strconv.Itoa(n), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close()
	cmd, addr := start(t, "1", terminal)
	ask(t, addr, "GET / HTTP/1.0\r\nA: \x1b[2J\tb\r\n\r\n")
	cmd.Process.Signal(syscall.SIGTERM)
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	b := make([]byte, 200)
	k, err := master.Read(b)
	// The terminal itself turns \n into \r\n.
	if want := " GET / HTTP/1.0\r\r\nA: \\x1b[2J\tb\r\r\n\r\r\n "; err != nil || string(b[:k]) != want {
		t.Errorf("%q, %v, want %q", b[:k], err, want)
	}
}
