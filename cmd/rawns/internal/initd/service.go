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

// command makes words a command: an applet's name is this program.
func (in *initd) command(words []string) []string {
	if !in.applet(words[0]) {
		return words
	}
	return append([]string{self()}, words...)
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

// short is what a command is called: the last of its path.
func short(words []string) string {
	return words[0][strings.LastIndexByte(words[0], '/')+1:]
}

// start starts a program; space is nil for here. done is closed when all that
// it writes is printed.
func start(s *service, space *ns.NS) (pid int, done <-chan struct{}, err error) {
	env := append(os.Environ(), s.env...)
	attr := &syscall.ProcAttr{Dir: "/", Env: env, Files: []uintptr{0, 1, 2}, Sys: &syscall.SysProcAttr{Setsid: true}}
	over := make(chan struct{})
	if s.console {
		attr.Sys.Setctty = cli.IsTerminal(0)
		close(over)
	} else {
		r, w, err := os.Pipe()
		if err != nil {
			return 0, nil, err
		}
		defer w.Close()
		null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
		if err != nil {
			r.Close()
			return 0, nil, err
		}
		defer null.Close()
		attr.Files = []uintptr{null.Fd(), w.Fd(), w.Fd()}
		go relay(s.name, r, over)
	}
	if space != nil {
		pid, err = space.Start(s.argv, attr, nil)
	} else {
		var path string
		if path, err = ns.LookPath(s.argv[0], env); err == nil {
			pid, err = syscall.ForkExec(path, s.argv, attr)
		}
	}
	return pid, over, err
}

// start starts a service, and says so if it cannot.
func (in *initd) start(s *service, space *ns.NS) error {
	pid, _, err := start(s, space)
	if err == nil {
		s.pid, s.started = pid, time.Now()
	}
	return err
}

// runOnce is the step run.
func runOnce(in *initd, args []string) string {
	pid, done, err := start(&service{name: short(args), argv: in.command(args)}, nil)
	if err != nil {
		return reason(err)
	}
	ws, ok := in.wait(pid, nil)
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
	return in.add(&service{name: short(args), argv: in.command(args)})
}

func serveConsole(in *initd, args []string) string {
	return in.add(&service{name: short(args), argv: in.command(args), console: true})
}

// add starts a service, which is tried again if it cannot be.
func (in *initd) add(s *service) string {
	in.services = append(in.services, s)
	err := in.start(s, nil)
	if err != nil {
		in.later(s)
	}
	return reason(err)
}

// member starts a service of a topology.
func (in *initd) member(space *ns.NS, t *topo.Service, marks []string, notes string) (stop func(), err error) {
	s := &service{name: short(t.Argv), space: t.NS, argv: t.Argv, env: marks, notes: notes}
	if t.NS != "" {
		s.name = t.NS + "/" + s.name
	}
	if t.Self {
		s.argv = append([]string{self()}, t.Argv...)
	}
	if err := in.start(s, space); err != nil {
		return nil, err
	}
	in.services = append(in.services, s)
	return func() { in.drop(s); in.kill(s) }, nil
}

// drop forgets a service.
func (in *initd) drop(s *service) {
	for i := range in.services {
		if in.services[i] == s {
			in.services = append(in.services[:i:i], in.services[i+1:]...)
			return
		}
	}
}

// kill ends a service that was dropped, and waits until it has ended.
func (in *initd) kill(s *service) {
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
	if s.pid = 0; s.pause == 0 || time.Since(s.started) > longEnough {
		s.pause = firstPause / 2
	}
	s.pause = min(2*s.pause, lastPause)
	go func(d time.Duration) {
		time.Sleep(d)
		in.again <- s
	}(s.pause)
}

// restart starts a service whose pause is over, unless its topology is gone.
func (in *initd) restart(s *service) {
	if s.notes != "" {
		switch gone, busy := notesState(s.notes); {
		case gone:
			in.say("service " + s.name + " is not started again: its topology was taken down")
			in.drop(s)
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
		err = in.start(s, space)
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
