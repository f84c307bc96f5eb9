//go:build !tiny

package ip

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"rawns/cmd/rawns/internal/cli"
	"rawns/cmd/rawns/internal/difftest"
	"rawns/nl"
	"rawns/ns/nstest"
)

// runBatch runs the lines of a text with -batch in this process and returns what
// the two connections have done for it.
func runBatch(t *testing.T, options, text string) (main, side nl.Stats, stderr string, code int) {
	t.Helper()
	file := t.TempDir() + "/b"
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	_, g, err := parse(difftest.Words("ip " + options + " -b " + file))
	if err != nil {
		t.Fatal(err)
	}
	r := newRunner(g, cli.NewOut(nil))
	r.errs = cli.NewOut(nil)
	defer r.close()
	code = ipTool.batch(r)
	if r.conn != nil {
		main = r.conn.Stats()
	}
	if r.side != nil {
		side = r.side.Stats()
	}
	return main, side, string(r.errs.B), code
}

// A line of a batch costs two system calls and no look-up of a name that is
// known; with -force, 64 lines cost one more than that many.
func TestBatchCalls(t *testing.T) {
	nstest.NewNamed(t, "batch")
	if _, e, code := runLine("ip -n batch link add v0 type veth peer name v1", 0); code != 0 {
		t.Fatal(e)
	}
	const n = 640
	lines := map[string]func(i int) string{
		"route": func(i int) string {
			return "route add blackhole 10." + strconv.Itoa(i/256) + "." + strconv.Itoa(i%256) + ".0/24"
		},
		"addr": func(i int) string {
			return "addr add 10.0." + strconv.Itoa(i/256) + "." + strconv.Itoa(i%256) + "/32 dev v0"
		},
		"link": func(i int) string { return "link set v0 mtu " + strconv.Itoa(1000+i) },
		"rule": func(i int) string { return "rule add from 10.0.0.1 pref " + strconv.Itoa(1000+i) },
		"neigh": func(i int) string {
			return "neigh add 10.9." + strconv.Itoa(i/256) + "." + strconv.Itoa(i%256) + " lladdr 02:00:00:00:00:01 dev v0"
		},
	}
	for what, line := range lines {
		for _, force := range []string{"", "-force "} {
			var text strings.Builder
			for i := range n {
				if force != "" {
					i += n
				}
				text.WriteString(line(i) + "\n")
			}
			main, side, e, code := runBatch(t, force+"-n batch", text.String())
			if code != 0 {
				t.Fatal(what, e)
			}
			perLine := 2 * n
			if force != "" && what != "neigh" { // whose refusals end a batch
				perLine = n + n/64 + 2
			}
			const dial = 7 // socket, setsockopt, connect
			if main.Sent != n || main.Calls < n || main.Calls > perLine+dial {
				t.Errorf("%s%s: %+v for %d lines", force, what, main, n)
			}
			if side.Sent > 1 {
				t.Errorf("%s%s: %d names were looked up", force, what, side.Sent)
			}
		}
	}
}

// With -force failures are told in order, before the words of what comes after.
func TestBatchForceKeepsOrder(t *testing.T) {
	nstest.NewNamed(t, "order")
	var text, want strings.Builder
	n := 0
	line := func(l, e string) {
		n++
		text.WriteString(l + "\n")
		if e != "" {
			want.WriteString(e + "\nCommand failed FILE:" + strconv.Itoa(n) + "\n")
		}
	}
	for i := range 200 {
		line("route add blackhole 10.0."+strconv.Itoa(i)+".0/24", "")
		if i%3 == 0 {
			line("route add blackhole 10.0."+strconv.Itoa(i)+".0/24", "RTNETLINK answers: File exists")
		}
		if i%7 == 0 {
			line("link set nosuch up", `Cannot find device "nosuch"`)
		}
	}
	_, _, e, code := runBatch(t, "-force -n order", text.String())
	var got strings.Builder
	for l := range strings.Lines(e) {
		if strings.HasPrefix(l, "Command failed ") {
			l = "Command failed FILE" + l[strings.LastIndexByte(l, ':'):]
		}
		if !strings.HasPrefix(l, "hint: ") {
			got.WriteString(l)
		}
	}
	if got.String() != want.String() || code != exitMissing {
		t.Errorf("exit code %d\n%s", code, got.String())
	}
}

// What a line allocates is little and of one size, however many came before.
func TestBatchAllocations(t *testing.T) {
	_, g, err := parse(difftest.Words("ip -force -b -"))
	if err != nil {
		t.Fatal(err)
	}
	b := &batch{tool: &ipTool}
	for line, most := range map[string]float64{
		"route add 10.0.0.0/24 via 192.168.0.1 dev v0 metric 5": 4,
		"route add 2001:db8::/48 via fe80::1 dev v0":            4,
		"addr add 10.0.0.1/24 dev v0":                           5,
		"link set v0 mtu 1400 up":                               4,
		"neigh add 10.0.0.1 lladdr 2:0:0:0:0:1 dev v0":          5,
		"rule add from 10.0.0.0/24 table 100 pref 5":            4,
	} {
		l := lineReader{read: func(p []byte) (int, error) { return copy(p, strings.Repeat(line+"\n", len(p)/(len(line)+1))), nil }}
		n := testing.AllocsPerRun(1000, func() {
			ws, err := l.command()
			b.a = args{g: g, tool: &ipTool, w: ws, mem: &b.mem}
			if p, e := ipTool.parseObject(&b.a); err != nil || e != nil || len(p.steps) != 1 {
				t.Fatal(err, e)
			}
		})
		if n > most {
			t.Errorf("%s: %v allocations", line, n)
		}
	}
}

func FuzzBatchLines(f *testing.F) {
	for _, s := range []string{"a b\n", "a \\\n b", "'a b' \"c\"\n#x\n", "a\\", "a \\\n", "\x00\n'", "#\\\nx\n"} {
		f.Add(s, 3)
	}
	f.Fuzz(func(t *testing.T, text string, size int) {
		read := func(size int) (all []string) {
			rest := text
			l := lineReader{read: func(p []byte) (int, error) {
				n := copy(p[:min(len(p), size)], rest)
				rest = rest[n:]
				return n, nil
			}}
			for {
				ws, err := l.command()
				if err != nil {
					return append(all, err.Error())
				}
				if ws == nil {
					return all
				}
				all = append(all, strconv.Itoa(l.n)+strings.Join(ws, "|"))
			}
		}
		if size < 1 {
			size = 1
		}
		if whole, parts := read(1<<20), read(size); strings.Join(whole, "\n") != strings.Join(parts, "\n") {
			t.Errorf("%q is not %q", parts, whole)
		}
	})
}
