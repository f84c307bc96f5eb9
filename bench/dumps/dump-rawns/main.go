// Dump-rawns lists as a program does that uses rawns' packages: links, routes, or one link,
// of which it reads a few fields. It prints how many there were, and a sum of the fields.
package main

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
)

func main() {
	n, sum, err := list(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "dump-rawns:", err)
		os.Exit(1)
	}
	fmt.Println(n, sum)
}

func list(args []string) (n, sum int, err error) {
	c, err := nl.Dial(unix.NETLINK_ROUTE)
	if err != nil {
		return 0, 0, err
	}
	defer c.Close()
	c.Alone() // there is nothing else to do
	var b nl.Builder
	switch args[0] {
	case "links":
		rtnl.GetLink(&b, rtnl.IfInfomsg{})
		var at [rtnl.IFLA_TXQLEN + 1]nl.Attr
		for m, err := range c.Dump(&b) {
			if err != nil {
				return n, sum, err
			}
			l, err := rtnl.ParseLinkIndex(m, at[:])
			if err != nil {
				return n, sum, err
			}
			mtu, _ := at[rtnl.IFLA_MTU].U32()
			n, sum = n+1, sum+int(l.Index)+len(at[rtnl.IFLA_IFNAME].Str())+int(mtu)
		}
	case "routes":
		rtnl.GetRoute(&b, rtnl.RtMsg{Family: unix.AF_INET})
		var at [rtnl.RTA_TABLE + 1]nl.Attr
		for m, err := range c.Dump(&b) {
			if err != nil {
				return n, sum, err
			}
			r, err := rtnl.ParseRouteIndex(m, at[:])
			if err != nil {
				return n, sum, err
			}
			if t, _ := at[rtnl.RTA_TABLE].U32(); t != unix.RT_TABLE_MAIN {
				continue
			}
			oif, _ := at[rtnl.RTA_OIF].U32()
			n, sum = n+1, sum+int(oif)+int(r.DstLen)
			if dst := at[rtnl.RTA_DST].Bytes(); len(dst) == 4 {
				sum += int(dst[3])
			}
		}
	case "link":
		err := rtnl.LinkByName(c, args[1], 0, func(l rtnl.Link) {
			mtu, _ := l.Attrs.U32(rtnl.IFLA_MTU)
			n, sum = 1, int(l.Index)+len(l.Name())+int(mtu)
		})
		if err != nil {
			return n, sum, err
		}
	}
	return n, sum, nil
}
