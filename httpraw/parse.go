package httpraw

import "bytes"

// The parsers are pure functions of the bytes that have come so far: they
// keep nothing between calls, read no more than they are given, and allocate
// nothing. Whoever feeds them calls again with more after Incomplete.
//
// They agree with themselves over any division of the input: what is Bad or
// Complete stays so with more bytes behind it (FuzzRequest, FuzzStrict,
// FuzzResponse).

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

// A Fault is what is wrong with a Bad request.
type Fault uint8

const (
	NoFault     Fault = iota
	BadLine           // a line that does not end in CR LF, or a CR inside one
	BadMethod         // not a method at the front
	BadTarget         // a target that is no path, no http URL, and not the * of OPTIONS
	BadHTTP           // no version, or none of the form HTTP/1.1
	WrongHTTP         // a version other than HTTP/1.0 and HTTP/1.1
	BadField          // a header line without a name, with a blank before the colon, or folded
	BadValue          // a control character in a value
	BadHost           // no Host, two, an empty one, or another than the target's
	BadLength         // a Content-Length that is no number, or two
	WrongCoding       // a Transfer-Encoding other than chunked
	TwoCodings        // chunked with another Transfer-Encoding, or twice
	TwoLengths        // Transfer-Encoding with Content-Length, or in HTTP/1.0
	WrongExpect       // an Expect other than 100-continue
	BadBody           // malformed chunks or trailers
)

func (f Fault) String() string {
	return [...]string{
		"no fault", "malformed line end", "malformed method", "malformed target", "malformed version", "unsupported version",
		"malformed header line", "control character in a header line", "malformed or missing Host",
		"malformed Content-Length", "unsupported Transfer-Encoding", "more than one Transfer-Encoding",
		"Transfer-Encoding that contradicts the rest", "unsupported Expect", "malformed body",
	}[f]
}

// Code is the status code that answers a request with this fault.
func (f Fault) Code() int {
	switch f {
	case WrongHTTP:
		return 505
	case WrongCoding:
		return 501
	case WrongExpect:
		return 417
	}
	return 400
}

// A Request is the head of an HTTP/1 request. Its slices are parts of the
// parsed bytes.
type Request struct {
	Method, Target []byte
	Host           []byte // as the client wrote it; nil without one
	Minor          int    // of the version: HTTP/1.Minor
	Fields         []byte // the header lines as they came, for NextField
	Size           int    // bytes up to the end of the head, where the body begins
	Length         int64  // Content-Length; 0 without one
	Chunked        bool   // the body comes in chunks
	Keep           bool   // the client may send another request on this connection
	Expect         bool   // the client waits for "100 Continue" before it sends the body
	Fault          Fault  // what makes the request Bad
	Body           []byte // what a Server has read of the body; Parse leaves it nil
}

// Parse reads the head of a request from the front of b. Unless it is
// Complete, r holds nothing of use but the Fault of a Bad one.
func (r *Request) Parse(b []byte, rules Rules) Status {
	*r = Request{}
	// Another protocol, TLS for one, is known by its first byte. It may not
	// have lines whose end could be waited for.
	if len(b) > 0 && !tokens[b[0]] && b[0] != '\r' && b[0] != '\n' {
		return r.bad(BadMethod)
	}
	line, rest, st := cutLine(b, rules)
	if st == Complete && len(line) == 0 { // one is pardoned (RFC 9112, 2.2)
		line, rest, st = cutLine(rest, rules)
	}
	if st != Complete {
		return r.not(st)
	}
	if f := r.requestLine(line); f != NoFault {
		return r.bad(f)
	}
	fields := rest
	var s seen
	for {
		line, after, st := cutLine(rest, rules)
		if st != Complete {
			return r.not(st)
		}
		if len(line) == 0 {
			r.Fields = fields[:len(fields)-len(rest)]
			rest = after
			break
		}
		rest = after
		name, value, f := cutField(line)
		if f == NoFault {
			f = r.field(name, value, &s)
		}
		if f != NoFault {
			return r.bad(f)
		}
	}
	if r.Chunked && (s.lengths > 0 || r.Minor == 0) {
		return r.bad(TwoLengths)
	}
	if !r.hostFits(s.hosts) {
		return r.bad(BadHost)
	}
	r.Keep = !s.close && (r.Minor > 0 || s.keep)
	r.Expect = r.Expect && r.Minor > 0
	r.Size = len(b) - len(rest)
	return Complete
}

