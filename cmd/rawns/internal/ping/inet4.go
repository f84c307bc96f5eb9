package ping

import (
	"encoding/binary"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
)

// inet4 is the protocol over IPv4.
type inet4 struct {
	dataSum uint64 // of what follows the clock: it is the same in each request
	route   optionPrinter
	name    func(ip []byte) string // the session's, made once: a method value costs memory
}

func (n *inet4) prepare(s *session) error {
	o, c := s.o, s.conn
	hops, err := n.hops(s)
	if err != nil {
		return err
	}
	s.src = address4(o.source4)
	if s.src.unspecified() {
		if err := n.findSource(s, hops); err != nil {
			return err
		}
	} else if o.device != "" {
		if err := n.bindDevice(s, c.fd); err != nil {
			return err
		}
	}
	if s.dst.unspecified() {
		s.dst = s.src
	}
	pmtu := o.pmtu
	if o.broadcast || s.dst.multicast() {
		s.many = true
		if err := s.castInterval("broadcast"); err != nil {
			return err
		}
		if pmtu < 0 {
			pmtu = unix.IP_PMTUDISC_DO
		}
	}
	if pmtu >= 0 {
		if err := c.setInt(unix.SOL_IP, unix.IP_MTU_DISCOVER, pmtu); err != nil {
			return failErrno("IP_MTU_DISCOVER", err)
		}
	}
	// A datagram socket's port is the identifier that it sends.
	port := 0
	if o.ident > 0 && !c.raw() {
		port = o.ident
	}
	if o.strict || port != 0 {
		if err := unix.Bind(c.fd, s.src.sockaddr(port)); err != nil {
			return failErrno("bind", err)
		}
	}
	if err := n.setOptions(s, hops); err != nil {
		return err
	}

	s.room = make([]byte, min(o.size, maxData)+60+76) // the longest IP header, and an ICMP error's
	s.to = s.dst.rawSockaddr(0, 0)
	n.name = s.name4
	skip := icmpHeader
	if s.timed {
		skip += clockSize
	}
	n.dataSum = sum(0, s.request[skip:])

	w := s.w
	w.S("PING ").Safe(s.host).S(" (")
	w.B = cli.AppendIP(w.B, s.dst.bytes())
	w.S(") ")
	if o.device != "" || o.strict {
		w.S("from ")
		w.B = cli.AppendIP(w.B, s.src.bytes())
		w.C(' ').Safe(o.device).S(": ")
	}
	w.D(int64(o.size)).C('(').D(int64(o.size) + icmpHeader + int64(o.optionSize()) + ip4Header).S(") bytes of data.\n")
	return nil
}

// hops resolves the hosts on the command line in front of the destination.
func (n *inet4) hops(s *session) ([][4]byte, error) {
	o := s.o
	last := o.args[len(o.args)-1]
	if _, ok := parseIPv4Aton(last); ok {
		s.host, s.reverse = last, false
	}
	if len(o.args) == 1 {
		return nil, nil
	}
	limit := 10
	if o.stamps >= 0 {
		limit = 5
	}
	if o.recordRoute || o.stamps >= 0 && o.stamps != stampsPrespecified || len(o.args) > limit {
		return nil, &failure{code: 2, usage: true}
	}
	var hops [][4]byte
	for _, name := range o.args[:len(o.args)-1] {
		t, err := resolve(name, unix.AF_INET)
		if err != nil {
			return nil, err
		}
		hops = append(hops, [4]byte(t[0].ip[:4]))
	}
	return hops, nil
}

// findSource lets the kernel choose the address to send from.
func (n *inet4) findSource(s *session, hops [][4]byte) error {
	o := s.o
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return failErrno("socket", err)
	}
	defer unix.Close(fd)
	if o.device != "" {
		if err := n.bindDevice(s, fd); err != nil {
			return err
		}
		if err := n.bindDevice(s, s.conn.fd); err != nil {
			return err
		}
	}
	if o.tclass != 0 {
		if err := unix.SetsockoptInt(fd, unix.SOL_IP, unix.IP_TOS, o.tclass); err != nil {
			o.warnErrno("warning: QOS sockopts", err)
		}
	}
	setMark(o, fd)
	to := s.dst
	if len(hops) > 0 {
		to = address4(hops[0])
	}
	err = unix.Connect(fd, to.sockaddr(probePort))
	if err == unix.EACCES { // the kernel's word for a broadcast address, and for some firewalls
		if !o.broadcast {
			return fail(2, "Do you want to ping broadcast? Then -b. If not, check your local firewall rules")
		}
		s.w.Flush()
		cli.Stderr.S("WARNING: pinging broadcast address\n").Flush()
		if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_BROADCAST, 1); err != nil {
			return failErrno("cannot set broadcasting", err)
		}
		err = unix.Connect(fd, to.sockaddr(probePort))
	}
	if err != nil {
		return connectFailed(err)
	}
	name, err := unix.Getsockname(fd)
	if err != nil {
		return failErrno("getsockname", err)
	}
	if a, ok := name.(*unix.SockaddrInet4); ok {
		s.src = address4(a.Addr)
	}
	if o.device != "" {
		return s.checkDevice()
	}
	return nil
}

