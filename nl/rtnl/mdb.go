package rtnl

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"rawns/nl"
)

// A bridge's table of multicast groups: RTM_NEWMDB and its family,
// linux/if_bridge.h. Requests and what the kernel tells have attributes of
// their own each, by the same numbers.

// NewMDB begins RTM_NEWMDB. flags: NLM_F_CREATE and NLM_F_EXCL or
// NLM_F_REPLACE. MDBA_SET_ENTRY follows.
func NewMDB(b *nl.Builder, flags uint16, h PortMsg) {
	putPort(b, unix.RTM_NEWMDB, unix.NLM_F_ACK|flags, h)
}

// DelMDB begins RTM_DELMDB. MDBA_SET_ENTRY follows.
func DelMDB(b *nl.Builder, h PortMsg) { putPort(b, unix.RTM_DELMDB, unix.NLM_F_ACK, h) }

// FlushMDB begins the RTM_DELMDB that deletes all entries of a bridge, or those
// that the structure in MDBA_SET_ENTRY and MDBA_SET_ENTRY_ATTRS, which follow,
// select: by port, VLAN, protocol, and the bits of MDBE_ATTR_STATE_MASK. Kernels
// before 6.8 refuse it.
func FlushMDB(b *nl.Builder, h PortMsg) {
	putPort(b, unix.RTM_DELMDB, unix.NLM_F_ACK|unix.NLM_F_BULK, h)
}

// GetMDB begins RTM_GETMDB for Conn.Dump, or, with MDBA_SET_ENTRY, for Conn.Do
// (Linux 6.7). The latter, with the group and the VLAN alone in its structure,
// is MDBA_GET_ENTRY in the kernel, by the same number.
func GetMDB(b *nl.Builder, h PortMsg) { putPort(b, unix.RTM_GETMDB, 0, h) }

// Attributes of requests. MDBA_SET_ENTRY is an MDBEntry.
const (
	MDBA_SET_ENTRY       nl.AttrBytes = 1
	MDBA_SET_ENTRY_ATTRS nl.AttrNestF = 2
)

// MDBRequestAttrs is the table of them.
var MDBRequestAttrs = nl.Schema{Name: "mdb-request", Fields: []nl.Field{
	{Type: uint16(MDBA_SET_ENTRY), Name: "MDBA_SET_ENTRY", Kind: nl.KindStruct, Layout: &mdbEntryLayout},
	{Type: uint16(MDBA_SET_ENTRY_ATTRS), Name: "MDBA_SET_ENTRY_ATTRS", Kind: nl.KindNest, Sub: &MDBSetAttrs},
}}

// MDBEntry is struct br_mdb_entry.
type MDBEntry struct {
	Port  int32 // the port's index, or the bridge's own
	State uint8 // MDB_PERMANENT or 0
	Flags uint8 // MDB_FLAGS_
	VID   uint16
	Addr  [16]byte // of the group: IPv4, IPv6, or a MAC
	Proto uint16   // ETH_P_IP, ETH_P_IPV6, or 0 for a MAC
}

const mdbEntryLen = 28

// Values of MDBEntry.State and .Flags.
const (
	MDBPermanent = 1

	MDBOffload   = 1 << 0
	MDBFastLeave = 1 << 1
	MDBStarExcl  = 1 << 2
	MDBBlocked   = 1 << 3
)

// AppendMDBEntry appends the structure's bytes.
func AppendMDBEntry(dst []byte, e *MDBEntry) []byte {
	var p [mdbEntryLen]byte
	binary.NativeEndian.PutUint32(p[:], uint32(e.Port))
	p[4], p[5] = e.State, e.Flags
	binary.NativeEndian.PutUint16(p[6:], e.VID)
	copy(p[8:], e.Addr[:])
	binary.BigEndian.PutUint16(p[24:], e.Proto)
	return append(dst, p[:]...)
}

// ParseMDBEntry reads an MDBA_MDB_ENTRY_INFO: the structure, and behind it
// attributes of MDBEntryAttrs.
func ParseMDBEntry(p []byte) (e MDBEntry, as nl.Attrs, ok bool) {
	if len(p) < mdbEntryLen {
		return e, nil, false
	}
	e = MDBEntry{
		Port:  int32(binary.NativeEndian.Uint32(p)),
		State: p[4],
		Flags: p[5],
		VID:   binary.NativeEndian.Uint16(p[6:]),
		Addr:  [16]byte(p[8:24]),
		Proto: binary.BigEndian.Uint16(p[24:]),
	}
	return e, nl.Attrs(p[mdbEntryLen:]), true
}

