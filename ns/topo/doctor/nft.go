package doctor

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strconv"

	"golang.org/x/sys/unix"

	"rawns/nl"
)

// Numbers of linux/netfilter/nf_tables.h: messages, and the attributes of
// chains, rules and expressions. All integers are in network byte order.
const (
	nftSubsys     = 10 << 8 // NFNL_SUBSYS_NFTABLES
	nftGetTable   = nftSubsys | 1
	nftGetChain   = nftSubsys | 4
	nftGetRule    = nftSubsys | 7
	nftGetSetElem = nftSubsys | 13

	tableName, tableFlags                         = 1, 2
	chainTable, chainName, chainHook, chainPolicy = 1, 3, 4, 5
	hookNum, hookPriority, hookDev, hookDevs      = 1, 2, 3, 4
	ruleTable, ruleChain, ruleHandle, ruleExprs   = 1, 2, 3, 4
	exprName, exprData                            = 1, 2
	dataValue, dataVerdict                        = 1, 2
	verdictCode, verdictChain                     = 1, 2
)

// nftFamily is a family as nft(8) spells it.
func nftFamily(family uint8) string {
	switch family {
	case familyInet:
		return "inet"
	case familyIPv4:
		return "ip"
	case familyARP:
		return "arp"
	case familyNetdev:
		return "netdev"
	case familyBridge:
		return "bridge"
	}
	return "ip6"
}

// be32 is an attribute's number; 0 if it is not there.
func be32(as nl.Attrs, t uint16) uint32 {
	a, _ := as.Get(t)
	v, _ := a.BE32()
	return v
}

func nested(as nl.Attrs, t uint16) nl.Attrs {
	a, _ := as.Get(t)
	return a.Attrs()
}

func text(as nl.Attrs, t uint16) string {
	a, _ := as.Get(t)
	return string(a.Str())
}

// value is the value of what an expression or a set element holds.
func value(as nl.Attrs) []byte {
	a, _ := as.Get(dataValue)
	return a.Bytes()
}

// setKey is what goes before a set's name in a map of all tables' sets.
func setKey(family uint8, table string) string { return string(rune(family)) + table + "\x00" }

// nftDump asks for a list; family 0 is all. Each gets the family and the
// attributes of a message, valid as long as buf.
func nftDump(c *nl.Conn, typ uint16, family uint8, ask func(*nl.Builder), each func(family uint8, as nl.Attrs)) error {
	var b nl.Builder
	b.Message(typ, unix.NLM_F_REQUEST)
	b.Extend(4)[0] = family // struct nfgenmsg
	if ask != nil {
		ask(&b)
	}
	list, err := c.List(&b, nil)
	if err != nil && err != nl.ErrDumpInterrupted {
		return err
	}
	for m := range nl.Messages(list) {
		if p := m.Payload(); len(p) >= 4 {
			each(p[0], nl.Attrs(p[4:]))
		}
	}
	return nil
}

