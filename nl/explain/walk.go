package explain

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
)

// A walker goes through bytes once, from the front, and says what they are.
type walker struct {
	p     []byte
	o     Options
	big   bool
	yield func(*Span) bool
	ended bool // yield has heard enough
	s     Span
	attr  string // name of the attribute that is being walked
	buf   []byte // the value that is being made

	// Of the message that is being walked.
	m message
	// What is being walked lies within a message whose end is missing.
	cut bool
	// Where the attributes of the extended ack are that is being walked.
	ackAt, ackEnd int
	pointers      int // into the request that were resolved

	// If want is not 0, found becomes the name of that number in the nest whose
	// header is at wantIn, or, for 0, at the top of the message.
	want   uint16
	wantIn int
	found  string
}

// A message is what is known of the message around an attribute.
type message struct {
	at     int // of its nlmsghdr
	typ    uint16
	flags  uint16
	family uint8
	ifType uint16 // ifi_type of a link: says what its addresses are
	known  *rtnl.MessageType
	attrs  *nl.Schema
}

// maxDepth bounds how deep nests are followed. Real ones have about 10.
const maxDepth = 40

func hostBig() bool { return binary.NativeEndian.Uint16([]byte{0, 1}) == 1 }

func newWalker(p []byte, o Options, yield func(*Span) bool) *walker {
	return &walker{p: p, o: o, big: o.Order == Big || o.Order == Host && hostBig(), yield: yield}
}

//go:noinline
func (w *walker) u16(at int) uint16 {
	if w.big {
		return binary.BigEndian.Uint16(w.p[at:])
	}
	return binary.LittleEndian.Uint16(w.p[at:])
}

//go:noinline
func (w *walker) u32(at int) uint32 {
	if w.big {
		return binary.BigEndian.Uint32(w.p[at:])
	}
	return binary.LittleEndian.Uint32(w.p[at:])
}

//go:noinline
func (w *walker) u64(at int) uint64 {
	if w.big {
		return binary.BigEndian.Uint64(w.p[at:])
	}
	return binary.LittleEndian.Uint64(w.p[at:])
}

// span hands out the bytes from at to end, if there are any: buf is their
// value.
//
//go:noinline
func (w *walker) span(at, end, depth int, name string, k Kind) {
	value := string(w.buf)
	w.buf = w.buf[:0]
	if at >= end || w.ended {
		return
	}
	w.s = Span{Offset: at, Length: end - at, Depth: depth, Name: name, Kind: k, Value: value}
	if w.o.Why && name != "" && (k == Attribute || name != w.attr) {
		w.s.Why = why(name, &w.m)
	}
	w.ended = !w.yield(&w.s)
}

// say appends words to the value that is being made.
//
//go:noinline
func (w *walker) say(ss ...string) *walker {
	for _, s := range ss {
		w.buf = append(w.buf, s...)
	}
	return w
}

func align(n int) int { return (n + 3) &^ 3 }

// messages walks what lies from at to end.
func (w *walker) messages(at, end, depth int) {
	for at < end && !w.ended {
		if end-at < nl.HeaderLen {
			w.say("too few bytes for a message").span(at, end, depth, "", Broken)
			return
		}
		n := int64(w.u32(at))
		if n < nl.HeaderLen {
			w.say("a message of ").int(n).say(" bytes cannot be").span(at, end, depth, "nlmsg_len", Broken)
			return
		}
		to := end
		if n <= int64(end-at) {
			to = at + int(n)
		}
		w.cut = n > int64(end-at)
		w.message(at, to, depth)
		w.cut = false
		pad := min(at+align(to-at), end)
		w.span(to, pad, depth, "", Padding)
		at = pad
	}
}

// header walks the nlmsghdr at at; have is how many bytes of the message there
// are.
func (w *walker) header(at, have, depth int) {
	typ, flags := w.u16(at+4), w.u16(at+6)
	w.m = message{at: at, typ: typ, flags: flags}
	if w.o.Protocol == unix.NETLINK_ROUTE {
		w.m.known = rtnl.TypeOf(typ)
	}
	n := w.u32(at)
	w.uint(uint64(n)).say(" bytes")
	if int64(n) > int64(have) {
		w.say(", of which ").int(int64(have)).say(" are here")
	}
	w.span(at, at+4, depth, "nlmsg_len", U32)
	w.typeName(typ).span(at+4, at+6, depth, "nlmsg_type", U16)
	w.messageFlags(typ, flags).span(at+6, at+8, depth, "nlmsg_flags", U16)
	w.uint(uint64(w.u32(at+8))).span(at+8, at+12, depth, "nlmsg_seq", U32)
	w.uint(uint64(w.u32(at + 12)))
	if w.u32(at+12) == 0 {
		w.say(", the kernel's or not filled in")
	}
	w.span(at+12, at+16, depth, "nlmsg_pid", U32)
}

