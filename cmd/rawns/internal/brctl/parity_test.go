package brctl

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"rawns/cmd/rawns/internal/difftest"
	"rawns/ns"
	"rawns/ns/nstest"
)

// sides are the two namespaces in which the same lines run: one by the original
// brctl, one by ours.
type sides struct {
	t           *testing.T
	stock, ours *ns.NS
	self        string
}

const maker = `
link add v0 index 10 address 00:00:5e:00:53:10 type veth peer name v1 index 11 address 00:00:5e:00:53:11
link add v2 index 12 address 00:00:5e:00:53:12 type veth peer name v3 index 13 address 00:00:5e:00:53:13
link add v4 index 14 address 00:00:5e:00:53:14 type veth peer name v5 index 15 address 00:00:5e:00:53:15
link property add dev v4 altname alt-v4
link add br0 index 20 address 00:00:5e:00:53:20 type bridge
link property add dev br0 altname alt-br0
link add br1 index 21 type bridge
link add abcdefghijklmno index 22 type bridge
link set v3 up
link set v2 up
`

// state is all that one may know of a namespace's bridges: the kernel's own
// lists, and the times that these cut to 32 bits.
const state = `ip -d -j link; bridge -d -j link; bridge -d fdb; cd /sys/class/net
for f in */bridge/ageing_time */bridge/forward_delay; do [ -e "$f" ] && echo "$f $(cat "$f")"; done; :`

