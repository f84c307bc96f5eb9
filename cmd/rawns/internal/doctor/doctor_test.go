package doctor

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"rawns/cmd/rawns/internal/cli"
	"rawns/cmd/rawns/internal/ip"
	"rawns/ns"
	"rawns/ns/nstest"
	"rawns/ns/topo/doctor"
)

// play runs lines: ip and bridge by this program's own applets, "NS KEY=VALUE"
// as a setting ("." for the sandbox's own namespace).
func play(t *testing.T, lines string) {
	t.Helper()
	for line := range strings.Lines(lines) {
		w := strings.Fields(line)
		if len(w) == 0 {
			continue
		}
		code := 0
		switch w[0] {
		case "ip":
			code = ip.Run(w)
		case "bridge":
			code = ip.RunBridge(w)
		case "nft", "tc", "iptables", "ip6tables", "iptables-legacy": // nft NS WORDS...
			tool(t, w)
		default:
			set(t, w[0], w[1])
		}
		if code != 0 {
			t.Fatalf("%s: exit code %d: %s", strings.TrimSpace(line), code, cli.Stderr.B)
		}
	}
}

// tool runs a program of the machine's in a namespace, whose name is its first
// word.
func tool(t *testing.T, w []string) {
	t.Helper()
	nstest.Need(t, w[0])
	if _, err := os.Stat("/proc/net/ip_tables_names"); w[0] == "iptables-legacy" && err != nil {
		t.Skip("this kernel has no ip_tables, or the module is not loaded")
	}
	path := ns.Dir + "/" + w[1]
	if w[1] == "." {
		path = "/proc/thread-self/ns/net"
	}
	n, err := ns.OpenPath(path)
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	nstest.Run(t, n, append(w[:1:1], w[2:]...)...)
}

func set(t *testing.T, space, setting string) {
	t.Helper()
	key, value, _ := strings.Cut(setting, "=")
	path := "/proc/sys/" + strings.ReplaceAll(key, ".", "/")
	write := func() error { return os.WriteFile(path, []byte(value), 0) }
	if _, err := os.Stat("/proc/sys/net/bridge"); strings.HasPrefix(key, "net.bridge.") && err != nil {
		t.Skip("this kernel has no br_netfilter, or the module is not loaded")
	}
	if space == "." {
		if err := write(); err != nil {
			t.Fatal(err)
		}
		return
	}
	n, err := ns.Open(space)
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	if err := n.Do(write); err != nil {
		t.Fatal(err)
	}
}

// clean takes away what a scene made in the sandbox.
func clean(t *testing.T) {
	t.Helper()
	host, err := ns.Current()
	if err != nil {
		t.Fatal(err)
	}
	defer host.Close()
	for _, l := range links(t) {
		if l != "lo" && has(links(t), l) { // a veth takes its other end along
			play(t, "ip link del "+l)
		}
	}
	names, err := ns.List()
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range names {
		if err := ns.Delete(n); err != nil {
			t.Fatal(err)
		}
	}
	play(t, "ip addr flush dev lo")
	cli.Stderr.B = cli.Stderr.B[:0]
}

func has(list []string, s string) bool { return slices.Contains(list, s) }

func links(t *testing.T) (out []string) {
	all, err := os.ReadDir("/sys/class/net")
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range all {
		out = append(out, l.Name())
	}
	return out
}

// The star: two namespaces on a bridge of the host's.
const star = `
	ip link set lo up
	ip link add name br0 type bridge
	ip addr add 10.1.0.1/16 dev br0
	ip addr add fd01::1/64 dev br0 nodad
	ip netns add a
	ip netns add b
	ip -n a link set lo up
	ip -n b link set lo up
	ip link add va up master br0 type veth peer name eth0 netns a
	ip link add vb up master br0 type veth peer name eth0 netns b
	ip -n a addr add 10.1.0.2/16 dev eth0
	ip -n b addr add 10.1.0.3/16 dev eth0
	ip -n a addr add fd01::2/64 dev eth0 nodad
	ip -n b addr add fd01::3/64 dev eth0 nodad
	ip -n a link set eth0 up
	ip -n b link set eth0 up
	ip link set br0 up
`

// The chain: a - r - s - b.
const chain = `
	ip netns add a
	ip netns add r
	ip netns add s
	ip netns add b
	ip -n a link add eth0 type veth peer name e0 netns r
	ip -n r link add e1 type veth peer name e0 netns s
	ip -n s link add e1 type veth peer name eth0 netns b
	ip -n a addr add 10.0.1.2/24 dev eth0
	ip -n r addr add 10.0.1.1/24 dev e0
	ip -n r addr add 10.0.2.1/24 dev e1
	ip -n s addr add 10.0.2.2/24 dev e0
	ip -n s addr add 10.0.3.1/24 dev e1
	ip -n b addr add 10.0.3.2/24 dev eth0
	ip -n a addr add fd00:1::2/64 dev eth0 nodad
	ip -n r addr add fd00:1::1/64 dev e0 nodad
	ip -n r addr add fd00:2::1/64 dev e1 nodad
	ip -n s addr add fd00:2::2/64 dev e0 nodad
	ip -n s addr add fd00:3::1/64 dev e1 nodad
	ip -n b addr add fd00:3::2/64 dev eth0 nodad
	ip -n a link set eth0 up
	ip -n r link set e0 up
	ip -n r link set e1 up
	ip -n s link set e0 up
	ip -n s link set e1 up
	ip -n b link set eth0 up
	r net.ipv4.ip_forward=1
	s net.ipv4.ip_forward=1
	r net.ipv6.conf.all.forwarding=1
	s net.ipv6.conf.all.forwarding=1
	ip -n a route add default via 10.0.1.1
	ip -n r route add 10.0.3.0/24 via 10.0.2.2
	ip -n s route add 10.0.1.0/24 via 10.0.2.1
	ip -n b route add default via 10.0.3.1
	ip -n a route add default via fd00:1::1
	ip -n r route add fd00:3::/64 via fd00:2::2
	ip -n s route add fd00:1::/64 via fd00:2::1
	ip -n b route add default via fd00:3::1
`

// The gateway: c is behind the host of the star.
const gateway = star + `
	ip netns add c
	ip link add vc up type veth peer name eth0 netns c
	ip addr add 10.2.0.1/24 dev vc
	ip -n c addr add 10.2.0.2/24 dev eth0
	ip -n c link set eth0 up
	. net.ipv4.ip_forward=1
	ip -n a route add default via 10.1.0.1
	ip -n c route add default via 10.2.0.1
`

// The tunnel: a and b have an underlay (eth0) and a vxlan over it.
const tunnel = `
	ip netns add a
	ip netns add b
	ip -n a link add eth0 type veth peer name eth0 netns b
	ip -n a addr add 192.168.9.1/24 dev eth0
	ip -n b addr add 192.168.9.2/24 dev eth0
	ip -n a link set eth0 up
	ip -n b link set eth0 up
	ip -n a link add vx0 type vxlan id 42 remote 192.168.9.2 dstport 4789
	ip -n b link add vx0 type vxlan id 42 remote 192.168.9.1 dstport 4789
	ip -n a addr add 10.9.0.1/24 dev vx0
	ip -n b addr add 10.9.0.2/24 dev vx0
	ip -n a link set vx0 up
	ip -n b link set vx0 up
`

