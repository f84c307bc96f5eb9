//go:build !tiny

package ip

import (
	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl"
	"rawns/nl/rtnl"
)

// A request about a tunnel carries all its parameters: the kernel takes those
// that are missing for zero. So the words are noted down first, then what they
// leave open comes from the tunnel as it is, or, of a new one, from defaults.

// Parameters of tunnels, whatever attributes they are in a kind.
const (
	tnlProto = iota
	tnlMetadata
	tnlIKey
	tnlOKey
	tnlIFlags
	tnlOFlags
	tnlLocal
	tnlRemote
	tnlPMTUDisc
	tnlIgnoreDF
	tnlTOS
	tnlLink
	tnlTTL
	tnlEncapLimit
	tnlFlowinfo
	tnlFlags
	tnlFwmark
	tnlErspanVer
	tnlErspanIndex
	tnlErspanDir
	tnlErspanHwid
	tnlEncapType
	tnlEncapFlags
	tnlEncapSport
	tnlEncapDport
	tnl6rdPrefix
	tnl6rdPrefixLen
	tnl6rdRelay
	tnl6rdRelayLen
	tnlParams
)

// A tunnel is what is known of a kind of tunnel.
type tunnel struct {
	family uint8         // of the addresses at its ends
	params []tunnelParam // in the order of a request
	erspan bool          // those of ERSPAN are sent
}

// A tunnelParam is one parameter of a kind.
type tunnelParam struct {
	param uint8
	kind  nl.Kind // KindFlag, KindIP, or a number
	when  tunnelWhen
	attr  uint16
	def   uint32
}

// A tunnelWhen says when a request carries a parameter.
type tunnelWhen uint8

const (
	tnlAlways   tunnelWhen = iota
	tnlNotZero             // unless it is zero
	tnlSaid                // if the words name it, too
	tnlErspan              // for a tunnel of ERSPAN
	tnlErspan1             // unless it is zero, for version 1 of it
	tnlErspan2             // for version 2
	tnlIfPrefix            // with the prefix of 6rd
	tnlIfRelay             // with the relay's prefix
	tnlSit                 // for a tunnel of sit
)

// tunnelWords is what a command line says of a tunnel.
type tunnelWords struct {
	kind   *kind
	dev    string // the link that it goes over
	hasDev bool
	said   [tnlParams]tunnelValue
}

// A tunnelValue is a parameter: a number, of which the words give the bits in
// mask, or an address, which is nil if there is none.
type tunnelValue struct {
	said   bool
	v      uint32
	mask   uint32
	prefix []byte
}

// set notes that the bits in mask of a parameter shall be those of v.
//
//go:noinline
func (w *tunnelWords) set(param int, mask, v uint32) {
	p := &w.said[param]
	p.said = true
	p.mask |= mask
	p.v = p.v&^mask | v&mask
}

// parseTunnel reads the options of a tunnel.
func parseTunnel(a *args, s *linkState, k *kind) {
	w := &tunnelWords{kind: k}
	s.tunnel = w
	var used seen
next:
	for a.more() {
		if a.option(k.opts, s, &used) {
			continue
		}
		for _, t := range k.also {
			if a.option(t, s, &used) {
				continue next
			}
		}
		f := &failure{code: exitMissing, text: k.usage()}
		if word := a.next(); !matches(word, "help") {
			f.hint = k.name + ` has no option "` + cli.Safe(word) + `"`
		}
		a.fail(f)
	}
	switch {
	case a.err != nil:
	case s.create:
		if f := w.put(s.request, nil); f != nil {
			a.fail(f)
		}
	default:
		s.later = func(r *runner, index int32) error { return w.putOver(r, s.request, index) }
	}
}

// putOver is put for a tunnel that there is.
func (w *tunnelWords) putOver(r *runner, q *request, index int32) error {
	c, err := r.aside()
	if err != nil {
		return err
	}
	failed := failf(exitMissing, noTunnelInfo)
	var refused *failure
	err = rtnl.LinkByIndex(c, index, lookMask, func(l rtnl.Link) {
		data := l.Attrs.Nest(rtnl.IFLA_LINKINFO).Nest(rtnl.IFLA_INFO_DATA)
		failed = nil
		if data == nil {
			refused = &failure{code: exitMissing, text: noTunnelInfo, hint: "it is not of type " + w.kind.name}
			return
		}
		refused = w.put(q, data)
	})
	switch {
	case err != nil:
		return err
	case failed != nil:
		return failed
	case refused != nil:
		return refused
	}
	return nil
}

