// Size says what the parts of a Go program take of its file. The program must not
// be stripped:
//
//	go run ./size [-top N] [-in PACKAGE | -funcs PACKAGE] FILE
//
// Without an option there is a line for each package: bytes of code, bytes of
// variables with contents, and how many functions, each of which costs an entry in
// the runtime's tables beside its code; then what belongs to no package by name:
// strings and descriptors of types, and the tables. -in lists a package's source
// files, -funcs its functions; -top only the first lines.
package main

import (
	"cmp"
	"debug/elf"
	"debug/gosym"
	"flag"
	"fmt"
	"log"
	"path"
	"slices"
	"strings"
)

type part struct {
	name       string
	text, data uint64
	funcs      int
}

func main() {
	log.SetFlags(0)
	in := flag.String("in", "", "list the source files of this `package`")
	funcs := flag.String("funcs", "", "list the functions of this `package`")
	top := flag.Int("top", 0, "list only so many lines")
	flag.Parse()
	if flag.NArg() != 1 {
		log.Fatal("usage: size [-top N] [-in PACKAGE | -funcs PACKAGE] FILE")
	}
	f, err := elf.Open(flag.Arg(0))
	if err != nil {
		log.Fatal(err)
	}
	syms, err := f.Symbols()
	if err != nil {
		log.Fatal(err)
	}
	lines, err := table(f)
	if err != nil {
		log.Fatal(err)
	}
	parts := map[string]*part{}
	of := func(name string) *part {
		if parts[name] == nil {
			parts[name] = &part{name: name}
		}
		return parts[name]
	}
	named := map[string]uint64{} // of each section, what belongs to a package
	for _, s := range syms {
		if int(s.Section) >= len(f.Sections) || s.Size == 0 {
			continue
		}
		sec := f.Sections[s.Section]
		pkg := packageOf(s.Name)
		if sec.Type == elf.SHT_NOBITS || sec.Flags&elf.SHF_ALLOC == 0 || pkg == "" {
			continue
		}
		if *in+*funcs != "" && *in != pkg && *funcs != pkg {
			continue
		}
		isFunc := elf.ST_TYPE(s.Info) == elf.STT_FUNC
		switch {
		case *funcs != "":
			pkg = s.Name
		case *in != "" && isFunc:
			file, _, _ := lines.PCToLine(s.Value)
			pkg = path.Base(file)
		case *in != "":
			pkg = "(variables)"
		}
		p := of(pkg)
		if isFunc {
			p.text += s.Size
			p.funcs++
		} else {
			p.data += s.Size
		}
		named[sec.Name] += s.Size
	}
	list := []*part{}
	for _, p := range parts {
		list = append(list, p)
	}
	slices.SortFunc(list, func(a, b *part) int {
		return cmp.Or(-cmp.Compare(a.text+a.data, b.text+b.data), strings.Compare(a.name, b.name))
	})
	fmt.Printf("%9s %9s %9s\n", "code", "variables", "functions")
	for i, p := range list {
		if i == *top && i > 0 {
			rest := part{name: fmt.Sprintf("(%d others)", len(list)-i)}
			for _, p := range list[i:] {
				rest.text, rest.data, rest.funcs = rest.text+p.text, rest.data+p.data, rest.funcs+p.funcs
			}
			fmt.Printf("%9d %9d %9d  %s\n", rest.text, rest.data, rest.funcs, rest.name)
			break
		}
		fmt.Printf("%9d %9d %9d  %s\n", p.text, p.data, p.funcs, p.name)
	}
	if *in+*funcs != "" {
		return
	}
	fmt.Println("\nin no package:")
	for _, s := range f.Sections {
		if s.Flags&elf.SHF_ALLOC != 0 && s.Type != elf.SHT_NOBITS && s.Size > named[s.Name] {
			fmt.Printf("%9d  %s\n", s.Size-named[s.Name], s.Name)
		}
	}
}

// table returns the table of lines that a Go program carries.
func table(f *elf.File) (*gosym.Table, error) {
	s := f.Section(".gopclntab")
	if s == nil {
		return nil, fmt.Errorf("no .gopclntab: not a Go program")
	}
	p, err := s.Data()
	if err != nil {
		return nil, err
	}
	return gosym.NewTable(nil, gosym.NewLineTable(p, f.Section(".text").Addr))
}

// packageOf returns the package in a symbol's name, "" if there is none: what the
// linker makes has a colon.
func packageOf(name string) string {
	if i := strings.IndexByte(name, '['); i >= 0 { // what a generic function was made for
		name = name[:i]
	}
	slash := strings.LastIndexByte(name, '/') + 1
	dot := strings.IndexByte(name[slash:], '.')
	if dot <= 0 || strings.Contains(name, ":") && !strings.HasPrefix(name, "type:.eq.") {
		return ""
	}
	return strings.TrimPrefix(name[:slash+dot], "type:")
}
