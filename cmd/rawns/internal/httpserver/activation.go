package httpserver

import (
	"errors"
	"os"
	"strconv"
	"strings"

	"rawns/httpraw"
)

// firstPassed is the first descriptor that a service manager passes on.
const firstPassed = 3

// passedOn takes the sockets over that systemd, or whoever speaks its protocol
// (sd_listen_fds(3)), has opened for this process: LISTEN_FDS of them, if
// LISTEN_PID is us. LISTEN_FDNAMES are what errors call them.
func passedOn() (listeners []*httpraw.Listener, err error) {
	pid, count, names := os.Getenv("LISTEN_PID"), os.Getenv("LISTEN_FDS"), os.Getenv("LISTEN_FDNAMES")
	for _, v := range [...]string{"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"} {
		os.Unsetenv(v)
	}
	if pid != strconv.Itoa(os.Getpid()) { // also "": they are not for us
		return nil, nil
	}
	n, err := strconv.Atoi(count)
	if err != nil || n < 0 || n > 1<<16 {
		return nil, errors.New(`LISTEN_FDS is no number of sockets: "` + count + `"`)
	}
	for fd := firstPassed; fd < firstPassed+n; fd++ {
		var name string
		name, names, _ = strings.Cut(names, ":")
		l, err := httpraw.NewListener(fd)
		if err != nil {
			s := "socket " + strconv.Itoa(fd)
			if name != "" {
				s += ` "` + name + `"`
			}
			return listeners, errors.New(s + " of LISTEN_FDS: " + err.Error())
		}
		listeners = append(listeners, l)
	}
	return listeners, nil
}
