// Rawns builds networks out of Linux network namespaces. One binary is all
// the tools that the work needs: called through a link named after an applet
// (ip, ping, ...) it is that applet; called as rawns it takes the applet's
// name as its first argument.
//
// A new applet is one package under internal/ and one row in the table below.
// What -tags tiny leaves out has its function in full.go.
package main

import (
	"os"
	"strings"

	"rawns/cmd/rawns/internal/cli"
	"rawns/cmd/rawns/internal/httpserver"
	"rawns/cmd/rawns/internal/initd"
	"rawns/cmd/rawns/internal/ip"
	"rawns/cmd/rawns/internal/ping"
	"rawns/cmd/rawns/internal/scene"
)

type row struct {
	name  string
	link  bool // rawns install makes a link of this name
	brief string
	run   cli.Applet // nil: left out of this build
	help  string     // the option with which it tells how it is called
}

// nApplets is a number so that applets can return an array, which is not allocated.
const nApplets = 30

// applets is in the order of --help. It is a function because install, one of
// them, goes through the table itself.
func applets() [nApplets]row {
	return [nApplets]row{
		{"ip", true, "links, addresses, routes, namespaces, as iproute2's ip", ip.Run, "help"},
		{"bridge", true, "bridge ports, forwarding tables, VLANs, as iproute2's bridge", ip.RunBridge, "help"},
		{"brctl", true, "bridges and their ports, as bridge-utils' brctl", runBrctl, "--help"},
		{"ifconfig", true, "show and set interfaces, as net-tools' ifconfig", runIfconfig, "--help"},
		{"arp", true, "show and change the IPv4 neighbour table, as net-tools' arp", runArp, "--help"},
		{"route", true, "show and change the routing tables, as net-tools' route", runRoute, "--help"},
		{"ping", true, "send ICMP echo requests, as iputils' ping", ping.Run, "-h"},
		{"ping4", true, "ping over IPv4 only", ping.Run, "-h"},
		{"ping6", true, "ping over IPv6 only", ping.Run, "-h"},
		{"curl", true, "fetch http URLs, as curl", runCurl, "--help"},
		{"http_server", true, "answer every HTTP request with one page", httpserver.Run, "--help"},
		{"httpd", false, "serve a folder or a text over HTTP, on any number of addresses, in any namespaces", httpserver.HTTPD, "--help"},
		{"demo", false, "play the article's scene in a sandbox: needs no root, leaves nothing behind", runDemo, "--help"},
		{"learn", false, "the article as a course, in a sandbox: lessons, and faults to find", runLearn, "--help"},
		{"up", false, "make a topology on this host: a file's, or the article's scene", scene.Up, "--help"},
		{"down", false, "remove what up made", scene.Down, "--help"},
		{"fmt", false, "print a topology's file in the one way to write it, or as JSON", runFmt, "--help"},
		{"plan", false, "print what up would do with a topology's file: commands, a script, JSON, bytes", runPlan, "--help"},
		{"diff", false, "compare a topology's file with what there is", runDiff, "--help"},
		{"check", false, "tell whether a topology stands, its links carry echoes, its services answer", runCheck, "--help"},
		{"export", false, "print what runs here as a topology's file", runExport, "--help"},
		{"ls", false, "list namespaces, their links, where they lead, who holds them", runLs, "--help"},
		{"graph", false, "draw a topology, a file's or what runs now: text, SVG, mermaid, dot, JSON", runGraph, "--help"},
		{"doctor", false, "say why a ping is not answered, hop by hop, and mend it", runDoctor, "--help"},
		{"explain", false, "what every byte is of the netlink messages of a command, or of a capture", runExplain, "--help"},
		{"monitor", false, "say what changes in the kernel's network, byte by byte if wanted", runMonitor, "--help"},
		{"init", false, "the first process of a machine: mounts, modules, a topology, services", firstProcess, "--help"},
		{"selftest", false, "what of this kernel can be used, what is missing, and what would bring it", runSelftest, "--help"},
		{"completion", false, "print a script that makes bash, zsh or fish complete words", runCompletion, "--help"},
		{"install", false, "make the links ip, ping, ... in a folder", install, "--help"},
	}
}

