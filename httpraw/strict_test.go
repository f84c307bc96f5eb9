package httpraw

import (
	"bytes"
	"strings"
	"testing"
)

// One line a case: what is sent, and what the strict rules say of it. "|" is
// CR LF; head and body are read as a Server reads them.
var strictCases = []struct {
	in    string
	want  Status
	fault Fault
}{
	// Request lines.
	{"", Incomplete, 0},
	{"\r", Incomplete, 0},
	{"|", Incomplete, 0},
	{"G", Incomplete, 0},
	{"GET / HTTP/1.0", Incomplete, 0},
	{"GET / HTTP/1.0|", Incomplete, 0},
	{"GET / HTTP/1.0|\r", Incomplete, 0},
	{"GET / HTTP/1.0||", Complete, 0},
	{"|GET / HTTP/1.0||", Complete, 0},
	{"||GET / HTTP/1.0||", Bad, BadMethod},
	{"\nGET / HTTP/1.0||", Bad, BadLine},
	{"\rGET / HTTP/1.0||", Bad, BadMethod},
	{"GET / HTTP/1.0\n\n", Bad, BadLine},
	{"GET / HTTP/1.0|\n", Bad, BadLine},
	{"GET / HTTP/1.0\r\r\n|", Bad, BadHTTP},
	{"GET / HTTP/1.0\n\r\n", Bad, BadLine},
	{"\x16\x03\x01\x02\x00", Bad, BadMethod}, // TLS
	{"\x00", Bad, BadMethod},
	{" GET / HTTP/1.0||", Bad, BadMethod},
	{"\tGET / HTTP/1.0||", Bad, BadMethod},
	{"\xef\xbb\xbfGET / HTTP/1.0||", Bad, BadMethod},
	{"G\x00T / HTTP/1.0||", Bad, BadMethod},
	{"G(T / HTTP/1.0||", Bad, BadMethod},
	{"GET\t/ HTTP/1.0||", Bad, BadMethod},
	{"GET\x0b/ HTTP/1.0||", Bad, BadMethod},
	{"G:T / HTTP/1.0||", Bad, BadMethod},
	{"get / HTTP/1.0||", Complete, 0}, // a method like any other
	{"X-Y_Z!1 / HTTP/1.0||", Complete, 0},
	{"GET|", Bad, BadTarget},
	{"GET |", Bad, BadTarget},
	{"GET  / HTTP/1.0||", Bad, BadTarget},
	{"GET /|", Bad, BadHTTP}, // HTTP/0.9
	{"GET / |", Bad, BadHTTP},
	{"GET /  HTTP/1.0||", Bad, BadHTTP},
	{"GET / HTTP/1.0 ||", Bad, BadHTTP},
	{"GET / HTTP/1.0\t||", Bad, BadHTTP},
	{"GET / HTTP/1.0 HTTP/1.1||", Bad, BadHTTP},
	{"GET /a b HTTP/1.0||", Bad, BadHTTP},
	{"GET / http/1.0||", Bad, BadHTTP},
	{"GET / HTTP/0.9||", Bad, WrongHTTP},
	{"GET / HTTP/1.2||", Bad, WrongHTTP},
	{"GET / HTTP/2.0||", Bad, WrongHTTP},
	{"PRI * HTTP/2.0||SM||", Bad, WrongHTTP},
	{"GET / HTTP/1.10||", Bad, BadHTTP},
	{"GET / HTTP/01.1||", Bad, BadHTTP},
	{"GET / HTTP/1.||", Bad, BadHTTP},
	{"GET / HTTP/11||", Bad, BadHTTP},
	{"GET / HTTP/1,1||", Bad, BadHTTP},
	{"GET / HTTP/1.1x||", Bad, BadHTTP},
	{"GET / HTTP/+1.1||", Bad, BadHTTP},
	{"GET / HTTP/-1.1||", Bad, BadHTTP},
	{"GET / HTTP/9999999999.1||", Bad, BadHTTP},
	{"GET / HTTP /1.1||", Bad, BadHTTP},
	{"GET / HTTPS/1.1||", Bad, BadHTTP},
	{"GET / ICAP/1.0||", Bad, BadHTTP},
	{"GET / HTTP/9.9||", Bad, WrongHTTP},
	{"GET / HTTP/1.\xd9\xa1||", Bad, BadHTTP}, // an Arabic 1
	{"GET / HTTP/0x1.1||", Bad, BadHTTP},
	{"GET / HTTP/1.1\x00||", Bad, BadHTTP},
	{"GET / \x00HTTP/1.1||", Bad, BadHTTP},

	// Targets.
	{"GET a HTTP/1.0||", Bad, BadTarget},
	{"GET ?a HTTP/1.0||", Bad, BadTarget},
	{"GET ../a HTTP/1.0||", Bad, BadTarget},
	{"GET * HTTP/1.0||", Bad, BadTarget},
	{"OPTIONS * HTTP/1.0||", Complete, 0},
	{"OPTIONS ** HTTP/1.0||", Bad, BadTarget},
	{"GET /a#b HTTP/1.0||", Bad, BadTarget},
	{"GET /\x01 HTTP/1.0||", Bad, BadTarget},
	{"GET /\x7f HTTP/1.0||", Bad, BadTarget},
	{"GET /\x00 HTTP/1.0||", Bad, BadTarget},
	{"GET /\x0c HTTP/1.0||", Bad, BadTarget},
	{"GET /\ra HTTP/1.0||", Bad, BadTarget},
	{"GET /\xc3\xa9 HTTP/1.0||", Bad, BadTarget},
	{"GET /%00%0d%0a HTTP/1.0||", Complete, 0}, // the handler's business
	{"GET //a/..//b HTTP/1.0||", Complete, 0},
	{"CONNECT a:80 HTTP/1.0||", Bad, BadTarget},
	{"GET a:80 HTTP/1.0||", Bad, BadTarget},
	{"GET https://a/ HTTP/1.0||", Bad, BadTarget},
	{"GET ftp://a/ HTTP/1.0||", Bad, BadTarget},
	{"GET http:// HTTP/1.0||", Bad, BadTarget},
	{"GET http:///a HTTP/1.0||", Bad, BadTarget},
	{"GET http:/a HTTP/1.0||", Bad, BadTarget},
	{"GET http://a/ HTTP/1.0||", Complete, 0},
	{"GET HTTP://a HTTP/1.0||", Complete, 0},
	{"GET http://a?b HTTP/1.1|Host: a||", Complete, 0},
	{"GET http://A/b HTTP/1.1|Host: a||", Complete, 0},
	{"GET http://a/ HTTP/1.1|Host: b||", Bad, BadHost},
	{"GET http://a/ HTTP/1.1|Host: a:80||", Bad, BadHost},
	{"GET http://u@a/ HTTP/1.1|Host: a||", Bad, BadHost},
	{"GET http://u:p@a/ HTTP/1.0||", Bad, BadHost},
	{"GET http://a/ HTTP/1.1||", Bad, BadHost},

	// Header lines.
	{"GET / HTTP/1.0|A|", Bad, BadField},
	{"GET / HTTP/1.0|A: b", Incomplete, 0},
	{"GET / HTTP/1.0|A: b|", Incomplete, 0},
	{"GET / HTTP/1.0|A: b||", Complete, 0},
	{"GET / HTTP/1.0|A:b||", Complete, 0},
	{"GET / HTTP/1.0|A:||", Complete, 0},
	{"GET / HTTP/1.0|A: \t||", Complete, 0},
	{"GET / HTTP/1.0|A::b||", Complete, 0},
	{"GET / HTTP/1.0|A: b\n|", Bad, BadLine},
	{"GET / HTTP/1.0|A: b|\n", Bad, BadLine},
	{"GET / HTTP/1.0|: b||", Bad, BadField},
	{"GET / HTTP/1.0|:||", Bad, BadField},
	{"GET / HTTP/1.0|A : b||", Bad, BadField},
	{"GET / HTTP/1.0|A\t: b||", Bad, BadField},
	{"GET / HTTP/1.0| A: b||", Bad, BadField},
	{"GET / HTTP/1.0|A: b| c||", Bad, BadField},
	{"GET / HTTP/1.0|A: b|\tc||", Bad, BadField},
	{"GET / HTTP/1.0|A: b| c: d||", Bad, BadField},
	{"GET / HTTP/1.0| |", Bad, BadField},
	{"GET / HTTP/1.0|A b: c||", Bad, BadField},
	{"GET / HTTP/1.0|A\x00: c||", Bad, BadField},
	{"GET / HTTP/1.0|A\x80: c||", Bad, BadField},
	{"GET / HTTP/1.0|A(: c||", Bad, BadField},
	{"GET / HTTP/1.0|\"A\": c||", Bad, BadField},
	{"GET / HTTP/1.0|A\r: c||", Bad, BadField},
	{"GET / HTTP/1.0|A: b\rc: d||", Bad, BadValue},
	{"GET / HTTP/1.0|A: b\r\r\n|", Bad, BadValue},
	{"GET / HTTP/1.0|\r\r\n", Bad, BadField},
	{"GET / HTTP/1.0|A: \x00||", Bad, BadValue},
	{"GET / HTTP/1.0|A: \x1b[2J||", Bad, BadValue},
	{"GET / HTTP/1.0|A: \x0b||", Bad, BadValue},
	{"GET / HTTP/1.0|A: \x7f||", Bad, BadValue},
	{"GET / HTTP/1.0|A: \xff\xfe||", Complete, 0},

	// Host.
	{"GET / HTTP/1.1||", Bad, BadHost},
	{"GET / HTTP/1.1|Host: a||", Complete, 0},
	{"GET / HTTP/1.1|hOST:a||", Complete, 0},
	{"GET / HTTP/1.1|Host: \t a \t||", Complete, 0},
	{"GET / HTTP/1.1|Host:||", Bad, BadHost},
	{"GET / HTTP/1.1|Host: ||", Bad, BadHost},
	{"GET / HTTP/1.0|Host: ||", Bad, BadHost},
	{"GET / HTTP/1.1|Host: a|Host: a||", Bad, BadHost},
	{"GET / HTTP/1.1|Host: a|HOST: b||", Bad, BadHost},
	{"GET / HTTP/1.0|Host: a|Host: a||", Bad, BadHost},
	{"GET / HTTP/1.1|Host: a:8080||", Complete, 0},
	{"GET / HTTP/1.1|Host: a:||", Complete, 0},
	{"GET / HTTP/1.1|Host: [fd00::1]:8080||", Complete, 0},
	{"GET / HTTP/1.1|Host: [fd00::1]||", Complete, 0},
	{"GET / HTTP/1.1|Host: [||", Bad, BadHost},
	{"GET / HTTP/1.1|Host: []||", Bad, BadHost},
	{"GET / HTTP/1.1|Host: [::1]x||", Bad, BadHost},
	{"GET / HTTP/1.1|Host: [a.b/c]||", Bad, BadHost},
	{"GET / HTTP/1.1|Host: :80||", Bad, BadHost},
	{"GET / HTTP/1.1|Host: a:b||", Bad, BadHost},
	{"GET / HTTP/1.1|Host: a:-1||", Bad, BadHost},
	{"GET / HTTP/1.1|Host: a:123456||", Bad, BadHost},
	{"GET / HTTP/1.1|Host: a, b||", Bad, BadHost},
	{"GET / HTTP/1.1|Host: a b||", Bad, BadHost},
	{"GET / HTTP/1.1|Host: u@a||", Bad, BadHost},
	{"GET / HTTP/1.1|Host: a/b||", Bad, BadHost},
	{"GET / HTTP/1.1|Host: a\\b||", Bad, BadHost},
	{"GET / HTTP/1.1|Host: <a>||", Bad, BadHost},
	{"GET / HTTP/1.1|Host: \xc3\xa9||", Bad, BadHost},

	// Bodies of a length.
	{"POST / HTTP/1.0|Content-Length: 0||", Complete, 0},
	{"POST / HTTP/1.0|Content-Length: 5||hell", Incomplete, 0},
	{"POST / HTTP/1.0|Content-Length: 5||hello", Complete, 0},
	{"POST / HTTP/1.0|Content-Length: 5||helloGET", Complete, 0},
	{"POST / HTTP/1.0|content-length:5||hello", Complete, 0},
	{"POST / HTTP/1.0|Content-Length: 005||hello", Complete, 0},
	{"POST / HTTP/1.0|Content-Length: 5|Content-Length: 5||hello", Bad, BadLength},
	{"POST / HTTP/1.0|Content-Length: 5|CONTENT-LENGTH: 6||hello", Bad, BadLength},
	{"POST / HTTP/1.0|Content-Length: 5, 5||hello", Bad, BadLength},
	{"POST / HTTP/1.0|Content-Length: 5,||hello", Bad, BadLength},
	{"POST / HTTP/1.0|Content-Length: 5 5||hello", Bad, BadLength},
	{"POST / HTTP/1.0|Content-Length: 5x||hello", Bad, BadLength},
	{"POST / HTTP/1.0|Content-Length: 5.0||hello", Bad, BadLength},
	{"POST / HTTP/1.0|Content-Length: 5e0||hello", Bad, BadLength},
	{"POST / HTTP/1.0|Content-Length: 5_0||hello", Bad, BadLength},
	{"POST / HTTP/1.0|Content-Length: +5||hello", Bad, BadLength},
	{"POST / HTTP/1.0|Content-Length: -5||hello", Bad, BadLength},
	{"POST / HTTP/1.0|Content-Length: -0||hello", Bad, BadLength},
	{"POST / HTTP/1.0|Content-Length: 0x5||hello", Bad, BadLength},
	{"POST / HTTP/1.0|Content-Length: \"5\"||hello", Bad, BadLength},
	{"POST / HTTP/1.0|Content-Length:||hello", Bad, BadLength},
	{"POST / HTTP/1.0|Content-Length: \xd9\xa5||hello", Bad, BadLength}, // an Arabic 5
	{"POST / HTTP/1.0|Content-Length: 9223372036854775808||", Bad, BadLength},
	{"POST / HTTP/1.0|Content-Length: 18446744073709551621||hello", Bad, BadLength},
	{"POST / HTTP/1.0|Content-Length : 5||hello", Bad, BadField},
	{"POST / HTTP/1.0|Content-Length\x00: 5||hello", Bad, BadField},
	{"POST / HTTP/1.0|X: y\nContent-Length: 5||hello", Bad, BadLine},

	// Transfer-Encoding.
	{"POST / HTTP/1.1|Host: a|Transfer-Encoding: chunked||0||", Complete, 0},
	{"POST / HTTP/1.1|Host: a|Transfer-Encoding: CHUNKED||0||", Complete, 0},
	{"POST / HTTP/1.1|Host: a|Transfer-Encoding: chunked|Content-Length: 5||0||", Bad, TwoLengths},
	{"POST / HTTP/1.1|Host: a|Content-Length: 0|Transfer-Encoding: chunked||0||", Bad, TwoLengths},
	{"POST / HTTP/1.0|Transfer-Encoding: chunked||0||", Bad, TwoLengths},
	{"POST / HTTP/1.1|Host: a|Transfer-Encoding: chunked|Transfer-Encoding: chunked||0||", Bad, TwoCodings},
	{"POST / HTTP/1.1|Host: a|Transfer-Encoding: identity|Transfer-Encoding: chunked||0||", Bad, WrongCoding},
	{"POST / HTTP/1.1|Host: a|Transfer-Encoding: chunked, chunked||0||", Bad, TwoCodings},
	{"POST / HTTP/1.1|Host: a|Transfer-Encoding: gzip, chunked||0||", Bad, TwoCodings},
	{"POST / HTTP/1.1|Host: a|Transfer-Encoding: chunked, identity||0||", Bad, TwoCodings},
	{"POST / HTTP/1.1|Host: a|Transfer-Encoding: identity||", Bad, WrongCoding},
	{"POST / HTTP/1.1|Host: a|Transfer-Encoding:||", Bad, WrongCoding},
	{"POST / HTTP/1.1|Host: a|Transfer-Encoding: xchunked||0||", Bad, TwoCodings},
	{"POST / HTTP/1.1|Host: a|Transfer-Encoding: chunked;q=1||0||", Bad, TwoCodings},
	{"POST / HTTP/1.1|Host: a|Transfer-Encoding: \"chunked\"||0||", Bad, TwoCodings},
	{"POST / HTTP/1.1|Host: a|Transfer-Encoding: ,chunked||0||", Bad, TwoCodings},
	{"POST / HTTP/1.1|Host: a|Transfer-Encoding: \x0bchunked||0||", Bad, BadValue},
	{"POST / HTTP/1.1|Host: a|Transfer-Encoding : chunked||0||", Bad, BadField},
	{"POST / HTTP/1.1|Host: a|Transfer-Encoding:| chunked||0||", Bad, WrongCoding},

	// Chunks.
	{"~", Incomplete, 0},
	{"~0||", Complete, 0},
	{"~00||", Complete, 0},
	{"~0|", Incomplete, 0},
	{"~5|hello|0||", Complete, 0},
	{"~5|hello|0||GET", Complete, 0},
	{"~a|0123456789|A|0123456789|0||", Complete, 0},
	{"~5|hell", Incomplete, 0},
	{"~5|hello", Incomplete, 0},
	{"~5|hello|", Incomplete, 0},
	{"~|0||", Bad, BadBody},
	{"~0x1|h|0||", Bad, BadBody},
	{"~0X1|h|0||", Bad, BadBody},
	{"~0_0||", Bad, BadBody},
	{"~1_0|0123456789abcdef|0||", Bad, BadBody},
	{"~+5|hello|0||", Bad, BadBody},
	{"~-5|hello|0||", Bad, BadBody},
	{"~-0||", Bad, BadBody},
	{"~ 5|hello|0||", Bad, BadBody},
	{"~5 |hello|0||", Bad, BadBody},
	{"~5\t|hello|0||", Bad, BadBody},
	{"~5g|hello|0||", Bad, BadBody},
	{"~5h|hello|0||", Bad, BadBody},
	{"~5,|hello|0||", Bad, BadBody},
	{"~5.0|hello|0||", Bad, BadBody},
	{"~5\x00|hello|0||", Bad, BadBody},
	{"~5\nhello|0||", Bad, BadBody},
	{"~5\rhello|0||", Bad, BadBody},
	{"~5\r\r\nhello|0||", Bad, BadBody},
	{"~5|hello\n0||", Bad, BadBody},
	{"~5|hello0||", Bad, BadBody},
	{"~5|helloXX0||", Bad, BadBody},
	{"~5|hello\rX0||", Bad, BadBody},
	{"~4|hello|0||", Bad, BadBody},
	{"~ffffffffffffffff|", Bad, BadBody},
	{"~0000000000000005|hello|0||", Bad, BadBody},
	{"~fffffffffffffffff0000000000000005|hello|0||", Bad, BadBody},
	{"~5;a|hello|0||", Complete, 0},
	{"~5;a=b;c=\"d\"|hello|0;x||", Complete, 0},
	{"~5;a\nb|hello|0||", Bad, BadBody},
	{"~5;a\x00|hello|0||", Bad, BadBody},
	{"~5;a\rb|hello|0||", Bad, BadBody},
	{"~0|T: 1|U: 2||", Complete, 0},
	{"~0|T:||", Complete, 0},
	{"~0|T||", Bad, BadBody},
	{"~0|: 1||", Bad, BadBody},
	{"~0|T : 1||", Bad, BadBody},
	{"~0| T: 1||", Bad, BadBody},
	{"~0|T: 1| 2||", Bad, BadBody},
	{"~0|T: \x00||", Bad, BadBody},
	{"~0|T: 1\n\n", Bad, BadBody},
	{"~0\n\n", Bad, BadBody},
	{"~0|\n", Bad, BadBody},
	{"~0|\rX", Bad, BadBody},
	{"~0|GET / HTTP/1.0||", Bad, BadBody},

	// Expect.
	{"PUT / HTTP/1.1|Host: a|Expect: 100-continue||", Complete, 0},
	{"PUT / HTTP/1.1|Host: a|Expect: 100-Continue||", Complete, 0},
	{"PUT / HTTP/1.1|Host: a|Expect: 200-ok||", Bad, WrongExpect},
	{"PUT / HTTP/1.1|Host: a|Expect:||", Bad, WrongExpect},
	{"PUT / HTTP/1.1|Host: a|Expect: 100-continue|Expect: 100-continue||", Bad, WrongExpect},
}

