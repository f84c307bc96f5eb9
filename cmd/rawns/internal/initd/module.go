package initd

import (
	"strings"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/ns/file"
)

// module loads modules: each word that has no '=' is one, those that have are
// parameters of the one before them.
func module(_ *initd, args []string) string {
	t := newModuleTree()
	var bad []string
	for i := 0; i < len(args); {
		n := i + 1
		for n < len(args) && strings.IndexByte(args[n], '=') > 0 {
			n++
		}
		if why := t.load(args[i], strings.Join(args[i+1:n], " "), 0); why != "" {
			bad = append(bad, why)
		}
		i = n
	}
	return strings.Join(bad, "; ")
}

// modules loads those that a file names, a line each, as /etc/modules.
func modules(in *initd, args []string) string {
	text, err := file.Read(args[0])
	if err != nil {
		return reason(err)
	}
	var bad []string
	for l := range strings.Lines(string(text)) {
		if f := strings.Fields(l); len(f) > 0 && f[0][0] != '#' && f[0][0] != ';' {
			if why := module(in, f); why != "" {
				bad = append(bad, why)
			}
		}
	}
	return strings.Join(bad, "; ")
}

// A moduleTree is a folder of modules with depmod's lists.
type moduleTree struct {
	dir     string // "/lib/modules/6.1.0"
	deps    string // modules.dep: "kernel/a.ko: kernel/b.ko kernel/c.ko", c before b
	builtin string
}

func newModuleTree() *moduleTree {
	var u unix.Utsname
	unix.Uname(&u)
	t := &moduleTree{dir: "/lib/modules/" + unix.ByteSliceToString(u.Release[:])}
	text, _ := file.Read(t.dir + "/modules.dep")
	t.deps = string(text)
	text, _ = file.Read(t.dir + "/modules.builtin")
	t.builtin = string(text)
	return t
}

// moduleName is what a path's module is called: without the folder, and what
// follows the first dot; '-' and '_' are the same.
func moduleName(path string) string {
	path = path[strings.LastIndexByte(path, '/')+1:]
	path, _, _ = strings.Cut(path, ".")
	return strings.ReplaceAll(path, "-", "_")
}

// find returns the line of a list that begins with a module's path.
func findModule(list, name string) (path, rest string, ok bool) {
	for l := range strings.Lines(list) {
		path, rest, _ = strings.Cut(strings.TrimSpace(l), ":")
		if moduleName(path) == name {
			return path, rest, true
		}
	}
	return "", "", false
}

// load loads a module by its path, or by its name, behind those that it needs.
func (t *moduleTree) load(what, params string, depth int) (why string) {
	if strings.IndexByte(what, '/') >= 0 {
		return loadFile(what, params)
	}
	name := moduleName(what)
	if _, err := file.Stat("/sys/module/" + name); err == nil {
		return ""
	}
	if _, _, ok := findModule(t.builtin, name); ok {
		return ""
	}
	path, rest, ok := findModule(t.deps, name)
	if !ok {
		if t.deps == "" {
			return what + ": there is no " + t.dir + "/modules.dep: depmod makes it"
		}
		return what + ": no such module in " + t.dir + "/modules.dep"
	}
	deps := strings.Fields(rest)
	for i := len(deps) - 1; i >= 0; i-- {
		// What is loaded already is not loaded twice: each list is whole.
		if _, err := file.Stat("/sys/module/" + moduleName(deps[i])); err != nil {
			if why := loadFile(t.in(deps[i]), ""); why != "" {
				return what + " needs " + why
			}
		}
	}
	return loadFile(t.in(path), params)
}

// in is a path of a list: from the folder, or, as some make it, from the root.
func (t *moduleTree) in(path string) string {
	if path[0] == '/' {
		return path
	}
	return t.dir + "/" + path
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
		why = "this kernel loads no modules (CONFIG_MODULES)"
	case unix.ENOEXEC:
		why = "it is no module, or one of another kernel"
	case unix.ENOENT:
		why = "it needs what another module has, which is not loaded, or does not know a parameter"
	case unix.EPERM:
		why = "loading modules is not allowed (kernel.modules_disabled, lockdown)"
	case unix.ENOKEY, unix.EKEYREJECTED:
		why = "it is not signed by a key that this kernel trusts"
	}
	if flag != 0 && (err == unix.EINVAL || err == unix.EOPNOTSUPP) {
		why = "this kernel cannot unpack it (CONFIG_MODULE_DECOMPRESS, and the way that it is packed): unpack it before"
	}
	text := path + ": " + cli.Strerror(err.(unix.Errno)) + " (" + cli.ErrnoName(err.(unix.Errno)) + ")"
	if why != "" {
		text += ": " + why
	}
	return text
}
