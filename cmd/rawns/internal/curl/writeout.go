package curl

import (
	"strconv"
	"strings"
	"time"

	"rawns/cmd/rawns/internal/cli"
	"rawns/httpraw"
)

// A writeOut is what -w can tell about a URL, its redirects included.
type writeOut struct {
	url     string // as it was given
	n       int
	file    string
	code    int    // the exit code
	message string // "": none

	call      httpraw.Call // the last one
	to        *httpraw.URL // where a redirect would lead
	redirects int
	redirect  time.Duration // the time that they took
	connects  int
	head      int
	asked     int64
	times     [5]time.Duration
}

// add takes over what a finished call says.
func (w *writeOut) add() {
	c := &w.call
	w.connects += c.Dials
	w.head += c.Head
	w.asked += int64(c.Asked) + c.Sent
	// As curl has it, the calls' times until a step make a sum: a connection
	// that serves again adds none.
	for i := range w.times {
		w.times[i] += c.Times[i]
	}
	w.times[httpraw.Total] = w.redirect + c.Times[httpraw.Total]
}

// redirected is called between a call and the next.
func (w *writeOut) redirected(now time.Duration) {
	w.redirects++
	w.redirect = now
	w.to = nil
}

// print writes -w's format to s, with "%{name}" and \n, \r, \t replaced.
// "%{stderr}" and "%{stdout}" say where what follows goes.
func (w *writeOut) print(s *sink, format string) {
	var b []byte
	toStderr := false
	put := func() {
		if toStderr {
			cli.Stderr.Flush()
			cli.Stderr.B = cli.AppendText(cli.Stderr.B, b)
			cli.Stderr.Flush()
		} else if len(b) > 0 {
			s.put(b)
		}
		b = b[:0]
	}
	for format != "" {
		c := format[0]
		next := byte(0)
		if len(format) > 1 {
			next = format[1]
		}
		switch {
		case c == '%' && next == '%':
			b = append(b, '%')
			format = format[2:]
		case c == '%' && next == '{' && strings.IndexByte(format, '}') > 0:
			var name string
			name, format, _ = strings.Cut(format[2:], "}")
			switch name {
			case "stderr", "stdout":
				put()
				toStderr = name == "stderr"
			case "onerror":
				if w.code == 0 {
					format = ""
				}
			default:
				var ok bool
				if b, ok = w.value(b, name); !ok {
					cli.Stderr.S("curl: unknown --write-out variable: '").Safe(name).S("'").NL().Flush()
				}
			}
		case c == '\\' && next != 0:
			switch next {
			case 'n':
				b = append(b, '\n')
			case 'r':
				b = append(b, '\r')
			case 't':
				b = append(b, '\t')
			default:
				b = append(b, c, next)
			}
			format = format[2:]
		default:
			b = append(b, c)
			format = format[1:]
		}
	}
	put()
}

// value appends what a name of "%{name}" stands for.
func (w *writeOut) value(b []byte, name string) ([]byte, bool) {
	c := &w.call
	total := w.times[httpraw.Total]
	var s string
	var v int64
	var d time.Duration
	is := 's' // which of the three it is
	if strings.HasPrefix(name, "time_") {
		is = 'd'
	}
	switch name {
	case "http_code", "response_code":
		s = itoa(1000 + c.Code)[1:]
	case "http_connect":
		s = "000"
	case "http_version":
		s = [...]string{"1", "1.1"}[min(c.Minor, 1)]
		if c.Code == 0 {
			s = "0"
		}
	case "scheme":
		if w.times[httpraw.Connected] > 0 {
			s = "HTTP"
		}
	case "method":
		s = c.Method
	case "content_type":
		s = c.Type
	case "filename_effective":
		s = w.file
	case "url":
		s = w.url
	case "url_effective":
		if s = w.url; c.URL != nil {
			s = c.URL.String()
		}
	case "redirect_url":
		if w.to != nil {
			s = w.to.String()
		}
	case "remote_ip":
		s = c.Remote.Host()
	case "local_ip":
		s = c.Local.Host()
	case "errormsg":
		s = w.message
	case "time_appconnect": // there is no TLS
	case "time_namelookup":
		d = w.times[httpraw.Resolved]
	case "time_connect":
		d = w.times[httpraw.Connected]
	case "time_pretransfer":
		d = w.times[httpraw.Ready]
	case "time_starttransfer":
		d = w.times[httpraw.First]
	case "time_redirect":
		d = w.redirect
	case "time_total":
		d = total
	default:
		is = 'v'
		switch name {
		case "remote_port":
			v = int64(c.Remote.Port)
		case "local_port":
			v = int64(c.Local.Port)
		case "exitcode":
			v = int64(w.code)
		case "urlnum":
			v = int64(w.n)
		case "num_connects":
			v = int64(w.connects)
		case "num_headers":
			v = int64(c.Fields)
		case "num_redirects":
			v = int64(w.redirects)
		case "size_download":
			v = c.Got
		case "size_header":
			v = int64(w.head)
		case "size_request":
			v = w.asked
		case "size_upload":
			v = c.Sent
		case "speed_download":
			v = rate(c.Got, total)
		case "speed_upload":
			v = rate(c.Sent, total)
		default:
			return b, false
		}
	}
	switch is {
	case 'v':
		b = strconv.AppendInt(b, v, 10)
	case 'd': // in seconds, with six decimals
		us := d.Microseconds()
		b = strconv.AppendInt(b, us/1e6, 10)
		s = itoa(int(1e6 + us%1e6))
		s = "." + s[1:]
	}
	return append(b, s...), true
}
