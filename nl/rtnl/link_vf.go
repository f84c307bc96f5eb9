package rtnl

import "rawns/nl"

// Attributes inside IFLA_VFINFO_LIST: one IFLA_VF_INFO a virtual function.
const (
	IFLA_VF_INFO nl.AttrNest = 1
)

// VFInfoListAttrs is the table of them.
var VFInfoListAttrs = nl.Schema{Name: "vfinfo-list", Fields: []nl.Field{
	{Type: uint16(IFLA_VF_INFO), Name: "IFLA_VF_INFO", Kind: nl.KindNest, Sub: &VFInfoAttrs},
}}

// Attributes of a virtual function inside IFLA_VF_INFO, linux/if_link.h.
const (
	IFLA_VF_MAC          nl.AttrBytes = 1
	IFLA_VF_VLAN         nl.AttrBytes = 2
	IFLA_VF_TX_RATE      nl.AttrBytes = 3
	IFLA_VF_SPOOFCHK     nl.AttrBytes = 4
	IFLA_VF_LINK_STATE   nl.AttrBytes = 5
	IFLA_VF_RATE         nl.AttrBytes = 6
	IFLA_VF_RSS_QUERY_EN nl.AttrBytes = 7
	IFLA_VF_STATS        nl.AttrNest  = 8
	IFLA_VF_TRUST        nl.AttrBytes = 9
	IFLA_VF_IB_NODE_GUID nl.AttrBytes = 10
	IFLA_VF_IB_PORT_GUID nl.AttrBytes = 11
	IFLA_VF_VLAN_LIST    nl.AttrNest  = 12
	IFLA_VF_BROADCAST    nl.AttrBytes = 13
)

// VFInfoAttrs is the table of them.
var VFInfoAttrs = nl.Schema{Name: "vfinfo", Fields: []nl.Field{
	{Type: uint16(IFLA_VF_MAC), Name: "IFLA_VF_MAC", Kind: nl.KindStruct, Layout: &VFMAC},
	{Type: uint16(IFLA_VF_VLAN), Name: "IFLA_VF_VLAN", Kind: nl.KindStruct, Layout: &VFVLAN},
	{Type: uint16(IFLA_VF_TX_RATE), Name: "IFLA_VF_TX_RATE", Kind: nl.KindStruct, Layout: &VFTxRate},
	{Type: uint16(IFLA_VF_SPOOFCHK), Name: "IFLA_VF_SPOOFCHK", Kind: nl.KindStruct, Layout: &VFSpoofchk},
	{Type: uint16(IFLA_VF_LINK_STATE), Name: "IFLA_VF_LINK_STATE", Kind: nl.KindStruct, Layout: &VFLinkState},
	{Type: uint16(IFLA_VF_RATE), Name: "IFLA_VF_RATE", Kind: nl.KindStruct, Layout: &VFRate},
	{Type: uint16(IFLA_VF_RSS_QUERY_EN), Name: "IFLA_VF_RSS_QUERY_EN", Kind: nl.KindStruct, Layout: &VFRSSQueryEn},
	{Type: uint16(IFLA_VF_STATS), Name: "IFLA_VF_STATS", Kind: nl.KindNest, Sub: &VFStatsAttrs},
	{Type: uint16(IFLA_VF_TRUST), Name: "IFLA_VF_TRUST", Kind: nl.KindStruct, Layout: &VFTrust},
	{Type: uint16(IFLA_VF_IB_NODE_GUID), Name: "IFLA_VF_IB_NODE_GUID", Kind: nl.KindStruct, Layout: &VFGUID},
	{Type: uint16(IFLA_VF_IB_PORT_GUID), Name: "IFLA_VF_IB_PORT_GUID", Kind: nl.KindStruct, Layout: &VFGUID},
	{Type: uint16(IFLA_VF_VLAN_LIST), Name: "IFLA_VF_VLAN_LIST", Kind: nl.KindNest, Sub: &VFVLANListAttrs},
	{Type: uint16(IFLA_VF_BROADCAST), Name: "IFLA_VF_BROADCAST", Kind: nl.KindBytes},
}}

// Attributes inside IFLA_VF_STATS.
const (
	IFLA_VF_STATS_RX_PACKETS nl.AttrU64 = 0
	IFLA_VF_STATS_TX_PACKETS nl.AttrU64 = 1
	IFLA_VF_STATS_RX_BYTES   nl.AttrU64 = 2
	IFLA_VF_STATS_TX_BYTES   nl.AttrU64 = 3
	IFLA_VF_STATS_BROADCAST  nl.AttrU64 = 4
	IFLA_VF_STATS_MULTICAST  nl.AttrU64 = 5
	IFLA_VF_STATS_RX_DROPPED nl.AttrU64 = 7
	IFLA_VF_STATS_TX_DROPPED nl.AttrU64 = 8
)

