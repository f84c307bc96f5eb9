package httpraw

import (
	"strconv"

	"golang.org/x/sys/unix"
)

// A Handler answers requests. Serve is called once for each, in the order in
// which a client sent them, when the body is there too. The request, whose bytes
// are not to be changed, and the answer that it fills in, are valid during the
// call only. Serve runs on the loop, where all clients wait for it: it must not
// block.
type Handler interface {
	Serve(a *Answer, r *Request)
}

// HandlerFunc makes a function a Handler.
type HandlerFunc func(a *Answer, r *Request)

// Serve calls f.
func (f HandlerFunc) Serve(a *Answer, r *Request) { f(a, r) }

// An Answer is filled in by a Handler. Its Content-Length, Date and Connection
// are the server's business; for HEAD and 304 so is leaving out the body.
type Answer struct {
	Code  int    // the status: 200 at first
	Type  string // Content-Type; "" for none
	Close bool   // end the connection after this answer

	fields []byte // header lines of the handler
	body   []byte
	file   int // where size > 0: sent behind body
	off    int64
	size   int64
	place  place
}

// Field adds a header line. Control characters in value become blanks: it may
// come from a client, and must not begin a line of its own.
//
//go:noinline
func (a *Answer) Field(name, value string) {
	a.fields = append(append(a.fields, name...), ": "...)
	from := len(a.fields)
	a.fields = append(a.fields, value...)
	a.endField(from)
}

// FieldBytes is Field for a value of bytes.
//
//go:noinline
func (a *Answer) FieldBytes(name string, value []byte) {
	a.fields = append(append(a.fields, name...), ": "...)
	from := len(a.fields)
	a.fields = append(a.fields, value...)
	a.endField(from)
}

func (a *Answer) endField(from int) {
	for i, c := range a.fields[from:] {
		if c < ' ' || c == 0x7f {
			a.fields[from+i] = ' '
		}
	}
	a.fields = append(a.fields, "\r\n"...)
}

// Write adds to the body; it never fails.
func (a *Answer) Write(p []byte) (int, error) {
	a.body = append(a.body, p...)
	return len(p), nil
}

// WriteString adds to the body; it never fails.
func (a *Answer) WriteString(s string) (int, error) {
	a.body = append(a.body, s...)
	return len(s), nil
}

// File makes size bytes of a file, from off on, the end of the body. It takes
// fd over and closes it. If the file turns out to be shorter, the connection
// ends early, which tells the client.
func (a *Answer) File(fd int, off, size int64) {
	a.dropFile()
	if size <= 0 {
		unix.Close(fd)
		return
	}
	a.file, a.off, a.size = fd, off, size
}

func (a *Answer) dropFile() {
	if a.size > 0 {
		unix.Close(a.file)
	}
	a.size = 0
}

// Reset takes back everything that was filled in.
func (a *Answer) Reset() {
	a.dropFile()
	a.Code, a.Type, a.Close = 200, "", false
	a.fields, a.body = a.fields[:0], a.body[:0]
}

// Refuse makes a an answer of a code and a line of text that says why; "" for
// the code's own words.
//
//go:noinline
func (a *Answer) Refuse(code int, why string) {
	a.Reset()
	a.Code, a.Type = code, "text/plain; charset=utf-8"
	a.body = append(strconv.AppendInt(a.body, int64(code), 10), ' ')
	a.body = append(a.body, Reason(code)...)
	if why != "" {
		a.body = append(append(a.body, ": "...), why...)
	}
	a.body = append(a.body, '\n')
}

