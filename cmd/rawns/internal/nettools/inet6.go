package nettools

import (
	"time"

	"rawns/cmd/rawns/internal/cli"
	"rawns/httpraw"
)

// Resolve6 reads an IPv6 address or finds the one of a name. If there is none,
// say are the lines that the original prints: getaddrinfo(3)'s number
// (EAI_ADDRFAMILY, EAI_NONAME, EAI_AGAIN, EAI_NODATA) and herror(3)'s words.
func Resolve6(s string) (a [16]byte, say []string) {
	if a, ok := cli.ParseIPv6(s); ok {
		return a, nil
	}
	complain := func(code, text string) []string { return []string{"getaddrinfo: " + s + ": " + code, s + ": " + text} }
	if _, ok := ParseAton(s); ok {
		return a, complain("-9", NoResolver)
	}
	if s == "" {
		return a, []string{"getaddrinfo: : -2", "Unknown server error"}
	}
	if text := Missing(s); text != LookupFailure {
		return a, complain("-2", text)
	}
	addrs, _, err := httpraw.Lookup(s, time.Time{})
	switch err {
	case nil:
	case httpraw.ErrNoName, httpraw.ErrBadName:
		return a, complain("-2", UnknownHost)
	case httpraw.ErrNoAddress:
		return a, complain("-5", noAddress)
	default:
		return a, complain("-3", LookupFailure)
	}
	for i := range addrs {
		if !addrs[i].Is4 {
			return addrs[i].IP, nil
		}
	}
	return a, complain("-5", noAddress)
}
