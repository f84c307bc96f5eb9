//go:build !tiny

package ip

import (
	"encoding/binary"
	"errors"
	"io"
	"os"
	"strconv"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl"
	"rawns/nl/rtnl"
)

// What save writes and restore reads: a number that says of what kind the
// messages are, then the messages as the kernel sent them, each padded to four
// bytes only as far as its own attributes are.
const (
	magicRoute = 0x45311224
	magicAddr  = 0x47361222
	magicRule  = 0x71706986
)

// A savefile is the step that writes a list so, as it stands.
type savefile struct {
	magic   uint32
	request func(r *runner, b *nl.Builder) error
	passes  func(m nl.Message) bool // nil: all
	failed  func(r *runner, err error) error
}

// checkPipe refuses a terminal.
func checkPipe(fd int, refused string) error {
	if cli.IsTerminal(fd) {
		return failf(exitMissing, refused)
	}
	return nil
}

func (s *savefile) run(r *runner) error {
	if err := checkPipe(1, "Not sending a binary stream to stdout"); err != nil {
		return err
	}
	var b nl.Builder
	if err := s.request(r, &b); err != nil {
		return err
	}
	r.out.B = binary.NativeEndian.AppendUint32(r.out.B, s.magic)
	err := r.dump(&b, nil, func(m nl.Message) error {
		if s.passes == nil || s.passes(m) {
			r.out.B = append(r.out.B, m...)
			r.out.S() // write what there is of it
		}
		return nil
	})
	return s.failed(r, err)
}

// A dumpfile is such a file on standard input.
type dumpfile struct {
	magic uint32
	what  string // "route": what is said to a terminal
	no    int    // exit code if it is no such file
	bad   int    // exit code of all else that goes wrong
}

// A restore is the step that reads such a file and asks for what is in it.
type restore struct {
	dumpfile
	// round tells in which of so many readings of the file a message is sent: one
	// reading, or each message in the last of them.
	rounds int
	round  func(m nl.Message) int
}

// A showdump is the step that shows what is in such a file.
type showdump struct {
	dumpfile
	begin, end func(p *printer)
	show       func(p *printer, r *runner, m nl.Message) error
}

const maxSaved = 64 << 10 // a message: what a netlink attribute can be

func (s *showdump) run(r *runner) error {
	p := r.g.printer(r.out)
	begun := false
	err := s.each(func() { s.begin(p); begun = true }, func(m nl.Message) error { return notMine(s.show(p, r, m)) })
	if begun {
		s.end(p)
	}
	return err
}

// each calls do with the messages of the file, and begin before the first, if
// it is such a file.
func (s *dumpfile) each(begin func(), do func(m nl.Message) error) error {
	if cli.IsTerminal(0) {
		return failf(s.no, "Can't restore "+s.what+" dump from a terminal")
	}
	f := os.Stdin
	var head [4]byte
	n, _ := io.ReadFull(f, head[:])
	magic := binary.NativeEndian.Uint32(head[:])
	if magic != s.magic {
		return failf(s.no, "Magic mismatch ("+itoa(int32(n/len(head)))+" elems, "+strconv.FormatUint(uint64(magic), 16)+" magic)")
	}
	begin()
	for at := len(head); ; {
		m, err := s.read(f, at)
		if err != nil || m == nil {
			return err
		}
		at += len(m)
		if err := do(m); err != nil {
			return err
		}
	}
}

// run reads the file once: what is for a later round is kept until then.
func (s *restore) run(r *runner) error {
	var later []nl.Message
	err := s.each(func() {}, func(m nl.Message) error {
		if s.round != nil && s.round(m) > 0 {
			later = append(later, m)
			return nil
		}
		return s.ask(r, m)
	})
	for round := 1; round < s.rounds && err == nil; round++ {
		for _, m := range later {
			if s.round(m) != round {
				continue
			}
			if err = s.ask(r, m); err != nil {
				break
			}
		}
	}
	return err
}

// read reads a message; nil is the end.
func (s *dumpfile) read(f *os.File, at int) ([]byte, error) {
	var h [nl.HeaderLen]byte
	n, err := io.ReadFull(f, h[:])
	if n == 0 && err != nil {
		return nil, nil
	}
	if err != nil {
		return nil, failf(s.bad, "rtnl-from_file: truncated message")
	}
	size := int(int32(binary.NativeEndian.Uint32(h[:])))
	if size < nl.HeaderLen || size > maxSaved {
		return nil, failf(s.bad, "!!!malformed message: len="+itoa(int32(size))+" @"+itoa(int32(at+n)))
	}
	m := make([]byte, (size+3)&^3)
	copy(m, h[:])
	n, _ = io.ReadFull(f, m[nl.HeaderLen:])
	if n < size-nl.HeaderLen {
		return nil, failf(s.bad, "rtnl-from_file: truncated message")
	}
	return m[:size], nil
}

