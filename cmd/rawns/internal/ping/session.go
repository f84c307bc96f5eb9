package ping

import (
	"math"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/httpraw"
)

// probePort is where the UDP socket that finds out the source address is
// connected to; nothing is sent.
const probePort = 1025

// unreachable says that there is no route; the next address of the name may
// have one.
type unreachable struct{ errno error }

func (u *unreachable) Error() string { return "connect: " + cli.Strerror(cli.Errno(u.errno)) }

// connectFailed tells unreachable from what is the end.
func connectFailed(err error) error {
	if err == unix.EHOSTUNREACH || err == unix.ENETUNREACH {
		return &unreachable{err}
	}
	return failErrno("connect", err)
}

// protocol is what differs between IPv4 and IPv6.
type protocol interface {
	// prepare finds the source address, sets the socket's options and prints
	// the first line.
	prepare(s *session) error
	// build completes s.request for the next sequence number and returns the
	// flags for sendmsg.
	build(s *session) (flags int)
	// reply handles a packet and tells whether it was somebody else's.
	reply(s *session, p []byte, r *received) (foreign bool)
	// failed handles an ICMP error about the request that begins with quoted,
	// and tells whether it was somebody else's.
	failed(s *session, e *queuedError, quoted echo) (foreign bool)
	// filter rejects echo replies with another identifier.
	filter(ident uint16) []unix.SockFilter
}

// session is one run against one address.
type session struct {
	counters
	namer
	o     *options
	w     *cli.Out
	conn  *conn
	proto protocol
	sig   *signals

	host  string // as the first line and the summary name it
	dst   address
	src   address
	many  bool      // several hosts may answer
	ident uint16    // host byte order; what datagram sockets send is replaced
	flow  uint32    // IPv6 flow label
	node  *nodeInfo // what is asked for instead of echoes, or nil

	request  []byte // what is sent, its data filled in
	room     []byte // for what is received
	to       []byte // struct sockaddr of dst
	control  []byte // control messages to send along
	message  message
	about    received // what came with the last packet
	filtered bool
	latency  bool // measure to the moment of reading, not of receiving
	addend   int  // adaptive: slow-down after full queues, microseconds
	interval int  // milliseconds; adaptive changes it
	width    int64

	// The schedule, as times since the start, which now tells. (A time.Time in what
	// is used as an interface brings its formatting into the binary.) due is when the next probe would
	// be sent if one were allowed at a time; it advances by the interval, so
	// that being woken late does not add up.
	now    func() time.Duration
	base   time.Duration
	last   time.Duration // when the last probe was sent
	first  time.Duration
	hold   time.Duration // nothing is sent before
	end    time.Duration // when the run is over
	stalls int           // probes in a row that found full queues
}

const never = time.Duration(math.MaxInt64)

// maxData bounds the room for -s: what exceeds an IP packet is refused by the
// kernel whatever its size.
const maxData = 1 << 17

func newSession(o *options, t *target, pattern []byte) *session {
	s := &session{counters: newCounters(o.size), o: o, w: cli.Stdout, host: t.canonical, dst: t.address,
		interval: o.interval, latency: o.latency, width: math.MaxInt32}
	if s.host == "" {
		s.host = o.args[len(o.args)-1]
	}
	s.reverse, s.ask = !o.numeric, s.askName
	size := min(o.size, maxData)
	s.request = make([]byte, icmpHeader+size)
	data := echo(s.request).data()
	for i := range data {
		if len(pattern) > 0 {
			data[i] = pattern[i%len(pattern)]
		} else if !o.hasPattern {
			data[i] = byte(i)
		}
	}
	return s
}

// checkDevice warns if the address that the kernel chose is not the device's.
func (s *session) checkDevice() error {
	ok, err := deviceHasAddress(s.o.device, &s.src)
	if err != nil {
		return fail(2, "getifaddrs: ", err.Error())
	}
	if !ok {
		s.o.warn("Warning: source address might be selected on device other than: ", s.o.device)
	}
	return nil
}

// castInterval is the limit on how fast an ordinary user may send to many.
func (s *session) castInterval(kind string) error {
	if unix.Getuid() == 0 {
		return nil
	}
	if s.interval < minUserCast {
		return fail(2, kind, " ping with too short interval: ", strconv.Itoa(s.interval))
	}
	if s.o.pmtu >= 0 && s.o.pmtu != unix.IP_PMTUDISC_DO {
		return fail(2, kind, " ping does not fragment")
	}
	return nil
}

