//go:build !tiny

package ip

import (
	"cmp"
	"encoding/binary"
	"strconv"
	"strings"

	"rawns/nl"
	"rawns/nl/rtnl"
)

// canLine begins one of the lines of a CAN link's options.
func (l *linkPrinter) canLine() {
	l.NL()
	l.T("\t ")
}

// u32s returns the numbers of an attribute, if there are at least n.
func u32s(v nl.Attr, n int) (vs []uint32) {
	b := v.Bytes()
	for ; len(b) >= 4; b = b[4:] {
		vs = append(vs, binary.NativeEndian.Uint32(b))
	}
	if len(vs) < n {
		return nil
	}
	return vs
}

func showCAN(l *linkPrinter, data nl.Attrs) {
	var as [32]nl.Attr
	data.Index(as[:])
	if cm := u32s(as[rtnl.IFLA_CAN_CTRLMODE], 2); cm != nil {
		if cm[1] != 0 {
			l.showBits("ctrlmode", cm[1], &rtnl.CANCtrlModes)
		}
		if can, ok := as[rtnl.IFLA_CAN_CTRLMODE_EXT].Attrs().U32(rtnl.IFLA_CAN_CTRLMODE_SUPPORTED); ok && l.json {
			l.showBits("ctrlmode_supported", can, &rtnl.CANCtrlModes)
			l.showBits("ctrlmode_static", cm[1]&^can, &rtnl.CANCtrlModes)
		}
	}
	if n, ok := as[rtnl.IFLA_CAN_STATE].U32(); ok {
		l.Str("state", "state ", cmp.Or(rtnl.CANStates.Name(n), "UNKNOWN"), " ")
	}
	if b := as[rtnl.IFLA_CAN_BERR_COUNTER].Bytes(); len(b) >= 4 {
		l.Obj("berr_counter")
		l.Uint("tx", "(berr-counter tx ", uint64(binary.NativeEndian.Uint16(b)), "")
		l.Uint("rx", " rx ", uint64(binary.NativeEndian.Uint16(b[2:])), ") ")
		l.EndObj()
	}
	if n, ok := as[rtnl.IFLA_CAN_RESTART_MS].U32(); ok {
		l.Uint("restart_ms", "restart-ms ", uint64(n), " ")
	}
	tdc := as[rtnl.IFLA_CAN_TDC].Attrs()
	l.canTiming("", &as, uint16(rtnl.IFLA_CAN_BITTIMING), uint16(rtnl.IFLA_CAN_BITTIMING_CONST), uint16(rtnl.IFLA_CAN_BITRATE_CONST), nil)
	l.canTiming("d", &as, uint16(rtnl.IFLA_CAN_DATA_BITTIMING), uint16(rtnl.IFLA_CAN_DATA_BITTIMING_CONST), uint16(rtnl.IFLA_CAN_DATA_BITRATE_CONST), tdc)
	if n, ok := as[rtnl.IFLA_CAN_TERMINATION].U16(); ok && as[rtnl.IFLA_CAN_TERMINATION_CONST].Present() {
		l.canLine()
		l.Uint("termination", " termination ", uint64(n), "")
		l.Arr("termination_const", " [ ")
		sep := ""
		for b := as[rtnl.IFLA_CAN_TERMINATION_CONST].Bytes(); len(b) >= 2; b = b[2:] {
			l.Uint("", sep, uint64(binary.NativeEndian.Uint16(b)), "")
			sep = ", "
		}
		l.EndArr(" ]")
	}
	if n, ok := as[rtnl.IFLA_CAN_CLOCK].U32(); ok {
		l.canLine()
		l.Uint("clock", " clock ", uint64(n), " ")
	}
}

// canNames are the numbers of struct can_bittiming, in JSON; text has dashes.
var canNames = [...]string{"bitrate", "sample_point", "tq", "prop_seg", "phase_seg1", "phase_seg2", "sjw", "brp"}

// canRanges are pairs of numbers of struct can_bittiming_const, behind its name:
// the greatest sjw stands alone.
var canRanges = [...]string{"tseg1", "tseg2", "sjw", "brp"}

