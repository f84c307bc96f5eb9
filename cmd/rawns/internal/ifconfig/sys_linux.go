package ifconfig

import (
	"encoding/binary"
	"unsafe"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
)

// ifreq is struct ifreq, netdevice(7): a name and a union. The union has 24
// bytes where a long has 64 bits and 16 where it has 32; the kernel copies as
// many as it needs.
type ifreq struct {
	name [unix.IFNAMSIZ]byte
	data [24]byte
}

func newIfreq(name string) *ifreq {
	r := new(ifreq)
	copy(r.name[:unix.IFNAMSIZ-1], name)
	return r
}

// setInet makes the union a struct sockaddr_in.
func (r *ifreq) setInet(a [4]byte) {
	binary.NativeEndian.PutUint16(r.data[:], unix.AF_INET)
	copy(r.data[4:], a[:])
}

func (r *ifreq) flags() uint16     { return binary.NativeEndian.Uint16(r.data[:]) }
func (r *ifreq) setFlags(f uint16) { binary.NativeEndian.PutUint16(r.data[:], f) }

// setLong makes the union an unsigned long.
func (r *ifreq) setLong(n uint64) {
	if unsafe.Sizeof(uintptr(0)) == 8 {
		binary.NativeEndian.PutUint64(r.data[:], n)
	} else {
		binary.NativeEndian.PutUint32(r.data[:], uint32(n))
	}
}

// in6Ifreq is struct in6_ifreq, linux/ipv6.h, in an ifreq's place: address,
// prefix length, interface index.
func in6Ifreq(a [16]byte, prefixLen uint32, index int32) *ifreq {
	r := &ifreq{name: a}
	binary.NativeEndian.PutUint32(r.data[0:], prefixLen)
	binary.NativeEndian.PutUint32(r.data[4:], uint32(index))
	return r
}

// ioctl is not raw: the kernel may wait for its RTNL lock.
func ioctl(fd int, req uint, r *ifreq) error {
	if cli.Ioctl(req, r.name[:]) {
		return nil
	}
	if _, _, e := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), uintptr(req), uintptr(unsafe.Pointer(r))); e != 0 {
		return e
	}
	return nil
}
