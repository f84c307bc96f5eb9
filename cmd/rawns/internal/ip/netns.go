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

// A netnsCommand is a row of the object's table.
type netnsCommand struct {
	name  string
	parse func(a *args) step // returns nil if the usage text is the answer
	usage string             // for the usage text; "" for a second name
}

// netnsCommands is in the order of iproute2's usage text. The first row that
// the word is a beginning of wins: "l" is list, "a" add, "s" show.
var netnsCommands = [...]netnsCommand{
	{"list", parseNetnsList, "ip netns list"},
	{"show", parseNetnsList, ""},
	{"lst", parseNetnsList, ""},
	{"help", parseNetnsHelp, ""},
	{"add", parseNetnsAdd, "ip netns add NAME"},
	{"attach", parseNetnsAttach, "ip netns attach NAME PID"},
	{"set", parseNetnsSet, "ip netns set NAME NETNSID"},
	{"delete", parseNetnsDelete, "ip [-all] netns delete [NAME]"},
	{"identify", parseNetnsIdentify, "ip netns identify [PID]"},
	{"pids", parseNetnsPids, "ip netns pids NAME"},
	{"exec", parseNetnsExec, "ip [-all] netns exec [NAME] cmd ..."},
	{"monitor", parseNetnsMonitor, "ip netns monitor"},
	{"list-id", parseNetnsListID, "ip netns list-id [target-nsid POSITIVE-INT] [nsid POSITIVE-INT]"},
}

// parseNetns reads what follows "ip netns".
func parseNetns(a *args) (*plan, error) {
	p := &plan{}
	if a.g.netns != "" {
		p.add(netnsReachable{})
	}
	if !a.more() {
		p.add(netnsList{})
		return p, nil
	}
	// As iproute2 does, before anything else and whatever the command is. With
	// -all the second word is no name.
	if !a.g.all && len(a.w) > 1 {
		checkNetnsName(a, a.w[1])
	}
	w := a.next()
	for i := range netnsCommands {
		c := &netnsCommands[i]
		if !matches(w, c.name) {
			continue
		}
		s := c.parse(a)
		if s == nil {
			return nil, netnsUsage()
		}
		if len(a.w) > 0 {
			p.add(netnsIgnored(strings.Join(a.w, " ")))
		}
		p.add(s)
		return p, a.err
	}
	a.unknown("netns", w)
	return nil, a.err
}

func parseNetnsHelp(a *args) step { return nil }

func netnsUsage() *failure {
	f := &failure{code: exitUsage}
	before := "Usage:\t"
	for i := range netnsCommands {
		if u := netnsCommands[i].usage; u != "" {
			f.text += before + u + "\n"
			before = "\t"
		}
	}
	f.text += "NETNSID := auto | POSITIVE-INT"
	return f
}

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

func parseNetnsAdd(a *args) step {
	return netnsAdd(newNetnsName(a, "No netns name specified"))
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

func parseNetnsAttach(a *args) step {
	s := &netnsAttach{}
	if len(a.w) < 2 {
		a.failf(exitMissing, "No netns name and PID specified")
		return s
	}
	pid, ok := parseInt(a.w[1])
	if !ok || pid == 0 {
		a.failf(exitMissing, "Invalid PID: ", a.w[1])
	}
	s.name, s.pid = newNetnsName(a, ""), int(pid)
	a.next()
	return s
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

func parseNetnsDelete(a *args) step {
	if a.g.all {
		return netnsDeleteAll{}
	}
	return netnsDelete(netnsName(a, "No netns name specified"))
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

func parseNetnsSet(a *args) step {
	s := &netnsSet{name: netnsName(a, "No netns name specified"), id: ns.NoID}
	if a.err == nil && !a.more() {
		a.failf(exitMissing, "No nsid specified")
	}
	if w := a.next(); w != "auto" && a.err == nil {
		s.id = netnsID(a, w, `Invalid "netnsid" value`, `"netnsid" value should be >= 0`)
	}
	return s
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
