package httpraw

import (
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// An Addr is an IP address and a TCP port. The zero Addr is none.
type Addr struct {
	IP   [16]byte // an IPv4 address is in the first 4 bytes
	Is4  bool
	Zone uint32 // the interface index of a link-local IPv6 address; 0: none
	Port uint16
	set  bool
}

// ParseAddr reads "10.1.1.2:8080", "[fd00::1]:8080", "[fe80::1%eth0]:8080",
// and ":8080" or "8080", which mean 0.0.0.0.
func ParseAddr(s string) (Addr, error) {
	host, port := "", s
	if i := strings.LastIndexByte(s, ':'); i >= 0 {
		host, port = s[:i], s[i+1:]
	}
	a := Addr{Is4: true, set: true}
	switch n := len(host); {
	case n > 1 && host[0] == '[' && host[n-1] == ']':
		ip, zone, ok := parseIPv6(host[1 : n-1])
		if !ok {
			return Addr{}, ErrAddress
		}
		a.IP, a.Is4, a.Zone = ip, false, zone
	case n > 0:
		ip, ok := parseIPv4(host)
		if !ok {
			return Addr{}, ErrAddress
		}
		copy(a.IP[:], ip[:])
	}
	p, ok := parsePort(port)
	if !ok {
		return Addr{}, ErrAddress
	}
	a.Port = p
	return a, nil
}

// parsePort reads 1 to 5 decimal digits.
func parsePort(s string) (uint16, bool) {
	if s == "" || len(s) > 5 {
		return 0, false
	}
	v := 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		v = v*10 + int(s[i]-'0')
	}
	return uint16(v), v < 1<<16
}

// parseIP reads a literal of either family.
func parseIP(s string) (Addr, bool) {
	if ip, ok := parseIPv4(s); ok {
		a := Addr{Is4: true, set: true}
		copy(a.IP[:], ip[:])
		return a, true
	}
	ip, zone, ok := parseIPv6(s)
	return Addr{IP: ip, Zone: zone, set: ok}, ok
}

// parseIPv4 reads four decimal numbers, without leading zeros: some programs
// take those for octal.
func parseIPv4(s string) (ip [4]byte, ok bool) {
	for i := range ip {
		part := s
		if i < 3 {
			var dot bool
			if part, s, dot = strings.Cut(s, "."); !dot {
				return ip, false
			}
		}
		v, ok := parsePort(part)
		if !ok || v > 255 || len(part) > 1 && part[0] == '0' {
			return ip, false
		}
		ip[i] = byte(v)
	}
	return ip, true
}

// parseIPv6 reads RFC 4291's text, with an interface's name or index behind
// '%' (RFC 4007).
func parseIPv6(s string) (ip [16]byte, zone uint32, ok bool) {
	s, name, zoned := strings.Cut(s, "%")
	if zoned {
		if zone, ok = zoneIndex(name); !ok {
			return ip, 0, false
		}
	}
	head, tail, gap := strings.Cut(s, "::")
	n, ok := parseGroups(ip[:], head, gap, !gap)
	if !ok {
		return ip, 0, false
	}
	if !gap {
		return ip, zone, n == 16
	}
	var end [16]byte
	m, ok := parseGroups(end[:], tail, true, true)
	if !ok || n+m > 14 { // "::" stands for at least one group
		return ip, 0, false
	}
	copy(ip[16-m:], end[:m])
	return ip, zone, true
}

// parseGroups reads groups with a colon between them into ip, and returns how
// many bytes they make. Where the address ends with them, the last may be a
// dotted IPv4 address.
func parseGroups(ip []byte, s string, mayBeEmpty, end bool) (n int, ok bool) {
	if s == "" {
		return 0, mayBeEmpty
	}
	for more := true; more; {
		var group string
		group, s, more = strings.Cut(s, ":")
		if v4, ok := parseIPv4(group); ok && end && !more && n <= 12 {
			copy(ip[n:], v4[:])
			return n + 4, true
		}
		v, err := strconv.ParseUint(group, 16, 16)
		if err != nil || len(group) > 4 || n > 14 {
			return 0, false
		}
		ip[n], ip[n+1] = byte(v>>8), byte(v)
		n += 2
	}
	return n, true
}

// zoneIndex finds an interface of the calling thread's network namespace.
func zoneIndex(name string) (uint32, bool) {
	if v, err := strconv.ParseUint(name, 10, 31); err == nil {
		return uint32(v), v > 0
	}
	req, err := unix.NewIfreq(name)
	if err != nil {
		return 0, false
	}
	fd, err := unix.Socket(unix.AF_INET6, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, false
	}
	defer unix.Close(fd)
	if unix.IoctlIfreq(fd, unix.SIOCGIFINDEX, req) != nil {
		return 0, false
	}
	return req.Uint32(), true
}

// Host is the address as text, without port, brackets and zone.
func (a Addr) Host() string { return string(a.appendHost(nil)) }

func (a *Addr) appendHost(b []byte) []byte {
	switch {
	case !a.set:
		return b
	case a.Is4:
		b = strconv.AppendUint(b, uint64(a.IP[0]), 10)
		for _, v := range a.IP[1:4] {
			b = strconv.AppendUint(append(b, '.'), uint64(v), 10)
		}
		return b
	}
	// The longest run of two or more zero groups, the first of equals,
	// becomes "::" (RFC 5952).
	group := func(i int) uint64 { return uint64(a.IP[2*i])<<8 | uint64(a.IP[2*i+1]) }
	run, length := -1, 1
	for i := 0; i < 8; i++ {
		j := i
		for j < 8 && group(j) == 0 {
			j++
		}
		if j-i > length {
			run, length = i, j-i
		}
		i = max(i, j-1)
	}
	for i := 0; i < 8; i++ {
		if i == run {
			b = append(b, "::"...)
			i += length - 1
			continue
		}
		if i > 0 && i != run+length {
			b = append(b, ':')
		}
		b = strconv.AppendUint(b, group(i), 16)
	}
	return b
}

// String is the address and the port, as ParseAddr reads them.
func (a Addr) String() string {
	host := a.Host()
	if a.set && !a.Is4 {
		if a.Zone != 0 {
			host += "%" + strconv.FormatUint(uint64(a.Zone), 10)
		}
		host = "[" + host + "]"
	}
	return host + ":" + strconv.Itoa(int(a.Port))
}

func (a Addr) family() int {
	if a.Is4 {
		return unix.AF_INET
	}
	return unix.AF_INET6
}

func (a Addr) sockaddr() unix.Sockaddr {
	if a.Is4 {
		return &unix.SockaddrInet4{Port: int(a.Port), Addr: [4]byte(a.IP[:4])}
	}
	return &unix.SockaddrInet6{Port: int(a.Port), Addr: a.IP, ZoneId: a.Zone}
}

func addrOf(sa unix.Sockaddr) Addr {
	switch sa := sa.(type) {
	case *unix.SockaddrInet4:
		a := Addr{Is4: true, Port: uint16(sa.Port), set: true}
		copy(a.IP[:], sa.Addr[:])
		return a
	case *unix.SockaddrInet6:
		return Addr{IP: sa.Addr, Zone: sa.ZoneId, Port: uint16(sa.Port), set: true}
	}
	return Addr{}
}