// Macvlans of a and b on one end of a veth of the host's.
const macvlans = `
	ip link add low0 type veth peer name low1
	ip link set low0 up
	ip link set low1 up
	ip netns add a
	ip netns add b
	ip link add link low0 name m0 netns a type macvlan mode bridge
	ip link add link low0 name m0 netns b type macvlan mode bridge
	ip -n a addr add 10.4.0.1/24 dev m0
	ip -n b addr add 10.4.0.2/24 dev m0
	ip -n a link set m0 up
	ip -n b link set m0 up
`

// wait is how long tests wait for a reply.
const wait = 80 * time.Millisecond

func examine(t *testing.T, from, to string) *examination {
	t.Helper()
	e := &examination{wait: wait}
	if err := e.look(&options{from: from, to: to}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.close)
	return e
}

// text is the report as it is printed.
func (e *examination) text() string {
	var o cli.Out
	e.printReport(&o)
	return string(o.B)
}

// answered is the last real ping's word.
func (e *examination) answered() bool { return e.r.Echo == doctor.EchoAnswered }

// settled examines until the ping is answered: carriers come a moment late.
func settled(t *testing.T, from, to string) *examination {
	t.Helper()
	for try := 0; ; try++ {
		e := examine(t, from, to)
		if e.answered() && e.r.Healthy() || try == 20 {
			return e
		}
		e.close()
		time.Sleep(50 * time.Millisecond)
	}
}

type faultCase struct {
	name     string
	scene    string
	spoil    string
	from, to string
	kind     doctor.Kind
	at       string // the place of the fault
	answered bool   // the small ping is answered all the same
	first    string // the first command of the mending, "" for any
	needs    string // a kind of link that not all kernels have
}

