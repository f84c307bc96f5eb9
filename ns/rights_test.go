package ns_test

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
	"rawns/ns"
	"rawns/ns/nstest"
)

// helperRights says what may be done in the namespaces of the paths.
func helperRights(args []string) int {
	for _, p := range args {
		has, who := ns.Rights(p, unix.CAP_NET_ADMIN)
		fmt.Println(has, who)
	}
	has, who := ns.Rights("", unix.CAP_NET_ADMIN)
	fmt.Println(ns.Denied(nil, has, who, "this network namespace"))
	return 0
}

// Which user namespace counts, and whether the capability is there, agrees with
// what the kernel allows.
func TestRights(t *testing.T) {
	nstest.Need(t, "setpriv", "unshare")
	own, err := os.Readlink("/proc/self/ns/user")
	check(t, err)
	blue := nstest.NewNamed(t, "blue")
	say := func(n *ns.NS, argv ...string) []string {
		return strings.Split(strings.TrimSpace(nstest.Run(t, n, argv...)), "\n")
	}
	path := ns.Dir + "/blue"
	// All rights.
	got := say(nil, helper("rights", path, "/no/such", "/proc/self/ns/user")...)
	want := []string{"true " + own + ", your own", "false ", "", "CAP_NET_ADMIN is there, but the kernel wants more for this: a capability in the initial user namespace, or over another network namespace"}
	for i, w := range want {
		if i != 2 && got[i] != w { // 2: a user namespace has a parent that may be asked for, or not
			t.Errorf("%q, want %q", got[i], w)
		}
	}
	// The capability alone is missing.
	drop := []string{"setpriv", "--bounding-set=-net_admin", "--inh-caps=-net_admin"}
	got = say(blue, append(drop, helper("rights", path)...)...)
	if got[0] != "false "+own+", your own" || got[1] != "this needs CAP_NET_ADMIN in the user namespace that owns this network namespace ("+own+", your own): try it as root" {
		t.Errorf("%q", got)
	}
	// Root in a user namespace that owns nothing.
	got = say(blue, append([]string{"unshare", "-Ur"}, helper("rights", path)...)...)
	if !strings.HasPrefix(got[0], "false one outside of your own, user:[") || strings.Contains(got[0], own) ||
		!strings.HasPrefix(got[1], "this needs CAP_NET_ADMIN in the user namespace that owns this network namespace (one outside of your own, user:[") || !strings.HasSuffix(got[1], "): yours do not count there") {
		t.Errorf("%q", got)
	}
	if r := nstest.Exec(t, blue, "unshare", "-Ur", "sh", "-c", "exec 2>&1; "+strings.Join(helper("rights"), " ")); r.Code != 0 || strings.Contains(r.Stdout, "try it as root") {
		t.Errorf("%+v", r)
	}
	// A namespace below: its parent may do all in it.
	pid := nstest.Background(t, nil, "unshare", "-Urn", "sh", "-c", "echo; exec sleep 1000")
	p := "/proc/" + strconv.Itoa(pid) + "/ns/"
	for try := 0; ; try++ {
		if l, err := os.Readlink(p + "user"); err == nil && l != own || try == 500 {
			break
		}
		unix.Nanosleep(&unix.Timespec{Nsec: 10e6}, nil)
	}
	below, err := os.Readlink(p + "user")
	check(t, err)
	if has, who := ns.Rights(p+"net", unix.CAP_NET_ADMIN); !has || who != below+", below your own, "+own {
		t.Errorf("%v %q", has, who)
	}
	// A link that is to go where the rights are missing.
	n, err := ns.OpenPath("/proc/1/ns/net")
	if err != nil {
		n = blue
	} else {
		defer n.Close()
	}
	var b nl.Builder
	rtnl.NewLink(&b, 0, rtnl.IfInfomsg{Index: 5})
	b.U32(rtnl.IFLA_NET_NS_FD, uint32(n.Fd()))
	m, err := b.Bytes()
	check(t, err)
	has, who := ns.Rights("/proc/self/fd/"+strconv.Itoa(n.Fd()), unix.CAP_NET_ADMIN)
	said := ns.Denied(m, true, own+", your own", "here")
	if !has && !strings.Contains(said, "that owns the network namespace that the link is to be in ("+who) || has && !strings.HasPrefix(said, "CAP_NET_ADMIN is there") {
		t.Errorf("%v %q: %s", has, who, said)
	}
}
