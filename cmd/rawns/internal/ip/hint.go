package ip

import (
	"errors"
	"strconv"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
)

// hint returns advice on a refusal, "" if there is none to give.
func hint(r *runner, e *nl.Error) string {
	if e.Policy != nil && e.Offset != 0 {
		if p := rtnl.AttrPath(e.Request, e.Offset); p != "" {
			return p + " wants " + e.Policy.String()
		}
	}
	if p := rtnl.MissingPath(e); p != "" {
		return p + " is missing"
	}
	where := "this network namespace"
	if r.g.netns != "" {
		where = "the network namespace " + r.g.netns
	}
	switch {
	case errors.Is(e, unix.EPERM):
		return "this needs CAP_NET_ADMIN in the user namespace that owns " + where + ": try it as root"
	case e.Type == unix.RTM_NEWLINK:
		if h := linkHint(e, where); h != "" {
			return h
		}
	}
	if e.Offset != 0 {
		if p := rtnl.AttrPath(e.Request, e.Offset); p != "" {
			return "the kernel objects to " + p
		}
	}
	return ""
}

// linkHint is about making or changing a link.
func linkHint(e *nl.Error, where string) string {
	l, err := rtnl.ParseLink(e.Request)
	if err != nil {
		return ""
	}
	kind := string(l.Kind())
	switch e.Errno {
	case unix.EOPNOTSUPP:
		if kind != "" && l.Index == 0 && e.Text == "Unknown device type" {
			return "the kernel knows no links of type " + kind + ": perhaps its module is missing (modprobe " + kind + ")"
		}
	case unix.EEXIST:
		if e.Request.Flags()&unix.NLM_F_EXCL != 0 {
			if name := l.Name(); name != "" {
				return where + " has a link called " + name + " already, or the peer's name is taken"
			}
		}
	case unix.EBUSY:
		if l.Name() != "" && l.Index != 0 {
			return "a link that is up may not be renamed on this kernel: set it down first"
		}
	}
	return ""
}

func itoa(v int32) string { return strconv.Itoa(int(v)) }
