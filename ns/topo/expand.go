package topo

import (
	"slices"
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
		if bad := x.statement(l); bad != nil && (!fs.add(bad) || x.full) {
			return nil, fs.list
		}
	}
	if x.spec.Name == "" {
		x.spec.Name = baseName(f.name)
		if bad := checkTopologyName(x.spec.Name); bad != nil {
			fs.add(wants("the topology has no name, and the file's does not do for one: "+bad.msg, "a line \"topology NAME\"").in(Pos{1, 1}))
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
	fs.add(&fault{f.place(e), quote(e.Object) + ": " + e.Fault, "", e.Meant})
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
		return no(name, " is no name for a topology", "a name without '/', and no '.' or '-' at its beginning")
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
	scratch bool  // only what a line says by itself is checked, in its first instance
	full    bool  // a limit was met: no use to go on
	count   int64 // statements
	bytes   int64 // of their words
	pools   map[string]*pool
	drawn   []drawn
	toVia   []toVia
	given   map[string]bool // the addresses that are written out
	many    map[string]bool // those of one link
	manyOf  int             // the link's place in the Spec, from 1

	// The statement.
	l     *line
	args  []ranged
	opts  []rangedOption
	peer  ranged
	peers []rangedOption
	lens  []rangeLen // of its ranges
	size  int64      // of its words, at most
	n, i  int        // how many lines it stands for, and which is worked out
	buf   []byte
}

type rangedOption struct {
	*option
	words []ranged
}

type rangeLen struct {
	n   int
	pos Pos
}

// take takes a word apart.
func (x *expander) take(w Word) ranged {
	r := rangesOf(w.Text)
	x.size += int64(r.size())
	for i := range r.pieces {
		n := r.pieces[i].n
		x.lens = append(x.lens, rangeLen{n, w.Pos})
		x.n = max(x.n, n)
	}
	return r
}

func (x *expander) takeWords(words []Word) []ranged {
	out := make([]ranged, len(words))
	for i, w := range words {
		out[i] = x.take(w)
	}
	return out
}

func (x *expander) takeOptions(opts []*option) []rangedOption {
	out := make([]rangedOption, len(opts))
	for i := range opts {
		out[i] = rangedOption{opts[i], x.takeWords(opts[i].vals)}
	}
	return out
}

// word returns a word of the line that is worked out.
//
//go:noinline
func (x *expander) word(r *ranged) string { return r.at(x.i, x.n, &x.buf) }

// begin takes a statement apart, and counts it.
func (x *expander) begin(l *line) *fault {
	x.l, x.n, x.lens, x.size, x.peers = l, 1, x.lens[:0], 0, nil
	x.args = x.takeWords(l.args)
	x.opts = x.takeOptions(l.opts)
	if l.peer != nil {
		x.peer = x.take(*l.peer)
		x.peers = x.takeOptions(l.peers)
	}
	count := int64(x.n)
	if l.stmt.form == formNetns { // each name is a statement of its own
		count, x.n, x.size = 0, 1, 0
		for i := range x.args {
			n, bad := x.args[i].count()
			if bad != nil {
				return bad.in(l.args[i].Pos)
			}
			count += int64(n)
			x.size += int64(n) * int64(x.args[i].size())
		}
	} else {
		for _, r := range x.lens {
			if x.n%r.n != 0 {
				return uneven(r.n, x.n).in(r.pos)
			}
		}
	}
	x.count += count
	x.bytes += int64(x.n) * x.size
	if x.count > maxStatements || x.bytes > maxExpanded {
		x.full = true
		return wrong("too large: the file stands for more than 1000000 statements, or 256 MiB of them").in(l.pos)
	}
	return nil
}

// statement adds to the Spec what a line describes.
func (x *expander) statement(l *line) *fault {
	if bad := x.begin(l); bad != nil {
		return bad
	}
	n := x.n
	if x.scratch {
		x.spec = &Spec{}
		n = 1
	} else if n > 16 {
		x.grow()
	}
	for x.i = 0; x.i < n; x.i++ {
		if bad := x.once(); bad != nil {
			return bad
		}
	}
	return nil
}

// grow makes room for what a line describes.
func (x *expander) grow() {
	s := x.spec
	switch x.l.stmt.form {
	case formLink:
		s.Links = slices.Grow(s.Links, 2*x.n)
	case formRoute:
		s.Routes = slices.Grow(s.Routes, x.n)
	}
}

func (x *expander) once() *fault {
	l, s := x.l, x.spec
	first := l.args[0].Pos
	switch l.stmt.form {
	case formTopology:
		name := x.word(&x.args[0])
		if s.Name != "" || x.n > 1 {
			return wrong("a topology has one name, and this is a second one").in(l.pos)
		}
		s.Name = name
		return checkTopologyName(name).in(first)
	case formNetns:
		return x.netns()
	case formPool:
		return x.pool()
	case formLink:
		return x.link()
	case formRoute:
		return x.route()
	case formSysctl:
		key, val, ok := strings.Cut(x.word(&x.args[0]), "=")
		if !ok {
			return noValue(key).in(first)
		}
		if why := checkSysctl(key); why != "" {
			return no(key, ": "+why, "").in(first)
		}
		space := ""
		for i := range x.opts {
			o := &x.opts[i]
			var bad *fault
			if space, bad = parseNS(x.word(&o.words[0])); bad != nil {
				return bad.in(o.vals[0].Pos)
			}
		}
		s.Sysctls = append(s.Sysctls, Sysctl{l.pos, space, key, val})
	case formService:
		return x.service()
	}
	return nil
}

func (x *expander) netns() *fault {
	for k := range x.args {
		w, pos := &x.args[k], x.l.args[k].Pos
		n, _ := w.count()
		times := n
		if x.scratch {
			times = 1
		} else if n > 16 {
			x.spec.Namespaces = slices.Grow(x.spec.Namespaces, n)
		}
		for i := range times {
			name := w.at(i, n, &x.buf)
			if bad := checkNS(name); bad != nil {
				return bad.in(pos)
			}
			x.spec.Namespaces = append(x.spec.Namespaces, Namespace{pos, name})
		}
	}
	return nil
}

func (x *expander) service() *fault {
	l := x.l
	name := x.word(&x.args[0])
	port := uint64(0)
	if k := strings.LastIndexByte(name, ':'); k >= 0 {
		var err error
		if port, err = strconv.ParseUint(name[k+1:], 10, 16); err != nil {
			return no(name[k+1:], " is no TCP port", "a number up to 65535").in(l.args[0].Pos)
		}
		name = name[:k]
	}
	space, bad := parseNS(name)
	if bad != nil {
		return bad.in(l.args[0].Pos)
	}
	argv := make([]string, len(x.args)-1)
	for k := range argv {
		argv[k] = x.word(&x.args[k+1])
	}
	if argv[0] == "" {
		return wants("a command without a name", "a program, or an applet of rawns").in(l.args[1].Pos)
	}
	x.spec.Services = append(x.spec.Services, Service{l.pos, space, uint16(port), argv, isApplet(argv[0])})
	return nil
}

func checkNS(name string) *fault {
	if err := ns.CheckName(name); err != nil {
		return no(name, " is no name for a namespace: "+err.(*ns.NameError).Why, "")
	}
	return nil
}

// parseNS reads the name of a namespace, "." being the host's.
func parseNS(s string) (string, *fault) {
	if s == "." {
		return "", nil
	}
	return s, checkNS(s)
}
