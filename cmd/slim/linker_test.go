package main

import (
	"debug/elf"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// linker is the folder of the edited linker, made once.
var linker string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "linker")
	if err == nil {
		err = writeLinker(dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	linker = dir
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// functions returns the names of a program's functions, as they lie in the text.
func functions(t *testing.T, toolexec string) []string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "nothing")
	cmd := exec.Command("go", "build", "-toolexec", toolexec, "-o", out, "./testdata/nothing")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=")
	if b, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, b)
	}
	f, err := elf.Open(out)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	syms, err := f.Symbols()
	if err != nil {
		t.Fatal(err)
	}
	syms = slices.DeleteFunc(syms, func(s elf.Symbol) bool { return elf.ST_TYPE(s.Info) != elf.STT_FUNC || s.Size == 0 })
	slices.SortStableFunc(syms, func(a, b elf.Symbol) int { return int(int64(a.Value) - int64(b.Value)) })
	var names []string
	for _, s := range syms {
		names = append(names, strings.TrimSuffix(s.Name, ".abi0"))
	}
	return slices.Compact(names)
}

// The functions of order.txt are the first of the text, in its order; without the edited
// linker, Go's does what it did.
func TestLinker(t *testing.T) {
	place := map[string]int{}
	for i, name := range strings.Split(strings.TrimSpace(order), "\n") {
		place[name] = i
	}
	names := functions(t, filepath.Join(linker, "tool"))
	last, n := -1, 0
	for ; n < len(names); n++ {
		p, ok := place[names[n]]
		if !ok {
			break
		}
		if p < last {
			t.Errorf("%s lies too late", names[n])
		}
		last = p
	}
	if n < 300 {
		t.Errorf("only %d functions are in order, then comes %s", n, names[n])
	}
	for _, name := range names[n:] {
		if _, ok := place[name]; ok {
			t.Errorf("%s lies behind %s", name, names[n])
		}
	}

	p, err := os.ReadFile(filepath.Join(linker, "tool"))
	if err != nil {
		t.Fatal(err)
	}
	alone := filepath.Join(t.TempDir(), "tool")
	if err := os.WriteFile(alone, p, 0o755); err != nil {
		t.Fatal(err)
	}
	others := functions(t, alone)
	if slices.Equal(others, names) {
		t.Error("without the linker, functions are in the same order")
	}
	for _, name := range names {
		if !slices.Contains(others, name) {
			t.Errorf("without the linker, there is no %s", name)
		}
	}
}

// A program that reads types by reflect has them whole.
func TestLinkerReflect(t *testing.T) {
	out := filepath.Join(t.TempDir(), "fields")
	if b, err := exec.Command("go", "build", "-toolexec", filepath.Join(linker, "tool"), "-o", out, "./testdata/fields").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, b)
	}
	b, err := exec.Command(out).CombinedOutput()
	if want := "{Inner:<nil> List:[]} []main.inner\n"; err != nil || string(b) != want {
		t.Errorf("%v, %q, and not %q", err, b, want)
	}
}

// A linker that is not that of Go 1.26 is left as it is.
func TestLinkerRefuses(t *testing.T) {
	for _, text := range []string{"", strings.Repeat(linkerEdits[0].old, 2) + linkerEdits[1].old, linkerEdits[0].old} {
		if texts, err := apply(linkerEdits, func(string) (string, error) { return text, nil }); err == nil || texts != nil {
			t.Errorf("%q: %v, %v", text, texts, err)
		}
	}
}
