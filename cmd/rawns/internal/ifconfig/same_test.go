package ifconfig

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/difftest"
	"rawns/ns"
	"rawns/ns/nstest"
)

// scene is the same links, indexes and addresses in every namespace. Nothing in
// it sends packets or waits for duplicate addresses on its own.
const scene = `
for d in default all lo; do echo 0 >/proc/sys/net/ipv6/conf/$d/accept_dad; done
ip -batch - <<.
link set lo up
link add v0 index 101 address 02:00:00:00:00:01 type veth peer name v1 index 102 address 02:00:00:00:00:02
link add br0 index 103 address 02:00:00:00:00:03 type bridge
link set v0 addrgenmode none
link set v1 addrgenmode none
link set br0 addrgenmode none
link set v1 up
.
`

func newScene(t *testing.T) *ns.NS {
	t.Helper()
	nstest.Need(t, "ip", "ifconfig", "sh", "env")
	nstest.NeedKind(t, "veth")
	nstest.NeedKind(t, "bridge")
	n := nstest.New(t)
	nstest.Run(t, n, "sh", "-e", "-c", scene)
	return n
}

// ours and theirs run a line.
func ours(t *testing.T, n *ns.NS, words ...string) nstest.Result {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return nstest.Exec(t, n, append([]string{"env", asApplet + "=1", self}, words...)...)
}

func theirs(t *testing.T, n *ns.NS, words ...string) nstest.Result {
	t.Helper()
	return nstest.Exec(t, n, append([]string{"ifconfig"}, words...)...)
}

func state(t *testing.T, n *ns.NS) string {
	t.Helper()
	return strings.ReplaceAll(nstest.Run(t, n, "ip", "-d", "-j", "addr"), "},{", "},\n{")
}

// withoutHints drops the lines that only we print.
func withoutHints(s string) string {
	var out strings.Builder
	for line := range strings.Lines(s) {
		if !strings.HasPrefix(line, "  hint: ") {
			out.WriteString(line)
		}
	}
	return out.String()
}

