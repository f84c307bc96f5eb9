package nstest

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"rawns/ns"
)

// settle is how long leftovers may take to vanish before they count as leaks:
// the kernel ends threads, and package net/http connections, in its own time.
const settle = 3 * time.Second

// runChecked runs the tests and then looks for leaks.
func runChecked(m *testing.M) (code int) {
	// The runtime opens an epoll descriptor with the first file that needs it.
	if r, w, err := os.Pipe(); err == nil {
		r.Close()
		w.Close()
	}
	base := look()
	code = m.Run()
	var leaks []string
	for start := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		leaks = look().since(base)
		if len(leaks) == 0 {
			return code
		}
		if time.Since(start) > settle {
			break
		}
	}
	fmt.Fprintf(os.Stderr, "nstest: the tests left something behind:\n%s", lines(leaks))
	return max(code, 1)
}

func lines(ss []string) string { return "\t" + strings.Join(ss, "\n\t") + "\n" }

// A picture is what could leak, as it is at one moment.
type picture struct {
	net, mnt string            // namespaces of the main thread
	threads  map[string]string // the threads that are elsewhere
	fds      map[string]string // number -> what it refers to
	mounts   []string
	children []string
}

func look() (p picture) {
	p.net, _ = os.Readlink("/proc/self/ns/net")
	p.mnt, _ = os.Readlink("/proc/self/ns/mnt")
	p.threads = map[string]string{}
	for _, tid := range names("/proc/self/task") {
		net, err1 := os.Readlink("/proc/self/task/" + tid + "/ns/net")
		mnt, err2 := os.Readlink("/proc/self/task/" + tid + "/ns/mnt")
		if err1 == nil && err2 == nil { // it may just have ended
			p.threads[tid] = net + " " + mnt
		}
	}
	p.fds = map[string]string{}
	for _, fd := range names("/proc/self/fd") {
		// The descriptor of the listing itself is closed by now.
		if target, err := os.Readlink("/proc/self/fd/" + fd); err == nil {
			p.fds[fd] = target
		}
	}
	b, _ := os.ReadFile("/proc/self/mountinfo")
	for line := range strings.Lines(string(b)) {
		// /run/netns stays a mount point once it was made one, as intended.
		if f := strings.Fields(line); len(f) > 4 && f[4] != ns.Dir {
			p.mounts = append(p.mounts, strings.TrimSpace(line))
		}
	}
	for _, c := range children() {
		p.children = append(p.children, c.String())
	}
	return p
}

// since lists what is there now and was not there before.
func (p picture) since(base picture) (leaks []string) {
	home := base.net + " " + base.mnt
	for tid, where := range p.threads {
		if where != home {
			leaks = append(leaks, "thread "+tid+" is in "+where+", not in "+home)
		}
	}
	for fd, target := range p.fds {
		if base.fds[fd] != target {
			leaks = append(leaks, "descriptor "+fd+" -> "+strconv.Quote(target))
		}
	}
	for _, m := range p.mounts {
		if !slices.Contains(base.mounts, m) {
			leaks = append(leaks, "mount: "+m)
		}
	}
	for _, m := range base.mounts {
		if !slices.Contains(p.mounts, m) {
			leaks = append(leaks, "mount that is gone: "+m)
		}
	}
	for _, c := range p.children {
		if !slices.Contains(base.children, c) {
			leaks = append(leaks, "child that was not waited for: "+c)
		}
	}
	slices.Sort(leaks)
	return leaks
}

func names(dir string) []string {
	d, err := os.Open(dir)
	if err != nil {
		return nil
	}
	defer d.Close()
	ns, _ := d.Readdirnames(-1)
	return ns
}

// A process is what /proc/PID/stat says of one.
type process struct {
	pid, parent int
	state       byte // 'R', 'S', 'Z', ...
	name        string
}

func (p process) String() string {
	return fmt.Sprintf("pid %d %q (%c)", p.pid, p.name, p.state)
}

// children lists the processes whose parent we are.
func children() (ps []process) {
	self := os.Getpid()
	for _, e := range names("/proc") {
		if pid, err := strconv.Atoi(e); err == nil {
			if p, ok := readProcess(pid); ok && p.parent == self {
				ps = append(ps, p)
			}
		}
	}
	return ps
}

func readProcess(pid int) (p process, ok bool) {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return p, false
	}
	// 7 (name) S 1 ...: the name may hold anything, so the last ')' counts.
	open, end := strings.IndexByte(string(b), '('), strings.LastIndexByte(string(b), ')')
	if open < 0 || end < open {
		return p, false
	}
	p.pid, p.name = pid, string(b[open+1:end])
	_, err = fmt.Sscanf(string(b[end+1:]), " %c %d", &p.state, &p.parent)
	return p, err == nil
}
