package main

// memory are edits, too: each is some pages that a short command would touch for nothing. The heap keeps
// objects of a size together, and has two pages for each size of which there is one with pointers in it.
var memory = []edit{
	// Stacks are cut from pieces of memory of which each stack's first word is written, in a list of those that are
	// free: a piece of 32 kB is eight or sixteen of the smaller ones, of which few are used. Stacks of 8 kB and
	// more come from the heap of pages then, and go back to it.
	{"runtime/malloc.go", "	_StackCacheSize = 32 * 1024\n", "	_StackCacheSize = 8 * 1024\n"},

	// Names of what $GODEBUG may say that the processor lacks; osInit does nothing on amd64.
	{"internal/cpu/cpu_x86.go", "	options = []option{\n", "	if false {\n	options = []option{\n"},
	{"internal/cpu/cpu_x86.go", "	maxID, _, _, _ := cpuid(0, 0)\n", "	}\n	maxID, _, _, _ := cpuid(0, 0)\n"},
	{"internal/cpu/cpu_arm64.go", "	options = []option{\n", "	_ = []option{\n"},

	// Each variable of the environment was copied; arguments are not, either. Of both there are few.
	{"runtime/runtime1.go", "		envs[i] = gostring(argv_index(argv, argc+1+i))\n", "		envs[i] = gostringnocopy(argv_index(argv, argc+1+i))\n"},
	{"runtime/runtime1.go", "	envs = make([]string, n)\n", "	if envs = firstWords[min(len(argslice), len(firstWords)):]; int(n) <= len(envs) {\n		envs = envs[:n]\n	} else {\n		envs = make([]string, n)\n	}\n"},
	{"runtime/runtime1.go", "	argslice = make([]string, argc)\n", "	if int(argc) <= len(firstWords) {\n		argslice = firstWords[:argc:argc]\n	} else {\n		argslice = make([]string, argc)\n	}\n"},
	{"runtime/runtime1.go", "func goargs() {\n", "var firstWords [64]string\n\nfunc goargs() {\n"},

	// What there is one of.
	{"runtime/runtime1.go", "func finishDebugVarsSetup() {\n	p := new(string)\n", "var theGODEBUG string\n\nfunc finishDebugVarsSetup() {\n	p := &theGODEBUG\n"},
	{"runtime/symtab.go", "func modulesinit() {\n	modules := new([]*moduledata)\n",
		"var (\n	theModules []*moduledata\n	theModule  [1]*moduledata\n)\n\nfunc modulesinit() {\n	modules := &theModules\n	*modules = theModule[:0]\n"},
	{"runtime/proc.go", "	allgs = append(allgs, gp)\n", "	if allgs == nil {\n		allgs = firstgs[:0]\n	}\n	allgs = append(allgs, gp)\n"},
	{"runtime/proc.go", "func allgadd(gp *g) {\n", "var firstgs [16]*g\n\nfunc allgadd(gp *g) {\n"},

	{"runtime/runtime.go", "{ return append([]string{}, envs...) }", "{ return envs[:len(envs):len(envs)] }"},
	{"runtime/runtime.go", "{ return append([]string{}, argslice...) }", "{ return argslice[:len(argslice):len(argslice)] }"},

	// Functions to be called once, which are objects of two sizes each.
	{"syscall/env_unix.go", "var copyenv = sync.OnceFunc(func() {\n", "var copyenvOnce sync.Once\n\nfunc copyenv() { copyenvOnce.Do(copyenvNow) }\n\nfunc copyenvNow() {\n"},
	{"syscall/env_unix.go", "				break\n			}\n		}\n	}\n})\n", "				break\n			}\n		}\n	}\n}\n"},
	{"os/pidfd_linux.go", "var checkPidfdOnce = sync.OnceValue(checkPidfd)\n", `var (
	pidfdOnce sync.Once
	pidfdErr  error
)

func checkPidfdOnce() error {
	pidfdOnce.Do(func() { pidfdErr = checkPidfd() })
	return pidfdErr
}
`},
	{"internal/poll/copy_file_range_linux.go", "var supportCopyFileRange = sync.OnceValue(func() bool {\n", "func supportCopyFileRange() bool {\n"},
	{"internal/poll/copy_file_range_linux.go", "	return unix.KernelVersionGE(5, 3)\n})\n", "	return unix.KernelVersionGE(5, 3)\n}\n"},
	{"internal/poll/copy_file_range_linux.go", "	\"sync\"\n", ""},

	// Maps of letters that only regular expressions look at, which are not linked.
	{"unicode/tables.go", "var FoldScript = map[string]*RangeTable{\n	\"Common\":    foldCommon,\n	\"Greek\":     foldGreek,\n	\"Inherited\": foldInherited,\n}\n", "var FoldScript map[string]*RangeTable\n"},
	{"unicode/tables.go", "var FoldCategory = map[string]*RangeTable{\n	\"L\":  foldL,\n	\"Ll\": foldLl,\n	\"Lt\": foldLt,\n	\"Lu\": foldLu,\n	\"M\":  foldM,\n	\"Mn\": foldMn,\n}\n",
		"var FoldCategory map[string]*RangeTable\n"},
}
