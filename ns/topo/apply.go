package topo

import (
	"errors"
	"strconv"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
	"rawns/ns"
)

// Options say how Apply works. The zero Options do.
type Options struct {
	// Journal notes what is made, or nil.
	Journal *Journal
	// Before and After are called around each step, if they are there. An
	// error of Before stops the work as if the step had failed.
	Before func(i int, s *Step) error
	After  func(i int, s *Step)
	// Start starts a service and returns what ends it. nil stands for
	// a process of its own, in a session of its own, with /dev/null as its
	// files.
	Start func(space *ns.NS, s *Service) (stop func(), err error)
}

// Counts say what an Apply took.
type Counts struct {
	Messages int // sent to the kernel
	Calls    int // system calls that carried them, and their answers
}

// StepError is a step that failed. What the steps before it made is removed,
// but for Left.
type StepError struct {
	N    int // the step, from 1
	Of   int
	Step *Step
	Err  error   // *nl.Error, *ns.Error, ...
	Left []error // what could not be removed
}

func (e *StepError) Error() string {
	s := "step " + strconv.Itoa(e.N) + " of " + strconv.Itoa(e.Of) + ", " + strconv.Quote(e.Step.Command()) + ": " + e.Err.Error()
	for _, l := range e.Left {
		s += "; left behind: " + l.Error()
	}
	return s
}

// Unwrap returns Err.
func (e *StepError) Unwrap() error { return e.Err }

// Running is a topology that was applied: it owns the handles of its
// namespaces and the connections into them until Close. Close leaves the
// topology as it is.
type Running struct {
	steps  []Step
	opt    Options
	spaces map[string]*ns.NS
	conns  map[string]*nl.Conn
	stops  []func()
	made   int // steps done
	closed Counts
}

// Apply carries out a plan, the namespace "" being the calling thread's.
// An error is a *StepError, and nothing is left then of what Apply had made.
func Apply(p *Plan, opt Options) (*Running, error) {
	steps := p.Steps
	r := &Running{steps: steps, opt: opt, spaces: map[string]*ns.NS{}, conns: map[string]*nl.Conn{}}
	for i := range steps {
		if err := r.step(i); err != nil {
			var refused *nl.Error
			if !errors.As(err, &refused) && steps[i].Makes.Index != 0 {
				r.made = i + 1 // the ack was lost: the link may be there
			}
			e := &StepError{N: i + 1, Of: len(steps), Step: &steps[i], Err: err}
			e.Left = r.Undo()
			return nil, e
		}
	}
	return r, nil
}

func (r *Running) step(i int) error {
	s := &r.steps[i]
	if r.opt.Before != nil {
		if err := r.opt.Before(i, s); err != nil {
			return err
		}
	}
	if err := r.do(s); err != nil {
		return err
	}
	r.made = i + 1
	if r.opt.After != nil {
		r.opt.After(i, s)
	}
	return nil
}

func (r *Running) do(s *Step) error {
	switch s.Op {
	case OpNetns:
		// The note says which namespace will have the name, so that nobody
		// else's of that name is ever taken for it.
		n, err := ns.NewAnonymous()
		if err != nil {
			return err
		}
		if err = r.opt.Journal.noteNetns(s.NS, n); err == nil {
			err = n.Bind(s.NS)
		}
		if err != nil {
			n.Close()
			return err
		}
		r.spaces[s.NS] = n
	case OpSysctl:
		space, err := r.space(s.NS)
		if err != nil {
			return err
		}
		return space.Do(func() error { return writeSysctl(s.Sysctl) })
	default:
		return r.send(s)
	case OpService:
		start := r.opt.Start
		if start == nil {
			start = r.opt.Journal.start
		}
		space, err := r.space(s.NS)
		if err != nil {
			return err
		}
		if err := r.opt.Journal.note("service"); err != nil {
			return err
		}
		stop, err := start(space, s.Service)
		if err != nil {
			return err
		}
		r.stops = append(r.stops, stop)
	}
	return nil
}

func (r *Running) send(s *Step) error {
	var b nl.Builder
	b.Append(s.Request)
	if s.netnsAt != 0 {
		n, err := r.space(s.netnsOf)
		if err != nil {
			return err
		}
		b.PutU32(int(s.netnsAt), uint32(n.Fd()))
	}
	c, err := r.conn(s.NS)
	if err != nil {
		return err
	}
	if s.Makes.Index != 0 {
		if err := r.opt.Journal.intendLink(s.Makes); err != nil {
			return err
		}
	}
	return c.Do(&b, nil)
}

