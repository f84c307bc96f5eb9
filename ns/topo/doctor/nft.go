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
	nftGetChain   = nftSubsys | 4
	nftGetRule    = nftSubsys | 7
	nftGetSetElem = nftSubsys | 13

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
	err = nftDump(c, nftGetChain, 0, nil, func(family uint8, as nl.Attrs) {
		t := table(family, text(as, chainTable))
		k := &Chain{Name: text(as, chainName)}
		if hook := nested(as, chainHook); len(hook) > 0 {
			k.Base, k.Hook, k.Prio = true, Hook(be32(hook, hookNum)), int32(be32(hook, hookPriority))
			k.Drop = be32(as, chainPolicy) == 0
			if _, ok := as.Get(chainPolicy); !ok {
				k.Drop = false
			}
			if family == familyNetdev {
				k.Hook += hookIngress // NF_NETDEV_INGRESS is 0
			}
			k.Dev = text(hook, hookDev)
			for a := range nested(hook, hookDevs).All() {
				if k.Dev == "" {
					k.Dev = string(a.Str())
				}
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
				key := string(rune(family)) + t.Name + "\x00" + name
				if sets[key] == nil {
					sets[key] = &nftSet{table: t.Name, name: name, family: family}
				}
			}
		}
		r.Eval = func(h *Headers) Outcome { return nftEval(exprs, h, family, t.Name, sets) }
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
			e := nftElem{key: slices.Clone(key.Bytes()), end: be32(x, 3)&1 != 0}
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
		if same(e.key, key) && !e.end {
			return e
		}
		if bytes.Compare(e.key, key) <= 0 && (last == nil || bytes.Compare(e.key, last.key) > 0 || same(e.key, last.key) && last.end) {
			last = e
		}
	}
	if !intervals || last == nil || last.end {
		return nil
	}
	return last
}

// Verdicts as netfilter numbers them.
const (
	nfDrop, nfAccept                            = 0, 1
	nftContinue, nftBreak, nftJump, nftGoto int = -1, -2, -3, -4
	nftReturn                                   = -5
)

