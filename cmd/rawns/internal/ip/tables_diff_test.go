//go:build !tiny

package ip

import (
	"strings"
	"testing"

	"rawns/cmd/rawns/internal/difftest"
	"rawns/ns/nstest"
)

// Differential tests of the small objects: maddress, addrlabel, netconf, token
// and ntable.

// listening has links that are up.
const listening = "for d in lo v0 v1 br0; do ip link set $d up; done; ip link set v1 master br0; ip maddr add 01:00:5e:01:02:09 dev v0; " +
	"ip addrlabel add prefix fd00::/64 label 77; ip addrlabel add prefix fd01::/64 dev v0 label 78; ip token set ::5 dev v1; " +
	"ip ntable change name arp_cache dev v1 retrans 512 queue 5; ip -n blue link set lo up; ip addr flush dev v1; sleep 0.02; "

// tablesState prints what these objects can change. IPv6 joins a group when it
// likes: groups of single addresses are left out.
const tablesState = `IP=/sbin/ip; $IP maddr show dev v0 | grep -v -e ff: -e 33:33:ff; $IP addrlabel; $IP netconf; $IP token; $IP ntable | sed 's/ reachable [0-9]*//'; $IP -n blue maddr; $IP -n blue addrlabel`

func TestTableChangeLikeStock(t *testing.T) {
	s := difftest.Suite{Name: "ip", Setup: scene + listening, State: tablesState}
	s.Run(t, lines(
		"ip maddr add 01:00:5e:01:02:03 dev v0",
		"ip maddress a address 33:33:00:00:00:77 dev v0; ip maddr add dev v0 address 1:0:5e:1:2:4",
		"ip maddr add 01:00:5e:01:02:09 dev v0; ip m a 01:00:5e:01:02:0a dev v0",
		"ip maddr del 01:00:5e:01:02:09 dev v0",
		"ip maddr d dev v0 01:00:5e:01:02:09",
		"ip -n blue maddr add 01:00:5e:01:02:09 dev lo",
		"ip addrlabel add prefix fd02::/64 label 1",
		"ip addrl a label 0x10 prefix fd02::1/64 dev v0",
		"ip addrlabel add prefix fd02::/64 foo label 5 bar",
		"ip -6 addrlabel add prefix default label 6; ip -6 addrlabel add prefix fd09:: label 6",
		"ip addrlabel del prefix fd00::/64 label 77",
		"ip addrlabel del prefix fd00::/64 label 5",
		"ip addrlabel del prefix fd01::/64 dev v0 label 78",
		"ip addrlabel flush", "ip addrlabel f; ip addrlabel flush", "ip -n blue addrlabel flush",
		"ip token set ::7 dev v0", "ip token add dev v0 ::7", "ip tok s ::7 ::8 dev v0 dev v1", "ip token del dev v1", "ip token d ::4 dev v1 foo",
		"ip token set fd00::7/64 dev v0", "ip token set default dev v1", "ip token set any dev v1",
		"ip ntable change name arp_cache dev v0 base_reachable 20000 retrans 500 gc_stale 10000 delay_probe 2000 queue 7 app_probes 1 ucast_probes 2 mcast_probes 5 anycast_delay 300 proxy_delay 400 proxy_queue 9 locktime 100",
		"ip ntbl c dev v0 name ndisc_cache queue 0x10 queue 17", "ip -6 ntable chg name ndisc_cache dev v0 retrans 256", "ip ntable change name arp_cache dev v0 retrans 010",
	))
}

