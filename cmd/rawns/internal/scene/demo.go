package scene

import (
	"time"

	"rawns/cmd/rawns/internal/cli"
	"rawns/cmd/rawns/internal/curl"
	"rawns/cmd/rawns/internal/ping"
	"rawns/cmd/rawns/internal/sandbox"
	"rawns/httpraw"
	"rawns/ns"
	"rawns/ns/topo"
)

const demoUsage = `Usage: rawns demo [--keep]

Plays the article's scene in a sandbox of its own: makes a namespace, joins it
to its host by a veth and a bridge, pings it, and fetches a page from a server
in it. Needs no root, touches nothing outside, leaves nothing behind.

  --keep  opens a shell inside when all is set up; leaving it ends the sandbox

Exit codes: 0 all of it worked, 1 something did not, 2 wrong usage.
`

// Demo is the applet demo. install makes links of all applets in a folder; a
// shell inside the sandbox gets them.
func Demo(args []string, install func(dir string) error) int {
	keep := false
	for _, a := range args[1:] {
		switch a {
		case "-h", "--help", "help":
			cli.Stdout.S(demoUsage)
			return 0
		case "--keep", "-keep":
			keep = true
		default:
			cli.Fail(2, "rawns demo", `"`, a, `" is no option`)
			cli.Stderr.S(demoUsage)
			return 2
		}
	}
	const verb = "rawns demo"
	if !sandbox.Inside() {
		return sandbox.Run(verb, append([]string{"rawns"}, args...), keep)
	}
	if code := sandbox.Furnish(verb); code != 0 {
		return code
	}
	return play(keep, install)
}

// play runs inside the sandbox.
func play(keep bool, install func(dir string) error) int {
	o := cli.Stdout
	o.S("The article's scene, in a sandbox: nothing outside is touched, nothing stays behind.\n\n")
	plan, err := topo.Article().Plan(nil) // the sandbox is empty
	if err != nil {
		return fail("rawns demo", err)
	}
	start := time.Now()
	last := start
	run, err := topo.Apply(plan, topo.Options{
		Start:    serve,
		OneByOne: true,
		Before: func(int, *topo.Step) error {
			last = time.Now()
			return nil
		},
		After: func(i int, s *topo.Step) {
			took := time.Since(last)
			o.S("$ ", s.Command()).NL().S("    ")
			happened(o, s)
			o.S(", ").F(float64(took.Microseconds())/1000, 2).S(" ms").NL()
			if s.Makes.Name == "vethtest01" {
				o.S("    (The article forgets to bring vethtest01 up, and left down its ping gets no answer: hence the \"up\".)\n")
			}
			o.Flush()
		},
	})
	took := time.Since(start)
	if err != nil {
		return fail("rawns demo", err)
	}
	defer run.Close()

	code := 0
	for _, c := range [...]struct {
		line []string
		run  cli.Applet
	}{
		{[]string{"ping", "-c", "3", "-i", "0.2", "10.1.1.2"}, ping.Run},
		{[]string{"curl", "-sS", "10.1.1.2:8080"}, curl.Run},
	} {
		o.S("$")
		for _, w := range c.line {
			o.S(" ", w)
		}
		o.NL().Flush()
		if c.run(c.line) != 0 {
			code = 1
		}
		o.Flush()
		cli.Stderr.Flush()
	}

	n := run.Counts()
	o.S("\nIts steps took ").U(uint64(n.Messages)).S(" netlink messages in ").U(uint64(n.Calls)).
		S(" system calls, ").U(namespaceCalls).S(" more for the namespace, and ").F(float64(took.Microseconds())/1000, 1).
		S(" ms, in one process; the article's commands are 10 processes.\n")
	if code != 0 {
		return cli.Fail(code, "rawns demo", "the scene stands, but not all of it works: see above")
	}
	if keep {
		return shell(install)
	}
	return 0
}

// namespaceCalls is what making blue, the first name in /run/netns, takes:
// setns that tries whether there is a way back, unshare, and setns back, behind
// which our own is closed; open, fstat, fstatfs, ioctl of the new namespace; mkdir,
// open, flock, three mounts that make the folder shared, and close; open, close and
// mount of the name; and setns to start the server in it. The tests hold it against
// strace.
const namespaceCalls = 19

// happened says what a step has done.
func happened(o *cli.Out, s *topo.Step) {
	switch {
	case s.Op == topo.OpNetns:
		o.S("a new namespace, kept by a mount on ", ns.Dir, "/", s.NS)
	case s.Op == topo.OpService:
		o.S("listening in ", s.NS, " on port 8080")
	default:
		o.U(uint64(len(s.Request))).S(" bytes, acknowledged")
		if s.Makes.Index != 0 {
			o.S(": link ").D(int64(s.Makes.Index)).S(" is ", s.Makes.Name)
		}
	}
}

// serve is the demo's http_server: on a loop of this process, so that it ends
// with it, and on a socket that belongs to the other namespace.
func serve(space *ns.NS, _ *topo.Service) (stop func(), err error) {
	var l *httpraw.Listener
	err = space.Do(func() error {
		l, err = httpraw.Listen("0.0.0.0:8080", httpraw.DefaultBacklog)
		return err
	})
	if err != nil {
		return nil, err
	}
	s := &httpraw.Server{}
	go s.Serve(l)
	return s.Close, nil
}

// shell runs a shell inside the sandbox until it is left.
func shell(install func(dir string) error) int {
	if err := sandbox.Tools(install); err != nil {
		return fail("rawns demo", err)
	}
	cli.Stdout.S("\nA shell inside the sandbox; ip, brctl, ifconfig, ping, curl are rawns here. Leaving it ends everything.\n").Flush()
	if sandbox.Start("rawns demo", sandbox.Shell(), "PS1=rawns-demo# ") < 0 {
		return 1
	}
	return 0
}
