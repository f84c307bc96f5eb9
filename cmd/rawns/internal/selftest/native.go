package selftest

import (
	"bytes"
	"encoding/binary"
	"errors"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl"
	"rawns/nl/rtnl"
	"rawns/ns/topo"
)

// native is a test that is no command: err is nil if it went well. What a kernel
// does not have is one of these errors.
func (r *run) native(name, config, module string) {
	err := try(name)
	missing, why := false, ""
	switch err {
	case nil:
	case unix.ENOSYS, unix.EAFNOSUPPORT, unix.EPROTONOSUPPORT, unix.ESOCKTNOSUPPORT, unix.ENOPROTOOPT, unix.EOPNOTSUPP, unix.ENOENT, unix.EINVAL:
		missing = true
	}
	if e, ok := err.(unix.Errno); ok {
		why = cli.Strerror(e) + " (" + cli.ErrnoName(e) + ")"
	} else if err != nil {
		why = err.Error()
	}
	r.result(name, config, module, missing, why)
}

func try(name string) error {
	switch name {
	case "codec":
		return codec()
	case "clock":
		var ts unix.Timespec
		return unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts)
	// System calls that are there refuse these arguments.
	case "epoll":
		return there(unix.SYS_EPOLL_CREATE1, ^uintptr(0), 0, 0)
	case "openat2":
		return there(unix.SYS_OPENAT2, 0, 0, 0)
	case "pidfd":
		return there(unix.SYS_PIDFD_OPEN, 0, 0, 0)
	case "close_range":
		return there(unix.SYS_CLOSE_RANGE, 1, 0, 0)
	case "sendfile":
		return there(unix.SYS_SENDFILE, ^uintptr(0), ^uintptr(0), 0)
	case "landlock":
		return there(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	case "seccomp":
		// There is no filter at this address: a kernel that knows filters says EFAULT.
		if _, _, e := unix.RawSyscall(unix.SYS_PRCTL, unix.PR_SET_SECCOMP, unix.SECCOMP_MODE_FILTER, 0); e != unix.EFAULT {
			return e
		}
	case "packet sockets":
		return closed(unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0))
	case "raw sockets":
		return closed(unix.Socket(unix.AF_INET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.IPPROTO_ICMP))
	case "ping sockets":
		if err := topo.WriteSysctl("net.ipv4.ping_group_range", "0 0"); err != nil {
			return err
		}
		return closed(unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, unix.IPPROTO_ICMP))
	case "IPv6":
		return closed(unix.Socket(unix.AF_INET6, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0))
	case "extended errors":
		return option(unix.NETLINK_EXT_ACK)
	case "strict checking":
		return option(unix.NETLINK_GET_STRICT_CHK)
	case "other namespaces' events":
		return option(unix.NETLINK_LISTEN_ALL_NSID)
	case "attributes' limits":
		return limits()
	case "echo of new links":
		return echo()
	default: // a file
		return unix.Access(name, 0)
	}
	return nil
}

func closed(fd int, err error) error {
	if err == nil {
		unix.Close(fd)
	}
	return err
}

// option sets an option of a netlink socket.
func option(name int) error {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_ROUTE)
	if err == nil {
		err = unix.SetsockoptInt(fd, unix.SOL_NETLINK, name, 1)
		unix.Close(fd)
	}
	return err
}

// ask sends a request to rtnetlink, and returns how many messages came back.
func ask(b *nl.Builder) (n int, err error) {
	c, err := nl.Dial(unix.NETLINK_ROUTE)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	err = c.Do(b, func(nl.Message) { n++ })
	return n, err
}

// limits asks for what no kernel does: a length of a queue in two bytes.
func limits() error {
	var b nl.Builder
	rtnl.NewLink(&b, 0, rtnl.IfInfomsg{Index: 1})
	b.U16(nl.AttrU16(rtnl.IFLA_TXQLEN), 1)
	_, err := ask(&b)
	var refused *nl.Error
	if errors.As(err, &refused) && refused.Policy != nil {
		return nil
	}
	return unix.ENOSYS
}

