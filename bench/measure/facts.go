package measure

import (
	"debug/buildinfo"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Facts are what the numbers depend on.
type Facts struct {
	CPU      string
	Cores    int    // that this process may use
	MemoryMB int    // of the machine
	Kernel   string // release
	Go       string
	Versions map[string]string // of the peers, as they or their build information say
}

// Machine returns the facts that there are without peers.
func Machine() Facts {
	f := Facts{CPU: "unknown", Cores: runtime.NumCPU(), Go: runtime.Version(), Versions: map[string]string{}}
	text, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(text)) {
		key, value, _ := strings.Cut(line, ":")
		if k := strings.TrimSpace(key); k == "model name" || k == "cpu model" || k == "Model" {
			f.CPU = strings.Join(strings.Fields(value), " ")
			break
		}
	}
	var u unix.Utsname
	if unix.Uname(&u) == nil {
		f.Kernel = unix.ByteSliceToString(u.Release[:]) + " " + unix.ByteSliceToString(u.Machine[:])
	}
	var si unix.Sysinfo_t
	if unix.Sysinfo(&si) == nil {
		f.MemoryMB = int(uint64(si.Totalram) * uint64(si.Unit) >> 20)
	}
	return f
}

// Ask notes the version that a program prints: the first line that it writes, with no
// more than these arguments. What cannot be asked is not noted.
func (f Facts) Ask(peer, program string, args ...string) {
	out, _ := exec.Command(program, args...).CombinedOutput()
	if line := strings.TrimSpace(firstLine(string(out))); line != "" {
		f.Versions[peer] = line
	}
}

// Modules notes the versions of modules that a Go program was built with.
func (f Facts) Modules(program string, modules ...string) {
	info, err := buildinfo.ReadFile(program)
	if err != nil {
		return
	}
	for _, d := range info.Deps {
		for _, m := range modules {
			if d.Path == m {
				f.Versions[m] = d.Version
			}
		}
	}
}

// PinProcess lets this process, and what it starts from now on, run on one CPU: the last one
// that it may use, as the first one often has the machine's interrupts to do.
func PinProcess() error {
	var allowed, one unix.CPUSet
	if err := unix.SchedGetaffinity(0, &allowed); err != nil {
		return err
	}
	cpu := len(allowed)*64 - 1
	for ; cpu > 0 && !allowed.IsSet(cpu); cpu-- {
	}
	one.Set(cpu)
	threads, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return err
	}
	for _, t := range threads {
		tid, err := strconv.Atoi(t.Name())
		if err != nil {
			return err
		}
		if err := unix.SchedSetaffinity(tid, &one); err != nil {
			return err
		}
	}
	return nil
}
