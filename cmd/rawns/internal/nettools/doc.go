// Package nettools is what the applets arp, ifconfig and route share, as the
// tools of net-tools 2.10 share a library: addresses and names as they read
// and write them (inet.go, names.go), hardware types and their addresses
// (hw.go), address families (family.go), options as getopt_long(3) reads them
// (getopt.go), and where their messages go (say.go).
package nettools
