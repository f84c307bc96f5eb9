package picture

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rawns/ns/topo"
)

var update = flag.Bool("update", false, "write the files that pictures are compared with anew")

// gallery is what is looked at when the drawing changes: -args -gallery DIR
// writes all of it.
var galleryDir = flag.String("gallery", "", "write all pictures into this folder")

func gallery() map[string]*topo.Spec {
	return map[string]*topo.Spec{"article": topo.Article(), "star3": starOf(3), "star8": starOf(8), "star30": starOf(30), "star100": starOf(100), "star1000": starOf(1000),
		"chain5": chainOf(5), "mesh4": meshOf(4), "mesh5": meshOf(5), "mesh6": meshOf(6), "mesh8": meshOf(8), "ring8": ringOf(8), "office": office(), "leafspine": leafSpine(),
		"trees3x8": trees(3, 8), "trees20x250": trees(20, 250), "alone12": loneOnes(12), "chain12": chainOf(12), "odd": oddNames()}
}

// oddNames has the names that are hard on each of the languages.
func oddNames() *topo.Spec {
	s := &topo.Spec{Name: `<&>"'` + "`\\\n\x1b[31m; %%{init}%%"}
	for i, n := range []string{`a"b'c`, "<b>&amp;</b>", `back\slash\n`, "line\nfeed", "\x1b[31mred", strings.Repeat("long-", 51), "\u05e9\u05dc\u05d5\u05dd", "\u202eevil", "\xff\xfe", "end", "#35;", "1. list", "漢字かな"} {
		s.Namespaces = append(s.Namespaces, topo.Namespace{Name: n})
		end := topo.End{NS: n, Name: "e\"<&\\\x01"}
		addVeth(s, topo.Link{End: topo.End{Name: fmt.Sprintf("v\"%d\\", i)}, Master: "br<&>"}, topo.Link{End: end, Addrs: p4(10, 0, 0, byte(i), 24)})
	}
	s.Links = append(s.Links, topo.Link{End: topo.End{Name: "br<&>"}, Kind: "bridge"})
	s.Services = []topo.Service{{NS: "end", Argv: []string{"sh", "-c", "echo \"<&>\"\n"}}}
	return s
}

func drawn(s *topo.Spec) *Picture {
	p := Of(s)
	p.Fold(FoldLimit)
	return p
}

var formats = []struct {
	ext  string
	draw func(p *Picture) []byte
}{
	{"txt", func(p *Picture) []byte { return p.Text(TextOptions{}) }},
	{"utf8.txt", func(p *Picture) []byte { return p.Text(TextOptions{Unicode: true}) }},
	{"svg", (*Picture).SVG},
	{"mmd", (*Picture).Mermaid},
	{"dot", (*Picture).Dot},
	{"json", (*Picture).JSON},
}

// golden compares a picture with a file.
func golden(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(got, want) {
		return
	}
	g, w := strings.Split(string(got), "\n"), strings.Split(string(want), "\n")
	for i := range g {
		if i >= len(w) || g[i] != w[i] {
			line := ""
			if i < len(w) {
				line = w[i]
			}
			t.Errorf("%s:%d:\n got %s\nwant %s\n(go test ./ns/topo/picture -update writes it anew)", path, i+1, g[i], line)
			return
		}
	}
	t.Errorf("%s: %d lines, want %d", path, len(g), len(w))
}

func TestGolden(t *testing.T) {
	for _, name := range []string{"article", "office", "star1000", "chain5", "mesh4", "odd"} {
		for _, f := range formats {
			if f.ext == "svg" && name == "article" || f.ext == "json" && name == "star1000" {
				continue // docs/img has the one, the other is long
			}
			golden(t, filepath.Join("testdata", name+"."+f.ext), f.draw(drawn(gallery()[name])))
		}
	}
}

// The pictures in docs/img are those that are drawn now.
func TestPictures(t *testing.T) {
	dir := "../../../docs/img"
	golden(t, filepath.Join(dir, "article.svg"), drawn(topo.Article()).SVG())
	text, err := os.ReadFile(filepath.Join(dir, "office.topo"))
	if err != nil {
		t.Fatal(err)
	}
	f, err := topo.Parse("office.topo", text)
	if err != nil {
		t.Fatal(err)
	}
	s, err := f.Spec()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, filepath.Join(dir, "office.svg"), drawn(s).SVG())
	page, err := os.ReadFile(filepath.Join(dir, "../topology.md"))
	if err != nil {
		t.Fatal(err)
	}
	if text := drawn(s).Text(TextOptions{}); !bytes.Contains(page, append([]byte("\n```\n"), text...)) {
		t.Errorf("docs/topology.md has another picture than\n%s", text)
	}
}

