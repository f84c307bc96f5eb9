package scene

import (
	"bytes"
	"errors"
	"os"
	"os/signal"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/httpraw"
	"rawns/nl"
	"rawns/nl/rtnl"
	"rawns/ns"
	"rawns/ns/topo"
)

const journalPath = "/run/rawns/article"

const upUsage = `Usage: rawns up
       rawns down

"up" makes the article's scene on this host, with the server running: the
namespace blue (10.1.1.2/16), the bridge test-bridge (10.1.2.2/16), the veth
between them. A second time it changes nothing. If a step fails, what was made
before it is removed again. "down" removes exactly what "up" made, also after
an "up" that was killed half-way; ` + journalPath + ` keeps the notes for that.

Both need root; "rawns demo" shows the same without.
Exit codes: 0 done, or nothing to do; 1 failed; 2 wrong usage.
`

func usage(args []string) (code int, ok bool) {
	if len(args) == 1 {
		return 0, true
	}
	switch args[1] {
	case "-h", "--help", "help":
		cli.Stdout.S(upUsage)
		return 0, false
	}
	cli.Fail(2, "rawns "+args[0], `"`, args[1], `" is no option`)
	cli.Stderr.S(upUsage)
	return 2, false
}

// Up is the applet up.
func Up(args []string) int {
	if code, ok := usage(args); !ok {
		return code
	}
	j, err := topo.OpenJournal(journalPath)
	if err != nil {
		return fail("rawns up", err)
	}
	defer j.Close()
	spec := topo.Article()
	rec, err := j.Read()
	if err != nil {
		return fail("rawns up", err)
	}
	if rec != nil {
		missing, err := spec.Missing(rec)
		if err != nil {
			return fail("rawns up", err)
		}
		if rec.Up && len(missing) == 0 {
			cli.Stdout.S("Already up; nothing was changed. Try: ping 10.1.1.2, curl 10.1.1.2:8080\n")
			return 0
		}
		why := "an earlier up was interrupted"
		if rec.Up {
			why = strings.Join(missing, ", ")
		}
		cli.Stdout.S("Not whole any more (").Safe(why).S("): removing what is left, then making it anew.\n").Flush()
		if left := j.Down(rec); left != nil {
			return fail("rawns up", left...)
		}
	}
	if err := makeScene(j, spec); err != nil {
		return fail("rawns up", err)
	}
	cli.Stdout.S("Up. Try: ping 10.1.1.2, curl 10.1.1.2:8080\n")
	return 0
}

var errInterrupted = errors.New("interrupted")

func makeScene(j *topo.Journal, spec *topo.Spec) error {
	host, err := nl.Dial(unix.NETLINK_ROUTE)
	if err != nil {
		return err
	}
	index, err := topo.FreeIndex(host)
	host.Close()
	if err != nil {
		return err
	}
	// Only the indexes that are taken count: what is there is nobody's but ours.
	plan, err := spec.Plan(&topo.State{Spaces: []*topo.SpaceState{{Links: []*topo.LinkState{{Index: index - 1, Foreign: true}}}}})
	if err != nil {
		return err
	}
	// From here on an interrupt is a failed step: what was made is removed. That
	// nobody reads what is printed, "rawns up | head", is no reason to stop.
	signal.Notify(make(chan os.Signal, 1), unix.SIGPIPE)
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, unix.SIGINT, unix.SIGTERM, unix.SIGHUP)
	defer signal.Stop(signals)
	interrupted := func() error {
		select {
		case <-signals:
			return errInterrupted
		default:
			return nil
		}
	}
	run, err := topo.Apply(plan, topo.Options{
		Journal: j,
		Before:  func(int, *topo.Step) error { return interrupted() },
		After: func(_ int, s *topo.Step) {
			cli.Stdout.S("$ ", s.Command()).NL().Flush()
		},
	})
	if err != nil {
		return err
	}
	if err = answers(interrupted); err == nil {
		err = j.Finish()
	}
	if err != nil {
		n := len(plan.Steps)
		return &topo.StepError{N: n, Of: n, Step: &plan.Steps[n-1], Err: err, Left: run.Undo()}
	}
	run.Close()
	return nil
}