func outcomeOf(code int32, chain string, unsure bool) Outcome {
	o := Outcome{Chain: chain, Unsure: unsure}
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

// nftEval runs a rule's expressions. The registers are 16 words; a rule that
// does something which is not modelled is unsure.
func nftEval(exprs nl.Attrs, h *Headers, family uint8, table string, sets map[string]*nftSet) (o Outcome) {
	var regs [64]byte
	var bad [64]bool // what is in these bytes is not known
	unsure := false
	mark := func(r []byte, v bool) {
		for i := range r { // r is a part of regs: its capacity tells which
			bad[len(regs)-cap(r)+i] = v
		}
	}
	// known tells whether the bytes of a register are; if not, the rule is unsure.
	known := func(r []byte) bool {
		for i := range r {
			if bad[len(regs)-cap(r)+i] {
				unsure = true
				return false
			}
		}
		return r != nil
	}
	reg := func(as nl.Attrs, t uint16, n int) []byte {
		r := int(be32(as, t))
		at := 0
		switch {
		case r >= 1 && r <= 4:
			at = (r - 1) * 16
		case r >= 8 && r < 24:
			at = (r - 8) * 4
		default:
			return nil
		}
		if n < 0 || at+n > len(regs) {
			return nil
		}
		return regs[at : at+n]
	}
	for e := range exprs.All() {
		x := e.Attrs()
		d := nested(x, exprData)
		switch text(x, exprName) {
		case "meta":
			v, ok := metaOf(h, be32(d, 2))
			r := reg(d, 1, max(len(v), 4))
			mark(r, !ok)
			copy(r, v)
		case "payload":
			n, off := int(be32(d, 4)), int(be32(d, 3))
			r := reg(d, 1, n)
			at := off
			switch be32(d, 2) {
			case 1:
			case 2:
				at += h.L4
			default:
				r = nil
			}
			if r == nil || off < 0 || off > 1<<12 || at+n > len(h.IP) {
				mark(reg(d, 1, min(max(n, 4), 16)), true)
				continue
			}
			mark(r, false)
			copy(r, h.IP[at:at+n])
		case "ct":
			r := reg(d, 1, 4)
			mark(r, be32(d, 2) != 0)         // NFT_CT_STATE
			if be32(d, 2) != 0 || r == nil { // a register written to, or another key
				continue
			}
			state := uint32(8) // new
			if h.Reply {
				state = 2 // established
			}
			binary.NativeEndian.PutUint32(r, state)
		case "bitwise":
			n := int(be32(d, 3))
			from, to := reg(d, 1, n), reg(d, 2, n)
			mask, _ := nested(d, 4).Get(dataValue)
			xor, _ := nested(d, 5).Get(dataValue)
			if from == nil || to == nil || be32(d, 6) != 0 || len(mask.Bytes()) < n || len(xor.Bytes()) < n {
				unsure = true
				continue
			}
			if !known(from) {
				mark(to, true)
				continue
			}
			mark(to, false)
			for i := range n {
				to[i] = from[i]&mask.Bytes()[i] ^ xor.Bytes()[i]
			}
		case "byteorder":
			n, size := int(be32(d, 4)), int(be32(d, 5))
			from, to := reg(d, 1, n), reg(d, 2, n)
			if from == nil || to == nil || size < 1 || n%size != 0 {
				unsure = true
				continue
			}
			mark(to, !known(from))
			copy(to, from)
			if binary.NativeEndian.Uint16([]byte{1, 0}) == 1 {
				for i := 0; i < n; i += size {
					slices.Reverse(to[i : i+size])
				}
			}
		case "cmp":
			v, _ := nested(d, 3).Get(dataValue)
			r := reg(d, 1, len(v.Bytes()))
			if r == nil || !known(r) {
				unsure = true
				continue
			}
			c := bytes.Compare(r, v.Bytes())
			ok := [...]bool{c == 0, c != 0, c < 0, c <= 0, c > 0, c >= 0}
			if op := be32(d, 2); op >= uint32(len(ok)) || !ok[op] {
				return Outcome{}
			}
		case "range":
			lo, _ := nested(d, 3).Get(dataValue)
			hi, _ := nested(d, 4).Get(dataValue)
			r := reg(d, 1, len(lo.Bytes()))
			if r == nil || len(hi.Bytes()) != len(lo.Bytes()) || !known(r) {
				unsure = true
				continue
			}
			if in := bytes.Compare(r, lo.Bytes()) >= 0 && bytes.Compare(r, hi.Bytes()) <= 0; in != (be32(d, 2) == 0) {
				return Outcome{}
			}
		case "lookup":
			s := sets[string(rune(family))+table+"\x00"+text(d, 1)]
			if s == nil || s.unsure {
				unsure = true
				continue
			}
			n := 0
			if len(s.elems) > 0 {
				n = len(s.elems[0].key)
			}
			r := reg(d, 2, n)
			if r == nil || !known(r) {
				unsure = true
				continue
			}
			found := s.find(r)
			if (found != nil) == (be32(d, 5)&1 != 0) {
				return Outcome{}
			}
			if _, ok := d.Get(3); ok && found != nil {
				if be32(d, 3) == 0 {
					if o := outcomeOf(found.code, found.chain, unsure); o.Verdict != Next {
						return o
					}
				} else if to := reg(d, 3, len(found.value)); to != nil {
					mark(to, false)
					copy(to, found.value)
				}
			}
		case "immediate":
			data := nested(d, 2)
			if v := nested(data, dataVerdict); len(v) > 0 {
				if o := outcomeOf(int32(be32(v, verdictCode)), text(v, verdictChain), unsure); o.Verdict != Next {
					return o
				}
				continue
			}
			v, _ := data.Get(dataValue)
			if r := reg(d, 1, len(v.Bytes())); r != nil {
				mark(r, false)
				copy(r, v.Bytes())
			}
		case "reject":
			return Outcome{Verdict: Drop, Unsure: unsure}
		case "masq":
			return Outcome{Verdict: SNAT, Unsure: unsure}
		case "nat":
			n := 4
			if be32(d, 2) == familyIPv6 {
				n = 16
			}
			to := reg(d, 3, n)
			o := Outcome{Verdict: SNAT, To: slices.Clone(to), Unsure: unsure || to == nil}
			if be32(d, 1) == 1 {
				o.Verdict = DNAT
			}
			return o
		case "match": // of iptables' in nftables' clothes
			if text(d, 1) != "comment" {
				unsure = true
			}
		case "target":
			switch text(d, 1) {
			case "REJECT", "DROP":
				return Outcome{Verdict: Drop, Unsure: unsure}
			case "MASQUERADE":
				return Outcome{Verdict: SNAT, Unsure: unsure}
			case "LOG", "NFLOG", "TRACE", "CHECKSUM", "TCPMSS":
			default:
				unsure = true
			}
		case "counter", "log", "notrack", "last":
		case "queue":
			return Outcome{Verdict: Drop, Unsure: true}
		default:
			if _, ok := d.Get(1); ok { // often the register that it fills
				mark(reg(d, 1, 16), true)
			}
			unsure = true
		}
	}
	return Outcome{}
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
