package httpserver

import (
	"bufio"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"rawns/ns"
	"rawns/ns/nstest"
)

func TestSplit(t *testing.T) {
	for in, want := range map[string][2]string{
		"8080":              {"", "8080"},
		":8080":             {"", ":8080"},
		"10.1.1.2:80":       {"", "10.1.1.2:80"},
		"[::1]:80":          {"", "[::1]:80"},
		"blue:10.1.1.2:80":  {"blue", "10.1.1.2:80"},
		"blue::80":          {"blue", ":80"},
		"blue:80":           {"blue", ":80"},
		"web*:80":           {"web*", ":80"},
		"1.2.3.999:80":      {"", "1.2.3.999:80"},
		"blue:[fd00::1]:80": {"blue", "[fd00::1]:80"},
		"a:b:10.1.1.2:80":   {"a:b", "10.1.1.2:80"},
		"x[::1]:80":         {"", "x[::1]:80"},
		"]:80":              {"", "]:80"},
		"":                  {"", ""},
	} {
		if space, addr := split(in); [2]string{space, addr} != want {
			t.Errorf("%q: %q %q", in, space, addr)
		}
	}
}

func TestHTTPDArguments(t *testing.T) {
	for _, c := range []struct {
		args   []string
		code   int
		stderr string // the beginning
	}{
		{[]string{"-h"}, 0, ""},
		{[]string{"-x"}, 2, `rawns httpd: "-x" is not an option`},
		{[]string{"8080"}, 2, `rawns httpd: "8080" is not an option`},
		{[]string{"--listen"}, 2, "rawns httpd: a value must follow --listen"},
		{[]string{"--listen", "x"}, 2, `rawns httpd: --listen "x": not an address and a port`},
		{[]string{"--listen", "unix:"}, 2, `rawns httpd: --listen "unix:": not an address`},
		{[]string{"--listen", "a/b::80"}, 2, `rawns httpd: --listen "a/b::80": `},
		{[]string{"--listen=\x1b[2J:1"}, 2, `rawns httpd: --listen "\x1b[2J:1": not an address`},
		{[]string{"--max-conns", "0"}, 2, `rawns httpd: --max-conns takes a number from 1 to 16777216, not "0"`},
		{[]string{"--loops", "65"}, 2, `rawns httpd: --loops takes a number from 1 to 64, not "65"`},
		{[]string{"--listen", "no\x1b-such*:127.0.0.1:1"}, 1, `rawns httpd: no\x1b-such*:127.0.0.1:1: no network namespace has such a name`},
		{[]string{"--max-head=x"}, 2, `rawns httpd: --max-head takes a number`},
		{[]string{"--type", "a\nb"}, 2, `rawns httpd: --type has a control character`},
		{[]string{"--list"}, 2, "rawns httpd: --list is of use with --root only"},
		{[]string{"--list=x"}, 2, `rawns httpd: "--list" is not an option`},
		{[]string{"--root="}, 2, "rawns httpd: --root names no folder"},
		{[]string{"--root", "/", "--body", ""}, 2, "rawns httpd: --root and --body exclude each other"},
		{[]string{"--root", "/no\x1bne"}, 1, `rawns httpd: open /no\x1bne: no such file or directory (ENOENT)`},
		{[]string{"--root", "/etc/passwd"}, 1, `rawns httpd: open /etc/passwd: not a directory (ENOTDIR)`},
		{[]string{"--log", "/no\x1bne/x"}, 1, `rawns httpd: open /no\x1bne/x: no such file or directory (ENOENT)`},
		{[]string{"--listen", "192.0.2.9:1"}, 1, "rawns httpd: 192.0.2.9:1: listen 192.0.2.9:1: cannot assign requested address (EADDRNOTAVAIL)"},
		{[]string{"--listen", "no-such:127.0.0.1:1"}, 1, "rawns httpd: no-such:127.0.0.1:1: "},
		{[]string{"--listen", "unix:/nonexistent/s"}, 1, "rawns httpd: unix:/nonexistent/s: listen unix:/nonexistent/s: no such file"},
	} {
		var stdout, stderr strings.Builder
		cmd := exec.Command(os.Args[0], c.args...)
		cmd.Env = append(os.Environ(), helperEnv+"=httpd")
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		cmd.Run()
		if code := cmd.ProcessState.ExitCode(); code != c.code || !strings.HasPrefix(stderr.String(), c.stderr) || (c.code == 0) != (stdout.String() == httpdUsage) || strings.Contains(stderr.String(), "\x1b") {
			t.Errorf("%q: exit code %d, %q, %q", c.args, code, stdout.String(), stderr.String())
		}
	}
}

