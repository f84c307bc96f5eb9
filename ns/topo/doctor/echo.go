package doctor

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"rawns/ns"
	"rawns/ns/topo"
)

// pinger sends echo requests from a namespace.
type pinger struct {
	fd   int
	v6   bool
	to   unix.Sockaddr
	id   uint16
	seq  uint16
	data int // bytes behind the ICMP header
}

func native16(p []byte) uint16 { return binary.NativeEndian.Uint16(p) }

// newPinger opens a raw ICMP socket in a namespace. Packets larger than the way
// may be cut.
func newPinger(n *ns.NS, src, dst []byte, dev *topo.LinkState, size int) (*pinger, error) {
	p := &pinger{v6: len(dst) == 16, id: uint16(unix.Getpid()) ^ uint16(time.Now().UnixNano())}
	family, proto, head := unix.AF_INET, unix.IPPROTO_ICMP, 28
	if p.v6 {
		family, proto, head = unix.AF_INET6, unix.IPPROTO_ICMPV6, 48
	}
	p.data = max(size, smallPacket) - head
	p.data = min(p.data, 65000)
	fd, err := n.Socket(family, unix.SOCK_RAW|unix.SOCK_NONBLOCK, proto)
	if err != nil {
		return nil, err
	}
	p.fd = fd
	scope := uint32(0)
	if dev != nil {
		scope = uint32(dev.Index)
	}
	var from unix.Sockaddr
	if p.v6 {
		p.to = &unix.SockaddrInet6{Addr: [16]byte(dst), ZoneId: scope}
		if src != nil {
			from = &unix.SockaddrInet6{Addr: [16]byte(src), ZoneId: scope}
		}
	} else {
		p.to = &unix.SockaddrInet4{Addr: [4]byte(dst)}
		if src != nil {
			from = &unix.SockaddrInet4{Addr: [4]byte(src)}
		}
		err = unix.SetsockoptInt(fd, unix.SOL_IP, unix.IP_MTU_DISCOVER, unix.IP_PMTUDISC_DONT)
	}
	if err == nil && dev != nil && dev.Kind == "vrf" {
		err = unix.SetsockoptString(fd, unix.SOL_SOCKET, unix.SO_BINDTODEVICE, dev.Name)
	}
	if err == nil && from != nil && (!linkLocal(&src) || scope != 0) {
		err = unix.Bind(fd, from)
	}
	// An IPv6 packet comes without its header: take those of dst only. EACCES is a
	// route's here.
	if err == nil && p.v6 && unix.Connect(fd, p.to) != nil {
		err = unix.EHOSTUNREACH
	}
	if err != nil {
		unix.Close(fd)
		return nil, err
	}
	return p, nil
}

// send sends the next request.
func (p *pinger) send() error {
	p.seq++
	b := make([]byte, 8+p.data)
	b[0] = 8
	if p.v6 {
		b[0] = 128
	}
	binary.BigEndian.PutUint16(b[4:], p.id)
	binary.BigEndian.PutUint16(b[6:], p.seq)
	if !p.v6 { // for IPv6 the kernel does it
		sum := uint32(0)
		for i := 0; i+1 < len(b); i += 2 {
			sum += uint32(binary.BigEndian.Uint16(b[i:]))
		}
		if len(b)%2 == 1 {
			sum += uint32(b[len(b)-1]) << 8
		}
		for sum>>16 != 0 {
			sum = sum>>16 + sum&0xffff
		}
		binary.BigEndian.PutUint16(b[2:], ^uint16(sum))
	}
	return unix.Sendto(p.fd, b, 0, p.to)
}

