// Package ip is the applets ip and bridge: iproute2's grammar, text and JSON,
// exit codes and requests, for the objects that they have.
//
// A command line passes three stages that know nothing of each other's work:
//
//	parse   args.go command.go option.go ... words -> plan, no system call at all
//	plan    plan.go                          steps: requests as bytes, and what must be shown
//	run     run.go hint.go                   sockets, look-ups, errors, exit code
//
// A parser reads words off an args. Most keywords are rows of one table an
// object (option): how the word may be shortened, what follows it, which
// attribute it becomes. What a row cannot say is a function in the row. The
// order of a table is the grammar: the first row that the word is a prefix of
// wins, as in iproute2.
//
// A request holds its message ready encoded. Numbers that a name stands for
// (an interface's index, a namespace's descriptor) are fixups: where in the
// message, and which name; they are looked up when the request is run.
//
// What is listed goes through one printer (print.go), which writes text or
// JSON from the same calls.
//
// An object is a table of commands (command.go): what the first word may be,
// how it may be shortened, what follows it. Parser, usage texts and completion
// are all made of it.
//
// A new object is a file with its tables, its parsers and its steps, and a row
// in the table of main.go. A new link kind is a file kind_NAME.go and a row in
// kinds.go. Files of the objects of bridge begin with bridge_.
package ip
