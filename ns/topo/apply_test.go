package topo

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"rawns/ns"
	"rawns/ns/nstest"
)

// crowd is a topology with enough namespaces for the maker: a star, a chain
// through them, a bridge inside, a setting, a route.
func crowd(n int) *Spec {
	s := &Spec{Name: "crowd", Links: []Link{{End: End{"", "hub"}, Kind: "bridge", Addrs: []Prefix{{[]byte{10, 50, 0, 1}, 16}}}}}
	pair := func(a, z Link) {
		a.Kind, z.Kind, a.Peer, z.Peer = "veth", "veth", z.End, a.End
		s.Links = append(s.Links, a, z)
	}
	for i := range n {
		name := fmt.Sprint("n", i)
		s.Namespaces = append(s.Namespaces, Namespace{Name: name})
		s.Sysctls = append(s.Sysctls, Sysctl{NS: name, Key: "net.ipv4.ip_forward", Value: "1"})
		pair(Link{End: End{"", fmt.Sprint("v", i)}, Master: "hub"},
			Link{End: End{name, "eth0"}, Addrs: []Prefix{{[]byte{10, 50, byte((i + 2) >> 8), byte(i + 2)}, 16}}})
		if i > 0 {
			pair(Link{End: End{fmt.Sprint("n", i-1), "next"}, Addrs: []Prefix{{[]byte{10, 51, byte(i), 1}, 24}}},
				Link{End: End{name, "prev"}, Addrs: []Prefix{{[]byte{10, 51, byte(i), 2}, 24}}})
		}
		s.Routes = append(s.Routes, Route{NS: name, Type: "unicast", Dst: Prefix{make([]byte, 4), 0}, Via: []byte{10, 50, 0, 1}})
	}
	// These keep the routes of their namespaces to the end.
	for i := 0; i < n; i += 2 {
		s.Links = append(s.Links, Link{End: End{fmt.Sprint("n", i), "inner"}, Kind: "bridge"})
	}
	return s
}

func up(t *testing.T, j *Journal, s *Spec) {
	t.Helper()
	rec, err := j.Read()
	if err != nil {
		t.Fatal(err)
	}
	r, err := Apply(plan(t, s, rec), Options{Journal: j})
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	if err := j.Finish(); err != nil {
		t.Fatal(err)
	}
}

// stands fails the test if something of a topology is missing.
func stands(t *testing.T, j *Journal, s *Spec) {
	t.Helper()
	rec, err := j.Read()
	if err != nil || rec == nil || !rec.Up {
		t.Fatalf("%+v, %v", rec, err)
	}
	if p := plan(t, s, rec); len(p.Steps) != 0 {
		t.Errorf("right after up there is to do:\n%s", commands(p))
	}
	st, err := Observe(s.Look())
	if err != nil {
		t.Fatal(err)
	}
	diff, err := Diff(s, st)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range diff {
		t.Errorf("%v", d)
	}
}

func down(t *testing.T, j *Journal) {
	t.Helper()
	rec, err := j.Read()
	if err != nil {
		t.Fatal(err)
	}
	if left := j.Down(rec); left != nil {
		t.Error(left)
	}
}

// Many namespaces, also with so few files that handles must be closed and
// opened again.
func TestCrowd(t *testing.T) {
	nstest.Sandbox(t)
	before := state(t)
	s := crowd(60)
	var old unix.Rlimit
	unix.Getrlimit(unix.RLIMIT_NOFILE, &old)
	for _, files := range []uint64{old.Cur, 48} {
		low := old
		low.Cur = files
		unix.Setrlimit(unix.RLIMIT_NOFILE, &low)
		j := journal(t, filepath.Join(t.TempDir(), "crowd"))
		up(t, j, s)
		unix.Setrlimit(unix.RLIMIT_NOFILE, &old)
		stands(t, j, s)
		unix.Setrlimit(unix.RLIMIT_NOFILE, &low)
		down(t, j)
		unix.Setrlimit(unix.RLIMIT_NOFILE, &old)
		if after := state(t); after != before {
			t.Errorf("%d files: before\n%safter\n%s", files, before, after)
		}
		j.Close()
	}
}

