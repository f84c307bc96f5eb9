package rtnl

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"rawns/nl"
)

// IfAddrmsg is struct ifaddrmsg, the fixed header of address messages,
// linux/if_addr.h.
type IfAddrmsg struct {
	Family    uint8 // AF_INET or AF_INET6
	PrefixLen uint8
	Flags     uint8 // the low eight IFA_F_ bits; IFA_FLAGS holds all of them
	Scope     uint8 // RT_SCOPE_
	Index     int32 // of the interface
}

const ifaddrmsgLen = 8

// put has a pointer for the reason that IfInfomsg.put has one.
func (h *IfAddrmsg) put(p []byte) {
	_ = p[ifaddrmsgLen-1]
	p[0], p[1], p[2], p[3] = h.Family, h.PrefixLen, h.Flags, h.Scope
	binary.NativeEndian.PutUint32(p[4:], uint32(h.Index))
}

// NewAddr begins RTM_NEWADDR. flags: NLM_F_CREATE|NLM_F_EXCL to add, or
// NLM_F_CREATE|NLM_F_REPLACE. IFA_LOCAL, and IFA_ADDRESS for the peer's or the
// same, must follow.
func NewAddr(b *nl.Builder, flags uint16, h IfAddrmsg) {
	h.put(b.Begin(unix.RTM_NEWADDR, unix.NLM_F_REQUEST|unix.NLM_F_ACK|flags, ifaddrmsgLen))
}

// DelAddr begins RTM_DELADDR; IFA_LOCAL must follow.
func DelAddr(b *nl.Builder, h IfAddrmsg) {
	b.Message(unix.RTM_DELADDR, unix.NLM_F_REQUEST|unix.NLM_F_ACK)
	h.put(b.Extend(ifaddrmsgLen))
}

// GetAddr begins RTM_GETADDR for Conn.Dump: of one family, or AF_UNSPEC; of
// one interface, or 0.
func GetAddr(b *nl.Builder, family uint8, index int32) {
	b.Message(unix.RTM_GETADDR, unix.NLM_F_REQUEST)
	h := IfAddrmsg{Family: family, Index: index}
	h.put(b.Extend(ifaddrmsgLen))
}

// Lifetimes is struct ifa_cacheinfo, IFA_CACHEINFO.
type Lifetimes struct {
	Preferred, Valid uint32 // seconds; Forever does not end
	Created, Updated uint32 // hundredths of a second since boot; only in replies
}

// Forever is INFINITY_LIFE_TIME.
const Forever = 0xffffffff

// PutLifetimes appends IFA_CACHEINFO.
func PutLifetimes(b *nl.Builder, l Lifetimes) {
	var p [16]byte
	binary.NativeEndian.PutUint32(p[0:], l.Preferred)
	binary.NativeEndian.PutUint32(p[4:], l.Valid)
	binary.NativeEndian.PutUint32(p[8:], l.Created)
	binary.NativeEndian.PutUint32(p[12:], l.Updated)
	b.Blob(IFA_CACHEINFO, p[:])
}

// Addr is a view of a received address message: valid as long as the message.
type Addr struct {
	IfAddrmsg
	Attrs nl.Attrs
}

// ParseAddr reads RTM_NEWADDR, RTM_DELADDR or RTM_GETADDR. Its errors are
// ErrType and *nl.LengthError.
func ParseAddr(m nl.Message) (Addr, error) {
	as, err := parse(m, unix.RTM_NEWADDR, ifaddrmsgLen)
	if err != nil {
		return Addr{}, err
	}
	p := m.Payload()
	return Addr{IfAddrmsg{p[0], p[1], p[2], p[3], int32(binary.NativeEndian.Uint32(p[4:]))}, as}, nil
}

// Flags returns all IFA_F_ bits: IFA_FLAGS, or the header's eight from kernels
// before 3.14.
func (a Addr) Flags() uint32 {
	if v, ok := a.Attrs.U32(IFA_FLAGS); ok {
		return v
	}
	return uint32(a.IfAddrmsg.Flags)
}

// Lifetimes returns IFA_CACHEINFO.
func (a Addr) Lifetimes() (Lifetimes, bool) {
	p, _ := a.Attrs.Blob(IFA_CACHEINFO)
	if len(p) < 16 {
		return Lifetimes{}, false
	}
	u := func(i int) uint32 { return binary.NativeEndian.Uint32(p[i:]) }
	return Lifetimes{u(0), u(4), u(8), u(12)}, true
}

// Attributes of an address: RTM_NEWADDR and its family, linux/if_addr.h.
const (
	IFA_ADDRESS        nl.AttrIP    = 1
	IFA_LOCAL          nl.AttrIP    = 2
	IFA_LABEL          nl.AttrStr   = 3
	IFA_BROADCAST      nl.AttrIP    = 4
	IFA_ANYCAST        nl.AttrIP    = 5
	IFA_CACHEINFO      nl.AttrBytes = 6
	IFA_MULTICAST      nl.AttrIP    = 7
	IFA_FLAGS          nl.AttrU32   = 8
	IFA_RT_PRIORITY    nl.AttrU32   = 9
	IFA_TARGET_NETNSID nl.AttrS32   = 10
	IFA_PROTO          nl.AttrU8    = 11
)

