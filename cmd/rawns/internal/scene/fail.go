package scene

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl"
	"rawns/nl/rtnl"
	"rawns/ns"
	"rawns/ns/topo"
)

// fail says what went wrong, as a person can use it, and returns 1.
func fail(name string, errs ...error) int {
	for _, err := range errs {
		var s *topo.StepError
		if !errors.As(err, &s) {
			explain(name, nil, err)
			continue
		}
		cli.Fail(1, name, "step ", itoa(s.N), " of ", itoa(s.Of), " failed: ", s.Step.Command())
		explain(name, s.Step, s.Err)
		if len(s.Left) == 0 && s.Made {
			cli.Fail(1, name, "what the steps before it had made is removed again")
		}
		for _, l := range s.Left {
			cli.Fail(1, name, "left behind: ", l.Error())
		}
		if len(s.Left) > 0 {
			cli.Fail(1, name, "hint: \"rawns down\" removes that, when what is in its way is gone")
		}
	}
	return 1
}

func itoa(n int) string {
	var b cli.Out
	return string(b.D(int64(n)).B)
}

// explain prints an error, and below it a hint where there is one. step is the
// one that failed, nil if none did.
func explain(name string, step *topo.Step, err error) {
	var k *nl.Error
	var n *ns.Error
	var c *topo.SysctlError
	var silent *silentError
	hint := ""
	switch {
	case errors.As(err, &k):
		text := cli.Strerror(k.Errno) + " (" + cli.ErrnoName(k.Errno) + ")"
		if k.Text != "" {
			text += ": " + k.Text
		}
		cli.Fail(1, name, "the kernel refused: ", text)
		hint = refused(step, k)
	case errors.As(err, &n):
		cli.Fail(1, name, n.Step(), ": ", cli.Strerror(cli.Errno(n.Err)))
		if hint = n.Hint(); hint == "" && errors.Is(err, unix.EEXIST) {
			hint = "a namespace of that name is there already, and rawns up did not make it: look with \"ip netns\""
		}
	case errors.As(err, &c):
		cli.Fail(1, name, err.Error())
		switch {
		case errors.Is(err, unix.ENOENT):
			hint = "no such setting: look below /proc/sys/net, in that namespace"
		case errors.Is(err, unix.EROFS), errors.Is(err, unix.EACCES), errors.Is(err, unix.EPERM):
			hint = "be root; inside a container /proc/sys may be read-only"
		case c.Value != "":
			hint = "the kernel does not take that value"
		}
	case errors.As(err, &silent):
		cli.Fail(1, name, err.Error())
		ip := string(nl.AppendIP(nil, silent.at.IP))
		hint = "perhaps " + ip + " is routed elsewhere, or is an address of this host: \"ip route get " + ip + "\" should name " + silent.at.Dev
	default:
		cli.Fail(1, name, err.Error())
	}
	if hint == "" {
		hint = general(err)
	}
	if hint != "" {
		cli.Fail(1, name, "hint: ", hint)
	}
}

// refused returns a hint for what the kernel refused.
func refused(step *topo.Step, k *nl.Error) string {
	path := rtnl.AttrPath(k.Request, k.Offset)
	switch {
	case k.Offset != 0 && path != "" && k.Policy != nil:
		return path + " wants " + k.Policy.String()
	case k.Offset != 0 && path != "":
		return "it objects to " + path
	}
	op := topo.OpNetns
	if step != nil {
		op = step.Op
	}
	switch k.Errno {
	case unix.EPERM:
		has, who := ns.Rights("", unix.CAP_NET_ADMIN) // a namespace that rawns has made allows everything
		return ns.Denied(k.Request, has, who, "this network namespace") + "; \"rawns demo\" needs no root"
	case unix.EEXIST:
		switch op {
		case topo.OpAddAddr:
			return "the link has that address already: look with \"ip addr\""
		case topo.OpAddRoute:
			return "there is one already that rawns did not make: look with \"ip route show table all\""
		}
		return "there is one already that rawns did not make: look with \"ip link\" and \"ip addr\", remove or rename it"
	case unix.EBUSY:
		if op == topo.OpAddLink {
			return "the link below is in use otherwise, or the index was taken just now: try again"
		}
	case unix.EXFULL:
		return "a bridge takes 1,023 ports: make several bridges"
	case unix.ENETUNREACH, unix.EHOSTUNREACH:
		if op == topo.OpAddRoute {
			return "the gateway must be in a network of a link that is up; or say \"dev LINK onlink\""
		}
	case unix.ENETDOWN:
		return "the link is down, or the one below it"
	case unix.EOPNOTSUPP:
		if op == topo.OpAddLink && step.Link != nil {
			return "the kernel lacks this kind of link: modprobe " + step.Link.Kind + ", as root"
		}
	case unix.EAFNOSUPPORT, unix.EACCES:
		if op == topo.OpSetLink || op == topo.OpAddAddr {
			return "IPv6 is off on that link: by disable_ipv6, or because its mtu is below 1280"
		}
	case unix.EADDRINUSE:
		return "another link has the same number or port here"
	}
	return ""
}

// general returns a hint for an errno that means the same everywhere.
func general(err error) string {
	switch {
	case errors.Is(err, unix.EPERM), errors.Is(err, os.ErrPermission):
		return "be root (CAP_NET_ADMIN, CAP_SYS_ADMIN); \"rawns demo\" needs no root"
	case errors.Is(err, unix.EMFILE):
		return "more files are needed: ulimit -n 4096"
	case errors.Is(err, unix.ENFILE):
		return "the machine has too many files open: sysctl fs.file-max"
	case errors.Is(err, unix.ENOMEM), errors.Is(err, unix.ENOBUFS):
		return "the machine is short of memory"
	case errors.Is(err, unix.ENOSPC):
		return "something is full: /run, or a limit in /proc/sys/user (max_net_namespaces), or fs.mount-max"
	}
	return ""
}
