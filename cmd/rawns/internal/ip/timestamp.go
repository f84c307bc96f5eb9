//go:build !tiny

package ip

import (
	"encoding/binary"
	"strconv"
	"time"

	"rawns/nl"
)

// appendClock appends a local time as asctime(3) does: "Wed Nov 25 17:43:08
// 2026".
func appendClock(dst []byte, t time.Time) []byte {
	dst = append(dst, t.Weekday().String()[:3]...)
	dst = append(dst, ' ')
	dst = append(dst, t.Month().String()[:3]...)
	dst = appendPadded(append(dst, ' '), t.Day(), 2, ' ')
	dst = appendPadded(append(dst, ' '), t.Hour(), 2, '0')
	dst = appendPadded(append(dst, ':'), t.Minute(), 2, '0')
	dst = appendPadded(append(dst, ':'), t.Second(), 2, '0')
	return strconv.AppendInt(append(dst, ' '), int64(t.Year()), 10)
}

func appendPadded(dst []byte, v, width int, fill byte) []byte {
	s := strconv.Itoa(v)
	for i := len(s); i < width; i++ {
		dst = append(dst, fill)
	}
	return append(dst, s...)
}

// stamp writes the time before an announcement: a line, or, short, the words
// before it.
func (p *printer) stamp(short bool) {
	t := time.Now()
	micro := t.Nanosecond() / 1000
	if !short {
		p.T("Timestamp: ", string(appendClock(nil, t)), " ", strconv.Itoa(micro), " usec\n")
		return
	}
	b := appendPadded([]byte("["), t.Year(), 4, '0')
	b = appendPadded(append(b, '-'), int(t.Month()), 2, '0')
	b = appendPadded(append(b, '-'), t.Day(), 2, '0')
	b = appendPadded(append(b, 'T'), t.Hour(), 2, '0')
	b = appendPadded(append(b, ':'), t.Minute(), 2, '0')
	b = appendPadded(append(b, ':'), t.Second(), 2, '0')
	b = appendPadded(append(b, '.'), micro, 6, '0')
	p.T(string(b), "] ")
}

// nlmsgTstamp is NLMSG_TSTAMP, which rtmon(8) writes before each message of its
// files: seconds and microseconds.
const nlmsgTstamp = 15

// saved writes the time of such a message.
func (p *printer) saved(m nl.Message) {
	b := m.Payload()
	if len(b) < 8 {
		return
	}
	u := func(i int) int64 { return int64(binary.NativeEndian.Uint32(b[i:])) }
	p.T("Timestamp: ", string(appendClock(nil, time.Unix(u(0), 0))), " ", strconv.FormatInt(u(4), 10), " us\n")
}
