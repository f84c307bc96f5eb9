package ip

import (
	"strconv"
	"strings"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl"
)

// A field is one attribute of a link kind as it is shown. Tables of them are
// in the order of the output.
type field struct {
	attr uint16
	key  string // in JSON; "" is text alone
	text string // before the value
	show func(l *linkPrinter, f *field, v nl.Attr)
}

// fields shows what is there of a table's attributes.
func (l *linkPrinter) fields(fs []field, data nl.Attrs) {
	var as [64]nl.Attr
	data.Index(as[:])
	for i := range fs {
		f := &fs[i]
		if int(f.attr) >= len(as) || !as[f.attr].Present() || f.key == "" && l.json && f.text != "" {
			continue
		}
		f.show(l, f, as[f.attr])
	}
}

// number returns an unsigned integer of whichever size.
func number(v nl.Attr) (uint64, bool) {
	switch len(v.Bytes()) {
	case 1:
		n, ok := v.U8()
		return uint64(n), ok
	case 2:
		n, ok := v.U16()
		return uint64(n), ok
	case 4:
		n, ok := v.U32()
		return uint64(n), ok
	}
	return v.U64()
}

func showUint(l *linkPrinter, f *field, v nl.Attr) {
	if n, ok := number(v); ok {
		l.Uint(f.key, f.text, n, " ")
	}
}

func showHex(l *linkPrinter, f *field, v nl.Attr) {
	if n, ok := number(v); ok {
		l.Hex(f.key, f.text, n, " ")
	}
}

func showOnOff(l *linkPrinter, f *field, v nl.Attr) {
	if n, ok := number(v); ok {
		l.OnOff(f.key, f.text, n != 0, " ")
	}
}

func showMAC(l *linkPrinter, f *field, v nl.Attr) {
	l.Str(f.key, f.text, string(cli.AppendMAC(nil, v.Bytes())), " ")
}

func showDev(l *linkPrinter, f *field, v nl.Attr) {
	if n, ok := v.U32(); ok {
		l.Str(f.key, f.text, l.r.name(int32(n)), " ")
	}
}

// showTimer writes hundredths of a second as seconds.
func showTimer(l *linkPrinter, f *field, v nl.Attr) {
	n, ok := number(v)
	if !ok {
		return
	}
	s := strconv.FormatUint(n/100, 10)
	frac := string([]byte{'.', byte('0' + n%100/10), byte('0' + n%10)})
	if l.json {
		l.JNumber(f.key, s+frac)
		return
	}
	l.o.S(f.text).Right(s, 4).S(frac, " ")
}

// showBridgeID writes a priority and a MAC whose bytes have no leading zeros,
// as ether_ntoa(3) writes it.
func showBridgeID(l *linkPrinter, f *field, v nl.Attr) {
	b := v.Bytes()
	if len(b) < 8 {
		return
	}
	s := append([]byte(nil), hexdigits[b[0]>>4], hexdigits[b[0]&15], hexdigits[b[1]>>4], hexdigits[b[1]&15])
	for i, c := range b[2:8] {
		if i == 0 {
			s = append(s, '.')
		} else {
			s = append(s, ':')
		}
		s = strconv.AppendUint(s, uint64(c), 16)
	}
	l.Str(f.key, f.text, string(s), " ")
}

// Ethernet protocols that options of links name, linux/if_ether.h.
var protocols = [...]struct {
	name string
	num  uint16
}{{"802.1Q", 0x8100}, {"802.1ad", 0x88a8}, {"ip", 0x0800}, {"ipv4", 0x0800}, {"arp", 0x0806}, {"ipv6", 0x86dd}}

// parseProto reads the name or number of an Ethernet protocol.
func parseProto(s string) (uint16, bool) {
	for i := range protocols {
		if strings.EqualFold(protocols[i].name, s) {
			return protocols[i].num, true
		}
	}
	n, ok := parseUint(s, 16)
	return uint16(n), ok
}

func showProto(l *linkPrinter, f *field, v nl.Attr) {
	if n, ok := v.BE16(); ok {
		l.Str(f.key, f.text, protoName(n, l.num), " ")
	}
}

// protoName returns the name of an Ethernet protocol, or its number.
func protoName(n uint16, numeric bool) string {
	for i := range protocols {
		if protocols[i].num == n && !numeric {
			return protocols[i].name
		}
	}
	return "[" + strconv.Itoa(int(n)) + "]"
}
