package ip

import (
	"errors"
	"strings"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/ns"
)

// The object netns. Its commands are steps around package ns:
//
//	netns.go          the table, the parser, add, attach, delete, set
//	netns_show.go     list, list-id, identify, pids
//	netns_exec.go     exec
//	netns_monitor.go  monitor

// netnsCommands is the object netns: "l" is list, "a" add, "s" show.
var netnsCommands = commands{name: "ip netns", none: parseNetnsList, first: netnsFirst, last: netnsLast, where: netnsWhere, rows: []command{
	{name: "list", parse: parseNetnsList, about: helps("names, with the numbers that they have here")},
	{name: "show", quiet: true, parse: parseNetnsList},
	{name: "lst", quiet: true, parse: parseNetnsList},
	{name: "help", parse: parseHelp},
	{name: "add", usage: "NAME", parse: parseNetnsAdd, about: helps("make a namespace")},
	{name: "attach", usage: "NAME PID", parse: parseNetnsAttach, about: helps("give the namespace of a process a name")},
	{name: "set", usage: "NAME NETNSID", parse: parseNetnsSet, about: helps("give a namespace a number here")},
	{name: "delete", usage: "[ NAME ]", parse: parseNetnsDelete, about: helps("take its name away; it ends when nobody uses it any more")},
	{name: "identify", usage: "[ PID ]", parse: parseNetnsIdentify, about: helps("the name of the namespace of a process")},
	{name: "pids", usage: "NAME", parse: parseNetnsPids, about: helps("the processes in it")},
	{name: "exec", usage: "[ NAME ] COMMAND ...", parse: parseNetnsExec, about: helps("run a command in it")},
	{name: "monitor", parse: parseNetnsMonitor, about: helps("tell when names come and go")},
	{name: "list-id", usage: "[ target-nsid POSITIVE-INT ] [ nsid POSITIVE-INT ]", parse: parseNetnsListID, about: helps("all numbers that namespaces have here")},
}}

func netnsWhere(o *cli.Out) {
	o.S("\nNETNSID := { auto | POSITIVE-INT }; \"ip -all netns\" deletes, or runs the command in, all of them")
}

// netnsFirst looks at the name that follows the command, as iproute2 does,
// whatever the command is. With -all the second word is no name.
func netnsFirst(a *args) error {
	if !a.g.all && len(a.w) > 1 {
		checkNetnsName(a, a.w[1])
	}
	return a.err
}

// netnsLast tells about words that are left, and has -n checked: also the
// commands that do nothing there are refused if it names no namespace.
func netnsLast(a *args, p *plan) (*plan, error) {
	var before []step
	if a.g.netns != "" {
		before = append(before, netnsReachable{})
	}
	if len(a.w) > 0 {
		before = append(before, netnsIgnored(strings.Join(a.w, " ")))
	}
	p.steps = append(before, p.steps...)
	return p, a.err
}

// netnsStep is the plan of a command that is one step.
func netnsStep(a *args, s step) (*plan, error) { return &plan{[]step{s}}, a.err }

// checkNetnsName fails for what no file can be called.
func checkNetnsName(a *args, name string) {
	if err := ns.CheckName(name); err != nil {
		a.fail(badNetnsName(err.(*ns.NameError)))
	}
}

func badNetnsName(e *ns.NameError) *failure {
	f := failf(exitUsage, `Invalid netns name "`, e.Name, `"`)
	f.hint = e.Why
	return f
}

// netnsName takes the name that a command begins with; without one, what is
// missing is said in iproute2's words.
func netnsName(a *args, missing string) string {
	if !a.more() {
		a.failf(exitMissing, missing)
		return ""
	}
	name := a.next()
	checkNetnsName(a, name)
	return name
}

// newNetnsName is netnsName for a name that is to be made. Names that would
// steer the terminal of whoever lists them are not made, though they are legal
// and can be used and deleted.
func newNetnsName(a *args, missing string) string {
	name := netnsName(a, missing)
	if a.err == nil && cli.Safe(name) != name {
		a.fail(badNetnsName(&ns.NameError{Name: name, Why: "it has bytes in it that are no printable text"}))
	}
	return name
}

// netnsFailure words what package ns could not do as iproute2 does: the step,
// the errno, and our hint.
func netnsFailure(code int, err error) error {
	var bad *ns.NameError
	if errors.As(err, &bad) {
		return badNetnsName(bad)
	}
	var e *ns.Error
	if !errors.As(err, &e) {
		return err
	}
	return &failure{code: code, text: e.Step() + ": " + cli.Strerror(cli.Errno(e)), hint: e.Hint()}
}

