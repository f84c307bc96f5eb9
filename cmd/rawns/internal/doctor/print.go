package doctor

import (
	"unicode/utf8"

	"rawns/cmd/rawns/internal/cli"
	"rawns/ns/topo"
	"rawns/ns/topo/doctor"
)

// place is a link as the command line spells it: NS:LINK, "." for the namespace
// where we are.
func place(st *topo.State, sp *topo.SpaceState, l *topo.LinkState) string {
	s := doctor.SpaceName(st, sp)
	if l == nil {
		return s
	}
	if s == "." {
		return l.Name
	}
	return s + ":" + l.Name
}

func point(st *topo.State, p *doctor.Point) string {
	s := doctor.SpaceName(st, p.Space)
	switch {
	case p.Space == nil:
		s = ""
	case s == ".":
		s = "here "
	default:
		s += " "
	}
	if p.IP == nil {
		return s + "(no address)"
	}
	return s + "(" + string(cli.AppendIP(nil, p.IP)) + ")"
}

func (e *examination) print(o *options, mends []mend) {
	if o.json {
		e.printJSON(mends)
		return
	}
	out := cli.Stdout
	for i := range mends {
		m := &mends[i]
		out.S("BROKEN  ").Safe(m.place).S(": ").Safe(m.fault.What).NL()
		out.S("        why:  ").Safe(m.fault.Why).NL()
		if m.line != "" {
			out.S("        mend: ").Safe(m.line).NL()
		}
		if m.done {
			out.S("        done; looking again\n")
		} else {
			out.S("        not mended: ").Safe(m.why).NL()
		}
	}
	if len(mends) > 0 && mends[len(mends)-1].done {
		out.NL()
	}
	e.printReport(out)
}

func (e *examination) printReport(out *cli.Out) {
	r := e.r
	out.S("From ").Safe(point(e.st, &r.From)).S(" to ").Safe(point(e.st, &r.To)).NL()
	width := 0
	for i := range r.Hops {
		width = max(width, len(cli.Safe(place(e.st, r.Hops[i].Space, r.Hops[i].Link))))
	}
	width = min(width, 32)
	way := doctor.Way("")
	for i := range r.Hops {
		h := &r.Hops[i]
		if h.Way != way {
			way = h.Way
			out.S(string(way)).NL()
		}
		if h.Fault != nil {
			out.S("  BROKEN  ")
		} else {
			out.S("  ok      ")
		}
		for range h.Depth {
			out.S("  ")
		}
		out.Left(cli.Safe(place(e.st, h.Space, h.Link)), width).S("  ").Safe(h.What).NL()
		if f := h.Fault; f != nil {
			out.S("          why:  ").Safe(f.Why).NL()
			if line := f.Line(e.st); line != "" {
				out.S("          mend: ").Safe(line).NL()
			} else {
				out.S("          mend: no command is known\n")
			}
		}
	}
	for _, n := range r.Notes {
		out.S("note: ").Safe(n).NL()
	}
	switch r.Echo {
	case doctor.EchoAnswered:
		out.S("A ping is answered.\n")
	case doctor.EchoLost:
		out.S("A ping is not answered.\n")
	}
	switch {
	case !r.Healthy():
		out.S("Broken: ").Safe(place(e.st, r.Fault.Space, r.Fault.Link)).S(": ").Safe(r.Fault.What).NL()
	case r.Outside:
		out.S("Healthy as far as can be seen.\n")
	default:
		out.S("Healthy")
		if r.Size > 0 {
			out.S(", with packets of up to ").D(int64(r.Size)).S(" bytes")
		}
		out.S(".\n")
	}
}

