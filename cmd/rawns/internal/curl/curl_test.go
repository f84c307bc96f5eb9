package curl

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"testing"
	"time"

	"rawns/cmd/rawns/internal/cli"
	"rawns/ns/nstest"
)

// helperEnv makes the test binary the applet.
const helperEnv = "RAWNS_TEST_APPLET"

func TestMain(m *testing.M) {
	if os.Getenv(helperEnv) != "" {
		code := Run(append([]string{"curl"}, os.Args[1:]...))
		cli.Stdout.Flush()
		os.Exit(code)
	}
	nstest.Main(m)
}

// replies is what the test's server says, by path. A reply that ends with "!"
// is followed by a reset, one with "?" by nothing for ever.
var replies = map[string]string{
	"/":          "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
	"/article":   "HTTP/1.0 200 ok\n\n<html><h1>Welcome to my http server!</h1><html>\n",
	"/empty":     "",
	"/H":         "H",
	"/nothttp":   "hello world\n",
	"/reset":     "!",
	"/resetmid":  "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello!",
	"/silent":    "?",
	"/silentmid": "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc?",
	"/short":     "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello",
	"/close":     "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello",
	"/untilend":  "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello",
	"/chunks":    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\n\r\n",
	"/chunksbad": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n",
	"/chunksend": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloXX0\r\n\r\n",
	"/chunkscut": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
	"/chunksbig": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffffffff\r\nhel",
	"/negative":  "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello",
	"/nocolon":   "HTTP/1.1 200 OK\r\nrubbish\r\nContent-Length: 5\r\n\r\nhello",
	"/nul":       "HTTP/1.1 200 OK\r\nX: a\x00b\r\nContent-Length: 5\r\n\r\nhello",
	"/fold":      "HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 5\r\n\r\nhello",
	"/interim":   "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
	"/204":       "HTTP/1.1 204 No\r\n\r\n",
	"/304":       "HTTP/1.1 304 No\r\n\r\n",
	"/404":       "HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\nhello",
	"/500":       "HTTP/1.0 500 Oops\r\n\r\nhello",
	"/version":   "HTTP/1.2 200 OK\r\nContent-Length: 5\r\n\r\nhello",
	"/code":      "HTTP/1.1 20 OK\r\nContent-Length: 5\r\n\r\nhello",
	"/big":       "HTTP/1.1 200 OK\r\nContent-Length: 10001\r\n\r\n" + strings.Repeat("x", 10001),
	"/bigchunk":  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2711\r\n" + strings.Repeat("x", 10001) + "\r\n0\r\n\r\n",
	"/noreason":  "HTTP/1.1 200\r\nContent-Length: 5\r\n\r\nhello",
}

// startServer answers with replies, and with the request itself at /echo.
func startServer(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	stop := make(chan bool)
	t.Cleanup(func() { l.Close(); close(stop) })
	serve := func(c *net.TCPConn) {
		defer c.Close()
		c.SetDeadline(time.Now().Add(30 * time.Second))
		var request []byte
		for b := make([]byte, 4096); !bytes.Contains(request, []byte("\r\n\r\n")); {
			n, err := c.Read(b)
			if err != nil {
				return
			}
			request = append(request, b[:n]...)
		}
		path := strings.Fields(string(request))[1]
		reply, known := replies[path]
		if !known {
			reply = "HTTP/1.0 200 OK\r\n\r\n" + string(request)
		}
		text := strings.TrimRight(reply, "!?")
		if reply == "" || reply[len(reply)-1] != '!' && reply[len(reply)-1] != '?' {
			text = reply
		}
		io.WriteString(c, text)
		switch reply[len(text):] {
		case "!":
			time.Sleep(50 * time.Millisecond) // or the reset overtakes what was said
			c.SetLinger(0)
		case "?":
			<-stop
		}
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go serve(c.(*net.TCPConn))
		}
	}()
	return l.Addr().String()
}

// result is all that a run leaves.
type result struct {
	code           int
	stdout, stderr string
	files          string
}

