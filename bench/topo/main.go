// Topo measures how long a star of namespaces takes to make and to take away: by rawns, and
// by others that do the same work, in turns, in the same run.
//
//	topo [-sizes N,...] [-full] [-by NAME,...] [flags of measure]
//
// Making ends when all ports of the bridges forward and the first, the middle and the
// last namespace got a packet to the host. Taking away ends when links and names are
// gone, and the kernel has taken apart the namespaces behind them: it does so in the
// order in which they were left, so that one of our own is left last, with one end of
// a veth in it, and the other end is watched. In between is a second in which the
// kernel may finish what it had put off.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"rawns/bench/measure"
)

const how = `A star of namespaces, each with lo and an address on eth0, whose other end is a port of a bridge in the host's namespace, is
made and taken away; each time in network, mount and process namespaces of its own. One namespace on one bridge is the article's
scene. Up to 900 are on one bridge, 5,000 on bridges of 250, as a bridge has at most 1,023 ports.

"up" is the time from the start of the program (or of the shell that runs the script) until all ports forward and a packet from the
first, the middle and the last namespace has arrived. "down" is the time until links and names are gone, and the kernel has taken the
last namespace apart: it does that behind the back of a program that does not wait for it. "each" is the part of one namespace, CPU
that of the programs, in the kernel and outside; memory is the largest resident set of the programs. "kernel" is what the kernel takes
for a namespace, its veth and its name, where there are many.

- rawns: the command, "rawns up FILE" and "rawns down FILE", with all that it checks and notes;
- rawns, package: the same by a program that uses ns/topo (bench/topo/star-rawns);
- script: a shell script of single ip commands, in the order in which one finds them written: the peer is made here and moved;
- ip -batch: as few processes as ip can do it with, and each link with all that a line can say: the peer is born in its place;
- vishvananda/netlink, jsimonetti/rtnetlink: by programs of some hundred lines (bench/topo/star-*), peers born in their place;
- C naive: a socket for each message, a message for each property, peers moved;
- C floor: the calls with which the kernel waits least, in batches. It checks, notes and undoes nothing. Up to eight veths have as many queues as the kernel
  gives them, as with all others; more have one, as rawns' have.

busybox ip knows no named namespaces. What takes minutes is done once, and some of it only with BENCHFLAGS=-full.`

// A star is n namespaces, per of them on each bridge. topo.h says how all is called.
type star struct{ n, per int }

func (s star) bridges() int { return (s.n + s.per - 1) / s.per }

// bridge returns the number of the bridge that namespace i is on; all count from 1.
func (s star) bridge(i int) int { return (i-1)/s.per + 1 }

func (s star) hostAddr(bridge int) string { return fmt.Sprintf("10.%d.0.1", bridge) }

func (s star) insideAddr(i int) string {
	k := (i-1)%s.per + 2
	return fmt.Sprintf("10.%d.%d.%d", s.bridge(i), k>>8, k&255)
}

func (s star) String() string {
	switch {
	case s.n == 1:
		return "1: the article's scene"
	case s.bridges() == 1:
		return fmt.Sprintf("%d on one bridge", s.n)
	}
	return fmt.Sprintf("%s on %d bridges", measure.Format(float64(s.n)), s.bridges())
}

// A driver makes stars. It is measured once at once or more namespaces, and not at more than
// most, or than some if not everything is wanted.
type driver struct {
	name             string
	floor            bool
	once, some, most int
	up, down         []string // to be run in the folder; "N" and "PER" stand for numbers
	write            func(s star) map[string]string
}

var (
	sizes = flag.String("sizes", "1,10,100,900,5000", "how many namespaces; up to 1000 are on one bridge, more on bridges of 250")
	full  = flag.Bool("full", false, "also what takes minutes")
	by    = flag.String("by", "", "by these `NAMES` only, with commas")
)

func main() {
	if work := os.Getenv(within); work != "" {
		check(inside(work))
		return
	}
	p := measure.Begin("topo", "The article's scene, and many namespaces", how)
	dir, err := os.MkdirTemp("", "bench")
	check(err)
	defer os.RemoveAll(dir)
	check(run(p, filepath.Join(dir, "work")))
	check(p.End())
}

