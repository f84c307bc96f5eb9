package topo

// TakenForGranted returns the names of the host's links that the Spec rests on
// and does not make: those of "link", and what is below others, or routed by.
func (s *Spec) TakenForGranted() []string {
	made := map[string]bool{"": true, "lo": true}
	for i := range s.Links {
		if l := &s.Links[i]; l.NS == "" && l.Kind != "" {
			made[l.Name] = true
		}
	}
	var out []string
	need := func(space, name string) {
		if space == "" && !made[name] {
			made[name] = true
			out = append(out, name)
		}
	}
	for i := range s.Links {
		need(s.Links[i].NS, s.Links[i].Name)
		need(s.Links[i].Lower.NS, s.Links[i].Lower.Name)
	}
	for i := range s.Routes {
		need(s.Routes[i].NS, s.Routes[i].Dev)
	}
	return out
}
