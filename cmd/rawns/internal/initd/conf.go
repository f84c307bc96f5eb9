package initd

import (
	"errors"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/cmd/rawns/internal/sandbox"
	"rawns/cmd/rawns/internal/scene"
	"rawns/ns/file"
	"rawns/ns/topo"
)

// A word is what a line may begin with, and how many words follow. do is the step:
// it returns why it failed, "" if it did not, and nothing if there was nothing to do.
type word struct {
	name     string
	min, max int
	wants    string
	do       func(in *initd, args []string) string
}

type line struct {
	*word
	args []string
}

const nothing = "\x00"

var words = [...]word{
	{"module", 1, any, "NAME or PATH, and parameters", module},
	{"modules", 1, 1, "one FILE", modules},
	{"mount", 2, 4, "TYPE DIR [OPTIONS [SOURCE]]", mount},
	{"hostname", 1, 1, "one NAME", hostname},
	{"sysctl", 1, 1, "KEY=VALUE", sysctl},
	{"up", 0, 1, "one FILE, or none", up},
	{"run", 1, any, "COMMAND", runOnce},
	{"service", 1, any, "COMMAND", serve},
	{"console", 1, any, "COMMAND", serveConsole},
	{"quiet", 0, 0, "nothing", quiet},
	{"poweroff", 0, 0, "nothing", powerOff},
	{"reboot", 0, 0, "nothing", reboot},
	{"halt", 0, 0, "nothing", halt},
}

const any = 1 << 20

// A conf is a file that was read: its good lines, and the faults of the others.
type conf struct {
	lines []line
	err   error
}

func read(path string) conf {
	text, err := file.Read(path)
	if err != nil {
		return conf{err: errors.New(path + ": " + cli.Strerror(cli.Errno(err)))}
	}
	return parse(path, text)
}

func parse(name string, text []byte) (c conf) {
	l := topo.ReadLines(name, text)
	for w := l.Next(); w != nil; w = l.Next() {
		n := len(w) - 1
		switch s := find(w[0].Text); {
		case s == nil:
			l.Unknown(w[0], func(i int) string {
				if i < len(words) {
					return words[i].name
				}
				return ""
			})
		case n < s.min || n > s.max:
			l.Wrong(w[min(n, s.max+1)], "this is not what follows "+s.name, s.wants)
		default:
			args := make([]string, n)
			for i := range args {
				args[i] = w[i+1].Text
			}
			c.lines = append(c.lines, line{s, args})
		}
	}
	c.err = l.Err()
	return c
}

func find(name string) *word {
	for i := range words {
		if words[i].name == name {
			return &words[i]
		}
	}
	return nil
}

func lo(*initd, []string) string { return reason(sandbox.LoUp()) }

func hostname(_ *initd, args []string) string {
	// The setting kernel.hostname is for the machine's root alone.
	return reason(unix.Sethostname([]byte(args[0])))
}

func sysctl(_ *initd, args []string) string {
	key, value, ok := strings.Cut(args[0], "=")
	if !ok {
		return "it has no value: KEY=VALUE"
	}
	return reason(topo.WriteSysctl(key, value))
}

func up(in *initd, args []string) string {
	code := scene.Make(args, in.member)
	cli.Stdout.Flush()
	cli.Stderr.Flush()
	if code != 0 {
		return "see above"
	}
	return ""
}

func quiet(in *initd, _ []string) string { in.quiet = true; return nothing }

func powerOff(in *initd, _ []string) string {
	in.end = unix.LINUX_REBOOT_CMD_POWER_OFF
	return nothing
}

func reboot(in *initd, _ []string) string { in.end = unix.LINUX_REBOOT_CMD_RESTART; return nothing }

func halt(in *initd, _ []string) string { in.end = unix.LINUX_REBOOT_CMD_HALT; return nothing }

// reason is what an error says, an errno as the C library words it.
func reason(err error) string {
	if err == nil {
		return ""
	}
	var p *os.PathError
	if e, ok := err.(unix.Errno); ok {
		return cli.Strerror(e) + " (" + cli.ErrnoName(e) + ")"
	} else if errors.As(err, &p) {
		return p.Path + ": " + reason(p.Err)
	}
	return err.Error()
}
