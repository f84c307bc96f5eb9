package ip

import (
	"errors"
	"strings"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl"
)

// A batch runs the commands in a file, or in what comes on standard input, over
// the same sockets.
//
// A command that fails ends it, with -force only a message says so. But where
// iproute2 itself exits (words that make no command), ours does, too, with
// -force as well: scripts see the same exit code.
//
// Without -force a command is sent when all before it have been acknowledged:
// behind a message that it refuses the kernel goes on with the next one, so
// nothing else keeps what follows a failure from being done. With -force that is
// no matter: commands that are one request each are sent together, and their
// failures are told in order, before anything is said of what comes after them.
type batch struct {
	tool   *tool
	r      *runner
	in     lineReader
	a      args   // of the line being read; used again for each
	mem    memory // likewise
	family uint8
	code   int

	// With -force: requests that have not been sent, and their lines.
	queue nl.Builder
	lines []queued
}

// A queued is a line whose request waits to be sent.
type queued struct {
	n      int                                 // of the line
	advice func(r *runner, e *nl.Error) string // for a refusal; nil for none
	err    error
	warn   *nl.Error
}

// maxQueued is how many requests are sent at once. More would gain nothing: the
// acks of no more than these are sure to fit any receive buffer.
const maxQueued = 64

// batch runs the tool's option -batch.
func (t *tool) batch(r *runner) int {
	b := &batch{tool: t, r: r, family: r.g.family}
	if r.g.netns != "" { // refused before the file is looked at
		if _, err := r.main(); err != nil {
			return report(r, err)
		}
	}
	fd := 0
	if r.g.batch != "-" {
		var err error
		fd, err = unix.Open(r.g.batch, unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err != nil {
			return report(r, failf(exitMissing, `Cannot open file "`, r.g.batch, `" for reading: `, cli.Strerror(cli.Errno(err))))
		}
		defer unix.Close(fd)
	}
	b.in.read = func(p []byte) (int, error) {
		b.flush() // whoever writes the lines may wait for what they do
		return readFd(fd, p)
	}
	r.inBatch, r.names = true, make(map[string]int32)
	return b.run()
}

// run runs line after line and returns the exit code.
func (b *batch) run() int {
	for {
		words, err := b.in.command()
		if err != nil {
			b.flush()
			return b.over(err)
		}
		if words == nil {
			b.flush()
			return b.code
		}
		if b.line(words) {
			return b.code
		}
	}
}

// over is the exit code behind an error of the file itself. Where iproute2 takes
// it for the end of the file, so do we.
func (b *batch) over(err error) int {
	var f *failure
	if errors.As(err, &f) && f.ends {
		return report(b.r, err)
	}
	report(b.r, err)
	return b.code
}

// line runs one command of a batch. It reports true if that is the last one.
func (b *batch) line(words []string) (end bool) {
	r := b.r
	r.g.family = b.family // a command may set it for itself
	b.a = args{g: r.g, tool: b.tool, w: words, mem: &b.mem}
	p, err := b.tool.parseObject(&b.a)
	switch {
	case cli.Dry != nil:
		if cli.Dry.Line(b.in.n, b.tool.name, words); err == nil {
			err = p.dry(r)
			r.letGo()
		}
		return b.result(b.in.n, err)
	case err == nil && r.g.force && b.enqueue(p):
		return false
	}
	if b.flush() {
		return true
	}
	if err == nil {
		r.devs = devices{} // an earlier command may have renamed, or removed, any
		err = p.run(r)
		if !p.keepsNames() {
			clear(r.names)
		}
		r.letGo()
	}
	return b.result(b.in.n, err)
}

// result tells what came of a line. It reports true if that ends the batch.
func (b *batch) result(n int, err error) (end bool) {
	if err == nil {
		return false
	}
	r := b.r
	code := report(r, err)
	if code == 0 {
		return false
	}
	if endsBatch(err) {
		b.code = code
		return true
	}
	if r.errs == cli.Stderr {
		r.out.Flush()
	}
	r.errs.S("Command failed ").Safe(r.g.batch)
	r.errs.S(":").D(int64(n)).NL()
	if r.errs == cli.Stderr {
		r.errs.Flush()
	}
	b.code = exitMissing
	return !r.g.force
}

// endsBatch tells whether iproute2 itself exits after a failure, rather than go
// on with the next line.
func endsBatch(err error) bool {
	var f *failure
	var e ending
	return errors.As(err, &e) || errors.As(err, &f) && (f.ends || !f.goesOn && f.code == exitUsage)
}

// An ending is an error at which iproute2 exits: it ends a batch, too.
type ending struct{ error }

func (e ending) Unwrap() error { return e.error }

// alone returns the request that a step is, if it is no more than that, and what
// to advise if it is refused. Only these two types will do: others embed them.
func alone(s step) (q *request, advice func(*runner, *nl.Error) string) {
	switch s := s.(type) {
	case *request:
		return s, nil
	case hinted:
		return s.request, s.advice
	}
	return nil, nil
}

// enqueue puts a plan that is a single request behind those that wait. It
// reports false, and does nothing, if it is not, or if a name in it has to be
// looked up first: that may depend on what waits.
func (b *batch) enqueue(p *plan) bool {
	if len(p.steps) != 1 {
		return false
	}
	q, advice := alone(p.steps[0])
	if q == nil || q.late != nil || q.ends {
		return false
	}
	for i := range q.fix {
		f := &q.fix[i]
		if f.kind != fixDev || f.check != nil {
			return false
		}
		if _, ok := b.r.names[f.name]; !ok {
			return false
		}
	}
	if q.resolve(b.r) != nil {
		return false
	}
	msg, err := q.b.Bytes()
	if err != nil || q.b.Len() != 1 {
		return false
	}
	m := nl.Message(msg)
	if !keepsNames(m) {
		clear(b.r.names)
	}
	b.queue.Append(m)
	b.lines = append(b.lines, queued{n: b.in.n, advice: advice})
	return len(b.lines) < maxQueued || !b.flush()
}

// flush sends what waits and tells, in order, what came of it. It reports true
// if that ends the batch.
func (b *batch) flush() (end bool) {
	if len(b.lines) == 0 {
		return false
	}
	r := b.r
	c, err := r.main()
	if err == nil {
		warn := c.Warn
		c.Warn = func(e *nl.Error) { b.lines[e.Index].warn = e }
		done := 0
		err = c.Batch(&b.queue, func(i int, err error) {
			b.lines[i].err = err
			done = i + 1
		})
		c.Warn = warn
		if done < len(b.lines) { // the connection broke: what is not acknowledged has failed
			for i := range b.lines[done:] {
				b.lines[done+i].err = err
			}
		}
	} else {
		for i := range b.lines {
			b.lines[i].err = err
		}
	}
	for i := range b.lines {
		l := &b.lines[i]
		if l.warn != nil && c.Warn != nil {
			c.Warn(l.warn)
		}
		err := l.err
		if l.advice != nil && err != nil {
			err = hinted{advice: l.advice}.refused(r, err)
		}
		end = b.result(l.n, err) || end
	}
	clear(b.lines)
	b.lines = b.lines[:0]
	b.queue.Reset()
	return end
}

// keepsNames tells whether every name of an interface means what it meant, after
// the plan has been run.
func (p *plan) keepsNames() bool {
	for _, s := range p.steps {
		switch s := s.(type) {
		case warning:
		case *echo:
			if p, err := s.b.Bytes(); err != nil || !keepsNames(nl.Message(p)) {
				return false
			}
		default:
			q, _ := alone(s)
			if q == nil {
				return false
			}
			if p, err := q.b.Bytes(); err != nil || !keepsNames(nl.Message(p)) {
				return false
			}
		}
	}
	return true
}

// A memory holds what the parsers of a batch's lines may use again. Those of a
// single command find none.
type memory struct {
	route *routeState
	addr  *addrState
	link  *linkState
	neigh *neighState
	rule  *ruleState
}

// renew empties a request, but keeps what it has allocated.
//
//go:noinline
func (q *request) renew() request {
	q.b.Reset()
	clear(q.fix)
	return request{b: q.b, fix: q.fix[:0]}
}

// routeState returns an empty state.
func (m *memory) routeState() *routeState {
	if m == nil {
		return new(routeState)
	}
	if m.route == nil {
		m.route = new(routeState)
	}
	s := m.route
	s.metrics.Reset()
	*s = routeState{request: s.renew(), metrics: s.metrics}
	return s
}

// addrState returns an empty state.
func (m *memory) addrState() *addrState {
	if m == nil {
		return new(addrState)
	}
	if m.addr == nil {
		m.addr = new(addrState)
	}
	s := m.addr
	*s = addrState{request: s.renew()}
	return s
}

// linkState returns an empty state.
func (m *memory) linkState() *linkState {
	if m == nil {
		return &linkState{request: new(request)}
	}
	if m.link == nil {
		m.link = &linkState{request: new(request)}
	}
	s := m.link
	q := s.request
	*q = q.renew()
	*s = linkState{request: q}
	return s
}

// neighState returns an empty state.
func (m *memory) neighState() *neighState {
	if m == nil {
		return new(neighState)
	}
	if m.neigh == nil {
		m.neigh = new(neighState)
	}
	s := m.neigh
	*s = neighState{request: s.renew()}
	return s
}

// ruleState returns an empty state.
func (m *memory) ruleState() *ruleState {
	if m == nil {
		return new(ruleState)
	}
	if m.rule == nil {
		m.rule = new(ruleState)
	}
	s := m.rule
	*s = ruleState{request: s.renew()}
	return s
}

// A lineReader reads the commands of a batch.
type lineReader struct {
	read  func(p []byte) (int, error) // 0 is the end
	text  string                      // what has been read, but for the lines that were handed out
	buf   []byte
	words []string
	n     int // lines handed out
	over  bool
}

const (
	maxLine = 1 << 20 // of a batch
	maxArgs = 512     // as iproute2's
)

// line returns the next line, and whether it ends in a new line, which is left
// out; not ok at the end of the file.
func (l *lineReader) line() (s string, ended, ok bool, err error) {
	from := 0 // where a new line may be
	for {
		if i := strings.IndexByte(l.text[from:], '\n'); i >= 0 {
			s, l.text = l.text[:from+i], l.text[from+i+1:]
			l.n++
			return s, true, true, nil
		}
		if l.over {
			s, l.text = l.text, ""
			if s == "" {
				return "", false, false, nil
			}
			l.n++
			return s, false, true, nil
		}
		if len(l.text) > maxLine {
			return "", false, false, &failure{code: exitMissing, text: "a line of the batch is too long", ends: true}
		}
		if l.buf == nil {
			l.buf = make([]byte, 64<<10)
		}
		n, err := l.read(l.buf)
		if err != nil {
			l.over = true
			return "", false, false, failf(exitMissing, "Cannot read the batch: "+cli.Strerror(cli.Errno(err)))
		}
		l.over = n == 0
		from = len(l.text)
		l.text += string(l.buf[:n])
	}
}

// command returns the words of the next command: nil at the end. They are valid
// until the next call. What is behind a '#', even one in quotes, is a comment; a
// line goes on in the next one if a backslash is the last thing in it.
func (l *lineReader) command() ([]string, error) {
	for {
		s, more, ok, err := l.piece()
		if err != nil || !ok {
			return nil, err
		}
		for more {
			var next string
			next, more, ok, err = l.piece()
			if err != nil {
				return nil, err
			}
			if !ok {
				return nil, failf(exitMissing, "Missing continuation line")
			}
			s += next
			if len(s) > maxLine {
				return nil, &failure{code: exitMissing, text: "a line of the batch is too long", ends: true}
			}
		}
		l.words, err = splitWords(s, l.words[:0])
		if err != nil || len(l.words) > 0 {
			return l.words, err
		}
	}
}

// piece returns a line without its comment, and without the backslash that
// says that more follows.
func (l *lineReader) piece() (s string, more, ok bool, err error) {
	s, ended, ok, err := l.line()
	if i := strings.IndexByte(s, '#'); i >= 0 {
		s, ended = s[:i], false
	}
	if i := strings.IndexByte(s, 0); i >= 0 { // where C's strings end
		s, ended = s[:i], false
	}
	if ended && strings.HasSuffix(s, `\`) {
		return s[:len(s)-1], true, ok, err
	}
	return s, false, ok, err
}

// splitWords takes a line apart at white space. A word that begins with a quote
// of either kind goes up to the next one. ws is appended to.
func splitWords(s string, ws []string) ([]string, error) {
	i := 0
	for {
		for i < len(s) && blank(s[i]) {
			i++
		}
		if i == len(s) {
			return ws, nil
		}
		if len(ws) == maxArgs-1 {
			return ws, &failure{code: exitMissing, text: "Too many arguments to command", ends: true}
		}
		if q := s[i]; q == '"' || q == '\'' {
			i++
			end := strings.IndexByte(s[i:], q)
			if end < 0 {
				return ws, &failure{code: exitMissing, text: "Unterminated quoted string", ends: true}
			}
			ws = append(ws, s[i:i+end])
			i += end + 1
			continue
		}
		start := i
		for i < len(s) && !blank(s[i]) {
			i++
		}
		ws = append(ws, s[start:i])
		if i < len(s) {
			i++
		}
	}
}

func blank(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

// readFd is read(2), waiting for what is not there yet.
func readFd(fd int, p []byte) (int, error) {
	for {
		n, err := unix.Read(fd, p)
		switch err {
		case unix.EINTR:
		case unix.EAGAIN:
			fds := [1]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
			unix.Poll(fds[:], -1)
		default:
			return max(n, 0), err
		}
	}
}
