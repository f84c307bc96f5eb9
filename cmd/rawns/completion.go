//go:build !tiny

package main

import (
	"os"
	"slices"
	"strings"

	"rawns/cmd/rawns/internal/brctl"
	"rawns/cmd/rawns/internal/cli"
	"rawns/cmd/rawns/internal/explain"
	"rawns/cmd/rawns/internal/ip"
	"rawns/cmd/rawns/internal/learn"
	"rawns/ns/file"
)

const completionUsage = `Usage: rawns completion { bash | zsh | fish }

Prints a script that makes the shell complete the words of rawns and of its
applets: objects, commands, keywords, types of links, names of devices and
namespaces. For this shell alone:

    source <(rawns completion bash)

Exit codes: 0 done, 2 wrong usage.
`

// The scripts ask the program itself, which knows its tables, what the word
// under the cursor may be: "rawns complete-words WORD...".
const (
	bashCompletion = `_rawns() {
	local IFS=$'\n'
	COMPREPLY=($(EXE complete-words "${COMP_WORDS[@]:0:COMP_CWORD+1}" 2>/dev/null))
}
complete -F _rawns NAMES
`
	zshCompletion = `#compdef NAMES
_rawns() {
	local -a found
	found=(${(f)"$(EXE complete-words "${(@)words[1,CURRENT]}" 2>/dev/null)"})
	compadd -Q -- $found
}
compdef _rawns NAMES
`
	fishCompletion = `function __rawns_words
	EXE complete-words (commandline -opc) (commandline -ct) 2>/dev/null
end
for name in NAMES
	complete -c $name -f -a '(__rawns_words)'
end
`
)

func runCompletion(args []string) int {
	script := ""
	if len(args) == 2 {
		switch args[1] {
		case "bash":
			script = bashCompletion
		case "zsh":
			script = zshCompletion
		case "fish":
			script = fishCompletion
		case "-h", "--help", "help":
			cli.Stdout.S(completionUsage)
			return 0
		}
	}
	if script == "" {
		cli.Fail(2, "rawns completion", "one of bash, zsh and fish must be named")
		cli.Stderr.S(completionUsage)
		return 2
	}
	exe, err := os.Executable()
	if err != nil {
		return cli.Fail(1, "rawns completion", err.Error())
	}
	names := []string{"rawns"}
	for _, a := range applets() {
		if a.link && completes(a.name) {
			names = append(names, a.name)
		}
	}
	cli.Stdout.S(strings.ReplaceAll(strings.ReplaceAll(script, "NAMES", strings.Join(names, " ")), "EXE", quote(exe)))
	return 0
}

// quote makes a path one word of any of the shells.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// completes tells whether something is known of an applet's words; the files
// that a shell offers by itself are better than nothing.
func completes(name string) bool { return name != "curl" && name != "http_server" }

// completeWords prints what the last of the words of a command line may be, a
// line each.
func completeWords(args []string) int {
	if len(args) < 3 {
		return 0
	}
	for _, w := range complete(args[1:]) {
		cli.Stdout.S(w).NL()
	}
	return 0
}

func complete(words []string) (found []string) {
	name := words[0][strings.LastIndexByte(words[0], '/')+1:]
	last := words[len(words)-1]
	switch name {
	case "rawns":
		for len(words) > 2 && strings.HasPrefix(words[1], "--") { // --trace and its like
			words = words[1:]
		}
		if len(words) > 2 && words[1] != "help" && words[1] != "completion" {
			return complete(words[1:])
		}
		if len(words) > 3 && words[1] == "help" {
			return complete(words[2:])
		}
		if len(words) == 3 && words[1] == "completion" {
			found = []string{"bash", "zsh", "fish"}
			break
		}
		for _, a := range applets() {
			if len(a.name) > 0 && a.brief != "" {
				found = append(found, a.name)
			}
		}
		if len(words) == 2 {
			found = append(found, "help")
		}
	case "explain":
		i := 1
		for i < len(words)-1 && strings.HasPrefix(words[i], "-") {
			i++
		}
		switch {
		case i < len(words)-1 && strings.HasPrefix(words[i-1], "--file"):
			found = files(last)
		case i < len(words)-1:
			return complete(words[i:])
		case strings.HasPrefix(last, "-"):
			found = optionsIn(helpOf(verb(name)))
		case words[i-1] == "--file":
			found = files(last)
		default:
			found = explain.Commands()
		}
	case "brctl":
		if len(words) == 2 {
			found = brctl.Commands()
			break
		}
		found = ip.Complete("ip", []string{"link", "show", "dev", last})
	case "ifconfig", "arp", "route", "ping", "ping4", "ping6":
		before := words[len(words)-2]
		if name == "ifconfig" && len(words) == 2 || name != "ifconfig" && slices.Contains([]string{"-i", "-I", "dev"}, before) {
			found = ip.Complete("ip", []string{"link", "show", "dev", last})
		}
	case "learn":
		if found = learn.Lessons(); strings.HasPrefix(last, "-") {
			found = optionsIn(helpOf(verb(name)))
		}
	default:
		v := verb(name)
		if v == nil {
			return ip.Complete(name, words[1:])
		}
		if strings.HasPrefix(last, "-") {
			found = optionsIn(helpOf(v))
		} else {
			found = files(last)
		}
	}
	keep := found[:0]
	for _, w := range found {
		if strings.HasPrefix(w, last) {
			keep = append(keep, w)
		}
	}
	return keep
}

// verb returns the row of an applet that stands for no other program's; nil if
// there is none.
func verb(name string) *row {
	all := applets()
	for i := range all {
		if all[i].name == name && !all[i].link {
			return &all[i]
		}
	}
	return nil
}

// helpOf returns what an applet says of itself.
func helpOf(a *row) string {
	n := len(cli.Stdout.B)
	a.run([]string{a.name, a.help})
	text := string(cli.Stdout.B[n:])
	cli.Stdout.B = cli.Stdout.B[:n]
	return text
}

// optionsIn returns the options that a usage text names, a word each.
func optionsIn(text string) (found []string) {
	words := strings.FieldsFunc(text, func(c rune) bool {
		return c != '-' && (c < 'a' || c > 'z')
	})
	for _, w := range words {
		if len(w) > 1 && w[0] == '-' && strings.Trim(w, "-") != "" && !slices.Contains(found, w) {
			found = append(found, w)
		}
	}
	return found
}

// files returns the files whose path begins so, folders with a '/' behind them.
func files(begin string) (found []string) {
	i := strings.LastIndexByte(begin, '/') + 1
	dir := begin[:i]
	if dir == "" {
		dir = "."
	}
	list, _ := file.Names(dir)
	slices.Sort(list)
	for _, name := range list {
		if name[0] == '.' && !strings.HasPrefix(begin[i:], ".") || cli.Safe(name) != name {
			continue
		}
		if file.IsDir(dir + "/" + name) {
			name += "/"
		}
		found = append(found, begin[:i]+name)
	}
	return found
}
