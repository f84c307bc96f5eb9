package topo

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// Files that are made to be a burden: each ends soon, with a fault or without.
func TestHostileFiles(t *testing.T) {
	const mega = 1 << 20
	rep := strings.Repeat
	for _, c := range []struct{ name, text, want string }{
		{"many lines", rep("#\n", maxLines+2), "more than 1000000 lines"},
		{"blank lines", rep("\n", 8*mega), ""},
		{"many words", "netns" + rep(" a", maxWords+1), "4000000 words"},
		{"many words in many lines", rep("netns"+rep(" a", 999)+"\n", maxWords/1000+2), "4000000 words"},
		{"a long line", "alias" + rep(" x", 5*mega/2), "no statement begins with"},
		{"a long word", "netns " + rep("x", 10*mega), "f:1:7: a word of more than 64 KiB"},
		{"a long quote", `netns "` + rep("x", 10*mega) + `"`, "more than 64 KiB"},
		{"a long quote of braces", `netns "` + rep("{", 10*mega) + `"`, "more than 64 KiB"},
		{"a long comment", "netns a #" + rep("x", 10*mega), ""},
		{"continued", "netns a" + rep("\\\n", 5*mega), ""},
		{"open braces", "netns " + rep("{", 10*mega), "a { without its }"},
		{"a range without end", "netns {1.." + rep("9", 10*mega), "a { without its }"},
		{"a range of many digits", "netns {1.." + rep("9", 60000) + "}", "is no range"},
		{"a huge range", "netns n{0..999999999}", "has 1000000000 values, more than 1000000"},
		{"huge ranges", rep("netns a{1..1000000}\n", 50), "too large: the file stands for more than 1000000 statements"},
		{"a huge file of long words", "service . sh{1..1000000} " + rep("x", 60000), "too large"},
		{"many ranges in a word", "netns " + rep("{1..2}", 10000), "a{"},
		{"many ranges that do not fit", "netns {1..1000}" + rep("{1..2}", 1000) + "{1..3}", "a range of 3 beside one of 1000"},
		{"a long list", "netns {a" + rep(",a", 30000) + "}", "two namespaces of one name"},
		{"NULs", rep("\x00", 10*mega), `a byte that is no text: \x00`},
		{"faults", rep("x\n", 10*mega), "no statement"},
		{"faults in one line", rep("\"\\x\" ", mega), "stands for nothing"},
		{"too large", rep("\n", MaxFile+1), "f:1:1: the file has more than 64 MiB"},
		{"many addresses", "bridge b" + addrs(20000), ""},
		{"many addresses of a pool", "pool p 10.0.0.0/8\nbridge b" + rep(" addr p", 20000), ""},
		{"an address twice", "bridge b" + addrs(20000) + " addr 10.0.7.7/8", "stands twice"},
		{"a pool that is all given", "pool p 10.0.0.0/16\nbridge b" + addrs(65536) + "\nbridge c{1..1000} addr p", "no address left"},
		{"a pool of /0", "pool p ::/0 from ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe\nbridge c{1..3} addr p", "no address left, after 2"},
		{"a list in lists", rep("[", 10*mega), "more than 64 KiB"},
		{"deeper JSON", `{"rawns":1,"lines":[{"netns":` + rep("[", 10*mega), "too deep"},
		{"deep objects", `{"rawns":1,"lines":[` + rep(`{"peer":`, mega), "too deep"},
		{"many members", `{"rawns":1,"lines":[{"x0":0` + members(10000) + "}]}", "more members than any statement has"},
		{"many values", `{"rawns":1,"lines":[{"netns":[0` + rep(",0", 2*mega) + "]}]}", "4000000 words"},
		{"many lines of JSON", `{"rawns":1,"lines":[{"comment":"a"}` + rep(`,{"comment":"a"}`, maxLines+2) + "]}", "more than 1000000 lines"},
		{"a long number", `{"rawns":1,"lines":[{"bridge":"b","mtu":` + rep("9", 10*mega) + "}]}", "a number of another kind"},
		{"a long string", `{"rawns":1,"lines":[{"bridge":"` + rep("b", 10*mega) + `"}]}`, "more than 64 KiB"},
		{"a long string of escapes", `{"rawns":1,"lines":[{"bridge":"` + rep(`\n`, 10*mega) + `"}]}`, "more than 64 KiB"},
		{"a long key", `{"` + rep("b", 10*mega) + `"}`, "more than 64 KiB"},
	} {
		f, err := Parse("f", []byte(c.text))
		if err == nil {
			_, err = f.Spec()
		}
		var list FileErrors
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %.300s", c.name, err)
		case c.want == "a{":
			// No more than that it ends.
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || !errors.As(err, &list) || len(list) > maxErrors):
			t.Errorf("%s: %.300v, want %s", c.name, err, c.want)
		case err != nil && len(list[0].Error()) > 2000:
			t.Errorf("%s: a text of %d bytes", c.name, len(list[0].Error()))
		}
	}
}

