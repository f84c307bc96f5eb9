//go:build !tiny

package ip

import (
	"strings"
	"testing"

	"rawns/cmd/rawns/internal/difftest"
)

// neighboured has neighbours in every state that can be asked for. The links
// are down or have no address, so that nobody is asked for anything.
const neighboured = `
ip link set lo up; ip link set v0 up addrgenmode none; ip link set v1 up addrgenmode none; ip link set br0 up addrgenmode none
ip addr add 10.0.0.1/24 dev v0
ip neigh add 10.0.0.5 lladdr 02:00:00:00:00:55 dev v0
ip neigh add 10.0.0.6 lladdr 02:00:00:00:00:56 dev v0 nud stale
ip neigh add 10.0.0.7 lladdr 02:00:00:00:00:57 dev v0 nud reachable router
ip neigh add 10.0.0.8 lladdr 02:00:00:00:00:58 dev v0 nud noarp
ip neigh add 10.0.0.9 dev v0 nud none
ip neigh add 10.0.0.10 lladdr 02:00:00:00:00:5a dev v0 extern_learn router nud stale
ip neigh add 10.0.0.11 lladdr 02:00:00:00:00:5b dev v0 protocol static
ip neigh add 10.0.0.12 dev v0 nud failed
ip neigh add 10.0.0.13 dev v0 nud incomplete
ip neigh add fd00::5 lladdr 02:00:00:00:00:55 dev v0 router
ip neigh add fd00::6 lladdr 02:00:00:00:00:56 dev br0 nud stale
ip neigh add proxy 10.0.0.77 dev v0
ip neigh add proxy 10.0.0.78 dev v0 router
ip neigh add proxy fd00::77 dev br0 protocol 4
ip link set v1 master br0
ip neigh add 10.9.0.1 lladdr 02:00:00:00:00:91 dev v1
`

// neighDump prints all neighbours in an order of their own: the kernel's is
// that of a hash with a random key. Groups that IPv6 joins when it likes are
// left out.
const neighDump = `dump() { $IP -s "$@" | sed -E 's/^[0-9a-f].*$/&/; s/used [0-9]+.[0-9]+.[0-9]+/used/; s/probes [0-9]+//' | grep -v -e '^ff' -e '^224' | sort; }
IP=/sbin/ip; dump neigh show nud all; dump neigh show proxy; IP="/sbin/ip -n blue"; dump neigh show nud all`

func neighChanges(t *testing.T, cases []difftest.Case) {
	s := difftest.Suite{Name: "ip", Setup: scene + neighboured, State: neighDump}
	s.Run(t, cases)
}