func TestGallery(t *testing.T) {
	for name, s := range gallery() {
		for _, full := range []bool{false, true} {
			if full && len(s.Namespaces) > 1000 {
				continue
			}
			t.Run(fmt.Sprint(name, full), func(t *testing.T) {
				p, again := Of(s), Of(s)
				if !full {
					p.Fold(FoldLimit)
					again.Fold(FoldLimit)
				}
				checkLayout(t, p)
				for _, f := range formats {
					b := f.draw(p)
					checkFormat(t, f.ext, b)
					if !bytes.Equal(b, f.draw(again)) {
						t.Errorf("%s is not the same twice", f.ext)
					}
					if *galleryDir != "" && !full {
						if err := os.WriteFile(filepath.Join(*galleryDir, name+"."+f.ext), b, 0o644); err != nil {
							t.Fatal(err)
						}
					}
				}
			})
		}
	}
}

// checkLayout looks for boxes that overlap, and text that leaves its box.
func checkLayout(t *testing.T, p *Picture) {
	t.Helper()
	parts := p.parts()
	w, h := packParts(parts)
	var all []*drawnBox
	for _, q := range parts {
		for _, d := range q.boxes {
			d.x, d.y = d.x+q.x, d.y+q.y
			all = append(all, d)
		}
	}
	for i, a := range all {
		if a.x < 0 || a.y < 0 || a.x+a.w > w || a.y+a.h > h {
			t.Errorf("%q is outside: %d %d %d %d in %d %d", a.b.Name, a.x, a.y, a.w, a.h, w, h)
		}
		for _, b := range all[:i] {
			if a.x < b.x+b.w+6 && b.x < a.x+a.w+6 && a.y < b.y+b.h+6 && b.y < a.y+a.h+6 {
				t.Errorf("%q and %q overlap", a.b.Name, b.b.Name)
			}
		}
		for _, s := range a.sections {
			for side := range s.rows {
				last := 0
				for _, r := range s.rows[side] {
					above, below := r.room(s.bar != nil)
					if r.y < 20 || r.y > a.h-4 || !r.bare && r.y-above < last-1 {
						t.Errorf("%q: %q stands at %d of %d, behind %d", a.b.Name, r.link.Name, r.y, a.h, last)
					}
					last = r.y + below
					if r.width() > a.w-2*boxPad {
						t.Errorf("%q: %q is wider than its box", a.b.Name, r.link.Name)
					}
				}
			}
			if pw, _ := s.plateSize(); s.bar != nil && (a.plateX(s) < boxPad || a.plateX(s)+pw > a.w-boxPad) {
				t.Errorf("%q: the plate of %q leaves the box", a.b.Name, s.bar.Name)
			}
		}
	}
}

// checkFormat holds a picture against its language's rules.
func checkFormat(t *testing.T, ext string, b []byte) {
	t.Helper()
	for _, r := range string(b) {
		if r < 0x20 && r != '\n' && r != '\t' || r >= 0x7f && r < 0xa0 || steers(r) {
			t.Fatalf("%s: %q stands as it is", ext, r)
		}
	}
	switch ext {
	case "svg":
		d := xml.NewDecoder(bytes.NewReader(b))
		for {
			_, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("svg: %v", err)
			}
		}
	case "json":
		if !json.Valid(b) {
			t.Errorf("json: %s", b)
		}
	case "txt", "utf8.txt":
		for line := range strings.SplitSeq(string(b), "\n") {
			if cells(line) > 80 {
				t.Errorf("text: %d columns: %s", cells(line), line)
			}
			if ext == "txt" && strings.IndexFunc(line, func(r rune) bool { return r >= 0x80 }) >= 0 {
				t.Errorf("text: beyond ASCII: %s", line)
			}
			if strings.HasSuffix(line, " ") {
				t.Errorf("text: a blank at the end of %q", line)
			}
		}
	case "dot":
		checkDot(t, string(b))
	case "mmd":
		for line := range strings.SplitSeq(string(b), "\n") {
			if n := strings.Count(line, `"`); n != 0 && n != 2 {
				t.Errorf("mermaid: %d quotes: %s", n, line)
			}
			if strings.HasPrefix(line, "%%{") || strings.ContainsAny(strings.ReplaceAll(line, "<br/>", ""), "<>&`*\\") {
				t.Errorf("mermaid: %s", line)
			}
		}
	}
}

