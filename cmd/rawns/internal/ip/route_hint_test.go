//go:build !tiny

package ip

import (
	"testing"

	"rawns/ns/nstest"
)

func TestRouteHints(t *testing.T) {
	nstest.NewNamed(t, "rhints")
	for _, l := range []string{"link add v0 type veth peer name v1", "link set v0 up", "link set v1 up", "link add v2 type veth peer name v3", "link set v2 up", "addr add 10.0.0.1/24 dev v0", "nexthop add id 1 via 10.0.0.2 dev v0", "rule add table 5 pref 5"} {
		if _, e, code := runLine("ip -n rhints "+l, 0); code != 0 {
			t.Fatalf("%s: %s", l, e)
		}
	}
	hints(t, "rhints", []hintCase{
		{"route add 10.1.0.0/16 nhid 99", "Error: Nexthop id does not exist.", `"ip nexthop" lists`},
		{"nexthop add id 1 via 10.0.0.3 dev v0", "RTNETLINK answers: File exists", `"ip nexthop replace" changes it`},
		{"nexthop add id 2 via 10.9.0.2 dev v0", "Error: Nexthop has invalid gateway.", "in no network of a link that is up"},
		{"nexthop add id 2 via 10.0.0.2", "Error: Device attribute required for non-blackhole and non-fdb nexthops.", "dev DEVICE"},
		{"nexthop add id 2 dev v3", "Error: Nexthop device is not up.", `"ip link set v3 up" comes first`},
		{"nexthop add id 2 dev v2", "Error: Carrier for nexthop device is down.", "v2 has no carrier"},
		{"nexthop add id 2 group 99", "Error: Invalid nexthop id.", `"ip nexthop" lists`},
		{"nexthop del id 99", "RTNETLINK answers: No such file or directory", `"ip nexthop" lists`},
		{"rule add table 5 pref 5", "RTNETLINK answers: File exists", "another preference"},
		{"rule del table 6", "RTNETLINK answers: No such file or directory", `"ip rule" and "ip -6 rule" list`},
		{"rule add from fd00::1 table 5", "Error: Invalid source address.", `"ip -6 rule"`},
	})
}
