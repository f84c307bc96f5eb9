package rtnl

import "rawns/nl"

// Nests that the kernel sends in few places, and structures that are not read
// anywhere but by who explains messages.

// QuerierStateAttrs is what IFLA_BR_MCAST_QUERIER_STATE and
// BRIDGE_VLANDB_GOPTS_MCAST_QUERIER_STATE hold, linux/if_bridge.h.
var QuerierStateAttrs = nl.Schema{Name: "querier-state", Fields: []nl.Field{
	{Type: 1, Name: "BRIDGE_QUERIER_IP_ADDRESS", Kind: nl.KindIP},
	{Type: 2, Name: "BRIDGE_QUERIER_IP_PORT", Kind: nl.KindIndex},
	{Type: 3, Name: "BRIDGE_QUERIER_IP_OTHER_TIMER", Kind: nl.KindU64, Unit: nl.UnitUserHZ},
	{Type: 4, Name: "BRIDGE_QUERIER_PAD", Kind: nl.KindUnused},
	{Type: 5, Name: "BRIDGE_QUERIER_IPV6_ADDRESS", Kind: nl.KindIP},
	{Type: 6, Name: "BRIDGE_QUERIER_IPV6_PORT", Kind: nl.KindIndex},
	{Type: 7, Name: "BRIDGE_QUERIER_IPV6_OTHER_TIMER", Kind: nl.KindU64, Unit: nl.UnitUserHZ},
}}

// FDBExtAttrs is what NDA_FDB_EXT_ATTRS holds, linux/neighbour.h.
var FDBExtAttrs = nl.Schema{Name: "fdb-ext", Fields: []nl.Field{
	{Type: 1, Name: "NFEA_ACTIVITY_NOTIFY", Kind: nl.KindU8, Names: &FDBActivity},
	{Type: 2, Name: "NFEA_DONT_REFRESH", Kind: nl.KindFlag},
}}

// FDBActivity are the FDB_NOTIFY_ bits, linux/neighbour.h.
var FDBActivity = nl.Names{Flags: true, List: []nl.Name{{Value: 1, Name: "notify"}, {Value: 2, Name: "inactive"}}}

// MSTAttrs is what IFLA_BRIDGE_MST holds, MSTEntryAttrs what each entry does,
// linux/if_bridge.h.
var MSTAttrs = nl.Schema{Name: "mst", Fields: []nl.Field{
	{Type: 1, Name: "IFLA_BRIDGE_MST_ENTRY", Kind: nl.KindNest, Sub: &MSTEntryAttrs},
}}

var MSTEntryAttrs = nl.Schema{Name: "mst-entry", Fields: []nl.Field{
	{Type: 1, Name: "IFLA_BRIDGE_MST_ENTRY_MSTI", Kind: nl.KindU16},
	{Type: 2, Name: "IFLA_BRIDGE_MST_ENTRY_STATE", Kind: nl.KindU8, Names: &BridgePortStates},
}}

// DevlinkPortAttrs is what IFLA_DEVLINK_PORT holds of linux/devlink.h.
var DevlinkPortAttrs = nl.Schema{Name: "devlink-port", Fields: []nl.Field{
	{Type: 1, Name: "DEVLINK_ATTR_BUS_NAME", Kind: nl.KindStr},
	{Type: 2, Name: "DEVLINK_ATTR_DEV_NAME", Kind: nl.KindStr},
	{Type: 3, Name: "DEVLINK_ATTR_PORT_INDEX", Kind: nl.KindU32},
}}

// NexthopGroupStatsAttrs is what NHA_GROUP_STATS holds, NexthopGroupStatAttrs
// what each entry does, linux/nexthop.h.
var NexthopGroupStatsAttrs = nl.Schema{Name: "nexthop-group-stats", Fields: []nl.Field{
	{Type: 1, Name: "NHA_GROUP_STATS_ENTRY", Kind: nl.KindNest, Sub: &NexthopGroupStatAttrs},
}}

