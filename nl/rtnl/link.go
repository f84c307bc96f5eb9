package rtnl

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"rawns/nl"
)

// IfInfomsg is struct ifinfomsg, the fixed header of link messages,
// linux/rtnetlink.h.
type IfInfomsg struct {
	Family uint8  // AF_UNSPEC; AF_BRIDGE for a bridge's own view of its ports
	Type   uint16 // ARPHRD_; in requests 0
	Index  int32  // of the interface; 0 where IFLA_IFNAME names it, or the kernel shall choose
	Flags  uint32 // IFF_
	Change uint32 // the bits of Flags that a request wants to set or clear
}

const ifinfomsgLen = 16

// put has a pointer so that nothing is copied: the copy would be read in wider pieces than
// the fields were just written in, for which the processor waits.
func (h *IfInfomsg) put(p []byte) {
	_ = p[ifinfomsgLen-1]
	p[0], p[1] = h.Family, 0
	binary.NativeEndian.PutUint16(p[2:], h.Type)
	binary.NativeEndian.PutUint32(p[4:], uint32(h.Index))
	binary.NativeEndian.PutUint32(p[8:], h.Flags)
	binary.NativeEndian.PutUint32(p[12:], h.Change)
}

// PutIfInfomsg appends a bare ifinfomsg: the one inside VETH_INFO_PEER.
func PutIfInfomsg(b *nl.Builder, h IfInfomsg) { h.put(b.Extend(ifinfomsgLen)) }

// NewLink begins RTM_NEWLINK. flags: NLM_F_CREATE|NLM_F_EXCL to make a link,
// 0 to change one. Attributes follow.
func NewLink(b *nl.Builder, flags uint16, h IfInfomsg) {
	h.put(b.Begin(unix.RTM_NEWLINK, unix.NLM_F_REQUEST|unix.NLM_F_ACK|flags, ifinfomsgLen))
}

// DelLink begins RTM_DELLINK for an index; for 0, IFLA_IFNAME or IFLA_GROUP
// must follow.
func DelLink(b *nl.Builder, index int32) {
	b.Message(unix.RTM_DELLINK, unix.NLM_F_REQUEST|unix.NLM_F_ACK)
	PutIfInfomsg(b, IfInfomsg{Index: index})
}

// GetLink begins RTM_GETLINK: with Conn.Do for one link, by index or by an
// IFLA_IFNAME or IFLA_ALT_IFNAME that follows; with Conn.Dump for all, where
// IFLA_MASTER and IFLA_LINKINFO/IFLA_INFO_KIND make the kernel filter.
// IFLA_EXT_MASK says how much of each it shall tell; without one the kernel
// leaves links out of a dump whose description is longer than the reader's
// buffer (many alternative names).
func GetLink(b *nl.Builder, h IfInfomsg) {
	b.Message(unix.RTM_GETLINK, unix.NLM_F_REQUEST)
	PutIfInfomsg(b, h)
}

// Bits of IFLA_EXT_MASK: what a link's description shall hold besides the
// usual, RTEXT_FILTER_ in linux/rtnetlink.h.
const (
	ExtVF               = 1 << 0
	ExtBridgeVLAN       = 1 << 1
	ExtBridgeVLANRanges = 1 << 2
	ExtSkipStats        = 1 << 3 // leave the counters out: they are most of the bytes
)

// NewLinkProp begins RTM_NEWLINKPROP, which adds alternative names: an
// IFLA_PROP_LIST with IFLA_ALT_IFNAME in it must follow.
func NewLinkProp(b *nl.Builder, index int32) {
	b.Message(unix.RTM_NEWLINKPROP, unix.NLM_F_REQUEST|unix.NLM_F_ACK|unix.NLM_F_CREATE|unix.NLM_F_EXCL|unix.NLM_F_APPEND)
	PutIfInfomsg(b, IfInfomsg{Index: index})
}

// DelLinkProp begins RTM_DELLINKPROP, as NewLinkProp.
func DelLinkProp(b *nl.Builder, index int32) {
	b.Message(unix.RTM_DELLINKPROP, unix.NLM_F_REQUEST|unix.NLM_F_ACK)
	PutIfInfomsg(b, IfInfomsg{Index: index})
}

// Link is a view of a received link message: valid as long as the message.
type Link struct {
	IfInfomsg
	Attrs nl.Attrs
}

// ParseLink reads RTM_NEWLINK, RTM_DELLINK, RTM_GETLINK or RTM_SETLINK. Its
// errors are ErrType and *nl.LengthError.
func ParseLink(m nl.Message) (Link, error) {
	as, err := parse(m, unix.RTM_NEWLINK, ifinfomsgLen)
	if err != nil {
		return Link{}, err
	}
	return linkOf(m, as), nil
}

