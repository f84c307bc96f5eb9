package rtnl

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"rawns/nl"
)

// RtMsg is struct rtmsg, the fixed header of route messages,
// linux/rtnetlink.h.
type RtMsg struct {
	Family   uint8 // AF_INET, AF_INET6, ...
	DstLen   uint8 // bits of RTA_DST; 0 is the default route
	SrcLen   uint8 // bits of RTA_SRC
	Tos      uint8
	Table    uint8  // RT_TABLE_; RTA_TABLE holds those above 255
	Protocol uint8  // RTPROT_: who made the route
	Scope    uint8  // RT_SCOPE_
	Type     uint8  // RTN_
	Flags    uint32 // RTNH_F_, RTM_F_
}

const rtmsgLen = 12

// put has a pointer for the reason that IfInfomsg.put has one.
func (h *RtMsg) put(p []byte) {
	_ = p[rtmsgLen-1]
	p[0], p[1], p[2], p[3] = h.Family, h.DstLen, h.SrcLen, h.Tos
	p[4], p[5], p[6], p[7] = h.Table, h.Protocol, h.Scope, h.Type
	binary.NativeEndian.PutUint32(p[8:], h.Flags)
}

// NewRoute begins RTM_NEWROUTE. flags: NLM_F_CREATE|NLM_F_EXCL to add, see
// NLM_F_REPLACE and NLM_F_APPEND in netlink(7).
func NewRoute(b *nl.Builder, flags uint16, h RtMsg) {
	h.put(b.Begin(unix.RTM_NEWROUTE, unix.NLM_F_REQUEST|unix.NLM_F_ACK|flags, rtmsgLen))
}

// DelRoute begins RTM_DELROUTE: the first route goes that has all that the
// message names; RT_SCOPE_NOWHERE and type 0 name nothing.
func DelRoute(b *nl.Builder, h RtMsg) {
	b.Message(unix.RTM_DELROUTE, unix.NLM_F_REQUEST|unix.NLM_F_ACK)
	h.put(b.Extend(rtmsgLen))
}

// GetRoute begins RTM_GETROUTE: with Conn.Do for the route to RTA_DST, with
// Conn.Dump for all; strict kernels then filter by table, protocol, type and
// RTA_OIF.
func GetRoute(b *nl.Builder, h RtMsg) {
	b.Message(unix.RTM_GETROUTE, unix.NLM_F_REQUEST)
	h.put(b.Extend(rtmsgLen))
}

// Route is a view of a received route message: valid as long as the message.
type Route struct {
	RtMsg
	Attrs nl.Attrs
}

// ParseRoute reads RTM_NEWROUTE, RTM_DELROUTE or RTM_GETROUTE. Its errors are
// ErrType and *nl.LengthError.
func ParseRoute(m nl.Message) (Route, error) {
	as, err := parse(m, unix.RTM_NEWROUTE, rtmsgLen)
	if err != nil {
		return Route{}, err
	}
	return routeOf(m, as), nil
}

// ParseRouteIndex is ParseRoute and nl.Attrs.Index in one walk over the
// attributes, for long lists.
func ParseRouteIndex(m nl.Message, dst []nl.Attr) (Route, error) {
	as, err := attrs(m, unix.RTM_NEWROUTE, rtmsgLen)
	if err == nil {
		err = as.CheckIndex(dst)
	}
	if err != nil {
		return Route{}, err
	}
	return routeOf(m, as), nil
}

func routeOf(m nl.Message, as nl.Attrs) Route {
	p := m.Payload()
	return Route{RtMsg{p[0], p[1], p[2], p[3], p[4], p[5], p[6], p[7], binary.NativeEndian.Uint32(p[8:])}, as}
}

// Table returns RTA_TABLE, or the header's eight bits if it is missing.
func (r Route) Table() uint32 {
	if v, ok := r.Attrs.U32(RTA_TABLE); ok {
		return v
	}
	return uint32(r.RtMsg.Table)
}

