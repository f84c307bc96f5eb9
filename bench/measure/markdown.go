package measure

import (
	"fmt"
	"slices"
	"strings"
)

// Markdown returns the table: for each case and peer the medians, and in brackets the
// least and the most; and the ratios.
func (t *Table) Markdown() string {
	var b strings.Builder
	line := "|---|---|"
	b.WriteString("| | by |")
	measured := slices.DeleteFunc(slices.Clone(t.Metrics), func(m Metric) bool { return !t.has(m.Name) })
	for _, m := range measured {
		head := m.Name
		if m.Unit != "" {
			head += ", " + m.Unit
		}
		fmt.Fprintf(&b, " %s |", head)
		line += "--:|"
		if !m.Bare {
			b.WriteString(" × |")
			line += "--:|"
		}
	}
	b.WriteString("\n" + line + "\n")
	for _, c := range t.Cases {
		name := Cell(c.Name)
		for _, r := range c.Rows {
			fmt.Fprintf(&b, "| %s | %s |", name, Cell(r.Peer))
			name = ""
			for i, m := range measured {
				v := r.Samples[m.Name]
				switch {
				case r.Failed != "" && i == 0:
					fmt.Fprintf(&b, " failed: %s |", Cell(firstLine(r.Failed)))
				case len(v) == 0 || r.Failed != "":
					b.WriteString(" |")
				case len(v) == 1 || slices.Min(v) == slices.Max(v):
					fmt.Fprintf(&b, " %s |", Format(v[0]))
				default:
					fmt.Fprintf(&b, " %s (%s–%s) |", Format(Median(v)), Format(slices.Min(v)), Format(slices.Max(v)))
				}
				if m.Bare {
					continue
				}
				times := ""
				if ratio, ok := t.Ratio(c, r.Peer, m.Name); ok && r.Peer != t.Base && r.Failed == "" {
					times = Format(ratio)
				}
				fmt.Fprintf(&b, " %s |", times)
			}
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// has tells whether any peer has samples of a metric.
func (t *Table) has(metric string) bool {
	return slices.ContainsFunc(t.Cases, func(c *Case) bool {
		return slices.ContainsFunc(c.Rows, func(r *Row) bool { return len(r.Samples[metric]) > 0 })
	})
}

// AimsMarkdown returns the aims and what came of them, as a list.
func (t *Table) AimsMarkdown() string {
	var b strings.Builder
	for _, a := range t.Aims {
		met := "reached"
		if !a.Met {
			met = "**missed**"
		}
		fmt.Fprintf(&b, "- Aim: %s: %s, %s.\n", a.Text, a.Found, met)
	}
	if b.Len() > 0 {
		b.WriteByte('\n')
	}
	return b.String()
}

// A Loss is where the base of a table is behind a peer.
type Loss struct {
	Case, Metric, Peer string
	Ratio              float64 // less than 1
	Turns, Of          int     // in so many turns, of those that both did
}

// Losses returns where the base is behind peers that do the same work: by more than
// a hundredth, which is less than a run can tell.
func (t *Table) Losses() []Loss {
	var all []Loss
	for _, c := range t.Cases {
		for _, r := range c.Rows {
			if r.Floor || r.Peer == t.Base || strings.HasPrefix(r.Peer, "rawns") { // ours, in another way
				continue
			}
			for _, m := range t.Metrics {
				if ratio, ok := t.Ratio(c, r.Peer, m.Name); ok && ratio < 0.99 && !m.Bare {
					behind, of := 0, min(len(r.Samples[m.Name]), len(c.Row(t.Base).Samples[m.Name]))
					for i := range of {
						if ours, theirs := c.Row(t.Base).Samples[m.Name][i], r.Samples[m.Name][i]; m.More && ours < theirs || !m.More && ours > theirs {
							behind++
						}
					}
					all = append(all, Loss{c.Name, m.Name, r.Peer, ratio, behind, of})
				}
			}
		}
	}
	return all
}

// Cell makes text fit for a cell of a table.
func Cell(s string) string {
	return strings.NewReplacer("|", "\\|", "\n", " ", "<", "&lt;", ">", "&gt;").Replace(s)
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	return s
}
