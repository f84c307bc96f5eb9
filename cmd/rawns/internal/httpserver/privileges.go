package httpserver

import (
	"errors"
	"strconv"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
)

// What the server does not need once it listens is given up, on all threads of
// the process, as each has its own users, groups and capabilities: the Go
// runtime stops them and makes the call on each. Threads made later inherit.

// drop makes the process the user id, or leaves it who it is if that is nil, and
// takes from it for good what it could do besides:
//
//   - all capabilities, in all five sets. Without a user to become, root keeps
//     CAP_DAC_OVERRIDE, without which it could not read the files of others that
//     it is told to serve, nor open its log again.
//   - what a program could give it that it starts (PR_SET_NO_NEW_PRIVS).
func drop(id *identity) error {
	const last = 63 // capabilities are bits of 64
	for c := uintptr(0); c <= last; c++ {
		// Only CAP_SETPCAP allows it. Without, the bounding set stays, and
		// means nothing: it limits what a started program can get, and
		// no_new_privs already says that this is nothing.
		if has, err := unix.PrctlRetInt(unix.PR_CAPBSET_READ, c, 0, 0, 0); err != nil || has == 1 && all(unix.SYS_PRCTL, unix.PR_CAPBSET_DROP, c, 0) != 0 {
			break // also after the last one that the kernel knows
		}
	}
	if id != nil && !id.isOurs() {
		if err := id.become(); err != nil {
			return err
		}
	}
	if e := all(unix.SYS_PRCTL, unix.PR_SET_NO_NEW_PRIVS, 1, 0); e != 0 {
		return failed("prctl(PR_SET_NO_NEW_PRIVS)", e, "Linux before 3.5 does not have it")
	}
	head := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var sets [2]unix.CapUserData
	if err := unix.Capget(&head, &sets[0]); err != nil {
		return failed("capget", err.(syscall.Errno), "")
	}
	keep := sets[0].Effective & (1 << unix.CAP_DAC_OVERRIDE)
	if id != nil {
		keep = 0
	}
	sets = [2]unix.CapUserData{{Effective: keep, Permitted: keep}}
	if e := all(unix.SYS_CAPSET, uintptr(unsafe.Pointer(&head)), uintptr(unsafe.Pointer(&sets)), 0); e != 0 {
		return failed("capset", e, "")
	}
	return nil
}

// all makes a system call on every thread.
//
//go:uintptrescapes
func all(call, a, b, c uintptr) syscall.Errno {
	_, _, e := syscall.AllThreadsSyscall6(call, a, b, c, 0, 0, 0)
	return e
}

// isOurs tells whether the process is this user already. It keeps the groups
// that it was started with then, as it may have no right to change them.
func (id *identity) isOurs() bool {
	return syscall.Getuid() == id.uid && syscall.Geteuid() == id.uid && syscall.Getgid() == id.gid && syscall.Getegid() == id.gid
}

// become changes the groups first: the right to that goes with the user.
func (id *identity) become() error {
	e := cli.Errno(syscall.Setgroups(id.groups))
	if e != 0 {
		return refused("setgroups", e, "CAP_SETGID", id.gid)
	}
	if e = cli.Errno(syscall.Setgid(id.gid)); e != 0 {
		return refused("setgid", e, "CAP_SETGID", id.gid)
	}
	if e = cli.Errno(syscall.Setuid(id.uid)); e != 0 {
		return refused("setuid", e, "CAP_SETUID", id.uid)
	}
	return nil
}

// refused says why the process may not become somebody.
func refused(call string, e syscall.Errno, capability string, id int) error {
	hint := ""
	switch e {
	case unix.EPERM:
		hint = "this needs " + capability + ": start it as root, and let a user namespace allow setgroups"
	case unix.EINVAL:
		hint = "this user namespace has no number " + strconv.FormatUint(uint64(uint32(id)), 10)
	}
	return failed(call, e, hint)
}

func failed(call string, e syscall.Errno, hint string) error {
	s := call + ": " + e.Error() + " (" + cli.ErrnoName(e) + ")"
	if hint != "" {
		s += "; " + hint
	}
	return errors.New(s)
}
