package rtnl

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"rawns/nl"
)

// Counters of links beyond those in RTM_NEWLINK, linux/if_link.h.

// IfStatsMsg is struct if_stats_msg.
type IfStatsMsg struct {
	Family uint8
	Index  int32
	Mask   uint32 // StatsFilter bits: what is asked for, or answered
}

const ifStatsMsgLen = 12

// StatsFilter is IFLA_STATS_FILTER_BIT: the bit of an attribute in a mask.
func StatsFilter(attr uint16) uint32 { return 1 << (attr - 1) }

// GetStats begins RTM_GETSTATS: with Conn.Do for the link with an index, with
// Conn.Dump for all.
func GetStats(b *nl.Builder, h IfStatsMsg) { putStats(b, unix.RTM_GETSTATS, unix.NLM_F_REQUEST, h) }

// SetStats begins RTM_SETSTATS: which counters the kernel, or the hardware,
// shall keep for a link.
func SetStats(b *nl.Builder, h IfStatsMsg) {
	putStats(b, unix.RTM_SETSTATS, unix.NLM_F_REQUEST|unix.NLM_F_ACK, h)
}

func putStats(b *nl.Builder, typ, flags uint16, h IfStatsMsg) {
	b.Message(typ, flags)
	p := b.Extend(ifStatsMsgLen)
	p[0] = h.Family
	binary.NativeEndian.PutUint32(p[4:], uint32(h.Index))
	binary.NativeEndian.PutUint32(p[8:], h.Mask)
}

// ParseStats reads RTM_NEWSTATS. Its errors are ErrType and *nl.LengthError.
func ParseStats(m nl.Message) (h IfStatsMsg, as nl.Attrs, err error) {
	if as, err = parse(m, unix.RTM_NEWSTATS, ifStatsMsgLen); err != nil {
		return h, nil, err
	}
	p := m.Payload()
	h.Family = p[0]
	h.Index = int32(binary.NativeEndian.Uint32(p[4:]))
	h.Mask = binary.NativeEndian.Uint32(p[8:])
	return h, as, nil
}

// Attributes of RTM_NEWSTATS.
const (
	IFLA_STATS_LINK_64             nl.AttrBytes = 1
	IFLA_STATS_LINK_XSTATS         nl.AttrNest  = 2
	IFLA_STATS_LINK_XSTATS_SLAVE   nl.AttrNest  = 3
	IFLA_STATS_LINK_OFFLOAD_XSTATS nl.AttrNest  = 4
	IFLA_STATS_AF_SPEC             nl.AttrNest  = 5
)

// StatsAttrs is the table of them.
var StatsAttrs = nl.Schema{Name: "stats", Fields: []nl.Field{
	{Type: uint16(IFLA_STATS_LINK_64), Name: "IFLA_STATS_LINK_64", Kind: nl.KindStruct, Layout: &LinkStats64},
	{Type: uint16(IFLA_STATS_LINK_XSTATS), Name: "IFLA_STATS_LINK_XSTATS", Kind: nl.KindNest, Sub: &XStatsAttrs},
	{Type: uint16(IFLA_STATS_LINK_XSTATS_SLAVE), Name: "IFLA_STATS_LINK_XSTATS_SLAVE", Kind: nl.KindNest, Sub: &XStatsAttrs},
	{Type: uint16(IFLA_STATS_LINK_OFFLOAD_XSTATS), Name: "IFLA_STATS_LINK_OFFLOAD_XSTATS", Kind: nl.KindNest, Sub: &OffloadXStatsAttrs},
	{Type: uint16(IFLA_STATS_AF_SPEC), Name: "IFLA_STATS_AF_SPEC", Kind: nl.KindNest, Sub: &AfStatsAttrs},
}}

// Attributes of RTM_GETSTATS and RTM_SETSTATS, which are numbered anew.
const (
	IFLA_STATS_GET_FILTERS                 nl.AttrNestF = 1
	IFLA_STATS_SET_OFFLOAD_XSTATS_L3_STATS nl.AttrU8    = 2
)

