//go:build !tiny

package ip

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Every type of step is in one of the two lists of dry.go.
func TestDryKnowsEveryStep(t *testing.T) {
	dry, err := os.ReadFile("dry.go")
	if err != nil {
		t.Fatal(err)
	}
	files, _ := filepath.Glob("*.go")
	seen := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?m)^func \((?:\w+ )?(\*?)(\w+)\) run\(r \*runner\)`).FindAllStringSubmatch(string(text), -1) {
			if m[2] == "plan" {
				continue
			}
			seen++
			if !regexp.MustCompile(`[ \t]` + regexp.QuoteMeta(m[1]+m[2]) + `[,:]`).Match(dry) {
				t.Errorf("%s: dry.go does not know %s%s", file, m[1], m[2])
			}
		}
	}
	if seen < 50 {
		t.Errorf("only %d types of steps found", seen)
	}
}
