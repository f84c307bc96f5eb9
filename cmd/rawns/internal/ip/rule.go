package ip

import (
	"encoding/binary"
	"strings"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl"
	"rawns/nl/rtnl"
)

// The objects rule and mrule: rules that choose a routing table. Those of mrule
// are the same for multicast routing, under a family of their own.

// ruleCommands is the object rule.
var ruleCommands = commands{name: "ip rule", none: parseRuleList, where: ruleWhere, rows: ruleRows}

var ruleRows = []command{
	{name: "list", usage: "[ SELECTOR ]", parse: parseRuleList, about: helps("list rules")},
	{name: "lst", quiet: true, parse: parseRuleList},
	{name: "show", usage: "[ SELECTOR ]", parse: parseRuleList, about: helps("the same")},
	{name: "save", usage: "> FILE", parse: parseRuleSave, about: helps("write rules to a file, for restore")},
	{name: "restore", usage: "< FILE", parse: parseRuleRestore, about: helps("add what is in such a file")},
	{name: "add", usage: "SELECTOR ACTION", opts: []*table{&ruleTable}, parse: parseRuleModify, typ: unix.RTM_NEWRULE, flags: unix.NLM_F_CREATE | unix.NLM_F_EXCL, about: helps("add a rule")},
	{name: "delete", usage: "SELECTOR ACTION", opts: []*table{&ruleTable}, parse: parseRuleModify, typ: unix.RTM_DELRULE, about: helps("delete the first that has all that is named")},
	{name: "flush", usage: "[ SELECTOR ]", parse: parseRuleFlush, about: helps("delete all that are selected")},
}

// mruleCommands is the object mrule; in its usage text iproute2 calls it rule.
var mruleCommands = commands{name: "ip rule", none: parseRuleList, where: ruleWhere, first: mruleFamily, rows: ruleRows}

// mruleFamily makes the family that of multicast routing.
func mruleFamily(a *args) error {
	g := *a.g // the next line of a batch has the options' own again
	switch g.family {
	case unix.AF_UNSPEC, unix.AF_INET:
		g.family = familyIPMR
	case unix.AF_INET6:
		g.family = familyIP6MR
	default:
		return failf(exitUsage, "Multicast rules are only supported for IPv4/IPv6, was: "+itoa(int32(g.family)))
	}
	a.g = &g
	return nil
}

func ruleWhere(o *cli.Out) {
	o.S(`
ACTION := [ table TABLE_ID ] [ goto NUMBER ] [ nop ] [ [ type ] TYPE ]
TYPE := { blackhole | unreachable | prohibit }
TABLE_ID := { local | main | default | NUMBER }`)
}