func run(t *testing.T, name string, args ...string) result {
	t.Helper()
	var stdout, stderr strings.Builder
	return runTo(t, &stdout, &stderr, name, args...)
}

// runMerged sends standard error where standard output goes.
func runMerged(t *testing.T, name string, args ...string) result {
	t.Helper()
	var both strings.Builder
	r := runTo(t, &both, &both, name, args...)
	r.stderr = ""
	return r
}

func runTo(t *testing.T, stdout, stderr *strings.Builder, name string, args ...string) result {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), helperEnv+"=1")
	cmd.Dir, cmd.Stdout, cmd.Stderr = t.TempDir(), stdout, stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	r := result{code: cmd.ProcessState.ExitCode(), stdout: stdout.String(), stderr: stderr.String()}
	files, err := filepath.Glob(cmd.Dir + "/*")
	if err != nil {
		t.Fatal(err)
	}
	sort.Strings(files)
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		r.files += filepath.Base(f) + ": " + string(b) + "\n"
	}
	return r
}

// normal takes away what is meant to differ (the package comment), and times.
func normal(s string) string {
	for _, r := range [][2]string{
		{`curl/7[.0-9]*`, userAgent},
		{`after [0-9]+ (ms|milliseconds)`, "after N $1"},
		{` or 'curl --manual'`, ""},
		{` or disabled in libcurl`, ""},
		{`\* Connection #[0-9]+ to host .* left intact`, "* Closing connection 0"},
		{`\* (Excess found|Hostname .* was found in DNS cache).*\n`, ""},
		{`Connected to .* \(#[0-9]+\)`, "Connected"},
		{`\[[0-9]+ bytes data\]`, "[N bytes data]"},      // of the request, whose User-Agent differs
		{`(\* Could not resolve host: [^\n]*\n)+`, "$1"}, // curl's threads may say it twice
		{`Closing connection [0-9]+`, "Closing connection"},
	} {
		s = regexp.MustCompile(r[0]).ReplaceAllString(s, r[1])
	}
	return s
}

func needCurl(t *testing.T) {
	t.Helper()
	nstest.Need(t, "curl")
	if out, err := exec.Command("curl", "--version").Output(); err != nil || !bytes.HasPrefix(out, []byte("curl 7.88.")) {
		t.Skipf("messages are compared with those of curl 7.88, this is %.12s, %v", out, err)
	}
}

// refusedAddr is an address where nobody listens.
func refusedAddr(t *testing.T) string {
	t.Helper()
	none, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer none.Close()
	return none.Addr().String()
}

