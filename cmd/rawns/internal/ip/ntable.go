//go:build !tiny

package ip

import (
	"encoding/binary"
	"errors"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
)

// ntableCommands is the object ntable: the limits and times of the tables of
// neighbours.
var ntableCommands = commands{name: "ip ntable", none: parseNtableShow, rows: []command{
	{name: "change", usage: "name NAME [ dev DEVICE ] PARMS", opts: []*table{&ntableTable}, parse: parseNtableChange, about: helps("change limits or times")},
	{name: "chg", quiet: true, parse: parseNtableChange},
	{name: "show", usage: "[ dev { DEVICE | none } ] [ name NAME ]", parse: parseNtableShow, about: helps("list tables")},
	{name: "lst", quiet: true, parse: parseNtableShow},
	{name: "list", quiet: true, parse: parseNtableShow},
}}

// ntableTable holds the keywords of a change. Limits belong to the table,
// numbers and times to it or to an interface.
var ntableTable = table{name: "ntable", called: "PARMS", rows: []option{
	{name: "name", exact: true, val: valFunc, arg: "NAME", parse: ntableName, about: helps("arp_cache or ndisc_cache")},
	{name: "thresh1", exact: true, val: valFunc, arg: "VAL", parse: ntableLimit, attr: uint16(rtnl.NDTA_THRESH1), about: helps("so many entries are never collected")},
	{name: "thresh2", exact: true, val: valFunc, arg: "VAL", parse: ntableLimit, attr: uint16(rtnl.NDTA_THRESH2), about: helps("more than that may stay for seconds only")},
	{name: "thresh3", exact: true, val: valFunc, arg: "VAL", parse: ntableLimit, attr: uint16(rtnl.NDTA_THRESH3), about: helps("there are never more")},
	{name: "gc_int", exact: true, val: valFunc, arg: "MSEC", parse: ntableInterval, about: helps("how often old entries are collected")},
	{name: "dev", exact: true, val: valFunc, arg: "DEVICE", parse: ntableDev, about: helps("the settings of this interface")},
	{name: "base_reachable", exact: true, val: valFunc, arg: "MSEC", parse: ntableTime, attr: uint16(rtnl.NDTPA_BASE_REACHABLE_TIME), about: helps("how long a neighbour counts as reachable")},
	{name: "retrans", exact: true, val: valFunc, arg: "MSEC", parse: ntableTime, attr: uint16(rtnl.NDTPA_RETRANS_TIME), about: helps("the time between questions")},
	{name: "gc_stale", exact: true, val: valFunc, arg: "MSEC", parse: ntableTime, attr: uint16(rtnl.NDTPA_GC_STALETIME), about: helps("how long an unused entry is kept")},
	{name: "delay_probe", exact: true, val: valFunc, arg: "MSEC", parse: ntableTime, attr: uint16(rtnl.NDTPA_DELAY_PROBE_TIME), about: helps("how long to wait before asking")},
	{name: "queue", exact: true, val: valFunc, arg: "LEN", parse: ntableNumber, attr: uint16(rtnl.NDTPA_QUEUE_LEN), about: helps("packets that wait for an address")},
	{name: "app_probes", exact: true, val: valFunc, arg: "VAL", parse: ntableNumber, attr: uint16(rtnl.NDTPA_APP_PROBES), about: helps("questions to a program before the kernel asks")},
	{name: "ucast_probes", exact: true, val: valFunc, arg: "VAL", parse: ntableNumber, attr: uint16(rtnl.NDTPA_UCAST_PROBES), about: helps("questions to the known address")},
	{name: "mcast_probes", exact: true, val: valFunc, arg: "VAL", parse: ntableNumber, attr: uint16(rtnl.NDTPA_MCAST_PROBES), about: helps("questions to all")},
	{name: "anycast_delay", exact: true, val: valFunc, arg: "MSEC", parse: ntableTime, attr: uint16(rtnl.NDTPA_ANYCAST_DELAY), about: helps("the longest wait before an anycast answer")},
	{name: "proxy_delay", exact: true, val: valFunc, arg: "MSEC", parse: ntableTime, attr: uint16(rtnl.NDTPA_PROXY_DELAY), about: helps("the longest wait before an answer for others")},
	{name: "proxy_queue", exact: true, val: valFunc, arg: "LEN", parse: ntableNumber, attr: uint16(rtnl.NDTPA_PROXY_QLEN), about: helps("how many such answers wait")},
	{name: "locktime", exact: true, val: valFunc, arg: "MSEC", parse: ntableTime, attr: uint16(rtnl.NDTPA_LOCKTIME), about: helps("how long an entry is not changed again")},
}}

