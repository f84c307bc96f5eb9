package main

// unused are edits, too: what is linked although the binary never does it.
var unused = []edit{
	// Numbers with a fraction are rare: the exact way for all is enough, without the fast ones and their table.
	// They are written with so many digits, and in decimal, and none is a float32.
	{"internal/strconv/atof.go", "var optimize = true ", "const optimize = false "},
	{"internal/strconv/atof.go", "	if bitSize == 32 {\n		f, n, err := atof32(s)\n", "	if false {\n		f, n, err := atof32(s)\n"},
	{"internal/strconv/ftoa.go", "	if fmt == 'b' {\n", "	if false {\n"},
	{"internal/strconv/ftoa.go", "	if fmt == 'x' || fmt == 'X' {\n", "	if false {\n"},
	{"internal/strconv/ftoa.go", "	shortest := prec < 0\n	if shortest {\n		roundShortest(", "	const shortest = false\n	if shortest {\n		roundShortest("},

	// No debugger calls functions.
	{"runtime/asm_amd64.s", "	MOVQ	$runtime·debugPinnerV1<ABIInternal>(SB), AX\n	MOVQ	$runtime·debugCallV2<ABIInternal>(SB), AX\n", ""},
	{"runtime/asm_arm64.s", "	MOVD	$runtime·debugPinnerV1<ABIInternal>(SB), R0\n	MOVD	$runtime·debugCallV2<ABIInternal>(SB), R0\n", ""},
	{"runtime/asm_loong64.s", "	MOVV	$runtime·debugPinnerV1<ABIInternal>(SB), R0\n	MOVV	$runtime·debugCallV2<ABIInternal>(SB), R0\n", ""},
	{"runtime/asm_ppc64x.s", "	MOVD	$runtime·debugPinnerV1<ABIInternal>(SB), R31\n	MOVD	$runtime·debugCallV2<ABIInternal>(SB), R31\n", ""},

	// No trace, no profile of goroutines that wait for ever, no line for each collection.
	result("runtime/traceruntime.go", "func (tl traceLocker) ok() bool {", "false"),
	{"runtime/traceevent.go", "func (tl traceLocker) eventWriter(goStatus tracev2.GoStatus, procStatus tracev2.ProcStatus) traceEventWriter {\n",
		"func (tl traceLocker) eventWriter(goStatus tracev2.GoStatus, procStatus tracev2.ProcStatus) traceEventWriter {\n	return traceEventWriter{}\n"},
	nothing("runtime/traceevent.go", "func (e traceEventWriter) event(ev tracev2.EventType, args ...traceArg) {"),
	result("runtime/traceevent.go", "func (tl traceLocker) stack(skip int) traceArg {", "0"),
	result("runtime/mgc.go", "func findGoroutineLeaks() bool {", "true"),
	result("runtime/mgc.go", "func findMaybeRunnableGoroutines() (moreWork bool) {", "false"),
	nothing("runtime/mgc.go", "func setSyncObjectsUntraceable() {"),
	{"runtime/mgc.go", "	if debug.gctrace > 0 {\n", "	if false {\n"},

	// Nobody sends a thread the signal that interrupts it, as preemptMSupported is false.
	nothing("runtime/signal_unix.go", "func doSigPreempt(gp *g, ctxt *sigctxt) {"),
	{"runtime/mgcmark.go", "	if state.conservative || isAsyncPreempt || isDebugCall {\n", "	if false {\n"},

	// All threads are Go's.
	nothing("runtime/proc.go", "func newextram() {"),
	{"runtime/signal_unix.go", "	needm(true)\n	if !sigsend(", "	return\n	needm(true)\n	if !sigsend("},

	// errors.As asks whether an error is of a type, which has methods and so a name, or points to
	// one that has: each of these has one descriptor. No panic of reflectlite's names a method.
	result("internal/reflectlite/type.go", "func directlyAssignable(T, V *abi.Type) bool {", "T == V"),
	result("internal/reflectlite/value.go", "func methodName() string {", `"?"`),

	// Of threads nobody asks who made them.
	{"runtime/proc.go", "		callers(1, mp.createstack[:])\n", ""},

	// $GODEBUG's gccheckmark, and cpu.NAME.
	{"runtime/mgc.go", "		if debug.gccheckmark > 0 {\n			runCheckmark(", "		if false {\n			runCheckmark("},
	{"runtime/mgcmark.go", "	if useCheckmark {\n		if setCheckmark(", "	if false {\n		if setCheckmark("},
	nothing("internal/cpu/cpu.go", "func processOptions(env string) {"),

	// No testing/synctest, no arenas, no runtime.Pinner.
	{"sync/waitgroup.go", "	if synctest.IsInBubble() {\n", "	if false {\n"},
	nothing("runtime/synctest.go", "func (bubble *synctestBubble) changegstatus(gp *g, oldval, newval uint32) {"),
	nothing("runtime/arena.go", "func (s *mspan) setUserArenaChunkToFault() {"),
	nothing("runtime/pinner.go", "func (s *mspan) refreshPinnerBits() {"),

	// A panic's value of a type that is neither of Go's own nor can tell what it says is shown by its address.
	{"runtime/error.go", "func printanycustomtype(i any) {\n", "func printanycustomtype(i any) {\n	print(\"(?) \", efaceOf(&i).data)\n	return\n"},

	// As only ASCII has case, and without looking for what has not.
	{"strings/strings.go", "	if isASCII { // optimize for ASCII-only strings.\n		if !hasLower {\n", "	if isASCII || true {\n		if !hasLower {\n"},
	{"strings/strings.go", "	if isASCII { // optimize for ASCII-only strings.\n		if !hasUpper {\n", "	if isASCII || true {\n		if !hasUpper {\n"},

	// A damaged heap is told without a list of what is in it.
	{"runtime/mgcsweep.go", "func (s *mspan) reportZombies() {\n", "func (s *mspan) reportZombies() {\n	throw(\"found pointer to free object\")\n	return\n"},
}
