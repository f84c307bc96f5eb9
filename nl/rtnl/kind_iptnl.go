package rtnl

import "rawns/nl"

// Attributes of an ipip, sit or ip6tnl inside IFLA_INFO_DATA,
// linux/if_tunnel.h. The flags are two bytes for sit and four for ip6tnl.
const (
	IFLA_IPTUN_LINK                nl.AttrU32   = 1
	IFLA_IPTUN_LOCAL               nl.AttrIP    = 2
	IFLA_IPTUN_REMOTE              nl.AttrIP    = 3
	IFLA_IPTUN_TTL                 nl.AttrU8    = 4
	IFLA_IPTUN_TOS                 nl.AttrU8    = 5
	IFLA_IPTUN_ENCAP_LIMIT         nl.AttrU8    = 6
	IFLA_IPTUN_FLOWINFO            nl.AttrBE32  = 7
	IFLA_IPTUN_FLAGS               nl.AttrBytes = 8
	IFLA_IPTUN_PROTO               nl.AttrU8    = 9
	IFLA_IPTUN_PMTUDISC            nl.AttrU8    = 10
	IFLA_IPTUN_6RD_PREFIX          nl.AttrIP    = 11
	IFLA_IPTUN_6RD_RELAY_PREFIX    nl.AttrIP    = 12
	IFLA_IPTUN_6RD_PREFIXLEN       nl.AttrU16   = 13
	IFLA_IPTUN_6RD_RELAY_PREFIXLEN nl.AttrU16   = 14
	IFLA_IPTUN_ENCAP_TYPE          nl.AttrU16   = 15
	IFLA_IPTUN_ENCAP_FLAGS         nl.AttrU16   = 16
	IFLA_IPTUN_ENCAP_SPORT         nl.AttrBE16  = 17
	IFLA_IPTUN_ENCAP_DPORT         nl.AttrBE16  = 18
	IFLA_IPTUN_COLLECT_METADATA    nl.AttrFlag  = 19
	IFLA_IPTUN_FWMARK              nl.AttrU32   = 20
)

// IPTunAttrs is the table of them.
var IPTunAttrs = nl.Schema{Name: "iptun", Fields: []nl.Field{
	{Type: uint16(IFLA_IPTUN_LINK), Name: "IFLA_IPTUN_LINK", Kind: nl.KindIndex},
	{Type: uint16(IFLA_IPTUN_LOCAL), Name: "IFLA_IPTUN_LOCAL", Kind: nl.KindIP},
	{Type: uint16(IFLA_IPTUN_REMOTE), Name: "IFLA_IPTUN_REMOTE", Kind: nl.KindIP},
	{Type: uint16(IFLA_IPTUN_TTL), Name: "IFLA_IPTUN_TTL", Kind: nl.KindU8},
	{Type: uint16(IFLA_IPTUN_TOS), Name: "IFLA_IPTUN_TOS", Kind: nl.KindU8},
	{Type: uint16(IFLA_IPTUN_ENCAP_LIMIT), Name: "IFLA_IPTUN_ENCAP_LIMIT", Kind: nl.KindU8},
	{Type: uint16(IFLA_IPTUN_FLOWINFO), Name: "IFLA_IPTUN_FLOWINFO", Kind: nl.KindBE32, Unit: nl.UnitHex},
	{Type: uint16(IFLA_IPTUN_FLAGS), Name: "IFLA_IPTUN_FLAGS", Kind: nl.KindUint, Unit: nl.UnitHex},
	{Type: uint16(IFLA_IPTUN_PROTO), Name: "IFLA_IPTUN_PROTO", Kind: nl.KindU8, Names: &IPProtocols},
	{Type: uint16(IFLA_IPTUN_PMTUDISC), Name: "IFLA_IPTUN_PMTUDISC", Kind: nl.KindU8, Names: &OffOn},
	{Type: uint16(IFLA_IPTUN_6RD_PREFIX), Name: "IFLA_IPTUN_6RD_PREFIX", Kind: nl.KindIP},
	{Type: uint16(IFLA_IPTUN_6RD_RELAY_PREFIX), Name: "IFLA_IPTUN_6RD_RELAY_PREFIX", Kind: nl.KindIP},
	{Type: uint16(IFLA_IPTUN_6RD_PREFIXLEN), Name: "IFLA_IPTUN_6RD_PREFIXLEN", Kind: nl.KindU16},
	{Type: uint16(IFLA_IPTUN_6RD_RELAY_PREFIXLEN), Name: "IFLA_IPTUN_6RD_RELAY_PREFIXLEN", Kind: nl.KindU16},
	{Type: uint16(IFLA_IPTUN_ENCAP_TYPE), Name: "IFLA_IPTUN_ENCAP_TYPE", Kind: nl.KindU16, Names: &TunnelEncaps},
	{Type: uint16(IFLA_IPTUN_ENCAP_FLAGS), Name: "IFLA_IPTUN_ENCAP_FLAGS", Kind: nl.KindU16, Names: &TunnelEncapFlags},
	{Type: uint16(IFLA_IPTUN_ENCAP_SPORT), Name: "IFLA_IPTUN_ENCAP_SPORT", Kind: nl.KindBE16},
	{Type: uint16(IFLA_IPTUN_ENCAP_DPORT), Name: "IFLA_IPTUN_ENCAP_DPORT", Kind: nl.KindBE16},
	{Type: uint16(IFLA_IPTUN_COLLECT_METADATA), Name: "IFLA_IPTUN_COLLECT_METADATA", Kind: nl.KindFlag},
	{Type: uint16(IFLA_IPTUN_FWMARK), Name: "IFLA_IPTUN_FWMARK", Kind: nl.KindU32, Unit: nl.UnitHex},
}}
