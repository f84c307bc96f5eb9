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
	failed  func(err error) error
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
	return s.failed(err)
}

// A restore is the step that reads such a file and asks for what is in it.
type restore struct {
	magic    uint32
	terminal string // what is said to a terminal
	code     int    // exit code of all that goes wrong
	quiet    bool   // nothing is said of what is there already
	// rounds tells, for a message, in which of so many readings of the file it is
	// sent; nil is one reading.
	rounds int
	round  func(m nl.Message) int
}

const maxSaved = 64 << 10 // a message: what a netlink attribute can be

func (s *restore) run(r *runner) error {
	if cli.IsTerminal(0) {
		return failf(s.code, s.terminal)
	}
	f := os.Stdin
	var head [4]byte
	n, _ := io.ReadFull(f, head[:])
	magic := binary.NativeEndian.Uint32(head[:])
	if magic != s.magic {
		return failf(s.code, "Magic mismatch ("+itoa(int32(n/len(head)))+" elems, "+strconv.FormatUint(uint64(magic), 16)+" magic)")
	}
	var kept [][]byte // only for a second reading
	next := func(at int) (m []byte, err error) {
		m, err = s.read(f, at)
		if m != nil && s.rounds > 1 {
			kept = append(kept, m)
		}
		return m, err
	}
	for at := len(head); ; {
		m, err := next(at)
		if err != nil || m == nil {
			if err != nil {
				return err
			}
			break
		}
		at += len(m)
		if err := s.ask(r, m, 0); err != nil {
			return err
		}
	}
	for round := 1; round < s.rounds; round++ {
		for _, m := range kept {
			if err := s.ask(r, m, round); err != nil {
				return err
			}
		}
	}
	return nil
}

// read reads a message; nil is the end.
func (s *restore) read(f *os.File, at int) ([]byte, error) {
	var h [nl.HeaderLen]byte
	n, err := io.ReadFull(f, h[:])
	if n == 0 && err != nil {
		return nil, nil
	}
	size := int(int32(binary.NativeEndian.Uint32(h[:])))
	if size < nl.HeaderLen || size > maxSaved {
		return nil, failf(s.code, "!!!malformed message: len="+itoa(int32(size))+" @"+itoa(int32(at+n)))
	}
	m := make([]byte, (size+3)&^3)
	copy(m, h[:])
	n, _ = io.ReadFull(f, m[nl.HeaderLen:])
	if n < size-nl.HeaderLen {
		return nil, failf(s.code, "rtnl-from_file: truncated message")
	}
	return m[:size], nil
}

// ask sends one message of the file, if this is the round for it.
func (s *restore) ask(r *runner, m nl.Message, round int) error {
	if s.round != nil && s.round(m) != round {
		return nil
	}
	if nl.Check(m) != nil {
		return failf(s.code, "a message's attributes have lengths that cannot be")
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
		if !s.quiet {
			r.warn(err)
		}
		return nil
	}
	var k *nl.Error
	if !errors.As(err, &k) {
		return err
	}
	o := &cli.Out{}
	printRefusal(o, k)
	return &failure{code: s.code, text: string(o.B[:len(o.B)-1]), hint: cli.Safe(hint(r, k))}
}

func parseRuleSave(a *args) (*plan, error) {
	if a.more() {
		return nil, failf(exitMissing, `"ip rule save" does not take any arguments.`)
	}
	family := newRuleShow(a).family
	return &plan{[]step{&savefile{magic: magicRule, failed: dumpTerminated, request: func(r *runner, b *nl.Builder) error {
		rtnl.GetRule(b, family)
		return nil
	}}}}, nil
}

func parseRuleRestore(a *args) (*plan, error) {
	return &plan{[]step{&restore{magic: magicRule, terminal: "Can't restore rule dump from a terminal", code: exitUsage}}}, nil
}
