package rtnl

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"rawns/nl"
)

// NdMsg is struct ndmsg, the fixed header of neighbour messages,
// linux/neighbour.h.
type NdMsg struct {
	Family uint8  // AF_INET, AF_INET6; AF_BRIDGE for forwarding entries
	Index  int32  // of the interface
	State  uint16 // NUD_
	Flags  uint8  // NTF_
	Type   uint8  // RTN_
}

const ndmsgLen = 12

func (h NdMsg) put(p []byte) {
	p[0] = h.Family
	binary.NativeEndian.PutUint32(p[4:], uint32(h.Index))
	binary.NativeEndian.PutUint16(p[8:], h.State)
	p[10], p[11] = h.Flags, h.Type
}

// NewNeigh begins RTM_NEWNEIGH. flags: NLM_F_CREATE|NLM_F_EXCL to add,
// NLM_F_REPLACE to change, or NLM_F_CREATE|NLM_F_REPLACE. NDA_DST must follow,
// or, for AF_BRIDGE, NDA_LLADDR.
func NewNeigh(b *nl.Builder, flags uint16, h NdMsg) {
	b.Message(unix.RTM_NEWNEIGH, unix.NLM_F_REQUEST|unix.NLM_F_ACK|flags)
	h.put(b.Extend(ndmsgLen))
}

// DelNeigh begins RTM_DELNEIGH; what NewNeigh wants must follow.
func DelNeigh(b *nl.Builder, h NdMsg) {
	b.Message(unix.RTM_DELNEIGH, unix.NLM_F_REQUEST|unix.NLM_F_ACK)
	h.put(b.Extend(ndmsgLen))
}

// FlushNeigh begins the RTM_DELNEIGH that deletes all forwarding entries of a
// bridge, or those that NDA_IFINDEX (a port), NDA_VLAN and the masks
// NDA_NDM_STATE_MASK and NDA_NDM_FLAGS_MASK, which follow, select.
func FlushNeigh(b *nl.Builder, h NdMsg) {
	b.Message(unix.RTM_DELNEIGH, unix.NLM_F_REQUEST|unix.NLM_F_ACK|unix.NLM_F_BULK)
	h.put(b.Extend(ndmsgLen))
}

// GetNeigh begins RTM_GETNEIGH for Conn.Dump, or, with NDA_DST, for Conn.Do.
// In a dump NDA_MASTER and NDA_IFINDEX make the kernel filter; for AF_BRIDGE
// h.Index does as well.
func GetNeigh(b *nl.Builder, h NdMsg) {
	b.Message(unix.RTM_GETNEIGH, unix.NLM_F_REQUEST)
	h.put(b.Extend(ndmsgLen))
}

// Neigh is a view of a received neighbour message: valid as long as the
// message.
type Neigh struct {
	NdMsg
	Attrs nl.Attrs
}

// ParseNeigh reads RTM_NEWNEIGH, RTM_DELNEIGH or RTM_GETNEIGH. Its errors are
// ErrType and *nl.LengthError.
func ParseNeigh(m nl.Message) (Neigh, error) {
	as, err := parse(m, unix.RTM_NEWNEIGH, ndmsgLen)
	if err != nil {
		return Neigh{}, err
	}
	p := m.Payload()
	return Neigh{NdMsg{p[0], int32(binary.NativeEndian.Uint32(p[4:])), binary.NativeEndian.Uint16(p[8:]), p[10], p[11]}, as}, nil
}

// NeighTimes is struct nda_cacheinfo, NDA_CACHEINFO: how long ago, in
// hundredths of a second, and how many hold on to the entry.
type NeighTimes struct {
	Confirmed, Used, Updated uint32
	RefCount                 uint32
}

// Times returns NDA_CACHEINFO.
func (n Neigh) Times() (NeighTimes, bool) {
	p, _ := n.Attrs.Blob(NDA_CACHEINFO)
	if len(p) < 16 {
		return NeighTimes{}, false
	}
	u := func(i int) uint32 { return binary.NativeEndian.Uint32(p[i:]) }
	return NeighTimes{u(0), u(4), u(8), u(12)}, true
}

