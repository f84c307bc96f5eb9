// Topo measures how long a star of namespaces takes to make and to take away: by
// rawns, and by others that do the same work, in turns, in the same run. It prints a
// table in Markdown. It must be root; each run happens in network, mount and process
// namespaces of its own.
//
//	topo [-n ROUNDS] [-sizes N,...] [-only NAMES] [-floor PROGRAM] [-naive PROGRAM] RAWNS
//
// The others are
//
//	script  a shell script of ip commands, in the order of most that one finds
//	batch   ip -batch: one for all that is the host's, then one per namespace
//	naive   topo-naive.c, the calls that one writes first
//	floor   topo-floor.c, the calls with which the kernel waits least
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
)

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
	if s.bridges() == 1 {
		return fmt.Sprintf("%d on one bridge", s.n)
	}
	return fmt.Sprintf("%d on %d bridges", s.n, s.bridges())
}

// A driver makes stars of at most most namespaces; what takes long is measured once
// at once or more of them. write puts its files into a folder.
type driver struct {
	name       string
	most, once int
	up, down   string // shell commands, to be run in the folder
	write      func(s star) map[string]string
}

// None stands in a driver for no such size.
const none = 1 << 30

var (
	rounds = flag.Int("n", 5, "rounds")
	sizes  = flag.String("sizes", "10,100,900,5000", "how many namespaces; up to 1000 are on one bridge, more on bridges of 250")
	only   = flag.String("only", "", "the names of what is measured, beside rawns, with commas")
	floor  = flag.String("floor", "", "the program made of topo-floor.c")
	naive  = flag.String("naive", "", "the program made of topo-naive.c")
)

func main() {
	if work := os.Getenv(within); work != "" {
		check(inside(work))
		return
	}
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: topo [-n ROUNDS] [-sizes N,...] [-only NAMES] [-floor PROGRAM] [-naive PROGRAM] RAWNS")
		os.Exit(2)
	}
	drivers := choose(absolute(flag.Arg(0)))
	dir, err := os.MkdirTemp("", "bench")
	check(err)
	defer os.RemoveAll(dir)

	fmt.Println("| namespaces | by | made, ms | each | × rawns | CPU each | gone, ms | each | × rawns | kB each |")
	fmt.Println("|---|---|--:|--:|--:|--:|--:|--:|--:|--:|")
	each := map[string]map[int]result{} // driver, size: medians
	for _, word := range strings.Split(*sizes, ",") {
		n, err := strconv.Atoi(word)
		check(err)
		s := star{n, n}
		if n > 1000 { // a bridge has at most 1023 ports
			s.per = 250
		}
		for name, r := range measure(s, drivers, dir) {
			if each[name] == nil {
				each[name] = map[int]result{}
			}
			each[name][n] = r
		}
	}
	fmt.Println()
	for _, d := range drivers {
		var sizes []int
		for n := range each[d.name] {
			sizes = append(sizes, n)
		}
		if len(sizes) < 2 {
			continue
		}
		slices.Sort(sizes)
		first := each[d.name][sizes[0]]
		for _, n := range sizes[1:] {
			r := each[d.name][n]
			fmt.Printf("%s: one namespace of %d takes %.2f times what one of %d does to make (CPU time: %.2f), %.2f times to take away.\n\n", d.name, n,
				r.up/float64(n)/(first.up/float64(sizes[0])), sizes[0], r.cpu/first.cpu, r.down/float64(n)/(first.down/float64(sizes[0])))
		}
	}
}

// choose returns the drivers that are asked for and there; rawns is the first.
func choose(rawns string) []driver {
	drivers := []driver{
		{"rawns", none, none, rawns + " up star.topo", rawns + " down star.topo", file},
		{"floor", none, none, "", "", nil},
		{"naive", 900, 900, "", "", nil},
		{"batch", 900, 900, "sh up.sh", "ip -batch down", batches},
		{"script", 900, 900, "sh up.sh", "sh down.sh", script},
	}
	if *only != "" {
		names := append(strings.Split(*only, ","), "rawns")
		drivers = slices.DeleteFunc(drivers, func(d driver) bool { return !slices.Contains(names, d.name) })
	}
	for name, program := range map[string]string{"floor": *floor, "naive": *naive} {
		i := slices.IndexFunc(drivers, func(d driver) bool { return d.name == name })
		switch {
		case i < 0:
		case program == "":
			drivers = slices.Delete(drivers, i, i+1)
		default:
			drivers[i].up, drivers[i].down = absolute(program)+" up N PER", absolute(program)+" down N PER"
		}
	}
	return drivers
}

// A result is what one run took: ms to make and to take away all, and for each
// namespace the ms of CPU time that the programs took to make it, in the kernel and
// outside, and kB. CPU time says more on a machine that others use, too.
type result struct{ up, down, cpu, kB float64 }

