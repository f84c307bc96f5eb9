//go:build tshark

package explain

import (
	"encoding/xml"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"rawns/nl/explain"
	"rawns/ns/nstest"
)

// A pdml is what tshark says of a packet or a field: its fields, with their
// places in the packet.
type pdml struct {
	Name   string `xml:"name,attr"`
	Show   string `xml:"show,attr"`
	Pos    string `xml:"pos,attr"`
	Size   string `xml:"size,attr"`
	Fields []pdml `xml:"field"`
	Protos []pdml `xml:"proto"`
}

// Lengths, numbers and texts against tshark's, wherever it decodes them.
func TestAgainstTshark(t *testing.T) {
	nstest.Need(t, "tshark")
	file := explain.AppendPcap(nil)
	gs := goldens(t)
	for _, g := range gs {
		file = explain.AppendPacket(file, 0, 0, true, g.msg)
	}
	name := filepath.Join(t.TempDir(), "all.pcap")
	if err := os.WriteFile(name, file, 0o644); err != nil {
		t.Fatal(err)
	}
	text, err := exec.Command("tshark", "-r", name, "-T", "pdml").Output()
	if err != nil {
		t.Fatal(err)
	}
	var said struct {
		Packets []pdml `xml:"packet"`
	}
	if err := xml.Unmarshal(text, &said); err != nil || len(said.Packets) != len(gs) {
		t.Fatalf("%v: %d packets of %d", err, len(said.Packets), len(gs))
	}
	lengths, values := 0, 0
	for i, g := range gs {
		type place struct{ at, n int }
		theirs := map[place][]pdml{}
		var walk func(f pdml)
		walk = func(f pdml) {
			at, _ := strconv.Atoi(f.Pos)
			n, _ := strconv.Atoi(f.Size)
			theirs[place{at - 16, n}] = append(theirs[place{at - 16, n}], f)
			for _, sub := range append(f.Fields, f.Protos...) {
				walk(sub)
			}
		}
		walk(said.Packets[i])
		for _, s := range explain.Spans(g.msg, explain.Options{}) {
			words := strings.FieldsFunc(s.Value, func(r rune) bool { return strings.ContainsRune(" (),|", r) })
			switch s.Kind {
			case explain.Attribute:
				for _, f := range theirs[place{s.Offset, 2}] {
					if f.Name == "netlink.attr_len" {
						lengths++
						if !slices.Contains(words, f.Show) {
							t.Errorf("%s: %s has %s bytes by tshark, %s", g.line, s.Name, f.Show, s.Value)
						}
					}
				}
			case explain.U8, explain.U16, explain.U32, explain.U64, explain.S32, explain.BE16, explain.BE32, explain.Index, explain.String, explain.IP:
				for _, f := range theirs[place{s.Offset, s.Length}] {
					if f.Name == "" || f.Name == "netlink.attr_data" || f.Name == "data" || f.Name == "data.data" {
						continue
					}
					values++
					if strings.Contains(s.Value, strings.Trim(f.Show, `"`)) || slices.ContainsFunc(words, func(w string) bool { return sameNumber(w, f.Show) }) {
						break
					}
					t.Errorf("%s: %s is %s, by tshark %s %s", g.line, s.Name, s.Value, f.Name, f.Show)
					break
				}
			}
		}
	}
	t.Logf("%d lengths, %d values", lengths, values)
	if lengths < 800 || values < 5000 {
		t.Errorf("only %d lengths and %d values were compared", lengths, values)
	}
}

func sameNumber(a, b string) bool {
	x, err1 := strconv.ParseInt(a, 0, 64)
	y, err2 := strconv.ParseInt(b, 0, 64)
	return err1 == nil && err2 == nil && (x == y || uint32(x) == uint32(y))
}