// Whatever step fails while the maker runs ahead, nothing is left.
func TestCrowdFails(t *testing.T) {
	nstest.Sandbox(t)
	before := state(t)
	s := crowd(6)
	steps := len(plan(t, s, nil).Steps)
	for n := 0; n < steps; n += 4 {
		j := journal(t, filepath.Join(t.TempDir(), "crowd"))
		_, err := Apply(plan(t, s, nil), Options{Journal: j, Before: func(i int, s *Step) error {
			if i == n {
				return errStop
			}
			return nil
		}})
		var e *StepError
		if !errors.As(err, &e) || e.N != n+1 || !errors.Is(err, errStop) || e.Left != nil {
			t.Errorf("step %d: %v", n, err)
		}
		if after := state(t); after != before {
			t.Fatalf("step %d: before\n%safter\n%s", n, before, after)
		}
		if rec, err := j.Read(); rec != nil || err != nil {
			t.Errorf("step %d: noted: %+v, %v", n, rec, err)
		}
		j.Close()
	}
}

// With too few files a step fails, and is undone all the same.
func TestNoFiles(t *testing.T) {
	nstest.Sandbox(t)
	before := state(t)
	s := crowd(6)
	p := plan(t, s, nil)
	var old unix.Rlimit
	unix.Getrlimit(unix.RLIMIT_NOFILE, &old)
	failed := 0
	for n := uint64(8); n < 40; n += 3 {
		j := journal(t, filepath.Join(t.TempDir(), "crowd"))
		low := old
		low.Cur = n
		unix.Setrlimit(unix.RLIMIT_NOFILE, &low)
		r, err := Apply(p, Options{Journal: j})
		unix.Setrlimit(unix.RLIMIT_NOFILE, &old)
		var e *StepError
		switch {
		case err == nil:
			if left := r.Undo(); left != nil {
				t.Error(left)
			}
		case !errors.As(err, &e) || !errors.Is(err, unix.EMFILE):
			t.Errorf("%d files: %v", n, err)
		default:
			failed++
			// What could not be undone for want of files is in the journal.
			if e.Left != nil {
				down(t, j)
			}
		}
		if after := state(t); after != before {
			t.Fatalf("%d files, %v: before\n%safter\n%s", n, err, before, after)
		}
		j.Close()
	}
	if failed == 0 {
		t.Error("no step failed")
	}
}

// The kernel refuses in the middle of a batch: what went out behind the message
// that failed is taken back, too.
func TestBatchFails(t *testing.T) {
	nstest.Sandbox(t)
	s := &Spec{Name: "ports"}
	for i := range 10 {
		s.Links = append(s.Links, Link{End: End{"", fmt.Sprint("b", i)}, Kind: "bridge"})
	}
	nstest.Run(t, nil, "ip", "link", "add", "b4", "type", "bridge")
	defer nstest.Run(t, nil, "ip", "link", "del", "b4")
	before := state(t)
	j := journal(t, filepath.Join(t.TempDir(), "ports"))
	_, err := Apply(plan(t, s, nil), Options{Journal: j})
	var e *StepError
	if !errors.As(err, &e) || e.N != 5 || !errors.Is(err, unix.EEXIST) {
		t.Errorf("%v", err)
	}
	if after := state(t); after != before {
		t.Errorf("before\n%safter\n%s", before, after)
	}
}

// A topology that is up is damaged, and made whole; a step of that fails, and
// only what that up made goes.
func TestMadeWhole(t *testing.T) {
	nstest.Sandbox(t)
	before := state(t)
	s := crowd(5)
	j := journal(t, filepath.Join(t.TempDir(), "crowd"))
	up(t, j, s)
	whole := state(t)
	for _, c := range []struct{ damage, want string }{
		{"ip link del v3", "no link v3"},
		{"ip netns del n2", "no namespace n2"},
		{"ip -n n1 addr flush dev eth0", "n1:eth0 has no address 10.50.0.3/16"},
		{"ip -n n1 link set next down", "n1:next is down"},
		{"ip -n n4 route del default", "no route to 0.0.0.0/0"},
		{"ip netns exec n4 sysctl -qw net.ipv4.ip_forward=0", "net.ipv4.ip_forward is not 1"},
		{"ip link set v0 nomaster", "v0 is no port of hub"},
		{"ip link del hub", "no link hub"},
	} {
		nstest.Run(t, nil, strings.Fields(c.damage)...)
		rec, err := j.Read()
		if err != nil {
			t.Fatal(err)
		}
		damaged := state(t)
		p := plan(t, s, rec)
		if m := strings.Join(p.Missing(), "\n"); !strings.Contains(m, c.want) {
			t.Errorf("%s: %q is not in %q", c.damage, c.want, m)
		}
		last := len(p.Steps) - 1
		if strings.HasPrefix(c.damage, "ip netns del") {
			last = 1 // with more that is noted, and not made
		}
		r, err := Apply(p, Options{Journal: j, Before: func(i int, s *Step) error {
			if i == last && last > 0 {
				return errStop
			}
			return nil
		}})
		if last > 0 {
			if !errors.Is(err, errStop) {
				t.Errorf("%s: %v", c.damage, err)
			}
			if c.want != "no namespace n2" && state(t) != damaged { // links without their other end are deleted first
				t.Errorf("%s: the failed up left\n%sand not\n%s", c.damage, state(t), damaged)
			}
			// The notes are those of before.
			if now, err := j.Read(); err != nil || !reflect.DeepEqual(now, rec) {
				t.Errorf("%s: noted is %+v, %v, and not %+v", c.damage, now, err, rec)
			}
			up(t, j, s)
		} else if r.Close(); err != nil {
			t.Fatal(err)
		} else if err := j.Finish(); err != nil {
			t.Fatal(err)
		}
		stands(t, j, s)
	}
	// A changed file: what is new in it is added.
	s.Namespaces = append(s.Namespaces, Namespace{Name: "late"})
	s.Links = append(s.Links, Link{End: End{"late", "x"}, Kind: "veth", Peer: End{"n0", "y"}}, Link{End: End{"n0", "y"}, Kind: "veth", Peer: End{"late", "x"}})
	s.Links[0].Addrs = append(s.Links[0].Addrs, Prefix{[]byte{10, 60, 0, 1}, 16})
	up(t, j, s)
	stands(t, j, s)
	if now := state(t); now == whole {
		t.Error("the changed file changed nothing")
	}
	down(t, j)
	if after := state(t); after != before {
		t.Errorf("before\n%safter\n%s", before, after)
	}
}

