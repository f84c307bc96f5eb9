package main

import (
	"bytes"
	"debug/buildinfo"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// What the tables are made of, for Go 1.26.
const (
	goVersion = "go1.26"

	magic = 0xfffffff1 // internal/abi.Go120PCLnTabMagic

	slimMagic = magic + 1 // of a table whose entries are slim's

	funcFixed = 44   // bytes of runtime._func before its pcdata offsets
	slimFixed = 10   // the same of an entry of slim's
	bucket    = 4096 // bytes of code for each word of findfunctab: internal/abi.FuncTabBucketSize

	pcdataInlTreeIndex = 2 // internal/abi.PCDATA_...

	funcdataArgsMaps     = 0 // internal/abi.FUNCDATA_...
	funcdataLocalsMaps   = 1
	funcdataStackObjects = 2
	funcdataInlTree      = 3

	inlinedCall = 16 // bytes of runtime.inlinedCall: funcID at 0, nameOff at 4

	none = ^uint32(0)
)

// Words of runtime.moduledata: each slice is three of them.
const (
	mdHeader    = 0
	mdFuncnames = 1
	mdCutab     = 4
	mdFiletab   = 7
	mdPctab     = 10
	mdPclntable = 13
	mdFtab      = 16
	mdFindfunc  = 19
	mdMinpc     = 20
	mdText      = 22
	mdTypes     = 37
	mdGofunc    = 40
	mdEpclntab  = 41
	mdTypelinks = 45
	mdItablinks = 48
	mdWords     = 51 // how many of them are looked at
)

// prefixes are what the runtime asks of a function's name: whether it may be
// interrupted there (isAsyncSafePoint), whose a panic is (panicCheck1), whether
// a goroutine is the system's (isSystemGoroutine), how arguments lie
// (getArgInfo, the first two). The first that fits is what a name is taken for;
// the last is everybody else's.
var prefixes = [...]string{"reflect.makeFuncStub", "reflect.methodValueCall", "runtime.", "internal/runtime/", "reflect.", ""}

const everybody = len(prefixes) - 1

// standIns replace the names. All have the form of a method's: panicwrap takes
// its caller's name apart.
var standIns = [len(prefixes)]string{"reflect.makeFuncStub", "reflect.methodValueCall",
	"runtime.(*?).?", "internal/runtime/?.(*?).?", "reflect.(*?).?", "main.(*?).?"}

// tables are the pclntab of an image, taken apart.
type tables struct {
	*image
	d []byte // the section

	nfunc                int
	names, cu, files, pc int // offsets of the parts in d
	pcln, gofunc, find   int
	end                  int
	newNames             []byte
	nameAt               [len(prefixes)]uint32
	funcs                []int            // offset of each _func in d
	refs                 map[uint32]uint8 // object in go:func.*: the kinds of funcdata that it is, a bit each
	trees                map[uint32]int   // those that are inline trees: how many calls
	blobs                blobs
	moduledata           int // offset in the file
}

// errSlim says that slim has seen a file before: "go build" leaves one alone that
// is still what it would make.
var errSlim = errors.New("there is nothing left to take out")

// slim returns what a file becomes, and what is not found of what would be the same at
// each start.
func slim(p []byte) (out []byte, left []string, err error) {
	m, err := parse(p)
	if err != nil {
		return nil, nil, err
	}
	info, err := buildinfo.Read(bytes.NewReader(p))
	if err != nil {
		return nil, nil, err
	}
	if info.GoVersion != goVersion && !strings.HasPrefix(info.GoVersion, goVersion+".") && !strings.HasPrefix(info.GoVersion, goVersion+"-") {
		return nil, nil, errors.New("built by " + info.GoVersion + ", whose tables slim does not know")
	}
	s, err := m.section(".gopclntab")
	if err != nil {
		return nil, nil, err
	}
	mod, err := m.section(".go.module")
	if err != nil {
		return nil, nil, err
	}
	t := &tables{image: m, d: append([]byte(nil), p[s.Offset:s.Offset+s.Size]...), moduledata: int(mod.Offset)}
	if mod.Size < uint64(mdWords*m.word) {
		return nil, nil, errors.New("moduledata is too short")
	}
	if err := t.read(s.Addr); err != nil {
		return nil, nil, err
	}
	if err := t.itabs(); err != nil {
		left = append(left, "methods of interfaces: "+err.Error())
	}
	if err := t.measure(); err != nil {
		return nil, nil, err
	}
	if err := t.shrink(); err != nil {
		return nil, nil, err
	}
	holes, err := t.typeHoles()
	if err != nil {
		return nil, nil, err
	}
	contents, at, err := t.assemble(s.Addr, holes)
	if err != nil {
		return nil, nil, err
	}
	end := len(contents)
	if contents, err = t.pointerMaps(contents, s.Addr); err != nil {
		left = append(left, "maps of pointers: "+err.Error())
	}
	moved, err := m.replace(s, contents, ".typelink", ".itablink", ".gosymtab")
	if err != nil {
		return nil, nil, err
	}
	if err := t.patchModule(s.Addr, s.Size, moved, at, end); err != nil {
		return nil, nil, err
	}
	if err := m.pack(); err != nil {
		return nil, nil, err
	}
	return m.p, left, nil
}

func (t *tables) md(i int) uint64 { return t.get(t.p[t.moduledata+i*t.word:]) }

func (t *tables) setMD(i int, v uint64) { t.put(t.p[t.moduledata+i*t.word:], v) }

// memory returns what the file has of the memory behind an address, up to the end of
// its section.
func (t *tables) memory(addr uint64) []byte {
	for _, s := range t.f.Sections {
		if s.Flags&elf.SHF_ALLOC != 0 && s.Type != elf.SHT_NOBITS && addr >= s.Addr && addr < s.Addr+s.Size {
			return t.p[s.Offset+addr-s.Addr : s.Offset+s.Size]
		}
	}
	return nil
}

func (t *tables) u32(off int) uint32 { return t.o.Uint32(t.d[off:]) }

// read takes the header apart and checks that moduledata agrees with it.
func (t *tables) read(addr uint64) error {
	if len(t.d) >= 4 && t.u32(0) == slimMagic {
		return errSlim
	}
	if !bytes.Contains(t.p, []byte(marker)) {
		return errors.New("not built with slim's overlay")
	}
	h := 8 // offset of the first word behind magic, pads, minLC, ptrSize
	if len(t.d) < h+8*t.word || t.u32(0) != magic || t.d[4] != 0 || t.d[5] != 0 || int(t.d[7]) != t.word {
		return errors.New("the table of functions is of another version of Go")
	}
	w := func(i int) int { return int(t.get(t.d[h+i*t.word:])) }
	t.nfunc, t.names, t.cu, t.files, t.pc, t.pcln = w(0), w(3), w(4), w(5), w(6), w(7)
	t.gofunc, t.find, t.end = int(t.md(mdGofunc)-addr), int(t.md(mdFindfunc)-addr), int(t.md(mdEpclntab)-addr)
	if !(t.names <= t.cu && t.cu <= t.files && t.files <= t.pc && t.pc <= t.pcln && t.pcln < t.gofunc && t.gofunc <= t.find && t.find <= t.end && t.end <= len(t.d)) {
		return errors.New("the parts of the table of functions are not in the order of Go 1.26")
	}
	for i, off := range map[int]int{mdHeader: 0, mdFuncnames: t.names, mdCutab: t.cu, mdFiletab: t.files, mdPctab: t.pc, mdPclntable: t.pcln, mdFtab: t.pcln} {
		if t.md(i) != addr+uint64(off) {
			return fmt.Errorf("word %d of moduledata is not what it is in Go 1.26", i)
		}
	}
	if text := t.f.Section(".text"); text == nil || t.md(mdText) != t.md(mdMinpc) || t.md(mdText) < text.Addr || t.md(mdText) >= text.Addr+text.Size {
		return errors.New("moduledata is not what it is in Go 1.26")
	}
	if t.md(mdFtab+1) != uint64(t.nfunc+1) {
		return errors.New("moduledata and the table of functions disagree on how many there are")
	}
	for i := range t.nfunc {
		f := t.pcln + int(t.u32(t.pcln+8*i+4))
		if f < t.pcln || f+funcFixed > t.gofunc || f+t.funcSize(f) > t.gofunc {
			return fmt.Errorf("function %d lies outside of the table", i)
		}
		t.funcs = append(t.funcs, f)
	}
	return nil
}

func (t *tables) npcdata(f int) int { return int(t.u32(f + 28)) }

func (t *tables) nfuncdata(f int) int { return int(t.d[f+43]) }

func (t *tables) funcSize(f int) int {
	if n := t.u32(f + 28); n > 64 {
		return len(t.d)
	}
	return funcFixed + 4*t.npcdata(f) + 4*t.nfuncdata(f)
}

// pcdata and funcdata return the offset in d of a function's i-th entry, or -1.
func (t *tables) pcdata(f, i int) int {
	if i >= t.npcdata(f) {
		return -1
	}
	return f + funcFixed + 4*i
}

func (t *tables) funcdata(f, i int) int {
	if i >= t.nfuncdata(f) {
		return -1
	}
	return f + funcFixed + 4*t.npcdata(f) + 4*i
}

// values walks a pc-value table: pairs of varints, the first a zigzag delta of
// the value, which starts at -1, the second of the pc, in units of the shortest
// instruction; a zero delta that is not the first ends it. It returns its length.
func (t *tables) values(off uint32, each func(v, pcs int)) (size int, err error) {
	p := t.pc + int(off)
	start, v := p, -1
	for first := true; ; first = false {
		if p >= t.pcln {
			return 0, errors.New("a pc-value table runs over its end")
		}
		if t.d[p] == 0 && !first {
			return p + 1 - start, nil
		}
		var n [2]uint32
		for i := range n {
			for shift := 0; ; shift += 7 {
				if p >= t.pcln || shift > 28 {
					return 0, errors.New("a pc-value table runs over its end")
				}
				b := t.d[p]
				p++
				n[i] |= uint32(b&0x7f) << shift
				if b < 0x80 {
					break
				}
			}
		}
		if n[0]&1 != 0 {
			v += int(int32(^(n[0] >> 1)))
		} else {
			v += int(n[0] >> 1)
		}
		each(v, int(n[1]))
	}
}

// name returns a function's name.
func (t *tables) name(off uint32) (string, error) {
	at := t.names + int(off)
	if at >= t.cu {
		return "", errors.New("a name lies outside of its table")
	}
	name := t.d[at:t.cu]
	if end := bytes.IndexByte(name, 0); end >= 0 {
		name = name[:end]
	}
	return string(name), nil
}

// category returns the index of the prefix that stands for a name.
func (t *tables) category(nameOff uint32) (int, error) {
	name, err := t.name(nameOff)
	if err != nil {
		return 0, err
	}
	for i, p := range prefixes {
		if strings.HasPrefix(name, p) {
			return i, nil
		}
	}
	panic("the last prefix fits every name")
}

// measure finds out which objects of go:func.* there are: all references to
// them are funcdata, so each reaches to where the next one begins.
func (t *tables) measure() error {
	t.refs, t.trees = map[uint32]uint8{}, map[uint32]int{}
	for _, f := range t.funcs {
		for k := range t.nfuncdata(f) {
			off := t.u32(t.funcdata(f, k))
			if off == none {
				continue
			}
			if int(off) >= t.find-t.gofunc {
				return errors.New("funcdata lies outside of its table")
			}
			t.refs[off] |= 1 << k // equal contents are stored once
			if t.refs[off]&(1<<funcdataInlTree) != 0 && t.refs[off] != 1<<funcdataInlTree {
				return errors.New("an inline tree is something else as well")
			}
		}
		tree := t.funcdata(f, funcdataInlTree)
		if tree < 0 || t.u32(tree) == none {
			continue
		}
		index := t.pcdata(f, pcdataInlTreeIndex)
		if index < 0 || t.u32(index) == 0 {
			continue
		}
		largest := -1
		if _, err := t.values(t.u32(index), func(v, _ int) { largest = max(largest, v) }); err != nil {
			return err
		}
		off := t.u32(tree)
		t.trees[off] = max(t.trees[off], largest+1)
		if int(off)+(largest+1)*inlinedCall > t.find-t.gofunc {
			return errors.New("an inline tree runs over its end")
		}
	}
	return nil
}

// shrink decides what stays.
func (t *tables) shrink() error {
	t.newNames = append(t.newNames, 0) // offset 0 is "no name"
	for i, p := range standIns {
		t.nameAt[i] = uint32(len(t.newNames))
		t.newNames = append(append(t.newNames, p...), 0)
	}
	ends := t.objectEnds()
	for i, f := range t.funcs {
		if err := t.shrinkTree(f); err != nil {
			return err
		}
		c, err := t.category(t.u32(f + 4))
		if err != nil {
			return err
		}
		t.o.PutUint32(t.d[f+4:], t.nameAt[c])
		if err := t.keepFrame(i, f); err != nil {
			return err
		}
		if t.npcdata(f) > len(pcdataPlaces) || t.nfuncdata(f) > len(funcdataPlaces) {
			return errors.New("functions have tables that Go 1.26 does not have")
		}
		for i := range t.npcdata(f) {
			if pcdataPlaces[i] == nowhere {
				continue
			}
			if err := t.keepPC(t.pcdata(f, i)); err != nil {
				return err
			}
		}
		for i := range t.nfuncdata(f) {
			if at := t.funcdata(f, i); t.u32(at) != none && funcdataPlaces[i] != nowhere {
				t.keepObject(at, ends)
			}
		}
	}
	return nil
}

// shrinkTree leaves of a function's inline tree what tells the runtime more than
// the function itself does: a name of another kind, or a function of another
// kind (recover counts frames, and leaves out wrappers). Each kind becomes one
// call, made by the function itself.
func (t *tables) shrinkTree(f int) error {
	tree, index := t.funcdata(f, funcdataInlTree), t.pcdata(f, pcdataInlTreeIndex)
	if tree < 0 || t.u32(tree) == none {
		return nil
	}
	if index < 0 || t.u32(index) == 0 {
		t.o.PutUint32(t.d[tree:], none)
		return nil
	}
	own, err := t.category(t.u32(f + 4))
	if err != nil {
		return err
	}
	type kind struct {
		name int
		id   byte
	}
	var kinds []kind
	kindOf := make([]int, t.trees[t.u32(tree)])
	for i := range kindOf {
		call := t.gofunc + int(t.u32(tree)) + i*inlinedCall
		name, err := t.category(t.u32(call + 4))
		if err != nil {
			return err
		}
		if own != everybody { // the runtime is not interrupted, whatever is inlined
			name = own
		}
		kindOf[i] = -1
		if k := (kind{name, t.d[call]}); k != (kind{own, t.d[f+40]}) {
			if kindOf[i] = slices.Index(kinds, k); kindOf[i] < 0 {
				kindOf[i] = len(kinds)
				kinds = append(kinds, k)
			}
		}
	}
	// The table of which call each instruction is of, with equal neighbours made
	// one; and an instruction that is the function's own, as all are called from there.
	var runs []piece
	pc, caller := 0, -1
	_, err = t.values(t.u32(index), func(v, pcs int) {
		if v >= 0 {
			v = kindOf[v]
		}
		if v < 0 && caller < 0 {
			caller = pc
		}
		runs = appendRun(runs, piece{v, pcs})
		pc += pcs * int(t.d[6])
	})
	if err != nil {
		return err
	}
	if len(kinds) == 0 {
		t.o.PutUint32(t.d[index:], 0)
		t.o.PutUint32(t.d[tree:], none)
		return nil
	}
	if caller < 0 {
		caller = pc // behind its end, which is in no call either
	}
	var calls []byte
	for _, k := range kinds {
		c := make([]byte, inlinedCall)
		c[0] = k.id
		t.o.PutUint32(c[4:], t.nameAt[k.name])
		t.o.PutUint32(c[8:], uint32(caller))
		calls = append(calls, c...)
	}
	t.blobs.keep(index, appendValues(nil, runs), 1)
	t.blobs.keep(tree, calls, 4)
	return nil
}

// A piece is a value of a pc-value table, and for how many instructions it stands.
type piece struct{ v, pcs int }

// appendRun makes equal neighbours one.
func appendRun(runs []piece, r piece) []piece {
	if n := len(runs); n > 0 && runs[n-1].v == r.v {
		runs[n-1].pcs += r.pcs
		return runs
	}
	return append(runs, r)
}

// appendValues appends a pc-value table, as values reads it.
func appendValues(p []byte, runs []piece) []byte {
	last := -1
	for _, r := range runs {
		p = binary.AppendUvarint(p, uint64(uint32((r.v-last)<<1)^uint32((r.v-last)>>31)))
		p = binary.AppendUvarint(p, uint64(r.pcs))
		last = r.v
	}
	return append(p, 0)
}

// keepFrame keeps the table of how large the frame is of the i-th function. Where it
// ends, the frame is smaller for an instruction or two, POP and RET; but nobody asks
// there: stacks are looked at where functions are called, or an address is wrong.
// What is behind a RET has the frame of the function's middle again, so that these
// runs are left out, which makes many tables equal.
func (t *tables) keepFrame(i, f int) error {
	old := t.u32(f + 16)
	text := t.memory(t.md(mdText) + uint64(t.u32(t.pcln+8*i)))
	if old == 0 || t.f.Machine != elf.EM_X86_64 && t.f.Machine != elf.EM_386 {
		return t.keepPC(f + 16)
	}
	var runs []piece
	pc := 0
	_, err := t.values(old, func(v, pcs int) {
		if pcs == 1 && pc > 0 && pc < len(text) && (text[pc] == 0xc3 || text[pc] == 0x5d) { // RET, POPQ BP
			v = runs[len(runs)-1].v
		}
		runs = appendRun(runs, piece{v, pcs})
		pc += pcs
	})
	if err != nil {
		return err
	}
	t.blobs.keep(f+16, appendValues(nil, runs), 1)
	return nil
}

// keepPC keeps the pc-value table whose offset stands at a place in d.
func (t *tables) keepPC(at int) error {
	old := t.u32(at)
	if old == 0 || t.blobs.known(at) {
		return nil
	}
	size, err := t.values(old, func(int, int) {})
	if err != nil {
		return err
	}
	t.blobs.keep(at, t.d[t.pc+int(old):t.pc+int(old)+size], 1)
	return nil
}

// objectEnds returns where each object of go:func.* ends: where the next begins.
func (t *tables) objectEnds() map[uint32]uint32 {
	ends := map[uint32]uint32{}
	offs := slices.Sorted(maps.Keys(t.refs))
	for i, off := range offs {
		ends[off] = uint32(t.find - t.gofunc)
		if i+1 < len(offs) {
			ends[off] = offs[i+1]
		}
	}
	return ends
}

// keepObject keeps the object of go:func.* whose offset stands at a place in d.
func (t *tables) keepObject(at int, ends map[uint32]uint32) {
	if t.blobs.known(at) {
		return
	}
	off := t.u32(at)
	p := t.d[t.gofunc+int(off) : t.gofunc+int(ends[off])]
	align := 4
	switch kinds := t.refs[off]; {
	case kinds&(1<<funcdataStackObjects) != 0:
		align = t.word
	case kinds&^(1<<funcdataArgsMaps|1<<funcdataLocalsMaps) == 0 && len(p) >= 8:
		// runtime.stackmap: how many, of how many bits each; what follows is padding
		if n := 8 + int64(t.o.Uint32(p))*((int64(t.o.Uint32(p[4:]))+7)/8); n < int64(len(p)) {
			p = p[:n]
		}
	}
	t.blobs.keep(at, p, align)
}

// compact writes the table of functions anew, with the entries that entries, in
// overlay.go, tells the runtime of, and what looks them up.
func (t *tables) compact() (p, find []byte, err error) {
	order := t.o.(binary.AppendByteOrder)
	offset := func(v uint32) {
		if v >= 1<<24 {
			err = errors.New("the tables are too large")
		}
		p = append(p, byte(v), byte(v>>8), byte(v>>16))
	}
	align := func() {
		for len(p)%4 != 0 {
			p = append(p, 0)
		}
	}
	for i, f := range t.funcs {
		// Buckets that begin behind the function before and not behind this one.
		at := len(p)
		for end := t.u32(t.pcln + 8*i + 8); uint32(len(find)/4)*bucket < end; {
			find = order.AppendUint32(find, uint32(at))
		}
		args, deferreturn, name := int32(t.u32(f+8)), t.u32(f+12), t.u32(f+4)
		if args == -1<<31 { // internal/abi.ArgsSizeUnknown
			args = -1 << 15
		} else if args < 0 || args >= 1<<15 {
			return nil, nil, errors.New("a function has too many arguments")
		}
		if name >= 1<<8 {
			return nil, nil, errors.New("too many names of functions")
		}
		var pcs, fds [nowhere]uint32
		npc, nfd := 0, 0
		for k := range t.npcdata(f) {
			if v, to := t.u32(t.pcdata(f, k)), pcdataPlaces[k]; v != 0 && to != nowhere {
				pcs[to], npc = v, max(npc, to+1)
			}
		}
		if deferreturn != 0 {
			pcs[deferreturnPlace], npc = deferreturn, deferreturnPlace+1
		}
		for k := range t.nfuncdata(f) {
			if v, to := t.u32(t.funcdata(f, k)), funcdataPlaces[k]; v != none && to != nowhere {
				fds[to], nfd = v, max(nfd, to+1)
			}
		}
		p = append(p, t.d[f:f+4]...) // entryOff
		p = order.AppendUint16(p, uint16(args))
		p = append(p, byte(name), t.d[f+40], t.d[f+41], byte(npc|nfd<<4)) // funcID, flag
		offset(t.u32(f + 16))                                             // pcsp
		for _, v := range pcs[:npc] {
			offset(v)
		}
		for _, v := range fds[:nfd] {
			offset(v)
		}
		align()
	}
	p = order.AppendUint32(p, t.u32(t.pcln+8*t.nfunc)) // an entry where the code ends
	return append(p, make([]byte, 12)...), find, err
}

// parts are the offsets of the new section's, and the address that pc-value
// tables and objects of go:func.* are counted from.
type parts struct {
	names, pcln, find int
	base              uint64
}

// assemble puts the new section together. Pc-value tables and objects may stand
// anywhere behind one address, the first type's: they go into the holes, and what
// is left behind the section's other parts.
func (t *tables) assemble(addr uint64, holes []hole) (p []byte, at parts, err error) {
	const align = 32
	pad := func() {
		for (int(addr)+len(p))%align != 0 {
			p = append(p, 0)
		}
	}
	at.base = t.md(mdTypes)
	if at.base >= addr || at.base%align != 0 {
		return nil, at, errors.New("types are not where they are in Go 1.26")
	}
	section := int(addr - at.base)
	for _, r := range t.blobs.refs {
		t.o.PutUint32(t.d[r.at:], 1) // something: its place is not known yet
	}
	funcs, find, err := t.compact()
	if err != nil {
		return nil, at, err
	}
	p = append(p, t.d[:8+8*t.word]...)
	t.o.PutUint32(p, slimMagic)
	at.names = len(p)
	p = append(p, t.newNames...)
	pad()
	at.pcln = len(p)
	p = append(p, funcs...)
	pad()
	at.find = len(p)
	p = append(p, find...)
	end := t.blobs.place(holes, section+len(p))
	for _, r := range t.blobs.refs {
		t.o.PutUint32(t.d[r.at:], uint32(t.blobs.list[r.blob].off))
	}
	if funcs, _, err = t.compact(); err != nil {
		return nil, at, err
	}
	copy(p[at.pcln:], funcs)
	p = append(p, make([]byte, end-section-len(p))...)
	types := t.f.Section(".rodata")
	for _, b := range t.blobs.list {
		if b.off >= section {
			copy(p[b.off-section:], b.p)
		} else {
			copy(t.p[types.Offset+at.base-types.Addr+uint64(b.off):], b.p)
		}
	}
	for i, v := range [...]int{2: 0, 3: at.names, 4: at.pcln, 5: at.pcln, 6: at.pcln, 7: at.pcln} {
		if i >= 2 {
			t.put(p[8+i*t.word:], uint64(v))
		}
	}
	t.put(p[8+t.word:], 0) // nfiles
	return p, at, nil
}

// patchModule tells moduledata where everything is now.
func (t *tables) patchModule(addr, size, moved uint64, at parts, end int) error {
	slice := func(i, off, n int) {
		t.setMD(i, addr+uint64(off))
		t.setMD(i+1, uint64(n))
		t.setMD(i+2, uint64(n))
	}
	mod, err := t.f.Section(".go.module"), error(nil)
	// It lies behind the tables, so it has moved in the file.
	for i, s := range t.f.Sections {
		if s == mod {
			_, off, _ := t.shdr(i)
			t.moduledata = int(t.get(off))
		}
	}
	known := map[int]bool{mdHeader: true, mdFuncnames: true, mdCutab: true, mdFiletab: true, mdPctab: true, mdPclntable: true, mdFtab: true, mdFindfunc: true,
		mdGofunc: true, mdEpclntab: true, mdTypelinks: true, mdItablinks: true}
	for i := range mdWords {
		if v := t.md(i); !known[i] && v >= addr && v < addr+size {
			err = fmt.Errorf("word %d of moduledata points into the tables", i)
		}
	}
	if v := t.md(mdItablinks); v >= addr+size {
		t.setMD(mdItablinks, v-moved)
	}
	slice(mdTypelinks, at.pcln, 0) // which package reflect alone reads, and a program of several modules
	slice(mdFuncnames, at.names, len(t.newNames))
	slice(mdCutab, at.pcln, 0)
	slice(mdFiletab, at.pcln, 0)
	slice(mdPctab, -int(addr-at.base), int(addr-at.base)+end)
	slice(mdPclntable, at.pcln, at.find-at.pcln)
	slice(mdFtab, at.pcln, 0)
	t.setMD(mdFindfunc, addr+uint64(at.find))
	t.setMD(mdGofunc, at.base)
	t.setMD(mdEpclntab, addr+uint64(end))
	return err
}
