package cli

import (
	"slices"
	"strconv"
	"strings"

	"rawns/ns/file"
)

// Where users and groups are listed.
const (
	Passwd = "/etc/passwd" // name, password, UID, GID, and more
	Group  = "/etc/group"  // name, password, GID, members' names
)

// Account returns the fields of the first line of Passwd or Group that has this
// text in a field: 0 is the name, 2 the number. nil: there is none. A line has
// four fields at least.
func Account(path string, field int, text string) []string {
	all, _ := file.Read(path)
	for line := range strings.Lines(string(all)) {
		if f := strings.Split(strings.TrimRight(line, "\n"), ":"); len(f) > 3 && f[field] == text && text != "" {
			return f
		}
	}
	return nil
}

// ParseID reads the number of a user or a group, in decimal. The largest, which
// system calls take for "leave it", is none.
func ParseID(text string) (int, bool) {
	n, err := strconv.ParseUint(text, 10, 32)
	return int(n), err == nil && n != 1<<32-1
}

// Memberships returns the numbers of the groups that list a user, by its name, as
// a member, without the user's own.
func Memberships(user string) (groups []int) {
	all, _ := file.Read(Group)
	for line := range strings.Lines(string(all)) {
		f := strings.Split(strings.TrimRight(line, "\n"), ":")
		if len(f) == 4 && slices.Contains(strings.Split(f[3], ","), user) {
			if n, ok := ParseID(f[2]); ok {
				groups = append(groups, n)
			}
		}
	}
	return groups
}
