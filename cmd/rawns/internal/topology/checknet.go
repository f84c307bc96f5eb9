package topology

import (
	"errors"
	"syscall"
	"time"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl"
	"rawns/ns/topo"
)

const checkUsage = `Usage: rawns check [--json] [-v] [FILE]

Tells whether the topology in FILE stands and works: compares it with what the
kernel has, as "rawns diff" does; sends an echo (ICMP) over each link whose end has
an address, from inside its namespace, to the other end, or to the bridge behind
that, or to another of its ports; and connects to each service that has a port, from
next door. All at once, and again until there is an answer, for three seconds at
most. What does not answer is printed. FILE is text or JSON; "-" is standard input;
without FILE it is the article's scene.

    -v       print what answers, too
    --json   as JSON

Exit codes: 0 all as described, and all answers; 3 something is not; 1 FILE has
faults, or the kernel could not be asked (it needs root); 2 wrong usage.
`

// patience is how long an answer may take. Without an answer to its first packet,
// TCP sends the next one after a second.
const patience = 3 * time.Second

// Check is the applet check.
func Check(args []string) int {
	o, files, code := options(args, checkUsage, "--json", "-v")
	if o == nil {
		return code
	}
	const verb = "rawns check"
	f, s, code := Load(verb, files)
	if f == nil {
		return code
	}
	list, st, err := compare(s)
	if err != nil {
		return failed(verb, err)
	}
	all, untried := s.Probes()
	probes := all[:0]
	for _, p := range all {
		// What is missing was told.
		if has(st, p.From) && has(st, p.To) {
			probes = append(probes, p)
		}
	}
	results, err := topo.Try(probes, st, patience)
	if err != nil {
		return failed(verb, err)
	}
	bad := 0
	for _, r := range results {
		if r != nil {
			bad++
		}
	}
	if o["--json"] {
		cli.Stdout.S(`{"differences": `)
		diffJSON(list)
		cli.Stdout.S(`, "probes": [`)
		for i := range probes {
			cli.Stdout.S([...]string{"\n  ", ",\n  "}[min(i, 1)])
			probeJSON(&probes[i], results[i])
		}
		cli.Stdout.S("\n]}\n")
	} else {
		printDifferences(f.Name(), list)
		echoes, services := 0, 0
		hint := ""
		for i := range probes {
			p := &probes[i]
			if results[i] != nil || o["-v"] {
				printProbe(f.Name(), p, results[i])
			}
			switch {
			case results[i] != nil && hint == "" && p.Service == nil:
				hint = p.From.String() + " " + p.To.String()
			case results[i] != nil:
			case p.Service != nil:
				services++
			default:
				echoes++
			}
		}
		if hint != "" {
			cli.Stdout.S("(\"rawns doctor ").Safe(hint).S("\" says why.)\n")
		}
		cli.Stdout.S(count(echoes, "echo"), " and ", count(services, "service"), " answered")
		if bad > 0 {
			cli.Stdout.S(", ", count(bad, "other"), " did not")
		}
		cli.Stdout.S("; ", count(len(list), "difference"))
		if untried > 0 {
			cli.Stdout.S("; ", count(untried, "link"), " without a neighbour to send an echo to")
		}
		cli.Stdout.S(".\n")
	}
	if bad > 0 || len(list) > 0 {
		return differs
	}
	return 0
}

// has tells whether a probe's end is there; of a namespace's own, the namespace.
func has(st *topo.State, e topo.End) bool {
	sp := st.Space(e.NS)
	return sp != nil && sp.Err == nil && (e.Name == "" || sp.Link(e.Name) != nil)
}

func ip(a []byte) string { return string(nl.AppendIP(nil, a)) }

// why is a result in words.
func why(err error) string {
	var e syscall.Errno
	if errors.As(err, &e) {
		return cli.Strerror(e) + " (" + cli.ErrnoName(e) + ")"
	}
	return err.Error()
}

// end is an end in a sentence; of a namespace alone, "." for this one.
func end(e topo.End) string {
	switch {
	case e.Name != "":
		return e.String()
	case e.NS == "":
		return "."
	}
	return e.NS
}

func printProbe(name string, p *topo.Probe, result error) {
	o := cli.Stdout
	if result == nil {
		o.S("answered: ")
	} else {
		o.S("no answer: ")
	}
	if v := p.Service; v != nil {
		o.S("service ").Safe(end(topo.End{NS: v.NS})).S(":").U(uint64(v.Port)).S(" at ", ip(p.ToIP), " from ").Safe(end(p.From))
	} else {
		o.Safe(p.From.String()).S(" ", ip(p.FromIP), " -> ").Safe(p.To.String()).S(" ", ip(p.ToIP))
	}
	if result != nil && result != topo.ErrNoAnswer {
		o.S(": ", why(result))
	}
	place(name, p.Pos)
	o.NL()
}

func probeJSON(p *topo.Probe, result error) {
	o := cli.Stdout
	kind := "echo"
	if p.Service != nil {
		kind = "service"
	}
	o.S(`{"kind": "`, kind, `"`)
	jsonMember(o, "from", end(p.From))
	jsonMember(o, "from_addr", ip(p.FromIP))
	jsonMember(o, "to", end(p.To))
	jsonMember(o, "to_addr", ip(p.ToIP))
	if p.Service != nil {
		o.S(`, "port": `).U(uint64(p.Service.Port))
	}
	o.S(`, "answered": `, [...]string{"true", "false"}[b2i(result != nil)])
	if result != nil {
		jsonMember(o, "error", why(result))
	}
	if p.Pos.Line > 0 {
		o.S(`, "line": `).U(uint64(p.Pos.Line))
	}
	o.C('}')
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}