const noTunnelInfo = "Failed to get existing tunnel info."

// put appends all parameters: as the words have them, otherwise those in old,
// otherwise the defaults.
func (w *tunnelWords) put(q *request, old nl.Attrs) *failure {
	t := w.kind.tunnel
	var as [64]nl.Attr
	old.Index(as[:])
	var vs [tnlParams]tunnelValue
	for i := range t.params {
		p := &t.params[i]
		said, v := w.said[p.param], &vs[p.param]
		v.said = said.said
		switch have := as[p.attr]; {
		case p.kind == nl.KindFlag:
			v.v = said.v
			if have.Present() {
				v.v = 1
			}
		case p.kind == nl.KindIP:
			if v.prefix = said.prefix; !said.said && have.Present() {
				if v.prefix = have.Bytes(); len(v.prefix) != t.addrLen(p.param) {
					return failf(exitMissing, noTunnelInfo)
				}
			}
		default:
			v.v = p.def
			if n, ok := tunnelNumber(p.kind, have); ok {
				v.v = n
			}
			v.v = v.v&^said.mask | said.v
		}
	}
	if f := t.complete(&vs); f != nil {
		return f
	}
	for i := range t.params {
		p := &t.params[i]
		v := &vs[p.param]
		if p.param == tnlLink && w.hasDev {
			missing := noDevice(w.dev)
			missing.code = exitUsage
			q.dev(nl.AttrU32(p.attr), w.dev, missing)
			continue
		}
		if !t.wanted(p, &vs) {
			continue
		}
		switch p.kind {
		case nl.KindFlag: // what is set from outside has no parameters here
			q.b.Flag(nl.AttrFlag(p.attr))
			return nil
		case nl.KindIP:
			q.b.IP(nl.AttrIP(p.attr), v.prefix)
		case nl.KindU8:
			q.b.U8(nl.AttrU8(p.attr), uint8(v.v))
		case nl.KindU16:
			q.b.U16(nl.AttrU16(p.attr), uint16(v.v))
		case nl.KindBE16:
			q.b.BE16(nl.AttrBE16(p.attr), uint16(v.v))
		case nl.KindU32:
			q.b.U32(nl.AttrU32(p.attr), v.v)
		case nl.KindBE32:
			q.b.BE32(nl.AttrBE32(p.attr), v.v)
		}
	}
	return nil
}

// complete says what cannot be together, and makes up the keys of a gre that
// sends to a group: the group.
func (t *tunnel) complete(vs *[tnlParams]tunnelValue) *failure {
	if t == &ipipTunnel || t == &sitTunnel {
		if vs[tnlTTL].v != 0 && vs[tnlPMTUDisc].v == 0 {
			return failf(exitUsage, "ttl != 0 and nopmtudisc are incompatible")
		}
		return nil
	}
	if to := vs[tnlRemote].prefix; t.family == unix.AF_INET && t != &vtiTunnel && len(to) == 4 && to[0]&0xf0 == 0xe0 {
		group := uint32(to[0])<<24 | uint32(to[1])<<16 | uint32(to[2])<<8 | uint32(to[3])
		for _, k := range tnlKeys {
			if vs[k.key].v == 0 {
				vs[k.key].v = group
				vs[k.flags].v |= greKey
			}
		}
		if zero(vs[tnlLocal].prefix) {
			return failf(exitMissing, "A broadcast tunnel requires a source address.")
		}
	}
	return nil
}

// addrLen returns how many bytes an address of a parameter has.
func (t *tunnel) addrLen(param uint8) int {
	if t.family == unix.AF_INET6 || param == tnl6rdPrefix {
		return 16
	}
	return 4
}

