package scene

import (
	"errors"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/cmd/rawns/internal/topology"
	"rawns/nl"
	"rawns/ns"
	"rawns/ns/file"
	"rawns/ns/topo"
)

const upUsage = `Usage: rawns up [--wait[=SECONDS]] [FILE]
       rawns down [FILE|NAME]

"up" makes the topology of FILE on this host, or what of it is missing: a second
time it changes nothing. Without FILE that is the article's scene: the namespace
blue (10.1.1.2/16) with a server in it, the bridge test-bridge (10.1.2.2/16), the
veth between them. If a step fails, what was made before it is removed again.

  --wait  returns when links have their carrier and addresses are usable (IPv6
          has them tentative for a while), after 15 seconds at the latest, and
          says what is still missing then

"down" removes exactly what "up" made, also after an "up" that was killed
half-way, and returns when it is really gone. ` + topo.JournalDir + `/NAME keeps the
notes for that; with NAME, the topology's, the file is not needed.

Both need root; "rawns demo" shows the article's scene without.
Exit codes: 0 done, or nothing to do; 1 failed; 2 wrong usage; 3 made, and not
all of it was ready in time (--wait).
`

// manySpaces is how many namespaces are worth threads on all CPUs.
const manySpaces = 4

// Up is the applet up.
func Up(args []string) int {
	const verb = "rawns up"
	var files []string
	wait := time.Duration(0)
	for _, a := range args[1:] {
		secs, ok := strings.CutPrefix(a, "--wait=")
		switch {
		case a == "-h" || a == "--help" || a == "help":
			cli.Stdout.S(upUsage)
			return 0
		case a == "--wait":
			wait = defaultWait
		case ok:
			n, err := strconv.ParseUint(secs, 10, 16)
			if err != nil {
				return wrong(verb, secs, "is no number of seconds up to 65535")
			}
			wait = time.Duration(n) * time.Second
		case len(a) > 1 && a[0] == '-':
			return wrong(verb, a, "is no option")
		default:
			files = append(files, a)
		}
	}
	u, code := load(files)
	if u == nil {
		return code
	}
	if code := u.up(); code != 0 || wait == 0 {
		return code
	}
	return u.ready(wait)
}

// A Starter starts a service in a namespace, with marks in its environment, by
// which the topology of these notes knows it again. It returns what ends it.
type Starter func(space *ns.NS, s *topo.Service, marks []string, notes string) (stop func(), err error)

// Make is Up of at most one file, for a process that starts the services itself, and
// restarts them: that one does not answer yet is told, and the topology stays.
func Make(files []string, start Starter) (code int) {
	u, code := load(files)
	if u == nil {
		return code
	}
	u.start = start
	return u.up()
}

func load(files []string) (*upper, int) {
	file, spec, code := topology.Load("rawns up", files)
	if spec == nil {
		return nil, code
	}
	u := &upper{file: file, spec: spec, article: len(files) == 0}
	if !u.article && files[0] != "-" {
		u.path = absolute(files[0])
	}
	return u, 0
}

// defaultWait is how long --wait waits.
const defaultWait = 15 * time.Second

func wrong(verb, arg, what string) int {
	cli.Fail(2, verb, `"`, arg, `" `, what)
	cli.Stderr.S(upUsage)
	return 2
}

// upper is an up at work.
type upper struct {
	file    *topo.File
	path    string // of the file, "" if it is none
	spec    *topo.Spec
	article bool
	start   Starter // nil: Apply does
	started time.Time
	shown   time.Time // when progress was last shown; zero if it never was
	done    int
	of      int
}

const hints = "Try: ping 10.1.1.2, curl 10.1.1.2:8080\n"

