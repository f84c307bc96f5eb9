package explain

import (
	"encoding/binary"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
)

// Values in words: what follows appends to w.buf and returns w. It is not
// inlined: append's growth would come along to a hundred places.

//go:noinline
func (w *walker) int(v int64) *walker {
	w.buf = strconv.AppendInt(w.buf, v, 10)
	return w
}

//go:noinline
func (w *walker) uint(v uint64) *walker {
	w.buf = strconv.AppendUint(w.buf, v, 10)
	return w
}

//go:noinline
func (w *walker) hex(v uint64) *walker {
	w.buf = append(w.buf, '0', 'x')
	w.buf = strconv.AppendUint(w.buf, v, 16)
	return w
}

// quote appends text from outside. Go's quoting escapes what a terminal would
// obey, and what would change the order of the letters on it.
func (w *walker) quote(p []byte) *walker {
	w.buf = strconv.AppendQuote(w.buf, string(p))
	return w
}

// scalar hands out one value. f is the row of the attribute that it is, or nil
// for a structure's member.
func (w *walker) scalar(at, end, depth int, name string, k nl.Kind, unit nl.Unit, names *nl.Names, f *nl.Field) {
	n := end - at
	if n <= 0 {
		return
	}
	var bits int
	var kind Kind
	signed := false
	switch k {
	case nl.KindU8:
		bits, kind = 8, U8
	case nl.KindU16:
		bits, kind = 16, U16
	case nl.KindU32:
		bits, kind = 32, U32
	case nl.KindU64:
		bits, kind = 64, U64
	case nl.KindS8:
		bits, kind, signed = 8, S8, true
	case nl.KindS16:
		bits, kind, signed = 16, S16, true
	case nl.KindS32:
		bits, kind, signed = 32, S32, true
	case nl.KindS64:
		bits, kind, signed = 64, S64, true
	case nl.KindBE16:
		bits, kind = 16, BE16
	case nl.KindBE32:
		bits, kind = 32, BE32
	case nl.KindBE64:
		bits, kind = 64, BE64
	case nl.KindIndex:
		bits, kind = 32, Index
	case nl.KindFlag: // some drivers send a byte where they take a flag: vxlan_fill_info
		bits, kind, names = 8, U8, &rtnl.OffOn
	case nl.KindUint:
		switch n {
		case 1:
			bits, kind = 8, U8
		case 2:
			bits, kind = 16, U16
		case 4:
			bits, kind = 32, U32
		case 8:
			bits, kind = 64, U64
		}
	case nl.KindStr:
		w.str(at, end).span(at, end, depth, name, String)
		return
	case nl.KindIP:
		if f == nil && name != "element" && n == 16 {
			w.either(at)
		} else {
			w.address(at, end, w.m.family == unix.AF_MPLS)
		}
		w.span(at, end, depth, name, IP)
		return
	case nl.KindMAC:
		w.lladdr(at, end).span(at, end, depth, name, MAC)
		return
	case nl.KindLabels:
		w.labels(at, end).span(at, end, depth, name, Labels)
		return
	case nl.KindBytes:
		w.int(int64(n)).say(plural(n, " byte")).span(at, end, depth, name, Bytes)
		return
	case nl.KindUnused:
		w.reserved(at, end).span(at, end, depth, name, Unused)
		return
	default:
		w.raw(at, end, depth, name)
		return
	}
	if bits == 0 || n*8 != bits {
		w.int(int64(n)).say(plural(n, " byte"), " where ")
		if bits == 0 {
			w.say("a number")
		} else {
			w.int(int64(bits / 8))
		}
		w.say(" would be right").span(at, end, depth, name, Raw)
		return
	}
	v := w.number(at, kind)
	switch {
	case kind == Index:
		w.index(int32(v))
	case v == 0 && name == "ifi_type" && w.m.flags&unix.NLM_F_REQUEST != 0:
		w.say("0") // not NET/ROM, which has this number: not said
	case signed && names == nil:
		w.int(int64(v)) // number has extended the sign
	default:
		w.value(v, bits, unit, names)
	}
	switch {
	case w.m.typ == unix.NLMSG_ERROR || w.m.typ == unix.NLMSG_DONE:
		w.extack(f, v)
	case v == 0xffffffff && unit == nl.UnitSeconds:
		w.say(", without end")
	}
	if bits > 8 && (kind == BE16 || kind == BE32 || kind == BE64) {
		w.say(", big-endian")
	}
	w.span(at, end, depth, name, kind)
}

