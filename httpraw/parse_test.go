package httpraw

import (
	"bytes"
	"strings"
	"testing"
)

// One line a case: the request, and what each set of rules says of it.
func TestRequest(t *testing.T) {
	const ok, more, bad = Complete, Incomplete, Bad
	for _, c := range []struct {
		in           string
		strict, bare Status
	}{
		{"", more, more},
		{"G", more, more},
		{"GET / HTTP/1.0", more, more},
		{"GET / HTTP/1.0\r", more, more},
		{"GET / HTTP/1.0\r\n", more, more},
		{"GET / HTTP/1.0\r\n\r", more, more},
		{"GET / HTTP/1.0\r\n\r\n", ok, ok},
		{"GET / HTTP/1.0\r\n\r\nbody", ok, ok},
		{"\r\nGET / HTTP/1.0\r\n\r\n", ok, ok},
		{"\r\n\r\nGET / HTTP/1.0\r\n\r\n", bad, bad},
		{"GET / HTTP/1.0\n\n", bad, ok},
		{"GET / HTTP/1.0\r\n\n", bad, ok},
		{"GET / HTTP/1.0\n", bad, more},
		{"GET / HTTP/1.1\r\nHost: a\r\n\r\n", ok, ok},
		{"GET / HTTP/1.1\r\nHOST:a\r\n\r\n", ok, ok},
		{"GET / HTTP/1.1\r\nHost: \t a \t \r\n\r\n", ok, ok},
		{"GET / HTTP/1.1\nHost: a\n\n", bad, ok},
		{"GET / HTTP/1.1\r\n\r\n", bad, bad}, // no Host
		{"GET / HTTP/1.0\r\nHost:\r\n\r\n", bad, bad},
		{"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", bad, bad},
		{"GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n", bad, bad},
		{"GET / HTTP/1.1\r\nHost: a\r\nX : 1\r\n\r\n", bad, bad},
		{"GET / HTTP/1.1\r\nHost: a\r\n X: 1\r\n\r\n", bad, bad},
		{"GET / HTTP/1.1\r\nHost: a\r\n: 1\r\n\r\n", bad, bad},
		{"GET / HTTP/1.1\r\nHost: a\r\nX:\r\n\r\n", ok, ok},
		{"GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n", bad, bad},
		{"GET / HTTP/1.1\r\nHost: a\r\nX: a\x00b\r\n\r\n", bad, bad},
		{"GET / HTTP/1.1\r\nHost: a\r\nX: a\x7fb\r\n\r\n", bad, bad},
		{"GET / HTTP/1.1\r\nHost: a\r\nX: \xff\xfe\r\n\r\n", ok, ok},
		{"GET / HTTP/1.1\r\nHost: a\r\nX\x80: 1\r\n\r\n", bad, bad},
		{"GET / HTTP/1.1\r\nHost: a\r\nX(: 1\r\n\r\n", bad, bad},
		{"GET / HTTP/1.1\r\r\nHost: a\r\n\r\n", bad, bad},
		{"GET  / HTTP/1.0\r\n\r\n", bad, bad},
		{"GET /  HTTP/1.0\r\n\r\n", bad, bad},
		{"GET / HTTP/1.0 \r\n\r\n", bad, bad},
		{" GET / HTTP/1.0\r\n\r\n", bad, bad},
		{"GET\t/ HTTP/1.0\r\n\r\n", bad, bad},
		{"GET / http/1.0\r\n\r\n", bad, bad},
		{"GET / HTTP/1.2\r\n\r\n", bad, bad},
		{"GET / HTTP/2.0\r\n\r\n", bad, bad},
		{"GET / HTTP/1.10\r\n\r\n", bad, bad},
		{"GET / HTTP/1.\r\n\r\n", bad, bad},
		{"GET / HTTP/11\r\n\r\n", bad, bad},
		{"GET /\r\n\r\n", bad, bad}, // HTTP/0.9
		{"GET\r\n\r\n", bad, bad},
		{"G(T / HTTP/1.0\r\n\r\n", bad, bad},
		{"GET /\x01 HTTP/1.0\r\n\r\n", bad, bad},
		{"GET /\x7f HTTP/1.0\r\n\r\n", bad, bad},
		{"GET /\xc3\xa9 HTTP/1.0\r\n\r\n", bad, bad},
		{"GET * HTTP/1.0\r\n\r\n", bad, bad},
		{"OPTIONS * HTTP/1.0\r\n\r\n", ok, ok},
		{"GET http://a/ HTTP/1.0\r\n\r\n", ok, ok},
		{"hello\n", bad, bad},
		{"\x00\n", bad, bad},
		{"POST / HTTP/1.0\r\nContent-Length: 5\r\n\r\n", ok, ok},
		{"POST / HTTP/1.0\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n", bad, bad},
		{"POST / HTTP/1.0\r\nContent-Length: 5, 5\r\n\r\n", bad, bad},
		{"POST / HTTP/1.0\r\nContent-Length: 5x\r\n\r\n", bad, bad},
		{"POST / HTTP/1.0\r\nContent-Length: +5\r\n\r\n", bad, bad},
		{"POST / HTTP/1.0\r\nContent-Length: -5\r\n\r\n", bad, bad},
		{"POST / HTTP/1.0\r\nContent-Length: 0x5\r\n\r\n", bad, bad},
		{"POST / HTTP/1.0\r\nContent-Length:\r\n\r\n", bad, bad},
		{"POST / HTTP/1.0\r\nContent-Length: 9999999999999999999\r\n\r\n", bad, bad},
		{"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", ok, ok},
		{"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n", ok, ok},
		{"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", bad, bad},
		{"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", bad, bad},
		{"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n", bad, bad},
		{"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \x0bchunked\r\n\r\n", bad, bad},
		{"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n", bad, bad},
		{"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", bad, bad},
		{"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", bad, bad},
	} {
		var r Request
		if st := r.Parse([]byte(c.in), Strict); st != c.strict {
			t.Errorf("%q is %v by the strict rules, want %v", c.in, st, c.strict)
		}
		if st := r.Parse([]byte(c.in), BareLF); st != c.bare {
			t.Errorf("%q is %v with bare line feeds, want %v", c.in, st, c.bare)
		}
	}
}

