package main

import (
	"bytes"
	"cmp"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// An edit is a change of a source file of Go's own packages for the shipped
// binary: text that must be there exactly once, and what stands in its place.
type edit struct{ file, old, new string }

// edits take out what the binary never does, and the linker then leaves out all
// that only this used.
var edits = []edit{
	// No execution trace is ever recorded (runtime/trace is not linked).
	result("runtime/traceruntime.go", "func traceEnabled() bool {", "false"),
	result("runtime/traceruntime.go", "func traceAllocFreeEnabled() bool {", "false"),
	result("runtime/traceruntime.go", "func traceShuttingDown() bool {", "false"),

	// Nor a profile (runtime/pprof is not linked).
	nothing("runtime/proc.go", "func sigprof(pc, sp, lr uintptr, gp *g, mp *m) {"),
	nothing("runtime/os_linux.go", "func setThreadCPUProfiler(hz int32) {"),
	nothing("runtime/mprof.go", "func mProf_Malloc(mp *m, p unsafe.Pointer, size uintptr) {"),
	nothing("runtime/mprof.go", "func blockevent(cycles int64, skip int) {"),
	nothing("runtime/mprof.go", "func mutexevent(cycles int64, skip int) {"),
	nothing("runtime/mprof.go", "func (prof *mLockProfile) recordUnlock(cycles int64) {"), // without it, "store" below would use stacks that are not there
	nothing("runtime/mprof.go", "func (prof *mLockProfile) store() {"),
	result("runtime/mprof.go", "func (prof *mLockProfile) start() int64 {", "0"),
	nothing("runtime/proc.go", "func mProfStackInit(mp *m) {"), // where stacks would be kept

	// GOMAXPROCS is the number of CPUs that the process may run on; limits of a
	// control group do not count. To find that group, the runtime would read
	// /proc/self/mountinfo before main, which has a line for each named network
	// namespace.
	nothing("runtime/cgroup_linux.go", "func defaultGOMAXPROCSInit() {"),
	{"runtime/cgroup_linux.go", "	if !cgroupOK {\n", "	if true {\n"},

	// Nor who started a goroutine's starter, nor all goroutines at once; C has no part.
	result("runtime/proc.go", "func saveAncestors(callergp *g) *[]ancestorInfo {", "nil"),
	nothing("runtime/traceback.go", "func printAncestorTraceback(ancestor ancestorInfo) {"),
	nothing("runtime/mprof.go", "func tryRecordGoroutineProfile(gp1 *g, pcbuf []uintptr, yield func()) {"),
	nothing("runtime/traceback.go", "func printCgoTraceback(callers *cgoCallers) {"),
	result("runtime/traceback.go", "func printOneCgoTraceback(pc uintptr, commitFrame func() (pr, stop bool), arg *cgoSymbolizerArg) bool {", "false"),
	result("runtime/symtab.go", "func expandCgoFrames(pc uintptr) []Frame {", "nil"),

	// What a trace would show of arguments slim has taken out; and of a damaged heap
	// it says where, and not what lies around.
	nothing("runtime/traceback.go", "func printArgs(f funcInfo, argp unsafe.Pointer, pc uintptr) {"),
	nothing("runtime/hexdump.go", "func hexdumpWords(p, len uintptr, mark func(uintptr, hexdumpMarker)) {"),
	nothing("runtime/mgcmark.go", "func gcDumpObject(label string, obj, off uintptr) {"),

	// The sizes of Go's types are what the compiler takes them for.
	nothing("runtime/runtime1.go", "func check() {"),

	// Only ASCII has upper and lower case, as in the C locale that stock tools run in:
	// names of options, header fields and hosts are compared so.
	result("unicode/letter.go", "func to(_case int, r rune, caseRange []CaseRange) (mappedRune rune, foundMapping bool) {", "r, false"),

	// Long lists are sorted in one way: by a heap, which is at worst three times slower.
	{"slices/zsortordered.go", "func pdqsortOrdered[E cmp.Ordered](data []E, a, b, limit int) {\n", "func pdqsortOrdered[E cmp.Ordered](data []E, a, b, limit int) {\n" +
		"	if b-a <= 12 {\n		insertionSortOrdered(data, a, b)\n	} else {\n		heapSortOrdered(data, a, b)\n	}\n	return\n"},
	{"slices/zsortanyfunc.go", "func pdqsortCmpFunc[E any](data []E, a, b, limit int, cmp func(a, b E) int) {\n", "func pdqsortCmpFunc[E any](data []E, a, b, limit int, cmp func(a, b E) int) {\n" +
		"	if b-a <= 12 {\n		insertionSortCmpFunc(data, a, b, cmp)\n	} else {\n		heapSortCmpFunc(data, a, b, cmp)\n	}\n	return\n"},

	// $GODEBUG's schedtrace, scavtrace and checkfinalizers.
	nothing("runtime/mgcscavenge.go", "func printScavTrace(releasedBg, releasedEager uintptr, forced bool) {"),
	nothing("runtime/proc.go", "func schedtrace(detailed bool) {"),
	nothing("runtime/mcheckmark.go", "func checkFinalizersAndCleanups() {"),

	// Goroutines are not interrupted between calls of functions, as it was until Go
	// 1.14: no loop of ours runs long without a call, and where it may be interrupted
	// is a tenth of the tables of functions.
	{"runtime/signal_unix.go", "const preemptMSupported = true\n", "const preemptMSupported = false\n"},
	// Nor by a SIGURG that somebody else sends.
	{"runtime/signal_unix.go", "	if sig == sigPreempt && debug.asyncpreemptoff == 0 && !delayedSignal {\n", "	if preemptMSupported && sig == sigPreempt && debug.asyncpreemptoff == 0 && !delayedSignal {\n"},

	// With one P, and nothing that waits for it, a call to the kernel may take 10 ms
	// before the P is given to another thread, which finds nothing to do; it would be
	// 20 µs, and the one that made the call would have to wait to get it back.
	{"runtime/proc.go", "		if runqempty(pp) && sched.nmspinning.Load()+sched.npidle.Load() > 0 && pd.syscallwhen+10*1000*1000 > now {\n",
		"		if runqempty(pp) && (sched.nmspinning.Load()+sched.npidle.Load() > 0 || gomaxprocs == 1 && sched.runq.empty()) && pd.syscallwhen+10*1000*1000 > now {\n"},

	// A signal that was not blocked when the process began is not blocked on any thread,
	// and os/signal needs none of its own that has it unblocked.
	{"runtime/signal_unix.go", "		ensureSigM()\n		enableSigChan <- sig\n		<-maskUpdatedChan\n",
		"		if blockedAtStart(sig) {\n			ensureSigM()\n			enableSigChan <- sig\n			<-maskUpdatedChan\n		}\n"},
	{"runtime/signal_unix.go", "		ensureSigM()\n		disableSigChan <- sig\n		<-maskUpdatedChan\n",
		"		if blockedAtStart(sig) {\n			ensureSigM()\n			disableSigChan <- sig\n			<-maskUpdatedChan\n		}\n"},
	{"runtime/signal_unix.go", "func sigenable(sig uint32) {\n",
		"func blockedAtStart(sig uint32) bool {\n	rest := initSigmask\n	sigdelset(&rest, int(sig))\n	return rest != initSigmask\n}\n\nfunc sigenable(sig uint32) {\n"},

	// There is one module, and no plugin.
	nothing("runtime/type.go", "func typelinksinit() {"),

	// print and panic show a number with a fraction by its bits.
	{"runtime/print.go", "	gwrite(strconv.AppendFloat(buf[:0], v, 'g', -1, 64))\n", "	_ = buf\n	printhex(float64bits(v))\n"},
	{"runtime/print.go", "	gwrite(strconv.AppendFloat(buf[:0], float64(v), 'g', -1, 32))\n", "	_ = buf\n	printhex(float64bits(float64(v)))\n"},
	{"runtime/print.go", "	gwrite(strconv.AppendComplex(buf[:0], c, 'g', -1, 128))\n", "	_ = buf\n	printfloat64(real(c))\n	printfloat64(imag(c))\n"},
	{"runtime/print.go", "	gwrite(strconv.AppendComplex(buf[:0], complex128(c), 'g', -1, 64))\n", "	_ = buf\n	printcomplex128(complex128(c))\n"},
}

// entries are edits, too: the runtime reads the table of functions as slim writes
// it. An entry is 10 bytes and not 44, and then offsets of three bytes: of the table
// of frame sizes, and what else there is, what most functions have first. They follow
// each other in the order of the functions; findfunctab has for each 4096 bytes of
// code where the entry is of the function that they begin in. A program that was not
// slimmed ends at once.
var entries = []edit{
	{"runtime/runtime2.go", "	entryOff uint32 // start pc, as offset from moduledata.text\n	nameOff  int32  // function name, as index into moduledata.funcnametab.\n\n" +
		"	args        int32  // in/out args size\n	deferreturn uint32 // offset of start of a deferreturn call instruction from entry, if any.\n\n" +
		"	pcsp      uint32\n	pcfile    uint32\n	pcln      uint32\n	npcdata   uint32\n	cuOffset  uint32     // runtime.cutab offset of this function's CU\n" +
		"	startLine int32      // line number of start of function (func keyword/TEXT directive)\n	funcID    abi.FuncID // set for certain special runtime functions\n" +
		"	flag      abi.FuncFlag\n	_         [1]byte // pad\n	nfuncdata uint8   // must be last, must end on a uint32-aligned boundary\n",
		`	entryOff uint32
	args     int16 // -1<<15 for abi.ArgsSizeUnknown
	nameOff  uint8
	funcID   abi.FuncID
	flag     abi.FuncFlag
	counts   uint8 // of pcdata in the low four bits, of funcdata in the others
`},
	{"runtime/symtab.go", "func pcdatastart(f funcInfo, table uint32) uint32 {\n	return *(*uint32)(add(unsafe.Pointer(&f.nfuncdata), unsafe.Sizeof(f.nfuncdata)+uintptr(table)*4))\n",
		`// offset returns one of the offsets behind an entry.
func (f *_func) offset(i uintptr) uint32 {
	p := (*[3]byte)(add(unsafe.Pointer(f), 10+3*i))
	return uint32(p[0]) | uint32(p[1])<<8 | uint32(p[2])<<16
}

// next returns the entry behind one.
//
//go:nosplit
func (f *_func) next() *_func {
	n := 10 + 3*(1+uintptr(f.counts&15)+uintptr(f.counts>>4))
	return (*_func)(add(unsafe.Pointer(f), (n+3)&^3))
}

func (f *_func) pcsp() uint32 { return f.offset(0) }

func (f *_func) deferreturn() uint32 {
	if f.counts&15 <= 3 {
		return 0
	}
	return f.offset(1 + 3)
}

// pcdataPlace returns where in its list the entry of a table is, or 15.
func pcdataPlace(table uint32) uint32 { return ` + nibbles(pcdataPlaces[:]) + ` >> (4 * table) & 15 }

func pcdatastart(f funcInfo, table uint32) uint32 {
	i := pcdataPlace(table)
	if i >= uint32(f.counts&15) {
		return 0
	}
	return f.offset(1 + uintptr(i))
`},
	{"runtime/symtab.go", "	if i < 0 || i >= f.nfuncdata {\n		return nil\n	}\n",
		`	i = uint8(uint32(` + nibbles(funcdataPlaces[:]) + `) >> (4 * i) & 15)
	if i >= f.counts>>4 {
		return nil
	}
`},
	{"runtime/symtab.go", "	p := uintptr(unsafe.Pointer(&f.nfuncdata)) + unsafe.Sizeof(f.nfuncdata) + uintptr(f.npcdata)*4 + uintptr(i)*4\n	off := *(*uint32)(unsafe.Pointer(p))\n",
		"	off := f.offset(1 + uintptr(f.counts&15) + uintptr(i))\n"},
	{"runtime/symtab.go", "	if off == ^uint32(0) {\n		mask = 1\n", "	if off == 0 {\n		mask = 1\n"},
	{"runtime/symtab.go", "	b := x / abi.FuncTabBucketSize\n	i := x % abi.FuncTabBucketSize / (abi.FuncTabBucketSize / nsub)\n\n" +
		"	ffb := (*findfuncbucket)(add(unsafe.Pointer(datap.findfunctab), b*unsafe.Sizeof(findfuncbucket{})))\n	idx := ffb.idx + uint32(ffb.subbuckets[i])\n\n" +
		"	// Find the ftab entry.\n	for datap.ftab[idx+1].entryoff <= pcOff {\n		idx++\n	}\n\n	funcoff := datap.ftab[idx].funcoff\n" +
		"	return funcInfo{(*_func)(unsafe.Pointer(&datap.pclntable[funcoff])), datap}\n",
		`	b := *(*uint32)(add(unsafe.Pointer(datap.findfunctab), x/abi.FuncTabBucketSize*4))
	f := (*_func)(add(unsafe.Pointer(unsafe.SliceData(datap.pclntable)), uintptr(b)))
	for {
		next := f.next()
		if next.entryOff > pcOff {
			return funcInfo{f, datap}
		}
		f = next
	}
`},
	{"runtime/symtab.go", "	const nsub = uintptr(len(findfuncbucket{}.subbuckets))\n", ""},
	{"runtime/symtab.go", "	// ftab is lookup table for function by program counter.\n", "	return // slim has made the rest\n"},
	{"runtime/symtab.go", "	if hdr.magic != abi.CurrentPCLnTabMagic ||", "	if hdr.magic != " + fmt.Sprintf("%#x", uint32(slimMagic)) + " ||"},
	{"runtime/symtab.go", `		throw("invalid function symbol table")`, `		throw("` + marker + `")`},

	{"runtime/symtab.go", "func pcdatavalue(f funcInfo, table uint32, targetpc uintptr) int32 {\n	if table >= f.npcdata {\n		return -1\n	}\n", "func pcdatavalue(f funcInfo, table uint32, targetpc uintptr) int32 {\n"},
	{"runtime/symtab.go", "func pcdatavalue1(f funcInfo, table uint32, targetpc uintptr, strict bool) int32 {\n	if table >= f.npcdata {\n		return -1\n	}\n", "func pcdatavalue1(f funcInfo, table uint32, targetpc uintptr, strict bool) int32 {\n"},
	{"runtime/symtab.go", "func pcdatavalue2(f funcInfo, table uint32, targetpc uintptr) (int32, uintptr) {\n	if table >= f.npcdata {\n		return -1, 0\n	}\n", "func pcdatavalue2(f funcInfo, table uint32, targetpc uintptr) (int32, uintptr) {\n"},
	{"runtime/symtab.go", "	x, _ := pcvalue(f, f.pcsp, targetpc, true)\n", "	x, _ := pcvalue(f, f.pcsp(), targetpc, true)\n"},
	{"runtime/symtab.go", `hex(f.pcsp)`, `hex(f.pcsp())`},
	{"runtime/symtab.go", "datap.pctab[f.pcsp:]", "datap.pctab[f.pcsp():]"},
	{"runtime/traceback.go", "	if f.pcsp == 0 {\n", "	if f.pcsp() == 0 {\n"},
	{"runtime/traceback.go", "		if frame.fn.deferreturn != 0 {\n			frame.continpc = frame.fn.entry() + uintptr(frame.fn.deferreturn) + 1\n",
		"		if frame.fn.deferreturn() != 0 {\n			frame.continpc = frame.fn.entry() + uintptr(frame.fn.deferreturn()) + 1\n"},
	{"runtime/panic.go", "	if fn.deferreturn == 0 {\n", "	if fn.deferreturn() == 0 {\n"},
	{"runtime/panic.go", "uintptr(fn.deferreturn)\n", "uintptr(fn.deferreturn())\n"},
	{"runtime/panic.go", "	if f.deferreturn == 0 {\n", "	if f.deferreturn() == 0 {\n"},
	{"runtime/panic.go", "uintptr(f.deferreturn)\n", "uintptr(f.deferreturn())\n"},
	{"runtime/stkframe.go", "	if frame.fn.args != abi.ArgsSizeUnknown {\n", "	if frame.fn.args != -1<<15 {\n"},
	{"runtime/stkframe.go", "	if f.args != abi.ArgsSizeUnknown {\n		argMap.n = f.args / goarch.PtrSize\n", "	if f.args != -1<<15 {\n		argMap.n = int32(f.args) / goarch.PtrSize\n"},

	// Files and lines, which nothing knows: "?", 0.
	{"runtime/symtab.go", "	return fn.funcInfo().startLine\n", "	return 0\n"},
	{"runtime/symtab.go", "srcFunc{f.datap, f.nameOff, f.startLine, f.funcID}", "srcFunc{f.datap, int32(f.nameOff), 0, f.funcID}"},
	{"runtime/symtab.go", "	return f.datap.funcName(f.nameOff)\n", "	return f.datap.funcName(int32(f.nameOff))\n"},
	{"runtime/symtab.go", "datap.cutab[f.cuOffset+uint32(fileno)]", "datap.cutab[uint32(fileno)]"},
	{"runtime/symtab.go", "pcvalue(f, f.pcfile, targetpc, strict)", "pcvalue(f, 0, targetpc, strict)"},
	{"runtime/symtab.go", "pcvalue(f, f.pcln, targetpc, strict)", "pcvalue(f, 0, targetpc, strict)"},
}

// marker stands in every program that is built with the overlay.
const marker = "built with slim's overlay, and not slimmed"

// pcdataPlaces and funcdataPlaces are, for each PCDATA_ and FUNCDATA_ constant of
// internal/abi, the place in an entry's list; nowhere is that of what is not kept.
// Behind all pcdata is deferreturn, the place of a call in the code.
var (
	pcdataPlaces   = [...]int{nowhere, 0, 2, nowhere, 1}
	funcdataPlaces = [...]int{0, 1, 2, 5, 3, nowhere, nowhere, 4}
)

const (
	nowhere          = 15
	deferreturnPlace = 3
)

// nibbles returns the places as a number in Go, four bits each. All others are 15.
func nibbles(places []int) string {
	n := ^uint32(0)
	for i, p := range places {
		n = n&^(15<<(4*i)) | uint32(p)<<(4*i)
	}
	return fmt.Sprintf("%#x", n)
}

// wholes are files of ours for whole packages of Go's. old is what a file must
// hold to be replaced, all that others may call.
var wholes = []struct {
	file, text string
	old        []string
}{
	{"internal/godebug/godebug.go", godebug, []string{"\nfunc New(name string) *Setting {", "\nfunc (s *Setting) Name() string {", "\nfunc (s *Setting) Undocumented() bool {",
		"\nfunc (s *Setting) String() string {", "\nfunc (s *Setting) IncNonDefault() {", "\nfunc (s *Setting) Value() string {"}},
}

//go:embed std/godebug.go.txt
var godebug string

// nothing is an edit that makes a function do nothing.
func nothing(file, head string) edit { return edit{file, head + "\n", head + "\n\treturn\n"} }

// result is an edit that makes a function return a value.
func result(file, head, value string) edit {
	return edit{file, head + "\n", head + "\n\treturn " + value + "\n"}
}

// writeOverlay makes dir/overlay.json for go build -overlay, and beside it the
// files that it names, and gcflags, which only a program with these may be compiled
// with. If Go's are not as they are in 1.26, it replaces none, and there is no gcflags.
func writeOverlay(dir string) error {
	root, err := goroot()
	if err != nil {
		return err
	}
	texts, wrong := editAll(func(file string) (string, error) {
		p, err := os.ReadFile(filepath.Join(root, file))
		return string(p), err
	})
	flags := filepath.Join(dir, "gcflags")
	if wrong != nil {
		if err := os.Remove(flags); err != nil && !os.IsNotExist(err) {
			return err
		}
	}
	if err := writeTexts(dir, root, texts); err != nil || wrong != nil {
		return cmp.Or(err, wrong)
	}
	return write(flags, []byte(noBarriers+"\n"))
}

// goroot returns the folder of Go's own packages.
func goroot() (string, error) {
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return "", fmt.Errorf("go env GOROOT: %w", err)
	}
	return filepath.Join(strings.TrimSpace(string(out)), "src"), nil
}