// measure runs all drivers in turns, prints a line for each, and returns the medians.
func measure(s star, drivers []driver, dir string) map[string]result {
	got := map[string][]result{}
	failed := map[string]error{}
	for round := range *rounds {
		for k := range drivers {
			d := drivers[(k+round)%len(drivers)] // none always follows the same one
			if s.n > d.most || round > 0 && s.n >= d.once || failed[d.name] != nil {
				continue
			}
			r, err := run(s, d, dir)
			if err != nil {
				failed[d.name] = err
				continue
			}
			got[d.name] = append(got[d.name], r)
		}
	}
	all := map[string]result{}
	for _, d := range drivers {
		rs := got[d.name]
		if err := failed[d.name]; err != nil {
			fmt.Printf("| %v | %s | failed | | | | | | | |\n", s, d.name)
			fmt.Fprintf(os.Stderr, "%v, %s: %v\n", s, d.name, err)
			continue
		}
		if len(rs) == 0 {
			continue
		}
		m := result{median(rs, func(_ int, r result) float64 { return r.up }), median(rs, func(_ int, r result) float64 { return r.down }),
			median(rs, func(_ int, r result) float64 { return r.cpu }), median(rs, func(_ int, r result) float64 { return r.kB })}
		all[d.name] = m
		// Other programs on the machine slow down both runs of a round, so the ratio
		// is the median of the rounds' ratios.
		times := func(f func(r result) float64) string {
			ours := got["rawns"]
			if len(ours) < len(rs) || d.name == "rawns" {
				return ""
			}
			return fmt.Sprintf("%.2f", median(rs, func(i int, r result) float64 { return f(r) / f(ours[i]) }))
		}
		kB := ""
		if s.n >= 500 { // what others do meanwhile is more than what a few take
			kB = fmt.Sprintf("%.0f", m.kB)
		}
		fmt.Printf("| %v | %s | %.1f | %.3f | %s | %.3f | %.1f | %.3f | %s | %s |\n", s, d.name,
			m.up, m.up/float64(s.n), times(func(r result) float64 { return r.up }), m.cpu,
			m.down, m.down/float64(s.n), times(func(r result) float64 { return r.down }), kB)
	}
	return all
}

func median(rs []result, f func(i int, r result) float64) float64 {
	var v []float64
	for i, r := range rs {
		v = append(v, f(i, r))
	}
	slices.Sort(v)
	return (v[len(v)/2] + v[(len(v)-1)/2]) / 2
}

// within names the variable that tells the program to be the one in the sandbox.
const within = "BENCH_TOPO"

// run makes and takes away a star, in namespaces of its own.
func run(s star, d driver, dir string) (r result, err error) {
	if err := os.RemoveAll(dir); err != nil {
		return r, err
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		return r, err
	}
	if d.write != nil {
		for name, text := range d.write(s) {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				return r, err
			}
		}
	}
	numbers := strings.NewReplacer(" N PER", fmt.Sprintf(" %d %d", s.n, s.per))
	var out, complaints bytes.Buffer
	c := exec.Command("/proc/self/exe")
	c.Dir = dir
	c.Env = append(os.Environ(), within+"="+fmt.Sprintf("%d\n%d\n%s\n%s", s.n, s.per, numbers.Replace(d.up), numbers.Replace(d.down)))
	c.Stdout, c.Stderr = &out, &complaints
	c.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNET | unix.CLONE_NEWNS | unix.CLONE_NEWPID, Pdeathsig: syscall.SIGKILL}
	if err := c.Run(); err != nil {
		return r, fmt.Errorf("%w: %s", err, bytes.TrimSpace(complaints.Bytes()))
	}
	_, err = fmt.Sscan(out.String(), &r.up, &r.down, &r.cpu, &r.kB)
	return r, err
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
	start := time.Now()
	cpu, err := command(w[2])
	if err != nil {
		return err
	}
	if err := probe.usable(); err != nil {
		return err
	}
	up := time.Since(start)
	time.Sleep(time.Second)
	kB := float64(memory()-before) / float64(s.n)
	canary, err := newCanary()
	if err != nil {
		return err
	}
	start = time.Now()
	if _, err := command(w[3]); err != nil {
		return err
	}
	if err := probe.gone(); err != nil {
		return err
	}
	if err := canary.gone(); err != nil {
		return err
	}
	down := time.Since(start)
	fmt.Println(ms(up), ms(down), ms(cpu)/float64(s.n), kB)
	return nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// command runs a program with its arguments, and returns the CPU time that it and
// those that it started took.
func command(line string) (time.Duration, error) {
	w := strings.Fields(line)
	c := exec.Command(w[0], w[1:]...)
	out, err := c.CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("%s: %w: %s", line, err, bytes.TrimSpace(out[max(0, len(out)-500):]))
	}
	return c.ProcessState.UserTime() + c.ProcessState.SystemTime(), nil
}

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

func absolute(program string) string {
	p, err := filepath.Abs(program)
	check(err)
	return p
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
