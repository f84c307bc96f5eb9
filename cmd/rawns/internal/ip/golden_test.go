//go:build !tiny

package ip

import (
	"encoding/binary"
	"encoding/hex"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/difftest"
	"rawns/nl"
	"rawns/nl/rtnl"
	"rawns/ns/nstest"
)

var update = flag.Bool("update", false, "write the golden requests anew, from what the stock tool sends")

// A golden is a request as the stock tool sends it: in testdata, a caption "$
// ip link ..." and its bytes. What differs from run to run is zero: the
// sequence number, and the descriptors of namespaces.
type golden struct {
	line string
	msg  nl.Message
}

func readGolden(t testing.TB, file string) (gs []golden) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		if caption, ok := strings.CutPrefix(line, "$ "); ok {
			gs = append(gs, golden{line: caption})
			continue
		}
		b, err := hex.DecodeString(strings.ReplaceAll(line, " ", ""))
		if err != nil || len(gs) == 0 {
			t.Fatalf("%s: %q: %v", file, line, err)
		}
		gs[len(gs)-1].msg = append(gs[len(gs)-1].msg, b...)
	}
	return gs
}

func writeGolden(t *testing.T, file string, gs []golden) {
	t.Helper()
	var out strings.Builder
	for _, g := range gs {
		out.WriteString("$ " + g.line + "\n")
		for p := []byte(g.msg); len(p) > 0; {
			n := min(len(p), 32)
			for i := 0; i < n; i += 4 {
				if i > 0 {
					out.WriteByte(' ')
				}
				out.WriteString(hex.EncodeToString(p[i:min(i+4, n)]))
			}
			out.WriteByte('\n')
			p = p[n:]
		}
	}
	if err := os.WriteFile(filepath.Join("testdata", file), []byte(out.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

// sceneIndexes are what the names of the scene stand for.
var sceneIndexes = map[string]uint32{"lo": 1, "br0": 10, "v0": 11, "v1": 12, "a-rather-long-alternative-name": 11, "if11": 11}

// requestOf parses a line that is one request, and puts the scene's numbers
// where names stand.
func requestOf(t testing.TB, line string) nl.Message {
	t.Helper()
	p, _, err := findTool(difftest.Words(line)[0]).parse(difftest.Words(line))
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	if len(p.steps) != 1 {
		t.Fatalf("%s: %d steps", line, len(p.steps))
	}
	q, ok := p.steps[0].(*request)
	if !ok {
		t.Fatalf("%s: a %T", line, p.steps[0])
	}
	b, err := q.b.Bytes()
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	for _, f := range q.fix {
		switch f.kind {
		case fixDev:
			index, ok := sceneIndexes[f.name]
			if !ok {
				t.Fatalf("%s: no device %q in the scene", line, f.name)
			}
			binary.NativeEndian.PutUint32(b[f.at:], index)
		case fixNetns:
			if _, ok := parseInt(f.name); ok {
				n, _ := parseInt(f.name)
				binary.NativeEndian.PutUint16(b[f.at+2:], uint16(rtnl.IFLA_NET_NS_PID))
				binary.NativeEndian.PutUint32(b[f.at+4:], uint32(n))
			}
		}
	}
	return nl.Message(b)
}

// bigEndian: the literals come from a little-endian machine.
func skipOnBigEndian(t *testing.T) {
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
		t.Skip("the golden requests are a little-endian machine's")
	}
}

func TestGoldenLinkRequests(t *testing.T) {
	skipOnBigEndian(t)
	for _, g := range readGolden(t, "link.golden") {
		if got := requestOf(t, g.line); string(got) != string(g.msg) {
			t.Errorf("%s\ngot  %x\nwant %x", g.line, got, g.msg)
		}
	}
}

// The tables know every attribute that the stock tool sends.
func TestGoldenLinkAttributesAreNamed(t *testing.T) {
	skipOnBigEndian(t)
	for _, g := range readGolden(t, "link.golden") {
		if err := nl.Check(g.msg); err != nil {
			t.Fatalf("%s: %v", g.line, err)
		}
		for off := nl.HeaderLen + ifmSize; off < len(g.msg); {
			path := rtnl.AttrPath(g.msg, off)
			if path == "" || strings.HasPrefix(path, "attribute ") {
				t.Errorf("%s: nothing known of the attribute at %d: %q", g.line, off, path)
			}
			off += (int(binary.NativeEndian.Uint16(g.msg[off:])) + 3) &^ 3
		}
	}
}

// TestGoldenFromStock captures the requests anew and compares them with those
// in testdata; with -update it replaces them.
func TestGoldenFromStock(t *testing.T) {
	skipOnBigEndian(t)
	nstest.Need(t, "ip", "strace")
	var gs []golden
	for _, line := range linkLines {
		if strings.ContainsAny(line, ";$") {
			continue
		}
		if m := captureStock(t, line); m != nil {
			gs = append(gs, golden{line, m})
		}
	}
	if *update {
		writeGolden(t, "link.golden", gs)
	}
	have := map[string]nl.Message{}
	for _, g := range readGolden(t, "link.golden") {
		have[g.line] = g.msg
	}
	if len(gs) == 0 || len(gs) != len(have) {
		t.Errorf("captured %d requests, testdata has %d: run with -update", len(gs), len(have))
	}
	for _, g := range gs {
		if string(have[g.line]) != string(g.msg) {
			t.Errorf("%s\nstock   %x\ngolden  %x", g.line, g.msg, have[g.line])
		}
	}
}

// captureStock returns the last request of the stock tool that changes
// something, or nil.
func captureStock(t *testing.T, line string) nl.Message {
	t.Helper()
	script := "mount -t tmpfs run /run\n" + scene + "\nexec strace -qq -e trace=sendmsg -e write=all -e signal=none " + line
	r := nstest.Exec(t, nstest.New(t), "sh", "-c", script)
	var found nl.Message
	for _, call := range strings.Split(r.Stderr, "sendmsg(")[1:] {
		var m []byte
		for row := range strings.Lines(call) {
			if dump, ok := strings.CutPrefix(row, " | "); ok && len(dump) > 56 {
				b, err := hex.DecodeString(strings.ReplaceAll(dump[6:56], " ", ""))
				if err != nil {
					t.Fatalf("%s: %q: %v", line, row, err)
				}
				m = append(m, b...)
			}
		}
		if len(m) < nl.HeaderLen {
			continue
		}
		switch nl.Message(m).Type() {
		case unix.RTM_NEWLINK, unix.RTM_DELLINK, unix.RTM_NEWLINKPROP, unix.RTM_DELLINKPROP:
			found = m
		}
	}
	if found == nil {
		return nil
	}
	binary.NativeEndian.PutUint32(found[8:], 0) // nlmsg_seq
	zeroFds(found, 16+nl.HeaderLen)
	return found
}

// zeroFds clears IFLA_NET_NS_FD among the attributes from an offset on, and in
// a veth's peer.
func zeroFds(m nl.Message, off int) {
	for off+4 <= len(m) {
		n, typ := int(binary.NativeEndian.Uint16(m[off:])), binary.NativeEndian.Uint16(m[off+2:])
		if n < 4 || off+n > len(m) {
			return
		}
		switch typ {
		case uint16(rtnl.IFLA_NET_NS_FD):
			clear(m[off+4 : off+n])
		case uint16(rtnl.IFLA_LINKINFO):
			// kind "veth", then the data, the peer, and its ifinfomsg
			if kind := off + 4; string(m[kind+4:kind+8]) == "veth" && n > 16+16 {
				zeroFds(m[:off+n], kind+8+4+4+16)
			}
		}
		off += (n + 3) &^ 3
	}
}

// parse turns a command line of ip into a plan.
func parse(argv []string) (*plan, *globals, error) { return ipTool.parse(argv) }
