package rtnl

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"rawns/nl"
)

// NhMsg is struct nhmsg, the fixed header of messages about next hops that are
// objects of their own, linux/nexthop.h.
type NhMsg struct {
	Family   uint8 // AF_INET, AF_INET6; AF_UNSPEC for a group
	Scope    uint8 // RT_SCOPE_: only the kernel says
	Protocol uint8 // RTPROT_
	Flags    uint32
}

const nhmsgLen = 8

func (h NhMsg) put(p []byte) {
	p[0], p[1], p[2], p[3] = h.Family, h.Scope, h.Protocol, 0
	binary.NativeEndian.PutUint32(p[4:], h.Flags)
}

// NewNexthop begins RTM_NEWNEXTHOP. flags: NLM_F_CREATE|NLM_F_EXCL to add,
// NLM_F_CREATE|NLM_F_REPLACE to add or change.
func NewNexthop(b *nl.Builder, flags uint16, h NhMsg) {
	b.Message(unix.RTM_NEWNEXTHOP, unix.NLM_F_REQUEST|unix.NLM_F_ACK|flags)
	h.put(b.Extend(nhmsgLen))
}

// DelNexthop begins RTM_DELNEXTHOP; NHA_ID says which.
func DelNexthop(b *nl.Builder, h NhMsg) {
	b.Message(unix.RTM_DELNEXTHOP, unix.NLM_F_REQUEST|unix.NLM_F_ACK)
	h.put(b.Extend(nhmsgLen))
}

// GetNexthop begins RTM_GETNEXTHOP: with Conn.Do and NHA_ID for one, with
// Conn.Dump for all; the kernel then filters by NHA_OIF, NHA_MASTER, NHA_GROUPS
// and NHA_FDB.
func GetNexthop(b *nl.Builder, family uint8) {
	b.Message(unix.RTM_GETNEXTHOP, unix.NLM_F_REQUEST)
	NhMsg{Family: family}.put(b.Extend(nhmsgLen))
}

// GetNexthopBucket begins RTM_GETNEXTHOPBUCKET, about the buckets of resilient
// groups, in the same two ways.
func GetNexthopBucket(b *nl.Builder, family uint8) {
	b.Message(RTM_GETNEXTHOPBUCKET, unix.NLM_F_REQUEST)
	NhMsg{Family: family}.put(b.Extend(nhmsgLen))
}

// Messages about the buckets of resilient groups, linux/rtnetlink.h.
const (
	RTM_NEWNEXTHOPBUCKET = 116
	RTM_DELNEXTHOPBUCKET = 117
	RTM_GETNEXTHOPBUCKET = 118
)

// Nexthop is a view of a received next hop, or of a bucket: valid as long as
// the message.
type Nexthop struct {
	NhMsg
	Attrs nl.Attrs
}

// ParseNexthop reads RTM_NEWNEXTHOP or RTM_DELNEXTHOP. Its errors are ErrType
// and *nl.LengthError.
func ParseNexthop(m nl.Message) (Nexthop, error) { return parseNexthop(m, unix.RTM_NEWNEXTHOP) }

// ParseNexthopBucket reads RTM_NEWNEXTHOPBUCKET or RTM_DELNEXTHOPBUCKET.
func ParseNexthopBucket(m nl.Message) (Nexthop, error) { return parseNexthop(m, RTM_NEWNEXTHOPBUCKET) }

func parseNexthop(m nl.Message, newType uint16) (Nexthop, error) {
	as, err := parse(m, newType, nhmsgLen)
	if err != nil {
		return Nexthop{}, err
	}
	p := m.Payload()
	return Nexthop{NhMsg{p[0], p[1], p[2], binary.NativeEndian.Uint32(p[4:])}, as}, nil
}

// Attributes of a next hop.
const (
	NHA_ID              nl.AttrU32   = 1
	NHA_GROUP           nl.AttrBytes = 2
	NHA_GROUP_TYPE      nl.AttrU16   = 3
	NHA_BLACKHOLE       nl.AttrFlag  = 4
	NHA_OIF             nl.AttrU32   = 5
	NHA_GATEWAY         nl.AttrIP    = 6
	NHA_ENCAP_TYPE      nl.AttrU16   = 7
	NHA_ENCAP           nl.AttrNestF = 8
	NHA_GROUPS          nl.AttrFlag  = 9
	NHA_MASTER          nl.AttrU32   = 10
	NHA_FDB             nl.AttrFlag  = 11
	NHA_RES_GROUP       nl.AttrNestF = 12
	NHA_RES_BUCKET      nl.AttrNestF = 13
	NHA_OP_FLAGS        nl.AttrU32   = 14
	NHA_GROUP_STATS     nl.AttrNest  = 15
	NHA_HW_STATS_ENABLE nl.AttrU32   = 16
	NHA_HW_STATS_USED   nl.AttrU32   = 17
)