var faultCases = []faultCase{
	{name: "the article as printed", scene: star, spoil: `ip link set va down`, from: ".", to: "a:10.1.0.2", kind: doctor.LinkDown, at: "va", first: "ip link set dev va up"},
	{name: "lo down", scene: star, spoil: `ip -n a link set lo down`, from: "a", to: "a:10.1.0.2", kind: doctor.LoDown, at: "a:lo", first: "ip -n a link set dev lo up"},
	{name: "peer down", scene: star, spoil: `ip -n b link set eth0 down`, from: "a", to: "b:10.1.0.3", kind: doctor.LinkDown, at: "b:eth0", first: "ip -n b link set eth0 up"},
	{name: "own link down", scene: star, spoil: `ip -n a link set eth0 down`, from: "a", to: "b", kind: doctor.LinkDown, at: "a:eth0"},
	{name: "bridge down", scene: star, spoil: `ip link set br0 down`, from: "a", to: "b", kind: doctor.LinkDown, at: "br0"},
	{name: "not a port", scene: star, spoil: `ip link set vb nomaster`, from: "a", to: "b", kind: doctor.NotAPort, at: "vb", first: "ip link set dev vb master br0"},
	{name: "own link not a port", scene: star, spoil: `ip link set va nomaster`, from: "a", to: "b", kind: doctor.NotAPort, at: "va"},
	{name: "not a port, from the bridge", scene: star, spoil: `ip link set va nomaster`, from: ".", to: "a", kind: doctor.NotAPort, at: "va"},
	{name: "port of another bridge", scene: star, spoil: `
		ip link add name br1 up type bridge
		ip link set vb master br1`, from: "a", to: "b", kind: doctor.NotAPort, at: "vb", first: "ip link set dev vb master br0"},
	{name: "no address at the source", scene: star, spoil: `ip -n a -4 addr flush dev eth0`, from: "a", to: "b:10.1.0.3", kind: doctor.NoAddress, at: "a:eth0"},
	{name: "address of the source removed", scene: star, spoil: `ip -n a addr del 10.1.0.2/16 dev eth0`, from: "a:10.1.0.2", to: "b:10.1.0.3", kind: doctor.NoAddress, at: "a:eth0"},
	{name: "address removed", scene: star, spoil: `ip -n b addr del 10.1.0.3/16 dev eth0`, from: "a", to: "b:10.1.0.3", kind: doctor.NoAddress, at: "b:eth0"},
	{name: "no address to ask", scene: star, spoil: `ip -n b addr flush dev eth0`, from: "a", to: "b", kind: doctor.NoAddress, at: "b:eth0"},
	{name: "no address to ask, and the link is down", scene: star, spoil: `
		ip -n b addr flush dev eth0
		ip -n b link set eth0 down`, from: ".", to: "b", kind: doctor.LinkDown, at: "b:eth0"},
	{name: "IPv6 address removed", scene: star, spoil: `ip -n b addr del fd01::3/64 dev eth0`, from: "a", to: "b:fd01::3", kind: doctor.NoAddress, at: "b:eth0"},
	{name: "wrong prefix length, there", scene: star, spoil: `
		ip -n a addr del 10.1.0.2/16 dev eth0
		ip -n a addr add 10.1.0.2/32 dev eth0`, from: "a", to: "b:10.1.0.3", kind: doctor.BadPrefix, at: "a:eth0"},
	{name: "wrong prefix length, no way back", scene: star, spoil: `
		ip -n b addr del 10.1.0.3/16 dev eth0
		ip -n b addr add 10.1.0.3/32 dev eth0`, from: "a", to: "b:10.1.0.3", kind: doctor.BadPrefix, at: "b:eth0"},
	{name: "prefix too large", scene: chain, spoil: `
		ip -n a addr add 10.0.1.2/16 dev eth0
		ip -n a addr del 10.0.1.2/24 dev eth0
		ip -n a route replace default via 10.0.1.1`, from: "a", to: "b:10.0.3.2", kind: doctor.BadPrefix, at: "a:eth0"},
	{name: "wrong IPv6 prefix length", scene: star, spoil: `
		ip -n b addr del fd01::3/64 dev eth0
		ip -n b addr add fd01::3/128 dev eth0 nodad`, from: "a", to: "b:fd01::3", kind: doctor.BadPrefix, at: "b:eth0"},
	{name: "network's route removed", scene: star, spoil: `ip -n a route del 10.1.0.0/16`, from: "a", to: "b:10.1.0.3", kind: doctor.NoRoute, at: "a:eth0"},
	{name: "no default route", scene: chain, spoil: `ip -n a -4 route del default`, from: "a", to: "b:10.0.3.2", kind: doctor.NoRoute, at: "a:eth0", first: "ip -n a route add default via 10.0.1.1 dev eth0"},
	{name: "no default route for the reply", scene: chain, spoil: `ip -n b -4 route del default`, from: "a", to: "b:10.0.3.2", kind: doctor.NoRoute, at: "b:eth0"},
	{name: "router without a route", scene: chain, spoil: `ip -n r -4 route del 10.0.3.0/24`, from: "a", to: "b:10.0.3.2", kind: doctor.NoRoute, at: "r:e1"},
	{name: "router without a route back", scene: chain, spoil: `ip -n s -4 route del 10.0.1.0/24`, from: "a", to: "b:10.0.3.2", kind: doctor.NoRoute, at: "s:e0"},
	{name: "no IPv6 default route for the reply", scene: chain, spoil: `ip -n b -6 route del default`, from: "a", to: "b:fd00:3::2", kind: doctor.NoRoute, at: "b:eth0"},
	{name: "gateway that nobody has", scene: chain, spoil: `ip -n a route replace default via 10.0.1.77`, from: "a", to: "b:10.0.3.2", kind: doctor.NoGateway, at: "a:eth0"},
	{name: "gateway's address removed", scene: chain, spoil: `ip -n s addr del 10.0.3.1/24 dev e1`, from: "a", to: "b:10.0.3.2", kind: doctor.NoAddress, at: "s:e1"},
	{name: "forwarding off", scene: chain, spoil: `s net.ipv4.ip_forward=0`, from: "a", to: "b:10.0.3.2", kind: doctor.Forwarding, at: "s:e0"},
	{name: "forwarding off on one link", scene: chain, spoil: `r net.ipv4.conf.e0.forwarding=0`, from: "a", to: "b:10.0.3.2", kind: doctor.Forwarding, at: "r:e0"},
	{name: "forwarding off for the reply", scene: chain, spoil: `r net.ipv4.conf.e1.forwarding=0`, from: "a", to: "b:10.0.3.2", kind: doctor.Forwarding, at: "r:e1"},
	{name: "IPv6 forwarding off", scene: chain, spoil: `r net.ipv6.conf.all.forwarding=0`, from: "a", to: "b:fd00:3::2", kind: doctor.Forwarding, at: "r:e0"},
	{name: "rp_filter", scene: chain, spoil: `
		ip -n s link add f0 type veth peer name f1 netns r
		ip -n s addr add 10.0.8.2/24 dev f0
		ip -n r addr add 10.0.8.1/24 dev f1
		ip -n s link set f0 up
		ip -n r link set f1 up
		ip -n s route replace 10.0.1.0/24 via 10.0.8.1
		s net.ipv4.conf.e0.rp_filter=1`, from: "a", to: "b:10.0.3.2", kind: doctor.RPFilter, at: "s:e0"},
	{name: "port disabled by hand", scene: star, spoil: `bridge link set dev vb state 0`, from: "a", to: "b", kind: doctor.PortState, at: "vb"},
	{name: "port learning", scene: star, spoil: `bridge link set dev va state 2`, from: "a", to: "b", kind: doctor.PortState, at: "va"},
	{name: "spanning tree is listening", scene: star, spoil: `
		ip link set br0 type bridge stp_state 1
		ip link set vb down
		ip link set vb up`, from: "a", to: "b", kind: doctor.PortState, at: "vb"},
	{name: "isolated ports", scene: star, spoil: `
		bridge link set dev va isolated on
		bridge link set dev vb isolated on`, from: "a", to: "b", kind: doctor.PortIsolated, at: "vb"},
	{name: "locked port", scene: star, spoil: `
		bridge fdb del MAC(a:eth0) dev va master
		bridge link set dev va learning off locked on`, from: "a", to: "b", kind: doctor.PortLocked, at: "va"},
	{name: "no broadcasts", scene: star, spoil: `
		ip -n a neigh flush dev eth0
		ip -n b neigh flush dev eth0
		bridge link set dev vb bcast_flood off`, from: "a", to: "b:10.1.0.3", kind: doctor.PortFlood, at: "vb"},
	{name: "wrong neighbour", scene: star, spoil: `ip -n a neigh replace 10.1.0.3 lladdr 02:00:00:00:00:99 nud permanent dev eth0`, from: "a", to: "b:10.1.0.3", kind: doctor.Neighbour, at: "a:eth0"},
	{name: "wrong neighbour for the reply", scene: star, spoil: `ip -n b neigh replace fd01::2 lladdr 02:00:00:00:00:99 nud permanent dev eth0`, from: "a", to: "b:fd01::3", kind: doctor.Neighbour, at: "b:eth0"},
	{name: "forwarding entry at the wrong port", scene: star, spoil: `
		ip netns add c
		ip link add vc up master br0 type veth peer name eth0 netns c
		ip -n c link set eth0 up
		bridge fdb replace MAC(b:eth0) dev vc master static sticky`, from: "a", to: "b", kind: doctor.FDB, at: "vc"},
	{name: "forwarding entry of the bridge's own", scene: star, spoil: `bridge fdb replace MAC(b:eth0) dev va master permanent`, from: "a", to: "b", kind: doctor.FDB, at: "va"},
	{name: "asks for no neighbours", scene: star, spoil: `
		ip -n a link set eth0 down
		ip -n a link set eth0 arp off
		ip -n a link set eth0 up`, from: "a", to: "b:10.1.0.3", kind: doctor.NoARP, at: "a:eth0"},
	{name: "answers no ARP", scene: star, spoil: `
		ip -n b link set eth0 down
		ip -n b link set eth0 arp off
		ip -n b link set eth0 up
		ip -n a neigh flush dev eth0`, from: "a", to: "b:10.1.0.3", kind: doctor.NoARP, at: "b:eth0"},
	{name: "arp_ignore", scene: star, spoil: `
		ip -n b addr add 10.1.0.9/32 dev lo
		b net.ipv4.conf.all.arp_ignore=1`, from: "a", to: "b:10.1.0.9", kind: doctor.ARPSettings, at: "b:eth0"},
	{name: "duplicate address", scene: star, spoil: `
		ip netns add c
		ip link add vc up master br0 type veth peer name eth0 netns c
		ip -n c addr add 10.1.0.3/16 dev eth0
		ip -n c link set eth0 up`, from: "a", to: "b:10.1.0.3", kind: doctor.DupAddress, at: "c:eth0", answered: true},
	{name: "own address at the far end", scene: star, spoil: `ip -n b addr add 10.1.0.2/32 dev lo`, from: "a", to: "b:10.1.0.3", kind: doctor.DupAddress, at: "b:lo"},
	{name: "far address here, too", scene: star, spoil: `ip -n a addr add 10.1.0.3/32 dev lo`, from: "a", to: "b:10.1.0.3", kind: doctor.DupAddress, at: "a:lo", answered: true},
	{name: "the gateway's address in another host", scene: gateway, spoil: `
		ip -n b addr add 10.1.0.1/16 dev eth0
		ip -n a neigh replace 10.1.0.1 lladdr MAC(b:eth0) nud reachable dev eth0`, from: "a", to: "c:10.2.0.2", kind: doctor.DupAddress, at: "b:eth0"},
	{name: "a router's address in the host that asks", scene: chain, spoil: `
		ip -n a addr add 10.0.2.1/32 dev eth0
		ip -n a route replace default via 10.0.1.1 src 10.0.2.1`, from: "a", to: "b:10.0.3.2", kind: doctor.DupAddress, at: "a:eth0"},
	{name: "a router's address in the host that is asked", scene: chain, spoil: `
		ip -n b addr del 10.0.3.2/24 dev eth0
		ip -n b addr add 10.0.2.1/24 dev eth0`, from: "a", to: "b", kind: doctor.DupAddress, at: "b:eth0", answered: true},
	{name: "the gateway is the broadcast address", scene: chain + `
		ip -n r addr add 10.0.1.3/24 dev e0
		ip -n a route replace default via 10.0.1.3`, spoil: `
		ip -n a addr add 10.0.1.2/30 brd + dev eth0
		ip -n a addr del 10.0.1.2/24 dev eth0
		ip -n a neigh flush dev eth0`, from: "a", to: "b:10.0.3.2", kind: doctor.BadPrefix, at: "a:eth0"},
	{name: "the broadcast address is somebody's", scene: star, spoil: `
		ip -n a addr add 10.1.0.2/30 brd + dev eth0
		ip -n a addr del 10.1.0.2/16 dev eth0`, from: "a", to: "b:10.1.0.3", kind: doctor.BadPrefix, at: "a:eth0"},
	{name: "route of type local to the other end's network", scene: star, spoil: `ip -n b route replace local 10.1.0.0/16 dev lo table local`, from: "a", to: "b:10.1.0.3", kind: doctor.BadRoute, at: "b:lo",
		first: "ip -n b -4 route del local 10.1.0.0/16 dev lo table local"},
	{name: "route of type local at the source", scene: star, spoil: `ip -n a route replace local 10.1.0.3/32 dev lo table local`, from: "a", to: "b:10.1.0.3", kind: doctor.DupAddress, at: "a:lo", answered: true},
	{name: "duplicate MAC", scene: star, spoil: `
		ip -n a link set eth0 address 02:00:00:00:00:07
		ip -n b link set eth0 address 02:00:00:00:00:07`, from: "a", to: "b:10.1.0.3", kind: doctor.DupMAC, at: "a:eth0"},
	{name: "tentative", scene: star, spoil: `
		b net.ipv6.conf.eth0.dad_transmits=100
		ip -n b addr del fd01::3/64 dev eth0
		ip -n b addr add fd01::3/64 dev eth0`, from: "a", to: "b:fd01::3", kind: doctor.Tentative, at: "b:eth0"},
	{name: "disable_ipv6", scene: star, spoil: `b net.ipv6.conf.all.disable_ipv6=1`, from: "a", to: "b:fd01::3", kind: doctor.V6Disabled, at: "b:eth0"},
	{name: "disable_ipv6 at the source", scene: star, spoil: `a net.ipv6.conf.eth0.disable_ipv6=1`, from: "a", to: "b:fd01::3", kind: doctor.V6Disabled, at: "a:eth0"},
	{name: "blackhole", scene: star, spoil: `ip -n a route add blackhole 10.1.0.3/32`, from: "a", to: "b:10.1.0.3", kind: doctor.BadRoute, at: "a"},
	{name: "unreachable, in the router", scene: chain, spoil: `ip -n r route add unreachable 10.0.3.2/32`, from: "a", to: "b:10.0.3.2", kind: doctor.BadRoute, at: "r"},
	{name: "prohibit, for the reply", scene: chain, spoil: `ip -n b route add prohibit 10.0.1.0/24`, from: "a", to: "b:10.0.3.2", kind: doctor.BadRoute, at: "b"},
	{name: "IPv6 unreachable", scene: chain, spoil: `ip -n a route add unreachable fd00:3::/64`, from: "a", to: "b:fd00:3::2", kind: doctor.BadRoute, at: "a"},
	{name: "rule to an empty table", scene: chain, spoil: `
		ip -n a rule add pref 32766 lookup 100
		ip -n a rule del pref 32766 lookup main`, from: "a", to: "b:10.0.3.2", kind: doctor.BadRule, at: "a"},
	{name: "rule that prohibits", scene: chain, spoil: `ip -n r rule add pref 50 to 10.0.3.0/24 prohibit`, from: "a", to: "b:10.0.3.2", kind: doctor.BadRule, at: "r"},
	{name: "blackhole in another table", scene: chain, spoil: `
		ip -n a rule add pref 100 from 10.0.1.2 lookup 7
		ip -n a route add blackhole default table 7`, from: "a:10.0.1.2", to: "b:10.0.3.2", kind: doctor.BadRoute, at: "a"},
	{name: "echo requests ignored", scene: star, spoil: `b net.ipv4.icmp_echo_ignore_all=1`, from: "a", to: "b:10.1.0.3", kind: doctor.EchoIgnored, at: "b"},
	{name: "IPv6 echo requests ignored", scene: star, spoil: `b net.ipv6.icmp.echo_ignore_all=1`, from: "a", to: "b:fd01::3", kind: doctor.EchoIgnored, at: "b"},
	{name: "peer moved", scene: star, spoil: `
		ip netns add c
		ip -n b link set eth0 netns c`, from: "a", to: "b:10.1.0.3", kind: doctor.NoPeer, at: "c:eth0"},
	{name: "peer deleted", scene: star, spoil: `ip link del vb`, from: "a", to: "b:10.1.0.3", kind: doctor.NoLink, at: "b"},
	{name: "MTU of one end", scene: star, spoil: `ip -n b link set eth0 mtu 1000`, from: "a", to: "b:10.1.0.3", kind: doctor.MTU, at: "b:eth0", answered: true},
	{name: "MTU of a port", scene: star, spoil: `ip link set va mtu 1000`, from: "a", to: "b:10.1.0.3", kind: doctor.MTU, at: "va", answered: true},
	{name: "MTU of the bridge larger than of its ports", scene: star, spoil: `
		ip link set br0 mtu 1500
		ip link set va mtu 1000
		ip -n a link set eth0 mtu 1000
		ip link set br0 mtu 9000`, from: ".", to: "a:10.1.0.2", kind: doctor.MTU, at: "va", answered: true},
	{name: "MTU of the way back", scene: chain, spoil: `ip -n r link set e1 mtu 1000`, from: "a", to: "b:10.0.3.2", kind: doctor.MTU, at: "r:e1", answered: true},
	{name: "MTU too small for IPv6", scene: star, spoil: `ip -n b link set eth0 mtu 1200`, from: "a", to: "b:fd01::3", kind: doctor.MTU, at: "b:eth0"},
	{name: "protocol held down", scene: macvlans, spoil: `ip -n b link set m0 protodown on`, from: "a", to: "b:10.4.0.2", kind: doctor.NoCarrier, at: "b:m0"},
	{name: "macvlan in mode private", scene: macvlans, spoil: `ip -n b link set m0 type macvlan mode private`, from: "a", to: "b:10.4.0.2", kind: doctor.MacvlanMode, at: "b:m0"},
	{name: "link below macvlans down", scene: macvlans, spoil: `ip link set low0 down`, from: "a", to: "b:10.4.0.2", kind: doctor.LinkDown, at: "low0"},
	{name: "vxlan of another id", scene: tunnel, spoil: `
		ip -n b link del vx0
		ip -n b link add vx0 type vxlan id 43 remote 192.168.9.1 dstport 4789
		ip -n b addr add 10.9.0.2/24 dev vx0
		ip -n b link set vx0 up`, from: "a", to: "b:10.9.0.2", kind: doctor.Tunnel, at: "b:vx0"},
	{name: "vxlan with the wrong remote", scene: tunnel, spoil: `
		ip -n a link set vx0 type vxlan id 42 remote 192.168.9.7
		bridge -n a fdb del MAC(b:vx0) dev vx0 self
		ip -n a neigh flush dev vx0`, from: "a", to: "b:10.9.0.2", kind: doctor.Tunnel, at: "a:vx0"},
	{name: "vxlan with the wrong remote for the reply", scene: tunnel, spoil: `
		ip -n b link set vx0 type vxlan id 42 remote 192.168.9.7
		b net.ipv6.conf.vx0.disable_ipv6=1
		bridge -n b fdb del MAC(a:vx0) dev vx0 self
		ip -n b link set vx0 type vxlan id 42 nolearning
		ip -n b neigh flush dev vx0`, from: "a", to: "b:10.9.0.2", kind: doctor.Tunnel, at: "b:vx0"},
	{name: "vxlan's underlay down", scene: tunnel, spoil: `ip -n b link set eth0 down`, from: "a", to: "b:10.9.0.2", kind: doctor.LinkDown, at: "b:eth0"},
	{name: "vxlan's underlay without a route", scene: tunnel, spoil: `ip -n a route add blackhole 192.168.9.2/32`, from: "a", to: "b:10.9.0.2", kind: doctor.BadRoute, at: "a"},
	{name: "vxlan down", scene: tunnel, spoil: `ip -n b link set vx0 down`, from: "a", to: "b:10.9.0.2", kind: doctor.LinkDown, at: "b:vx0"},
	{name: "port moved", scene: star, spoil: `
		ip netns add c
		ip link set va netns c`, from: "b", to: "a:10.1.0.2", kind: doctor.NoPeer, at: "c:va", first: "ip -n c link set dev va netns $$"},
	{name: "bridge deleted", scene: star, spoil: `ip link del br0`, from: "a", to: "b:10.1.0.3", kind: doctor.NotAPort, at: "va"},
	{name: "route without its gateway", scene: chain, spoil: `
		ip -n r -4 route del 10.0.3.0/24
		ip -n r -4 route add 10.0.3.0/24 dev e1`, from: "a", to: "b:10.0.3.2", kind: doctor.BadRoute, at: "r:e1"},
	{name: "source that the far end knows nothing of", scene: star, spoil: `
		ip -n a addr add 10.9.9.9/32 dev lo
		ip -n a route replace 10.1.0.0/16 dev eth0 src 10.9.9.9`, from: "a", to: "b:10.1.0.3", kind: doctor.NoRoute, at: "b:eth0"},
	{name: "route by a gateway that is not needed", scene: star, spoil: `ip -n a route add 10.1.0.3/32 via 10.1.0.99`, from: "a", to: "b:10.1.0.3", kind: doctor.NoGateway, at: "a:eth0", first: "ip -n a -4 route del 10.1.0.3/32 via 10.1.0.99 dev eth0"},
	{name: "route by lo", scene: star, spoil: `ip -n a route add 10.1.0.3/32 dev lo`, from: "a", to: "b:10.1.0.3", kind: doctor.BadRoute, at: "a:lo"},
	{name: "route by another link", scene: star, spoil: `
		ip -n a link add x0 type veth peer name x1
		ip -n a link set x0 up
		ip -n a link set x1 up
		ip -n a route add 10.1.0.3/32 dev x0`, from: "a", to: "b:10.1.0.3", kind: doctor.BadRoute, at: "a:x0"},
	{name: "two links of one network", scene: star, spoil: `
		ip -n a link add x0 type veth peer name x1
		ip -n a addr add 10.1.5.5/17 dev x0
		ip -n a link set x0 up
		ip -n a link set x1 up`, from: "a:10.1.0.2", to: "b:10.1.0.3", kind: doctor.BadRoute, at: "a:x0"},
	{name: "routes in circles", scene: chain, spoil: `ip -n s route add 10.0.3.2/32 via 10.0.2.1`, from: "a", to: "b:10.0.3.2", kind: doctor.BadRoute, at: "s:e0"},
	{name: "vxlan from an address that is not there", scene: tunnel, spoil: `
		ip -n a link set vx0 type vxlan id 42 local 192.168.9.66
		ip -n a neigh flush dev vx0`, from: "a", to: "b:10.9.0.2", kind: doctor.Tunnel, at: "a:vx0"},
	{name: "vxlan without a remote", scene: tunnel, spoil: `
		bridge -n a fdb del 00:00:00:00:00:00 dev vx0 self
		bridge -n a fdb del MAC(b:vx0) dev vx0 self
		ip -n a neigh flush dev vx0`, from: "a", to: "b:10.9.0.2", kind: doctor.Tunnel, at: "a:vx0"},
	{name: "vxlan's entry to the wrong remote", scene: tunnel, spoil: `bridge -n a fdb replace MAC(b:vx0) dev vx0 dst 192.168.9.77 self permanent`, from: "a", to: "b:10.9.0.2", kind: doctor.FDB, at: "a:vx0"},
	{name: "vxlan of another port", scene: tunnel, spoil: `
		ip -n b link del vx0
		ip -n b link add vx0 type vxlan id 42 remote 192.168.9.1 dstport 8472
		ip -n b addr add 10.9.0.2/24 dev vx0
		ip -n b link set vx0 up`, from: "a", to: "b:10.9.0.2", kind: doctor.Tunnel, at: "b:vx0"},
	{name: "the source's address is another's, too", scene: star, spoil: `
		ip netns add c
		ip link add vc up master br0 type veth peer name eth0 netns c
		ip -n c addr add 10.1.0.2/16 dev eth0
		ip -n c link set eth0 up`, from: "a", to: "b:10.1.0.3", kind: doctor.DupAddress, at: "c:eth0", answered: true},
	{name: "duplicate address detection has failed", scene: star, spoil: `
		ip netns add c
		ip link add vc up master br0 type veth peer name eth0 netns c
		ip -n c addr add fd01::9/64 dev eth0 nodad
		ip -n c link set eth0 up
		ip -n b addr add fd01::9/64 dev eth0`, from: "a", to: "b:fd01::9", kind: doctor.DupAddress, at: "c:eth0", answered: true},
	{name: "local route removed", scene: star, spoil: `ip -n b route del local 10.1.0.3 dev eth0 table local`, from: "a", to: "b:10.1.0.3", kind: doctor.BadRoute, at: "b:eth0"},
	{name: "ports of each other's bridges", scene: star + `
		ip link add name br1 up type bridge
		ip addr add 10.2.0.1/16 dev br1
		ip netns add c
		ip link add vc up master br1 type veth peer name eth0 netns c
		ip -n c addr add 10.2.0.2/16 dev eth0
		ip -n c link set eth0 up
		ip -n c route add default via 10.2.0.1
		ip -n b route add default via 10.1.0.1
		. net.ipv4.ip_forward=1`, spoil: `
		ip link set dev vb master br1
		ip link set dev vc master br0`, from: ".", to: "b:10.1.0.3", kind: doctor.NotAPort, at: "vb", first: "ip link set dev vb master br0"},
	{name: "hop limit", scene: chain, spoil: `a net.ipv4.ip_default_ttl=1`, from: "a", to: "b:10.0.3.2", kind: doctor.HopLimit, at: "r:e0"},
	{name: "hop limit of the reply", scene: chain, spoil: `b net.ipv6.conf.eth0.hop_limit=2`, from: "a", to: "b:fd00:3::2", kind: doctor.HopLimit, at: "r:e1"},
	{name: "no rule to the table local", scene: chain, spoil: `ip -n b rule del pref 0`, from: "a", to: "b:10.0.3.2", kind: doctor.BadRule, at: "b"},
	{name: "rule about ICMP", scene: chain, spoil: `ip -n r rule add pref 1 ipproto icmp blackhole`, from: "a", to: "b:10.0.3.2", kind: doctor.BadRule, at: "r"},
	{name: "address without a route to its network", scene: chain, spoil: `
		ip -n a addr del 10.0.1.2/24 dev eth0
		ip -n a addr add 10.0.1.2/24 dev eth0 noprefixroute`, from: "a", to: "b:10.0.3.2", kind: doctor.NoRoute, at: "a:eth0"},
	{name: "address of scope host", scene: chain, spoil: `
		ip -n a addr del 10.0.1.2/24 dev eth0
		ip -n a addr add 10.0.1.2/24 dev eth0 scope host`, from: "a", to: "b:10.0.3.2", kind: doctor.NoAddress, at: "a:eth0"},
	{name: "address on lo", scene: chain, spoil: `
		ip -n b addr del 10.0.3.2/24 dev eth0
		ip -n b addr add 10.0.3.2/24 dev lo`, from: "a", to: "b:10.0.3.2", kind: doctor.NoAddress, at: "b:eth0"},
	{name: "no address behind a router", scene: chain, spoil: `ip -n a -4 addr flush dev eth0`, from: "a", to: "b:10.0.3.2", kind: doctor.NoAddress, at: "a:eth0"},
	{name: "network of an address of lo", scene: star, spoil: `
		ip addr add 10.1.0.9/24 dev lo
		ip -n a neigh flush dev eth0`, from: "a", to: "b:10.1.0.3", kind: doctor.DupAddress, at: "lo"},
	{name: "nftables drops large packets", scene: chain, spoil: `
		nft r add table inet f
		nft r add chain inet f post { type filter hook postrouting priority 0 ; }
		nft r add rule inet f post meta length > 500 drop`, from: "a", to: "b:10.0.3.2", kind: doctor.Firewall, at: "r:e1", answered: true},
	{name: "traffic control", scene: star, spoil: `
		ip -n b link set lo up
		tc b qdisc add dev eth0 clsact
		tc b filter add dev eth0 ingress protocol ip u32 match u32 0 0 action mirred egress redirect dev lo`, from: "a", to: "b:10.1.0.3", kind: doctor.Filtered, at: "b:eth0"},
	{name: "traffic control of the reply", scene: chain, spoil: `
		tc s qdisc add dev e1 ingress
		tc s filter add dev e1 ingress protocol ip u32 match ip protocol 1 0xff action mirred egress redirect dev e1`, from: "a", to: "b:10.0.3.2", kind: doctor.Filtered, at: "s:e1"},
	{name: "VLAN filter", needs: "vlan", scene: star + `
		ip link set br0 type bridge vlan_filtering 1`, spoil: `bridge vlan del dev vb vid 1`, from: "a", to: "b:10.1.0.3", kind: doctor.VLANFilter, at: "vb", first: "bridge vlan add dev vb vid 1 pvid untagged"},
	{name: "VLAN link of another VLAN", needs: "vlan", scene: star + `
		ip -n a link add link eth0 name v7 type vlan id 7
		ip -n b link add link eth0 name v7 type vlan id 7
		ip -n a addr add 10.7.0.1/24 dev v7
		ip -n b addr add 10.7.0.2/24 dev v7
		ip -n a link set v7 up
		ip -n b link set v7 up`, spoil: `
		ip -n b link del v7
		ip -n b link add link eth0 name v7 type vlan id 8
		ip -n b addr add 10.7.0.2/24 dev v7
		ip -n b link set v7 up`, from: "a", to: "b:10.7.0.2", kind: doctor.VLANFilter, at: "b:v7"},
	{name: "gre with the wrong remote", needs: "gre", scene: star + `
		ip -n a link add t0 type gre local 10.1.0.2 remote 10.1.0.3
		ip -n b link add t0 type gre local 10.1.0.3 remote 10.1.0.2
		ip -n a addr add 10.8.0.1/24 dev t0
		ip -n b addr add 10.8.0.2/24 dev t0
		ip -n a link set t0 up
		ip -n b link set t0 up`, spoil: `ip -n b link set t0 type gre local 10.1.0.3 remote 10.1.0.77`, from: "a", to: "b:10.8.0.2", kind: doctor.Tunnel, at: "b:t0"},
	{name: "nftables' policy", scene: star, spoil: `
		nft b add table ip f
		nft b add chain ip f in { type filter hook input priority 0 ; policy drop ; }
		nft b add rule ip f in tcp dport 22 accept`, from: "a", to: "b:10.1.0.3", kind: doctor.Firewall, at: "b:eth0"},
	{name: "nftables' rule in a router", scene: chain, spoil: `
		nft r add table inet f
		nft r add chain inet f sub
		nft r add chain inet f fw { type filter hook forward priority 0 ; }
		nft r add rule inet f fw iifname "e0" jump sub
		nft r add rule inet f sub ct state established accept
		nft r add rule inet f sub ip saddr { 10.0.1.0/24, 10.9.9.9 } icmp type echo-request counter drop`, from: "a", to: "b:10.0.3.2", kind: doctor.Firewall, at: "r:e0"},
	{name: "nftables' map of verdicts, for the reply", scene: chain, spoil: `
		nft s add table ip f
		nft s add chain ip f fw { type filter hook forward priority 0 ; policy accept ; }
		nft s add rule ip f fw ct state vmap { new : accept, established : drop }`, from: "a", to: "b:10.0.3.2", kind: doctor.Firewall, at: "s:e1"},
	{name: "nftables' reject of IPv6", scene: star, spoil: `
		nft b add table ip6 f
		nft b add chain ip6 f out { type filter hook output priority 0 ; }
		nft b add rule ip6 f out icmpv6 type echo-reply reject`, from: "a", to: "b:fd01::3", kind: doctor.Firewall, at: "b:eth0"},
	{name: "nftables in the bridge", scene: star, spoil: `
		nft . add table bridge f
		nft . add chain bridge f fw { type filter hook forward priority 0 ; }
		nft . add rule bridge f fw oifname "vb" ip protocol icmp drop`, from: "a", to: "b:10.1.0.3", kind: doctor.Firewall, at: "va"},
	{name: "nftables at a link", scene: star, spoil: `
		nft b add table netdev f
		nft b add chain netdev f in { type filter hook ingress device "eth0" priority 0 ; }
		nft b add rule netdev f in ip saddr 10.1.0.2 drop`, from: "a", to: "b:10.1.0.3", kind: doctor.Firewall, at: "b:eth0"},
	{name: "nftables at several links, the one", scene: star, spoil: `
		nft . add table netdev f
		nft . add chain netdev f in { type filter hook ingress devices = { va, vb } priority 0 ; policy drop ; }`, from: "a", to: "b:10.1.0.3", kind: doctor.Firewall, at: "va"},
	{name: "nftables at several links, the other", scene: star, spoil: `
		nft . add table netdev f
		nft . add chain netdev f in { type filter hook ingress devices = { va, vb } priority 0 ; policy drop ; }`, from: "b", to: "a:10.1.0.2", kind: doctor.Firewall, at: "vb"},
	{name: "nftables' map that has something for all others", scene: star, spoil: `
		nft b add table inet f
		nft b add chain inet f in { type filter hook input priority 0 ; }
		nft b add rule inet f in ip saddr vmap { 10.1.0.9 : accept, * : drop }`, from: "a", to: "b:10.1.0.3", kind: doctor.Firewall, at: "b:eth0"},
	{name: "nftables and ARP", scene: star, spoil: `
		nft b add table arp f
		nft b add chain arp f in { type filter hook input priority 0 ; policy drop ; }
		ip -n a neigh flush dev eth0
		ip -n b neigh flush dev eth0`, from: "a", to: "b:10.1.0.3", kind: doctor.Firewall, at: "b:eth0"},
	{name: "iptables and the beginning of a link's name", scene: star, spoil: `iptables-legacy b -A INPUT -i eth+ -j DROP`, from: "a", to: "b:10.1.0.3", kind: doctor.Firewall, at: "b:eth0"},
	{name: "iptables' goto, which does not come back", scene: star, spoil: `
		iptables-legacy b -N mine
		iptables-legacy b -A INPUT -g mine
		iptables-legacy b -A INPUT -j ACCEPT
		iptables-legacy b -P INPUT DROP`, from: "a", to: "b:10.1.0.3", kind: doctor.Firewall, at: "b:eth0"},
	{name: "iptables' policy", scene: star, spoil: `iptables-legacy b -P INPUT DROP`, from: "a", to: "b:10.1.0.3", kind: doctor.Firewall, at: "b:eth0"},
	{name: "iptables' rule", scene: chain, spoil: `
		iptables-legacy r -N mine
		iptables-legacy r -A FORWARD -i e0 -j mine
		iptables-legacy r -A mine -p tcp -j ACCEPT
		iptables-legacy r -A mine -d 10.0.3.0/24 -p icmp --icmp-type echo-request -j REJECT`, from: "a", to: "b:10.0.3.2", kind: doctor.Firewall, at: "r:e0"},
	{name: "iptables in the bridge", scene: star, spoil: `
		. net.bridge.bridge-nf-call-iptables=1
		iptables-legacy . -P FORWARD DROP`, from: "a", to: "b:10.1.0.3", kind: doctor.Firewall, at: "br0"},
	{name: "iptables of nftables", scene: star, spoil: `
		iptables b -A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT
		iptables b -A INPUT -s 10.1.0.2 -j DROP`, from: "a", to: "b:10.1.0.3", kind: doctor.Firewall, at: "b:eth0"},
}

