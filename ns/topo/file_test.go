package topo

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

// noPos removes what only a file's Spec has.
func noPos(s *Spec) *Spec {
	for i := range s.Namespaces {
		s.Namespaces[i].Pos = Pos{}
	}
	for i := range s.Links {
		s.Links[i].Pos = Pos{}
	}
	for i := range s.Routes {
		s.Routes[i].Pos = Pos{}
	}
	for i := range s.Sysctls {
		s.Sysctls[i].Pos = Pos{}
	}
	for i := range s.Services {
		s.Services[i].Pos = Pos{}
	}
	return s
}

func specOf(t testing.TB, name, text string) *Spec {
	t.Helper()
	f, err := Parse(name, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	s, err := f.Spec()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestArticleFile(t *testing.T) {
	s, err := ArticleFile().Spec()
	if err != nil {
		t.Fatal(err)
	}
	if want := Article(); !reflect.DeepEqual(noPos(s), want) {
		t.Errorf("%+v, want %+v", s, want)
	}
}

func prefix(s string) Prefix {
	p, ok := ParsePrefix(s)
	if !ok {
		panic(s)
	}
	return p
}

func TestSpecOfFile(t *testing.T) {
	s := specOf(t, "dir/lab.topo", `
topology my-lab
netns r1 n{1..4}   # a router and its hosts
pool lan 10.0.0.0/24 from 10.0.0.5
bridge r1:br{0..1} stp_state 1 priority 100 addr 10.0.{0..1}.1/24
veth r1:v{1..4} master br{0..1} isolated on peer n{1..4}:"eth0" addr lan addr fd00::{1..4}/64 \
	mtu 1400 address 02:00:00:00:00:0{1..4} down
link r1:lo up
vxlan r1:vx0 id 7 dstport 4789 remote 10.0.0.9 dev br0 learning off master br1 learning on
macvlan n1:m0 link n1:eth0 mode bridge
route default via r1:br0 netns n{1..2}
route blackhole 10.9.0.0/16 netns r1
route fd01::/16 via fd00::2 dev eth0 metric 7 table 9 mtu 1300 onlink netns n1
sysctl net.ipv4.ip_forward=1 netns r1
service n1:8080 http_server
service .:0 /bin/sh -c "echo {1..3} \x41\n"
`)
	ends := []Link{}
	for i := range 4 {
		v := End{"r1", "v" + string(rune('1'+i))}
		n := End{"n" + string(rune('1'+i)), "eth0"}
		ends = append(ends,
			Link{End: v, Kind: "veth", Peer: n, Master: "br" + string(rune('0'+i/2)), Port: []Option{{"isolated", "on"}}},
			Link{End: n, Kind: "veth", Peer: v, MTU: 1400, MAC: []byte{2, 0, 0, 0, 0, byte(1 + i)}, Down: true,
				Addrs: []Prefix{{[]byte{10, 0, 0, byte(5 + i)}, 24}, prefix("fd00::" + string(rune('1'+i)) + "/64")}})
	}
	br := []Option{{"stp_state", "1"}, {"priority", "100"}}
	want := &Spec{
		Name:       "my-lab",
		Namespaces: []Namespace{{Name: "r1"}, {Name: "n1"}, {Name: "n2"}, {Name: "n3"}, {Name: "n4"}},
		Links: append(append([]Link{
			{End: End{"r1", "br0"}, Kind: "bridge", Options: br, Addrs: []Prefix{prefix("10.0.0.1/24")}},
			{End: End{"r1", "br1"}, Kind: "bridge", Options: br, Addrs: []Prefix{prefix("10.0.1.1/24")}},
		}, ends...),
			Link{End: End{"r1", "lo"}},
			Link{End: End{"r1", "vx0"}, Kind: "vxlan", Lower: End{"r1", "br0"}, Master: "br1", Port: []Option{{"learning", "on"}},
				Options: []Option{{"id", "7"}, {"dstport", "4789"}, {"remote", "10.0.0.9"}, {"learning", "off"}}},
			Link{End: End{"n1", "m0"}, Kind: "macvlan", Lower: End{"n1", "eth0"}, Options: []Option{{"mode", "bridge"}}}),
		Routes: []Route{
			{NS: "n1", Type: "unicast", Dst: prefix("0.0.0.0/0"), Via: []byte{10, 0, 0, 1}},
			{NS: "n2", Type: "unicast", Dst: prefix("0.0.0.0/0"), Via: []byte{10, 0, 0, 1}},
			{NS: "r1", Type: "blackhole", Dst: prefix("10.9.0.0/16")},
			{NS: "n1", Type: "unicast", Dst: prefix("fd01::/16"), Via: prefix("fd00::2/0").IP, Dev: "eth0", Metric: 7, Table: 9, MTU: 1300, OnLink: true},
		},
		Sysctls: []Sysctl{{NS: "r1", Key: "net.ipv4.ip_forward", Value: "1"}},
		Services: []Service{
			{NS: "n1", Port: 8080, Argv: []string{"http_server"}, Self: true},
			{Argv: []string{"/bin/sh", "-c", "echo {1..3} A\n"}},
		},
	}
	noPos(s)
	for _, c := range []struct{ got, want any }{{s.Name, want.Name}, {s.Namespaces, want.Namespaces}, {s.Routes, want.Routes}, {s.Sysctls, want.Sysctls}, {s.Services, want.Services}} {
		if !reflect.DeepEqual(c.got, c.want) {
			t.Errorf("got  %+v\nwant %+v", c.got, c.want)
		}
	}
	for i := range max(len(s.Links), len(want.Links)) {
		if i >= len(s.Links) || i >= len(want.Links) || !reflect.DeepEqual(s.Links[i], want.Links[i]) {
			t.Errorf("link %d\ngot  %+v\nwant %+v", i, s.Links[i], want.Links[i])
		}
	}
}

// odd is a file with a little of everything.
const odd = `#!/usr/bin/env rawns
topology "my \"lab\""


# Ein Kommentar, äöü
netns r1 n{1..4}   # a router and its hosts
pool lan 10.0.0.0/24   from 10.0.0.5
bridge r1:br{0..1} stp_state 1 priority 100 addr 10.0.{0..1}.1/24 up
veth r1:v{1..4} isolated on master br{0..1}  cost 0x10 peer n{1..4}:"eth0" addr lan mtu 1400 addr fd00::{1..4}/64 \
	alias "a {b} # \x01\xff\\" address 02:00:00:00:00:0{1..4} down
vxlan r1:vx0 id 7 dstport 4789 remote 10.0.0.9 dev br0 learning off master br1 learning on
vxlan r1:vx1 id 8 master br1 up learning off alias ""
macvlan n1:m0 link n1:eth0 mode bridge
link "r1":lo up

route default via r1:br0 netns n{1..2}
route blackhole 10.9.0.0/16 netns r1
route unicast fd01::/16 via fd00::2 dev eth0 metric 07 table 9 mtu 1300 onlink netns n1
sysctl net.ipv4.ip_forward=1 netns r1
service n{1,2}:8080 http_server "{}"{a..b}"{1..2}" {008..001..7}   # {x}
service .:0 /bin/sh -c "echo {1..3} \x41\n\t" #
`

// Text is one way to write a file, and JSON loses nothing.
func TestTextAndJSON(t *testing.T) {
	f, err := Parse("odd", []byte(odd))
	if err != nil {
		t.Fatal(err)
	}
	const want = `#!/usr/bin/env rawns
topology "my \"lab\""

# Ein Kommentar, äöü
netns r1 n{1..4}  # a router and its hosts
pool lan 10.0.0.0/24 from 10.0.0.5
bridge r1:br{0..1} stp_state 1 priority 100 addr 10.0.{0..1}.1/24 up
veth r1:v{1..4} master br{0..1} isolated on cost 0x10 peer n{1..4}:eth0 addr lan \
    addr fd00::{1..4}/64 mtu 1400 alias "a {b} # \x01\xff\\" address 02:00:00:00:00:0{1..4} down
vxlan r1:vx0 id 7 dstport 4789 remote 10.0.0.9 dev br0 learning off master br1 learning on
vxlan r1:vx1 id 8 learning off master br1 up alias ""
macvlan n1:m0 link n1:eth0 mode bridge
link r1:lo up

route default via r1:br0 netns n{1..2}
route blackhole 10.9.0.0/16 netns r1
route unicast fd01::/16 via fd00::2 dev eth0 metric 07 table 9 mtu 1300 onlink netns n1
sysctl net.ipv4.ip_forward=1 netns r1
service n{1,2}:8080 http_server "{}"{a..b}"{1..2}" {008..001..7}  # {x}
service .:0 /bin/sh -c "echo {1..3} A\n\t"  #
`
	text := string(f.Text())
	if text != want {
		t.Errorf("got\n%s\nwant\n%s", text, want)
	}
	const wantJSON = `{"rawns": 1, "lines": [
  {"comment": "#!/usr/bin/env rawns"},
  {"topology": "my \"lab\""},
  {},
  {"comment": "# Ein Kommentar, äöü"},
  {"netns": ["r1", "n{1..4}"], "comment": "# a router and its hosts"},
  {"pool": "lan", "prefix": "10.0.0.0/24", "from": "10.0.0.5"},
  {"bridge": "r1:br{0..1}", "stp_state": 1, "priority": 100, "addr": ["10.0.{0..1}.1/24"], "up": true},
  {"veth": "r1:v{1..4}", "master": "br{0..1}", "port": {"isolated": "on", "cost": "0x10"}, "peer": {"veth": "n{1..4}:eth0", "addr": ["lan", "fd00::{1..4}/64"], "mtu": 1400, "alias": "a {{b}} # \u0001\udcff\\", "address": "02:00:00:00:00:0{1..4}", "down": true}},
  {"vxlan": "r1:vx0", "id": 7, "dstport": 4789, "remote": "10.0.0.9", "dev": "br0", "learning": "off", "master": "br1", "port": {"learning": "on"}},
  {"vxlan": "r1:vx1", "id": 8, "learning": "off", "master": "br1", "up": true, "alias": ""},
  {"macvlan": "n1:m0", "link": "n1:eth0", "mode": "bridge"},
  {"link": "r1:lo", "up": true},
  {},
  {"route": "default", "via": "r1:br0", "netns": "n{1..2}"},
  {"route": "10.9.0.0/16", "type": "blackhole", "netns": "r1"},
  {"route": "fd01::/16", "type": "unicast", "via": "fd00::2", "dev": "eth0", "metric": "07", "table": 9, "mtu": 1300, "onlink": true, "netns": "n1"},
  {"sysctl": "net.ipv4.ip_forward=1", "netns": "r1"},
  {"service": "n{1,2}:8080", "command": ["http_server", "{{}}{a..b}{{1..2}}", "{008..001..7}"], "comment": "# {x}"},
  {"service": ".:0", "command": ["/bin/sh", "-c", "echo {{1..3}} A\n\t"], "comment": "#"}
]}
`
	js := string(f.JSON())
	if js != wantJSON {
		t.Errorf("got\n%s\nwant\n%s", js, wantJSON)
	}
	if !json.Valid([]byte(js)) {
		t.Error("encoding/json takes it for no JSON")
	}
	again(t, f)
}

// again holds what a file says against what its texts in both forms say.
func again(t testing.TB, f *File) {
	t.Helper()
	text, js := f.Text(), f.JSON()
	for _, form := range [][]byte{text, js} {
		g, err := Parse(f.name, form)
		if err != nil {
			t.Fatalf("%v\nof\n%q", err, form)
		}
		if got := g.Text(); string(got) != string(text) {
			t.Fatalf("the text became\n%s\nand was\n%s", got, text)
		}
		if got := g.JSON(); string(got) != string(js) {
			t.Fatalf("the JSON became\n%s\nand was\n%s", got, js)
		}
		s1, err1 := f.Spec()
		s2, err2 := g.Spec()
		if (err1 == nil) != (err2 == nil) {
			t.Fatalf("%v, and %v\n%s", err1, err2, form)
		}
		if err1 == nil && !reflect.DeepEqual(noPos(s1), noPos(s2)) {
			t.Fatalf("%+v\nand\n%+v", s1, s2)
		}
	}
	s, err := f.Spec()
	if err != nil {
		return
	}
	g, err := s.File()
	if err != nil {
		t.Fatalf("%v\nof %+v", err, s)
	}
	s2, err := g.Spec()
	if err != nil {
		t.Fatalf("%v\nin\n%s", err, g.Text())
	}
	if !reflect.DeepEqual(noPos(s), noPos(s2)) {
		t.Fatalf("%+v\nbecame\n%+v", s, s2)
	}
	if string(g.Text()) != g.text {
		t.Fatalf("not as Text has it:\n%s\nbut\n%s", g.text, g.Text())
	}
}

// A namespace may be called like a statement: not behind another one's name, where
// it would rather be a mistake.
func TestNamespacesLikeStatements(t *testing.T) {
	s := specOf(t, "f", "topology f\nnetns link a\nnetns x=y b\nnetns route\n")
	f, err := s.File()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(f.Text()), "topology f\nnetns link a\nnetns x=y b\nnetns route\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	again(t, f)
}

// One way to write it, whatever way it was written.
func TestTextForms(t *testing.T) {
	for in, want := range map[string]string{
		"":                               "",
		"\n\n\n":                         "",
		"\ufeffnetns a\r\nbridge b\r\n":  "netns a\nbridge b\n",
		"netns a\n\n \t\n\nbridge b\n\n": "netns a\n\nbridge b\n",
		"netns \\\n  a \\\r\n\tb":        "netns a b\n",
		"netns a\\\n":                    "netns a\n",
		"netns a\\":                      "netns a\n",
		"#x\n  #  y  \nnetns a#b #c":     "#x\n#  y\nnetns a#b  #c\n",
		`netns "a" "b c" "#d" e"f"g`:     "netns a \"b c\" \"#d\" efg\n",
		`netns "{1..3}" {1..3}"{" "é"`:   "netns \"{1..3}\" {1..3}\"{\" é\n",
		`netns "a"{1..2}" b"{x,y}`:       "netns a{1..2}\" b\"{x,y}\n",
		"bridge b up addr 10.0.0.1/8 mtu 9 addr 10.0.0.2/8": "bridge b up addr 10.0.0.1/8 addr 10.0.0.2/8 mtu 9\n",
		"veth a cost 9 mtu 7 master b isolated on peer c":   "veth a mtu 7 master b cost 9 isolated on peer c\n",
		"service . x \"\" \"\\t\\n\\\"\\\\\" \"\\x7f\"":     "service . x \"\" \"\\t\\n\\\"\\\\\" \"\\x7f\"\n",
	} {
		f, err := Parse("f", []byte(in))
		if err != nil {
			t.Errorf("%q: %v", in, err)
			continue
		}
		if got := string(f.Text()); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
		again(t, f)
	}
}

// Pools give each address once: none that is written out, not the network's, not
// IPv4's broadcast address.
func TestPools(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"pool p 10.0.0.0/29\nbridge b{1..6} addr p", "10.0.0.1/29 10.0.0.2/29 10.0.0.3/29 10.0.0.4/29 10.0.0.5/29 10.0.0.6/29"},
		{"pool p 10.0.0.0/29\nbridge a addr 10.0.0.2/29 addr p\nbridge b addr p addr 10.0.0.1/8", "10.0.0.2/29 10.0.0.3/29 10.0.0.4/29 10.0.0.1/8"},
		{"bridge b{1..2} addr p\npool p 10.0.0.0/31", "10.0.0.0/31 10.0.0.1/31"},
		{"pool p 10.0.0.7/32\nbridge b addr p", "10.0.0.7/32"},
		{"pool p 10.0.0.0/8 from 10.0.0.255\nbridge b{1..2} addr p", "10.0.0.255/8 10.0.1.0/8"},
		{"pool p fd00::/126\nbridge b{1..3} addr p", "fd00::1/126 fd00::2/126 fd00::3/126"},
		{"pool p fd00::/127\nbridge b{1..2} addr p", "fd00::/127 fd00::1/127"},
		{"pool p 10.0.0.0/24\npool q 10.0.0.0/24\nbridge b addr p addr q", "10.0.0.1/24 10.0.0.1/24"},
		{"pool p{1..2} 10.{1..2}.0.0/16\nbridge b{1..4} addr p{1..2}", "10.1.0.1/16 10.1.0.2/16 10.2.0.1/16 10.2.0.2/16"},
	} {
		s := specOf(t, "f", c.text)
		var got []string
		for _, l := range s.Links {
			for _, a := range l.Addrs {
				got = append(got, a.String())
			}
		}
		if g := strings.Join(got, " "); g != c.want {
			t.Errorf("%q: %s, want %s", c.text, g, c.want)
		}
	}
}

func TestRanges(t *testing.T) {
	for in, want := range map[string]string{
		"{1..3}": "1 2 3", "{3..1}": "3 2 1", "{08..11}": "08 09 10 11", "{1..003}": "001 002 003", "{0..9..4}": "0 4 8", "{9..0..4}": "9 5 1",
		"{a..c}": "a b c", "{C..A}": "C B A", "{a..e..2}": "a c e", "{x,yy,}": "x yy ", "a{1..2}b{3..4}c": "a1b3c a2b4c", "{1..2}{1..4}": "11 12 23 24",
		"{5..5}": "5", "{{{1..2}}}": "{1} {2}", "{{1..2}}": "{1..2}",
	} {
		if bad := checkBraces(in); bad != nil {
			t.Errorf("%s: %v", in, bad)
			continue
		}
		r := rangesOf(in)
		n, bad := r.count()
		if bad != nil {
			t.Errorf("%s: %v", in, bad)
			continue
		}
		var got []string
		var buf []byte
		for i := range n {
			got = append(got, r.at(i, n, &buf))
		}
		if g := strings.Join(got, " "); g != want {
			t.Errorf("%s: %q, want %q", in, g, want)
		}
	}
}