// The same command line through curl -sS and through the applet.
func TestLikeCurl(t *testing.T) {
	needCurl(t)
	server := startServer(t)
	refused := refusedAddr(t)

	var lines []string
	for path := range replies {
		if path != "/silent" && path != "/silentmid" {
			lines = append(lines, "SERVER"+path)
		}
	}
	sort.Strings(lines)
	lines = append(lines,
		"", "--foo", "-m", "-m abc SERVER", "-m -1 SERVER", "-m 1e SERVER", "--connect-timeout x SERVER", "-sm", "-o", "-", "--max-time=3 SERVER",
		"-v SERVER/echo", "-v SERVER/article", "-v SERVER/short", "-v SERVER/empty", "-v SERVER/resetmid", "-v SERVER/chunksbad",
		"-v SERVER/204", "-v -o x SERVER/close", "-v -I SERVER/close", "-v SERVER/close SERVER/close",
		"-m 1 SERVER/silent", "-m 0.5 -v SERVER/silentmid", "--max-time 1 -i SERVER/silentmid",
		"-v http://REFUSED/", "REFUSED", "-v nosuch.invalid", "nosuch.invalid SERVER/", "SERVER/ REFUSED",
		"http://127.0.0.1:99999/", "http:///", "http://[::1]x/", "http://127.0.0.1:x/", "foo://bar",
		"-i SERVER/article", "-i SERVER/404", "-I SERVER/article", "-iI SERVER/", "-i SERVER/interim", "-I -o x SERVER/", "-i -o x SERVER/article",
		"-f SERVER/404", "-fi SERVER/404", "-fI SERVER/404", "-f SERVER/500", "-f SERVER/", "-fo x SERVER/404", "-f SERVER/304",
		"-o x SERVER/", "-ox SERVER/", "-o - SERVER/", "--output x SERVER/", "-o x -o y SERVER/ SERVER/404 SERVER/close",
		"-o x SERVER/ SERVER/", "-o x SERVER/empty", "-o x SERVER/204", "-o x SERVER/short", "-o nodir/x SERVER/", "-o /dev/full SERVER/",
		"-O SERVER/close", "-O SERVER/a/b?c/d", "-O SERVER/a/", "-OO SERVER/close SERVER/article", "-O -o y SERVER/close SERVER/",
		"-H Host:x SERVER/echo", "-H Host:x -H Foo; -H Accept: -H A:b -H bad -H User-Agent:u -A no SERVER/echo", "-A name SERVER/echo", "-HX:y SERVER/echo",
		"-H accept:text/html -H X: SERVER/echo", "--header X:1 --user-agent u SERVER/echo",
		"SERVER/a/../echo", "SERVER/./a/b/../../echo/", "SERVER?q=1", "SERVER/echo?a=b&c=../d#frag", "http://SERVER", "HTTP://SERVER/echo",
		"SERVER/\xc3\xa9", "SERVER/a%zz", "SERVER/echo;x=1,2", "--url SERVER/echo", "-- SERVER/echo", "-sS SERVER/echo", "-sSi SERVER/echo", "-i -- SERVER/",
		"--http0.9 SERVER/nothttp", "--http0.9 SERVER/", "-vsS -o x SERVER/404",
	)
	for _, line := range lines {
		args := strings.Fields(strings.NewReplacer("SERVER", server, "REFUSED", refused).Replace(line))
		want := run(t, "curl", append([]string{"-sS"}, args...)...)
		got := run(t, os.Args[0], append([]string{"-sS"}, args...)...)
		if got.code != want.code || got.stdout != normal(want.stdout) || got.files != normal(want.files) || normal(got.stderr) != normal(want.stderr) {
			t.Errorf("curl %s\nexit code %d, want %d\nstdout %q\nwant   %q\nstderr %q\nwant   %q\nfiles %q\nwant  %q",
				line, got.code, want.code, got.stdout, normal(want.stdout), normal(got.stderr), normal(want.stderr), got.files, normal(want.files))
		}
	}
}

// rows are the meter's; speeds and times are masked.
var rows = regexp.MustCompile(`(\r[ 0-9]{3} [ .0-9kM]{5}  [ 0-9]{3} [ .0-9kM]{5}    0     0 ) [ .0-9kM]{5}      0 ((?:--:--:-- |[ 0-9]{2}:[0-9]{2}:[0-9]{2} ){3})[ .0-9kM]{5}`)

// maskRows masks them, and takes those away that a new second brought between
// the first and the last: their number is up to the clock.
func maskRows(s string) string {
	var b strings.Builder
	done := 0
	for _, at := range rows.FindAllStringSubmatchIndex(s, -1) {
		b.WriteString(s[done:at[0]])
		done = at[1]
		if first, last := strings.HasSuffix(s[:at[0]], "Speed\n"), strings.HasPrefix(s[at[1]:], "\n"); first || last {
			b.WriteString(s[at[2]:at[3]] + "SPEED " + regexp.MustCompile(`[0-9]`).ReplaceAllString(s[at[4]:at[5]], "N") + "CURRENT")
		}
	}
	// Whether curl shows the meter before a look-up that fails at once is a
	// race between its threads.
	return unresolved.ReplaceAllString(b.String()+s[done:], "$1")
}

var unresolved = regexp.MustCompile(regexp.QuoteMeta(meterHead) + `\r[^\r\n]*CURRENT((?:\* Could not resolve|curl: \(6\)))`)

