package ip

import (
	"encoding/binary"
	"slices"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl"
	"rawns/nl/rtnl"
)

// A kind is a type of link, or, with slave, of a port of one: what may follow
// "type NAME", and what "ip -d link show" says of it.
type kind struct {
	name  string
	slave bool   // NAME_slave: its options go to IFLA_INFO_SLAVE_DATA
	word  string // what an unknown option is called: "option"; "" for one that is just told the usage
	opts  *table
	mute  bool     // "help" is an unknown option like any other
	also  []*table // options that several kinds share, behind opts
	// parse reads what follows "type NAME", into the open nest.
	parse func(a *args, s *linkState, k *kind)
	// finish, for parseKind, appends what the words mean together, behind them.
	finish func(a *args, s *linkState, used *seen)
	// last are attributes that parseKind puts behind all others, in this order,
	// each once: iproute2 sends them when it has read all words.
	last []uint16
	// bits is the attribute of options that share it: which of them are on, and
	// which were given, sent behind all others.
	bits uint16
	// show prints what the nest holds; nil for a kind that shows fields, if any.
	show   func(l *linkPrinter, data nl.Attrs)
	fields []field
	xstats func(l *linkPrinter, v nl.Attr) // what -s adds
	tunnel *tunnel
	help   string // the usage text where it is not made of opts
}

// kinds are those with options that every build has, furtherKinds the others. Any
// other kind can be made by its name.
var kinds = [...]kind{
	{name: "bond", word: "command", opts: &bondOptions, fields: bondFields},
	{name: "bond_slave", slave: true, word: "option", opts: &bondPortOptions, fields: bondPortFields},
	{name: "bridge", word: "command", opts: &bridgeOptions, bits: uint16(rtnl.IFLA_BR_MULTI_BOOLOPT), fields: bridgeFields},
	{name: "bridge_slave", slave: true, word: "option", opts: &bridgePortOptions, fields: bridgePortFields},
	{name: "dummy", help: "Usage: ... dummy\n"},
	{name: "ifb", help: "Usage: ... ifb\n"},
	{name: "ipvlan", word: "option", opts: &ipvlanOptions, finish: finishIPVLAN, fields: ipvlanFields},
	{name: "macvlan", word: "option", opts: &macvlanOptions, finish: finishMACVLAN, last: macvlanLast, show: showMACVLAN},
	{name: "macvtap", word: "option", opts: &macvlanOptions, finish: finishMACVLAN, last: macvlanLast, show: showMACVLAN},
	{name: "netdevsim", help: "Usage: ... netdevsim\n"},
	{name: "nlmon", help: "Usage: ... nlmon\n"},
	{name: "team", help: "Usage: ... team\n"},
	{name: "team_slave", slave: true, help: "Usage: ... team_slave\n"},
	{name: "vcan", help: "Usage: ... vcan\n"},
	{name: "veth", parse: parsePeer, help: "Usage: ip link <options> type veth [peer <options>]\nTo get <options> type 'ip link add help'\n"},
	{name: "vlan", word: "command", opts: &vlanOptions, bits: uint16(rtnl.IFLA_VLAN_FLAGS), show: showVLAN},
	{name: "vrf", word: "option", opts: &vrfOptions, fields: vrfFields},
	{name: "vrf_slave", slave: true, fields: vrfPortFields},
	{name: "vxlan", word: "command", opts: &vxlanOptions, finish: finishVXLAN, last: vxlanLast, fields: vxlanFields},
	{name: "wireguard"},
}

// kindAt returns the i-th of all kinds, nil behind the last.
func kindAt(i int) *kind {
	switch {
	case i < len(kinds):
		return &kinds[i]
	case i < len(kinds)+len(furtherKinds):
		return &furtherKinds[i-len(kinds)]
	}
	return nil
}

func findKind(name string) *kind {
	for i := 0; ; i++ {
		if k := kindAt(i); k == nil || k.name == name {
			return k
		}
	}
}

