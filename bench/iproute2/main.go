// Iproute2 measures rawns' ip against the stock one: the same command with both,
// in turns, in the same run, as whole processes. A number is the ratio of the two
// medians: 1.5 means that the stock tool takes half as long again, less than 1
// that it is faster.
//
//	iproute2 [-n ROUNDS] RAWNS
//
// Everything happens in network namespaces of its own; it must be root.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
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
for t in 1 2 3; do echo 100000 >/proc/sys/net/ipv4/neigh/default/gc_thresh$t; done 2>/dev/null`

// lists are shown in one namespace that has much of each.
var lists = []string{"link", "-j link", "-d link", "-s link", "-br link", "-o link", "addr", "-j addr", "route", "-j route", "-d route", "link show lo", "addr show lo", "-V"}

func main() {
	rounds := flag.Int("n", 5, "rounds")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: iproute2 [-n ROUNDS] RAWNS")
		os.Exit(2)
	}
	if dir := os.Getenv(within); dir != "" {
		showLists(dir, *rounds)
		return
	}
	dir, err := os.MkdirTemp("", "bench")
	check(err)
	defer os.RemoveAll(dir)
	rawns, err := filepath.Abs(flag.Arg(0))
	check(err)
	check(os.Symlink(rawns, dir+"/ip"))
	stock, err := exec.LookPath("ip")
	check(err)
	tools := [2]string{stock, dir + "/ip"}

	fmt.Printf("%-34s %10s %10s %6s\n", "", "stock, ms", "rawns, ms", "ratio")
	for _, b := range batches {
		var text strings.Builder
		for i := range b.lines {
			text.WriteString(b.line(i+2) + "\n")
		}
		file := dir + "/batch"
		check(os.WriteFile(file, []byte(text.String()), 0o600))
		for _, force := range []string{"", "-force "} {
			say(fmt.Sprintf("%sbatch, %d %s", force, b.lines, b.name), *rounds, tools, func(tool string) float64 {
				return timed(setup, tool+" "+force+"-batch "+file)
			})
		}
	}
	var routes, links strings.Builder
	for i := range 100000 {
		fmt.Fprintf(&routes, "route add 10.%d.%d.%d/32 via 192.168.0.1 dev v0\n", i>>16, i>>8&255, i&255)
	}
	for i := range 2000 {
		fmt.Fprintf(&links, "link add i%d type ifb\n", i)
	}
	check(os.WriteFile(dir+"/routes", []byte(routes.String()), 0o600))
	check(os.WriteFile(dir+"/links", []byte(links.String()), 0o600))
	// The lists are shown by this program once more, in a namespace of its own.
	c := exec.Command("/proc/self/exe", os.Args[1:]...)
	c.Env = append(os.Environ(), within+"="+dir)
	c.Stdout, c.Stderr = os.Stdout, os.Stderr
	c.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}
	check(c.Run())
}

// within names the variable that tells the program to show lists, and from which
// folder.
const within = "BENCH_LISTS"

func showLists(dir string, rounds int) {
	stock, err := exec.LookPath("ip")
	check(err)
	tools := [2]string{stock, dir + "/ip"}
	c := exec.Command("sh", "-c", setup+"\n"+tools[1]+" -force -batch "+dir+"/routes; "+tools[1]+" -force -batch "+dir+"/links")
	check(c.Run())
	for _, l := range lists {
		n := rounds
		if strings.HasSuffix(l, "lo") || l == "-V" {
			n *= 100
		}
		say("ip "+l, n, tools, func(tool string) float64 {
			c := exec.Command(tool, strings.Fields(l)...)
			start := time.Now()
			err := c.Run()
			took := time.Since(start)
			check(err)
			return float64(took.Microseconds()) / 1000
		})
	}
}

// say measures both tools in turns and prints a line.
func say(what string, rounds int, tools [2]string, run func(tool string) float64) {
	var ms [2][]float64
	for range rounds {
		for i, t := range tools {
			ms[i] = append(ms[i], run(t))
		}
	}
	median := func(v []float64) float64 { slices.Sort(v); return v[len(v)/2] }
	a, b := median(ms[0]), median(ms[1])
	fmt.Printf("%-34s %10.1f %10.1f %6.2f\n", what, a, b, a/b)
}

// timed runs a command in a fresh namespace, after the lines of before, and
// returns how many milliseconds it took.
func timed(before, command string) float64 {
	c := exec.Command("sh", "-c", before+"\ns=$(date +%s%N); "+command+" >/dev/null 2>&1; echo $? $(( $(date +%s%N) - s ))")
	c.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
	out, err := c.Output()
	check(err)
	var code, ns int
	fmt.Sscan(string(bytes.TrimSpace(out)), &code, &ns)
	if code != 0 {
		check(fmt.Errorf("%s: exit code %d", command, code))
	}
	return float64(ns) / 1e6
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "iproute2:", err)
		os.Exit(1)
	}
}
