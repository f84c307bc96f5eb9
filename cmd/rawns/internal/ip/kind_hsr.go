//go:build !tiny

package ip

import (
	"rawns/nl"
	"rawns/nl/rtnl"
)

var hsrOptions = table{name: "hsr", attrs: &rtnl.HSRAttrs, rows: []option{
	{name: "supervision", val: valU8, attr: uint16(rtnl.IFLA_HSR_MULTICAST_SPEC), arg: "ADDR-BYTE", says: &saying{wrong: "ADDR-BYTE is invalid"}, about: helps("the last byte of the group that supervision frames go to")},
	{name: "version", val: valU8, attr: uint16(rtnl.IFLA_HSR_VERSION), arg: "VERSION", says: &saying{wrong: "version is invalid"}, about: helps("of the protocol: 0 or 1")},
	{name: "proto", val: valU8, attr: uint16(rtnl.IFLA_HSR_PROTOCOL), arg: "PROTOCOL", says: &saying{wrong: "protocol is invalid"}, about: helps("0: HSR, 1: PRP")},
	{name: "slave1", val: valDev, attr: uint16(rtnl.IFLA_HSR_SLAVE1), arg: "SLAVE1-IF", says: &saying{wrong: "No such interface"}, about: helps("the one link")},
	{name: "slave2", val: valDev, attr: uint16(rtnl.IFLA_HSR_SLAVE2), arg: "SLAVE2-IF", says: &saying{wrong: "No such interface"}, about: helps("the other one")},
	// Of later iproute2:
	{name: "interlink", exact: true, val: valDev, attr: uint16(rtnl.IFLA_HSR_INTERLINK), arg: "INTERLINK-IF", says: &saying{wrong: "No such interface"}, about: helps("a link to stations that know no HSR")},
}}

var hsrFields = [...]field{
	{uint16(rtnl.IFLA_HSR_INTERLINK), "interlink", "interlink ", showDev},
	{uint16(rtnl.IFLA_HSR_SEQ_NR), "seq_nr", "sequence ", showInt},
	{uint16(rtnl.IFLA_HSR_SUPERVISION_ADDR), "supervision_addr", "supervision ", showMAC},
	{uint16(rtnl.IFLA_HSR_PROTOCOL), "proto", "proto ", showUint},
}

func showHSR(l *linkPrinter, data nl.Attrs) {
	for _, p := range [...]field{{attr: uint16(rtnl.IFLA_HSR_SLAVE1), key: "slave1", text: "slave1 "}, {attr: uint16(rtnl.IFLA_HSR_SLAVE2), key: "slave2", text: "slave2 "}} {
		if v, ok := data.Get(p.attr); ok {
			showDev(l, &p, v)
		} else {
			l.JNull(p.key)
			l.T(p.text, "<none> ")
		}
	}
	l.fields(hsrFields[:], data)
}
