package ping

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// testSession is a session without a socket: what it prints stays in w.B.
func testSession(t testing.TB, typ int, args ...string) *session {
	t.Helper()
	o := newOptions("ping")
	if err := o.parse(args); err != nil {
		t.Fatal(err)
	}
	targets, err := resolve(o.args[len(o.args)-1], o.family)
	if err != nil {
		t.Fatal(err)
	}
	pattern, err := parsePattern(o.pattern)
	if err != nil {
		t.Fatal(err)
	}
	s := newSession(o, &targets[0], pattern)
	s.w = cli.NewOut(nil)
	s.conn = &conn{fd: -1, typ: typ}
	s.reverse = false
	s.ident = 0x1e5f
	if s.dst.family == unix.AF_INET {
		n := &inet4{name: s.name4}
		s.proto = n
		skip := icmpHeader
		if s.timed {
			skip += clockSize
		}
		n.dataSum = sum(0, s.request[skip:])
	} else {
		s.proto = &inet6{}
	}
	return s
}

func (s *session) printed() string {
	p := string(s.w.B)
	s.w.B = s.w.B[:0]
	return p
}

// from makes message.from say that a packet came from a.
func (s *session) from(a *address) {
	s.message.hdr.Namelen = uint32(copy(s.message.name[:], a.rawSockaddr(0, 0)))
}

// The checksums are added up by hand.
func TestBuild4(t *testing.T) {
	for _, c := range []struct {
		args string
		seq  int64
		want string
	}{
		{"-s 0 127.0.0.1", 1, "08 00 d99f 1e5f 0001"},
		{"-s 3 -p ff 127.0.0.1", 1, "08 00 da9e 1e5f 0001 ffffff"},
		{"-s 1 127.0.0.1", 2, "08 00 d99e 1e5f 0002 00"},
		{"-s 7 127.0.0.1", 65536, "08 00 cd97 1e5f 0000 00010203040506"},
	} {
		s := testSession(t, unix.SOCK_RAW, strings.Fields(c.args)...)
		s.sent = c.seq - 1
		s.proto.build(s)
		if want := unhex(t, c.want); !bytes.Equal(s.request, want) {
			t.Errorf("ping %s, number %d: %x, want %x", c.args, c.seq, s.request, want)
		}
	}
}

func TestBuild4Checksum(t *testing.T) {
	for size := range 200 {
		s := testSession(t, unix.SOCK_RAW, "-s", string(cli.NewOut(nil).D(int64(size)).B), "10.1.1.2")
		s.sent = int64(rand.IntN(1 << 17))
		before := time.Now().Truncate(time.Microsecond)
		s.proto.build(s)
		if fold(sum(0, s.request)) != 0 {
			t.Fatalf("size %d: the checksum is wrong: %x", size, s.request)
		}
		if size < clockSize {
			continue
		}
		took := parseClock(echo(s.request).data()).since(clockOf(before))
		if took < 0 || took > int64(time.Since(before).Microseconds())+1 {
			t.Fatalf("size %d: sent %d us after it was built", size, took)
		}
		for i, b := range s.request[icmpHeader+clockSize:] {
			if b != byte(clockSize+i) {
				t.Fatalf("size %d: data byte %d is %d", size, clockSize+i, b)
			}
		}
	}
}

func TestBuild6(t *testing.T) {
	s := testSession(t, unix.SOCK_DGRAM, "-s", "2", "::1")
	if f := s.proto.build(s); f != 0 {
		t.Errorf("flags %#x before any reply", f)
	}
	if want := unhex(t, "80 00 0000 1e5f 0001 0001"); !bytes.Equal(s.request, want) {
		t.Errorf("%x, want %x", s.request, want)
	}
	s.from(&s.dst)
	s.proto.reply(s, unhex(t, "81 00 0000 1e5f 0001 0001"), &received{hops: 64})
	if f := s.proto.build(s); f != unix.MSG_CONFIRM {
		t.Errorf("flags %#x after a reply", f)
	}
	if f := s.proto.build(s); f != 0 {
		t.Errorf("flags %#x without another reply", f)
	}
}

// RFC 1071's example, and an odd length.
func TestChecksum(t *testing.T) {
	if got := ^fold(sum(0, unhex(t, "0001 f203 f4f5 f6f7"))); got != 0xddf2 {
		t.Errorf("%#x", got)
	}
	if got := fold(sum(0, []byte{0x12})); got != ^uint16(0x1200) {
		t.Errorf("odd: %#x", got)
	}
	p := make([]byte, 1001)
	for i := range p {
		p[i] = byte(rand.Uint32())
	}
	if whole, parts := fold(sum(0, p)), fold(sum(sum(0, p[:500]), p[500:])); whole != parts {
		t.Errorf("whole %#x, in parts %#x", whole, parts)
	}
}

