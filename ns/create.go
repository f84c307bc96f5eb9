package ns

import (
	"strconv"

	"golang.org/x/sys/unix"
)

// Create makes a namespace with a name, exactly as "ip netns add" does, and
// returns a handle of it. See the package's text for the steps. A name that is
// taken is an *Error with OpFile and EEXIST.
func Create(name string) (n *NS, err error) {
	err = withFile(name, func(path string) error {
		if n, err = newNetns(name); err != nil {
			return err
		}
		return n.bind("/proc/self/ns/net", path)
	})
	if err != nil {
		if n != nil {
			n.Close()
		}
		return nil, err
	}
	return n, nil
}

// NewAnonymous makes a namespace without a name. It ends when its handles are
// closed and no process or socket is in it.
func NewAnonymous() (*NS, error) { return newNetns("") }

// Bind gives the namespace a name, as Create does; n goes by it from then on. A
// name that is taken is an *Error with OpFile and EEXIST. It must not be called
// while another goroutine uses n.
func (n *NS) Bind(name string) error {
	err := withFile(name, func(path string) error { return n.bind("/proc/self/ns/net", path) })
	if err == nil {
		n.name = name
	}
	return err
}

func newNetns(name string) (n *NS, err error) {
	err = onThread(func() error {
		if err := unshare(unix.CLONE_NEWNET); err != nil {
			return &Error{Op: OpNew, Name: name, Err: err}
		}
		n, err = Current()
		return err
	})
	if err != nil {
		return nil, err
	}
	n.name = name
	return n, nil
}

// Attach gives the namespace of a process a name, as "ip netns attach" does.
func Attach(name string, pid int) error {
	return withFile(name, func(path string) error {
		source := pidPath(pid)
		n, err := OpenPath(source)
		if err != nil {
			return &Error{Op: OpBind, Name: name, Source: source, Path: path, Err: err.(*Error).Err}
		}
		defer n.Close()
		return n.bind(source, path)
	})
}

// bind mounts the namespace on the file of its name. It goes by the handle, not
// by the path that the handle was opened by: that process may be gone by now.
func (n *NS) bind(source, path string) error {
	fd := "/proc/self/fd/" + strconv.Itoa(n.Fd())
	if err := mount(fd, path, "none", unix.MS_BIND); err != nil {
		return &Error{Op: OpBind, Name: n.name, Source: source, Path: path, Err: err}
	}
	return nil
}

// withFile makes the file of a name and calls mount to mount something on it.
// If that fails, the file goes again.
func withFile(name string, mount func(path string) error) error {
	if err := CheckName(name); err != nil {
		return err
	}
	if err := prepareDir(); err != nil {
		return err
	}
	return withPrepared(name, mount)
}

// withPrepared is withFile for a folder that is ready.
func withPrepared(name string, mount func(path string) error) error {
	path := Dir + "/" + name
	if err := create(path); err != nil {
		return &Error{Op: OpFile, Name: name, Path: path, Err: err}
	}
	if err := mount(path); err != nil {
		unlink(path)
		return err
	}
	return nil
}

// prepareDir makes Dir a shared mount, so that names that come and go in one
// mount namespace come and go in all.
func prepareDir() error {
	mkdir := unix.Mkdir(Dir, 0o755)
	if mkdir != nil && mkdir != unix.EEXIST {
		return &Error{Op: OpMkdir, Path: Dir, Err: mkdir}
	}
	err := shareDir()
	if err != nil && mkdir == nil {
		unix.Rmdir(Dir)
	}
	return err
}

func shareDir() error {
	// Between "it is no mount point" and the mount, another process could say
	// and do the same, and each one's bind mount, shared, appears in the other:
	// mounts double. iproute2 takes the same lock.
	fd, err := unix.Open(Dir, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return &Error{Op: OpDir, Path: Dir, Err: err}
	}
	defer unix.Close(fd) // unlocks
	for {
		err = unix.Flock(fd, unix.LOCK_EX)
		if err != unix.EINTR {
			break
		}
	}
	switch err {
	case nil, unix.ENOLCK, unix.EOPNOTSUPP, unix.ENOSYS: // a root file system on NFS: better without than not at all
	default:
		return &Error{Op: OpLock, Path: Dir, Err: err}
	}

	err = mount("", Dir, "none", unix.MS_SHARED|unix.MS_REC)
	if err == nil {
		return nil
	}
	if err != unix.EINVAL { // EINVAL: not a mount point
		return &Error{Op: OpShare, Path: Dir, Err: err}
	}
	if err := mount(Dir, Dir, "none", unix.MS_BIND|unix.MS_REC); err != nil {
		return &Error{Op: OpBindDir, Path: Dir, Err: err}
	}
	if err := mount("", Dir, "none", unix.MS_SHARED|unix.MS_REC); err != nil {
		umount(Dir, unix.MNT_DETACH)
		return &Error{Op: OpShare, Path: Dir, Err: err}
	}
	return nil
}

// maxStack bounds how many mounts on one name Delete takes off: tools without
// the lock in shareDir have been seen to stack them.
const maxStack = 64

// Delete takes a name away, also one that was left without a namespace on it.
// The namespace ends when nothing else holds it. As in iproute2, only a failure
// to remove the file is one.
func Delete(name string) error {
	if err := CheckName(name); err != nil {
		return err
	}
	path := Dir + "/" + name
	for range maxStack {
		// Not through a symbolic link: what that points to is not ours.
		if umount(path, unix.MNT_DETACH|unix.UMOUNT_NOFOLLOW) != nil {
			break
		}
	}
	if err := unlink(path); err != nil {
		return &Error{Op: OpRemove, Name: name, Path: path, Err: err}
	}
	return nil
}
