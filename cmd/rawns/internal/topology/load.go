package topology

import (
	"errors"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"rawns/cmd/rawns/internal/cli"
	"rawns/ns/file"
	"rawns/ns/topo"
)

// Read reads the file that a verb is given: args are its arguments without the
// options. Without one it is the article's scene, "-" is standard input. What is
// wrong is printed, with verb ("rawns plan") before what is not about a place in
// the file; the code is then the process's, and the file nil.
func Read(verb string, args []string) (f *topo.File, code int) {
	switch {
	case len(args) > 1:
		return nil, cli.Fail(2, verb, `one FILE is enough; "`, args[1], `" is a second one`)
	case len(args) == 0:
		return topo.ArticleFile(), 0
	}
	text, err := read(args[0])
	if err != nil {
		why := err.Error()
		var p *os.PathError
		if errors.As(err, &p) {
			why = cli.Strerror(cli.Errno(p.Err))
		}
		return nil, cli.Fail(1, verb, args[0], ": ", why)
	}
	f, err = topo.Parse(args[0], text)
	if err != nil {
		return nil, Fail(verb, err)
	}
	return f, 0
}

// Load is Read, and works out what the file describes.
func Load(verb string, args []string) (f *topo.File, s *topo.Spec, code int) {
	f, code = Read(verb, args)
	if f == nil {
		return nil, nil, code
	}
	s, err := f.Spec()
	if err != nil {
		return nil, nil, Fail(verb, err)
	}
	return f, s, 0
}

// read reads a file, and no more of it than one too large for Parse.
func read(path string) ([]byte, error) {
	if path != "-" {
		return file.Read(path)
	}
	return io.ReadAll(io.LimitReader(os.Stdin, topo.MaxFile+1))
}

// Fail prints an error on standard error, those of files with the line and a
// mark below the place, and returns 1.
func Fail(verb string, err error) int {
	var list topo.FileErrors
	if !errors.As(err, &list) {
		var one *topo.FileError
		if !errors.As(err, &one) {
			return cli.Fail(1, verb, err.Error())
		}
		list = topo.FileErrors{one}
	}
	for _, e := range list {
		cli.Fail(1, "", e.Error())
		if e.Line != "" {
			before, after := window(e.Line, e.Pos.Column-1)
			cli.Stderr.S("    ", before, after).NL()
			cli.Stderr.S("    ", strings.Repeat(" ", utf8.RuneCountInString(before)), "^").NL()
		}
	}
	cli.Stderr.Flush()
	return 1
}

// window returns what of a line is shown, before and from the place of a fault:
// not more than fits on a terminal's line.
func window(line string, at int) (before, after string) {
	const wide = 50
	at = min(max(at, 0), len(line))
	from, to := 0, len(line)
	lead, trail := "", ""
	if at > wide {
		from, lead = at-wide, "..."
		for from < at && !utf8.RuneStart(line[from]) {
			from++
		}
	}
	if to-at > wide {
		to, trail = at+wide, "..."
		for to > at && !utf8.RuneStart(line[to]) {
			to--
		}
	}
	show := func(s string) string { return cli.Safe(strings.ReplaceAll(s, "\t", " ")) }
	return lead + show(line[from:at]), show(line[at:to]) + trail
}
