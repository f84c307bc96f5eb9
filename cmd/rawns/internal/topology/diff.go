package topology

import (
	"rawns/cmd/rawns/internal/cli"
	"rawns/ns/topo"
)

const diffUsage = `Usage: rawns diff [--json] [FILE]

Compares the topology in FILE with what the kernel has: a line for each thing that
is missing, different, or extra, with the place in FILE. FILE is text or JSON; "-"
is standard input; without FILE it is the article's scene.

Extra are links, addresses and routes in the topology's own namespaces that FILE
does not have, and addresses and ports of its links on this host. What the kernel
makes by itself (lo, link-local addresses, routes to an address's network) is not,
and whether services run is asked by "rawns check".

Exit codes: 0 no difference; 3 different; 1 FILE has faults, or the kernel could not
be asked (root sees all namespaces); 2 wrong usage.
`

// differs is the exit code of verbs that found a difference.
const differs = 3

// Diff is the applet diff.
func Diff(args []string) int {
	o, files, code := options(args, diffUsage, "--json")
	if o == nil {
		return code
	}
	const verb = "rawns diff"
	f, s, code := Load(verb, files)
	if f == nil {
		return code
	}
	list, _, err := compare(s)
	if err != nil {
		return failed(verb, err)
	}
	if o["--json"] {
		diffJSON(list)
	} else if len(list) == 0 {
		cli.Stdout.S("No difference: ").Safe(count(len(s.Namespaces), "namespace")).S(", ").Safe(count(len(s.Links), "link")).S(", ").Safe(count(len(s.Routes), "route")).S(".\n")
	} else {
		printDifferences(f.Name(), list)
	}
	if len(list) > 0 {
		return differs
	}
	return 0
}

// compare looks at the kernel, and returns in what it differs; without what
// follows from another difference.
func compare(s *topo.Spec) ([]topo.Difference, *topo.State, error) {
	cli.AllCPUs()
	st, err := topo.Observe(s.Look())
	if err != nil {
		return nil, nil, err
	}
	list, err := topo.Diff(s, st)
	if err != nil {
		return nil, nil, err
	}
	told := list[:0]
	for i := range list {
		if !list[i].Implied {
			told = append(told, list[i])
		}
	}
	return told, st, nil
}

// printDifferences prints a line each: what, and where it stands in the file.
func printDifferences(name string, list []topo.Difference) {
	for i := range list {
		d := &list[i]
		cli.Stdout.Safe(d.String())
		place(name, d.Pos)
		cli.Stdout.NL()
	}
}

// place prints a place in a file behind what is said of it, if there is one.
func place(name string, pos topo.Pos) {
	if pos.Line > 0 {
		cli.Stdout.S("  (").Safe(name).C(':').U(uint64(pos.Line)).C(')')
	}
}

func count(n int, what string) string {
	var b cli.Out
	if n == 0 {
		b.S("no ")
	} else {
		b.U(uint64(n)).C(' ')
	}
	b.S(what)
	switch {
	case n == 1:
	case what == "echo":
		b.S("es")
	default:
		b.C('s')
	}
	return string(b.B)
}

// failed prints why the kernel could not be asked.
func failed(verb string, err error) int {
	if e := cli.Errno(err); e != 0 {
		return cli.Fail(1, verb, err.Error(), " (", cli.ErrnoName(e), ")")
	}
	return cli.Fail(1, verb, err.Error())
}

func diffJSON(list []topo.Difference) {
	o := cli.Stdout
	o.C('[')
	for i := range list {
		d := &list[i]
		if i > 0 {
			o.C(',')
		}
		o.S("\n  {\"kind\": \"", d.Kind.String(), "\"")
		jsonMember(o, "object", d.Object.String())
		jsonMember(o, "netns", d.NS)
		jsonMember(o, "name", d.Name)
		jsonMember(o, "what", d.What)
		jsonMember(o, "want", d.Want)
		jsonMember(o, "have", d.Have)
		if d.Pos.Line > 0 {
			o.S(`, "line": `).U(uint64(d.Pos.Line))
		}
		o.C('}')
	}
	if len(list) > 0 {
		o.NL()
	}
	o.S("]\n")
}

// jsonMember appends a member, but not an empty one.
func jsonMember(o *cli.Out, name, value string) {
	if value == "" {
		return
	}
	o.S(`, "`, name, `": `)
	o.B = topo.AppendJSON(o.B, value)
}
