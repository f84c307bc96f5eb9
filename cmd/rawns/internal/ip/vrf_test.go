//go:build !tiny

package ip

import (
	"encoding/hex"
	"testing"

	"rawns/cmd/rawns/internal/difftest"
	"rawns/ns/nstest"
)

func TestVRFPath(t *testing.T) {
	for _, c := range []struct{ own, netns, name, want string }{
		{"/", "", "red", "/vrf/red"},
		{"/", "", "", "/vrf/"},
		{"/user.slice/a", "", "red", "/user.slice/a/vrf/red"},
		{"/vrf/red", "", "blue", "/vrf/blue"},
		{"/user.slice/vrf/red", "a-ns", "blue", "/user.slice/a-ns/vrf/blue"},
		{"/a-ns/vrf/red", "a-ns", "", "/a-ns/vrf/"},
		{"/user.slice/a-ns/vrf/red", "b-ns", "red", "/user.slice/a-ns/b-ns/vrf/red"},
		{"", "a-ns", "red", "/a-ns/vrf/red"},
	} {
		if got := vrfPath(c.own, c.netns, c.name); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
	for path, want := range map[string]string{"/": "", "/vrf/red": "red", "/a/vrf/red": "red", "/vrf": "", "/vrf/": "", "/a-ns/vrf/0123456789012345678901234567890123": "0123456789012345678901234567890"} {
		if got := vrfOf(path); got != want {
			t.Errorf("%s is for %q, want %q", path, got, want)
		}
	}
}

// The program is what iproute2 loads.
func TestVRFProgram(t *testing.T) {
	skipOnBigEndian(t)
	attr := vrfLoad(0x1234)
	const want = "bf16000000000000" + "b703000034120000" + "b702000000000000" + "6331000000000000" + "b700000001000000" + "9500000000000000"
	if got := hex.EncodeToString(vrfProgram[:]); got != want || len(attr) != 40 {
		t.Errorf("%s\nwant\n%s; %d bytes of attributes", got, want, len(attr))
	}
}

func TestVRFLikeStock(t *testing.T) {
	likeStock(t, lines(
		"ip vrf", "ip vrf show", "ip vrf list", "ip vrf lst", "ip -j vrf", "ip -p -j vrf show", "ip -o vrf", "ip vrf show br0", "ip vrf show nope", "ip vrf show a b", "ip -n blue vrf",
		"ip vrf help", "ip vrf foo", "ip vrf exec", "ip vrf exec br0", "ip vrf exec br0 true", "ip vrf e nope true", "ip vrf identify", "ip vrf i 1", "ip vrf identify 4194304", "ip vrf identify x",
		"ip vrf identify 1 2", "ip vrf identify x y", "ip vrf pids", "ip vrf p br0", "ip vrf pids a b", "printf 'vrf exec nope true\\n' | ip -b -", "printf 'netns exec blue false\\nlink\\n' | ip -b -",
	))
}

const twoVRFs = "ip link add red type vrf table 100; ip link add averylongvrf1 type vrf table 4000000000; ip link set red up; ip link set v0 master red; ip link set v0 up; ip link set v1 up; ip addr add 10.1.1.1/24 dev v0; ip -n blue link add red type vrf table 7\n"

func TestVRFsLikeStock(t *testing.T) {
	nstest.NeedKind(t, "vrf")
	s := difftest.Suite{Name: "ip", Setup: scene + twoVRFs}
	s.Run(t, lines("ip vrf; ip vrf show red; ip vrf show v0; ip -j vrf; ip -p -j vrf; ip -j vrf show averylongvrf1; ip -n blue vrf", "ip vrf exec red", "ip vrf pids red; ip vrf pids v0", "ip neigh show vrf red; ip neigh show vrf v0"))
}
