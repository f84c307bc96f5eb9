package curl

import (
	"bufio"
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"rawns/httpraw"
)

func encoded(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// redirects is what the keeping server answers, by path: status and Location.
var redirects = map[string]string{
	"/301":     "301 M\r\nLocation: /echo",
	"/302":     "302 F\r\nLocation: echo?a b",
	"/303":     "303 S\r\nLocation: ./x/../echo",
	"/307":     "307 T\r\nLocation: //SERVER/echo",
	"/308":     "308 P\r\nLocation: http://SERVER/echo#frag",
	"/a/b/up":  "302 F\r\nLocation: ../echo",
	"/query":   "302 F\r\nLocation: ?q=1",
	"/query?q": "200 K\r\nX: y",
	"/two":     "302 F\r\nLocation: /302",
	"/loop":    "302 F\r\nLocation: loop",
	"/none":    "302 F\r\nX: y",
	"/empty":   "302 F\r\nLocation:",
	"/gopher":  "302 F\r\nLocation: foo://x/",
	"/space":   "302 F\r\nLocation:   /echo?a b c",
	"/twice":   "302 F\r\nLocation: /echo\r\nLocation: /404",
	"/bye":     "302 F\r\nConnection: close\r\nLocation: /echo",
	"/201":     "201 C\r\nLocation: /echo",
	"/404":     "404 N\r\nContent-Type: text/x",
	"/refused": "302 F\r\nLocation: http://REFUSED/",
	"/nosuch":  "302 F\r\nLocation: http://nosuch.invalid/",
	"/other":   "302 F\r\nLocation: http://localhost:PORT/echo",
}

// keepServer answers any number of requests of a connection: redirects, or the
// request itself. The words in capitals are replaced.
func keepServer(t *testing.T, l net.Listener, words *strings.Replacer) {
	t.Cleanup(func() { l.Close() })
	serve := func(c net.Conn) {
		defer c.Close()
		c.SetDeadline(time.Now().Add(30 * time.Second))
		for in := bufio.NewReader(c); ; {
			var head strings.Builder
			q, err := http.ReadRequest(bufio.NewReader(io.TeeReader(oneByOne{in}, &head)))
			if err != nil {
				return
			}
			body := make([]byte, max(q.ContentLength, 0))
			if _, err := io.ReadFull(in, body); err != nil {
				return
			}
			reply := redirects[q.URL.Path]
			switch {
			case reply != "":
				reply = "HTTP/1.1 " + words.Replace(reply) + "\r\nContent-Length: 3\r\n\r\nabc"
			case q.URL.Path == "/chunks":
				reply = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
			case q.URL.Path == "/excess":
				reply = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcdef"
			default:
				text := strings.Replace(head.String(), "Host: localhost", "Host: 127.0.0.1", 1) + string(body)
				reply = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: " + itoa(len(text)) + "\r\n\r\n" + text
			}
			if q.Method == "HEAD" {
				reply = reply[:strings.Index(reply, "\r\n\r\n")+4]
			}
			io.WriteString(c, reply)
		}
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go serve(c)
		}
	}()
}

// A oneByOne gives a byte at a time, so that nothing behind a header is taken.
type oneByOne struct{ r io.Reader }

func (o oneByOne) Read(p []byte) (int, error) { return o.r.Read(p[:min(len(p), 1)]) }

// noise takes away what tells of curl's inside.
func noise(s string) string {
	s = regexp.MustCompile(`(?m)^\* (Found bundle|Can not multiplex|Please rewind|Note: |Excess found|Hostname .* was found|Added |  Trying \[::1\]|Server auth using|Connection .* seems to be dead|Closing connection|Connection #. to host .* left intact).*\n`).ReplaceAllString(s, "")
	return normal(s)
}

