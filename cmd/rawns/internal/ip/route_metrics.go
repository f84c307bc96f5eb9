package ip

import (
	"strconv"
	"strings"

	"rawns/nl"
	"rawns/nl/rtnl"
)

// The keywords that become attributes inside RTA_METRICS. "lock" before a
// value sets the attribute's bit in RTAX_LOCK.

func (s *routeState) takeLock(a *args, o *option) {
	if a.take("lock") {
		s.lock |= 1 << o.attr
	}
}

func routeMetric(a *args, st state, o *option) {
	s := st.(*routeState)
	s.takeLock(a, o)
	limit := uint64(1<<32 - 1)
	if rtnl.RTAX_HOPLIMIT == nl.AttrU32(o.attr) {
		limit = 255
	}
	s.metrics.U32(nl.AttrU32(o.attr), a.number(o, limit))
}

// routeTime reads milliseconds, or a time with its unit. The kernel wants RTT
// in eighths and its variance in quarters of a millisecond; a bare number is
// in these units already.
func routeTime(a *args, st state, o *option) {
	s := st.(*routeState)
	attr := nl.AttrU32(o.attr)
	scale := uint64(1)
	switch attr {
	case rtnl.RTAX_RTO_MIN:
		s.lock |= 1 << o.attr
	case rtnl.RTAX_RTT:
		s.takeLock(a, o)
		scale = 8
	case rtnl.RTAX_RTTVAR:
		s.takeLock(a, o)
		scale = 4
	}
	w := a.next()
	v, unit, ok := parseMillis(w)
	if unit {
		v *= scale
	}
	if (!ok || v>>32 != 0) && a.err == nil {
		a.bad(o, w)
	}
	s.metrics.U32(attr, uint32(v))
}

// timeUnits are suffixes and how many milliseconds each stands for; a longer
// one comes before one that it ends in.
var timeUnits = [...]struct {
	suffix string
	millis uint64
}{{"msecs", 1}, {"msec", 1}, {"ms", 1}, {"secs", 1000}, {"sec", 1000}, {"s", 1000}}

// equalFold tells whether a, in small letters, is b.
func equalFold(a, b string) bool {
	for i := range len(b) {
		if a[i]|0x20 != b[i] {
			return false
		}
	}
	return len(a) == len(b)
}

// parseMillis reads a time, "300", "0.5s", "20ms", rounded up to whole
// milliseconds, and whether it had a unit.
func parseMillis(w string) (v uint64, unit, ok bool) {
	mult := uint64(1)
	for _, u := range timeUnits {
		if n := len(w) - len(u.suffix); n > 0 && equalFold(w[n:], u.suffix) {
			w, mult, unit = w[:n], u.millis, true
			break
		}
	}
	whole, frac, point := strings.Cut(w, ".")
	if !point {
		v, ok = parseUint(w, 32)
		return v * mult, unit, ok
	}
	if whole == "" && frac == "" {
		return 0, unit, false
	}
	digits := func(s string, v uint64) (uint64, bool) {
		for i := range len(s) {
			if s[i] < '0' || s[i] > '9' || v > 1<<32 {
				return 0, false
			}
			v = v*10 + uint64(s[i]-'0')
		}
		return v, true
	}
	if v, ok = digits(whole, 0); !ok {
		return 0, unit, false
	}
	f, ok := digits(frac, 0)
	if !ok {
		return 0, unit, false
	}
	scale := uint64(1)
	for range len(frac) {
		scale *= 10
	}
	return v*mult + (f*mult+scale-1)/scale, unit, true
}

// featureECN is RTAX_FEATURE_ECN, linux/rtnetlink.h.
const featureECN = 1

func routeFeatures(a *args, st state, o *option) {
	w := a.next()
	if w != "ecn" && a.err == nil {
		a.bad(o, w)
	}
	st.(*routeState).metrics.U32(rtnl.RTAX_FEATURES, featureECN)
}