// VFStatsAttrs is the table of them.
var VFStatsAttrs = nl.Schema{Name: "vf-stats", Fields: []nl.Field{
	{Type: uint16(IFLA_VF_STATS_RX_PACKETS), Name: "IFLA_VF_STATS_RX_PACKETS", Kind: nl.KindU64},
	{Type: uint16(IFLA_VF_STATS_TX_PACKETS), Name: "IFLA_VF_STATS_TX_PACKETS", Kind: nl.KindU64},
	{Type: uint16(IFLA_VF_STATS_RX_BYTES), Name: "IFLA_VF_STATS_RX_BYTES", Kind: nl.KindU64, Unit: nl.UnitBytes},
	{Type: uint16(IFLA_VF_STATS_TX_BYTES), Name: "IFLA_VF_STATS_TX_BYTES", Kind: nl.KindU64, Unit: nl.UnitBytes},
	{Type: uint16(IFLA_VF_STATS_BROADCAST), Name: "IFLA_VF_STATS_BROADCAST", Kind: nl.KindU64},
	{Type: uint16(IFLA_VF_STATS_MULTICAST), Name: "IFLA_VF_STATS_MULTICAST", Kind: nl.KindU64},
	{Type: 6, Name: "IFLA_VF_STATS_PAD", Kind: nl.KindUnused},
	{Type: uint16(IFLA_VF_STATS_RX_DROPPED), Name: "IFLA_VF_STATS_RX_DROPPED", Kind: nl.KindU64},
	{Type: uint16(IFLA_VF_STATS_TX_DROPPED), Name: "IFLA_VF_STATS_TX_DROPPED", Kind: nl.KindU64},
}}

// Attributes inside IFLA_VF_VLAN_LIST.
const (
	IFLA_VF_VLAN_INFO nl.AttrBytes = 1
)

// VFVLANListAttrs is the table of them.
var VFVLANListAttrs = nl.Schema{Name: "vf-vlan-list", Fields: []nl.Field{
	{Type: uint16(IFLA_VF_VLAN_INFO), Name: "IFLA_VF_VLAN_INFO", Kind: nl.KindStruct, Layout: &VFVLANInfo},
}}

// Attributes inside IFLA_VF_PORTS: one IFLA_VF_PORT a virtual function.
const (
	IFLA_VF_PORT nl.AttrNest = 1
)

// VFPortsAttrs is the table of them.
var VFPortsAttrs = nl.Schema{Name: "vf-ports", Fields: []nl.Field{
	{Type: uint16(IFLA_VF_PORT), Name: "IFLA_VF_PORT", Kind: nl.KindNest, Sub: &PortAttrs},
}}

// Attributes inside IFLA_VF_PORT and IFLA_PORT_SELF, linux/if_link.h.
const (
	IFLA_PORT_VF            nl.AttrU32   = 1
	IFLA_PORT_PROFILE       nl.AttrStr   = 2
	IFLA_PORT_VSI_TYPE      nl.AttrBytes = 3
	IFLA_PORT_INSTANCE_UUID nl.AttrBytes = 4
	IFLA_PORT_HOST_UUID     nl.AttrBytes = 5
	IFLA_PORT_REQUEST       nl.AttrU8    = 6
	IFLA_PORT_RESPONSE      nl.AttrU16   = 7
)

// PortAttrs is the table of them.
var PortAttrs = nl.Schema{Name: "port", Fields: []nl.Field{
	{Type: uint16(IFLA_PORT_VF), Name: "IFLA_PORT_VF", Kind: nl.KindU32},
	{Type: uint16(IFLA_PORT_PROFILE), Name: "IFLA_PORT_PROFILE", Kind: nl.KindStr},
	{Type: uint16(IFLA_PORT_VSI_TYPE), Name: "IFLA_PORT_VSI_TYPE", Kind: nl.KindBytes},
	{Type: uint16(IFLA_PORT_INSTANCE_UUID), Name: "IFLA_PORT_INSTANCE_UUID", Kind: nl.KindBytes},
	{Type: uint16(IFLA_PORT_HOST_UUID), Name: "IFLA_PORT_HOST_UUID", Kind: nl.KindBytes},
	{Type: uint16(IFLA_PORT_REQUEST), Name: "IFLA_PORT_REQUEST", Kind: nl.KindU8},
	{Type: uint16(IFLA_PORT_RESPONSE), Name: "IFLA_PORT_RESPONSE", Kind: nl.KindU16},
}}

