package nstest

import (
	"bytes"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"rawns/ns"
)

// Sandbox skips the test if it does not run in a sandbox. Tests that mount, or
// use /run/netns, call it first; New and Run do so themselves.
func Sandbox(t testing.TB) {
	t.Helper()
	if unavailable != "" {
		t.Skip(unavailable)
	}
}

// New returns a namespace of the test's own, without a name and with its lo
// down, as a new one is. It is closed when the test ends.
func New(t testing.TB) *ns.NS {
	t.Helper()
	Sandbox(t)
	n, err := ns.NewAnonymous()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Close() })
	return n
}

// NewNamed is New with a name in the sandbox's /run/netns; the name is taken
// away, too, when the test ends.
func NewNamed(t testing.TB, name string) *ns.NS {
	t.Helper()
	Sandbox(t)
	n, err := ns.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		n.Close()
		if err := ns.Delete(name); err != nil {
			t.Error(err)
		}
	})
	return n
}

// Up sets a link of a namespace up.
func Up(t testing.TB, n *ns.NS, link string) {
	t.Helper()
	if err := n.Do(func() error { return setUp(link) }); err != nil {
		t.Fatalf("%s in %v up: %v", link, n, err)
	}
}

// packages says where Debian keeps the tools that are not in a package of their
// own name.
var packages = map[string]string{
	"ip": "iproute2", "bridge": "iproute2", "ss": "iproute2", "tc": "iproute2", "nstat": "iproute2",
	"brctl": "bridge-utils", "ifconfig": "net-tools", "route": "net-tools", "arp": "net-tools", "netstat": "net-tools",
	"ping": "iputils-ping", "arping": "iputils-arping", "ab": "apache2-utils", "dig": "bind9-dnsutils",
	"unshare": "util-linux", "nsenter": "util-linux", "setpriv": "util-linux", "mount": "mount",
	"true": "coreutils", "cat": "coreutils", "sleep": "coreutils", "sh": "dash", "nft": "nftables", "iptables": "iptables", "iptables-legacy": "iptables",
	"qemu-s390x-static": "qemu-user-static", "qemu-mips-static": "qemu-user-static",
	"qemu-arm-static": "qemu-user-static", "qemu-riscv64-static": "qemu-user-static",
}

// Need skips the test if a tool is not installed, and names the Debian package
// that has it. With CI=true the test fails instead.
func Need(t testing.TB, tools ...string) {
	t.Helper()
	for _, tool := range tools {
		if _, err := ns.LookPath(tool, os.Environ()); err == nil {
			continue
		}
		pkg := packages[tool]
		if pkg == "" {
			pkg = tool
		}
		missing := t.Skipf
		if inCI() {
			missing = t.Fatalf
		}
		missing("%s is not installed: apt-get install %s", tool, pkg)
	}
}

// Result is what a program did.
type Result struct {
	Stdout, Stderr string
	Code           int // exit code; 128 and the signal's number if one ended it
}

// Exec runs a program in a namespace, with what "ip netns exec" gives it (a /sys
// and mounts of its own), or, if n is nil, in the sandbox as it is, so that its
// mounts stay: "ip netns add" wants that. There is nothing on its standard
// input, and LC_ALL=C.
func Exec(t testing.TB, n *ns.NS, argv ...string) Result {
	t.Helper()
	p := start(t, n, argv)
	defer p.close()
	code := p.wait(t)
	return Result{p.out.read(t), p.err.read(t), code}
}

// Run is Exec for a program that has to succeed; it returns its output.
func Run(t testing.TB, n *ns.NS, argv ...string) string {
	t.Helper()
	r := Exec(t, n, argv...)
	if r.Code != 0 {
		t.Fatalf("%s: exit code %d\n%s%s", strings.Join(argv, " "), r.Code, r.Stdout, r.Stderr)
	}
	return r.Stdout
}

// Background starts a program like Exec and returns its pid. When the test
// ends, the program is killed and waited for, and if the test failed, its
// output is logged.
func Background(t testing.TB, n *ns.NS, argv ...string) (pid int) {
	t.Helper()
	p := start(t, n, argv)
	t.Cleanup(func() {
		defer p.close()
		syscall.Kill(p.pid, syscall.SIGKILL)
		code := p.wait(t)
		if t.Failed() {
			t.Logf("%s: exit code %d\n%s%s", strings.Join(argv, " "), code, p.out.read(t), p.err.read(t))
		}
	})
	return p.pid
}

// A program is one that runs, with its output in two files: unlike pipes, these
// do not keep us waiting if it leaves a child behind that holds them.
type program struct {
	pid      int
	out, err output
}

func start(t testing.TB, n *ns.NS, argv []string) *program {
	t.Helper()
	Sandbox(t)
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	p := &program{out: newOutput(t), err: newOutput(t)}
	attr := &syscall.ProcAttr{
		Env:   environ("LC_ALL", "C"),
		Files: []uintptr{null.Fd(), p.out.Fd(), p.err.Fd()},
	}
	if n != nil {
		p.pid, err = n.Start(argv, attr, nil)
	} else {
		var path string
		if path, err = ns.LookPath(argv[0], attr.Env); err == nil {
			p.pid, err = syscall.ForkExec(path, argv, attr)
		}
	}
	if err != nil {
		p.close()
		t.Fatal(err)
	}
	return p
}

func (p *program) wait(t testing.TB) (code int) {
	t.Helper()
	for {
		var st syscall.WaitStatus
		switch _, err := syscall.Wait4(p.pid, &st, 0, nil); {
		case err == syscall.EINTR:
		case err != nil:
			t.Fatalf("wait for %d: %v", p.pid, err)
		case st.Signaled():
			return 128 + int(st.Signal())
		default:
			return st.ExitStatus()
		}
	}
}

func (p *program) close() {
	p.out.Close()
	p.err.Close()
}

// An output is a file in memory.
type output struct{ *os.File }

func newOutput(t testing.TB) output {
	t.Helper()
	fd, err := unix.MemfdCreate("output", unix.MFD_CLOEXEC)
	if err != nil {
		t.Fatalf("memfd_create: %v", err)
	}
	return output{os.NewFile(uintptr(fd), "output")}
}

func (o output) read(t testing.TB) string {
	t.Helper()
	var b bytes.Buffer
	if _, err := io.Copy(&b, io.NewSectionReader(o, 0, 1<<40)); err != nil {
		t.Fatalf("read the output: %v", err)
	}
	return b.String()
}
