// Star-jsimonetti makes the star of bench/topo with jsimonetti/rtnetlink and
// mdlayher/netlink. These know no named namespaces: those are made with system calls.
// Nor can they ask for a link by its name: the indexes of links are chosen beforehand.
package main

import (
	"net"
	"os"
	"runtime"

	"github.com/jsimonetti/rtnetlink/v2"
	"github.com/jsimonetti/rtnetlink/v2/driver"
	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"

	"rawns/bench/topo/star"
)

const (
	folder = "/run/netns"
	bridge = 1000000 // the first bridge's index
	port   = 2000000
	lo     = 1
	eth0   = 2
)

func main() { star.Main(up, down) }

func setUp(c *rtnetlink.Conn, index uint32) error {
	return c.Link.Set(&rtnetlink.LinkMessage{Index: index, Flags: unix.IFF_UP, Change: unix.IFF_UP})
}

func addr(c *rtnetlink.Conn, index uint32, ip [4]byte) error {
	return c.Address.New(&rtnetlink.AddressMessage{Family: unix.AF_INET, PrefixLength: 16, Index: index,
		Attributes: &rtnetlink.AddressAttributes{Address: net.IP(ip[:]), Local: net.IP(ip[:])}})
}

func up(s star.Star) error {
	runtime.LockOSThread()
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	home, err := os.Open("/proc/thread-self/ns/net")
	if err != nil {
		return err
	}
	host, err := rtnetlink.Dial(nil)
	if err != nil {
		return err
	}
	for k := 1; k <= s.Bridges(); k++ {
		index := uint32(bridge + k)
		if err := host.Link.New(&rtnetlink.LinkMessage{Index: index, Attributes: &rtnetlink.LinkAttributes{
			Name: star.Name("br", k), Info: &rtnetlink.LinkInfo{Kind: "bridge"}}}); err != nil {
			return err
		}
		if err := addr(host, index, s.HostAddr(k)); err != nil {
			return err
		}
		if err := setUp(host, index); err != nil {
			return err
		}
	}
	for i := 1; i <= s.N; i++ {
		n, err := create(home, star.Name("n", i))
		if err != nil {
			return err
		}
		master := uint32(bridge + s.Bridge(i))
		if err := host.Link.New(&rtnetlink.LinkMessage{Index: uint32(port + i), Flags: unix.IFF_UP, Change: unix.IFF_UP, Attributes: &rtnetlink.LinkAttributes{
			Name: star.Name("v", i), Master: &master,
			Info: &rtnetlink.LinkInfo{Kind: "veth", Data: &driver.Veth{PeerInfo: &rtnetlink.LinkMessage{Index: eth0,
				Attributes: &rtnetlink.LinkAttributes{Name: "eth0", NetNS: rtnetlink.NetNSForFD(uint32(n.Fd()))}}}}}}); err != nil {
			return err
		}
		if err := inside(n, s.Addr(i)); err != nil {
			return err
		}
		n.Close()
	}
	return nil
}

// create makes a namespace with a name, and comes home again.
func create(home *os.File, name string) (*os.File, error) {
	path := folder + "/" + name
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL, 0)
	if err != nil {
		return nil, err
	}
	f.Close()
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		return nil, err
	}
	if err := unix.Mount("/proc/thread-self/ns/net", path, "", unix.MS_BIND, ""); err != nil {
		return nil, err
	}
	if err := unix.Setns(int(home.Fd()), unix.CLONE_NEWNET); err != nil {
		return nil, err
	}
	return os.Open(path)
}

func inside(n *os.File, ip [4]byte) error {
	c, err := rtnetlink.Dial(&netlink.Config{NetNS: int(n.Fd())})
	if err != nil {
		return err
	}
	defer c.Close()
	if err := addr(c, eth0, ip); err != nil {
		return err
	}
	if err := setUp(c, eth0); err != nil {
		return err
	}
	return setUp(c, lo)
}

func down(s star.Star) error {
	c, err := rtnetlink.Dial(nil)
	if err != nil {
		return err
	}
	for i := 1; i <= s.N; i++ {
		if err := c.Link.Delete(uint32(port + i)); err != nil {
			return err
		}
		path := folder + "/" + star.Name("n", i)
		if err := unix.Unmount(path, unix.MNT_DETACH); err != nil {
			return err
		}
		if err := os.Remove(path); err != nil {
			return err
		}
	}
	for k := 1; k <= s.Bridges(); k++ {
		if err := c.Link.Delete(uint32(bridge + k)); err != nil {
			return err
		}
	}
	return nil
}