// NexthopAttrs is the table of them.
var NexthopAttrs = nl.Schema{Name: "nexthop", Fields: []nl.Field{
	{Type: uint16(NHA_ID), Name: "NHA_ID", Kind: nl.KindU32},
	{Type: uint16(NHA_GROUP), Name: "NHA_GROUP", Kind: nl.KindStruct, Layout: &NexthopGrp, Repeats: true},
	{Type: uint16(NHA_GROUP_TYPE), Name: "NHA_GROUP_TYPE", Kind: nl.KindU16, Names: &NexthopGroupTypes},
	{Type: uint16(NHA_BLACKHOLE), Name: "NHA_BLACKHOLE", Kind: nl.KindFlag},
	{Type: uint16(NHA_OIF), Name: "NHA_OIF", Kind: nl.KindIndex},
	{Type: uint16(NHA_GATEWAY), Name: "NHA_GATEWAY", Kind: nl.KindIP},
	{Type: uint16(NHA_ENCAP_TYPE), Name: "NHA_ENCAP_TYPE", Kind: nl.KindU16, Names: &EncapTypes},
	{Type: uint16(NHA_ENCAP), Name: "NHA_ENCAP", Kind: nl.KindSelect, By: uint16(NHA_ENCAP_TYPE), Cases: &encapCases},
	{Type: uint16(NHA_GROUPS), Name: "NHA_GROUPS", Kind: nl.KindFlag},
	{Type: uint16(NHA_MASTER), Name: "NHA_MASTER", Kind: nl.KindIndex},
	{Type: uint16(NHA_FDB), Name: "NHA_FDB", Kind: nl.KindFlag},
	{Type: uint16(NHA_RES_GROUP), Name: "NHA_RES_GROUP", Kind: nl.KindNest, Sub: &NexthopResGroupAttrs},
	{Type: uint16(NHA_RES_BUCKET), Name: "NHA_RES_BUCKET", Kind: nl.KindNest, Sub: &NexthopResBucketAttrs},
	{Type: uint16(NHA_OP_FLAGS), Name: "NHA_OP_FLAGS", Kind: nl.KindU32},
	{Type: uint16(NHA_GROUP_STATS), Name: "NHA_GROUP_STATS", Kind: nl.KindNest, Sub: &NexthopGroupStatsAttrs},
	{Type: uint16(NHA_HW_STATS_ENABLE), Name: "NHA_HW_STATS_ENABLE", Kind: nl.KindU32, Names: &OffOn},
	{Type: uint16(NHA_HW_STATS_USED), Name: "NHA_HW_STATS_USED", Kind: nl.KindU32, Names: &OffOn},
}}

// Attributes inside NHA_RES_GROUP; times are in hundredths of a second.
const (
	NHA_RES_GROUP_BUCKETS          nl.AttrU16 = 1
	NHA_RES_GROUP_IDLE_TIMER       nl.AttrU32 = 2
	NHA_RES_GROUP_UNBALANCED_TIMER nl.AttrU32 = 3
	NHA_RES_GROUP_UNBALANCED_TIME  nl.AttrU64 = 4
)

// NexthopResGroupAttrs is the table of them.
var NexthopResGroupAttrs = nl.Schema{Name: "res-group", Fields: []nl.Field{
	{Type: 0, Name: "NHA_RES_GROUP_PAD", Kind: nl.KindUnused},
	{Type: uint16(NHA_RES_GROUP_BUCKETS), Name: "NHA_RES_GROUP_BUCKETS", Kind: nl.KindU16},
	{Type: uint16(NHA_RES_GROUP_IDLE_TIMER), Name: "NHA_RES_GROUP_IDLE_TIMER", Kind: nl.KindU32, Unit: nl.UnitUserHZ},
	{Type: uint16(NHA_RES_GROUP_UNBALANCED_TIMER), Name: "NHA_RES_GROUP_UNBALANCED_TIMER", Kind: nl.KindU32, Unit: nl.UnitUserHZ},
	{Type: uint16(NHA_RES_GROUP_UNBALANCED_TIME), Name: "NHA_RES_GROUP_UNBALANCED_TIME", Kind: nl.KindU64, Unit: nl.UnitUserHZ},
}}

// Attributes inside NHA_RES_BUCKET.
const (
	NHA_RES_BUCKET_INDEX     nl.AttrU16 = 1
	NHA_RES_BUCKET_IDLE_TIME nl.AttrU64 = 2
	NHA_RES_BUCKET_NH_ID     nl.AttrU32 = 3
)

// NexthopResBucketAttrs is the table of them.
var NexthopResBucketAttrs = nl.Schema{Name: "res-bucket", Fields: []nl.Field{
	{Type: 0, Name: "NHA_RES_BUCKET_PAD", Kind: nl.KindUnused},
	{Type: uint16(NHA_RES_BUCKET_INDEX), Name: "NHA_RES_BUCKET_INDEX", Kind: nl.KindU16},
	{Type: uint16(NHA_RES_BUCKET_IDLE_TIME), Name: "NHA_RES_BUCKET_IDLE_TIME", Kind: nl.KindU64, Unit: nl.UnitUserHZ},
	{Type: uint16(NHA_RES_BUCKET_NH_ID), Name: "NHA_RES_BUCKET_NH_ID", Kind: nl.KindU32},
}}

// NexthopGroupTypes are NEXTHOP_GRP_TYPE_.
var NexthopGroupTypes = nl.Names{List: []nl.Name{{Value: 0, Name: "mpath"}, {Value: 1, Name: "resilient"}}}

var nhmsgLayout = nl.Layout{Name: "nhmsg", Size: nhmsgLen, Members: []nl.Member{
	{Name: "nh_family", Off: 0, Kind: nl.KindU8, Names: &Families},
	{Name: "nh_scope", Off: 1, Kind: nl.KindU8, Names: &Scopes},
	{Name: "nh_protocol", Off: 2, Kind: nl.KindU8, Names: &Protocols},
	{Name: "resvd", Off: 3, Kind: nl.KindUnused},
	{Name: "nh_flags", Off: 4, Kind: nl.KindU32, Names: &RouteFlags},
}}