// start does what both families need before the first probe.
func (s *session) start() error {
	o := s.o
	if o.flood && !o.hasInterval {
		s.interval = 0
	}
	if unix.Getuid() != 0 && s.interval < minUserInterval {
		return fail(2, "cannot flood; minimal interval allowed for user is ", strconv.Itoa(minUserInterval), "ms")
	}
	if s.interval >= math.MaxInt32/o.preload {
		return fail(2, "illegal preload and/or interval: ", strconv.Itoa(s.interval))
	}
	// These are refinements: without one of them the run still works.
	if o.debug {
		s.conn.setInt(unix.SOL_SOCKET, unix.SO_DEBUG, 1)
	}
	if o.direct {
		s.conn.setInt(unix.SOL_SOCKET, unix.SO_DONTROUTE, 1)
	}
	if !s.latency {
		s.conn.setInt(unix.SOL_SOCKET, unix.SO_TIMESTAMP, 1)
	}
	setMark(o, s.conn.fd)
	// A device that stalls must not stop us for longer than an interval.
	wait := unix.NsecToTimeval(int64(min(max(s.interval, minGap), 1000)) * int64(time.Millisecond))
	unix.SetsockoptTimeval(s.conn.fd, unix.SOL_SOCKET, unix.SO_SNDTIMEO, &wait)

	switch {
	case o.ident >= 0:
		s.ident = uint16(o.ident)
	case s.conn.raw():
		s.ident = uint16(os.Getpid())
	default:
		s.ident = 0xffff
	}
	if o.connect {
		if err := unix.Connect(s.conn.fd, s.dst.sockaddr(0)); err != nil {
			return failErrno("connect failed", err)
		}
	}
	if w, err := unix.IoctlGetWinsize(1, unix.TIOCGWINSZ); err == nil && w.Col > 0 {
		s.width = int64(w.Col)
	}
	var err error
	if s.sig, err = newSignals(); err != nil {
		return err
	}
	s.now = clockFrom(time.Now())
	s.end = never
	if o.deadline > 0 {
		s.end = time.Duration(o.deadline) * time.Second
	}
	return nil
}

// clockFrom returns a clock that is 0 at the start.
func clockFrom(start time.Time) func() time.Duration {
	return func() time.Duration { return time.Since(start) }
}

func millis(ms int) time.Duration { return time.Duration(ms) * time.Millisecond }

// over tells whether there is nothing left to do.
func (s *session) over() bool {
	o := s.o
	return s.sig.quit.Load() || s.now() >= s.end ||
		o.count > 0 && s.received+s.errors >= o.count || o.deadline > 0 && s.errors > 0
}

// loop runs until there is nothing left to wait for and returns the exit code.
func (s *session) loop() int {
	o := s.o
	for first := true; !s.over(); first = false {
		if s.sig.status.Swap(false) {
			s.w.Flush()
			s.status(cli.Stderr)
			cli.Stderr.Flush()
		}
		next := s.transmit()
		if first {
			// This machine, and one on the other end of a veth, has answered by
			// now. If that was all, the run is over without signal handlers,
			// which cost threads: a fifth of its time.
			s.receive(false)
			continue
		}
		s.sig.catch()
		s.w.Flush()
		until := min(next, s.end)
		if s.over() {
			// Sending failed, or the time, which may be twice the round trip
			// only, passed since the probe: its reply may still be here.
			until = 0
		}
		s.receive(s.wait(until))
	}
	gaps := s.interval == 0 || o.flood || o.adaptive
	s.summary(s.w, s.host, s.last-s.first, gaps)
	if s.received == 0 || o.deadline > 0 && s.received < o.count {
		return 1
	}
	return 0
}

// wait returns when a packet or an error came, a signal, or the time.
func (s *session) wait(until time.Duration) (failed bool) {
	var timeout *unix.Timespec
	if until != never {
		t := unix.NsecToTimespec(int64(max(0, until-s.now())))
		timeout = &t
	}
	fds := [2]unix.PollFd{{Fd: int32(s.conn.fd), Events: unix.POLLIN}, {Fd: int32(s.sig.fd), Events: unix.POLLIN}}
	if n, _ := unix.Ppoll(fds[:], timeout, nil); n <= 0 {
		return false // the time is over, or EINTR: the caller looks again
	}
	if fds[1].Revents != 0 {
		s.sig.clear()
	}
	return fds[0].Revents&unix.POLLERR != 0
}