var NexthopGroupStatAttrs = nl.Schema{Name: "nexthop-group-stat", Fields: []nl.Field{
	{Type: 1, Name: "NHA_GROUP_STATS_ENTRY_ID", Kind: nl.KindU32},
	{Type: 2, Name: "NHA_GROUP_STATS_ENTRY_PACKETS", Kind: nl.KindUint},
	{Type: 3, Name: "NHA_GROUP_STATS_ENTRY_PACKETS_HW", Kind: nl.KindUint},
}}

// RtNexthop is struct rtnexthop, which RTA_MULTIPATH holds, each with
// attributes behind it, linux/rtnetlink.h.
var RtNexthop = nl.Layout{Name: "rtnexthop", Size: 8, Members: []nl.Member{
	{Name: "rtnh_len", Off: 0, Kind: nl.KindU16, Unit: nl.UnitBytes},
	{Name: "rtnh_flags", Off: 2, Kind: nl.KindU8, Names: &RouteFlags},
	{Name: "rtnh_hops", Off: 3, Kind: nl.KindU8},
	{Name: "rtnh_ifindex", Off: 4, Kind: nl.KindIndex},
}}

// RtVia is struct rtvia without the address behind it, linux/rtnetlink.h.
var RtVia = nl.Layout{Name: "rtvia", Size: 2, Members: []nl.Member{
	{Name: "rtvia_family", Off: 0, Kind: nl.KindU16, Names: &Families},
}}

// NexthopGrp is struct nexthop_grp, several of which NHA_GROUP holds,
// linux/nexthop.h. A weight is one less than what is meant.
var NexthopGrp = nl.Layout{Name: "nexthop_grp", Size: 8, Members: []nl.Member{
	{Name: "id", Off: 0, Kind: nl.KindU32},
	{Name: "weight", Off: 4, Kind: nl.KindU8},
	{Name: "weight_high", Off: 5, Kind: nl.KindU8},
	{Name: "resvd2", Off: 6, Kind: nl.KindUnused, Size: 2},
}}

// RtaMfcStats is struct rta_mfc_stats, linux/rtnetlink.h.
var RtaMfcStats = nl.Layout{Name: "rta_mfc_stats", Size: 24, Members: []nl.Member{
	{Name: "mfcs_packets", Off: 0, Kind: nl.KindU64},
	{Name: "mfcs_bytes", Off: 8, Kind: nl.KindU64, Unit: nl.UnitBytes},
	{Name: "mfcs_wrong_if", Off: 16, Kind: nl.KindU64},
}}

// routerPortLayout is the port's index at the beginning of MDBA_ROUTER_PORT,
// which has no structure in the kernel's headers.
var routerPortLayout = nl.Layout{Name: "ifindex", Size: 4, Members: []nl.Member{{Name: "ifindex", Off: 0, Kind: nl.KindIndex}}}

// canBitrate and canTermination are what some of a CAN link's attributes are
// lists of.
var (
	canBitrate     = nl.Layout{Name: "bitrate", Size: 4, Members: []nl.Member{{Name: "bitrate", Off: 0, Kind: nl.KindU32}}}
	canTermination = nl.Layout{Name: "termination", Size: 2, Members: []nl.Member{{Name: "termination", Off: 0, Kind: nl.KindU16}}}
)

// LinkEvents are IFLA_EVENT_, linux/if_link.h: why a link is announced.
var LinkEvents = nl.Names{List: []nl.Name{
	{Value: 0, Name: "none"}, {Value: 1, Name: "reboot"}, {Value: 2, Name: "feature_change"}, {Value: 3, Name: "bonding_failover"},
	{Value: 4, Name: "notify_peers"}, {Value: 5, Name: "resend_igmp"}, {Value: 6, Name: "bonding_option"},
}}

