package httpserver

import (
	"errors"
	"slices"
	"strings"

	"rawns/cmd/rawns/internal/cli"
)

// An identity is whom --user makes of the process.
type identity struct {
	uid, gid int
	groups   []int // all of them
}

// parseIdentity reads USER[:GROUP], each a name or a number. Without GROUP it is
// the user's own, and all that have the user as a member.
func parseIdentity(text string) (*identity, error) {
	name, group, hasGroup := strings.Cut(text, ":")
	user := account(cli.Passwd, name)
	uid, ok := cli.ParseID(name)
	if user != nil {
		uid, ok = cli.ParseID(user[2])
	}
	if !ok {
		return nil, errors.New(cli.Passwd + ` has no user "` + name + `"`)
	}
	if hasGroup {
		gid, ok := cli.ParseID(group)
		if g := account(cli.Group, group); g != nil {
			gid, ok = cli.ParseID(g[2])
		}
		if !ok {
			return nil, errors.New(cli.Group + ` has no group "` + group + `"`)
		}
		return &identity{uid, gid, []int{gid}}, nil
	}
	if user == nil {
		return nil, errors.New(cli.Passwd + " has no user " + name + ", so a group must be given, too: " + name + ":GROUP")
	}
	gid, ok := cli.ParseID(user[3])
	if !ok {
		return nil, errors.New(cli.Passwd + ` has no group of user "` + name + `"`)
	}
	groups := append(cli.Memberships(user[0]), gid)
	slices.Sort(groups)
	return &identity{uid, gid, slices.Compact(groups)}, nil
}

// account finds a user or group by its name, or else by its number.
func account(path, text string) []string {
	if f := cli.Account(path, 0, text); f != nil {
		return f
	}
	return cli.Account(path, 2, text)
}
