package rtnl

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"rawns/nl"
)

// FibRuleHdr is struct fib_rule_hdr, the fixed header of rules,
// linux/fib_rules.h.
type FibRuleHdr struct {
	Family uint8 // AF_INET, AF_INET6, or one of multicast routing
	DstLen uint8 // bits of FRA_DST
	SrcLen uint8 // bits of FRA_SRC
	Tos    uint8
	Table  uint8  // RT_TABLE_; FRA_TABLE holds those above 255
	Action uint8  // FR_ACT_
	Flags  uint32 // FIB_RULE_
}

const fibRuleLen = 12

func (h FibRuleHdr) put(p []byte) {
	p[0], p[1], p[2], p[3] = h.Family, h.DstLen, h.SrcLen, h.Tos
	p[4], p[5], p[6], p[7] = h.Table, 0, 0, h.Action
	binary.NativeEndian.PutUint32(p[8:], h.Flags)
}

// NewRule begins RTM_NEWRULE: it adds a rule. flags: NLM_F_CREATE|NLM_F_EXCL,
// usually.
func NewRule(b *nl.Builder, flags uint16, h FibRuleHdr) {
	b.Message(unix.RTM_NEWRULE, unix.NLM_F_REQUEST|unix.NLM_F_ACK|flags)
	h.put(b.Extend(fibRuleLen))
}

// DelRule begins RTM_DELRULE: the first rule goes that has all that the
// message names.
func DelRule(b *nl.Builder, h FibRuleHdr) {
	b.Message(unix.RTM_DELRULE, unix.NLM_F_REQUEST|unix.NLM_F_ACK)
	h.put(b.Extend(fibRuleLen))
}

// GetRule begins RTM_GETRULE, for Conn.Dump: a family's rules, in their order.
func GetRule(b *nl.Builder, family uint8) {
	b.Message(unix.RTM_GETRULE, unix.NLM_F_REQUEST)
	FibRuleHdr{Family: family}.put(b.Extend(fibRuleLen))
}

// Rule is a view of a received rule: valid as long as the message.
type Rule struct {
	FibRuleHdr
	Attrs nl.Attrs
}

// ParseRule reads RTM_NEWRULE or RTM_DELRULE. Its errors are ErrType and
// *nl.LengthError.
func ParseRule(m nl.Message) (Rule, error) {
	as, err := parse(m, unix.RTM_NEWRULE, fibRuleLen)
	if err != nil {
		return Rule{}, err
	}
	p := m.Payload()
	return Rule{FibRuleHdr{p[0], p[1], p[2], p[3], p[4], p[7], binary.NativeEndian.Uint32(p[8:])}, as}, nil
}

// Table returns FRA_TABLE, or the header's eight bits if it is missing.
func (r Rule) Table() uint32 {
	if v, ok := r.Attrs.U32(FRA_TABLE); ok {
		return v
	}
	return uint32(r.FibRuleHdr.Table)
}

// FR_ACT_, linux/fib_rules.h: what a rule does.
const (
	FR_ACT_UNSPEC      = 0
	FR_ACT_TO_TBL      = 1
	FR_ACT_GOTO        = 2
	FR_ACT_NOP         = 3
	FR_ACT_BLACKHOLE   = 6
	FR_ACT_UNREACHABLE = 7
	FR_ACT_PROHIBIT    = 8
)

// FIB_RULE_ bits of the header's flags.
const (
	FIB_RULE_PERMANENT    = 0x1
	FIB_RULE_INVERT       = 0x2
	FIB_RULE_UNRESOLVED   = 0x4
	FIB_RULE_IIF_DETACHED = 0x8
	FIB_RULE_OIF_DETACHED = 0x10
)

