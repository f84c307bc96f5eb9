//go:build !tiny

package ip

import (
	"strings"
	"testing"

	"rawns/cmd/rawns/internal/difftest"
)

// addressed sets the scene's links up and gives them addresses of many kinds.
// Link-local addresses would come when they please.
const addressed = "ip link set lo up; for d in v0 v1 br0; do ip link set $d addrgenmode none up; done; " +
	"ip addr add 10.0.0.1/24 brd + dev v0; ip addr add 10.0.0.2/24 dev v0 label v0:two; ip addr add 10.0.9.1 peer 10.0.9.2/30 dev v0; " +
	"ip addr add 10.7.0.1/16 dev v1 metric 50 valid_lft 5000 preferred_lft 400; ip addr add 169.254.0.1/16 dev v1 scope link noprefixroute; " +
	"ip addr add fd00::1/64 dev v0 nodad; ip addr add fd00::2/64 dev v0 preferred_lft 0 nodad; ip addr add fd00::3 peer fd00::4/64 dev v1 noprefixroute nodad; "

// changes runs lines that change something, each after setup, and compares
// addresses and routes of both families too.
func changes(t *testing.T, setup string, cases []difftest.Case) {
	// The kernel ends an address's tentative state when it gets round to it.
	s := difftest.Suite{Name: "ip", Setup: scene + setup, State: "PATH=/sbin:$PATH; ip -d -j addr | sed 's/\"tentative\":true,//'; ip -n blue -j addr; " +
		"ip -d -j -4 route show table all; ip -d -j -6 route; ip -d -6 route show table all | grep -v ' ff00::/8 '"}
	s.Run(t, cases)
}

// shows runs lines that change nothing, some at a time, and compares all that
// they print.
func shows(t *testing.T, setup string, lines []string) {
	s := difftest.Suite{Name: "ip", Setup: scene + setup, State: "true"}
	s.Run(t, together(lines))
}

// together makes cases of some lines each, all of whose output is compared. A
// hint of ours is the one thing that may be there besides; of a usage text only
// that there is one.
func together(lines []string) (cases []difftest.Case) {
	const atOnce = 12
	for i, l := range lines {
		if i%atOnce == 0 {
			cases = append(cases, difftest.Case{Line: "cd /run\n"})
		}
		cases[len(cases)-1].Line += l + " >o 2>&1; echo '" + strings.ReplaceAll(l, "'", "") + "' $?; grep -v '^hint: ' o | sed 's/^Usage:.*/Usage:/; /^Usage:/q'\n"
	}
	return cases
}