// writeTexts writes files that stand for those of root, and dir/overlay.json, which says so.
func writeTexts(dir, root string, texts map[string]string) error {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	replace := map[string]string{}
	for file, text := range texts {
		to := filepath.Join(dir, strings.ReplaceAll(file, "/", "_")+".txt") // no part of a module around it
		if err := write(to, []byte(text)); err != nil {
			return err
		}
		replace[filepath.Join(root, file)] = to
	}
	p, err := json.MarshalIndent(map[string]any{"Replace": replace}, "", "\t")
	if err != nil {
		return err
	}
	return write(filepath.Join(dir, "overlay.json"), p)
}

// write leaves alone a file that is as it should be: a build may be reading it.
func write(path string, p []byte) error {
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, p) {
		return nil
	}
	return os.WriteFile(path, p, 0o644)
}

// editAll returns the changed files, all or none.
func editAll(read func(file string) (string, error)) (map[string]string, error) {
	texts, err := apply(slices.Concat(edits, stopped, unused, starts, memory, entries), read)
	if err != nil {
		return nil, err
	}
	for _, w := range wholes {
		t, err := read(w.file) // none has edits, too
		if err != nil {
			return nil, err
		}
		known := 0
		for _, o := range w.old {
			known += strings.Count(t, o)
		}
		exported := strings.Count(t, "\nfunc (s *Setting) ") - strings.Count(t, "\nfunc (s *Setting) register() {") + strings.Count(t, "\nfunc New")
		if known != len(w.old) || exported != known {
			return nil, fmt.Errorf("%s is not that of Go 1.26; Go's own packages stay as they are", w.file)
		}
		texts[w.file] = w.text
	}
	return texts, nil
}

// apply returns the files that edits change, as they are then.
func apply(edits []edit, read func(file string) (string, error)) (map[string]string, error) {
	texts := map[string]string{}
	for _, e := range edits {
		t, ok := texts[e.file]
		if !ok {
			var err error
			if t, err = read(e.file); err != nil {
				return nil, err
			}
		}
		if n := strings.Count(t, e.old); n != 1 {
			return nil, fmt.Errorf("%s has %q %d times, not once: not that of Go 1.26; Go's own packages stay as they are", e.file, e.old, n)
		}
		texts[e.file] = strings.Replace(t, e.old, e.new, 1)
	}
	return texts, nil
}
