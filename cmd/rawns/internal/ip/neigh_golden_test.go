//go:build !tiny

package ip

import (
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/difftest"
	"rawns/nl"
	"rawns/nl/rtnl"
	"rawns/ns/nstest"
)

// neighGolden are lines whose requests testdata/neigh.golden holds, as the
// stock tool sends them in the scene.
var neighGolden = []string{
	"ip neigh add 10.1.1.2 lladdr 02:00:00:00:00:99 dev v0",
	"ip neigh add fd00::2 dev v0 nud stale lladdr 02:00:00:00:00:99 router protocol static",
	"ip neigh add 10.1.1.2 dev v0 managed use",
	"ip neigh add 10.1.1.2 dev v0 extern_learn nud none lladdr null",
	"ip neigh add proxy 10.1.1.2 dev v0",
	"ip neigh change 10.1.1.2 lladdr 02:00:00:00:00:99 dev v0 nud reachable",
	"ip neigh replace to 10.1.1.2 lladdr 1.2.3.4 dev if11",
	"ip neigh del 10.1.1.2 dev a-rather-long-alternative-name",
	"ip neigh del proxy fd00::2 dev br0",
	"ip neigh get 10.1.1.2 dev v0",
	"ip neigh get proxy fd00::2 dev br0",
	"ip neigh show",
	"ip -6 neigh show nud all dev v0 nomaster",
	"ip neigh show proxy to 10.1.1.2/24",
	"ip neigh show master br0 unused",
	"ip -f bridge neigh show dev v1",
	"ip addrlabel add prefix fd00::/64 label 7",
	"ip addrlabel add prefix fd00::/64 label 0xffff dev v0",
	"ip addrlabel del prefix fd00::/64 label 7",
	"ip addrlabel",
	"ip -4 addrlabel",
	"ip netconf",
	"ip -6 netconf show",
	"ip -4 netconf show dev v0",
	"ip token set ::5 dev v0",
	"ip token del dev v0",
	"ip token list dev v0",
	"ip ntable",
	"ip -6 ntable show name ndisc_cache dev v0",
	"ip ntable change name arp_cache dev v0 base_reachable 20000 thresh1 4 retrans 500 gc_int 7 gc_stale 10000 delay_probe 2000 queue 7",
	"ip ntable change name ndisc_cache app_probes 1 ucast_probes 2 mcast_probes 3 anycast_delay 4 proxy_delay 5 proxy_queue 6 locktime -7 thresh2 8 thresh3 9",
}

// neighRequest parses a line and returns its request as it would be sent in
// the scene.
func neighRequest(t testing.TB, line string) nl.Message {
	t.Helper()
	p, _, err := parse(difftest.Words(line))
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	var b nl.Builder
	switch s := p.steps[0].(type) {
	case *neighShow:
		s.f.index, s.f.masterIndex = int32(sceneIndexes[s.f.dev]), int32(sceneIndexes[s.f.master])
		s.f.request(&b)
	case *netconfShow:
		s.index = int32(sceneIndexes[s.dev])
		s.request(&b)
		if s.one() {
			q := request{b: b}
			q.setFlags(unix.NLM_F_ACK) // as Conn.Do adds it
		}
	case interface{ request(*nl.Builder) }:
		s.request(&b)
	default:
		return requestsOf(t, line)
	}
	m, err := b.Bytes()
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	return m
}

func TestGoldenNeighRequests(t *testing.T) {
	skipOnBigEndian(t)
	gs := readGolden(t, "neigh.golden")
	if len(gs) != len(neighGolden) {
		t.Errorf("%d requests are there, there are %d lines", len(gs), len(neighGolden))
	}
	for _, g := range gs {
		if got := neighRequest(t, g.line); string(got) != string(g.msg) {
			t.Errorf("%s\ngot  %x\nwant %x", g.line, got, g.msg)
		}
		if mt := rtnl.TypeOf(g.msg.Type()); mt == nil {
			t.Errorf("%s: nothing is known of type %d", g.line, g.msg.Type())
		} else if err := g.msg.Attrs(mt.Header.Size).Check(); err != nil {
			t.Errorf("%s: %v", g.line, err)
		}
	}
}

// TestGoldenNeighFromStock captures the requests anew; with -update it replaces
// those in testdata.
func TestGoldenNeighFromStock(t *testing.T) {
	skipOnBigEndian(t)
	nstest.Need(t, "ip", "strace")
	goldenFromStock(t, "neigh.golden", neighGolden, captureRequests)
}

func TestNeighHints(t *testing.T) {
	nstest.NewNamed(t, "nhints")
	for _, l := range []string{"link add v0 type veth peer name v1", "link set v0 up", "addr add 10.0.0.1/24 dev v0", "neigh add 10.0.0.5 lladdr 2:0:0:0:0:5 dev v0"} {
		if _, e, code := runLine("ip -n nhints "+l, 0); code != 0 {
			t.Fatalf("%s: %s", l, e)
		}
	}
	hints(t, "nhints", []hintCase{
		{"neigh add 10.0.0.5 lladdr 2:0:0:0:0:5 dev v0", "RTNETLINK answers: File exists", `"ip neigh replace" makes or changes it`},
		{"neigh change 10.0.0.6 lladdr 2:0:0:0:0:5 dev v0", "RTNETLINK answers: No such file or directory", `"ip neigh replace" makes or changes it`},
		{"neigh del 10.0.0.6 dev v0", "RTNETLINK answers: No such file or directory", `"ip neigh show nud all dev v0" lists`},
		{"neigh del proxy 10.0.0.6 dev v0", "RTNETLINK answers: No such file or directory", `"ip neigh show proxy dev v0" lists`},
		{"neigh add 10.0.0.6 lladdr 2:0 dev v0", "Error: Invalid link address.", "link-layer addresses of v0 have 6 bytes, this one has 2"},
		{"neigh add 10.0.0.6 dev v0", "Error: No link layer address given.", "needs its lladdr"},
		{"neigh get 10.0.0.7 dev v0", "Error: Neighbour entry not found.", `"ip neigh show nud all dev v0" lists`},
	})
}

// A hintCase is a line that the kernel refuses, how what is said begins, and
// what the hint has in it.
type hintCase struct{ line, first, hint string }

func hints(t *testing.T, ns string, cases []hintCase) {
	t.Helper()
	for _, c := range cases {
		_, e, code := runLine("ip -n "+ns+" "+c.line, 0)
		if !hasHint(e, c.first, c.hint) || code != exitKernel {
			t.Errorf("%s: exit code %d, %q; want %q and the hint %q", c.line, code, e, c.first, c.hint)
		}
	}
}

func hasHint(said, first, hint string) bool {
	line, second, _ := strings.Cut(said, "\n")
	return line == first && strings.HasPrefix(second, "hint: ") && strings.Contains(second, hint)
}
