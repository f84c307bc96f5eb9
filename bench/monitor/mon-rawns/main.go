// Mon-rawns listens to changes of IPv4 routes as a program does that uses rawns' packages: it reads
// a few fields of each. It says "ready" when it listens. When it hears of the route that ends
// the measurement it prints how many there were before, of 10.0 and of other networks, and how often it was told
// that some were lost.
// Where it is told so it goes on.
package main

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
)

func main() {
	if err := listen(); err != nil {
		fmt.Fprintln(os.Stderr, "mon-rawns:", err)
		os.Exit(1)
	}
}

func listen() error {
	m, err := nl.Listen(unix.NETLINK_ROUTE, false, unix.RTNLGRP_IPV4_ROUTE)
	if err != nil {
		return err
	}
	fmt.Println("ready")
	var at [rtnl.RTA_TABLE + 1]nl.Attr
	n, later, sum, told := 0, 0, 0, 0
	for {
		e, err := m.Next()
		if err == nl.ErrOverrun {
			told++
			continue
		}
		if err != nil {
			return err
		}
		r, err := rtnl.ParseRouteIndex(e.Message, at[:])
		if err != nil {
			return err
		}
		oif, _ := at[rtnl.RTA_OIF].U32()
		sum += int(oif) + int(r.DstLen)
		switch dst := at[rtnl.RTA_DST].Bytes(); {
		case len(dst) != 4:
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
