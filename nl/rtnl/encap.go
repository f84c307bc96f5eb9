package rtnl

import "rawns/nl"

// Light-weight tunnels: what becomes of the packets that a route, or a next
// hop, sends. RTA_ENCAP_TYPE (NHA_ENCAP_TYPE) is the kind, RTA_ENCAP a nest of
// attributes of the kind's own.

// LWTUNNEL_ENCAP_, linux/lwtunnel.h.
const (
	LWTUNNEL_ENCAP_MPLS       = 1
	LWTUNNEL_ENCAP_IP         = 2
	LWTUNNEL_ENCAP_ILA        = 3
	LWTUNNEL_ENCAP_IP6        = 4
	LWTUNNEL_ENCAP_SEG6       = 5
	LWTUNNEL_ENCAP_BPF        = 6
	LWTUNNEL_ENCAP_SEG6_LOCAL = 7
	LWTUNNEL_ENCAP_RPL        = 8
	LWTUNNEL_ENCAP_IOAM6      = 9
	LWTUNNEL_ENCAP_XFRM       = 10
)

// EncapTypes are the words for them.
var EncapTypes = nl.Names{List: []nl.Name{
	{Value: LWTUNNEL_ENCAP_MPLS, Name: "mpls"}, {Value: LWTUNNEL_ENCAP_IP, Name: "ip"}, {Value: LWTUNNEL_ENCAP_ILA, Name: "ila"},
	{Value: LWTUNNEL_ENCAP_IP6, Name: "ip6"}, {Value: LWTUNNEL_ENCAP_SEG6, Name: "seg6"}, {Value: LWTUNNEL_ENCAP_BPF, Name: "bpf"},
	{Value: LWTUNNEL_ENCAP_SEG6_LOCAL, Name: "seg6local"}, {Value: LWTUNNEL_ENCAP_RPL, Name: "rpl"}, {Value: LWTUNNEL_ENCAP_IOAM6, Name: "ioam6"},
	{Value: LWTUNNEL_ENCAP_XFRM, Name: "xfrm"},
}}

var encapCases = []nl.Case{
	{Name: "mpls", Sub: &EncapMPLSAttrs}, {Name: "ip", Sub: &EncapIPAttrs}, {Name: "ila", Sub: &EncapILAAttrs}, {Name: "ip6", Sub: &EncapIP6Attrs},
	{Name: "seg6", Sub: &EncapSeg6Attrs}, {Name: "bpf", Sub: &EncapBPFAttrs}, {Name: "seg6local", Sub: &EncapSeg6LocalAttrs}, {Name: "rpl", Sub: &EncapRPLAttrs},
	{Name: "ioam6", Sub: &EncapIOAM6Attrs}, {Name: "xfrm", Sub: &EncapXFRMAttrs},
}

// Attributes inside RTA_ENCAP of each kind, linux/lwtunnel.h and its neighbours.
//
// mpls, linux/mpls_iptunnel.h.
const (
	MPLS_IPTUNNEL_DST nl.AttrBytes = 1
	MPLS_IPTUNNEL_TTL nl.AttrU8    = 2
)

// EncapMPLSAttrs is the table of them.
var EncapMPLSAttrs = nl.Schema{Name: "encap-mpls", Fields: []nl.Field{
	{Type: uint16(MPLS_IPTUNNEL_DST), Name: "MPLS_IPTUNNEL_DST", Kind: nl.KindLabels},
	{Type: uint16(MPLS_IPTUNNEL_TTL), Name: "MPLS_IPTUNNEL_TTL", Kind: nl.KindU8},
}}

// ip.
const (
	LWTUNNEL_IP_ID    nl.AttrBytes = 1
	LWTUNNEL_IP_DST   nl.AttrIP    = 2
	LWTUNNEL_IP_SRC   nl.AttrIP    = 3
	LWTUNNEL_IP_TTL   nl.AttrU8    = 4
	LWTUNNEL_IP_TOS   nl.AttrU8    = 5
	LWTUNNEL_IP_FLAGS nl.AttrBE16  = 6
	LWTUNNEL_IP_OPTS  nl.AttrNestF = 8
)

