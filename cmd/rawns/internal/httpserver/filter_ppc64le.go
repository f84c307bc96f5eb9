package httpserver

import "golang.org/x/sys/unix"

const auditArch = unix.AUDIT_ARCH_PPC64LE

var archCalls = [...]call{
	{unix.SYS_EPOLL_WAIT, always, 0},
	{unix.SYS_SENDFILE, files, 0},
	{unix.SYS_FSTAT, files | logs, 0},
	{unix.SYS_NEWFSTATAT, socks | logs, 0},
	{unix.SYS_LSTAT, socks, 0},
	{unix.SYS_MMAP, always, dataOnly},
}
