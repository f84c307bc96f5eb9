// Monitor measures how many changes a second one can listen to without losing any, and what
// happens where some are lost.
package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"rawns/bench/measure"
	"rawns/nl"
	"rawns/nl/rtnl"
)

const how = `IPv4 routes are added and deleted in a network namespace, at a steady rate for a third of a second, and a monitor counts what it hears.
The rate is raised by a quarter until some are lost, or lowered until none are, and then raised by an eighth: the table has the highest rate of which
nothing was lost, as it really was, and the monitor's CPU time for each event then. The program that makes the changes is pinned to the first CPU,
the monitors to the last one; where it makes as many as it can and nothing is lost, that is the end of the scale.

- As commands: "ip -4 monitor route" of rawns and of iproute2, their output into a file in memory. busybox has no monitor.
- As packages: small programs in bench/monitor that read two fields of each route: rawns with nl.Listen, vishvananda/netlink with
  RouteSubscribeWithOptions, jsimonetti/rtnetlink with its messages on a mdlayher/netlink connection. Both take the receive
  buffer that the system gives (net.core.rmem_default) unless they are told otherwise; rawns and the ip commands ask for 1 MB.
  So both are also measured with 1 MB.

**Overrun**: the monitor is stopped (SIGSTOP), some 50,000 changes are made, it goes on (SIGCONT), and half a second later 2,048 more are made, slowly.`

func main() {
	p := measure.Begin("monitor", "Listening", how)
	p.Exit(run(p))
}

// A monitor is a program that listens.
type monitor struct {
	name    string
	args    []string
	command bool // it writes a line for each event, and does not end by itself
}

func run(p *measure.Part) error {
	dir, err := os.MkdirTemp("/dev/shm", "bench") // in memory: the file is no part of the work
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	ip, stock, err := p.IP(dir)
	if err != nil {
		return err
	}
	p.Facts.Modules(measure.Beside("mon-vishvananda"), "github.com/vishvananda/netlink")
	p.Facts.Modules(measure.Beside("mon-jsimonetti"), "github.com/mdlayher/netlink", "github.com/jsimonetti/rtnetlink/v2")
	commands := []monitor{{"rawns", []string{ip, "-4", "monitor", "route"}, true}, {"iproute2", []string{stock, "-4", "monitor", "route"}, true}}
	packages := []monitor{
		{"rawns", []string{measure.Beside("mon-rawns")}, false},
		{"vishvananda/netlink", []string{measure.Beside("mon-vishvananda"), "0"}, false},
		{"vishvananda/netlink, 1 MB", []string{measure.Beside("mon-vishvananda"), "1048576"}, false},
		{"jsimonetti/rtnetlink", []string{measure.Beside("mon-jsimonetti"), "0"}, false},
		{"jsimonetti/rtnetlink, 1 MB", []string{measure.Beside("mon-jsimonetti"), "1048576"}, false},
	}
	rate := measure.Metric{Name: "without loss", Unit: "events/s", More: true}
	each := measure.Metric{Name: "CPU", Unit: "µs an event"}
	turns := p.Turns(5)
	for _, group := range []struct {
		title    string
		monitors []monitor
	}{{"By command", commands}, {"By package", packages}} {
		t := p.Table(group.title, rate, each)
		var peers []measure.Peer
		for _, m := range group.monitors {
			step := 8 // of the ladder of rates; the next turn begins where this one ended
			peers = append(peers, measure.Peer{Name: m.name, Run: func() (s measure.Sample, err error) {
				err = within(dir, func(w *world) (err error) {
					s, err = w.highest(m, &step, p.Quick())
					return err
				})
				return s, err
			}})
		}
		kind := strings.ToLower(group.title)
		if t.Measure("changes of routes, "+kind, turns, peers...) != nil {
			t.Plots = []measure.Plot{{Name: "monitor-" + strings.TrimPrefix(kind, "by "), Title: "Changes of routes heard without loss, a second, " + kind, Kind: measure.Bars, Metric: rate.Name}}
		}
	}

	const burst, more = 24 * cycle, cycle
	t := p.Table("Overrun", measure.Metric{Name: "heard", Unit: "of " + measure.Format(burst), Bare: true},
		measure.Metric{Name: "heard later", Unit: "of " + measure.Format(more), Bare: true}, measure.Metric{Name: "told of the loss", Unit: "times", Bare: true})
	t.Text = "rawns and iproute2 write what they are told to stderr, and go on. vishvananda/netlink ends the subscription: its error callback is called, or, where there is none, " +
		"only the channel is closed; the program here subscribes again. Nobody lists anew by himself: what was lost, only the program knows how to ask for."
	var peers []measure.Peer
	for i, m := range append(commands, packages...) {
		name := m.name
		if i < len(commands) {
			name += " ip monitor"
		}
		peers = append(peers, measure.Peer{Name: name, Run: func() (s measure.Sample, err error) {
			err = within(dir, func(w *world) (err error) {
				s, err = w.overrun(m, burst, more)
				return err
			})
			return s, err
		}})
	}
	t.Base = "rawns ip monitor"
	t.Measure("stopped for "+measure.Format(burst)+" changes", 1, peers...)
	return nil
}

