package ping

import (
	"math"
	"strconv"
	"time"

	"rawns/cmd/rawns/internal/cli"
)

// counters says what became of the probes. Times are microseconds.
type counters struct {
	sent, received, repeats, corrupt, errors int64

	rttMin, rttMax  int64
	rttSum, rttSum2 float64 // of the times and of their squares
	ewma            int64   // moving average, times 8; 0: no reply yet
	timed           bool    // the data has room for a clock

	// answered is the newest sequence number that an answer came for, or, if
	// that is half the number space away, not much older than the last sent.
	answered uint16
	pipe     int // the most probes that were under way at once; -1: no answer yet

	seen [maxWindow / 64]uint64 // a bit for each sequence number: a reply came
}

func newCounters(size int) counters {
	return counters{timed: size >= clockSize, rttMin: math.MaxInt64, pipe: -1}
}

func (c *counters) markSeen(seq uint16)     { c.seen[seq>>6] |= 1 << (seq & 63) }
func (c *counters) clearSeen(seq uint16)    { c.seen[seq>>6] &^= 1 << (seq & 63) }
func (c *counters) wasSeen(seq uint16) bool { return c.seen[seq>>6]>>(seq&63)&1 != 0 }

// advance counts a probe as sent. Sequence numbers count from 1, so the last
// one is sent itself.
func (c *counters) advance() {
	c.sent++
	if uint16(c.sent)-c.answered > 0x7fff {
		c.answered = uint16(c.sent) + 1
	}
}

// inFlight is how many probes still wait for an answer.
func (c *counters) inFlight() int64 {
	if d := uint16(c.sent) - c.answered; d <= 0x7fff {
		return int64(d)
	}
	return c.sent - c.received - c.errors
}

// acknowledge notes that seq was answered, by a reply or by an error.
func (c *counters) acknowledge(seq uint16) {
	d := uint16(c.sent) - seq
	if d > 0x7fff {
		return // older than half the number space, or not sent yet
	}
	c.pipe = max(c.pipe, int(d)+1)
	if int16(seq-c.answered) > 0 || uint16(c.sent)-c.answered > 0x7fff {
		c.answered = seq
	}
}

// timeTaken adds a round trip time to the statistics.
func (c *counters) timeTaken(us int64) {
	c.rttSum += float64(us)
	c.rttSum2 += float64(us) * float64(us)
	c.rttMin = min(c.rttMin, us)
	c.rttMax = max(c.rttMax, us)
	if c.ewma == 0 {
		c.ewma = us * 8
	} else {
		c.ewma += us - c.ewma/8
	}
}

// arrived counts a reply with sequence number seq and tells whether it is one
// too many.
func (c *counters) arrived(seq uint16) (repeated bool) {
	if c.wasSeen(seq) {
		c.repeats++
		return true
	}
	c.received++
	c.markSeen(seq)
	return false
}

// deviation is the population standard deviation.
func (c *counters) deviation() int64 {
	total := float64(c.received + c.repeats)
	var v float64
	if c.rttSum < math.MaxInt32 {
		// In this order small times keep their last digits.
		v = (c.rttSum2 - c.rttSum*c.rttSum/total) / total
	} else {
		avg := math.Floor(c.rttSum / total)
		v = c.rttSum2/total - avg*avg
	}
	return squareRoot(int64(v))
}

// squareRoot is Newton's method on integers, which stops at the root or one
// above it: the last digit is to be iputils'.
func squareRoot(a int64) int64 {
	x := a
	if x > 0 {
		for prev := int64(math.MaxInt64); x < prev; {
			prev = x
			x = (x + a/x) / 2
		}
	}
	return x
}

// digits appends n with zeros in front, to width digits.
func digits(o *cli.Out, n int64, width int) *cli.Out {
	for unit := pow10[width]; unit > 1; {
		unit /= 10
		o.C('0' + byte(n/unit%10))
	}
	return o
}

var pow10 = [...]int64{1, 10, 100, 1000, 10000, 100000, 1000000}

// milli appends microseconds as milliseconds with three digits behind the
// point.
func milli(o *cli.Out, us int64) *cli.Out {
	return digits(o.D(us/1000).C('.'), us%1000, 3)
}

// roundTrip appends a time with at least three significant digits, none
// below a microsecond.
func roundTrip(o *cli.Out, us int64) {
	unit, width := int64(1), 3 // microseconds to round to; digits behind the point
	switch {
	case us >= 100000-50:
		unit, width = 1000, 0
	case us >= 10000-5:
		unit, width = 100, 1
	case us >= 1000:
		unit, width = 10, 2
	}
	us += unit / 2
	o.S(" time=").D(us / 1000)
	if width > 0 {
		digits(o.C('.'), us%1000/unit, width)
	}
	o.S(" ms")
}

// summary prints the statistics at the end. elapsed is the time between the
// first and the last probe; gaps asks for the mean gap between packets.
func (c *counters) summary(o *cli.Out, host string, elapsed time.Duration, gaps bool) {
	o.S("\n--- ").Safe(host).S(" ping statistics ---\n")
	o.D(c.sent).S(" packets transmitted, ").D(c.received).S(" received")
	if c.repeats != 0 {
		o.S(", +").D(c.repeats).S(" duplicates")
	}
	if c.corrupt != 0 {
		o.S(", +").D(c.corrupt).S(" corrupted")
	}
	if c.errors != 0 {
		o.S(", +").D(c.errors).S(" errors")
	}
	if c.sent != 0 {
		loss := float32(float64(c.sent-c.received) * 100 / float64(c.sent))
		o.S(", ")
		o.B = strconv.AppendFloat(o.B, float64(loss), 'g', 6, 64)
		o.S("% packet loss, time ").D(elapsed.Round(time.Millisecond).Milliseconds()).S("ms")
	}
	o.NL()
	comma := ""
	if c.received != 0 && c.timed {
		o.S("rtt min/avg/max/mdev = ")
		milli(o, c.rttMin).C('/')
		milli(o, int64(c.rttSum/float64(c.received+c.repeats))).C('/')
		milli(o, c.rttMax).C('/')
		milli(o, c.deviation()).S(" ms")
		comma = ", "
	}
	if c.pipe > 1 {
		o.S(comma, "pipe ").D(int64(c.pipe))
		comma = ", "
	}
	if c.received != 0 && gaps && c.sent > 1 {
		o.S(comma, "ipg/ewma ")
		milli(o, elapsed.Microseconds()/(c.sent-1)).C('/')
		milli(o, c.ewma/8).S(" ms")
	}
	o.NL()
}

// status prints the one line that SIGQUIT asks for.
func (c *counters) status(o *cli.Out) {
	loss := int64(0)
	if c.sent != 0 {
		loss = (c.sent - c.received) * 100 / c.sent
	}
	o.S("\r").D(c.received).C('/').D(c.sent).S(" packets, ").D(loss).S("% loss")
	if c.received != 0 && c.timed {
		o.S(", min/avg/ewma/max = ")
		milli(o, c.rttMin).C('/')
		milli(o, int64(c.rttSum/float64(c.received+c.repeats))).C('/')
		milli(o, c.ewma/8).C('/')
		milli(o, c.rttMax).S(" ms")
	}
	o.NL()
}
