package main

// stopped are edits, too: the collector stops the world for all of its work, as
// $GODEBUG's gcstoptheworld=1 has it, whatever that says. No goroutine but the
// runtime's own runs while it marks, so that the others need not tell it which
// pointers they change, and are compiled without those write barriers (noBarriers).
// A command ends before it collects anything; a server, which allocates next to
// nothing for a request, collects rarely and has little to mark.
//
// What runs meanwhile keeps its barriers: the runtime's goroutines, and timers, whose
// functions are the runtime's and package time's, which starts a goroutine. Finalizers
// and cleanups run in goroutines that the scheduler counts among the program's.
var stopped = []edit{
	{"runtime/mgc.go", "	if debug.gcstoptheworld == 1 {\n", "	if debug.gcstoptheworld != 2 {\n"},
	{"runtime/mgcpacer.go", "	if debug.gcstoptheworld > 0 {\n", "	if true {\n"},

	// So nobody who allocates has to help marking, nor waits for it.
	nothing("runtime/malloc.go", "func deductAssistCredit(size uintptr) {"),
	nothing("runtime/mgcmark.go", "func gcFlushBgCredit(scanWork int64) {"),
	nothing("runtime/mgcmark.go", "func gcWakeAllAssists() {"),
}

// noBarriers is a flag of the compiler's for the packages of a program, if all edits were made. Go's
// own that are part of the runtime, or that it calls, must not have it.
const noBarriers = "-wb=false"