// Attributes of a rule: RTM_NEWRULE and its family, linux/fib_rules.h.
const (
	FRA_DST                nl.AttrIP    = 1
	FRA_SRC                nl.AttrIP    = 2
	FRA_IIFNAME            nl.AttrStr   = 3
	FRA_GOTO               nl.AttrU32   = 4
	FRA_PRIORITY           nl.AttrU32   = 6
	FRA_FWMARK             nl.AttrU32   = 10
	FRA_FLOW               nl.AttrU32   = 11
	FRA_TUN_ID             nl.AttrBytes = 12
	FRA_SUPPRESS_IFGROUP   nl.AttrU32   = 13
	FRA_SUPPRESS_PREFIXLEN nl.AttrU32   = 14
	FRA_TABLE              nl.AttrU32   = 15
	FRA_FWMASK             nl.AttrU32   = 16
	FRA_OIFNAME            nl.AttrStr   = 17
	FRA_L3MDEV             nl.AttrU8    = 19
	FRA_UID_RANGE          nl.AttrBytes = 20
	FRA_PROTOCOL           nl.AttrU8    = 21
	FRA_IP_PROTO           nl.AttrU8    = 22
	FRA_SPORT_RANGE        nl.AttrBytes = 23
	FRA_DPORT_RANGE        nl.AttrBytes = 24
	FRA_DSCP               nl.AttrU8    = 25
	FRA_FLOWLABEL          nl.AttrBE32  = 26
	FRA_FLOWLABEL_MASK     nl.AttrBE32  = 27
	FRA_SPORT_MASK         nl.AttrU16   = 28
	FRA_DPORT_MASK         nl.AttrU16   = 29
	FRA_DSCP_MASK          nl.AttrU8    = 30
)

// RuleAttrs is the table of them.
var RuleAttrs = nl.Schema{Name: "rule", Fields: []nl.Field{
	{Type: uint16(FRA_DST), Name: "FRA_DST", Kind: nl.KindIP},
	{Type: uint16(FRA_SRC), Name: "FRA_SRC", Kind: nl.KindIP},
	{Type: uint16(FRA_IIFNAME), Name: "FRA_IIFNAME", Kind: nl.KindStr},
	{Type: uint16(FRA_GOTO), Name: "FRA_GOTO", Kind: nl.KindU32},
	{Type: 5, Name: "FRA_UNUSED2", Kind: nl.KindUnused},
	{Type: uint16(FRA_PRIORITY), Name: "FRA_PRIORITY", Kind: nl.KindU32},
	{Type: 7, Name: "FRA_UNUSED3", Kind: nl.KindUnused},
	{Type: 8, Name: "FRA_UNUSED4", Kind: nl.KindUnused},
	{Type: 9, Name: "FRA_UNUSED5", Kind: nl.KindUnused},
	{Type: uint16(FRA_FWMARK), Name: "FRA_FWMARK", Kind: nl.KindU32, Unit: nl.UnitHex},
	{Type: uint16(FRA_FLOW), Name: "FRA_FLOW", Kind: nl.KindU32, Unit: nl.UnitHex},
	{Type: uint16(FRA_TUN_ID), Name: "FRA_TUN_ID", Kind: nl.KindBE64},
	{Type: uint16(FRA_SUPPRESS_IFGROUP), Name: "FRA_SUPPRESS_IFGROUP", Kind: nl.KindU32},
	{Type: uint16(FRA_SUPPRESS_PREFIXLEN), Name: "FRA_SUPPRESS_PREFIXLEN", Kind: nl.KindU32},
	{Type: uint16(FRA_TABLE), Name: "FRA_TABLE", Kind: nl.KindU32, Names: &Tables},
	{Type: uint16(FRA_FWMASK), Name: "FRA_FWMASK", Kind: nl.KindU32, Unit: nl.UnitHex},
	{Type: uint16(FRA_OIFNAME), Name: "FRA_OIFNAME", Kind: nl.KindStr},
	{Type: 18, Name: "FRA_PAD", Kind: nl.KindUnused},
	{Type: uint16(FRA_L3MDEV), Name: "FRA_L3MDEV", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(FRA_UID_RANGE), Name: "FRA_UID_RANGE", Kind: nl.KindStruct, Layout: &FibRuleUIDRange},
	{Type: uint16(FRA_PROTOCOL), Name: "FRA_PROTOCOL", Kind: nl.KindU8, Names: &Protocols},
	{Type: uint16(FRA_IP_PROTO), Name: "FRA_IP_PROTO", Kind: nl.KindU8, Names: &IPProtocols},
	{Type: uint16(FRA_SPORT_RANGE), Name: "FRA_SPORT_RANGE", Kind: nl.KindStruct, Layout: &FibRulePortRange},
	{Type: uint16(FRA_DPORT_RANGE), Name: "FRA_DPORT_RANGE", Kind: nl.KindStruct, Layout: &FibRulePortRange},
	{Type: uint16(FRA_DSCP), Name: "FRA_DSCP", Kind: nl.KindU8},
	{Type: uint16(FRA_FLOWLABEL), Name: "FRA_FLOWLABEL", Kind: nl.KindBE32, Unit: nl.UnitHex},
	{Type: uint16(FRA_FLOWLABEL_MASK), Name: "FRA_FLOWLABEL_MASK", Kind: nl.KindBE32, Unit: nl.UnitHex},
	{Type: uint16(FRA_SPORT_MASK), Name: "FRA_SPORT_MASK", Kind: nl.KindU16, Unit: nl.UnitHex},
	{Type: uint16(FRA_DPORT_MASK), Name: "FRA_DPORT_MASK", Kind: nl.KindU16, Unit: nl.UnitHex},
	{Type: uint16(FRA_DSCP_MASK), Name: "FRA_DSCP_MASK", Kind: nl.KindU8, Unit: nl.UnitHex},
}}

