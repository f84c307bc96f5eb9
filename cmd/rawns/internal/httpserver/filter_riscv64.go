package httpserver

import "golang.org/x/sys/unix"

const auditArch = unix.AUDIT_ARCH_RISCV64

var archCalls = [...]call{
	{unix.SYS_SENDFILE, files, 0},
	{unix.SYS_FSTAT, files | logs, 0},
	{unix.SYS_NEWFSTATAT, socks | logs, 0},
	{unix.SYS_MMAP, always, dataOnly},
	{unix.SYS_TKILL, always, 0}, // how the runtime sends itself the signal that it ends with
}
