// Package curl is the applet curl, for plain http URLs: the options that
// scripts use most, with the requests, the output, the messages and the exit
// codes of curl 7.88.
//
// What differs, on purpose:
//
//   - It says who it is: User-Agent: rawns/0.1 (-A changes it).
//   - Each URL has its own connection, closed after it.
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
var errHTTP = errors.New("http error")

// fetch transfers one URL, the n-th, and returns its exit code.
func (o *options) fetch(url string, out output, n int) int {
	u, err := httpraw.ParseURL(url)
	if err != nil {
		return o.report(message(err, o.maxTime))
	}
	s := &sink{name: out.name, direct: o.noBuffer}
	if out.remote {
		if s.name = remoteName(u); s.name == "" {
			if !o.silent {
				cli.Fail(0, "curl", "Remote file name has no length!")
			}
			return o.report(exitWrite, "Failed writing received data to disk/application")
		}
	}
	method := "GET"
	if o.head {
		method = "HEAD"
	}
	if !o.silent && !o.noMeter && !(s.stdout() && cli.IsTerminal(1)) {
		start := time.Now()
		s.meter = &meter{elapsed: func() time.Duration { return time.Since(start) }, want: -1}
	}
	code := o.transfer(method, u, s, n)
	if s.flush() != nil && code == 0 {
		code = o.report(exitWrite, "Failed writing body")
	}
	return code
}

// transfer fetches u into s and returns the exit code.
func (o *options) transfer(method string, u *httpraw.URL, s *sink, n int) int {
	var status int
	c := httpraw.Client{Timeout: o.maxTime, ConnectTimeout: o.connectTimeout, HTTP09: o.http09}
	c.Trace.Line = func(line []byte) {
		if o.include {
			s.put(line) // an error is kept, and told below
		}
	}
	c.Trace.Head = func(r *httpraw.Response) error {
		status = r.Code
		s.meter.expect(r)
		if s.err != nil {
			return s.err
		}
		if o.fail && r.Code >= 400 {
			return errHTTP
		}
		return nil
	}
	c.Trace.Idle = s.meter.update
	if o.verbose {
		traceTo(cli.Stderr, &c.Trace, u, n, s)
	}
	s.meter.update()
	_, err := c.Do(method, u, o.requestHeader(), s)
	if err == nil {
		err = s.finish()
	}
	s.close()
	var code int
	var text string
	switch {
	case err == errHTTP:
		code, text = exitHTTPError, "The requested URL returned error: "+strconv.Itoa(status)
	case err != nil:
		if s.warning != "" && !o.silent {
			cli.Stderr.S("Warning: ").Safe(s.warning).NL().Flush()
		}
		code, text = message(err, o.maxTime)
	}
	if code != 0 {
		o.note(text)
	}
	if code != exitResolve { // curl has it so
		s.meter.done()
	}
	o.closing(n)
	if code != 0 {
		o.report(code, text)
	}
	return code
}

// requestHeader is what curl sends: its own lines, unless -H changes them,
// then -H's. "Name:" takes a line away, "Name;" sends an empty one.
func (o *options) requestHeader() []string {
	own := []string{"User-Agent: " + o.agent, "Accept: */*"}
	if o.agent == "" {
		own = own[1:]
	}
	var header []string
	for _, line := range own {
		name, _, _ := strings.Cut(line, ":")
		if !o.changes(name) {
			header = append(header, line)
		}
	}
	for _, h := range o.headers {
		_, value, ok := strings.Cut(h, ":")
		switch {
		case ok && strings.TrimSpace(value) != "":
			header = append(header, h)
		case !ok && len(h) > 1 && strings.IndexByte(h, ';') == len(h)-1:
			header = append(header, h[:len(h)-1]+":")
		}
	}
	return header
}

// changes tells whether -H says something about a line.
func (o *options) changes(name string) bool {
	for _, h := range o.headers {
		if i := strings.IndexAny(h, ":;"); i >= 0 && strings.EqualFold(h[:i], name) {
			return true
		}
	}
	return false
}

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
	return cli.Fail(code, "curl", "(", strconv.Itoa(code), ") ", text)
}

// note is a line of -v.
func (o *options) note(text string) {
	if o.verbose {
		cli.Stderr.S("* ").Safe(text).NL().Flush()
	}
}

func (o *options) closing(n int) { o.note("Closing connection " + strconv.Itoa(n)) }

// message translates an error into curl's exit code and words.
func message(err error, maxTime time.Duration) (code int, text string) {
	var e *httpraw.Error
	if !errors.As(err, &e) {
		return exitWrite, "Failure writing output to destination"
	}
	ms := strconv.FormatInt(e.Elapsed.Milliseconds(), 10)
	failed := "Failed to connect to " + e.Host + " port " + strconv.Itoa(int(e.Port)) + " after " + ms + " ms: "
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