func TestAddrChangeLikeStock(t *testing.T) {
	changes(t, "", lines(
		// What the article and its neighbours do.
		"ip addr add 10.1.1.2/16 dev v0",
		"ip a a 10.1.1.2/16 dev v0",
		"ip address add 10.1.1.2/16 brd + dev v0",
		"ip addr add 10.1.1.2/16 broadcast + dev v0",
		"ip addr add 10.1.1.2/16 bro 10.1.255.254 dev v0",
		"ip addr add 10.1.1.2/16 brd - dev v0",
		"ip addr add 10.1.1.2/31 brd + dev v0",
		"ip addr add 10.1.1.2 brd + dev v0",
		"ip addr add dev v0 10.1.1.2/24",
		"ip addr add dev v0 local 10.1.1.2/24",
		"ip addr add 10.1.1.2/24 dev a-rather-long-alternative-name",
		"ip addr add 10.1.1.2/24 dev if11",
		"ip addr add fd00::1/64 dev v0 nodad",
		"ip addr add fd00::1 dev v0",
		"ip -6 addr add fd00::1/64 dev v0",
		"ip -4 addr add 10.1.1.2/24 dev v0",
		"ip -f inet addr add 10.1.1.2/24 dev v0",
		"ip -n blue addr add 127.0.0.1/8 dev lo",
		"ip -n nosuch addr add 127.0.0.1/8 dev lo",

		// How an address may be written.
		"ip addr add 10.1 dev v0",
		"ip addr add 10.1/16 dev v0",
		"ip addr add 10/8 dev v0",
		"ip addr add 010.0x1.2.3/24 dev v0",
		"ip addr add 10.1.1.2/255.255.240.0 dev v0",
		"ip addr add 10.1.1.2/255.0.255.0 dev v0",
		"ip addr add 10.1.1.2/0x18 dev v0",
		"ip addr add 10.1.1.2/030 dev v0",
		"ip addr add ' 10.1.1.2/24' dev v0",
		"ip addr add +10.1.1.2/24 dev v0",
		"ip addr add 10.1.1.2/0 dev v0",
		"ip addr add 0.0.0.0/0 dev v0",
		"ip addr add ::/0 dev v0",
		"ip addr add ::ffff:1.2.3.4/120 dev v0",
		"ip addr add 255.255.255.255 dev v0",
		"ip addr add 10.1.1.2./24 dev v0",
		"ip addr add 10..1/24 dev v0",
		"ip addr add 08/24 dev v0",
		"ip addr add 10.0.0.300/24 dev v0",
		"ip addr add 10.0.0.1/33 dev v0",
		"ip addr add 10.0.0.1/-1 dev v0",
		"ip addr add 10.0.0.1/ dev v0",
		"ip addr add 10.0.0.1/24/3 dev v0",
		"ip addr add 1.2.3.4.5 dev v0",
		"ip addr add ::1/129 dev v0",
		"ip addr add fe80::1%v0/64 dev v0",
		"ip addr add 1::2::3 dev v0",
		"ip addr add ':' dev v0",
		"ip addr add '' dev v0",
		"ip addr add / dev v0",
		"ip addr add default dev v0",
		"ip addr add default/8 dev v0",
		"ip addr add any dev v0",
		"ip addr add all dev v0",
		"ip -4 addr add default dev v0",
		"ip -4 addr add any dev v0",
		"ip -6 addr add default dev v0",
		"ip -6 addr add 10.1.1.1/24 dev v0",
		"ip -4 addr add fd00::1/64 dev v0",
		"ip -0 addr add 10.1.1.1/24 dev v0",
		"ip -B addr add 10.1.1.1/24 dev v0",
		"ip -M addr add 10.1.1.1/24 dev v0",

		// Further words.
		"ip addr add 10.1.1.2 peer 10.1.1.3 dev v0",
		"ip addr add 10.1.1.2 peer 10.1.1.3/24 dev v0",
		"ip addr add 10.1.1.2/16 remote 10.1.1.3 dev v0",
		"ip addr add peer 10.1.1.3/24 10.1.1.2 brd + dev v0",
		"ip addr add peer 10.1.1.3/24 dev v0",
		"ip addr add fd00::1 peer fd00::2/64 dev v0",
		"ip addr add 10.1.1.2 peer fd00::2/64 dev v0",
		"ip addr add 10.1.1.2 peer 10.1.1.3 peer 10.1.1.4 dev v0",
		"ip addr add 10.1.1.2/24 10.1.1.3/24 dev v0",
		"ip addr add 10.1.1.2/24 local 10.1.1.3/24 dev v0",
		"ip addr add 10.1.1.2/24 local",
		"ip addr add 10.1.1.2/24 anycast 10.1.1.9 dev v0",
		"ip addr add 10.1.1.2/24 anycast 10.1.1.9 anycast 10.1.1.8 dev v0",
		"ip addr add 10.1.1.2/24 label v0:x dev v0",
		"ip addr add 10.1.1.2/24 label other dev v0",
		"ip addr add 10.1.1.2/24 label v0:1234567890123 dev v0",
		"ip addr add 10.1.1.2/24 label '' dev v0",
		"ip addr add fd00::1/64 label v0:x dev v0",
		"ip addr add 10.1.1.2/24 dev v0 label",
		"ip addr add 127.0.0.2/8 dev v0",
		"ip addr add 127.0.0.2/8 scope global dev v0",
		"ip addr add 10.1.1.2/24 scope link dev v0",
		"ip addr add 10.1.1.2/24 scope host dev v0",
		"ip addr add 10.1.1.2/24 scope 17 dev v0",
		"ip addr add 10.1.1.2/24 scope 0x11 dev v0",
		"ip addr add 10.1.1.2/24 scope 300 dev v0",
		"ip addr add 10.1.1.2/24 scope foo dev v0",
		"ip addr add 10.1.1.2/24 metric 7 dev v0",
		"ip addr add 10.1.1.2/24 m 7 dev v0",
		"ip addr add 10.1.1.2/24 priority 0x7 dev v0",
		"ip addr add 10.1.1.2/24 pref 7 dev v0",
		"ip addr add fd00::1/64 preference 7 dev v0",
		"ip addr add 10.1.1.2/24 metric -1 dev v0",
		"ip addr add 10.1.1.2/24 metric 4294967296 dev v0",
		"ip addr add 10.1.1.2/24 metric '' dev v0",
		"ip addr add 10.1.1.2/24 dev v0 metric",
		"ip addr add 10.1.1.2/24 dev v0 valid_lft 1000 preferred_lft 500",
		"ip addr add 10.1.1.2/24 dev v0 valid 1000 prefer 500",
		"ip addr add 10.1.1.2/24 dev v0 valid_lft forever preferred_lft forever",
		"ip addr add 10.1.1.2/24 dev v0 preferred_lft 0",
		"ip addr add fd00::1/64 dev v0 preferred_lft 0",
		"ip addr add 10.1.1.2/24 dev v0 valid_lft 0",
		"ip addr add 10.1.1.2/24 dev v0 valid_lft 10",
		"ip addr add 10.1.1.2/24 dev v0 valid_lft 10 preferred_lft 11",
		"ip addr add 10.1.1.2/24 dev v0 valid_lft x",
		"ip addr add 10.1.1.2/24 dev v0 preferred_lft -1",
		"ip addr add 10.1.1.2/24 dev v0 valid_lft 1 valid_lft 2",
		"ip addr add 10.1.1.2/24 dev nosuch valid_lft 0",
		"ip addr add 10.1.1.2/24 brd + brd + dev v0",
		"ip addr add 10.1.1.2/24 brd x dev v0",
		"ip addr add 10.1.1.2/24 brd ::1 dev v0",
		"ip addr add fd00::1/64 brd + dev v0",
		"ip addr add fd00::1/64 brd fd00::2 dev v0",

		// Flags.
		"ip addr add fd00::1/64 dev v0 nodad home mngtmpaddr noprefixroute",
		"ip addr add fd00::1/64 dev v0 optimistic",
		"ip addr add nodad fd00::1/64 dev v0",
		"ip -6 addr add nodad fd00::1/64 dev v0",
		"ip addr add 10.1.1.2/24 dev v0 nodad home",
		"ip addr add 10.1.1.2/24 dev v0 noprefixroute",
		"ip addr add 10.1.1.2/24 dev v0 permanent secondary",
		"ip addr add fd00::1/64 dev v0 tentative dadfailed stable-privacy",
		"ip addr add 10.1.1.2/24 dev v0 nodad foo",
		"ip addr add 239.1.1.1/24 dev v0 autojoin",
		"ip addr add ff05::1/64 dev v0 autojoin",
		"ip addr add 10.1.1.2/24 dev v0 autojoin",

		// What is missing or does not exist.
		"ip addr add",
		"ip addr add dev v0",
		"ip addr add 10.1.1.2/24",
		"ip addr add 10.1.1.2/24 dev",
		"ip addr add 10.1.1.2/24 dev nosuch",
		"ip addr add 10.1.1.2/24 dev ''",
		"ip addr add 10.1.1.2/24 dev 0123456789012345",
		"ip addr add 10.1.1.2/24 dev a/b",
		"ip addr add 10.1.1.2/24 dev 'a b'",
		"ip addr foo",
		"ip addr ''",
		"ip addr add 10.1.1.2/24 dev v0; ip addr add 10.1.1.2/24 dev v0",
		"ip addr add fd00::1/64 dev v0; ip addr add fd00::1/64 dev v0",
		"ip addr add 10.1.1.2/24 dev v0; ip addr add 10.1.1.3/24 dev v0; ip addr add 10.1.1.2/16 dev v0",
		"ip -echo addr add 10.1.1.2/24 dev v0",
		"ip -echo -j addr add 10.1.1.2/24 dev v0",
		"ip -echo addr add 10.1.1.2/33 dev v0",
	))
}