// All options, as they are read back, are what was asked for: there is nothing
// to do the second time.
func TestOptionsStand(t *testing.T) {
	nstest.Sandbox(t)
	before := state(t)
	f, err := Parse("options", []byte(`netns a b
bridge br1 ageing_time 1000 fdb_max_learned 77 forward_delay 700 group_fwd_mask 8 hello_time 300 max_age 1000 \
  mcast_querier 1 mcast_snooping 0 nf_call_arptables 1 nf_call_ip6tables 0 nf_call_iptables on priority 4096 stp_state 1 \
  mtu 1400 address 02:00:00:00:00:11 txqueuelen 55 alias "a b 'c" addr fd00::1/64
vxlan vx1 id 7 dstport 4789 ageing 77 learning off local 10.0.0.1 remote 10.0.0.2 tos 8 ttl 9 udpcsum off \
  master br1 cost 9 fastleave on flood off guard on hairpin on isolated on learning off neigh_suppress on priority 3
vxlan vx2 id 8 dstport 4790 group ff05::7 dev br1 ttl 3
macvlan a:m1 link br1 mode bridge address 02:00:00:00:00:12
veth a:v peer b:w addrgenmode none mtu 1281 txqueuelen 7 addr 10.0.0.1/31 down
veth v2 down peer a:v2 addrgenmode random
macvlan b:m2 link a:v mode passthru mtu 1300
route blackhole 10.77.0.0/16 netns a
route default via fd00::9 dev br1 metric 7
route 10.78.0.0/16 dev m1 netns a table 100 mtu 1400
link a:lo up mtu 3000
veth six addr fd06::1/64 peer a:six addr fd06::2/64
route default via fd06::1 src fd06::2 netns a
sysctl net.ipv4.conf.v.rp_filter=2 netns a
sysctl net.ipv4.tcp_rmem="4096 8192 16384" netns b
`))
	if err != nil {
		t.Fatal(err)
	}
	s, err := f.Spec()
	if err != nil {
		t.Fatal(err)
	}
	j := journal(t, filepath.Join(t.TempDir(), "options"))
	up(t, j, s)
	stands(t, j, s)
	down(t, j)
	if after := state(t); after != before {
		t.Errorf("before\n%safter\n%s", before, after)
	}
}

// Services that do not heed SIGTERM are all given the same three seconds.
func TestStubborn(t *testing.T) {
	nstest.Sandbox(t)
	s := &Spec{Name: "stubborn"}
	for range 3 {
		s.Services = append(s.Services, Service{Argv: []string{"/bin/sh", "-c", "trap '' TERM; while :; do sleep 1; done"}})
	}
	s.Services[1].Argv = []string{"/bin/sleep", "60"}
	s.Services[2].Argv[2] += " # another one"
	j := journal(t, filepath.Join(t.TempDir(), "stubborn"))
	up(t, j, s)
	rec, err := j.Read()
	if err != nil {
		t.Fatal(err)
	}
	if pids, err := Services(rec.Token); err != nil || len(pids) < 3 {
		t.Errorf("%v, %v", pids, err)
	}
	down(t, j)
	if pids, err := Services(rec.Token); err != nil || len(pids) != 0 {
		t.Errorf("%v, %v", pids, err)
	}
	reap()
}

