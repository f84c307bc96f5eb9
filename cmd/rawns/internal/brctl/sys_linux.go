package brctl

import (
	"encoding/binary"
	"unsafe"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
)

// BRCTL_... of linux/if_bridge.h: the bridge's old ioctls.
const (
	brctlGetPortList     = 7
	brctlSetForwardDelay = 8
	brctlSetHelloTime    = 9
	brctlSetMaxAge       = 10
	brctlSetAgeingTime   = 11
	brctlGetFDBEntries   = 18
)

// An ifreq is struct ifreq with ifr_data; its union is three pointers long, or
// four.
type ifreq struct {
	name [unix.IFNAMSIZ]byte
	data unsafe.Pointer
	_    [3]uintptr
}

// oldArgs is what ifr_data of the bridge's ioctls points to: a code, and up to
// three numbers, of which the first may be an address.
type oldArgs struct {
	code uintptr
	data unsafe.Pointer
	n    uintptr
	skip uintptr
}

// socket is for ioctls, in the namespace of the netlink socket.
func (r *runner) socket() (int, error) {
	if r.fd < 0 {
		fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			return -1, err
		}
		r.fd = fd
	}
	return r.fd, nil
}

func ioctl(fd int, request uintptr, q *ifreq) (n int, err error) {
	if cli.Ioctl(uint(request), q.name[:]) {
		return 0, nil
	}
	r, _, e := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), request, uintptr(unsafe.Pointer(q)))
	if e != 0 {
		return 0, e
	}
	return int(r), nil
}

// old is one of the bridge's old ioctls, by the bridge's own name.
func (r *runner) old(bridge string, a *oldArgs) (n int, err error) {
	fd, err := r.socket()
	if err != nil {
		return 0, err
	}
	q := &ifreq{data: unsafe.Pointer(a)}
	copy(q.name[:unix.IFNAMSIZ-1], bridge)
	return ioctl(fd, unix.SIOCDEVPRIVATE, q)
}

// maxPorts is BR_MAX_PORTS, which no number of a port reaches.
const maxPorts = 1024

// oldPorts lists a bridge's ports. For a thousand of them messages are more
// than half a megabyte, which the kernel takes longer to write than all that is
// needed here: their names.
func (r *runner) oldPorts(bridge string) ([]portName, error) {
	var indexes [maxPorts]int32 // by the port's number
	n, err := r.old(bridge, &oldArgs{code: brctlGetPortList, data: unsafe.Pointer(&indexes), n: maxPorts})
	if err != nil {
		return nil, err
	}
	list := make([]portName, 0, n)
	q := &ifreq{}
	for number, index := range indexes[:min(n, maxPorts)] {
		if index == 0 {
			continue
		}
		*(*int32)(unsafe.Pointer(&q.data)) = index // the union's ifr_ifindex
		switch _, err := ioctl(r.fd, unix.SIOCGIFNAME, q); err {
		case nil:
			list = append(list, portName{unix.ByteSliceToString(q.name[:]), uint16(number)})
		case unix.ENODEV: // it is gone
		default:
			return nil, err
		}
	}
	return list, nil
}

// oldMACs reads a forwarding table, as the original finds it in sysfs: in
// struct __fdb_entry, linux/if_bridge.h.
//
//	address 6 | port's number 1 | local 1 | age 4, hundredths of a second | the number's upper byte 1 | unused 3
func (r *runner) oldMACs(bridge string) (macs []mac, err error) {
	const size, most = 16, 256
	buf := new([size * most]byte)
	for skip := 0; ; {
		n, err := r.old(bridge, &oldArgs{code: brctlGetFDBEntries, data: unsafe.Pointer(buf), n: most, skip: uintptr(skip)})
		if err != nil {
			return nil, err
		}
		for p := buf[:size*min(max(n, 0), most)]; len(p) > 0; p = p[size:] {
			macs = append(macs, mac{addr: [6]byte(p), port: p[6], local: p[7] != 0, age: binary.NativeEndian.Uint32(p[8:])})
		}
		if skip += n; n <= 0 {
			return macs, nil
		}
	}
}

// setTime sets a bridge's time, in hundredths of a second. The kernel keeps
// times as longs and takes them so by its old ioctls and in sysfs, while
// rtnetlink's attributes have 32 bits: cut to these, an ageing time that was
// meant to be for ever could become a moment.
func (r *runner) setTime(bridge string, code uintptr, ticks uint64) error {
	fd, err := r.socket()
	if err != nil {
		return err
	}
	q := &ifreq{data: unsafe.Pointer(&[4]uintptr{code, uintptr(ticks)})}
	copy(q.name[:unix.IFNAMSIZ-1], bridge)
	_, err = ioctl(fd, unix.SIOCDEVPRIVATE, q)
	return err
}
