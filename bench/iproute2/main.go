// Iproute2 measures rawns' ip against the stock one: the same command with both, as whole
// processes. What the kernel takes, no tool can save. So each command is measured once
// more with a C program (bench/c/floor.c) that sends the same requests, recorded by strace,
// and does nothing else: its time is the floor.
package main

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"rawns/bench/measure"
)

const how = `The same command line with both, as whole processes. rawns is called by a link named
"ip". The **floor** is a C program (bench/c/floor.c) that sends the requests that
our "ip" sends, recorded with strace, waits for each answer, and looks at nothing: its time is the
kernel's, and the start of a small static C program; nobody who asks the kernel the same things
one by one can be faster. With -force both send on behind an error, and rawns sends many
requests at once, which the floor does not: it is not measured there.`

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
for t in /proc/sys/net/ipv4/neigh/default/gc_thresh[123]; do test ! -w $t || echo 100000 >$t; done`

// lists are shown in one namespace that has much of each.
var lists = []string{"-d link", "-s link", "-br link", "-o link", "addr", "-j addr", "-d route"}

var (
	dir        string // of files and of a link to ours
	stock, own string // the stock ip, and ours
)

func main() {
	p := measure.Begin("iproute2", "ip, command by command", how)
	p.Exit(run(p))
}

func run(p *measure.Part) (err error) {
	if dir, err = os.MkdirTemp("", "bench"); err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if own, stock, err = p.IP(dir); err != nil {
		return err
	}

	t := p.Table("Batches", measure.Wall, measure.CPU)
	for _, b := range batches {
		if p.Quick() {
			b.lines = 10
		}
		var text strings.Builder
		for i := range b.lines {
			text.WriteString(b.line(i+2) + "\n")
		}
		file := dir + "/batch"
		if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
			return err
		}
		for _, force := range []string{"", "-force "} {
			name := fmt.Sprintf("ip %s-batch, %d %s", force, b.lines, b.name)
			args := strings.Fields(force + "-batch " + file)
			with := func(program string, args ...string) func() (measure.Sample, error) {
				return func() (s measure.Sample, err error) {
					err = measure.Sandbox(func() (err error) {
						if err = measure.Shell(setup); err == nil {
							s, err = measure.Command{Args: append([]string{program}, args...)}.Run()
						}
						return err
					})
					return s, err
				}
			}
			peers := []measure.Peer{{Name: "rawns", Run: with(own, args...)}, {Name: "iproute2", Run: with(stock, args...)}}
			if force == "" && p.Wanted(name) { // with -force it would send many at once
				err := measure.Sandbox(func() error {
					if err := measure.Shell(setup); err != nil {
						return err
					}
					return record(append([]string{own}, args...))
				})
				if err == nil {
					peers = append(peers, measure.Peer{Name: "C floor", Floor: true, Run: with(measure.Beside("c-floor"), dir+"/requests")})
				} else {
					p.Notes = append(p.Notes, fmt.Sprintf("The floor of %q was not measured: %v.", name, err))
				}
			}
			t.Measure(name, p.Turns(5), peers...)
		}
	}
	return measure.Sandbox(func() error { return showLists(p) })
}

// showLists lists what there is in one namespace.
func showLists(p *measure.Part) error {
	t := p.Table("Lists of 2,000 links and 100,000 routes", measure.Wall, measure.CPU, measure.Memory)
	t.Text = "-j and the plain lists, longer, are under \"Long lists\"."
	links, routes := 2000, 100000
	if p.Quick() {
		links, routes = 10, 10
	}
	if err := measure.Shell(setup); err != nil {
		return err
	}
	var text strings.Builder
	for i := range routes {
		fmt.Fprintf(&text, "route add 10.%d.%d.%d/32 via 192.168.0.1 dev v0\n", i>>16, i>>8&255, i&255)
	}
	for i := range links {
		fmt.Fprintf(&text, "link add i%d group 7 type ifb\n", i)
	}
	if err := os.WriteFile(dir+"/fill", []byte(text.String()), 0o600); err != nil {
		return err
	}
	if err := measure.Shell(own + " -force -batch " + dir + "/fill"); err != nil {
		return err
	}
	// A namespace goes faster if its links went before, and all together.
	defer measure.Shell("ip link del group 7")
	for _, l := range lists {
		name, args := "ip "+l, strings.Fields(l)
		if !p.Wanted(name) {
			continue
		}
		peers := []measure.Peer{
			{Name: "rawns", Run: measure.Command{Args: append([]string{own}, args...)}.Run},
			{Name: "iproute2", Run: measure.Command{Args: append([]string{stock}, args...)}.Run}}
		if record(append([]string{own}, args...)) == nil {
			peers = append(peers, measure.Peer{Name: "C floor", Floor: true, Run: measure.Command{Args: []string{measure.Beside("c-floor"), dir + "/requests"}}.Run})
		}
		t.Measure(name, p.Turns(7), peers...)
	}
	return nil
}

// record runs a command under strace and writes the requests that it sends to the
// file requests.
func record(command []string) error {
	log := dir + "/strace"
	out, err := exec.Command("strace", append([]string{"-f", "-o", log, "-e", "trace=sendto", "-e", "write=all", "-e", "abbrev=all"}, command...)...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("strace %s: %w\n%s", strings.Join(command, " "), err, out[max(0, len(out)-1000):])
	}
	f, err := os.Open(log)
	if err != nil {
		return err
	}
	defer f.Close()
	var requests []byte
	for lines := bufio.NewScanner(f); lines.Scan(); {
		// " | 00010  00 00 00 00 00 00 00 00  08 00 1d 00 09 00 00 00  ................ |"
		if l := lines.Text(); strings.HasPrefix(l, " | ") && len(l) > 59 {
			b, err := hex.DecodeString(strings.ReplaceAll(l[10:59], " ", ""))
			if err != nil {
				return err
			}
			requests = append(requests, b...)
		}
	}
	return os.WriteFile(filepath.Join(dir, "requests"), requests, 0o600)
}
