package difftest

import (
	"os"
	"strings"
	"testing"
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

// note writes down what came of a case: a line "applet TAB result TAB reason
// TAB command line". Test binaries run side by side, and append whole lines.
func (s *Suite) note(t *testing.T, c Case) {
	dir := os.Getenv(parityEnv)
	if dir == "" {
		return
	}
	result := Same
	switch {
	case t.Failed():
		result = Differs
	case t.Skipped():
		result = Skipped
	case c.Words != "":
		result = OnPurpose
	}
	clean := strings.NewReplacer("\t", " ", "\n", "; ")
	line := strings.Join([]string{s.Name, result, clean.Replace(c.Words), clean.Replace(c.Line)}, "\t") + "\n"
	f, err := os.OpenFile(dir+"/cases", os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(line); err != nil {
		t.Fatal(err)
	}
}
