//go:build !tiny

package ip

import (
	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
)

var amtOptions = table{name: "amt", wrong: "%", attrs: &rtnl.AMTAttrs, rows: []option{
	{name: "mode", exact: true, val: valFunc, attr: uint16(rtnl.IFLA_AMT_MODE), arg: "{ gateway | relay }", parse: amtMode, about: helps("which end of the tunnel it is")},
	{name: "relay_port", exact: true, val: valBE16, attr: uint16(rtnl.IFLA_AMT_RELAY_PORT), arg: "PORT", about: helps("the relay's UDP port")},
	{name: "gateway_port", exact: true, val: valBE16, attr: uint16(rtnl.IFLA_AMT_GATEWAY_PORT), arg: "PORT", about: helps("the gateway's")},
	{name: "max_tunnels", exact: true, val: valU32, attr: uint16(rtnl.IFLA_AMT_MAX_TUNNELS), arg: "NUMBER", about: helps("the most gateways of a relay")},
	{name: "dev", exact: true, val: valLink, attr: uint16(rtnl.IFLA_AMT_LINK), arg: "PHYS_DEV", about: helps("the link that packets leave by")},
	{name: "local", exact: true, val: valFunc, attr: uint16(rtnl.IFLA_AMT_LOCAL_IP), arg: "ADDR", parse: amtAddr, about: helps("this end")},
	{name: "discovery", exact: true, val: valFunc, attr: uint16(rtnl.IFLA_AMT_DISCOVERY_IP), arg: "IP_ADDRESS", parse: amtAddr, about: helps("where the gateway asks for a relay")},
}}

func amtMode(a *args, st state, o *option) {
	w := a.next()
	v, ok := rtnl.AMTModes.Value(w)
	if a.err == nil && !ok {
		a.fail(&failure{code: exitMissing, text: st.(*linkState).k.usage()})
	}
	st.req().b.U32(rtnl.IFLA_AMT_MODE, v)
}

func amtAddr(a *args, st state, o *option) {
	s := st.(*linkState)
	if bit := uint32(1) << o.attr; s.boolMask&bit != 0 {
		a.garbage(o.name, a.next())
		return
	} else {
		s.boolMask |= bit
	}
	family := uint8(unix.AF_UNSPEC)
	if n := len(s.get(uint16(rtnl.IFLA_AMT_DISCOVERY_IP)).Bytes()); n > 0 {
		family = unix.AF_INET
		if n > 4 {
			family = unix.AF_INET6
		}
	}
	if p := a.addr(family); a.err == nil && p.family != unix.AF_UNSPEC {
		s.b.IP(nl.AttrIP(o.attr), p.addr())
	}
}

func finishAMT(*args, *linkState, *seen) {}

var amtFields = []field{
	{uint16(rtnl.IFLA_AMT_MODE), "mode", "", showWord},
	{uint16(rtnl.IFLA_AMT_GATEWAY_PORT), "gateway_port", "gateway_port ", showBE16},
	{uint16(rtnl.IFLA_AMT_RELAY_PORT), "relay_port", "relay_port ", showBE16},
	{uint16(rtnl.IFLA_AMT_LOCAL_IP), "local", "local ", showIP},
	{uint16(rtnl.IFLA_AMT_REMOTE_IP), "remote", "remote ", showIP},
	{uint16(rtnl.IFLA_AMT_DISCOVERY_IP), "discovery", "discovery ", showIP},
	{uint16(rtnl.IFLA_AMT_LINK), "link", "dev ", showDev},
	{uint16(rtnl.IFLA_AMT_MAX_TUNNELS), "max_tunnels", "max_tunnels ", showUint},
}
