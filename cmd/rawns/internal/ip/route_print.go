package ip

import (
	"encoding/binary"
	"strconv"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl"
	"rawns/nl/rtnl"
)

// rtaCount is how many RTA_ numbers are known, 0 included.
const rtaCount = int(rtnl.RTA_FLOWLABEL) + 1

// A routeView is a received route with its attributes sorted.
type routeView struct {
	rtnl.Route
	at    [rtaCount]nl.Attr
	table uint32
}

func (v *routeView) parse(m nl.Message) (err error) {
	if v.Route, err = rtnl.ParseRouteIndex(m, v.at[:]); err != nil {
		return err
	}
	v.table = uint32(v.RtMsg.Table)
	if t, ok := v.at[rtnl.RTA_TABLE].U32(); ok {
		v.table = t
	}
	return nil
}

// Families of multicast routes, linux/rtnetlink.h.
const (
	familyIPMR  = 128
	familyIP6MR = 129
)

// addrFamily is the family of a route's own addresses.
func (v *routeView) addrFamily() uint8 {
	if v.Type == unix.RTN_MULTICAST {
		switch v.Family {
		case familyIPMR:
			return unix.AF_INET
		case familyIP6MR:
			return unix.AF_INET6
		}
	}
	return v.Family
}

// route writes a route. f is what the list was restricted to: what it makes
// plain is not repeated.
func (p *printer) route(r *runner, m nl.Message, v *routeView, f *routeFilter) {
	p.Obj("")
	if m.Type() == unix.RTM_DELROUTE {
		p.Flag("deleted", "Deleted ")
	}
	details := r.g.details > 0
	if v.Type != unix.RTN_UNICAST || details {
		p.Str("type", "", routeTypeName(v.Type, p.num), " ")
	}
	host := addrBits(v.Family)
	p.routeDst(v, host)
	p.routeSrc(v, host)
	if id, ok := v.at[rtnl.RTA_NH_ID].U32(); ok {
		p.Uint("nhid", "nhid ", uint64(id), " ")
	}
	p.newDst(v.Family, v.at[rtnl.RTA_NEWDST])
	p.encap(r, v.at[rtnl.RTA_ENCAP_TYPE], v.at[rtnl.RTA_ENCAP])
	if v.Tos != 0 && !f.byTos {
		p.Str("tos", "tos ", tosNames.name(uint32(v.Tos), p.num), " ")
	}
	if f.via.bits != host {
		p.gateway(v.Family, v.at[rtnl.RTA_GATEWAY])
	}
	p.routeVia(v.at[rtnl.RTA_VIA])
	if i, ok := v.at[rtnl.RTA_OIF].U32(); ok && f.oif == "" {
		p.routeDevice("dev", r.name(int32(i)))
	}
	if v.table != 0 && (v.table != unix.RT_TABLE_MAIN || details) && f.table == 0 {
		p.Str("table", "table ", tableNames.name(v.table, p.num), " ")
	}
	if v.Flags&unix.RTM_F_CLONED == 0 {
		if (v.Protocol != unix.RTPROT_BOOT || details) && !f.byProto {
			p.Str("protocol", "proto ", protoNames.name(uint32(v.Protocol), p.num), " ")
		}
		if (v.Scope != unix.RT_SCOPE_UNIVERSE || details) && !f.byScope {
			p.Str("scope", "scope ", scopeNames.name(uint32(v.Scope), p.num), " ")
		}
	}
	if a := v.at[rtnl.RTA_PREFSRC]; a.Present() && f.src.bits != host {
		p.T("src ")
		p.in(familyColor(v.Family)).prefixText("prefsrc", "", v.Family, a.Bytes(), noLen, " ")
	}
	if n, ok := v.at[rtnl.RTA_PRIORITY].U32(); ok && !f.byMetric {
		p.Uint("metric", "metric ", uint64(n), " ")
	}
	p.routeFlags(v.Flags)
	if n, ok := v.at[rtnl.RTA_MARK].U32(); ok && n != 0 {
		switch {
		case p.json || n < 16:
			p.Uint("mark", "mark ", uint64(n), " ")
		default:
			p.Hex("", "mark ", uint64(n), " ")
		}
	}
	if n, ok := v.at[rtnl.RTA_FLOW].U32(); ok && f.realmMask != 1<<32-1 {
		p.realms(n)
	}
	if n, ok := v.at[rtnl.RTA_UID].U32(); ok {
		p.Uint("uid", "uid ", uint64(n), " ")
	}
	if v.Family == unix.AF_INET && v.Flags&unix.RTM_F_CLONED != 0 {
		p.cacheFlags(v.Flags)
	}
	if v.Family == unix.AF_INET || v.Family == unix.AF_INET6 {
		p.routeCache(v.at[rtnl.RTA_CACHEINFO].Bytes(), r.g.stats > 0)
	}
	if a := v.at[rtnl.RTA_METRICS]; a.Present() {
		p.metrics(a.Attrs())
	}
	if i, ok := v.at[rtnl.RTA_IIF].U32(); ok && f.iif == "" {
		p.routeDevice("iif", r.name(int32(i)))
	}
	if n, ok := v.at[rtnl.RTA_PREF].U8(); ok {
		p.routePref(n)
	}
	if n, ok := v.at[rtnl.RTA_TTL_PROPAGATE].U8(); ok {
		p.ttlPropagate(n != 0)
	}
	if id, ok := v.at[rtnl.RTA_NH_ID].U32(); ok && details {
		p.nexthopInfo(r, id)
	}
	if a := v.at[rtnl.RTA_MULTIPATH]; a.Present() {
		p.multipath(r, v, a.Bytes())
	}
	p.End()
	p.EndObj()
}

