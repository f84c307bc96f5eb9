// Cmd-vishvananda does what one command of ip does, with vishvananda/netlink and netns.
package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"syscall"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
)

func main() {
	if err := do(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "cmd-vishvananda:", err)
		os.Exit(1)
	}
}

func do(args []string) error {
	runtime.LockOSThread()
	switch args[0] {
	case "show":
		l, err := netlink.LinkByName(args[1])
		if err != nil {
			return err
		}
		a := l.Attrs()
		fmt.Printf("%d: %s: <%s> mtu %d qlen %d\n    link/%s %s\n", a.Index, a.Name, a.Flags, a.MTU, a.TxQLen, a.EncapType, a.HardwareAddr)
		return nil
	case "link":
		return netlink.LinkAdd(&netlink.Bridge{LinkAttrs: netlink.LinkAttrs{Name: args[1]}})
	case "addr":
		l, err := netlink.LinkByName(args[2])
		if err != nil {
			return err
		}
		ip, n, err := net.ParseCIDR(args[1])
		if err != nil {
			return err
		}
		n.IP = ip
		return netlink.AddrAdd(l, &netlink.Addr{IPNet: n})
	case "netns":
		_, err := netns.NewNamed(args[1])
		return err
	case "exec":
		n, err := netns.GetFromName(args[1])
		if err != nil {
			return err
		}
		if err := netns.Set(n); err != nil {
			return err
		}
		program, err := exec.LookPath(args[2])
		if err != nil {
			return err
		}
		return syscall.Exec(program, args[2:], os.Environ())
	}
	return errors.New("what?")
}