// sameLines are carried out by both; ";" separates lines that build on each
// other.
var sameLines = []string{
	// addresses
	"v0 10.1.1.2/16 up",
	"v0 10.1.1.2",
	"v0 172.16.0.1",
	"v0 192.168.1.1",
	"v0 240.1.2.3",
	"v0 127.0.0.2",
	"v0 0.0.0.1",
	"v0 inet 10.1.1.2/24",
	"v0 10.1.1.2/0",
	"v0 10.1.1.2/1",
	"v0 10.1.1.2/30",
	"v0 10.1.1.2/31",
	"v0 10.1.1.2/0x10",
	"v0 010.1.1.2/010",
	"v0 0x0a010102",
	"v0 1.2.3",
	"v0 1.2",
	"v0 16909060",
	"v0 255.255.255.255",
	"v0 224.0.0.1",
	"v0 localhost",
	"v0 default",
	"v0 0.0.0.0",
	"v0 10.1.1.2/24;v0 0.0.0.0",
	"v0 10.1.1.2/24;v0 10.2.2.2",
	"v0 10.1.1.2/24;v0 0.0.0.0 up",
	"v0 10.1.1.2/24;v0:1 10.1.1.3/24;v0 10.2.2.2/24",
	"v0 10.1.1.2 10.1.1.3",
	"v0 10.1.1.2/16 10.1.1.3/24",
	"v0 10.1.1.2/24 down",
	"br0 10.1.2.2/16 up",
	"lo 127.0.0.5",
	"nodev 10.1.1.2/24",
	"nodev 10.1.1.2 up netmask 255.0.0.0 mtu 1400",
	// netmask, broadcast, destination
	"v0 10.1.1.2 netmask 255.255.255.0",
	"v0 10.1.1.2 netmask 255.255.0.0 broadcast 10.1.9.9 mtu 1400",
	"v0 10.1.1.2 netmask 255.255.255.255",
	"v0 10.1.1.2 netmask 0xffffff00",
	"v0 10.1.1.2/24 netmask 255.255.0.0",
	"v0 10.1.1.2;v0 netmask 255.255.0.0 10.1.1.9",
	"v0 10.1.1.2;v0 netmask 255.255.128.0",
	"v0 10.1.1.2 broadcast 10.9.9.9;v0 netmask 255.255.0.0",
	"v0 10.1.1.2 broadcast 0.0.0.0",
	"v0 broadcast 10.0.0.7 10.0.0.1 netmask 255.255.255.0",
	"v0 netmask 255.255.255.0",
	"v0 10.1.1.2 netmask 255.0.255.0",
	"v0 broadcast",
	"v0 -broadcast",
	"v0 dstaddr 10.0.0.2",
	"v0 10.1.1.2 dstaddr 10.1.1.3",
	"v0 10.1.1.2 netmask 255.255.255.252 pointopoint 10.1.1.1 up",
	"v0 pointopoint",
	"v0 -pointopoint",
	"v0 10.0.0.1 pointtopoint 10.0.0.2 -pointtopoint",
	// flags
	"v0 up",
	"v0 up down",
	"v0 -arp",
	"v0 -arp;v0 arp",
	"v0 promisc",
	"v0 promisc;v0 -promisc",
	"v0 allmulti",
	"v0 allmulti;v0 -allmulti",
	"v0 -multicast",
	"v0 -multicast;v0 multicast",
	"v0 -trailers",
	"v0 -trailers;v0 trailers",
	"v0 dynamic",
	"v0 dynamic;v0 -dynamic",
	"nodev up",
	"nodev -promisc",
	"-v nodev up",
	"nodev up mtu 1400",
	"nodev up netmask 255.0.0.0",
	"nodev up dstaddr 10.1.1.2",
	"nodev 10.1.1.2/24 mtu 1400",
	"nodev mtu 1400 up",
	"-v nodev mtu 1400",
	// link properties
	"v0 mtu 1400",
	"v0 mtu 67",
	"v0 mtu 0",
	"v0 mtu 100000",
	"v0 hw ether 02:00:00:00:00:99",
	"v0 hw ether 2:0:0:0:0:9",
	"v0 hw ether 02000000009A",
	"v0 hw ether 01:00:00:00:00:01",
	"v0 hw ether 00:00:00:00:00:00",
	"v0 hw ether 02-00-00-00-00-01",
	"v0 hw ether 02:00:00:00:00:0g",
	"v0 hw ether x",
	"v0 hw fddi 02:00:00:00:00:99",
	"v0 hw arcnet 02",
	"v0 hw eui64 02:00:00:00:00:99:00:00",
	"v0 hw loop 1",
	"v0 hw ppp 1",
	"v0 hw unspec 1",
	"v0 hw foo 1",
	"v0 hw",
	"v0 hw ether",
	"v0 name w0",
	"v0 name w%d",
	"v0 name v1",
	"v0 name v9 up",
	"v0 name",
	"nodev hw ether 02:00:00:00:00:99",
	"nodev name w0",
	"v0 media x",
	"v0 media",
	"nodev irq 5",
	"v0 keepalive 5",
	"v0 outfill 5",
	"v0 metric 5",
	// aliases
	"v0:1 10.1.1.2/24",
	"v0:1 10.1.1.2/24;v0:1 down",
	"v0:1 10.1.1.2/24;v0:1 up",
	"v0:1 10.1.1.2/24;v0:1 10.5.5.5",
	"v0:1 10.1.1.2/24;v0:1 0.0.0.0",
	"v0:1 10.1.1.2/24;v0:2 10.1.1.3/24;v0:1 down",
	"v0 10.1.1.1/24;v0:1 10.1.1.2/24 broadcast 10.1.1.7",
	"v0:1- 10.1.1.2",
	"v0: 10.1.1.2",
	"v0:a:b 10.1.1.2",
	"v0:1 down",
	"v0:1 promisc",
	"v0:1 -broadcast",
	"v0:1 mtu 1400",
	"v0:1 hw ether 02:00:00:00:00:99",
	"v0:1 name w0",
	"v0:1 add 1::1/64",
	"nodev:1 down",
	// add and del for IPv4
	"v0 10.1.1.1/24;v0 add 10.1.1.2",
	"v0 10.1.1.1/24;v0 add 10.1.1.2;v0 add 10.7.7.7;v0 del 10.1.1.2;v0 add 10.1.1.4",
	"v0 10.1.1.1/24;v0 add 10.1.1.2;v0 add 10.1.1.2",
	"v0 10.1.1.1/24;v0:0 10.2.2.2/16;v0:0 add 10.2.2.3",
	"v0 up;v0 add 10.1.1.2",
	// IPv6
	"v0 add 1::2/64",
	"v0 add 1::2",
	"v0 up add 1::2/64 add 1::3/64",
	"v0 inet6 add 1::2/64 up",
	"v0 add 1::2/64;v0 add 1::2/64",
	"v0 add 1::2/64;v0 del 1::2/64",
	"v0 add 1::2/64;v0 del 1::2",
	"v0 add 1::2/64;-v v0 inet6 del 1::2/64",
	"v0 add ::1.2.3.4/96 add fec0::1/64 add fe80::9/64",
	"v0 add ::ffff:1.2.3.4/128",
	"v0 add ::/64",
	"v0 add ff02::5/64",
	"v0 add 1::2/129",
	"v0 add 1::2/-1",
	"v0 add 1::2::3/64",
	"v0 add 1::zz",
	"v0 add fe80::1%v0/64",
	"v0 add",
	"v0 del",
	"nodev add 1::2/64",
	"nodev del 1::2/64",
	"v0 tunnel ::1.2.3.4",
	"v0 tunnel x",
	"v0 tunnel 1.2.3.4",
	"v0 inet6",
	"v0 inet6 1::2",
	"v0 inet6 1::2/64",
	"v0 inet6 x",
	"v0 inet6 10.1.1.2",
	"v0 inet6 dstaddr 1::2",
	"v0 inet6 netmask 255.0.0.0",
	"v0 inet6 broadcast 1::2",
	// what scripts write
	"v0 0",
	"v0 10.1.1.2/24;v0 0",
	"v0 10.1.1.2/24 up;v0 0 down",
	"lo up",
	"lo 127.0.0.1 up",
	"lo 127.0.0.1 netmask 255.0.0.0 up",
	"lo inet6 add ::5/128",
	"v0 inet 10.1.1.2 netmask 255.255.255.0 broadcast 10.1.1.255 up",
	"v0 up 10.1.1.2 netmask 255.255.255.0",
	"v0 10.1.1.2 netmask 255.255.255.0 hw ether 02:00:00:00:00:99",
	"v0 down;v0 hw ether 02:00:00:00:00:99;v0 up",
	"v0 up;v0 hw ether 02:00:00:00:00:99",
	"v0 down hw ether 02:00:00:00:00:99 mtu 1400 up",
	"v0 0.0.0.0 promisc up",
	"v0 up promisc -arp allmulti",
	"v0 mtu 1400 up 10.1.1.2/24",
	"v0 inet6 add 1::2/64;v0 inet6 del 1::2/64",
	"v0 inet6 up",
	"v0 add fe80::7/10",
	"v0 down;v0 add 1::2/64;v0 up",
	"v0 multicast up",
	"v0 dynamic up -dynamic",
	"br0 up;br0 10.1.1.2/24;br0 down",
	"br0 hw ether 02:00:00:00:00:98 up",
	"br0 promisc up;br0 -promisc",
	"br0:1 10.1.1.2/24 up;br0:2 10.1.1.3/25 up;br0:2 down",
	"v0 name w0;w0 10.1.1.2/24 up",
	"v0 up;v0 name w0",
	"nodev mem_start 0xd0000",
	"nodev media AUI",
	"nodev 0",
	"nodev dstaddr 10.1.1.2",
	"nodev broadcast 10.1.1.2",
	"nodev netmask 255.0.0.0",
	"nodev tunnel ::1.2.3.4",
	"v0 10.1.1.2 10.1.1.3 255.255.255.0",
	"v0 255.255.255.0",
	"v0 10.1.1.2 -pointopoint",
	"v0 10.1.1.2 pointopoint 10.1.1.3",
	"v0 broadcast 10.1.1.255",
	"v0 10.1.1.2/24 broadcast 10.1.1.0",
	"v0 10.1.1.2/24 -broadcast",
	"v0 arp trailers multicast -allmulti -promisc",
	"-v v0 10.1.1.2/24 up",
	"-v v0 10.1.1.300",
	"-v nodev",
	"-s nodev",
	"nodev",
	"-a nodev",
	"-v -a",
	"-s -a",
	"-s",
	"-s v0",
	"-as",
	"v0",
	"-v v0",
	"v0:7",
	"-a",
	"",
	// errors
	"v0 10.1.1.300",
	"v0 10.0.0.300/24",
	"v0 10.1.1.2/x",
	"v0 10.1.1.2/24x",
	"v0 10.1.1.2/24/25",
	"v0 1.2.3.4.5",
	"v0 /24",
	"v0 1::2",
	"v0 nosuch.invalid",
	"v0 -up",
	"v0 +",
	"v0 broadcast x",
	"v0 dstaddr",
	"v0 netmask",
	"v0 mtu",
	"v0 txqueuelen",
	"v0 irq",
	"v0 tunnel",
	"v0 add 10.0.0.300",
	"v0 add 10.5.5.5/24",
	"v0 unix",
	"-x",
	"--",
	"-",
	"-vs",
	"-h",
	"-?",
	"--help",
	"--version",
	"-V",
	"-a v0 up",
}

