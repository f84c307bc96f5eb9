package main

import (
	"bytes"
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// build returns the program that is tested, built with the overlay and by the edited linker, and,
// as the Makefile does it, with the older collector and without write barriers.
func build(t *testing.T, env ...string) string {
	flags := append(overlay(t), "-toolexec", filepath.Join(linker, "tool"), "-tags", "calls", "-gcflags", "all="+noBarriers)
	for _, own := range []string{"runtime/...", "internal/...", "sync/...", "time"} {
		flags = append(flags, "-gcflags", own+"=")
	}
	return buildWith(t, flags, append(env, "GOEXPERIMENT=nogreenteagc")...)
}

func buildWith(t *testing.T, flags []string, env ...string) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "stress")
	cmd := exec.Command("go", append(append([]string{"build", "-trimpath", "-ldflags", "-s -w", "-o", out}, flags...), "./testdata/stress")...)
	cmd.Env = append(append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS="), env...)
	if b, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, b)
	}
	return out
}

// run returns what a program said.
func run(t *testing.T, argv ...string) string {
	t.Helper()
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Env = append(os.Environ(), "GOGC=5")
	out, err := cmd.CombinedOutput()
	if err != nil && len(argv) == 1 {
		t.Fatalf("%v: %v\n%s", argv, err, out)
	}
	return string(out)
}

// A slimmed program is smaller by more than a sixth and does the same, with the
// garbage collector busy and goroutines interrupted; a second time there is
// nothing to do.
func TestSlim(t *testing.T) {
	path := build(t)
	want := run(t, buildWith(t, nil))
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := file(path); err != nil {
		t.Fatal(err)
	}
	after, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if 6*len(after) > 5*len(before) {
		t.Errorf("%d bytes, %d before", len(after), len(before))
	}
	for range 5 {
		if got := run(t, path); got != want || !strings.HasPrefix(want, "sum ") {
			t.Fatalf("%q, before %q", got, want)
		}
	}
	out := run(t, path, "panic")
	if !strings.Contains(out, "panic: as asked") || !strings.Contains(out, "main.(*?).?") {
		t.Errorf("a panic says %s", out)
	}
	err = exec.Command(path, "end").Run()
	if e, ok := err.(*exec.ExitError); !ok || e.Sys().(syscall.WaitStatus).Signal() != syscall.SIGTERM {
		t.Errorf("SIGTERM ends it with %v", err)
	}
	if err := file(path); err != nil {
		t.Errorf("a second time: %v", err)
	}
	if again, err := os.ReadFile(path); err != nil || !bytes.Equal(again, after) {
		t.Errorf("a second time changes it, %v", err)
	}
	if got := run(t, path); got != want {
		t.Errorf("after the second time: %q", got)
	}
	f, err := elf.NewFile(bytes.NewReader(after))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range f.Sections {
		if s.Type != elf.SHT_NOBITS && s.Offset+s.Size > uint64(len(after)) {
			t.Errorf("section %s reaches behind the file's end", s.Name)
		}
	}
}

// What a program that does nothing asks the kernel for before it ends is little, and it
// makes no thread.
func TestStart(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("run by TestStart on amd64 alone")
	}
	out := filepath.Join(t.TempDir(), "nothing")
	cmd := exec.Command("go", append(append([]string{"build", "-ldflags", "-s -w", "-o", out}, overlay(t)...), "./testdata/nothing")...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=")
	if b, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, b)
	}
	if err := file(out); err != nil {
		t.Fatal(err)
	}
	cmd = exec.Command("strace", "-f", "-qq", out)
	cmd.Env = slices.DeleteFunc(os.Environ(), func(s string) bool { return strings.HasPrefix(s, "GOMAXPROCS=") })
	b, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, b)
	}
	calls := string(b)
	for _, c := range []struct {
		name string
		most int
	}{
		{"rt_sigaction(", 4}, {"open", 0}, {"sched_getaffinity(", 0}, {"clone", 0}, {"sigaltstack(", 1}, {"exit_group(", 1},
	} {
		if n := strings.Count(calls, c.name); n > c.most {
			t.Errorf("%s is called %d times:\n%s", c.name, n, calls)
		}
	}
	if !strings.Contains(calls, "exit_group(0") {
		t.Errorf("strace says:\n%s", calls)
	}
}