// tableLines change nothing, or are refused.
var tableLines = []string{
	"ip maddr show dev br0", "ip maddr show br0", "ip maddr list dev v0", "ip maddr l dev lo", "ip -4 maddr", "ip -6 maddr show dev lo", "ip -0 maddr show dev br0", "ip -f bridge maddr", "ip -o -4 maddr",
	"ip -j maddr show dev lo", "ip -p -j -4 maddr", "ip -c -4 maddr show dev v0", "ip -c -0 maddr show dev br0", "ip -d -s maddr show dev lo", "ip maddr show dev nope", "ip -j maddr show dev nope", "ip maddr show v0 v1",
	"ip maddr show dev v0 dev v1", "ip maddr show dev", "ip maddr show help", "ip maddr help", "ip maddr foo", "ip -n blue maddr", "ip -n blue -j maddr", "ip -n nope maddr",
	"ip maddr add", "ip maddr add help", "ip maddr add dev v0 dev v1", "ip maddr add dev nope", "ip maddr add 1:0:5e:1:2:3", "ip maddr add 1:2 dev v0", "ip maddr add 224.0.0.5 dev v0", "ip maddr add zz dev v0", "ip maddr add address",
	"ip maddr add 1:0:5e:1:2:3 1:0:5e:1:2:3 dev v0", "ip maddr add 1:0:5e:1:2:3 dev averyveryverylongname", "ip maddr add 1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1 dev v0", "ip maddr del 1:0:5e:1:2:77 dev v0", "ip maddr del 1:0:5e:1:2:77 dev nope", "ip -n blue maddr del 1:0:5e:1:2:77 dev lo",
	"ip addrlabel", "ip addrlabel show", "ip addrlabel list", "ip addrlabel lst", "ip addrl l", "ip -j addrlabel", "ip -p -j addrlabel", "ip -c addrlabel", "ip -N addrlabel", "ip -o addrlabel", "ip -4 addrlabel", "ip -6 addrlabel", "ip -n blue addrlabel", "ip addrlabel show foo",
	"ip addrlabel flush foo", "ip addrlabel foo", "ip addrlabel help", "ip addrlabel add help", "ip addrlabel add", "ip addrlabel add prefix fd00::/64", "ip addrlabel add label 7", "ip addrlabel add prefix fd00::/64 label 7", "ip addrlabel add prefix 10.0.0.0/8 label 5",
	"ip addrlabel add prefix zz label 1", "ip addrlabel add prefix fd02::/64 label x", "ip addrlabel add prefix fd02::/64 label 4294967295", "ip addrlabel add prefix fd02::/64 label -1", "ip addrlabel add prefix fd02::/64 dev nope label 5", "ip addrlabel add prefix", "ip addrlabel del prefix fd77::/64 label 5",
	"ip -4 addrlabel add prefix 10.0.0.0/8 label 5", "ip -4 addrlabel add prefix fd00::/8 label 5", "ip -4 addrlabel flush", "ip addrlabel del prefix fd01::/64 label 78",
	"ip netconf", "ip netconf show", "ip netc s dev v0", "ip netconf list dev lo", "ip netconf lst", "ip -4 netconf", "ip -6 netconf show dev v0", "ip -4 netconf show dev v0", "ip -4 -j netconf show dev v0", "ip -j netconf", "ip -p -j netconf show dev v0", "ip -j -6 netconf", "ip -c netconf show dev lo",
	"ip -c -4 netconf show dev lo", "ip -o netconf show dev lo", "ip -M netconf", "ip -0 netconf show dev v0", "ip netconf show foo", "ip netconf show dev nope", "ip -4 netconf show dev nope", "ip netconf show dev all", "ip netconf show dev", "ip netconf show dev v0 dev v1", "ip netconf help", "ip netconf foo", "ip -n blue netconf",
	"ip token", "ip token list", "ip token lst", "ip token show dev v1", "ip token get dev v1", "ip token get", "ip tok g dev v0", "ip -j token", "ip -p -j token list dev v1", "ip -c token", "ip -o token", "ip token list foo", "ip token list dev nope", "ip token list dev", "ip token list dev lo", "ip -n blue token",
	"ip token set", "ip token set ::5", "ip token set dev v0", "ip token set ::5 dev nope", "ip token set 10.0.0.1 dev v0", "ip token set zz dev v0", "ip token set ::5 dev lo", "ip token set help", "ip token del", "ip token help", "ip token foo", "ip token set ::5 dev",
	"ip ntable show dev v0", "ip ntable show name arp_cache dev v1", "ip ntable s dev none", "ip ntable l dev lo", "ip ntbl lst dev lo name ndisc_cache", "ip -4 ntable show dev v0", "ip -0 ntable", "ip -j ntable show dev v0", "ip -p -j ntable show dev v1 name arp_cache", "ip -c ntable show dev v0 name arp_cache", "ip -o ntable show dev v0", "ip -s ntable show dev v0",
	"ip -s ntable show dev none", "ip -s -j ntable show dev none", "ip -s -o ntable show dev none name arp_cache", "ip ntable show name nope", "ip -j ntable show name nope", "ip ntable show dev nope", "ip ntable show foo", "ip ntable show help", "ip ntable show dev", "ip ntable show name", "ip ntable help", "ip ntable foo", "ip ntable del", "ip -n blue ntable",
	"ip ntable change", "ip ntable change name arp_cache", "ip ntable change name arp_cache dev v0", "ip ntable change dev v0 queue 5", "ip ntable change name arp_cache dev nope queue 5", "ip ntable change name arp_cache thresh1 x", "ip ntable change name arp_cache thresh1", "ip ntable change name arp_cache retrans x", "ip ntable change name arp_cache dev v0 queue -1", "ip ntable change name arp_cache dev v0 queue 4294967296",
	"ip ntable change name nope queue 5", "ip ntable change name arp_cache foo", "ip ntable change help", "ip ntable change name arp_cache name arp_cache queue 5", "ip -6 ntable change name arp_cache dev v0 queue 5",
}

