package rtnl

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"rawns/nl"
)

// PortMsg is the fixed header that messages of the bridge's own kinds share:
// struct br_vlan_msg (RTM_NEWVLAN), br_port_msg (RTM_NEWMDB) and, with flags,
// tunnel_msg (RTM_NEWTUNNEL). linux/if_bridge.h, linux/if_link.h.
type PortMsg struct {
	Family uint8 // AF_BRIDGE
	Flags  uint8
	Index  int32 // of the interface
}

const portMsgLen = 8

func (h PortMsg) put(p []byte) {
	p[0], p[1] = h.Family, h.Flags
	binary.NativeEndian.PutUint32(p[4:], uint32(h.Index))
}

// putPort begins a message with such a header.
func putPort(b *nl.Builder, typ, flags uint16, h PortMsg) {
	b.Message(typ, unix.NLM_F_REQUEST|flags)
	h.put(b.Extend(portMsgLen))
}

// Port is a view of a received message of these kinds: valid as long as the
// message.
type Port struct {
	PortMsg
	Attrs nl.Attrs
}

// ParsePort reads a message with such a header, of the family of types that
// begins with newType. Its errors are ErrType and *nl.LengthError.
func ParsePort(m nl.Message, newType uint16) (Port, error) {
	as, err := parse(m, newType, portMsgLen)
	if err != nil {
		return Port{}, err
	}
	p := m.Payload()
	return Port{PortMsg{p[0], p[1], int32(binary.NativeEndian.Uint32(p[4:]))}, as}, nil
}

// NewVLAN begins RTM_NEWVLAN, which sets options of VLANs that are there:
// BRIDGE_VLANDB_ENTRY or BRIDGE_VLANDB_GLOBAL_OPTIONS follow.
func NewVLAN(b *nl.Builder, h PortMsg) { putPort(b, unix.RTM_NEWVLAN, unix.NLM_F_ACK, h) }

// GetVLAN begins RTM_GETVLAN for Conn.Dump; BRIDGE_VLANDB_DUMP_FLAGS may
// follow.
func GetVLAN(b *nl.Builder, h PortMsg) { putPort(b, unix.RTM_GETVLAN, 0, h) }

// Attributes of the VLANs of ports and bridges: RTM_NEWVLAN and its family.
const (
	BRIDGE_VLANDB_ENTRY          nl.AttrNestF = 1
	BRIDGE_VLANDB_GLOBAL_OPTIONS nl.AttrNestF = 2
)

// VLANDBAttrs is the table of them.
var VLANDBAttrs = nl.Schema{Name: "vlandb", Fields: []nl.Field{
	{Type: uint16(BRIDGE_VLANDB_ENTRY), Name: "BRIDGE_VLANDB_ENTRY", Kind: nl.KindNest, Sub: &VLANEntryAttrs},
	{Type: uint16(BRIDGE_VLANDB_GLOBAL_OPTIONS), Name: "BRIDGE_VLANDB_GLOBAL_OPTIONS", Kind: nl.KindNest, Sub: &VLANGlobalAttrs},
}}

// BRIDGE_VLANDB_DUMP_FLAGS says what a dump shall hold.
const BRIDGE_VLANDB_DUMP_FLAGS nl.AttrU32 = 1

// Bits of it.
const (
	VLANDumpStats  = 1 << 0
	VLANDumpGlobal = 1 << 1
)

// VLANDumpAttrs is the table of RTM_GETVLAN.
var VLANDumpAttrs = nl.Schema{Name: "vlandb-dump", Fields: []nl.Field{
	{Type: uint16(BRIDGE_VLANDB_DUMP_FLAGS), Name: "BRIDGE_VLANDB_DUMP_FLAGS", Kind: nl.KindU32,
		Names: &nl.Names{Flags: true, List: []nl.Name{{Value: VLANDumpStats, Name: "stats"}, {Value: VLANDumpGlobal, Name: "global"}}}},
}}

// Attributes inside BRIDGE_VLANDB_ENTRY.
const (
	BRIDGE_VLANDB_ENTRY_INFO             nl.AttrBytes = 1
	BRIDGE_VLANDB_ENTRY_RANGE            nl.AttrU16   = 2
	BRIDGE_VLANDB_ENTRY_STATE            nl.AttrU8    = 3
	BRIDGE_VLANDB_ENTRY_TUNNEL_INFO      nl.AttrNest  = 4
	BRIDGE_VLANDB_ENTRY_STATS            nl.AttrNest  = 5
	BRIDGE_VLANDB_ENTRY_MCAST_ROUTER     nl.AttrU8    = 6
	BRIDGE_VLANDB_ENTRY_MCAST_N_GROUPS   nl.AttrU32   = 7
	BRIDGE_VLANDB_ENTRY_MCAST_MAX_GROUPS nl.AttrU32   = 8
	BRIDGE_VLANDB_ENTRY_NEIGH_SUPPRESS   nl.AttrU8    = 9
)

