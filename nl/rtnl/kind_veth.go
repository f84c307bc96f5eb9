package rtnl

import "rawns/nl"

// Attributes of a veth inside IFLA_INFO_DATA, linux/veth.h.
const (
	VETH_INFO_PEER nl.AttrNest = 1
)

// VethAttrs is the table of them.
var VethAttrs = nl.Schema{Name: "veth", Fields: []nl.Field{
	{Type: uint16(VETH_INFO_PEER), Name: "VETH_INFO_PEER", Kind: nl.KindMessage},
}}

// VethPeer begins VETH_INFO_PEER inside IFLA_INFO_DATA: an ifinfomsg and then
// link attributes of the other end, until b.End. IFLA_NET_NS_FD among them
// makes it be born in another namespace, which is some forty times faster than
// moving it there later.
func VethPeer(b *nl.Builder, h IfInfomsg) nl.Mark {
	m := b.Nest(VETH_INFO_PEER)
	PutIfInfomsg(b, h)
	return m
}