// readNft reads the calling thread's namespace.
func readNft() (tables []*Table) {
	c, err := nl.Dial(unix.NETLINK_NETFILTER)
	if err != nil {
		return nil
	}
	defer c.Close()
	table := func(family uint8, name string) *Table {
		for _, t := range tables {
			if t.Family == family && t.Name == name {
				return t
			}
		}
		t := &Table{Family: family, Name: name, Tool: "nft"}
		tables = append(tables, t)
		return t
	}
	dormant := map[*Table]bool{} // none of their chains sees packets
	err = nftDump(c, nftGetTable, 0, nil, func(family uint8, as nl.Attrs) {
		if be32(as, tableFlags)&1 != 0 { // NFT_TABLE_F_DORMANT
			dormant[table(family, text(as, tableName))] = true
		}
	})
	if err != nil {
		return nil
	}
	err = nftDump(c, nftGetChain, 0, nil, func(family uint8, as nl.Attrs) {
		t := table(family, text(as, chainTable))
		k := &Chain{Name: text(as, chainName)}
		if hook := nested(as, chainHook); len(hook) > 0 && !dormant[t] {
			k.Base, k.Hook, k.Prio = true, Hook(be32(hook, hookNum)), int32(be32(hook, hookPriority))
			k.Drop = be32(as, chainPolicy) == 0
			if _, ok := as.Get(chainPolicy); !ok {
				k.Drop = false
			}
			if family == familyNetdev {
				k.Hook += hookIngress // NF_NETDEV_INGRESS is 0
			}
			k.Devs = []string{text(hook, hookDev)} // "" where there are several
			for a := range nested(hook, hookDevs).All() {
				k.Devs = append(k.Devs, string(a.Str()))
			}
			k.Accept = []string{"nft", "chain", nftFamily(family), t.Name, k.Name, "{ policy accept; }"}
		}
		t.Chains = append(t.Chains, k)
	})
	if err != nil {
		return nil
	}
	sets := map[string]*nftSet{}
	nftDump(c, nftGetRule, 0, nil, func(family uint8, as nl.Attrs) {
		t := table(family, text(as, ruleTable))
		k := t.chain(text(as, ruleChain))
		if k == nil {
			return
		}
		a, _ := as.Get(ruleHandle)
		handle := uint64(0)
		if len(a.Bytes()) == 8 {
			handle = binary.BigEndian.Uint64(a.Bytes())
		}
		n := strconv.FormatUint(handle, 10)
		exprs := nl.Attrs(slices.Clone(nested(as, ruleExprs)))
		r := &FilterRule{Text: "rule of " + k.Name + " with handle " + n, Del: []string{"nft", "delete", "rule", nftFamily(family), t.Name, k.Name, "handle", n}}
		for e := range exprs.All() {
			if x := e.Attrs(); text(x, exprName) == "lookup" {
				name := text(nested(x, exprData), 1)
				key := setKey(family, t.Name) + name
				if sets[key] == nil {
					sets[key] = &nftSet{table: t.Name, name: name, family: family}
				}
			}
		}
		r.Eval = func(h *Headers) *Outcome { return nftEval(exprs, h, setKey(family, t.Name), sets) }
		k.Rule = append(k.Rule, r)
	})
	for _, s := range sets {
		s.read(c)
	}
	return tables
}

// nftSet is a set or map that rules look things up in.
type nftSet struct {
	family      uint8
	table, name string
	elems       []nftElem // by key
	rest        *nftElem  // for all keys that are not there; nil for none
	unsure      bool      // its keys are not understood
}

type nftElem struct {
	key   []byte
	end   bool // an interval ends in front of the key
	value []byte
	code  int32 // of a verdict map
	chain string
}

func (s *nftSet) read(c *nl.Conn) {
	err := nftDump(c, nftGetSetElem, s.family, func(b *nl.Builder) {
		b.Str(1, s.table) // NFTA_SET_ELEM_LIST_TABLE, _SET
		b.Str(2, s.name)
	}, func(_ uint8, as nl.Attrs) {
		for a := range nested(as, 3).All() { // NFTA_SET_ELEM_LIST_ELEMENTS
			x := a.Attrs()
			key, _ := nested(x, 1).Get(dataValue)
			flags := be32(x, 3)
			e := nftElem{key: slices.Clone(key.Bytes()), end: flags&1 != 0}
			data := nested(x, 2)
			if v, ok := data.Get(dataValue); ok {
				e.value = slices.Clone(v.Bytes())
			}
			if v := nested(data, dataVerdict); len(v) > 0 {
				e.code, e.chain = int32(be32(v, verdictCode)), text(v, verdictChain)
			}
			if _, ok := x.Get(10); ok { // NFTA_SET_ELEM_KEY_END: ranges of several fields
				s.unsure = true
			}
			if flags&2 != 0 { // NFT_SET_ELEM_CATCHALL
				s.rest = &e
				continue
			}
			s.elems = append(s.elems, e)
		}
	})
	if err != nil {
		s.unsure = true
	}
}

func (s *nftSet) find(key []byte) *nftElem {
	var last *nftElem // of intervals: the last that begins, or ends, in front of the key
	intervals := false
	for i := range s.elems {
		e := &s.elems[i]
		intervals = intervals || e.end
		if same(&e.key, &key) && !e.end {
			return e
		}
		if bytes.Compare(e.key, key) <= 0 && (last == nil || bytes.Compare(e.key, last.key) > 0 || same(&e.key, &last.key) && last.end) {
			last = e
		}
	}
	if !intervals || last == nil || last.end {
		return s.rest
	}
	return last
}

// Verdicts as netfilter numbers them.
const (
	nfDrop, nfAccept                            = 0, 1
	nftContinue, nftBreak, nftJump, nftGoto int = -1, -2, -3, -4
	nftReturn                                   = -5
)

