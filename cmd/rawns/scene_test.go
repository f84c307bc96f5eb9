package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"rawns/ns/nstest"
)

// hostState is what a scene could leave on the host.
func hostState(t *testing.T) string {
	t.Helper()
	m, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	// The mount on /run/netns itself stays, as with iproute2.
	mounts := strings.Count(string(m), "/run/netns/")
	s, err := os.ReadDir("/run/rawns")
	journal := err == nil && len(s) > 0
	return fmt.Sprintln(stockState(t), stock(t, "ip netns", ""), mounts, journal)
}

func TestDemo(t *testing.T) {
	nstest.Sandbox(t)
	before := hostState(t)
	r := rawns(t, "demo")
	if r.Code != 0 || r.Stderr != "" {
		t.Fatalf("%+v", r)
	}
	for _, want := range []string{
		"$ ip netns add blue\n", "$ ip link add vethtest01 up master test-bridge type veth peer name vethest002 netns blue\n",
		"forgets to bring vethtest01 up", "$ ip netns exec blue http_server &\n", "3 packets transmitted, 3 received, 0% packet loss",
		"<html><h1>Welcome to my http server!</h1><html>\n", "8 netlink messages",
	} {
		if !strings.Contains(r.Stdout, want) {
			t.Errorf("%q is not in\n%s", want, r.Stdout)
		}
	}
	if after := hostState(t); after != before {
		t.Errorf("before\n%safter\n%s", before, after)
	}
}

// Traced, the demo is the same, and its requests and namespaces are on stderr.
func TestDemoTraced(t *testing.T) {
	nstest.Sandbox(t)
	file := filepath.Join(t.TempDir(), "demo.pcap")
	r := rawns(t, "--trace", "--pcap", file, "demo")
	if r.Code != 0 || !strings.Contains(r.Stdout, "Welcome to my http server!") {
		t.Fatalf("%+v", r)
	}
	for _, want := range []string{
		"unshare(CLONE_NEWNET)\n", `open("/run/netns/blue", O_RDONLY|O_CREAT|O_EXCL)` + "\n", "--> RTM_NEWLINK: make a link of the kind veth, 116 bytes\n",
		"VETH_INFO_PEER    44 bytes\n", `setns(`, "--> RTM_NEWADDR: make an address, 48 bytes\n", "<-- NLMSG_ERROR: acknowledged: the request was carried out, 36 bytes\n",
	} {
		if !strings.Contains(r.Stderr, want) {
			t.Errorf("%q is not in\n%s", want, r.Stderr)
		}
	}
	r = rawns(t, "explain", "--brief", "--file", file)
	if n := strings.Count(r.Stdout, "acknowledged: the request was carried out, "); r.Code != 0 || n < 7 {
		t.Errorf("%d requests acknowledged: %+v", n, r)
	}
	if r = rawns(t, "--step", "ip", "link"); r.Code != 2 || !strings.Contains(r.Stderr, "stdin is no terminal") {
		t.Errorf("%+v", r)
	}
}

// What the demo says of its system calls is what strace counts. Whose a call is strace's
// log does not tell: now and then another thread's falls between ours.
func TestDemoCounts(t *testing.T) {
	nstest.Sandbox(t)
	nstest.Need(t, "strace")
	t.Setenv(asRawns, "1")
	var got, said string
	for range 4 {
		if got, said = demoCounts(t); got == said {
			return
		}
	}
	t.Errorf("strace counts %s; the demo says %s", got, said)
}

func demoCounts(t *testing.T) (strace, demo string) {
	t.Helper()
	log := filepath.Join(t.TempDir(), "log")
	r := nstest.Exec(t, nil, "strace", "-f", "-o", log, binary(t), "demo")
	said := regexp.MustCompile(`(\d+) netlink messages in (\d+) system calls, (\d+) more for the namespace`).FindStringSubmatch(r.Stdout)
	if said == nil {
		t.Fatalf("%+v", r)
	}
	p, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	// Two stretches: making blue, between the unshare and the mount on the name,
	// and entering it later; and from its socket on every call on the netlink sockets.
	making, space, messages, netlink := false, 0, 0, 0
	fds := map[string]bool{}
	done := false
	begun := map[string]string{} // thread: the first half of a call that others interrupted in the log
	for _, line := range strings.Split(string(p), "\n") {
		thread, call, _ := strings.Cut(line, " ")
		call = strings.TrimSpace(call)
		if half, ok := strings.CutSuffix(call, " <unfinished ...>"); ok {
			begun[thread] = half
			continue
		}
		if strings.HasPrefix(call, "<... ") {
			_, half, _ := strings.Cut(call, " resumed>")
			call = begun[thread] + half
		}
		name, rest, ok := strings.Cut(call, "(")
		if !ok {
			continue
		}
		if name == "unshare" && strings.Contains(rest, "CLONE_NEWNET") {
			making = true
		}
		if name == "setns" {
			space++
		}
		if making {
			switch name {
			case "mkdir", "mkdirat", "openat", "flock", "mount", "close", "unshare", "fstat", "newfstatat", "fstatfs", "ioctl":
				space++
			}
			if name == "mount" && strings.Contains(rest, `"/run/netns/blue"`) {
				making = false
			}
			done = done || name == "socket"
		}
		if !done || strings.Contains(call, "AF_INET") && name == "socket" && len(fds) == 2 {
			continue
		}
		fd, _, _ := strings.Cut(strings.TrimRight(rest, ") "), ",")
		switch name {
		case "socket":
			if strings.Contains(rest, "AF_NETLINK") && strings.Contains(rest, "NETLINK_ROUTE") {
				netlink++
				if i := strings.LastIndex(rest, "= "); i > 0 {
					fds[rest[i+2:]] = true
				}
			}
		case "setsockopt", "connect", "recvmsg", "recvfrom", "sendto":
			if fds[fd] {
				netlink++
				if name == "sendto" {
					messages++
				}
			}
		}
	}
	return fmt.Sprintf("%d netlink messages in %d system calls, %d more for the namespace", messages, netlink, space), said[0]
}

