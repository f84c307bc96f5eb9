package brctl

import (
	"encoding/binary"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
	"rawns/ns/nstest"
)

func TestGetopt(t *testing.T) {
	for _, c := range []struct {
		args      string // separated by blanks
		opt       option
		words     string
		complaint string
	}{
		{"", optNone, "", ""},
		{"show br0", optNone, "show br0", ""},
		{"-h", optHelp, "", ""},
		{"-V", optVersion, "", ""},
		{"-Vx", optVersion, "", ""},
		{"show br0 -hV", optHelp, "", ""},
		{"--version show", optVersion, "", ""},
		{"--v", optVersion, "", ""},
		{"--hel", optHelp, "", ""},
		{"show - br0", optNone, "show - br0", ""},
		{"setfd br0 -- -1", optNone, "setfd br0 -1", ""},
		{"-- -- -h", optNone, "-- -h", ""},
		{"setfd br0 -1", optBad, "", "invalid option -- '1'"},
		{"-xh", optBad, "", "invalid option -- 'x'"},
		{"--helpme", optBad, "", "unrecognized option '--helpme'"},
		{"--ver=2", optBad, "", "option '--version' doesn't allow an argument"},
		{"--=2", optBad, "", "option '--=2' is ambiguous; possibilities: '--help' '--version'"},
	} {
		opt, words, complaint := getopt(strings.Fields(c.args), false)
		if opt != c.opt || !slices.Equal(words, strings.Fields(c.words)) || complaint != c.complaint {
			t.Errorf("%q: %q %q %q", c.args, opt, words, complaint)
		}
	}
	if opt, words, _ := getopt([]string{"show", "-h"}, true); opt != optNone || len(words) != 2 {
		t.Errorf("POSIXLY_CORRECT: %q %q", opt, words)
	}
}

// TestParse reads command lines and says what their messages hold.
func TestParse(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{"addbr br0", "new excl name=br0 kind=bridge"},
		{"addbr abcdefghijklmnop", "new excl name=. kind=bridge"},
		{"delbr br0", "del"},
		{"addif br0 a b c", "new master=0; new master=0; new master=0"},
		{"delif br0 a", "new master=0"},
		{"stp br0 yes", "new kind=bridge 5=1"},
		{"stp br0 0 ignored", "new kind=bridge 5=0"},
		{"stp br0 ON", "expect on/off for argument"},
		{"setfd br0 4.5", "new kind=bridge 1=450"},
		{"setfd br0 abc", "bad forward delay value"},
		{"sethello br0 .1", "new kind=bridge 2=10"},
		{"sethello br0 x", "bad hello timer value"},
		{"setmaxage br0 6", "new kind=bridge 3=600"},
		{"setmaxage br0 x", "bad max age value"},
		{"setageing br0 0", "new kind=bridge 4=0"},
		{"setageing br0 42949672.95", "new kind=bridge 4=4294967295"},
		{"setageing br0 42949672.96", "ioctl 11 4294967296"},
		{"setageing br0 x", "bad ageing time value"},
		{"setbridgeprio br0 0x1000", "new kind=bridge 6=4096"},
		{"setbridgeprio br0 70000", "new kind=bridge 6=4464"},
		{"setbridgeprio br0 x", "bad priority"},
		{"setpathcost br0 a 19", "new port-kind=bridge 3=19"},
		{"setpathcost br0 a x", "bad path cost value"},
		{"setportprio br0 a 63", "new port-kind=bridge 2=63"},
		{"setportprio br0 a 65541", "new port-kind=bridge 2=65535"},
		{"setportprio br0 a x", "bad path priority value"},
		{"hairpin br0 a on", "new port-kind=bridge 4=1"},
		{"hairpin br0 a maybe", "expect on/off for argument"},
	} {
		words := strings.Fields(c.line)
		cmd := find(words[0])
		if cmd == nil || len(words)-1 < cmd.nargs {
			t.Fatalf("%q: %+v", c.line, cmd)
		}
		steps, got := cmd.parse(words[1:])
		var parts []string
		for _, s := range steps {
			parts = append(parts, describe(t, s))
		}
		got += strings.Join(parts, "; ")
		if got != c.want {
			t.Errorf("%q: %s, want %s", c.line, got, c.want)
		}
	}
	if find("sho") != nil || find("") != nil || find("SHOW") != nil {
		t.Error("a command's name may be shortened")
	}
}

