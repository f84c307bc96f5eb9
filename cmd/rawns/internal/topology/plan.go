package topology

import (
	"slices"
	"strconv"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl/explain"
	"rawns/ns/topo"
)

const planUsage = `Usage: rawns plan [--json | --shell | --hex] [FILE]

Prints what "rawns up FILE" would do on this host were nothing of the topology there
yet: a line for each step, in their order, as one would type it. Nothing is done, and
no root is needed; the kernel is asked for nothing but links of this host that FILE
takes for granted. FILE is text or JSON; "-" is standard input; without FILE it is
the article's scene.

    --json    an object for each step, with the request's bytes
    --shell   a script for /bin/sh, iproute2's ip, sysctl and setsid that makes the
              same; services that are applets need rawns in PATH
    --hex     each step with the bytes that are sent for it, and what they mean

Exit codes: 0 done; 1 FILE has faults, or cannot be read; 2 wrong usage.
`

// Plan is the applet plan.
func Plan(args []string) int {
	o, files, code := options(args, planUsage, "--json", "--shell", "--hex")
	if o == nil {
		return code
	}
	const verb = "rawns plan"
	if len(o) > 1 {
		return cli.Fail(2, verb, "one of --json, --shell and --hex at a time")
	}
	f, s, code := Load(verb, files)
	if f == nil {
		return code
	}
	have, err := granted(s)
	if err != nil {
		return failed(verb, err)
	}
	p, err := s.Plan(have)
	if err != nil {
		return Fail(verb, f.Locate(err))
	}
	switch {
	case o["--json"]:
		planJSON(p)
	case o["--shell"]:
		planShell(p)
	default:
		planText(p, o["--hex"])
	}
	return 0
}

// granted returns what there is of the links that a Spec takes for granted; nil
// if there are none.
func granted(s *topo.Spec) (*topo.State, error) {
	names := s.TakenForGranted()
	if names == nil {
		return nil, nil
	}
	st, err := topo.Observe(topo.ObserveOptions{Names: []string{}})
	if err != nil {
		return nil, err
	}
	host := &topo.SpaceState{}
	for _, l := range st.Spaces[0].Links {
		if slices.Contains(names, l.Name) {
			host.Links = append(host.Links, l)
		}
	}
	return &topo.State{Spaces: []*topo.SpaceState{host}}, nil
}

// planText prints the steps, and with hex the bytes of each.
func planText(p *topo.Plan, hex bool) {
	o := cli.Stdout
	summary(o, p)
	width := len(strconv.Itoa(len(p.Steps)))
	for i := range p.Steps {
		s := &p.Steps[i]
		if hex {
			o.NL()
		}
		o.Right(strconv.Itoa(i+1), width).S("  ").Safe(s.Command()).NL()
		switch {
		case !hex:
		case s.Request != nil:
			o.B = explain.AppendText(o.B, s.Request, explain.TextOptions{Brief: true})
			o.S("")
		case s.Op == topo.OpNetns:
			o.S("no message: unshare(CLONE_NEWNET), and a mount on ").Safe("/run/netns/" + s.NS).NL()
		case s.Op == topo.OpSysctl:
			o.S("no message: a file below /proc/sys is written\n")
		case s.Op == topo.OpService:
			o.S("no message: a process is started\n")
		}
	}
	if hex && len(p.Steps) > 0 {
		o.S("\nSequence numbers, and the descriptor in IFLA_NET_NS_FD, are filled in when a\nmessage is sent.\n")
	}
}

