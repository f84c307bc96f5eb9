package ip

import (
	"golang.org/x/sys/unix"

	"rawns/nl"
)

// What several kinds of tunnels have in common: how their options are read,
// and how they are shown.

// changes tells whether the command changes a link, rather than making or
// deleting one.
func (a *args) changes() bool {
	return a.cmd.typ == unix.RTM_NEWLINK && a.cmd.flags&unix.NLM_F_CREATE == 0
}

// optVNI reads the number of a virtual network: 24 bits.
func optVNI(a *args, st state, o *option) {
	w := a.next()
	v, ok := parseUint(w, 24)
	if a.err == nil && !ok {
		a.bad(o, w)
	}
	st.req().b.U32(nl.AttrU32(o.attr), uint32(v))
}

// ttl reads a TTL: a number, "auto" for what the kernel thinks best (0), or the
// inner packet's.
func (a *args) ttl() (v uint8, inherit bool) {
	w := a.next()
	n, ok := parseUint(w, 32)
	switch {
	case a.err != nil || w == "auto":
		return 0, false
	case w == "inherit":
		return 0, true
	case !ok:
		a.wrong(w, "invalid TTL")
	case n > 255:
		a.wrong(w, "TTL must be <= 255")
	}
	return uint8(n), false
}

// optTOS reads a type of service: a name, a number, or the inner packet's, 1.
func optTOS(a *args, st state, o *option) {
	w := a.next()
	v, ok := uint32(1), true
	if w != "inherit" {
		v, ok = tosNames.value(w)
	}
	if a.err == nil && !ok {
		a.bad(o, w)
	}
	st.req().b.U8(nl.AttrU8(o.attr), uint8(v))
}

// optLabel reads an IPv6 flow label: 20 bits.
func optLabel(a *args, st state, o *option) {
	w := a.next()
	v, ok := parseUint(w, 20)
	if a.err == nil && !ok {
		a.bad(o, w)
	}
	st.req().b.BE32(nl.AttrBE32(o.attr), uint32(v))
}

// optPort reads a port; 0 leaves it to the kernel.
func optPort(a *args, st state, o *option) {
	w := a.next()
	v, ok := parseUint(w, 16)
	if a.err == nil && !ok {
		a.bad(o, w)
	}
	if v != 0 {
		st.req().b.BE16(nl.AttrBE16(o.attr), uint16(v))
	}
}

// optBit reads "on" or "off" for one bit, o.attr, of those that the kind sends
// together.
func optBit(a *args, st state, o *option) {
	if on, ok := a.onOff(o.name, a.next()); ok {
		st.(*linkState).setBit(uint32(o.attr), on)
	}
}

func (s *linkState) setBit(bit uint32, on bool) {
	s.boolMask |= bit
	s.boolValue &^= bit
	if on {
		s.boolValue |= bit
	}
}

func showTOS(l *linkPrinter, f *field, v nl.Attr) {
	n, ok := number(v)
	switch {
	case !ok || n == 0:
	case n == 1 && !l.json:
		l.T(f.text, "inherit ")
	default:
		l.Hex(f.key, f.text, n, " ")
	}
}

// showTTLInherit and showTTL write one of a pair: the former wins.
func showTTLInherit(l *linkPrinter, f *field, v nl.Attr) {
	if n, ok := number(v); !ok || n != 0 {
		l.T(f.text, "inherit ")
		l.inherits = true
	}
}

func showTTL(l *linkPrinter, f *field, v nl.Attr) {
	n, ok := number(v)
	switch {
	case !ok || l.inherits:
	case n == 0 && !l.json:
		l.T(f.text, "auto ")
	default:
		l.Uint(f.key, f.text, n, " ")
	}
}

// showDF writes how fragments are dealt with; text leaves out that it is as ever.
func showDF(l *linkPrinter, f *field, v nl.Attr) {
	if n, ok := number(v); ok && (n != 0 || l.json) {
		showWord(l, f, v)
	}
}

func showLabel(l *linkPrinter, f *field, v nl.Attr) {
	if n, ok := v.BE32(); ok && n != 0 {
		l.Hex(f.key, f.text, uint64(n), " ")
	}
}

// showOnlyNo writes a keyword for a switch that is off; in JSON it is there
// either way.
func showOnlyNo(l *linkPrinter, f *field, v nl.Attr) {
	n, ok := number(v)
	switch {
	case !ok:
	case l.json:
		l.JBool(f.key, n != 0)
	case n == 0:
		l.T(f.text)
	}
}

// showNotOn writes a switch of later iproute2's that is off, which one of
// version 6.1 cannot have done: what it does not know of is not shown.
func showNotOn(l *linkPrinter, f *field, v nl.Attr) {
	if n, ok := number(v); ok && n == 0 {
		showOnlyNo(l, f, v)
	}
}

// showSomeDev writes an interface, if there is one.
func showSomeDev(l *linkPrinter, f *field, v nl.Attr) {
	if n, ok := v.U32(); ok && n != 0 {
		showDev(l, f, v)
	}
}
