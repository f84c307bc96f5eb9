package ns

import (
	"strconv"
	"strings"
)

// Dir is where named network namespaces are kept. iproute2 says /var/run/netns,
// which is the same directory on every distribution of this decade.
const Dir = "/run/netns"

// EtcDir holds a directory per name, whose files replace those in /etc for
// programs that are started in the namespace: see [NS.Exec].
const EtcDir = "/etc/netns"

// maxName is NAME_MAX, linux/limits.h.
const maxName = 255

// NameError is a name that no namespace can have.
type NameError struct {
	Name string // as it was given: escape it before a terminal sees it
	Why  string
}

// Error begins with iproute2's words. Control bytes of the name are escaped.
func (e *NameError) Error() string {
	return "Invalid netns name " + strconv.Quote(e.Name) + ": " + e.Why
}

// CheckName returns a *NameError for a name that is not a file name: empty, "."
// or "..", longer than 255 bytes, or with a '/' or NUL in it.
func CheckName(name string) error {
	why := ""
	switch {
	case name == "":
		why = "it is empty"
	case name == "." || name == "..":
		why = "it is a directory"
	case len(name) > maxName:
		why = "it has " + strconv.Itoa(len(name)) + " bytes, more than " + strconv.Itoa(maxName)
	case strings.IndexByte(name, '/') >= 0:
		why = "it has a '/' in it"
	case strings.IndexByte(name, 0) >= 0:
		why = "it has a NUL in it"
	default:
		return nil
	}
	return &NameError{name, why}
}
