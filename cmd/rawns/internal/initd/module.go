package initd

import (
	"strings"

	"golang.org/x/sys/unix"

	"rawns/ns/file"
)

// module loads modules: each word that has no '=' is one, those that have are
// parameters of the one before them.
func module(_ *initd, args []string) string {
	release, _ := file.Read("/proc/sys/kernel/osrelease")
	t := moduleTree{dir: "/lib/modules/" + strings.TrimSpace(string(release)) + "/"}
	t.deps, _ = file.Read(t.dir + "modules.dep")
	why := ""
	for len(args) > 0 {
		n := 1
		for n < len(args) && strings.IndexByte(args[n], '=') > 0 {
			n++
		}
		why = also(why, t.load(args[0], strings.Join(args[1:n], " ")))
		args = args[n:]
	}
	return why
}

// modules loads those that a file names, a line each, as /etc/modules.
func modules(in *initd, args []string) string {
	text, err := file.Read(args[0])
	why := reason(err)
	eachLine(text, func(f []string) {
		if c := f[0][0]; c != '#' && c != ';' {
			why = also(why, module(in, f))
		}
	})
	return why
}

// also is one reason, and another one if there is one.
func also(why, more string) string {
	if why != "" && more != "" {
		why += "; "
	}
	return why + more
}

// eachLine calls f with the words of each line that has some.
func eachLine(text []byte, f func(words []string)) {
	for s := string(text); s != ""; {
		var line string
		line, s, _ = strings.Cut(s, "\n")
		if w := strings.Fields(line); len(w) > 0 {
			f(w)
		}
	}
}

// A moduleTree is a folder of modules.
type moduleTree struct {
	dir  string // "/lib/modules/6.1.0/"
	deps []byte // depmod's modules.dep: "kernel/a.ko: kernel/b.ko kernel/c.ko", c before b
}

// moduleName is what a path's module is called: without the folder, and what
// follows the first dot; '-' and '_' are the same.
func moduleName(path string) string {
	path, _, _ = strings.Cut(path[strings.LastIndexByte(path, '/')+1:], ".")
	return strings.ReplaceAll(path, "-", "_")
}

// isLoaded tells whether a module is, or is built in and shows itself.
func isLoaded(name string) bool { return unix.Access("/sys/module/"+name, 0) == nil }

// load loads a module by its path, or by its name, behind those that it needs.
func (t *moduleTree) load(what, params string) (why string) {
	if strings.IndexByte(what, '/') >= 0 {
		return loadFile(what, params)
	}
	name := moduleName(what)
	found := isLoaded(name)
	if found {
		return ""
	}
	eachLine(t.deps, func(w []string) {
		if found || moduleName(w[0]) != name {
			return
		}
		found = true
		for i := len(w) - 1; i > 0 && why == ""; i-- {
			if !isLoaded(moduleName(w[i])) {
				why = loadFile(t.dir+w[i], "")
			}
		}
		if why == "" {
			why = loadFile(t.dir+strings.TrimSuffix(w[0], ":"), params)
		}
	})
	if found {
		return why
	}
	builtin, _ := file.Read(t.dir + "modules.builtin")
	eachLine(builtin, func(w []string) { found = found || moduleName(w[0]) == name })
	if found {
		return ""
	}
	return what + ": no such module in " + t.dir + "modules.dep, which depmod makes"
}

// compressed is MODULE_INIT_COMPRESSED_FILE, Linux 5.17: the kernel unpacks it.
const compressed = 4

func loadFile(path, params string) string {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return path + ": " + reason(err)
	}
	defer unix.Close(fd)
	flag := 0
	if !strings.HasSuffix(path, ".ko") {
		flag = compressed
	}
	err = unix.FinitModule(fd, params, flag)
	why := ""
	switch err {
	case nil, unix.EEXIST:
		return ""
	case unix.ENOSYS:
		why = ": this kernel loads no modules (CONFIG_MODULES)"
	case unix.ENOEXEC:
		why = ": it is no module, or one of another kernel"
	case unix.ENOENT:
		why = ": it needs what another module has, which is not loaded, or does not know a parameter"
	case unix.EPERM:
		why = ": loading modules is not allowed (kernel.modules_disabled, lockdown)"
	case unix.ENOKEY, unix.EKEYREJECTED:
		why = ": it is not signed by a key that this kernel trusts"
	case unix.EINVAL, unix.EOPNOTSUPP:
		if flag != 0 {
			why = ": this kernel cannot unpack it (CONFIG_MODULE_DECOMPRESS, and the way that it is packed)"
		}
	}
	return path + ": " + reason(err) + why
}
