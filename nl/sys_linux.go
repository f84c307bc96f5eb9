package nl

import (
	"encoding/binary"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// socket is a netlink socket. Its calls go through Syscall and not RawSyscall,
// but where Conn.Alone asks for that: a request may wait for the kernel's RTNL
// lock.
//
// sendmsg and recvmsg are called directly because x/sys allocates a sockaddr
// for every datagram received.
type socket struct {
	fd   int
	raw  bool                    // see Conn.Alone
	only bool                    // connected: nobody but the kernel can send to it
	name unix.RawSockaddrNetlink // the sender's address
	to   unix.SockaddrNetlink    // the kernel; here for want of an allocation
	hdr  unix.Msghdr
	iov  unix.Iovec
	oob  [32]byte // control messages: NETLINK_LISTEN_ALL_NSID's
	nsid int32    // of the last datagram; -1 for the own namespace
}

func newSocket(protocol int) (*socket, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, protocol)
	if err != nil {
		return nil, sysError("socket", err)
	}
	return &socket{fd: fd}, nil
}

func sysError(call string, err error) error {
	if e, ok := err.(syscall.Errno); ok {
		return &SysError{call, e}
	}
	return err
}

func (s *socket) setopt(level, opt, value int) error {
	return sysError("setsockopt", unix.SetsockoptInt(s.fd, level, opt, value))
}

func (s *socket) close() error { return sysError("close", unix.Close(s.fd)) }

// connect makes the socket the kernel's alone: what any other process sends to
// its port id is refused (netlink_getsockbyportid, net/netlink/af_netlink.c). Then
// no datagram needs to be asked for its sender.
func (s *socket) connect() error {
	s.to.Family = unix.AF_NETLINK
	err := unix.Connect(s.fd, &s.to)
	s.only = err == nil
	return sysError("connect", err)
}

// send needs no address: a netlink socket that is not connected sends to port
// 0, the kernel.
func (s *socket) send(p []byte) error {
	for {
		var e syscall.Errno
		if s.raw {
			_, _, e = unix.RawSyscall6(unix.SYS_SENDTO, uintptr(s.fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)), 0, 0, 0)
		} else {
			_, _, e = unix.Syscall6(unix.SYS_SENDTO, uintptr(s.fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)), 0, 0, 0)
		}
		switch e {
		case 0:
			return nil
		case unix.EINTR:
		default:
			return &SysError{"sendto", e}
		}
	}
}

func (s *socket) recv(p []byte, wait bool) (n int, from uint32, err error) {
	// MSG_TRUNC makes the kernel return the datagram's full length: recv(2).
	flags := unix.MSG_TRUNC
	if !wait {
		flags |= unix.MSG_DONTWAIT
	}
	if s.only {
		return s.recvOnly(p, flags)
	}
	s.iov.Base = unsafe.SliceData(p)
	s.iov.SetLen(len(p))
	for {
		s.hdr = unix.Msghdr{Name: (*byte)(unsafe.Pointer(&s.name)), Namelen: uint32(unsafe.Sizeof(s.name)), Iov: &s.iov}
		s.hdr.SetIovlen(1)
		s.hdr.Control = &s.oob[0]
		s.hdr.SetControllen(len(s.oob))
		var r uintptr
		var e syscall.Errno
		if s.raw {
			r, _, e = unix.RawSyscall(unix.SYS_RECVMSG, uintptr(s.fd), uintptr(unsafe.Pointer(&s.hdr)), uintptr(flags))
		} else {
			r, _, e = unix.Syscall(unix.SYS_RECVMSG, uintptr(s.fd), uintptr(unsafe.Pointer(&s.hdr)), uintptr(flags))
		}
		switch e {
		case 0:
			s.nsid = s.controlNsid()
			return int(r), s.name.Pid, nil
		case unix.EINTR:
		case unix.EAGAIN:
			return 0, 0, errNothing
		case unix.ENOBUFS:
			return 0, 0, ErrOverrun
		default:
			return 0, 0, &SysError{"recvmsg", e}
		}
	}
}

// recvOnly is recv for a connected socket: recvfrom(2) costs half of recvmsg(2).
func (s *socket) recvOnly(p []byte, flags int) (n int, from uint32, err error) {
	for {
		var r uintptr
		var e syscall.Errno
		if s.raw {
			r, _, e = unix.RawSyscall6(unix.SYS_RECVFROM, uintptr(s.fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)), uintptr(flags), 0, 0)
		} else {
			r, _, e = unix.Syscall6(unix.SYS_RECVFROM, uintptr(s.fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)), uintptr(flags), 0, 0)
		}
		switch e {
		case 0:
			return int(r), 0, nil
		case unix.EINTR:
		case unix.EAGAIN:
			return 0, 0, errNothing
		case unix.ENOBUFS:
			return 0, 0, ErrOverrun
		default:
			return 0, 0, &SysError{"recvfrom", e}
		}
	}
}

// controlNsid finds the namespace id that NETLINK_LISTEN_ALL_NSID attaches to
// a datagram from another namespace; -1 if there is none.
func (s *socket) controlNsid() int32 {
	n := int(s.hdr.Controllen)
	var h unix.Cmsghdr
	if n < int(unsafe.Sizeof(h))+4 || n > len(s.oob) {
		return -1
	}
	copy(unsafe.Slice((*byte)(unsafe.Pointer(&h)), unsafe.Sizeof(h)), s.oob[:])
	if h.Level != unix.SOL_NETLINK || h.Type != unix.NETLINK_LISTEN_ALL_NSID || int(h.Len) < int(unsafe.Sizeof(h))+4 {
		return -1
	}
	return int32(binary.NativeEndian.Uint32(s.oob[unsafe.Sizeof(h):]))
}