var port = regexp.MustCompile(`^rawns httpd: (.*): listening on port ([0-9]+)\n$`)

// One process serves IPv4, IPv6, a unix socket and two namespaces, and ends
// when it is told to.
func TestHTTPD(t *testing.T) {
	nstest.Sandbox(t)
	for _, name := range []string{"blue", "green"} {
		n, err := ns.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		defer ns.Delete(name)
		defer n.Close()
		nstest.Up(t, n, "lo")
	}
	sock := filepath.Join(t.TempDir(), "s")
	cmd := exec.Command(os.Args[0], "--listen", "127.0.0.1:0", "--listen=[::1]:0", "--listen", "blue:127.0.0.1:8080", "--listen", "green::8080",
		"--listen", "unix:"+sock, "--body", "hi\n", "--type", "text/x", "--max-head", "200", "--max-body", "0")
	cmd.Env = append(os.Environ(), helperEnv+"=httpd")
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Process.Kill()
	r := bufio.NewReader(stderr)
	var ports []string
	for _, where := range []string{"127.0.0.1:0", "[::1]:0"} {
		line, err := r.ReadString('\n')
		m := port.FindStringSubmatch(line)
		if m == nil || m[1] != where {
			t.Fatalf("%q, %v", line, err)
		}
		ports = append(ports, strings.TrimSuffix(where, "0")+m[2])
	}
	const head = "HTTP/1.1 200 OK\r\nContent-Type: text/x\r\nContent-Length: 3\r\n"
	date := regexp.MustCompile(`Date: .*\r\n`)
	talk := func(network, addr, request string) string {
		return date.ReplaceAllString(askPatiently(t, network, addr, request), "") // the unix socket comes after the ports
	}
	const last = "GET / HTTP/1.0\r\n\r\n"
	for _, c := range []struct{ network, addr, request, want string }{
		{"tcp", ports[0], last, head + "Connection: close\r\n\r\nhi\n"},
		{"tcp", ports[1], "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n" + last, head + "\r\n" + head + "Connection: close\r\n\r\nhi\n"},
		{"unix", sock, last, head + "Connection: close\r\n\r\nhi\n"},
		{"tcp", ports[0], "PUT / HTTP/1.0\r\n\r\n", "HTTP/1.1 405 Method Not Allowed\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 23\r\nConnection: close\r\nAllow: GET, HEAD\r\n\r\n405 Method Not Allowed\n"},
		{"tcp", ports[0], "PUT / HTTP/1.0\r\nContent-Length: 1\r\n\r\nx", "HTTP/1.1 413 Content Too Large\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 22\r\nConnection: close\r\n\r\n413 Content Too Large\n"},
		{"tcp", ports[0], "GET / HTTP/1.0\r\nX: " + strings.Repeat("y", 200) + "\r\n\r\n", "HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 36\r\nConnection: close\r\n\r\n431 Request Header Fields Too Large\n"},
	} {
		if got := talk(c.network, c.addr, c.request); got != c.want {
			t.Errorf("%s %q:\n%q, want\n%q", c.addr, c.request, got, c.want)
		}
	}
	for _, name := range []string{"blue", "green"} {
		n, err := ns.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := n.Do(func() error {
			if got := talk("tcp", "127.0.0.1:8080", last); !strings.HasSuffix(got, "\r\n\r\nhi\n") {
				t.Errorf("%s: %q", name, got)
			}
			return nil
		}); err != nil {
			t.Error(err)
		}
		n.Close()
	}
	cmd.Process.Signal(syscall.SIGTERM)
	rest, _ := io.ReadAll(r)
	if err := cmd.Wait(); err != nil || len(rest) != 0 {
		t.Errorf("%v, %q", err, rest)
	}
	if _, err := os.Lstat(sock); !os.IsNotExist(err) {
		t.Errorf("the socket's file is left: %v", err)
	}
}

