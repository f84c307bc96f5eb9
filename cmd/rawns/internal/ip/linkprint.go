package ip

import (
	"strconv"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl"
	"rawns/nl/rtnl"
	"rawns/ns"
)

// linkPrinter writes links as "ip link" and "ip address" do.
type linkPrinter struct {
	*printer
	r       *runner
	g       *globals
	family  uint8 // whose addresses are listed besides: AF_PACKET is none's
	noQueue bool  // say nothing of txqlen
	link    bool  // this is "ip link": some things are said there alone
	nsids   map[int32]string
	tb      [64]nl.Attr // the attributes of the link being written, by type
	attrs   *nl.Schema  // of the kind being written
	// inherits: the kind's TTL is the inner packet's.
	inherits bool
}

// entry writes one link of a list; a link that the filter leaves out is an
// empty object in JSON, as in iproute2.
func (p *linkPrinter) entry(f *linkFilter, l rtnl.Link) {
	l.Attrs.Index(p.tb[:])
	p.indexed(f, l)
}

// indexed is entry for a link whose attributes are in p.tb.
func (p *linkPrinter) indexed(f *linkFilter, l rtnl.Link) {
	p.Obj("")
	if f.match(&l) {
		p.printIndexed(&l)
	}
	p.EndObj()
}

func (p *linkPrinter) at(a uint16) nl.Attr { return p.tb[a] }

//go:noinline
func (p *linkPrinter) u32(a nl.AttrU32) (uint32, bool) { return p.tb[a].U32() }

// print writes one link, up to the end of its last line.
func (p *linkPrinter) print(l *rtnl.Link) {
	l.Attrs.Index(p.tb[:])
	p.printIndexed(l)
}

func (p *linkPrinter) printIndexed(l *rtnl.Link) {
	if p.g.brief {
		p.brief(l)
		return
	}
	p.Int("ifindex", "", int64(l.Index), ": ")
	down := p.name(l, 0)
	p.flags(l.Flags, down)
	if v, ok := p.u32(rtnl.IFLA_MTU); ok {
		p.Int("mtu", "mtu ", int64(v), " ")
	}
	p.xdp()
	if a := p.at(uint16(rtnl.IFLA_QDISC)); a.Present() {
		p.Str("qdisc", "qdisc ", string(a.Str()), " ")
	}
	if v, ok := p.u32(rtnl.IFLA_MASTER); ok {
		p.Str("master", "master ", p.r.name(int32(v)), " ")
	}
	if v, ok := p.at(uint16(rtnl.IFLA_OPERSTATE)).U8(); ok {
		p.operState(v)
	}
	if v, ok := p.at(uint16(rtnl.IFLA_LINKMODE)).U8(); ok && p.link {
		if v < 2 {
			p.Str("linkmode", "mode ", rtnl.LinkModes.Name(uint32(v)), " ")
		} else {
			p.Int("linkmode_index", "mode ", int64(v), " ")
		}
	}
	if v, ok := p.u32(rtnl.IFLA_GROUP); ok {
		p.Str("group", "group ", groups.name(v, p.num), " ")
	}
	if v, ok := p.u32(rtnl.IFLA_TXQLEN); ok && v != 0 && !p.noQueue {
		p.Int("txqlen", "qlen ", int64(int32(v)), "")
	}
	if v, ok := p.u32(rtnl.IFLA_EVENT); ok && v != 0 {
		if int(v) < len(linkEvents) {
			p.Str("event", "event ", linkEvents[v], " ")
		} else {
			p.Uint("event", "event ", uint64(v), " ")
		}
	}
	if p.family == unix.AF_UNSPEC || p.family == unix.AF_PACKET || p.g.details > 0 {
		p.addresses(l)
	}
	p.otherNetns()
	p.protoDown()
	if p.g.details > 0 {
		p.details()
	}
	if a := p.at(uint16(rtnl.IFLA_IFALIAS)); a.Present() && (p.link || p.g.details > 0) {
		p.NL()
		p.Str("ifalias", "    alias ", string(a.Str()), "")
	}
	if p.link && p.g.stats > 0 {
		p.NL()
		p.statistics()
	}
	if p.link || p.g.details > 0 {
		p.virtualFunctions(l)
	}
	p.altNames()
	p.End()
}