// A world is a network namespace in which routes change.
type world struct {
	dir  string
	conn *nl.Conn // there

	changes int // a socket for many changes at once
	answer  [4096]byte
}

func within(dir string, f func(w *world) error) error {
	return measure.Sandbox(func() error {
		if err := measure.Shell("ip link add v0 type veth peer name v1; ip addr add 192.168.0.2/16 dev v0; ip link set v0 up; ip link set v1 up"); err != nil {
			return err
		}
		c, err := nl.Dial(unix.NETLINK_ROUTE)
		if err != nil {
			return err
		}
		defer c.Close()
		fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_ROUTE)
		if err != nil {
			return err
		}
		defer unix.Close(fd)
		return f(&world{dir: dir, conn: c, changes: fd})
	})
}

// route appends the request that adds or deletes a route; 10.x.y.z are those that are counted.
func route(b *nl.Builder, add bool, dst [4]byte) {
	h := rtnl.RtMsg{Family: unix.AF_INET, DstLen: 32, Table: unix.RT_TABLE_MAIN, Protocol: unix.RTPROT_BOOT, Type: unix.RTN_UNICAST}
	if add {
		rtnl.NewRoute(b, unix.NLM_F_CREATE|unix.NLM_F_EXCL, h)
	} else {
		rtnl.DelRoute(b, h)
	}
	b.IP(rtnl.RTA_DST, dst[:])
	b.IP(rtnl.RTA_GATEWAY, []byte{192, 168, 0, 1})
}

// atOnce is how many changes are made between pauses that keep the rate. cycle is how many
// leave things as they were: that many routes are added, and as many deleted.
const (
	atOnce = 64
	cycle  = 2048
)

// change makes n changes, n being a multiple of cycle or small, at so many a second; 0 is as
// many as can be. second is the second byte of the routes' addresses. It returns how many a second it were.
func (w *world) change(n int, rate float64, second byte) (got float64, err error) {
	done := make(chan bool)
	go func() {
		defer close(done)
		runtime.LockOSThread() // never unlocked: the thread, which is pinned, ends with the goroutine
		var first unix.CPUSet
		first.Set(0)
		unix.SchedSetaffinity(0, &first) // where there is no such CPU it stays where it was
		var b nl.Builder
		start := time.Now()
		for made := 0; made < n; {
			b.Reset()
			for range min(atOnce, n-made) {
				k := made % (cycle / 2)
				route(&b, made%cycle < cycle/2, [4]byte{10, second, byte(k >> 8), byte(k)})
				made++
			}
			if err = w.together(&b); err != nil {
				return
			}
			if rate > 0 {
				time.Sleep(time.Until(start.Add(time.Duration(float64(made) / rate * 1e9))))
			}
		}
		got = float64(n) / time.Since(start).Seconds()
	}()
	<-done
	return got, err
}

