//go:build !tiny

package ip

import (
	"encoding/binary"
	"strings"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl"
	"rawns/nl/rtnl"
)

// vfOptions are what follows "vf NUM": one virtual function of a card.
var vfOptions = table{name: "vf", called: "VF", wrong: "Invalid \"%\" value\n", rows: []option{
	{name: "mac", val: valFunc, arg: "LLADDR", parse: vfMAC, about: helps("its link-layer address")},
	{name: "vlan", val: valFunc, arg: "VLANID [ qos VLAN-QOS ] [ proto { 802.1Q | 802.1ad } ]", parse: vfVLAN, about: helps("its VLAN; 0 is none")},
	{name: "rate", val: valFunc, arg: "TXRATE", parse: vfRate, about: helps("the most that it may send, in Mbit/s")},
	{name: "max_tx_rate", val: valFunc, arg: "TXRATE", says: &saying{wrong: "Invalid \"max tx rate\" value\n"}, parse: vfRate, about: helps("the same, with a least")},
	{name: "min_tx_rate", val: valFunc, arg: "TXRATE", says: &saying{wrong: "Invalid \"min tx rate\" value\n"}, parse: vfRate, about: helps("the least that it can send")},
	{name: "spoofchk", val: valFunc, attr: uint16(rtnl.IFLA_VF_SPOOFCHK), arg: "{ on | off }", parse: vfOnOff, about: helps("check the sender's address of what it sends")},
	{name: "query_rss", val: valFunc, attr: uint16(rtnl.IFLA_VF_RSS_QUERY_EN), arg: "{ on | off }", parse: vfOnOff, about: helps("let it ask how packets are spread over queues")},
	{name: "trust", val: valFunc, attr: uint16(rtnl.IFLA_VF_TRUST), arg: "{ on | off }", parse: vfOnOff, about: helps("let it change what concerns others")},
	{name: "state", val: valFunc, attr: uint16(rtnl.IFLA_VF_LINK_STATE), arg: "{ auto | enable | disable }", parse: vfState, about: helps("its link")},
	{name: "node_guid", val: valFunc, attr: uint16(rtnl.IFLA_VF_IB_NODE_GUID), arg: "EUI64", says: &saying{wrong: "Invalid GUID format\n"}, parse: vfGUID, about: helps("for InfiniBand")},
	{name: "port_guid", val: valFunc, attr: uint16(rtnl.IFLA_VF_IB_PORT_GUID), arg: "EUI64", says: &saying{wrong: "Invalid GUID format\n"}, parse: vfGUID, about: helps("for InfiniBand")},
}}

// vfWords are what has been said of one virtual function.
type vfWords struct {
	num       uint32
	newRates  bool // the line gives the smallest or the largest rate
	rate      uint32
	min, max  uint32
	hasRate   bool
	hasMin    bool
	hasMax    bool
	anyOption bool
}

// linkVF reads "vf NUM" and the options behind it.
func linkVF(a *args, st state, o *option) {
	s, w := st.(*linkState), a.next()
	n, ok := parseInt(w)
	switch {
	case a.err != nil:
		return
	case !ok:
		a.bad(o, w)
		return
	case !s.hasDev && !s.hasName:
		a.failf(exitUsage, `Error: argument "dev" is required`)
		return
	}
	list := s.b.Nest(rtnl.IFLA_VFINFO_LIST)
	vf := s.b.Nest(rtnl.IFLA_VF_INFO)
	s.vf = vfWords{num: uint32(n)}
	for _, w := range a.w {
		s.vf.newRates = s.vf.newRates || len(w) > 2 && matches(w, "max_tx_rate") || len(w) > 1 && matches(w, "min_tx_rate")
	}
	var used seen
	for a.err == nil && a.option(&vfOptions, s, &used) {
		s.vf.anyOption = true
	}
	if !s.vf.anyOption && a.err == nil {
		a.w = nil
		a.next() // incomplete
	}
	s.putRates(a)
	s.b.End(vf)
	s.b.End(list)
}

