package topo

import (
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
	"rawns/ns"
	"rawns/ns/nstest"
)

// What this binary is when it was started by its own tests.
const helperVar = "RAWNS_TEST_HELPER"

func TestMain(m *testing.M) {
	switch w := strings.Fields(os.Getenv(helperVar)); {
	case len(w) == 1 && w[0] == "sleep":
		time.Sleep(time.Minute)
		os.Exit(0)
	case len(w) == 3 && w[0] == "die": // kill -9 before step N
		os.Exit(dieAt(w[1], w[2]))
	case len(w) == 3 && w[0] == "crowd":
		os.Exit(dieInCrowd(w[1], w[2]))
	}
	switch os.Getenv(helperVar) {
	case "thread":
		os.Exit(inThread())
	case "up":
		os.Exit(upHelper())
	case "denied":
		os.Exit(deniedHelper())
	case "observe":
		os.Exit(observeHelper())
	}
	nstest.Main(m)
}

// scene is the article's, with a service that any test binary can be.
func scene(t *testing.T) *Spec {
	s := Article()
	s.Services[0] = Service{NS: "blue", Argv: []string{"-test.run=^$"}, Self: true}
	if t != nil {
		t.Setenv(helperVar, "sleep")
	}
	return s
}

func TestPlanCommands(t *testing.T) {
	plan, err := Article().Plan(at(250))
	if err != nil {
		t.Fatal(err)
	}
	steps := plan.Steps
	var got []string
	for _, s := range steps {
		line := s.Command()
		if s.Makes.Index != 0 {
			line += fmt.Sprintf("  # %d", s.Makes.Index)
		}
		got = append(got, line)
	}
	want := `ip netns add blue
ip link add test-bridge type bridge  # 400
ip link add vethtest01 up master test-bridge type veth peer name vethest002 netns blue  # 401
ip -n blue addr add 10.1.1.2/16 brd + dev vethest002
ip -n blue link set vethest002 up
ip addr add 10.1.2.2/16 brd + dev test-bridge
ip link set test-bridge up
ip netns exec blue http_server &`
	if g := strings.Join(got, "\n"); g != want {
		t.Errorf("got\n%s\nwant\n%s", g, want)
	}
	if nl.Check(steps[2].Request) != nil {
		t.Error("the veth's message is not whole")
	}
}

// at is a host whose last link has an index.
func at(index int32) *State {
	return &State{Spaces: []*SpaceState{{Links: []*LinkState{{Index: index, Foreign: true}}}}}
}

// The same Spec gives the same bytes, and a different first index other ones.
func TestPlanIsPure(t *testing.T) {
	dump := func(index int32) string {
		plan, err := Article().Plan(at(index))
		if err != nil {
			t.Fatal(err)
		}
		steps := plan.Steps
		var s strings.Builder
		for _, st := range steps {
			if st.Request != nil {
				s.WriteString(hex.EncodeToString(st.Request) + "\n")
			}
		}
		return s.String()
	}
	if first := dump(7); first != dump(7) || first == dump(250) {
		t.Error("the plan does not follow from the spec and the index alone")
	}
}