// Attributes inside IFLA_DPLL_PIN, linux/dpll.h.
const (
	DPLL_A_PIN_ID nl.AttrU32 = 1
)

// DPLLPinAttrs is the table of them.
var DPLLPinAttrs = nl.Schema{Name: "link-dpll-pin", Fields: []nl.Field{
	{Type: uint16(DPLL_A_PIN_ID), Name: "DPLL_A_PIN_ID", Kind: nl.KindU32},
}}

// VFMAC is struct ifla_vf_mac.
var VFMAC = nl.Layout{Name: "ifla_vf_mac", Size: 36, Members: []nl.Member{
	{Name: "vf", Off: 0, Kind: nl.KindU32},
	{Name: "mac", Off: 4, Kind: nl.KindBytes, Size: 32},
}}

// VFVLAN is struct ifla_vf_vlan.
var VFVLAN = nl.Layout{Name: "ifla_vf_vlan", Size: 12, Members: []nl.Member{
	{Name: "vf", Off: 0, Kind: nl.KindU32},
	{Name: "vlan", Off: 4, Kind: nl.KindU32},
	{Name: "qos", Off: 8, Kind: nl.KindU32},
}}

// VFTxRate is struct ifla_vf_tx_rate.
var VFTxRate = nl.Layout{Name: "ifla_vf_tx_rate", Size: 8, Members: []nl.Member{
	{Name: "vf", Off: 0, Kind: nl.KindU32},
	{Name: "rate", Off: 4, Kind: nl.KindU32},
}}

// VFSpoofchk is struct ifla_vf_spoofchk.
var VFSpoofchk = nl.Layout{Name: "ifla_vf_spoofchk", Size: 8, Members: []nl.Member{
	{Name: "vf", Off: 0, Kind: nl.KindU32},
	{Name: "setting", Off: 4, Kind: nl.KindU32},
}}

// VFLinkState is struct ifla_vf_link_state.
var VFLinkState = nl.Layout{Name: "ifla_vf_link_state", Size: 8, Members: []nl.Member{
	{Name: "vf", Off: 0, Kind: nl.KindU32},
	{Name: "link_state", Off: 4, Kind: nl.KindU32, Names: &VFLinkStates},
}}

// VFRate is struct ifla_vf_rate.
var VFRate = nl.Layout{Name: "ifla_vf_rate", Size: 12, Members: []nl.Member{
	{Name: "vf", Off: 0, Kind: nl.KindU32},
	{Name: "min_tx_rate", Off: 4, Kind: nl.KindU32},
	{Name: "max_tx_rate", Off: 8, Kind: nl.KindU32},
}}

// VFRSSQueryEn is struct ifla_vf_rss_query_en.
var VFRSSQueryEn = nl.Layout{Name: "ifla_vf_rss_query_en", Size: 8, Members: []nl.Member{
	{Name: "vf", Off: 0, Kind: nl.KindU32},
	{Name: "setting", Off: 4, Kind: nl.KindU32},
}}

// VFTrust is struct ifla_vf_trust.
var VFTrust = nl.Layout{Name: "ifla_vf_trust", Size: 8, Members: []nl.Member{
	{Name: "vf", Off: 0, Kind: nl.KindU32},
	{Name: "setting", Off: 4, Kind: nl.KindU32},
}}

// VFGUID is struct ifla_vf_guid.
var VFGUID = nl.Layout{Name: "ifla_vf_guid", Size: 16, Members: []nl.Member{
	{Name: "vf", Off: 0, Kind: nl.KindU32},
	{Name: "guid", Off: 8, Kind: nl.KindU64},
}}

// VFVLANInfo is struct ifla_vf_vlan_info.
var VFVLANInfo = nl.Layout{Name: "ifla_vf_vlan_info", Size: 16, Members: []nl.Member{
	{Name: "vf", Off: 0, Kind: nl.KindU32},
	{Name: "vlan", Off: 4, Kind: nl.KindU32},
	{Name: "qos", Off: 8, Kind: nl.KindU32},
	{Name: "vlan_proto", Off: 12, Kind: nl.KindBE16, Names: &EtherTypes},
}}

// VFLinkStates are IFLA_VF_LINK_STATE_, linux/if_link.h.
var VFLinkStates = nl.Names{List: []nl.Name{
	{Value: 0, Name: "auto"}, {Value: 1, Name: "enable"}, {Value: 2, Name: "disable"},
}}
