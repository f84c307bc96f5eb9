//go:build !tiny

package ip

import (
	"encoding/binary"
	"errors"
	"os"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/ns"
	"rawns/ns/file"
)

// A program is in a VRF because a BPF program binds its sockets to the VRF's
// interface when they are made. That one hangs on a cgroup, which is called
//
//	.../vrf/NAME              in a namespace without a name
//	.../NETNS-ns/vrf/NAME     in a named one
//
// below the cgroup that the program was in before.

const procsFile = "/cgroup.procs"

func parseVRFExec(a *args) (*plan, error) {
	switch len(a.w) {
	case 0:
		return nil, failf(exitMissing, "No VRF name specified")
	case 1:
		return nil, failf(exitMissing, "No command specified")
	}
	s := &vrfExec{a.w[0], a.w[1:]}
	a.w = nil
	return &plan{[]step{s}}, nil
}

// vrfExec becomes a program in a VRF.
type vrfExec struct {
	name string
	argv []string
}

func (s *vrfExec) run(r *runner) error {
	r.out.Flush()
	if r.inBatch {
		return r.child(append([]string{"vrf", "exec", s.name}, s.argv...))
	}
	if err := r.vrfSwitch(s.name); err != nil {
		return err
	}
	if r.g.netns != "" {
		n, err := r.openNetns(r.g.netns)
		if err != nil {
			return err
		}
		return notStarted(r.g.netns, n.Exec(s.argv, nil, r.warnNetns))
	}
	env := os.Environ()
	path, err := ns.LookPath(s.argv[0], env)
	if err == nil {
		err = syscall.Exec(path, s.argv, env)
		if err == unix.ENOEXEC { // a script without a #! line, as in execvp(3)
			err = syscall.Exec("/bin/sh", append([]string{"/bin/sh", path}, s.argv[1:]...), env)
		}
	}
	return failf(exitNotExecuted, `exec of "`, s.argv[0], `" failed: `+cli.Strerror(cli.Errno(err)))
}

// cgroup2 returns where cgroup2 is mounted, if need be after mounting it. code
// is that of a failure.
func cgroup2(code int) (string, error) {
	text, err := file.Read("/proc/mounts")
	if err != nil {
		return "", failf(code, "Failed to open mounts file: "+cli.Strerror(cli.Errno(err)))
	}
	for line := range strings.Lines(string(text)) {
		if w := strings.Fields(line); len(w) > 2 && w[2] == "cgroup2" {
			return w[1], nil
		}
	}
	const path = "/var/run/cgroup2"
	if err := makePath(path, code, "Failed to setup cgroup2 directory"); err != nil {
		return "", err
	}
	if err := unix.Mount("none", path, "cgroup2", 0, ""); err != nil && err != unix.EBUSY {
		return "", failf(code, "Failed to mount cgroup2. Are CGROUPS enabled in your kernel?")
	}
	return path, nil
}

// makePath makes a folder and those above it.
func makePath(path string, code int, after string) error {
	err := file.MkdirAll(path, 0o755)
	if err == nil {
		return nil
	}
	var e *os.PathError
	if errors.As(err, &e) {
		path = e.Path
	}
	return failf(code, "mkdir failed for ", path, ": "+cli.Strerror(cli.Errno(err))+"\n"+after)
}

// netnsName returns what the cgroups of the namespace that the command is about
// are called: "" if it has no name, or "NAME-ns".
func (r *runner) netnsName() (string, error) {
	var names []string
	if r.g.netns == "" {
		var err error
		if names, err = ns.Identify(os.Getpid()); err != nil {
			return "", failf(exitUsage, "Failed to get name of network namespace: "+cli.Strerror(cli.Errno(err)))
		}
	} else {
		n, err := r.openNetns(r.g.netns)
		if err != nil {
			return "", err
		}
		defer n.Close()
		names, _ = n.Names()
	}
	if len(names) == 0 {
		return "", nil
	}
	return names[len(names)-1] + "-ns", nil
}

