// Package curl is the applet curl, for plain http URLs: the options that
// scripts use most, with the requests, the output, the messages and the exit
// codes of curl 7.88.
//
// What differs, on purpose:
//
//   - It says who it is: User-Agent: rawns/0.1 (-A changes it).
//   - One connection is kept for the next URL or redirect, not one for each host.
//   - A large body is sent at once, without asking first (Expect).
//   - Lines that tell who asks (Authorization, Cookie, and a Host of -H) are not
//     sent to another host that a redirect leads to.
//   - A terminal gets the answer's control characters escaped, line ends and
//     tabs apart. Files and pipes get the bytes as they came.
//   - Where curl guesses, this one refuses: a Content-Length with other than
//     digits, or two that differ (exit code 8); an answer that ends inside its
//     header (56); line ends inside -H (55).
//   - URLs are taken literally: no {a,b} and [1-3], no user names, no short
//     IPv4 forms.
package curl

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"rawns/cmd/rawns/internal/cli"
	"rawns/httpraw"
	"rawns/nl"
)

const userAgent = "rawns/" + cli.Version

// curl's exit codes (man curl, EXIT CODES).
const (
	exitProtocol    = 1
	exitInit        = 2
	exitURL         = 3
	exitResolve     = 6
	exitConnect     = 7
	exitWeird       = 8
	exitPartial     = 18
	exitHTTPError   = 22
	exitWrite       = 23
	exitTimeout     = 28
	exitRedirects   = 47
	exitOption      = 49
	exitGotNothing  = 52
	exitSend        = 55
	exitRecv        = 56
	exitBadEncoding = 61
)

// Run is the applet.
func Run(args []string) int {
	o, code := parse(args)
	if code >= 0 {
		return code
	}
	for i, url := range o.urls {
		var out output
		if i < len(o.outs) {
			out = o.outs[i]
		}
		code = o.fetch(url, out, i)
	}
	return code // the last transfer's, as with curl
}

// errHTTP is a status of 400 or above where -f is given.
var errHTTP error = nl.Const("http error")

// errEnough ends a call behind the header of its answer.
var errEnough error = nl.Const("enough")

// fetch transfers one URL, the n-th, and returns its exit code.
func (o *options) fetch(url string, out output, n int) int {
	s := &sink{name: out.name, direct: o.noBuffer}
	w := &writeOut{url: url, n: n, file: out.name}
	code := o.fetchTo(url, out, s, w)
	if o.format != "" {
		w.code = code
		if s.stdout() {
			w.print(s, o.format)
		} else {
			rest := &sink{direct: o.noBuffer}
			w.print(rest, o.format)
			rest.flush()
		}
	}
	if s.flush() != nil && code == 0 {
		code = o.report(exitWrite, "Failed writing body")
	}
	return code
}

func (o *options) fetchTo(url string, out output, s *sink, w *writeOut) int {
	u, err := httpraw.ParseURL(url)
	if err != nil {
		code, text := message(err, o.maxTime)
		w.message = text
		return o.report(code, text)
	}
	if o.badResolve != "" {
		w.message = "Couldn't parse CURLOPT_RESOLVE entry '" + o.badResolve + "'"
		return o.report(exitOption, w.message)
	}
	if out.remote {
		if s.name = remoteName(u); s.name == "" {
			if !o.silent {
				cli.Fail(0, "curl", "Remote file name has no length!")
			}
			return o.report(exitWrite, "Failed writing received data to disk/application")
		}
		w.file = s.name
	}
	start := time.Now()
	if !o.silent && !o.noMeter && !(s.stdout() && cli.IsTerminal(1)) {
		s.meter = &meter{elapsed: func() time.Duration { return time.Since(start) }, want: -1}
	}
	call := &w.call
	*call = httpraw.Call{Method: "GET", URL: u, NoBody: o.head}
	switch {
	case o.head:
		call.Method = "HEAD"
	case o.data != nil:
		call.Method, call.Data = "POST", o.data
	}
	first := u
	for {
		method := call.Method
		if o.method != "" {
			call.Method = o.method
		}
		call.NoBody = o.head && call.Method != "HEAD"
		call.Header = o.requestHeader(call.Data, first.Port == call.URL.Port && isAny(first.Host, call.URL.Host))
		s.ignore = false
		code, next := o.transfer(s, w, start)
		if next == nil {
			s.close()
			return code
		}
		o.note("Issue another request to this URL: '" + next.String() + "'")
		w.redirected(time.Since(start))
		// What a redirect makes of a method is as browsers have it; RFC 9110, 15.4.
		if c := call.Code; call.Data != nil && c <= 303 || c == 303 && method != "HEAD" {
			if method != "GET" {
				o.note("Switch from " + method + " to GET")
			}
			call.Data, method = nil, "GET"
		}
		*call = httpraw.Call{Method: method, URL: next, Data: call.Data}
		s.meter.again()
	}
}

