package ns_test

import (
	"regexp"
	"strings"
	"sync"
	"testing"

	"rawns/ns"
	"rawns/ns/nstest"
)

// Trace hears what is done for a namespace, in order.
func TestTrace(t *testing.T) {
	nstest.Sandbox(t)
	var mu sync.Mutex
	var calls []string
	ns.Trace = func(call string, err error) {
		mu.Lock()
		defer mu.Unlock()
		if err != nil {
			call += " = " + err.Error()
		}
		calls = append(calls, call)
	}
	defer func() { ns.Trace = nil }()
	n, err := ns.Create("traced")
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	if err := n.Do(func() error { return nil }); err != nil {
		t.Fatal(err)
	}
	if err := ns.Delete("traced"); err != nil {
		t.Fatal(err)
	}
	got := regexp.MustCompile(`(self/fd/|setns\()\d+`).ReplaceAllString(strings.Join(calls, "\n"), "${1}N")
	// Whether the folder is a mount point already depends on earlier tests.
	_, got, _ = strings.Cut(got, "open(")
	want := `"/run/netns/traced", O_RDONLY|O_CREAT|O_EXCL)
unshare(CLONE_NEWNET)
mount("/proc/self/fd/N", "/run/netns/traced", "none", MS_BIND)
setns(N "traced", CLONE_NEWNET)
umount2("/run/netns/traced", MNT_DETACH)
umount2("/run/netns/traced", MNT_DETACH) = invalid argument
unlink("/run/netns/traced")`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
