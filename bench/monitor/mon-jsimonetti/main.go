// Mon-jsimonetti does what mon-rawns does, with jsimonetti/rtnetlink on mdlayher/netlink. Its
// argument is the size of the receive buffer, or 0 for what the packages take without being told.
package main

import (
	"errors"
	"fmt"
	"os"
	"strconv"

	"github.com/jsimonetti/rtnetlink/v2"
	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

func main() {
	if err := listen(); err != nil {
		fmt.Fprintln(os.Stderr, "mon-jsimonetti:", err)
		os.Exit(1)
	}
}

func listen() error {
	size, err := strconv.Atoi(os.Args[1])
	if err != nil {
		return err
	}
	// The connection of rtnetlink does not let its buffer be set: mdlayher/netlink's, and
	// rtnetlink's messages.
	c, err := netlink.Dial(unix.NETLINK_ROUTE, &netlink.Config{Groups: unix.RTMGRP_IPV4_ROUTE})
	if err != nil {
		return err
	}
	if size > 0 {
		if err := c.SetReadBuffer(size); err != nil {
			return err
		}
	}
	fmt.Println("ready")
	n, later, sum, told := 0, 0, 0, 0
	for {
		messages, err := c.Receive()
		if errors.Is(err, unix.ENOBUFS) {
			told++
			continue
		}
		if err != nil {
			return err
		}
		for _, m := range messages {
			var r rtnetlink.RouteMessage
			if err := r.UnmarshalBinary(m.Data); err != nil {
				return err
			}
			sum += int(r.Attributes.OutIface) + int(r.DstLength)
			switch dst := r.Attributes.Dst.To4(); {
			case dst == nil:
			case dst[0] == 10 && dst[1] == 0:
				n++
			case dst[0] == 10:
				later++
			case dst[0] == 99:
				fmt.Println("end", n, later, told)
				return nil
			}
		}
	}
}
