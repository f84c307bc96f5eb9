// Report makes documents out of what the benchmarks measured.
//
//	report docs FOLDER FILE...     benchmarks.md, benchmarks.json and img/bench-*.svg in the folder
//	report merge OUT FILE...       one file of results out of many
//	report compare OLD NEW         the ratios of two
//
// A part that is not in the files stays what it was: docs reads what the last one was made of
// from benchmarks.json, which it writes anew.
package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"rawns/bench/measure"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "report:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) >= 3 && args[0] == "docs":
		return docs(args[1], args[2:]...)
	case len(args) >= 3 && args[0] == "merge":
		parts, err := merge(args[2:]...)
		if err != nil {
			return err
		}
		return measure.Write(args[1], parts)
	case len(args) == 3 && args[0] == "compare":
		return compare(os.Stdout, args[1], args[2])
	}
	return errors.New("usage: report docs FOLDER FILE... | merge OUT FILE... | compare OLD NEW")
}

// order is that of the parts in the document; others come behind them.
var order = []string{"codec", "commands", "topo", "dumps", "monitor", "iproute2", "http", "slow"}

// merge reads files; of a part that is in several of them, the last one counts. A file that
// is not there is none.
func merge(files ...string) (all []*measure.Part, err error) {
	for _, file := range files {
		parts, err := measure.Read(file)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		for _, p := range parts {
			if p.Hasty && slices.ContainsFunc(all, func(old *measure.Part) bool { return old.Name == p.Name }) {
				continue // it says nothing that the other one does not say better
			}
			all = slices.DeleteFunc(all, func(old *measure.Part) bool { return old.Name == p.Name })
			all = append(all, p)
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("nothing was measured: none of %q is there", files)
	}
	place := func(p *measure.Part) int {
		if i := slices.Index(order, p.Name); i >= 0 {
			return i
		}
		return len(order)
	}
	slices.SortStableFunc(all, func(a, b *measure.Part) int { return place(a) - place(b) })
	return all, nil
}

// docs writes the document, and what it is made of.
func docs(folder string, files ...string) error {
	kept := filepath.Join(folder, "benchmarks.json")
	parts, err := merge(append([]string{kept}, files...)...)
	if err != nil {
		return err
	}
	parts = slices.DeleteFunc(parts, func(p *measure.Part) bool {
		if p.Hasty {
			fmt.Fprintf(os.Stderr, "%s: measured with -quick, and so not taken\n", p.Name)
		}
		return p.Hasty
	})
	round(parts)
	if err := measure.Write(kept, parts); err != nil {
		return err
	}
	text, pictures := document(parts)
	old, err := filepath.Glob(filepath.Join(folder, "img", "bench-*.svg"))
	if err != nil {
		return err
	}
	for _, file := range old {
		if err := os.Remove(file); err != nil {
			return err
		}
	}
	for name, svg := range pictures {
		if err := os.WriteFile(filepath.Join(folder, "img", name), svg, 0o644); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(folder, "benchmarks.md"), text, 0o644)
}
