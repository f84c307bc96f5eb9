package httpraw

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/sys/unix"

	"rawns/ns/nstest"
)

// create makes a file of a time.
func create(t *testing.T, path, text string, sec int64) {
	t.Helper()
	os.MkdirAll(filepath.Dir(path), 0o755)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, time.Time{}, time.Unix(sec, 0)); err != nil {
		t.Fatal(err)
	}
}

func openFiles(t *testing.T, dir string) *Files {
	t.Helper()
	f, err := OpenFiles(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	return f
}

// A folder's page lists what can be asked for, and no name is more than text.
func TestList(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{
		"b", "a.txt", "sub/x", "sub/.hidden", ".secret", "<script>&\"'", "a:b", "per%cent", "spa ce?#", "ü", "\x1b[2J", "new\nline", "bad\xff", "c1\u009bJ", "rtl\u202etxt.exe", "q/index.html",
	} {
		create(t, dir+"/"+name, name, 1)
	}
	unix.Mkfifo(dir+"/pipe", 0o600)
	os.Symlink("/etc/passwd", dir+"/out")
	f := openFiles(t, dir)
	addr := serve(t, &Server{Handler: f})
	if got := talkTo(t, addr, "GET / HTTP/1.0\r\n\r\n"); !strings.HasPrefix(got, "HTTP/1.1 404 ") {
		t.Errorf("listed without being asked to: %q", got)
	}
	f = openFiles(t, dir)
	f.List = true
	addr = serve(t, &Server{Handler: f})
	head, body, _ := strings.Cut(talkTo(t, addr, "GET / HTTP/1.0\r\n\r\n"), "\r\n\r\n")
	if !strings.HasPrefix(head, "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: "+fmt.Sprint(len(body))+"\r\n") {
		t.Errorf("%q", head)
	}
	const want = `<!DOCTYPE html>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>/</title>
<h1>/</h1>
<pre>
<a href="%3Cscript%3E%26%22%27">&lt;script&gt;&amp;&quot;'</a>
<a href="a.txt">a.txt</a>
<a href="a%3Ab">a:b</a>
<a href="b">b</a>
<a href="bad%FF">bad` + "\ufffd" + `</a>
<a href="c1%C2%9BJ">c1` + "\ufffd" + `J</a>
<a href="out">out</a>
<a href="per%25cent">per%cent</a>
<a href="q/">q/</a>
<a href="rtl%E2%80%AEtxt.exe">rtl` + "\ufffd" + `txt.exe</a>
<a href="spa%20ce%3F%23">spa ce?#</a>
<a href="sub/">sub/</a>
<a href="%C3%BC">ü</a>
</pre>
`
	if body != want {
		t.Errorf("%s", body)
	}
	for _, m := range regexp.MustCompile(`href="([^"]*)"`).FindAllStringSubmatch(body, -1) {
		got := talkTo(t, addr, "GET /"+m[1]+" HTTP/1.0\r\n\r\n")
		if (m[1] == "out") == strings.HasPrefix(got, "HTTP/1.1 200 ") {
			t.Errorf("%s: %q", m[1], got)
		}
	}
	if got := talkTo(t, addr, "GET /q/ HTTP/1.0\r\n\r\n"); !strings.HasSuffix(got, "\r\n\r\nq/index.html") {
		t.Errorf("%q", got)
	}
	if got := talkTo(t, addr, "HEAD / HTTP/1.0\r\n\r\n"); got != head+"\r\n\r\n" {
		t.Errorf("HEAD: %q", got)
	}
	_, body, _ = strings.Cut(talkTo(t, addr, "GET /sub/ HTTP/1.0\r\n\r\n"), "<h1>")
	if body != "/sub/</h1>\n<pre>\n<a href=\"../\">../</a>\n<a href=\"x\">x</a>\n</pre>\n" {
		t.Errorf("%q", body)
	}
}

// However many names there are, what is read and what is answered is bounded.
func TestListBound(t *testing.T) {
	dir := t.TempDir()
	long := strings.Repeat("\u202e", 80) // 240 bytes, 720 of them escaped
	for i := range 3000 {
		if err := os.WriteFile(fmt.Sprintf("%s/%s%d", dir, long, i), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	f := openFiles(t, dir)
	f.List = true
	var a Answer
	var r Request
	r.Parse([]byte("GET / HTTP/1.0\r\n\r\n"), Strict)
	a.Reset()
	f.Serve(&a, &r)
	if n := bytes.Count(a.body, []byte("<a ")); a.Code != 200 || n < 200 || n > listMax/240 || len(a.body) > 10*listMax || !bytes.Contains(a.body, []byte("There are more")) {
		t.Errorf("%d, %d names in %d bytes", a.Code, n, len(a.body))
	}
	names := regexp.MustCompile(`href="[^"]*"`).FindAllString(string(a.body), -1)
	if !slices.IsSorted(names) {
		t.Error("not sorted")
	}
}

func FuzzListName(f *testing.F) {
	for _, s := range []string{"a", "<&>\"'", "\x1b", "\u009b", "\xff", "\u202e", "ü"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		b := appendHTML(nil, s)
		if bytes.ContainsAny(b, "<>\"\x00\x1b\x7f\u009b\u202e") || !utf8.Valid(b) || len(b) > 6*len(s) {
			t.Fatalf("%q: %q", s, b)
		}
	})
}

func TestGzip(t *testing.T) {
	dir := t.TempDir()
	const now = 784111777
	create(t, dir+"/a.txt", "plain text", now)
	create(t, dir+"/a.txt.gz", "packed", now)
	create(t, dir+"/stale.txt", "plain text", now)
	create(t, dir+"/stale.txt.gz", "packed", now-1)
	create(t, dir+"/alone.gz", "packed", now)
	create(t, dir+"/folder", "plain text", now)
	os.Mkdir(dir+"/folder.gz", 0o755)
	create(t, dir+"/out", "plain text", now)
	os.Symlink("/etc/passwd", dir+"/out.gz")
	create(t, dir+"/sub/index.html", "plain text", now)
	create(t, dir+"/sub/index.html.gz", "packed", now+1)
	addr := serve(t, &Server{Handler: openFiles(t, dir)})
	get := func(method, path, fields string) (code, body string, field func(string) string) {
		got := talkTo(t, addr, string(text(method+" "+path+" HTTP/1.0|"+fields+"|")))
		head, body, _ := strings.Cut(got, "\r\n\r\n")
		return head[9:12], body, func(name string) string {
			_, value, _ := strings.Cut(head+"\r\n", "\r\n"+name+": ")
			value, _, _ = strings.Cut(value, "\r\n")
			return value
		}
	}
	for _, c := range []struct {
		path, accept string
		packed       bool
	}{
		{"/a.txt", "", false}, {"/a.txt", "Accept-Encoding: gzip|", true}, {"/a.txt", "Accept-Encoding: br, deflate;q=0.5, GZIP;q=0.1|", true},
		{"/a.txt", "Accept-Encoding: gzip;q=0|", false}, {"/a.txt", "Accept-Encoding: *|", true}, {"/a.txt", "Accept-Encoding: identity;q=1, gzip;q=0.9|", false},
		{"/stale.txt", "Accept-Encoding: gzip|", false}, {"/folder", "Accept-Encoding: gzip|", false}, {"/out", "Accept-Encoding: gzip|", false},
		{"/sub/", "Accept-Encoding: gzip|", true},
	} {
		code, body, field := get("GET", c.path, c.accept)
		want := map[bool]string{true: "packed", false: "plain text"}[c.packed]
		if code != "200" || body != want || (field("Content-Encoding") == "gzip") != c.packed || field("Vary") != "Accept-Encoding" {
			t.Errorf("%s %q: %s %q, encoding %q, vary %q", c.path, c.accept, code, body, field("Content-Encoding"), field("Vary"))
		}
		if kind := field("Content-Type"); c.path == "/a.txt" && kind != "text/plain; charset=utf-8" || c.path == "/sub/" && kind != "text/html; charset=utf-8" {
			t.Errorf("%s: %s", c.path, kind)
		}
	}
	// The packed one is a file like any other, with a tag of its own.
	const accept = "Accept-Encoding: gzip|"
	_, _, plain := get("GET", "/a.txt", "")
	_, body, field := get("HEAD", "/a.txt", accept)
	tag := field("ETag")
	if body != "" || field("Content-Length") != "6" || field("Content-Encoding") != "gzip" || tag == plain("ETag") || tag == "" {
		t.Errorf("HEAD: %q, length %s, tags %s and %s", body, field("Content-Length"), tag, plain("ETag"))
	}
	if code, body, _ := get("GET", "/a.txt", accept+"If-None-Match: "+tag+"|"); code != "304" || body != "" {
		t.Errorf("%s %q", code, body)
	}
	if code, _, _ := get("GET", "/a.txt", "If-None-Match: "+tag+"|"); code != "200" {
		t.Errorf("the plain one answers to the packed one's tag: %s", code)
	}
	if code, body, field := get("GET", "/a.txt", accept+"Range: bytes=2-3|If-Range: "+tag+"|"); code != "206" || body != "ck" || field("Content-Range") != "bytes 2-3/6" || field("Content-Encoding") != "gzip" {
		t.Errorf("%s %q %s", code, body, field("Content-Range"))
	}
	if code, body, field := get("GET", "/alone.gz", accept); code != "200" || body != "packed" || field("Content-Encoding") != "" || field("Content-Type") != "application/gzip" {
		t.Errorf("%s %q %s", code, body, field("Content-Type"))
	}
	if code, _, _ := get("GET", "/alone", accept); code != "404" {
		t.Errorf("without the plain file: %s", code)
	}
}

// curl unpacks what it was given.
func TestGzipTools(t *testing.T) {
	nstest.Need(t, "curl")
	dir := t.TempDir()
	page := strings.Repeat("hello ", 10000)
	create(t, dir+"/a.txt", page, 1)
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	io.WriteString(w, page)
	w.Close()
	create(t, dir+"/a.txt.gz", z.String(), 2)
	addr := serve(t, &Server{Handler: openFiles(t, dir)})
	out, err := exec.Command("curl", "-sS", "-m", "30", "--compressed", "-w", "%{size_download}", addr+"/a.txt").Output()
	if want := page + fmt.Sprint(z.Len()); string(out) != want || err != nil {
		t.Errorf("%d bytes, %v", len(out), err)
	}
}

func TestAcceptsGzip(t *testing.T) {
	for in, want := range map[string]bool{
		"": false, "gzip": true, "GZip": true, "x-gzip": true, "gzipped": false, "deflate": false, "deflate, gzip": true, "gzip,": true, ",gzip": true,
		"gzip;q=1": true, "gzip; q=1.000": true, "gzip ; q=0.001": true, "gzip;q=0": false, "gzip;q=0.000": false, "gzip;Q=0": false, "gzip;q=0.": false,
		"*": true, "*;q=0": false, "*;q=0, gzip": true, "gzip;q=0, *": false, "identity": false, "identity, *;q=0.5": false, "gzip, identity": true,
		"gzip;q=x": false, "gzip;q=2": false, "gzip;q=1.001": false, "gzip;q=": false, "gzip;q=0.1234": false, "gzip;q=-1": false, "gzip;level=9": false, "br;q=1.0, gzip;q=0.8, *;q=0.1": true,
	} {
		if got := acceptsGzip([]byte(in)); got != want {
			t.Errorf("%q: %v", in, got)
		}
	}
}

func FuzzNegotiation(f *testing.F) {
	for _, s := range []string{"gzip;q=0.5, *", "bytes=0-1", "bytes=-5", "bytes=5-", `W/"a", "b"`, "*"} {
		f.Add([]byte(s), int64(10))
	}
	f.Fuzz(func(t *testing.T, b []byte, size int64) {
		if acceptsGzip(b) && !bytes.ContainsAny(b, "*gG") {
			t.Fatalf("%q takes gzip", b)
		}
		if hasTag(b, []byte(`"x"`)) && !bytes.Contains(b, []byte(`"x"`)) && string(b) != "*" {
			t.Fatalf("%q names the tag", b)
		}
		if size < 0 {
			return
		}
		from, count, ok := parseRange(b, size)
		if from < 0 || count < 0 || from > size || count > size-from || !ok && (from != 0 || count != 0) {
			t.Fatalf("%q of %d: %d bytes from %d, %v", b, size, count, from, ok)
		}
	})
}
