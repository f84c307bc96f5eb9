package ns

import (
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
	"rawns/ns/file"
)

// Rights tells whether the calling thread has a capability (unix.CAP_NET_ADMIN)
// over the network namespace that path refers to: it counts in the user
// namespace that owns that one, user_namespaces(7). "" is the thread's own
// network namespace. who says which user namespace that is, as seen from the
// thread's: "user:[4026531837], your own"; it is "" where that cannot be found
// out, and has means nothing then.
func Rights(path string, capability uint) (has bool, who string) {
	if path == "" {
		path = "/proc/thread-self/ns/net"
	}
	var buf [64]byte
	n, err := unix.Readlink("/proc/thread-self/ns/user", buf[:])
	if err != nil {
		return false, ""
	}
	own := string(buf[:n])
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return false, ""
	}
	defer unix.Close(fd)
	owner, err := unix.IoctlRetInt(fd, unix.NS_GET_USERNS)
	if err == unix.EPERM { // neither the thread's own nor a descendant of it
		return false, "one outside of your own, " + own
	}
	if err != nil {
		return false, ""
	}
	defer unix.Close(owner)
	var st unix.Stat_t
	if unix.Fstat(owner, &st) != nil {
		return false, ""
	}
	has = effective()>>capability&1 != 0 // and in what is below
	if who = "user:[" + strconv.FormatUint(st.Ino, 10) + "]"; who == own {
		return has, who + ", your own"
	}
	if uid, err := unix.IoctlGetInt(owner, unix.NS_GET_OWNER_UID); err == nil && uid == unix.Geteuid() {
		has = true // whoever has made a user namespace may do all in it
	}
	return has, who + ", below your own, " + own
}

// effective returns the thread's effective capabilities.
func effective() uint64 {
	text, _ := file.Read("/proc/thread-self/status")
	_, rest, _ := strings.Cut(string(text), "\nCapEff:")
	line, _, _ := strings.Cut(rest, "\n")
	n, _ := strconv.ParseUint(strings.TrimSpace(line), 16, 64)
	return n
}

// Denied says which right is missing, and where, to who got EPERM for a request:
// has and who are what Rights says of CAP_NET_ADMIN over the network namespace
// that the request was sent in, which where calls by name ("this network
// namespace").
func Denied(request nl.Message, has bool, who, where string) string {
	if has && who != "" {
		has, who = false, ""
		if other := target(request); other != "" {
			where = "the network namespace that the link is to be in"
			has, who = Rights(other, unix.CAP_NET_ADMIN)
		}
		if who == "" || has {
			return "CAP_NET_ADMIN is there, but the kernel wants more for this: a capability in the initial user namespace, or over another network namespace"
		}
	}
	s := "this needs CAP_NET_ADMIN in the user namespace that owns " + where
	if who != "" {
		s += " (" + who + ")"
	}
	if strings.HasPrefix(who, "one outside") {
		return s + ": yours do not count there"
	}
	return s + ": try it as root"
}

// target returns a path to the network namespace that a link is to go to, "" if
// it is to go nowhere.
func target(request nl.Message) string {
	if l, err := rtnl.ParseLink(request); err == nil {
		if fd, ok := l.Attrs.U32(rtnl.IFLA_NET_NS_FD); ok {
			return "/proc/thread-self/fd/" + strconv.FormatUint(uint64(fd), 10)
		}
		if pid, ok := l.Attrs.U32(rtnl.IFLA_NET_NS_PID); ok {
			return "/proc/" + strconv.FormatUint(uint64(pid), 10) + "/ns/net"
		}
	}
	return ""
}
