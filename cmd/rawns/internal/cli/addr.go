package cli

import "rawns/nl"

// Addresses as text are package nl's; these are short names for the applets.

// ParseIPv4 is nl.ParseIPv4.
func ParseIPv4(s string) ([4]byte, bool) { return nl.ParseIPv4(s) }

// ParseIPv6 is nl.ParseIPv6.
func ParseIPv6(s string) ([16]byte, bool) { return nl.ParseIPv6(s) }

// ParseIP is nl.ParseIP.
func ParseIP(s string) ([]byte, bool) { return nl.ParseIP(s) }

// AppendIP is nl.AppendIP.
func AppendIP(dst, a []byte) []byte { return nl.AppendIP(dst, a) }

// AppendMAC is nl.AppendMAC.
func AppendMAC(dst, a []byte) []byte { return nl.AppendMAC(dst, a) }