var mdbEntryLayout = nl.Layout{Name: "br_mdb_entry", Size: mdbEntryLen, Members: []nl.Member{
	{Name: "ifindex", Off: 0, Kind: nl.KindIndex},
	{Name: "state", Off: 4, Kind: nl.KindU8, Names: &nl.Names{List: []nl.Name{{Value: 0, Name: "temporary"}, {Value: MDBPermanent, Name: "permanent"}}}},
	{Name: "flags", Off: 5, Kind: nl.KindU8, Names: &nl.Names{Flags: true, List: []nl.Name{
		{Value: MDBOffload, Name: "offload"}, {Value: MDBFastLeave, Name: "fast_leave"}, {Value: MDBStarExcl, Name: "added_by_star_ex"}, {Value: MDBBlocked, Name: "blocked"}}}},
	{Name: "vid", Off: 6, Kind: nl.KindU16},
	{Name: "addr", Off: 8, Kind: nl.KindIP, Size: 16},
	{Name: "proto", Off: 24, Kind: nl.KindBE16, Names: &EtherTypes},
	{Name: "pad", Off: 26, Kind: nl.KindUnused, Size: 2},
}}

// Attributes inside MDBA_SET_ENTRY_ATTRS.
const (
	MDBE_ATTR_SOURCE     nl.AttrIP    = 1
	MDBE_ATTR_SRC_LIST   nl.AttrNestF = 2
	MDBE_ATTR_GROUP_MODE nl.AttrU8    = 3
	MDBE_ATTR_RTPROT     nl.AttrU8    = 4
	MDBE_ATTR_DST        nl.AttrIP    = 5
	MDBE_ATTR_DST_PORT   nl.AttrU16   = 6
	MDBE_ATTR_VNI        nl.AttrU32   = 7
	MDBE_ATTR_IFINDEX    nl.AttrU32   = 8
	MDBE_ATTR_SRC_VNI    nl.AttrU32   = 9
	MDBE_ATTR_STATE_MASK nl.AttrU8    = 10 // of FlushMDB: which bits of the state count
)

// MDBSetAttrs is the table of them.
var MDBSetAttrs = nl.Schema{Name: "mdb-set", Fields: []nl.Field{
	{Type: uint16(MDBE_ATTR_SOURCE), Name: "MDBE_ATTR_SOURCE", Kind: nl.KindIP},
	{Type: uint16(MDBE_ATTR_SRC_LIST), Name: "MDBE_ATTR_SRC_LIST", Kind: nl.KindNest, Sub: &MDBSourceListAttrs},
	{Type: uint16(MDBE_ATTR_GROUP_MODE), Name: "MDBE_ATTR_GROUP_MODE", Kind: nl.KindU8, Names: &MDBGroupModes},
	{Type: uint16(MDBE_ATTR_RTPROT), Name: "MDBE_ATTR_RTPROT", Kind: nl.KindU8, Names: &Protocols},
	{Type: uint16(MDBE_ATTR_DST), Name: "MDBE_ATTR_DST", Kind: nl.KindIP},
	{Type: uint16(MDBE_ATTR_DST_PORT), Name: "MDBE_ATTR_DST_PORT", Kind: nl.KindU16},
	{Type: uint16(MDBE_ATTR_VNI), Name: "MDBE_ATTR_VNI", Kind: nl.KindU32},
	{Type: uint16(MDBE_ATTR_IFINDEX), Name: "MDBE_ATTR_IFINDEX", Kind: nl.KindIndex},
	{Type: uint16(MDBE_ATTR_SRC_VNI), Name: "MDBE_ATTR_SRC_VNI", Kind: nl.KindU32},
	{Type: uint16(MDBE_ATTR_STATE_MASK), Name: "MDBE_ATTR_STATE_MASK", Kind: nl.KindU8},
}}

// MDBE_SRC_LIST_ENTRY is what MDBE_ATTR_SRC_LIST holds, MDBE_SRCATTR_ADDRESS
// what that holds.
const (
	MDBE_SRC_LIST_ENTRY  nl.AttrNestF = 1
	MDBE_SRCATTR_ADDRESS nl.AttrIP    = 1
)

// MDBSourceListAttrs is the table of the former.
var MDBSourceListAttrs = nl.Schema{Name: "mdb-src-list", Fields: []nl.Field{
	{Type: uint16(MDBE_SRC_LIST_ENTRY), Name: "MDBE_SRC_LIST_ENTRY", Kind: nl.KindNest, Sub: &MDBSourceAttrs},
}}

