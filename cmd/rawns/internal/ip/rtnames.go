package ip

import (
	"slices"
	"strconv"
	"strings"

	"rawns/ns/file"
)

// A nameFile gives names to numbers: those of a file of iproute2, and those
// that are built in. It is read when it is first asked.
type nameFile struct {
	file    string // below the directories of nameDirs
	builtin []numberName
	list    []numberName
	read    bool
}

type numberName struct {
	num  uint32
	name string
}

// nameDirs hold iproute2's files: the administrator's own come first.
var nameDirs = [...]string{"/etc/iproute2/", "/usr/share/iproute2/"}

var (
	groups           = nameFile{file: "group", builtin: []numberName{{0, "default"}}}
	protoDownReasons = nameFile{file: "protodown_reasons.d/"}
)

// load reads the file. What cannot be read, or understood, is left out: a name
// is a comfort. A name with a trailing slash is a directory of files.
func (f *nameFile) load() {
	if f.read {
		return
	}
	f.read = true
	f.list = append([]numberName(nil), f.builtin...)
	for _, dir := range nameDirs {
		if f.loadFrom(dir + f.file) {
			break
		}
	}
}

func (f *nameFile) loadFrom(path string) bool {
	if strings.HasSuffix(path, "/") {
		names, err := file.Names(path)
		slices.Sort(names)
		for _, name := range names {
			if strings.HasSuffix(name, ".conf") {
				f.loadFrom(path + name)
			}
		}
		return err == nil
	}
	text, err := file.Read(path)
	if err != nil {
		return false
	}
	for line := range strings.Lines(string(text)) {
		var num, name string // without strings.Fields: a list is two pages for a short command
		num, line = word(line)
		if name, _ = word(line); name == "" || num[0] == '#' {
			continue
		}
		if n, ok := parseUint(num, 32); ok {
			f.set(uint32(n), name)
		}
	}
	return true
}

// word returns the first word of a line, and what stands behind it.
func word(line string) (w, rest string) {
	line = strings.TrimLeft(line, " \t\r\n\v\f")
	if i := strings.IndexAny(line, " \t\r\n\v\f"); i >= 0 {
		return line[:i], line[i:]
	}
	return line, ""
}

// set makes name the name of num: the last one of a number is the one that it
// is shown by.
func (f *nameFile) set(num uint32, name string) {
	f.list = append(f.list, numberName{num, name})
}

// name returns the name of a number, or the number. With numeric, -N, it is
// the number always.
func (f *nameFile) name(num uint32, numeric bool) string {
	if !numeric {
		f.load()
		for i := len(f.list) - 1; i >= 0; i-- {
			if f.list[i].num == num {
				return f.list[i].name
			}
		}
	}
	return strconv.FormatUint(uint64(num), 10)
}

// value returns the number of a name, or of a number: an int of C that is not
// negative, as for iproute2.
func (f *nameFile) value(s string) (uint32, bool) {
	f.load()
	for i := range f.list {
		if f.list[i].name == s {
			return f.list[i].num, true
		}
	}
	n, ok := parseUint(s, 31)
	return uint32(n), ok
}
