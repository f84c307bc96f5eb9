package httpserver

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"rawns/ns/nstest"
)

func init() {
	helpers["filtered"] = filtered
	helpers["denied"] = denied
	helpers["timed"] = timed
}

// filteredVar says what a process with the filter does: needs, and a row of acts.
const filteredVar = "RAWNS_TEST_ACT"

// acts are system calls, and whether the filter lets them through.
var acts = []struct {
	name  string
	needs needs
	ok    bool
	do    func()
}{
	{"write", always, true, func() { unix.Write(2, nil) }},
	{"memory", always, true, func() { runtime.KeepAlive(make([]byte, 80<<20)) }},
	{"tgkill itself", always, true, func() {
		if err := unix.Tgkill(unix.Getpid(), unix.Gettid(), 0); err != nil {
			panic(err)
		}
	}},
	{"open a file to serve", always | files, true, func() { unix.Open("/", 0, 0) }},
	{"open a log", always | logs, true, func() { unix.Open("/", 0, 0) }},
	{"remove a socket", always | socks, true, func() { unix.Unlink("/proc/none") }},
	{"open a file", always | socks, false, func() { unix.Open("/", 0, 0) }},
	{"remove a file", always | files | logs, false, func() { unix.Unlink("/proc/none") }},
	{"make a file", ^needs(0), false, func() { unix.Mkdir("/proc/none", 0) }},
	{"socket", ^needs(0), false, func() { unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0) }},
	{"execve", ^needs(0), false, func() { unix.Exec("/bin/true", nil, nil) }},
	{"fork", ^needs(0), false, func() { unix.RawSyscall(unix.SYS_CLONE, uintptr(unix.SIGCHLD), 0, 0) }},
	{"executable memory", ^needs(0), false, func() {
		unix.Mmap(-1, 0, 4096, unix.PROT_READ|unix.PROT_EXEC, unix.MAP_PRIVATE|unix.MAP_ANON)
	}},
	{"mprotect", ^needs(0), false, func() {
		unix.Syscall(unix.SYS_MPROTECT, 0, 0, unix.PROT_EXEC)
	}},
	{"tgkill another", ^needs(0), false, func() { unix.Tgkill(1, 1, 0) }},
	{"kill another", ^needs(0), false, func() { unix.Kill(1, 0) }},
	{"prctl", ^needs(0), false, func() { unix.Prctl(unix.PR_GET_DUMPABLE, 0, 0, 0, 0) }},
	{"ioctl", ^needs(0), false, func() { unix.IoctlGetInt(0, unix.TIOCSTI) }},
	{"unshare", ^needs(0), false, func() { unix.Unshare(unix.CLONE_NEWUSER) }},
	{"ptrace", ^needs(0), false, func() { unix.PtraceAttach(1) }},
	{"setuid", ^needs(0), false, func() { unix.RawSyscall(unix.SYS_SETUID, 0, 0, 0) }},
	{"a number of x32", ^needs(0), false, func() { unix.RawSyscall(0x40000000|unix.SYS_GETPID, 0, 0, 0) }},
	{"no such call", ^needs(0), false, func() { unix.RawSyscall(0xffff, 0, 0, 0) }},
}

// filtered puts the process under the filter, and acts.
func filtered() {
	withoutC()
	i, _ := strconv.Atoi(os.Getenv(filteredVar))
	runtime.LockOSThread()
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		panic(err)
	}
	if e := install(program(acts[i].needs)); e != 0 {
		panic(e)
	}
	acts[i].do()
	os.Stdout.WriteString("alive\n")
	os.Exit(0)
}

func TestFilterRules(t *testing.T) {
	if auditArch == 0 {
		if program(always)[1].K != 0 {
			t.Error("a filter without an architecture")
		}
		return
	}
	for i, a := range acts {
		if a.name == "executable memory" && runtime.GOARCH == "s390x" || a.name == "a number of x32" && runtime.GOARCH != "amd64" {
			continue // the filter cannot tell; there is no such number
		}
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), helperEnv+"=filtered", filteredVar+"="+strconv.Itoa(i))
		var stdout, stderr strings.Builder
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		cmd.Run()
		if a.ok && stdout.String() != "alive\n" || !a.ok && (stdout.String() != "" || cmd.ProcessState.Sys().(syscall.WaitStatus).Signal() != syscall.SIGSYS) {
			t.Errorf("%s: %v, %q, %.300q", a.name, cmd.ProcessState, stdout.String(), stderr.String())
		}
	}
}

// The program has no jump that leads out of it, and fits the machine.
func TestFilterProgram(t *testing.T) {
	for all := range needs(16) {
		p := program(all)
		if len(p) > unix.BPF_MAXINSNS {
			t.Errorf("%d instructions", len(p))
		}
		for i, in := range p {
			if in.Code&7 == unix.BPF_JMP && i+1+int(max(in.Jt, in.Jf)) >= len(p) {
				t.Errorf("%d: %+v", i, in)
			}
		}
		if last := p[len(p)-1]; last.Code != unix.BPF_RET|unix.BPF_K || last.K != unix.SECCOMP_RET_KILL_PROCESS {
			t.Errorf("%+v", last)
		}
	}
}

