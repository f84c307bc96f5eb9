package httpserver

import (
	"encoding/binary"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
)

// The filter: a program of the kernel's packet filter machine that looks at each
// system call of the process before the kernel does (seccomp(2)). It lets those
// through that the running server makes, itself or in Go's runtime. Whoever finds
// a way to run code in the process can then start nothing, open no connection,
// make no memory executable, and without --root or --log open no file.
//
// Any other call is not made, and the kernel ends the process (SIGSYS) and writes
// the call's number to its log. An errno in its place would be taken for the
// kernel's own, and perhaps for something that passes; and whoever is in there
// could go on trying.

// needs are what calls are for.
type needs uint8

const (
	always needs = 1 << iota
	files        // with --root
	socks        // with the file of a unix socket to remove
	logs         // with --log FILE
)

// A rule is about an argument.
type rule uint8

const (
	anyhow      rule = iota
	newThread        // clone makes a thread, not a process
	dataOnly         // mmap's memory cannot be executed
	ourselves        // the signal is for this process
	nameMemory       // prctl gives memory a name for /proc/PID/maps
	askTerminal      // ioctl asks for the settings of a terminal, which a log may be
	abortOnly        // setsockopt says that close is a reset
	lessRoom         // setsockopt sets TCP_NOTSENT_LOWAT
	fullPackets      // setsockopt sets TCP_CORK
	callShut         // socketcall is shutdown
	callAccept       // socketcall is accept4
)

// A call is one that is let through.
type call struct {
	nr    uint16
	needs needs
	rule  rule
}

// common are calls that have a name on every architecture, the most frequent
// first. Others are in archCalls. An architecture has them, and with them a
// filter, if the tests were run there.
var common = [...]call{
	{unix.SYS_READ, always, 0},
	{unix.SYS_WRITE, always, 0},
	{unix.SYS_EPOLL_PWAIT, always, 0},
	{unix.SYS_ACCEPT4, always, 0},
	{unix.SYS_CLOSE, always, 0},
	{unix.SYS_EPOLL_CTL, always, 0},
	{unix.SYS_OPENAT2, files, 0},
	{unix.SYS_PREAD64, always, 0}, // Go's runtime looks at the limits of a cgroup now and then
	{unix.SYS_SENDTO, always, 0},
	{unix.SYS_FUTEX, always, 0},
	{unix.SYS_SHUTDOWN, always, 0},
	{unix.SYS_PPOLL, always, 0}, // a last look before a limit of time
	{unix.SYS_SETSOCKOPT, always, abortOnly},
	{unix.SYS_SETSOCKOPT, files, lessRoom},
	{unix.SYS_SETSOCKOPT, files, fullPackets},
	{unix.SYS_OPENAT, files | logs, 0},
	{unix.SYS_GETDENTS64, files, 0},
	{unix.SYS_UNLINKAT, socks, 0},
	{unix.SYS_IOCTL, logs, askTerminal},

	// What is left is the runtime's: threads, memory, signals, time.
	{unix.SYS_NANOSLEEP, always, 0},
	{unix.SYS_CLOCK_GETTIME, always, 0}, // where the vDSO cannot tell
	{unix.SYS_MADVISE, always, 0},
	{unix.SYS_MUNMAP, always, 0},
	{unix.SYS_SCHED_YIELD, always, 0},
	{unix.SYS_SCHED_GETAFFINITY, always, 0},
	{unix.SYS_PRCTL, always, nameMemory},
	{unix.SYS_CLONE, always, newThread},
	{unix.SYS_GETPID, always, 0},
	{unix.SYS_GETTID, always, 0},
	{unix.SYS_TGKILL, always, ourselves},
	{unix.SYS_KILL, always, ourselves}, // in the end, with GOTRACEBACK=crash
	{unix.SYS_RT_SIGACTION, always, 0},
	{unix.SYS_RT_SIGPROCMASK, always, 0},
	{unix.SYS_RT_SIGRETURN, always, 0},
	{unix.SYS_SIGALTSTACK, always, 0},
	{unix.SYS_RESTART_SYSCALL, always, 0}, // a wait goes on after SIGSTOP and SIGCONT
	{unix.SYS_EPOLL_CREATE1, always, 0},
	{unix.SYS_EVENTFD2, always, 0},
	{unix.SYS_EXIT, always, 0},
	{unix.SYS_EXIT_GROUP, always, 0},
}

// Offsets in struct seccomp_data, whose arguments have 64 bits.
const (
	dataNr   = 0
	dataArch = 4
	dataArgs = 16
)

