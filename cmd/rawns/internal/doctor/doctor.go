// Package doctor is the applet that says why a ping is not answered.
package doctor

import (
	"errors"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/cmd/rawns/internal/ip"
	"rawns/ns"
	"rawns/ns/file"
	"rawns/ns/topo"
	"rawns/ns/topo/doctor"
)

const usageText = `Usage: rawns doctor [--json] [--fix] FROM TO

Walks the way of a packet from FROM to TO and back, through all namespaces that
can be seen, and prints each hop: fine, or the first thing that loses the
packet, why, and the command that mends it. Then it sends a real ping.

FROM and TO := NS | NS: | NS:LINK | NS:ADDRESS | LINK | ADDRESS | .
  NS is a namespace's name, or a file of one without (/proc/PID/ns/net, as
  reports show it), "." the one where you are. LINK and ADDRESS without
  NS are here; a TO ADDRESS is wherever it is found.
  An address of fe80::/10 may have its link: NS:fe80::1%LINK

  --fix     run the commands, look again, and go on until all is well
  --json    the same as JSON: docs/topology.md

Exit codes: 0 healthy; 1 failed; 2 wrong usage; 3 broken.
`

// rounds is how many faults --fix mends in a row before it gives up.
const rounds = 20

type options struct {
	json, fix bool
	from, to  string
}

func parse(args []string) (o options, code int, ok bool) {
	var points []string
	plain := false
	for _, a := range args[1:] {
		switch {
		case plain || !strings.HasPrefix(a, "-") || a == "-":
			points = append(points, a)
		case a == "--":
			plain = true
		case a == "-h", a == "--help", a == "-help":
			cli.Stdout.S(usageText)
			return o, 0, false
		case a == "--json", a == "-json", a == "-j":
			o.json = true
		case a == "--fix":
			o.fix = true
		default:
			cli.Fail(2, "rawns doctor", `"`, a, `" is no option`)
			cli.Stderr.S(usageText)
			return o, 2, false
		}
	}
	if len(points) == 1 && points[0] == "help" {
		cli.Stdout.S(usageText)
		return o, 0, false
	}
	if len(points) != 2 {
		cli.Fail(2, "rawns doctor", "two ends are wanted, FROM and TO; there are ", itoa(len(points)))
		cli.Stderr.S(usageText)
		return o, 2, false
	}
	o.from, o.to = points[0], points[1]
	return o, 0, true
}

// Run is the applet.
func Run(args []string) int {
	o, code, ok := parse(args)
	if !ok {
		return code
	}
	var e examination
	defer e.close()
	if err := e.look(&o); err != nil {
		return fail(err)
	}
	if !o.fix {
		e.print(&o, nil)
		return e.code()
	}
	mends := e.fix(&o)
	e.print(&o, mends)
	return e.code()
}

// examination is one look at things, and what came of it.
type examination struct {
	st    *topo.State
	probe *doctor.Live
	r     *doctor.Report
	wait  time.Duration // see doctor.Live
}

func (e *examination) close() {
	if e.probe != nil {
		e.probe.Close()
		e.probe = nil
	}
}

// look looks at things as they are now; again, if they have only just changed.
func (e *examination) look(o *options) error {
	for try := 0; ; try++ {
		e.close()
		st, err := topo.Observe(topo.ObserveOptions{Nameless: true, Addrs: true, Routes: true, Neighs: true})
		if err != nil {
			return err
		}
		e.st, e.probe = st, &doctor.Live{Wait: e.wait}
		if e.r, err = doctor.Diagnose(st, e.probe, o.from, o.to); err != nil || !e.r.Unsettled || try == 3 {
			return err
		}
		time.Sleep(100 * time.Millisecond)
	}
}

func (e *examination) code() int {
	if e.r.Healthy() {
		return 0
	}
	return 3
}

// mend is what --fix did about a fault.
type mend struct {
	fault *doctor.Fault
	place string // the namespace and link
	line  string
	done  bool
	why   string // if it was not
}

const again = "that was tried, and it did not help"

