//go:build !tiny

package ip

import (
	"encoding/binary"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl"
	"rawns/nl/rtnl"
	"rawns/ns/nstest"
)

// bridgeGolden are lines whose requests testdata/bridge.golden holds, as the
// stock tool sends them in the scene: whether this kernel takes them or not.
var bridgeGolden = []string{
	"bridge fdb add 02:00:00:00:00:99 dev v0 master",
	"bridge fdb add to 2:0:0:0:0:99 dev v0 self master router use extern_learn sticky dynamic vlan 5",
	"bridge fdb append 02:00:00:00:00:99 dev v0 dst 10.0.0.1 port 4790 vni 9 src_vni 8 via v1",
	"bridge fdb replace 02:00:00:00:00:99 dev v0 dst fd00::1 static",
	"bridge fdb replace 02:00:00:00:00:99 dev v0 nhid 7 src_vni 0 local",
	"bridge fdb del 02:00:00:00:00:99 dev v0 master vlan 5",
	"bridge fdb flush dev br0",
	"bridge fdb flush dev br0 brport v0 vlan 5 master static nosticky noextern_learn added_by_user offloaded",
	"bridge fdb flush dev br0 self permanent dynamic nonsense",
	"bridge link set dev v0",
	"bridge link set dev v0 cost 9 priority 3 state 2 guard on hairpin on fastleave on root_block on learning off learning_sync off flood off mcast_router 2 mcast_flood off bcast_flood off mcast_to_unicast on neigh_suppress on vlan_tunnel on isolated on locked on backup_port v1 self master",
	"bridge link set dev v0 hwmode vepa nobackup_port mcast_router -1 state -2",
	"bridge link set dev v0 master hwmode veb",
	"bridge vlan add vid 5 dev v0",
	"bridge vlan add vid 5 dev v0 pvid untagged self master",
	"bridge vlan add vid 5-9 dev v0 untagged",
	"bridge vlan add vid 5 dev v0 tunnel_info id 500",
	"bridge vlan add vid 5-9 dev v0 tunnel_info id 500-504 self",
	"bridge vlan del vid 5-9 dev v0 pvid-less",
	"bridge vlan del vid 0 dev br0 self",
	"bridge vlan set vid 5-9 dev v0 state learning mcast_router 2",
	"bridge vlan set dev v0 state 3 vid 7",
	"bridge vlan global set vid 5-9 dev br0 mcast_snooping 0 mcast_querier 1 mcast_igmp_version 3 mcast_mld_version 2 mcast_last_member_count 5 mcast_last_member_interval 6 mcast_startup_query_count 7",
	"bridge vlan global set dev br0 vid 5 mcast_startup_query_interval 8 mcast_membership_interval 9 mcast_querier_interval 10 mcast_query_interval 11 mcast_query_response_interval 12",
	"bridge mdb add dev br0 port v0 grp 239.1.1.1",
	"bridge mdb add dev br0 port v0 grp ff05::1 src fd00::1 permanent vid 7",
	"bridge mdb add dev br0 port br0 grp 239.1.1.1 src 10.0.0.1",
	"bridge mdb add dev br0 port v0 grp 01:00:5e:00:00:99 permanent",
	"bridge mdb del dev br0 port v0 grp 239.1.1.1 permanent",
	"bridge vni add dev v0 vni 5",
	"bridge vni add dev v0 vni 5,7-9,11 group 239.1.1.1",
	"bridge vni add dev v0 vni 5-9 remote fd00::1",
	"bridge vni delete dev v0 vni 5-9",
}

// captureBridge returns the request of the stock tool that has an ack: the look-
// up of the link is not the one.
func captureBridge(t *testing.T, line string) nl.Message {
	t.Helper()
	all := captureRequests(t, line)
	for m := range nl.Messages(all) {
		if m.Flags()&unix.NLM_F_ACK != 0 {
			return m
		}
	}
	t.Fatalf("%s: no request with an ack", line)
	return nil
}

func TestGoldenBridgeRequests(t *testing.T) {
	skipOnBigEndian(t)
	for _, g := range readGolden(t, "bridge.golden") {
		got := requestOf(t, g.line)
		if string(got) != string(g.msg) {
			t.Errorf("%s\ngot  %x\nwant %x", g.line, got, g.msg)
		}
		// The tables know every attribute.
		for off := nl.HeaderLen + rtnl.TypeOf(g.msg.Type()).Header.Size; off < len(g.msg); {
			if path := rtnl.AttrPath(g.msg, off); path == "" || strings.Contains(path, "attribute ") {
				t.Errorf("%s: nothing known of the attribute at %d: %q", g.line, off, path)
			}
			off += (int(binary.NativeEndian.Uint16(g.msg[off:])) + 3) &^ 3
		}
	}
}

