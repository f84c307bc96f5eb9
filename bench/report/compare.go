package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"

	"rawns/bench/measure"
)

// compare writes, for each peer and case that two files both have, the ratio of the medians:
// new by old. Two runs are not measured in turns; what others' peers gained or lost between
// them tells how much of the machine is in the ratio. The Go benchmarks go to benchstat.
func compare(w io.Writer, oldFile, newFile string) error {
	before, err := measure.Read(oldFile)
	if err != nil {
		return err
	}
	after, err := measure.Read(newFile)
	if err != nil {
		return err
	}
	for _, p := range after {
		q := find(before, func(o *measure.Part) bool { return o.Name == p.Name })
		if q == nil {
			continue
		}
		fmt.Fprintf(w, "## %s\n", p.Title)
		for _, t := range p.Tables {
			u := find(q.Tables, func(o *measure.Table) bool { return o.Title == t.Title })
			if u == nil {
				continue
			}
			fmt.Fprintf(w, "\n### %s\n\n| | by | | old | new | new/old |\n|---|---|---|--:|--:|--:|\n", t.Title)
			for _, c := range t.Cases {
				for _, r := range c.Rows {
					o := u.Case(c.Name).Row(r.Peer)
					if o == nil {
						continue
					}
					for _, m := range t.Metrics {
						a, b := o.Samples[m.Name], r.Samples[m.Name]
						if len(a) == 0 || len(b) == 0 {
							continue
						}
						times := ""
						if measure.Median(a) != 0 {
							times = measure.Format(measure.Median(b) / measure.Median(a))
						}
						fmt.Fprintf(w, "| %s | %s | %s | %s | %s | %s |\n", c.Name, r.Peer, m.Name, measure.Format(measure.Median(a)), measure.Format(measure.Median(b)), times)
					}
				}
			}
		}
		fmt.Fprintln(w)
		if p.GoBench != "" && q.GoBench != "" {
			if err := benchstat(w, q.GoBench, p.GoBench); err != nil {
				return err
			}
		}
	}
	return nil
}

// benchstat lets the program of this name, which bench/go.mod names as a tool, compare the
// lines of Go benchmarks.
func benchstat(w io.Writer, before, after string) error {
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	for name, text := range map[string]string{"old": before, "new": after} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	// The go command finds the tool from within the module: make and tests run this there.
	c := exec.Command("go", "tool", "benchstat", "old="+filepath.Join(dir, "old"), "new="+filepath.Join(dir, "new"))
	c.Stdout, c.Stderr = w, os.Stderr
	fmt.Fprintln(w, "```")
	err = c.Run()
	fmt.Fprintln(w, "```")
	return err
}

func find[T any](all []T, is func(T) bool) (zero T) {
	for _, v := range all {
		if is(v) {
			return v
		}
	}
	return zero
}
