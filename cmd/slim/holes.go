package main

import (
	"errors"
	"slices"
	"strings"
	"unicode/utf8"
)

// hole is room that nothing reads any more: n bytes, off bytes behind the first
// type.
type hole struct{ off, n int }

// Kinds and flags of internal/abi.Type.
const (
	kindArray     = 17
	kindInterface = 20
	kindPointer   = 22
	kindStruct    = 25
	kindMask      = 1<<5 - 1

	tflagUncommon       = 1 << 0
	tflagExtraStar      = 1 << 1
	tflagNamed          = 1 << 2
	tflagGCMaskOnDemand = 1 << 4

	uncommonSize = 16 // bytes of internal/abi.UncommonType: Mcount at 4, Xcount at 6, Moff at 8
	methodSize   = 16 // of internal/abi.Method: Name at 0
	imethodSize  = 8  // of internal/abi.Imethod: Name at 0
)

// types are the descriptors of a program's types. Code points to them, so they
// stay where they are; but only package reflect reads what fields a struct has,
// and of a type's methods the runtime looks for those alone that an interface
// asks for. Where the others stood is room for the tables of functions.
//
// There is no list of all descriptors, and none is needed: a struct's and an
// interface's are known by the pointer to the place just behind themselves, and
// what looks like an interface but is none does no harm.
type types struct {
	*tables
	d     []byte // from moduledata's types to its etypes
	addr  uint64
	asked map[string]bool // methods of interfaces
	holes []hole
	names []int // of the fields and methods that are gone

}

// typeHoles changes the descriptors, and returns what room there is.
func (t *tables) typeHoles() ([]hole, error) {
	for _, f := range t.funcs {
		name, err := t.name(t.u32(f + 4))
		if err != nil {
			return nil, err
		}
		for _, p := range [...]string{"reflect.", "unique.", "plugin."} {
			if strings.HasPrefix(name, p) && name != "reflect.init" { // which is there if the package is imported
				return nil, nil
			}
		}
	}
	addr, end := t.md(mdTypes), t.md(mdTypes+1)
	s := t.f.Section(".rodata")
	if s == nil || addr < s.Addr || end < addr || end > s.Addr+s.Size {
		return nil, errors.New("types are not where they are in Go 1.26")
	}
	at := s.Offset + addr - s.Addr
	ty := &types{tables: t, d: t.p[at : at+end-addr], addr: addr, asked: map[string]bool{}}
	for a := 0; a+ty.header()+4*t.word <= len(ty.d); a += t.word {
		if ty.onDemand(a) { // its pointers are found by the fields
			return nil, nil
		}
		if ty.kind(a) == kindInterface {
			ty.ask(a)
		}
	}
	for a := 0; a+ty.header()+4*t.word <= len(ty.d); a += t.word {
		switch ty.kind(a) {
		case kindStruct:
			ty.structure(a)
		case kindPointer:
			ty.pointer(a)
		}
	}
	ty.shareNames()
	ty.freeNames()
	return ty.holes, nil
}

func (t *types) header() int { return 4*t.word + 16 } // bytes of internal/abi.Type

func (t *types) kind(a int) byte { return t.d[a+2*t.word+7] & kindMask }

func (t *types) flags(a int) byte { return t.d[a+2*t.word+4] }

func (t *types) at(a int) uint64 { return t.get(t.d[a:]) }

// onDemand reports whether a type of so many pointers may stand at a that its
// map of them is made at run time.
func (t *types) onDemand(a int) bool {
	most := uint64(t.word) << 14 // a ready map covers so much
	if k := t.kind(a); t.flags(a)&tflagGCMaskOnDemand == 0 || k != kindArray && k != kindStruct {
		return false
	}
	size, ptrs, align := t.at(a), t.at(a+t.word), uint64(t.d[a+2*t.word+5])
	_, named := t.nameAt(int(t.o.Uint32(t.d[a+t.header()-8:])))
	return ptrs > most && ptrs <= size && size < 1<<40 && align == uint64(t.word) && size%align == 0 && named
}

