package topo

import (
	"encoding/binary"
	"os"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
	"rawns/ns"
)

// ErrNoAnswer: an echo, or a connection, was not answered in time.
var ErrNoAnswer error = nl.Const("no answer")

// probeChunk is how many are tried at a time. Each echo puts two entries into the
// neighbour table, one on either side, which all namespaces share and which holds
// 1,024 (gc_thresh3): so they are taken out again after a chunk if there is more
// than one.
const probeChunk = 200

// Try carries out probes, many at a time, and returns a result for each: nil if
// it was answered, ErrNoAnswer, or what the kernel said last. One that gets no
// answer is tried again until limit is over (for all that run at a time); if of
// the first ones none was answered, the others get a fifth of it each. st, for
// indexes of links, is what Observe has found.
func Try(list []Probe, st *State, limit time.Duration) ([]error, error) {
	home, err := ns.Current()
	if err != nil {
		return nil, err
	}
	defer home.Close()
	results := make([]error, len(list))
	for at := 0; at < len(list); at += probeChunk {
		end := min(at+probeChunk, len(list))
		t := trial{list: list[at:end], results: results[at:end], st: st, home: home}
		t.run(limit)
		if at == 0 && t.left == end {
			limit /= 5
		}
		if len(list) > probeChunk {
			t.forget()
		}
	}
	return results, nil
}

// trial is a chunk at work.
type trial struct {
	list    []Probe
	results []error
	st      *State
	home    *ns.NS
	left    int // not answered yet
	done    []bool
	socks   map[string]*probeSock // by family and namespace: echoes of one share a socket
	order   []*probeSock
	tcp     []int // of each probe: its descriptor, or -1
	id      uint16
}

type probeSock struct {
	fd     int
	family int
	probes []int
}

// enter moves the thread into a namespace, by a Spec's name for it.
func (t *trial) enter(th *ns.Thread, name string) error {
	if name == "" {
		return th.Enter(t.home)
	}
	n, err := ns.Open(name)
	if err != nil {
		return err
	}
	defer n.Close()
	return th.Enter(n)
}

func afOf(ip []byte) int {
	if len(ip) == 16 {
		return unix.AF_INET6
	}
	return unix.AF_INET
}

func (t *trial) run(limit time.Duration) {
	t.left = len(t.list)
	t.done = make([]bool, len(t.list))
	t.tcp = make([]int, len(t.list))
	t.socks = map[string]*probeSock{}
	t.id = uint16(os.Getpid())
	ns.OnThread(func(th *ns.Thread) error {
		t.open(th)
		return nil
	})
	defer func() {
		for _, s := range t.order {
			unix.Close(s.fd)
		}
		for _, fd := range t.tcp {
			if fd >= 0 {
				unix.Close(fd)
			}
		}
	}()
	start := time.Now()
	pause := 100 * time.Millisecond
	for next := start; t.left > 0; {
		now := time.Now()
		if now.Sub(start) >= limit {
			return
		}
		if !now.Before(next) {
			t.send()
			next = now.Add(pause)
			pause = min(2*pause, time.Second)
		}
		t.wait(min(time.Until(next), limit-time.Since(start)))
	}
}

// open opens the sockets, going from namespace to namespace. What cannot be
// opened is a result.
func (t *trial) open(th *ns.Thread) {
	by := map[string][]int{}
	var names []string
	for i := range t.list {
		t.tcp[i] = -1
		t.results[i] = ErrNoAnswer
		name := t.list[i].From.NS
		if by[name] == nil {
			names = append(names, name)
		}
		by[name] = append(by[name], i)
	}
	for _, name := range names {
		err := t.enter(th, name)
		for _, i := range by[name] {
			bad := err
			if bad == nil {
				bad = t.socket(i)
			}
			if bad != nil {
				t.finish(i, bad)
			}
		}
	}
}

//go:noinline
func (t *trial) finish(i int, result error) {
	if !t.done[i] {
		t.done[i] = true
		t.results[i] = result
		t.left--
	}
}