// What is done to links and settings of the host is taken back.
func TestHostGivenBack(t *testing.T) {
	nstest.Sandbox(t)
	nstest.Run(t, nil, "ip", "link", "add", "theirs", "mtu", "1400", "address", "02:00:00:00:00:01", "type", "bridge")
	defer nstest.Run(t, nil, "ip", "link", "del", "theirs")
	nstest.Run(t, nil, "sysctl", "-qw", "net.ipv4.ip_forward=0")
	look := func() string {
		out := nstest.Run(t, nil, "ip", "link", "show", "theirs") + nstest.Run(t, nil, "ip", "addr", "show", "theirs") +
			nstest.Run(t, nil, "ip", "route") + nstest.Run(t, nil, "sysctl", "net.ipv4.ip_forward")
		return strings.ReplaceAll(out, "noqueue", "noop") // it has been up
	}
	before := look()
	s := &Spec{
		Name:       "host",
		Namespaces: []Namespace{{Name: "blue"}},
		Links: []Link{
			{End: End{"", "theirs"}, MTU: 1300, Alias: "ours for a while", Addrs: []Prefix{{[]byte{10, 70, 0, 1}, 16}}},
			{End: End{"", "va"}, Kind: "veth", Peer: End{"blue", "eth0"}, Master: "theirs"},
			{End: End{"blue", "eth0"}, Kind: "veth", Peer: End{"", "va"}},
		},
		Routes:  []Route{{Type: "unicast", Dst: Prefix{[]byte{10, 71, 0, 0}, 16}, Via: []byte{10, 70, 0, 9}, Dev: "theirs"}},
		Sysctls: []Sysctl{{Key: "net.ipv4.ip_forward", Value: "1"}},
	}
	j := journal(t, filepath.Join(t.TempDir(), "host"))
	up(t, j, s)
	stands(t, j, s)
	for _, want := range []string{"mtu 1300", "ours for a while", "10.70.0.1/16", "10.71.0.0/16 via 10.70.0.9", "net.ipv4.ip_forward = 1"} {
		if !strings.Contains(look(), want) {
			t.Errorf("%q is not in\n%s", want, look())
		}
	}
	down(t, j)
	if after := look(); after != before {
		t.Errorf("before\n%safter\n%s", before, after)
	}
	// The last step fails: the same.
	_, err := Apply(plan(t, s, nil), Options{Journal: j, Before: func(i int, s *Step) error {
		if s.Op == OpAddRoute {
			return errStop
		}
		return nil
	}})
	if !errors.Is(err, errStop) {
		t.Error(err)
	}
	if after := look(); after != before {
		t.Errorf("undone: before\n%safter\n%s", before, after)
	}
}