// list returns where the elements of the slice lie that ends the descriptor at
// a, a struct's or an interface's, and how many there are; 0 if a is none.
func (t *types) list(a, size int) (base, n int) {
	base = a + t.header() + 4*t.word
	if t.flags(a)&tflagUncommon != 0 {
		base += uncommonSize
	}
	s := a + t.header() + t.word
	if count := t.at(s + t.word); t.at(s) == t.addr+uint64(base) && count == t.at(s+2*t.word) && count < 1<<16 && base+int(count)*size <= len(t.d) {
		return base, int(count)
	}
	return 0, 0
}

// nameAt returns a name that begins at an offset, and whether there is one: a
// byte of flags, the length, the name.
func (t *types) nameAt(off int) (string, bool) {
	n, at := 0, off+1
	for shift := 0; ; shift += 7 {
		if off <= 0 || at >= len(t.d) || shift > 14 {
			return "", false
		}
		n |= int(t.d[at]&0x7f) << shift
		at++
		if t.d[at-1] < 0x80 {
			break
		}
	}
	if n == 0 || at+n > len(t.d) {
		return "", false
	}
	return string(t.d[at : at+n]), true
}

// nameSize returns how many bytes a name takes, or 0 if it is none of a known
// form: flags (whether it is exported or embedded), length, and the name; what has
// a tag or a package is longer.
func (t *types) nameSize(off int) int {
	const exported, embedded = 1 << 0, 1 << 3
	name, ok := t.nameAt(off)
	if !ok || t.d[off]&^(exported|embedded) != 0 || len(name) > 127 {
		return 0
	}
	return 2 + len(name)
}

func (t *types) ask(a int) {
	base, n := t.list(a, imethodSize)
	for i := range n {
		if name, ok := t.nameAt(int(t.o.Uint32(t.d[base+imethodSize*i:]))); ok {
			t.asked[name] = true
		}
	}
}

// structure makes a struct one without fields.
func (t *types) structure(a int) {
	field := 3 * t.word // name, type, offset
	base, n := t.list(a, field)
	if n == 0 {
		return
	}
	inside := func(p uint64) bool { return p >= t.addr && p < t.addr+uint64(len(t.d)) }
	for i := range n {
		f := base + field*i
		name, typ := t.at(f), t.at(f+t.word)
		if !(inside(name) && inside(typ) || name == 0 && typ == 0) || t.at(f+2*t.word) > t.at(a) {
			return
		}
	}
	for i := range n {
		if name := t.at(base + field*i); name != 0 { // the linker has left out those that nothing reads
			t.names = append(t.names, int(name-t.addr))
		}
	}
	s := a + t.header() + t.word
	t.put(t.d[s+t.word:], 0)
	t.put(t.d[s+2*t.word:], 0)
	t.holes = append(t.holes, hole{base, n * field})
	if t.flags(a)&tflagUncommon != 0 {
		t.methods(base - uncommonSize)
	}
}

// shareNames gives all types the same text, that of the one with the shortest: only
// panics show it, and package reflect.
func (t *types) shareNames() {
	text := func(a int) int { return int(t.o.Uint32(t.d[a+t.header()-8:])) }
	best, short := -1, 0
	var all []int
	for a := 0; a+t.header()+t.word <= len(t.d); a += t.word {
		if !t.isType(a) {
			continue
		}
		all = append(all, a)
		if name, _ := t.nameAt(text(a)); best < 0 || len(name) < short {
			best, short = a, len(name)
		}
	}
	for _, a := range all {
		t.names = append(t.names, text(a))
		t.o.PutUint32(t.d[a+t.header()-8:], uint32(text(best)))
		flags := &t.d[a+2*t.word+4]
		*flags = *flags&^tflagExtraStar | t.flags(best)&tflagExtraStar
	}
}

