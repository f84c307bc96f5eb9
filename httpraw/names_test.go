package httpraw

import (
	"encoding/binary"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestParseURL(t *testing.T) {
	for in, want := range map[string]string{
		"10.1.1.2:8080":                 "10.1.1.2 8080 / 10.1.1.2:8080",
		"http://10.1.1.2":               "10.1.1.2 80 / 10.1.1.2",
		"HTTP://Host:80/":               "Host 80 / Host",
		"http://host:/":                 "host 80 / host",
		"http://host:0080/":             "host 80 / host",
		"host/a/b?c=d/../e#f":           "host 80 /a/b?c=d/../e host",
		"host?x":                        "host 80 /?x host",
		"host#x":                        "host 80 / host",
		"host/a/./b/../c/..":            "host 80 /a/ host",
		"host/../../a":                  "host 80 /a host",
		"host/a//b/":                    "host 80 /a//b/ host",
		"host/.":                        "host 80 / host",
		"host/é?ü":                      "host 80 /%c3%a9?%c3%bc host",
		"host/%2e%2e/a":                 "host 80 /%2e%2e/a host",
		"http://[::1]:8080/x":           "::1 8080 /x [::1]:8080",
		"[fe80::1%25eth0]":              "fe80::1%eth0 80 / [fe80::1]",
		"[fe80::1%3]:81":                "fe80::1%3 81 / [fe80::1]:81",
		"host:65535":                    "host 65535 / host:65535",
		"host/http://other":             "host 80 /http://other host",
		"host:8080/a:b@c":               "host 8080 /a:b@c host:8080",
		"under_score.example.":          "under_score.example. 80 / under_score.example.",
		"":                              "bad",
		"http://":                       "bad",
		"http:///a":                     "bad",
		"http://:80":                    "bad",
		"host:65536":                    "bad",
		"host:123456":                   "bad",
		"host:x":                        "bad",
		"host:-1":                       "bad",
		"host:80:80":                    "bad",
		"user@host":                     "bad",
		"user:pw@host":                  "bad",
		"a b":                           "bad",
		"host/a b":                      "bad",
		"host/\n":                       "bad",
		"host/\x00":                     "bad",
		"host/\x7f":                     "bad",
		"[::1":                          "bad",
		"[::1]x":                        "bad",
		"[nonsense]":                    "bad",
		"[fe80::1%25]":                  "bad",
		"::1":                           "bad",
		"hö":                            "bad",
		".":                             "bad",
		"https://host":                  "https",
		"FTP://host":                    "FTP",
		strings.Repeat("a", 300):        "bad",
		"http://host:80\\@other/":       "bad",
		"http://" + "host" + ":" + "0/": "host 0 / host:0",
	} {
		u, err := ParseURL(in)
		got := "bad"
		if err == nil {
			got = u.Host + " " + Addr{Port: u.Port}.String()[1:] + " " + u.Target + " " + u.Header
		} else if kind(err) == BadScheme {
			got = err.(*Error).Host
		}
		if got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}

// net/netip is the oracle for addresses.
func FuzzAddr(f *testing.F) {
	for _, s := range []string{"10.1.1.2:8080", "[::1]:80", "[1:2:3:4:5:6:7:8]:0", "[::ffff:1.2.3.4]:1", "[1::1.2.3.4]:1", "[1.2.3.4::]:1",
		"[1:2:3:4:5:6:1.2.3.4]:1", "01.2.3.4:1", "[1::2::3]:4", "[::]:65536", "[1:2:3:4:5:6:7::]:1", "[:::1]:1", "[12345::]:1", "[1:0:0:2::]:1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		want, err := netip.ParseAddrPort(s)
		if strings.Contains(s, "%") || !strings.Contains(s, ":") || s[0] == ':' || strings.HasPrefix(s, "[") != want.Addr().Is6() && err == nil {
			return // zones, and what is ours alone
		}
		if len(s)-strings.LastIndexByte(s, ':') > 6 {
			return // netip takes any number of zeros before a port
		}
		got, gotErr := ParseAddr(s)
		if (gotErr == nil) != (err == nil) {
			t.Fatalf("ParseAddr(%q): %v, netip: %v", s, gotErr, err)
		}
		if err != nil {
			return
		}
		ip := netip.AddrFrom16(got.IP)
		if got.Is4 {
			ip = netip.AddrFrom4([4]byte(got.IP[:4]))
		}
		if ip != want.Addr() || got.Port != want.Port() {
			t.Fatalf("ParseAddr(%q) = %v, want %v", s, got, want)
		}
		if back, err := ParseAddr(got.String()); back != got || err != nil {
			t.Fatalf("%q is printed as %q and read back as %v, %v", s, got, back, err)
		}
		if !ip.Is4In6() && got.String() != want.String() {
			t.Fatalf("%q is printed as %q, by netip as %q", s, got, want)
		}
	})
}

func TestZone(t *testing.T) {
	a, err := ParseAddr("[fe80::1%lo]:1")
	if err != nil || a.Zone == 0 {
		t.Fatalf("%+v, %v", a, err)
	}
	if b, err := ParseAddr(a.String()); b != a || err != nil {
		t.Errorf("%v read back as %v, %v", a, b, err)
	}
	for _, s := range []string{"[fe80::1%nosuchif]:1", "[fe80::1%]:1", "[fe80::1%0]:1", "[fe80::1%" + strings.Repeat("x", 50) + "]:1"} {
		if a, err := ParseAddr(s); err == nil {
			t.Errorf("%s: %+v", s, a)
		}
	}
}

func hosts(addrs []Addr) string {
	var s []string
	for _, a := range addrs {
		s = append(s, a.Host())
	}
	return strings.Join(s, " ")
}

func TestInHosts(t *testing.T) {
	const file = "# comment\n127.0.0.1 localhost\n::1\tlab lab6\n10.0.0.1 lab www.lab # lab2\n10.0.0.2 other LAB\nbad lab\n10.0.0.3"
	for name, want := range map[string]string{"lab": "10.0.0.1 10.0.0.2 ::1", "www.lab": "10.0.0.1", "lab2": "", "lab6": "::1", "x": "", "10.0.0.1": ""} {
		addrs, proper := inHosts(file, name)
		if got := hosts(addrs); got != want || want != "" && proper != strings.TrimSuffix(name, "6") && name != "www.lab" {
			t.Errorf("%s: %s, %s, want %s", name, got, proper, want)
		}
	}
}

func TestParseResolv(t *testing.T) {
	c := parseResolv("; x\nnameserver 10.0.0.1\nnameserver ::1\nnameserver bad\nnameserver 1.1.1.1\nnameserver 2.2.2.2\n" +
		"domain first\nsearch A.example b.\noptions ndots:3 timeout:2 attempts:99 rotate timeout:x\n")
	if hosts(c.servers) != "10.0.0.1 ::1 1.1.1.1" || strings.Join(c.search, " ") != "a.example b" || c.ndots != 3 || c.timeout != 2*time.Second || c.attempts != 5 {
		t.Errorf("%+v", c)
	}
	if c = parseResolv(""); hosts(c.servers) != "127.0.0.1" || c.ndots != 1 || c.timeout != 5*time.Second || c.attempts != 2 {
		t.Errorf("%+v", c)
	}
}

// record appends a resource record.
func record(b []byte, name []byte, kind uint16, data ...byte) []byte {
	b = append(b, name...)
	b = binary.BigEndian.AppendUint16(b, kind)
	b = append(b, 0, classIN, 0, 0, 0, 60)
	return append(binary.BigEndian.AppendUint16(b, uint16(len(data))), data...)
}

// reply answers the question q.
func reply(q []byte, flags, rcode byte, answers int) []byte {
	b := append([]byte(nil), q...)
	b[2] |= flagQR | flags
	b[3] = rcode
	b[7] = byte(answers)
	return b
}

var toQuestion = []byte{0xc0, dnsHeader}

// dnsServer answers on a UDP and a TCP socket of one port what answer makes of
// each question: any number of messages. tcp says how it was asked.
func dnsServer(t *testing.T, answer func(name string, kind uint16, q []byte, tcp bool) [][]byte) {
	t.Helper()
	addr := Addr{Is4: true, IP: [16]byte{127, 0, 0, 1}, set: true}
	tcp, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	unix.Bind(tcp, addr.sockaddr())
	unix.Listen(tcp, 5)
	sa, err := unix.Getsockname(tcp)
	if err != nil {
		t.Fatal(err)
	}
	addr = addrOf(sa)
	udp, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.Bind(udp, addr.sockaddr()); err != nil {
		t.Fatal(err)
	}
	done := make(chan bool, 2)
	ask := func(q []byte, tcp bool) [][]byte {
		name, end, ok := dnsName(q, dnsHeader)
		name = strings.ToLower(name)
		if !ok || len(q) != end+4 || string(q[2:dnsHeader]) != "\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00" {
			t.Errorf("a malformed question: %q", q)
			return nil
		}
		return answer(name, binary.BigEndian.Uint16(q[end:]), q, tcp)
	}
	go func() {
		b := make([]byte, 1000)
		for {
			n, from, err := unix.Recvfrom(udp, b, 0)
			if err != nil || n == 0 {
				break
			}
			for _, m := range ask(b[:n], false) {
				unix.Sendto(udp, m, 0, from)
			}
		}
		done <- true
	}()
	go func() {
		for {
			fd, _, err := unix.Accept(tcp)
			if err != nil {
				break
			}
			b := make([]byte, 1000)
			n, _ := unix.Read(fd, b)
			for n < 2 || n < 2+int(b[0])<<8+int(b[1]) {
				m, err := unix.Read(fd, b[n:])
				if m <= 0 || err != nil {
					break
				}
				n += m
			}
			for _, m := range ask(b[2:n], true) {
				unix.Write(fd, binary.BigEndian.AppendUint16(nil, uint16(len(m))))
				unix.Write(fd, m[:1]) // the rest comes apart
				unix.Write(fd, m[1:])
			}
			unix.Close(fd)
		}
		done <- true
	}()
	oldFile, oldPort, oldHosts := resolvFile, dnsPort, hostsFile
	resolvFile, hostsFile, dnsPort = t.TempDir()+"/resolv.conf", "/dev/null", addr.Port
	os.WriteFile(resolvFile, []byte("nameserver 127.0.0.1\nsearch lab.example\noptions timeout:1 attempts:1\n"), 0o644)
	t.Cleanup(func() {
		unix.Shutdown(udp, unix.SHUT_RD)
		unix.Shutdown(tcp, unix.SHUT_RD)
		<-done
		<-done
		unix.Close(udp)
		unix.Close(tcp)
		resolvFile, dnsPort, hostsFile = oldFile, oldPort, oldHosts
	})
}

func TestLookup(t *testing.T) {
	v6 := make([]byte, 16)
	v6[15] = 9
	dnsServer(t, func(name string, kind uint16, q []byte, tcp bool) [][]byte {
		one := func(b []byte) [][]byte { return [][]byte{b} }
		both := func(r func() []byte) [][]byte {
			if kind == typeA {
				return one(record(r(), toQuestion, typeA, 10, 0, 0, 7))
			}
			return one(record(r(), toQuestion, typeAAAA, v6...))
		}
		switch name {
		case "both.example.":
			return both(func() []byte { return reply(q, 0, 0, 1) })
		case "short.lab.example.":
			return both(func() []byte { return reply(q, 0, 0, 1) })
		case "only6.example.":
			if kind == typeA {
				return one(reply(q, 0, 0, 0))
			}
			return both(func() []byte { return reply(q, 0, 0, 1) })
		case "alias.example.": // two steps, the last record with a name of its own
			to := []byte("\x04real\x07example\x00")
			r := record(reply(q, 0, 0, 3), toQuestion, typeCNAME, []byte("\x03Mid\x07EXAMPLE\x00")...)
			r = record(r, []byte("\x03mid\x07example\x00"), typeCNAME, to...)
			return one(record(r, to, kind, map[uint16][]byte{typeA: {10, 0, 0, 8}, typeAAAA: v6}[kind]...))
		case "stray.example.": // addresses of others are not taken
			r := record(reply(q, 0, 0, 2), []byte("\x05other\x00"), typeA, 6, 6, 6, 6)
			return one(record(r, toQuestion, typeA, 1, 2, 3)) // nor one of three bytes
		case "forged.example.": // only the last is an answer
			other := reply(q, 0, 0, 1)
			other[0] ^= 1
			question := append([]byte(nil), q...)
			wrong := record(append(append(question[:dnsHeader:dnsHeader], "\x06FORGET"...), q[dnsHeader+7:]...), toQuestion, typeA, 6, 6, 6, 6)
			wrong[2] |= flagQR
			return append([][]byte{{}, {1}, q, record(other, toQuestion, kind, 6, 6, 6, 6), wrong, wrong[:20]},
				both(func() []byte { return reply(q, 0, 0, 1) })...)
		case "long.example.":
			if tcp {
				return both(func() []byte { return reply(q, 0, 0, 1) })
			}
			return one(reply(q, flagTC, 0, 0))
		case "fails.example.":
			return one(reply(q, 0, 2, 0))
		case "cut.example.":
			return one(reply(q, 0, 0, 1))
		case "silent.example.":
			return nil
		}
		return one(reply(q, 0, rcodeNXDomain, 0))
	})
	os.WriteFile(resolvFile+".hosts", []byte("10.9.9.9 known.example known\n"), 0o644)
	hostsFile = resolvFile + ".hosts"
	for _, c := range []struct {
		name, want, proper string
		err                error
	}{
		{"1.2.3.4", "1.2.3.4", "1.2.3.4", nil},
		{"fd00::1", "fd00::1", "fd00::1", nil},
		{"known", "10.9.9.9", "known.example", nil},
		{"both.example", "10.0.0.7 ::9", "both.example", nil},
		{"BOTH.example.", "10.0.0.7 ::9", "BOTH.example", nil},
		{"short", "10.0.0.7 ::9", "short.lab.example", nil},
		{"short.", "", "", ErrNoName},
		{"only6.example", "::9", "only6.example", nil},
		{"alias.example", "10.0.0.8 ::9", "real.example", nil},
		{"stray.example", "", "", ErrNoAddress},
		{"forged.example", "10.0.0.7 ::9", "forged.example", nil},
		{"long.example", "10.0.0.7 ::9", "long.example", nil},
		{"fails.example", "", "", ErrNameServer},
		{"cut.example", "", "", ErrNameServer},
		{"nosuch.example", "", "", ErrNoName},
		{"silent.example", "", "", ErrNameServer},
		{"a..b", "", "", ErrBadName},
		{"", "", "", ErrBadName},
		{".", "", "", ErrBadName},
		{"a b", "", "", ErrBadName},
		{strings.Repeat("a", 64) + ".example", "", "", ErrBadName},
		{"fe80::1%nosuchif", "", "", ErrBadName},
	} {
		got, proper, err := Lookup(c.name, deadline())
		if hosts(got) != c.want || proper != c.proper || err != c.err {
			t.Errorf("%s: %q, %q, %v, want %q, %q, %v", c.name, hosts(got), proper, err, c.want, c.proper, c.err)
		}
	}
	for name, want := range map[string]string{"localhost": "127.0.0.1 ::1", "a.Localhost.": "127.0.0.1 ::1", "known": "10.9.9.9", "short": "10.0.0.7 ::9"} {
		if got, err := lookupWeb(name, limit{}); hosts(got) != want || err != nil {
			t.Errorf("%s: %q, %v, want %q", name, hosts(got), err, want)
		}
	}
	// The caller's time counts, too.
	if got, _, err := Lookup("silent.example", time.Now().Add(50*time.Millisecond)); err != errDeadline {
		t.Errorf("silent.example: %v, %v", got, err)
	}
}

// A server that is not there is not waited for.
func TestLookupAddr(t *testing.T) {
	dnsServer(t, func(name string, kind uint16, q []byte, tcp bool) [][]byte {
		if kind != typePTR {
			t.Errorf("type %d is asked for", kind)
		}
		one := func(b []byte) [][]byte { return [][]byte{b} }
		switch name {
		case "7.0.0.10.in-addr.arpa.":
			return one(record(reply(q, 0, 0, 1), toQuestion, typePTR, []byte("\x05seven\x07example\x00")...))
		case "8.0.0.10.in-addr.arpa.": // delegated without classes, RFC 2317
			to := []byte("\x018\x04half\x07example\x00")
			r := record(reply(q, 0, 0, 2), toQuestion, typeCNAME, to...)
			return one(record(r, to, typePTR, []byte("\x05eight\x07example\x00")...))
		case "9.0.0.10.in-addr.arpa.":
			return one(record(reply(q, 0, 0, 1), toQuestion, typePTR, []byte("\x05\x1b[2Jx\x00")...))
		case "9.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa.":
			return one(record(reply(q, 0, 0, 1), toQuestion, typePTR, []byte("\x04six9\x00")...))
		}
		return one(reply(q, 0, rcodeNXDomain, 0))
	})
	os.WriteFile(resolvFile+".hosts", []byte("10.9.9.9 known.example known\nfd00::1 known6\n"), 0o644)
	hostsFile = resolvFile + ".hosts"
	for ip, want := range map[string]string{
		"10.0.0.7": "seven.example", "10.0.0.8": "eight.example", "fd00::9": "six9", "10.9.9.9": "known.example", "fd00::1": "known6",
		"10.0.0.9": ErrBadName.Error(), "10.0.0.10": ErrNoName.Error(),
	} {
		got, err := LookupAddr(netip.MustParseAddr(ip).AsSlice(), time.Time{})
		if err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: %q, want %q", ip, got, want)
		}
	}
}