// append puts the answer's head, and its body but for the file, behind dst.
// What is not to be sent is dropped. date is loop.date's.
func (a *Answer) append(dst []byte, r *Request, keep bool, date []byte) []byte {
	if a.Code != 200 {
		dst = append(dst, "HTTP/1.1 "...)
		dst = append(two(append(dst, '0'+byte(a.Code/100)), a.Code%100), ' ')
		dst = append(append(dst, Reason(a.Code)...), "\r\n"...)
		date = date[len(okLine):]
	}
	dst = append(dst, date...)
	if a.Type != "" {
		dst = append(append(append(dst, "Content-Type: "...), a.Type...), "\r\n"...)
	}
	if a.Code != 304 && a.Code != 204 {
		dst = append(dst, "Content-Length: "...)
		dst = append(strconv.AppendInt(dst, int64(len(a.body))+a.size, 10), "\r\n"...)
	}
	switch {
	case !keep:
		dst = append(dst, "Connection: close\r\n"...)
	case r.Minor == 0:
		dst = append(dst, "Connection: keep-alive\r\n"...)
	}
	dst = append(append(dst, a.fields...), "\r\n"...)
	if a.bodyless(r) {
		a.dropFile()
		return dst
	}
	return append(dst, a.body...)
}

// bodyless tells whether an answer ends with its head.
func (a *Answer) bodyless(r *Request) bool {
	return a.Code == 304 || a.Code == 204 || string(r.Method) == "HEAD"
}

// Reason is the text that goes with a status code.
func Reason(code int) string {
	for i := range reasons {
		if reasons[i].code == code {
			return reasons[i].text
		}
	}
	return "Unknown"
}

// reasons is in the order in which the codes are frequent.
var reasons = []struct {
	code int
	text string
}{
	{200, "OK"}, {304, "Not Modified"}, {206, "Partial Content"}, {404, "Not Found"}, {301, "Moved Permanently"},
	{400, "Bad Request"}, {403, "Forbidden"}, {405, "Method Not Allowed"}, {201, "Created"}, {204, "No Content"},
	{302, "Found"}, {303, "See Other"}, {307, "Temporary Redirect"}, {308, "Permanent Redirect"}, {401, "Unauthorized"},
	{408, "Request Timeout"}, {409, "Conflict"}, {410, "Gone"}, {411, "Length Required"}, {412, "Precondition Failed"},
	{413, "Content Too Large"}, {414, "URI Too Long"}, {416, "Range Not Satisfiable"}, {417, "Expectation Failed"},
	{429, "Too Many Requests"}, {431, "Request Header Fields Too Large"}, {500, "Internal Server Error"},
	{501, "Not Implemented"}, {502, "Bad Gateway"}, {503, "Service Unavailable"}, {505, "HTTP Version Not Supported"},
}

// AppendDate writes a time, in seconds since 1970, as HTTP does:
// "Sun, 06 Nov 1994 08:49:37 GMT".
func AppendDate(dst []byte, seconds int64) []byte {
	const days, months = "SunMonTueWedThuFriSat", "JanFebMarAprMayJunJulAugSepOctNovDec"
	second := seconds % 86400
	if second < 0 {
		second += 86400
	}
	since := (seconds - second) / 86400 // days, 1970 began on a Thursday
	year, month, day := civil(since)
	d, m := int(3*((since%7+7+4)%7)), 3*(month-1)
	dst = append(append(dst, days[d:d+3]...), ", "...)
	dst = append(two(dst, day), ' ')
	dst = append(append(dst, months[m:m+3]...), ' ')
	dst = append(two(two(dst, year/100%100), year%100), ' ')
	dst = append(two(dst, int(second/3600)), ':')
	dst = append(two(dst, int(second/60%60)), ':')
	return append(two(dst, int(second%60)), " GMT"...)
}

// civil returns the date of a day, counted from 1970-01-01. (time.Time would do
// the same, and bring all time zones with it.) The year begins in March, so that
// a leap day is its last; 400 years are 146,097 days.
func civil(day int64) (year, month, dayOfMonth int) {
	day += 719468 // from 0000-03-01 on
	n := ((day % 146097) + 146097) % 146097
	era := (day - n) / 146097
	y := (n - n/1460 + n/36524 - n/146096) / 365
	n -= 365*y + y/4 - y/100 // in the year
	m := (5*n + 2) / 153     // from March on
	dayOfMonth = int(n-(153*m+2)/5) + 1
	year, month = int(era*400+y), int(m)+3
	if month > 12 {
		year, month = year+1, month-12
	}
	return year, month, dayOfMonth
}

//go:noinline
func two(dst []byte, n int) []byte { return append(dst, byte('0'+n/10), byte('0'+n%10)) }