// together sends changes, of which only the last one is acknowledged, so that it is what hears of them that
// is measured and not what makes them. The kernel answers what it refuses, too.
func (w *world) together(b *nl.Builder) error {
	p, err := b.Bytes()
	if err != nil {
		return err
	}
	var last nl.Message
	for m := range nl.Messages(p) {
		binary.NativeEndian.PutUint16(m[6:], m.Flags()&^unix.NLM_F_ACK)
		last = m
	}
	binary.NativeEndian.PutUint16(last[6:], last.Flags()|unix.NLM_F_ACK)
	if err := unix.Sendto(w.changes, p, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return err
	}
	n, _, err := unix.Recvfrom(w.changes, w.answer[:], 0)
	if err != nil {
		return err
	}
	if n < nl.HeaderLen+4 {
		return errors.New("an answer of the kernel's is cut short")
	}
	if e := int32(binary.NativeEndian.Uint32(w.answer[nl.HeaderLen:])); e != 0 {
		return unix.Errno(-e)
	}
	return nil
}

// poke adds and deletes a route that is not counted.
func (w *world) poke(first byte) error {
	var b nl.Builder
	route(&b, true, [4]byte{first, 0, 0, 1})
	route(&b, false, [4]byte{first, 0, 0, 1})
	return w.conn.Batch(&b, nil)
}

// A session is a monitor that runs.
type session struct {
	monitor
	w            *world
	c            *exec.Cmd
	out, errors_ string // files
	ended        chan error
}

// patience is how long a monitor may take to say something.
const patience = 20 * time.Second

// listen starts a monitor, and returns when it listens.
func (w *world) listen(m monitor) (*session, error) {
	s := &session{monitor: m, w: w, out: filepath.Join(w.dir, "out"), errors_: filepath.Join(w.dir, "errors"), ended: make(chan error, 1)}
	s.c = exec.Command(m.args[0], m.args[1:]...)
	for file, to := range map[string]*io.Writer{s.out: &s.c.Stdout, s.errors_: &s.c.Stderr} {
		f, err := os.Create(file)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		*to = f
	}
	if err := s.c.Start(); err != nil {
		return nil, err
	}
	go func() { s.ended <- s.c.Wait() }()
	for start := time.Now(); ; time.Sleep(5 * time.Millisecond) {
		if m.command {
			if err := w.poke(98); err != nil {
				return nil, s.kill(err)
			}
		}
		if st, err := os.Stat(s.out); err == nil && st.Size() > 0 {
			break
		}
		if time.Since(start) > patience {
			return nil, s.kill(errors.New("it does not listen"))
		}
	}
	time.Sleep(20 * time.Millisecond) // it writes what it was poked with
	pin(s.c.Process.Pid)
	return s, nil
}

// pin moves all threads of a process to the last CPU.
func pin(pid int) {
	var last unix.CPUSet
	last.Set(runtime.NumCPU() - 1)
	threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*", pid))
	for _, t := range threads {
		if tid, err := strconv.Atoi(filepath.Base(t)); err == nil {
			unix.SchedSetaffinity(tid, &last)
		}
	}
}

// kill ends the monitor and returns the error with what it said.
func (s *session) kill(err error) error {
	s.c.Process.Kill()
	<-s.ended
	text, _ := os.ReadFile(s.errors_)
	return fmt.Errorf("%w: %s", err, bytes.TrimSpace(text[:min(len(text), 300)]))
}

// heard is what a monitor heard of.
type heard struct {
	changes int // of 10.0
	later   int // of 10.1
	told    int // so often it was told that some were lost
}

