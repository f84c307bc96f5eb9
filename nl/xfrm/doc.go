// Package xfrm is the vocabulary of NETLINK_XFRM on top of package nl: security
// associations (states) and the policies that ask for them, linux/xfrm.h. It is
// another netlink protocol than rtnetlink: nl.Dial(unix.NETLINK_XFRM).
//
//	state.go   SAInfo, SAID and the requests about states
//	policy.go  PolicyInfo, PolicyID, Tmpl and the requests about policies
//	attr.go    XFRMA_ attributes, which both have, and their table
//
// The fixed headers are C structures of some two hundred bytes; here they are
// Go structs with Put, which encodes, and a function that parses. What is
// 64 bits wide is aligned to 8 in them, as everywhere but on i386.
package xfrm
