package nstest

import (
	"errors"
	"testing"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
)

// NeedKind skips the test if the kernel, asked, says that it knows no links of
// this kind. It is asked to make one without any options; every other answer,
// the complaint about a missing option too, shows that it knows the kind.
func NeedKind(t testing.TB, kind string) {
	t.Helper()
	c, err := New(t).Dial()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var b nl.Builder
	rtnl.NewLink(&b, unix.NLM_F_CREATE|unix.NLM_F_EXCL, rtnl.IfInfomsg{})
	b.Str(rtnl.IFLA_IFNAME, "probe")
	info := b.Nest(rtnl.IFLA_LINKINFO)
	b.StrN(rtnl.IFLA_INFO_KIND, kind)
	b.End(info)
	err = c.Do(&b, nil)
	if errors.Is(err, unix.EOPNOTSUPP) {
		t.Skipf("this kernel has no %s links (%v)", kind, err)
	}
	var refused *nl.Error
	if err != nil && !errors.As(err, &refused) {
		t.Fatalf("asking for a link of kind %s: %v", kind, err)
	}
}
