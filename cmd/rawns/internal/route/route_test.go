package route

import (
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/ns/nstest"
)

// Where there is no /proc, messages tell the same but for the references and
// flags that only the file has.
func TestRowsOfMessages(t *testing.T) {
	nstest.Need(t, "ip", "sh", "mount")
	n := nstest.New(t)
	nstest.Run(t, n, "sh", "-e", "-c", links+busy)
	c, err := n.Dial()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	file := t.TempDir() + "/ipv6_route"
	var want, got []row6
	for range 50 { // until the kernel has settled
		text := nstest.Run(t, n, "cat", "/proc/net/ipv6_route")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		want, _ = rowsOfProc(file)
		if got, err = messages(c); err != nil {
			t.Fatal(err)
		}
		if nstest.Run(t, n, "cat", "/proc/net/ipv6_route") == text {
			break
		}
	}
	if len(want) < 15 {
		t.Fatalf("%d rows in the file", len(want))
	}
	// A table that was made for no route yet has no messages.
	want = slices.DeleteFunc(want, func(r row6) bool { return r.metric == -1 })
	got = slices.DeleteFunc(got, func(r row6) bool { return r.metric == -1 })
	for i := range max(len(want), len(got)) {
		if i >= len(want) || i >= len(got) {
			t.Fatalf("%d rows, in the file %d", len(got), len(want))
		}
		w, g := want[i], got[i]
		w.refs, g.refs, w.use, g.use = 0, 0, 0, 0
		w.flags &^= unix.RTF_LOCAL
		if w != g {
			t.Errorf("row %d:\n%+v, in the file\n%+v", i, g, w)
		}
	}
}

func messages(c *nl.Conn) ([]row6, error) {
	t := &tool{conn: c}
	t.devs.Conn = c
	defer t.devs.Close()
	return t.rows6()
}

// What the kernel sends is not believed to be whole.
func FuzzHops(f *testing.F) {
	f.Add([]byte{16, 0, 0, 0, 1, 0, 0, 0, 8, 0, 5, 0, 10, 0, 0, 1})
	f.Add([]byte{7, 0, 0, 0, 1, 0, 0, 0})
	f.Fuzz(func(t *testing.T, p []byte) {
		eachHop(p, func(_ int32, as nl.Attrs) {
			var row row4
			row.hop(as)
		})
	})
}

// No line makes the parsers fail, and what they let pass can be sent.
func FuzzParse(f *testing.F) {
	f.Add("#net 10.1.0.0/16 gw 10.1.1.1 metric 5 dev v0")
	f.Add("2001:db8::/32 gw 2001:db8::1 metric 5 dev v0")
	f.Add("default netmask 255.0.0.0 mss 500 window 5000 irtt 3 reject")
	f.Fuzz(func(t *testing.T, line string) {
		words := strings.Fields(line)
		if len(words) == 0 || strings.ContainsAny(line, "ghijklmnopqrstuvwxyzGHIJKLMNOPQRSTUVWXYZ") && len(line) > 60 {
			return
		}
		for _, w := range words {
			if strings.Trim(w, "0123456789.:/") != "" && !slices.Contains(keywords, w) {
				return // no names here: they are looked up
			}
		}
		if r := parse4(words); r.code == 0 && (len(r.dst) != 4 || r.length > 32 || r.gw != nil && len(r.gw) != 4) {
			t.Fatalf("%+v", r)
		}
		if r := parse6(words); r.code == 0 && (len(r.dst) != 16 || r.length > 128 || r.gw != nil && len(r.gw) != 16) {
			t.Fatalf("%+v", r)
		}
	})
}

var keywords = []string{"#net", "#host", "default", "gw", "gateway", "netmask", "metric", "mss", "mtu", "window", "irtt", "reject", "mod", "dyn", "reinstate", "dev", "device", "v0"}