// brief writes one line, of fixed columns.
func (p *linkPrinter) brief(l *rtnl.Link) {
	down := p.name(l, 16)
	if v, ok := p.at(uint16(rtnl.IFLA_OPERSTATE)).U8(); ok {
		p.operState(v)
	}
	if p.family != unix.AF_PACKET {
		return
	}
	if a := p.at(uint16(rtnl.IFLA_ADDRESS)); a.Present() {
		p.in(colMAC).lladdr("address", a.Bytes(), l.Type, " ")
	}
	p.flags(l.Flags, down)
	p.End()
}

// name writes what the link is called, and which other one it hangs on. It
// tells whether that one is down. With width, the text is a column.
func (p *linkPrinter) name(l *rtnl.Link, width int) (down bool) {
	name := "<nil>"
	if a := p.at(uint16(rtnl.IFLA_IFNAME)); a.Present() {
		name = string(a.Str())
	}
	under := ""
	if v, ok := p.u32(rtnl.IFLA_LINK); ok {
		switch {
		case v == 0 && p.json:
			p.JNull("link")
		case v == 0:
			under = "NONE"
		case p.at(uint16(rtnl.IFLA_LINK_NETNSID)).Present() && p.json:
			p.JInt("link_index", int64(int32(v)))
		case p.at(uint16(rtnl.IFLA_LINK_NETNSID)).Present():
			under = "if" + strconv.FormatUint(uint64(v), 10)
		default:
			d := p.r.byIndex(int32(v))
			down = d.flags&unix.IFF_UP == 0
			under = d.name
			p.JStr("link", under)
		}
	}
	if p.json {
		p.JStr("ifname", name)
		return down
	}
	if under != "" {
		name += "@" + under
	}
	p.in(colIfname)
	if width == 0 {
		p.Str("", "", name, ": ")
		return down
	}
	name = cli.Safe(name)
	p.Str("", "", name, blanks[:max(width-len(name), 0)+1])
	return down
}

// linkEvents are IFLA_EVENT_, linux/if_link.h, in iproute2's words: why a link is
// announced.
var linkEvents = [...]string{1: "REBOOT", "FEATURE CHANGE", "BONDING FAILOVER", "NOTIFY PEERS", "RESEND IGMP", "BONDING OPTION"}

// flagOrder is the order in which IFF_ flags are written.
var flagOrder = [...]uint32{
	unix.IFF_LOOPBACK, unix.IFF_BROADCAST, unix.IFF_POINTOPOINT, unix.IFF_MULTICAST, unix.IFF_NOARP, unix.IFF_ALLMULTI,
	unix.IFF_PROMISC, unix.IFF_MASTER, unix.IFF_SLAVE, unix.IFF_DEBUG, unix.IFF_DYNAMIC, unix.IFF_AUTOMEDIA, unix.IFF_PORTSEL,
	unix.IFF_NOTRAILERS, unix.IFF_UP, unix.IFF_LOWER_UP, unix.IFF_DORMANT, unix.IFF_ECHO,
}

// flags writes the IFF_ flags, and M-DOWN if the link below is down.
func (p *linkPrinter) flags(v uint32, down bool) {
	p.Arr("flags", "<")
	sep := ""
	put := func(name string) {
		p.Str("", sep, name, "")
		sep = ","
	}
	if v&unix.IFF_UP != 0 && v&unix.IFF_RUNNING == 0 {
		put("NO-CARRIER")
	}
	v &^= unix.IFF_RUNNING
	for _, f := range flagOrder {
		if v&f != 0 {
			put(rtnl.LinkFlags.Name(f))
			v &^= f
		}
	}
	if v != 0 {
		put(strconv.FormatUint(uint64(v), 16))
	}
	if down {
		p.Str("", ",", "M-DOWN", "")
	}
	p.EndArr("> ")
}