// ParseLinkIndex is ParseLink and nl.Attrs.Index in one walk over the attributes,
// for long lists.
func ParseLinkIndex(m nl.Message, dst []nl.Attr) (Link, error) {
	as, err := attrs(m, unix.RTM_NEWLINK, ifinfomsgLen)
	if err == nil {
		err = as.CheckIndex(dst)
	}
	if err != nil {
		return Link{}, err
	}
	return linkOf(m, as), nil
}

func linkOf(m nl.Message, as nl.Attrs) Link {
	p := m.Payload()
	return Link{IfInfomsg{
		Family: p[0],
		Type:   binary.NativeEndian.Uint16(p[2:]),
		Index:  int32(binary.NativeEndian.Uint32(p[4:])),
		Flags:  binary.NativeEndian.Uint32(p[8:]),
		Change: binary.NativeEndian.Uint32(p[12:]),
	}, as}
}

// Name returns IFLA_IFNAME as a new string, unescaped; "" if it is missing.
func (l Link) Name() string { s, _ := l.Attrs.Str(IFLA_IFNAME); return string(s) }

// Kind returns IFLA_INFO_KIND, "veth", "bridge", ..., as a view; nil for
// links without one, such as lo and most hardware.
func (l Link) Kind() []byte {
	s, _ := l.Attrs.Nest(IFLA_LINKINFO).StrN(IFLA_INFO_KIND)
	return s
}

// Attributes of a link: RTM_NEWLINK and its family, linux/if_link.h.
const (
	IFLA_ADDRESS                    nl.AttrMAC   = 1
	IFLA_BROADCAST                  nl.AttrMAC   = 2
	IFLA_IFNAME                     nl.AttrStr   = 3
	IFLA_MTU                        nl.AttrU32   = 4
	IFLA_LINK                       nl.AttrU32   = 5
	IFLA_QDISC                      nl.AttrStr   = 6
	IFLA_STATS                      nl.AttrBytes = 7
	IFLA_COST                       nl.AttrBytes = 8
	IFLA_PRIORITY                   nl.AttrBytes = 9
	IFLA_MASTER                     nl.AttrU32   = 10
	IFLA_WIRELESS                   nl.AttrBytes = 11
	IFLA_PROTINFO                   nl.AttrNestF = 12
	IFLA_TXQLEN                     nl.AttrU32   = 13
	IFLA_MAP                        nl.AttrBytes = 14
	IFLA_WEIGHT                     nl.AttrU32   = 15
	IFLA_OPERSTATE                  nl.AttrU8    = 16
	IFLA_LINKMODE                   nl.AttrU8    = 17
	IFLA_LINKINFO                   nl.AttrNest  = 18
	IFLA_NET_NS_PID                 nl.AttrU32   = 19
	IFLA_IFALIAS                    nl.AttrStr   = 20
	IFLA_NUM_VF                     nl.AttrU32   = 21
	IFLA_VFINFO_LIST                nl.AttrNest  = 22
	IFLA_STATS64                    nl.AttrBytes = 23
	IFLA_VF_PORTS                   nl.AttrNest  = 24
	IFLA_PORT_SELF                  nl.AttrNest  = 25
	IFLA_AF_SPEC                    nl.AttrNest  = 26
	IFLA_GROUP                      nl.AttrU32   = 27
	IFLA_NET_NS_FD                  nl.AttrU32   = 28
	IFLA_EXT_MASK                   nl.AttrU32   = 29
	IFLA_PROMISCUITY                nl.AttrU32   = 30
	IFLA_NUM_TX_QUEUES              nl.AttrU32   = 31
	IFLA_NUM_RX_QUEUES              nl.AttrU32   = 32
	IFLA_CARRIER                    nl.AttrU8    = 33
	IFLA_PHYS_PORT_ID               nl.AttrBytes = 34
	IFLA_CARRIER_CHANGES            nl.AttrU32   = 35
	IFLA_PHYS_SWITCH_ID             nl.AttrBytes = 36
	IFLA_LINK_NETNSID               nl.AttrS32   = 37
	IFLA_PHYS_PORT_NAME             nl.AttrStr   = 38
	IFLA_PROTO_DOWN                 nl.AttrU8    = 39
	IFLA_GSO_MAX_SEGS               nl.AttrU32   = 40
	IFLA_GSO_MAX_SIZE               nl.AttrU32   = 41
	IFLA_XDP                        nl.AttrNest  = 43
	IFLA_EVENT                      nl.AttrU32   = 44
	IFLA_NEW_NETNSID                nl.AttrS32   = 45
	IFLA_TARGET_NETNSID             nl.AttrS32   = 46
	IFLA_CARRIER_UP_COUNT           nl.AttrU32   = 47
	IFLA_CARRIER_DOWN_COUNT         nl.AttrU32   = 48
	IFLA_NEW_IFINDEX                nl.AttrS32   = 49
	IFLA_MIN_MTU                    nl.AttrU32   = 50
	IFLA_MAX_MTU                    nl.AttrU32   = 51
	IFLA_PROP_LIST                  nl.AttrNestF = 52
	IFLA_ALT_IFNAME                 nl.AttrStr   = 53
	IFLA_PERM_ADDRESS               nl.AttrMAC   = 54
	IFLA_PROTO_DOWN_REASON          nl.AttrNestF = 55
	IFLA_PARENT_DEV_NAME            nl.AttrStr   = 56
	IFLA_PARENT_DEV_BUS_NAME        nl.AttrStr   = 57
	IFLA_GRO_MAX_SIZE               nl.AttrU32   = 58
	IFLA_TSO_MAX_SIZE               nl.AttrU32   = 59
	IFLA_TSO_MAX_SEGS               nl.AttrU32   = 60
	IFLA_ALLMULTI                   nl.AttrU32   = 61
	IFLA_DEVLINK_PORT               nl.AttrNest  = 62
	IFLA_GSO_IPV4_MAX_SIZE          nl.AttrU32   = 63
	IFLA_GRO_IPV4_MAX_SIZE          nl.AttrU32   = 64
	IFLA_DPLL_PIN                   nl.AttrNest  = 65
	IFLA_MAX_PACING_OFFLOAD_HORIZON nl.AttrBytes = 66
	IFLA_NETNS_IMMUTABLE            nl.AttrU8    = 67
	IFLA_HEADROOM                   nl.AttrU16   = 68
	IFLA_TAILROOM                   nl.AttrU16   = 69
)