func TestClockSince(t *testing.T) {
	for _, c := range []struct {
		a, b clock
		want int64
	}{
		{clock{10, 5}, clock{10, 2}, 3},
		{clock{11, 0}, clock{10, 999999}, 1},
		{clock{10, 0}, clock{11, 0}, -1000000},
	} {
		if got := c.a.since(c.b); got != c.want {
			t.Errorf("%v - %v = %d, want %d", c.a, c.b, got, c.want)
		}
	}
	for _, far := range []clock{{math.MinInt64, 0}, {math.MaxInt64, math.MaxInt64}, {0, math.MinInt64}} {
		if got := (clock{1e9, 5}).since(far); got > 1<<58 || got < -1<<58 {
			t.Errorf("since %v: %d", far, got)
		}
	}
	// After 2038 seconds do not fit 32 bits; differences do.
	p := make([]byte, clockSize)
	putClock(p, time.Unix(1<<31+5, 7000))
	if got := clockOf(time.Unix(1<<31+6, 9000)).since(parseClock(p)); got != 1000002 {
		t.Errorf("in 2038: %d", got)
	}
}

const quotedHeader = "4500 0024 1234 4000 4001 0000 0a010101 0a010102"

func TestReply4(t *testing.T) {
	ip := func(icmp string) string { return "4500 0000 0000 0000 3f01 0000 0a010102 0a010101" + icmp }
	reply := "00 00 e09d 1e5f 0001 0102"
	for _, c := range []struct {
		name, packet string
		typ          int
		args         string
		foreign      bool
		want         string
	}{
		{"raw", ip(reply), unix.SOCK_RAW, "", false, "10 bytes from 10.1.1.2: icmp_seq=1 ttl=63\n"},
		{"datagram", reply, unix.SOCK_DGRAM, "", false, "10 bytes from 10.1.1.2: icmp_seq=1 ttl=64\n"},
		{"verbose", ip(reply), unix.SOCK_RAW, "-v", false, "10 bytes from 10.1.1.2: icmp_seq=1 ident=7775 ttl=63\n"},
		{"quiet", ip(reply), unix.SOCK_RAW, "-q", false, ""},
		{"audible", reply, unix.SOCK_DGRAM, "-a", false, "10 bytes from 10.1.1.2: icmp_seq=1 ttl=64\a\n"},
		{"flood", reply, unix.SOCK_DGRAM, "-f", false, "\b \b"},
		{"truncated", "00 00 e1a0 1e5f 0001", unix.SOCK_DGRAM, "", false, "8 bytes from 10.1.1.2: icmp_seq=1 ttl=64 (truncated)\n"},
		{"damaged", "00 00 e09f 1e5f 0001 0102", unix.SOCK_DGRAM, "", false, "10 bytes from 10.1.1.2: icmp_seq=1 ttl=64 (BAD CHECKSUM!)\n"},
		{"another's identifier", ip("00 00 e09e 1e60 0001 0102"), unix.SOCK_RAW, "", true, ""},
		{"an echo", ip("08 00 0000 1e5f 0001 0102"), unix.SOCK_RAW, "", true, ""},
		{"too short for ICMP", "00 00 e09e 1e5f 00", unix.SOCK_DGRAM, "", true, ""},
		{"too short for IP", "4500 0000 0000", unix.SOCK_RAW, "", true, ""},
		{"a header of 16 bytes", "44" + ip(reply)[2:], unix.SOCK_RAW, "", true, ""},
		{"a header longer than the packet", "4f" + ip(reply)[2:], unix.SOCK_RAW, "", true, ""},
		{"recorded route", "48" + ip("")[2:] + "01 07 0b 0c 0a010102 0a010101" + reply, unix.SOCK_RAW, "", false,
			"10 bytes from 10.1.1.2: icmp_seq=1 ttl=63\nNOP\nRR: \t10.1.1.2\n\t10.1.1.1\n\n"},
		{"redirect", ip("05 01 0000 0a010163" + quotedHeader + "08 00 0000 1e5f 0003"), unix.SOCK_RAW, "", true,
			"From 10.1.1.2: icmp_seq=3 (BAD CHECKSUM)Redirect Host(New nexthop: 10.1.1.99)\n"},
		{"redirect of another's", ip("05 01 0000 0a010163" + quotedHeader + "08 00 0000 1e60 0003"), unix.SOCK_RAW, "", true, ""},
		{"redirect, cut short", ip("05 01 0000 0a010163" + quotedHeader + "08 00 0000 1e5f 00"), unix.SOCK_RAW, "", true, ""},
		{"unreachable comes by the error queue", ip("03 01 0000 00000000" + quotedHeader + "08 00 0000 1e5f 0003"), unix.SOCK_RAW, "", false, ""},
		{"timestamp reply", ip("0e 00 f1ff 0000 0000"), unix.SOCK_RAW, "", false, ""},
	} {
		s := testSession(t, c.typ, append(strings.Fields(c.args), "-s", "2", "10.1.1.2")...)
		s.request[8], s.request[9] = 1, 2
		s.from(&s.dst)
		s.sent = 1
		if foreign := s.proto.reply(s, unhex(t, c.packet), &received{hops: 64}); foreign != c.foreign {
			t.Errorf("%s: foreign %v", c.name, foreign)
		}
		if got := s.printed(); got != c.want {
			t.Errorf("%s:\n%q, want\n%q", c.name, got, c.want)
		}
	}
}