// Attributes of a route: RTM_NEWROUTE and its family, linux/rtnetlink.h.
const (
	RTA_DST           nl.AttrIP    = 1
	RTA_SRC           nl.AttrIP    = 2
	RTA_IIF           nl.AttrU32   = 3
	RTA_OIF           nl.AttrU32   = 4
	RTA_GATEWAY       nl.AttrIP    = 5
	RTA_PRIORITY      nl.AttrU32   = 6
	RTA_PREFSRC       nl.AttrIP    = 7
	RTA_METRICS       nl.AttrNest  = 8
	RTA_MULTIPATH     nl.AttrBytes = 9
	RTA_PROTOINFO     nl.AttrBytes = 10
	RTA_FLOW          nl.AttrU32   = 11
	RTA_CACHEINFO     nl.AttrBytes = 12
	RTA_SESSION       nl.AttrBytes = 13
	RTA_MP_ALGO       nl.AttrBytes = 14
	RTA_TABLE         nl.AttrU32   = 15
	RTA_MARK          nl.AttrU32   = 16
	RTA_MFC_STATS     nl.AttrBytes = 17
	RTA_VIA           nl.AttrBytes = 18
	RTA_NEWDST        nl.AttrBytes = 19
	RTA_PREF          nl.AttrU8    = 20
	RTA_ENCAP_TYPE    nl.AttrU16   = 21
	RTA_ENCAP         nl.AttrNestF = 22
	RTA_EXPIRES       nl.AttrU32   = 23
	RTA_UID           nl.AttrU32   = 25
	RTA_TTL_PROPAGATE nl.AttrU8    = 26
	RTA_IP_PROTO      nl.AttrU8    = 27
	RTA_SPORT         nl.AttrBE16  = 28
	RTA_DPORT         nl.AttrBE16  = 29
	RTA_NH_ID         nl.AttrU32   = 30
	RTA_FLOWLABEL     nl.AttrBE32  = 31
)