// ruleTable holds the keywords of a change; what is none of them is an action.
var ruleTable = table{name: "rule", called: "SELECTOR", rows: []option{
	{name: "not", exact: true, val: valFunc, parse: ruleNot, about: helps("what does not match")},
	{name: "from", exact: true, val: valFunc, arg: "PREFIX", attr: uint16(rtnl.FRA_SRC), parse: rulePrefix, about: helps("packets from there")},
	{name: "to", exact: true, val: valFunc, arg: "PREFIX", attr: uint16(rtnl.FRA_DST), parse: rulePrefix, about: helps("packets to there")},
	{name: "preference", val: valU32, attr: uint16(rtnl.FRA_PRIORITY), arg: "NUMBER", says: &saying{wrong: badPreference}, about: helps("the place among the rules: smaller ones come first")},
	{name: "order", val: valU32, attr: uint16(rtnl.FRA_PRIORITY), arg: "NUMBER", says: &saying{wrong: badPreference}, about: helps("the same")},
	{name: "priority", val: valU32, attr: uint16(rtnl.FRA_PRIORITY), arg: "NUMBER", says: &saying{wrong: badPreference}, about: helps("the same")},
	{name: "tos", exact: true, val: valFunc, arg: "TOS", parse: ruleTos, about: helps("packets of this type of service")},
	{name: "dsfield", val: valFunc, arg: "TOS", parse: ruleTos, about: helps("the same")},
	{name: "fwmark", exact: true, val: valFunc, arg: "FWMARK[/MASK]", parse: ruleMark, about: helps("packets with this mark")},
	{name: "realms", val: valFunc, arg: "[ SRCREALM/ ]DSTREALM", says: &saying{wrong: "invalid realms\n"}, parse: ruleRealms, about: helps("realms for accounting")},
	{name: "protocol", val: valFunc, arg: "PROTO", says: &saying{wrong: "\"protocol\" value is invalid\n"}, parse: ruleProto, about: helps("who made it")},
	{name: "tun_id", val: valFunc, arg: "NUMBER", says: &saying{wrong: "\"tun_id\" value is invalid\n"}, parse: ruleTunID, about: helps("packets from a tunnel of this id")},
	{name: "table", val: valFunc, arg: "TABLE_ID", says: &saying{wrong: "invalid table ID\n"}, parse: ruleTableID, about: helps("the table to look in")},
	{name: "lookup", exact: true, val: valFunc, arg: "TABLE_ID", says: &saying{wrong: "invalid table ID\n"}, parse: ruleTableID, about: helps("the same")},
	{name: "suppress_prefixlength", val: valFunc, arg: "NUMBER", parse: ruleSuppressLen, about: helps("take no route whose network is as long as this, or shorter")},
	{name: "sup_pl", exact: true, val: valFunc, arg: "NUMBER", parse: ruleSuppressLen, about: helps("the same")},
	{name: "suppress_ifgroup", val: valFunc, arg: "DEVGROUP", parse: ruleSuppressGroup, about: helps("take no route by a link of this group")},
	{name: "sup_group", exact: true, val: valFunc, arg: "DEVGROUP", parse: ruleSuppressGroup, about: helps("the same")},
	{name: "dev", exact: true, val: valFunc, arg: "NAME", attr: uint16(rtnl.FRA_IIFNAME), says: &saying{wrong: badIif}, parse: ruleDevice, about: helps("the same as iif")},
	{name: "iif", exact: true, val: valFunc, arg: "NAME", attr: uint16(rtnl.FRA_IIFNAME), says: &saying{wrong: badIif}, parse: ruleDevice, about: helps("packets that came in by this link")},
	{name: "oif", exact: true, val: valFunc, arg: "NAME", attr: uint16(rtnl.FRA_OIFNAME), says: &saying{wrong: badOif}, parse: ruleDevice, about: helps("packets of sockets that are bound to this link")},
	{name: "l3mdev", exact: true, val: valFunc, parse: ruleL3mdev, about: helps("look in the table of the VRF of the link")},
	{name: "uidrange", exact: true, val: valFunc, arg: "NUMBER-NUMBER", parse: ruleUIDRange, about: helps("packets of these users")},
	{name: "nat", exact: true, val: valFunc, arg: "ADDRESS", parse: ruleNAT, about: helps("no kernel does this any more")},
	{name: "map-to", val: valFunc, arg: "ADDRESS", parse: ruleNAT, about: helps("the same")},
	{name: "ipproto", exact: true, val: valFunc, arg: "PROTOCOL", parse: ruleIPProto, about: helps("packets of this protocol")},
	{name: "sport", exact: true, val: valFunc, arg: "NUMBER[-NUMBER]", attr: uint16(rtnl.FRA_SPORT_RANGE), says: &saying{wrong: badSport}, parse: rulePorts, about: helps("packets from this port, or these")},
	{name: "dport", exact: true, val: valFunc, arg: "NUMBER[-NUMBER]", attr: uint16(rtnl.FRA_DPORT_RANGE), says: &saying{wrong: badDport}, parse: rulePorts, about: helps("packets to this port, or these")},
}}

const (
	badPreference = "preference value is invalid\n"
	badIif        = "\"iif\"/\"dev\" not a valid ifname"
	badOif        = "\"oif\" not a valid ifname"
	badSport      = "invalid port range\n"
	badDport      = "invalid dport range\n"
)

// ruleState is an "ip rule add" and the like while its words are read.
type ruleState struct {
	request
	h        rtnl.FibRuleHdr // put into the request when all words are read
	table    uint32
	acts     bool // the words say what the rule does
	l3mdev   bool
	warnings []step
}

func ruleNot(_ *args, st state, _ *option) { st.(*ruleState).h.Flags |= rtnl.FIB_RULE_INVERT }

func rulePrefix(a *args, st state, o *option) {
	s := st.(*ruleState)
	p := a.prefix(s.h.Family)
	s.putIP(nl.AttrIP(o.attr), &p)
	if nl.AttrIP(o.attr) == rtnl.FRA_SRC {
		s.h.SrcLen = uint8(p.bits)
	} else {
		s.h.DstLen = uint8(p.bits)
	}
}

func ruleTos(a *args, st state, _ *option) {
	st.(*ruleState).h.Tos = uint8(a.word(&tosNames, "TOS value is invalid\n", nil))
}

// fwmark reads "MARK" or "MARK/MASK".
func (a *args) fwmark() (mark, mask uint32, masked bool) {
	m, k, masked := strings.Cut(a.next(), "/")
	v, ok := parseUint(m, 32)
	if !ok && a.err == nil {
		a.wrong(m, "fwmark value is invalid\n")
	}
	if masked {
		w, ok := parseUint(k, 32)
		if !ok && a.err == nil {
			a.wrong(k, "fwmask value is invalid\n")
		}
		mask = uint32(w)
	}
	return uint32(v), mask, masked
}

