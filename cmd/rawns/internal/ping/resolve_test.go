package ping

import (
	"encoding/binary"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"rawns/ns"
	"rawns/ns/nstest"
)

// zone is what the test's name server knows, in lower case: blank-separated
// addresses, perhaps behind an alias's "=NAME". What it does not know does not
// exist.
var zone = map[string]string{
	"four.example":      "127.0.0.7",
	"six.example":       "::1",
	"both.example":      "127.0.0.7 ::1",
	"short.lab.example": "127.0.0.7",
	"alias.example":     "=Real.example 127.0.0.8",
	"empty.example":     "",
	"fails.example":     "!2",
	"refuses.example":   "!5",
	"silent.example":    "?",

	"7.0.0.127.in-addr.arpa":  "@seven.example",
	"8.0.0.127.in-addr.arpa":  "=8.half.127.in-addr.arpa @Eight.example",
	"10.0.0.127.in-addr.arpa": "@bad*name.example",
	"11.0.0.127.in-addr.arpa": "!2",
	"12.0.0.127.in-addr.arpa": "?",
	"1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa": "@loop6.example",
	"ten.example":    "127.0.0.10",
	"eleven.example": "127.0.0.11",
	"twelve.example": "127.0.0.12",
}

// answerDNS returns the answer to a question, nil for none.
func answerDNS(q []byte) []byte {
	var name []byte
	off := 12
	for q[off] != 0 {
		name = append(append(name, q[off+1:off+1+int(q[off])]...), '.')
		off += 1 + int(q[off])
	}
	kind := binary.BigEndian.Uint16(q[off+1:])
	known, exists := zone[strings.ToLower(strings.TrimSuffix(string(name), "."))]
	r := append([]byte{q[0], q[1], 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0}, q[12:off+5]...)
	switch {
	case !exists:
		r[3] |= 3
	case known == "?":
		return nil
	case strings.HasPrefix(known, "!"):
		r[3] |= known[1] - '0'
	}
	owner := []byte{0xc0, 12}
	add := func(kind uint16, data []byte) {
		r = binary.BigEndian.AppendUint16(append(r, owner...), kind)
		r = append(r, 0, 1, 0, 0, 0, 60)
		r = append(binary.BigEndian.AppendUint16(r, uint16(len(data))), data...)
		r[7]++
	}
	for _, f := range strings.Fields(known) {
		ip := net.ParseIP(f)
		switch {
		case f[0] == '=' || f[0] == '@':
			var to []byte
			for label := range strings.SplitSeq(f[1:], ".") {
				to = append(append(to, byte(len(label))), label...)
			}
			to = append(to, 0)
			if f[0] == '@' {
				if kind == 12 {
					add(12, to)
				}
				continue
			}
			add(5, to)
			owner = to
		case ip.To4() != nil && kind == 1:
			add(1, ip.To4())
		case ip != nil && ip.To4() == nil && kind == 28:
			add(28, ip)
		}
	}
	return r
}

// startDNS serves zone on 127.0.0.1 in n until the test ends or stop is called.
func startDNS(t *testing.T, n *ns.NS) (stop func()) {
	t.Helper()
	var c net.PacketConn
	err := n.Do(func() (err error) {
		c, err = net.ListenPacket("udp", "127.0.0.1:53")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	go func() {
		for b := make([]byte, 1000); ; {
			size, from, err := c.ReadFrom(b)
			if err != nil {
				return
			}
			if r := answerDNS(b[:size]); r != nil {
				c.WriteTo(r, from)
			}
		}
	}()
	return func() { c.Close() }
}

// cover puts another text in the place of a file of the sandbox until the test ends.
func cover(t *testing.T, path, text string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount(file, path, "", unix.MS_BIND, ""); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Unmount(path, unix.MNT_DETACH) })
}

