package nettools

import (
	"encoding/binary"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
)

// A form is how a hardware type's addresses are written.
type form uint8

const (
	formNone     form = iota // not at all
	formEmpty                // not either, but the blank before them stays
	formColon                // 02:00:5e:10:00:01
	formColonBig             // 02:00:5E:10:00:01
	formDash                 // 02-00-5E-10-00-01
	formPlain                // 0200000001
	formDLCI                 // 16
	formReversed             // the bytes of a little-endian number
	formCall                 // N0CALL-1
)

// HWType is one kind of hardware, by its ARPHRD_ number (linux/if_arp.h).
type HWType struct {
	ARPHRD uint16
	Name   string
	Title  string
	form   form
	show   uint8 // bytes that are shown
	Set    uint8 // bytes that a command line may give; 0 if it may not
}

// HWTypes is in the order of the help.
var HWTypes = [...]HWType{
	{unix.ARPHRD_LOOPBACK, "loop", "Local Loopback", formNone, 0, 0},
	{unix.ARPHRD_SLIP, "slip", "Serial Line IP", formNone, 0, 0},
	{unix.ARPHRD_CSLIP, "cslip", "VJ Serial Line IP", formNone, 0, 0},
	{unix.ARPHRD_SLIP6, "slip6", "6-bit Serial Line IP", formNone, 0, 0},
	{unix.ARPHRD_CSLIP6, "cslip6", "VJ 6-bit Serial Line IP", formNone, 0, 0},
	{unix.ARPHRD_ADAPT, "adaptive", "Adaptive Serial Line IP", formNone, 0, 0},
	{unix.ARPHRD_ASH, "ash", "Ash", formEmpty, 0, 0},
	{unix.ARPHRD_ETHER, "ether", "Ethernet", formColon, 6, 6},
	{unix.ARPHRD_AX25, "ax25", "AMPR AX.25", formCall, 7, 0},
	{unix.ARPHRD_NETROM, "netrom", "AMPR NET/ROM", formCall, 7, 0},
	{unix.ARPHRD_ROSE, "rose", "AMPR ROSE", formPlain, 5, 0},
	{unix.ARPHRD_TUNNEL, "tunnel", "IPIP Tunnel", formEmpty, 0, 0},
	{unix.ARPHRD_PPP, "ppp", "Point-to-Point Protocol", formNone, 0, 0},
	{unix.ARPHRD_HDLC, "hdlc", "(Cisco)-HDLC", formNone, 0, 0},
	{unix.ARPHRD_LAPB, "lapb", "LAPB", formNone, 0, 0},
	{unix.ARPHRD_ARCNET, "arcnet", "ARCnet", formColonBig, 1, 1},
	{unix.ARPHRD_DLCI, "dlci", "Frame Relay DLCI", formDLCI, 2, 0},
	{unix.ARPHRD_FRAD, "frad", "Frame Relay Access Device", formNone, 0, 0},
	{unix.ARPHRD_SIT, "sit", "IPv6-in-IPv4", formNone, 0, 0},
	{unix.ARPHRD_FDDI, "fddi", "Fiber Distributed Data Interface", formDash, 6, 6},
	{unix.ARPHRD_HIPPI, "hippi", "HIPPI", formColonBig, 6, 6},
	{unix.ARPHRD_IRDA, "irda", "IrLAP", formReversed, 4, 0},
	{unix.ARPHRD_ECONET, "ec", "Econet", formNone, 0, 0},
	{unix.ARPHRD_X25, "x25", "generic X.25", formEmpty, 0, 0},
	{unix.ARPHRD_EUI64, "eui64", "Generic EUI-64", formColonBig, 8, 8},
}

// HWUnspec stands for all other types. It shows eight bytes of the address,
// which is as many as the original keeps, and eight zeros.
var HWUnspec = HWType{unix.ARPHRD_VOID, "unspec", "UNSPEC", formDash, 16, 0}

// HWByType returns HWUnspec for a type that net-tools does not know.
func HWByType(arphrd uint16) *HWType {
	for i := range HWTypes {
		if HWTypes[i].ARPHRD == arphrd {
			return &HWTypes[i]
		}
	}
	return &HWUnspec
}

