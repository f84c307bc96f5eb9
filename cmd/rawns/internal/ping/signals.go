package ping

import (
	"os"
	"os/signal"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// signals makes signals something that poll(2) can wait for. SIGINT ends the
// run with the summary, and so does SIGALRM; SIGQUIT asks for the status. As
// in iputils they do so even if the shell started us with SIGINT ignored.
type signals struct {
	fd           int // an eventfd, readable when something came
	caught       bool
	quit, status atomic.Bool
	stop         chan struct{} // closed when the run is to end
}

func newSignals() (*signals, error) {
	fd, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		return nil, failErrno("eventfd", err)
	}
	return &signals{fd: fd, stop: make(chan struct{})}, nil
}

// catch catches signals from now on.
func (s *signals) catch() {
	if s.caught {
		return
	}
	s.caught = true
	ch := make(chan os.Signal, 4)
	signal.Notify(ch, unix.SIGINT, unix.SIGALRM, unix.SIGQUIT)
	go func() {
		one := [8]byte{1, 1} // not zero in either byte order
		for sig := range ch {
			if sig == unix.SIGQUIT {
				s.status.Store(true)
			} else if !s.quit.Swap(true) {
				close(s.stop)
			}
			unix.Write(s.fd, one[:]) // fails only if the counter is full: then it is readable
		}
	}()
}

// clear makes the eventfd wait for the next signal.
func (s *signals) clear() {
	var p [8]byte
	unix.Read(s.fd, p[:]) // EAGAIN if nothing came
}