// number reads an integer; signed ones are extended to 64 bits.
func (w *walker) number(at int, k Kind) uint64 {
	switch k {
	case U8:
		return uint64(w.p[at])
	case S8:
		return uint64(int64(int8(w.p[at])))
	case U16:
		return uint64(w.u16(at))
	case S16:
		return uint64(int64(int16(w.u16(at))))
	case U32, Index:
		return uint64(w.u32(at))
	case S32:
		return uint64(int64(int32(w.u32(at))))
	case BE16:
		return uint64(binary.BigEndian.Uint16(w.p[at:]))
	case BE32:
		return uint64(binary.BigEndian.Uint32(w.p[at:]))
	case BE64:
		return binary.BigEndian.Uint64(w.p[at:])
	}
	return w.u64(at)
}

// value appends an integer of some bits as what it counts, or in words.
func (w *walker) value(v uint64, bits int, unit nl.Unit, names *nl.Names) *walker {
	if names != nil && v>>32 == 0 {
		if names.Flags {
			return w.flags(uint32(v), bits, names)
		}
		if s := names.Name(uint32(v)); s != "" {
			return w.say(s, " (").uint(v).say(")")
		}
		return w.uint(v)
	}
	if unit == nl.UnitHex {
		return w.hex(v)
	}
	w.uint(v)
	switch unit {
	case nl.UnitBytes:
		w.say(" bytes")
	case nl.UnitSeconds:
		w.say(" s")
	case nl.UnitMilliseconds:
		w.say(" ms")
	case nl.UnitNanoseconds:
		w.say(" ns")
	case nl.UnitUserHZ:
		w.say(" (").uint(v / 100)
		if r := v % 100; r != 0 {
			w.buf = append(w.buf, '.', byte('0'+r/10))
			if r%10 != 0 {
				w.buf = append(w.buf, byte('0'+r%10))
			}
		}
		w.say(" s)")
	}
	return w
}

// flags appends bits as words, "UP|LOWER_UP (0x10001)".
func (w *walker) flags(v uint32, bits int, names *nl.Names) *walker {
	switch {
	case v == 0:
		return w.say("0")
	case bits == 32 && v == 0xffffffff:
		return w.say("all bits (0xffffffff)")
	}
	rest, sep := v, ""
	for i := range names.List {
		if n := &names.List[i]; n.Value != 0 && rest&n.Value == n.Value {
			w.say(sep, n.Name)
			rest &^= n.Value
			sep = "|"
		}
	}
	if rest != 0 {
		w.say(sep).hex(uint64(rest))
		if sep == "" {
			return w // its hex alone
		}
	}
	return w.say(" (").hex(uint64(v)).say(")")
}

//go:noinline
func (w *walker) index(i int32) *walker {
	w.int(int64(i))
	if i == 0 || w.o.IfName == nil {
		return w
	}
	if s := w.o.IfName(i); s != "" {
		w.say(", ").quote([]byte(s))
	}
	return w
}

// str appends text: what is before its NUL, and whether anything is behind.
func (w *walker) str(at, end int) *walker {
	p := w.p[at:end]
	t := text(p)
	w.quote(t)
	for _, c := range p[len(t):] {
		if c != 0 {
			return w.say(", and ").int(int64(len(p) - len(t) - 1)).say(" bytes behind its NUL")
		}
	}
	return w
}

// address appends an address of the network layer, or MPLS labels.
func (w *walker) address(at, end int, mpls bool) *walker {
	if mpls {
		return w.labels(at, end)
	}
	w.buf = nl.AppendIP(w.buf, w.p[at:end])
	return w
}

// either appends an address of a multicast group, which leaves room for those
// of other families.
func (w *walker) either(at int) *walker {
	p := w.p[at : at+16]
	switch {
	case zero(p[4:]):
		p = p[:4]
	case zero(p[6:]):
		w.buf = nl.AppendMAC(w.buf, p[:6])
		return w
	}
	w.buf = nl.AppendIP(w.buf, p)
	return w
}

func zero(p []byte) bool {
	for _, c := range p {
		if c != 0 {
			return false
		}
	}
	return true
}