// HWByName returns nil for an unknown name.
func HWByName(name string) *HWType {
	for i := range HWTypes {
		if HWTypes[i].Name == name {
			return &HWTypes[i]
		}
	}
	if name == HWUnspec.Name {
		return &HWUnspec
	}
	return nil
}

// HasARP tells whether the original's arp knows addresses of this type.
func (h *HWType) HasARP() bool {
	return h.show > 0 && h != &HWUnspec || h.form == formEmpty && h.ARPHRD != unix.ARPHRD_TUNNEL
}

// Shows tells whether the type's addresses have a form.
func (h *HWType) Shows() bool { return h.form != formNone }

// ListHW prints the types for a help: all, or those with ARP.
func ListHW(o *cli.Out, arp bool) {
	n := 0
	for i := range HWTypes {
		if h := &HWTypes[i]; !arp || h.HasARP() {
			listItem(o, n, h.Name, h.Title)
			n++
		}
	}
	o.NL()
}

// AppendAddr appends the address in the type's form, the blank before it
// included.
func (h *HWType) AppendAddr(dst []byte, a [16]byte) []byte {
	if h.form == formNone {
		return dst
	}
	dst = append(dst, ' ')
	p := a[:h.show]
	switch h.form {
	case formColon:
		return cli.AppendMAC(dst, p)
	case formColonBig:
		return appendHex(dst, p, ':', "0123456789ABCDEF")
	case formDash:
		return appendHex(dst, p, '-', "0123456789ABCDEF")
	case formPlain:
		return appendHex(dst, p, 0, "0123456789abcdef")
	case formReversed:
		return cli.AppendMAC(dst, []byte{p[3], p[2], p[1], p[0]})
	case formDLCI:
		return strconv.AppendInt(dst, int64(int16(binary.NativeEndian.Uint16(p))), 10)
	case formCall:
		return appendCall(dst, p)
	}
	return dst
}

func appendHex(dst, p []byte, sep byte, digits string) []byte {
	for i, c := range p {
		if i > 0 && sep != 0 {
			dst = append(dst, sep)
		}
		dst = append(dst, digits[c>>4], digits[c&15])
	}
	return dst
}

// appendCall writes an AX.25 address: six characters shifted left by one, blanks
// at the end, and the station's number.
func appendCall(dst, p []byte) []byte {
	var call [6]byte
	n := 0
	for _, c := range p[:6] {
		if c = c >> 1; c != ' ' && c != 0 {
			call[n] = c
			n++
		}
	}
	dst = cli.AppendSafe(dst, string(call[:n]))
	if ssid := p[6] >> 1 & 15; ssid != 0 {
		dst = append(dst, '-')
		dst = strconv.AppendUint(dst, uint64(ssid), 10)
	}
	return dst
}

// ParseHW reads n bytes in hex, with or without colons between them.
func ParseHW(s string, n int) ([]byte, bool) {
	out := make([]byte, 0, n)
	for s != "" && len(out) < n {
		v, i := 0, 0
		for i < 2 && i < len(s) {
			d := strings.IndexByte("0123456789abcdef", s[i]|0x20)
			if d < 0 || s[i] < '0' {
				break
			}
			v, i = v<<4|d, i+1
		}
		if i == 0 {
			return nil, false
		}
		out = append(out, byte(v))
		if s = s[i:]; s != "" && s[0] == ':' {
			if s = s[1:]; s == "" {
				return nil, false
			}
		}
	}
	return out, s == "" && len(out) == n
}

// Ports are the words for an interface's if_port; the first of each is shown.
var Ports = [...][]string{
	{"unknown"}, {"10base2", "bnc", "coax"}, {"10baseT", "utp", "tpe"}, {"AUI", "thick", "db15"}, {"100baseT"}, {"100baseTX"}, {"100baseFX"},
}

// ParsePort reads one of the words, in any case, or a number.
func ParsePort(s string) (uint8, bool) {
	if n, err := strconv.ParseUint(s, 10, 8); err == nil {
		return uint8(n), true
	}
	for i, words := range Ports {
		for _, w := range words {
			if strings.EqualFold(w, s) {
				return uint8(i), true
			}
		}
	}
	return 0, false
}
