//go:build !tiny

package ip

import (
	"testing"

	"rawns/cmd/rawns/internal/difftest"
)

// ruleGolden are the lines of testdata/rule.golden.
var ruleGolden = []string{
	"ip rule add from 10.0.0.0/8 table 100 pref 5",
	"ip rule add from all to 10.1.2.3 tos 0x10 table 100000 protocol static",
	"ip rule add not fwmark 0x10/0xf0 lookup main realms 3/4",
	"ip rule add iif v0 oif nosuch uidrange 0-99 ipproto tcp sport 80 dport 1000-2000 table 7",
	"ip rule add l3mdev pref 1000",
	"ip rule add goto 100 tun_id 5",
	"ip rule add nop",
	"ip rule add table main suppress_prefixlength 0 suppress_ifgroup 5",
	"ip rule add nat 10.0.0.1",
	"ip rule add blackhole",
	"ip -6 rule add from fd00::/8 unreachable",
	"ip rule del pref 5",
	"ip rule del from 10.0.0.0/8 table 100",
	"ip mrule add iif v0 table 9",
	"ip rule",
	"ip -6 rule show table 5",
	"ip mrule",
	"ip -6 mrule",
}

// ruled adds rules of many kinds.
const ruled = `
ip rule add from 10.0.0.0/8 table 100 pref 10
ip rule add from 10.1.2.3 to 10.7.0.0/16 tos 0x10 table 100000 pref 11 protocol static
ip rule add fwmark 0x10/0xf0 lookup main pref 12 realms 3/4
ip rule add fwmark 5 iif v0 oif nosuch table local pref 13 realms 7
ip rule add not iif nosuch uidrange 0-99 ipproto tcp sport 80 dport 1000-2000 table 7 pref 14
ip rule add l3mdev pref 15
ip rule add goto 100 pref 16
ip rule add goto 77 pref 17 tun_id 5
ip rule add nop pref 18
ip rule add blackhole pref 19 from 10.9.0.0/16
ip rule add unreachable pref 20 to 10.9.0.1
ip rule add prohibit pref 21 ipproto 200
ip rule add table main suppress_prefixlength 0 suppress_ifgroup 5 pref 22
ip rule add table 8 suppress_prefixlength 24 pref 100
ip -6 rule add from fd00::/8 table 100 pref 10
ip -6 rule add to fd00::1 table 101 pref 11 ipproto ipv6-icmp
ip -6 rule add unreachable iif v0 pref 12 protocol kernel
ip mrule add iif v0 table 9 2>/dev/null
true
`

// rules runs lines that change rules.
func rules(t *testing.T, setup string, cases []difftest.Case) {
	s := difftest.Suite{Name: "ip", Setup: scene + setup, State: "PATH=/sbin:$PATH; ip -d -j rule; ip -6 -d -j rule; ip -d mrule; ip -6 mrule"}
	s.Run(t, cases)
}

