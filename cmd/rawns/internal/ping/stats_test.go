package ping

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"rawns/cmd/rawns/internal/cli"
	"rawns/ns/nstest"
)

func TestRoundTrip(t *testing.T) {
	for us, want := range map[int64]string{
		0: "0.000", 1: "0.001", 45: "0.045", 999: "0.999", 1000: "1.00", 1004: "1.00", 1005: "1.01", 9994: "9.99", 9995: "10.0", 10049: "10.0",
		10050: "10.1", 99949: "99.9", 99950: "100", 100499: "100", 100500: "101", 12345678: "12346",
	} {
		o := cli.NewOut(nil)
		roundTrip(o, us)
		if got := string(o.B); got != " time="+want+" ms" {
			t.Errorf("%d us: %q, want %q", us, got, want)
		}
	}
}

func TestSummary(t *testing.T) {
	replies := func(sent int64, us ...int64) counters {
		c := newCounters(56)
		c.sent = sent
		for i, n := range us {
			c.acknowledge(uint16(i + 1))
			c.timeTaken(n)
			c.arrived(uint16(i + 1))
		}
		c.pipe = 1
		return c
	}
	with := func(c counters, f func(*counters)) counters { f(&c); return c }
	for _, c := range []struct {
		name string
		c    counters
		gaps bool
		want string
	}{
		{"none sent", newCounters(56), false, "0 packets transmitted, 0 received\n\n"},
		{"none came", with(newCounters(56), func(c *counters) { c.sent, c.errors = 3, 3; c.pipe = 3 }), false,
			"3 packets transmitted, 0 received, +3 errors, 100% packet loss, time 1235ms\npipe 3\n"},
		{"two", replies(2, 17, 43), false,
			"2 packets transmitted, 2 received, 0% packet loss, time 1235ms\nrtt min/avg/max/mdev = 0.017/0.030/0.043/0.013 ms\n"},
		{"of three", replies(3, 21, 42), false,
			"3 packets transmitted, 2 received, 33.3333% packet loss, time 1235ms\nrtt min/avg/max/mdev = 0.021/0.031/0.042/0.010 ms\n"},
		{"oddities", with(replies(9, 1000000), func(c *counters) { c.repeats, c.corrupt = 1, 2 }), false,
			"9 packets transmitted, 1 received, +1 duplicates, +2 corrupted, 88.8889% packet loss, time 1235ms\n" +
				"rtt min/avg/max/mdev = 1000.000/500.000/1000.000/500.000 ms\n"},
		{"gaps", with(replies(3, 80, 80, 80), func(c *counters) { c.pipe = 2 }), true,
			"3 packets transmitted, 3 received, 0% packet loss, time 1235ms\n" +
				"rtt min/avg/max/mdev = 0.080/0.080/0.080/0.000 ms, pipe 2, ipg/ewma 617.283/0.080 ms\n"},
		{"no clock", with(replies(1, 0), func(c *counters) { c.timed = false }), false,
			"1 packets transmitted, 1 received, 0% packet loss, time 1235ms\n\n"},
		{"slow", replies(2, 3e9, 5e9), false,
			"2 packets transmitted, 2 received, 0% packet loss, time 1235ms\nrtt min/avg/max/mdev = 3000000.000/4000000.000/5000000.000/1000000.000 ms\n"},
	} {
		o := cli.NewOut(nil)
		c.c.summary(o, "h\x1b", 1234567*time.Microsecond, c.gaps)
		if got, want := string(o.B), "\n--- h\\x1b ping statistics ---\n"+c.want; got != want {
			t.Errorf("%s:\n%q, want\n%q", c.name, got, want)
		}
	}
}

func TestStatus(t *testing.T) {
	c := newCounters(56)
	c.sent = 3
	o := cli.NewOut(nil)
	c.status(o)
	c.timeTaken(26)
	c.timeTaken(1034)
	c.arrived(1)
	c.arrived(2)
	c.status(o)
	want := "\r0/3 packets, 100% loss\n\r2/3 packets, 33% loss, min/avg/ewma/max = 0.026/0.530/0.152/1.034 ms\n"
	if string(o.B) != want {
		t.Errorf("%q, want %q", o.B, want)
	}
}

// The packet loss is printed with C's %g.
func TestLossDigits(t *testing.T) {
	nstest.Need(t, "printf")
	argv := []string{"printf", "%g\n"}
	var got []string
	for sent := int64(1); sent < 3e6; sent = sent*9/8 + 1 {
		for _, received := range []int64{0, 1, sent / 3, sent - 1, sent} {
			c := newCounters(0)
			c.sent, c.received = sent, received
			o := cli.NewOut(nil)
			c.summary(o, "", 0, false)
			text := string(o.B)
			text = text[:strings.Index(text, "% packet")]
			got = append(got, text[strings.LastIndex(text, " ")+1:])
			loss := float32(float64(sent-received) * 100 / float64(sent))
			argv = append(argv, strconv.FormatFloat(float64(loss), 'f', -1, 64))
		}
	}
	want := strings.Fields(nstest.Run(t, nil, argv...))
	if !slices.Equal(got, want) {
		t.Errorf("%q\nwant\n%q", got, want)
	}
}

func TestSquareRoot(t *testing.T) {
	for a, want := range map[int64]int64{-4: -4, 0: 0, 1: 1, 2: 1, 3: 2, 4: 2, 8: 3, 9: 3, 110: 10, 1 << 40: 1 << 20} {
		if got := squareRoot(a); got != want {
			t.Errorf("%d: %d, want %d", a, got, want)
		}
	}
}

// A second count, kept the slow way, must agree for any order of answers.
func FuzzCounters(f *testing.F) {
	f.Add([]byte{0, 1, 0, 2, 3, 1, 1, 0xff, 0, 5})
	f.Fuzz(func(t *testing.T, steps []byte) {
		c := newCounters(56)
		c.sent = 65500 // so that sequence numbers wrap
		c.answered = uint16(c.sent)
		start := c.sent
		answered := map[uint16]bool{}
		for _, b := range steps {
			if b&1 == 0 {
				c.clearSeen(uint16(c.sent + 1))
				delete(answered, uint16(c.sent+1))
				c.advance()
				continue
			}
			seq := uint16(c.sent) - uint16(b>>1)
			c.acknowledge(seq)
			if c.arrived(seq) != answered[seq] {
				t.Fatalf("%d: seen before is %v", seq, !answered[seq])
			}
			answered[seq] = true
			c.timeTaken(int64(b))
		}
		if n := c.inFlight(); n < 0 || n > c.sent-start {
			t.Fatalf("%d in flight of %d", n, c.sent-start)
		}
		if c.pipe > 128 || c.rttMin < 0 || c.rttMin == math.MaxInt64 && c.received > 0 {
			t.Fatalf("pipe %d, min %d", c.pipe, c.rttMin)
		}
	})
}
