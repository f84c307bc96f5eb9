package rtnl

import (
	"golang.org/x/sys/unix"

	"rawns/nl"
)

// The network identifiers that a vxlan link with vnifilter takes: RTM_NEWTUNNEL
// and its family, linux/if_link.h.

// TunnelStats in PortMsg.Flags asks for counters: TUNNEL_MSG_FLAG_STATS.
const TunnelStats = 1 << 0

// NewTunnel begins RTM_NEWTUNNEL; VXLAN_VNIFILTER_ENTRY follows, once or more.
func NewTunnel(b *nl.Builder, h PortMsg) { putPort(b, unix.RTM_NEWTUNNEL, unix.NLM_F_ACK, h) }

// DelTunnel begins RTM_DELTUNNEL, as NewTunnel.
func DelTunnel(b *nl.Builder, h PortMsg) { putPort(b, unix.RTM_DELTUNNEL, unix.NLM_F_ACK, h) }

// GetTunnel begins RTM_GETTUNNEL for Conn.Dump.
func GetTunnel(b *nl.Builder, h PortMsg) { putPort(b, unix.RTM_GETTUNNEL, 0, h) }

// VXLAN_VNIFILTER_ENTRY is all that these messages hold.
const VXLAN_VNIFILTER_ENTRY nl.AttrNestF = 1

// TunnelAttrs is the table of it.
var TunnelAttrs = nl.Schema{Name: "vnifilter", Fields: []nl.Field{
	{Type: uint16(VXLAN_VNIFILTER_ENTRY), Name: "VXLAN_VNIFILTER_ENTRY", Kind: nl.KindNest, Sub: &VNIEntryAttrs},
}}

// Attributes inside VXLAN_VNIFILTER_ENTRY.
const (
	VXLAN_VNIFILTER_ENTRY_START  nl.AttrU32  = 1
	VXLAN_VNIFILTER_ENTRY_END    nl.AttrU32  = 2
	VXLAN_VNIFILTER_ENTRY_GROUP  nl.AttrIP   = 3
	VXLAN_VNIFILTER_ENTRY_GROUP6 nl.AttrIP   = 4
	VXLAN_VNIFILTER_ENTRY_STATS  nl.AttrNest = 5
)

// VNIEntryAttrs is the table of them.
var VNIEntryAttrs = nl.Schema{Name: "vnifilter-entry", Fields: []nl.Field{
	{Type: uint16(VXLAN_VNIFILTER_ENTRY_START), Name: "VXLAN_VNIFILTER_ENTRY_START", Kind: nl.KindU32},
	{Type: uint16(VXLAN_VNIFILTER_ENTRY_END), Name: "VXLAN_VNIFILTER_ENTRY_END", Kind: nl.KindU32},
	{Type: uint16(VXLAN_VNIFILTER_ENTRY_GROUP), Name: "VXLAN_VNIFILTER_ENTRY_GROUP", Kind: nl.KindIP},
	{Type: uint16(VXLAN_VNIFILTER_ENTRY_GROUP6), Name: "VXLAN_VNIFILTER_ENTRY_GROUP6", Kind: nl.KindIP},
	{Type: uint16(VXLAN_VNIFILTER_ENTRY_STATS), Name: "VXLAN_VNIFILTER_ENTRY_STATS", Kind: nl.KindNest, Sub: &VNIStatsAttrs},
}}

// Attributes inside VXLAN_VNIFILTER_ENTRY_STATS.
const (
	VNIFILTER_ENTRY_STATS_RX_BYTES  nl.AttrU64 = 1
	VNIFILTER_ENTRY_STATS_RX_PKTS   nl.AttrU64 = 2
	VNIFILTER_ENTRY_STATS_RX_DROPS  nl.AttrU64 = 3
	VNIFILTER_ENTRY_STATS_RX_ERRORS nl.AttrU64 = 4
	VNIFILTER_ENTRY_STATS_TX_BYTES  nl.AttrU64 = 5
	VNIFILTER_ENTRY_STATS_TX_PKTS   nl.AttrU64 = 6
	VNIFILTER_ENTRY_STATS_TX_DROPS  nl.AttrU64 = 7
	VNIFILTER_ENTRY_STATS_TX_ERRORS nl.AttrU64 = 8
)

// VNIStatsAttrs is the table of them.
var VNIStatsAttrs = nl.Schema{Name: "vnifilter-stats", Fields: []nl.Field{
	{Type: uint16(VNIFILTER_ENTRY_STATS_RX_BYTES), Name: "VNIFILTER_ENTRY_STATS_RX_BYTES", Kind: nl.KindU64, Unit: nl.UnitBytes},
	{Type: uint16(VNIFILTER_ENTRY_STATS_RX_PKTS), Name: "VNIFILTER_ENTRY_STATS_RX_PKTS", Kind: nl.KindU64},
	{Type: uint16(VNIFILTER_ENTRY_STATS_RX_DROPS), Name: "VNIFILTER_ENTRY_STATS_RX_DROPS", Kind: nl.KindU64},
	{Type: uint16(VNIFILTER_ENTRY_STATS_RX_ERRORS), Name: "VNIFILTER_ENTRY_STATS_RX_ERRORS", Kind: nl.KindU64},
	{Type: uint16(VNIFILTER_ENTRY_STATS_TX_BYTES), Name: "VNIFILTER_ENTRY_STATS_TX_BYTES", Kind: nl.KindU64, Unit: nl.UnitBytes},
	{Type: uint16(VNIFILTER_ENTRY_STATS_TX_PKTS), Name: "VNIFILTER_ENTRY_STATS_TX_PKTS", Kind: nl.KindU64},
	{Type: uint16(VNIFILTER_ENTRY_STATS_TX_DROPS), Name: "VNIFILTER_ENTRY_STATS_TX_DROPS", Kind: nl.KindU64},
	{Type: uint16(VNIFILTER_ENTRY_STATS_TX_ERRORS), Name: "VNIFILTER_ENTRY_STATS_TX_ERRORS", Kind: nl.KindU64},
	{Type: 9, Name: "VNIFILTER_ENTRY_STATS_PAD", Kind: nl.KindUnused},
}}
