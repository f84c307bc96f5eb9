package main

// starts are edits that leave out, or put off until it is needed, what the runtime does
// before main and a short command needs none of; docs/start.md says what each is worth.
var starts = []edit{
	// One P, until GOMAXPROCS asks for more (cli.AllCPUs): no threads are made for
	// goroutines that could run on other CPUs, and the kernel is not asked which there are.
	// With more it is asked, as locks are waited for in another way then.
	{"runtime/os_linux.go", "	numCPUStartup = getCPUCount()\n", "	numCPUStartup = 1\n"},
	{"runtime/proc.go", "		procs = int32(n)\n		sched.customGOMAXPROCS = true\n",
		"		procs = int32(n)\n		sched.customGOMAXPROCS = true\n		if n > 1 {\n			numCPUStartup = getCPUCount()\n		}\n"},
	{"runtime/debug.go", "	newprocs = int32(n)\n\n	startTheWorldGC(stw)\n",
		"	newprocs = int32(n)\n	if n > 1 {\n		systemstack(func() { numCPUStartup = getCPUCount() })\n	}\n\n	startTheWorldGC(stw)\n"},

	// And it stays one: nothing looks once a second how many CPUs there are.
	nothing("runtime/proc.go", "func defaultGOMAXPROCSUpdateEnable() {"),
	nothing("runtime/proc.go", "func sysmonUpdateGOMAXPROCS() {"),

	// No huge pages for the heap, as with disablethp=1 in $GODEBUG, but the kernel is told
	// so only of mappings that could hold one. The size of huge pages, a file of /sys, is
	// then of no interest: 0 is that of a kernel that has none.
	result("runtime/os_linux.go", "func getHugePageSize() uintptr {", "0"),
	{"runtime/mem_linux.go", "	if debug.disablethp != 0 {\n", "	if n >= 2<<20 {\n"},

	// Mappings get no names, as with decoratemappings=0.
	nothing("runtime/set_vma_name_linux.go", "func setVMAName(start unsafe.Pointer, length uintptr, name string) {"),

	// Descriptors of spans are made ready 16 at a time, and not 64.
	{"runtime/mheap.go", "		const refillCount = len(pp.mspancache.buf) / 2\n", "		const refillCount = len(pp.mspancache.buf) / 8\n"},

	// Handlers at start for those signals only that the runtime itself needs: panics of
	// the program's own making, and SIGPIPE, which would end a program that writes to a
	// closed connection. All others do what they do to any other program, until
	// os/signal asks for them. What they did before, only C code would go on with.
	{"runtime/signal_unix.go", "		if t.flags == 0 || t.flags&_SigDefault != 0 {\n			continue\n		}\n\n		// We don't need to use atomic operations here because\n" +
		"		// there shouldn't be any other goroutines running yet.\n		fwdSig[i] = getsig(i)\n",
		"		if t.flags&_SigPanic == 0 && i != _SIGPIPE {\n			continue\n		}\n"},
	// The one with which all threads are told to make a system call gets its handler then.
	{"runtime/os_linux.go", "	stw := stopTheWorld(stwAllThreadsSyscall)\n", `	stw := stopTheWorld(stwAllThreadsSyscall)
	if atomic.Load(&handlingSig[sigPerThreadSyscall]) == 0 {
		atomic.Store(&handlingSig[sigPerThreadSyscall], 1)
		setsig(sigPerThreadSyscall, abi.FuncPCABIInternal(sighandler))
	}
`},
	// What stack a thread's signals have is of interest where C code may have set it.
	{"runtime/signal_unix.go", "	sigaltstack(nil, &st)\n	if st.ss_flags&_SS_DISABLE != 0 || !iscgo {\n", "	if !iscgo {\n"},

	// The collector's helpers, and the goroutine that has it run every two minutes after
	// it has run once, are made when it first runs, as its workers are, under the same
	// semaphore. main would wait for them, locked to its thread, so that a thread or two
	// were made to run them. Nobody needs to wait: who wakes them looks whether they sleep.
	{"runtime/mgc.go", "	c := make(chan int, 2)\n	go bgsweep(c)\n	go bgscavenge(c)\n	<-c\n	<-c\n	memstats.enablegc = true", "	memstats.enablegc = true"},
	{"runtime/proc.go", "func init() {\n	go forcegchelper()\n}\n", ""},
	{"runtime/mgc.go", "func gcBgMarkStartWorkers() {\n", `var gcHelpersStarted bool

func gcBgMarkStartWorkers() {
	if !gcHelpersStarted {
		gcHelpersStarted = true
		mp := acquirem() // See below.
		c := make(chan int, 2)
		go bgsweep(c)
		go bgscavenge(c)
		go forcegchelper()
		releasem(mp)
	}

`},

	// The monitor (sysmon) takes care that a goroutine in a system call or a long loop
	// does not keep others and timers waiting: its thread is made with the second
	// goroutine, or the first timer. Both are before what it would have to see to.
	{"runtime/proc.go", "	if haveSysmon {\n		systemstack(func() {\n			newm(sysmon, nil, -1)\n		})\n	}\n", ""},
	{"runtime/proc.go", "const haveSysmon = GOARCH != \"wasm\"\n", `const haveSysmon = GOARCH != "wasm"

var sysmonStarted atomic.Uint32

// startSysmon is called on the system stack.
func startSysmon() {
	if mainStarted && sysmonStarted.CompareAndSwap(0, 1) {
		newm(sysmon, nil, -1)
	}
}
`},
	{"runtime/proc.go", "		if mainStarted {\n			wakep()\n		}\n", "		if sysmonStarted.Load() == 0 {\n			startSysmon()\n		}\n		if mainStarted {\n			wakep()\n		}\n"},
	{"runtime/time.go", "	// we end up locking and inserting into the current P's timers.\n	mp := acquirem()\n",
		"	// we end up locking and inserting into the current P's timers.\n	if sysmonStarted.Load() == 0 {\n		systemstack(startSysmon)\n	}\n	mp := acquirem()\n"},

	// Stacks of 2, 4 and 16 kB are cut from 32 kB of their own each, of which that touches
	// every page. main takes 32 kB anyway, and begins with them; so does the stack for
	// crashes, which nobody touches then.
	{"runtime/proc.go", "	if newg == nil {\n		newg = malg(stackMin)\n", "	if newg == nil {\n		size := int32(stackMin)\n		if !mainStarted {\n			size = 16 * stackMin\n		}\n		newg = malg(size)\n"},
	{"runtime/proc.go", "	gcrash.stack = stackalloc(16384)\n", "	gcrash.stack = stackalloc(32768)\n"},

	// The heap begins at a known address, as until Go 1.25, and not in a random place of 128
	// TB, to find which the allocator reads up to 128 kB. The program itself, which is no
	// PIE, lies at known addresses, too, and has no C in it that writes where it should not.
	{"runtime/malloc.go", "	randomizeHeapBase = goexperiment.RandomizedHeapBase64 && ", "	randomizeHeapBase = false && "},

	// Where loops may be interrupted nobody asks: how much stack that takes.
	{"runtime/preempt.go", "func init() {\n	f := findfunc(abi.FuncPCABI0(asyncPreempt))\n", "func init() {\n	return\n	f := findfunc(abi.FuncPCABI0(asyncPreempt))\n"},

	// Standard input, output and error are not closed when nothing refers to them. What
	// would do it is a goroutine.
	{"os/file_unix.go", "	runtime.SetFinalizer(f.file, (*file).close)\n	return f\n", "	if fd > 2 {\n		runtime.SetFinalizer(f.file, (*file).close)\n	}\n	return f\n"},
}
