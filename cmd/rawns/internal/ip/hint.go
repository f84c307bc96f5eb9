package ip

import (
	"errors"
	"strconv"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
	"rawns/ns"
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
	if r.g.refused != 0 { // in bridge
		if h := bridgeHint(r, e); h != "" {
			return h
		}
	}
	where := "this network namespace"
	if r.g.netns != "" {
		where = "the network namespace " + r.g.netns
	}
	switch {
	case errors.Is(e, unix.EPERM) && deletesDefaultGroup(e):
		return "group 0, the default, cannot be deleted: every link is in it that was put in no other; delete links by their names"
	case errors.Is(e, unix.EPERM):
		path := ""
		if r.g.netns != "" {
			path = ns.Dir + "/" + r.g.netns
		}
		has, who := ns.Rights(path, unix.CAP_NET_ADMIN)
		return ns.Denied(e.Request, has, who, where)
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

// deletesDefaultGroup tells whether all links of group 0 were to be deleted. The
// kernel answers that as if rights were missing, whoever asks:
// rtnl_group_dellink, net/core/rtnetlink.c.
func deletesDefaultGroup(e *nl.Error) bool {
	if e.Type != unix.RTM_DELLINK {
		return false
	}
	l, err := rtnl.ParseLink(e.Request)
	if err != nil || l.Index != 0 || l.Name() != "" {
		return false
	}
	g, ok := l.Attrs.U32(rtnl.IFLA_GROUP)
	return ok && g == 0
}

//go:noinline
func itoa(v int32) string { return strconv.Itoa(int(v)) }