// canTiming writes the timing of bits, d for those of the data phase, and what
// the hardware can do; or the one of a few rates that is in use.
func (l *linkPrinter) canTiming(d string, as *[32]nl.Attr, timing, limits, rates uint16, tdc nl.Attrs) {
	key := ""
	if d != "" {
		key = "data_"
	}
	bt := u32s(as[timing], len(canNames))
	if as[rates].Present() {
		l.canRates(d, key, bt, u32s(as[rates], 0))
		return
	}
	if bt != nil {
		l.Obj(key + "bittiming")
		for i, name := range canNames {
			if i == canBitrate || i == canTQ {
				l.canLine()
			}
			text := " " + d + strings.ReplaceAll(name, "_", "-") + " "
			if i == canSamplePoint {
				s := strconv.FormatUint(uint64(bt[i])+1000, 10)
				n := len(s) - 3
				l.Str(name, text, strconv.FormatUint(uint64(bt[i]/1000), 10)+"."+s[n:], "")
				continue
			}
			l.Uint(name, text, uint64(bt[i]), "")
		}
		l.canDelay(tdc)
		l.EndObj()
	}
	if b := as[limits].Bytes(); len(b) >= 48 {
		name, _, _ := strings.Cut(string(b[:16]), "\x00")
		c := make([]uint32, 8)
		for i := range c {
			c[i] = binary.NativeEndian.Uint32(b[16+4*i:])
		}
		l.Obj(key + "bittiming_const")
		l.canLine()
		l.Str("name", " ", name, ":")
		for i, r := range canRanges {
			low, high := uint32(1), c[4]
			switch {
			case i < 2:
				low, high = c[2*i], c[2*i+1]
			case i == 3:
				low, high = c[5], c[6]
			}
			l.canRange(r, d, low, high)
		}
		l.Uint("brp_inc", " "+d+"brp_inc ", uint64(c[7]), "")
		l.canDelayRanges(tdc)
		l.EndObj()
	}
}

func (l *linkPrinter) canRange(name, d string, low, high uint32) {
	l.Obj(name)
	l.Int("min", " "+d+name+" ", int64(int32(low)), "")
	l.Int("max", "..", int64(int32(high)), "")
	l.EndObj()
}

// canDelay writes the transmitter's delay: how it is, canDelayRanges how it
// may be.
func (l *linkPrinter) canDelay(tdc nl.Attrs) {
	open := false
	for i, name := range canDelays {
		if v, ok := tdc.U32(rtnl.IFLA_CAN_TDC_TDCV + nl.AttrU32(i)); ok {
			if !open {
				l.Obj("tdc")
				l.canLine()
				open = true
			}
			l.Uint(name, " "+name+" ", uint64(v), "")
		}
	}
	if open {
		l.EndObj()
	}
}

func (l *linkPrinter) canDelayRanges(tdc nl.Attrs) {
	open := false
	for i, name := range canDelays {
		at := rtnl.IFLA_CAN_TDC_TDCV_MIN + nl.AttrU32(2*i)
		low, _ := tdc.U32(at)
		high, ok := tdc.U32(at + 1)
		if !ok {
			continue
		}
		if !open {
			l.Obj("tdc")
			l.canLine()
			open = true
		}
		l.canRange(name, "", low, high)
	}
	if open {
		l.EndObj()
	}
}

var canDelays = [...]string{"tdcv", "tdco", "tdcf"}

func (l *linkPrinter) canRates(d, key string, bt, rates []uint32) {
	rate := uint32(0)
	if bt != nil {
		rate = bt[canBitrate]
	}
	l.canLine()
	l.Uint(key+"bittiming_bitrate", " "+d+"bitrate ", uint64(rate), "")
	l.Arr(key+"bitrate_const", "")
	l.canLine()
	l.T("    [")
	for i, r := range rates {
		if i > 0 {
			l.T(", ")
			if i%6 == 0 { // lines stay short
				l.canLine()
				l.T("     ")
			}
		}
		s := strconv.FormatUint(uint64(r), 10)
		l.Uint("", strings.Repeat(" ", max(0, 8-len(s))), uint64(r), "")
	}
	l.EndArr(" ]")
}

// canCounters are the numbers of struct can_device_stats, in the order of the
// output, and their places in it.
var canCounters = [...]struct {
	key string
	at  int
}{{"restarts", 5}, {"bus_error", 0}, {"arbitration_lost", 4}, {"error_warning", 1}, {"error_passive", 2}, {"bus_off", 3}}

func showCANStats(l *linkPrinter, v nl.Attr) {
	vs := u32s(v, len(canCounters))
	if vs == nil {
		return
	}
	l.canLine()
	l.T(" re-started bus-errors arbit-lost error-warn error-pass bus-off")
	l.canLine()
	for _, c := range canCounters {
		s := strconv.FormatUint(uint64(vs[c.at]), 10)
		l.Uint(c.key, " ", uint64(vs[c.at]), strings.Repeat(" ", max(0, 10-len(s))))
	}
}
