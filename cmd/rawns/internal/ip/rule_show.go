package ip

import (
	"encoding/binary"
	"errors"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
)

// A ruleFilter is what a list of rules, or a flush, is restricted to.
type ruleFilter struct {
	pref         uint32
	byPref       bool
	not          bool
	tos          uint8
	byTos        bool
	mark, mask   uint32 // 0: any
	iif, oif     string // "": any
	l3mdev       bool
	uids         [8]byte
	byUIDs       bool
	tunID        uint64 // 0: any
	table        uint32 // 0: any
	src, dst     prefix
	bySrc, byDst bool
	proto        uint8
	byProto      bool    // only a flush looks at it, as in iproute2
	ipProto      uint8   // 0: any
	sport, dport [4]byte // any if they begin with 0
}

// ruleShow is the step that lists rules, or flushes them.
type ruleShow struct {
	f      ruleFilter
	family uint8 // to ask for
	want   uint8 // that the options name, or AF_UNSPEC
	flush  bool
}

func newRuleShow(a *args) *ruleShow {
	s := &ruleShow{family: a.g.family, want: a.g.family}
	if s.family == unix.AF_UNSPEC {
		s.family = unix.AF_INET
	}
	return s
}

func parseRuleList(a *args) (*plan, error)  { return parseRuleShow(a, false) }
func parseRuleFlush(a *args) (*plan, error) { return parseRuleShow(a, true) }

func parseRuleShow(a *args, flush bool) (*plan, error) {
	s := newRuleShow(a)
	s.flush = flush
	for a.more() {
		s.word(a)
	}
	return &plan{[]step{s}}, a.err
}

// word reads one restriction.
func (s *ruleShow) word(a *args) {
	f := &s.f
	switch w := a.next(); {
	case matches(w, "preference"), matches(w, "order"), matches(w, "priority"):
		f.pref, f.byPref = a.uint32(badPreference), true
	case w == "not":
		f.not = true
	case w == "tos", w == "dsfield":
		f.tos, f.byTos = uint8(a.word(&tosNames, "TOS value is invalid\n", nil)), true
	case w == "fwmark":
		mark, mask, masked := a.fwmark()
		f.mark = mark
		if masked {
			f.mask = mask
		}
	case w == "dev", w == "iif":
		f.iif = a.ifname(badIif)
	case w == "oif":
		f.oif = a.ifname(badOif)
	case w == "l3mdev":
		f.l3mdev = true
	case w == "uidrange":
		f.uids, f.byUIDs = a.uidRange(), true
	case matches(w, "tun_id"):
		f.tunID = a.uint64("\"tun_id\" value is invalid\n")
	case matches(w, "lookup"), matches(w, "table"):
		f.table = a.word(&tableNames, "table id value is invalid\n", nil)
	case matches(w, "from"), matches(w, "src"):
		f.src, f.bySrc = a.prefix(s.family), true
	case matches(w, "protocol"):
		f.proto = uint8(a.word(&protoNames, "invalid \"protocol\"\n", &f.byProto))
	case w == "ipproto":
		f.ipProto = a.ipProto()
	case w == "sport":
		f.sport = a.portRange(badSport)
	case w == "dport":
		f.dport = a.portRange(badDport)
	default:
		if !matches(w, "dst") && !matches(w, "to") {
			a.w = append([]string{w}, a.w...)
		}
		f.dst, f.byDst = a.prefix(s.family), true
	}
}

// frCount is how many FRA_ numbers are known, 0 included.
const frCount = int(rtnl.FRA_DSCP_MASK) + 1

// A ruleView is a received rule with its attributes sorted.
type ruleView struct {
	rtnl.Rule
	at    [frCount]nl.Attr
	table uint32
}

func (v *ruleView) parse(m nl.Message) (err error) {
	if v.Rule, err = rtnl.ParseRule(m); err != nil {
		return err
	}
	v.Attrs.Index(v.at[:])
	v.table = v.Rule.Table()
	return nil
}

// u32 is a number, 0 if it is missing.
func (v *ruleView) u32(a nl.AttrU32) uint32 { n, _ := v.at[a].U32(); return n }

func (v *ruleView) tunID() (uint64, bool) {
	b := v.at[rtnl.FRA_TUN_ID].Bytes()
	if len(b) != 8 {
		return 0, false
	}
	return binary.BigEndian.Uint64(b), true
}

