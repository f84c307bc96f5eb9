package ip

import (
	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl/rtnl"
)

// addrCommands is the object address.
var addrCommands = commands{name: "ip address", none: parseAddrList, where: addrWhere, rows: []command{
	{name: "add", usage: "[ local ] PREFIX dev DEVICE [ OPTIONS ] [ FLAG ]...", opts: []*table{&addrTable}, parse: parseAddrModify, typ: unix.RTM_NEWADDR, flags: unix.NLM_F_CREATE | unix.NLM_F_EXCL, about: helps("give a link an address")},
	{name: "change", usage: "[ local ] PREFIX dev DEVICE [ OPTIONS ] [ FLAG ]...", opts: []*table{&addrTable}, parse: parseAddrModify, typ: unix.RTM_NEWADDR, flags: unix.NLM_F_REPLACE, about: helps("change the lifetimes and flags of one")},
	{name: "chg", exact: true, quiet: true, parse: parseAddrModify, typ: unix.RTM_NEWADDR, flags: unix.NLM_F_REPLACE},
	{name: "replace", usage: "[ local ] PREFIX dev DEVICE [ OPTIONS ] [ FLAG ]...", opts: []*table{&addrTable}, parse: parseAddrModify, typ: unix.RTM_NEWADDR, flags: unix.NLM_F_CREATE | unix.NLM_F_REPLACE, about: helps("add it, or change it")},
	{name: "delete", usage: "[ local ] PREFIX dev DEVICE [ OPTIONS ]", opts: []*table{&addrTable}, parse: parseAddrModify, typ: unix.RTM_DELADDR, about: helps("take an address away")},
	{name: "list", quiet: true, parse: parseAddrList},
	{name: "show", usage: addrSelector, parse: parseAddrList, about: helps("list links and their addresses")},
	{name: "lst", quiet: true, parse: parseAddrList},
	{name: "flush", usage: addrSelector, parse: parseAddrFlush, about: helps("take away all that are selected")},
	{name: "save", usage: addrSelector + " > FILE", parse: parseAddrSave, about: helps("write addresses to a file, for restore")},
	{name: "showdump", usage: "< FILE", parse: parseAddrShowdump, about: helps("show what is in such a file")},
	{name: "restore", usage: "< FILE", parse: parseAddrRestore, about: helps("add what is in such a file")},
}}

const addrSelector = "[ [ dev ] DEVICE ] [ scope SCOPE ] [ to PREFIX ] [ label PATTERN ] [ up ] [ STATE ]... [ type KIND ] [ master DEVICE | nomaster ] [ vrf NAME ] [ group GROUP ]"

func parseAddrList(a *args) (*plan, error)  { return parseAddrShow(a, false) }
func parseAddrFlush(a *args) (*plan, error) { return parseAddrShow(a, true) }

// An addrFlag is a property of addresses: an IFA_F_ bit and its word.
type addrFlag struct {
	name     string
	bit      uint32
	readonly bool // the kernel sets it; a request that names it is told so
	inet6    bool // IPv4 addresses do not have it
}

// addrFlags is in the order in which they are listed. Two words stand for the
// first bit: IPv4 calls it secondary, IPv6 temporary.
var addrFlags = [...]addrFlag{
	{"secondary", unix.IFA_F_SECONDARY, true, false},
	{"temporary", unix.IFA_F_SECONDARY, true, false},
	{"nodad", unix.IFA_F_NODAD, false, true},
	{"optimistic", unix.IFA_F_OPTIMISTIC, false, true},
	{"dadfailed", unix.IFA_F_DADFAILED, true, true},
	{"home", unix.IFA_F_HOMEADDRESS, false, true},
	{"deprecated", unix.IFA_F_DEPRECATED, true, true},
	{"tentative", unix.IFA_F_TENTATIVE, true, true},
	{"permanent", unix.IFA_F_PERMANENT, true, true},
	{"mngtmpaddr", unix.IFA_F_MANAGETEMPADDR, false, true},
	{"noprefixroute", unix.IFA_F_NOPREFIXROUTE, false, false},
	{"autojoin", unix.IFA_F_MCAUTOJOIN, false, false},
	{"stable-privacy", unix.IFA_F_STABLE_PRIVACY, true, true},
}

