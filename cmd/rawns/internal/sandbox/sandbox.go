// Package sandbox is where demo, learn and selftest work: a network, a mount and a process
// namespace of their own, made without root, that end with the process.
package sandbox

import (
	"errors"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl"
	"rawns/nl/rtnl"
	"rawns/ns/file"
)

// insideVar tells the process that it is the one inside the sandbox: its value
// names the namespaces outside. It is believed only by process 1 of others.
const insideVar = "RAWNS_DEMO_INSIDE"

// namespaces names the network and mount namespace that this process is in.
func namespaces() string {
	net, err1 := os.Readlink("/proc/self/ns/net")
	mnt, err2 := os.Readlink("/proc/self/ns/mnt")
	if err1 != nil || err2 != nil {
		return ""
	}
	return net + " " + mnt
}

// Inside tells whether this is the process inside the sandbox: process 1 of it.
func Inside() bool {
	net, mnt, ok := strings.Cut(os.Getenv(insideVar), " ")
	here := namespaces()
	return ok && os.Getpid() == 1 && net != "" && mnt != "" && here != "" && !strings.Contains(here, net) && !strings.Contains(here, mnt)
}

// exitFurnish is the exit code of the process inside that was not allowed to
// furnish its sandbox: the one outside says what to do about it.
const exitFurnish = 78

// Run starts this program once more, with the same arguments, as process
// 1 of namespaces of its own (network, mounts, processes; also users, when not
// root), and returns its exit code. When it ends, the kernel takes away all
// that was in them. It also ends when this process does, however that is
// killed (PR_SET_PDEATHSIG). The caller has locked the main thread. verb is who
// speaks in errors: "rawns demo". interactive is for one with a shell inside.
func Run(verb string, args []string, interactive bool) int {
	signals := make(chan os.Signal, 8)
	restore := func() {}
	if interactive {
		// The shell inside is the terminal's foreground; these are meant for it.
		// They are caught, not ignored: what is ignored stays so in the shell.
		signal.Notify(make(chan os.Signal, 1), unix.SIGINT, unix.SIGQUIT, unix.SIGTSTP)
		restore = terminal()
	} else {
		signal.Notify(signals, unix.SIGINT)
	}
	signal.Notify(signals, unix.SIGTERM, unix.SIGHUP)
	pid, err := fork(args, os.Geteuid() != 0)
	if err != nil && os.Geteuid() == 0 {
		pid, err = fork(args, true) // a root that lacks CAP_SYS_ADMIN, in a container
	}
	if err != nil {
		return notAllowed(verb, err)
	}
	ended := make(chan unix.WaitStatus)
	go func() {
		var ws unix.WaitStatus
		for {
			if _, err := unix.Wait4(pid, &ws, 0, nil); err != unix.EINTR {
				break
			}
		}
		ended <- ws
	}()
	var ws unix.WaitStatus
	select {
	case ws = <-ended:
	case s := <-signals:
		unix.Kill(pid, unix.SIGKILL)
		<-ended
		restore()
		return 128 + int(s.(syscall.Signal))
	}
	restore()
	switch {
	case ws.Exited() && ws.ExitStatus() == exitFurnish:
		return notAllowed(verb, unix.EPERM)
	case ws.Exited():
		return ws.ExitStatus()
	}
	return 128 + int(ws.Signal())
}

func fork(args []string, user bool) (int, error) {
	attr := &syscall.SysProcAttr{
		Cloneflags: unix.CLONE_NEWNET | unix.CLONE_NEWNS | unix.CLONE_NEWPID,
		Pdeathsig:  unix.SIGKILL,
	}
	if user {
		attr.Cloneflags |= unix.CLONE_NEWUSER
		attr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Geteuid(), Size: 1}}
		attr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getegid(), Size: 1}}
	}
	os.Setenv(insideVar, namespaces()) // and not a second one beside somebody's
	return syscall.ForkExec("/proc/self/exe", args, &syscall.ProcAttr{
		Env:   os.Environ(),
		Files: []uintptr{0, 1, 2},
		Sys:   attr,
	})
}

// terminal returns what takes the terminal back, as it is now, from a shell that
// has ended, in whatever state that left it.
func terminal() (restore func()) {
	was, err := unix.IoctlGetTermios(0, unix.TCGETS)
	if err != nil {
		return func() {}
	}
	return func() {
		signal.Ignore(unix.SIGTTOU) // or else taking it from the background would stop us
		unix.IoctlSetPointerInt(0, unix.TIOCSPGRP, unix.Getpgrp())
		unix.IoctlSetTermios(0, unix.TCSETSW, was)
	}
}