// A process inside keeps a namespace alive: down says which. The veth that would
// have gone with it goes all the same.
func TestDownHeld(t *testing.T) {
	nstest.Sandbox(t)
	s := &Spec{
		Name:       "held",
		Namespaces: []Namespace{{Name: "blue"}, {Name: "red"}},
		Links: []Link{
			{End: End{"", "br"}, Kind: "bridge"},
			{End: End{"", "va"}, Kind: "veth", Peer: End{"blue", "eth0"}, Master: "br"},
			{End: End{"blue", "eth0"}, Kind: "veth", Peer: End{"", "va"}},
			{End: End{"", "vb"}, Kind: "veth", Peer: End{"red", "eth0"}, Master: "br"},
			{End: End{"red", "eth0"}, Kind: "veth", Peer: End{"", "vb"}},
		},
	}
	before := nstest.Run(t, nil, "ip", "-br", "link")
	j := journal(t, filepath.Join(t.TempDir(), "held"))
	up(t, j, s)
	blue, err := ns.Open("blue")
	if err != nil {
		t.Fatal(err)
	}
	pid, err := blue.Start([]string{"/proc/self/exe"}, &syscall.ProcAttr{Env: []string{helperVar + "=sleep"}, Files: []uintptr{0, 1, 2}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	blue.Close()
	rec, err := j.Read()
	if err != nil {
		t.Fatal(err)
	}
	var h *HeldError
	left := j.Down(rec)
	if len(left) != 1 || !errors.As(left[0], &h) || h.Name != "blue" || len(h.By) == 0 || h.By[0].PID != pid {
		t.Errorf("%v", left)
	}
	if after := nstest.Run(t, nil, "ip", "-br", "link"); after != before {
		t.Errorf("before\n%safter\n%s", before, after)
	}
	unix.Kill(pid, unix.SIGKILL)
	unix.Wait4(pid, nil, 0, nil)
	down(t, j) // it is told again, and now all is well
	if rec, err := j.Read(); rec != nil || err != nil {
		t.Errorf("%+v, %v", rec, err)
	}
}

// The namespace where up ran is gone, and the links in it: the named ones that it
// made are still ours.
func TestDownOfLostHost(t *testing.T) {
	nstest.Sandbox(t)
	before := state(t)
	s := &Spec{Name: "lost", Namespaces: []Namespace{{Name: "blue"}}, Links: []Link{{End: End{"", "hub"}, Kind: "bridge"}}}
	path := filepath.Join(t.TempDir(), "lost")
	host, err := ns.NewAnonymous()
	if err != nil {
		t.Fatal(err)
	}
	if err := host.Do(func() error {
		j, err := OpenJournal(path)
		if err != nil {
			return err
		}
		defer j.Close()
		p, err := planHere(s, nil)
		if err != nil {
			return err
		}
		r, err := Apply(p, Options{Journal: j})
		if err != nil {
			return err
		}
		r.Close()
		return j.Finish()
	}); err != nil {
		t.Fatal(err)
	}
	j := journal(t, path)
	rec, err := j.Read()
	if err != nil || rec == nil || len(rec.Links) != 1 {
		t.Fatalf("%+v, %v", rec, err)
	}
	if left := j.Down(rec); len(left) != 1 || left[0] != ErrElsewhere {
		t.Errorf("while it is there: %v", left)
	}
	host.Close()
	nstest.Run(t, nil, "ip", "link", "add", "hub", "index", fmt.Sprint(rec.Links[0].Index), "type", "bridge") // somebody else's
	defer nstest.Run(t, nil, "ip", "link", "del", "hub")
	for range 1000 { // the thread that was in it may take a moment to end
		if err = rec.here(); err == nil {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if left := j.Down(rec); left != nil {
		t.Error(left)
	}
	if after := state(t); !strings.Contains(after, "hub") || strings.Contains(after, "blue") {
		t.Errorf("before\n%safter\n%s", before, after)
	}
}

// Something holds a namespace that cannot be found: a message that nobody has
// read yet. Down waits for the end of that.
func TestDownHeldUnseen(t *testing.T) {
	nstest.Sandbox(t)
	s := &Spec{Name: "held", Namespaces: []Namespace{{Name: "blue"}}}
	j := journal(t, filepath.Join(t.TempDir(), "held"))
	up(t, j, s)
	blue, err := ns.Open("blue")
	if err != nil {
		t.Fatal(err)
	}
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.Sendmsg(pair[0], []byte{0}, unix.UnixRights(blue.Fd()), nil, 0); err != nil {
		t.Fatal(err)
	}
	blue.Close()
	time.AfterFunc(2*time.Second, func() {
		unix.Close(pair[0])
		unix.Close(pair[1])
	})
	down(t, j)
}

func dieInCrowd(step, path string) int {
	j, err := OpenJournal(path)
	if err != nil {
		return 3
	}
	p, err := planHere(crowd(6), nil)
	if err != nil {
		return 3
	}
	Apply(p, Options{Journal: j, Before: func(i int, s *Step) error {
		if fmt.Sprint(i) == step {
			unix.Kill(os.Getpid(), unix.SIGKILL)
		}
		return nil
	}})
	return 5
}

// kill -9 at some steps while the maker runs ahead; down, or up again.
func TestCrowdKilled(t *testing.T) {
	nstest.Sandbox(t)
	before := state(t)
	s := crowd(6)
	steps := len(plan(t, s, nil).Steps)
	for n := 1; n < steps; n += 7 {
		path := filepath.Join(t.TempDir(), "crowd")
		cmd := exec.Command("/proc/self/exe")
		cmd.Env = append(os.Environ(), fmt.Sprintf("%s=crowd %d %s", helperVar, n, path))
		cmd.Run()
		if st := cmd.ProcessState.Sys().(syscall.WaitStatus); !st.Signaled() || st.Signal() != unix.SIGKILL {
			t.Fatalf("step %d: the helper ended by %v", n, cmd.ProcessState)
		}
		j := journal(t, path)
		if n%2 == 0 {
			rec, err := j.Read()
			if err != nil {
				t.Fatal(err)
			}
			st, err := Observe(s.Look())
			if err == nil {
				err = rec.Tidy(st)
			}
			if err != nil {
				t.Fatal(err)
			}
			up(t, j, s)
			stands(t, j, s)
		}
		down(t, j)
		if after := state(t); after != before {
			t.Errorf("step %d: before\n%safter\n%s", n, before, after)
		}
		j.Close()
	}
}
