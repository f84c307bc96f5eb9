package learn

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

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

// missing asks the kernel what of a lesson's goal is not so yet, a sentence each,
// and tries the pings only when all else is as it should be: they take time, and
// would fail for what was told already.
func (l *lesson) missing(say *language) ([]string, error) {
	s, err := spec(l.goal)
	if err != nil {
		return nil, err
	}
	look := s.Look()
	look.Names = nil // what is not where it should be is looked for everywhere
	st, err := topo.Observe(look)
	if err != nil {
		return nil, err
	}
	list, err := topo.Diff(s, st)
	if err != nil {
		return []string{say.text(mNoLook, err.Error())}, nil
	}
	var out []string
	for i := range list {
		d := &list[i]
		if d.Implied || d.Kind == topo.Extra || d.What == "it" && d.Want == "down" {
			continue
		}
		out = append(out, say.difference(st, d))
	}
	if len(out) > 0 {
		return out, nil
	}
	return l.silent(say, st), nil
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
	in := l.place(d.NS)
	switch {
	case d.Object == topo.ObjNetns:
		return l.text(mNoSpace, d.NS)
	case d.Object == topo.ObjLink && d.Kind == topo.Missing:
		for _, sp := range st.Spaces {
			if sp.Name != d.NS && sp.Link(d.Name) != nil {
				return l.text(mElsewhere, d.Name, in, l.place(sp.Name))
			}
		}
		return l.text(mNoLink, d.Name, in)
	case d.Object == topo.ObjAddr && d.Kind == topo.Missing:
		ip, _, _ := strings.Cut(d.Want, "/")
		if sp := st.Space(d.NS); sp != nil && sp.Link(d.Name) != nil {
			for _, a := range sp.Link(d.Name).Addrs {
				if have, _, _ := strings.Cut(a.Prefix.String(), "/"); have == ip {
					return l.text(mOtherPrefix, d.Name, in, a.Prefix.String(), d.Want)
				}
			}
		}
		return l.text(mNoAddr, d.Name, in, d.Want)
	case d.Object != topo.ObjLink:
	case d.What == "it":
		return l.text(mDown, d.Name, in)
	case d.What == "master" && d.Have == "":
		return l.text(mNoPort, d.Name, d.Want)
	case d.What == "master" && d.Want != "":
		return l.text(mOtherPort, d.Name, d.Have, d.Want)
	case d.What == "peer":
		return l.text(mPeer, d.Name, in, d.Have, d.Want)
	case d.What == "the kind":
		return l.text(mKind, d.Name, in, d.Have, d.Want)
	}
	return l.text(mDiffers, d.String())
}

// rounds is how often what does not answer is tried: a link that came up a moment
// ago, and a server that was just started, need that.
const rounds = 2

// silent tries what must answer, and says what does not.
func (l *lesson) silent(say *language, st *topo.State) (out []string) {
	for i := range l.echoes {
		e := &l.echoes[i]
		from := st.Space(e.from)
		if from == nil {
			return append(out, say.text(mNoSpace, e.from))
		}
		if !alone(st, e.in, e.to) {
			return append(out, say.text(mMoved, e.to, say.place(e.in)))
		}
		if !answered(from, e) {
			m, size := mNoEcho, ""
			if e.size > 0 {
				m, size = mNoLargeEcho, strconv.Itoa(e.size)
			}
			return append(out, say.text(m, e.to, say.place(e.from), size))
		}
	}
	if p := l.page; p != nil {
		if !alone(st, p.in, p.addr) {
			return append(out, say.text(mMoved, p.addr, say.place(p.in)))
		}
		if err := p.connect(); err != nil {
			why := err.Error()
			var e unix.Errno
			if errors.As(err, &e) {
				why = cli.Strerror(e)
			}
			return append(out, say.text(mNoPage, p.addr+":"+strconv.Itoa(p.port), why))
		}
	}
	return out
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
		for _, a := range l.Addrs {
			if have, _, _ := strings.Cut(a.Prefix.String(), "/"); have == ip {
				return true
			}
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