// parseKind reads options that are all rows of the kind's table.
func parseKind(a *args, s *linkState, k *kind) {
	if k.finish == nil && k.last == nil {
		var used seen
		k.options(a, s, &used)
		if k.bits != 0 && s.boolMask != 0 {
			var v [8]byte
			binary.NativeEndian.PutUint32(v[:], s.boolValue)
			binary.NativeEndian.PutUint32(v[4:], s.boolMask)
			s.b.Blob(nl.AttrBytes(k.bits), v[:])
		}
		return
	}
	whole := s.request
	s.request = &request{}
	s.b.Message(0, 0)
	var used seen
	k.options(a, s, &used)
	if k.finish != nil && a.err == nil {
		k.finish(a, s, &used)
	}
	part := s.request
	s.request = whole
	s.append(part, k.last)
	switch f, warn := s.refused, s.warn; {
	case f != nil:
		s.late = func(*runner) error { return f }
	case warn != "":
		s.late = warning(warn).run
	}
}

func (k *kind) options(a *args, s *linkState, used *seen) {
	for a.more() {
		if a.option(k.opts, s, used) {
			continue
		}
		w := a.next()
		if k.mute || !matches(w, "help") {
			switch k.word {
			case wordWhat:
				a.failf(exitMissing, k.name+`: what is "`, w, "\"?\n"+k.usage())
			case wordPlain:
				a.failf(exitMissing, k.name+`: unknown option "`, w, "\"\n"+k.usage())
			case "":
				a.fail(&failure{code: exitMissing, text: k.usage()})
			default:
				a.failf(exitMissing, k.name+": unknown "+k.word+` "`, w, "\"?\n"+k.usage())
			}
			return
		}
		a.fail(&failure{code: exitMissing, text: k.usage()})
	}
}

// Kinds that say otherwise what they do not know.
const (
	wordWhat  = "what"
	wordPlain = "plain"
)

// append appends the attributes of a request that holds nothing else: those
// of last behind the others, in that order, and of several the last one.
func (q *request) append(part *request, last []uint16) {
	p, err := part.b.Bytes()
	if err != nil {
		return // the words hold no NUL and are not that long
	}
	move := func(from, n int) {
		to := q.b.Size()
		copy(q.b.Extend(n), p[from:from+n])
		for _, f := range part.fix {
			if from <= f.at && f.at < from+n {
				f.at += to - from
				q.fix = append(q.fix, f)
			}
		}
	}
	each := func(found func(typ uint16, at, n int)) {
		for at := nl.HeaderLen; at < len(p); {
			n := int(binary.NativeEndian.Uint16(p[at:]))
			found(binary.NativeEndian.Uint16(p[at+2:])&0x3fff, at, n)
			at += (n + 3) &^ 3
		}
	}
	each(func(typ uint16, at, n int) {
		if !slices.Contains(last, typ) {
			move(at, n)
		}
	})
	for _, l := range last {
		at, n := 0, 0
		each(func(typ uint16, a, m int) {
			if typ == l {
				at, n = a, m
			}
		})
		if n > 0 {
			move(at, n)
		}
	}
}

// refuse fails because of what the words mean together. If they name devices,
// it is those that are looked for first.
func (s *linkState) refuse(a *args, f *failure) {
	if len(s.fix) == 0 {
		a.fail(f)
	}
	s.refused = f
}

// get returns the last attribute of a type among those that parseKind has
// collected so far.
func (s *linkState) get(typ uint16) (v nl.Attr) {
	p, err := s.b.Bytes()
	if err != nil {
		return v
	}
	for a := range nl.Message(p).Attrs(0).All() {
		if a.Type() == typ {
			v = a
		}
	}
	return v
}

// usage says which options the kind has.
func (k *kind) usage() string {
	if k.opts == nil {
		return k.help
	}
	o := &cli.Out{}
	o.S("Usage: ... ", k.name)
	k.opts.appendUsage(o, "\n\t\t  ")
	for _, t := range k.also {
		t.appendUsage(o, "\n\t\t  ")
	}
	o.NL()
	return string(o.B)
}

// appendUsage appends every row as "[ keyword VALUE ]" behind sep.
func (t *table) appendUsage(o *cli.Out, sep string) {
	for i := range t.rows {
		r := &t.rows[i]
		o.S(sep, "[ ", r.name, " ")
		if r.arg != "" {
			o.S(r.arg, " ")
		}
		o.C(']')
	}
}
