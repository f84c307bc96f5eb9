package topo

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/ns"
	"rawns/ns/nstest"
)

func probeText(p *Probe) string {
	ip := func(a []byte) string { return string(nl.AppendIP(nil, a)) }
	s := fmt.Sprintf("%s %s > %s %s", p.From, ip(p.FromIP), p.To, ip(p.ToIP))
	if p.Service != nil {
		s += fmt.Sprintf(" port %d", p.Service.Port)
	}
	return s
}

func TestProbes(t *testing.T) {
	for name, c := range map[string]struct {
		file, want string
		untried    int
	}{
		"a veth": {`netns a b
veth a:x addr 10.0.0.1/24 addr fd00::1/64 peer b:y addr 10.0.0.2/24 addr fd00::2/64`, "a:x 10.0.0.1 > b:y 10.0.0.2\na:x fd00::1 > b:y fd00::2", 0},
		"star":               {string(articleText), "blue:vethest002 10.1.1.2 > test-bridge 10.1.2.2\ntest-bridge 10.1.2.2 > blue:vethest002 10.1.1.2 port 8080", 0},
		"bridge without one": {"netns n{1..3}\nbridge br\npool p 10.0.0.0/24\nveth v{1..3} master br peer n{1..3}:e addr p", "n1:e 10.0.0.1 > n2:e 10.0.0.2\nn3:e 10.0.0.3 > n1:e 10.0.0.1", 0},
		"isolated ports": {`netns n{1..3}
bridge br
pool p 10.0.0.0/24
veth v{1..2} master br isolated on peer n{1..2}:e addr p
veth v3 master br peer n3:e addr p`, "n1:e 10.0.0.1 > n3:e 10.0.0.3\nn2:e 10.0.0.2 > n3:e 10.0.0.3", 0},
		"all isolated":   {"netns n{1..2}\nbridge br\npool p 10.0.0.0/24\nveth v{1..2} master br isolated on peer n{1..2}:e addr p", "", 2},
		"other networks": {"netns a\nveth x addr 10.0.0.1/24 peer a:y addr 10.0.1.1/24", "", 2},
		"one way":        {"netns a\nveth x addr 10.0.0.1/24 peer a:y addr 10.0.1.1/16", "", 2},
		"no address":     {"netns a\nveth x peer a:y addr 10.0.1.1/24", "", 1},
		"down":           {"netns a\nveth x down addr 10.0.0.1/24 peer a:y addr 10.0.0.2/24", "", 1},
		"bridge down":    {"netns a\nbridge br down addr 10.0.0.1/24\nveth x master br peer a:y addr 10.0.0.2/24", "", 1},
		"two bridges": {`netns a
bridge b1 addr 10.0.0.1/24
bridge b2
veth l1 master b1 peer l2 master b2
veth x master b2 peer a:y addr 10.0.0.2/24`, "a:y 10.0.0.2 > b1 10.0.0.1", 0},
		"macvlans": {`netns a b
bridge br addr 10.0.0.1/24
veth v master br peer w
macvlan a:m link w mode bridge addr 10.0.0.2/24
macvlan b:m link w mode bridge addr 10.0.0.3/24`, "a:m 10.0.0.2 > br 10.0.0.1\nb:m 10.0.0.3 > br 10.0.0.1", 0},
		"macvlan and the one below": {"netns a\ndummy d addr 10.0.0.1/24\nmacvlan a:m link d addr 10.0.0.2/24", "", 2},
		"vxlan": {`netns a b
veth a:x addr 10.0.0.1/24 peer b:y addr 10.0.0.2/24
vxlan a:vx id 7 remote 10.0.0.2 dstport 4789 addr 10.1.0.1/24
vxlan b:vx id 7 remote 10.0.0.1 dstport 4789 addr 10.1.0.2/24`, "a:x 10.0.0.1 > b:y 10.0.0.2\na:vx 10.1.0.1 > b:vx 10.1.0.2", 0},
		"services":       {"netns a b\nservice a:80 x\nservice b:81 y\nservice b z\nveth b:x addr 10.0.0.1/24 peer b:y", "a <nil> > a: 127.0.0.1 port 80", 1},
		"mixed families": {"netns a\nveth x addr fd00::1/64 peer a:y addr 10.0.1.1/24 addr fd00::2/64", "x fd00::1 > a:y fd00::2", 0},
	} {
		list, untried := specOf(t, "t.topo", c.file).Probes()
		var got []string
		for i := range list {
			got = append(got, probeText(&list[i]))
		}
		if name == "services" {
			c.want = "a:  > a: 127.0.0.1 port 80\nb:  > b:x 10.0.0.1 port 81"
		}
		if s := strings.Join(got, "\n"); s != c.want || untried != c.untried {
			t.Errorf("%s: got %d untried and\n%s\nwant %d and\n%s", name, untried, s, c.untried, c.want)
		}
	}
}

