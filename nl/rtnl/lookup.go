package rtnl

import (
	"errors"

	"golang.org/x/sys/unix"

	"rawns/nl"
)

// IfNameMax is the longest interface name: IFNAMSIZ less the NUL.
const IfNameMax = unix.IFNAMSIZ - 1

// ValidIfName tells whether the kernel takes a name for a new interface:
// dev_valid_name in net/core/dev.c. 1 to 15 bytes, not "." or "..", without
// '/', ':' and white space.
func ValidIfName(s string) bool {
	if s == "" || len(s) > IfNameMax || s == "." || s == ".." {
		return false
	}
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '/' || c == ':' || c == 0 || c == ' ' || c == 0xa0 || c >= '\t' && c <= '\r':
			return false // the kernel's isspace counts 0xa0 as well
		}
	}
	return true
}

// PutIfName appends IFLA_IFNAME, or IFLA_ALT_IFNAME for a name too long to be
// anything else.
func PutIfName(b *nl.Builder, name string) {
	if len(name) > IfNameMax {
		b.Str(IFLA_ALT_IFNAME, name)
	} else {
		b.Str(IFLA_IFNAME, name)
	}
}

// LinkByName asks for one link, by its name or an alternative one, and hands
// it to f, which must not keep it. extMask is IFLA_EXT_MASK, 0 for none. A
// link that does not exist is an *nl.Error with ENODEV.
func LinkByName(c *nl.Conn, name string, extMask uint32, f func(Link)) error {
	var b nl.Builder
	GetLink(&b, IfInfomsg{})
	PutIfName(&b, name)
	return oneLink(c, &b, extMask, f)
}

// LinkByIndex is LinkByName for an index.
func LinkByIndex(c *nl.Conn, index int32, extMask uint32, f func(Link)) error {
	var b nl.Builder
	GetLink(&b, IfInfomsg{Index: index})
	return oneLink(c, &b, extMask, f)
}

func oneLink(c *nl.Conn, b *nl.Builder, extMask uint32, f func(Link)) error {
	if extMask != 0 {
		b.U32(IFLA_EXT_MASK, extMask)
	}
	for try := 1; ; try++ {
		var bad error
		err := c.Do(b, func(m nl.Message) {
			l, err := ParseLink(m)
			if err != nil {
				bad = err
				return
			}
			f(l)
		})
		var cut *nl.TruncatedError
		if errors.As(err, &cut) && try == 1 {
			continue // the buffer has grown
		}
		if err == nil {
			err = bad
		}
		return err
	}
}

// IndexByName returns the index of a link; errors as LinkByName's. It asks
// for the link without statistics.
func IndexByName(c *nl.Conn, name string) (index int32, err error) {
	err = LinkByName(c, name, ExtSkipStats, func(l Link) { index = l.Index })
	return index, err
}

// Permitted tells whether the caller may change links, routes and neighbours in
// the namespace: it asks for a change that concerns no link at all. Tools whose
// originals learnt that before all else ask where a look-up alone says no.
func Permitted(c *nl.Conn) bool {
	var b nl.Builder
	NewLink(&b, 0, IfInfomsg{})
	return !errors.Is(c.Do(&b, nil), unix.EPERM)
}