// MDBSourceAttrs is the table of the latter.
var MDBSourceAttrs = nl.Schema{Name: "mdb-src", Fields: []nl.Field{
	{Type: uint16(MDBE_SRCATTR_ADDRESS), Name: "MDBE_SRCATTR_ADDRESS", Kind: nl.KindIP},
}}

// Values of a group's filter mode, linux/in.h.
const (
	MulticastExclude = 0
	MulticastInclude = 1
)

// What the kernel tells.
const (
	MDBA_MDB    nl.AttrNest = 1
	MDBA_ROUTER nl.AttrNest = 2
)

// MDBAttrs is the table of it.
var MDBAttrs = nl.Schema{Name: "mdb", Fields: []nl.Field{
	{Type: uint16(MDBA_MDB), Name: "MDBA_MDB", Kind: nl.KindNest, Sub: &MDBListAttrs},
	{Type: uint16(MDBA_ROUTER), Name: "MDBA_ROUTER", Kind: nl.KindNest, Sub: &MDBRouterAttrs},
}}

// MDBA_MDB_ENTRY is a group; each port that it has is an MDBA_MDB_ENTRY_INFO in
// it, which ParseMDBEntry reads.
const (
	MDBA_MDB_ENTRY      nl.AttrNest  = 1
	MDBA_MDB_ENTRY_INFO nl.AttrBytes = 1
)

// MDBListAttrs is what MDBA_MDB holds.
var MDBListAttrs = nl.Schema{Name: "mdb-list", Fields: []nl.Field{
	{Type: uint16(MDBA_MDB_ENTRY), Name: "MDBA_MDB_ENTRY", Kind: nl.KindNest, Sub: &MDBGroupAttrs},
}}

// MDBGroupAttrs is what MDBA_MDB_ENTRY holds.
var MDBGroupAttrs = nl.Schema{Name: "mdb-group", Fields: []nl.Field{
	{Type: uint16(MDBA_MDB_ENTRY_INFO), Name: "MDBA_MDB_ENTRY_INFO", Kind: nl.KindStruct, Layout: &mdbEntryLayout, Sub: &MDBEntryAttrs},
}}

// Attributes behind the structure of an MDBA_MDB_ENTRY_INFO. Timers are in
// hundredths of a second.
const (
	MDBA_MDB_EATTR_TIMER      nl.AttrU32  = 1
	MDBA_MDB_EATTR_SRC_LIST   nl.AttrNest = 2
	MDBA_MDB_EATTR_GROUP_MODE nl.AttrU8   = 3
	MDBA_MDB_EATTR_SOURCE     nl.AttrIP   = 4
	MDBA_MDB_EATTR_RTPROT     nl.AttrU8   = 5
	MDBA_MDB_EATTR_DST        nl.AttrIP   = 6
	MDBA_MDB_EATTR_DST_PORT   nl.AttrU16  = 7
	MDBA_MDB_EATTR_VNI        nl.AttrU32  = 8
	MDBA_MDB_EATTR_IFINDEX    nl.AttrU32  = 9
	MDBA_MDB_EATTR_SRC_VNI    nl.AttrU32  = 10
)

// MDBEntryAttrs is the table of them.
var MDBEntryAttrs = nl.Schema{Name: "mdb-entry", Fields: []nl.Field{
	{Type: uint16(MDBA_MDB_EATTR_TIMER), Name: "MDBA_MDB_EATTR_TIMER", Kind: nl.KindU32, Unit: nl.UnitUserHZ},
	{Type: uint16(MDBA_MDB_EATTR_SRC_LIST), Name: "MDBA_MDB_EATTR_SRC_LIST", Kind: nl.KindNest, Sub: &MDBEntrySourcesAttrs},
	{Type: uint16(MDBA_MDB_EATTR_GROUP_MODE), Name: "MDBA_MDB_EATTR_GROUP_MODE", Kind: nl.KindU8, Names: &MDBGroupModes},
	{Type: uint16(MDBA_MDB_EATTR_SOURCE), Name: "MDBA_MDB_EATTR_SOURCE", Kind: nl.KindIP},
	{Type: uint16(MDBA_MDB_EATTR_RTPROT), Name: "MDBA_MDB_EATTR_RTPROT", Kind: nl.KindU8, Names: &Protocols},
	{Type: uint16(MDBA_MDB_EATTR_DST), Name: "MDBA_MDB_EATTR_DST", Kind: nl.KindIP},
	{Type: uint16(MDBA_MDB_EATTR_DST_PORT), Name: "MDBA_MDB_EATTR_DST_PORT", Kind: nl.KindU16},
	{Type: uint16(MDBA_MDB_EATTR_VNI), Name: "MDBA_MDB_EATTR_VNI", Kind: nl.KindU32},
	{Type: uint16(MDBA_MDB_EATTR_IFINDEX), Name: "MDBA_MDB_EATTR_IFINDEX", Kind: nl.KindIndex},
	{Type: uint16(MDBA_MDB_EATTR_SRC_VNI), Name: "MDBA_MDB_EATTR_SRC_VNI", Kind: nl.KindU32},
}}