func TestRequestFields(t *testing.T) {
	const head = "POST /a?b HTTP/1.1\r\nHost: h\r\nX-Y:  1 2 \r\nContent-Length: 5\r\n\r\n"
	var r Request
	if st := r.Parse([]byte(head+"hello"), Strict); st != Complete {
		t.Fatal(st)
	}
	if string(r.Method) != "POST" || string(r.Target) != "/a?b" || r.Minor != 1 || r.Length != 5 || r.Chunked || r.Size != len(head) {
		t.Errorf("%+v", r)
	}
	var got []string
	for rest := r.Fields; len(rest) > 0; {
		var name, value []byte
		var st Status
		if name, value, rest, st = NextField(rest, Strict); st != Complete {
			t.Fatal(st)
		}
		got = append(got, string(name)+"="+string(value))
	}
	if s := strings.Join(got, " "); s != "Host=h X-Y=1 2 Content-Length=5" {
		t.Error(s)
	}
}

func TestResponse(t *testing.T) {
	for _, c := range []struct {
		in   string
		want Status
		kind Kind
	}{
		{"", Incomplete, 0},
		{"H", Incomplete, 0},
		{"HTTP/", Incomplete, 0},
		{"HTTP/1.0 200 ok\n\n", Complete, 0},
		{"HTTP/1.1 200 OK\r\n\r\n", Complete, 0},
		{"HTTP/1.1 200 OK\r\n", Incomplete, 0},
		{"HTTP/1.1 200\r\n\r\n", Complete, 0},
		{"HTTP/1.1 200 a b c\r\n\r\n", Complete, 0},
		{"HTTP/1.1 999 \r\n\r\n", Complete, 0},
		{"h", Bad, NotHTTP},
		{"hello\n", Bad, NotHTTP},
		{"ICY 200 OK\r\n", Bad, NotHTTP},
		{"HTTP 200\n", Bad, NotHTTP},
		{"HTTP/1.2 200 OK\r\n", Bad, BadVersion},
		{"HTTP/2 200 OK\r\n", Bad, BadVersion},
		{"HTTP/1.1  200 OK\r\n", Bad, BadVersion},
		{"HTTP/1.1 20 OK\r\n", Bad, BadVersion},
		{"HTTP/1.1 2000 OK\r\n", Bad, BadVersion},
		{"HTTP/1.1 2x0 OK\r\n", Bad, BadVersion},
		{"HTTP/1.1 099 OK\r\n", Bad, BadVersion},
		{"HTTP/1.1 -20 OK\r\n", Bad, BadVersion},
		{"HTTP/1.1\r\n", Bad, BadVersion},
		{"HTTP/1.1 200 \x00\r\n", Bad, BadHead},
		{"HTTP/1.1 200 OK\r\nX\r\n", Bad, BadHead},
		{"HTTP/1.1 200 OK\r\nX: \x00\r\n", Bad, BadHead},
		{"HTTP/1.1 200 OK\r\nX : y\r\n\r\n", Complete, 0},
		{"HTTP/1.1 200 OK\r\nX: y\r\n folded\r\n\r\n", Complete, 0},
		{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\ncontent-length:5\r\n\r\n", Complete, 0},
		{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n", Bad, BadHead},
		{"HTTP/1.1 200 OK\r\nContent-Length: 5x\r\n", Bad, BadHead},
		{"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n", Bad, BadHead},
		{"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n", Bad, BadHead},
		{"HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\n", Complete, 0},
		{"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n", Bad, BadCoding},
		{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", Bad, BadCoding},
	} {
		var r Response
		st, err := r.Parse([]byte(c.in))
		if st != c.want || (st == Bad) != (err != nil) || err != nil && err.Kind != c.kind {
			t.Errorf("%q is %v %v, want %v of kind %v", c.in, st, err, c.want, c.kind)
		}
	}
	var r Response
	const head = "HTTP/1.0 404 no\nConnection: Close\nTRANSFER-encoding: Chunked\nContent-Length: 7\n\n"
	if st, _ := r.Parse([]byte(head + "x")); st != Complete || r != (Response{Code: 404, Size: len(head), Length: 7, Chunked: true, Close: true}) {
		t.Errorf("%v %+v", st, r)
	}
}

// What a parser says of the beginning of some bytes it must not take back.
func FuzzRequest(f *testing.F) {
	f.Add([]byte("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx"))
	f.Add([]byte("\nGET / HTTP/1.0\nA: b\n\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, rules := range []Rules{Strict, BareLF} {
			var whole, r Request
			want := whole.Parse(b, rules)
			for i := range b {
				// A copy, so that a read beyond the end is caught.
				switch st := r.Parse(bytes.Clone(b[:i]), rules); {
				case st == Incomplete:
				case st != want:
					t.Fatalf("%q is %v, but its first %d bytes are %v", b, want, i, st)
				case st == Complete && (r.Size != whole.Size || r.Size > i || r.Length != whole.Length || string(r.Target) != string(whole.Target)):
					t.Fatalf("%q: %+v, but of its first %d bytes %+v", b, whole, i, r)
				}
			}
			if want == Complete && r.Parse(b[:whole.Size], rules) != Complete {
				t.Fatalf("%q is complete with %d bytes, but not in them", b, whole.Size)
			}
		}
	})
}

func FuzzResponse(f *testing.F) {
	f.Add([]byte("HTTP/1.0 200 ok\n\n<html>"))
	f.Add([]byte("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		var whole, r Response
		want, wantErr := whole.Parse(b)
		for i := range b {
			switch st, err := r.Parse(bytes.Clone(b[:i])); {
			case st == Incomplete:
			case st != want, st == Bad && err.Kind != wantErr.Kind:
				t.Fatalf("%q is %v (%v), but its first %d bytes are %v (%v)", b, want, wantErr, i, st, err)
			case st == Complete && r != whole:
				t.Fatalf("%q: %+v, but of its first %d bytes %+v", b, whole, i, r)
			}
		}
	})
}

func TestChunked(t *testing.T) {
	for _, c := range []struct {
		in, want string
		st       Status
		err      error
	}{
		{"0\r\n\r\n", "", Complete, nil},
		{"5\r\nhello\r\n0\r\n\r\n", "hello", Complete, nil},
		{"5\nhello\n0\n\n", "hello", Complete, nil},
		{"5;a=b;c\r\nhello\r\n00;x\r\nT: 1\r\nU: 2\r\n\r\nrest", "hello", Complete, nil},
		{"5 \r\nhello\r\n0\r\n\r\n", "hello", Complete, nil},
		{"A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n", "01234567890123456789", Complete, nil},
		{"5\r\nhel", "hel", Incomplete, nil},
		{"5\r\nhello\r\n0\r\n", "hello", Incomplete, nil},
		{"\r\n", "", Bad, ErrChunkSize},
		{"x\r\n", "", Bad, ErrChunkSize},
		{"0x5\r\nhello\r\n", "", Bad, ErrChunkSize},
		{"-5\r\nhello\r\n", "", Bad, ErrChunkSize},
		{"0_0\r\n\r\n", "", Bad, ErrChunkSize},
		{"1000000000000000\r\n", "", Bad, ErrChunkLong},
		{"0000000000000000\r\n", "", Bad, ErrChunkLong},
		{"5\r\nhelloX", "hello", Bad, ErrChunkEnd},
		{"5\r\nhello\rX", "hello", Bad, ErrChunkEnd},
		{"5;" + strings.Repeat("x", extMax+1), "", Bad, ErrChunkLong},
		{"0\r\n" + strings.Repeat("T: x\r\n", extMax/6+1), "", Bad, ErrChunkLong},
	} {
		got, st, err := unchunk([]byte(c.in), len(c.in))
		if string(got) != c.want || st != c.st || err != c.err {
			t.Errorf("%.40q: %q %v %v, want %q %v %v", c.in, got, st, err, c.want, c.st, c.err)
		}
	}
}

// unchunk decodes b, given in pieces of n bytes.
func unchunk(b []byte, n int) (body []byte, st Status, err error) {
	var d chunked
	for len(b) > 0 {
		piece := bytes.Clone(b[:min(n, len(b))])
		b = b[len(piece):]
		for len(piece) > 0 {
			data, used, st, err := d.next(piece)
			body = append(body, data...)
			if st != Incomplete {
				return body, st, err
			}
			piece = piece[used:]
		}
	}
	return body, Incomplete, nil
}

func FuzzChunked(f *testing.F) {
	f.Add([]byte("5;a\r\nhello\r\n0\r\nT: 1\r\n\r\n"), 3)
	f.Fuzz(func(t *testing.T, b []byte, n int) {
		want, wantSt, wantErr := unchunk(b, max(len(b), 1))
		got, st, err := unchunk(b, max(n%8, 1))
		if !bytes.Equal(got, want) || st != wantSt || err != wantErr {
			t.Fatalf("%q: %q %v %v, in pieces %q %v %v", b, want, wantSt, wantErr, got, st, err)
		}
	})
}

func TestParseAllocatesNothing(t *testing.T) {
	b := []byte("GET /index.html HTTP/1.1\r\nHost: 10.1.1.2:8080\r\nUser-Agent: x\r\nAccept: */*\r\n\r\n")
	a := []byte("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
	var q Request
	var r Response
	if n := testing.AllocsPerRun(100, func() { q.Parse(b, Strict); r.Parse(a) }); n != 0 || q.Size != len(b) || r.Size == 0 {
		t.Errorf("%v allocations, %+v %+v", n, q, r)
	}
}