// lladdr appends a link-layer address: of tunnels it is an IP address.
func (w *walker) lladdr(at, end int) *walker {
	p := w.p[at:end]
	switch w.m.ifType {
	case unix.ARPHRD_TUNNEL, unix.ARPHRD_SIT, unix.ARPHRD_IPGRE, unix.ARPHRD_TUNNEL6, unix.ARPHRD_IP6GRE:
		if len(p) == 4 || len(p) == 16 {
			w.buf = nl.AppendIP(w.buf, p)
			return w
		}
	}
	w.buf = nl.AppendMAC(w.buf, p)
	return w
}

// labels appends MPLS labels, as linux/mpls.h has them: 20 bits of label, 3 of
// class, 1 that ends the stack, 8 of TTL.
func (w *walker) labels(at, end int) *walker {
	for i := at; end-i >= 4; i += 4 {
		if i > at {
			w.say("/")
		}
		w.uint(uint64(binary.BigEndian.Uint32(w.p[i:]) >> 12))
	}
	if (end-at)%4 != 0 || at == end {
		w.say(" and ").int(int64((end - at) % 4)).say(" bytes")
	}
	return w
}

// reserved appends what bytes hold that should be zero.
func (w *walker) reserved(at, end int) *walker {
	if zero(w.p[at:end]) {
		return w
	}
	return w.say("not zero")
}

// otherTypes are those of the messages of rtnetlink that have no table.
var otherTypes = nl.Names{List: []nl.Name{
	{Value: unix.RTM_NEWQDISC, Name: "RTM_NEWQDISC"}, {Value: unix.RTM_DELQDISC, Name: "RTM_DELQDISC"}, {Value: unix.RTM_GETQDISC, Name: "RTM_GETQDISC"},
	{Value: unix.RTM_NEWTCLASS, Name: "RTM_NEWTCLASS"}, {Value: unix.RTM_DELTCLASS, Name: "RTM_DELTCLASS"}, {Value: unix.RTM_GETTCLASS, Name: "RTM_GETTCLASS"},
	{Value: unix.RTM_NEWTFILTER, Name: "RTM_NEWTFILTER"}, {Value: unix.RTM_DELTFILTER, Name: "RTM_DELTFILTER"}, {Value: unix.RTM_GETTFILTER, Name: "RTM_GETTFILTER"},
	{Value: unix.RTM_NEWACTION, Name: "RTM_NEWACTION"}, {Value: unix.RTM_DELACTION, Name: "RTM_DELACTION"}, {Value: unix.RTM_GETACTION, Name: "RTM_GETACTION"},
	{Value: unix.RTM_NEWNDUSEROPT, Name: "RTM_NEWNDUSEROPT"}, {Value: unix.RTM_GETDCB, Name: "RTM_GETDCB"}, {Value: unix.RTM_SETDCB, Name: "RTM_SETDCB"},
	{Value: unix.RTM_NEWCACHEREPORT, Name: "RTM_NEWCACHEREPORT"},
	{Value: unix.RTM_NEWCHAIN, Name: "RTM_NEWCHAIN"}, {Value: unix.RTM_DELCHAIN, Name: "RTM_DELCHAIN"}, {Value: unix.RTM_GETCHAIN, Name: "RTM_GETCHAIN"},
}}

// controlTypes are the same for every netlink protocol.
var controlTypes = nl.Names{List: []nl.Name{
	{Value: unix.NLMSG_NOOP, Name: "NLMSG_NOOP"}, {Value: unix.NLMSG_ERROR, Name: "NLMSG_ERROR"}, {Value: unix.NLMSG_DONE, Name: "NLMSG_DONE"}, {Value: unix.NLMSG_OVERRUN, Name: "NLMSG_OVERRUN"},
}}

// TypeName returns the name of an nlmsg_type, "RTM_NEWLINK"; "" if it has none
// here.
func TypeName(protocol int, typ uint16) string {
	if typ < unix.NLMSG_MIN_TYPE {
		return controlTypes.Name(uint32(typ))
	}
	if protocol != unix.NETLINK_ROUTE {
		return ""
	}
	if t := rtnl.TypeOf(typ); t != nil {
		return t.Name
	}
	return otherTypes.Name(uint32(typ))
}

func (w *walker) typeName(typ uint16) *walker {
	if s := TypeName(w.o.Protocol, typ); s != "" {
		return w.say(s, " (").uint(uint64(typ)).say(")")
	}
	if s := Protocol(w.o.Protocol); s != "" {
		return w.uint(uint64(typ)).say(" of ", s)
	}
	return w.uint(uint64(typ))
}

