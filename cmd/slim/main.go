// Slim takes out of a static Go binary what only stack traces read: the names
// of functions and files, the line of each instruction, the trees of inlined
// calls, the shapes of arguments; and what only package reflect reads, if that is
// not linked: the fields of structs, the methods that no interface has. In a small
// binary that is a quarter of it.
//
//	slim FILE...
//	slim -overlay DIR
//	slim -linker DIR
//
// What is left works as before: the garbage collector's maps, the tables by
// which stacks are unwound and grown, and, of each function's name, the part
// that the runtime itself looks at (is it one of the runtime's own?). A panic
// still says what it is about, but its frames have no names; text addresses do
// not change, so that with GOTRACEBACK=system in the environment it prints pcs
// that "go tool addr2line" resolves in a build that was not slimmed.
//
// With -overlay it writes DIR/overlay.json for go build -overlay: copies of some
// files of Go's own packages without what the binary never does (overlay.go).
//
// With -linker it makes DIR/tool for go build -toolexec, which links by an edited
// copy of Go's linker, for the order in which functions and data lie (linker.go).
//
// The tables are described in runtime/symtab.go, runtime/runtime2.go (_func),
// internal/abi/symtab.go and cmd/link/internal/ld/pcln.go of Go 1.26. They are
// no interface of Go's: everything that slim relies on it checks, and it
// refuses, leaving the file as it is, what it does not know.
package main

import (
	"fmt"
	"os"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: slim { FILE... | -overlay DIR | -linker DIR }")
		os.Exit(2)
	}
	folders := map[string]func(dir string) error{"-overlay": writeOverlay, "-linker": writeLinker}
	if f := folders[os.Args[1]]; f != nil && len(os.Args) == 3 {
		if err := f(os.Args[2]); err != nil {
			fmt.Fprintf(os.Stderr, "slim: %v\n", err)
			os.Exit(1)
		}
		return
	}
	for _, path := range os.Args[1:] {
		if err := file(path); err != nil {
			fmt.Fprintf(os.Stderr, "slim: %s: %v; it was left as it is\n", path, err)
			os.Exit(1)
		}
	}
}

func file(path string) error {
	old, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	st, err := os.Stat(path)
	if err != nil {
		return err
	}
	slim, left, err := slim(old)
	if err == errSlim {
		return nil
	}
	if err != nil {
		return err
	}
	for _, what := range left {
		fmt.Fprintf(os.Stderr, "slim: %s: it starts more slowly than it could: %s\n", path, what)
	}
	tmp := path + ".slim"
	if err := os.WriteFile(tmp, slim, st.Mode()); err != nil {
		return err
	}
	return os.Rename(tmp, path)
}