func TestGoldenBridgeFromStock(t *testing.T) {
	skipOnBigEndian(t)
	nstest.Need(t, "bridge", "strace")
	var gs []golden
	for _, line := range bridgeGolden {
		gs = append(gs, golden{line, captureBridge(t, line)})
	}
	if *update {
		writeGolden(t, "bridge.golden", gs)
	}
	have := map[string]nl.Message{}
	for _, g := range readGolden(t, "bridge.golden") {
		have[g.line] = g.msg
	}
	if len(gs) != len(have) {
		t.Errorf("captured %d requests, testdata has %d: run with -update", len(gs), len(have))
	}
	for _, g := range gs {
		if string(have[g.line]) != string(g.msg) {
			t.Errorf("%s\nstock   %x\ngolden  %x", g.line, g.msg, have[g.line])
		}
	}
}

func TestBridgeHints(t *testing.T) {
	nstest.NewNamed(t, "bhints")
	for _, l := range []string{"ip -n bhints link add br0 type bridge", "ip -n bhints link add v0 master br0 type veth peer name v1", "ip -n bhints link add vx type vxlan id 7 dstport 4789",
		"ip -n bhints link add vy type vxlan external vnifilter dstport 4790", "bridge -n bhints fdb add 2:0:0:0:0:5 dev v0 master"} {
		if _, e, code := runLine(l, 0); code != 0 {
			t.Fatalf("%s: %s", l, e)
		}
	}
	for _, c := range []hintCase{
		{"fdb add 2:0:0:0:0:9 dev v0 master dynamic", "RTNETLINK answers: Operation not permitted", "v0 is down and learns nothing"},
		{"fdb add 2:0:0:0:0:5 dev v0 master", "RTNETLINK answers: File exists", `"bridge fdb replace" changes it`},
		{"fdb del 2:0:0:0:0:9 dev v0 master", "RTNETLINK answers: No such file or directory", `"bridge fdb show dev v0" lists`},
		{"fdb add 2:0:0:0:0:9 dev v1 master", "RTNETLINK answers: Operation not supported", "v1 is no port of a bridge"},
		{"fdb add 2:0:0:0:0:9 dev br0 master", "RTNETLINK answers: Operation not supported", `wants "self"`},
		{"fdb add 2:0:0:0:0:9 dev v0 master vlan 9", "RTNETLINK answers: Invalid argument", "VLAN 9 must be one of v0's"},
		{"fdb add 2:0:0:0:0:9 dev vx", "RTNETLINK answers: Invalid argument", `wants "dst"`},
		{"fdb flush dev v0", "RTNETLINK answers: Operation not supported", `"brport v0"`},
		{"link set dev v1 cost 5", "RTNETLINK answers: Operation not supported", "v1 is no port of a bridge"},
		{"link set dev br0 cost 5", "RTNETLINK answers: Operation not supported", "br0 is a bridge"},
		{"link set dev v0 self cost 5", "RTNETLINK answers: Operation not supported", `leave "self" out`},
		{"link set dev v0 backup_port v1", "RTNETLINK answers: No such file or directory", "v1 must be a port of the same bridge as v0"},
		{"vlan add vid 5 dev br0", "RTNETLINK answers: Operation not supported", `want "self"`},
		{"vlan add vid 5 dev v1", "RTNETLINK answers: Operation not supported", "v1 is no port of a bridge"},
		{"vni add dev vx vni 5", "RTNETLINK answers: Operation not supported", "external vnifilter"},
		{"vni delete dev vy vni 5", "RTNETLINK answers: No such file or directory", `"bridge vni show dev vy"`},
	} {
		_, e, code := runLine("bridge -n bhints "+c.line, 0)
		if !hasHint(e, c.first, c.hint) || code != exitUsage {
			t.Errorf("%s: exit code %d, %q; want %q and the hint %q", c.line, code, e, c.first, c.hint)
		}
	}
}

// What comes as an announcement may be anything.
func FuzzBridgePrint(f *testing.F) {
	for m := range nl.Messages(announcements()) {
		f.Add([]byte(m), byte(0))
		f.Add([]byte(m), byte(0xff))
		f.Add([]byte(m[:len(m)-1]), byte(7))
	}
	f.Fuzz(func(t *testing.T, p []byte, opts byte) {
		if nl.Check(p) != nil || len(p) < nl.HeaderLen {
			return
		}
		out := cli.NewOut(nil)
		g := &globals{details: int(opts & 1), stats: int(opts >> 1 & 1), oneline: opts>>2&1 != 0, json: opts>>3&1 != 0, pretty: opts>>4&1 != 0, color: opts>>5&1 != 0}
		r := newRunner(g, out)
		r.g.netns = "/nonexistent" // nothing is asked of the kernel
		defer r.close()
		for m := range nl.Messages(p) {
			for _, monitor := range []bool{true, false} {
				b := r.bridgePrinter()
				b.monitor, b.banners = monitor, monitor
				b.announced(m)
				v := &vlanPrinter{bridgePrinter: b, open: -1}
				if l, err := rtnl.ParseLink(m); err == nil {
					v.vlans(&l)
					v.tunnels(&l)
				}
				v.stats(m)
			}
		}
		for _, c := range out.B {
			if c < ' ' && c != '\n' && c != 0x1b || c == 0x7f {
				t.Fatalf("a control byte is shown: %q", out.B)
			}
		}
	})
}