// vfNumbers appends a structure that is the function's number and others.
func (s *linkState) vfNumbers(attr nl.AttrBytes, ns ...uint32) {
	p := binary.NativeEndian.AppendUint32(nil, s.vf.num)
	for _, n := range ns {
		p = binary.NativeEndian.AppendUint32(p, n)
	}
	s.b.Blob(attr, p)
}

func vfMAC(a *args, st state, _ *option) {
	s, w := st.(*linkState), a.next()
	if a.err != nil {
		return
	}
	m := a.lladdr(w)
	p := make([]byte, 4+maxLLAddr) // struct ifla_vf_mac
	binary.NativeEndian.PutUint32(p, s.vf.num)
	copy(p[4:], m)
	s.b.Blob(rtnl.IFLA_VF_MAC, p)
	s.vfAddrLen = len(m)
}

const (
	etherVLAN = 0x8100 // ETH_P_8021Q, linux/if_ether.h
	etherQinQ = 0x88a8 // ETH_P_8021AD
	maxVLAN   = 4095
)

// vfVLAN reads a VLAN, or, if its protocol is not the usual one, a list of
// them, each with the keyword before it.
func vfVLAN(a *args, st state, o *option) {
	s := st.(*linkState)
	vlan, qos, proto := vfOneVLAN(a, o)
	if proto == etherVLAN {
		s.vfNumbers(rtnl.IFLA_VF_VLAN, vlan, qos)
		return
	}
	list := s.b.Nest(rtnl.IFLA_VF_VLAN_LIST)
	for {
		p := make([]byte, 16) // struct ifla_vf_vlan_info
		binary.NativeEndian.PutUint32(p, s.vf.num)
		binary.NativeEndian.PutUint32(p[4:], vlan)
		binary.NativeEndian.PutUint32(p[8:], qos)
		binary.BigEndian.PutUint16(p[12:], proto)
		s.b.Blob(rtnl.IFLA_VF_VLAN_INFO, p)
		if a.err != nil || !matches(a.peek(), "vlan") {
			break
		}
		a.next()
		vlan, qos, proto = vfOneVLAN(a, o)
	}
	s.b.End(list)
}

func vfOneVLAN(a *args, o *option) (vlan, qos uint32, proto uint16) {
	w := a.next()
	v, ok := parseUint(w, 32)
	if a.err == nil && (!ok || v > maxVLAN) {
		a.bad(o, w)
	}
	vlan, proto = uint32(v), etherVLAN
	if matches(a.peek(), "qos") {
		a.next()
		w = a.next()
		if v, ok = parseUint(w, 32); a.err == nil && !ok {
			a.wrong(w, "Invalid \"qos\" value\n")
		}
		qos = uint32(v)
	}
	if matches(a.peek(), "proto") {
		a.next()
		w = a.next()
		switch proto, ok = parseProto(w); {
		case a.err != nil:
		case !ok:
			a.wrong(w, "protocol is invalid\n")
		case proto != etherVLAN && proto != etherQinQ:
			a.wrong(w, "Invalid \"vlan protocol\" value - supported 802.1Q, 802.1ad\n")
		}
	}
	return vlan, qos, proto
}

// vfRate reads a rate. The plain one is an attribute of its own, unless the
// smallest or the largest is given, too: then it is the largest.
func vfRate(a *args, st state, o *option) {
	s, w := st.(*linkState), a.next()
	v, ok := parseUint(w, 32)
	if a.err == nil && !ok {
		a.bad(o, w)
	}
	n := uint32(v)
	switch {
	case o.name == "max_tx_rate":
		s.vf.max, s.vf.hasMax = n, true
	case o.name == "min_tx_rate":
		s.vf.min, s.vf.hasMin = n, true
	case s.vf.newRates:
		s.vf.rate, s.vf.hasRate = n, true
	default:
		s.vfNumbers(rtnl.IFLA_VF_TX_RATE, n)
	}
}

