package topo

import (
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
)

// kind is a kind of link that a topology can make. A new one is a row here.
type kind struct {
	name       string
	rows       *[]optionRow
	lower      string // iproute2's word for the link below: link, dev; "" for none
	needsLower bool
	needsID    bool // the option id must be there
}

var kinds = [...]kind{
	{name: ""}, // there already
	{name: "bridge", rows: &bridgeOptions},
	{name: "dummy"},
	{name: "macvlan", rows: &macvlanOptions, lower: "link", needsLower: true},
	{name: "veth"},
	{name: "vlan", rows: &vlanOptions, lower: "link", needsLower: true, needsID: true},
	{name: "vxlan", rows: &vxlanOptions, lower: "dev", needsID: true},
}

//go:noinline
func kindOf(name string) *kind {
	for i := range kinds {
		if kinds[i].name == name {
			return &kinds[i]
		}
	}
	return nil
}

// optionRow is one option of a kind: iproute2's word, and the attribute inside
// IFLA_INFO_DATA that it stands for; how the value is written follows from the
// attribute's row in rtnl's table.
type optionRow struct {
	name   string
	schema *nl.Schema
	typ    uint16
	typ6   uint16 // the attribute for an IPv6 address, if that is another one
	max    uint32 // the largest number that the kernel takes; 0: what the attribute can hold
}

var bridgeOptions = []optionRow{
	{"ageing_time", &rtnl.BridgeAttrs, uint16(rtnl.IFLA_BR_AGEING_TIME), 0, 0},
	{"fdb_max_learned", &rtnl.BridgeAttrs, uint16(rtnl.IFLA_BR_FDB_MAX_LEARNED), 0, 0},
	{"forward_delay", &rtnl.BridgeAttrs, uint16(rtnl.IFLA_BR_FORWARD_DELAY), 0, 0},
	{"group_fwd_mask", &rtnl.BridgeAttrs, uint16(rtnl.IFLA_BR_GROUP_FWD_MASK), 0, 0},
	{"hello_time", &rtnl.BridgeAttrs, uint16(rtnl.IFLA_BR_HELLO_TIME), 0, 0},
	{"max_age", &rtnl.BridgeAttrs, uint16(rtnl.IFLA_BR_MAX_AGE), 0, 0},
	{"mcast_querier", &rtnl.BridgeAttrs, uint16(rtnl.IFLA_BR_MCAST_QUERIER), 0, 0},
	{"mcast_snooping", &rtnl.BridgeAttrs, uint16(rtnl.IFLA_BR_MCAST_SNOOPING), 0, 0},
	{"nf_call_arptables", &rtnl.BridgeAttrs, uint16(rtnl.IFLA_BR_NF_CALL_ARPTABLES), 0, 0},
	{"nf_call_ip6tables", &rtnl.BridgeAttrs, uint16(rtnl.IFLA_BR_NF_CALL_IP6TABLES), 0, 0},
	{"nf_call_iptables", &rtnl.BridgeAttrs, uint16(rtnl.IFLA_BR_NF_CALL_IPTABLES), 0, 0},
	{"priority", &rtnl.BridgeAttrs, uint16(rtnl.IFLA_BR_PRIORITY), 0, 0},
	{"stp_state", &rtnl.BridgeAttrs, uint16(rtnl.IFLA_BR_STP_STATE), 0, 0},
	{"vlan_default_pvid", &rtnl.BridgeAttrs, uint16(rtnl.IFLA_BR_VLAN_DEFAULT_PVID), 0, 4094},
	{"vlan_filtering", &rtnl.BridgeAttrs, uint16(rtnl.IFLA_BR_VLAN_FILTERING), 0, 0},
}

var macvlanOptions = []optionRow{
	{"mode", &rtnl.MACVLANAttrs, uint16(rtnl.IFLA_MACVLAN_MODE), 0, 0},
}

var vlanOptions = []optionRow{
	{"id", &rtnl.VLANAttrs, uint16(rtnl.IFLA_VLAN_ID), 0, 4094},
	{"protocol", &rtnl.VLANAttrs, uint16(rtnl.IFLA_VLAN_PROTOCOL), 0, 0},
}

var vxlanOptions = []optionRow{
	{"ageing", &rtnl.VXLANAttrs, uint16(rtnl.IFLA_VXLAN_AGEING), 0, 0},
	{"dstport", &rtnl.VXLANAttrs, uint16(rtnl.IFLA_VXLAN_PORT), 0, 0},
	{"group", &rtnl.VXLANAttrs, uint16(rtnl.IFLA_VXLAN_GROUP), uint16(rtnl.IFLA_VXLAN_GROUP6), 0},
	{"id", &rtnl.VXLANAttrs, uint16(rtnl.IFLA_VXLAN_ID), 0, 1<<24 - 1},
	{"learning", &rtnl.VXLANAttrs, uint16(rtnl.IFLA_VXLAN_LEARNING), 0, 0},
	{"local", &rtnl.VXLANAttrs, uint16(rtnl.IFLA_VXLAN_LOCAL), uint16(rtnl.IFLA_VXLAN_LOCAL6), 0},
	{"remote", &rtnl.VXLANAttrs, uint16(rtnl.IFLA_VXLAN_GROUP), uint16(rtnl.IFLA_VXLAN_GROUP6), 0},
	{"tos", &rtnl.VXLANAttrs, uint16(rtnl.IFLA_VXLAN_TOS), 0, 0},
	{"ttl", &rtnl.VXLANAttrs, uint16(rtnl.IFLA_VXLAN_TTL), 0, 0},
	{"udpcsum", &rtnl.VXLANAttrs, uint16(rtnl.IFLA_VXLAN_UDP_CSUM), 0, 0},
}