// Both outputs as one stream, the meter in it, like curl's.
func TestMeterLikeCurl(t *testing.T) {
	needCurl(t)
	server := startServer(t)
	refused := refusedAddr(t)
	for _, line := range []string{
		"SERVER/", "SERVER/article", "SERVER/empty", "SERVER/short", "SERVER/204", "SERVER/nothttp", "SERVER/chunks", "SERVER/chunksbad", "SERVER/close",
		"SERVER/resetmid", "SERVER/big", "SERVER/bigchunk", "SERVER/nocolon", "SERVER/304",
		"-S SERVER/close", "-s SERVER/", "-sS SERVER/short", "-s SERVER/short", "-N SERVER/close", "--no-progress-meter SERVER/short",
		"-i SERVER/article", "-I SERVER/close", "-f SERVER/404", "-fi SERVER/404", "-o x SERVER/", "-o x SERVER/empty", "-O SERVER/close", "-o - SERVER/",
		"-o nodir/x SERVER/", "-o /dev/full SERVER/", "-O SERVER/a/", "-o x -o y SERVER/close SERVER/404", "-o x SERVER/close SERVER/close",
		"SERVER/close SERVER/article", "SERVER/empty SERVER/close", "SERVER/close REFUSED", "REFUSED SERVER/close", "nosuch.invalid SERVER/close",
		"REFUSED", "nosuch.invalid", "foo://bar", "http:///", "-m 1 SERVER/silent", "--max-time 1 SERVER/silentmid", "-o x -m 1 SERVER/silentmid",
		"-v SERVER/close", "-v SERVER/short", "-v SERVER/empty", "-v REFUSED", "-v nosuch.invalid", "-v -o nodir/x SERVER/close", "-v SERVER/close SERVER/close",
		"-v -o x -m 1 SERVER/silentmid", "-v SERVER/chunksbad", "-v -I SERVER/close",
	} {
		args := strings.Fields(strings.NewReplacer("SERVER", server, "REFUSED", refused).Replace(line))
		var want, got result
		for range 3 { // a time limit of a second ends now in front of the second's row, now behind it
			want, got = runMerged(t, "curl", args...), runMerged(t, os.Args[0], args...)
			want.stdout, got.stdout = maskRows(normal(want.stdout)), maskRows(normal(got.stdout))
			if want.files = normal(want.files); got == want {
				break
			}
		}
		if got != want {
			t.Errorf("curl %s\nexit code %d %q %q, want\n%d %q %q", line, got.code, got.stdout, got.files, want.code, want.stdout, want.files)
		}
		if meter := strings.Contains(want.stdout, "SPEED"); meter == regexp.MustCompile(`-s|no-prog|foo:|http:///|/a/$|nosuch.invalid$`).MatchString(line) {
			t.Errorf("curl %s: a meter is shown: %v", line, meter)
		}
	}
}

// curl's own rows for these numbers.
func TestMeterRow(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	old := cli.Stderr
	cli.Stderr = cli.NewOut(w)
	defer func() { cli.Stderr = old }()
	for _, c := range []struct {
		want, got int64
		now       time.Duration
		row       string
	}{
		{-1, 0, 0, "  0     0    0     0    0     0      0      0 --:--:-- --:--:-- --:--:--     0"},
		{100, 17, 1060 * time.Millisecond, " 17   100   17    17    0     0     16      0  0:00:06  0:00:01  0:00:05    16"},
		{100, 3, 3001 * time.Millisecond, "  3   100    0     3    0     0      0      0 --:--:--  0:00:03 --:--:--     0"},
		{30000, 30000, time.Millisecond, "100 30000  100 30000    0     0  28.6M      0 --:--:-- --:--:-- --:--:-- 28.6M"},
		{99 << 20, 150000, 2 * time.Second, "  0 99.0M    0  146k    0     0  75000      0  0:23:04  0:00:02  0:23:02 75000"},
		{-1, 12345 << 20, 4000 * time.Second, "100 12.0G    0 12.0G    0     0  3160k      0 --:--:--  1:06:40 --:--:-- 3160k"},
		{1<<63 - 1, 1, time.Second, "  0 8191P    0     1    0     0      1      0 9999999d  0:00:01 9999999d     1"},
		{1<<63 - 1, 1 << 62, 400 * time.Hour, " 50 8191P   50 4096P    0     0  2982G      0  33d 08h  16d 16h  16d 16h 2982G"},
	} {
		m := meter{want: c.want, got: c.got}
		m.row(c.now)
		b := make([]byte, 1000)
		n, _ := r.Read(b)
		if got := string(b[:n]); got != meterHead+"\r"+c.row {
			t.Errorf("%d of %d after %v:\n%q, want\n%q", c.got, c.want, c.now, strings.TrimPrefix(got, meterHead), "\r"+c.row)
		}
	}
}

