package difftest

import (
	"os"
	"strings"
	"testing"

	"rawns/cmd/rawns/internal/cli"
)

// parityEnv names a folder in which each case is noted: "make parity" makes
// docs/parity.md of the notes.
const parityEnv = "RAWNS_PARITY"

// Results of a case, as they are noted.
const (
	Same      = "same"
	OnPurpose = "on purpose" // differs; the reason follows
	Differs   = "differs"
	Skipped   = "skipped" // the running kernel has not what it needs
)

// note writes down what came of a case.
func (s *Suite) note(t *testing.T, c Case) {
	result := Same
	switch {
	case t.Skipped():
		result = Skipped
	case t.Failed():
		result = Differs
	case c.Words != "":
		result = OnPurpose
	}
	forms := c.Forms
	if forms == nil {
		forms = []string{c.Line}
	}
	for _, line := range forms {
		Note(t, s.Name, line, result, c.Words)
	}
}

// Note writes down, if the page is being made, how a command line of an applet
// compares with the original's: a line "applet TAB result TAB reason TAB command
// line". Test binaries that run side by side append whole lines to one file.
// Package tests that compare in their own way call it.
func Note(t *testing.T, applet, line, result, reason string) {
	dir := os.Getenv(parityEnv)
	if dir == "" {
		return
	}
	text := strings.Join([]string{applet, result, flat(reason), flat(line)}, "\t") + "\n"
	f, err := os.OpenFile(dir+"/cases", os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(text); err != nil {
		t.Fatal(err)
	}
}

// Result is Same or Differs.
func Result(same bool) string {
	if same {
		return Same
	}
	return Differs
}

// flat makes one printable line of a text.
func flat(s string) string {
	return cli.Safe(strings.NewReplacer("\t", " ", "\n", "; ").Replace(strings.TrimSpace(s)))
}
