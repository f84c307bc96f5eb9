package ifconfig

import (
	"encoding/binary"
	"errors"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/cmd/rawns/internal/nettools"
	"rawns/nl"
	"rawns/nl/rtnl"
)

// runner carries out a plan in the calling thread's network namespace.
type runner struct {
	name    string // the interface's or alias's, as given
	verbose bool
	fd      int      // an AF_INET socket for the ioctls; -1 until it is wanted
	conn    *nl.Conn // nil until it is wanted
	code    int
	hinted  string // the last hint: it is not repeated
}

// run carries out the steps and returns the original's status, which main cuts
// to eight bits: -1 if the last failure was of flags, else 1.
func run(p *plan, verbose bool) int {
	r := &runner{name: p.name, verbose: verbose, fd: -1}
	for _, s := range p.steps {
		r.step(s)
	}
	if r.fd >= 0 {
		unix.Close(r.fd)
	}
	if r.conn != nil {
		r.conn.Close()
	}
	return r.code
}

func (r *runner) step(s step) {
	switch s.op {
	case opFlags:
		r.flags(r.name, s)
	case opInet:
		q := newIfreq(r.name)
		q.setInet(s.addr)
		r.check(s.what, r.ioctl(s.request, q))
	case opPrivate:
		q := newIfreq(r.name)
		q.setLong(s.n)
		r.check(s.what, r.ioctl(s.request, q))
	case opMTU, opTxqlen, opHW, opName:
		r.check(s.what, r.link(s))
	case opMap:
		r.ifmap(s)
	case opAdd4, opDel4:
		r.alias(s)
	case opAdd6, opDel6, opTunnel:
		r.inet6(s)
	}
}

// check reports an error and what might help.
func (r *runner) check(what string, err error) bool {
	if err == nil {
		return true
	}
	if what == "SIOCSIFNETMASK" {
		r.code |= 1 // the one that leaves -1 as it is
	} else {
		r.code = 1
	}
	r.report(what, err)
	return false
}

func (r *runner) report(what string, err error) {
	errno := cli.Errno(err)
	text := err.Error()
	if errno != 0 {
		text = cli.Strerror(errno)
	}
	if errno == unix.EBUSY && what == "SIOCSIFHWADDR" {
		text += " - you may need to down the interface"
	}
	nettools.Say(what, ": ", text)
	if h := r.hint(what, errno, err); h != "" && h != r.hinted {
		r.hinted = h
		nettools.Hint(h)
	}
}

// hint returns what a person might want to know beside the errno's text.
func (r *runner) hint(what string, errno syscall.Errno, err error) string {
	var e *nl.Error
	if errors.As(err, &e) && e.Text != "" {
		return "the kernel says: " + e.Text
	}
	switch errno {
	case unix.EPERM, unix.EACCES:
		return "this needs CAP_NET_ADMIN over the network namespace: be root in it"
	case unix.ENODEV:
		return "no interface is called \"" + device(r.name) + "\" here; ifconfig -a lists them"
	case unix.EADDRNOTAVAIL:
		switch what {
		case "SIOCSIFFLAGS", "SIOCSIFNETMASK", "SIOCSIFBRDADDR", "SIOCSIFDSTADDR":
			return "no IPv4 address has the label \"" + r.name + "\""
		case "SIOCSIFHWADDR":
			return "neither a multicast address nor all zeros can be an interface's own"
		case "SIOCDIFADDR":
			return "\"" + r.name + "\" has no such address with this prefix length"
		}
	case unix.EINVAL:
		switch what {
		case "SIOCSIFADDR":
			return "multicast addresses cannot be assigned"
		case "SIOCSIFNETMASK":
			return "a netmask's ones must stand together at its left end"
		case "SIOCSIFHWADDR":
			return "the interface is of another hardware type"
		}
	}
	return ""
}

func (r *runner) ioctl(request uint, q *ifreq) error {
	if r.fd < 0 {
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			return err
		}
		r.fd = fd
	}
	return ioctl(r.fd, request, q)
}

func (r *runner) dial() (*nl.Conn, error) {
	if r.conn == nil {
		c, err := cli.Dial(unix.NETLINK_ROUTE)
		if err != nil {
			return nil, err
		}
		r.conn = c
	}
	return r.conn, nil
}

// flags sets and clears flags. One path serves interfaces and aliases: for the
// name of an alias the kernel looks at IFF_UP alone, and without it takes the
// alias's address away.
func (r *runner) flags(name string, s step) {
	q := newIfreq(name)
	if err := r.ioctl(unix.SIOCGIFFLAGS, q); err != nil {
		r.code |= -1
		r.report(name+": ERROR while getting interface flags", err)
	} else {
		q.setFlags(q.flags()&^s.clear | s.set)
		if err := r.ioctl(unix.SIOCSIFFLAGS, q); err != nil {
			r.code |= -1
			r.report("SIOCSIFFLAGS", err)
		}
	}
	if s.still == "" {
		return
	}
	q = newIfreq(name)
	if err := r.ioctl(unix.SIOCGIFFLAGS, q); err != nil {
		r.report(name+": ERROR while testing interface flags", err)
	} else if q.flags()&s.clear != 0 {
		nettools.Say("Warning: Interface ", name, " still in ", s.still)
	}
}

