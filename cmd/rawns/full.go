//go:build !tiny

package main

import (
	"runtime"

	"rawns/cmd/rawns/internal/arp"
	"rawns/cmd/rawns/internal/brctl"
	"rawns/cmd/rawns/internal/cli"
	"rawns/cmd/rawns/internal/curl"
	"rawns/cmd/rawns/internal/doctor"
	"rawns/cmd/rawns/internal/explain"
	"rawns/cmd/rawns/internal/graph"
	"rawns/cmd/rawns/internal/ifconfig"
	"rawns/cmd/rawns/internal/ip"
	"rawns/cmd/rawns/internal/learn"
	"rawns/cmd/rawns/internal/ls"
	"rawns/cmd/rawns/internal/route"
	"rawns/cmd/rawns/internal/scene"
	"rawns/cmd/rawns/internal/selftest"
	"rawns/cmd/rawns/internal/topology"
	"rawns/cmd/rawns/internal/trace"
)

// The applets that -tags tiny leaves out.
var (
	runBrctl    = brctl.Run
	runIfconfig = ifconfig.Run
	runArp      = arp.Run
	runRoute    = route.Run
	runCurl     = curl.Run
	runFmt      = topology.Fmt
	runPlan     = topology.Plan
	runDiff     = topology.Diff
	runCheck    = topology.Check
	runExport   = topology.Export
	runLs       = ls.Run
	runGraph    = graph.Run
	runDoctor   = doctor.Run
	runMonitor  = explain.Monitor
)

func runDemo(args []string) int {
	trace.Inherit()
	return lock(func(args []string) int { return scene.Demo(args, installInto) })(args)
}

func runExplain(args []string) int { return explain.Run(args, find) }

func runLearn(args []string) int {
	return lock(func(args []string) int {
		return learn.Run(args, learn.Tools{Install: installInto, Find: find})
	})(args)
}

func runSelftest(args []string) int {
	return lock(func(args []string) int { return selftest.Run(args, find) })(args)
}

// lock keeps an applet on the main thread: programs that it starts with Pdeathsig
// end when the thread ends that started them. Those that start none do without:
// Go makes another thread for a program that locks one, which is 5 percent of the
// time of a short command. ns.Do does not touch the main thread in either case.
func lock(run cli.Applet) cli.Applet {
	return func(args []string) int {
		runtime.LockOSThread()
		return run(args)
	}
}

// optionsUsage is of the options in front of an applet's name.
const optionsUsage = `   or: rawns OPTIONS APPLET [ARGUMENT...]

Options:
  --trace       show on stderr the system calls for namespaces, and what is said to the kernel, as it happens
  --trace=full  the same, with its answers byte by byte
  --step        the same as --trace, and wait for the Enter key before each request
  --pcap FILE   keep the conversation for Wireshark, tshark, and rawns explain --file
`

// options takes them off args, which begin with one, and does as they say. code
// is 0 if all is well.
func options(args []string) (rest []string, code int) { return trace.Options(args) }

// hidden returns what is no row of the table; nil if there is none of the name.
func hidden(name string) cli.Applet {
	if name == "complete-words" {
		return completeWords // which completion's scripts call
	}
	return nil
}

// wordsHelp is the help for words of an applet, "" if it has none of its own.
func wordsHelp(applet string, words []string) string { return ip.Help(applet, words) }
