package topology

import (
	"rawns/cmd/rawns/internal/cli"
	"rawns/ns/topo"
)

const exportUsage = `Usage: rawns export [--json]

Prints what runs on this host as a FILE that "rawns up" would make it again from:
the named namespaces, and of this one the links that a topology can have (bridges,
veths, vxlans, macvlans, vlans, dummies), with their addresses, routes and settings.
What is as the kernel makes it by itself is left out; so are services. What no FILE
can say (other kinds of links, namespaces without a name, routes by several gateways)
is told on standard error, a line each.

    --json   as JSON

Exit codes: 0 done; 1 failed; 2 wrong usage. It needs root.
`

// Export is the applet export.
func Export(args []string) int {
	o, rest, code := options(args, exportUsage, "--json")
	if o == nil {
		return code
	}
	const verb = "rawns export"
	if len(rest) > 0 {
		return cli.Fail(2, verb, `"`, rest[0], `" is too much`)
	}
	f, left, err := export()
	if err != nil {
		return failed(verb, err)
	}
	for _, l := range left {
		cli.Fail(0, verb, "left out: ", l)
	}
	if o["--json"] {
		cli.Stdout.S(string(f.JSON()))
	} else {
		cli.Stdout.S(string(f.Text()))
	}
	return 0
}

func export() (*topo.File, []string, error) {
	look := topo.ExportLook()
	cli.AllCPUs()
	st, err := topo.Observe(look)
	if err != nil {
		return nil, nil, err
	}
	fresh, err := topo.Fresh(look)
	if err != nil {
		return nil, nil, err
	}
	s, left := topo.Export(st, fresh)
	if err := s.Check(); err != nil {
		return nil, nil, err
	}
	f, err := s.File()
	return f, left, err
}
