package explain

import (
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"rawns/nl"
)

// Refusal says in sentences what an NLMSG_ERROR, or an NLMSG_DONE with an
// errno, objects to: the kernel's words, the attribute by its path, its offset
// and length and what the kernel wants of it, or the attribute that is missing.
// o.Request must be what it answers. There is nothing to say of a bare errno.
func Refusal(ack []byte, o Options) []string {
	var out []string
	var text, path, missing, nest string
	var at Span
	offset := 0
	var policy nl.Policy
	hasPolicy := false
	size := Size(ack, o)
	Each(ack[:size], o, func(s *Span) bool {
		if s.Kind == Attribute {
			return true
		}
		word, rest, _ := strings.Cut(s.Value, " ")
		word = strings.TrimSuffix(word, ",")
		n, _ := strconv.ParseUint(word, 0, 64)
		switch s.Name {
		case "NLMSGERR_ATTR_MSG":
			text = s.Value
		case "NLMSGERR_ATTR_OFFS":
			offset = int(min(n, 1<<20))
		case "NLMSGERR_ATTR_MISS_TYPE":
			if missing = rest; missing == "" {
				missing = "attribute " + word
			}
		case "NLMSGERR_ATTR_MISS_NEST":
			nest = rest
		case "NL_POLICY_TYPE_ATTR_TYPE":
			hasPolicy = true
			if v, ok := nl.PolicyTypes.Value(word); ok {
				policy.Type = v
			} else {
				policy.Type = uint32(n)
			}
		case "NL_POLICY_TYPE_ATTR_MIN_VALUE_U":
			policy.Min, policy.HasRange = n, true
		case "NL_POLICY_TYPE_ATTR_MAX_VALUE_U":
			policy.Max, policy.HasRange = n, true
		case "NL_POLICY_TYPE_ATTR_MIN_VALUE_S":
			v, _ := strconv.ParseInt(word, 0, 64)
			policy.Min, policy.HasRange = uint64(v), true
		case "NL_POLICY_TYPE_ATTR_MAX_VALUE_S":
			v, _ := strconv.ParseInt(word, 0, 64)
			policy.Max, policy.HasRange = uint64(v), true
		case "NL_POLICY_TYPE_ATTR_MIN_LENGTH":
			policy.MinLen, policy.HasMinLen = uint32(n), true
		case "NL_POLICY_TYPE_ATTR_MAX_LENGTH":
			policy.MaxLen, policy.HasMaxLen = uint32(n), true
		case "NL_POLICY_TYPE_ATTR_MASK", "NL_POLICY_TYPE_ATTR_BITFIELD32_MASK":
			policy.Mask, policy.HasMask = n, true
		}
		return true
	})
	if text != "" {
		out = append(out, "the kernel says "+text)
	}
	if offset != 0 && len(o.Request) >= nl.HeaderLen {
		if path, at = find(o.Request, offset, o); path != "" {
			have, _, _ := strings.Cut(at.Value, ",")
			n, _ := strconv.Atoi(strings.TrimRight(have, " bytes"))
			s := "it objects to " + path + " at offset " + strconv.Itoa(offset) + ", which holds " + strconv.Itoa(max(n-nl.AttrHeaderLen, 0)) + plural(n-nl.AttrHeaderLen, " byte")
			if hasPolicy {
				s += "; it wants " + policy.String()
			}
			out = append(out, s)
		} else {
			out = append(out, "it objects to offset "+strconv.Itoa(offset)+", where no attribute begins")
		}
	}
	if missing != "" {
		missing = strings.TrimPrefix(missing, ", ")
		if nest != "" {
			missing = nest + "/" + missing
		}
		out = append(out, missing+" is missing")
	}
	return out
}

// Hint says what often is behind a bare errno, for a type of request; "" if
// there is nothing to say. What the kernel says itself is better.
func Hint(typ uint16, errno syscall.Errno) string {
	for i := range hints {
		if h := &hints[i]; h.errno == errno && (h.typ == 0 || h.typ == typ&^3) {
			return h.text
		}
	}
	return ""
}

// hints: those of a type come before those of any.
var hints = [...]struct {
	typ   uint16 // RTM_NEWx
	errno syscall.Errno
	text  string
}{
	{unix.RTM_NEWLINK, unix.EEXIST, "a link of that name, or of that index, is there already"},
	{unix.RTM_NEWLINK, unix.EOPNOTSUPP, "the kernel has no such kind of link, or its module is not loaded (modprobe rtnl-link-KIND); or the link does not know the setting; or the master takes no ports"},
	{unix.RTM_NEWLINK, unix.EINVAL, "a value that the link does not take: lo cannot be a port of a bridge, names have 1 to 15 bytes, an MTU has its limits"},
	{unix.RTM_NEWLINK, unix.EBUSY, "the link is in use: it has a master already, or must be down for this"},
	{unix.RTM_NEWLINK, unix.ELOOP, "bridges and other masters must not go round in a circle"},
	{unix.RTM_NEWLINK, unix.ENOTCONN, "the other end is not there yet: bring it up later"},
	{unix.RTM_NEWLINK, unix.ENETDOWN, "the link is down"},
	{unix.RTM_NEWADDR, unix.EEXIST, "the interface has that address already"},
	{unix.RTM_NEWADDR, unix.EADDRNOTAVAIL, "the interface has no such address"},
	{unix.RTM_NEWADDR, unix.EACCES, "IPv6 is switched off there (net.ipv6.conf.*.disable_ipv6)"},
	{unix.RTM_NEWROUTE, unix.EEXIST, "there is such a route with the same metric already"},
	{unix.RTM_NEWROUTE, unix.ESRCH, "there is no such route"},
	{unix.RTM_NEWROUTE, unix.ENETUNREACH, "the next router is not in a network that is directly reached: an address or a route is missing, or the link is down"},
	{unix.RTM_NEWROUTE, unix.ENETDOWN, "the interface is down: bring it up first"},
	{unix.RTM_NEWNEIGH, unix.EEXIST, "there is such an entry already"},
	{unix.RTM_NEWNEIGH, unix.ENOENT, "there is no such entry"},
	{unix.RTM_NEWNEIGH, unix.EOPNOTSUPP, "the device has no forwarding table of its own, and is no port of a bridge"},
	{unix.RTM_NEWRULE, unix.EEXIST, "there is such a rule already"},
	{unix.RTM_NEWRULE, unix.ENOENT, "there is no such rule"},
	{0, unix.EPERM, "CAP_NET_ADMIN is missing in the user namespace that owns this network namespace"},
	{0, unix.EACCES, "this needs more rights"},
	{0, unix.ENODEV, "there is no such interface in this network namespace"},
	{0, unix.EAFNOSUPPORT, "the kernel does not know the address family, or not yet on that link"},
	{0, unix.ENOBUFS, "the kernel is short of memory, or the buffer of the socket is full"},
}
