//go:build !tiny

package ip

import (
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"rawns/cmd/rawns/internal/cli"
	"rawns/cmd/rawns/internal/difftest"
	"rawns/nl"
	"rawns/nl/rtnl"
	"rawns/ns/nstest"
)

// runLine runs a line in this process and returns what it said.
func runLine(line string, hold int) (stdout, stderr string, code int) {
	p, g, err := findTool(difftest.Words(line)[0]).parse(difftest.Words(line))
	out, errs := cli.NewOut(nil), cli.NewOut(nil)
	r := newRunner(g, out)
	r.errs = errs
	if hold > 0 {
		r.hold = hold
	}
	defer r.close()
	if err == nil {
		err = p.run(r)
	}
	code = report(r, err)
	return string(out.B), string(errs.B), code
}

func TestHints(t *testing.T) {
	nstest.NewNamed(t, "hints")
	for _, l := range []string{"ip -n hints link add v0 type veth peer name v1", "ip -n hints link add br0 type bridge"} {
		if _, e, code := runLine(l, 0); code != 0 {
			t.Fatalf("%s: %s", l, e)
		}
	}
	for _, c := range []struct{ line, hint string }{
		{"link add v0 type veth", "the network namespace hints has a link called v0 already"},
		{"link add x type veth peer name v1", "has a link called v1, as the peer shall be, already"},
		{"link add x index 1 type veth", "the index 1 may be in use"},
		{"link set v0 name v1", "has a link called v1 already"},
		{"link add x type nosuch", "this kernel has no links of type nosuch"},
		{"link add x type nosuch foo", "options of links of type nosuch are not known here"},
		{"link set v0 master v1", "v1 takes no ports"},
		{"link set v0 type bridge stp_state 1", "v0 is of type veth, not bridge"},
		{"link set lo type bridge stp_state 1", "lo is of type none, not bridge"},
		{"link set v0 netns 99999999", "neither a namespace nor a process is called 99999999"},
		{"link set v0 address 01:00:00:00:00:00", "neither all zeros nor a group's"},
		{"link del lo", "lo and links of hardware cannot be deleted"},
		{"link del group 77", "no link is in this group"},
		{"link del group 0", "group 0, the default, cannot be deleted"},
		{"link del group default type veth", "group 0, the default, cannot be deleted"},
		{"link set br0 up type bridge stp_state 1 max_age 1", "hundredths of a second"},
		{"link add abcdefghijklmnopqrstuvwxyz type bridge", "IFLA_IFNAME wants a string of at most 15 bytes"},
	} {
		_, e, code := runLine("ip -n hints "+c.line, 0)
		_, second, _ := strings.Cut(e, "\n")
		if code == 0 || !strings.HasPrefix(second[strings.LastIndex("\n"+second, "\nhint: "):], "hint: ") || !strings.Contains(second, c.hint) {
			t.Errorf("%s: exit code %d, %q; want the hint %q", c.line, code, e, c.hint)
		}
	}
}

// A list that is longer than what may be held is shown like one that is not.
func TestLongListsAreShownAlike(t *testing.T) {
	nstest.NewNamed(t, "lists")
	for i := range 12 {
		n := strconv.Itoa(i)
		if _, e, code := runLine("ip -n lists link add a"+n+" type veth peer name b"+n, 0); code != 0 {
			t.Fatal(e)
		}
	}
	for i := range 60 {
		n := strconv.Itoa(i)
		if _, e, code := runLine("ip -n lists route add blackhole 10.11."+n+".0/24", 0); code != 0 {
			t.Fatal(e)
		}
	}
	for _, line := range []string{"link", "-d -j link", "-br link", "route", "-j route", "-d route show table all"} {
		want, e, code := runLine("ip -n lists "+line, 0)
		if code != 0 || strings.Count(want, "a11") == 0 && strings.Count(want, "10.11.59.0/24") == 0 {
			t.Fatalf("%d %s%s", code, want, e)
		}
		// What is long is shown beside the reading: the race detector looks on.
		for _, hold := range []int{1, 300, 2000, 5000, 10000} {
			if got, e, code := runLine("ip -n lists "+line, hold); got != want || code != 0 {
				t.Errorf("%s, holding %d bytes:\n%s%s\nwant\n%s", line, hold, got, e, want)
			}
		}
	}
}

