package main

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
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

	// $GODEBUG's schedtrace and checkfinalizers.
	nothing("runtime/proc.go", "func schedtrace(detailed bool) {"),
	nothing("runtime/mcheckmark.go", "func checkFinalizersAndCleanups() {"),

	// There is one module, and no plugin.
	nothing("runtime/type.go", "func typelinksinit() {"),

	// print and panic show a number with a fraction by its bits.
	{"runtime/print.go", "	gwrite(strconv.AppendFloat(buf[:0], v, 'g', -1, 64))\n", "	_ = buf\n	printhex(float64bits(v))\n"},
	{"runtime/print.go", "	gwrite(strconv.AppendFloat(buf[:0], float64(v), 'g', -1, 32))\n", "	_ = buf\n	printhex(float64bits(float64(v)))\n"},
	{"runtime/print.go", "	gwrite(strconv.AppendComplex(buf[:0], c, 'g', -1, 128))\n", "	_ = buf\n	printfloat64(real(c))\n	printfloat64(imag(c))\n"},
	{"runtime/print.go", "	gwrite(strconv.AppendComplex(buf[:0], complex128(c), 'g', -1, 64))\n", "	_ = buf\n	printcomplex128(complex128(c))\n"},
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
// files that it names. If Go's are not as they are in 1.26, it replaces none.
func writeOverlay(dir string) error {
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return fmt.Errorf("go env GOROOT: %w", err)
	}
	root := filepath.Join(strings.TrimSpace(string(out)), "src")
	if dir, err = filepath.Abs(dir); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	texts, wrong := editAll(func(file string) (string, error) {
		p, err := os.ReadFile(filepath.Join(root, file))
		return string(p), err
	})
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
	if err := write(filepath.Join(dir, "overlay.json"), p); err != nil {
		return err
	}
	return wrong
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
	texts := map[string]string{}
	get := func(file string) (string, error) {
		if t, ok := texts[file]; ok {
			return t, nil
		}
		return read(file)
	}
	for _, e := range edits {
		t, err := get(e.file)
		if err != nil {
			return nil, err
		}
		if n := strings.Count(t, e.old); n != 1 {
			return nil, fmt.Errorf("%s has %q %d times, not once: not that of Go 1.26; Go's own packages stay as they are", e.file, e.old, n)
		}
		texts[e.file] = strings.Replace(t, e.old, e.new, 1)
	}
	for _, w := range wholes {
		t, err := get(w.file)
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
