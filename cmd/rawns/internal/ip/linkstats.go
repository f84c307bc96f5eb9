package ip

import (
	"encoding/binary"
	"math"
	"strconv"

	"rawns/nl/rtnl"
)

// linkStats is struct rtnl_link_stats64, or what is there of it.
type linkStats [25]uint64

// Members of linkStats.
const (
	rxPackets = iota
	txPackets
	rxBytes
	txBytes
	rxErrors
	txErrors
	rxDropped
	txDropped
	multicast
	collisions
	rxLengthErrors
	rxOverErrors
	rxCRCErrors
	rxFrameErrors
	rxFifoErrors
	rxMissedErrors
	txAbortedErrors
	txCarrierErrors
	txFifoErrors
	txHeartbeatErrors
	txWindowErrors
	rxCompressed
	txCompressed
	rxNoHandler
	carrierChanges = -1 // an attribute of its own
)

// stats reads the counters: 64-bit ones, or the old ones of 32 bits.
func (p *linkPrinter) stats() (s linkStats, key string, ok bool) {
	if a := p.at(uint16(rtnl.IFLA_STATS64)); a.Present() {
		b := a.Bytes()
		for i := 0; i < len(s) && len(b) >= 8; i++ {
			s[i], b = binary.NativeEndian.Uint64(b), b[8:]
		}
		return s, "stats64", true
	}
	a := p.at(uint16(rtnl.IFLA_STATS))
	b := a.Bytes()
	for i := 0; i < len(s) && len(b) >= 4; i++ {
		s[i], b = uint64(binary.NativeEndian.Uint32(b)), b[4:]
	}
	return s, "stats", a.Present()
}

// A column of counters: its head and which counter.
type column struct {
	head string
	stat int
}

// The rows of counters, the second of each pair with -s -s alone.
var (
	rxColumns  = [...]column{{"bytes", rxBytes}, {"packets", rxPackets}, {"errors", rxErrors}, {"dropped", rxDropped}, {"missed", rxMissedErrors}, {"mcast", multicast}, {"compressed", rxCompressed}}
	rxErrorCol = [...]column{{}, {"length", rxLengthErrors}, {"crc", rxCRCErrors}, {"frame", rxFrameErrors}, {"fifo", rxFifoErrors}, {"overrun", rxOverErrors}, {"nohandler", rxNoHandler}}
	txColumns  = [...]column{{"bytes", txBytes}, {"packets", txPackets}, {"errors", txErrors}, {"dropped", txDropped}, {"carrier", txCarrierErrors}, {"collsns", collisions}, {"compressed", txCompressed}}
	txErrorCol = [...]column{{}, {"aborted", txAbortedErrors}, {"fifo", txFifoErrors}, {"window", txWindowErrors}, {"heartbt", txHeartbeatErrors}, {"transns", carrierChanges}}
)

// statistics writes the counters, without the last new line.
func (p *linkPrinter) statistics() {
	s, key, ok := p.stats()
	if !ok {
		return
	}
	changes, hasChanges := p.u32(rtnl.IFLA_CARRIER_CHANGES)
	if p.json {
		p.jsonStats(&s, key, changes, hasChanges)
		return
	}
	more := p.g.stats > 1
	// The columns are as wide as their heads, or as the widest number.
	width := [7]int{len("*X errors:"), len("packets"), len("errors"), len("dropped"), len("heartbt"), len("overrun"), len("compressed")}
	p.widen(&width, rxColumns[:], &s)
	p.widen(&width, txColumns[:], &s)
	if more {
		p.widen(&width, rxErrorCol[:], &s)
		p.widen(&width, txErrorCol[:], &s)
		if w := digits(uint64(changes)); !p.g.human && w > width[5] {
			width[5] = w
		}
	}
	p.statRow("    RX: ", rxColumns[:], &s, &width)
	if more {
		p.NL()
		p.errorRow("    RX errors:", rxErrorCol[:], &s, &width, 0, false)
	}
	p.NL()
	p.statRow("    TX: ", txColumns[:], &s, &width)
	if more {
		p.NL()
		p.errorRow("    TX errors:", txErrorCol[:], &s, &width, changes, hasChanges)
	}
}

// digits counts the digits of v as iproute2 does: one too few for a power of
// ten, which then sticks out of its column.
func digits(v uint64) int {
	n := 1
	for p := uint64(10); p < v; p *= 10 {
		n++
		if p > math.MaxUint64/10 {
			break
		}
	}
	return n
}