// What a list has forgotten is looked up again.
func TestDevicesForget(t *testing.T) {
	var d devices
	for i := int32(1); i <= 3*maxDevices; i++ {
		d.add(device{index: i, name: strconv.Itoa(int(i))})
		if v, ok := d.get(1); i <= maxDevices && (!ok || v.name != "1") {
			t.Fatal("1 is forgotten after", i)
		}
		if v, ok := d.get(i); !ok || v.index != i {
			t.Fatal("the last one is forgotten after", i)
		}
	}
	if len(d.at) != maxDevices {
		t.Fatal("there is room for", len(d.at))
	}
	if _, ok := d.get(1); ok {
		t.Error("1 has been forgotten by nobody")
	}
	if _, ok := d.get(0); ok {
		t.Error("0 is no interface")
	}
}

func TestHeldList(t *testing.T) {
	var b nl.Builder
	for i := range 10 {
		rtnl.GetLink(&b, rtnl.IfInfomsg{Index: int32(i)})
		b.Str(rtnl.IFLA_IFNAME, strings.Repeat("x", i))
	}
	all, err := b.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	for hold := 0; hold <= 2*len(all)+8; hold += 4 {
		beside := hold%8 == 0
		var h heldList
		h.reset(hold)
		next, noted := int32(0), int32(0)
		seen := func(m nl.Message) {
			if l, _ := rtnl.ParseLink(m); l.Index != noted {
				t.Errorf("holding %d: %d is seen after %d", hold, l.Index, noted-1)
			}
			noted++
		}
		show := func(m nl.Message) error {
			if noted <= min(next+1, 9) && hold > 0 {
				t.Errorf("holding %d: %d is shown, and only %d have been seen", hold, next, noted)
			}
			l, err := rtnl.ParseLink(m)
			if err == nil && l.Index != next {
				t.Errorf("holding %d: %d comes after %d", hold, l.Index, next-1)
			}
			next++
			return err
		}
		for m := range nl.Messages(all) {
			if !h.fits(m) {
				if err := h.turn(seen, show, beside); err != nil {
					t.Fatal(err)
				}
			}
			h.add(m)
			if n := len(h.old) + len(h.young); n > hold && n > 2*len(m)+100 {
				t.Errorf("%d bytes are held, and should be %d", n, hold)
			}
		}
		h.turn(seen, show, beside)
		h.turn(seen, show, beside)
		h.join()
		if next != 10 {
			t.Errorf("holding %d: %d shown", hold, next)
		}
		if noted != 10 {
			t.Errorf("holding %d: %d seen", hold, noted)
		}
	}
}

func TestNumbers(t *testing.T) {
	for _, c := range []struct {
		in   string
		bits int
		want uint64
		ok   bool
	}{
		{"0", 32, 0, true}, {"15", 8, 15, true}, {"255", 8, 255, true}, {"256", 8, 0, false}, {"0x1f", 32, 31, true}, {"0X1F", 32, 31, true}, {"010", 32, 8, true},
		{"08", 32, 0, false}, {"0x", 32, 0, false}, {"", 32, 0, false}, {" 7", 32, 7, true}, {"7 ", 32, 0, false}, {"+7", 32, 7, true}, {"-7", 32, 0, false}, {"-0", 32, 0, true},
		{"1_000", 32, 0, false}, {"0b1", 32, 0, false}, {"0o7", 32, 0, false}, {"--7", 32, 0, false}, {"18446744073709551615", 64, 1<<64 - 1, true}, {"18446744073709551616", 64, 0, false},
		{"4294967295", 32, 1<<32 - 1, true}, {"4294967296", 32, 0, false},
	} {
		got, ok := parseUint(c.in, c.bits)
		if ok != c.ok || ok && got != c.want {
			t.Errorf("%q in %d bits is %d %v", c.in, c.bits, got, ok)
		}
	}
	for in, want := range map[string]int32{"-5": -5, "2147483647": 1<<31 - 1, "-2147483648": -1 << 31, "0x10": 16} {
		if got, ok := parseInt(in); !ok || got != want {
			t.Errorf("%q is %d %v", in, got, ok)
		}
	}
	for _, in := range []string{"2147483648", "-2147483649", "x", ""} {
		if got, ok := parseInt(in); ok {
			t.Errorf("%q is %d", in, got)
		}
	}
}

