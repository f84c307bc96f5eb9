package rtnl

import (
	"golang.org/x/sys/unix"

	"rawns/nl"
)

// Namespace ids: a namespace gives numbers to others, by which messages then
// speak of them (IFLA_LINK_NETNSID). linux/net_namespace.h.

const rtgenmsgLen = 4 // struct rtgenmsg is one byte, padded

// NewNSID begins RTM_NEWNSID: NETNSA_FD or NETNSA_PID says which namespace,
// NETNSA_NSID the number that it gets in the socket's; NSIDNone lets the
// kernel choose.
func NewNSID(b *nl.Builder) {
	b.Message(unix.RTM_NEWNSID, unix.NLM_F_REQUEST|unix.NLM_F_ACK)
	b.Extend(rtgenmsgLen)
}

// GetNSID begins RTM_GETNSID: with Conn.Do and NETNSA_FD or NETNSA_PID for
// one, with Conn.Dump for all that have a number.
func GetNSID(b *nl.Builder) {
	b.Message(unix.RTM_GETNSID, unix.NLM_F_REQUEST)
	b.Extend(rtgenmsgLen)
}

// NSIDNone is NETNSA_NSID_NOT_ASSIGNED.
const NSIDNone = -1

// ParseNSID reads RTM_NEWNSID or RTM_DELNSID: its attributes. Its errors are
// ErrType and *nl.LengthError.
func ParseNSID(m nl.Message) (nl.Attrs, error) { return parse(m, unix.RTM_NEWNSID, rtgenmsgLen) }

// Attributes of a namespace id.
const (
	NETNSA_NSID         nl.AttrS32 = 1
	NETNSA_PID          nl.AttrU32 = 2
	NETNSA_FD           nl.AttrU32 = 3
	NETNSA_TARGET_NSID  nl.AttrS32 = 4
	NETNSA_CURRENT_NSID nl.AttrS32 = 5
)

// NSIDAttrs is the table of them.
var NSIDAttrs = nl.Schema{Name: "nsid", Fields: []nl.Field{
	{Type: uint16(NETNSA_NSID), Name: "NETNSA_NSID", Kind: nl.KindS32},
	{Type: uint16(NETNSA_PID), Name: "NETNSA_PID", Kind: nl.KindU32},
	{Type: uint16(NETNSA_FD), Name: "NETNSA_FD", Kind: nl.KindU32},
	{Type: uint16(NETNSA_TARGET_NSID), Name: "NETNSA_TARGET_NSID", Kind: nl.KindS32},
	{Type: uint16(NETNSA_CURRENT_NSID), Name: "NETNSA_CURRENT_NSID", Kind: nl.KindS32},
}}

var rtgenmsgLayout = nl.Layout{Name: "rtgenmsg", Size: 4, Members: []nl.Member{
	{Name: "rtgen_family", Off: 0, Kind: nl.KindU8, Names: &Families},
	{Name: "pad", Off: 1, Kind: nl.KindUnused, Size: 3},
}}