// ask sends one message of the file. Of what is there already the kernel's
// words are said, and it is no failure.
func (s *restore) ask(r *runner, m nl.Message) error {
	if nl.Check(m) != nil {
		return failf(s.bad, "a message's attributes have lengths that cannot be")
	}
	c, err := r.main()
	if err != nil {
		return err
	}
	var b nl.Builder
	b.Message(m.Type(), m.Flags()|unix.NLM_F_REQUEST|unix.NLM_F_CREATE|unix.NLM_F_ACK)
	copy(b.Extend(len(m.Payload())), m.Payload())
	err = c.Do(&b, nil)
	if isErrno(err, unix.EEXIST) {
		r.warn(err)
		return nil
	}
	var k *nl.Error
	if !errors.As(err, &k) {
		return err
	}
	o := &cli.Out{}
	printRefusal(o, k)
	return &failure{code: s.bad, text: string(o.B[:len(o.B)-1]), hint: cli.Safe(hint(r, k))}
}

func parseRuleSave(a *args) (*plan, error) {
	if a.more() {
		return nil, failf(exitMissing, `"ip rule save" does not take any arguments.`)
	}
	family := newRuleShow(a).family
	return &plan{[]step{&savefile{magic: magicRule, failed: func(_ *runner, err error) error { return dumpTerminated(err) }, request: func(r *runner, b *nl.Builder) error {
		rtnl.GetRule(b, family)
		return nil
	}}}}, nil
}

func parseRuleRestore(a *args) (*plan, error) {
	return &plan{[]step{&restore{dumpfile: dumpfile{magicRule, "rule", exitUsage, exitUsage}}}}, nil
}

func parseRouteSave(a *args) (*plan, error) {
	s := &routeShow{}
	s.f.family, s.f.table = a.g.family, unix.RT_TABLE_MAIN
	for a.more() {
		s.f.word(a)
	}
	var v routeView
	return &plan{[]step{&savefile{magic: magicRoute,
		request: func(r *runner, b *nl.Builder) error {
			err := s.f.resolve(r)
			s.f.request(b)
			return err
		},
		passes: func(m nl.Message) bool { return v.parse(m) == nil && s.f.passes(&v) },
		failed: func(r *runner, err error) error { return s.dumpError(r, err, "Dump terminated") },
	}}}, a.err
}

var routeDump = dumpfile{magicRoute, "route", exitMissing, exitKernel}

// parseRouteRestore makes the plan to bring routes back in an order in which
// their gateways can be reached: those to own addresses, to own networks, and
// to all others.
func parseRouteRestore(a *args) (*plan, error) {
	return &plan{[]step{&restore{dumpfile: routeDump, rounds: 3, round: routeRound}}}, nil
}

func routeRound(m nl.Message) int {
	v, err := rtnl.ParseRoute(m)
	if err != nil {
		return 0
	}
	_, gateway := v.Attrs.IP(rtnl.RTA_GATEWAY)
	src, own := v.Attrs.IP(rtnl.RTA_PREFSRC)
	dst, _ := v.Attrs.IP(rtnl.RTA_DST)
	switch {
	case gateway:
		return 2
	case own && string(src) != string(dst):
		return 1
	}
	return 0
}

func parseRouteShowdump(a *args) (*plan, error) {
	none := func(*printer) {}
	return &plan{[]step{&showdump{routeDump, none, none, func(p *printer, r *runner, m nl.Message) error {
		p.json = false // as in iproute2
		var v routeView
		err := v.parse(m)
		if err == nil {
			p.route(r, m, &v, &routeFilter{})
		}
		return err
	}}}}, nil
}

func parseAddrSave(a *args) (*plan, error) {
	f := &addrFilter{}
	f.family = a.g.family
	for a.more() {
		f.word(a)
	}
	return &plan{[]step{&savefile{magic: magicAddr,
		request: func(r *runner, b *nl.Builder) error {
			err := f.resolve(r)
			rtnl.GetAddr(b, f.family, f.index)
			return err
		},
		failed: func(_ *runner, err error) error {
			var k *nl.Error
			if errors.As(err, &k) {
				return refusalAnd(k, exitMissing, "Save terminated")
			}
			return err
		},
	}}}, a.err
}

var addrDump = dumpfile{magicAddr, "address", exitUsage, exitUsage}

func parseAddrRestore(a *args) (*plan, error) {
	return &plan{[]step{&restore{dumpfile: addrDump}}}, nil
}

func parseAddrShowdump(a *args) (*plan, error) {
	begin := func(p *printer) {
		p.open()
		p.Obj("")
		p.Arr("addr_info", "")
	}
	end := func(p *printer) {
		p.EndArr("")
		p.EndObj()
		p.close()
	}
	return &plan{[]step{&showdump{addrDump, begin, end, func(p *printer, r *runner, m nl.Message) error {
		v, err := rtnl.ParseAddr(m)
		if err != nil {
			return err
		}
		p.Obj("")
		p.Int("index", "if", int64(v.Index), ":"+p.eol)
		l := addrPrinter{linkPrinter{printer: p, r: r, g: r.g, family: v.Family}, &addrFilter{}}
		l.addr(&v, "", false, r.g.brief)
		p.EndObj()
		p.o.S() // write what there is of it: JSON alone does not
		return nil
	}}}}, nil
}