func TestReplyOddities(t *testing.T) {
	s := testSession(t, unix.SOCK_DGRAM, "-s", "0", "::2")
	s.sent = 1
	reply := unhex(t, "81 00 0000 0000 0001")
	other := address6([16]byte{0: 0xfd, 15: 9}, 0)
	s.from(&s.dst)
	s.proto.reply(s, reply, &received{hops: -1})
	s.proto.reply(s, reply, &received{hops: 5})
	s.from(&other)
	s.proto.reply(s, reply, &received{hops: 5})
	want := "8 bytes from ::2: icmp_seq=1\n" +
		"8 bytes from ::2: icmp_seq=1 ttl=5 (DUP!)\n" +
		"8 bytes from fd00::9: icmp_seq=1 ttl=5 (DUP!) (DIFFERENT ADDRESS!)\n"
	if got := s.printed(); got != want {
		t.Errorf("%q, want\n%q", got, want)
	}
	if s.received != 1 || s.repeats != 2 {
		t.Errorf("%d received, %d repeats", s.received, s.repeats)
	}
}

func TestWrongData(t *testing.T) {
	s := testSession(t, unix.SOCK_DGRAM, "-s", "50", "::1")
	s.sent = 1
	s.from(&s.dst)
	s.proto.build(s)
	sent := parseClock(echo(s.request).data())
	p := bytes.Clone(s.request)
	p[0] = icmp6EchoReply
	p[8+40] = 0xff
	s.proto.reply(s, p, &received{hops: 64, at: clock{sent.sec, sent.usec + 45}})
	got := s.printed()
	for _, want := range []string{"58 bytes from ::1: icmp_seq=2 ttl=64 time=0.045 ms\nwrong data byte #40 should be 0x28 but was 0xff\n#",
		" ff 29 2a 2b 2c 2d 2e 2f \n#48\t30 31 \n"} {
		if clockSize == 16 && !strings.Contains(got, want) {
			t.Errorf("%q lacks %q", got, want)
		}
	}
}

func TestQueuedError(t *testing.T) {
	ee := make([]byte, 16, 64)
	binary.NativeEndian.PutUint32(ee, uint32(unix.EHOSTUNREACH))
	ee[4], ee[5], ee[6] = unix.SO_EE_ORIGIN_ICMP, icmpUnreachable, 1
	gateway := address4([4]byte{10, 1, 1, 254})
	e, ok := parseQueuedError(append(ee, gateway.rawSockaddr(0, 0)...))
	if !ok || e.errno != uint32(unix.EHOSTUNREACH) || e.typ != icmpUnreachable || string(e.offender) != "\x0a\x01\x01\xfe" {
		t.Fatalf("%+v %v", e, ok)
	}
	for _, args := range []string{"", "-q", "-f", "-D"} {
		s := testSession(t, unix.SOCK_DGRAM, append(strings.Fields(args), "10.1.1.2")...)
		s.sent = 3
		if s.proto.failed(s, &e, unhex(t, "08 00 0000 1e5f 0003")) {
			t.Fatal("foreign")
		}
		got := s.printed()
		if args == "-D" {
			_, got, _ = strings.Cut(got, "] ")
		}
		want := map[string]string{"-q": "", "-f": "\bE"}
		w, short := want[args]
		if !short {
			w = "From 10.1.1.254 icmp_seq=3 Destination Host Unreachable\n"
		}
		if got != w || s.errors != 1 || s.inFlight() != 0 {
			t.Errorf("%s: %q, %d errors, %d in flight", args, got, s.errors, s.inFlight())
		}
	}
	if _, ok := parseQueuedError(ee[:15]); ok {
		t.Error("15 bytes were enough")
	}
}

