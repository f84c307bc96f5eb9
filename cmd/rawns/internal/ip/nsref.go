package ip

import (
	"encoding/binary"
	"errors"
	"strings"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl"
	"rawns/nl/rtnl"
	"rawns/ns"
)

// openNetns opens a namespace by its name, or by a path with a '/' in it.
func openNetns(name string) (*ns.NS, error) {
	if strings.IndexByte(name, '/') >= 0 {
		return ns.OpenPath(name)
	}
	return ns.Open(name)
}

// openNetns opens the namespace that -n names.
func (r *runner) openNetns(name string) (*ns.NS, error) {
	n, err := openNetns(name)
	if err != nil {
		why := err.Error()
		var e *ns.Error
		if errors.As(err, &e) {
			why = cli.Strerror(cli.Errno(e.Err))
		}
		f := failf(exitUsage, `Cannot open network namespace "`, name, `": `, why)
		if e != nil {
			f.hint = e.Hint()
		}
		return nil, f
	}
	return n, nil
}

// dialNetns connects to it.
func (r *runner) dialNetns(name string) (*nl.Conn, error) {
	n, err := r.openNetns(name)
	if err != nil {
		return nil, err
	}
	defer n.Close()
	c, err := n.Dial()
	var e *ns.Error
	if errors.As(err, &e) {
		return nil, notStarted(name, err)
	}
	return c, err
}

// netns appends IFLA_NET_NS_FD for a namespace, which becomes IFLA_NET_NS_PID
// if there is no namespace of that name and it is a number.
func (q *request) netns(name string, missing *failure) {
	at := q.b.Size()
	q.b.U32(rtnl.IFLA_NET_NS_FD, 0)
	q.fix = append(q.fix, fixup{at: at, kind: fixNetns, name: name, missing: missing})
}

// resolveNetns fills in the attribute that request.netns left at p. The
// descriptor stays open until the runner is closed.
func (r *runner) resolveNetns(p []byte, f *fixup) error {
	if cli.Dry != nil {
		if dryNetns(p, f) {
			return nil
		}
	}
	n, err := openNetns(f.name)
	if err == nil {
		r.open = append(r.open, n)
		binary.NativeEndian.PutUint32(p[nl.AttrHeaderLen:], uint32(n.Fd()))
		return nil
	}
	pid, ok := parseInt(f.name)
	if !ok {
		return f.missing
	}
	binary.NativeEndian.PutUint16(p[2:], uint16(rtnl.IFLA_NET_NS_PID))
	binary.NativeEndian.PutUint32(p[nl.AttrHeaderLen:], uint32(pid))
	return nil
}

// nsid returns the number of a named namespace in the one that the command is
// about; a namespace that has none yet gets one.
func (r *runner) nsid(name string, missing *failure) (int32, error) {
	if cli.Dry != nil {
		cli.Dry.Note("number 0 stands for the namespace ", cli.Safe(name), ": made up")
		return 0, nil
	}
	n, err := openNetns(name)
	if err != nil {
		return 0, missing
	}
	defer n.Close()
	c, err := r.main()
	if err != nil {
		return 0, err
	}
	id, err := n.ID(c)
	if err != nil || id >= 0 {
		return id, err
	}
	if err := n.SetID(c, ns.NoID); err != nil && !isErrno(err, unix.EEXIST) {
		return 0, err
	}
	return n.ID(c)
}