func findAddrFlag(word string) *addrFlag {
	for i := range addrFlags {
		if addrFlags[i].name == word {
			return &addrFlags[i]
		}
	}
	return nil
}

// addrState is an "ip address add" and the like while its words are read.
type addrState struct {
	request
	family      uint8
	flags       uint32
	scope       uint8
	scoped      bool
	dev         string
	hasDev      bool
	local, peer prefix
	localWord   string // made safe
	hasLocal    bool
	hasPeer     bool
	anycast     bool
	broadcast   brd
	lft         rtnl.Lifetimes
	hasValid    bool
	hasPref     bool
	warnings    []step
}

// brd is how the broadcast address was given.
type brd uint8

const (
	brdNone  brd = iota
	brdGiven     // it is in the request
	brdOnes      // "+": host bits set
	brdZeros     // "-": host bits cleared
)

// addrTable holds the keywords of a change; the flags, and "local", which may
// be left out, are no rows.
var addrTable = table{name: "address", rows: []option{
	{name: "peer", exact: true, val: valFunc, arg: "PREFIX", parse: addrPeer, about: helps("the other end of a point-to-point link")},
	{name: "remote", exact: true, val: valFunc, arg: "PREFIX", parse: addrPeer, about: helps("the same")},
	{name: "broadcast", val: valFunc, arg: "{ ADDR | + | - }", parse: addrBroadcast, about: helps("everybody's address; + sets the host bits, - clears them")},
	{name: "brd", exact: true, val: valFunc, arg: "{ ADDR | + | - }", parse: addrBroadcast, about: helps("the same")},
	{name: "anycast", exact: true, val: valFunc, arg: "ADDR", parse: addrAnycast, about: helps("an anycast address")},
	{name: "scope", exact: true, val: valFunc, arg: "SCOPE", parse: addrScope, about: helps("how far the address is valid")},
	{name: "dev", exact: true, val: valFunc, arg: "DEVICE", parse: addrDev, about: helps("the link that gets it")},
	{name: "label", exact: true, val: valStr, attr: uint16(rtnl.IFA_LABEL), arg: "LABEL", about: helps("a name for it, which older tools take for a link's")},
	{name: "metric", val: valU32, attr: uint16(rtnl.IFA_RT_PRIORITY), arg: "NUMBER", says: &saying{wrong: badMetric}, about: helps("the metric of the route to its network")},
	{name: "priority", val: valU32, attr: uint16(rtnl.IFA_RT_PRIORITY), arg: "NUMBER", says: &saying{wrong: badMetric}, about: helps("the same")},
	{name: "preference", val: valU32, attr: uint16(rtnl.IFA_RT_PRIORITY), arg: "NUMBER", says: &saying{wrong: badMetric}, about: helps("the same")},
	{name: "valid_lft", val: valFunc, arg: "{ forever | SECONDS }", parse: addrValidLft, about: helps("how long it lives")},
	{name: "preferred_lft", val: valFunc, arg: "{ forever | SECONDS }", parse: addrPreferredLft, about: helps("how long it is used for new connections")},
	{name: "proto", exact: true, val: valFunc, arg: "PROTOCOL", parse: addrProto, about: helps("who made it")},
}}

const badMetric = "\"metric\" value is invalid\n"

// is makes the family that of an address, if it is open yet.
func (s *addrState) is(family uint8) {
	if s.family == unix.AF_UNSPEC {
		s.family = family
	}
}

func addrPeer(a *args, st state, _ *option) {
	s := st.(*addrState)
	if s.hasPeer {
		a.twice("peer", a.next())
		return
	}
	s.peer = a.prefix(s.family)
	s.hasPeer = s.peer.n > 0
	s.is(s.peer.family)
	s.putIP(rtnl.IFA_ADDRESS, &s.peer)
}

func addrBroadcast(a *args, st state, _ *option) {
	s := st.(*addrState)
	if s.broadcast != brdNone {
		a.twice("broadcast", a.next())
		return
	}
	switch {
	case a.take("+"):
		s.broadcast = brdOnes
	case a.take("-"):
		s.broadcast = brdZeros
	default:
		p := a.addr(s.family)
		s.is(p.family)
		s.putIP(rtnl.IFA_BROADCAST, &p)
		s.broadcast = brdGiven
	}
}