// message walks one message, which is from at to end, or as much of it as there
// is.
func (w *walker) message(at, end, depth int) {
	w.header(at, end-at, depth)
	body := at + nl.HeaderLen
	switch {
	case w.m.typ == unix.NLMSG_ERROR:
		w.ack(body, end, depth+1)
	case w.m.typ == unix.NLMSG_DONE:
		w.done(body, end, depth+1)
	case w.m.known == nil:
		w.raw(body, end, depth+1, "payload")
	default:
		if body < end {
			w.m.family = w.p[body]
		}
		if w.m.known.Attrs == &rtnl.LinkAttrs && end-body >= 4 {
			w.m.ifType = w.u16(body + 2)
		}
		w.m.attrs = rtnl.AttrsFor(w.m.typ, w.m.flags, w.m.family)
		w.fixed(body, end, depth+1)
	}
}

// fixed walks a message's fixed header and its attributes.
func (w *walker) fixed(at, end, depth int) {
	l := w.m.known.Header
	w.structure(at, min(at+l.Size, end), depth, l)
	if at += l.Size; at < end {
		w.attributes(at, end, depth, w.m.attrs)
	}
}

// ack walks an NLMSG_ERROR: an errno, the request's header or all of it, and
// attributes. See struct nlmsgerr in linux/netlink.h.
func (w *walker) ack(at, end, depth int) {
	around := w.m
	at = w.errno(at, end, depth)
	if end-at < nl.HeaderLen || depth > maxDepth {
		w.raw(at, end, depth, "")
		return
	}
	to := at + nl.HeaderLen
	if around.flags&unix.NLM_F_CAPPED == 0 {
		if n := int64(w.u32(at)); n >= nl.HeaderLen && n <= int64(end-at) {
			to = at + int(n)
		}
	}
	if to == at+nl.HeaderLen {
		w.header(at, int(w.u32(at)), depth) // the kernel kept the rest back: nothing is missing
	} else {
		w.message(at, to, depth)
	}
	request := w.m
	w.m = around
	pad := min(at+align(to-at), end)
	w.span(to, pad, depth, "", Padding)
	if around.flags&unix.NLM_F_ACK_TLVS == 0 {
		w.raw(pad, end, depth, "")
		return
	}
	w.m.family = request.family
	w.ackAt, w.ackEnd = pad, end
	w.attributes(pad, end, depth, &nl.AckAttrs)
}

// done walks an NLMSG_DONE: an errno, and the extended ack behind it.
func (w *walker) done(at, end, depth int) {
	at = w.errno(at, end, depth)
	if w.m.flags&unix.NLM_F_ACK_TLVS == 0 {
		w.raw(at, end, depth, "")
		return
	}
	w.ackAt, w.ackEnd = at, end
	w.attributes(at, end, depth, &nl.AckAttrs)
}

func (w *walker) errno(at, end, depth int) int {
	if end-at < 4 {
		w.raw(at, end, depth, "error")
		return end
	}
	w.errnoText(int32(w.u32(at))).span(at, at+4, depth, "error", Errno)
	return at + 4
}

// raw hands out bytes of no known meaning.
func (w *walker) raw(at, end, depth int, name string) {
	if at >= end {
		return
	}
	k := Raw
	if w.cut && end == len(w.p) {
		k = CutShort
	}
	w.int(int64(end-at)).say(plural(end-at, " byte")).span(at, end, depth, name, k)
}

func plural(n int, s string) string {
	if n == 1 {
		return s
	}
	return s + "s"
}

// attributes walks attributes from at to end, of which s is the table; nil if
// there is none.
func (w *walker) attributes(at, end, depth int, s *nl.Schema) {
	if depth > maxDepth {
		w.raw(at, end, depth, "")
		return
	}
	l := level{s: s, at: at, end: end}
	if f := s.Field(w.want); w.want != 0 && f != nil && w.found == "" && (w.wantIn == 0 || w.wantIn == at-nl.AttrHeaderLen) {
		w.found = f.Name
	}
	for at < end && !w.ended {
		if end-at < nl.AttrHeaderLen {
			w.say("too few bytes for an attribute").span(at, end, depth, "", Broken)
			return
		}
		n := int(w.u16(at))
		typ := w.u16(at + 2)
		f := s.Field(typ &^ (unix.NLA_F_NESTED | unix.NLA_F_NET_BYTEORDER))
		if n < nl.AttrHeaderLen {
			w.say("an attribute of ").int(int64(n)).say(plural(n, " byte"), " cannot be").span(at, end, depth, "nla_len", Broken)
			return
		}
		to := at + n
		if to > end {
			to = end
		}
		w.attribute(at, to, n, depth, typ, f, &l)
		pad := min(at+align(to-at), end)
		w.span(to, pad, depth, "", Padding)
		at = pad
	}
}