// errNoPage: the server runs, and its page does not come.
var errNoPage = errors.New("the server in blue is up, but no page comes from 10.1.1.2:8080")

// answers waits until the server does, for some three seconds: it is a process
// that has only just been started.
func answers(interrupted func() error) error {
	for range 30 {
		if err := interrupted(); err != nil {
			return err
		}
		var page bytes.Buffer
		c := httpraw.Client{Timeout: 100 * time.Millisecond}
		start := time.Now()
		if _, err := c.Get("http://10.1.1.2:8080/", &page); err == nil {
			return nil
		}
		time.Sleep(100*time.Millisecond - time.Since(start))
	}
	return errNoPage
}

// Down is the applet down.
func Down(args []string) int {
	if code, ok := usage(args); !ok {
		return code
	}
	j, err := topo.OpenJournal(journalPath)
	if err != nil {
		return fail("rawns down", err)
	}
	defer j.Close()
	rec, err := j.Read()
	if err != nil {
		return fail("rawns down", err)
	}
	if rec == nil {
		cli.Stdout.S("Nothing to take down: no \"rawns up\" has made anything here.\n")
	}
	if left := j.Down(rec); left != nil {
		return fail("rawns down", left...)
	}
	if rec != nil {
		cli.Stdout.S("Down: what \"rawns up\" had made is gone.\n")
	}
	return 0
}

// fail says what went wrong, as a person can use it, and returns 1.
func fail(name string, errs ...error) int {
	for _, err := range errs {
		var s *topo.StepError
		if !errors.As(err, &s) {
			explain(name, err)
			continue
		}
		cli.Fail(1, name, "step ", itoa(s.N), " of ", itoa(s.Of), " failed: ", s.Step.Command())
		explain(name, s.Err)
		if len(s.Left) == 0 && s.N > 1 {
			cli.Fail(1, name, "what the steps before it had made is removed again")
		}
		for _, l := range s.Left {
			cli.Fail(1, name, "left behind: ", l.Error())
		}
	}
	return 1
}

func itoa(n int) string {
	var b cli.Out
	return string(b.D(int64(n)).B)
}

// explain prints an error, and below it a hint where there is one.
func explain(name string, err error) {
	var k *nl.Error
	var n *ns.Error
	hint := ""
	switch {
	case errors.As(err, &k):
		text := cli.Strerror(k.Errno) + " (" + cli.ErrnoName(k.Errno) + ")"
		if k.Text != "" {
			text += ": " + k.Text
		}
		cli.Fail(1, name, "the kernel refused: ", text)
		path := rtnl.AttrPath(k.Request, k.Offset)
		switch {
		case k.Offset != 0 && path != "" && k.Policy != nil:
			hint = path + " wants " + k.Policy.String()
		case k.Offset != 0 && path != "":
			hint = "it objects to " + path
		case k.Errno == unix.EEXIST:
			hint = "there is one already that rawns did not make: look with \"ip link\" and \"ip addr\", remove or rename it"
		case k.Errno == unix.EPERM:
			hint = "be root (CAP_NET_ADMIN); \"rawns demo\" needs no root"
		case k.Errno == unix.EOPNOTSUPP:
			hint = "the kernel lacks this kind of link: modprobe veth bridge, as root"
		}
	case errors.As(err, &n):
		cli.Fail(1, name, n.Step(), ": ", cli.Strerror(cli.Errno(n.Err)))
		if hint = n.Hint(); hint == "" && errors.Is(err, unix.EEXIST) {
			hint = "a namespace of that name is there already, and rawns up did not make it: look with \"ip netns\""
		}
	default:
		cli.Fail(1, name, err.Error())
		if err == errNoPage {
			hint = "perhaps 10.1.1.2 is routed elsewhere, or is an address of this host: \"ip route get 10.1.1.2\" should name test-bridge"
		}
		if errors.Is(err, os.ErrPermission) {
			hint = "be root; \"rawns demo\" needs no root"
		}
	}
	if hint != "" {
		cli.Fail(1, name, "hint: ", hint)
	}
}