// wanted tells whether a request carries a parameter.
func (t *tunnel) wanted(p *tunnelParam, vs *[tnlParams]tunnelValue) bool {
	v := &vs[p.param]
	switch p.when {
	case tnlNotZero:
		return v.v != 0 || !zero(v.prefix)
	case tnlSaid:
		return v.v != 0 || v.said
	case tnlErspan:
		return t.erspan
	case tnlErspan1:
		return t.erspan && v.v != 0 && vs[tnlErspanVer].v == 1
	case tnlErspan2:
		return t.erspan && vs[tnlErspanVer].v == 2
	case tnlIfPrefix:
		return vs[tnl6rdPrefix].prefix != nil
	case tnlIfRelay:
		return vs[tnl6rdRelay].prefix != nil
	case tnlSit:
		return t == &sitTunnel
	}
	return true
}

func zero(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}

// encapsulates tells whether a request puts packets into UDP.
func (t *tunnel) encapsulates(data nl.Attrs) bool {
	for i := range t.params {
		if p := &t.params[i]; p.param == tnlEncapType {
			v, _ := data.Get(p.attr)
			n, _ := number(v)
			return n != 0
		}
	}
	return false
}

// tunnelNumber reads a number of a kind.
func tunnelNumber(k nl.Kind, v nl.Attr) (uint32, bool) {
	switch k {
	case nl.KindBE16:
		n, ok := v.BE16()
		return uint32(n), ok
	case nl.KindBE32:
		return v.BE32()
	}
	n, ok := number(v)
	return uint32(n), ok
}

// Options that several kinds of tunnel share. They take no abbreviations.
var encapTables = []*table{&encapOptions}

// Bits of TUNNEL_ENCAP_FLAG_, linux/if_tunnel.h.
const (
	encapCsum    = 1 << 0
	encapCsum6   = 1 << 1
	encapRemCsum = 1 << 2
)

var encapOptions = table{rows: []option{
	{name: "external", exact: true, val: valFunc, attr: tnlMetadata<<8 | 1, parse: tnlConst, about: helps("take all parameters from each packet's route")},
	{name: "noencap", exact: true, val: valFunc, attr: tnlEncapType << 8, parse: tnlConst, about: helps("put packets into no UDP")},
	{name: "encap", exact: true, val: valFunc, arg: "{ fou | gue | none }", parse: tnlEncap, about: helps("put packets into UDP")},
	{name: "encap-sport", exact: true, val: valFunc, attr: tnlEncapSport, arg: "{ PORT | auto }", says: &saying{wrong: "Invalid source port."}, parse: tnlPort, about: helps("its source port")},
	{name: "encap-dport", exact: true, val: valFunc, attr: tnlEncapDport, arg: "PORT", says: &saying{wrong: "Invalid destination port."}, parse: tnlPort, about: helps("its destination port")},
	{name: "encap-csum", exact: true, val: valFunc, attr: tnlEncapFlags<<8 | encapCsum, parse: tnlBit, about: helps("with checksums")},
	{name: "noencap-csum", exact: true, val: valFunc, attr: tnlEncapFlags<<8 | encapCsum | tnlClear, parse: tnlBit, about: helps("without")},
	{name: "encap-udp6-csum", exact: true, val: valFunc, attr: tnlEncapFlags<<8 | encapCsum6, parse: tnlBit, about: helps("with checksums over IPv6")},
	{name: "noencap-udp6-csum", exact: true, val: valFunc, attr: tnlEncapFlags<<8 | encapCsum6 | tnlClear, parse: tnlBit, about: helps("without")},
	{name: "encap-remcsum", exact: true, val: valFunc, attr: tnlEncapFlags<<8 | encapRemCsum, parse: tnlBit, about: helps("let the other end write the checksums inside")},
	{name: "noencap-remcsum", exact: true, val: valFunc, attr: tnlEncapFlags<<8 | encapRemCsum | tnlClear, parse: tnlBit, about: helps("do not")},
}}

// tnlConst sets the parameter in the upper byte of the row's attr to the lower.
func tnlConst(_ *args, st state, o *option) {
	st.(*linkState).tunnel.set(int(o.attr>>8), ^uint32(0), uint32(o.attr&0xff))
}

const tnlClear = 0x80

// tnlBit sets, or with tnlClear clears, bits of the parameter in the upper byte.
func tnlBit(_ *args, st state, o *option) {
	bits, v := uint32(o.attr&0x7f), uint32(0)
	if o.attr&tnlClear == 0 {
		v = bits
	}
	st.(*linkState).tunnel.set(int(o.attr>>8), bits, v)
}