func (r *Request) bad(f Fault) Status {
	*r = Request{Fault: f}
	return Bad
}

// not is for a line that is not complete: its only fault is its end.
func (r *Request) not(st Status) Status {
	if st == Bad {
		return r.bad(BadLine)
	}
	*r = Request{}
	return st
}

// requestLine reads "GET /path HTTP/1.1".
func (r *Request) requestLine(line []byte) Fault {
	method, line, ok := bytes.Cut(line, []byte{' '})
	if !isToken(method) {
		return BadMethod
	}
	target, version, _ := bytes.Cut(line, []byte{' '})
	for _, c := range target {
		if c <= ' ' || c >= 0x7f || c == '#' { // a fragment is never sent
			return BadTarget
		}
	}
	if !ok || len(target) == 0 {
		return BadTarget
	}
	digit := func(c byte) bool { return c >= '0' && c <= '9' }
	if len(version) != 8 || string(version[:5]) != "HTTP/" || !digit(version[5]) || version[6] != '.' || !digit(version[7]) {
		return BadHTTP
	}
	if version[5] != '1' || version[7] > '1' {
		return WrongHTTP
	}
	r.Method, r.Target, r.Minor = method, target, int(version[7]-'0')
	switch {
	case target[0] == '/':
	case string(target) == "*":
		if string(method) != "OPTIONS" {
			return BadTarget
		}
	case len(authority(target)) == 0:
		return BadTarget
	}
	return NoFault
}

// authority returns HOST[:PORT] of "http://HOST[:PORT]/path", the form of a
// target that is for proxies and that servers must take too; nil of others.
func authority(target []byte) []byte {
	const scheme = "http://"
	if len(target) < len(scheme) || !equalFold(target[:len(scheme)], scheme) {
		return nil
	}
	host := target[len(scheme):]
	if i := bytes.IndexAny(host, "/?"); i >= 0 {
		host = host[:i]
	}
	return host
}

// Path is the part of the target before the query, as it came: with its
// %-escapes. It begins with a slash, or is "*".
func (r *Request) Path() []byte {
	p := r.Target
	if host := authority(p); host != nil {
		p = p[len("http://")+len(host):]
	}
	if i := bytes.IndexByte(p, '?'); i >= 0 {
		p = p[:i]
	}
	if len(p) == 0 {
		return []byte("/")
	}
	return p
}

// seen counts what may be in a head once.
type seen struct {
	hosts, lengths, codings int
	close, keep             bool
}

// field takes what matters from one header line.
func (r *Request) field(name, value []byte, s *seen) Fault {
	switch len(name) { // most names are told apart by their lengths
	case len("host"):
		if equalFold(name, "host") {
			r.Host = value
			if s.hosts++; s.hosts > 1 || !isHostPort(value) {
				return BadHost
			}
		}
	case len("expect"):
		if equalFold(name, "expect") {
			if r.Expect || !equalFold(value, "100-continue") {
				return WrongExpect
			}
			r.Expect = true
		}
	case len("connection"):
		if equalFold(name, "connection") {
			for more := true; more; {
				var word []byte
				word, value, more = bytes.Cut(value, []byte{','})
				word = trim(word)
				s.close = s.close || equalFold(word, "close")
				s.keep = s.keep || equalFold(word, "keep-alive")
			}
		}
	case len("content-length"):
		if equalFold(name, "content-length") {
			n, ok := parseLength(value)
			if s.lengths++; !ok || s.lengths > 1 {
				return BadLength
			}
			r.Length = n
		}
	case len("transfer-encoding"):
		if equalFold(name, "transfer-encoding") {
			if s.codings++; s.codings > 1 || len(value) > len("chunked") && hasChunked(value) {
				return TwoCodings
			}
			if !equalFold(value, "chunked") {
				return WrongCoding
			}
			r.Chunked = true
		}
	}
	return NoFault
}

// hasChunked finds the word anywhere in a Transfer-Encoding.
func hasChunked(b []byte) bool {
	for i := len("chunked"); i <= len(b); i++ {
		if equalFold(b[i-len("chunked"):i], "chunked") {
			return true
		}
	}
	return false
}

