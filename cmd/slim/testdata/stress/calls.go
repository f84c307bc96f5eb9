//go:build calls

package main

// breathe can be interrupted, as every function that calls another.
//
//go:noinline
func breathe() { rest() }

//go:noinline
func rest() {}
