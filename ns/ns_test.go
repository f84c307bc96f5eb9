package ns_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
	"rawns/ns"
	"rawns/ns/nstest"
)

func TestMain(m *testing.M) {
	if h := helpers[os.Getenv(helperVar)]; h != nil {
		os.Exit(h(os.Args[1:]))
	}
	nstest.Main(m)
}

// must passes a result on and fails the test on an error.
func must[T any](t testing.TB) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// mountsOn counts the mounts on a path, and returns those below it.
func mountsOn(t testing.TB, path string) (on int, below []string) {
	t.Helper()
	b, err := os.ReadFile("/proc/self/mountinfo")
	check(t, err)
	for line := range strings.Lines(string(b)) {
		switch p := strings.Fields(line)[4]; {
		case p == path:
			on++
		case strings.HasPrefix(p, path+"/"):
			below = append(below, p)
		}
	}
	slices.Sort(below)
	return on, below
}

// freshDir makes Dir what it is on a machine that has just started: not there.
func freshDir(t testing.TB) {
	t.Helper()
	nstest.Sandbox(t)
	for unix.Unmount(ns.Dir, unix.MNT_DETACH) == nil {
	}
	if err := os.Remove(ns.Dir); err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
}

// empty fails the test if a name, or a mount of one, is there.
func empty(t testing.TB) {
	t.Helper()
	names, err := ns.List()
	on, below := mountsOn(t, ns.Dir)
	if err != nil || len(names) > 0 || on > 1 || len(below) > 0 {
		t.Errorf("names %q (%v), %d mounts on %s, below %q", names, err, on, ns.Dir, below)
	}
}

func TestCreateOpenDelete(t *testing.T) {
	freshDir(t)
	n := must[*ns.NS](t)(ns.Create("blue"))
	defer n.Close()
	if on, below := mountsOn(t, ns.Dir); on != 1 || !slices.Equal(below, []string{ns.Dir + "/blue"}) {
		t.Errorf("%d mounts on %s, below %q", on, ns.Dir, below)
	}
	st, err := os.Stat(ns.Dir)
	if err != nil || st.Mode().Perm() != 0o755 {
		t.Errorf("%v %v", st.Mode(), err)
	}
	again := must[*ns.NS](t)(ns.Open("blue"))
	defer again.Close()
	byPath := must[*ns.NS](t)(ns.OpenPath(ns.Dir + "/blue"))
	defer byPath.Close()
	home := must[*ns.NS](t)(ns.Current())
	defer home.Close()
	byPid := must[*ns.NS](t)(ns.OpenPid(os.Getpid()))
	defer byPid.Close()
	if !n.Same(again) || !n.Same(byPath) || n.Same(home) || !byPid.Same(home) {
		t.Errorf("%v %v %v %v %v", n, again, byPath, home, byPid)
	}
	if n.Name() != "blue" || again.Name() != "blue" || byPath.Name() != "" || n.String() != `"blue"` {
		t.Errorf("%q %q %q %v", n.Name(), again.Name(), byPath.Name(), n)
	}
	if _, ino := home.Inode(); home.String() != fmt.Sprintf("net:[%d]", ino) {
		t.Error(home)
	}
	if fl, err := unix.FcntlInt(uintptr(n.Fd()), unix.F_GETFD, 0); err != nil || fl&unix.FD_CLOEXEC == 0 {
		t.Errorf("flags %x, %v", fl, err)
	}
	if names := must[[]string](t)(n.Names()); !slices.Equal(names, []string{"blue"}) {
		t.Errorf("%q", names)
	}
	check(t, ns.Delete("blue"))
	empty(t)
	var e *ns.Error
	if err := ns.Delete("blue"); !errors.As(err, &e) || e.Op != ns.OpRemove || e.Err != unix.ENOENT ||
		e.Step() != `Cannot remove namespace file "/run/netns/blue"` {
		t.Error(err)
	}
	if _, err := ns.Open("blue"); !errors.As(err, &e) || e.Op != ns.OpOpen || e.Err != unix.ENOENT ||
		e.Step() != `Cannot open network namespace "blue"` {
		t.Error(err)
	}
	// The handle holds the namespace.
	check(t, n.Do(func() error { return nil }))
}

func TestListOrder(t *testing.T) {
	nstest.Need(t, "ip")
	for _, name := range []string{"b", "c", "a"} {
		nstest.NewNamed(t, name)
	}
	want := ""
	for _, name := range must[[]string](t)(ns.List()) {
		want += name + "\n"
	}
	if got := nstest.Run(t, nil, "ip", "netns", "list"); got != want || len(want) != 6 {
		t.Errorf("%q, ip prints %q", want, got)
	}
}

