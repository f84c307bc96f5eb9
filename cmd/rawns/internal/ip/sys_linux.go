package ip

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// hwIfreq is struct ifreq with a link-layer address, netdevice(7): a name, and
// a struct sockaddr in a union that may be longer.
type hwIfreq struct {
	name   [unix.IFNAMSIZ]byte
	family uint16
	addr   [14]byte
	_      [8]byte
}

// ioctl is not raw: the kernel may wait for its RTNL lock.
func (r *hwIfreq) ioctl(fd int, req uint) error {
	if _, _, e := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), uintptr(req), uintptr(unsafe.Pointer(r))); e != 0 {
		return e
	}
	return nil
}