// Attributes of a neighbour or of a bridge's forwarding entry: RTM_NEWNEIGH and
// its family, linux/neighbour.h.
const (
	NDA_DST            nl.AttrIP    = 1
	NDA_LLADDR         nl.AttrMAC   = 2
	NDA_CACHEINFO      nl.AttrBytes = 3
	NDA_PROBES         nl.AttrU32   = 4
	NDA_VLAN           nl.AttrU16   = 5
	NDA_PORT           nl.AttrBE16  = 6
	NDA_VNI            nl.AttrU32   = 7
	NDA_IFINDEX        nl.AttrU32   = 8
	NDA_MASTER         nl.AttrU32   = 9
	NDA_LINK_NETNSID   nl.AttrS32   = 10
	NDA_SRC_VNI        nl.AttrU32   = 11
	NDA_PROTOCOL       nl.AttrU8    = 12
	NDA_NH_ID          nl.AttrU32   = 13
	NDA_FDB_EXT_ATTRS  nl.AttrNestF = 14
	NDA_FLAGS_EXT      nl.AttrU32   = 15
	NDA_NDM_STATE_MASK nl.AttrU16   = 16
	NDA_NDM_FLAGS_MASK nl.AttrU8    = 17
)

// NeighAttrs is the table of them.
var NeighAttrs = nl.Schema{Name: "neigh", Fields: []nl.Field{
	{Type: 0, Name: "NDA_UNSPEC", Kind: nl.KindUnused},
	{Type: uint16(NDA_DST), Name: "NDA_DST", Kind: nl.KindIP},
	{Type: uint16(NDA_LLADDR), Name: "NDA_LLADDR", Kind: nl.KindMAC},
	{Type: uint16(NDA_CACHEINFO), Name: "NDA_CACHEINFO", Kind: nl.KindStruct, Layout: &NdaCacheinfo},
	{Type: uint16(NDA_PROBES), Name: "NDA_PROBES", Kind: nl.KindU32},
	{Type: uint16(NDA_VLAN), Name: "NDA_VLAN", Kind: nl.KindU16},
	{Type: uint16(NDA_PORT), Name: "NDA_PORT", Kind: nl.KindBE16},
	{Type: uint16(NDA_VNI), Name: "NDA_VNI", Kind: nl.KindU32},
	{Type: uint16(NDA_IFINDEX), Name: "NDA_IFINDEX", Kind: nl.KindIndex},
	{Type: uint16(NDA_MASTER), Name: "NDA_MASTER", Kind: nl.KindIndex},
	{Type: uint16(NDA_LINK_NETNSID), Name: "NDA_LINK_NETNSID", Kind: nl.KindS32},
	{Type: uint16(NDA_SRC_VNI), Name: "NDA_SRC_VNI", Kind: nl.KindU32},
	{Type: uint16(NDA_PROTOCOL), Name: "NDA_PROTOCOL", Kind: nl.KindU8, Names: &Protocols},
	{Type: uint16(NDA_NH_ID), Name: "NDA_NH_ID", Kind: nl.KindU32},
	{Type: uint16(NDA_FDB_EXT_ATTRS), Name: "NDA_FDB_EXT_ATTRS", Kind: nl.KindNest, Sub: &FDBExtAttrs},
	{Type: uint16(NDA_FLAGS_EXT), Name: "NDA_FLAGS_EXT", Kind: nl.KindU32, Names: &NeighExtFlags},
	{Type: uint16(NDA_NDM_STATE_MASK), Name: "NDA_NDM_STATE_MASK", Kind: nl.KindU16, Names: &NeighStates},
	{Type: uint16(NDA_NDM_FLAGS_MASK), Name: "NDA_NDM_FLAGS_MASK", Kind: nl.KindU8, Names: &NeighFlags},
}}

// ndmsgLayout is struct ndmsg.
var ndmsgLayout = nl.Layout{Name: "ndmsg", Size: 12, Members: []nl.Member{
	{Name: "ndm_family", Off: 0, Kind: nl.KindU8, Names: &Families},
	{Name: "ndm_pad", Off: 1, Kind: nl.KindUnused, Size: 3},
	{Name: "ndm_ifindex", Off: 4, Kind: nl.KindIndex},
	{Name: "ndm_state", Off: 8, Kind: nl.KindU16, Names: &NeighStates},
	{Name: "ndm_flags", Off: 10, Kind: nl.KindU8, Names: &NeighFlags},
	{Name: "ndm_type", Off: 11, Kind: nl.KindU8, Names: &RouteTypes},
}}

// NdaCacheinfo is struct nda_cacheinfo.
var NdaCacheinfo = nl.Layout{Name: "nda_cacheinfo", Size: 16, Members: []nl.Member{
	{Name: "confirmed", Off: 0, Kind: nl.KindU32, Unit: nl.UnitUserHZ},
	{Name: "used", Off: 4, Kind: nl.KindU32, Unit: nl.UnitUserHZ},
	{Name: "updated", Off: 8, Kind: nl.KindU32, Unit: nl.UnitUserHZ},
	{Name: "refcnt", Off: 12, Kind: nl.KindU32},
}}
