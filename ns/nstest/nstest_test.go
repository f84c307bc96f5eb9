package nstest_test

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"rawns/ns"
	"rawns/ns/nstest"
)

func TestMain(m *testing.M) { nstest.Main(m) }

func TestSandboxIsEmpty(t *testing.T) {
	nstest.Need(t, "ip", "cat")
	if got := strings.Fields(nstest.Run(t, nil, "ip", "-br", "link")); len(got) < 2 || got[0] != "lo" || got[1] != "UNKNOWN" {
		t.Errorf("links: %q", got)
	}
	entries, err := os.ReadDir("/run")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() != "netns" { // other tests' names were there
			t.Errorf("/run has %s", e.Name())
		}
	}
	if os.Geteuid() != 0 {
		t.Errorf("uid %d", os.Geteuid())
	}
	links, err := os.ReadDir("/sys/class/net")
	if err != nil || len(links) != 1 || links[0].Name() != "lo" {
		t.Errorf("/sys/class/net: %v, %v", links, err)
	}
}

func TestNewIsAnother(t *testing.T) {
	a, b := nstest.New(t), nstest.New(t)
	home, err := ns.Current()
	if err != nil {
		t.Fatal(err)
	}
	defer home.Close()
	if a.Same(b) || a.Same(home) || b.Same(home) {
		t.Errorf("%v %v %v", a, b, home)
	}
}

func TestExec(t *testing.T) {
	n := nstest.New(t)
	r := nstest.Exec(t, n, "sh", "-c", "echo out; echo err >&2; exit 7")
	if want := (nstest.Result{Stdout: "out\n", Stderr: "err\n", Code: 7}); r != want {
		t.Errorf("%+v", r)
	}
	if r := nstest.Exec(t, n, "sh", "-c", "kill -9 $$"); r.Code != 137 {
		t.Errorf("%+v", r)
	}
	where, err := os.Readlink("/proc/self/ns/net")
	if got := nstest.Run(t, nil, "readlink", "/proc/self/ns/net"); err != nil || got != where+"\n" {
		t.Errorf("nil is %q, we are in %q, %v", got, where, err)
	}
	if got := nstest.Run(t, n, "readlink", "/proc/self/ns/net"); got != n.String()+"\n" {
		t.Errorf("%q, not %v", got, n)
	}
}

func TestUp(t *testing.T) {
	n := nstest.New(t)
	flags := func() string { return nstest.Run(t, n, "cat", "/sys/class/net/lo/flags") }
	if got := flags(); got != "0x8\n" {
		t.Errorf("before: %q", got)
	}
	nstest.Up(t, n, "lo")
	if got := flags(); got != "0x9\n" {
		t.Errorf("after: %q", got)
	}
}

func TestBackgroundEnds(t *testing.T) {
	var pid int
	t.Run("inner", func(t *testing.T) {
		pid = nstest.Background(t, nstest.New(t), "sleep", "1000")
		if err := unix.Kill(pid, 0); err != nil {
			t.Error(err)
		}
	})
	if pid > 0 && unix.Kill(pid, 0) != unix.ESRCH {
		t.Errorf("process %d is still there", pid)
	}
}

// leaks are what a careless test does, and what Main has to say about it.
var leaks = map[string]struct {
	leak func() error
	want string
}{
	"nothing": {func() error { return nil }, ""},
	"descriptor": {func() error {
		_, err := unix.Open("/dev/null", unix.O_RDONLY|unix.O_CLOEXEC, 0)
		return err
	}, `-> "/dev/null"`},
	"namespace": {func() error {
		_, err := ns.NewAnonymous()
		return err
	}, `-> "net:[`},
	"mount": {func() error { return unix.Mount("left", "/run", "tmpfs", 0, "") }, " - tmpfs left "},
	"unmount": {func() error { return unix.Unmount("/run", unix.MNT_DETACH) },
		"mount that is gone: "},
	"thread": {func() error {
		done := make(chan error)
		go func() {
			runtime.LockOSThread()
			done <- unix.Unshare(unix.CLONE_NEWNET)
			runtime.UnlockOSThread() // the mistake
		}()
		return <-done
	}, " is in net:["},
	"mount namespace": {func() error { return unix.Unshare(unix.CLONE_NEWNS) }, "mnt:["},
	"zombie":          {func() error { return exec.Command("true").Start() }, `"true" (Z)`},
	"child":           {func() error { return exec.Command("sleep", "1000").Start() }, `"sleep" (S)`},
	"daemon": {func() error { return exec.Command("sh", "-c", "sleep 1000 >/dev/null 2>&1 &").Run() },
		"processes that outlived the tests, now killed"},
}

// TestLeak is run by TestLeaksAreFound, in a process of its own.
func TestLeak(t *testing.T) {
	l, ok := leaks[os.Getenv("RAWNS_TEST_LEAK")]
	if !ok {
		t.Skip("run by TestLeaksAreFound")
	}
	nstest.Sandbox(t)
	if err := l.leak(); err != nil {
		t.Fatal(err)
	}
}

