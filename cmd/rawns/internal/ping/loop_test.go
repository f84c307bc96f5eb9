package ping

import (
	"strconv"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/ns/nstest"
)

// live opens a session for the loopback of the calling thread's namespace.
func live(t testing.TB, args ...string) *session {
	t.Helper()
	o := newOptions("ping")
	if err := o.parse(args); err != nil {
		t.Fatal(err)
	}
	targets, err := resolve(o.args[0], o.family)
	if err != nil {
		t.Fatal(err)
	}
	s := newSession(o, &targets[0], nil)
	s.w = cli.NewOut(nil)
	s.conn = &conn{}
	s.sig = &signals{fd: -1} // poll(2) passes over it
	protocol := unix.IPPROTO_ICMP
	s.proto = &inet4{}
	if s.dst.family == unix.AF_INET6 {
		protocol, s.proto = unix.IPPROTO_ICMPV6, &inet6{}
	}
	if err := s.conn.open(o, s.dst.family, protocol, o.ident == 0, true); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(s.conn.fd) })
	if err := s.proto.prepare(s); err != nil {
		t.Fatal(err)
	}
	s.ident = 0xffff
	s.conn.setInt(unix.SOL_SOCKET, unix.SO_TIMESTAMP, 1)
	s.now, s.end = clockFrom(time.Now()), never
	return s
}

// One probe and its reply, printed, cost no memory.
func TestNoAllocations(t *testing.T) {
	for _, typ := range []int{unix.SOCK_DGRAM, unix.SOCK_RAW} {
		for _, dst := range []string{"127.0.0.1", "::1"} {
			t.Run(dst+" "+(&conn{typ: typ}).typeName(), func(t *testing.T) {
				n := nstest.New(t)
				nstest.Up(t, n, "lo")
				sockets(t, n, typ)
				// The closure runs on another goroutine: t.Fatal would end that one.
				err := n.Do(func() error {
					s := live(t, "-i", "0", dst)
					if s.conn.typ != typ {
						t.Errorf("the socket is %s", s.conn.typeName())
					}
					if a := testing.AllocsPerRun(200, func() {
						s.probe(s.now(), 0)
						for s.received < s.sent {
							s.receive(s.wait(s.now() + 10*time.Second))
						}
						s.w.B = s.w.B[:0]
					}); a != 0 {
						t.Errorf("%v allocations for a probe and its reply", a)
					}
					if s.received != 201 || s.sent != 201 || s.rttMax <= 0 || s.pipe != 1 {
						t.Errorf("%d sent, %d received, at most %d us, pipe %d", s.sent, s.received, s.rttMax, s.pipe)
					}
					return nil
				})
				if err != nil {
					t.Fatal(err)
				}
			})
		}
	}
}

// A raw socket hears the replies to another's probes: they are not counted,
// and a filter keeps them out from then on.
func TestForeignReplies(t *testing.T) {
	for _, dst := range []string{"127.0.0.1", "::1"} {
		n := nstest.New(t)
		nstest.Up(t, n, "lo")
		sockets(t, n, unix.SOCK_RAW)
		err := n.Do(func() error {
			a, b := live(t, dst), live(t, dst)
			a.ident, b.ident = 1, 2
			exchange := func(s *session) {
				s.probe(s.now(), 0)
				for s.received < s.sent {
					s.receive(s.wait(s.now() + 10*time.Second))
				}
			}
			exchange(a)
			exchange(b)
			if !b.filtered {
				t.Errorf("%s: no filter although a reply to another came first", dst)
			}
			exchange(a)
			exchange(b)
			if a.received != 2 || b.received != 2 || a.repeats+b.repeats+a.corrupt+b.corrupt != 0 {
				t.Errorf("%s: %d and %d replies", dst, a.received, b.received)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// The schedule is absolute: being woken late does not add up, and after a long
// pause no more than -l probes are made up for.
func TestSchedule(t *testing.T) {
	n := nstest.New(t)
	nstest.Up(t, n, "lo")
	sockets(t, n, unix.SOCK_DGRAM)
	err := n.Do(func() error {
		for _, preload := range []int{1, 3} {
			s := live(t, "-i", "1000", "-l", strconv.Itoa(preload), "127.0.0.1")
			later := func(d time.Duration) {
				now := s.now
				s.now = func() time.Duration { return now() + d }
			}
			next := s.transmit()
			if s.sent != int64(preload) || next != s.first+1000*time.Second {
				t.Errorf("-l %d: %d sent at first, then at %v", preload, s.sent, next)
			}
			later(1700 * time.Second)
			sent := s.sent
			if next = s.transmit(); s.sent != sent+1 || next != s.first+2000*time.Second {
				t.Errorf("-l %d: %d sent late, then at %v, first %v", preload, s.sent-sent, next, s.first)
			}
			later(1e6 * time.Second)
			sent = s.sent
			if next = s.transmit(); s.sent != sent+int64(preload) || next < s.now()+900*time.Second {
				t.Errorf("-l %d: %d sent after a pause, then at %v", preload, s.sent-sent, next)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