func TestAddrHostileLikeStock(t *testing.T) {
	const ours = "control bytes are escaped"
	changes(t, "", []difftest.Case{
		{Line: `ip addr add "$(printf '\033[31m')" dev v0`, Words: ours},
		{Line: `ip addr add 10.1.1.2/24 dev "$(printf '\033[31m')"`, Words: ours},
		{Line: `ip addr add 10.1.1.2/24 dev v0 label "$(printf 'v0\033[31m')"; ip addr show v0`, Words: ours},
		{Line: `ip addr add 10.1.1.2/24 dev v0 label "$(printf '%0300d' 1)"`, Words: "code: stock leaves the label out and adds the address",
			Setup: "ip addr add 10.1.1.2/24 dev v0"},
		{Line: `ip addr show "$(printf 'a\nb')"`, Words: ours},
		{Line: `ip addr show label "$(printf '\033')"`},
	})
}

func TestAddrReplaceDeleteLikeStock(t *testing.T) {
	changes(t, addressed, lines(
		"ip addr change 10.0.0.1/24 dev v0 metric 9",
		"ip addr chg 10.0.0.1/24 dev v0 valid_lft 100 preferred_lft 50",
		"ip addr change 10.99.0.1/24 dev v0",
		"ip addr change fd00::99/64 dev v0",
		"ip addr replace 10.0.0.1/24 dev v0 valid_lft 1000 preferred_lft 50",
		"ip addr replace 10.0.0.99/24 dev v0",
		"ip addr replace fd00::1/64 dev v0 home",
		"ip addr repl fd00::99/64 dev v0",
		"ip addr del 10.0.0.1/24 dev v0",
		"ip addr delete 10.0.0.1/24 dev v0",
		"ip a d 10.0.0.2/24 dev v0",
		"ip addr del 10.0.0.1 dev v0",
		"ip addr del 10.0.0.1/16 dev v0",
		"ip addr del 10.0.0.77/24 dev v0",
		"ip addr del 10.0.0.1 dev nosuch",
		"ip addr del 10.0.9.1 peer 10.0.9.2/30 dev v0",
		"ip addr del 10.0.9.1/32 dev v0",
		"ip addr del fd00::1/64 dev v0",
		"ip addr del fd00::1 dev v0",
		"ip addr del fd00::3 peer fd00::4/64 dev v1",
		"ip addr del fd00::77/64 dev v0",
		"ip addr del 10.0.0.1/24 dev v1",
		"ip addr del 10.0.0.2/24 label v0:two dev v0",
		"ip addr del 10.0.0.2/24 label v0 dev v0",
		"ip addr del 10.0.0.1/24 brd + dev v0",
		"ip addr del 10.0.0.1/24 scope host dev v0",
		"ip addr del dev v0",
		"ip addr del 10.0.0.1/24",
		"ip -echo addr del 10.0.0.1/24 dev v0",
		"ip -echo -j addr replace 10.0.0.1/24 dev v0 valid_lft 1000 preferred_lft 50",

		"ip addr flush dev v0",
		"ip addr flush v0",
		"ip a f dev v0",
		"ip -4 addr flush dev v0",
		"ip -6 addr flush dev v0",
		"ip addr flush dev v0 scope link",
		"ip addr flush dev v0 scope global",
		"ip addr flush dev v0 to 10.0.0.0/24",
		"ip addr flush to 10.0.0.0/8",
		"ip addr flush to fd00::/16",
		"ip addr flush dev v0 label 'v0:*'",
		"ip addr flush label 'v0*'",
		"ip addr flush dev v0 primary",
		"ip addr flush dev v0 secondary",
		"ip addr flush dev v1 dynamic",
		"ip addr flush dev v0 permanent",
		"ip addr flush dev v0 deprecated",
		"ip addr flush scope host",
		"ip addr flush dev v0 up",
		"ip addr flush",
		"ip addr flush dev",
		"ip addr flush dev nosuch",
		"ip -0 addr flush dev v0",
		"ip -s addr flush dev v0",
		"ip -s -s addr flush dev v0",
		"ip -s -s -4 addr flush dev v0 primary",
		"ip -s -s -o addr flush dev v0",
		"ip -s -s -j addr flush dev v0",
		"ip -s -s -br addr flush dev v0",
		"ip -s addr flush dev br0",
		"ip -s addr flush to 10.77.0.0/16",
		"ip -l 1 -s addr flush dev v0",
		"ip -loops 0 -s addr flush dev v0",
	))
}