func (p *linkPrinter) widen(width *[7]int, cols []column, s *linkStats) {
	if p.g.human {
		return
	}
	for i, c := range cols {
		if c.head != "" && c.stat != carrierChanges {
			if w := digits(s[c.stat]); w > width[i] {
				width[i] = w
			}
		}
	}
}

// statRow writes the heads and numbers of a row of counters.
func (p *linkPrinter) statRow(head string, cols []column, s *linkStats, width *[7]int) {
	last := len(cols) - 1
	p.o.S(head).Right(cols[0].head, width[0]-4)
	for i := 1; i < last; i++ {
		p.o.C(' ').Right(cols[i].head, width[i])
	}
	compressed := s[cols[last].stat] != 0
	h := ""
	if compressed {
		h = cols[last].head
	}
	p.o.C(' ').Right(h, width[last])
	p.NL()
	p.o.S("    ")
	for i := 0; i < last; i++ {
		p.count(width[i], s[cols[i].stat])
	}
	if compressed {
		p.count(width[last], s[cols[last].stat])
	}
}

// errorRow writes the heads and numbers of a row of errors.
func (p *linkPrinter) errorRow(head string, cols []column, s *linkStats, width *[7]int, changes uint32, hasChanges bool) {
	shown := func(c *column) bool {
		switch c.stat {
		case carrierChanges:
			return hasChanges
		case rxNoHandler:
			return s[rxNoHandler] != 0
		}
		return true
	}
	p.o.S(head).Right("", width[0]-10)
	for i := 1; i < len(cols); i++ {
		if shown(&cols[i]) {
			p.o.C(' ').Right(cols[i].head, width[i])
		} else if cols[i].stat == carrierChanges {
			p.o.C(' ').Right("", width[i])
		}
	}
	p.NL()
	p.o.Right("", width[0]+5)
	for i := 1; i < len(cols); i++ {
		if !shown(&cols[i]) {
			continue
		}
		if cols[i].stat == carrierChanges {
			p.count(width[i], uint64(changes))
		} else {
			p.count(width[i], s[cols[i].stat])
		}
	}
}

// count writes a number at the right of a column; with -h, a short one.
func (p *linkPrinter) count(width int, v uint64) {
	base := uint64(1000)
	if p.g.iec {
		base = 1024
	}
	if !p.g.human || v < base {
		p.o.Right(strconv.FormatUint(v, 10), width).C(' ')
		return
	}
	units := "kMGTPE"
	unit := base
	for v/base >= unit && len(units) > 1 {
		unit *= base
		units = units[1:]
	}
	prec := 2
	for p10 := uint64(10); prec > 0; prec-- {
		if v/unit < p10 {
			break
		}
		p10 *= 10
	}
	s := strconv.FormatFloat(float64(v)/float64(unit), 'f', prec, 64) + units[:1]
	if p.g.iec {
		s += "i"
	}
	p.o.Right(s, width).C(' ')
}

// jsonStats writes the counters in JSON.
func (p *linkPrinter) jsonStats(s *linkStats, key string, changes uint32, hasChanges bool) {
	more := p.g.stats > 1
	put := func(key string, i int) { p.JUint(key, s[i]) }
	p.Obj(key)
	p.Obj("rx")
	put("bytes", rxBytes)
	put("packets", rxPackets)
	put("errors", rxErrors)
	put("dropped", rxDropped)
	put("over_errors", rxOverErrors)
	put("multicast", multicast)
	if s[rxCompressed] != 0 {
		put("compressed", rxCompressed)
	}
	if more {
		put("length_errors", rxLengthErrors)
		put("crc_errors", rxCRCErrors)
		put("frame_errors", rxFrameErrors)
		put("fifo_errors", rxFifoErrors)
		put("missed_errors", rxMissedErrors)
		if s[rxNoHandler] != 0 {
			put("nohandler", rxNoHandler)
		}
	}
	p.EndObj()
	p.Obj("tx")
	put("bytes", txBytes)
	put("packets", txPackets)
	put("errors", txErrors)
	put("dropped", txDropped)
	put("carrier_errors", txCarrierErrors)
	put("collisions", collisions)
	if s[txCompressed] != 0 {
		put("compressed", txCompressed)
	}
	if more {
		put("aborted_errors", txAbortedErrors)
		put("fifo_errors", txFifoErrors)
		put("window_errors", txWindowErrors)
		put("heartbeat_errors", txHeartbeatErrors)
		if hasChanges {
			p.JUint("carrier_changes", uint64(changes))
		}
	}
	p.EndObj()
	p.EndObj()
}