// overlay returns the flag with which Go's own packages are edited.
func overlay(t *testing.T) []string {
	t.Helper()
	dir := t.TempDir()
	if err := writeOverlay(dir); err != nil {
		t.Fatal(err)
	}
	return []string{"-overlay", filepath.Join(dir, "overlay.json")}
}

// With Go's packages edited a program is smaller by far and does the same, on
// more threads than there are CPUs, too. What the edits make away with is gone:
// it does not look for its control group.
func TestOverlay(t *testing.T) {
	plain, edited := buildWith(t, nil), build(t)
	size := func(path string) int64 {
		st, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		return st.Size()
	}
	if size(plain)-size(edited) < 100_000 {
		t.Errorf("%d bytes, %d without edits", size(edited), size(plain))
	}
	if out := run(t, edited, "x"); !strings.Contains(out, marker) {
		t.Errorf("not slimmed, it says %s", out)
	}
	if err := file(edited); err != nil {
		t.Fatal(err)
	}
	if err := file(plain); err == nil {
		t.Error("slimmed, although it was built without the overlay")
	}
	want := run(t, plain)
	t.Setenv("GOMAXPROCS", "7")
	for range 5 {
		if got := run(t, edited); got != want {
			t.Fatalf("%q, without edits %q", got, want)
		}
	}
	if out := run(t, edited, "panic"); !strings.Contains(out, "panic: as asked") || !strings.Contains(out, "main.") {
		t.Errorf("a panic says %s", out)
	}
	p, err := os.ReadFile(edited)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{"/proc/self/cgroup", "/proc/self/mountinfo"} {
		if bytes.Contains(p, []byte(s)) {
			t.Errorf("it knows of %s", s)
		}
	}
}

// Packages that are not those of Go 1.26 stay as they are.
func TestOverlayRefuses(t *testing.T) {
	root := ""
	if out, err := exec.Command("go", "env", "GOROOT").Output(); err != nil {
		t.Fatal(err)
	} else {
		root = strings.TrimSpace(string(out))
	}
	read := func(file string) (string, error) {
		p, err := os.ReadFile(filepath.Join(root, "src", file))
		return string(p), err
	}
	texts, err := editAll(read)
	if err != nil || len(texts) == 0 {
		t.Fatal(len(texts), err)
	}
	for name := range texts {
		for what, change := range map[string]func(s string) string{
			"empty":   func(string) string { return "package x" },
			"twice":   func(s string) string { return s + s },
			"another": func(s string) string { return s + "\nfunc NewOther() {}\n" },
		} {
			if what == "another" && name != wholes[0].file {
				continue
			}
			texts, err := editAll(func(file string) (string, error) {
				s, err := read(file)
				if file == name {
					s = change(s)
				}
				return s, err
			})
			if err == nil || texts != nil {
				t.Errorf("%s, %s: %d files, %v", name, what, len(texts), err)
			}
		}
	}
}

// ends are what the program says that ends as the runtime has it end; all else that it
// does alone ends well.
var ends = map[string]string{
	"deadlock": "fatal error: all goroutines are asleep - deadlock!\n\ngoroutine 1 [",
	"overflow": "fatal error: stack overflow",
	"throw":    "fatal error: sync: unlock of unlocked mutex\n\ngoroutine 1 [running",
	"fault":    "panic: runtime error: invalid memory address or nil pointer dereference\n[signal SIGSEGV",
	"thrown":   "panic: in a goroutine\n\ngoroutine 2 [running",
}

var works = []string{"sleep", "timer", "goroutine", "ticker", "busy", "locked", "collect", "limit", "handlers", "child", "cpus", "storm", "moved"}

