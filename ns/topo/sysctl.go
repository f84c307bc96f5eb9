package topo

import (
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// sysctlPath returns the file of a setting. As sysctl(8) has it, the first of
// '.' and '/' is what parts the words; the other one is then part of a name
// (net/ipv4/conf/eth0.100/forwarding, net.ipv4.conf.eth0/100.forwarding).
func sysctlPath(key string) string {
	if i := strings.IndexAny(key, "./"); i >= 0 && key[i] == '.' {
		b := []byte(key)
		for i, c := range b {
			switch c {
			case '.':
				b[i] = '/'
			case '/':
				b[i] = '.'
			}
		}
		key = string(b)
	}
	return "/proc/sys/" + key
}

// checkSysctl says what is wrong with a setting's name, "" if nothing: only
// those of the network, which each namespace has for itself.
func checkSysctl(key string) string {
	path := strings.TrimPrefix(sysctlPath(key), "/proc/sys/")
	if !strings.HasPrefix(path, "net/") {
		return "not a setting of a network namespace: those begin with net."
	}
	for _, w := range strings.Split(path, "/") {
		if w == "" || w == "." || w == ".." || strings.IndexByte(w, 0) >= 0 {
			return "not the name of a setting"
		}
	}
	return ""
}

// sysctlLink returns the name of the link whose setting it is, "" for one of
// all, of those to come, or of the namespace as a whole. lo is there from the
// beginning.
func sysctlLink(key string) string {
	w := strings.Split(sysctlPath(key), "/")
	for i := range w[:len(w)-1] {
		if w[i] == "conf" || w[i] == "neigh" {
			switch w[i+1] {
			case "all", "default", "lo":
				return ""
			}
			return w[i+1]
		}
	}
	return ""
}

// sameValue tells whether a setting's file, as read, holds a value: some hold
// several words, and the kernel parts them by tabs.
func sameValue(have, want string) bool {
	a, b := strings.Fields(have), strings.Fields(want)
	return slices.Equal(a, b)
}

// SysctlError is a setting that could not be read or written. Its strings are as
// they were given: escape them before a terminal sees them.
type SysctlError struct {
	Key, Value string // Value is "" if it was to be read
	Err        error
}

func (e *SysctlError) Error() string {
	if e.Value == "" {
		return "setting " + strconv.Quote(e.Key) + ": " + e.Err.Error()
	}
	return "setting " + strconv.Quote(e.Key) + " to " + strconv.Quote(e.Value) + ": " + e.Err.Error()
}

// Unwrap returns Err, an errno.
func (e *SysctlError) Unwrap() error { return e.Err }

// readSysctl reads a setting of the calling thread's namespace, without the
// newline at its end.
func readSysctl(key string) (string, error) {
	fd, err := unix.Open(sysctlPath(key), unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return "", &SysctlError{key, "", err}
	}
	defer unix.Close(fd)
	b := make([]byte, 4096)
	n, err := unix.Read(fd, b)
	if err != nil {
		return "", &SysctlError{key, "", err}
	}
	return strings.TrimSuffix(string(b[:n]), "\n"), nil
}

// WriteSysctl writes a setting of the machine, or of the calling thread's
// namespace: its name parted by '.' or '/'. The error is a *SysctlError.
func WriteSysctl(key, value string) error {
	fd, err := unix.Open(sysctlPath(key), unix.O_WRONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return &SysctlError{key, value, err}
	}
	defer unix.Close(fd)
	if _, err := unix.Write(fd, []byte(value)); err != nil {
		return &SysctlError{key, value, err}
	}
	return nil
}
