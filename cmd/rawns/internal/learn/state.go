package learn

import (
	"os"
	"strconv"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl"
	"rawns/ns/file"
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
	solved bool   // check found the goal
	solve  bool   // the solution was played
	tries  uint16 // calls of check
	hints  uint8  // hints that were shown
	layer  uint8  // the first answer to "which layer is broken", 0 for none
}

// resultLen is how many bytes of the file a result takes.
const resultLen = 6

// state is what the commands of a course share.
type state struct {
	lang    *language
	current int
	results [nLessons]result
}

var errNoCourse error = nl.Const("no course")

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
	text, err := file.Read(stateFile)
	head := heading()
	if err != nil || len(text) != len(head)+2+nLessons*resultLen || string(text[:len(head)]) != head {
		return nil, errNoCourse
	}
	text = text[len(head):]
	s := &state{lang: &english, current: int(text[1])}
	if text[0] != 0 {
		s.lang = &chinese
	}
	if s.current >= nLessons {
		return nil, errNoCourse
	}
	for i := range s.results {
		b := text[2+i*resultLen:]
		s.results[i] = result{b[0] != 0, b[1] != 0, uint16(b[2]) | uint16(b[3])<<8, b[4], b[5]}
	}
	return s, nil
}

// heading begins the file.
func heading() string { return "rawns-learn 1 " + home() + "\n" }

// save writes it, whole or not at all.
func (s *state) save() error {
	var o cli.Out
	o.S(heading()).C(number(s.lang == &chinese)).C(byte(s.current))
	for i := range s.results {
		r := &s.results[i]
		o.C(number(r.solved)).C(number(r.solve)).C(byte(r.tries)).C(byte(r.tries >> 8)).C(r.hints).C(r.layer)
	}
	err := file.Write(stateFile+"~", o.B, 0o600)
	if err == nil {
		err = unix.Rename(stateFile+"~", stateFile)
	}
	if err != nil {
		return err
	}
	// The teacher's file is written with each change: a course may end at any time.
	if _, err := file.Stat(gradeFile); err != nil {
		return nil
	}
	return file.Write(gradeFile, s.grade(cli.NewBuffer()).B, 0)
}

func number(b bool) byte {
	if b {
		return 1
	}
	return 0
}

// grade writes the results as JSON.
func (s *state) grade(o *cli.Out) *cli.Out {
	solved := 0
	o.S(`{"rawns": 1, "language": "`, s.lang.name, `", "lessons": [`)
	sep := "\n"
	for i := range s.results {
		r := &s.results[i]
		solved += int(number(r.solved))
		o.S(sep, `  {"lesson": "`, lessons[i].name, `", "solved": `, boolean(r.solved), `, "tries": `).U(uint64(r.tries))
		o.S(`, "hints": `).U(uint64(r.hints)).S(`, "shown": `, boolean(r.solve))
		sep = ",\n"
		if want := lessons[i].layer; want != 0 {
			right := "null"
			if r.layer != 0 {
				right = boolean(r.layer == want)
			}
			o.S(`, "layer": `, right)
		}
		o.C('}')
	}
	return o.S("\n], \"solved\": ").U(uint64(solved)).S(`, "of": `).U(nLessons).S("}\n")
}

func boolean(b bool) string {
	if b {
		return "true"
	}
	return "false"
}

// furnish makes the course's folder. grade is a descriptor of the file for the
// teacher, or -1.
func furnish(s *state, grade int) error {
	if err := file.MkdirAll(dir, 0o755); err != nil {
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
	if err := file.Write(path, nil, 0o600); err != nil {
		return err
	}
	if err := unix.Mount(source, path, "", unix.MS_BIND, ""); err != nil {
		return &os.PathError{Op: "mount", Path: path, Err: err}
	}
	return nil
}