// What the upper bits of nlmsg_flags mean depends on the type, linux/netlink.h.
var (
	everyFlags = []nl.Name{
		{Value: unix.NLM_F_REQUEST, Name: "REQUEST"}, {Value: unix.NLM_F_MULTI, Name: "MULTI"}, {Value: unix.NLM_F_ACK, Name: "ACK"},
		{Value: unix.NLM_F_ECHO, Name: "ECHO"}, {Value: unix.NLM_F_DUMP_INTR, Name: "DUMP_INTR"}, {Value: unix.NLM_F_DUMP_FILTERED, Name: "DUMP_FILTERED"},
	}
	getFlags = []nl.Name{{Value: unix.NLM_F_DUMP, Name: "DUMP"}, {Value: unix.NLM_F_ROOT, Name: "ROOT"}, {Value: unix.NLM_F_MATCH, Name: "MATCH"}, {Value: unix.NLM_F_ATOMIC, Name: "ATOMIC"}}
	newFlags = []nl.Name{
		{Value: unix.NLM_F_REPLACE, Name: "REPLACE"}, {Value: unix.NLM_F_EXCL, Name: "EXCL"}, {Value: unix.NLM_F_CREATE, Name: "CREATE"}, {Value: unix.NLM_F_APPEND, Name: "APPEND"},
	}
	delFlags = []nl.Name{{Value: unix.NLM_F_NONREC, Name: "NONREC"}, {Value: unix.NLM_F_BULK, Name: "BULK"}}
	ackFlags = []nl.Name{{Value: unix.NLM_F_CAPPED, Name: "CAPPED"}, {Value: unix.NLM_F_ACK_TLVS, Name: "ACK_TLVS"}}
)

// What rtnetlink's types do: RTM_NEWx, RTM_DELx, RTM_GETx and RTM_SETx follow
// each other.
const (
	opNew = iota
	opDel
	opGet
	opSet
)

func op(typ uint16) int { return int(typ-unix.RTM_BASE) & 3 }

// upperFlags returns the words for the upper bits of nlmsg_flags, or nil.
func upperFlags(protocol int, typ uint16) []nl.Name {
	switch {
	case typ == unix.NLMSG_ERROR || typ == unix.NLMSG_DONE:
		return ackFlags
	case protocol != unix.NETLINK_ROUTE || typ < unix.RTM_BASE:
		return nil
	case op(typ) == opGet:
		return getFlags
	case op(typ) == opDel:
		return delFlags
	}
	return newFlags
}

func (w *walker) messageFlags(typ, flags uint16) *walker {
	if flags == 0 {
		return w.say("0")
	}
	rest, sep := uint32(flags), ""
	for _, list := range [...][]nl.Name{everyFlags, upperFlags(w.o.Protocol, typ)} {
		for i := range list {
			if n := &list[i]; rest&n.Value == n.Value {
				w.say(sep, n.Name)
				rest &^= n.Value
				sep = "|"
			}
		}
	}
	if rest != 0 {
		w.say(sep).hex(uint64(rest))
	}
	return w.say(" (").hex(uint64(flags)).say(")")
}

// errnoText appends what the error of an NLMSG_ERROR or NLMSG_DONE says. Errnos
// are named as this architecture numbers them.
func (w *walker) errnoText(e int32) *walker {
	w.int(int64(e))
	switch {
	case e == 0 && w.m.typ == unix.NLMSG_ERROR:
		return w.say(", the request was carried out")
	case e == 0:
		return w.say(", the list is complete")
	case e > 0 || e < -4095:
		return w
	}
	if n := unix.ErrnoName(syscall.Errno(-e)); n == "ENOTSUP" {
		w.say(" EOPNOTSUPP") // the same number; the kernel's word
	} else if n != "" {
		w.say(" ", n)
	}
	return w.say(": ", syscall.Errno(-e).Error())
}

// maxPointers bounds how often the request is searched for what an ack points
// at: a real one does three times at most.
const maxPointers = 16

// extack appends what a number of an extended ack means for the request.
func (w *walker) extack(f *nl.Field, v uint64) {
	if f == nil || len(w.o.Request) < nl.HeaderLen || v > uint64(len(w.o.Request)) || w.pointers == maxPointers {
		return
	}
	w.pointers++
	switch f.Name {
	case "NLMSGERR_ATTR_OFFS", "NLMSGERR_ATTR_MISS_NEST":
		if path := Path(w.o.Request, int(v), w.o); path != "" {
			w.say(", ", path)
		}
	case "NLMSGERR_ATTR_MISS_TYPE":
		w.missing(uint16(v))
	}
}
