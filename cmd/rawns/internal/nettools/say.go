package nettools

import (
	"rawns/cmd/rawns/internal/cli"
	"rawns/nl"
)

// Version is the line that -V prints.
const Version = "net-tools 2.10\n"

// Say prints a line on stderr, behind what stdout still holds.
func Say(ss ...string) {
	cli.Stdout.Flush()
	for _, s := range ss {
		cli.Stderr.Safe(s)
	}
	cli.Stderr.NL()
}

// Hint prints what a person might do about the error before it.
func Hint(ss ...string) {
	cli.Stderr.S("  hint: ")
	Say(ss...)
}

// Perror says what failed and the errno's text, as perror(3), and what the
// kernel had to add.
func Perror(what string, err error) {
	text := err.Error()
	if errno := cli.Errno(err); errno != 0 {
		text = cli.Strerror(errno)
	}
	Say(what, ": ", text)
	if e, ok := err.(*nl.Error); ok && e.Text != "" {
		Hint("the kernel says: ", e.Text)
	}
}
