package ip

import (
	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
)

// parseLink reads what follows "ip link".
func parseLink(a *args) (*plan, error) {
	if !a.more() {
		return parseLinkShow(a)
	}
	w := a.next()
	switch {
	case matches(w, "show"), matches(w, "lst"), matches(w, "list"):
		return parseLinkShow(a)
	}
	a.unknown("link", w)
	return nil, a.err
}

func parseLinkShow(a *args) (*plan, error) {
	s := &linkShow{}
	for a.more() {
		a.take("dev")
		s.dev = a.next()
	}
	return &plan{[]step{s}}, a.err
}

// linkShow is the step that lists links.
type linkShow struct {
	dev string
}

func (s *linkShow) run(r *runner) error {
	p := r.g.printer(r.out)
	var b nl.Builder
	rtnl.GetLink(&b, rtnl.IfInfomsg{Family: unix.AF_PACKET})
	b.U32(rtnl.IFLA_EXT_MASK, rtnl.ExtVF)
	p.open()
	err := r.dump(&b, nil, func(m nl.Message) error {
		l, err := rtnl.ParseLink(m)
		if err != nil {
			return err
		}
		p.Obj("")
		p.Int("ifindex", "", int64(l.Index), ": ")
		p.Str("ifname", "", l.Name(), "")
		p.End()
		p.EndObj()
		return nil
	})
	p.close()
	return err
}
