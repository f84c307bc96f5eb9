//go:build !tiny

package ip

import (
	"encoding/binary"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/cmd/rawns/internal/difftest"
	"rawns/nl"
	"rawns/nl/rtnl"
)

// FuzzParse: no words make the parser panic, nor leave a plan with a message
// that is not whole, and a failure says something without control characters.
func FuzzParse(f *testing.F) {
	for _, l := range slices.Concat(linkLines, kindLines, bridgeGolden) {
		f.Add(strings.Join(difftest.Words(l), "\x00"))
	}
	for _, l := range []string{"ip link show type bridge_slave master br0", "ip -d -j -p link", "ip -n blue -4 link", "ip link add x type veth peer", "ip link set v0 type bridge_slave hairpin",
		"ip link property add dev x altname y", "ip link set v0 link-netns x", "ip link help veth", "ip -l", "ip link set v0 mtu 0x", "ip link set a\x1b[31m up"} {
		f.Add(strings.Join(difftest.Words(l), "\x00"))
	}
	f.Fuzz(func(t *testing.T, line string) {
		ws := strings.Split(line, "\x00")
		tool := findTool(ws[0])
		if tool == nil {
			tool = &ipTool
		}
		p, g, err := tool.parse(ws)
		if g == nil {
			t.Fatal("no globals")
		}
		if err != nil {
			fail, ok := err.(*failure)
			if !ok {
				t.Fatalf("a %T: %v", err, err)
			}
			if fail.code == 0 || fail.text == "" && fail.help == nil && fail.stdout == "" {
				t.Errorf("%q fails with code %d and says %q", line, fail.code, fail.text)
			}
			if i := strings.IndexFunc(fail.text, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' }); i >= 0 {
				t.Errorf("%q: a control character passes: %q", line, fail.text)
			}
			return
		}
		if p == nil {
			return // -batch, whose lines are parsed one by one
		}
		for _, s := range p.steps {
			q, ok := s.(*request)
			if !ok {
				continue
			}
			b, err := q.b.Bytes()
			if err != nil {
				continue // a NUL, or 64 KiB: the request says so when it is run
			}
			if err := nl.Check(b); err != nil || q.b.Len() != 1 {
				t.Errorf("%q: %d messages: %v", line, q.b.Len(), err)
			}
			for _, fix := range q.fix {
				if fix.at < nl.HeaderLen || fix.at+4 > len(b) || fix.missing == nil && fix.kind != fixDev {
					t.Errorf("%q: a fixup at %d of %d for %q", line, fix.at, len(b), fix.name)
				}
			}
		}
	})
}

// hostileLink is a link with everything that printers look at, as bytes for
// the fuzzer to spoil.
func hostileLink() []byte {
	var b nl.Builder
	rtnl.NewLink(&b, 0, rtnl.IfInfomsg{Type: unix.ARPHRD_ETHER, Index: 7, Flags: unix.IFF_UP | unix.IFF_BROADCAST | 1<<20})
	b.Str(rtnl.IFLA_IFNAME, "evil\x1b[31m\"\\\n")
	b.Str(rtnl.IFLA_IFALIAS, "\x07bell")
	b.Str(rtnl.IFLA_QDISC, "q\x9b")
	b.U32(rtnl.IFLA_MTU, 1500)
	b.U32(rtnl.IFLA_LINK, 0)
	b.S32(rtnl.IFLA_LINK_NETNSID, -1)
	b.U8(rtnl.IFLA_OPERSTATE, 200)
	b.U8(rtnl.IFLA_LINKMODE, 9)
	b.U32(rtnl.IFLA_GROUP, 4711)
	b.MAC(rtnl.IFLA_ADDRESS, []byte{1, 2, 3})
	b.MAC(rtnl.IFLA_BROADCAST, nil)
	b.U32(rtnl.IFLA_PROMISCUITY, 1)
	b.Blob(rtnl.IFLA_STATS64, make([]byte, 100))
	n := b.NestF(rtnl.IFLA_PROP_LIST)
	b.Str(rtnl.IFLA_ALT_IFNAME, "alt\r")
	b.End(n)
	n = b.Nest(rtnl.IFLA_LINKINFO)
	b.StrN(rtnl.IFLA_INFO_KIND, "bridge")
	d := b.Nest(rtnl.IFLA_INFO_DATA)
	b.U32(rtnl.IFLA_BR_FORWARD_DELAY, 1)
	b.Blob(rtnl.IFLA_BR_BRIDGE_ID, []byte{1, 2, 3, 4, 5, 6, 7, 8})
	b.U64(rtnl.IFLA_BR_GC_TIMER, 1<<63)
	b.U16(rtnl.IFLA_BR_GROUP_FWD_MASK, 0xffff)
	b.End(d)
	b.StrN(rtnl.IFLA_INFO_SLAVE_KIND, "bridge")
	d = b.Nest(rtnl.IFLA_INFO_SLAVE_DATA)
	b.U8(rtnl.IFLA_BRPORT_STATE, 77)
	b.U16(rtnl.IFLA_BRPORT_GROUP_FWD_MASK, 0xffff)
	b.End(d)
	b.End(n)
	p, _ := b.Bytes()
	return p
}

