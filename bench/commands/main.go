// Commands measures what one short command takes, as a whole process: by rawns, by the tools
// that it stands in for, by small programs that use packages, and by programs in C; and what
// memory common commands and idle servers take.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"rawns/bench/measure"
)

const how = `A whole process each time, started by a small program in C (vfork, execve), pinned to one CPU, with its output to /dev/null.
Before the next one, what it made is removed, unmeasured. System calls are counted once, by strace -f -c.

- iproute2, busybox: their ip; busybox knows no named namespaces;
- vishvananda/netlink (with netns), jsimonetti/rtnetlink (with mdlayher/netlink): small programs that do this one thing (bench/commands);
- C naive and C floor: bench/c/command.c, static. The naive one lists all links and looks for the one, as libc's if_nametoindex asks
  for an index; what it makes, it makes as the floor does. The floor asks for what it wants and looks at nothing.

In the tables of memory, "original" is the tool that rawns stands in for, of iproute2, iputils, curl, bridge-utils, net-tools; and
for servers the article's own, in C. Peak resident sets: file pages that the kernel maps around those asked for are in them. What was
built just now is read anew from the disk before (the kernel maps more of a file that was just written). The floor is a program in Go
that does nothing, built as rawns is. A server was asked six times; idle is its resident set two seconds later.`

const (
	rawns       = "rawns"
	iproute2    = "iproute2"
	busybox     = "busybox"
	vishvananda = "vishvananda/netlink"
	jsimonetti  = "jsimonetti/rtnetlink"
	naive       = "C naive"
	floor       = "C floor"
)

var (
	calls   = measure.Metric{Name: "system calls"}
	resting = measure.Metric{Name: "idle", Unit: "kB"}
)

func main() {
	p := measure.Begin("commands", "Single commands", how)
	p.Exit(run(p))
}

// A work is what all do: words for each peer, and what takes it back.
type work struct {
	name          string
	turns, repeat int
	words         map[string]string
	before, undo  string
}

var works = []work{
	{"ip link show lo", 15, 20, map[string]string{rawns: "link show lo", busybox: "link show lo", vishvananda: "show lo", naive: "show lo"}, "", ""},
	{"ip link add br0 type bridge", 15, 1, map[string]string{rawns: "link add br0 type bridge", busybox: "link add br0 type bridge", vishvananda: "link br0", naive: "link br0"}, "", "ip link del br0"},
	{"ip addr add 10.0.0.1/24 dev lo", 25, 1, map[string]string{rawns: "addr add 10.0.0.1/24 dev lo", busybox: "addr add 10.0.0.1/24 dev lo", vishvananda: "addr 10.0.0.1/24 lo", naive: "addr 10.0.0.1/24 lo"}, "", "ip addr del 10.0.0.1/24 dev lo"},
	{"ip netns add x", 11, 1, map[string]string{rawns: "netns add x", vishvananda: "netns x", naive: "netns x"}, "", "ip netns del x"},
	{"ip netns exec x true", 11, 5, map[string]string{rawns: "netns exec x true", vishvananda: "exec x true", naive: "exec x true"}, "ip netns add x", ""},
}

