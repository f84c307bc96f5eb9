package httpraw

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// The four system calls that a request costs, made raw: without telling Go's
// scheduler, which saves more than a tenth of the server's time. That is
// allowed for these alone, because on a non-blocking descriptor none of them
// waits; epoll_wait does, and is made raw only when it does not wait for long
// (loop.await).
//
// They are also free of allocations: unix.Accept4 would build an address for
// each client.

// accept takes one waiting connection, non-blocking and closed on exec. from
// gets the client's address, if it is not nil.
func accept(listener int, from *unix.RawSockaddrAny) (int, unix.Errno) {
	const flags = unix.SOCK_NONBLOCK | unix.SOCK_CLOEXEC
	size := uint32(unix.SizeofSockaddrAny)
	var sizeAt *uint32
	if from != nil {
		from.Addr.Family = unix.AF_UNSPEC
		sizeAt = &size
	}
	fd, _, e := unix.RawSyscall6(unix.SYS_ACCEPT4, uintptr(listener), uintptr(unsafe.Pointer(from)),
		uintptr(unsafe.Pointer(sizeAt)), flags, 0, 0)
	if e == unix.ENOSYS { // 386 and s390x before Linux 4.3 know it by socketcall only
		fd, _, err := unix.Accept4(listener, flags)
		e, _ := err.(unix.Errno)
		return fd, e
	}
	return int(fd), e
}

// epollWait waits for ms milliseconds, and keeps its thread from all others
// meanwhile. (epoll_pwait without a mask is epoll_wait, which newer architectures
// do not have.)
func epollWait(ep int, events []unix.EpollEvent, ms int) (int, error) {
	n, _, e := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(ep), uintptr(unsafe.Pointer(unsafe.SliceData(events))), uintptr(len(events)), uintptr(ms), 0, 0)
	if e != 0 {
		return 0, e
	}
	return int(n), nil
}

// read must not be given an empty p: 0 bytes mean the end of the stream.
func read(fd int, p []byte) (int, unix.Errno) {
	n, _, e := unix.RawSyscall(unix.SYS_READ, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)))
	if e != 0 {
		return 0, e
	}
	return int(n), 0
}

// write may write less than all of p. On a connection that was reset it fails
// with EPIPE; Go's runtime ignores the SIGPIPE for descriptors above 2.
func write(fd int, p []byte) (int, unix.Errno) {
	n, _, e := unix.RawSyscall(unix.SYS_WRITE, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)))
	if e != 0 {
		return 0, e
	}
	return int(n), 0
}

// writeMore is write where more follows at once, from a file, or the end of the
// stream, so that p does not leave in a packet of its own.
func writeMore(fd int, p []byte) (int, unix.Errno) {
	n, _, e := unix.RawSyscall6(unix.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)),
		unix.MSG_MORE|unix.MSG_NOSIGNAL, 0, 0)
	if e == unix.ENOSYS { // as for accept4
		return write(fd, p)
	}
	if e != 0 {
		return 0, e
	}
	return int(n), 0
}

// abort makes the next close of fd a reset. That it may fail does not matter.
func abort(fd int) {
	linger := [2]int32{1, 0} // struct linger: on, for no time
	unix.RawSyscall6(unix.SYS_SETSOCKOPT, uintptr(fd), unix.SOL_SOCKET, unix.SO_LINGER,
		uintptr(unsafe.Pointer(&linger)), unsafe.Sizeof(linger), 0)
}

// keepLow bounds what fd takes beyond what can be sent at once.
func keepLow(fd int, size int32) {
	unix.RawSyscall6(unix.SYS_SETSOCKOPT, uintptr(fd), unix.IPPROTO_TCP, unix.TCP_NOTSENT_LOWAT,
		uintptr(unsafe.Pointer(&size)), unsafe.Sizeof(size), 0)
}

// cork lets only full packets leave fd, until the end of the stream.
func cork(fd int) {
	on := int32(1)
	unix.RawSyscall6(unix.SYS_SETSOCKOPT, uintptr(fd), unix.IPPROTO_TCP, unix.TCP_CORK,
		uintptr(unsafe.Pointer(&on)), unsafe.Sizeof(on), 0)
}

// closeSocket has no error worth knowing: the descriptor is gone in any case.
func closeSocket(fd int) {
	unix.RawSyscall(unix.SYS_CLOSE, uintptr(fd), 0, 0)
}
