package ns

import (
	"runtime"

	"golang.org/x/sys/unix"

	"rawns/nl"
)

// Do runs f on a thread that is in the namespace, and throws the thread away
// afterwards. See the package's rules for what f may do: open sockets, start
// programs, and not much else. Go statements in f run outside the namespace.
//
// A panic in f becomes one of the caller's, as a [*Panic]; runtime.Goexit in f
// (a test's t.Fatal) ends the caller's goroutine. A thread costs about 0.1 ms.
//
// Entering a namespace needs CAP_SYS_ADMIN in the user namespace that owns it;
// only the one where the process is already needs nothing.
func (n *NS) Do(f func() error) error {
	return onThread(func() error {
		if err := n.enter(); err != nil {
			return err
		}
		return f()
	})
}

// enter moves the calling thread, which must be one to throw away.
func (n *NS) enter() error {
	fd := n.Fd()
	if fd < 0 {
		return &Error{Op: OpSetns, Name: n.name, Path: n.String(), Err: ErrClosed}
	}
	err := n.setns(fd)
	if err == unix.EPERM {
		for _, p := range threadPaths() {
			if n.is(p) {
				return nil
			}
		}
	}
	if err != nil {
		return &Error{Op: OpSetns, Name: n.name, Path: n.String(), Err: err}
	}
	return nil
}

// Socket opens a socket in the namespace: socket(2) with SOCK_CLOEXEC. The
// caller owns the descriptor.
func (n *NS) Socket(domain, typ, proto int) (fd int, err error) {
	fd = -1
	err = n.Do(func() error {
		fd, err = unix.Socket(domain, typ|unix.SOCK_CLOEXEC, proto)
		return err
	})
	return fd, err
}

// Panic is a panic on another goroutine, passed on.
type Panic struct {
	Value any
	Stack string // of the goroutine where it happened
}

// Error returns the text of Value, if it is an error or a string, and the stack.
func (p *Panic) Error() string {
	s := "panic on another thread"
	switch v := p.Value.(type) {
	case error:
		s = v.Error()
	case string:
		s = v
	}
	return s + "\n\n" + p.Stack
}

// Unwrap returns Value, if it is an error.
func (p *Panic) Unwrap() error { err, _ := p.Value.(error); return err }

// errGoexit stands for a goroutine that ended by runtime.Goexit.
var errGoexit error = nl.Const("Goexit")

// onThread runs f on a thread of its own, which ends with it.
func onThread(f func() error) error {
	p, err := spawn(f)
	if p != nil {
		panic(p)
	}
	if err == errGoexit {
		runtime.Goexit()
	}
	return err
}

func spawn(f func() error) (p *Panic, err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		// Never unlocked: the runtime ends a thread whose goroutine ends locked.
		runtime.LockOSThread()
		if unix.Gettid() == unix.Getpid() {
			// The main thread, which cannot be ended. While this goroutine
			// sits on it, the next one cannot.
			p, err = spawn(f)
			runtime.UnlockOSThread()
			return
		}
		err = errGoexit
		defer func() {
			if v := recover(); v != nil {
				buf := make([]byte, 16<<10)
				p = &Panic{v, string(buf[:runtime.Stack(buf, false)])}
			}
		}()
		err = f()
	}()
	<-done
	return p, err
}
