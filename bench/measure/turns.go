package measure

import (
	"fmt"
	"os"
	"slices"
	"time"
)

// Measure lets all peers do the work of a case in turns, and adds it to the table. In
// each turn another one begins, so that none always follows the same one. One whose
// Run fails is left out from then on, and its row says why. A case that the user does
// not want is not done: it returns nil.
func (t *Table) Measure(name string, turns int, peers ...Peer) *Case {
	return t.MeasureSize(name, 0, turns, peers...)
}

// MeasureSize is Measure of a case that differs from others in size.
func (t *Table) MeasureSize(name string, size, turns int, peers ...Peer) *Case {
	if t.part != nil && !t.part.Wanted(name) {
		return nil
	}
	start := time.Now()
	c := &Case{Name: name, Size: size}
	for _, p := range peers {
		c.Rows = append(c.Rows, &Row{Peer: p.Name, Floor: p.Floor, Samples: map[string][]float64{}})
	}
	for turn := range turns {
		for k := range peers {
			i := (k + turn) % len(peers)
			p, row := peers[i], c.Rows[i]
			if row.Failed != "" || p.Turns > 0 && turn >= p.Turns {
				continue
			}
			sample, err := p.Run()
			if err != nil {
				row.Failed = err.Error()
				fmt.Fprintf(os.Stderr, "%s: %s: %v\n", name, p.Name, err)
				continue
			}
			for metric, v := range sample {
				row.Samples[metric] = append(row.Samples[metric], v)
			}
		}
	}
	t.Cases = append(t.Cases, c)
	fmt.Fprintf(os.Stderr, "%-40s %6.1f s\n", name, time.Since(start).Seconds())
	return c
}

// Case returns a case by its name, or nil.
func (t *Table) Case(name string) *Case {
	for _, c := range t.Cases {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// Row returns what a peer took, or nil.
func (c *Case) Row(peer string) *Row {
	if c == nil {
		return nil
	}
	for _, r := range c.Rows {
		if r.Peer == peer {
			return r
		}
	}
	return nil
}

// Ratio returns how many times better the table's base is than a peer: the median of
// what the turns' ratios are. It is 2 if the peer takes twice as long, or reaches half
// the rate. ok is false where one of them was not measured.
func (t *Table) Ratio(c *Case, peer, metric string) (ratio float64, ok bool) {
	base, other := c.Row(t.Base), c.Row(peer)
	if base == nil || other == nil || base.Failed != "" || other.Failed != "" {
		return 0, false
	}
	a, b := base.Samples[metric], other.Samples[metric]
	if i := slices.IndexFunc(t.Metrics, func(m Metric) bool { return m.Name == metric }); i >= 0 && t.Metrics[i].More {
		a, b = b, a
	}
	return MedianRatio(b, a)
}

// Aim notes whether the base is at least so many times better than the peer, in all
// cases that are named, or in all that there are. Nothing is noted if none of them was
// measured.
func (t *Table) Aim(text, metric string, times float64, peer string, cases ...string) {
	least, where, worst := true, "", 0.0
	for _, c := range t.Cases {
		if len(cases) > 0 && !slices.Contains(cases, c.Name) {
			continue
		}
		r, ok := t.Ratio(c, peer, metric)
		if ok && (least || r < worst) {
			least, where, worst = false, c.Name, r
		}
	}
	if least {
		return
	}
	found := Format(worst) + " times"
	if len(t.Cases) > 1 && len(cases) != 1 {
		found = "at least " + found + " (" + where + ")"
	}
	t.Aims = append(t.Aims, Aim{Text: text, Found: found, Met: worst >= times})
}

// AimMost notes whether the base takes no more than so much of a metric, in all cases.
func (t *Table) AimMost(text, metric string, most float64) {
	found, where := -1.0, ""
	for _, c := range t.Cases {
		if r := c.Row(t.Base); r != nil && r.Failed == "" && len(r.Samples[metric]) > 0 {
			if v := Median(r.Samples[metric]); v > found {
				found, where = v, c.Name
			}
		}
	}
	if found >= 0 {
		t.Aims = append(t.Aims, Aim{Text: text, Found: "at most " + Format(found) + " (" + where + ")", Met: found <= most})
	}
}
