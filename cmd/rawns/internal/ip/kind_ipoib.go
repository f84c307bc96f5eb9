//go:build !tiny

package ip

import (
	"rawns/nl"
	"rawns/nl/rtnl"
)

var ipoibOptions = table{name: "ipoib", wrong: "% is invalid", attrs: &rtnl.IPoIBAttrs, rows: []option{
	{name: "pkey", val: valU16, attr: uint16(rtnl.IFLA_IPOIB_PKEY), arg: "PKEY", about: helps("the partition, 0x8001 to 0xffff")},
	{name: "mode", val: valWord, attr: uint16(rtnl.IFLA_IPOIB_MODE), arg: "{ datagram | connected }", says: &saying{must: `"datagram"or "connected"`}, about: helps("how packets travel")},
	{name: "umcast", val: valU16, attr: uint16(rtnl.IFLA_IPOIB_UMCAST), arg: "{ 0 | 1 }", about: helps("1: groups by unicast")},
}}

// showIPoIB writes hex numbers of four digits.
func showIPoIB(l *linkPrinter, data nl.Attrs) {
	pkey, ok := data.U16(rtnl.IFLA_IPOIB_PKEY)
	if !ok {
		return
	}
	hex := func(v uint16) string { return hexText([]byte{byte(v >> 8), byte(v)}) }
	before := "0x"
	if pkey == 0 {
		before = "" // as printf's "%#.4x" has it
	}
	l.Str("key", "pkey ", before+hex(pkey), " ")
	mode, ok := data.Get(uint16(rtnl.IFLA_IPOIB_MODE))
	if !ok {
		return
	}
	showWord(l, &field{uint16(rtnl.IFLA_IPOIB_MODE), "mode", "mode ", nil}, mode)
	if v, ok := data.U16(rtnl.IFLA_IPOIB_UMCAST); ok {
		l.Str("umcast", "umcast ", hex(v), " ")
	}
}
