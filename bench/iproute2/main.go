// Iproute2 measures rawns' ip against the stock one: the same command with both,
// in turns, in the same run, as whole processes. Times are medians, in
// milliseconds; a ratio is the stock tool's time by ours: 1.5 means that the
// stock tool takes half as long again, less than 1 that it is faster.
//
// What the kernel takes, no tool can save. So each command is measured once more
// with a C program (bench/c/floor.c) that sends the same requests, recorded by
// strace, and does nothing else: its time is the floor, and the stock tool's time
// by it is the best ratio that there can be. The kernel's share is that of the
// floor in our time. For single commands there is the floor of any program in Go, too:
// one that does nothing.
//
//	iproute2 [-n ROUNDS] [-links N] [-only TEXT] [-cpu] [-floor FLOOR] [-nothing NOTHING] RAWNS
//
// -links says how many links are listed; -only leaves out what does not have the
// text in its name; -cpu counts the time that a process had a CPU and not the
// time that passed, for a machine that has other things to do.
//
// Everything happens in network namespaces of its own; it must be root.
package main

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

// A batch is a file of commands; each run begins in a fresh namespace.
type batch struct {
	name  string
	lines int
	line  func(i int) string
}

var batches = []batch{
	{"route add, IPv4", 10000, func(i int) string {
		return fmt.Sprintf("route add 10.%d.%d.0/24 via 192.168.0.1 dev v0", i>>8, i&255)
	}},
	{"route add, IPv6", 10000, func(i int) string { return fmt.Sprintf("route add 2001:db8:%x::/48 via fe80::1 dev v0", i) }},
	{"addr add", 2000, func(i int) string { return fmt.Sprintf("addr add 10.%d.%d.1/32 dev v0", i>>8, i&255) }},
	{"link set mtu", 10000, func(i int) string { return fmt.Sprintf("link set v0 mtu %d", 1000+i%500) }},
	{"link add, veth", 500, func(i int) string { return fmt.Sprintf("link add a%d type veth peer name b%d", i, i) }},
	{"neigh add", 10000, func(i int) string {
		return fmt.Sprintf("neigh add 192.168.%d.%d lladdr 02:00:00:00:%02x:%02x dev v0", i>>8, i&255, i>>8, i&255)
	}},
	{"rule add", 2000, func(i int) string {
		return fmt.Sprintf("rule add from 10.%d.%d.0/24 table 100 pref %d", i>>8, i&255, 1000+i)
	}},
}

const setup = `ip link add v0 type veth peer name v1
ip addr add 192.168.0.2/16 dev v0
ip link set v0 up; ip link set v1 up
for t in 1 2 3; do echo 100000 >/proc/sys/net/ipv4/neigh/default/gc_thresh$t; done 2>/dev/null
true`

// lists are shown in one namespace that has much of each.
var lists = []string{"link", "-j link", "-d link", "-s link", "-br link", "-o link", "addr", "-j addr", "route", "-j route", "-d route", "link show lo", "addr show lo", "-V"}

var (
	rounds  = flag.Int("n", 5, "rounds")
	links   = flag.Int("links", 2000, "how many links are listed")
	only    = flag.String("only", "", "a text in the names of what is measured")
	cpu     = flag.Bool("cpu", false, "count CPU time")
	dir     string   // of files and of a link to ours
	tools   []string // the stock ip, and ours
	floor   = flag.String("floor", "", "the program for the floor")
	nothing = flag.String("nothing", "", "a program in Go that does nothing")
)

func main() {
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: iproute2 [-n ROUNDS] [-links N] [-only TEXT] [-cpu] [-floor FLOOR] [-nothing NOTHING] RAWNS")
		os.Exit(2)
	}
	var err error
	dir, err = os.MkdirTemp("", "bench")
	check(err)
	defer os.RemoveAll(dir)
	check(os.Symlink(absolute(flag.Arg(0)), dir+"/ip"))
	stock, err := exec.LookPath("ip")
	check(err)
	tools = []string{stock, dir + "/ip"}
	if _, err := exec.LookPath("strace"); err != nil {
		*floor = ""
	}
	fmt.Printf("%-36s %9s %9s %9s %6s %6s %8s\n", "", "stock", "rawns", "floor", "ratio", "best", "kernel's")
	for _, b := range batches {
		var text strings.Builder
		for i := range b.lines {
			text.WriteString(b.line(i+2) + "\n")
		}
		file := dir + "/batch"
		check(os.WriteFile(file, []byte(text.String()), 0o600))
		for _, force := range []string{"", "-force "} {
			name := fmt.Sprintf("%sbatch, %d %s", force, b.lines, b.name)
			if !strings.Contains(name, *only) {
				continue
			}
			args := strings.Fields(force + "-batch " + file)
			commands := [][]string{append([]string{tools[0]}, args...), append([]string{tools[1]}, args...)}
			if *floor != "" && force == "" { // with -force it would send many at once
				apart(func() {
					shell(setup)
					record(commands[1])
				})
				commands = append(commands, []string{*floor, dir + "/requests"})
			}
			say(name, *rounds, commands, func(c []string) (ms float64) {
				apart(func() {
					shell(setup)
					ms = timed(c)
				})
				return ms
			})
		}
	}
	apart(showLists)
}