// ntableState is an "ip ntable change" while its words are read. What goes
// into NDTA_PARMS may be said before what does not: it is kept aside.
type ntableState struct {
	request
	hasName, changes bool
	parms            []ntableParm
}

// An ntableParm is one attribute of NDTA_PARMS.
type ntableParm struct {
	attr uint16
	long bool // eight bytes
	v    uint64
	dev  string // whose index it is, if attr is NDTPA_IFINDEX
}

func ntableName(a *args, st state, _ *option) {
	s, w := st.(*ntableState), a.next()
	if s.hasName && a.err == nil {
		a.twice("NAME", w)
	}
	s.hasName = true
	s.b.Str(rtnl.NDTA_NAME, w)
}

func ntableDev(a *args, st state, _ *option) {
	s := st.(*ntableState)
	s.parms = append(s.parms, ntableParm{attr: uint16(rtnl.NDTPA_IFINDEX), dev: a.next()})
}

func ntableLimit(a *args, st state, o *option) {
	s := st.(*ntableState)
	s.b.U32(nl.AttrU32(o.attr), a.uint32(`"`+o.name+`" value is invalid`))
	s.changes = true
}

func ntableInterval(a *args, st state, o *option) {
	s := st.(*ntableState)
	s.b.U64(rtnl.NDTA_GC_INTERVAL, a.msec(o))
	s.changes = true
}

func ntableTime(a *args, st state, o *option) {
	s := st.(*ntableState)
	s.parms = append(s.parms, ntableParm{attr: o.attr, long: true, v: a.msec(o)})
	s.changes = true
}

func ntableNumber(a *args, st state, o *option) {
	s := st.(*ntableState)
	s.parms = append(s.parms, ntableParm{attr: o.attr, v: uint64(a.uint32(`"` + o.name + `" value is invalid`))})
	s.changes = true
}

// msec takes a time. As strtoull(3) does it, one below zero is very long.
func (a *args) msec(o *option) uint64 {
	w := a.next()
	v, neg, ok := parseNumber(w)
	if !ok && a.err == nil {
		a.wrong(w, `"`+o.name+`" value is invalid`)
	}
	if neg {
		v = -v
	}
	return v
}

func parseNtableChange(a *args) (*plan, error) {
	s := &ntableState{}
	rtnl.SetNeighTbl(&s.b, a.g.family)
	for a.more() {
		if !a.option(&ntableTable, s, nil) {
			a.wrong(a.peek(), "unknown")
		}
	}
	var late *failure // what iproute2 says after it has looked for the device
	switch {
	case !s.hasName:
		late = failf(exitUsage, `Error: argument "NAME" is required`)
	case !s.changes:
		late = failf(exitUsage, "Not enough information: changeable attributes required.")
	}
	hasDev := false
	if len(s.parms) > 0 {
		nest := s.b.Nest(rtnl.NDTA_PARMS)
		for _, p := range s.parms {
			switch {
			case p.long:
				s.b.U64(nl.AttrU64(p.attr), p.v)
			case p.attr == uint16(rtnl.NDTPA_IFINDEX):
				fix := s.dev(rtnl.NDTPA_IFINDEX, p.dev, nil)
				if hasDev = true; late != nil {
					fix.check = func(*runner, device) error { return late }
				}
			default:
				s.b.U32(nl.AttrU32(p.attr), uint32(p.v))
			}
		}
		s.b.End(nest)
	}
	if late != nil && !hasDev {
		a.fail(late)
	}
	if a.err != nil {
		return nil, a.err
	}
	return &plan{[]step{hinted{&s.request, ntableHint}}}, s.b.Err()
}

// ntableHint is about a change of a table.
func ntableHint(r *runner, e *nl.Error) string {
	v, err := rtnl.ParseNeighTbl(e.Request)
	if err != nil || e.Errno != unix.ENOENT {
		return ""
	}
	name, _ := v.Attrs.Str(rtnl.NDTA_NAME)
	parms := v.Attrs.Nest(rtnl.NDTA_PARMS)
	dev, hasDev := parms.U32(rtnl.NDTPA_IFINDEX)
	for _, a := range [...]nl.AttrU32{rtnl.NDTA_THRESH1, rtnl.NDTA_THRESH2, rtnl.NDTA_THRESH3} {
		if _, ok := v.Attrs.U32(a); ok {
			return "limits belong to the machine's first network namespace, and the tables are called arp_cache and ndisc_cache"
		}
	}
	if s := string(name); s != "arp_cache" && s != "ndisc_cache" {
		return "the tables are called arp_cache and ndisc_cache"
	}
	if hasDev {
		return r.name(int32(dev)) + " has nothing in this table: the protocol is switched off there, or another family was asked for"
	}
	return "another family was asked for"
}

