//go:build !tiny

package ip

import (
	"slices"
	"strings"
	"testing"

	"rawns/cmd/rawns/internal/difftest"
)

// Command lines that are generated from the tables: every keyword with values
// that fit and values that do not, with none, and abbreviated. Both tools must
// take the same ones, refuse the others in the same words, and leave the same
// behind. That the kernel lacks a kind of link does not matter much: words are
// refused before it is asked.

// samples are values for a keyword.
func samples(o *option) []string {
	switch o.val {
	case valNone:
		return []string{""}
	case valU8:
		return []string{"1", "0x10", "255", "256", "-1", "x"}
	case valU16, valBE16:
		return []string{"1", "65535", "65536", "x"}
	case valU32:
		return []string{"1", "4294967295", "4294967296", "-1", "1x"}
	case valU64:
		return []string{"1", "18446744073709551615", "18446744073709551616", "x"}
	case valInt:
		return []string{"100", "-1", "2147483648", "x"}
	case valOnOff:
		return []string{"on", "off", "1", "o"}
	case valStr:
		return []string{"word"}
	case valMAC:
		return []string{"02:00:00:00:00:99", "02:00", "x"}
	case valDev, valLink:
		return []string{"v1", "no-such-dev"}
	}
	switch {
	case o.arg == "":
		return []string{""}
	case strings.Contains(o.arg, "LLADDR"):
		// Not what begins with hex digits and goes on otherwise: the stock tool
		// reads up to there and sends that.
		return []string{"02:00:00:00:00:99", "02:00", "x", "10.1.2.3"}
	}
	vs := []string{"1", "0", "300", "70000", "x", "on", "10.1.2.3", "10.1.0.0/16", "fd00::9", "v1", "02:00:00:00:00:99", "any", "inherit", "all", "none"}
	for _, w := range strings.Fields(o.arg) {
		if isKeyword(w) && !slices.Contains(vs, w) {
			vs = append(vs, w)
		}
	}
	return vs
}

// later are options that iproute2 has since a version after 6.1, by their tables.
var later = []string{"address proto", "vxlan localbypass", "vxlan nolocalbypass", "macvlan bclim", "bond coupled_control", "hsr interlink",
	"rmnet ingress-deaggregation", "rmnet ingress-commands", "rmnet ingress-mapv4-checksum", "rmnet egress-mapv4-checksum", "rmnet ingress-mapv5-checksum", "rmnet egress-mapv5-checksum",
	"bridge link mcast_max_groups", "bridge link neigh_vlan_suppress", "bridge link mab", "bridge link backup_nhid", "bridge vlan mcast_max_groups", "bridge vlan neigh_suppress", "mdb filter_mode", "mdb source_list", "mdb proto"}

// laterKinds are the kinds likewise.
var laterKinds = []string{"netkit"}

// A generator makes the lines.
type generator struct {
	tables []*table
	before string // the keyword
	after  string
	undo   string   // shell words that follow a line that succeeded
	skip   []string // keywords
	whole  bool     // nothing is shortened
}

// cases returns scripts that print of each line its exit code and the first
// line that it said.
func (g generator) cases() (cs []difftest.Case) {
	const (
		head = "nl='\n'\n" + `f() { out=$("$@" 2>&1); code=$?; one=${out%%"$nl"*}; case $one in Usage:*|"... "*) one=Usage:; esac; echo "$code: $*: $one"; [ $code != 0 ] || u; }` + "\n"
		size = 100 // lines of a script
	)
	var forms []string
	add := func(words ...string) {
		forms = append(forms, strings.TrimSpace(g.before+" "+strings.Join(words, " ")+" "+g.after))
	}
	for _, t := range g.tables {
		for i := range t.rows {
			o := &t.rows[i]
			if slices.Contains(g.skip, o.name) || slices.Contains(later, t.name+" "+o.name) {
				continue
			}
			vs := samples(o)
			for _, v := range vs {
				add(o.name, v)
			}
			if g.after == "" {
				add(o.name) // the value is missing
			}
			add(o.name, vs[0], o.name, vs[0])             // twice, which some refuse
			for _, k := range []int{2, len(o.name) - 1} { // shortened
				if k > 0 && k < len(o.name) && !g.whole {
					add(o.name[:k], vs[0])
				}
			}
		}
	}
	for forms := range slices.Chunk(forms, size) {
		line := "# " + g.before + " OPTION VALUE " + g.after + "\nu() { " + g.undo + "; }\n" + head + "f " + strings.Join(forms, "\nf ")
		cs = append(cs, difftest.Case{Line: line, Forms: forms})
	}
	return cs
}

// generatedScene has no link-local addresses, whose routes come and go.
const generatedScene = "echo 1 >/proc/sys/net/ipv6/conf/default/addr_gen_mode; " + scene + "ip link set v0 up; ip link set v1 up; ip addr add 10.1.1.1/24 dev v0\n"