// routeReply is what shows the route that answers a request.
func (p *printer) routeReply(r *runner, m nl.Message) {
	var v routeView
	if v.parse(m) != nil {
		p.Obj("")
		p.EndObj()
		return
	}
	p.route(r, m, &v, &routeFilter{})
}

func routeTypeName(t uint8, numeric bool) string {
	if s := rtnl.RouteTypes.Name(uint32(t)); s != "" && !numeric {
		return s
	}
	return strconv.Itoa(int(t))
}

func (p *printer) routeDst(v *routeView, host int) {
	a := v.at[rtnl.RTA_DST]
	switch family := v.addrFamily(); {
	case a.Present() && int(v.DstLen) == host:
		p.in(familyColor(family)).addrText("dst", family, a.Bytes(), " ")
	case a.Present():
		p.in(familyColor(family)).prefixText("dst", "", family, a.Bytes(), v.DstLen, " ")
	case v.DstLen != 0:
		p.Str("dst", "", "0/"+strconv.Itoa(int(v.DstLen))+" ", " ")
	default:
		p.Str("dst", "", "default", " ")
	}
}

func (p *printer) routeSrc(v *routeView, host int) {
	a := v.at[rtnl.RTA_SRC]
	switch family := v.addrFamily(); {
	case a.Present() && int(v.SrcLen) == host:
		p.in(familyColor(family)).hostText("from", "from ", family, a.Bytes(), " ")
	case a.Present():
		p.in(familyColor(family)).prefixText("from", "from ", family, a.Bytes(), v.SrcLen, " ")
	case v.SrcLen != 0:
		p.Str("src", "from ", "0/"+strconv.Itoa(int(v.SrcLen)), " ")
	}
}

// noLen leaves the length of a network out.
const noLen = 255

// addrText writes an address of a family; with -r, the name that it has.
//
//go:noinline
func (p *printer) addrText(k string, family uint8, a []byte, after string) {
	p.hostText(k, "", family, a, after)
}

// hostText is addrText with text before the address.
func (p *printer) hostText(k, before string, family uint8, a []byte, after string) {
	if name := p.hosts.name(family, a); name != "" {
		p.Str(k, before, name, after)
		return
	}
	p.prefixText(k, before, family, a, noLen, after)
}

// prefixText writes an address and the length of its network.
func (p *printer) prefixText(k, before string, family uint8, a []byte, bits uint8, after string) {
	o := p.o
	if p.json {
		p.key(k)
		o.C('"')
	} else {
		p.colorOn()
		o.S(before)
	}
	o.B = appendAddr(o.B, family, a)
	if bits != noLen {
		o.C('/').U(uint64(bits))
	}
	if p.json {
		o.C('"')
		return
	}
	o.S(after)
	p.colorOff()
}

// appendAddr appends an address as its family writes it.
func appendAddr(dst []byte, family uint8, a []byte) []byte {
	switch family {
	case unix.AF_INET, unix.AF_INET6:
		if len(a)*8 == addrBits(family) {
			return cli.AppendIP(dst, a)
		}
	case unix.AF_PACKET:
		return cli.AppendMAC(dst, a)
	case unix.AF_MPLS:
		return appendLabels(dst, a)
	}
	return append(dst, "???"...)
}

