package curl

import (
	"bytes"
	"strconv"
	"strings"

	"rawns/cmd/rawns/internal/cli"
	"rawns/httpraw"
)

// traceTo adds what -v prints on standard error to t: "*" before what is told,
// ">" before what is sent, "<" before header lines.
func traceTo(e *cli.Out, t *httpraw.Trace, u *httpraw.URL, n int, s *sink) {
	where := func(a httpraw.Addr) string { return a.Host() + " port " + strconv.Itoa(int(a.Port)) }
	t.Trying = func(a httpraw.Addr) {
		a.Zone = 0 // curl does not show it
		e.S("*   Trying ", a.String(), "...").NL().Flush()
	}
	t.Failed = func(a httpraw.Addr, err error, immediate bool) {
		why := err.Error()
		if errno := cli.Errno(err); errno != 0 {
			why = cli.Strerror(errno)
		}
		if immediate {
			e.S("* Immediate connect fail for ", a.Host(), ": ", why).NL().Flush()
		} else {
			e.S("* connect to ", where(a), " failed: ", why).NL().Flush()
		}
	}
	t.Connected = func(a httpraw.Addr) {
		e.S("* Connected to ").Safe(u.Host).S(" (", a.Host(), ") port ", strconv.Itoa(int(a.Port)), " (#", strconv.Itoa(n), ")").NL().Flush()
	}
	t.Sent = func(request []byte) {
		for line := range strings.Lines(string(request)) {
			traceLine(e, "> ", line)
		}
		e.Flush()
	}
	first := true
	write := t.Line
	t.Line = func(line []byte) {
		if first && bytes.HasPrefix(line, []byte("HTTP/1.0")) {
			e.S("* HTTP 1.0, assume close after body\n")
		}
		first = false
		traceLine(e, "< ", string(line))
		e.Flush()
		write(line)
	}
	told := false
	t.Data = func(n int) {
		// On a terminal the data itself is to be seen.
		if !told && !(s.stdout() && cli.IsTerminal(1)) {
			e.S("{ [").D(int64(n)).S(" bytes data]\n").Flush()
			told = true
		}
	}
}

// traceLine shows a line with the end that it came with, as curl does.
func traceLine(e *cli.Out, mark, line string) {
	text := strings.TrimRight(line, "\r\n")
	e.S(mark).Safe(text).S(line[len(text):])
}
