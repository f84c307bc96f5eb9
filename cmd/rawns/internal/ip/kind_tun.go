//go:build !tiny

package ip

import (
	"rawns/cmd/rawns/internal/cli"
	"rawns/nl"
	"rawns/nl/rtnl"
)

// A tun or tap is made by "ip tuntap": here it is only shown.
var tunFields = [...]field{
	{uint16(rtnl.IFLA_TUN_TYPE), "type", "type ", showTunType},
	{uint16(rtnl.IFLA_TUN_PI), "pi", "pi ", showOnOff},
	{uint16(rtnl.IFLA_TUN_VNET_HDR), "vnet_hdr", "vnet_hdr ", showOnOff},
	{uint16(rtnl.IFLA_TUN_MULTI_QUEUE), "multi_queue", "", showTunQueues},
	{uint16(rtnl.IFLA_TUN_NUM_QUEUES), "numqueues", "numqueues ", showUint},
	{uint16(rtnl.IFLA_TUN_NUM_DISABLED_QUEUES), "numdisabled", "numdisabled ", showUint},
	{uint16(rtnl.IFLA_TUN_PERSIST), "persist", "persist ", showOnOff},
	{uint16(rtnl.IFLA_TUN_OWNER), "user", "user ", showUser},
	{uint16(rtnl.IFLA_TUN_GROUP), "group", "group ", showUser},
}

func showTun(l *linkPrinter, data nl.Attrs) { l.fields(tunFields[:], data) }

func showTunType(l *linkPrinter, f *field, v nl.Attr) {
	n, _ := number(v)
	s := rtnl.TunTypes.Name(uint32(n))
	if s == "" {
		s = "UNKNOWN:" + itoa(int32(n))
	}
	l.Str(f.key, f.text, s, " ")
}

// showTunQueues says nothing in text of a link with one queue.
func showTunQueues(l *linkPrinter, f *field, v nl.Attr) {
	if n, _ := number(v); n != 0 {
		l.Flag(f.key, "multi_queue ")
	} else {
		l.JBool(f.key, false)
	}
}

// showUser writes a user or a group, by name if there is one.
func showUser(l *linkPrinter, f *field, v nl.Attr) {
	n, ok := v.U32()
	file := cli.Passwd
	if f.key == "group" {
		file = cli.Group
	}
	if name := nameOf(file, n); name != "" && ok {
		l.Str(f.key, f.text, name, " ")
	} else if ok {
		l.Uint(f.key, f.text, uint64(n), " ")
	}
}
