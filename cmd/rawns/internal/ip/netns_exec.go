package ip

import (
	"errors"
	"os"
	"syscall"

	"rawns/cmd/rawns/internal/cli"
	"rawns/ns"
)

// How iproute2 exits when a program cannot be started: by where it failed.
const (
	exitNotEntered  = exitUsage   // the namespace, and its surroundings
	exitNotExecuted = exitMissing // the program
)

func parseNetnsExec(a *args) (*plan, error) {
	s := &netnsExec{}
	if !a.g.all {
		s.name = netnsName(a, "No netns name specified")
	}
	if a.err == nil && !a.more() {
		a.failf(exitMissing, "No command specified")
	}
	s.argv = a.w
	a.w = nil
	if a.g.all {
		return netnsStep(a, &netnsExecAll{s.argv})
	}
	return netnsStep(a, s)
}

// netnsExec becomes a program in a namespace.
type netnsExec struct {
	name string
	argv []string
}

func (s *netnsExec) run(r *runner) error {
	r.out.Flush()
	if r.inBatch {
		return r.child(append([]string{"netns", "exec", s.name}, s.argv...))
	}
	r.vrfReset()
	return notStarted(s.name, ns.Exec(s.name, s.argv, nil, r.warnNetns))
}

func (r *runner) warnNetns(err error) { r.warn(netnsFailure(0, err)) }

// notStarted words the error of a program's start.
func notStarted(name string, err error) error {
	var e *ns.Error
	if !errors.As(err, &e) {
		return netnsFailure(exitNotEntered, err)
	}
	if errors.Is(err, ns.ErrNotNetns) {
		step := (&ns.Error{Op: ns.OpSetns, Name: name}).Step()
		return notNetns(exitNotEntered, err, step+": "+cli.Strerror(syscall.EINVAL))
	}
	if e.Op == ns.OpExec {
		return netnsFailure(exitNotExecuted, err)
	}
	return netnsFailure(exitNotEntered, err)
}

// netnsExecAll runs a program in each namespace, one after the other. What
// comes of it is not this command's result, unless a signal ends it.
type netnsExecAll struct{ argv []string }

func (s *netnsExecAll) run(r *runner) error {
	names, err := ns.List()
	if err != nil {
		return netnsFailure(exitMissing, err)
	}
	r.vrfReset()
	for _, name := range names {
		r.out.S("\nnetns: ").Safe(name).NL().Flush()
		pid, err := ns.Start(name, s.argv, nil, r.warnNetns)
		if err != nil {
			r.warn(notStarted(name, err))
			continue
		}
		status, err := wait(pid)
		if err != nil {
			return failf(exitMissing, "waitpid: "+cli.Strerror(cli.Errno(err)))
		}
		if status.Signaled() {
			f := failf(exitMissing)
			f.hint = "ended by signal " + itoa(int32(status.Signal())) + " (" + status.Signal().String() + "); the other namespaces are left out"
			return f
		}
	}
	return nil
}

// wait waits until a child ends.
func wait(pid int) (status syscall.WaitStatus, err error) {
	for {
		_, err = syscall.Wait4(pid, &status, 0, nil)
		if err != syscall.EINTR {
			return status, err
		}
	}
}

// child runs a command of a batch as a process of its own, as it is to become
// another program.
func (r *runner) child(words []string) error {
	argv := []string{"ip"}
	if r.g.netns != "" {
		argv = append(argv, "-n", r.g.netns)
	}
	argv = append(argv, words...)
	pid, err := syscall.ForkExec("/proc/self/exe", argv, &syscall.ProcAttr{Env: os.Environ(), Files: []uintptr{0, 1, 2}})
	if err != nil {
		return failf(exitMissing, "fork: "+cli.Strerror(cli.Errno(err)))
	}
	status, err := wait(pid)
	if err != nil {
		return failf(exitMissing, "waitpid: "+cli.Strerror(cli.Errno(err)))
	}
	if status != 0 {
		return &failure{code: exitMissing, ends: status.Signaled()}
	}
	return nil
}
