//go:build !tiny

package ip

import (
	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
)

var vtiOptions = table{rows: []option{
	{name: "key", val: valFunc, attr: tnlIn | tnlOut, arg: "KEY", parse: tnlKey, about: helps("mark packets with a key, and take those with it alone")},
	{name: "ikey", val: valFunc, attr: tnlIn, arg: "KEY", parse: tnlKey, about: helps("the key of what comes in")},
	{name: "okey", val: valFunc, attr: tnlOut, arg: "KEY", parse: tnlKey, about: helps("the key of what goes out")},
	{name: "remote", val: valFunc, attr: tnlRemote, arg: "ADDR", parse: tnlAddr, about: helps("the address of the other end")},
	{name: "local", val: valFunc, attr: tnlLocal, arg: "ADDR", parse: tnlAddr, about: helps("the address of this end")},
	{name: "dev", val: valFunc, arg: "DEVICE", parse: tnlDev, about: helps("the link that packets leave by")},
	{name: "fwmark", exact: true, val: valFunc, attr: tnlFwmark, arg: "MARK", says: &saying{wrong: "invalid fwmark\n"}, parse: tnlNumber32, about: helps("look up the route of packets with this mark")},
}}

var (
	vtiParams = []tunnelParam{
		{tnlIKey, nl.KindBE32, tnlAlways, uint16(rtnl.IFLA_VTI_IKEY), 0},
		{tnlOKey, nl.KindBE32, tnlAlways, uint16(rtnl.IFLA_VTI_OKEY), 0},
		{tnlLocal, nl.KindIP, tnlNotZero, uint16(rtnl.IFLA_VTI_LOCAL), 0},
		{tnlRemote, nl.KindIP, tnlNotZero, uint16(rtnl.IFLA_VTI_REMOTE), 0},
		{tnlFwmark, nl.KindU32, tnlAlways, uint16(rtnl.IFLA_VTI_FWMARK), 0},
		{tnlLink, nl.KindU32, tnlNotZero, uint16(rtnl.IFLA_VTI_LINK), 0},
	}
	vtiTunnel  = tunnel{family: unix.AF_INET, params: vtiParams}
	vti6Tunnel = tunnel{family: unix.AF_INET6, params: vtiParams}
)

func showVTI(l *linkPrinter, data nl.Attrs) {
	t := l.tunnel(&vtiTunnel, data)
	t.ends()
	t.key(tnlIKey, "ikey")
	t.key(tnlOKey, "okey")
	t.fwmark()
}
