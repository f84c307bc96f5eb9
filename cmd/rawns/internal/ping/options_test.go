package ping

import (
	"math"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"rawns/httpraw"
)

func TestParse(t *testing.T) {
	quietStderr(t)
	base := func(f func(*options)) options {
		o := *newOptions("ping")
		o.args = []string{"h"}
		f(&o)
		return o
	}
	for _, c := range []struct {
		args string
		want options
	}{
		{"h", base(func(o *options) {})},
		{"-c3 h", base(func(o *options) { o.count = 3 })},
		{"-qc 3 h", base(func(o *options) { o.count, o.quiet = 3, true })},
		{"-qc3 h", base(func(o *options) { o.count, o.quiet = 3, true })},
		{"h -c 3", base(func(o *options) { o.count = 3 })},
		{"-c +3 h", base(func(o *options) { o.count = 3 })},
		{"-- h", base(func(o *options) {})},
		{"-i.2 h", base(func(o *options) { o.interval, o.hasInterval = 200, true })},
		{"-i 0 h", base(func(o *options) { o.interval, o.hasInterval = 0, true })},
		{"-i 1e-3 h", base(func(o *options) { o.interval, o.hasInterval = 1, true })},
		{"-i 0x1p-1 h", base(func(o *options) { o.interval, o.hasInterval = 500, true })},
		{"-W 0.25 h", base(func(o *options) { o.linger = 250 })},
		{"-W 1x h", base(func(o *options) { o.linger = 1000 })},
		{"-w 2 -s 0 -t 255 h", base(func(o *options) { o.deadline, o.size, o.ttl = 2, 0, 255 })},
		{"-I eth0 h", base(func(o *options) { o.device = "eth0" })},
		{"-I 10.0.0.1 -I eth0 h", base(func(o *options) { o.device, o.source4, o.strict = "eth0", [4]byte{10, 0, 0, 1}, true })},
		{"-I ::1%lo h", base(func(o *options) { o.device, o.source6, o.strict = "lo", [16]byte{15: 1}, true })},
		{"-4nv h", base(func(o *options) { o.family, o.numeric, o.verbose = unix.AF_INET, true, true })},
		{"-6 -6 h", base(func(o *options) { o.family = unix.AF_INET6 })},
		{"-Q 0x10 -F 0xfffff -m 4294967295 h", base(func(o *options) { o.tclass, o.flow, o.mark = 16, 0xfffff, math.MaxUint32 })},
		{"-f h", base(func(o *options) { o.flood, o.numeric = true, true })},
		{"-T tsandaddr h", base(func(o *options) { o.stamps = stampsAndAddresses })},
		{"-M dont h", base(func(o *options) { o.pmtu = unix.IP_PMTUDISC_DONT })},
	} {
		o := newOptions("ping")
		if err := o.parse(strings.Fields(c.args)); err != nil {
			t.Errorf("%s: %v", c.args, err)
			continue
		}
		got, want := *o, c.want
		if len(got.args) != 1 || got.args[0] != "h" {
			t.Errorf("%s: destination %q", c.args, got.args)
		}
		got.args, want.args = nil, nil
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\n%+v, want\n%+v", c.args, got, want)
		}
	}
}

