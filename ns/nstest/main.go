package nstest

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// marker tells a process what it is:
//
//	unset        the one that "go test" started
//	setup:INODE  its child, in a sandbox that is not furnished yet
//	ready:INODE  inside a furnished sandbox
//
// INODE is of the network namespace outside. A process that finds itself there
// is not in a sandbox, whatever its environment says.
const marker = "RAWNS_SANDBOX"

// reportFd is where the child says why it could not furnish the sandbox: the
// first descriptor behind the standard ones.
const reportFd = 3

// unavailable says why there is no sandbox; "" inside one.
var unavailable = "TestMain did not call nstest.Main"

// Main runs the tests in a sandbox, looks for leaks, and ends the process with
// os.Exit. See the package's text.
func Main(m *testing.M) {
	outside, err := inode("/proc/self/ns/net")
	if err != nil {
		fatal("nstest: ", err)
	}
	state, where, _ := strings.Cut(os.Getenv(marker), ":")
	if where == "" || where == outside {
		state = ""
	}
	switch state {
	case "setup":
		report := os.NewFile(reportFd, "report")
		if err := furnish(); err != nil {
			report.WriteString(err.Error())
			os.Exit(1)
		}
		report.Close()
		os.Setenv(marker, "ready:"+where)
		unavailable = ""
		os.Exit(runChecked(m))
	case "ready":
		// A copy of a test binary that a test (or the fuzzer) started. Its
		// surroundings are its starter's business.
		unavailable = ""
		os.Exit(m.Run())
	}

	// Pdeathsig strikes when the thread that forked ends: keep to this one.
	runtime.LockOSThread()
	flags := []uintptr{unix.CLONE_NEWUSER | unix.CLONE_NEWNET | unix.CLONE_NEWNS}
	root := os.Geteuid() == 0
	if root {
		// Where user namespaces are switched off, root can do without.
		flags = append(flags, unix.CLONE_NEWNET|unix.CLONE_NEWNS)
	}
	var reasons []error
	for _, f := range flags {
		code, err := sandbox(f, "setup:"+outside)
		if err == nil {
			os.Exit(code)
		}
		reasons = append(reasons, err)
	}
	unavailable = "no sandbox: " + errors.Join(reasons...).Error()
	const advice = "run the tests as root, or allow user namespaces " +
		"(sysctl user.max_user_namespaces=10000 kernel.unprivileged_userns_clone=1 kernel.apparmor_restrict_unprivileged_userns=0, whichever there is)"
	if root || inCI() {
		fatal("nstest: ", unavailable, "\n", advice)
	}
	fmt.Fprintf(os.Stderr, "nstest: %s\nTests that need one, and all examples, are skipped; %s.\n", unavailable, advice)
	skipExamples()
	os.Exit(runChecked(m))
}

// skipExamples is for runs without a sandbox: examples cannot skip themselves.
func skipExamples() {
	flag.Parse()
	skip := "^Example"
	if f := flag.Lookup("test.skip"); f.Value.String() != "" {
		skip += "|" + f.Value.String()
	}
	if err := flag.Set("test.skip", skip); err != nil {
		fatal("nstest: ", err)
	}
}

func inCI() bool { return os.Getenv("CI") == "true" }

func fatal(a ...any) {
	fmt.Fprintln(os.Stderr, fmt.Sprint(a...))
	os.Exit(1)
}

// inode returns the inode number of a namespace.
func inode(path string) (string, error) {
	var st unix.Stat_t
	if err := unix.Stat(path, &st); err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	return strconv.FormatUint(st.Ino, 10), nil
}

