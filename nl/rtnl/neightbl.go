package rtnl

import (
	"golang.org/x/sys/unix"

	"rawns/nl"
)

// The tables of neighbours themselves: their limits and times, of which each
// interface has its own, linux/neighbour.h.

const ndtmsgLen = 4 // struct ndtmsg: the family, padded

// GetNeighTbl begins RTM_GETNEIGHTBL for Conn.Dump.
func GetNeighTbl(b *nl.Builder, family uint8) {
	b.Message(unix.RTM_GETNEIGHTBL, unix.NLM_F_REQUEST)
	b.Extend(ndtmsgLen)[0] = family
}

// SetNeighTbl begins RTM_SETNEIGHTBL; NDTA_NAME must follow, and for the
// settings of an interface NDTA_PARMS with NDTPA_IFINDEX.
func SetNeighTbl(b *nl.Builder, family uint8) {
	b.Message(unix.RTM_SETNEIGHTBL, unix.NLM_F_REQUEST|unix.NLM_F_ACK|unix.NLM_F_REPLACE)
	b.Extend(ndtmsgLen)[0] = family
}

// NeighTbl is a view of a received message about a table: valid as long as the
// message.
type NeighTbl struct {
	Family uint8
	Attrs  nl.Attrs
}

// ParseNeighTbl reads RTM_NEWNEIGHTBL, RTM_GETNEIGHTBL or RTM_SETNEIGHTBL. Its
// errors are ErrType and *nl.LengthError.
func ParseNeighTbl(m nl.Message) (NeighTbl, error) {
	as, err := parse(m, unix.RTM_NEWNEIGHTBL, ndtmsgLen)
	if err != nil {
		return NeighTbl{}, err
	}
	return NeighTbl{m.Payload()[0], as}, nil
}

// Attributes of a table of neighbours, linux/neighbour.h.
const (
	NDTA_NAME        nl.AttrStr   = 1
	NDTA_THRESH1     nl.AttrU32   = 2
	NDTA_THRESH2     nl.AttrU32   = 3
	NDTA_THRESH3     nl.AttrU32   = 4
	NDTA_CONFIG      nl.AttrBytes = 5
	NDTA_PARMS       nl.AttrNest  = 6
	NDTA_STATS       nl.AttrBytes = 7
	NDTA_GC_INTERVAL nl.AttrU64   = 8
)

// NeighTblAttrs is the table of them.
var NeighTblAttrs = nl.Schema{Name: "neightbl", Fields: []nl.Field{
	{Type: uint16(NDTA_NAME), Name: "NDTA_NAME", Kind: nl.KindStr},
	{Type: uint16(NDTA_THRESH1), Name: "NDTA_THRESH1", Kind: nl.KindU32},
	{Type: uint16(NDTA_THRESH2), Name: "NDTA_THRESH2", Kind: nl.KindU32},
	{Type: uint16(NDTA_THRESH3), Name: "NDTA_THRESH3", Kind: nl.KindU32},
	{Type: uint16(NDTA_CONFIG), Name: "NDTA_CONFIG", Kind: nl.KindStruct, Layout: &NdtConfig},
	{Type: uint16(NDTA_PARMS), Name: "NDTA_PARMS", Kind: nl.KindNest, Sub: &NeighParmAttrs},
	{Type: uint16(NDTA_STATS), Name: "NDTA_STATS", Kind: nl.KindStruct, Layout: &NdtStats},
	{Type: uint16(NDTA_GC_INTERVAL), Name: "NDTA_GC_INTERVAL", Kind: nl.KindU64, Unit: nl.UnitMilliseconds},
	{Type: 9, Name: "NDTA_PAD", Kind: nl.KindUnused},
}}

// Attributes of NDTA_PARMS; times are in milliseconds.
const (
	NDTPA_IFINDEX                nl.AttrU32 = 1
	NDTPA_REFCNT                 nl.AttrU32 = 2
	NDTPA_REACHABLE_TIME         nl.AttrU64 = 3
	NDTPA_BASE_REACHABLE_TIME    nl.AttrU64 = 4
	NDTPA_RETRANS_TIME           nl.AttrU64 = 5
	NDTPA_GC_STALETIME           nl.AttrU64 = 6
	NDTPA_DELAY_PROBE_TIME       nl.AttrU64 = 7
	NDTPA_QUEUE_LEN              nl.AttrU32 = 8
	NDTPA_APP_PROBES             nl.AttrU32 = 9
	NDTPA_UCAST_PROBES           nl.AttrU32 = 10
	NDTPA_MCAST_PROBES           nl.AttrU32 = 11
	NDTPA_ANYCAST_DELAY          nl.AttrU64 = 12
	NDTPA_PROXY_DELAY            nl.AttrU64 = 13
	NDTPA_PROXY_QLEN             nl.AttrU32 = 14
	NDTPA_LOCKTIME               nl.AttrU64 = 15
	NDTPA_QUEUE_LENBYTES         nl.AttrU32 = 16
	NDTPA_MCAST_REPROBES         nl.AttrU32 = 17
	NDTPA_INTERVAL_PROBE_TIME_MS nl.AttrU64 = 19
)