// firstProcess does not lock the main thread: nothing that it starts asks for a signal
// when its parent ends.
func firstProcess(args []string) int {
	return initd.Run(args, func(name string) bool { return find(name) != nil })
}

func main() { os.Exit(run(os.Args)) }

func run(args []string) int {
	if args == nil {
		// Never so. The room makes the frame large, so that the stack, which begins
		// small, grows here once and not several times further down: each growth
		// walks the frames and touches a dozen pages that nothing else does.
		var room [20 << 10]byte
		use(&room)
	}
	code := dispatch(args)
	if err := cli.Stdout.Flush(); err != nil {
		code = max(code, cli.Fail(1, "rawns", "standard output: ", cli.Strerror(cli.Errno(err))))
	}
	cli.Stderr.Flush()
	return code
}

//go:noinline
func use(*[20 << 10]byte) {}

func dispatch(args []string) int {
	if len(args) == 0 {
		return 2
	}
	name := args[0][strings.LastIndexByte(args[0], '/')+1:]
	// An initramfs may have this program as /init alone; only the first process is init.
	if a := find(name); a != nil && (name != "init" || len(args) == 1 || os.Getpid() == 1) {
		return a(args)
	}
	if leftOut(name) {
		return 2
	}
	if len(args) == 1 {
		usage(cli.Stderr)
		return 2
	}
	switch args[1] {
	case "-h", "-help", "--help", "help":
		if len(args) > 2 && args[2] != "--help" && args[2] != "help" {
			return help(args[2:])
		}
		usage(cli.Stdout)
		return 0
	case "-V", "--version", "version":
		cli.Stdout.S("rawns ", cli.Version).NL()
		return 0
	}
	if strings.HasPrefix(args[1], "--") {
		rest, code := options(args[1:])
		if code != 0 {
			return code
		}
		if len(rest) == 0 {
			return cli.Fail(2, "rawns", "an applet is missing behind the options")
		}
		args = append(args[:1:1], rest...)
	}
	if a := hidden(args[1]); a != nil {
		return a(args[1:])
	}
	if a := find(args[1]); a != nil {
		return a(args[1:])
	}
	if leftOut(args[1]) {
		return 2
	}
	return cli.Fail(2, "rawns", `no applet is called "`, args[1], `"; "rawns help" lists them`)
}

func find(name string) cli.Applet {
	for _, a := range applets() {
		if a.name == name {
			return a.run
		}
	}
	return nil
}

// leftOut says so if an applet is there in other builds alone.
func leftOut(name string) bool {
	for _, a := range applets() {
		if a.name == name && a.run == nil {
			cli.Fail(2, "rawns", name, " is not in this build, which was made with -tags tiny")
			return true
		}
	}
	return false
}

func usage(o *cli.Out) {
	o.S("Usage: rawns APPLET [ARGUMENT...]\n   or: APPLET [ARGUMENT...] through a link of that name\n   or: rawns help APPLET [WORD...]\n", optionsUsage, "\nApplets:\n")
	for _, a := range applets() {
		if a.run != nil {
			o.S("  ").Left(a.name, 12).S(a.brief).NL()
		}
	}
}

// help prints what an applet's words mean: "rawns help ip link vxlan".
func help(words []string) int {
	name := words[0]
	if text := wordsHelp(name, words[1:]); text != "" {
		cli.Stdout.S(text).NL()
		return 0
	}
	for _, a := range applets() {
		if a.name == name && a.run != nil && a.help != "" && len(words) == 1 {
			// What it says on standard error otherwise was asked for here.
			cli.Stderr = cli.Stdout
			a.run([]string{name, a.help})
			return 0
		}
	}
	return cli.Fail(2, "rawns help", `nothing is known of "`, strings.Join(words, " "), `"; "rawns help" lists the applets`)
}