func outcomeOf(code int32, chain string, unsure bool) *Outcome {
	o := &Outcome{Chain: chain, Unsure: unsure}
	switch int(code) {
	case nfDrop:
		o.Verdict = Drop
	case nfAccept:
		o.Verdict = Accept
	case nftJump:
		o.Verdict = Jump
	case nftGoto:
		o.Verdict = Goto
	case nftReturn:
		o.Verdict = Return
	}
	return o
}

// nftRun is a packet on its way through a rule's expressions. The registers are
// 16 words; a rule that does something which is not modelled is unsure.
type nftRun struct {
	h      *Headers
	sets   map[string]*nftSet
	prefix string // of the keys in sets
	d      nl.Attrs
	regs   [64]byte
	bad    [64]bool // what is in these bytes is not known
	unsure bool
	o      *Outcome // nil: as if nothing matched
}

func nftEval(exprs nl.Attrs, h *Headers, prefix string, sets map[string]*nftSet) *Outcome {
	x := &nftRun{h: h, sets: sets, prefix: prefix}
	for e := range exprs.All() {
		as := e.Attrs()
		x.d = nested(as, exprData)
		if x.step(text(as, exprName)) {
			break
		}
	}
	if x.o == nil {
		return &Outcome{}
	}
	return x.o
}

// mark notes whether the bytes of a register are unknown. It is a part of regs,
// and its capacity tells which.
func (x *nftRun) mark(r []byte, v bool) {
	for i := range r {
		x.bad[len(x.regs)-cap(r)+i] = v
	}
}

// known tells whether the bytes of a register are; if not, the rule is unsure.
func (x *nftRun) known(r []byte) bool {
	for i := range r {
		if x.bad[len(x.regs)-cap(r)+i] {
			x.unsure = true
			return false
		}
	}
	return r != nil
}

// n is an attribute's number.
func (x *nftRun) n(t uint16) int { return int(be32(x.d, t)) }

// reg is the register that an attribute names, of n bytes; nil if there is none.
func (x *nftRun) reg(t uint16, n int) []byte {
	r := x.n(t)
	at := 0
	switch {
	case r >= 1 && r <= 4:
		at = (r - 1) * 16
	case r >= 8 && r < 24:
		at = (r - 8) * 4
	default:
		return nil
	}
	if n < 0 || at+n > len(x.regs) {
		return nil
	}
	return x.regs[at : at+n]
}

// load fills such a register.
func (x *nftRun) load(t uint16, v []byte) {
	r := x.reg(t, len(v))
	x.mark(r, false)
	copy(r, v)
}

// blob is an attribute's value of bytes.
func (x *nftRun) blob(t uint16) []byte { return value(nested(x.d, t)) }

// doubt notes that the rule does what is not modelled, and goes on.
func (x *nftRun) doubt() bool {
	x.unsure = true
	return false
}

// end is the rule's end with a verdict.
func (x *nftRun) end(v Verdict) bool {
	x.o = &Outcome{Verdict: v, Unsure: x.unsure}
	return true
}

// verdict is the rule's end by a code, unless that is to go on.
func (x *nftRun) verdict(code int32, chain string) bool {
	x.o = outcomeOf(code, chain, x.unsure)
	return x.o.Verdict != Next
}

// compare compares a register with a value.
func (x *nftRun) compare(r []byte, t uint16) int { return bytes.Compare(r, x.blob(t)) }

