package ns

import (
	"os"
	"strconv"

	"golang.org/x/sys/unix"

	"rawns/ns/file"
)

// List returns the names in Dir in the directory's order, as "ip netns list"
// prints them: on tmpfs the newest first. A name may hold any byte but '/' and
// NUL: escape it before a terminal sees it. Without a Dir there are none.
func List() ([]string, error) {
	names, err := readNames(Dir)
	if err == unix.ENOENT {
		return nil, nil
	}
	if err != nil {
		return nil, &Error{Op: OpList, Path: Dir, Err: err}
	}
	return names, nil
}

// readNames returns a directory's entries in its own order.
// The error is an errno.
func readNames(dir string) ([]string, error) {
	names, err := file.Names(dir)
	return names, errno(err)
}

// errno takes the errno out of package os's wrapping, which repeats the path.
func errno(err error) error {
	if e, ok := err.(*os.PathError); ok {
		return e.Err
	}
	if e, ok := err.(*os.SyscallError); ok {
		return e.Err
	}
	return err
}

// Names returns the names that the namespace has, in List's order: none, one,
// or several.
func (n *NS) Names() ([]string, error) {
	all, err := List()
	var names []string
	for _, name := range all {
		if n.is(Dir + "/" + name) {
			names = append(names, name)
		}
	}
	return names, err
}

// Identify returns the names of the namespace in which a process is. Of several,
// "ip netns identify" prints the last.
func Identify(pid int) ([]string, error) {
	n, err := OpenPid(pid)
	if err != nil {
		return nil, err
	}
	defer n.Close()
	return n.Names()
}

// Pids returns the processes whose main thread is in the namespace, in /proc's
// order, which is by number. Those that we may not look into are left out.
func (n *NS) Pids() ([]int, error) {
	entries, err := readNames("/proc")
	if err != nil {
		return nil, &Error{Op: OpProc, Path: "/proc", Err: err}
	}
	var pids []int
	for _, e := range entries {
		pid, err := strconv.Atoi(e)
		if err == nil && n.is(pidPath(pid)) {
			pids = append(pids, pid)
		}
	}
	return pids, nil
}

// Pids returns the processes that are in a named namespace: see [NS.Pids].
func Pids(name string) ([]int, error) {
	n, err := Open(name)
	if err != nil {
		return nil, err
	}
	defer n.Close()
	return n.Pids()
}