func TestICMPTexts(t *testing.T) {
	gateway := func() string { return "10.0.0.1" }
	for _, c := range []struct {
		typ, code byte
		info      uint32
		want      string
	}{
		{3, 0, 0, "Destination Net Unreachable"}, {3, 1, 0, "Destination Host Unreachable"}, {3, 4, 1400, "Frag needed and DF set (mtu = 1400)"},
		{3, 13, 0, "Packet filtered"}, {3, 15, 0, "Precedence Cutoff"}, {3, 16, 0, "Dest Unreachable, Bad Code: 16"},
		{5, 1, 0, "Redirect Host(New nexthop: 10.0.0.1)"}, {5, 9, 0, "Redirect, Bad Code: 9(New nexthop: 10.0.0.1)"},
		{11, 0, 0, "Time to live exceeded"}, {11, 1, 0, "Frag reassembly time exceeded"}, {11, 7, 0, "Time exceeded, Bad Code: 7"},
		{12, 0, 20, "Parameter problem: pointer = 20"}, {4, 0, 0, "Source Quench"}, {99, 0, 0, "Bad ICMP type: 99"},
	} {
		o := cli.NewOut(nil)
		printICMP4(o, c.typ, c.code, c.info, gateway)
		if string(o.B) != c.want+"\n" {
			t.Errorf("IPv4 %d/%d: %q", c.typ, c.code, o.B)
		}
	}
	for _, c := range []struct {
		typ, code byte
		info      uint32
		want      string
	}{
		{1, 0, 0, "Destination unreachable: No route"}, {1, 3, 0, "Destination unreachable: Address unreachable"},
		{1, 7, 0, "Destination unreachable: Unknown code 7"}, {2, 0, 1280, "Packet too big: mtu=1280"}, {2, 1, 1280, "Packet too big: mtu=1280, code=1"},
		{3, 0, 0, "Time exceeded: Hop limit"}, {3, 2, 0, "Time exceeded: code 2"}, {4, 1, 6, "Parameter problem: Unknown header at 6"},
		{4, 9, 6, "Parameter problem: code 9 at 6"}, {132, 0, 0, "MLD Reduction"}, {200, 0, 0, "unknown icmp type: 200"},
	} {
		o := cli.NewOut(nil)
		printICMP6(o, c.typ, c.code, c.info)
		if string(o.B) != c.want {
			t.Errorf("IPv6 %d/%d: %q", c.typ, c.code, o.B)
		}
	}
}

func TestOptionTexts(t *testing.T) {
	name := func(ip []byte) string { return string(cli.AppendIP(nil, ip)) }
	for _, c := range []struct{ options, want string }{
		{"", ""}, {"00 ff", ""}, {"01 01", "\nNOP\nNOP"}, {"07", ""}, {"07 01 04", ""}, {"07 09 04 0a000001", ""},
		{"07 0b 08 0a000001 00000000", "\nRR: \t10.0.0.1\n"},
		{"07 07 08 00000000", "\nRR: \t0.0.0.0\n"},
		{"07 07 ff 0a000001", "\nRR: \t10.0.0.1\n"}, // a pointer that lies
		{"07 07 00 0a000001", ""},
		{"83 07 08 0a000001", "\nLSRR: \t10.0.0.1\n"}, {"89 07 08 0a000001", "\nSSRR: \t10.0.0.1\n"}, {"83 03 04", "\nLSRR: "},
		{"44 0c 0d 00 00000005 00000007", "\nTS: \t5 absolute\n\t2\n"},
		{"44 0c 0d 31 0a000001 80000007", "\nTS: \t10.0.0.1\t7 absolute not-standard\nUnrecorded hops: 3\n"},
		{"44 04 05 00", ""}, {"44 06 ff 01 0a00", "\nTS: "},
		{"14 04 0000", "\nunknown option 14"},
	} {
		o, r := cli.NewOut(nil), optionPrinter{}
		r.print(o, unhex(t, c.options), name, false)
		if string(o.B) != c.want {
			t.Errorf("%s: %q, want %q", c.options, o.B, c.want)
		}
	}
	o, r := cli.NewOut(nil), optionPrinter{}
	for range 2 {
		r.print(o, unhex(t, "07 07 08 0a000001"), name, false)
	}
	if want := "\nRR: \t10.0.0.1\n\t(same route)"; string(o.B) != want {
		t.Errorf("twice: %q, want %q", o.B, want)
	}
}

