package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rawns/ns/nstest"
	"rawns/ns/topo"
)

// The test binary is rawns itself when it is called through a link named after
// an applet, or by a process that was.
const asRawns = "RAWNS_TEST_AS_RAWNS"

func TestMain(m *testing.M) {
	if find(filepath.Base(os.Args[0])) != nil || os.Getenv(asRawns) != "" {
		os.Exit(run(os.Args))
	}
	nstest.Main(m)
}

// binary returns the rawns that is tested: RAWNS_BINARY, which make test sets to
// the one that ships, or else the test binary.
func binary(t *testing.T) string {
	t.Helper()
	if b := os.Getenv("RAWNS_BINARY"); b != "" {
		return b
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return exe
}

// links makes a folder with a link for each applet.
func links(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if r := rawns(t, "install", dir); r.Code != 0 {
		t.Fatalf("%+v", r)
	}
	return dir
}

// rawns runs "rawns args..." in the sandbox.
func rawns(t *testing.T, args ...string) nstest.Result {
	t.Helper()
	t.Setenv(asRawns, "1")
	return nstest.Exec(t, nil, append([]string{binary(t)}, args...)...)
}

func TestDispatch(t *testing.T) {
	for _, c := range []struct {
		args []string
		code int
		out  string // in stdout, or in stderr if the code is not 0
	}{
		{nil, 2, "Usage: rawns APPLET"},
		{[]string{"help"}, 0, "Usage: rawns APPLET"},
		{[]string{"--help"}, 0, "  ip "},
		{[]string{"help", "--help"}, 0, "  ip "},
		{[]string{"--version"}, 0, "rawns 0."},
		{[]string{"no-such"}, 2, `no applet is called "no-such"`},
		{[]string{"\x1b[31mred"}, 2, `\x1b[31mred`},
		{[]string{"install"}, 2, "one folder must be named"},
		{[]string{"install", "-x"}, 2, "one folder must be named"},
		{[]string{"demo", "--help"}, 0, "--keep"},
		{[]string{"demo", "--bad"}, 2, `"--bad" is no option`},
		{[]string{"up", "--x"}, 2, `"--x" is no option`},
		{[]string{"up", "no-such-file"}, 1, "no-such-file: No such file"},
		{[]string{"down", "--help"}, 0, "Usage: rawns up"},
	} {
		r := rawns(t, c.args...)
		out := r.Stdout
		if c.code != 0 {
			out = r.Stderr
		}
		if r.Code != c.code || !strings.Contains(out, c.out) {
			t.Errorf("rawns %q: code %d, %q", c.args, r.Code, out)
		}
	}
}

// Output that cannot be written is told, and does not look like success.
func TestNoRoomForOutput(t *testing.T) {
	for _, args := range []string{"help", "plan", "ip link show lo", "learn --list"} {
		t.Setenv(asRawns, "1")
		r := nstest.Exec(t, nil, "sh", "-c", binary(t)+" "+args+" >/dev/full")
		if r.Code != 1 || r.Stderr != "rawns: standard output: No space left on device\n" {
			t.Errorf("rawns %s: code %d, %q", args, r.Code, r.Stderr)
		}
	}
}

// Where /proc is missing, as on a board that is just being brought up, it is called so.
func TestNoProc(t *testing.T) {
	nstest.Sandbox(t)
	t.Setenv(asRawns, "1")
	for _, args := range []string{"ip netns add blue", "ls", "up", "demo", "selftest"} {
		r := nstest.Exec(t, nil, "unshare", "-m", "sh", "-c", "mount -t tmpfs none /proc && exec "+binary(t)+" "+args)
		if r.Code != 1 || !strings.Contains(r.Stdout+r.Stderr, "/proc is not mounted") {
			t.Errorf("rawns %s: %+v", args, r)
		}
	}
}

// Every applet of the table is in the help text.
func TestHelpListsAll(t *testing.T) {
	out := rawns(t, "help").Stdout
	for _, a := range applets() {
		if !strings.Contains(out, "\n  "+a.name+" ") || a.brief == "" {
			t.Errorf("%s is not in the help text", a.name)
		}
	}
}

func TestInstall(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	for range 2 { // the second time all of it is there
		if r := rawns(t, "install", dir); r.Code != 0 {
			t.Fatalf("%+v", r)
		}
	}
	for _, name := range []string{"ip", "bridge", "brctl", "ifconfig", "ping", "curl", "http_server"} {
		if to, err := os.Readlink(filepath.Join(dir, name)); err != nil || !filepath.IsAbs(to) {
			t.Errorf("%s: %q, %v", name, to, err)
		}
	}
	if _, err := os.Lstat(filepath.Join(dir, "demo")); err == nil {
		t.Error("demo got a link")
	}
	// A file in the way: nothing is made, and it stays.
	dir = t.TempDir()
	last := ""
	for _, a := range applets() {
		if a.link {
			last = a.name
		}
	}
	if err := os.WriteFile(filepath.Join(dir, last), []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	r := rawns(t, "install", dir)
	if r.Code != 1 || !strings.Contains(r.Stderr, last+": is there already") {
		t.Errorf("%+v", r)
	}
	if es, _ := os.ReadDir(dir); len(es) != 1 {
		t.Errorf("%d files in the folder", len(es))
	}
}

// A link whose description alone is longer than a reply buffer, of many
// alternative names, is in every list all the same.
func TestLongDescription(t *testing.T) {
	nstest.Sandbox(t)
	nstest.Need(t, "ip")
	stock(t, `ip link add br2 type bridge; for i in $(seq 420); do printf 'link property add dev br2 altname %0120d\n' $i; done | ip -batch -`, "")
	defer stock(t, "ip link del br2", "")
	for _, line := range []string{"ip link", "ip -br link", "ip addr", "ip -j link", "ifconfig -a", "brctl show", "ip link show br2", "ifconfig br2"} {
		if r := rawns(t, strings.Fields(line)...); r.Code != 0 || !strings.Contains(r.Stdout, "br2") {
			t.Errorf("%s: code %d, %q", line, r.Code, r.Stderr)
		}
	}
}

// A service that is called like an applet is that applet: ns/topo has a list of
// its own, which is that of the table.
func TestServicesKnowApplets(t *testing.T) {
	for _, a := range applets() {
		f, err := topo.Parse("f", []byte("service . "+a.name))
		if err != nil {
			t.Fatal(err)
		}
		s, err := f.Spec()
		if err != nil {
			t.Fatal(err)
		}
		if s.Services[0].Self != a.link {
			t.Errorf("%s: an applet of its own %v, for services %v", a.name, a.link, s.Services[0].Self)
		}
	}
}
