package doctor

import (
	"slices"
	"testing"

	"rawns/nl"
)

// packets are one of each family: what rules are tried with.
func packets() []*Headers {
	var w walker
	p4 := packet{src: []byte{10, 0, 0, 1}, dst: []byte{10, 0, 0, 2}, size: 84}
	p6 := packet{src: make([]byte, 16), dst: make([]byte, 16), size: 104, reply: true}
	return []*Headers{w.headers(&p4), w.headers(&p6), {Family: familyARP, IP: make([]byte, 28), L4: 28}}
}

// FuzzNft: expressions of nftables with anything in them do no harm.
func FuzzNft(f *testing.F) {
	rule := func(do func(b *nl.Builder)) {
		var b nl.Builder
		b.Message(nftGetRule, 0)
		do(&b)
		p, err := b.Bytes()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(slices.Clone(p[nl.HeaderLen:]), []byte{10, 0, 0, 1})
	}
	be := func(v byte) []byte { return []byte{0, 0, 0, v} }
	// payload load 4b @ network header + 12 => reg 1; lookup reg 1 set s dreg 0
	rule(func(b *nl.Builder) {
		for _, x := range []struct {
			name  string
			attrs [][]byte // from number 1 on
		}{
			{"payload", [][]byte{be(1), be(1), be(12), be(4)}},
			{"byteorder", [][]byte{be(1), be(2), be(0), be(4), be(2)}},
			{"lookup", [][]byte{[]byte("s\x00"), be(1), be(0)}},
		} {
			e := b.NestF(1)
			b.Str(exprName, x.name)
			d := b.NestF(exprData)
			for i, v := range x.attrs {
				b.Blob(nl.AttrBytes(i+1), v)
			}
			b.End(d)
			b.End(e)
		}
	})
	// meta load nfproto => reg 8; cmp eq reg 8; bitwise reg 8 => reg 9; immediate verdict
	rule(func(b *nl.Builder) {
		e := b.NestF(1)
		b.Str(exprName, "meta")
		d := b.NestF(exprData)
		b.Blob(1, be(8))
		b.Blob(2, be(15))
		b.End(d)
		b.End(e)
		for _, name := range []string{"cmp", "bitwise", "range", "immediate", "nat"} {
			e := b.NestF(1)
			b.Str(exprName, name)
			d := b.NestF(exprData)
			b.Blob(1, be(8))
			b.Blob(2, be(9))
			for i := 3; i < 6; i++ {
				v := b.NestF(nl.AttrNestF(i))
				b.Blob(dataValue, be(1))
				b.End(v)
			}
			b.End(d)
			b.End(e)
		}
	})
	f.Fuzz(func(t *testing.T, exprs, key []byte) {
		var b nl.Builder
		b.Message(nftGetRule, 0)
		copy(b.Extend(len(exprs)), exprs)
		m, err := b.Bytes()
		if err != nil || nl.Check(m) != nil {
			return
		}
		sets := map[string]*nftSet{"s": {elems: []nftElem{{key: key, value: key}, {key: nil, end: true}}, rest: &nftElem{code: nftReturn, value: key}}}
		for _, h := range packets() {
			if o := nftEval(nl.Attrs(exprs), h, "", sets); o.Verdict > DNAT {
				t.Errorf("verdict %d", o.Verdict)
			}
		}
	})
}

// FuzzLegacy: tables of iptables with anything in them do no harm.
func FuzzLegacy(f *testing.F) {
	for _, l := range []*layout{&layout4, &layout6} {
		// A rule that has a match and a target, and the policy.
		blob := make([]byte, 2*l.entry+3*xtHeader+16)
		e := blob
		e[l.target], e[l.next] = byte(l.entry+xtHeader+4), byte(l.entry+2*xtHeader+8)
		e[l.entry] = xtHeader + 4
		copy(e[l.entry+2:], "icmp")
		e = blob[l.entry+2*xtHeader+8:]
		e[l.target], e[l.next] = byte(l.entry), byte(l.entry+xtHeader+8)
		info := make([]byte, 84)
		info[32] = 0xff
		f.Add(info, blob)
	}
	f.Fuzz(func(t *testing.T, info, blob []byte) {
		if len(info) != 84 { // readLegacy gives no other
			return
		}
		for _, l := range []*layout{&layout4, &layout6} {
			h := packets()[0]
			if l.ip == 16 {
				h = packets()[1]
			}
			table := l.table("filter", info, blob)
			for _, c := range table.Chains {
				if o, _, _ := table.run(c, h, 0); o == nil {
					t.Error("no outcome")
				}
			}
		}
	})
}