// putRates appends the smallest and the largest rate. One that is not given
// stays as it is: it must be sent, and so asked for first.
func (s *linkState) putRates(a *args) {
	v := s.vf
	switch {
	case a.err != nil || !v.newRates:
		return
	case !v.hasMin && !v.hasMax:
		if v.hasRate { // the keyword was something else's value
			s.vfNumbers(rtnl.IFLA_VF_TX_RATE, v.rate)
		}
		return
	case !v.hasMax && v.hasRate:
		v.max, v.hasMax = v.rate, true
	}
	at := s.b.Size() + nl.AttrHeaderLen
	s.vfNumbers(rtnl.IFLA_VF_RATE, v.min, v.max)
	if v.hasMin && v.hasMax {
		if f := v.checkRates(); f != nil {
			a.fail(f)
		}
		return
	}
	before := s.late
	s.late = func(r *runner) error {
		if before != nil {
			if err := before(r); err != nil {
				return err
			}
		}
		p, err := s.b.Bytes()
		if err != nil {
			return err
		}
		min, max, err := r.vfRates(int32(binary.NativeEndian.Uint32(p[ifiIndex:])), v.num)
		if err != nil {
			return err
		}
		if !v.hasMin {
			v.min = min
		}
		if !v.hasMax {
			v.max = max
		}
		s.b.PutU32(at+4, v.min)
		s.b.PutU32(at+8, v.max)
		if f := v.checkRates(); f != nil {
			return f
		}
		return nil
	}
}

func (v *vfWords) checkRates() *failure {
	if v.max != 0 && v.min > v.max {
		return failf(exitMissing, "Invalid min_tx_rate "+itoa(int32(v.min))+" - must be <= max_tx_rate "+itoa(int32(v.max)))
	}
	return nil
}

// vfRates asks for the rates of a function: 0 where the card has none.
func (r *runner) vfRates(index int32, num uint32) (min, max uint32, err error) {
	c, err := r.aside()
	if err != nil {
		return 0, 0, err
	}
	err = rtnl.LinkByIndex(c, index, lookMask, func(l rtnl.Link) {
		for vf := range l.Attrs.Nest(rtnl.IFLA_VFINFO_LIST).All() {
			if b, ok := vf.Attrs().Blob(rtnl.IFLA_VF_RATE); ok && u32At(b, 0) == num {
				min, max = u32At(b, 4), u32At(b, 8)
			}
		}
	})
	return min, max, err
}

// u32At reads a member of a structure; 0 if that ends before.
func u32At(b []byte, off int) uint32 {
	if len(b) < off+4 {
		return 0
	}
	return binary.NativeEndian.Uint32(b[off:])
}

// vfOnOff reads "on" or "off", or a beginning: "o" is off.
func vfOnOff(a *args, st state, o *option) {
	w := a.next()
	on := false
	switch {
	case matches(w, "off"):
	case matches(w, "on"):
		on = true
	case a.err == nil:
		a.failf(exitMissing, `Error: argument of "`+o.name+`" must be one of "off", "on", not "`, w, `"`)
	}
	st.(*linkState).vfNumbers(nl.AttrBytes(o.attr), uint32(bit(on)))
}

func vfState(a *args, st state, o *option) {
	w := a.next()
	for _, n := range rtnl.VFLinkStates.List {
		if matches(w, n.Name) {
			st.(*linkState).vfNumbers(nl.AttrBytes(o.attr), n.Value)
			return
		}
	}
	if a.err == nil {
		a.bad(o, w)
	}
}

