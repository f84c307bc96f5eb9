package ns_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"rawns/ns"
	"rawns/ns/nstest"
)

// helperExec is "ip netns exec" made of the package: NAME COMMAND...
func helperExec(args []string) int {
	err := ns.Exec(args[0], args[1:], nil, func(err error) { fail(err) })
	return fail(err)
}

// The same command line through "ip netns exec" and through Exec, with the same
// /etc, must print the same and end the same way.
func TestExecAsIproute2(t *testing.T) {
	nstest.Need(t, "ip", "unshare", "mount")
	n := nstest.NewNamed(t, "blue")
	nstest.Run(t, nil, "ip", "-n", "blue", "link", "add", "br7", "type", "bridge")
	dir := t.TempDir()
	check(t, os.Chmod(dir, 0o755))
	check(t, os.WriteFile(dir+"/script", []byte("echo no first line; echo $0 $*\n"), 0o755))
	check(t, os.WriteFile(dir+"/plain", nil, 0o644))

	// A private /etc of three files, two of which have something to be replaced by.
	const etc = `mount -t tmpfs etc /etc && mkdir -p /etc/netns/blue && cd /etc &&
		echo old >hosts; echo old >other; echo new >netns/blue/hosts; echo new >netns/blue/missing; export PATH; exec "$@"`
	for _, argv := range [][]string{
		{"readlink", "/proc/self/ns/net"},
		{"ls", "/sys/class/net"},
		{"cat", "/sys/class/net/br7/operstate"},
		{"sh", "-c", "cat hosts other; ls; pwd"},
		{"sh", "-c", "echo out; echo err >&2; exit 42"},
		{"sh", "-c", "grep ' /sys ' /proc/self/mountinfo | sed 's/.* - //'; grep -c ' /sys ' /proc/self/mountinfo"},
		{"sh", "-c", "grep -c shared: /proc/self/mountinfo"},
		{"sh", "-c", "ls -l /proc/self/fd | grep -c net:"}, // no handle is passed on
		{"sh", "-c", "ulimit -n; ulimit -Hn; grep Sig /proc/self/status"},
		{"no-such-command"},
		{"/no/such/command"},
		{"./plain"},
		{"/etc"},
		{"/etc/hosts/x"},
		{""},
		{dir + "/script", "a", "b"},
		{dir + "/plain"},
		{"env", "sh", "-c", "echo $RAWNS_TEST_VALUE"},
	} {
		around := func(argv []string) nstest.Result {
			return nstest.Exec(t, nil, append([]string{"env", "RAWNS_TEST_VALUE=kept", "unshare", "-m", "sh", "-c", etc, "sh"}, argv...)...)
		}
		want := around(append([]string{"ip", "netns", "exec", "blue"}, argv...))
		got := around(append(helper("exec", "blue"), argv...))
		if got != want {
			t.Errorf("%q:\n%+v\nip:\n%+v", argv, got, want)
		}
	}
	_, ino := n.Inode()
	if r := nstest.Exec(t, nil, helper("exec", "blue", "readlink", "/proc/self/ns/net")...); r.Stdout != fmt.Sprintf("net:[%d]\n", ino) {
		t.Errorf("%+v", r)
	}
}

// The process stays the same one: a shell's jobs, and whoever waits, depend on it.
func TestExecKeepsThePid(t *testing.T) {
	nstest.NewNamed(t, "blue")
	argv := append([]string{"sh", "-c", `echo $$; exec "$@"`, "sh"}, helper("exec", "blue", "sh", "-c", "echo $$")...)
	f := strings.Fields(nstest.Run(t, nil, argv...))
	if len(f) != 2 || f[0] != f[1] {
		t.Errorf("%q", f)
	}
}

func TestExecFailsHarmlessly(t *testing.T) {
	n := nstest.New(t)
	home := where(t)
	before, _ := mountsOn(t, "/sys")
	err := n.Exec([]string{"no-such-command"}, nil, nil)
	var e *ns.Error
	if !errors.As(err, &e) || e.Op != ns.OpExec || e.Err != unix.ENOENT || err.Error() != `exec of "no-such-command" failed: no such file or directory` {
		t.Error(err)
	}
	if err := n.Exec(nil, nil, nil); !errors.Is(err, unix.ENOENT) {
		t.Error(err)
	}
	if after, _ := mountsOn(t, "/sys"); after != before || where(t) != home {
		t.Errorf("%d mounts, then %d; in %s, then %s", before, after, home, where(t))
	}
}