// VLANEntryAttrs is the table of them.
var VLANEntryAttrs = nl.Schema{Name: "vlandb-entry", Fields: []nl.Field{
	{Type: uint16(BRIDGE_VLANDB_ENTRY_INFO), Name: "BRIDGE_VLANDB_ENTRY_INFO", Kind: nl.KindStruct, Layout: &BridgeVLANInfo},
	{Type: uint16(BRIDGE_VLANDB_ENTRY_RANGE), Name: "BRIDGE_VLANDB_ENTRY_RANGE", Kind: nl.KindU16},
	{Type: uint16(BRIDGE_VLANDB_ENTRY_STATE), Name: "BRIDGE_VLANDB_ENTRY_STATE", Kind: nl.KindU8, Names: &BridgePortStates},
	{Type: uint16(BRIDGE_VLANDB_ENTRY_TUNNEL_INFO), Name: "BRIDGE_VLANDB_ENTRY_TUNNEL_INFO", Kind: nl.KindNest, Sub: &VLANTunnelInfoAttrs},
	{Type: uint16(BRIDGE_VLANDB_ENTRY_STATS), Name: "BRIDGE_VLANDB_ENTRY_STATS", Kind: nl.KindNest, Sub: &VLANStatsAttrs},
	{Type: uint16(BRIDGE_VLANDB_ENTRY_MCAST_ROUTER), Name: "BRIDGE_VLANDB_ENTRY_MCAST_ROUTER", Kind: nl.KindU8, Names: &MulticastRouters},
	{Type: uint16(BRIDGE_VLANDB_ENTRY_MCAST_N_GROUPS), Name: "BRIDGE_VLANDB_ENTRY_MCAST_N_GROUPS", Kind: nl.KindU32},
	{Type: uint16(BRIDGE_VLANDB_ENTRY_MCAST_MAX_GROUPS), Name: "BRIDGE_VLANDB_ENTRY_MCAST_MAX_GROUPS", Kind: nl.KindU32},
	{Type: uint16(BRIDGE_VLANDB_ENTRY_NEIGH_SUPPRESS), Name: "BRIDGE_VLANDB_ENTRY_NEIGH_SUPPRESS", Kind: nl.KindU8, Names: &OffOn},
}}

// Attributes inside BRIDGE_VLANDB_ENTRY_TUNNEL_INFO.
const (
	BRIDGE_VLANDB_TINFO_ID  nl.AttrU32 = 1
	BRIDGE_VLANDB_TINFO_CMD nl.AttrU32 = 2
)

// VLANTunnelInfoAttrs is the table of them.
var VLANTunnelInfoAttrs = nl.Schema{Name: "vlandb-tinfo", Fields: []nl.Field{
	{Type: uint16(BRIDGE_VLANDB_TINFO_ID), Name: "BRIDGE_VLANDB_TINFO_ID", Kind: nl.KindU32},
	{Type: uint16(BRIDGE_VLANDB_TINFO_CMD), Name: "BRIDGE_VLANDB_TINFO_CMD", Kind: nl.KindU32},
}}

// Attributes inside BRIDGE_VLANDB_ENTRY_STATS.
const (
	BRIDGE_VLANDB_STATS_RX_BYTES   nl.AttrU64 = 1
	BRIDGE_VLANDB_STATS_RX_PACKETS nl.AttrU64 = 2
	BRIDGE_VLANDB_STATS_TX_BYTES   nl.AttrU64 = 3
	BRIDGE_VLANDB_STATS_TX_PACKETS nl.AttrU64 = 4
)

