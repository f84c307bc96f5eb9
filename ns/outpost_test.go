package ns_test

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"rawns/ns"
	"rawns/ns/nstest"
)

// A namespace is made with a socket in it, and no goroutine finds itself there,
// whatever the runtime is busy with meanwhile.
func TestNewSocket(t *testing.T) {
	nstest.Sandbox(t)
	home := where(t)
	stop := make(chan struct{})
	var busy, wg sync.WaitGroup
	for range 4 { // goroutines that are interrupted, and moved
		busy.Go(func() {
			for k := 0; ; k++ {
				select {
				case <-stop:
					return
				default:
				}
				if k%1000 == 0 {
					runtime.GC()
				}
			}
		})
	}
	for range 4 {
		wg.Go(func() {
			for range 20 {
				n, fd, err := ns.NewSocket(unix.AF_NETLINK, unix.SOCK_RAW, unix.NETLINK_ROUTE)
				if err != nil {
					t.Error(err)
					return
				}
				if got := where(t); got != home {
					t.Errorf("in %s, not back in %s", got, home)
				}
				want, err1 := n.Cookie()
				got, err := unix.GetsockoptUint64(fd, unix.SOL_SOCKET, unix.SO_NETNS_COOKIE)
				if err != nil || err1 != nil || got != want || n.String() == home {
					t.Errorf("the socket is in %d, %v, not in %v, which is %d", got, err, n, want)
				}
				if flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err != nil || flags&unix.FD_CLOEXEC == 0 {
					t.Errorf("%x, %v", flags, err)
				}
				unix.Close(fd)
				n.Close()
			}
		})
	}
	wg.Wait()
	close(stop)
	busy.Wait()

	// Signals are let in again.
	status, err := os.ReadFile("/proc/thread-self/status")
	if check(t, err); !strings.Contains(string(status), "\nSigBlk:\t0000000000000000\n") {
		t.Errorf("%s", status)
	}

	if n, fd, err := ns.NewSocket(-1, 0, 0); !errors.Is(err, unix.EAFNOSUPPORT) {
		t.Error(n, fd, err)
	}
	if got := where(t); got != home {
		t.Errorf("in %s, not back in %s, after an error", got, home)
	}

	// Root in a user namespace that owns nothing may leave, and not come back.
	r := nstest.Exec(t, nil, append([]string{"unshare", "-Ur"}, helper("new-socket")...)...)
	if r.Code != 0 {
		t.Errorf("%+v", r)
	}
}

// helperNewSocket ends with 0 if another thread goes for NewSocket, and this one stays
// where it is.
func helperNewSocket([]string) int {
	runtime.LockOSThread()
	was, err1 := ns.Current()
	n, _, err2 := ns.NewSocket(unix.AF_UNIX, unix.SOCK_DGRAM, 0)
	now, err3 := ns.Current()
	if err := errors.Join(err1, err2, err3); err != nil || n.Same(was) || !now.Same(was) {
		fmt.Println(err)
		return 1
	}
	return 0
}
