package main

import (
	"errors"
	"os"
	"strings"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl"
	"rawns/ns/file"
)

const installUsage = `Usage: rawns install DIR

Makes a symbolic link to this program in DIR, which is made if it is missing,
for each applet: ip, ping, ... A link to it that is there already is fine; any
other file of such a name is left alone, and nothing is made then.

Exit codes: 0 done, 1 failed, 2 wrong usage.
`

func install(args []string) int {
	if len(args) == 2 && (args[1] == "-h" || args[1] == "--help" || args[1] == "help") {
		cli.Stdout.S(installUsage)
		return 0
	}
	if len(args) != 2 || args[1] == "" || args[1][0] == '-' {
		cli.Fail(2, "rawns install", "one folder must be named")
		cli.Stderr.S(installUsage)
		return 2
	}
	if err := installInto(args[1]); err != nil {
		return cli.Fail(1, "rawns install", err.Error())
	}
	return 0
}

var errTaken error = nl.Const("is there already and is no link to this program; remove it first")

// installInto makes the links. If one cannot be made, those before it go
// again.
func installInto(dir string) error {
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	if err := file.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	var made []string
	for _, a := range applets() {
		if !a.link || a.run == nil {
			continue
		}
		path := strings.TrimRight(dir, "/") + "/" + a.name
		err := os.Symlink(exe, path)
		if errors.Is(err, os.ErrExist) {
			if to, e := os.Readlink(path); e == nil && to == exe {
				continue
			}
			err = &os.PathError{Op: "install", Path: path, Err: errTaken}
		}
		if err != nil {
			for _, p := range made {
				os.Remove(p)
			}
			return err
		}
		made = append(made, path)
	}
	return nil
}