func TestSpecFaults(t *testing.T) {
	a, c := End{"", "a"}, End{"", "c"}
	br := func(name string) Link { return Link{End: End{"", name}, Kind: "bridge"} }
	for name, f := range map[string]struct {
		spec Spec
		want string
	}{
		"namespace name":       {Spec{Namespaces: []Namespace{{Name: "a/b"}}}, "a/b"},
		"two namespaces":       {Spec{Namespaces: []Namespace{{Name: "a"}, {Name: "a"}}}, "two namespaces"},
		"link name":            {Spec{Links: []Link{br("sixteen-bytes-xx")}}, "not a name for a link"},
		"blank in a name":      {Spec{Links: []Link{br("a b")}}, "not a name for a link"},
		"escape in a name":     {Spec{Links: []Link{br("\x1b[31m/")}}, `"\x1b[31m/"`},
		"two links":            {Spec{Links: []Link{br("b"), br("b")}}, "two links"},
		"unknown namespace":    {Spec{Links: []Link{{End: End{"x", "b"}, Kind: "bridge"}}}, "not described"},
		"unknown kind":         {Spec{Links: []Link{{End: End{"", "b"}, Kind: "brigde"}}}, "no kind of link"},
		"unknown bridge":       {Spec{Links: []Link{{End: a, Kind: "veth", Peer: c, Master: "b"}, {End: c, Kind: "veth", Peer: a}}}, "not described"},
		"no peer":              {Spec{Links: []Link{{End: a, Kind: "veth", Peer: c}}}, "other end"},
		"somebody else's peer": {Spec{Links: []Link{{End: a, Kind: "veth", Peer: c}, {End: c, Kind: "veth", Peer: c}}}, "other end"},
		"bad prefix":           {Spec{Links: []Link{{End: a, Kind: "bridge", Addrs: []Prefix{{[]byte{1, 2, 3, 4}, 33}}}}}, "1.2.3.4/33"},
		"option":               {Spec{Links: []Link{{End: a, Kind: "bridge", Options: []Option{{"stp", "1"}}}}}, "no option"},
		"option's value":       {Spec{Links: []Link{{End: a, Kind: "bridge", Options: []Option{{"priority", "65536"}}}}}, "a number up to 65535"},
		"option's word":        {Spec{Links: []Link{{End: a, Kind: "macvlan", Lower: c, Options: []Option{{"mode", "x"}}}}}, "private, vepa"},
		"macvlan on nothing":   {Spec{Links: []Link{{End: a, Kind: "macvlan"}}}, "link LINK"},
		"port of nothing":      {Spec{Links: []Link{{End: a, Kind: "dummy", Port: []Option{{"cost", "1"}}}}}, "no master"},
		"route by nothing":     {Spec{Routes: []Route{{Type: "unicast", Dst: Prefix{[]byte{0, 0, 0, 0}, 0}}}}, "needs a gateway"},
		"setting outside":      {Spec{Sysctls: []Sysctl{{Key: "kernel.hostname", Value: "x"}}}, "begin with net."},
		"setting above":        {Spec{Sysctls: []Sysctl{{Key: "net/../kernel/hostname", Value: "x"}}}, "not the name"},
		"service without word": {Spec{Services: []Service{{}}}, "without a command"},
	} {
		_, err := f.spec.Plan(nil)
		if err == nil || !strings.Contains(err.Error(), f.want) {
			t.Errorf("%s: %v, want …%s…", name, err, f.want)
		}
	}
}

// state is all that a step could leave behind: links, namespaces, mounts,
// processes of ours.
func state(t *testing.T) string {
	t.Helper()
	var s strings.Builder
	c, err := nl.Dial(unix.NETLINK_ROUTE)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	links, _, err := listLinks(c)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(&s, "links", links)
	names, err := ns.List()
	if err != nil && !errors.Is(err, unix.ENOENT) {
		t.Fatal(err)
	}
	fmt.Fprintln(&s, "namespaces", names)
	m, _ := os.ReadFile("/proc/self/mountinfo")
	fmt.Fprintln(&s, "mounts", strings.Count(string(m), "/run/netns/"))
	return s.String()
}

