package main

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"strings"
)

// A short command's time goes to what the runtime does before main. Here is taken
// out what such a command needs none of, and done ahead what comes out the same at
// each start. docs/size.md says what each is worth. Each edit knows exactly what it
// changes; one whose place is not found, or not once, is left out, and slim says so:
// the program starts more slowly then, and does the same.

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

// quicken makes all edits but that of pointerMaps, and returns what it left out.
func (t *tables) quicken() (left []string) {
	note := func(what string, err error) {
		if err != nil && err != errArch {
			left = append(left, what+": "+err.Error())
		}
	}
	// Files that cannot be opened are the same to the runtime as those of a kernel
	// that has none. The cgroup's CPU limit would be looked for at each start, in two
	// files of /proc and two more; what it is for, the number of Ps, is one here.
	note("cgroup", t.unname("/proc/self/cgroup\x00"))
	note("huge pages", t.unname("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size\x00"))
	note("signals", t.signals())
	note("itabs", t.itabs())
	// slim has just read the table of functions; the runtime does not check it again.
	note("table of functions", t.withoutCalls("runtime.schedinit", "runtime.moduledataverify1", 1))
	// The collector's two helpers say that they have begun, and main waits for it; but
	// main is locked to its thread at that time, so that for them another one is made.
	// Who wakes them looks whether they sleep. They begin when main first waits.
	note("collector", t.withoutCalls("runtime.gcenable", "runtime.chanrecv1", 2))
	// GODEBUG is not read for the packages outside of the runtime; setting it later has it
	// read. The map that it is kept in takes a larger stack than all else before main.
	note("GODEBUG", t.withoutCalls("internal/godebug.setUpdate", "runtime.godebugNotify", 1))
	note("one P", t.oneP())
	return left
}

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

// unname makes a path, which stands in the file once if at all, empty.
func (t *tables) unname(path string) error {
	i := bytes.Index(t.p, []byte(path))
	if i < 0 {
		return nil // an overlay has taken it out
	}
	if bytes.Contains(t.p[i+1:], []byte(path)) {
		return errors.New("it is not there once")
	}
	t.p[i] = 0
	return nil
}

// Signals that the runtime needs a handler for: panics of the program's own making,
// interrupting loops, all threads at once (syscall.AllThreadsSyscall), and SIGPIPE,
// which would end a program that writes to a closed connection.
var needed = map[string]bool{
	"SIGBUS: bus error": true, "SIGFPE: floating-point exception": true, "SIGSEGV: segmentation violation": true,
	"SIGPIPE: write to broken pipe": true, "SIGURG: urgent condition on socket": true,
	"signal 32": true, "signal 33": true, "signal 34": true,
}

// signals leaves all other signals to the kernel until os/signal asks for them: the
// runtime's own mark for it, _SigDefault, which SIGTSTP has. That is two system calls
// less for each, and they do what they do to any other program.
func (t *tables) signals() error {
	const first, sigDefault, fewest = "SIGNONE: no trap", 1 << 4, 60
	data, size := t.f.Section(".data"), 3*t.word
	if data == nil {
		return errors.New("no section .data")
	}
	// runtime.sigtable: flags, and the name, a string
	flags := t.p[data.Offset : data.Offset+data.Size]
	name := func(i int) string {
		at, n := t.get(flags[i+t.word:]), t.get(flags[i+2*t.word:])
		if p := t.memory(at); n < 100 && n <= uint64(len(p)) {
			return string(p[:n])
		}
		return ""
	}
	start := -1
	for i := 0; i+fewest*size <= len(flags); i += t.word {
		if t.o.Uint32(flags[i:]) == 0 && name(i) == first {
			start = i
			break
		}
	}
	if start < 0 {
		return errors.New("no table of them")
	}
	n := 0
	for i := start + size; i+size <= len(flags); i += size {
		s := name(i)
		if !strings.HasPrefix(s, "SIG") && !strings.HasPrefix(s, "signal ") {
			break
		}
		if f := t.o.Uint32(flags[i:]); f != 0 && !needed[s] {
			t.o.PutUint32(flags[i:], f|sigDefault)
		}
		n++
	}
	if n < fewest {
		return errors.New("their table is short")
	}
	return nil
}

// itabs fills the table in which the runtime looks for the methods of a type for an
// interface: the linker's list of them is gone through at each start, and for each of
// them two types are looked at that nothing else looks at.
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