func ruleMark(a *args, st state, _ *option) {
	q := st.req()
	mark, mask, masked := a.fwmark()
	q.b.U32(rtnl.FRA_FWMARK, mark)
	if masked {
		q.b.U32(rtnl.FRA_FWMASK, mask)
	}
}

func ruleRealms(a *args, st state, o *option) {
	w := a.next()
	v, ok := parseRealms(w)
	if !ok && a.err == nil {
		a.bad(o, w)
	}
	st.req().b.U32(rtnl.FRA_FLOW, v)
}

func ruleProto(a *args, st state, o *option) {
	st.req().b.U8(rtnl.FRA_PROTOCOL, uint8(a.named(&protoNames, o)))
}

// uint64 takes a number of 64 bits.
func (a *args) uint64(wrong string) uint64 {
	w := a.next()
	v, ok := parseUint(w, 64)
	if !ok && a.err == nil {
		a.wrong(w, wrong)
	}
	return v
}

func ruleTunID(a *args, st state, o *option) {
	st.req().b.Blob(rtnl.FRA_TUN_ID, binary.BigEndian.AppendUint64(nil, a.uint64(o.wrong())))
}

func ruleTableID(a *args, st state, o *option) {
	s := st.(*ruleState)
	s.table, s.acts = a.named(&tableNames, o), true
	if s.table < 256 {
		s.h.Table = uint8(s.table)
		return
	}
	s.h.Table = unix.RT_TABLE_UNSPEC
	s.b.U32(rtnl.FRA_TABLE, s.table)
}

func ruleSuppressLen(a *args, st state, _ *option) {
	w := a.next()
	v, ok := parseInt(w)
	if (!ok || v < 0) && a.err == nil {
		a.wrong(w, "suppress_prefixlength value is invalid\n")
	}
	st.req().b.U32(rtnl.FRA_SUPPRESS_PREFIXLEN, uint32(v))
}

func ruleSuppressGroup(a *args, st state, _ *option) {
	w := a.next()
	v, ok := groups.value(w)
	if !ok && a.err == nil {
		a.wrong(w, "Invalid \"suppress_ifgroup\" value\n")
	}
	st.req().b.U32(rtnl.FRA_SUPPRESS_IFGROUP, v)
}

// ruleDevice reads the name of an interface, which need not be there.
func ruleDevice(a *args, st state, o *option) {
	st.req().b.Str(nl.AttrStr(o.attr), a.ifname(o.wrong()))
}

// ifname takes a word that an interface may be called.
func (a *args) ifname(wrong string) string {
	w := a.next()
	if a.err == nil && !validIfName(w) {
		a.wrong(w, wrong)
	}
	return w
}

func ruleL3mdev(_ *args, st state, _ *option) {
	s := st.(*ruleState)
	s.b.U8(rtnl.FRA_L3MDEV, 1)
	s.acts, s.l3mdev = true, true
}

// scanNumbers reads "NUMBER" or "NUMBER-NUMBER" as scanf(3) reads "%u-%u": what
// follows is not looked at, and what is too large is cut. n is how many numbers
// there were.
func scanNumbers(s string) (from, to uint64, n int) {
	number := func() (v uint64, ok bool) {
		s = strings.TrimLeft(s, " \t\n\v\f\r")
		neg := s != "" && s[0] == '-'
		if neg || s != "" && s[0] == '+' {
			s = s[1:]
		}
		for s != "" && s[0] >= '0' && s[0] <= '9' {
			v, ok, s = v*10+uint64(s[0]-'0'), true, s[1:]
		}
		if neg {
			v = -v
		}
		return v, ok
	}
	from, ok := number()
	if !ok {
		return 0, 0, 0
	}
	if s == "" || s[0] != '-' {
		return from, from, 1
	}
	s = s[1:]
	if to, ok = number(); !ok {
		return from, from, 1
	}
	return from, to, 2
}

// uidRange reads struct fib_rule_uid_range.
func (a *args) uidRange() (r [8]byte) {
	w := a.next()
	from, to, n := scanNumbers(w)
	if n != 2 && a.err == nil {
		a.wrong(w, "invalid UID range\n")
	}
	binary.NativeEndian.PutUint32(r[:], uint32(from))
	binary.NativeEndian.PutUint32(r[4:], uint32(to))
	return r
}

func ruleUIDRange(a *args, st state, _ *option) {
	r := a.uidRange()
	st.req().b.Blob(rtnl.FRA_UID_RANGE, r[:])
}

