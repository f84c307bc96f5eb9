package route

import (
	"strings"

	"rawns/cmd/rawns/internal/cli"
	"rawns/cmd/rawns/internal/nettools"
)

// parse6 reads what stands behind "add" or "del" for IPv6.
func parse6(words []string) *change {
	r := &change{inet6: true, metric: 1}
	target, length, found := strings.Cut(words[0], "/")
	words = words[1:]
	n := int64(128)
	if target == "default" && !found {
		target, n = "::", 0
	}
	if found {
		// What is no number is 0, as for the original.
		if n = atoi(length); n < 0 && !strings.HasPrefix(length, "-") {
			n = 0
		}
		if n < 0 || n > 128 {
			return r.bad(codeUsage)
		}
	}
	a, say := nettools.Resolve6(target)
	if say != nil {
		return r.bad(codeFailed, say...)
	}
	r.dst, r.length, r.host = a[:], uint8(n), n == 128
	for len(words) > 0 {
		w := words[0]
		words = words[1:]
		switch w {
		case "metric", "gw", "gateway", "device", "dev":
			if len(words) == 0 {
				return r.bad(codeUsage)
			}
			arg := words[0]
			words = words[1:]
			switch w {
			case "metric":
				if !isDigit(arg) {
					return r.bad(codeUsage)
				}
				r.metric = uint32(max(atoi(arg), 0))
			case "device", "dev":
				r.dev = arg
			default:
				if r.gw != nil {
					return r.bad(codeUsage)
				}
				gw, ok := cli.ParseIPv6(arg)
				if !ok {
					return r.bad(codeLookup, arg+": "+nettools.NoResolver)
				}
				r.gw = gw[:]
			}
		case "mod", "dyn":
		default:
			if len(words) > 0 {
				return r.bad(codeUsage)
			}
			r.dev = w
		}
	}
	return r
}