// RouteAttrs is the table of them.
var RouteAttrs = nl.Schema{Name: "route", Fields: []nl.Field{
	{Type: uint16(RTA_DST), Name: "RTA_DST", Kind: nl.KindIP},
	{Type: uint16(RTA_SRC), Name: "RTA_SRC", Kind: nl.KindIP},
	{Type: uint16(RTA_IIF), Name: "RTA_IIF", Kind: nl.KindIndex},
	{Type: uint16(RTA_OIF), Name: "RTA_OIF", Kind: nl.KindIndex},
	{Type: uint16(RTA_GATEWAY), Name: "RTA_GATEWAY", Kind: nl.KindIP},
	{Type: uint16(RTA_PRIORITY), Name: "RTA_PRIORITY", Kind: nl.KindU32},
	{Type: uint16(RTA_PREFSRC), Name: "RTA_PREFSRC", Kind: nl.KindIP},
	{Type: uint16(RTA_METRICS), Name: "RTA_METRICS", Kind: nl.KindNest, Sub: &MetricAttrs},
	{Type: uint16(RTA_MULTIPATH), Name: "RTA_MULTIPATH", Kind: nl.KindHops, Layout: &RtNexthop},
	{Type: uint16(RTA_PROTOINFO), Name: "RTA_PROTOINFO", Kind: nl.KindBytes},
	{Type: uint16(RTA_FLOW), Name: "RTA_FLOW", Kind: nl.KindU32, Unit: nl.UnitHex},
	{Type: uint16(RTA_CACHEINFO), Name: "RTA_CACHEINFO", Kind: nl.KindStruct, Layout: &RtaCacheinfo},
	{Type: uint16(RTA_SESSION), Name: "RTA_SESSION", Kind: nl.KindBytes},
	{Type: uint16(RTA_MP_ALGO), Name: "RTA_MP_ALGO", Kind: nl.KindBytes},
	{Type: uint16(RTA_TABLE), Name: "RTA_TABLE", Kind: nl.KindU32, Names: &Tables},
	{Type: uint16(RTA_MARK), Name: "RTA_MARK", Kind: nl.KindU32, Unit: nl.UnitHex},
	{Type: uint16(RTA_MFC_STATS), Name: "RTA_MFC_STATS", Kind: nl.KindStruct, Layout: &RtaMfcStats},
	{Type: uint16(RTA_VIA), Name: "RTA_VIA", Kind: nl.KindVia, Layout: &RtVia},
	{Type: uint16(RTA_NEWDST), Name: "RTA_NEWDST", Kind: nl.KindLabels},
	{Type: uint16(RTA_PREF), Name: "RTA_PREF", Kind: nl.KindU8, Names: &RoutePrefs},
	{Type: uint16(RTA_ENCAP_TYPE), Name: "RTA_ENCAP_TYPE", Kind: nl.KindU16, Names: &EncapTypes},
	{Type: uint16(RTA_ENCAP), Name: "RTA_ENCAP", Kind: nl.KindSelect, By: uint16(RTA_ENCAP_TYPE), Cases: &encapCases},
	{Type: uint16(RTA_EXPIRES), Name: "RTA_EXPIRES", Kind: nl.KindU32, Unit: nl.UnitSeconds},
	{Type: 24, Name: "RTA_PAD", Kind: nl.KindUnused},
	{Type: uint16(RTA_UID), Name: "RTA_UID", Kind: nl.KindU32},
	{Type: uint16(RTA_TTL_PROPAGATE), Name: "RTA_TTL_PROPAGATE", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(RTA_IP_PROTO), Name: "RTA_IP_PROTO", Kind: nl.KindU8, Names: &IPProtocols},
	{Type: uint16(RTA_SPORT), Name: "RTA_SPORT", Kind: nl.KindBE16},
	{Type: uint16(RTA_DPORT), Name: "RTA_DPORT", Kind: nl.KindBE16},
	{Type: uint16(RTA_NH_ID), Name: "RTA_NH_ID", Kind: nl.KindU32},
	{Type: uint16(RTA_FLOWLABEL), Name: "RTA_FLOWLABEL", Kind: nl.KindBE32, Unit: nl.UnitHex},
}}

// Attributes inside RTA_METRICS.
const (
	RTAX_LOCK               nl.AttrU32 = 1
	RTAX_MTU                nl.AttrU32 = 2
	RTAX_WINDOW             nl.AttrU32 = 3
	RTAX_RTT                nl.AttrU32 = 4
	RTAX_RTTVAR             nl.AttrU32 = 5
	RTAX_SSTHRESH           nl.AttrU32 = 6
	RTAX_CWND               nl.AttrU32 = 7
	RTAX_ADVMSS             nl.AttrU32 = 8
	RTAX_REORDERING         nl.AttrU32 = 9
	RTAX_HOPLIMIT           nl.AttrU32 = 10
	RTAX_INITCWND           nl.AttrU32 = 11
	RTAX_FEATURES           nl.AttrU32 = 12
	RTAX_RTO_MIN            nl.AttrU32 = 13
	RTAX_INITRWND           nl.AttrU32 = 14
	RTAX_QUICKACK           nl.AttrU32 = 15
	RTAX_CC_ALGO            nl.AttrStr = 16
	RTAX_FASTOPEN_NO_COOKIE nl.AttrU32 = 17
)

