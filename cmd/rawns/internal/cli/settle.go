package cli

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// Settle makes a program that is to run for long small: it gives back what was
// touched so far of its own code and constants, which is the file's, unchanged. What
// is wanted again comes back from the page cache by itself; what only the start needs,
// and what the kernel mapped beside it, does not.
func Settle() {
	auxv, err := unix.Auxv()
	if err != nil {
		return
	}
	const at = unsafe.Sizeof(uintptr(0))
	var heads unsafe.Pointer // the program headers: Elf32_Phdr, Elf64_Phdr
	var size, n uintptr
	for i := range auxv {
		switch v := &auxv[i]; v[0] {
		case 3: // AT_PHDR
			heads = *(*unsafe.Pointer)(unsafe.Pointer(&v[1]))
		case 4: // AT_PHENT
			size = v[1]
		case 5: // AT_PHNUM
			n = v[1]
		}
	}
	if heads == nil {
		return
	}
	for ; n > 0; n-- {
		flags := *(*uint32)(unsafe.Add(heads, 4))
		if at == 4 {
			flags = *(*uint32)(unsafe.Add(heads, 24))
		}
		const load, writable = 1, 2
		if *(*uint32)(heads) == load && flags&writable == 0 {
			addr, size := *(*uintptr)(unsafe.Add(heads, 2*at)), *(*uintptr)(unsafe.Add(heads, 5*at))
			unix.RawSyscall(unix.SYS_MADVISE, addr, size, unix.MADV_DONTNEED)
		}
		heads = unsafe.Add(heads, size)
	}
}