func TestAddrShowLikeStock(t *testing.T) {
	filters := []string{
		"", "dev v0", "v0", "show v0", "list dev v1", "lst lo", "sh br0", "show dev if11", "show a-rather-long-alternative-name",
		"show up", "show dev v0 up", "show dev br0 up", "show scope global", "show scope link", "show scope host", "show scope 0", "show scope all", "show scope foo",
		"show to 10.0.0.0/8", "show to 10.0.0.1", "show to 10.0.0.1/24", "show to fd00::/64", "show to default", "show to 10.77.0.0/16", "show to 10.0.0.300",
		"show label v0", "show label 'v0:*'", "show label 'v?'", "show label '[!v]*'", "show label '*[01]'", `show label 'v\0'`, "show label 'l*'", "show label x", "show label v0 dev v1", "show label",
		"show permanent", "show dynamic", "show -permanent", "show -dynamic", "show primary", "show secondary", "show -secondary", "show temporary",
		"show deprecated", "show -deprecated", "show tentative", "show -tentative", "show dadfailed", "show nodad", "show home", "show noprefixroute", "show -noprefixroute permanent",
		"show type veth", "show type bridge", "show type nosuch", "show type bridge_slave", "show master br0", "show master nosuch", "show nomaster", "show vrf br0", "show vrf nosuch",
		"show group default", "show group 7", "show group nosuch", "show v0 v1", "show dev", "show nosuch", "show dev ''", "show dev v0 dev v0", "show permanent scope global to 10.0.0.0/8 up",
	}
	var all []string
	for _, f := range filters {
		all = append(all, "ip addr "+f, "ip -j addr "+f)
	}
	for _, opt := range []string{"-4", "-6", "-0", "-B", "-o", "-br", "-d", "-N", "-c", "-j -p", "-d -j -p", "-4 -j", "-6 -j", "-4 -o", "-6 -o", "-6 -d", "-0 -o", "-0 -br",
		"-br -j", "-br -c", "-br -4", "-br -6", "-o -br", "-o -j", "-o -d", "-o -j -p", "-br -o -6 -j", "-n blue", "-n blue -4", "-f inet", "-f inet6 -j", "-f link", "-N -j"} {
		all = append(all, "ip "+opt+" addr", "ip "+opt+" addr show v0", "ip "+opt+" addr show to 10.0.0.0/8")
	}
	for _, opt := range []string{"-s", "-s -s", "-s -j", "-s -o", "-s -br", "-s -4", "-s -h"} {
		all = append(all, "ip -n blue "+opt+" addr show lo") // nothing comes in there
	}
	shows(t, addressed, all)

	all = nil
	for _, m := range []string{"master br0", "nomaster", "type bridge_slave", "type veth", "up"} {
		for _, opt := range []string{"", "-j", "-4 -j -br", "-o"} {
			if m == "nomaster" && opt == "-4 -j -br" || m == "type bridge_slave" && opt == "-o" {
				continue // stock lists others, too: TestAddrFilters
			}
			all = append(all, "ip "+opt+" addr show "+m)
		}
	}
	shows(t, addressed+"ip link set v1 master br0\n", all)
}

