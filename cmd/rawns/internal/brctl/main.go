package brctl

import (
	"os"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
)

// Run is the applet. Its exit codes are the original's: 0, and 1 for whatever
// went wrong.
func Run(args []string) int {
	_, posixly := os.LookupEnv("POSIXLY_CORRECT")
	opt, words, complaint := getopt(args[1:], posixly)
	switch opt {
	case optHelp:
		help()
		return 0
	case optVersion:
		cli.Stdout.S("bridge-utils, 1.7\n")
		return 0
	case optBad:
		fail(args[0], ": ", complaint)
		fail("Unknown option '?'")
		help()
		return 1
	}
	if len(words) == 0 {
		help()
		return 1
	}
	cmd := find(words[0])
	if cmd == nil {
		fail("never heard of command [", words[0], "]")
		help()
		return 1
	}
	if len(words)-1 < cmd.nargs {
		cli.Stdout.S("Incorrect number of arguments for command\n",
			"Usage: brctl ", cmd.name, " ", cmd.help, "\n")
		return 1
	}
	steps, complaint := cmd.parse(words[1:])
	if complaint != "" {
		return fail(complaint)
	}
	conn, err := cli.Dial(unix.NETLINK_ROUTE)
	if err != nil {
		return fail("can't setup bridge control: ", reason(err))
	}
	defer conn.Close()
	r := &runner{conn: conn, out: cli.Stdout, fd: -1}
	code := 0
	for _, s := range steps {
		if code = s.run(r); code != 0 {
			break
		}
	}
	if r.fd >= 0 {
		unix.Close(r.fd)
	}
	return code
}

// Commands returns the names of all commands.
func Commands() (names []string) {
	for i := range commands {
		names = append(names, commands[i].name)
	}
	return names
}

func help() {
	o := cli.Stdout.S("Usage: brctl [commands]\ncommands:\n")
	for i := range commands {
		o.S("\t").Left(commands[i].name, 10).S("\t", commands[i].help, "\n")
	}
}

// fail says on stderr what went wrong and returns the exit code. What stdout
// still holds comes first on a terminal, and otherwise last, as it does from a
// C program: the two may go to one file.
func fail(what ...string) int {
	if cli.IsTerminal(1) {
		cli.Stdout.Flush()
	}
	for _, w := range what {
		cli.Stderr.Safe(w)
	}
	cli.Stderr.NL().Flush()
	return 1
}

// reason is an errno in the C library's words, and any other error in its own.
func reason(err error) string {
	if e := cli.Errno(err); e != 0 {
		return cli.Strerror(e)
	}
	return err.Error()
}