// again runs one test of this binary as "go test" would: outside any sandbox
// that it knows of.
func again(test string, env ...string) (output string, code int, err error) {
	cmd := exec.Command("/proc/self/exe", "-test.run=^"+test+"$", "-test.v")
	for _, e := range os.Environ() {
		if !strings.HasPrefix(e, "RAWNS_SANDBOX=") && !strings.HasPrefix(e, "CI=") {
			cmd.Env = append(cmd.Env, e)
		}
	}
	cmd.Env = append(cmd.Env, env...)
	out, err := cmd.CombinedOutput()
	if _, ok := err.(*exec.ExitError); ok {
		err = nil
	}
	return string(out), cmd.ProcessState.ExitCode(), err
}

func TestLeaksAreFound(t *testing.T) {
	nstest.Sandbox(t)
	var wg sync.WaitGroup
	for name, l := range leaks {
		wg.Go(func() { // all at once: most of the time is waiting for leftovers to vanish
			out, code, err := again("TestLeak", "RAWNS_TEST_LEAK="+name)
			switch {
			case err != nil:
				t.Errorf("%s: %v", name, err)
			case !strings.Contains(out, "--- PASS: TestLeak"):
				t.Errorf("%s: the test itself did not pass:\n%s", name, out)
			case (code != 0) != (l.want != "") || !strings.Contains(out, l.want):
				t.Errorf("%s: exit code %d, want the message to have %q:\n%s", name, code, l.want, out)
			}
		})
	}
	wg.Wait()
}

// TestMissing is run by TestNeed, in a process of its own.
func TestMissing(t *testing.T) {
	if os.Getenv("RAWNS_TEST_NEED") == "" {
		t.Skip("run by TestNeed")
	}
	nstest.Need(t, "true", "no-such-tool")
}

func TestNeed(t *testing.T) {
	for _, c := range []struct{ ci, result string }{{"CI=", "--- SKIP: TestMissing"}, {"CI=true", "--- FAIL: TestMissing"}} {
		out, code, err := again("TestMissing", "RAWNS_TEST_NEED=1", c.ci)
		if err != nil || !strings.Contains(out, c.result) || !strings.Contains(out, "apt-get install no-such-tool") ||
			(code != 0) != (c.ci == "CI=true") {
			t.Errorf("%s: %d, %v\n%s", c.ci, code, err, out)
		}
	}
}

// A marker in the environment that somebody exported must not pass for a
// sandbox.
func TestStaleMarker(t *testing.T) {
	nstest.Sandbox(t)
	var st unix.Stat_t
	if err := unix.Stat("/proc/self/ns/net", &st); err != nil {
		t.Fatal(err)
	}
	// For the new process, where we are is outside.
	out, code, err := again("TestNewIsAnother", fmt.Sprintf("RAWNS_SANDBOX=ready:%d", st.Ino))
	if err != nil || code != 0 || !strings.Contains(out, "--- PASS: TestNewIsAnother") {
		t.Errorf("%d, %v\n%s", code, err, out)
	}
}

// Where user namespaces are switched off, root makes do without; anybody else's
// tests are skipped, and fail with CI=true.
func TestWithoutUserNamespaces(t *testing.T) {
	nstest.Sandbox(t)
	nstest.Need(t, "setpriv")
	ids, err := os.ReadFile("/proc/self/uid_map")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		uid, ci, want string
		code          int
	}{
		{"0", "", "--- PASS: TestNewIsAnother", 0},
		{"0", "true", "--- PASS: TestNewIsAnother", 0},
		{"65534", "", "--- SKIP: TestNewIsAnother", 0},
		{"65534", "", "Tests that need one, and all examples, are skipped; run the tests as root, or allow user namespaces", 0},
		{"65534", "true", "run the tests as root, or allow user namespaces", 1},
	} {
		if c.uid != "0" && strings.Fields(string(ids))[2] == "1" {
			t.Log("an ordinary user cannot become another: uid", c.uid, "is not tried")
			continue
		}
		cmd := exec.Command("sh", "-c", `echo 0 >/proc/sys/user/max_user_namespaces &&
			exec setpriv --reuid `+c.uid+` "$0" -test.run='^TestNewIsAnother$' -test.v`, "/proc/self/fd/3")
		exe, err := os.Open("/proc/self/exe") // its path may be in a directory that is root's alone
		if err != nil {
			t.Fatal(err)
		}
		cmd.ExtraFiles = []*os.File{exe}
		cmd.Env = append(os.Environ(), "RAWNS_SANDBOX=", "CI="+c.ci)
		cmd.SysProcAttr = &unix.SysProcAttr{Cloneflags: unix.CLONE_NEWUSER}
		if err := nstest.MapIDs(cmd.SysProcAttr); err != nil {
			t.Fatal(err)
		}
		out, err := cmd.CombinedOutput()
		exe.Close()
		if code := cmd.ProcessState.ExitCode(); code != c.code || !strings.Contains(string(out), c.want) {
			t.Errorf("uid %s, CI=%s: %v, want exit code %d and %q:\n%s", c.uid, c.ci, err, c.code, c.want, out)
		}
	}
}
