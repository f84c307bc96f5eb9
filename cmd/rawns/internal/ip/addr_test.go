//go:build !tiny

package ip

import (
	"bytes"
	"encoding/json"
	"net/netip"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl"
	"rawns/nl/rtnl"
	"rawns/ns/nstest"
)

func TestParsePrefix(t *testing.T) {
	for _, c := range []struct {
		in     string
		family uint8
		want   string // address, bytes, bits, whether a length was given; "" for a refusal
	}{
		{"10.1.1.2", 0, "10.1.1.2/32"}, {"10.1/16", 0, "10.1.0.0/16!"}, {"10", 0, "10.0.0.0/32"}, {"010.0x1.2.3", 0, "8.1.2.3/32"},
		{"1.2.3.4/255.255.240.0", 0, "1.2.3.4/20!"}, {"1.2.3.4/255.0.255.0", 0, ""}, {"1.2.3.4/0.0.0.0", 0, "1.2.3.4/0!"}, {"1.2.3.4/33", 0, ""},
		{"1.2.3.4/", 0, ""}, {"1.2.3.4/-1", 0, ""}, {"1.2.3.4.5", 0, ""}, {"1.2.3.", 0, ""}, {"256", 0, ""}, {"", 0, ""}, {"08", 0, ""},
		{"::1", 0, "::1/128"}, {"fd00::/8", 0, "fd00::/8!"}, {"fd00::/129", 0, ""}, {"fd00::%lo", 0, ""}, {"::1", unix.AF_INET, ""}, {"1.1.1.1", unix.AF_INET6, ""},
		{"default", 0, "/0!"}, {"default", unix.AF_INET, "0.0.0.0/0!"}, {"default", unix.AF_INET6, "::/0!"}, {"default/0", 0, ""}, {"any", unix.AF_INET, "/0"}, {"all", 0, "/0"},
		{"1.1.1.1", unix.AF_BRIDGE, ""},
	} {
		p, ok := parsePrefix(c.in, c.family)
		got := ""
		if ok {
			if p.n > 0 {
				got = string(cli.AppendIP(nil, p.addr()))
			}
			got += "/" + itoa(int32(p.bits))
			if p.given {
				got += "!"
			}
		}
		if got != c.want {
			t.Errorf("%q of family %d: %q, want %q", c.in, c.family, got, c.want)
		}
	}
}

// What the standard library takes for a prefix, ours must take for the same.
func FuzzParsePrefix(f *testing.F) {
	for _, s := range []string{"10.1.0.0/16", "::/0", "fd00::1/64", "1.2.3.4/32", "10.1/255.255.0.0", "default", "0x7f.1", "::ffff:1.2.3.4/96", "\x00/1", "/", "1/1/1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, ok := parsePrefix(s, unix.AF_UNSPEC)
		if want, err := netip.ParsePrefix(s); err == nil {
			have, _ := netip.AddrFromSlice(p.addr())
			if !ok || have != want.Addr() || p.bits != want.Bits() || !p.given {
				t.Fatalf("%q: %v %v, want %v", s, ok, p, want)
			}
		}
		if !ok {
			return
		}
		if p.n != 0 && p.n != 4 && p.n != 16 || p.bits < 0 || p.bits > 8*len(p.b) || p.n > 0 && p.bits > 8*p.n {
			t.Fatalf("%q: %+v", s, p)
		}
		parseRealms(s)
		if v, _, ok := parseMillis(s); ok && v > 1<<44 {
			t.Fatalf("%q is %d ms", s, v)
		}
	})
}

