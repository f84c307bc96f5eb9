package rtnl

import (
	"errors"

	"golang.org/x/sys/unix"

	"rawns/nl"
)

// A MessageType is what is known of one nlmsg_type.
type MessageType struct {
	Type   uint16
	Name   string // RTM_NEWLINK
	Header *nl.Layout
	Attrs  *nl.Schema
}

// messageTypes is in the order of the numbers, linux/rtnetlink.h.
var messageTypes = [...]MessageType{
	{unix.RTM_NEWLINK, "RTM_NEWLINK", &ifinfomsgLayout, &LinkAttrs},
	{unix.RTM_DELLINK, "RTM_DELLINK", &ifinfomsgLayout, &LinkAttrs},
	{unix.RTM_GETLINK, "RTM_GETLINK", &ifinfomsgLayout, &LinkAttrs},
	{unix.RTM_SETLINK, "RTM_SETLINK", &ifinfomsgLayout, &LinkAttrs},
	{unix.RTM_NEWADDR, "RTM_NEWADDR", &ifaddrmsgLayout, &AddrAttrs},
	{unix.RTM_DELADDR, "RTM_DELADDR", &ifaddrmsgLayout, &AddrAttrs},
	{unix.RTM_GETADDR, "RTM_GETADDR", &ifaddrmsgLayout, &AddrAttrs},
	{unix.RTM_NEWROUTE, "RTM_NEWROUTE", &rtmsgLayout, &RouteAttrs},
	{unix.RTM_DELROUTE, "RTM_DELROUTE", &rtmsgLayout, &RouteAttrs},
	{unix.RTM_GETROUTE, "RTM_GETROUTE", &rtmsgLayout, &RouteAttrs},
	{unix.RTM_NEWNEIGH, "RTM_NEWNEIGH", &ndmsgLayout, &NeighAttrs},
	{unix.RTM_DELNEIGH, "RTM_DELNEIGH", &ndmsgLayout, &NeighAttrs},
	{unix.RTM_GETNEIGH, "RTM_GETNEIGH", &ndmsgLayout, &NeighAttrs},
	{unix.RTM_NEWRULE, "RTM_NEWRULE", &fibRuleLayout, &RuleAttrs},
	{unix.RTM_DELRULE, "RTM_DELRULE", &fibRuleLayout, &RuleAttrs},
	{unix.RTM_GETRULE, "RTM_GETRULE", &fibRuleLayout, &RuleAttrs},
	{unix.RTM_NEWPREFIX, "RTM_NEWPREFIX", &prefixmsgLayout, &PrefixAttrs},
	{RTM_NEWMULTICAST, "RTM_NEWMULTICAST", &ifaddrmsgLayout, &AddrAttrs},
	{RTM_DELMULTICAST, "RTM_DELMULTICAST", &ifaddrmsgLayout, &AddrAttrs},
	{RTM_GETMULTICAST, "RTM_GETMULTICAST", &ifaddrmsgLayout, &AddrAttrs},
	{RTM_NEWANYCAST, "RTM_NEWANYCAST", &ifaddrmsgLayout, &AddrAttrs},
	{RTM_DELANYCAST, "RTM_DELANYCAST", &ifaddrmsgLayout, &AddrAttrs},
	{RTM_GETANYCAST, "RTM_GETANYCAST", &ifaddrmsgLayout, &AddrAttrs},
	{unix.RTM_NEWNEIGHTBL, "RTM_NEWNEIGHTBL", &ndtmsgLayout, &NeighTblAttrs},
	{unix.RTM_GETNEIGHTBL, "RTM_GETNEIGHTBL", &ndtmsgLayout, &NeighTblAttrs},
	{unix.RTM_SETNEIGHTBL, "RTM_SETNEIGHTBL", &ndtmsgLayout, &NeighTblAttrs},
	{unix.RTM_NEWADDRLABEL, "RTM_NEWADDRLABEL", &ifaddrlblmsgLayout, &AddrLabelAttrs},
	{unix.RTM_DELADDRLABEL, "RTM_DELADDRLABEL", &ifaddrlblmsgLayout, &AddrLabelAttrs},
	{unix.RTM_GETADDRLABEL, "RTM_GETADDRLABEL", &ifaddrlblmsgLayout, &AddrLabelAttrs},
	{unix.RTM_NEWNETCONF, "RTM_NEWNETCONF", &netconfmsgLayout, &NetconfAttrs},
	{unix.RTM_DELNETCONF, "RTM_DELNETCONF", &netconfmsgLayout, &NetconfAttrs},
	{unix.RTM_GETNETCONF, "RTM_GETNETCONF", &netconfmsgLayout, &NetconfAttrs},
	{unix.RTM_NEWMDB, "RTM_NEWMDB", &brPortMsgLayout, &MDBAttrs},
	{unix.RTM_DELMDB, "RTM_DELMDB", &brPortMsgLayout, &MDBAttrs},
	{unix.RTM_GETMDB, "RTM_GETMDB", &brPortMsgLayout, &MDBAttrs},
	{unix.RTM_NEWNSID, "RTM_NEWNSID", &rtgenmsgLayout, &NSIDAttrs},
	{unix.RTM_DELNSID, "RTM_DELNSID", &rtgenmsgLayout, &NSIDAttrs},
	{unix.RTM_GETNSID, "RTM_GETNSID", &rtgenmsgLayout, &NSIDAttrs},
	{unix.RTM_NEWSTATS, "RTM_NEWSTATS", &ifStatsMsgLayout, &StatsAttrs},
	{unix.RTM_GETSTATS, "RTM_GETSTATS", &ifStatsMsgLayout, &StatsRequestAttrs},
	{unix.RTM_SETSTATS, "RTM_SETSTATS", &ifStatsMsgLayout, &StatsRequestAttrs},
	{unix.RTM_NEWNEXTHOP, "RTM_NEWNEXTHOP", &nhmsgLayout, &NexthopAttrs},
	{unix.RTM_DELNEXTHOP, "RTM_DELNEXTHOP", &nhmsgLayout, &NexthopAttrs},
	{unix.RTM_GETNEXTHOP, "RTM_GETNEXTHOP", &nhmsgLayout, &NexthopAttrs},
	{unix.RTM_NEWLINKPROP, "RTM_NEWLINKPROP", &ifinfomsgLayout, &LinkAttrs},
	{unix.RTM_DELLINKPROP, "RTM_DELLINKPROP", &ifinfomsgLayout, &LinkAttrs},
	{unix.RTM_NEWVLAN, "RTM_NEWVLAN", &brVLANMsgLayout, &VLANDBAttrs},
	{unix.RTM_DELVLAN, "RTM_DELVLAN", &brVLANMsgLayout, &VLANDBAttrs},
	{unix.RTM_GETVLAN, "RTM_GETVLAN", &brVLANMsgLayout, &VLANDumpAttrs},
	{RTM_NEWNEXTHOPBUCKET, "RTM_NEWNEXTHOPBUCKET", &nhmsgLayout, &NexthopAttrs},
	{RTM_DELNEXTHOPBUCKET, "RTM_DELNEXTHOPBUCKET", &nhmsgLayout, &NexthopAttrs},
	{RTM_GETNEXTHOPBUCKET, "RTM_GETNEXTHOPBUCKET", &nhmsgLayout, &NexthopAttrs},
	{unix.RTM_NEWTUNNEL, "RTM_NEWTUNNEL", &tunnelMsgLayout, &TunnelAttrs},
	{unix.RTM_DELTUNNEL, "RTM_DELTUNNEL", &tunnelMsgLayout, &TunnelAttrs},
	{unix.RTM_GETTUNNEL, "RTM_GETTUNNEL", &tunnelMsgLayout, &TunnelAttrs},
}

