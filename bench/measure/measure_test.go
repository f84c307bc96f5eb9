package measure

import (
	"errors"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		v    []float64
		want float64
	}{{nil, 0}, {[]float64{3}, 3}, {[]float64{9, 1, 5}, 5}, {[]float64{4, 1, 100, 2}, 3}} {
		before := append([]float64(nil), c.v...)
		if got := Median(c.v); got != c.want {
			t.Errorf("Median(%v) = %v, not %v", c.v, got, c.want)
		}
		if !reflect.DeepEqual(before, append([]float64(nil), c.v...)) {
			t.Errorf("Median changed the order of %v, which is that of turns: %v", before, c.v)
		}
	}
}

// TestMedianRatio has a machine that was slow in the second turn: the ratio of medians
// would be 1.5, but in each turn it was 2.
func TestMedianRatio(t *testing.T) {
	ours, theirs := []float64{1, 10, 1.4}, []float64{2, 20, 2.8}
	if r, ok := MedianRatio(theirs, ours); r != 2 || !ok {
		t.Errorf("%v %v", r, ok)
	}
	if r, ok := MedianRatio(theirs[:1], ours); r != 2 || !ok {
		t.Errorf("of one turn: %v %v", r, ok)
	}
	if _, ok := MedianRatio(nil, ours); ok {
		t.Error("a ratio of nothing")
	}
	if _, ok := MedianRatio(theirs, []float64{0, 1, 1}); ok {
		t.Error("a ratio to 0")
	}
}

func TestFormat(t *testing.T) {
	for v, want := range map[float64]string{0: "0", 0.01234: "0.012", 0.1234: "0.123", 1.234: "1.23", 12.34: "12.3", 123.4: "123", 1234.5: "1,234",
		1234567: "1,234,567", 0.9996: "1.00", 999.7: "1000", -2.5: "-2.50", 0.00001: "0.000"} {
		if got := Format(v); got != want {
			t.Errorf("Format(%v) = %q, not %q", v, got, want)
		}
	}
}

// TestMeasure lets three peers do their turns: in which order, how often, and what of
// the one that fails.
func TestMeasure(t *testing.T) {
	var order strings.Builder
	peer := func(name string, most int, v ...float64) Peer {
		n := 0
		return Peer{Name: name, Turns: most, Run: func() (Sample, error) {
			order.WriteString(name[:1])
			if n == len(v) {
				return nil, errors.New("too tired\nreally")
			}
			n++
			return Sample{"wall": v[n-1]}, nil
		}}
	}
	table := &Table{Base: "rawns", Metrics: []Metric{Wall, {Name: "rate", More: true}}}
	c := table.MeasureSize("run", 10, 3, peer("rawns", 0, 1, 2, 4), peer("other", 1, 3, 3, 3), peer("third", 0, 5))
	if got := order.String(); got != "rot"+"tr"+"r" {
		t.Errorf("the order was %s", got)
	}
	if r, ok := table.Ratio(c, "other", "wall"); r != 3 || !ok {
		t.Errorf("ratio %v %v", r, ok)
	}
	want := `| | by | wall, ms | × |
|---|---|--:|--:|
| run | rawns | 2.00 (1.00–4.00) |  |
|  | other | 3.00 | 3.00 |
|  | third | failed: too tired |  |
`
	if got := table.Markdown(); got != want {
		t.Errorf("the table is\n%s", got)
	}
	c.Rows[0].Samples["rate"], c.Rows[1].Samples["rate"] = []float64{100}, []float64{50}
	if r, ok := table.Ratio(c, "other", "rate"); r != 2 || !ok {
		t.Errorf("half the rate is a ratio of %v", r)
	}
}

func TestAims(t *testing.T) {
	table := &Table{Base: "rawns", Metrics: []Metric{Wall}}
	for i, theirs := range []float64{4, 2.5, 1} {
		name := string(rune('a' + i))
		table.Cases = append(table.Cases, &Case{Name: name, Rows: []*Row{{Peer: "rawns", Samples: map[string][]float64{"wall": {2}}},
			{Peer: "ip", Samples: map[string][]float64{"wall": {theirs}}}, {Peer: "floor", Floor: true, Samples: map[string][]float64{"wall": {1}}}}})
	}
	table.Aim("all of them", "wall", 1, "ip")
	table.Aim("those that are long", "wall", 1.2, "ip", "a", "b")
	table.Aim("one", "wall", 2, "ip", "a")
	table.Aim("nobody's", "wall", 2, "nobody")
	want := []Aim{{"all of them", "at least 0.500 times (c)", false}, {"those that are long", "at least 1.25 times (b)", true}, {"one", "2.00 times", true}}
	if !reflect.DeepEqual(table.Aims, want) {
		t.Errorf("%+v", table.Aims)
	}
	if got, want := table.Losses(), []Loss{{"c", "wall", "ip", 0.5, 1, 1}}; !reflect.DeepEqual(got, want) {
		t.Errorf("losses %v, not %v", got, want)
	}
}

func TestFile(t *testing.T) {
	p := &Part{Name: "x", Title: "X", Facts: Machine(), Notes: []string{"note"}, GoBench: "BenchmarkX 1 2 ns/op\n", Tables: []*Table{{Title: "T", Base: "rawns",
		Metrics: []Metric{Wall, Memory}, Plots: []Plot{{Name: "x", Kind: Bars, Metric: "wall"}}, Aims: []Aim{{"a", "b", true}},
		Cases: []*Case{{Name: "c", Size: 3, Rows: []*Row{{Peer: "rawns", Samples: map[string][]float64{"wall": {1.25, 2}}}, {Peer: "ip", Failed: "no"}}}}}}}
	file := filepath.Join(t.TempDir(), "x.json")
	if err := Write(file, []*Part{p}); err != nil {
		t.Fatal(err)
	}
	got, err := Read(file, file)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || !reflect.DeepEqual(got[1], p) {
		t.Errorf("read %+v", got)
	}
	if f := p.Facts; f.CPU == "" || f.Cores < 1 || f.Kernel == "" || f.MemoryMB == 0 {
		t.Errorf("the machine is %+v", f)
	}
}