// An abbreviation means the first row of its table that it begins.
func TestAbbreviations(t *testing.T) {
	for word, want := range map[string]string{"a": "address", "addr": "address", "addrl": "addrlabel", "r": "route", "ru": "rule", "n": "neighbor", "l": "link", "ne": "neighbor", "netn": "netns", "t": "tunnel", "m": "maddress", "h": "help", "s": "sr", "st": "stats", "": ""} {
		got := ""
		for i := range ipTool.objects {
			if matches(word, ipTool.objects[i].name) {
				got = ipTool.objects[i].name
				break
			}
		}
		if got != want {
			t.Errorf("object %q is %q, want %q", word, got, want)
		}
	}
	for word, want := range map[string]string{"a": "address", "ad": "address", "addrg": "addrgenmode", "al": "alias", "b": "broadcast", "t": "txqueuelen", "ty": "type", "m": "master", "n": "nomaster", "num": "numtxqueues",
		"numr": "numrxqueues", "l": "link", "link-netns": "link-netns", "link-netnsi": "link-netnsid", "d": "dynamic", "mtu": "mtu", "mt": "", "u": "", "up": "up", "do": "", "netn": "", "ar": "", "xdp": "xdp"} {
		got := ""
		if i := linkOptions.find(word); i >= 0 {
			got = linkOptions.rows[i].name
		}
		if got != want {
			t.Errorf("link option %q is %q, want %q", word, got, want)
		}
	}
}

// Every row of a table can be reached by its full name, and says what follows.
func TestTables(t *testing.T) {
	tables := []*table{&linkOptions}
	for i := 0; kindAt(i) != nil; i++ {
		if k := kindAt(i); k.opts != nil {
			tables = append(tables, k.opts)
		}
	}
	for _, tb := range tables {
		for i := range tb.rows {
			o := &tb.rows[i]
			if j := tb.find(o.name); j != i {
				t.Errorf("%s %s: %s is found in its place", tb.name, o.name, tb.rows[j].name)
			}
			if o.val == valFunc && o.parse == nil || o.val != valFunc && o.parse != nil {
				t.Errorf("%s %s: a value of kind %d and a func: %v", tb.name, o.name, o.val, o.parse != nil)
			}
			if bare := o.val == valYes || o.val == valNo; o.val > valFunc && (o.attr == 0 || (o.arg == "") != bare) {
				t.Errorf("%s %s: no attribute, or nothing for the usage text", tb.name, o.name)
			}
		}
		if len(tb.rows) > 128 {
			t.Errorf("%s has %d rows: more than seen can hold", tb.name, len(tb.rows))
		}
	}
}

func TestPrinter(t *testing.T) {
	write := func(p *printer) {
		p.open()
		for _, name := range []string{"a", "b"} {
			p.Obj("")
			p.Int("n", "", 7, ": ")
			p.Str("name", "", name, " ")
			p.Arr("list", "<")
			p.Str("", "", "x", ",")
			p.Str("", "", "y", "")
			p.EndArr("> ")
			p.Arr("none", "[")
			p.EndArr("]")
			p.Obj("sub")
			p.Hex("hex", "hex ", 0x1f, " ")
			p.Hex("nohex", "", 0, " ")
			p.OnOff("on", "on ", true, " ")
			p.Flag("flag", "flag ")
			p.JNull("null")
			p.EndObj()
			p.Obj("empty")
			p.EndObj()
			p.NL()
			p.T("text")
			p.End()
			p.EndObj()
		}
		p.close()
	}
	for want, g := range map[string]globals{
		"7: a <x,y> []hex 0x1f 0 on on flag \ntext\n7: b <x,y> []hex 0x1f 0 on on flag \ntext\n": {},
		"7: a <x,y> []hex 0x1f 0 on on flag \\text\n7: b <x,y> []hex 0x1f 0 on on flag \\text\n": {oneline: true},
		`[{"n":7,"name":"a","list":["x","y"],"none":[],"sub":{"hex":"0x1f","nohex":"0","on":true,"flag":true,"null":null},"empty":{}},` +
			`{"n":7,"name":"b","list":["x","y"],"none":[],"sub":{"hex":"0x1f","nohex":"0","on":true,"flag":true,"null":null},"empty":{}}]` + "\n": {json: true},
		`[ {
        "n": 7,
        "name": "a",
        "list": [ "x","y" ],
        "none": [ ],
        "sub": {
            "hex": "0x1f",
            "nohex": "0",
            "on": true,
            "flag": true,
            "null": null
        },
        "empty": {}
    },{
        "n": 7,
        "name": "b",
        "list": [ "x","y" ],
        "none": [ ],
        "sub": {
            "hex": "0x1f",
            "nohex": "0",
            "on": true,
            "flag": true,
            "null": null
        },
        "empty": {}
    } ]
`: {json: true, pretty: true},
	} {
		o := cli.NewOut(nil)
		write(g.printer(o))
		if got := string(o.B); got != want {
			t.Errorf("%+v:\n%s\nwant\n%s", g, got, want)
		}
	}
}

