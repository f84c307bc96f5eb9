package ip

import (
	"cmp"
	"strings"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl"
)

// A value is what follows a keyword.
type value uint8

const (
	valNone    value = iota // nothing
	valFunc                 // whatever option.parse takes
	valU8                   // an unsigned integer, sent as so many bits
	valU16                  //
	valU32                  //
	valU64                  //
	valInt                  // an int32
	valOnOff                // on or off, sent as one byte
	valStr                  // text, sent with its NUL
	valMAC                  // a link-layer address
	valDev                  // an interface, sent as its index
	valLink                 // the same, in the words of link kinds
	valBE16                 // unsigned integers in network byte order
	valBE32                 //
	valYes                  // nothing: the keyword is a byte, 1
	valNo                   // nothing: the keyword is a byte, 0
	valWord                 // a word that table.attrs has for the attribute's values
	valWordNum              // the same, or its number
)

// A table is an object's options, in iproute2's order.
type table struct {
	name   string // of the object or link kind, for usage texts
	called string // what usage texts call the rows: "OPTIONS" if nothing else is said
	wrong  string // what a bad value is told, with % for the keyword; rows may differ
	code   int    // exit code for what is neither on nor off, or, of valLink, no device
	again  bool   // what is given once, and then again, may be a word that is not known
	// attrs is what the kernel's tables say of the options' attributes.
	attrs *nl.Schema
	// unique tables take every attribute once, whichever row it comes from.
	unique bool
	rows   []option
}

// An option is a row of an object's table: one keyword. It is all that the
// parser, the usage text and completion know of it.
type option struct {
	name  string // the keyword
	exact bool   // no abbreviation is taken
	val   value
	attr  uint16   // the attribute, for the kinds of value that are sent as one
	once  bool     // a second time is an error
	alias bool     // another name for the row above
	arg   string   // how the usage text writes what follows: "MTU"
	about helpText // what it does, for "rawns help"; "" where the name says it
	says  *saying  // where a bad value is told something of its own; few rows have it
	parse func(a *args, s state, o *option)
}

// A saying is what the value of an option is told that is not right.
type saying struct {
	wrong string // if not table.wrong
	// must is, for valWord, what it is told instead, behind "argument of NAME
	// must be ", with % for the value (oneOf lists the words, and takes
	// abbreviations); for integers the same if it has a %, else a word for 0.
	must string
}

func (o *option) wrong() string {
	if o.says == nil {
		return ""
	}
	return o.says.wrong
}

func (o *option) must() string {
	if o.says == nil {
		return ""
	}
	return o.says.must
}

// A state is what one command line has said so far: an object's own notes
// around the request that is being built.
type state interface{ req() *request }

// find returns the place of the first row that word is, or is an allowed
// abbreviation of; -1 if there is none.
func (t *table) find(word string) int {
	for i := range t.rows {
		o := &t.rows[i]
		if len(word) > len(o.name) || o.name[:len(word)] != word || word == "" {
			continue
		}
		if !o.exact || len(word) == len(o.name) {
			return i
		}
	}
	return -1
}

// first returns the place of the first row that means the same as row i: the
// name by which complaints call all of them.
func (t *table) first(i int) int {
	for t.rows[i].alias {
		i--
	}
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

func (s *seen) has(i int) bool { return s[i/64&1]&(1<<(i%64)) != 0 }

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
	word := a.w[0]
	a.w = a.w[1:]
	a.t = t
	if t.unique && o.attr != 0 && used.add(int(o.attr)) {
		if o.arg != "" {
			a.garbage(t.rows[t.first(i)].name, a.next())
		} else {
			a.garbage(word, word)
		}
		return true
	}
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
	switch o.val {
	case valNone:
		q.b.Flag(nl.AttrFlag(o.attr))
		return
	case valYes, valNo:
		q.b.U8(nl.AttrU8(o.attr), bit(o.val == valYes))
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
		if o.must() != "" && w == o.must() {
			w = "0"
		}
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
		off := matches(w, "off") // "o" is off
		if !off && !matches(w, "on") {
			f := failf(a.t.code, `Error: argument of "`+o.name+`" must be one of "off", "on", not "`, w, `"`)
			f.ends = f.code == exitMissing
			a.fail(f)
		}
		q.b.U8(nl.AttrU8(o.attr), bit(!off))
	case valBE16:
		if v, ok = parseUint(w, 16); ok {
			q.b.BE16(nl.AttrBE16(o.attr), uint16(v))
		}
	case valBE32:
		if v, ok = parseUint(w, 32); ok {
			q.b.BE32(nl.AttrBE32(o.attr), uint32(v))
		}
	case valWord, valWordNum:
		ok = a.wordOf(q, o, w)
	case valLink:
		q.dev(nl.AttrU32(o.attr), w, failf(cmp.Or(a.t.code, exitUsage), `Cannot find device "`, w, `"`))
	case valStr:
		q.b.Str(nl.AttrStr(o.attr), w)
	case valMAC:
		if m := a.lladdr(w); a.err == nil {
			q.b.MAC(nl.AttrMAC(o.attr), m)
		}
	case valDev:
		why := o.wrong()
		if why == "" {
			why = "Device does not exist\n"
		}
		q.dev(nl.AttrU32(o.attr), w, failf(exitUsage, `Error: argument "`, w, `" is wrong: `+why))
	}
	switch before, after, found := strings.Cut(o.must(), "%"); {
	case ok:
	case found:
		a.failf(exitMissing, `Error: argument of "`+o.name+`" must be `+before, w, after)
	default:
		a.bad(o, w)
	}
}

// wordOf appends the number of a word of o's, in as many bits as the attribute has.
func (a *args) wordOf(q *request, o *option, w string) (ok bool) {
	f := a.t.attrs.Field(o.attr)
	v, ok := f.Names.Value(w)
	if n, neg, num := parseNumberBase(w, 10); !ok && num && o.val == valWordNum && !(neg && n != 0) && n < uint64(len(f.Names.List)) {
		v, ok = uint32(n), true
	}
	for i := range f.Names.List {
		if n := &f.Names.List[i]; !ok && o.must() == oneOf && matches(w, n.Name) {
			v, ok = n.Value, true
		}
	}
	if !ok && o.must() != "" {
		before, after, found := strings.Cut(o.must(), "%")
		if o.must() == oneOf {
			before, found, after = "one of ", true, `"`
			for i := range f.Names.List {
				before += `"` + f.Names.List[i].Name + `", `
			}
			before += `not "`
		}
		if found {
			after = cli.Safe(w) + after
		}
		a.failf(exitMissing, `Error: argument of "`+o.name+`" must be `+before+after)
		return true
	}
	if !ok {
		return false
	}
	switch f.Kind {
	case nl.KindU8:
		q.b.U8(nl.AttrU8(o.attr), uint8(v))
	case nl.KindU16:
		q.b.U16(nl.AttrU16(o.attr), uint16(v))
	default:
		q.b.U32(nl.AttrU32(o.attr), v)
	}
	return true
}

const oneOf = "one of"

// bad says that w is no value for o.
func (a *args) bad(o *option, w string) {
	why := o.wrong()
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
	m := make([]byte, 0, maxLLAddr)
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