// A folder is served, and nothing that is not in it.
func TestHTTPDRoot(t *testing.T) {
	top := t.TempDir()
	for name, text := range map[string]string{"root/a.html": "a page", "secret": "secret"} {
		os.MkdirAll(filepath.Dir(top+"/"+name), 0o755)
		if err := os.WriteFile(top+"/"+name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	os.Symlink("../secret", top+"/root/out")
	cmd := exec.Command(os.Args[0], "--listen", "127.0.0.1:0", "--root", top+"/root", "--log", top+"/log")
	cmd.Env = append(os.Environ(), helperEnv+"=httpd")
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Process.Kill()
	line, err := bufio.NewReader(stderr).ReadString('\n')
	m := port.FindStringSubmatch(line)
	if m == nil {
		t.Fatalf("%q, %v", line, err)
	}
	for path, want := range map[string][2]string{
		"/a.html": {"HTTP/1.1 200 OK\r\n", "a page"}, "/out": {"HTTP/1.1 404 ", "404 Not Found\n"}, "/../secret": {"HTTP/1.1 400 ", "400 Bad Request\n"},
	} {
		got := ask(t, "127.0.0.1:"+m[2], "GET "+path+" HTTP/1.0\r\n\r\n")
		if !strings.HasPrefix(got, want[0]) || !strings.HasSuffix(got, "\r\n\r\n"+want[1]) {
			t.Errorf("%s: %q", path, got)
		}
	}
	ask(t, "127.0.0.1:"+m[2], "HEAD /a.html?\"\\ HTTP/1.0\r\n\r\n")
	ask(t, "127.0.0.1:"+m[2], "\x1b[2J\r\n\r\n")
	cmd.Process.Signal(syscall.SIGTERM)
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	log, err := os.ReadFile(top + "/log")
	if err != nil {
		t.Fatal(err)
	}
	got := regexp.MustCompile(`\[\d\d/[A-Z][a-z][a-z]/\d{4}:\d\d:\d\d:\d\d \+0000\]`).ReplaceAllString(string(log), "[]")
	lines := strings.Split(got, "\n")
	slices.Sort(lines)
	if want := []string{
		"", `127.0.0.1 - - [] "-" 400 34`, `127.0.0.1 - - [] "GET /../secret HTTP/1.0" 400 16`, `127.0.0.1 - - [] "GET /a.html HTTP/1.0" 200 6`,
		`127.0.0.1 - - [] "GET /out HTTP/1.0" 404 14`, `127.0.0.1 - - [] "HEAD /a.html?\x22\x5c HTTP/1.0" 200 0`,
	}; !slices.Equal(lines, want) {
		t.Errorf("logged\n%q, want\n%q", lines, want)
	}
}

// runHTTPD starts the applet, and returns the ports that it tells, one for
// each name.
func runHTTPD(t *testing.T, ports int, args ...string) (cmd *exec.Cmd, byName map[string]string) {
	t.Helper()
	cmd = exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), helperEnv+"=httpd")
	return startHTTPD(t, ports, cmd)
}

func startHTTPD(t *testing.T, ports int, cmd *exec.Cmd) (_ *exec.Cmd, byName map[string]string) {
	t.Helper()
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
	r := bufio.NewReader(stderr)
	byName = map[string]string{}
	for range ports {
		line, err := r.ReadString('\n')
		m := port.FindStringSubmatch(line)
		if m == nil {
			t.Fatalf("%q, %v", line, err)
		}
		byName[strings.TrimSuffix(m[1], ":0")] = m[2]
	}
	var rest strings.Builder
	done := make(chan bool)
	go func() { io.Copy(&rest, r); close(done) }()
	t.Cleanup(func() {
		cmd.Process.Kill()
		<-done
		if rest.Len() > 0 {
			t.Errorf("the server says: %s", rest.String())
		}
	})
	return cmd, byName
}

