// Dump-vishvananda does what dump-rawns does, with vishvananda/netlink.
package main

import (
	"fmt"
	"os"

	"github.com/vishvananda/netlink"
)

func main() {
	n, sum, err := list(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "dump-vishvananda:", err)
		os.Exit(1)
	}
	fmt.Println(n, sum)
}

func list(args []string) (n, sum int, err error) {
	link := func(l netlink.Link) {
		a := l.Attrs()
		n, sum = n+1, sum+a.Index+len(a.Name)+a.MTU
	}
	route := func(r *netlink.Route) {
		prefix, _ := r.Dst.Mask.Size()
		n, sum = n+1, sum+r.LinkIndex+prefix
		if ip := r.Dst.IP.To4(); prefix > 0 && ip != nil {
			sum += int(ip[3])
		}
	}
	switch args[0] {
	case "links":
		links, err := netlink.LinkList()
		if err != nil {
			return n, sum, err
		}
		for _, l := range links {
			link(l)
		}
	case "routes":
		routes, err := netlink.RouteList(nil, netlink.FAMILY_V4)
		if err != nil {
			return n, sum, err
		}
		for i := range routes {
			route(&routes[i])
		}
	case "routes-iterated":
		err := netlink.RouteListFilteredIter(netlink.FAMILY_V4, &netlink.Route{}, 0, func(r netlink.Route) bool {
			route(&r)
			return true
		})
		if err != nil {
			return n, sum, err
		}
	case "link":
		l, err := netlink.LinkByName(args[1])
		if err != nil {
			return n, sum, err
		}
		link(l)
	}
	return n, sum, nil
}
