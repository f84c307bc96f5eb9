package main

import (
	_ "embed"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"rawns/bench/measure"
)

//go:embed intro.md
var intro string

// document returns benchmarks.md, and the pictures that it shows by the names of their files.
func document(parts []*measure.Part) (text []byte, pictures map[string][]byte) {
	var b strings.Builder
	b.WriteString(intro)
	pictures = map[string][]byte{}
	rows(&b, "What was aimed at", "| part | aim | found | |\n|---|---|---|---|\n", parts, func(p *measure.Part, t *measure.Table) {
		for _, a := range t.Aims {
			met := "reached"
			if !a.Met {
				met = "**missed**"
			}
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", p.Title, measure.Cell(a.Text), measure.Cell(a.Found), met)
		}
	})
	rows(&b, "Where rawns is behind", "| part | case | by | ×, and in how many turns |\n|---|---|---|---|\n", parts, func(p *measure.Part, t *measure.Table) {
		all := t.Losses()
		for i, l := range all {
			if i == 0 || l.Case != all[i-1].Case || l.Peer != all[i-1].Peer {
				fmt.Fprintf(&b, "| %s | %s | %s | ", p.Title, measure.Cell(l.Case), measure.Cell(l.Peer))
			} else {
				b.WriteString("; ")
			}
			fmt.Fprintf(&b, "%s %s (%d of %d)", l.Metric, measure.Format(l.Ratio), l.Turns, l.Of)
			if i == len(all)-1 || l.Case != all[i+1].Case || l.Peer != all[i+1].Peer {
				b.WriteString(" |\n")
			}
		}
	})
	for _, p := range parts {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n", p.Title, strings.TrimSpace(p.How))
		for _, t := range p.Tables {
			fmt.Fprintf(&b, "\n### %s\n\n", t.Title)
			if t.Text != "" {
				fmt.Fprintf(&b, "%s\n\n", strings.TrimSpace(t.Text))
			}
			for _, pl := range t.Plots {
				if svg := draws(t, pl); svg != nil {
					name := "bench-" + pl.Name + ".svg"
					pictures[name] = svg
					fmt.Fprintf(&b, "![%s](img/%s)\n\n", pl.Title, name)
				}
			}
			b.WriteString(t.Markdown())
		}
		for _, n := range p.Notes {
			fmt.Fprintf(&b, "\n%s\n", n)
		}
		fmt.Fprintf(&b, "\n%s\n", facts(p))
	}
	return []byte(b.String()), pictures
}

// rows writes a heading and a table, of which row writes what there is of each table of a run.
func rows(b *strings.Builder, title, head string, parts []*measure.Part, row func(p *measure.Part, t *measure.Table)) {
	fmt.Fprintf(b, "\n## %s\n\n", title)
	b.WriteString(head)
	before := b.Len()
	for _, p := range parts {
		for _, t := range p.Tables {
			row(p, t)
		}
	}
	if b.Len() == before {
		b.WriteString("| nothing |\n")
	}
}

// facts tells on what a part was measured.
func facts(p *measure.Part) string {
	f := p.Facts
	var b strings.Builder
	fmt.Fprintf(&b, "<sub>%s, %.0f s; %s, %d CPUs, %.0f GB; Linux %s; %s", p.Began.Format("2006-01-02"), p.Seconds, f.CPU, f.Cores, math.Round(float64(f.MemoryMB)/1024), f.Kernel, f.Go)
	for _, name := range slices.Sorted(maps.Keys(f.Versions)) {
		fmt.Fprintf(&b, "; %s: %s", name, f.Versions[name])
	}
	// -o says where the results went; the other arguments say how they were measured.
	args := slices.Clone(p.Args)
	if i := slices.Index(args, "-o"); i >= 0 && i+1 < len(args) {
		args = slices.Delete(args, i, i+2)
	}
	if len(args) > 0 {
		fmt.Fprintf(&b, "; with %s", strings.Join(args, " "))
	}
	return b.String() + ".</sub>"
}

// round leaves five digits of each sample, so that the file is not larger than what it says.
func round(parts []*measure.Part) {
	for _, p := range parts {
		for _, t := range p.Tables {
			for _, c := range t.Cases {
				for _, r := range c.Rows {
					for _, v := range r.Samples {
						for i := range v {
							if v[i] == 0 {
								continue
							}
							scale := math.Pow(10, 4-math.Floor(math.Log10(math.Abs(v[i]))))
							v[i] = math.Round(v[i]*scale) / scale
						}
					}
				}
			}
		}
	}
}