// A level is the attributes that stand beside each other.
type level struct {
	s       *nl.Schema // of them
	at, end int
	// What was chosen by siblings, at most two a level, and the tables: found
	// once, however often a message repeats them.
	by  [2]*nl.Field
	sub [2]*nl.Schema
}

// attribute walks one attribute that claims n bytes and has those from at to
// end, and those of l beside it.
func (w *walker) attribute(at, end, n, depth int, typ uint16, f *nl.Field, l *level) {
	name := ""
	if f == nil {
		w.say("number ").int(int64(typ &^ (unix.NLA_F_NESTED | unix.NLA_F_NET_BYTEORDER))).say(", ")
		name = "nlattr"
	} else {
		name = f.Name
	}
	w.int(int64(n)).say(plural(n, " byte"))
	if n > end-at {
		w.say(", of which ").int(int64(end - at)).say(" are here")
	}
	if typ&unix.NLA_F_NESTED != 0 {
		w.say(", NLA_F_NESTED")
	}
	if typ&unix.NLA_F_NET_BYTEORDER != 0 {
		w.say(", NLA_F_NET_BYTEORDER")
	}
	if n == nl.AttrHeaderLen && f != nil && f.Kind == nl.KindFlag {
		w.say(", being there is the value")
	}
	w.span(at, at+nl.AttrHeaderLen, depth, name, Attribute)
	w.attr = name
	at += nl.AttrHeaderLen
	if n > end-at+nl.AttrHeaderLen {
		w.raw(at, end, depth+1, name)
		return
	}
	switch {
	case f == nil && typ&unix.NLA_F_NESTED != 0:
		w.attributes(at, end, depth+1, nil)
	case f == nil:
		w.raw(at, end, depth+1, name)
	default:
		w.payload(at, end, depth+1, f, l)
	}
}

// payload walks what an attribute holds.
func (w *walker) payload(at, end, depth int, f *nl.Field, l *level) {
	if depth > maxDepth {
		w.raw(at, end, depth, f.Name)
		return
	}
	switch f.Kind {
	case nl.KindStruct:
		w.structures(at, end, depth, f)
	case nl.KindNest:
		sub := f.Sub
		if f.Type == uint16(rtnl.IFLA_PROTINFO) && l.s == &rtnl.LinkAttrs && w.m.family == unix.AF_INET6 {
			sub = &rtnl.Inet6Attrs // the other link messages that have one
		}
		if sub == nil {
			w.raw(at, end, depth, f.Name)
			return
		}
		w.attributes(at, end, depth, sub)
	case nl.KindArray:
		w.array(at, end, depth, f)
	case nl.KindSelect:
		i := f.Type & 1 // IFLA_INFO_DATA is 2, IFLA_INFO_SLAVE_DATA 5
		if l.by[i] != f {
			l.by[i], l.sub[i] = f, w.selected(f, l)
		}
		if l.sub[i] != nil {
			w.attributes(at, end, depth, l.sub[i])
			return
		}
		w.raw(at, end, depth, f.Name)
	case nl.KindMessage:
		if w.m.known == nil || w.m.known.Attrs != &rtnl.LinkAttrs {
			w.raw(at, end, depth, f.Name)
			return
		}
		w.fixed(at, end, depth)
	case nl.KindHops:
		w.hops(at, end, depth, f, l.s)
	case nl.KindVia:
		if end-at < f.Layout.Size {
			w.raw(at, end, depth, f.Name)
			return
		}
		family := w.u16(at)
		w.structure(at, at+f.Layout.Size, depth, f.Layout)
		at += f.Layout.Size
		w.address(at, end, family == unix.AF_MPLS).span(at, end, depth, "rtvia_addr", IP)
	default:
		w.scalar(at, end, depth, f.Name, f.Kind, f.Unit, f.Names, f)
	}
}