// EncapIPAttrs is the table of them.
var EncapIPAttrs = nl.Schema{Name: "encap-ip", Fields: []nl.Field{
	{Type: uint16(LWTUNNEL_IP_ID), Name: "LWTUNNEL_IP_ID", Kind: nl.KindBE64},
	{Type: uint16(LWTUNNEL_IP_DST), Name: "LWTUNNEL_IP_DST", Kind: nl.KindIP},
	{Type: uint16(LWTUNNEL_IP_SRC), Name: "LWTUNNEL_IP_SRC", Kind: nl.KindIP},
	{Type: uint16(LWTUNNEL_IP_TTL), Name: "LWTUNNEL_IP_TTL", Kind: nl.KindU8},
	{Type: uint16(LWTUNNEL_IP_TOS), Name: "LWTUNNEL_IP_TOS", Kind: nl.KindU8},
	{Type: uint16(LWTUNNEL_IP_FLAGS), Name: "LWTUNNEL_IP_FLAGS", Kind: nl.KindBE16},
	{Type: 7, Name: "LWTUNNEL_IP_PAD", Kind: nl.KindUnused},
	{Type: uint16(LWTUNNEL_IP_OPTS), Name: "LWTUNNEL_IP_OPTS", Kind: nl.KindNest, Sub: &EncapOptsAttrs},
}}

// ip6: the numbers are those of ip.
const (
	LWTUNNEL_IP6_ID       nl.AttrBytes = 1
	LWTUNNEL_IP6_DST      nl.AttrIP    = 2
	LWTUNNEL_IP6_SRC      nl.AttrIP    = 3
	LWTUNNEL_IP6_HOPLIMIT nl.AttrU8    = 4
	LWTUNNEL_IP6_TC       nl.AttrU8    = 5
	LWTUNNEL_IP6_FLAGS    nl.AttrBE16  = 6
	LWTUNNEL_IP6_OPTS     nl.AttrNestF = 8
)

// EncapIP6Attrs is the table of them.
var EncapIP6Attrs = nl.Schema{Name: "encap-ip6", Fields: []nl.Field{
	{Type: uint16(LWTUNNEL_IP6_ID), Name: "LWTUNNEL_IP6_ID", Kind: nl.KindBE64},
	{Type: uint16(LWTUNNEL_IP6_DST), Name: "LWTUNNEL_IP6_DST", Kind: nl.KindIP},
	{Type: uint16(LWTUNNEL_IP6_SRC), Name: "LWTUNNEL_IP6_SRC", Kind: nl.KindIP},
	{Type: uint16(LWTUNNEL_IP6_HOPLIMIT), Name: "LWTUNNEL_IP6_HOPLIMIT", Kind: nl.KindU8},
	{Type: uint16(LWTUNNEL_IP6_TC), Name: "LWTUNNEL_IP6_TC", Kind: nl.KindU8},
	{Type: uint16(LWTUNNEL_IP6_FLAGS), Name: "LWTUNNEL_IP6_FLAGS", Kind: nl.KindBE16},
	{Type: 7, Name: "LWTUNNEL_IP6_PAD", Kind: nl.KindUnused},
	{Type: uint16(LWTUNNEL_IP6_OPTS), Name: "LWTUNNEL_IP6_OPTS", Kind: nl.KindNest, Sub: &EncapOptsAttrs},
}}

// Options of the tunnel's own, inside LWTUNNEL_IP_OPTS.
const (
	LWTUNNEL_IP_OPTS_GENEVE nl.AttrNestF = 1
	LWTUNNEL_IP_OPTS_VXLAN  nl.AttrNestF = 2
	LWTUNNEL_IP_OPTS_ERSPAN nl.AttrNestF = 3
)

