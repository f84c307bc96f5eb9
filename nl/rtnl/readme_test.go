package rtnl_test

import (
	"os"
	"strings"
	"testing"
)

// The code that README.md shows is part of the package's example: its lines are there,
// in that order, but for "..." and comments.
func TestReadme(t *testing.T) {
	page, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	rest, err := os.ReadFile("example_test.go")
	if err != nil {
		t.Fatal(err)
	}
	_, block, ok := strings.Cut(string(page), "\n```go\n")
	block, _, _ = strings.Cut(block, "```")
	if !ok || strings.Count(block, "\n") < 10 {
		t.Fatalf("the code is %q", block)
	}
	example := string(rest)
	for line := range strings.Lines(block) {
		line, _, _ = strings.Cut(strings.TrimSpace(line), " //")
		if line == "..." {
			continue
		}
		if _, example, ok = strings.Cut(example, "\t"+line+"\n"); !ok {
			t.Errorf("the example does not have: %s", line)
			break
		}
	}
}