// transmit sends what is due and returns when the next probe is.
func (s *session) transmit() (next time.Duration) {
	o := s.o
	for {
		if s.allSent() {
			s.linger()
			return never
		}
		now := s.now()
		gap := millis(s.interval)
		if now < s.hold {
			return s.hold
		}
		switch {
		case s.last == 0: // the very first
			now = max(now, 1)
			s.first = now
			s.base = now - gap*time.Duration(o.preload)
		case gap == 0:
			if due := s.last + millis(minGap); now < due && s.inFlight() >= int64(o.preload) {
				return due
			}
		default:
			if due := s.base + gap; now < due {
				return due
			}
		}
		// At most preload probes are made up for.
		if behind := gap * time.Duration(o.preload); now-s.base >= behind+gap {
			s.base = now - behind
		}
		s.base += gap
		s.last = now
		if o.outstanding && s.sent > 0 && !s.wasSeen(uint16(s.sent)) {
			s.stamp()
			s.w.S("no answer yet for icmp_seq=").D(s.sent % maxWindow).NL()
		}
		if ok := s.probe(now, gap); !s.allSent() && (!ok || gap == 0 && s.sig.quit.Load()) {
			return max(s.hold, s.base+millis(s.interval))
		}
	}
}

// allSent tells whether -c's last probe is out. With -w probes are sent until
// -c's last reply is in.
func (s *session) allSent() bool { return s.o.count > 0 && s.sent >= s.o.count && s.o.deadline == 0 }

// probe sends one request. It returns false if the schedule must wait.
func (s *session) probe(now, gap time.Duration) bool {
	o := s.o
	s.clearSeen(uint16(s.sent + 1))
	err := s.message.send(s.conn.fd, s.request, s.to, s.control, s.proto.build(s))
	slow := max(gap, millis(minGap))
	localError := false
	switch err {
	case nil:
		s.stalls = 0
		s.advance()
		if o.flood && !o.quiet && (int64(o.preload) < s.width && int64(s.pipe) < s.width || s.inFlight() < s.width) {
			s.w.C('.')
		}
		return true
	case unix.EINTR: // a signal: look at it, then try again
		s.base -= gap
		return false
	case unix.EAGAIN: // the socket's buffer stayed full for all of SO_SNDTIMEO
		s.base -= gap
		s.hold = now + millis(minGap)
		return false
	case unix.ENOBUFS, unix.ENOMEM: // the device's queue is full
		s.base = now
		s.addend += int(min(s.ewma/8, 50000))
		s.adapt()
		pause := min(max(s.interval/2, minGap), 500)
		s.stalls++
		if s.stalls*pause < o.linger {
			s.hold = now + millis(pause)
			return false
		}
	default:
		outcome := s.readError()
		if outcome == notOurs {
			s.base -= gap // what failed was another packet; this one was not sent
			return true
		}
		localError = outcome == local
	}
	// Counted as sent, or a device that never recovers would never let -c end.
	s.advance()
	if !localError && !o.quiet {
		if o.flood {
			s.w.C('E')
		} else {
			o.warnErrno("sendmsg", err)
		}
	}
	s.base = now
	s.hold = now + slow
	return false
}

// linger sets the end of the run when the last probe is out: two round trip
// times if anything ever answered, else -W.
func (s *session) linger() {
	if s.end != never {
		return
	}
	wait := millis(s.o.linger)
	if s.received > 0 {
		// A reply may claim to have taken longer than we run: do not believe it.
		rtt := min(s.rttMax, (s.now() - s.first).Microseconds())
		wait = max(2*time.Duration(rtt)*time.Microsecond, millis(s.interval))
	}
	if wait > 0 {
		s.end = s.now() + wait
	}
}

// adapt sets the interval to the round trip time, for -A.
func (s *session) adapt() {
	if !s.o.adaptive {
		return
	}
	est := s.ewma / 8
	if s.ewma == 0 {
		est = int64(s.interval) * 1000
	}
	s.interval = int(min((est+int64(s.addend)+500)/1000, math.MaxInt32))
	if unix.Getuid() != 0 {
		s.interval = max(s.interval, minUserInterval)
	}
}

