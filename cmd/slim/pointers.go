package main

import "errors"

// Words of runtime.moduledata that are read here alone.
const (
	mdData   = 26
	mdEdata  = 27
	mdBss    = 28
	mdEbss   = 29
	mdGcdata = 35
	mdGcbss  = 36

	mdHasmain    = 67
	mdGcdatamask = 68
	mdGcbssmask  = 70
	mdLast       = 74 // how many words it has
)

// Which words of the data and of the bss are pointers, the runtime finds out at each
// start, from two programs of the linker's (runtime.runGCProg), if it does not know
// yet: that is a quarter of the instructions of a short command. Here it is told.

// pointerMap runs a program for at most n words, a byte of the result for each.
func (t *tables) pointerMap(addr, n uint64) ([]byte, error) {
	p := t.memory(addr)
	fail := errors.New("not a program of pointers")
	next := func() int {
		if len(p) == 0 {
			return -1
		}
		b := p[0]
		p = p[1:]
		return int(b)
	}
	varint := func() int {
		for v, shift := 0, 0; shift < 35; shift += 7 {
			b := next()
			if b < 0 {
				return -1
			}
			if v |= b & 0x7f << shift; b < 0x80 {
				return v
			}
		}
		return -1
	}
	var bits []byte
	for {
		inst := next()
		k := inst & 0x7f
		switch {
		case inst < 0:
			return nil, fail
		case inst == 0:
			return bits, nil
		case inst < 0x80: // k bits
			b := 0
			for i := range k {
				if i%8 == 0 {
					if b = next(); b < 0 {
						return nil, fail
					}
				}
				bits = append(bits, byte(b>>(i%8)&1))
			}
		default: // the last k bits, so many times more
			if k == 0 {
				k = varint()
			}
			times := varint()
			if k <= 0 || times < 0 || k > len(bits) || uint64(times) > n {
				return nil, fail
			}
			from := len(bits) - k
			for i := range k * times {
				bits = append(bits, bits[from+i])
				if uint64(len(bits)) > n {
					return nil, fail
				}
			}
		}
		if uint64(len(bits)) > n {
			return nil, fail
		}
	}
}

// pointerMaps puts the maps behind the tables, which will be at addr.
func (t *tables) pointerMaps(tables []byte, addr uint64) ([]byte, error) {
	unknown := errors.New("moduledata is not what it is in Go 1.26")
	if s := t.f.Section(".go.module"); s.Size != uint64(mdLast*t.word) || t.p[t.moduledata+mdHasmain*t.word] != 1 {
		return tables, unknown
	}
	type part struct{ prog, from, to, mask int }
	var maps [2][]byte // a bit a word
	var count [2]int
	parts := [2]part{{mdGcdata, mdData, mdEdata, mdGcdatamask}, {mdGcbss, mdBss, mdEbss, mdGcbssmask}}
	for i, r := range parts {
		from, to := t.md(r.from), t.md(r.to)
		if to < from || to-from > 1<<28 || t.md(r.mask) != 0 || t.md(r.mask+1) != 0 {
			return tables, unknown
		}
		n := (to - from) / uint64(t.word)
		bits, err := t.pointerMap(t.md(r.prog), n)
		if err != nil {
			return tables, err
		}
		maps[i], count[i] = make([]byte, n/8+1), len(bits)
		for k, b := range bits {
			maps[i][k/8] |= b << (k % 8)
		}
	}
	for i, r := range parts { // a runtime.bitvector: int32, *uint8
		t.o.PutUint32(t.p[t.moduledata+r.mask*t.word:], uint32(count[i]))
		t.setMD(r.mask+1, addr+uint64(len(tables)))
		tables = append(tables, maps[i]...)
	}
	return tables, nil
}
