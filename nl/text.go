package nl

import "strconv"

// Addresses as text. net/netip would cost 94 kB in the binary.

const hexdigits = "0123456789abcdef"

// ParseIPv4 reads dotted decimal with exactly four parts.
func ParseIPv4(s string) (a [4]byte, ok bool) {
	n, v, digits := 0, 0, 0
	for i := 0; i <= len(s); i++ {
		if i == len(s) || s[i] == '.' {
			if digits == 0 || n == 4 {
				return a, false
			}
			a[n] = byte(v)
			n, v, digits = n+1, 0, 0
			continue
		}
		c := s[i]
		if c < '0' || c > '9' || digits > 0 && v == 0 {
			return a, false // a leading zero is octal to some readers: refuse
		}
		v = v*10 + int(c-'0')
		digits++
		if v > 255 {
			return a, false
		}
	}
	return a, n == 4
}

// ParseIPv6 reads an RFC 4291 address, with :: and a dotted IPv4 tail, but
// without a zone.
func ParseIPv6(s string) (a [16]byte, ok bool) {
	ellipsis, n := -1, 0 // byte offsets into a
	if len(s) >= 2 && s[0] == ':' && s[1] == ':' {
		ellipsis = 0
		s = s[2:]
	}
	for len(s) > 0 && n < 16 {
		v, i := 0, 0
		for i < len(s) && i < 5 {
			d := Unhex(s[i])
			if d < 0 {
				break
			}
			v = v<<4 | d
			i++
		}
		if i == 0 || i > 4 {
			return a, false
		}
		if i < len(s) && s[i] == '.' {
			if n > 12 || ellipsis < 0 && n != 12 {
				return a, false
			}
			v4, ok := ParseIPv4(s)
			if !ok {
				return a, false
			}
			copy(a[n:], v4[:])
			n += 4
			s = ""
			break
		}
		a[n], a[n+1] = byte(v>>8), byte(v)
		n += 2
		s = s[i:]
		if s == "" {
			break
		}
		if s[0] != ':' || len(s) == 1 {
			return a, false
		}
		s = s[1:]
		if s[0] == ':' {
			if ellipsis >= 0 {
				return a, false
			}
			ellipsis = n
			s = s[1:]
		}
	}
	if s != "" {
		return a, false
	}
	if n < 16 {
		if ellipsis < 0 {
			return a, false
		}
		tail := n - ellipsis
		copy(a[16-tail:], a[ellipsis:n])
		clear(a[ellipsis : 16-tail])
	} else if ellipsis >= 0 {
		return a, false // :: must stand for at least one group
	}
	return a, true
}

// Unhex returns the value of a hex digit of either case, or -1.
func Unhex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// ParseIP reads either family: 4 or 16 bytes.
func ParseIP(s string) ([]byte, bool) {
	if a, ok := ParseIPv4(s); ok {
		return a[:], true
	}
	if a, ok := ParseIPv6(s); ok {
		return a[:], true
	}
	return nil, false
}

// AppendIP appends an address of 4 or 16 bytes as inet_ntop(3) writes it; any
// other length is written as hex.
func AppendIP(dst, a []byte) []byte {
	switch len(a) {
	case 4:
		return appendIPv4(dst, a)
	case 16:
		return appendIPv6(dst, a)
	}
	for _, c := range a {
		dst = append(dst, hexdigits[c>>4], hexdigits[c&15])
	}
	return dst
}

// appendIPv4 appends all of it at once: lists of routes are little else.
func appendIPv4(dst, a []byte) []byte {
	var t [len("255.255.255.255")]byte
	n := 0
	for i, c := range a[:4] {
		if i > 0 {
			t[n] = '.'
			n++
		}
		if c >= 100 {
			t[n] = '0' + c/100
			n++
		}
		if c >= 10 {
			t[n] = '0' + c/10%10
			n++
		}
		t[n] = '0' + c%10
		n++
	}
	return append(dst, t[:n]...)
}

func appendIPv6(dst, a []byte) []byte {
	// The longest run of at least two zero groups, the first of equals
	// (RFC 5952, section 4.2).
	best, bestLen := -1, 1
	for i := 0; i < 8; i++ {
		j := i
		for j < 8 && a[2*j] == 0 && a[2*j+1] == 0 {
			j++
		}
		if j-i > bestLen {
			best, bestLen = i, j-i
		}
		if j > i {
			i = j
		}
	}
	// glibc writes a dotted tail for IPv4-mapped and IPv4-compatible ones.
	dotted := best == 0 && (bestLen == 6 || bestLen == 5 && a[10] == 0xff && a[11] == 0xff)
	for i := 0; i < 8; i++ {
		if i == best {
			dst = append(dst, ':', ':')
			i += bestLen - 1
			continue
		}
		if i == 6 && dotted {
			if dst[len(dst)-1] != ':' {
				dst = append(dst, ':')
			}
			return AppendIP(dst, a[12:16])
		}
		if i > 0 && i != best+bestLen {
			dst = append(dst, ':')
		}
		dst = strconv.AppendUint(dst, uint64(a[2*i])<<8|uint64(a[2*i+1]), 16)
	}
	return dst
}

// ParseMAC reads six (or up to 32) hex pairs with ':' or '-' between them.
func ParseMAC(s string) ([]byte, bool) {
	var out []byte
	for len(s) > 0 {
		i, v := 0, 0
		for i < len(s) && i < 2 {
			d := Unhex(s[i])
			if d < 0 {
				break
			}
			v = v<<4 | d
			i++
		}
		if i == 0 || len(out) == 32 {
			return nil, false
		}
		out = append(out, byte(v))
		s = s[i:]
		if s == "" {
			return out, true
		}
		if s[0] != ':' && s[0] != '-' || len(s) == 1 {
			return nil, false
		}
		s = s[1:]
	}
	return nil, false
}

// AppendMAC appends a link-layer address as hex pairs.
func AppendMAC(dst, a []byte) []byte {
	for i, c := range a {
		if i > 0 {
			dst = append(dst, ':')
		}
		dst = append(dst, hexdigits[c>>4], hexdigits[c&15])
	}
	return dst
}