// bindDevice binds to -I's interface. Without the right to do so, multicast
// can still be steered.
func (n *inet4) bindDevice(s *session, fd int) error {
	err := bindToDevice(fd, s.o.device)
	if err == nil {
		return nil
	}
	if !s.dst.multicast() {
		return failErrno("SO_BINDTODEVICE "+s.o.device, err)
	}
	index := interfaceIndex(s.o.device)
	if index == 0 {
		return fail(2, "unknown iface: ", s.o.device)
	}
	if err := unix.SetsockoptIPMreqn(fd, unix.SOL_IP, unix.IP_MULTICAST_IF, &unix.IPMreqn{Ifindex: int32(index)}); err != nil {
		return failErrno("IP_MULTICAST_IF", err)
	}
	return nil
}

func (n *inet4) setOptions(s *session, hops [][4]byte) error {
	o, c := s.o, s.conn
	if c.raw() {
		pass := uint32(1<<icmpSourceQuench | 1<<icmpUnreachable | 1<<icmpTimeExceeded | 1<<icmpParameter | 1<<icmpRedirect | 1<<icmpEchoReply)
		if err := c.setInt(unix.SOL_RAW, unix.ICMP_FILTER, int(int32(^pass))); err != nil {
			o.warnErrno("WARNING: setsockopt(ICMP_FILTER)", err)
		}
	}
	if c.setInt(unix.SOL_IP, unix.IP_RECVERR, 1) != nil {
		o.warn("WARNING: your kernel is veeery old. No problems.")
	}
	if !c.raw() {
		if err := c.setInt(unix.SOL_IP, unix.IP_RECVTTL, 1); err != nil {
			o.warnErrno("WARNING: setsockopt(IP_RECVTTL)", err)
		}
		if err := c.setInt(unix.SOL_IP, unix.IP_RETOPTS, 1); err != nil {
			o.warnErrno("WARNING: setsockopt(IP_RETOPTS)", err)
		}
	}
	if p := o.routeOption(hops); p != nil {
		err := setsockopt(c.fd, unix.SOL_IP, unix.IP_OPTIONS, p)
		if err != nil {
			what := "record route"
			if o.stamps >= 0 {
				what = "ts option"
			}
			return failErrno(what, err)
		}
	}
	packet := o.size + icmpHeader
	c.setBuffers(o, packet+(packet+511)/512*(o.optionSize()+20+16+64+160))
	if o.broadcast {
		if err := c.setInt(unix.SOL_SOCKET, unix.SO_BROADCAST, 1); err != nil {
			return failErrno("cannot set broadcasting", err)
		}
	}
	if o.noLoop {
		if err := c.setInt(unix.SOL_IP, unix.IP_MULTICAST_LOOP, 0); err != nil {
			return failErrno("cannot disable multicast loopback", err)
		}
	}
	if o.ttl >= 0 {
		if err := c.setInt(unix.SOL_IP, unix.IP_MULTICAST_TTL, o.ttl); err != nil {
			return failErrno("cannot set multicast time-to-live", err)
		}
		if err := c.setInt(unix.SOL_IP, unix.IP_TTL, o.ttl); err != nil {
			return failErrno("cannot set unicast time-to-live", err)
		}
	}
	return nil
}

func (n *inet4) build(s *session) int {
	e := echo(s.request)
	e.setHeader(icmpEcho, s.ident, uint16(s.sent+1))
	acc := sum(n.dataSum, e[:icmpHeader])
	if s.timed {
		putClock(e.data(), time.Now())
		acc = sum(acc, e.data()[:clockSize])
	}
	binary.BigEndian.PutUint16(e[2:], fold(acc))
	return 0
}