func TestSame(t *testing.T) {
	a, b := newScene(t), newScene(t)
	fresh := state(t, a)
	for _, lines := range sameLines {
		if state(t, a) != fresh || state(t, b) != fresh { // many lines change nothing
			a, b = newScene(t), newScene(t)
		}
		t.Run(lines, func(t *testing.T) {
			for line := range strings.SplitSeq(lines, ";") {
				same(t, a, b, strings.Fields(line))
			}
		})
	}
}

// Words that a shell line cannot write plainly.
func TestSameOdd(t *testing.T) {
	for _, words := range [][]string{
		{"v0", ""},
		{"v0", "10.1.1.2 "},
		{"v0", "10.1.1.2 and more"},
		{"v0", " 10.1.1.2"},
		{"v0", strings.Repeat("x", 200)},
		{"v0", strings.Repeat("x.", 60)},
		{""},
		{"", "up"},
		{"v 0"},
		{"v/0", "up"},
		{"../v0", "up"},
		{"v0", "name", "a b"},
		{"v0", "name", "a/b"},
		{"v0", "name", ".."},
		{"v0", "name", ""},
	} {
		t.Run(fmt.Sprintf("%q", words), func(t *testing.T) {
			same(t, newScene(t), newScene(t), words)
		})
	}
}

