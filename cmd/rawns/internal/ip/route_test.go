//go:build !tiny

package ip

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl"
	"rawns/nl/rtnl"
	"rawns/ns/nstest"
)

func TestParseMillis(t *testing.T) {
	for _, c := range []struct {
		in   string
		v    uint64
		unit bool
		ok   bool
	}{
		{"300", 300, false, true}, {"0x10", 16, false, true}, {"20ms", 20, true, true}, {"20MSec", 20, true, true}, {"2s", 2000, true, true}, {"2secs", 2000, true, true},
		{"1.5s", 1500, true, true}, {"0.02s", 20, true, true}, {".5s", 500, true, true}, {"5.s", 5000, true, true}, {"1.2345s", 1235, true, true}, {"1.2", 2, false, true}, {"1.0", 1, false, true},
		{"", 0, false, false}, {"s", 0, false, false}, {"ms", 0, true, false}, {".", 0, false, false}, {"1x", 0, false, false}, {"1.x", 0, false, false}, {"-1", 0, false, false}, {"1..2", 0, false, false}, {"1us", 0, true, false},
	} {
		v, unit, ok := parseMillis(c.in)
		if ok != c.ok || ok && (v != c.v || unit != c.unit) {
			t.Errorf("%q: %d %v %v, want %d %v %v", c.in, v, unit, ok, c.v, c.unit, c.ok)
		}
	}
}

func TestParseRealms(t *testing.T) {
	for in, want := range map[string]int64{"3": 3, "3/5": 3<<16 | 5, "3/": 3 << 16, "0x10/2": 16<<16 | 2, "65541": 65541, "": 0, "x": -1, "a/b": -1, "1/2/3": -1, "300/1": -1, "unknown": 0} {
		v, ok := parseRealms(in)
		if got := int64(v); ok != (want >= 0) || ok && got != want {
			t.Errorf("%q: %d %v, want %d", in, got, ok, want)
		}
	}
}

// Names come from iproute2's files; a file that is no such file does no harm.
func TestNamedNumbers(t *testing.T) {
	dir := t.TempDir() + "/"
	old := nameDirs
	nameDirs[0], nameDirs[1] = dir, dir
	defer func() { nameDirs = old }()
	write := func(name, text string) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("tables", "# comment\n\n100 blue\n0x65\tgreen # why\n99999999999 big\nbroken\n7\n\x00\x1b[31m x\n200 \x1b[1m\n")
	write("tables.d/a.conf", "102 red\n")
	write("tables.d/readme", "103 no\n")
	n := namedNumbers{builtin: &rtnl.Tables, files: []*nameFile{{file: "tables"}, {file: "tables.d/"}}, max: 1<<32 - 1}
	for w, want := range map[string]int64{"blue": 100, "green": 101, "red": 102, "main": 254, "77": 77, "0x10": 16, "4294967295": 1<<32 - 1, "4294967296": -1, "no": -1, "big": -1, "": -1, "-1": -1} {
		v, ok := n.value(w)
		if ok != (want >= 0) || ok && int64(v) != want {
			t.Errorf("%q: %d %v, want %d", w, v, ok, want)
		}
	}
	for v, want := range map[uint32]string{100: "blue", 102: "red", 103: "103", 255: "local", 12: "12"} {
		if got := n.name(v, false); got != want {
			t.Errorf("%d is called %q, want %q", v, got, want)
		}
		if got := n.name(v, true); got != itoa(int32(v)) {
			t.Errorf("%d in numbers is %q", v, got)
		}
	}
	none := namedNumbers{builtin: &nl.Names{}, files: []*nameFile{{file: "nosuch"}}, base: 16, max: 255, hex: true}
	if v, ok := none.value("20"); !ok || v != 0x20 || none.name(v, false) != "0x20" {
		t.Errorf("%d %v %q", v, ok, none.name(v, false))
	}
	if _, ok := none.value("100"); ok {
		t.Error("0x100 is no TOS")
	}
}

