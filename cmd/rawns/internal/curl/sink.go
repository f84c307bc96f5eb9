package curl

import (
	"os"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl"
)

var errOpen error = nl.Const("cannot open the output")

// block is what the C library's stdio holds back of a standard output that is
// not a terminal. curl leaves it to that, so that where both outputs go into
// one file, a short answer stands behind the progress meter's last row.
const block = 4096

// A sink is where an answer goes: standard output, or a file that is made
// when its first byte comes, so that a failure leaves an old one as it was.
type sink struct {
	name    string // "" and "-" are standard output
	direct  bool   // nothing is held back
	meter   *meter // counts the body
	f       *os.File
	fd      int
	open    bool
	ignore  bool   // the body of a redirect
	screen  bool   // a terminal: control characters are escaped
	text    []byte // for the terminal; for other standard outputs, what is held back
	err     error  // the first
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

// Write takes a part of the body.
func (s *sink) Write(p []byte) (int, error) {
	if s.ignore {
		return len(p), nil
	}
	if s.meter != nil {
		s.meter.got += int64(len(p)) // curl counts what cannot be written, too
	}
	err := s.put(p)
	s.meter.update()
	return len(p), err
}

// put writes all of p, or holds it back.
func (s *sink) put(p []byte) error {
	if err := s.prepare(); err != nil {
		return err
	}
	switch {
	case s.screen:
		s.text = cli.AppendText(s.text[:0], p)
		return s.write(s.text)
	case !s.stdout() || s.direct:
		return s.write(p)
	}
	s.text = append(s.text, p...)
	whole := len(s.text) / block * block
	err := s.write(s.text[:whole])
	s.text = s.text[:copy(s.text, s.text[whole:])]
	return err
}

// flush writes what is held back.
func (s *sink) flush() error {
	if s.screen || s.err != nil {
		return nil
	}
	return s.write(s.text)
}

// write does not go through os.Stdout, which ends the process when nobody
// reads any more: curl reports that, with exit code 23.
func (s *sink) write(out []byte) error {
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
			return err
		}
		out = out[n:]
	}
	return nil
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