func routeSwitch(a *args, st state, o *option) {
	w := a.next()
	v, ok := parseUint(w, 32)
	switch {
	case a.err != nil:
	case !ok:
		a.bad(o, w)
	case v > 1:
		a.wrong(w, `"`+o.name+"\" value should be 0 or 1\n")
	}
	st.(*routeState).metrics.U32(nl.AttrU32(o.attr), uint32(v))
}

func routeCongctl(a *args, st state, o *option) {
	s := st.(*routeState)
	if a.take("lock") {
		s.lock |= 1 << rtnl.RTAX_CC_ALGO
	}
	// iproute2 sends no NUL; the kernel takes both.
	s.metrics.StrN(nl.AttrStrN(rtnl.RTAX_CC_ALGO), a.next())
}

// metricNames are the words for the attributes inside RTA_METRICS.
var metricNames = [...]string{
	rtnl.RTAX_MTU: "mtu", rtnl.RTAX_WINDOW: "window", rtnl.RTAX_RTT: "rtt", rtnl.RTAX_RTTVAR: "rttvar",
	rtnl.RTAX_SSTHRESH: "ssthresh", rtnl.RTAX_CWND: "cwnd", rtnl.RTAX_ADVMSS: "advmss",
	rtnl.RTAX_REORDERING: "reordering", rtnl.RTAX_HOPLIMIT: "hoplimit", rtnl.RTAX_INITCWND: "initcwnd",
	rtnl.RTAX_FEATURES: "features", rtnl.RTAX_RTO_MIN: "rto_min", rtnl.RTAX_INITRWND: "initrwnd",
	rtnl.RTAX_QUICKACK: "quickack", rtnl.RTAX_CC_ALGO: "congctl", rtnl.RTAX_FASTOPEN_NO_COOKIE: "fastopen_no_cookie",
}

// metrics writes RTA_METRICS.
func (p *printer) metrics(as nl.Attrs) {
	var at [len(metricNames)]nl.Attr
	as.Index(at[:])
	lock, _ := at[rtnl.RTAX_LOCK].U32()
	p.Arr("metrics", "")
	p.Obj("")
	for i := int(rtnl.RTAX_MTU); i < len(at); i++ {
		locked := lock&(1<<i) != 0
		if !at[i].Present() && !locked {
			continue
		}
		v, _ := at[i].U32()
		if nl.AttrU32(i) == rtnl.RTAX_HOPLIMIT && v == 1<<32-1 {
			continue // the system's default
		}
		name := metricNames[i]
		p.T(name, " ")
		if locked {
			p.T("lock ")
		}
		switch nl.AttrU32(i) {
		case rtnl.RTAX_FEATURES:
			p.features(v)
		case rtnl.RTAX_RTT:
			p.millis(name, v/8)
		case rtnl.RTAX_RTTVAR:
			p.millis(name, v/4)
		case rtnl.RTAX_RTO_MIN:
			p.millis(name, v)
		case nl.AttrU32(rtnl.RTAX_CC_ALGO):
			p.Str("congestion", "", string(at[i].Str()), " ")
		default:
			p.Uint(name, "", uint64(v), " ")
		}
	}
	p.EndObj()
	p.EndArr("")
}

func (p *printer) features(v uint32) {
	if v&featureECN != 0 {
		p.JNull("ecn")
		p.T("ecn ")
	}
	if v&^featureECN != 0 {
		p.Hex("features", "", uint64(v), " ")
	}
}

// millis writes a time: in text with a unit, as printf's "%g" where it is
// seconds.
func (p *printer) millis(name string, v uint32) {
	switch {
	case p.json:
		p.JUint(name, uint64(v))
	case v < 1000:
		p.o.U(uint64(v)).S("ms ")
	default:
		p.o.B = strconv.AppendFloat(p.o.B, float64(v)/1000, 'g', 6, 64)
		p.o.S("s ")
	}
}