func TestCounters(t *testing.T) {
	for v, want := range map[uint64]int{0: 1, 9: 1, 10: 1, 11: 2, 99: 2, 100: 2, 101: 3, 1e18: 18, 1e19: 19, 1<<64 - 1: 20} {
		if got := digits(v); got != want {
			t.Errorf("%d has %d digits, want %d", v, got, want)
		}
	}
	for _, c := range []struct {
		v    uint64
		iec  bool
		want string
	}{
		{999, false, "     999 "}, {1000, false, "   1.00k "}, {12345, false, "   12.3k "}, {123456, false, "    123k "}, {1000000, false, "   1.00M "}, {1<<64 - 1, false, "   18.4E "},
		{1023, true, "    1023 "}, {1024, true, "  1.00ki "}, {5 << 30, true, "  5.00Gi "}, {999999, false, "   1000k "},
	} {
		o := cli.NewOut(nil)
		g := &globals{human: true, iec: c.iec}
		p := &linkPrinter{printer: g.printer(o), g: g}
		p.count(8, c.v)
		if string(o.B) != c.want {
			t.Errorf("%d is %q, want %q", c.v, o.B, c.want)
		}
	}
}

// What a list allocates does not grow with it, but for the names of links, which
// are remembered; nor does what it holds back of its output.
func TestListsAllocateNothingPerEntry(t *testing.T) {
	nstest.NewNamed(t, "lists")
	line := func(l string) {
		if _, e, code := runLine("ip -n lists "+l, 0); code != 0 {
			t.Fatal(l, e)
		}
	}
	line("link add v0 type veth peer name v1")
	line("link set v0 up")
	out, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	count := func(l string) (mallocs, held int) {
		p, g, err := parse(difftest.Words("ip -n lists " + l))
		if err != nil {
			t.Fatal(err)
		}
		r := newRunner(g, cli.NewOut(out))
		defer r.close()
		least := 1 << 30
		for range 5 {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			if err := p.run(r); err != nil {
				t.Fatal(l, err)
			}
			runtime.ReadMemStats(&after)
			least = min(least, int(after.Mallocs-before.Mallocs))
		}
		return least, cap(r.out.B)
	}
	lists := []struct {
		line string
		per  float64 // allocations
	}{
		{"link", 1.2}, {"-j link", 1.2}, {"-d link", 4.2}, {"-s link", 1.2}, {"-br link", 2.2}, {"-o link", 1.2}, {"addr", 1.2}, {"-j addr", 1.2}, {"-br addr", 2.2},
		{"route", 0.1}, {"-j route", 0.1}, {"-d route", 0.1}, {"neigh", 0.1}, {"-j neigh", 0.1}, {"rule", 0.1}, {"-j rule", 0.1},
	}
	entries := func(from, to int) {
		for i := from; i < to; i++ {
			n := strconv.Itoa(i)
			line("link add a" + n + " type bridge")
			line("addr add 10.1." + n + ".1/24 dev v0")
			line("route add 10.2." + n + ".0/24 dev v0")
			line("neigh add 10.3.0." + n + " lladdr 02:00:00:00:00:01 dev v0")
			line("rule add from 10.4." + n + ".0/24 pref " + strconv.Itoa(1000+i))
		}
	}
	const n = 50
	entries(0, n)
	few := map[string]int{}
	for _, l := range lists {
		few[l.line], _ = count(l.line)
	}
	entries(n, 2*n)
	for _, l := range lists {
		many, held := count(l.line)
		if per := float64(many-few[l.line]) / n; per > l.per {
			t.Errorf("%s: %v allocations an entry", l.line, per)
		}
		if held > 256<<10 {
			t.Errorf("%s: %d bytes of output are held back", l.line, held)
		}
	}
}