// text writes a case out.
func text(in string) []byte {
	in = strings.Replace(in, "~", "POST / HTTP/1.1|Host: a|Transfer-Encoding: chunked||", 1)
	return []byte(strings.ReplaceAll(in, "|", "\r\n"))
}

// readWhole reads a head and its body as a Server does, from b in one piece,
// with n bytes of it in the body's first.
func readWhole(b []byte, n int) (r Request, body []byte, size int, st Status) {
	if st = r.Parse(b, Strict); st != Complete {
		return r, nil, 0, st
	}
	var d Body
	d.Begin(&r)
	size = r.Size
	for {
		p := b[size:min(len(b), size+n)]
		data, used, st := d.Next(bytes.Clone(p))
		body = append(body, data...)
		if size += used; st == Bad {
			r.Fault = BadBody
		}
		if st != Incomplete || len(p) == 0 {
			return r, body, size, st
		}
	}
}

func TestStrict(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range strictCases {
		if seen[c.in] {
			t.Errorf("%q is there twice", c.in)
		}
		seen[c.in] = true
		b := text(c.in)
		r, body, size, st := readWhole(b, len(b)+1)
		if st != c.want || r.Fault != c.fault {
			t.Errorf("%q is %v, %v; want %v, %v", c.in, st, r.Fault, c.want, c.fault)
		}
		if i := bytes.Index(b, []byte("hello")); st == Complete && i > 0 && string(body) != "hello" {
			t.Errorf("%q: body %q", c.in, body)
		}
		if st == Complete && size != len(b) && !bytes.HasSuffix(b[:size+3], []byte("GET")) {
			t.Errorf("%q: ends after %d bytes", c.in, size)
		}
		// However it is divided, the answer is the same, and comes once.
		for i := range b {
			part, _, n, st1 := readWhole(bytes.Clone(b[:i]), 1)
			if st1 != Incomplete && (st1 != st || part.Fault != r.Fault || n != size) {
				t.Errorf("%q is %v (%v), its first %d bytes %v (%v)", c.in, st, r.Fault, i, st1, part.Fault)
			}
		}
		if one, body1, n, st1 := readWhole(b, 1); st1 != st || one.Fault != r.Fault || n != size || !bytes.Equal(body, body1) {
			t.Errorf("%q is %v (%v) whole, %v (%v) byte by byte", c.in, st, r.Fault, st1, one.Fault)
		}
	}
	if len(strictCases) < 150 {
		t.Error("cases are lost")
	}
}