// array walks attributes whose numbers are only places in a list.
func (w *walker) array(at, end, depth int, f *nl.Field) {
	for at < end && !w.ended {
		n := 0
		if end-at >= nl.AttrHeaderLen {
			n = int(w.u16(at))
		}
		if n < nl.AttrHeaderLen || n > end-at {
			w.say("not an element of a list").span(at, end, depth, "", Broken)
			return
		}
		w.say("number ").int(int64(w.u16(at+2) & 0x3fff)).say(", ").int(int64(n)).say(" bytes")
		w.span(at, at+nl.AttrHeaderLen, depth, "element", Attribute)
		to := at + n
		if f.Sub != nil {
			w.attributes(at+nl.AttrHeaderLen, to, depth+1, f.Sub)
		} else {
			w.scalar(at+nl.AttrHeaderLen, to, depth+1, "element", f.Elem, nl.UnitNone, nil, nil)
		}
		pad := min(at+align(n), end)
		w.span(to, pad, depth, "", Padding)
		at = pad
	}
}

// find returns where the payload of the last attribute of a type is, as the
// kernel takes it.
func (w *walker) find(at, end int, typ uint16) (from, to int) {
	for end-at >= nl.AttrHeaderLen {
		n := int(w.u16(at))
		if n < nl.AttrHeaderLen || n > end-at {
			break
		}
		if w.u16(at+2)&0x3fff == typ {
			from, to = at+nl.AttrHeaderLen, at+n
		}
		at += align(n)
	}
	return from, to
}

// selected returns the table that a sibling chooses.
func (w *walker) selected(f *nl.Field, l *level) *nl.Schema {
	from, to := w.find(l.at, l.end, f.By)
	if row := l.s.Field(f.By); row != nil && row.Kind == nl.KindU16 {
		if to-from != 2 {
			return nil
		}
		return f.Case([]byte(row.Names.Name(uint32(w.u16(from)))))
	}
	name := text(w.p[from:to])
	if from == to && l.s == &rtnl.LinkInfoAttrs {
		// iproute2 sends a port's settings (ip link set ... type bridge_slave)
		// beside an IFLA_INFO_KIND with that word, and the kernel takes them for
		// whatever the port's master is.
		from, to = w.find(l.at, l.end, uint16(rtnl.IFLA_INFO_KIND))
		name = text(w.p[from:to])
		if n := len(name) - len("_slave"); n > 0 && string(name[n:]) == "_slave" {
			name = name[:n]
		}
	}
	return f.Case(name)
}

// text returns what comes before the first NUL.
func text(p []byte) []byte {
	for i, c := range p {
		if c == 0 {
			return p[:i]
		}
	}
	return p
}

// hops walks RTA_MULTIPATH.
func (w *walker) hops(at, end, depth int, f *nl.Field, s *nl.Schema) {
	for at < end && !w.ended {
		n := 0
		if end-at >= f.Layout.Size {
			n = int(w.u16(at))
		}
		if n < f.Layout.Size || n > end-at {
			w.say("not a next hop").span(at, end, depth, "", Broken)
			return
		}
		w.structure(at, at+f.Layout.Size, depth, f.Layout)
		w.attributes(at+f.Layout.Size, at+n, depth+1, s)
		pad := min(at+align(n), end)
		w.span(at+n, pad, depth, "", Padding)
		at = pad
	}
}

// structures walks a structure, others of its kind behind it, or attributes.
func (w *walker) structures(at, end, depth int, f *nl.Field) {
	l := f.Layout
	w.structure(at, min(at+l.Size, end), depth, l)
	for at += l.Size; f.Repeats && at < end && !w.ended; at += l.Size {
		w.structure(at, min(at+l.Size, end), depth, l)
	}
	switch {
	case at >= end:
	case f.Sub != nil:
		w.attributes(at, end, depth, f.Sub)
	default:
		w.raw(at, end, depth, "more") // a newer kernel's structure
	}
}

// structure walks the members of l, or as many of them as there are bytes for.
func (w *walker) structure(at, end, depth int, l *nl.Layout) {
	done := at
	for i := range l.Members {
		m := &l.Members[i]
		from := at + m.Off
		to := from + memberSize(m)
		if to > end {
			break
		}
		w.span(done, from, depth, "", Padding)
		if m.Kind == nl.KindUnused {
			w.reserved(from, to).span(from, to, depth, m.Name, Padding)
		} else {
			w.scalar(from, to, depth, m.Name, m.Kind, m.Unit, m.Names, nil)
		}
		done = to
	}
	if end-at >= l.Size {
		w.span(done, at+l.Size, depth, "", Padding)
		done = at + l.Size
	}
	w.raw(done, end, depth, l.Name)
}

func memberSize(m *nl.Member) int {
	switch m.Kind {
	case nl.KindU16, nl.KindS16, nl.KindBE16:
		return 2
	case nl.KindU32, nl.KindS32, nl.KindBE32, nl.KindIndex:
		return 4
	case nl.KindU64, nl.KindS64, nl.KindBE64:
		return 8
	case nl.KindIP:
		if m.Size == 0 {
			return 4
		}
	}
	return max(m.Size, 1)
}
