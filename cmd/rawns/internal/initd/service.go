package initd

import (
	"os"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/ns"
	"rawns/ns/topo"
)

// A service is a program that is started again when it ends.
type service struct {
	name    string // before each line of its output
	space   string // the namespace's name; "" for this one
	argv    []string
	env     []string // more of it
	notes   string   // the topology's notes: it goes with them; "" for none
	console bool     // the console is its terminal
	gone    bool     // is not started again
	pid     int      // 0: it does not run
	started time.Time
	pause   time.Duration // before it is started again
}

// A service is started again after a second, and each time that it ended at once
// after twice as long, up to a minute.
const (
	firstPause = time.Second
	lastPause  = time.Minute
	longEnough = 10 * time.Second
)

// newService makes words a service: an applet's name is this program.
func newService(words []string, applet bool) *service {
	s := &service{name: words[0][strings.LastIndexByte(words[0], '/')+1:], argv: words}
	if applet {
		s.argv = append([]string{self()}, words...)
	}
	return s
}

// self is the path of this program. Package os found out before /proc was there.
func self() string {
	var b [unix.PathMax]byte
	n, err := unix.Readlink("/proc/self/exe", b[:])
	if path := string(b[:max(n, 0)]); err == nil && unix.Access(path, unix.X_OK) == nil {
		return path
	}
	return "/proc/self/exe"
}

// start starts a service; space is nil for here. done is closed when all that it
// writes is printed.
func (in *initd) start(s *service, space *ns.NS) (done <-chan struct{}, err error) {
	env := append(os.Environ(), s.env...)
	attr := &syscall.ProcAttr{Dir: "/", Env: env, Files: []uintptr{0, 1, 2}, Sys: &syscall.SysProcAttr{Setsid: true}}
	over := make(chan struct{})
	if s.console {
		attr.Sys.Setctty = cli.IsTerminal(0)
	} else {
		r, w, err := os.Pipe()
		if err != nil {
			return nil, err
		}
		defer w.Close()
		attr.Files = []uintptr{in.null, w.Fd(), w.Fd()}
		relays.Add(1)
		go relay(s.name, r, over)
	}
	s.started = time.Now()
	if space != nil {
		s.pid, err = space.Start(s.argv, attr, nil)
	} else {
		var path string
		if path, err = ns.LookPath(s.argv[0], env); err == nil {
			s.pid, err = syscall.ForkExec(path, s.argv, attr)
		}
	}
	return over, err
}

// runOnce is the step run.
func runOnce(in *initd, args []string) string {
	s := newService(args, in.applet(args[0]))
	done, err := in.start(s, nil)
	if err != nil {
		return reason(err)
	}
	ws, ok := in.wait(s.pid, nil)
	if !ok {
		return "broken off"
	}
	// What it left behind may hold the pipe.
	select {
	case <-done:
	case <-after(time.Second / 2):
	}
	return outcome(ws)
}

// outcome is how a process ended, "" for well.
func outcome(ws unix.WaitStatus) string {
	o := cli.NewBuffer()
	switch {
	case ws.Signaled():
		o.S("signal ").D(int64(ws.Signal()))
	case ws.ExitStatus() != 0:
		o.S("exit code ").D(int64(ws.ExitStatus()))
	}
	return string(o.B)
}

func serve(in *initd, args []string) string {
	return in.add(newService(args, in.applet(args[0])))
}

func serveConsole(in *initd, args []string) string {
	s := newService(args, in.applet(args[0]))
	s.console = true
	return in.add(s)
}

// add starts a service, which is tried again if it cannot be.
func (in *initd) add(s *service) string {
	in.services = append(in.services, s)
	_, err := in.start(s, nil)
	if err != nil {
		in.later(s)
	}
	return reason(err)
}

// member starts a service of a topology.
func (in *initd) member(space *ns.NS, t *topo.Service, marks []string, notes string) (stop func(), err error) {
	s := newService(t.Argv, t.Self)
	s.space, s.env, s.notes = t.NS, marks, notes
	if t.NS != "" {
		s.name = t.NS + "/" + s.name
	}
	if _, err := in.start(s, space); err != nil {
		return nil, err
	}
	in.services = append(in.services, s)
	return func() { in.kill(s) }, nil
}

// kill ends a service for good, and waits until it has ended.
func (in *initd) kill(s *service) {
	s.gone = true
	for _, sig := range [...]unix.Signal{unix.SIGTERM, unix.SIGKILL} {
		if s.pid == 0 {
			return
		}
		unix.Kill(s.pid, sig)
		if _, ok := in.wait(s.pid, after(grace)); ok {
			s.pid = 0
		}
	}
}

// later starts a service again when its pause is over.
func (in *initd) later(s *service) {
	s.rest(time.Since(s.started))
	go func(d time.Duration) {
		time.Sleep(d)
		in.again <- s
	}(s.pause)
}

// rest says how long a service that ran for some time is not started again.
func (s *service) rest(ran time.Duration) {
	if s.pid = 0; s.pause == 0 || ran > longEnough {
		s.pause = firstPause / 2
	}
	s.pause = min(2*s.pause, lastPause)
}

// restart starts a service whose pause is over, unless its topology is gone.
func (in *initd) restart(s *service) {
	if s.notes != "" {
		switch gone, busy := notesState(s.notes); {
		case gone:
			in.say("service " + s.name + " is not started again: its topology was taken down")
			s.gone = true
			return
		case busy:
			in.later(s)
			return
		}
	}
	var space *ns.NS
	var err error
	if s.space != "" {
		if space, err = ns.Open(s.space); err == nil {
			defer space.Close()
		}
	}
	if err == nil {
		_, err = in.start(s, space)
	}
	if err != nil {
		in.say("FAIL service " + s.name + ": " + reason(err))
		in.later(s)
	}
}

// notesState tells whether a topology's notes are gone, or somebody is at work
// on it, who has them locked.
func notesState(path string) (gone, busy bool) {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return true, false
	}
	defer unix.Close(fd)
	return false, unix.Flock(fd, unix.LOCK_SH|unix.LOCK_NB) != nil
}
