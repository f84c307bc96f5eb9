package httpraw

import "golang.org/x/sys/unix"

// ListenUnix opens a listener on a unix socket: a file, which Close and the
// end of Serve remove; or, if path begins with '@', a name that is in no
// folder and belongs to the network namespace. A socket file that a program
// has left behind which does not run any more is replaced; nothing else is.
// backlog is as for Listen, but for holding connections back.
func ListenUnix(path string, backlog int) (*Listener, error) {
	fail := func(op string, err error) (*Listener, error) {
		return nil, &Error{Kind: Refused, Op: op, Host: "unix:" + path, Err: err}
	}
	if path == "" || path == "@" {
		return fail("listen", unix.EINVAL)
	}
	if backlog <= 0 {
		backlog = DefaultBacklog
	}
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fail("socket", err)
	}
	sa := &unix.SockaddrUnix{Name: path}
	err = unix.Bind(fd, sa)
	if err == unix.EADDRINUSE && path[0] != '@' && abandoned(path) {
		if err = unix.Unlink(path); err == nil {
			err = unix.Bind(fd, sa)
		}
	}
	n := &Listener{fd: fd}
	if err == nil && path[0] != '@' {
		var st unix.Stat_t
		if err = unix.Lstat(path, &st); err == nil {
			n.path, n.dev, n.ino = path, uint64(st.Dev), st.Ino
		}
	}
	if err == nil {
		err = unix.Listen(fd, backlog)
	}
	if err != nil {
		n.Close()
		return fail("listen", err)
	}
	return n, nil
}

// abandoned tells whether path is a socket on which nobody listens.
func abandoned(path string) bool {
	var st unix.Stat_t
	if unix.Lstat(path, &st) != nil || st.Mode&unix.S_IFMT != unix.S_IFSOCK {
		return false
	}
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return false
	}
	defer unix.Close(fd)
	return unix.Connect(fd, &unix.SockaddrUnix{Name: path}) == unix.ECONNREFUSED
}

// unlink removes the file of a unix socket, unless another has taken its place.
func (n *Listener) unlink() {
	var st unix.Stat_t
	if n.path != "" && unix.Lstat(n.path, &st) == nil && uint64(st.Dev) == n.dev && st.Ino == n.ino {
		unix.Unlink(n.path)
	}
	n.path = ""
}
