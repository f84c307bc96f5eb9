package topology

import (
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"os/exec"
	"strings"
	"testing"

	"rawns/nl"
	"rawns/ns/nstest"
)

const planned = `topology "lab \x1b[31m"
netns n{1..2} "a b"
bridge br addr 10.0.0.1/24
veth v{1..2} master br peer n{1..2}:eth0 addr 10.0.0.{2..3}/24
link n1:lo up
route default via br netns n1
sysctl "net.ipv4.ping_group_range=0 1" netns "a b"
service n1:8080 http_server "it's"
service "a b" sleep 7
`

func TestPlan(t *testing.T) {
	const steps = ` 1  ip netns add n1
 2  ip link add name br type bridge
 3  ip link add v1 up master br type veth peer name eth0 netns n1
 4  ip -n n1 addr add 10.0.0.2/24 brd + dev eth0
 5  ip -n n1 link set eth0 up
 6  ip -n n1 link set lo up
 7  ip -n n1 route add default via 10.0.0.1
 8  ip netns add n2
 9  ip link add v2 up master br type veth peer name eth0 netns n2
10  ip -n n2 addr add 10.0.0.3/24 brd + dev eth0
11  ip -n n2 link set eth0 up
12  ip netns add 'a b'
13  ip netns exec 'a b' sysctl -qw 'net.ipv4.ping_group_range=0 1'
14  ip addr add 10.0.0.1/24 brd + dev br
15  ip link set dev br up
16  ip netns exec n1 http_server 'it'\''s' &
17  ip netns exec 'a b' sleep 7 &
`
	r := rawns(t, planned, "plan", "-")
	head, rest, _ := strings.Cut(r.Stdout, "\n")
	if r.Code != 0 || r.Stderr != "" || rest != steps ||
		!strings.HasPrefix(head, `# lab \x1b[31m: 3 namespaces, 6 links, 3 addresses, 1 route, 1 setting, 2 services; 17 steps, 11 messages of `) {
		t.Errorf("%+v", r)
	}

	r = rawns(t, planned, "plan", "--shell", "-")
	script := "#!/bin/sh\n# The topology lab \\x1b[31m, as root, where nothing of it is there yet: what \"rawns up\" makes.\nset -e\n"
	for _, l := range strings.SplitAfter(steps, "\n")[:15] {
		script += l[min(4, len(l)):]
	}
	script += `setsid ip netns exec n1 rawns http_server 'it'\''s' </dev/null >/dev/null 2>&1 &
setsid ip netns exec 'a b' sleep 7 </dev/null >/dev/null 2>&1 &
`
	if r.Code != 0 || r.Stdout != script {
		t.Errorf("%s\nwant\n%s", r.Stdout, script)
	}
	if out, err := exec.Command("/bin/sh", "-n", "-c", r.Stdout).CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}

	r = rawns(t, planned, "plan", "--json", "-")
	var list []struct {
		Step                   int
		Op, Netns, Addr, Route string
		Link, Peer             struct {
			Name, Netns string
			Index       int
		}
		Line                         int
		Command, Request, Key, Value string
		Argv                         []string
	}
	if err := json.Unmarshal([]byte(r.Stdout), &list); err != nil || len(list) != 17 {
		t.Fatalf("%v: %+v", err, r)
	}
	for i, s := range list {
		p, err := hex.DecodeString(s.Request)
		if err != nil || s.Step != i+1 || s.Line == 0 || s.Command == "" || !strings.Contains(steps, "  "+s.Command+"\n") {
			t.Errorf("%v: %+v", err, s)
		}
		if n := 0; len(p) > 0 {
			for range nl.Messages(p) {
				n++
			}
			if n != 1 {
				t.Errorf("%d messages: %+v", n, s)
			}
		}
	}
	if s := list[2]; s.Op != "add-link" || s.Link.Name != "v1" || s.Link.Index != 101 || s.Peer.Name != "eth0" || s.Peer.Netns != "n1" || s.Line != 4 || s.Request == "" {
		t.Errorf("%+v", s)
	}
	if s := list[12]; s.Op != "sysctl" || s.Netns != "a b" || s.Key != "net.ipv4.ping_group_range" || s.Value != "0 1" || s.Line != 7 || s.Request != "" {
		t.Errorf("%+v", s)
	}
	if s := list[15]; s.Op != "service" || len(s.Argv) != 2 || s.Argv[1] != "it's" {
		t.Errorf("%+v", s)
	}

	r = rawns(t, planned, "plan", "--hex", "-")
	for _, want := range []string{"\n 1  ip netns add n1\nno message: unshare(CLONE_NEWNET)", "\n 2  ip link add name br type bridge\nRTM_NEWLINK: ", "IFLA_NET_NS_FD", `IFLA_IFNAME       "eth0"`,
		"no message: a file below /proc/sys is written\n", "no message: a process is started\n"} {
		if !strings.Contains(r.Stdout, want) {
			t.Errorf("%q is not in\n%s", want, r.Stdout)
		}
	}
}

func TestPlanRefuses(t *testing.T) {
	for _, c := range []struct {
		text, args string
		code       int
		err        string
	}{
		{"netns a", "plan --json --hex -", 2, "one of --json, --shell and --hex at a time"},
		{"netns a", "plan --yaml -", 2, `"--yaml" is no option`},
		{"netns a a", "plan -", 1, "-:1:9: \"a\": two namespaces of one name\n    netns a a\n            ^\n"},
		{"netns a\nmacvlan a:m link nowhere0", "plan -", 1, "-:2:9: \"a:m\": the link below is not here: \"nowhere0\"\n    macvlan a:m link nowhere0\n            ^\n"},
		{"netns a\nlink a:eth0 mtu 1400", "plan -", 1, "-:2:6: \"a:eth0\": there is no such link here; say of what kind it is to make it\n"},
		{"route default dev nowhere0", "plan -", 1, "-:1:7: \"0.0.0.0/0\": by a link that is not here: \"nowhere0\"\n"},
	} {
		if r := rawns(t, c.text, strings.Fields(c.args)...); r.Code != c.code || r.Stdout != "" || !strings.Contains(r.Stderr, c.err) {
			t.Errorf("%s: %+v", c.text, r)
		}
	}
}

// Links that a file takes for granted are looked up: an unprivileged question.
func TestPlanTakesForGranted(t *testing.T) {
	nstest.Sandbox(t)
	nstest.Run(t, nil, "ip", "link", "add", "under", "index", "777", "type", "bridge")
	defer nstest.Run(t, nil, "ip", "link", "del", "under")
	r := rawns(t, "netns a\nlink under mtu 1400\nmacvlan a:m link under\nroute 10.0.0.0/8 dev under\nveth v peer a:v\n", "plan", "--json", "-")
	// IFLA_LINK of the macvlan, RTA_OIF of the route.
	for _, want := range []string{`"ip link set under mtu 1400"`, `"ip link add link under name m netns a type macvlan"`, hex.EncodeToString(binary.NativeEndian.AppendUint32(nil, 777))} {
		if !strings.Contains(r.Stdout, want) {
			t.Errorf("%q is not in %+v", want, r)
		}
	}
}
