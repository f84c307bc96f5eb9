package topo

import (
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
	"rawns/ns/nstest"
)

// When Apply returns, a bridge with one port is up for the kernel, too, and sends: without
// settle that comes up to a second later, most times.
func TestSettled(t *testing.T) {
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		t.Fatal(err)
	}
	v := strings.Split(unix.ByteSliceToString(u.Release[:]), ".")
	major, _ := strconv.Atoi(v[0])
	minor, _ := strconv.Atoi(v[1])
	if major < 6 || major == 6 && minor < 7 {
		t.Skip("this kernel has no look at the carrier of a link that is asked for")
	}
	nstest.Sandbox(t)
	s := Article()
	s.Services = nil
	for range 5 {
		j := journal(t, filepath.Join(t.TempDir(), "article"))
		r, err := Apply(plan(t, s, nil), Options{Journal: j})
		if err != nil {
			t.Fatal(err)
		}
		// All links: a question after one would have the kernel look at it.
		c, err := nl.Dial(unix.NETLINK_ROUTE)
		if err != nil {
			t.Fatal(err)
		}
		var b nl.Builder
		rtnl.GetLink(&b, rtnl.IfInfomsg{})
		list, err := c.List(&b, nil)
		if err != nil {
			t.Fatal(err)
		}
		c.Close()
		bridges := 0
		for m := range nl.Messages(list) {
			l, err := rtnl.ParseLink(m)
			if err != nil {
				t.Fatal(err)
			}
			if l.Name() != s.Links[0].Name {
				continue
			}
			bridges++
			if state, _ := l.Attrs.U8(rtnl.IFLA_OPERSTATE); state != 6 { // IF_OPER_UP
				t.Errorf("%s is in the state %d", l.Name(), state)
			}
		}
		if bridges != 1 {
			t.Errorf("%d bridges", bridges)
		}
		if left := r.Undo(); left != nil {
			t.Fatal(left)
		}
		j.Close()
	}
}
