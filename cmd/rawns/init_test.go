package main

import (
	"os"
	"slices"
	"strings"
	"testing"

	"rawns/ns/nstest"
)

// Tables are data of the binary: no package fills them in when a program starts,
// which each short command would wait for. (Go does so for a slice of an array
// variable, and for what a function returns.) A few do a little.
func TestNothingToInitialize(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(asRawns, "1")
	t.Setenv("GODEBUG", "inittrace=1")
	r := nstest.Exec(t, nil, exe, "--version")
	if r.Code != 0 || !strings.Contains(r.Stderr, "init syscall ") {
		t.Fatalf("%+v", r)
	}
	few := []string{
		"rawns/cmd/rawns/internal/cli", // os.Stdout
		"rawns/cmd/rawns/internal/ip",  // the rows that tuntap del shares with add
		"rawns/ns/nstest",              // of the tests
	}
	for line := range strings.Lines(r.Stderr) {
		if f := strings.Fields(line); len(f) > 1 && f[0] == "init" && strings.HasPrefix(f[1], "rawns/") && !slices.Contains(few, f[1]) {
			t.Error(strings.TrimSpace(line))
		}
	}
}