// TestManyFaults: several faults at once are mended one after the other.
func TestManyFaults(t *testing.T) {
	cases := []struct{ name, spoil, to string }{
		{"IPv4", `
			ip -n s link set e1 down
			r net.ipv4.ip_forward=0
			ip -n b route del default
			ip -n a neigh replace 10.0.1.1 lladdr 02:00:00:00:00:01 nud permanent dev eth0
			ip -n b link set eth0 mtu 900
			ip -n a route add blackhole 10.0.3.2/32
			ip -n r addr del 10.0.1.1/24 dev e0`, "b:10.0.3.2"},
		{"IPv6", `
			ip -n b link set eth0 mtu 900
			r net.ipv6.conf.all.forwarding=0
			ip -n a addr del fd00:1::2/64 dev eth0
			ip -n r link set e1 down
			s net.ipv6.conf.e0.hop_limit=1
			b net.ipv6.icmp.echo_ignore_all=1`, "b:fd00:3::2"},
	}
	inShards(t, []string{cases[0].name, cases[1].name}, func(t *testing.T, i int) {
		t.Cleanup(func() { clean(t) })
		play(t, chain)
		settled(t, "a", cases[i].to).close()
		play(t, cases[i].spoil)
		e := examine(t, "a", cases[i].to)
		if e.r.Healthy() {
			t.Fatalf("healthy\n%s", e.text())
		}
		mends := e.fix(&options{from: "a", to: cases[i].to})
		for _, m := range mends {
			t.Logf("%s: %s\n  %s\n  done %v %s", m.place, m.fault.What, m.line, m.done, m.why)
		}
		if !e.r.Healthy() || !e.answered() {
			t.Errorf("after --fix:\n%s", e.text())
		}
	})
}

