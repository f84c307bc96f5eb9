package main

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"rawns/ns/nstest"
)

// The article's lines as they stand there, and the one that it forgets.
var article = []string{
	"ip netns add blue",
	"ip link add vethtest01 type veth peer name vethest002",
	"ip link list",
	"ip link set vethest002 netns blue",
	"ip netns exec blue ip link list",
	"ip netns exec blue ifconfig vethest002 10.1.1.2/16 up",
	"ip netns exec blue ifconfig",
	"ip netns exec blue /bin/bash -c 'ip link'",
	"ip link add name test-bridge type bridge",
	"ip link set test-bridge up",
	"ifconfig",
	"ip link set dev vethtest01 master test-bridge",
	"brctl show",
	"ifconfig test-bridge 10.1.2.2/16 up",
	"ip link set vethtest01 up",
	"ping -c 3 10.1.1.2",
	"ip netns exec blue http_server &",
	"curl 10.1.1.2:8080",
}

// act is what a line did: what it printed, and the kernel's state afterwards,
// as the stock ip sees it.
type act struct {
	out   string
	code  int
	state string
}

// play runs the article's lines by bash, with tools from path only.
func play(t *testing.T, path string) []act {
	var acts []act
	for _, line := range article {
		background := strings.HasSuffix(line, " &")
		script := line
		if background {
			script = "exec " + strings.TrimSuffix(line, " &")
		}
		cmd := exec.Command("/bin/bash", "-c", script)
		cmd.Env = []string{"PATH=" + path, "HOME=/", "LC_ALL=C"}
		if background {
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				cmd.Process.Signal(syscall.SIGTERM)
				cmd.Wait()
			})
			listening(t)
			acts = append(acts, act{state: stockState(t)})
			continue
		}
		out, err := cmd.CombinedOutput()
		if cmd.ProcessState == nil {
			t.Fatal(line, err)
		}
		acts = append(acts, act{string(out), cmd.ProcessState.ExitCode(), stockState(t)})
	}
	return acts
}

