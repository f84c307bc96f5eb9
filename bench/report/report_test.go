package main

import (
	"bytes"
	"encoding/xml"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rawns/bench/measure"
)

var update = flag.Bool("update", false, "write the golden files anew")

// row is what a peer took in two turns.
func row(peer string, wall ...float64) *measure.Row {
	return &measure.Row{Peer: peer, Samples: map[string][]float64{"wall": wall}}
}

// example has a part of each kind that a document can show.
func example() []*measure.Part {
	facts := measure.Facts{CPU: "a CPU", Cores: 2, MemoryMB: 24000, Kernel: "6.18.0 x86_64", Go: "go1.26.0", Versions: map[string]string{"iproute2": "6.1.0", "busybox": "1.35"}}
	floor := row("C floor", 1, 1)
	floor.Floor = true
	commands := &measure.Part{Name: "commands", Title: "Whole processes", How: "By **link**.", Began: time.Unix(1800000000, 0).UTC(), Seconds: 12, Facts: facts,
		Notes: []string{"A note."},
		Tables: []*measure.Table{{Title: "Single commands", Text: "What is in it.", Base: "rawns", Metrics: []measure.Metric{measure.Wall, measure.Memory},
			Cases: []*measure.Case{
				{Name: "ip link", Rows: []*measure.Row{row("rawns", 2, 2.5), row("iproute2", 4, 6), floor, {Peer: "busybox", Failed: "exit code 1: <what>\nno"}}},
				{Name: "ip addr", Rows: []*measure.Row{row("rawns", 3, 3), row("iproute2", 1.5, 1.5)}}},
			Plots: []measure.Plot{{Name: "commands", Title: "Commands & co: wall time", Kind: measure.Bars, Metric: "wall"}}}}}
	commands.Tables[0].Aim("no slower than iproute2's", "wall", 1, "iproute2")
	mass := &measure.Part{Name: "topo", Title: "Many namespaces", How: "In turns.", Began: time.Unix(1800000000, 0).UTC(), Seconds: 100, Facts: facts,
		Tables: []*measure.Table{{Title: "Making", Base: "rawns", Metrics: []measure.Metric{measure.Wall},
			Cases: []*measure.Case{{Name: "10 namespaces", Size: 10, Rows: []*measure.Row{row("rawns", 1), row("script", 30)}},
				{Name: "900 namespaces", Size: 900, Rows: []*measure.Row{row("rawns", 1.1), row("script", 31)}}},
			Plots: []measure.Plot{{Name: "mass", Title: "Each of many", Kind: measure.Curves, Metric: "wall", X: "namespaces", Y: "ms each"}}}}}
	return []*measure.Part{commands, mass}
}

func TestDocument(t *testing.T) {
	text, pictures := document(example())
	golden := filepath.Join("testdata", "benchmarks.md")
	text = bytes.TrimPrefix(text, []byte(intro)) // has no figures
	if *update {
		if err := os.WriteFile(golden, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(text, want) {
		t.Errorf("the document is\n%s\nnot\n%s", text, want)
	}
	if len(pictures) != 2 {
		t.Errorf("%d pictures", len(pictures))
	}
	for name, must := range map[string][]string{"bench-commands.svg": {"Commands &amp; co: wall time", ">ip link<", ">iproute2<", "prefers-color-scheme:dark"}, "bench-mass.svg": {">script<", ">namespaces<", ">900<"}} {
		svg := pictures[name]
		for _, m := range must {
			if !bytes.Contains(svg, []byte(m)) {
				t.Errorf("%s has no %q", name, m)
			}
		}
		for d := xml.NewDecoder(bytes.NewReader(svg)); ; {
			if _, err := d.Token(); err == io.EOF {
				break
			} else if err != nil {
				t.Fatalf("%s is no XML: %v", name, err)
			}
		}
	}
}

// TestColors has each colour of a drawing be one that the style sheet knows how to darken.
func TestColors(t *testing.T) {
	_, pictures := document(example())
	known := map[string]bool{}
	for _, s := range append([]shade{ink, faint, rule, ours, kin, bound}, others...) {
		known[s.light] = true
	}
	for name, svg := range pictures {
		_, drawing, _ := strings.Cut(string(svg), "</style>")
		for _, after := range strings.Split(drawing, "#")[1:] {
			if c := "#" + after[:6]; !known[c] {
				t.Errorf("%s has a colour %s", name, c)
			}
		}
	}
}

// TestDocs makes the files of a folder, and makes them again of a run that has only one part.
func TestDocs(t *testing.T) {
	folder := t.TempDir()
	if err := os.Mkdir(filepath.Join(folder, "img"), 0o700); err != nil {
		t.Fatal(err)
	}
	all := example()
	first, second := filepath.Join(folder, "first.json"), filepath.Join(folder, "second.json")
	for file, parts := range map[string][]*measure.Part{first: all, second: {example()[1]}} {
		if file == second {
			parts[0].Tables[0].Cases[0].Rows[0].Samples["wall"][0] = 0.123456789
		}
		if err := measure.Write(file, parts); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range []string{first, second} {
		if err := run([]string{"docs", folder, file, filepath.Join(folder, "missing.json")}); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(filepath.Join(folder, "benchmarks.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"| ip link | rawns | 2.25 (2.00–2.50) |", "| 10 namespaces | rawns | 0.123 |", "img/bench-mass.svg"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	kept, err := os.ReadFile(filepath.Join(folder, "benchmarks.json"))
	if err != nil || !bytes.Contains(kept, []byte("0.12346")) || bytes.Contains(kept, []byte("0.123456")) {
		t.Errorf("%v: samples are not rounded in %s", err, kept)
	}
	if err := run([]string{"docs", folder + "/none", folder + "/none.json"}); err == nil {
		t.Error("a document of nothing")
	}
}

func TestCompare(t *testing.T) {
	folder := t.TempDir()
	older, newer := example(), example()
	newer[0].Tables[0].Cases[1].Rows[0] = row("rawns", 6, 6)
	older[0].GoBench, newer[0].GoBench = "BenchmarkX/rawns 10 20.0 ns/op 0 B/op 0 allocs/op\n", "BenchmarkX/rawns 10 10.0 ns/op 0 B/op 0 allocs/op\n"
	a, b := filepath.Join(folder, "a"), filepath.Join(folder, "b")
	if err := measure.Write(a, older[:1]); err != nil {
		t.Fatal(err)
	}
	if err := measure.Write(b, newer); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := compare(&out, a, b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"| ip addr | rawns | wall | 3.00 | 6.00 | 2.00 |", "X/rawns", "20.00n", "10.00n"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in\n%s", want, &out)
		}
	}
	if strings.Contains(out.String(), "namespaces") {
		t.Errorf("a part that only one has is compared:\n%s", &out)
	}
}