func TestRuleChangeLikeStock(t *testing.T) {
	rules(t, "", lines(
		"ip rule add from 10.0.0.0/8 table 100",
		"ip ru a from 10/8 ta 100",
		"ip rule add from 10.0.0.1 to 10.2.0.0/16 lookup 100 pref 5",
		"ip rule add from all table main",
		"ip rule add from default to any table 0",
		"ip rule add to 10.0.0.0/255.0.0.0 table 4294967295 priority 7",
		"ip rule add order 8 table local",
		"ip rule add p 9",
		"ip rule add o 9",
		"ip rule add t 9",
		"ip rule add tos 0x10 table 5",
		"ip rule add dsfield CS1 table 5",
		"ip rule add ds 4",
		"ip rule add fwmark 1 table 5",
		"ip rule add fwmark 0x10/0xff00 table 5; ip rule add fwmark 0 pref 3; ip rule add fwmark 0/0 pref 4; ip rule",
		"ip rule add iif v0 table 5; ip rule add dev br0; ip rule add oif v1 pref 4; ip rule",
		"ip rule add iif nosuch table 5; ip rule add oif nosuch; ip rule; ip -j rule",
		"ip rule add l3mdev; ip rule",
		"ip rule add l3mdev pref 1000 table 0",
		"ip rule add uidrange 5-10 table 3",
		"ip rule add uidrange 0-4294967295 table 3",
		"ip rule add uidrange ' 5-+6x' table 3",
		"ip rule add ipproto tcp; ip rule add ipproto 17; ip rule add ipproto ICMP; ip rule add ipproto ospf; ip rule add ipproto 253; ip rule; ip -N rule",
		"ip rule add sport 80 dport 90-100 ipproto tcp",
		"ip rule add sport 80x; ip rule add dport 5-7y; ip rule add sport -5; ip rule add sport 70000; ip rule add dport 5-; ip rule",
		"ip rule add tun_id 5; ip rule add tun 18446744073709551615; ip rule",
		"ip rule add realms 3 table 4; ip rule add realm 3/5; ip rule add r 4/; ip rule",
		"ip rule add suppress_prefixlength 0 table main; ip rule add sup_pl 5; ip rule add s 7; ip rule",
		"ip rule add suppress_ifgroup 5 table main; ip rule add sup_group default; ip rule add suppress_i 7; ip rule",
		"ip rule add goto 32766 pref 5; ip rule add goto 7 pref 6; ip rule add g 8 pref 7; ip rule; ip -j rule",
		"ip rule add nop; ip rule add no pref 8; ip rule",
		"ip rule add nat 10.0.0.1; ip rule",
		"ip rule add map-to 10.0.0.1 table 4",
		"ip rule add m 10.0.0.1",
		"ip rule add blackhole; ip rule add type prohibit; ip rule add unr; ip rule add throw; ip rule add local; ip rule add 8; ip rule",
		"ip rule add protocol static; ip rule add proto 77 from 1.2.3.4; ip rule add proto kernel from 1.2.3.5; ip rule; ip -d rule; ip -N rule",
		"ip rule add not from 10.0.0.0/8 table 5",
		"ip rule add not table 5; ip -j rule",
		"ip -4 rule add table 5",
		"ip -6 rule add from fd00::/8 table 5; ip -6 rule; ip -j -6 rule",
		"ip -6 rule add to fd00::1 iif v0 blackhole; ip -6 rule",
		"ip -6 rule add from all table 5",
		"ip -6 rule add from ::/0 table 5",
		"ip rule add from fd00::1 table 5",
		"ip rule add to fd00::1 table 5",
		"ip mrule add table 5; ip mrule; ip mrule add pref 5 iif v0; ip -j mrule",
		"ip mrule add from all table 5",
		"ip mrule add from 10.0.0.1 table 5",
		"ip -6 mrule add table 5; ip -6 mrule",
		"ip -0 mrule",
		"ip -B rule add table 5",
		"ip -n blue rule add table 5; ip -n blue rule",
		"ip rule help",
		"ip rule h",
		"ip rule add help",
		"ip rule add from 10.0.0.0/8 h",
		"ip mrule help",
		"ip rule list help",
		"ip -echo rule add table 5 pref 5",
		"ip -d -echo rule del pref 32766",
		"ip rule add table 5 pref 5; ip rule add table 5 pref 5; ip rule add table 6 pref 5; ip rule",
	))
	rules(t, ruled, []difftest.Case{{Line: "ip -echo -j rule del pref 10", Words: "stock's object in an object has no key"}})
	rules(t, ruled, lines(
		"ip rule del pref 10",
		"ip ru d pref 11",
		"ip rule delete from 10.0.0.0/8",
		"ip rule del from 10.0.0.0/8 table 101",
		"ip rule del table 7",
		"ip rule del fwmark 0x10/0xf0",
		"ip rule del nop",
		"ip rule del goto 77",
		"ip rule del prohibit",
		"ip rule del from all table main",
		"ip rule del table local",
		"ip rule del pref 77",
		"ip -6 rule del pref 10",
		"ip -6 rule del to fd00::1",
		"ip rule flush; ip rule",
		"ip -6 rule flush; ip -6 rule",
		"ip rule flush table 100",
		"ip rule flush from 10.0.0.0/8",
		"ip rule flush protocol static",
		"ip rule flush proto boot",
		"ip rule flush pref 12",
		"ip -j rule flush l3mdev",
		"ip -s rule flush iif v0",
		"ip mrule flush",
	))
}

