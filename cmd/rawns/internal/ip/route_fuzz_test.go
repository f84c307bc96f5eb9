//go:build !tiny

package ip

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
)

// hostileRule is a rule with everything that the printer looks at.
func hostileRule() []byte {
	var b nl.Builder
	rtnl.NewRule(&b, 0, rtnl.FibRuleHdr{Family: unix.AF_INET, DstLen: 8, SrcLen: 32, Tos: 4, Table: 7, Action: rtnl.FR_ACT_GOTO, Flags: 0xff})
	b.IP(rtnl.FRA_DST, []byte{10, 0, 0, 0})
	b.IP(rtnl.FRA_SRC, []byte{10, 1, 2})
	b.Str(rtnl.FRA_IIFNAME, "evil\x1b[31m\"\n")
	b.Str(rtnl.FRA_OIFNAME, "\x9b")
	b.U32(rtnl.FRA_PRIORITY, 5)
	b.U32(rtnl.FRA_FWMARK, 5)
	b.U32(rtnl.FRA_FWMASK, 0xf)
	b.U32(rtnl.FRA_FLOW, 0x30004)
	b.Blob(rtnl.FRA_TUN_ID, make([]byte, 8))
	b.U32(rtnl.FRA_SUPPRESS_IFGROUP, 5)
	b.U32(rtnl.FRA_SUPPRESS_PREFIXLEN, 24)
	b.U8(rtnl.FRA_L3MDEV, 1)
	b.Blob(rtnl.FRA_UID_RANGE, make([]byte, 8))
	b.U8(rtnl.FRA_PROTOCOL, 77)
	b.U8(rtnl.FRA_IP_PROTO, 6)
	b.Blob(rtnl.FRA_SPORT_RANGE, []byte{1, 0, 2, 0})
	b.Blob(rtnl.FRA_DPORT_RANGE, []byte{1, 0, 1})
	p, _ := b.Bytes()
	return p
}

// addGolden seeds a fuzzer with what other tests send.
func addGolden(f *testing.F, files ...string) {
	for _, file := range files {
		if _, err := os.Stat(filepath.Join("testdata", file)); err != nil {
			f.Fatal(err)
		}
		for _, g := range readGolden(f, file) {
			f.Add([]byte(g.msg))
		}
	}
}

// FuzzRulePrint, FuzzNexthopPrint and FuzzEncapPrint: whatever the kernel
// sends, nothing panics, text holds no control characters, and JSON is JSON.
func FuzzRulePrint(f *testing.F) {
	f.Add(hostileRule())
	addGolden(f, "rule.golden")
	show := ruleShow{f: ruleFilter{pref: 5, byPref: true, bySrc: true, src: prefix{family: unix.AF_INET, n: 4, bits: 32}, mark: 5, iif: "x", byUIDs: true, sport: [4]byte{1}, tunID: 1}}
	fuzzPrinter(f, unix.RTM_NEWRULE, func(p *printer, r *runner, m nl.Message) {
		var v ruleView
		if v.parse(m) == nil {
			show.passes(&v)
		}
		p.ruleReply(r, m)
	})
}

func FuzzNexthopPrint(f *testing.F) {
	addGolden(f, "nexthop.golden")
	fuzzPrinter(f, unix.RTM_NEWNEXTHOP, func(p *printer, r *runner, m nl.Message) {
		p.nexthopReply(r, m)
		binary.NativeEndian.PutUint16(m[4:], rtnl.RTM_NEWNEXTHOPBUCKET)
		p.bucket(m)
		binary.NativeEndian.PutUint16(m[4:], unix.RTM_NEWNEXTHOP)
	})
}

func FuzzEncapPrint(f *testing.F) {
	addGolden(f, "encap.golden", "encap_opts.golden")
	fuzzPrinter(f, unix.RTM_NEWROUTE, (*printer).routeReply)
}

func fuzzPrinter(f *testing.F, typ uint16, show func(p *printer, r *runner, m nl.Message)) {
	f.Fuzz(func(t *testing.T, p []byte) {
		if len(p) < nl.HeaderLen || len(p) > 8<<10 {
			return
		}
		m := append([]byte(nil), p...)
		binary.NativeEndian.PutUint32(m, uint32(len(m)))
		binary.NativeEndian.PutUint16(m[4:], typ)
		for _, opts := range []string{"", "-j -d", "-j -p", "-o -N", "-d -s", "-s -j"} {
			r, out := deaf(opts)
			pr := r.g.printer(out)
			pr.open()
			show(pr, r, m)
			pr.close()
			checkShown(t, opts, pr, out)
		}
	})
}