// batch bounds how many packets are read before the schedule is looked at.
const batch = 256

// receive reads what there is. failed says that the error queue has something
// for us even if there is no packet.
func (s *session) receive(failed bool) {
	for range batch {
		n, err := s.message.receive(s.conn.fd, s.room, 0)
		foreign := false
		switch {
		case err == unix.EINTR || err == unix.EAGAIN && !failed:
			return
		case err != nil:
			failed = false
			foreign = s.readError() == notOurs
		default:
			s.about = parseControls(s.message.controls())
			if s.latency || !s.about.hasTime {
				s.about.at = clockOf(time.Now())
			}
			foreign = s.proto.reply(s, s.room[:n], &s.about)
		}
		if foreign && s.conn.raw() {
			s.installFilter()
		}
		if s.inFlight() == 0 {
			return
		}
	}
}

// What readError found.
type errorKind int

const (
	local   errorKind = iota // nothing, or something that this machine says
	remote                   // an ICMP error about one of our probes
	notOurs                  // an ICMP error about another's packet
)

// readError takes one error off the socket's error queue.
func (s *session) readError() errorKind {
	var head [icmpHeader]byte // the failed packet, as far as we need it
	n, err := s.message.receive(s.conn.fd, head[:], unix.MSG_ERRQUEUE)
	if err != nil {
		return local
	}
	e, ok := findQueuedError(s.message.controls())
	if !ok {
		return local
	}
	switch e.origin {
	case unix.SO_EE_ORIGIN_LOCAL:
		switch {
		case s.o.quiet:
			return local
		case s.o.flood:
			s.w.C('E')
		case e.errno == uint32(unix.EMSGSIZE) && s.dst.family == unix.AF_INET:
			s.o.warn("local error: message too long, mtu=", strconv.FormatUint(uint64(e.info), 10))
		case e.errno == uint32(unix.EMSGSIZE):
			s.o.warn("local error: message too long, mtu: ", strconv.FormatUint(uint64(e.info), 10))
		default:
			s.o.warnErrno("local error", unix.Errno(e.errno))
		}
		s.errors++
		return local
	case unix.SO_EE_ORIGIN_ICMP, unix.SO_EE_ORIGIN_ICMP6:
		quoted := parseEcho(head[:n])
		to, _ := s.message.from()
		if quoted == nil || string(to) != string(s.dst.bytes()) || !s.ours(quoted) || s.proto.failed(s, &e, quoted) {
			return notOurs
		}
		return remote
	}
	return local
}

// ours tells by the identifier whether an echo is ours; on datagram sockets
// the kernel has done so.
func (s *session) ours(e echo) bool { return !s.conn.raw() || e.ident() == s.ident }

// netError counts an ICMP error and prints how its line begins. It returns
// false if nothing more is to be printed.
func (s *session) netError(e *queuedError, seq uint16) bool {
	s.errors++
	switch {
	case s.o.quiet:
		return false
	case s.o.flood:
		s.w.S("\bE")
		return false
	}
	s.stamp()
	s.w.S("From ").Safe(s.name(e.offender, e.zone)).S(" icmp_seq=").U(uint64(seq)).C(' ')
	return true
}

// askName asks DNS for an address's name; it is not ok if no server has an
// answer. What ends the run ends the waiting for one, too.
func (s *session) askName(ip []byte) (name string, ok bool) {
	s.w.Flush()
	deadline := time.Time{}
	if s.sig == nil { // nothing has been sent yet: signals do what they do
		return askName(ip, deadline)
	}
	s.sig.catch()
	left := never
	if s.end != never {
		left = s.end - s.now()
		deadline = time.Now().Add(left)
	}
	if s.sig.quit.Load() || left <= 0 {
		return "", false
	}
	found := make(chan bool, 1)
	var n string
	ip = append([]byte(nil), ip...)
	go func() {
		var ok bool
		n, ok = askName(ip, deadline)
		found <- ok
	}()
	// No time.Timer, for the sake of the binary's size.
	var over chan bool
	if left != never {
		over = make(chan bool, 1)
		go func() {
			time.Sleep(left)
			over <- true
		}()
	}
	select {
	case ok = <-found:
		return n, ok
	case <-s.sig.stop:
	case <-over:
	}
	return "", false
}