// sandbox runs this program once more in new namespaces and returns its exit
// code, or the reason why the sandbox could not be made.
func sandbox(cloneflags uintptr, mark string) (code int, err error) {
	r, w, err := os.Pipe()
	if err != nil {
		return 0, err
	}
	defer r.Close()
	attr := &syscall.ProcAttr{
		Env:   environ(marker, mark),
		Files: []uintptr{0, 1, 2, w.Fd()},
		Sys:   &syscall.SysProcAttr{Cloneflags: cloneflags, Pdeathsig: syscall.SIGKILL},
	}
	if cloneflags&unix.CLONE_NEWUSER != 0 {
		if err := mapIDs(attr.Sys); err != nil {
			return 0, err
		}
	}
	// Whoever loses its parent inside becomes our child, so that we can end it.
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return 0, fmt.Errorf("prctl(PR_SET_CHILD_SUBREAPER): %w", err)
	}
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT)
	defer signal.Stop(signals)

	pid, err := syscall.ForkExec("/proc/self/exe", os.Args, attr)
	w.Close()
	if err != nil {
		return 0, fmt.Errorf("new namespaces: %w", err)
	}
	go func() {
		for s := range signals {
			syscall.Kill(pid, s.(syscall.Signal)) // "go test" sends SIGQUIT when time is up
		}
	}()
	reason, _ := io.ReadAll(r)
	code = reap(pid)
	if len(reason) > 0 {
		return 0, errors.New(string(reason))
	}
	if left := endChildren(); len(left) > 0 {
		fmt.Fprintf(os.Stderr, "nstest: processes that outlived the tests, now killed:\n%s", lines(left))
		code = max(code, 1)
	}
	return code, nil
}

// environ returns the environment with one variable changed. Appending would
// not do: of two settings of a variable most programs see the first.
func environ(key, value string) []string {
	env := slices.DeleteFunc(os.Environ(), func(e string) bool { return strings.HasPrefix(e, key+"=") })
	return append(env, key+"="+value)
}

// mapIDs makes us root inside. Root keeps all the users that it has, so that
// servers under test can become another; an ordinary user may map only itself.
func mapIDs(sys *syscall.SysProcAttr) (err error) {
	if os.Geteuid() != 0 {
		sys.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Geteuid(), Size: 1}}
		sys.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getegid(), Size: 1}}
		return nil
	}
	if sys.UidMappings, err = identity("/proc/self/uid_map"); err != nil {
		return err
	}
	// Denied in a user namespace outside, it cannot be allowed further in.
	setgroups, err := os.ReadFile("/proc/self/setgroups")
	if err != nil {
		return err
	}
	sys.GidMappingsEnableSetgroups = string(setgroups) == "allow\n"
	sys.GidMappings, err = identity("/proc/self/gid_map")
	return err
}

// identity maps every number that is mapped here to itself, as far as 65536.
func identity(path string) (ids []syscall.SysProcIDMap, err error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(b)) {
		var inside, outside, size int64
		if _, err := fmt.Sscan(line, &inside, &outside, &size); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		if size = min(size, 65536-inside); size > 0 {
			ids = append(ids, syscall.SysProcIDMap{ContainerID: int(inside), HostID: int(inside), Size: int(size)})
		}
	}
	return ids, nil
}

// reap waits until a child ends, and for all the others that end meanwhile.
func reap(pid int) (code int) {
	for {
		var st syscall.WaitStatus
		got, err := syscall.Wait4(-1, &st, 0, nil)
		switch {
		case err == syscall.EINTR || err == nil && got != pid:
		case err != nil:
			return 1
		case st.Signaled():
			fmt.Fprintln(os.Stderr, "nstest: the tests were ended by signal:", st.Signal())
			return 128 + int(st.Signal())
		default:
			return st.ExitStatus()
		}
	}
}

// endChildren kills the processes that are left and returns what they were.
// The children of one that is killed become ours: hence the loop.
func endChildren() (left []string) {
	for {
		for _, p := range children() {
			if p.state != 'Z' {
				left = append(left, p.String())
				syscall.Kill(p.pid, syscall.SIGKILL)
			}
		}
		_, err := syscall.Wait4(-1, nil, 0, nil)
		if err == syscall.ECHILD {
			return left
		}
	}
}
