package ns

import "golang.org/x/sys/unix"

// Thread is a thread that goes from one namespace to the next, for who has many
// of them to make or to visit: a thread for each would cost 0.1 ms. What runs on
// it keeps to the package's rules; system calls that concern "the calling
// thread" (sockets, files below /proc/sys/net) are about the namespace where it
// is.
type Thread struct{}

// OnThread runs f on a thread that is thrown away afterwards, wherever f has
// taken it. Panics and Goexit in f are handed on as NS.Do does.
func OnThread(f func(t *Thread) error) error {
	return onThread(func() error { return f(&Thread{}) })
}

// Enter moves the thread into a namespace.
func (*Thread) Enter(n *NS) error { return n.enter() }

// New makes a namespace without a name, and moves the thread into it.
func (*Thread) New() (*NS, error) {
	if err := unshare(unix.CLONE_NEWNET); err != nil {
		return nil, &Error{Op: OpNew, Err: err}
	}
	return Current()
}

// BindAll is NS.Bind for many: the folder is made ready once, whose mounts the
// kernel goes through each time. It returns how many got their names; the error
// is the next one's.
func BindAll(list []*NS, names []string) (n int, err error) {
	for _, name := range names {
		if err := CheckName(name); err != nil {
			return 0, err
		}
	}
	if err := prepareDir(); err != nil {
		return 0, err
	}
	for i, space := range list {
		if err := withPrepared(names[i], func(path string) error { return space.bind("/proc/self/ns/net", path) }); err != nil {
			return i, err
		}
		space.name = names[i]
	}
	return len(list), nil
}
