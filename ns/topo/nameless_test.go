package topo

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
	"rawns/ns"
	"rawns/ns/nstest"
)

// named makes namespaces by names that only a system call takes.
func named(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		n, err := ns.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		n.Close()
		t.Cleanup(func() { ns.Delete(name) })
	}
}

// Any file name is a namespace's, and what is no namespace is told.
func TestObserveNames(t *testing.T) {
	nstest.Sandbox(t)
	long := strings.Repeat("n", 255)
	names := []string{"a b", "\x1b[31mred", "new\nline", "\xff\xfe", "-n", long, `q"uote`}
	named(t, names...)
	// Two names of one; the calling thread's by a name; files that are no
	// namespaces; a directory; a FIFO, which an open may not wait for.
	nstest.Run(t, nil, "mount", "--bind", ns.Dir+"/a b", touch(t, ns.Dir+"/alias"))
	nstest.Run(t, nil, "mount", "--bind", "/proc/self/ns/net", touch(t, ns.Dir+"/me"))
	nstest.Run(t, nil, "mount", "--bind", "/proc/self/ns/uts", touch(t, ns.Dir+"/uts"))
	touch(t, ns.Dir+"/plain")
	os.Mkdir(ns.Dir+"/dir", 0o700)
	unix.Mkfifo(ns.Dir+"/fifo", 0o600)
	os.Symlink("/nowhere", ns.Dir+"/dangling")
	defer func() {
		for _, f := range []string{"alias", "me", "uts", "plain", "dir", "fifo", "dangling"} {
			unix.Unmount(ns.Dir+"/"+f, unix.MNT_DETACH)
			os.Remove(ns.Dir + "/" + f)
		}
	}()
	st := observe(t, ObserveOptions{})
	got := map[string]string{}
	for i, sp := range st.Spaces {
		s := "ok"
		if sp.Err != nil {
			s = sp.Err.Error()
		} else if len(sp.Links) != 1 || sp.Links[0].Name != "lo" {
			s = fmt.Sprintf("%d links", len(sp.Links))
		}
		if _, twice := got[sp.Name]; twice || (sp.Name == "") != (i == 0) {
			t.Errorf("%q stands at %d", sp.Name, i)
		}
		got[sp.Name] = s
	}
	for _, name := range append(names, "") {
		if want := "ok"; got[name] != want {
			t.Errorf("%q: %s", name, got[name])
		}
		delete(got, name)
	}
	for _, name := range []string{"plain", "uts", "dir", "fifo"} {
		if !strings.Contains(got[name], "not a network namespace") {
			t.Errorf("%q: %s", name, got[name])
		}
		delete(got, name)
	}
	if len(got) > 0 {
		t.Errorf("%q", got)
	}
	if sp := st.Space("alias"); sp == nil || sp.Name != "a b" || !slices.Equal(sp.Aliases, []string{"alias"}) {
		t.Errorf("alias: %+v", sp)
	}
	if sp := st.Space("me"); sp != st.Spaces[0] {
		t.Errorf("me: %+v", sp)
	}
}

