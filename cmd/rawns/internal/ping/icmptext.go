package ping

import (
	"bytes"
	"encoding/binary"

	"rawns/cmd/rawns/internal/cli"
)

// The words for ICMP errors and IP options. They are data from the network:
// every read is bounded by what was received.

var unreachable4 = [...]string{
	"Destination Net Unreachable", "Destination Host Unreachable", "Destination Protocol Unreachable",
	"Destination Port Unreachable", "", "Source Route Failed", "Destination Net Unknown", "Destination Host Unknown",
	"Source Host Isolated", "Destination Net Prohibited", "Destination Host Prohibited",
	"Destination Net Unreachable for Type of Service", "Destination Host Unreachable for Type of Service",
	"Packet filtered", "Precedence Violation", "Precedence Cutoff",
}

var redirect4 = [...]string{"Redirect Network", "Redirect Host", "Redirect Type of Service and Network", "Redirect Type of Service and Host"}

// printICMP4 prints what an ICMP message of IPv4 says, and ends the line.
// info is the second word of its header; gateway names the host in it.
func printICMP4(o *cli.Out, typ, code byte, info uint32, gateway func() string) {
	switch typ {
	case icmpUnreachable:
		switch {
		case code == 4:
			o.S("Frag needed and DF set (mtu = ").U(uint64(info)).C(')')
		case int(code) < len(unreachable4):
			o.S(unreachable4[code])
		default:
			o.S("Dest Unreachable, Bad Code: ").U(uint64(code))
		}
	case icmpRedirect:
		if int(code) < len(redirect4) {
			o.S(redirect4[code])
		} else {
			o.S("Redirect, Bad Code: ").U(uint64(code))
		}
		o.S("(New nexthop: ").Safe(gateway()).C(')')
	case icmpTimeExceeded:
		switch code {
		case 0:
			o.S("Time to live exceeded")
		case 1:
			o.S("Frag reassembly time exceeded")
		default:
			o.S("Time exceeded, Bad Code: ").U(uint64(code))
		}
	case icmpParameter:
		o.S("Parameter problem: pointer = ").U(uint64(info))
	case icmpEchoReply:
		o.S("Echo Reply")
	case icmpSourceQuench:
		o.S("Source Quench")
	case icmpEcho:
		o.S("Echo Request")
	case icmpTimestamp:
		o.S("Timestamp")
	case icmpTimestampRep:
		o.S("Timestamp Reply")
	case icmpInfo:
		o.S("Information Request")
	case icmpInfoRep:
		o.S("Information Reply")
	case icmpMask:
		o.S("Address Mask Request")
	case icmpMaskRep:
		o.S("Address Mask Reply")
	default:
		o.S("Bad ICMP type: ").U(uint64(typ))
	}
	o.NL()
}

var unreachable6 = [...]string{"No route", "Administratively prohibited", "Beyond scope of source address",
	"Address unreachable", "Port unreachable"}

// printICMP6 prints what an ICMPv6 message says, without a new line.
func printICMP6(o *cli.Out, typ, code byte, info uint32) {
	switch typ {
	case icmp6Unreachable:
		o.S("Destination unreachable: ")
		if int(code) < len(unreachable6) {
			o.S(unreachable6[code])
		} else {
			o.S("Unknown code ").U(uint64(code))
		}
	case icmp6TooBig:
		o.S("Packet too big: mtu=").U(uint64(info))
		if code != 0 {
			o.S(", code=").U(uint64(code))
		}
	case icmp6TimeExceeded:
		o.S("Time exceeded: ")
		switch code {
		case 0:
			o.S("Hop limit")
		case 1:
			o.S("Defragmentation failure")
		default:
			o.S("code ").U(uint64(code))
		}
	case icmp6Parameter:
		o.S("Parameter problem: ")
		switch code {
		case 0:
			o.S("Wrong header field ")
		case 1:
			o.S("Unknown header ")
		case 2:
			o.S("Unknown option ")
		default:
			o.S("code ").U(uint64(code)).C(' ')
		}
		o.S("at ").U(uint64(info))
	case icmp6Echo:
		o.S("Echo request")
	case icmp6EchoReply:
		o.S("Echo reply")
	case icmp6MLDQuery:
		o.S("MLD Query")
	case icmp6MLDReport:
		o.S("MLD Report")
	case icmp6MLDDone:
		o.S("MLD Reduction")
	default:
		o.S("unknown icmp type: ").U(uint64(typ))
	}
}

// IP options (RFC 791, section 3.1; linux/ip.h).
const (
	optEnd         = 0
	optNop         = 1
	optRecordRoute = 7
	optTimestamp   = 68
	optLooseRoute  = 131
	optStrictRoute = 137
	optMax         = 40 // bytes that a header has room for

	// Flags of the timestamp option.
	stampsOnly          = 0
	stampsAndAddresses  = 1
	stampsPrespecified  = 3
	stampsOverflowShift = 4 // the upper half counts the hops that had no room
)

// optionPrinter remembers the last recorded route: the same one again is not
// repeated.
type optionPrinter struct {
	last []byte
}