// vrfSwitch puts the process into a VRF's cgroup; "default" is none's.
func (r *runner) vrfSwitch(name string) error {
	var v vrf
	if name != "default" {
		var err error
		if v, err = r.vrf(name); err != nil {
			return err
		}
		if v.index == 0 {
			f := failf(exitUsage, "Invalid VRF name")
			f.hint = `"ip vrf show" lists those that there are`
			return f
		}
	} else {
		name = ""
	}
	mount, err := cgroup2(exitUsage)
	if err != nil {
		return err
	}
	netns, err := r.netnsName()
	if err != nil {
		return err
	}
	own, err := cgroupOf("self")
	if err != nil {
		return failf(exitUsage, "Failed to get base cgroup path: "+cli.Strerror(cli.Errno(err)))
	}
	path := mount + vrfPath(own, netns, name)
	if err := makePath(path, exitUsage, "Failed to setup vrf cgroup2 directory"); err != nil {
		return err
	}
	if v.index != 0 {
		if err := vrfBind(path, v.index); err != nil {
			return err
		}
	}
	f, err := os.OpenFile(path+procsFile, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return failf(exitUsage, "Failed to open cgroups.procs file: "+cli.Strerror(cli.Errno(err))+".")
	}
	defer f.Close()
	if _, err := f.WriteString(itoa(int32(os.Getpid()))); err != nil {
		return failf(exitUsage, "Failed to join cgroup")
	}
	return nil
}

// vrfPath returns the cgroup of a VRF for a process that is in cgroup own.
// netns is "NAME-ns", or "".
func vrfPath(own, netns, name string) string {
	if i := strings.Index(own, "/vrf"); i >= 0 {
		own = own[:i]
	}
	own = strings.TrimSuffix(own, "/")
	if netns != "" {
		if i := strings.LastIndexByte(own, '/'); own[i+1:] == netns {
			own = own[:max(i, 0)]
		}
		netns += "/"
	}
	return own + "/" + netns + "vrf/" + name
}

// vrfReset takes the process out of its VRF, if it is in one: another namespace
// does not have it.
func (r *runner) vrfReset() {
	if path, err := cgroupOf("self"); err == nil && vrfOf(path) != "" {
		(&runner{g: &globals{}}).vrfSwitch("default")
	}
}

// vrfBind hangs a BPF program on a cgroup that binds each new socket to an
// interface.
func vrfBind(path string, index int32) error {
	cg, err := unix.Open(path, unix.O_DIRECTORY|unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return failf(exitUsage, "Failed to open cgroup path: '"+cli.Strerror(cli.Errno(err))+"'")
	}
	defer unix.Close(cg)
	prog, err := bpf(unix.BPF_PROG_LOAD, vrfLoad(index))
	if err != nil {
		more := ""
		if err != unix.EPERM {
			more = "\nKernel compiled with CGROUP_BPF enabled?"
		}
		return failf(exitUsage, "Failed to load BPF prog: '"+cli.Strerror(cli.Errno(err))+"'"+more)
	}
	defer unix.Close(prog)
	// target_fd, attach_bpf_fd, attach_type, attach_flags
	if _, err := bpf(unix.BPF_PROG_ATTACH, words32(uint32(cg), uint32(prog), unix.BPF_CGROUP_INET_SOCK_CREATE, 0)); err != nil {
		return failf(exitUsage, "Failed to attach prog to cgroup: '"+cli.Strerror(cli.Errno(err))+"'")
	}
	return nil
}

// vrfProgram is the BPF program: struct bpf_insn, linux/bpf.h. r1 is a struct
// bpf_sock, whose first member is bound_dev_if.
var (
	vrfProgram [6 * 8]byte
	vrfLicense = [4]byte{'G', 'P', 'L'}
)

// vrfLoad makes the program for an interface, and the attributes of
// BPF_PROG_LOAD.
func vrfLoad(index int32) []byte {
	for i, in := range [6]struct {
		code     byte
		dst, src byte
		imm      int32
	}{
		{0xbf, 6, 1, 0},     // r6 = r1
		{0xb7, 3, 0, index}, // r3 = index
		{0xb7, 2, 0, 0},     // r2 = offsetof(bound_dev_if)
		{0x63, 1, 3, 0},     // *(u32 *)(r1 + 0) = r3
		{0xb7, 0, 0, 1},     // r0 = 1: the socket may be made
		{0x95, 0, 0, 0},     // exit
	} {
		p := vrfProgram[8*i:]
		p[0], p[1] = in.code, in.dst|in.src<<4
		if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
			p[1] = in.dst<<4 | in.src // the order of bit fields is the byte order's
		}
		binary.NativeEndian.PutUint32(p[4:], uint32(in.imm))
	}
	attr := words32(unix.BPF_PROG_TYPE_CGROUP_SOCK, uint32(len(vrfProgram)/8))
	attr = binary.NativeEndian.AppendUint64(attr, address(&vrfProgram))
	attr = binary.NativeEndian.AppendUint64(attr, address(&vrfLicense))
	return append(attr, words32(0, 0, 0, 0)...) // log_level, log_size, log_buf
}

// words32 is numbers in host byte order, one behind the other.
func words32(vs ...uint32) (b []byte) {
	for _, v := range vs {
		b = binary.NativeEndian.AppendUint32(b, v)
	}
	return b
}
