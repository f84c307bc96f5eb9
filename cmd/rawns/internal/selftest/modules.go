package selftest

import (
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"rawns/nl/rtnl"
	"rawns/ns/file"
)

// loaded returns which of the modules that the tests may need are loaded, and with
// them the links tunl0, gre0 and so on that some of them put into each namespace.
func loaded() (list []string) {
	text, _ := file.Read("/proc/modules")
	all := "\n" + string(text)
	note := func(module string) {
		module = strings.ReplaceAll(module, "-", "_")
		if module != "" && strings.Contains(all, "\n"+module+" ") {
			list = append(list, module)
		}
	}
	var f [3]string
	for rest := kinds[1:]; rest != ""; {
		rest = cut(rest, f[:])
		_, module := rtnl.KindOrigin(f[0])
		note(module)
	}
	for rest := tests[1:]; rest != ""; {
		rest = cut(rest, f[:])
		note(f[2])
	}
	return list
}

// unload takes away those that the kernel has loaded since before. The sandbox's
// links, which hold them, go some time after it.
func unload(before []string) {
	for range 40 {
		left := 0
		for _, m := range loaded() {
			if !slices.Contains(before, m) && unix.DeleteModule(m, unix.O_NONBLOCK) != nil {
				left++
			}
		}
		if left == 0 {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
}
