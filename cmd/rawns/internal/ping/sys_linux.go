package ping

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// message is one msghdr with the room that recvmsg(2) fills: x/sys allocates a
// sockaddr for every packet received, and cannot send a flow label.
type message struct {
	control [64]uint64 // control messages, aligned as struct cmsghdr is
	name    [sockaddr6Size]byte
	hdr     unix.Msghdr
	iov     unix.Iovec
}

// send sends p. EINTR is not repeated: a signal may have come to end the run.
func (m *message) send(fd int, p, to, control []byte, flags int) error {
	m.set(p, to, control)
	_, _, e := unix.Syscall(unix.SYS_SENDMSG, uintptr(fd), uintptr(unsafe.Pointer(&m.hdr)), uintptr(flags))
	if e != 0 {
		return e
	}
	return nil
}

// receive never waits.
func (m *message) receive(fd int, p []byte, flags int) (n int, err error) {
	m.set(p, m.name[:], m.controlRoom())
	r, _, e := unix.Syscall(unix.SYS_RECVMSG, uintptr(fd), uintptr(unsafe.Pointer(&m.hdr)), uintptr(flags|unix.MSG_DONTWAIT))
	if e != 0 {
		return 0, e
	}
	return int(r), nil
}

func (m *message) set(p, name, control []byte) {
	m.iov.Base = unsafe.SliceData(p)
	m.iov.SetLen(len(p))
	m.hdr = unix.Msghdr{Name: unsafe.SliceData(name), Namelen: uint32(len(name)), Iov: &m.iov, Control: unsafe.SliceData(control)}
	m.hdr.SetIovlen(1)
	m.hdr.SetControllen(len(control))
}

// from is the sender of what receive returned, or on the error queue the
// destination of the packet that failed.
func (m *message) from() (ip []byte, zone uint32) {
	return parseSockaddr(m.name[:min(int(m.hdr.Namelen), len(m.name))])
}

// controls are the control messages of what receive returned.
func (m *message) controls() []byte {
	return m.controlRoom()[:min(uint64(m.hdr.Controllen), uint64(unsafe.Sizeof(m.control)))]
}

func (m *message) controlRoom() []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(&m.control)), unsafe.Sizeof(m.control))
}

// setsockopt sets an option whose value is bytes. The kernel may answer in
// them (IPV6_FLOWLABEL_MGR does).
func setsockopt(fd, level, option int, value []byte) error {
	_, _, e := unix.Syscall6(unix.SYS_SETSOCKOPT, uintptr(fd), uintptr(level), uintptr(option),
		uintptr(unsafe.Pointer(unsafe.SliceData(value))), uintptr(len(value)), 0)
	if e != 0 {
		return e
	}
	return nil
}
