package topo

import (
	"errors"
	"os"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"rawns/ns"
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
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	defer null.Close()
	argv := s.Argv
	if s.Self {
		exe, err := os.Executable()
		if err != nil {
			return nil, err
		}
		argv = append([]string{exe}, argv...)
	}
	env := os.Environ()
	if j != nil {
		env = append(env, TokenVar+"="+j.mark(), keyVar+"="+s.Key())
	}
	// What the caller of up has open, locks and pipes, is not the service's.
	closeOnExec()
	fd := null.Fd()
	pid, err := space.Start(argv, &syscall.ProcAttr{
		Dir: "/", Env: env, Files: []uintptr{fd, fd, fd}, Sys: &syscall.SysProcAttr{Setsid: true},
	}, nil)
	if err != nil {
		return nil, err
	}
	return func() {
		end(pid, func() bool { return true }) // not waited for: the number is still its own
		var ws unix.WaitStatus
		for {
			if _, err := unix.Wait4(pid, &ws, 0, nil); err != unix.EINTR {
				return
			}
		}
	}, nil
}

// closeOnExec marks every descriptor behind the standard ones.
func closeOnExec() {
	const last = 1<<31 - 1
	if unix.CloseRange(3, last, unix.CLOSE_RANGE_CLOEXEC) == nil {
		return
	}
	dir, err := os.Open("/proc/self/fd") // before Linux 5.11
	if err != nil {
		return
	}
	defer dir.Close()
	names, _ := dir.Readdirnames(-1)
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
	dir, err := os.Open("/proc")
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
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
	env, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/environ")
	_, key, ok = strings.Cut("\x00"+string(env), "\x00"+keyVar+"=")
	key, _, _ = strings.Cut(key, "\x00")
	return key, ok
}

// carries tells whether the environment that a process was started with holds
// the token.
func carries(pid int, token string) bool {
	env, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/environ")
	return err == nil && strings.Contains("\x00"+string(env), "\x00"+TokenVar+"="+token+"\x00")
}

// errAlive: a service did not end.
var errAlive = errors.New("a service could not be ended")

func stopServices(token string) error {
	pids, err := Services(token)
	if err != nil {
		return err
	}
	for _, pid := range pids {
		end(pid, func() bool { return carries(pid, token) })
	}
	if pids, err = Services(token); err == nil && len(pids) > 0 {
		err = errAlive
	}
	return err
}

// endWait is how long a service may take to end by itself, in milliseconds.
const endWait = 3000

// end ends a process, if it is still the one that was meant once a pidfd pins
// it: by SIGTERM, and by SIGKILL if it will not. It returns when the process is
// dead, if not yet waited for.
func end(pid int, meant func() bool) {
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		if err != unix.ESRCH && meant() { // before Linux 5.3
			unix.Kill(pid, unix.SIGTERM)
		}
		return
	}
	defer unix.Close(fd)
	if !meant() {
		return
	}
	for _, sig := range [...]unix.Signal{unix.SIGTERM, unix.SIGKILL} {
		if unix.PidfdSendSignal(fd, sig, nil, 0) != nil {
			return
		}
		p := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
		for {
			n, err := unix.Poll(p, endWait)
			if n > 0 {
				return
			}
			if err != unix.EINTR {
				break
			}
		}
	}
}