// LinkAttrs is the table of them.
var LinkAttrs = nl.Schema{Name: "link", Fields: []nl.Field{
	{Type: uint16(IFLA_ADDRESS), Name: "IFLA_ADDRESS", Kind: nl.KindMAC},
	{Type: uint16(IFLA_BROADCAST), Name: "IFLA_BROADCAST", Kind: nl.KindMAC},
	{Type: uint16(IFLA_IFNAME), Name: "IFLA_IFNAME", Kind: nl.KindStr},
	{Type: uint16(IFLA_MTU), Name: "IFLA_MTU", Kind: nl.KindU32, Unit: nl.UnitBytes},
	{Type: uint16(IFLA_LINK), Name: "IFLA_LINK", Kind: nl.KindIndex},
	{Type: uint16(IFLA_QDISC), Name: "IFLA_QDISC", Kind: nl.KindStr},
	{Type: uint16(IFLA_STATS), Name: "IFLA_STATS", Kind: nl.KindStruct, Layout: &LinkStats},
	{Type: uint16(IFLA_COST), Name: "IFLA_COST", Kind: nl.KindBytes},
	{Type: uint16(IFLA_PRIORITY), Name: "IFLA_PRIORITY", Kind: nl.KindBytes},
	{Type: uint16(IFLA_MASTER), Name: "IFLA_MASTER", Kind: nl.KindIndex},
	{Type: uint16(IFLA_WIRELESS), Name: "IFLA_WIRELESS", Kind: nl.KindBytes},
	{Type: uint16(IFLA_PROTINFO), Name: "IFLA_PROTINFO", Kind: nl.KindNest, Sub: &BridgePortAttrs},
	{Type: uint16(IFLA_TXQLEN), Name: "IFLA_TXQLEN", Kind: nl.KindU32},
	{Type: uint16(IFLA_MAP), Name: "IFLA_MAP", Kind: nl.KindStruct, Layout: &LinkIfmap},
	{Type: uint16(IFLA_WEIGHT), Name: "IFLA_WEIGHT", Kind: nl.KindU32},
	{Type: uint16(IFLA_OPERSTATE), Name: "IFLA_OPERSTATE", Kind: nl.KindU8, Names: &OperStates},
	{Type: uint16(IFLA_LINKMODE), Name: "IFLA_LINKMODE", Kind: nl.KindU8, Names: &LinkModes},
	{Type: uint16(IFLA_LINKINFO), Name: "IFLA_LINKINFO", Kind: nl.KindNest, Sub: &LinkInfoAttrs},
	{Type: uint16(IFLA_NET_NS_PID), Name: "IFLA_NET_NS_PID", Kind: nl.KindU32},
	{Type: uint16(IFLA_IFALIAS), Name: "IFLA_IFALIAS", Kind: nl.KindStr},
	{Type: uint16(IFLA_NUM_VF), Name: "IFLA_NUM_VF", Kind: nl.KindU32},
	{Type: uint16(IFLA_VFINFO_LIST), Name: "IFLA_VFINFO_LIST", Kind: nl.KindNest, Sub: &VFInfoListAttrs},
	{Type: uint16(IFLA_STATS64), Name: "IFLA_STATS64", Kind: nl.KindStruct, Layout: &LinkStats64},
	{Type: uint16(IFLA_VF_PORTS), Name: "IFLA_VF_PORTS", Kind: nl.KindNest, Sub: &VFPortsAttrs},
	{Type: uint16(IFLA_PORT_SELF), Name: "IFLA_PORT_SELF", Kind: nl.KindNest, Sub: &PortAttrs},
	{Type: uint16(IFLA_AF_SPEC), Name: "IFLA_AF_SPEC", Kind: nl.KindNest, Sub: &AfSpecAttrs},
	{Type: uint16(IFLA_GROUP), Name: "IFLA_GROUP", Kind: nl.KindU32},
	{Type: uint16(IFLA_NET_NS_FD), Name: "IFLA_NET_NS_FD", Kind: nl.KindU32},
	{Type: uint16(IFLA_EXT_MASK), Name: "IFLA_EXT_MASK", Kind: nl.KindU32, Names: &ExtMasks},
	{Type: uint16(IFLA_PROMISCUITY), Name: "IFLA_PROMISCUITY", Kind: nl.KindU32},
	{Type: uint16(IFLA_NUM_TX_QUEUES), Name: "IFLA_NUM_TX_QUEUES", Kind: nl.KindU32},
	{Type: uint16(IFLA_NUM_RX_QUEUES), Name: "IFLA_NUM_RX_QUEUES", Kind: nl.KindU32},
	{Type: uint16(IFLA_CARRIER), Name: "IFLA_CARRIER", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_PHYS_PORT_ID), Name: "IFLA_PHYS_PORT_ID", Kind: nl.KindBytes},
	{Type: uint16(IFLA_CARRIER_CHANGES), Name: "IFLA_CARRIER_CHANGES", Kind: nl.KindU32},
	{Type: uint16(IFLA_PHYS_SWITCH_ID), Name: "IFLA_PHYS_SWITCH_ID", Kind: nl.KindBytes},
	{Type: uint16(IFLA_LINK_NETNSID), Name: "IFLA_LINK_NETNSID", Kind: nl.KindS32},
	{Type: uint16(IFLA_PHYS_PORT_NAME), Name: "IFLA_PHYS_PORT_NAME", Kind: nl.KindStr},
	{Type: uint16(IFLA_PROTO_DOWN), Name: "IFLA_PROTO_DOWN", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_GSO_MAX_SEGS), Name: "IFLA_GSO_MAX_SEGS", Kind: nl.KindU32},
	{Type: uint16(IFLA_GSO_MAX_SIZE), Name: "IFLA_GSO_MAX_SIZE", Kind: nl.KindU32, Unit: nl.UnitBytes},
	{Type: 42, Name: "IFLA_PAD", Kind: nl.KindUnused},
	{Type: uint16(IFLA_XDP), Name: "IFLA_XDP", Kind: nl.KindNest, Sub: &XDPAttrs},
	{Type: uint16(IFLA_EVENT), Name: "IFLA_EVENT", Kind: nl.KindU32, Names: &LinkEvents},
	{Type: uint16(IFLA_NEW_NETNSID), Name: "IFLA_NEW_NETNSID", Kind: nl.KindS32},
	{Type: uint16(IFLA_TARGET_NETNSID), Name: "IFLA_TARGET_NETNSID", Kind: nl.KindS32},
	{Type: uint16(IFLA_CARRIER_UP_COUNT), Name: "IFLA_CARRIER_UP_COUNT", Kind: nl.KindU32},
	{Type: uint16(IFLA_CARRIER_DOWN_COUNT), Name: "IFLA_CARRIER_DOWN_COUNT", Kind: nl.KindU32},
	{Type: uint16(IFLA_NEW_IFINDEX), Name: "IFLA_NEW_IFINDEX", Kind: nl.KindIndex},
	{Type: uint16(IFLA_MIN_MTU), Name: "IFLA_MIN_MTU", Kind: nl.KindU32, Unit: nl.UnitBytes},
	{Type: uint16(IFLA_MAX_MTU), Name: "IFLA_MAX_MTU", Kind: nl.KindU32, Unit: nl.UnitBytes},
	{Type: uint16(IFLA_PROP_LIST), Name: "IFLA_PROP_LIST", Kind: nl.KindNest, Sub: &PropListAttrs},
	{Type: uint16(IFLA_ALT_IFNAME), Name: "IFLA_ALT_IFNAME", Kind: nl.KindStr},
	{Type: uint16(IFLA_PERM_ADDRESS), Name: "IFLA_PERM_ADDRESS", Kind: nl.KindMAC},
	{Type: uint16(IFLA_PROTO_DOWN_REASON), Name: "IFLA_PROTO_DOWN_REASON", Kind: nl.KindNest, Sub: &ProtoDownReasonAttrs},
	{Type: uint16(IFLA_PARENT_DEV_NAME), Name: "IFLA_PARENT_DEV_NAME", Kind: nl.KindStr},
	{Type: uint16(IFLA_PARENT_DEV_BUS_NAME), Name: "IFLA_PARENT_DEV_BUS_NAME", Kind: nl.KindStr},
	{Type: uint16(IFLA_GRO_MAX_SIZE), Name: "IFLA_GRO_MAX_SIZE", Kind: nl.KindU32, Unit: nl.UnitBytes},
	{Type: uint16(IFLA_TSO_MAX_SIZE), Name: "IFLA_TSO_MAX_SIZE", Kind: nl.KindU32, Unit: nl.UnitBytes},
	{Type: uint16(IFLA_TSO_MAX_SEGS), Name: "IFLA_TSO_MAX_SEGS", Kind: nl.KindU32},
	{Type: uint16(IFLA_ALLMULTI), Name: "IFLA_ALLMULTI", Kind: nl.KindU32},
	{Type: uint16(IFLA_DEVLINK_PORT), Name: "IFLA_DEVLINK_PORT", Kind: nl.KindNest, Sub: &DevlinkPortAttrs},
	{Type: uint16(IFLA_GSO_IPV4_MAX_SIZE), Name: "IFLA_GSO_IPV4_MAX_SIZE", Kind: nl.KindU32, Unit: nl.UnitBytes},
	{Type: uint16(IFLA_GRO_IPV4_MAX_SIZE), Name: "IFLA_GRO_IPV4_MAX_SIZE", Kind: nl.KindU32, Unit: nl.UnitBytes},
	{Type: uint16(IFLA_DPLL_PIN), Name: "IFLA_DPLL_PIN", Kind: nl.KindNest, Sub: &DPLLPinAttrs},
	{Type: uint16(IFLA_MAX_PACING_OFFLOAD_HORIZON), Name: "IFLA_MAX_PACING_OFFLOAD_HORIZON", Kind: nl.KindUint, Unit: nl.UnitNanoseconds},
	{Type: uint16(IFLA_NETNS_IMMUTABLE), Name: "IFLA_NETNS_IMMUTABLE", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_HEADROOM), Name: "IFLA_HEADROOM", Kind: nl.KindU16, Unit: nl.UnitBytes},
	{Type: uint16(IFLA_TAILROOM), Name: "IFLA_TAILROOM", Kind: nl.KindU16, Unit: nl.UnitBytes},
}}

