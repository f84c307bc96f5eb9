package topo

// Missing returns a sentence for each thing that is missing where the plan is
// carried out, or otherwise than described. What a missing namespace or link would
// hold is left out.
func (p *Plan) Missing() []string {
	var out []string
	gone := map[string]bool{}
	links := map[*Link]bool{}
	for i := range p.Steps {
		s := &p.Steps[i]
		switch s.Op {
		case OpNetns:
			gone[s.NS] = true
			out = append(out, "no namespace "+s.NS)
		case OpAddLink:
			for _, l := range [...]*Link{s.Link, s.peer} {
				if l != nil {
					links[l] = true
					if !gone[l.NS] {
						out = append(out, "no link "+l.End.String())
					}
				}
			}
		}
	}
	for i := range p.Steps {
		s := &p.Steps[i]
		if l := s.Link; l != nil {
			if links[l] || gone[l.NS] {
				continue // said above
			}
			switch name := l.End.String(); {
			case s.Op == OpAddAddr:
				out = append(out, name+" has no address "+s.Addr.String())
			case s.Op != OpSetLink:
			case s.set&setUp != 0:
				out = append(out, name+" is down")
			case s.set&setDown != 0:
				out = append(out, name+" is up")
			case s.set&setMaster != 0 && l.Master != "":
				out = append(out, name+" is no port of "+l.Master)
			default:
				out = append(out, name+" is otherwise than described")
			}
			continue
		}
		switch {
		case gone[s.NS]:
		case s.Op == OpAddRoute:
			out = append(out, "no route to "+s.Route.Dst.String())
		case s.Op == OpSysctl:
			out = append(out, s.Sysctl.Key+" is not "+s.Sysctl.Value)
		case s.Op == OpService:
			out = append(out, "a service does not run")
		}
	}
	return out
}
