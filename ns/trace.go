package ns

import (
	"strconv"

	"golang.org/x/sys/unix"
)

// Trace, if it is not nil, is called behind each system call that makes, enters,
// names or furnishes a namespace, with the call as a C program would write it:
// "unshare(CLONE_NEWNET)". Several threads may call it at once. Set it before
// anything else is done.
var Trace func(call string, err error)

func unshare(flags int) error {
	err := unix.Unshare(flags)
	if Trace != nil {
		what := "CLONE_NEWNET"
		if flags == unix.CLONE_NEWNS {
			what = "CLONE_NEWNS"
		}
		Trace("unshare("+what+")", err)
	}
	return err
}

// setns enters the namespace whose descriptor fd is.
func (n *NS) setns(fd int) error {
	err := unix.Setns(fd, unix.CLONE_NEWNET)
	if Trace != nil {
		Trace("setns("+strconv.Itoa(fd)+" "+n.String()+", CLONE_NEWNET)", err)
	}
	return err
}

func mount(source, target, fstype string, flags uintptr) error {
	err := unix.Mount(source, target, fstype, flags, "")
	if Trace != nil {
		what, sep := "", ""
		for _, f := range [...]struct {
			bit  uintptr
			name string
		}{{unix.MS_BIND, "MS_BIND"}, {unix.MS_REC, "MS_REC"}, {unix.MS_SHARED, "MS_SHARED"}, {unix.MS_SLAVE, "MS_SLAVE"}, {unix.MS_RDONLY, "MS_RDONLY"}} {
			if flags&f.bit != 0 {
				what += sep + f.name
				sep = "|"
			}
		}
		if what == "" {
			what = "0"
		}
		Trace("mount("+strconv.Quote(source)+", "+strconv.Quote(target)+", "+strconv.Quote(fstype)+", "+what+")", err)
	}
	return err
}

func umount(target string, flags int) error {
	err := unix.Unmount(target, flags)
	if Trace != nil {
		Trace("umount2("+strconv.Quote(target)+", MNT_DETACH)", err)
	}
	return err
}

// create makes the file of a name, which must not be there.
func create(path string) error {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CREAT|unix.O_EXCL|unix.O_CLOEXEC, 0)
	if err == nil {
		unix.Close(fd)
	}
	if Trace != nil {
		Trace("open("+strconv.Quote(path)+", O_RDONLY|O_CREAT|O_EXCL)", err)
	}
	return err
}

func unlink(path string) error {
	err := unix.Unlink(path)
	if Trace != nil {
		Trace("unlink("+strconv.Quote(path)+")", err)
	}
	return err
}
