// Star-vishvananda makes the star of bench/topo with vishvananda/netlink and netns: each
// peer is born in its namespace, and each namespace has one socket, as one does who
// knows them well.
package main

import (
	"net"
	"runtime"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"

	"rawns/bench/topo/star"
)

func main() { star.Main(up, down) }

func addr(h *netlink.Handle, l netlink.Link, ip [4]byte) error {
	return h.AddrAdd(l, &netlink.Addr{IPNet: &net.IPNet{IP: ip[:], Mask: net.CIDRMask(16, 32)}})
}

func up(s star.Star) error {
	runtime.LockOSThread()
	home, err := netns.Get()
	if err != nil {
		return err
	}
	host, err := netlink.NewHandle()
	if err != nil {
		return err
	}
	index := map[int]int{}
	for k := 1; k <= s.Bridges(); k++ {
		br := &netlink.Bridge{LinkAttrs: netlink.LinkAttrs{Name: star.Name("br", k)}}
		if err := host.LinkAdd(br); err != nil {
			return err
		}
		if err := addr(host, br, s.HostAddr(k)); err != nil {
			return err
		}
		if err := host.LinkSetUp(br); err != nil {
			return err
		}
		index[k] = br.Index
	}
	for i := 1; i <= s.N; i++ {
		n, err := netns.NewNamed(star.Name("n", i))
		if err != nil {
			return err
		}
		if err := netns.Set(home); err != nil {
			return err
		}
		veth := &netlink.Veth{LinkAttrs: netlink.LinkAttrs{Name: star.Name("v", i), MasterIndex: index[s.Bridge(i)], Flags: net.FlagUp},
			PeerName: "eth0", PeerNamespace: netlink.NsFd(n)}
		if err := host.LinkAdd(veth); err != nil {
			return err
		}
		if err := inside(n, s.Addr(i)); err != nil {
			return err
		}
		n.Close()
	}
	return nil
}

func inside(n netns.NsHandle, ip [4]byte) error {
	h, err := netlink.NewHandleAt(n)
	if err != nil {
		return err
	}
	defer h.Close()
	eth0, err := h.LinkByName("eth0")
	if err != nil {
		return err
	}
	if err := addr(h, eth0, ip); err != nil {
		return err
	}
	if err := h.LinkSetUp(eth0); err != nil {
		return err
	}
	lo, err := h.LinkByName("lo")
	if err != nil {
		return err
	}
	return h.LinkSetUp(lo)
}

func down(s star.Star) error {
	h, err := netlink.NewHandle()
	if err != nil {
		return err
	}
	remove := func(name string) error {
		l, err := h.LinkByName(name)
		if err != nil {
			return err
		}
		return h.LinkDel(l)
	}
	for i := 1; i <= s.N; i++ {
		if err := remove(star.Name("v", i)); err != nil {
			return err
		}
		if err := netns.DeleteNamed(star.Name("n", i)); err != nil {
			return err
		}
	}
	for k := 1; k <= s.Bridges(); k++ {
		if err := remove(star.Name("br", k)); err != nil {
			return err
		}
	}
	return nil
}