// program builds the filter.
func program(all needs) []unix.SockFilter {
	var p []unix.SockFilter
	add := func(code uint16, k uint32, jt, jf uint8) {
		p = append(p, unix.SockFilter{Code: code, Jt: jt, Jf: jf, K: k})
	}
	load := func(at uint32) { add(unix.BPF_LD|unix.BPF_W|unix.BPF_ABS, at, 0, 0) }
	end := func(with uint32) { add(unix.BPF_RET|unix.BPF_K, with, 0, 0) }
	const equal, anySet = unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, unix.BPF_JMP | unix.BPF_JSET | unix.BPF_K

	// What is looked at of an argument is in its lower half.
	lower := uint32(0)
	if binary.NativeEndian.Uint16([]byte{0, 1}) == 1 {
		lower = 4
	}

	// Numbers mean something else to the kernel's other ABIs.
	load(dataArch)
	add(equal, auditArch, 1, 0)
	end(unix.SECCOMP_RET_KILL_PROCESS)
	load(dataNr)
	for _, table := range [...][]call{common[:], archCalls[:]} {
		for _, c := range table {
			if c.needs&all == 0 {
				continue
			}
			if c.rule == anyhow {
				add(equal, uint32(c.nr), 0, 1)
				end(unix.SECCOMP_RET_ALLOW)
				continue
			}
			arg, test, k := uint32(0), uint16(equal), uint32(0)
			yes, no := uint8(0), uint8(1) // how far to jump: to the next, or over it
			switch c.rule {
			case newThread:
				test, k = anySet, unix.CLONE_THREAD
				if auditArch == unix.AUDIT_ARCH_S390X { // the stack is its first argument
					arg = 1
				}
			case dataOnly:
				arg, test, k = 2, anySet, unix.PROT_EXEC
				yes, no = no, yes
			case ourselves:
				k = uint32(unix.Getpid())
			case nameMemory:
				k = unix.PR_SET_VMA
			case askTerminal:
				arg, k = 1, unix.TCGETS
			case abortOnly:
				arg, k = 2, unix.SO_LINGER
			case lessRoom:
				arg, k = 2, unix.TCP_NOTSENT_LOWAT
			case fullPackets:
				arg, k = 2, unix.TCP_CORK
			case callShut:
				k = 13 // SYS_SHUTDOWN of linux/net.h
			case callAccept:
				k = 18 // SYS_ACCEPT4
			}
			add(equal, uint32(c.nr), 0, 4)
			load(dataArgs + 8*arg + lower)
			add(test, k, yes, no)
			end(unix.SECCOMP_RET_ALLOW)
			load(dataNr) // the same call may come once more, with another rule
		}
	}
	end(unix.SECCOMP_RET_KILL_PROCESS)
	return p
}

// install makes all threads use the filter, for good. It returns ENOSYS or EINVAL
// where the kernel has none. PR_SET_NO_NEW_PRIVS must be set.
func install(p []unix.SockFilter) syscall.Errno {
	prog := unix.SockFprog{Len: uint16(len(p)), Filter: &p[0]}
	// Kernels before 5.16 would also turn a speculation of the CPU off, which
	// protects programs that run the code of others, and costs time.
	flags := uintptr(unix.SECCOMP_FILTER_FLAG_TSYNC | unix.SECCOMP_FILTER_FLAG_SPEC_ALLOW)
	for {
		thread, _, e := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, flags, uintptr(unsafe.Pointer(&prog)))
		switch {
		case e == unix.EINVAL && flags&unix.SECCOMP_FILTER_FLAG_SPEC_ALLOW != 0: // since 4.17
			flags &^= unix.SECCOMP_FILTER_FLAG_SPEC_ALLOW
			// Before 4.14 only the thread would end, and the others wait for it.
			p[len(p)-1].K = unix.SECCOMP_RET_TRAP
			continue
		case e == 0 && thread != 0: // one that has a filter of its own
			e = unix.ESRCH
		}
		return e
	}
}

// confine gives up what the server does not need to run, when all is open.
func (c *config) confine() int {
	if err := drop(c.user); err != nil {
		return cli.Fail(1, httpdName, "giving up rights: ", err.Error())
	}
	if auditArch == 0 || c.unfiltered {
		return -1
	}
	cli.Settle()
	all := always
	if c.root != "" {
		all |= files
	}
	if c.log != "" && c.log != "-" {
		all |= logs
	}
	for _, where := range c.listen {
		if len(where) > 5 && where[:5] == "unix:" && where[5] != '@' {
			all |= socks
		}
	}
	switch e := install(program(all)); e {
	case 0:
	case unix.ENOSYS, unix.EINVAL:
		cli.Fail(0, httpdName, "this kernel has no filter for system calls (", cli.ErrnoName(e), "): serving without; --no-seccomp says that this is wanted")
	default:
		return cli.Fail(1, httpdName, failed("seccomp", e, "").Error())
	}
	return -1
}