func TestTableShowLikeStock(t *testing.T) {
	const atOnce = 24
	var cases []difftest.Case
	for i, l := range tableLines {
		if i%atOnce == 0 {
			cases = append(cases, difftest.Case{Line: "cd /run"})
		}
		c := &cases[len(cases)-1]
		// Of a usage text nothing is compared; the rest but for times, and
		// counters of the whole machine.
		c.Line += "\n" + l + " >o 2>&1; echo '" + l + "' $?; if ! grep -q ^Usage o; then " +
			`sed -E -e '/^hint: /d; /(inet6 ff02::1:ff|33:33:ff:)/d; s/((reachable|entries|last_[a-z]+|hash_[a-z]+|[a-z]+_(gc_runs|grows|failed|fulls|mcast|ucast)|allocs|destroys|lookups|hits)"?[: ]) *"?[-0-9a-fx]+( ..:..:..)?"?/\1/g' o; fi`
	}
	s := difftest.Suite{Name: "ip", Setup: scene + listening, State: "true"}
	s.Run(t, cases)
}

func TestTableHints(t *testing.T) {
	nstest.NewNamed(t, "thints")
	for _, l := range []string{"link add v0 type veth peer name v1", "addrlabel add prefix fd00::/64 label 7"} {
		if _, e, code := runLine("ip -n thints "+l, 0); code != 0 {
			t.Fatalf("%s: %s", l, e)
		}
	}
	hints(t, "thints", []hintCase{
		{"addrlabel add prefix fd00::/64 label 7", "RTNETLINK answers: File exists", "has a label already"},
		{"addrlabel add prefix 10.0.0.0/8 label 7", "Error: Attribute failed policy validation.", "only IPv6 prefixes"},
		{"addrlabel del prefix fd01::/64 label 7", "RTNETLINK answers: No such process", `"ip addrlabel" lists`},
		{"token set ::5 dev lo", "Error: ipv6: Device is loopback.", "lo makes itself no addresses"},
		{"ntable change name nope queue 5", "RTNETLINK answers: No such file or directory", "arp_cache and ndisc_cache"},
		{"-6 ntable change name arp_cache queue 5", "RTNETLINK answers: No such file or directory", "another family"},
	})
	_, e, code := runLine("ip -n thints maddr del 1:0:5e:0:0:5 dev v0", 0)
	if code != exitMissing || !hasHint(e, "ioctl: No such file or directory", "marks those that can be deleted") {
		t.Errorf("maddr del: exit code %d, %q", code, e)
	}
}

// A line of /proc may be anything, if somebody mounts something else there.
func TestMaddrLines(t *testing.T) {
	s := &maddrList{}
	for _, l := range []string{"", "11", "11 v0 1 0", "11 v0 x 0 0102", "x v0 1 0 0102", "11 v0 1 0 01020", "11 v0 1 0 zz"} {
		s.link(l, strings.Fields(l))
		s.inet6(l, strings.Fields(l))
	}
	if len(s.found) != 0 {
		t.Errorf("%+v", s.found)
	}
	s.link("", strings.Fields("11 v0 2 1 01005e000001"))
	s.inet6("", strings.Fields("11 v0 ff020000000000000000000000000001 3 0 0"))
	if len(s.found) != 2 || !s.found[0].static || s.found[0].users != 2 || s.found[1].users != 3 || len(s.found[1].addr) != 16 {
		t.Errorf("%+v", s.found)
	}
}