// TestFaults makes each fault in a healthy scene: the ping dies, the doctor
// names it, mends it, and the ping is answered again.
func TestFaults(t *testing.T) {
	names := make([]string, len(faultCases))
	for i := range faultCases {
		names[i] = faultCases[i].name
	}
	inShards(t, names, func(t *testing.T, i int) { testFault(t, &faultCases[i]) })
}

func testFault(t *testing.T, c *faultCase) {
	if c.needs != "" {
		nstest.NeedKind(t, c.needs)
	}
	t.Cleanup(func() { clean(t) })
	play(t, c.scene)
	if c.from != c.to && !strings.HasPrefix(c.to, c.from+":10.1.0.2") {
		before := strings.NewReplacer("10.1.0.9", "10.1.0.3", "fd01::9", "fd01::3").Replace(c.to)
		if e := settled(t, c.from, before); !e.r.Healthy() || !e.answered() {
			t.Fatalf("before:\n%s", e.text())
		}
	}
	play(t, macs(t, c.spoil))
	found := func(e *examination) bool {
		f := e.r.Fault
		return e.answered() == c.answered && f != nil && f.Kind == c.kind && place(e.st, f.Space, f.Link) == c.at
	}
	e := examine(t, c.from, c.to)
	// A carrier that goes is noticed by another thread; duplicate address detection
	// takes seconds.
	for try := 0; !found(e); try++ {
		if try == 100 {
			t.Fatalf("want %s at %s, and that a ping is answered: %v; got\n%s", c.kind, c.at, c.answered, e.text())
		}
		e.close()
		time.Sleep(50 * time.Millisecond)
		e = examine(t, c.from, c.to)
	}
	// Asked again, after a ping, it says the same.
	if again := examine(t, c.from, c.to); !found(again) {
		t.Errorf("the second time:\n%s\nbefore it:\n%s", again.text(), e.text())
	}
	if line := e.r.Fault.Line(e.st); c.first != "" && line != c.first {
		t.Errorf("mends by %s, want %s", line, c.first)
	}
	report := e.text()
	mends := e.fix(&options{from: c.from, to: c.to})
	if !e.r.Healthy() || !e.answered() {
		for _, m := range mends {
			t.Logf("%s: %s\n  %s\n  done %v %s", m.place, m.fault.What, m.line, m.done, m.why)
		}
		t.Fatalf("after --fix:\n%s\nbefore it:\n%s", e.text(), report)
	}
}