func TestRouteOption(t *testing.T) {
	hops := [][4]byte{{10, 0, 0, 1}, {10, 0, 0, 2}}
	for _, c := range []struct {
		o    options
		hops [][4]byte
		want string
	}{
		{options{stamps: -1}, nil, ""},
		{options{stamps: -1, recordRoute: true}, nil, "01072704" + strings.Repeat("00", 36)},
		{options{stamps: stampsOnly}, nil, "44280500" + strings.Repeat("00", 36)},
		{options{stamps: stampsAndAddresses}, nil, "44240501" + strings.Repeat("00", 32)},
		{options{stamps: stampsPrespecified}, hops, "44140503 0a000001 00000000 0a000002 00000000"},
		{options{stamps: -1}, hops, "01830b04 0a000001 0a000002"},
		{options{stamps: -1, direct: true}, hops[:1], "01890704 0a000001"},
	} {
		if got := c.o.routeOption(c.hops); !bytes.Equal(got, unhex(t, c.want)) {
			t.Errorf("%+v %v: %x, want %s", c.o, c.hops, got, c.want)
		}
	}
}

func quietStderr(f testing.TB) {
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		f.Fatal(err)
	}
	old := cli.Stderr
	cli.Stderr = cli.NewOut(null)
	f.Cleanup(func() { cli.Stderr = old; null.Close() })
}

// Whatever comes from the network, nothing panics, and the counters stay
// within what was received.
func FuzzReply(f *testing.F) {
	quietStderr(f)
	f.Add(unhex(f, "4500 0000 0000 0000 3f01 0000 0a010102 0a010101 00 00 e09d 1e5f 0001 0102"), true, true, uint16(1))
	f.Add(unhex(f, "48 00 0000 0000 0000 3f01 0000 0a010102 0a010101 01 07 0b 0c 0a010102 0a010101 00 00 e09d 1e5f 0001 0102"), true, true, uint16(1))
	f.Add(unhex(f, "4500 0000 0000 0000 3f01 0000 0a010102 0a010101 05 01 0000 0a010163"+quotedHeader+"08 00 0000 1e5f 0003"), true, true, uint16(9))
	f.Add(unhex(f, "81 00 0000 1e5f 0001 0001"), false, false, uint16(1))
	f.Fuzz(func(t *testing.T, p []byte, v4, raw bool, sent uint16) {
		typ, dst := unix.SOCK_DGRAM, "::1"
		if raw {
			typ = unix.SOCK_RAW
		}
		if v4 {
			dst = "10.1.1.2"
		}
		s := testSession(t, typ, "-v", "-s", "20", dst)
		s.from(&s.dst)
		s.sent = int64(sent)
		for range 2 {
			s.proto.reply(s, p, &received{hops: 64, at: clockOf(time.Now()), options: p[:min(len(p), optMax)]})
		}
		if n := s.received + s.repeats + s.corrupt; n > 2 || s.received > 1 {
			t.Fatalf("%d received, %d repeats, %d damaged of 2", s.received, s.repeats, s.corrupt)
		}
		s.summary(s.w, "host", time.Second, true)
		s.status(s.w)
		for _, c := range s.w.B {
			if c < ' ' && c != '\n' && c != '\t' && c != '\r' {
				t.Fatalf("control bytes are printed: %q", s.w.B)
			}
		}
	})
}

func FuzzControls(f *testing.F) {
	var p []byte
	p = append(p, unix.PktInfo6(&unix.Inet6Pktinfo{Ifindex: 3})...)
	f.Add(p)
	h := make([]byte, unix.CmsgSpace(44))
	if clockSize == 16 {
		binary.NativeEndian.PutUint64(h, uint64(unix.CmsgLen(44)))
		binary.NativeEndian.PutUint32(h[8:], unix.SOL_IP)
		binary.NativeEndian.PutUint32(h[12:], unix.IP_RECVERR)
	}
	f.Add(h)
	f.Fuzz(func(t *testing.T, p []byte) {
		// The kernel's buffer is aligned; so must this one be.
		var m message
		n := copy(m.controlRoom(), p)
		m.hdr.SetControllen(n)
		if r := parseControls(m.controls()); len(r.options) > n {
			t.Fatalf("%d bytes of options in %d", len(r.options), n)
		}
		if e, ok := findQueuedError(m.controls()); ok && len(e.offender) != 0 && len(e.offender) != 4 && len(e.offender) != 16 {
			t.Fatalf("an address of %d bytes", len(e.offender))
		}
	})
}