// isType reports whether what stands at a can be nothing but an internal/abi.Type:
// all of its members are what they can be.
func (t *types) isType(a int) bool {
	rodata := t.f.Section(".rodata")
	inside := func(p uint64) bool { return p >= rodata.Addr && p < rodata.Addr+rodata.Size }
	size, ptrs := t.at(a), t.at(a+t.word)
	align, fieldAlign := t.d[a+2*t.word+5], t.d[a+2*t.word+6]
	equal, gc := t.at(a+2*t.word+8), t.at(a+3*t.word+8)
	str, toThis := int(t.o.Uint32(t.d[a+t.header()-8:])), uint64(t.o.Uint32(t.d[a+t.header()-4:]))
	if k := t.kind(a); k == 0 || k > 26 || t.d[a+2*t.word+7] != k || t.flags(a)&^0x3f != 0 ||
		size >= 1<<32 || ptrs > size || ptrs%uint64(t.word) != 0 || t.o.Uint32(t.d[a+2*t.word:]) == 0 ||
		align == 0 || align > 8 || align&(align-1) != 0 || fieldAlign == 0 || fieldAlign > 8 || fieldAlign&(fieldAlign-1) != 0 ||
		equal != 0 && !inside(equal) || !inside(gc) && (gc != 0 || ptrs != 0) || toThis >= uint64(len(t.d)) || size%uint64(align) != 0 {
		return false
	}
	name, ok := t.nameAt(str)
	return ok && utf8.ValidString(name) && !strings.ContainsFunc(name, func(c rune) bool { return c < ' ' })
}

// freeNames makes holes of the names that fields and methods had, if nothing else
// that could be a name's offset or address leads there, whatever it is.
func (t *types) freeNames() {
	gone := make([]bool, len(t.d))
	for _, off := range t.names {
		gone[off] = true
	}
	isHole := make([]bool, len(t.d))
	for _, h := range t.holes {
		for i := range h.n {
			isHole[h.off+i] = true
		}
	}
	for a := 0; a+4 <= len(t.d); a += 4 {
		if isHole[a] {
			continue
		}
		if off := t.o.Uint32(t.d[a:]); uint64(off) < uint64(len(t.d)) {
			gone[off] = false
		}
		if a%t.word == 0 && a+t.word <= len(t.d) {
			if p := t.at(a); p >= t.addr && p < t.addr+uint64(len(t.d)) {
				gone[p-t.addr] = false
			}
		}
	}
	slices.Sort(t.names)
	for _, off := range slices.Compact(t.names) {
		if n := t.nameSize(off); gone[off] && n > 0 {
			t.holes = append(t.holes, hole{off, n})
		}
	}
}

// pointer looks at a pointer type, of which those to named types have methods.
func (t *types) pointer(a int) {
	word := uint64(t.word)
	if t.flags(a)&tflagUncommon == 0 || t.at(a) != word || t.at(a+t.word) != word || t.o.Uint32(t.d[a+t.header()+t.word+8:]) != uncommonSize {
		return
	}
	if elem := t.at(a + t.header()); elem < t.addr || elem >= t.addr+uint64(len(t.d)) {
		return
	}
	t.methods(a + t.header() + t.word)
}

// methods leaves of a type's methods, which are sorted by name, those that an
// interface has.
func (t *types) methods(u int) {
	if u+uncommonSize > len(t.d) {
		return
	}
	n, exported := int(t.o.Uint16(t.d[u+4:])), int(t.o.Uint16(t.d[u+6:]))
	base := u + int(t.o.Uint32(t.d[u+8:]))
	if exported > n || base < u+uncommonSize || base+n*methodSize > len(t.d) {
		return
	}
	var names []string
	for i := range n {
		name, ok := t.nameAt(int(t.o.Uint32(t.d[base+methodSize*i:])))
		if !ok {
			return
		}
		names = append(names, name)
	}
	if !slices.IsSorted(names) {
		return
	}
	kept, keptExported := 0, 0
	for i, name := range names {
		if !t.asked[name] {
			t.names = append(t.names, int(t.o.Uint32(t.d[base+methodSize*i:])))
		} else {
			copy(t.d[base+methodSize*kept:], t.d[base+methodSize*i:][:methodSize])
			kept++
			if i < exported {
				keptExported++
			}
		}
	}
	t.o.PutUint16(t.d[u+4:], uint16(kept))
	t.o.PutUint16(t.d[u+6:], uint16(keptExported))
	t.holes = append(t.holes, hole{base + methodSize*kept, methodSize * (n - kept)})
}