// EncapOptsAttrs is the table of them.
var EncapOptsAttrs = nl.Schema{Name: "encap-opts", Fields: []nl.Field{
	{Type: uint16(LWTUNNEL_IP_OPTS_GENEVE), Name: "LWTUNNEL_IP_OPTS_GENEVE", Kind: nl.KindNest, Sub: &EncapGeneveAttrs},
	{Type: uint16(LWTUNNEL_IP_OPTS_VXLAN), Name: "LWTUNNEL_IP_OPTS_VXLAN", Kind: nl.KindNest, Sub: &EncapVXLANAttrs},
	{Type: uint16(LWTUNNEL_IP_OPTS_ERSPAN), Name: "LWTUNNEL_IP_OPTS_ERSPAN", Kind: nl.KindNest, Sub: &EncapERSPANAttrs},
}}

// One option of geneve.
const (
	LWTUNNEL_IP_OPT_GENEVE_CLASS nl.AttrBE16  = 1
	LWTUNNEL_IP_OPT_GENEVE_TYPE  nl.AttrU8    = 2
	LWTUNNEL_IP_OPT_GENEVE_DATA  nl.AttrBytes = 3
)

// EncapGeneveAttrs is the table of them.
var EncapGeneveAttrs = nl.Schema{Name: "encap-geneve", Fields: []nl.Field{
	{Type: uint16(LWTUNNEL_IP_OPT_GENEVE_CLASS), Name: "LWTUNNEL_IP_OPT_GENEVE_CLASS", Kind: nl.KindBE16},
	{Type: uint16(LWTUNNEL_IP_OPT_GENEVE_TYPE), Name: "LWTUNNEL_IP_OPT_GENEVE_TYPE", Kind: nl.KindU8},
	{Type: uint16(LWTUNNEL_IP_OPT_GENEVE_DATA), Name: "LWTUNNEL_IP_OPT_GENEVE_DATA", Kind: nl.KindBytes},
}}

// vxlan.
const (
	LWTUNNEL_IP_OPT_VXLAN_GBP nl.AttrU32 = 1
)

// EncapVXLANAttrs is the table of them.
var EncapVXLANAttrs = nl.Schema{Name: "encap-vxlan", Fields: []nl.Field{
	{Type: uint16(LWTUNNEL_IP_OPT_VXLAN_GBP), Name: "LWTUNNEL_IP_OPT_VXLAN_GBP", Kind: nl.KindU32},
}}

// erspan.
const (
	LWTUNNEL_IP_OPT_ERSPAN_VER   nl.AttrU8   = 1
	LWTUNNEL_IP_OPT_ERSPAN_INDEX nl.AttrBE32 = 2
	LWTUNNEL_IP_OPT_ERSPAN_DIR   nl.AttrU8   = 3
	LWTUNNEL_IP_OPT_ERSPAN_HWID  nl.AttrU8   = 4
)

// EncapERSPANAttrs is the table of them.
var EncapERSPANAttrs = nl.Schema{Name: "encap-erspan", Fields: []nl.Field{
	{Type: uint16(LWTUNNEL_IP_OPT_ERSPAN_VER), Name: "LWTUNNEL_IP_OPT_ERSPAN_VER", Kind: nl.KindU8},
	{Type: uint16(LWTUNNEL_IP_OPT_ERSPAN_INDEX), Name: "LWTUNNEL_IP_OPT_ERSPAN_INDEX", Kind: nl.KindBE32},
	{Type: uint16(LWTUNNEL_IP_OPT_ERSPAN_DIR), Name: "LWTUNNEL_IP_OPT_ERSPAN_DIR", Kind: nl.KindU8},
	{Type: uint16(LWTUNNEL_IP_OPT_ERSPAN_HWID), Name: "LWTUNNEL_IP_OPT_ERSPAN_HWID", Kind: nl.KindU8},
}}

// ila, linux/ila.h.
const (
	ILA_ATTR_LOCATOR       nl.AttrBytes = 1
	ILA_ATTR_IDENTIFIER    nl.AttrBytes = 2
	ILA_ATTR_LOCATOR_MATCH nl.AttrBytes = 3
	ILA_ATTR_IFINDEX       nl.AttrU32   = 4
	ILA_ATTR_DIR           nl.AttrU32   = 5
	ILA_ATTR_CSUM_MODE     nl.AttrU8    = 7
	ILA_ATTR_IDENT_TYPE    nl.AttrU8    = 8
	ILA_ATTR_HOOK_TYPE     nl.AttrU8    = 9
)