// step runs one expression, and tells whether the rule ends there.
func (x *nftRun) step(name string) bool {
	h := x.h
	switch name {
	case "meta":
		v, ok := metaOf(h, uint32(x.n(2)))
		r := x.reg(1, max(len(v), 4))
		x.mark(r, !ok)
		copy(r, v)
	case "payload":
		n, off := x.n(4), x.n(3)
		at := off
		base := x.n(2)
		if base == 2 {
			at += h.L4
		}
		if x.reg(1, n) == nil || base != 1 && base != 2 || off < 0 || off > 1<<12 || at+n > len(h.IP) {
			x.mark(x.reg(1, min(max(n, 4), 16)), true)
			return false
		}
		x.load(1, h.IP[at:at+n])
	case "ct":
		r := x.reg(1, 4)
		x.mark(r, x.n(2) != 0)       // NFT_CT_STATE
		if x.n(2) != 0 || r == nil { // a register written to, or another key
			return false
		}
		binary.NativeEndian.PutUint32(r, ctState(h))
	case "bitwise":
		n := x.n(3)
		from, to := x.reg(1, n), x.reg(2, n)
		mask, xor := x.blob(4), x.blob(5)
		if from == nil || to == nil || x.n(6) != 0 || len(mask) < n || len(xor) < n {
			return x.doubt()
		}
		bad := !x.known(from)
		x.mark(to, bad)
		for i := range n {
			to[i] = from[i]&mask[i] ^ xor[i]
		}
	case "byteorder":
		n, size := x.n(4), x.n(5)
		from, to := x.reg(1, n), x.reg(2, n)
		if from == nil || to == nil || size < 1 || n%size != 0 {
			return x.doubt()
		}
		x.mark(to, !x.known(from))
		copy(to, from)
		if binary.NativeEndian.Uint16([]byte{1, 0}) == 1 {
			for i := 0; i < n; i += size {
				slices.Reverse(to[i : i+size])
			}
		}
	case "cmp":
		r := x.reg(1, len(x.blob(3)))
		if !x.known(r) {
			return x.doubt()
		}
		// Of NFT_CMP_EQ, NEQ, LT, LTE, GT, GTE: is it true for less, equal, more?
		op := x.n(2)
		return op < 0 || op > 5 || "\x02\x05\x01\x03\x04\x06"[op]>>(x.compare(r, 3)+1)&1 == 0
	case "range":
		n := len(x.blob(3))
		r := x.reg(1, n)
		if n != len(x.blob(4)) || !x.known(r) {
			return x.doubt()
		}
		return (x.compare(r, 3) >= 0 && x.compare(r, 4) <= 0) != (x.n(2) == 0)
	case "lookup":
		s := x.sets[x.prefix+text(x.d, 1)]
		if s == nil || s.unsure {
			return x.doubt()
		}
		n := 0
		if len(s.elems) > 0 {
			n = len(s.elems[0].key)
		}
		r := x.reg(2, n)
		if !x.known(r) {
			return x.doubt()
		}
		found := s.find(r)
		if (found != nil) == (x.n(5)&1 != 0) {
			return true
		}
		if _, ok := x.d.Get(3); ok && found != nil {
			if x.n(3) == 0 {
				return x.verdict(found.code, found.chain)
			}
			x.load(3, found.value)
		}
	case "immediate":
		if v := nested(nested(x.d, 2), dataVerdict); len(v) > 0 {
			return x.verdict(int32(be32(v, verdictCode)), text(v, verdictChain))
		}
		x.load(1, x.blob(2))
	case "reject":
		return x.end(Drop)
	case "masq":
		return x.end(SNAT)
	case "nat":
		n := 4
		if x.n(2) == familyIPv6 {
			n = 16
		}
		to := x.reg(3, n)
		x.unsure = !x.known(to) || x.unsure
		x.end(SNAT)
		x.o.To = slices.Clone(to)
		if x.n(1) == 1 {
			x.o.Verdict = DNAT
		}
		return true
	case "match": // of iptables' in nftables' clothes
		x.unsure = x.unsure || text(x.d, 1) != "comment"
	case "target":
		switch text(x.d, 1) {
		case "REJECT", "DROP":
			return x.end(Drop)
		case "MASQUERADE":
			return x.end(SNAT)
		case "LOG", "NFLOG", "TRACE", "CHECKSUM", "TCPMSS":
		default:
			x.unsure = true
		}
	case "counter", "log", "notrack", "last":
	case "queue":
		x.unsure = true
		return x.end(Drop)
	default:
		x.mark(x.reg(1, 16), true) // often the register that it fills
		x.unsure = true
	}
	return false
}

// metaOf is what NFT_META_ key stands for.
func metaOf(h *Headers, key uint32) ([]byte, bool) {
	u32 := func(v uint32) []byte { return binary.NativeEndian.AppendUint32(nil, v) }
	name := func(s string) []byte {
		b := make([]byte, 16)
		copy(b, s)
		return b
	}
	switch key {
	case 0:
		return u32(uint32(h.Size)), true
	case 1: // the Ethernet type
		switch h.Family {
		case familyIPv6:
			return []byte{0x86, 0xdd}, true
		case familyARP:
			return []byte{8, 6}, true
		}
		return []byte{8, 0}, true
	case 3: // mark
		return u32(0), true
	case 4:
		return u32(uint32(h.InIdx)), true
	case 5:
		return u32(uint32(h.OutIdx)), true
	case 6:
		return name(h.In), true
	case 7:
		return name(h.Out), true
	case 15:
		return []byte{h.Family}, true
	case 16:
		return []byte{h.Proto}, true
	}
	return nil, false
}