// icmp returns the type of an echo message of this pinger in an IP packet, or,
// without IPv4's header, as IPv6's raw sockets have it; -1 for others.
func (p *pinger) icmp(b []byte, bare bool) int {
	if !bare {
		switch {
		case len(b) < 20:
			return -1
		case b[0]>>4 == 4 && !p.v6 && b[9] == unix.IPPROTO_ICMP:
			n := int(b[0]&15) * 4
			if len(b) < n || b[6]&0x1f != 0 || b[7] != 0 { // a later fragment
				return -1
			}
			b = b[n:]
		case b[0]>>4 == 6 && p.v6 && len(b) >= 40 && b[6] == unix.IPPROTO_ICMPV6:
			b = b[40:]
		default:
			return -1
		}
	}
	if len(b) < 8 || binary.BigEndian.Uint16(b[4:]) != p.id {
		return -1
	}
	switch b[0] {
	case 8, 128:
		return 8
	case 0, 129:
		return 0
	}
	return -1
}

const echoTries = 3

func (p *Live) wait() time.Duration {
	if p.Wait != 0 {
		return p.Wait
	}
	return 300 * time.Millisecond
}

// wait polls until a time, and calls ready for each descriptor that has
// something, which says whether that is enough.
func wait(fds []int, until time.Time, ready func(i int) bool) bool {
	poll := make([]unix.PollFd, len(fds))
	for {
		left := time.Until(until)
		if left <= 0 {
			return false
		}
		for i, fd := range fds {
			poll[i] = unix.PollFd{Fd: int32(fd), Events: unix.POLLIN}
		}
		if _, err := unix.Poll(poll, int(left/time.Millisecond)+1); err != nil && err != unix.EINTR {
			return false
		}
		for i := range poll {
			if poll[i].Revents != 0 && ready(i) {
				return true
			}
		}
	}
}

// Echo implements Probe: up to three requests, a third of a second apart.
func (p *Live) Echo(sp *topo.SpaceState, src, dst []byte, dev *topo.LinkState, size int) Echo {
	i := p.inside(sp)
	if i.err != nil {
		return EchoNotSent
	}
	g, err := newPinger(i.n, src, dst, dev, size)
	if err != nil {
		if errors.Is(err, os.ErrPermission) {
			return EchoNotSent
		}
		return EchoLost
	}
	defer unix.Close(g.fd)
	buf := make([]byte, 1<<16)
	for range echoTries {
		g.send() // an error here is a packet that is lost
		got := wait([]int{g.fd}, time.Now().Add(p.wait()), func(int) bool {
			for {
				n, err := unix.Read(g.fd, buf)
				if err != nil {
					return false
				}
				if g.icmp(buf[:n], g.v6) == 0 && (g.v6 || bytes.Equal(buf[12:16], dst)) {
					return true
				}
			}
		})
		if got {
			return EchoAnswered
		}
	}
	return EchoLost
}

// Trace implements Probe: packet sockets at the links, two requests.
func (p *Live) Trace(sp *topo.SpaceState, src, dst []byte, dev *topo.LinkState, at []*topo.LinkState) []Seen {
	seen := make([]Seen, len(at))
	i := p.inside(sp)
	if i.err != nil {
		return seen
	}
	var fds, which []int
	defer func() {
		for _, fd := range fds {
			unix.Close(fd)
		}
	}()
	for k, l := range at {
		j := p.inside(l.Space)
		if j.err != nil || len(fds) >= 200 {
			continue
		}
		// Bound before it takes anything: protocol 0 hears nothing.
		fd, err := j.n.Socket(unix.AF_PACKET, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK, 0)
		if err != nil {
			continue
		}
		if err := unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: native16([]byte{0, unix.ETH_P_ALL}), Ifindex: int(l.Index)}); err != nil {
			unix.Close(fd)
			continue
		}
		fds, which = append(fds, fd), append(which, k)
	}
	g, err := newPinger(i.n, src, dst, dev, 0)
	if err != nil {
		return seen
	}
	defer unix.Close(g.fd)
	buf := make([]byte, 2048)
	for range 2 {
		g.send()
		wait(fds, time.Now().Add(p.wait()), func(k int) bool {
			for {
				n, err := unix.Read(fds[k], buf)
				if err != nil {
					return false
				}
				switch g.icmp(buf[:n], false) {
				case 8:
					seen[which[k]].Request = true
				case 0:
					seen[which[k]].Reply = true
				}
			}
		})
	}
	return seen
}