// appendLabels appends an MPLS label stack (RFC 3032): 20 bits of each four
// bytes are the label, bit 8 marks the last.
func appendLabels(dst, a []byte) []byte {
	for i := 0; len(a) >= 4; i++ {
		v := binary.BigEndian.Uint32(a)
		if i > 0 {
			dst = append(dst, '/')
		}
		dst = strconv.AppendUint(dst, uint64(v>>12), 10)
		if v&0x100 != 0 {
			break
		}
		a = a[4:]
	}
	return dst
}

func (p *printer) newDst(family uint8, a nl.Attr) {
	if a.Present() {
		p.T("as to ")
		p.in(familyColor(family)).addrText("to", family, a.Bytes(), " ")
	}
}

func (p *printer) gateway(family uint8, a nl.Attr) {
	if a.Present() {
		p.T("via ")
		p.in(familyColor(family)).addrText("gateway", family, a.Bytes(), " ")
	}
}

// routeVia writes RTA_VIA.
func (p *printer) routeVia(a nl.Attr) {
	family, addr, ok := splitVia(a.Bytes())
	if !ok {
		return
	}
	p.Obj("via")
	p.Str("family", "via ", familyName(family), " ")
	p.in(familyColor(family)).addrText("host", family, addr, " ")
	p.EndObj()
}

// splitVia takes RTA_VIA apart, a gateway of another family than the route's:
// the family in two bytes, then the address.
func splitVia(b []byte) (family uint8, addr []byte, ok bool) {
	if len(b) < 2 {
		return 0, nil, false
	}
	if n := binary.NativeEndian.Uint16(b); n < 256 {
		family = uint8(n)
	}
	return family, b[2:], true
}

func (p *printer) routeDevice(k, name string) {
	p.T(k, " ")
	p.in(colIfname).Str(k, "", name, " ")
}

// routeFlagWords are RTNH_F_ and RTM_F_ bits, in the order in which they are
// listed.
var routeFlagWords = [...]nl.Name{
	{Value: unix.RTNH_F_DEAD, Name: "dead"}, {Value: unix.RTNH_F_ONLINK, Name: "onlink"},
	{Value: unix.RTNH_F_PERVASIVE, Name: "pervasive"}, {Value: unix.RTNH_F_OFFLOAD, Name: "offload"},
	{Value: unix.RTNH_F_TRAP, Name: "trap"}, {Value: unix.RTM_F_NOTIFY, Name: "notify"},
	{Value: unix.RTNH_F_LINKDOWN, Name: "linkdown"}, {Value: unix.RTNH_F_UNRESOLVED, Name: "unresolved"},
	{Value: unix.RTM_F_OFFLOAD, Name: "rt_offload"}, {Value: unix.RTM_F_TRAP, Name: "rt_trap"},
	{Value: unix.RTM_F_OFFLOAD_FAILED, Name: "rt_offload_failed"},
}

func (p *printer) routeFlags(flags uint32) {
	p.Arr("flags", "")
	for _, f := range routeFlagWords {
		if flags&f.Value != 0 {
			p.Str("", "", f.Name, " ")
		}
	}
	p.EndArr("")
}

// realms writes RTA_FLOW.
func (p *printer) realms(v uint32) {
	from, to := v>>16, v&0xffff
	p.Obj("flow")
	if from != 0 {
		p.Str("from", "realms ", realmNames.name(from, p.num), "/")
	} else {
		p.T("realm ")
	}
	p.Str("to", "", realmNames.name(to, p.num), " ")
	p.EndObj()
}

// cacheFlagWords are RTCF_ bits, linux/in_route.h.
var cacheFlagWords = [...]nl.Name{
	{Value: 0x80000000, Name: "local"}, {Value: 0x40000000, Name: "reject"}, {Value: 0x20000000, Name: "mc"},
	{Value: 0x10000000, Name: "brd"}, {Value: 0x08000000, Name: "dst-nat"}, {Value: 0x00800000, Name: "src-nat"},
	{Value: 0x00400000, Name: "masq"}, {Value: 0x00020000, Name: "dst-direct"}, {Value: 0x04000000, Name: "src-direct"},
	{Value: 0x00040000, Name: "redirected"}, {Value: 0x01000000, Name: "redirect"}, {Value: 0x00200000, Name: "fastroute"},
	{Value: 0x00010000, Name: "notify"}, {Value: 0x00080000, Name: "proxy"},
}

