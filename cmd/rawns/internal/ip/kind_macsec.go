//go:build !tiny

package ip

import (
	"encoding/binary"
	"strconv"

	"rawns/nl"
	"rawns/nl/rtnl"
)

var macsecOptions = table{name: "macsec", attrs: &rtnl.MACsecAttrs, rows: []option{
	{name: "cipher", exact: true, val: valFunc, attr: uint16(rtnl.IFLA_MACSEC_CIPHER_SUITE), once: true, arg: "{ default | gcm-aes-128 | gcm-aes-256 | gcm-aes-xpn-128 | gcm-aes-xpn-256 }",
		says: &saying{wrong: "expected: default, gcm-aes-128, gcm-aes-256, gcm-aes-xpn-128 or gcm-aes-xpn-256"}, parse: macsecCipher, about: helps("how packets are protected")},
	{name: "icvlen", exact: true, val: valFunc, attr: uint16(rtnl.IFLA_MACSEC_ICV_LEN), once: true, arg: "{ 8..16 }", says: &saying{wrong: "expected ICV length"}, parse: macsecICVLen, about: helps("bytes of their checksum")},
	{name: "encrypt", exact: true, val: valWord, attr: uint16(rtnl.IFLA_MACSEC_ENCRYPT), arg: "{ on | off }", says: &saying{must: oneOf}, about: helps("hide what they hold")},
	{name: "send_sci", exact: true, val: valWord, attr: uint16(rtnl.IFLA_MACSEC_INC_SCI), arg: "{ on | off }", says: &saying{must: oneOf}, about: helps("every packet names its channel")},
	{name: "end_station", exact: true, val: valWord, attr: uint16(rtnl.IFLA_MACSEC_ES), arg: "{ on | off }", says: &saying{must: oneOf}, about: helps("set the end station bit")},
	{name: "scb", exact: true, val: valWord, attr: uint16(rtnl.IFLA_MACSEC_SCB), arg: "{ on | off }", says: &saying{must: oneOf}, about: helps("set the single copy broadcast bit")},
	{name: "protect", exact: true, val: valWord, attr: uint16(rtnl.IFLA_MACSEC_PROTECT), arg: "{ on | off }", says: &saying{must: oneOf}, about: helps("protect what is sent")},
	{name: "replay", exact: true, val: valWord, attr: uint16(rtnl.IFLA_MACSEC_REPLAY_PROTECT), arg: "{ on | off }", says: &saying{must: oneOf}, about: helps("refuse old packets")},
	{name: "window", exact: true, val: valFunc, arg: "WINDOW", says: &saying{wrong: "expected replay window size"}, parse: macsecWindow, about: helps("how late one may come")},
	{name: "validate", exact: true, val: valWord, attr: uint16(rtnl.IFLA_MACSEC_VALIDATION), arg: "{ strict | check | disabled }", says: &saying{must: oneOf}, about: helps("what happens to packets that are not protected")},
	{name: "encodingsa", exact: true, val: valFunc, attr: uint16(rtnl.IFLA_MACSEC_ENCODING_SA), arg: "{ 0..3 }", says: &saying{wrong: "expected an { 0..3 }"}, parse: macsecAN, about: helps("the association that is sent on")},
	{name: "offload", exact: true, val: valWord, attr: uint16(rtnl.IFLA_MACSEC_OFFLOAD), arg: "{ mac | phy | off }", says: &saying{must: oneOf}, about: helps("let the hardware do it")},
}}

var macsecLast = []uint16{uint16(rtnl.IFLA_MACSEC_CIPHER_SUITE), uint16(rtnl.IFLA_MACSEC_ICV_LEN), uint16(rtnl.IFLA_MACSEC_WINDOW),
	uint16(rtnl.IFLA_MACSEC_REPLAY_PROTECT), uint16(rtnl.IFLA_MACSEC_ENCODING_SA)}

// macsecCiphers are MACSEC_CIPHER_ID_, linux/if_macsec.h: the first number of
// a name is sent.
var macsecCiphers = [...]struct {
	id   uint64
	name string
}{
	{0x0080020001000001, "default"}, {0x0080c20001000001, "gcm-aes-128"}, {0x0080c20001000002, "gcm-aes-256"},
	{0x0080c20001000003, "gcm-aes-xpn-128"}, {0x0080c20001000004, "gcm-aes-xpn-256"},
}

