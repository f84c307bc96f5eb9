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
	for i := range w.times {
		w.times[i] = 0
		if c.Times[i] > 0 {
			w.times[i] = w.redirect + c.Times[i]
		}
	}
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
	number := func(v int64) ([]byte, bool) { return strconv.AppendInt(b, v, 10), true }
	text := func(s string) ([]byte, bool) { return append(b, s...), true }
	switch name {
	case "http_code", "response_code":
		return append(b, threeDigits(c.Code)...), true
	case "http_connect":
		return text("000")
	case "http_version":
		if c.Code == 0 {
			return text("0")
		}
		if c.Minor == 0 {
			return text("1")
		}
		return text("1.1")
	case "scheme":
		if w.times[httpraw.Connected] == 0 {
			return b, true
		}
		return text("HTTP")
	case "method":
		return text(c.Method)
	case "content_type":
		return text(c.Type)
	case "filename_effective":
		return text(w.file)
	case "url":
		return text(w.url)
	case "url_effective":
		if c.URL == nil {
			return text(w.url)
		}
		return text(c.URL.String())
	case "redirect_url":
		if w.to != nil {
			return text(w.to.String())
		}
		return b, true
	case "remote_ip":
		return text(c.Remote.Host())
	case "local_ip":
		return text(c.Local.Host())
	case "remote_port":
		return number(int64(c.Remote.Port))
	case "local_port":
		return number(int64(c.Local.Port))
	case "errormsg":
		return text(w.message)
	case "exitcode":
		return number(int64(w.code))
	case "urlnum":
		return number(int64(w.n))
	case "num_connects":
		return number(int64(w.connects))
	case "num_headers":
		return number(int64(c.Fields))
	case "num_redirects":
		return number(int64(w.redirects))
	case "size_download":
		return number(c.Got)
	case "size_header":
		return number(int64(w.head))
	case "size_request":
		return number(w.asked)
	case "size_upload":
		return number(c.Sent)
	case "speed_download":
		return number(rate(c.Got, total))
	case "speed_upload":
		return number(rate(c.Sent, total))
	case "time_appconnect": // there is no TLS
		return appendSeconds(b, 0), true
	case "time_namelookup":
		return appendSeconds(b, w.times[httpraw.Resolved]), true
	case "time_connect":
		return appendSeconds(b, w.times[httpraw.Connected]), true
	case "time_pretransfer":
		return appendSeconds(b, w.times[httpraw.Ready]), true
	case "time_starttransfer":
		return appendSeconds(b, w.times[httpraw.First]), true
	case "time_redirect":
		return appendSeconds(b, w.redirect), true
	case "time_total":
		return appendSeconds(b, total), true
	}
	return b, false
}

func threeDigits(v int) string { return strconv.Itoa(1000 + v)[1:] }

// appendSeconds appends a time in seconds with six decimals.
func appendSeconds(b []byte, d time.Duration) []byte {
	us := d.Microseconds()
	b = append(strconv.AppendInt(b, us/1e6, 10), '.')
	return append(b, strconv.FormatInt(1e6+us%1e6, 10)[1:]...)
}
