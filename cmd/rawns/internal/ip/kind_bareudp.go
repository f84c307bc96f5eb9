//go:build !tiny

package ip

import (
	"rawns/nl"
	"rawns/nl/rtnl"
)

var bareUDPOptions = table{name: "bareudp", wrong: "%", attrs: &rtnl.BareUDPAttrs, unique: true, rows: []option{
	{name: "dstport", val: valBE16, attr: uint16(rtnl.IFLA_BAREUDP_PORT), arg: "PORT", about: helps("the other end's UDP port")},
	{name: "ethertype", val: valFunc, attr: uint16(rtnl.IFLA_BAREUDP_ETHERTYPE), arg: "PROTO", parse: optProto, about: helps("the protocol that is carried, by name or number")},
	{name: "srcportmin", val: valU16, attr: uint16(rtnl.IFLA_BAREUDP_SRCPORT_MIN), arg: "PORT", about: helps("the least of its own ports")},
	{name: "multiproto", val: valNone, attr: uint16(rtnl.IFLA_BAREUDP_MULTIPROTO_MODE), about: helps("IPv6 besides IPv4, or multicast besides unicast MPLS")},
	{name: "nomultiproto", val: valFunc, attr: uint16(rtnl.IFLA_BAREUDP_MULTIPROTO_MODE), parse: optNothing},
}}

var bareUDPLast = []uint16{uint16(rtnl.IFLA_BAREUDP_PORT), uint16(rtnl.IFLA_BAREUDP_ETHERTYPE), uint16(rtnl.IFLA_BAREUDP_SRCPORT_MIN), uint16(rtnl.IFLA_BAREUDP_MULTIPROTO_MODE)}

func finishBareUDP(a *args, _ *linkState, used *seen) {
	for _, o := range bareUDPNeeds {
		if !used.has(int(o.attr)) {
			a.failf(exitUsage, `Error: argument "`+o.name+`" is required`)
		}
	}
}

var bareUDPNeeds = [...]struct {
	name string
	attr uint16
}{{"dstport", uint16(rtnl.IFLA_BAREUDP_PORT)}, {"ethertype", uint16(rtnl.IFLA_BAREUDP_ETHERTYPE)}}

var bareUDPFields = [...]field{
	{uint16(rtnl.IFLA_BAREUDP_PORT), "dstport", "dstport ", showBE16},
	{uint16(rtnl.IFLA_BAREUDP_ETHERTYPE), "ethertype", "ethertype ", showProto},
	{uint16(rtnl.IFLA_BAREUDP_SRCPORT_MIN), "srcportmin", "srcportmin ", showUint},
}

func showBareUDP(l *linkPrinter, data nl.Attrs) {
	l.fields(bareUDPFields[:], data)
	if data.Flag(rtnl.IFLA_BAREUDP_MULTIPROTO_MODE) {
		l.Flag("multiproto", "multiproto ")
	} else {
		l.JBool("multiproto", false)
		l.T("nomultiproto ")
	}
}