func macsecCipher(a *args, st state, o *option) {
	w := a.next()
	for i := range macsecCiphers {
		if c := &macsecCiphers[i]; c.name == w || upper(c.name) == w && w != "DEFAULT" {
			st.req().b.U64(rtnl.IFLA_MACSEC_CIPHER_SUITE, c.id)
			return
		}
	}
	if a.err == nil {
		a.bad(o, w)
	}
}

func upper(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c >= 'a' && c <= 'z' {
			b[i] = c - 0x20
		}
	}
	return string(b)
}

func macsecICVLen(a *args, st state, o *option) {
	w := a.next()
	v, neg, ok := parseNumberBase(w, 10)
	if a.err == nil && (!ok || neg && v != 0 || v > 255) {
		a.bad(o, w)
	} else if v < 8 || v > 16 {
		a.wrong(w, "ICV length must be in the range {8..16}")
	}
	st.req().b.U8(rtnl.IFLA_MACSEC_ICV_LEN, uint8(v))
}

const noWindow = 1<<32 - 1

func macsecWindow(a *args, st state, o *option) {
	w := a.next()
	v, ok := parseUint(w, 32)
	if a.err == nil && !ok {
		a.bad(o, w)
	}
	st.(*linkState).macsec.window = uint32(v)
}

func macsecAN(a *args, st state, o *option) {
	if st.(*linkState).get(o.attr).Present() {
		a.garbage(o.name, o.name)
		return
	}
	w := a.next()
	v, ok := parseUint(w, 8)
	if a.err == nil && (!ok || v > 3) {
		a.bad(o, w)
	}
	st.req().b.U8(nl.AttrU8(o.attr), uint8(v))
}

// macsecChannel are words before all others: which channel it is, by its
// number, or by the port that makes part of the number, with an address before
// it or without.
var macsecChannel = table{name: "macsec", rows: []option{
	{name: "sci", exact: true, val: valFunc, arg: "SCI", says: &saying{wrong: "expected sci"}, parse: macsecSCI, about: helps("the number of its channel, 16 hex digits")},
	{name: "port", exact: true, val: valFunc, arg: "{ 1..2^16-1 }", says: &saying{wrong: "expected port"}, parse: macsecPort, about: helps("of the channel, whose number is made of the address and this")},
	{name: "address", exact: true, val: valFunc, arg: "LLADDR", says: &saying{wrong: "expected lladdr"}, parse: macsecAddress, about: helps("of the channel, if it is not the link's")},
}}

// macsecTables are of words that only the beginning knows.
var macsecTables = []*table{&macsecChannel}

// macsecWords are what was said of the channel.
type macsecWords struct {
	sci           [8]byte
	addr, hasPort bool
	done          bool
	window        uint32 // noWindow: none
}

func macsecSCI(a *args, st state, o *option) {
	s := st.(*linkState)
	if s.macsec.addr {
		a.wrong(o.name, "expected port")
		return
	}
	w := a.next()
	v, neg, ok := parseNumberBase(w, 16)
	if a.err == nil && (!ok || neg) {
		a.bad(o, w)
	}
	binary.BigEndian.PutUint64(s.macsec.sci[:], v)
	s.macsec.done = true
}

func macsecPort(a *args, st state, o *option) {
	m, w := st.(*linkState).macsec, a.next()
	v, ok := parseUint(w, 16)
	switch {
	case a.err != nil:
	case !ok:
		a.bad(o, w)
	case v == 0:
		a.wrong(w, "expected port != 0")
	}
	binary.BigEndian.PutUint16(m.sci[6:], uint16(v))
	m.hasPort, m.done = true, true
}

func macsecAddress(a *args, st state, o *option) {
	m, w := st.(*linkState).macsec, a.next()
	if a.err != nil {
		return
	}
	one := args{}
	addr := one.lladdr(w)
	if one.err != nil {
		a.failf(exitUsage, `"`, w, "\" is invalid lladdr.\nError: argument \"", w, `" is wrong: `+o.wrong())
	}
	copy(m.sci[:6], addr)
	m.addr = true
}