// Attributes inside IFLA_LINKINFO.
const (
	IFLA_INFO_KIND       nl.AttrStrN  = 1
	IFLA_INFO_DATA       nl.AttrNest  = 2
	IFLA_INFO_XSTATS     nl.AttrBytes = 3
	IFLA_INFO_SLAVE_KIND nl.AttrStrN  = 4
	IFLA_INFO_SLAVE_DATA nl.AttrNest  = 5
)

// LinkInfoAttrs is the table of them.
var LinkInfoAttrs = nl.Schema{Name: "linkinfo", Fields: []nl.Field{
	{Type: uint16(IFLA_INFO_KIND), Name: "IFLA_INFO_KIND", Kind: nl.KindStr},
	{Type: uint16(IFLA_INFO_DATA), Name: "IFLA_INFO_DATA", Kind: nl.KindSelect, By: uint16(IFLA_INFO_KIND), Cases: &kindCases},
	{Type: uint16(IFLA_INFO_XSTATS), Name: "IFLA_INFO_XSTATS", Kind: nl.KindBytes},
	{Type: uint16(IFLA_INFO_SLAVE_KIND), Name: "IFLA_INFO_SLAVE_KIND", Kind: nl.KindStr},
	{Type: uint16(IFLA_INFO_SLAVE_DATA), Name: "IFLA_INFO_SLAVE_DATA", Kind: nl.KindSelect, By: uint16(IFLA_INFO_SLAVE_KIND), Cases: &slaveCases},
}}