// An ntableShow is the step that lists tables.
type ntableShow struct {
	family  uint8
	dev     string
	hasDev  bool
	name    string
	hasName bool
	index   int32 // when run; noDev for the tables' own settings
}

const noDev = -1

func parseNtableShow(a *args) (*plan, error) {
	s := &ntableShow{family: a.g.family}
	for a.more() {
		switch {
		case a.take("dev"):
			s.dev, s.hasDev = a.next(), true
		case a.take("name"):
			s.name, s.hasName = a.next(), true
		default:
			a.wrong(a.peek(), "unknown")
		}
	}
	return &plan{[]step{s}}, a.err
}

func (s *ntableShow) request(b *nl.Builder) { rtnl.GetNeighTbl(b, s.family) }

func (s *ntableShow) run(r *runner) error {
	switch {
	case !s.hasDev:
	case s.dev == "none":
		s.index = noDev
	default:
		d, err := r.device(s.dev)
		if err == nil && d.index == 0 {
			err = failf(exitUsage, `Error: argument "`, s.dev, `" is wrong: "DEV" is invalid`)
		}
		if err != nil {
			return err
		}
		s.index = d.index
	}
	var b nl.Builder
	s.request(&b)
	p := r.g.printer(r.out)
	p.open()
	err := r.dump(&b, nil, func(m nl.Message) error {
		v, err := rtnl.ParseNeighTbl(m)
		if err != nil {
			return notMine(err)
		}
		if s.passes(&v) {
			p.ntable(r, &v)
		}
		return nil
	})
	p.close()
	var k *nl.Error
	if errors.As(err, &k) {
		return refusalAnd(k, exitMissing, "Dump terminated")
	}
	return err
}

func (s *ntableShow) passes(v *rtnl.NeighTbl) bool {
	if s.family != unix.AF_UNSPEC && v.Family != s.family {
		return false
	}
	if name, ok := v.Attrs.Str(rtnl.NDTA_NAME); ok && s.hasName && string(name) != s.name {
		return false
	}
	if !s.hasDev {
		return true
	}
	dev, ok := v.Attrs.Nest(rtnl.NDTA_PARMS).U32(rtnl.NDTPA_IFINDEX)
	return ok && int32(dev) == s.index || !ok && s.index == noDev
}

// An ntableField is an attribute as it is shown; one without a name ends a
// line.
type ntableField struct {
	attr      uint16
	key, text string
}

var ntableLimits = [...]ntableField{
	{uint16(rtnl.NDTA_THRESH1), "thresh1", "thresh1 "}, {uint16(rtnl.NDTA_THRESH2), "thresh2", "thresh2 "},
	{uint16(rtnl.NDTA_THRESH3), "thresh3", "thresh3 "}, {uint16(rtnl.NDTA_GC_INTERVAL), "gc_interval", "gc_int "},
}

var ntableParms = [...]ntableField{
	{uint16(rtnl.NDTPA_REFCNT), "refcnt", "refcnt "}, {uint16(rtnl.NDTPA_REACHABLE_TIME), "reachable", "reachable "},
	{uint16(rtnl.NDTPA_BASE_REACHABLE_TIME), "base_reachable", "base_reachable "}, {uint16(rtnl.NDTPA_RETRANS_TIME), "retrans", "retrans "}, {},
	{uint16(rtnl.NDTPA_GC_STALETIME), "gc_stale", "gc_stale "}, {uint16(rtnl.NDTPA_DELAY_PROBE_TIME), "delay_probe", "delay_probe "},
	{uint16(rtnl.NDTPA_QUEUE_LEN), "queue", "queue "}, {},
	{uint16(rtnl.NDTPA_APP_PROBES), "app_probes", "app_probes "}, {uint16(rtnl.NDTPA_UCAST_PROBES), "ucast_probes", "ucast_probes "},
	{uint16(rtnl.NDTPA_MCAST_PROBES), "mcast_probes", "mcast_probes "}, {},
	{uint16(rtnl.NDTPA_ANYCAST_DELAY), "anycast_delay", "anycast_delay "}, {uint16(rtnl.NDTPA_PROXY_DELAY), "proxy_delay", "proxy_delay "},
	{uint16(rtnl.NDTPA_PROXY_QLEN), "proxy_queue", "proxy_queue "}, {uint16(rtnl.NDTPA_LOCKTIME), "locktime", "locktime "},
}