// What is measured beside measure's own.
var (
	up     = measure.Metric{Name: "up", Unit: "ms"}
	down   = measure.Metric{Name: "down", Unit: "ms"}
	upEach = measure.Metric{Name: "up each", Unit: "ms", Bare: true}
	dnEach = measure.Metric{Name: "down each", Unit: "ms", Bare: true}
	cpu    = measure.Metric{Name: "CPU each", Unit: "ms"}
	kernel = measure.Metric{Name: "kernel", Unit: "kB each", Bare: true}
)

func run(p *measure.Part, dir string) error {
	rawns, err := measure.Rawns("rawns", filepath.Dir(dir))
	if err != nil {
		return err
	}
	all := drivers(rawns)
	for _, name := range []string{"../rawns", "star-rawns", "star-vishvananda", "star-jsimonetti", "c-topo-naive", "c-topo-floor"} {
		measure.Anew(measure.Beside(name))
	}
	p.Facts.Ask("iproute2", "ip", "-V")
	p.Facts.Modules(measure.Beside("star-vishvananda"), "github.com/vishvananda/netlink", "github.com/vishvananda/netns")
	p.Facts.Modules(measure.Beside("star-jsimonetti"), "github.com/mdlayher/netlink", "github.com/jsimonetti/rtnetlink/v2")
	t := p.Table("Namespaces", up, upEach, cpu, measure.Memory, down, dnEach, kernel)
	if p.Quick() {
		*sizes = "1,2"
	}
	var scene string
	var many []string // cases whose cost is compared with that of ten
	for _, word := range strings.Split(*sizes, ",") {
		n, err := strconv.Atoi(word)
		if err != nil {
			return err
		}
		s := star{n, n}
		if n > 1000 {
			s.per = 250
		}
		var peers []measure.Peer
		for _, d := range all {
			if n > d.most || n > d.some && !*full || *by != "" && !slices.Contains(strings.Split(*by, ","), d.name) {
				continue
			}
			peer := measure.Peer{Name: d.name, Floor: d.floor, Run: func() (measure.Sample, error) { return sample(s, d, dir) }}
			if n >= d.once {
				peer.Turns = 1
			}
			peers = append(peers, peer)
		}
		turns := 3
		switch {
		case n == 1:
			turns, scene = 15, s.String()
		case n <= 10:
			turns = 5
		case n >= 5000:
			turns = 1
		}
		t.MeasureSize(s.String(), n, p.Turns(turns), peers...)
		if n >= 100 && n <= 1000 {
			many = append(many, s.String())
		}
	}
	if scene != "" {
		t.Aim("the article's scene at least 15 times as fast as the script", "up", 15, "script", scene)
		if r, ok := t.Ratio(t.Case(scene), "C floor", "up"); ok {
			t.Aims = append(t.Aims, measure.Aim{Text: "the article's scene in at most 1.3 times the floor's time",
				Found: measure.Format(1/r) + " times", Met: 1/r <= 1.3})
		}
	}
	if len(many) > 0 {
		last := many[len(many)-1:]
		t.Aim("many at least 20 times as fast as the script", "up", 20, "script", last...)
		t.Aim("many at least 3 times as fast as the naive program", "up", 3, "C naive", last...)
		t.Aim("many taken away at least 10 times as fast as by the script", "down", 10, "script", last...)
		growth(t, star{10, 10}.String(), last[0])
	}
	t.Plots = []measure.Plot{
		{Name: "mass-up", Title: "Making namespaces: cost per namespace", Kind: measure.Curves, Metric: "up each", X: "namespaces", Y: "ms per namespace"},
		{Name: "mass-down", Title: "Taking them away: cost per namespace", Kind: measure.Curves, Metric: "down each", X: "namespaces", Y: "ms per namespace"},
		{Name: "scene", Title: "The article's scene: up", Kind: measure.Bars, Metric: "up", Cases: []string{star{1, 1}.String()}},
	}
	return nil
}

// growth notes whether a namespace among many costs more than one among few.
func growth(t *measure.Table, few, many string) {
	for _, m := range []string{"up each", "CPU each"} {
		a, b := t.Case(few).Row("rawns"), t.Case(many).Row("rawns")
		if a == nil || b == nil || a.Failed+b.Failed != "" {
			return
		}
		x, y := measure.Median(a.Samples[m]), measure.Median(b.Samples[m])
		t.Aims = append(t.Aims, measure.Aim{Text: many + ": " + m + " at most 1.3 times that of " + few,
			Found: measure.Format(y/x) + " times", Met: y <= 1.3*x})
	}
}

