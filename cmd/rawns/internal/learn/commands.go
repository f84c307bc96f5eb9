package learn

import (
	"bytes"
	"encoding/binary"
	"os"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl"
	"rawns/nl/explain"
	"rawns/ns/file"
	"rawns/ns/topo"
	"rawns/ns/topo/picture"
)

// commandTable is what the learner may type; run returns the exit code. Of the
// state what has changed is saved afterwards.
var commandTable = []struct {
	name string
	run  func(s *state, args []string, t Tools) int
}{
	{"task", func(s *state, _ []string, _ Tools) int { s.show(); return 0 }},
	{"check", func(s *state, _ []string, _ Tools) int { return s.check() }},
	{"hint", (*state).hint},
	{"solve", (*state).play},
	{"reset", (*state).again},
	{"next", func(s *state, _ []string, t Tools) int { return s.move(s.current+1, t) }},
	{"back", func(s *state, _ []string, t Tools) int { return s.move(s.current-1, t) }},
	{"lesson", (*state).choose},
	{"list", func(s *state, _ []string, _ Tools) int { list(s.lang, s); return 0 }},
	{"picture", (*state).picture},
	{"bytes", (*state).bytes},
	{"send", (*state).send},
	{"layer", (*state).guess},
	{"grade", func(s *state, _ []string, _ Tools) int { s.grade(cli.Stdout); return 0 }},
	{"lang", (*state).speak},
}

func isCommand(name string) bool {
	for i := range commandTable {
		if commandTable[i].name == name {
			return true
		}
	}
	return false
}

// inside runs a command of the course.
func inside(s *state, args []string, t Tools) int {
	if len(args) == 1 {
		args = append(args, "task")
	}
	if err := goHome(args); err != nil {
		return broken(err)
	}
	name := strings.TrimPrefix(args[1], "--")
	rest := args[2:]
	if find(name) >= 0 && len(rest) == 0 {
		name, rest = "lesson", args[1:]
	}
	for i := range commandTable {
		if c := &commandTable[i]; c.name == name {
			was := *s
			code := c.run(s, rest, t)
			if *s != was {
				if err := s.save(); err != nil {
					return broken(err)
				}
			}
			return code
		}
	}
	if name == "help" || name == "-h" {
		cli.Stdout.S(s.lang.text(mCommands)).NL()
		return 0
	}
	return s.lang.fail(2, mNoLesson, args[1])
}

func (s *state) words() *words { return &s.lang.lessons[s.current] }

// print prints a message as a line.
//
//go:noinline
func (s *state) print(m message, args ...string) { cli.Stdout.S(s.lang.text(m, args...)).NL() }

// show prints the lesson: its text, what there is, and the task.
func (s *state) show() {
	w := s.words()
	o := cli.Stdout
	s.print(mLesson, strconv.Itoa(s.current+1), strconv.Itoa(nLessons), w.title)
	o.NL().S(w.text).NL().NL()
	// A picture of a fault would be the answer.
	if l := &lessons[s.current]; l.start != "" && l.layer == 0 {
		o.S(string(s.draw())).NL()
	}
	o.S(w.task).NL()
	if lessons[s.current].layer != 0 {
		s.print(mLayerAsk)
	}
	o.NL()
	s.print(mCommands)
}

// draw draws what there is.
func (s *state) draw() []byte {
	st, err := topo.Observe(topo.ObserveOptions{Addrs: true, Routes: true})
	if err != nil {
		return []byte(cli.Safe(err.Error()) + "\n")
	}
	return render(picture.OfState(st))
}

func render(p *picture.Picture) []byte {
	b := p.Text(picture.TextOptions{
		Width:   76,
		Unicode: unicode(),
		Color:   os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && cli.IsTerminal(1),
	})
	return b[bytes.IndexByte(b, '\n')+1:] // without the title
}