// PropListAttrs is what IFLA_PROP_LIST may hold.
var PropListAttrs = nl.Schema{Name: "prop-list", Fields: []nl.Field{
	{Type: uint16(IFLA_ALT_IFNAME), Name: "IFLA_ALT_IFNAME", Kind: nl.KindStr},
}}

// Attributes inside IFLA_AF_SPEC are numbered by address family; those of AF_BRIDGE messages differ.
const (
	IFLA_AF_INET  nl.AttrNest = 2
	IFLA_AF_INET6 nl.AttrNest = 10
	IFLA_AF_MCTP  nl.AttrNest = 45
)

// AfSpecAttrs is the table of them.
var AfSpecAttrs = nl.Schema{Name: "af-spec", Fields: []nl.Field{
	{Type: uint16(IFLA_AF_INET), Name: "IFLA_AF_INET", Kind: nl.KindNest, Sub: &InetAttrs},
	{Type: uint16(IFLA_AF_INET6), Name: "IFLA_AF_INET6", Kind: nl.KindNest, Sub: &Inet6Attrs},
	{Type: uint16(IFLA_AF_MCTP), Name: "IFLA_AF_MCTP", Kind: nl.KindNest, Sub: &MCTPAttrs},
}}

// Attributes inside IFLA_AF_SPEC, AF_INET.
const (
	IFLA_INET_CONF nl.AttrBytes = 1
)