// passes tells whether a rule is one of those that are asked for.
func (s *ruleShow) passes(v *ruleView) bool {
	f := &s.f
	inside := func(p *prefix, by bool, a nl.Attr, bits uint8) bool {
		return !by || p.family == v.Family && p.bits <= int(bits) && (!a.Present() || p.covers(a.Bytes(), p.bits))
	}
	name := func(want string, a nl.Attr) bool { return want == "" || a.Present() && string(a.Str()) == want }
	number := func(a nl.Attr) uint8 { n, _ := a.U8(); return n }
	ports := func(want [4]byte, a nl.Attr) bool {
		return want[0] == 0 && want[1] == 0 || string(a.Bytes()) == string(want[:])
	}
	tun, _ := v.tunID()
	return (s.want == unix.AF_UNSPEC || v.Family == s.want) &&
		(!f.byPref || v.u32(rtnl.FRA_PRIORITY) == f.pref) &&
		(!f.not || v.Flags&rtnl.FIB_RULE_INVERT != 0) &&
		inside(&f.src, f.bySrc, v.at[rtnl.FRA_SRC], v.SrcLen) && inside(&f.dst, f.byDst, v.at[rtnl.FRA_DST], v.DstLen) &&
		(!f.byTos || v.Tos == f.tos) &&
		(f.mark == 0 || v.u32(rtnl.FRA_FWMARK) == f.mark) && (f.mask == 0 || v.u32(rtnl.FRA_FWMASK) == f.mask) &&
		name(f.iif, v.at[rtnl.FRA_IIFNAME]) && name(f.oif, v.at[rtnl.FRA_OIFNAME]) &&
		(!f.l3mdev || number(v.at[rtnl.FRA_L3MDEV]) != 0) &&
		(!f.byUIDs || string(v.at[rtnl.FRA_UID_RANGE].Bytes()) == string(f.uids[:])) &&
		(f.ipProto == 0 || number(v.at[rtnl.FRA_IP_PROTO]) == f.ipProto) &&
		ports(f.sport, v.at[rtnl.FRA_SPORT_RANGE]) && ports(f.dport, v.at[rtnl.FRA_DPORT_RANGE]) &&
		(f.tunID == 0 || tun == f.tunID) &&
		(f.table == 0 || v.table == f.table)
}

func (s *ruleShow) request(b *nl.Builder) { rtnl.GetRule(b, s.family) }

func (s *ruleShow) run(r *runner) error {
	var b nl.Builder
	s.request(&b)
	p := r.g.printer(r.out)
	p.open()
	var v ruleView
	err := r.dump(&b, nil, func(m nl.Message) error {
		if err := v.parse(m); err != nil {
			return notMine(err)
		}
		switch {
		case !s.passes(&v):
		case s.flush:
			return s.delete(r, m, &v)
		default:
			p.rule(r, m, &v)
		}
		return nil
	})
	p.close()
	return dumpTerminated(err)
}

// dumpTerminated words what the kernel said to the request for a list.
func dumpTerminated(err error) error {
	var k *nl.Error
	if errors.As(err, &k) {
		f := refusalAnd(k, exitUsage, "Dump terminated")
		f.goesOn = true
		return f
	}
	return err
}

// delete deletes a rule, unless it is the first of all: preference 0 is no
// attribute, and its rule stays.
func (s *ruleShow) delete(r *runner, m nl.Message, v *ruleView) error {
	if proto, ok := v.at[rtnl.FRA_PROTOCOL].U8(); ok && s.f.byProto && proto != s.f.proto || !v.at[rtnl.FRA_PRIORITY].Present() {
		return nil
	}
	c, err := r.aside()
	if err != nil {
		return err
	}
	var del nl.Builder
	appendDelete(&del, m, unix.RTM_DELRULE)
	return c.Do(&del, nil)
}

// ruleReply is what shows the rule that answers a request.
func (p *printer) ruleReply(r *runner, m nl.Message) {
	var v ruleView
	if v.parse(m) == nil {
		p.rule(r, m, &v)
	}
}

