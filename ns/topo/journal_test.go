package topo

import (
	"errors"
	"strings"
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

// A note for which there was no room is not half in the file: those that follow
// it, of what is undone, can be read.
func TestJournalFull(t *testing.T) {
	nstest.Sandbox(t)
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=64k"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Unmount(dir, unix.MNT_DETACH) })
	j := journal(t, dir+"/full")
	if err := j.note("link", "7", "v7"); err != nil {
		t.Fatal(err)
	}
	if err := j.note("link", "8", strings.Repeat("v", 128<<10)); !errors.Is(err, unix.ENOSPC) {
		t.Fatalf("a note of twice the room: %v", err)
	}
	if err := j.note("gone", "link", "7", "v7"); err != nil {
		t.Fatal(err)
	}
	if r, err := j.Read(); err != nil || len(r.Links) != 0 {
		t.Errorf("%+v, %v", r, err)
	}
}
