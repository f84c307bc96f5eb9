//go:build !tiny

package ip

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/difftest"
	"rawns/nl"
	"rawns/nl/rtnl"
)

// announcements are messages of all kinds that bridge shows, also of those that
// this kernel cannot send.
func announcements() []byte {
	var b nl.Builder
	head := rtnl.PortMsg{Family: unix.AF_BRIDGE, Index: 10}
	info := func(flags, vid byte) []byte { return []byte{flags, 0, vid, 0} }
	tstamp := func(sec uint32) {
		b.Message(nlmsgTstamp, 0)
		copy(b.Extend(8), []byte{byte(sec), byte(sec >> 8), byte(sec >> 16), byte(sec >> 24), 7, 0, 0, 0})
	}
	tstamp(1700000000)
	// VLANs of a port: one, some, with counters, and of a state that is none.
	rtnl.NewVLAN(&b, rtnl.PortMsg{Family: unix.AF_BRIDGE, Index: 11})
	n := b.NestF(rtnl.BRIDGE_VLANDB_ENTRY)
	b.Blob(rtnl.BRIDGE_VLANDB_ENTRY_INFO, info(6, 10))
	b.U8(rtnl.BRIDGE_VLANDB_ENTRY_STATE, 3)
	b.U8(rtnl.BRIDGE_VLANDB_ENTRY_MCAST_ROUTER, 2)
	b.End(n)
	n = b.NestF(rtnl.BRIDGE_VLANDB_ENTRY)
	b.Blob(rtnl.BRIDGE_VLANDB_ENTRY_INFO, info(4, 20))
	b.U16(rtnl.BRIDGE_VLANDB_ENTRY_RANGE, 25)
	b.U8(rtnl.BRIDGE_VLANDB_ENTRY_STATE, 9)
	st := b.Nest(rtnl.BRIDGE_VLANDB_ENTRY_STATS)
	b.U64(rtnl.BRIDGE_VLANDB_STATS_RX_BYTES, 1<<40)
	b.U64(rtnl.BRIDGE_VLANDB_STATS_TX_PACKETS, 5)
	b.End(st)
	b.End(n)
	// What one is deleted of.
	b.Message(unix.RTM_DELVLAN, 0)
	copy(b.Extend(8), []byte{unix.AF_BRIDGE, 0, 0, 0, 11, 0, 0, 0})
	n = b.NestF(rtnl.BRIDGE_VLANDB_ENTRY)
	b.Blob(rtnl.BRIDGE_VLANDB_ENTRY_INFO, info(0, 10))
	b.End(n)
	// VLANs of a bridge, with router ports.
	rtnl.NewVLAN(&b, head)
	n = b.NestF(rtnl.BRIDGE_VLANDB_GLOBAL_OPTIONS)
	b.U16(rtnl.BRIDGE_VLANDB_GOPTS_ID, 20)
	b.U16(rtnl.BRIDGE_VLANDB_GOPTS_RANGE, 22)
	b.U8(rtnl.BRIDGE_VLANDB_GOPTS_MCAST_SNOOPING, 1)
	b.U8(rtnl.BRIDGE_VLANDB_GOPTS_MCAST_QUERIER, 0)
	b.U8(rtnl.BRIDGE_VLANDB_GOPTS_MCAST_IGMP_VERSION, 2)
	b.U8(rtnl.BRIDGE_VLANDB_GOPTS_MCAST_MLD_VERSION, 1)
	b.U32(rtnl.BRIDGE_VLANDB_GOPTS_MCAST_LAST_MEMBER_CNT, 2)
	b.U64(rtnl.BRIDGE_VLANDB_GOPTS_MCAST_LAST_MEMBER_INTVL, 100)
	b.U32(rtnl.BRIDGE_VLANDB_GOPTS_MCAST_STARTUP_QUERY_CNT, 3)
	b.U64(rtnl.BRIDGE_VLANDB_GOPTS_MCAST_STARTUP_QUERY_INTVL, 3125)
	b.U64(rtnl.BRIDGE_VLANDB_GOPTS_MCAST_MEMBERSHIP_INTVL, 26000)
	b.U64(rtnl.BRIDGE_VLANDB_GOPTS_MCAST_QUERIER_INTVL, 25500)
	b.U64(rtnl.BRIDGE_VLANDB_GOPTS_MCAST_QUERY_INTVL, 12500)
	b.U64(rtnl.BRIDGE_VLANDB_GOPTS_MCAST_QUERY_RESPONSE_INTVL, 1000)
	rp := b.Nest(rtnl.BRIDGE_VLANDB_GOPTS_MCAST_ROUTER_PORTS)
	list := b.Nest(rtnl.MDBA_ROUTER)
	for _, port := range []byte{11, 14} {
		b.Blob(rtnl.MDBA_ROUTER_PORT, []byte{port, 0, 0, 0, 8, 0, 1, 0, 0x90, 1, 0, 0, 5, 0, 2, 0, port & 3, 0, 0, 0})
	}
	b.End(list)
	b.End(rp)
	b.End(n)
	// Network identifiers.
	rtnl.NewTunnel(&b, rtnl.PortMsg{Family: unix.AF_BRIDGE, Index: 13})
	for _, v := range []uint32{5, 6} {
		n = b.NestF(rtnl.VXLAN_VNIFILTER_ENTRY)
		b.U32(rtnl.VXLAN_VNIFILTER_ENTRY_START, v)
		b.U32(rtnl.VXLAN_VNIFILTER_ENTRY_END, 6)
		b.IP(rtnl.VXLAN_VNIFILTER_ENTRY_GROUP6, []byte{0xff, 5, 14: 0, 15: 1})
		st = b.Nest(rtnl.VXLAN_VNIFILTER_ENTRY_STATS)
		b.U64(rtnl.VNIFILTER_ENTRY_STATS_RX_BYTES, 7)
		b.U64(rtnl.VNIFILTER_ENTRY_STATS_TX_DROPS, 8)
		b.End(st)
		b.End(n)
	}
	// A group with sources, and flags.
	b.Message(unix.RTM_NEWMDB, 0)
	copy(b.Extend(8), []byte{unix.AF_BRIDGE, 0, 0, 0, 10, 0, 0, 0})
	n = b.Nest(rtnl.MDBA_MDB)
	g := b.Nest(rtnl.MDBA_MDB_ENTRY)
	entry := rtnl.AppendMDBEntry(nil, &rtnl.MDBEntry{Port: 11, State: 1, Flags: 15, VID: 7, Addr: [16]byte{239, 1, 1, 1}, Proto: unix.ETH_P_IP})
	b.Blob(rtnl.MDBA_MDB_ENTRY_INFO, append(entry,
		8, 0, 1, 0, 0x39, 0x30, 0, 0, // timer
		5, 0, 3, 0, 1, 0, 0, 0, // mode
		8, 0, 4, 0, 10, 0, 0, 9, // source
		5, 0, 5, 0, 4, 0, 0, 0, // protocol
		40, 0, 2, 0, // sources
		20, 0, 1, 0, 8, 0, 1, 0, 10, 0, 0, 1, 8, 0, 2, 0, 1, 2, 0, 0,
		16, 0, 1, 0, 8, 0, 1, 0, 10, 0, 0, 2, 4, 0, 9, 0))
	b.End(g)
	b.End(n)
	// An entry in an odd state, behind a link elsewhere; one that ages.
	for _, state := range []uint16{0, 0x40, unix.NUD_STALE, unix.NUD_REACHABLE} {
		rtnl.NewNeigh(&b, 0, rtnl.NdMsg{Family: unix.AF_BRIDGE, Index: 13, State: state, Flags: 0xff})
		b.MAC(rtnl.NDA_LLADDR, []byte{2, 0, 0, 0, 0, 1})
		b.IP(rtnl.NDA_DST, []byte{0xfd, 15: 1})
		b.U32(rtnl.NDA_IFINDEX, 77)
		b.U16(rtnl.NDA_VLAN, 9)
		b.S32(rtnl.NDA_LINK_NETNSID, 3)
		b.U32(rtnl.NDA_NH_ID, 4)
		b.U32(rtnl.NDA_SRC_VNI, 5)
		b.U32(rtnl.NDA_FLAGS_EXT, 2)
		b.U32(rtnl.NDA_MASTER, 99)
		b.Blob(rtnl.NDA_CACHEINFO, []byte{0, 0, 0, 0, 0x90, 1, 0, 0, 0xf4, 1, 0, 0, 0, 0, 0, 0})
	}
	// Ports: of hardware, of a state that is none, and as it was told long ago.
	rtnl.NewLink(&b, 0, rtnl.IfInfomsg{Family: unix.AF_BRIDGE, Index: 11, Flags: unix.IFF_UP | 1<<20})
	b.Str(rtnl.IFLA_IFNAME, "v0")
	b.U32(rtnl.IFLA_MASTER, 10)
	n = rtnl.ProtInfo(&b)
	b.U8(rtnl.IFLA_BRPORT_STATE, 7)
	b.U8(rtnl.IFLA_BRPORT_LEARNING_SYNC, 1)
	b.U8(rtnl.IFLA_BRPORT_MAB, 1)
	b.End(n)
	n = b.Nest(rtnl.IFLA_AF_SPEC)
	b.U16(rtnl.IFLA_BRIDGE_MODE, 1)
	b.End(n)
	rtnl.NewLink(&b, 0, rtnl.IfInfomsg{Family: unix.AF_BRIDGE, Index: 12})
	b.Str(rtnl.IFLA_IFNAME, "v1")
	b.U8(nl.AttrU8(rtnl.IFLA_PROTINFO), 4)
	n = b.Nest(rtnl.IFLA_AF_SPEC)
	b.U16(rtnl.IFLA_BRIDGE_MODE, 17)
	b.End(n)
	// What bridge does not show.
	rtnl.NewLink(&b, 0, rtnl.IfInfomsg{Family: unix.AF_INET6, Index: 12})
	rtnl.NewAddr(&b, 0, rtnl.IfAddrmsg{})
	rtnl.NewNeigh(&b, 0, rtnl.NdMsg{Family: unix.AF_INET, Index: 12})
	p, err := b.Bytes()
	if err != nil {
		panic(err)
	}
	return p
}