func TestNeighChangeLikeStock(t *testing.T) {
	const mac = " lladdr 02:00:00:00:00:99"
	ls := lines(
		"ip neigh add 10.0.0.50 dev v0"+mac,
		"ip neighbour add 10.0.0.50 dev v0"+mac,
		"ip neighbor add 10.0.0.50 dev v0"+mac,
		"ip n a 10.0.0.50 dev v0 ll 02:00:00:00:00:99",
		"ip neigh add to 10.0.0.50 dev a-rather-long-alternative-name"+mac,
		"ip neigh add 10.0.0.50"+mac+" nud stale dev v0",
		"ip neigh add 10.0.0.50"+mac+" nud permanent dev v0",
		"ip neigh add 10.0.0.50"+mac+" nud perm dev v0",
		"ip neigh add 10.0.0.50"+mac+" nud noarp dev v0",
		"ip neigh add 10.0.0.50"+mac+" nud 0x4 dev v0",
		"ip neigh add 10.0.0.50 nud none dev v0",
		"ip neigh add 10.0.0.50 nud fail dev v0",
		"ip neigh add 10.0.0.50 nud incomplete dev v0",
		"ip neigh add 10.0.0.50"+mac+" nud delay dev v0; ip neigh del 10.0.0.50 dev v0",
		"ip neigh add 10.0.0.50"+mac+" nud probe dev v0; ip neigh del 10.0.0.50 dev v0",
		"ip neigh add 10.0.0.50"+mac+" router dev v0",
		"ip neigh add 10.0.0.50"+mac+" extern_learn dev v0",
		"ip neigh add 10.0.0.50"+mac+" ext router dev v0 nud reachable",
		"ip neigh add 10.0.0.50 dev v0 managed; ip neigh show 10.0.0.50",
		"ip neigh add 10.0.0.50 dev v0 use; ip neigh show 10.0.0.50",
		"ip neigh add 10.0.0.50"+mac+" dev v0 protocol zebra",
		"ip neigh add 10.0.0.50"+mac+" dev v0 pro 77",
		"ip neigh add 10.0.0.50"+mac+" dev v0 protocol nosuch",
		"ip neigh add 10.0.0.50 dev v0",
		"ip neigh add 10.0.0.50 dev v0 lladdr null",
		"ip neigh add 10.0.0.50 dev v0 lladdr null nud failed",
		"ip neigh add fd00::50 dev v0"+mac,
		"ip -6 neigh add fd00::50 dev v0"+mac,
		"ip -4 neigh add fd00::50 dev v0"+mac,
		"ip -6 neigh add 10.0.0.50 dev v0"+mac,
		"ip neigh add proxy 10.0.0.50 dev v0",
		"ip neigh add pro 10.0.0.50 dev v0",
		"ip neigh add proxy fd00::50 dev v0 router",
		"ip neigh add proxy 10.0.0.50 dev v0 protocol static",
		"ip neigh add proxy 10.0.0.77 dev v0",
		"ip -n blue neigh add 10.0.0.50 dev lo"+mac,
		"ip neigh change 10.0.0.5 dev v0"+mac,
		"ip neigh chg 10.0.0.6 dev v0"+mac+" nud reachable",
		"ip neigh c 10.0.0.6 dev v0"+mac+" nud permanent protocol dhcp",
		"ip neigh change 10.0.0.6 dev v0",
		"ip neigh change 10.0.0.5 dev v0 nud stale",
		"ip neigh replace 10.0.0.5 dev v0"+mac+" nud stale",
		"ip neigh rep 10.0.0.200 dev v0"+mac,
		"ip neigh replace 10.0.0.10 dev v0"+mac+" nud reachable",
		"ip neigh replace proxy 10.0.0.77 dev v0 router",
		"ip neigh delete 10.0.0.5 dev v0",
		"ip neigh del 10.0.0.5 dev v0"+mac,
		"ip neigh d fd00::5 dev v0",
		"ip neigh del proxy 10.0.0.77 dev v0",
		"ip neigh del 10.0.0.77 dev v0",
		"ip neigh del proxy fd00::77 dev br0",
		"ip neigh flush dev v0", "ip -s neigh flush dev v0", "ip -j -s neigh flush dev v0",
		"ip -s -s neigh flush 10.0.0.6", "ip -s -s -j neigh flush 10.0.0.6", "ip -s -s neigh flush dev br0", "ip -s -s neigh flush to fd00::/16 dev br0",
		"ip -s neigh flush all", "ip -4 neigh flush all", "ip -s -6 neigh flush all", "ip -s neigh flush nud permanent", "ip -s neigh flush nud stale nud failed",
		"ip -s neigh flush dev v0 nud all", "ip -s neigh flush nud noarp dev v0", "ip -s neigh flush nud none", "ip -s neigh flush unused dev v0",
		"ip -s neigh flush 10.0.0.8/29", "ip -s neigh flush dev v0 10.0.0.5 nud all", "ip -s neigh flush protocol static nud all", "ip -s neigh flush nomaster nud all 10.0.0.0/8",
		"ip -s neigh flush master br0 nud all 10.0.0.0/8", "ip -s neigh flush proxy", "ip -s neigh flush proxy dev v0", "ip -s neigh flush all nud all 10.0.0.5",
	)
	for i := range ls {
		// The order of a list is random; times pass.
		ls[i].Line = "cd /run; f() { " + ls[i].Line + `
} ; f >o 2>&1; c=$?; sed -E 's/used [0-9]+.[0-9]+.[0-9]+/used/' o | grep -v '^hint: ' | sort; (exit $c)`
	}
	neighChanges(t, ls)
}

