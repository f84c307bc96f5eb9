package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"rawns/ns/nstest"
)

// Tables are data of the binary: no package fills them in when a program starts,
// which each short command would wait for. (Go does so for a slice of an array
// variable, and for what a function returns.) A few do a little.
func TestNothingToInitialize(t *testing.T) {
	// As it is shipped: where nothing is inlined, errors.New is such code.
	exe := filepath.Join(t.TempDir(), "rawns")
	build := exec.Command("go", "build", "-gcflags", "rawns/...=-l", "-gcflags", "rawns/cmd/rawns/internal/ip=", "-gcflags", "rawns/nl=", "-gcflags", "rawns/nl/rtnl=", "-gcflags", "rawns/httpraw=", "-o", exe, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Setenv("GODEBUG", "inittrace=1")
	r := nstest.Exec(t, nil, exe, "--version")
	if r.Code != 0 || !strings.Contains(r.Stderr, "init syscall ") {
		t.Fatalf("%+v", r)
	}
	few := []string{
		"rawns/cmd/rawns/internal/cli", // os.Stdout
		"rawns/cmd/rawns/internal/ip",  // the rows that tuntap del shares with add
	}
	for line := range strings.Lines(r.Stderr) {
		if f := strings.Fields(line); len(f) > 1 && f[0] == "init" && strings.HasPrefix(f[1], "rawns/") && !slices.Contains(few, f[1]) {
			t.Error(strings.TrimSpace(line))
		}
	}
}