func tnlAddr(a *args, st state, o *option) {
	w := st.(*linkState).tunnel
	p := a.addr(w.kind.tunnel.family)
	w.said[o.attr] = tunnelValue{said: true, prefix: p.addr()}
}

func tnlDev(a *args, st state, _ *option) {
	w := st.(*linkState).tunnel
	w.dev, w.hasDev = a.next(), true
}

func tnlHops(a *args, st state, o *option) {
	w := a.next()
	v, ok := parseUint(w, 8)
	if w != "inherit" && !ok && a.err == nil {
		a.bad(o, w)
	}
	st.(*linkState).tunnel.set(tnlTTL, ^uint32(0), uint32(v))
}

func tnlTOSByte(a *args, st state, o *option) {
	w, v, ok := a.next(), uint32(1), true
	if w != "inherit" {
		v, ok = tosNames.value(w)
	}
	if !ok && a.err == nil {
		a.bad(o, w)
	}
	st.(*linkState).tunnel.set(tnlTOS, ^uint32(0), v)
}

// tnlNumber32 reads an unsigned integer for the parameter in attr.
func tnlNumber32(a *args, st state, o *option) {
	w := a.next()
	v, ok := parseUint(w, 32)
	if !ok && a.err == nil {
		a.bad(o, w)
	}
	st.(*linkState).tunnel.set(int(o.attr), ^uint32(0), uint32(v))
}

func tnlPort(a *args, st state, o *option) {
	w := a.next()
	v, ok := parseUint(w, 16)
	if o.attr == tnlEncapSport && w == "auto" {
		v, ok = 0, true
	}
	if !ok && a.err == nil {
		a.bad(o, w)
	}
	st.(*linkState).tunnel.set(int(o.attr), ^uint32(0), uint32(v))
}

// TUNNEL_ENCAP_, linux/if_tunnel.h.
var encapTypes = [...]string{"none", "fou", "gue"}

func tnlEncap(a *args, st state, _ *option) {
	w := a.next()
	for i, s := range encapTypes {
		if s == w {
			st.(*linkState).tunnel.set(tnlEncapType, ^uint32(0), uint32(i))
			return
		}
	}
	if a.err == nil {
		a.wrong(w, "Invalid encap type.")
	}
}

// Which of a tunnel's two directions an option is for.
const (
	tnlIn  = 1
	tnlOut = 2
	tnlNot = 4 // the option takes something away
)

// tnlKeys are the keys of both.
var tnlKeys = [...]struct {
	key, flags int
	dir        uint16
}{{tnlIKey, tnlIFlags, tnlIn}, {tnlOKey, tnlOFlags, tnlOut}}

// setGRE sets flags of the directions in dir, or takes them away.
func (w *tunnelWords) setGRE(flags uint32, dir uint16) {
	v := flags
	if dir&tnlNot != 0 {
		v = 0
	}
	for _, k := range tnlKeys {
		if dir&k.dir != 0 {
			w.set(k.flags, flags, v)
		}
	}
}

// tnlKey reads a key: a number, or four with dots between them.
func tnlKey(a *args, st state, o *option) {
	var v uint32
	if o.attr&tnlNot == 0 {
		w := a.next()
		if a.err != nil {
			return
		}
		v = a.tunnelKey(o.name, w)
	}
	w := st.(*linkState).tunnel
	for _, k := range tnlKeys {
		if o.attr&k.dir != 0 {
			w.set(k.key, ^uint32(0), v)
		}
	}
	w.setGRE(greKey, o.attr)
}

func (a *args) tunnelKey(name, w string) uint32 {
	for i := range len(w) {
		if w[i] == '.' {
			var b [4]byte
			if p, ok := parseAddr(w, unix.AF_INET); ok && p.n == 4 {
				copy(b[:], p.addr())
			} else {
				a.failf(exitMissing, `Error: an IP address is expected rather than "`, w, `"`)
			}
			return uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
		}
	}
	v, ok := parseUint(w, 32)
	if !ok {
		a.failf(exitUsage, `invalid value for "`+name+`": "`, w, `"; it should be an unsigned integer`)
	}
	return uint32(v)
}
