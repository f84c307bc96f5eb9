//go:build !tiny

package ip

import (
	"strings"
	"testing"

	"rawns/cmd/rawns/internal/difftest"
	"rawns/ns/nstest"
)

func TestMain(m *testing.M) {
	difftest.Helper(applet)
	nstest.Main(m)
}

// applet is ip or bridge, as argv[0] says.
func applet(argv []string) int {
	if strings.HasSuffix(argv[0], "/bridge") {
		return RunBridge(argv)
	}
	return Run(argv)
}

// scene is what the differential tests of this package find in their
// namespace: a bridge, a veth pair with an alternative name and a name in the
// table of devices, and a named namespace.
const scene = `
ip netns add blue
ip link add br0 index 10 address 02:00:00:00:00:10 type bridge
ip link add v0 index 11 address 02:00:00:00:00:11 type veth peer name v1 index 12 address 02:00:00:00:00:12
ip link property add dev v0 altname a-rather-long-alternative-name
`

// likeStock runs lines with our ip and with the stock one, and compares them:
// package difftest says how.
func likeStock(t *testing.T, cases []difftest.Case) {
	s := difftest.Suite{Name: "ip", Setup: scene}
	s.Run(t, cases)
}

// lines makes cases of command lines.
func lines(ls ...string) []difftest.Case {
	cs := make([]difftest.Case, len(ls))
	for i, l := range ls {
		cs[i].Line = l
	}
	return cs
}