// macs puts MAC addresses for MAC(NS:LINK).
func macs(t *testing.T, s string) string {
	for {
		before, rest, ok := strings.Cut(s, "MAC(")
		if !ok {
			return s
		}
		end, after, _ := strings.Cut(rest, ")")
		space, link, _ := strings.Cut(end, ":")
		n, err := ns.Open(space)
		if err != nil {
			t.Fatal(err)
		}
		r := nstest.Run(t, n, "cat", "/sys/class/net/"+link+"/address")
		n.Close()
		s = before + strings.TrimSpace(r) + after
	}
}

// TestHealthy: no fault is named where there is none, and the ping is answered.
func TestHealthy(t *testing.T) {
	cases := []struct {
		name, scene string
		ways        []string // FROM TO
	}{
		{"star", star, []string{"a b", "b a", ". a", "a .", "a a", ". .", "a:10.1.0.2 b:10.1.0.3", "a b:fd01::3", ". a:fd01::2", "a:eth0 b:eth0", "a fd01::3", "a 10.1.0.1",
			"br0 10.1.0.3", "a:fd01::2 b:", "a 127.0.0.1", "a a:::1"}},
		{"chain", chain, []string{"a b", "b a", "a s", "a b:fd00:3::2", "r b", "b r:10.0.1.1", "b 10.0.2.1", "r:10.0.1.1 b"}},
		{"macvlans", macvlans, []string{"a b", "b a"}},
		{"tunnel", tunnel, []string{"a:10.9.0.1 b:10.9.0.2", "b:vx0 a:vx0", "a b:192.168.9.2"}},
		{"mesh", mesh(), []string{"m0 m1", "m4 m0", "m2 m4", "m3 m1"}},
		{"masquerade", chain + `
			ip -n s -4 route del 10.0.1.0/24
			nft r add table ip n
			nft r add chain ip n post { type nat hook postrouting priority 100 ; }
			nft r add rule ip n post oifname "e1" masquerade`, []string{"a b", "a s"}},
		{"a firewall that lets pings through", chain + `
			nft r add table inet f
			nft r add chain inet f fw { type filter hook forward priority 0 ; policy drop ; }
			nft r add rule inet f fw ct state established,related accept
			nft r add rule inet f fw icmp type { echo-request, echo-reply } limit rate 100/second accept
			nft r add rule inet f fw meta l4proto ipv6-icmp accept
			iptables-legacy s -P FORWARD DROP
			iptables-legacy s -A FORWARD -f -j DROP
			iptables-legacy s -A FORWARD -m state --state ESTABLISHED -j ACCEPT
			iptables-legacy s -A FORWARD -s 10.0.1.0/24 -p icmp -j ACCEPT`, []string{"a b", "a b:fd00:3::2"}},
		{"nftables' maps and tables that do nothing", star + `
			nft b add table inet f { flags dormant ; }
			nft b add chain inet f in { type filter hook input priority 0 ; policy drop ; }
			nft b add table inet g
			nft b add chain inet g in { type filter hook input priority 0 ; policy drop ; }
			nft b add rule inet g in ip saddr vmap { 10.1.0.9 : drop, * : accept }
			nft b add rule inet g in meta l4proto ipv6-icmp accept`, []string{"a b"}},
		{"two bridges in a row", star + `
			ip link add name br1 type bridge
			ip link add x0 up master br0 type veth peer name x1
			ip link set x1 up master br1
			ip netns add c
			ip link add vc up master br1 type veth peer name eth0 netns c
			ip -n c addr add 10.1.0.4/16 dev eth0
			ip -n c link set eth0 up
			ip link set br1 up`, []string{"a c", "c .", "c b"}},
		{"isolated ports, from the bridge", star + `
			bridge link set dev va isolated on
			bridge link set dev vb isolated on`, []string{". a", "b ."}},
		{"settings that harm nobody", chain + `
			r net.ipv4.conf.all.rp_filter=1
			s net.ipv4.conf.all.rp_filter=2
			a net.ipv4.conf.all.arp_ignore=1
			b net.ipv4.conf.all.arp_filter=1
			ip -n a rule add pref 10 lookup 100
			ip -n a route add 10.0.3.0/24 via 10.0.1.1 table 200
			ip -n a rule add pref 20 to 10.0.3.0/24 lookup 200
			ip -n r link set e1 mtu 1400
			ip -n s link set e0 mtu 1400`, []string{"a b", "b a"}},
		{"proxy_arp", chain + `
			ip -n a addr add 10.0.1.2/16 dev eth0
			ip -n a addr del 10.0.1.2/24 dev eth0
			ip -n a route flush root 0.0.0.0/0 exact 0.0.0.0/0
			r net.ipv4.conf.e0.proxy_arp=1`, []string{"a b"}},
	}
	names := make([]string, len(cases))
	for i := range cases {
		names[i] = cases[i].name
	}
	inShards(t, names, func(t *testing.T, i int) {
		c := &cases[i]
		t.Cleanup(func() { clean(t) })
		play(t, c.scene)
		for _, way := range c.ways {
			from, to, _ := strings.Cut(way, " ")
			e := settled(t, from, to)
			if !e.r.Healthy() || !e.answered() || e.r.Outside || e.r.Size == 0 || len(e.r.Notes) > 0 {
				t.Errorf("%s\n%s", way, e.text())
			}
		}
	})
}

// mesh is five namespaces, each with a veth to each.
func mesh() string {
	var b strings.Builder
	for i := range 5 {
		fmt.Fprintf(&b, "ip netns add m%d\n", i)
	}
	for i := range 5 {
		for j := range i {
			fmt.Fprintf(&b, "ip -n m%d link add to%d type veth peer name to%d netns m%d\n", i, j, i, j)
			fmt.Fprintf(&b, "ip -n m%d addr add 10.%d.%d.1/30 dev to%d\nip -n m%d link set to%d up\n", i, i, j, j, i, j)
			fmt.Fprintf(&b, "ip -n m%d addr add 10.%d.%d.2/30 dev to%d\nip -n m%d link set to%d up\n", j, i, j, i, j, i)
		}
	}
	return b.String()
}