func TestListWithoutDir(t *testing.T) {
	freshDir(t)
	if names, err := ns.List(); err != nil || len(names) != 0 {
		t.Errorf("%q, %v", names, err)
	}
}

func TestNames(t *testing.T) {
	bad := []string{"", ".", "..", "../x", "a/b", "/", "/run/netns/x", "a\x00b", strings.Repeat("x", 256), strings.Repeat("x", 300)}
	freshDir(t)
	for _, name := range bad {
		for op, err := range map[string]error{
			"Create": func() error { _, err := ns.Create(name); return err }(),
			"Open":   func() error { _, err := ns.Open(name); return err }(),
			"Pids":   func() error { _, err := ns.Pids(name); return err }(),
			"Delete": ns.Delete(name),
			"Attach": ns.Attach(name, os.Getpid()),
			"SetID":  ns.SetID(name, 1),
			"Exec":   ns.Exec(name, []string{"/bin/false"}, nil, nil),
		} {
			var e *ns.NameError
			if !errors.As(err, &e) || e.Name != name || !strings.HasPrefix(err.Error(), "Invalid netns name "+strconv.Quote(name)) {
				t.Errorf("%s(%q): %v", op, name, err)
			}
		}
	}
	if _, err := os.Stat(ns.Dir); !os.IsNotExist(err) {
		t.Errorf("a bad name has made %s: %v", ns.Dir, err)
	}
	for _, name := range []string{"...", "-", " ", "a b", "é", "\x1b[31mred", "new\nline", strings.Repeat("x", 255)} {
		nstest.NewNamed(t, name)
		if names := must[[]string](t)(ns.List()); !slices.Contains(names, name) {
			t.Errorf("%q is not in %q", name, names)
		}
		_, err := ns.Create(name)
		if !errors.Is(err, unix.EEXIST) || strings.ContainsAny(err.Error(), "\x1b\n") {
			t.Errorf("%q", err)
		}
	}
}

func FuzzCheckName(f *testing.F) {
	for _, s := range []string{"", ".", "..", "a/b", "a\x00", "blue", strings.Repeat("x", 256)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		err := ns.CheckName(name)
		if err == nil && (filepath.Join(ns.Dir, name) != ns.Dir+"/"+name || filepath.Dir(filepath.Join(ns.Dir, name)) != ns.Dir) {
			t.Errorf("%q leads elsewhere", name)
		}
		if err != nil {
			for _, r := range err.Error() {
				if !strconv.IsPrint(r) {
					t.Errorf("%q: the message has %q in it", name, r)
				}
			}
		}
	})
}

func TestNotANamespace(t *testing.T) {
	freshDir(t)
	check(t, os.Mkdir(ns.Dir, 0o755))
	plain, fifo, link, dir := ns.Dir+"/plain", ns.Dir+"/fifo", ns.Dir+"/link", ns.Dir+"/dir"
	check(t, os.WriteFile(plain, nil, 0))
	check(t, unix.Mkfifo(fifo, 0o600)) // must not block
	check(t, os.Symlink("/dev/null", link))
	check(t, os.Mkdir(dir, 0))
	t.Cleanup(func() {
		for _, path := range []string{fifo, link, dir} {
			check(t, os.Remove(path))
		}
	})
	for _, path := range []string{plain, fifo, link, dir, "/proc/self/ns/mnt", "/proc/self/stat", "/dev/null"} {
		n, err := ns.OpenPath(path)
		var e *ns.Error
		if n != nil || !errors.As(err, &e) || e.Err != ns.ErrNotNetns || !errors.Is(err, unix.EINVAL) || e.Path != path {
			t.Errorf("%s: %v, %v", path, n, err)
		}
	}
	_, err := ns.Open("plain")
	if want := `Cannot open network namespace "plain": not a network namespace (a file without`; !strings.HasPrefix(fmt.Sprint(err), want) {
		t.Errorf("%v", err)
	}
	if _, err := ns.Create("plain"); !errors.Is(err, unix.EEXIST) {
		t.Errorf("%v", err)
	}
	check(t, ns.Delete("plain"))
	if err := ns.Delete("dir"); !errors.Is(err, unix.EISDIR) {
		t.Errorf("%v", err)
	}
}

