// Package file reads, writes and lists files with single system calls. Package
// os does the same and more, but readies the process for waiting on many files,
// ten system calls that a short-lived command does without; and what it tells of
// a file carries the formatting of times into the binary: docs/size.md.
//
// All errors are of type *os.PathError.
package file

import (
	"encoding/binary"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// again calls f until it was not interrupted.
func again(f func() (int, error)) (int, error) {
	for {
		n, err := f()
		if err != unix.EINTR {
			return n, err
		}
	}
}

func fail(op, path string, err error) error {
	if err == nil {
		return nil
	}
	return &os.PathError{Op: op, Path: path, Err: err}
}

func open(path string, flags int, perm os.FileMode) (int, error) {
	fd, err := again(func() (int, error) { return unix.Open(path, flags|unix.O_CLOEXEC, uint32(perm.Perm())) })
	return fd, fail("open", path, err)
}

// Open returns a descriptor, which is the caller's: an *os.File is closed when nothing
// refers to it any more, by a goroutine that is started for the first of them, and with it
// a thread. The flags are unix.O_*; O_CLOEXEC comes to them.
func Open(path string, flags int, perm os.FileMode) (fd int, err error) {
	return open(path, flags, perm)
}

// maxRead is the most that Read keeps in memory: /dev/zero has no end.
const maxRead = 64 << 20

// Read returns what is in a file; of one with more than 64 MiB the error EFBIG.
func Read(path string) ([]byte, error) {
	fd, err := open(path, unix.O_RDONLY, 0)
	if err != nil {
		return nil, err
	}
	defer unix.Close(fd)
	// Files in /proc and /sys are small, and say that they are of no size; one byte
	// more than the size finds the end in the second call.
	size := 512
	var st unix.Stat_t
	if unix.Fstat(fd, &st) == nil && st.Size > 0 && st.Size < maxRead {
		size = max(size, int(st.Size)+1)
	}
	text := make([]byte, 0, size)
	for {
		n, err := again(func() (int, error) { return unix.Read(fd, text[len(text):cap(text)]) })
		if len(text) > maxRead {
			err = unix.EFBIG
		}
		if err != nil {
			return text, fail("read", path, err)
		}
		if n <= 0 {
			return text, nil
		}
		text = text[:len(text)+n]
		if len(text) == cap(text) {
			text = append(text, 0)[:len(text)]
		}
	}
}

// Write writes a file anew; if there is none, it is made with these permissions,
// less the umask.
func Write(path string, text []byte, perm os.FileMode) error {
	fd, err := open(path, unix.O_WRONLY|unix.O_CREAT|unix.O_TRUNC, perm)
	if err != nil {
		return err
	}
	_, err = Put(fd, text)
	if e := unix.Close(fd); err == nil {
		err = e
	}
	return fail("write", path, err)
}

// Put writes all of a text to a descriptor; of an error, which is an errno, it returns
// how much was written before.
func Put(fd int, text []byte) (done int, err error) {
	for done < len(text) {
		n, err := again(func() (int, error) { return unix.Write(fd, text[done:]) })
		if err != nil {
			return done, err
		}
		done += n
	}
	return done, nil
}

// Names returns the names in a folder but "." and "..", in the folder's own
// order; of an empty one a list that is empty, but not nil.
func Names(dir string) (names []string, err error) {
	fd, err := open(dir, unix.O_RDONLY|unix.O_DIRECTORY, 0)
	if err != nil {
		return nil, err
	}
	defer unix.Close(fd)
	names = []string{}
	buf := make([]byte, 8<<10)
	for {
		n, err := again(func() (int, error) { return unix.Getdents(fd, buf) })
		if err != nil {
			return names, fail("readdirent", dir, err)
		}
		if n <= 0 {
			return names, nil
		}
		// struct linux_dirent64: inode, offset, length at 16, type, name
		for b := buf[:n]; len(b) > 19; {
			size := int(binary.NativeEndian.Uint16(b[16:]))
			if size <= 19 || size > len(b) {
				break
			}
			name, _, _ := strings.Cut(string(b[19:size]), "\x00")
			if name != "." && name != ".." {
				names = append(names, name)
			}
			b = b[size:]
		}
	}
}

// Stat returns what a file is; of a symbolic link, what it leads to.
func Stat(path string) (unix.Stat_t, error) {
	var st unix.Stat_t
	_, err := again(func() (int, error) { return 0, unix.Stat(path, &st) })
	return st, fail("stat", path, err)
}

// Lstat is Stat, but of a symbolic link itself.
func Lstat(path string) (unix.Stat_t, error) {
	var st unix.Stat_t
	_, err := again(func() (int, error) { return 0, unix.Lstat(path, &st) })
	return st, fail("lstat", path, err)
}

// IsDir reports whether a path is a folder, and no link to one.
func IsDir(path string) bool {
	st, err := Lstat(path)
	return err == nil && st.Mode&unix.S_IFMT == unix.S_IFDIR
}

// MkdirAll makes a folder, and those above it.
func MkdirAll(path string, perm os.FileMode) error {
	if st, err := Stat(path); err == nil {
		if st.Mode&unix.S_IFMT == unix.S_IFDIR {
			return nil
		}
		return fail("mkdir", path, unix.ENOTDIR)
	}
	if up := Dir(path); up != path && up != "." {
		if err := MkdirAll(up, perm); err != nil {
			return err
		}
	}
	err := unix.Mkdir(path, uint32(perm.Perm()))
	if err != nil && IsDir(path) { // "a/" was made as a, or somebody else was faster
		return nil
	}
	return fail("mkdir", path, err)
}

// Dir returns the folder in which a path is, without the slashes before the last
// name: "." if there are none.
func Dir(path string) string {
	path = path[:strings.LastIndexByte(path, '/')+1]
	if dir := strings.TrimRight(path, "/"); dir != "" || path == "" {
		if dir == "" {
			return "."
		}
		return dir
	}
	return "/"
}

// Real returns the path of a file without symbolic links.
func Real(path string) (string, error) {
	fd, err := open(path, unix.O_PATH, 0)
	if err != nil {
		return "", err
	}
	defer unix.Close(fd)
	buf := make([]byte, unix.PathMax)
	n, err := unix.Readlink("/proc/self/fd/"+strconv.Itoa(fd), buf)
	if err != nil {
		return "", fail("readlink", path, err)
	}
	return string(buf[:n]), nil
}
