//go:build !tiny

package ip

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"rawns/cmd/rawns/internal/difftest"
	"rawns/ns/nstest"
)

// tuntaps is a scene with links of "ip tuntap". The sysfs is this namespace's.
const tuntaps = "ip tuntap add p0 mode tun; ip tuntap add p1 mode tap user 5 group daemon pi vnet_hdr multi_queue one_queue; ip tuntap add p2 mode tun user root; mount -t sysfs sys /sys 2>/dev/null || true"

func needTun(t *testing.T) {
	if f, err := os.OpenFile(tunDevice, os.O_RDWR, 0); err != nil {
		t.Skip("no tun device: ", err)
	} else {
		f.Close()
	}
}

func TestTuntapLikeStock(t *testing.T) {
	needTun(t)
	nstest.Sandbox(t)
	state := "/sbin/ip tuntap; /sbin/ip -d -j link show type tun; /sbin/ip -n blue -j tuntap"
	cases := lines(
		"ip tuntap add mode tap", "ip tuntap add dev t0 mode tun", "ip tuntap add t0 mode tap", "ip tuntap add name t0 mode tap", "ip tunt a d t0 m tu", "ip tap add n t0 mo ta",
		"ip tuntap add t0 mode tap user 7 group 8", "ip tuntap add t0 mode tap user root group root", "ip tuntap add t0 mode tap user -1", "ip tuntap add t0 mode tun pi one_queue vnet_hdr multi_queue",
		"ip tuntap add t0 dev t1 mode tun", "ip tuntap add t0%d mode tun", "ip -n blue tuntap add t0 mode tun user 5",
		"ip tuntap del p0 mode tun", "ip tuntap delete dev p1 mode tap multi_queue", "ip tuntap del p1 mode tap", "ip tuntap del p0 mode tap", "ip tuntap del nosuch mode tun", "ip tuntap del p0 mode tun user 5", "ip link del p0",
		"ip tuntap", "ip tuntap show", "ip tuntap list", "ip tuntap lst", "ip tap s", "ip -j tuntap", "ip -j -p tuntap", "ip -o tuntap", "ip -6 tuntap", "ip -c tuntap", "ip -N tuntap", "ip tuntap show foo bar",
		"ip -n blue tuntap", "ip -n nosuch tuntap", "ip -n nosuch tuntap add mode tun",
		"ip -d link show p0", "ip -d link show p1", "ip -d link show p2", "ip -d -j link show p0", "ip -d -j link show p1", "ip -d -j -p link show p2", "ip -d link show type tun",

		"ip tuntap add", "ip tuntap add dev t0", "ip tuntap add p0 mode tun", "ip tuntap add p0 mode tap", "ip tuntap add t0 mode foo", "ip tuntap add t0 mode tun mode tap", "ip tuntap add t0 mode tun mode tun",
		"ip tuntap add dev t0 t1 mode tun", "ip tuntap add name t0 name t1 mode tun", "ip tuntap add a/b mode tun", "ip tuntap add dev a/b mode tun", "ip tuntap add dev abcdefghijklmnop mode tun", "ip tuntap add '' mode tun", "ip tuntap add lo mode tun",
		"ip tuntap add br0 mode tap", "ip tuntap add t0 mode tun user nosuch", "ip tuntap add t0 mode tun group nosuch", "ip tuntap add t0 mode tun user ''", "ip tuntap add t0 mode tun user 5x", "ip tuntap add dev", "ip tuntap add mode", "ip tuntap add mode tun user",
		"ip tuntap foo", "ip tuntap del", "ip link add t0 type tun",
	)
	// -d looks through /proc for who has a link open, by its name alone: it shall
	// find the processes of this test, and none that come and go beside it.
	const alone = "unshare -m -p -f --mount-proc "
	cases = append(cases,
		difftest.Case{Line: "ip tuntap help", Words: "usage is made from the tables"},
		difftest.Case{Line: "ip tuntap add help", Words: "usage is made from the tables"},
		difftest.Case{Line: alone + "ip -d tuntap 2>/dev/null"},
		difftest.Case{Line: alone + "ip -d -o tuntap 2>/dev/null"},
		difftest.Case{Line: alone + "ip -d -j tuntap 2>/dev/null"},
		difftest.Case{Line: "ip tuntap add t0 mode tun user 4294967296", Words: "code: no user; the stock tool takes it for root"},
	)
	for i := range cases {
		if cases[i].Line == "ip tuntap add t0 mode tun user 4294967296" {
			cases[i].Setup = "ip tuntap add t0 mode tun user 0" // what the stock tool would make is there, so that it cannot
		}
	}
	s := difftest.Suite{Name: "ip", Setup: scene + tuntaps, State: state}
	s.Run(t, cases)
}

// A link that is open names its process. The stock tool's JSON is none: it
// writes the members without an object around them.
func TestTuntapNamesProcesses(t *testing.T) {
	needTun(t)
	nstest.Sandbox(t)
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip(err)
	}
	const open = `import fcntl,struct,subprocess,sys
f=open("/dev/net/tun","r+b",buffering=0)
fcntl.ioctl(f,0x400454ca,struct.pack("16sH14x",b"q0",0x1002))
sys.stdout.write(subprocess.run(sys.argv[1:],capture_output=True,text=True).stdout)`
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	link := t.TempDir() + "/ip"
	if err := os.Symlink(exe, link); err != nil {
		t.Fatal(err)
	}
	n := nstest.New(t)
	run := func(args ...string) string {
		t.Helper()
		r := nstest.Exec(t, n, append([]string{"env", "RAWNS_TEST_APPLET=1", python, "-c", open, link}, args...)...)
		return r.Stdout
	}
	text := run("-d", "tuntap")
	if !strings.HasPrefix(text, "q0: tap\n\tAttached to processes:python3(") && !strings.HasPrefix(text, "q0: tap\n\tAttached to processes:python(") {
		t.Errorf("the list says %q", text)
	}
	json := run("-d", "-j", "tuntap")
	if !strings.Contains(json, `"flags":["tap"],"processes":[{"name":"python`) || !strings.Contains(json, `,"pid":`) || !strings.HasSuffix(json, "}]}]\n") {
		t.Errorf("the JSON list says %q", json)
	}
}

func TestGeneratedTuntap(t *testing.T) {
	needTun(t)
	undo := "for d in $(/sbin/ip -br link show type tun | cut -d' ' -f1); do /sbin/ip link del $d; done"
	runGenerated(t, generator{tables: []*table{&tuntapOptions}, before: "ip tuntap add x0 mode tap", undo: undo},
		generator{tables: []*table{&tuntapDelOptions}, before: "ip tuntap del x0 mode tap", undo: ":"})
}