func (p *linkPrinter) operState(v uint8) {
	s := rtnl.OperStates.Name(uint32(v))
	if s == "" {
		p.JUint("operstate_index", uint64(v))
		p.T("state 0x", strconv.FormatUint(uint64(v), 16))
		return
	}
	after := " "
	if p.g.brief {
		after = blanks[:max(14-len(s), 0)+1]
	} else {
		p.T("state ")
	}
	switch rtnl.OperStates.Name(uint32(v)) {
	case "UP":
		p.in(colUp)
	case "DOWN":
		p.in(colDown)
	}
	p.Str("operstate", "", s, after)
}

const blanks = "                    "

// addresses writes the line of link-layer addresses.
func (p *linkPrinter) addresses(l *rtnl.Link) {
	p.NL()
	p.Str("link_type", "    link/", linkTypeName(l.Type, p.num), " ")
	addr := p.at(uint16(rtnl.IFLA_ADDRESS))
	if addr.Present() {
		p.in(colMAC).lladdr("address", addr.Bytes(), l.Type, "")
	}
	if a := p.at(uint16(rtnl.IFLA_BROADCAST)); a.Present() {
		if l.Flags&unix.IFF_POINTOPOINT != 0 {
			p.T(" peer ")
			p.JBool("link_pointtopoint", true)
		} else {
			p.T(" brd ")
		}
		p.in(colMAC).lladdr("broadcast", a.Bytes(), l.Type, "")
	}
	if a := p.at(uint16(rtnl.IFLA_PERM_ADDRESS)); a.Present() && string(a.Bytes()) != string(addr.Bytes()) {
		p.T(" permaddr ")
		p.in(colMAC).lladdr("permaddr", a.Bytes(), l.Type, "")
	}
}

func linkTypeName(t uint16, numeric bool) string {
	if s := rtnl.ARPHRDs.Name(uint32(t)); s != "" && !numeric {
		return s
	}
	return "[" + strconv.Itoa(int(t)) + "]"
}

// lladdr writes a link-layer address.
func (p *printer) lladdr(k string, a []byte, typ uint16, after string) {
	if p.json {
		p.key(k)
		p.o.C('"')
	} else {
		p.colorOn()
	}
	p.o.B = appendLladdr(p.o.B, a, typ)
	if p.json {
		p.o.C('"')
		return
	}
	p.o.S(after)
	p.colorOff()
}

func appendLladdr(dst, a []byte, typ uint16) []byte {
	switch {
	case len(a) == 4 && (typ == unix.ARPHRD_TUNNEL || typ == unix.ARPHRD_SIT || typ == unix.ARPHRD_IPGRE),
		len(a) == 16 && (typ == unix.ARPHRD_TUNNEL6 || typ == unix.ARPHRD_IP6GRE):
		return cli.AppendIP(dst, a)
	}
	return cli.AppendMAC(dst, a)
}

// otherNetns writes in which namespace the other end is, or where the link
// has gone.
func (p *linkPrinter) otherNetns() {
	if v, ok := p.at(uint16(rtnl.IFLA_LINK_NETNSID)).U32(); ok {
		id := int32(v)
		name := ""
		if !p.json && id >= 0 {
			name = p.nsidName(id)
		}
		switch {
		case p.json:
			p.JInt("link_netnsid", int64(id))
		case name != "":
			p.Str("", " link-netns ", name, "")
		case id >= 0:
			p.Int("", " link-netnsid ", int64(id), "")
		default:
			p.T(" link-netnsid unknown")
		}
	}
	if v, ok := p.at(uint16(rtnl.IFLA_NEW_NETNSID)).U32(); ok && !p.json {
		if name := p.nsidName(int32(v)); name != "" {
			p.Str("", " new-netns ", name, "")
		} else {
			p.Int("", " new-netnsid ", int64(int32(v)), "")
		}
	}
	if v, ok := p.at(uint16(rtnl.IFLA_NEW_IFINDEX)).U32(); ok && !p.json {
		p.Int("", " new-ifindex ", int64(int32(v)), "")
	}
}

// nsidName returns the name of the namespace that has a number here, or "".
// All named namespaces are looked at, once.
func (p *linkPrinter) nsidName(id int32) string {
	if p.nsids == nil {
		p.nsids = make(map[int32]string)
		names, _ := ns.List()
		c, err := p.r.aside()
		for _, name := range names {
			if err != nil {
				break
			}
			n, e := ns.Open(name)
			if e != nil {
				continue
			}
			if v, e := n.ID(c); e == nil && v >= 0 {
				p.nsids[v] = name
			}
			n.Close()
		}
	}
	return p.nsids[id]
}