// showLists lists what there is in one namespace.
func showLists() {
	wanted := func(l string) bool { return strings.Contains("ip "+l, *only) }
	if !slices.ContainsFunc(lists, wanted) {
		return
	}
	shell(setup)
	fill := func(kind string, n int, line func(i int) string) {
		if !slices.ContainsFunc(lists, func(l string) bool { return wanted(l) && strings.HasSuffix(l, kind) }) {
			return
		}
		var text strings.Builder
		for i := range n {
			text.WriteString(line(i) + "\n")
		}
		check(os.WriteFile(dir+"/fill", []byte(text.String()), 0o600))
		shell(tools[1] + " -force -batch " + dir + "/fill")
	}
	fill("route", 100000, func(i int) string {
		return fmt.Sprintf("route add 10.%d.%d.%d/32 via 192.168.0.1 dev v0", i>>16, i>>8&255, i&255)
	})
	kind := "link"
	if slices.ContainsFunc(lists, func(l string) bool { return wanted(l) && strings.HasSuffix(l, "addr") }) {
		kind = "addr"
	}
	fill(kind, *links, func(i int) string { return fmt.Sprintf("link add i%d group 7 type ifb", i) })
	// A namespace goes faster if its links went before, and all together.
	defer shell("ip link del group 7; true")
	for _, l := range lists {
		if !wanted(l) {
			continue
		}
		n, single := *rounds, strings.HasSuffix(l, "lo") || l == "-V"
		if single {
			n *= 100
		}
		commands := [][]string{append([]string{tools[0]}, strings.Fields(l)...), append([]string{tools[1]}, strings.Fields(l)...)}
		if *floor != "" {
			record(commands[1])
			commands = append(commands, []string{*floor, dir + "/requests"})
		}
		say("ip "+l, n, commands, timed)
		if single && *nothing != "" && l == "-V" {
			commands[1] = []string{*nothing}
			say("ip -V, and any program in Go", n, commands, timed)
		}
	}
}

// say measures commands in turns and prints a line: stock, ours, and the floor,
// if it is there.
func say(what string, rounds int, commands [][]string, run func([]string) float64) {
	ms := make([][]float64, len(commands))
	for range rounds {
		for i, c := range commands {
			ms[i] = append(ms[i], run(c))
		}
	}
	median := func(v []float64) float64 { slices.Sort(v); return v[len(v)/2] }
	a, b := median(ms[0]), median(ms[1])
	if len(ms) == 2 {
		fmt.Printf("%-36s %9.2f %9.2f %9s %6.2f\n", what, a, b, "", a/b)
		return
	}
	f := median(ms[2])
	fmt.Printf("%-36s %9.2f %9.2f %9.2f %6.2f %6.2f %7.0f%%\n", what, a, b, f, a/b, a/f, 100*f/b)
}

// apart calls f in a fresh network namespace, of which programs that it starts
// are, too. It returns some time later, for the kernel takes the namespace down
// behind our back.
func apart(f func()) {
	done := make(chan bool)
	go func() {
		defer close(done)
		runtime.LockOSThread() // the thread ends with the goroutine
		check(syscall.Unshare(syscall.CLONE_NEWNET))
		f()
	}()
	<-done
	time.Sleep(100 * time.Millisecond)
}

// timed runs a command and returns how many milliseconds it took.
func timed(command []string) float64 {
	c := exec.Command(command[0], command[1:]...)
	start := time.Now()
	err := c.Run()
	took := time.Since(start)
	if err != nil {
		check(fmt.Errorf("%s: %w", strings.Join(command, " "), err))
	}
	if *cpu {
		took = c.ProcessState.UserTime() + c.ProcessState.SystemTime()
	}
	return float64(took.Nanoseconds()) / 1e6
}

// record runs a command under strace and writes the requests that it sends to the
// file requests.
func record(command []string) {
	log := dir + "/strace"
	out, err := exec.Command("strace", append([]string{"-f", "-o", log, "-e", "trace=sendto", "-e", "write=all", "-e", "abbrev=all"}, command...)...).CombinedOutput()
	if err != nil {
		check(fmt.Errorf("strace %s: %w\n%s", strings.Join(command, " "), err, out[max(0, len(out)-1000):]))
	}
	f, err := os.Open(log)
	check(err)
	defer f.Close()
	var requests []byte
	for lines := bufio.NewScanner(f); lines.Scan(); {
		// " | 00010  00 00 00 00 00 00 00 00  08 00 1d 00 09 00 00 00  ................ |"
		if l := lines.Text(); strings.HasPrefix(l, " | ") && len(l) > 59 {
			b, err := hex.DecodeString(strings.ReplaceAll(l[10:59], " ", ""))
			check(err)
			requests = append(requests, b...)
		}
	}
	check(os.WriteFile(dir+"/requests", requests, 0o600))
}

func shell(text string) {
	c := exec.Command("sh", "-c", text)
	if out, err := c.CombinedOutput(); err != nil {
		check(fmt.Errorf("%w\n%s", err, bytes.TrimSpace(out)))
	}
}

func absolute(path string) string {
	p, err := filepath.Abs(path)
	check(err)
	return p
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "iproute2:", err)
		os.Exit(1)
	}
}