func newSides(t *testing.T) *sides {
	nstest.Need(t, "brctl", "ip", "bridge")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	s := &sides{t: t, stock: nstest.New(t), ours: nstest.New(t), self: self}
	t.Setenv(applet, "1")
	batch := filepath.Join(t.TempDir(), "batch")
	if err := os.WriteFile(batch, []byte(maker), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, n := range []*ns.NS{s.stock, s.ours} {
		// Nothing may speak before it is asked: bridges would learn from it.
		nstest.Run(t, n, "sh", "-c", "echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6 2>/dev/null || ! [ -d /proc/sys/net/ipv6 ]")
		nstest.Run(t, n, "ip", "-batch", batch)
	}
	s.check("the beginning")
	return s
}

// both runs one of the machine's own programs on both sides.
func (s *sides) both(argv ...string) {
	s.t.Helper()
	nstest.Run(s.t, s.stock, argv...)
	nstest.Run(s.t, s.ours, argv...)
	s.check(strings.Join(argv, " "))
}

// A rule takes away what cannot be the same twice.
var rules = []struct {
	re   *regexp.Regexp
	with string
}{
	// Addresses that the kernel drew: locally administered.
	{regexp.MustCompile(`\b[0-9a-f][26ae](:[0-9a-f]{2}){5}\b`), "RANDOM"},
	{regexp.MustCompile(`("[a-z_]*timer"): ?[0-9.]+`), "$1:T"},
	{regexp.MustCompile(`(hello timer|tcn timer|change timer|gc timer|message age timer|delay timer|hold timer)(\t+) *[0-9.]+`), "$1${2}T"},
	{regexp.MustCompile(`(\tno\t\t) *[0-9.]+`), "${1}T"},
	{regexp.MustCompile(`"used": ?\d+,"updated": ?\d+`), "USED"},
}

func normal(text string) string {
	for _, r := range rules {
		text = r.re.ReplaceAllString(text, r.with)
	}
	return text
}

// check compares the states of both sides, until they agree: carriers and
// states of ports settle behind a command's back, late on a busy machine.
func (s *sides) check(after string) {
	s.t.Helper()
	for try := 0; ; try++ {
		a := normal(nstest.Run(s.t, s.stock, "sh", "-c", state))
		b := normal(nstest.Run(s.t, s.ours, "sh", "-c", state))
		if a == b {
			return
		}
		if try == 400 {
			s.t.Fatalf("after %s the states differ:\n%s", after, difference(a, b))
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// brctl runs a line on both sides and compares everything; the states only
// behind lines that ask for a change.
func (s *sides) brctl(args ...string) {
	s.t.Helper()
	what := fmt.Sprintf("brctl %q", args)
	stock := nstest.Exec(s.t, s.stock, append([]string{"brctl"}, args...)...)
	ours := nstest.Exec(s.t, s.ours, append([]string{s.self}, args...)...)
	s.compare(what, args, stock, ours)
	if len(args) > 0 && find(args[0]) != nil && !strings.HasPrefix(args[0], "show") {
		s.check(what)
	}
}

// same runs a line that changes nothing in one namespace, by ours between two
// runs of the original that must agree: what they list may be on the move.
func (s *sides) same(n *ns.NS, args ...string) {
	s.t.Helper()
	what := fmt.Sprintf("brctl %q", args)
	for range 20 {
		before := nstest.Exec(s.t, n, append([]string{"brctl"}, args...)...)
		ours := nstest.Exec(s.t, n, append([]string{s.self}, args...)...)
		after := nstest.Exec(s.t, n, append([]string{"brctl"}, args...)...)
		if normal(before.Stdout) == normal(after.Stdout) {
			s.compare(what, args, after, ours)
			return
		}
	}
	s.t.Errorf("%s: never the same twice", what)
}

var hints = regexp.MustCompile(`(?m)^hint: .*\n`)

func (s *sides) compare(what string, args []string, stock, ours nstest.Result) {
	s.t.Helper()
	same := stock.Code == ours.Code && normal(stock.Stdout) == normal(ours.Stdout) && stock.Stderr == hints.ReplaceAllString(ours.Stderr, "")
	difftest.Note(s.t, "brctl", "brctl "+strings.Join(args, " "), difftest.Result(same), "")
	if stock.Code != ours.Code {
		s.t.Errorf("%s: exit code %d, the original's %d", what, ours.Code, stock.Code)
	}
	if a, b := normal(stock.Stdout), normal(ours.Stdout); a != b {
		s.t.Errorf("%s: stdout differs:\n%s", what, difference(a, b))
	}
	// Hints, lines of our own, aside.
	if said := hints.ReplaceAllString(ours.Stderr, ""); stock.Stderr != said {
		s.t.Errorf("%s: stderr differs:\n%s", what, difference(stock.Stderr, said))
	}
}

// difference shows the first line that differs.
func difference(stock, ours string) string {
	a, b := strings.Split(stock, "\n"), strings.Split(ours, "\n")
	for i := range max(len(a), len(b)) {
		x, y := "(nothing)", "(nothing)"
		if i < len(a) {
			x = a[i]
		}
		if i < len(b) {
			y = b[i]
		}
		if x != y {
			// Long lines: from a little before the place.
			k := 0
			for k < min(len(x), len(y)) && x[k] == y[k] {
				k++
			}
			k = max(k-60, 0)
			return fmt.Sprintf("line %d\n  original %.200q\n  ours     %.200q", i+1, x[k:], y[k:])
		}
	}
	return ""
}

// Lines run one after the other, in one pair of namespaces each list.
var parity = []struct {
	name  string
	lines [][]string
}{
	{"usage", [][]string{
		{}, {"-h"}, {"--help"}, {"-V"}, {"--version"}, {"--he"}, {"--v"}, {"-x"}, {"--foo"}, {"--help=3"}, {"--he=3"}, {"--=x"},
		{"show", "-h"}, {"--", "show"}, {"--", "-h"}, {"-"}, {""}, {"help"}, {"sho"}, {"SHOW"},
		{"addbr"}, {"delbr"}, {"addif", "br0"}, {"delif", "br0"}, {"hairpin", "br0", "v0"}, {"setfd", "br0"}, {"setageing"},
		{"setbridgeprio", "br0"}, {"setpathcost", "br0", "v0"}, {"setportprio"}, {"showmacs"}, {"showstp"}, {"stp", "br0"},
		{"setfd", "br0", "-1"}, {"-Vx"}, {"-xV"}, {"addbr", "br7", "-V"},
	}},
	{"addbr", [][]string{
		{"addbr", "new"}, {"addbr", "new"}, {"addbr", "v0"}, {"addbr", "alt-v4"}, {"addbr", "two", "three"},
		{"addbr", ""}, {"addbr", "."}, {"addbr", ".."}, {"addbr", "..."}, {"addbr", "a/b"}, {"addbr", "a b"}, {"addbr", " "}, {"addbr", "a\tb"},
		{"addbr", "a:b"}, {"addbr", ":"}, {"addbr", "abcdefghijklmno"}, {"addbr", "0123456789abcde"},
		{"addbr", "%"}, {"addbr", "%s"}, {"addbr", "x%d"}, {"addbr", "x%d%d"},
		{"addbr", "x%d"}, {"addbr", "é"}, {"addbr", "\u00a0"}, {"addbr", "--", "-x"}, {"addbr", "'\"\\"},
		{"addbr", "all"}, // the last, as the original tries twice, and each try costs an index
		{"show"},
	}},
	{"delbr", [][]string{
		{"delbr", "nosuch"}, {"delbr", "v0"}, {"delbr", "lo"}, {"delbr", ""}, {"delbr", "a/b"}, {"delbr", "br1:1"}, {"delbr", "../net/br1"},
		{"delbr", "alt-v4"}, {"delbr", "br1", "br0"}, {"delbr", "br1"}, {"delbr", "alt-br0"}, {"show"},
	}},
	{"ports", [][]string{
		{"addif", "br0", "v0"}, {"addif", "br0", "v0"}, {"addif", "br1", "v0"}, {"addif", "br0", "v2", "v4"}, {"show"}, {"show", "br0"},
		{"addif", "br0", "lo"}, {"addif", "br0", "br1"}, {"addif", "br0", "br0"}, {"addif", "br0", "nosuch"}, {"addif", "nosuch", "v1"},
		{"addif", "nosuch", "nosuch"}, {"addif", "v1", "v3"}, {"addif", "v1", "v1"}, {"addif", "", "v1"}, {"addif", "br0", ""},
		{"addif", "br1", "v1", "nosuch", "v3"}, {"show"}, {"delif", "br1", "v1"},
		{"delif", "br0", "v1"}, {"delif", "br1", "v0"}, {"delif", "nosuch", "v0"}, {"delif", "br0", "nosuch"}, {"delif", "v1", "v0"}, {"delif", "br0", "lo"},
		{"delif", "br0", "v0", "v0", "v2"}, {"delif", "br0", "v2", "v4"}, {"show"},
		{"addif", "br0:1", "v0:7"}, {"delif", "br0:1", "v0:7"}, {"addif", "alt-br0", "alt-v4"}, {"delif", "alt-br0", "alt-v4"},
		{"addif", "br0", "abcdefghijklmnop"}, {"addif", "br0", "abcdefghijklmno"},
	}},
	{"bridge settings", [][]string{
		{"stp", "br0", "on"}, {"stp", "br0", "off"}, {"stp", "br0", "yes"}, {"stp", "br0", "no"}, {"stp", "br0", "1"}, {"stp", "br0", "0"},
		{"stp", "br0", "2"}, {"stp", "br0", "ON"}, {"stp", "br0", ""}, {"stp", "nosuch", "on"}, {"stp", "v0", "on"}, {"stp", "nosuch", "maybe"},
		{"setfd", "br0", "4"}, {"setfd", "br0", "4.5"}, {"setfd", "br0", "1.2"}, {"setfd", "br0", "2.01"}, {"setfd", "br0", "0"}, {"setfd", "br0", "abc"},
		{"setfd", "br0", ""}, {"setfd", "br0", " 7x"}, {"setfd", "br0", "0x10"}, {"setfd", "br0", "1e1"}, {"setfd", "br0", "--", "-1"}, {"setfd", "br0", "1e9"},
		{"setfd", "br0", "nan"}, {"setfd", "br0", "inf"}, {"setfd", "br0", "1e300"}, {"showstp", "br0"}, {"setfd", "br0", "42949672.95"}, {"setfd", "br0", "42949672.96"},
		{"setfd", "nosuch", "4"}, {"setfd", "v0", "4"}, {"setfd", "v0", "1e9"}, {"setfd", "nosuch", "1e9"}, {"setfd", "br0", "15"},
		{"stp", "br0", "on"}, {"setfd", "br0", "1"}, {"setfd", "br0", "2"}, {"setfd", "br0", "30"}, {"setfd", "br0", "31"}, {"setfd", "br0", "1e9"}, {"setfd", "br0", "15"},
		{"sethello", "br0", "1"}, {"sethello", "br0", "0.5"}, {"sethello", "br0", "10"}, {"sethello", "br0", "11"}, {"sethello", "br0", "1e9"}, {"sethello", "br0", "x"}, {"sethello", "v0", "2"},
		{"setmaxage", "br0", "6"}, {"setmaxage", "br0", "5"}, {"setmaxage", "br0", "40"}, {"setmaxage", "br0", "41"}, {"setmaxage", "br0", "1e300"}, {"setmaxage", "br0", "y"}, {"setmaxage", "zz", "20"},
		{"setageing", "br0", "0"}, {"setageing", "br0", "10.55"}, {"setageing", "br0", "1e6"}, {"setageing", "br0", "1e9"}, {"setageing", "br0", "--", "-5"}, {"setageing", "br0", "z"}, {"setageing", "br0", "300"},
		{"setbridgeprio", "br0", "1"}, {"setbridgeprio", "br0", "0x1000"}, {"setbridgeprio", "br0", "010"}, {"setbridgeprio", "br0", "65535"}, {"setbridgeprio", "br0", "65536"},
		{"setbridgeprio", "br0", "70000"}, {"setbridgeprio", "br0", "--", "-1"}, {"setbridgeprio", "br0", "99999999999999999999"}, {"setbridgeprio", "br0", "p"}, {"setbridgeprio", "br0", ""},
		{"setbridgeprio", "nosuch", "1"}, {"setbridgeprio", "v0", "1"}, {"setbridgeprio", "br0:x", "7"}, {"setageing", "alt-br0", "77"}, {"setageing", "alt-br0", "1e8"},
		{"showstp", "br0"}, {"show"},
	}},
	{"port settings", [][]string{
		{"addif", "br0", "v0", "v4"}, {"addif", "br1", "v2"},
		{"setpathcost", "br0", "v0", "10"}, {"setpathcost", "br0", "v0", "0"}, {"setpathcost", "br0", "v0", "65535"}, {"setpathcost", "br0", "v0", "65536"}, {"setpathcost", "br0", "--", "v0", "-1"},
		{"setpathcost", "br0", "v0", "0x20"}, {"setpathcost", "br0", "v0", "12x"}, {"setpathcost", "br0", "v0", "x"}, {"setpathcost", "br0", "v0", ""}, {"setpathcost", "br1", "v0", "33"},
		{"setpathcost", "nosuch", "v0", "34"}, {"setpathcost", "nosuch", "v0", "0"}, {"setpathcost", "v1", "v0", "0"}, {"setpathcost", "br1", "v0", "0"}, {"setpathcost", "br0", "v1", "5"},
		{"setpathcost", "br0", "nosuch", "5"}, {"setpathcost", "br0", "lo", "5"}, {"setpathcost", "nosuch", "lo", "5"}, {"setpathcost", "v1", "lo", "5"}, {"setpathcost", "br0", "br0", "5"},
		{"setpathcost", "br0", "alt-v4", "55"}, {"setpathcost", "br1", "alt-v4", "56"}, {"setpathcost", "alt-br0", "alt-v4", "57"}, {"setpathcost", "br0", "v0:1", "58"}, {"setpathcost", "br0:1", "v0:1", "0"},
		{"setportprio", "br0", "v0", "10"}, {"setportprio", "br0", "v0", "63"}, {"setportprio", "br0", "v0", "64"}, {"setportprio", "br0", "v0", "65541"}, {"setportprio", "br0", "--", "v0", "-1"},
		{"setportprio", "br0", "v0", "x"}, {"setportprio", "br0", "nosuch", "1"}, {"setportprio", "br1", "v1", "1"}, {"setportprio", "br1", "v0", "99"}, {"setportprio", "zz", "v0", "99"},
		{"hairpin", "br0", "v0", "on"}, {"hairpin", "br0", "v0", "maybe"}, {"hairpin", "br1", "v0", "on"}, {"hairpin", "br0", "v1", "on"}, {"hairpin", "br0", "nosuch", "on"}, {"hairpin", "nosuch", "v0", "on"},
		{"hairpin", "nosuch", "nosuch", "on"}, {"hairpin", "v1", "v0", "on"}, {"hairpin", "v1", "lo", "on"}, {"hairpin", "br0", "alt-v4", "on"}, {"hairpin", "br1", "alt-v4", "yes"}, {"hairpin", "br0", "abcdefghijklmnop", "on"},
		{"showstp", "br0"}, {"hairpin", "br0", "v0", "no"}, {"showstp", "br0"}, {"showstp", "br1"},
	}},
	{"show", [][]string{
		{"show"}, {"addif", "br0", "v4", "v0", "v2"}, {"show"}, {"show", "br1"}, {"show", "br1", "br0"}, {"show", "br0", "br0"}, {"show", "nosuch"}, {"show", "v0"}, {"show", "br0", "nosuch", "v0", "br1"},
		{"show", ""}, {"show", "."}, {"show", ".."}, {"show", "a/b"}, {"show", "br0:1"}, {"show", "alt-br0"}, {"show", "alt-v4"},
		{"showstp", "br0"}, {"showstp", "br1"}, {"showstp", "nosuch"}, {"showstp", "v0"}, {"showstp", ""}, {"showstp", "br0", "br1"},
		{"showmacs", "br0"}, {"showmacs", "br1"}, {"showmacs", "alt-br0"}, {"showmacs", "br0:1"}, {"showmacs", "nosuch"}, {"showmacs", "v0"}, {"showmacs", ""},
	}},
}

func TestParity(t *testing.T) {
	lines := 0
	for _, group := range parity {
		t.Run(group.name, func(t *testing.T) {
			s := newSides(t)
			for _, l := range group.lines {
				s.brctl(l...)
				lines++
			}
			s.check("all lines")
		})
	}
	t.Logf("%d command lines", lines)
}

// TestParityUp: bridges that are up, with forwarding entries of all kinds.
func TestParityUp(t *testing.T) {
	s := newSides(t)
	s.brctl("addif", "br0", "v0", "v2", "v4")
	for _, l := range []string{"br0", "v0", "v1", "v4", "v5"} {
		s.both("ip", "link", "set", l, "up")
	}
	s.brctl("delbr", "br0")
	s.brctl("show")
	s.both("bridge", "fdb", "add", "00:00:5e:00:53:77", "dev", "v0", "master", "static")
	s.both("bridge", "fdb", "add", "00:00:5e:00:53:01", "dev", "v2", "master", "dynamic")
	s.both("bridge", "fdb", "add", "00:00:5e:00:53:99", "dev", "v4", "master", "local")
	s.both("bridge", "fdb", "add", "00:00:5e:00:53:98", "dev", "br0", "self", "local")
	s.brctl("showmacs", "br0")
	// A kernel may be without CONFIG_BRIDGE_VLAN_FILTERING.
	filtering := []string{"ip", "link", "set", "br0", "type", "bridge", "vlan_filtering", "1"}
	if r := nstest.Exec(t, s.stock, filtering...); !strings.Contains(r.Stderr, "Operation not supported") {
		nstest.Run(t, s.stock, filtering...)
		s.both(filtering...)
		s.both("bridge", "fdb", "add", "00:00:5e:00:53:77", "dev", "v0", "master", "static", "vlan", "1")
		s.brctl("showmacs", "br0")
	}
	s.brctl("showmacs", "br1")
	s.same(s.ours, "showstp", "br0")
	s.both("ip", "link", "set", "br0", "down")
	s.brctl("delbr", "br0")
	s.brctl("show")
}

// TestSpanningTree: three bridges in a row, far from their root, and two cables
// between the first two:
//
//	br0 ==v0=v1== br1 --v2-v3-- abcdefghijklmno --v6
//	    ==v4=v5==
func TestSpanningTree(t *testing.T) {
	s := newSides(t)
	const far = "abcdefghijklmno"
	nstest.Run(t, s.ours, "ip", "link", "add", "v6", "up", "type", "veth", "peer", "name", "v7")
	nstest.Run(t, s.ours, "ip", "link", "set", "v7", "up")
	for _, l := range [][]string{
		{"addif", "br0", "v0", "v4"}, {"addif", "br1", "v1", "v5", "v2"}, {"addif", far, "v3", "v6"},
		{"stp", "br0", "on"}, {"stp", "br1", "on"}, {"stp", far, "on"}, {"setbridgeprio", "br0", "1"}, {"setbridgeprio", "br1", "2"},
		{"setpathcost", "br1", "v1", "65535"}, {"setpathcost", "br1", "v5", "65535"}, {"setpathcost", far, "v3", "65535"},
		{"sethello", "br0", "1"},
	} {
		nstest.Run(t, s.ours, append([]string{s.self}, l...)...)
	}
	for _, l := range []string{"v0", "v1", "v2", "v3", "v4", "v5", "br0", "br1", far} {
		nstest.Run(t, s.ours, "ip", "link", "set", l, "up")
	}
	// The news of the root must travel to the far end.
	for try := 0; !strings.Contains(nstest.Run(t, s.ours, "brctl", "showstp", far), "path cost\t\t131070"); try++ {
		if try == 300 {
			t.Fatalf("%s does not learn of its root:\n%s", far, nstest.Run(t, s.ours, "brctl", "showstp", far))
		}
		time.Sleep(50 * time.Millisecond)
	}
	for _, l := range [][]string{{"showstp", "br0"}, {"showstp", "br1"}, {"showstp", far}, {"show"}, {"showmacs", "br1"}} {
		s.same(s.ours, l...)
	}
	out := nstest.Run(t, s.ours, s.self, "showstp", "br1")
	if !strings.Contains(out, "       blocking\n") {
		t.Errorf("no port is blocked:\n%s", out)
	}
	if out := nstest.Run(t, s.ours, s.self, "showstp", far); !strings.Contains(out, "designated cost\t131070") {
		t.Errorf("the cost is cut to 16 bits:\n%s", out)
	}
}

// TestManyPorts: numbers beyond a byte, and orders.
func TestManyPorts(t *testing.T) {
	s := newSides(t)
	const pairs = 140
	var b strings.Builder
	for i := range pairs {
		fmt.Fprintf(&b, "link add a%d master br0 address 00:00:5e:00:54:%02x type veth peer name b%d address 00:00:5e:00:55:%02x\n", i, i, i, i)
		fmt.Fprintf(&b, "link set b%d master br0\n", i)
	}
	batch := filepath.Join(t.TempDir(), "batch")
	if err := os.WriteFile(batch, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	nstest.Run(t, s.ours, "ip", "-batch", batch)
	for _, l := range [][]string{
		{"show"}, {"show", "br0"}, {"show", "br1", "br0"}, {"show", "alt-br0"},
		{"showstp", "br0"}, {"showmacs", "br0"}, {"showmacs", "alt-br0"},
	} {
		s.same(s.ours, l...)
	}
	if out := nstest.Run(t, s.ours, s.self, "show"); strings.Count(out, "\n") != 2+1+2*pairs {
		t.Errorf("show: %d lines", strings.Count(out, "\n"))
	}
}

// TestUnprivileged: who may change nothing is told so before what else is
// wrong, where the original learns it first.
func TestUnprivileged(t *testing.T) {
	nstest.Sandbox(t)
	nstest.Need(t, "setpriv")
	const nobody = 65534
	if !mapped(t, nobody) {
		t.Skip("no second user in this sandbox: needs root")
	}
	s := newSides(t)
	s.brctl("addif", "br0", "v0")
	// The test binary lies where only we may read.
	exe, err := os.ReadFile(s.self)
	if err != nil {
		t.Fatal(err)
	}
	s.self = "/run/brctl"
	if err := os.WriteFile(s.self, exe, 0o755); err != nil {
		t.Fatal(err)
	}
	defer os.Remove(s.self)
	drop := []string{"setpriv", "--reuid=" + strconv.Itoa(nobody), "--regid=" + strconv.Itoa(nobody), "--clear-groups"}
	for _, l := range [][]string{
		{"show"}, {"showstp", "br0"}, {"showmacs", "br0"},
		{"addbr", "new"}, {"addbr", "br0"}, {"addbr", ""}, {"addbr", "a/b"},
		{"delbr", "br0"}, {"delbr", "nosuch"}, {"delbr", "v0"},
		{"addif", "br0", "v2"}, {"addif", "br0", "v0"}, {"addif", "br0", "br1"}, {"addif", "br0", "nosuch"}, {"addif", "nosuch", "v2"}, {"addif", "v1", "v2"},
		{"delif", "br0", "v0"}, {"delif", "br0", "v2"}, {"delif", "nosuch", "v0"}, {"delif", "v1", "v0"},
		{"setfd", "br0", "4"}, {"setfd", "br0", "1e9"}, {"setfd", "nosuch", "4"}, {"setfd", "v0", "4"}, {"setbridgeprio", "br0", "4"}, {"stp", "br0", "on"},
		{"setpathcost", "br0", "v0", "4"}, {"setpathcost", "br0", "v0", "0"}, {"setpathcost", "br1", "v0", "4"}, {"setpathcost", "br0", "v1", "4"}, {"setpathcost", "nosuch", "v0", "4"},
		{"setportprio", "br0", "v0", "4"}, {"hairpin", "br0", "v0", "on"}, {"hairpin", "br1", "v0", "on"}, {"hairpin", "br0", "v1", "on"},
	} {
		stock := nstest.Exec(t, s.stock, append(append(drop, "brctl"), l...)...)
		ours := nstest.Exec(t, s.ours, append(append(drop, s.self), l...)...)
		s.compare(fmt.Sprintf("brctl %q", l), l, stock, ours)
	}
	s.check("lines without rights")
}

func mapped(t *testing.T, uid int) bool {
	b, err := os.ReadFile("/proc/self/uid_map")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		var inside, outside, size int
		if _, err := fmt.Sscan(line, &inside, &outside, &size); err == nil && uid >= inside && uid-inside < size {
			return true
		}
	}
	return false
}

// TestEscapes: the kernel takes control characters in names; terminals must not
// get them.
func TestEscapes(t *testing.T) {
	s := newSides(t)
	const name = "a\x1b[31mb"
	for _, l := range []struct {
		args []string
		code int
	}{
		{[]string{"addbr", name}, 0}, {[]string{"addbr", name}, 1}, {[]string{"addif", name, "v0"}, 0}, {[]string{"addif", name, name}, 1},
		{[]string{"show"}, 0}, {[]string{"showstp", name}, 0}, {[]string{"show", name, name + "x"}, 1}, {[]string{"delbr", name + "x"}, 1},
		{[]string{name}, 1}, {[]string{"-\x1b"}, 1}, {[]string{"--" + name}, 1}, {[]string{"delif", name, name}, 1}, {[]string{"setpathcost", name, name, "1"}, 1},
	} {
		r := nstest.Exec(t, s.ours, append([]string{s.self}, l.args...)...)
		if r.Code != l.code || strings.Contains(r.Stdout+r.Stderr, "\x1b") {
			t.Errorf("brctl %q: %d %q %q", l.args, r.Code, r.Stdout, r.Stderr)
		}
		if stock := nstest.Exec(t, s.stock, append([]string{"brctl"}, l.args...)...); stock.Code != r.Code {
			t.Errorf("brctl %q: exit code %d, the original's %d", l.args, r.Code, stock.Code)
		}
		s.check(fmt.Sprintf("brctl %q", l.args))
	}
	if r := nstest.Run(t, s.ours, s.self, "show"); !strings.Contains(r, `a\x1b[31mb`) {
		t.Errorf("show: %q", r)
	}
}

// TestOneStream: where both streams go to one file the order is the original's.
func TestOneStream(t *testing.T) {
	s := newSides(t)
	for _, line := range []string{`show br0 nosuch br1`, `nosuch`, `-x`, `setfd`} {
		stock := nstest.Exec(t, s.stock, "sh", "-c", `"$0" `+line+` 2>&1`, "brctl")
		ours := nstest.Exec(t, s.ours, "sh", "-c", `"$0" `+line+` 2>&1`, s.self)
		s.compare(line, strings.Fields(line), stock, ours)
	}
}

// TestWithoutSys: the original needs /sys to list; ours does not.
func TestWithoutSys(t *testing.T) {
	s := newSides(t)
	s.brctl("addif", "br0", "v0")
	want := nstest.Run(t, s.ours, "brctl", "show")
	got := nstest.Run(t, s.ours, "sh", "-c", `mount -t tmpfs none /sys && exec "$0" show`, s.self)
	if got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