// InetAttrs is the table of them.
var InetAttrs = nl.Schema{Name: "inet", Fields: []nl.Field{
	{Type: uint16(IFLA_INET_CONF), Name: "IFLA_INET_CONF", Kind: nl.KindStruct, Layout: &InetConf},
}}

// Attributes inside IFLA_AF_SPEC, AF_INET6.
const (
	IFLA_INET6_FLAGS         nl.AttrU32   = 1
	IFLA_INET6_CONF          nl.AttrBytes = 2
	IFLA_INET6_STATS         nl.AttrBytes = 3
	IFLA_INET6_MCAST         nl.AttrBytes = 4
	IFLA_INET6_CACHEINFO     nl.AttrBytes = 5
	IFLA_INET6_ICMP6STATS    nl.AttrBytes = 6
	IFLA_INET6_TOKEN         nl.AttrIP    = 7
	IFLA_INET6_ADDR_GEN_MODE nl.AttrU8    = 8
	IFLA_INET6_RA_MTU        nl.AttrU32   = 9
)

// Inet6Attrs is the table of them.
var Inet6Attrs = nl.Schema{Name: "inet6", Fields: []nl.Field{
	{Type: uint16(IFLA_INET6_FLAGS), Name: "IFLA_INET6_FLAGS", Kind: nl.KindU32, Names: &Inet6Flags},
	{Type: uint16(IFLA_INET6_CONF), Name: "IFLA_INET6_CONF", Kind: nl.KindStruct, Layout: &Inet6Conf},
	{Type: uint16(IFLA_INET6_STATS), Name: "IFLA_INET6_STATS", Kind: nl.KindStruct, Layout: &Inet6Stats},
	{Type: uint16(IFLA_INET6_MCAST), Name: "IFLA_INET6_MCAST", Kind: nl.KindBytes},
	{Type: uint16(IFLA_INET6_CACHEINFO), Name: "IFLA_INET6_CACHEINFO", Kind: nl.KindStruct, Layout: &Inet6Cacheinfo},
	{Type: uint16(IFLA_INET6_ICMP6STATS), Name: "IFLA_INET6_ICMP6STATS", Kind: nl.KindStruct, Layout: &ICMP6Stats},
	{Type: uint16(IFLA_INET6_TOKEN), Name: "IFLA_INET6_TOKEN", Kind: nl.KindIP},
	{Type: uint16(IFLA_INET6_ADDR_GEN_MODE), Name: "IFLA_INET6_ADDR_GEN_MODE", Kind: nl.KindU8, Names: &AddrGenModes},
	{Type: uint16(IFLA_INET6_RA_MTU), Name: "IFLA_INET6_RA_MTU", Kind: nl.KindU32, Unit: nl.UnitBytes},
}}

// Attributes inside IFLA_XDP.
const (
	IFLA_XDP_FD          nl.AttrS32 = 1
	IFLA_XDP_ATTACHED    nl.AttrU8  = 2
	IFLA_XDP_FLAGS       nl.AttrU32 = 3
	IFLA_XDP_PROG_ID     nl.AttrU32 = 4
	IFLA_XDP_DRV_PROG_ID nl.AttrU32 = 5
	IFLA_XDP_SKB_PROG_ID nl.AttrU32 = 6
	IFLA_XDP_HW_PROG_ID  nl.AttrU32 = 7
	IFLA_XDP_EXPECTED_FD nl.AttrS32 = 8
)