func TestNeighShowLikeStock(t *testing.T) {
	options := []string{"", "-s", "-j", "-j -s", "-N", "-4", "-6", "-c", "-o", "-f link", "-d"}
	var ls []string
	for _, o := range options {
		ls = append(ls, "ip "+o+" neigh show", "ip "+o+" neigh show dev v0", "ip "+o+" neigh show proxy")
	}
	ls = append(ls, "ip neigh", "ip n", "ip neighbour list", "ip neighbor lst", "ip neigh s", "ip neigh l", "ip -p -j neigh show 10.0.0.10", "ip -p -j -s neigh show 10.0.0.11", "ip -j neigh show 10.1.0.0/16",
		"ip neigh show nud all to 10.0.0.0/8", "ip neigh show nud none", "ip neigh show nud noarp 10.0.0.0/8", "ip neigh show nud permanent", "ip neigh show nud perm nud fail", "ip neigh show nud re",
		"ip neigh show nud stale", "ip neigh show nud 4", "ip neigh show nud delay", "ip neigh show nud bad", "ip neigh show nud", "ip neigh show nud 5", "ip neigh show nud sta",
		"ip neigh show unused", "ip neigh show nomaster", "ip neigh show master br0", "ip neigh show master br0 nomaster", "ip neigh show nomaster dev v0", "ip neigh show master nope", "ip neigh show vrf nope", "ip neigh show vrf br0",
		"ip neigh show protocol static", "ip neigh show p static", "ip -j neigh show proto 4", "ip neigh show protocol all", "ip neigh show protocol nope", "ip neigh show protocol",
		"ip neigh show 10.0.0.5", "ip neigh show to 10.0.0.5", "ip neigh show 10.0.0.4/31", "ip neigh show to fd00::/64", "ip neigh show 10.0.0.0/24 dev br0", "ip neigh show default", "ip -6 neigh show default", "ip neigh show to",
		"ip -4 neigh show fd00::5", "ip neigh show 10.0.0.300", "ip neigh show proxy dev br0", "ip -6 neigh show proxy", "ip -j neigh show proxy", "ip neigh show proxy nud noarp", "ip neigh show dev nope", "ip neigh show dev v0 dev v1",
		"ip neigh show dev", "ip neigh show help", "ip neigh help", "ip neigh help add", "ip neigh foo", "ip neigh show foo", "ip -f bridge neigh show dev v1", "ip -f bridge neigh show master br0 dev v1", "ip -f bridge neigh show proxy", "ip -f mpls neigh",
		"ip neigh get 10.0.0.5 dev v0", "ip neigh g to 10.0.0.7 dev v0", "ip neigh get dev v0 fd00::5", "ip -j neigh get 10.0.0.10 dev v0", "ip -s neigh get 10.0.0.11 dev v0", "ip -d neigh get 10.0.0.12 dev v0", "ip -c neigh get 10.0.0.6 dev v0",
		"ip neigh get proxy 10.0.0.77 dev v0", "ip neigh get p fd00::77 dev br0", "ip neigh get proxy 10.0.0.5 dev v0", "ip neigh get 10.0.0.77 dev v0", "ip neigh get", "ip neigh get 10.0.0.5", "ip neigh get dev v0", "ip neigh get 10.0.0.5 dev nope",
		"ip neigh get 10.0.0.99 dev v0", "ip neigh get any dev v0", "ip neigh get default dev v0", "ip neigh get 10.0.0.5 10.0.0.6 dev v0", "ip neigh get 10.0.0.5 proxy 10.0.0.77 dev v0", "ip neigh get 10.0.0.5 dev v0 router", "ip neigh get help",
		"ip neigh get proxy help", "ip neigh get to", "ip neigh get 10.0.0.5 dev", "ip -4 neigh get fd00::5 dev v0", "ip -6 neigh get fd00::5 dev v0", "ip -n blue neigh", "ip -n blue neigh get 10.0.0.5 dev lo")
	const mac = " lladdr 02:00:00:00:00:99"
	ls = append(ls, // what is refused
		"ip neigh add 10.0.0.50 dev v0 lladdr 1:2",
		"ip neigh add 10.0.0.50 dev v0 lladdr zz",
		"ip neigh add 10.0.0.50 dev v0 lladdr 1.2.3.4",
		"ip neigh add 10.0.0.50 dev v0"+mac+mac,
		"ip neigh add 10.0.0.50 dev nope"+mac,
		"ip neigh add 10.0.0.50 dev v0 dev v1"+mac,
		"ip neigh add 10.0.0.50/24 dev v0"+mac,
		"ip neigh add 10.0.0.300 dev v0"+mac,
		"ip neigh add default dev v0"+mac,
		"ip neigh add any dev v0"+mac,
		"ip neigh add 10.0.0.50 to 10.0.0.51 dev v0",
		"ip neigh add 10.0.0.50 10.0.0.51 dev v0",
		"ip neigh add proxy 10.0.0.50 proxy 10.0.0.51 dev v0",
		"ip neigh add 10.0.0.50 proxy 10.0.0.51 dev v0",
		"ip neigh add 10.0.0.50 nud bad dev v0",
		"ip neigh add 10.0.0.50 nud 3 dev v0",
		"ip neigh add 10.0.0.50 nud 256 dev v0",
		"ip neigh add 10.0.0.50 nud",
		"ip neigh add 10.0.0.50 dev",
		"ip neigh add 10.0.0.50 to",
		"ip neigh add", "ip neigh add 10.0.0.50", "ip neigh add dev v0", "ip neigh add help",
		"ip neigh add proxy help", "ip neigh add proxy", "ip neigh add 10.0.0.50 rout dev v0", "ip neigh add 10.0.0.50 man dev v0",
		"ip neigh change 10.0.0.200 dev v0"+mac, "ip neigh del 10.0.0.200 dev v0", "ip neigh del proxy 10.0.0.200 dev v0", "ip neigh del 10.0.0.5 dev nope", "ip neigh del 10.0.0.5 dev v1",
		"ip neigh flush", "ip neigh flush dev nope", "ip neigh flush help", "ip neigh flush nope", "ip neigh flush dev v0 dev v1", "ip -s neigh flush nud bad", "ip -s neigh flush dev lo", "ip neigh add 10.0.0.5 dev v0"+mac)
	const atOnce = 16
	var cases []difftest.Case
	for i, l := range ls {
		if i%atOnce == 0 {
			cases = append(cases, difftest.Case{Line: "cd /run"})
		}
		c := &cases[len(cases)-1]
		c.Line += "\n" + l + " >o 2>&1; echo '" + l + "' $?; sed -E -e 's/used [0-9]+.[0-9]+.[0-9]+/used/; s/(used|confirmed|updated|refcnt)\": *[0-9]+/\\1/g; s/ ref [0-9]+//' o"
		if strings.Contains(l, "-j") && !strings.Contains(l, "-p") {
			c.Line += ` -e 's/},\{/\n/g; s/^\[\{//; s/\}\]$//' | grep -v '^"dst":"\(ff\|224\)' | sort`
		} else if !strings.Contains(l, "-f bridge") {
			c.Line += " | grep -v -e '^hint' -e '^ff' -e '^224' -e '^Usage' -e '^  ' -e '^S' -e '^O' -e '^\t' -e '^$' | sort"
		}
	}
	s := difftest.Suite{Name: "ip", Setup: scene + neighboured, State: "true"}
	s.Run(t, cases)
}
