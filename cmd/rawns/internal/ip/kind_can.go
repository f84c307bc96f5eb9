//go:build !tiny

package ip

import (
	"encoding/binary"

	"rawns/nl"
	"rawns/nl/rtnl"
)

// Bits of struct can_ctrlmode, CAN_CTRLMODE_ in linux/can/netlink.h.
const (
	canTDCAuto   = 1 << 9
	canTDCManual = 1 << 10
)

// Places in canWords: of struct can_bittiming, and once more for the data
// phase.
const (
	canBitrate = iota
	canSamplePoint
	canTQ
	canPropSeg
	canPhaseSeg1
	canPhaseSeg2
	canSJW
	canBRP
	canData // so many numbers on, the same of the data phase
	canTDCV = canData + iota - 1
	canTDCO
	canTDCF
)

// canWords are numbers that are sent together.
type canWords struct {
	v   [canTDCF + 1]uint32
	has [canTDCF + 1]bool
}

var canOptions = table{name: "can", wrong: "invalid \"%\" value\n", attrs: &rtnl.CANAttrs, rows: []option{
	{name: "bitrate", val: valFunc, attr: canBitrate, arg: "BITRATE", parse: canNumber, about: helps("bits a second")},
	{name: "sample-point", val: valFunc, attr: canSamplePoint, arg: "SAMPLE-POINT", parse: canFraction, about: helps("when in a bit it is read, 0.000 to 0.999")},
	{name: "tq", val: valFunc, attr: canTQ, arg: "TQ", parse: canNumber, about: helps("a time quantum, in ns; or, instead of bitrate, the parts of a bit:")},
	{name: "prop-seg", val: valFunc, attr: canPropSeg, arg: "PROP_SEG", parse: canNumber, about: helps("quanta of the propagation segment")},
	{name: "phase-seg1", val: valFunc, attr: canPhaseSeg1, arg: "PHASE-SEG1", parse: canNumber, about: helps("before it is read")},
	{name: "phase-seg2", val: valFunc, attr: canPhaseSeg2, arg: "PHASE-SEG2", parse: canNumber, about: helps("after it")},
	{name: "sjw", val: valFunc, attr: canSJW, arg: "SJW", parse: canNumber, about: helps("quanta by which these may be changed")},
	{name: "dbitrate", val: valFunc, attr: canData + canBitrate, arg: "BITRATE", parse: canNumber, about: helps("of the data of CAN FD, and so on")},
	{name: "dsample-point", val: valFunc, attr: canData + canSamplePoint, arg: "SAMPLE-POINT", parse: canFraction},
	{name: "dtq", val: valFunc, attr: canData + canTQ, arg: "TQ", parse: canNumber},
	{name: "dprop-seg", val: valFunc, attr: canData + canPropSeg, arg: "PROP_SEG", parse: canNumber},
	{name: "dphase-seg1", val: valFunc, attr: canData + canPhaseSeg1, arg: "PHASE-SEG1", parse: canNumber},
	{name: "dphase-seg2", val: valFunc, attr: canData + canPhaseSeg2, arg: "PHASE-SEG2", parse: canNumber},
	{name: "dsjw", val: valFunc, attr: canData + canSJW, arg: "SJW", parse: canNumber},
	{name: "tdcv", val: valFunc, attr: canTDCV, arg: "TDCV", parse: canNumber, about: helps("the transmitter's delay, in clock periods")},
	{name: "tdco", val: valFunc, attr: canTDCO, arg: "TDCO", parse: canNumber, about: helps("an offset to it")},
	{name: "tdcf", val: valFunc, attr: canTDCF, arg: "TDCF", parse: canNumber, about: helps("a filter for it")},
	{name: "loopback", val: valFunc, attr: 1 << 0, arg: "{ on | off }", parse: canMode, about: helps("hear oneself")},
	{name: "listen-only", val: valFunc, attr: 1 << 1, arg: "{ on | off }", parse: canMode, about: helps("do not send")},
	{name: "triple-sampling", val: valFunc, attr: 1 << 2, arg: "{ on | off }", parse: canMode, about: helps("read every bit three times")},
	{name: "one-shot", val: valFunc, attr: 1 << 3, arg: "{ on | off }", parse: canMode, about: helps("do not try again")},
	{name: "berr-reporting", val: valFunc, attr: 1 << 4, arg: "{ on | off }", parse: canMode, about: helps("tell of errors on the bus")},
	{name: "fd", val: valFunc, attr: 1 << 5, arg: "{ on | off }", parse: canMode, about: helps("CAN FD")},
	{name: "fd-non-iso", val: valFunc, attr: 1 << 7, arg: "{ on | off }", parse: canMode, about: helps("as before ISO 11898-1:2015")},
	{name: "presume-ack", val: valFunc, attr: 1 << 6, arg: "{ on | off }", parse: canMode, about: helps("do without acknowledgements")},
	{name: "cc-len8-dlc", val: valFunc, attr: 1 << 8, arg: "{ on | off }", parse: canMode, about: helps("tell lengths above 8 apart")},
	{name: "tdc-mode", val: valFunc, arg: "{ auto | manual | off }", parse: canTDCMode, about: helps("who says what the delay is")},
	{name: "restart", val: valFunc, attr: uint16(rtnl.IFLA_CAN_RESTART), parse: canRestart, about: helps("come back to a bus that one was off")},
	{name: "restart-ms", val: valU32, attr: uint16(rtnl.IFLA_CAN_RESTART_MS), arg: "TIME-MS", about: helps("after so many milliseconds, or, 0, never by itself")},
	{name: "termination", val: valU16, attr: uint16(rtnl.IFLA_CAN_TERMINATION), arg: "OHM", about: helps("the resistor at the end of the bus")},
}}

