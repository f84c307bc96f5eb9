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
	t := taken{made, nil}
	for i := range s.Links {
		t.need(s.Links[i].End)
		t.need(s.Links[i].Lower)
	}
	for i := range s.Routes {
		t.need(End{s.Routes[i].NS, s.Routes[i].Dev})
	}
	return t.names
}

type taken struct {
	known map[string]bool
	names []string
}

//go:noinline
func (t *taken) need(e End) {
	if e.NS == "" && !t.known[e.Name] {
		t.known[e.Name] = true
		t.names = append(t.names, e.Name)
	}
}
