// Dump-jsimonetti does what dump-rawns does, with jsimonetti/rtnetlink, which cannot ask for
// a link by its name: it lists all.
package main

import (
	"fmt"
	"os"

	"github.com/jsimonetti/rtnetlink/v2"
	"golang.org/x/sys/unix"
)

func main() {
	n, sum, err := list(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "dump-jsimonetti:", err)
		os.Exit(1)
	}
	fmt.Println(n, sum)
}

func list(args []string) (n, sum int, err error) {
	c, err := rtnetlink.Dial(nil)
	if err != nil {
		return 0, 0, err
	}
	defer c.Close()
	switch args[0] {
	case "links", "link":
		links, err := c.Link.List()
		if err != nil {
			return n, sum, err
		}
		for _, l := range links {
			if args[0] == "link" && l.Attributes.Name != args[1] {
				continue
			}
			n, sum = n+1, sum+int(l.Index)+len(l.Attributes.Name)+int(l.Attributes.MTU)
		}
	case "routes":
		routes, err := c.Route.ListMatch(&rtnetlink.RouteMessage{Family: unix.AF_INET})
		if err != nil {
			return n, sum, err
		}
		for _, r := range routes {
			if r.Attributes.Table != unix.RT_TABLE_MAIN {
				continue
			}
			n, sum = n+1, sum+int(r.Attributes.OutIface)+int(r.DstLength)
			if dst := r.Attributes.Dst.To4(); dst != nil {
				sum += int(dst[3])
			}
		}
	}
	return n, sum, nil
}
