package learn

import (
	"strconv"
	"strings"
	"time"

	"rawns/cmd/rawns/internal/cli"
	"rawns/ns/topo"
	"rawns/ns/topo/doctor"
)

// spec works out one of a lesson's topologies.
func spec(text string) (*topo.Spec, error) {
	f, err := topo.Parse("lesson", []byte(text))
	if err != nil {
		return nil, err
	}
	return f.Spec()
}

// compare compares one of a lesson's topologies with what the kernel has.
func compare(text string) (s *topo.Spec, st *topo.State, list []topo.Difference, err error) {
	if s, err = spec(text); err != nil {
		return
	}
	look := s.Look()
	look.Names = nil // what is not where it should be is looked for everywhere
	if st, err = topo.Observe(look); err != nil {
		return
	}
	list, err = topo.Diff(s, st)
	return
}

// missing asks the kernel what of a lesson's goal is not so yet, a sentence each,
// and tries the pings only when all else is as it should be: they take time, and
// would fail for what was told already.
func (l *lesson) missing(say *language) (out []string, err error) {
	_, st, list, err := compare(l.goal)
	if err != nil {
		return nil, err
	}
	for i := range list {
		d := &list[i]
		if !d.Implied && d.Kind != topo.Extra && !(d.What == "it" && d.Want == "down") {
			out = append(out, say.difference(st, d))
		}
	}
	if len(out) == 0 {
		if m := l.silent(say, st); m != "" {
			out = append(out, m)
		}
	}
	return out, nil
}

// place is a namespace in a sentence.
func (l *language) place(name string) string {
	if name == "" {
		return l.text(mHost)
	}
	return l.text(mSpace, name)
}

// difference says what is otherwise than the goal.
func (l *language) difference(st *topo.State, d *topo.Difference) string {
	m, in, have := mDiffers, l.place(d.NS), d.Have
	switch {
	case d.Object == topo.ObjNetns:
		return l.text(mNoSpace, d.NS)
	case d.Object == topo.ObjLink && d.Kind == topo.Missing:
		m = mNoLink
		for _, sp := range st.Spaces {
			if sp.Name != d.NS && sp.Link(d.Name) != nil {
				m, have = mElsewhere, l.place(sp.Name)
			}
		}
	case d.Object == topo.ObjAddr && d.Kind == topo.Missing:
		m = mNoAddr
		if sp := st.Space(d.NS); sp != nil {
			if other := at(sp.Link(d.Name), d.Want); other != "" {
				m, have = mOtherPrefix, other
			}
		}
	case d.Object != topo.ObjLink:
	case d.What == "it":
		m = mDown
	case d.What == "master" && d.Have == "":
		m = mNoPort
	case d.What == "master" && d.Want != "":
		m = mOtherPort
	case d.What == "peer":
		m = mPeer
	case d.What == "the kind":
		m = mKind
	}
	if m == mDiffers {
		return l.text(m, d.String())
	}
	return l.text(m, d.Name, in, have, d.Want)
}

// at is a link's address that is the same as another one but for what is behind
// the "/", or "".
func at(l *topo.LinkState, want string) string {
	ip, _, _ := strings.Cut(want, "/")
	if l != nil {
		for i := range l.Addrs {
			a := l.Addrs[i].Prefix.String()
			if have, _, _ := strings.Cut(a, "/"); have == ip {
				return a
			}
		}
	}
	return ""
}

// rounds is how often what does not answer is tried: a link that came up a moment
// ago, and a server that was just started, need that.
const rounds = 3

// silent tries what must answer, and says what does not, or "".
func (l *lesson) silent(say *language, st *topo.State) string {
	for i := range l.echoes {
		e := &l.echoes[i]
		if !alone(st, e.in, e.to) {
			return say.text(mMoved, e.to, say.place(e.in))
		}
		if !answered(st.Space(e.from), e) {
			m := mNoEcho
			if e.size > 0 {
				m = mNoLargeEcho
			}
			return say.text(m, e.to, say.place(e.from), strconv.Itoa(e.size))
		}
	}
	if p := l.page; p != nil {
		if !alone(st, p.in, p.addr) {
			return say.text(mMoved, p.addr, say.place(p.in))
		}
		if err := p.connect(); err != nil {
			return say.text(mNoPage, p.addr+":"+strconv.Itoa(p.port), cli.Strerror(cli.Errno(err)))
		}
	}
	return ""
}

// alone tells whether a namespace has an address, and no other one.
func alone(st *topo.State, name, ip string) bool {
	for _, sp := range st.Spaces {
		if has(sp, ip) != (sp.Name == name) {
			return false
		}
	}
	return st.Space(name) != nil
}

// has tells whether an address is one of a namespace's.
func has(sp *topo.SpaceState, ip string) bool {
	if sp == nil {
		return false
	}
	for _, l := range sp.Links {
		if at(l, ip) != "" {
			return true
		}
	}
	return false
}

func answered(from *topo.SpaceState, e *echo) bool {
	to, ok := topo.ParsePrefix(e.to + "/32")
	if !ok {
		return false
	}
	p := &doctor.Live{Wait: 200 * time.Millisecond}
	defer p.Close()
	for range rounds {
		switch p.Echo(from, nil, to.IP, nil, e.size) {
		case doctor.EchoAnswered:
			return true
		case doctor.EchoNotSent:
			return false
		}
	}
	return false
}

func (p *page) connect() (err error) {
	to, _ := topo.ParsePrefix(p.addr + "/32")
	a := topo.Answer{Service: &topo.Service{Port: uint16(p.port)}, IP: to.IP}
	for range 25 * rounds {
		if err = a.Connect(time.Second); err == nil {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	return err
}
