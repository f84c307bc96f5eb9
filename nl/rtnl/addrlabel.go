package rtnl

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"rawns/nl"
)

// IfAddrLblMsg is struct ifaddrlblmsg, the fixed header of messages about the
// labels by which RFC 6724 chooses addresses, linux/if_addrlabel.h.
type IfAddrLblMsg struct {
	Family    uint8 // AF_INET6
	PrefixLen uint8
	Flags     uint8
	Index     int32  // of the interface, 0 for all
	Seq       uint32 // of the list, in replies
}

const ifaddrlblmsgLen = 12

func (h IfAddrLblMsg) put(p []byte) {
	p[0], p[2], p[3] = h.Family, h.PrefixLen, h.Flags
	binary.NativeEndian.PutUint32(p[4:], uint32(h.Index))
	binary.NativeEndian.PutUint32(p[8:], h.Seq)
}

// NewAddrLabel begins RTM_NEWADDRLABEL; IFAL_LABEL and IFAL_ADDRESS must
// follow. flags: NLM_F_CREATE|NLM_F_EXCL to add.
func NewAddrLabel(b *nl.Builder, flags uint16, h IfAddrLblMsg) {
	b.Message(unix.RTM_NEWADDRLABEL, unix.NLM_F_REQUEST|unix.NLM_F_ACK|flags)
	h.put(b.Extend(ifaddrlblmsgLen))
}

// DelAddrLabel begins RTM_DELADDRLABEL; what NewAddrLabel wants must follow.
func DelAddrLabel(b *nl.Builder, h IfAddrLblMsg) {
	b.Message(unix.RTM_DELADDRLABEL, unix.NLM_F_REQUEST|unix.NLM_F_ACK)
	h.put(b.Extend(ifaddrlblmsgLen))
}

// GetAddrLabel begins RTM_GETADDRLABEL for Conn.Dump.
func GetAddrLabel(b *nl.Builder, family uint8) {
	b.Message(unix.RTM_GETADDRLABEL, unix.NLM_F_REQUEST)
	IfAddrLblMsg{Family: family}.put(b.Extend(ifaddrlblmsgLen))
}

// AddrLabel is a view of a received message about a label: valid as long as
// the message.
type AddrLabel struct {
	IfAddrLblMsg
	Attrs nl.Attrs
}

// ParseAddrLabel reads RTM_NEWADDRLABEL, RTM_DELADDRLABEL or RTM_GETADDRLABEL.
// Its errors are ErrType and *nl.LengthError.
func ParseAddrLabel(m nl.Message) (AddrLabel, error) {
	as, err := parse(m, unix.RTM_NEWADDRLABEL, ifaddrlblmsgLen)
	if err != nil {
		return AddrLabel{}, err
	}
	p := m.Payload()
	return AddrLabel{IfAddrLblMsg{p[0], p[2], p[3], int32(binary.NativeEndian.Uint32(p[4:])), binary.NativeEndian.Uint32(p[8:])}, as}, nil
}

// Attributes of an address label, linux/if_addrlabel.h.
const (
	IFAL_ADDRESS nl.AttrIP  = 1
	IFAL_LABEL   nl.AttrU32 = 2
)

// AddrLabelAttrs is the table of them.
var AddrLabelAttrs = nl.Schema{Name: "addrlabel", Fields: []nl.Field{
	{Type: uint16(IFAL_ADDRESS), Name: "IFAL_ADDRESS", Kind: nl.KindIP},
	{Type: uint16(IFAL_LABEL), Name: "IFAL_LABEL", Kind: nl.KindU32},
}}

// ifaddrlblmsgLayout is struct ifaddrlblmsg.
var ifaddrlblmsgLayout = nl.Layout{Name: "ifaddrlblmsg", Size: 12, Members: []nl.Member{
	{Name: "ifal_family", Off: 0, Kind: nl.KindU8, Names: &Families},
	{Name: "__ifal_reserved", Off: 1, Kind: nl.KindUnused, Size: 1},
	{Name: "ifal_prefixlen", Off: 2, Kind: nl.KindU8},
	{Name: "ifal_flags", Off: 3, Kind: nl.KindU8},
	{Name: "ifal_index", Off: 4, Kind: nl.KindIndex},
	{Name: "ifal_seq", Off: 8, Kind: nl.KindU32},
}}
