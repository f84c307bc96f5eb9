package ip

import (
	"strings"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl"
)

// A value is what follows a keyword.
type value uint8

const (
	valNone  value = iota // nothing
	valFunc               // whatever option.parse takes
	valU8                 // an unsigned integer, sent as so many bits
	valU16                //
	valU32                //
	valU64                //
	valInt                // an int32
	valOnOff              // on or off, sent as one byte
	valStr                // text, sent with its NUL
	valMAC                // a link-layer address
	valDev                // an interface, sent as its index
)

// A table is an object's options, in iproute2's order.
type table struct {
	name   string // of the object or link kind, for usage texts
	called string // what usage texts call the rows: "OPTIONS" if nothing else is said
	wrong  string // what a bad value is told, with % for the keyword; rows may differ
	code   int    // exit code for what is neither on nor off
	again  bool   // what is given once, and then again, may be a word that is not known
	rows   []option
}

// An option is a row of an object's table: one keyword. It is all that the
// parser, the usage text and completion know of it.
type option struct {
	name  string // the keyword
	exact bool   // no abbreviation is taken
	val   value
	attr  uint16 // the attribute, for the kinds of value that are sent as one
	once  bool   // a second time is an error
	arg   string // how the usage text writes what follows: "MTU"
	about string // what it does, for "rawns help"; "" where the name says it
	wrong string // what a bad value is told, if not table.wrong
	parse func(a *args, s state, o *option)
}

// A state is what one command line has said so far: an object's own notes
// around the request that is being built.
type state interface{ req() *request }

// find returns the place of the first row that word is, or is an allowed
// abbreviation of; -1 if there is none.
func (t *table) find(word string) int {
	for i := range t.rows {
		o := &t.rows[i]
		if word == o.name || !o.exact && matches(word, o.name) {
			return i
		}
	}
	return -1
}

// first returns the place of the first row that means the same as row i: the
// name by which complaints call all of them.
func (t *table) first(i int) int {
	o := &t.rows[i]
	for j := range t.rows[:i] {
		if r := &t.rows[j]; r.attr == o.attr && r.val == o.val && o.val > valFunc {
			return j
		}
	}
	return i
}

// seen notes which rows a command line has used, by their place in the table:
// enough for the rows that may be used once.
type seen [2]uint64

func (s *seen) add(i int) (again bool) {
	w, bit := &s[i/64&1], uint64(1)<<(i%64)
	again = *w&bit != 0
	*w |= bit
	return again
}

// option takes a keyword of t, and its value, into s. It reports false, and
// takes nothing, if the next word is none of them.
func (a *args) option(t *table, s state, used *seen) bool {
	if !a.more() {
		return false
	}
	i := t.find(a.w[0])
	if i < 0 {
		return false
	}
	o := &t.rows[i]
	a.w = a.w[1:]
	a.t = t
	if o.once && used.add(t.first(i)) {
		a.second(t, o, t.rows[t.first(i)].name)
		return true
	}
	if o.val == valFunc {
		o.parse(a, s, o)
	} else {
		a.encode(s.req(), o)
	}
	return true
}

// second says that o was given before.
func (a *args) second(t *table, o *option, name string) {
	switch {
	case !t.again:
		a.twice(name, a.next())
	case o.arg == "":
		a.garbage(name, o.name)
	default:
		a.garbage(name, a.next())
	}
}

// encode reads the value of o and appends its attribute.
func (a *args) encode(q *request, o *option) {
	if o.val == valNone {
		q.b.Flag(nl.AttrFlag(o.attr))
		return
	}
	w := a.next()
	if a.err != nil {
		return
	}
	ok := true
	var v uint64
	switch o.val {
	case valU8:
		if v, ok = parseUint(w, 8); ok {
			q.b.U8(nl.AttrU8(o.attr), uint8(v))
		}
	case valU16:
		if v, ok = parseUint(w, 16); ok {
			q.b.U16(nl.AttrU16(o.attr), uint16(v))
		}
	case valU32:
		if v, ok = parseUint(w, 32); ok {
			q.b.U32(nl.AttrU32(o.attr), uint32(v))
		}
	case valU64:
		if v, ok = parseUint(w, 64); ok {
			q.b.U64(nl.AttrU64(o.attr), v)
		}
	case valInt:
		var n int32
		if n, ok = parseInt(w); ok {
			q.b.S32(nl.AttrS32(o.attr), n)
		}
	case valOnOff:
		if w != "on" && w != "off" {
			a.failf(a.t.code, `Error: argument of "`+o.name+`" must be one of "off", "on", not "`, w, `"`)
		}
		q.b.U8(nl.AttrU8(o.attr), bit(w == "on"))
	case valStr:
		q.b.Str(nl.AttrStr(o.attr), w)
	case valMAC:
		if m := a.lladdr(w); a.err == nil {
			q.b.MAC(nl.AttrMAC(o.attr), m)
		}
	case valDev:
		why := o.wrong
		if why == "" {
			why = "Device does not exist\n"
		}
		q.dev(nl.AttrU32(o.attr), w, failf(exitUsage, `Error: argument "`, w, `" is wrong: `+why))
	}
	if !ok {
		a.bad(o, w)
	}
}

// bad says that w is no value for o.
func (a *args) bad(o *option, w string) {
	why := o.wrong
	if why == "" {
		why = a.t.wrong
	}
	if before, after, found := strings.Cut(why, "%"); found {
		name := o.name
		if i := a.t.find(o.name); i >= 0 {
			name = a.t.rows[a.t.first(i)].name
		}
		why = before + name + after
	}
	a.wrong(w, why)
}

// onOff reads "on" or "off" in the older of iproute2's two ways.
func (a *args) onOff(keyword, w string) (on, ok bool) {
	switch w {
	case "on":
		return true, true
	case "off":
		return false, true
	}
	a.failf(exitMissing, `Error: argument of "`+keyword+`" must be "on" or "off", not "`, w, `"`)
	return false, false
}

// lladdr reads a link-layer address: hex bytes with colons between them, or
// the IPv4 address that tunnels have for one.
func (a *args) lladdr(w string) []byte {
	if strings.IndexByte(w, '.') >= 0 {
		ip, ok := cli.ParseIPv4(w)
		if !ok {
			a.failf(exitMissing, `"`, w, `" is invalid lladdr.`)
		}
		return ip[:]
	}
	var m []byte
	for len(m) < maxLLAddr {
		part, rest, more := strings.Cut(w, ":")
		v, neg, ok := parseNumberBase(part, 16)
		if !ok || neg || v > 255 {
			a.failf(exitMissing, `"`, part, `" is invalid lladdr.`)
			break
		}
		m = append(m, byte(v))
		if !more {
			break
		}
		w = rest
	}
	return m
}

const maxLLAddr = 32 // MAX_ADDR_LEN, linux/netdevice.h

func bit(b bool) uint8 {
	if b {
		return 1
	}
	return 0
}
