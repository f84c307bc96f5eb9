//go:build !tiny

package ip

import (
	"encoding/json"
	"strings"
	"testing"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl"
	"rawns/nl/rtnl"
)

// printTables writes messages of the small objects as each of them would,
// without a kernel to look names up from.
func printTables(p []byte, g globals) string {
	o := &cli.Out{}
	r := newRunner(&g, o)
	defer r.close()
	named := func(index int32) int32 {
		r.devs.add(device{index: index, name: "dev"})
		return index
	}
	x := g.printer(o)
	x.open()
	for m := range nl.Messages(p) {
		var v neighView
		if v.parse(m) == nil {
			named(v.Index)
			x.neigh(r, m, &v, true)
		}
		if v, err := rtnl.ParseAddrLabel(m); err == nil {
			named(v.Index)
			x.addrlabel(r, m, &v)
		}
		if v, err := rtnl.ParseNetconf(m); err == nil {
			index, _ := v.Attrs.S32(rtnl.NETCONFA_IFINDEX)
			x.netconf(r, m, &v, named(index))
		}
		if v, err := rtnl.ParseNeighTbl(m); err == nil {
			index, _ := v.Attrs.Nest(rtnl.NDTA_PARMS).U32(rtnl.NDTPA_IFINDEX)
			named(int32(index))
			x.ntable(r, &v)
		}
	}
	x.close()
	return string(o.B)
}

// FuzzTablePrinters: whatever the kernel sends, nothing panics, text holds no
// control bytes, and JSON is JSON.
func FuzzTablePrinters(f *testing.F) {
	for _, g := range readGolden(f, "neigh.golden") {
		f.Add([]byte(g.msg))
	}
	var b nl.Builder
	rtnl.NewNeigh(&b, 0, rtnl.NdMsg{Family: 2, Index: 7, State: 0xffff, Flags: 0xff})
	b.IP(rtnl.NDA_DST, []byte{1, 2, 3})
	b.MAC(rtnl.NDA_LLADDR, nil)
	b.Blob(rtnl.NDA_CACHEINFO, make([]byte, 16))
	b.Message(64, 0) // RTM_NEWNEIGHTBL
	b.Extend(4)[0] = 99
	b.Str(rtnl.NDTA_NAME, "arp\x1b[31m\"")
	b.Blob(rtnl.NDTA_CONFIG, make([]byte, 31))
	b.Blob(rtnl.NDTA_STATS, make([]byte, 83))
	rtnl.GetNetconf(&b, 2)
	b.S32(rtnl.NETCONFA_IFINDEX, -2)
	b.S32(rtnl.NETCONFA_RP_FILTER, -1)
	all, err := b.Bytes()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(all)
	f.Fuzz(func(t *testing.T, p []byte) {
		if i := strings.IndexFunc(printTables(p, globals{stats: 2, color: false}), func(c rune) bool { return c < ' ' && c != '\n' || c == 0x7f }); i >= 0 {
			t.Errorf("a control byte at %d", i)
		}
		if s := printTables(p, globals{json: true, stats: 1}); !json.Valid([]byte(s)) {
			t.Errorf("no JSON: %q", s)
		}
	})
}
