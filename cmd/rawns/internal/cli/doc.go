// Package cli holds what the applets share: append-style buffered output,
// text made safe for terminals, errno names and texts, addresses as text.
//
// It exists so that no applet needs fmt, flag or net: each of these costs
// several hundred kilobytes in the shipped binary (make size).
package cli

// Version is rawns' own.
const Version = "0.1"

// An Applet is one of the tools that rawns is: args[0] is the name it was
// called by, the rest are its arguments. It returns the process's exit code;
// main flushes Stdout and Stderr afterwards, so an applet that ends the
// process another way (exec, a signal) flushes them itself.
type Applet func(args []string) int
