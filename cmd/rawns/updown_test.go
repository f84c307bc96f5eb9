package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"rawns/ns/nstest"
)

// office has enough namespaces for a thread that makes them, and something of
// most of the things that a file can have; no service, as strace would follow it.
const office = `netns n{1..5}
bridge hub addr 10.20.0.1/16
pool lan 10.20.0.0/16 from 10.20.1.1
veth v{1..5} master hub peer n{1..5}:eth0 addr lan
veth n1:x addr 10.3.0.1/24 peer n2:y addr 10.3.0.2/24
sysctl net.ipv4.ip_forward=1 netns n1
sysctl net.ipv4.ip_forward=1
route default via 10.20.0.1 netns n2
`

// topology writes a file.
func topologyFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestUpFile(t *testing.T) {
	nstest.Sandbox(t)
	stock(t, "sysctl -qw net.ipv4.ip_forward=0", "")
	before := hostState(t)
	file := topologyFile(t, "office.topo", office+"service n3:8080 http_server\n")
	if r := rawns(t, "up", "--wait", file); r.Code != 0 || !strings.HasSuffix(r.Stdout, " ms.\n") || !strings.Contains(r.Stdout, "Up: office, ") || r.Stderr != "" {
		t.Fatalf("%+v", r)
	}
	if r := rawns(t, "diff", file); r.Code != 0 {
		t.Errorf("%+v", r)
	}
	stock(t, "ip netns exec n2 ping -c 1 -W 5 10.20.0.1 && ip netns exec n1 ping -c 1 -W 5 10.3.0.2 && ip netns exec n5 ping -c 1 -W 5 10.20.1.1", "")
	stock(t, "ip netns exec n4 curl -s 10.20.1.3:8080", "")
	during := hostState(t)
	if r := rawns(t, "up", file); r.Code != 0 || r.Stdout != "Already up; nothing was changed.\n" {
		t.Errorf("%+v", r)
	}
	if s := hostState(t); s != during {
		t.Errorf("up twice: before\n%safter\n%s", during, s)
	}
	// The file has more in it: that is added.
	f, err := os.OpenFile(file, os.O_APPEND|os.O_WRONLY, 0)
	if err == nil {
		_, err = f.WriteString("netns n6\nveth n6:eth0 addr 10.20.9.9/16 peer v6 master hub\nlink n1:lo up\n")
		f.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	if r := rawns(t, "up", file); r.Code != 0 || !strings.Contains(r.Stdout, "no namespace n6") || strings.Contains(r.Stdout, "netns add n1\n") {
		t.Errorf("%+v", r)
	}
	if r := rawns(t, "diff", file); r.Code != 0 {
		t.Errorf("%+v", r)
	}
	// By its name, and a second time.
	for _, want := range []string{"had made is gone", "Nothing to take down"} {
		if r := rawns(t, "down", "office"); r.Code != 0 || !strings.Contains(r.Stdout, want) || r.Stderr != "" {
			t.Errorf("%+v, want %q", r, want)
		}
		if after := hostState(t); after != before {
			t.Errorf("before\n%safter\n%s", before, after)
		}
	}
	if fwd := stock(t, "sysctl -n net.ipv4.ip_forward", ""); fwd != "0\n" {
		t.Errorf("net.ipv4.ip_forward is %q", fwd)
	}
	reap()
}

// Two at once choose the indexes of their links one after the other.
func TestUpTogether(t *testing.T) {
	nstest.Sandbox(t)
	before := hostState(t)
	var files []string
	for i := range 4 {
		files = append(files, topologyFile(t, fmt.Sprintf("net%d.topo", i), fmt.Sprintf(`netns net%d_{1..6}
bridge hub%[1]d addr 10.4%[1]d.0.1/16
pool lan 10.4%[1]d.0.0/16 from 10.4%[1]d.1.1
veth v%[1]d_{1..6} master hub%[1]d peer net%[1]d_{1..6}:eth0 addr lan
`, i)))
	}
	for _, verb := range []string{"up", "diff", "down"} {
		var wg sync.WaitGroup
		results := make([]nstest.Result, len(files))
		for i, f := range files {
			wg.Go(func() { results[i] = rawns(t, verb, f) })
		}
		wg.Wait()
		for i, r := range results {
			if r.Code != 0 || r.Stderr != "" {
				t.Errorf("%s %s: %+v", verb, files[i], r)
			}
		}
	}
	if after := hostState(t); after != before {
		t.Errorf("before\n%safter\n%s", before, after)
	}
}

// A file of the same name is another topology.
func TestUpSameName(t *testing.T) {
	nstest.Sandbox(t)
	a, b := topologyFile(t, "lab.topo", "netns a\n"), topologyFile(t, "lab.topo", "netns b\n")
	if r := rawns(t, "up", a); r.Code != 0 {
		t.Fatalf("%+v", r)
	}
	if r := rawns(t, "up", b); r.Code != 1 || !strings.Contains(r.Stderr, a) || !strings.Contains(r.Stderr, "rawns down lab") {
		t.Errorf("%+v", r)
	}
	// Moved, it is the same one.
	if err := os.Rename(a, a+".moved"); err != nil {
		t.Fatal(err)
	}
	if r := rawns(t, "up", b); r.Code != 0 || !strings.Contains(r.Stdout, "$ ip netns add b\n") {
		t.Errorf("%+v", r)
	}
	if r := rawns(t, "down", "lab"); r.Code != 0 {
		t.Errorf("%+v", r)
	}
	if names := stock(t, "ip netns", ""); names != "" {
		t.Errorf("left: %s", names)
	}
}

// Up ran in a network namespace that is gone.
func TestUpLost(t *testing.T) {
	nstest.Sandbox(t)
	before := hostState(t)
	n := nstest.New(t)
	t.Setenv(asRawns, "1")
	if r := nstest.Exec(t, n, binary(t), "up"); r.Code != 0 {
		t.Fatalf("%+v", r)
	}
	if r := rawns(t, "up"); r.Code != 1 || !strings.Contains(r.Stderr, "another network namespace") {
		t.Errorf("%+v", r)
	}
	n.Close()
	var r nstest.Result
	for range 100 { // what was in it takes a moment to end
		if r = rawns(t, "up"); r.Code == 0 {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if r.Code != 0 || !strings.Contains(r.Stdout, "making it anew") {
		t.Errorf("%+v", r)
	}
	if r := rawns(t, "diff"); r.Code != 0 {
		t.Errorf("%+v", r)
	}
	if r := rawns(t, "down"); r.Code != 0 {
		t.Errorf("%+v", r)
	}
	reap()
	if after := hostState(t); after != before {
		t.Errorf("before\n%safter\n%s", before, after)
	}
}

func TestUpWait(t *testing.T) {
	nstest.Sandbox(t)
	file := topologyFile(t, "six.topo", "netns n\nveth v addr fd00:1::1/64 peer n:eth0 addr fd00:1::2/64\n")
	if r := rawns(t, "up", "--wait", file); r.Code != 0 || r.Stderr != "" {
		t.Errorf("%+v", r)
	}
	if out := stock(t, "ip -6 addr show tentative; ip -n n -6 addr show tentative", ""); out != "" {
		t.Errorf("still tentative: %s", out)
	}
	stock(t, "ping -c 1 -W 5 fd00:1::2", "")
	if r := rawns(t, "down", file); r.Code != 0 {
		t.Errorf("%+v", r)
	}
	// What will not come is named.
	stock(t, "ip link add x type veth peer name y", "")
	defer stock(t, "ip link del x", "")
	file = topologyFile(t, "half.topo", "link x up\n")
	if r := rawns(t, "up", "--wait=0", file); r.Code != 0 {
		t.Errorf("%+v", r)
	}
	if r := rawns(t, "up", "--wait=1", file); r.Code != 3 || !strings.Contains(r.Stderr, "x has no carrier") {
		t.Errorf("%+v", r)
	}
	if r := rawns(t, "down", file); r.Code != 0 {
		t.Errorf("%+v", r)
	}
	if out := stock(t, "ip -br link show x", ""); !strings.Contains(out, "DOWN") {
		t.Errorf("down has left x up: %s", out)
	}
	for _, args := range [][]string{{"up", "--wait=x"}, {"up", "-z"}, {"up", "a", "b"}, {"down", "a", "b"}, {"down", "-z"}} {
		if r := rawns(t, args...); r.Code != 2 {
			t.Errorf("%q: %+v", args, r)
		}
	}
}

// What the kernel refuses is said in its words, with the step and a hint.
func TestUpRefused(t *testing.T) {
	nstest.Sandbox(t)
	before := hostState(t)
	for _, c := range []struct{ text, step, words, hint string }{
		{"netns n\nveth v peer n:eth0 addr 10.1.0.1/24\nroute default via 10.9.9.9 netns n\n",
			"ip -n n route add default via 10.9.9.9", "ENETUNREACH): Nexthop has invalid gateway", "onlink"},
		{"netns n\nsysctl net.ipv4.no_such_thing=1 netns n\n", "net.ipv4.no_such_thing=1", "no such file", "/proc/sys/net"},
		{"netns n\nsysctl net.ipv4.conf.all.rp_filter=many netns n\n", "rp_filter=many", "invalid argument", "does not take that value"},
		{"bridge hub\nbridge other master hub\n", "ip link add other", "ELOOP", ""},
		{"vxlan vx{1..2} id 7 dstport 4789\n", "ip link add vx2", "EEXIST", ""},
		{"bridge hub\nvxlan vx{1..1030} id {1..1030} dstport 4789 master hub\n", "ip link add vx1024", "EXFULL", "1,023 ports"},
		{"netns n\nsysctl net.ipv6.conf.all.disable_ipv6=1 netns n\nveth v peer n:e addr fd00::1/64\n", "addr add fd00::1/64", "EACCES", "IPv6 is off"},
		{"netns n\nservice n /no/such/program\n", "/no/such/program", "No such file", ""},
		{"netns n\nservice n:99 true\n", "true &", "ended as soon as it was started", ""},
	} {
		file := topologyFile(t, "bad.topo", c.text)
		r := rawns(t, "up", file)
		if r.Code != 1 || !strings.Contains(r.Stderr, c.step) || !strings.Contains(r.Stderr, c.words) || !strings.Contains(r.Stderr, c.hint) ||
			!strings.Contains(r.Stderr, " failed: ") || !strings.Contains(r.Stderr, "removed again") {
			t.Errorf("%s: %+v", c.text, r)
		}
		if after := hostState(t); after != before {
			t.Errorf("%s: before\n%safter\n%s", c.text, before, after)
		}
	}
	reap()
}

// small is brief to make: one thread does it, for which signals are blocked meanwhile.
const small = `netns n1
bridge hub addr 10.20.0.1/16
veth v1 master hub peer n1:eth0 addr 10.20.1.1/16
`

// A fault is what happens at a system call: "error=ENOSPC:when=3".
type fault struct{ call, what string }

// System calls fail, or the process is killed at them: nothing is left, or down
// finds it; and up makes the rest.
func TestUpInjected(t *testing.T) {
	injected(t, office, []fault{
		{"unshare", "error=ENOSPC:when=3"}, {"mount", "error=ENOMEM:when=4"}, {"sendto", "error=ENOBUFS:when=5"},
		{"recvfrom", "error=ENOBUFS:when=6"}, {"sendto", "error=EPERM:when=4+"}, {"setns", "error=EMFILE:when=1+"},
		{"sendto", "signal=INT:when=4"}, // Ctrl-C
	}, []fault{
		{"unshare", "2"}, {"mount", "5"}, {"mount", "6"}, {"sendto", "1"}, {"sendto", "4"}, {"sendto", "8"}, {"recvfrom", "7"}, {"write", "4"},
	})
}

// TestUpSmallInjected is TestUpInjected without a thread that runs ahead.
func TestUpSmallInjected(t *testing.T) {
	injected(t, small, []fault{
		{"unshare", "error=ENOSPC:when=1"}, {"mount", "error=ENOMEM:when=2"}, {"socket", "error=EMFILE:when=3"}, {"socket", "error=EMFILE:when=4"},
		{"sendto", "error=ENOBUFS:when=4"}, {"sendto", "error=ENOBUFS:when=5"}, {"recvfrom", "error=ENOBUFS:when=6"}, {"setns", "error=ENOMEM:when=2"},
		{"unshare", "signal=INT:when=1"}, {"mount", "signal=TERM:when=2"}, {"sendto", "signal=HUP:when=4"},
	}, []fault{
		{"unshare", "1"}, {"setns", "2"}, {"mount", "2"}, {"sendto", "4"}, {"sendto", "5"}, {"sendto", "6"}, {"write", "2"},
	})
}

func injected(t *testing.T, topology string, faults, kills []fault) {
	nstest.Sandbox(t)
	nstest.Need(t, "strace")
	file := topologyFile(t, "office.topo", topology)
	if r := rawns(t, "up", file); r.Code != 0 { // makes /run/netns
		t.Fatalf("%+v", r)
	}
	rawns(t, "down", file)
	before := hostState(t)
	up := func(call, what string) (int, string) {
		cmd := exec.Command("strace", "-f", "-o", "/dev/null", "-e", "trace="+call, "-e", "inject="+call+":"+what, binary(t), "up", file)
		cmd.Env = append(os.Environ(), asRawns+"=1")
		out, _ := cmd.CombinedOutput()
		return cmd.ProcessState.Sys().(syscall.WaitStatus).ExitStatus(), string(out)
	}
	for _, c := range faults {
		code, out := up(c.call, c.what)
		// Each thread's calls are counted by themselves. So one that is to fail may never be
		// made where Go moves the work from thread to thread, unlike in the binary that
		// ships; and some that clean up fail, too. Where there are more threads, os/signal
		// may tell of a signal when all is made.
		missed := code == 0 && topology == small && (os.Getenv("RAWNS_BINARY") == "" || strings.HasPrefix(c.what, "signal"))
		if strings.Contains(out, "left behind: ") || missed {
			if r := rawns(t, "down", file); r.Code != 0 {
				t.Errorf("%v: %+v", c, r)
			}
		} else if code != 1 && c != (fault{"setns", "error=ENOMEM:when=2"}) { // a panic
			t.Errorf("%v: %d, %s", c, code, out)
		}
		if after := hostState(t); after != before {
			t.Errorf("%v: before\n%safter\n%s", c, before, after)
		}
	}
	for i, c := range kills {
		if code, _ := up(c.call, "signal=KILL:when="+c.what); code == 0 && (topology != small || os.Getenv("RAWNS_BINARY") != "") {
			t.Errorf("%v: not killed", c)
		}
		if i%2 == 0 {
			if r := rawns(t, "up", file); r.Code != 0 {
				t.Errorf("%v: up again: %+v", c, r)
			}
			if r := rawns(t, "diff", file); r.Code != 0 {
				t.Errorf("%v: %+v", c, r)
			}
		}
		if r := rawns(t, "down", file); r.Code != 0 {
			t.Errorf("%v: %+v", c, r)
		}
		if after := hostState(t); after != before {
			t.Errorf("%v: before\n%safter\n%s", c, before, after)
		}
	}
}