// vfGUID reads the eight bytes of a GUID of InfiniBand.
func vfGUID(a *args, st state, o *option) {
	s, w := st.(*linkState), a.next()
	var guid uint64
	parts := strings.Split(w, ":")
	ok := len(w) == len("00:11:22:33:44:55:66:77") && len(parts) == 8
	for _, part := range parts {
		v, neg, valid := parseNumberBase(part, 16)
		ok = ok && valid && !neg && v < 256
		guid = guid<<8 | v&0xff
	}
	if a.err == nil && !ok {
		a.bad(o, w)
	}
	p := make([]byte, 16) // struct ifla_vf_guid
	binary.NativeEndian.PutUint32(p, s.vf.num)
	binary.NativeEndian.PutUint64(p[8:], guid)
	s.b.Blob(nl.AttrBytes(o.attr), p)
}

// virtualFunctions lists those of a card, a line each.
func (p *linkPrinter) virtualFunctions(l *rtnl.Link) {
	list := p.at(uint16(rtnl.IFLA_VFINFO_LIST))
	want, ok := p.u32(rtnl.IFLA_NUM_VF)
	if !list.Present() || !ok {
		return
	}
	p.Arr("vfinfo_list", "")
	n := uint32(0)
	for vf := range list.Attrs().All() {
		p.Obj("")
		p.virtualFunction(l, vf.Attrs())
		p.EndObj()
		n++
	}
	p.EndArr("")
	if n != want {
		p.r.errs.S("Truncated VF list: ").Safe(l.Name()).NL()
	}
}

func (p *linkPrinter) virtualFunction(l *rtnl.Link, as nl.Attrs) {
	mac, _ := as.Blob(rtnl.IFLA_VF_MAC)
	p.NL()
	p.T("    ")
	p.Int("vf", "vf ", int64(int32(u32At(mac, 0))), " ")
	p.Str("link_type", "    link/", linkTypeName(l.Type, p.num), " ")
	size := 20 // INFINIBAND_ALEN, linux/if_infiniband.h
	if l.Type == unix.ARPHRD_ETHER {
		size = 6
	}
	address := func(b []byte) string { return string(appendLladdr(nil, b[:min(size, len(b))], l.Type)) }
	p.in(colMAC).Str("address", "", address(mac[min(4, len(mac)):]), "")
	if b, ok := as.Blob(rtnl.IFLA_VF_BROADCAST); ok {
		if l.Flags&unix.IFF_POINTOPOINT != 0 {
			p.T(" peer ")
			p.JBool("link_pointtopoint", true)
		} else {
			p.T(" brd ")
		}
		p.in(colMAC).Str("broadcast", "", address(b), "")
	}
	p.vfVLANs(as)
	if b, _ := as.Blob(rtnl.IFLA_VF_TX_RATE); u32At(b, 4) != 0 {
		p.Uint("tx_rate", ", tx rate ", uint64(u32At(b, 4)), " (Mbps)")
	}
	if b, ok := as.Blob(rtnl.IFLA_VF_RATE); ok {
		p.Obj("rate")
		for _, rate := range [...]struct {
			key string
			v   uint32
		}{{"max_tx", u32At(b, 8)}, {"min_tx", u32At(b, 4)}} {
			if rate.v != 0 || p.json {
				p.Uint(rate.key, ", "+rate.key+"_rate ", uint64(rate.v), "Mbps")
			}
		}
		p.EndObj()
	}
	p.vfSetting(as, rtnl.IFLA_VF_SPOOFCHK, "spoofchk", ", spoof checking ")
	for _, g := range [...]struct {
		attr      nl.AttrBytes
		key, text string
	}{{rtnl.IFLA_VF_IB_NODE_GUID, "node guid", ", NODE_GUID "}, {rtnl.IFLA_VF_IB_PORT_GUID, "port guid", ", PORT_GUID "}} {
		if b, ok := as.Blob(g.attr); ok && len(b) >= 16 {
			guid := binary.BigEndian.AppendUint64(nil, binary.NativeEndian.Uint64(b[8:]))
			p.Str(g.key, g.text, string(cli.AppendMAC(nil, guid)), "")
		}
	}
	if b, ok := as.Blob(rtnl.IFLA_VF_LINK_STATE); ok {
		s := rtnl.VFLinkStates.Name(u32At(b, 4))
		if s == "" {
			s = "disable"
		}
		p.Str("link_state", ", link-state ", s, "")
	}
	p.vfSetting(as, rtnl.IFLA_VF_TRUST, "trust", ", trust ")
	p.vfSetting(as, rtnl.IFLA_VF_RSS_QUERY_EN, "query_rss_en", ", query_rss ")
	if s := as.Nest(rtnl.IFLA_VF_STATS); s != nil && p.g.stats > 0 {
		p.vfStats(s)
	}
}