func addrs(n int) string {
	var s strings.Builder
	for i := range n {
		fmt.Fprintf(&s, " addr 10.0.%d.%d/8", i>>8, i&255)
	}
	return s.String()
}

func members(n int) string {
	var s strings.Builder
	for i := range n {
		fmt.Fprintf(&s, `,"x%d":0`, i+1)
	}
	return s.String()
}

// star is a star of n namespaces on bridges of 250.
func star(n int) string {
	return fmt.Sprintf(`netns n{1..%[1]d}
pool lan 10.0.0.0/8
bridge br{1..%[2]d} addr lan
veth v{1..%[1]d} master br{1..%[2]d} peer n{1..%[1]d}:eth0 addr lan
route default via br{1..%[2]d} netns n{1..%[1]d}
`, n, n/250)
}

func TestStar(t *testing.T) {
	s := specOf(t, "star", star(5000))
	if len(s.Namespaces) != 5000 || len(s.Links) != 10020 || len(s.Routes) != 5000 {
		t.Fatalf("%d namespaces, %d links, %d routes", len(s.Namespaces), len(s.Links), len(s.Routes))
	}
	l := s.Links[len(s.Links)-1]
	if l.String() != "n5000:eth0" || l.Addrs[0].String() != "10.0.19.156/8" || s.Links[len(s.Links)-2].Master != "br20" {
		t.Errorf("the last link: %+v", l)
	}
	if r := s.Routes[4999]; r.NS != "n5000" || !reflect.DeepEqual(r.Via, []byte{10, 0, 0, 20}) {
		t.Errorf("the last route: %+v", r)
	}
}

// The work is in proportion to the size: counted in allocations, which no load
// of the machine changes.
func TestLinear(t *testing.T) {
	count := func(n int) float64 {
		text := star(n)
		return testing.AllocsPerRun(1, func() { specOf(t, "star", text) })
	}
	if a, b := count(1000), count(10000); b > 10.5*a || a > 30000 {
		t.Errorf("%v allocations for 1,000 namespaces, %v for 10,000", a, b)
	}
}

func BenchmarkStar5000(b *testing.B) {
	text := star(5000)
	for b.Loop() {
		specOf(b, "star", text)
	}
}

func BenchmarkParse(b *testing.B) {
	s := specOf(b, "star", star(5000))
	f, err := s.File()
	if err != nil {
		b.Fatal(err)
	}
	text := f.Text()
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, err := Parse("star", text); err != nil {
			b.Fatal(err)
		}
	}
}

// FuzzFile: no text makes it panic; what is accepted is written and read again
// without loss, in both forms.
func FuzzFile(f *testing.F) {
	f.Add([]byte(odd))
	f.Add([]byte(articleText))
	f.Add(ArticleFile().JSON())
	f.Add([]byte(star(250)))
	o, err := Parse("odd", []byte(odd))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(o.JSON())
	for _, s := range []string{"netns \"{{\"{1..2}\"}\"", "\xef\xbb\xbfnetns a\r\n\r\n\\\r\n", "service . a {a,,b}{a..c..2}", "vlan v link e id 3 protocol 802.1ad",
		`{"lines":[{"link":"e","macvlan":"m"},{"netns":"\udcff\ud83d\ude00","route":"default","dev":"x"}],"rawns":1}`, "sysctl net.a=\"b c\" netns .", "vxlan v dev .:e id 1 group ff02::1"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		file, err := Parse("f", text)
		if err != nil {
			var list FileErrors
			if !errors.As(err, &list) || len(list) == 0 || len(list) > maxErrors {
				t.Fatalf("%v", err)
			}
			for _, e := range list {
				if e.Pos.Line < 1 || e.Pos.Column < 1 || e.Msg == "" {
					t.Fatalf("%+v", e)
				}
			}
			return
		}
		var x expander
		x.scratch = true
		for i := range file.lines {
			if file.lines[i].stmt != nil {
				x.begin(&file.lines[i])
			}
		}
		if x.count > 2000 {
			return // it would take its time
		}
		if js := file.JSON(); !json.Valid(js) {
			t.Fatalf("no JSON: %s", js)
		}
		again(t, file)
		s, err := file.Spec()
		if err != nil {
			return
		}
		p, err := s.Plan(nil)
		if err != nil {
			var e *SpecError
			if !errors.As(err, &e) || !errors.As(file.Locate(err), new(FileErrors)) {
				t.Fatalf("%T %v", err, err)
			}
			return
		}
		for i := range p.Steps {
			for _, c := range []byte(p.Steps[i].ScriptLine()) {
				if c < ' ' && c != '\n' || c == 0x7f {
					t.Fatalf("a control byte in %q", p.Steps[i].ScriptLine())
				}
			}
		}
	})
}
