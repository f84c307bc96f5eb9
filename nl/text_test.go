package nl

import (
	"fmt"
	"net/netip"
	"testing"
)

// The standard library's parser is the oracle; zones aside, ours must accept
// and print the same.
func FuzzIP(f *testing.F) {
	for _, s := range []string{"10.1.1.2", "::", "::1", "fe80::1", "1::", "1:2:3:4:5:6:7:8", "::ffff:1.2.3.4",
		"::1.2.3.4", "1:2:3:4:5:6:1.2.3.4", "1::2::3", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "1:0:0:2::", "0:0:1::",
		"10.0.0.300", "01.2.3.4", "1.2.3", ":", "1:", "12345::", "", "2001:db8:0:1:1:1:1:1", "1:2:3:4:5:6:7:1.2.3.4", "::1:"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		want, err := netip.ParseAddr(s)
		if want.Zone() != "" {
			return
		}
		got, ok := ParseIP(s)
		if ok != (err == nil) {
			t.Fatalf("ParseIP(%q) ok=%v, netip: %v", s, ok, err)
		}
		if !ok {
			return
		}
		if a, _ := netip.AddrFromSlice(got); a != want {
			t.Fatalf("ParseIP(%q) = %v, want %v", s, a, want)
		}
		text := string(AppendIP(nil, got))
		back, ok := ParseIP(text)
		if !ok || string(back) != string(got) {
			t.Fatalf("%q printed as %q, which reads back as %v %v", s, text, back, ok)
		}
		if !want.Is4In6() && !(want.Is6() && [12]byte(want.AsSlice()[:12]) == [12]byte{}) && text != want.String() {
			t.Fatalf("%q printed as %q, netip prints %q", s, text, want)
		}
	})
}

func TestAppendIPv4(t *testing.T) {
	for i := range 256 {
		a := []byte{byte(i), byte(i + 85), 0, byte(255 - i)}
		want := fmt.Sprintf("x%d.%d.%d.%d", a[0], a[1], a[2], a[3])
		if got := string(AppendIP([]byte("x"), a)); got != want {
			t.Errorf("%v printed as %s, want %s", a, got, want)
		}
	}
}

func TestAppendIPDotted(t *testing.T) {
	for in, want := range map[string]string{"::ffff:1.2.3.4": "::ffff:1.2.3.4", "::1.2.3.4": "::1.2.3.4", "::1": "::1", "::": "::", "::1:2": "::0.1.0.2"} {
		a, ok := ParseIP(in)
		if got := string(AppendIP(nil, a)); !ok || got != want {
			t.Errorf("%s printed as %s, want %s", in, got, want)
		}
	}
}

func TestMAC(t *testing.T) {
	for _, s := range []string{"", ":", "1:", "gg:00", "00:11:22:33:44:55:", "000:1"} {
		if a, ok := ParseMAC(s); ok {
			t.Errorf("ParseMAC(%q) = %x", s, a)
		}
	}
	if a, ok := ParseMAC("0:1b:22-33:44:ff"); !ok || string(AppendMAC(nil, a)) != "00:1b:22:33:44:ff" {
		t.Errorf("%x %v", a, ok)
	}
}