// EncapILAAttrs is the table of them.
var EncapILAAttrs = nl.Schema{Name: "encap-ila", Fields: []nl.Field{
	{Type: uint16(ILA_ATTR_LOCATOR), Name: "ILA_ATTR_LOCATOR", Kind: nl.KindBE64},
	{Type: uint16(ILA_ATTR_IDENTIFIER), Name: "ILA_ATTR_IDENTIFIER", Kind: nl.KindBE64},
	{Type: uint16(ILA_ATTR_LOCATOR_MATCH), Name: "ILA_ATTR_LOCATOR_MATCH", Kind: nl.KindBE64},
	{Type: uint16(ILA_ATTR_IFINDEX), Name: "ILA_ATTR_IFINDEX", Kind: nl.KindIndex},
	{Type: uint16(ILA_ATTR_DIR), Name: "ILA_ATTR_DIR", Kind: nl.KindU32},
	{Type: 6, Name: "ILA_ATTR_PAD", Kind: nl.KindUnused},
	{Type: uint16(ILA_ATTR_CSUM_MODE), Name: "ILA_ATTR_CSUM_MODE", Kind: nl.KindU8},
	{Type: uint16(ILA_ATTR_IDENT_TYPE), Name: "ILA_ATTR_IDENT_TYPE", Kind: nl.KindU8},
	{Type: uint16(ILA_ATTR_HOOK_TYPE), Name: "ILA_ATTR_HOOK_TYPE", Kind: nl.KindU8},
}}

// seg6, linux/seg6_iptunnel.h: struct seg6_iptunnel_encap.
const (
	SEG6_IPTUNNEL_SRH nl.AttrBytes = 1
)

// EncapSeg6Attrs is the table of them.
var EncapSeg6Attrs = nl.Schema{Name: "encap-seg6", Fields: []nl.Field{
	{Type: uint16(SEG6_IPTUNNEL_SRH), Name: "SEG6_IPTUNNEL_SRH", Kind: nl.KindBytes},
}}

// bpf: a program for each direction.
const (
	LWT_BPF_IN            nl.AttrNestF = 1
	LWT_BPF_OUT           nl.AttrNestF = 2
	LWT_BPF_XMIT          nl.AttrNestF = 3
	LWT_BPF_XMIT_HEADROOM nl.AttrU32   = 4
)

// EncapBPFAttrs is the table of them.
var EncapBPFAttrs = nl.Schema{Name: "encap-bpf", Fields: []nl.Field{
	{Type: uint16(LWT_BPF_IN), Name: "LWT_BPF_IN", Kind: nl.KindNest, Sub: &EncapBPFProgAttrs},
	{Type: uint16(LWT_BPF_OUT), Name: "LWT_BPF_OUT", Kind: nl.KindNest, Sub: &EncapBPFProgAttrs},
	{Type: uint16(LWT_BPF_XMIT), Name: "LWT_BPF_XMIT", Kind: nl.KindNest, Sub: &EncapBPFProgAttrs},
	{Type: uint16(LWT_BPF_XMIT_HEADROOM), Name: "LWT_BPF_XMIT_HEADROOM", Kind: nl.KindU32, Unit: nl.UnitBytes},
}}

// A program.
const (
	LWT_BPF_PROG_FD   nl.AttrU32 = 1
	LWT_BPF_PROG_NAME nl.AttrStr = 2
)

// EncapBPFProgAttrs is the table of them.
var EncapBPFProgAttrs = nl.Schema{Name: "encap-bpf-prog", Fields: []nl.Field{
	{Type: uint16(LWT_BPF_PROG_FD), Name: "LWT_BPF_PROG_FD", Kind: nl.KindU32},
	{Type: uint16(LWT_BPF_PROG_NAME), Name: "LWT_BPF_PROG_NAME", Kind: nl.KindStr},
}}

