package nstest_test

import (
	"testing"

	"rawns/ns/nstest"
)

func TestNeedKind(t *testing.T) {
	for _, kind := range []string{"veth", "bridge", "vxlan", "no-such-kind"} {
		skipped := false
		t.Run(kind, func(t *testing.T) {
			defer func() { skipped = t.Skipped() }()
			nstest.NeedKind(t, kind)
		})
		// veth and bridge need no options, vxlan is refused without an id.
		if skipped != (kind == "no-such-kind") {
			t.Errorf("%s: skipped %v", kind, skipped)
		}
	}
}
