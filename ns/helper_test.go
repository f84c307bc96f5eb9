package ns_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"rawns/ns"
	"rawns/ns/nstest"
)

// The test binary is also the programs below, in the sandbox of the test that
// starts them, told by this variable.
const helperVar = "RAWNS_TEST_HELPER"

var helpers = map[string]func(args []string) int{
	"main-thread": helperMainThread,
	"create":      helperCreate,
	"exec":        helperExec,
	"sys":         helperSys,
	"rights":      helperRights,
	"new-socket":  helperNewSocket,
}

// helper returns the command line of one.
func helper(name string, args ...string) []string {
	exe, err := os.Executable()
	if err != nil {
		panic(err)
	}
	return append([]string{"env", helperVar + "=" + name, exe}, args...)
}

// fail prints errors as cmd/rawns does, for a comparison with iproute2's.
func fail(errs ...error) int {
	for _, err := range errs {
		var e *ns.Error
		switch {
		case err == nil:
		case errors.As(err, &e):
			text := e.Err.Error()
			fmt.Fprintln(os.Stderr, e.Step()+": "+strings.ToUpper(text[:1])+text[1:])
			if h := e.Hint(); h != "" {
				fmt.Fprintln(os.Stderr, "hint:", h)
			}
		default:
			fmt.Fprintln(os.Stderr, err)
		}
	}
	return 1
}

// helperCreate makes a namespace when its standard input ends.
func helperCreate(args []string) int {
	runtime.LockOSThread() // for strace, which counts calls by thread
	io.Copy(io.Discard, os.Stdin)
	n, err := ns.Create(args[0])
	if err != nil {
		return fail(err)
	}
	n.Close()
	return 0
}

func TestThirtyTwoAtOnce(t *testing.T) {
	nstest.Need(t, "ip")
	for _, mixed := range []bool{false, true} {
		freshDir(t)
		r, w, err := os.Pipe()
		check(t, err)
		var cmds []*exec.Cmd
		var want []string
		for i := range 32 {
			name := fmt.Sprintf("n%02d", i)
			want = append(want, ns.Dir+"/"+name)
			argv := helper("create", name)
			if mixed && i%2 == 0 {
				argv = []string{"sh", "-c", "cat; exec ip netns add " + name}
			}
			c := exec.Command(argv[0], argv[1:]...)
			c.Stdin, c.Stdout, c.Stderr = r, os.Stderr, os.Stderr
			check(t, c.Start())
			cmds = append(cmds, c)
		}
		r.Close()
		w.Close() // go
		for _, c := range cmds {
			if err := c.Wait(); err != nil {
				t.Errorf("%v: %v", c.Args, err)
			}
		}
		on, below := mountsOn(t, ns.Dir)
		if on != 1 || !slices.Equal(below, want) {
			t.Errorf("mixed %v: %d mounts on %s, below %q", mixed, on, ns.Dir, below)
		}
		for _, path := range want {
			check(t, ns.Delete(strings.TrimPrefix(path, ns.Dir+"/")))
		}
		empty(t)
	}
}

