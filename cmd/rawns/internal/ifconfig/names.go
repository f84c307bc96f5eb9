package ifconfig

import (
	"strconv"
	"strings"
)

func itoa(n int) string { return strconv.Itoa(n) }

// device is the interface behind a name: "eth0" of "eth0:1". The kernel cuts
// the names in its ioctls at the first colon, too (dev_ioctl).
func device(name string) string {
	dev, _, _ := strings.Cut(name, ":")
	return dev
}

// compareNames orders interfaces: eth2 before eth10, and eth0:2 before eth0:10.
func compareNames(a, b string) int {
	a, aliasA := cutAlias(a)
	b, aliasB := cutAlias(b)
	na, nb := digitsAt(a), digitsAt(b)
	n := min(na, nb)
	if c := strings.Compare(a[:n], b[:n]); c != 0 {
		return c
	}
	if na != nb {
		return na - nb
	}
	if c := number(a[na:]) - number(b[nb:]); c != 0 {
		return sign(c)
	}
	if c := strings.Compare(a, b); c != 0 {
		return c
	}
	x, y := int64(-1), int64(-1) // no alias comes before the first
	if aliasA != "" {
		x = number(aliasA)
	}
	if aliasB != "" {
		y = number(aliasB)
	}
	if x != y {
		return sign(x - y)
	}
	return strings.Compare(aliasA, aliasB)
}

func sign(n int64) int {
	if n < 0 {
		return -1
	}
	return 1
}

// cutAlias splits ":" and digits off a name.
func cutAlias(s string) (dev, alias string) {
	i := digitsAt(s)
	if i == len(s) || i == 0 || s[i-1] != ':' {
		return s, ""
	}
	return s[:i-1], s[i:]
}

// digitsAt is where the digits at the end of s begin.
func digitsAt(s string) int {
	i := len(s)
	for i > 0 && s[i-1] >= '0' && s[i-1] <= '9' {
		i--
	}
	return i
}

// number reads digits as the original does with its 32-bit ints.
func number(digits string) int64 {
	n, _ := strconv.ParseInt(digits, 10, 64)
	return int64(int32(n))
}