func same(t *testing.T, a, b *ns.NS, words []string) {
	t.Helper()
	want, got := theirs(t, a, words...), ours(t, b, words...)
	got.Stderr = withoutHints(got.Stderr)
	difftest.Note(t, "ifconfig", "ifconfig "+strings.Join(words, " "), difftest.Result(got == want), "")
	if got != want {
		t.Errorf("ifconfig %q\n got code %d\n%s%swant code %d\n%s%s", words, got.Code, got.Stdout, got.Stderr, want.Code, want.Stdout, want.Stderr)
	}
	sameState(t, a, b, strings.Join(words, " "))
}

// sameState waits until the namespaces are the same: the carrier of a link
// that was just set up comes later.
func sameState(t *testing.T, a, b *ns.NS, line string) {
	t.Helper()
	var x, y string
	for range 200 {
		if x, y = state(t, a), state(t, b); x == y {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Errorf("after ifconfig %s\n got %s\nwant %s", line, y, x)
}

// What the original does half, wrongly, or to another interface changes
// nothing here.
func TestRefused(t *testing.T) {
	for _, c := range []struct {
		words  []string
		stderr string // the beginning
		code   int
	}{
		{[]string{"v0", "10.1.1.2/33"}, "SIOCSIFNETMASK: Invalid argument\n  hint: an IPv4 prefix has 0 to 32 bits, not 33\n", 1},
		{[]string{"v0", "10.1.1.2/99999999999"}, "SIOCSIFNETMASK: Invalid argument\n", 1},
		{[]string{"v0", "10.1.1.2/99999999999999999999999"}, "Usage:\n", 3},
		{[]string{"v0", "10.1.1.2/-1"}, "Usage:\n", 3},
		{[]string{"v0", "10.1.1.2/"}, "Usage:\n", 3},
		{[]string{"v0", "mtu", "999999999999"}, "SIOCSIFMTU: Invalid argument\n  hint: `999999999999' is not a number from 0 to 2147483647\n", 1},
		{[]string{"v0", "mtu", "4294968696"}, "SIOCSIFMTU: Invalid argument\n", 1},
		{[]string{"v0", "mtu", "1400x"}, "SIOCSIFMTU: Invalid argument\n", 1},
		{[]string{"v0", "mtu", " 1400"}, "SIOCSIFMTU: Invalid argument\n", 1},
		{[]string{"v0", "mtu", "-1"}, "SIOCSIFMTU: Invalid argument\n", 1},
		{[]string{"v0", "txqueuelen", "x"}, "SIOCSIFTXQLEN: Invalid argument\n", 1},
		{[]string{"v0", "irq", "256"}, "irq: SIOCSIFMAP: Invalid argument\n", 1},
		{[]string{"v0", "hw", "ether", "02:00:00:00:00"}, "02:00:00:00:00: invalid ether address.\n", 1},
		{[]string{"v0", "hw", "ether", "02:00:00:00:00:01:02"}, "02:00:00:00:00:01:02: invalid ether address.\n", 1},
		{[]string{"v0", "add", "1::2/x"}, "Usage:\n", 3},
		{[]string{"v0", "add", "1::2/"}, "Usage:\n", 3},
		{[]string{"v0", "name", "abcdefghijklmnop"}, "SIOCSIFNAME: Invalid argument\n", 1},
		{[]string{"v0", "name", "a\x1b[31m:"}, "SIOCSIFNAME: Invalid argument\n", 1},
		{[]string{"abcdefghijklmnop", "up"}, "abcdefghijklmnop: error fetching interface information: Device not found\n", 1},
		{[]string{"abcdefghijklmnop"}, "abcdefghijklmnop: error fetching interface information: Device not found\n", 1},
		{[]string{"v0:1abcdefghijklm", "10.1.1.2"}, "v0:1abcdefghijklm: error fetching", 1},
		{[]string{"v\x1b[31m", "up"}, `v\x1b[31m: ERROR while getting interface flags: No such device` + "\n", 255},
		{[]string{"v0", "\x1b]0;x\a"}, `\x1b]0;x\x07: Unknown host` + "\n", 1},
		{[]string{"v0", "10.1.1.2", "netmask", "300.0.0.0"}, "300.0.0.0: Unknown host\n", 1},
		{[]string{"v0", "up", "10.1.1.300"}, "10.1.1.300: Unknown host\n", 1},
		{[]string{"v0", "up", "netmask", "255.0.0.0", "netmask", "255.0.0.0"}, "Usage:\n", 3},
		{[]string{"v0", "up", "mtu"}, "Usage:\n", 3},
		{[]string{"v0", "ax25", "up"}, "ifconfig: Cannot configure address family `ax25'", 1},
		{[]string{"nodev", "add", "10.1.1.2"}, "nodev: error fetching interface information: Device not found\n", 1},
	} {
		t.Run(fmt.Sprintf("%q", c.words), func(t *testing.T) {
			n := newScene(t)
			before := state(t, n)
			r := ours(t, n, c.words...)
			if r.Code != c.code || !strings.HasPrefix(r.Stderr, c.stderr) || r.Stdout != "" {
				t.Errorf("code %d\n%s%s", r.Code, r.Stdout, r.Stderr)
			}
			if strings.ContainsAny(r.Stderr, "\x1b\a") {
				t.Errorf("control characters in %q", r.Stderr)
			}
			if after := state(t, n); after != before {
				t.Errorf("changed to %s\nfrom %s", after, before)
			}
		})
	}
}

// Lines whose effect is what another tool's is. The original cannot do the
// first ones in a user namespace, and gets the others wrong.
func TestOwnWay(t *testing.T) {
	for _, c := range []struct{ lines, script, stderr string }{
		{"v0 txqueuelen 7", "ip link set v0 txqueuelen 7", ""},
		{"v0 txqueuelen 0", "ip link set v0 txqueuelen 0", ""},
		{"v0:1 txqueuelen 7", "ip link set v0 txqueuelen 7", ""},
		{"v0 irq 5", "", "irq: SIOCSIFMAP: Operation not supported\n"},
		{"v0:1 irq 5", "", "irq: SIOCSIFMAP: Operation not supported\n"},
		{"v0 io_addr 0x300", "", "io_addr: SIOCSIFMAP: Operation not supported\n"},
		{"v0 mem_start 0xd0000", "", "mem_start: SIOCSIFMAP: Operation not supported\n"},
		{"v0 media 10baseT", "", "port: SIOCSIFMAP: Operation not supported\n"},
		{"v0 port UTP", "", "port: SIOCSIFMAP: Operation not supported\n"},
		{"v0 10.1.1.2/32", "ifconfig v0 10.1.1.2 netmask 255.255.255.255", ""},
		{"v0:5 10.1.1.2/24;v0 add 10.1.1.3", "ip addr add 10.1.1.2/24 broadcast 10.1.1.255 dev v0 label v0:5; ip addr add 10.1.1.3/0 dev v0 label v0:0", ""},
		{"v0:5 10.1.1.2/24;v0 del 10.1.1.2", "", ""},
		{"v0:5 10.1.1.2/24;v0:5 down;v0 del 10.1.1.3", "", ""},
	} {
		t.Run(c.lines, func(t *testing.T) {
			a, b := newScene(t), newScene(t)
			nstest.Run(t, a, "sh", "-e", "-c", c.script)
			var r nstest.Result
			for line := range strings.SplitSeq(c.lines, ";") {
				r = ours(t, b, strings.Fields(line)...)
			}
			if r.Stderr != c.stderr || (r.Code == 0) != (c.stderr == "") {
				t.Errorf("code %d, %q", r.Code, r.Stderr)
			}
			sameState(t, a, b, c.lines)
		})
	}
}

// Without the capability nothing changes and the reason is told.
func TestNotPermitted(t *testing.T) {
	nstest.Need(t, "setpriv")
	n := newScene(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	before := state(t, n)
	for _, line := range []string{"v0 10.1.1.2/24", "v0 up", "v0 mtu 1400", "v0 add 1::2/64", "v0 hw ether 02:00:00:00:00:99", "v0 name w0"} {
		drop := []string{"setpriv", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"}
		words := strings.Fields(line)
		want := nstest.Exec(t, n, append(append(drop, "ifconfig"), words...)...)
		got := nstest.Exec(t, n, append(append(drop, "env", asApplet+"=1", self), words...)...)
		hinted := got.Stderr
		got.Stderr = withoutHints(got.Stderr)
		if got != want || want.Code == 0 || !strings.Contains(hinted, "hint: this needs CAP_NET_ADMIN") {
			t.Errorf("%s: got %d %q\nwant %d %q", line, got.Code, hinted, want.Code, want.Stderr)
		}
	}
	if after := state(t, n); after != before {
		t.Errorf("changed to %s", after)
	}
}

// sameShow compares what is printed in one namespace.
func sameShow(t *testing.T, n *ns.NS, words ...string) {
	t.Helper()
	// Between two runs of the original that agree, no packet was counted.
	want := theirs(t, n, words...)
	for range 200 {
		got, before := ours(t, n, words...), want
		if want = theirs(t, n, words...); want != before {
			continue
		}
		difftest.Note(t, "ifconfig", "ifconfig "+strings.Join(words, " "), difftest.Result(got == want), "")
		if got != want {
			t.Errorf("ifconfig %q\n got code %d\n%s%swant code %d\n%s%s", words, got.Code, got.Stdout, got.Stderr, want.Code, want.Stdout, want.Stderr)
		}
		return
	}
	t.Fatalf("ifconfig %q never prints the same twice", words)
}

func TestShow(t *testing.T) {
	n := newScene(t)
	nstest.Run(t, n, "sh", "-e", "-c", `
ip link set v0 up
ip addr add 10.1.2.3/24 dev v0
ip addr add 10.1.2.4/24 dev v0
ip addr add 10.2.2.4/24 brd + dev v0 label v0:1
ip addr add 10.2.2.5/24 brd + dev v0 label v0:10
ip addr add 10.2.2.6/24 brd + dev v0 label v0:9
ip addr add 10.3.2.4/24 brd + dev v0 label v0:foo
ip addr add 10.4.2.4 peer 10.5.5.5/32 dev v0 label v0:pp
ip addr add 10.4.2.9 peer 10.5.5.9/32 dev lo
ip addr add 1::2/64 dev v0
ip addr add ::10.0.0.1/96 dev v0
ip addr add ::ffff:10.0.0.1/128 dev v0
ip addr add fec0::1/64 dev v0
ip addr add fe80::1/64 dev v0
ip addr add 1:0:0:2::/64 dev v0
ip addr add 3ffe::1:2:3:4/64 peer 3ffe::8:8 dev v0
ip addr add 2001:db8:0:0:1:0:0:1/64 dev br0
ip link property add dev v0 altname alt0
ip link set v1 promisc on allmulticast on arp off
`)
	// Loopback traffic: 300 datagrams of 100 bytes.
	if err := n.Do(func() error { return chatter(300, 100) }); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"", "-a", "-s", "-a -s", "-v", "v0", "-s v0", "v1", "lo", "br0", "v0:1", "v0:pp", "-s v0:pp", "v0:zz", "v0:", "alt0", "-s alt0",
		"nodev", "-s nodev", "nodev:1", "-a v1", "-v v0"} {
		sameShow(t, n, strings.Fields(line)...)
	}
	// Flags that are rare, one after the other.
	for _, line := range []string{"v1 dynamic", "v1 -trailers", "v1 media auto", "v1 down", "v1 -broadcast"} {
		theirs(t, n, strings.Fields(line)...)
		sameShow(t, n, "v1")
		sameShow(t, n, "-s", "v1")
	}
}

func TestShowTun(t *testing.T) {
	n := newScene(t)
	if r := nstest.Exec(t, n, "ip", "tuntap", "add", "tun0", "mode", "tun"); r.Code != 0 {
		t.Skip("no tun device here: ", r.Stderr)
	}
	nstest.Run(t, n, "sh", "-e", "-c", "ip tuntap add tap0 mode tap; ip addr add 10.4.4.4 peer 10.5.5.6/30 dev tun0; ip link set tun0 up")
	sameShow(t, n, "-a")
	sameShow(t, n, "-a", "-s")
	for _, line := range []string{"tun0 10.0.0.1 pointopoint 10.0.0.2 up", "tun0 netmask 255.255.255.0", "tap0 hw ether 02:00:00:00:00:77"} {
		if r := ours(t, n, strings.Fields(line)...); r.Code != 0 || r.Stderr != "" {
			t.Errorf("%s: %+v", line, r)
		}
		sameShow(t, n, "-a")
	}
}

func chatter(count, size int) error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	for range count {
		// The port is closed: an ICMP message answers, and sendto reports it
		// in place of every other datagram.
		if err := unix.Sendto(fd, make([]byte, size), 0, &unix.SockaddrInet4{Port: 9, Addr: [4]byte{127, 0, 0, 1}}); err != nil && err != unix.ECONNREFUSED {
			return err
		}
	}
	return nil
}

// Names in the original's order, also when there are many.
func TestShowOrder(t *testing.T) {
	n := newScene(t)
	var script strings.Builder
	script.WriteString("ip -batch - <<.\n")
	for i, name := range []string{"a10", "a2", "a1", "a", "a1b", "a01", "a001", "b", "10", "9", "1x", "x1y2", "x1y10", "x10y1", "x2y1", "-x", "Z", "z", "é", "é1", "a9999999999", "a4294967297"} {
		fmt.Fprintf(&script, "link add name %s index %d type bridge\n", name, 300-i)
	}
	for i := range 100 {
		fmt.Fprintf(&script, "link add name p%d type bridge\n", i*7%100)
	}
	nstest.Run(t, n, "sh", "-e", "-c", script.String()+".\n")
	sameShow(t, n, "-a", "-s")
	sameShow(t, n, "-a")
}

// A name may hold what steers terminals.
func TestShowSafe(t *testing.T) {
	n := newScene(t)
	nstest.Run(t, n, "ip", "link", "add", "name", "e\x1b[31m", "type", "bridge")
	for _, words := range [][]string{{"-a"}, {"-a", "-s"}, {"e\x1b[31m"}} {
		r := ours(t, n, words...)
		if r.Code != 0 || strings.Contains(r.Stdout, "\x1b") || !strings.Contains(r.Stdout, `e\x1b[31m`) {
			t.Errorf("%q: %+v", words, r)
		}
	}
}
