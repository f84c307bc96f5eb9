package ns

import (
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// NS is a handle of a network namespace. It owns an open file, which keeps the
// namespace alive until Close, named or not. It may be used by several
// goroutines at once; Close must wait for the others.
type NS struct {
	fd       atomic.Int32 // -1 once closed
	name     string
	dev, ino uint64
}

// openFlags: without O_NONBLOCK, a FIFO that somebody put under a name would
// block the open for ever; without O_NOCTTY, a terminal would become ours.
const openFlags = unix.O_RDONLY | unix.O_CLOEXEC | unix.O_NONBLOCK | unix.O_NOCTTY

// Open returns a handle of a named namespace.
func Open(name string) (*NS, error) {
	if err := CheckName(name); err != nil {
		return nil, err
	}
	return open(Dir+"/"+name, name)
}

// OpenPath returns a handle of the namespace that a file refers to, for
// instance /proc/1/ns/net.
func OpenPath(path string) (*NS, error) { return open(path, "") }

// OpenPid returns a handle of the namespace in which a process is (its main
// thread, to be exact).
func OpenPid(pid int) (*NS, error) { return open(pidPath(pid), "") }

func pidPath(pid int) string { return "/proc/" + strconv.Itoa(pid) + "/ns/net" }

// Current returns a handle of the calling thread's namespace: the process's
// own, unless the goroutine is inside Do.
func Current() (*NS, error) {
	fd, path, err := openThread()
	if err != nil {
		return nil, &Error{Op: OpOpen, Path: path, Err: err}
	}
	return adopt(fd, path, "")
}

const threadSelf = "/proc/thread-self/ns/net"

// threadPaths are the names of the calling thread's namespace: the second one
// is for kernels before 3.17.
func threadPaths() [2]string {
	return [...]string{threadSelf, "/proc/self/task/" + strconv.Itoa(unix.Gettid()) + "/ns/net"}
}

// openThread opens the calling thread's namespace.
func openThread() (fd int, path string, err error) {
	if fd, err = openFile(threadSelf); err != unix.ENOENT {
		return fd, threadSelf, err
	}
	runtime.LockOSThread() // between the look at the thread's number and its use
	defer runtime.UnlockOSThread()
	path = threadPaths()[1]
	fd, err = openFile(path)
	return fd, path, err
}

func open(path, name string) (*NS, error) {
	fd, err := openFile(path)
	if err != nil {
		return nil, &Error{Op: OpOpen, Name: name, Path: path, Err: err}
	}
	return adopt(fd, path, name)
}

func openFile(path string) (fd int, err error) {
	for {
		fd, err = unix.Open(path, openFlags, 0)
		if err != unix.EINTR {
			return fd, err
		}
	}
}

// adopt makes a NS of a file, or closes it if it is something else.
func adopt(fd int, path, name string) (*NS, error) {
	var st unix.Stat_t
	err := unix.Fstat(fd, &st)
	if err == nil && !isNetns(fd) {
		err = ErrNotNetns
	}
	if err != nil {
		unix.Close(fd)
		return nil, &Error{Op: OpOpen, Name: name, Path: path, Err: err}
	}
	n := &NS{name: name, dev: uint64(st.Dev), ino: uint64(st.Ino)}
	n.fd.Store(int32(fd))
	return n, nil
}

// isNetns tells whether a file is a network namespace. Without it a plain file
// under a name would only be noticed by setns, and one of another kind
// (/proc/1/ns/mnt) not at all by those who merely pass it on.
func isNetns(fd int) bool {
	var fs unix.Statfs_t
	if unix.Fstatfs(fd, &fs) != nil || fs.Type != unix.NSFS_MAGIC && fs.Type != unix.PROC_SUPER_MAGIC {
		return false // asked first: other files may have an ioctl of the same number
	}
	if t, err := unix.IoctlRetInt(fd, unix.NS_GET_NSTYPE); err == nil {
		return t == unix.CLONE_NEWNET
	}
	// Before Linux 4.11 there is no such ioctl; before 3.19 namespaces are
	// files of procfs. Their link's text says what they are in both.
	var b [64]byte
	l, err := unix.Readlink("/proc/self/fd/"+strconv.Itoa(fd), b[:])
	return err == nil && strings.HasPrefix(string(b[:l]), "net:[")
}

// Close closes the handle. The namespace lives on while it has a name, another
// handle, or a process or socket in it.
//
//go:noinline
func (n *NS) Close() error {
	fd := n.fd.Swap(-1)
	if fd < 0 {
		return ErrClosed
	}
	return unix.Close(int(fd))
}

// Fd returns the file's descriptor, valid until Close, for netlink attributes
// like IFLA_NET_NS_FD. It stays the NS's: do not close it. -1 if closed.
func (n *NS) Fd() int { return int(n.fd.Load()) }

// Name returns the name by which the namespace was created or opened, "" if it
// was by none.
func (n *NS) Name() string { return n.name }

// Inode returns the device and inode number that tell a namespace from all
// others that exist. The inode number is what "net:[4026531840]" in
// /proc/PID/ns shows.
func (n *NS) Inode() (dev, ino uint64) { return n.dev, n.ino }

// Cookie returns a number that no other namespace has, or had, since the machine
// was started; inode numbers are used again. It is an *Error with ENOPROTOOPT
// before Linux 5.14 (SO_NETNS_COOKIE, socket(7)).
func (n *NS) Cookie() (uint64, error) {
	fd, err := n.Socket(unix.AF_UNIX, unix.SOCK_DGRAM, 0)
	if err != nil {
		return 0, err
	}
	defer unix.Close(fd)
	c, err := unix.GetsockoptUint64(fd, unix.SOL_SOCKET, unix.SO_NETNS_COOKIE)
	if err != nil {
		return 0, &Error{Op: OpCookie, Name: n.name, Path: n.String(), Err: err}
	}
	return c, nil
}

// Same tells whether two handles are of the same namespace.
func (n *NS) Same(other *NS) bool { return n.dev == other.dev && n.ino == other.ino }

// String returns the name, quoted, or net:[INODE] if there is none.
func (n *NS) String() string {
	if n.name != "" {
		return strconv.Quote(n.name)
	}
	return "net:[" + strconv.FormatUint(n.ino, 10) + "]"
}

// is tells whether path refers to the same namespace. It is by stat, as in
// iproute2, which does not open what it looks at.
func (n *NS) is(path string) bool {
	var st unix.Stat_t
	return unix.Stat(path, &st) == nil && uint64(st.Dev) == n.dev && uint64(st.Ino) == n.ino
}