// What is meant to differ from curl.
func TestOfItsOwn(t *testing.T) {
	server := startServer(t)
	replies := map[string]result{
		"-s http://127.0.0.1:1/":                 {code: exitConnect},
		"-s https://127.0.0.1:1/":                {code: exitProtocol},
		"https://127.0.0.1:1/":                   {code: exitProtocol, stderr: "curl: (1) Protocol \"https\" not supported\n"},
		"http://user:pw@127.0.0.1:1/":            {code: exitURL, stderr: "curl: (3) URL using bad/illegal format or missing URL\n"},
		"-sS -H bad\r\nline:x " + server:         {code: exitSend, stderr: "curl: (55) Send failure: not a header line\n"},
		"-V":                                     {stdout: "curl of " + userAgent + "\nProtocols: http\n"},
		"-Z " + server:                           {code: exitInit, stderr: "curl: option -Z: is unknown\ncurl: try 'curl --help' for more information\n"},
		"-sS http://127.0.0.1:1/ -o x " + server: {stderr: "curl: (7) Failed to connect to 127.0.0.1 port 1 after N ms: Couldn't connect to server\n", stdout: "hello"},
		"http://\x1b[31m/":                       {code: exitURL, stderr: "curl: (3) URL using bad/illegal format or missing URL\n"},
		"\x1b]0;x://h/":                          {code: exitURL, stderr: "curl: (3) URL using bad/illegal format or missing URL\n"},
		"-\x1b[31m":                              {code: exitInit, stderr: "curl: option -\\x1b[31m: is unknown\ncurl: try 'curl --help' for more information\n"},
		"--max-time 3 -sS -f " + server + "/":    {stdout: "hello"},
	}
	for line, want := range replies {
		args := strings.Split(line, " ")
		got := run(t, os.Args[0], args...)
		if got.files = ""; got.code != want.code || got.stdout != want.stdout || normal(got.stderr) != want.stderr {
			t.Errorf("curl %q: %+v, want %+v", args, got, want)
		}
	}
	if got := run(t, os.Args[0], "-h"); got.code != 0 || strings.Count(got.stdout, "\n") != len(opts)+1 || got.stderr != "" {
		t.Errorf("-h: %+v", got)
	}
}

// An answer's header lines reach -v without what could steer a terminal.
func TestVerboseIsSafe(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		if c, err := l.Accept(); err == nil {
			c.Read(make([]byte, 1000))
			io.WriteString(c, "HTTP/1.1 200 \x1b[2J\r\nX: \x1b]0;title\a\r\nContent-Length: 0\r\n\r\n")
			c.Close()
		}
	}()
	got := run(t, os.Args[0], "-v", l.Addr().String())
	if strings.ContainsRune(got.stderr, '\x1b') || !strings.Contains(got.stderr, `< HTTP/1.1 200 \x1b[2J`+"\r\n"+`< X: \x1b]0;title\x07`+"\r\n") {
		t.Errorf("%q", got.stderr)
	}
}

// A reader that goes away is an error with a code, not a death by signal.
func TestClosedStdout(t *testing.T) {
	server := startServer(t)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	var stderr strings.Builder
	cmd := exec.Command(os.Args[0], "-sS", server)
	cmd.Env = append(os.Environ(), helperEnv+"=1")
	cmd.Stdout, cmd.Stderr = w, &stderr
	cmd.Run()
	w.Close()
	if code := cmd.ProcessState.ExitCode(); code != exitWrite || stderr.String() != "curl: (23) Failed writing body\n" {
		t.Errorf("exit code %d, %q", code, stderr.String())
	}
}