func describe(t *testing.T, s step) string {
	t.Helper()
	var b *nl.Builder
	switch s := s.(type) {
	case *addBridge:
		b = &s.b
	case *delBridge:
		b = &s.b
	case *addPort:
		b = &s.b
	case *delPort:
		b = &s.b
	case *setPort:
		b = &s.b
	case *setBridge:
		if s.wide != 0 {
			return "ioctl " + strconv.Itoa(int(s.code)) + " " + strconv.FormatUint(s.wide, 10)
		}
		b = &s.b
	}
	// As run does it: the numbers must land where they belong.
	b.PutU32(indexAt, 77)
	p, err := b.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	m := nl.Message(p)
	l, err := rtnl.ParseLink(m)
	if err != nil {
		t.Fatal(err)
	}
	if l.Index != 77 {
		t.Errorf("index %d", l.Index)
	}
	var words []string
	switch m.Type() {
	case unix.RTM_NEWLINK:
		words = append(words, "new")
	case unix.RTM_DELLINK:
		words = append(words, "del")
	}
	if m.Flags()&(unix.NLM_F_CREATE|unix.NLM_F_EXCL) != 0 {
		words = append(words, "excl")
	}
	if name, ok := l.Attrs.Str(rtnl.IFLA_IFNAME); ok {
		words = append(words, "name="+string(name))
	}
	if v, ok := l.Attrs.U32(rtnl.IFLA_MASTER); ok {
		words = append(words, "master="+strconv.Itoa(int(v)))
		b.PutU32(masterAt, 88)
		if v, _ := l.Attrs.U32(rtnl.IFLA_MASTER); v != 88 {
			t.Errorf("master %d", v)
		}
	}
	info := l.Attrs.Nest(rtnl.IFLA_LINKINFO)
	if kind, ok := info.StrN(rtnl.IFLA_INFO_KIND); ok {
		words = append(words, "kind="+string(kind))
	}
	if kind, ok := info.StrN(rtnl.IFLA_INFO_SLAVE_KIND); ok {
		words = append(words, "port-kind="+string(kind))
	}
	for _, nest := range []nl.AttrNest{rtnl.IFLA_INFO_DATA, rtnl.IFLA_INFO_SLAVE_DATA} {
		for a := range info.Nest(nest).All() {
			v := uint32(0)
			switch p := a.Bytes(); len(p) {
			case 1:
				v = uint32(p[0])
			case 2:
				v = uint32(binary.NativeEndian.Uint16(p))
			case 4:
				v = binary.NativeEndian.Uint32(p)
			}
			words = append(words, strconv.Itoa(int(a.Type()))+"="+strconv.FormatUint(uint64(v), 10))
		}
	}
	return strings.Join(words, " ")
}

// TestEmptyName: no message may make the kernel choose a name.
func TestEmptyName(t *testing.T) {
	if got := describe(t, newAddBridge("")); got != "new excl name=. kind=bridge" {
		t.Error(got)
	}
}

func TestNames(t *testing.T) {
	for _, c := range []struct{ name, short, ioctl string }{
		{"br0", "br0", "br0"},
		{"br0:1", "br0:1", "br0"},
		{":", ":", ""},
		{"", "", ""},
		{"abcdefghijklmno", "abcdefghijklmno", "abcdefghijklmno"},
		{"abcdefghijklmnop", "", ""},
		{"abcdefghijklmn:p", "", ""},
	} {
		if a, b := shortName(c.name), ioctlName(c.name); a != c.short || b != c.ioctl {
			t.Errorf("%q: %q %q", c.name, a, b)
		}
	}
}

// TestLongNames: a name of more than 15 bytes makes, changes and deletes
// nothing, also where the first 15 are a bridge's.
func TestLongNames(t *testing.T) {
	n := nstest.New(t)
	t.Setenv(applet, "1")
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if r := nstest.Exec(t, n, exe, "addbr", "abcdefghijklmno"); r.Code != 0 {
		t.Fatalf("%+v", r)
	}
	for _, args := range [][]string{
		{"addbr", "abcdefghijklmnop"}, {"delbr", "abcdefghijklmnop"}, {"setfd", "abcdefghijklmnop", "9"}, {"addif", "abcdefghijklmnop", "lo"},
		{"delif", "abcdefghijklmnop", "lo"}, {"stp", "abcdefghijklmnop", "on"}, {"addbr", strings.Repeat("x", 300)}, {"addbr", "a/b"}, {"addbr", "a b"},
	} {
		if r := nstest.Exec(t, n, append([]string{exe}, args...)...); r.Code == 0 || r.Stderr == "" {
			t.Errorf("%q: %+v", args, r)
		}
	}
	r := nstest.Exec(t, n, exe, "show")
	if strings.Count(r.Stdout, "\n") != 2 || !strings.Contains(r.Stdout, "abcdefghijklmno\t") {
		t.Errorf("%s", r.Stdout)
	}
}
