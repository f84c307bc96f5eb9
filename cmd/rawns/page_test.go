package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"rawns/ns/nstest"
)

// What docs/topology.md shows of the verbs that look at the kernel is what they
// print, one command after the other.
func TestTopologyPage(t *testing.T) {
	nstest.Sandbox(t)
	b, err := os.ReadFile("../../docs/topology.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, ok := strings.Cut(string(b), "\n## What there is\n")
	section, _, _ = strings.Cut(section, "\n## ")
	parts := strings.Split(section, "\n```\n")
	if !ok || len(parts) < 7 {
		t.Fatalf("%d parts", len(parts))
	}
	pid := regexp.MustCompile(`pid \d+ .*`)
	defer rawns(t, "down")
	var last string
	for i := 1; i < len(parts); i += 2 {
		for _, c := range strings.Split("\n"+parts[i], "\n$ ")[1:] {
			line, want, _ := strings.Cut(c, "\n")
			words := strings.Fields(line)
			if words[0] != "rawns" {
				nstest.Run(t, nil, words...)
				continue
			}
			r := rawns(t, words[1:]...)
			if want = strings.TrimSuffix(want, "\n"); want == "" && words[1] != "diff" {
				continue // how up and down go is shown elsewhere
			}
			if got := strings.TrimSuffix(r.Stdout, "\n"); pid.ReplaceAllString(got, "pid") != pid.ReplaceAllString(want, "pid") || r.Stderr != "" {
				t.Errorf("%s: got\n%s%s\nwant\n%s", line, got, r.Stderr, want)
			}
			last = line
		}
	}
	if last != "rawns export" {
		t.Errorf("the last command was %q", last)
	}
	reap()
}
