package topo

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/ns"
	"rawns/ns/file"
)

// Key tells a service from others in its namespace: its port and command.
func (s *Service) Key() string {
	b := strconv.AppendUint(nil, uint64(s.Port), 10)
	for _, a := range s.Argv {
		b = strconv.AppendQuote(append(b, ' '), a)
	}
	return string(b)
}

// start starts a service as a process in a session of its own.
func (j *Journal) start(space *ns.NS, s *Service) (stop func(), err error) {
	null, err := file.Open(os.DevNull, unix.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	defer unix.Close(null)
	argv := s.Argv
	if s.Self {
		exe, err := os.Executable()
		if err != nil {
			return nil, err
		}
		argv = append([]string{exe}, argv...)
	}
	env := append(os.Environ(), j.Marks(s)...)
	// What the caller of up has open, locks and pipes, is not the service's.
	closeOnExec()
	fd := uintptr(null)
	pid, err := space.Start(argv, &syscall.ProcAttr{
		Dir: "/", Env: env, Files: []uintptr{fd, fd, fd}, Sys: &syscall.SysProcAttr{Setsid: true},
	}, nil)
	if err != nil {
		return nil, err
	}
	return func() {
		endAll([]int{pid}, func(int) bool { return true }) // not waited for: the number is still its own
		var ws unix.WaitStatus
		for {
			if _, err := unix.Wait4(pid, &ws, 0, nil); err != unix.EINTR {
				return
			}
		}
	}, nil
}

// Marks returns the environment variables by which a service is known again as
// one of the journal's topology: for who starts it in Apply's stead. Of no journal
// there are none.
func (j *Journal) Marks(s *Service) []string {
	if j == nil {
		return nil
	}
	return []string{TokenVar + "=" + j.mark(), keyVar + "=" + s.Key()}
}

// closeOnExec marks every descriptor behind the standard ones.
func closeOnExec() {
	const last = 1<<31 - 1
	if unix.CloseRange(3, last, unix.CLOSE_RANGE_CLOEXEC) == nil {
		return
	}
	names, _ := file.Names("/proc/self/fd") // before Linux 5.11
	for _, n := range names {
		if fd, err := strconv.Atoi(n); err == nil && fd > 2 {
			unix.CloseOnExec(fd)
		}
	}
}

// Services returns the processes that carry a token.
func Services(token string) (pids []int, err error) {
	if token == "" {
		return nil, nil
	}
	names, err := file.Names("/proc")
	if err != nil {
		return nil, err
	}
	for _, n := range names {
		if pid, err := strconv.Atoi(n); err == nil && carries(pid, token) {
			pids = append(pids, pid)
		}
	}
	return pids, nil
}

// keyVar is the environment variable that says which of the services it is.
const keyVar = "RAWNS_SERVICE"

// running returns the services of a token that run, each with the namespace of
// st that it is in.
func running(token string, st *State) ([]ServiceState, error) {
	pids, err := Services(token)
	if err != nil {
		return nil, err
	}
	var out []ServiceState
	for _, pid := range pids {
		proc := "/proc/" + strconv.Itoa(pid)
		key, ok := keyOf(pid)
		var ino unix.Stat_t
		if !ok || unix.Stat(proc+"/ns/net", &ino) != nil {
			continue // it has just ended, or it is a child that changed its environment
		}
		for _, sp := range st.Spaces {
			if sp.ID.Inode == ino.Ino && sp.ID.Dev == uint64(ino.Dev) {
				out = append(out, ServiceState{NS: sp.Name, Key: key, PID: pid})
			}
		}
	}
	return out, nil
}

// keyOf returns which service a process was started as.
func keyOf(pid int) (key string, ok bool) {
	env, _ := file.Read("/proc/" + strconv.Itoa(pid) + "/environ")
	_, key, ok = strings.Cut("\x00"+string(env), "\x00"+keyVar+"=")
	key, _, _ = strings.Cut(key, "\x00")
	return key, ok
}

// carries tells whether the environment that a process was started with holds
// the token.
func carries(pid int, token string) bool {
	env, err := file.Read("/proc/" + strconv.Itoa(pid) + "/environ")
	return err == nil && strings.Contains("\x00"+string(env), "\x00"+TokenVar+"="+token+"\x00")
}

// errAlive: a service did not end.
var errAlive error = nl.Const("a service could not be ended")

// stopServices ends the processes that carry a token, all at once. What they
// started in the last moment is seen the next time.
func stopServices(token string) error {
	for range endTries {
		pids, err := Services(token)
		if err != nil || len(pids) == 0 {
			return err
		}
		for len(pids) > 0 {
			n := min(len(pids), endAtOnce)
			endAll(pids[:n], func(pid int) bool { return carries(pid, token) })
			pids = pids[n:]
		}
	}
	return errAlive
}

// endWait is how long services may take to end by themselves, and endAtOnce how
// many are told to at once: each takes a file.
const (
	endTries  = 4
	endWait   = 3 * time.Second
	endAtOnce = 128
)

// endAll ends processes, those that are still the ones that were meant once a
// pidfd pins them: by SIGTERM, and by SIGKILL if they will not. It returns when
// they are dead, if not yet waited for.
func endAll(pids []int, meant func(pid int) bool) {
	var fds []int
	for _, pid := range pids {
		fd, err := unix.PidfdOpen(pid, 0)
		switch {
		case err == unix.ESRCH:
		case err != nil: // before Linux 5.3, or for want of files
			if meant(pid) {
				unix.Kill(pid, unix.SIGTERM)
			}
		case !meant(pid):
			unix.Close(fd)
		default:
			defer unix.Close(fd)
			fds = append(fds, fd)
		}
	}
	for _, sig := range [...]unix.Signal{unix.SIGTERM, unix.SIGKILL} {
		for _, fd := range fds {
			unix.PidfdSendSignal(fd, sig, nil, 0) // a dead one does not mind
		}
		end := time.Now().Add(endWait)
		fds = slices.DeleteFunc(fds, func(fd int) bool { return dead(fd, end) })
	}
}

// dead waits until a process is, or it is too late.
func dead(pidfd int, end time.Time) bool {
	p := []unix.PollFd{{Fd: int32(pidfd), Events: unix.POLLIN}}
	for {
		left := max(0, time.Until(end))
		n, err := unix.Poll(p, int(left.Milliseconds()))
		if n > 0 {
			return true
		}
		if err != unix.EINTR {
			return false
		}
	}
}