func TestParityNames(t *testing.T) {
	nstest.Sandbox(t)
	n := nstest.New(t)
	nstest.Up(t, n, "lo")
	sockets(t, n, unix.SOCK_DGRAM)
	cover(t, "/etc/resolv.conf", "nameserver 127.0.0.1\nsearch lab.example\noptions timeout:1 attempts:1\n")
	cover(t, "/etc/hosts", "127.0.0.1 localhost\n::1 localhost\n127.0.0.9 host.example host\n")
	stop := startDNS(t, n)
	both := &[2]*ns.NS{n, n}
	compare(t, both, `
		-c1 four.example
		-c1 FOUR.example.
		-c1 -v both.example
		-c1 -6 both.example
		-c1 -6 four.example
		-c1 -4 six.example
		-c1 six.example
		-c1 localhost
		-c1 short
		-c1 alias.example
		-c1 -n alias.example
		-c1 -q alias.example
		-c1 host
		-c1 -6 host
		-c1 empty.example
		-c1 nosuch.example
		-c1 nosuch
		-c1 short.
		-c1 fails.example
		-c1 refuses.example
		-c1 silent.example
		-c1 a..b
		-c1 a*b
		-c1 a_b.example
		-c1 four.example%lo
		-c2 -i0.01 four.example
		-c1 ten.example
		-c1 eleven.example
		-c1 twelve.example
		-c1 -w1 twelve.example
		-c2 -f twelve.example
		-c1 -n twelve.example
		-c1 -D -O alias.example
		-c1 -R four.example
		-c1 -T tsandaddr four.example
		-c1 -I ::1 six.example
		-c1 127.0.0.7
		-c1 127.7
		-c1 ::1
	`)
	// Where the address that is used is not the first one, iputils forgets
	// the name: "PING  (127.0.0.7)".
	if out := nstest.Exec(t, n, applet(t), "-c1", "-4", "both.example").Stdout; !strings.HasPrefix(out, "PING both.example (127.0.0.7) 56(84) bytes of data.\n") {
		t.Errorf("ping -4 both.example: %q", out)
	}
	stop()
	compare(t, both, `
		-c1 host
		-c1 four.example
		-c1 nosuch
		-c1 a..b
	`)
}

// A reply's line waits for a name no longer than the run lasts, and SIGINT ends
// the waiting, too. The name server has a silent half, and may take its time.
func TestParitySlowNames(t *testing.T) {
	nstest.Sandbox(t)
	nstest.Need(t, "sh", "sleep", "cat")
	n := nstest.New(t)
	nstest.Up(t, n, "lo")
	sockets(t, n, unix.SOCK_DGRAM)
	cover(t, "/etc/resolv.conf", "nameserver 127.0.0.1\noptions timeout:5 attempts:1\n")
	cover(t, "/etc/hosts", "127.0.0.1 localhost\n")
	startDNS(t, n)
	const script = `"$1" $2 twelve.example >out 2>err & p=$!; sleep 0.3; test "$3" = "" || kill -$3 $p; wait $p; code=$?; cat out; cat err >&2; exit $code`
	for _, c := range [][2]string{{"-c1", "INT"}, {"-c3 -w1", ""}, {"-c1 -q -w1", ""}} {
		var r [2]nstest.Result
		var took [2]time.Duration
		var wg sync.WaitGroup
		for i, p := range [2]string{stock(t), applet(t)} {
			dir := t.TempDir()
			wg.Go(func() {
				begin := time.Now()
				r[i] = nstest.Exec(t, n, "sh", "-c", "cd "+dir+"; "+script, "sh", p, c[0], c[1])
				took[i] = time.Since(begin)
				r[i].Stdout, r[i].Stderr = mask(r[i].Stdout, p), mask(r[i].Stderr, p)
			})
		}
		wg.Wait()
		if r[0] != r[1] || took[1] > took[0]+500*time.Millisecond {
			t.Errorf("%v\nstock, after %v: %+v\nours, after %v: %+v", c, took[0], r[0], took[1], r[1])
		}
	}
}