func (u *upper) up() int {
	const verb = "rawns up"
	u.started = time.Now()
	path, err := topo.JournalPath(u.spec.Name)
	if err != nil {
		return cli.Fail(1, verb, "the topology's name: ", err.Error(), `; give it one with a line "topology NAME"`)
	}
	j, err := topo.OpenJournal(path)
	if err != nil {
		return fail(verb, err)
	}
	defer j.Close()
	unlock, err := topo.LockHost()
	if err != nil {
		return fail(verb, err)
	}
	defer unlock()
	rec, err := j.Read()
	if err != nil {
		return fail(verb, err)
	}
	if other := elsewhere(rec, u.path); other != "" {
		return cli.Fail(1, verb, "a topology of the name ", u.spec.Name, " is up already, made from ", other,
			": take that one down (rawns down ", u.spec.Name, `), or give this one another name with a line "topology NAME"`)
	}
	if rec != nil {
		switch lost, err := rec.Lost(); {
		case err != nil:
			return fail(verb, err)
		case lost:
			cli.Stdout.S("The network namespace where it was made is gone: removing what is left, then making it anew.\n").Flush()
			if left := j.Down(rec); left != nil {
				return fail(verb, left...)
			}
			rec = nil
		}
	}
	j.Source(u.path)
	if len(u.spec.Namespaces) >= manySpaces {
		cli.AllCPUs()
	}
	plan, err := missing(u.spec, rec)
	var spec *topo.SpecError
	if errors.As(err, &spec) {
		return topology.Fail(verb, u.file.Locate(spec))
	}
	if err != nil {
		return fail(verb, err)
	}
	o := cli.Stdout
	if rec != nil && len(plan.Steps) == 0 {
		if !rec.Up {
			if err := j.Finish(); err != nil {
				return fail(verb, err)
			}
		}
		o.S("Already up; nothing was changed.")
		if u.article {
			o.S(" ", hints)
		} else {
			o.NL()
		}
		return 0
	}
	if rec != nil {
		why := "an earlier up was interrupted"
		if rec.Up {
			why = some(plan.Missing())
		}
		o.S("Not whole (").Safe(why).S("): adding what is missing.\n").Flush()
	}
	if err := u.apply(j, path, plan, unlock); err != nil {
		return fail(verb, err)
	}
	o.S("Up")
	if u.article {
		o.S(". ", hints)
		return 0
	}
	o.S(": ").Safe(u.spec.Name).S(", ").U(uint64(len(plan.Steps))).S(" steps, ").
		F(float64(time.Since(u.started).Microseconds())/1000, 1).S(" ms.\n")
	return 0
}

// absolute returns a path from the root on, also when the process has gone
// elsewhere; "" if nobody knows where it is.
func absolute(p string) string {
	if p[0] != '/' {
		dir, err := unix.Getwd()
		if err != nil {
			return ""
		}
		p = dir + "/" + p
	}
	return path.Clean(p)
}

// elsewhere returns the file from which what is up was made, if that is there
// and another one than path.
func elsewhere(rec *topo.Record, path string) string {
	if rec == nil || rec.Source == path || rec.Source == "" || path == "" {
		return ""
	}
	old, err := file.Stat(rec.Source)
	if err != nil {
		return "" // it has been moved
	}
	if now, err := file.Stat(path); err == nil && old.Dev == now.Dev && old.Ino == now.Ino {
		return ""
	}
	return rec.Source
}

// some is a list for one line.
func some(list []string) string {
	const most = 5
	if len(list) <= most {
		return strings.Join(list, ", ")
	}
	return strings.Join(list[:most], ", ") + ", and " + itoa(len(list)-most) + " more"
}

// missing plans what a topology lacks.
func missing(spec *topo.Spec, rec *topo.Record) (*topo.Plan, error) {
	st, err := topo.Observe(spec.Look())
	if err == nil {
		err = rec.Tidy(st)
	}
	if err == nil {
		err = rec.Mark(st)
	}
	if err != nil {
		return nil, err
	}
	return spec.Plan(st)
}

var errInterrupted error = nl.Const("interrupted")

// fewSteps is how many steps are printed; of more only their number is.
const fewSteps = 40

func (u *upper) apply(j *topo.Journal, notes string, plan *topo.Plan, unlock func()) error {
	// From here on an interrupt is a failed step: what was made is removed.
	w := watch(plan, u.start == nil)
	defer w.end()
	u.of = len(plan.Steps)
	terminal := cli.IsTerminal(2)
	opt := topo.Options{
		Journal: j,
		Before:  func(int, *topo.Step) error { return w.came() },
		After: func(_ int, s *topo.Step) {
			if u.of <= fewSteps {
				cli.Stdout.S("$ ").Safe(s.Command()).NL().Flush()
			}
			if u.done++; terminal {
				u.progress()
			}
		},
	}
	if u.start != nil {
		opt.Start = func(space *ns.NS, s *topo.Service) (func(), error) { return u.start(space, s, j.Marks(s), notes) }
	}
	opt.Undoing = w.long
	run, err := topo.Apply(plan, opt)
	if !u.shown.IsZero() {
		cli.Stderr.S("\r\x1b[K").Flush()
	}
	if err != nil {
		return err
	}
	unlock()
	err = u.serve(j, w.came)
	if err != nil && u.start != nil {
		fail("rawns up", err)
		err = nil
	}
	if err == nil {
		err = j.Finish()
	}
	if err != nil {
		n := len(plan.Steps)
		w.long()
		return &topo.StepError{N: n, Of: n, Step: &plan.Steps[n-1], Made: true, Err: err, Left: run.Undo()}
	}
	run.Close()
	return nil
}

// progress says on a terminal how far it is, when it takes longer than a second.
func (u *upper) progress() {
	now := time.Now()
	if now.Sub(u.started) < time.Second || now.Sub(u.shown) < time.Second/10 {
		return
	}
	u.shown = now
	cli.Stderr.S("\r").U(uint64(u.done)).S(" of ").U(uint64(u.of)).S(" steps").Flush()
}