// The variable that the demo tells itself by is not believed from outside: the
// demo would play on the host.
func TestDemoVariable(t *testing.T) {
	nstest.Sandbox(t)
	before := hostState(t)
	for _, v := range []string{"1", "net:[1] mnt:[1]", " ", ""} {
		t.Setenv("RAWNS_DEMO_INSIDE", v)
		if r := rawns(t, "demo"); r.Code != 0 {
			t.Errorf("%q: %+v", v, r)
		}
		if after := hostState(t); after != before {
			t.Errorf("%q: before\n%safter\n%s", v, before, after)
		}
	}
}

// A kill of either process, and Ctrl-C, leave nothing.
func TestDemoKilled(t *testing.T) {
	nstest.Sandbox(t)
	before := hostState(t)
	for _, sig := range []syscall.Signal{syscall.SIGKILL, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		cmd := exec.Command(binary(t), "demo", "--keep")
		in, err := cmd.StdinPipe() // the shell waits for it
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if sig == syscall.SIGINT { // a shell ignores it; without --keep it ends the demo
			cmd.Args = cmd.Args[:2]
		}
		cmd.Env = append(os.Environ(), asRawns+"=1", "SHELL=/bin/sh")
		cmd.Stdout = &out
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		// Its child is process 1 of the sandbox.
		inside := 0
		for i := 0; i < 500 && inside == 0; i++ {
			time.Sleep(10 * time.Millisecond)
			p, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", cmd.Process.Pid, cmd.Process.Pid))
			if f := strings.Fields(string(p)); len(f) > 0 {
				inside, _ = strconv.Atoi(f[0])
			}
		}
		if inside == 0 {
			t.Fatal("the demo has no child")
		}
		syscall.Kill(cmd.Process.Pid, sig)
		cmd.Wait()
		in.Close()
		gone := false
		for i := 0; i < 500 && !gone; i++ {
			p, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", inside))
			gone = err != nil || strings.Contains(string(p), ") Z ")
			var ws syscall.WaitStatus
			syscall.Wait4(inside, &ws, syscall.WNOHANG, nil) // it may have become ours
			time.Sleep(10 * time.Millisecond)
		}
		if !gone {
			t.Errorf("%v: process %d of the sandbox still runs", sig, inside)
		}
		if after := hostState(t); after != before {
			t.Errorf("%v: before\n%safter\n%s", sig, before, after)
		}
	}
}