// BridgeModes are BRIDGE_MODE_, linux/if_bridge.h.
var BridgeModes = nl.Names{List: []nl.Name{{Value: 0, Name: "veb"}, {Value: 1, Name: "vepa"}, {Value: 0xffff, Name: "undef"}}}

// XDPAttached are XDP_ATTACHED_, and XDPFlags the XDP_FLAGS_ bits,
// linux/if_link.h.
var (
	XDPAttached = nl.Names{List: []nl.Name{{Value: 0, Name: "none"}, {Value: 1, Name: "drv"}, {Value: 2, Name: "skb"}, {Value: 3, Name: "hw"}, {Value: 4, Name: "multi"}}}
	XDPFlags    = nl.Names{Flags: true, List: []nl.Name{
		{Value: 1, Name: "update_if_noexist"}, {Value: 2, Name: "skb_mode"}, {Value: 4, Name: "drv_mode"}, {Value: 8, Name: "hw_mode"}, {Value: 16, Name: "replace"},
	}}
)

// MDBGroupModes are MCAST_EXCLUDE and MCAST_INCLUDE, linux/in.h.
var MDBGroupModes = nl.Names{List: []nl.Name{{Value: 0, Name: "exclude"}, {Value: 1, Name: "include"}}}

// GREFlags are the GRE_ bits, linux/if_tunnel.h, as numbers in host order.
var GREFlags = nl.Names{Flags: true, List: []nl.Name{
	{Value: 0x8000, Name: "csum"}, {Value: 0x4000, Name: "routing"}, {Value: 0x2000, Name: "key"}, {Value: 0x1000, Name: "seq"}, {Value: 0x800, Name: "strict"},
}}

// TunnelEncaps are TUNNEL_ENCAP_, and TunnelEncapFlags the TUNNEL_ENCAP_FLAG_
// bits, linux/if_tunnel.h.
var (
	TunnelEncaps     = nl.Names{List: []nl.Name{{Value: 0, Name: "none"}, {Value: 1, Name: "fou"}, {Value: 2, Name: "gue"}, {Value: 3, Name: "mpls"}}}
	TunnelEncapFlags = nl.Names{Flags: true, List: []nl.Name{{Value: 1, Name: "csum"}, {Value: 2, Name: "csum6"}, {Value: 4, Name: "remcsum"}}}
)

// Seg6LocalActions are SEG6_LOCAL_ACTION_, linux/seg6_local.h.
var Seg6LocalActions = nl.Names{List: []nl.Name{
	{Value: 1, Name: "End"}, {Value: 2, Name: "End.X"}, {Value: 3, Name: "End.T"}, {Value: 4, Name: "End.DX2"}, {Value: 5, Name: "End.DX6"}, {Value: 6, Name: "End.DX4"},
	{Value: 7, Name: "End.DT6"}, {Value: 8, Name: "End.DT4"}, {Value: 9, Name: "End.B6"}, {Value: 10, Name: "End.B6.Encaps"}, {Value: 11, Name: "End.BM"},
	{Value: 12, Name: "End.S"}, {Value: 13, Name: "End.AS"}, {Value: 14, Name: "End.AM"}, {Value: 15, Name: "End.BPF"}, {Value: 16, Name: "End.DT46"},
}}

// IPProtocols are some of IPPROTO_, linux/in.h.
var IPProtocols = nl.Names{List: []nl.Name{
	{Value: 0, Name: "any"}, {Value: 1, Name: "icmp"}, {Value: 2, Name: "igmp"}, {Value: 4, Name: "ipip"}, {Value: 6, Name: "tcp"}, {Value: 17, Name: "udp"},
	{Value: 41, Name: "ipv6"}, {Value: 47, Name: "gre"}, {Value: 50, Name: "esp"}, {Value: 51, Name: "ah"}, {Value: 58, Name: "ipv6-icmp"},
	{Value: 132, Name: "sctp"}, {Value: 137, Name: "mpls"},
}}

