package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// A job is one run: a server is started in a sandbox, on a core of its own, and gets a
// load from another core.
type job struct {
	Command []string `json:"command"` // the server's, from the folder of its files
	Port    int      `json:"port"`
	Load    load     `json:"load"`
	Silent  bool     `json:"silent"` // for memory: clients connect and say nothing
	Calls   bool     `json:"calls"`  // system calls are counted, and not CPU time
	Group   string   `json:"group"`  // the name of the server's cgroup
	Server  int      `json:"server"` // on which core it runs
}

// An outcome is what came of it. Times are in seconds.
type outcome struct {
	Requests  int     `json:"requests"`
	CPU       float64 `json:"cpu"`       // the server's
	Calls     float64 `json:"calls"`     // the server's system calls
	Wall      float64 `json:"wall"`      // from the first request to the last answer
	Generator float64 `json:"generator"` // the generator's CPU time
	P50       float64 `json:"p50"`
	P99       float64 `json:"p99"`

	Before memory `json:"before"` // Idle: without connections
	After  memory `json:"after"`  // with them
}

// A memory is what there is of it, in bytes.
type memory struct {
	PSS    int64 `json:"pss"`    // the server's, all its processes
	Kernel int64 `json:"kernel"` // slabs, stacks and page tables, and what TCP counts
}

// within names the variable that tells the program to be the one in the sandbox.
const within = "BENCH_HTTP"

// run does a job in namespaces of its own; the folder is where the server runs.
// generator is the core of what makes the load.
func (j job) run(dir string, generator int) (o outcome, err error) {
	text, err := json.Marshal(j)
	if err != nil {
		return o, err
	}
	var out, complaints bytes.Buffer
	c := exec.Command("/proc/self/exe")
	c.Dir = dir
	c.Env = append(os.Environ(), within+"="+string(text))
	c.Stdout, c.Stderr = &out, &complaints
	c.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNET | unix.CLONE_NEWNS | unix.CLONE_NEWPID, Pdeathsig: syscall.SIGKILL}
	// Pdeathsig is about the thread that started it.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := onCore(generator, c.Start); err != nil {
		return o, err
	}
	if err := c.Wait(); err != nil {
		said, _, _ := bytes.Cut(complaints.Bytes(), []byte("\n"))
		return o, fmt.Errorf("%s", said)
	}
	return o, json.Unmarshal(out.Bytes(), &o)
}

// onCore starts something on one core. The caller's thread must be locked.
func onCore(core int, start func() error) error {
	var was, one unix.CPUSet
	if err := unix.SchedGetaffinity(0, &was); err != nil {
		return err
	}
	one.Set(core)
	if err := unix.SchedSetaffinity(0, &one); err != nil {
		return fmt.Errorf("core %d: %w", core, err)
	}
	err := start()
	if back := unix.SchedSetaffinity(0, &was); err == nil {
		err = back
	}
	return err
}

// inside is the program in the sandbox: the first process of its namespace, so that
// whatever it started ends with it.
func inside(text string) error {
	var j job
	if err := json.Unmarshal([]byte(text), &j); err != nil {
		return err
	}
	if err := furnish(); err != nil {
		return err
	}
	o, err := j.measure()
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(o)
}

const groups = "/run/cgroup"

// furnish makes what is needed of a machine.
func furnish() error {
	for _, m := range []struct {
		source, target, kind string
		flags                uintptr
	}{
		{"", "/", "", unix.MS_REC | unix.MS_PRIVATE},
		{"proc", "/proc", "proc", 0},
		{"run", "/run", "tmpfs", 0},
		{"cgroup", groups, "cgroup2", 0},
	} {
		if m.target == groups {
			if err := os.Mkdir(groups, 0o755); err != nil {
				return err
			}
		}
		if err := unix.Mount(m.source, m.target, m.kind, m.flags, ""); err != nil {
			return fmt.Errorf("mount %s: %w", m.target, err)
		}
	}
	return furnishNet()
}

// furnishNet brings up lo, and makes room for many clients at once; the rest is as the
// kernel has it.
func furnishNet() error {
	for key, value := range map[string]string{
		"core/somaxconn":           "65535",
		"ipv4/tcp_max_syn_backlog": "65535",
		"ipv4/ip_local_port_range": "1024 65535",
	} {
		if err := os.WriteFile("/proc/sys/net/"+key, []byte(value), 0); err != nil {
			return err
		}
	}
	s, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(s)
	lo, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	lo.SetUint16(unix.IFF_UP)
	return unix.IoctlIfreq(s, unix.SIOCSIFFLAGS, lo)
}

// limit is how many files the programs may have: enough, if that can be had.
func limit() uint64 {
	const enough = 20100 // lighttpd and rawns httpd --root count with two for a client
	var most unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &most) != nil {
		return 1024
	}
	if most.Max < enough && unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: most.Cur, Max: enough}) != nil {
		return most.Max
	}
	return enough
}

// many is how many clients stand for 10,000.
func many() int { return min(10000, int(limit()/2)-10) }

// raise lets this process, and those that it starts, have as many files as it may.
func raise() error {
	n := limit()
	return unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: n, Max: n})
}