func TestBridgeMonitorFileLikeStock(t *testing.T) {
	skipOnBigEndian(t)
	dir := t.TempDir()
	f := filepath.Join(dir, "all")
	p := announcements()
	if err := os.WriteFile(f, p, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "short"), p[:len(p)-3], 0o644); err != nil {
		t.Fatal(err)
	}
	bridges(t, "export TZ=UTC\n", lines(
		"bridge monitor file "+f, "bridge monitor all file "+f, "bridge monitor file "+f+" all", "bridge -d monitor file "+f, "bridge -s -d monitor all file "+f, "bridge -o -d -s monitor file "+f, "bridge -j monitor file "+f, "bridge -c monitor file "+f, "bridge -d -j -p monitor all file "+f, "bridge mon fil "+f+" link",
		"bridge -t monitor all file "+f+" | sed 's/^\\(Timestamp: ... ... .. \\)..:..:.. .... [0-9]* usec/\\1/'",
		"bridge monitor file "+dir+"/short | tail -n 1", "bridge monitor file /dev/null", "bridge monitor file /nosuch", "bridge monitor file", "bridge monitor foo", "bridge monitor link foo", "bridge monitor help", "bridge monitor all he", "bridge monitor vn", "bridge monitor al", "bridge -n nosuch monitor",
	))
}

