package doctor

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rawns/ns"
	"rawns/ns/nstest"
	"rawns/ns/topo/doctor"
)

// nftRules is a filter of nftables for a namespace that is pinged from 10.1.0.2, made
// at random of what people write.
func nftRules(r *rand.Rand) string {
	pick := func(words ...string) string { return words[r.IntN(len(words))] }
	match := func() string {
		return pick(
			"ip saddr 10.1.0.2", "ip saddr != 10.1.0.2", "ip saddr 10.1.0.0/16", "ip saddr 10.1.0.0/30", "ip saddr { 10.1.0.9, 10.1.0.2 }", "ip saddr { 10.1.0.0-10.1.0.1, 10.1.0.3/32 }",
			"ip saddr 10.1.0.1-10.1.0.2", "ip saddr > 10.1.0.2", "ip saddr @some", "ip saddr @ranges", "ip saddr != @some", "ip daddr 10.1.0.3", "ip daddr 10.1.0.2",
			`iifname "eth0"`, `iifname "eth*"`, `iifname { "eth0", "lo" }`, `iifname != "lo"`, `iif "eth0"`, `iif "lo"`, `oifname "eth0"`,
			"meta l4proto icmp", "meta l4proto != 17", "ip protocol icmp", "meta protocol ip",
			"icmp type echo-request", "icmp type { echo-request, echo-reply }", "icmp type != echo-request", "icmp code 0", "icmp type echo-reply",
			"ct state new", "ct state established,related", "ct state invalid", "ct state { new, established }",
			"ip ttl 64", "ip ttl < 64", "ip version 4", "ip dscp cs0", "ip frag-off & 0x1fff == 0", "meta length > 4000", "meta mark 0", "meta mark 7", "meta pkttype host", "meta iiftype ether",
			"ip saddr . ip daddr { 10.1.0.2 . 10.1.0.3 }", "ip saddr . iifname { 10.1.0.2 . \"eth0\" }", "ip saddr & 0.0.0.255 == 0.0.0.2", "icmp sequence < 1000")
	}
	verdict := func(deep int) string {
		words := []string{"accept", "drop", "reject", "return", "continue", "counter", "counter accept", "meta mark set 7", "ct state vmap { new : drop, established : accept }",
			"ct state vmap { established : drop, new : accept }", "icmp type vmap { echo-reply : drop }", "ip saddr vmap { 10.1.0.2 : accept, * : drop }",
			"ip saddr vmap { 10.1.0.0/24 : accept, 10.2.0.0/24 : drop, * : continue }"}
		if deep < 2 {
			words = append(words, fmt.Sprint("jump c", deep+1), fmt.Sprint("goto c", deep+1), fmt.Sprintf("ip daddr vmap { 10.1.0.3 : jump c%d }", deep+1))
		}
		return pick(words...)
	}
	var b strings.Builder
	chain := func(name, head string, deep int) {
		fmt.Fprintf(&b, "chain %s {\n%s", name, head)
		for range r.IntN(4) {
			if r.IntN(8) == 0 { // about others
				fmt.Fprintln(&b, pick("tcp dport 22", "udp sport 53", "meta l4proto 47"), pick("accept", "drop"))
				continue
			}
			for range r.IntN(4) {
				b.WriteString(match() + " ")
			}
			fmt.Fprintln(&b, verdict(deep))
		}
		b.WriteString("}\n")
	}
	for _, table := range []string{"inet f", "ip g"}[:1+r.IntN(2)] {
		b.WriteString("table " + table + " {\nset some { type ipv4_addr; elements = { 10.1.0.2, 10.1.0.7 } }\nset ranges { type ipv4_addr; flags interval; elements = { 10.1.0.0/31, 10.1.0.4-10.1.0.9 } }\n")
		chain("c2", "", 2)
		chain("c1", "", 1)
		for _, hook := range []string{"input", "prerouting", "output"}[:1+r.IntN(3)] {
			chain(hook, fmt.Sprintf("type filter hook %s priority %d; policy %s;\n", hook, r.IntN(20), pick("accept", "accept", "drop")), 0)
		}
		b.WriteString("}\n")
	}
	return b.String()
}