// A veth whose peer is in another namespace hangs on an index that means
// nothing here, and IPv6's list of links does not say so: the peer is not down
// for that. One that is here and down is.
func TestAddrPeerElsewhereLikeStock(t *testing.T) {
	const apart = "ip link add w0 index 20 address 02:00:00:00:00:20 type veth peer name w1 index 40 address 02:00:00:00:00:40 netns blue; " +
		"ip link set w0 addrgenmode none up; ip -n blue link set w1 addrgenmode none up; ip link set v0 addrgenmode none up; " +
		"for i in 1 2 3 4 5 6 7 8 9; do ip link show w0 | grep -q 'state UP' && ip -n blue link show w1 | grep -q 'state UP' && break; sleep 0.2; done; " +
		"ip addr add fe80::20/64 dev w0 nodad; ip -n blue addr add fe80::40/64 dev w1 nodad; ip addr add fe80::11/64 dev v0 nodad; " +
		"ip addr add 10.0.0.20/24 dev w0; ip -n blue addr add 10.0.0.40/24 dev w1\n"
	var all []string
	for _, opt := range []string{"", "-n blue "} {
		for _, l := range []string{"a", "-4 a", "-6 a", "-j a", "-4 -j a", "-6 -j a", "-6 -d a", "-6 -d -j a", "-6 a show up", "-6 a show scope link", "-6 -N a", "-6 -br a", "-6 -o a", "link", "-j link", "-6 link"} {
			all = append(all, "ip "+opt+l)
		}
	}
	shows(t, apart, all)
}
