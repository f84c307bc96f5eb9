package rtnl

import (
	"golang.org/x/sys/unix"

	"rawns/nl"
)

// A bridge's own view of its ports, and of itself: link messages of the family
// AF_BRIDGE. Their IFLA_PROTINFO holds the port's settings, and their
// IFLA_AF_SPEC other attributes than elsewhere. linux/if_bridge.h.

// SetLink begins RTM_SETLINK: AF_BRIDGE changes a port (IFLA_PROTINFO), or adds
// VLANs to it (IFLA_AF_SPEC).
func SetLink(b *nl.Builder, h IfInfomsg) {
	b.Message(unix.RTM_SETLINK, unix.NLM_F_REQUEST|unix.NLM_F_ACK)
	PutIfInfomsg(b, h)
}

// DelBridgeVLAN begins the RTM_DELLINK of family AF_BRIDGE that takes VLANs off
// a port: IFLA_AF_SPEC must follow.
func DelBridgeVLAN(b *nl.Builder, index int32) {
	b.Message(unix.RTM_DELLINK, unix.NLM_F_REQUEST|unix.NLM_F_ACK)
	PutIfInfomsg(b, IfInfomsg{Family: unix.AF_BRIDGE, Index: index})
}

// ProtInfo begins IFLA_PROTINFO as AF_BRIDGE has it: with NLA_F_NESTED, by which
// the kernel tells it from the single byte that it once was.
func ProtInfo(b *nl.Builder) nl.Mark { return b.NestF(nl.AttrNestF(IFLA_PROTINFO)) }

// Attributes inside IFLA_AF_SPEC of AF_BRIDGE messages.
const (
	IFLA_BRIDGE_FLAGS            nl.AttrU16   = 0
	IFLA_BRIDGE_MODE             nl.AttrU16   = 1
	IFLA_BRIDGE_VLAN_INFO        nl.AttrBytes = 2
	IFLA_BRIDGE_VLAN_TUNNEL_INFO nl.AttrNest  = 3
	IFLA_BRIDGE_MRP              nl.AttrNest  = 4
	IFLA_BRIDGE_CFM              nl.AttrNest  = 5
	IFLA_BRIDGE_MST              nl.AttrNest  = 6
)

// BridgeSpecAttrs is the table of them.
var BridgeSpecAttrs = nl.Schema{Name: "bridge-spec", Fields: []nl.Field{
	{Type: uint16(IFLA_BRIDGE_FLAGS), Name: "IFLA_BRIDGE_FLAGS", Kind: nl.KindU16, Names: &BridgeFlags},
	{Type: uint16(IFLA_BRIDGE_MODE), Name: "IFLA_BRIDGE_MODE", Kind: nl.KindU16, Names: &BridgeModes},
	{Type: uint16(IFLA_BRIDGE_VLAN_INFO), Name: "IFLA_BRIDGE_VLAN_INFO", Kind: nl.KindStruct, Layout: &BridgeVLANInfo},
	{Type: uint16(IFLA_BRIDGE_VLAN_TUNNEL_INFO), Name: "IFLA_BRIDGE_VLAN_TUNNEL_INFO", Kind: nl.KindNest, Sub: &VLANTunnelAttrs},
	{Type: uint16(IFLA_BRIDGE_MRP), Name: "IFLA_BRIDGE_MRP", Kind: nl.KindNest},
	{Type: uint16(IFLA_BRIDGE_CFM), Name: "IFLA_BRIDGE_CFM", Kind: nl.KindNest},
	{Type: uint16(IFLA_BRIDGE_MST), Name: "IFLA_BRIDGE_MST", Kind: nl.KindNest, Sub: &MSTAttrs},
}}

// Values of IFLA_BRIDGE_FLAGS: whom a request is for.
const (
	BridgeFlagMaster = 1 << 0
	BridgeFlagSelf   = 1 << 1
)

// BridgeFlags are BRIDGE_FLAGS_.
var BridgeFlags = nl.Names{Flags: true, List: []nl.Name{{Value: BridgeFlagMaster, Name: "master"}, {Value: BridgeFlagSelf, Name: "self"}}}

