package topo

import (
	"errors"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/ns"
)

// maker makes the namespaces of a plan on a thread of its own, some steps ahead
// of the rest.
type maker struct {
	r     *Running
	fresh map[string]bool // the namespaces that it makes
	steps []int           // the plan's that it carries out
	chunk int             // namespaces at a time: one note in the journal for all
	out   chan chunk
	quit  chan struct{}
	next  int // the steps before this one are done
}

// chunk is what came of some steps.
type chunk struct {
	next int // the maker's steps before this one are done
	done []int
	made []fresh
	err  error // of step
	at   int
}

// fresh is a namespace that was made, and has its name.
type fresh struct {
	step int
	id   ID
	handle
}

// newSpaces counts the namespaces that a plan makes.
func (p *Plan) newSpaces() (n int) {
	for i := range p.Steps {
		if p.Steps[i].Op == OpNetns {
			n++
		}
	}
	return n
}

// makerChunk is how many namespaces get their names together.
const makerChunk = 32

func (r *Running) makeAhead() *maker {
	m := &maker{
		r: r, fresh: map[string]bool{}, chunk: min(makerChunk, max(1, r.spaces.max/8)),
		out: make(chan chunk, 1), quit: make(chan struct{}),
	}
	for i := range r.plan.Steps {
		if s := &r.plan.Steps[i]; s.Op == OpNetns {
			m.fresh[s.NS] = true
		}
	}
	for i := range r.plan.Steps {
		if m.does(i) {
			m.steps = append(m.steps, i)
		}
	}
	go func() {
		defer close(m.out)
		if err := ns.OnThread(m.run); err != nil {
			m.out <- chunk{at: m.steps[0], err: err}
		}
	}()
	return m
}

// does tells whether a step is the maker's: a namespace, or what is set in it
// before there is a link.
func (m *maker) does(i int) bool {
	s := &m.r.plan.Steps[i]
	return s.Op == OpNetns || s.Op == OpSysctl && s.Phase == PhaseSpaces && m.fresh[s.NS]
}

// wait returns when a step of the maker's is done; of an error, the step that
// failed.
func (m *maker) wait(i int) (at int, err error) {
	for i >= m.next {
		c := <-m.out
		m.take(&c)
		if c.err != nil {
			return c.at, c.err
		}
	}
	return 0, nil
}

func (m *maker) take(c *chunk) {
	for _, i := range c.done {
		m.r.done[i] = true
	}
	for i := range c.made {
		f := &c.made[i]
		name := m.r.plan.Steps[f.step].NS
		m.r.made[name] = f.id
		m.r.spaces.keep(name, &f.handle)
	}
	m.next = max(m.next, c.next)
}

// stop ends the maker, and takes over what it made.
func (m *maker) stop() {
	close(m.quit)
	for c := range m.out {
		m.take(&c)
	}
}

func (m *maker) run(t *ns.Thread) error {
	for steps := m.steps; len(steps) > 0; {
		// The steps of so many namespaces.
		n, spaces := 0, 0
		for n < len(steps) {
			if m.r.plan.Steps[steps[n]].Op == OpNetns {
				if spaces++; spaces > m.chunk {
					break
				}
			}
			n++
		}
		c := m.make(t, steps[:n])
		m.out <- c
		if c.err != nil {
			return nil
		}
		steps = steps[n:]
		select {
		case <-m.quit:
			return nil
		default:
		}
	}
	return nil
}

// make carries out some steps. Namespaces get their names last, all together:
// until then they go by themselves.
func (m *maker) make(t *ns.Thread, steps []int) (c chunk) {
	r := m.r
	var made []fresh
	defer func() {
		for i := len(c.made); i < len(made); i++ {
			made[i].close(&r.spaces)
		}
	}()
	for _, i := range steps {
		s := &r.plan.Steps[i]
		c.at = i
		if c.err = r.before(i); c.err != nil {
			return c
		}
		if s.Op == OpSysctl {
			if c.err = WriteSysctl(s.Sysctl.Key, s.Sysctl.Value); c.err != nil {
				return c
			}
			continue
		}
		f := fresh{step: i}
		if f.space, c.err = t.New(); c.err != nil {
			c.err = withName(c.err, s.NS)
			return c
		}
		conn := r.spaces.take()
		if c.err = conn.Redial(unix.NETLINK_ROUTE); c.err != nil {
			r.spaces.give(conn)
			f.space.Close()
			return c
		}
		f.conn = conn
		f.id = idFrom(f.space, conn)
		made = append(made, f)
	}
	var note []byte
	spaces, names := make([]*ns.NS, len(made)), make([]string, len(made))
	for i := range made {
		f := &made[i]
		spaces[i], names[i] = f.space, r.plan.Steps[f.step].NS
		note = appendNote(note, Space{names[i], f.id}.note()...)
	}
	if c.err = r.opt.Journal.write(note); c.err != nil {
		return c
	}
	n, err := ns.BindAll(spaces, names)
	c.made, c.next = made[:n], steps[len(steps)-1]+1
	for _, i := range steps {
		if err != nil && i >= made[n].step {
			break
		}
		c.done = append(c.done, i)
	}
	if err != nil {
		c.at, c.err = made[n].step, err
	}
	return c
}

// makeSpace makes a namespace, and a connection into it. name is for the error.
func (r *Running) makeSpace(name string) (f fresh, err error) {
	space, fd, err := ns.NewSocket(unix.AF_NETLINK, unix.SOCK_RAW, unix.NETLINK_ROUTE)
	if err != nil {
		return f, withName(err, name)
	}
	f.space, f.conn = space, r.spaces.take()
	if err = f.conn.Adopt(fd, unix.NETLINK_ROUTE); err != nil {
		f.close(&r.spaces)
		return f, err
	}
	f.id.Dev, f.id.Inode = space.Inode()
	if r.opt.Journal != nil {
		f.id = idFrom(space, f.conn) // the cookie is for those who come later
	}
	return f, nil
}

// withName adds to an error of package ns which namespace it is about.
func withName(err error, name string) error {
	var e *ns.Error
	if errors.As(err, &e) {
		e.Name = name
	}
	return err
}

// idFrom returns the ID of a namespace that a connection is in.
func idFrom(n *ns.NS, c *nl.Conn) (id ID) {
	id.Dev, id.Inode = n.Inode()
	id.Cookie, _ = c.NetnsCookie() // kernels before 5.14 have none
	return id
}
