package explain

import (
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// In the text every byte appears once, in order, beside its offset.
func TestTextHoldsEveryByte(t *testing.T) {
	for line, p := range golden(t) {
		text := string(AppendText(nil, p, TextOptions{Options: Options{Order: Little, Why: true}}))
		var got []byte
		at := 0
		for l := range strings.Lines(text) {
			if len(l) < 8 || l[5] < '0' || l[5] > '9' || strings.Trim(l[:6], " 0123456789") != "" {
				if !strings.Contains(l, "# ") && !strings.HasPrefix(l, "  the kernel: ") && !strings.HasPrefix(l, "  comes back: ") && !strings.HasPrefix(l, "              ") && l != "\n" {
					at = 0 // a title: offsets begin anew
				}
				continue
			}
			if off := strings.TrimSpace(l[:6]); off != itoa(at) {
				t.Fatalf("%s: offset %s, want %d, in\n%s", line, off, at, text)
			}
			hexes := strings.TrimSuffix(l[8:min(len(l), 8+hexWidth)], "\n")
			b, err := hex.DecodeString(strings.ReplaceAll(hexes, " ", ""))
			if err != nil {
				t.Fatalf("%s: %q: %v", line, l, err)
			}
			got = append(got, b...)
			at += len(b)
		}
		if string(got) != string(p) {
			t.Fatalf("%s: the text has the bytes\n%x, not\n%x\n%s", line, got, p, text)
		}
		if strings.Contains(text, "\x1b") {
			t.Fatalf("%s: colours that nobody asked for", line)
		}
	}
}

const vethText = `RTM_NEWLINK: make a link of the kind veth, 84 bytes
     0  54000000             nlmsg_len         84 bytes
     4  1000                 nlmsg_type        RTM_NEWLINK (16)
     6  0506                 nlmsg_flags       REQUEST|ACK|EXCL|CREATE (0x605)
     8  00000000             nlmsg_seq         0
    12  00000000             nlmsg_pid         0, the kernel's or not filled in
    16  00                     ifi_family        unspec (0)
    17  00                     pad
    18  0000                   ifi_type          0
    20  00000000               ifi_index         0
    24  00000000               ifi_flags         0
    28  00000000               ifi_change        0
    32  0700 0300 643000 00    IFLA_IFNAME       "d0", then 1 byte of padding
    40  2c00 1200              IFLA_LINKINFO     44 bytes
    44  0800 0100 76657468       IFLA_INFO_KIND    "veth"
    52  2000 0200                IFLA_INFO_DATA    32 bytes
    56  1c00 0100                  VETH_INFO_PEER    28 bytes
`

func TestText(t *testing.T) {
	p := golden(t)["ip link add d0 type veth peer name d1"]
	got := string(AppendText(nil, p, TextOptions{Options: Options{Order: Little}, Brief: true}))
	if !strings.HasPrefix(got, vethText) {
		t.Errorf("got\n%swant\n%s", got, vethText)
	}
	long := string(AppendText(nil, p, TextOptions{Options: Options{Order: Little, Why: true}, Color: true}))
	for _, want := range []string{"\x1b[1mVETH_INFO_PEER", "# the other end, described as a link of its own", "\n  the kernel: rtnetlink_rcv_msg > rtnl_newlink", "\n  comes back: NLMSG_ERROR"} {
		if !strings.Contains(long, want) {
			t.Errorf("no %q in\n%s", want, long)
		}
	}
	// Whatever it is, a text comes of it.
	for _, odd := range [][]byte{{}, {1}, make([]byte, 15), make([]byte, 40), {255, 255, 255, 255, 16, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2}} {
		AppendText(nil, odd, TextOptions{})
	}
}

// JSON is what Spans says.
func TestJSON(t *testing.T) {
	for line, p := range golden(t) {
		o := Options{Order: Little, Why: true}
		var got []struct {
			Offset, Length, Depth  int
			Name, Kind, Value, Why string
		}
		if err := json.Unmarshal(AppendJSON(nil, p, o), &got); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		spans := Spans(p, o)
		if len(got) != len(spans) {
			t.Fatalf("%s: %d objects, %d spans", line, len(got), len(spans))
		}
		for i, s := range spans {
			g := got[i]
			if g.Offset != s.Offset || g.Length != s.Length || g.Depth != s.Depth || g.Name != s.Name || g.Kind != s.Kind.String() || g.Value != s.Value || g.Why != s.Why {
				t.Errorf("%s: %+v is written as %+v", line, s, g)
			}
		}
	}
	quoted := make([]byte, 32+9)
	binary.NativeEndian.PutUint32(quoted, 41)
	binary.NativeEndian.PutUint16(quoted[4:], unix.RTM_NEWLINK)
	binary.NativeEndian.PutUint16(quoted[32:], 9)
	binary.NativeEndian.PutUint16(quoted[34:], unix.IFLA_IFNAME)
	copy(quoted[36:], "\"\\\x01\xff")
	var any []map[string]any
	if err := json.Unmarshal(AppendJSON(nil, quoted, Options{}), &any); err != nil || any[len(any)-1]["value"] != `"\"\\\x01\xff"` {
		t.Errorf("%v: %v", err, any[len(any)-1])
	}
}