// made makes a topology, and takes it away when the test ends.
func made(t *testing.T, s *Spec) {
	t.Helper()
	p, err := s.Plan(observe(t, s.Look()))
	if err != nil {
		t.Fatal(err)
	}
	r, err := Apply(p, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if left := r.Undo(); left != nil {
			t.Error(left)
		}
	})
}

func try(t *testing.T, s *Spec, limit time.Duration) string {
	t.Helper()
	list, _ := s.Probes()
	results, err := Try(list, observe(t, s.Look()), limit)
	if err != nil {
		t.Fatal(err)
	}
	var bad []string
	for i, r := range results {
		if r != nil {
			bad = append(bad, probeText(&list[i])+": "+r.Error())
		}
	}
	return strings.Join(bad, "\n")
}

func TestTry(t *testing.T) {
	nstest.Sandbox(t)
	s := specOf(t, "t.topo", `netns a b
bridge br addr 10.0.0.254/24 addr fd00::254/64
veth v1 master br peer a:e addr 10.0.0.1/24 addr fd00::1/64
veth v2 master br peer b:e addr 10.0.0.2/24
veth a:p addr 10.1.0.1/24 peer b:q addr 10.1.0.2/24
vxlan a:vx id 7 remote 10.1.0.2 dstport 4789 addr 10.2.0.1/24
vxlan b:vx id 7 remote 10.1.0.1 dstport 4789 addr 10.2.0.2/24
service a:80 nothing
`)
	v := s.Services
	s.Services = nil
	made(t, s)
	s.Services = v
	// Nobody listens yet. The IPv6 address may still be tentative: it is waited for.
	if got, want := try(t, s, 2*time.Second), "br 10.0.0.254 > a:e 10.0.0.1 port 80: connection refused"; got != want && !strings.Contains(got, want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	a, err := ns.Open("a")
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	fd, err := a.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	if err := unix.Bind(fd, &unix.SockaddrInet4{Port: 80}); err != nil {
		t.Fatal(err)
	}
	// It begins to listen while it is asked.
	go func() {
		time.Sleep(150 * time.Millisecond)
		unix.Listen(fd, 1)
	}()
	if got := try(t, s, 20*time.Second); got != "" {
		t.Errorf("got\n%s", got)
	}
	for _, c := range []struct{ do, undo, want string }{
		{"ip link set v2 down", "ip link set v2 up", "b:e 10.0.0.2 > br 10.0.0.254: no answer"},
		{"ip -n b link set q down", "ip -n b link set q up", "a:p 10.1.0.1 > b:q 10.1.0.2: no answer\na:vx 10.2.0.1 > b:vx 10.2.0.2: no answer"},
		{"ip -n a link set e down", "", "a:e 10.0.0.1 > br 10.0.0.254: network is unreachable"},
	} {
		run(t, c.do)
		if got := try(t, s, 700*time.Millisecond); !strings.Contains(got, c.want) {
			t.Errorf("%s: got\n%s\nwant\n%s", c.do, got, c.want)
		}
		run(t, c.undo)
	}
}

// More echoes than the neighbour table, which all namespaces share, has room for.
func TestTryMany(t *testing.T) {
	nstest.Sandbox(t)
	const n = probeChunk + 50
	s := specOf(t, "t.topo", fmt.Sprintf("netns n{1..%d}\nbridge br addr 10.0.255.254/16\npool p 10.0.0.0/16\nveth v{1..%d} master br peer n{1..%d}:e addr p\n", n, n, n))
	made(t, s)
	if got := try(t, s, 20*time.Second); got != "" {
		t.Errorf("got\n%s", got)
	}
	st := observe(t, ObserveOptions{Names: []string{"n1", "n240"}, Neighs: true})
	for _, sp := range st.Spaces {
		for _, h := range sp.Neighs {
			if h.Family == unix.AF_INET && h.IP[0] == 10 {
				t.Errorf("%s still knows %v", sp.Name, h.IP)
			}
		}
	}
}