// cacheFlags writes the second line of an IPv4 route that was looked up.
func (p *printer) cacheFlags(flags uint32) {
	flags &^= 0xffff
	p.Arr("cache", p.eol+"    cache ")
	if flags != 0 {
		p.T("<")
	}
	for _, f := range cacheFlagWords {
		if flags&f.Value == 0 {
			continue
		}
		flags &^= f.Value
		after := ","
		if flags == 0 {
			after = "> "
		}
		p.Str("", "", f.Name, after)
	}
	if flags != 0 {
		p.Str("", "", strconv.FormatUint(uint64(flags), 16), ">")
	}
	p.EndArr("")
}

// userHz is how many units of a kernel's clock_t make a second: USER_HZ, 100
// on every architecture that Go knows.
const userHz = 100

// routeCache writes struct rta_cacheinfo.
func (p *printer) routeCache(b []byte, stats bool) {
	if len(b) < 20 { // what is read of it
		return
	}
	u := func(i int) uint32 { return binary.NativeEndian.Uint32(b[4*i:]) }
	users, lastUse, expires, errno, used := u(0), u(1), int32(u(2)), u(3), u(4)
	if expires != 0 {
		p.Int("expires", "expires ", int64(expires/userHz), "sec ")
	}
	if errno != 0 {
		p.Uint("error", "error ", uint64(errno), " ")
	}
	if !stats {
		return
	}
	if users != 0 {
		p.Uint("users", "users ", uint64(users), " ")
	}
	if used != 0 {
		p.Uint("used", "used ", uint64(used), " ")
	}
	if lastUse != 0 {
		p.Uint("age", "age ", uint64(lastUse/userHz), "sec ")
	}
}

func (p *printer) routePref(v uint8) {
	if s := rtnl.RoutePrefs.Name(uint32(v)); s != "" {
		p.Str("pref", "pref ", s, "")
		return
	}
	p.Uint("pref", "", uint64(v), "")
}

// ttlPropagate spells its key as iproute2 does.
func (p *printer) ttlPropagate(on bool) {
	word := "disabled"
	if on {
		word = "enabled"
	}
	p.JBool("ttl-propogate", on)
	p.T("ttl-propogate ", word)
}

// multipath writes the next hops of RTA_MULTIPATH.
func (p *printer) multipath(r *runner, v *routeView, b []byte) {
	looked := v.Flags&unix.RTM_F_CLONED != 0 && v.Type == unix.RTN_MULTICAST
	p.Arr("nexthops", "")
	for first := true; len(b) >= rtnhLen; first = false {
		n := int(binary.NativeEndian.Uint16(b))
		if n < rtnhLen || n > len(b) {
			break
		}
		p.Obj("")
		switch {
		case !looked:
			p.T(p.eol, "\tnexthop ")
		case first:
			p.T("Oifs: ")
		default:
			p.T(" ")
		}
		p.nexthop(r, v, b[:n], looked)
		p.EndObj()
		b = b[min((n+3)&^3, len(b)):]
	}
	p.EndArr("")
}

// nexthop writes one next hop: struct rtnexthop and its attributes.
func (p *printer) nexthop(r *runner, v *routeView, b []byte, looked bool) {
	var at [rtaCount]nl.Attr
	nl.Attrs(b[rtnhLen:]).Index(at[:])
	p.encap(r, at[rtnl.RTA_ENCAP_TYPE], at[rtnl.RTA_ENCAP])
	p.newDst(v.Family, at[rtnl.RTA_NEWDST])
	p.gateway(v.Family, at[rtnl.RTA_GATEWAY])
	p.routeVia(at[rtnl.RTA_VIA])
	if n, ok := at[rtnl.RTA_FLOW].U32(); ok {
		p.realms(n)
	}
	name := r.name(int32(binary.NativeEndian.Uint32(b[rtnhIndex:])))
	hops := int64(b[rtnhHops])
	switch {
	case looked:
		p.Str("dev", "", name, "")
		if hops != 1 {
			p.Int("ttl", "(ttl>", hops, ")")
		}
		p.T(" ")
	default:
		p.Str("dev", "dev ", name, " ")
		if v.Family != unix.AF_MPLS {
			p.Int("weight", "weight ", hops+1, " ")
		}
	}
	p.routeFlags(uint32(b[rtnhFlags]))
}
