package curl

import (
	"bytes"
	"strings"

	"rawns/cmd/rawns/internal/cli"
	"rawns/httpraw"
)

// traceTo adds what -v prints on standard error to the client's Trace: "*"
// before what is told, ">" before what is sent, "<" before header lines.
// number is the connection's.
func (o *options) traceTo(e *cli.Out, u *httpraw.URL, number *int, s *sink) {
	t, path := &o.client.Trace, o.client.Unix
	host := func(a httpraw.Addr) string {
		if path != "" {
			return path
		}
		return a.Host()
	}
	where := func(a httpraw.Addr) string { return a.Host() + " port " + itoa(int(a.Port)) }
	t.Trying = func(a httpraw.Addr) {
		if path != "" {
			e.S("*   Trying ").Safe(path).S(":0...").NL().Flush()
			return
		}
		a.Zone = 0 // curl does not show it
		e.S("*   Trying ", a.String(), "...").NL().Flush()
	}
	t.Failed = func(a httpraw.Addr, err error, immediate bool) {
		why := err.Error()
		if errno := cli.Errno(err); errno != 0 {
			why = cli.Strerror(errno)
		}
		if immediate {
			e.S("* Immediate connect fail for ").Safe(host(a)).S(": ", why).NL().Flush()
		} else {
			e.S("* connect to ", where(a), " failed: ", why).NL().Flush()
		}
	}
	t.Connected = func(a httpraw.Addr) {
		e.S("* Connected to ").Safe(u.Host).S(" (").Safe(host(a)).S(") port ").D(int64(u.Port)).S(" (#").D(int64(*number)).S(")").NL().Flush()
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
	tell := func(mark string, n int) {
		// On a terminal the data itself is to be seen.
		if !told && !(s.stdout() && cli.IsTerminal(1)) {
			e.S(mark, " [").D(int64(n)).S(" bytes data]\n").Flush()
			told = true
		}
	}
	body := t.Body
	t.Body = func(n int) {
		body(n)
		tell("}", n)
		told = false
	}
	t.Data = func(n int) { tell("{", n) }
}

// traceLine shows a line with the end that it came with, as curl does.
func traceLine(e *cli.Out, mark, line string) {
	text := strings.TrimRight(line, "\r\n")
	e.S(mark).Safe(text).S(line[len(text):])
}