func askName(ip []byte, deadline time.Time) (name string, ok bool) {
	name, err := httpraw.LookupAddr(ip, deadline)
	switch err {
	case nil, httpraw.ErrNoName, httpraw.ErrNoAddress, httpraw.ErrBadName:
		return name, true
	}
	return "", false
}

// name4 is name for what IP options and ICMP messages hold.
func (s *session) name4(ip []byte) string { return s.name(ip, 0) }

// stamp prints the time of day, for -D.
func (s *session) stamp() {
	if s.o.stamped {
		t := clockOf(time.Now())
		digits(s.w.C('[').D(t.sec).C('.'), t.usec, 6).S("] ")
	}
}

// installFilter keeps other programs' replies away from a raw socket from now
// on. Without it they cost time only.
func (s *session) installFilter() {
	if s.filtered {
		return
	}
	s.filtered = true
	f := s.proto.filter(s.ident)
	prog := unix.SockFprog{Len: uint16(len(f)), Filter: &f[0]}
	if err := unix.SetsockoptSockFprog(s.conn.fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &prog); err != nil {
		s.o.warnErrno("WARNING: failed to install socket filter", err)
	}
}

// reply counts an echo reply and prints its line, but not the line's end: it
// returns false if that is done or nothing was to be printed.
func (s *session) reply(e echo, r *received, from string, damaged, wrongSource bool) bool {
	seq := e.seq()
	if s.node != nil {
		seq, _ = s.node.sequence(e)
	}
	if !damaged {
		s.acknowledge(seq)
	}
	took := int64(0)
	if s.timed && len(e) >= icmpHeader+clockSize {
		sent := parseClock(e.data())
		took = r.at.since(sent)
		if took < 0 {
			s.o.warn("Warning: time of day goes back (", strconv.FormatInt(took, 10), "us), taking countermeasures")
			took = 0
			if !s.latency {
				s.latency = true
				took = max(0, clockOf(time.Now()).since(sent))
			}
		}
		if !damaged {
			s.timeTaken(took)
			s.adapt()
		}
	}
	repeated := false
	if damaged {
		s.corrupt++
	} else {
		repeated = s.arrived(seq)
	}
	o := s.w
	switch {
	case s.o.quiet:
		return false
	case s.o.flood && damaged:
		o.S("\bC")
		return true
	case s.o.flood:
		o.S("\b \b")
		return true
	}
	s.stamp()
	o.D(int64(len(e))).S(" bytes from ").Safe(from).C(':')
	if s.node != nil {
		niPrint(o, e)
	} else {
		o.S(" icmp_seq=").U(uint64(seq))
	}
	if s.o.verbose && (s.conn.raw() || s.o.ident >= 0) {
		o.S(" ident=").U(uint64(s.ident))
	}
	if r.hops >= 0 {
		o.S(" ttl=").D(int64(r.hops))
	}
	if s.node == nil && len(e) < icmpHeader+s.o.size {
		o.S(" (truncated)\n")
		return false
	}
	if s.timed {
		roundTrip(o, took)
	}
	if repeated && (!s.many || s.o.verbose) {
		o.S(" (DUP!)")
	}
	if damaged {
		o.S(" (BAD CHECKSUM!)")
	}
	if wrongSource {
		o.S(" (DIFFERENT ADDRESS!)")
	}
	if s.node == nil {
		compareData(o, e.data(), echo(s.request).data())
	}
	return true
}

// compareData reports the first byte behind the clock that came back changed,
// and then all of them.
func compareData(o *cli.Out, got, want []byte) {
	n := min(len(got), len(want))
	for i := clockSize; i < n; i++ {
		if got[i] == want[i] {
			continue
		}
		o.S("\nwrong data byte #").D(int64(i)).S(" should be 0x").X(uint64(want[i]), 1).S(" but was 0x").X(uint64(got[i]), 1)
		for j := clockSize; j < n; j++ {
			if j%32 == clockSize {
				o.S("\n#").D(int64(j)).C('\t')
			}
			o.X(uint64(got[j]), 1).C(' ')
		}
		return
	}
}
