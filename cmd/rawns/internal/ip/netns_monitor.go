package ip

import (
	"bytes"
	"encoding/binary"
	"errors"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/ns"
)

func parseNetnsMonitor(a *args) (*plan, error) { return netnsStep(a, netnsMonitor{}) }

// netnsMonitor prints a line for each name that comes or goes, until a signal
// ends the process. What it prints is never held back.
type netnsMonitor struct{}

func (netnsMonitor) run(r *runner) error {
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC)
	if err != nil {
		return notWatched("inotify_init failed", err)
	}
	defer unix.Close(fd)
	if err := unix.Mkdir(ns.Dir, 0o755); err != nil && err != unix.EEXIST {
		return netnsFailure(exitMissing, &ns.Error{Op: ns.OpMkdir, Path: ns.Dir, Err: err})
	}
	if _, err := unix.InotifyAddWatch(fd, ns.Dir, unix.IN_CREATE|unix.IN_DELETE); err != nil {
		return notWatched("inotify_add_watch failed", err)
	}
	buf := make([]byte, 4096) // room for 14 of the longest names
	for {
		n, err := unix.Read(fd, buf)
		if err == unix.EINTR {
			continue
		}
		if err == nil {
			err = showNames(r, buf[:n])
		}
		if err != nil {
			return notWatched("read failed", err)
		}
		if r.out.Flush() != nil {
			return failf(exitMissing) // nobody listens
		}
	}
}

func notWatched(step string, err error) error {
	var f *failure
	if errors.As(err, &f) {
		return err
	}
	return failf(exitMissing, step+": "+cli.Strerror(cli.Errno(err)))
}

// inotifyEvent is the length of struct inotify_event, linux/inotify.h, without
// the name behind it:
//
//	__s32 wd; __u32 mask, cookie, len; char name[len];
//
// all in the host's byte order, the name filled up with NULs.
const inotifyEvent = 16

// showNames prints what a read from inotify returned.
func showNames(r *runner, b []byte) error {
	for len(b) >= inotifyEvent {
		mask := binary.NativeEndian.Uint32(b[4:])
		size := binary.NativeEndian.Uint32(b[12:])
		b = b[inotifyEvent:]
		if uint64(size) > uint64(len(b)) {
			return unix.EBADMSG
		}
		name, _, _ := bytes.Cut(b[:size], []byte{0})
		b = b[size:]
		switch {
		case mask&unix.IN_CREATE != 0:
			r.out.S("add ").Safe(string(name)).NL()
		case mask&unix.IN_DELETE != 0:
			r.out.S("delete ").Safe(string(name)).NL()
		case mask&unix.IN_Q_OVERFLOW != 0:
			r.warn(failf(0, "Events were lost: there were more than this could keep up with."))
		case mask&unix.IN_IGNORED != 0:
			return failf(exitMissing, ns.Dir+" is no longer there")
		}
	}
	if len(b) > 0 {
		return unix.EBADMSG
	}
	return nil
}
