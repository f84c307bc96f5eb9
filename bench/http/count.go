package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A group is a cgroup (version 2), in which a server is born. The kernel adds up there
// the CPU time of all threads and processes, also of those that have ended, as exactly
// as its scheduler knows it. Other clocks know a part: a process's own knows nothing of
// its children, and rusage nothing of those that nobody waited for.
type group struct {
	path string
	fd   int
}

func newGroup(name string) (*group, error) {
	g := &group{path: filepath.Join(groups, name)}
	if err := os.Mkdir(g.path, 0o755); err != nil {
		return nil, err
	}
	var err error
	g.fd, err = unix.Open(g.path, unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	return g, err
}

// remove kills whoever is left and removes the group.
func (g *group) remove() {
	unix.Close(g.fd)
	os.WriteFile(filepath.Join(g.path, "cgroup.kill"), []byte("1"), 0)
	for range 1000 {
		if os.Remove(g.path) == nil {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// cpu returns the CPU time that was used, in seconds.
func (g *group) cpu() (float64, error) {
	text, err := os.ReadFile(filepath.Join(g.path, "cpu.stat"))
	if err != nil {
		return 0, err
	}
	us, err := field(string(text), "usage_usec")
	return float64(us) / 1e6, err
}

// memory returns what the group's processes and the kernel use.
func (g *group) memory() (m memory, err error) {
	text, err := os.ReadFile(filepath.Join(g.path, "cgroup.procs"))
	if err != nil {
		return m, err
	}
	for pid := range strings.FieldsSeq(string(text)) {
		rollup, err := os.ReadFile("/proc/" + pid + "/smaps_rollup")
		if err != nil {
			return m, err
		}
		kB, err := field(string(rollup), "Pss:")
		if err != nil {
			return m, err
		}
		m.PSS += kB << 10
	}
	if text, err = os.ReadFile("/proc/meminfo"); err != nil {
		return m, err
	}
	for _, name := range []string{"Slab:", "KernelStack:", "PageTables:"} {
		kB, err := field(string(text), name)
		if err != nil {
			return m, err
		}
		m.Kernel += kB << 10
	}
	return m, nil
}

// field returns the number behind a word.
func field(text, name string) (int64, error) {
	for line := range strings.Lines(text) {
		if w := strings.Fields(line); len(w) > 1 && w[0] == name {
			return strconv.ParseInt(w[1], 10, 64)
		}
	}
	return 0, fmt.Errorf("%s is not there", name)
}

// A counter counts the system calls of programs that its thread starts from then on,
// and of all that they start. The kernel counts, so that nobody is stopped; still it
// takes time, and is not done where time is measured.
type counter struct{ fd int }

func countCalls() (*counter, error) {
	id, err := tracepoint("raw_syscalls/sys_enter")
	if err != nil {
		return nil, err
	}
	attr := unix.PerfEventAttr{Type: unix.PERF_TYPE_TRACEPOINT, Config: id,
		Bits: unix.PerfBitDisabled | unix.PerfBitInherit | unix.PerfBitEnableOnExec}
	attr.Size = uint32(unsafe.Sizeof(attr))
	fd, err := unix.PerfEventOpen(&attr, 0, -1, -1, unix.PERF_FLAG_FD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("perf_event_open: %w", err)
	}
	return &counter{fd}, nil
}

// tracepoint returns the number of one.
func tracepoint(name string) (uint64, error) {
	dir := "/sys/kernel/tracing"
	if _, err := os.Stat(dir + "/events"); errors.Is(err, os.ErrNotExist) {
		if err := unix.Mount("tracefs", dir, "tracefs", 0, ""); err != nil {
			return 0, fmt.Errorf("mount %s: %w", dir, err)
		}
	}
	text, err := os.ReadFile(dir + "/events/" + name + "/id")
	if err != nil {
		return 0, err
	}
	return strconv.ParseUint(strings.TrimSpace(string(text)), 10, 64)
}

func (c *counter) read() (float64, error) {
	var n [8]byte
	if _, err := unix.Read(c.fd, n[:]); err != nil {
		return 0, err
	}
	return float64(*(*uint64)(unsafe.Pointer(&n))), nil
}
