//go:build tiny

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rawns/ns/nstest"
)

// What a tiny build has works, and what it has not is said so, by its name.
func TestTiny(t *testing.T) {
	nstest.Sandbox(t)
	const not = "not in this build, which was made with -tags tiny"
	file := filepath.Join(t.TempDir(), "topology")
	if err := os.WriteFile(file, []byte("topology t\nnetns a\nbridge b addr 10.0.0.1/24\nveth v master b peer a:eth0 addr 10.0.0.2/24\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	json := filepath.Join(filepath.Dir(file), "json")
	if err := os.WriteFile(json, []byte(`{"rawns": 1, "lines": []}`), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		line string
		code int
		out  string // on stdout, or if the code is not 0, on stderr
	}{
		{"ip link add br0 type bridge stp_state 0", 0, ""},
		{"ip link add v0 type veth peer name v1", 0, ""},
		{"ip link set v0 up master br0", 0, ""},
		{"ip addr add 192.0.2.1/24 dev br0", 0, ""},
		{"ip -j addr show br0", 0, `"local":"192.0.2.1"`},
		{"ip -d link show v0", 0, "bridge_slave"},
		{"ip route add 198.51.100.0/24 via 192.0.2.9 dev v1", 2, "invalid gateway"},
		{"bridge link", 0, "v0"},
		{"bridge fdb show dev v0", 0, "permanent"},
		{"ip rule", 0, "lookup local"},
		{"up " + file, 0, "Up: t"},
		{"ip -n a addr show eth0", 0, "10.0.0.2/24"},
		{"ping -c 1 10.0.0.2", 0, "1 received"},
		{"down t", 0, "Down"},
		{"ping -N name ::1", 2, "-N is " + not},
		{"up " + json, 1, "text: this build"},
		{"ip xfrm state", 1, "ip xfrm is " + not},
		{"ip nexthop", 1, "ip nexthop is " + not},
		{"bridge mdb", 255, "bridge mdb is " + not},
		{"ip route save", 1, "ip route save is " + not},
		{"ip link add g0 type gre remote 192.0.2.2", 1, "options of links of type gre are not known here"},
		{"ip link set v0 vf 0 mac 02:00:00:00:00:01", 255, not},
		{"ip route add 203.0.113.0/24 encap mpls 100 via 192.0.2.9", 255, not},
		{"learn", 2, "learn is " + not},
		{"explain ip link", 2, "explain is " + not},
		{"completion bash", 2, "completion is " + not},
		{"doctor a b", 2, "doctor is " + not},
		{"ifconfig", 2, "ifconfig is " + not},
		{"--trace ip link", 2, "--trace is " + not},
		{"no-such", 2, `no applet is called "no-such"`},
		{"help ip", 0, "Usage: ip"},
	} {
		r := rawns(t, strings.Fields(c.line)...)
		out := r.Stdout
		if c.code != 0 {
			out = r.Stderr
		}
		if r.Code != c.code || !strings.Contains(out, c.out) {
			t.Errorf("%s: code %d, %q, %q", c.line, r.Code, r.Stdout, r.Stderr)
		}
	}
}

// The help text and the links are of the applets that are there.
func TestTinyApplets(t *testing.T) {
	help := rawns(t, "help").Stdout
	dir := links(t)
	for _, a := range applets() {
		if strings.Contains(help, "\n  "+a.name+" ") != (a.run != nil) {
			t.Errorf("%s: there %v, and the help text says otherwise", a.name, a.run != nil)
		}
		_, err := os.Lstat(filepath.Join(dir, a.name))
		if (err == nil) != (a.link && a.run != nil) {
			t.Errorf("%s: there %v, link %v", a.name, a.run != nil, err)
		}
	}
	for _, name := range []string{"ip", "bridge", "ping", "http_server", "httpd", "up", "down", "init"} {
		if find(name) == nil {
			t.Errorf("%s is missing", name)
		}
	}
}
