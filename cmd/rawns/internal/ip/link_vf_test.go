//go:build !tiny

package ip

import (
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/cmd/rawns/internal/difftest"
	"rawns/nl"
	"rawns/nl/rtnl"
	"rawns/ns/nstest"
)

var vfLines = []string{
	"ip link set v0 vf 1 mac 02:00:00:00:00:01", "ip link set v0 vf 0 mac 2:0:0:0:0:1",
	"ip link set v0 vf 1 vlan 5", "ip link set v0 vf 1 vlan 5 qos 2", "ip link set v0 vf 1 vlan 5 qos 2 proto 802.1q", "ip link set v0 vf 1 v 5 q 2 p 802.1Q",
	"ip link set v0 vf 1 vlan 5 proto 802.1ad vlan 7 qos 1 proto 802.1q", "ip link set v0 vf 1 vlan 5 qos 3 proto 0x88a8",
	"ip link set v0 vf 1 rate 5", "ip link set v0 vf 1 max_tx_rate 100 min_tx_rate 10", "ip link set v0 vf 1 rate 5 min_tx_rate 3", "ip link set v0 vf 1 rate 5 max_tx_rate 9 min_tx_rate 3",
	"ip link set v0 vf 0 spoofchk on query_rss off trust on state auto", "ip link set v0 vf 0 sp o q on t of st enable", "ip link set v0 vf 0 state disable",
	"ip link set v0 vf 1 node_guid 00:11:22:33:44:55:66:77", "ip link set v0 vf 1 port_guid aA:11:22:33:44:55:66:77",
	"ip link set v0 vf 1 mac 02:00:00:00:00:01 up vf 2 trust on mtu 1400", "ip link set name v0 vf 1 trust off", "ip link set v0 mtu 1300 vf -1 trust off",
}

func TestGoldenVFRequests(t *testing.T) {
	skipOnBigEndian(t)
	for _, g := range readGolden(t, "vf.golden") {
		if got := requestOf(t, g.line); string(got) != string(g.msg) {
			t.Errorf("%s\ngot  %x\nwant %x", g.line, got, g.msg)
		}
	}
}

func TestGoldenVFsFromStock(t *testing.T) {
	skipOnBigEndian(t)
	nstest.Need(t, "ip", "strace")
	goldenFromStock(t, "vf.golden", vfLines, captureStock)
}

func TestVFLikeStock(t *testing.T) {
	cases := lines(vfLines...)
	cases = append(cases, lines(
		"ip link set v0 vf", "ip link set v0 vf 1", "ip link set v0 vf 1 foo", "ip link set v0 vf x", "ip link set v0 vf 1 up", "ip link set vf 1 trust on", "ip link set vf 1 trust on dev v0", "ip link set nosuch vf 1 trust on",
		"ip link set v0 vf 1 mac", "ip link set v0 vf 1 mac x", "ip link set v0 vf 1 mac 00:11", "ip link set v0 vf 1 vlan", "ip link set v0 vf 1 vlan x", "ip link set v0 vf 1 vlan 4095", "ip link set v0 vf 1 vlan 4096", "ip link set v0 vf 1 vlan 1 qos x", "ip link set v0 vf 1 vlan 1 qos",
		"ip link set v0 vf 1 vlan 1 proto ip", "ip link set v0 vf 1 vlan 1 proto x", "ip link set v0 vf 1 vlan 1 proto", "ip link set v0 vf 1 rate x", "ip link set v0 vf 1 min_tx_rate x", "ip link set v0 vf 1 max_tx_rate x",
		"ip link set v0 vf 1 max_tx_rate 4 min_tx_rate 5", "ip link set v0 vf 1 spoofchk x", "ip link set v0 vf 1 trust", "ip link set v0 vf 1 query_rss 1", "ip link set v0 vf 1 state x", "ip link set v0 vf 1 node_guid x",
		"ip link set v0 vf 1 port_guid 00:11:22:33:44:55:66", "ip link set v0 vf 1 port_guid 0g:11:22:33:44:55:66:77", "ip link set v0 vf 1 min_tx_rate 5", "ip link set v0 vf 1 max_tx_rate 5",
	)...)
	s := difftest.Suite{Name: "ip", Setup: scene, State: "/sbin/ip link show v0"}
	s.Run(t, cases)
}