// seg6local, linux/seg6_local.h.
const (
	SEG6_LOCAL_ACTION   nl.AttrU32   = 1
	SEG6_LOCAL_SRH      nl.AttrBytes = 2
	SEG6_LOCAL_TABLE    nl.AttrU32   = 3
	SEG6_LOCAL_NH4      nl.AttrIP    = 4
	SEG6_LOCAL_NH6      nl.AttrIP    = 5
	SEG6_LOCAL_IIF      nl.AttrU32   = 6
	SEG6_LOCAL_OIF      nl.AttrU32   = 7
	SEG6_LOCAL_BPF      nl.AttrNestF = 8
	SEG6_LOCAL_VRFTABLE nl.AttrU32   = 9
	SEG6_LOCAL_COUNTERS nl.AttrNestF = 10
	SEG6_LOCAL_FLAVORS  nl.AttrNestF = 11
)

// EncapSeg6LocalAttrs is the table of them.
var EncapSeg6LocalAttrs = nl.Schema{Name: "encap-seg6local", Fields: []nl.Field{
	{Type: uint16(SEG6_LOCAL_ACTION), Name: "SEG6_LOCAL_ACTION", Kind: nl.KindU32, Names: &Seg6LocalActions},
	{Type: uint16(SEG6_LOCAL_SRH), Name: "SEG6_LOCAL_SRH", Kind: nl.KindBytes},
	{Type: uint16(SEG6_LOCAL_TABLE), Name: "SEG6_LOCAL_TABLE", Kind: nl.KindU32, Names: &Tables},
	{Type: uint16(SEG6_LOCAL_NH4), Name: "SEG6_LOCAL_NH4", Kind: nl.KindIP},
	{Type: uint16(SEG6_LOCAL_NH6), Name: "SEG6_LOCAL_NH6", Kind: nl.KindIP},
	{Type: uint16(SEG6_LOCAL_IIF), Name: "SEG6_LOCAL_IIF", Kind: nl.KindIndex},
	{Type: uint16(SEG6_LOCAL_OIF), Name: "SEG6_LOCAL_OIF", Kind: nl.KindIndex},
	{Type: uint16(SEG6_LOCAL_BPF), Name: "SEG6_LOCAL_BPF", Kind: nl.KindNest, Sub: &EncapBPFProgAttrs},
	{Type: uint16(SEG6_LOCAL_VRFTABLE), Name: "SEG6_LOCAL_VRFTABLE", Kind: nl.KindU32, Names: &Tables},
	{Type: uint16(SEG6_LOCAL_COUNTERS), Name: "SEG6_LOCAL_COUNTERS", Kind: nl.KindNest, Sub: &Seg6CounterAttrs},
	{Type: uint16(SEG6_LOCAL_FLAVORS), Name: "SEG6_LOCAL_FLAVORS", Kind: nl.KindNest, Sub: &Seg6FlavorAttrs},
}}

// Counters of a seg6local.
const (
	SEG6_LOCAL_CNT_PACKETS nl.AttrU64 = 2
	SEG6_LOCAL_CNT_BYTES   nl.AttrU64 = 3
	SEG6_LOCAL_CNT_ERRORS  nl.AttrU64 = 4
)

// Seg6CounterAttrs is the table of them.
var Seg6CounterAttrs = nl.Schema{Name: "seg6-counters", Fields: []nl.Field{
	{Type: 1, Name: "SEG6_LOCAL_CNT_PAD", Kind: nl.KindUnused},
	{Type: uint16(SEG6_LOCAL_CNT_PACKETS), Name: "SEG6_LOCAL_CNT_PACKETS", Kind: nl.KindU64},
	{Type: uint16(SEG6_LOCAL_CNT_BYTES), Name: "SEG6_LOCAL_CNT_BYTES", Kind: nl.KindU64, Unit: nl.UnitBytes},
	{Type: uint16(SEG6_LOCAL_CNT_ERRORS), Name: "SEG6_LOCAL_CNT_ERRORS", Kind: nl.KindU64},
}}

