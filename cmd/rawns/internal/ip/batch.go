package ip

import (
	"bytes"
	"errors"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
)

// batch runs the commands in a file, or in what comes on standard input, one
// after the other over the same sockets.
//
// A command that fails ends the batch, with -force only a message says so. But
// where iproute2 itself exits (words that make no command), ours does, too,
// with -force as well: scripts see the same exit code.
func (t *tool) batch(r *runner) int {
	f := os.Stdin
	if r.g.batch != "-" {
		var err error
		if f, err = os.Open(r.g.batch); err != nil {
			return report(r, failf(exitMissing, `Cannot open file "`, r.g.batch, `" for reading: `, cli.Strerror(cli.Errno(err))))
		}
		defer f.Close()
	}
	if r.g.netns != "" { // refused before the first line is read
		if _, err := r.main(); err != nil {
			return report(r, err)
		}
	}
	in := &lineReader{r: f}
	code := 0
	family := r.g.family
	for {
		words, err := in.command()
		if err != nil {
			return report(r, err)
		}
		if words == nil {
			return code
		}
		r.g.family = family // a command may set it for itself
		err = t.line(r, words)
		if err == nil {
			continue
		}
		switch one := report(r, err); {
		case one == 0:
			continue
		case !goesOn(err):
			return one
		}
		r.out.Flush()
		r.errs.S("Command failed ").Safe(r.g.batch)
		r.errs.S(":").D(int64(in.n)).NL().Flush()
		code = exitMissing
		if !r.g.force {
			return code
		}
	}
}

// goesOn tells whether err ends a command, but not the program.
func goesOn(err error) bool {
	var f *failure
	if !errors.As(err, &f) {
		return true
	}
	return f.goesOn || f.code == exitMissing || f.code == exitKernel
}

// line runs one command of a batch.
func (t *tool) line(r *runner, words []string) error {
	r.devs = devices{} // an earlier one may have renamed, or removed, any
	p, err := t.parseObject(&args{g: r.g, tool: t, w: words})
	if err != nil {
		return err
	}
	return p.run(r)
}

// A lineReader reads the commands of a batch.
type lineReader struct {
	r    *os.File
	buf  []byte
	n    int // lines read
	over bool
}

const maxLine = 1 << 20 // of a batch, its continuations included

// line returns the next line without its end.
func (l *lineReader) line() (s string, ok bool, err error) {
	for {
		if i := bytes.IndexByte(l.buf, '\n'); i >= 0 {
			s = string(l.buf[:i])
			l.buf = l.buf[i+1:]
			l.n++
			return s, true, nil
		}
		if l.over {
			if len(l.buf) == 0 {
				return "", false, nil
			}
			s = string(l.buf)
			l.buf = nil
			l.n++
			return s, true, nil
		}
		if len(l.buf) > maxLine {
			return "", false, failf(exitMissing, "a line of the batch is too long")
		}
		chunk := make([]byte, 64<<10)
		n, err := l.r.Read(chunk)
		l.buf = append(l.buf, chunk[:n]...)
		switch {
		case n == 0:
			l.over = true
		case err != nil && !errors.Is(err, unix.EAGAIN):
			return "", false, err
		}
	}
}

// command returns the words of the next command: nil at the end.
func (l *lineReader) command() ([]string, error) {
	for {
		s, ok, err := l.line()
		if err != nil || !ok {
			return nil, err
		}
		for {
			if i := strings.IndexByte(s, '#'); i >= 0 {
				s = s[:i]
			}
			if !strings.HasSuffix(s, "\\") {
				break
			}
			more, ok, err := l.line()
			if err != nil {
				return nil, err
			}
			if !ok {
				return nil, failf(exitMissing, "Missing continuation line")
			}
			s = s[:len(s)-1] + more
		}
		words, err := splitWords(s)
		if err != nil || len(words) > 0 {
			return words, err
		}
	}
}

// splitWords takes a line apart at white space; quotes of either kind keep it.
func splitWords(s string) (ws []string, err error) {
	const blank = " \t\r\n"
	for {
		s = strings.TrimLeft(s, blank)
		if s == "" {
			return ws, nil
		}
		if q := s[0]; q == '"' || q == '\'' {
			end := strings.IndexByte(s[1:], q)
			if end < 0 {
				return nil, failf(exitMissing, "Unterminated quoted string")
			}
			ws = append(ws, s[1:1+end])
			s = s[end+2:]
			continue
		}
		end := strings.IndexAny(s, blank)
		if end < 0 {
			end = len(s)
		}
		ws = append(ws, s[:end])
		s = s[end:]
	}
}