// isHostPort tells the value of a Host: a name, an address, or an IPv6 address in
// brackets, and perhaps a port. What else URLs allow in that place nobody
// needs, and programs disagree about it.
func isHostPort(b []byte) bool {
	port := b
	if len(b) > 0 && b[0] == '[' {
		i := bytes.IndexByte(b, ']')
		if i < 3 {
			return false
		}
		for _, c := range b[1:i] {
			if _, hex := unhex(c); !hex && c != ':' && c != '.' {
				return false
			}
		}
		port = b[i+1:]
	} else {
		i := bytes.IndexByte(b, ':')
		if i < 0 {
			i = len(b)
		}
		if i == 0 {
			return false
		}
		for _, c := range b[:i] {
			if !(tokens[c] && c != '\'' && c != '`' && c != '|' && c != '^' && c != '#') {
				return false
			}
		}
		port = b[i:]
	}
	if len(port) == 0 {
		return true
	}
	if port[0] != ':' || len(port) > 6 {
		return false
	}
	for _, c := range port[1:] {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// hostFits tells whether the request says once, or twice the same, whom it is for.
func (r *Request) hostFits(hosts int) bool {
	if hosts == 0 && r.Minor > 0 {
		return false
	}
	a := authority(r.Target)
	return len(a) == 0 || isHostPort(a) && (hosts == 0 || bytes.EqualFold(a, r.Host))
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
	name, value, f := cutField(line)
	if f != NoFault {
		return nil, nil, b, Bad
	}
	return name, value, rest, Complete
}

// Get returns the value of the first header line of a name, which is given in
// lower case; nil without one.
func (r *Request) Get(name string) []byte {
	// Parse has found each of the lines to be right, so that none is looked at
	// but for its beginning.
	for rest := r.Fields; len(rest) > 0; {
		end := bytes.IndexByte(rest, '\n')
		if end < 0 {
			break
		}
		line := rest[:end]
		rest = rest[end+1:]
		if n := len(name); len(line) > n && line[n] == ':' && equalFold(line[:n], name) {
			return trim(bytes.TrimSuffix(line[n+1:], []byte{'\r'}))
		}
	}
	return nil
}

// cutField splits a header line into its name and its value.
func cutField(line []byte) (name, value []byte, f Fault) {
	colon := bytes.IndexByte(line, ':')
	if colon < 0 || !isToken(line[:colon]) { // also a blank before the colon, and a folded line
		return nil, nil, BadField
	}
	name, value = line[:colon], line[colon+1:]
	for _, c := range value {
		if c < ' ' && c != '\t' || c == 0x7f {
			return nil, nil, BadValue
		}
	}
	return name, trim(value), NoFault
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

// isToken tells a method or a field name.
func isToken(b []byte) bool {
	for _, c := range b {
		if !tokens[c] {
			return false
		}
	}
	return len(b) > 0
}

// tokens are the bytes of a method or a name (RFC 9110, 5.6.2).
var tokens = [256]bool{
	'!': true, '#': true, '$': true, '%': true, '&': true, '\'': true, '*': true, '+': true,
	'-': true, '.': true, '^': true, '_': true, '`': true, '|': true, '~': true,
	'0': true, '1': true, '2': true, '3': true, '4': true, '5': true, '6': true, '7': true, '8': true, '9': true,
	'A': true, 'B': true, 'C': true, 'D': true, 'E': true, 'F': true, 'G': true, 'H': true, 'I': true,
	'J': true, 'K': true, 'L': true, 'M': true, 'N': true, 'O': true, 'P': true, 'Q': true, 'R': true,
	'S': true, 'T': true, 'U': true, 'V': true, 'W': true, 'X': true, 'Y': true, 'Z': true,
	'a': true, 'b': true, 'c': true, 'd': true, 'e': true, 'f': true, 'g': true, 'h': true, 'i': true,
	'j': true, 'k': true, 'l': true, 'm': true, 'n': true, 'o': true, 'p': true, 'q': true, 'r': true,
	's': true, 't': true, 'u': true, 'v': true, 'w': true, 'x': true, 'y': true, 'z': true,
}
