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
	case e.Type == unix.RTM_NEWLINK, e.Type == unix.RTM_DELLINK:
		if h := linkHint(r, e, where); h != "" {
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

func itoa(v int32) string { return strconv.Itoa(int(v)) }