// echo makes a link and wants it told.
func echo() error {
	var b nl.Builder
	rtnl.NewLink(&b, unix.NLM_F_CREATE|unix.NLM_F_EXCL|unix.NLM_F_ECHO, rtnl.IfInfomsg{})
	info := b.Nest(rtnl.IFLA_LINKINFO)
	b.StrN(rtnl.IFLA_INFO_KIND, "veth")
	b.End(info)
	n, err := ask(&b)
	if err == nil && n == 0 {
		err = unix.ENOSYS
	}
	return err
}

// there tells whether a system call is: a kernel that was built without it, or
// older, says ENOSYS, and landlock that is switched off EOPNOTSUPP.
func there(trap, a, b, c uintptr) error {
	if _, _, e := unix.RawSyscall(trap, a, b, c); e == unix.ENOSYS || e == unix.EOPNOTSUPP {
		return e
	}
	return nil
}

// errCodec: the bytes are others than they should be.
const errCodec wrongBytes = "other bytes than expected"

type wrongBytes string

func (e wrongBytes) Error() string { return string(e) }

// link is "ip link add v mtu 1400 type vlan protocol 802.1Q" in both byte orders.
const (
	little = "\x48\x00\x00\x00\x10\x00\x05\x06\x00\x00\x00\x00\x00\x00\x00\x00" +
		"\x00\x00\x00\x00\x07\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00" +
		"\x06\x00\x03\x00v\x00\x00\x00" + "\x08\x00\x04\x00\x78\x05\x00\x00" +
		"\x18\x00\x12\x00" + "\x08\x00\x01\x00vlan" + "\x0c\x00\x02\x00" + "\x06\x00\x05\x00\x81\x00\x00\x00"
	big = "\x00\x00\x00\x48\x00\x10\x06\x05\x00\x00\x00\x00\x00\x00\x00\x00" +
		"\x00\x00\x00\x00\x00\x00\x00\x07\x00\x00\x00\x01\x00\x00\x00\x01" +
		"\x00\x06\x00\x03v\x00\x00\x00" + "\x00\x08\x00\x04\x00\x00\x05\x78" +
		"\x00\x18\x00\x12" + "\x00\x08\x00\x01vlan" + "\x00\x0c\x00\x02" + "\x00\x06\x00\x05\x81\x00\x00\x00"
)

// codec encodes a request and decodes it again.
func codec() error {
	want := little
	if binary.NativeEndian.Uint16([]byte{0, 1}) == 1 {
		want = big
	}
	var b nl.Builder
	rtnl.NewLink(&b, unix.NLM_F_CREATE|unix.NLM_F_EXCL, rtnl.IfInfomsg{Index: 7, Flags: unix.IFF_UP, Change: unix.IFF_UP})
	b.Str(rtnl.IFLA_IFNAME, "v")
	b.U32(rtnl.IFLA_MTU, 1400)
	info := b.Nest(rtnl.IFLA_LINKINFO)
	b.StrN(rtnl.IFLA_INFO_KIND, "vlan")
	data := b.Nest(rtnl.IFLA_INFO_DATA)
	b.BE16(rtnl.IFLA_VLAN_PROTOCOL, unix.ETH_P_8021Q)
	b.End(data)
	b.End(info)
	p, err := b.Bytes()
	if err != nil {
		return err
	}
	if !bytes.Equal(p, []byte(want)) {
		return errCodec
	}
	if err := nl.Check(p); err != nil {
		return err
	}
	l, err := rtnl.ParseLink(p)
	if err != nil {
		return err
	}
	mtu, _ := l.Attrs.U32(rtnl.IFLA_MTU)
	protocol, _ := l.Attrs.Nest(rtnl.IFLA_LINKINFO).Nest(rtnl.IFLA_INFO_DATA).BE16(rtnl.IFLA_VLAN_PROTOCOL)
	if l.Index != 7 || l.Name() != "v" || mtu != 1400 || string(l.Kind()) != "vlan" || protocol != unix.ETH_P_8021Q {
		return errCodec
	}
	return nil
}