// unicode tells whether the terminal shows more than ASCII.
func unicode() bool {
	for _, name := range [...]string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := strings.ToLower(os.Getenv(name)); v != "" {
			return strings.Contains(v, "utf-8") || strings.Contains(v, "utf8")
		}
	}
	return false
}

func (s *state) picture(args []string, _ Tools) int {
	if len(args) > 0 && args[0] == "goal" {
		if g, err := spec(lessons[s.current].goal); err == nil {
			s.print(mGoal)
			cli.Stdout.S(string(render(picture.Of(g))))
		}
		return 0
	}
	s.print(mNow)
	cli.Stdout.S(string(s.draw()))
	return 0
}

func (s *state) check() int {
	r := &s.results[s.current]
	if r.tries < 1<<16-1 {
		r.tries++
	}
	return s.verdict()
}

// verdict says whether the lesson is solved, and what is missing.
func (s *state) verdict() int {
	r := &s.results[s.current]
	left, err := lessons[s.current].missing(s.lang)
	if err != nil {
		return broken(err)
	}
	o := cli.Stdout
	if len(left) > 0 {
		s.print(mNotYet)
		for _, m := range left {
			o.S("  - ", m).NL()
		}
		return 3
	}
	r.solved = true
	s.print(mSolved)
	o.NL().S(string(s.draw())).NL()
	o.S(s.words().after).NL()
	if n := lessons[s.current].layer; n != 0 {
		s.print(mLayerWas, strconv.Itoa(int(n)), s.lang.layers[n])
	}
	if s.current+1 < nLessons {
		s.print(mNext, s.lang.lessons[s.current+1].title)
	} else {
		s.print(mAll)
	}
	return 0
}

func (s *state) hint(_ []string, _ Tools) int {
	r := &s.results[s.current]
	h := strings.Split(s.words().hints, "\n\n")
	if int(r.hints) < len(h) {
		r.hints++
	}
	s.print(mHint, strconv.Itoa(int(r.hints)), strconv.Itoa(len(h)))
	cli.Stdout.S(h[r.hints-1]).NL()
	return 0
}

// again is reset.
func (s *state) again(_ []string, t Tools) int {
	if err := lessons[s.current].reset(t); err != nil {
		return broken(err)
	}
	s.print(mResetDone)
	return 0
}

// play solves the lesson, from its beginning, with its commands in sight.
func (s *state) play(_ []string, t Tools) int {
	l := &lessons[s.current]
	s.results[s.current].solve = true
	if !l.begun() {
		s.print(mResetFirst)
		if err := l.reset(t); err != nil {
			return broken(err)
		}
	}
	for _, line := range l.solve {
		cli.Stdout.S("$ ", line).NL().Flush()
		if code := shell(line); code != 0 {
			return s.lang.fail(1, mPlayFails, strconv.Itoa(code))
		}
	}
	s.print(mPlayed)
	return s.verdict()
}

// shell runs a line, and returns its exit code.
func shell(line string) int {
	pid, err := syscall.ForkExec("/bin/sh", []string{"sh", "-c", line}, &syscall.ProcAttr{Env: os.Environ(), Files: []uintptr{0, 1, 2}})
	if err != nil {
		return 127
	}
	var ws unix.WaitStatus
	for {
		if _, err = unix.Wait4(pid, &ws, 0, nil); err != unix.EINTR {
			return ws.ExitStatus()
		}
	}
}

// move goes to another lesson. A network that is not as the lesson begins is put
// right.
func (s *state) move(to int, t Tools) int {
	if to < 0 || to >= nLessons {
		s.print(mAll)
		return 3
	}
	s.current = to
	os.Remove(typedFile)
	if l := &lessons[to]; !l.begun() {
		if err := l.reset(t); err != nil {
			return broken(err)
		}
	}
	s.show()
	return 0
}

func (s *state) choose(args []string, t Tools) int {
	if len(args) != 1 || find(args[0]) < 0 {
		return s.lang.fail(2, mNoLesson, strings.Join(args, " "))
	}
	return s.move(find(args[0]), t)
}