// iptablesRules is the same for iptables-restore.
func iptablesRules(r *rand.Rand) string {
	pick := func(words ...string) string { return words[r.IntN(len(words))] }
	var b strings.Builder
	b.WriteString("*filter\n")
	for _, c := range []string{"INPUT", "OUTPUT", "FORWARD"} {
		fmt.Fprintln(&b, ":"+c, pick("ACCEPT", "ACCEPT", "DROP"), "[0:0]")
	}
	b.WriteString(":c1 - [0:0]\n:c2 - [0:0]\n")
	for deep, c := range []string{"INPUT", "OUTPUT", "c1", "c2"} {
		for range r.IntN(5) {
			b.WriteString("-A " + c)
			if r.IntN(2) == 0 {
				b.WriteString(" " + pick("-s 10.1.0.2", "! -s 10.1.0.2", "-s 10.1.0.0/30", "-d 10.1.0.3", "! -d 10.1.0.0/16"))
			}
			if r.IntN(3) == 0 && c == "INPUT" {
				b.WriteString(" " + pick("-i eth0", "! -i eth0", "-i eth+", "-i lo"))
			}
			switch r.IntN(4) {
			case 0:
				b.WriteString(" -p icmp" + pick("", " --icmp-type echo-request", " --icmp-type echo-reply", " ! --icmp-type echo-request", " --icmp-type any"))
			case 1:
				b.WriteString(" " + pick("-f", "! -f", "-p tcp", "! -p tcp", "-p tcp --dport 22"))
			}
			if r.IntN(4) == 0 {
				b.WriteString(" " + pick("-m state --state NEW", "-m state --state ESTABLISHED", "-m conntrack --ctstate NEW", "-m conntrack ! --ctstate NEW", "-m comment --comment x", "-m ttl --ttl-eq 64"))
			}
			words := []string{"-j ACCEPT", "-j DROP", "-j RETURN", "", "-j REJECT"}
			if next := []string{"c1", "c1", "c2", ""}[deep]; next != "" {
				words = append(words, "-j "+next, "-g "+next)
			}
			fmt.Fprintln(&b, "", pick(words...))
		}
	}
	b.WriteString("COMMIT\n")
	return b.String()
}

// sixes makes IPv6 of a filter for IPv4.
var sixes = strings.NewReplacer("10.1.0.0/16", "fd01::/64", "10.1.0.0/30", "fd01::/126", "10.1.0.0/31", "fd01::/127", "10.1.0.0/24", "fd01::/120", "10.2.0.0/24", "fd02::/64",
	"10.1.0.", "fd01::", "3/32", "3/128", "0.0.0.255", "::ff", "0.0.0.2", "::2", "ipv4_addr", "ipv6_addr", "table ip ", "table ip6 ",
	"ip saddr", "ip6 saddr", "ip daddr", "ip6 daddr", "ip ttl", "ip6 hoplimit", "ip version 4", "ip6 version 6", "ip dscp", "ip6 dscp", "ip frag-off & 0x1fff == 0", "ip6 nexthdr 58",
	"ip protocol icmp", "ip6 nexthdr 58", "protocol ip", "protocol ip6", "-p icmp", "-p icmpv6", "icmp-type any", "icmpv6-type echo-request", "icmp-type", "icmpv6-type",
	"icmp type", "icmpv6 type", "icmp code", "icmpv6 code", "icmp sequence", "icmpv6 sequence", "l4proto icmp", "l4proto icmpv6", "! -f", "", "-f", "", "-m ttl --ttl-eq", "-m hl --hl-eq")

// Whatever filters say, what is read in them and what becomes of a real ping agree.
func TestRandomFilters(t *testing.T) {
	const each = 12
	var names []string
	for i := range each {
		for _, kind := range []string{"nft", "iptables", "nft IPv6", "ip6tables"} {
			names = append(names, fmt.Sprint(kind, " ", i))
		}
	}
	inShards(t, names, func(t *testing.T, i int) {
		random := rand.New(rand.NewPCG(uint64(i), 2))
		to, load, text := "b:10.1.0.3", []string{"nft", "-f"}, ""
		if i%2 == 0 {
			text = nftRules(random)
		} else {
			load, text = []string{"iptables-legacy-restore"}, iptablesRules(random)
			if _, err := os.Stat("/proc/net/ip_tables_names"); err != nil {
				t.Skip("this kernel has no ip_tables, or the module is not loaded")
			}
		}
		if i%4 > 1 {
			to, text = "b:fd01::3", sixes.Replace(text)
			load[0] = strings.Replace(load[0], "iptables", "ip6tables", 1)
		}
		nstest.Need(t, load[0])
		t.Cleanup(func() { clean(t) })
		play(t, star)
		settled(t, "a", to).close()
		b, err := ns.Open("b")
		if err != nil {
			t.Fatal(err)
		}
		defer b.Close()
		path := filepath.Join(t.TempDir(), "rules")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		nstest.Run(t, b, append(load, path)...)
		e := examine(t, "a", to)
		switch f := e.r.Fault; {
		case e.answered() && f == nil && len(e.r.Notes) == 0:
		case !e.answered() && f != nil && f.Kind == doctor.Firewall:
		default:
			t.Errorf("%s\n%s", text, e.text())
		}
	})
}
