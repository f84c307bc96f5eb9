package scene

import (
	"os"
	"os/signal"

	"golang.org/x/sys/unix"

	"rawns/ns/topo"
)

// interrupts tells whether somebody wants the work to end, by SIGINT, SIGTERM or SIGHUP.
// That nobody reads what is printed, "rawns up | head", is no reason to end it.
type interrupts struct {
	signals chan os.Signal // nil: they are blocked, and wait in fd
	fd      int
	before  unix.Sigset_t // what was blocked
}

// watch begins to look for them. os/signal has a goroutine that waits for signals, which
// is two threads more, half of the time that a small topology takes. For one they are
// blocked, if there is no other thread that the kernel would give them to. SIGPIPE stays
// ignored, so that is not for who starts programs later: last tells that nobody does.
func watch(p *topo.Plan, last bool) *interrupts {
	i := &interrupts{}
	if last && brief(p) && alone() {
		var set unix.Sigset_t
		set.Val[0] = 1<<(unix.SIGINT-1) | 1<<(unix.SIGTERM-1) | 1<<(unix.SIGHUP-1)
		var err error
		if i.fd, err = unix.Signalfd(-1, &set, unix.SFD_NONBLOCK|unix.SFD_CLOEXEC); err == nil {
			signal.Ignore(unix.SIGPIPE)
			unix.PthreadSigmask(unix.SIG_BLOCK, &set, &i.before)
			return i
		}
	}
	i.notify()
	return i
}

func (i *interrupts) notify() {
	i.signals = make(chan os.Signal, 8)
	signal.Notify(make(chan os.Signal, 1), unix.SIGPIPE)
	signal.Notify(i.signals, unix.SIGINT, unix.SIGTERM, unix.SIGHUP)
}

// long leaves the signals to os/signal, as what comes now takes its time, and threads.
func (i *interrupts) long() {
	if i.signals == nil {
		i.notify()
		i.unblock()
	}
}

// brief tells whether a plan is one of few steps, none of which makes threads or starts a
// program, which would have the signals blocked, too.
func brief(p *topo.Plan) bool {
	spaces := 0
	for i := range p.Steps {
		switch s := &p.Steps[i]; {
		case s.Op == topo.OpNetns:
			spaces++
		case s.Request == nil:
			return false
		}
	}
	return len(p.Steps) <= fewSteps && spaces < manySpaces
}

// alone tells whether the process has one thread: the program that ships begins with one.
func alone() bool {
	var tasks unix.Stat_t // two links for the folder itself
	return unix.Stat("/proc/self/task", &tasks) == nil && tasks.Nlink == 3
}

// came tells whether there was one: once for each.
func (i *interrupts) came() error {
	if i.signals == nil {
		var info [128]byte // struct signalfd_siginfo
		if n, err := unix.Read(i.fd, info[:]); n > 0 && err == nil {
			return errInterrupted
		}
		return nil
	}
	select {
	case <-i.signals:
		return errInterrupted
	default:
		return nil
	}
}

// end has signals end the process again, also one that came just now.
func (i *interrupts) end() {
	if i.signals != nil {
		signal.Stop(i.signals)
		return
	}
	i.unblock()
}

func (i *interrupts) unblock() {
	unix.Close(i.fd)
	unix.PthreadSigmask(unix.SIG_SETMASK, &i.before, nil)
}
