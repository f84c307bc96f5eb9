package curl

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
)

var errOpen = errors.New("cannot open the output")

// A sink is where an answer goes: standard output, or a file that is made
// when its first byte comes, so that a failure leaves an old one as it was.
type sink struct {
	name    string // "" and "-" are standard output
	f       *os.File
	fd      int
	open    bool
	screen  bool // a terminal: control characters are escaped
	text    []byte
	err     error // the first
	warning string
}

func (s *sink) stdout() bool { return s.name == "" || s.name == "-" }

func (s *sink) prepare() error {
	if s.open || s.err != nil {
		return s.err
	}
	s.open = true
	if s.stdout() {
		s.fd, s.screen = 1, cli.IsTerminal(1)
		return nil
	}
	f, err := os.OpenFile(s.name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o666)
	if err != nil {
		s.warning = "Failed to open the file " + s.name + ": " + cli.Strerror(cli.Errno(err))
		s.err = errOpen
		return s.err
	}
	s.f, s.fd = f, int(f.Fd())
	return nil
}

// Write writes all of p at once: whoever reads a slow stream sees each piece
// when it comes. It does not go through os.Stdout, which ends the process when
// nobody reads any more: curl reports that, with exit code 23.
func (s *sink) Write(p []byte) (int, error) {
	if err := s.prepare(); err != nil {
		return 0, err
	}
	out := p
	if s.screen {
		s.text = cli.AppendText(s.text[:0], p)
		out = s.text
	}
	for len(out) > 0 {
		n, err := unix.Write(s.fd, out)
		if err == unix.EINTR {
			continue
		}
		if err == unix.EAGAIN { // somebody else's non-blocking terminal or pipe
			fds := []unix.PollFd{{Fd: int32(s.fd), Events: unix.POLLOUT}}
			unix.Poll(fds, -1)
			continue
		}
		if err != nil {
			s.err = err
			return 0, err
		}
		out = out[n:]
	}
	return len(p), nil
}

// finish is for a transfer that went well: an empty answer makes an empty file.
func (s *sink) finish() error {
	if s.err != nil {
		return s.err
	}
	if !s.stdout() {
		return s.prepare()
	}
	return nil
}

func (s *sink) close() {
	if s.f != nil {
		s.f.Close()
	}
}
