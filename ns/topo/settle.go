package topo

import "rawns/nl/rtnl"

// settle lets the bridges that came up carry packets at once.
//
// A bridge has a carrier as soon as a port forwards, and a port forwards as soon as the
// kernel has looked at its carrier. It does that beside (linkwatch), at once for the ends
// of a veth, but for a bridge once a second at most; and until then the bridge drops what
// it is to send itself. Usually a port is ready when the bridge comes up, and its carrier
// never changes; one bridge with one port loses that race now and then. Who asks for a
// link by a message of its own gets what is true now: since Linux 6.7 the kernel looks
// at it first (linkwatch_sync_dev). Older ones do not, and there it stays as it is.
func (r *Running) settle() {
	steps := r.plan.Steps
	for i := range steps {
		s := &steps[i]
		if s.Op != OpSetLink || s.Phase != PhaseBridgesUp || s.set&setUp == 0 {
			continue
		}
		port := r.plan.aPort(s.Link)
		if port == "" {
			continue
		}
		c, err := r.spaces.conn(s.NS)
		if err != nil {
			continue
		}
		for _, name := range []string{port, s.Link.Name} {
			if rtnl.LinkByName(c, name, rtnl.ExtSkipStats, func(rtnl.Link) {}) != nil {
				break
			}
		}
	}
}

// aPort returns the name of a link that the plan makes and that is a port of a bridge.
func (p *Plan) aPort(bridge *Link) string {
	for i := range p.Steps {
		s := &p.Steps[i]
		if s.Op != OpAddLink {
			continue
		}
		for _, l := range []*Link{s.Link, s.peer} {
			if l != nil && l.Master == bridge.Name && l.NS == bridge.NS {
				return l.Name
			}
		}
	}
	return ""
}