// MetricAttrs is the table of them.
var MetricAttrs = nl.Schema{Name: "metrics", Fields: []nl.Field{
	{Type: 0, Name: "RTAX_UNSPEC", Kind: nl.KindUnused},
	{Type: uint16(RTAX_LOCK), Name: "RTAX_LOCK", Kind: nl.KindU32, Names: &MetricLocks},
	{Type: uint16(RTAX_MTU), Name: "RTAX_MTU", Kind: nl.KindU32, Unit: nl.UnitBytes},
	{Type: uint16(RTAX_WINDOW), Name: "RTAX_WINDOW", Kind: nl.KindU32, Unit: nl.UnitBytes},
	{Type: uint16(RTAX_RTT), Name: "RTAX_RTT", Kind: nl.KindU32},
	{Type: uint16(RTAX_RTTVAR), Name: "RTAX_RTTVAR", Kind: nl.KindU32},
	{Type: uint16(RTAX_SSTHRESH), Name: "RTAX_SSTHRESH", Kind: nl.KindU32},
	{Type: uint16(RTAX_CWND), Name: "RTAX_CWND", Kind: nl.KindU32},
	{Type: uint16(RTAX_ADVMSS), Name: "RTAX_ADVMSS", Kind: nl.KindU32, Unit: nl.UnitBytes},
	{Type: uint16(RTAX_REORDERING), Name: "RTAX_REORDERING", Kind: nl.KindU32},
	{Type: uint16(RTAX_HOPLIMIT), Name: "RTAX_HOPLIMIT", Kind: nl.KindU32},
	{Type: uint16(RTAX_INITCWND), Name: "RTAX_INITCWND", Kind: nl.KindU32},
	{Type: uint16(RTAX_FEATURES), Name: "RTAX_FEATURES", Kind: nl.KindU32, Names: &RouteFeatures},
	{Type: uint16(RTAX_RTO_MIN), Name: "RTAX_RTO_MIN", Kind: nl.KindU32, Unit: nl.UnitMilliseconds},
	{Type: uint16(RTAX_INITRWND), Name: "RTAX_INITRWND", Kind: nl.KindU32},
	{Type: uint16(RTAX_QUICKACK), Name: "RTAX_QUICKACK", Kind: nl.KindU32, Names: &OffOn},
	{Type: uint16(RTAX_CC_ALGO), Name: "RTAX_CC_ALGO", Kind: nl.KindStr},
	{Type: uint16(RTAX_FASTOPEN_NO_COOKIE), Name: "RTAX_FASTOPEN_NO_COOKIE", Kind: nl.KindU32, Names: &OffOn},
}}

// rtmsgLayout is struct rtmsg.
var rtmsgLayout = nl.Layout{Name: "rtmsg", Size: 12, Members: []nl.Member{
	{Name: "rtm_family", Off: 0, Kind: nl.KindU8, Names: &Families},
	{Name: "rtm_dst_len", Off: 1, Kind: nl.KindU8},
	{Name: "rtm_src_len", Off: 2, Kind: nl.KindU8},
	{Name: "rtm_tos", Off: 3, Kind: nl.KindU8, Unit: nl.UnitHex},
	{Name: "rtm_table", Off: 4, Kind: nl.KindU8, Names: &Tables},
	{Name: "rtm_protocol", Off: 5, Kind: nl.KindU8, Names: &Protocols},
	{Name: "rtm_scope", Off: 6, Kind: nl.KindU8, Names: &Scopes},
	{Name: "rtm_type", Off: 7, Kind: nl.KindU8, Names: &RouteTypes},
	{Name: "rtm_flags", Off: 8, Kind: nl.KindU32, Names: &RouteFlags},
}}

// RtaCacheinfo is struct rta_cacheinfo; the last three members are no longer
// filled in.
var RtaCacheinfo = nl.Layout{Name: "rta_cacheinfo", Size: 32, Members: []nl.Member{
	{Name: "rta_clntref", Off: 0, Kind: nl.KindU32},
	{Name: "rta_lastuse", Off: 4, Kind: nl.KindU32, Unit: nl.UnitUserHZ},
	{Name: "rta_expires", Off: 8, Kind: nl.KindU32, Unit: nl.UnitUserHZ},
	{Name: "rta_error", Off: 12, Kind: nl.KindU32},
	{Name: "rta_used", Off: 16, Kind: nl.KindU32},
	{Name: "rta_id", Off: 20, Kind: nl.KindU32},
	{Name: "rta_ts", Off: 24, Kind: nl.KindU32},
	{Name: "rta_tsage", Off: 28, Kind: nl.KindU32},
}}