// MDBA_MDB_SRCLIST_ENTRY is what MDBA_MDB_EATTR_SRC_LIST holds.
const MDBA_MDB_SRCLIST_ENTRY nl.AttrNest = 1

// MDBEntrySourcesAttrs is the table of that.
var MDBEntrySourcesAttrs = nl.Schema{Name: "mdb-sources", Fields: []nl.Field{
	{Type: uint16(MDBA_MDB_SRCLIST_ENTRY), Name: "MDBA_MDB_SRCLIST_ENTRY", Kind: nl.KindNest, Sub: &MDBEntrySourceAttrs},
}}

// Attributes of a source.
const (
	MDBA_MDB_SRCATTR_ADDRESS nl.AttrIP  = 1
	MDBA_MDB_SRCATTR_TIMER   nl.AttrU32 = 2
)

// MDBEntrySourceAttrs is the table of them.
var MDBEntrySourceAttrs = nl.Schema{Name: "mdb-source", Fields: []nl.Field{
	{Type: uint16(MDBA_MDB_SRCATTR_ADDRESS), Name: "MDBA_MDB_SRCATTR_ADDRESS", Kind: nl.KindIP},
	{Type: uint16(MDBA_MDB_SRCATTR_TIMER), Name: "MDBA_MDB_SRCATTR_TIMER", Kind: nl.KindU32, Unit: nl.UnitUserHZ},
}}

// MDBA_ROUTER_PORT is what MDBA_ROUTER holds: a port's index, and behind it
// attributes of RouterPortAttrs.
const MDBA_ROUTER_PORT nl.AttrBytes = 1

// MDBRouterAttrs is the table of that.
var MDBRouterAttrs = nl.Schema{Name: "mdb-router", Fields: []nl.Field{
	{Type: uint16(MDBA_ROUTER_PORT), Name: "MDBA_ROUTER_PORT", Kind: nl.KindStruct, Layout: &routerPortLayout, Sub: &RouterPortAttrs},
}}

// ParseRouterPort reads an MDBA_ROUTER_PORT.
func ParseRouterPort(p []byte) (port int32, as nl.Attrs, ok bool) {
	if len(p) < 4 {
		return 0, nil, false
	}
	return int32(binary.NativeEndian.Uint32(p)), nl.Attrs(p[4:]), true
}

// Attributes of a port with a multicast router behind it.
const (
	MDBA_ROUTER_PATTR_TIMER       nl.AttrU32 = 1
	MDBA_ROUTER_PATTR_TYPE        nl.AttrU8  = 2
	MDBA_ROUTER_PATTR_INET_TIMER  nl.AttrU32 = 3
	MDBA_ROUTER_PATTR_INET6_TIMER nl.AttrU32 = 4
	MDBA_ROUTER_PATTR_VID         nl.AttrU16 = 5
)

// RouterPortAttrs is the table of them.
var RouterPortAttrs = nl.Schema{Name: "mdb-router-port", Fields: []nl.Field{
	{Type: uint16(MDBA_ROUTER_PATTR_TIMER), Name: "MDBA_ROUTER_PATTR_TIMER", Kind: nl.KindU32, Unit: nl.UnitUserHZ},
	{Type: uint16(MDBA_ROUTER_PATTR_TYPE), Name: "MDBA_ROUTER_PATTR_TYPE", Kind: nl.KindU8, Names: &MulticastRouters},
	{Type: uint16(MDBA_ROUTER_PATTR_INET_TIMER), Name: "MDBA_ROUTER_PATTR_INET_TIMER", Kind: nl.KindU32, Unit: nl.UnitUserHZ},
	{Type: uint16(MDBA_ROUTER_PATTR_INET6_TIMER), Name: "MDBA_ROUTER_PATTR_INET6_TIMER", Kind: nl.KindU32, Unit: nl.UnitUserHZ},
	{Type: uint16(MDBA_ROUTER_PATTR_VID), Name: "MDBA_ROUTER_PATTR_VID", Kind: nl.KindU16},
}}

// Values of MDBA_ROUTER_PATTR_TYPE, MDB_RTR_TYPE_.
const (
	RouterTempQuery = 1
	RouterPermanent = 2
	RouterTemp      = 3
)
