package brctl

import (
	"math"
	"strconv"
	"strings"
)

// Numbers as scanf(3) of the GNU C library reads them: leading white space, and
// then as much as fits; what stands behind it is ignored.

func skipSpace(s string) string { return strings.TrimLeft(s, " \t\n\v\f\r") }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isHex(c byte) bool { return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'f' }

// cutSign cuts off one sign.
func cutSign(s string) (rest string, negative bool) {
	if s != "" && (s[0] == '-' || s[0] == '+') {
		return s[1:], s[0] == '-'
	}
	return s, false
}

// prefix0x tells whether a hexadecimal prefix leads.
func prefix0x(s string) bool { return len(s) > 1 && s[0] == '0' && s[1]|0x20 == 'x' }

// scanInt is "%i": decimal, octal behind 0, hexadecimal behind 0x. It is read
// as a long, which saturates, and then cut to 32 bits.
func scanInt(s string) (v int32, ok bool) {
	s, negative := cutSign(skipSpace(s))
	base := uint64(10)
	switch {
	case prefix0x(s):
		base, s, ok = 16, s[2:], true // the 0 counts, even if nothing follows
	case s != "" && s[0] == '0':
		base = 8
	}
	limit := uint64(math.MaxInt64)
	if negative {
		limit++
	}
	n := uint64(0)
	for ; s != ""; s = s[1:] {
		d := digit(s[0])
		if d >= base {
			break
		}
		ok = true
		if n > (limit-d)/base {
			n = limit
		} else {
			n = n*base + d
		}
	}
	if negative {
		n = -n
	}
	return int32(n), ok
}

// digit returns a digit's value; 16 for what is none in any base.
func digit(c byte) uint64 {
	switch {
	case isDigit(c):
		return uint64(c - '0')
	case isHex(c):
		return uint64(c|0x20-'a') + 10
	}
	return 16
}

// scanFloat is "%lf".
func scanFloat(s string) (v float64, ok bool) {
	s = skipSpace(s)
	rest, negative := cutSign(s)
	sign := s[:len(s)-len(rest)]
	s = rest
	lower := strings.ToLower(s[:min(len(s), len("infinity"))])
	switch {
	case strings.HasPrefix(lower, "nan"):
		return math.NaN(), true
	case strings.HasPrefix(lower, "infinity"), strings.HasPrefix(lower, "inf") && !strings.HasPrefix(lower, "infi"):
		if negative {
			return math.Inf(-1), true
		}
		return math.Inf(1), true
	}
	start, isMantissa, exponent := 0, isDigit, byte('e')
	if prefix0x(s) {
		start, isMantissa, exponent = 2, isHex, 'p'
	}
	i, digits, dot := start, 0, false
	for ; i < len(s); i++ {
		if isMantissa(s[i]) {
			digits++
		} else if s[i] == '.' && !dot {
			dot = true
		} else {
			break
		}
	}
	if digits == 0 {
		return 0, start == 2 && dot // "0x." is its 0; "0x" and "." are nothing
	}
	text := sign + s[:i]
	end := i
	if i < len(s) && s[i]|0x20 == exponent {
		if i++; i < len(s) && (s[i] == '-' || s[i] == '+') {
			i++
		}
		first := i
		for i < len(s) && isDigit(s[i]) {
			i++
		}
		if i > first {
			text += s[end:i]
			end = -1
		}
	}
	if start == 2 && end >= 0 {
		text += "p0" // ParseFloat wants an exponent behind hexadecimal digits
	}
	// What is out of range comes back as an infinity, or as 0.
	v, _ = strconv.ParseFloat(text, 64)
	return v, true
}

// scanTime reads seconds and returns hundredths of them, the kernel's unit,
// with the original's rounding: to microseconds in binary and down, so that
// 1.2 is 119. Negative and immense ones wrap around as they do there.
func scanTime(s string) (ticks uint64, ok bool) {
	v, ok := scanFloat(s)
	if !ok {
		return 0, false
	}
	seconds := toLong(v)
	micros := toLong(1000000 * (v - float64(seconds)))
	return (1000000*uint64(seconds) + uint64(micros)) / 10000, true
}

// toLong is C's conversion from double to long as x86-64 does it; the language
// leaves open what becomes of numbers that do not fit.
func toLong(v float64) int64 {
	if v >= math.MinInt64 && v < -math.MinInt64 {
		return int64(v)
	}
	return math.MinInt64
}

// appendTime appends a time as "%4i.%.2i", seconds and hundredths of them. It
// comes from the kernel as such hundredths; the original takes the number for
// an int, and so the higher bits of a time beyond 248 days for noise.
func appendTime(dst []byte, ticks uint64) []byte {
	micros := 10000 * uint64(int64(int32(ticks)))
	dst = appendInt4(dst, int32(micros/1000000))
	hundredths := byte(micros % 1000000 / 10000)
	return append(dst, '.', '0'+hundredths/10, '0'+hundredths%10)
}

// appendInt4 is "%4i".
func appendInt4(dst []byte, v int32) []byte {
	var t [12]byte
	s := strconv.AppendInt(t[:0], int64(v), 10)
	for i := len(s); i < 4; i++ {
		dst = append(dst, ' ')
	}
	return append(dst, s...)
}
