// Package measure is what the benchmarks share: peers do the same work in turns,
// what they took is kept as it was measured, and written as JSON.
//
// A part is a program. It says what it measures, and ends:
//
//	p := measure.Begin("dumps", "Long lists", `How each peer was driven, in Markdown.`)
//	t := p.Table("Links", measure.Wall, measure.CPU, measure.Memory)
//	t.Measure("ip link", p.Turns(7), peers...)
//	t.Aim("twice as fast as iproute2's", "wall", 2, "iproute2")
//	p.Exit(nil)
//
// The peers of a case run in turns (Table.Measure), because a machine is slower at
// one time than at another: what is compared was measured side by side, and a ratio
// is the median of the ratios of the turns. A peer that fails is noted and left out;
// the others go on.
//
// Programs run by Process, which measures them with a small program in C
// (bench/c/launch.c): of a process that a larger one forks, the kernel reports at
// least the memory of the larger one. Sandbox gives them namespaces of their own.
package measure

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// A Part is what one program of a run measured. A file of results is a list of them.
type Part struct {
	Name    string    // of the part, as make bench takes it
	Title   string    // a heading
	How     string    // how the peers were driven, in Markdown
	Began   time.Time // when the part began
	Seconds float64   // what it took
	Args    []string  // the program's arguments
	Hasty   bool      `json:",omitempty"` // measured with -quick: no result
	Facts   Facts
	Tables  []*Table
	Notes   []string // what else is worth to be said, a paragraph each
	GoBench string   `json:",omitempty"` // lines as go test -bench prints them, for benchstat

	turns int
	only  string
	out   string
}

// A Table is some cases for which the same is measured.
type Table struct {
	Title   string
	Text    string `json:",omitempty"` // what a reader must know, in Markdown
	Base    string // the peer that all others are compared with
	Metrics []Metric
	Cases   []*Case
	Plots   []Plot `json:",omitempty"`
	Aims    []Aim  `json:",omitempty"`

	part *Part
}

// A Metric is something that is measured of each peer in each turn.
type Metric struct {
	Name string // the key in Sample, and the column's head
	Unit string
	More bool `json:",omitempty"` // more is better: a rate, not a cost
	Bare bool `json:",omitempty"` // a column without ratios
}

// What Process measures.
var (
	Wall   = Metric{Name: "wall", Unit: "ms"}
	CPU    = Metric{Name: "CPU", Unit: "ms"}
	Memory = Metric{Name: "memory", Unit: "kB"} // the largest resident set
	Faults = Metric{Name: "faults", Unit: "pages"}
)

// A Case is one piece of work, which all peers do.
type Case struct {
	Name string
	Size int `json:",omitempty"` // where the cases of a table differ in size: the x of a plot
	Rows []*Row
}

// A Row is what one peer took for it.
type Row struct {
	Peer    string
	Floor   bool                 `json:",omitempty"` // does less than the work: a bound, and nobody to be beaten
	Failed  string               `json:",omitempty"` // why there are no samples
	Samples map[string][]float64 // by metric, one of each turn
}

// A Sample is what one turn took, by metric.
type Sample map[string]float64

// A Peer is one that does the work.
type Peer struct {
	Name  string
	Floor bool // does less than the work, see Row
	Turns int  // do no more than these turns; 0: all of them
	Run   func() (Sample, error)
}

// An Aim is something that was to be reached.
type Aim struct {
	Text  string // what
	Found string // what was measured
	Met   bool
}

// A Plot is a picture of a table: docs/img/bench-NAME.svg.
type Plot struct {
	Name   string
	Title  string
	Kind   string // Bars or Curves
	Metric string
	Peers  []string `json:",omitempty"` // these only
	Cases  []string `json:",omitempty"` // these only
	X, Y   string   `json:",omitempty"` // what the axes are, where it is not the metric
}

// The kinds of plots: horizontal bars for each case, a bar a peer; or curves, one for
// each peer, over the sizes of the cases. The axes of values are logarithmic.
const (
	Bars   = "bars"
	Curves = "curves"
)

var (
	outFlag   = flag.String("o", "", "write the results to this `FILE`, as JSON")
	turnsFlag = flag.Int("n", 0, "how many turns; 0: as many as each case needs")
	onlyFlag  = flag.String("only", "", "measure only cases that have this `TEXT` in their name")
	quickFlag = flag.Bool("quick", false, "measure next to nothing: does it work at all?")
)