func TestBridgeMonitorLikeStock(t *testing.T) {
	const events = "/sbin/bridge link set dev v0 cost 9; /sbin/bridge fdb add 02:00:00:00:00:99 dev v0 master; /sbin/bridge fdb del 02:00:00:00:00:99 dev v0 master; " +
		"/sbin/bridge mdb add dev br0 port v0 grp 239.1.1.1; /sbin/bridge mdb del dev br0 port v0 grp 239.1.1.1; /sbin/bridge vni add dev vy vni 5-7; /sbin/bridge vni delete dev vy vni 5-7; " +
		"/sbin/bridge link set dev v0 mcast_router 2; /sbin/bridge link set dev v0 mcast_router 1; /sbin/ip link set v0 alias x; /sbin/ip link set v0 nomaster; /sbin/ip neigh add 10.0.0.1 lladdr 02:00:00:00:00:01 dev v1"
	var cases []difftest.Case
	for _, l := range []string{"monitor", "monitor all", "-d monitor link", "monitor fdb", "-s monitor mdb fdb | sed 's/ [0-9]*[.][0-9][0-9]$/ T/'", "monitor vni fdb", "monitor m f v", "-o -d monitor all", "-j monitor link", "-n blue monitor all", "monitor all link", "monitor link all",
		"-t monitor all | sed 's/^Timestamp: ... ... [ 0-9][0-9] ..:..:.. .... [0-9]* usec$/T/'"} {
		words, filter, _ := strings.Cut(l, "|")
		if filter == "" {
			filter = "cat"
		}
		cases = append(cases, difftest.Case{Line: "bridge " + words + " >/run/o 2>&1 & sleep 0.4; " + events + "; sleep 0.2; kill $!; wait; " + filter + " </run/o"})
	}
	bridges(t, risen+"ip link add vy index 40 type vxlan external vnifilter dstport 4790; ip netns add blue\n", cases)
}
