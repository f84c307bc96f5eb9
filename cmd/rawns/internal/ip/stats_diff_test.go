//go:build !tiny

package ip

import (
	"encoding/hex"
	"os"
	"strings"
	"testing"

	"rawns/cmd/rawns/internal/difftest"
	"rawns/nl"
	"rawns/ns/nstest"
)

// counted is a scene whose links have seen packets, and none is on its way.
const counted = quiet + "ip link set v1 nomaster; "

func TestXStatsLikeStock(t *testing.T) {
	cases := lines(
		"ip link xstats type bridge", "ip -j link xstats type bridge", "ip -j -p link xstats type bridge_slave", "ip link xstats type bridge_slave", "ip -o link xstats type bridge", "ip -s link xstats type bridge",
		"ip link xs ty bridge", "ip link xstats type bridge igmp", "ip link xstats type bridge mcast", "ip link xstats type bridge_slave stp", "ip link xstats type bridge stp", "ip -j link xstats type bridge stp",
		"ip link xstats type bridge dev br0", "ip link xstats type bridge dev v0", "ip link xstats type bridge_slave dev v0 igmp", "ip link xstats type bond", "ip link xstats type bond_slave dev v0", "ip -j link xstats type bond lacp",
		"ip link xstats type bond 802.3ad", "ip link xstats help", "ip link xstats type bridge help", "ip link xstats type bridge_slave help", "ip link xstats type bond help", "ip link xstats type bond_slave help",
		"ip link xstats", "ip link xstats foo", "ip link xstats type", "ip link xstats type foo", "ip link xstats type veth", "ip link xstats type gre", "ip link xstats type bridge foo", "ip link xstats type bridge lacp", "ip link xstats type bond igmp",
		"ip link xstats type bridge dev", "ip link xstats type bridge dev nosuch",
		"ip -n blue link xstats type bridge",
		"ip link afstats", "ip link afstats dev v0", "ip -j link afstats", "ip -f mpls link afstats", "ip link af", "ip link afstats dev nosuch", "ip link afstats dev", "ip link afstats foo",
	)
	for i := range cases {
		if strings.Contains(cases[i].Line, " type bond") && !strings.HasSuffix(cases[i].Line, "help") && !strings.HasSuffix(cases[i].Line, "igmp") {
			cases[i].Words = "code: the stock tool overruns its stack"
		}
	}
	cases = append(cases, difftest.Case{Line: "ip link afstats help", Words: "usage is made from the tables"})
	s := difftest.Suite{Name: "ip", Setup: scene + counted, State: "true"}
	s.Run(t, cases)
}

func TestStatsLikeStock(t *testing.T) {
	cases := lines(
		"ip stats", "ip stats show", "ip -j stats", "ip -j -p stats show dev v0", "ip stats show dev v0", "ip stats show dev br0", "ip -o stats show dev br0", "ip -o stats", "ip -d stats show dev lo", "ip -s stats show dev lo", "ip -s -d -j stats show dev lo", "ip -h stats show dev lo", "ip -c stats show dev lo", "ip -br stats show dev lo",
		"ip stats show group link", "ip stats show dev lo group link", "ip stats show dev v0 group offload", "ip stats show dev v0 group offload subgroup l3_stats", "ip stats show dev v0 group offload subgroup hw_stats_info", "ip stats show dev v0 group offload subgroup cpu_hit",
		"ip stats show dev v0 group offload subgroup cpu_hit subgroup l3_stats", "ip stats show dev v0 group offload subgroup cpu_hit group link", "ip stats show group xstats", "ip stats show dev br0 group xstats subgroup bridge", "ip stats show dev br0 group xstats subgroup bridge suite mcast",
		"ip stats show dev v0 group xstats_slave subgroup bridge suite stp", "ip -j stats show dev v0 group xstats_slave subgroup bridge suite stp suite mcast", "ip stats show dev v0 group xstats_slave subgroup bond", "ip stats show group afstats", "ip -j stats show dev v0 group afstats subgroup mpls",
		"ip stats show group link group link dev v0", "ip stats show group xstats group xstats_slave dev v0",
		"ip stats show dev nosuch", "ip stats show dev a/b", "ip stats show dev", "ip stats show dev v0 dev v1", "ip stats show foo", "ip stats show group", "ip stats show group foo", "ip stats show subgroup x", "ip stats show suite x", "ip stats show group link subgroup x", "ip stats show group link subgroup x suite y",
		"ip stats show group xstats subgroup foo", "ip stats show group xstats subgroup bridge suite foo", "ip stats show group foo group link", "ip stats show group offload suite x", "ip stats show group offload subgroup cpu_hit suite x",
		"ip stats foo", "ip stats sho", "ip stats se", "ip stats set", "ip stats set dev v0", "ip stats set l3_stats on", "ip stats set dev v0 l3_stats x", "ip stats set dev v0 l3_stats on l3_stats off", "ip stats set dev v0 l3_stats", "ip stats set foo", "ip stats set dev nosuch l3_stats on",
		"ip stats set dev v0 dev v1 l3_stats on", "ip stats set dev v0 l3_stats on; ip stats show dev v0 group offload; ip -j stats show dev v0 group offload", "ip stats set dev v0 l3_stats on; ip stats set l3_stats off dev v0; ip stats show dev v0 group offload",
	)
	for _, line := range []string{"ip stats help", "ip stats show help", "ip stats set help"} {
		cases = append(cases, difftest.Case{Line: line, Words: "usage is made from the tables"})
	}
	s := difftest.Suite{Name: "ip", Setup: scene + counted, State: "/sbin/ip -j stats show group offload"}
	s.Run(t, cases)
}