func (p *linkPrinter) protoDown() {
	if v, ok := p.at(uint16(rtnl.IFLA_PROTO_DOWN)).U8(); ok && v != 0 {
		p.Flag("proto_down", " protodown on ")
	}
	reason, _ := p.at(uint16(rtnl.IFLA_PROTO_DOWN_REASON)).Attrs().U32(rtnl.IFLA_PROTO_DOWN_REASON_VALUE)
	if reason == 0 {
		return
	}
	p.Arr("proto_down_reason", "protodown_reason <")
	sep := ""
	for i := range uint32(32) {
		if reason>>i&1 != 0 {
			p.Str("", sep, protoDownReasons.name(i, false), "")
			sep = ","
		}
	}
	p.EndArr(">")
}

// detailNumbers are the plain numbers that -d adds behind the link's kind.
var detailNumbers = [...]struct {
	attr nl.AttrU32
	key  string
	text string
}{
	{rtnl.IFLA_NUM_TX_QUEUES, "num_tx_queues", "numtxqueues "},
	{rtnl.IFLA_NUM_RX_QUEUES, "num_rx_queues", "numrxqueues "},
	{rtnl.IFLA_GSO_MAX_SIZE, "gso_max_size", "gso_max_size "},
	{rtnl.IFLA_GSO_MAX_SEGS, "gso_max_segs", "gso_max_segs "},
	{rtnl.IFLA_TSO_MAX_SIZE, "tso_max_size", "tso_max_size "},
	{rtnl.IFLA_TSO_MAX_SEGS, "tso_max_segs", "tso_max_segs "},
	{rtnl.IFLA_GRO_MAX_SIZE, "gro_max_size", "gro_max_size "},
}

// details writes what -d adds.
func (p *linkPrinter) details() {
	if v, ok := p.u32(rtnl.IFLA_PROMISCUITY); ok {
		p.Uint("promiscuity", " promiscuity ", uint64(v), " ")
	}
	if v, ok := p.u32(rtnl.IFLA_ALLMULTI); ok {
		p.Uint("allmulti", " allmulti ", uint64(v), " ")
	}
	if v, ok := p.u32(rtnl.IFLA_MIN_MTU); ok {
		p.Uint("min_mtu", "minmtu ", uint64(v), " ")
	}
	if v, ok := p.u32(rtnl.IFLA_MAX_MTU); ok {
		p.Uint("max_mtu", "maxmtu ", uint64(v), " ")
	}
	if a := p.at(uint16(rtnl.IFLA_LINKINFO)); a.Present() {
		p.linkInfo(a.Attrs())
	}
	if p.link {
		p.addrGenMode(p.at(uint16(rtnl.IFLA_AF_SPEC)).Attrs())
	}
	for i := range detailNumbers {
		d := &detailNumbers[i]
		if v, ok := p.u32(d.attr); ok {
			p.Uint(d.key, d.text, uint64(v), " ")
		}
	}
	if a := p.at(uint16(rtnl.IFLA_PHYS_PORT_NAME)); a.Present() {
		p.Str("phys_port_name", "portname ", string(a.Str()), " ")
	}
	if a := p.at(uint16(rtnl.IFLA_PHYS_PORT_ID)); a.Present() {
		p.Str("phys_port_id", "portid ", hexText(a.Bytes()), " ")
	}
	if a := p.at(uint16(rtnl.IFLA_PHYS_SWITCH_ID)); a.Present() {
		p.Str("phys_switch_id", "switchid ", hexText(a.Bytes()), " ")
	}
	if a := p.at(uint16(rtnl.IFLA_PARENT_DEV_BUS_NAME)); a.Present() {
		p.Str("parentbus", "parentbus ", string(a.Str()), " ")
	}
	if a := p.at(uint16(rtnl.IFLA_PARENT_DEV_NAME)); a.Present() {
		p.Str("parentdev", "parentdev ", string(a.Str()), " ")
	}
}

func hexText(b []byte) string {
	s := make([]byte, 0, 2*len(b))
	for _, c := range b {
		s = append(s, hexdigits[c>>4], hexdigits[c&15])
	}
	return string(s)
}