func TestParseErrors(t *testing.T) {
	quietStderr(t)
	limit := "2147483647"
	if math.MaxInt > math.MaxInt32 {
		limit = "9223372036854775807"
	}
	for _, c := range []struct {
		args, want string
		code       int
		usage      bool
	}{
		{"", "usage error: Destination address required", 1, false},
		{"-c 0 h", "invalid argument: '0': out of range: 1 <= value <= " + limit, 1, false},
		{"-c x h", "invalid argument: 'x'", 1, false},
		{"-c 1x h", "invalid argument: '1x'", 1, false},
		{"-c 99999999999999999999 h", "invalid argument: '99999999999999999999': Numerical result out of range", 1, false},
		{"-s -1 h", "invalid argument: '-1': out of range: 0 <= value <= 2147483647", 1, false},
		{"-t 256 h", "invalid argument: '256': out of range: 0 <= value <= 255", 1, false},
		{"-e 65536 h", "invalid argument: '65536': out of range: 0 <= value <= 65535", 1, false},
		{"-i 2147484 h", "bad timing interval: 2147484", 2, false},
		{"-i -1 h", "bad timing interval: -1", 2, false},
		{"-i nan h", "bad timing interval: nan: Numerical result out of range", 2, false},
		{"-i inf h", "bad timing interval: inf: Numerical result out of range", 2, false},
		{"-i 1e400 h", "bad timing interval: 1e400: Numerical result out of range", 2, false},
		{"-W -1 h", "bad linger time: -1", 2, false},
		{"-4 -6 h", "only one -4 or -6 option may be specified", 2, false},
		{"-I ::1x h", "invalid source address: ::1x", 2, false},
		{"-R -T tsonly h", "only one of -T or -R may be used", 2, false},
		{"-T x h", "invalid timestamp type: x", 2, false},
		{"-M x h", "invalid -M argument: x", 2, false},
		{"-Q 256 h", "the decimal value of TOS bits must be in range 0-255: 256", 2, false},
		{"-F 0x100000 h", "flow value is greater than 20 bits: 0x100000", 2, false},
		{"-qZ h", "invalid option -- 'Z'", 2, true},
		{"--help", "invalid option -- '-'", 2, true},
		{"-q -c", "option requires an argument -- 'c'", 2, true},
		{"-h", "", 2, true},
	} {
		err := newOptions("ping").parse(strings.Fields(c.args))
		f, ok := err.(*failure)
		if !ok || f.text != c.want || f.code != c.code || f.usage != c.usage {
			t.Errorf("%s: %+v, want %q, exit code %d", c.args, err, c.want, c.code)
		}
	}
	if err := newOptions("/bin/ping6").parse([]string{"-4", "h"}); err == nil {
		t.Error("ping6 -4 is no error")
	}
	if o := newOptions("/bin/ping4"); o.family != unix.AF_INET {
		t.Error("ping4 is not IPv4")
	}
}

func TestFloatPrefix(t *testing.T) {
	for _, c := range []struct {
		in   string
		f    float64
		rest string
		ok   bool
	}{
		{"1", 1, "", true}, {" 1.5s", 1.5, "s", true}, {".5", .5, "", true}, {"5.", 5, "", true}, {".", 0, ".", true}, {"x", 0, "x", true},
		{"1e", 1, "e", true}, {"1e+", 1, "e+", true}, {"1e2", 100, "", true}, {"1_0", 1, "_0", true}, {"-2", -2, "", true},
		{"0x", 0, "x", true}, {"0x.8", .5, "", true}, {"0x1p1", 2, "", true}, {"0x1p", 1, "p", true}, {"0b1", 0, "b1", true},
		{"infinitys", math.Inf(1), "s", true}, {"-inf", math.Inf(-1), "", true}, {"1e999", math.Inf(1), "", false}, {"1.2.3", 1.2, ".3", true},
	} {
		f, rest, ok := floatPrefix(c.in)
		if f != c.f || rest != c.rest || ok != c.ok {
			t.Errorf("%q: %v %q %v, want %v %q %v", c.in, f, rest, ok, c.f, c.rest, c.ok)
		}
	}
	if f, _, _ := floatPrefix("nan"); !math.IsNaN(f) {
		t.Errorf("nan is %v", f)
	}
}

func TestPattern(t *testing.T) {
	for in, want := range map[string]string{"": "", "ff": "\xff", "f0f": "\xf0\x0f", strings.Repeat("0a", 20): strings.Repeat("\n", 16)} {
		if p, err := parsePattern(in); err != nil || string(p) != want {
			t.Errorf("%q: %x %v", in, p, err)
		}
	}
	if _, err := parsePattern("fxyz"); err == nil || err.Error() != "patterns must be specified as hex digits: xyz" {
		t.Error(err)
	}
}

func FuzzParse(f *testing.F) {
	quietStderr(f)
	for _, s := range []string{"-c\x003\x00h", "-qi\x00.2\x00h", "-I\x00fe80::1%x\x00h", "-T\x00tsonly", "-W\x001e9999\x00h", "-\x00--\x00-c", "-p\x00zz\x00h"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		o := newOptions("ping")
		if err := o.parse(strings.Split(s, "\x00")); err != nil {
			if g, ok := err.(*failure); !ok || g.code != 1 && g.code != 2 {
				t.Fatalf("%q: %v", s, err)
			}
			return
		}
		if !o.showVersion && (len(o.args) == 0 || o.interval < 0 || o.linger < 0 || o.count < 0 || o.preload < 1 || o.size < 0) {
			t.Fatalf("%q: %+v", s, o)
		}
	})
}