func TestRequestFlags(t *testing.T) {
	for in, want := range map[string][2]bool{ // Keep, Expect
		"GET / HTTP/1.0||":                                           {false, false},
		"GET / HTTP/1.0|Connection: keep-alive||":                    {true, false},
		"GET / HTTP/1.0|Connection: a , Keep-Alive||":                {true, false},
		"GET / HTTP/1.0|Connection: keep-alive|Connection: close||":  {false, false},
		"GET / HTTP/1.1|Host: a||":                                   {true, false},
		"GET / HTTP/1.1|Host: a|Connection: close||":                 {false, false},
		"GET / HTTP/1.1|Host: a|Connection: x,\tClose,,||":           {false, false},
		"GET / HTTP/1.1|Host: a|Connection: closed||":                {true, false},
		"PUT / HTTP/1.1|Host: a|Expect: 100-continue||":              {true, true},
		"PUT / HTTP/1.0|Host: a|Expect: 100-continue||":              {false, false},
		"GET / HTTP/1.1|Host: a|Connection: close, keep-alive||rest": {false, false},
	} {
		var r Request
		if st := r.Parse(text(in), Strict); st != Complete || [2]bool{r.Keep, r.Expect} != want {
			t.Errorf("%q: %v, keep %v, expect %v", in, st, r.Keep, r.Expect)
		}
	}
	for in, want := range map[string]string{
		"/": "/", "/a?b": "/a", "/?": "/", "http://a": "/", "http://a?b": "/", "http://a/b/c?d?e": "/b/c", "/http://a?": "/http://a",
	} {
		var r Request
		if st := r.Parse(text("GET "+in+" HTTP/1.0|X: 1|Y: 2|x: 3||"), Strict); st != Complete || string(r.Path()) != want {
			t.Errorf("path of %q: %v, %q", in, st, r.Path())
		}
		if string(r.Get("x")) != "1" || string(r.Get("y")) != "2" || r.Get("z") != nil {
			t.Errorf("fields: %q %q %q", r.Get("x"), r.Get("y"), r.Get("z"))
		}
	}
}

