package cli

import (
	"errors"
	"syscall"

	"golang.org/x/sys/unix"
)

// Strerror returns an errno's text as the C library words it: Go's own
// tables hold the same words with a small first letter.
func Strerror(e syscall.Errno) string {
	s := e.Error()
	if s != "" && s[0] >= 'a' && s[0] <= 'z' {
		return string(s[0]-'a'+'A') + s[1:]
	}
	return s
}

// ErrnoName returns the name, "EEXIST", or "errno 4711" for an unknown one.
func ErrnoName(e syscall.Errno) string {
	if n := unix.ErrnoName(e); n != "" {
		return n
	}
	return e.Error()
}

// Errno digs the errno out of an error; 0 where there is none.
func Errno(err error) syscall.Errno {
	var e syscall.Errno
	errors.As(err, &e)
	return e
}

// Fail prints "NAME: what" and a new line on stderr, control bytes escaped,
// after what stdout still holds, and returns code.
func Fail(code int, name string, what ...string) int {
	Stdout.Flush()
	if name != "" {
		Stderr.Safe(name).S(": ")
	}
	for _, w := range what {
		Stderr.Safe(w)
	}
	Stderr.NL().Flush()
	return code
}