func canNumber(a *args, st state, o *option) {
	c, w := st.(*linkState).can, a.next()
	v, ok := parseUint(w, 32)
	if a.err == nil && !ok {
		a.bad(o, w)
	}
	c.v[o.attr], c.has[o.attr] = uint32(v), true
}

// canFraction reads a number with up to three digits behind the point that
// count.
func canFraction(a *args, st state, o *option) {
	c, w := st.(*linkState).can, a.next()
	v, digits, behind := uint64(0), 0, -1
	for i := 0; i < len(w); i++ {
		switch d := w[i]; {
		case d == '.' && behind < 0:
			behind = 0
		case d < '0' || d > '9' || v > 1<<32:
			a.bad(o, w)
			return
		default:
			digits++
			if behind < 3 {
				v = 10*v + uint64(d-'0')
				if behind >= 0 {
					behind++
				}
			}
		}
	}
	if a.err == nil && digits == 0 {
		a.bad(o, w)
	}
	for behind = max(behind, 0); behind < 3; behind++ {
		v *= 10
	}
	c.v[o.attr] = uint32(v)
}

// canMode reads a switch; what is neither on nor off ends it all.
func canMode(a *args, st state, o *option) {
	w := a.next()
	if a.err == nil && w != "on" && w != "off" {
		a.failf(exitUsage, `Error: argument of "`+o.name+`" must be "on" or "off", not "`, w, `"`)
	}
	st.(*linkState).setBit(uint32(o.attr), w == "on")
}

func canTDCMode(a *args, st state, _ *option) {
	s, w := st.(*linkState), a.next()
	switch {
	case a.err != nil:
	case w == "auto":
		s.setBit(canTDCAuto, true)
	case w == "manual":
		s.setBit(canTDCManual, true)
	case w == "off":
		s.setBit(canTDCAuto|canTDCManual, false)
	default:
		a.failf(exitUsage, `Error: argument of "tdc-mode" must be "auto", "manual" or "off", not "`, w, `"`)
	}
}

func canRestart(_ *args, st state, _ *option) { st.req().b.U32(rtnl.IFLA_CAN_RESTART, 1) }

func parseCAN(a *args, s *linkState, k *kind) {
	c := &canWords{}
	s.can = c
	parseKind(a, s, k)
	timing := func(at nl.AttrBytes, v []uint32) {
		if v[canBitrate] == 0 && v[canTQ] == 0 {
			return
		}
		var b [4 * canData]byte
		for i := range canData {
			binary.NativeEndian.PutUint32(b[4*i:], v[i])
		}
		s.b.Blob(at, b[:])
	}
	timing(rtnl.IFLA_CAN_BITTIMING, c.v[:canData])
	timing(rtnl.IFLA_CAN_DATA_BITTIMING, c.v[canData:2*canData])
	if s.boolMask != 0 {
		var b [8]byte
		binary.NativeEndian.PutUint32(b[:], s.boolMask)
		binary.NativeEndian.PutUint32(b[4:], s.boolValue)
		s.b.Blob(rtnl.IFLA_CAN_CTRLMODE, b[:])
	}
	if c.has[canTDCV] || c.has[canTDCO] || c.has[canTDCF] {
		n := s.b.NestF(rtnl.IFLA_CAN_TDC)
		for i, at := range [...]nl.AttrU32{rtnl.IFLA_CAN_TDC_TDCV, rtnl.IFLA_CAN_TDC_TDCO, rtnl.IFLA_CAN_TDC_TDCF} {
			if c.has[canTDCV+i] {
				s.b.U32(at, c.v[canTDCV+i])
			}
		}
		s.b.End(n)
	}
}