func (n *inet4) reply(s *session, p []byte, r *received) bool {
	from, _ := s.message.from()
	if s.conn.raw() {
		h := parseIP4(p, icmpHeader)
		if h == nil {
			n.tooShort(s, len(p), from)
			return true
		}
		r.hops, r.options = h.ttl(), h.options()
		p = h.payload()
	}
	e := parseEcho(p)
	if e == nil {
		n.tooShort(s, len(p), from)
		return true
	}
	damaged := fold(sum(0, e)) != 0
	if e.typ() != icmpEchoReply {
		return n.other(s, e, from, damaged)
	}
	if !s.ours(e) {
		return true
	}
	wrongSource := !s.many && string(from) != string(s.dst.bytes())
	if !s.reply(e, r, s.name(from, 0), damaged, wrongSource) {
		return false
	}
	if s.o.audible {
		s.w.C('\a')
	}
	if !s.o.flood {
		n.route.print(s.w, r.options, n.name, false)
		s.w.NL()
	}
	return false
}

func (n *inet4) tooShort(s *session, size int, from []byte) {
	if s.o.verbose {
		s.o.warn("packet too short (", strconv.Itoa(size), " bytes) from ", s.name(from, 0))
	}
}

// other handles what a raw socket hears beside replies.
func (n *inet4) other(s *session, e echo, from []byte, damaged bool) (foreign bool) {
	switch e.typ() {
	case icmpEcho:
		return true
	case icmpSourceQuench, icmpRedirect, icmpUnreachable, icmpTimeExceeded, icmpParameter:
		dst, request := quoted(e)
		if request == nil || dst != [4]byte(s.dst.ip[:4]) || !s.ours(request) {
			return true
		}
		if e.typ() != icmpRedirect && e.typ() != icmpSourceQuench {
			s.acknowledge(request.seq()) // what it says comes through the error queue
			return false
		}
		if s.o.quiet || s.o.flood {
			return true
		}
		s.stamp()
		s.w.S("From ").Safe(s.name(from, 0)).S(": icmp_seq=").U(uint64(request.seq())).C(' ')
		if damaged {
			s.w.S("(BAD CHECKSUM)")
		}
		n.print(s, e)
		return true
	}
	if s.o.flood && !s.o.verbose && !s.o.quiet {
		s.w.S("!E")
		if damaged {
			s.w.C('C')
		}
		return false
	}
	if !s.o.verbose || unix.Getuid() != 0 {
		return false
	}
	s.stamp()
	s.w.S("From ").Safe(s.name(from, 0)).S(": ")
	if damaged {
		s.w.S("(BAD CHECKSUM)\n")
		return false
	}
	n.print(s, e)
	return false
}

// print prints an ICMP message, and the header that it quotes if asked to be
// verbose.
func (n *inet4) print(s *session, e echo) {
	info := e.info()
	if e.typ() == icmpParameter {
		info >>= 24
	}
	printICMP4(s.w, e.typ(), e.code(), info, func() string { return s.name(e[4:8], 0) })
	if h := parseIP4(e.data(), 0); h != nil && s.o.verbose {
		switch e.typ() {
		case icmpUnreachable, icmpSourceQuench, icmpRedirect, icmpTimeExceeded, icmpParameter:
			printHeader4(s.w, h, &n.route, n.name, s.o.flood)
		}
	}
}

func (n *inet4) failed(s *session, e *queuedError, quoted echo) (foreign bool) {
	if quoted.typ() != icmpEcho {
		return true
	}
	s.acknowledge(quoted.seq())
	if s.conn.raw() {
		// The error queue works: no need to be woken twice.
		pass := uint32(1<<icmpSourceQuench | 1<<icmpRedirect | 1<<icmpEchoReply)
		s.conn.setInt(unix.SOL_RAW, unix.ICMP_FILTER, int(int32(^pass))) // it worked before
	}
	if s.netError(e, quoted.seq()) {
		printICMP4(s.w, e.typ, e.code, e.info, func() string {
			var ip [4]byte
			binary.BigEndian.PutUint32(ip[:], e.info)
			return s.name(ip[:], 0)
		})
	}
	return false
}

func (n *inet4) filter(ident uint16) []unix.SockFilter {
	return []unix.SockFilter{
		{Code: unix.BPF_LDX | unix.BPF_B | unix.BPF_MSH, K: 0},                    // X: length of the IP header
		{Code: unix.BPF_LD | unix.BPF_H | unix.BPF_IND, K: 4},                     // the identifier
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, Jt: 2, K: uint32(ident)}, // ours: pass
		{Code: unix.BPF_LD | unix.BPF_B | unix.BPF_IND, K: 0},                     // the type
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, Jt: 1, K: icmpEchoReply},
		{Code: unix.BPF_RET | unix.BPF_K, K: 0xffffffff},
		{Code: unix.BPF_RET | unix.BPF_K, K: 0},
	}
}