// A symbolic link under a name must not make Delete unmount what it points to.
func TestDeleteSymlink(t *testing.T) {
	nstest.NewNamed(t, "there") // makes Dir
	target := t.TempDir()
	check(t, unix.Mount("tmpfs", target, "tmpfs", 0, ""))
	t.Cleanup(func() { check(t, unix.Unmount(target, 0)) })
	check(t, os.Symlink(target, ns.Dir+"/evil"))
	check(t, ns.Delete("evil"))
	if on, _ := mountsOn(t, target); on != 1 {
		t.Errorf("%d mounts on the target", on)
	}
}

// Tools without the lock have left several mounts on one name.
func TestDeleteStack(t *testing.T) {
	freshDir(t)
	n := must[*ns.NS](t)(ns.Create("deep"))
	defer n.Close()
	for range 3 {
		check(t, unix.Mount("/proc/self/ns/net", ns.Dir+"/deep", "", unix.MS_BIND, ""))
	}
	check(t, ns.Delete("deep"))
	empty(t)
}

func TestAttach(t *testing.T) {
	freshDir(t)
	n := nstest.New(t)
	pid := nstest.Background(t, n, "sleep", "1000")
	check(t, ns.Attach("worker", pid))
	o := must[*ns.NS](t)(ns.Open("worker"))
	defer o.Close()
	if !o.Same(n) {
		t.Errorf("%v is not %v", o, n)
	}
	if err := ns.Attach("worker", pid); !errors.Is(err, unix.EEXIST) {
		t.Errorf("%v", err)
	}
	check(t, ns.Delete("worker"))
	for _, pid := range []int{0, -1, 1 << 30} {
		err := ns.Attach("nobody", pid)
		var e *ns.Error
		if !errors.As(err, &e) || e.Err != unix.ENOENT || e.Step() != fmt.Sprintf("Bind /proc/%d/ns/net -> /run/netns/nobody failed", pid) {
			t.Errorf("%d: %v", pid, err)
		}
	}
	empty(t)
}

func TestIdentifyAndPids(t *testing.T) {
	nstest.Need(t, "ip")
	blue := nstest.NewNamed(t, "blue")
	pid := nstest.Background(t, blue, "sleep", "1000")
	other := nstest.Background(t, nstest.NewNamed(t, "red"), "sleep", "1000")
	if pids := must[[]int](t)(ns.Pids("blue")); !slices.Equal(pids, []int{pid}) {
		t.Errorf("%v, not %d", pids, pid)
	}
	if got := nstest.Run(t, nil, "ip", "netns", "pids", "blue"); got != fmt.Sprintln(pid) {
		t.Errorf("ip: %q", got)
	}
	for p, want := range map[int][]string{pid: {"blue"}, other: {"red"}, os.Getpid(): nil} {
		if names := must[[]string](t)(ns.Identify(p)); !slices.Equal(names, want) {
			t.Errorf("%d: %q, not %q", p, names, want)
		}
		if got := nstest.Run(t, nil, "ip", "netns", "identify", fmt.Sprint(p)); strings.TrimSpace(got) != strings.Join(want, "") {
			t.Errorf("ip: %d: %q, not %q", p, got, want)
		}
	}
	check(t, ns.Attach("azure", pid))
	names := must[[]string](t)(ns.Identify(pid))
	slices.Sort(names)
	if !slices.Equal(names, []string{"azure", "blue"}) {
		t.Errorf("%q", names)
	}
	check(t, ns.Delete("azure"))
	if _, err := ns.Identify(1 << 30); !errors.Is(err, unix.ENOENT) {
		t.Error(err)
	}
}

func TestInterop(t *testing.T) {
	nstest.Need(t, "ip")
	freshDir(t)
	nstest.Run(t, nil, "ip", "netns", "add", "theirs")
	n := must[*ns.NS](t)(ns.Open("theirs"))
	defer n.Close()
	nstest.Run(t, nil, "ip", "-n", "theirs", "link", "add", "br7", "type", "bridge")
	c := must[*nl.Conn](t)(n.Dial())
	defer c.Close()
	if i := must[int32](t)(rtnl.IndexByName(c, "br7")); i < 2 {
		t.Errorf("br7 is number %d", i)
	}
	check(t, ns.Delete("theirs"))
	empty(t)

	o := must[*ns.NS](t)(ns.Create("ours"))
	defer o.Close()
	if on, below := mountsOn(t, ns.Dir); on != 1 || len(below) != 1 {
		t.Errorf("%d mounts on %s, below %q", on, ns.Dir, below)
	}
	where := nstest.Run(t, nil, "ip", "netns", "exec", "ours", "readlink", "/proc/self/ns/net")
	if _, ino := o.Inode(); where != fmt.Sprintf("net:[%d]\n", ino) {
		t.Errorf("%q, not %d", where, ino)
	}
	if r := nstest.Exec(t, nil, "ip", "netns", "add", "ours"); r.Code != 1 || r.Stderr != "Cannot create namespace file \"/run/netns/ours\": File exists\n" {
		t.Errorf("%+v", r)
	}
	var e *ns.Error
	if _, err := ns.Create("ours"); !errors.As(err, &e) || e.Op != ns.OpFile || e.Err != unix.EEXIST ||
		err.Error() != `Cannot create namespace file "/run/netns/ours": file exists` {
		t.Error(err)
	}
	nstest.Run(t, nil, "ip", "netns", "delete", "ours")
	empty(t)
}

