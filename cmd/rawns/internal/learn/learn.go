// Package learn is the article as a course in the terminal: lessons in a sandbox,
// that the learner solves with commands of his own choice, in a shell of his own.
//
//	rawns learn  -> a sandbox, process 1 of which is this applet
//	                 -> the learner's shell, with check, hint, ... in its PATH
//	                     -> check: "rawns learn check"
//
// What has been reached is kept in a file in the sandbox's /run (state.go). A
// lesson is a row of a table (course.go): a topology that it begins with, one that
// is its goal, and what must answer there. check compares the goal with what the
// kernel has, never what was typed. The texts are data: en.go, zh.go.
package learn

import (
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/cmd/rawns/internal/sandbox"
	"rawns/ns"
	"rawns/ns/file"
)

const verb = "rawns learn"

// Tools are what the course needs of the rest of rawns.
type Tools struct {
	Install func(dir string) error       // makes links of all applets
	Find    func(name string) cli.Applet // an applet by its name, or nil
}

type options struct {
	lang   *language
	lesson int
	list   bool
	run    bool
	print  bool   // the results, at the end
	grade  string // the file for them, "" for none
}

// Run is the applet. The caller has locked the main thread.
func Run(args []string, t Tools) int {
	s, err := load()
	if err == nil {
		return inside(s, args, t)
	}
	o, code, ok := parse(args)
	if !ok {
		return code
	}
	if o.list {
		list(o.lang, nil)
		return 0
	}
	if !sandbox.Inside() {
		if o.grade != "" {
			if code := touch(o.grade); code != 0 {
				return code
			}
		}
		return sandbox.Run(verb, append([]string{"rawns"}, args...), !o.run)
	}
	// The file is looked for before /run is covered.
	grade := -1
	if o.grade != "" {
		if grade, err = unix.Open(o.grade, unix.O_PATH|unix.O_CLOEXEC, 0); err != nil {
			return broken(&os.PathError{Op: "open", Path: o.grade, Err: err})
		}
	}
	if code := sandbox.Furnish(verb); code != 0 {
		return code
	}
	s = &state{lang: o.lang, current: o.lesson}
	if err = sandbox.Tools(t.Install); err == nil {
		if err = commands(); err == nil {
			if err = furnish(s, grade); err == nil {
				err = lessons[s.current].reset(t)
			}
		}
	}
	if err != nil {
		return broken(err)
	}
	return hold(s, &o, t)
}

// touch makes the file for the results, so that one that cannot be is told at the
// beginning.
func touch(path string) int {
	fd, err := unix.Open(path, unix.O_WRONLY|unix.O_CREAT|unix.O_CLOEXEC, 0o666)
	if err != nil {
		return broken(&os.PathError{Op: "open", Path: path, Err: err})
	}
	unix.Close(fd)
	return 0
}

// hold holds the course, as process 1 of the sandbox.
func hold(s *state, o *options, t Tools) int {
	sh := "/bin/sh"
	if !o.run {
		sh = sandbox.Shell()
		cli.Stdout.S(s.lang.text(mWelcome)).NL()
		s.show()
	}
	cli.Stdout.Flush()
	if sandbox.Start(verb, sh, "PS1=learn# ") < 0 {
		return 1
	}
	code := 0
	if now, err := load(); err == nil {
		s = now
	}
	if o.run && !s.results[s.current].solved {
		code = s.check()
		s.save()
	}
	if !o.run {
		solved := 0
		for i := range s.results {
			solved += int(number(s.results[i].solved))
		}
		s.print(mBye, strconv.Itoa(solved), strconv.Itoa(nLessons))
	}
	if o.print {
		s.grade(cli.Stdout)
	}
	return code
}

// parse reads the command line. ok is false if that was all, with code.
func parse(args []string) (o options, code int, ok bool) {
	o.lang = locale()
	named, help := false, false
	for i := 1; i < len(args); i++ {
		a := args[i]
		if a == "--lang" && i+1 < len(args) {
			i++
			a += "=" + args[i]
		}
		key, value, _ := strings.Cut(a, "=")
		n := find(a)
		switch {
		case key == "--lang":
			l := languageOf(value)
			if l == nil {
				return o, wrong(value, "is no language of the course: en, zh"), false
			}
			o.lang = l
		case a == "--list":
			o.list = true
		case a == "--run":
			o.run = true
		case a == "--grade":
			o.print = true
		case key == "--grade" && value != "":
			if o.grade = value; value[0] != '/' {
				wd, err := unix.Getwd()
				if err != nil {
					return o, broken(err), false
				}
				o.grade = wd + "/" + value
			}
		case a == "-h", a == "--help", a == "help":
			help = true
		case strings.HasPrefix(a, "-"):
			return o, wrong(a, "is no option"), false
		case n < 0 && isCommand(a):
			return o, o.lang.fail(1, mNoCourse, a), false
		case n < 0:
			return o, o.lang.fail(2, mNoLesson, a), false
		case named:
			return o, wrong(a, "is a second one; one lesson is enough"), false
		default:
			o.lesson, named = n, true
		}
	}
	if help {
		cli.Stdout.S(o.lang.text(mUsage))
		return o, 0, false
	}
	return o, 0, true
}

//go:noinline
func wrong(word, what string) int {
	return cli.Fail(2, verb, `"`, word, `" `, what, `; see "rawns learn --help"`)
}

// commands makes what the learner may type: a script for each command, and one for
// each applet that speaks netlink, which keeps its conversation for "bytes".
func commands() error {
	for _, c := range commandTable {
		if err := script(c.name, `rawns learn `+c.name); err != nil {
			return err
		}
	}
	for _, name := range [...]string{"ip", "bridge", "brctl", "ifconfig", "route", "arp"} {
		if err := os.Remove(sandbox.Bin + "/" + name); err != nil {
			return err
		}
		if err := script(name, "rawns --pcap "+typedFile+" "+name); err != nil {
			return err
		}
	}
	return nil
}

func script(name, line string) error {
	return file.Write(sandbox.Bin+"/"+name, []byte("#!/bin/sh\nexec "+line+` "$@"`+"\n"), 0o755)
}

// goHome goes to the sandbox's own network namespace: a command of the course may be
// typed in a shell inside another one. It starts the process once more if need be.
func goHome(args []string) error {
	n, err := ns.OpenPath(netFile)
	if err != nil {
		return err
	}
	defer n.Close()
	here, err := ns.Current()
	if err != nil {
		return err
	}
	defer here.Close()
	if n.Same(here) {
		return nil
	}
	argv := append([]string{sandbox.Bin + "/rawns", "learn"}, args[1:]...)
	return n.Exec(argv, nil, nil)
}
