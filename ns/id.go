package ns

import (
	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
)

// Dial opens a rtnetlink connection in the namespace, where it stays. The caller
// owns it. For another protocol, or a monitor, call nl.Dial or nl.Listen in
// [NS.Do].
func (n *NS) Dial() (c *nl.Conn, err error) {
	err = n.Do(func() error { c, err = nl.Dial(unix.NETLINK_ROUTE); return err })
	return c, err
}

// Ids. Namespaces number each other: the id of blue seen from red is what red's
// messages call blue by (IFLA_LINK_NETNSID of a veth whose peer is there). Blue
// may have another number in green, or none.

// NoID stands for "none" where an id is returned, and for "any that is free"
// where one is set.
const NoID = rtnl.NSIDNone

// ID returns the number that n has in the namespace of c, or NoID.
func (n *NS) ID(c *nl.Conn) (int32, error) {
	var b nl.Builder
	rtnl.GetNSID(&b)
	b.U32(rtnl.NETNSA_FD, uint32(n.Fd()))
	id := int32(NoID)
	var bad error
	err := c.Do(&b, func(m nl.Message) { id, bad = parseID(m) })
	if err == nil {
		err = bad
	}
	return id, err
}

func parseID(m nl.Message) (int32, error) {
	as, err := rtnl.ParseNSID(m)
	if err != nil {
		return NoID, err
	}
	if id, ok := as.S32(rtnl.NETNSA_NSID); ok {
		return id, nil
	}
	return NoID, nil
}

// SetID gives n a number in the namespace of c; NoID lets the kernel choose. A
// namespace that has one keeps it, and a number belongs to one namespace:
// either is EEXIST.
func (n *NS) SetID(c *nl.Conn, id int32) error {
	var b nl.Builder
	rtnl.NewNSID(&b)
	b.U32(rtnl.NETNSA_FD, uint32(n.Fd()))
	b.S32(rtnl.NETNSA_NSID, id)
	return c.Do(&b, nil)
}

// SetID gives a named namespace a number in the calling thread's, as "ip netns
// set" does.
func SetID(name string, id int32) error {
	n, err := Open(name)
	if err != nil {
		return err
	}
	defer n.Close()
	c, err := nl.Dial(unix.NETLINK_ROUTE)
	if err != nil {
		return err
	}
	defer c.Close()
	return n.SetID(c, id)
}

// IDs returns the numbers that the namespace of c has given, in the kernel's
// order.
func IDs(c *nl.Conn) ([]int32, error) {
	var b nl.Builder
	rtnl.GetNSID(&b)
	buf, err := c.List(&b, nil)
	if err != nil {
		return nil, err
	}
	var ids []int32
	for m := range nl.Messages(buf) {
		id, err := parseID(m)
		if err != nil {
			return nil, err
		}
		if id != NoID {
			ids = append(ids, id)
		}
	}
	return ids, nil
}