// Begin reads the flags and returns a part without results. It waits until the machine is at rest.
func Begin(name, title, how string) *Part {
	flag.Parse()
	Rest()
	return &Part{Name: name, Title: title, How: how, Began: time.Now().UTC().Truncate(time.Second), Args: os.Args[1:], Hasty: *quickFlag, Facts: Machine(),
		turns: *turnsFlag, only: *onlyFlag, out: *outFlag}
}

// Turns returns how many turns to do: usual ones, if the user said nothing else.
func (p *Part) Turns(usual int) int {
	switch {
	case p.turns > 0:
		return p.turns
	case p.Hasty:
		return 1
	}
	return usual
}

// Quick tells whether the user wants to see only whether all works.
func (p *Part) Quick() bool { return p.Hasty }

// Wanted tells whether the user wants a case of this name.
func (p *Part) Wanted(name string) bool { return strings.Contains(name, p.only) }

// Table adds a table. Its peers are compared with the one called rawns, unless Base is
// changed.
func (p *Part) Table(title string, metrics ...Metric) *Table {
	t := &Table{Title: title, Base: "rawns", Metrics: metrics, part: p}
	p.Tables = append(p.Tables, t)
	return t
}

// End prints the tables and writes the file.
func (p *Part) End() error {
	p.Tables = slices.DeleteFunc(p.Tables, func(t *Table) bool { return len(t.Cases) == 0 })
	p.Seconds = time.Since(p.Began).Seconds()
	for _, t := range p.Tables {
		fmt.Printf("### %s\n\n%s\n%s", t.Title, t.Markdown(), t.AimsMarkdown())
	}
	if p.out == "" {
		return nil
	}
	return Write(p.out, []*Part{p})
}

// Exit ends the program: with what was measured, even if an error cut it short, which is then noted;
// but with no file, if nothing was.
func (p *Part) Exit(err error) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", p.Name, err)
		p.Notes = append(p.Notes, fmt.Sprintf("This part ended early: %s.", Cell(firstLine(err.Error()))))
	}
	measured := slices.ContainsFunc(p.Tables, func(t *Table) bool { return len(t.Cases) > 0 })
	if err == nil || measured {
		if e := p.End(); e != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", p.Name, e)
			err = e
		}
	}
	if err != nil {
		os.Exit(1)
	}
	os.Exit(0)
}

// Write writes a file of results.
func Write(file string, parts []*Part) error {
	text, err := json.MarshalIndent(parts, "", " ")
	if err != nil {
		return err
	}
	// The samples of a metric are a line.
	text = numbers.ReplaceAllFunc(text, func(list []byte) []byte { return bytes.Join(bytes.Fields(list), nil) })
	return os.WriteFile(file, append(text, '\n'), 0o644)
}

var numbers = regexp.MustCompile(`\[[-+.e0-9,\s]+\]`)

// Read reads files of results, one behind the other.
func Read(files ...string) (all []*Part, err error) {
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		var parts []*Part
		if err := json.Unmarshal(text, &parts); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		all = append(all, parts...)
	}
	return all, nil
}

// Beside returns the path of a program that make bench built: they are all in one
// folder. C programs are called c-NAME.
func Beside(name string) string {
	self, err := os.Executable()
	if err != nil {
		return name
	}
	return filepath.Join(filepath.Dir(self), name)
}

// Anew has the kernel forget what it holds of files that were just written, and reads them
// anew, whole, page by page, as if all of them had been run since the machine was started: as
// the kernel keeps files in pieces as large as they were written or read in, and maps pieces as
// a whole, a program takes a megabyte more right after it was built.
func Anew(files ...string) {
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			continue
		}
		if f.Sync() == nil {
			unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_DONTNEED)
			unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_RANDOM)
			io.Copy(io.Discard, f)
		}
		f.Close()
	}
}

// Rawns makes a link to rawns' binary in a folder, so that it can be called by the name of an
// applet, and returns its path. The binary is the one beside the folder of the benchmarks'
// programs: bin/rawns.
func Rawns(applet, folder string) (string, error) {
	link := filepath.Join(folder, applet)
	return link, os.Symlink(Beside("../rawns"), link)
}

// IP returns the path of rawns' ip, by a link in a folder, and that of iproute2's, whose version
// is noted.
func (p *Part) IP(folder string) (ours, stock string, err error) {
	if ours, err = Rawns("ip", folder); err != nil {
		return "", "", err
	}
	if stock, err = exec.LookPath("ip"); err != nil {
		return "", "", err
	}
	p.Facts.Ask("iproute2", stock, "-V")
	return ours, stock, nil
}