// rule writes a rule.
func (p *printer) rule(r *runner, m nl.Message, v *ruleView) {
	p.Obj("")
	if m.Type() == unix.RTM_DELRULE {
		p.Flag("deleted", "Deleted ")
	}
	p.Uint("priority", "", uint64(v.u32(rtnl.FRA_PRIORITY)), ":\t")
	if v.Flags&rtnl.FIB_RULE_INVERT != 0 {
		p.null("not", "not ")
	}
	p.T("from ")
	p.ruleNet("src", "srclen", v, v.at[rtnl.FRA_SRC], v.SrcLen, "all")
	if v.at[rtnl.FRA_DST].Present() || v.DstLen != 0 {
		p.T(" to ")
		p.ruleNet("dst", "dstlen", v, v.at[rtnl.FRA_DST], v.DstLen, "0")
	}
	if v.Tos != 0 {
		p.Str("tos", " tos ", tosNames.name(uint32(v.Tos), p.num), "")
	}
	if v.at[rtnl.FRA_FWMARK].Present() || v.at[rtnl.FRA_FWMASK].Present() {
		p.Hex("fwmark", " fwmark ", uint64(v.u32(rtnl.FRA_FWMARK)), "")
		if mask, ok := v.at[rtnl.FRA_FWMASK].U32(); ok && mask != 1<<32-1 {
			p.Hex("fwmask", "/", uint64(mask), "")
		}
	}
	p.ruleDevice("iif", v.at[rtnl.FRA_IIFNAME], v.Flags&rtnl.FIB_RULE_IIF_DETACHED != 0)
	p.ruleDevice("oif", v.at[rtnl.FRA_OIFNAME], v.Flags&rtnl.FIB_RULE_OIF_DETACHED != 0)
	if n, _ := v.at[rtnl.FRA_L3MDEV].U8(); n != 0 {
		p.null("l3mdev", " lookup [l3mdev-table]")
	}
	if b := v.at[rtnl.FRA_UID_RANGE].Bytes(); len(b) >= 8 {
		p.Uint("uid_start", " uidrange ", uint64(binary.NativeEndian.Uint32(b)), "")
		p.Uint("uid_end", "-", uint64(binary.NativeEndian.Uint32(b[4:])), "")
	}
	if n, ok := v.at[rtnl.FRA_IP_PROTO].U8(); ok {
		p.Str("ipproto", " ipproto ", ipProtoName(n, p.num), "")
	}
	p.rulePorts("sport", v.at[rtnl.FRA_SPORT_RANGE].Bytes())
	p.rulePorts("dport", v.at[rtnl.FRA_DPORT_RANGE].Bytes())
	if id, ok := v.tunID(); ok {
		p.Uint("tun_id", " tun_id ", id, "")
	}
	if v.table != 0 {
		p.Str("table", " lookup ", tableNames.name(v.table, p.num), "")
		if n, ok := v.at[rtnl.FRA_SUPPRESS_PREFIXLEN].U32(); ok && n != 1<<32-1 {
			p.Int("suppress_prefixlen", " suppress_prefixlength ", int64(int32(n)), "")
		}
		if n, ok := v.at[rtnl.FRA_SUPPRESS_IFGROUP].U32(); ok && n != 1<<32-1 {
			p.Str("suppress_ifgroup", " suppress_ifgroup ", groups.name(n, p.num), "")
		}
	}
	if n, ok := v.at[rtnl.FRA_FLOW].U32(); ok {
		p.T(" realms ")
		if n>>16 != 0 {
			p.Str("flow_from", "", realmNames.name(n>>16, p.num), "/")
		}
		p.Str("flow_to", "", realmNames.name(n&0xffff, p.num), "")
	}
	p.ruleAction(v)
	if n, ok := v.at[rtnl.FRA_PROTOCOL].U8(); ok && (n != 0 && n != unix.RTPROT_KERNEL || r.g.details > 0) {
		p.Str("protocol", " proto ", protoNames.name(uint32(n), p.num), "")
	}
	p.End()
	p.EndObj()
	p.o.S() // write what there is of it: JSON alone does not
}

// null writes text, or a key without a value.
func (p *printer) null(k, text string) {
	p.JNull(k)
	p.T(text)
}

// ruleNet writes an address and the length of its network; all is what no
// address is called, if no length either is there.
func (p *printer) ruleNet(k, kLen string, v *ruleView, a nl.Attr, bits uint8, all string) {
	switch {
	case a.Present():
		p.in(familyColor(v.Family)).prefixText(k, "", v.Family, a.Bytes(), noLen, "")
		if int(bits) == hostBits(v.Family) {
			return
		}
	case bits == 0:
		p.Str(k, "", all, "")
		return
	default:
		p.Str(k, "", "0", "")
	}
	p.Uint(kLen, "/", uint64(bits), "")
}

// hostBits is addrBits, -1 for a family without addresses.
func hostBits(family uint8) int {
	if n := addrBits(family); n != 0 {
		return n
	}
	return -1
}

func (p *printer) ruleDevice(k string, a nl.Attr, detached bool) {
	if !a.Present() {
		return
	}
	p.T(" ", k, " ")
	p.in(colIfname).Str(k, "", string(a.Str()), "")
	if detached {
		p.null(k+"_detached", " [detached]")
	}
}

func (p *printer) rulePorts(k string, b []byte) {
	if len(b) < 4 {
		return
	}
	from, to := uint64(binary.NativeEndian.Uint16(b)), uint64(binary.NativeEndian.Uint16(b[2:]))
	if from == to {
		p.Uint(k, " "+k+" ", from, "")
		return
	}
	p.Uint(k+"_start", " "+k+" ", from, "")
	p.Uint(k+"_end", "-", to, "")
}

func (p *printer) ruleAction(v *ruleView) {
	switch v.Action {
	case rtnl.FR_ACT_TO_TBL:
	case unix.RTN_NAT:
		if gw := v.at[rtnl.RTA_GATEWAY]; gw.Present() {
			p.Str("nat_gateway", " map-to ", string(appendAddr(nil, v.Family, gw.Bytes())), "")
		} else {
			p.null("masquerade", " masquerade")
		}
	case rtnl.FR_ACT_GOTO:
		if n, ok := v.at[rtnl.FRA_GOTO].U32(); ok {
			p.Uint("goto", " goto ", uint64(n), "")
		} else {
			p.Str("goto", " goto ", "none", "")
		}
		if v.Flags&rtnl.FIB_RULE_UNRESOLVED != 0 {
			p.null("unresolved", " [unresolved]")
		}
	case rtnl.FR_ACT_NOP:
		p.null("nop", " nop")
	default:
		p.Str("action", " ", routeTypeName(v.Action, p.num), "")
	}
}