func TestIDs(t *testing.T) {
	nstest.Need(t, "ip")
	home := nstest.New(t)
	c := must[*nl.Conn](t)(home.Dial())
	defer c.Close()
	a, b := nstest.New(t), nstest.New(t)
	if id, err := a.ID(c); id != ns.NoID || err != nil {
		t.Errorf("%d, %v", id, err)
	}
	if ids, err := ns.IDs(c); len(ids) != 0 || err != nil {
		t.Errorf("%d, %v", ids, err)
	}
	check(t, a.SetID(c, 7))
	check(t, b.SetID(c, ns.NoID))
	ida, idb := must[int32](t)(a.ID(c)), must[int32](t)(b.ID(c))
	if ida != 7 || idb < 0 || idb == 7 {
		t.Errorf("%d %d", ida, idb)
	}
	ids := must[[]int32](t)(ns.IDs(c))
	slices.Sort(ids)
	if want := []int32{min(ida, idb), max(ida, idb)}; !slices.Equal(ids, want) {
		t.Errorf("%d, not %d", ids, want)
	}
	got := nstest.Run(t, home, "ip", "netns", "list-id")
	for _, id := range ids {
		if !strings.Contains(got, fmt.Sprintf("nsid %d", id)) {
			t.Errorf("ip: %q", got)
		}
	}
	if err := a.SetID(c, 9); !errors.Is(err, unix.EEXIST) {
		t.Errorf("a second number: %v", err)
	}
	if err := nstest.New(t).SetID(c, 7); !errors.Is(err, unix.EEXIST) && !errors.Is(err, unix.ENOSPC) {
		t.Errorf("a taken number: %v", err)
	}
	nstest.NewNamed(t, "seen")
	check(t, ns.SetID("seen", 4711))
	if got := nstest.Run(t, nil, "ip", "netns", "list"); !strings.Contains(got, "seen (id: 4711)\n") {
		t.Errorf("ip: %q", got)
	}
}

func TestSocket(t *testing.T) {
	n := nstest.New(t)
	fd := must[int](t)(n.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0))
	defer unix.Close(fd)
	// SO_NETNS_COOKIE would say it outright, but is younger than Linux 5.14:
	// lo is down in n, and up where we are.
	up := func(fd int) bool {
		req, err := unix.NewIfreq("lo")
		check(t, err)
		check(t, unix.IoctlIfreq(fd, unix.SIOCGIFFLAGS, req))
		return req.Uint16()&unix.IFF_UP != 0
	}
	here := must[int](t)(unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0))
	defer unix.Close(here)
	if up(fd) || !up(here) {
		t.Errorf("lo is up: there %v, here %v", up(fd), up(here))
	}
	if fl, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err != nil || fl&unix.FD_CLOEXEC == 0 {
		t.Errorf("flags %x, %v", fl, err)
	}
	if fd, err := n.Socket(-1, unix.SOCK_DGRAM, 0); fd != -1 || !errors.Is(err, unix.EAFNOSUPPORT) {
		t.Errorf("%d, %v", fd, err)
	}
}

func TestClosed(t *testing.T) {
	nstest.Sandbox(t)
	n := must[*ns.NS](t)(ns.NewAnonymous())
	check(t, n.Close())
	if err := n.Close(); err != ns.ErrClosed {
		t.Error(err)
	}
	if n.Fd() != -1 {
		t.Error(n.Fd())
	}
	err := n.Do(func() error { t.Error("f was called"); return nil })
	if !errors.Is(err, ns.ErrClosed) {
		t.Error(err)
	}
	if _, err := n.Dial(); !errors.Is(err, ns.ErrClosed) {
		t.Error(err)
	}
}

func where(t testing.TB) string {
	t.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	s, err := os.Readlink(fmt.Sprintf("/proc/self/task/%d/ns/net", unix.Gettid()))
	check(t, err)
	return s
}