// deniedVar holds the numbers of a system call and of the error that it has:
// what a sandbox or an old kernel does.
const deniedVar = "RAWNS_TEST_DENY"

// denied makes a call fail, and becomes the applet.
func denied() {
	var nr, errno uint32
	if _, err := fmt.Sscan(os.Getenv(deniedVar), &nr, &errno); err != nil {
		panic(err)
	}
	runtime.LockOSThread()
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		panic(err)
	}
	p := []unix.SockFilter{
		{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: dataNr},
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: nr, Jf: 1},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ERRNO | errno},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW},
	}
	prog := unix.SockFprog{Len: uint16(len(p)), Filter: &p[0]}
	if _, _, e := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, 0, uintptr(unsafe.Pointer(&prog))); e != 0 {
		panic(e)
	}
	again()
}

// Where the kernel lacks what keeps the server safe, it does without, and says
// so, or does it in another way.
func TestHTTPDOldKernel(t *testing.T) {
	dir := t.TempDir()
	for _, d := range []string{"root", "root/sub"} {
		os.Mkdir(dir+"/"+d, 0o755)
	}
	os.WriteFile(dir+"/root/sub/a", []byte("a page"), 0o644)
	os.WriteFile(dir+"/secret", []byte("secret"), 0o644)
	os.Symlink("sub", dir+"/root/in")
	os.Symlink("..", dir+"/root/out")
	for _, c := range []struct {
		nr      int
		errno   unix.Errno
		code    string // of a link that leads inside
		stderr  string
		filters string
	}{
		{0xfff, unix.ENOSYS, "200", "", "2"},
		{unix.SYS_OPENAT2, unix.ENOSYS, "404", "", "2"},
		{unix.SYS_OPENAT2, unix.EPERM, "404", "", "2"},
		{unix.SYS_SECCOMP, unix.ENOSYS, "200", "rawns httpd: this kernel has no filter for system calls (ENOSYS): serving without; --no-seccomp says that this is wanted\n", "1"},
		{unix.SYS_SECCOMP, unix.EINVAL, "200", "rawns httpd: this kernel has no filter for system calls (EINVAL): serving without; --no-seccomp says that this is wanted\n", "1"},
	} {
		if auditArch == 0 {
			c.filters, c.stderr = "1", ""
		}
		var stderr strings.Builder
		cmd := exec.Command(os.Args[0], "--listen", "unix:"+dir+"/s", "--root", dir+"/root")
		cmd.Env = append(os.Environ(), helperEnv+"=denied", deniedVar+"="+strconv.Itoa(c.nr)+" "+strconv.Itoa(int(c.errno)))
		cmd.Stderr = &stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		defer cmd.Process.Kill()
		for path, want := range map[string][2]string{
			"/sub/a": {"200", "a page"}, "/in/a": {c.code, ""}, "/out/secret": {"404", ""}, "/../secret": {"400", ""},
		} {
			got := askUnix(t, dir+"/s", "GET "+path+" HTTP/1.0\r\n\r\n")
			if !strings.HasPrefix(got, "HTTP/1.1 "+want[0]+" ") || !strings.HasSuffix(got, want[1]) {
				t.Errorf("%+v: %s: %q", c, path, got)
			}
		}
		if got := fields(t, "/proc/"+strconv.Itoa(cmd.Process.Pid), "Seccomp_filters"); got != "" && got != "Seccomp_filters "+c.filters { // Linux before 5.10 does not count
			t.Errorf("%+v: %s", c, got)
		}
		cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil || stderr.String() != c.stderr {
			t.Errorf("%+v: %v, %q", c, err, stderr.String())
		}
	}
}

// askUnix is ask over a unix socket, which may not be there yet.
func askUnix(t *testing.T, path, request string) string {
	t.Helper()
	return askPatiently(t, "unix", path, request)
}

// askPatiently is ask where the listener may not be there yet, and does not hear
// that the client has finished.
func askPatiently(t *testing.T, network, addr, request string) string {
	t.Helper()
	var c net.Conn
	var err error
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if c, err = net.Dial(network, addr); err == nil {
			break
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(30 * time.Second))
	io.WriteString(c, request)
	b, err := io.ReadAll(c)
	if err != nil {
		t.Error(err)
	}
	return string(b)
}

