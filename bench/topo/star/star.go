// Package star says how all is called that the programs of bench/topo make: the same as
// topo.h does for those in C.
package star

import (
	"fmt"
	"os"
	"strconv"
)

// A Star is N namespaces, n1 and so on, each with lo, and eth0 with an address; Per of them
// on each bridge, br1 and so on, whose ports are v1 and so on.
type Star struct{ N, Per int }

// Main is main of a program that is called "up|down N PER".
func Main(up, down func(Star) error) {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: "+os.Args[0]+" up|down N PER")
		os.Exit(2)
	}
	n, err1 := strconv.Atoi(os.Args[2])
	per, err2 := strconv.Atoi(os.Args[3])
	if err1 != nil || err2 != nil || n < 1 || per < 1 {
		fmt.Fprintln(os.Stderr, "N and PER are numbers")
		os.Exit(2)
	}
	do := up
	if os.Args[1] == "down" {
		do = down
	}
	if err := do(Star{n, per}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// Bridges returns how many bridges there are.
func (s Star) Bridges() int { return (s.N + s.Per - 1) / s.Per }

// Bridge returns the number of the bridge that namespace i is on; all count from 1.
func (s Star) Bridge(i int) int { return (i-1)/s.Per + 1 }

// HostAddr returns the address of a bridge, in a /16.
func (s Star) HostAddr(bridge int) [4]byte { return [4]byte{10, byte(bridge), 0, 1} }

// Addr returns the address inside namespace i, in the same /16.
func (s Star) Addr(i int) [4]byte {
	k := (i-1)%s.Per + 2
	return [4]byte{10, byte(s.Bridge(i)), byte(k >> 8), byte(k)}
}

// Name returns the name of the i-th of something.
func Name(what string, i int) string { return what + strconv.Itoa(i) }

// Text returns the star as a file of rawns.
func (s Star) Text() []byte {
	var b []byte
	for k := 1; k <= s.Bridges(); k++ {
		first, last := (k-1)*s.Per+1, min(k*s.Per, s.N)
		b = fmt.Appendf(b, "netns n{%d..%d}\npool lan%d 10.%d.0.0/16\nbridge br%d addr lan%d\n", first, last, k, k, k, k)
		b = fmt.Appendf(b, "veth v{%d..%d} master br%d peer n{%d..%d}:eth0 addr lan%d\nlink n{%d..%d}:lo up\n", first, last, k, first, last, k, first, last)
	}
	return b
}
