//go:build !tiny

package ip

import (
	"encoding/binary"
	"encoding/json"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl"
	"rawns/nl/rtnl"
)

// fuzzShow checks what show writes for a message, as text and as JSON: no
// control characters, and JSON that is JSON.
func fuzzShow(t *testing.T, opts byte, show func(r *runner, g *globals)) {
	t.Helper()
	for _, asJSON := range []bool{false, true} {
		g := globals{json: asJSON, details: int(opts & 1), stats: int(opts >> 1 & 3), oneline: opts>>4&1 != 0, human: opts>>5&1 != 0, numeric: opts>>6&1 != 0}
		r := newRunner(&g, &cli.Out{})
		r.errs = &cli.Out{}
		for i := range int32(16) {
			r.devs.add(device{index: i, name: "dev" + itoa(i)})
		}
		show(r, &g)
		r.close()
		out := string(r.out.B)
		if strings.ContainsFunc(out, func(c rune) bool { return c < ' ' && c != '\n' }) {
			t.Fatalf("a control character passes: %q", out)
		}
		if asJSON && !json.Valid([]byte(out)) {
			t.Fatalf("not JSON: %q", out)
		}
	}
}

// FuzzStats: counters as no kernel sends them.
func FuzzStats(f *testing.F) {
	var b nl.Builder
	b.Message(unix.RTM_NEWSTATS, 0)
	copy(b.Extend(12), []byte{0, 0, 0, 0, 7, 0, 0, 0, 31, 0, 0, 0})
	counters := make([]byte, 256)
	for i := range counters {
		counters[i] = byte(i * 7)
	}
	b.Blob(rtnl.IFLA_STATS_LINK_64, counters[:200])
	for _, a := range []nl.AttrNest{rtnl.IFLA_STATS_LINK_XSTATS, rtnl.IFLA_STATS_LINK_XSTATS_SLAVE} {
		n := b.Nest(a)
		bridge := b.Nest(rtnl.LINK_XSTATS_TYPE_BRIDGE)
		b.Blob(rtnl.BRIDGE_XSTATS_MCAST, counters[:240])
		b.Blob(rtnl.BRIDGE_XSTATS_STP, counters[:48])
		b.End(bridge)
		bond := b.Nest(rtnl.LINK_XSTATS_TYPE_BOND)
		lacp := b.Nest(rtnl.BOND_XSTATS_3AD)
		b.U64(rtnl.BOND_3AD_STAT_LACPDU_RX, 5)
		b.U64(rtnl.BOND_3AD_STAT_MARKER_UNKNOWN_RX, 1<<63)
		b.End(lacp)
		b.End(bond)
		b.End(n)
	}
	n := b.Nest(rtnl.IFLA_STATS_LINK_OFFLOAD_XSTATS)
	b.Blob(rtnl.IFLA_OFFLOAD_XSTATS_CPU_HIT, counters[:192])
	info := b.Nest(rtnl.IFLA_OFFLOAD_XSTATS_HW_S_INFO)
	l3 := b.Nest(nl.AttrNest(rtnl.IFLA_OFFLOAD_XSTATS_L3_STATS))
	b.U8(rtnl.IFLA_OFFLOAD_XSTATS_HW_S_INFO_REQUEST, 1)
	b.U8(rtnl.IFLA_OFFLOAD_XSTATS_HW_S_INFO_USED, 9)
	b.End(l3)
	b.End(info)
	b.Blob(rtnl.IFLA_OFFLOAD_XSTATS_L3_STATS, counters[:72])
	b.End(n)
	n = b.Nest(rtnl.IFLA_STATS_AF_SPEC)
	mpls := b.Nest(rtnl.IFLA_STATS_AF_MPLS)
	b.Blob(rtnl.MPLS_STATS_LINK, counters[:70])
	b.End(mpls)
	b.End(n)
	seed, err := b.Bytes()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed, byte(0))
	f.Add(seed, byte(0xff))
	f.Fuzz(func(t *testing.T, p []byte, opts byte) {
		if len(p) > 16<<10 || len(p) < nl.HeaderLen {
			return
		}
		p = append([]byte(nil), p...)
		binary.NativeEndian.PutUint32(p, uint32(len(p)))
		binary.NativeEndian.PutUint16(p[4:], unix.RTM_NEWSTATS)
		if len(p) >= nl.HeaderLen+12 {
			p[nl.HeaderLen+4] &= 15 // a link that is known
			clear(p[nl.HeaderLen+5 : nl.HeaderLen+8])
		}
		s := &statsShow{}
		for i := range s.enabled {
			s.enabled[i] = true
		}
		fuzzShow(t, opts, func(r *runner, g *globals) {
			lp := r.statsPrinter()
			lp.open()
			s.message(lp, p)
			lp.close()
		})
	})
}

// FuzzMroutes: multicast routes as no kernel sends them.
func FuzzMroutes(f *testing.F) {
	var b nl.Builder
	b.Message(unix.RTM_NEWROUTE, 0)
	copy(b.Extend(12), []byte{familyIPMR, 32, 32, 0, 253, 17, 0, unix.RTN_MULTICAST, unix.RTNH_F_OFFLOAD | unix.RTNH_F_UNRESOLVED})
	b.IP(nl.AttrIP(rtnl.RTA_SRC), []byte{10, 0, 0, 5})
	b.IP(nl.AttrIP(rtnl.RTA_DST), []byte{239, 1, 1, 1})
	b.U32(nl.AttrU32(rtnl.RTA_IIF), 3)
	b.Blob(nl.AttrBytes(rtnl.RTA_MULTIPATH), []byte{8, 0, 0, 3, 4, 0, 0, 0, 8, 0, 0, 1, 5, 0, 0, 0, 99, 0, 0, 0})
	b.Blob(rtnl.RTA_MFC_STATS, make([]byte, 23))
	b.Blob(nl.AttrBytes(rtnl.RTA_EXPIRES), []byte{1, 2, 3, 4, 5, 6, 7, 0})
	seed, err := b.Bytes()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed, byte(0))
	f.Add(seed, byte(0xff))
	f.Fuzz(func(t *testing.T, p []byte, opts byte) {
		if len(p) > 4<<10 || len(p) < nl.HeaderLen {
			return
		}
		p = append([]byte(nil), p...)
		binary.NativeEndian.PutUint32(p, uint32(len(p)))
		binary.NativeEndian.PutUint16(p[4:], unix.RTM_NEWROUTE)
		var v routeView
		if v.parse(p) != nil {
			return
		}
		fuzzShow(t, opts, func(r *runner, g *globals) {
			pr := g.printer(r.out)
			pr.open()
			pr.mroute(r, p, &v, false)
			pr.close()
		})
	})
}