func runGenerated(t *testing.T, gs ...generator) {
	t.Helper()
	// Multicast routes come in whichever order carriers do.
	s := difftest.Suite{Name: "ip", Setup: generatedScene, State: `PATH=/sbin:$PATH; ip -d -j link; ip -d -j addr; ip -4 -d -j route show table all; ip -d -6 route show table all | grep -v ^multicast; ip rule; ip -6 rule`}
	for _, g := range gs {
		s.Run(t, g.cases())
	}
}

func TestGeneratedKinds(t *testing.T) {
	for i := 0; kindAt(i) != nil; i++ {
		k := kindAt(i)
		if k.opts == nil || slices.Contains(laterKinds, k.name) {
			continue
		}
		t.Run(k.name, func(t *testing.T) {
			g := generator{tables: append([]*table{k.opts}, k.also...), before: "ip link add x0 link v0 type " + k.name, undo: "/sbin/ip link del x0"}
			switch k.name {
			case "ipip", "sit":
				g.skip = []string{"6rd-reset"} // the stock tool crashes
			case "ip6tnl":
				g.skip = []string{"encaplimit"} // of which it takes anything for a number
			}
			g.whole = k.name == "gtp" // of which the stock tool forgets all words that it does not know
			if k.slave {
				g.before, g.undo = "ip link set v0 type "+k.name, ":"
			}
			runGenerated(t, g)
		})
	}
}

func TestGeneratedLink(t *testing.T) {
	// Left out: what would be another namespace, or another name, each time.
	g := generator{tables: []*table{&linkOptions}, before: "ip link set v0", undo: ":", skip: []string{"netns", "link-netns", "vf", "name", "index"}}
	add := g
	add.skip = append(slices.Clip(add.skip), "xdp", "xdpgeneric", "xdpdrv", "xdpoffload") // there is no device yet
	add.before, add.after, add.undo = "ip link add x0", "type ifb", "/sbin/ip link del x0"
	runGenerated(t, g, add)
}

func TestGeneratedAddr(t *testing.T) {
	undo := "for d in v0 v1 lo; do /sbin/ip addr flush dev $d; done"
	for _, to := range []string{"10.7.0.1/16", "fd07::1/64"} {
		runGenerated(t, generator{tables: []*table{&addrTable}, before: "ip addr add " + to + " dev v0", undo: undo})
	}
}

func TestGeneratedRoute(t *testing.T) {
	for _, to := range []string{"10.9.0.0/16", "fd09::/64"} {
		runGenerated(t, generator{tables: []*table{&routeTable}, before: "ip route add " + to + " dev v0", undo: "/sbin/ip route flush table all " + to, skip: []string{"encap"}})
	}
}

func TestGeneratedRule(t *testing.T) {
	for _, ip := range []string{"ip", "ip -6"} {
		runGenerated(t, generator{tables: []*table{&ruleTable}, before: ip + " rule add", after: "table 77", undo: "/sbin/" + ip + " rule flush table 77"})
	}
}

func TestGeneratedNexthop(t *testing.T) {
	runGenerated(t,
		generator{tables: []*table{&nexthopTable}, before: "ip nexthop add id 77", undo: "/sbin/ip nexthop flush >/dev/null", skip: []string{"encap"}},
		generator{tables: []*table{&nexthopTable}, before: "ip -6 nexthop add id 77", after: "dev v0", undo: "/sbin/ip nexthop flush >/dev/null", skip: []string{"encap"}})
}

func TestGeneratedEncap(t *testing.T) {
	// The options of tunnels make some kernels panic: these words must not be
	// tried here.
	panics := []string{"geneve_opts", "vxlan_opts", "erspan_opts"}
	for _, k := range []struct {
		t     *table
		words string
	}{{&encapMPLS, "mpls 100"}, {&encapIP, "ip"}, {&encapIP6, "ip6"}, {&encapILA, "ila 1:2:3:4"}, {&encapSeg6, "seg6 mode encap segs fd00::5"}, {&encapSeg6Local, "seg6local action End"}, {&encapRPL, "rpl"}} {
		for i := range k.t.rows {
			if n := k.t.rows[i].name; strings.Contains(n, "_opts") && !slices.Contains(panics, n) {
				t.Fatalf("%s: is it safe?", n)
			}
		}
		// Of iif and oif, twice, one finds that there is no such device first, the
		// other that it is twice.
		skip := append([]string{"endpoint", "srh", "iif", "oif"}, panics...)
		runGenerated(t, generator{tables: []*table{k.t}, before: "ip route add fd09::/64 dev v0 encap " + k.words, after: "metric 5", undo: "/sbin/ip -6 route flush root fd09::/64", skip: skip, whole: true})
	}
}