// NeighParmAttrs is the table of them.
var NeighParmAttrs = nl.Schema{Name: "neighparms", Fields: []nl.Field{
	{Type: uint16(NDTPA_IFINDEX), Name: "NDTPA_IFINDEX", Kind: nl.KindIndex},
	{Type: uint16(NDTPA_REFCNT), Name: "NDTPA_REFCNT", Kind: nl.KindU32},
	{Type: uint16(NDTPA_REACHABLE_TIME), Name: "NDTPA_REACHABLE_TIME", Kind: nl.KindU64, Unit: nl.UnitMilliseconds},
	{Type: uint16(NDTPA_BASE_REACHABLE_TIME), Name: "NDTPA_BASE_REACHABLE_TIME", Kind: nl.KindU64, Unit: nl.UnitMilliseconds},
	{Type: uint16(NDTPA_RETRANS_TIME), Name: "NDTPA_RETRANS_TIME", Kind: nl.KindU64, Unit: nl.UnitMilliseconds},
	{Type: uint16(NDTPA_GC_STALETIME), Name: "NDTPA_GC_STALETIME", Kind: nl.KindU64, Unit: nl.UnitMilliseconds},
	{Type: uint16(NDTPA_DELAY_PROBE_TIME), Name: "NDTPA_DELAY_PROBE_TIME", Kind: nl.KindU64, Unit: nl.UnitMilliseconds},
	{Type: uint16(NDTPA_QUEUE_LEN), Name: "NDTPA_QUEUE_LEN", Kind: nl.KindU32},
	{Type: uint16(NDTPA_APP_PROBES), Name: "NDTPA_APP_PROBES", Kind: nl.KindU32},
	{Type: uint16(NDTPA_UCAST_PROBES), Name: "NDTPA_UCAST_PROBES", Kind: nl.KindU32},
	{Type: uint16(NDTPA_MCAST_PROBES), Name: "NDTPA_MCAST_PROBES", Kind: nl.KindU32},
	{Type: uint16(NDTPA_ANYCAST_DELAY), Name: "NDTPA_ANYCAST_DELAY", Kind: nl.KindU64, Unit: nl.UnitMilliseconds},
	{Type: uint16(NDTPA_PROXY_DELAY), Name: "NDTPA_PROXY_DELAY", Kind: nl.KindU64, Unit: nl.UnitMilliseconds},
	{Type: uint16(NDTPA_PROXY_QLEN), Name: "NDTPA_PROXY_QLEN", Kind: nl.KindU32},
	{Type: uint16(NDTPA_LOCKTIME), Name: "NDTPA_LOCKTIME", Kind: nl.KindU64, Unit: nl.UnitMilliseconds},
	{Type: uint16(NDTPA_QUEUE_LENBYTES), Name: "NDTPA_QUEUE_LENBYTES", Kind: nl.KindU32, Unit: nl.UnitBytes},
	{Type: uint16(NDTPA_MCAST_REPROBES), Name: "NDTPA_MCAST_REPROBES", Kind: nl.KindU32},
	{Type: 18, Name: "NDTPA_PAD", Kind: nl.KindUnused},
	{Type: uint16(NDTPA_INTERVAL_PROBE_TIME_MS), Name: "NDTPA_INTERVAL_PROBE_TIME_MS", Kind: nl.KindU64, Unit: nl.UnitMilliseconds},
}}

// ndtmsgLayout is struct ndtmsg.
var ndtmsgLayout = nl.Layout{Name: "ndtmsg", Size: 4, Members: []nl.Member{
	{Name: "family", Off: 0, Kind: nl.KindU8, Names: &Families},
	{Name: "pad", Off: 1, Kind: nl.KindUnused, Size: 3},
}}

// NdtConfig is struct ndt_config, NDTA_CONFIG; times are in milliseconds.
var NdtConfig = nl.Layout{Name: "ndt_config", Size: 32, Members: []nl.Member{
	{Name: "key_len", Off: 0, Kind: nl.KindU16},
	{Name: "entry_size", Off: 2, Kind: nl.KindU16},
	{Name: "entries", Off: 4, Kind: nl.KindU32},
	{Name: "last_flush", Off: 8, Kind: nl.KindU32, Unit: nl.UnitMilliseconds},
	{Name: "last_rand", Off: 12, Kind: nl.KindU32, Unit: nl.UnitMilliseconds},
	{Name: "hash_rnd", Off: 16, Kind: nl.KindU32},
	{Name: "hash_mask", Off: 20, Kind: nl.KindU32},
	{Name: "hash_chain_gc", Off: 24, Kind: nl.KindU32},
	{Name: "proxy_qlen", Off: 28, Kind: nl.KindU32},
}}

// NdtStats is struct ndt_stats, NDTA_STATS.
var NdtStats = nl.Layout{Name: "ndt_stats", Size: 88, Members: []nl.Member{
	{Name: "allocs", Off: 0, Kind: nl.KindU64},
	{Name: "destroys", Off: 8, Kind: nl.KindU64},
	{Name: "hash_grows", Off: 16, Kind: nl.KindU64},
	{Name: "res_failed", Off: 24, Kind: nl.KindU64},
	{Name: "lookups", Off: 32, Kind: nl.KindU64},
	{Name: "hits", Off: 40, Kind: nl.KindU64},
	{Name: "rcv_probes_mcast", Off: 48, Kind: nl.KindU64},
	{Name: "rcv_probes_ucast", Off: 56, Kind: nl.KindU64},
	{Name: "periodic_gc_runs", Off: 64, Kind: nl.KindU64},
	{Name: "forced_gc_runs", Off: 72, Kind: nl.KindU64},
	{Name: "table_fulls", Off: 80, Kind: nl.KindU64},
}}
