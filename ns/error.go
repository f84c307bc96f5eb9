package ns

import (
	"errors"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"rawns/nl"
)

// Op is the step that failed.
type Op string

// The steps, each with the words in which iproute2 reports it; Step fills in
// the names.
const (
	OpMkdir   Op = "mkdir"       // mkdir /run/netns failed
	OpDir     Op = "open dir"    // Cannot open netns runtime directory "/run/netns"
	OpLock    Op = "flock"       // Cannot lock netns runtime directory "/run/netns"
	OpShare   Op = "make-shared" // mount --make-shared /run/netns failed
	OpBindDir Op = "bind dir"    // mount --bind /run/netns /run/netns failed
	OpFile    Op = "create file" // Cannot create namespace file "/run/netns/blue"
	OpRemove  Op = "remove file" // Cannot remove namespace file "/run/netns/blue"
	OpNew     Op = "unshare net" // Failed to create a new network namespace "blue"
	OpBind    Op = "bind"        // Bind /proc/7/ns/net -> /run/netns/blue failed
	OpOpen    Op = "open"        // Cannot open network namespace "blue"
	OpSetns   Op = "setns"       // setting the network namespace "blue" failed
	OpUnshare Op = "unshare"     // unshare failed
	OpSlave   Op = "make-rslave" // "mount --make-rslave /" failed
	OpSys     Op = "mount sys"   // mount of /sys failed
	OpExec    Op = "exec"        // exec of "foo" failed
	OpProc    Op = "proc"        // Open of /proc failed
	OpCookie  Op = "cookie"      // cookie "blue"
	OpList    Op = "list"        // Failed to open directory /run/netns
)

// Error is a step that failed. errors.Is and errors.As see Err, an errno or
// ErrNotNetns. The strings are as they were given or found: escape them before
// a terminal sees them. Error, Step and Hint return escaped text.
type Error struct {
	Op     Op
	Name   string // the namespace's name, "" if it has none
	Path   string // the file, directory or command that the step is about
	Source string // OpBind: what was to be mounted on Path
	Err    error
}

// Error is one line: the step, the errno's text, and the hint in brackets.
func (e *Error) Error() string {
	s := e.Step() + ": " + e.Err.Error()
	if h := e.Hint(); h != "" {
		s += " (" + h + ")"
	}
	return s
}

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// Step says what failed in iproute2's words, as they stand before the colon
// and the errno's text.
func (e *Error) Step() string {
	switch e.Op {
	case OpMkdir:
		return "mkdir " + bare(e.Path) + " failed"
	case OpDir:
		return "Cannot open netns runtime directory " + strconv.Quote(e.Path)
	case OpLock:
		return "Cannot lock netns runtime directory " + strconv.Quote(e.Path)
	case OpShare:
		return "mount --make-shared " + bare(e.Path) + " failed"
	case OpBindDir:
		return "mount --bind " + bare(e.Path) + " " + bare(e.Path) + " failed"
	case OpFile:
		return "Cannot create namespace file " + strconv.Quote(e.Path)
	case OpRemove:
		return "Cannot remove namespace file " + strconv.Quote(e.Path)
	case OpNew:
		return "Failed to create a new network namespace " + strconv.Quote(e.Name)
	case OpBind:
		return "Bind " + bare(e.Source) + " -> " + bare(e.Path) + " failed"
	case OpOpen:
		return "Cannot open network namespace " + strconv.Quote(e.object())
	case OpSetns:
		return "setting the network namespace " + strconv.Quote(e.object()) + " failed"
	case OpUnshare:
		return "unshare failed"
	case OpSlave:
		return `"mount --make-rslave /" failed`
	case OpSys:
		return "mount of /sys failed"
	case OpExec:
		return "exec of " + strconv.Quote(e.Path) + " failed"
	case OpProc:
		return "Open of /proc failed"
	case OpList:
		return "Failed to open directory " + bare(e.Path)
	}
	return string(e.Op) + " " + strconv.Quote(e.object())
}

func (e *Error) object() string {
	if e.Name != "" {
		return e.Name
	}
	return e.Path
}

// bare escapes like strconv.Quote but leaves the quotation marks out.
func bare(s string) string {
	q := strconv.Quote(s)
	return q[1 : len(q)-1]
}

// Hint says what may help, or "" where nothing is known to.
func (e *Error) Hint() string {
	switch {
	case errors.Is(e.Err, ErrNotNetns):
		var st unix.Stat_t
		if e.Name != "" && e.Op == OpOpen && unix.Lstat(e.Path, &st) == nil && st.Mode&unix.S_IFMT == unix.S_IFREG {
			return `a file without a namespace on it, left by something that was interrupted; "ip netns delete" removes it`
		}
		return "not a namespace, and nothing that \"ip netns add\" makes"
	case e.Op == OpExec:
		return ""
	case errors.Is(e.Err, unix.EPERM), errors.Is(e.Err, unix.EACCES):
		if e.Op == OpOpen && e.Name == "" {
			return "looking into a process of somebody else needs CAP_SYS_PTRACE: be root"
		}
		path := e.Path
		if e.Name != "" {
			path = Dir + "/" + e.Name
		}
		if e.Op == OpSetns && strings.HasPrefix(path, "/") {
			if has, who := Rights(path, unix.CAP_SYS_ADMIN); who != "" && !has {
				return "needs CAP_SYS_ADMIN in the user namespace that owns it (" + who + "): be root there; \"rawns demo\" needs no root"
			}
		}
		return `needs CAP_SYS_ADMIN: be root; "rawns demo" needs no root`
	case errors.Is(e.Err, unix.ENOSPC) && (e.Op == OpNew || e.Op == OpUnshare):
		return "a limit in /proc/sys/user (max_net_namespaces, max_mnt_namespaces) is reached"
	case errors.Is(e.Err, unix.ENOENT) && e.Op == OpOpen && strings.HasPrefix(e.Path, "/proc/self/"):
		return "/proc is not mounted, or the kernel is without CONFIG_NET_NS"
	case errors.Is(e.Err, unix.EINVAL) && e.Op == OpNew:
		return "a kernel without CONFIG_NET_NS says this"
	}
	return ""
}

// ErrNotNetns: the file is not a network namespace. It is an EINVAL, which is
// what setns(2) would say.
var ErrNotNetns error = notNetns{}

type notNetns struct{}

func (notNetns) Error() string { return "not a network namespace" }
func (notNetns) Unwrap() error { return syscall.EINVAL }

// ErrClosed: the NS was closed.
var ErrClosed error = nl.Const("the network namespace's handle is closed")