// checkDot goes through the strings of a graph: nothing ends one before its time.
func checkDot(t *testing.T, b string) {
	t.Helper()
	in, depth := false, 0
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case in && c == '\\':
			i++
			if b[i] != '\\' && b[i] != '"' && b[i] != 'n' {
				t.Errorf("dot: \\%c", b[i])
			}
		case c == '"':
			in = !in
		case in && c == '&':
			if !strings.HasPrefix(b[i:], "&amp;") {
				t.Errorf("dot: a bare &")
			}
		case in:
			if c == '\n' {
				t.Errorf("dot: a line ends in a string")
			}
		case c == '{':
			depth++
		case c == '}':
			depth--
		case c >= 0x80 || strings.IndexByte("<>\\'&", c) >= 0:
			t.Errorf("dot: %q outside of a string", c)
		}
	}
	if in || depth != 0 {
		t.Errorf("dot: a string or a block does not end")
	}
}

// What is alike becomes one; what is not, stays.
func TestFold(t *testing.T) {
	s := starOf(300)
	for i := range s.Links {
		switch s.Links[i].End.String() {
		case "n200:eth0":
			s.Links[i].Down = true
		case "v250":
			s.Links[i].Port = []topo.Option{{Name: "isolated", Value: "on"}}
		}
	}
	s.Routes = append(s.Routes, topo.Route{NS: "n100", Type: "blackhole", Dst: topo.Prefix{IP: make([]byte, 4)}})
	p := drawn(s)
	var got []string
	for _, b := range p.Boxes {
		got = append(got, fmt.Sprintf("%s-%s %d", b.Name, b.Last, b.Count))
	}
	if g, w := strings.Join(got, ", "), "- 1, n1-n300 297, n100- 1, n200- 1, n250- 1"; g != w {
		t.Errorf("got %s, want %s", g, w)
	}
	var ports []string
	for _, l := range p.Boxes[0].Links {
		ports = append(ports, fmt.Sprintf("%s-%s %d", l.Name, l.Last, l.Count))
	}
	if g, w := strings.Join(ports, ", "), "br0- 1, v1-v300 297, v100- 1, v200- 1, v250- 1"; g != w {
		t.Errorf("got %s, want %s", g, w)
	}
	if a := p.Boxes[1].Links[0].Addrs[0]; a != "10.0.0.1 … 10.0.1.44/16" || len(p.Wires) != 4 {
		t.Errorf("%s, %d wires", a, len(p.Wires))
	}
	if !strings.HasPrefix(p.summary(), "300 namespaces, 1 bridge, 300 veths") {
		t.Error(p.summary())
	}

	// Nothing in a chain or a mesh is alike: each has other neighbours.
	for _, s := range []*topo.Spec{chainOf(140), ringOf(140), meshOf(6)} {
		p := Of(s)
		p.Fold(3)
		if len(p.Boxes) != len(s.Namespaces) {
			t.Errorf("%s: %d boxes", s.Name, len(p.Boxes))
		}
	}

	// Two sides that lead to each other: one is folded, the other then is not.
	s = &topo.Spec{}
	for _, n := range []string{"a1", "a2", "a3", "b1", "b2", "b3"} {
		s.Namespaces = append(s.Namespaces, topo.Namespace{Name: n})
	}
	for _, a := range []string{"1", "2", "3"} {
		for _, b := range []string{"1", "2", "3"} {
			addVeth(s, topo.Link{End: topo.End{NS: "a" + a, Name: "b" + b}}, topo.Link{End: topo.End{NS: "b" + b, Name: "a" + a}})
		}
	}
	p = Of(s)
	p.Fold(2)
	if len(p.Boxes) != 4 || len(p.Wires) != 3 || p.Boxes[0].Count != 3 {
		t.Errorf("%d boxes, %d wires: %s", len(p.Boxes), len(p.Wires), p.Text(TextOptions{}))
	}

	// A host with many links of its own.
	s = &topo.Spec{}
	for i := range 200 {
		s.Links = append(s.Links, topo.Link{End: topo.End{Name: fmt.Sprint("d", i)}, Kind: "dummy"})
	}
	if p := drawn(s); len(p.Boxes) != 1 || len(p.Boxes[0].Links) != 1 || p.Boxes[0].Links[0].title() != "d0 … d199" {
		t.Errorf("%s", p.Text(TextOptions{}))
	}
}