func addrAnycast(a *args, st state, _ *option) {
	s := st.(*addrState)
	if s.anycast {
		a.twice("anycast", a.next())
		return
	}
	p := a.addr(s.family)
	s.is(p.family)
	s.putIP(rtnl.IFA_ANYCAST, &p)
	s.anycast = true
}

func addrScope(a *args, st state, _ *option) {
	s := st.(*addrState)
	w := a.next()
	v, ok := scopeNames.value(w)
	if !ok && a.err == nil {
		a.wrong(w, "invalid scope value.")
	}
	s.scope, s.scoped = uint8(v), true
}

func addrDev(a *args, st state, _ *option) {
	s := st.(*addrState)
	s.dev, s.hasDev = a.next(), true
}

// addrProto reads IFA_PROTO, which says who made an address; iproute2 has it
// since 6.3.
func addrProto(a *args, st state, _ *option) {
	s := st.(*addrState)
	w := a.next()
	v, ok := addrProtoNames.value(w)
	if !ok && a.err == nil {
		a.wrong(w, "\"proto\" value is invalid\n")
	}
	s.b.U8(rtnl.IFA_PROTO, uint8(v))
}

func addrValidLft(a *args, st state, o *option) {
	s := st.(*addrState)
	s.lft.Valid = a.lifetime(o, &s.hasValid)
}

func addrPreferredLft(a *args, st state, o *option) {
	s := st.(*addrState)
	s.lft.Preferred = a.lifetime(o, &s.hasPref)
}

// lifetime reads seconds, or "forever".
func (a *args) lifetime(o *option, has *bool) uint32 {
	if *has {
		a.twice(o.name, o.name) // iproute2 names the keyword twice
		return 0
	}
	*has = true
	w := a.next()
	if w == "forever" {
		return rtnl.Forever
	}
	v, ok := parseUint(w, 32)
	if !ok && a.err == nil {
		a.wrong(w, o.name+" value")
	}
	return uint32(v)
}

// parseAddrModify reads add, change, replace and delete.
func parseAddrModify(a *args) (*plan, error) {
	cmd, flags := a.cmd.typ, a.cmd.flags
	s := a.mem.addrState()
	s.family, s.lft = a.g.family, rtnl.Lifetimes{Valid: rtnl.Forever, Preferred: rtnl.Forever}
	if cmd == unix.RTM_NEWADDR {
		rtnl.NewAddr(&s.b, flags, rtnl.IfAddrmsg{})
	} else {
		rtnl.DelAddr(&s.b, rtnl.IfAddrmsg{})
	}
	for a.more() {
		if !a.option(&addrTable, s, nil) {
			addrWord(a, s)
		}
	}
	if a.err == nil {
		a.fail(s.finish(cmd))
	}
	if a.err != nil {
		a.err = withWarnings(a.err, s.warnings)
		return nil, a.err
	}
	q := hinted{&s.request, addrHint}
	if a.g.echo {
		s.setFlags(unix.NLM_F_ECHO)
		return &plan{append(s.warnings, &echo{q, (*printer).addrReply})}, nil
	}
	return &plan{append(s.warnings, q)}, nil
}

// addrWord reads a flag, or the address itself.
func addrWord(a *args, s *addrState) {
	if f := findAddrFlag(a.peek()); f != nil {
		a.next()
		switch {
		case f.readonly:
			s.warnings = append(s.warnings, warning("Warning: "+f.name+" option is not mutable from userspace"))
		case f.inet6 && s.family != unix.AF_INET6:
			s.warnings = append(s.warnings, warning("Warning: "+f.name+" option can be set only for IPv6 addresses"))
		default:
			s.flags |= f.bit
		}
		return
	}
	if a.take("local") && !a.more() {
		a.next()
		return
	}
	w := a.peek()
	switch {
	case matches(w, "help"):
		a.fail(a.usage())
		return
	case s.hasLocal:
		a.garbage("local", w)
		return
	}
	s.localWord = cli.Safe(w)
	s.local = a.prefix(s.family)
	s.hasLocal = s.local.n > 0
	s.is(s.local.family)
	if a.err == nil {
		s.putIP(rtnl.IFA_LOCAL, &s.local)
	}
}

