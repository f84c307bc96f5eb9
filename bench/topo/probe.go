package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
	"rawns/ns"
)

// patience is how long something that was promised may take.
const patience = 2 * time.Minute

// pause is how long is waited before the kernel is asked again.
const pause = time.Millisecond

// A probe tells whether a star is usable, or gone.
type probe struct {
	star
	conn *nl.Conn
	heed net.PacketConn // where packets of namespaces arrive
}

func newProbe(s star) (*probe, error) {
	c, err := nl.Dial(unix.NETLINK_ROUTE)
	if err != nil {
		return nil, err
	}
	p, err := net.ListenPacket("udp4", ":7")
	return &probe{s, c, p}, err
}

// links counts the star's links in the host's namespace, and those of them that are
// ports which forward.
func (p *probe) links() (all, forwarding int, err error) {
	var b nl.Builder
	rtnl.GetLink(&b, rtnl.IfInfomsg{})
	b.U32(rtnl.IFLA_EXT_MASK, rtnl.ExtSkipStats)
	list, err := p.conn.List(&b, nil)
	if err != nil && !errors.Is(err, nl.ErrDumpInterrupted) {
		return 0, 0, err
	}
	for m := range nl.Messages(list) {
		l, err := rtnl.ParseLink(m)
		if err != nil {
			return 0, 0, err
		}
		if !strings.HasPrefix(l.Name(), "v") && !strings.HasPrefix(l.Name(), "br") {
			continue
		}
		all++
		state, _ := l.Attrs.Nest(rtnl.IFLA_LINKINFO).Nest(rtnl.IFLA_INFO_SLAVE_DATA).U8(rtnl.IFLA_BRPORT_STATE)
		if state == 3 { // BR_STATE_FORWARDING
			forwarding++
		}
	}
	return all, forwarding, nil
}

// usable returns when all ports forward and packets from some namespaces came here.
func (p *probe) usable() error {
	for start := time.Now(); ; time.Sleep(pause) {
		_, forwarding, err := p.links()
		if err != nil {
			return err
		}
		if forwarding == p.n {
			break
		}
		if time.Since(start) > patience {
			return fmt.Errorf("only %d of %d ports forward", forwarding, p.n)
		}
	}
	some := []int{1, (p.n + 1) / 2, p.n}
	slices.Sort(some)
	for _, i := range slices.Compact(some) {
		if err := p.packet(i); err != nil {
			return fmt.Errorf("n%d: %w", i, err)
		}
	}
	return nil
}

// packet returns when a packet from a namespace came here.
func (p *probe) packet(i int) error {
	n, err := ns.Open(fmt.Sprintf("n%d", i))
	if err != nil {
		return err
	}
	defer n.Close()
	fd, err := n.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	to := &unix.SockaddrInet4{Port: 7, Addr: [4]byte(net.ParseIP(p.hostAddr(p.bridge(i))).To4())}
	buf := make([]byte, 4)
	for start := time.Now(); time.Since(start) < patience; {
		binary.BigEndian.PutUint32(buf, uint32(i))
		if err := unix.Sendto(fd, buf, 0, to); err != nil {
			return err
		}
		if err := p.heed.SetReadDeadline(time.Now().Add(10 * time.Millisecond)); err != nil {
			return err
		}
		n, from, err := p.heed.ReadFrom(buf)
		if err == nil && n == 4 && binary.BigEndian.Uint32(buf) == uint32(i) {
			if got := from.(*net.UDPAddr).IP.String(); got != p.insideAddr(i) {
				return fmt.Errorf("has the address %s, not %s", got, p.insideAddr(i))
			}
			return nil
		}
	}
	return errors.New("no packet came")
}

// gone returns when no link and no name is left.
func (p *probe) gone() error {
	for start := time.Now(); ; time.Sleep(pause) {
		all, _, err := p.links()
		if err != nil {
			return err
		}
		left, err := names()
		if err != nil {
			return err
		}
		if all+left == 0 {
			return nil
		}
		if time.Since(start) > patience {
			return fmt.Errorf("%w: %d links, %d names", errNotGone, all, left)
		}
	}
}

// A canary is a namespace of ours that is left last; a veth leads out of it.
type canary struct {
	space *ns.NS
	conn  *nl.Conn // where the veth's other end is
}

const canaryIndex = 5

func newCanary() (*canary, error) {
	home, err := ns.NewAnonymous()
	if err != nil {
		return nil, err
	}
	defer home.Close()
	space, err := ns.NewAnonymous()
	if err != nil {
		return nil, err
	}
	c, err := home.Dial() // it keeps home
	if err != nil {
		return nil, err
	}
	var b nl.Builder
	rtnl.NewLink(&b, unix.NLM_F_CREATE|unix.NLM_F_EXCL, rtnl.IfInfomsg{Index: canaryIndex})
	b.Str(rtnl.IFLA_IFNAME, "canary")
	info := b.Nest(rtnl.IFLA_LINKINFO)
	b.StrN(rtnl.IFLA_INFO_KIND, "veth")
	data := b.Nest(rtnl.IFLA_INFO_DATA)
	peer := rtnl.VethPeer(&b, rtnl.IfInfomsg{})
	b.U32(rtnl.IFLA_NET_NS_FD, uint32(space.Fd()))
	b.End(peer)
	b.End(data)
	b.End(info)
	return &canary{space, c}, c.Do(&b, nil)
}

// gone leaves the namespace and returns when its veth is no more.
func (c *canary) gone() error {
	c.space.Close()
	for start := time.Now(); ; time.Sleep(pause) {
		err := rtnl.LinkByIndex(c.conn, canaryIndex, rtnl.ExtSkipStats, func(rtnl.Link) {})
		if errors.Is(err, unix.ENODEV) {
			return nil
		}
		if err != nil {
			return err
		}
		if time.Since(start) > patience {
			return errors.New("the namespaces do not go")
		}
	}
}
