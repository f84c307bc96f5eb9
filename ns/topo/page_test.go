package topo

import (
	"os"
	"strconv"
	"strings"
	"testing"
)

const page = "../../docs/topology.md"

// blocks returns the examples of docs/topology.md: what they are, and their text.
func blocks(t *testing.T) (out [][2]string) {
	t.Helper()
	b, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(string(b), "\n```")
	if len(parts)%2 == 0 {
		t.Fatal("a block is not closed")
	}
	for i := 1; i < len(parts); i += 2 {
		kind, text, _ := strings.Cut(parts[i], "\n")
		if text != "" {
			text += "\n"
		}
		out = append(out, [2]string{kind, text})
	}
	return out
}

// What docs/topology.md shows is so.
func TestPage(t *testing.T) {
	count := map[string]int{}
	var last *File
	for _, b := range blocks(t) {
		kind, text := b[0], b[1]
		count[kind]++
		switch kind {
		case "topo":
			f, err := Parse("lab.topo", []byte(text))
			if err == nil {
				_, err = f.Spec()
			}
			if err != nil {
				t.Errorf("%v\nin\n%s", err, text)
				continue
			}
			again(t, f)
			last = f
		case "json":
			if got := string(last.JSON()); got != text {
				t.Errorf("the JSON is\n%s\nnot\n%s", got, text)
			}
		case "syntax":
			if text != Syntax() {
				t.Errorf("the words are\n%s\nnot\n%s", Syntax(), text)
			}
		case "":
			if strings.HasPrefix(text, "$ rawns plan\n") {
				s, err := ArticleFile().Spec()
				if err != nil {
					t.Fatal(err)
				}
				p, err := s.Plan(nil)
				if err != nil {
					t.Fatal(err)
				}
				for i := range p.Steps {
					if !strings.Contains(text, "\n"+strconv.Itoa(i+1)+"  "+p.Steps[i].Command()+"\n") {
						t.Errorf("the plan has %s", p.Steps[i].Command())
					}
				}
			}
			if strings.HasPrefix(text, "$ rawns fmt lab.topo\n") {
				_, err := Parse("lab.topo", []byte("\n\nveth vethtest01 mastr test-bridge peer blue:eth0"))
				if err == nil || !strings.Contains(text, "\n"+err.Error()+"\n") {
					t.Errorf("the error is %v", err)
				}
			}
		}
	}
	if count["topo"] < 8 || count["json"] != 1 || count["syntax"] != 1 {
		t.Errorf("blocks: %v", count)
	}
}

// Every word of the tables is in the reference, and does what its row says: a
// file with it is accepted and comes back.
func TestEveryWord(t *testing.T) {
	ref := Syntax()
	values := map[string]string{"addr": "10.0.0.9/24", "master": "br", "mtu": "1400", "address": "02:00:00:00:00:07", "txqueuelen": "7", "addrgenmode": "none",
		"alias": `"x y"`, "link": "e", "dev": "e", "peer": "p", "via": "10.0.0.2", "src": "10.0.0.1", "metric": "3", "table": "9", "netns": "a", "from": "10.0.0.7",
		"group": "239.1.1.1", "local": "10.0.0.1", "remote": "fd00::1", "mode": "vepa", "protocol": "802.1ad"}
	lines := map[form]string{formTopology: "topology x", formNetns: "netns z", formPool: "pool z 10.0.0.0/24", formRoute: "route default dev e", formSysctl: "sysctl net.x=1", formService: "service . x"}
	n := 0
	for i := range statements {
		st := &statements[i]
		if !strings.Contains("\n"+ref, "\n"+st.name+" ") {
			t.Errorf("%s is not in the reference", st.name)
		}
		line := lines[st.form]
		if st.form == formLink {
			line = st.name + " x"
			k := kindOf(st.kind)
			if k.needsLower {
				line += " " + k.lower + " e"
			}
			if k.needsID {
				line += " id 7"
			}
		}
		st.each(false, func(name string, port bool) {
			n++
			if !strings.Contains(ref, "\n    "+name+" ") && !strings.Contains(ref, "\n    "+name+"\n") && name != "peer" {
				t.Errorf("%s is not in the reference", name)
			}
			if strings.Contains(line+" ", " "+name+" ") || name == "down" && st.kind == "" && st.form == formLink {
				return
			}
			text := line + " " + name
			if o := st.lookup(name, port, false); !o.value.flag() {
				v := values[name]
				if v == "" {
					v = "1"
				}
				text += " " + v
			}
			if port {
				text = line + " master br" + text[len(line):]
			}
			if st.kind == "veth" && name != "peer" {
				text += " peer p"
			}
			if name == "group" {
				text += " dev e"
			}
			if name == "onlink" {
				text += " via 10.0.0.2"
			}
			text = "netns a\nbridge br\nlink a:e\n" + text + "\n"
			f, err := Parse("f", []byte(text))
			if err != nil {
				t.Errorf("%s\n%v", text, err)
				return
			}
			if _, err := f.Spec(); err != nil {
				t.Errorf("%s\n%v", text, err)
				return
			}
			again(t, f)
		})
	}
	if n < 150 {
		t.Errorf("%d words", n)
	}
}
