package ip

import (
	"encoding/binary"
	"errors"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl"
)

// A runner carries plans out: it owns the sockets, the descriptors of
// namespaces, and what names and numbers were found to mean.
type runner struct {
	g    *globals
	conn *nl.Conn // see main
	side *nl.Conn // see aside
	devs devices
	open []closer

	// In a batch: indexes of interfaces by their names, as long as no command
	// was run that may have changed one.
	inBatch bool
	names   map[string]int32

	out  *cli.Out
	errs *cli.Out // stderr, but for tests
	hold int      // holdDump, but for tests
}

type closer interface{ Close() error }

func newRunner(g *globals, out *cli.Out) *runner {
	return &runner{g: g, out: out, errs: cli.Stderr, hold: holdDump}
}

// close lets go of everything.
func (r *runner) close() {
	if r.conn != nil {
		r.conn.Close()
	}
	if r.side != nil {
		r.side.Close()
	}
	r.letGo()
}

// letGo closes what a command has opened.
func (r *runner) letGo() {
	for _, c := range r.open {
		c.Close()
	}
	clear(r.open)
	r.open = r.open[:0]
}

// main returns the connection to the namespace that the command is about: the
// process's own, or the one of -n.
func (r *runner) main() (c *nl.Conn, err error) {
	if r.conn == nil {
		r.conn, err = r.dial()
	}
	return r.conn, err
}

// aside returns a second connection, for look-ups while a dump is being read
// from the first.
func (r *runner) aside() (c *nl.Conn, err error) {
	if r.side == nil {
		r.side, err = r.dial()
	}
	return r.side, err
}

func (r *runner) dial() (*nl.Conn, error) {
	var c *nl.Conn
	var err error
	if r.g.netns == "" || cli.Dry != nil {
		c, err = cli.Dial(unix.NETLINK_ROUTE)
		r.inNetns()
	} else {
		c, err = r.dialNetns(r.g.netns)
	}
	if err != nil {
		var f *failure
		if errors.As(err, &f) {
			return nil, err
		}
		return nil, failf(exitMissing, "Cannot open netlink socket: "+cli.Strerror(cli.Errno(err)))
	}
	c.Alone()
	c.Warn = func(e *nl.Error) {
		if e.Text != "" {
			cli.Stdout.Flush()
			cli.Stderr.S("Warning: ").Safe(e.Text)
			if e.Text[len(e.Text)-1] != '.' {
				cli.Stderr.C('.')
			}
			cli.Stderr.NL().Flush()
		}
	}
	return c, nil
}

// run carries out the steps in order, up to the first that fails.
func (p *plan) run(r *runner) error {
	for _, s := range p.steps {
		if err := s.run(r); err != nil {
			return err
		}
	}
	return nil
}

func (q *request) run(r *runner) error {
	if err := q.resolve(r); err != nil {
		return err
	}
	if q.late != nil {
		if err := q.late(r); err != nil {
			return err
		}
		if err := q.resolve(r); err != nil {
			return err
		}
	}
	return r.do(q, nil)
}

// do sends a request whose fixups are in place. What answers it before its
// ack, if it asks for something, goes to reply.
func (r *runner) do(q *request, reply func(nl.Message)) error {
	c, err := r.main()
	if err != nil {
		return err
	}
	return c.Do(&q.b, reply)
}

// resolve puts the numbers of the fixups that it has not seen into the message.
func (q *request) resolve(r *runner) error {
	p, err := q.b.Bytes()
	if err != nil {
		return err
	}
	for ; q.done < len(q.fix); q.done++ {
		f := &q.fix[q.done]
		switch f.kind {
		case fixDev:
			index, err := r.fixDev(f)
			if err != nil {
				return err
			}
			binary.NativeEndian.PutUint32(p[f.at:], uint32(index))
		case fixNetns:
			if err := r.resolveNetns(p[f.at:], f); err != nil {
				return err
			}
		case fixNSID:
			id, err := r.nsid(f.name, f.missing)
			if err != nil {
				return err
			}
			binary.NativeEndian.PutUint32(p[f.at:], uint32(id))
		}
	}
	return nil
}

// fixDev finds the interface that a fixup names.
func (r *runner) fixDev(f *fixup) (int32, error) {
	if index, ok := r.names[f.name]; ok && f.check == nil {
		return index, nil
	}
	d, err := r.device(f.name)
	if err != nil {
		return 0, err
	}
	if d.index == 0 {
		if f.missing == nil {
			return 0, noDevice(f.name)
		}
		return 0, f.missing
	}
	if f.check != nil {
		if err := f.check(r, d); err != nil {
			return 0, err
		}
	}
	r.knowName(f.name, d.index)
	return d.index, nil
}

// report says on stderr what ended a command, and returns its exit code.
func report(r *runner, err error) int {
	if err == nil {
		return 0
	}
	o := r.errs
	if o == cli.Stderr {
		r.out.Flush() // what was listed before comes before
		defer o.Flush()
	}
	var f *failure
	var k *nl.Error
	switch {
	case errors.As(err, &f):
		r.out.S(f.stdout)
		if f.help != nil {
			o.S(f.help.usage()).NL()
		}
		if f.text != "" {
			o.S(f.text).NL()
		}
		if f.hint != "" {
			o.S("hint: ", f.hint).NL()
		}
		return f.code
	case errors.As(err, &k):
		printRefusal(o, k)
		if h := hint(r, k); h != "" {
			o.S("hint: ").Safe(h).NL()
		}
		if r.g.refused != 0 {
			return r.g.refused
		}
		return exitKernel
	case errors.Is(err, nl.ErrDumpInterrupted):
		o.S("Dump was interrupted and may be inconsistent.\n")
		return 0
	}
	o.Safe(err.Error()).NL()
	return exitMissing
}

// printRefusal says what the kernel said: its own words if it has any.
func printRefusal(o *cli.Out, e *nl.Error) {
	if e.Text == "" {
		o.S("RTNETLINK answers: ", cli.Strerror(e.Errno)).NL()
		return
	}
	o.S("Error: ").Safe(e.Text)
	if e.Text[len(e.Text)-1] != '.' {
		o.C('.')
	}
	o.NL()
}

// refused makes a failure of the kernel's refusal: its words, then more, if
// that is not "".
func (r *runner) refused(k *nl.Error, code int, more string) *failure {
	o := &cli.Out{}
	printRefusal(o, k)
	o.S(more)
	return &failure{code: code, text: strings.TrimSuffix(string(o.B), "\n"), hint: cli.Safe(hint(r, k)), goesOn: true}
}

// isErrno tells whether err is one of the kernel's refusals es.
func isErrno(err error, es ...syscall.Errno) bool {
	for _, e := range es {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}