func FuzzResolve(f *testing.F) {
	f.Add("127.1", "127.0.0.1 localhost\n::1 localhost\n")
	f.Add("1.2.3.4", "fe80::1%1 b a # c\n1.2.3.4\n1.2.3.4 \x1b a\n")
	f.Fuzz(func(t *testing.T, name, hosts string) {
		a, ok := parseLiteral(name)
		if ok && a.family != unix.AF_INET && a.family != unix.AF_INET6 {
			t.Fatalf("%q: %+v", name, a)
		}
		if n := hostsByAddress(hosts, a.bytes()); n != "" && (!strings.Contains(hosts, n) || strings.ContainsAny(n, " \t\n#")) {
			t.Fatalf("%v in %q is %q", a, hosts, n)
		}
	})
}

func TestLiterals(t *testing.T) {
	for in, want := range map[string]string{
		"10.1.1.2": "10.1.1.2", "127.1": "127.0.0.1", "0": "0.0.0.0", "10.256": "10.0.1.0", "0x7f.1": "127.0.0.1", "010.0.0.1": "8.0.0.1",
		"4294967295": "255.255.255.255", "::1": "::1", "fe80::1": "fe80::1", "fe80::1%4294967290": "fe80::1%4294967290", "ff02::1%4294967290": "ff02::1%4294967290",
		"4294967296": "", "1.2.3.256": "", "256.1": "", "1.2.3.4.5": "", "08": "", "": "", ".": "", "1.": "", "+1": "", "0x": "", "-1": "",
		"fe80::1%": "", "fe80::1%no such": "", "::1%lo": "", "1.2.3.4%1": "", "fe80::1%+1": "",
	} {
		got := ""
		if a, ok := parseLiteral(in); ok {
			got = numeric(a.bytes(), a.zone)
		}
		if got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestHosts(t *testing.T) {
	const hosts = "# comment\n127.0.0.1 localhost\n10.0.0.1\tserver.lab server # a web server\n::1 localhost ip6-localhost\nbad line\nfd00::1 SERVER\n"
	for ip, want := range map[string]string{"10.0.0.1": "server.lab", "10.0.0.2": "", "::1": "localhost", "fd00::1": "SERVER", "127.0.0.1": "localhost"} {
		a, _ := parseLiteral(ip)
		if got := hostsByAddress(hosts, a.bytes()); got != want {
			t.Errorf("%s is %q, want %q", ip, got, want)
		}
	}
}

func TestSortTargets(t *testing.T) {
	yes := func(*address) bool { return true }
	v4, v6 := httpraw.Addr{IP: [16]byte{10, 0, 0, 1}, Is4: true}, httpraw.Addr{IP: [16]byte{0xfe, 0x80, 15: 1}, Zone: 3}
	for _, c := range []struct {
		addrs  []httpraw.Addr
		usable func(*address) bool
		want   string
	}{
		{[]httpraw.Addr{v4, v6}, yes, "fe80::1%3=server.lab 10.0.0.1="},
		{[]httpraw.Addr{v4, v6}, func(a *address) bool { return a.family == unix.AF_INET }, "10.0.0.1=server.lab fe80::1%3="},
		{[]httpraw.Addr{v4}, yes, "10.0.0.1=server.lab"},
	} {
		ts := targets(c.addrs, "server.lab")
		sortTargets(ts, c.usable)
		var got []string
		for _, x := range ts {
			got = append(got, numeric(x.bytes(), x.zone)+"="+x.canonical)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%v: %q, want %q", c.addrs, got, c.want)
		}
	}
}

func TestResolveErrors(t *testing.T) {
	for _, c := range []struct {
		name   string
		family int
		want   string
	}{
		{"::1", unix.AF_INET, "::1: Address family for hostname not supported"},
		{"127.0.0.1", unix.AF_INET6, "127.0.0.1: Address family for hostname not supported"},
		{"", 0, ": Name or service not known"},
		{"fe80::1%nolo", 0, "fe80::1%nolo: Name or service not known"},
		{"a..b", 0, "a..b: Name or service not known"},
		{"a\x1b", 0, "a\x1b: Name or service not known"},
	} {
		if _, err := resolve(c.name, c.family); err == nil || err.Error() != c.want {
			t.Errorf("%q: %v, want %q", c.name, err, c.want)
		}
	}
}

// The usage text is the stock one's, to the byte.
func TestUsage(t *testing.T) {
	r := execBoth(t, nil, "-h")
	if r[0] != r[1] || r[0].Code != 2 || r[0].Stderr != usage {
		t.Errorf("stock: %+v\nours: %+v", r[0], r[1])
	}
}

func TestVersion(t *testing.T) {
	o := newOptions("ping")
	if err := o.parse([]string{"-V"}); err != nil || !o.showVersion {
		t.Errorf("%v %+v", err, o)
	}
	if !strings.HasSuffix(version, " 20221126\n") {
		t.Error(version)
	}
}
