package httpraw

import (
	"bytes"
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

// folder makes a tree with everything in it that must and must not be served.
func folder(t *testing.T) (dir string) {
	t.Helper()
	top := t.TempDir()
	dir = top + "/root"
	for name, text := range map[string]string{
		"root/index.html": "index", "root/a.txt": "0123456789", "root/sub/index.html": "sub", "root/sub/b.JS": "js", "root/empty/x": "",
		"root/sp ace%": "space", "root/.secret": "secret", "root/.well-known/x": "known", "root/noext": "?", "root/sub/.git/config": "secret",
		"secret": "secret", "root/zero.txt": "", "rootsecret": "secret",
	} {
		os.MkdirAll(filepath.Dir(top+"/"+name), 0o755)
		if err := os.WriteFile(top+"/"+name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(top+"/"+name, time.Time{}, time.Unix(784111777, 5)); err != nil {
			t.Fatal(err)
		}
	}
	for name, to := range map[string]string{
		"inside": "sub/b.JS", "up": "..", "out": "../secret", "absolute": "/etc/passwd", "magic": "/proc/self/root", "loop": "loop",
		"sub/back": "../a.txt", "self": "/proc/self/exe",
	} {
		if err := os.Symlink(to, dir+"/"+name); err != nil {
			t.Fatal(err)
		}
	}
	if err := unix.Mkfifo(dir+"/pipe", 0o666); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestFilesPaths(t *testing.T) {
	dir := folder(t)
	for _, old := range []bool{false, true} {
		f, err := OpenFiles(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		f.dir.old = old
		link := map[bool]string{false: "200", true: "404"}[old] // inside the folder
		s := &Server{Handler: f}
		addr := serve(t, s)
		talkTo(t, addr, "GET / HTTP/1.0\r\n\r\n") // it runs
		before := fds(t)
		for _, c := range []struct{ path, code, body string }{
			{"/", "200", "index"}, {"/index.html", "200", "index"}, {"/?x", "200", "index"}, {"/a.txt", "200", "0123456789"},
			{"/a.txt?../../x", "200", "0123456789"}, {"/%61.txt", "200", "0123456789"}, {"/a%2Etxt", "200", "0123456789"},
			{"/sp%20ace%25", "200", "space"}, {"/sub/", "200", "sub"}, {"/sub", "301", ""}, {"/sub?q=1", "301", ""},
			{"http://h/a.txt", "200", "0123456789"}, {"http://h", "200", "index"}, {"/noext", "200", "?"}, {"/.well-known/x", "200", "known"},
			{"/zero.txt", "200", ""}, {"/inside", link, "js"}, {"/sub/back", link, "0123456789"},
			{"/none", "404", ""}, {"/a.txt/", "404", ""}, {"/a.txt/x", "404", ""}, {"/empty/", "404", ""}, {"/empty", "301", ""},
			{"/.secret", "404", ""}, {"/%2esecret", "404", ""}, {"/sub/.git/config", "404", ""}, {"/pipe", "404", ""}, {"//a.txt", "404", ""},
			{"/sub//", "404", ""}, {"//", "404", ""}, {"/out", "404", ""}, {"/up/secret", "404", ""}, {"/up", "404", ""}, {"/absolute", "404", ""},
			{"/magic/etc/passwd", "404", ""}, {"/magic", "404", ""}, {"/self", "404", ""}, {"/loop", "404", ""}, {"/" + strings.Repeat("a", 300), "404", ""},
			{"/..", "400", ""}, {"/../secret", "400", ""}, {"/sub/../../secret", "400", ""}, {"/./a.txt", "400", ""}, {"/sub/..", "400", ""},
			{"/%2e%2e/secret", "400", ""}, {"/.%2e/secret", "400", ""}, {"/%2E./secret", "400", ""}, {"/..%2fsecret", "400", ""},
			{"/%2e%2e%2fsecret", "400", ""}, {"/sub%2f..%2f..%2fsecret", "400", ""}, {"/%252e%252e/secret", "404", ""}, {"/..%5csecret", "404", ""},
			{"/..;/secret", "404", ""}, {"/%c0%ae%c0%ae/secret", "404", ""}, {"/a.txt%00.html", "400", ""}, {"/%0d%0aX:1", "400", ""}, {"/%", "400", ""},
			{"/%2", "400", ""}, {"/%zz", "400", ""}, {"/%u002e", "400", ""}, {"/%1b[2J", "400", ""}, {"/../rootsecret", "400", ""},
			{"/" + strings.Repeat("a/", 2100), "414", ""},
		} {
			got := talkTo(t, addr, "GET "+c.path+" HTTP/1.0\r\n\r\n")
			head, body, _ := strings.Cut(got, "\r\n\r\n")
			if !strings.HasPrefix(head, "HTTP/1.1 "+c.code+" ") || c.code == "200" && body != c.body || strings.Contains(got, "secret\n") || body == "secret" {
				t.Errorf("old %v: %.60q: %q, want %s %q", old, c.path, got, c.code, c.body)
			}
			if c.code == "301" {
				path, query, _ := strings.Cut(c.path, "?")
				if want := path + "/" + map[bool]string{true: "?" + query}[query != ""]; !strings.Contains(head, "\r\nLocation: "+want) {
					t.Errorf("%q", head)
				}
			}
		}
		for end := deadline(); fds(t) > before; time.Sleep(time.Millisecond) { // refused ones may linger
			if time.Now().After(end) {
				t.Fatalf("old %v: %d descriptors, %d before", old, fds(t), before)
			}
		}
	}
}

func TestFilesAnswers(t *testing.T) {
	f, err := OpenFiles(folder(t))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	addr := serve(t, &Server{Handler: f})
	const date = "Sun, 06 Nov 1994 08:49:37 GMT"
	tag := `"a-` + strconv.FormatInt(784111777, 36) + `-5"`
	for _, c := range []struct{ method, fields, want, body string }{
		{"GET", "", "200", "0123456789"},
		{"HEAD", "", "200", ""},
		{"POST", "", "405", "405 Method Not Allowed\n"},
		{"GET", "If-Modified-Since: " + date, "304", ""},
		{"GET", "If-Modified-Since: Sun, 06 Nov 1994 08:49:36 GMT", "200", "0123456789"},
		{"GET", "If-None-Match: " + tag, "304", ""},
		{"HEAD", "If-None-Match: \"x\", W/" + tag, "304", ""},
		{"GET", "If-None-Match: *", "304", ""},
		{"GET", "If-None-Match: \"x\"|If-Modified-Since: " + date, "200", "0123456789"},
		{"GET", "Range: bytes=0-0", "206 0-0", "0"},
		{"GET", "Range: bytes=2-4", "206 2-4", "234"},
		{"GET", "Range: Bytes=7-", "206 7-9", "789"},
		{"GET", "Range: bytes=7-99999", "206 7-9", "789"},
		{"GET", "Range: bytes=-3", "206 7-9", "789"},
		{"GET", "Range: bytes=-300", "206 0-9", "0123456789"},
		{"HEAD", "Range: bytes=2-4", "206 2-4", ""},
		{"GET", "Range: bytes=10-", "416 *", "416 Range Not Satisfiable\n"},
		{"GET", "Range: bytes=-0", "416 *", "416 Range Not Satisfiable\n"},
		{"GET", "Range: bytes=4-2", "200", "0123456789"},
		{"GET", "Range: bytes=0-1,3-4", "200", "0123456789"},
		{"GET", "Range: bytes=-", "200", "0123456789"},
		{"GET", "Range: bytes=0x1-3", "200", "0123456789"},
		{"GET", "Range: bytes=+1-3", "200", "0123456789"},
		{"GET", "Range: bytes=99999999999999999999-", "200", "0123456789"},
		{"GET", "Range: lines=1-2", "200", "0123456789"},
		{"GET", "Range: bytes=2-4|If-Range: " + tag, "206 2-4", "234"},
		{"GET", "Range: bytes=2-4|If-Range: " + date, "206 2-4", "234"},
		{"GET", "Range: bytes=2-4|If-Range: \"x\"", "200", "0123456789"},
	} {
		fields := c.fields
		if fields != "" {
			fields += "|"
		}
		got := talkTo(t, addr, string(text(c.method+" /a.txt HTTP/1.0|"+fields+"|")))
		head, body, _ := strings.Cut(got, "\r\n\r\n")
		code, part, _ := strings.Cut(c.want, " ")
		ok := strings.HasPrefix(head, "HTTP/1.1 "+code+" ") && body == c.body
		switch code {
		case "200", "206", "304":
			ok = ok && strings.Contains(head, "\r\nETag: "+tag+"\r\n") && strings.Contains(head, "\r\nLast-Modified: "+date+"\r\n")
		}
		if part != "" {
			ok = ok && strings.Contains(head+"\r\n", "\r\nContent-Range: bytes "+part+"/10\r\n")
		} else if strings.Contains(head, "Content-Range") {
			ok = false
		}
		if !ok {
			t.Errorf("%s, %q: %q, want %s %q", c.method, c.fields, got, c.want, c.body)
		}
	}
	for path, want := range map[string]string{
		"/": "text/html; charset=utf-8", "/sub/b.JS": "text/javascript; charset=utf-8", "/noext": "application/octet-stream", "/a.txt": "text/plain; charset=utf-8",
	} {
		if got := talkTo(t, addr, "HEAD "+path+" HTTP/1.0\r\n\r\n"); !strings.Contains(got, "\r\nContent-Type: "+want+"\r\n") {
			t.Errorf("%s: %q", path, got)
		}
	}
}

// Nothing is allocated for a file, and no name of a path is looked at before
// the kernel's own rules apply to it.
func TestFilesAllocateNothing(t *testing.T) {
	f, err := OpenFiles(folder(t))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	l, to := step(t, &Server{Handler: f}, undeferred)
	fd := rawClient(to)
	defer unix.Close(fd)
	buf := make([]byte, 4096)
	for _, in := range []string{"GET / HTTP/1.1|Host: a||", "GET /sub HTTP/1.1|Host: a||", "GET /sub/b.JS HTTP/1.1|Host: a|Range: bytes=0-0|If-Range: x||", "GET /x HTTP/1.1|Host: a||"} {
		b := text(in)
		if n := testing.AllocsPerRun(100, func() {
			unix.Write(fd, b)
			l.round()
			unix.Read(fd, buf)
		}); n != 0 || f.dir.old {
			t.Errorf("%s: %v allocations, old: %v", in, n, f.dir.old)
		}
	}
}

func TestFilesTools(t *testing.T) {
	nstest.Need(t, "curl", "wget")
	dir := folder(t)
	large := bigPage().page
	if err := os.WriteFile(dir+"/large.bin", large, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(dir+"/part", large[:1<<20], 0o644); err != nil {
		t.Fatal(err)
	}
	f, err := OpenFiles(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	addr := serve(t, &Server{Handler: f})
	if out, err := exec.Command("curl", "-sS", "-m", "30", addr+"/large.bin").Output(); !bytes.Equal(out, large) || err != nil {
		t.Errorf("%d bytes, %v", len(out), err)
	}
	got := t.TempDir() + "/part"
	if err := os.WriteFile(got, large[:1<<20], 0o644); err != nil {
		t.Fatal(err)
	}
	// Both go on where a download ended.
	for _, argv := range [][]string{{"curl", "-sS", "-m", "30", "-C", "-", "-o", got, addr + "/large.bin"}, {"wget", "-q", "-c", "-T", "30", "-O", got, addr + "/large.bin"}} {
		os.Truncate(got, 1<<20)
		if out, err := exec.Command(argv[0], argv[1:]...).CombinedOutput(); err != nil {
			t.Errorf("%v: %s %v", argv, out, err)
		}
		if b, _ := os.ReadFile(got); !bytes.Equal(b, large) {
			t.Errorf("%v: %d bytes", argv, len(b))
		}
	}
}

func FuzzFilesPath(f *testing.F) {
	for _, s := range []string{"/", "/a/b", "/%2e%2e/x", "/a//b", "/.x", "/%2f", "/a/.%2e", "/\x00"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, p []byte) {
		var x place
		if len(p) == 0 || p[0] != '/' || x.decode(p) != 0 {
			return
		}
		path := string(x.path[:len(x.path)-1])
		if x.path[len(x.path)-1] != 0 || strings.Contains(path, "\x00") || strings.HasPrefix(path, "/") || strings.Contains(path, "//") {
			t.Fatalf("%q: %q", p, x.path)
		}
		for _, name := range strings.Split(path, "/") {
			if strings.HasPrefix(name, ".") && name != ".well-known" {
				t.Fatalf("%q: %q", p, x.path)
			}
		}
	})
}