// serve waits until the services that are to answer on a port listen there, and
// until those answer that this host has a way to.
func (u *upper) serve(j *topo.Journal, interrupted func() error) error {
	if err := u.listens(j, interrupted); err != nil {
		return err
	}
	for _, a := range u.spec.Near() {
		if err := answers(a, interrupted); err != nil {
			return err
		}
	}
	return nil
}

// patience is how often a service is asked whether it listens, or answers: for
// some three seconds.
const patience = 30

func (u *upper) listens(j *topo.Journal, interrupted func() error) error {
	if !slices.ContainsFunc(u.spec.Services, func(v topo.Service) bool { return v.Port != 0 }) {
		return nil
	}
	for try := 0; ; try++ {
		if err := interrupted(); err != nil {
			return err
		}
		ended, silent, err := j.Listening(u.spec.Services)
		switch {
		case err != nil:
			return err
		// Between the moment in which execve closes descriptors, by which its parent
		// knows that it worked, and the one in which the environment is in place, /proc
		// shows none, and so nothing that tells a service from another process.
		case len(ended) > 0 && try >= 3:
			return &serviceError{ended[0], "ended as soon as it was started"}
		case len(ended)+len(silent) == 0:
			return nil
		case try >= patience:
			return &serviceError{silent[0], "runs, but does not listen on port " + itoa(int(silent[0].Port))}
		}
		time.Sleep(time.Duration(min(try+1, 10)) * 10 * time.Millisecond)
	}
}

type serviceError struct {
	service *topo.Service
	what    string
}

func (e *serviceError) Error() string {
	where := e.service.NS
	if where == "" {
		where = "this host"
	}
	return "the service " + strconv.Quote(strings.Join(e.service.Argv, " ")) + " in " + strconv.Quote(where) + " " + e.what
}

// silentError: the server runs, and nothing comes from it.
type silentError struct{ at topo.Answer }

func (e *silentError) Error() string {
	return "the server in " + strconv.Quote(e.at.Service.NS) + " is up, but no page comes from " + e.at.String()
}

// answers waits until a server takes a connection, for some three seconds: it is
// a process that has only just been started.
func answers(a topo.Answer, interrupted func() error) error {
	for range patience {
		if err := interrupted(); err != nil {
			return err
		}
		start := time.Now()
		if a.Connect(100*time.Millisecond) == nil {
			return nil
		}
		time.Sleep(100*time.Millisecond - time.Since(start))
	}
	return &silentError{a}
}

// ready waits until all of the topology is usable.
func (u *upper) ready(wait time.Duration) int {
	const verb = "rawns up"
	end := time.Now().Add(wait)
	for pause := 20 * time.Millisecond; ; pause = min(2*pause, 200*time.Millisecond) {
		st, err := topo.Observe(u.spec.Look())
		if err != nil {
			return fail(verb, err)
		}
		left := u.spec.Waiting(st)
		switch {
		case len(left) == 0:
			return 0
		case time.Now().After(end):
			cli.Fail(3, verb, "not ready after ", wait.String(), ": ", some(left))
			return 3
		}
		time.Sleep(pause)
	}
}

// Down is the applet down.
func Down(args []string) int {
	const verb = "rawns down"
	name := topo.Article().Name
	if len(args) > 2 {
		return wrong(verb, args[2], "is one too many")
	}
	article := len(args) == 1
	if !article {
		a := args[1]
		switch {
		case a == "-h" || a == "--help" || a == "help":
			cli.Stdout.S(upUsage)
			return 0
		case len(a) > 1 && a[0] == '-':
			return wrong(verb, a, "is no option")
		}
		if _, err := file.Stat(a); a == "-" || err == nil || strings.Contains(a, "/") {
			_, spec, code := topology.Load(verb, args[1:])
			if spec == nil {
				return code
			}
			name = spec.Name
		} else {
			name = a
		}
	}
	path, err := topo.JournalPath(name)
	if err != nil {
		return fail(verb, err)
	}
	j, err := topo.OpenJournal(path)
	if err != nil {
		return fail(verb, err)
	}
	defer j.Close()
	rec, err := j.Read()
	if err != nil {
		return fail(verb, err)
	}
	o := cli.Stdout
	if rec == nil {
		o.S("Nothing to take down: no \"rawns up\" has made anything here")
		if !article {
			o.S(" by the name ").Safe(name)
		}
		o.S(".\n")
	}
	if rec != nil && len(rec.Spaces) >= manySpaces {
		cli.AllCPUs()
	}
	if left := j.Down(rec); left != nil {
		return fail(verb, left...)
	}
	if rec != nil {
		o.S("Down: what \"rawns up\" had made is gone.\n")
	}
	return 0
}
