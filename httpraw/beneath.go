package httpraw

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// A beneath opens what is beneath a folder, and nothing outside of it, whatever
// a path says and whatever is renamed meanwhile.
//
// The kernel looks a path up (openat2, Linux 5.6): symbolic links may lead about
// inside, and those of /proc, which lead to where no name does, are not followed.
// Without openat2 the path is walked name by name, and no link is followed. It
// is also missing (EPERM) where a sandbox refuses calls that it does not know.
type beneath struct {
	fd  int
	old bool // there is no openat2
}

const resolve = unix.RESOLVE_BENEATH | unix.RESOLVE_NO_MAGICLINKS

// openBeneath opens the folder that dir is now, even if it is renamed later.
func openBeneath(dir string) (b beneath, err error) {
	b.fd, err = unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return b, err
	}
	fd, e := b.look([]byte(".\x00"), unix.O_PATH|unix.O_CLOEXEC)
	if e == 0 {
		unix.Close(fd)
	}
	b.old = e == unix.ENOSYS || e == unix.EPERM
	return b, nil
}

// open opens path, which has a NUL at its end and is relative: only names
// between single slashes, none of them "." or "..", and perhaps a slash at the
// end. flags get O_NONBLOCK and O_NOCTTY, so that no named pipe and no device
// makes the caller wait or becomes its terminal, and O_CLOEXEC.
func (b *beneath) open(path []byte, flags int) (int, unix.Errno) {
	flags |= unix.O_NONBLOCK | unix.O_NOCTTY | unix.O_CLOEXEC
	if len(path) == 1 {
		path = []byte(".\x00")
	}
	if b.old {
		return b.walk(path[:len(path)-1], flags)
	}
	return b.look(path, flags)
}

// look opens a path by openat2.
func (b *beneath) look(path []byte, flags int) (fd int, e unix.Errno) {
	if flags&unix.O_PATH == 0 {
		flags |= unix.O_LARGEFILE
	}
	how := unix.OpenHow{Flags: uint64(flags), Resolve: resolve}
	for range 3 {
		var n uintptr
		n, _, e = unix.Syscall6(unix.SYS_OPENAT2, uintptr(b.fd), uintptr(unsafe.Pointer(&path[0])),
			uintptr(unsafe.Pointer(&how)), unsafe.Sizeof(how), 0, 0)
		if fd = int(n); e != unix.EAGAIN && e != unix.EINTR { // else something was renamed meanwhile
			break
		}
	}
	if e != 0 {
		return -1, e
	}
	return fd, 0
}

// walk opens a path name by name. Each is looked up in the folder that the one
// before it has opened, so that nothing which is renamed can lead elsewhere,
// and none is followed if it is a link.
func (b *beneath) walk(path []byte, flags int) (int, unix.Errno) {
	at := b.fd
	for {
		name, rest, more := path, path, false
		for i := range path {
			if path[i] == '/' {
				name, rest, more = path[:i], path[i+1:], true
				break
			}
		}
		how := flags | unix.O_NOFOLLOW
		if more {
			how = unix.O_PATH | unix.O_NOFOLLOW | unix.O_DIRECTORY | unix.O_CLOEXEC
		}
		if len(name) == 0 { // behind the last slash
			name = []byte{'.'}
		}
		fd, err := unix.Openat(at, string(name), how, 0)
		if at != b.fd {
			unix.Close(at)
		}
		if err != nil {
			e, _ := err.(unix.Errno)
			return -1, e
		}
		if !more {
			return fd, 0
		}
		at, path = fd, rest
	}
}