// plan returns what is to be done here, where rec's topology has made something.
func plan(t *testing.T, s *Spec, rec *Record) *Plan {
	t.Helper()
	p, err := planHere(s, rec)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func planHere(s *Spec, rec *Record) (*Plan, error) {
	st, err := Observe(s.Look())
	if err == nil {
		err = rec.Mark(st)
	}
	if err != nil {
		return nil, err
	}
	return s.Plan(st)
}

func journal(t *testing.T, path string) *Journal {
	t.Helper()
	j, err := OpenJournal(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(j.Close)
	return j
}

func TestUpAndDown(t *testing.T) {
	nstest.Sandbox(t)
	s := scene(t)
	before := state(t)
	path := filepath.Join(t.TempDir(), "article")
	j := journal(t, path)
	var seen []string
	r, err := Apply(plan(t, s, nil), Options{Journal: j, After: func(i int, s *Step) { seen = append(seen, s.Command()) }})
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Finish(); err != nil {
		t.Fatal(err)
	}
	if n := r.Counts(); n.Messages != 6+2 || n.Calls < 12 { // two links are asked for, to settle them
		t.Errorf("%+v for 6 messages, and 2 questions", n)
	}
	r.Close()
	j.Close()
	if len(seen) != 8 {
		t.Errorf("steps: %q", seen)
	}

	j = journal(t, path)
	rec, err := j.Read()
	if err != nil || rec == nil || !rec.Up || len(rec.Spaces) != 1 || len(rec.Links) != 2 {
		t.Fatalf("%+v, %v", rec, err)
	}
	if missing := plan(t, s, rec).Missing(); len(missing) != 0 {
		t.Errorf("missing right after up: %q", missing)
	}
	if pids, err := Services(rec.Token); err != nil || len(pids) != 1 {
		t.Errorf("services: %v, %v", pids, err)
	}
	// Somebody tampers; each change is named.
	for _, c := range []struct{ command, want string }{
		{"ip link set vethtest01 nomaster", "vethtest01 is no port of test-bridge"},
		{"ip link set test-bridge down", "test-bridge is down"},
		{"ip -n blue addr flush dev vethest002", "blue:vethest002 has no address 10.1.1.2/16"},
		{"ip link del vethtest01", "no link vethtest01\nno link blue:vethest002"},
	} {
		nstest.Run(t, nil, strings.Fields(c.command)...)
		missing := plan(t, s, rec).Missing()
		if got := strings.Join(missing, "\n"); !strings.Contains(got, c.want) {
			t.Errorf("after %q: %q", c.command, got)
		}
	}
	if left := j.Down(rec); left != nil {
		t.Error(left)
	}
	if after := state(t); after != before {
		t.Errorf("before\n%safter\n%s", before, after)
	}
	if rec, err := j.Read(); rec != nil || err != nil {
		t.Errorf("the journal is still there: %+v, %v", rec, err)
	}
	if left := j.Down(nil); left != nil {
		t.Error("a second time:", left)
	}
	reap()
}

var errStop = errors.New("stopped by the test")

// Whatever step fails, nothing is left.
func TestEachStepFails(t *testing.T) {
	nstest.Sandbox(t)
	s := scene(t)
	before := state(t)
	path := filepath.Join(t.TempDir(), "article")
	for n := range len(plan(t, s, nil).Steps) {
		j := journal(t, path)
		r, err := Apply(plan(t, s, nil), Options{Journal: j, Before: func(i int, s *Step) error {
			if i == n {
				return errStop
			}
			return nil
		}})
		var e *StepError
		if r != nil || !errors.As(err, &e) || e.N != n+1 || !errors.Is(err, errStop) || e.Left != nil {
			t.Errorf("step %d: %v", n, err)
		}
		if after := state(t); after != before {
			t.Errorf("step %d: before\n%safter\n%s", n, before, after)
		}
		j.Close()
		if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("step %d: the journal is still there", n)
		}
	}
}

// The kernel itself refuses: a name is taken. What is there already stays.
func TestNameTaken(t *testing.T) {
	nstest.Sandbox(t)
	for _, c := range []struct{ make, remove, step string }{
		{"ip netns add blue", "ip netns del blue", "ip netns add blue"},
		{"ip link add test-bridge type bridge", "ip link del test-bridge", "ip link add test-bridge type bridge"},
		{"ip link add vethtest01 type bridge", "ip link del vethtest01", "ip link add vethtest01"},
	} {
		nstest.Run(t, nil, strings.Fields(c.make)...)
		before := state(t)
		_, err := Apply(plan(t, scene(t), nil), Options{})
		var e *StepError
		if !errors.As(err, &e) || !strings.HasPrefix(e.Step.Command(), c.step) || !errors.Is(err, unix.EEXIST) {
			t.Errorf("%s: %v", c.make, err)
		}
		if after := state(t); after != before {
			t.Errorf("%s: before\n%safter\n%s", c.make, before, after)
		}
		nstest.Run(t, nil, strings.Fields(c.remove)...)
	}
}

func dieAt(step, path string) int {
	j, err := OpenJournal(path)
	if err != nil {
		return 3
	}
	steps, err := planHere(scene(nil), nil)
	if err != nil {
		return 3
	}
	os.Setenv(helperVar, "sleep") // for the service
	r, err := Apply(steps, Options{Journal: j, Before: func(i int, s *Step) error {
		if fmt.Sprint(i) == step {
			unix.Kill(os.Getpid(), unix.SIGKILL)
		}
		return nil
	}})
	if err != nil {
		return 4
	}
	r.Close()
	unix.Kill(os.Getpid(), unix.SIGKILL) // before Finish
	return 5
}

// kill -9 before each step, and before the end; then Down, and a whole up.
func TestKilledAtEachStep(t *testing.T) {
	nstest.Sandbox(t)
	s := scene(t)
	before := state(t)
	for n := range len(plan(t, s, nil).Steps) + 1 {
		path := filepath.Join(t.TempDir(), "article")
		cmd := exec.Command("/proc/self/exe")
		cmd.Env = append(os.Environ(), fmt.Sprintf("%s=die %d %s", helperVar, n, path))
		cmd.Run()
		if st := cmd.ProcessState.Sys().(syscall.WaitStatus); !st.Signaled() || st.Signal() != unix.SIGKILL {
			t.Fatalf("step %d: the helper ended by %v", n, cmd.ProcessState)
		}
		j := journal(t, path)
		rec, err := j.Read()
		if err != nil || n > 0 && rec == nil || rec != nil && rec.Up {
			t.Errorf("step %d: %+v, %v", n, rec, err)
		}
		if left := j.Down(rec); left != nil {
			t.Errorf("step %d: %v", n, left)
		}
		if after := state(t); after != before {
			t.Errorf("step %d: before\n%safter\n%s", n, before, after)
		}
		if rec != nil {
			if pids, err := Services(rec.Token); err != nil || len(pids) != 0 {
				t.Errorf("step %d: the service still runs: %v, %v", n, pids, err)
			}
		}
		// The service lost its parent and became ours to wait for.
		reap()
		j.Close()
	}
}

// reap waits for services whose parent we are, or became.
func reap() {
	for pid := 1; pid > 0; {
		pid, _ = unix.Wait4(-1, nil, unix.WNOHANG, nil)
	}
}

// The file of a namespace whose maker was killed before the mount.
func TestDownWithPlaceholder(t *testing.T) {
	nstest.Sandbox(t)
	n, err := ns.Create("first") // makes /run/netns
	if err != nil {
		t.Fatal(err)
	}
	n.Close()
	defer ns.Delete("first")
	if err := os.WriteFile(ns.Dir+"/blue", nil, 0); err != nil {
		t.Fatal(err)
	}
	j := journal(t, filepath.Join(t.TempDir(), "article"))
	if left := j.Down(&Record{Token: "t", Spaces: []Space{{Name: "blue"}}}); left != nil {
		t.Error(left)
	}
	if _, err := os.Stat(ns.Dir + "/blue"); !errors.Is(err, os.ErrNotExist) {
		t.Error("the file is still there")
	}
}

// What is not any more what was made is left alone, and said.
func TestDownLeavesOthersAlone(t *testing.T) {
	nstest.Sandbox(t)
	// A namespace of that name was made, and is gone; its inode is another's now.
	n, err := ns.NewAnonymous()
	if err != nil {
		t.Fatal(err)
	}
	was := idOf(t, n)
	n.Close()
	nstest.Run(t, nil, "ip", "link", "add", "theirs", "index", "4242", "type", "bridge")
	defer nstest.Run(t, nil, "ip", "link", "del", "theirs")
	n, err = ns.Create("blue")
	if err != nil {
		t.Fatal(err)
	}
	was.Dev, was.Inode = n.Inode()
	defer ns.Delete("blue")
	defer n.Close()
	before := state(t)
	j := journal(t, filepath.Join(t.TempDir(), "article"))
	left := j.Down(&Record{Token: "t", Spaces: []Space{{"blue", was}}, Links: []Made{{End{"", "test-bridge"}, 4242}, {End{"", "gone"}, 4243}}})
	var fl *ForeignError
	var fs *ForeignSpaceError
	if len(left) != 2 || !errors.As(left[0], &fl) || fl.Name != "theirs" || !errors.As(left[1], &fs) {
		t.Errorf("%v", left)
	}
	if after := state(t); after != before {
		t.Errorf("before\n%safter\n%s", before, after)
	}
}

func TestJournalRefuses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "article")
	head := "rawns 2 " + bootID() + " tok 1 2 3\n"
	var b nl.Builder
	rtnl.DelAddr(&b, rtnl.IfAddrmsg{Family: unix.AF_INET, Index: 7})
	p, _ := b.Bytes()
	undo := hexOf(p)
	b.Reset()
	rtnl.NewLink(&b, unix.NLM_F_CREATE, rtnl.IfInfomsg{Index: 7})
	p, _ = b.Bytes()
	other := hexOf(p)
	for text, ok := range map[string]bool{
		head: true,
		head + "netns 1 2 3 \"my lab\"\nlink 7 x\nservice\nup\n":          true,
		head + "netns 1 2 3 \"bl":                                         true, // cut short
		strings.Replace(head, "rawns 2", "rawns 1", 1) + "link 7 x\nup\n": true, // as older versions wrote it
		head + "file \"/a b\\n\"\nlink 7 x\ngone link 7 x\n":              true,
		head + "sysctl \"net.ipv4.ip_forward\" \"0\\t1 x\"\n":             true,
		head + "undo 7 eth0 " + undo + "\n":                               true,
		head + "undo 0 - " + undo + "\n":                                  true,
		head + "undo 7 eth0 " + undo[:len(undo)-2] + "\n":                 false,
		head + "undo 7 eth0 " + undo + undo + "\n":                        false,
		head + "undo -7 eth0 " + undo + "\n":                              false,
		head + "undo 7 eth0 zz\n":                                         false,
		head + "undo 7 eth0 " + other + "\n":                              false, // it makes something
		head + "undo 7 eth0\n":                                            false,
		head + "sysctl \"kernel.core_pattern\" \"|x\"\n":                  false,
		head + "sysctl \"net/../kernel/x\" \"1\"\n":                       false,
		head + "sysctl \"net.a\"\n":                                       false,
		head + "sysctl net.a 1\n":                                         false,
		head + "file x\n":                                                 false,
		"":                                                                true,
		"rawns 2 another-boot tok 1 2 3\nrubbish\n":                       true,
		"rubbish\n":                            false,
		"rawns 2 " + bootID() + " tok 1 2 x\n": false,
		"rawns 2 " + bootID() + " tok\n":       false,
		head + "netns 1 2 3 \"../x\"\n":        false,
		head + "netns 1 2 3 blue\n":            false,
		head + "netns 1 2 -3 \"blue\"\n":       false,
		head + "netns\n":                       false,
		head + "link x y\n":                    false,
		head + "link 0 y\n":                    false,
		head + "link -7 y\n":                   false,
		head + "\n":                            false,
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		j := journal(t, path)
		rec, err := j.Read()
		if (err == nil) != ok || !ok && !errors.Is(err, ErrState) {
			t.Errorf("%q: %+v, %v", text, rec, err)
		}
		j.Close()
		if _, err := os.Stat(path); strings.Contains(text, "another") && (rec != nil || err == nil) {
			t.Errorf("notes from before the last boot were believed, or kept: %+v", rec)
		}
	}
}