func FuzzCovers(f *testing.F) {
	f.Add([]byte{10, 1, 2, 3}, []byte{10, 1, 9, 9}, uint8(16))
	f.Add([]byte{10, 1, 2, 3}, []byte{10, 1, 9, 9}, uint8(21))
	f.Fuzz(func(t *testing.T, a, b []byte, bits uint8) {
		if len(a) < 4 || len(b) < 4 || bits > 32 {
			return
		}
		p := prefix{family: unix.AF_INET, n: 4, bits: int(bits)}
		copy(p.b[:], a[:4])
		want := netip.PrefixFrom(netip.AddrFrom4([4]byte(a[:4])), int(bits)).Masked().Contains(netip.AddrFrom4([4]byte(b[:4])))
		if got := p.covers(b[:4], int(bits)); got != want {
			t.Fatalf("%v/%d covers %v: %v", a[:4], bits, b[:4], got)
		}
		if !p.covers(a[:4], 32) || !p.within(unix.AF_INET, a[:4], 32) {
			t.Fatalf("%v does not cover itself", p)
		}
	})
}

func TestGlob(t *testing.T) {
	for _, c := range []struct {
		pattern, s string
		want       bool
	}{
		{"", "", true}, {"", "a", false}, {"a", "a", true}, {"a", "b", false}, {"*", "", true}, {"*", "abc", true}, {"a*", "abc", true}, {"*c", "abc", true}, {"a*c", "abc", true},
		{"a*b", "abc", false}, {"**a", "a", true}, {"*a*b*", "xaxbx", true}, {"?", "a", true}, {"?", "", false}, {"??", "a", false}, {"[ab]", "b", true}, {"[!ab]", "b", false},
		{"[^ab]", "c", true}, {"[a-c]x", "bx", true}, {"[]]", "]", true}, {"[!]]", "a", true}, {"[a", "[a", true}, {"[a", "a", false}, {`\*`, "*", true}, {`\*`, "a", false}, {`\`, `\`, true},
		{"eth*/", "eth0/", true}, {"*/*", "a/b", true}, {"[--0]", ".", true}, {"a*", "", false}, {"v0:*", "v0", false},
		{strings.Repeat("*a", 50) + "b", strings.Repeat("a", 5000), false}, // in no time
	} {
		if got := glob(c.pattern, c.s); got != c.want {
			t.Errorf("glob(%q, %.20q) = %v", c.pattern, c.s, got)
		}
	}
}

// Whatever the words are, a plan or a failure comes out, and a plan's request
// is well formed.
func FuzzAddrRouteWords(f *testing.F) {
	for _, l := range append(append([]string{}, addrGolden...), routeGolden...) {
		f.Add(l)
	}
	f.Add("ip route flush root 10.0.0.0/8 realms 3/ via inet6 fd00::1")
	f.Add("ip addr flush to fd00::/8 -deprecated label x scope all")
	f.Add("ip addr add local 1.1.1.1/8 nodad peer")
	f.Fuzz(func(t *testing.T, line string) {
		ws := strings.Split(line, " ")
		if len(ws) < 2 || !matches(ws[1], "address") && !matches(ws[1], "route") {
			return
		}
		p, _, err := parse(ws)
		if err != nil {
			if f, ok := err.(*failure); ok && (f.code == 0 || strings.ContainsAny(f.text, "\x00\x1b\x7f")) {
				t.Fatalf("%q: exit code %d, %q", line, f.code, f.text)
			}
			return
		}
		q, ok := p.steps[len(p.steps)-1].(interface{ req() *request })
		if !ok {
			return
		}
		b, err := q.req().b.Bytes()
		if err != nil {
			return // a NUL, or too long
		}
		if err := nl.Check(b); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		m := nl.Message(b)
		if err := m.Attrs(rtnl.TypeOf(m.Type()).Header.Size).Check(); err != nil {
			t.Fatalf("%q: %v in %x", line, err, b)
		}
		for _, fix := range q.req().fix {
			if fix.at < nl.HeaderLen || fix.at+4 > len(b) {
				t.Fatalf("%q: a number at %d of %d bytes", line, fix.at, len(b))
			}
		}
	})
}

// deaf returns a runner whose look-ups find nothing.
func deaf(line string) (*runner, *cli.Out) {
	g := &globals{}
	(&args{w: strings.Fields(line), g: g, tool: &ipTool}).globals(&ipTool)
	out := cli.NewOut(nil)
	r := newRunner(g, out)
	r.conn, r.side = new(nl.Conn), new(nl.Conn)
	return r, out
}

// checkShown holds what was printed for a hostile message against what may be:
// text without control bytes, or valid JSON.
func checkShown(t *testing.T, opts string, p *printer, out *cli.Out) {
	t.Helper()
	if p.json {
		if !json.Valid(out.B) {
			t.Fatalf("%s: no JSON: %q", opts, out.B)
		}
		return
	}
	for _, c := range string(out.B) {
		if c < ' ' && c != '\n' && c != '\t' || c == 0x7f || c >= 0x80 && c < 0xa0 {
			t.Fatalf("%s: %q in %q", opts, c, out.B)
		}
	}
}

func FuzzAddrPrint(f *testing.F) {
	var b nl.Builder
	rtnl.NewAddr(&b, 0, rtnl.IfAddrmsg{Family: unix.AF_INET, PrefixLen: 24, Index: 3})
	b.IP(rtnl.IFA_LOCAL, []byte{10, 0, 0, 1})
	b.IP(rtnl.IFA_ADDRESS, []byte{10, 0, 0, 2})
	b.IP(rtnl.IFA_BROADCAST, []byte{10, 0, 0, 255})
	b.Str(rtnl.IFA_LABEL, "\x1b[31m\"\\")
	b.U32(rtnl.IFA_FLAGS, 0xffff)
	b.U32(rtnl.IFA_RT_PRIORITY, 7)
	rtnl.PutLifetimes(&b, rtnl.Lifetimes{Preferred: 0xfffffff0, Valid: 5})
	rtnl.NewAddr(&b, 0, rtnl.IfAddrmsg{Family: unix.AF_INET6})
	b.IP(rtnl.IFA_ADDRESS, []byte{1, 2, 3})
	rtnl.NewAddr(&b, 0, rtnl.IfAddrmsg{Family: 77, Scope: 99})
	b.Blob(nl.AttrBytes(rtnl.IFA_LOCAL), bytes.Repeat([]byte{255}, 40))
	p, err := b.Bytes()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(p)
	filter := addrFilter{hasLabel: true, label: "*", net: prefix{family: unix.AF_INET, n: 4, bits: 8}}
	f.Fuzz(func(t *testing.T, p []byte) {
		for _, opts := range []string{"", "-j", "-j -p", "-o -N", "-br"} {
			r, out := deaf(opts)
			pr := r.g.printer(out)
			pr.open()
			for m := range nl.Messages(p) {
				if a, err := rtnl.ParseAddr(m); err == nil {
					filter.passes(&a, "x")
				}
				pr.addrReply(r, m)
			}
			pr.close()
			checkShown(t, opts, pr, out)
		}
	})
}

// The list is one dump of links and one of addresses, joined: a link's
// addresses stay together, and none is lost, however many there are.
func TestAddrShowManyLinks(t *testing.T) {
	nstest.NewNamed(t, "many")
	const links = 60
	for i := range links {
		name := "d" + itoa(int32(i))
		for _, l := range []string{"link add " + name + " type bridge", "addr add 10.1." + itoa(int32(i)) + ".1/24 dev " + name,
			"addr add 10.2." + itoa(int32(i)) + ".1/24 dev " + name} {
			if _, e, code := runLine("ip -n many "+l, 0); code != 0 {
				t.Fatalf("%s: %s", l, e)
			}
		}
	}
	out, e, code := runLine("ip -n many -br addr show type bridge", 2000) // held in small pieces
	if code != 0 {
		t.Fatal(e)
	}
	n := 0
	for line := range strings.Lines(out) {
		name, i := "d"+itoa(int32(n)), itoa(int32(n))
		if want := "10.1." + i + ".1/24 10.2." + i + ".1/24 \n"; !strings.HasPrefix(line, name+" ") || !strings.HasSuffix(line, want) {
			t.Errorf("%q, want %s with %q", line, name, want)
		}
		n++
	}
	if n != links {
		t.Errorf("%d links, want %d", n, links)
	}
}

// Restrictions that the stock tool forgets in places are kept in ours.
func TestAddrFilters(t *testing.T) {
	nstest.NewNamed(t, "filters")
	for _, l := range []string{"link add br0 type bridge", "link add v0 type veth peer name v1", "link set v1 master br0", "link set v0 up",
		"addr add 10.0.0.1/24 dev v0", "addr add 10.0.1.1/24 dev v1", "addr add 10.0.2.1/24 dev br0"} {
		if _, e, code := runLine("ip -n filters "+l, 0); code != 0 {
			t.Fatalf("%s: %s", l, e)
		}
	}
	have := func(line string) (found string) {
		out, e, code := runLine("ip -n filters "+line, 0)
		if code != 0 {
			t.Errorf("%s: %d %s", line, code, e)
		}
		for _, a := range []string{"0", "1", "2"} {
			if strings.Contains(out, "10.0."+a+".1/24") {
				found += a
			}
		}
		return found
	}
	for line, want := range map[string]string{
		"-4 addr show nomaster": "02", "-o addr show type bridge_slave": "1", "-4 -o addr show master br0": "1", "-o addr show type veth": "01",
		"-o addr show up": "0", "-4 -br addr show nomaster": "02", "-4 addr": "012",
	} {
		if got := have(line); got != want {
			t.Errorf("%s shows %q, want %q", line, got, want)
		}
	}
	for _, s := range []struct{ line, left string }{
		{"addr flush nomaster type bridge", "01"}, {"addr flush master br0", "0"}, {"addr flush up", ""},
	} {
		have(s.line)
		if got := have("-4 addr"); got != s.left {
			t.Errorf("after %s there is %q, want %q", s.line, got, s.left)
		}
	}
}

func TestAddrHints(t *testing.T) {
	nstest.NewNamed(t, "ahints")
	for _, l := range []string{"link add v0 type veth peer name v1", "link set v0 up", "link set v1 up", "addr add 10.0.0.1/24 dev v0", "route add 10.9.0.0/16 dev v0"} {
		if _, e, code := runLine("ip -n ahints "+l, 0); code != 0 {
			t.Fatalf("%s: %s", l, e)
		}
	}
	for _, c := range []struct{ line, first, hint string }{
		{"addr add 10.0.0.1/24 dev v0", "Error: ipv4: Address already assigned.", "v0 has this address already"},
		{"addr del 10.0.0.9/24 dev v0", "Error: ipv4: Address not found.", `as "ip address show dev v0" shows them`},
		{"addr add dev v0", "RTNETLINK answers: Operation not supported", "no address was named"},
		{"route add 10.9.0.0/16 dev v0", "RTNETLINK answers: File exists", `"ip route replace" changes it`},
		{"route add 10.8.0.0/16 via 10.77.0.1", "Error: Nexthop has invalid gateway.", "in no network of a link that is up"},
		{"route add 10.8.0.0/16", "RTNETLINK answers: No such device", "a way must be named"},
		{"route add 10.8.1.0/16 dev v0", "Error: Invalid prefix for given prefix length.", "perhaps 10.8.0.0/16 is meant"},
		{"route del 10.8.0.0/16", "RTNETLINK answers: No such process", "no route has all that was named"},
		{"route change 10.8.0.0/16 dev v0", "RTNETLINK answers: No such file or directory", `"ip route replace" makes`},
	} {
		_, e, code := runLine("ip -n ahints "+c.line, 0)
		first, second, _ := strings.Cut(e, "\n")
		if code != exitKernel || first != c.first || !strings.HasPrefix(second, "hint: ") || !strings.Contains(second, c.hint) {
			t.Errorf("%s: exit code %d, %q; want %q and the hint %q", c.line, code, e, c.first, c.hint)
		}
	}
}