// AddrAttrs is the table of them.
var AddrAttrs = nl.Schema{Name: "addr", Fields: []nl.Field{
	{Type: uint16(IFA_ADDRESS), Name: "IFA_ADDRESS", Kind: nl.KindIP},
	{Type: uint16(IFA_LOCAL), Name: "IFA_LOCAL", Kind: nl.KindIP},
	{Type: uint16(IFA_LABEL), Name: "IFA_LABEL", Kind: nl.KindStr},
	{Type: uint16(IFA_BROADCAST), Name: "IFA_BROADCAST", Kind: nl.KindIP},
	{Type: uint16(IFA_ANYCAST), Name: "IFA_ANYCAST", Kind: nl.KindIP},
	{Type: uint16(IFA_CACHEINFO), Name: "IFA_CACHEINFO", Kind: nl.KindStruct, Layout: &IfaCacheinfo},
	{Type: uint16(IFA_MULTICAST), Name: "IFA_MULTICAST", Kind: nl.KindIP},
	{Type: uint16(IFA_FLAGS), Name: "IFA_FLAGS", Kind: nl.KindU32, Names: &AddrFlags},
	{Type: uint16(IFA_RT_PRIORITY), Name: "IFA_RT_PRIORITY", Kind: nl.KindU32},
	{Type: uint16(IFA_TARGET_NETNSID), Name: "IFA_TARGET_NETNSID", Kind: nl.KindS32},
	{Type: uint16(IFA_PROTO), Name: "IFA_PROTO", Kind: nl.KindU8, Names: &AddrProtocols},
}}

// ifaddrmsgLayout is struct ifaddrmsg.
var ifaddrmsgLayout = nl.Layout{Name: "ifaddrmsg", Size: 8, Members: []nl.Member{
	{Name: "ifa_family", Off: 0, Kind: nl.KindU8, Names: &Families},
	{Name: "ifa_prefixlen", Off: 1, Kind: nl.KindU8},
	{Name: "ifa_flags", Off: 2, Kind: nl.KindU8, Names: &AddrFlags},
	{Name: "ifa_scope", Off: 3, Kind: nl.KindU8, Names: &Scopes},
	{Name: "ifa_index", Off: 4, Kind: nl.KindIndex},
}}

// IfaCacheinfo is struct ifa_cacheinfo.
var IfaCacheinfo = nl.Layout{Name: "ifa_cacheinfo", Size: 16, Members: []nl.Member{
	{Name: "ifa_prefered", Off: 0, Kind: nl.KindU32, Unit: nl.UnitSeconds},
	{Name: "ifa_valid", Off: 4, Kind: nl.KindU32, Unit: nl.UnitSeconds},
	{Name: "cstamp", Off: 8, Kind: nl.KindU32, Unit: nl.UnitUserHZ},
	{Name: "tstamp", Off: 12, Kind: nl.KindU32, Unit: nl.UnitUserHZ},
}}

// Messages about the groups that an interface is a member of, and about its
// anycast addresses: headers and attributes are those of an address,
// IFA_MULTICAST or IFA_ANYCAST among them. linux/rtnetlink.h.
const (
	RTM_NEWMULTICAST = 56
	RTM_DELMULTICAST = 57
	RTM_GETMULTICAST = 58
	RTM_NEWANYCAST   = 60
	RTM_DELANYCAST   = 61
	RTM_GETANYCAST   = 62
)

// PrefixAttrs is the table of RTM_NEWPREFIX, which says that a router
// advertises a prefix, linux/rtnetlink.h.
var PrefixAttrs = nl.Schema{Name: "prefix", Fields: []nl.Field{
	{Type: 1, Name: "PREFIX_ADDRESS", Kind: nl.KindIP},
	{Type: 2, Name: "PREFIX_CACHEINFO", Kind: nl.KindStruct, Layout: &prefixCacheinfo},
}}

var prefixmsgLayout = nl.Layout{Name: "prefixmsg", Size: 12, Members: []nl.Member{
	{Name: "prefix_family", Off: 0, Kind: nl.KindU8, Names: &Families},
	{Name: "pad", Off: 1, Kind: nl.KindUnused, Size: 3},
	{Name: "prefix_ifindex", Off: 4, Kind: nl.KindIndex},
	{Name: "prefix_type", Off: 8, Kind: nl.KindU8},
	{Name: "prefix_len", Off: 9, Kind: nl.KindU8},
	{Name: "prefix_flags", Off: 10, Kind: nl.KindU8, Names: &nl.Names{Flags: true, List: []nl.Name{{Value: 1, Name: "onlink"}, {Value: 2, Name: "autoconf"}}}},
	{Name: "prefix_pad3", Off: 11, Kind: nl.KindUnused},
}}

var prefixCacheinfo = nl.Layout{Name: "prefix_cacheinfo", Size: 8, Members: []nl.Member{
	{Name: "preferred_time", Off: 0, Kind: nl.KindU32, Unit: nl.UnitSeconds},
	{Name: "valid_time", Off: 4, Kind: nl.KindU32, Unit: nl.UnitSeconds},
}}