// end lets the monitor hear of the end, and returns what it heard of before.
func (s *session) end() (h heard, err error) {
	for start := time.Now(); ; time.Sleep(5 * time.Millisecond) {
		if time.Since(start) > patience {
			return h, s.kill(errors.New("it does not hear of the end"))
		}
		if err := s.w.poke(99); err != nil {
			return h, s.kill(err)
		}
		select {
		case err := <-s.ended:
			_, numbers, ok := strings.Cut(tail(s.out), "end ")
			if s.command || err != nil || !ok {
				text, _ := os.ReadFile(s.errors_)
				return h, fmt.Errorf("it ended: %v: %s", err, bytes.TrimSpace(text[:min(len(text), 300)]))
			}
			_, err = fmt.Sscan(numbers, &h.changes, &h.later, &h.told)
			return h, err
		default:
		}
		if s.command && strings.Contains(tail(s.out), "99.0.0.1 ") {
			s.c.Process.Signal(unix.SIGTERM)
			<-s.ended
			break
		}
	}
	text, err := os.ReadFile(s.out)
	if err != nil {
		return h, err
	}
	for line := range bytes.Lines(text) {
		switch line = bytes.TrimPrefix(line, []byte("Deleted ")); {
		case bytes.HasPrefix(line, []byte("10.0.")):
			h.changes++
		case bytes.HasPrefix(line, []byte("10.1.")):
			h.later++
		}
	}
	text, err = os.ReadFile(s.errors_)
	h.told = bytes.Count(text, []byte("No buffer space available"))
	return h, err
}

// tail returns the end of a file.
func tail(file string) string {
	f, err := os.Open(file)
	if err != nil {
		return ""
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return ""
	}
	p := make([]byte, min(st.Size(), 200))
	f.ReadAt(p, st.Size()-int64(len(p)))
	return string(p)
}

// highest looks for the highest rate of which nothing is lost.
func (w *world) highest(m monitor, step *int, quick bool) (measure.Sample, error) {
	seconds := 1. / 3
	if quick {
		seconds = 1. / 30
	}
	// at tries a step of the rates twice, if something is lost.
	at := func(step float64) (s measure.Sample, end bool, err error) {
		rate := 20000 * math.Pow(1.25, step)
		for range 2 {
			l, err := w.listen(m)
			if err != nil {
				return nil, false, err
			}
			n := max(int(rate*seconds)/cycle, 1) * cycle
			got, err := w.change(n, rate, 0)
			if err != nil {
				return nil, false, l.kill(err)
			}
			h, err := l.end()
			if err != nil {
				return nil, false, err
			}
			if h.changes == n {
				used := l.c.ProcessState.UserTime() + l.c.ProcessState.SystemTime()
				return measure.Sample{"without loss": got, "CPU": float64(used.Microseconds()) / float64(n)}, got < 0.9*rate, nil
			}
		}
		return nil, false, nil
	}
	s, end, err := at(float64(*step))
	if err != nil || end {
		return s, err
	}
	for up := s != nil; up; {
		t, end, err := at(float64(*step + 1))
		if err != nil {
			return nil, err
		}
		if up = t != nil; up {
			*step, s = *step+1, t
		}
		if end {
			return s, nil
		}
	}
	for s == nil && err == nil {
		if *step--; *step < -12 {
			return nil, errors.New("even of few changes some are lost")
		}
		s, _, err = at(float64(*step))
	}
	if err != nil || quick {
		return s, err
	}
	if t, _, err := at(float64(*step) + 0.5); err != nil || t != nil {
		return t, err
	}
	return s, nil
}

// overrun has a monitor sleep while n changes are made; when it is awake, some more are made.
func (w *world) overrun(m monitor, n, more int) (measure.Sample, error) {
	l, err := w.listen(m)
	if err != nil {
		return nil, err
	}
	l.c.Process.Signal(unix.SIGSTOP)
	if _, err := w.change(n, 0, 0); err != nil {
		return nil, l.kill(err)
	}
	l.c.Process.Signal(unix.SIGCONT)
	time.Sleep(500 * time.Millisecond) // it finds out, and does what it does then
	if _, err := w.change(more, 5000, 1); err != nil {
		return nil, l.kill(err)
	}
	h, err := l.end()
	return measure.Sample{"heard": float64(h.changes), "heard later": float64(h.later), "told of the loss": float64(h.told)}, err
}
