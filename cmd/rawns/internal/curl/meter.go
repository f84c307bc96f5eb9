package curl

import (
	"strconv"
	"time"

	"rawns/cmd/rawns/internal/cli"
	"rawns/httpraw"
)

// A meter is curl's progress meter on standard error: two header lines and a
// first row before anything else happens, another row in each new second, and
// a last one with a line feed behind it. Every row begins with a carriage
// return, so that on a terminal it covers the one before. A nil meter is
// silent.
type meter struct {
	// elapsed is the time since the start. A time.Time here would bring the
	// formatting of times into the binary: what is used as an interface, as the sink
	// is, keeps the methods of all its parts that some interface has.
	elapsed   func() time.Duration
	want, got int64 // bytes of the body: announced (-1: not), received
	sent      int64 // bytes of the request's body
	rows      int
	second    int64   // the last row's, from 1 on
	marks     [6]mark // the last rows: "Current" is the speed since the oldest
}

type mark struct {
	got int64
	at  time.Duration
}

const meterHead = "  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n" +
	"                                 Dload  Upload   Total   Spent    Left  Speed\n"

// expect takes the body's size out of an answer's header.
func (m *meter) expect(r *httpraw.Response) {
	if m != nil && !r.Chunked {
		m.want = r.Length
	}
}

// update prints a row if a new second has begun.
func (m *meter) update() {
	if m == nil {
		return
	}
	now := m.elapsed()
	if second := int64(now/time.Second) + 1; second != m.second {
		m.second = second
		m.row(now)
	}
}

// done prints the last row.
func (m *meter) done() {
	if m != nil {
		m.row(m.elapsed())
		cli.Stderr.NL().Flush()
	}
}

// again is for what a redirect leads to: new rows, without the head.
func (m *meter) again() {
	if m != nil {
		m.want, m.got, m.sent, m.second = -1, 0, 0, 0
		m.marks = [len(m.marks)]mark{}
	}
}

func (m *meter) row(now time.Duration) {
	o := cli.Stderr
	if m.rows == 0 {
		o.S(meterHead)
	}
	speed := rate(m.got, now)

	// A mark that is not in use yet is the start: nothing, at time 0.
	m.marks[m.rows%len(m.marks)] = mark{m.got + m.sent, now}
	m.rows++
	old := m.marks[m.rows%len(m.marks)]
	current := rate(m.got+m.sent-old.got, now-old.at)

	total, percent, estimate := m.got, int64(0), int64(0)
	if m.want >= 0 {
		total = m.want
		if speed > 0 {
			percent, estimate = percentOf(m.got, total), total/speed
		}
	}
	seconds := int64(now / time.Second)
	left := int64(0)
	if estimate > 0 {
		left = estimate - seconds
	}
	number(o.C('\r'), percentOf(m.got+m.sent, total+m.sent), 3)
	size(o.C(' '), total+m.sent)
	number(o.S("  "), percent, 3)
	size(o.C(' '), m.got)
	number(o.S("  "), percentOf(m.sent, m.sent), 3)
	size(o.C(' '), m.sent)
	size(o.S("  "), speed)
	size(o.S("  "), rate(m.sent, now))
	for _, t := range [...]int64{estimate, seconds, left} {
		clock(o.C(' '), t)
	}
	size(o.C(' '), current)
	o.Flush()
}

// rate is n bytes in time d as bytes a second; in two steps, to stay below 2^63.
func rate(n int64, d time.Duration) int64 {
	us := max(d.Microseconds(), 1)
	return n/us*1e6 + n%us*1e6/us
}

func percentOf(part, of int64) int64 {
	switch {
	case of > 10000:
		return part / (of / 100)
	case of > 0:
		return part * 100 / of
	}
	return 0
}

func number(o *cli.Out, v int64, width int) { o.Right(strconv.FormatInt(v, 10), width) }

// size appends a number of bytes, five columns wide: "99999", "9999k",
// "99.9M", "9999M" and so on.
func size(o *cli.Out, v int64) {
	if v < 100000 {
		number(o, v, 5)
		return
	}
	unit, i := int64(1<<10), 0
	for v/unit >= 10000 {
		unit, i = unit<<10, i+1
	}
	if c := "kMGTP"[i]; v/unit < 100 && (c == 'M' || c == 'G') {
		number(o, v/unit, 2)
		number(o.C('.'), v%unit*10/unit, 1)
		o.C(c)
	} else {
		number(o, v/unit, 4)
		o.C(c)
	}
}

// clock appends a time in seconds, eight columns wide.
func clock(o *cli.Out, v int64) {
	hours := v / 3600
	switch days := hours / 24; {
	case v <= 0:
		o.S("--:--:--")
	case hours <= 99:
		number(o, hours, 2)
		twoDigits(o.C(':'), v/60%60)
		twoDigits(o.C(':'), v%60)
	case days <= 999:
		number(o, days, 3)
		twoDigits(o.S("d "), hours%24)
		o.C('h')
	default:
		number(o, min(days, 9999999), 7)
		o.C('d')
	}
}

func twoDigits(o *cli.Out, v int64) { o.C(byte('0' + v/10)).C(byte('0' + v%10)) }