// Names are quoted in the journal: none can be taken for another note.
func TestJournalNames(t *testing.T) {
	nstest.Sandbox(t)
	path := filepath.Join(t.TempDir(), "article")
	before := state(t)
	s := &Spec{Namespaces: []Namespace{{Name: "my lab"}, {Name: "a\nlink 1 lo"}, {Name: `q"uote`}}}
	j := journal(t, path)
	r, err := Apply(plan(t, s, nil), Options{Journal: j})
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Finish(); err != nil {
		t.Fatal(err)
	}
	r.Close()
	j.Close()
	j = journal(t, path)
	rec, err := j.Read()
	if err != nil || len(rec.Spaces) != 3 || len(rec.Links) != 0 || rec.Spaces[1].Name != "a\nlink 1 lo" {
		t.Fatalf("%+v, %v", rec, err)
	}
	// From another namespace nothing is touched.
	other := nstest.New(t)
	if err := other.Do(func() error { return errors.Join(j.Down(rec)...) }); !errors.Is(err, ErrElsewhere) {
		t.Errorf("down from elsewhere: %v", err)
	}
	if left := j.Down(rec); left != nil {
		t.Error(left)
	}
	if after := state(t); after != before {
		t.Errorf("before\n%safter\n%s", before, after)
	}
}

