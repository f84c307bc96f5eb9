package brctl

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// BRCTL_SET_BRIDGE_... of linux/if_bridge.h: the old ioctls that set a time.
const (
	brctlSetForwardDelay = 8
	brctlSetHelloTime    = 9
	brctlSetMaxAge       = 10
	brctlSetAgeingTime   = 11
)

// setTime sets a bridge's time, in hundredths of a second, through the ioctl
// SIOCDEVPRIVATE. The kernel keeps times as longs and takes them so here and in
// sysfs, while rtnetlink's attributes have 32 bits: cut to these, an ageing
// time that was meant to be for ever could become a moment.
func setTime(bridge string, code uintptr, ticks uint64) error {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	args := [4]uintptr{code, uintptr(ticks)}
	// struct ifreq with ifr_data; its union is three pointers long, or four.
	var ifr struct {
		name [unix.IFNAMSIZ]byte
		data unsafe.Pointer
		_    [3]uintptr
	}
	copy(ifr.name[:unix.IFNAMSIZ-1], bridge)
	ifr.data = unsafe.Pointer(&args)
	if _, _, e := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), unix.SIOCDEVPRIVATE, uintptr(unsafe.Pointer(&ifr))); e != 0 {
		return e
	}
	return nil
}