// printLink writes a link with every combination of the options that matter,
// without a kernel to look names up from.
func printLink(l rtnl.Link, g globals) string {
	o := cli.NewOut(os.Stdout)
	r := newRunner(&g, o)
	defer r.close()
	for name, i := range sceneIndexes {
		r.devs.add(device{index: int32(i), name: name})
	}
	for _, a := range []uint16{uint16(rtnl.IFLA_LINK), uint16(rtnl.IFLA_MASTER)} {
		v, _ := l.Attrs.Get(a)
		if i, ok := v.U32(); ok {
			r.devs.add(device{index: int32(i), name: "other"})
		}
	}
	info := l.Attrs.Nest(rtnl.IFLA_LINKINFO).Nest(rtnl.IFLA_INFO_SLAVE_DATA)
	if i, ok := info.U32(rtnl.IFLA_BRPORT_BACKUP_PORT); ok {
		r.devs.add(device{index: int32(i), name: "backup"})
	}
	p := &linkPrinter{printer: g.printer(o), r: r, g: &g, family: unix.AF_PACKET, link: true, nsids: map[int32]string{}}
	p.open()
	p.entry(&linkFilter{}, l)
	p.close()
	return string(o.B)
}

// FuzzLinkPrinter: whatever the kernel sends, nothing panics, text holds no
// control characters, and JSON is JSON.
func FuzzLinkPrinter(f *testing.F) {
	f.Add(hostileLink(), byte(0))
	f.Add(hostileLink(), byte(0xff))
	for i, m := range shownLinks(f) {
		f.Add([]byte(m), byte(i))
	}
	for i, g := range readGolden(f, "tunnel.golden") { // a request holds what the answer does
		f.Add([]byte(g.msg), byte(i)|1)
	}
	for _, g := range readGolden(f, "vf-list.golden") {
		f.Add(append(make([]byte, nl.HeaderLen+ifmSize), g.msg...), byte(2))
	}
	f.Fuzz(func(t *testing.T, p []byte, opts byte) {
		if len(p) > 16<<10 || len(p) < nl.HeaderLen {
			return
		}
		p = append([]byte(nil), p...)
		binary.NativeEndian.PutUint32(p, uint32(len(p)))
		binary.NativeEndian.PutUint16(p[4:], unix.RTM_NEWLINK)
		l, err := rtnl.ParseLink(p)
		if err != nil {
			return
		}
		g := globals{details: int(opts & 1), stats: int(opts >> 1 & 3), brief: opts>>3&1 != 0, oneline: opts>>4&1 != 0, human: opts>>5&1 != 0, numeric: opts>>6&1 != 0}
		// The lines of a CAN link begin with tabs, of ours.
		for _, r := range strings.NewReplacer("\n\t ", "\n", `\`+"\t ", `\`).Replace(printLink(l, g)) {
			if r < ' ' && r != '\n' {
				t.Fatalf("a control character passes: %q", printLink(l, g))
			}
		}
		g.json, g.pretty = true, opts>>7 != 0
		out := printLink(l, g)
		if strings.ContainsFunc(out, func(r rune) bool { return r < ' ' && r != '\n' }) {
			t.Fatalf("a control character passes: %q", out)
		}
		if !json.Valid([]byte(out)) {
			t.Fatalf("not JSON: %q", out)
		}
	})
}

func TestHostileNamesAreEscaped(t *testing.T) {
	l, err := rtnl.ParseLink(hostileLink())
	if err != nil {
		t.Fatal(err)
	}
	text := printLink(l, globals{details: 1})
	for _, want := range []string{`7: evil\x1b[31m"\\n@NONE: <NO-CARRIER,BROADCAST,UP,100000> `, `alias \x07bell`, `altname alt\r`, `state 0xc8`, "mode 9 ", "group 4711", "link-netnsid unknown"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in %q", want, text)
		}
	}
	out := printLink(l, globals{json: true})
	if want := `"ifname":"evil\u001b[31m\"\\\n"`; !strings.Contains(out, want) || !json.Valid([]byte(out)) {
		t.Errorf("%s is not in %s", want, out)
	}
}