// portOptions are a bridge port's, inside IFLA_INFO_SLAVE_DATA.
var portOptions = &[]optionRow{
	{"cost", &rtnl.BridgePortAttrs, uint16(rtnl.IFLA_BRPORT_COST), 0, 65535},
	{"fastleave", &rtnl.BridgePortAttrs, uint16(rtnl.IFLA_BRPORT_FAST_LEAVE), 0, 0},
	{"flood", &rtnl.BridgePortAttrs, uint16(rtnl.IFLA_BRPORT_UNICAST_FLOOD), 0, 0},
	{"guard", &rtnl.BridgePortAttrs, uint16(rtnl.IFLA_BRPORT_GUARD), 0, 0},
	{"hairpin", &rtnl.BridgePortAttrs, uint16(rtnl.IFLA_BRPORT_MODE), 0, 0},
	{"isolated", &rtnl.BridgePortAttrs, uint16(rtnl.IFLA_BRPORT_ISOLATED), 0, 0},
	{"learning", &rtnl.BridgePortAttrs, uint16(rtnl.IFLA_BRPORT_LEARNING), 0, 0},
	{"neigh_suppress", &rtnl.BridgePortAttrs, uint16(rtnl.IFLA_BRPORT_NEIGH_SUPPRESS), 0, 0},
	{"priority", &rtnl.BridgePortAttrs, uint16(rtnl.IFLA_BRPORT_PRIORITY), 0, 63},
}

// routeTypes are the types of route that a topology can make.
var routeTypes = nl.Names{List: []nl.Name{
	{Value: unix.RTN_UNICAST, Name: "unicast"}, {Value: unix.RTN_BLACKHOLE, Name: "blackhole"},
	{Value: unix.RTN_UNREACHABLE, Name: "unreachable"}, {Value: unix.RTN_PROHIBIT, Name: "prohibit"},
}}

// appendOptions appends the attribute of each option, and says what is wrong
// with the first that has none, or another kind of value; "" if nothing is.
func appendOptions(b *nl.Builder, rows *[]optionRow, opts []Option) (fault string) {
	for _, o := range opts {
		row := findOption(rows, o.Name)
		if row == nil {
			return "no option of this kind of link: " + strconv.Quote(o.Name)
		}
		if want := row.append(b, o.Value); want != "" {
			return o.Name + " wants " + want + ", not " + strconv.Quote(o.Value)
		}
	}
	return ""
}

//go:noinline
func findOption(rows *[]optionRow, name string) *optionRow {
	if rows == nil {
		return nil
	}
	for i := range *rows {
		if (*rows)[i].name == name {
			return &(*rows)[i]
		}
	}
	return nil
}

// append appends the attribute with a value, or says what value it wants.
func (r *optionRow) append(b *nl.Builder, value string) (want string) {
	f := r.schema.Field(r.typ)
	if f.Kind == nl.KindIP {
		ip, ok := nl.ParseIP(value)
		typ := r.typ
		if len(ip) == 16 {
			typ = r.typ6
		}
		group := ok && (len(ip) == 4 && ip[0]>>4 == 0xe || len(ip) == 16 && ip[0] == 0xff)
		if !ok || typ == 0 || group != (r.name == "group") { // one attribute, two words
			return r.wants()
		}
		b.IP(nl.AttrIP(typ), ip)
		return ""
	}
	n, ok := r.number(value)
	if !ok {
		return r.wants()
	}
	switch f.Kind {
	case nl.KindU8:
		b.U8(nl.AttrU8(r.typ), uint8(n))
	case nl.KindU16:
		b.U16(nl.AttrU16(r.typ), uint16(n))
	case nl.KindBE16:
		b.BE16(nl.AttrBE16(r.typ), uint16(n))
	default:
		b.U32(nl.AttrU32(r.typ), n)
	}
	return ""
}

// most is the largest number that an option can have.
func (r *optionRow) most() uint32 {
	if r.max != 0 {
		return r.max
	}
	switch r.schema.Field(r.typ).Kind {
	case nl.KindU8:
		return 1<<8 - 1
	case nl.KindU16, nl.KindBE16:
		return 1<<16 - 1
	}
	return 1<<32 - 1
}

// protocol tells the option that is an Ethernet protocol: of all that have a
// name, two do for a VLAN.
func (r *optionRow) protocol() bool { return r.schema == &rtnl.VLANAttrs && r.name == "protocol" }

// wants says what value an option wants.
func (r *optionRow) wants() string {
	f := r.schema.Field(r.typ)
	switch {
	case r.name == "group":
		return "the address of a multicast group"
	case f.Kind == nl.KindIP:
		return "an address, of no multicast group"
	case r.protocol():
		return "802.1Q or 802.1ad"
	case f.Names != nil:
		return "one of " + strings.Join(words(f.Names), ", ")
	}
	return "a number up to " + strconv.FormatUint(uint64(r.most()), 10)
}

//go:noinline
func words(n *nl.Names) []string {
	var out []string
	for _, v := range n.List {
		out = append(out, v.Name)
	}
	return out
}