// finish adds what follows from all the words together.
func (s *addrState) finish(cmd uint16) error {
	if s.flags > 0xff {
		s.b.U32(rtnl.IFA_FLAGS, s.flags)
	} else {
		s.patch(2, uint8(s.flags))
	}
	if !s.hasDev {
		return failf(exitMissing, `Not enough information: "dev" argument is required.`)
	}
	del := cmd == unix.RTM_DELADDR
	net := s.peer
	if !s.hasPeer && s.hasLocal {
		if del && s.local.family == unix.AF_INET && !s.local.given {
			// Without IFA_ADDRESS the kernel deletes the first address that
			// has this IFA_LOCAL, whatever the length of its network.
			s.warnings = append(s.warnings, wildcardWarning(s.localWord))
		} else {
			net = s.local
			s.putIP(rtnl.IFA_ADDRESS, &s.local)
		}
	}
	bits := s.peer.bits
	if bits == 0 {
		bits = s.local.bits
	}
	if (s.broadcast == brdOnes || s.broadcast == brdZeros) && !del {
		if s.family != unix.AF_INET {
			return failf(exitMissing, "Broadcast can be set only for IPv4 addresses")
		}
		if net.n == 4 && net.bits <= 30 {
			setHostBits(&net, s.broadcast == brdOnes)
			s.putIP(rtnl.IFA_BROADCAST, &net)
		}
	}
	scope := s.scope
	if !s.scoped && !del && s.local.family == unix.AF_INET && s.local.b[0] == 127 {
		scope = unix.RT_SCOPE_HOST
	}
	var late *failure // what iproute2 says after it has looked for the device
	if s.hasValid || s.hasPref {
		switch {
		case s.lft.Valid == 0:
			late = failf(exitMissing, "valid_lft is zero")
		case s.lft.Valid < s.lft.Preferred:
			late = failf(exitMissing, "preferred_lft is greater than valid_lft")
		}
		rtnl.PutLifetimes(&s.b, s.lft)
	}
	if late == nil && s.flags&unix.IFA_F_MCAUTOJOIN != 0 && !s.local.multicast() {
		late = failf(exitMissing, "autojoin needs multicast address")
	}
	s.patch(0, s.family)
	s.patch(1, uint8(bits))
	s.patch(3, scope)
	fix := s.devAt(addrIndexOff, s.dev, nil)
	if late != nil {
		fix.check = func(*runner, device) error { return late }
	}
	return s.b.Err()
}

// addrIndexOff is where a request's ifa_index stands.
const addrIndexOff = 16 + 4

// setHostBits sets or clears the bits of an IPv4 address behind its network's.
func setHostBits(p *prefix, on bool) {
	for i := p.bits; i < 32; i++ {
		mask := byte(0x80) >> (i & 7)
		if on {
			p.b[i/8] |= mask
		} else {
			p.b[i/8] &^= mask
		}
	}
}

func (p *prefix) multicast() bool {
	return p.family == unix.AF_INET && p.b[0]&0xf0 == 0xe0 || p.family == unix.AF_INET6 && p.b[0] == 0xff
}

func wildcardWarning(word string) warning {
	return warning("Warning: Executing wildcard deletion to stay compatible with old scripts.\n" +
		"         Explicitly specify the prefix length (" + word + "/32) to avoid this warning.\n" +
		"         This special behaviour is likely to disappear in further releases,\n" +
		"         fix your scripts!")
}

// withWarnings puts warnings before the words of a failure.
func withWarnings(err error, ws []step) error {
	f, ok := err.(*failure)
	if !ok || len(ws) == 0 {
		return err
	}
	g := *f
	g.text = ""
	for _, w := range ws {
		g.text += string(w.(warning)) + "\n"
	}
	g.text += f.text
	return &g
}

// addrWhere says which flags there are, and what selects addresses.
func addrWhere(o *cli.Out) {
	o.S("\nFLAG := {")
	sep := " "
	for i := range addrFlags {
		if f := &addrFlags[i]; !f.readonly {
			o.S(sep, f.name)
			sep = " | "
		}
	}
	o.S(` }
STATE := [-]{ permanent | dynamic | primary | secondary | temporary |
              deprecated | tentative | dadfailed | FLAG }
SCOPE := { global | site | link | host | NUMBER }`)
}
