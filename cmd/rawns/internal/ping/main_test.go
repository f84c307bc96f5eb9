package ping

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/ns"
	"rawns/ns/nstest"
)

// beApplet makes the test binary, called ping, the
// applet.
const beApplet = "RAWNS_TEST_PING"

func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == "ping" && os.Getenv(beApplet) != "" {
		code := Run(os.Args)
		cli.Stdout.Flush()
		cli.Stderr.Flush()
		os.Exit(code)
	}
	os.Setenv(beApplet, "1")
	nstest.Main(m)
}

// applet returns the path of a link to the test binary.
func applet(t testing.TB) string {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "ping")
	if err := os.Symlink(exe, link); err != nil {
		t.Fatal(err)
	}
	return link
}

// stock returns the path of iputils' ping; the test is skipped without it.
func stock(t testing.TB) string {
	t.Helper()
	nstest.Need(t, "ping")
	path, err := ns.LookPath("ping", os.Environ())
	if err != nil {
		t.Fatal(err)
	}
	isStock.once.Do(func() {
		isStock.version = nstest.Exec(t, nil, path, "-V").Stdout
	})
	if !strings.HasPrefix(isStock.version, "ping from iputils") {
		t.Skipf("%s is not iputils': %q", path, isStock.version)
	}
	return path
}

var isStock struct {
	once    sync.Once
	version string
}

// sysctl writes below /proc/sys/net of a namespace.
func sysctl(t testing.TB, n *ns.NS, name, value string) {
	t.Helper()
	err := n.Do(func() error { return os.WriteFile("/proc/sys/net/"+name, []byte(value), 0) })
	if err != nil {
		t.Fatal(err)
	}
}

// sockets allows group 0 the datagram sockets. A new namespace allows them to
// nobody: then there are only raw ones.
func sockets(t testing.TB, n *ns.NS, typ int) {
	t.Helper()
	if typ == unix.SOCK_DGRAM {
		sysctl(t, n, "ipv4/ping_group_range", "0 0")
	}
}
