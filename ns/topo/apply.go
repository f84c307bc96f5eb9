package topo

import (
	"errors"
	"strconv"
	"sync"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
	"rawns/ns"
)

// Options say how Apply works. The zero Options do.
type Options struct {
	// Journal notes what is made, or nil.
	Journal *Journal
	// Before is called before each step, if it is there; an error stops the
	// work as if the step had failed. After is called when a step is done.
	// Only one of them runs at a time, but on any goroutine, and the steps of
	// several namespaces may be begun before the first is done.
	Before func(i int, s *Step) error
	After  func(i int, s *Step)
	// Undoing is called, if it is there, when a step has failed, before what was
	// made is taken back.
	Undoing func()
	// Start starts a service and returns what ends it. nil stands for
	// a process of its own, in a session of its own, with /dev/null as its
	// files.
	Start func(space *ns.NS, s *Service) (stop func(), err error)
	// OneByOne sends each message by itself, and waits for its ack before the
	// next step begins.
	OneByOne bool
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
	Made bool    // something had been made by then
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

// Running is a topology that was applied. Close leaves it as it is, and closes
// what Running has open.
type Running struct {
	plan   *Plan
	opt    Options
	spaces handles
	hooks  sync.Mutex // Before and After
	maker  *maker     // at work beside, or nil
	done   []bool     // steps that were carried out
	made   map[string]ID
	was    map[int]string // what a setting was, by its step
	noted  int            // the steps before this one are in the journal
	stops  []func()
	b      nl.Builder
}

// Apply carries out a plan, the namespace "" being the calling thread's. An
// error is a *StepError, and nothing is left then of what Apply had made. Where a service
// is started, every descriptor of the process behind the standard ones is marked
// close-on-exec.
//
// The namespaces are made by a thread that runs ahead, while another one links
// and furnishes those that are there: the kernel does most of the former
// without the lock that all of the latter need. Messages go out in batches, one
// for each stretch of steps in one namespace.
func Apply(p *Plan, opt Options) (*Running, error) {
	r := &Running{
		plan: p, opt: opt, done: make([]bool, len(p.Steps)),
		made: map[string]ID{}, was: map[int]string{},
	}
	r.spaces.init(p, opt.OneByOne)
	i, err := r.steps()
	if err == nil {
		return r, nil
	}
	e := &StepError{N: i + 1, Of: len(p.Steps), Step: &p.Steps[i], Err: err}
	if opt.Undoing != nil {
		opt.Undoing()
	}
	r.halt()
	for _, d := range r.done {
		e.Made = e.Made || d
	}
	e.Left = r.Undo()
	return nil, e
}

// manySpaces is how many namespaces are worth a thread that makes them.
const manySpaces = 4

// steps goes through the plan; of an error it returns the step.
func (r *Running) steps() (at int, err error) {
	if news := r.plan.newSpaces(); news >= manySpaces && !r.opt.OneByOne {
		r.maker = r.makeAhead()
	}
	steps := r.plan.Steps
	settled := false
	for i := 0; i < len(steps); {
		s := &steps[i]
		n := 1
		if s.Phase > PhaseBridgesUp && !settled {
			r.settle()
			settled = true
		}
		r.spaces.turn++
		switch {
		case r.maker != nil && r.maker.does(i):
			at, err = r.maker.wait(i)
			if err != nil {
				return at, err
			}
		case s.Request != nil:
			n, at, err = r.batch(i)
		default:
			at = i
			if err = r.before(i); err == nil {
				err = r.one(i)
			}
			r.done[i] = err == nil
		}
		if err != nil {
			return at, err
		}
		for range n {
			r.after(i)
			r.spaces.used(&steps[i])
			i++
		}
	}
	if !settled {
		r.settle()
	}
	return 0, nil
}

func (r *Running) before(i int) error {
	if r.opt.Before == nil {
		return nil
	}
	r.hooks.Lock()
	defer r.hooks.Unlock()
	return r.opt.Before(i, &r.plan.Steps[i])
}

func (r *Running) after(i int) {
	if r.opt.After == nil {
		return
	}
	r.hooks.Lock()
	defer r.hooks.Unlock()
	r.opt.After(i, &r.plan.Steps[i])
}

// one carries out a step that is no message.
func (r *Running) one(i int) error {
	switch s := &r.plan.Steps[i]; s.Op {
	case OpNetns:
		f, err := r.makeSpace(s.NS)
		if err != nil {
			return err
		}
		// The note says which namespace will have the name, so that nobody
		// else's of that name is ever taken for it.
		if err = r.opt.Journal.noteNetns(s.NS, f.id); err == nil {
			err = f.space.Bind(s.NS)
		}
		if err != nil {
			f.close(&r.spaces)
			return err
		}
		r.made[s.NS] = f.id
		r.spaces.keep(s.NS, &f.handle)
	case OpSysctl:
		return r.sysctl(i)
	case OpService:
		return r.service(s)
	}
	return nil
}

// sysctl writes a setting of a namespace that was there, whose old value may be
// wanted again; or of one that is new.
func (r *Running) sysctl(i int) error {
	s := &r.plan.Steps[i]
	space, err := r.spaces.space(s.NS)
	if err != nil {
		return err
	}
	_, fresh := r.made[s.NS]
	return space.Do(func() error {
		if !fresh {
			was, err := readSysctl(s.Sysctl.Key)
			if err != nil {
				return err
			}
			r.was[i] = was
			if s.NS == "" {
				if err := r.opt.Journal.note(wasNote(&Sysctl{Key: s.Sysctl.Key, Value: was})...); err != nil {
					return err
				}
			}
		}
		return WriteSysctl(s.Sysctl.Key, s.Sysctl.Value)
	})
}

func (r *Running) service(s *Step) error {
	start := r.opt.Start
	if start == nil {
		start = r.opt.Journal.start
	}
	space, err := r.spaces.space(s.NS)
	if err != nil {
		return err
	}
	if err := r.opt.Journal.note("service"); err != nil {
		return err
	}
	stop, err := start(space, s.Service)
	if err == nil {
		r.stops = append(r.stops, stop)
	}
	return err
}

// maxBatch bounds the messages that are under way when a step fails.
const maxBatch = 64

// batch sends the message of a step, and those of the steps behind it that go
// to the same namespace. It returns how many were carried out; of an error, the
// step.
func (r *Running) batch(i int) (n, at int, err error) {
	steps := r.plan.Steps
	space := steps[i].NS
	end := i + 1
	if !r.opt.OneByOne {
		for end < len(steps) && end-i < maxBatch && steps[end].Request != nil && steps[end].NS == space {
			end++
		}
	}
	if err := r.note(i, end); err != nil {
		return 0, i, err
	}
	r.b.Reset()
	for k := i; k < end; k++ {
		s := &steps[k]
		if err = r.before(k); err != nil {
			end, at = k, k // what is before it goes out
			break
		}
		start := r.b.Size()
		r.b.Append(s.Request)
		if s.netnsAt == 0 {
			continue
		}
		born, e := r.spaces.space(s.netnsOf)
		if e != nil {
			return 0, k, e
		}
		r.b.PutU32(start+int(s.netnsAt), uint32(born.Fd()))
	}
	if end == i {
		return 0, at, err
	}
	c, e := r.spaces.conn(space)
	if e != nil {
		return 0, i, e
	}
	acked := 0
	e = c.Batch(&r.b, func(k int, fail error) {
		acked++
		if steps[i+k].Op == OpDelLink && errors.Is(fail, unix.ENODEV) {
			fail = nil // it was about to go with its other end
		}
		r.done[i+k] = fail == nil
		if fail != nil && (err == nil || at > i+k) {
			err, at = fail, i+k
		}
	})
	if acked < end-i {
		// The conversation broke off: what was not acknowledged may be there.
		for k := i + acked; k < end; k++ {
			r.done[k] = true
		}
		if err == nil || at > i+acked {
			err, at = e, i+acked
		}
	}
	return end - i, at, err
}

// note puts into the journal what the steps up to end, and some behind them,
// make in the calling thread's namespace: one write for many links.
func (r *Running) note(i, end int) error {
	if r.opt.Journal == nil || end <= r.noted {
		return nil
	}
	last := min(len(r.plan.Steps), max(end, i+noteAhead))
	if r.opt.OneByOne {
		last = end
	}
	var text []byte
	for k := max(i, r.noted); k < last; k++ {
		s := &r.plan.Steps[k]
		for _, m := range [...]Made{s.Makes, s.MakesPeer} {
			if m.Index != 0 && m.NS == "" {
				text = appendNote(text, m.note()...)
			}
		}
		if u := s.changes(); u.Message != nil {
			text = appendNote(text, u.note()...)
		}
	}
	r.noted = last
	return r.opt.Journal.write(text)
}

// changes returns what takes a step back that changes something in the calling
// thread's namespace that does not go with the topology.
func (s *Step) changes() (u Undo) {
	switch {
	case s.NS != "" || s.Undo == nil:
	case s.Link != nil && s.Link.Kind == "":
		if l, err := rtnl.ParseLink(s.Request); err == nil {
			u.Link = Made{s.Link.End, l.Index}
		} else if a, err := rtnl.ParseAddr(s.Request); err == nil {
			u.Link = Made{s.Link.End, int32(a.Index)}
		}
		u.Message = s.Undo
	case s.Route != nil:
		u.Message = s.Undo
	}
	return u
}

// noteAhead is how many steps are looked at for one note. What is noted and
// then not made, as the process is killed, could be taken for what somebody
// else makes under the same name with the same index; so it is not all.
const noteAhead = 256

// Counts returns what was sent so far.
func (r *Running) Counts() Counts { return r.spaces.counts() }

// halt stops the maker.
func (r *Running) halt() {
	if r.maker != nil {
		r.maker.stop()
		r.maker = nil
	}
}

// Undo takes back what was done, in reverse, and closes r. It returns when the
// kernel is done with it. What could not be removed is returned; the journal
// keeps it then.
func (r *Running) Undo() (left []error) {
	for i := len(r.stops) - 1; i >= 0; i-- {
		r.stops[i]()
	}
	r.stops = nil
	var gone []byte // what the journal needs no more
	var links []Made
	var names []Space
	for i := len(r.plan.Steps) - 1; i >= 0; i-- {
		s := &r.plan.Steps[i]
		if !r.done[i] {
			if i < r.noted { // ahead of time
				gone = s.appendGone(gone)
			}
			continue
		}
		if s.Undo != nil {
			if err := r.takeBack(s); err != nil {
				left = append(left, err)
			} else if u := s.changes(); u.Message != nil {
				gone = appendNote(gone, append([]string{"gone"}, u.note()...)...)
			}
		}
		switch s.Op {
		case OpSysctl:
			if was, ok := r.was[i]; ok {
				if err := r.giveBack(s, was); err != nil {
					left = append(left, err)
				} else if s.NS == "" {
					gone = appendNote(gone, append([]string{"gone"}, wasNote(&Sysctl{Key: s.Sysctl.Key, Value: was})...)...)
				}
			}
		case OpAddLink:
			for _, m := range [...]Made{s.MakesPeer, s.Makes} {
				switch {
				case m.Index == 0:
				case m.NS == "":
					links = append(links, m)
				case r.made[m.NS] == (ID{}):
					// In a namespace that stays.
					c, err := r.spaces.conn(m.NS)
					if err == nil {
						err = removeLink(c, m)
					}
					if err != nil {
						left = append(left, err)
					}
				}
			}
		case OpNetns:
			names = append(names, Space{s.NS, r.made[s.NS]})
		}
	}
	clear(r.done)
	r.Close()
	failed := teardown(links, names)
	left = append(left, failed...)
	if len(left) > 0 {
		return left
	}
	for _, m := range links {
		gone = appendNote(gone, append([]string{"gone"}, m.note()...)...)
	}
	for _, n := range names {
		gone = appendNote(gone, append([]string{"gone"}, n.note()...)...)
	}
	if err := r.opt.Journal.undone(gone); err != nil {
		left = append(left, err)
	}
	return left
}

// appendGone appends that what was noted of a step was not done.
func (s *Step) appendGone(b []byte) []byte {
	for _, m := range [...]Made{s.Makes, s.MakesPeer} {
		if m.Index != 0 && m.NS == "" {
			b = appendNote(b, append([]string{"gone"}, m.note()...)...)
		}
	}
	if u := s.changes(); u.Message != nil {
		b = appendNote(b, append([]string{"gone"}, u.note()...)...)
	}
	return b
}

// takeBack sends a step's Undo. What is gone already is fine.
func (r *Running) takeBack(s *Step) error {
	c, err := r.spaces.conn(s.NS)
	if err != nil {
		return err
	}
	return sendUndo(c, &r.b, s.Undo)
}

func sendUndo(c *nl.Conn, b *nl.Builder, m nl.Message) error {
	b.Reset()
	b.Append(m)
	err := c.Do(b, nil)
	for _, gone := range [...]error{unix.ENODEV, unix.EADDRNOTAVAIL, unix.ESRCH, unix.ENOENT} {
		if errors.Is(err, gone) {
			return nil
		}
	}
	return err
}

func (r *Running) giveBack(s *Step, was string) error {
	space, err := r.spaces.space(s.NS)
	if err != nil {
		return err
	}
	return space.Do(func() error { return WriteSysctl(s.Sysctl.Key, was) })
}

// Close closes the handles; the topology stays.
func (r *Running) Close() { r.spaces.close() }