// code returns the instructions of all functions of a name: wrappers have the same.
func (t *tables) code(name string) (addrs []uint64, text [][]byte) {
	for i, f := range t.funcs {
		if s, err := t.name(t.u32(f + 4)); err != nil || s != name {
			continue
		}
		from, to := t.md(mdText)+uint64(t.u32(t.pcln+8*i)), t.md(mdText)+uint64(t.u32(t.pcln+8*i+8))
		if p := t.memory(from); to > from && to-from <= uint64(len(p)) {
			addrs, text = append(addrs, from), append(text, p[:to-from])
		}
	}
	return addrs, text
}

// An edit of machine code.
var errArch = errors.New("not done on this architecture")

// withoutCalls replaces the calls of one function in another, of which there must be
// so many and whose results are not used.
func (t *tables) withoutCalls(from, callee string, want int) error {
	entries, _ := t.code(callee)
	addrs, text := t.code(from)
	if len(addrs) == 0 {
		return nil // an overlay has taken it out
	}
	if len(entries) != 1 {
		return errors.New("not one " + callee)
	}
	var at [][]byte // the calls
	var nop []byte
	each := func(size, step int, target func(addr uint64, p []byte) (uint64, bool)) {
		for k, p := range text {
			for i := 0; i+size <= len(p); i += step {
				if a, ok := target(addrs[k]+uint64(i), p[i:]); ok && a == entries[0] {
					at = append(at, p[i:])
				}
			}
		}
	}
	switch t.f.Machine {
	case elf.EM_X86_64, elf.EM_386: // CALL rel32; NOPL 0(AX)(AX*1)
		nop = []byte{0x0f, 0x1f, 0x44, 0, 0}
		each(5, 1, func(addr uint64, p []byte) (uint64, bool) {
			return addr + 5 + uint64(int64(int32(t.o.Uint32(p[1:])))), p[0] == 0xe8
		})
	case elf.EM_AARCH64: // BL imm26; NOP
		nop = binary.LittleEndian.AppendUint32(nil, 0xd503201f)
		each(4, 4, func(addr uint64, p []byte) (uint64, bool) {
			w := t.o.Uint32(p)
			return addr + uint64(int64(int32(w<<6)>>4)), w>>26 == 0x25
		})
	case elf.EM_ARM: // BL imm24; MOVW R0, R0
		nop = binary.LittleEndian.AppendUint32(nil, 0xe1a00000)
		each(4, 4, func(addr uint64, p []byte) (uint64, bool) {
			w := t.o.Uint32(p)
			return addr + 8 + uint64(int64(int32(w<<8)>>6)), w>>24 == 0xeb
		})
	default:
		return errArch
	}
	if len(at) != want {
		return errors.New("the calls of " + callee + " are not those of Go 1.26")
	}
	for _, p := range at {
		copy(p, nop)
	}
	return nil
}

// oneP lets the program begin as on a machine with one CPU, so that no threads are
// made for goroutines that could run on others: what runs longer asks for them
// (cli.AllCPUs). The runtime asks the kernel which CPUs there are; of an answer of
// no bytes it makes one.
func (t *tables) oneP() error {
	const name = "runtime.sched_getaffinity"
	var call, zero []byte
	word := func(w uint32) []byte { return binary.LittleEndian.AppendUint32(nil, w) }
	switch t.f.Machine {
	case elf.EM_X86_64:
		call, zero = []byte{0x0f, 0x05}, []byte{0x31, 0xc0} // SYSCALL; XORL AX, AX
	case elf.EM_386:
		call, zero = []byte{0xcd, 0x80}, []byte{0x31, 0xc0} // INT $0x80
	case elf.EM_AARCH64:
		call, zero = word(0xd4000001), word(0xd2800000) // SVC; MOVD $0, R0
	case elf.EM_ARM:
		call, zero = word(0xef000000), word(0xe3a00000) // SWI $0; MOVW $0, R0
	case elf.EM_RISCV:
		call, zero = word(0x00000073), word(0x00000513) // ECALL; MOV $0, A0
	default:
		return errArch
	}
	_, text := t.code(name)
	n := 0
	for _, p := range text {
		n += bytes.Count(p, call)
	}
	if n != 1 {
		return errors.New(name + " is not what it is in Go 1.26")
	}
	for _, p := range text {
		if i := bytes.Index(p, call); i >= 0 {
			copy(p[i:], zero)
		}
	}
	return nil
}
