package doctor

import (
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"rawns/ns/topo"
)

// Here, behind the word netns, is the namespace where Observe ran. In a shell it
// stands for the shell's process, whose namespace is meant; who runs Argv by
// himself puts the number of a process there.
const Here = "$$"

// command is a command whose words are those of format; a word that is "%" is
// the next of args, as say has them.
//
//go:noinline
func command(sp *topo.SpaceState, format string, args ...any) *Command {
	argv := strings.Split(format, " ")
	for i, w := range argv {
		if w == "%" {
			argv[i], args = say(nil, w, args[0]), args[1:]
		}
	}
	return &Command{Space: sp, Argv: argv}
}

// add appends words.
//
//go:noinline
func (c *Command) add(format string, args ...any) {
	c.Argv = append(c.Argv, command(nil, format, args...).Argv...)
}

// ofTable appends a route's table and metric, where they are not the usual ones.
func (c *Command) ofTable(rt *topo.RouteState) *Command {
	if rt.Table != unix.RT_TABLE_MAIN {
		c.add("table %", &rt.Table)
	}
	if rt.Metric != 0 {
		c.add("metric %", &rt.Metric)
	}
	return c
}

// routeCommand is the beginning of a command about a route of an address's
// family.
func routeCommand(sp *topo.SpaceState, ip *[]byte, words string) *Command {
	if len(*ip) == 16 {
		return command(sp, "ip -6 route "+words)
	}
	return command(sp, "ip route "+words)
}

// delAddr is the command that takes an address away from a link.
//
//go:noinline
func delAddr(l *topo.LinkState, a *topo.AddrState) *Command {
	return command(l.Space, "ip addr del % dev %", &a.Prefix, l)
}

// linkSet is a command of "ip link set". A name without a digit may be the
// beginning of a word of ip's, and gets its dev.
//
//go:noinline
func linkSet(sp *topo.SpaceState, name, format string, args ...any) *Command {
	dev := ""
	if !strings.ContainsAny(name, "0123456789") {
		dev = "dev "
	}
	c := command(sp, "ip link set "+dev+"x "+format, args...)
	c.Argv[slices.Index(c.Argv, "x")] = name
	return c
}

// setLink is linkSet in the link's own namespace.
//
//go:noinline
func setLink(l *topo.LinkState, format string, args ...any) *Command {
	return linkSet(l.Space, l.Name, format, args...)
}

// setting is a command that writes a setting; its key is a path below
// /proc/sys. In sysctl(8)'s spelling a '.' that a link's name has becomes '/'.
//
//go:noinline
func setting(sp *topo.SpaceState, key, value string) *Command {
	dots := []byte(key)
	for i, c := range dots {
		switch c {
		case '/':
			dots[i] = '.'
		case '.':
			dots[i] = '/'
		}
	}
	return &Command{Space: sp, Argv: []string{"sysctl", "-w", string(dots) + "=" + value}, Sysctl: key, Value: value}
}

// Line is the command as one types it where Observe ran: with -n NS, or
// through "ip netns exec NS" where the tool has no such option. Words that a
// shell would take apart are quoted.
func (c *Command) Line(st *topo.State) string {
	argv := slices.Clone(c.Argv)
	switch sp := c.Space; {
	case sp == nil || sp == st.Spaces[0]:
	case sp.Name == "":
		argv = append([]string{"nsenter", "--net=" + sp.Path}, argv...)
	case argv[0] == "ip" || argv[0] == "bridge":
		argv = append([]string{argv[0], "-n", sp.Name}, argv[1:]...)
	default:
		argv = append([]string{"ip", "netns", "exec", sp.Name}, argv...)
	}
	for i, a := range argv {
		if a != Here || i == 0 || argv[i-1] != "netns" {
			argv[i] = quote(a)
		}
	}
	return strings.Join(argv, " ")
}

// Line is all commands of the fault in one line, "" if there are none.
func (f *Fault) Line(st *topo.State) string {
	lines := make([]string, len(f.Mend))
	for i := range f.Mend {
		lines[i] = f.Mend[i].Line(st)
	}
	return strings.Join(lines, " && ")
}

const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./:,@%^"

// quote makes one word of s for a shell: as it is, in single quotes, or, with
// control bytes in it or such that are not ASCII, in bash's $'...'.
func quote(s string) string {
	ascii := true
	for i := 0; i < len(s); i++ {
		ascii = ascii && s[i] >= ' ' && s[i] < 0x7f
	}
	switch {
	case s != "" && strings.TrimLeft(s, plain) == "":
		return s
	case ascii:
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}
	b := []byte("$'")
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\'' || c == '\\':
			b = append(b, '\\', c)
		case c >= ' ' && c < 0x7f:
			b = append(b, c)
		default:
			b = append(b, '\\', 'x', hex[c>>4], hex[c&15])
		}
	}
	return string(append(b, '\''))
}

const hex = "0123456789abcdef"
