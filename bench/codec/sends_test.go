package main

import (
	"encoding/hex"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"rawns/nl"
)

// sends tells a child of the test to be the one that is watched.
const sends = "BENCH_CODEC_SENDS"

func TestMain(m *testing.M) {
	if os.Getenv(sends) != "" {
		// The last two fail, as there is no such link: they are sent all the same.
		netlink.LinkAdd(&netlink.Veth{LinkAttrs: netlink.LinkAttrs{Name: "v0", MTU: 1400, TxQLen: -1}, PeerName: "p0", PeerTxQLen: -1})
		netlink.LinkAdd(&netlink.Bridge{LinkAttrs: netlink.LinkAttrs{Name: "br0", Flags: net.FlagUp, TxQLen: -1}})
		netlink.AddrAdd(nil, &netlink.Addr{IPNet: &net.IPNet{IP: local, Mask: net.CIDRMask(16, 32)}, LinkIndex: dev})
		netlink.RouteAdd(&netlink.Route{Dst: &net.IPNet{IP: dst, Mask: net.CIDRMask(16, 32)}, Gw: gateway, LinkIndex: dev, Priority: 100})
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// TestSentByVishvananda holds what is measured of vishvananda/netlink, which is partly a copy of
// what the package does, against what it sends.
func TestSentByVishvananda(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	log := filepath.Join(t.TempDir(), "log")
	c := exec.Command("unshare", "-rn", "strace", "-f", "-o", log, "-e", "trace=sendto", "-e", "write=all", "-e", "abbrev=all", self)
	c.Env = append(os.Environ(), sends+"=1")
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	var sent []byte
	for line := range strings.Lines(string(text)) {
		// " | 00010  00 00 00 00 00 00 00 00  08 00 1d 00 09 00 00 00  ................ |"
		if strings.HasPrefix(line, " | ") && len(line) > 59 {
			b, err := hex.DecodeString(strings.ReplaceAll(line[10:59], " ", ""))
			if err != nil {
				t.Fatal(err)
			}
			sent = append(sent, b...)
		}
	}
	var trees []string
	for m := range nl.Messages(sent) {
		if m.Type() != unix.RTM_GETLINK { // it looks for the new link's index
			trees = append(trees, tree(t, m))
		}
	}
	if len(trees) != len(requests) {
		t.Fatalf("it sent %d requests: %q", len(trees), trees)
	}
	for i, r := range requests {
		if want := tree(t, vishvananda.encode[r]()); trees[i] != want {
			t.Errorf("%s: it sends\n%s\nand what is measured is\n%s", r, trees[i], want)
		}
	}
}