// print prints the options of one IPv4 header. Each begins a line of its own.
func (r *optionPrinter) print(o *cli.Out, opts []byte, name func(ip []byte) string, flood bool) {
	for len(opts) > 0 && opts[0] != optEnd {
		if opts[0] == optNop {
			o.S("\nNOP")
			opts = opts[1:]
			continue
		}
		if len(opts) < 2 || opts[1] < 2 || int(opts[1]) > len(opts) {
			return
		}
		opt := opts[:opts[1]]
		opts = opts[opts[1]:]
		// The pointer counts from 1 and says where the next hop would write.
		var filled []byte
		if len(opt) > 3 {
			filled = opt[3:min(max(int(opt[2])-1, 3), len(opt))]
		}
		switch opt[0] {
		case optStrictRoute, optLooseRoute:
			which := "L"
			if opt[0] == optStrictRoute {
				which = "S"
			}
			o.S("\n", which, "SRR: ")
			printHops(o, filled, name)
		case optRecordRoute:
			switch {
			case len(filled) == 0:
			case bytes.Equal(filled, r.last) && !flood:
				o.S("\t(same route)")
			default:
				r.last = append(r.last[:0], filled...)
				o.S("\nRR: ")
				printHops(o, filled, name)
			}
		case optTimestamp:
			if len(filled) > 1 {
				printStamps(o, filled[1:], opt[3], name)
			}
		default:
			o.S("\nunknown option ").X(uint64(opt[0]), 1)
		}
	}
}

func printHops(o *cli.Out, hops []byte, name func(ip []byte) string) {
	for ; len(hops) >= 4; hops = hops[4:] {
		o.C('\t')
		printHop(o, hops[:4], name)
		o.NL()
	}
}

func printHop(o *cli.Out, ip []byte, name func(ip []byte) string) {
	if [4]byte(ip) == [4]byte{} {
		o.S("0.0.0.0")
	} else {
		o.Safe(name(ip))
	}
}

// printStamps prints the first time, in milliseconds since midnight UT, as it
// is, and the others as differences to the one before.
func printStamps(o *cli.Out, p []byte, flags byte, name func(ip []byte) string) {
	o.S("\nTS: ")
	var standard, other int64
	for len(p) >= 4 {
		if flags&15 != stampsOnly {
			o.C('\t')
			printHop(o, p[:4], name)
			if p = p[4:]; len(p) < 4 {
				break
			}
		}
		t := int64(binary.BigEndian.Uint32(p))
		p = p[4:]
		o.C('\t')
		switch own := t & 0x7fffffff; {
		case t != own && other == 0:
			o.D(own).S(" absolute not-standard")
			other = own
		case t != own:
			o.D(own - other).S(" not-standard")
			other = own
		case standard == 0:
			o.D(t).S(" absolute")
			standard = t
		default:
			o.D(t - standard)
			standard = t
		}
		o.NL()
	}
	if n := flags >> stampsOverflowShift; n != 0 {
		o.S("Unrecorded hops: ").U(uint64(n)).NL()
	}
}

// printHeader4 prints the IPv4 header that an error quotes, numbers as a
// machine reads them that does not mind the byte order: so does iputils.
func printHeader4(o *cli.Out, h ip4, r *optionPrinter, name func(ip []byte) string, flood bool) {
	u16 := func(at int) uint64 { return uint64(binary.NativeEndian.Uint16(h[at:])) }
	o.S("Vr HL TOS  Len   ID Flg  off TTL Pro  cks      Src      Dst Data\n")
	o.S(" ").X(uint64(h[0]>>4), 1).S("  ").X(uint64(h[0]&15), 1).S("  ").X(uint64(h[1]), 2)
	o.S(" ").X(u16(2), 4).S(" ").X(u16(4), 4)
	o.S("   ").X(u16(6)>>13, 1).S(" ").X(u16(6)&0x1fff, 4)
	o.S("  ").X(uint64(h[8]), 2).S("  ").X(uint64(h[9]), 2).S(" ").X(u16(10), 4)
	o.S(" ")
	o.B = cli.AppendIP(o.B, h[12:16])
	o.S("  ")
	o.B = cli.AppendIP(o.B, h[16:20])
	o.S(" \n")
	r.print(o, h.options(), name, flood)
}

// routeOption is the value for IP_OPTIONS that -R, -T and hops on the command
// line ask for; nil for none.
func (o *options) routeOption(hops [][4]byte) []byte {
	switch {
	case o.recordRoute:
		const slots = 9
		p := make([]byte, 1+3+4*slots)
		p[0], p[1], p[2], p[3] = optNop, optRecordRoute, byte(len(p)-1), 4
		return p
	case o.stamps == stampsPrespecified:
		p := make([]byte, 4+8*len(hops))
		p[0], p[1], p[2], p[3] = optTimestamp, byte(len(p)), 5, stampsPrespecified
		for i, h := range hops {
			copy(p[4+8*i:], h[:])
		}
		return p
	case o.stamps >= 0:
		n := 40
		if o.stamps == stampsAndAddresses {
			n = 36
		}
		p := make([]byte, n)
		p[0], p[1], p[2], p[3] = optTimestamp, byte(n), 5, byte(o.stamps)
		return p
	case len(hops) > 0:
		p := make([]byte, 1+3+4*len(hops))
		p[0], p[1], p[2], p[3] = optNop, optLooseRoute, byte(len(p)-1), 4
		if o.direct {
			p[1] = optStrictRoute
		}
		for i, h := range hops {
			copy(p[4+4*i:], h[:])
		}
		return p
	}
	return nil
}

// optionSize is how much longer iputils takes the IPv4 header to be.
func (o *options) optionSize() int {
	if o.recordRoute || o.stamps >= 0 || len(o.args) > 1 {
		return optMax
	}
	return 0
}