// listening waits until something listens on port 8080 in blue.
func listening(t *testing.T) {
	for range 500 {
		if strings.Contains(stock(t, "cat /proc/net/tcp", "blue"), ":1F90 00000000:0000 0A") {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("nothing listens on port 8080")
}

// stock runs a command with the stock tools.
func stock(t *testing.T, line, space string) string {
	t.Helper()
	if space != "" {
		line = "ip netns exec " + space + " " + line
	}
	cmd := exec.Command("/bin/bash", "-c", line)
	cmd.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", line, err, out)
	}
	return string(out)
}

// stockState is the kernel's state as the stock tools see it, once it is the same
// twice: carriers, and what follows from them, come a moment late.
func stockState(t *testing.T) string {
	t.Helper()
	s := stateNow(t)
	for range 20 {
		time.Sleep(150 * time.Millisecond)
		again := stateNow(t)
		if again == s {
			break
		}
		s = again
	}
	return s
}

func stateNow(t *testing.T) string {
	var s strings.Builder
	spaces := []string{""}
	if names := strings.Fields(stock(t, "ls /run/netns 2>/dev/null; true", "")); len(names) > 0 {
		spaces = append(spaces, names...)
	}
	for _, space := range spaces {
		for _, what := range []string{"ip -d -j link", "ip -d -j addr", "ip -j route show table all", "ip -6 -j route show table all"} {
			var v any
			if err := json.Unmarshal([]byte(stock(t, what, space)), &v); err != nil {
				t.Fatal(what, err)
			}
			p, _ := json.MarshalIndent(mask(v), "", " ")
			fmt.Fprintf(&s, "%s %s %s\n", space, what, p)
		}
	}
	return s.String()
}

// mask takes out of the stock tools' JSON what differs between any two runs.
func mask(v any) any {
	switch v := v.(type) {
	case []any:
		out := v[:0]
		for _, e := range v {
			// Link-local addresses and their routes come and go as IPv6 settles.
			if m, ok := e.(map[string]any); ok {
				s := fmt.Sprint(m["local"], m["dst"])
				if strings.Contains(s, "fe80:") || strings.Contains(s, "ff00:") {
					continue
				}
			}
			if e == "NO-CARRIER" {
				continue // as is operstate, a moment late
			}
			out = append(out, mask(e))
		}
		return out
	case map[string]any:
		for k := range v {
			switch k {
			case "ifindex", "link_index", "operstate", "address", "root_id", "bridge_id", "designated_root", "designated_bridge", "gc_timer", "hello_timer",
				"tcn_timer", "hold_timer", "message_age_timer", "forward_delay_timer", "topology_change_timer", "root_path_cost", "permaddr":
				v[k] = "*"
			default:
				v[k] = mask(v[k])
			}
		}
		return v
	}
	return v
}

// masks for what the tools print.
var masks = []struct{ re, to string }{
	{`(?m)^\d+: `, "N: "},
	{`@if\d+`, "@ifN"},
	{`([0-9a-f]{2}:){5}[0-9a-f]{2}`, "MAC"},
	{`8000\.[0-9a-f]{12}`, "8000.MAC"},
	{`time[= ][0-9.]+ ?ms`, "time=T"},
	{`rtt min/avg/max/mdev = .*`, "rtt"},
	{`(?m)(100    48    0    48    0     0) +\S+ +0 --:--:-- --:--:-- --:--:-- +\S+$`, "$1 SPEED"}, // curl's meter
	{`inet6 fe80::[0-9a-f:]+`, "inet6 fe80::X"},
	{`(?m)^        (RX|TX) packets .*$`, "        $1 packets"},
	// IPv6 settles in its own time: an address appears a moment later.
	{`(?m)^ +inet6 fe80::X.*\n`, ""},
	// So does the state that follows from a carrier.
	{`state (UP|DOWN|LOWERLAYERDOWN|UNKNOWN)`, "state S"},
	{`<NO-CARRIER,`, "<"},
	{`flags=\d+<(.*?),RUNNING`, "flags=N<$1"},
	{`flags=\d+<`, "flags=N<"},
}

func masked(s string) string {
	for _, m := range masks {
		s = regexp.MustCompile(m.re).ReplaceAllString(s, m.to)
	}
	return s
}

// The article, word for word: with nothing but our links and bash on the PATH
// each line prints what the stock tools print and leaves the kernel as they
// leave it.
func TestArticle(t *testing.T) {
	nstest.Sandbox(t)
	nstest.Need(t, "ip", "ifconfig", "brctl", "ping", "curl", "bash", "gcc")

	// The stock side's http_server is the article's, in C.
	bin := t.TempDir()
	if out, err := exec.Command("gcc", "-O2", "-pthread", "-o", filepath.Join(bin, "http_server"), "../../bench/c/http_server.c").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var want, got []act
	clean := func() {
		stock(t, "ip netns del blue; ip link del test-bridge; ip link del vethtest01 2>/dev/null; true", "")
	}
	// nstest's leak check wants /run/netns as it was: cleaned up in between.
	t.Run("stock", func(t *testing.T) { want = play(t, bin+":/usr/sbin:/usr/bin:/sbin:/bin") })
	clean()
	t.Run("rawns", func(t *testing.T) { got = play(t, links(t)) })
	clean()
	for i, line := range article {
		if i >= len(got) || i >= len(want) {
			t.Fatalf("%d and %d lines were run", len(got), len(want))
		}
		if g, w := masked(got[i].out), masked(want[i].out); g != w {
			t.Errorf("$ %s\n--- rawns\n%s--- stock\n%s", line, g, w)
		}
		if got[i].code != want[i].code {
			t.Errorf("$ %s: exit code %d, stock %d", line, got[i].code, want[i].code)
		}
		if got[i].state != want[i].state {
			t.Errorf("$ %s: the kernel's state differs\n--- rawns\n%s--- stock\n%s", line, got[i].state, want[i].state)
		}
	}
	if page := got[len(got)-1].out; !strings.Contains(page, "<html><h1>Welcome to my http server!</h1><html>\n") {
		t.Errorf("the page is %q", page)
	}
}