func TestDemoKeep(t *testing.T) {
	nstest.Sandbox(t)
	cmd := exec.Command(binary(t), "demo", "--keep")
	cmd.Env = append(os.Environ(), asRawns+"=1", "SHELL=/bin/sh")
	cmd.Stdin = strings.NewReader("ip netns; curl -s 10.1.1.2:8080; ping -c1 -q 10.1.1.2; ip -br link show test-bridge; rawns --version; echo PATH $PATH\n")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	_, inside, _ := strings.Cut(string(out), "A shell inside the sandbox")
	for _, want := range []string{"blue", "<html><h1>Welcome to my http server!</h1><html>", "1 packets transmitted, 1 received", "test-bridge", "rawns 0.", "PATH /run/rawns/bin:"} {
		if !strings.Contains(inside, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
}

func TestUpDown(t *testing.T) {
	nstest.Sandbox(t)
	before := hostState(t)
	up := rawns(t, "up")
	if up.Code != 0 || !strings.Contains(up.Stdout, "$ ip netns add blue\n") || up.Stderr != "" {
		t.Fatalf("%+v", up)
	}
	if page := stock(t, "curl -s 10.1.1.2:8080", ""); page != "<html><h1>Welcome to my http server!</h1><html>\n" {
		t.Errorf("the page is %q", page)
	}
	if out := stock(t, "ping -c 1 10.1.1.2", ""); !strings.Contains(out, " 0% packet loss") {
		t.Errorf("ping: %s", out)
	}
	during := hostState(t)
	again := rawns(t, "up")
	if again.Code != 0 || !strings.Contains(again.Stdout, "nothing was changed") {
		t.Errorf("%+v", again)
	}
	if s := hostState(t); s != during {
		t.Errorf("up twice: before\n%safter\n%s", during, s)
	}
	// Somebody took a part away: up makes it whole.
	stock(t, "ip link del test-bridge", "")
	third := rawns(t, "up")
	if third.Code != 0 || !strings.Contains(third.Stdout, "no link test-bridge") {
		t.Errorf("%+v", third)
	}
	stock(t, "curl -s -o /dev/null 10.1.1.2:8080", "")
	for _, want := range []string{"had made is gone", "Nothing to take down"} {
		if down := rawns(t, "down"); down.Code != 0 || !strings.Contains(down.Stdout, want) || down.Stderr != "" {
			t.Errorf("%+v, want %q", down, want)
		}
		if s := hostState(t); s != before {
			t.Errorf("down: before\n%safter\n%s", before, s)
		}
	}
	reap()
}

// The address is routed elsewhere: no page comes, up says why, and nothing is
// left.
func TestUpRoutedElsewhere(t *testing.T) {
	nstest.Sandbox(t)
	stock(t, "ip link add other type bridge && ip link set other up && ip route add 10.1.1.0/24 dev other", "")
	defer stock(t, "ip link del other", "")
	before := hostState(t)
	r := rawns(t, "up")
	if r.Code != 1 || !strings.Contains(r.Stderr, "no page comes from 10.1.1.2:8080") || !strings.Contains(r.Stderr, "ip route get 10.1.1.2") {
		t.Errorf("%+v", r)
	}
	if after := hostState(t); after != before {
		t.Errorf("before\n%safter\n%s", before, after)
	}
}

// What the caller of up has open is not the server's: a lock is free again.
func TestUpInheritsNothing(t *testing.T) {
	nstest.Sandbox(t)
	lock := filepath.Join(t.TempDir(), "lock")
	cmd := exec.Command("/bin/bash", "-c", "exec 9>"+lock+"; flock 9; "+binary(t)+" up")
	cmd.Env = append(os.Environ(), asRawns+"=1")
	if out, err := cmd.CombinedOutput(); err != nil { // it also ends: no pipe is kept open
		t.Fatalf("%v\n%s", err, out)
	}
	if out, err := exec.Command("flock", "-n", lock, "true").CombinedOutput(); err != nil {
		t.Errorf("the lock is held: %v %s", err, out)
	}
	if r := rawns(t, "down"); r.Code != 0 {
		t.Errorf("%+v", r)
	}
	reap()
}

// Nobody reads what up prints: it goes on.
func TestUpPipe(t *testing.T) {
	nstest.Sandbox(t)
	before := hostState(t)
	cmd := exec.Command("/bin/bash", "-c", binary(t)+" up | true")
	cmd.Env = append(os.Environ(), asRawns+"=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for i := 0; i < 300 && !strings.Contains(rawns(t, "up").Stdout, "nothing was changed"); i++ {
		time.Sleep(10 * time.Millisecond) // true ends before up does
	}
	if r := rawns(t, "down"); !strings.Contains(r.Stdout, "had made is gone") {
		t.Errorf("%+v", r)
	}
	if after := hostState(t); after != before {
		t.Errorf("before\n%safter\n%s", before, after)
	}
	reap()
}

// reap waits for services that lost their parent and became ours.
func reap() {
	for pid := 1; pid > 0; {
		pid, _ = syscall.Wait4(-1, nil, syscall.WNOHANG, nil)
	}
}

// Whatever is in the way, up names the step, leaves it alone, and removes what
// it had made.
func TestUpFails(t *testing.T) {
	nstest.Sandbox(t)
	for _, c := range []struct{ make, remove, want string }{
		{"ip netns add blue", "ip netns del blue", "step 1 of 8 failed: ip netns add blue"},
		{"ip link add test-bridge type bridge", "ip link del test-bridge", "step 2 of 8 failed: ip link add test-bridge type bridge"},
		{"ip link add vethtest01 type bridge", "ip link del vethtest01", "step 3 of 8 failed: ip link add vethtest01 up"},
	} {
		stock(t, c.make, "")
		before := hostState(t)
		r := rawns(t, "up")
		if r.Code != 1 || !strings.Contains(r.Stderr, c.want) || !strings.Contains(r.Stderr, "File exists") ||
			!strings.Contains(r.Stderr, "hint: ") || strings.Contains(r.Stderr, "removed again") != (c.remove != "ip netns del blue") {
			t.Errorf("%s: %+v", c.make, r)
		}
		if after := hostState(t); after != before {
			t.Errorf("%s: before\n%safter\n%s", c.make, before, after)
		}
		if d := rawns(t, "down"); d.Code != 0 || !strings.Contains(d.Stdout, "Nothing to take down") {
			t.Errorf("%+v", d)
		}
		stock(t, c.remove, "")
	}
}