// Types returns every message type that has a table.
func Types() []MessageType { return messageTypes[:] }

// TypeOf returns what is known of an nlmsg_type, or nil.
func TypeOf(typ uint16) *MessageType {
	for i := range messageTypes {
		if messageTypes[i].Type == typ {
			return &messageTypes[i]
		}
	}
	return nil
}

// AttrsOf returns the table of a message's attributes, or nil.
func AttrsOf(m nl.Message) *nl.Schema {
	family := uint8(0)
	if len(m) > nl.HeaderLen {
		family = m.Payload()[0]
	}
	return AttrsFor(m.Type(), m.Flags(), family)
}

// AttrsFor is AttrsOf for a message's nlmsg_type and nlmsg_flags, and the
// family, which is the first byte of every fixed header. Where the type alone
// does not say which table it is, the family does, or whether it is a request.
func AttrsFor(typ, flags uint16, family uint8) *nl.Schema {
	t := TypeOf(typ)
	switch {
	case t == nil:
		return nil
	case t.Attrs == &LinkAttrs && family == unix.AF_BRIDGE:
		return &BridgeLinkAttrs
	case t.Attrs == &MDBAttrs && flags&unix.NLM_F_REQUEST != 0:
		return &MDBRequestAttrs
	}
	return t.Attrs
}

// ErrType: the message is not of the type that was to be read.
var ErrType = errors.New("rtnetlink: a message of another type than expected")

// parse checks that m is of the family of types that begins with RTM_NEWx,
// long enough for its fixed header, and that its attributes' lengths are true.
func parse(m nl.Message, newType uint16, header int) (nl.Attrs, error) {
	as, err := attrs(m, newType, header)
	if err != nil {
		return nil, err
	}
	return as, as.Check()
}

// attrs is parse but for the attributes' lengths.
func attrs(m nl.Message, newType uint16, header int) (nl.Attrs, error) {
	if len(m) < nl.HeaderLen || m.Type()&^3 != newType {
		return nil, ErrType
	}
	if len(m) < nl.HeaderLen+header {
		return nil, &nl.LengthError{What: "message", Offset: 0, Claim: nl.HeaderLen + header, Have: len(m)}
	}
	return m.Attrs(header), nil
}
