package learn

import (
	"errors"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
)

// Where the course keeps what it knows, in the sandbox's own /run.
const (
	dir       = "/run/rawns/learn"
	stateFile = dir + "/state"
	netFile   = dir + "/net"        // the sandbox's own network namespace, mounted
	typedFile = dir + "/typed.pcap" // the conversation of the command that was typed last
	gradeFile = dir + "/grade"      // the file of --grade=FILE, mounted; perhaps not there
)

// result is how a learner does at a lesson.
type result struct {
	solved bool // check found the goal
	solve  bool // the solution was played
	tries  int  // calls of check
	hints  int  // hints that were shown
	layer  int  // the first answer to "which layer is broken", 0 for none
}

// state is what the commands of a course share.
type state struct {
	lang    *language
	current int
	results [nLessons]result
}

var errNoCourse = errors.New("no course")

// home names the process namespace that a course is in.
func home() string {
	s, err := os.Readlink("/proc/self/ns/pid")
	if err != nil {
		return ""
	}
	return s
}

// load reads the state of the course that this process is in. A file that was
// made elsewhere is none: reset takes all links away, and must not do so on a
// host.
func load() (*state, error) {
	text, err := os.ReadFile(stateFile)
	if err != nil {
		return nil, errNoCourse
	}
	head, rest, _ := strings.Cut(string(text), "\n")
	f := strings.Fields(head)
	if len(f) != 4 || f[0] != "rawns-learn" || f[1] != home() {
		return nil, errNoCourse
	}
	s := &state{lang: languageOf(f[2])}
	s.current = find(f[3])
	if s.lang == nil || s.current < 0 {
		return nil, errNoCourse
	}
	for line := range strings.Lines(rest) {
		w := strings.Fields(line)
		if len(w) != 6 || find(w[0]) < 0 {
			return nil, errNoCourse
		}
		n := [5]int{}
		for i := range n {
			n[i], _ = strconv.Atoi(w[i+1])
		}
		s.results[find(w[0])] = result{n[0] != 0, n[1] != 0, n[2], n[3], n[4]}
	}
	return s, nil
}

// save writes it, whole or not at all.
func (s *state) save() error {
	var o cli.Out
	o.S("rawns-learn ", home(), " ", s.lang.name, " ", lessons[s.current].name).NL()
	for i := range s.results {
		r := &s.results[i]
		o.S(lessons[i].name)
		for _, n := range [...]int{number(r.solved), number(r.solve), r.tries, r.hints, r.layer} {
			o.C(' ').D(int64(n))
		}
		o.NL()
	}
	err := os.WriteFile(stateFile+"~", o.B, 0o600)
	if err == nil {
		err = os.Rename(stateFile+"~", stateFile)
	}
	if err != nil {
		return err
	}
	// The teacher's file is written with each change: a course may end at any time.
	f, err := os.OpenFile(gradeFile, os.O_WRONLY|os.O_TRUNC, 0)
	if err != nil {
		return nil
	}
	_, err = f.Write(s.grade(cli.NewBuffer()).B)
	if e := f.Close(); err == nil {
		err = e
	}
	return err
}

func number(b bool) int {
	if b {
		return 1
	}
	return 0
}

// grade writes the results as JSON.
func (s *state) grade(o *cli.Out) *cli.Out {
	solved := 0
	o.S(`{"rawns": 1, "language": "`, s.lang.name, `", "lessons": [`)
	for i := range s.results {
		r := &s.results[i]
		solved += number(r.solved)
		o.S([...]string{",\n", "\n"}[number(i == 0)], `  {"lesson": "`, lessons[i].name, `", "solved": `, boolean(r.solved))
		o.S(`, "tries": `).D(int64(r.tries)).S(`, "hints": `).D(int64(r.hints)).S(`, "shown": `, boolean(r.solve))
		if want := lessons[i].layer; want != 0 {
			o.S(`, "layer": `)
			if r.layer == 0 {
				o.S("null")
			} else {
				o.S(boolean(r.layer == int(want)))
			}
		}
		o.C('}')
	}
	return o.S("\n], \"solved\": ").D(int64(solved)).S(`, "of": `).D(nLessons).S("}\n")
}

func boolean(b bool) string { return [...]string{"false", "true"}[number(b)] }

// furnish makes the course's folder. grade is a descriptor of the file for the
// teacher, or -1.
func furnish(s *state, grade int) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if err := mountOn("/proc/thread-self/ns/net", netFile); err != nil {
		return err
	}
	if grade >= 0 {
		if err := mountOn("/proc/self/fd/"+strconv.Itoa(grade), gradeFile); err != nil {
			return err
		}
		unix.Close(grade)
	}
	return s.save()
}

func mountOn(source, path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	f.Close()
	if err := unix.Mount(source, path, "", unix.MS_BIND, ""); err != nil {
		return &os.PathError{Op: "mount", Path: path, Err: err}
	}
	return nil
}