// summary prints how much there is to do.
func summary(o *cli.Out, p *topo.Plan) {
	messages, bytes := 0, 0
	for i := range p.Steps {
		if n := len(p.Steps[i].Request); n > 0 {
			messages++
			bytes += n
		}
	}
	s := p.Spec
	addrs := 0
	for i := range s.Links {
		addrs += len(s.Links[i].Addrs)
	}
	o.S("# ").Safe(s.Name).S(": ")
	first := true
	for _, c := range [...]struct {
		n    int
		what string
	}{{len(s.Namespaces), "namespace"}, {len(s.Links), "link"}, {addrs, "address"}, {len(s.Routes), "route"}, {len(s.Sysctls), "setting"}, {len(s.Services), "service"}} {
		if c.n == 0 {
			continue
		}
		if !first {
			o.S(", ")
		}
		first = false
		o.U(uint64(c.n)).S(" ", c.what)
		switch {
		case c.n == 1:
		case c.what == "address":
			o.S("es")
		default:
			o.C('s')
		}
	}
	if first {
		o.S("nothing")
	}
	o.S("; ").S(count(len(p.Steps), "step")).S(", ").S(count(messages, "message")).S(" of ").S(count(bytes, "byte")).S("\n")
}

// planShell prints a script. A name in its comments cannot end them: it is
// escaped.
func planShell(p *topo.Plan) {
	o := cli.Stdout
	o.S("#!/bin/sh\n# The topology ").Safe(p.Spec.Name).S(", as root, where nothing of it is there yet: what \"rawns up\" makes.\nset -e\n")
	for i := range p.Steps {
		o.S(p.Steps[i].ScriptLine()).NL()
	}
}

var opNames = [...]string{topo.OpNetns: "netns", topo.OpDelLink: "del-link", topo.OpAddLink: "add-link", topo.OpSetLink: "set-link", topo.OpAddAddr: "add-addr",
	topo.OpAddRoute: "add-route", topo.OpSysctl: "sysctl", topo.OpService: "service"}

// planJSON prints an array of the steps. The request is in hex.
func planJSON(p *topo.Plan) {
	o := cli.Stdout
	spaces := map[string]topo.Pos{}
	for i := range p.Spec.Namespaces {
		n := &p.Spec.Namespaces[i]
		spaces[n.Name] = n.Pos
	}
	o.C('[')
	for i := range p.Steps {
		s := &p.Steps[i]
		if i > 0 {
			o.C(',')
		}
		o.S("\n  {\"step\": ").U(uint64(i+1)).S(`, "op": "`, opNames[s.Op], `"`)
		jsonMember(o, "netns", s.NS)
		var pos topo.Pos
		switch {
		case s.Link != nil:
			pos = s.Link.Pos
			if s.Makes.Index != 0 {
				jsonLink(o, "link", s.Makes.End, s.Makes.Index)
			} else {
				jsonLink(o, "link", s.Link.End, 0)
			}
			if s.MakesPeer.Index != 0 {
				jsonLink(o, "peer", s.MakesPeer.End, s.MakesPeer.Index)
			}
			if s.Addr != nil {
				jsonMember(o, "addr", s.Addr.String())
			}
		case s.Route != nil:
			pos = s.Route.Pos
			jsonMember(o, "route", s.Route.Dst.String())
		case s.Sysctl != nil:
			pos = s.Sysctl.Pos
			jsonMember(o, "key", s.Sysctl.Key)
			jsonMember(o, "value", s.Sysctl.Value)
		case s.Service != nil:
			pos = s.Service.Pos
			o.S(`, "argv": [`)
			for k, w := range s.Service.Argv {
				if k > 0 {
					o.S(", ")
				}
				o.B = topo.AppendJSON(o.B, w)
			}
			o.C(']')
		default:
			pos = spaces[s.NS]
		}
		if pos.Line > 0 {
			o.S(`, "line": `).U(uint64(pos.Line))
		}
		jsonMember(o, "command", s.Command())
		if s.Request != nil {
			o.S(`, "request": "`)
			for _, c := range s.Request {
				o.X(uint64(c), 2)
			}
			o.C('"')
		}
		o.S("}")
	}
	if len(p.Steps) > 0 {
		o.NL()
	}
	o.S("]\n")
}

func jsonLink(o *cli.Out, name string, e topo.End, index int32) {
	o.S(`, "`, name, `": {"name": `)
	o.B = topo.AppendJSON(o.B, e.Name)
	jsonMember(o, "netns", e.NS)
	if index != 0 {
		o.S(`, "index": `).U(uint64(index))
	}
	o.C('}')
}