func (j job) measure() (o outcome, err error) {
	debug.SetGCPercent(-1)
	runtime.LockOSThread()
	if err := raise(); err != nil {
		return o, err
	}
	group, err := newGroup(j.Group)
	if err != nil {
		return o, err
	}
	defer group.remove()
	var calls *counter
	if j.Calls {
		if calls, err = countCalls(); err != nil {
			return o, err
		}
	}
	s, err := startServer(j, group)
	if err != nil {
		return o, err
	}
	defer s.stop()
	if err := s.check(j); err != nil {
		return o, err
	}
	g, err := newGenerator(j.Load, j.Port)
	if err != nil {
		return o, err
	}
	defer g.close()
	if j.Load.Idle {
		return j.idle(g, group)
	}

	used := group.cpu
	if j.Calls {
		used = calls.read
	}
	// What is only done once is not counted: pages that are touched, buffers and
	// threads that are made, connections that are kept.
	first := max(j.Load.Requests/10, j.Load.Clients*max(j.Load.Depth, 1))
	if j.Load.heavy() {
		first = 100
	}
	if err := g.run(first); err != nil {
		return o, s.explain(err)
	}
	before, err := settled(used)
	if err != nil {
		return o, err
	}
	own, start := threadTime(), time.Now()
	if err := g.run(j.Load.Requests); err != nil {
		return o, s.explain(err)
	}
	o.Wall, o.Generator = time.Since(start).Seconds(), threadTime()-own
	after, err := settled(used)
	if err != nil {
		return o, err
	}
	o.Requests = g.answered
	if j.Calls {
		o.Calls = after - before
	} else {
		o.CPU = after - before
	}
	slices.Sort(g.times)
	o.P50, o.P99 = float64(g.times[len(g.times)/2])/1e9, float64(g.times[len(g.times)*99/100])/1e9
	return o, nil
}

// settled returns what f says once that does not change any more: a server has things
// to do behind its last answer, too.
func settled(f func() (float64, error)) (float64, error) {
	was := -1.0
	for range 50 {
		is, err := f()
		if err != nil {
			return 0, err
		}
		if is == was {
			break
		}
		was = is
		time.Sleep(10 * time.Millisecond)
	}
	return was, nil
}

func threadTime() float64 {
	var t unix.Timespec
	unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t)
	return float64(t.Nano()) / 1e9
}

// A server is one that runs.
type server struct {
	*exec.Cmd
	said *os.File
}

// startServer starts a job's server on its core, and returns when it listens. What it
// prints goes to /dev/null, what it complains of is kept.
func startServer(j job, g *group) (*server, error) {
	s := &server{Cmd: exec.Command(j.Command[0], j.Command[1:]...)}
	// A file, since those that a server starts have it too, and may live longer.
	said, err := os.CreateTemp("", "said")
	if err != nil {
		return nil, err
	}
	os.Remove(said.Name())
	s.said, s.Stderr = said, said
	s.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, within+"=") })
	s.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	if g != nil {
		s.SysProcAttr.UseCgroupFD, s.SysProcAttr.CgroupFD = true, g.fd
	}
	if err := onCore(j.Server, s.Start); err != nil {
		return nil, err
	}
	addr := "127.0.0.1:" + strconv.Itoa(j.Port)
	for end := time.Now().Add(patience); ; time.Sleep(2 * time.Millisecond) {
		c, err := net.Dial("tcp", addr)
		if err == nil {
			// Some are served one after the other, and this one wants nothing.
			c.Close()
			return s, nil
		}
		if time.Now().After(end) {
			defer s.stop()
			return nil, s.explain(err)
		}
	}
}

func (s *server) stop() {
	syscall.Kill(-s.Process.Pid, syscall.SIGKILL)
	s.Wait()
	s.said.Close()
}

// explain adds to an error what the server said.
func (s *server) explain(err error) error {
	var text [300]byte
	n, _ := s.said.ReadAt(text[:], 0)
	if said := bytes.TrimSpace(text[:n]); len(said) > 0 {
		return fmt.Errorf("%w; it says: %s", err, said)
	}
	return err
}

// check asks with another client than the generator, Go's, for what the load asks for,
// and compares each byte.
func (s *server) check(j job) error {
	t := &http.Transport{DisableKeepAlives: !j.Load.Keep, DisableCompression: true}
	defer t.CloseIdleConnections()
	want := []byte(page)
	if j.Load.File {
		want = fileBytes()
	}
	for range 2 { // the second on the same connection, if it is kept
		r, err := (&http.Client{Transport: t, Timeout: patience}).Get("http://127.0.0.1:" + strconv.Itoa(j.Port) + j.Load.path())
		if err != nil {
			return s.explain(err)
		}
		got, err := io.ReadAll(r.Body)
		r.Body.Close()
		switch {
		case err != nil:
			return s.explain(err)
		case r.StatusCode != 200:
			return s.explain(errors.New(r.Status))
		case !bytes.Equal(got, want):
			return s.explain(fmt.Errorf("%d bytes came, which are not what was to come: %.80q", len(got), got))
		case j.Load.Keep && !j.Silent && r.Close:
			return s.explain(errors.New("connections are not kept"))
		}
	}
	return nil
}

// idle measures memory with all connections open and nothing to do.
func (j job) idle(g *generator, group *group) (o outcome, err error) {
	if o.Before, err = group.memory(); err != nil {
		return o, err
	}
	if j.Silent {
		err = g.connect()
	} else {
		err = g.run(j.Load.Requests)
	}
	if err != nil {
		return o, err
	}
	if _, err := settled(group.cpu); err != nil {
		return o, err
	}
	o.After, err = group.memory()
	return o, err
}

// files makes the folder that servers run in: the page, the file, configurations.
func files(dir string, configs map[string]string) error {
	if err := os.Mkdir(filepath.Join(dir, "www"), 0o755); err != nil {
		return err
	}
	configs["www/index.html"], configs["www/"+fileName] = page, string(fileBytes())
	for name, text := range configs {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return os.Chmod(dir, 0o755) // some servers drop their rights
}