// within names the variable that tells the program to be the one in the sandbox.
const within = "BENCH_TOPO"

// sample makes and takes away a star, in namespaces of its own.
func sample(s star, d driver, dir string) (measure.Sample, error) {
	if err := os.RemoveAll(dir); err != nil {
		return nil, err
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	if d.write != nil {
		for name, text := range d.write(s) {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				return nil, err
			}
		}
	}
	words := func(args []string) string {
		return strings.NewReplacer(" N PER", fmt.Sprintf(" %d %d", s.n, s.per)).Replace(strings.Join(args, " "))
	}
	var out, complaints bytes.Buffer
	c := exec.Command("/proc/self/exe")
	c.Dir = dir
	c.Env = append(os.Environ(), within+"="+fmt.Sprintf("%d\n%d\n%s\n%s", s.n, s.per, words(d.up), words(d.down)))
	c.Stdout, c.Stderr = &out, &complaints
	c.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNET | unix.CLONE_NEWNS | unix.CLONE_NEWPID, Pdeathsig: syscall.SIGKILL}
	if err := c.Run(); err != nil {
		return nil, fmt.Errorf("%w: %s", err, bytes.TrimSpace(complaints.Bytes()))
	}
	var made, gone, used, largest, kB float64
	if _, err := fmt.Sscan(out.String(), &made, &gone, &used, &largest, &kB); err != nil {
		return nil, err
	}
	n := float64(s.n)
	r := measure.Sample{"up": made, "up each": made / n, "CPU each": used / n, "memory": largest, "down": gone, "down each": gone / n}
	if s.n >= 500 { // what others do meanwhile is more than what a few take
		r["kernel"] = kB / n
	}
	return r, nil
}

// inside is the program in the sandbox.
func inside(work string) error {
	w := strings.Split(work, "\n")
	var s star
	var err error
	if s.n, err = strconv.Atoi(w[0]); err != nil {
		return err
	}
	if s.per, err = strconv.Atoi(w[1]); err != nil {
		return err
	}
	for _, m := range []struct {
		source, target, kind string
		flags                uintptr
	}{
		{"", "/", "", unix.MS_REC | unix.MS_PRIVATE},
		{"proc", "/proc", "proc", 0},
		{"run", "/run", "tmpfs", 0},
	} {
		if err := unix.Mount(m.source, m.target, m.kind, m.flags, ""); err != nil {
			return fmt.Errorf("mount %s: %w", m.target, err)
		}
	}
	probe, err := newProbe(s)
	if err != nil {
		return err
	}
	before := memory()
	c, err := measure.Command{Args: strings.Fields(w[2])}.Run()
	if err != nil {
		return err
	}
	start := time.Now()
	if err := probe.usable(); err != nil {
		return err
	}
	up := c["wall"] + ms(time.Since(start))
	time.Sleep(time.Second)
	kB := memory() - before
	canary, err := newCanary()
	if err != nil {
		return err
	}
	d, err := measure.Command{Args: strings.Fields(w[3])}.Run()
	if err != nil {
		return err
	}
	start = time.Now()
	if err := probe.gone(); err != nil {
		return err
	}
	if err := canary.gone(); err != nil {
		return err
	}
	fmt.Println(up, d["wall"]+ms(time.Since(start)), c["CPU"], c["memory"], kB)
	return nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// memory returns what the kernel has taken for itself, in kB.
func memory() (sum int) {
	text, err := os.ReadFile("/proc/meminfo")
	check(err)
	for line := range strings.Lines(string(text)) {
		w := strings.Fields(line)
		if slices.Contains([]string{"Slab:", "Percpu:", "KernelStack:", "VmallocUsed:"}, w[0]) {
			n, err := strconv.Atoi(w[1])
			check(err)
			sum += n
		}
	}
	return sum
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "topo:", err)
		os.Exit(1)
	}
}

var errNotGone = errors.New("links or names are left")

// names returns how many names of namespaces there are.
func names() (int, error) {
	entries, err := os.ReadDir("/run/netns")
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	return len(entries), err
}
