package doctor

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rawns/cmd/rawns/internal/cli"
	"rawns/cmd/rawns/internal/ip"
	"rawns/ns"
	"rawns/ns/nstest"
)

// applet runs a command line, and returns what it printed and its exit code.
func applet(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	dir := t.TempDir()
	file := func(name string) *os.File {
		f, err := os.Create(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	o, e := file("out"), file("err")
	saved := [2]*cli.Out{cli.Stdout, cli.Stderr}
	cli.Stdout, cli.Stderr = cli.NewOut(o), cli.NewOut(e)
	code = Run(append([]string{"doctor"}, args...))
	cli.Stdout.Flush()
	cli.Stderr.Flush()
	cli.Stdout, cli.Stderr = saved[0], saved[1]
	o.Close()
	e.Close()
	read := func(name string) string {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	return read("out"), read("err"), code
}

// The article's lines as they are printed there.
const article = `
	ip netns add blue
	ip link add vethtest01 type veth peer name vethest002
	ip link set vethest002 netns blue
	ip -n blue addr add 10.1.1.2/16 dev vethest002
	ip -n blue link set vethest002 up
	ip link add name test-bridge type bridge
	ip link set test-bridge up
	ip link set dev vethtest01 master test-bridge
	ip addr add 10.1.2.2/16 dev test-bridge
`

const articleReport = `From here (10.1.2.2) to blue (10.1.1.2)
there
  ok      test-bridge  to 10.1.1.2 by test-bridge, from 10.1.2.2
  ok      test-bridge  bridge, up
  BROKEN  vethtest01   is down
          why:  a port that is not up gives the bridge nothing, and gets nothing; the other end of the veth has no carrier
          mend: ip link set vethtest01 up
A ping is not answered.
Broken: vethtest01: is down
`

// TestArticle: the article's scene does not answer its ping; the page of the
// documentation shows what the doctor says of it.
func TestArticle(t *testing.T) {
	nstest.Sandbox(t)
	t.Cleanup(func() { clean(t) })
	play(t, article)
	out, errs, code := applet(t, ".", "blue:10.1.1.2")
	if out != articleReport || errs != "" || code != 3 {
		t.Errorf("code %d\n%s%s", code, out, errs)
	}
	page, err := os.ReadFile("../../../../docs/topology.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(page), "$ rawns doctor . blue:10.1.1.2\n"+articleReport) {
		t.Error("docs/topology.md shows another report")
	}
	out, errs, code = applet(t, "blue", "blue:10.1.1.2")
	if !strings.Contains(out, "BROKEN  blue:lo  lo is down\n") || !strings.Contains(out, "mend: ip -n blue link set dev lo up\n") || code != 3 {
		t.Errorf("code %d\n%s%s", code, out, errs)
	}
	out, errs, code = applet(t, "--fix", ".", "blue")
	if code != 0 || !strings.Contains(out, "mend: ip link set vethtest01 up\n        done; looking again\n") || !strings.HasSuffix(out, "A ping is answered.\nHealthy, with packets of up to 1500 bytes.\n") {
		t.Errorf("code %d\n%s%s", code, out, errs)
	}
}

// TestJSON: what --json prints, with names that are no words.
func TestJSON(t *testing.T) {
	nstest.Sandbox(t)
	const odd = "a b\x1b[31m\"\\\xff"
	n, err := ns.Create(odd)
	if err != nil {
		t.Fatal(err)
	}
	n.Close()
	t.Cleanup(func() { clean(t) })
	play(t, `
		ip link add v0 up type veth peer name e0
		ip addr add 10.3.0.1/24 dev v0
		ip link set e0 name é"\
		ip link set é"\ alias x`)
	if code := ip.Run([]string{"ip", "link", "set", `é"\`, "netns", odd}); code != 0 {
		t.Fatal(code)
	}
	out, errs, code := applet(t, "--json", ".", odd+":10.3.0.2")
	type fault struct {
		Kind, NS, Link, What, Why string
		Mend                      []struct {
			NS, Line string
			Argv     []string
		}
	}
	var got struct {
		Healthy  bool
		From, To struct{ NS, Address string }
		Ping     string
		Hops     []struct {
			Way, NS, Link, What string
			OK                  bool
		}
		Fault  *fault
		Mended []struct {
			Kind, Command string
			Done          bool
		}
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil || errs != "" || code != 3 {
		t.Fatalf("code %d, %v\n%s%s", code, err, out, errs)
	}
	// Bytes that are not UTF-8 are written as the characters of these numbers.
	const asJSON = "a b\x1b[31m\"\\ÿ"
	if got.Healthy || got.From.NS != "." || got.To.NS != asJSON || got.To.Address != "10.3.0.2" || got.Ping != "lost" || len(got.Hops) == 0 || got.Fault == nil || got.Fault.Kind != "link-down" ||
		got.Fault.NS != asJSON || got.Fault.Link != `é"\` || len(got.Fault.Mend) != 1 || got.Fault.Mend[0].NS != asJSON || strings.Join(got.Fault.Mend[0].Argv, " ") != `ip link set dev é"\ up` {
		t.Errorf("%s", out)
	}
	last := got.Hops[len(got.Hops)-1]
	if last.OK || last.Way != "there" || last.Link != got.Fault.Link || last.What != got.Fault.What {
		t.Errorf("last hop %+v", last)
	}
	for _, b := range []byte(out) {
		if b < ' ' && b != '\n' || b == 0x7f {
			t.Errorf("byte %#x in the output", b)
		}
	}
	out, _, _ = applet(t, ".", odd+":10.3.0.2")
	for _, b := range []byte(out) {
		if b < ' ' && b != '\n' || b == 0x7f || b == 0xff {
			t.Errorf("byte %#x in the text", b)
		}
	}
	out, errs, code = applet(t, "--json", "--fix", ".", odd+":10.3.0.2")
	if err := json.Unmarshal([]byte(out), &got); err != nil || errs != "" || code != 0 || !got.Healthy || len(got.Mended) != 2 || !got.Mended[1].Done || got.Ping != "answered" {
		t.Errorf("code %d, %v\n%s%s", code, err, out, errs)
	}
}

// TestUsage: exit codes of words that make no command.
func TestUsage(t *testing.T) {
	nstest.Sandbox(t)
	for _, c := range []struct {
		args string
		code int
		want string
	}{
		{"", 2, "two ends are wanted"}, {"a", 2, "two ends"}, {"a b c", 2, "two ends"}, {"--what a b", 2, `"--what" is no option`},
		{"--help", 0, "Usage: rawns doctor"}, {"help", 0, "Usage: rawns doctor"}, {". nowhere", 1, `"nowhere": no namespace, no link and no address`},
		{"nowhere: .", 1, "no namespace \"nowhere\""}, {". .:eth7", 1, "no link of that name"}, {"10.9.9.9 ::1", 1, "IPv4 and an IPv6"},
	} {
		out, errs, code := applet(t, strings.Fields(c.args)...)
		if code != c.code || !strings.Contains(out+errs, c.want) {
			t.Errorf("%q: code %d\n%s%s", c.args, code, out, errs)
		}
	}
}