// lookup asks for the interface behind the name.
func (r *runner) lookup(extMask uint32, f func(rtnl.Link)) error {
	c, err := r.dial()
	if err != nil {
		return err
	}
	dev := device(r.name)
	if dev == "" {
		return unix.ENODEV
	}
	return rtnl.LinkByName(c, dev, extMask, f)
}

// link sets a property of the interface.
func (r *runner) link(s step) error {
	var l rtnl.IfInfomsg
	if err := r.lookup(rtnl.ExtSkipStats, func(m rtnl.Link) { l = m.IfInfomsg }); err != nil {
		return err
	}
	var b nl.Builder
	rtnl.NewLink(&b, 0, rtnl.IfInfomsg{Index: l.Index})
	switch s.op {
	case opMTU:
		b.U32(rtnl.IFLA_MTU, uint32(s.n))
	case opTxqlen:
		b.U32(rtnl.IFLA_TXQLEN, uint32(s.n))
	case opName:
		b.Str(rtnl.IFLA_IFNAME, s.word)
	case opHW:
		if l.Type != s.arphrd {
			return unix.EINVAL // the ioctl compares the types, netlink does not
		}
		b.MAC(rtnl.IFLA_ADDRESS, []byte(s.hw))
	}
	return r.conn.Do(&b, nil)
}

// ifmapLen is sizeof(struct rtnl_link_ifmap), linux/if_link.h: mem_start,
// mem_end, base_addr of 64 bits each, irq of 16, dma and port of 8.
const ifmapLen = 32

// ifmap changes one of the I/O settings, which travel together.
func (r *runner) ifmap(s step) {
	var index int32
	var m [ifmapLen]byte
	err := r.lookup(rtnl.ExtSkipStats, func(l rtnl.Link) {
		index = l.Index
		p, _ := l.Attrs.Blob(rtnl.IFLA_MAP)
		copy(m[:], p)
	})
	if !r.check(strings.Replace(s.what, "SIOCSIFMAP", "SIOCGIFMAP", 1), err) {
		return
	}
	switch s.field {
	case mapMem:
		binary.NativeEndian.PutUint64(m[0:], s.n)
	case mapIO:
		binary.NativeEndian.PutUint64(m[16:], s.n)
	case mapIRQ:
		binary.NativeEndian.PutUint16(m[24:], uint16(s.n))
	case mapPort:
		m[27] = uint8(s.n)
	}
	var b nl.Builder
	rtnl.NewLink(&b, 0, rtnl.IfInfomsg{Index: index})
	b.Blob(rtnl.IFLA_MAP, m[:])
	r.check(s.what, r.conn.Do(&b, nil))
}

// inet6 adds or deletes an IPv6 address, or makes a SIT tunnel. Messages and
// ioctls of AF_INET6 end in the same function of the kernel; the tunnel's has
// no message.
func (r *runner) inet6(s step) {
	var index int32
	if !r.check("SIOGIFINDEX", r.lookup(rtnl.ExtSkipStats, func(l rtnl.Link) { index = l.Index })) {
		return
	}
	if s.op == opTunnel {
		fd, err := unix.Socket(unix.AF_INET6, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			r.code = 1
			nettools.Say("No support for INET6 on this system.")
			return
		}
		defer unix.Close(fd)
		r.check(s.what, ioctl(fd, unix.SIOCSIFDSTADDR, in6Ifreq(s.addr6, 0, index)))
		return
	}
	var b nl.Builder
	h := rtnl.IfAddrmsg{Family: unix.AF_INET6, PrefixLen: s.prefixLen, Index: index}
	if s.op == opAdd6 {
		rtnl.NewAddr(&b, unix.NLM_F_CREATE|unix.NLM_F_EXCL, h)
	} else {
		if r.verbose {
			nettools.Say("now deleting: ioctl(SIOCDIFADDR,{ifindex=", itoa(int(index)), ",prefixlen=", itoa(int(s.prefixLen)), "})")
		}
		rtnl.DelAddr(&b, h)
	}
	b.IP(rtnl.IFA_LOCAL, s.addr6[:])
	err := r.conn.Do(&b, nil)
	if errno := cli.Errno(err); errno == unix.EOPNOTSUPP || errno == unix.EAFNOSUPPORT {
		r.code = 1
		nettools.Say("No support for INET6 on this system.")
		return
	}
	r.check(s.what, err)
}