// transfer does w's call into s, and returns the exit code, or where -L leads.
func (o *options) transfer(s *sink, w *writeOut, start time.Time) (int, *httpraw.URL) {
	call, c := &w.call, &o.client
	var next *httpraw.URL
	var lost error // why a redirect is not followed
	c.Timeout, c.ConnectTimeout, c.HTTP09 = o.maxTime, o.connectTimeout, o.http09
	if o.maxTime > 0 { // of all of a URL's redirects together
		c.Timeout = max(o.maxTime-time.Since(start), time.Nanosecond)
	}
	number := o.connection + 1
	c.Trace = httpraw.Trace{Idle: s.meter.update}
	c.Trace.Line = func(line []byte) {
		if o.include {
			s.put(line) // an error is kept, and told below
		}
	}
	c.Trace.Body = func(n int) {
		if s.meter != nil {
			s.meter.sent += int64(n)
		}
	}
	c.Trace.Reused = func(httpraw.Addr) {
		number = o.connection
		o.note("Re-using existing connection #" + itoa(number) + " with host " + call.URL.Host)
	}
	c.Trace.Dead = func() {
		o.note("Connection " + itoa(o.connection) + " seems to be dead!")
		o.closing(o.connection)
		number = o.connection + 1
	}
	c.Trace.Head = func(r *httpraw.Response) error {
		if r.Code/100 == 3 && call.Location != "" {
			next, lost = call.URL.Follow(call.Location)
			w.to = next
		}
		if o.follow && (next != nil || lost != nil) {
			// A body that ends with the connection, or with which that
			// ends, need not be waited for.
			if r.Close || r.Minor == 0 || r.Length < 0 && !r.Chunked {
				return errEnough
			}
			s.ignore = true
			o.note("Ignoring the response-body")
		}
		if !s.ignore {
			s.meter.expect(r)
		}
		if s.err != nil {
			return s.err
		}
		if o.fail && r.Code >= 400 {
			return errHTTP
		}
		return nil
	}
	if o.verbose {
		o.traceTo(cli.Stderr, call.URL, &number, s)
	}
	s.meter.update()
	err := c.Call(call, s)
	o.connection = number
	w.add()
	if err == errEnough {
		err = nil
	}
	if err == nil && o.follow && lost != nil {
		err = lost
	} else if err == nil && !(o.follow && next != nil) {
		next = nil
		err = s.finish()
	}
	var code int
	var text string
	switch {
	case err == errHTTP:
		code, text = refused(call)
	case err != nil:
		if s.warning != "" && !o.silent {
			cli.Stderr.S("Warning: ").Safe(s.warning).NL().Flush()
		}
		code, text = message(err, o.maxTime)
		if err == lost && code == exitURL {
			text = "The redirect target URL could not be parsed: Malformed input to a URL function"
		}
	case next != nil && o.maxRedirs >= 0 && w.redirects >= o.maxRedirs:
		code, text = exitRedirects, "Maximum ("+itoa(o.maxRedirs)+") redirects followed"
	}
	tooMany := code == exitRedirects
	if code != 0 && !tooMany {
		o.note(text)
	}
	if code != exitResolve { // curl has it so
		s.meter.done()
	}
	if call.Kept {
		o.note("Connection #" + itoa(number) + " to host " + call.URL.Host + " left intact")
	} else {
		o.closing(number)
	}
	if tooMany {
		o.note(text)
	}
	if code == 0 && next == nil && o.failBody && call.Code >= 400 {
		code, text = refused(call)
	}
	if code != 0 {
		w.message = text
		return o.report(code, text), nil
	}
	return 0, next
}

//go:noinline
func refused(call *httpraw.Call) (code int, text string) {
	return exitHTTPError, "The requested URL returned error: " + itoa(call.Code)
}

// requestHeader is what curl sends: its own lines, unless -H changes them,
// then -H's. "Name:" takes a line away, "Name;" sends an empty one. Another
// host, home tells, learns no secrets that were for the first.
func (o *options) requestHeader(data []byte, home bool) []string {
	h := header{o: o}
	if o.user != "" && home {
		h.own("Authorization", "Basic "+base64Of(o.user))
	}
	h.own("User-Agent", o.agent)
	h.own("Accept", "*/*")
	h.own("Referer", o.referer)
	if home {
		h.own("Cookie", o.cookie)
	}
	for _, line := range o.headers {
		name, value, ok := strings.Cut(line, ":")
		switch {
		case !home && isAny(name, "host", "authorization", "cookie"):
		case data == nil && isAny(name, "content-length"): // a redirect took the body away
		case ok && strings.TrimSpace(value) != "":
			h.lines = append(h.lines, line)
		case !ok && len(line) > 1 && strings.IndexByte(line, ';') == len(line)-1:
			h.lines = append(h.lines, line[:len(line)-1]+":")
		}
	}
	if data != nil {
		h.own("Content-Length", itoa(len(data)))
		h.own("Content-Type", "application/x-www-form-urlencoded")
	}
	return h.lines
}

// A header is a request's, in the making.
type header struct {
	o     *options
	lines []string
}

// own adds a line that -H does not change.
//
//go:noinline
func (h *header) own(name, value string) {
	if value != "" && !h.o.changes(name) {
		h.lines = append(h.lines, name+": "+value)
	}
}

