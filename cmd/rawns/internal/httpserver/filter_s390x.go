package httpserver

import "golang.org/x/sys/unix"

const auditArch = unix.AUDIT_ARCH_S390X

var archCalls = [...]call{
	{unix.SYS_EPOLL_WAIT, always, 0},
	{unix.SYS_SENDFILE, files, 0},
	{unix.SYS_FSTAT, files | logs, 0},
	{unix.SYS_NEWFSTATAT, socks | logs, 0},
	{unix.SYS_LSTAT, socks, 0},
	{unix.SYS_SOCKETCALL, always, callShut},
	{unix.SYS_SOCKETCALL, always, callAccept}, // before Linux 4.3
	{unix.SYS_MMAP, always, 0},                // its arguments are in memory, where a filter cannot look
}
