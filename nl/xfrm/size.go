//go:build !386

package xfrm

// SAInfoLen is the size of struct xfrm_usersa_info. It has 64-bit integers, and
// so ends at a multiple of their alignment: 8, but 4 on i386, where
// these two structures are four bytes shorter.
const SAInfoLen = 224

// PolicyInfoLen is the size of struct xfrm_userpolicy_info.
const PolicyInfoLen = 168