// The functions of a card as the stock tool shows them: it was given the same
// attributes, IFLA_NUM_VF and IFLA_VFINFO_LIST, behind those of a veth.
func TestVFsAreShownLikeStock(t *testing.T) {
	skipOnBigEndian(t)
	as := readGolden(t, "vf-list.golden")[0].msg
	const (
		vf0 = "\n    vf 0     link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff, spoof checking on, link-state auto, trust off"
		vf1 = "\n    vf 1     link/ether 02:00:00:00:00:02, vlan 5, qos 3, vlan 7, vlan protocol 802.1ad, tx rate 100 (Mbps), max_tx_rate 100Mbps, min_tx_rate 10Mbps, spoof checking off, " +
			"NODE_GUID 00:11:22:33:44:55:66:77, PORT_GUID 88:99:aa:bb:cc:dd:ee:ff, link-state enable, trust on, query_rss on"
		vf2    = "\n    vf 2     link/ether 02:00:00:00:00:03, vlan 9, qos 1, link-state disable"
		stats0 = "\n    RX: bytes  packets  mcast   bcast \n          5000        5       3       2 \n    TX: bytes  packets \n     123456789        6 "
		stats1 = "\n    RX: bytes  packets  mcast   bcast   dropped \n          5000        5       3       2        8 \n    TX: bytes  packets   dropped \n     123456789        6        9 "
		json   = `"vfinfo_list":[{"vf":0,"link_type":"ether","address":"02:00:00:00:00:01","broadcast":"ff:ff:ff:ff:ff:ff","rate":{"max_tx":0,"min_tx":0},"spoofchk":true,"link_state":"auto","trust":false,` +
			`"stats":{"rx":{"bytes":5000,"packets":5,"multicast":3,"broadcast":2},"tx":{"tx_bytes":123456789,"tx_packets":6}}},` +
			`{"vf":1,"link_type":"ether","address":"02:00:00:00:00:02","vlan_list":[{"vlan":5,"qos":3},{"vlan":7,"protocol":"802.1ad"}],"tx_rate":100,"rate":{"max_tx":100,"min_tx":10},"spoofchk":false,` +
			`"node guid":"00:11:22:33:44:55:66:77","port guid":"88:99:aa:bb:cc:dd:ee:ff","link_state":"enable","trust":true,"query_rss_en":true,` +
			`"stats":{"rx":{"bytes":5000,"packets":5,"multicast":3,"broadcast":2,"dropped":8},"tx":{"tx_bytes":123456789,"tx_packets":6,"dropped":9}}},` +
			`{"vf":2,"link_type":"ether","address":"02:00:00:00:00:03","vlan":9,"qos":1,"link_state":"disable"}]`
	)
	for _, c := range []struct {
		g    globals
		want string
	}{
		{globals{}, vf0 + vf1 + vf2}, {globals{stats: 1}, vf0 + stats0 + vf1 + stats1 + vf2}, {globals{json: true, stats: 1}, json},
		{globals{oneline: true}, strings.ReplaceAll(vf0+vf1+vf2, "\n", "\\")},
	} {
		o, errs := &cli.Out{}, &cli.Out{}
		r := newRunner(&c.g, o)
		r.errs = errs
		p := &linkPrinter{printer: c.g.printer(o), r: r, g: &c.g, link: true}
		l := rtnl.Link{IfInfomsg: rtnl.IfInfomsg{Type: unix.ARPHRD_ETHER}, Attrs: nl.Attrs(as)}
		l.Attrs.Index(p.tb[:])
		p.virtualFunctions(&l)
		if got := string(o.B); got != c.want {
			t.Errorf("ours:  %q\nstock: %q", got, c.want)
		}
		if len(errs.B) != 0 {
			t.Errorf("complains %q", errs.B)
		}
		// What is cut short is neither read beyond nor a panic.
		for n := range len(as) {
			o.B = o.B[:0]
			if l.Attrs = nl.Attrs(as[:n]); l.Attrs.Check() == nil {
				l.Attrs.Index(p.tb[:])
				p.virtualFunctions(&l)
			}
		}
	}
}

func TestGeneratedVF(t *testing.T) {
	runGenerated(t, generator{tables: []*table{&vfOptions}, before: "ip link set v0 vf 1", undo: ":"})
}