// Colours are for terminals that ask for them, and change nothing else.
func TestColor(t *testing.T) {
	p := drawn(office())
	plain, colored := p.Text(TextOptions{}), p.Text(TextOptions{Color: true})
	if bytes.Contains(plain, []byte("\x1b")) || !bytes.Contains(colored, []byte("\x1b[31m")) {
		t.Error("no red")
	}
	var out []byte
	for i := 0; i < len(colored); i++ {
		if colored[i] == 0x1b {
			i += bytes.IndexByte(colored[i:], 'm')
			continue
		}
		out = append(out, colored[i])
	}
	if !bytes.Equal(out, plain) {
		t.Errorf("without its colours it is\n%s", out)
	}
}

// Whatever is joined to whatever: nothing overlaps, nothing panics.
func TestRandom(t *testing.T) {
	for seed := range uint64(150) {
		r := rand.New(rand.NewPCG(seed, 4))
		s := &topo.Spec{Name: fmt.Sprint("random ", seed)}
		n := 1 + r.IntN(14)
		space := func() string {
			if i := r.IntN(n + 1); i > 0 {
				return fmt.Sprint("n", i)
			}
			return ""
		}
		for i := 1; i <= n; i++ {
			s.Namespaces = append(s.Namespaces, topo.Namespace{Name: fmt.Sprint("n", i)})
		}
		bars := map[string]string{}
		for i := range r.IntN(4) {
			b := topo.End{NS: space(), Name: fmt.Sprint("br", i)}
			bars[b.NS] = b.Name
			s.Links = append(s.Links, topo.Link{End: b, Kind: "bridge", Addrs: p4(10, 0, byte(i), 1, 24), Down: r.IntN(4) == 0})
		}
		for i := range r.IntN(2 * n) {
			var l [2]topo.Link
			for j := range l {
				l[j] = topo.Link{End: topo.End{NS: space(), Name: fmt.Sprint("v", i, "ab"[j:j+1])}, Down: r.IntN(6) == 0}
				if r.IntN(2) == 0 {
					l[j].Master = bars[l[j].NS]
				}
				for k := range r.IntN(3) {
					l[j].Addrs = append(l[j].Addrs, p4(10, byte(i), byte(j), byte(k), 24)...)
				}
			}
			addVeth(s, l[0], l[1])
			if r.IntN(5) == 0 {
				s.Links = append(s.Links, topo.Link{End: topo.End{NS: space(), Name: fmt.Sprint("m", i)}, Kind: "macvlan", Lower: l[0].End})
			}
		}
		p := drawn(s)
		checkLayout(t, p)
		for _, f := range formats {
			checkFormat(t, f.ext, f.draw(p))
		}
		p = Of(s)
		p.Fold(0)
		for _, f := range formats {
			checkFormat(t, f.ext, f.draw(p))
		}
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func FuzzNames(f *testing.F) {
	for _, n := range oddNames().Namespaces {
		f.Add(n.Name, "eth0", "br0")
		f.Add("n", n.Name, n.Name)
	}
	f.Fuzz(func(t *testing.T, a, b, c string) {
		s := starOf(3)
		s.Name = b
		s.Namespaces[0].Name, s.Links[2].NS, s.Links[1].Peer.NS = a, a, a
		s.Links[2].Name, s.Links[1].Peer.Name = b, b
		s.Links[0].Name, s.Links[1].Master = c, c
		s.Links[1].Name, s.Links[2].Peer.Name = b, b
		s.Services = []topo.Service{{NS: a, Argv: []string{b, c}}}
		p := drawn(s)
		for _, f := range formats {
			checkFormat(t, f.ext, f.draw(p))
		}
		checkLayout(t, p)
	})
}