// portRange reads struct fib_rule_port_range.
func (a *args) portRange(wrong string) (r [4]byte) {
	w := a.next()
	from, to, n := scanNumbers(w)
	if n == 0 && a.err == nil {
		a.wrong(w, wrong)
	}
	binary.NativeEndian.PutUint16(r[:], uint16(from))
	binary.NativeEndian.PutUint16(r[2:], uint16(to))
	return r
}

func rulePorts(a *args, st state, o *option) {
	r := a.portRange(o.wrong())
	st.req().b.Blob(nl.AttrBytes(o.attr), r[:])
}

// ruleNAT reads an address that no kernel has looked at for long: it has the
// number of a route's gateway.
func ruleNAT(a *args, st state, _ *option) {
	s := st.(*ruleState)
	w := a.next()
	if a.err != nil {
		return
	}
	s.warnings = append(s.warnings, warning("Warning: route NAT is deprecated"))
	p, ok := parseAddr(w, unix.AF_INET)
	if !ok {
		a.exitf(`Error: an IP address is expected rather than "`, w, `"`)
	}
	s.b.IP(rtnl.RTA_GATEWAY, p.b[:4])
	s.h.Action = unix.RTN_NAT
}

func ruleIPProto(a *args, st state, _ *option) { st.req().b.U8(rtnl.FRA_IP_PROTO, a.ipProto()) }

// action reads what is none of the keywords.
func (s *ruleState) action(a *args) {
	if a.take("type") && !a.more() {
		a.next()
		return
	}
	w := a.next()
	s.acts = true
	switch {
	case matches(w, "help"):
		a.fail(a.usage())
	case matches(w, "goto"):
		s.h.Action = rtnl.FR_ACT_GOTO
		s.b.U32(rtnl.FRA_GOTO, a.uint32("invalid target\n"))
	case matches(w, "nop"):
		s.h.Action = rtnl.FR_ACT_NOP
	default:
		t, ok := routeType(w)
		if !ok && a.err == nil {
			a.wrong(w, "Failed to parse rule type")
		}
		s.h.Action = t
	}
}

// parseRuleModify reads add and delete.
func parseRuleModify(a *args) (*plan, error) {
	s := a.mem.ruleState()
	s.h.Family = a.g.family
	add := a.cmd.typ == unix.RTM_NEWRULE
	if !a.more() {
		name := "del"
		if add {
			name = "add"
		}
		return nil, failf(exitMissing, `"ip rule `+name+`" requires arguments.`)
	}
	if add {
		s.h.Action = rtnl.FR_ACT_TO_TBL
		rtnl.NewRule(&s.b, a.cmd.flags, rtnl.FibRuleHdr{})
	} else {
		rtnl.DelRule(&s.b, rtnl.FibRuleHdr{})
	}
	for a.more() {
		if !a.option(&ruleTable, s, nil) {
			s.action(a)
		}
	}
	if s.l3mdev && s.table != 0 {
		a.failf(int(unix.EINVAL), "table can not be specified for l3mdev rules")
	}
	if a.err != nil {
		a.err = withWarnings(a.err, s.warnings)
		return nil, a.err
	}
	if s.h.Family == unix.AF_UNSPEC {
		s.h.Family = unix.AF_INET
	}
	if add && !s.acts {
		s.h.Table = unix.RT_TABLE_MAIN
	}
	h := &s.h
	for i, v := range [...]uint8{h.Family, h.DstLen, h.SrcLen, h.Tos, h.Table, 0, 0, h.Action} {
		s.patch(i, v)
	}
	s.b.PutU32(nl.HeaderLen+8, h.Flags)
	q := hinted{&s.request, ruleHint}
	if a.g.echo {
		s.setFlags(unix.NLM_F_ECHO)
		return &plan{append(s.warnings, &echo{q, (*printer).ruleReply})}, s.b.Err()
	}
	return &plan{append(s.warnings, q)}, s.b.Err()
}

// ruleHint is about a change of rules.
func ruleHint(r *runner, e *nl.Error) string {
	v, err := rtnl.ParseRule(e.Request)
	if err != nil {
		return ""
	}
	_, src := v.Attrs.IP(rtnl.FRA_SRC)
	_, dst := v.Attrs.IP(rtnl.FRA_DST)
	switch {
	case e.Errno == unix.ENOENT && e.Type == unix.RTM_DELRULE:
		return `no rule has all that was named: "ip rule" and "ip -6 rule" list those that there are`
	case e.Errno == unix.EEXIST:
		return "there is this rule already: another preference adds it once more"
	case e.Errno == unix.EINVAL && v.Family == unix.AF_INET && (src || dst) && strings.HasSuffix(strings.TrimSuffix(e.Text, "."), " address"):
		return `a rule for IPv6 is made by "ip -6 rule"`
	}
	return ""
}
