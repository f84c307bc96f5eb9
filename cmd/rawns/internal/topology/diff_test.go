package topology

import (
	"encoding/json"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"rawns/ns"
	"rawns/ns/nstest"
)

// shell runs lines of commands in the sandbox.
func shell(t *testing.T, lines string) {
	t.Helper()
	for line := range strings.Lines(lines) {
		if w := strings.Fields(line); len(w) > 0 {
			nstest.Run(t, nil, w...)
		}
	}
}

func TestDiff(t *testing.T) {
	nstest.Sandbox(t)
	const file = `netns blue
bridge br0 addr 10.0.0.254/24
veth v1 master br0 peer blue:eth0 addr 10.0.0.1/24
route default via 10.0.0.254 netns blue
`
	const missing = "missing netns blue  (-:1)\nmissing link br0  (-:2)\nmissing link v1  (-:3)\n"
	if r := rawns(t, file, "diff", "-"); r.Code != 3 || r.Stdout != missing || r.Stderr != "" {
		t.Errorf("%+v", r)
	}
	shell(t, `ip netns add blue
		ip link add name br0 type bridge
		ip addr add 10.0.0.254/24 dev br0
		ip link add name v1 up master br0 type veth peer name eth0 netns blue
		ip link set br0 up
		ip -n blue addr add 10.0.0.1/24 dev eth0
		ip -n blue link set eth0 up
		ip -n blue route add default via 10.0.0.254`)
	defer shell(t, "ip link del v1\nip link del br0\nip netns del blue")
	if r := rawns(t, file, "diff", "-"); r.Code != 0 || r.Stdout != "No difference: 1 namespace, 3 links, 1 route.\n" || r.Stderr != "" {
		t.Errorf("%+v", r)
	}
	if r := rawns(t, file, "diff", "--json", "-"); r.Code != 0 || r.Stdout != "[]\n" {
		t.Errorf("%+v", r)
	}
	shell(t, "ip link set v1 down\nip addr add 10.3.0.1/24 dev br0")
	want := "different link v1: it is down, not up  (-:3)\nextra addr br0 10.3.0.1/24  (-:2)\n"
	if r := rawns(t, file, "diff", "-"); r.Code != 3 || r.Stdout != want || r.Stderr != "" {
		t.Errorf("%+v", r)
	}
	var list []struct {
		Kind, Object, Netns, Name, What, Want, Have string
		Line                                        int
	}
	r := rawns(t, file, "diff", "--json", "-")
	if err := json.Unmarshal([]byte(r.Stdout), &list); err != nil || r.Code != 3 || len(list) != 2 {
		t.Fatalf("%v %+v", err, r)
	}
	if d := list[0]; d.Kind != "different" || d.Object != "link" || d.Name != "v1" || d.Want != "up" || d.Have != "down" || d.Line != 3 {
		t.Errorf("%+v", d)
	}
	// Of the article, which is not here.
	if r := rawns(t, "", "diff"); r.Code != 3 || !strings.HasPrefix(r.Stdout, "missing link test-bridge  (article:3)\nmissing link vethtest01") {
		t.Errorf("%+v", r)
	}
	for args, want := range map[string]string{"diff a b": "one FILE is enough", "diff --x": "is no option", "diff /none": "No such file"} {
		if r := rawns(t, "", strings.Fields(args)...); r.Code == 0 || r.Code == 3 || !strings.Contains(r.Stderr, want) {
			t.Errorf("%s: %+v", args, r)
		}
	}
}

func TestExport(t *testing.T) {
	nstest.Sandbox(t)
	if r := rawns(t, "", "export"); r.Code != 0 || r.Stdout != "" || r.Stderr != "" {
		t.Errorf("nothing there: %+v", r)
	}
	shell(t, `ip netns add blue
		ip link add name br0 type bridge
		ip addr add 10.0.0.254/24 dev br0
		ip link add name v1 up master br0 type veth peer name eth0 netns blue
		ip link set br0 up
		ip link add name i0 master br0 type ifb
		ip -n blue addr add 10.0.0.1/24 dev eth0
		ip -n blue link set eth0 up
		ip -n blue route add default via 10.0.0.254`)
	defer shell(t, "ip link del v1\nip link del br0\nip link del i0\nip netns del blue")
	const text = `netns blue
bridge br0 addr 10.0.0.254/24
veth v1 master br0 peer blue:eth0 addr 10.0.0.1/24
route default via 10.0.0.254 dev eth0 netns blue
`
	const left = "rawns export: left out: that \"i0\" is a port of \"br0\": the port is left out\n"
	if r := rawns(t, "", "export"); r.Code != 0 || r.Stdout != text || r.Stderr != left {
		t.Errorf("%+v", r)
	}
	// As JSON it is the same.
	r := rawns(t, "", "export", "--json")
	if r.Code != 0 || !strings.HasPrefix(r.Stdout, `{"rawns": 1`) {
		t.Errorf("%+v", r)
	}
	if r := rawns(t, r.Stdout, "fmt", "-"); r.Code != 0 || r.Stdout != text {
		t.Errorf("%+v", r)
	}
	shell(t, "ip link set i0 nomaster")
	if r := rawns(t, text, "diff", "-"); r.Code != 0 {
		t.Errorf("%+v", r)
	}
	if r := rawns(t, "", "export", "x"); r.Code != 2 || !strings.Contains(r.Stderr, "too much") {
		t.Errorf("%+v", r)
	}
}