func (p *printer) ntableFields(fs []ntableField, as nl.Attrs) {
	for i := range fs {
		f := &fs[i]
		if f.key == "" {
			p.NL()
			p.T("    ")
		} else if a, ok := as.Get(f.attr); ok {
			if n, ok := number(a); ok {
				p.Uint(f.key, f.text, n, " ")
			}
		}
	}
}

// ntable writes a table, or what an interface has of its own there.
func (p *printer) ntable(r *runner, v *rtnl.NeighTbl) {
	p.Obj("")
	p.Str("family", "", familyName(v.Family), " ")
	if name, ok := v.Attrs.Str(rtnl.NDTA_NAME); ok {
		p.Str("name", "", string(name), " ")
	}
	p.NL()
	for i := range ntableLimits {
		if _, ok := v.Attrs.Get(ntableLimits[i].attr); ok {
			p.T("    ")
			p.ntableFields(ntableLimits[:], v.Attrs)
			p.NL()
			break
		}
	}
	if c, ok := v.Attrs.Blob(rtnl.NDTA_CONFIG); ok && r.g.stats > 0 && len(c) >= rtnl.NdtConfig.Size {
		p.ntableConfig(c)
	}
	if _, ok := v.Attrs.Get(uint16(rtnl.NDTA_PARMS)); ok {
		parms := v.Attrs.Nest(rtnl.NDTA_PARMS)
		if dev, ok := parms.U32(rtnl.NDTPA_IFINDEX); ok {
			p.T("    dev ")
			p.in(colIfname).Str("dev", "", r.name(int32(dev)), " ")
			p.NL()
		}
		p.T("    ")
		p.ntableFields(ntableParms[:], parms)
		p.NL()
	}
	if s, ok := v.Attrs.Blob(rtnl.NDTA_STATS); ok && r.g.stats > 0 {
		p.ntableStats(s)
	}
	p.End()
	p.EndObj()
}

// ntableConfig writes a struct ndt_config.
func (p *printer) ntableConfig(c []byte) {
	u := func(off int) uint64 { return uint64(binary.NativeEndian.Uint32(c[off:])) }
	p.Uint("key_length", "    config key_len ", uint64(binary.NativeEndian.Uint16(c)), " ")
	p.Uint("entry_size", "entry_size ", uint64(binary.NativeEndian.Uint16(c[2:])), " ")
	p.Uint("entries", "entries ", u(4), " ")
	p.NL()
	p.Str("last_flush", "        last_flush ", ago(u(8)), " ")
	p.Str("last_rand", "last_rand ", ago(u(12)), " ")
	p.NL()
	p.Uint("hash_rnd", "        hash_rnd ", u(16), " ")
	if p.json {
		p.Hex("hash_mask", "", u(20), "")
	} else {
		p.o.S("hash_mask ").X(u(20), 8).C(' ')
	}
	p.Uint("hash_chain_gc", "hash_chain_gc ", u(24), " ")
	p.Uint("proxy_qlen", "proxy_qlen ", u(28), " ")
	p.NL()
}

// ago writes when it was so many milliseconds ago, in local time.
func ago(msec uint64) string {
	if msec == 0 {
		return "(error)"
	}
	return dateTime(time.Unix(time.Now().Unix()-int64(msec/1000), 0))
}

// dateTime writes "2026-11-25 17:00:00".
func dateTime(t time.Time) string {
	year, month, day := t.Date()
	hour, min, sec := t.Clock()
	s := strconv.Itoa(year)
	for i, n := range [...]int{int(month), day, hour, min, sec} {
		s += "-- ::"[i:i+1] + string([]byte{byte('0' + n/10), byte('0' + n%10)})
	}
	return s
}

// ntableBreaks are the counters of a struct ndt_stats in front of which a line
// begins.
const ntableBreaks = 1<<3 | 1<<6 | 1<<8 | 1<<10

// ntableStats writes a struct ndt_stats: as much as the kernel has of it.
func (p *printer) ntableStats(s []byte) {
	p.T("    stats ")
	for i := range rtnl.NdtStats.Members {
		m := &rtnl.NdtStats.Members[i]
		if m.Off+8 > len(s) {
			break
		}
		if ntableBreaks>>i&1 != 0 {
			p.NL()
			p.T("    ")
		}
		p.Uint(m.Name, m.Name+" ", binary.NativeEndian.Uint64(s[m.Off:]), " ")
	}
	p.NL()
}