// space returns the handle of a namespace that a step made, or of the calling
// thread's.
func (r *Running) space(name string) (*ns.NS, error) {
	if n := r.spaces[name]; n != nil {
		return n, nil
	}
	if name != "" {
		n, err := ns.Open(name)
		if err == nil {
			r.spaces[name] = n
		}
		return n, err
	}
	n, err := ns.Current()
	if err == nil {
		r.spaces[""] = n
	}
	return n, err
}

func (r *Running) conn(space string) (c *nl.Conn, err error) {
	if c = r.conns[space]; c != nil {
		return c, nil
	}
	if space == "" {
		c, err = nl.Dial(unix.NETLINK_ROUTE)
	} else {
		var n *ns.NS
		if n, err = r.space(space); err == nil {
			c, err = n.Dial()
		}
	}
	if err == nil {
		r.conns[space] = c
	}
	return c, err
}

// Counts returns what was sent so far.
func (r *Running) Counts() Counts {
	n := r.closed
	for _, c := range r.conns {
		s := c.Stats()
		n.Messages += s.Sent
		n.Calls += s.Calls
	}
	return n
}

// Undo removes what was made, in reverse, and closes r. What could not be
// removed is returned; the journal keeps it then.
func (r *Running) Undo() (left []error) {
	for i := len(r.stops) - 1; i >= 0; i-- {
		r.stops[i]()
	}
	for i := r.made - 1; i >= 0; i-- {
		s := &r.steps[i]
		switch {
		case s.Makes.Index != 0:
			c, err := r.conn(s.NS)
			if err == nil {
				err = removeLink(c, s.Makes)
			}
			if err != nil {
				left = append(left, err)
			}
		case s.Op == OpNetns:
			if err := ns.Delete(s.NS); err != nil && !errors.Is(err, unix.ENOENT) {
				left = append(left, err)
			}
		}
	}
	r.made = 0
	r.Close()
	if len(left) == 0 {
		if err := r.opt.Journal.remove(); err != nil {
			left = append(left, err)
		}
	}
	return left
}

// Close closes the handles; the topology stays.
func (r *Running) Close() {
	r.closed = r.Counts()
	for k, c := range r.conns {
		c.Close()
		delete(r.conns, k)
	}
	for k, n := range r.spaces {
		n.Close()
		delete(r.spaces, k)
	}
}

// removeLink deletes a link that has both the index and the name it was made
// with; one that is gone is fine. A link that merely took over one of the two
// is somebody else's.
func removeLink(c *nl.Conn, l Made) error {
	name := ""
	err := rtnl.LinkByIndex(c, l.Index, rtnl.ExtSkipStats, func(got rtnl.Link) { name = got.Name() })
	if errors.Is(err, unix.ENODEV) {
		return nil
	}
	if err == nil && name != l.Name {
		return &ForeignError{l, name}
	}
	if err != nil {
		return err
	}
	var b nl.Builder
	rtnl.DelLink(&b, l.Index)
	err = c.Do(&b, nil)
	if errors.Is(err, unix.ENODEV) {
		return nil
	}
	return err
}

// ForeignError: the link of that index is not called any more what it was
// called when it was made. It was left alone.
type ForeignError struct {
	Link Made
	Name string // what it is called now
}

func (e *ForeignError) Error() string {
	return "link " + strconv.Itoa(int(e.Link.Index)) + " was made as " + strconv.Quote(e.Link.Name) + " and is called " +
		strconv.Quote(e.Name) + " now: left alone"
}

// FreeIndex returns an index from which on all are free in the connection's
// namespace: what Plan wants to know. Another process may take it meanwhile;
// the step that needed it fails then.
func FreeIndex(c *nl.Conn) (int32, error) {
	last := int32(FirstIndex - 1)
	var b nl.Builder
	rtnl.GetLink(&b, rtnl.IfInfomsg{})
	b.U32(rtnl.IFLA_EXT_MASK, rtnl.ExtSkipStats)
	list, err := c.List(&b, nil)
	if err != nil && err != nl.ErrDumpInterrupted { // what came meanwhile is caught by NLM_F_EXCL
		return 0, err
	}
	for m := range nl.Messages(list) {
		// Somebody may have asked for the very last index; below it is room.
		if l, err := rtnl.ParseLink(m); err == nil && l.Index < 1<<30 {
			last = max(last, l.Index)
		}
	}
	return last + 1, nil
}