// StatsRequestAttrs is the table of them.
var StatsRequestAttrs = nl.Schema{Name: "stats-request", Fields: []nl.Field{
	{Type: uint16(IFLA_STATS_GET_FILTERS), Name: "IFLA_STATS_GET_FILTERS", Kind: nl.KindNest, Sub: &StatsFilterAttrs},
	{Type: uint16(IFLA_STATS_SET_OFFLOAD_XSTATS_L3_STATS), Name: "IFLA_STATS_SET_OFFLOAD_XSTATS_L3_STATS", Kind: nl.KindU8, Names: &OffOn},
}}

// StatsFilterAttrs are inside IFLA_STATS_GET_FILTERS: a mask of what is wanted
// inside each of the nests of StatsAttrs, under that one's number.
var StatsFilterAttrs = nl.Schema{Name: "stats-filters", Fields: []nl.Field{
	{Type: uint16(IFLA_STATS_LINK_XSTATS), Name: "IFLA_STATS_LINK_XSTATS", Kind: nl.KindU32},
	{Type: uint16(IFLA_STATS_LINK_XSTATS_SLAVE), Name: "IFLA_STATS_LINK_XSTATS_SLAVE", Kind: nl.KindU32},
	{Type: uint16(IFLA_STATS_LINK_OFFLOAD_XSTATS), Name: "IFLA_STATS_LINK_OFFLOAD_XSTATS", Kind: nl.KindU32},
	{Type: uint16(IFLA_STATS_AF_SPEC), Name: "IFLA_STATS_AF_SPEC", Kind: nl.KindU32},
}}

// Attributes inside IFLA_STATS_LINK_XSTATS and IFLA_STATS_LINK_XSTATS_SLAVE:
// what a kind of link counts besides.
const (
	LINK_XSTATS_TYPE_BRIDGE nl.AttrNest = 1
	LINK_XSTATS_TYPE_BOND   nl.AttrNest = 2
)

// XStatsAttrs is the table of them.
var XStatsAttrs = nl.Schema{Name: "xstats", Fields: []nl.Field{
	{Type: uint16(LINK_XSTATS_TYPE_BRIDGE), Name: "LINK_XSTATS_TYPE_BRIDGE", Kind: nl.KindNest, Sub: &BridgeXStatsAttrs},
	{Type: uint16(LINK_XSTATS_TYPE_BOND), Name: "LINK_XSTATS_TYPE_BOND", Kind: nl.KindNest, Sub: &BondXStatsAttrs},
}}

// Attributes inside LINK_XSTATS_TYPE_BRIDGE, linux/if_bridge.h. There is one
// BRIDGE_XSTATS_VLAN a VLAN.
const (
	BRIDGE_XSTATS_VLAN  nl.AttrBytes = 1
	BRIDGE_XSTATS_MCAST nl.AttrBytes = 2
	BRIDGE_XSTATS_STP   nl.AttrBytes = 4
)

// BridgeXStatsAttrs is the table of them.
var BridgeXStatsAttrs = nl.Schema{Name: "bridge-xstats", Fields: []nl.Field{
	{Type: uint16(BRIDGE_XSTATS_VLAN), Name: "BRIDGE_XSTATS_VLAN", Kind: nl.KindStruct, Layout: &BridgeVLANXStats},
	{Type: uint16(BRIDGE_XSTATS_MCAST), Name: "BRIDGE_XSTATS_MCAST", Kind: nl.KindStruct, Layout: &BrMcastStats},
	{Type: 3, Name: "BRIDGE_XSTATS_PAD", Kind: nl.KindUnused},
	{Type: uint16(BRIDGE_XSTATS_STP), Name: "BRIDGE_XSTATS_STP", Kind: nl.KindStruct, Layout: &BridgeSTPXStats},
}}

// Attributes inside LINK_XSTATS_TYPE_BOND, linux/if_bonding.h.
const (
	BOND_XSTATS_3AD nl.AttrNest = 1
)

// BondXStatsAttrs is the table of them.
var BondXStatsAttrs = nl.Schema{Name: "bond-xstats", Fields: []nl.Field{
	{Type: uint16(BOND_XSTATS_3AD), Name: "BOND_XSTATS_3AD", Kind: nl.KindNest, Sub: &Bond3ADStatsAttrs},
}}

