package initd

import (
	"strings"

	"golang.org/x/sys/unix"

	"rawns/ns/file"
)

// flags are the options of mount(8) that are bits of mount(2); what else there
// is goes to the file system.
var flags = [...]struct {
	name string
	set  uintptr
	drop uintptr
}{
	{"rw", 0, unix.MS_RDONLY}, {"ro", unix.MS_RDONLY, 0}, {"nosuid", unix.MS_NOSUID, 0}, {"nodev", unix.MS_NODEV, 0},
	{"noexec", unix.MS_NOEXEC, 0}, {"sync", unix.MS_SYNCHRONOUS, 0}, {"noatime", unix.MS_NOATIME, 0}, {"nodiratime", unix.MS_NODIRATIME, 0},
	{"relatime", unix.MS_RELATIME, 0}, {"bind", unix.MS_BIND, 0}, {"rbind", unix.MS_BIND | unix.MS_REC, 0}, {"remount", unix.MS_REMOUNT, 0},
	{"move", unix.MS_MOVE, 0}, {"defaults", 0, 0},
}

// mount mounts, unless something is mounted there already.
func mount(in *initd, args []string) string {
	kind, dir, source := args[0], args[1], args[0]
	var bits uintptr
	var data []string
	if len(args) > 2 {
	next:
		for _, o := range strings.Split(args[2], ",") {
			for i := range flags {
				if f := &flags[i]; f.name == o {
					bits = bits&^f.drop | f.set
					continue next
				}
			}
			data = append(data, o)
		}
	}
	if len(args) > 3 {
		source = args[3]
	}
	if bits&unix.MS_REMOUNT == 0 {
		if isMounted(dir) {
			return nothing
		}
		if err := file.MkdirAll(dir, 0o755); err != nil {
			return reason(err)
		}
	}
	err := unix.Mount(source, dir, kind, bits, strings.Join(data, ","))
	switch {
	case err == unix.EBUSY && bits&unix.MS_REMOUNT == 0: // by the kernel, CONFIG_DEVTMPFS_MOUNT
		return nothing
	case err == unix.ENODEV:
		return "this kernel has no file system " + kind
	case err == nil && bits&unix.MS_REMOUNT == 0:
		in.mounted = append(in.mounted, dir)
	}
	return reason(err)
}

// isMounted tells whether a folder is another file system than the one above. A
// /proc of another pid namespace does not count.
func isMounted(dir string) bool {
	if dir == "/proc" {
		var b [8]byte
		n, _ := unix.Readlink("/proc/self", b[:])
		return n == 1 && b[0] == '1'
	}
	here, err := file.Stat(dir)
	above, err2 := file.Stat(dir + "/..")
	return err == nil && err2 == nil && here.Dev != above.Dev
}

// unmount takes off what was mounted: on a machine all that can be, the last
// first, and what cannot becomes read-only; elsewhere what was mounted here.
func (in *initd) unmount() {
	unix.Sync()
	list := in.mounted
	if in.real {
		list = nil
		text, _ := file.Read("/proc/self/mounts")
		for l := range strings.Lines(string(text)) {
			// tmpfs /run tmpfs rw,nosuid 0 0; blanks in names are \040: such a
			// one is not found, and stays.
			if f := strings.Fields(l); len(f) > 2 {
				switch f[2] {
				case "proc", "sysfs", "devtmpfs", "devpts", "rootfs":
				default:
					list = append(list, f[1])
				}
			}
		}
	}
	for i := len(list) - 1; i >= 0; i-- {
		if dir := list[i]; dir == "/" || unix.Unmount(dir, 0) != nil {
			unix.Mount("", dir, "", unix.MS_REMOUNT|unix.MS_RDONLY, "")
		}
	}
	unix.Sync()
}