// VLANStatsAttrs is the table of them.
var VLANStatsAttrs = nl.Schema{Name: "vlandb-stats", Fields: []nl.Field{
	{Type: uint16(BRIDGE_VLANDB_STATS_RX_BYTES), Name: "BRIDGE_VLANDB_STATS_RX_BYTES", Kind: nl.KindU64, Unit: nl.UnitBytes},
	{Type: uint16(BRIDGE_VLANDB_STATS_RX_PACKETS), Name: "BRIDGE_VLANDB_STATS_RX_PACKETS", Kind: nl.KindU64},
	{Type: uint16(BRIDGE_VLANDB_STATS_TX_BYTES), Name: "BRIDGE_VLANDB_STATS_TX_BYTES", Kind: nl.KindU64, Unit: nl.UnitBytes},
	{Type: uint16(BRIDGE_VLANDB_STATS_TX_PACKETS), Name: "BRIDGE_VLANDB_STATS_TX_PACKETS", Kind: nl.KindU64},
	{Type: 5, Name: "BRIDGE_VLANDB_STATS_PAD", Kind: nl.KindUnused},
}}

// Attributes inside BRIDGE_VLANDB_GLOBAL_OPTIONS. Intervals are in hundredths
// of a second.
const (
	BRIDGE_VLANDB_GOPTS_ID                         nl.AttrU16  = 1
	BRIDGE_VLANDB_GOPTS_RANGE                      nl.AttrU16  = 2
	BRIDGE_VLANDB_GOPTS_MCAST_SNOOPING             nl.AttrU8   = 3
	BRIDGE_VLANDB_GOPTS_MCAST_IGMP_VERSION         nl.AttrU8   = 4
	BRIDGE_VLANDB_GOPTS_MCAST_MLD_VERSION          nl.AttrU8   = 5
	BRIDGE_VLANDB_GOPTS_MCAST_LAST_MEMBER_CNT      nl.AttrU32  = 6
	BRIDGE_VLANDB_GOPTS_MCAST_STARTUP_QUERY_CNT    nl.AttrU32  = 7
	BRIDGE_VLANDB_GOPTS_MCAST_LAST_MEMBER_INTVL    nl.AttrU64  = 8
	BRIDGE_VLANDB_GOPTS_MCAST_MEMBERSHIP_INTVL     nl.AttrU64  = 10
	BRIDGE_VLANDB_GOPTS_MCAST_QUERIER_INTVL        nl.AttrU64  = 11
	BRIDGE_VLANDB_GOPTS_MCAST_QUERY_INTVL          nl.AttrU64  = 12
	BRIDGE_VLANDB_GOPTS_MCAST_QUERY_RESPONSE_INTVL nl.AttrU64  = 13
	BRIDGE_VLANDB_GOPTS_MCAST_STARTUP_QUERY_INTVL  nl.AttrU64  = 14
	BRIDGE_VLANDB_GOPTS_MCAST_QUERIER              nl.AttrU8   = 15
	BRIDGE_VLANDB_GOPTS_MCAST_ROUTER_PORTS         nl.AttrNest = 16
	BRIDGE_VLANDB_GOPTS_MCAST_QUERIER_STATE        nl.AttrNest = 17
	BRIDGE_VLANDB_GOPTS_MSTI                       nl.AttrU16  = 18
)

