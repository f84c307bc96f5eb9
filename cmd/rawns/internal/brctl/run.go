package brctl

import (
	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl"
	"rawns/nl/rtnl"
)

// A runner carries steps out. Between a step's look-up and its message the
// world may change: a look-up yields an index, so that no other link is hit,
// but a bridge that is set up meanwhile is deleted nevertheless.
type runner struct {
	conn *nl.Conn
	out  *cli.Out
	fd   int // a socket for ioctls; -1 until it is wanted

	listed map[int32][]portName // by their bridge's index; nil until they had to be listed
}

// permitted tells whether we may change links here. The original learns that
// before all else; where our look-up alone says no, it is asked for separately.
func (r *runner) permitted() bool { return rtnl.Permitted(r.conn) }

func (s *addBridge) run(r *runner) int {
	err := r.conn.Do(&s.b, nil)
	if err == nil {
		return 0
	}
	switch cli.Errno(err) {
	case unix.EEXIST:
		return fail("device ", s.name, " already exists; can't create bridge with the same name")
	case unix.EOPNOTSUPP:
		err = unix.ENOPKG // the kernel has no bridges: the ioctl's word for it
	}
	code := fail("add bridge failed: ", reason(err))
	if !rtnl.ValidIfName(s.name) {
		fail("hint: \"", s.name, "\" is no name for a bridge: 1 to 15 bytes without '/', ':' and blanks")
	}
	return code
}

func (s *delBridge) run(r *runner) int {
	d, err := r.device(shortName(s.name))
	if err == nil {
		switch {
		case !d.isBridge:
			err = unix.EPERM
		case d.flags&unix.IFF_UP != 0:
			err = unix.EBUSY
		}
	}
	switch {
	case err == nil:
		s.b.PutU32(indexAt, uint32(d.index))
		err = r.conn.Do(&s.b, nil)
	case !r.permitted():
		err = unix.EPERM
	}
	if err == nil {
		return 0
	}
	switch cli.Errno(err) {
	case unix.ENODEV:
		return fail("bridge ", s.name, " doesn't exist; can't delete it")
	case unix.EBUSY:
		return fail("bridge ", s.name, " is still up; can't delete it")
	}
	return fail("can't delete bridge ", s.name, ": ", reason(err))
}

func (s *addPort) run(r *runner) int {
	port, err := r.device(ioctlName(s.port))
	if cli.Errno(err) == unix.ENODEV {
		return fail("interface ", s.port, " does not exist!")
	}
	var bridge device
	if err == nil {
		bridge, err = r.bridge(s.bridge)
	}
	if err == nil {
		err = addable(&port)
		if err != nil && !r.permitted() {
			err = unix.EPERM
		}
	}
	if err == nil {
		err = r.setMaster(&s.b, port.index, bridge.index)
	}
	if err == nil {
		return 0
	}
	switch cli.Errno(err) {
	case unix.ENODEV:
		return fail("bridge ", s.bridge, " does not exist!")
	case unix.EBUSY:
		return fail("device ", s.port, " is already a member of a bridge; can't add it to bridge ", s.bridge, ".")
	case unix.ELOOP:
		return fail("device ", s.port, " is a bridge device itself; can't add a bridge device to a bridge device.")
	}
	return fail("can't add ", s.port, " to bridge ", s.bridge, ": ", reason(err))
}

// addable refuses what IFLA_MASTER would not, but the ioctl does: to take a
// link from the master that it has. Before that come the reasons that the
// kernel would find first.
func addable(d *device) error {
	switch {
	case d.master == 0:
		return nil // the rest is the kernel's to judge
	case d.flags&unix.IFF_LOOPBACK != 0 || !d.ethernet:
		return unix.EINVAL
	case d.isBridge:
		return unix.ELOOP
	}
	return unix.EBUSY
}

func (s *delPort) run(r *runner) int {
	port, err := r.device(ioctlName(s.port))
	if cli.Errno(err) == unix.ENODEV {
		return fail("interface ", s.port, " does not exist!")
	}
	var bridge device
	if err == nil {
		bridge, err = r.bridge(s.bridge)
	}
	if err == nil && port.master != bridge.index {
		err = unix.EINVAL
		if !r.permitted() {
			err = unix.EPERM
		}
	}
	if err == nil {
		err = r.setMaster(&s.b, port.index, 0)
	}
	if err == nil {
		return 0
	}
	switch cli.Errno(err) {
	case unix.ENODEV:
		return fail("bridge ", s.bridge, " does not exist!")
	case unix.EINVAL:
		return fail("device ", s.port, " is not a port of ", s.bridge)
	}
	return fail("can't delete ", s.port, " from ", s.bridge, ": ", reason(err))
}

func (r *runner) setMaster(b *nl.Builder, port, master int32) error {
	b.PutU32(indexAt, uint32(port))
	b.PutU32(masterAt, uint32(master))
	return r.conn.Do(b, nil)
}

func (s *setBridge) run(r *runner) int {
	d, err := r.bridge(s.bridge)
	if err == nil {
		if s.wide != 0 {
			err = r.setTime(d.name, s.code, s.wide)
		} else {
			s.b.PutU32(indexAt, uint32(d.index))
			err = r.conn.Do(&s.b, nil)
		}
	}
	if err != nil {
		return fail(s.failed, reason(err))
	}
	return 0
}

func (s *setPort) run(r *runner) int {
	if s.lookFirst {
		if _, err := r.device(ioctlName(s.port)); cli.Errno(err) == unix.ENODEV {
			return fail("interface ", s.port, " does not exist!")
		}
		if _, err := r.device(ioctlName(s.bridge)); cli.Errno(err) == unix.ENODEV {
			return fail("bridge ", s.bridge, " does not exist!")
		}
	}
	if err := s.set(r); err != nil {
		return fail(s.failed, reason(err))
	}
	return 0
}

// set does what the original does in two ways: with a file of the port's own in
// sysfs, in whatever bridge it is; and if that fails with an ioctl of the bridge
// that was named, which knows a port also by its other names.
func (s *setPort) set(r *runner) error {
	port, err := r.device(ioctlName(s.port))
	if err != nil {
		return err
	}
	first := error(unix.ENOENT) // there is no such file
	if port.isPort && port.name == s.port {
		if first = s.send(r, &port); first == nil {
			return nil
		}
		if cli.Errno(first) == unix.EPERM {
			first = unix.EACCES // it is another's
		}
	}
	bridge, err := r.bridge(s.bridge)
	switch {
	case err != nil:
		return err
	case port.master != bridge.index:
		return first // the bridge not having the port is no errno
	case s.noIoctl:
		return unix.EOPNOTSUPP
	}
	return s.send(r, &port)
}

func (s *setPort) send(r *runner, port *device) error {
	s.b.PutU32(indexAt, uint32(port.index))
	return r.conn.Do(&s.b, nil)
}