// What is sent, redirects, and connections kept: as with curl.
func TestRequestsLikeCurl(t *testing.T) {
	needCurl(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := l.Addr().String()
	_, port, _ := net.SplitHostPort(server)
	path := filepath.Join(t.TempDir(), "sock")
	u, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "data")
	if err := os.WriteFile(file, []byte("a=1\r\nb=2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	big := filepath.Join(t.TempDir(), "big")
	if err := os.WriteFile(big, []byte(strings.Repeat("0123456789", 90000)), 0o600); err != nil {
		t.Fatal(err)
	}
	words := strings.NewReplacer("SERVER", server, "PORT", port, "REFUSED", refusedAddr(t), "SOCK", path, "FILE", file, "BIG", big)
	keepServer(t, l, words)
	keepServer(t, u, words)

	const told = `%{http_code},%{response_code},%{num_connects},%{num_redirects},%{size_download},%{size_header},%{size_upload},%{url_effective},%{url},%{redirect_url},` +
		`%{content_type},%{remote_ip},%{remote_port},%{local_ip},%{method},%{exitcode},%{errormsg},%{urlnum},%{scheme},%{http_version},%{num_headers},%{filename_effective},%{time_appconnect},%{http_connect}\n`
	for _, line := range []string{
		// Methods and bodies.
		"-X PUT SERVER/echo", "--request FOO SERVER/echo", "-X DELETE -I SERVER/echo", "-d a=b SERVER/echo", "--data a -d b --data-raw @c SERVER/echo", "-d @FILE SERVER/echo",
		"--data-binary @FILE SERVER/echo", "--data-ascii @FILE -d x SERVER/echo", "-d= SERVER/echo", "-d a -X PATCH SERVER/echo", "-d a -H Content-Type:text/x -H X:y SERVER/echo",
		"-d a -H Content-Type: SERVER/echo", "-v -d a=b SERVER/echo", "--data-binary @BIG -o x SERVER/echo", "-d a -o x -v SERVER/echo",
		"-e http://ref/ SERVER/echo", "-b a=b -b c=d SERVER/echo", "-u me:secret SERVER/echo", "-u m:s -H Authorization:x SERVER/echo", "-u a:bc SERVER/echo",
		// Redirects.
		"SERVER/302", "-L SERVER/301", "-L SERVER/302", "-L SERVER/303", "-L SERVER/307", "-L SERVER/308", "-L SERVER/a/b/up", "-L SERVER/two", "-L SERVER/none", "-L SERVER/empty",
		"-L SERVER/space", "-L SERVER/twice", "-L SERVER/bye", "-L SERVER/201", "-L SERVER/404", "-L -f SERVER/404", "-Lf SERVER/302", "-Li SERVER/302", "-LI SERVER/302", "-L -o x SERVER/302",
		"-L SERVER/refused", "-L SERVER/nosuch", "-L SERVER/other", "-L -u me:secret -b c=d -H Authorization:x SERVER/302",
		"-L --max-redirs 0 SERVER/302", "-L --max-redirs 2 SERVER/loop", "-L SERVER/loop", "-L --max-redirs 1 SERVER/302", "-L --max-redirs x SERVER/302", "-L --max-redirs -5 SERVER/302", "-L --max-redirs -1 SERVER/two",
		"-L -d a SERVER/301", "-L -d a SERVER/302", "-L -d a SERVER/303", "-L -d a SERVER/307", "-L -d a SERVER/308", "-L -X PUT SERVER/302", "-L -X PUT -d a SERVER/302", "-L -X PUT -d a SERVER/303", "-L -d @FILE SERVER/two",
		"-v -L SERVER/302", "-v -L -d a SERVER/302", "-v -L --max-redirs 2 SERVER/loop", "-v -L SERVER/bye", "-L SERVER/302 SERVER/303",
		// Several URLs.
		"SERVER/echo SERVER/echo?2 SERVER/chunks SERVER/echo", "-v SERVER/echo SERVER/chunks", "-v SERVER/excess SERVER/echo", "-I SERVER/echo SERVER/echo", "-f SERVER/404 SERVER/echo",
		"-v REFUSED SERVER/echo SERVER/bye SERVER/echo", "--fail-with-body SERVER/404", "--fail-with-body -o x SERVER/404", "-f --fail-with-body SERVER/404", "--fail-with-body SERVER/404 SERVER/echo",
		// What -w tells.
		"-w " + told + " SERVER/echo SERVER/404", "-w " + told + " -L SERVER/302", "-w " + told + " SERVER/302", "-w " + told + " -L -d a SERVER/307", "-w " + told + " -o x SERVER/chunks", "-w " + told + " -d abc SERVER/echo",
		"-w " + told + " REFUSED", "-w " + told + " -f SERVER/404", "-w " + told + " -L SERVER/loop", "-w " + told + " -L SERVER/other", "-w " + told + " nosuch.invalid", "-w " + told + " -I SERVER/echo",
		"-w %{nothing}-%%-%-%{http_code SERVER/echo", "-w %{stderr}%{http_code}%{stdout}x\\t\\r\\n\\q SERVER/echo", "-w %{onerror}no SERVER/echo", "-w %{onerror}%{exitcode} REFUSED", "-w @FILE SERVER/echo", "-w \\ SERVER/echo", "-w % SERVER/echo",
		"-w %{size_request} SERVER/echo?12345678901", // the names of the programs have the same length, or else see normal
		// Where to connect.
		"--resolve x.y:PORT:127.0.0.1 http://x.y:PORT/echo", "--resolve x.y:PORT:127.0.0.9,127.0.0.1 http://X.y:PORT/302", "--resolve *:PORT:127.0.0.1 http://any:PORT/echo",
		"--resolve x.y:1:127.0.0.1 http://x.y.invalid:PORT/", "--resolve x.y:PORT http://x.y:PORT/", "--resolve x.y:PORT:a.b http://x.y:PORT/", "--resolve +x.y:PORT:127.0.0.1 -v http://x.y:PORT/chunks",
		"--unix-socket SOCK http://a/echo", "--unix-socket SOCK -L http://a/302", "--unix-socket SOCK -v http://a/chunks http://a/chunks", "--unix-socket /nosuch http://a/", "-v --unix-socket /nosuch http://a/",
		"--resolve [::1]:PORT:127.0.0.1 SERVER/echo", "http://[::1]:1/",
	} {
		args := strings.Fields(words.Replace(line))
		want := run(t, "curl", append([]string{"-sS", "-A", "u"}, args...)...)
		got := run(t, os.Args[0], append([]string{"-sS", "-A", "u"}, args...)...)
		for _, r := range []*result{&want, &got} {
			r.stdout, r.stderr, r.files = noise(r.stdout), noise(r.stderr), noise(r.files)
		}
		if strings.Contains(line, "size_request") {
			want.stdout, got.stdout = want.stdout[:20], got.stdout[:20]
		}
		if len(got.files) > 1000 && got.files == want.files {
			got.files, want.files = "", ""
		}
		if got != want {
			t.Errorf("curl %s\nexit code %d, want %d\nstdout %.900q\nwant   %.900q\nstderr %q\nwant   %q\nfiles %.300q\nwant  %.300q",
				line, got.code, want.code, got.stdout, want.stdout, got.stderr, want.stderr, got.files, want.files)
		}
	}
	for _, line := range []string{"-L SERVER/302", "-d abc SERVER/echo", "-L -d abc SERVER/307", "-L --max-redirs 1 SERVER/loop", "-L -o x SERVER/two", "-w x SERVER/chunks", "--fail-with-body SERVER/404"} {
		args := strings.Fields(words.Replace(line))
		want, got := runMerged(t, "curl", args...), runMerged(t, os.Args[0], args...)
		want.stdout, got.stdout = masked(want.stdout), masked(got.stdout)
		if want.files = normal(want.files); got != want {
			t.Errorf("curl %s\nexit code %d %q %q, want\n%d %q %q", line, got.code, got.stdout, got.files, want.code, want.stdout, want.files)
		}
	}
}

// masked leaves of a meter's rows only how many lines they make.
func masked(s string) string {
	return regexp.MustCompile(`(\r[-0-9:.kM ]+)+`).ReplaceAllString(normal(s), "ROWS")
}

func TestBase64(t *testing.T) {
	for _, s := range []string{"", "a", "ab", "abc", "abcd", "\x00\xff\x80:~", "user:password"} {
		if got, want := base64Of(s), encoded(s); got != want {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
}

// A server's redirects cannot lead elsewhere than to http, nor end the applet
// otherwise than by an error, nor say anything to the terminal, nor learn secrets.
func TestHostileRedirects(t *testing.T) {
	const lost = "curl: (3) The redirect target URL could not be parsed: Malformed input to a URL function\n"
	for _, c := range []struct {
		location, stderr string
		code             int
	}{
		{"http://\x1b[31mx/", lost, exitURL},
		{"/\x1b]0;title\a", lost, exitURL},
		{"file:///etc/passwd", "curl: (1) Protocol \"file\" not supported\n", exitProtocol},
		{"https://x/", "curl: (1) Protocol \"https\" not supported\n", exitProtocol},
		{"http://user:pw@x/", lost, exitURL},
		{"http://", lost, exitURL},
		{"//", lost, exitURL},
		{"http://x:99999/", lost, exitURL},
		{"/" + strings.Repeat("%1b\x7f", 40000), lost, exitURL},
		{"/" + strings.Repeat("../a/", 10000), "curl: (47) Maximum (50) redirects followed\n", exitRedirects},
		{"/" + strings.Repeat("\xff", 100000), "curl: (47) Maximum (50) redirects followed\n", exitRedirects},
	} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			for {
				conn, err := l.Accept()
				if err != nil {
					return
				}
				go func() {
					defer conn.Close()
					for in := bufio.NewReader(conn); ; {
						if _, err := http.ReadRequest(in); err != nil {
							return
						}
						io.WriteString(conn, "HTTP/1.1 302 F\r\nLocation: "+c.location+"\r\nContent-Length: 0\r\n\r\n")
					}
				}()
			}
		}()
		got := run(t, os.Args[0], "-sSL", "-w", "%{redirect_url}", "http://"+l.Addr().String()+"/")
		if got.code != c.code || got.stderr != c.stderr || strings.ContainsAny(got.stdout, "\x1b\x07") {
			t.Errorf("%.60q: %d %.200q %.200q, want %d %q", c.location, got.code, got.stdout, got.stderr, c.code, c.stderr)
		}
		l.Close()
	}
}

// Another host gets no secrets.
func TestSecretsStayHome(t *testing.T) {
	o := &options{agent: "a", user: "me:secret", cookie: "c=d", headers: []string{"Authorization: x", "cookie: y", "Host: z", "X: y"}}
	if got := strings.Join(o.requestHeader(nil, false), "|"); got != "User-Agent: a|Accept: */*|X: y" {
		t.Error(got)
	}
	o.headers = o.headers[3:]
	if got := strings.Join(o.requestHeader(nil, true), "|"); got != "Authorization: Basic "+encoded("me:secret")+"|User-Agent: a|Accept: */*|Cookie: c=d|X: y" {
		t.Error(got)
	}
}

// Command lines that differ from curl's on purpose, or that only say no.
func TestRefusedOptions(t *testing.T) {
	for line, want := range map[string]string{
		"-d @/nosuch http://x/": "curl: option -d: cannot read /nosuch: No such file or directory\n",
		"-w @/nosuch http://x/": "curl: option -w: cannot read /nosuch: No such file or directory\n",
		"-d @/ http://x/":       "curl: option -d: cannot read /: Is a directory\n",
		"-b file http://x/":     "curl: option -b: expected NAME=VALUE: files of cookies are not read here\n",
		"-I -d x http://x/":     "curl: -I (HEAD) and -d (POST) are two methods: give one of them, or -X for another\n",
	} {
		got := run(t, os.Args[0], strings.Fields(line)...)
		if got.code != exitInit || strings.TrimSuffix(got.stderr, "curl: try 'curl --help' for more information\n") != want || got.stdout != "" {
			t.Errorf("curl %s: %+v, want %q", line, got, want)
		}
	}
	if got := run(t, os.Args[0], "-sS", "-X", "A B\r\n", "http://127.0.0.1:1/"); got.code != exitSend || got.stderr != "curl: (55) Send failure: "+httpraw.ErrMethod.Error()+"\n" {
		t.Errorf("%+v", got)
	}
}
