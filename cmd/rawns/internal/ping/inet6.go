package ping

import (
	"encoding/binary"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// inet6 is the protocol over IPv6. The kernel computes the checksums.
type inet6 struct {
	confirm bool // a reply came since the last probe: the neighbour is there
	anycast bool // a subnet-router address: any router may answer
}

func (n *inet6) prepare(s *session) error {
	o, c := s.o, s.conn
	if len(o.args) > 1 {
		return &failure{code: 2, usage: true}
	}
	s.host = o.args[0]
	if strings.IndexByte(s.host, ':') >= 0 {
		s.reverse = false
	}
	index := uint32(0)
	if o.device != "" {
		if index = interfaceIndex(o.device); index == 0 {
			return fail(2, "unknown iface: ", o.device)
		}
	}
	s.src = address6(o.source6, 0)
	if s.src.unspecified() {
		if err := n.findSource(s, index); err != nil {
			return err
		}
	} else if s.src.linkLocal() {
		s.src.zone = index
	}
	if index != 0 {
		s.control = unix.PktInfo6(&unix.Inet6Pktinfo{Ifindex: index})
		if o.strict {
			if err := bindToDevice(c.fd, o.device); err != nil {
				return failErrno("SO_BINDTODEVICE "+o.device, err)
			}
		}
	}
	pmtu := o.pmtu
	if s.dst.multicast() {
		s.many = true
		if err := s.castInterval("multicast"); err != nil {
			return err
		}
		if pmtu < 0 {
			pmtu = unix.IPV6_PMTUDISC_DO
		}
	}
	n.anycast = [8]byte(s.dst.ip[8:]) == [8]byte{}
	if pmtu >= 0 {
		if err := c.setInt(unix.SOL_IPV6, unix.IPV6_MTU_DISCOVER, pmtu); err != nil {
			return failErrno("IPV6_MTU_DISCOVER", err)
		}
	}
	port := 0
	if o.ident > 0 && !c.raw() {
		port = o.ident
	}
	if o.strict || port != 0 {
		if err := unix.Bind(c.fd, s.src.sockaddr(port)); err != nil {
			return failErrno("bind icmp socket", err)
		}
	}
	if o.node != nil && o.node.qtype != 0 {
		var err error
		if s.request, err = o.node.begin(s.dst.bytes()); err != nil {
			return err
		}
		s.node, s.timed = o.node, false
	}
	if err := n.setOptions(s); err != nil {
		return err
	}
	s.room = make([]byte, min(o.size, maxData)+icmpHeader+4096+ip6Header+8)
	s.to = s.dst.rawSockaddr(unix.IPPROTO_ICMPV6, s.flow)

	w := s.w
	w.S("PING ").Safe(s.host).C('(').Safe(s.name(s.dst.ip[:], s.dst.zone)).S(") ")
	if o.flow >= 0 {
		w.S(", flow 0x").X(uint64(s.flow), 5).S(", ")
	}
	if o.device != "" || o.strict {
		w.S("from ").Safe(numeric(s.src.ip[:], s.src.zone)).C(' ').Safe(o.device).S(": ")
	}
	w.D(int64(o.size)).S(" data bytes\n")
	return nil
}

// findSource lets the kernel choose the address to send from. A link-local
// destination leaves the choice to the moment of sending, as in iputils.
func (n *inet6) findSource(s *session, index uint32) error {
	o := s.o
	fd, err := unix.Socket(unix.AF_INET6, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return failErrno("socket", err)
	}
	defer unix.Close(fd)
	if index != 0 {
		var info [20]byte // struct in6_pktinfo
		binary.NativeEndian.PutUint32(info[16:], index)
		for _, f := range [...]int{fd, s.conn.fd} {
			if err := setsockopt(f, unix.SOL_IPV6, unix.IPV6_PKTINFO, info[:]); err != nil {
				return failErrno("setsockopt(IPV6_PKTINFO)", err)
			}
		}
		for _, f := range [...]int{fd, s.conn.fd} {
			if err := bindToDevice(f, o.device); err != nil {
				return failErrno("setsockopt(SO_BINDTODEVICE) "+o.device, err)
			}
		}
	}
	if o.tclass != 0 {
		if err := unix.SetsockoptInt(fd, unix.SOL_IPV6, unix.IPV6_TCLASS, o.tclass); err != nil {
			return failErrno("setsockopt(IPV6_TCLASS)", err)
		}
	}
	setMark(o, fd)
	if !s.dst.linkLocal() {
		if err := unix.Connect(fd, s.dst.sockaddr(probePort)); err != nil {
			return connectFailed(err)
		}
	}
	name, err := unix.Getsockname(fd)
	if err != nil {
		return failErrno("getsockname", err)
	}
	if a, ok := name.(*unix.SockaddrInet6); ok {
		s.src = address6(a.Addr, a.ZoneId)
	}
	if index != 0 {
		return s.checkDevice()
	}
	return nil
}

func (n *inet6) setOptions(s *session) error {
	o, c := s.o, s.conn
	if err := c.setInt(unix.SOL_IPV6, unix.IPV6_RECVERR, 1); err != nil {
		return failErrno("IPV6_RECVERR", err)
	}
	packet := o.size + icmpHeader
	c.setBuffers(o, packet+(packet+511)/512*(40+16+64+160))
	if c.raw() {
		// The kernel sums up ICMPv6 without being asked; where it can be asked,
		// the answer may be an error.
		if err := c.setInt(unix.SOL_RAW, unix.IPV6_CHECKSUM, 2); err != nil {
			o.warnErrno("setsockopt(RAW_CHECKSUM) failed - try to continue", err)
		}
		var block unix.ICMPv6Filter
		for i := range block.Data {
			block.Data[i] = ^uint32(0)
		}
		pass := icmp6EchoReply
		if s.node != nil {
			pass = niReply
		}
		block.Data[pass/32] &^= 1 << (pass % 32)
		if err := unix.SetsockoptICMPv6Filter(c.fd, unix.SOL_ICMPV6, unix.ICMPV6_FILTER, &block); err != nil {
			return failErrno("setsockopt(ICMP6_FILTER)", err)
		}
	}
	if o.noLoop {
		if err := c.setInt(unix.SOL_IPV6, unix.IPV6_MULTICAST_LOOP, 0); err != nil {
			return failErrno("can't disable multicast loopback", err)
		}
	}
	if o.ttl >= 0 {
		if err := c.setInt(unix.SOL_IPV6, unix.IPV6_MULTICAST_HOPS, o.ttl); err != nil {
			return failErrno("can't set multicast hop limit", err)
		}
		if err := c.setInt(unix.SOL_IPV6, unix.IPV6_UNICAST_HOPS, o.ttl); err != nil {
			return failErrno("can't set unicast hop limit", err)
		}
	}
	if err := c.setInt(unix.SOL_IPV6, unix.IPV6_RECVHOPLIMIT, 1); err != nil {
		return failErrno("can't receive hop limit", err)
	}
	if o.flow >= 0 {
		return n.leaseFlow(s)
	}
	return nil
}

// Flow labels, linux/in6.h.
const (
	ipv6FlowlabelMgr  = 32
	ipv6FlowinfoSend  = 33
	flowGet           = 0
	flowCreate        = 1
	flowExclusive     = 1
	flowRequestLength = 32
)

// leaseFlow asks the kernel for the flow label; for 0 the kernel chooses one.
//
//	struct in6_flowlabel_req: destination 16 | label 4 | action 1 | share 1 |
//	flags 2 | expires 2 | linger 2 | padding 4
func (n *inet6) leaseFlow(s *session) error {
	var p [flowRequestLength]byte
	copy(p[:], s.dst.ip[:])
	binary.BigEndian.PutUint32(p[16:], uint32(s.o.flow))
	p[20], p[21] = flowGet, flowExclusive
	binary.NativeEndian.PutUint16(p[22:], flowCreate)
	if err := setsockopt(s.conn.fd, unix.SOL_IPV6, ipv6FlowlabelMgr, p[:]); err != nil {
		return failErrno("can't set flowlabel", err)
	}
	s.flow = binary.BigEndian.Uint32(p[16:])
	if err := s.conn.setInt(unix.SOL_IPV6, ipv6FlowinfoSend, 1); err != nil {
		return failErrno("can't send flowinfo", err)
	}
	return nil
}

func (n *inet6) build(s *session) (flags int) {
	e := echo(s.request)
	if s.node != nil {
		binary.BigEndian.PutUint16(e[8:], uint16(s.sent+1))
	} else {
		e.setHeader(icmp6Echo, s.ident, uint16(s.sent+1))
	}
	if s.timed {
		putClock(e.data(), time.Now())
	}
	if n.confirm {
		flags = unix.MSG_CONFIRM
	}
	n.confirm = false
	return flags
}

func (n *inet6) reply(s *session, p []byte, r *received) bool {
	from, zone := s.message.from()
	e := parseEcho(p)
	if e == nil {
		if s.o.verbose {
			s.o.warn("packet too short: ", strconv.Itoa(len(p)), " bytes")
		}
		return true
	}
	// The filter lets nothing but replies through; errors come through the
	// error queue.
	if s.node != nil {
		if _, ok := s.node.sequence(p); !ok {
			return true
		}
	} else if e.typ() != icmp6EchoReply || !s.ours(e) {
		return true
	}
	wrongSource := s.node == nil && !s.many && !n.anycast && string(from) != string(s.dst.ip[:])
	n.confirm = true
	if !s.reply(e, r, s.name(from, zone), false, wrongSource) {
		return false
	}
	if s.o.audible {
		s.w.C('\a')
	}
	if !s.o.flood {
		s.w.NL()
	}
	return false
}

func (n *inet6) failed(s *session, e *queuedError, quoted echo) (foreign bool) {
	if quoted.typ() != icmp6Echo {
		return true
	}
	if s.netError(e, quoted.seq()) {
		printICMP6(s.w, e.typ, e.code, e.info)
		s.w.NL()
	}
	return false
}

func (n *inet6) filter(ident uint16) []unix.SockFilter {
	return []unix.SockFilter{
		{Code: unix.BPF_LD | unix.BPF_H | unix.BPF_ABS, K: 4},                     // the identifier
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, Jt: 2, K: uint32(ident)}, // ours: pass
		{Code: unix.BPF_LD | unix.BPF_B | unix.BPF_ABS, K: 0},                     // the type
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, Jt: 1, K: icmp6EchoReply},
		{Code: unix.BPF_RET | unix.BPF_K, K: 0xffffffff},
		{Code: unix.BPF_RET | unix.BPF_K, K: 0},
	}
}