// knobs are the settings that forbid user namespaces, with the value that
// allows them.
var knobs = [...]struct{ path, setting string }{
	{"/proc/sys/kernel/unprivileged_userns_clone", "kernel.unprivileged_userns_clone=1"},
	{"/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "kernel.apparmor_restrict_unprivileged_userns=0"},
	{"/proc/sys/user/max_user_namespaces", "user.max_user_namespaces=10000"},
}

func notAllowed(verb string, err error) int {
	cause := cli.Strerror(cli.Errno(err))
	switch cli.Errno(err) {
	case unix.ENOENT:
		return cli.Fail(1, verb, "no sandbox can be made: /proc is not mounted")
	case unix.EPERM, unix.EACCES, unix.EINVAL, unix.ENOSYS:
	case unix.ENOSPC:
		if os.Geteuid() == 0 {
			return cli.Fail(1, verb, "no sandbox can be made here: a limit in /proc/sys/user is reached, or namespaces are nested too deep; "+
				"raise max_net_namespaces, max_mnt_namespaces, max_pid_namespaces there")
		}
	default:
		return cli.Fail(1, verb, "no sandbox can be made: ", cause)
	}
	if os.Geteuid() == 0 {
		return cli.Fail(1, verb, "no sandbox can be made here (", cause,
			"): this root has no CAP_SYS_ADMIN; give the container that capability, or run outside of it")
	}
	how := ""
	for _, k := range knobs {
		b, err := file.Read(k.path)
		if err == nil && len(b) > 0 && (b[0] == '0') != (k.path[len(k.path)-6:] == "userns") {
			how = ", or let root type: sysctl -w " + k.setting
		}
	}
	return cli.Fail(1, verb, "ordinary users may not make a sandbox here (user namespaces: ", cause, "): run it as root", how)
}

// Furnish makes the sandbox habitable, from inside, and returns the exit code with
// which to end if it cannot, or 0.
func Furnish(verb string) int {
	os.Unsetenv(insideVar)
	switch err := furnish(); {
	case errors.Is(err, os.ErrPermission):
		return exitFurnish
	case err != nil:
		return cli.Fail(1, verb, "cannot furnish the sandbox: ", err.Error())
	}
	return 0
}

// furnish makes mounts that do not reach outside, an
// empty /run, a /proc and /sys of its own, lo up.
func furnish() error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return err
	}
	if err := unix.Mount("tmpfs", "/run", "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, "mode=0755"); err != nil {
		return err
	}
	// Inside some containers neither may be mounted; then the outer ones stay,
	// which show more than they should but harm nothing.
	unix.Mount("proc", "/proc", "proc", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, "")
	unix.Mount("sysfs", "/sys", "sysfs", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, "")
	if err := LoUp(); err != nil && !errors.Is(err, unix.ENODEV) {
		return err
	}
	return nil
}

// LoUp brings up the lo of this process's network namespace.
func LoUp() error {
	c, err := nl.Dial(unix.NETLINK_ROUTE)
	if err != nil {
		return err
	}
	defer c.Close()
	var b nl.Builder
	rtnl.NewLink(&b, 0, rtnl.IfInfomsg{Index: 1, Flags: unix.IFF_UP, Change: unix.IFF_UP})
	return c.Do(&b, nil)
}

// Bin is the folder inside the sandbox with links of all applets, and of rawns.
const Bin = "/run/rawns/bin"

// Tools makes Bin. install makes links of the applets in a folder.
func Tools(install func(dir string) error) error {
	exe, err := os.Executable()
	if err == nil {
		err = install(Bin)
	}
	if err == nil {
		err = os.Symlink(exe, Bin+"/rawns")
	}
	return err
}

// Shell is the user's shell: $SHELL if that can be started.
func Shell() string {
	sh := os.Getenv("SHELL")
	if sh == "" || unix.Access(sh, unix.X_OK) != nil {
		sh = "/bin/sh"
	}
	return sh
}

// Start runs a shell, with Bin at the head of its PATH and more in its environment,
// until it is left, and returns its exit
// code; -1, and says why, if it cannot be started.
func Start(verb, sh string, more ...string) int {
	var env []string
	for _, e := range os.Environ() {
		if len(e) < 5 || e[:5] != "PATH=" {
			env = append(env, e)
		}
	}
	path := os.Getenv("PATH")
	if path == "" {
		path = "/usr/sbin:/usr/bin:/sbin:/bin"
	}
	env = append(append(env, "PATH="+Bin+":"+path), more...)
	attr := &syscall.SysProcAttr{}
	if cli.IsTerminal(0) {
		attr.Foreground, attr.Ctty = true, 0
	}
	pid, err := syscall.ForkExec(sh, []string{sh}, &syscall.ProcAttr{Env: env, Files: []uintptr{0, 1, 2}, Sys: attr})
	if err != nil {
		return cli.Fail(-1, verb, "cannot start ", sh, ": ", cli.Strerror(cli.Errno(err)))
	}
	// As process 1 this one also waits for every orphan inside.
	for {
		var ws unix.WaitStatus
		got, err := unix.Wait4(-1, &ws, 0, nil)
		switch {
		case err != nil && err != unix.EINTR:
			return 0
		case err == nil && got == pid && ws.Exited():
			return ws.ExitStatus()
		case err == nil && got == pid:
			return 128 + int(ws.Signal())
		}
	}
}
