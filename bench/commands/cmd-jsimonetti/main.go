// Cmd-jsimonetti does what one command of ip does, with jsimonetti/rtnetlink, which cannot
// ask for a link by its name: it lists all.
package main

import (
	"errors"
	"fmt"
	"net"
	"os"

	"github.com/jsimonetti/rtnetlink/v2"
	"golang.org/x/sys/unix"
)

func main() {
	if err := do(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "cmd-jsimonetti:", err)
		os.Exit(1)
	}
}

func find(c *rtnetlink.Conn, name string) (*rtnetlink.LinkMessage, error) {
	links, err := c.Link.List()
	if err != nil {
		return nil, err
	}
	for i := range links {
		if links[i].Attributes.Name == name {
			return &links[i], nil
		}
	}
	return nil, errors.New("no link is called " + name)
}

func do(args []string) error {
	c, err := rtnetlink.Dial(nil)
	if err != nil {
		return err
	}
	defer c.Close()
	switch args[0] {
	case "show":
		l, err := find(c, args[1])
		if err != nil {
			return err
		}
		a := l.Attributes
		fmt.Printf("%d: %s: <%#x> mtu %d qlen %d\n    link/%d %s\n", l.Index, a.Name, l.Flags, a.MTU, a.TxQueueLen, l.Type, a.Address)
		return nil
	case "link":
		return c.Link.New(&rtnetlink.LinkMessage{Attributes: &rtnetlink.LinkAttributes{Name: args[1], Info: &rtnetlink.LinkInfo{Kind: "bridge"}}})
	case "addr":
		l, err := find(c, args[2])
		if err != nil {
			return err
		}
		ip, n, err := net.ParseCIDR(args[1])
		if err != nil {
			return err
		}
		ones, _ := n.Mask.Size()
		return c.Address.New(&rtnetlink.AddressMessage{Family: unix.AF_INET, PrefixLength: uint8(ones), Index: l.Index,
			Attributes: &rtnetlink.AddressAttributes{Address: ip.To4(), Local: ip.To4()}})
	}
	return errors.New("what?")
}