// A name that somebody else took between the note and its use is theirs.
func TestKilledBesideForeignName(t *testing.T) {
	nstest.Sandbox(t)
	path := filepath.Join(t.TempDir(), "article")
	j := journal(t, path)
	n, err := ns.NewAnonymous()
	if err != nil {
		t.Fatal(err)
	}
	if err := j.noteNetns("blue", idOf(t, n)); err != nil {
		t.Fatal(err)
	}
	n.Close() // the process ends here
	j.Close()
	nstest.Run(t, nil, "ip", "netns", "add", "blue")
	defer nstest.Run(t, nil, "ip", "netns", "del", "blue")
	before := state(t)
	j = journal(t, path)
	rec, err := j.Read()
	if err != nil {
		t.Fatal(err)
	}
	var f *ForeignSpaceError
	if left := j.Down(rec); len(left) != 1 || !errors.As(left[0], &f) {
		t.Errorf("%v", left)
	}
	if after := state(t); after != before {
		t.Errorf("before\n%safter\n%s", before, after)
	}
}

// A failed look is not an absence.
func TestMissingCannotLook(t *testing.T) {
	nstest.Sandbox(t)
	s := &Spec{Namespaces: []Namespace{{Name: "blue"}}}
	j := journal(t, filepath.Join(t.TempDir(), "article"))
	r, err := Apply(plan(t, s, nil), Options{Journal: j})
	if err != nil {
		t.Fatal(err)
	}
	rec, err := j.Read()
	if err != nil {
		t.Fatal(err)
	}
	var old unix.Rlimit
	unix.Getrlimit(unix.RLIMIT_NOFILE, &old)
	for n := uint64(3); n < 40; n++ {
		low := old
		low.Cur = n
		unix.Setrlimit(unix.RLIMIT_NOFILE, &low)
		p, err := planHere(s, rec)
		unix.Setrlimit(unix.RLIMIT_NOFILE, &old)
		if err == nil && len(p.Steps) != 0 {
			t.Errorf("with %d files: %q", n, p.Missing())
		}
	}
	if left := r.Undo(); left != nil {
		t.Error(left)
	}
}

func TestJournalLocks(t *testing.T) {
	path := filepath.Join(t.TempDir(), "article")
	j := journal(t, path)
	if _, err := OpenJournal(path); err != ErrLocked {
		t.Errorf("opened twice: %v", err)
	}
	j.Close()
	j, err := OpenJournal(path)
	if err != nil {
		t.Fatal(err)
	}
	j.Close()
}

// idOf returns the ID of a namespace.
func idOf(t *testing.T, n *ns.NS) (id ID) {
	t.Helper()
	err := n.Do(func() (err error) {
		id, err = idHere()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}
