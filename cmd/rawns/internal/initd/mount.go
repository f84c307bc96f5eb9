package initd

import (
	"strings"

	"golang.org/x/sys/unix"

	"rawns/ns/file"
)

// flags are the options of mount(8) that are bits of mount(2); what else there
// is goes to the file system.
var flags = [...]mountFlag{
	{"rw", 0, unix.MS_RDONLY}, {"ro", unix.MS_RDONLY, 0}, {"nosuid", unix.MS_NOSUID, 0}, {"nodev", unix.MS_NODEV, 0},
	{"noexec", unix.MS_NOEXEC, 0}, {"sync", unix.MS_SYNCHRONOUS, 0}, {"noatime", unix.MS_NOATIME, 0}, {"nodiratime", unix.MS_NODIRATIME, 0},
	{"relatime", unix.MS_RELATIME, 0}, {"bind", unix.MS_BIND, 0}, {"rbind", unix.MS_BIND | unix.MS_REC, 0}, {"remount", unix.MS_REMOUNT, 0},
	{"move", unix.MS_MOVE, 0}, {"defaults", 0, 0},
}

type mountFlag struct {
	name      string
	set, drop uintptr
}

func findFlag(name string) *mountFlag {
	for i := range flags {
		if flags[i].name == name {
			return &flags[i]
		}
	}
	return nil
}

// mount mounts, unless something is mounted there already.
func mount(in *initd, args []string) string {
	kind, dir, source := args[0], args[1], args[0]
	var bits uintptr
	data := ""
	if len(args) > 2 {
		for rest, more := args[2], true; more; {
			var o string
			o, rest, more = strings.Cut(rest, ",")
			if f := findFlag(o); f != nil {
				bits = bits&^f.drop | f.set
			} else {
				data += "," + o
			}
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
	err := unix.Mount(source, dir, kind, bits, strings.TrimPrefix(data, ","))
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
	here := device(dir)
	return here != 0 && here != device(dir+"/..")
}

// device is that of the file system on which a folder is, 0 if there is none.
func device(dir string) uint64 {
	var st unix.Stat_t
	if unix.Stat(dir, &st) != nil {
		return 0
	}
	return uint64(st.Dev)
}

// unmount takes off what was mounted: on a machine all that can be, the last
// first, and what cannot becomes read-only; elsewhere what was mounted here.
func (in *initd) unmount() {
	unix.Sync()
	list := in.mounted
	if in.real {
		list = nil
		text, _ := file.Read("/proc/self/mounts")
		// "tmpfs /run tmpfs rw,nosuid 0 0". Blanks in names are \040: such a one is
		// not found, and stays.
		eachLine(text, "", func(w []string) {
			if len(w) > 2 && w[2] != "proc" && w[2] != "sysfs" && w[2] != "devtmpfs" && w[2] != "devpts" && w[2] != "rootfs" {
				list = append(list, w[1])
			}
		})
	}
	for i := len(list) - 1; i >= 0; i-- {
		if dir := list[i]; dir == "/" || unix.Unmount(dir, 0) != nil {
			unix.Mount("", dir, "", unix.MS_REMOUNT|unix.MS_RDONLY, "")
		}
	}
	unix.Sync()
}
