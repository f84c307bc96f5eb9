package rtnl

import (
	"golang.org/x/sys/unix"

	"rawns/nl"
)

// The settings of protocols, which sysctl has below net.ipv4.conf and
// net.ipv6.conf, linux/netconf.h.

const netconfmsgLen = 4 // struct netconfmsg is one byte, padded

// GetNetconf begins RTM_GETNETCONF: with Conn.Dump for all interfaces, of one
// family or AF_UNSPEC; with Conn.Do and NETCONFA_IFINDEX for one.
func GetNetconf(b *nl.Builder, family uint8) {
	b.Message(unix.RTM_GETNETCONF, unix.NLM_F_REQUEST)
	b.Extend(netconfmsgLen)[0] = family
}

// Netconf is a view of a received message about settings: valid as long as the
// message.
type Netconf struct {
	Family uint8
	Attrs  nl.Attrs
}

// ParseNetconf reads RTM_NEWNETCONF, RTM_DELNETCONF or RTM_GETNETCONF. Its
// errors are ErrType and *nl.LengthError.
func ParseNetconf(m nl.Message) (Netconf, error) {
	as, err := parse(m, unix.RTM_NEWNETCONF, netconfmsgLen)
	if err != nil {
		return Netconf{}, err
	}
	return Netconf{m.Payload()[0], as}, nil
}

// Interfaces that are none, NETCONFA_IFINDEX.
const (
	NetconfAll     = -1
	NetconfDefault = -2
)

// Attributes of settings, linux/netconf.h.
const (
	NETCONFA_IFINDEX                     nl.AttrS32 = 1
	NETCONFA_FORWARDING                  nl.AttrS32 = 2
	NETCONFA_RP_FILTER                   nl.AttrS32 = 3
	NETCONFA_MC_FORWARDING               nl.AttrS32 = 4
	NETCONFA_PROXY_NEIGH                 nl.AttrS32 = 5
	NETCONFA_IGNORE_ROUTES_WITH_LINKDOWN nl.AttrS32 = 6
	NETCONFA_INPUT                       nl.AttrS32 = 7
	NETCONFA_BC_FORWARDING               nl.AttrS32 = 8
	NETCONFA_FORCE_FORWARDING            nl.AttrS32 = 9
)

// NetconfAttrs is the table of them.
var NetconfAttrs = nl.Schema{Name: "netconf", Fields: []nl.Field{
	{Type: uint16(NETCONFA_IFINDEX), Name: "NETCONFA_IFINDEX", Kind: nl.KindS32},
	{Type: uint16(NETCONFA_FORWARDING), Name: "NETCONFA_FORWARDING", Kind: nl.KindS32, Names: &OffOn},
	{Type: uint16(NETCONFA_RP_FILTER), Name: "NETCONFA_RP_FILTER", Kind: nl.KindS32, Names: &RPFilters},
	{Type: uint16(NETCONFA_MC_FORWARDING), Name: "NETCONFA_MC_FORWARDING", Kind: nl.KindS32, Names: &OffOn},
	{Type: uint16(NETCONFA_PROXY_NEIGH), Name: "NETCONFA_PROXY_NEIGH", Kind: nl.KindS32, Names: &OffOn},
	{Type: uint16(NETCONFA_IGNORE_ROUTES_WITH_LINKDOWN), Name: "NETCONFA_IGNORE_ROUTES_WITH_LINKDOWN", Kind: nl.KindS32, Names: &OffOn},
	{Type: uint16(NETCONFA_INPUT), Name: "NETCONFA_INPUT", Kind: nl.KindS32},
	{Type: uint16(NETCONFA_BC_FORWARDING), Name: "NETCONFA_BC_FORWARDING", Kind: nl.KindS32, Names: &OffOn},
	{Type: uint16(NETCONFA_FORCE_FORWARDING), Name: "NETCONFA_FORCE_FORWARDING", Kind: nl.KindS32, Names: &OffOn},
}}

// RPFilters are the values of net.ipv4.conf.*.rp_filter.
var RPFilters = nl.Names{List: []nl.Name{{Value: 0, Name: "off"}, {Value: 1, Name: "strict"}, {Value: 2, Name: "loose"}}}

// netconfmsgLayout is struct netconfmsg and its padding.
var netconfmsgLayout = nl.Layout{Name: "netconfmsg", Size: 4, Members: []nl.Member{
	{Name: "ncm_family", Off: 0, Kind: nl.KindU8, Names: &Families},
	{Name: "pad", Off: 1, Kind: nl.KindUnused, Size: 3},
}}