// printJSON prints the report as one object; docs/topology.md has its members.
func (e *examination) printJSON(mends []mend) {
	r, o := e.r, cli.Stdout
	o.S(`{"healthy":`).S(boolean(r.Healthy())).S(`,"outside":`).S(boolean(r.Outside))
	o.S(`,"from":`)
	e.jsonPoint(&r.From)
	o.S(`,"to":`)
	e.jsonPoint(&r.To)
	o.S(`,"ping":`)
	switch r.Echo {
	case doctor.EchoAnswered:
		o.S(`"answered"`)
	case doctor.EchoLost:
		o.S(`"lost"`)
	default:
		o.S("null")
	}
	o.S(`,"size":`).D(int64(r.Size)).S(`,"hops":[`)
	for i := range r.Hops {
		h := &r.Hops[i]
		if i > 0 {
			o.C(',')
		}
		o.NL().S(`{"way":`)
		str(string(h.Way))
		o.S(`,"depth":`).D(int64(h.Depth))
		e.jsonPlace(h.Space, h.Link)
		o.S(`,"what":`)
		str(h.What)
		o.S(`,"ok":`).S(boolean(h.Fault == nil), "}")
	}
	o.S("],\n", `"fault":`)
	if r.Fault == nil {
		o.S("null")
	} else {
		e.jsonFault(r.Fault)
		o.C('}')
	}
	o.S(`,"notes":[`)
	for i, n := range r.Notes {
		if i > 0 {
			o.C(',')
		}
		str(n)
	}
	o.S(`],"mended":[`)
	for i := range mends {
		m := &mends[i]
		if i > 0 {
			o.C(',')
		}
		o.S(`{"kind":`)
		str(string(m.fault.Kind))
		o.S(`,"at":`)
		str(m.place)
		o.S(`,"what":`)
		str(m.fault.What)
		o.S(`,"command":`)
		str(m.line)
		o.S(`,"done":`).S(boolean(m.done))
		if m.why != "" {
			o.S(`,"error":`)
			str(m.why)
		}
		o.C('}')
	}
	o.S("]}\n")
}

func (e *examination) jsonPoint(p *doctor.Point) {
	o := cli.Stdout
	o.S(`{"ns":`)
	if p.Space == nil {
		o.S("null")
	} else {
		str(doctor.SpaceName(e.st, p.Space))
	}
	o.S(`,"address":`)
	if p.IP == nil {
		o.S("null}")
		return
	}
	str(string(cli.AppendIP(nil, p.IP)))
	o.C('}')
}

func (e *examination) jsonPlace(sp *topo.SpaceState, l *topo.LinkState) {
	o := cli.Stdout
	o.S(`,"ns":`)
	if sp == nil {
		o.S("null")
	} else {
		str(doctor.SpaceName(e.st, sp))
	}
	o.S(`,"link":`)
	if l == nil {
		o.S("null")
	} else {
		str(l.Name)
	}
}

// jsonFault leaves the object open.
func (e *examination) jsonFault(f *doctor.Fault) {
	o := cli.Stdout
	o.S(`{"kind":`)
	str(string(f.Kind))
	e.jsonPlace(f.Space, f.Link)
	o.S(`,"what":`)
	str(f.What)
	o.S(`,"why":`)
	str(f.Why)
	o.S(`,"mend":[`)
	for i := range f.Mend {
		if i > 0 {
			o.C(',')
		}
		c := f.Mend[i]
		o.S(`{"ns":`)
		if c.Space == nil {
			str(".")
		} else {
			str(doctor.SpaceName(e.st, c.Space))
		}
		o.S(`,"line":`)
		str(c.Line(e.st))
		o.S(`,"argv":[`)
		for j, a := range c.Argv {
			if j > 0 {
				o.C(',')
			}
			str(a)
		}
		o.S("]}")
	}
	o.C(']')
}

func boolean(b bool) string {
	if b {
		return "true"
	}
	return "false"
}

// str prints a JSON string. Bytes that are not UTF-8, and controls, are \u00NN.
func str(s string) {
	const hex = "0123456789abcdef"
	b := append(cli.Stdout.B, '"')
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c < 0x7f && c != '"' && c != '\\' {
			b = append(b, c)
			i++
			continue
		}
		if r, n := utf8.DecodeRuneInString(s[i:]); n > 1 && r >= 0xa0 {
			b = append(b, s[i:i+n]...)
			i += n
			continue
		}
		if c == '"' || c == '\\' {
			b = append(b, '\\', c)
		} else {
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
		i++
	}
	cli.Stdout.B = append(b, '"')
}
