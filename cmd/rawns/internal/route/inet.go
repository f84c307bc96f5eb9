package route

import (
	"math/bits"
	"strconv"
	"strings"

	"rawns/cmd/rawns/internal/nettools"
)

// A change is what a line asks for. Where code is not 0 there are things to
// say instead, and nothing is done.
type change struct {
	say  []string
	code int

	inet6  bool
	del    bool
	dst    []byte
	length uint8 // of the prefix
	host   bool  // the target is a host
	gw     []byte
	dev    string
	metric uint32
	reject bool

	mss, window, irtt uint32 // IPv4 only; 0 if not given
	hasIrtt           bool
}

func (r *change) bad(code int, say ...string) *change {
	r.code, r.say = code, append(r.say, say...)
	return r
}

// atoi reads the digits that a word begins with, as atoi(3).
func atoi(s string) int64 {
	s = strings.TrimLeft(s, " \t\n\v\f\r")
	end := 0
	for end < len(s) && (s[end] >= '0' && s[end] <= '9' || end == 0 && (s[0] == '-' || s[0] == '+')) {
		end++
	}
	n, err := strconv.ParseInt(s[:end], 10, 32)
	if err != nil {
		return -1 // no digits, or too many: neither is good for anything here
	}
	return n
}

func isDigit(s string) bool { return s != "" && s[0] >= '0' && s[0] <= '9' }

// prefix reads a prefix length as strtoul(3) does.
func prefix(s string) (n uint64, ok bool) {
	s = strings.TrimLeft(s, " \t\n\v\f\r")
	if s == "" {
		return 0, true
	}
	return nettools.ParseC(strings.TrimPrefix(s, "+"))
}

func number(m [4]byte) uint32 {
	return uint32(m[0])<<24 | uint32(m[1])<<16 | uint32(m[2])<<8 | uint32(m[3])
}

// parse4 reads what stands behind "add" or "del" for IPv4.
func parse4(words []string) *change {
	r := &change{}
	next := func() string {
		w := words[0]
		words = words[1:]
		return w
	}
	kind := ""
	if words[0] == "#net" || words[0] == "#host" {
		if kind = next(); len(words) == 0 {
			return r.bad(codeUsage)
		}
	}
	target, length, found := strings.Cut(next(), "/")
	var mask uint32
	netmask := "default"
	if found {
		n, ok := prefix(length)
		if !ok {
			return r.bad(codeUsage)
		}
		netmask = "/" + length
		if n > 32 {
			return r.bad(codeUsage, "route: bogus netmask "+netmask, "  hint: an IPv4 prefix has 0 to 32 bits")
		}
		mask = number(nettools.Mask(int(n)))
	}
	dst, isNet, trouble := nettools.Etc.Resolve(target, kind == "#host")
	if trouble != "" {
		return r.bad(codeLookup, trouble)
	}
	r.host = kind == "#host" || kind == "" && !isNet
	for len(words) > 0 {
		w := next()
		switch w {
		case "metric", "netmask", "gw", "gateway", "mss", "mtu", "window", "irtt", "device", "dev":
			if len(words) == 0 {
				return r.bad(codeUsage)
			}
		}
		switch w {
		case "metric":
			if w = next(); !isDigit(w) {
				return r.bad(codeUsage)
			}
			r.metric = uint32(max(atoi(w), 0))
		case "netmask":
			if mask != 0 {
				return r.bad(codeUsage)
			}
			netmask = next()
			m, trouble := nettools.Etc.Lookup(netmask)
			if trouble != "" {
				return r.bad(codeLookup, trouble)
			}
			mask = number(m)
		case "gw", "gateway":
			if r.gw != nil {
				return r.bad(codeUsage)
			}
			w = next()
			a, isNet, trouble := nettools.Etc.Resolve(w, true)
			switch {
			case trouble != "":
				return r.bad(codeLookup, trouble)
			case isNet:
				return r.bad(codeUsage, "route: "+w+": cannot use a NETWORK as gateway!")
			}
			r.gw = a[:]
		case "mss", "mtu":
			n := atoi(next())
			if n < 64 || n > 65536 {
				return r.bad(codeUsage, "route: Invalid MSS/MTU.")
			}
			r.mss = uint32(n)
		case "window":
			n := atoi(next())
			if n < 128 {
				return r.bad(codeUsage, "route: Invalid window.")
			}
			r.window = uint32(n)
		case "irtt":
			r.irtt, r.hasIrtt = uint32(uint16(max(atoi(next()), 0))), true
		case "reject":
			r.reject = true
		case "mod", "dyn", "reinstate": // the kernel no longer looks at these
		case "device", "dev":
			if r.dev != "" {
				return r.bad(codeUsage)
			}
			r.dev = next()
		default:
			if r.dev != "" || len(words) > 0 {
				return r.bad(codeUsage)
			}
			r.dev = w
		}
	}
	if mask != 0 {
		rest := ^mask
		switch {
		case r.host && (rest != 0 || !found): // the original wants none here, were it the right one
			return r.bad(codeUsage, "route: netmask "+hex8(rest)+" doesn't make sense with host route")
		case rest&(rest+1) != 0:
			return r.bad(codeUsage, "route: bogus netmask "+netmask)
		case number(dst)&rest != 0:
			return r.bad(codeUsage, "route: netmask doesn't match route address")
		}
	}
	if r.host {
		mask = ^uint32(0)
	}
	r.dst, r.length = dst[:], uint8(bits.OnesCount32(mask))
	return r
}

func hex8(v uint32) string {
	s := strconv.FormatUint(uint64(v), 16)
	return "00000000"[len(s):] + s
}