// socket opens what a probe needs in the namespace where the thread is.
func (t *trial) socket(i int) error {
	p := &t.list[i]
	f := afOf(p.ToIP)
	if p.Service != nil {
		fd, err := unix.Socket(f, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
		t.tcp[i] = fd
		if err == nil && p.FromIP != nil {
			err = unix.Bind(fd, sockaddr(p.FromIP, 0))
		}
		return err
	}
	k := string(rune(f)) + p.From.NS
	s := t.socks[k]
	if s == nil {
		proto := unix.IPPROTO_ICMP
		if f == unix.AF_INET6 {
			proto = unix.IPPROTO_ICMPV6
		}
		fd, err := unix.Socket(f, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, proto)
		if err != nil {
			return err
		}
		// Of all that comes only the replies to echoes.
		if f == unix.AF_INET {
			unix.SetsockoptInt(fd, unix.SOL_RAW, 1, ^(1 << 0)) // ICMP_FILTER, linux/icmp.h
		} else {
			var filter unix.ICMPv6Filter
			for k := range filter.Data {
				filter.Data[k] = ^uint32(0)
			}
			filter.Data[echoReply6>>5] &^= 1 << (echoReply6 & 31)
			unix.SetsockoptICMPv6Filter(fd, unix.SOL_ICMPV6, unix.ICMPV6_FILTER, &filter)
		}
		s = &probeSock{fd: fd, family: f}
		t.socks[k] = s
		t.order = append(t.order, s)
	}
	s.probes = append(s.probes, i)
	return nil
}

const (
	echoRequest4, echoReply4 = 8, 0
	echoRequest6, echoReply6 = 128, 129
)

//go:noinline
func sockaddr(ip []byte, port int) unix.Sockaddr {
	if len(ip) == 16 {
		return &unix.SockaddrInet6{Addr: [16]byte(ip), Port: port}
	}
	return &unix.SockaddrInet4{Addr: [4]byte(ip), Port: port}
}

// send sends what is not answered yet, or connects.
func (t *trial) send() {
	for _, s := range t.order {
		for _, i := range s.probes {
			if !t.done[i] {
				t.results[i] = ErrNoAnswer
				if err := t.echo(s, i); err != nil {
					t.results[i] = err
				}
			}
		}
	}
	for i, fd := range t.tcp {
		if fd >= 0 && !t.done[i] {
			p := &t.list[i]
			// A socket whose connection was refused can be used once more: the
			// first connect(2) tells of the failure again, unless that was read.
			to := sockaddr(p.ToIP, int(p.Service.Port))
			err := unix.Connect(fd, to)
			if err == unix.ECONNABORTED {
				err = unix.Connect(fd, to)
			}
			switch err {
			case nil, unix.EISCONN:
				t.finish(i, nil)
			case unix.EINPROGRESS, unix.EALREADY, unix.EAGAIN:
			default:
				t.results[i] = err
			}
		}
	}
}

// echo sends an echo request by the link that the probe begins at. Its sequence
// number is the probe's number.
func (t *trial) echo(s *probeSock, i int) error {
	p := &t.list[i]
	var m [16]byte
	binary.BigEndian.PutUint16(m[4:], t.id)
	binary.BigEndian.PutUint16(m[6:], uint16(i))
	copy(m[8:], "rawns ok")
	var sp *SpaceState
	if sp = t.st.Space(p.From.NS); sp == nil {
		return unix.ENODEV
	}
	l := sp.Link(p.From.Name)
	if l == nil {
		return unix.ENODEV
	}
	var oob []byte
	if s.family == unix.AF_INET {
		m[0] = echoRequest4
		binary.BigEndian.PutUint16(m[2:], checksum(m[:]))
		var info unix.Inet4Pktinfo
		info.Ifindex = l.Index
		info.Spec_dst = [4]byte(p.FromIP)
		oob = control(unix.IPPROTO_IP, unix.IP_PKTINFO, unsafe.Slice((*byte)(unsafe.Pointer(&info)), unsafe.Sizeof(info)))
	} else {
		m[0] = echoRequest6 // the kernel fills in the checksum
		var info unix.Inet6Pktinfo
		info.Ifindex = uint32(l.Index)
		info.Addr = [16]byte(p.FromIP)
		oob = control(unix.IPPROTO_IPV6, unix.IPV6_PKTINFO, unsafe.Slice((*byte)(unsafe.Pointer(&info)), unsafe.Sizeof(info)))
	}
	return unix.Sendmsg(s.fd, m[:], oob, sockaddr(p.ToIP, 0), unix.MSG_DONTWAIT)
}

// control is one control message.
func control(level, typ int, data []byte) []byte {
	b := make([]byte, unix.CmsgSpace(len(data)))
	h := (*unix.Cmsghdr)(unsafe.Pointer(&b[0]))
	h.Level, h.Type = int32(level), int32(typ)
	h.SetLen(unix.CmsgLen(len(data)))
	copy(b[unix.CmsgLen(0):], data)
	return b
}

func checksum(p []byte) uint16 {
	sum := uint32(0)
	for i := 0; i+1 < len(p); i += 2 {
		sum += uint32(p[i])<<8 | uint32(p[i+1])
	}
	for sum>>16 != 0 {
		sum = sum&0xffff + sum>>16
	}
	return ^uint16(sum)
}

// wait takes in what comes within a time.
func (t *trial) wait(d time.Duration) {
	fds := make([]unix.PollFd, 0, len(t.order)+len(t.tcp))
	for _, s := range t.order {
		fds = append(fds, unix.PollFd{Fd: int32(s.fd), Events: unix.POLLIN})
	}
	var conns []int
	for i, fd := range t.tcp {
		if fd >= 0 && !t.done[i] {
			conns = append(conns, i)
			fds = append(fds, unix.PollFd{Fd: int32(fd), Events: unix.POLLOUT})
		}
	}
	ms := max(int(d.Milliseconds()), 0) + 1 // poll(2) waits for ever for less than 0
	if n, err := unix.Poll(fds, ms); err != nil || n == 0 {
		return
	}
	refused := false
	for k := range fds {
		switch {
		case fds[k].Revents == 0:
		case k < len(t.order):
			t.receive(t.order[k])
		default:
			i := conns[k-len(t.order)]
			e, err := unix.GetsockoptInt(t.tcp[i], unix.SOL_SOCKET, unix.SO_ERROR)
			switch {
			case err != nil || e == 0 && fds[k].Revents&unix.POLLHUP != 0:
				refused = true // the refusal was told already
			case e != 0:
				t.results[i] = unix.Errno(e)
				refused = true
			default:
				t.finish(i, nil)
			}
		}
	}
	if refused {
		// A socket without a connection is always ready: poll would not wait.
		time.Sleep(10 * time.Millisecond)
	}
}

// receive takes in the replies that are there.
func (t *trial) receive(s *probeSock) {
	var b [512]byte
	for {
		n, from, err := unix.Recvfrom(s.fd, b[:], unix.MSG_DONTWAIT)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return // an ICMP error clears itself by being read, and the echo is sent again
		}
		m := b[:n]
		want := byte(echoReply6)
		var ip []byte
		switch a := from.(type) {
		case *unix.SockaddrInet4:
			if len(m) < 20 {
				continue
			}
			m = m[min(len(m), int(m[0]&15)*4):]
			want, ip = echoReply4, a.Addr[:]
		case *unix.SockaddrInet6:
			ip = a.Addr[:]
		}
		if len(m) < 16 || m[0] != want || binary.BigEndian.Uint16(m[4:]) != t.id || string(m[8:16]) != "rawns ok" {
			continue
		}
		i := int(binary.BigEndian.Uint16(m[6:]))
		if i < len(t.list) && t.list[i].Service == nil && string(t.list[i].ToIP) == string(ip) {
			t.finish(i, nil)
		}
	}
}

// forget takes the neighbours that the echoes have made out of both tables.
func (t *trial) forget() {
	by := map[string]*nl.Builder{}
	var names []string
	add := func(at End, ip []byte) {
		sp := t.st.Space(at.NS)
		if sp == nil || sp.Link(at.Name) == nil {
			return
		}
		b := by[at.NS]
		if b == nil {
			b = &nl.Builder{}
			by[at.NS] = b
			names = append(names, at.NS)
		}
		rtnl.DelNeigh(b, rtnl.NdMsg{Family: uint8(afOf(ip)), Index: sp.Link(at.Name).Index})
		b.IP(rtnl.NDA_DST, ip)
	}
	for i := range t.list {
		if p := &t.list[i]; p.Service == nil {
			add(p.From, p.ToIP)
			add(p.To, p.FromIP)
		}
	}
	ns.OnThread(func(th *ns.Thread) error {
		c := &nl.Conn{}
		defer c.Close()
		for _, name := range names {
			if t.enter(th, name) == nil && c.Redial(unix.NETLINK_ROUTE) == nil {
				c.Batch(by[name], nil) // one that is gone already is fine
			}
		}
		return nil
	})
}
