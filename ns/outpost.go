package ns

import (
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// NewSocket makes a namespace without a name, and a socket in it: socket(2) with
// SOCK_CLOEXEC, whose descriptor is the caller's.
//
// The calling thread does it, and is back when NewSocket returns: that is for programs
// of one task, as nothing else runs meanwhile, and /proc/self/ns/net may show the new
// namespace. Where there is no way back, as for a process without root's rights, it is a
// thread to throw away.
func NewSocket(domain, typ, proto int) (n *NS, fd int, err error) {
	typ |= unix.SOCK_CLOEXEC
	home, err := Current()
	if err != nil {
		return nil, -1, err
	}
	defer home.Close()
	// Whether it may come back the kernel says here, where it is already.
	if Trace == nil && home.setns(home.Fd()) == nil {
		return outpost(home, domain, typ, proto)
	}
	err = OnThread(func(t *Thread) (err error) {
		if n, err = t.New(); err == nil {
			if fd, err = unix.Socket(domain, typ, proto); err != nil {
				n.Close()
			}
		}
		return err
	})
	if err != nil {
		return nil, -1, err
	}
	return n, fd, nil
}

// outpost is NewSocket for a thread that may go home.
func outpost(home *NS, domain, typ, proto int) (n *NS, fd int, err error) {
	path, _ := unix.BytePtrFromString(threadSelf)
	t := trip{home: uintptr(home.Fd()), path: path, domain: uintptr(domain), typ: uintptr(typ), proto: uintptr(proto), setSize: 8}
	for i := range t.all {
		t.all[i] = ^uint32(0)
	}
	switch runtime.GOARCH {
	case "mips", "mipsle", "mips64", "mips64le":
		t.setSize = 16
	}
	t.make()
	switch {
	case t.unshare != 0:
		return nil, -1, &Error{Op: OpNew, Err: t.unshare}
	case t.open != 0:
		err = &Error{Op: OpOpen, Path: threadSelf, Err: t.open}
	default:
		n, err = adopt(int(t.space), threadSelf, "")
	}
	fd = int(t.fd)
	switch {
	case err != nil && t.socket == 0:
		unix.Close(fd)
	case err == nil && t.socket == unix.ENOSYS: // 386 before Linux 4.3 has it as part of another call
		fd, err = n.Socket(domain, typ, proto)
	case err == nil && t.socket != 0:
		err = t.socket
	}
	if err != nil {
		if n != nil {
			n.Close()
		}
		return nil, -1, err
	}
	return n, fd, nil
}

// trip is what a thread takes along, and what it brings back.
type trip struct {
	home               uintptr
	path               *byte // of the namespace where the thread is
	domain, typ, proto uintptr
	all, old           [4]uint32 // sets of signals, as many bytes as the largest of the kernel's
	setSize            uintptr

	space, fd             uintptr
	unshare, open, socket syscall.Errno
}

// make goes, works, and comes back. No other goroutine gets to see the thread elsewhere,
// and this one no other thread, although it is locked to none, which would cost a thread
// (runtime.LockOSThread starts one at its first call, for the others to be made by): the
// runtime moves a goroutine where a function begins, which asks for it unless it is
// nosplit, in a system call that is not raw, or at a signal, all of which are blocked.
//
//go:nosplit
//go:norace
func (t *trip) make() {
	unix.RawSyscall6(unix.SYS_RT_SIGPROCMASK, unix.SIG_SETMASK, uintptr(unsafe.Pointer(&t.all)), uintptr(unsafe.Pointer(&t.old)), t.setSize, 0, 0)
	_, _, t.unshare = unix.RawSyscall(unix.SYS_UNSHARE, unix.CLONE_NEWNET, 0, 0)
	if t.unshare == 0 {
		dir := unix.AT_FDCWD
		t.space, _, t.open = unix.RawSyscall6(unix.SYS_OPENAT, uintptr(dir), uintptr(unsafe.Pointer(t.path)), openFlags, 0, 0, 0)
		t.fd, _, t.socket = unix.RawSyscall(unix.SYS_SOCKET, t.domain, t.typ, t.proto)
		if _, _, e := unix.RawSyscall(unix.SYS_SETNS, t.home, unix.CLONE_NEWNET, 0); e != 0 {
			lost(e)
		}
	}
	unix.RawSyscall6(unix.SYS_RT_SIGPROCMASK, unix.SIG_SETMASK, uintptr(unsafe.Pointer(&t.old)), 0, t.setSize, 0, 0)
}

// lost ends the program, as its thread is in the wrong namespace: the kernel, which would
// have let it come back a moment ago, has no memory for that any more.
func lost(e syscall.Errno) {
	runtime.LockOSThread()
	panic(&Error{Op: OpSetns, Path: "home", Err: e})
}
