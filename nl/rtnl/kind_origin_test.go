package rtnl

import (
	"strings"
	"testing"
)

func TestKindOrigin(t *testing.T) {
	for _, c := range [][3]string{{"vlan", "VLAN_8021Q", "8021q"}, {"amt", "AMT", "amt"}, {"xfrm", "XFRM_INTERFACE", "xfrm_interface"},
		{"netkit", "NETKIT", ""}, {"vl", "", ""}, {"", "", ""}, {"VLAN_8021Q", "", ""}} {
		if config, module := KindOrigin(c[0]); config != c[1] || module != c[2] {
			t.Errorf("%s: %q %q", c[0], config, module)
		}
	}
	last := ""
	for line := range strings.Lines(kindOrigins[1:]) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), " ")
		if len(f) != 3 || f[0] <= last {
			t.Errorf("%q", line)
		}
		last = f[0]
	}
}
