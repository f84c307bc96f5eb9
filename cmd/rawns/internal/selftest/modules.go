package selftest

import (
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
	for line := range strings.Lines(kinds[1:]) {
		kind, _, _ := strings.Cut(line, "|")
		_, module := rtnl.KindOrigin(kind)
		note(module)
	}
	for line := range strings.Lines(tests[1:]) {
		note(strings.Split(line, "|")[2])
	}
	return list
}

// unload takes away those that the kernel has loaded since before. The sandbox's
// links, which hold them, go some time after it.
func unload(before []string) {
	for range 40 {
		left := 0
		for _, m := range loaded() {
			known := false
			for _, b := range before {
				known = known || b == m
			}
			if !known && unix.DeleteModule(m, unix.O_NONBLOCK) != nil {
				left++
			}
		}
		if left == 0 {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
}