// What the running kernel may lack: bonds, and MPLS.
func TestStatsOfBondsLikeStock(t *testing.T) {
	nstest.NeedKind(t, "bond")
	words := "code: the stock tool overruns its stack"
	cases := lines("ip stats show dev o0 group xstats", "ip -j stats show dev v0 group xstats_slave", "ip stats show dev v0 group xstats_slave subgroup bond suite 802.3ad")
	for _, line := range []string{"ip link xstats type bond", "ip -j link xstats type bond", "ip link xstats type bond_slave", "ip -j -p link xstats type bond_slave lacp", "ip link xstats type bond_slave 802.3ad dev v0"} {
		cases = append(cases, difftest.Case{Line: line, Words: words})
	}
	s := difftest.Suite{Name: "ip", Setup: scene + "ip link add o0 type bond mode 802.3ad; ip link set v0 master o0", State: "true"}
	s.Run(t, cases)
}

func TestStatsOfMPLSLikeStock(t *testing.T) {
	if _, err := os.Stat("/proc/sys/net/mpls"); err != nil {
		t.Skip("this kernel has no MPLS, or its module mpls_router is not loaded: ", err)
	}
	cases := lines("ip link afstats", "ip link afstats dev v0", "ip -o link afstats", "ip -f mpls link afstats", "ip -4 link afstats", "ip -c link afstats dev v0", "ip stats show dev v0 group afstats", "ip -j -p stats show dev v0 group afstats", "ip stats show group afstats subgroup mpls", "ip stats show dev v0")
	cases = append(cases, difftest.Case{Line: "ip -j link afstats", Words: "the stock tool's is no JSON: there are members without an object"})
	s := difftest.Suite{Name: "ip", Setup: scene, State: "true"}
	s.Run(t, cases)
}

// The questions, as the stock tool asks them of the kernel for link 4, and the
// one request for a change.
func TestGoldenStatsRequests(t *testing.T) {
	skipOnBigEndian(t)
	for _, c := range []struct {
		line string
		want string // behind nlmsghdr
	}{
		{"ip stats show group link", "000000000400000001000000"},
		{"ip stats", "00000000040000001f000000"},
		{"ip stats show group xstats_slave subgroup bridge group offload", "00000000040000000c000000"},
		{"ip stats show group offload subgroup l3_stats", "0000000004000000080000000c0001800800040006000000"},
		{"ip stats show group offload subgroup cpu_hit group afstats", "0000000004000000180000000c0001800800040001000000"},
	} {
		p, _, err := ipTool.parse(difftest.Words(c.line))
		if err != nil {
			t.Fatal(err)
		}
		var b nl.Builder
		p.steps[0].(*statsShow).request(&b, 4)
		m, err := b.Bytes()
		if got := hex.EncodeToString(m[nl.HeaderLen:]); got != c.want || err != nil {
			t.Errorf("%s: %s %v, stock %s", c.line, got, err, c.want)
		}
	}
	if m := requestOf(t, "ip stats set dev v0 l3_stats on"); hex.EncodeToString(m) != "240000005f0005000000000000000000000000000b000000000000000500020001000000" {
		t.Errorf("a change: %x", m)
	}
}
