//go:build tiny

package main

import "rawns/cmd/rawns/internal/cli"

// What this build leaves out, as full.go has it.
var runBrctl, runIfconfig, runArp, runRoute, runCurl, runDemo, runLearn, runFmt, runPlan, runDiff, runCheck, runExport, runLs, runGraph, runDoctor, runExplain, runMonitor, runSelftest, runCompletion cli.Applet

const optionsUsage = ""

func options(args []string) (rest []string, code int) {
	return nil, cli.Fail(2, "rawns", "the option ", args[0], " is not in this build, which was made with -tags tiny")
}

func wordsHelp(string, []string) string { return "" }

func hidden(string) cli.Applet { return nil }