func run(p *measure.Part) error {
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	ip, stock, err := p.IP(dir)
	if err != nil {
		return err
	}
	p.Facts.Ask(busybox, "busybox")
	p.Facts.Modules(measure.Beside("cmd-vishvananda"), "github.com/vishvananda/netlink", "github.com/vishvananda/netns")
	p.Facts.Modules(measure.Beside("cmd-jsimonetti"), "github.com/mdlayher/netlink", "github.com/jsimonetti/rtnetlink/v2")
	// Who does a work, and whose words it takes.
	peers := []struct {
		name, words string
		args        []string
	}{
		{rawns, rawns, []string{ip}},
		{iproute2, rawns, []string{stock}},
		{busybox, busybox, []string{"busybox", "ip"}},
		{vishvananda, vishvananda, []string{measure.Beside("cmd-vishvananda")}},
		{jsimonetti, vishvananda, []string{measure.Beside("cmd-jsimonetti")}},
		{naive, naive, []string{measure.Beside("c-command"), "naive"}},
		{floor, naive, []string{measure.Beside("c-command"), "floor"}},
	}
	measure.Anew(measure.Beside("../rawns"), measure.Beside("nothing"), measure.Beside("cmd-vishvananda"), measure.Beside("cmd-jsimonetti"), measure.Beside("c-command"),
		measure.Beside("c-http_server"))
	t := p.Table("One command", measure.Wall, measure.CPU, measure.Memory, measure.Faults, calls)
	err = measure.Sandbox(func() error {
		if err := measure.Shell("ip link set lo up"); err != nil {
			return err
		}
		for _, w := range works {
			if w.before != "" {
				if err := measure.Shell(w.before); err != nil {
					return err
				}
			}
			var all []measure.Peer
			for _, peer := range peers {
				if w.words[peer.words] == "" || peer.name == jsimonetti && strings.Contains(w.name, "netns") {
					continue
				}
				args := append(slices.Clone(peer.args), strings.Fields(w.words[peer.words])...)
				counted := 0.0
				all = append(all, measure.Peer{Name: peer.name, Floor: peer.name == floor, Run: func() (measure.Sample, error) {
					if counted == 0 {
						var err error
						if counted, err = count(args, dir, w.undo); err != nil {
							return nil, err
						}
					}
					s, err := measure.Command{Args: args, Repeat: w.repeat, Pin: true}.Run()
					if err == nil && w.undo != "" {
						err = measure.Shell(w.undo)
					}
					if err == nil {
						s[calls.Name] = counted
					}
					return s, err
				}})
			}
			t.Measure(w.name, p.Turns(w.turns), all...)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, m := range []string{"wall", "CPU"} {
		t.Aim("no slower than iproute2's, "+m, m, 1, iproute2)
	}
	t.Aim("less memory than iproute2's", "memory", 1, iproute2)
	t.AimMost("at most 2,000 kB", "memory", 2000)
	t.Plots = []measure.Plot{{Name: "commands", Title: "One command: wall time", Kind: measure.Bars, Metric: "wall"}}
	return memory(p, dir)
}

// count returns how many system calls a command takes.
func count(args []string, dir, undo string) (float64, error) {
	file := filepath.Join(dir, "strace")
	c := exec.Command("strace", append([]string{"-f", "-c", "-qq", "-o", file}, args...)...)
	var complaints bytes.Buffer
	c.Stderr = &complaints
	if err := c.Run(); err != nil {
		return 0, fmt.Errorf("strace: %w: %s", err, complaints.Bytes())
	}
	if undo != "" {
		if err := measure.Shell(undo); err != nil {
			return 0, err
		}
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) { // 100.00 0.000902 4 223 3 total
		if w := strings.Fields(line); len(w) > 3 && w[len(w)-1] == "total" {
			return strconv.ParseFloat(w[3], 64)
		}
	}
	return 0, errors.New("strace counted nothing")
}

// common are commands whose memory is compared: the applet, its arguments, and what busybox
// calls it, if it has it.
var common = []struct{ applet, args, busybox string }{
	{"ip", "link", "ip"}, {"ip", "addr", "ip"}, {"ip", "route", "ip"}, {"bridge", "link", ""}, {"brctl", "show", ""}, {"ifconfig", "", "ifconfig"},
	{"arp", "-n", "arp"}, {"route", "-n", "route"}, {"ping", "-c 1 127.0.0.1", "ping"}, {"curl", "-s 127.0.0.1:8080", "wget"},
}

// servers are started, asked once, and then idle.
var servers = []struct{ name, rawns, original string }{
	{"http_server", "http_server", "c-http_server"},
	{"httpd", "httpd --listen 127.0.0.1:8080 --body hello", ""},
}

func memory(p *measure.Part, dir string) error {
	const original, nothing = "original", "Go, doing nothing"
	t := p.Table("Memory", measure.Memory)
	binary := measure.Beside("../rawns")
	return measure.Sandbox(func() error {
		if err := measure.Shell("ip link set lo up; ip link add br0 type bridge"); err != nil {
			return err
		}
		stop, err := serve(binary, "http_server")
		if err != nil {
			return err
		}
		defer stop()
		command := func(name string, args ...string) measure.Peer {
			return measure.Peer{Name: name, Floor: name == nothing, Run: measure.Command{Args: args, Repeat: 5, Pin: true}.Run}
		}
		for _, c := range common {
			args := strings.Fields(c.args)
			peers := []measure.Peer{command(rawns, append([]string{binary, c.applet}, args...)...)}
			if program, err := exec.LookPath(c.applet); err == nil {
				peers = append(peers, command(original, append([]string{program}, args...)...))
			}
			switch c.busybox {
			case "":
			case "wget":
				peers = append(peers, command(busybox, "busybox", "wget", "-q", "-O", "-", "http://127.0.0.1:8080/"))
			default:
				peers = append(peers, command(busybox, append([]string{"busybox", c.busybox}, args...)...))
			}
			peers = append(peers, command(nothing, measure.Beside("nothing")))
			t.Measure(strings.TrimSpace(c.applet+" "+c.args), p.Turns(3), peers...)
		}
		stop()
		t.Aim("less memory than the originals", "memory", 1, original)
		t.AimMost("at most 2,000 kB", "memory", 2000)
		t = p.Table("Servers", measure.Memory, resting)
		for _, s := range servers {
			peers := []measure.Peer{{Name: rawns, Run: idle(append([]string{binary}, strings.Fields(s.rawns)...)...)}}
			if s.original != "" {
				peers = append(peers, measure.Peer{Name: original, Run: idle(measure.Beside(s.original))})
			}
			peers = append(peers, measure.Peer{Name: busybox, Run: idle("busybox", "httpd", "-f", "-p", "127.0.0.1:8080", "-h", dir)})
			t.Measure(s.name, p.Turns(3), peers...)
		}
		t.AimMost("a server takes at most 2,000 kB", "memory", 2000)
		t.AimMost("an idle server takes at most 2,000 kB", resting.Name, 2000)
		return nil
	})
}

// serve starts a server and returns when it has answered.
func serve(args ...string) (stop func(), err error) {
	_, stop, err = start(args...)
	return stop, err
}

func start(args ...string) (pid int, stop func(), err error) {
	c := exec.Command(args[0], args[1:]...)
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := c.Start(); err != nil {
		return 0, nil, err
	}
	stopped := false
	stop = func() {
		if !stopped {
			stopped = true
			c.Process.Kill()
			c.Wait()
		}
	}
	if err := measure.Shell("for i in $(seq 100); do curl -s -o /dev/null 127.0.0.1:8080 && exit 0; sleep 0.05; done; exit 1"); err != nil {
		stop()
		return 0, nil, fmt.Errorf("%s does not answer: %w", strings.Join(args, " "), err)
	}
	return c.Process.Pid, stop, nil
}

// idle measures the largest resident set of a server that answered a few requests, and
// what is left of it when it has been idle for a while.
func idle(args ...string) func() (measure.Sample, error) {
	return func() (measure.Sample, error) {
		pid, stop, err := start(args...)
		if err != nil {
			return nil, err
		}
		defer stop()
		if err := measure.Shell("for i in 1 2 3 4 5; do curl -s -o /dev/null 127.0.0.1:8080; done; sleep 2"); err != nil {
			return nil, err
		}
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		if err != nil {
			return nil, err
		}
		s := measure.Sample{}
		for line := range strings.Lines(string(text)) {
			w := strings.Fields(line)
			if len(w) < 2 {
				continue
			}
			kB, _ := strconv.ParseFloat(w[1], 64)
			switch w[0] {
			case "VmHWM:":
				s[measure.Memory.Name] = kB
			case "VmRSS:":
				s[resting.Name] = kB
			}
		}
		if len(s) != 2 {
			return nil, errors.New("no VmHWM and VmRSS in /proc")
		}
		return s, nil
	}
}
