package httpraw

import "bytes"

// The parsers are pure functions of the bytes that have come so far: they
// keep nothing between calls, read no more than they are given, and allocate
// nothing. Whoever feeds them calls again with more after Incomplete.
//
// They agree with themselves over any division of the input: what is Bad or
// Complete stays so with more bytes behind it (FuzzRequest, FuzzResponse).

// Status is what a parser says about its input.
type Status uint8

const (
	Incomplete Status = iota // so far so good: more must come
	Complete
	Bad
)

func (s Status) String() string { return [...]string{"incomplete", "complete", "bad"}[s] }

// Rules say how strictly a request is read.
type Rules uint8

const (
	// Strict is RFC 9112 without what it tolerates. Whatever two programs
	// might read differently is Bad: bare line feeds, folded lines, blanks
	// before a colon, two lengths.
	Strict Rules = iota
	// BareLF also takes a line feed alone as the end of a line.
	BareLF
)

// A Request is the head of an HTTP/1 request. Its slices are parts of the
// parsed bytes.
type Request struct {
	Method, Target []byte
	Minor          int    // of the version: HTTP/1.Minor
	Fields         []byte // the header lines as they came, for NextField
	Size           int    // bytes up to the end of the head, where the body begins
	Length         int64  // Content-Length; 0 without one
	Chunked        bool   // the body comes in chunks
}

// Parse reads the head of a request from the front of b. Unless it is
// Complete, r holds nothing of use.
func (r *Request) Parse(b []byte, rules Rules) Status {
	*r = Request{}
	rest := b
	line, rest, st := cutLine(rest, rules)
	if st == Complete && len(line) == 0 { // one is pardoned (RFC 9112, 2.2)
		line, rest, st = cutLine(rest, rules)
	}
	if st != Complete {
		return st
	}
	if !r.requestLine(line) {
		return Bad
	}
	fields := rest
	hosts, lengths := 0, 0
	for {
		var name, value []byte
		before := rest
		name, value, rest, st = NextField(rest, rules)
		if st != Complete {
			return st
		}
		if len(name) == 0 {
			r.Fields = fields[:len(fields)-len(before)]
			break
		}
		switch {
		case equalFold(name, "content-length"):
			n, ok := parseLength(value)
			if lengths++; !ok || lengths > 1 {
				return Bad
			}
			r.Length = n
		case equalFold(name, "transfer-encoding"):
			if r.Chunked || !equalFold(value, "chunked") {
				return Bad
			}
			r.Chunked = true
		case equalFold(name, "host"):
			if hosts++; hosts > 1 || len(value) == 0 {
				return Bad
			}
		}
	}
	if r.Chunked && (lengths > 0 || r.Minor == 0) || hosts == 0 && r.Minor > 0 {
		return Bad
	}
	r.Size = len(b) - len(rest)
	return Complete
}

// requestLine reads "GET /path HTTP/1.1".
func (r *Request) requestLine(line []byte) bool {
	method, line, ok := bytes.Cut(line, []byte{' '})
	if !ok || !isToken(method) {
		return false
	}
	target, version, ok := bytes.Cut(line, []byte{' '})
	if !ok || len(target) == 0 {
		return false
	}
	for _, c := range target {
		if c <= ' ' || c >= 0x7f {
			return false
		}
	}
	if len(version) != 8 || string(version[:7]) != "HTTP/1." || version[7] != '0' && version[7] != '1' {
		return false
	}
	r.Method, r.Target, r.Minor = method, target, int(version[7]-'0')
	return true
}

// cutLine splits the first line off b, without its end.
func cutLine(b []byte, rules Rules) (line, rest []byte, st Status) {
	i := bytes.IndexByte(b, '\n')
	if i < 0 {
		return nil, b, Incomplete
	}
	line, rest = b[:i], b[i+1:]
	if i > 0 && line[i-1] == '\r' {
		line = line[:i-1]
	} else if rules == Strict {
		return nil, b, Bad
	}
	return line, rest, Complete
}

// NextField splits the first header line off b: its name, its value without
// blanks around it, and what follows. The blank line that ends a head is
// Complete with an empty name.
func NextField(b []byte, rules Rules) (name, value, rest []byte, st Status) {
	line, rest, st := cutLine(b, rules)
	if st != Complete || len(line) == 0 {
		return nil, nil, rest, st
	}
	name, value, ok := bytes.Cut(line, []byte{':'})
	if !ok || !isToken(name) { // also a blank before the colon, and a folded line
		return nil, nil, b, Bad
	}
	for _, c := range value {
		if c < ' ' && c != '\t' || c == 0x7f {
			return nil, nil, b, Bad
		}
	}
	return name, trim(value), rest, Complete
}

