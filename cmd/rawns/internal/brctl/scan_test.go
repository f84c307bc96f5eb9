package brctl

import (
	"math"
	"strconv"
	"strings"
	"testing"
)

// The numbers are what the GNU C library's sscanf makes of each text on
// x86-64, and what the original's arithmetic makes of that.
var scans = []struct {
	text    string
	isInt   bool
	i       int32
	isFloat bool
	ticks   uint64
}{
	{"1", true, 1, true, 100},
	{" 1", true, 1, true, 100},
	{"\t+5", true, 5, true, 500},
	{"\n\v\f\r7", true, 7, true, 700},
	{"-1", true, -1, true, 1844674407370855},
	{"-0", true, 0, true, 0},
	{"-0x10", true, -16, true, 1844674407369355},
	{"-", false, 0, false, 0},
	{"+", false, 0, false, 0},
	{"", false, 0, false, 0},
	{" ", false, 0, false, 0},
	{"abc", false, 0, false, 0},
	{"- 1", false, 0, false, 0},
	{"+-1", false, 0, false, 0},
	{"5abc", true, 5, true, 500},
	{"15.00s", true, 15, true, 1500},
	{"0x", true, 0, false, 0},
	{"0xg", true, 0, false, 0},
	{"0xp1", true, 0, false, 0},
	{"0x.", true, 0, true, 0},
	{"0x.8", true, 0, true, 50},
	{"0x1F", true, 31, true, 3100},
	{"0x1p3", true, 1, true, 800},
	{"0x1p", true, 1, true, 100},
	{"0x1p+", true, 1, true, 100},
	{"0x1.8", true, 1, true, 150},
	{"0x1_0", true, 1, true, 100},
	{"010", true, 8, true, 1000},
	{"09", true, 0, true, 900},
	{"0b11", true, 0, true, 0},
	{"2147483648", true, -2147483648, true, 214748364800},
	{"4294967297", true, 1, true, 429496729700},
	{"184467440737095516", true, -171798692, true, 384},
	{"9223372036854775807", true, -1, true, 922337203685477},
	{"99999999999999999999", true, -1, true, 922337203685477},
	{"-99999999999999999999", true, 0, true, 922337203685477},
	{"1e", true, 1, true, 100},
	{"1e+", true, 1, true, 100},
	{"1ee", true, 1, true, 100},
	{"1e5", true, 1, true, 10000000},
	{"1e9", true, 1, true, 100000000000},
	{"1e30", true, 1, true, 922337203685477},
	{"1e400", true, 1, true, 922337203685477},
	{"1e-2", true, 1, true, 1},
	{"1e-400", true, 1, true, 0},
	{"inf", false, 0, true, 922337203685477},
	{"-inf", false, 0, true, 922337203685477},
	{"infi", false, 0, false, 0},
	{"infinity", false, 0, true, 922337203685477},
	{"INFINITYx", false, 0, true, 922337203685477},
	{"nan", false, 0, true, 922337203685477},
	{"nan(1)", false, 0, true, 922337203685477},
	{"na", false, 0, false, 0},
	{".", false, 0, false, 0},
	{".e5", false, 0, false, 0},
	{".5", false, 0, true, 50},
	{"-.5", false, 0, true, 1844674407370905},
	{"5.", true, 5, true, 500},
	{"1.2.3", true, 1, true, 119},
	{"1,5", true, 1, true, 100},
	{"1_0", true, 1, true, 100},
	{"2.01", true, 2, true, 200},
	{"0.29", true, 0, true, 29},
	{"0.009", true, 0, true, 0},
	{"0.01", true, 0, true, 1},
	{"1.999", true, 1, true, 199},
}

func TestScan(t *testing.T) {
	for _, c := range scans {
		if i, ok := scanInt(c.text); ok != c.isInt || ok && i != c.i {
			t.Errorf("scanInt(%q) = %d, %v; want %d, %v", c.text, i, ok, c.i, c.isInt)
		}
		if ticks, ok := scanTime(c.text); ok != c.isFloat || ticks != c.ticks {
			t.Errorf("scanTime(%q) = %d, %v; want %d, %v", c.text, ticks, ok, c.ticks, c.isFloat)
		}
	}
}

// What the standard library's stricter readers accept, ours reads as well and
// alike, whatever stands around it.
func FuzzScan(f *testing.F) {
	for _, c := range scans {
		f.Add(c.text)
	}
	f.Fuzz(func(t *testing.T, s string) {
		i, isInt := scanInt(s)
		if want, err := strconv.ParseInt(s, 10, 32); err == nil && strings.TrimLeft(s, "+-")[0] != '0' {
			if !isInt || int64(i) != want {
				t.Errorf("scanInt(%q) = %d, %v; want %d", s, i, isInt, want)
			}
		}
		v, isFloat := scanFloat(s)
		if want, err := strconv.ParseFloat(s, 64); err == nil && !strings.Contains(s, "_") {
			if !isFloat || v != want && !(math.IsNaN(v) && math.IsNaN(want)) {
				t.Errorf("scanFloat(%q) = %v, %v; want %v", s, v, isFloat, want)
			}
		}
		if isInt && !isFloat && !strings.Contains(strings.ToLower(s), "0x") {
			t.Errorf("%q is an integer and no number", s)
		}
		if _, ok := scanTime(" " + s + "]"); ok != isFloat {
			t.Errorf("scanTime: %q is a number: %v; between other bytes: %v", s, isFloat, ok)
		}
	})
}

func TestAppendTime(t *testing.T) {
	for ticks, want := range map[uint64]string{
		0: "   0.00", 1: "   0.01", 99: "   0.99", 1500: "  15.00", 99999: " 999.99", 30000: " 300.00",
		1 << 30: "10737418.24",
		// An int of -1 hundredth: what is left of 2^64 - 10000 microseconds.
		math.MaxUint32: "-140462611.54", math.MaxUint64: "-140462611.54",
		100000000000: "12157521.92",
	} {
		if got := string(appendTime(nil, ticks)); got != want {
			t.Errorf("appendTime(%d) = %q, want %q", ticks, got, want)
		}
	}
}