func TestNoNameServer(t *testing.T) {
	oldFile, oldPort := resolvFile, dnsPort
	defer func() { resolvFile, dnsPort = oldFile, oldPort }()
	resolvFile, dnsPort = "/dev/null", 1
	if got, _, err := Lookup("a.example", time.Time{}); err != ErrNameServer {
		t.Errorf("%v, %v", got, err)
	}
}

func TestNameLoops(t *testing.T) {
	head := make([]byte, dnsHeader)
	for _, s := range []string{"\xc0\x0c", "\x01a\xc0\x0c", "\xc0\x0d\x00", "\xc0\xff", "\xc0\x00", "\xc0", "\x05abc", "\x40", "\x80", ""} {
		if name, _, ok := dnsName(append(head, s...), dnsHeader); ok {
			t.Errorf("%q is the name %q", s, name)
		}
	}
	msg := append(head, "\x01a\x00\x01b\xc0\x0c"...)
	if name, end, ok := dnsName(msg, dnsHeader+3); name != "b.a." || end != len(msg) || !ok {
		t.Errorf("%q %d %v", name, end, ok)
	}
}

func FuzzReply(f *testing.F) {
	q, _ := appendQuery(nil, [2]byte{1, 2}, "a.example", typeA)
	f.Add(record(reply(q, 0, 0, 1), toQuestion, typeA, 1, 2, 3, 4)[len(q):], uint8(1), uint8(0))
	f.Add(record(reply(q, 0, 0, 1), toQuestion, typeCNAME, 0xc0, dnsHeader)[len(q):], uint8(2), uint8(0))
	f.Fuzz(func(t *testing.T, tail []byte, answers_, rcode uint8) {
		msg := append(reply(q, 0, rcode&maskRcode, int(answers_)), tail...)
		if !answers(msg, q) {
			t.Fatal("no answer to the question")
		}
		addrs, _, err := parseReply(msg, len(q), typeA)
		if (err == nil) != (len(addrs) > 0) || len(addrs) > int(answers_) {
			t.Fatalf("%v, %v", addrs, err)
		}
	})
}