// alone runs a slimmed program for each thing that it can do alone.
func alone(t *testing.T, argv ...string) {
	do := func(what string) (string, error) {
		cmd := exec.Command(argv[0], append(argv[1:len(argv):len(argv)], what)...)
		cmd.Env = append(slices.DeleteFunc(os.Environ(), func(s string) bool { return strings.HasPrefix(s, "GOMAXPROCS=") }),
			"RUNNER="+strings.Join(argv[:len(argv)-1], " "), "GODEBUG=clobberfree=1")
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	for _, what := range works {
		if out, err := do(what); err != nil || strings.ReplaceAll(out, "so \n", "") != "" {
			t.Errorf("%s: %v\n%s", what, err, out)
		}
	}
	for what, says := range ends {
		if out, err := do(what); err == nil || !strings.Contains(out, says) {
			t.Errorf("%s: %v\n%s", what, err, out)
		}
	}
}

// A program that has done nothing before is alone with its thread: what it then does
// makes the monitor's thread and the collector's helpers where they are needed.
func TestAlone(t *testing.T) {
	path := build(t)
	if err := file(path); err != nil {
		t.Fatal(err)
	}
	alone(t, path)
}

// A slimmed program runs on other word sizes and byte orders, under qemu-user,
// with Go's packages edited.
func TestSlimElsewhere(t *testing.T) {
	for arch, qemu := range map[string]string{"386": "", "arm": "qemu-arm-static", "arm64": "qemu-aarch64-static", "s390x": "qemu-s390x-static", "mips": "qemu-mips-static",
		"ppc64le": "qemu-ppc64le-static", "riscv64": "qemu-riscv64-static", "loong64": "qemu-loongarch64-static"} {
		t.Run(arch, func(t *testing.T) {
			path := build(t, "GOARCH="+arch, "GOMIPS=softfloat")
			p, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if _, left, err := slim(p); err != nil || len(left) > 0 {
				t.Errorf("left out: %q, %v", left, err)
			}
			if err := file(path); err != nil {
				t.Fatal(err)
			}
			argv := []string{path}
			if qemu != "" {
				if argv[0], err = exec.LookPath(qemu); err != nil {
					if os.Getenv("CI") == "true" {
						t.Fatal("Debian's package qemu-user-static is missing: ", err)
					}
					t.Skip(err)
				}
				argv = append(argv, path)
			}
			cmd := exec.Command(argv[0], argv[1:]...)
			out, err := cmd.CombinedOutput()
			if err != nil || !strings.HasPrefix(string(out), "sum ") {
				t.Errorf("%v\n%s", err, out)
			}
			alone(t, argv...)
		})
	}
}

// What slim does not know it refuses, and it does not panic.
func TestRefuses(t *testing.T) {
	path := build(t)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f, err := elf.NewFile(bytes.NewReader(whole))
	if err != nil {
		t.Fatal(err)
	}
	tab, mod := f.Section(".gopclntab"), f.Section(".go.module")
	for name, c := range map[string]struct {
		off int
		b   byte
	}{
		"no ELF":           {0, 0},
		"another magic":    {int(tab.Offset), 0},
		"another word":     {int(tab.Offset) + 7, 3},
		"functions":        {int(tab.Offset) + 8, 0xff},
		"header elsewhere": {int(mod.Offset) + 1, 0x77},
		"ftab elsewhere":   {int(mod.Offset) + 8*mdFtab + 1, 0x77},
		"pclntab's length": {int(mod.Offset) + 8*mdEpclntab + 3, 0x77},
		"type":             {16, 3}, // ET_DYN
	} {
		p := append([]byte(nil), whole...)
		p[c.off] = c.b
		if _, _, err := slim(p); err == nil {
			t.Errorf("%s: slimmed", name)
		}
	}
	for n := 0; n < len(whole); n += len(whole)/97 + 1 {
		if _, _, err := slim(whole[:n]); err == nil {
			t.Errorf("the first %d bytes: slimmed", n)
		}
	}
	bad := filepath.Join(t.TempDir(), "bad")
	if err := os.WriteFile(bad, whole[:1000], 0o755); err != nil {
		t.Fatal(err)
	}
	if err := file(bad); err == nil {
		t.Error("a file cut short was taken")
	}
	if p, err := os.ReadFile(bad); err != nil || len(p) != 1000 {
		t.Error("it was not left as it is")
	}
}