func TestStart(t *testing.T) {
	n := nstest.NewNamed(t, "blue")
	r, w, err := os.Pipe()
	check(t, err)
	defer r.Close()
	dir := t.TempDir()
	pid, err := ns.Start("blue", []string{"sh", "-c", "echo $A; pwd; readlink /proc/self/ns/net; ls /sys/class/net"},
		&syscall.ProcAttr{Env: []string{"A=a", "PATH=" + os.Getenv("PATH")}, Dir: dir, Files: []uintptr{0, w.Fd(), 2}}, nil)
	w.Close()
	check(t, err)
	out := make([]byte, 4096)
	l := 0
	for {
		m, err := r.Read(out[l:])
		if l += m; err != nil {
			break
		}
	}
	var st syscall.WaitStatus
	if _, err := syscall.Wait4(pid, &st, 0, nil); err != nil || st.ExitStatus() != 0 {
		t.Errorf("%v, %v", st, err)
	}
	_, ino := n.Inode()
	if got, want := string(out[:l]), fmt.Sprintf("a\n%s\nnet:[%d]\nlo\n", dir, ino); got != want {
		t.Errorf("%q, not %q", got, want)
	}
	if pid, err := n.Start([]string{"no-such-command"}, nil, nil); pid != 0 || !errors.Is(err, unix.ENOENT) {
		t.Errorf("%d, %v", pid, err)
	}
	attr := &syscall.ProcAttr{Sys: &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}}
	if pid, err := n.Start([]string{"true"}, attr, nil); pid != 0 || !errors.Is(err, unix.EINVAL) {
		t.Errorf("%d, %v", pid, err)
	}
	if _, err := ns.Start("no-such-name", []string{"true"}, nil, nil); !errors.Is(err, unix.ENOENT) {
		t.Error(err)
	}
}

// helperSys starts grep in a new namespace, to see how /sys is mounted there.
func helperSys([]string) int {
	n, err := ns.NewAnonymous()
	if err != nil {
		return fail(err)
	}
	pid, err := n.Start([]string{"grep", " /sys ", "/proc/self/mountinfo"}, nil, nil)
	if err != nil {
		return fail(err)
	}
	var st syscall.WaitStatus
	_, err = syscall.Wait4(pid, &st, 0, nil)
	if err != nil {
		return fail(err)
	}
	return st.ExitStatus()
}

// In a user namespace an inherited /sys can only be covered, and a read-only
// one only by a read-only one.
func TestReadOnlySys(t *testing.T) {
	nstest.Need(t, "unshare", "mount")
	nstest.Sandbox(t)
	for _, mode := range []string{"rw", "ro"} {
		argv := append([]string{"unshare", "-m", "sh", "-c",
			`mount -o remount,bind,` + mode + ` /sys && exec unshare -Urm "$@"`, "sh"}, helper("sys")...)
		r := nstest.Exec(t, nil, argv...)
		l := strings.Split(strings.TrimSpace(r.Stdout), "\n")
		if f := strings.Fields(l[len(l)-1]); r.Code != 0 || len(f) < 6 || strings.Split(f[5], ",")[0] != mode {
			t.Errorf("%s: %+v", mode, r)
		}
	}
}

func TestLookPath(t *testing.T) {
	a, b := t.TempDir(), t.TempDir()
	file := func(dir, name string, mode os.FileMode) string {
		p := filepath.Join(dir, name)
		check(t, os.WriteFile(p, nil, mode))
		return p
	}
	both := file(a, "both", 0o755)
	file(b, "both", 0o755)
	second := file(b, "second", 0o755)
	hidden := file(b, "hidden", 0o755) // a has one that is not executable
	file(a, "hidden", 0o644)
	file(a, "plain", 0o644)
	check(t, os.Mkdir(filepath.Join(a, "dir"), 0o755))
	t.Chdir(b)
	path := "PATH=" + a + ":" + both + ":" + b // both is no directory
	for _, c := range []struct {
		file string
		env  []string
		want string
		err  error
	}{
		{"both", []string{path}, both, nil},
		{"second", []string{"X=1", path, "PATH=/"}, second, nil},
		{"hidden", []string{path}, hidden, nil},
		{"plain", []string{path}, "", unix.EACCES},
		{"dir", []string{path}, "", unix.EACCES},
		{"none", []string{path}, "", unix.ENOENT},
		{"", []string{path}, "", unix.ENOENT},
		{second, nil, second, nil},
		{"./second", nil, "./second", nil},
		{both + "/x", nil, both + "/x", unix.ENOTDIR},
		{"sh", nil, "/bin/sh", nil},
		{"sh", []string{"PATH="}, "", unix.ENOENT},
		{"second", []string{"PATH=/none:"}, "./second", nil}, // the current directory
	} {
		if got, err := ns.LookPath(c.file, c.env); got != c.want || err != c.err {
			t.Errorf("%q, %q: %q, %v; want %q, %v", c.file, c.env, got, err, c.want, c.err)
		}
	}
}
