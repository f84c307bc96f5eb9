package main

import (
	"crypto/sha256"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// linkerEdits are edits of Go's linker, for one that puts the functions of order.txt
// at the beginning of the text, and data in the order of the functions that refer to it
// (std/order.go.txt). What a short command needs then lies together, and the kernel, which
// maps 64 kB of a file at a time, maps little else.
var linkerEdits = []edit{
	{"cmd/link/internal/ld/data.go", "	// Sort the text symbols by type, so that FIPS symbols are\n", "	orderText(ctxt)\n\n	// Sort the text symbols by type, so that FIPS symbols are\n"},
	{"cmd/link/internal/ld/data.go", "				case isz != jsz:\n					return isz < jsz\n", "				case compareRanks(sl[i], sl[j]) != 0:\n					return compareRanks(sl[i], sl[j]) < 0\n				case isz != jsz:\n					return isz < jsz\n"},
}

// typesEdits leave out what only package reflect reads of descriptors of types
// (std/types.go.txt): types that are nothing but the type of a field, and the functions
// that compare them.
var typesEdits = []edit{
	{"cmd/link/internal/ld/deadcode.go", "func deadcode(ctxt *Link) {\n", "func deadcode(ctxt *Link) {\n	deadcodeTypes(ctxt)\n}\n\nfunc deadcodeAll(ctxt *Link) {\n"},
	{"cmd/link/internal/ld/deadcode.go", "			r := relocs.At(i)\n			if r.Weak() {\n				convertWeakToStrong := false\n",
		"			r := relocs.At(i)\n			if isgotype && unread(d.ctxt.Arch, d.ldr, symIdx, int(r.Off())) {\n				continue\n			}\n			if r.Weak() {\n				convertWeakToStrong := false\n"},
	{"cmd/link/internal/ld/data.go", "		if siz == 0 { // informational relocation - no work to do\n			continue\n		}\n",
		"		if siz == 0 { // informational relocation - no work to do\n			continue\n		}\n		if rs != 0 && !ldr.AttrReachable(rs) && ldr.IsGoType(s) && unread(target.Arch, ldr, s, int(off)) {\n			continue\n		}\n"},
}

//go:embed std/types.go.txt
var typesSource string

//go:embed std/order.go.txt
var orderSource string

//go:embed order.txt
var order string

// tool is a program for go build -toolexec: it runs the linker beside it, if there is one, in place
// of Go's. Its version is slim's, too, so that go build makes anew what another slim made.
const tool = `#!/bin/sh
case $1 in
*/link)
	if [ "$2" = -V=full ]; then
		echo "$("$@") slim VERSION"
		exit
	fi
	link=${0%/*}/link
	if [ -x "$link" ]; then
		shift
		exec "$link" "$@"
	fi
esac
exec "$@"
`

// writeLinker makes dir/tool for go build -toolexec, and the linker that it runs. If Go's is not
// as it is in 1.26, that is Go's.
func writeLinker(dir string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	p, err := os.ReadFile(self)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	path := filepath.Join(dir, "tool")
	if err := write(path, []byte(strings.Replace(tool, "VERSION", fmt.Sprintf("%.8x", sha256.Sum256(p)), 1))); err != nil {
		return err
	}
	if err := os.Chmod(path, 0o755); err != nil {
		return err
	}
	if err := buildLinker(dir); err != nil {
		return errors.Join(err, os.RemoveAll(filepath.Join(dir, "link")))
	}
	return nil
}

func buildLinker(dir string) error {
	root, err := goroot()
	if err != nil {
		return err
	}
	texts, err := apply(slices.Concat(linkerEdits, typesEdits), func(file string) (string, error) {
		p, err := os.ReadFile(filepath.Join(root, file))
		return string(p), err
	})
	if err != nil {
		return err
	}
	texts["cmd/link/internal/ld/slimorder.go"] = strings.Replace(orderSource, "const order = ``", "const order = `"+order+"`", 1)
	texts["cmd/link/internal/ld/slimtypes.go"] = typesSource
	if err := writeTexts(dir, root, texts); err != nil {
		return err
	}
	out, err := exec.Command("go", "build", "-overlay", filepath.Join(dir, "overlay.json"), "-o", filepath.Join(dir, "link"), "cmd/link").CombinedOutput()
	if err != nil {
		return fmt.Errorf("go build cmd/link: %w\n%s", err, out)
	}
	return nil
}
