package initd

import (
	"bytes"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"rawns/ns/file"
)

// module loads modules: each word that has no '=' is one, those that have are
// parameters of the one before them.
func module(_ *initd, args []string) string {
	release, _ := file.Read("/proc/sys/kernel/osrelease")
	t := moduleTree{dir: "/lib/modules/" + strings.TrimSpace(string(release)) + "/", insert: loadFile}
	t.deps, _ = file.Read(t.dir + "modules.dep")
	t.soft, _ = file.Read(t.dir + "modules.softdep")
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
	eachLine(text, "", func(f []string) {
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

// eachLine calls f with the words of each line that has some and begins with a text,
// "" for all.
func eachLine(text []byte, begin string, f func(words []string)) {
	for len(text) > 0 {
		var line []byte
		line, text, _ = bytes.Cut(text, []byte("\n"))
		if len(line) < len(begin) || string(line[:len(begin)]) != begin {
			continue // lists are long, and memory may be short
		}
		if w := strings.Fields(string(line)); len(w) > 0 {
			f(w)
		}
	}
}

// A moduleTree is a folder of modules, with depmod's lists of them.
type moduleTree struct {
	dir    string                           // "/lib/modules/6.1.0/"
	deps   []byte                           // modules.dep: "kernel/a.ko: kernel/b.ko kernel/c.ko", c before b
	soft   []byte                           // modules.softdep: "softdep a pre: b c post: d", by names or aliases
	busy   []string                         // what is about to be loaded: soft dependencies may go in a circle
	insert func(path, params string) string // loadFile, but in tests
}

// moduleName is what a path's module is called: without the folder, and what
// follows the first dot; '-' and '_' are the same.
func moduleName(path string) string {
	path, _, _ = strings.Cut(path[strings.LastIndexByte(path, '/')+1:], ".")
	return underscores(path)
}

func underscores(name string) string { return strings.ReplaceAll(name, "-", "_") }

// isLoaded tells whether a module is, or is built in and shows itself.
func isLoaded(name string) bool { return unix.Access("/sys/module/"+name, 0) == nil }

// load loads a module by its path, or by its name or an alias, behind those that it
// needs.
func (t *moduleTree) load(what, params string) (why string) {
	if strings.IndexByte(what, '/') >= 0 {
		return t.insert(what, params)
	}
	why, found := t.named(moduleName(what), params)
	if found {
		return why
	}
	// A list of a megabyte, that is looked into for want of anything else. All modules of
	// that alias are tried, and one is enough: they do the same, as crypto-crc32c's do.
	why = what + ": no such module in " + t.dir + "modules.dep and modules.alias, which depmod makes"
	aliases, _ := file.Read(t.dir + "modules.alias")
	loaded, alias := false, underscores(what)
	begin, _, _ := strings.Cut(alias, "_")
	eachLine(aliases, "alias "+begin, func(w []string) {
		if len(w) != 3 || underscores(w[1]) != alias {
			return
		}
		if bad, ok := t.named(moduleName(w[2]), params); ok && !loaded {
			why, loaded = bad, bad == ""
		}
	})
	info, _ := file.Read(t.dir + "modules.builtin.modinfo") // "af_packet.alias=net-pf-17", each ends with a NUL
	if bytes.Contains(info, []byte(".alias="+what+"\x00")) {
		return ""
	}
	return why
}

// named loads a module by its name; found is false if there is none.
func (t *moduleTree) named(name, params string) (why string, found bool) {
	if isLoaded(name) {
		return "", true
	}
	eachLine(t.deps, "", func(w []string) {
		if found || moduleName(w[0]) != name {
			return
		}
		found = true
		for i := len(w) - 1; i > 0 && why == ""; i-- {
			if !isLoaded(moduleName(w[i])) {
				why = t.one(w[i], "")
			}
		}
		if why == "" {
			why = t.one(strings.TrimSuffix(w[0], ":"), params)
		}
	})
	if !found {
		builtin, _ := file.Read(t.dir + "modules.builtin")
		eachLine(builtin, "", func(w []string) { found = found || moduleName(w[0]) == name })
	}
	return why, found
}

// one loads one of the tree's files, between its soft dependencies.
func (t *moduleTree) one(path, params string) string {
	name := moduleName(path)
	if slices.Contains(t.busy, name) {
		return ""
	}
	t.busy = append(t.busy, name)
	t.around(name, "pre:")
	why := t.insert(t.dir+path, params)
	if why == "" {
		t.around(name, "post:")
	}
	t.busy = t.busy[:len(t.busy)-1]
	return why
}

// around loads the soft dependencies of a module that are to be before it, or behind.
// It does without those that cannot be loaded.
func (t *moduleTree) around(name, when string) {
	eachLine(t.soft, "softdep ", func(w []string) {
		if len(w) < 3 || moduleName(w[1]) != name {
			return
		}
		list := ""
		for _, x := range w[2:] {
			switch {
			case x == "pre:" || x == "post:":
				list = x
			case list == when:
				t.load(x, "")
			}
		}
	})
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