func TestCheck(t *testing.T) {
	nstest.Sandbox(t)
	const file = `netns blue
bridge br0 addr 10.0.0.254/24
veth v1 master br0 peer blue:eth0 addr 10.0.0.1/24
veth a1 addr 10.1.0.1/24 peer blue:a2 addr 10.2.0.1/24
service blue:8080 http_server
`
	shell(t, `ip netns add blue
		ip link add name br0 type bridge
		ip addr add 10.0.0.254/24 dev br0
		ip link add name v1 up master br0 type veth peer name eth0 netns blue
		ip link set br0 up
		ip -n blue addr add 10.0.0.1/24 dev eth0
		ip -n blue link set eth0 up
		ip link add name a1 up type veth peer name a2 netns blue
		ip addr add 10.1.0.1/24 dev a1
		ip -n blue addr add 10.2.0.1/24 dev a2
		ip -n blue link set a2 up`)
	defer shell(t, "ip link del v1\nip link del br0\nip link del a1\nip netns del blue")
	// A socket that listens is all that a connection needs.
	blue, err := ns.Open("blue")
	if err != nil {
		t.Fatal(err)
	}
	defer blue.Close()
	fd, err := blue.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	if err := unix.Bind(fd, &unix.SockaddrInet4{Port: 8080}); err != nil {
		t.Fatal(err)
	}
	if err := unix.Listen(fd, 100); err != nil {
		t.Fatal(err)
	}
	const sum = "1 echo and 1 service answered; no differences; 2 links without a neighbour to send an echo to.\n"
	if r := rawns(t, file, "check", "-"); r.Code != 0 || r.Stdout != sum || r.Stderr != "" {
		t.Errorf("%+v", r)
	}
	const all = "answered: blue:eth0 10.0.0.1 -> br0 10.0.0.254  (-:3)\nanswered: service blue:8080 at 10.0.0.1 from br0  (-:5)\n"
	if r := rawns(t, file, "check", "-v", "-"); r.Code != 0 || r.Stdout != all+sum || r.Stderr != "" {
		t.Errorf("%+v", r)
	}
	// As different as can be, nothing is tried.
	want := "missing netns red  (-:1)\nmissing link x  (-:2)\nno echoes and no services answered; 2 differences.\n"
	if r := rawns(t, "netns red\nveth x addr 10.7.0.1/24 peer red:y addr 10.7.0.2/24\n", "check", "-"); r.Code != 3 || r.Stdout != want {
		t.Errorf("%+v", r)
	}
	shell(t, "ip link set v1 down")
	want = `different link v1: it is down, not up  (-:3)
no answer: blue:eth0 10.0.0.1 -> br0 10.0.0.254  (-:3)
no answer: service blue:8080 at 10.0.0.1 from br0  (-:5)
("rawns doctor blue:eth0 br0" says why.)
no echoes and no services answered, 2 others did not; 1 difference; 2 links without a neighbour to send an echo to.
`
	r := rawns(t, file, "check", "-")
	r.Stdout = strings.Replace(r.Stdout, ": No route to host (EHOSTUNREACH)", "", 1) // TCP's own patience may be over first
	if r.Code != 3 || r.Stdout != want || r.Stderr != "" {
		t.Errorf("%+v", r)
	}
	shell(t, "ip link set v1 up")
	unix.Shutdown(fd, unix.SHUT_RDWR)
	var got struct {
		Differences []struct{ Kind string }
		Probes      []struct {
			Kind, From, To, Error string
			Answered              bool
			Port, Line            int
		}
	}
	r = rawns(t, file, "check", "--json", "-")
	if err := json.Unmarshal([]byte(r.Stdout), &got); err != nil || r.Code != 3 || len(got.Differences) != 0 || len(got.Probes) != 2 {
		t.Fatalf("%v %+v", err, r)
	}
	if p := got.Probes; !p[0].Answered || p[0].From != "blue:eth0" || p[1].Answered || p[1].Port != 8080 || p[1].Error != "Connection refused (ECONNREFUSED)" || p[1].Line != 5 {
		t.Errorf("%+v", p)
	}
}
