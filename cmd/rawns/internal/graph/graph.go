// Package graph is the applet graph: it draws a topology, a file's or the one
// that runs, as text, SVG, mermaid, graphviz's dot, or JSON. What is drawn, and how, is
// rawns/ns/topo/picture's.
package graph

import (
	"os"
	"strings"

	"rawns/cmd/rawns/internal/cli"
	"rawns/cmd/rawns/internal/topology"
	"rawns/ns/topo"
	"rawns/ns/topo/picture"
)

const usage = `Usage: rawns graph [--text|--svg|--mermaid|--dot|--json] [OPTION...] [FILE]

Draws the topology in FILE ("-" is standard input); without FILE what runs now:
this host, its named namespaces, and what joins them.

    --text      with characters, up to 80 columns wide (the default)
    --svg       as an SVG image for a browser or a slide
    --mermaid   as a flowchart for mermaid
    --dot       as a graph for graphviz
    --json      as data: namespaces, links, wires

    --live      FILE's links in the state that they have now; what is not there
                is drawn as missing
    --all       namespaces without a name too (without FILE; as root)
    --full      each namespace by itself. Without it those that are alike are
                one where there are more than 128; JSON always has each.
    --unicode   text with line-drawing characters; the default in a UTF-8 locale
    --ascii     text without

Colours are for a terminal, unless NO_COLOR is set. Examples:

    rawns fmt | rawns graph -                 the article's scene
    rawns graph --svg lab.topo >lab.svg

Exit codes: 0 drawn; 1 FILE has faults or cannot be read, or this host's links
cannot; 2 wrong usage. A namespace that may not be looked into is drawn, and why.
`

type options struct {
	format                   string
	live, all, full, unicode bool
}

// Run is the applet.
func Run(args []string) int {
	const verb = "rawns graph"
	o, files, code := parse(args)
	if code >= 0 {
		return code
	}
	var pic *picture.Picture
	if len(files) > 0 {
		_, s, code := topology.Load(verb, files)
		if s == nil {
			return code
		}
		pic = picture.Of(s)
		if o.live {
			names := make([]string, 0, len(s.Namespaces))
			for i := range s.Namespaces {
				names = append(names, s.Namespaces[i].Name)
			}
			st, err := topo.Observe(topo.ObserveOptions{Names: names})
			if err != nil {
				return topology.Fail(verb, err)
			}
			pic.Mark(st)
		}
	} else {
		cli.AllCPUs()
		st, err := topo.Observe(topo.ObserveOptions{Nameless: o.all, Holders: o.all, Addrs: true, Routes: true})
		if err != nil {
			return topology.Fail(verb, err)
		}
		pic = picture.OfState(st)
		if name, err := os.Hostname(); err == nil {
			pic.Title = name
		}
	}
	cli.Stdout.S(string(draw(pic, o)))
	return 0
}

func draw(pic *picture.Picture, o options) []byte {
	if o.format == "--json" {
		return pic.JSON()
	}
	if !o.full {
		pic.Fold(picture.FoldLimit)
	}
	switch o.format {
	case "--svg":
		return pic.SVG()
	case "--mermaid":
		return pic.Mermaid()
	case "--dot":
		return pic.Dot()
	}
	color := os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && cli.IsTerminal(1)
	return pic.Text(picture.TextOptions{Unicode: o.unicode, Color: color})
}

// parse returns what the arguments say, and an exit code if that was all.
func parse(args []string) (o options, files []string, code int) {
	o.unicode = utf8Locale()
	wrong := func(what ...string) (options, []string, int) {
		cli.Fail(2, "rawns graph", what...)
		cli.Stderr.S(usage[:strings.IndexByte(usage, '\n')+1])
		return o, nil, 2
	}
	for i := 1; i < len(args); i++ {
		switch a := args[i]; a {
		case "-h", "--help":
			cli.Stdout.S(usage)
			return o, nil, 0
		case "--text", "--svg", "--mermaid", "--dot", "--json":
			if o.format != "" && o.format != a {
				return wrong(o.format, " and ", a, " are two ways to draw; one is enough")
			}
			o.format = a
		case "--live":
			o.live = true
		case "--all":
			o.all = true
		case "--full":
			o.full = true
		case "--unicode":
			o.unicode = true
		case "--ascii":
			o.unicode = false
		case "--":
			files = append(files, args[i+1:]...)
			i = len(args)
		default:
			if len(a) > 1 && a[0] == '-' {
				return wrong(`"`, a, `" is no option`)
			}
			files = append(files, a)
		}
	}
	switch {
	case len(files) > 1:
		return wrong(`one FILE is enough; "`, files[1], `" is a second one`)
	case o.live && len(files) == 0:
		return wrong("--live needs a FILE; without one all is drawn as it is")
	case o.all && len(files) > 0:
		return wrong("--all is for what runs now; a FILE has no namespaces without a name")
	}
	return o, files, -1
}

// utf8Locale tells whether text is UTF-8 where it is shown, as the C library
// finds it: the first of these that is set.
func utf8Locale() bool {
	for _, name := range [...]string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := os.Getenv(name); v != "" {
			v = strings.ToLower(v)
			return strings.Contains(v, "utf-8") || strings.Contains(v, "utf8")
		}
	}
	return false
}