// XDPAttrs is the table of them.
var XDPAttrs = nl.Schema{Name: "xdp", Fields: []nl.Field{
	{Type: uint16(IFLA_XDP_FD), Name: "IFLA_XDP_FD", Kind: nl.KindS32},
	{Type: uint16(IFLA_XDP_ATTACHED), Name: "IFLA_XDP_ATTACHED", Kind: nl.KindU8, Names: &XDPAttached},
	{Type: uint16(IFLA_XDP_FLAGS), Name: "IFLA_XDP_FLAGS", Kind: nl.KindU32, Names: &XDPFlags},
	{Type: uint16(IFLA_XDP_PROG_ID), Name: "IFLA_XDP_PROG_ID", Kind: nl.KindU32},
	{Type: uint16(IFLA_XDP_DRV_PROG_ID), Name: "IFLA_XDP_DRV_PROG_ID", Kind: nl.KindU32},
	{Type: uint16(IFLA_XDP_SKB_PROG_ID), Name: "IFLA_XDP_SKB_PROG_ID", Kind: nl.KindU32},
	{Type: uint16(IFLA_XDP_HW_PROG_ID), Name: "IFLA_XDP_HW_PROG_ID", Kind: nl.KindU32},
	{Type: uint16(IFLA_XDP_EXPECTED_FD), Name: "IFLA_XDP_EXPECTED_FD", Kind: nl.KindS32},
}}

// ifinfomsgLayout is struct ifinfomsg.
var ifinfomsgLayout = nl.Layout{Name: "ifinfomsg", Size: 16, Members: []nl.Member{
	{Name: "ifi_family", Off: 0, Kind: nl.KindU8, Names: &Families},
	{Name: "pad", Off: 1, Kind: nl.KindUnused, Size: 1},
	{Name: "ifi_type", Off: 2, Kind: nl.KindU16, Names: &ARPHRDs},
	{Name: "ifi_index", Off: 4, Kind: nl.KindIndex},
	{Name: "ifi_flags", Off: 8, Kind: nl.KindU32, Names: &LinkFlags},
	{Name: "ifi_change", Off: 12, Kind: nl.KindU32, Names: &LinkFlags},
}}

// LinkStats64 is struct rtnl_link_stats64.
var LinkStats64 = nl.Layout{Name: "rtnl_link_stats64", Size: 200, Members: []nl.Member{
	{Name: "rx_packets", Off: 0, Kind: nl.KindU64},
	{Name: "tx_packets", Off: 8, Kind: nl.KindU64},
	{Name: "rx_bytes", Off: 16, Kind: nl.KindU64, Unit: nl.UnitBytes},
	{Name: "tx_bytes", Off: 24, Kind: nl.KindU64, Unit: nl.UnitBytes},
	{Name: "rx_errors", Off: 32, Kind: nl.KindU64},
	{Name: "tx_errors", Off: 40, Kind: nl.KindU64},
	{Name: "rx_dropped", Off: 48, Kind: nl.KindU64},
	{Name: "tx_dropped", Off: 56, Kind: nl.KindU64},
	{Name: "multicast", Off: 64, Kind: nl.KindU64},
	{Name: "collisions", Off: 72, Kind: nl.KindU64},
	{Name: "rx_length_errors", Off: 80, Kind: nl.KindU64},
	{Name: "rx_over_errors", Off: 88, Kind: nl.KindU64},
	{Name: "rx_crc_errors", Off: 96, Kind: nl.KindU64},
	{Name: "rx_frame_errors", Off: 104, Kind: nl.KindU64},
	{Name: "rx_fifo_errors", Off: 112, Kind: nl.KindU64},
	{Name: "rx_missed_errors", Off: 120, Kind: nl.KindU64},
	{Name: "tx_aborted_errors", Off: 128, Kind: nl.KindU64},
	{Name: "tx_carrier_errors", Off: 136, Kind: nl.KindU64},
	{Name: "tx_fifo_errors", Off: 144, Kind: nl.KindU64},
	{Name: "tx_heartbeat_errors", Off: 152, Kind: nl.KindU64},
	{Name: "tx_window_errors", Off: 160, Kind: nl.KindU64},
	{Name: "rx_compressed", Off: 168, Kind: nl.KindU64},
	{Name: "tx_compressed", Off: 176, Kind: nl.KindU64},
	{Name: "rx_nohandler", Off: 184, Kind: nl.KindU64},
	{Name: "rx_otherhost_dropped", Off: 192, Kind: nl.KindU64},
}}