func TestRuleErrorsLikeStock(t *testing.T) {
	shows(t, "", []string{
		"ip rule add", "ip rule del", "ip rule a", "ip rule d", "ip rule add from", "ip rule add from x", "ip rule add from 10.0.0.0/33", "ip rule add to 10.0.0.300", "ip -6 rule add from 10.0.0.0/8", "ip -4 rule add to fd00::1", "ip -0 rule add from all",
		"ip rule add table", "ip rule add table x", "ip rule add table 4294967296", "ip rule add table -1", "ip rule add lookup x", "ip rule add look 5", "ip rule add l 5", "ip rule add pref x", "ip rule add pref -1", "ip rule add pref", "ip rule add order 4294967296",
		"ip rule add tos x", "ip rule add tos 100", "ip rule add tos 3", "ip rule add fwmark", "ip rule add fwmark x", "ip rule add fwmark 5/", "ip rule add fwmark /5", "ip rule add fwmark 5/x", "ip rule add fwmark 1/2/3",
		"ip rule add realms x", "ip rule add protocol x", "ip rule add protocol 256", "ip rule add tun_id x", "ip rule add tun_id 18446744073709551616", "ip rule add suppress_prefixlength x", "ip rule add suppress_prefixlength -1", "ip rule add suppress_ifgroup x", "ip rule add suppress_ifgroup -1",
		"ip rule add iif a/b", "ip rule add iif", "ip rule add iif ''", "ip rule add dev abcdefghijklmnopqrst", "ip rule add oif 'a b'", "ip rule add l3mdev table 5", "ip rule add uidrange 5", "ip rule add uidrange x-5", "ip rule add uidrange 5-3", "ip rule add nat x", "ip rule add nat fd00::1",
		"ip rule add nat", "ip rule add nat 10.0.0.1 foo", "ip rule add ipproto x", "ip rule add ipproto 256", "ip rule add sport x", "ip rule add sport 5-3", "ip rule add dport x", "ip rule add dport ''", "ip rule add goto", "ip rule add goto x", "ip rule add goto 0 pref 5", "ip rule add goto 5 pref 5",
		"ip rule add foo", "ip rule add type", "ip rule add type foo", "ip rule add ''", "ip rule add reject", "ip rule foo", "ip rule ''", "ip mrule foo", "ip mrule add", "ip rule show foo", "ip rule show from", "ip rule show from x",
		"ip rule show table x", "ip rule show pref x", "ip rule show tos x", "ip rule show fwmark x/y", "ip rule show iif a/b", "ip rule show oif a/b", "ip rule show uidrange 5", "ip rule show tun_id x", "ip rule show protocol x", "ip rule show ipproto x", "ip rule show sport x", "ip rule show dport x", "ip rule show to",
		"ip rule show to x", "ip rule show type blackhole", "ip rule flush foo", "ip rule save foo", "ip -0 rule", "ip -M rule", "ip -B rule", "ip -0 rule flush", "ip -0 rule save", "ip rule add from 1.2.3.4 to fd00::1",
		"ip rule restore </dev/null", "printf abcd | ip rule restore", "printf ab | ip rule restore", "printf '\\206ipq' | ip rule restore", "printf '\\206ipqabcdefghijklmnop' >f; ip rule restore <f", "printf '\\206ipq\\100\\0\\0\\0\\40\\0\\0\\0abcd' | ip rule restore",
	})
}

func TestRuleShowLikeStock(t *testing.T) {
	filters := []string{
		"", "show", "list", "lst", "ls", "sh", "l", "s", "show table 100", "show table main", "show lookup 100000", "show l 7", "show ta local", "show pref 10", "show order 11", "show priority 0", "show p 32766", "show not", "show tos 0x10", "show dsfield 10", "show fwmark 5", "show fwmark 0x10",
		"show fwmark 0x10/0xf0", "show fwmark 0/0xf0", "show fwmark 0", "show iif v0", "show dev v0", "show oif nosuch", "show iif nosuch", "show l3mdev", "show uidrange 0-99", "show uidrange 0-98", "show tun_id 5", "show tun_id 0", "show from 10.0.0.0/8", "show from 10.1.2.3", "show src 10/8", "show from 10.1.2.0/24",
		"show from all", "show from 0/0", "show to 10.9.0.1", "show to 10.7.0.0/16", "show dst 10.0.0.0/8", "show 10.9.0.1", "show 10/8", "show to all", "show default", "show protocol static", "show proto all", "show ipproto tcp", "show ipproto 200", "show ipproto 0", "show sport 80", "show sport 80-80", "show sport 81",
		"show dport 1000-2000", "show dport 1000", "show table 100 from 10.0.0.0/8 pref 10",
	}
	var all []string
	for _, f := range filters {
		all = append(all, "ip rule "+f, "ip -j rule "+f)
	}
	for _, o := range []string{"-4", "-6", "-d", "-6 -d", "-o", "-j -p", "-d -j -p", "-N", "-N -j", "-c", "-6 -c", "-6 -j", "-s", "-n blue", "-n blue -j", "-6 -o", "-br", "-r"} {
		all = append(all, "ip "+o+" rule", "ip "+o+" mrule")
	}
	all = append(all, "ip -6 rule show from fd00::/8", "ip -6 rule show to fd00::1", "ip -6 rule show table 101", "ip -6 rule show iif v0", "ip -6 rule show from 10.0.0.0/8", "ip rule show from fd00::/8")
	shows(t, ruled, all)
}

// What one tool saves the other restores.
func TestRuleSaveLikeStock(t *testing.T) {
	rules(t, ruled, []difftest.Case{
		{Line: "ip rule save >/run/a; /sbin/ip rule save >/run/b; cmp -n 4 /run/a /run/b && stat -c %s /run/a /run/b; /sbin/ip rule flush; /sbin/ip rule restore </run/a; echo $?"},
		{Line: "/sbin/ip rule save >/run/b; /sbin/ip rule flush; ip rule restore </run/b; echo $?; ip rule"},
		{Line: "ip rule save | ip rule restore; echo $?"},
		{Line: "ip -6 rule save >/run/a; ip -6 rule flush; ip -6 rule restore </run/a; ip -6 rule"},
		{Line: "ip rule save >/run/a; head -c 100 /run/a >/run/b; ip rule flush; ip rule restore </run/b; echo $?"},
	})
}