// Attributes inside BOND_XSTATS_3AD, linux/if_bonding.h.
const (
	BOND_3AD_STAT_LACPDU_RX         nl.AttrU64 = 0
	BOND_3AD_STAT_LACPDU_TX         nl.AttrU64 = 1
	BOND_3AD_STAT_LACPDU_UNKNOWN_RX nl.AttrU64 = 2
	BOND_3AD_STAT_LACPDU_ILLEGAL_RX nl.AttrU64 = 3
	BOND_3AD_STAT_MARKER_RX         nl.AttrU64 = 4
	BOND_3AD_STAT_MARKER_TX         nl.AttrU64 = 5
	BOND_3AD_STAT_MARKER_RESP_RX    nl.AttrU64 = 6
	BOND_3AD_STAT_MARKER_RESP_TX    nl.AttrU64 = 7
	BOND_3AD_STAT_MARKER_UNKNOWN_RX nl.AttrU64 = 8
)

// Bond3ADStatsAttrs is the table of them.
var Bond3ADStatsAttrs = nl.Schema{Name: "bond-3ad-stats", Fields: []nl.Field{
	{Type: uint16(BOND_3AD_STAT_LACPDU_RX), Name: "BOND_3AD_STAT_LACPDU_RX", Kind: nl.KindU64},
	{Type: uint16(BOND_3AD_STAT_LACPDU_TX), Name: "BOND_3AD_STAT_LACPDU_TX", Kind: nl.KindU64},
	{Type: uint16(BOND_3AD_STAT_LACPDU_UNKNOWN_RX), Name: "BOND_3AD_STAT_LACPDU_UNKNOWN_RX", Kind: nl.KindU64},
	{Type: uint16(BOND_3AD_STAT_LACPDU_ILLEGAL_RX), Name: "BOND_3AD_STAT_LACPDU_ILLEGAL_RX", Kind: nl.KindU64},
	{Type: uint16(BOND_3AD_STAT_MARKER_RX), Name: "BOND_3AD_STAT_MARKER_RX", Kind: nl.KindU64},
	{Type: uint16(BOND_3AD_STAT_MARKER_TX), Name: "BOND_3AD_STAT_MARKER_TX", Kind: nl.KindU64},
	{Type: uint16(BOND_3AD_STAT_MARKER_RESP_RX), Name: "BOND_3AD_STAT_MARKER_RESP_RX", Kind: nl.KindU64},
	{Type: uint16(BOND_3AD_STAT_MARKER_RESP_TX), Name: "BOND_3AD_STAT_MARKER_RESP_TX", Kind: nl.KindU64},
	{Type: uint16(BOND_3AD_STAT_MARKER_UNKNOWN_RX), Name: "BOND_3AD_STAT_MARKER_UNKNOWN_RX", Kind: nl.KindU64},
	{Type: 9, Name: "BOND_3AD_STAT_PAD", Kind: nl.KindUnused},
}}

// Attributes inside IFLA_STATS_LINK_OFFLOAD_XSTATS: what passes hardware.
const (
	IFLA_OFFLOAD_XSTATS_CPU_HIT   nl.AttrBytes = 1
	IFLA_OFFLOAD_XSTATS_HW_S_INFO nl.AttrNest  = 2
	IFLA_OFFLOAD_XSTATS_L3_STATS  nl.AttrBytes = 3
)

// OffloadXStatsAttrs is the table of them.
var OffloadXStatsAttrs = nl.Schema{Name: "offload-xstats", Fields: []nl.Field{
	{Type: uint16(IFLA_OFFLOAD_XSTATS_CPU_HIT), Name: "IFLA_OFFLOAD_XSTATS_CPU_HIT", Kind: nl.KindStruct, Layout: &LinkStats64},
	{Type: uint16(IFLA_OFFLOAD_XSTATS_HW_S_INFO), Name: "IFLA_OFFLOAD_XSTATS_HW_S_INFO", Kind: nl.KindArray, Sub: &HWStatsInfoAttrs},
	{Type: uint16(IFLA_OFFLOAD_XSTATS_L3_STATS), Name: "IFLA_OFFLOAD_XSTATS_L3_STATS", Kind: nl.KindStruct, Layout: &HWStats64},
}}

// Attributes inside IFLA_OFFLOAD_XSTATS_HW_S_INFO, whose elements' numbers are
// those of OffloadXStatsAttrs.
const (
	IFLA_OFFLOAD_XSTATS_HW_S_INFO_REQUEST nl.AttrU8 = 1
	IFLA_OFFLOAD_XSTATS_HW_S_INFO_USED    nl.AttrU8 = 2
)