// Flags of a VLAN of a port, BRIDGE_VLAN_INFO_.
const (
	VLANMaster     = 1 << 0
	VLANPvid       = 1 << 1
	VLANUntagged   = 1 << 2
	VLANRangeBegin = 1 << 3
	VLANRangeEnd   = 1 << 4
	VLANBrentry    = 1 << 5
	VLANOnlyOpts   = 1 << 6
)

// BridgeVLANFlags are their words.
var BridgeVLANFlags = nl.Names{Flags: true, List: []nl.Name{
	{Value: VLANMaster, Name: "master"},
	{Value: VLANPvid, Name: "pvid"},
	{Value: VLANUntagged, Name: "untagged"},
	{Value: VLANRangeBegin, Name: "range-begin"},
	{Value: VLANRangeEnd, Name: "range-end"},
	{Value: VLANBrentry, Name: "brentry"},
	{Value: VLANOnlyOpts, Name: "only-opts"},
}}

// BridgeVLANInfo is struct bridge_vlan_info.
var BridgeVLANInfo = nl.Layout{Name: "bridge_vlan_info", Size: 4, Members: []nl.Member{
	{Name: "flags", Off: 0, Kind: nl.KindU16, Names: &BridgeVLANFlags},
	{Name: "vid", Off: 2, Kind: nl.KindU16},
}}

// Attributes inside IFLA_BRIDGE_VLAN_TUNNEL_INFO.
const (
	IFLA_BRIDGE_VLAN_TUNNEL_ID    nl.AttrU32 = 1
	IFLA_BRIDGE_VLAN_TUNNEL_VID   nl.AttrU16 = 2
	IFLA_BRIDGE_VLAN_TUNNEL_FLAGS nl.AttrU16 = 3
)

// VLANTunnelAttrs is the table of them.
var VLANTunnelAttrs = nl.Schema{Name: "vlan-tunnel", Fields: []nl.Field{
	{Type: uint16(IFLA_BRIDGE_VLAN_TUNNEL_ID), Name: "IFLA_BRIDGE_VLAN_TUNNEL_ID", Kind: nl.KindU32},
	{Type: uint16(IFLA_BRIDGE_VLAN_TUNNEL_VID), Name: "IFLA_BRIDGE_VLAN_TUNNEL_VID", Kind: nl.KindU16},
	{Type: uint16(IFLA_BRIDGE_VLAN_TUNNEL_FLAGS), Name: "IFLA_BRIDGE_VLAN_TUNNEL_FLAGS", Kind: nl.KindU16, Names: &BridgeVLANFlags},
}}

// BridgeLinkAttrs is the table of link messages of family AF_BRIDGE: what the
// kernel sends in them, of LinkAttrs, and takes.
var BridgeLinkAttrs = nl.Schema{Name: "bridge-link", Fields: []nl.Field{
	{Type: uint16(IFLA_ADDRESS), Name: "IFLA_ADDRESS", Kind: nl.KindMAC},
	{Type: uint16(IFLA_IFNAME), Name: "IFLA_IFNAME", Kind: nl.KindStr},
	{Type: uint16(IFLA_MTU), Name: "IFLA_MTU", Kind: nl.KindU32, Unit: nl.UnitBytes},
	{Type: uint16(IFLA_LINK), Name: "IFLA_LINK", Kind: nl.KindIndex},
	{Type: uint16(IFLA_MASTER), Name: "IFLA_MASTER", Kind: nl.KindIndex},
	{Type: uint16(IFLA_PROTINFO), Name: "IFLA_PROTINFO", Kind: nl.KindNest, Sub: &BridgePortAttrs},
	{Type: uint16(IFLA_OPERSTATE), Name: "IFLA_OPERSTATE", Kind: nl.KindU8, Names: &OperStates},
	{Type: uint16(IFLA_AF_SPEC), Name: "IFLA_AF_SPEC", Kind: nl.KindNest, Sub: &BridgeSpecAttrs},
	{Type: uint16(IFLA_EXT_MASK), Name: "IFLA_EXT_MASK", Kind: nl.KindU32, Names: &ExtMasks},
	{Type: uint16(IFLA_EVENT), Name: "IFLA_EVENT", Kind: nl.KindU32, Names: &LinkEvents},
}}