func touch(t *testing.T, path string) string {
	t.Helper()
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// hold starts a process that has files open as 3, 4, ...
func hold(t *testing.T, files []*os.File, argv ...string) int {
	t.Helper()
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.ExtraFiles = files
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	return cmd.Process.Pid
}

// anonymous makes a namespace that has a veth to the sandbox's, so that it can be
// told from others: host end NAME, its own end "in".
func anonymous(t *testing.T, name string) *ns.NS {
	t.Helper()
	n, err := ns.NewAnonymous()
	if err != nil {
		t.Fatal(err)
	}
	pid := strconv.Itoa(os.Getpid())
	nstest.Run(t, nil, "ip", "link", "add", "name", name, "type", "veth", "peer", "name", "in", "netns", "/proc/"+pid+"/fd/"+strconv.Itoa(n.Fd()))
	t.Cleanup(func() { nstest.Exec(t, nil, "ip", "link", "del", "dev", name) })
	return n
}

func fileOf(t *testing.T, n *ns.NS) *os.File {
	t.Helper()
	f, err := os.Open("/proc/self/fd/" + strconv.Itoa(n.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// What holds a namespace, in each way that there is, and what it is called.
func TestObserveNameless(t *testing.T) {
	nstest.Sandbox(t)
	named(t, "blue")
	want := map[string]string{} // host end -> holders

	n := anonymous(t, "proc")
	pid := nstest.Background(t, n, "sleep", "300")
	n.Close()
	want["proc"] = fmt.Sprintf("pid %d in it (sleep 300)", pid)

	n = anonymous(t, "fd")
	f := fileOf(t, n)
	pid = hold(t, []*os.File{f}, "sleep", "301")
	f.Close()
	n.Close()
	want["fd"] = fmt.Sprintf("pid %d fd 3 (sleep 301)", pid)

	n = anonymous(t, "sock")
	fd, err := n.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	f = os.NewFile(uintptr(fd), "socket")
	pid = hold(t, []*os.File{f}, "sleep", "302")
	f.Close()
	n.Close()
	want["sock"] = fmt.Sprintf("pid %d socket 3 (sleep 302)", pid)

	n = anonymous(t, "thread")
	f = fileOf(t, n)
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), helperVar+"=thread")
	cmd.ExtraFiles = []*os.File{f}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { cmd.Process.Kill(); cmd.Wait() }()
	f.Close()
	n.Close()
	var b [64]byte
	k, _ := out.Read(b[:]) // it is in there, and has closed its file
	want["thread"] = fmt.Sprintf("pid %d thread %s (/proc/self/exe)", cmd.Process.Pid, b[:k])

	n = anonymous(t, "mnt")
	dir := filepath.Join(t.TempDir(), "run docker\\netns")
	os.MkdirAll(dir, 0o700)
	path := touch(t, dir+"/c1")
	if err := unix.Mount("/proc/self/fd/"+strconv.Itoa(n.Fd()), path, "", unix.MS_BIND, ""); err != nil {
		t.Fatal(err)
	}
	defer unix.Unmount(path, unix.MNT_DETACH)
	n.Close()
	want["mnt"] = "mount " + path

	n = anonymous(t, "far")
	f = fileOf(t, n)
	there := touch(t, t.TempDir()+"/x")
	ready := touch(t, t.TempDir()+"/ready")
	pid = hold(t, []*os.File{f}, "unshare", "-m", "sh", "-c", "mount --bind /proc/self/fd/3 "+there+" && exec 3<&- && echo yes >"+ready+" && exec sleep 303")
	f.Close()
	n.Close()
	for got := ""; got == ""; time.Sleep(time.Millisecond) {
		all, _ := os.ReadFile(ready)
		got = string(all)
	}
	want["far"] = fmt.Sprintf("mount /proc/%d/root%s", pid, there)

	// On its way through a socket: no file and no process leads to it.
	n = anonymous(t, "hidden")
	nstest.Run(t, nil, "ip", "link", "add", "name", "hidden2", "type", "veth", "peer", "name", "in2", "netns", "/proc/"+strconv.Itoa(os.Getpid())+"/fd/"+strconv.Itoa(n.Fd()))
	nstest.Run(t, nil, "ip", "link", "set", "dev", "hidden2", "netns", "blue")
	nstest.Run(t, n, "ip", "addr", "add", "10.77.0.1/24", "dev", "in")
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(pair[0])
	defer unix.Close(pair[1])
	if err := unix.Sendmsg(pair[0], []byte("x"), unix.UnixRights(n.Fd()), nil, 0); err != nil {
		t.Fatal(err)
	}
	n.Close()
	want["hidden"] = ""

	st := observe(t, ObserveOptions{Nameless: true, Holders: true, Addrs: true})
	for name, want := range want {
		l := st.Spaces[0].Link(name)
		if l == nil || l.Peer == nil || l.Peer.Name != "in" || l.Peer.Peer != l {
			t.Errorf("%s: %+v", name, l)
			continue
		}
		sp := l.Peer.Space
		var got []string
		for _, h := range sp.Holders {
			switch {
			case h.PID == 0:
				got = append(got, "mount "+h.Path)
			case h.Socket:
				got = append(got, fmt.Sprintf("pid %d socket %d (%s)", h.PID, h.FD, h.Command))
			case h.FD >= 0:
				got = append(got, fmt.Sprintf("pid %d fd %d (%s)", h.PID, h.FD, h.Command))
			case h.Thread != 0:
				got = append(got, fmt.Sprintf("pid %d thread %d (%s)", h.PID, h.Thread, h.Command))
			default:
				got = append(got, fmt.Sprintf("pid %d in it (%s)", h.PID, h.Command))
			}
		}
		if strings.Join(got, "; ") != want {
			t.Errorf("%s: held by %q, want %q", name, got, want)
		}
		if sp.Name != "" || (sp.Through != nil) != (name == "hidden") || (sp.ID.Inode != 0) == (name == "hidden") {
			t.Errorf("%s: %q %v %+v", name, sp.Name, sp.Through, sp.ID)
		}
		if (sp.Path != "") != (name != "hidden" && name != "sock") {
			t.Errorf("%s: path %q", name, sp.Path)
		}
		if sp.Path != "" {
			if n, err := ns.OpenPath(sp.Path); err != nil {
				t.Errorf("%s: %v", name, err)
			} else {
				if _, ino := n.Inode(); ino != sp.ID.Inode {
					t.Errorf("%s: %s is another one", name, sp.Path)
				}
				n.Close()
			}
		}
	}
	// The hidden one is one, from whichever side it is seen, and sees both.
	h := st.Spaces[0].Link("hidden").Peer.Space
	far := st.Space("blue").Link("hidden2")
	if far.Peer == nil || far.Peer.Space != h || far.Peer.Peer != far {
		t.Errorf("hidden2: %+v", far.Peer)
	}
	if a := h.Link("in").Addrs; len(a) != 1 || a[0].String() != "10.77.0.1/24" {
		t.Errorf("hidden: %v", a)
	}
	// Without being asked, none of them.
	st = observe(t, ObserveOptions{})
	if len(st.Spaces) != 2 || st.Spaces[0].Link("fd").Peer != nil {
		t.Error(show(st))
	}
}

// inThread is a helper: its second thread is in the namespace that is file 3.
func inThread() int {
	n, err := ns.OpenPath("/proc/self/fd/3")
	if err != nil {
		return 3
	}
	unix.Close(3)
	return code(n.Do(func() error {
		n.Close()
		os.Stdout.WriteString(strconv.Itoa(unix.Gettid()))
		time.Sleep(5 * time.Minute)
		return nil
	}))
}

func code(err error) int {
	if err != nil {
		return 4
	}
	return 0
}

// Namespaces come and go while they are read: what is told is whole.
func TestObserveWhileTheyVanish(t *testing.T) {
	nstest.Sandbox(t)
	stop := make(chan bool)
	done := make(chan bool)
	go func() {
		defer close(done)
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			name := "n" + strconv.Itoa(i%5)
			if n, err := ns.Create(name); err == nil {
				n.Close()
			}
			ns.Delete("n" + strconv.Itoa((i+2)%5))
		}
	}()
	seen := 0
	for range 100 {
		st, err := Observe(ObserveOptions{Nameless: true, Holders: true, Addrs: true, Routes: true, Neighs: true})
		if err != nil {
			t.Error(err)
			break
		}
		for _, sp := range st.Spaces {
			// A name may be seen between the file's making and the mount.
			if sp.Err != nil && !strings.Contains(sp.Err.Error(), "not a network namespace") {
				t.Errorf("%q: %v", sp.Name, sp.Err)
			}
			if sp.Err == nil && len(sp.Links) == 0 {
				t.Errorf("%q has no links", sp.Name)
			}
			if sp.Name != "" {
				seen++
			}
		}
	}
	close(stop)
	<-done
	for i := range 5 {
		ns.Delete("n" + strconv.Itoa(i))
	}
	if seen == 0 {
		t.Error("none was ever seen")
	}
}

// How many system calls a namespace takes: the same for the first and the last.
func TestObserveCalls(t *testing.T) {
	nstest.Sandbox(t)
	nstest.Need(t, "strace")
	run(t, "ip link add name br0 type bridge")
	defer run(t, "ip link del group 77\nip link del dev br0")
	made := 0
	counts := func(n int) map[string]int {
		for ; made < n; made++ {
			i := strconv.Itoa(made)
			named(t, "n"+i)
			run(t, "ip link add name oc"+i+" group 77 master br0 type veth peer name eth0 netns n"+i)
			run(t, "ip -n n"+i+" addr add 10.0.0.1/24 dev eth0")
		}
		log := filepath.Join(t.TempDir(), "log")
		t.Setenv(helperVar, "observe")
		exe, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		nstest.Run(t, nil, "strace", "-f", "-qq", "-o", log, exe)
		os.Unsetenv(helperVar)
		b, err := os.ReadFile(log)
		if err != nil {
			t.Fatal(err)
		}
		m := map[string]int{}
		begun := false
		for line := range strings.Lines(string(b)) {
			_, call, _ := strings.Cut(line, " ")
			call = strings.TrimSpace(call)
			name, _, ok := strings.Cut(call, "(")
			begun = begun || strings.Contains(line, "AF_NETLINK")
			switch name {
			case "openat", "open", "close", "fstat", "newfstatat", "stat", "fstatfs", "ioctl", "setns", "socket", "setsockopt",
				"getsockopt", "connect", "sendto", "recvfrom", "recvmsg", "readlinkat", "getdents64", "bind", "getsockname":
				if ok && begun {
					m[name]++
				}
			}
		}
		return m
	}
	a, b, c := counts(8), counts(16), counts(24)
	total := 0
	for name, n := range c {
		// The host's own lists are read in one more call now and then.
		if d1, d2 := n-b[name], b[name]-a[name]; d1/8 != d2/8 && name != "recvfrom" {
			t.Errorf("%s: %d calls for 8 more, then %d", name, d2, d1)
		}
		total += n - b[name]
	}
	per := float64(total) / 8
	t.Logf("%.1f system calls a namespace, with its addresses and routes", per)
	if per > 40 {
		t.Errorf("%.1f system calls a namespace: %v", per, c)
	}
}

// observeHelper is the process that TestObserveCalls counts.
func observeHelper() int {
	_, err := Observe(ObserveOptions{Addrs: true, Routes: true})
	return code(err)
}

// Behind a hidden namespace is another one: both are seen, and see each other.
func TestObserveHiddenBehindHidden(t *testing.T) {
	nstest.Sandbox(t)
	near := anonymous(t, "near")
	far, err := ns.NewAnonymous()
	if err != nil {
		t.Fatal(err)
	}
	path := func(n *ns.NS) string {
		return "/proc/" + strconv.Itoa(os.Getpid()) + "/fd/" + strconv.Itoa(n.Fd())
	}
	nstest.Run(t, near, "ip", "link", "add", "name", "a", "type", "veth", "peer", "name", "b", "netns", path(far))
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(pair[0])
	defer unix.Close(pair[1])
	if err := unix.Sendmsg(pair[0], []byte("x"), unix.UnixRights(near.Fd(), far.Fd()), nil, 0); err != nil {
		t.Fatal(err)
	}
	near.Close()
	far.Close()
	st := observe(t, ObserveOptions{Nameless: true})
	hidden := 0
	for _, sp := range st.Spaces {
		if sp.Through != nil {
			hidden++
			if sp.Through != st.Spaces[0] || sp.Path != "" {
				t.Errorf("%s: through %v, path %q", sp.Label(), sp.Through, sp.Path)
			}
		}
	}
	l := st.Spaces[0].Link("near")
	if l == nil || l.Peer == nil || hidden != 2 {
		t.Fatalf("%d hidden\n%s", hidden, show(st))
	}
	a := l.Peer.Space.Link("a")
	if a == nil || a.Peer == nil || a.Peer.Name != "b" || a.Peer.Peer != a || a.Peer.Space == a.Space || l.Peer.Peer != l {
		t.Errorf("a: %+v", a)
	}
}

// The calling thread's namespace is the first one, also where it is not the
// process's.
func TestObserveFromElsewhere(t *testing.T) {
	nstest.Sandbox(t)
	named(t, "red", "blue")
	run(t, "ip -n red link add name x type veth peer name y netns blue")
	red, err := ns.Open("red")
	if err != nil {
		t.Fatal(err)
	}
	defer red.Close()
	var st *State
	if err := red.Do(func() (err error) {
		st, err = Observe(ObserveOptions{Sysctls: []string{"net.ipv4.ip_forward"}})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if len(st.Spaces) != 2 || st.Space("red") != st.Spaces[0] || st.Spaces[0].Link("x").Peer != st.Space("blue").Link("y") {
		t.Error(show(st))
	}
}

// What may not be entered is told as that, and is not an absence.
func TestObserveDenied(t *testing.T) {
	nstest.Sandbox(t)
	nstest.Need(t, "setpriv")
	named(t, "blue")
	run(t, "ip link add name denied type veth peer name in netns blue")
	defer run(t, "ip link del denied")
	t.Setenv(helperVar, "denied")
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	const want = `"" <nil>
"blue" setting the network namespace "blue" failed: operation not permitted
diff: setting the network namespace "blue" failed: operation not permitted
`
	got := nstest.Run(t, nil, "setpriv", "--bounding-set=-sys_admin", exe)
	got = regexp.MustCompile(` \(needs CAP_SYS_ADMIN.*\)`).ReplaceAllString(got, "")
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// deniedHelper prints what a process sees that may not enter namespaces.
func deniedHelper() int {
	st, err := Observe(ObserveOptions{})
	if err != nil {
		return code(err)
	}
	for _, sp := range st.Spaces {
		fmt.Printf("%q %v\n", sp.Name, sp.Err)
		if sp.Err != nil && len(sp.Links) > 0 {
			return 5
		}
	}
	_, err = Diff(&Spec{Namespaces: []Namespace{{Name: "blue"}}}, st)
	fmt.Printf("diff: %v\n", err)
	return 0
}

// Whatever the kernel sends, nothing panics.
func FuzzObserved(f *testing.F) {
	if c, err := nl.Dial(unix.NETLINK_ROUTE); err == nil {
		for i, ask := range []func(b *nl.Builder){
			func(b *nl.Builder) { rtnl.GetLink(b, rtnl.IfInfomsg{}) },
			func(b *nl.Builder) { rtnl.GetAddr(b, 0, 0) },
			func(b *nl.Builder) { rtnl.GetRoute(b, rtnl.RtMsg{}) },
			func(b *nl.Builder) { rtnl.GetNeigh(b, rtnl.NdMsg{}) },
		} {
			var b nl.Builder
			ask(&b)
			if list, err := c.List(&b, nil); err == nil && i >= 0 {
				f.Add(list)
			}
		}
		c.Close()
	}
	f.Fuzz(func(t *testing.T, list []byte) {
		if nl.Check(list) != nil {
			return
		}
		sp := &SpaceState{Name: "a"}
		sp.addLinks(list)
		sp.addAddrs(list)
		sp.addRoutes(list)
		sp.addNeighs(list)
		sp.connect()
		host := &SpaceState{}
		host.addLinks(list)
		st := &State{Spaces: []*SpaceState{host, sp}}
		fresh := &SpaceState{}
		s, _ := Export(st, fresh)
		if s.Check() == nil { // else the kernel does not send such names or addresses
			s.File()
		}
		if _, err := Diff(s, st); err != nil {
			t.Error(err)
		}
	})
}

// With few descriptors to open the same is seen as with many.
func TestObserveFewFiles(t *testing.T) {
	nstest.Sandbox(t)
	s := specOf(t, "t.topo", "netns n{1..60}\nveth n{1..59}:next peer n{2..60}:prev\nbridge br\nmacvlan n1:m1 link br\nmacvlan n2:m2 link n1:m1\n")
	made(t, s)
	var old unix.Rlimit
	unix.Getrlimit(unix.RLIMIT_NOFILE, &old)
	defer unix.Setrlimit(unix.RLIMIT_NOFILE, &old)
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	for _, more := range []int{12, 30} {
		low := old
		low.Cur = uint64(len(open) + more)
		unix.Setrlimit(unix.RLIMIT_NOFILE, &low)
		st, err := Observe(s.Look())
		unix.Setrlimit(unix.RLIMIT_NOFILE, &old)
		if err != nil {
			t.Fatal(err)
		}
		for _, sp := range st.Spaces {
			if sp.Err != nil {
				t.Errorf("%d files: %v", more, sp.Err)
			}
			for _, l := range sp.Links {
				if l.Kind == "veth" && l.Peer == nil {
					t.Errorf("%d files: %s:%s has no peer", more, sp.Name, l.Name)
				}
			}
		}
		list, err := Diff(s, st)
		if err != nil {
			t.Error(err)
		}
		for i := range list {
			t.Errorf("%d files: %s", more, list[i].String())
		}
	}
	// Where the other end could not be found out, that is no difference.
	st := observe(t, s.Look())
	for _, sp := range st.Spaces {
		for _, l := range sp.Links {
			l.Peer = nil
		}
	}
	if list, err := Diff(s, st); len(list) > 0 || err != nil {
		t.Error(list, err)
	}
}