// HWStatsInfoAttrs is the table of them.
var HWStatsInfoAttrs = nl.Schema{Name: "hw-stats-info", Fields: []nl.Field{
	{Type: uint16(IFLA_OFFLOAD_XSTATS_HW_S_INFO_REQUEST), Name: "IFLA_OFFLOAD_XSTATS_HW_S_INFO_REQUEST", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_OFFLOAD_XSTATS_HW_S_INFO_USED), Name: "IFLA_OFFLOAD_XSTATS_HW_S_INFO_USED", Kind: nl.KindU8, Names: &OffOn},
}}

// Attributes inside IFLA_STATS_AF_SPEC: their numbers are those of families.
const (
	IFLA_STATS_AF_MPLS nl.AttrNest = 28 // AF_MPLS
)

// AfStatsAttrs is the table of them.
var AfStatsAttrs = nl.Schema{Name: "af-stats", Fields: []nl.Field{
	{Type: uint16(IFLA_STATS_AF_MPLS), Name: "IFLA_STATS_AF_MPLS", Kind: nl.KindNest, Sub: &MPLSStatsAttrs},
}}

// Attributes inside IFLA_STATS_AF_MPLS, linux/mpls.h.
const (
	MPLS_STATS_LINK nl.AttrBytes = 1
)

// MPLSStatsAttrs is the table of them.
var MPLSStatsAttrs = nl.Schema{Name: "mpls-stats", Fields: []nl.Field{
	{Type: uint16(MPLS_STATS_LINK), Name: "MPLS_STATS_LINK", Kind: nl.KindStruct, Layout: &MPLSLinkStats},
}}

var ifStatsMsgLayout = nl.Layout{Name: "if_stats_msg", Size: ifStatsMsgLen, Members: []nl.Member{
	{Name: "family", Off: 0, Kind: nl.KindU8, Names: &Families},
	{Name: "pad", Off: 1, Kind: nl.KindUnused, Size: 3},
	{Name: "ifindex", Off: 4, Kind: nl.KindIndex},
	{Name: "filter_mask", Off: 8, Kind: nl.KindU32, Names: &StatsBits},
}}

// HWStats64 is struct rtnl_hw_stats64.
var HWStats64 = nl.Layout{Name: "rtnl_hw_stats64", Size: 72, Members: []nl.Member{
	{Name: "rx_packets", Off: 0, Kind: nl.KindU64},
	{Name: "tx_packets", Off: 8, Kind: nl.KindU64},
	{Name: "rx_bytes", Off: 16, Kind: nl.KindU64},
	{Name: "tx_bytes", Off: 24, Kind: nl.KindU64},
	{Name: "rx_errors", Off: 32, Kind: nl.KindU64},
	{Name: "tx_errors", Off: 40, Kind: nl.KindU64},
	{Name: "rx_dropped", Off: 48, Kind: nl.KindU64},
	{Name: "tx_dropped", Off: 56, Kind: nl.KindU64},
	{Name: "multicast", Off: 64, Kind: nl.KindU64},
}}

// MPLSLinkStats is struct mpls_link_stats.
var MPLSLinkStats = nl.Layout{Name: "mpls_link_stats", Size: 72, Members: []nl.Member{
	{Name: "rx_packets", Off: 0, Kind: nl.KindU64},
	{Name: "tx_packets", Off: 8, Kind: nl.KindU64},
	{Name: "rx_bytes", Off: 16, Kind: nl.KindU64},
	{Name: "tx_bytes", Off: 24, Kind: nl.KindU64},
	{Name: "rx_errors", Off: 32, Kind: nl.KindU64},
	{Name: "tx_errors", Off: 40, Kind: nl.KindU64},
	{Name: "rx_dropped", Off: 48, Kind: nl.KindU64},
	{Name: "tx_dropped", Off: 56, Kind: nl.KindU64},
	{Name: "rx_noroute", Off: 64, Kind: nl.KindU64},
}}

