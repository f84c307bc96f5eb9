package ls

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"rawns/cmd/rawns/internal/cli"
	"rawns/ns"
	"rawns/ns/nstest"
)

const asLs = "RAWNS_TEST_LS"

// The test binary is the applet if it is told so.
func TestMain(m *testing.M) {
	if os.Getenv(asLs) != "" {
		code := Run(os.Args)
		cli.Stdout.Flush()
		cli.Stderr.Flush()
		os.Exit(code)
	}
	nstest.Main(m)
}

func ls(t *testing.T, args ...string) nstest.Result {
	t.Helper()
	t.Setenv(asLs, "1")
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return nstest.Exec(t, nil, append([]string{exe}, args...)...)
}

func TestLs(t *testing.T) {
	nstest.Sandbox(t)
	for _, name := range []string{"blue", "\x1b[31m a\xff"} {
		n, err := ns.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		n.Close()
		defer ns.Delete(name)
	}
	os.WriteFile(ns.Dir+"/left", nil, 0)
	defer os.Remove(ns.Dir + "/left")
	anon := nstest.New(t)
	pid := nstest.Background(t, anon, "sleep", "300")
	for _, line := range []string{
		"ip link add name br0 type bridge",
		"ip addr add 10.0.0.254/24 dev br0",
		"ip link add name v1 up master br0 type veth peer name eth0 netns blue",
		"ip link add name v2 master br0 type veth peer name eth0 netns " + strconv.Itoa(pid),
		"ip link set br0 up",
		"ip -n blue addr add 10.0.0.1/24 dev eth0",
		"ip -n blue addr add fd00::1/64 dev eth0 nodad",
		"ip -n blue addr add 10.9.0.1 peer 10.9.0.2/32 dev eth0",
		"ip -n blue link set eth0 up",
		"ip -n blue link add link eth0 name mv0 type macvlan",
	} {
		nstest.Run(t, nil, strings.Fields(line)...)
	}
	defer nstest.Run(t, nil, "ip", "link", "del", "br0")
	defer nstest.Run(t, nil, "ip", "link", "del", "v1")
	defer nstest.Run(t, nil, "ip", "link", "del", "v2")
	blue := nstest.Background(t, mustOpen(t, "blue"), "sleep", "301")

	const named = `.  this namespace
  lo   up                                      127.0.0.1/8  ::1/128
  br0  up    bridge with 2 ports               10.0.0.254/24
  v1   up    veth -> blue:eth0, port of br0
  v2   down  veth -> %s, port of br0

\x1b[31m a\xff
  lo  down

blue
  held by  pid %d sleep 301
  lo    down
  eth0  up    veth -> v1            10.0.0.1/24  10.9.0.1 peer 10.9.0.2/32  fd00::1/64
  mv0   down  macvlan on blue:eth0

left
  could not be looked into: Cannot open network namespace "left": not a network namespace (a file without a namespace on it, left by something that was interrupted; "ip netns delete" removes it)
`
	_, ino := anon.Inode()
	label := "net:[" + strconv.FormatUint(ino, 10) + "]"
	want := fmt.Sprintf(named, "link 2 of nsid 1", blue)
	// Which number the namespace has is the kernel's choice, and so is the width.
	squeeze := func(s string) string {
		return regexp.MustCompile(`nsid \d+`).ReplaceAllString(regexp.MustCompile(` {2,}`).ReplaceAllString(s, "  "), "nsid 1")
	}
	if r := ls(t); r.Code != 0 || squeeze(r.Stdout) != squeeze(want) {
		t.Errorf("got\n%s\nwant\n%s", r.Stdout, want)
	} else if !strings.Contains(r.Stdout, "\n  eth0  up    veth -> v1            10") {
		t.Errorf("not in columns:\n%s", r.Stdout)
	}
	want = fmt.Sprintf(named, label+":eth0", blue)
	r := ls(t, "--all")
	for _, part := range strings.Split(want, "\n\n") {
		if !strings.Contains(squeeze(r.Stdout), squeeze(strings.TrimSpace(part))) {
			t.Errorf("got\n%s\nwithout\n%s", r.Stdout, part)
		}
	}
	// Whoever else holds it (this test does), the process in it is named.
	_, block, _ := strings.Cut(r.Stdout, "\n"+label+"  no name\n")
	block, _, _ = strings.Cut(block, "\n\n")
	if !strings.Contains(block, fmt.Sprintf("pid %d sleep 300\n", pid)) || !strings.Contains(block, "  eth0  down  veth -> v2") {
		t.Errorf("%s: got\n%s", label, r.Stdout)
	}

	r = ls(t, "--all", "--json")
	var list []struct {
		Netns, Name, Path, Error string
		Here                     bool
		Inode, Cookie            uint64
		Holders                  []struct {
			PID     int
			Command string
		}
		Links []struct {
			Name, Kind, Master string
			Up, Carrier        bool
			Peer, Lower        struct{ Netns, Name string }
			Addrs              []struct{ Addr, Peer string }
		}
	}
	if err := json.Unmarshal([]byte(r.Stdout), &list); err != nil || r.Code != 0 {
		t.Fatalf("%v\n%s", err, r.Stdout)
	}
	seen := map[string]bool{}
	for i, sp := range list {
		if sp.Here != (i == 0) || sp.Inode == 0 && sp.Error == "" {
			t.Errorf("%+v", sp)
		}
		for _, l := range sp.Links {
			seen[sp.Netns+" "+l.Name+" > "+l.Peer.Netns+" "+l.Peer.Name+" "+l.Lower.Name+" "+l.Master] = true
			if l.Name == "eth0" && sp.Name == "blue" && (len(l.Addrs) < 3 || l.Addrs[1].Addr != "10.9.0.1/32" || l.Addrs[1].Peer != "10.9.0.2" || !l.Up || !l.Carrier) {
				t.Errorf("%+v", l)
			}
		}
	}
	for _, want := range []string{". v1 > blue eth0  br0", "blue eth0 > . v1  ", "blue mv0 >   eth0 ", ". v2 > " + label + " eth0  br0", label + " eth0 > . v2  "} {
		if !seen[want] {
			t.Errorf("no %q in\n%s", want, r.Stdout)
		}
	}
	if !strings.Contains(r.Stdout, `"\u001b[31m a\udcff"`) || !strings.Contains(r.Stdout, `"error": "Cannot open`) {
		t.Error(r.Stdout)
	}

	for args, code := range map[string]int{"--help": 0, "--what": 2, "blue": 2} {
		r := ls(t, args)
		if r.Code != code || (code == 0) != (r.Stderr == "") || !strings.Contains(r.Stdout+r.Stderr, "Usage: rawns ls [--all] [--json]\n") {
			t.Errorf("ls %s: %+v", args, r)
		}
	}
}

func mustOpen(t *testing.T, name string) *ns.NS {
	t.Helper()
	n, err := ns.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Close() })
	return n
}