// All loops log into one file, which SIGHUP changes for another; no answer is
// missing in the two, and none is there twice.
func TestHTTPDLoopsAndLog(t *testing.T) {
	dir := t.TempDir()
	cmd, ports := runHTTPD(t, 1, "--listen", "127.0.0.1:0", "--listen", "unix:"+dir+"/s", "--loops", "3", "--log", dir+"/log", "--max-conns", "100")
	threads := func() int {
		d, err := os.ReadDir("/proc/" + strconv.Itoa(cmd.Process.Pid) + "/task")
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, e := range d {
			if b, _ := os.ReadFile("/proc/" + strconv.Itoa(cmd.Process.Pid) + "/task/" + e.Name() + "/wchan"); strings.Contains(string(b), "ep_poll") {
				n++
			}
		}
		return n
	}
	const requests = 300
	for i := range requests {
		if i == requests/2 {
			os.Rename(dir+"/log", dir+"/log.1")
			cmd.Process.Signal(syscall.SIGHUP)
			for end := time.Now().Add(30 * time.Second); ; time.Sleep(time.Millisecond) {
				if _, err := os.Lstat(dir + "/log"); err == nil {
					break
				}
				if time.Now().After(end) {
					t.Fatal("SIGHUP makes no new log")
				}
			}
		}
		if got := ask(t, "127.0.0.1:"+ports["127.0.0.1"], "GET /"+strconv.Itoa(i)+" HTTP/1.0\r\n\r\n"); !strings.HasPrefix(got, "HTTP/1.1 200 OK\r\n") {
			t.Fatalf("%q", got)
		}
	}
	if n := threads(); n != 0 && n < 3 { // 0: this kernel does not tell
		t.Errorf("%d threads wait in epoll_wait", n)
	}
	cmd.Process.Signal(syscall.SIGTERM)
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	path := regexp.MustCompile(`"GET /(\d+) HTTP/1.0" 200 18\n`)
	seen := map[string]int{}
	for i, name := range []string{"/log.1", "/log"} {
		b, err := os.ReadFile(dir + name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range path.FindAllSubmatch(b, -1) {
			seen[string(m[1])]++
			if n, _ := strconv.Atoi(string(m[1])); (n >= requests/2) != (i == 1) {
				t.Errorf("%d is in %s", n, name)
			}
		}
	}
	for i := range requests {
		if n := seen[strconv.Itoa(i)]; n != 1 {
			t.Errorf("%d was logged %d times", i, n)
		}
	}
	if _, err := os.Lstat(dir + "/s"); !os.IsNotExist(err) {
		t.Errorf("the socket's file is left: %v", err)
	}
}

// One process and one loop serve as many namespaces as a pattern names.
func TestHTTPDManyNamespaces(t *testing.T) {
	nstest.Sandbox(t)
	const spaces = 50
	byName := map[string]*ns.NS{}
	for i := range spaces + 1 {
		name := "web" + strconv.Itoa(i)
		if i == spaces {
			name = "other"
		}
		n, err := ns.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		defer ns.Delete(name)
		defer n.Close()
		nstest.Up(t, n, "lo")
		byName[name] = n
	}
	cmd, ports := runHTTPD(t, spaces, "--listen", "web*:127.0.0.1:0", "--listen", "web*::8080")
	for name, n := range byName {
		at, serves := ports[name+":127.0.0.1"]
		if serves != (name != "other") {
			t.Fatalf("%s is served: %v", name, serves)
		}
		err := n.Do(func() error {
			for _, p := range []string{at, "8080"} {
				c, err := net.Dial("tcp", "127.0.0.1:"+p)
				if (err == nil) != serves {
					t.Errorf("%s: port %s: %v", name, p, err)
				}
				if err == nil {
					io.WriteString(c, "GET / HTTP/1.0\r\n\r\n")
					if b, err := io.ReadAll(c); !strings.HasSuffix(string(b), "\r\n\r\nHello from rawns.\n") || err != nil {
						t.Errorf("%s: %q, %v", name, b, err)
					}
					c.Close()
				}
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
	// Two listeners a namespace, and what every server has: no handle on the
	// namespaces themselves is held.
	d, err := os.ReadDir("/proc/" + strconv.Itoa(cmd.Process.Pid) + "/fd")
	if err != nil || len(d) < 2*spaces || len(d) > 2*spaces+12 {
		t.Errorf("%d descriptors, %v", len(d), err)
	}
	cmd.Process.Signal(syscall.SIGTERM)
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}

// However many want a file and do not read it, and however few files the process
// may have, the next client gets its own.
func TestHTTPDFewFiles(t *testing.T) {
	root := t.TempDir()
	if err := os.WriteFile(root+"/small", []byte("small"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(root+"/large", nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(root+"/large", 1<<30); err != nil {
		t.Fatal(err)
	}
	for _, loops := range []string{"1", "2"} {
		cmd := exec.Command("sh", "-c", `ulimit -n 48; exec "$@"`, "sh", os.Args[0], "--listen", "127.0.0.1:0", "--root", root, "--loops", loops, "--log", root+"/log")
		cmd.Env = append(os.Environ(), helperEnv+"=httpd")
		cmd, ports := startHTTPD(t, 1, cmd)
		addr := "127.0.0.1:" + ports["127.0.0.1"]
		var readers []net.Conn
		for range 100 {
			c, err := net.Dial("tcp", addr)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			readers = append(readers, c)
			io.WriteString(c, "GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
			c.SetDeadline(time.Now().Add(30 * time.Second))
			if _, err := io.ReadFull(c, make([]byte, 1)); err != nil { // it has come to the file
				t.Fatal(err)
			}
			if got := ask(t, addr, "GET /small HTTP/1.0\r\n\r\n"); !strings.HasPrefix(got, "HTTP/1.1 200 OK\r\n") || !strings.HasSuffix(got, "\r\n\r\nsmall") {
				t.Fatalf("loops %s: %q", loops, got)
			}
		}
		for _, c := range readers {
			c.Close()
		}
		cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	}
}
