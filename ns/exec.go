package ns

import (
	"os"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// Exec replaces the process by a program in the namespace, as "ip netns exec"
// does. It returns only if that fails, with the process as it was.
//
// The program sees the namespace, and files that fit it: it gets a mount
// namespace of its own, with a /sys that shows the namespace's devices, and
// with each file of /etc/netns/NAME mounted over the file of /etc with that
// name. One that cannot be (there is no such file in /etc) is handed to warn,
// which may be nil, as an *Error with OpBind; the program is started all the
// same.
//
// argv[0] is looked for in env's PATH, unless there is a '/' in it; a nil env
// is the process's own. Flush what is buffered before. What hangs on the main
// thread alone, like a parent-death signal, does not survive: the exec happens
// on another thread.
func (n *NS) Exec(argv, env []string, warn func(error)) error {
	if env == nil {
		env = os.Environ()
	}
	return onThread(func() error {
		return n.program(argv, env, warn, func(path string, argv []string) error {
			return syscall.Exec(path, argv, env)
		})
	})
}

// Exec is [NS.Exec] for a named namespace.
func Exec(name string, argv, env []string, warn func(error)) error {
	n, err := Open(name)
	if err != nil {
		return err
	}
	defer n.Close()
	return n.Exec(argv, env, warn)
}

// Start starts a program in the namespace, in the surroundings that Exec
// describes, and returns its process id. The caller must wait for it
// (wait4(2)).
//
// attr may be nil: the process's own environment, directory, and files 0, 1
// and 2. A nil Env or Files in it means the same. Sys.Pdeathsig is refused with
// EINVAL: it strikes when the thread that forked ends, and here that is at
// once.
func (n *NS) Start(argv []string, attr *syscall.ProcAttr, warn func(error)) (pid int, err error) {
	var a syscall.ProcAttr
	if attr != nil {
		a = *attr
	}
	if a.Env == nil {
		a.Env = os.Environ()
	}
	if a.Files == nil {
		a.Files = []uintptr{0, 1, 2}
	}
	if a.Sys != nil && a.Sys.Pdeathsig != 0 {
		return 0, &Error{Op: OpExec, Name: n.name, Path: command(argv), Err: unix.EINVAL}
	}
	err = onThread(func() error {
		// The child is a copy of this thread: its namespaces are the child's.
		return n.program(argv, a.Env, warn, func(path string, argv []string) error {
			pid, err = syscall.ForkExec(path, argv, &a)
			return err
		})
	})
	if err != nil {
		return 0, err
	}
	return pid, nil
}

// Start is [NS.Start] for a named namespace.
func Start(name string, argv []string, attr *syscall.ProcAttr, warn func(error)) (pid int, err error) {
	n, err := Open(name)
	if err != nil {
		return 0, err
	}
	defer n.Close()
	return n.Start(argv, attr, warn)
}

func command(argv []string) string {
	if len(argv) == 0 {
		return ""
	}
	return argv[0]
}

// program prepares the calling thread, which must be one to throw away, finds
// the program, and hands it to exec.
func (n *NS) program(argv, env []string, warn func(error), exec func(path string, argv []string) error) error {
	if err := n.enter(); err != nil {
		return err
	}
	if err := n.surroundings(warn); err != nil {
		return err
	}
	path, err := LookPath(command(argv), env)
	if err == nil {
		err = exec(path, argv)
		if err == unix.ENOEXEC {
			// A script without a #! line is the shell's, as in execvp(3).
			err = exec("/bin/sh", append([]string{"/bin/sh", path}, argv[1:]...))
		}
	}
	if err != nil {
		return &Error{Op: OpExec, Name: n.name, Path: command(argv), Err: err}
	}
	return nil
}

// surroundings gives the calling thread a mount namespace that fits.
func (n *NS) surroundings(warn func(error)) error {
	if err := unshare(unix.CLONE_NEWNS); err != nil {
		return &Error{Op: OpUnshare, Name: n.name, Err: err}
	}
	// What is mounted here must not appear outside; what is mounted outside,
	// a disk, may well appear here.
	if err := mount("", "/", "none", unix.MS_SLAVE|unix.MS_REC); err != nil {
		return &Error{Op: OpSlave, Name: n.name, Err: err}
	}
	// A sysfs shows the network namespace in which it was mounted. In a mount
	// namespace without root's rights the old one cannot be taken off but
	// covered, and if it was read-only, only by a read-only one.
	var flags uintptr
	if umount("/sys", unix.MNT_DETACH) != nil {
		var fs unix.Statfs_t
		if unix.Statfs("/sys", &fs) == nil && fs.Flags&unix.ST_RDONLY != 0 {
			flags = unix.MS_RDONLY
		}
	}
	source := n.name
	if source == "" {
		source = "sysfs"
	}
	if err := mount(source, "/sys", "sysfs", flags); err != nil {
		return &Error{Op: OpSys, Name: n.name, Path: "/sys", Err: err}
	}
	if n.name != "" {
		n.bindEtc(warn)
	}
	return nil
}

// bindEtc mounts the files of /etc/netns/NAME over those of /etc.
func (n *NS) bindEtc(warn func(error)) {
	dir := EtcDir + "/" + n.name
	files, err := readNames(dir)
	if err != nil {
		return // as a rule there is none
	}
	for _, f := range files {
		source, path := dir+"/"+f, "/etc/"+f
		if err := mount(source, path, "none", unix.MS_BIND); err != nil && warn != nil {
			warn(&Error{Op: OpBind, Name: n.name, Source: source, Path: path, Err: err})
		}
	}
}

// defaultPath is confstr(_CS_PATH), which execvp(3) uses where PATH is not set.
const defaultPath = "/bin:/usr/bin"

// LookPath finds a program as execvp(3) does: in the directories of env's PATH,
// an empty one being the current directory, or by itself if there is a '/' in
// it. The error is ENOENT, or EACCES if there is a file but none that may be
// executed.
func LookPath(file string, env []string) (string, error) {
	if file == "" {
		return "", unix.ENOENT
	}
	if strings.IndexByte(file, '/') >= 0 {
		return file, executable(file)
	}
	path, set := defaultPath, false
	for _, e := range env {
		if v, ok := strings.CutPrefix(e, "PATH="); ok && !set {
			path, set = v, true
		}
	}
	err := error(unix.ENOENT)
	for more := true; more; {
		var dir string
		dir, path, more = strings.Cut(path, ":")
		if dir == "" {
			dir = "."
		}
		p := dir + "/" + file
		switch e := executable(p); e {
		case nil:
			return p, nil
		case unix.EACCES:
			err = e
		}
	}
	return "", err
}

// executable returns what execve(2) would say about a path.
func executable(path string) error {
	var st unix.Stat_t
	if err := unix.Stat(path, &st); err != nil {
		return err
	}
	if st.Mode&unix.S_IFMT != unix.S_IFREG {
		return unix.EACCES
	}
	return unix.Faccessat(unix.AT_FDCWD, path, unix.X_OK, unix.AT_EACCESS)
}
