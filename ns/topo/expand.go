package topo

import (
	"strconv"
	"strings"

	"rawns/ns"
)

// Spec works out the ranges and pools, and checks what it all comes to. The
// error is a FileErrors.
func (f *File) Spec() (*Spec, error) {
	x := &expander{spec: &Spec{}}
	fs := &faults{file: f}
	for i := range f.lines {
		l := &f.lines[i]
		if l.stmt == nil {
			continue
		}
		if pos, bad := x.statement(l); bad != nil && (!fs.add(pos, bad) || x.full) {
			return nil, fs.list
		}
	}
	if x.spec.Name == "" {
		x.spec.Name = baseName(f.name)
		if bad := checkTopologyName(x.spec.Name); bad != nil {
			fs.add(Pos{1, 1}, wants("the topology has no name, and the file's does not do for one: "+bad.msg, "a line \"topology NAME\""))
		}
	}
	if fs.list == nil {
		x.draw(fs)
	}
	if fs.list == nil {
		x.vias(fs)
	}
	if fs.list != nil {
		return nil, fs.list
	}
	if err := x.spec.Check(); err != nil {
		return nil, f.Locate(err)
	}
	return x.spec, nil
}

// Locate returns a *SpecError of the file's Spec as a FileErrors, with its place
// in the file; any other error as it is.
func (f *File) Locate(err error) error {
	e, ok := err.(*SpecError)
	if !ok || e.Pos.Line == 0 {
		return err
	}
	fs := &faults{file: f}
	fs.add(f.place(e), &fault{msg: quote(e.Object) + ": " + e.Fault, meant: e.Meant})
	return fs.list
}

// baseName returns what a file is called, without its folder and what follows
// the last dot.
func baseName(path string) string {
	if path == "-" {
		return "stdin"
	}
	name := path[strings.LastIndexByte(path, '/')+1:]
	if i := strings.LastIndexByte(name, '.'); i > 0 {
		name = name[:i]
	}
	return name
}

// checkTopologyName says why a name is none: it will be a file's.
func checkTopologyName(name string) *fault {
	switch {
	case name == "" || name[0] == '.' || name[0] == '-' || strings.IndexByte(name, '/') >= 0 || strings.IndexByte(name, 0) >= 0:
		return wants(quote(name)+" is no name for a topology", "a name without '/', and no '.' or '-' at its beginning")
	case len(name) > 200:
		return wants("the topology's name has "+strconv.Itoa(len(name))+" bytes", "200 at most")
	}
	return nil
}

// place finds the word in the file that a SpecError is about.
func (f *File) place(e *SpecError) Pos {
	for i := range f.lines {
		l := &f.lines[i]
		if l.stmt == nil {
			continue
		}
		opts := l.opts
		switch {
		case l.peer != nil && l.peer.Pos == e.Pos:
			opts = l.peers
		case l.stmt.form == formLink && l.args[0].Pos == e.Pos, l.stmt.form != formLink && l.pos == e.Pos:
		default:
			continue
		}
		for _, o := range opts {
			if o.name == e.Word && len(o.vals) > 0 {
				return o.vals[0].Pos
			}
		}
		if e.Word == peerWord.name && l.peer != nil {
			return l.peer.Pos
		}
		if l.stmt.form != formLink && len(l.args) > 0 {
			return l.args[0].Pos
		}
		return e.Pos
	}
	return e.Pos
}

// expander turns statements into a Spec.
type expander struct {
	spec    *Spec
	scratch bool // only what a line says by itself is checked, in its first instance
	full    bool // a limit was met: no use to go on
	count   int  // statements
	bytes   int  // of their words
	pools   map[string]*pool
	drawn   []drawn
	toVia   []toVia
	given   map[string]bool // the addresses that are written out
	many    map[string]bool // those of one link
	manyOf  int             // the link's place in the Spec, from 1
	buf     []byte
}

// clause is a line whose words are taken apart.
type clause struct {
	l     *line
	n     int // how many lines it stands for
	args  []ranged
	opts  []rangedOption
	peer  ranged
	peers []rangedOption
}

type rangedOption struct {
	*option
	vals []ranged
}

func (x *expander) clause(l *line) (c clause, pos Pos, bad *fault) {
	c.l, c.n = l, 1
	bytes := 0
	type seen struct {
		n   int
		pos Pos
	}
	var all []seen
	take := func(w Word) ranged {
		r := rangesOf(w)
		bytes += r.size()
		for i := range r.rs {
			all = append(all, seen{r.rs[i].n, w.Pos})
			if r.rs[i].n > c.n {
				c.n = r.rs[i].n
			}
		}
		return r
	}
	opts := func(opts []option) []rangedOption {
		out := make([]rangedOption, len(opts))
		for i := range opts {
			out[i].option = &opts[i]
			for _, w := range opts[i].vals {
				out[i].vals = append(out[i].vals, take(w))
			}
		}
		return out
	}
	c.args = make([]ranged, len(l.args))
	for i, w := range l.args {
		c.args[i] = take(w)
	}
	c.opts = opts(l.opts)
	if l.peer != nil {
		c.peer = take(*l.peer)
		c.peers = opts(l.peers)
	}
	for _, s := range all {
		if l.stmt.form == formNetns {
			break // each name is a statement of its own
		}
		if c.n%s.n != 0 {
			return c, s.pos, uneven(s.n, c.n)
		}
	}
	count := c.n
	if l.stmt.form == formNetns {
		c.n, count = 1, len(c.args)
		for i := range c.args {
			n, pos, bad := c.args[i].count(l.args[i].Pos)
			if bad != nil {
				return c, pos, bad
			}
			count += n - 1
			bytes += (n - 1) * c.args[i].size()
		}
	}
	x.count += count
	x.bytes += c.n * bytes
	if x.count > maxStatements || x.bytes > maxExpanded {
		x.full = true
		return c, l.pos, wrong("too large: the file stands for more than " + strconv.Itoa(maxStatements) + " statements, or " + strconv.Itoa(maxExpanded>>20) + " MiB of them")
	}
	return c, Pos{}, nil
}