// LinkStats is struct rtnl_link_stats.
var LinkStats = nl.Layout{Name: "rtnl_link_stats", Size: 96, Members: []nl.Member{
	{Name: "rx_packets", Off: 0, Kind: nl.KindU32},
	{Name: "tx_packets", Off: 4, Kind: nl.KindU32},
	{Name: "rx_bytes", Off: 8, Kind: nl.KindU32, Unit: nl.UnitBytes},
	{Name: "tx_bytes", Off: 12, Kind: nl.KindU32, Unit: nl.UnitBytes},
	{Name: "rx_errors", Off: 16, Kind: nl.KindU32},
	{Name: "tx_errors", Off: 20, Kind: nl.KindU32},
	{Name: "rx_dropped", Off: 24, Kind: nl.KindU32},
	{Name: "tx_dropped", Off: 28, Kind: nl.KindU32},
	{Name: "multicast", Off: 32, Kind: nl.KindU32},
	{Name: "collisions", Off: 36, Kind: nl.KindU32},
	{Name: "rx_length_errors", Off: 40, Kind: nl.KindU32},
	{Name: "rx_over_errors", Off: 44, Kind: nl.KindU32},
	{Name: "rx_crc_errors", Off: 48, Kind: nl.KindU32},
	{Name: "rx_frame_errors", Off: 52, Kind: nl.KindU32},
	{Name: "rx_fifo_errors", Off: 56, Kind: nl.KindU32},
	{Name: "rx_missed_errors", Off: 60, Kind: nl.KindU32},
	{Name: "tx_aborted_errors", Off: 64, Kind: nl.KindU32},
	{Name: "tx_carrier_errors", Off: 68, Kind: nl.KindU32},
	{Name: "tx_fifo_errors", Off: 72, Kind: nl.KindU32},
	{Name: "tx_heartbeat_errors", Off: 76, Kind: nl.KindU32},
	{Name: "tx_window_errors", Off: 80, Kind: nl.KindU32},
	{Name: "rx_compressed", Off: 84, Kind: nl.KindU32},
	{Name: "tx_compressed", Off: 88, Kind: nl.KindU32},
	{Name: "rx_nohandler", Off: 92, Kind: nl.KindU32},
}}

// LinkIfmap is struct rtnl_link_ifmap.
var LinkIfmap = nl.Layout{Name: "rtnl_link_ifmap", Size: 32, Members: []nl.Member{
	{Name: "mem_start", Off: 0, Kind: nl.KindU64},
	{Name: "mem_end", Off: 8, Kind: nl.KindU64},
	{Name: "base_addr", Off: 16, Kind: nl.KindU64},
	{Name: "irq", Off: 24, Kind: nl.KindU16},
	{Name: "dma", Off: 26, Kind: nl.KindU8},
	{Name: "port", Off: 27, Kind: nl.KindU8},
}}

// Inet6Cacheinfo is struct ifla_cacheinfo.
var Inet6Cacheinfo = nl.Layout{Name: "ifla_cacheinfo", Size: 16, Members: []nl.Member{
	{Name: "max_reasm_len", Off: 0, Kind: nl.KindU32, Unit: nl.UnitBytes},
	{Name: "tstamp", Off: 4, Kind: nl.KindU32, Unit: nl.UnitUserHZ},
	{Name: "reachable_time", Off: 8, Kind: nl.KindS32, Unit: nl.UnitMilliseconds},
	{Name: "retrans_time", Off: 12, Kind: nl.KindU32, Unit: nl.UnitMilliseconds},
}}

// Attributes inside IFLA_PROTO_DOWN_REASON.
const (
	IFLA_PROTO_DOWN_REASON_MASK  nl.AttrU32 = 1
	IFLA_PROTO_DOWN_REASON_VALUE nl.AttrU32 = 2
)

// ProtoDownReasonAttrs is the table of them.
var ProtoDownReasonAttrs = nl.Schema{Name: "proto-down-reason", Fields: []nl.Field{
	{Type: uint16(IFLA_PROTO_DOWN_REASON_MASK), Name: "IFLA_PROTO_DOWN_REASON_MASK", Kind: nl.KindU32, Unit: nl.UnitHex},
	{Type: uint16(IFLA_PROTO_DOWN_REASON_VALUE), Name: "IFLA_PROTO_DOWN_REASON_VALUE", Kind: nl.KindU32, Unit: nl.UnitHex},
}}
