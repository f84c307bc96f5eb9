package ifconfig

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl/rtnl"
)

func printed(t *testing.T, print func(o *cli.Out)) string {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	o := cli.NewOut(f)
	print(o)
	if err := o.Flush(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(f.Name())
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// The original says these of a /proc/net/dev with these numbers.
func TestSize(t *testing.T) {
	for n, want := range map[uint64]string{
		0: "0.0 B", 1023: "1023.0 B", 1024: "1024.0 B", 1025: "1.0 KiB", 1126: "1.0 KiB", 1127: "1.1 KiB", 1536: "1.5 KiB", 10239: "9.9 KiB", 1048575: "1023.9 KiB",
		1048576: "1024.0 KiB", 1073741823: "1023.9 MiB", 1073741824: "1024.0 MiB", 1099511627776: "1024.0 GiB", 1125899906842623: "1023.9 TiB", 1125899906842624: "1024.0 TiB",
		1152921504606846976: "1024.0 PiB", 9999999999999999999: "8.6 EiB", 18446744073709551615: "16.0 EiB",
	} {
		if got := printed(t, func(o *cli.Out) { size(o, n) }); got != " ("+want+")\n" {
			t.Errorf("%d: %q, want %s", n, got, want)
		}
	}
}

// Rare lines, as the original prints them when its ioctls return these values.
func TestLong(t *testing.T) {
	f := iface{name: "v0", mtu: 1500, txqlen: 1000, arphrd: unix.ARPHRD_ETHER, hw: [16]byte{2, 0, 0, 0, 0, 2}}
	const ether = "  mtu 1500\n        ether 02:00:00:00:00:02  txqueuelen 1000  (Ethernet)\n"
	for _, c := range []struct {
		change func(f *iface)
		want   string
	}{
		{func(f *iface) {}, "v0: flags=0<" + ether + "\n"},
		{func(f *iface) { f.flags = unix.IFF_PORTSEL }, "v0: flags=8192" + ether + "        media unknown\n\n"},
		{func(f *iface) { f.flags, f.port = unix.IFF_PORTSEL|unix.IFF_AUTOMEDIA, 200 }, "v0: flags=24576" + ether + "        media unknownautoselect\n\n"},
		{func(f *iface) { f.flags = 0xffff &^ unix.IFF_PORTSEL }, "v0: flags=-8193<UP,BROADCAST,DEBUG,LOOPBACK,POINTOPOINT,NOTRAILERS,RUNNING,NOARP,PROMISC,ALLMULTI,SLAVE,MASTER,MULTICAST,DYNAMIC>" + ether + "\n"},
		{func(f *iface) { f.irq = 5 }, "v0: flags=0<" + ether + "        device interrupt 5  \n\n"},
		{func(f *iface) { f.irq, f.dma = 5, 0x80 }, "v0: flags=0<" + ether + "        device interrupt 5    dma 0x80\n\n"},
		{func(f *iface) { f.base = 0xff; f.dma = 3 }, "v0: flags=0<" + ether + "\n"},
		{func(f *iface) { f.base, f.irq, f.mem = 0x300, 5, [2]uint64{0x1000, 0x8000000000002000} },
			"v0: flags=0<" + ether + "        device interrupt 5  base 0x300  memory 0x1000-8000000000002000  \n\n"},
		{func(f *iface) { f.txqlen, f.mtu = -1, -2 }, "v0: flags=0<  mtu -2\n        ether 02:00:00:00:00:02  (Ethernet)\n\n"},
		{func(f *iface) {
			f.flags = unix.IFF_BROADCAST | unix.IFF_POINTOPOINT
			f.inet = inetAddr{true, 30, [4]byte{10, 4, 2, 4}, [4]byte{10, 5, 5, 5}, [4]byte{10, 9, 9, 9}}
		}, "v0: flags=18<BROADCAST,POINTOPOINT>  mtu 1500\n        inet 10.4.2.4  netmask 255.255.255.252  broadcast 10.9.9.9  destination 10.5.5.5\n" + strings.TrimPrefix(ether, "  mtu 1500\n") + "\n"},
		{func(f *iface) {
			f.arphrd, f.hasStats = unix.ARPHRD_CSLIP, true
			f.stats = newStats(counters())
		}, "v0: flags=0<  mtu 1500\n        cslip  txqueuelen 1000  (VJ Serial Line IP)\n" +
			"        RX packets 1  bytes 4 (4.0 B)\n        RX compressed:2097152\n        RX errors 16  dropped 32832  overruns 16384  frame 15360\n" +
			"        TX packets 2  bytes 8 (8.0 B)\n        TX compressed 4194304\n        TX errors 32  dropped 128 overruns 262144  carrier 1769472  collisions 512\n\n"},
	} {
		g := f
		c.change(&g)
		if got := printed(t, func(o *cli.Out) { g.long(o) }); got != c.want {
			t.Errorf("got\n%swant\n%s", got, c.want)
		}
	}
}

// counters is a rtnl_link_stats64 in which the counter of number i is 1<<i.
func counters() []byte {
	p := make([]byte, rtnl.LinkStats64.Size)
	for i, m := range rtnl.LinkStats64.Members {
		binary.NativeEndian.PutUint64(p[m.Off:], 1<<i)
	}
	return p
}

func TestScope(t *testing.T) {
	for in, want := range map[string]string{
		"fe80::1": "link", "febf::1": "link", "fec0::1": "site", "::1": "host", "::10.0.0.1": "compat,global", "::2": "compat,global", "2001:db8::1": "global", "::ffff:1.2.3.4": "global", "fd00::1": "global", "::1:0:0:0": "global",
	} {
		a, _ := cli.ParseIPv6(in)
		if _, got := scope(a); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

func TestCompareNames(t *testing.T) {
	// The order in which the original prints them.
	order := []string{"9", "10", "-x", "1x", "Z", "a", "a001", "a01", "a1", "a4294967297", "a2", "a10", "a1b", "br0", "v0", "v0:1", "v0:9", "v0:10", "v1", "v0:foo", "v0:pp", "x10y1", "x1y2", "x1y10", "x2y1", "é", "é1"}
	for i, a := range order {
		for j, b := range order {
			if got := compareNames(a, b); got < 0 != (i < j) || got > 0 != (i > j) {
				t.Errorf("compareNames(%q, %q) = %d", a, b, got)
			}
		}
	}
}

// Sorting needs a total order.
func FuzzCompareNames(f *testing.F) {
	f.Add("v0:1", "v0", "v1")
	f.Add("a01", "a1", "a4294967297")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		if a != b && compareNames(a, b) == 0 || compareNames(a, a) != 0 {
			t.Fatalf("%q and %q are equal", a, b)
		}
		if sign := func(n int) int { return min(max(n, -1), 1) }; sign(compareNames(a, b)) != -sign(compareNames(b, a)) {
			t.Fatalf("%q and %q depend on who is first", a, b)
		}
		s := []string{a, b, c}
		slices.SortFunc(s, compareNames)
		if compareNames(s[0], s[2]) > 0 {
			t.Fatalf("%q is no order", s)
		}
	})
}

func TestRankInet6(t *testing.T) {
	rank := rankInet6("fe80000000000000000000fffe000002 65 40 20 80       v0\n" +
		"zz 65 40\n\nfe80000000000000000000fffe00000x 65\nfe80000000000000000000fffe000002 fffffffff 40\n" +
		"00000000000000000000000000000001 01 80 10 80       lo\n")
	want := map[inet6Key]int{
		{0x65, [16]byte{0: 0xfe, 1: 0x80, 11: 0xff, 12: 0xfe, 15: 2}}: 1,
		{1, [16]byte{15: 1}}: 2,
	}
	if len(rank) != len(want) {
		t.Fatal(rank)
	}
	for k, v := range want {
		if rank[k] != v {
			t.Errorf("%v: %d, want %d", k, rank[k], v)
		}
	}
}