func hostileRoutes() []byte {
	var b nl.Builder
	rtnl.NewRoute(&b, 0, rtnl.RtMsg{Family: unix.AF_INET, DstLen: 16, Tos: 4, Table: 254, Protocol: 2, Scope: 253, Type: 1, Flags: 0xffffffff})
	b.IP(rtnl.RTA_DST, []byte{10, 1, 0, 0})
	b.IP(rtnl.RTA_GATEWAY, []byte{10, 0, 0, 2})
	b.U32(rtnl.RTA_OIF, 77)
	b.U32(rtnl.RTA_FLOW, 0x30005)
	b.U32(rtnl.RTA_MARK, 300)
	b.U32(rtnl.RTA_UID, 1)
	var ci [32]byte
	for i := range ci {
		ci[i] = byte(i + 1)
	}
	b.Blob(rtnl.RTA_CACHEINFO, ci[:])
	m := b.Nest(rtnl.RTA_METRICS)
	b.U32(rtnl.RTAX_LOCK, 0xffffffff)
	b.U32(rtnl.RTAX_RTT, 12345)
	b.U32(rtnl.RTAX_FEATURES, 0xff)
	b.Str(rtnl.RTAX_CC_ALGO, "\x1b[31m\"")
	b.End(m)
	via := []byte{0, 0, 1, 2, 3, 4}
	binary.NativeEndian.PutUint16(via, unix.AF_MPLS)
	b.Blob(rtnl.RTA_VIA, via)
	mp := b.Nest(nl.AttrNest(rtnl.RTA_MULTIPATH))
	copy(b.Extend(rtnhLen), []byte{8, 8, 255, 255, 9, 9, 9, 9})
	b.Extend(4)
	b.End(mp)
	b.U16(rtnl.RTA_ENCAP_TYPE, 60000)
	e := b.NestF(rtnl.RTA_ENCAP)
	b.End(e)
	rtnl.NewRoute(&b, 0, rtnl.RtMsg{Family: 28, DstLen: 200, SrcLen: 9, Type: 99, Scope: 9, Protocol: 250})
	b.Blob(nl.AttrBytes(rtnl.RTA_DST), []byte{0, 1, 2, 3, 0, 1, 3, 3})
	rtnl.NewRoute(&b, 0, rtnl.RtMsg{Family: 128, Type: unix.RTN_MULTICAST, Flags: unix.RTM_F_CLONED})
	p, err := b.Bytes()
	if err != nil {
		panic(err)
	}
	return p
}

func FuzzRoutePrint(f *testing.F) {
	f.Add(hostileRoutes())
	filter := routeFilter{realmMask: 0xffff, byMetric: true, via: prefix{family: unix.AF_INET, n: 4, bits: 9}, src: prefix{family: unix.AF_INET, n: 4, bits: 9},
		rootDst: prefix{given: true}, matchSrc: prefix{family: unix.AF_INET6, n: 16, bits: 128}}
	f.Fuzz(func(t *testing.T, p []byte) {
		for _, opts := range []string{"", "-j -d", "-j -p", "-o -N", "-d -s", "-s -j"} {
			r, out := deaf(opts)
			pr := r.g.printer(out)
			pr.open()
			for m := range nl.Messages(p) {
				var v routeView
				if v.parse(m) == nil {
					filter.passes(&v)
				}
				pr.routeReply(r, m)
			}
			pr.close()
			checkShown(t, opts, pr, out)
		}
	})
}

// A million routes must not take a million routes' memory: the list streams.
func TestRouteShowStreams(t *testing.T) {
	nstest.NewNamed(t, "stream")
	for _, l := range []string{"link add br0 type bridge", "link set br0 up"} {
		if _, e, code := runLine("ip -n stream "+l, 0); code != 0 {
			t.Fatalf("%s: %s", l, e)
		}
	}
	r := newRunner(&globals{netns: "stream"}, nil)
	defer r.close()
	c, err := r.main()
	if err != nil {
		t.Fatal(err)
	}
	d, err := r.device("br0")
	if err != nil || d.index == 0 {
		t.Fatal(err)
	}
	const routes = 3000
	var b nl.Builder
	for i := range routes {
		rtnl.NewRoute(&b, unix.NLM_F_CREATE|unix.NLM_F_EXCL, rtnl.RtMsg{Family: unix.AF_INET, DstLen: 32, Table: unix.RT_TABLE_MAIN, Scope: unix.RT_SCOPE_LINK, Type: unix.RTN_UNICAST})
		b.IP(rtnl.RTA_DST, []byte{10, 1, byte(i >> 8), byte(i)})
		b.U32(rtnl.RTA_OIF, uint32(d.index))
	}
	if err := c.Batch(&b, nil); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r.out, r.hold = cli.NewOut(f), 4096
	p, _, err := parse([]string{"ip", "route"})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.run(r); err != nil {
		t.Fatal(err)
	}
	r.out.Flush()
	text, _ := os.ReadFile(f.Name())
	list := string(text)
	if n := strings.Count(list, "\n"); n != routes || !strings.HasPrefix(list, "10.1.0.0 dev br0 ") || !strings.Contains(list, "\n10.1.11.183 dev br0 ") {
		t.Errorf("%d lines of %d; begins %.60q", n, routes, list)
	}
	out, e, code := runLine("ip -n stream -s route flush root 10.1.0.0/16", 0)
	if want := "\n*** Round 1, deleting 3000 entries ***\n*** Flush is complete after 1 round ***\n"; code != 0 || out != want {
		t.Errorf("exit code %d, %s, %q", code, e, out)
	}
}
