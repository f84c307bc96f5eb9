//go:build !tiny

package ip

import (
	"time"

	"golang.org/x/sys/unix"

	"rawns/httpraw"
)

// hosts are names for addresses: each address costs one look-up at most.
type hosts struct{ names map[string]string }

// name returns the name of an address, unescaped, "" if it has none. A nil
// hosts knows none.
func (h *hosts) name(family uint8, a []byte) string {
	if h == nil || family != unix.AF_INET && family != unix.AF_INET6 || len(a)*8 != addrBits(family) {
		return ""
	}
	name, ok := h.names[string(a)]
	if !ok {
		name, _ = httpraw.LookupAddr(a, time.Time{})
		if h.names == nil {
			h.names = map[string]string{}
		}
		h.names[string(a)] = name
	}
	return name
}
