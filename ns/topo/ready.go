package topo

import (
	"golang.org/x/sys/unix"
)

// Waiting says what of a topology that was applied is not usable yet, a sentence
// for each: links without carrier that will have one, addresses that the kernel
// has not found to be nobody else's. st is what Observe returned for s.Look().
func (s *Spec) Waiting(st *State) (out []string) {
	links := make(map[End]*Link, len(s.Links))
	ports := map[End]bool{} // bridges with a port that will have a carrier
	for i := range s.Links {
		links[s.Links[i].End] = &s.Links[i]
	}
	var lives func(l *Link, depth int) bool
	lives = func(l *Link, depth int) bool {
		switch {
		case l.Down || depth > maxStack:
			return false
		case l.Kind == "veth":
			p := links[l.Peer]
			return p != nil && !p.Down
		case l.Kind == "bridge":
			return ports[l.End]
		case l.Lower != (End{}) && links[l.Lower] != nil:
			return lives(links[l.Lower], depth+1)
		}
		return true
	}
	for i := range s.Links {
		if l := &s.Links[i]; l.Master != "" && lives(l, 0) {
			ports[End{l.NS, l.Master}] = true
		}
	}
	for i := range s.Links {
		l := &s.Links[i]
		sp := st.Space(l.NS)
		var now *LinkState
		if sp != nil {
			now = sp.Link(l.Name)
		}
		switch {
		case now == nil:
			out = append(out, l.End.String()+" is gone")
			continue
		case lives(l, 0) && (now.Flags&unix.IFF_UP == 0 || !now.Carrier):
			out = append(out, l.End.String()+" has no carrier")
		}
		for _, a := range now.Addrs {
			switch {
			case a.Flags&unix.IFA_F_DADFAILED != 0:
				out = append(out, l.End.String()+": "+a.Prefix.String()+" is somebody else's, too")
			case a.Flags&unix.IFA_F_TENTATIVE != 0 && !l.Down:
				out = append(out, l.End.String()+": "+a.Prefix.String()+" is tentative")
			}
		}
	}
	return out
}