func (s *state) speak(args []string, _ Tools) int {
	if len(args) == 1 {
		if l := languageOf(args[0]); l != nil {
			s.lang = l
			s.show()
			return 0
		}
	}
	return cli.Fail(2, verb, "lang en, lang zh")
}

// list lists the lessons; with s how the learner does.
func list(l *language, s *state) {
	o := cli.Stdout
	o.S(l.text(mListHead)).NL()
	for i := range lessons {
		mark := "   "
		if s != nil {
			switch r := &s.results[i]; {
			case r.solved && r.solve:
				mark = " + "
			case r.solved:
				mark = " * "
			}
			if i == s.current {
				mark = ">" + mark[1:]
			}
		}
		o.S(mark).Right(strconv.Itoa(i+1), 2).S("  ").Left(lessons[i].name, 11).S(l.lessons[i].title).NL()
	}
}

// bytes explains what was typed last, or else the lesson's command.
func (s *state) bytes(args []string, t Tools) int {
	run := t.Find("explain")
	command := lessons[s.current].bytes
	if len(args) == 0 {
		if f, err := file.Stat(typedFile); err == nil && f.Size > int64(len(explain.AppendPcap(nil))) {
			s.print(mBytesTyped)
			return run([]string{"explain", "--brief", "--file", typedFile})
		}
	} else if args[0] != "lesson" {
		command = args
	}
	if command == nil {
		s.print(mBytesNone)
		return 0
	}
	cli.Stdout.S("$ rawns explain ", cli.Safe(strings.Join(command, " "))).NL()
	return run(append([]string{"explain"}, command...))
}

// send sends a message as it is to the kernel, and says what that answers.
func (s *state) send(args []string, _ Tools) int {
	p := []byte{}
	half := -1
	for _, c := range []byte(strings.Join(args, " ")) {
		v := strings.IndexByte("0123456789abcdef", c|0x20)
		switch {
		case c == ' ' || c == '\n' || c == '\t':
		case v < 0 || c < '0':
			return s.lang.fail(2, mSendHex, string(rune(c)))
		case half < 0:
			half = v
		default:
			p = append(p, byte(half<<4|v))
			half = -1
		}
	}
	if len(p) < nl.HeaderLen || half >= 0 {
		return s.lang.fail(2, mSendUsage)
	}
	m := nl.Message(p)
	if n := int(binary.NativeEndian.Uint32(p)); n != len(p) {
		return s.lang.fail(2, mSendLength, strconv.Itoa(n), strconv.Itoa(len(p)))
	}
	c, err := nl.Dial(unix.NETLINK_ROUTE)
	if err != nil {
		return broken(err)
	}
	defer c.Close()
	var b nl.Builder
	b.Append(m)
	if err := c.Do(&b, nil); err != nil {
		return s.lang.fail(2, mRefused, err.Error())
	}
	s.print(mSent, strconv.Itoa(len(p)))
	return 0
}

// guess is the learner's answer to which layer is broken.
func (s *state) guess(args []string, _ Tools) int {
	want := int(lessons[s.current].layer)
	if want == 0 {
		s.print(mLayerNone)
		return 3
	}
	n := 0
	if len(args) == 1 && len(args[0]) == 1 {
		n = int(args[0][0]) - '0'
	}
	if n < 1 || n > 7 {
		s.print(mLayerAsk)
		for i, what := range s.lang.layers[1:] {
			cli.Stdout.S("  ").U(uint64(i+1)).S("  ", what).NL()
		}
		return 2
	}
	// The first answer counts, before check has told the right one.
	if r := &s.results[s.current]; r.layer == 0 && !r.solved {
		r.layer = uint8(n)
	}
	if n != want {
		s.print(mLayerWrong, strconv.Itoa(n), s.lang.layers[n])
		return 3
	}
	s.print(mLayerRight, strconv.Itoa(n), s.lang.layers[n])
	return 0
}
