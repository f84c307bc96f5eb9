package explain

import (
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
)

// checkTiles fails unless every byte of p belongs to exactly one span.
func checkTiles(t *testing.T, p []byte, spans []Span) {
	t.Helper()
	at := 0
	for i, s := range spans {
		if s.Offset != at || s.Length < 1 {
			t.Fatalf("span %d %+v begins at %d of %d bytes, not at %d", i, s, s.Offset, len(p), at)
		}
		if s.Depth < 0 || i > 0 && s.Depth > spans[i-1].Depth+1 {
			t.Fatalf("span %d %+v is %d deep, the one before %d", i, s, s.Depth, spans[i-1].Depth)
		}
		if s.Kind.String() == "" {
			t.Fatalf("span %d has no kind", i)
		}
		for _, c := range s.Name + s.Value + s.Why {
			if c < ' ' || c == 0x7f || c >= 0x80 && c < 0xa0 || c >= 0x202a && c <= 0x202e || c >= 0x2066 && c <= 0x2069 {
				t.Fatalf("span %d %+v holds a control character", i, s)
			}
		}
		at += s.Length
	}
	if at != len(p) {
		t.Fatalf("the spans end at %d of %d bytes", at, len(p))
	}
}

// golden returns the requests of the applet's tests, by their command lines.
func golden(t testing.TB) map[string][]byte {
	out := map[string][]byte{}
	files, _ := filepath.Glob("../../cmd/rawns/internal/*/testdata/*.golden")
	for _, file := range files {
		if name := filepath.Base(file); name == "tunnel-set.golden" || name == "vf-list.golden" {
			continue // attributes alone
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		line := ""
		for l := range strings.Lines(string(text)) {
			l = strings.TrimSpace(l)
			if caption, ok := strings.CutPrefix(l, "$ "); ok {
				line = caption
				continue
			}
			b, err := hex.DecodeString(strings.ReplaceAll(l, " ", ""))
			if err != nil {
				t.Fatalf("%s: %q: %v", file, l, err)
			}
			out[line] = append(out[line], b...)
		}
	}
	if len(out) < 100 {
		t.Fatalf("only %d golden requests", len(out))
	}
	return out
}

// isXfrm: the line speaks another protocol than rtnetlink.
func isXfrm(line string) bool {
	return strings.HasPrefix(line, "ip xfrm ") || strings.HasPrefix(line, "ip -6 xfrm ")
}

// What the stock tools send is known to the last byte.
func TestGoldenRequestsAreKnown(t *testing.T) {
	for line, p := range golden(t) {
		o := Options{Order: Little, Why: true}
		if isXfrm(line) {
			o.Protocol = unix.NETLINK_XFRM
		}
		spans := Spans(p, o)
		checkTiles(t, p, spans)
		if o.Protocol != 0 {
			continue // only its header is
		}
		for _, s := range spans {
			if s.Kind == Raw || s.Kind == Broken || s.Kind == CutShort || s.Name == "nlattr" {
				t.Errorf("%s: %+v", line, s)
			}
		}
	}
}

// swapped returns a message as a machine of the other byte order would send it.
// Its integers are turned by what the spans say of them.
func swapped(p []byte, o Options) []byte {
	out := append([]byte(nil), p...)
	for _, s := range Spans(p, o) {
		b := out[s.Offset : s.Offset+s.Length]
		n := 0
		switch s.Kind {
		case U16, S16:
			n = 2
		case U32, S32, Index, Errno:
			n = 4
		case U64, S64:
			n = 8
		case Attribute:
			b[0], b[1], b[2], b[3] = b[1], b[0], b[3], b[2]
		}
		for i := range n / 2 {
			b[i], b[n-1-i] = b[n-1-i], b[i]
		}
	}
	return out
}

// The same message in either byte order reads the same.
func TestByteOrders(t *testing.T) {
	for line, p := range golden(t) {
		if isXfrm(line) {
			continue
		}
		little := Spans(p, Options{Order: Little})
		big := Spans(swapped(p, Options{Order: Little}), Options{Order: Big})
		if len(little) != len(big) {
			t.Errorf("%s: %d spans, %d of the other byte order", line, len(little), len(big))
			continue
		}
		for i := range little {
			if little[i] != big[i] {
				t.Errorf("%s: %+v, and of the other byte order %+v", line, little[i], big[i])
			}
		}
	}
}

func TestValues(t *testing.T) {
	var b nl.Builder
	rtnl.NewLink(&b, unix.NLM_F_CREATE|unix.NLM_F_EXCL, rtnl.IfInfomsg{Family: unix.AF_UNSPEC, Flags: 1, Change: 1})
	b.Str(rtnl.IFLA_IFNAME, "ve\x1bth")
	b.U32(rtnl.IFLA_MTU, 1400)
	b.U32(rtnl.IFLA_MASTER, 3)
	info := b.Nest(rtnl.IFLA_LINKINFO)
	b.StrN(rtnl.IFLA_INFO_KIND, "veth")
	data := b.Nest(rtnl.IFLA_INFO_DATA)
	peer := rtnl.VethPeer(&b, rtnl.IfInfomsg{})
	b.Str(rtnl.IFLA_IFNAME, "peer0")
	b.End(peer)
	b.End(data)
	b.End(info)
	rtnl.NewLink(&b, 0, rtnl.IfInfomsg{Index: 3})
	info = b.Nest(rtnl.IFLA_LINKINFO)
	b.StrN(rtnl.IFLA_INFO_KIND, "bridge")
	data = b.Nest(rtnl.IFLA_INFO_DATA)
	b.U32(rtnl.IFLA_BR_FORWARD_DELAY, 1550)
	b.BE16(rtnl.IFLA_BR_VLAN_PROTOCOL, 0x88a8)
	b.U8(rtnl.IFLA_BR_VLAN_FILTERING, 1)
	b.End(data)
	b.End(info)
	rtnl.NewAddr(&b, unix.NLM_F_REPLACE, rtnl.IfAddrmsg{Family: unix.AF_INET, PrefixLen: 16, Scope: unix.RT_SCOPE_LINK, Index: 3})
	b.IP(rtnl.IFA_LOCAL, []byte{10, 1, 1, 2})
	rtnl.PutLifetimes(&b, rtnl.Lifetimes{Preferred: 60, Valid: rtnl.Forever})
	rtnl.GetLink(&b, rtnl.IfInfomsg{Family: unix.AF_BRIDGE})
	b.U32(rtnl.IFLA_EXT_MASK, rtnl.ExtVF|rtnl.ExtSkipStats|1<<20)
	p, err := b.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	spans := Spans(p, Options{IfName: func(i int32) string { return map[int32]string{3: "br0"}[i] }})
	checkTiles(t, p, spans)
	var got []string
	name := ""
	for _, s := range spans {
		if s.Name != "" {
			name = s.Name
		}
		got = append(got, name+"="+s.Value)
	}
	all := strings.Join(got, "\n")
	for _, want := range []string{
		"nlmsg_type=RTM_NEWLINK (16)", "nlmsg_flags=REQUEST|ACK|EXCL|CREATE (0x605)", "ifi_type=0", "ifi_flags=UP (0x1)", "ifi_change=UP (0x1)",
		`IFLA_IFNAME="ve\x1bth"`, "IFLA_MTU=1400 bytes", `IFLA_MASTER=3, "br0"`, `IFLA_INFO_KIND="veth"`, `IFLA_IFNAME="peer0"`,
		`ifi_index=3, "br0"`, "IFLA_BR_FORWARD_DELAY=1550 (15.5 s)", "IFLA_BR_VLAN_PROTOCOL=802.1ad (34984), big-endian", "IFLA_BR_VLAN_FILTERING=on (1)",
		"nlmsg_flags=REQUEST|ACK|REPLACE (0x105)", "ifa_family=inet (2)", "ifa_scope=link (253)", "IFA_LOCAL=10.1.1.2", "ifa_prefered=60 s", "ifa_valid=4294967295 s, without end",
		"ifi_family=bridge (7)", "IFLA_EXT_MASK=VF|SKIP_STATS|0x100000 (0x100009)",
	} {
		if !strings.Contains("\n"+all+"\n", "\n"+want+"\n") {
			t.Errorf("no %q in\n%s", want, all)
		}
	}
}

// One bit of nlmsg_flags has several meanings.
func TestFlagsByType(t *testing.T) {
	for _, c := range []struct {
		typ, flags uint16
		want       string
	}{
		{unix.RTM_NEWROUTE, 0x100, "REPLACE (0x100)"}, {unix.RTM_GETROUTE, 0x100, "ROOT (0x100)"}, {unix.RTM_GETROUTE, 0x301, "REQUEST|DUMP (0x301)"},
		{unix.RTM_DELROUTE, 0x300, "NONREC|BULK (0x300)"}, {unix.NLMSG_ERROR, 0x300, "CAPPED|ACK_TLVS (0x300)"}, {unix.NLMSG_DONE, 2, "MULTI (0x2)"},
		{unix.RTM_SETLINK, 0x400, "CREATE (0x400)"}, {unix.RTM_NEWLINK, 0x8000, "0x8000 (0x8000)"},
	} {
		p := make([]byte, 16)
		binary.NativeEndian.PutUint32(p, 16)
		binary.NativeEndian.PutUint16(p[4:], c.typ)
		binary.NativeEndian.PutUint16(p[6:], c.flags)
		if got := Spans(p, Options{})[2].Value; got != c.want {
			t.Errorf("type %d flags %#x: %q, want %q", c.typ, c.flags, got, c.want)
		}
	}
}

func TestExtendedAck(t *testing.T) {
	var b nl.Builder
	rtnl.NewLink(&b, 0, rtnl.IfInfomsg{Index: 7})
	info := b.Nest(rtnl.IFLA_LINKINFO)
	b.StrN(rtnl.IFLA_INFO_KIND, "vxlan")
	data := b.Nest(rtnl.IFLA_INFO_DATA)
	at := b.Size()
	b.U8(rtnl.IFLA_VXLAN_TTL, 1)
	nest := at - 4
	b.End(data)
	b.End(info)
	req, err := b.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	req = append([]byte(nil), req...)
	for _, capped := range []bool{true, false} {
		ack := append(make([]byte, 16), 0, 0, 0, 0)
		var none [4]byte
		binary.NativeEndian.PutUint32(none[:], 0xffffffde) // -ERANGE
		copy(ack[16:], none[:])
		flags := uint16(unix.NLM_F_ACK_TLVS)
		if capped {
			flags |= unix.NLM_F_CAPPED
			ack = append(ack, req[:16]...)
		} else {
			ack = append(ack, req...)
		}
		var tlv nl.Builder
		tlv.Message(0, 0)
		tlv.Str(1, "out of range")
		tlv.U32(2, uint32(at))
		pol := tlv.Nest(4)
		tlv.U32(1, 4)
		tlv.Blob(4, binary.NativeEndian.AppendUint64(nil, 1))
		tlv.End(pol)
		tlv.U32(5, uint32(rtnl.IFLA_VXLAN_ID))
		tlv.U32(6, uint32(nest))
		x, err := tlv.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		ack = append(ack, x[16:]...)
		binary.NativeEndian.PutUint32(ack, uint32(len(ack)))
		binary.NativeEndian.PutUint16(ack[4:], unix.NLMSG_ERROR)
		binary.NativeEndian.PutUint16(ack[6:], flags)
		spans := Spans(ack, Options{Request: req})
		checkTiles(t, ack, spans)
		all, name := "\n", ""
		for _, s := range spans {
			if s.Name != "" {
				name = s.Name
			}
			all += name + "=" + s.Value + "\n"
		}
		for _, want := range []string{
			"error=-34 ERANGE: numerical result out of range", `NLMSGERR_ATTR_MSG="out of range"`,
			"NLMSGERR_ATTR_OFFS=" + itoa(at) + ", IFLA_LINKINFO/IFLA_INFO_DATA/IFLA_VXLAN_TTL",
			"NL_POLICY_TYPE_ATTR_TYPE=u32 (4)", "NL_POLICY_TYPE_ATTR_MIN_VALUE_U=1",
			"NLMSGERR_ATTR_MISS_TYPE=1, IFLA_VXLAN_ID", "NLMSGERR_ATTR_MISS_NEST=" + itoa(nest) + ", IFLA_LINKINFO/IFLA_INFO_DATA",
			"nlmsg_type=RTM_NEWLINK (16)",
		} {
			if !strings.Contains(all, "\n"+want+"\n") {
				t.Errorf("no %q in%s", want, all)
			}
		}
		if has := strings.Contains(all, `"vxlan"`); has == capped {
			t.Errorf("capped: %v, and the request's attributes are there: %v", capped, has)
		}
	}
	if got := Path(req, at, Options{}); got != rtnl.AttrPath(req, at) {
		t.Errorf("Path is %q, AttrPath %q", got, rtnl.AttrPath(req, at))
	}
}

func itoa(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + string(rune('0'+n%10))
}

// Path agrees with AttrPath at every offset of every golden request.
func TestPathAgreesWithAttrPath(t *testing.T) {
	if hostBig() {
		t.Skip("run by TestByteOrders: the golden requests are a little-endian machine's")
	}
	n := 0
	for line, p := range golden(t) {
		for off := 0; off < len(p); off += 4 {
			want := rtnl.AttrPath(p, off)
			if got := Path(p, off, Options{}); got != want && !strings.Contains(want, "attribute ") {
				// AttrPath does not look behind structures.
				if want != "" {
					t.Errorf("%s: at %d %q, AttrPath says %q", line, off, got, want)
				}
			}
			if want != "" {
				n++
			}
		}
	}
	if n < 300 {
		t.Errorf("only %d attributes", n)
	}
}

// A message cut anywhere still tiles, and what is there is still named.
func TestCutAnywhere(t *testing.T) {
	for _, p := range golden(t) {
		whole := Spans(p, Options{Order: Little})
		for n := range p {
			spans := Spans(p[:n], Options{Order: Little})
			checkTiles(t, p[:n], spans)
			for i, s := range spans {
				if n < 16 || s.Kind == CutShort || s.Kind == Raw || s.Kind == Broken || s.Kind == Attribute || s.Kind == Padding || s.Name == "nlmsg_len" {
					continue
				}
				if i < len(whole) && whole[i] != s {
					t.Fatalf("cut at %d: %+v, whole %+v", n, s, whole[i])
				}
			}
		}
	}
}

// A message may repeat what a sibling chooses thousands of times; the sibling is
// looked for once. (If it were not, this would take seconds.)
func TestManyChoices(t *testing.T) {
	var b nl.Builder
	rtnl.NewLink(&b, 0, rtnl.IfInfomsg{})
	info := b.Nest(rtnl.IFLA_LINKINFO)
	for range 7000 {
		b.End(b.Nest(rtnl.IFLA_INFO_DATA))
		b.End(b.Nest(rtnl.IFLA_INFO_SLAVE_DATA))
	}
	b.End(info)
	p, err := b.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	spans := Spans(p, Options{})
	checkTiles(t, p, spans)
	if n := len(spans); n != 5+6+1+14000 {
		t.Errorf("%d spans", n)
	}
}

func FuzzSpans(f *testing.F) {
	n := 0
	for _, p := range golden(f) {
		if n++; n%7 == 0 {
			f.Add(p, uint8(0), false)
			f.Add(p[:len(p)*2/3], uint8(1), true)
			f.Add(swapped(p, Options{Order: Little}), uint8(2), true)
			f.Add(append(append([]byte(nil), p...), p...), uint8(0), false)
			// Inside an acknowledgement.
			ack := append(make([]byte, 20), p...)
			binary.LittleEndian.PutUint32(ack, uint32(len(ack)))
			binary.LittleEndian.PutUint16(ack[4:], unix.NLMSG_ERROR)
			binary.LittleEndian.PutUint16(ack[6:], unix.NLM_F_ACK_TLVS)
			f.Add(ack, uint8(1), true)
		}
	}
	f.Fuzz(func(t *testing.T, p []byte, order uint8, route bool) {
		if len(p) > 1<<16 {
			return
		}
		o := Options{Order: Order(order % 3), Why: true, Request: p}
		if !route {
			o.Protocol = unix.NETLINK_GENERIC
		}
		checkTiles(t, p, Spans(p, o))
		for _, c := range AppendText(nil, p, TextOptions{Options: o}) {
			if c < ' ' && c != '\n' || c == 0x7f {
				t.Fatalf("the text holds %#x", c)
			}
		}
		if j := AppendJSON(nil, p, o); !json.Valid(j) {
			t.Fatalf("not JSON: %s", j)
		}
		Describe(p, o)
		Summary(p, o)
		Refusal(p, o)
		var r Requests
		r.Note(p, o)
		r.Of(p, o)
	})
}

// Explaining allocates for the words, and for nothing else.
func TestFewAllocations(t *testing.T) {
	for line, p := range golden(t) {
		if !strings.Contains(line, "veth") {
			continue
		}
		spans, words := 0, 0
		for _, s := range Spans(p, Options{Order: Little}) {
			spans++
			if s.Value != "" {
				words++
			}
		}
		n := testing.AllocsPerRun(20, func() {
			Each(p, Options{Order: Little}, func(*Span) bool { return true })
		})
		if int(n) > words+8 {
			t.Errorf("%s: %v allocations for %d spans", line, n, spans)
		}
	}
}