// statement adds to the Spec what a line describes.
func (x *expander) statement(l *line) (Pos, *fault) {
	c, pos, bad := x.clause(l)
	if bad != nil {
		return pos, bad
	}
	if x.scratch {
		x.spec = &Spec{}
		return x.once(&c, 0)
	}
	x.grow(&c)
	for i := range c.n {
		if pos, bad := x.once(&c, i); bad != nil {
			return pos, bad
		}
	}
	return Pos{}, nil
}

// grow makes room for what a line describes.
func (x *expander) grow(c *clause) {
	s := x.spec
	switch c.l.stmt.form {
	case formNetns:
		for i := range c.args {
			n, _, _ := c.args[i].count(Pos{})
			s.Namespaces = grown(s.Namespaces, n)
		}
	case formLink:
		s.Links = grown(s.Links, 2*c.n)
	case formRoute:
		s.Routes = grown(s.Routes, c.n)
	case formSysctl:
		s.Sysctls = grown(s.Sysctls, c.n)
	case formService:
		s.Services = grown(s.Services, c.n)
	}
}

func grown[T any](s []T, n int) []T {
	if n < 16 {
		return s // append sees to it
	}
	return append(make([]T, 0, 2*len(s)+n), s...)
}

func (x *expander) once(c *clause, i int) (Pos, *fault) {
	l, s := c.l, x.spec
	arg := func(k int) string { return c.args[k].at(i, c.n, &x.buf) }
	switch l.stmt.form {
	case formTopology:
		if s.Name != "" || c.n > 1 {
			return l.pos, wrong("a topology has one name, and this is a second one")
		}
		if bad := checkTopologyName(arg(0)); bad != nil {
			return l.args[0].Pos, bad
		}
		s.Name = arg(0)
	case formNetns:
		for k := range c.args {
			w := &c.args[k]
			n, _, _ := w.count(Pos{})
			times := n
			if x.scratch {
				times = 1
			}
			for i := range times {
				name := w.at(i, n, &x.buf)
				if err := ns.CheckName(name); err != nil {
					return l.args[k].Pos, wrong(quote(name) + " is no name for a namespace: " + err.(*ns.NameError).Why)
				}
				s.Namespaces = append(s.Namespaces, Namespace{l.args[k].Pos, name})
			}
		}
	case formPool:
		return x.pool(c, i)
	case formLink:
		return x.link(c, i)
	case formRoute:
		return x.route(c, i)
	case formSysctl:
		key, val, ok := strings.Cut(arg(0), "=")
		v := Sysctl{Pos: l.pos, Key: key, Value: val}
		if !ok {
			return l.args[0].Pos, noValue(key)
		}
		if why := checkSysctl(key); why != "" {
			return l.args[0].Pos, wrong(quote(key) + ": " + why)
		}
		for _, o := range c.opts {
			var bad *fault
			if v.NS, bad = parseNS(o.vals[0].at(i, c.n, &x.buf)); bad != nil {
				return o.option.vals[0].Pos, bad
			}
		}
		s.Sysctls = append(s.Sysctls, v)
	case formService:
		v := Service{Pos: l.pos}
		name := arg(0)
		if k := strings.LastIndexByte(name, ':'); k >= 0 {
			port, err := strconv.ParseUint(name[k+1:], 10, 16)
			if err != nil {
				return l.args[0].Pos, wants(quote(name[k+1:])+" is no TCP port", "a number up to 65535")
			}
			v.Port, name = uint16(port), name[:k]
		}
		var bad *fault
		if v.NS, bad = parseNS(name); bad != nil {
			return l.args[0].Pos, bad
		}
		v.Argv = make([]string, len(c.args)-1)
		for k := range v.Argv {
			v.Argv[k] = arg(k + 1)
		}
		if v.Argv[0] == "" {
			return l.args[1].Pos, wants("a command without a name", "a program, or an applet of rawns")
		}
		v.Self = isApplet(v.Argv[0])
		s.Services = append(s.Services, v)
	}
	return Pos{}, nil
}

// parseNS reads the name of a namespace, "." being the host's.
func parseNS(s string) (string, *fault) {
	if s == "." {
		return "", nil
	}
	if err := ns.CheckName(s); err != nil {
		return "", wrong(quote(s) + " is no name for a namespace: " + err.(*ns.NameError).Why)
	}
	return s, nil
}