// warn says on stderr what did not keep a command from going on.
func (r *runner) warn(err error) {
	r.out.Flush()
	report(r, err)
}

// netnsReachable fails if the namespace of -n cannot be entered: also the
// commands that do nothing there are refused then.
type netnsReachable struct{}

func (netnsReachable) run(r *runner) error {
	_, err := r.main()
	return err
}

// netnsIgnored tells about words that iproute2 ignores without a word.
type netnsIgnored string

func (s netnsIgnored) run(r *runner) error {
	cli.Stderr.S("hint: ignored: ").Safe(string(s)).NL().Flush()
	return nil
}

func parseNetnsAdd(a *args) (*plan, error) {
	return netnsStep(a, netnsAdd(newNetnsName(a, "No netns name specified")))
}

// netnsAdd makes a namespace.
type netnsAdd string

func (s netnsAdd) run(r *runner) error {
	n, err := ns.Create(string(s))
	if err != nil {
		return netnsNotMade(string(s), err)
	}
	return n.Close()
}

// netnsNotMade is netnsFailure for add and attach: a name that is taken may be
// a file that an interrupted add left.
func netnsNotMade(name string, err error) error {
	made := netnsFailure(exitMissing, err)
	var f *failure
	if isErrno(err, unix.EEXIST) && errors.As(made, &f) {
		n, err := ns.Open(name)
		var e *ns.Error
		if err == nil {
			n.Close()
		} else if errors.As(err, &e) {
			f.hint = e.Hint()
		}
	}
	return made
}

func parseNetnsAttach(a *args) (*plan, error) {
	s := &netnsAttach{}
	if len(a.w) < 2 {
		a.failf(exitMissing, "No netns name and PID specified")
		return netnsStep(a, s)
	}
	pid, ok := parseInt(a.w[1])
	if !ok || pid == 0 {
		a.failf(exitMissing, "Invalid PID: ", a.w[1])
	}
	s.name, s.pid = newNetnsName(a, ""), int(pid)
	a.next()
	return netnsStep(a, s)
}

// netnsAttach gives a process's namespace a name.
type netnsAttach struct {
	name string
	pid  int
}

func (s *netnsAttach) run(r *runner) error {
	if err := ns.Attach(s.name, s.pid); err != nil {
		return netnsNotMade(s.name, err)
	}
	return nil
}

func parseNetnsDelete(a *args) (*plan, error) {
	if a.g.all {
		return netnsStep(a, netnsDeleteAll{})
	}
	return netnsStep(a, netnsDelete(netnsName(a, "No netns name specified")))
}

// netnsDelete takes a name away.
type netnsDelete string

func (s netnsDelete) run(r *runner) error {
	if err := ns.Delete(string(s)); err != nil {
		return netnsFailure(exitMissing, err)
	}
	return nil
}

// netnsDeleteAll takes all names away, up to the first that cannot be. That is
// said, yet the command succeeds: so it is in iproute2.
type netnsDeleteAll struct{}

func (netnsDeleteAll) run(r *runner) error {
	names, err := ns.List()
	if err != nil {
		return netnsFailure(exitMissing, err)
	}
	for _, name := range names {
		if err := netnsDelete(name).run(r); err != nil {
			r.warn(err)
			break
		}
	}
	return nil
}

func parseNetnsSet(a *args) (*plan, error) {
	s := &netnsSet{name: netnsName(a, "No netns name specified"), id: ns.NoID}
	if a.err == nil && !a.more() {
		a.failf(exitMissing, "No nsid specified")
	}
	if w := a.next(); w != "auto" && a.err == nil {
		s.id = netnsID(a, w, `Invalid "netnsid" value`, `"netnsid" value should be >= 0`)
	}
	return netnsStep(a, s)
}

// netnsID reads an id of a namespace. The two texts are for what is no number
// and for one below 0.
func netnsID(a *args, w, invalid, negative string) int32 {
	id, ok := parseInt(w)
	switch {
	case !ok:
		a.wrong(w, invalid)
	case id < 0:
		a.wrong(w, negative)
	}
	return id
}

// netnsSet gives a namespace a number.
type netnsSet struct {
	name string
	id   int32 // ns.NoID: the kernel chooses
}

func (s *netnsSet) run(r *runner) error {
	if cli.Dry != nil {
		return s.dry(r)
	}
	n, err := ns.Open(s.name)
	if errors.Is(err, ns.ErrNotNetns) {
		return notNetns(exitKernel, err, refInvalid)
	}
	if err != nil {
		return netnsFailure(exitMissing, err)
	}
	defer n.Close()
	c, err := r.main()
	if err != nil {
		return err
	}
	return n.SetID(c, s.id)
}
