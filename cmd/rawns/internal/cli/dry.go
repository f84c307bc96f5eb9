package cli

import (
	"golang.org/x/sys/unix"

	"rawns/nl"
)

// A DryRun stands in for the kernel while a command is explained: nothing is
// sent, and nothing else is done either.
type DryRun struct {
	// Conn returns a connection that somebody else than the kernel answers.
	Conn func(protocol int) *nl.Conn
	// Note hears of what is done without netlink, or was made up; the words
	// are one sentence, escaped where they came from outside.
	Note func(words ...string)
	// Line is told of each command of a batch, by the number of the line where
	// it ends, before anything comes of it.
	Line func(number int, tool string, words []string)
}

// Dry is set during a dry run, and nil otherwise.
var Dry *DryRun

// Dial is how applets reach the kernel: nl.Dial, but in a dry run.
func Dial(protocol int) (*nl.Conn, error) {
	if Dry != nil {
		return Dry.Conn(protocol), nil
	}
	return nl.Dial(protocol)
}

// Ioctl says in a dry run that a request of ioctl(2) would be made about an
// interface, if it changes anything, and returns whether this is one.
func Ioctl(request uint, name []byte) (dry bool) {
	if Dry == nil {
		return false
	}
	for i := range changes {
		if c := &changes[i]; c.request == request {
			Dry.Note("no netlink: ioctl(", c.name, ") on ", Safe(unix.ByteSliceToString(name)), ", netdevice(7)")
		}
	}
	return true
}

// changes are the requests that change something.
var changes = [...]struct {
	request uint
	name    string
}{
	{unix.SIOCSIFFLAGS, "SIOCSIFFLAGS"}, {unix.SIOCSIFADDR, "SIOCSIFADDR"}, {unix.SIOCSIFNETMASK, "SIOCSIFNETMASK"}, {unix.SIOCSIFBRDADDR, "SIOCSIFBRDADDR"},
	{unix.SIOCSIFDSTADDR, "SIOCSIFDSTADDR"}, {unix.SIOCSIFMAP, "SIOCSIFMAP"}, {unix.SIOCDEVPRIVATE, "SIOCDEVPRIVATE"}, {unix.SIOCDEVPRIVATE + 2, "SIOCDEVPRIVATE+2"},
}
