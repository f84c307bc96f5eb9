package topology

import (
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl"
	"rawns/ns/file"
	"rawns/ns/topo"
)

const fmtUsage = `Usage: rawns fmt [--json] [-w] [FILE]

Prints the topology in FILE in the one way to write it, its comments and ranges
with it. FILE is text or JSON; "-" is standard input; without FILE it is the
article's scene.

    --json   as JSON: nothing is lost on the way there and back
    -w       write FILE anew, in the form that it has, instead of printing

Exit codes: 0 done; 1 FILE has faults, or cannot be read or written; 2 wrong usage.

What a file may say, a statement a line (docs/topology.md has examples):

`

// Fmt is the applet fmt.
func Fmt(args []string) int {
	o, files, code := options(args, fmtUsage, "--json", "-w")
	if o == nil {
		if code == 0 {
			cli.Stdout.S(topo.Syntax())
		}
		return code
	}
	const verb = "rawns fmt"
	write := o["-w"]
	if write && (len(files) == 0 || files[0] == "-") {
		return cli.Fail(2, verb, "-w needs a FILE to write")
	}
	f, code := Read(verb, files)
	if f == nil {
		return code
	}
	var text []byte
	if o["--json"] || write && f.IsJSON() {
		text = f.JSON()
	} else {
		text = f.Text()
	}
	if !write {
		cli.Stdout.S(string(text))
		return 0
	}
	if err := replace(files[0], text); err != nil {
		why := "it is no regular file"
		if err != errIrregular {
			why = cli.Strerror(cli.Errno(err))
		}
		return cli.Fail(1, verb, files[0], ": ", why)
	}
	return 0
}

const errIrregular = nl.Const("irregular")

// replace writes a file anew, all of it or nothing. It stays its owner's, as far
// as that is allowed. What is no regular file stays what it is: a new one in its
// place would be the end of a device.
func replace(path string, text []byte) error {
	path, err := file.Real(path)
	if err != nil {
		return err
	}
	st, err := file.Stat(path)
	if err == nil && st.Mode&unix.S_IFMT != unix.S_IFREG {
		err = errIrregular
	}
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(file.Dir(path), ".rawns-fmt-")
	if err != nil {
		return err
	}
	_, err = tmp.Write(text)
	if err == nil {
		unix.Fchown(int(tmp.Fd()), int(st.Uid), int(st.Gid)) // first: it takes bits of the mode away
		err = tmp.Chmod(os.FileMode(st.Mode).Perm())
	}
	if e := tmp.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = unix.Rename(tmp.Name(), path)
	}
	if err != nil {
		os.Remove(tmp.Name())
	}
	return err
}

// options parts a verb's arguments into options, all without values, and the
// rest. The options are nil if help was asked for, and printed, or if one is not
// known; the code is then the process's.
func options(args []string, usage string, known ...string) (o map[string]bool, rest []string, code int) {
	o = map[string]bool{}
	for i, a := range args[1:] {
		switch {
		case a == "-h" || a == "--help" || a == "help" && len(args) == 2:
			cli.Stdout.S(usage)
			return nil, nil, 0
		case a == "--":
			return o, append(rest, args[i+2:]...), 0
		case a == "-" || !strings.HasPrefix(a, "-"):
			rest = append(rest, a)
			continue
		}
		found := false
		for _, k := range known {
			found = found || k == a
		}
		if !found {
			cli.Fail(2, "rawns "+args[0], `"`, a, `" is no option`)
			cli.Stderr.S(usage[:strings.IndexByte(usage, '\n')+1])
			return nil, nil, 2
		}
		o[a] = true
	}
	return o, rest, 0
}