// linkInfo writes the link's kind with its options, and the same for the kind
// of port that it is.
func (p *linkPrinter) linkInfo(info nl.Attrs) {
	p.Obj("linkinfo")
	if k, ok := info.StrN(rtnl.IFLA_INFO_KIND); ok {
		p.NL()
		p.Str("info_kind", "    ", string(k), " ")
		p.kind("info_data", string(k), k, info, rtnl.IFLA_INFO_DATA)
	}
	if k, ok := info.StrN(rtnl.IFLA_INFO_SLAVE_KIND); ok {
		p.NL()
		p.Str("info_slave_kind", "    ", string(k), p.pick("_slave ", ""))
		p.kind("info_slave_data", string(k)+"_slave", k, info, rtnl.IFLA_INFO_SLAVE_DATA)
	}
	p.EndObj()
}

// kind writes the options of a kind, or of a kind of port.
func (p *linkPrinter) kind(key, name string, selector []byte, info nl.Attrs, attr nl.AttrNest) {
	a, ok := info.Get(uint16(attr))
	k := findKind(name)
	switch {
	case k == nil && ok:
		p.Obj(key)
		p.unknown(a.Attrs())
		p.EndObj()
	case k != nil && (k.show != nil || k.fields != nil):
		p.inherits = false
		p.attrs = rtnl.LinkInfoAttrs.Field(uint16(attr)).Case(selector)
		p.Obj(key)
		if k.show != nil {
			k.show(p, a.Attrs())
		} else {
			p.fields(k.fields, a.Attrs())
		}
		p.EndObj()
	}
	if x, ok := info.Get(uint16(rtnl.IFLA_INFO_XSTATS)); ok && k != nil && k.xstats != nil && p.g.stats > 0 && attr == rtnl.IFLA_INFO_DATA {
		p.Obj("info_xstats")
		k.xstats(p, x)
		p.EndObj()
	}
}

// unknown writes attributes that no table names: their numbers, and the bytes.
func (p *linkPrinter) unknown(as nl.Attrs) {
	for a := range as.All() {
		n := strconv.Itoa(int(a.Type()))
		p.Str("attr_"+n, "attr "+n+" ", "0x"+hexText(a.Bytes()), " ")
	}
}

// pick returns what differs between text and JSON.
func (p *printer) pick(text, json string) string {
	if p.json {
		return json
	}
	return text
}

func (p *linkPrinter) addrGenMode(spec nl.Attrs) {
	v, ok := spec.Nest(rtnl.IFLA_AF_INET6).U8(rtnl.IFLA_INET6_ADDR_GEN_MODE)
	if !ok {
		return
	}
	s := rtnl.AddrGenModes.Name(uint32(v))
	if s == "" {
		s = "0x" + hexText([]byte{v})
	}
	p.Str("inet6_addr_gen_mode", "addrgenmode ", s, " ")
}

// xdpModes are XDP_ATTACHED_, linux/if_link.h.
var xdpModes = [...]string{1: "xdp", 2: "xdpgeneric", 3: "xdpoffload", 4: "xdpmulti"}

// xdp says on the first line that packets meet a program.
func (p *linkPrinter) xdp() {
	as := p.at(uint16(rtnl.IFLA_XDP)).Attrs()
	mode, _ := as.U8(rtnl.IFLA_XDP_ATTACHED)
	if mode == 0 || int(mode) >= len(xdpModes) || p.json {
		return
	}
	p.T(xdpModes[mode])
	if id, ok := as.U32(rtnl.IFLA_XDP_PROG_ID); ok && !p.link {
		p.Uint("", "/id:", uint64(id), "")
	}
	p.T(" ")
}

func (p *linkPrinter) altNames() {
	list := p.at(uint16(rtnl.IFLA_PROP_LIST))
	if !list.Present() {
		return
	}
	p.Arr("altnames", "")
	for a := range list.Attrs().All() {
		if a.Type() == uint16(rtnl.IFLA_ALT_IFNAME) {
			p.NL()
			p.Str("", p.pick("    altname ", ""), string(a.Str()), "")
		}
	}
	p.EndArr("")
}
