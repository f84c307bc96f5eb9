package nettools

import (
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAton(t *testing.T) {
	for in, want := range map[string]string{
		"10.1.1.2": "10.1.1.2", "1.2.3": "1.2.0.3", "1.2": "1.0.0.2", "1": "0.0.0.1", "1.65535": "1.0.255.255", "1.2.65535": "1.2.255.255",
		"010.1.1.2": "8.1.1.2", "0x0a010102": "10.1.1.2", "0xA.1.1.2": "10.1.1.2", "1.2.3.4 x": "1.2.3.4", "1.2.3.4\n": "1.2.3.4", "4294967295": "255.255.255.255", "0": "0.0.0.0",
	} {
		if a, ok := ParseAton(in); !ok || netip.AddrFrom4(a).String() != want {
			t.Errorf("%q: %v %v, want %s", in, a, ok, want)
		}
	}
	for _, in := range []string{"", ".", "1.", ".1", "1..2", "1.2.3.4.5", "256.1.1.1", "1.2.3.256", "1.2.65536", "1.16777216", "4294967296", "08.1.1.1", "0x", "0xg", "-1", "+1", " 1.2.3.4", "1.2.3.4x", "1_0"} {
		if a, ok := ParseAton(in); ok {
			t.Errorf("%q: %v", in, a)
		}
	}
}

// What four decimal numbers mean is no matter of taste.
func FuzzAton(f *testing.F) {
	f.Add("10.0.0.1")
	f.Add("0x7f.1")
	f.Fuzz(func(t *testing.T, s string) {
		a, ok := ParseAton(s)
		if want, err := netip.ParseAddr(s); err == nil && want.Is4() && (!ok || a != want.As4()) {
			t.Fatalf("%q: %v %v", s, a, ok)
		}
	})
}

func TestLookup(t *testing.T) {
	dir := t.TempDir()
	f := Files{filepath.Join(dir, "hosts"), filepath.Join(dir, "networks")}
	if err := os.WriteFile(f.Hosts, []byte("# a comment\n::1 both\n10.0.0.1 one One.Example # two\n127.0.0.1\tboth\nbad three\n10.0.0.3 three four\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(f.Networks, []byte("loop 127\nnet 10.2.0.0 alias\none 10.9.0.0\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for in, want := range map[string]string{
		"default": "0.0.0.0", "10.0.0.9": "10.0.0.9", "one": "10.9.0.0", "ONE.example": "10.0.0.1", "both": "127.0.0.1", "four": "10.0.0.3", "three": "10.0.0.3",
		"loop": "127.0.0.0", "alias": "10.2.0.0",
	} {
		if a, trouble := f.Lookup(in); trouble != "" || netip.AddrFrom4(a).String() != want {
			t.Errorf("%s: %v %q, want %s", in, a, trouble, want)
		}
	}
	for in, want := range map[string]string{
		"": "Unknown server error", "two": "two: " + LookupFailure, "10.0.0.300": "10.0.0.300: " + UnknownHost, "1::2": "1::2: " + UnknownHost, "-x": "-x: " + UnknownHost,
		"a b": "a b: " + UnknownHost, "a..b": "a..b: " + UnknownHost, "x.y.": "x.y.: " + LookupFailure, strings.Repeat("x", 64): strings.Repeat("x", 64) + ": " + UnknownHost,
	} {
		if a, trouble := f.Lookup(in); trouble != want {
			t.Errorf("%q: %v %q, want %q", in, a, trouble, want)
		}
	}
	if _, trouble := (Files{dir + "/none", dir + "/none"}).Lookup("one"); trouble != "one: "+LookupFailure {
		t.Error(trouble)
	}
}

func TestMask(t *testing.T) {
	for n, want := range map[int][4]byte{0: {}, 1: {128}, 8: {255}, 9: {255, 128}, 31: {255, 255, 255, 254}, 32: {255, 255, 255, 255}} {
		if got := Mask(n); got != want {
			t.Errorf("/%d: %v", n, got)
		}
	}
}
