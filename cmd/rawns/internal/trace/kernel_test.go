package trace

import (
	"testing"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/explain"
	"rawns/nl/rtnl"
	"rawns/ns/nstest"
)

// Everything that the running kernel tells of a namespace with something in it
// is known to the last byte.
func TestWhatTheKernelTells(t *testing.T) {
	nstest.Need(t, "ip", "bridge")
	n := nstest.New(t)
	r := nstest.Exec(t, n, "sh", "-e", "-c", `
		ip link set lo up
		ip link add br0 type bridge
		ip link add v0 up master br0 type veth peer name v1
		ip link set br0 up; ip link set v1 up
		ip addr add 10.1.1.2/16 brd + dev v1
		ip addr add fd00::2/64 dev v1
		ip addr add 10.5.0.1 peer 10.5.0.2/32 dev br0
		ip route add default via 10.1.0.1 mtu 1400
		ip route add 10.9.0.0/16 nexthop via 10.1.0.1 nexthop via 10.1.0.2 weight 5
		ip -6 route add fd09::/64 via fd00::1 proto static metric 5
		ip neigh add 10.1.1.7 lladdr 02:00:00:00:00:07 dev v1
		ip rule add from 10.0.0.0/8 table 100
		ip link add vx0 type vxlan id 5 dstport 4789 remote 10.1.1.9 local 10.1.1.2 dev v1
		ip link set vx0 up
		bridge fdb add 02:00:00:00:00:09 dev vx0 dst 10.1.1.9
		bridge fdb add 02:00:00:00:00:08 dev v0 master static
		ip nexthop add id 5 via 10.1.0.1 dev v1
		ip nexthop add id 6 group 5
		ip link add link v1 mv0 type macvlan mode bridge
		ip link property add dev v1 altname an-alternative-name`)
	if r.Code != 0 {
		t.Fatalf("%d: %s%s", r.Code, r.Stdout, r.Stderr)
	}
	c, err := n.Dial()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	dump := func(typ uint16, family uint8, header int, more func(b *nl.Builder, p []byte)) {
		var b nl.Builder
		b.Message(typ, 0)
		p := b.Extend(header)
		p[0] = family
		if more != nil {
			more(&b, p)
		}
		messages := 0
		seen := map[string]bool{}
		for m, err := range c.Dump(&b) {
			if err != nil {
				t.Errorf("type %d: %v", typ, err)
				break
			}
			messages++
			name := ""
			for _, s := range explain.Spans(m, explain.Options{}) {
				if s.Kind == explain.Attribute {
					name = s.Name
				}
				bad := s.Kind == explain.Raw || s.Kind == explain.Broken || s.Kind == explain.CutShort || s.Name == "nlattr"
				if key := name + s.Name + s.Kind.String(); bad && !seen[key] {
					seen[key] = true
					t.Errorf("type %d, family %d: %s: %+v", typ, family, name, s)
				}
			}
		}
		if messages == 0 {
			t.Errorf("type %d, family %d: nothing is listed", typ, family)
		}
	}
	dump(unix.RTM_GETLINK, 0, 16, nil)
	dump(unix.RTM_GETLINK, unix.AF_BRIDGE, 16, func(b *nl.Builder, _ []byte) { b.U32(rtnl.IFLA_EXT_MASK, rtnl.ExtBridgeVLAN) })
	dump(unix.RTM_GETLINK, unix.AF_INET6, 16, nil)
	dump(unix.RTM_GETADDR, 0, 8, nil)
	dump(unix.RTM_GETROUTE, unix.AF_INET, 12, nil)
	dump(unix.RTM_GETROUTE, unix.AF_INET6, 12, nil)
	dump(unix.RTM_GETNEIGH, 0, 12, nil)
	dump(unix.RTM_GETNEIGH, unix.AF_BRIDGE, 12, nil)
	dump(unix.RTM_GETRULE, unix.AF_INET, 12, nil)
	dump(unix.RTM_GETNEIGHTBL, 0, 4, nil)
	dump(unix.RTM_GETNETCONF, unix.AF_INET, 4, nil)
	dump(unix.RTM_GETNEXTHOP, 0, 8, nil)
	dump(unix.RTM_GETADDRLABEL, unix.AF_INET6, 12, nil)
	dump(unix.RTM_GETMDB, unix.AF_BRIDGE, 8, nil)
	dump(unix.RTM_GETSTATS, 0, 12, func(_ *nl.Builder, p []byte) { p[8] = 1 })
}
