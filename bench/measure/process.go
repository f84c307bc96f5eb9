package measure

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// A Command is a process to be measured.
type Command struct {
	Args   []string // the program and its arguments
	Repeat int      // so many times, one behind the other; 0 is once. Each is a sample of its own
	Dir    string
	Pin    bool     // on one CPU
	Out    *os.File // where its output goes; nil: /dev/null
	Codes  []int    // exit codes that are right, beside 0
}

// Run runs a command as often as it says, with its output thrown away, and returns what
// it took: for each metric (wall, CPU, memory, faults; user and system are parts of CPU)
// the median of the repeats. It runs in the calling thread's namespaces.
func (c Command) Run() (Sample, error) {
	all, err := c.RunEach()
	if err != nil {
		return nil, err
	}
	s := Sample{}
	for metric := range all[0] {
		var v []float64
		for _, a := range all {
			v = append(v, a[metric])
		}
		s[metric] = Median(v)
	}
	return s, nil
}

// String returns the command line, the program without its folder.
func (c Command) String() string {
	return strings.Join(append([]string{filepath.Base(c.Args[0])}, c.Args[1:]...), " ")
}

// RunEach is Run with a sample for each of the repeats.
func (c Command) RunEach() ([]Sample, error) {
	n := max(c.Repeat, 1)
	args := []string{fmt.Sprint(n)}
	if c.Pin {
		args = append(args, "-p")
	}
	x := exec.Command(Beside("c-launch"), append(append(args, "--"), c.Args...)...)
	x.Dir = c.Dir
	if c.Out != nil {
		x.Stdout = c.Out
	}
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var complaints bytes.Buffer
	x.Stderr = &complaints
	x.ExtraFiles = []*os.File{w} // 3
	x.SysProcAttr = &unix.SysProcAttr{Pdeathsig: unix.SIGKILL}
	err = x.Start()
	w.Close()
	if err != nil {
		return nil, err
	}
	report, _ := io.ReadAll(r)
	if err := x.Wait(); err != nil {
		return nil, fmt.Errorf("%s: %w: %s", c, err, tail(complaints.Bytes()))
	}
	var all []Sample
	for line := range strings.Lines(string(report)) {
		var wall, user, system, rss, faults, code float64
		if _, err := fmt.Sscan(line, &wall, &user, &system, &rss, &faults, &code); err != nil {
			return nil, fmt.Errorf("%s: %w in %q", c, err, line)
		}
		right := code == 0
		for _, v := range c.Codes {
			right = right || int(code) == v
		}
		if !right {
			return nil, fmt.Errorf("%s: exit code %v: %s", c, code, tail(complaints.Bytes()))
		}
		all = append(all, Sample{"wall": wall / 1e6, "CPU": (user + system) / 1e3, "user": user / 1e3, "system": system / 1e3, "memory": rss, "faults": faults})
	}
	if len(all) != n {
		return nil, fmt.Errorf("%s: measured %d times and not %d", c, len(all), n)
	}
	return all, nil
}

func tail(b []byte) []byte { return bytes.TrimSpace(b[max(0, len(b)-500):]) }

// Shell runs commands of a shell that prepare something, unmeasured.
func Shell(text string) error {
	if out, err := exec.Command("sh", "-e", "-c", text).CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", firstLine(text), err, tail(out))
	}
	return nil
}

// The main goroutine keeps the main thread, so that no Sandbox takes that one: it cannot end, and
// its namespaces are what /proc/self shows.
func init() { runtime.LockOSThread() }

var errSandbox = errors.New("a sandbox needs root")

// Sandbox calls f on a thread in a network and a mount namespace of its own, with
// nothing in /run and a /sys that shows the network namespace. Programs that f starts
// are in them, too; goroutines that it starts are not. The thread ends with f; the kernel
// takes the namespace down behind our back, so that there is a pause at the end: Rest.
func Sandbox(f func() error) (err error) {
	var wait sync.WaitGroup
	wait.Go(func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		if e := unix.Unshare(unix.CLONE_NEWNET | unix.CLONE_NEWNS | unix.CLONE_FS); e != nil {
			err = fmt.Errorf("%w: %w", errSandbox, e)
			return
		}
		for _, m := range []struct {
			source, target, kind string
			flags                uintptr
		}{
			{"", "/", "", unix.MS_REC | unix.MS_PRIVATE},
			{"run", "/run", "tmpfs", 0},
			{"sysfs", "/sys", "sysfs", 0},
		} {
			if e := unix.Mount(m.source, m.target, m.kind, m.flags, ""); e != nil {
				err = fmt.Errorf("mount %s: %w", m.target, e)
				return
			}
		}
		err = f()
	})
	wait.Wait()
	Rest()
	return err
}

// Rest waits until the CPUs have been idle for a tenth of a second, but for a twentieth of their time,
// and for three seconds at most: the kernel goes on taking namespaces down when all who were in them have ended.
func Rest() {
	tries := 30
	if *quickFlag {
		tries = 1
	}
	for range tries {
		busy, all := ticks()
		time.Sleep(100 * time.Millisecond)
		b, a := ticks()
		if (b-busy)*20 <= a-all {
			return
		}
	}
}

// ticks returns the time that all CPUs have worked since the machine was started, and all their time.
func ticks() (busy, all int) {
	text, _ := os.ReadFile("/proc/stat")
	line, _, _ := strings.Cut(string(text), "\n")
	for i, word := range strings.Fields(line) { // cpu user nice system idle iowait irq ...
		n, _ := strconv.Atoi(word)
		if i > 8 { // a guest's time is in user's, too
			break
		}
		all += n
		if i != 4 && i != 5 {
			busy += n
		}
	}
	return busy, all
}