// fix mends the first fault, looks again, and so on, until there is none, or one
// that it cannot mend, or one that it has mended already.
func (e *examination) fix(o *options) (done []mend) {
	tried := map[string]bool{}
	for range rounds {
		f := e.r.Fault
		if f == nil {
			break
		}
		if (passing(f.Kind) || e.r.Unsettled) && len(done) > 0 && e.settle(o, f) {
			continue
		}
		m := mend{fault: f, place: place(e.st, f.Space, f.Link), line: f.Line(e.st)}
		switch {
		case m.line == "":
			m.why = "no command is known that mends it"
		case tried[m.line]:
			m.why = again
		default:
			tried[m.line] = true
			m.why = e.apply(f)
			m.done = m.why == ""
		}
		done = append(done, m)
		if m.line == "" || tried[m.line] && !m.done && m.why == again {
			break
		}
		if err := e.look(o); err != nil {
			done[len(done)-1].why = err.Error()
			break
		}
		// A command may fail because what it mends has passed meanwhile.
		if g := e.r.Fault; !m.done && g != nil && g.Kind == f.Kind && g.What == f.What {
			break
		}
	}
	return done
}

// passing tells whether a fault may pass by itself a moment after a link was
// brought up or an address added.
func passing(k doctor.Kind) bool {
	return k == doctor.Tentative || k == doctor.PortState || k == doctor.NoCarrier || k == doctor.Filtered
}

// settle waits a while for a fault to pass, and tells whether it has.
func (e *examination) settle(o *options, f *doctor.Fault) bool {
	for range 8 {
		time.Sleep(250 * time.Millisecond)
		if e.look(o) != nil {
			return false
		}
		if g := e.r.Fault; g == nil || g.Kind != f.Kind || g.What != f.What {
			return true
		}
	}
	return false
}

// apply runs a fault's commands, up to the first that fails, and says why it
// did.
func (e *examination) apply(f *doctor.Fault) string {
	for i := range f.Mend {
		c := f.Mend[i]
		sp := c.Space
		if sp == nil {
			sp = e.st.Spaces[0]
		}
		n, err := e.probe.Handle(sp)
		if err != nil {
			return err.Error()
		}
		if why := run(n, c); why != "" {
			return c.Line(e.st) + ": " + why
		}
	}
	return ""
}

// run runs a command in a namespace: ip and bridge are this very program's, a
// setting is written, the rest is looked for in PATH.
func run(n *ns.NS, c *doctor.Command) (why string) {
	switch {
	case c.Sysctl != "":
		err := n.Do(func() error {
			return file.Write("/proc/sys/"+c.Sysctl, []byte(c.Value+"\n"), 0)
		})
		if err != nil {
			return err.Error()
		}
	case c.Argv[0] == "ip" || c.Argv[0] == "bridge":
		argv := slices.Clone(c.Argv)
		for i := 1; i < len(argv); i++ {
			if argv[i] == doctor.Here && argv[i-1] == "netns" {
				argv[i] = itoa(os.Getpid())
			}
		}
		// Their messages go where messages go; on stdout they print nothing.
		code := 0
		err := n.Do(func() error {
			if argv[0] == "ip" {
				code = ip.Run(argv)
			} else {
				code = ip.RunBridge(argv)
			}
			return nil
		})
		if err != nil {
			return err.Error()
		}
		if code != 0 {
			return "exit code " + itoa(code)
		}
	default:
		argv := c.Argv
		if _, err := ns.LookPath(argv[0], os.Environ()); err != nil { // where there is one iptables only
			argv = append([]string{strings.TrimSuffix(argv[0], "-legacy")}, argv[1:]...)
		}
		pid, err := n.Start(argv, nil, nil)
		if err != nil {
			return err.Error()
		}
		var status unix.WaitStatus
		for {
			if _, err = unix.Wait4(pid, &status, 0, nil); err != unix.EINTR {
				break
			}
		}
		if err != nil || status.ExitStatus() != 0 {
			return "exit code " + itoa(status.ExitStatus())
		}
	}
	return ""
}

func fail(err error) int {
	var p *doctor.PointError
	if errors.As(err, &p) {
		return cli.Fail(1, "rawns doctor", `"`, p.Text, `": `, p.Why)
	}
	var hint string
	if errors.Is(err, os.ErrPermission) {
		hint = "; be root, to look into namespaces"
	}
	return cli.Fail(1, "rawns doctor", err.Error(), hint)
}

func itoa(n int) string {
	var o cli.Out
	return string(o.D(int64(n)).B)
}
