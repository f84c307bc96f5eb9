package main

import (
	"bytes"
	"errors"
)

// itabs fills the table in which the runtime looks for the methods of a type for an
// interface: the linker's list of them is gone through at each start, and for each of
// them two types are looked at that nothing else looks at. If the table is not found,
// or not once, it is left out, and slim says so: the program starts more slowly then.
func (t *tables) itabs() error {
	const size = 512 // runtime.itabInitSize
	data := t.f.Section(".data")
	if data == nil {
		return errors.New("no section .data")
	}
	d := t.p[data.Offset : data.Offset+data.Size]
	// runtime.itabTableInit: size, count, entries; and the one pointer to it
	empty := make([]byte, (size+1)*t.word)
	at := -1
	for i := 0; i+(size+2)*t.word <= len(d); i += t.word {
		if t.get(d[i:]) == size && bytes.Equal(d[i+t.word:i+t.word+len(empty)], empty) && t.pointers(d, data.Addr+uint64(i)) == 1 {
			if at >= 0 {
				return errors.New("two tables may be theirs")
			}
			at = i
		}
	}
	if at < 0 {
		return errors.New("no table for them")
	}
	links, n := t.memory(t.md(mdItablinks)), int(t.md(mdItablinks+1))
	if n < 1 || n > size/2 || len(links) < n*t.word {
		return errors.New("too many of them, or none")
	}
	hash := func(typ uint64) (uint32, bool) { // internal/abi.Type's
		p := t.memory(typ)
		if len(p) < 3*t.word {
			return 0, false
		}
		return t.o.Uint32(p[2*t.word:]), true
	}
	table := make([]byte, size*t.word)
	for i := range n {
		itab := t.get(links[i*t.word:])
		p := t.memory(itab)
		if len(p) < 2*t.word {
			return errors.New("one of them lies nowhere")
		}
		inter, ok1 := hash(t.get(p))
		typ, ok2 := hash(t.get(p[t.word:]))
		if !ok1 || !ok2 {
			return errors.New("one of them has no type")
		}
		h := uint64(inter^typ) % size // runtime.itabHashFunc, itabTableType.add
		for step := uint64(1); t.get(table[int(h)*t.word:]) != 0; step++ {
			h = (h + step) % size
		}
		t.put(table[int(h)*t.word:], itab)
	}
	t.put(d[at+t.word:], uint64(n))
	copy(d[at+2*t.word:], table)
	t.setMD(mdItablinks+1, 0)
	t.setMD(mdItablinks+2, 0)
	return nil
}

// pointers counts the words of p that are an address.
func (t *tables) pointers(p []byte, addr uint64) (n int) {
	for i := 0; i+t.word <= len(p); i += t.word {
		if t.get(p[i:]) == addr {
			n++
		}
	}
	return n
}