// isAny compares a name with some, without regard to case.
//
//go:noinline
func isAny(name string, names ...string) bool {
	for _, n := range names {
		if strings.EqualFold(name, n) {
			return true
		}
	}
	return false
}

// changes tells whether -H says something about a line.
//
//go:noinline
func (o *options) changes(name string) bool {
	for _, h := range o.headers {
		if i := strings.IndexAny(h, ":;"); i >= 0 && strings.EqualFold(h[:i], name) {
			return true
		}
	}
	return false
}

// itoa is strconv.Itoa, not inlined: it has many callers.
//
//go:noinline
func itoa(v int) string { return strconv.Itoa(v) }

// remoteName is -O's file: what stands behind the path's last slash.
func remoteName(u *httpraw.URL) string {
	path, _, _ := strings.Cut(u.Target, "?")
	return path[strings.LastIndexByte(path, '/')+1:]
}

// report prints "curl: (CODE) TEXT" unless -s says not to.
func (o *options) report(code int, text string) int {
	if o.silent && !o.showError {
		return code
	}
	return cli.Fail(code, "curl", "(", itoa(code), ") ", text)
}

// note is a line of -v.
//
//go:noinline
func (o *options) note(text string) {
	if o.verbose {
		cli.Stderr.S("* ").Safe(text).NL().Flush()
	}
}

//go:noinline
func (o *options) closing(n int) { o.note("Closing connection " + itoa(n)) }

// message translates an error into curl's exit code and words.
func message(err error, maxTime time.Duration) (code int, text string) {
	var e *httpraw.Error
	if !errors.As(err, &e) {
		return exitWrite, "Failure writing output to destination"
	}
	ms := strconv.FormatInt(e.Elapsed.Milliseconds(), 10)
	failed := "Failed to connect to " + e.Host + " port " + itoa(int(e.Port)) + " after " + ms + " ms: "
	errno := cli.Errno(e.Err)
	why := cli.Strerror(errno)
	if errno == 0 && e.Err != nil {
		why = e.Err.Error()
	}
	switch e.Kind {
	case httpraw.BadURL:
		return exitURL, "URL using bad/illegal format or missing URL"
	case httpraw.BadScheme:
		return exitProtocol, `Protocol "` + e.Host + `" not supported`
	case httpraw.NoHost:
		return exitResolve, "Could not resolve host: " + e.Host
	case httpraw.NoConn:
		return exitConnect, failed + "Couldn't connect to server"
	case httpraw.TimedOut:
		return exitTimeout, timedOut(e, failed, ms, maxTime)
	case httpraw.NoSend:
		return exitSend, "Send failure: " + why
	case httpraw.NoRecv:
		return exitRecv, "Recv failure: " + why
	case httpraw.Empty:
		return exitGotNothing, "Empty reply from server"
	case httpraw.NotHTTP:
		return exitProtocol, "Received HTTP/0.9 when not allowed"
	case httpraw.BadVersion:
		if e.Err == httpraw.ErrCode {
			return exitProtocol, "Unsupported response code in HTTP response"
		}
		return exitProtocol, "Unsupported HTTP version (" + e.Op + ") in response"
	case httpraw.BadHead:
		return exitWeird, badHead(e.Err)
	case httpraw.BigHead:
		return exitRecv, "Too large response headers: " + strconv.FormatInt(e.Got, 10) + " > 307200"
	case httpraw.BadCoding:
		return exitBadEncoding, "Unrecognized transfer encoding"
	case httpraw.BadChunk:
		return exitRecv, badChunk(e.Err)
	case httpraw.Partial:
		if e.Want >= 0 {
			return exitPartial, "transfer closed with " + strconv.FormatInt(e.Want-e.Got, 10) + " bytes remaining to read"
		}
		return exitPartial, "transfer closed with outstanding read data remaining"
	case httpraw.NoSink:
		if e.Err == errOpen {
			return exitWrite, "Failure writing output to destination"
		}
		return exitWrite, "Failed writing body"
	}
	return exitInit, e.Error()
}

func timedOut(e *httpraw.Error, failed, ms string, maxTime time.Duration) string {
	switch {
	case e.Op == "resolve":
		return "Resolving timed out after " + ms + " milliseconds"
	case e.Op == "connect" && (maxTime == 0 || e.Elapsed < maxTime):
		return failed + "Timeout was reached"
	case e.Op == "connect":
		return "Connection timed out after " + ms + " milliseconds"
	}
	text := "Operation timed out after " + ms + " milliseconds with " + strconv.FormatInt(e.Got, 10)
	if e.Want >= 0 {
		text += " out of " + strconv.FormatInt(e.Want, 10)
	}
	return text + " bytes received"
}

func badHead(err error) string {
	switch err {
	case httpraw.ErrNul:
		return "Nul byte in header"
	case httpraw.ErrNoColon:
		return "Header without colon"
	}
	return "Invalid Content-Length: value"
}

func badChunk(err error) string {
	switch err {
	case httpraw.ErrChunkSize:
		return "Illegal or missing hexadecimal sequence in chunked-encoding"
	case httpraw.ErrChunkLong:
		return "Too long hexadecimal number in chunked-encoding"
	}
	return "Malformed encoding found in chunked-encoding"
}