// A Response is the head of an HTTP/1 response.
type Response struct {
	Minor   int   // of the version: HTTP/1.Minor
	Code    int   // 100 to 999
	Size    int   // bytes up to the end of the head, where the body begins
	Length  int64 // Content-Length; -1 without one
	Chunked bool  // the body comes in chunks, whatever Length says
	Close   bool  // the server said that it will close the connection
}

// Parse reads the head of a response from the front of b, as tolerantly as
// curl does: bare line feeds, folded lines and a missing reason are fine. A
// Bad one comes with the cause: an *Error of Kind NotHTTP, BadVersion,
// BadHead or BadCoding.
func (r *Response) Parse(b []byte) (Status, *Error) {
	*r = Response{Length: -1}
	if n := min(len(b), 5); string(b[:n]) != "HTTP/"[:n] {
		return Bad, &Error{Kind: NotHTTP}
	}
	line, rest, st := cutLine(b, BareLF)
	if st != Complete {
		return st, nil
	}
	if err := r.statusLine(line); err != nil {
		return Bad, err
	}
	for {
		line, rest, st = cutLine(rest, BareLF)
		if st != Complete {
			return st, nil
		}
		if len(line) == 0 {
			break
		}
		if err := r.field(line); err != nil {
			return Bad, err
		}
	}
	r.Size = len(b) - len(rest)
	return Complete, nil
}

// statusLine reads "HTTP/1.1 200 OK"; the reason may be missing.
func (r *Response) statusLine(line []byte) *Error {
	if bytes.IndexByte(line, 0) >= 0 {
		return &Error{Kind: BadHead, Err: ErrNul}
	}
	version, line, _ := bytes.Cut(line[5:], []byte{' '})
	if string(version) != "1.0" && string(version) != "1.1" {
		return &Error{Kind: BadVersion, Op: string(version), Err: ErrVersion}
	}
	r.Minor = int(version[2] - '0')
	code, _, _ := bytes.Cut(line, []byte{' '})
	if len(code) != 3 || code[0] == '0' {
		return &Error{Kind: BadVersion, Err: ErrCode}
	}
	for _, c := range code {
		if c < '0' || c > '9' {
			return &Error{Kind: BadVersion, Err: ErrCode}
		}
		r.Code = r.Code*10 + int(c-'0')
	}
	return nil
}

// field takes what matters from one header line.
func (r *Response) field(line []byte) *Error {
	if bytes.IndexByte(line, 0) >= 0 {
		return &Error{Kind: BadHead, Err: ErrNul}
	}
	if line[0] == ' ' || line[0] == '\t' {
		return nil // the continuation of a line: never one that matters here
	}
	name, value, ok := bytes.Cut(line, []byte{':'})
	if !ok {
		return &Error{Kind: BadHead, Err: ErrNoColon}
	}
	value = trim(value)
	switch {
	case equalFold(name, "content-length"):
		n, ok := parseLength(value)
		if !ok || r.Length >= 0 && r.Length != n {
			return &Error{Kind: BadHead, Err: ErrLength}
		}
		r.Length = n
	case equalFold(name, "transfer-encoding"):
		switch {
		case equalFold(value, "chunked") && !r.Chunked:
			r.Chunked = true
		case !equalFold(value, "identity"):
			return &Error{Kind: BadCoding}
		}
	case equalFold(name, "connection"):
		r.Close = r.Close || equalFold(value, "close")
	}
	return nil
}

// parseLength reads decimal digits and nothing else, below 2^63.
func parseLength(b []byte) (int64, bool) {
	if len(b) == 0 || len(b) > 18 {
		return 0, false
	}
	var n int64
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}

// trim cuts blanks off both ends: RFC 9110's optional white space.
func trim(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\t') {
		b = b[1:]
	}
	for n := len(b); n > 0 && (b[n-1] == ' ' || b[n-1] == '\t'); n = len(b) {
		b = b[:n-1]
	}
	return b
}

// equalFold compares with a lower-case ASCII word.
func equalFold(b []byte, lower string) bool {
	if len(b) != len(lower) {
		return false
	}
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}

// isToken tells a method or a field name (RFC 9110, 5.6.2).
func isToken(b []byte) bool {
	for _, c := range b {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		case c >= 0x80 || bytes.IndexByte([]byte("!#$%&'*+-.^_`|~"), c) < 0:
			return false
		}
	}
	return len(b) > 0
}
