//go:build !tiny

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

// bpf is bpf(2). attr holds the call's member of union bpf_attr.
func bpf(cmd int, attr []byte) (fd int, err error) {
	r, _, e := unix.Syscall(unix.SYS_BPF, uintptr(cmd), uintptr(unsafe.Pointer(&attr[0])), uintptr(len(attr)))
	if e != 0 {
		return -1, e
	}
	return int(r), nil
}

// address is where a variable is. It must be one of the package's: what is on a
// stack may be moved.
func address[T any](v *T) uint64 { return uint64(uintptr(unsafe.Pointer(v))) }
