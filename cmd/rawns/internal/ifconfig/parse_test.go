package ifconfig

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestParse(t *testing.T) {
	up := step{op: opFlags, set: unix.IFF_UP | unix.IFF_RUNNING}
	addr := step{op: opInet, what: "SIOCSIFADDR", request: unix.SIOCSIFADDR, addr: [4]byte{10, 1, 1, 2}}
	netmask := func(a, b, c, d byte) step {
		return step{op: opInet, what: "SIOCSIFNETMASK", request: unix.SIOCSIFNETMASK, addr: [4]byte{a, b, c, d}}
	}
	for _, c := range []struct {
		line string
		want []step
	}{
		{"v0 10.1.1.2/16 up", []step{addr, up, up, netmask(255, 255, 0, 0)}},
		{"v0 10.1.1.2/16 netmask 255.0.0.0", []step{addr, up, netmask(255, 0, 0, 0), netmask(255, 255, 0, 0)}},
		{"v0 10.1.1.2/16 10.1.1.2/24", []step{addr, up, addr, up, netmask(255, 255, 255, 0)}},
		{"v0 10.1.1.2/32", []step{addr, up, netmask(255, 255, 255, 255)}},
		{"v0:1- 10.1.1.2", []step{addr}},
		{"v0:1 0.0.0.0", []step{{op: opInet, what: "SIOCSIFADDR", request: unix.SIOCSIFADDR}}},
		{"v0 0.0.0.0", []step{{op: opInet, what: "SIOCSIFADDR", request: unix.SIOCSIFADDR}, up}},
		{"v0 inet6 add 1::2/64", []step{{op: opAdd6, what: "SIOCSIFADDR", addr6: [16]byte{1: 1, 15: 2}, prefixLen: 64}}},
		{"v0 del 1::2", []step{{op: opDel6, what: "SIOCDIFADDR", addr6: [16]byte{1: 1, 15: 2}, prefixLen: 128}}},
		{"v0 add 10.1.1.2", []step{{op: opAdd4, what: "SIOCSIFADDR", addr: [4]byte{10, 1, 1, 2}}}},
		{"v0 hw ether 2:0:0:0:0:a", []step{{op: opHW, what: "SIOCSIFHWADDR", arphrd: unix.ARPHRD_ETHER, hw: "\x02\x00\x00\x00\x00\x0a"}}},
		{"v0 mtu 1400", []step{{op: opMTU, what: "SIOCSIFMTU", n: 1400}}},
		{"v0 irq 5", []step{{op: opMap, what: "irq: SIOCSIFMAP", field: mapIRQ, n: 5}}},
		{"v0 mem_start 0xd0000", []step{{op: opMap, what: "mem_start: SIOCSIFMAP", field: mapMem, n: 0xd0000}}},
		{"v0 media AUI", []step{{op: opMap, what: "port: SIOCSIFMAP", field: mapPort, n: 3}}},
		{"v0 -promisc", []step{{op: opFlags, clear: unix.IFF_PROMISC, still: "promisc mode... maybe other application is running?"}}},
		{"v0 broadcast", []step{{op: opFlags, set: unix.IFF_BROADCAST}}},
		{"v0 unspec", nil},
	} {
		words := strings.Fields(c.line)
		p := parse(words[0], words[1:])
		if p.code != 0 || p.say != nil || !reflect.DeepEqual(p.steps, c.want) {
			t.Errorf("%s: code %d %q\n got %+v\nwant %+v", c.line, p.code, p.say, p.steps, c.want)
		}
	}
}

// Complaints come in the order of the words; those that end the line end it.
func TestParseComplaints(t *testing.T) {
	for _, c := range []struct {
		line  string
		code  int
		usage bool
		say   []string // hints left out
	}{
		{"v0 netmask 1.2.3.300 hw ether x up", 1, false, []string{"1.2.3.300: Unknown host", "x: invalid ether address."}},
		{"v0 netmask 1.2.3.300 mtu", 3, true, []string{"1.2.3.300: Unknown host"}},
		{"v0 1.2.3.300 hw ether x", 1, false, []string{"1.2.3.300: Unknown host", tryHelp}},
		{"v0 inet6 1::1", 1, false, []string{"Don't know how to set addresses for family 10."}},
		{"v0 inet6 x/64", 1, false, []string{"getaddrinfo: x/64: -2", "x/64: Unknown host", tryHelp}},
		{"v0 hw nothing 1", 3, true, nil},
		{"v0 netmask 255.0.0.0 10.1.1.2/8", 3, true, nil},
	} {
		words := strings.Fields(c.line)
		p := parse(words[0], words[1:])
		say := slices.DeleteFunc(slices.Clone(p.say), func(s string) bool { return strings.HasPrefix(s, "  hint: ") })
		if p.code != c.code || p.usage != c.usage || !slices.Equal(say, c.say) {
			t.Errorf("%s: code %d, usage %v, %q", c.line, p.code, p.usage, p.say)
		}
	}
}

// Whatever the words, parse ends with steps or with a complaint.
func FuzzParse(f *testing.F) {
	for _, s := range sameLines {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, line string) {
		words := strings.Split(line, " ")
		if len(words) < 2 {
			return
		}
		p := parse(words[0], words[1:])
		if (p.code == 0) != (len(p.say) == 0 && !p.usage) {
			t.Fatalf("code %d, usage %v, %q", p.code, p.usage, p.say)
		}
		if p.code == 0 && len(p.name) > 15 {
			t.Fatalf("a name of %d bytes", len(p.name))
		}
		for _, s := range p.steps {
			if s.op == opHW && len(s.hw) != 1 && len(s.hw) != 6 && len(s.hw) != 8 {
				t.Fatalf("%+v", s)
			}
		}
	})
}
