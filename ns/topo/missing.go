package topo

// Missing returns a sentence for each thing that a plan does because it was
// there once and is not any more, or is otherwise than described: what somebody
// has done to a topology that was up.
func (p *Plan) Missing() []string {
	var out []string
	gone := map[string]bool{}
	links := map[*Link]bool{}
	for i := range p.Steps {
		s := &p.Steps[i]
		switch s.Op {
		case OpNetns:
			gone[s.NS] = true
			out = append(out, "namespace "+s.NS+" is gone")
		case OpAddLink:
			for _, l := range [...]*Link{s.Link, s.peer} {
				if l != nil {
					links[l] = true
					if !gone[l.NS] {
						out = append(out, l.End.String()+" is gone")
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
				out = append(out, name+" has lost "+s.Addr.String())
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
			out = append(out, "the route to "+s.Route.Dst.String()+" is gone")
		case s.Op == OpSysctl:
			out = append(out, s.Sysctl.Key+" is not "+s.Sysctl.Value)
		case s.Op == OpService:
			out = append(out, "a service has ended")
		}
	}
	return out
}
