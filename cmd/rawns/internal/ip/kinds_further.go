//go:build !tiny

package ip

import "rawns/nl/rtnl"

// furtherKinds are those that -tags tiny leaves out.
var furtherKinds = [...]kind{
	{name: "amt", word: "command", opts: &amtOptions, finish: finishAMT, fields: amtFields},
	{name: "bareudp", word: "command", opts: &bareUDPOptions, finish: finishBareUDP, last: bareUDPLast, show: showBareUDP},
	{name: "batadv", word: "command", opts: &batadvOptions},
	{name: "can", word: wordPlain, opts: &canOptions, parse: parseCAN, show: showCAN, xstats: showCANStats},
	{name: "dsa", word: "command", opts: &dsaOptions, fields: dsaFields},
	{name: "erspan", opts: &greKeyOptions, also: erspanTables, parse: parseTunnel, show: showGRE, tunnel: &erspanTunnel},
	{name: "geneve", word: "command", opts: &geneveOptions, finish: finishGeneve, last: geneveLast, fields: geneveFields},
	{name: "gre", opts: &greKeyOptions, also: greTables, parse: parseTunnel, show: showGRE, tunnel: &greTunnel},
	{name: "gretap", opts: &greKeyOptions, also: greTables, parse: parseTunnel, show: showGRE, tunnel: &greTunnel},
	{name: "gtp", word: "command", opts: &gtpOptions, parse: parseGTP, finish: finishGTP, fields: gtpFields},
	{name: "hsr", word: wordWhat, opts: &hsrOptions, show: showHSR},
	{name: "ip6erspan", opts: &greKeyOptions, also: ip6greTables, parse: parseTunnel, show: showIP6GRE, tunnel: &ip6greTunnel},
	{name: "ip6gre", opts: &greKeyOptions, also: ip6greTables, parse: parseTunnel, show: showIP6GRE, tunnel: &ip6greTunnel},
	{name: "ip6gretap", opts: &greKeyOptions, also: ip6greTables, parse: parseTunnel, show: showIP6GRE, tunnel: &ip6greTunnel},
	{name: "ip6tnl", opts: &ip6tnlOptions, also: encapTables, parse: parseTunnel, show: showIP6Tnl, tunnel: &ip6tnlTunnel},
	{name: "ipip", opts: &iptnlOptions, also: encapTables, parse: parseTunnel, show: showIPTnl, tunnel: &ipipTunnel},
	{name: "ipoib", word: "option", opts: &ipoibOptions, show: showIPoIB},
	{name: "ipvtap", word: "option", opts: &ipvlanOptions, finish: finishIPVLAN, fields: ipvlanFields},
	{name: "macsec", word: "command", opts: &macsecOptions, mute: true, also: macsecTables, parse: parseMACsec, finish: finishMACsec, last: macsecLast, fields: macsecFields},
	{name: "netkit", word: "option", opts: &netkitOptions, fields: netkitFields},
	{name: "rmnet", word: "command", opts: &rmnetOptions, bits: uint16(rtnl.IFLA_RMNET_FLAGS), fields: rmnetFields},
	{name: "sit", opts: &iptnlOptions, also: sitTables, parse: parseTunnel, show: showIPTnl, tunnel: &sitTunnel},
	{name: "tun", show: showTun},
	{name: "virt_wifi", help: "Usage: ... virt_wifi \n"},
	{name: "vti", opts: &vtiOptions, parse: parseTunnel, show: showVTI, tunnel: &vtiTunnel},
	{name: "vti6", opts: &vtiOptions, parse: parseTunnel, show: showVTI, tunnel: &vti6Tunnel},
	{name: "vxcan", parse: parsePeer, help: "Usage: ip link <options> type vxcan [peer <options>]\nTo get <options> type 'ip link add help'\n"},
	{name: "wwan", word: "command", opts: &wwanOptions, fields: wwanFields},
	{name: "xfrm", opts: &xfrmOptions, finish: finishXFRM, last: xfrmLast, show: showXFRM},
}