// Under the filter all goes on that a long-lived server meets: garbage is
// collected all the time, threads are made, it is stopped and continued, large
// files go to slow clients, the log is opened again, and it ends by a signal
// while a client still reads.
func TestHTTPDFilterLives(t *testing.T) {
	dir := t.TempDir()
	os.Mkdir(dir+"/root", 0o755)
	os.Mkdir(dir+"/root/sub", 0o755)
	large := bytes.Repeat([]byte("0123456789abcdef"), 1<<16) // 1 MiB
	for name, b := range map[string][]byte{"large": large, "small": large[:100], "small.gz": large[:50]} {
		if err := os.WriteFile(dir+"/root/"+name, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("GOGC", "1")
	cmd, ports := runHTTPD(t, 1, "--listen", "127.0.0.1:0", "--listen", "unix:"+dir+"/s", "--root", dir+"/root", "--list", "--loops", "2", "--log", dir+"/log")
	addr := "127.0.0.1:" + ports["127.0.0.1"]
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			c, err := net.Dial("tcp", addr)
			if err != nil {
				t.Error(err)
				return
			}
			defer c.Close()
			c.SetDeadline(time.Now().Add(50 * time.Second))
			const one = " HTTP/1.1\r\nHost: a\r\n"
			go io.WriteString(c, "GET /large"+one+"\r\nGET /small"+one+"Accept-Encoding: gzip\r\n\r\nGET /"+one+"\r\nGET /sub"+one+"\r\nHEAD /none"+one+
				"\r\nGET /small"+one+"Range: bytes=2-5\r\n\r\nGET /large"+one+"Range: bytes=16-\r\nConnection: close\r\n\r\n")
			got, err := io.ReadAll(c)
			if n := bytes.Count(got, []byte("HTTP/1.1 20")); err != nil || n != 5 || len(got) < 2*len(large) || !bytes.HasSuffix(got, large[16:]) {
				t.Errorf("%d bytes, %d answers, %v", len(got), n, err)
			}
		})
	}
	for range 20 {
		cmd.Process.Signal(syscall.SIGSTOP)
		time.Sleep(time.Millisecond)
		cmd.Process.Signal(syscall.SIGCONT)
		cmd.Process.Signal(syscall.SIGHUP)
	}
	all.Wait()
	if got := askUnix(t, dir+"/s", "GET /small HTTP/1.0\r\n\r\n"); !strings.HasSuffix(got, string(large[:100])) {
		t.Errorf("%q", got)
	}
	slow, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer slow.Close()
	io.WriteString(slow, "GET /large HTTP/1.0\r\n\r\n")
	head := make([]byte, 1000)
	if _, err := io.ReadFull(slow, head); err != nil {
		t.Fatal(err)
	}
	cmd.Process.Signal(syscall.SIGTERM)
	io.Copy(io.Discard, slow) // how much it still gets depends on its speed
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(dir + "/s"); !os.IsNotExist(err) {
		t.Errorf("the socket's file is left: %v", err)
	}
}

// The runtime's own ends are let through: what it prints can be read.
func TestHTTPDFilterCrash(t *testing.T) {
	nstest.Sandbox(t)
	for _, traceback := range []string{"single", "all", "crash"} {
		dir := t.TempDir()
		cmd := exec.Command(os.Args[0], "--listen", "unix:"+dir+"/s")
		var stderr strings.Builder
		cmd.Stderr = &stderr
		cmd.Dir = dir // a core file would go there
		cmd.Env = append(os.Environ(), helperEnv+"=httpd", "GOTRACEBACK="+traceback)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		defer cmd.Process.Kill()
		askUnix(t, dir+"/s", "GET / HTTP/1.0\r\n\r\n")
		cmd.Process.Signal(syscall.SIGSEGV) // a fault that is no nil pointer
		cmd.Wait()
		ws := cmd.ProcessState.Sys().(syscall.WaitStatus)
		if ok := ws.ExitStatus() == 2 || traceback == "crash" && (ws.Signal() == syscall.SIGABRT || ws.Signal() == syscall.SIGQUIT); !ok || !strings.HasPrefix(stderr.String(), "SIGSEGV: segmentation violation\n") {
			t.Errorf("%s: %v, %.2000q", traceback, cmd.ProcessState, stderr.String())
		}
	}
}

// timed prints the nanoseconds that a system call takes, without the filter and
// with it.
func timed() {
	withoutC()
	runtime.LockOSThread()
	fd, err := unix.Open("/dev/null", unix.O_WRONLY, 0)
	if err != nil {
		panic(err)
	}
	one := func() time.Duration {
		best := time.Hour
		for range 20 {
			start := time.Now()
			for range 100000 {
				unix.RawSyscall(unix.SYS_WRITE, uintptr(fd), 0, 0)
			}
			best = min(best, time.Since(start))
		}
		return best
	}
	before := one()
	if err := drop(nil); err != nil {
		panic(err)
	}
	if e := install(program(always)); e != 0 {
		panic(e)
	}
	fmt.Println(float64(before)/1e5, float64(one())/1e5)
	os.Exit(0)
}

// What the filter adds to a system call that does nothing else.
func BenchmarkFilter(b *testing.B) {
	if auditArch == 0 {
		return
	}
	var plain, filtered float64
	for b.Loop() {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), helperEnv+"=timed")
		out, err := cmd.Output()
		if err != nil {
			b.Fatal(err)
		}
		var one, other float64
		if _, err := fmt.Sscan(string(out), &one, &other); err != nil {
			b.Fatal(err)
		}
		plain, filtered = plain+one, filtered+other
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(plain/float64(b.N), "ns/plain-call")
	b.ReportMetric(filtered/float64(b.N), "ns/filtered-call")
}