// parseMACsec reads which channel it is, and then the options.
func parseMACsec(a *args, s *linkState, k *kind) {
	var used seen
	m := &macsecWords{window: noWindow}
	s.macsec = m
	said := false
	for !m.done && a.option(k.also[0], s, &used) {
		said = true
	}
	switch {
	case m.addr && !m.hasPort:
		m.sci = [8]byte{}
		fallthrough
	case said && (m.hasPort && !m.addr || m.sci == [8]byte{}):
		s.b.BE16(rtnl.IFLA_MACSEC_PORT, binary.BigEndian.Uint16(m.sci[6:]))
	case said:
		s.b.Blob(rtnl.IFLA_MACSEC_SCI, m.sci[:])
	}
	parseKind(a, s, k)
}

func finishMACsec(a *args, s *linkState, _ *seen) {
	yes := func(at nl.AttrU8) bool { v, _ := s.get(uint16(at)).U8(); return v != 0 }
	es, scb, sci := yes(rtnl.IFLA_MACSEC_ES), yes(rtnl.IFLA_MACSEC_SCB), yes(rtnl.IFLA_MACSEC_INC_SCI)
	replay := s.get(uint16(rtnl.IFLA_MACSEC_REPLAY_PROTECT))
	window := s.macsec.window
	switch {
	case sci && (es || scb), es && scb:
		a.failf(exitMissing, "invalid combination of send_sci/end_station/scb")
	case window != noWindow && !replay.Present():
		a.failf(exitMissing, "replay window set, but replay protection not enabled. did you mean 'replay on window ", strconv.FormatUint(uint64(window), 10), "'?")
	case window == noWindow && yes(rtnl.IFLA_MACSEC_REPLAY_PROTECT):
		a.failf(exitMissing, "replay protection enabled, but no window set. did you mean 'replay on window VALUE'?")
	case replay.Present():
		s.b.U32(rtnl.IFLA_MACSEC_WINDOW, window)
	}
}

var macsecFields = []field{
	{uint16(rtnl.IFLA_MACSEC_SCI), "sci", "sci ", showSCI},
	{uint16(rtnl.IFLA_MACSEC_PROTECT), "protect", "protect ", showOnOff},
	{uint16(rtnl.IFLA_MACSEC_CIPHER_SUITE), "cipher_suite", "cipher ", showCipher},
	{uint16(rtnl.IFLA_MACSEC_ICV_LEN), "icv_len", "icvlen ", showUint},
	{uint16(rtnl.IFLA_MACSEC_ENCODING_SA), "encoding_sa", "encodingsa ", showUint},
	{uint16(rtnl.IFLA_MACSEC_VALIDATION), "validation", "validate ", showWord},
	{uint16(rtnl.IFLA_MACSEC_OFFLOAD), "offload", "offload ", showWord},
	{uint16(rtnl.IFLA_MACSEC_ENCRYPT), "encrypt", "encrypt ", showOnOff},
	{uint16(rtnl.IFLA_MACSEC_INC_SCI), "inc_sci", "send_sci ", showOnOff},
	{uint16(rtnl.IFLA_MACSEC_ES), "es", "end_station ", showOnOff},
	{uint16(rtnl.IFLA_MACSEC_SCB), "scb", "scb ", showOnOff},
	{uint16(rtnl.IFLA_MACSEC_REPLAY_PROTECT), "replay_protect", "replay ", showOnOff},
	{uint16(rtnl.IFLA_MACSEC_WINDOW), "window", "window ", showInt},
}

func showSCI(l *linkPrinter, f *field, v nl.Attr) {
	if len(v.Bytes()) == 8 {
		l.Str(f.key, f.text, hexText(v.Bytes()), " ")
	}
}

func showCipher(l *linkPrinter, f *field, v nl.Attr) {
	n, ok := v.U64()
	if !ok {
		return
	}
	name := "(unknown)"
	for i := range macsecCiphers {
		if macsecCiphers[i].id == n {
			name = upper(macsecCiphers[max(i, 1)].name)
		}
	}
	l.Str(f.key, f.text, name, " ")
}
