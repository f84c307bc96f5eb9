// Mon-vishvananda does what mon-rawns does, with vishvananda/netlink. Its argument is the size
// of the receive buffer, or 0 for what the package takes without being told. A subscription
// ends where something was lost: it subscribes again.
package main

import (
	"fmt"
	"os"
	"strconv"

	"github.com/vishvananda/netlink"
)

func main() {
	size, _ := strconv.Atoi(os.Args[1])
	n, later, sum, told := 0, 0, 0, 0
	for {
		updates := make(chan netlink.RouteUpdate, 1024)
		err := netlink.RouteSubscribeWithOptions(updates, nil, netlink.RouteSubscribeOptions{
			ErrorCallback: func(error) { told++ }, ReceiveBufferSize: size, ReceiveBufferForceSize: size > 0})
		if err != nil {
			fmt.Fprintln(os.Stderr, "mon-vishvananda:", err)
			os.Exit(1)
		}
		fmt.Println("ready")
		for u := range updates {
			prefix, _ := u.Dst.Mask.Size()
			sum += u.LinkIndex + prefix
			switch dst := u.Dst.IP.To4(); {
			case dst == nil:
			case dst[0] == 10 && dst[1] == 0:
				n++
			case dst[0] == 10:
				later++
			case dst[0] == 99:
				fmt.Println("end", n, later, told)
				return
			}
		}
	}
}