// TestEachStepFails makes each system call of Create fail in turn, or kills the
// process at it.
func TestEachStepFails(t *testing.T) {
	nstest.Need(t, "strace")
	const eperm = "hint: needs CAP_SYS_ADMIN: be root; \"rawns demo\" needs no root\n"
	for _, c := range []struct {
		inject, stderr string
		dir            bool // Dir is there afterwards
		left           bool // and so is a file
	}{
		{inject: "?mkdirat,?mkdir:error=EPERM", stderr: "mkdir /run/netns failed: Operation not permitted\n" + eperm},
		{inject: "flock:error=EIO", stderr: "Cannot lock netns runtime directory \"/run/netns\": Input/output error\n"},
		{inject: "flock:error=EINTR:when=1..3", dir: true},
		{inject: "flock:error=ENOLCK", dir: true},
		{inject: "mount:error=EPERM:when=1", stderr: "mount --make-shared /run/netns failed: Operation not permitted\n" + eperm},
		{inject: "mount:error=EPERM:when=2", stderr: "mount --bind /run/netns /run/netns failed: Operation not permitted\n" + eperm},
		{inject: "mount:error=ENOMEM:when=3", stderr: "mount --make-shared /run/netns failed: Cannot allocate memory\n"},
		{inject: "mount:error=EPERM:when=4", dir: true,
			stderr: "Bind /proc/self/ns/net -> /run/netns/blue failed: Operation not permitted\n" + eperm},
		{inject: "unshare:error=EPERM", dir: true,
			stderr: "Failed to create a new network namespace \"blue\": Operation not permitted\n" + eperm},
		{inject: "unshare:error=ENOSPC", dir: true,
			stderr: "Failed to create a new network namespace \"blue\": No space left on device\nhint: a limit in /proc/sys/user (max_net_namespaces, max_mnt_namespaces) is reached\n"},
		{inject: "unshare:error=EINVAL", dir: true,
			stderr: "Failed to create a new network namespace \"blue\": Invalid argument\nhint: a kernel without CONFIG_NET_NS says this\n"},
		{inject: "mount:signal=KILL:when=4", dir: true, left: true},
		{inject: "unshare:signal=KILL", dir: true, left: true},
	} {
		freshDir(t)
		calls, _, _ := strings.Cut(c.inject, ":")
		argv := append([]string{"strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=" + calls, "-e", "inject=" + c.inject},
			helper("create", "blue")...)
		r := nstest.Exec(t, nil, argv...)
		code := 0
		if c.stderr != "" {
			code = 1
		} else if c.left {
			code = 128 + 9
		}
		if r.Code != code || r.Stderr != c.stderr {
			t.Errorf("%s: %+v", c.inject, r)
		}
		if _, err := os.Stat(ns.Dir); c.dir != (err == nil) {
			t.Errorf("%s: %s is there: %v", c.inject, ns.Dir, err == nil)
		}
		if c.left {
			if _, err := ns.Open("blue"); !errors.Is(err, ns.ErrNotNetns) && !errors.Is(err, unix.ENOENT) {
				t.Errorf("%s: %v", c.inject, err)
			}
			if _, err := ns.Create("blue"); !errors.Is(err, unix.EEXIST) {
				t.Errorf("%s: %v", c.inject, err)
			}
		}
		if c.left || c.stderr == "" {
			check(t, ns.Delete("blue"))
		}
		empty(t)
	}
}

// A process without CAP_SYS_ADMIN is told what it lacks, and leaves nothing.
func TestWithoutRights(t *testing.T) {
	nstest.Need(t, "setpriv")
	freshDir(t)
	drop := []string{"setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin"}
	r := nstest.Exec(t, nil, append(drop, helper("create", "blue")...)...)
	if r.Code != 1 || !strings.HasPrefix(r.Stderr, "mount --make-shared /run/netns failed: Operation not permitted\n") ||
		!strings.Contains(r.Stderr, "needs CAP_SYS_ADMIN") || !strings.Contains(r.Stderr, `"rawns demo" needs no root`) {
		t.Errorf("%+v", r)
	}
	if _, err := os.Stat(ns.Dir); !os.IsNotExist(err) {
		t.Errorf("%s is there", ns.Dir)
	}

	n := nstest.NewNamed(t, "blue")
	r = nstest.Exec(t, nil, append(drop, helper("exec", "blue", "true")...)...)
	if r.Code != 1 || !strings.HasPrefix(r.Stderr, "setting the network namespace \"blue\" failed: Operation not permitted\nhint: needs CAP_SYS_ADMIN") {
		t.Errorf("%+v", r)
	}
	// One that is there already needs no rights to stay.
	r = nstest.Exec(t, n, append(drop, helper("exec", "blue", "true")...)...)
	if r.Code != 1 || !strings.HasPrefix(r.Stderr, "unshare failed: Operation not permitted\n") {
		t.Errorf("%+v", r)
	}
}
