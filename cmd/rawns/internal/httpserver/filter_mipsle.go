package httpserver

import "golang.org/x/sys/unix"

const auditArch = unix.AUDIT_ARCH_MIPSEL

var archCalls = [...]call{
	{unix.SYS_EPOLL_WAIT, always, 0},
	{unix.SYS_SENDFILE64, files, 0},
	{unix.SYS_FSTAT64, files | logs, 0},
	{unix.SYS_FSTATAT64, socks | logs, 0},
	{unix.SYS_LSTAT64, socks, 0},
	{unix.SYS_MMAP, always, dataOnly},
	{unix.SYS_FUTEX_TIME64, always, 0},
	{unix.SYS_CLOCK_GETTIME64, always, 0},
}
