package topo

import (
	"testing"

	"golang.org/x/sys/unix"

	"rawns/ns/nstest"
)

// Who unlocks early and once more at the end must not close a file that has got
// the descriptor's number meanwhile.
func TestUnlockTwice(t *testing.T) {
	nstest.Sandbox(t)
	unlock, err := LockHost()
	if err != nil {
		t.Fatal(err)
	}
	unlock()
	fd, err := unix.Open("/dev/null", unix.O_RDONLY|unix.O_CLOEXEC, 0) // the lowest number: the lock's
	if err != nil {
		t.Fatal(err)
	}
	unlock()
	if err := unix.Close(fd); err != nil {
		t.Errorf("the second unlock closed another file: %v", err)
	}
}
