//go:build tiny

package rtnl

import "rawns/nl"

// AttrPath names no attribute in a build with -tags tiny, which leaves the tables
// out that it needs.
func AttrPath(nl.Message, int) string { return "" }

// MissingPath names no attribute in a build with -tags tiny.
func MissingPath(*nl.Error) string { return "" }
