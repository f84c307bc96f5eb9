package initd

import (
	"os"
	"os/signal"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// signals takes all signals over: what nobody takes would end this process, and
// with it the machine. None is ignored, as programs would inherit that.
func (in *initd) signals() {
	signal.Notify(make(chan os.Signal, 1))
	in.child = make(chan os.Signal, 1)
	in.told = make(chan os.Signal, 8)
	in.again = make(chan *service)
	signal.Notify(in.child, unix.SIGCHLD)
	signal.Notify(in.told, unix.SIGTERM, unix.SIGINT, unix.SIGUSR1, unix.SIGUSR2, unix.SIGPWR)
}

// event waits for one thing to happen, and does what it asks for; it returns
// false when over was closed.
func (in *initd) event(over <-chan struct{}) bool {
	select {
	case <-in.child:
		in.reap()
	case s := <-in.told:
		in.tell(s)
	case s := <-in.again:
		if in.end == 0 {
			in.restart(s)
		}
	case <-over:
		return false
	}
	return true
}

// tell is what a signal means.
func (in *initd) tell(s os.Signal) {
	switch s {
	case unix.SIGUSR1:
		in.end = unix.LINUX_REBOOT_CMD_HALT
	case unix.SIGUSR2, unix.SIGPWR:
		in.end = unix.LINUX_REBOOT_CMD_POWER_OFF
	default:
		in.end = unix.LINUX_REBOOT_CMD_RESTART
	}
}

// between looks after what happened during a step that waits for nothing.
func (in *initd) between() {
	in.reap()
	select {
	case s := <-in.told:
		in.tell(s)
	default:
	}
}

// reap waits for all that have ended: services, what run started, and orphans,
// which process 1 inherits. It returns false if there are no children any more.
func (in *initd) reap() bool {
	for {
		var ws unix.WaitStatus
		pid, err := unix.Wait4(-1, &ws, unix.WNOHANG, nil)
		switch {
		case err == unix.EINTR:
			continue
		case err != nil:
			return false
		case pid == 0:
			return true
		}
		if pid == in.awaited {
			in.awaited, in.status = 0, ws
		}
		for _, s := range in.services {
			if s.pid == pid {
				in.over(s, ws)
				break
			}
		}
	}
}

// over says that a service has ended, and has it started again.
func (in *initd) over(s *service, ws unix.WaitStatus) {
	if s.pid = 0; s.gone || in.end != 0 {
		return
	}
	in.later(s)
	how := outcome(ws)
	if how == "" {
		how = "exit code 0"
	}
	in.say("service " + s.name + " ended (" + how + "), and is started again in " + strconv.Itoa(int(s.pause/time.Second)) + "s")
}

// wait waits for a process, until over is closed, or, if there is no over, init is
// told to end. Nothing was waited for since the process was started.
func (in *initd) wait(pid int, over <-chan struct{}) (ws unix.WaitStatus, ok bool) {
	in.awaited = pid
	for in.reap(); in.awaited == pid; {
		if in.end != 0 && over == nil || !in.event(over) {
			in.awaited = 0
			return 0, false
		}
	}
	return in.status, true
}

// grace is how long programs may take to end by themselves.
const grace = 5 * time.Second

// shutdown ends everything, in this order: programs, file systems, the machine.
func (in *initd) shutdown() {
	for _, sig := range [...]unix.Signal{unix.SIGTERM, unix.SIGKILL} {
		unix.Kill(-1, sig) // all but this process
		over := after(grace)
		for in.reap() {
			if !in.event(over) {
				break
			}
		}
	}
	drain()
	in.total()
	in.unmount()
	err := unix.Reboot(int(in.end))
	if in.real {
		in.say("FAIL reboot(2): " + reason(err))
		for {
			time.Sleep(time.Hour)
		}
	}
	// A pid namespace ends with its process 1; reboot(2) would have told the one
	// outside why, by a signal, if this process were allowed to.
}