// RuleActions are FR_ACT_.
var RuleActions = nl.Names{List: []nl.Name{
	{Value: FR_ACT_UNSPEC, Name: "unspec"}, {Value: FR_ACT_TO_TBL, Name: "table"}, {Value: FR_ACT_GOTO, Name: "goto"}, {Value: FR_ACT_NOP, Name: "nop"},
	{Value: FR_ACT_BLACKHOLE, Name: "blackhole"}, {Value: FR_ACT_UNREACHABLE, Name: "unreachable"}, {Value: FR_ACT_PROHIBIT, Name: "prohibit"},
}}

// RuleFlags are the FIB_RULE_ bits.
var RuleFlags = nl.Names{Flags: true, List: []nl.Name{
	{Value: FIB_RULE_PERMANENT, Name: "permanent"}, {Value: FIB_RULE_INVERT, Name: "not"}, {Value: FIB_RULE_UNRESOLVED, Name: "unresolved"},
	{Value: FIB_RULE_IIF_DETACHED, Name: "iif_detached"}, {Value: FIB_RULE_OIF_DETACHED, Name: "oif_detached"},
}}

var fibRuleLayout = nl.Layout{Name: "fib_rule_hdr", Size: fibRuleLen, Members: []nl.Member{
	{Name: "family", Off: 0, Kind: nl.KindU8, Names: &Families},
	{Name: "dst_len", Off: 1, Kind: nl.KindU8},
	{Name: "src_len", Off: 2, Kind: nl.KindU8},
	{Name: "tos", Off: 3, Kind: nl.KindU8, Unit: nl.UnitHex},
	{Name: "table", Off: 4, Kind: nl.KindU8, Names: &Tables},
	{Name: "res1", Off: 5, Kind: nl.KindUnused},
	{Name: "res2", Off: 6, Kind: nl.KindUnused},
	{Name: "action", Off: 7, Kind: nl.KindU8, Names: &RuleActions},
	{Name: "flags", Off: 8, Kind: nl.KindU32, Names: &RuleFlags},
}}

// FibRuleUIDRange is struct fib_rule_uid_range.
var FibRuleUIDRange = nl.Layout{Name: "fib_rule_uid_range", Size: 8, Members: []nl.Member{
	{Name: "start", Off: 0, Kind: nl.KindU32}, {Name: "end", Off: 4, Kind: nl.KindU32},
}}

// FibRulePortRange is struct fib_rule_port_range.
var FibRulePortRange = nl.Layout{Name: "fib_rule_port_range", Size: 4, Members: []nl.Member{
	{Name: "start", Off: 0, Kind: nl.KindU16}, {Name: "end", Off: 2, Kind: nl.KindU16},
}}
