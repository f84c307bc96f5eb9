// Http measures HTTP servers: the CPU time and the system calls that a request costs
// the server, and the memory that a connection does. Each server runs in a sandbox of
// its own, on one core, and the clients on another; it needs root, and two cores.
//
//	http [-n TURNS] [-only LOAD] [-peers NAME,...] [-o FILE]
package main

import (
	_ "embed"
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"rawns/bench/measure"
)

//go:embed how.md
var how string

func main() {
	if text := os.Getenv(within); text != "" {
		check(inside(text))
		return
	}
	runtime.LockOSThread()
	names := flag.String("peers", "", "the `NAMES` of what is measured, beside ours and the floor, with commas")
	p := measure.Begin("http", "HTTP servers", how)
	p.Exit(bench(p, *names))
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// A table is some loads for which peers are compared with the same server of ours.
type table struct {
	title, text, base, plot string
	loads                   []load
}

var tables = []table{
	{"A new connection for each request", "", "rawns http_server", "http-new", []load{
		{Name: "new connections, 1 client, page", Clients: 1, Requests: 5000},
		{Name: "new connections, 100 clients, page", Clients: 100, Requests: 15000},
		{Name: "new connections, 10,000 clients, page", Clients: 10000, Requests: 20000},
	}},
	{"Connections that are kept", "", "rawns httpd", "http-kept", []load{
		{Name: "kept connections, 1 client, page", Clients: 1, Requests: 10000, Keep: true},
		{Name: "kept connections, 100 clients, page", Clients: 100, Requests: 50000, Keep: true},
		{Name: "kept connections, 100 clients, page, requests differ", Clients: 100, Requests: 50000, Keep: true, Mixed: true},
		{Name: "kept connections, 10,000 clients, page", Clients: 10000, Requests: 50000, Keep: true},
		{Name: "16 requests at once, 100 clients, page", Clients: 100, Requests: 160000, Keep: true, Depth: 16},
	}},
	{"A file of 1 MiB", "", "rawns httpd --root", "http-file", []load{
		{Name: "new connections, 1 client, 1 MiB", Clients: 1, Requests: 300, File: true},
		{Name: "new connections, 100 clients, 1 MiB", Clients: 100, Requests: 600, File: true},
		{Name: "kept connections, 1 client, 1 MiB", Clients: 1, Requests: 300, Keep: true, File: true},
		{Name: "kept connections, 100 clients, 1 MiB", Clients: 100, Requests: 600, Keep: true, File: true},
		{Name: "kept connections, 10,000 clients, 1 MiB", Clients: 10000, Requests: 10000, Keep: true, File: true},
	}},
}

// slower are loads by a generator that does nothing for a while before each request.
var slower = table{"What a slower generator changes", `The same as above, but before each request the generator computes for so many µs. If the generator
were what is measured, a server's CPU time would follow. What does change is how many requests a server finds at once
when it wakes up, for all servers alike.`, "rawns httpd", "", []load{
	{Name: "generator as it is, new connections", Clients: 100, Requests: 10000},
	{Name: "generator 20 µs slower, new connections", Clients: 100, Requests: 10000, Spin: 20000},
	{Name: "generator as it is, kept connections", Clients: 100, Requests: 40000, Keep: true},
	{Name: "generator 5 µs slower, kept connections", Clients: 100, Requests: 40000, Keep: true, Spin: 5000},
	{Name: "generator 20 µs slower, kept connections", Clients: 100, Requests: 10000, Keep: true, Spin: 20000},
}}

var idlers = load{Name: "10,000 idle connections", Clients: 10000, Keep: true, Idle: true}

var (
	cpu    = measure.Metric{Name: "CPU", Unit: "µs a request"}
	times  = measure.Metric{Name: "of the floor", Unit: "times", Bare: true}
	calls  = measure.Metric{Name: "calls", Unit: "a request", Bare: true}
	rate   = measure.Metric{Name: "rate", Unit: "requests/s", More: true, Bare: true}
	half   = measure.Metric{Name: "half within", Unit: "µs", Bare: true}
	nearly = measure.Metric{Name: "99 % within", Unit: "µs", Bare: true}
	core   = measure.Metric{Name: "server's core", Unit: "%", Bare: true}
	other  = measure.Metric{Name: "clients' core", Unit: "%", Bare: true}

	each   = measure.Metric{Name: "a connection", Unit: "bytes"}
	alone  = measure.Metric{Name: "without any", Unit: "kB"}
	with   = measure.Metric{Name: "with all", Unit: "kB"}
	kernel = measure.Metric{Name: "the kernel's part of one, both ends", Unit: "bytes", Bare: true}
)

// A bencher is what a run works with.
type bencher struct {
	*measure.Part
	dir               string // the servers' folder
	server, generator int    // cores
	only              []string
}

func bench(p *measure.Part, names string) error {
	b := bencher{Part: p}
	if names != "" {
		b.only = strings.Split(names, ",")
	}
	var err error
	if b.server, b.generator, err = cores(); err != nil {
		return err
	}
	if b.dir, err = os.MkdirTemp("", "bench-http"); err != nil {
		return err
	}
	defer os.RemoveAll(b.dir)
	if err := files(b.dir, configs()); err != nil {
		return err
	}
	for _, tb := range tables {
		t := b.Table(tb.title, cpu, times, calls, rate, half, nearly, core, other)
		t.Base = tb.base
		if tb.plot != "" {
			t.Plots = []measure.Plot{{Name: tb.plot, Title: tb.title + ": the server's CPU time a request", Kind: measure.Bars, Metric: cpu.Name}}
		}
		for _, l := range tb.loads {
			b.load(t, l, peers)
		}
		aims(t)
	}
	t := b.Table(slower.title, cpu, times, core, other)
	t.Text, t.Base = slower.text, slower.base
	for _, l := range slower.loads {
		b.load(t, l, slices.DeleteFunc(slices.Clone(peers), func(p peer) bool { return !p.floor && p.name != slower.base }))
	}
	b.idle()
	b.versions()
	return nil
}

// wanted tells whether the user wants a peer, which is here, and can do a load.
func (b bencher) wanted(p peer, l load) bool {
	if args, err := p.command(l); args == nil || err != nil {
		return false
	}
	return b.only == nil || p.floor || strings.HasPrefix(p.name, "rawns") || slices.Contains(b.only, p.name)
}

// run does a load on a peer, in a sandbox.
func (b bencher) run(p peer, l load, count bool) (outcome, error) {
	args, err := p.command(l)
	if err != nil {
		return outcome{}, err
	}
	return job{Command: args, Port: port, Load: l, Silent: l.Idle && p.name == article, Calls: count, Group: fmt.Sprintf("bench-http-%d", os.Getpid()),
		Server: b.server}.run(b.dir, b.generator)
}

// load measures all peers with a load, in turns.
func (b bencher) load(t *measure.Table, l load, peers []peer) {
	turns := b.Turns(3)
	switch {
	case l.heavy(): // 10 GB each
		turns = 1
	case l.Clients == 1: // short, and most at the mercy of what else runs
		turns = b.Turns(5)
	}
	if b.Quick() {
		l.Clients, l.Requests = min(l.Clients, 100), max(l.Requests/50, max(l.Depth, 1))
	}
	l.Clients = min(l.Clients, many())
	var all []measure.Peer
	for _, p := range peers {
		if !b.wanted(p, l) {
			continue
		}
		counted := l.heavy() || l.Spin > 0
		all = append(all, measure.Peer{Name: p.name, Floor: p.floor, Run: func() (measure.Sample, error) {
			o, err := b.run(p, l, false)
			if err != nil {
				return nil, err
			}
			n := float64(o.Requests)
			s := measure.Sample{cpu.Name: o.CPU / n * 1e6, rate.Name: n / o.Wall, half.Name: o.P50 * 1e6, nearly.Name: o.P99 * 1e6,
				core.Name: 100 * o.CPU / o.Wall, other.Name: 100 * o.Generator / o.Wall}
			if !counted {
				counted = true
				less := l
				less.Requests = max(l.Requests/5, l.Clients*max(l.Depth, 1))
				o, err := b.run(p, less, true)
				if err != nil {
					return nil, err
				}
				s[calls.Name] = o.Calls / float64(o.Requests)
			}
			return s, nil
		}})
	}
	c := t.Measure(l.Name, turns, all...)
	if c == nil {
		return
	}
	bound := c.Row(floor).Samples[cpu.Name]
	for _, r := range c.Rows {
		for i, v := range r.Samples[cpu.Name] {
			if i < len(bound) && bound[i] > 0 {
				r.Samples[times.Name] = append(r.Samples[times.Name], v/bound[i])
			}
		}
	}
}

// idle measures the memory that connections take which have nothing to say.
func (b bencher) idle() {
	t := b.Table("Memory for idle connections", each, alone, with, kernel)
	t.Base = "rawns httpd"
	t.Text = `The proportional set size of all of a server's processes, before and after 10,000 clients have come, of which each got the
page once and keeps its connection. The article's server keeps none; its clients have said nothing yet. What the kernel takes (slabs,
stacks, page tables) is the whole machine's, and so is that of both ends.`
	l := idlers
	if b.Quick() {
		l.Clients = 100
	}
	l.Clients = min(l.Clients, many())
	l.Requests = l.Clients
	var all []measure.Peer
	for _, p := range peers {
		if b.wanted(p, l) {
			all = append(all, measure.Peer{Name: p.name, Floor: p.floor, Run: func() (measure.Sample, error) {
				o, err := b.run(p, l, false)
				if err != nil {
					return nil, err
				}
				n := float64(l.Clients)
				return measure.Sample{alone.Name: float64(o.Before.PSS) / 1024, with.Name: float64(o.After.PSS) / 1024,
					each.Name: float64(o.After.PSS-o.Before.PSS) / n, kernel.Name: float64(o.After.Kernel-o.Before.Kernel) / n}, nil
			}})
		}
	}
	c := t.Measure(l.Name, b.Turns(3), all...)
	if v := c.Row(t.Base); v != nil && v.Failed == "" {
		n := measure.Median(v.Samples[each.Name])
		t.Aims = append(t.Aims, measure.Aim{Text: "an idle connection takes less than 500 bytes of our memory", Found: measure.Format(n) + " bytes", Met: n < 500})
	}
}

// aims notes whether a table's base reaches what it was to reach.
func aims(t *measure.Table) {
	var found, above, behind []string
	for _, c := range t.Cases {
		r := c.Row(t.Base)
		if r == nil || len(r.Samples[times.Name]) == 0 {
			continue
		}
		v := measure.Median(r.Samples[times.Name])
		found = append(found, measure.Format(v))
		if v > 1.15 {
			above = append(above, fmt.Sprintf("%s times (%s)", measure.Format(v), c.Name))
		}
		for _, r := range c.Rows {
			if ratio, ok := t.Ratio(c, r.Peer, cpu.Name); ok && ratio < 0.99 && !r.Floor && !strings.HasPrefix(r.Peer, "rawns") {
				behind = append(behind, fmt.Sprintf("%s takes %s of it (%s)", r.Peer, measure.Format(ratio), c.Name))
			}
		}
	}
	if found == nil {
		return
	}
	note := func(text, right string, wrong []string) {
		if wrong != nil {
			right = strings.Join(wrong, "; ")
		}
		t.Aims = append(t.Aims, measure.Aim{Text: text, Found: right, Met: wrong == nil})
	}
	note(t.Base+" takes at most 1.15 times the CPU time of the C floor", strings.Join(found, ", ")+" times", above)
	note(t.Base+" takes less CPU time than every other", "it does", behind)
	// The floor's own lead is what there is to be had.
	var leads, short []string
	for _, c := range t.Cases {
		ours, ok := t.Ratio(c, article, cpu.Name)
		least, ok2 := measure.MedianRatio(samples(c, article), samples(c, floor))
		if !ok || !ok2 {
			continue
		}
		lead := fmt.Sprintf("%s times (%s; the floor %s)", measure.Format(ours), c.Name, measure.Format(least))
		if leads = append(leads, lead); ours < 2.5 {
			short = append(short, lead)
		}
	}
	if leads != nil {
		note("the article's server takes at least 2.5 times the CPU time of "+t.Base, strings.Join(leads, "; "), short)
	}
}

func samples(c *measure.Case, peer string) []float64 {
	if r := c.Row(peer); r != nil {
		return r.Samples[cpu.Name]
	}
	return nil
}

// versions notes what was measured.
func (b bencher) versions() {
	for _, p := range peers {
		args, err := p.command(load{})
		if err != nil {
			b.Notes = append(b.Notes, fmt.Sprintf("%s was not measured: %v.", p.name, err))
		} else if p.ask != nil {
			b.Facts.Ask(p.name, args[0], p.ask...)
		}
	}
	if n := many(); n < 10000 {
		b.Notes = append(b.Notes, fmt.Sprintf("10,000 clients were %d, as a process may have no more than %d files here, and servers count with two for a client.", n, limit()))
	}
	b.Facts.Modules(measure.Beside("fasthttp"), "github.com/valyala/fasthttp")
	b.Facts.Modules(measure.Beside("gnet"), "github.com/panjf2000/gnet/v2")
}

// cores returns the last two that this process may use: the first one of a machine has
// its interrupts to do.
func cores() (server, generator int, err error) {
	var set unix.CPUSet
	if err := unix.SchedGetaffinity(0, &set); err != nil {
		return 0, 0, err
	}
	var all []int
	for i := range len(set) * 64 {
		if set.IsSet(i) {
			all = append(all, i)
		}
	}
	if len(all) < 2 {
		return 0, 0, fmt.Errorf("the server needs a core of its own, and there is but one")
	}
	return all[len(all)-1], all[len(all)-2], nil
}