// Flavors of a seg6local.
const (
	SEG6_LOCAL_FLV_OPERATION      nl.AttrU32 = 1
	SEG6_LOCAL_FLV_LCBLOCK_BITS   nl.AttrU8  = 2
	SEG6_LOCAL_FLV_LCNODE_FN_BITS nl.AttrU8  = 3
)

// Seg6FlavorAttrs is the table of them.
var Seg6FlavorAttrs = nl.Schema{Name: "seg6-flavors", Fields: []nl.Field{
	{Type: uint16(SEG6_LOCAL_FLV_OPERATION), Name: "SEG6_LOCAL_FLV_OPERATION", Kind: nl.KindU32},
	{Type: uint16(SEG6_LOCAL_FLV_LCBLOCK_BITS), Name: "SEG6_LOCAL_FLV_LCBLOCK_BITS", Kind: nl.KindU8},
	{Type: uint16(SEG6_LOCAL_FLV_LCNODE_FN_BITS), Name: "SEG6_LOCAL_FLV_LCNODE_FN_BITS", Kind: nl.KindU8},
}}

// rpl, linux/rpl_iptunnel.h: struct ipv6_rpl_sr_hdr.
const (
	RPL_IPTUNNEL_SRH nl.AttrBytes = 1
)

// EncapRPLAttrs is the table of them.
var EncapRPLAttrs = nl.Schema{Name: "encap-rpl", Fields: []nl.Field{
	{Type: uint16(RPL_IPTUNNEL_SRH), Name: "RPL_IPTUNNEL_SRH", Kind: nl.KindBytes},
}}

// ioam6, linux/ioam6_iptunnel.h.
const (
	IOAM6_IPTUNNEL_MODE   nl.AttrU8    = 1
	IOAM6_IPTUNNEL_DST    nl.AttrIP    = 2
	IOAM6_IPTUNNEL_TRACE  nl.AttrBytes = 3
	IOAM6_IPTUNNEL_FREQ_K nl.AttrU32   = 4
	IOAM6_IPTUNNEL_FREQ_N nl.AttrU32   = 5
	IOAM6_IPTUNNEL_SRC    nl.AttrIP    = 6
)

// EncapIOAM6Attrs is the table of them.
var EncapIOAM6Attrs = nl.Schema{Name: "encap-ioam6", Fields: []nl.Field{
	{Type: uint16(IOAM6_IPTUNNEL_MODE), Name: "IOAM6_IPTUNNEL_MODE", Kind: nl.KindU8},
	{Type: uint16(IOAM6_IPTUNNEL_DST), Name: "IOAM6_IPTUNNEL_DST", Kind: nl.KindIP},
	{Type: uint16(IOAM6_IPTUNNEL_TRACE), Name: "IOAM6_IPTUNNEL_TRACE", Kind: nl.KindBytes},
	{Type: uint16(IOAM6_IPTUNNEL_FREQ_K), Name: "IOAM6_IPTUNNEL_FREQ_K", Kind: nl.KindU32},
	{Type: uint16(IOAM6_IPTUNNEL_FREQ_N), Name: "IOAM6_IPTUNNEL_FREQ_N", Kind: nl.KindU32},
	{Type: uint16(IOAM6_IPTUNNEL_SRC), Name: "IOAM6_IPTUNNEL_SRC", Kind: nl.KindIP},
}}

// xfrm.
const (
	LWT_XFRM_IF_ID nl.AttrU32 = 1
	LWT_XFRM_LINK  nl.AttrU32 = 2
)

// EncapXFRMAttrs is the table of them.
var EncapXFRMAttrs = nl.Schema{Name: "encap-xfrm", Fields: []nl.Field{
	{Type: uint16(LWT_XFRM_IF_ID), Name: "LWT_XFRM_IF_ID", Kind: nl.KindU32},
	{Type: uint16(LWT_XFRM_LINK), Name: "LWT_XFRM_LINK", Kind: nl.KindIndex},
}}