// VLANGlobalAttrs is the table of them.
var VLANGlobalAttrs = nl.Schema{Name: "vlandb-global", Fields: []nl.Field{
	{Type: uint16(BRIDGE_VLANDB_GOPTS_ID), Name: "BRIDGE_VLANDB_GOPTS_ID", Kind: nl.KindU16},
	{Type: uint16(BRIDGE_VLANDB_GOPTS_RANGE), Name: "BRIDGE_VLANDB_GOPTS_RANGE", Kind: nl.KindU16},
	{Type: uint16(BRIDGE_VLANDB_GOPTS_MCAST_SNOOPING), Name: "BRIDGE_VLANDB_GOPTS_MCAST_SNOOPING", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(BRIDGE_VLANDB_GOPTS_MCAST_IGMP_VERSION), Name: "BRIDGE_VLANDB_GOPTS_MCAST_IGMP_VERSION", Kind: nl.KindU8},
	{Type: uint16(BRIDGE_VLANDB_GOPTS_MCAST_MLD_VERSION), Name: "BRIDGE_VLANDB_GOPTS_MCAST_MLD_VERSION", Kind: nl.KindU8},
	{Type: uint16(BRIDGE_VLANDB_GOPTS_MCAST_LAST_MEMBER_CNT), Name: "BRIDGE_VLANDB_GOPTS_MCAST_LAST_MEMBER_CNT", Kind: nl.KindU32},
	{Type: uint16(BRIDGE_VLANDB_GOPTS_MCAST_STARTUP_QUERY_CNT), Name: "BRIDGE_VLANDB_GOPTS_MCAST_STARTUP_QUERY_CNT", Kind: nl.KindU32},
	{Type: uint16(BRIDGE_VLANDB_GOPTS_MCAST_LAST_MEMBER_INTVL), Name: "BRIDGE_VLANDB_GOPTS_MCAST_LAST_MEMBER_INTVL", Kind: nl.KindU64, Unit: nl.UnitUserHZ},
	{Type: 9, Name: "BRIDGE_VLANDB_GOPTS_PAD", Kind: nl.KindUnused},
	{Type: uint16(BRIDGE_VLANDB_GOPTS_MCAST_MEMBERSHIP_INTVL), Name: "BRIDGE_VLANDB_GOPTS_MCAST_MEMBERSHIP_INTVL", Kind: nl.KindU64, Unit: nl.UnitUserHZ},
	{Type: uint16(BRIDGE_VLANDB_GOPTS_MCAST_QUERIER_INTVL), Name: "BRIDGE_VLANDB_GOPTS_MCAST_QUERIER_INTVL", Kind: nl.KindU64, Unit: nl.UnitUserHZ},
	{Type: uint16(BRIDGE_VLANDB_GOPTS_MCAST_QUERY_INTVL), Name: "BRIDGE_VLANDB_GOPTS_MCAST_QUERY_INTVL", Kind: nl.KindU64, Unit: nl.UnitUserHZ},
	{Type: uint16(BRIDGE_VLANDB_GOPTS_MCAST_QUERY_RESPONSE_INTVL), Name: "BRIDGE_VLANDB_GOPTS_MCAST_QUERY_RESPONSE_INTVL", Kind: nl.KindU64, Unit: nl.UnitUserHZ},
	{Type: uint16(BRIDGE_VLANDB_GOPTS_MCAST_STARTUP_QUERY_INTVL), Name: "BRIDGE_VLANDB_GOPTS_MCAST_STARTUP_QUERY_INTVL", Kind: nl.KindU64, Unit: nl.UnitUserHZ},
	{Type: uint16(BRIDGE_VLANDB_GOPTS_MCAST_QUERIER), Name: "BRIDGE_VLANDB_GOPTS_MCAST_QUERIER", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(BRIDGE_VLANDB_GOPTS_MCAST_ROUTER_PORTS), Name: "BRIDGE_VLANDB_GOPTS_MCAST_ROUTER_PORTS", Kind: nl.KindNest, Sub: &MDBAttrs},
	{Type: uint16(BRIDGE_VLANDB_GOPTS_MCAST_QUERIER_STATE), Name: "BRIDGE_VLANDB_GOPTS_MCAST_QUERIER_STATE", Kind: nl.KindNest, Sub: &QuerierStateAttrs},
	{Type: uint16(BRIDGE_VLANDB_GOPTS_MSTI), Name: "BRIDGE_VLANDB_GOPTS_MSTI", Kind: nl.KindU16},
}}

// brVLANMsgLayout, brPortMsgLayout and tunnelMsgLayout are what PortMsg stands
// for.
var (
	brVLANMsgLayout = nl.Layout{Name: "br_vlan_msg", Size: 8, Members: []nl.Member{
		{Name: "family", Off: 0, Kind: nl.KindU8, Names: &Families},
		{Name: "reserved", Off: 1, Kind: nl.KindUnused, Size: 3},
		{Name: "ifindex", Off: 4, Kind: nl.KindIndex},
	}}
	brPortMsgLayout = nl.Layout{Name: "br_port_msg", Size: 8, Members: []nl.Member{
		{Name: "family", Off: 0, Kind: nl.KindU8, Names: &Families},
		{Name: "pad", Off: 1, Kind: nl.KindUnused, Size: 3},
		{Name: "ifindex", Off: 4, Kind: nl.KindIndex},
	}}
	tunnelMsgLayout = nl.Layout{Name: "tunnel_msg", Size: 8, Members: []nl.Member{
		{Name: "family", Off: 0, Kind: nl.KindU8, Names: &Families},
		{Name: "flags", Off: 1, Kind: nl.KindU8, Names: &nl.Names{Flags: true, List: []nl.Name{{Value: TunnelStats, Name: "stats"}}}},
		{Name: "reserved", Off: 2, Kind: nl.KindUnused, Size: 2},
		{Name: "ifindex", Off: 4, Kind: nl.KindIndex},
	}}
)