// What is ignored is bounded, in all chunks together.
func TestBodyExtras(t *testing.T) {
	for _, c := range []struct {
		in   string
		want Status
	}{
		{"~1;" + strings.Repeat("x", extraMax) + "|a|0||", Complete},
		{"~1;" + strings.Repeat("x", extraMax+1) + "|a|0||", Bad},
		{"~" + strings.Repeat("1;"+strings.Repeat("x", 100)+"|a|", extraMax/100) + "0||", Complete},
		{"~" + strings.Repeat("1;"+strings.Repeat("x", 100)+"|a|", extraMax/100+1) + "0||", Bad},
		{"~0|" + strings.Repeat("T:x|", extraMax/3) + "|", Complete},
		{"~0|" + strings.Repeat("T:x|", extraMax/3+1) + "|", Bad},
	} {
		if _, _, _, st := readWhole(text(c.in), 1<<20); st != c.want {
			t.Errorf("%.60q is %v, want %v", c.in, st, c.want)
		}
	}
}

func FuzzStrict(f *testing.F) {
	for _, c := range strictCases {
		f.Add(text(c.in))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		want, body, size, st := readWhole(b, len(b)+1)
		one, body1, size1, st1 := readWhole(b, 1)
		if st != st1 || want.Fault != one.Fault || size != size1 || !bytes.Equal(body, body1) {
			t.Fatalf("%q: %v %v %d %q, byte by byte %v %v %d %q", b, st, want.Fault, size, body, st1, one.Fault, size1, body1)
		}
		if (st == Bad) != (want.Fault != NoFault) {
			t.Fatalf("%q: %v, %v", b, st, want.Fault)
		}
		for i := range b {
			part, _, n, st1 := readWhole(bytes.Clone(b[:i]), len(b)+1)
			if st1 != Incomplete && (st1 != st || part.Fault != want.Fault || n != size) {
				t.Fatalf("%q is %v (%v), its first %d bytes %v (%v)", b, st, want.Fault, i, st1, part.Fault)
			}
		}
		if st != Complete {
			return
		}
		// What is complete has nothing that could be read in two ways.
		head := b[:want.Size]
		if bytes.ContainsAny(head, "\x00\x0b\x0c\x7f") || bytes.Count(head, []byte("\n")) != bytes.Count(head, []byte("\r\n")) ||
			bytes.Count(head, []byte("\r")) != bytes.Count(head, []byte("\r\n")) || bytes.Contains(head, []byte("\n ")) || bytes.Contains(head, []byte(" :")) && bytes.Contains(want.Fields, []byte("\n:")) {
			t.Fatalf("%q is complete", b)
		}
		if want.Chunked && want.Length != 0 || want.Minor > 0 && len(want.Host) == 0 {
			t.Fatalf("%q: %+v", b, want)
		}
	})
}

func TestStrictAllocatesNothing(t *testing.T) {
	b := text("POST http://a/b HTTP/1.1|Host: a|Connection: x, close|Expect: 100-continue|Transfer-Encoding: chunked||5;x|hello|0|T: 1||")
	var r Request
	var d Body
	size := 0
	if n := testing.AllocsPerRun(100, func() {
		r.Parse(b, Strict)
		r.Get("expect")
		r.Path()
		size = r.Size
		for d.Begin(&r); ; {
			_, used, st := d.Next(b[size:])
			if size += used; st != Incomplete {
				break
			}
		}
	}); n != 0 || size != len(b) {
		t.Errorf("%v allocations, %d bytes of %d", n, size, len(b))
	}
}