// AddrProtocols are IFAPROT_, linux/if_addr.h.
var AddrProtocols = nl.Names{List: []nl.Name{{Value: 0, Name: "unspec"}, {Value: 1, Name: "kernel_lo"}, {Value: 2, Name: "kernel_ra"}, {Value: 3, Name: "kernel_ll"}}}

// Inet6Flags are the IF_ bits of IFLA_INET6_FLAGS, net/if_inet6.h.
var Inet6Flags = nl.Names{Flags: true, List: []nl.Name{
	{Value: 0x10, Name: "rs_sent"}, {Value: 0x20, Name: "ra_rcvd"}, {Value: 0x40, Name: "ra_managed"}, {Value: 0x80, Name: "ra_otherconf"}, {Value: 0x80000000, Name: "ready"},
}}

// MulticastRouters are MDB_RTR_TYPE_, linux/if_bridge.h.
var MulticastRouters = nl.Names{List: []nl.Name{{Value: 0, Name: "disabled"}, {Value: 1, Name: "temp_query"}, {Value: 2, Name: "permanent"}, {Value: 3, Name: "temp"}}}

// STPStates say who runs the spanning tree protocol of a bridge.
var STPStates = nl.Names{List: []nl.Name{{Value: 0, Name: "off"}, {Value: 1, Name: "kernel"}, {Value: 2, Name: "user"}}}

// MetricLocks are the bits of RTAX_LOCK: 1<<RTAX_MTU, ...
var MetricLocks = nl.Names{Flags: true, List: []nl.Name{
	{Value: 1 << 2, Name: "mtu"}, {Value: 1 << 3, Name: "window"}, {Value: 1 << 4, Name: "rtt"}, {Value: 1 << 5, Name: "rttvar"}, {Value: 1 << 6, Name: "ssthresh"},
	{Value: 1 << 7, Name: "cwnd"}, {Value: 1 << 8, Name: "advmss"}, {Value: 1 << 9, Name: "reordering"}, {Value: 1 << 10, Name: "hoplimit"}, {Value: 1 << 11, Name: "initcwnd"},
	{Value: 1 << 12, Name: "features"}, {Value: 1 << 13, Name: "rto_min"}, {Value: 1 << 14, Name: "initrwnd"}, {Value: 1 << 15, Name: "quickack"}, {Value: 1 << 16, Name: "congctl"},
}}

// RouteFeatures are the RTAX_FEATURE_ bits, linux/rtnetlink.h.
var RouteFeatures = nl.Names{Flags: true, List: []nl.Name{
	{Value: 1, Name: "ecn"}, {Value: 2, Name: "sack"}, {Value: 4, Name: "timestamp"}, {Value: 8, Name: "allfrag"}, {Value: 16, Name: "tcp_usec_ts"},
}}

// HSRProtocols are HSR_PROTOCOL_, linux/if_link.h.
var HSRProtocols = nl.Names{List: []nl.Name{{Value: 0, Name: "hsr"}, {Value: 1, Name: "prp"}}}

// BoolOpts are the BR_BOOLOPT_ switches of a bridge as bits, linux/if_bridge.h.
var BoolOpts = nl.Names{Flags: true, List: []nl.Name{
	{Value: 1, Name: "no_linklocal_learn"}, {Value: 2, Name: "mcast_vlan_snooping"}, {Value: 4, Name: "mst_enabled"},
	{Value: 8, Name: "mdb_offload_fail_notification"}, {Value: 16, Name: "fdb_local_vlan_0"},
}}

// StatsBits are IFLA_STATS_FILTER_BIT of IFLA_STATS_, linux/if_link.h.
var StatsBits = nl.Names{Flags: true, List: []nl.Name{
	{Value: 1, Name: "link_64"}, {Value: 2, Name: "link_xstats"}, {Value: 4, Name: "link_xstats_slave"}, {Value: 8, Name: "link_offload_xstats"}, {Value: 16, Name: "af_spec"},
}}