// vfVLANs writes the VLANs of a function: the list, or the one.
func (p *linkPrinter) vfVLANs(as nl.Attrs) {
	list := as.Nest(rtnl.IFLA_VF_VLAN_LIST)
	if list == nil {
		b, _ := as.Blob(rtnl.IFLA_VF_VLAN)
		p.vfVLAN(b)
		return
	}
	p.Arr("vlan_list", "")
	for v := range list.All() {
		p.Obj("")
		b := v.Bytes()
		p.vfVLAN(b)
		if len(b) >= 14 {
			if proto := binary.BigEndian.Uint16(b[12:]); proto != 0 && proto != etherVLAN {
				p.Str("protocol", ", vlan protocol ", protoName(proto, p.num), "")
			}
		}
		p.EndObj()
	}
	p.EndArr("")
}

func (p *linkPrinter) vfVLAN(b []byte) {
	if v := u32At(b, 4); v != 0 {
		p.Int("vlan", ", vlan ", int64(int32(v)), "")
	}
	if v := u32At(b, 8); v != 0 {
		p.Int("qos", ", qos ", int64(int32(v)), "")
	}
}

// vfSetting writes what is on or off, unless the card does not say.
func (p *linkPrinter) vfSetting(as nl.Attrs, attr nl.AttrBytes, key, text string) {
	if b, ok := as.Blob(attr); ok && u32At(b, 4) != ^uint32(0) {
		p.OnOff(key, text, u32At(b, 4) != 0, "")
	}
}

// vfStats writes the counters of a function.
func (p *linkPrinter) vfStats(as nl.Attrs) {
	type counter struct {
		attr  nl.AttrU64
		key   string
		width int
	}
	rx := []counter{{rtnl.IFLA_VF_STATS_RX_BYTES, "bytes", 10}, {rtnl.IFLA_VF_STATS_RX_PACKETS, "packets", 8}, {rtnl.IFLA_VF_STATS_MULTICAST, "multicast", 7},
		{rtnl.IFLA_VF_STATS_BROADCAST, "broadcast", 7}, {rtnl.IFLA_VF_STATS_RX_DROPPED, "dropped", 8}}
	tx := []counter{{rtnl.IFLA_VF_STATS_TX_BYTES, "tx_bytes", 10}, {rtnl.IFLA_VF_STATS_TX_PACKETS, "tx_packets", 8}, {rtnl.IFLA_VF_STATS_TX_DROPPED, "dropped", 8}}
	p.Obj("stats")
	for _, dir := range [...]struct {
		key, head string
		cs        []counter
	}{{"rx", "    RX: bytes  packets  mcast   bcast ", rx}, {"tx", "    TX: bytes  packets ", tx}} {
		last := &dir.cs[len(dir.cs)-1]
		_, dropped := as.U64(last.attr)
		p.Obj(dir.key)
		p.NL()
		p.T(dir.head)
		if dropped {
			p.T("  dropped ")
		}
		p.NL()
		p.T("    ")
		for i := range dir.cs {
			c := &dir.cs[i]
			v, _ := as.U64(c.attr)
			switch {
			case c == last && !dropped:
			case p.json:
				p.JUint(c.key, v)
			default:
				p.count(c.width, v)
			}
		}
		p.EndObj()
	}
	p.EndObj()
}