// BridgeSTPXStats is struct bridge_stp_xstats.
var BridgeSTPXStats = nl.Layout{Name: "bridge_stp_xstats", Size: 48, Members: []nl.Member{
	{Name: "transition_blk", Off: 0, Kind: nl.KindU64},
	{Name: "transition_fwd", Off: 8, Kind: nl.KindU64},
	{Name: "rx_bpdu", Off: 16, Kind: nl.KindU64},
	{Name: "tx_bpdu", Off: 24, Kind: nl.KindU64},
	{Name: "rx_tcn", Off: 32, Kind: nl.KindU64},
	{Name: "tx_tcn", Off: 40, Kind: nl.KindU64},
}}

// BridgeVLANXStats is struct bridge_vlan_xstats.
var BridgeVLANXStats = nl.Layout{Name: "bridge_vlan_xstats", Size: 40, Members: []nl.Member{
	{Name: "rx_bytes", Off: 0, Kind: nl.KindU64},
	{Name: "rx_packets", Off: 8, Kind: nl.KindU64},
	{Name: "tx_bytes", Off: 16, Kind: nl.KindU64},
	{Name: "tx_packets", Off: 24, Kind: nl.KindU64},
	{Name: "vid", Off: 32, Kind: nl.KindU16},
	{Name: "flags", Off: 34, Kind: nl.KindU16},
	{Name: "pad2", Off: 36, Kind: nl.KindUnused, Size: 4},
}}

// BrMcastStats is struct br_mcast_stats: each array of two is two members here.
var BrMcastStats = nl.Layout{Name: "br_mcast_stats", Size: 240, Members: []nl.Member{
	{Name: "igmp_v1queries_rx", Off: 0, Kind: nl.KindU64},
	{Name: "igmp_v1queries_tx", Off: 8, Kind: nl.KindU64},
	{Name: "igmp_v2queries_rx", Off: 16, Kind: nl.KindU64},
	{Name: "igmp_v2queries_tx", Off: 24, Kind: nl.KindU64},
	{Name: "igmp_v3queries_rx", Off: 32, Kind: nl.KindU64},
	{Name: "igmp_v3queries_tx", Off: 40, Kind: nl.KindU64},
	{Name: "igmp_leaves_rx", Off: 48, Kind: nl.KindU64},
	{Name: "igmp_leaves_tx", Off: 56, Kind: nl.KindU64},
	{Name: "igmp_v1reports_rx", Off: 64, Kind: nl.KindU64},
	{Name: "igmp_v1reports_tx", Off: 72, Kind: nl.KindU64},
	{Name: "igmp_v2reports_rx", Off: 80, Kind: nl.KindU64},
	{Name: "igmp_v2reports_tx", Off: 88, Kind: nl.KindU64},
	{Name: "igmp_v3reports_rx", Off: 96, Kind: nl.KindU64},
	{Name: "igmp_v3reports_tx", Off: 104, Kind: nl.KindU64},
	{Name: "igmp_parse_errors", Off: 112, Kind: nl.KindU64},
	{Name: "mld_v1queries_rx", Off: 120, Kind: nl.KindU64},
	{Name: "mld_v1queries_tx", Off: 128, Kind: nl.KindU64},
	{Name: "mld_v2queries_rx", Off: 136, Kind: nl.KindU64},
	{Name: "mld_v2queries_tx", Off: 144, Kind: nl.KindU64},
	{Name: "mld_leaves_rx", Off: 152, Kind: nl.KindU64},
	{Name: "mld_leaves_tx", Off: 160, Kind: nl.KindU64},
	{Name: "mld_v1reports_rx", Off: 168, Kind: nl.KindU64},
	{Name: "mld_v1reports_tx", Off: 176, Kind: nl.KindU64},
	{Name: "mld_v2reports_rx", Off: 184, Kind: nl.KindU64},
	{Name: "mld_v2reports_tx", Off: 192, Kind: nl.KindU64},
	{Name: "mld_parse_errors", Off: 200, Kind: nl.KindU64},
	{Name: "mcast_bytes_rx", Off: 208, Kind: nl.KindU64},
	{Name: "mcast_bytes_tx", Off: 216, Kind: nl.KindU64},
	{Name: "mcast_packets_rx", Off: 224, Kind: nl.KindU64},
	{Name: "mcast_packets_tx", Off: 232, Kind: nl.KindU64},
}}
